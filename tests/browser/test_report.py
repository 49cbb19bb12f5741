"""What a person does with a report: select, sort, search, open, share, export; and what a stranger cannot do."""

import csv
import hashlib
import http.client
import re
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import openpyxl
import pandas as pd
import pytest
from playwright.sync_api import Download, expect

from sample_data.make_gladly import write_contact_export
from tests.browser.conftest import Server, Visit, Visiting
from tests.builders import contact, written
from tests.workbook.opened import figures, table
from tests.workbook.opened import said as told
from workbench import Workbench
from workbench.drawing import formats
from workbench.reports import REPORTS
from workbench.reports.labels import column_description

pytestmark = pytest.mark.browser

LAST_DAY = date(2026, 11, 15)  # a Sunday; the 30 days of the page's default end on it
DAYS = {"start": "2026-10-17", "end": "2026-11-15"}
LAST_7 = {"start": "2026-11-09", "end": "2026-11-15"}
IMAGE, MARKDOWN, SCRIPT = "<img src=x onerror=alert(1)>", "**bold** [x](javascript:alert(1))", "javascript:alert(1)"
HOSTILE_DAY = "2024-03-05"
FORMULA = '=HYPERLINK("http://example.com";"x")'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace: 400 contacts of 30 days, and long before them some with hostile texts."""
    folder = tmp_path_factory.mktemp("report")
    export = folder / "ContactExport-20261017-20261115.csv"
    write_contact_export(export, 400, 30, LAST_DAY, seed=7)
    queued = f"{HOSTILE_DAY} 15:00:00"
    hostile = [
        contact(queued, inbox_when_first_queued=IMAGE, entry_point=MARKDOWN, conversation_link=SCRIPT),
        contact(queued, inbox_when_first_queued=IMAGE, customer_id=FORMULA, channel="<B>X</B>"),
        contact(queued, inbox_when_first_queued=MARKDOWN, agent_when_ended=IMAGE, final_ivr_selection=MARKDOWN),
    ]
    workbench = Workbench(folder / "workspace.duckdb")
    workbench.load(export)
    workbench.load(written(folder / "ContactExport-20240301-20240331.csv", hostile))
    workbench.close()
    return folder


def cards(core: Workbench, **selection: object) -> tuple[str, str, str]:
    """Return the three numbers that the page must show, as text."""
    totals = core.report("inbound_contacts", **selection).tile("totals").iloc[0]  # type: ignore[arg-type]
    return f"{int(totals.iloc[0]):,}", f"{int(totals.iloc[1]):,}", f"{totals.iloc[2]:,.2f}"


def log(core: Workbench, sort: str, **selection: object) -> pd.DataFrame:
    """Return the log's rows, sorted downwards by a column and then in no order that matters."""
    rows = core.report("inbound_contacts", **selection).rows("totals")  # type: ignore[arg-type]
    return rows.sort_values(sort, ascending=False, na_position="last")


def exported(person: Visit, ending: str = "", tile: str = "log", said: str | None = None) -> Download:
    """Export the page to Excel, or a tile to the format named, and download it; what is `said` must stand beside it."""
    person.still()
    if ending:
        person.widget(f"{tile}-download").get_by_role("button").click()
        person.page.get_by_role("menuitem", name=ending).click()
    else:
        person.page.get_by_role("button", name="Export to Excel").click()
        person.page.get_by_role("dialog").get_by_role("button", name="Prepare").click()
    ready = person.page.get_by_role("dialog").get_by_test_id("stDownloadButton").locator("button")
    with person.page.expect_download() as download:
        ready.click()
    if said is not None:
        expect(person.page.get_by_role("dialog").get_by_text("apostrophe")).to_have_text([said] if said else [])
    person.page.get_by_role("button", name="Close").click()
    return download.value


def rows_of_csv(download: Download) -> list[dict[str, str]]:
    with download.path().open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# Select --------------------------------------------------------------------------------------------------------------


