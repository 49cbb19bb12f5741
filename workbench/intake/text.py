"""Bytes to a clean CSV: encoding, line ends, dialect and header line are found here, so that nothing is left to guess.

DuckDB's CSV sniffer loses rows and digits without a word (guarantee 2); what leaves this module is a UTF-8 file
with one header line, line feeds, a known delimiter and a known number of records.
"""

import codecs
import csv
import itertools
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow

from workbench.errors import FileRefused
from workbench.exports import ExportKind
from workbench.intake import headers as header_lines

CHUNK = 4 << 20  # bytes read at a time
HEADER_SEARCH = 30  # lines in which the header is looked for
DELIMITERS = (",", ";", "\t", "|")
FIELD_LIMIT = 16 << 20  # characters that one field may hold


@dataclass(frozen=True)
class Ragged:
    """A record that does not have as many fields as the header: its physical line, and the reason."""

    row: int
    reason: str


@dataclass(frozen=True)
class TextFile:
    """A clean CSV in the inbox: UTF-8, line feeds, `header` on its first line and `records` after it.

    `first_row` is the physical line (or sheet row) of the first record. When `has_rows` the last field of every
    record is its physical line; else records stand one to a line. `set_aside` are records that were left out.
    `inner_name` is what the file is called in the archive that it came in.
    """

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    records: int
    first_row: int = 2
    has_rows: bool = False
    has_quoted_lines: bool = False
    set_aside: tuple[Ragged, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    inner_name: str = ""


@dataclass(frozen=True)
class _Lines:
    """What one pass over the bytes found: how they are encoded and how their lines end."""

    encoding: str
    is_clean: bool
    newlines: int
    newlines_in_quotes: int
    ends_with_newline: bool
    quotes_match: bool


def read_text(source: Path, target: Path, kinds: Iterable[ExportKind]) -> TextFile:
    """Write a clean copy of a text file to `target` and say what was found.

    Raises FileRefused when it is not text, when a field never ends, or when it holds HTML or JSON.
    """
    lines = _scan(source)
    first = _first_lines(source, lines.encoding)
    _refuse_pages(first, source.name)
    delimiter, skipped, header = _header(first, tuple(kinds))
    if not header:
        return TextFile(target, lines.encoding, delimiter, (), 0)
    if lines.is_clean and not skipped:
        _placed(source, target)
    else:
        _transcode(source, target, lines.encoding, skipped)
    clean = lines if lines.is_clean and not skipped else _scan(target)
    found = TextFile(
        target,
        lines.encoding,
        delimiter,
        header,
        records=clean.newlines - clean.newlines_in_quotes - int(clean.ends_with_newline),
        first_row=skipped + 2,
        has_quoted_lines=clean.newlines_in_quotes > 0,
        warnings=_warnings(lines.encoding, skipped),
    )
    # DuckDB's reader takes a quote that is never closed for text; the line-by-line one refuses it.
    return found if clean.quotes_match else numbered(found, source.name)


def _warnings(encoding: str, skipped: int) -> tuple[str, ...]:
    found = []
    if encoding == "cp1252":
        found.append("The file is not UTF-8; it was read as Windows-1252")
    if skipped:
        found.append(f"{skipped} line{'s' if skipped > 1 else ''} above the header left out")
    return tuple(found)


def _scan(source: Path) -> _Lines:
    """Read every byte once: check that it is text, and count line ends, inside and outside of quotes."""
    encoding = _declared_encoding(source)
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict") if encoding else None
    newlines, returns, pairs, quoted, quotes, last, rest = 0, 0, 0, 0, 0, b"", b""
    with source.open("rb") as file:
        while chunk := file.read(CHUNK):
            try:
                rest = b"" if decoder and decoder.decode(chunk) is not None else _checked_utf8(rest + chunk)
            except (UnicodeDecodeError, pyarrow.ArrowInvalid):
                return _fallback(source, encoding)
            newlines += chunk.count(b"\n")
            if b"\r" in chunk or last == b"\r":
                returns += chunk.count(b"\r")
                pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
            if b'"' in chunk or quotes % 2:
                pieces = chunk.split(b'"')
                quoted += sum(piece.count(b"\n") for piece in pieces[1 - quotes % 2 :: 2])
                quotes += len(pieces) - 1
            last = chunk[-1:]
    if rest or (decoder and _is_cut(decoder)):
        return _fallback(source, encoding)
    is_clean = encoding is None and (returns == 0 or returns == pairs == newlines)
    return _Lines(encoding or "utf-8", is_clean, newlines, quoted, last == b"\n", quotes % 2 == 0)


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


def _declared_encoding(source: Path) -> str | None:
    """Return the encoding that a byte-order mark declares, None without one. Raises FileRefused for binary files."""
    with source.open("rb") as file:
        start = file.read(4096)
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if start.startswith(mark):
            return encoding
    if b"\0" in start:
        raise FileRefused(f"{source.name}: not a text file. Load a CSV, or an .xlsx with its own ending")
    return None


def _fallback(source: Path, encoding: str | None) -> _Lines:
    if encoding is not None:
        raise FileRefused(f"{source.name}: damaged: its first bytes say {encoding}, the rest is not. Export it again")
    return _Lines("cp1252", False, 0, 0, True, True)


def _first_lines(source: Path, encoding: str) -> list[str]:
    with source.open(encoding=encoding, errors="replace", newline=None) as file:
        return [line[:FIELD_LIMIT] for line in itertools.islice(file, HEADER_SEARCH + 1)]


def _refuse_pages(first: Sequence[str], name: str) -> None:
    start = "".join(first[:3]).lstrip("\ufeff \t\r\n").lower()
    for mark, what in (("<", "a web page"), ("{", "a JSON message"), ("[{", "a JSON message")):
        if start.startswith(mark):
            raise FileRefused(f"{name}: holds {what}, not a report. Export it again and check that you are signed in")


def _header(first: Sequence[str], kinds: tuple[ExportKind, ...]) -> tuple[str, int, tuple[str, ...]]:
    """Return the delimiter, the lines above the header, and the header: the best match among the first lines."""
    best: tuple[int, int, str, int, tuple[str, ...]] = (0, 0, ",", 0, ())
    for number, delimiter in itertools.product(range(len(first[:HEADER_SEARCH])), DELIMITERS):
        fields = _fields(first[number], delimiter)
        rank = (header_lines.score(fields, kinds), -number, delimiter, number, fields)
        best = max(best, rank, key=lambda found: found[:2])
    known, _, delimiter, number, fields = best
    if known >= 2:
        return delimiter, number, fields
    text = [line for line in first if line.strip()]
    delimiter = max(DELIMITERS, key=lambda mark: text[0].count(mark)) if text else ","
    return delimiter, 0, _fields(text[0], delimiter) if text else ()


def _fields(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(next(csv.reader([line.strip("\ufeff\r\n")], delimiter=delimiter), ()))
    except csv.Error:
        return ()


def _placed(source: Path, target: Path) -> None:
    """Put a clean file into the inbox under our own name: by a link where the disk allows it, else by a copy."""
    try:
        target.hardlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, target)


def _transcode(source: Path, target: Path, encoding: str, skipped: int) -> None:
    """Rewrite as UTF-8 with line feeds, without the first lines."""
    errors = "replace" if encoding == "cp1252" else "strict"
    with (
        source.open(encoding=encoding, errors=errors, newline=None) as text,
        target.open("w", encoding="utf-8", newline="\n") as clean,
    ):
        for _ in range(skipped):
            text.readline()
        shutil.copyfileobj(text, clean, CHUNK)


def numbered(text: TextFile, name: str) -> TextFile:
    """Rewrite a clean file record by record, with the physical line at the end of each.

    Slower than DuckDB's reader, so only for files that it refuses or whose rejects need line numbers: records
    that are too short or too long are set aside, blank ones left out. Raises FileRefused when a quote never ends.
    """
    target = text.path.with_suffix(".numbered.csv")
    ragged: list[Ragged] = []
    with text.path.open(encoding="utf-8", newline="") as lines, target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL, delimiter=text.delimiter)
        writer.writerow([*text.header, "row"])
        records = sum(1 for _ in map(writer.writerow, _records(lines, text, ragged, name)))
    text.path.unlink()
    return replace(text, path=target, records=records, has_rows=True, set_aside=tuple(ragged))


def _records(lines: Iterable[str], text: TextFile, ragged: list[Ragged], name: str) -> Iterator[list[str]]:
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(lines, delimiter=text.delimiter, strict=True)
    offset, width, before = text.first_row - 2, len(text.header), 1
    try:
        next(reader)
        before = reader.line_num
        for record in reader:
            row, before = before + offset + 1, reader.line_num
            if len(record) == width:
                yield [*record, str(row)]
            elif any(field_.strip() for field_ in record):
                ragged.append(Ragged(row, f"{len(record)} fields where the header has {width}"))
    except csv.Error as error:
        raise FileRefused(f"{name}: row {before + offset + 1}: {_csv_reason(error)}. Export it again") from None


def _csv_reason(error: csv.Error) -> str:
    return "a quote that is never closed" if "unexpected end" in str(error) else f"not a CSV ({error})"


def written(rows: Iterable[Sequence[str]], target: Path) -> None:
    """Write records as a clean CSV."""
    with target.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
