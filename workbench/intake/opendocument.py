"""The sheets of an OpenDocument spreadsheet (.ods), read from its XML as it comes. Runs in the child process.

A sheet of a few bytes may say that a row or cell is there a billion times (`number-rows-repeated`), so no general
parser is asked: here, what is repeated counts against the limits before it is.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from xml.parsers import expat

from workbench.errors import FileRefused
from workbench.intake import package, zips
from workbench.intake.limits import passed
from workbench.intake.oddities import Oddities, Row
from workbench.intake.tables import Order, Table

SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"  # and its template
CONTENT, KIND, MANIFEST = "content.xml", "mimetype", "meta-inf/manifest.xml"
_ROWS = 1 << 20  # of a sheet; more are repeated by nobody but who means harm
_BLANKS = 1_000  # that a text may have in a row
_FEW = 1_000_000  # cells that any file may hold
_BYTES = 4  # that a larger one has for each of its cells at least, since equal ones are written once
_LONGEST = 4 << 20  # characters of one cell
_INSTEAD = "Delete what stands far from the table, or export a CSV"

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_KINDS = ("table", "text", "office", "drawing", "style")
_TABLE, _TEXT, _OFFICE, _DRAW, _STYLE = (f"{_NAMES}{name}:1.0 " for name in _KINDS)
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
# Made once: they are looked for in every cell.
_COLUMNS_REPEATED = f"{_TABLE}number-columns-repeated"
_ROWS_REPEATED = f"{_TABLE}number-rows-repeated"
_ROWS_SPANNED = f"{_TABLE}number-rows-spanned"
_COLUMNS_SPANNED = f"{_TABLE}number-columns-spanned"
_FORMULA = f"{_TABLE}formula"
_TYPE = f"{_OFFICE}value-type"
_CALC_TYPE = f"{_CALC}value-type"
_VALUE = f"{_OFFICE}value"
_DATE = f"{_OFFICE}date-value"
_TIME = f"{_OFFICE}time-value"
_BOOLEAN = f"{_OFFICE}boolean-value"
_STRING = f"{_OFFICE}string-value"
_ROW = f"{_TABLE}table-row"
_VISIBILITY = f"{_TABLE}visibility"
_SPACES = f"{_TEXT}s"
_SPACES_COUNT = f"{_TEXT}c"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
# What stands in a cell and is none of its text.
_BESIDE = (f"{_OFFICE}annotation", f"{_TABLE}shapes", f"{_TEXT}note", f"{_TEXT}ruby-text")
_PARAGRAPH = f"{_TEXT}p"
_BREAKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_LENGTH = re.compile(r"(-?)P(?:(\d{1,7})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d+)?)S)?)?")

Attributes = dict[str, str]


@dataclass
class _Sheet:
    """One sheet as it is found; blank rows at its end are never made."""

    name: str
    rows: list[list[object]] = field(default_factory=list)
    width: int = 0
    blank: int = 0  # rows that are there only if one with a value follows
    oddities: Oddities = field(default_factory=Oddities)
    is_elsewhere: bool = False  # a copy of what stands in another file
    is_hidden: bool = False


@dataclass
class _Reader:
    """What has been read, and where in the document the reading is."""

    order: Order
    sheets: list[_Sheet] = field(default_factory=list)
    style: str = ""  # that is open
    hiding: set[str] = field(default_factory=set)  # styles of sheets that are not shown
    is_1904: bool = False
    beside: int = 0  # how deep within what is not read
    row: list[object] = field(default_factory=list)
    blank: int = 0  # cells that are there only if one with a value follows
    attributes: Attributes = field(default_factory=dict)  # of the open row
    times: int = 1  # that the open row is there
    cells: int = 0  # of the sheets that are done
    cell: Attributes = field(default_factory=dict)
    text: list[str] | None = None  # of the open cell
    is_shown: bool = False  # within a paragraph of it
    written: int = 0  # characters of all cells, as often as they are there
    values: int = 0  # cells that hold something, as often as they are there
    most: int = _FEW  # of these

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if self.beside or name in _BESIDE or name.startswith(_DRAW) or (self.text is not None and name in _TABLES):
            self.beside += 1
        elif name in _STARTS:
            _STARTS[name](self, attributes)
        elif self.text is not None:
            self._text(name, attributes)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if self.beside:
            self.beside -= 1
        elif name == _PARAGRAPH:
            self.is_shown = False
        elif name in _CELLS:
            self._end_cell()
        elif name == _ROW and self.sheets:
            self._end_row(self.sheets[-1])

    def content(self, content: str) -> None:
        """Take the text between two tags."""
        if self.is_shown and self.text is not None and not self.beside:
            self.text.append(content)

    def doctype(self, *_: object) -> None:
        """Refuse what could make one text into many."""
        raise FileRefused(f"{self.order.file}: holds markup that no spreadsheet needs (DOCTYPE). Export a CSV instead")

    def settings(self, attributes: Attributes) -> None:
        """Take the day from which numbers of days count."""
        self.is_1904 = attributes.get(f"{_TABLE}date-value", "").startswith("1904")

    def sheet(self, attributes: Attributes) -> None:
        """Begin a sheet."""
        if len(self.sheets) >= self.order.limits.tables:
            raise passed(self.order.file, f"{len(self.sheets) + 1:,} sheets", self.order.limits, "tables")
        self.cells += sum(len(sheet.rows) * sheet.width for sheet in self.sheets[-1:])
        is_hidden = attributes.get(f"{_TABLE}style-name") in self.hiding
        self.sheets.append(_Sheet(attributes.get(f"{_TABLE}name", ""), is_hidden=is_hidden))

    def begin_style(self, attributes: Attributes) -> None:
        """Begin a style."""
        self.style = attributes.get(f"{_STYLE}name", "")

    def style_of_sheets(self, attributes: Attributes) -> None:
        """Take how sheets of the open style are shown."""
        if attributes.get(f"{_TABLE}display") == "false":
            self.hiding.add(self.style)

    def source(self, _: Attributes) -> None:
        """Take the sign of a sheet that stands in another file and is copied for its formulas."""
        if self.sheets:
            self.sheets[-1].is_elsewhere = True

    def begin_row(self, attributes: Attributes) -> None:
        """Begin a row."""
        self.row, self.blank, self.attributes = [], 0, attributes
        self.times = _count(attributes, _ROWS_REPEATED)

    def begin_cell(self, attributes: Attributes) -> None:
        """Begin a cell."""
        self.cell, self.text = attributes, []

    def _text(self, name: str, attributes: Attributes) -> None:
        assert self.text is not None
        if name == _PARAGRAPH:
            self.text.append("\n" if self.text else "")
            self.is_shown = True
        elif name == _SPACES:
            self.text.append(" " * min(_count(attributes, _SPACES_COUNT), _BLANKS))
        elif name in _BREAKS:
            self.text.append(_BREAKS[name])

    def _end_cell(self) -> None:
        shown, self.text = "".join(self.text or ()), None
        if not self.sheets:
            return
        value, times = _value(self.cell, shown), _count(self.cell, _COLUMNS_REPEATED)
        oddities = self.sheets[-1].oddities
        oddities.uncalculated += value == "" and _FORMULA in self.cell and _TYPE not in self.cell
        if value == "":
            self.blank += times
            return
        width, limits = len(self.row) + self.blank + times, self.order.limits
        if width > limits.columns:
            raise passed(self.order.file, f"{width:,} columns", limits, "columns", _INSTEAD)
        if _ROWS_SPANNED in self.cell or _COLUMNS_SPANNED in self.cell:
            self._merge(len(self.row) + self.blank + 1, oddities)
        if isinstance(value, float) and _is_padded(shown, value):
            oddities.padded[len(self.row) + self.blank + 1] += times
        self._add(len(shown), times)
        self.row += [""] * self.blank + [value] * times
        self.blank = 0

    def _add(self, length: int, times: int) -> None:
        if length > _LONGEST:
            raise FileRefused(f"{self.order.file}: holds a text longer than any cell can. Export a CSV instead")
        times *= min(self.times, _ROWS)
        self.written, self.values = self.written + length * times, self.values + times
        if self.written > self.order.limits.disk:
            raise passed(self.order.file, "holds too much text", self.order.limits, "disk")
        if self.values > self.most:
            raise FileRefused(f"{self.order.file}: repeats its cells {self.values:,} times. Export a CSV instead")

    def _merge(self, column: int, oddities: Oddities) -> None:
        rows = _count(self.cell, _ROWS_SPANNED)
        columns = _count(self.cell, _COLUMNS_SPANNED)
        if rows * columns > 1:
            row = len(self.sheets[-1].rows) + self.sheets[-1].blank + 1
            oddities.merge(row, column, min(row + rows - 1, _ROWS), column + columns - 1)
        if oddities.reach > self.order.limits.merged_cells:
            found = f"cells merged over {oddities.reach:,} rows"
            raise passed(self.order.file, found, self.order.limits, "merged_cells")

    def _end_row(self, sheet: _Sheet) -> None:
        times, row = self.times, self.row
        if not row:
            sheet.blank += times
            return
        first, limits = len(sheet.rows) + sheet.blank, self.order.limits
        height, sheet.width = first + times, max(sheet.width, len(row))
        if height > _ROWS or self.cells + height * sheet.width > limits.cells:
            raise passed(self.order.file, f"{height:,} rows x {sheet.width:,} columns", limits, "cells", _INSTEAD)
        sheet.rows += [[]] * sheet.blank + [row] * times
        if self.attributes.get(_VISIBILITY, "visible") != "visible":
            sheet.oddities.hidden.update(range(first + 1, height + 1))
        sheet.blank = 0


_TABLES = (f"{_TABLE}table",)
_STARTS: dict[str, Callable[[_Reader, Attributes], None]] = {
    _CELLS[0]: _Reader.begin_cell,
    _CELLS[1]: _Reader.begin_cell,
    _ROW: _Reader.begin_row,
    f"{_TABLE}table": _Reader.sheet,
    f"{_TABLE}null-date": _Reader.settings,
    f"{_TABLE}table-source": _Reader.source,
    f"{_STYLE}style": _Reader.begin_style,
    f"{_STYLE}table-properties": _Reader.style_of_sheets,
}


def unpacked(order: Order) -> int:
    """Return the bytes that an .ods unpacks to, as it declares them. Raises FileRefused when it passes a limit."""
    return sum(part.file_size for part in package.parts_of(Path(order.source), order.file, order.limits).values())


def tables(order: Order) -> list[Table]:
    """Return the sheets of an .ods, hidden ones too. Raises FileRefused for what is none, or passes a limit."""
    parts = package.parts_of(Path(order.source), order.file, order.limits)
    reader = _Reader(order, most=max(_FEW, parts[CONTENT].file_size // _BYTES))
    with Path(order.source).open("rb") as packed:
        for name, part in parts.items():
            pieces = zips.pieces(packed, part, order.file)
            if name == CONTENT:
                continue
            start = b"".join(piece[:1_000_000] * (name in (KIND, MANIFEST)) for piece in pieces)
            _check(name, start, order.file)
        _read(zips.pieces(packed, parts[CONTENT], order.file), reader)
    own = (sheet for sheet in reader.sheets if not sheet.is_elsewhere)
    return [
        Table(sheet.name, partial(_rows, sheet), sheet.oddities, reader.is_1904, is_hidden=sheet.is_hidden)
        for sheet in own
    ]


def _check(name: str, content: bytes, file: str) -> None:
    if name == KIND and not content.strip().startswith(SPREADSHEET):
        raise FileRefused(f"{file}: an OpenDocument file that is not a spreadsheet. Load the export itself")
    if name == MANIFEST and b"encryption-data" in content:
        raise FileRefused(f"{file}: protected by a password. Save it without one")


def _read(pieces: Iterator[bytes], reader: _Reader) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.content, reader.doctype
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError):
        raise FileRefused(
            f"{reader.order.file}: not an .ods that can be read, or damaged. Save it again, or export a CSV"
        ) from None


def _rows(sheet: _Sheet) -> Iterator[Row]:
    for row in sheet.rows:
        yield row if len(row) == sheet.width else row + [""] * (sheet.width - len(row))


def _count(attributes: Attributes, name: str) -> int:
    said = attributes.get(name)
    return max(1, int(said[:10])) if said and said.isascii() and said.isdigit() else 1


def _value(cell: Attributes, shown: str) -> object:
    """Return what a cell holds: the value that it says for programs, else the text that it shows."""
    if cell.get(_CALC_TYPE) == "error":
        return shown
    match cell.get(_TYPE):
        case "float" | "percentage" | "currency":
            with suppress(ValueError):
                return float(cell.get(_VALUE, ""))
        case "date":
            return _moment(cell.get(_DATE, "")) or shown
        case "time":
            return _length(cell.get(_TIME, ""), shown)
        case "boolean":
            return cell.get(_BOOLEAN) == "true"
        case "string":
            return cell.get(_STRING, shown)
    return shown


def _moment(said: str) -> object:
    """Return a date or time; as text what lies before any export, since it may be a length of time shown as a date."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return said
    if moment.year < 1910 or moment.tzinfo:
        return said
    return moment if "T" in said else date(moment.year, moment.month, moment.day)


def _length(said: str, shown: str) -> object:
    found = _LENGTH.fullmatch(said)
    if not found or said.endswith(("P", "T")):
        return said or shown
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    with suppress(OverflowError):
        length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return -length if found[1] else length
    return said


def _is_padded(shown: str, value: float) -> bool:
    return shown[:1] == "0" and len(shown) > 1 and shown.isascii() and shown.isdigit() and int(shown[:400]) == value
