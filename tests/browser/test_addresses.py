"""Addresses that no page has, the names by which what is on a page is found, and the way to it by keyboard."""

import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Server, Visiting
from tests.builders import contact, written
from workbench import Workbench

pytestmark = pytest.mark.browser

# Streamlit's own: what opens the list of a drop-down field, and changes a number; the parts of a chart's toolbar.
OWN = ("Open", "Increment", "Decrement", "Show data", "Download as PNG", "Copy Vega-Lite spec", "Fullscreen")
# What the Tab key stops at, in the order of the page; of a choice between several only one.
STOPS = """() => [...document.querySelectorAll('a[href], button, input, textarea, [role=combobox], [tabindex]')]
    .filter(stop => stop.tabIndex >= 0 && !stop.disabled && stop.checkVisibility({visibilityProperty: true}))
    .filter(stop => stop.role != 'radio' || stop.ariaChecked == 'true')
    .map((stop, number) => stop.dataset.stop = `${number}: ${stop.ariaLabel || stop.innerText || stop.tagName}`)"""
# Where the focus is, and how that looks there and around it.
FOCUSED = """() => {
    const looks = stop => [0, 1, 2, 3].reduce(found => [...found, found.at(-1).parentElement ?? stop], [stop])
        .map(one => getComputedStyle(one))
        .map(how => [how.outline, how.boxShadow, how.borderColor, how.backgroundColor]).join();
    const stop = document.activeElement, before = window.earlier;
    const hidden = before && looks(before[0]) == before[1] ? before[0].dataset.stop : '';
    window.earlier = [stop, looks(stop)];
    return [stop.dataset.stop ?? '', hidden];
}"""
NAMED = re.compile(r"- (?:button|link|textbox|combobox|checkbox|switch|searchbox) \"([^\"]*)\"")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace of three contacts."""
    folder = tmp_path_factory.mktemp("addresses")
    workbench = Workbench(folder / "workspace.duckdb")
    rows = [contact(channel=channel) for channel in ("CHAT", "SMS", "EMAIL")]
    workbench.load(written(folder / "ContactExport-20240301-20240331.csv", rows))
    workbench.close()
    return folder


def test_an_unknown_address_has_a_page_of_ours_though_it_is_the_first_one_of_a_server(visiting: Visiting) -> None:
    person = visiting().open("no%20such%20<b>page")
    expect(person.page.get_by_role("heading", name="No such page")).to_be_visible()
    expect(person.page.get_by_text("There is no page “no such <b>page” here.")).to_be_visible()
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    person.page.get_by_test_id("stMain").get_by_role("link").click()
    expect(person.page.get_by_role("heading", name="Inbound contacts")).to_be_visible()


def test_an_address_below_a_page_leads_back_to_the_app(visiting: Visiting, server: Server) -> None:
    page = visiting().page
    answer = page.goto(f"{server.address}/contact_export/more")
    assert answer
    assert answer.status == 404
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    page.get_by_role("link", name="Open Contact Workbench").click()
    expect(page.get_by_role("heading", name="Inbound contacts")).to_be_visible()


@pytest.mark.parametrize("page", ["contact_export", "assignments", "settings", "data"])
@pytest.mark.few("contact_export", "data")
def test_no_two_controls_of_a_page_have_one_name(visiting: Visiting, page: str) -> None:
    person = visiting().open(page)
    person.still()
    names = Counter(NAMED.findall(person.page.locator("body").aria_snapshot()))
    assert [name for name, times in names.items() if times > 1 and name not in OWN] == []
    assert sum(names.values()) > 10


def test_the_tab_key_reaches_every_control_in_order_and_it_is_seen_where_it_is(visiting: Visiting) -> None:
    person = visiting().open("contact_export")
    person.still()
    page = person.page
    page.add_style_tag(content="* { transition: none !important; animation: none !important }")
    # A table shows where it is focused within its picture, and the whole page, which the arrows scroll, needs not to.
    stops = [stop for stop in page.evaluate(STOPS) if not stop.endswith("CANVAS")]
    reached: list[str] = []
    unseen: list[str] = []
    page.evaluate("document.querySelectorAll('canvas').forEach(table => table.inert = true)")
    while stops[-1] not in reached and len(reached) < 2 * len(stops):
        page.keyboard.press("Tab")
        stop, hidden = page.evaluate(FOCUSED)
        reached.append(stop)  # none of an area that is scrolled, at which browsers stop too
        unseen.append(hidden)
    assert [stop for stop in reached if stop] == stops
    assert [stop for stop in unseen if stop and "Contact export" not in stop] == []
    assert len(stops) > 50


def test_a_row_of_the_table_behind_a_chart_is_picked_by_keyboard(visiting: Visiting) -> None:
    person = visiting().open("contact_export")
    person.still()
    person.widget("by_channel-view").get_by_role("radio").first.focus()
    person.page.keyboard.press("ArrowRight")
    person.page.keyboard.press("Space")
    expect(person.row(2, "by_channel")).to_be_attached()
    person.still()
    name = person.row(2, "by_channel").locator("[role=gridcell]").first.inner_text()
    person.table("by_channel").locator("canvas").first.focus()
    person.page.keyboard.press("ArrowDown")
    expect(person.chip("channel")).to_contain_text(name)
