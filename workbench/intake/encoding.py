"""Bytes to text: which encoding a file is in, and how its lines end, found by reading all of it once.

UTF-8 and UTF-16 are taken at their word. What is neither is Windows-1252, and UTF-8 with a few broken bytes stays
UTF-8: read as Windows-1252 as a whole, every accent and emoji of it would be lost for the sake of one byte.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow

from workbench.errors import FileRefused
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
_NO_MARKS = bytes(byte for byte in range(256) if byte not in b'"\n')
_ASCII = bytes(range(128))
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
    stand for nothing are left out, the first in line `first_nul`.
    """

    name: str = "utf-8"
    codec: str = "utf-8"
    strange: int = 0
    first_strange: int = 0
    nuls: int = 0
    first_nul: int = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be said of the encoding."""
        return (*self._of_strange, *self._of_nuls)

    @property
    def _of_nuls(self) -> tuple[str, ...]:
        if not self.nuls:
            return ()
        they = "1 NUL character was" if self.nuls == 1 else f"{self.nuls:,} NUL characters were"
        return (f"{they} left out{'' if self.nuls == 1 else ', the first'} in row {self.first_nul:,}",)

    @property
    def _of_strange(self) -> tuple[str, ...]:
        if self.name == "cp1252":
            return ("The file is not UTF-8; it was read as Windows-1252",)
        if not self.strange:
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
    ends_with_newline: bool = True
    quotes_match: bool = True
    has_unseen: bool = True  # characters by which two texts may differ that look equal

    @property
    def records(self) -> int:
        """The number of records below the header, when all quotes stand where they belong and no line is blank."""
        return self.newlines - self.newlines_in_quotes - int(self.ends_with_newline)


def scanned(source: Path, file: str) -> Lines:
    """Read every byte once: find the encoding, and count line ends. Raises FileRefused for what is not text.

    `file` is how people call it.
    """
    codec = _declared(source, file)
    decoder = codecs.getincrementaldecoder(codec)(errors="strict") if codec else None
    newlines, returns, pairs, quoted, quotes, nuls, first_nul, last, rest = 0, 0, 0, 0, 0, 0, 0, b"", b""
    others, characters = codecs.getincrementaldecoder("utf-8")("ignore"), set[str]()
    with source.open("rb") as data:
        while chunk := data.read(CHUNK):
            try:
                text = decoder.decode(chunk) if decoder else ""
                rest = b"" if decoder else _checked_utf8(rest + chunk)
            except (UnicodeDecodeError, pyarrow.ArrowInvalid):
                return Lines(_mixed(source, codec, file))
            found = text.count("\0") if codec == "utf-16" else chunk.count(b"\0")
            if found and not nuls:
                first_nul = (
                    newlines
                    + 1
                    + (text.count("\n", 0, text.index("\0")) if text else chunk.count(b"\n", 0, chunk.index(b"\0")))
                )
            nuls += found
            newlines += chunk.count(b"\n")
            if b"\r" in chunk or last == b"\r":
                returns += chunk.count(b"\r")
                pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
            if (found := chunk.count(b'"')) or quotes % 2:
                quoted += _within_quotes(chunk, is_open=bool(quotes % 2))
                quotes += found
            if not chunk.isascii():
                characters.update(others.decode(chunk.translate(None, _ASCII)))
            last = chunk[-1:]
    if rest or (decoder and _is_cut(decoder)):
        return Lines(_mixed(source, codec, file))
    # Line breaks within values become line feeds too, or one value would differ from another by how a file ends lines.
    is_clean = codec is None and not nuls and (returns == 0 or (returns == pairs == newlines and not quoted))
    encoding = replace(Encoding(codec, codec) if codec else Encoding(), nuls=nuls, first_nul=first_nul)
    has_unseen = is_odd(characters) or codec is not None
    return Lines(encoding, is_clean, newlines, quoted, last == b"\n", quotes % 2 == 0, has_unseen)


def _within_quotes(chunk: bytes, is_open: bool) -> int:
    """Count the line ends within quotes; the chunk begins within some when they are open.

    All but quotes and line ends is left out, and then quotes with no line end between them: few are left to look at.
    """
    marks = chunk.translate(None, _NO_MARKS).replace(b'""', b"")
    return sum(piece.count(b"\n") for piece in marks.split(b'"')[1 - is_open :: 2])


def _is_cut(decoder: codecs.IncrementalDecoder) -> bool:
    """Tell whether the bytes ended within a character."""
    try:
        return decoder.decode(b"", True) is None
    except UnicodeDecodeError:
        return True


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


def _declared(source: Path, file: str) -> str | None:
    """Return the encoding that a byte-order mark declares, None without one. Raises FileRefused for binary files."""
    with source.open("rb") as data:
        start = data.read(4096)
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise FileRefused(f"{file}: is UTF-32, which is not read here. Save it as UTF-8")
    declared = next((codec for mark, codec in MARKS if start.startswith(mark)), None)
    if declared is None and (seen := _seen(source, start)):
        raise FileRefused(f"{file}: {seen}")
    return declared


def _seen(source: Path, start: bytes) -> str:
    """Return what a file that is no text seems to be and what would work, '' for one that may be text."""
    if source.name.startswith("~$") and source.stat().st_size < MOST_LOCK:
        return "a lock that Excel leaves beside a workbook that is open. Load the workbook itself"
    named = next((what for mark, what in _OTHERS.items() if start.startswith(mark)), "")
    if named:
        return f"{named}, not a report. Export it again as CSV or .xlsx"
    high, low = start[::2].count(b"\0"), start[1::2].count(b"\0")
    if max(high, low) * 3 > len(start) > 16 * min(high, low):
        return "seems to be UTF-16 without the mark that says so. Save it as UTF-8, or as Excel's Unicode text"
    if (high + low) * 16 > len(start):
        return "not a text file. Load a CSV, or an .xlsx with its own ending"
    return ""


def _mixed(source: Path, codec: str | None, file: str) -> Encoding:
    """Return the encoding of a file that is not wholly what it seemed: UTF-8 here and there, else Windows-1252."""
    if codec == "utf-16":
        raise FileRefused(
            f"{file}: damaged: its first bytes say UTF-16, the rest is not. Export it again, best as UTF-8"
        )
    strange, first, others, line = 0, 0, 0, 1
    for piece in _pieces(source, codec or "utf-8", "surrogateescape"):
        found = len(_BROKEN.findall(piece))
        others += len(piece) - len(piece.encode("ascii", "ignore")) - found
        if found and not strange:
            first = line + piece.count("\n", 0, next(_BROKEN.finditer(piece)).start())
        strange, line = strange + found, line + piece.count("\n")
    if codec or others >= strange:
        return Encoding(codec or "utf-8", codec or "utf-8", strange, first)
    return Encoding("cp1252", "ascii", strange, first)


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
