"""The workbook that is handed over, reopened: figures, charts, tables, formats, and checks calculated anew."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.builders import Desk, contact
from tests.workbook.office import recalculated
from tests.workbook.opened import figures, files, in_this_process, opened, said, table, total
from tests.workbook.strict import complaints
from workbench import Workbench, workbook
from workbench.ask.logs import Page
from workbench.progress import Progress
from workbench.reports import REPORTS, Tile
from workbench.workbook import packs, rows, tables
from workbench.workbook.back import AGREE
from workbench.workbook.plan import NUMBER_FORMATS
from workbench.workbook.sheets import Book

DAYS = {"start": "2026-10-20", "end": "2026-11-02"}
ASKED: dict[str, dict[str, Any]] = {
    "inbound_contacts": {"rollup": "week", "compare": "preceding"},
    "contact_export": {"compare": "matching", "channel": ["PHONE_CALL", "EMAIL"]},
    "workload": {"rollup": "half_hour", "compare": "matching", "channel": ["PHONE_CALL"]},
    "repeat_contacts": {"within_days": 3, "compare": "preceding"},
    "conversations": {"by": "opened", "rollup": "week", "compare": "preceding"},
    "contacts": {"rollup": "week"},
    "assignments": {"source": "User", "compare": "preceding"},
    "messaging_overview": {"currency": "USD", "window_days": 14, "touch": "first"},
    "team_engagement": {"rollup": "month", "currency": "USD"},
}
# How many charts a tile of each shape has.
CHARTS = {"bar_and_pie": 2, "heat_map": 0, "metrics": 0, "table": 0, "log": 0}


@pytest.fixture(scope="module")
def books(sample: Workbench, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A workbook of every report, made when it is asked for first."""
    folder = tmp_path_factory.mktemp("books")

    class Books(dict[str, Path]):
        def __missing__(self, name: str) -> Path:
            self[name] = sample.report(name, **DAYS, **ASKED[name]).to_excel(folder / f"{name}.xlsx")
            return self[name]

    return Books()


def shown(sample: Workbench, name: str) -> list[Tile]:
    return packs.shown_tiles(sample.report(name, **DAYS, **ASKED[name]).question)


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.few
def test_excel_has_nothing_to_repair(books: dict[str, Path], name: str) -> None:
    assert complaints(books[name]) == []


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.few
def test_every_check_agrees_when_another_program_calculates_it(
    books: dict[str, Path], tmp_path: Path, name: str
) -> None:
    found, stored = checks(recalculated(books[name], tmp_path)), checks(books[name])
    assert {agrees for _, _, _, _, agrees, _ in found if agrees} == {AGREE}
    assert found == stored  # what is shown where nothing is calculated
    assert {row[5].partition(":")[0] for row in found if not row[4]} == {"Not checked"}


def checks(path: Path) -> list[list[Any]]:
    """Return the lines of the checks as they were calculated last, numbers to nine digits."""
    lines = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Checks").to_python()
    start = next(n for n, row in enumerate(lines) if row[0] == "Report")
    return [[_rounded(value) for value in row[:6]] for row in lines[start + 1 :] if row[1]]


def _rounded(value: Any) -> Any:
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    return float(f"{seconds:.9g}") if isinstance(seconds, int | float) else seconds


