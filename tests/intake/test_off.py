"""Files that are slightly off: each loads the rows that it holds and says what was odd, or is refused with a reason."""

import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.builders import Desk
from tests.intake import off
from workbench.errors import FileRefused
from workbench.intake.outcome import LoadOutcome

ROOT = Path(__file__).parents[2]
NAME = "ContactExport-20240301-20240331.csv"
EXPECTED = {"Reporting time zone set to UTC; change it in the settings"}
WITHIN = 5  # seconds, with room for a busy machine; each takes less than one


def counts(report: LoadOutcome) -> tuple[int, ...]:
    """Return the counts of a load; they add up."""
    found = (report.rows_loaded, report.rows_updated, report.rows_unchanged, report.rows_rejected)
    assert sum(found) == report.rows_read
    return (report.rows_read, *found)


@pytest.mark.parametrize("defect", off.LOADED)
def test_a_file_that_is_slightly_off_loads_the_rows_it_holds_and_says_what_was_odd(desk: Desk, defect: str) -> None:
    file = off.LOADED[defect]
    rows, rejected = len(file.stored), len({row for row, *_ in file.rejects})
    first = desk.load_text(file.bytes, NAME, file_timezone="UTC")
    assert tuple(desk.columns(*off.FIELDS.split(", "))) == file.stored
    assert counts(first) == (rows + rejected, rows, 0, 0, rejected)
    assert tuple((r["row"], r["column"], r["value"], r["reason"]) for r in first.rejects) == file.rejects
    assert set(first.warnings) - EXPECTED == set(file.warnings)
    assert (first.encoding, first.delimiter) == (file.encoding, file.delimiter)
    again = desk.load_text(file.bytes, NAME, file_timezone="UTC")
    assert counts(again) == (rows + rejected, 0, 0, rows, rejected)


@pytest.mark.parametrize("defect", off.REFUSED)
def test_what_is_no_report_is_refused_in_one_line_that_says_what_it_is(desk: Desk, defect: str) -> None:
    content, reason = off.REFUSED[defect]
    with pytest.raises(FileRefused) as refused:
        desk.load_text(content, NAME)
    assert reason in str(refused.value)
    assert str(refused.value).startswith(f"{NAME}: ")
    assert len(str(refused.value).splitlines()) == 1
    assert desk.stored("select count(*) from loads") == [(0,)]


@pytest.mark.parametrize("content", ["", "\n\n", off.table(), off.table() + "\n\n,,,,\n", "sep=,\n" + off.table()])
def test_a_file_without_rows_is_no_error(desk: Desk, content: str) -> None:
    report = desk.load_text(content, NAME)
    assert (report.kind, report.rows_read, report.rows_rejected) == ("gladly_contact_export", 0, 0)
    assert report.warnings == ("No rows for the period",)
    assert (str(report.period_from), str(report.period_to)) == ("2024-03-01", "2024-03-31")


def test_the_same_rows_with_other_line_ends_change_nothing(desk: Desk) -> None:
    assert desk.load_text(off.PLAIN, file_timezone="UTC").rows_loaded == 3
    for form in (
        "CRLF within values, too",
        "CR",
        "all line ends",
        "UTF-16, little end, tabs",
        "trailing empty columns",
        "a total",
    ):
        assert desk.load_text(off.LOADED[form].bytes).rows_updated == 0


def test_a_total_of_a_rolled_up_report_is_no_day(desk: Desk) -> None:
    report = desk.load_text(
        "Timezone Filter,Channel Filter,Date,Inbound Contacts,Customers\nUTC,Chat,2024-03-01,5,3\n"
        "UTC,Chat,2024-03-02,6,4\nUTC,Chat,Total,11,7\n"
    )
    assert desk.stored("select sum(inbound_contacts) from gladly_inbound_contacts") == [(11,)]
    assert "Row 4 holds totals and was left out" in report.warnings


def test_totals_of_a_spreadsheet_are_left_out_and_called_by_their_row(desk: Desk) -> None:
    book = Workbook()
    total = ("Total", "", "", 12.5, 1203)
    for row in (("Contact Export",), (), off.HEADER, *off.RECORDS, (), total, total):
        book.worksheets[0].append(row)
    book.save(desk.folder / "march.xlsx")
    report = desk.workbench.load(desk.folder / "march.xlsx", file_timezone="UTC")
    assert "Rows 8, 9 hold totals and were left out" in report.warnings
    assert counts(report) == (3, 3, 0, 0, 0)
    assert tuple(desk.columns(*off.FIELDS.split(", "))) == off.STORED


def test_the_file_of_the_user_is_not_shortened_by_what_is_left_out(desk: Desk) -> None:
    content = off.TOTALS["a total"].bytes
    desk.load_text(content)
    assert (desk.folder / "export.csv").read_bytes() == content


def test_a_total_below_thousands_of_blank_rows_is_left_out(desk: Desk) -> None:
    content = off.PLAIN + "Total,,,,1\n" + ",,,,\n" * 20_000
    assert "Row 6 holds totals and was left out" in desk.load_text(content).warnings


