"""A text file to a clean CSV: what is odd about its bytes, layout and records is settled here, so nothing is guessed.

DuckDB's CSV sniffer loses rows and digits without a word (guarantee 2); what leaves this module is a UTF-8 file
with one header, line feeds, a known delimiter and a known number of records.
"""

import csv
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from pathlib import Path

from workbench.errors import FileRefused
from workbench.exports import ExportKind
from workbench.intake import dialect, encoding, totals
from workbench.intake.dialect import Dialect
from workbench.intake.encoding import CHUNK, Lines
from workbench.intake.headers import MOST_COLUMNS, least_width

RECORD_LIMIT = 16 << 20  # bytes that one record may hold; DuckDB's reader takes no longer ones


@dataclass(frozen=True)
class Ragged:
    """A record that does not have as many fields as the header: its physical line, and the reason.

    `record` are its fields as a JSON list, which takes a tenth of their memory; None when it has too many to keep.
    """

    row: int
    reason: str
    record: str | None = None


@dataclass(frozen=True)
class TextFile:
    """A clean CSV in the inbox: UTF-8, line feeds, `header` at its beginning and `records` after it.

    `first_row` is the physical line (or sheet row) of the first record; `lines_above` were left out above the header.
    When `has_rows` the last field of every record is its physical line; else records stand one to a line, unless it
    `has_quoted_lines` or blank ones.
    `set_aside` are records that were left out. `file` is how people call it, behind the archive that it came in.
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
    file: str = ""
    lines_above: int = 0
    ends_with_newline: bool = True
    mark: str = ""  # of a table that this program wrote itself
    has_unseen: bool = True  # characters by which two texts may differ that look equal


def read_text(source: Path, target: Path, kinds: Iterable[ExportKind], file: str, said: str | None = None) -> TextFile:
    """Write a clean copy of a text file to `target` and say what was found; `file` is how people call it.

    `said` is the encoding that they say it has. Raises FileRefused when it is not text, when a value never ends, or
    when it holds HTML, XML or JSON; ChoiceNeeded when nothing tells its encoding.
    """
    kinds = tuple(kinds)
    lines = encoding.scanned(source, file, said)
    opening = next(encoding.pieces(source, lines.encoding), "")[: dialect.OPENING]
    layout = dialect.found_in(opening, file, kinds)
    if not layout.header:
        return TextFile(target, lines.encoding.name, layout.delimiter, (), 0, file=file)
    clean = _cleaned(source, target, lines, layout.skipped)
    found = without_totals(replace(_described(target, lines, clean, layout), file=file), kinds)
    width = _used_width(found, layout)
    # DuckDB's reader takes a quote that is never closed for text; the line-by-line one refuses it. A quote within a
    # value is not one that begins it: where lines seem to be within values, "no records" may be wrong.
    is_certain = clean.quotes_match and (found.records > 0 or not found.has_quoted_lines)
    if is_certain and not layout.is_spaced and width == len(found.header):
        return found
    return numbered(replace(found, header=found.header[:width]), kinds, layout.is_spaced)


def _cleaned(source: Path, target: Path, lines: Lines, skipped: int) -> Lines:
    if lines.is_clean and not skipped:
        _placed(source, target)
        return lines
    with target.open("w", encoding="utf-8", newline="\n") as clean:
        for piece in encoding.pieces(source, lines.encoding):
            while skipped and piece:
                skipped, (_, _, piece) = skipped - ("\n" in piece), piece.partition("\n")
            clean.write(piece)
    return encoding.scanned(target, target.name)


def _placed(source: Path, target: Path) -> None:
    """Put a clean file into the inbox under our own name: by a link where the disk allows it, else by a copy."""
    try:
        target.hardlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, target)


def _described(target: Path, lines: Lines, clean: Lines, layout: Dialect) -> TextFile:
    return TextFile(
        target,
        lines.encoding.name,
        layout.delimiter,
        layout.header,
        records=clean.records,
        first_row=layout.skipped + layout.lines + 1,
        has_quoted_lines=not clean.has_one_record_each,
        warnings=(*lines.encoding.warnings, *layout.warnings),
        lines_above=layout.skipped,
        ends_with_newline=clean.ends_with_newline,
        has_unseen=clean.has_unseen,
    )


def without_totals(text: TextFile, kinds: Iterable[ExportKind]) -> TextFile:
    """Return a clean file without the totals and blank rows at its bottom, with a warning that names the former."""
    keys = totals.keys(text.header, kinds)
    found = totals.bottom(text.path, text.delimiter, len(text.header), keys, text.has_rows)
    if found is None:
        return text
    _shorten(text.path, found.start)
    records = text.records - found.records if text.has_rows else encoding.scanned(text.path, text.file).records
    rows = [f"{row + (0 if text.has_rows else text.lines_above):,}" for row in found.totals]
    said = f"Row {rows[0]} holds totals and was left out" if len(rows) == 1 else ""
    said = f"Rows {', '.join(rows)} hold totals and were left out" if len(rows) > 1 else said
    return replace(text, records=records, warnings=(*text.warnings, *([said] if said else [])))


def _shorten(path: Path, size: int) -> None:
    """Keep the first bytes of a file; it may be a link to the user's own, so that is not what is cut."""
    whole = path.rename(path.with_suffix(".whole.csv"))
    with whole.open("rb") as source, path.open("wb") as short:
        shutil.copyfileobj(source, short, CHUNK)
        short.truncate(size)
    whole.unlink()


