"""Why a number changed, as a person finds it; days looked at closer by dragging over them; a missed target."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, Visiting
from tests.builders import contact, written
from workbench import Workbench
from workbench.ask import targets
from workbench.drawing.over_time import TARGET_LABEL

pytestmark = pytest.mark.browser

WEEK = "inbound_contacts?from=2024-03-11&to=2024-03-17&compare=preceding"
MONTH = "inbound_contacts?from=2024-03-01&to=2024-03-31&compare=none"
WAITED = "contact_export?from=2024-03-04&to=2024-03-05&compare=none"
POINTS = 10 * "abc"
WHERE = "band => { const box = band.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] }"
COUNT_CLICKS = "window.clicks = 0; addEventListener('click', event => { if (event.isTrusted) clicks += 1 }, true)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace: two weeks, on whose second Tuesday one entry point has 60 contacts more.

    All of them waited for a minute, and are to wait for at most half of one.
    """
    folder = tmp_path_factory.mktemp("changed")
    days = ("04", "05", "11", "12")
    waited = {"queued_to_fulfilled_seconds": "60", "status": "ANSWERED"}
    usual = [contact(f"2024-03-{day} 10:00:00", entry_point=point, **waited) for day in days for point in POINTS]
    more = [contact("2024-03-12 10:00:00", entry_point="b", customer_id="x", **waited) for _ in range(60)]
    workbench = Workbench(folder / "workspace.duckdb")
    workbench.load(written(folder / "ContactExport-20240301-20240331.csv", [*usual, *more]))
    targets.put(workbench.workspace, targets.said("contact_export", "median_queued_to_fulfilled_seconds", "30", "down"))
    workbench.close()
    return folder


def test_the_sentence_leads_to_the_rows_behind_a_change_in_three_clicks(visiting: Visiting) -> None:
    person = visiting().open(WEEK)
    person.shows("120")
    person.page.evaluate(COUNT_CLICKS)
    person.page.locator(".st-key-sentence").get_by_role("button", name="Inbound contacts").click()
    panel = person.page.get_by_role("dialog")
    expect(panel).to_contain_text("60 → 120")
    expect(person.row(1)).to_have_text("Entry point: b+602080")
    person.click_cell(1)
    person.shows("80")
    expect(panel).to_have_count(0)
    expect(person.chip()).to_contain_text("Entry point: b")
    expect(person.page.get_by_text("1 to 80 of 80 contacts")).to_be_visible()
    expect(person.record()).to_contain_text("Other contacts of this customer, 59")
    assert person.page.evaluate("clicks") == 3


def test_the_panel_asks_for_another_figure_and_says_what_it_was_without_each_value(visiting: Visiting) -> None:
    person = visiting().open(WEEK)
    person.still()
    person.page.locator(".st-key-sentence").get_by_role("button", name="Inbound contacts").click()
    panel = person.page.get_by_role("dialog")
    person.still()
    person.choose(panel.get_by_test_id("stSelectbox"), "Customers")
    expect(person.row(0)).to_have_text("ValueBeforeNowWithout")
    expect(person.row(1)).to_have_text("Entry point: b202140")
    expect(panel.get_by_text("do not add up").first).to_be_visible()


def test_what_opens_over_the_page_has_the_colours_of_its_theme(visiting: Visiting) -> None:
    person = visiting(color_scheme="dark").open(f"{WEEK}&explain=inbound_contacts")
    person.still()
    picked = person.page.get_by_role("dialog").locator("[data-selected]").first
    assert picked.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(23, 64, 60)"


def place(person: Visit, period: int) -> tuple[float, float]:
    """Return where the middle of a period of the chart over time is."""
    x, y = person.marks("by_period").nth(period).evaluate(WHERE)
    return x, y


def dragged(person: Visit, start: int, end: int) -> None:
    """Drag over periods of the chart over time."""
    person.still()
    person.page.mouse.move(*place(person, start))
    person.page.mouse.down()
    person.page.mouse.move(*place(person, end), steps=4)
    person.page.mouse.up()


def double_click(person: Visit, period: int) -> None:
    """Click twice on a period of the chart over time, no faster than a person does, so that each click is heard."""
    person.still()
    person.page.mouse.dblclick(*place(person, period), delay=70)


def test_days_dragged_over_become_the_dates_and_a_double_click_brings_back_those_before(visiting: Visiting) -> None:
    person = visiting().open(MONTH)
    person.shows("180")
    with person.unmoved(person.page.locator(".st-key-card-inbound_contacts-by_period")):
        dragged(person, 10, 3)
        person.page.wait_for_url("**from=2024-03-04&to=2024-03-11**")
        person.shows("90")
    dragged(person, 1, 7)
    person.page.wait_for_url("**from=2024-03-05&to=2024-03-11**")
    person.shows("60")
    person.page.mouse.move(*place(person, 6))
    person.page.mouse.down()
    x, y = place(person, 6)
    person.page.mouse.move(x + 4, y)  # a hand that shakes
    person.page.mouse.up()
    person.shows("30")
    expect(person.chip()).to_contain_text("Mon 11 Mar")
    double_click(person, 0)
    person.page.wait_for_url("**from=2024-03-04&to=2024-03-11&pin=*2024-03-11*")
    person.shows("30")
    person.page.go_back()
    person.page.wait_for_url("**from=2024-03-05**")
    person.shows("30")
    double_click(person, 3)
    double_click(person, 1)
    person.page.wait_for_url("**from=2024-03-01&to=2024-03-31**")
    person.page.mouse.move(*place(person, 20))
    expect(person.page.get_by_text("Drag over days to look closer, double-click to go back")).to_be_visible()


def test_a_missed_target_is_red_on_its_card_and_a_line_on_card_and_chart(visiting: Visiting) -> None:
    person = visiting().open(WAITED)
    person.still()
    card = person.page.locator(".st-key-strip-metric-median_queued_to_fulfilled_seconds")
    expect(card.get_by_test_id("stMetricDelta")).to_contain_text("30 s over 30 s")
    colour = card.get_by_text("30 s over 30 s").evaluate("told => getComputedStyle(told).color")
    red, green, blue = map(int, re.findall(r"\d+", colour)[:3])
    assert red > 2 * max(green, blue)
    chart = person.part("wait_by_period-chart")
    expect(chart.get_by_text(TARGET_LABEL, exact=True)).to_be_visible()
    line = chart.locator("path[aria-label*='target: 30'][stroke-dasharray]")  # which has no height, and so is not seen
    expect(line).to_have_count(1)
    expect(person.page.locator(".small-line").first).to_be_visible()
    drawn = [str(small.get_attribute("src")) for small in person.page.locator(".small-line").all()]
    dashed = ["stroke-dasharray" in base64.b64decode(address.partition(",")[2]).decode() for address in drawn]
    assert dashed.count(True) == 1