def test_the_page_opens_with_the_last_30_loaded_days_and_no_sample_banner(person: Visit, core: Workbench) -> None:
    person.shows(*cards(core, **DAYS))
    expect(person.page.get_by_text("Load a file of your own")).to_have_count(0)
    person.still()
    expect(person.page.get_by_test_id("stVegaLiteChart")).not_to_have_count(0)


def test_numbers_follow_dates_channel_and_rollup(person: Visit, core: Workbench) -> None:
    person.choose(person.widget("preset"), "Last 7 days")
    person.shows(*cards(core, **LAST_7))
    person.filter("channel", "Email")
    person.shows(*cards(core, **LAST_7, channel="EMAIL"))
    person.filter("channel", "Chat")
    person.shows(*cards(core, **LAST_7, channel=["EMAIL", "CHAT"]))
    number = cards(core, **LAST_7, channel=["EMAIL", "CHAT"])[0]
    expect(person.page.get_by_text(re.compile(rf"^{number} of \d+ contacts$"))).to_be_visible()
    expect(person.page.get_by_text(f"of {number} contacts", exact=False)).to_be_visible()
    person.choose(person.widget("rollup"), "Hour")
    person.page.wait_for_url("**rollup=hour**")
    person.shows(*cards(core, **LAST_7, channel=["EMAIL", "CHAT"]))


@pytest.mark.long
def test_the_rollup_decides_the_periods_of_the_table(person: Visit, core: Workbench) -> None:
    person.still()
    person.choose(person.widget("rollup"), "Week")
    person.page.wait_for_url("**rollup=week**")
    person.still()
    person.widget("by_period-view").get_by_role("radio").last.check(force=True)
    table = person.page.get_by_test_id("stDataFrame").first
    weeks = core.report("inbound_contacts", **DAYS, rollup="week").tile("by_period")
    for number, week in enumerate(weeks.itertuples(), start=3):  # below the header and all together
        expect(table.locator(f"[aria-rowindex='{number}']")).to_contain_text(formats.period(week.period, "week"))
        expect(table.locator(f"[aria-rowindex='{number}']")).to_contain_text(str(week.inbound_contacts))


def test_a_table_is_read_out_as_it_is_drawn_and_a_header_sorts_it(person: Visit, core: Workbench) -> None:
    report = REPORTS["inbound_contacts"]
    rows = core.report(report.name, **DAYS).tile("by_period")
    person.still()
    person.widget("by_period-view").get_by_role("radio").last.check(force=True)
    for arrow, place in (("", 0), (" ↑", 0), (" ↓", -1)):
        expect(person.row(0, "by_period").locator("th").first).to_have_text(f"Period{arrow}")
        at = rows.iloc[place]
        shown = [formats.cell(report, name, at[name]) for name in report.tile("by_period").metrics[1:]]
        for text in (formats.period(at["period"], "day", with_year=True), *shown):
            expect(person.row(2, "by_period").get_by_text(text, exact=True).first).to_be_attached()
        person.click_cell(0, "by_period")


@pytest.mark.long
def test_reload_keeps_filters_and_clear_all_resets_them_in_one_click(person: Visit, core: Workbench) -> None:
    person.choose(person.widget("preset"), "Last 7 days")
    person.filter("channel", "Email")
    narrowed = cards(core, **LAST_7, channel="EMAIL")
    person.shows(*narrowed)
    person.page.wait_for_url("**channel=EMAIL**")
    person.page.reload()
    person.shows(*narrowed)
    expect(person.widget("channel")).to_contain_text("Email")
    person.page.locator(".st-key-inbound_contacts-clear button").click()
    person.shows(*cards(core, **DAYS))
    expect(person.page).to_have_url(re.compile(r"\?preset=last_30_days&compare=matching$"))