def _used_width(text: TextFile, layout: Dialect) -> int:
    """Return the number of columns without those at the end that have neither a name nor a value."""
    named = max((n for n, header in enumerate(text.header, start=1) if header), default=0)
    if named == len(text.header):
        return named
    used = named
    with text.path.open(encoding="utf-8", newline="") as lines:
        for _, record in _parsed(lines, text, layout.is_spaced):
            used += max((n for n, value in enumerate(record[used:], start=1) if value.strip()), default=0)
    return min(used, len(text.header))


def numbered(text: TextFile, kinds: Iterable[ExportKind], is_spaced: bool = False) -> TextFile:
    """Rewrite a clean file record by record, with the physical line at the end of each.

    Slower than DuckDB's reader, so only for files that it refuses or whose rejects need line numbers: blank lines are
    left out, records that lack only what a file of the kinds can do without are filled up, and those that are too
    short or too long are set aside. Raises FileRefused when a quote never ends.
    """
    target = text.path.with_suffix(".numbered.csv")
    fitting = _Fitting(len(text.header), least_width(text.header, kinds), text.ends_with_newline)
    records = 0
    with text.path.open(encoding="utf-8", newline="") as lines, target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL, delimiter=text.delimiter)
        writer.writerow([*text.header, "row"])
        for row, record in fitting.of(_parsed(lines, text, is_spaced)):
            length, records = writer.writerow([*record, str(row)]), records + 1
            if length > RECORD_LIMIT // 4 and len("".join(record).encode()) + 3 * len(record) > RECORD_LIMIT:
                raise _too_long(text.file, row)
    text.path.unlink()
    warnings = (*text.warnings, *fitting.said)
    return replace(
        text, path=target, records=records, has_rows=True, set_aside=tuple(fitting.ragged), warnings=warnings
    )


NumberedRecord = tuple[int, list[str]]  # a record's physical line, and its fields


def _parsed(lines: Iterable[str], text: TextFile, is_spaced: bool) -> Iterator[NumberedRecord]:
    """Give every record below the header but blank lines. Raises FileRefused for what is not a CSV."""
    csv.field_size_limit(RECORD_LIMIT)
    reader = csv.reader(lines, delimiter=text.delimiter, strict=True, skipinitialspace=is_spaced)
    before = 0
    try:
        for number, record in enumerate(reader):
            row, before = before + text.lines_above + 1, reader.line_num
            if number and (len(record) > 1 or any(value.strip() for value in record)):
                yield row, record
    except csv.Error as error:
        row = before + text.lines_above + 1
        if "field limit" in str(error):
            raise _too_long(text.file, row) from None
        raise FileRefused(f"{text.file}: row {row}: {_csv_reason(error)}. Export it again") from None


@dataclass
class _Fitting:
    """Brings records to the header's width, from the `least` that they must have; the others are `ragged`."""

    width: int
    least: int
    is_last_whole: bool  # whether the file's last line has an end
    ragged: list[Ragged] = field(default_factory=list)
    short: int = 0

    def of(self, records: Iterable[NumberedRecord]) -> Iterator[NumberedRecord]:
        """Give the records that fit; blank fields beyond the header are left out, missing ones at the end filled up."""
        for (row, record), following in pairwise(chain(records, [(0, [])])):
            is_cut = not following[0] and not self.is_last_whole
            if len(record) > self.width and not any(value.strip() for value in record[self.width :]):
                del record[self.width :]
            if not any(value.strip() for value in record):
                continue
            if self.least <= len(record) < self.width and not is_cut:
                self.short += 1
                record += [""] * (self.width - len(record))
            if len(record) == self.width:
                yield row, record
            else:
                self._set_aside(row, record)

    def _set_aside(self, row: int, record: list[str]) -> None:
        kept = json.dumps(record) if len(record) <= MOST_COLUMNS else None
        self.ragged.append(Ragged(row, f"{len(record):,} fields where the header has {self.width:,}", kept))

    @property
    def said(self) -> list[str]:
        """What is to be said of the records that were filled up."""
        if not self.short:
            return []
        they = "1 row ends" if self.short == 1 else f"{self.short:,} rows end"
        return [f"{they} before the header does; what is missing there was read as empty"]


def _csv_reason(error: csv.Error) -> str:
    return "a quote that is never closed" if "unexpected end" in str(error) else "a quote within a value in quotes"


def _too_long(name: str, row: int) -> FileRefused:
    return FileRefused(
        f"{name}: row {row}: longer than {RECORD_LIMIT >> 20} MB, or a quote that is never closed. Export it again"
    )
