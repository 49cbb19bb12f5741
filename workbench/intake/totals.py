"""Rows at the bottom of a file that add up those above: found, so that they are left out and nothing counts twice."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.exports import ExportKind
from workbench.intake import headers as header_lines

FIRST_REACH, LAST_REACH = 1 << 16, 1 << 24  # bytes at the end of a file that are looked at: at first, at most
HOW_IT_WAS_RUN = "How the report was run"
_WORDS = (
    "totals?", "sums?", "summe", "gesamt", "gesamtsumme", "insgesamt", "somme", "totale", "totaal", "suma",
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
    lines: int  # lines from its first one to the end of the file
    fields: tuple[str, ...]
    has_row: bool  # the last field is its row in the file that it came from

    @property
    def values(self) -> tuple[str, ...]:
        return self.fields[: len(self.fields) - self.has_row]

    @property
    def is_blank(self) -> bool:
        return not "".join(self.values).strip()


def key_positions(header: Sequence[str], kinds: Iterable[ExportKind]) -> frozenset[int]:
    """Return which fields tell one row from another: a row of totals has nothing in them."""
    found = [header_lines.mapped(header, kind) for kind in kinds]
    best = min(found, key=lambda m: (len(header_lines.missing(m)), -len(m.known)))
    telling = [best.kind.column(name) for name in (*best.kind.key, best.kind.anchor) if name]
    # How the report was run is the same in every row, that of totals among them.
    return frozenset(best.known[c.name] for c in telling if c.name in best.known and c.theme != HOW_IT_WAS_RUN)


def bottom(path: Path, delimiter: str, width: int, keys: frozenset[int], has_rows: bool) -> Bottom | None:
    """Return the totals and blank rows at the end of a clean file of `width` columns, None when there are none.

    A row of totals has nothing in the fields `keys` but a word such as Total, and has such a word somewhere; or it
    begins with one and has not as many fields as a record.
    """
    reach, size = FIRST_REACH, path.stat().st_size
    while True:
        left_out, has_stopped = [], False
        for record in _from_the_end(path, delimiter, min(reach, size), has_rows):
            has_stopped = not (record.is_blank or _is_total(record, width, keys))
            if has_stopped:
                break
            left_out.append(record)
        if has_stopped or reach >= min(size, LAST_REACH):
            break
        reach *= 16
    if not left_out or not keys:
        return None
    totals = [record for record in reversed(left_out) if not record.is_blank]
    rows = [int(t.fields[-1]) for t in totals] if has_rows else _lines(path, [t.lines for t in totals])
    return Bottom(left_out[-1].start, len(left_out), tuple(rows))


def _is_total(record: _Record, width: int, keys: frozenset[int]) -> bool:
    says_total = [bool(_TOTAL.fullmatch(value.strip())) for value in record.values]
    if len(record.values) != width and says_total[0]:
        return True
    return any(says_total) and all(
        says_total[position] or not record.values[position].strip()
        for position in keys
        if position < len(record.values)
    )


def _from_the_end(path: Path, delimiter: str, size: int, has_rows: bool) -> Iterator[_Record]:
    """Give the records in the last bytes of a file, the last one first, but never the header."""
    whole = path.stat().st_size
    with path.open("rb") as file:
        file.seek(whole - size)
        tail = file.read()
    # What comes before the first line end may be the rest of a line; of a whole file it is the header.
    lines = tail[tail.find(b"\n") + 1 :].splitlines(keepends=True)
    end, last, quotes = whole, len(lines), 0
    for first in range(len(lines) - 1, -1, -1):
        quotes += lines[first].count(b'"')
        if quotes % 2 == 0:  # else this line begins within a value
            record = b"".join(lines[first:last])
            end, last, quotes = end - len(record), first, 0
            yield _Record(end, len(lines) - first, _fields(record.decode(), delimiter), has_rows)


def _fields(record: str, delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(next(csv.reader([record], delimiter=delimiter, skipinitialspace=True), ()))
    except csv.Error:
        return (record,)


def _lines(path: Path, from_the_end: Sequence[int]) -> list[int]:
    """Return the lines at which records begin that are so many lines from the end of a file."""
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(FIRST_REACH):
            count, last = count + chunk.count(b"\n"), chunk[-1:]
    return [count + (last != b"\n") - lines + 1 for lines in from_the_end]
