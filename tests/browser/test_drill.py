"""From a number to its rows, as a person does it: click, follow, take off, compare, save, and open a link elsewhere."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from sample_data.make_gladly import write_contact_export
from tests.browser.conftest import Visit, Visiting
from tests.browser.expected import cards, rows_of
from tests.builders import contact, written
from workbench import Workbench
from workbench.ask.logs import Page as LogPage
from workbench.ask.logs import log_rows
from workbench.ask.question import Question
from workbench.ask.selection import COMPARISONS, NOTHING, Pin, Selection, parsed, pin_of
from workbench.drawing import formats
from workbench.drawing.charts import MOST_BARS
from workbench.reports import REPORTS
from workbench.time.words import moment

pytestmark = pytest.mark.browser

EXPORT = REPORTS["contact_export"]
LAST_DAY = date(2026, 11, 15)  # a Sunday; the 30 days of the pages' default end on it, and 30 more are loaded
DEFAULT = Selection(preset="last_30_days", compare="matching")
MANY_INBOXES = {f"Inbox {number:02}": number for number in range(1, 16)}  # with as many contacts
MANY = "from=2024-03-01&to=2024-03-31"
COUNT_CLICKS = "window.clicks = 0; addEventListener('click', event => { if (event.isTrusted) clicks += 1 }, true)"
SCROLLED = (
    "scroller => scroller.scrollLeft > 0 && scroller.scrollLeft + scroller.clientWidth >= scroller.scrollWidth - 1"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace: 900 contacts of 65 days, and long before them some in fifteen inboxes."""
    folder = tmp_path_factory.mktemp("drill")
    export = folder / "ContactExport-20260912-20261115.csv"
    write_contact_export(export, 900, 65, LAST_DAY, seed=7)
    export.write_text(export.read_text().replace("https://example.gladly.com/", "http://127.0.0.1:9/"))
    many = [contact(inbox_when_first_queued=inbox) for inbox, times in MANY_INBOXES.items() for _ in range(times)]
    workbench = Workbench(folder / "workspace.duckdb")
    workbench.load(export)
    workbench.load(written(folder / "ContactExport-20240301-20240331.csv", many))
    workbench.close()
    return folder


def log(core: Workbench, report: str, selection: Selection, sort: str = "queued_at:desc") -> pd.DataFrame:
    """Return every row that a log must show, as it is sorted."""
    declared = REPORTS[report]
    asked = Question(core.workspace, declared, selection)
    return log_rows(asked, declared.log, LogPage(sort))


def strengths(person: Visit, tile: str) -> list[str]:
    """Return how strong the marks of a chart are drawn, those of a ring after its bars."""
    drawn = person.part(f"{tile}-chart").locator("g[class*='role-mark'] > path[opacity]:not([opacity='0'])")
    return [str(mark.get_attribute("opacity")) for mark in drawn.all()]


@dataclass(frozen=True)
class Click:
    """A click on a mark of a chart, or on a row of a table."""

    report: str
    tile: str

    @property
    def shape(self) -> str:
        """What the tile is drawn as."""
        return REPORTS[self.report].tile(self.tile).shape

    def on(self, person: Visit, number: int) -> None:
        """Do it, and see that what was clicked did not move by a pixel."""
        card = person.page.locator(f".st-key-card-{self.report}-{self.tile}")
        with person.unmoved(card):
            if self.shape == "table":
                person.click_cell(number + 2, self.tile)  # below all together
            else:
                person.click_mark(self.tile, number)
        expect(person.page.locator(".st-key-chips")).to_be_in_viewport()


CLICKS = {
    "a bar": Click("inbound_contacts", "by_channel"),
    "a line's period": Click("contact_export", "wait_by_period"),
    "a cell of the heat map": Click("contact_export", "by_hour"),
    "a row of what changed": Click("contact_export", "by_entry_point"),
    "a row of a table": Click("contact_export", "by_agent"),
}