@pytest.mark.long
def test_a_copied_address_and_the_share_link_show_the_same_elsewhere(visiting: Visiting, core: Workbench) -> None:
    person = visiting().open()
    person.choose(person.widget("preset"), "Last 7 days")
    person.filter("inbox", "Customer Care")
    numbers = cards(core, **LAST_7, inbox="Customer Care")
    person.shows(*numbers)
    person.page.wait_for_url("**inbox=**")
    person.page.get_by_role("button", name="Share link").click()
    code = person.page.get_by_test_id("stCode")
    expect(code).to_contain_text("from=2026-11-09&to=2026-11-15")
    expect(code).not_to_contain_text("preset")
    shared = code.inner_text().strip()
    assert shared.startswith(f"{person.address}/inbound_contacts?")
    for address in (person.page.url, shared):
        elsewhere = visiting().open(address)
        elsewhere.shows(*numbers)
        expect(elsewhere.widget("inbox")).to_contain_text("Customer Care")


# The two scenarios of the vendor's page ------------------------------------------------------------------------------


@pytest.mark.long
def test_scenario_calls_to_one_inbox_on_one_day(person: Visit, core: Workbench) -> None:
    calls = core.report("inbound_contacts", **DAYS, channel="PHONE_CALL").rows("totals")
    (day, inbox), number = (
        calls.groupby([calls["queued_at"].dt.date, "inbox"]).size().sort_values(kind="stable").index[-1],
        calls.groupby([calls["queued_at"].dt.date, "inbox"]).size().max(),
    )
    person.choose(person.widget("preset"), "Custom")
    for first_part in (0, 3):  # the year of the first date, then of the last
        person.widget("range").get_by_role("spinbutton").nth(first_part).click()
        person.page.keyboard.type(f"{day:%Y%m%d}", delay=50)
    person.page.keyboard.press("Escape")  # both dates are taken when the calendar closes
    person.page.wait_for_url(f"**from={day}&to={day}**")
    person.filter("channel", "Voice (phone call)")
    person.filter("inbox", inbox)
    person.shows(str(number))
    person.shows(*cards(core, start=day, end=day, channel="PHONE_CALL", inbox=inbox))


@pytest.mark.long
def test_scenario_contacts_that_customers_started_last_week(person: Visit, core: Workbench) -> None:
    person.choose(person.widget("preset"), "Last week")
    person.page.get_by_role("button", name="Add filter").click()
    person.page.get_by_role("menuitem", name="Contact initiator").click()
    person.filter("contact_initiator", "Customer")
    week = {"start": "2026-11-02", "end": "2026-11-08"}
    person.shows(*cards(core, **week, contact_initiator="CUSTOMER"))
    assert cards(core, **week, contact_initiator="CUSTOMER") != cards(core, **week)


# The log -------------------------------------------------------------------------------------------------------------


def test_the_log_is_sorted_over_all_rows_by_a_header_and_by_the_list(person: Visit, core: Workbench) -> None:
    by_time = log(core, "queued_at", **DAYS)
    expect(person.row(0)).to_contain_text("Queued at ↓")
    expect(person.row(1)).to_contain_text(by_time["contact_id"].iloc[0])
    person.click_cell(0, x=100)
    expect(person.row(0)).to_contain_text("Queued at ↑")
    expect(person.row(1)).to_contain_text(by_time["contact_id"].iloc[-1])
    person.widget("log-direction").get_by_role("button", name="↑").first.click()
    person.choose(person.widget("log-sort"), "Entry point")
    expect(person.row(0)).to_contain_text("Entry point ↓")
    expect(person.row(1)).to_contain_text(by_time["entry_point"].dropna().max())
    assert len(by_time) > 100  # more than one page, so that sorting the page on screen would be wrong


def test_the_log_is_searched_over_all_rows(person: Visit, core: Workbench) -> None:
    rows = log(core, "queued_at", **DAYS)
    wanted = rows.iloc[-1]  # on the last page
    person.widget("log-search").locator("input").fill(str(wanted["contact_id"]).upper())
    expect(person.page.get_by_text("1 to 1 of 1 contact")).to_be_visible()
    expect(person.row(1)).to_contain_text(wanted["contact_id"])


