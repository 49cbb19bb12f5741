"""What a spreadsheet may hold, and that its values are those that an independent reader reads."""

import csv
import os
import re
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import psutil
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from pyarrow import parquet

from tests.builders import HEADER, HEADERS, Desk, contact
from tests.intake import foreign
from tests.intake.foreign import Part, package, rows, save, zipped
from workbench.errors import ChoiceNeeded, FileRefused, QueryStopped
from workbench.exports.gladly import CONTACT_EXPORT
from workbench.intake import compound, unwrapping
from workbench.intake.choices import Choices
from workbench.intake.limits import LIMITS, Limits
from workbench.intake.spreadsheet import read_spreadsheet
from workbench.intake.tables import Order
from workbench.intake.text import TextFile
from workbench.progress import Progress

ROOT = Path(__file__).parents[2]
NAMES = ("Contact ID", "Queued At", "Channel")
ROW = ("a", "2024-03-05 10:00:00", "CHAT")
ERRORS = ("#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!")


class Clean:
    """A file read to a clean CSV, without a workbench: its rows as texts, and what was found."""

    def __init__(self, source: Path, limits: Limits = LIMITS, **choices: Any) -> None:
        target = source.parent / "clean.csv"
        target.unlink(missing_ok=True)
        self.found: TextFile = unwrapping.unwrapped(source, target, Choices(**choices), limits)
        with self.found.path.open(encoding="utf-8", newline="") as lines:
            self.header, *self.rows = list(csv.reader(lines))

    def column(self, name: str) -> list[str]:
        return [row[self.header.index(name)] for row in self.rows]


def book(path: Path, *lines: Sequence[Any], formats: dict[str, str] | None = None, is_1904: bool = False) -> Path:
    """Write rows by openpyxl; `formats` are number formats of cells."""
    workbook = openpyxl.Workbook()
    workbook.epoch = CALENDAR_MAC_1904 if is_1904 else workbook.epoch
    for line in lines:
        workbook.active.append(line)
    for place, form in (formats or {}).items():
        workbook.active[place].number_format = form
    workbook.save(path)
    return path


def made(path: Path, *lines: Sequence[object], **more: Any) -> Path:
    """Write rows as an .xlsx of our own making."""
    return save(path, zipped(package(rows(*lines), **more)))


# Values --------------------------------------------------------------------------------------------------------------

DAY = datetime(2024, 3, 5)


def sample(number: int) -> list[Any]:
    """Return cells of a contact with every type of column as a spreadsheet has them; some are not there."""
    cells: list[Any] = []
    for at, column in enumerate(CONTACT_EXPORT.columns):
        seed = number * 67 + at * 13
        values: dict[str, Any] = {
            "timestamp": DAY + timedelta(minutes=seed, seconds=seed % 60, milliseconds=seed % 7 * 125),
            "duration": timedelta(seconds=seed * 977 % 200_000) if seed % 2 else seed * 0.1 - 3,
            "count": seed % 1_000, "amount": round(seed * 1.07, 2), "zone": "UTC", "channels": "All Channels",
            "text": f'"{seed}", é\n😀 <&> =1+1', "enum": ("CHAT", "SMS")[seed % 2], "id": f"-id_{seed}",
            "link": f"https://example.com/?a={seed}&b=1",
        }  # fmt: skip
        is_there = column.name in CONTACT_EXPORT.required or column.type == "zone" or seed % 5
        cells.append(values[column.type] if is_there else None)
    return cells


def expected(cell: Any) -> Any:
    """Return what the workspace stores of a cell that openpyxl reads."""
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, time):
        return timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second).total_seconds()
    return cell


def test_values_are_those_of_an_independent_reader(desk: Desk) -> None:
    file = book(desk.folder / "march.xlsx", HEADER, *map(sample, range(60)))
    assert desk.workbench.load(file, file_timezone="UTC").rows_loaded == 60
    stored = desk.columns(*(column.name for column in CONTACT_EXPORT.columns))
    read = list(openpyxl.load_workbook(file, data_only=True).active.iter_rows(min_row=2, values_only=True))
    assert {column.type for column in CONTACT_EXPORT.columns} >= {"timestamp", "duration", "count", "amount", "text"}
    assert stored == [tuple(map(expected, row)) for row in read]


CELLS = st.one_of(
    st.none(),
    st.text(st.characters(min_codepoint=32, max_codepoint=0xFFFD, exclude_categories=["Cs"]), max_size=12),
    st.integers(-(10**14), 10**14),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14).map(lambda n: float(f"{n:.12g}")),
)