@pytest.mark.parametrize("click", CLICKS.values(), ids=CLICKS)
@pytest.mark.few("a bar", "a row")
def test_a_click_pins_its_cell_all_else_follows_and_a_second_one_takes_it_off(
    visiting: Visiting, core: Workbench, click: Click
) -> None:
    person, report = visiting().open(click.report), REPORTS[click.report]
    rows = rows_of(core, click.report, click.tile, DEFAULT)
    number = int(rows["contacts"].argmax()) if click.shape == "heat_map" else int(click.shape != "contributions")
    pin = pin_of(report, report.tile(click.tile), rows.iloc[[number]])
    before, after = (cards(core, click.report, replace(DEFAULT, pins=pins)) for pins in ((), (pin,)))
    person.shows(*before)
    click.on(person, number)
    person.shows(*after)
    assert after != before
    expect(person.chip()).to_have_count(1)
    expect(person.chip()).to_contain_text(formats.pinned(report, "day", pin))
    clicked = formats.count(rows[report.tile(click.tile).metrics[0]].iloc[number])
    expect(person.page.get_by_text(re.compile(rf"of {clicked} contacts: equal to the number clicked"))).to_be_visible()
    person.still()
    if click.shape in ("bar_and_pie", "heat_map"):
        drawn = strengths(person, click.tile)
        bars = len(drawn) // (2 if click.shape == "bar_and_pie" else 1)
        assert len(drawn) == person.marks(click.tile).count() > 2
        assert [value == "1" for value in drawn] == [n % bars == number for n in range(len(drawn))]
    click.on(person, number)
    person.shows(*before)
    expect(person.chip()).to_have_count(0)
    expect(person.page.get_by_text("equal to the number clicked")).to_have_count(0)


def test_shift_and_ctrl_add_to_what_is_pinned_and_take_it_off_again(visiting: Visiting, core: Workbench) -> None:
    person, report = visiting().open(), REPORTS["inbound_contacts"]
    rows = rows_of(core, report.name, "by_channel", DEFAULT)
    names = list(rows.sort_values("inbound_contacts", ascending=False, kind="stable")["channel"][:3])
    clicks = ((0, "", names[:1]), (1, "Shift", names[:2]), (2, "Control", names), (0, "Shift", names[1:]))
    for number, key, pinned in clicks:
        person.click_mark("by_channel", number, key)
        person.shows(*cards(core, report.name, replace(DEFAULT, pins=((("channel", tuple(pinned)),),))))
    expect(person.chip()).to_have_count(1)
    assert [value == "1" for value in strengths(person, "by_channel")][:3] == [False, True, True]
    person.click_mark("by_channel", 1)
    person.shows(*cards(core, report.name, replace(DEFAULT, pins=((("channel", (names[1],)),),))))
    person.click_mark("by_channel", 1)
    person.shows(*cards(core, report.name, DEFAULT))


@pytest.mark.long
def test_pins_combine_and_the_cross_of_a_chip_takes_one_off(visiting: Visiting, core: Workbench) -> None:
    person = visiting().open()
    person.still()
    report = REPORTS["inbound_contacts"]
    channel, inbox = (
        pin_of(report, report.tile(name), rows_of(core, report.name, name, DEFAULT).iloc[[0]])
        for name in ("by_channel", "by_inbox")
    )
    person.click_mark("by_channel", 0)
    person.shows(*cards(core, report.name, replace(DEFAULT, pins=(channel,))))
    person.click_mark("by_inbox", place(core, "by_inbox", replace(DEFAULT, pins=(channel,)), inbox))
    person.shows(*cards(core, report.name, replace(DEFAULT, pins=(channel, inbox))))
    expect(person.chip()).to_have_count(2)
    person.chip("channel").get_by_role("button").click()
    person.shows(*cards(core, report.name, replace(DEFAULT, pins=(inbox,))))
    expect(person.chip()).to_have_count(1)


