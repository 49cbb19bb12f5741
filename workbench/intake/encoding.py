"""Bytes to text: which encoding a file is in, and how its lines end, found by reading all of it once.

UTF-8 and UTF-16 are taken at their word. What is neither is of the code page that its words prove, else it is asked for
(see `codepages`). UTF-8 with a few broken bytes stays UTF-8: read as Windows-1252 as a whole, every accent and emoji of
it would be lost for the sake of one byte.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow

from workbench.errors import ChoiceNeeded, FileRefused
from workbench.intake import codepages
from workbench.intake.seen import is_odd

CHUNK = 4 << 20  # bytes or characters read at a time
MOST_LOCK = 1_000  # bytes that Excel's lock file has at most
# How files begin that people take for exports, and what they are.
_OTHERS = {
    b"%PDF": "a PDF", b"{\\rtf": "an RTF document", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture", b"\x7fELF": "a program", b"MZ\x90": "a program", b"SQLite format 3": "an SQLite database",
    b"Rar!": "a .rar archive", b"7z\xbc\xaf": "a .7z archive",
}  # fmt: skip
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LINE = 1 << 20  # bytes of a line that are read so that no field is cut
MOST_FIELDS = 2_000  # fields by which a code page is told
FIELD = 200  # bytes of a field that are looked at, before and after one that is not ASCII
SAMPLES = 4  # readings that are shown of a file whose code page is not told
_FIELD_END = re.compile(rb'[,;\t"\r\n]')  # nothing that is half of a character in some code page
_ASCII = bytes(range(128))
_LAST_LETTERS = 0xC5  # the first byte of the last letters of Latin Extended-A
_BROKEN = re.compile("[\udc80-\udcff]")


def _western(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)  # five bytes that Windows-1252 leaves open; two of them must not become one character


# What Windows-1252 makes of a byte that is no text in the file's own encoding ("surrogateescape" keeps it apart).
_WESTERN = {0xDC00 + byte: _western(byte) for byte in range(0x80, 0x100)}


@dataclass(frozen=True)
class Encoding:
    """How bytes become text: `name` as it is shown, `codec` as Python reads it, and bytes that are not of it.

    `strange` of them are read as Windows-1252, the first in the physical line `first_strange`. `nuls` characters that
    stand for nothing are left out, the first in line `first_nul`. `is_told` when its words alone tell the code page;
    `unused` is what was said of it, where the file says otherwise.
    """

    name: str = "utf-8"
    codec: str = "utf-8"
    strange: int = 0
    first_strange: int = 0
    nuls: int = 0
    first_nul: int = 0
    is_told: bool = False
    unused: str = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be said of the encoding."""
        return (*self._of_page, *self._of_strange, *self._of_nuls)

    @property
    def _of_page(self) -> tuple[str, ...]:
        if self.unused:
            is_marked = " by the mark at its beginning" if self.name != "utf-8" else ""
            name = "UTF-16" if self.name == "utf-16" else "UTF-8"
            return (f"The file is {name}{is_marked}; the encoding given ({self.unused}) was not used",)
        if not self.is_told:
            return ()
        shown = "Windows-1252" if self.name == codepages.WESTERN else codepages.PAGES[self.name]
        return (f"The file is not UTF-8; it was read as {shown}",)

    @property
    def _of_nuls(self) -> tuple[str, ...]:
        if not self.nuls:
            return ()
        they = "1 NUL character was" if self.nuls == 1 else f"{self.nuls:,} NUL characters were"
        return (f"{they} left out{'' if self.nuls == 1 else ', the first'} in row {self.first_nul:,}",)

    @property
    def _of_strange(self) -> tuple[str, ...]:
        if not self.strange or self.is_told:
            return ()
        they = "1 byte is" if self.strange == 1 else f"{self.strange:,} bytes are"
        were = "was" if self.strange == 1 else "were"
        first = "" if self.strange == 1 else ", the first"
        return (f"{they} not UTF-8 and {were} read as Windows-1252{first} in row {self.first_strange:,}",)