def test_a_row_that_is_changed_makes_a_check_differ(desk: Desk, tmp_path: Path) -> None:
    desk.load(*(contact(contact_id=f"c{n}", talk_seconds=str(n)) for n in (1, 5, 30)), contact(contact_id="c4"))
    book = opened(desk.workbench.report("contact_export").to_excel(tmp_path / "pack.xlsx"))
    header, _ = table(book["Contacts"])
    book["Contacts"].cell(2, header.index("Talk time (seconds)") + 1).value = 31
    book.save(tmp_path / "changed.xlsx")
    (tmp_path / "calculated").mkdir()
    path = recalculated(tmp_path / "changed.xlsx", tmp_path / "calculated")
    assert [row[1] for row in checks(path) if row[4] == "differs"] == ["Average talk time"]


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.few
def test_charts_tables_and_colours_are_those_of_the_page(sample: Workbench, books: dict[str, Path], name: str) -> None:
    book, tiles = opened(books[name]), shown(sample, name)
    asked = sample.report(name, **DAYS, **ASKED[name])
    one = [tile for tile in tiles if tile.shape in ("bar", "bar_and_pie") and len(asked.tile(tile.name)) == 1]
    wanted = sum(CHARTS.get(tile.shape, 1) for tile in tiles if tile not in one)
    assert len(book["Summary"]._charts) == wanted
    assert [sheet.title for sheet in book if sheet.tables] == [
        tile.sheet or tile.title for tile in tiles if tile.shape != "metrics"
    ]
    for tile in tiles:
        if tile.shape == "metrics":
            continue
        sheet = book[tile.sheet or tile.title]
        rules = [rule.type for found in sheet.conditional_formatting for rule in found.rules]
        parts = [each for each in tile.drawn if is_part(name, each)]
        heat = ["colorScale"] * 2 if tile.shape == "heat_map" else []
        bars = ["dataBar"] * (0 if heat else len(tile.drawn) - len(parts))
        assert Counter(rules) == Counter([*bars, *["colorScale"] * len(parts), *heat])


@pytest.mark.parametrize(
    ("name", "title", "across", "down"),
    [("workload", "Week by half hour", "Monday", "00:30"), ("contact_export", "Hour of the week", "01:00", "Tuesday")],
)
def test_a_heat_map_has_its_shorter_side_across(
    books: dict[str, Path], name: str, title: str, across: str, down: str
) -> None:
    sheet = opened(books[name])[title]
    (ref,) = (found.ref for found in sheet.tables.values())
    header = sheet[ref][0]
    beside = sheet[header[0].row][header[-1].column :]
    first = next(cell for cell in beside if cell.value in ("Monday", "00:00"))
    assert across in {cell.value for cell in beside}
    assert down in {sheet.cell(first.row + n, first.column - 1).value for n in range(1, 49)}


def is_part(name: str, metric: str) -> bool:
    return bool(REPORTS[name].metric(metric).part_of)


def test_a_sheet_has_the_words_numbers_and_dates_of_the_page(books: dict[str, Path]) -> None:
    book = opened(books["contact_export"])
    _, lines = table(book["Channel"])
    assert [line[0] for line in lines] == ["Voice (phone call)", "Email"]
    assert [book["Channel"]["C6"].number_format, book["Channel"]["D6"].number_format] == [
        "0.0 %",
        '[<0]-0.0000" d";[h]:mm:ss',
    ]
    _, lines = table(book["Status"])
    assert "Answered" in [line[0] for line in lines]
    hours = table(book["Hour of the week"])[1]
    assert (hours[0][:2], len(hours)) == (["Monday", "00:00"], 168)
    _, lines = table(book["Wait over time"])
    assert lines[0][0] == datetime(2026, 10, 20)


def test_a_fall_is_said_without_a_sign(books: dict[str, Path]) -> None:
    words = [str(figure["In words"]) for figure in figures(opened(books["contact_export"])["Summary"]).values()]
    assert any(", down " in text for text in words)
    assert not any("down −" in text for text in words)


def test_a_quarter_is_a_text_and_other_periods_are_dates(sample: Workbench, tmp_path: Path) -> None:
    for rollup, first, pattern in (
        ("quarter", "Q4 2026", "General"), ("month", datetime(2026, 10, 1), "mmm yyyy"),
        ("week", datetime(2026, 10, 19), '"Week of "d mmm yyyy'), ("hour", datetime(2026, 10, 20), "d mmm yyyy, hh:mm"),
    ):  # fmt: skip
        report = sample.report("inbound_contacts", **DAYS, rollup=rollup)
        tile = report.question.report.tile("by_period")
        path = workbook.write(report.question, tmp_path / f"{rollup}.xlsx", tile).path
        sheet = opened(path)["Contacts over time"]
        (ref,) = (found.ref for found in sheet.tables.values())
        cell = sheet[ref][1][0]
        assert (cell.value, cell.number_format) == (first, pattern)


