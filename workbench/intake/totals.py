"""Rows at the bottom of a file that add up those above: found, so that they are left out and nothing counts twice."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.exports import ExportKind
from workbench.intake import headers as header_lines

FIRST_REACH, LAST_REACH = 1 << 16, 1 << 24  # bytes at the end of a file that are looked at: at first, at most
CHUNK = 4 << 20  # bytes of a blank end that are looked at at a time
_BLANK = b'\r\n \t,;|"'  # what rows without any value are made of
HOW_IT_WAS_RUN = "How the report was run"
_WORDS = (
    "totals?", "sums?", "summe", "gesamt", "gesamtsumme", "gesamtergebnis", "insgesamt", "somme", "totale", "totaal",
    "suma", "total (général|general)", "итого", "合計", "総計",
)  # fmt: skip
_TOTAL = re.compile(
    rf"((grand|overall|report|sub)[ -]?)?({'|'.join(_WORDS)})( (rows|records|contacts))?\s*[:=]?\s*\(?[\d.,]*\)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Bottom:
    """What is to be left out at the end of a file: from which byte on, and how many records those are.

    `totals` are the rows of totals among them, by their line in this file, or the row that a numbered file says.
    """

    start: int
    records: int
    totals: tuple[int, ...]


@dataclass(frozen=True)
class _Record:
    start: int  # the byte at which it begins
    fields: tuple[str, ...]
    has_row: bool  # the last field is its row in the file that it came from

    @property
    def values(self) -> tuple[str, ...]:
        return self.fields[: len(self.fields) - self.has_row]

    @property
    def is_blank(self) -> bool:
        return not "".join(self.values).strip()


@dataclass(frozen=True)
class Keys:
    """Which fields tell one row from another, `named` without its date: a row of totals has nothing in them."""

    all: frozenset[int]
    named: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.all)


def keys(header: Sequence[str], kinds: Iterable[ExportKind]) -> Keys:
    """Return the keys of a file's rows, as the kind that knows most of its header has them."""
    found = [header_lines.mapped(header, kind) for kind in kinds]
    best = min(found, key=lambda m: (len(header_lines.missing(m)), -len(m.known)))
    # How the report was run is the same in every row, that of totals among them.
    telling = [best.kind.column(name) for name in (*best.kind.key, best.kind.anchor) if name]
    known = {c.name: best.known[c.name] for c in telling if c.name in best.known and c.theme != HOW_IT_WAS_RUN}
    return Keys(
        frozenset(known.values()), frozenset(position for name, position in known.items() if name != best.kind.anchor)
    )


def bottom(path: Path, delimiter: str, width: int, keys: Keys, has_rows: bool) -> Bottom | None:
    """Return the totals and blank rows at the end of a clean file of `width` columns, None when there are none.

    Blank rows may be millions: they are passed over as bytes. A row of totals has nothing in the fields `keys` but a
    word such as Total, and has such a word somewhere, or beside a date first or among them; or it begins with one and
    has not as many fields as a record.
    """
    size = _before_blanks(path, path.stat().st_size)
    reach = FIRST_REACH
    while True:
        left_out, has_stopped = [], False
        for record in _from_the_end(path, delimiter, size, min(reach, size), has_rows):
            has_stopped = not (record.is_blank or (keys and _is_total(record, width, keys)))
            if has_stopped:
                break
            left_out.append(record)
        if has_stopped or reach >= min(size, LAST_REACH):
            break
        reach *= 16
    start = left_out[-1].start if left_out else size
    if start == path.stat().st_size:
        return None
    totals = [record for record in reversed(left_out) if not record.is_blank]
    rows = [int(t.fields[-1]) for t in totals] if has_rows else [_line_of(path, t.start) for t in totals]
    return Bottom(start, len(left_out), tuple(rows))


def _before_blanks(path: Path, end: int) -> int:
    """Return where the blank rows before a byte begin; that byte when there are none, or a value ends in them."""
    last = end
    with path.open("rb") as file:
        while last:
            start = max(0, last - CHUNK)
            file.seek(start)
            if held := file.read(last - start).rstrip(_BLANK):
                break
            last = start
        if not last:
            return end  # of such rows alone there is no header
        file.seek(start + len(held))
        file.readline()  # the rest of the last line with a value
        begins, quotes = file.tell(), 0
        while piece := file.read(min(CHUNK, end - file.tell())):
            quotes += piece.count(b'"')
    return end if quotes % 2 else min(begins, end)


def _is_total(record: _Record, width: int, keys: Keys) -> bool:
    says_total = {position for position, value in enumerate(record.values) if _TOTAL.fullmatch(value.strip())}
    if len(record.values) != width and 0 in says_total:
        return True
    filled = {position for position, value in enumerate(record.values) if value.strip()} - says_total
    if says_total and not keys.all & filled:
        return True
    return bool(says_total & {0, *keys.named}) and bool(keys.named) and not keys.named & filled


def _from_the_end(path: Path, delimiter: str, end: int, size: int, has_rows: bool) -> Iterator[_Record]:
    """Give the records in the bytes of a file before `end`, the last one first, but never the header."""
    with path.open("rb") as file:
        file.seek(end - size)
        tail = file.read(size)
    # What comes before the first line end may be the rest of a line; of a whole file it is the header.
    first, last, quotes, begins = tail.find(b"\n") + 1, len(tail), 0, len(tail)
    while begins > first:
        line_end, begins = begins, tail.rfind(b"\n", 0, begins - 1) + 1
        quotes += tail.count(b'"', begins, line_end)
        if quotes % 2:
            continue  # this line begins within a value
        yield _Record(end - size + begins, _fields(tail[begins:last].decode(), delimiter), has_rows)
        if not tail[begins:last].strip(_BLANK):
            begins = max(first, _line_after(tail, begins))
        last, quotes = begins, 0


def _line_after(tail: bytes, end: int) -> int:
    """Return where the blank lines before a place begin; that place where a value ends in them."""
    held = len(tail[:end].rstrip(_BLANK))
    begins = tail.find(b"\n", held, end) + 1 or end
    return end if tail.count(b'"', begins, end) % 2 else begins


def _fields(record: str, delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(next(csv.reader([record], delimiter=delimiter, skipinitialspace=True), ()))
    except csv.Error:
        return (record,)


def _line_of(path: Path, start: int) -> int:
    """Return the line of a file that begins at a byte."""
    line = 1
    with path.open("rb") as file:
        while chunk := file.read(min(FIRST_REACH, start - file.tell())):
            line += chunk.count(b"\n")
    return line
