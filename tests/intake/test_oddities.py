"""What a workbook holds beside its values: merged cells, hidden rows, formats, and parts that nobody reads."""

import struct
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from tests.builders import Desk
from tests.intake import foreign
from tests.intake.foreign import Part, package, rows, save, zipped
from tests.intake.test_spreadsheets import NAMES, ROW, Clean, book, made
from workbench.errors import ChoiceNeeded, FileRefused

TALK = ("Contact ID", "Queued At", "Talk Time")
AT = "2024-03-05 10:00:00"
LINES = [ROW, ("b", AT, "SMS"), ("c", AT, None), ("d", AT, "EMAIL")]
FORMATS = ("h:mm:ss", "[h]:mm:ss", "dd/mm/yyyy hh:mm", "[Red]mm:ss;-0", "0.00", '0"h"', "[$-409]h:mm AM/PM")
NEGATIVE = [-21600, -21600, -21600, -21600, -0.25, -0.25, -21600]


def styled(*codes: str, strings: str | None = None) -> str:
    """Return the styles of cells whose formats are these, from position 1 on."""
    defined = "".join(f'<numFmt numFmtId="{n}" formatCode="{foreign.escape(code, {chr(34): "&quot;"})}"/>'
                      for n, code in enumerate(codes, start=164))  # fmt: skip
    used = "".join(f'<xf numFmtId="{n}"/>' for n in (0, *range(164, 164 + len(codes))))
    return f"<numFmts>{defined}</numFmts><cellXfs>{used}</cellXfs>"


def with_parts(path: Path, *extra: Part, sheet: str = "") -> Path:
    return save(path, zipped(package(sheet or rows(NAMES, ROW), extra=extra)))


def merged(path: Path, *cells: str, lines: Sequence[Sequence[object]] = LINES) -> Path:
    listed = "".join(f'<mergeCell ref="{one}"/>' for one in cells)
    return save(path, zipped(package(f"{rows(NAMES, *lines)}<mergeCells>{listed}</mergeCells>")))


def check_said(clean: Clean) -> None:
    """Check what is said of an ID shown with zeros before it, a hidden row, and one under a merged cell."""
    padded, *others = clean.found.warnings
    assert padded.startswith("Contact ID: 1 number is shown with zeros before them")
    assert others == [
        "1 hidden row was read like the others",
        "1 row lies under a cell merged over several rows; its value was read in each of them",
    ]


# Parts that no reader needs ------------------------------------------------------------------------------------------

