"""Rejected rows are kept in full, with their file's header, so that they can be corrected and loaded again."""

import json
from pathlib import Path

import openpyxl

from tests.builders import HEADER, HEADERS, Desk, activity, contact, written


def records(desk: Desk) -> list[tuple[int | None, list[str]]]:
    found = desk.stored("select row, record from rejected_records order by row nulls first")
    return [(row, json.loads(record)) for row, record in found]


def test_a_row_that_does_not_fit_is_kept_with_the_files_own_header(desk: Desk) -> None:
    unfit = contact("soon", inbox_when_ended='Sales, "West" | é', times_offered="x")
    desk.load(contact(), unfit, contact())
    assert desk.stored("select count(*) from rejects") == [(2,)]
    assert records(desk) == [(None, HEADER), (3, [unfit.get(header, "") for header in HEADER])]


def test_a_file_without_rejects_keeps_no_record(desk: Desk) -> None:
    desk.load(contact())
    assert records(desk) == []


def test_a_ragged_row_is_kept_as_it_was(desk: Desk) -> None:
    header = "Timestamp,Contact ID,Contact Name,Source,User\n"
    good = "2024-03-05 10:00:00,1234567890,Ada,User,Bo\n"
    desk.load_text(f"{header}{good}a\n{good}1,2,3,4,5,6\n", kind="respondio_contacts_added", file_timezone="UTC")
    assert [row for row in records(desk) if row[0]] == [(3, ["a"]), (5, ["1", "2", "3", "4", "5", "6"])]


def test_many_ragged_rows_each_keep_their_line_and_reason(desk: Desk) -> None:
    lines = "".join(f"{n}\n" if n % 3 else f"2024-03-05 10:00:00,{n},Ada,User,Bo\n" for n in range(3000))
    report = desk.load_text(
        f"Timestamp,Contact ID,Contact Name,Source,User\n{lines}", kind="respondio_contacts_added", file_timezone="UTC"
    )
    assert report.rows_rejected == 2000
    assert desk.stored("select count(*), min(row), max(row) from rejects") == [(2000, 3, 3001)]
    assert desk.stored("select count(*) from rejects join rejected_records using (load_id, row)"
                       " where record = '[\"' || (row - 2) || '\"]'") == [(2000,)]  # fmt: skip


def test_rows_of_a_spreadsheet_are_kept_too(desk: Desk, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    header = ["Timestamp", "Contact ID", "Contact Name", "Source", "User"]
    for row in (header, ["2024-03-05 10:00:00", "1", "Ada", "User", "Bo"], ["never", "2", "Eve", "User", "Bo"]):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "ContactsAdded.xlsx")
    desk.workbench.load(tmp_path / "ContactsAdded.xlsx", file_timezone="UTC")
    assert records(desk) == [(None, header), (3, ["never", "2", "Eve", "User", "Bo"])]


def test_what_was_kept_of_a_load_loads_once_it_is_corrected(desk: Desk) -> None:
    desk.load(contact(), contact("soon", contact_id="late"))
    (_, header), (_, record) = records(desk)
    row = dict(zip(header, record, strict=True)) | {HEADERS["queued_at"]: "2024-03-06 09:00:00"}
    report = desk.workbench.load(written(desk.folder / "corrected.csv", [row]))
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (1, 1, 0)
    assert desk.stored("select count(*) from gladly_contact_export where contact_id = 'late'") == [(1,)]


def test_an_events_row_without_its_time_is_kept(desk: Desk) -> None:
    desk.load_kind("respondio_contacts_added", activity(), activity(timestamp="", contact_id="77"))
    (_, header), (_, record) = records(desk)
    assert dict(zip(header, record, strict=True))["Contact ID"] == "77"
