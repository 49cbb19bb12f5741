"""A workbook as it is composed: sheets with names of their own, cells that stay what they are, and how it is printed.

Text stays text: no cell becomes a formula, a link or an error (guarantee 17).
"""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from workbench.drawing.colours import palette
from workbench.intake.signature import PROPERTY, pieces
from workbench.workbook.plan import FORMULA, NUMBER_FORMATS, SECONDS_A_DAY
from workbench.workbook.rows import DIGITS, TEXT_LIMIT

MOST_LETTERS = 31  # of a sheet's name
A4 = 9
LINE, HIGHEST = 15.0, 405.0  # points, of a row
NARROWEST, WIDEST = 9, 46  # characters of a column
ON_ONE_PAGE = 40  # rows that are printed on one page
INK = palette("light")
LETTERS = partial(Font, name="Calibri", size=11)  # as Excel's own default, which a font without a name is not
TITLE = LETTERS(size=16, bold=True, color=INK.text[1:])
HEADING = LETTERS(size=12, bold=True, color=INK.primary[1:])
BOLD, QUIET = LETTERS(bold=True), LETTERS(color=INK.missing[1:])
GOOD, BAD = LETTERS(color="15803D"), LETTERS(color="B91C1C")
HEADER = PatternFill("solid", fgColor=INK.primary[1:])
ON_HEADER = LETTERS(bold=True, color="FFFFFF")
ABOVE = Border(top=Side("thin", color=INK.missing[1:]))
WRAPPED = Alignment(wrap_text=True, vertical="top")
TOP = Alignment(vertical="top")
_FORBIDDEN = re.compile(r"[\\/*?:\[\]\x00-\x1f\ufffe\uffff]")
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


class Book:
    """A workbook under way, and how many texts had to be changed to fit into it."""

    def __init__(self) -> None:
        """Begin with no sheet."""
        self.book = Workbook()
        self.book.remove(self.book.worksheets[0])
        self.book.calculation.fullCalcOnLoad = True
        self.shortened = self.replaced = 0
        self._tables: set[str] = set()

    def sheet(self, name: str, mark: str = "") -> Worksheet:
        """Add a sheet under a name of its own; by the `mark` this program knows its own table again."""
        sheet = self.book.create_sheet(self._free(name))
        # Excel keeps the name of a sheet beside its mark, where an apostrophe or a letter beyond XML would be odd.
        self.book.custom_doc_props.append(StringProperty(name=f"{PROPERTY}{sheet.title}", value=mark or sheet.title))
        sheet.sheet_view.showGridLines = False
        return sheet

    def carry(self, recipe: str) -> None:
        """Let the workbook carry the recipe by which it is made again."""
        for name, value in pieces(recipe).items():
            self.book.custom_doc_props.append(StringProperty(name=name, value=value))

    def _free(self, name: str) -> str:
        """Return a sheet's name that no other has, whatever its case: whole, or with a number behind it."""
        plain = _FORBIDDEN.sub(" ", name).strip().strip("'") or "Sheet"
        taken = {title.casefold() for title in self.book.sheetnames} | {"history"}  # which is Excel's own
        endings = ("", *(f" {n}" for n in range(2, 1_000)))
        names = (f"{plain[: MOST_LETTERS - len(ending)].rstrip()}{ending}" for ending in endings)
        return next(free for free in names if free.casefold() not in taken)

    def table_name(self, sheet: Worksheet) -> str:
        """Return a name for the table of a sheet: of letters, digits and underscores, and no cell's."""
        plain = "Table_" + re.sub(r"\W", "_", sheet.title)
        names = (plain if n == 1 else f"{plain}_{n}" for n in range(1, 1_000))
        found = next(name for name in names if name.casefold() not in self._tables)
        self._tables.add(found.casefold())
        return found

    def put(self, cell: Cell, value: object, format: str = "text", pattern: str = "") -> Cell:
        """Write a value into a cell: a duration in days, a text as the text that it is."""
        if value is None or value != value:  # a missing number differs from itself
            return cell
        if isinstance(value, str) or (isinstance(value, int) and abs(value) >= float(DIGITS)):
            return self._text(cell, str(value))
        if isinstance(value, date) and value.year < 1901:
            return self._text(cell, str(value))
        in_days = format == "duration" and isinstance(value, int | float)
        cell.value = value / SECONDS_A_DAY if in_days else value  # type: ignore[operator]
        cell.number_format = pattern or NUMBER_FORMATS.get(format, "General")
        if isinstance(value, datetime | date):
            cell.alignment = Alignment(horizontal="left")
        return cell

    def _text(self, cell: Cell, value: str) -> Cell:
        fitting = shortened(value)
        clean = _NO_XML.sub("\ufffd", fitting)
        self.shortened += fitting != value
        self.replaced += clean != fitting
        cell.value = _ESCAPE.sub("_x005F_", clean).replace("\r", "_x000D_")  # XML would make it the end of a line
        cell.data_type = "s"
        cell.quotePrefix = bool(re.match(FORMULA, clean))
        return cell

    def line(self, sheet: Worksheet, row: int, values: Iterable[object], first: int = 1, **looks: Any) -> list[Cell]:
        """Write values into a row from a column on, all with one look: `font`, `fill`, `alignment`, `border`."""
        cells = [self.put(sheet.cell(row, n), value) for n, value in enumerate(values, start=first)]
        for cell in cells:
            look(cell, **looks)
        return cells

    def titled(self, sheet: Worksheet, title: str, *lines: str) -> int:
        """Write what a sheet is in its first rows; return the first free row, one left out."""
        look(self.put(sheet.cell(1, 1), title), font=TITLE)
        sheet.row_dimensions[1].height = 24
        said = [line for line in lines if line]
        for row, line in enumerate(said, start=2):
            look(self.put(sheet.cell(row, 1), line), font=QUIET)
        return len(said) + 3

    def header(self, sheet: Worksheet, row: int, labels: Sequence[str], numbers: Collection[int] = ()) -> list[Cell]:
        """Write a header, over columns of `numbers` at their right, and repeat it on every printed page."""
        cells = self.line(sheet, row, labels, font=ON_HEADER, fill=HEADER)
        for n, cell in enumerate(cells, start=1):
            at = "right" if n in numbers else "left"
            cell.alignment = Alignment(horizontal=at, wrap_text=True, vertical="center")
        widths = [sheet.column_dimensions[cell.column_letter].width for cell in cells]
        fit(sheet, row, labels, [width - 1 for width in widths])
        sheet.print_title_rows = f"{row}:{row}"
        return cells