def test_the_last_page_of_the_log_holds_the_last_row(person: Visit, core: Workbench) -> None:
    rows = log(core, "queued_at", **DAYS)
    pages = -(-len(rows) // 100)
    person.page.get_by_role("button", name=f"Page {pages}", exact=True).click()
    expect(person.page.get_by_text(f"to {len(rows)} of {len(rows)} contacts")).to_be_visible()
    expect(person.row(1)).to_contain_text(rows["contact_id"].iloc[(pages - 1) * 100])


def test_a_row_opens_as_a_record_with_its_link_into_the_source_system(person: Visit, core: Workbench) -> None:
    newest = log(core, "queued_at", **DAYS).iloc[0]
    expect(person.row(1)).to_contain_text(newest["contact_id"])
    record = person.record()
    expect(record).to_contain_text(newest["contact_id"])
    record.get_by_test_id("stTooltipIcon").first.hover()
    meaning = column_description(REPORTS["inbound_contacts"], "customer_id")
    expect(person.page.get_by_role("tooltip")).to_contain_text(meaning)
    link = record.get_by_role("link", name="Conversation link")
    expect(link).to_have_attribute("href", newest["conversation_link"])
    expect(link).to_have_attribute("target", "_blank")
    record.get_by_role("button", name="Close").click()
    expect(record).to_have_count(0)


# Export --------------------------------------------------------------------------------------------------------------


def test_excel_gives_back_the_numbers_of_the_page_under_a_name_with_its_hash(person: Visit, core: Workbench) -> None:
    person.choose(person.widget("preset"), "Last 7 days")
    person.filter("channel", "Email")
    numbers = cards(core, **LAST_7, channel="EMAIL")
    person.shows(*numbers)
    file = exported(person)
    assert file.suggested_filename.startswith("inbound_contacts-20261109-20261115-")
    assert file.suggested_filename.endswith(f"-{hashlib.sha256(file.path().read_bytes()).hexdigest()[:12]}.xlsx")
    with file.path().open("rb") as content:
        book = openpyxl.load_workbook(content)
    shown = [figure["Now"] for figure in figures(book["Summary"]).values()]
    assert (f"{shown[0]}", f"{shown[1]}", f"{shown[2]:.2f}") == numbers
    assert len(table(book["Contacts"])[1]) == int(numbers[0])
    assert "channel=EMAIL" in dict(told(book["Cover"]))["Page"]


def test_csv_holds_every_row_of_the_log_as_it_is_sorted_and_searched(person: Visit, core: Workbench) -> None:
    every = len(log(core, "queued_at", **DAYS))
    expect(person.page.get_by_text(f"of {every} contacts")).to_be_visible()
    person.widget("log-search").locator("input").fill("orders@example")
    expect(person.page.get_by_text(f"of {every} contacts")).to_have_count(0)
    person.choose(person.widget("log-sort"), "Customer ID")
    expect(person.row(0)).to_contain_text("Customer ID ↓")
    searched = person.page.get_by_text(re.compile(r"^1 to \d+ of \d+ contacts$"))
    number = int(re.findall(r"\d+", searched.inner_text())[-1])
    file = exported(person, "CSV, safe for spreadsheets")
    rows = rows_of_csv(file)
    assert 0 < len(rows) == number < every
    assert file.suggested_filename.endswith(f"-{hashlib.sha256(file.path().read_bytes()).hexdigest()[:12]}.csv")
    customers = [entry["customer_id"].removeprefix("'") for entry in rows if entry["customer_id"]]
    assert customers == sorted(customers, reverse=True)
    assert all(re.search("orders@example", " ".join(entry.values()), re.IGNORECASE) for entry in rows)


def test_a_table_is_downloaded_as_it_is_in_the_core(person: Visit, core: Workbench) -> None:
    person.shows(*cards(core, **DAYS))
    for tile in ("totals", "by_period", "by_inbox"):
        rows = core.report("inbound_contacts", **DAYS, compare="preceding").tile(tile)  # type: ignore[arg-type]
        found = rows_of_csv(exported(person, "CSV, exact", tile))
        assert [row["inbound_contacts"] for row in found] == [str(count) for count in rows["inbound_contacts"]]
        assert list(found[0]) == list(rows.columns)


def test_two_people_who_export_at_a_time_each_get_their_own_selection(visiting: Visiting, core: Workbench) -> None:
    anne, ben = visiting().open(), visiting().open()
    anne.filter("channel", "Email")
    ben.filter("channel", "Chat")
    for person, channel in ((anne, "EMAIL"), (ben, "CHAT")):
        person.shows(*cards(core, **DAYS, channel=channel))
    files = {}
    for person in (anne, ben):
        person.widget("log-download").get_by_role("button").click()
        person.page.get_by_role("menuitem", name="CSV, exact").click()
    for person, channel in ((anne, "EMAIL"), (ben, "CHAT")):
        ready = person.page.get_by_role("dialog").get_by_test_id("stDownloadButton").locator("button")
        with person.page.expect_download() as download:
            ready.click()
        files[channel] = rows_of_csv(download.value)
    for channel, rows in files.items():
        assert {entry["channel"] for entry in rows} == {channel}
        assert len(rows) == int(cards(core, **DAYS, channel=channel)[0])


# Hostile texts and strangers -----------------------------------------------------------------------------------------


def test_a_csv_with_apostrophes_says_so(person: Visit) -> None:
    person.open(f"inbound_contacts?from={HOSTILE_DAY}&to={HOSTILE_DAY}&rollup=hour")
    person.shows("3")
    said = "1 text begins with an apostrophe that is not in the data: a spreadsheet would take them for formulas."
    exported(person, "CSV, safe for spreadsheets", said=f"{said} An exact CSV has them as they are.")
    exported(person, "CSV, exact", said="")


def test_hostile_texts_are_shown_as_text_and_links_that_are_none_cannot_be_followed(person: Visit) -> None:
    person.open(f"inbound_contacts?from={HOSTILE_DAY}&to={HOSTILE_DAY}&rollup=hour")
    person.shows("3")
    person.filter("inbox", IMAGE)
    person.shows("2")
    expect(person.widget("inbox")).to_contain_text(IMAGE)
    person.filter("inbox", MARKDOWN)
    person.shows("3")
    for filtered in (IMAGE, MARKDOWN):
        expect(person.widget("inbox")).to_contain_text(filtered)
    for number in range(1, 4):
        record = person.record(number)
        expect(record).to_contain_text(re.compile(f"{re.escape(IMAGE)}|{re.escape(MARKDOWN)}"))
        nothing_runs(person)
        record.get_by_role("button", name="Close").click()
        expect(record).to_have_count(0)
    person.still()
    nothing_runs(person)


def nothing_runs(person: Visit) -> None:
    """See that no text of the data has become an element: an image, a link, bold text."""
    expect(person.page.locator("img[src='x']")).to_have_count(0)
    expect(person.page.locator("a[href^='javascript'], a[href*='alert(1)']")).to_have_count(0)
    expect(person.page.locator("strong", has_text=re.compile("^bold$"))).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/_stcore/stream", {"Host": "attacker.example", "Upgrade": "websocket", "Connection": "Upgrade"}),
        ("/_stcore/stream", {"Origin": "http://attacker.example", "Upgrade": "websocket", "Connection": "Upgrade"}),
    ],
    ids=["socket of a foreign host", "socket of a foreign page"],
)
def test_a_foreign_host_or_origin_is_refused(server: Server, path: str, headers: dict[str, str]) -> None:
    handshake = {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg=="}
    connection = http.client.HTTPConnection(str(urlsplit(server.address).netloc), timeout=10)
    connection.request("GET", path, headers=headers | (handshake if "Upgrade" in headers else {}))
    assert connection.getresponse().status == 403
    connection.close()