@pytest.mark.parametrize("row", ["", ",,,,", ";;;;", "\t\t\t\t", '"","","","",""', ' , ,"", ," "', ",,,,,,,,", ",,"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_rows_are_counted_nowhere_wherever_they_stand(desk: Desk, row: str, end: str) -> None:
    mark = ";" if ";" in row else "\t" if "\t" in row else ","
    header, *records = off.table(*off.RECORDS[:2], delimiter=mark).splitlines()
    many = [row] * 2_000
    for lines in ([*records, *many], [records[0], *many, records[1]], [*many, *records], [*many, *records, *many]):
        report = desk.load_text(end.join([header, *lines, ""]), file_timezone="UTC")
        assert (report.rows_read, report.rows_rejected, report.rejects) == (2, 0, ())
    assert tuple(desk.columns(*off.FIELDS.split(", "))) == off.STORED[:2]


def test_a_reject_below_blank_rows_is_called_by_its_own_line(desk: Desk) -> None:
    report = desk.load_text(off.PLAIN + ",,,,\n" * 500 + "\n" * 500 + "d,soon,,,\n" + "\n" * 99)
    assert [(reject["row"], reject["value"]) for reject in report.rejects] == [(1_006, "soon")]
    assert counts(report) == (4, 3, 0, 0, 1)


def test_totals_below_and_above_blank_rows_are_left_out(desk: Desk) -> None:
    total = "Total,,,,1\n"
    report = desk.load_text(off.PLAIN + total + "\n" * 70_000 + total + ",,,,\n" * 20_000)
    assert "Rows 6, 70,007 hold totals and were left out" in report.warnings
    assert counts(report) == (3, 3, 0, 0, 0)


def test_blank_rows_at_the_end_of_a_spreadsheet_are_counted_nowhere(desk: Desk) -> None:
    book = Workbook()
    for row in (off.HEADER, off.RECORDS[0], *[("",) * 5] * 300, off.RECORDS[1], *[("", " ")] * 3_000):
        book.worksheets[0].append(row)
    book.save(desk.folder / "march.xlsx")
    report = desk.workbench.load(desk.folder / "march.xlsx", file_timezone="UTC")
    assert counts(report) == (2, 2, 0, 0, 0)


@pytest.mark.parametrize(
    "end", [b"\n" * 10_000_000, b",,,,\n" * 2_000_000], ids=["10 MB of newlines", "rows of commas"]
)
def test_megabytes_of_nothing_at_the_end_cost_no_memory(desk: Desk, end: bytes) -> None:
    file = desk.folder / "export.csv"
    file.write_bytes(off.PLAIN.encode() + end)
    tracemalloc.start()
    try:
        assert desk.workbench.load(file, file_timezone="UTC").rows_loaded == 3
        assert tracemalloc.get_traced_memory()[1] < 200_000_000  # places of line ends of one piece, 8 bytes each
    finally:
        tracemalloc.stop()


def test_a_value_in_a_column_without_a_name_is_kept_and_empty_columns_are_not(desk: Desk) -> None:
    desk.load_text(off.LAYOUTS["trailing columns without a name, one with a value"].bytes)
    assert desk.columns("extra") == [({"Column 3": None, "Column 4": None},), ({"Column 3": None, "Column 4": "x"},)]


# What is far too large -----------------------------------------------------------------------------------------------


def test_a_value_of_ten_megabytes_is_loaded_whole(desk: Desk) -> None:
    long = "x" * 10_000_000
    report = desk.load_text(off.table(("a", "2024-03-05 10:00:00", long, "", ""), *off.RECORDS))
    assert counts(report) == (4, 4, 0, 0, 0)
    assert desk.stored("select length(agent_when_ended), md5(agent_when_ended) = md5(repeat('x', 10000000))"
                       " from gladly_contact_export where contact_id = 'a'") == [(10_000_000, True)]  # fmt: skip


MEGABYTES = {
    "a value of 20 MB": (off.PLAIN + f"d,2024-03-05 10:00:00,{'x' * 20_000_000},,\n", "row 6: longer than 16 MB"),
    "a quote never closed in 20 MB": (off.PLAIN + 'd,"' + "x,\n" * 7_000_000, "row 6: longer than 16 MB, or a quote"),
    "two values of 10 MB": (
        off.PLAIN + f"d,2024-03-05 10:00:00,{'x' * 10_000_000},{'y' * 10_000_000},\n", "row 6: longer than 16 MB",
    ),
    "100,000 columns": (",".join(["Contact ID", "Queued At", *(f"c{n}" for n in range(99_998))]), "100,000 columns"),
    "2,001 unnamed columns": ("Contact ID,Queued At" + "," * 1_999 + "\n", "2,001 columns"),
    "20 MB of commas": ("," * 20_000_000, "its first line is longer than any report's header"),
    "20 MB of lines of commas": (("," * 999 + "\n") * 20_000, "holds separators and nothing else"),
    "20 MB of quotes": ('"' * 20_000_001, "its first line is longer than any report's header"),
}  # fmt: skip


@pytest.mark.parametrize("defect", MEGABYTES)
def test_what_is_far_too_large_is_refused_at_once(desk: Desk, defect: str) -> None:
    content, reason = MEGABYTES[defect]
    started = time.monotonic()
    with pytest.raises(FileRefused) as refused:
        desk.load_text(content)
    assert reason in str(refused.value)
    assert time.monotonic() - started < WITHIN


def test_a_row_of_20_mb_of_commas_is_rejected_and_the_others_load(desk: Desk) -> None:
    report = desk.load_text(off.PLAIN + "d" + "," * 20_000_000 + "x\n")
    assert counts(report) == (4, 3, 0, 0, 1)
    assert report.rejects[0]["reason"] == "20,000,001 fields where the header has 5"


# The script ----------------------------------------------------------------------------------------------------------


def test_the_script_writes_every_file(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "tests.intake.off", str(tmp_path)], cwd=ROOT, check=True)
    written = {file.stem: file.read_bytes() for file in tmp_path.iterdir()}
    assert set(written) == {*off.LOADED, *off.REFUSED}
    assert written["nothing"] == off.PLAIN.encode()