@dataclass(frozen=True)
class Lines:
    """What one pass over the bytes found: how they are encoded, and how many lines end inside and outside of quotes."""

    encoding: Encoding = Encoding()
    is_clean: bool = False
    newlines: int = 0
    newlines_in_quotes: int = 0
    blank: int = 0  # lines with nothing in them, outside of quotes
    ends_with_newline: bool = True
    quotes_match: bool = True
    has_unseen: bool = True  # characters by which two texts may differ that look equal

    @property
    def records(self) -> int:
        """The number of records below the header, when all quotes stand where they belong."""
        return self.newlines - self.newlines_in_quotes - self.blank - int(self.ends_with_newline)

    @property
    def has_one_record_each(self) -> bool:
        """Whether every line is a record."""
        return not self.newlines_in_quotes and not self.blank


def scanned(source: Path, file: str, said: str | None = None) -> Lines:
    """Read every byte once: find the encoding, and count line ends. Raises FileRefused for what is not text.

    `file` is how people call it, `said` the encoding that they say it has. Raises ChoiceNeeded where nothing tells it.
    """
    page = codepages.named(said) if said else ""
    declared = _declared(source, file, page)
    if page.startswith("utf-16") and not declared:
        return Lines(_chosen(source, file, page))
    try:
        lines, is_ascii = _counted(source, declared)
    except (UnicodeDecodeError, pyarrow.ArrowInvalid):
        return Lines(_other(source, declared, file, page))
    is_other = page and not (declared or "utf-8").startswith(page[:6]) and not is_ascii
    return replace(lines, encoding=replace(lines.encoding, unused=page)) if is_other else lines


def _counted(source: Path, declared: str | None) -> tuple[Lines, bool]:
    """Count the line ends of a file, and tell whether it is ASCII. Raises for what is not of its encoding."""
    decoder = codecs.getincrementaldecoder(declared)(errors="strict") if declared else None
    tally, rest, is_ascii = _Tally(), b"", True
    others, characters = codecs.getincrementaldecoder("utf-8")("ignore"), set[str]()
    with source.open("rb") as data:
        while chunk := data.read(CHUNK):
            text = decoder.decode(chunk) if decoder else None
            if not decoder and (rest or not chunk.isascii()):
                rest = _checked_utf8(rest + chunk)
            is_ascii = is_ascii and chunk.isascii()
            if others.getstate()[0] or _has_rare(chunk):
                characters.update(others.decode(chunk.translate(None, _ASCII)))
            tally.add(chunk, text)
    if decoder:
        decoder.decode(b"", True)
    rest.decode()
    encoding = Encoding(declared, declared) if declared else Encoding()
    lines = tally.lines(replace(encoding, nuls=tally.nuls, first_nul=tally.first_nul))
    return replace(lines, has_unseen=declared is not None or is_odd(characters)), is_ascii


def _has_rare(chunk: bytes) -> bool:
    """Tell whether bytes of UTF-8 hold more than ASCII and the accented letters of Europe, which are as they look."""
    if chunk.isascii():
        return False
    return b"\xc2" in chunk or bool(np.frombuffer(chunk, np.uint8).max() > _LAST_LETTERS)