def test_the_last_row_is_computed_from_rows_and_adds_up_only_where_that_is_true(
    sample: Workbench, books: dict[str, Path]
) -> None:
    asked = sample.report("inbound_contacts", **DAYS, **ASKED["inbound_contacts"])
    (totals,) = asked.tile("totals").to_dict("records")
    last = total(opened(books["inbound_contacts"])["Channel"])
    assert (last["Channel"], last["Share"]) == ("Total", 1)
    assert last["Customers"] == totals["customers"] < asked.tile("by_channel")["customers"].sum()
    assert last["Contacts per customer"] == pytest.approx(totals["avg_inbound_contacts_per_customer"])
    assert last["Customers, change"] == totals["customers_change"]


def test_raw_seconds_and_details_are_collapsed_at_the_right(books: dict[str, Path]) -> None:
    sheet = opened(books["contact_export"])["Channel"]
    header, _ = table(sheet)
    hidden = [sheet.column_dimensions[cell.column_letter].hidden for cell in sheet["A4":"Z4"][0][: len(header)]]
    assert hidden == sorted(hidden)
    assert [label for label, is_hidden in zip(header, hidden, strict=True) if not is_hidden] == [
        "Channel", "Contacts", "Share", "Median wait", "90 % waited at most", "SLA attainment", "Contacts, before",
        "Contacts, change", "Contacts, change in %",
    ]  # fmt: skip
    assert {label for label in header if label.endswith("(seconds)")} > {"Median wait (seconds)"}


@pytest.mark.parametrize(
    ("name", "label", "text"),
    [
        ("messaging_overview", "Credited", "Orders credited to the first message within 14 days"),
        ("messaging_overview", "Money", "Revenue in USD"),
        ("messaging_overview", "Currency", "USD"),
        ("inbound_contacts", "Customers", "After customer merges"),
        ("inbound_contacts", "Compared with", "6 to 19 Oct 2026"),
        ("inbound_contacts", "By", "Week, weeks begin on Monday"),
        ("contact_export", "Channel", "Voice (phone call), Email"),
        ("assignments", "Source", "User"),
    ],
)
def test_the_cover_says_every_setting_that_changes_a_number(
    books: dict[str, Path], name: str, label: str, text: str
) -> None:
    assert dict(said(opened(books[name])["Cover"]))[label] == text


def test_the_command_on_the_cover_asks_the_same_again(sample: Workbench) -> None:
    selection = {"channel": ["CHAT", None], "pin": ["inbox=Stores"], "compare": "preceding", "as_exported": True}
    question = sample.report("inbound_contacts", **DAYS, **selection).question
    assert workbook.command(question) == (
        "contact-workbench export inbound_contacts --from 2026-10-20 --to 2026-11-02 --compare 2026-10-06..2026-10-19"
        " --as-exported --where channel=CHAT --where channel= --pin inbox=Stores --to inbound_contacts.xlsx"
    )


def test_pages_are_printed_as_promised(books: dict[str, Path]) -> None:
    book = opened(books["contact_export"])
    for sheet in book:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.oddFooter.right.text) == (1, "Page &P of &N")
    short = ["Cover", "Summary", "Channel", "Status", "Wait over time", "Wait changes by entry point"]
    assert [book[name].page_setup.fitToHeight for name in short] == [1] * 6
    assert book["Hour of the week"].page_setup.fitToHeight == 0
    assert (book["Channel"].print_title_rows, book["Contacts"].print_title_rows) == ("$4:$4", "$1:$1")


ODD = {
    "=1+1": "=1+1", "+1": "+1", " =1": " =1", "_x0041_": "_x0041_", "a&b<c>\"'": "a&b<c>\"'",
    "\U0001f600": "\U0001f600",
    "\u05e9\u05dc\u05d5\u05dd": "\u05e9\u05dc\u05d5\u05dd", "two\nlines\r\tand a tab": "two\nlines\r\tand a tab",
    "\ufffe\uffff\x07": "\ufffd" * 3, "00123": "00123", "1234567890123456": "1234567890123456", " blank ": " blank ",
    "]]>": "]]>", "\U0001f600" * 20_000: "\U0001f600" * 16_383, "x" * 32_767: "x" * 32_767,
}  # fmt: skip