def as_text(cell: Any) -> str:
    """Return what a clean CSV holds of a cell that openpyxl reads."""
    whole = isinstance(cell, float) and cell.is_integer()
    return "" if cell is None else str(int(cell) if whole else cell)


@given(cells=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8))
@settings(max_examples=12)
def test_any_cells_are_those_of_an_independent_reader(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[Any]]
) -> None:
    names = ("Contact ID", "Entry Point", "Final IVR Selection")
    lines = [[f"id-{n}", *line[1:]] for n, line in enumerate(cells)]
    file = made(tmp_path_factory.mktemp("any") / "any.xlsx", names, *lines)
    read = list(openpyxl.load_workbook(file).active.iter_rows(min_row=2, values_only=True, max_col=3))
    assert [row[:3] for row in Clean(file).rows] == [[as_text(cell) for cell in row] for row in read]


@pytest.mark.parametrize("is_1904", [False, True])
def test_numbers_of_days_without_a_date_format_are_read_as_dates_and_said(desk: Desk, is_1904: bool) -> None:
    zero = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)
    moments = [datetime(2024, 3, 5, 10, 0, 1), datetime(2024, 3, 6), datetime(2024, 3, 7, 23, 59, 59, 500_000)]
    lines = [[f"c{n}", (at - zero) / timedelta(days=1), 5] for n, at in enumerate(moments)]
    flag = '<workbookPr date1904="1"/>' if is_1904 else ""
    file = made(desk.folder / "march.xlsx", ["Contact ID", "Queued At", "Times Offered"], *lines, book=flag)
    report = desk.workbench.load(file, file_timezone="UTC")
    assert desk.columns("queued_at", "times_offered") == [(at, 5) for at in moments]
    assert "Queued At: 3 plain numbers were read as dates" in report.warnings


@pytest.mark.parametrize("is_1904", [False, True])
def test_real_dates_are_read_in_both_date_systems(tmp_path: Path, is_1904: bool) -> None:
    lines = [["a", datetime(2024, 3, 5, 10, 0, 1)], ["b", date(2024, 3, 6)]]
    clean = Clean(book(tmp_path / "a.xlsx", NAMES[:2], *lines, is_1904=is_1904))
    assert clean.column("Queued At") == ["2024-03-05 10:00:01", "2024-03-06 00:00:00"]
    assert clean.found.warnings == ()


def test_a_number_that_is_no_date_is_rejected_where_a_date_belongs(desk: Desk) -> None:
    file = made(desk.folder / "a.xlsx", NAMES, ["a", 1709632800, "CHAT"], ["b", 7, "CHAT"], ["c", -1.5, "CHAT"])
    report = desk.workbench.load(file)
    assert [(r["row"], r["value"], r["reason"]) for r in report.rejects] == [
        (2, "1709632800", "not a date and time"), (3, "7", "not a date and time"), (4, "-1.5", "not a date and time"),
    ]  # fmt: skip


@pytest.mark.parametrize("is_1904", [False, True])
def test_durations_are_seconds_in_whatever_format_they_are_shown(tmp_path: Path, is_1904: bool) -> None:
    formats = ["[h]:mm:ss", "hh:mm:ss", "mm:ss", "[mm]:ss", "hh:mm:ss", "hh:mm:ss", "[h]:mm:ss", "General", "hh:mm:ss"]
    days = [1.5, 0.25, 0.5, 2.5, 1.5, 30.25, -0.5, 86.125, 61.5]
    lines = [[f"c{n}", "2024-03-05 10:00:00", value] for n, value in enumerate(days)]
    shown = {f"C{n}": form for n, form in enumerate(formats, start=2)}
    clean = Clean(book(tmp_path / "a.xlsx", [*NAMES[:2], "Talk Time"], *lines, formats=shown, is_1904=is_1904))
    seconds = [129600, 21600, 43200, 216000, 129600, 2613600, -43200, 86.125, 5313600]
    assert [float(text) for text in clean.column("Talk Time")] == seconds


def test_a_duration_on_the_day_that_excel_has_twice_is_not_guessed(tmp_path: Path) -> None:
    lines = [["a", ROW[1], 60.5], ["b", ROW[1], 59.5], ["c", ROW[1], 58.5]]
    shown = {f"C{n}": "hh:mm:ss" for n in (2, 3, 4)}
    clean = Clean(book(tmp_path / "a.xlsx", [*NAMES[:2], "Talk Time"], *lines, formats=shown))
    assert clean.column("Talk Time") == ["1900-02-28 12:00:00", "1900-02-28 12:00:00", "5054400"]


