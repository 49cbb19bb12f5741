"""Which of a file's tables holds the report, where its header stands, and its rows as a clean CSV.

A table is a sheet, a table of a page, or a file of columns. Runs in the child process (see `child`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

from workbench.errors import ChoiceNeeded, FileRefused
from workbench.exports import KINDS, ExportKind
from workbench.exports.model import ColumnType
from workbench.intake import headers
from workbench.intake.cells import MOMENTS, Calendar, text, texts
from workbench.intake.limits import Limits
from workbench.intake.mappings import ColumnMapping, extended
from workbench.intake.oddities import Oddities, Row, is_blank

# A text that begins with a day and a month, in an order that it does not say.
_LOCAL = re.compile(r"^\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b", re.MULTILINE)
KEPT = 1_000_000  # fields of the rows that are set aside; of what is more, only the reason is kept
CHUNK = 200  # rows that are turned into text at a time: few enough to stay in the processor's cache


@dataclass(frozen=True)
class Order:
    """What the child is asked for: a file, what it is, which sheet and kinds are wanted, and within which limits."""

    source: str
    target: str
    file: str  # how the file is called in messages
    form: str
    sheet: str | None
    kinds: tuple[str, ...]
    mappings: tuple[dict[str, Any], ...]
    header_search: int
    years: tuple[int, int]
    limits: Limits
    date_order: str | None = None

    def candidates(self) -> list[ExportKind]:
        """Return the kinds of export that the file may be."""
        return [*(extended(ColumnMapping(**made)) for made in self.mappings), *(KINDS[name] for name in self.kinds)]


@dataclass(frozen=True)
class Table:
    """A named table whose rows can be read, from its first one on, with what else it holds."""

    name: str
    rows: Callable[[], Iterator[Row]]
    oddities: Oddities = field(default_factory=Oddities)
    is_1904: bool | None = None  # whether its numbers of days begin in 1904, where it says so
    mark: str = ""  # by which this program knows a table of its own
    is_hidden: bool = False


@dataclass(frozen=True)
class _Opened:
    """A table of which the first rows are read."""

    table: Table
    head: list[Row]
    rest: Iterator[Row]
    header_row: int  # position in the head
    known: int  # columns of the header that some kind knows
    is_report: bool  # whether it has all that some kind requires


def chosen(tables: Iterable[Table], order: Order) -> _Opened:
    """Open the table that holds the report: the one wanted, else the only one with all required columns, else the one
    whose header is known best. Raises FileRefused, ChoiceNeeded when several hold a report."""
    best: _Opened | None = None
    reports: list[str] = []
    for table in tables:
        opened = _opened(table, order)
        reports += [table.name] if opened.is_report else []
        if best is None or _rank(opened) > _rank(best):
            best = opened
    if len(reports) > 1:
        raise ChoiceNeeded(
            f"{order.file}: several sheets hold a report ({', '.join(reports)}). Say which with --sheet", "--sheet",
            reports,
        )  # fmt: skip
    if best is None:
        raise FileRefused(f"{order.file}: has no sheet with cells. Export the report again")
    return best


def _rank(opened: _Opened) -> tuple[bool, int, bool]:
    return opened.is_report, opened.known if opened.known > 1 else 0, bool(opened.head)


def wanted(names: Sequence[str], order: Order) -> list[int]:
    """Return the positions of the sheets that may be read. Raises FileRefused when the one wanted is not there."""
    if order.sheet is None:
        return list(range(len(names)))
    if order.sheet not in names:
        raise FileRefused(f"{order.file}: has no sheet '{order.sheet}'. Its sheets are: {', '.join(names)}")
    return [names.index(order.sheet)]


def _opened(table: Table, order: Order) -> _Opened:
    rows = table.oddities.restored(table.rows())
    head = list(islice(rows, order.header_search))
    kinds = order.candidates()
    lines = [_header(row) for row in head]
    scores = [headers.score(line, kinds) for line in lines]
    known = max(scores, default=0)
    filled = (n for n, line in enumerate(lines) if line)
    at = scores.index(known) if known > 1 else next(filled, 0)
    is_report = bool(head) and any(not headers.missing(headers.mapped(lines[at], kind)) for kind in kinds)
    return _Opened(table, head if any(lines) else [], rows, at, known, is_report)


def _header(row: Row) -> list[str]:
    """Return a row's texts without the blank ones at its end."""
    line = [text(cell, None, Calendar(False, (0, 0))) for cell in row]
    while line and not line[-1].strip():
        line.pop()
    return line


@dataclass
class _Notes:
    """What is noted while rows are written."""

    records: int = 0
    hidden: int = 0
    kept: int = 0  # fields of ragged rows
    ragged: list[tuple[int, int, list[str]]] = field(default_factory=list)  # row, fields, their texts
    serials: Counter[int] = field(default_factory=Counter)  # by column: numbers that were read as times
    dates: Counter[int] = field(default_factory=Counter)  # by column: real dates, and numbers that were read as such
    local: dict[int, str] = field(default_factory=dict)  # by column: a text that is a date of two possible orders