@pytest.mark.parametrize("tile", ["log", "by_entry_point"])
def test_every_text_survives_in_a_log_and_in_a_tile_or_is_reported(desk: Desk, tile: str) -> None:
    desk.load(*(contact(contact_id=f"{n:02}") for n in range(len(ODD))))
    for n, text in enumerate(ODD):
        desk.workbench.workspace.keep(
            "update gladly_contact_export set entry_point = ? where contact_id = ?", [text, f"{n:02}"]
        )
    question = desk.workbench.report("contact_export").question
    columns = ("contact_id", "entry_point") if tile == "log" else ()
    made = workbook.prepare(
        workbook.Export(
            question, question.report.tile(tile), page=Page("contact_id" if columns else "", columns=columns)
        ),
        Progress(),
    )
    assert complaints(made.path) == []
    sheet = CalamineWorkbook.from_path(str(made.path)).get_sheet_by_index(1).to_python(skip_empty_area=False)
    found = [row[1 if columns else 0] for row in sheet if row[0] not in ("", "Total")]
    assert set(ODD.values()) <= {*found}
    told = dict(said(opened(made.path)["Data quality"]))
    assert told["Replaced characters"].endswith(": 1")
    assert told["Shortened"].endswith(": 1")


def test_times_before_excels_are_texts_and_reported(desk: Desk) -> None:
    desk.load(contact(contact_id="a", ended_at="2024-03-05 11:00:00"))
    for day in ("1899-12-31 10:00:00", "1900-02-28 10:00:00"):
        desk.workbench.workspace.keep("update gladly_contact_export set ended_at = ?::timestamp", [day])
        question = desk.workbench.report("contact_export").question
        page = Page(columns=("contact_id", "ended_at"))
        path = workbook.prepare(workbook.Export(question, question.report.log, page=page), Progress()).path
        assert table(opened(path)["Contacts"])[1] == [["a", day]]
        assert dict(said(opened(path)["Data quality"]))["Old dates"].endswith(": 1")


