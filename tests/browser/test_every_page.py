"""On every page: compare, click, follow, save, share, take off; the same numbers as the core's at each step."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import streamlit
from playwright.sync_api import expect

from tests.browser.conftest import FOLDER, Visit, Visiting
from tests.browser.expected import cards, rows_of
from workbench import Workbench
from workbench.ask.selection import Selection
from workbench.drawing import charts, formats
from workbench.drawing.marks import Look
from workbench.reports import REPORTS

pytestmark = pytest.mark.browser

WEEKDAYS = "weekdays"
# Whose clicks wait for the long tests.
LATER = {*REPORTS} - {"contact_export"}


TOO_WIDE = """() => [document.scrollingElement, ...document.querySelectorAll('[data-testid=stMain]')]
    .filter(element => element.scrollWidth > element.clientWidth + 1).map(element => element.outerHTML)"""


HEIGHT = "() => document.querySelector('[data-testid=stMain]').scrollHeight"
# Spaces of cards whose content is higher than they are.
SCROLLING = """() => [...document.querySelectorAll('[class*=st-key-card-] [data-testid=stVerticalBlock]')]
    .filter(space => space.scrollHeight > space.clientHeight + 1 && getComputedStyle(space).overflowY != 'visible')
    .map(space => [space.closest('[class*=st-key-card-]').className, space.scrollHeight, space.clientHeight])"""


@dataclass(frozen=True)
class Click:
    """A click on the first mark of a chart, and what is chosen before."""

    report: str
    tile: str
    currency: str = ""

    @property
    def selection(self) -> Selection:
        """What the page shows before the click."""
        filters = (("currency", (self.currency,)),) if self.currency else ()
        return Selection(preset="last_30_days", compare=WEEKDAYS, filters=filters)


CLICKS = (
    Click("inbound_contacts", "by_inbox"),
    Click("contact_export", "by_channel"),
    Click("workload", "by_age"),
    Click("repeat_contacts", "days_to_repeat"),
    Click("contacts", "added_by_source"),
    Click("assignments", "by_assignee"),
    Click("messaging_overview", "sent_by_period", "USD"),
    Click("team_engagement", "sent_by_period", "USD"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace that holds every sample file."""
    folder = tmp_path_factory.mktemp("every")
    workbench = Workbench(folder / "workspace.duckdb")
    for file in sorted((FOLDER / "sample_data").glob("*/*.csv")):
        workbench.load(file)
    workbench.close()
    return folder


def named(click: Click) -> Any:
    """Return a click under its report's name; pages that others stand for wait for the long tests."""
    return pytest.param(click, id=click.report, marks=[pytest.mark.long] if click.report in LATER else [])


@pytest.mark.parametrize("click", [named(click) for click in CLICKS])
def test_a_page_is_compared_clicked_saved_shared_and_taken_back(
    visiting: Visiting, core: Workbench, click: Click
) -> None:
    report = REPORTS[click.report]
    person = visiting().open(f"{click.report}?currency={click.currency}" if click.currency else click.report)
    person.choose(person.widget("compare"), "Four weeks back")
    person.page.wait_for_url(f"**compare={WEEKDAYS}**")
    person.shows(*cards(core, click.report, click.selection))
    shows_change(person, core, click)

    rows = rows_of(core, click.report, click.tile, click.selection)
    drawing = charts.drawn(report, report.tile(click.tile), rows, Look())
    pinned = replace(click.selection, pins=(next(iter(drawing.pins.values())),))
    keys = "-".join(key for key, _ in pinned.pins[0])
    person.click_mark(click.tile, 0)
    expect(person.chip(keys)).to_have_count(1)
    person.shows(*cards(core, click.report, pinned))
    expect(person.chip(keys)).to_contain_text(formats.pinned(report, "day", pinned.pins[0]))

    shared = visiting().open(person.page.url)
    person.draws_like(shared)
    dialog = person.views()
    dialog.get_by_label("Save what is on screen as").fill("What stands out")
    dialog.get_by_role("button", name="Save view").click()
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("What stands out")
    shared.shows(*cards(core, click.report, pinned))
    shared.chip(keys).get_by_role("button").click()
    shared.shows(*cards(core, click.report, click.selection))
    expect(shared.chip(keys)).to_have_count(0)
    shared.views().get_by_role("button", name="Open", exact=True).click()
    shared.shows(*cards(core, click.report, pinned))
    expect(shared.chip(keys)).to_have_count(1)

    shared.choose(shared.widget("preset"), "Last 7 days")
    shared.page.wait_for_url("**preset=last_7_days**")
    shared.draws_like(visiting().open(shared.page.url))


# What is clicked on the pages that test_drill.py leaves: a tile of each of these shapes.
SHAPES = (("bar", "bar_and_pie"), ("bars_over_time", "stacked_over_time", "grouped_over_time"), ("table",))
OTHERS = ("contacts", "assignments", "messaging_overview", "team_engagement")
OWN_DAYS = "compare=2025-01-01..2025-01-30"
LARGEST = """marks => marks.map((mark, n) => [mark.getBoundingClientRect(), n])
    .sort(([one], [other]) => other.width * other.height - one.width * one.height)[0][1]"""
