"""Files that this program wrote itself come back: a log changes nothing, any other table is refused by its name."""

import csv
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyarrow import parquet

from tests.builders import Desk, activity, assignment, contact, conversation, message, order, user, written
from tests.workbook.opened import in_this_process
from workbench import Workbench, reports, workbook
from workbench.ask.logs import Page
from workbench.errors import ChoiceNeeded, FileRefused
from workbench.intake.choices import Choices
from workbench.intake.mappings import ColumnMapping
from workbench.intake.signature import METADATA
from workbench.reports import own
from workbench.reports.labels import column_label, without_unit
from workbench.workbook import tables

LOGS = [(report.name, tile.name) for report in reports.REPORTS.values() for tile in report.logs]
FORMATS = ("xlsx", "parquet", "csv", "exact.csv")
STORED = (
    "gladly_contact_export", "respondio_activity_log", "respondio_assignment_rows", "lexer_message_rows",
    "lexer_order_rows", "coverage",
)  # fmt: skip
WAITS = {"queued_to_fulfilled_seconds": "93784.125", "contact_handle_seconds": "1350.5", "talk_seconds": "0"}


@pytest.fixture(autouse=True)
def files_are_written_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write very many small files in this process."""
    in_this_process(monkeypatch)


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A workbench of a test's own with some rows of everything."""
    return fill(desk)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The same for tests that change none of its rows."""
    desk = fill(Desk(tmp_path_factory.mktemp("ours"), Workbench()))
    yield desk
    desk.workbench.close()


def fill(desk: Desk) -> Desk:
    """Load some rows of everything that has a log, odd values among them."""
    desk.load(
        contact(
            contact_id="-c1",
            channel="PHONE_CALL",
            seconds_within_or_over_sla="-3725.25",
            payment_amount_completed_usd="1234.56",
            **WAITS,
        ),
        contact(
            "2024-03-10 07:30:00", contact_id="c2", entry_point="=1+1", inbox_when_first_queued='a "b", c', **WAITS
        ),
        contact("2024-03-31 23:59:59", contact_id="c3", channel="SMS", customer_id="gone", direction="OUTBOUND"),
        name="ContactExport-20240301-20240331.csv",
    )
    desk.workbench.workspace.set("reporting_zone", "America/New_York")
    desk.merge(("gone", "stayed"))
    desk.load_kind("respondio_users", user(user_id="700001", name="Bo Reed"), name="Users.csv")
    one = {"contact_id": "0210000001", "timestamp": "2024-03-05 10:00:00", "user_name": "700001"}
    for what in ("added", "connected", "deleted", "merged"):
        twice = [activity(what, **one), activity(what, **one), activity(what, **one | {"contact_name": "@Ada"})]
        desk.load_kind(f"respondio_contacts_{what}", *twice, name=f"Contacts{what.capitalize()}-20240301-20240331.csv")
    desk.load_kind(
        "respondio_assignments", assignment(assigned_to="700001"), assignment(previous_assignee="700001", source="User")
    )
    desk.load_kind(
        "respondio_conversations",
        conversation(closed_by="700001", closed_source="auto_close", resolution_seconds="25:00:01", category="=1+1"),
        conversation(first_assignee="700001", resolved_at=None, closed_source=None, closing_note_summary='a "b", c'),
    )
    desk.load_kind("lexer_messages", message(customer_id="x1", agent="Bo"), message(status="SKIPPED", agent="-"))
    desk.load_kind("lexer_orders", order(customer_id="x1", order_value="-1234.5"), order(currency="EUR"))
    return desk


def state(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    return {table: desk.stored(f"from {table} order by all") for table in STORED}


def exported(desk: Desk, report: str, tile: str, form: str, page: Page | None = None, **selection: Any) -> Path:
    asked = desk.workbench.report(report, **selection).question
    path = desk.folder / f"{report}-{tile}-20240301-20240331.{form.rpartition('.')[2]}"
    return workbook.write(asked, path, asked.report.tile(tile), page or Page(), exact=form.startswith("exact")).path


def assert_nothing_changes(desk: Desk, path: Path, rows: int | None = None, **choices: Any) -> None:
    before = state(desk)
    outcome = desk.workbench.load(path, **choices)
    assert outcome.rows_unchanged == outcome.rows_read > 0
    assert outcome.rows_read == (rows or outcome.rows_read)
    assert state(desk) == before


SOONER = (("contact_export", "log"), ("contacts", "added_log"))  # whose workbooks do not wait for the long tests


@pytest.mark.parametrize(
    ("report", "log", "form"),
    [
        pytest.param(*log, form, marks=[pytest.mark.long] if form == "xlsx" and tuple(log) not in SOONER else [])
        for log in LOGS
        for form in FORMATS
    ],
)
def test_a_log_that_comes_back_changes_nothing(kept: Desk, report: str, log: str, form: str) -> None:
    offered = reports.report(report).tile(log).offered
    assert_nothing_changes(kept, exported(kept, report, log, form))
    assert_nothing_changes(kept, exported(kept, report, log, form, Page(columns=offered[::-1])))


def test_a_log_under_any_name_is_the_one_that_has_all_of_its_columns(kept: Desk) -> None:
    path = exported(kept, "assignments", "log", "csv")
    assert_nothing_changes(kept, path.rename(path.with_name("own.csv")))


@pytest.mark.parametrize("form", FORMATS)
def test_a_log_comes_back_filtered_searched_sorted_and_with_customers_as_exported(kept: Desk, form: str) -> None:
    few = Page(sort="contact_id", search="c2", columns=("contact_id", "queued_at"))
    assert_nothing_changes(kept, exported(kept, "contact_export", "log", form, few), rows=1)
    path = exported(kept, "contact_export", "log", form, channel="SMS", as_exported=True)
    assert_nothing_changes(kept, path, rows=1)


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_a_log_shown_in_another_time_zone_says_so_and_comes_back(kept: Desk, form: str) -> None:
    assert_nothing_changes(kept, exported(kept, "contact_export", "log", form, timezone="Asia/Kathmandu"))
    assert_nothing_changes(kept, exported(kept, "contacts", "added_log", form, timezone="Asia/Kathmandu"))


@pytest.mark.parametrize(("report", "log"), [("contact_export", "log"), ("contacts", "added_log")])
def test_a_csv_that_was_shown_in_another_time_zone_is_refused_until_it_is_said(
    kept: Desk, report: str, log: str
) -> None:
    path = exported(kept, report, log, "csv", timezone="Asia/Kathmandu")
    before = state(kept)
    with pytest.raises(FileRefused, match="--file-timezone"):
        kept.workbench.load(path)
    assert state(kept) == before
    assert_nothing_changes(kept, path, file_timezone="Asia/Kathmandu")


@pytest.mark.parametrize("form", ["csv", "exact.csv"])
def test_an_apostrophe_of_a_texts_own_is_there_in_another_workspace(desk: Desk, form: str) -> None:
    texts = ("'+49 151", "+49 151", "''=1", "'=1", "'tis")
    desk.load(*(contact(contact_id=f"c{n}", entry_point=text) for n, text in enumerate(texts)))
    path = exported(desk, "contact_export", "log", form, Page(columns=("contact_id", "queued_at", "entry_point")))
    other = Workbench()
    other.load(path, file_timezone="UTC")
    stored = other.workspace.rows("select entry_point from gladly_contact_export order by contact_id")
    other.close()
    assert [text for (text,) in stored] == list(texts)


def test_a_log_comes_back_whose_wall_times_came_twice(desk: Desk) -> None:
    twice = [activity(timestamp=f"2024-11-03 0{hour}:30:00", contact_id="1") for hour in (5, 6, 6)]
    desk.load_kind("respondio_contacts_added", *twice, name="ContactsAdded-20241103-20241103.csv")
    row = contact("2024-11-03 06:30:00", contact_id="c1", ended_at="2024-11-03 06:31:00", **WAITS)
    desk.load(row, name="ContactExport-20241103-20241103.csv")
    desk.workbench.workspace.set("reporting_zone", "America/New_York")
    for form in ("xlsx", "csv"):
        assert_nothing_changes(desk, exported(desk, "contacts", "added_log", form), rows=3)
        assert_nothing_changes(desk, exported(desk, "contact_export", "log", form), rows=1)


@pytest.mark.parametrize("form", FORMATS)
def test_a_log_that_says_something_else_than_what_is_stored_is_refused(filled: Desk, form: str) -> None:
    path = exported(filled, "contact_export", "log", form)
    filled.load(contact(contact_id="-c1", channel="EMAIL", queued_to_fulfilled_seconds="5"))
    before = state(filled)
    with pytest.raises(FileRefused, match=r"something else than what is stored \(Channel in 1"):
        filled.workbench.load(path)
    assert state(filled) == before


def test_a_whole_page_comes_back_by_its_log(kept: Desk) -> None:
    path = workbook.write(kept.workbench.report("contact_export").question, kept.folder / "page.xlsx").path
    assert_nothing_changes(kept, path, rows=3)
    with pytest.raises(FileRefused, match=r"page.xlsx: a tile of this program: 'Channel'. Load the export itself"):
        kept.workbench.load(path, sheet="Channel")
    for sheet in ("Cover", "Summary", "Checks", "Definitions", "Data quality"):
        with pytest.raises(FileRefused, match=f"of this program: '{sheet}'"):
            kept.workbench.load(path, sheet=sheet)


def test_of_several_logs_in_one_workbook_one_is_asked_for(kept: Desk) -> None:
    path = workbook.write(kept.workbench.report("contacts").question, kept.folder / "page.xlsx").path
    with pytest.raises(ChoiceNeeded) as asked:
        kept.workbench.load(path)
    assert asked.value.options == ("Contacts added", "Contacts connected", "Contacts deleted", "Contacts merged")
    assert_nothing_changes(kept, path, rows=3, sheet="Contacts deleted")


def test_a_log_over_several_sheets_comes_back_sheet_by_sheet(kept: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    path = exported(kept, "contact_export", "log", "xlsx")
    with pytest.raises(ChoiceNeeded, match=r"several sheets hold a report \(Contacts 1, Contacts 2\)"):
        kept.workbench.load(path)
    assert_nothing_changes(kept, path, rows=2, sheet="Contacts 1")
    assert_nothing_changes(kept, path, rows=1, sheet="Contacts 2")


TILES = [
    (report.name, tile.name, tile.title) for report in reports.REPORTS.values() for tile in report.tiles
    if not tile.log and not tile.needs and not tile.optional_kind
]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", pytest.param("parquet", marks=pytest.mark.long)])
def test_any_other_tile_is_refused_by_its_name(kept: Desk, form: str) -> None:
    for report, tile, title in TILES:
        with pytest.raises(FileRefused, match="of this program: '") as refused:
            kept.workbench.load(exported(kept, report, tile, form))
        assert "again" not in str(refused.value)
        assert form == "csv" or f"'{title}'" in str(refused.value)  # several may have one header


@pytest.mark.long
def test_a_workbook_of_another_tile_is_refused_by_its_name(kept: Desk) -> None:
    for report, tile, title in TILES[::6]:
        named = "(Definitions|Totals)" if title == "Totals" else title  # which of cards alone may have no sheet
        with pytest.raises(FileRefused, match=f"a tile of this program: '{named}'. Load the export itself"):
            kept.workbench.load(exported(kept, report, tile, "xlsx"))


def test_a_log_without_what_identifies_its_rows_is_refused_by_what_it_lacks(kept: Desk) -> None:
    path = exported(kept, "contact_export", "log", "xlsx", Page(columns=("queued_at", "channel")))
    with pytest.raises(FileRefused, match=r"a log of this program .'Contacts'. without Contact ID"):
        kept.workbench.load(path)


def test_a_log_comes_into_another_workspace_with_all_that_it_shows(kept: Desk) -> None:
    waits = ("seconds_within_or_over_sla", "queued_to_fulfilled_seconds", "payment_amount_completed_usd")
    shown = Page(columns=("contact_id", "queued_at", "entry_point", "exported_customer_id", *waits))
    names = ", ".join(shown.columns).replace("exported_", "")
    for form in FORMATS:
        path = exported(kept, "contact_export", "log", form, shown)
        other = Desk(kept.folder, Workbench())
        outcome = other.workbench.load(path, file_timezone="America/New_York")
        assert (outcome.rows_loaded, outcome.kind) == (3, "gladly_contact_export")
        assert any("only the rows that were selected" in warning for warning in outcome.warnings)
        rows = f"select {names} from gladly_contact_export order by contact_id"
        assert other.stored(rows) == kept.stored(rows)
        other.workbench.close()


def test_a_csv_of_rows_that_are_not_stored_is_refused_until_its_time_zone_is_said(kept: Desk) -> None:
    path = exported(kept, "contact_export", "log", "csv")
    other = Desk(kept.folder, Workbench())
    with pytest.raises(FileRefused, match="none of its rows is stored"):
        other.workbench.load(path)
    assert other.workbench.workspace.is_empty
    other.workbench.close()


def test_a_log_saved_as_csv_by_a_spreadsheet_comes_back_by_its_labels(kept: Desk) -> None:
    labels = ["Queued at", "Contact ID", "Channel", "Contact handle time", "Contact handle time (seconds)"]
    path = kept.folder / "log.csv"
    for seconds in ("1,350.5", "1,350.", "1.350,5", "1.350,"):
        row = ["2024-03-05 05:00:00", "-c1", "PHONE_CALL", "0:22:31", seconds]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([labels, row])
        assert_nothing_changes(kept, path, rows=1)


def test_a_log_whose_money_says_its_currency_comes_back(kept: Desk) -> None:
    path = exported(kept, "messaging_overview", "messages_log", "xlsx", currency="USD")
    assert [cell.value for cell in openpyxl.load_workbook(path)["Messages"][1]][-1] == "Revenue credited (USD)"
    assert_nothing_changes(kept, path)
    other = Workbench()
    assert other.load(path).rows_loaded == 2
    assert other.workspace.rows("select distinct extra from lexer_message_rows") == [(None,)]  # it is a computed one
    other.close()


@pytest.mark.parametrize("unit", ["US) $", "no currency", "(a, b)", "x\ny"])
def test_a_label_is_known_whatever_its_currency_is(unit: str) -> None:
    report = reports.report("messaging_overview")
    for name in ("revenue_credited", "orders_credited"):
        assert without_unit(column_label(report, name, unit)) == column_label(report, name)


def test_a_duration_that_was_changed_where_a_clock_shows_it_is_refused(filled: Desk) -> None:
    path = exported(filled, "contact_export", "log", "xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["Contacts"]
    header = next(row for row in sheet.iter_rows() if "Contact handle time" in [cell.value for cell in row])
    column = next(cell.column for cell in header if cell.value == "Contact handle time")
    cell = sheet.cell(header[0].row + 3, column)
    before, stored = cell.value, state(filled)
    for value in (timedelta(seconds=1352), timedelta(hours=1), None):
        cell.value = value
        book.save(path)
        with pytest.raises(FileRefused, match=r"'Contact handle time' says something else .* \(in 1\): it was changed"):
            filled.workbench.load(path)
    assert state(filled) == stored
    cell.value = before
    book.save(path)
    assert_nothing_changes(filled, path, rows=3)


@pytest.mark.parametrize(
    ("shown", "is_other"),
    [
        ("0:22:31", False), ("00:22:30", False), ("0:22:29", True), ("0:22:32", True), ("0.015630787", False),
        ("0,0156308", False), ("0.0157", True), ("1350.5", False), ("0.0156 d", False), ("0.0158 d", True), ("", True),
        ("####", False),
    ],
)  # fmt: skip
def test_a_duration_may_be_shown_in_every_way_that_a_spreadsheet_does(kept: Desk, shown: str, is_other: bool) -> None:
    path = kept.folder / "log.csv"
    labels = ["Queued at", "Contact ID", "Contact handle time", "Contact handle time (seconds)"]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([labels, ["2024-03-05 05:00:00", "-c1", shown, "1350.5"]])
    if not is_other:
        return assert_nothing_changes(kept, path, rows=1)
    with pytest.raises(FileRefused, match="it was changed"):
        kept.workbench.load(path)


def test_durations_without_their_seconds_are_not_read_and_that_is_said(kept: Desk) -> None:
    path = kept.folder / "log.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["Queued at", "Contact ID", "Talk time"], ["2024-03-05 05:00:00", "-c1", "9:00:00"]]
        )
    said = "Durations without their seconds are rounded, and were not read: Talk time"
    assert said in kept.workbench.load(path).warnings


def test_a_mark_of_no_time_zone_is_refused(kept: Desk) -> None:
    path = exported(kept, "contact_export", "log", "parquet")
    table = parquet.read_table(path)
    for zone in ("Mars/Base", "x'; drop table loads; --"):
        parquet.write_table(table.replace_schema_metadata({METADATA: f"contact_export/log {zone}"}), path)
        with pytest.raises(FileRefused, match="names a time zone"):
            kept.workbench.load(path)


def test_a_row_of_a_log_that_cannot_be_read_is_set_aside_with_its_reason(kept: Desk) -> None:
    path = kept.folder / "log.csv"
    path.write_text("queued_at,contact_id,channel\nsome day,-c1,CHAT\n")
    outcome = kept.workbench.load(path)
    assert (outcome.rows_read, outcome.rows_rejected) == (1, 1)
    assert outcome.rejects[0]["reason"].startswith("not a date")


def test_a_file_of_the_vendor_is_not_taken_for_ours(filled: Desk) -> None:
    again = filled.load_kind("respondio_contacts_added", activity(contact_id="0210000001", user_name="Ann"),
                             name="ContactsAdded-20240305-20240305.csv")  # fmt: skip
    assert again.rows_updated == 1
    assert filled.load(contact(contact_id="-c1", channel="EMAIL")).rows_updated == 1


def test_a_mapping_says_what_one_of_our_headers_is(filled: Desk) -> None:
    path = written(filled.folder / "own.csv", [{"contact_id": "c9", "queued_at": "2024-03-05 10:00:00"}],
                   ["contact_id", "queued_at"])  # fmt: skip
    mapping = ColumnMapping("gladly_contact_export", (("contact_id", "contact_id"), ("queued_at", "queued_at")))
    assert filled.workbench.workspace.load(path, Choices(zone="UTC", mapping=mapping)).rows_loaded == 1


def test_a_log_of_no_rows_covers_nothing(kept: Desk) -> None:
    before = state(kept)
    outcome = kept.workbench.load(exported(kept, "contact_export", "log", "csv", Page(search="nobody")))
    assert (outcome.rows_read, outcome.load_id) == (0, None)
    assert state(kept) == before


def test_a_row_that_a_log_brought_again_is_there_when_its_first_load_is_taken_back(filled: Desk) -> None:
    path = exported(filled, "contact_export", "log", "xlsx", Page(columns=("contact_id", "queued_at", "channel")))
    filled.workbench.load(path)
    filled.workbench.workspace.unload(1)
    assert filled.columns("contact_id", "channel", "contact_handle_seconds") == [
        ("-c1", "PHONE_CALL", None), ("c2", "CHAT", None), ("c3", "SMS", None)
    ]  # fmt: skip


def test_every_log_names_its_columns_of_the_file_or_says_that_they_are_computed() -> None:
    for report, log in LOGS:
        tile = reports.report(report).tile(log)
        table = own.marked(own.mark(reports.report(report), tile, "UTC"), tile.offered)
        assert table is not None
        assert table.headers.keys() == set(tile.offered)


def test_a_workbook_without_our_mark_is_known_by_its_labels(kept: Desk) -> None:
    path = exported(kept, "contact_export", "log", "xlsx")
    bare = kept.folder / "bare.xlsx"
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(bare, "w") as out:
        for name in package.namelist():
            if name != "docProps/custom.xml":
                out.writestr(name, package.read(name).replace(b"custom.xml", b"core.xml"))
    assert_nothing_changes(kept, bare, rows=3)