def test_a_link_is_a_link_and_what_is_none_stays_text(desk: Desk) -> None:
    addresses = ["https://a.example/x?a=1&b=2#c", "javascript:alert(1)", "http://a b", "https://\u00e4.example"]
    desk.load(*(contact(contact_id=f"{n}", conversation_link=url) for n, url in enumerate(addresses)))
    question = desk.workbench.report("contact_export").question
    page = Page("contact_id", columns=("contact_id", "conversation_link"))
    path = workbook.prepare(workbook.Export(question, question.report.log, page=page), Progress()).path
    cells = [row[1] for row in opened(path)["Contacts"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == addresses
    assert [cell.hyperlink and cell.hyperlink.target for cell in cells] == [addresses[0], None, None, None]


@pytest.mark.long
def test_links_beyond_what_a_sheet_holds_are_texts_and_reported(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_this_process(monkeypatch)
    monkeypatch.setattr(rows, "MOST_LINKS", 2)
    monkeypatch.setattr(rows, "MOST_ROWS", 3)
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    desk.load(*(contact(contact_id=f"{n}", conversation_link=f"https://a.example/{n}") for n in range(7)))
    path = desk.workbench.report("contact_export").to_excel(tmp_path / "pack.xlsx")
    book = opened(path)
    sheets = [book[name] for name in ("Contacts 1", "Contacts 2", "Contacts 3")]
    assert [len(table(sheet)[1]) for sheet in sheets] == [3, 3, 1]
    assert [sum(bool(cell.hyperlink) for row in sheet.iter_rows() for cell in row) for sheet in sheets] == [2, 2, 1]
    assert dict(said(book["Data quality"]))["Links as texts"].endswith(": 2")
    assert complaints(path) == []
    (tmp_path / "calculated").mkdir()
    found = checks(recalculated(path, tmp_path / "calculated"))
    assert {row[4] for row in found if row[4]} == {AGREE}
    reasons = {row[1]: row[5] for row in found if not row[4]}
    assert "several sheets" in reasons["Median wait"]


def test_two_sheets_never_have_one_name() -> None:
    book = Book()
    names = ["Contacts", "contacts", "History", "a/b", "x" * 40, "x" * 40, "'quoted'", "", "Contacts 2"]
    found = [book.sheet(name).title for name in names]
    assert found == [
        "Contacts", "contacts 2", "History 2", "a b", "x" * 31, "x" * 29 + " 2", "quoted", "Sheet", "Contacts 2 2",
    ]  # fmt: skip


def test_every_tile_has_a_whole_name_for_its_sheet() -> None:
    tiles = [tile for report in REPORTS.values() for tile in report.tiles]
    assert [tile.title for tile in tiles if len(tile.sheet or tile.title) > 31] == []


def test_a_page_that_nothing_matches_is_a_workbook_all_the_same(desk: Desk, tmp_path: Path) -> None:
    desk.load(contact())
    for name, selection in (("contact_export", {"agent": "nobody"}), ("contact_export", {"start": "2024-04-01"})):
        path = desk.workbench.report(name, **selection).to_excel(tmp_path / "pack.xlsx")
        assert complaints(path) == []
        (tmp_path / "calculated").mkdir(exist_ok=True)
        assert {row[4] for row in checks(recalculated(path, tmp_path / "calculated")) if row[4]} == {AGREE}


def test_a_summary_has_what_a_comparison_brings_with_one_alone(desk: Desk, tmp_path: Path) -> None:
    desk.load(contact(), contact(queued_at="2024-03-06 10:00:00"))
    for compare, labels in (
        (None, ["Metric", "Now", "Rests on", "In words", None, None, None]),
        ("preceding", ["Metric", "Now", "Before", "Change", "Change in %", "Rests on", "In words"]),
    ):
        report = desk.workbench.report("contact_export", start="2024-03-06", end="2024-03-06", compare=compare)
        sheet = opened(report.to_excel(tmp_path / "pack.xlsx"))["Summary"]
        found = figures(sheet)["Contacts"]
        assert [*found] == list(dict.fromkeys(labels))
        assert (found["Now"], found["Rests on"], found.get("Before")) == (1, 1, compare and 1)
        assert str(found["In words"]).startswith("1")


def test_the_source_files_are_on_the_cover_with_their_hashes(desk: Desk, tmp_path: Path) -> None:
    desk.load(contact(), contact(contact_id="b", queued_at="never"))
    book = opened(desk.workbench.report("inbound_contacts").to_excel(tmp_path / "pack.xlsx"))
    ((_, _, load, _, read, kept, rejected, sha256),) = files(book["Cover"])
    assert (load, read, kept, rejected, len(sha256)) == (1, 2, 1, 1, 64)
    assert any("1 rejected" in text for _, text in said(book["Data quality"]))
    assert figures(book["Summary"])["Inbound contacts"]["Now"] == 1


def test_one_day_is_a_point_and_a_breakdown_of_one_value_has_no_chart(desk: Desk, tmp_path: Path) -> None:
    desk.load(contact(), contact())
    book = opened(desk.workbench.report("contact_export").to_excel(tmp_path / "pack.xlsx"))
    wait, level = book["Summary"]._charts  # none of the one channel, nor of the one status
    for drawing in (wait, level):
        assert (type(drawing).__name__, {series.marker.symbol for series in drawing.series}) == ("LineChart", {None})
    desk.load(contact(queued_at="2024-03-06 10:00:00", queued_to_fulfilled_seconds="9", channel="SMS"))
    book = opened(desk.workbench.report("contact_export").to_excel(tmp_path / "pack.xlsx"))
    wait, *channels, level = book["Summary"]._charts
    assert {series.marker.symbol for series in wait.series} == {"circle"}
    assert [type(drawing).__name__ for drawing in (*channels, level)] == ["BarChart", "DoughnutChart", "LineChart"]


@pytest.mark.parametrize("name", ["contact_export", "team_engagement"])
def test_no_time_of_a_log_is_too_long_for_its_column(books: dict[str, Path], name: str) -> None:
    for sheet in [opened(books[name])[log.sheet or log.title] for log in REPORTS[name].logs]:
        spans = [(each.min, each.max, each.width) for each in sheet.column_dimensions.values()]
        widths = {n: width for first, last, width in spans for n in range(first, last + 1)}
        times = [cell.column for cell in sheet[2] if cell.number_format == NUMBER_FORMATS["timestamp"]]
        assert times
        assert min(widths[column] for column in times) > len("30 Sep 2026 16:11:28")