def test_ids_that_lost_digits_keep_their_exponent_and_the_others_all_digits(tmp_path: Path) -> None:
    ids = [1234567890123456, 1.23456789012346e15, 12345678901234567890, 999999999999999, "1234567890123456", 7.0]
    clean = Clean(made(tmp_path / "a.xlsx", NAMES, *([id_, *ROW[1:]] for id_ in ids)))
    assert clean.column("Contact ID") == [
        "1.234567890123456E+15", "1.23456789012346E+15", "1.2345678901234567E+19", "999999999999999",
        "1234567890123456", "7",
    ]  # fmt: skip


def test_an_id_of_more_digits_than_a_spreadsheet_keeps_is_said_to_have_lost_some_or_that_it_may(desk: Desk) -> None:
    report = desk.workbench.load(made(desk.folder / "a.xlsx", NAMES, [1234567890123456, *ROW[1:]]))
    said = "shortened, or may have: of a number it keeps 15 digits. Load the export's own CSV"
    assert (report.rows_rejected, any(said in warning for warning in report.warnings)) == (1, True)


def test_truth_values_are_written_as_spreadsheets_show_them(tmp_path: Path) -> None:
    file = made(
        tmp_path / "a.xlsx", NAMES, ["a", ROW[1], '<c t="b"><v>1</v></c>'], ["b", ROW[1], '<c t="b"><v>0</v></c>']
    )
    assert Clean(file).column("Channel") == ["TRUE", "FALSE"]


def test_a_cell_with_an_error_keeps_its_text_and_is_rejected_where_it_does_not_fit(desk: Desk) -> None:
    lines = [[f"c{n}", ROW[1], f'<c t="e"><v>{error}</v></c>'] for n, error in enumerate(ERRORS)]
    with_formula = ["f", ROW[1], '<c s="0" t="e"><f>1/0</f><v>#DIV/0!</v></c>']
    file = made(desk.folder / "a.xlsx", ["Contact ID", "Queued At", "Times Offered"], *lines, with_formula)
    report = desk.workbench.load(file)
    assert [(r["row"], r["value"]) for r in report.rejects] == [*enumerate(ERRORS, start=2), (9, "#DIV/0!")]
    assert (report.rows_read, report.rows_loaded) == (8, 0)


def test_formulas_that_were_never_calculated_are_counted_and_read_as_empty(desk: Desk) -> None:
    forms = [
        "<c><f>NOW()</f></c>",
        "<c><f>NOW()</f><v>5</v></c>",
        '<c t="str"><f>A1</f><v></v></c>',
        '<c><f t="shared" si="0"/></c>',
        '<c r="C6" s="0"><f>NOW()</f><v /></c>',
        "<x:c><x:f>NOW()</x:f><x:v></x:v></x:c>",
    ]
    lines = [[f"c{n}", ROW[1], form] for n, form in enumerate(forms)]
    file = made(desk.folder / "a.xlsx", ["Contact ID", "Queued At", "Times Offered"], *lines)
    report = desk.workbench.load(file)
    assert desk.columns("times_offered") == [(None,), (5,), *[(None,)] * 4]
    assert any("4 cells hold formulas that were never calculated" in warning for warning in report.warnings)


def test_texts_are_exact(tmp_path: Path) -> None:
    texts = ['say "no"', "two\nlines", "a,b", "  blanks  ", "=1+1", "é 😀", "'1", "NULL", "\t"]
    clean = Clean(made(tmp_path / "a.xlsx", NAMES, *([f"c{n}", ROW[1], text] for n, text in enumerate(texts))))
    assert clean.column("Channel") == texts


# Where the table stands ----------------------------------------------------------------------------------------------


def test_a_title_of_merged_cells_above_the_header_is_left_out(desk: Desk) -> None:
    workbook = openpyxl.Workbook()
    for line in (["Contact Export, March"], [], NAMES, ROW):
        workbook.active.append(line)
    workbook.active.merge_cells("A1:C2")
    workbook.save(desk.folder / "a.xlsx")
    report = desk.workbench.load(desk.folder / "a.xlsx")
    assert (report.rows_loaded, report.warnings[0]) == (1, "2 rows above the header left out")