def place(core: Workbench, tile: str, selection: Selection, pin: Pin) -> int:
    """Return which bar of a tile stands for a pin."""
    report = REPORTS["inbound_contacts"]
    rows = rows_of(core, report.name, tile, selection)
    rows = rows.sort_values("inbound_contacts", ascending=False, kind="stable").reset_index(drop=True)
    found = [pin_of(report, report.tile(tile), rows.iloc[[n]]) for n in range(len(rows))]
    return found.index(pin)


@pytest.mark.long
def test_other_pins_the_set_that_it_stands_for_and_the_table_opens_it(visiting: Visiting, core: Workbench) -> None:
    person = visiting().open(f"inbound_contacts?{MANY}&compare=none")
    person.shows(str(sum(MANY_INBOXES.values())))
    small = len(MANY_INBOXES) - MOST_BARS
    expect(person.part("by_inbox-chart")).to_contain_text(f"Other ({small} values)")
    person.click_mark("by_inbox", MOST_BARS)
    contacts = sum(list(MANY_INBOXES.values())[:small])
    person.shows(str(contacts))
    expect(person.chip()).to_contain_text(f"Inbox {small:02}, Inbox 02, Inbox 01")
    text = re.compile(rf"of {contacts} contacts: equal to the number clicked \(Inbound contacts\)")
    expect(person.page.get_by_text(text)).to_be_visible()
    person.still()
    person.widget("by_inbox-view").get_by_role("radio").last.click()
    expect(person.row(2, "by_inbox")).to_contain_text("Inbox 1515")
    person.table("by_inbox").hover()
    person.page.mouse.wheel(0, 1_000)
    for number in range(1, small + 1):
        expect(person.row(len(MANY_INBOXES) + 2 - number, "by_inbox")).to_contain_text(f"Inbox {number:02}{number}")


@pytest.mark.long
def test_the_rows_behind_a_rate_are_its_numerator_its_denominator_and_the_rest(
    visiting: Visiting, core: Workbench
) -> None:
    person = visiting().open("contact_export")
    person.still()
    person.page.get_by_role("button", name="Show the rows behind").click()
    person.page.get_by_role("menuitem", name="Answered", exact=True).click()
    rests_on = len(log(core, "contact_export", replace(DEFAULT, rows_of="answered_rate")))
    expect(person.page.get_by_text(re.compile(rf"of {rests_on} contacts: the rows behind Answered"))).to_be_visible()
    for part, label in {"numerator": "Numerator", "rest": "The rest", "denominator": "Denominator"}.items():
        person.widget("part").get_by_text(label, exact=True).click()
        rows = log(core, "contact_export", replace(DEFAULT, rows_of=f"answered_rate:{part}"))
        text = re.compile(rf"of {len(rows):,} contacts: the rows behind {label.lower()} of Answered")
        expect(person.page.get_by_text(text)).to_be_visible()


# Compare -------------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_another_range_or_nothing_to_compare_with_is_what_every_number_shows(
    visiting: Visiting, core: Workbench
) -> None:
    person = visiting().open("contact_export?from=2026-11-02&to=2026-11-08")
    described = person.page.get_by_test_id("stMetricDelta")
    for name, compare in {
        "Four weeks back": COMPARISONS[3],
        "Other days": "2026-10-26..2026-11-01",
    }.items():
        person.choose(person.widget("compare"), name)
        person.page.wait_for_url(f"**compare={compare}**")
        selection = Selection(date(2026, 11, 2), date(2026, 11, 8), compare=compare)
        row_ = rows_of(core, "contact_export", "totals", selection).iloc[0]
        change = formats.change(row_["contacts_change_rate"], row_["contacts_change"], EXPORT.metric("contacts"))
        expect(described.first).to_contain_text(str(change))
    for first_part in (0, 3):  # the year of the first date, then of the last
        person.widget("compared").get_by_role("spinbutton").nth(first_part).click()
        person.page.keyboard.type(f"202610{'05' if first_part == 0 else '11'}", delay=50)
    person.page.keyboard.press("Escape")
    person.page.wait_for_url("**compare=2026-10-05..2026-10-11**")
    expect(person.page.get_by_text("compared with 5 to 11 Oct 2026").first).to_be_visible()
    person.choose(person.widget("compare"), "Nothing")
    person.page.wait_for_url(f"**compare={NOTHING}**")
    expect(described).to_have_count(0)