def written(opened: _Opened, order: Order) -> dict[str, Any]:
    """Write the rows below the header as a clean CSV, the row of the sheet at the end of each; say what was found.

    Raises ChoiceNeeded where texts beside real dates have an order of day and month that nobody has said.
    """
    at, header = opened.header_row, _header(opened.head[opened.header_row]) if opened.head else []
    rows: Iterator[tuple[int, Row]] = enumerate(chain(opened.head[at + 1 :], opened.rest), start=at + 2)
    notes, oddities = _Notes(), opened.table.oddities
    columns = _types(header, order)
    calendar = Calendar(bool(opened.table.is_1904), order.years)
    with Path(order.target).open("w", encoding="utf-8", newline="") as out:
        out.write(_lines([[name] for name in [*header, "row"]]))
        for numbers, records in _chunks(_records(rows, len(header), notes)):
            notes.records += len(records)
            notes.hidden += len(oddities.hidden.intersection(numbers)) if oddities.hidden else 0
            cells = list(zip(*records, strict=True))
            _note_dates(cells, columns, calendar, notes)
            shown = [texts(column, kind, calendar) for column, kind in zip(cells, columns, strict=True)]
            out.write(_lines([*shown, list(map(str, numbers))]))
    said = [
        *_of_hidden(opened.table, order),
        *_warnings(opened, header, columns, notes),
        *oddities.said(at + 1, header, notes.hidden),
        *_of_mixed_dates(header, notes, order),
    ]
    return {
        "header": header, "records": notes.records, "first_row": at + 2, "ragged": notes.ragged,
        "warnings": said, "mark": opened.table.mark,
    }  # fmt: skip


def _types(header: Sequence[str], order: Order) -> list[ColumnType | None]:
    """Return what each column holds, as the kind that knows most of the header declares it."""
    maps = [headers.mapped(header, kind) for kind in order.candidates()]
    best = max(maps, key=lambda found: len(found.known))
    return [None if isinstance(column, str) else column.type for column in best.columns]


def _records(rows: Iterator[tuple[int, Row]], width: int, notes: _Notes) -> Iterator[tuple[int, Row]]:
    """Yield the rows that have as many fields as the header; note the others, leave out blank ones."""
    for number, row in rows:
        first = row[0] if row else None
        if (not first or (isinstance(first, str) and first.isspace())) and is_blank(row):
            continue
        if len(row) == width:
            yield number, row
        elif len(row) > width and is_blank(row[width:]):
            yield number, row[:width]
        elif not is_blank(row):
            fields = _fields(row)
            notes.kept += fields
            is_kept = fields <= headers.MOST_COLUMNS and notes.kept <= KEPT
            notes.ragged.append((number, fields, _header(row) if is_kept else []))


def _fields(row: Row) -> int:
    return next(n for n in range(len(row), 0, -1) if not is_blank(row[n - 1 : n]))


def _chunks(records: Iterator[tuple[int, Row]]) -> Iterator[tuple[tuple[int, ...], tuple[Row, ...]]]:
    while chunk := list(islice(records, CHUNK)):
        numbers, rows = zip(*chunk, strict=True)
        yield numbers, rows


def _note_dates(
    cells: Sequence[Sequence[object]], columns: Sequence[ColumnType | None], calendar: Calendar, notes: _Notes
) -> None:
    for n, kind in enumerate(columns):
        if kind not in MOMENTS:
            continue
        classes = set(map(type, cells[n]))
        notes.dates[n] += sum(isinstance(cell, date) for cell in cells[n]) if classes & {date, datetime} else 0
        if classes & {float, int}:
            numbers = (cell for cell in cells[n] if type(cell) in (float, int))
            notes.serials[n] += sum(calendar.moment(cell) is not None for cell in numbers)  # type: ignore[arg-type]
        if str in classes and n not in notes.local:
            found = _LOCAL.search("\n".join(cell for cell in cells[n] if isinstance(cell, str)))
            notes.local |= {n: found[0].strip()} if found else {}


def _lines(columns: Sequence[Sequence[str]]) -> str:
    """Return columns of texts as lines of CSV, every field in quotes; twice as fast as the csv module, by columns."""
    quoted = [[cell.replace('"', '""') for cell in column] if '"' in "".join(column) else column for column in columns]
    return '"' + '"\n"'.join(map('","'.join, zip(*quoted, strict=True))) + '"\n'


def _warnings(opened: _Opened, header: Sequence[str], columns: Sequence[ColumnType | None], notes: _Notes) -> list[str]:
    above, table = opened.header_row, opened.table
    found = [f"{above} row{'s' if above > 1 else ''} above the header left out"] if above else []
    for column, count in notes.serials.items():
        if count:
            assumed = ", by the date system of 1900: the file does not say which" if table.is_1904 is None else ""
            found.append(f"{header[column]}: {count:,} plain numbers were read as dates{assumed}")
    for column, count in sorted(table.oddities.padded.items()):
        if column <= len(header) and columns[column - 1] == "id":
            found.append(
                f"{header[column - 1]}: {count:,} number{'s are' if count > 1 else ' is'} shown with zeros before"
                " them by their format, and read without. Format the column as text in what writes the file"
            )
    return found


def _of_hidden(table: Table, order: Order) -> list[str]:
    is_said = table.is_hidden and order.sheet is None
    return [f"The sheet '{table.name}' is hidden, and was read: no other one holds the report"] if is_said else []


def _of_mixed_dates(header: Sequence[str], notes: _Notes, order: Order) -> list[str]:
    """Return what is to be said where a column holds real dates beside texts such as 03/13/2026.

    A spreadsheet program that expects another order of day and month makes dates of the texts that fit it, with both
    changed for each other, and leaves the others. Raises ChoiceNeeded when no order is said.
    """
    counts = {n: notes.dates[n] + notes.serials[n] for n in notes.local}
    said = [
        f"{header[n]}: {count:,} real date{'s' * (count > 1)} beside texts such as {notes.local[n]}; if a spreadsheet"
        " program opened the export, it may have changed day and month of the real ones for each other"
        for n, count in counts.items()
        if count
    ]
    if said and order.date_order is None:
        raise ChoiceNeeded(
            f"{order.file}: {said[0]}. Load the export itself; or say with --date-order dmy or mdy how the texts are"
            " read, and the real dates stay as they are", "--date-order",
        )  # fmt: skip
    return said
