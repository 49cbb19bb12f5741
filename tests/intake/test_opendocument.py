"""An OpenDocument spreadsheet gives the rows that the same table gives as .xlsx."""

from pathlib import Path

import pytest

from tests.builders import Desk
from tests.intake.foreign import ODS, Part, ods, ods_document, ods_rows, save, zipped
from tests.intake.test_oddities import check_said
from tests.intake.test_spreadsheets import NAMES, ROW, Clean, made
from workbench.errors import ChoiceNeeded

TALK = ("Contact ID", "Queued At", "Talk Time")
AT = "2024-03-05 10:00:00"


def typed(kind: str, value: str, shown: str = "", more: str = "") -> str:
    """Return a cell of an .ods that says its value for programs."""
    name = {"float": "value", "percentage": "value", "currency": "value"}.get(kind, f"{kind}-value")
    text = f"<text:p>{shown}</text:p>" if shown else ""
    return f'<table:table-cell {more} office:value-type="{kind}" office:{name}="{value}">{text}</table:table-cell>'


def an_ods(path: Path, *sheets: str) -> Path:
    return save(path, ods(*sheets))


def test_an_ods_is_read_with_every_type(tmp_path: Path) -> None:
    names = (*TALK, "Times Offered", "Ended At", "Payment Amount - Completed (USD)", "flag")
    lines = [
        ["a", typed("date", "2024-03-05T10:00:01"), typed("time", "-PT06H00M00S"), 3, typed("date", "2024-03-06"),
         typed("currency", "1.5", "$1.50"), typed("boolean", "true")],
        ["b", typed("date", "2024-03-05"), typed("time", "P1DT12H15M00.5S"), typed("percentage", "0.5"), 45356.5,
         typed("float", "-2"), typed("string", "x", "y")],
    ]  # fmt: skip
    clean = Clean(an_ods(tmp_path / "a.ods", ods_rows(names, *lines)))
    assert clean.rows == [
        ["a", "2024-03-05 10:00:01", "-21600", "3", "2024-03-06 00:00:00", "1.5", "TRUE", "2"],
        ["b", "2024-03-05 00:00:00", "130500.5", "0.5", "2024-03-05 12:00:00", "-2", "x", "3"],
    ]  # fmt: skip
    assert clean.found.encoding == "ods"


def test_texts_of_an_ods_are_those_that_are_shown(tmp_path: Path) -> None:
    written = (
        "<table:table-cell><office:annotation><text:p>a note</text:p></office:annotation>\n <text:p>one<text:s "
        'text:c="2"/>two<text:tab/><text:span>thr</text:span>ee</text:p> <text:p>four<text:line-break/>&amp;</text:p>'
        "</table:table-cell>"
    )
    clean = Clean(an_ods(tmp_path / "a.ods", ods_rows(NAMES, ["a", AT, written])))
    assert clean.column("Channel") == ["one  two\tthree\nfour\n&"]


def test_rows_and_cells_of_an_ods_are_repeated_and_blank_ones_at_the_end_cost_nothing(tmp_path: Path) -> None:
    far = '<table:table-cell table:number-columns-repeated="16381"/>'
    twice = typed("string", "x", more='table:number-columns-repeated="2"')
    sheet = ods_rows((*NAMES, "A", "B", far), ["a", AT, "<table:table-cell/>", twice, far])
    sheet += ods_rows(["b", AT, None, None, "y"]).replace("row>", 'row table:number-rows-repeated="2">', 1)
    sheet += f'<table:table-row table:number-rows-repeated="1048571">{far}</table:table-row>'
    assert Clean(an_ods(tmp_path / "a.ods", sheet)).rows == [
        ["a", AT, "", "x", "x", "2"], ["b", AT, "", "", "y", "3"], ["b", AT, "", "", "y", "4"],
    ]  # fmt: skip


def test_merged_hidden_and_padded_cells_of_an_ods_are_said(tmp_path: Path) -> None:
    over = typed("string", "SMS", more='table:number-rows-spanned="2"')
    sheet = ods_rows(NAMES, [typed("float", "7", "007"), AT, over], ["b", AT, "<table:covered-table-cell/>"])
    sheet += ods_rows(["c", AT, "CHAT"]).replace("row>", 'row table:visibility="filter">', 1)
    clean = Clean(an_ods(tmp_path / "a.ods", sheet))
    assert clean.column("Channel") == ["SMS", "SMS", "CHAT"]
    check_said(clean)


