"""The first sheets: the cover, with all that changes a number, and the summary, with the figures and the charts."""

from collections.abc import Mapping, Sequence

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from workbench import __version__
from workbench.workbook import charts
from workbench.workbook.plan import Figures, File, Lines, Pack, View
from workbench.workbook.sheets import (
    BAD,
    BOLD,
    GOOD,
    HEADING,
    QUIET,
    TITLE,
    TOP,
    WRAPPED,
    Book,
    fit,
    look,
    printed,
    reference,
    widen,
)
from workbench.workbook.tables import Drawn, Placed

FIGURES = ("Metric", "Now", "Before", "Change", "Change in %", "Rests on", "In words")
FILES = ("File", "What it is", "Load", "Loaded", "Rows read", "Rows kept", "Rejected", "SHA-256")
WIDTHS = (28, 13, 13, 13, 11, 11, 66)
COVER = (48, 30, 7, 22, 11, 11, 10, 68)
CHART_ROWS, FIRST_COLUMNS = 16, ("A", "F")  # rows that a chart is high, and where the two of a line begin
MOST_ACROSS = 60  # rows of a cover that is printed across
LEAST_COLUMNS = 6  # of a sheet that are printed with a chart
INDENTED = Alignment(horizontal="left", wrap_text=True, vertical="top", indent=1)
LEFT = Alignment(horizontal="left", vertical="top", indent=1)


def cover(book: Book, sheet: Worksheet, pack: Pack, sheets: Mapping[str, str]) -> None:
    """Write what the workbook is, what its numbers were asked, which files they rest on, and what is on each sheet."""
    widen(sheet, COVER)
    look(book.put(sheet.cell(1, 1), pack.title), font=TITLE)
    sheet.row_dimensions[1].height = 26
    row, is_one = 2, len(pack.views) == 1
    for view in pack.views:
        if not is_one:
            look(book.put(sheet.cell(row := row + 1, 1), view.title), font=HEADING)
            row += 1
        look(book.put(sheet.cell(row, 1), view.purpose), font=QUIET)
        row = _lines(book, sheet, row + 1 + is_one, view.settings)
    row = _files(book, sheet, row + 1, pack.views)
    look(book.put(sheet.cell(row, 1), "Sheets"), font=HEADING)
    for name, what in sheets.items():
        cell = book.put(sheet.cell(row := row + 1, 1), name)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=reference(name, "A1"))
        cell.style = "Hyperlink"
        look(book.put(sheet.cell(row, 2), what), font=QUIET)
    row = _lines(book, sheet, row + 2, (*pack.made, ("Written by", f"Contact Workbench {__version__}")))
    printed(sheet, pack.title, is_wide=row <= MOST_ACROSS, on_one_page=True)
    sheet.print_area = f"A1:H{row}"


def _files(book: Book, sheet: Worksheet, row: int, views: Sequence[View]) -> int:
    """Write every file that a number rests on, once; return the first free row, one left out."""
    look(book.put(sheet.cell(row, 1), "Source files"), font=HEADING)
    for cell in book.line(sheet, row := row + 1, FILES, font=BOLD):
        cell.alignment = LEFT if cell.column in (1, 2, 4, 8) else Alignment(horizontal="right")
    for file in dict.fromkeys(file for view in views for file in view.files):
        for cell in book.line(sheet, row := row + 1, _file(file)):
            look(cell, alignment=LEFT if isinstance(cell.value, str) else TOP)
    return row + 2


def _file(file: File) -> tuple[object, ...]:
    return file.name, file.what, file.load_id, file.loaded, file.read, file.kept, file.rejected, file.sha256


def _lines(book: Book, sheet: Worksheet, row: int, lines: Lines) -> int:
    """Write labels and texts; return the row behind them."""
    for label, text in lines:
        look(book.put(sheet.cell(row, 1), label), font=BOLD, alignment=TOP)
        sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=8)
        look(book.put(sheet.cell(row, 2), text), alignment=WRAPPED)
        fit(sheet, row, (text,), (sum(COVER[1:]),))
        row += 1
    return row