# Save ----------------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_view_is_saved_renamed_opens_the_page_elsewhere_and_is_deleted(visiting: Visiting, core: Workbench) -> None:
    report = "contact_export"
    person = visiting().open(f"{report}?preset=last_7_days&rollup=week&channel=EMAIL")
    kept = Selection(preset="last_7_days", rollup="week", compare="matching", filters=(("channel", ("EMAIL",)),))
    person.shows(*cards(core, report, kept))
    dialog = person.views()
    dialog.get_by_label("Save what is on screen as").fill("Mail")
    dialog.get_by_role("button", name="Save view").click()
    name = dialog.get_by_label("Name", exact=True)
    expect(name).to_have_value("Mail")
    name.fill("Mail of the week")
    name.press("Enter")
    expect(person.page.get_by_text("View renamed")).to_be_visible()
    person.still()
    dialog.get_by_text("Opens with the page").click()
    expect(person.page.get_by_text("Saved", exact=True)).to_be_visible()
    elsewhere = visiting().open(report)
    elsewhere.shows(*cards(core, report, kept))
    elsewhere.page.wait_for_url("**preset=last_7_days**channel=EMAIL**")
    elsewhere.page.locator(f".st-key-{report}-clear button").click()
    elsewhere.shows(*cards(core, report, DEFAULT))
    elsewhere.still()
    dialog = elsewhere.views()
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("Mail of the week")
    dialog.get_by_role("button", name="Open", exact=True).click()
    elsewhere.shows(*cards(core, report, kept))
    dialog = elsewhere.views()
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_label("Name", exact=True)).to_have_count(0)
    visiting().open(report).shows(*cards(core, report, DEFAULT))


# The two questions of the report -------------------------------------------------------------------------------------


def counting(person: Visit) -> Page:
    """Count a person's clicks from now on."""
    person.page.evaluate(COUNT_CLICKS)
    return person.page


def test_which_contacts_contribute_most_to_our_handle_time_takes_three_clicks(
    visiting: Visiting, core: Workbench, requests: list[str]
) -> None:
    person = visiting().open("contact_export")
    rows = log(core, "contact_export", DEFAULT, "contact_handle_seconds:desc")
    place = list(rows["conversation_link"].notna()).index(True)  # a contact without a customer has no link
    longest = rows.iloc[place]
    person.still()
    page = counting(person)
    page.get_by_test_id("stDataFrame").last.scroll_into_view_if_needed()
    scrolled_header(person, 600)
    expect(person.row(0)).to_contain_text("Contact handle time ↓")
    expect(person.row(place + 1)).to_contain_text(formats.clock(longest["contact_handle_seconds"]))
    link = person.record(place + 1).get_by_role("link", name="Conversation link")
    with page.context.expect_page():
        link.click()
    assert page.evaluate("clicks") <= 3
    assert longest["conversation_link"] in requests


def scrolled_header(person: Visit, from_right: int) -> None:
    """Bring the log's last columns into sight with the wheel, and click on a header, so many pixels from the right."""
    table = person.page.get_by_test_id("stDataFrame").last
    table.hover()
    person.page.mouse.wheel(2_000, 0)
    person.page.wait_for_function(SCROLLED, arg=table.locator(".dvn-scroller").element_handle())
    box = table.bounding_box()
    assert box is not None
    table.click(position={"x": box["width"] - from_right, "y": 16})