def test_errors_and_formulas_of_an_ods_are_rejected_or_said(desk: Desk) -> None:
    error = typed("string", "", "#N/A", 'calcext:value-type="error"')
    formula = '<table:table-cell table:formula="of:=NOW()"/>'
    sheet = ods_rows(("Contact ID", "Queued At", "Times Offered"), ["a", AT, error], ["b", AT, formula])
    report = desk.workbench.load(an_ods(desk.folder / "a.ods", sheet))
    assert [(r["row"], r["value"]) for r in report.rejects] == [(2, "#N/A")]
    assert any("1 cell holds a formula that was never calculated" in warning for warning in report.warnings)


def test_of_the_sheets_of_an_ods_the_one_that_holds_a_report_is_read(tmp_path: Path) -> None:
    report, notes = ods_rows(NAMES, ROW), ods_rows(["Some", "notes"])
    assert Clean(an_ods(tmp_path / "a.ods", notes, report)).rows == [[*ROW, "2"]]
    file = an_ods(tmp_path / "b.ods", report, ods_rows(NAMES, ("b", AT, "SMS")))
    with pytest.raises(ChoiceNeeded, match="Sheet1, Sheet2"):
        Clean(file)
    assert Clean(file, sheet="Sheet2").column("Contact ID") == ["b"]


def test_an_ods_is_read_out_of_an_archive_and_under_any_name(desk: Desk) -> None:
    content = ods(ods_rows(NAMES, ROW))
    assert desk.workbench.load(save(desk.folder / "a.xlsx", content)).rows_loaded == 1
    assert desk.workbench.load(save(desk.folder / "a.zip", zipped([Part("a.ods", content)]))).rows_unchanged == 1


def test_an_ods_gives_the_rows_that_the_same_table_as_xlsx_gives(desk: Desk) -> None:
    lines = [[f"c{n}", AT, n * 1.5, n] for n in range(5)]
    names = (*TALK, "Times Offered")
    assert desk.workbench.load(an_ods(desk.folder / "a.ods", ods_rows(names, *lines))).rows_loaded == 5
    assert desk.workbench.load(made(desk.folder / "b.xlsx", names, *lines)).rows_unchanged == 5


def test_a_sheet_of_another_file_is_none_of_this_one(tmp_path: Path) -> None:
    copied = '<table:table-source table:table-name="Export"/>' + ods_rows(NAMES, ("x", AT, "SMS"))
    assert Clean(an_ods(tmp_path / "a.ods", ods_rows(NAMES, ROW), copied)).rows == [[*ROW, "2"]]


def test_numbers_of_days_count_from_the_day_that_an_ods_says(tmp_path: Path) -> None:
    null = '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    content = ods_document(ods_rows(NAMES, ["a", 43894.5, "SMS"])).replace("<table:table ", f"{null}<table:table ", 1)
    file = save(tmp_path / "a.ods", zipped([Part("mimetype", ODS), Part("content.xml", content.encode())]))
    assert Clean(file).column("Queued At") == ["2024-03-05 12:00:00"]


def test_a_length_of_time_that_is_shown_as_a_date_is_not_guessed(desk: Desk) -> None:
    cells = [typed("date", "1899-12-30T06:00:00"), typed("time", "PT6H")]
    report = desk.workbench.load(an_ods(desk.folder / "a.ods", ods_rows(TALK, *(["a", AT, cell] for cell in cells))))
    assert [(r["row"], r["value"]) for r in report.rejects] == [(2, "1899-12-30T06:00:00")]
    assert desk.columns("talk_seconds") == [(21600,)]


def test_the_text_of_a_drawing_is_no_text_of_its_cell(tmp_path: Path) -> None:
    drawing = (
        '<draw:frame xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"><text:p>x</text:p></draw:frame>'
    )
    written = f"<table:table-cell>{drawing}<text:p>SMS</text:p></table:table-cell>"
    assert Clean(an_ods(tmp_path / "a.ods", ods_rows(NAMES, ["a", AT, written]))).column("Channel") == ["SMS"]


def test_blank_rows_and_cells_between_others_of_an_ods_keep_the_places_of_what_follows(tmp_path: Path) -> None:
    blank = '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
    gap = '<table:table-cell table:number-columns-repeated="2"/>'
    sheet = ods_rows((*NAMES, "Note"), ROW) + blank + ods_rows(["b", gap, "x"])
    assert Clean(an_ods(tmp_path / "a.ods", sheet)).rows == [[*ROW, "", "2"], ["b", "", "", "x", "6"]]
