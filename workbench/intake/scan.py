"""One part of an .xlsx package, looked through block by block for what would bite or mislead a parser.

Every tag of every block is seen, by array operations and by patterns that cannot backtrack; no tree is built. Cells
must say their places in order, each once: of two cells in one place a parser would drop one without a word. What it
would read wrongly is noted in the sheet's `Oddities`, or mended in the block.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from workbench.errors import FileRefused
from workbench.intake.limits import Limits, passed
from workbench.intake.number_formats import Formats
from workbench.intake.oddities import Oddities

ROWS, COLUMNS = 1_048_576, 16_384  # the grid of a sheet
_LONGEST = 4 << 20  # bytes of one tag or one text; a cell holds 32,767 characters at most
_MOST_DAYS = 1e6  # of a negative time; what is longer is none
_PADDING = b"\0" * 16  # so that looking ahead of a tag never leaves the block

_TAG = re.compile(rb"<(?:[\w.-]+:)?(row|c)(?=[\s/>])([^<>]*)")
_PREFIXED = re.compile(rb"<[\w.-]+:(?:row|c)[\s/>]")
_REFERENCE = re.compile(rb"(?:^|\s)r\s*=\s*[\"']([A-Za-z]*)(\d*)[\"']")
_ERROR = re.compile(
    rb"<(?:[\w.-]+:)?c\s([^<>]*?\bt\s*=\s*[\"']e[\"'][^<>]*)>(?:<(?:[\w.-]+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*<[^<>]*>))?"
    rb"<(?:[\w.-]+:)?v>([^<]*)<"
)
# A formula without a value, or with an empty one that is not said to be a text.
_P = rb"(?:[\w.-]+:)?"
_FORMULA = rb"<%sf(?:\s[^<>]*)?(?:/>|>[^<]*</%sf>)\s*" % (_P, _P)
_UNCALCULATED = re.compile(
    rb"%s</%sc>|<%sc(?:\s(?![^<>]*\bt\s*=\s*[\"']str)[^<>]*)?>\s*%s<%sv(?:\s[^<>]*)?(?:/>|>\s*</)"
    % (_FORMULA, _P, _P, _FORMULA, _P)
)
_COUNT = re.compile(rb"ount\s*=\s*[\"']\s*(\d+)")
_HIDDEN = re.compile(rb"<%srow\s([^<>]*?\bhidden\s*=\s*[\"'](?:1|true|on)[\"'][^<>]*)" % _P)
_MERGED = re.compile(rb"<%smergeCell\s[^<>]*?\bref\s*=\s*[\"']\$?([A-Za-z]+)\$?(\d+):\$?([A-Za-z]+)\$?(\d+)[\"']" % _P)
_STYLE = re.compile(rb"\ss\s*=\s*[\"'](\d+)[\"']")
_NEGATIVE = re.compile(rb">(-\d[\d.]*(?:[eE][+-]?\d+)?)</%sv>" % _P)
_NUMBER = (
    rb"<%%sc\s((?![^<>]*\bt\s*=\s*[\"'](?!n))[^<>]*\bs\s*=\s*[\"'](%%s)[\"'][^<>]*)>(?:%s)?<%%sv>(\d+)<" % _FORMULA
)
# A text within the cell, which is in <is>, or should be: a parser takes a <v> after it for the value, and without it
# finds none.
_TEXT_IN_V = re.compile(rb"inlineStr([\"'][^<>]*>\s*<%sv[\s/>])" % _P)
_TEXT_AND_V = re.compile(rb"(</%sis>\s*)<%sv(?:\s[^<>]*)?(?:/>|>[^<]*</%sv\s*>)" % (_P, _P, _P))
# How far the cells reach, which is known from them: a parser refuses what is not written as it expects.
_DIMENSION = re.compile(
    rb"<%sdimension(?!\s+ref=\"[A-Z]+[1-9]\d*(?::[A-Z]+[1-9]\d*)?\"\s*/>)(?:\s[^<>]*)?(?:/>|>\s*</%sdimension\s*>)"
    % (_P, _P)
)
_MARKUP = re.compile(rb"<!(?!--|\[CDATA\[)")
_ENCODING = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)[\"']")


@dataclass
class Extent:
    """How far the cells of one part reach that were seen; positions count from 1."""

    height: int = 0
    width: int = 0
    cells: int = 0
    row: int = 0  # where the last cell stands
    column: int = 0
    is_odd: bool = False  # a parser reads it only when it is mended
    misread: int = 0  # cells that hold an error or a negative time


@dataclass(frozen=True)
class Scan:
    """The scan of one part of a file, under limits; `formats` are those of the workbook's cells."""

    file: str
    limits: Limits
    formats: Formats = field(default_factory=Formats)
    oddities: Oddities = field(default_factory=Oddities)
    sheet: Extent = field(default_factory=Extent)

    def check(self, pieces: Iterable[bytes]) -> None:
        """Look through a part. Raises FileRefused for what must not reach a parser."""
        for number, block in enumerate(self._blocks(pieces)):
            if not number:
                self._check_encoding(block)
            self._check_block(block)

    def mended(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield a sheet's bytes without what a parser reads wrongly or refuses, though spreadsheet programs do not."""
        for block in self._blocks(pieces):
            told = _TEXT_IN_V.sub(rb"str\1", _DIMENSION.sub(b"", block))
            yield _TEXT_AND_V.sub(rb"\1", told)

    def _blocks(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield a part's bytes in blocks that end before a cell, or at least before a tag."""
        rest = b""
        for piece in pieces:
            block = rest + piece
            cut = block.rfind(b"<c ")
            cut = cut if cut > 0 else block.rfind(b"<")
            if cut > 0:
                yield block[:cut]
            rest = block[max(cut, 0) :]
            if len(rest) > _LONGEST:
                raise FileRefused(f"{self.file}: holds a text longer than any cell can. Export a CSV instead")
        yield rest

    def _check_encoding(self, start: bytes) -> None:
        # In another encoding the patterns would see nothing.
        declared = _ENCODING.match(start.removeprefix(b"\xef\xbb\xbf"))
        is_known = not declared or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii", b"ascii")
        if start[:2] in (b"\xff\xfe", b"\xfe\xff") or not is_known:
            raise FileRefused(
                f"{self.file}: is written in an unusual encoding. Save it again with a spreadsheet program"
            )

    def _check_block(self, block: bytes) -> None:
        codes = np.frombuffer(block + _PADDING, np.uint8)
        places = np.flatnonzero(codes == ord("<"))
        seconds = codes[places + 2]
        ends = (seconds <= ord(" ")) | (seconds == ord(">")) | (seconds == ord("/"))
        tags = _Tags(codes, places, codes[places + 1], seconds, ends, b":" in block and bool(_PREFIXED.search(block)))
        self._check_markup(block, tags.has("!"))
        self._measure(block, tags)
        self._note_block(block, tags)
        self.sheet.is_odd |= _is_odd(block, tags)

    def _note_block(self, block: bytes, tags: "_Tags") -> None:
        """Note what a parser reads wrongly, or does not say; most blocks are seen at a glance to hold none of it."""
        if _has_errors(tags.codes) or b"'e'" in block:
            self._note_errors(block)
        if tags.named("f").any() or b":f" in block:
            self.oddities.uncalculated += len(_UNCALCULATED.findall(block))
        after = tags.codes[tags.places[tags.named("v")] + 3]
        if self.formats.days and (tags.is_prefixed or (after == ord("-")).any()):
            self._note_negative(block)
        if b"hidden" in block:
            self._note_hidden(block)
        if tags.has("m"):
            self._note_merges(block)
        if self.formats.padded:
            self._note_padded(block)

    def _check_markup(self, block: bytes, has_declarations: bool) -> None:
        if has_declarations and _MARKUP.search(block):
            raise FileRefused(f"{self.file}: holds markup that no spreadsheet needs (DOCTYPE). Export a CSV instead")
        found = _COUNT.finditer(block) if b"ount" in block else ()
        counts = [int(count[1][:18]) for count in found if _is_within_a_tag(block, count.start())]
        if counts and max(counts) > self.limits.shared_strings:
            raise passed(self.file, f"declares {max(counts):,} texts", self.limits, "shared_strings")

    def _measure(self, block: bytes, tags: "_Tags") -> None:
        """Widen the extent by the cells of a block. Raises FileRefused when it leaves the limits."""
        cells = tags.places[tags.named("c")]
        self.sheet.cells += len(cells)
        if self.sheet.cells > self.limits.cells:
            raise passed(self.file, "too many cells", self.limits, "cells")
        places = None if tags.is_prefixed else _places(tags.codes, cells)
        if places is None:
            places = self._places_one_by_one(block)
        if not len(places):
            return
        order = np.concatenate([[self.sheet.row * COLUMNS * 2 + self.sheet.column], places])
        if not (order[1:] > order[:-1]).all():
            raise FileRefused(f"{self.file}: its cells are not in order: damaged. Save it again, or export a CSV")
        self.sheet.row, self.sheet.column = divmod(int(places[-1]), COLUMNS * 2)
        self.sheet.height = self.sheet.row
        self.sheet.width = max(self.sheet.width, int((places % (COLUMNS * 2)).max()))
        self._check_extent()

    def _places_one_by_one(self, block: bytes) -> NDArray[np.int64]:
        """Return the places of cells that other writers than the usual ones give in other ways, or not at all."""
        row, column, places = self.sheet.row, self.sheet.column, []
        for tag, attributes in _TAG.findall(block):
            reference = _REFERENCE.search(attributes)
            letters, digits = reference.groups() if reference else (b"", b"")
            if tag == b"row":
                row, column = (int(digits[:9]) if digits else row + 1), 0
                continue
            row, column = (int(digits[:9]), _column(letters)) if letters and digits else (row, column + 1)
            self.sheet.width, self.sheet.height = max(self.sheet.width, column), max(self.sheet.height, row)
            places.append(row * COLUMNS * 2 + min(column, COLUMNS * 2 - 1))
        self._check_extent()
        return np.array(places, np.int64)

    def _check_extent(self) -> None:
        check_extent(self.sheet.height, self.sheet.width, self.file, self.limits)

    def _note_errors(self, block: bytes) -> None:
        """Note the cells that hold an error: the parser reads them as empty."""
        for attributes, text in _ERROR.findall(block):
            self._note(attributes, text.decode("utf-8", "replace"))

    def _note_negative(self, block: bytes) -> None:
        """Note the cells that hold a negative number of days: the parser reads -6 hours as 18 o'clock."""
        for value in _NEGATIVE.finditer(block):
            tag = _tag_before(block, value.start())
            style = _STYLE.search(tag)
            if style and int(style[1][:9]) in self.formats.days and abs(days := float(value[1])) < _MOST_DAYS:
                self._note(tag, timedelta(days=days))

    def _note(self, attributes: bytes, value: object) -> None:
        place = _REFERENCE.search(attributes)
        if place is None or not place[2]:
            raise FileRefused(
                f"{self.file}: holds errors or negative times in cells without a place. Save it again, or export a CSV"
            )
        self.oddities.misread.setdefault(int(place[2]), []).append((_column(place[1]), value))
        self.sheet.misread += 1
        if self.sheet.misread > self.limits.error_cells:
            found = f"{self.sheet.misread:,} cells hold errors or negative times"
            raise passed(self.file, found, self.limits, "error_cells")

    def _note_hidden(self, block: bytes) -> None:
        places = (_REFERENCE.search(b" " + attributes) for attributes in _HIDDEN.findall(block))
        self.oddities.hidden.update(int(place[2]) for place in places if place and 0 < len(place[2]) < 8)

    def _note_merges(self, block: bytes) -> None:
        for first, top, last, bottom in _MERGED.findall(block):
            self.oddities.merge(int(top[:8]), _column(first), min(int(bottom[:8]), ROWS), _column(last))
        if self.oddities.reach > self.limits.merged_cells:
            found = f"cells merged over {self.oddities.reach:,} rows"
            raise passed(self.file, found, self.limits, "merged_cells")

    def _note_padded(self, block: bytes) -> None:
        """Count the numbers that are shown with zeros before them, by column."""
        styles = b"|".join(b"%d" % style for style in self.formats.padded)
        for attributes, style, digits in re.findall(_NUMBER % (_P, styles, _P), block):
            place = _REFERENCE.search(attributes)
            if place and len(digits) < self.formats.padded[int(style)]:
                self.oddities.padded[_column(place[1])] += 1


@dataclass(frozen=True)
class _Tags:
    """The tags of a block: its bytes, where each begins, its first two characters, and whether one is its whole name.

    Where `is_prefixed`, rows and cells have names with a colon, so their first characters say nothing.
    """

    codes: NDArray[np.uint8]
    places: NDArray[np.intp]
    initials: NDArray[np.uint8]
    seconds: NDArray[np.uint8]
    ends: NDArray[np.bool_]
    is_prefixed: bool

    def named(self, name: str) -> NDArray[np.bool_]:
        """Tell of each tag whether it has that name of one character."""
        is_named: NDArray[np.bool_] = (self.initials == ord(name)) & self.ends
        return is_named

    def has(self, initial: str) -> bool:
        """Tell whether a name may begin with that character."""
        return self.is_prefixed or bool((self.initials == ord(initial)).any())


def _is_odd(block: bytes, tags: _Tags) -> bool:
    """Tell whether a parser reads a block rightly only when it is mended."""
    texts = np.count_nonzero((tags.initials == ord("i")) & (tags.seconds == ord("s")))
    ended = (tags.initials[:-1] == ord("/")) & (tags.seconds[:-1] == ord("i"))
    has_both = tags.is_prefixed or (tags.named("v")[1:] & ended).any()
    return bool(
        (block.count(b"inlineStr") > texts and _TEXT_IN_V.search(block))
        or (has_both and _TEXT_AND_V.search(block))
        or (tags.has("d") and _DIMENSION.search(block))
    )


def check_extent(height: int, width: int, file: str, limits: Limits) -> None:
    """Raise FileRefused where the cells of a sheet reach too far."""
    if width > COLUMNS or height > ROWS:
        raise FileRefused(f"{file}: has cells outside of the grid of a sheet. Export a CSV instead")
    instead = "Delete what stands far from the table, or export a CSV"
    if width > limits.columns:
        raise passed(file, f"{width:,} columns", limits, "columns", instead)
    if width * height > limits.cells:
        raise passed(file, f"{height:,} rows x {width:,} columns", limits, "cells", instead)


def _is_within_a_tag(block: bytes, at: int) -> bool:
    return block.rfind(b"<", 0, at) > block.rfind(b">", 0, at)


def _tag_before(block: bytes, at: int) -> bytes:
    """Return the tag of the cell in which something stands."""
    start = block.rfind(b"<c", 0, at)
    start = max(start, block.rfind(b":c", max(start, 0), at))  # no further back: most blocks have none
    return block[start : block.find(b">", start)]


def _has_errors(codes: NDArray[np.uint8]) -> bool:
    """Tell whether `"e"` stands anywhere; ten times as fast as a search, for quotes are everywhere."""
    return bool(((codes[1:-1] == ord("e")) & (codes[:-2] == ord('"')) & (codes[2:] == ord('"'))).any())


def _places(codes: NDArray[np.uint8], cells: NDArray[np.intp]) -> NDArray[np.int64] | None:
    """Return row * 32,768 + column of every cell, None when one does not begin as `<c r="A1"`."""
    at = cells + 6
    for n, character in enumerate(b' r="', start=2):
        if not (codes[cells + n] == character).all():
            return None
    columns, at = _digits(codes, at, most=3, first=ord("A"), base=26)
    rows, at = _digits(codes, at, most=7, first=ord("0"), base=10)
    is_whole = (codes[at] == ord('"')) & (columns > 0) & (rows > 0)
    return rows * (COLUMNS * 2) + columns if is_whole.all() else None


def _digits(
    codes: NDArray[np.uint8], at: NDArray[np.intp], most: int, first: int, base: int
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return the numbers that stand there in digits of a base, and where each ends. The digit A of base 26 is 1."""
    numbers = np.zeros(len(at), np.int64)
    for _ in range(most):
        digits = codes[at] - np.uint8(first)  # wraps around for what comes before the first
        is_digit = digits < base
        if not is_digit.any():
            break
        numbers = np.where(is_digit, numbers * base + digits + (base == 26), numbers)
        at = at + is_digit
    return numbers, at


def _column(letters: bytes) -> int:
    """Return a column's number: 1 for A, one outside of any sheet for more than three letters."""
    number = 0
    for letter in letters[:4].upper():
        number = number * 26 + letter - 64
    return number