def test_a_table_may_stand_anywhere_and_rows_are_those_of_the_sheet(desk: Desk) -> None:
    workbook = openpyxl.Workbook()
    lines = [NAMES, ROW, ("b", "soon", "SMS"), (), ("c", ROW[1], "SMS")]
    for row, line in enumerate(lines, start=5):
        for column, value in enumerate(line, start=4):
            workbook.active.cell(row, column, value)
    workbook.save(desk.folder / "a.xlsx")
    report = desk.workbench.load(desk.folder / "a.xlsx")
    assert [(reject["row"], reject["value"]) for reject in report.rejects] == [(7, "soon")]
    assert desk.columns("contact_id", "channel") == [("a", "CHAT"), ("c", "SMS")]


def test_blank_rows_are_skipped_and_rows_with_nothing_but_zeros_are_not(tmp_path: Path) -> None:
    file = made(tmp_path / "a.xlsx", NAMES, [None], [" ", None, "  "], [0, None, None], ROW)
    clean = Clean(file)
    assert [row[0] for row in clean.rows] == ["0", "a"]
    assert clean.column("row") == ["4", "5"]
    assert clean.found.records == 2


def test_a_value_beyond_the_header_sets_its_row_aside(desk: Desk) -> None:
    lines = [ROW, ("b", ROW[1], "SMS", None, "note"), ("c", ROW[1], "SMS", "", " "), ("d", ROW[1], "SMS", 0)]
    report = desk.workbench.load(made(desk.folder / "a.xlsx", [*NAMES, " ", ""], *lines))
    assert [(reject["row"], reject["reason"]) for reject in report.rejects] == [
        (3, "5 fields where the header has 3"), (5, "4 fields where the header has 3"),
    ]  # fmt: skip
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (4, 2, 2)


def test_blank_and_repeated_header_names_are_kept_as_in_a_csv(desk: Desk) -> None:
    header = [*NAMES, None, "Note", "Note"]
    spread = desk.workbench.load(made(desk.folder / "a.xlsx", header, [*ROW, "x", "y", "z"]))
    kept = desk.stored("select extra from gladly_contact_export")
    as_csv = Desk(desk.folder, type(desk.workbench)())
    as_csv.load_text("Contact ID,Queued At,Channel,,Note,Note\na,2024-03-05 10:00:00,CHAT,x,y,z\n")
    assert kept == as_csv.stored("select extra from gladly_contact_export")
    assert spread.rows_loaded == 1
    as_csv.workbench.close()


# Sheets --------------------------------------------------------------------------------------------------------------

NOTES = rows(["Some", "notes"], ["on", "this"])


def test_the_sheet_that_holds_a_report_is_taken_wherever_it_is_and_hidden_too(tmp_path: Path) -> None:
    pivot = rows(["Channel", "Contacts"], ["CHAT", 5])
    parts = package(NOTES, pivot, rows(NAMES, ROW), names=["Notes", "Pivot", "Export"])
    hidden = [replace(p, content=p.content.replace(b'"Export"', b'"Export" state="hidden"')) for p in parts]
    assert any(b"hidden" in part.content for part in hidden)
    assert Clean(save(tmp_path / "a.xlsx", zipped(hidden))).rows == [[*ROW, "2"]]


def test_of_several_reports_one_is_asked_for_and_taken(tmp_path: Path) -> None:
    parts = package(rows(NAMES, ROW), NOTES, rows(NAMES, ("b", *ROW[1:])), names=["A & B", "Notes", "C"])
    file = save(tmp_path / "a.xlsx", zipped(parts))
    with pytest.raises(ChoiceNeeded, match=r"several sheets hold a report \(A & B, C\)"):
        Clean(file)
    assert Clean(file, sheet="A & B").rows == [[*ROW, "2"]]
    assert Clean(file, sheet="C").column("Contact ID") == ["b"]
    with pytest.raises(FileRefused, match=r"has no sheet 'D'\. Its sheets are: A & B, Notes, C"):
        Clean(file, sheet="D")


def test_errors_and_formulas_are_noted_of_the_sheet_that_is_read(tmp_path: Path) -> None:
    bad = rows(["x", '<c t="e"><v>#N/A</v></c>', "<c><f>1</f></c>"], ['<c t="e"><v>#REF!</v></c>'])
    good = rows(NAMES, ["a", ROW[1], '<c t="e"><v>#NUM!</v></c>'])
    clean = Clean(save(tmp_path / "a.xlsx", zipped(package(bad, good, names=["Bad", "Good"]))))
    assert (clean.column("Channel"), clean.found.warnings) == (["#NUM!"], ())


def test_a_sheet_without_cells_has_no_rows(desk: Desk) -> None:
    file = made(desk.folder / "ContactExport-20240301-20240301.xlsx")
    report = desk.workbench.load(file)
    assert (report.rows_read, report.warnings) == (0, ("No rows for the period",))


