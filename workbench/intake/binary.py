"""The check of a binary workbook (.xlsb, MS-XLSB) before any parser sees it, and the copy of it that one may see.

Its container is that of an .xlsx; its parts are records. Those of the sheets are walked through as the XML of an .xlsx
is scanned, and what is to be known of them is noted likewise.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from workbench.errors import FileRefused
from workbench.intake import number_formats, zips
from workbench.intake.biff import ERRORS, MOST_DAYS, short
from workbench.intake.copying import Copying, by_type, relations
from workbench.intake.limits import Limits, passed
from workbench.intake.number_formats import Formats
from workbench.intake.oddities import Oddities
from workbench.intake.package import Package, parts_of
from workbench.intake.scan import check_extent

BOOK, STYLES, STRINGS = "xl/workbook.bin", "xl/styles.bin", "xl/sharedStrings.bin"
_SHEET, _PROPERTIES, _FORMAT, _CELL_FORMAT, _FORMATS_BEGIN, _FORMATS_END = 156, 153, 44, 47, 617, 618
_ROW, _SHORT, _ERROR, _NUMBER, _FORMULA_NUMBER, _FORMULA_ERROR, _MERGED = 0, 2, 3, 5, 9, 11, 176
_CELLS = range(1, 12)
_HIDDEN = 0x10
_LENGTHS = 2_000  # a whole number of fewer days is no date of any export, but a length of time


def checked(source: Path, copy: Path, file: str, limits: Limits) -> Package:
    """Check a package, write to `copy` what a parser may see of it, and say what it holds. Raises FileRefused."""
    parts = parts_of(source, file, limits)
    unpacked = sum(part.file_size for part in parts.values())
    with source.open("rb") as packed, copy.open("wb") as out:
        try:
            sheets, is_1904 = _copied(Copying(parts, packed, zips.Archive(out), file, limits))
        except (IndexError, KeyError, struct.error):
            raise FileRefused(
                f"{file}: not an .xlsb that can be read, or damaged. Save it again, or export a CSV"
            ) from None
    return Package(sheets, is_1904, unpacked)


def _copied(copying: Copying) -> tuple[list[Oddities], bool]:
    """Copy what a parser reads, and return what was found in each sheet, and whether its dates begin in 1904."""
    book_part = by_type(copying.related(""), "/officeDocument", BOOK)
    related = copying.related(book_part)
    book = _taken(copying, book_part, BOOK)
    styles, strings = by_type(related, "/styles", STYLES), by_type(related, "/sharedStrings", STRINGS.casefold())
    formats = _formats(_taken(copying, styles, STYLES)) if styles in copying.parts else Formats()
    if strings in copying.parts:
        _taken(copying, strings, STRINGS)
    is_1904 = any(content[0] & 1 for kind, content in _records(book) if kind == _PROPERTIES)
    leading, sheets = {}, []
    for n, identity in enumerate(_identities(book, copying), start=1):
        kind, part = related[identity]
        sheet = _Sheet(
            copying.file, copying.limits, formats, datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)
        )
        target = f"worksheets/sheet{n}.bin" if kind.endswith("/worksheet") else f"chartsheets/sheet{n}.bin"
        if kind.endswith("/worksheet"):
            sheet.walk(_taken(copying, part or "", f"xl/{target}"))
        leading[escape(identity, {'"': "&quot;"})] = ("worksheet", target)
        sheets.append(sheet.oddities)
    copying.finish({"xl/_rels/workbook.bin.rels": relations(leading)})
    return sheets, is_1904


def _taken(copying: Copying, name: str, target: str) -> bytes:
    """Copy a part as it is packed and return its content. Raises KeyError when it is not there."""
    part = copying.parts.pop(name)
    content = b"".join(zips.pieces(copying.packed, part, copying.file))
    copying.out.take(target, part, copying.packed, copying.file)
    return content


def _identities(book: bytes, copying: Copying) -> list[str]:
    """Return the Ids of the relations that lead to the sheets, in their order."""
    sheets = [_text(content, 8) for kind, content in _records(book) if kind == _SHEET]
    if len(sheets) > copying.limits.tables:
        raise passed(copying.file, f"{len(sheets):,} sheets", copying.limits, "tables")
    return sheets


def _formats(styles: bytes) -> Formats:
    numbers: list[int] = []
    codes: dict[int, str] = {}
    is_of_cells = False
    for kind, content in _records(styles):
        is_of_cells = kind == _FORMATS_BEGIN or (is_of_cells and kind != _FORMATS_END)
        if kind == _FORMAT:
            codes[int.from_bytes(content[:2], "little")] = _text(content, 2)
        elif kind == _CELL_FORMAT and is_of_cells:
            numbers.append(int.from_bytes(content[2:4], "little"))
    return number_formats.of_cells(numbers, codes)


def _text(content: bytes, at: int) -> str:
    (length,) = struct.unpack_from("<L", content, at)
    return content[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace")


@dataclass
class _Sheet:
    """One sheet, whose records are walked through; positions count from 1."""

    file: str
    limits: Limits
    formats: Formats
    zero: datetime  # the day 0 of the workbook's date system
    oddities: Oddities = field(default_factory=Oddities)
    row: int = 0
    column: int = 0
    width: int = 0
    cells: int = 0

    def walk(self, content: bytes) -> None:
        """Note what a parser reads wrongly or does not say. Raises FileRefused for what must not reach it."""
        for kind, record in _records(content):
            if kind == _ROW:
                self._begin_row(int.from_bytes(record[:4], "little") + 1, record[11])
            elif kind in _CELLS:
                self._take_cell(kind, int.from_bytes(record[:4], "little") + 1, record)
            elif kind == _MERGED:
                top, bottom, left, right = struct.unpack_from("<4L", record)
                self.oddities.merge(top + 1, left + 1, bottom + 1, right + 1)
        check_extent(self.row, self.width, self.file, self.limits)
        if self.oddities.reach > self.limits.merged_cells:
            found = f"cells merged over {self.oddities.reach:,} rows"
            raise passed(self.file, found, self.limits, "merged_cells")

    def _begin_row(self, row: int, flags: int) -> None:
        if row <= self.row:
            raise IndexError
        self.row, self.column = row, 0
        self.oddities.hidden |= {row} if flags & _HIDDEN else set()

    def _take_cell(self, kind: int, column: int, record: bytes) -> None:
        if column <= self.column:
            raise IndexError
        self.column, self.cells = column, self.cells + 1
        if column > self.width or not self.cells % 1_000:
            self.width = max(self.width, column)
            check_extent(self.row, self.width, self.file, self.limits)
        style = int.from_bytes(record[4:7], "little")
        if kind in (_ERROR, _FORMULA_ERROR):
            self._note(ERRORS.get(record[8], "#ERROR"))
        elif style in self.formats.days or style in self.formats.padded:
            self._take_number(kind, style, record)

    def _take_number(self, kind: int, style: int, record: bytes) -> None:
        if kind not in (_SHORT, _NUMBER, _FORMULA_NUMBER):
            return
        value = short(record[8:12]) if kind == _SHORT else struct.unpack_from("<d", record, 8)[0]
        if style in self.formats.padded and 0 <= value < 10 ** (self.formats.padded[style] - 1):
            self.oddities.padded[self.column] += 1
        elif -MOST_DAYS < value < 0:
            self._note(timedelta(days=value))
        elif kind == _SHORT and record[8] & 3 == 2 and value < MOST_DAYS:  # the parser gives it without its format
            self._note(timedelta(days=value) if value < _LENGTHS else self.zero + timedelta(days=value))

    def _note(self, value: object) -> None:
        self.oddities.misread.setdefault(self.row, []).append((self.column, value))


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a part (MS-XLSB, 2.1.4). Raises IndexError when it ends within one."""
    at, end = 0, len(content)
    while at < end:
        kind, at = content[at], at + 1
        if kind & 0x80:
            kind, at = kind & 0x7F | (content[at] & 0x7F) << 7, at + 1
        length = 0
        for shift in (0, 7, 14, 21):
            size, at = content[at], at + 1
            length |= (size & 0x7F) << shift
            if size < 0x80:
                break
        if at + length > end:
            raise IndexError
        yield kind, content[at : at + length]
        at += length