@dataclass
class _Tally:
    """What is counted of a file, chunk by chunk; `last` is the last byte so far, `line` the length of the last line."""

    newlines: int = 0
    newlines_in_quotes: int = 0
    quotes: int = 0
    blank: int = 0
    returns: int = 0
    pairs: int = 0
    nuls: int = 0
    first_nul: int = 0
    last: bytes = b""
    line: int = 0

    def add(self, chunk: bytes, text: str | None) -> None:
        """Count what a chunk holds; its `text` is given where a mark declares how it is encoded."""
        if text is not None or b"\0" in chunk:
            self._add_nuls(chunk.decode("latin1") if text is None else text)
        self._add_returns(chunk)
        ends, quotes = _places(chunk, b"\n"), _places(chunk, b'"') if b'"' in chunk else _NOWHERE
        is_inside = (np.searchsorted(quotes, ends) + self.quotes) % 2 == 1
        self.newlines += len(ends)
        self.newlines_in_quotes += int(np.count_nonzero(is_inside))
        self.blank += int(np.count_nonzero(self._is_blank(chunk, ends) & ~is_inside))
        self.quotes += len(quotes)
        self.line = len(chunk) - 1 - int(ends[-1]) if len(ends) else self.line + len(chunk)
        self.last = chunk[-1:]

    def _add_nuls(self, text: str) -> None:
        if not self.nuls and "\0" in text:
            self.first_nul = self.newlines + 1 + text.count("\n", 0, text.index("\0"))
        self.nuls += text.count("\0")

    def _add_returns(self, chunk: bytes) -> None:
        if b"\r" in chunk or self.last == b"\r":
            self.returns += chunk.count(b"\r")
            self.pairs += chunk.count(b"\r\n") + (self.last == b"\r" and chunk[:1] == b"\n")

    def _is_blank(self, chunk: bytes, ends: "_Places") -> "_Flags":
        """Tell of each line that ends in a chunk whether it is nothing, or a return alone."""
        lengths: _Places = np.diff(ends, prepend=-self.line - 1) - 1
        is_blank: _Flags = lengths == 0
        if b"\r" in chunk or self.last == b"\r":
            before = np.frombuffer(self.last.rjust(1) + chunk, np.uint8)[ends]
            is_blank |= (lengths == 1) & (before == ord("\r"))
        return is_blank

    def lines(self, encoding: Encoding) -> Lines:
        """Return what was counted of a whole file."""
        # Line breaks within values become line feeds too, or one value would differ from another by how a file ends
        # lines.
        is_even = self.returns == self.pairs == self.newlines and not self.newlines_in_quotes
        is_clean = encoding.codec == "utf-8" and not self.nuls and (self.returns == 0 or is_even)
        return Lines(
            encoding, is_clean, self.newlines, self.newlines_in_quotes, self.blank, self.last == b"\n",
            self.quotes % 2 == 0,
        )  # fmt: skip


_Places: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.intp]]"
_Flags: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.bool_]]"
_NOWHERE: _Places = np.zeros(0, np.intp)


def _places(chunk: bytes, sign: bytes) -> _Places:
    """Return where a byte stands; so it is counted in a third of the time that Python takes."""
    return np.flatnonzero(np.frombuffer(chunk, np.uint8) == sign[0])


def _checked_utf8(block: bytes) -> bytes:
    """Check bytes as UTF-8 and return the unfinished character at their end. Raises ArrowInvalid.

    Arrow checks ten times as fast as Python decodes.
    """
    whole = len(block)
    for back in range(1, min(4, whole) + 1):
        if block[-back] >= 0xC0:  # the first byte of a character of several
            whole -= back if back < 2 + (block[-back] >= 0xE0) + (block[-back] >= 0xF0) else 0
            break
        if block[-back] < 0x80:
            break
    pyarrow.array([block[:whole]], pyarrow.binary()).cast(pyarrow.string())
    return block[whole:]


def _declared(source: Path, file: str, page: str) -> str | None:
    """Return the encoding that a byte-order mark declares, None without one. Raises FileRefused for binary files."""
    with source.open("rb") as data:
        start = data.read(4096)
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise FileRefused(f"{file}: is UTF-32, which is not read here. Save it as UTF-8")
    declared = next((codec for mark, codec in MARKS if start.startswith(mark)), None)
    if declared is None and not page.startswith("utf-16") and (seen := _seen(source, file, start)):
        raise FileRefused(f"{file}: {seen}")
    return declared


def _seen(source: Path, file: str, start: bytes) -> str:
    """Return what a file that is no text seems to be and what would work, '' for one that may be text."""
    if file.startswith("~$") and source.stat().st_size < MOST_LOCK:
        return "a lock that Excel leaves beside a workbook that is open. Load the workbook itself"
    named = next((what for mark, what in _OTHERS.items() if start.startswith(mark)), "")
    if named:
        return f"{named}, not a report. Export it again as CSV or .xlsx"
    high, low = start[::2].count(b"\0"), start[1::2].count(b"\0")
    if max(high, low) * 3 > len(start) > 16 * min(high, low):
        end = "le" if low > high else "be"
        return f"seems to be UTF-16 without the mark that says so. Save it as UTF-8, or say --encoding utf-16-{end}"
    if (high + low) * 16 > len(start):
        return "not a text file. Load a CSV, or an .xlsx with its own ending"
    return ""