def summary(book: Book, sheet: Worksheet, views: Sequence[tuple[View, Sequence[Placed]]]) -> None:
    """Write the figures, one a row, and draw charts, two beside each other: of one view all, of several the first."""
    widen(sheet, WIDTHS)
    is_one = len(views) == 1
    row = book.titled(sheet, "Summary", *[f"{view.title} · {view.days}" for view, _ in views])
    for view, placed in views:
        for tile in view.tiles:
            if isinstance(tile, Figures):
                name = tile.title if is_one else f"{view.title}: {tile.title.lower()}"
                row = figures(book, sheet, row, name, tile) + 1
        drawn = [each for table in placed for each in table.charts]
        row = _charts(sheet, row, drawn if is_one else drawn[: len(FIRST_COLUMNS)])
        if not is_one:
            _under_tables(placed, drawn[: len(FIRST_COLUMNS)])
    printed(sheet, " · ".join(view.title for view, _ in views), on_one_page=True)


def figures(book: Book, sheet: Worksheet, row: int, title: str, tile: Figures) -> int:
    """Write a row of cards as a table of a row each; return the row behind it."""
    if title:
        look(book.put(sheet.cell(row, 1), title), font=HEADING)
        row += 1
    book.header(sheet, row, FIGURES, range(2, 7))[-1].alignment = INDENTED
    sheet.print_title_rows = None
    for figure in tile.figures:
        row += 1
        change = "points" if figure.format == "rate" else figure.format
        tone = {1: GOOD, -1: BAD}.get(figure.news)
        look(book.put(sheet.cell(row, 1), figure.label), font=BOLD, alignment=TOP)
        look(book.put(sheet.cell(row, 2), figure.now, figure.format), font=BOLD, alignment=TOP)
        for n, value, format in (
            (3, figure.before, figure.format), (4, figure.change, change), (5, figure.change_rate, "rate"),
            (6, figure.n, "count"),
        ):  # fmt: skip
            cell = look(book.put(sheet.cell(row, n), value, format), alignment=TOP)
            if tone and n in (4, 5):
                look(cell, font=tone)
        look(book.put(sheet.cell(row, 7), figure.words), alignment=INDENTED)
        fit(sheet, row, (figure.label, figure.words), (WIDTHS[0], WIDTHS[-1] - 1))
    for note in tile.notes:
        row += 1
        look(book.put(sheet.cell(row, 1), note), font=QUIET, alignment=Alignment(wrap_text=False))
    return row + 1


def _charts(sheet: Worksheet, row: int, found: Sequence[Drawn]) -> int:
    """Draw charts from a row on, two beside each other; return the row behind them."""
    for number, (chart, numbers, header, column) in enumerate(found):
        line, place = divmod(number, len(FIRST_COLUMNS))
        anchor = f"{FIRST_COLUMNS[place]}{row + line * CHART_ROWS}"
        sheet.add_chart(charts.drawn(chart, numbers, header, column), anchor)
    return row + -(-len(found) // len(FIRST_COLUMNS)) * CHART_ROWS


def _under_tables(placed: Sequence[Placed], shown: Sequence[Drawn]) -> None:
    """Draw charts that no summary shows under their tables."""
    for table in placed:
        found = [each for each in table.charts if each not in shown]
        if found:
            sheet, _ = table.sheets[0]
            for number, (chart, numbers, header, column) in enumerate(found):
                drawing = charts.drawn(chart, numbers, header, column)
                sheet.add_chart(drawing, f"A{table.end + 2 + number * CHART_ROWS}")
            last = max(table.width, LEAST_COLUMNS)
            sheet.print_area = f"A1:{get_column_letter(last)}{table.end + 2 + len(found) * CHART_ROWS}"