def test_the_kind_that_is_given_is_the_one_that_is_looked_for(tmp_path: Path) -> None:
    merged = rows(["Merged Customer ID", "Customer ID"], ["a", "b"])
    file = save(tmp_path / "a.xlsx", zipped(package(rows(NAMES, ROW), merged)))
    assert Clean(file, kind="gladly_customer_merges").column("Customer ID") == ["b"]
    assert Clean(file, kind="gladly_contact_export").column("Contact ID") == ["a"]


# Other writers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sheet",
    [
        "<sheetData><row><c t='inlineStr'><is><t>Contact ID</t></is></c><c t='str'><v>Queued At</v></c></row>"
        "<row><c t='str'><v>a</v></c><c t='str'><v>2024-03-05</v></c></row></sheetData>",
        "<sheetData><row r='1'><c t='str' r='A1'><v>Contact ID</v></c><c r='B1' t='str'><v>Queued At</v></c></row>"
        "<row r='2'><c r='A2' t='str'><v>a</v></c><c t='str'  r = 'B2' ><v>2024-03-05</v></c></row></sheetData>",
        '<x:sheetData><x:row r="1"><x:c r="A1" t="str"><x:v>Contact ID</x:v></x:c><x:c r="B1" t="str"><x:v>Queued At'
        '</x:v></x:c></x:row><x:row r="2"><x:c r="A2" t="str"><x:v>a</x:v></x:c><x:c r="B2" t="str"><x:v>2024-03-05'
        "</x:v></x:c></x:row></x:sheetData>",
    ],
    ids=["without places", "single quotes", "prefixed"],
)
def test_cells_may_be_written_in_other_ways(tmp_path: Path, sheet: str) -> None:
    assert Clean(save(tmp_path / "a.xlsx", zipped(package(sheet)))).rows == [["a", "2024-03-05", "2"]]


def test_a_sheet_of_many_blocks_is_read_whole(tmp_path: Path) -> None:
    lines = [[f"c{n}", ROW[1], "x" * 300] for n in range(6_000)]
    clean = Clean(made(tmp_path / "a.xlsx", NAMES, *lines))
    assert clean.column("Contact ID") == [f"c{n}" for n in range(6_000)]
    assert clean.column("row") == [str(n) for n in range(2, 6_002)]


def test_shared_texts_are_read(tmp_path: Path) -> None:
    sheet = rows(NAMES, ["a", ROW[1], '<c t="s"><v>1</v></c>'])
    texts = "<si><t>x</t></si><si><r><t>CH</t></r><r><t>AT</t></r></si>"
    strings = f'<sst xmlns="{foreign.MAIN}" count="2" uniqueCount="2">{texts}</sst>'
    assert Clean(save(tmp_path / "a.xlsx", zipped(package(sheet, strings=strings)))).column("Channel") == ["CHAT"]


# Old workbooks, pages and files of columns ---------------------------------------------------------------------------


def test_an_old_workbook_is_read_with_its_errors(tmp_path: Path) -> None:
    cells: list[foreign.Cell] = [(3, n, name) for n, name in enumerate((*NAMES, "Times Offered"), start=2)]
    cells += [(4, 2, "é"), (4, 3, 45356.5), (4, 4, "CHAT"), (4, 5, 3.0), (5, 2, "b"), (5, 3, b"\x2a"), (5, 5, b"\x07")]
    clean = Clean(save(tmp_path / "a.xls", foreign.xls(cells)))
    assert clean.header == ["", "", *NAMES, "Times Offered", "row"]
    assert [row[2:] for row in clean.rows] == [
        ["é", "2024-03-05 12:00:00", "CHAT", "3", "5"], ["b", "#N/A", "", "#DIV/0!", "6"],
    ]  # fmt: skip
    assert clean.found.encoding == "xls"


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (26, struct.pack("<H", 5)), (28, b"\xff\xfe"), (30, struct.pack("<H", 20)), (40, struct.pack("<L", 1 << 20)),
        (44, struct.pack("<L", 1 << 31)), (48, struct.pack("<L", 10**6)), (60, struct.pack("<L", 10**6)),
        (64, struct.pack("<L", 10**6)), (68, struct.pack("<L", 10**6)), (72, struct.pack("<L", 10**6)),
        (76, struct.pack("<L", 10**6)),
    ],
)  # fmt: skip
def test_an_old_workbook_that_says_more_than_it_holds_reaches_no_parser(at: int, value: bytes) -> None:
    content = bytearray(foreign.xls([(0, 0, "Contact ID")]))
    compound.check(bytes(content), "a.xls")
    content[at : at + len(value)] = value
    with pytest.raises(FileRefused, match=r"^a\.xls: not a text file, and not an \.xls that can be read, or damaged"):
        compound.check(bytes(content), "a.xls")