def fit(sheet: Worksheet, row: int, texts: Sequence[str], widths: Sequence[float]) -> None:
    """Make a row as high as the longest of its texts needs it, as not every program does by itself."""
    lines = [_lines(text, width - 2) for text, width in zip(texts, widths, strict=True)]
    sheet.row_dimensions[row].height = min(HIGHEST, LINE * max(lines, default=1) + 1)


def _lines(text: str, width: float) -> int:
    """Return how many lines a text takes in a cell, broken at its own ends of lines and between words."""
    return sum(_wrapped(line, width) for line in text.split("\n"))


def _wrapped(text: str, width: float) -> int:
    lines, room = 1, width
    for word in text.split():
        if len(word) > room and room < width:
            lines, room = lines + 1, width
        lines += int(len(word) / width)
        room -= len(word) % width + 1
    return lines


def look(cell: Cell, **looks: Any) -> Cell:
    """Give a cell its look, beside what it has; a text that a spreadsheet would run keeps its mark."""
    is_quoted = cell.quotePrefix
    for name, style in looks.items():
        setattr(cell, name, style)
    cell.quotePrefix = is_quoted
    return cell


def shortened(text: str) -> str:
    """Return as much of a text as a cell holds, where a character beyond the first plane counts twice."""
    if len(text) * 2 <= TEXT_LIMIT:
        return text
    beyond = sum(character > "\uffff" for character in text)
    return text if len(text) + beyond <= TEXT_LIMIT else text[: max(TEXT_LIMIT - beyond, TEXT_LIMIT // 2)]


def widen(sheet: Worksheet, widths: Sequence[float]) -> None:
    """Set the widths of the first columns, in characters."""
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def printed(sheet: Worksheet, title: str, *, is_wide: bool = False, on_one_page: bool = False) -> None:
    """Print a sheet one page wide, with page numbers; on a single page where it is short."""
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "landscape" if is_wide else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 1 if on_one_page else 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top = sheet.page_margins.bottom = 0.7
    # An ampersand is Excel's own in headers.
    sheet.oddHeader.left.text = title.replace("&", "&&")[:200]
    sheet.oddHeader.right.text = "&A"
    sheet.oddFooter.right.text = "Page &P of &N"


def reference(sheet: str, cells: str) -> str:
    """Return cells of a sheet as a formula names them from another one."""
    title = sheet.replace("'", "''")
    return f"'{title}'!{cells}"
