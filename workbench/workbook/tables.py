"""The sheet of a tile: its rows as an Excel table, drawn as on the page, what they come to, and what charts show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from openpyxl.cell import Cell
from openpyxl.formatting.rule import ColorScale, DataBar, FormatObject, Rule
from openpyxl.styles import Alignment
from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from workbench.reports.own import SECONDS
from workbench.workbook.plan import NUMBER_FORMATS, SECONDS_A_DAY, Chart, Column, Grid, Table, View
from workbench.workbook.rows import MOST_ROWS, Changed, Rows, Stretch
from workbench.workbook.sheets import (
    ABOVE,
    BOLD,
    HEADING,
    NARROWEST,
    ON_ONE_PAGE,
    QUIET,
    WIDEST,
    Book,
    look,
    printed,
    widen,
    wrap,
)

MOST_LETTERS = 255  # of a table's header
STYLE = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
GRID_WIDTH = 5.5
LENGTHS = {"text": 24, "link": 24, "timestamp": len("30 Sep 2026 16:11:28")}  # of values that are not looked at
WORDS = ("text", "enum", "link", "timestamp", "date")  # formats of what stands at the left


Drawn = tuple[Chart, Worksheet, int, int]  # a chart, and the sheet, header's row and first column of its numbers


@dataclass
class Placed:
    """Where a table came to stand: its sheets with the number of rows of each, and its columns by name.

    Of a duration `columns` has the letter of its raw seconds. Printed are the rows up to the `end`, and so many columns
    as its `width`.
    """

    header: int
    end: int = 0
    width: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    sheets: list[tuple[Worksheet, int]] = field(default_factory=list)
    charts: list[Drawn] = field(default_factory=list)
    streams: list[tuple[Worksheet, Stretch]] = field(default_factory=list)
    changed: Changed = field(default_factory=Changed)


def add(book: Book, view: View, table: Table, rows: Rows, step: Callable[[int], None]) -> Placed:
    """Add the sheet of a table, or as many as its rows need; large ones are filled once the package is saved."""
    labels, seconds = _labels(table.columns), [column for column in table.columns if column.format == "duration"]
    shown_as = [*(column.format for column in table.columns), *("seconds" for _ in seconds)]
    numbers = [n for n, format in enumerate(shown_as, start=1) if format not in WORDS]
    placed = Placed(1)
    for number, start in enumerate(range(0, max(1, table.length), MOST_ROWS), start=1):
        length = min(MOST_ROWS, table.length - start)
        name = table.sheet if table.length <= MOST_ROWS else f"{table.sheet} {number}"
        sheet = book.sheet(name, table.mark)
        lines = [f"{view.title} · {view.days}", *table.notes]
        placed.header = 1 if table.is_log else book.titled(sheet, table.title, *lines)
        placed.sheets.append((sheet, length))
        widen(sheet, _widths(table, labels))
        book.header(sheet, placed.header, labels, numbers)
        sheet.freeze_panes = sheet.cell(placed.header + 1, 1 if table.is_log else 2).coordinate
        if table.file:
            _stretched(book, placed, table, sheet, start)
        else:
            _composed(book, placed, table, sheet)
            step(length)
        _as_table(book, sheet, placed.header, labels, length)
        shown = sum(not column.is_detail for column in table.columns)
        _collapsed(sheet, shown + 1, len(labels) - shown)
        is_wide = sum(_widths(table, labels)[:shown]) > 95 or table.grid is not None
        printed(sheet, view.title, is_wide=is_wide, on_one_page=length <= ON_ONE_PAGE)
    places = {column.name: get_column_letter(n) for n, column in enumerate(table.columns, start=1)}
    behind = enumerate(seconds, start=len(table.columns) + 1)
    placed.columns = places | {column.name: get_column_letter(n) for n, column in behind}
    if table.file:
        placed.changed = rows.changed(table.file, table.columns)
    return placed


def _labels(columns: Sequence[Column]) -> list[str]:
    """Return the labels of a header, the raw seconds of durations last; a table takes no two that are equal."""
    wanted = [column.label for column in columns]
    wanted += [f"{column.label}{SECONDS}" for column in columns if column.format == "duration"]
    found: list[str] = []
    for label in wanted:
        plain = " ".join(label.split())[:MOST_LETTERS] or "Column"
        taken = {other.casefold() for other in found}
        free = (plain if n == 1 else f"{plain[: MOST_LETTERS - 4]} {n}" for n in range(1, 1_000))
        found.append(next(name for name in free if name.casefold() not in taken))
    return found


def _widths(table: Table, labels: Sequence[str]) -> list[float]:
    """Return how wide columns are, in characters: by what the first rows hold, and by the words of the header."""
    widths: list[float] = []
    for n, label in enumerate(labels):
        column = table.columns[n] if n < len(table.columns) else None
        values = [row[n] for row in (*table.rows[:200], table.total) if n < len(row)]
        texts = [value if isinstance(value, str) else _shown(value, column) for value in values]
        longest = max(map(len, texts), default=LENGTHS.get(column.format if column else "", 14))
        words = max(map(len, label.split()))
        widths.append(min(max(longest, words + 2, len(label) / 3 + 2, NARROWEST), WIDEST) + 2)
    return widths


def _shown(value: object, column: Column | None) -> str:
    """Return about what Excel makes of a value."""
    if isinstance(value, datetime) and column:
        return column.pattern or "1 Jan 2000 00:00:00"
    return f"{value:,.2f}" if isinstance(value, int | float) and value == value else ""


def _composed(book: Book, placed: Placed, table: Table, sheet: Worksheet) -> None:
    """Write the rows of a small table, its total, how they are drawn, and what its charts show."""
    first = placed.header + 1
    for number, values in enumerate(table.rows, start=first):
        _row(book, sheet, number, table.columns, values)
    if table.total:
        last = first + max(1, len(table.rows))
        for cell in _row(book, sheet, last, table.columns, table.total):
            look(cell, font=BOLD, border=ABOVE)
    for n, column in enumerate(table.columns, start=1):
        if table.rows and (column.bar or column.scale):
            letter, numbers = get_column_letter(n), [row[n - 1] for row in table.rows]
            _drawn(sheet, f"{letter}{first}:{letter}{first + len(table.rows) - 1}", column, numbers)
    free = len(table.columns) + sum(column.format == "duration" for column in table.columns) + 2
    if table.grid:
        free = _grid(book, sheet, placed.header, free, table.grid)
    start = free
    for chart in table.charts:
        placed.charts.append((chart, sheet, placed.header, free))
        free = _numbers(book, sheet, placed.header, free, chart)
    _collapsed(sheet, start, free - start)
    placed.width = start - 2 if table.grid else sum(not column.is_detail for column in table.columns)
    placed.end = first + max(len(table.rows), len(table.grid.down) if table.grid else 0)
    sheet.print_area = f"A1:{get_column_letter(placed.width)}{placed.end}"
    wrap(sheet, range(2, placed.header), placed.width)


def _row(book: Book, sheet: Worksheet, number: int, columns: Sequence[Column], values: Sequence[object]) -> list[Cell]:
    """Write a row: its values, and behind them the raw seconds of its durations."""
    pairs = list(zip(columns, values, strict=True))
    cells = [
        book.put(sheet.cell(number, n), value, column.format, column.pattern)
        for n, (column, value) in enumerate(pairs, start=1)
    ]
    for column, value in pairs:
        if column.format == "duration":
            is_number = not isinstance(value, str)
            cells.append(book.put(sheet.cell(number, len(cells) + 1), value if is_number else None, "seconds"))
    return cells


def _stretched(book: Book, placed: Placed, table: Table, sheet: Worksheet, start: int) -> None:
    """Write the two rows from which the cells of a large table take their looks, and say what comes in their place."""
    assert table.file is not None  # asked only then
    length = min(MOST_ROWS, table.length - start)
    durations = [column for column in table.columns if column.format == "duration"]
    width = len(table.columns) + len(durations)
    for row in (placed.header + 1, placed.header + 2):
        for n, column in enumerate(table.columns, start=1):
            cell = sheet.cell(row, n)
            cell.number_format = column.pattern or NUMBER_FORMATS.get(column.format, "General")
            if column.format in ("timestamp", "date"):
                cell.alignment = Alignment(horizontal="left")
            if column.format == "link":
                cell.style = "Hyperlink"
            cell.quotePrefix = row > placed.header + 1
        for n in range(len(table.columns) + 1, width + 1):
            sheet.cell(row, n).number_format = NUMBER_FORMATS["seconds"]
    corner = f"{get_column_letter(width)}{placed.header + max(1, length)}"
    placed.streams.append((sheet, Stretch(table.file, table.columns, placed.header, start, length, corner)))


def _as_table(book: Book, sheet: Worksheet, header: int, labels: Sequence[str], length: int) -> None:
    """Make an Excel table of the rows, with a filter. It has at least one row, an empty one where there are none."""
    cells = f"A{header}:{get_column_letter(len(labels))}{header + max(1, length)}"
    table = ExcelTable(displayName=book.table_name(sheet), ref=cells, tableStyleInfo=STYLE)
    table.tableColumns = [TableColumn(id=n, name=str(sheet.cell(header, n).value)) for n in range(1, len(labels) + 1)]
    table.autoFilter = AutoFilter(ref=cells)
    sheet.add_table(table)


def _collapsed(sheet: Worksheet, first: int, number: int) -> None:
    """Group columns and collapse them: they are there for who wants them."""
    if not number:
        return
    last = first + number - 1
    for n in range(first, last + 1):
        sheet.column_dimensions[get_column_letter(n)].outline_level = 1
        sheet.column_dimensions[get_column_letter(n)].hidden = True
    sheet.column_dimensions[get_column_letter(last + 1)].collapsed = True


def _drawn(sheet: Worksheet, cells: str, column: Column, values: Sequence[object]) -> None:
    """Draw numbers as bars, or by colours; around zero as strongly to either side."""
    numbers = [abs(value) for value in values if isinstance(value, int | float) and value == value]
    if not numbers:
        return
    if column.bar:
        ends = [FormatObject(type="num", val=0), FormatObject(type="max")]
        rule = Rule("dataBar", dataBar=DataBar(cfvo=ends, color=Color(f"FF{column.bar[1:]}")))
    else:
        rule = _scaled(column.scale, max(numbers) / (SECONDS_A_DAY if column.format == "duration" else 1))
    sheet.conditional_formatting.add(cells, rule)


def _scaled(colours: Sequence[str], most: float) -> Rule:
    ends = [-most, 0, most] if len(colours) == 3 else [0, most]
    stops = [FormatObject(type="num", val=end) for end in ends]
    return Rule("colorScale", colorScale=ColorScale(cfvo=stops, color=[Color(f"FF{each[1:]}") for each in colours]))


def _grid(book: Book, sheet: Worksheet, row: int, column: int, grid: Grid) -> int:
    """Write a heat map beside the table; return the first column behind it, one left out."""
    look(book.put(sheet.cell(row - 1, column), grid.title), font=HEADING)
    sheet.column_dimensions[get_column_letter(column)].width = 11
    for n, label in enumerate(grid.across, start=column + 1):
        look(book.put(sheet.cell(row, n), label), font=QUIET, alignment=Alignment(horizontal="center"))
        sheet.column_dimensions[get_column_letter(n)].width = max(GRID_WIDTH, len(label) + 2)
    for number, (label, values) in enumerate(zip(grid.down, grid.values, strict=True), start=row + 1):
        look(book.put(sheet.cell(number, column), label), font=QUIET)
        for n, value in enumerate(values, start=column + 1):
            book.put(sheet.cell(number, n), value, grid.format, "#,##0.0" if grid.format == "decimal" else "")
    last = column + len(grid.across)
    known = [value for values in grid.values for value in values if value is not None]
    if known:
        cells = f"{get_column_letter(column + 1)}{row + 1}:{get_column_letter(last)}{row + len(grid.down)}"
        sheet.conditional_formatting.add(cells, _scaled(grid.scale, max(known) or 1))
    return last + 2


def _numbers(book: Book, sheet: Worksheet, row: int, column: int, chart: Chart) -> int:
    """Write what a chart shows; return the first column behind it, one left out."""
    look(book.put(sheet.cell(row - 1, column), f"Chart: {chart.title}"), font=QUIET)
    book.line(sheet, row, ["Shown as", *(series.label for series in chart.series)], column, font=BOLD)
    for n, label in enumerate(chart.labels):
        book.put(sheet.cell(row + 1 + n, column), label)
        for at, series in enumerate(chart.series, start=column + 1):
            book.put(sheet.cell(row + 1 + n, at), series.values[n], chart.format)
    return column + len(chart.series) + 2