def test_other_files_of_the_old_form_are_called_what_they_are(desk: Desk) -> None:
    for stream, said in compound.OTHERS.items():
        with pytest.raises(FileRefused, match=rf"^a\.xls: {re.escape(said)}$"):
            desk.load_text(foreign.compound(stream, b""), name="a.xls")
    compound.check(foreign.xls([(0, 0, "a")]) + "WordDocument\0".encode("utf-16-le"), "a.xls")
    with pytest.raises(FileRefused, match=r"not an \.xls that can be read"):
        desk.load_text(foreign.compound("Something", b""), name="a.xls")


PAGE = """\ufeff<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="utf-8">
<style>td {{ color: red }}</style></head><body><table border=1><caption>x</caption>
<tr><td colspan="3">Contact&nbsp;Export</td></tr>
<!-- <tr><td>not shown</td></tr> --><thead><tr><th>Contact ID</th><th><b>Queued</b>
At</th><TH class="a">Channel</TH></tr></thead>
<tbody><tr><td>-a&amp;b</td><td>2024-03-05 10:00:00<td>CHAT<script>1 < 2 <td></script></tr>
<tr><td>&eacute;</td><td> 2024-03-05
   11:00:00 </td><td>two<br/>lines</td></tr>{}</tbody></table></body></html>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_table_of_html_named_xls_is_read(tmp_path: Path, encoding: str) -> None:
    clean = Clean(save(tmp_path / "a.xls", PAGE.format("").encode(encoding)))
    assert clean.header == [*NAMES, "row"]
    assert clean.rows == [
        ["-a&b", "2024-03-05 10:00:00", "CHAT", "3"], ["é", "2024-03-05 11:00:00", "two\nlines", "4"],
    ]  # fmt: skip
    assert clean.found.warnings == ("1 row above the header left out",)


def test_a_page_in_windows_1252_is_read(tmp_path: Path) -> None:
    page = PAGE.removeprefix("\ufeff").format("<tr><td>ü</td><td>2024-03-05</td><td>€</td></tr>").encode("cp1252")
    assert Clean(save(tmp_path / "a.xls", page)).rows[-1] == ["ü", "2024-03-05", "€", "5"]


def test_the_end_of_a_tag_within_a_value_in_quotes_is_none(tmp_path: Path) -> None:
    page = PAGE.format('<tr><td title=\'x>y\'>b</td><td width=5">2024-03-05</td><td><i id="a>b">SMS</i></td></tr>')
    assert Clean(save(tmp_path / "a.xls", page.encode())).rows[-1] == ["b", "2024-03-05", "SMS", "5"]


def test_a_row_of_a_page_with_too_few_or_too_many_cells_is_set_aside(tmp_path: Path) -> None:
    clean = Clean(save(tmp_path / "a.xls", PAGE.format("<tr><td>b<tr><td>c<td>d<td>e<td>f").encode()))
    assert [(aside.row, aside.reason) for aside in clean.found.set_aside] == [
        (5, "1 fields where the header has 3"), (6, "4 fields where the header has 3"),
    ]  # fmt: skip
    assert clean.found.records == 2


@pytest.mark.parametrize("span", ["colspan=2", 'ROWSPAN = "03"', "colspan='10'"])
def test_a_page_with_cells_that_reach_over_others_is_refused(tmp_path: Path, span: str) -> None:
    page = PAGE.format(f"<tr><td {span}>b</td><td>c</td></tr>")
    with pytest.raises(FileRefused, match="cells that reach over others"):
        Clean(save(tmp_path / "a.xls", page.encode()))


def test_of_several_tables_the_one_that_holds_a_report_is_read(tmp_path: Path) -> None:
    around = "<table><tr><td>Menu</td><td>" + PAGE.removeprefix("\ufeff").format("") + "</td></tr></table>"
    assert len(Clean(save(tmp_path / "a.xls", around.encode())).rows) == 2


def test_an_xml_spreadsheet_is_refused_with_what_it_is(tmp_path: Path) -> None:
    xml = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Table/></Workbook>'
    with pytest.raises(FileRefused, match=r"an XML spreadsheet of Excel 2003, .* Save it as \.xlsx"):
        Clean(save(tmp_path / "a.xls", xml.encode()))


def columns(path: Path, **values: Any) -> Path:
    out = BytesIO()
    parquet.write_table(pyarrow.table(values), out)
    return save(path, out.getvalue())


def test_a_parquet_file_is_read_with_every_type(tmp_path: Path) -> None:
    day = datetime(2024, 3, 5, 10, 0, 1)
    file = columns(tmp_path / "a.parquet", **{
        "Contact ID": pyarrow.array(["a", None, 'b"\n'], pyarrow.large_string()).dictionary_encode(),
        "Queued At": pyarrow.array([day, None, day.replace(microsecond=250_000)], pyarrow.timestamp("ns")),
        "Ended At": pyarrow.array([day, day, day], pyarrow.timestamp("us", "America/New_York")),
        "Times Offered": pyarrow.array([1.0, None, 3.0]),
        "Talk Time": pyarrow.array([timedelta(seconds=90), None, timedelta(seconds=1.5)], pyarrow.duration("ns")),
        "Payment Amount - Completed (USD)": [Decimal("1.50"), None, Decimal("-2.25")],
        "Customer ID": pyarrow.array([12345678901234567, None, 3], pyarrow.int64()),
        "Due At": [date(2024, 3, 5), None, date(2024, 3, 6)], "flag": [True, False, None],
    })  # fmt: skip
    clean = Clean(file)
    assert clean.rows == [
        ["a", "2024-03-05 10:00:01", "2024-03-05 10:00:01+00:00", "1", "90", "1.50", "12345678901234567",
         "2024-03-05 00:00:00", "TRUE", "2"],
        ["", "", "2024-03-05 10:00:01+00:00", "", "", "", "", "", "FALSE", "3"],
        ['b"\n', "2024-03-05 10:00:01.250000", "2024-03-05 10:00:01+00:00", "3", "1.5", "-2.25", "3",
         "2024-03-06 00:00:00", "", "4"],
    ]  # fmt: skip


def test_a_parquet_file_loads_the_same_rows_as_the_csv(desk: Desk) -> None:
    lines = [contact(talk_seconds="1.5", times_offered="2"), contact(talk_seconds="", queued_at="2024-03-06 11:00:00")]
    file = columns(desk.folder / "a.parquet", **{name: [line.get(name, "") for line in lines] for name in HEADER})
    report = desk.workbench.load(file)
    assert (report.rows_loaded, report.encoding) == (2, "parquet")
    assert desk.load(*lines).rows_unchanged == 2


# Limits --------------------------------------------------------------------------------------------------------------


def limited(folder: Path) -> Iterator[tuple[str, Limits, Path]]:
    """Yield every limit, lowered, and a file that passes it."""
    xlsx = made(folder / "a.xlsx", NAMES, *[ROW] * 50)
    strings = save(folder / "s.xlsx", zipped(package(rows(NAMES, ROW), strings='<sst uniqueCount="9"/>')))
    wrong = made(folder / "e.xlsx", NAMES, *(["a", ROW[1], '<c t="e"><v>#N/A</v></c>'] for _ in range(3)))
    merges = "".join(f'<mergeCell ref="A{n}:A{n + 1}"/>' for n in (3, 4))
    merged = save(folder / "m.xlsx", zipped(package(f"{rows(NAMES, ROW)}<mergeCells>{merges}</mergeCells>")))
    page = save(folder / "a.xls", PAGE.format("").encode())
    flat = columns(folder / "a.parquet", **{name: [value] * 9 for name, value in zip(NAMES, ROW, strict=True)})
    archive = save(folder / "a.zip", zipped([Part("a.csv", b"x" * 99), Part("b.csv", b"x")]))
    sheets = save(folder / "t.xlsx", zipped(package(rows(NAMES, ROW), NOTES)))
    for name, value, file in [
        ("parts", 2, xlsx), ("part_bytes", 100, xlsx), ("unpacked_bytes", 100, xlsx), ("ratio", 1, xlsx),
        ("shared_strings", 8, strings), ("columns", 2, xlsx), ("cells", 150, xlsx), ("error_cells", 2, wrong),
        ("seconds", 0, xlsx), ("disk", 100, xlsx), ("html_bytes", 400, page), ("parquet_cells", 26, flat),
        ("merged_cells", 1, merged), ("archived_files", 1, archive), ("archive_bytes", 99, archive),
        ("tables", 1, sheets),
    ]:  # fmt: skip
        yield name, replace(LIMITS, ratio_from=0, **{name: value}), file
    for name in ("least_memory", "memory_times", "memory"):
        yield name, replace(LIMITS, least_memory=10 << 20, memory_times=0, memory=400 << 20), xlsx


def test_a_refusal_names_the_limit_that_was_passed(tmp_path: Path) -> None:
    met = {"ratio_from"}
    for name, limits, file in limited(tmp_path):
        with pytest.raises(FileRefused, match=rf"{file.name}: .*\b{name} = [\d,]+") as refused:
            Clean(file, limits)
        assert "\n" not in str(refused.value)
        met.add(name)
    assert met == {field.name for field in fields(Limits)}


def test_files_within_the_limits_are_read(tmp_path: Path) -> None:
    assert len(Clean(made(tmp_path / "a.xlsx", NAMES, *[ROW] * 50), replace(LIMITS, cells=153, columns=3)).rows) == 50


def test_three_hundred_thousand_rows_of_a_contact_export_are_within_the_limits() -> None:
    assert 300_001 * len(CONTACT_EXPORT.columns) <= LIMITS.cells
    assert len(CONTACT_EXPORT.columns) == 63


def test_a_reading_that_takes_too_long_leaves_no_process(tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with pytest.raises(FileRefused, match="takes too long to read, above the limit seconds = 0"):
        Clean(made(tmp_path / "a.xlsx", NAMES, ROW), replace(LIMITS, seconds=0))
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def an_order(pipe: Path, limits: Limits) -> Order:
    return Order(str(pipe), str(pipe.with_suffix(".csv")), "a.xls", "xls", None, (), (), 30, (1970, 2100), limits)


def test_a_reading_that_waits_for_ever_is_ended(tmp_path: Path) -> None:
    pipe, limits = tmp_path / "a.xls", replace(LIMITS, seconds=2)
    os.mkfifo(pipe)
    rescue = threading.Timer(20, lambda: pipe.open("wb").close())  # lets a child go on that was not ended
    rescue.daemon = True
    rescue.start()
    with pytest.raises(FileRefused, match="takes too long to read, above the limit seconds = 2"):
        read_spreadsheet(an_order(pipe, limits), Progress())
    assert rescue.is_alive()
    rescue.cancel()


def test_cancelling_ends_the_process_that_reads_at_once(tmp_path: Path) -> None:
    pipe, progress, limits = tmp_path / "a.xls", Progress(), replace(LIMITS, seconds=10)
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(read_spreadsheet, an_order(pipe, limits), progress)
        with pipe.open("wb"):  # waits until the child reads, and lets it wait for more
            progress.cancel()
            assert isinstance(read.exception(), QueryStopped)


def test_the_child_imports_neither_the_database_nor_pandas_nor_the_pages() -> None:
    code = "import sys, python_calamine, workbench.intake.child, workbench.intake.package; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "workbench.intake.tables" in run.stdout.split()
    assert not {"duckdb", "pandas", "streamlit", "altair", "pyarrow", "openpyxl"} & set(run.stdout.split())


def test_every_column_of_the_sample_is_declared() -> None:
    assert len(sample(0)) == len(HEADERS) == 63


def test_seconds_in_a_cell_that_shows_a_date_are_not_taken_for_days(desk: Desk, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Queued At", "Contact ID", "Contact Handle Time (sec)"])
    for row, (seconds, shown) in enumerate([(3600, "yyyy-mm-dd hh:mm:ss"), (1.5, "h:mm:ss"), (3600, "0")], start=2):
        book.active.append([datetime(2026, 10, 1, 10), f"k{row}", seconds])
        book.active.cell(row, 3).number_format = shown
    book.save(tmp_path / "ContactExport.xlsx")
    report = desk.workbench.load(tmp_path / "ContactExport.xlsx", file_timezone="UTC")
    assert [reject["row"] for reject in report.rejects] == [2]
    assert desk.columns("contact_id", "contact_handle_seconds") == [("k3", 1.5 * 86_400), ("k4", 3600.0)]


def test_what_is_not_a_number_in_a_file_of_columns_is_missing(desk: Desk, tmp_path: Path) -> None:
    ids = pyarrow.array([210000000.0, float("nan")])
    at = pyarrow.array([datetime(2026, 10, 1, 10)] * 2)
    table = pyarrow.table({"Contact ID": ["a", "b"], "Queued At": at, "Customer ID": ids, "Times Offered": ids})
    parquet.write_table(table, tmp_path / "ContactExport.parquet")
    desk.workbench.load(tmp_path / "ContactExport.parquet", file_timezone="UTC")
    assert desk.columns("customer_id", "times_offered") == [("210000000", 210000000), (None, None)]