UNREAD = {
    "a calculation chain, last cell first": Part("xl/calcChain.xml", b'<calcChain><c r="B9"/><c r="A1"/></calcChain>'),
    "a query in UTF-16": Part("customXml/item1.xml", '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16")),
    "a picture": Part("xl/media/image1.jpeg", b'\xff\xd8\xff\xe0<!DOCTYPE<c r="XFD9999999" count="99999999999">' * 99),
    "a text longer than a cell": Part("customXml/item2.xml", b"<a>" + b"x" * 5_000_000 + b"</a>"),
    "a sheet that nothing leads to": Part("xl/worksheets/sheet9.xml", b'<!DOCTYPE a><c r="XFD1048576"/>'),
}


@pytest.mark.parametrize("part", UNREAD.values(), ids=list(UNREAD))
def test_only_what_is_read_is_checked_for_its_content(tmp_path: Path, part: Part) -> None:
    assert Clean(with_parts(tmp_path / "a.xlsx", part)).rows == [[*ROW, "2"]]


def test_a_text_that_looks_like_a_count_is_a_text(tmp_path: Path) -> None:
    text = '<c t="inlineStr"><is><t>account="491512345678" count=\'9999999999\'</t></is></c>'
    clean = Clean(made(tmp_path / "a.xlsx", NAMES, ["a", AT, text]))
    assert clean.column("Channel") == ["account=\"491512345678\" count='9999999999'"]


@pytest.mark.parametrize(
    "target",
    ["/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml", "../xl/worksheets/sheet1.xml", "./worksheets/sheet1.xml",
     "WORKSHEETS/Sheet1.xml", "worksheets/sheet%31.xml", "worksheets\\sheet1.xml"],
)  # fmt: skip
def test_a_sheet_is_found_however_its_relation_is_written(tmp_path: Path, target: str) -> None:
    parts = [replace(p, content=p.content.replace(b'"worksheets/sheet1.xml"', f'"{target}"'.encode()))
             for p in package(rows(NAMES, ROW))]  # fmt: skip
    assert Clean(save(tmp_path / "a.xlsx", zipped(parts))).rows == [[*ROW, "2"]]


def test_texts_and_styles_may_have_other_names(tmp_path: Path) -> None:
    sheet = rows(NAMES, ["a", 45356.5, '<c t="s"><v>0</v></c>'])
    parts = package(sheet, strings=f'<sst xmlns="{foreign.MAIN}"><si><t>SMS</t></si></sst>')
    moved = [Part(p.name.replace("sharedS", "s"), p.content.replace(b"sharedStrings.x", b"strings.x")) for p in parts]
    assert {"xl/strings.xml"} <= {part.name for part in moved}
    assert Clean(save(tmp_path / "a.xlsx", zipped(moved))).column("Channel") == ["SMS"]


def test_a_workbook_may_have_another_name(tmp_path: Path) -> None:
    parts = [Part(p.name.replace("workbook", "book2"), p.content.replace(b"xl/workbook", b"xl/book2"))
             for p in package(rows(NAMES, ROW))]  # fmt: skip
    assert Clean(save(tmp_path / "a.xlsx", zipped(parts))).rows == [[*ROW, "2"]]


def test_a_chart_sheet_is_no_sheet_with_rows(tmp_path: Path) -> None:
    parts = package(rows(NAMES, ROW), rows(["x"]), names=["Export", "Chart"])
    old, new = b'/worksheet" Target="worksheets/sheet2', b'/chartsheet" Target="chartsheets/sheet2'
    chart = [replace(part, content=part.content.replace(old, new)) for part in parts]
    assert Clean(save(tmp_path / "a.xlsx", zipped(chart))).rows == [[*ROW, "2"]]


@pytest.mark.parametrize("is_same", [True, False], ids=["one part", "one name"])
def test_two_sheets_that_are_one_are_refused(tmp_path: Path, is_same: bool) -> None:
    parts = package(rows(NAMES, ROW), rows(NAMES, ROW), names=["A", "B" if is_same else "A"])
    old, new = (b"sheet2.xml", b"sheet1.xml") if is_same else (b"?", b"?")
    parts = [replace(p, content=p.content.replace(old, new)) if p.name.endswith(".rels") else p for p in parts]
    with pytest.raises(FileRefused, match=r"not an \.xlsx that can be read"):
        Clean(save(tmp_path / "a.xlsx", zipped(parts)))


@pytest.mark.parametrize("reference", ["A0:E0", "A0", "", "A1:B2:C3", "1:5"])
def test_the_extent_that_a_sheet_declares_does_not_matter(tmp_path: Path, reference: str) -> None:
    sheet = f'<dimension ref="{reference}"/>{rows(NAMES, ROW)}'
    assert Clean(save(tmp_path / "a.xlsx", zipped(package(sheet)))).rows == [[*ROW, "2"]]


@pytest.mark.parametrize(
    "written",
    ['<c t="inlineStr"><v>SMS</v></c>', '<c t="inlineStr"><is><t>SMS</t></is><v>7</v></c>',
     '<c t="inlineStr"><is><t>SMS</t></is><v/></c>', '<c t="inlineStr"><v>7</v><is><t>SMS</t></is></c>'],
)  # fmt: skip
def test_a_text_within_a_cell_is_read_wherever_it_stands(tmp_path: Path, written: str) -> None:
    assert Clean(made(tmp_path / "a.xlsx", NAMES, ["a", AT, written], ["b", AT, 5])).column("Channel") == ["SMS", "5"]


def test_a_workbook_is_read_under_any_name(tmp_path: Path) -> None:
    assert Clean(made(tmp_path / "a.xls", NAMES, ROW)).rows == [[*ROW, "2"]]
    cells: list[foreign.Cell] = [(0, n, name) for n, name in enumerate(NAMES)]
    assert Clean(save(tmp_path / "b.xlsx", foreign.xls([*cells, (1, 0, "a"), (1, 1, AT)]))).rows == [["a", AT, "", "2"]]


# Merged cells --------------------------------------------------------------------------------------------------------

UNDER = "{} under a cell merged over several rows; its value was read in each of them"


def test_a_cell_merged_over_rows_gives_each_its_value_and_it_is_said(desk: Desk) -> None:
    lines = [("a", AT, "SMS"), ("b", AT, None), ("c", AT, None), ("d", AT, None)]
    report = desk.workbench.load(merged(desk.folder / "a.xlsx", "C2:C4", lines=lines))
    assert desk.columns("contact_id", "channel") == [("a", "SMS"), ("b", "SMS"), ("c", "SMS"), ("d", None)]
    assert UNDER.format("2 rows lie") in report.warnings


def test_a_merged_cell_gives_nothing_to_blank_rows_and_takes_nothing_away(tmp_path: Path) -> None:
    lines = [("a", AT, "SMS"), (None, None, None), ("c", AT, "CHAT"), ("d", AT, 7)]
    clean = Clean(merged(tmp_path / "a.xlsx", "A2:A3", "C2:C4", "B5:B9", lines=lines))
    assert [row[:3] for row in clean.rows] == [["a", AT, "SMS"], ["c", AT, "CHAT"], ["d", AT, "7"]]
    assert clean.found.warnings == ()


def test_a_header_of_two_rows_is_read_whole(tmp_path: Path) -> None:
    sheet = rows(("Contact ID", "Times", None), (None, "Queued At", "Ended At"), ("a", AT, AT))
    merges = '<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/></mergeCells>'
    clean = Clean(save(tmp_path / "a.xlsx", zipped(package(sheet + merges))))
    assert (clean.header[:3], clean.rows) == (["Contact ID", "Queued At", "Ended At"], [["a", AT, AT, "3"]])
    assert clean.found.warnings == ("1 row above the header left out",)


def test_a_cell_merged_over_columns_is_read_in_the_first_and_said(tmp_path: Path) -> None:
    clean = Clean(merged(tmp_path / "a.xlsx", "A3:B3", "C5:D5", lines=[ROW, ("b", None, "SMS"), ROW, ROW]))
    assert clean.rows[1] == ["b", "", "SMS", "3"]
    assert clean.found.warnings == (
        "1 cell is merged over several columns (the first in row 3), read in the first of them",
    )


def test_merged_cells_of_an_old_workbook_are_read_too(tmp_path: Path) -> None:
    cells: list[foreign.Cell] = [(0, n, name) for n, name in enumerate(NAMES)]
    cells += [(1, 0, "a"), (1, 1, AT), (1, 2, "SMS"), (2, 0, "b"), (2, 1, AT)]
    content = foreign.xls(cells, more=[(0x00E5, struct.pack("<5H", 1, 1, 2, 2, 2))])
    clean = Clean(save(tmp_path / "a.xls", content))
    assert (clean.column("Channel"), clean.found.warnings) == (["SMS", "SMS"], (UNDER.format("1 row lies"),))


# Hidden rows ---------------------------------------------------------------------------------------------------------


def hidden(path: Path, *numbers: int) -> Path:
    sheet = rows(NAMES, *LINES)
    for number in numbers:
        sheet = sheet.replace(f'<row r="{number}">', f'<row hidden="1" r="{number}">')
    return save(path, zipped(package(sheet)))


def test_hidden_rows_are_read_and_counted(desk: Desk) -> None:
    report = desk.workbench.load(hidden(desk.folder / "a.xlsx", 1, 3, 5))
    assert (report.rows_loaded, report.warnings[0]) == (4, "2 hidden rows were read like the others")


def test_one_hidden_row_is_one_and_a_hidden_title_is_none(tmp_path: Path) -> None:
    assert Clean(hidden(tmp_path / "a.xlsx", 5)).found.warnings == ("1 hidden row was read like the others",)
    assert Clean(hidden(tmp_path / "b.xlsx", 1)).found.warnings == ()


def test_hidden_rows_of_an_old_workbook_are_counted(tmp_path: Path) -> None:
    cells: list[foreign.Cell] = [(0, n, name) for n, name in enumerate(NAMES)]
    cells += [(1, 0, "a"), (1, 1, AT), (2, 0, "b"), (2, 1, AT)]
    flags = [(0x0208, struct.pack("<6HL", n, 0, 3, 255, 0, 0, flag)) for n, flag in ((0, 0x20), (1, 0x40), (2, 0x20))]
    clean = Clean(save(tmp_path / "a.xls", foreign.xls(cells, more=flags)))
    assert clean.found.warnings == ("1 hidden row was read like the others",)


# Numbers by their formats --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_1904", [False, True])
def test_negative_times_keep_their_sign_in_every_format(tmp_path: Path, is_1904: bool) -> None:
    lines = [[f"c{n}", AT, f'<c s="{n}"><v>-0.25</v></c>'] for n in range(1, len(FORMATS) + 1)]
    flag = '<workbookPr date1904="1"/>' * is_1904
    clean = Clean(made(tmp_path / "a.xlsx", TALK, *lines, styles=styled(*FORMATS), book=flag))
    assert [float(text) for text in clean.column("Talk Time")] == NEGATIVE


@pytest.mark.parametrize("number", [20, 21, 22, 45, 46, 47])
def test_negative_times_keep_their_sign_in_the_formats_that_every_workbook_has(tmp_path: Path, number: int) -> None:
    styles = f'<cellXfs><xf numFmtId="0"/><xf numFmtId="{number}"/></cellXfs>'
    file = made(tmp_path / "a.xlsx", TALK, ["a", AT, '<c s="1"><v>-0.25</v></c>'], styles=styles)
    assert Clean(file).column("Talk Time") == ["-21600"]


@pytest.mark.parametrize(
    "written",
    ["<c s='1'><v>-1.25</v></c>", '<c s="1"><f>B1-C1</f><v>-1.25</v></c>', '<c s="1" t="n"><v>-1.25E0</v></c>'],
)
def test_a_negative_time_of_days_is_read_however_it_is_written(tmp_path: Path, written: str) -> None:
    clean = Clean(made(tmp_path / "a.xlsx", TALK, ["a", AT, written], styles=styled("h:mm:ss")))
    assert clean.column("Talk Time") == ["-108000"]


def test_a_negative_time_of_a_prefixed_sheet_is_read(tmp_path: Path) -> None:
    sheet = (
        '<x:sheetData><x:row r="1"><x:c r="A1" t="str"><x:v>Contact ID</x:v></x:c><x:c r="B1" t="str"><x:v>Talk Time'
        '</x:v></x:c></x:row><x:row r="2"><x:c r="A2" t="str"><x:v>a</x:v></x:c><x:c r="B2" s="1"><x:v>-0.5</x:v></x:c>'
        "</x:row></x:sheetData>"
    )
    file = save(tmp_path / "a.xlsx", zipped(package(sheet, styles=styled("h:mm:ss"))))
    assert Clean(file).column("Talk Time") == ["-43200"]


def test_negative_times_of_an_old_workbook_keep_their_sign(tmp_path: Path) -> None:
    cells: list[foreign.Cell] = [(0, n, name) for n, name in enumerate(TALK)]
    for n in range(1, len(FORMATS) + 1):
        cells += [(n, 0, f"c{n}"), (n, 1, AT), (n, 2, -0.25, n)]
    short = struct.pack("<HHHL", 20, 2, 1, 0xBFE0_0000)  # -0.5, packed into four bytes
    whole = struct.pack("<HHHLHLH", 21, 1, 0, 2 | 7 << 2, 1, (-3 << 2 | 3) & 0xFFFFFFFF, 2)  # 7, and -0.03
    clean = Clean(
        save(tmp_path / "a.xls", foreign.xls(cells, formats=FORMATS, more=[(0x027E, short), (0x00BD, whole)]))
    )
    assert [float(text) for text in clean.column("Talk Time")] == [*NEGATIVE, -43200, -2592]


def test_a_length_of_time_is_no_number_of_another_column(desk: Desk) -> None:
    cells = ['<c s="1"><v>-0.25</v></c>', '<c s="1"><v>1.5</v></c>']
    names = ("Contact ID", "Queued At", "Times Offered", "Note")
    lines = [["a", AT, cells[0], 1], ["b", AT, cells[1], 1], ["c", AT, 1, cells[0]], ["d", AT, 1, cells[1]]]
    report = desk.workbench.load(made(desk.folder / "a.xlsx", names, *lines, styles=styled("[h]:mm:ss")))
    assert [(r["row"], r["value"]) for r in report.rejects] == [(2, "-06:00:00"), (3, "36:00:00")]
    assert desk.stored("select extra->>'Note' from gladly_contact_export order by contact_id") == [
        ("-06:00:00",), ("36:00:00",)
    ]  # fmt: skip


PADDED = "Contact ID: {} shown with zeros before them by their format, and read without"


def test_zeros_that_only_a_format_shows_are_said_where_ids_belong(tmp_path: Path) -> None:
    lines = [['<c s="1"><v>7</v></c>', AT, '<c s="1"><v>7</v></c>'], ['<c s="1"><v>12345</v></c>', AT, 1],
             ['<c s="1" t="str"><v>00123</v></c>', AT, 1], ['<c s="2"><v>12</v></c>', AT, 1],
             ['<c s="3"><v>1234</v></c>', AT, 1]]  # fmt: skip
    names = ("Contact ID", "Queued At", "Times Offered")
    clean = Clean(made(tmp_path / "a.xlsx", names, *lines, styles=styled("00000;-00000", "0", "000\\-00")))
    assert clean.column("Contact ID") == ["7", "12345", "00123", "12", "1234"]
    assert [warning.split(". ")[0] for warning in clean.found.warnings] == [PADDED.format("2 numbers are")]


def test_zeros_that_a_format_of_an_old_workbook_shows_are_said(tmp_path: Path) -> None:
    cells: list[foreign.Cell] = [(0, n, name) for n, name in enumerate(NAMES)]
    cells += [(1, 0, 9999.0, 1), (1, 1, AT), (2, 0, 10000.0, 1), (2, 1, AT)]
    clean = Clean(save(tmp_path / "a.xls", foreign.xls(cells, formats=["00000"])))
    assert [warning.split(". ")[0] for warning in clean.found.warnings] == [PADDED.format("1 number is")]


@pytest.mark.parametrize(("is_1904", "days"), [(True, 43894.5), (False, 45356.5), (None, 45356.5)])
def test_plain_numbers_of_an_old_workbook_are_dates_by_its_date_system(
    tmp_path: Path, is_1904: bool | None, days: float
) -> None:
    cells: list[foreign.Cell] = [(0, 0, "Contact ID"), (0, 1, "Queued At"), (1, 0, "a"), (1, 1, days)]
    clean = Clean(save(tmp_path / "a.xls", foreign.xls(cells, is_1904=is_1904)))
    assert clean.column("Queued At") == ["2024-03-05 12:00:00"]
    said = ", by the date system of 1900: the file does not say which" if is_1904 is None else ""
    assert clean.found.warnings == (f"Queued At: 1 plain numbers were read as dates{said}",)


def test_a_small_old_workbook_is_read_like_a_large_one(tmp_path: Path) -> None:
    cells: list[foreign.Cell] = [(0, 0, "Contact ID"), (0, 1, "Queued At"), (1, 0, "a"), (1, 1, 43894.5)]
    content = foreign.small(foreign.xls(cells, is_1904=True))
    assert len(content) < 4096
    assert Clean(save(tmp_path / "a.xls", content)).column("Queued At") == ["2024-03-05 12:00:00"]


def test_whole_numbers_of_an_old_workbook_are_dates_too(tmp_path: Path) -> None:
    cells: list[foreign.Cell] = [(0, 0, "Contact ID"), (0, 1, "Queued At"), (1, 0, "a"), (2, 0, "b")]
    days = [(0x027E, struct.pack("<HHHL", n, 1, n - 1, 45356 << 2 | 2)) for n in (1, 2)]
    clean = Clean(save(tmp_path / "a.xls", foreign.xls(cells, formats=["yyyy-mm-dd"], more=days, is_1904=False)))
    assert clean.column("Queued At") == ["2024-03-05 00:00:00"] * 2
    assert clean.found.warnings == ("Queued At: 1 plain numbers were read as dates",)


# Dates beside texts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["3/13/2024 10:00", "13.3.24", " 03-13-2024"])
@pytest.mark.parametrize("real", [datetime(2024, 8, 3, 10), 45507.5])
def test_real_dates_beside_texts_of_day_and_month_are_asked_about(tmp_path: Path, real: object, text: str) -> None:
    file = book(tmp_path / "a.xlsx", NAMES, ["a", real, "SMS"], ["b", text, "SMS"])
    with pytest.raises(ChoiceNeeded, match=r"Queued At: 1 real date beside texts such as .*--date-order") as asked:
        Clean(file)
    assert asked.value.option == "--date-order"


def test_real_dates_stay_as_they_are_once_the_order_is_said_and_the_doubt_stays_said(desk: Desk) -> None:
    file = book(desk.folder / "a.xlsx", NAMES, ["a", datetime(2024, 8, 3, 10), "SMS"], ["b", "3/13/2024 10:00", "SMS"])
    report = desk.workbench.load(file, date_order="mdy", file_timezone="UTC")
    assert desk.columns("queued_at") == [(datetime(2024, 8, 3, 10),), (datetime(2024, 3, 13, 10),)]
    assert any("it may have changed day and month" in warning for warning in report.warnings)


def test_real_dates_beside_texts_that_say_their_order_are_not_asked_about(tmp_path: Path) -> None:
    lines = [
        ["a", datetime(2024, 8, 3, 10), "3/13/2024"],
        ["b", "2024-03-13 10:00", "SMS"],
        ["c", "13 Mar 2024", "SMS"],
    ]
    assert len(Clean(book(tmp_path / "a.xlsx", NAMES, *lines)).rows) == 3


# Hidden sheets -------------------------------------------------------------------------------------------------------

HIDDEN = "The sheet 'Export' is hidden, and was read: no other one holds the report"


def with_sheets(path: Path, state: str, *lines: Sequence[object]) -> Path:
    """Write a workbook of a sheet that is shown, with these rows, and one that is in this state, with a report."""
    workbook = openpyxl.Workbook()
    for line in lines:
        workbook.active.append(line)
    sheet = workbook.create_sheet("Export")
    sheet.append(NAMES)
    sheet.append(ROW)
    sheet.sheet_state = state
    workbook.save(path)
    return path


@pytest.mark.parametrize(("state", "said"), [("visible", ()), ("hidden", (HIDDEN,)), ("veryHidden", (HIDDEN,))])
def test_a_hidden_sheet_that_alone_holds_a_report_is_read_and_said(
    tmp_path: Path, state: str, said: tuple[str, ...]
) -> None:
    file = with_sheets(tmp_path / "a.xlsx", state, ("Some", "notes"))
    assert (Clean(file).rows, Clean(file).found.warnings) == ([[*ROW, "2"]], said)
    assert Clean(file, sheet="Export").found.warnings == ()


def test_a_report_on_a_hidden_sheet_and_one_that_is_shown_are_asked_about(tmp_path: Path) -> None:
    file = with_sheets(tmp_path / "a.xlsx", "hidden", NAMES, ("b", AT, "SMS"))
    with pytest.raises(ChoiceNeeded, match=r"Sheet, Export"):
        Clean(file)


def test_a_hidden_sheet_is_said_of_other_workbooks_too(tmp_path: Path) -> None:
    cells = [(row, column, value) for row, line in enumerate((NAMES, ROW)) for column, value in enumerate(line)]
    style = (
        '<office:automatic-styles><style:style xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
        ' style:name="ta2"><style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    )
    document = foreign.ods_document(foreign.ods_rows(NAMES, ROW)).replace("<office:body>", f"{style}<office:body>")
    shown = document.replace('table:name="Sheet1"', 'table:name="Export" table:style-name="ta1"')
    for is_hidden in (False, True):
        content = shown.replace("ta1", "ta2") if is_hidden else shown
        ods = zipped([Part("mimetype", foreign.ODS), Part("content.xml", content.encode())])
        xlsb = zipped(foreign.xlsb(cells, is_hidden=is_hidden))
        for name, made_of in (("a.xls", foreign.xls(cells, is_hidden=is_hidden)), ("a.xlsb", xlsb), ("a.ods", ods)):
            clean = Clean(save(tmp_path / name, made_of))
            assert clean.rows == [[*ROW, "2"]]
            assert [warning for warning in clean.found.warnings if "sheet" in warning] == [HIDDEN] * is_hidden
