"""What a declaration of an export kind consists of; the declarations themselves stand in one module per vendor."""

import csv
import io
from dataclasses import dataclass
from typing import Literal

# What a column holds, which decides how its text is converted and how its values are shown.
#   text       kept as it is            id        kept as it is, compared whole and case-sensitively
#   enum       upper-cased, open list   link      an address in the source system
#   timestamp  stored in UTC            date      a calendar date or local timestamp, stored as local time
#   duration   seconds (floating point) count     a whole number      amount    a decimal number      zone  an IANA name
#   channels    the channels an export was limited to, joined by commas; "All Channels" when it was not
ColumnType = Literal[
    "text", "id", "enum", "link", "timestamp", "date", "duration", "count", "amount", "zone", "channels"
]

# How a column is grouped in the column chooser, in the order in which the groups are shown.
THEMES = (
    "Who",
    "Where",
    "When",
    "Durations",
    "Holds",
    "Messages",
    "Offers",
    "Payments",
    "Orders",
    "How the report was run",
)


@dataclass(frozen=True)
class Column:
    """One column of an export: its name in the database, its headers in files, and what it means.

    `name` is snake_case and carries the unit (`_seconds`, `_usd`). `headers` are the literal headers of the
    vendor's files, the usual one first; they are matched after normalisation (see `workbench.intake.headers`).
    `label` and `description` are for people. `applies_to` says for which rows the column has a meaning and
    is empty when for all. `values` are the known values of an open list, and `meanings` pairs each of them with what
    it says, where that needs saying. `codes` pairs each known code of an enum with the label that files may have in its
    place: either is stored as the code. What `is_personal` tells who a customer is, and is masked for who may
    not see that; what `is_staff` tells which agent.
    """

    name: str
    type: ColumnType
    headers: tuple[str, ...]
    label: str
    description: str
    theme: str
    applies_to: str = ""
    values: tuple[str, ...] = ()
    meanings: tuple[tuple[str, str], ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    is_personal: bool = False
    is_note: bool = False  # of people, free text: it may say anything about anybody, and is left out where masked
    is_staff: bool = False


@dataclass(frozen=True)
class ExportKind:
    """One kind of export file: what it is called, what identifies a row, and its columns in documented order.

    `key` names the columns that identify a row. `anchor` is the column that places a row in time. `required` columns
    refuse a file that lacks them. `zone_column` holds the IANA zone of the file's wall times, and
    `filter_columns` pairs a column saying how the export was filtered with the dimension that it filtered.
    `cap` is the number of rows at which the vendor cuts the file without a word. `ended` is a column that a row gets
    late in its life: a row without it looks older than one that has it. A kind that `spans_life` places a row at that
    moment as well as at its anchor: loads cover the days of both. `in_order` pairs moments of which the second cannot
    be before the first: a row in which it is gets loaded, and said. A kind `of_clocks` has durations as `h:mm:ss`: a
    plain number has been through other hands, and is said. `date_order` is that of the vendor's localised dates, None
    where only the values of a file tell.

    `file_names` are how files of the kind are called; of several kinds with one header, the one whose name a file's
    name holds is meant. A kind that `is_log` lists events without an ID: `key` is then an event's identity, and two
    equal ones in one file are two events. Kinds with the same columns may share a `shared_table`, in which `constants`
    tell their rows apart: values of columns that a file need not have. One that `is_ours` is no vendor's file: its
    header is offered as a template to be filled in. `said` are the headers that a user's mapping names: each is matched
    by its whole text alone, and is kept as text where it is no column's. `missing` are texts that mean "no value" in
    every column, in any case and with blanks around them.
    """

    name: str
    system: str
    title: str
    file_names: tuple[str, ...]
    key: tuple[str, ...]
    anchor: str | None
    required: tuple[str, ...]
    columns: tuple[Column, ...]
    zone_column: str | None = None
    filter_columns: tuple[tuple[str, str], ...] = ()
    cap: int | None = None
    ended: str | None = None
    spans_life: bool = False
    in_order: tuple[tuple[str, str], ...] = ()
    of_clocks: bool = False
    date_order: Literal["dmy", "mdy"] | None = None
    is_log: bool = False
    shared_table: str = ""
    constants: tuple[tuple[str, str], ...] = ()
    is_ours: bool = False
    said: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ("Null",)

    @property
    def table(self) -> str:
        """The name of the table that holds the kind's rows."""
        return self.shared_table or self.name

    @property
    def moments(self) -> tuple[str, ...]:
        """The columns that place a row in time, its anchor first."""
        late = (self.ended,) if self.spans_life else ()
        return tuple(name for name in (self.anchor, *late) if name)

    @property
    def template(self) -> str:
        """An empty file of the kind: its usual header as one line of CSV, to be filled in and loaded."""
        constants = dict(self.constants)
        line = io.StringIO()
        names = [column.headers[0] for column in self.columns if column.headers and column.name not in constants]
        csv.writer(line, lineterminator="\n").writerow(names)
        return line.getvalue()

    def column(self, name: str) -> Column:
        """Return the column of that name. Raises KeyError when the kind has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
