"""The first sheets: the cover, with all that changes a number, and the summary, with the figures and the charts."""

from collections.abc import Mapping, Sequence

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from workbench import __version__
from workbench.workbook import charts
from workbench.workbook.plan import Figures, File, Lines, Pack, View
from workbench.workbook.sheets import (
    BAD,
    BOLD,
    GOOD,
    HEADER,
    HEADING,
    ON_HEADER,
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
TARGET, TARGET_WIDTH = 8, 11  # the column of targets, behind the words
COVER = (48, 30, 7, 22, 11, 11, 10, 68)
CHART_ROWS, FIRST_COLUMNS = 16, ("A", "F")  # rows that a chart is high, and where the two of a line begin
MOST_ACROSS = 60  # rows of a cover that is printed across
CHARACTER = 0.19  # centimetres of a column's width for each of its characters
ROWS_BEFORE = 26  # of a sheet, after which a chart begins another page, and so does every second one
INDENTED = Alignment(horizontal="left", wrap_text=True, vertical="top", indent=1)
LEFT = Alignment(horizontal="left", vertical="top", indent=1)
HEADED = Alignment(horizontal="left", vertical="center", indent=1)
RIGHT = Alignment(horizontal="right", vertical="center")


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
    widen(sheet, (*WIDTHS, TARGET_WIDTH))
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
    """Write a row of cards as a table of a row each; return the row behind it.

    Where nothing is compared its words begin in the place of what would have been there before.
    """
    if title:
        look(book.put(sheet.cell(row, 1), title), font=HEADING)
        row += 1
    is_compared = any(figure.before is not None for figure in tile.figures)
    labels = FIGURES if is_compared else (*FIGURES[:2], *FIGURES[5:])
    words, first = len(labels), row
    book.header(sheet, row, labels, range(2, words))[-1].alignment = HEADED
    if any(figure.target is not None for figure in tile.figures):
        look(book.put(sheet.cell(row, TARGET), "Target"), font=ON_HEADER, fill=HEADER, alignment=RIGHT)
    sheet.print_title_rows = None
    for figure in tile.figures:
        row += 1
        change = "points" if figure.format == "rate" else figure.format
        tone = {1: GOOD, -1: BAD}.get(figure.news)
        look(book.put(sheet.cell(row, 1), figure.label), font=BOLD, alignment=TOP)
        look(book.put(sheet.cell(row, 2), figure.now, figure.format), font=BOLD, alignment=TOP)
        moved = (
            (figure.before, figure.format, None), (figure.change, change, tone), (figure.change_rate, "rate", tone),
        )  # fmt: skip
        rest = (*(moved if is_compared else ()), (figure.n, "count", None))
        for n, (value, format, font) in enumerate(rest, start=3):
            look(book.put(sheet.cell(row, n), value, format), alignment=TOP, **({"font": font} if font else {}))
        look(book.put(sheet.cell(row, words), figure.words), alignment=INDENTED)
        if figure.target is not None:
            look(book.put(sheet.cell(row, TARGET), figure.target, figure.format), alignment=TOP)
        fit(sheet, row, (figure.label, figure.words), (WIDTHS[0], sum(WIDTHS[words - 1 :]) - 1))
    for n in range(first, row + 1) if words < len(WIDTHS) else ():
        sheet.merge_cells(start_row=n, end_row=n, start_column=words, end_column=len(WIDTHS))
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
                if sheet.page_setup.fitToHeight == 0 and (number or table.end > ROWS_BEFORE) and not number % 2:
                    sheet.row_breaks.append(Break(id=table.end + 1 + number * CHART_ROWS))
            last = max(table.width, _columns_across(sheet))
            sheet.print_area = f"A1:{get_column_letter(last)}{table.end + 2 + len(found) * CHART_ROWS}"


def _columns_across(sheet: Worksheet) -> int:
    """Return how many columns of a sheet a chart lies over, of which hidden ones have no width."""
    number, left = 0, charts.WIDTH / CHARACTER
    while left > 0:
        column = sheet.column_dimensions[get_column_letter(number := number + 1)]
        left -= 0 if column.hidden else column.width
    return number