SIDEBAR_LEFT = """() => {
    const sidebar = document.querySelector('[data-testid=stSidebarContent]');
    return sidebar.clientHeight - sidebar.scrollHeight;
}"""


@pytest.mark.parametrize("name", [OTHERS[0], *(pytest.param(name, marks=pytest.mark.long) for name in OTHERS[1:])])
def test_no_click_moves_what_was_clicked_and_the_sidebar_fits(visiting: Visiting, name: str) -> None:
    report = REPORTS[name]
    currency = "&currency=USD" if "currency" in [dimension.key for dimension in report.filters] else ""
    person = visiting(viewport={"width": 1400, "height": 900}).open(f"{name}?{OWN_DAYS}{currency}")
    person.still()
    assert person.page.evaluate(SIDEBAR_LEFT) == 0
    found = [next((t for t in report.tiles if t.shape in shapes and t.dimensions), None) for shapes in SHAPES]
    for tile in filter(None, found):
        card = person.page.locator(f".st-key-card-{name}-{tile.name}")
        for pinned in (1, 0):
            with person.unmoved(card):
                if tile.shape == "table":
                    person.click_cell(2, tile.name)  # below all together
                else:
                    person.click_mark(tile.name, person.marks(tile.name).evaluate_all(LARGEST))
                # Rows of one metric have a chip of their own beside what is pinned.
                expect(person.chip().first).to_be_visible(visible=bool(pinned))


def shows_change(person: Visit, core: Workbench, click: Click) -> None:
    """See that the first card says how its number changed."""
    metric = REPORTS[click.report].metric(REPORTS[click.report].tile("totals").metrics[0])
    row = rows_of(core, click.report, "totals", click.selection).iloc[0]
    change = formats.change(row[f"{metric.name}_change_rate"], row[f"{metric.name}_change"], metric)
    expect(person.page.get_by_test_id("stMetricDelta").first).to_contain_text(str(change))


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways_at_800_pixels(visiting: Visiting, scheme: str) -> None:
    person, wide = visiting(viewport={"width": 800, "height": 900}, color_scheme=scheme), {}
    for path in (*REPORTS, "data", "settings"):
        person.open(path)
        expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        if path in REPORTS:
            expect(person.page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
        person.still()
        wide[path] = person.page.evaluate(TOO_WIDE)
    assert not any(wide.values()), wide


# Draw a chart with the Vega that Streamlit brings, and tell where each mark is that stands for something.
DRAW = """async ([module, chart]) => {
    const [load] = Object.values(await import(module)), {embed, expressionInterpreter} = await load();
    const place = document.createElement('div');
    document.body.append(place);
    await embed(place, chart, {ast: true, expr: expressionInterpreter, actions: false});
    const marks = [...place.querySelectorAll("g[class*='view_'][class*='_marks'] > path")];
    const where = marks.map(mark => mark.getAttribute('d') + mark.getAttribute('transform'));
    place.remove();
    return where;
}"""


@pytest.mark.long
def test_the_charts_of_a_notebook_are_drawn_too(person: Visit, core: Workbench) -> None:
    (module,) = Path(streamlit.__file__).parent.glob("static/static/js/loadVegaEmbed.*.js")
    for report in REPORTS.values():
        asked = core.report(report.name, preset="last_30_days", compare="matching")
        for tile in report.tiles:
            if charts.is_charted(tile) and not tile.optional_kind:
                rows = asked.tile(tile.name)
                pins = charts.drawn(report, tile, rows, Look()).pins
                bands = rows["period"].nunique() if "period" in rows else 0  # under bars, to be clicked twice
                where = person.page.evaluate(DRAW, [f"/static/js/{module.name}", asked.chart(tile.name).to_dict()])
                times = 2 if tile.shape == "bar_and_pie" else 1  # a ring has a slice for each bar
                assert len(where) - times * len(pins) in (0, bands), tile.name
                if tile.shape != "lines":  # seven days cross each other
                    assert len(set(where)) > len(where) / 2, tile.name  # those of zero lie on each other
    both = core.report("contact_export").chart("wait_by_period") & core.report("inbound_contacts").chart("by_channel")
    own = both.resolve_scale(color="independent")  # or one legend would have to do for both, which Vega warns of
    assert person.page.evaluate(DRAW, [f"/static/js/{module.name}", own.to_dict()])


def test_contact_export_is_at_most_2000_pixels_high_and_no_card_scrolls(visiting: Visiting) -> None:
    person = visiting().open("contact_export")
    expect(person.page.get_by_test_id("stVegaLiteChart")).to_have_count(5)
    person.still()
    assert person.page.evaluate(HEIGHT) <= 2_000
    assert person.page.evaluate(SCROLLING) == []
    plot = person.part("wait_by_period-chart").locator("g.root path.background").first.get_attribute("d")
    assert float(str(plot).partition("v")[2].partition("h")[0]) >= 240
    saving = person.part("wait_by_period-chart").get_by_test_id("stElementToolbar")
    person.page.mouse.move(0, 0)
    with person.unmoved(saving):
        person.part("wait_by_period-chart").locator("svg.marks").hover()
        person.page.wait_for_timeout(400)  # Streamlit's own way of showing it takes 200 ms