def _other(source: Path, declared: str | None, file: str, page: str) -> Encoding:
    """Return the encoding of a file that is not wholly what it seemed: UTF-8 here and there, else of a code page."""
    if declared == "utf-16":
        raise FileRefused(
            f"{file}: damaged: its first bytes say UTF-16, the rest is not. Export it again, best as UTF-8"
        )
    if page and not declared:
        return _chosen(source, file, page)
    strange, first, others, line = 0, 0, 0, 1
    for piece in _pieces(source, declared or "utf-8", "surrogateescape"):
        found = len(_BROKEN.findall(piece))
        others += len(piece) - len(piece.encode("ascii", "ignore")) - found
        if found and not strange:
            first = line + piece.count("\n", 0, next(_BROKEN.finditer(piece)).start())
        strange, line = strange + found, line + piece.count("\n")
    if declared or others >= strange:
        return Encoding(declared or "utf-8", declared or "utf-8", strange, first)
    return _told(source, file, strange, first)


def _told(source: Path, file: str, strange: int, first: int) -> Encoding:
    """Return the code page that a file's words tell. Raises ChoiceNeeded where they do not."""
    fields = _fields(source)
    page = codepages.told_by(fields)
    if page == codepages.WESTERN:
        return Encoding(page, "ascii", strange, first, is_told=True)
    if page and not _first_unfit(source, page):
        return Encoding(page, page, is_told=True)
    fitting = codepages.fitting(fields)
    read = ", ".join(f"{name} '{codepages.sample(fields, name)}'" for name in fitting[:SAMPLES])
    raise ChoiceNeeded(
        f"{file}: is not UTF-8, and what it holds does not tell its code page: row {first:,} reads {read}."
        f" Say which with --encoding, one of: {', '.join(fitting)}",
        "--encoding", fitting,
    )  # fmt: skip


def _chosen(source: Path, file: str, page: str) -> Encoding:
    """Return an encoding that was said. Raises FileRefused where the file is not of it, naming those that it can be."""
    if row := _first_unfit(source, page):
        raise FileRefused(
            f"{file}: is not of the encoding given ({page}): row {row:,} holds what is none of its characters."
            f" Try one of: {', '.join(codepages.fitting(_fields(source)))}"
        )
    return Encoding(page, page)


def _first_unfit(source: Path, page: str) -> int:
    """Return the first line that holds what an encoding has no character for, 0 when there is none."""
    decoder, line = codecs.getincrementaldecoder(page)(), 1
    with source.open("rb") as data:
        while True:
            chunk = data.read(CHUNK)
            try:
                decoder.decode(chunk, not chunk)
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
            if not chunk:
                return 0
            line += chunk.count(b"\n")


def _fields(source: Path) -> tuple[bytes, ...]:
    """Return different fields of a file that are not ASCII: some of each piece of it, so much text costs little."""
    found: dict[bytes, None] = {}
    with source.open("rb") as data:
        while len(found) < MOST_FIELDS and (chunk := data.read(CHUNK) + data.readline(LINE)):
            places = np.flatnonzero(np.frombuffer(chunk, np.int8) < 0)
            for place in places[:: max(1, len(places) // MOST_FIELDS)].tolist():
                before = _FIELD_END.split(chunk[max(0, place - FIELD) : place])[-1]
                after = _FIELD_END.split(chunk[place : place + FIELD], maxsplit=1)[0]
                found[before + after] = None
    return tuple(found)


def _pieces(source: Path, codec: str, errors: str) -> Iterator[str]:
    with source.open(encoding=codec, errors=errors, newline=None) as text:
        while piece := text.read(CHUNK):
            yield piece


def pieces(source: Path, encoding: Encoding) -> Iterator[str]:
    """Give the text of a file piece by piece, with line feeds at the ends of its lines."""
    if encoding.nuls:
        return (piece.replace("\0", "") for piece in pieces(source, replace(encoding, nuls=0)))
    if not encoding.strange:
        return _pieces(source, encoding.codec, "strict")
    return (piece.translate(_WESTERN) for piece in _pieces(source, encoding.codec, "surrogateescape"))
