"""The records of an old workbook (MS-XLS, 2.4), walked through for what the parser does not say of its sheets.

Nothing is trusted: a record that is shorter than it should be is passed over, and none reaches beyond the stream.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from workbench.intake import number_formats
from workbench.intake.number_formats import Formats
from workbench.intake.oddities import Oddities

BIFF8 = 0x0600
ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_BEGIN, _END, _DATE_MODE, _FORMAT, _CELL_FORMAT, _SHEET = 0x0809, 0x000A, 0x0022, 0x041E, 0x00E0, 0x0085
_ROW, _NUMBER, _SHORT, _SHORTS, _FORMULA, _ERROR, _MERGED = 0x0208, 0x0203, 0x027E, 0x00BD, 0x0006, 0x0205, 0x00E5
# Of the records that are looked at, how long each is at least.
_LEAST = {_ROW: 14, _NUMBER: 14, _SHORT: 10, _SHORTS: 12, _FORMULA: 14, _ERROR: 8, _MERGED: 2}
_HIDDEN = 0x20
MOST_DAYS = 1e6  # of a negative time; what is longer is none


@dataclass(frozen=True)
class Workbook:
    """An old workbook's stream."""

    stream: bytes
    _globals: dict[int, list[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what stands before the sheets."""
        for kind, content in _records(self.stream, 0):
            self._globals.setdefault(kind, []).append(content)

    @property
    def is_1904(self) -> bool | None:
        """Whether numbers of days begin in 1904; None when the workbook does not say."""
        modes = self._globals.get(_DATE_MODE, [])
        return modes[0][:1] == b"\1" if modes else None

    @cached_property
    def formats(self) -> Formats:
        """The formats of the workbook's cells."""
        numbers = [int.from_bytes(content[2:4], "little") for content in self._globals.get(_CELL_FORMAT, [])]
        codes = {
            int.from_bytes(content[:2], "little"): self._text(content) for content in self._globals.get(_FORMAT, [])
        }
        return number_formats.of_cells(numbers, codes)

    def _text(self, content: bytes) -> str:
        begin = self._globals.get(_BEGIN, [b""])[0]
        if int.from_bytes(begin[:2], "little") != BIFF8:
            return content[3:].decode("latin-1")
        return content[5:].decode("utf-16-le" if content[4:5] == b"\1" else "latin-1", "replace")

    def oddities(self, number: int) -> Oddities:
        """Return what is to be known of the sheet of that number, from 0."""
        sheets, oddities = self._globals.get(_SHEET, []), Oddities()
        if number < len(sheets):
            for kind, content in _records(self.stream, int.from_bytes(sheets[number][:4], "little")):
                if len(content) >= _LEAST.get(kind, 1 << 16):
                    self._note(kind, content, oddities)
        return oddities

    def _note(self, kind: int, content: bytes, oddities: Oddities) -> None:
        row, column = struct.unpack_from("<HH", content.ljust(4, b"\0"))
        if kind == _ROW:
            oddities.hidden |= {row + 1} if content[12] & _HIDDEN else set()
        elif kind == _MERGED:
            places = struct.iter_unpack("<4H", content[2 : 2 + (len(content) - 2) // 8 * 8])
            for top, bottom, left, right in places:
                oddities.merge(top + 1, left + 1, bottom + 1, right + 1)
        elif kind == _ERROR or (kind == _FORMULA and content[12:14] == b"\xff\xff" and content[6] == 2):
            is_error, code = (content[7], content[6]) if kind == _ERROR else (1, content[8])
            if is_error:
                oddities.misread.setdefault(row + 1, []).append((column + 1, ERRORS.get(code, "#ERROR")))
        else:
            self._note_numbers(kind, content, oddities)

    def _note_numbers(self, kind: int, content: bytes, oddities: Oddities) -> None:
        """Note the numbers that the parser reads as another time of day, or without zeros before them."""
        days, padded = self.formats.days, self.formats.padded
        row, column = struct.unpack_from("<HH", content)
        for at, style, packed in _numbers(kind, content):
            if style not in days and style not in padded:
                continue
            value = short(packed) if len(packed) == 4 else struct.unpack("<d", packed)[0]
            if style in days and -MOST_DAYS < value < 0:
                oddities.misread.setdefault(row + 1, []).append((column + at + 1, timedelta(days=value)))
            elif style in padded and 0 <= value < 10 ** (padded[style] - 1):
                oddities.padded[column + at + 1] += 1


def _numbers(kind: int, content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield the numbers of a record: how many columns after the first, the format, and the packed number."""
    if kind == _SHORTS:
        for at in range((len(content) - 6) // 6):
            style, packed = struct.unpack_from("<H4s", content, 4 + 6 * at)
            yield at, style, packed
    elif kind != _FORMULA or content[12:14] != b"\xff\xff":  # else the formula gives no number
        yield 0, int.from_bytes(content[4:6], "little"), content[6 : 10 if kind == _SHORT else 14]


def short(packed: bytes) -> float:
    """Return a number that is packed into four bytes (2.5.122): a whole one, or the beginning of a long one."""
    number = int.from_bytes(packed, "little")
    if number & 2:
        value = float(int.from_bytes(packed, "little", signed=True) >> 2)
    else:
        (value,) = struct.unpack("<d", bytes(4) + (number & ~3).to_bytes(4, "little"))
    return value / 100 if number & 1 else value


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records from a place on until that part of the workbook ends, without those of charts within it."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        content = stream[at + 4 : at + 4 + length]
        at += 4 + length
        depth += (kind == _BEGIN) - (kind == _END)
        if depth <= 1 and kind != _END:
            yield kind, content
        if depth <= 0:
            return