def test_voice_wait_is_increasing_who_contributes_takes_two_clicks(visiting: Visiting, core: Workbench) -> None:
    person = visiting().open("contact_export")
    person.still()
    page = counting(person)
    person.choose(person.widget("channel"), "Voice (phone call)")
    voice = replace(DEFAULT, filters=(("channel", ("PHONE_CALL",)),))
    person.shows(*cards(core, "contact_export", voice))
    assert page.evaluate("clicks") <= 3
    for tile in ("by_entry_point", "by_inbox"):
        rows = rows_of(core, "contact_export", tile, voice)
        contributions = list(rows["contribution_seconds"].dropna())
        assert len(contributions) > 2
        assert contributions == sorted(contributions, reverse=True)
        shown = person.part(f"{tile}-chart").locator("text")
        for label, change in zip(labels(rows, tile.removeprefix("by_"))[:2], contributions, strict=False):
            expect(shown.get_by_text(label, exact=True).first).to_be_attached()
            expect(shown.get_by_text(formats.signed(change), exact=True).first).to_be_attached()
        if tile == "by_entry_point":
            page.keyboard.press("Escape")
            person.widget("by_entry_point-shared").get_by_text("Inbox when first queued").click()
            person.still()


def labels(rows: pd.DataFrame, key: str) -> Sequence[str]:
    """Return what the rows of a tile are called, with their contributions."""
    return [formats.label(EXPORT, key, value) for value in rows[key]]


# By its address, and its SQL -----------------------------------------------------------------------------------------


@pytest.mark.long
def test_the_address_holds_numbers_pins_sort_and_columns_for_a_fresh_browser(
    visiting: Visiting, core: Workbench
) -> None:
    person = visiting().open("contact_export")
    person.click_mark("by_status", 0)
    expect(person.chip()).to_have_count(1)
    person.still()
    person.choose(person.widget("log-sort"), "Contact handle time")
    expect(person.row(0)).to_contain_text("Contact handle time ↓")
    person.page.get_by_role("button", name="Columns", exact=True).click()
    person.page.get_by_role("button", name="Customer ID", exact=True).click()
    person.page.wait_for_url("**customer_id**")
    person.page.get_by_role("button", name="Move to the front").click()
    person.page.get_by_role("menuitem", name="Customer ID", exact=True).click()
    expect(person.row(0)).to_contain_text(re.compile("^Contact handle time ↓Customer ID"))  # what sorts stays in sight
    person.page.keyboard.press("Escape")
    person.still()
    header, first = person.row(0).inner_text(), person.row(1).inner_text()
    selection = parsed(EXPORT, {"preset": ["last_30_days"], "compare": ["matching"], "pin": ["status=ANSWERED"]})
    elsewhere = visiting().open(person.page.url)
    elsewhere.shows(*cards(core, "contact_export", selection))
    expect(elsewhere.row(0)).to_have_text(header)
    expect(elsewhere.row(1)).to_have_text(first)
    assert elsewhere.page.url == person.page.url
    longest = log(core, "contact_export", selection, "contact_handle_seconds:desc").iloc[0]
    assert moment(longest["queued_at"]) in first
    elsewhere.page.get_by_role("button", name="Columns", exact=True).click()
    elsewhere.page.get_by_role("button", name="Reset columns").click()
    expect(elsewhere.row(0)).to_contain_text(re.compile("^Contact handle time ↓Queued at"))


@pytest.mark.long
def test_the_sql_of_a_tile_gives_its_rows_in_a_shell(visiting: Visiting, core: Workbench) -> None:
    person = visiting().open("contact_export?preset=last_30_days&pin=channel%3DEMAIL")
    person.still()
    person.widget("by_entry_point-shared").get_by_text("Inbox when first queued").click()
    person.still()
    person.widget("by_inbox-sql").get_by_role("button").click()
    code = person.page.get_by_role("dialog").get_by_test_id("stCode").locator("code.language-sql")
    expect(code).to_contain_text("order by")
    found = core.workspace.rows(str(code.text_content()))
    expected = rows_of(core, "contact_export", "by_inbox", replace(DEFAULT, pins=((("channel", ("EMAIL",)),),)))
    assert [(inbox, contacts) for inbox, contacts, *_ in found] == list(
        zip(expected["inbox"], expected["contacts"], strict=True)
    )
