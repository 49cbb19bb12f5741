"""What a workspace publishes for an engine: states, each of which says which rows of every table belong together."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import duckdb

from workbench.exports import KINDS
from workbench.sql import identifier

if TYPE_CHECKING:
    import pyarrow  # what publishes nothing needs none of it

KEPT_STATES = 3  # that can be read: what only earlier ones name is deleted
BATCH = 100_000  # rows that are written at a time
NO_MONTH = "none"  # of rows that have no time, and of a table without rows
# Each table that an engine reads, with the column that places its rows in time.
TABLES: Mapping[str, str | None] = {
    **{kind.table: kind.anchor for kind in KINDS.values()},
    **dict.fromkeys(("gladly_customer_roots", "lexer_customer_roots", "loads", "coverage")),
}
# Those that only loads add rows to: of each row it is known which load brought it, and of one that went, which took it.
LOADED = frozenset(kind.table for kind in KINDS.values())


@dataclass(frozen=True)
class Part:
    """The rows of a table in a month: how many, what tells them from others, and the files that hold them, if any do.

    A fingerprint is that of all rows, in any order, so that of rows that are added it is known without the others.
    """

    rows: int
    fingerprint: str = "0-0"
    files: tuple[str, ...] = ()

    def __add__(self, added: "Part") -> "Part":
        """Return the part with more rows, and their files besides."""
        (one, total), (other, more) = _sums(self), _sums(added)
        return Part(self.rows + added.rows, f"{one ^ other:x}-{total + more:x}", (*self.files, *added.files))

    def is_of(self, other: "Part") -> bool:
        """Tell whether two parts have the same rows."""
        return (self.rows, self.fingerprint) == (other.rows, other.fingerprint)


def _sums(part: Part) -> tuple[int, int]:
    one, _, total = part.fingerprint.partition("-")
    return int(one, 16), int(total, 16)


Parts = Mapping[str, Part]  # by month


def in_month(table: str, month: str) -> str:
    """Return SQL that is true of a table's rows of a month; by bounds, so that other months' are not even read."""
    anchor = TABLES[table]
    if month == NO_MONTH:
        return f"{anchor} is null" if anchor else "true"
    first = f"timestamp '{month}-01'"
    return f"{anchor} >= {first} and {anchor} < {first} + interval 1 month"


@dataclass(frozen=True)
class Write:
    """Rows of a month of a table to write: those of loads after `since`, or all; `part` is what the month is then."""

    table: str
    month: str
    part: Part
    since: int | None
    cursor: duckdb.DuckDBPyConnection = field(repr=False)

    @property
    def rows(self) -> str:
        """SQL that is true of them."""
        return in_month(self.table, self.month) + ("" if self.since is None else f" and load_id > {self.since}")

    @property
    def schema(self) -> "pyarrow.Schema":
        """The columns of the table."""
        return self.cursor.sql(f"select * from {identifier(self.table)} limit 0").to_arrow_table().schema

    def batches(self) -> "pyarrow.RecordBatchReader":
        """Return them, in order of time."""
        order = f"order by {TABLES[self.table]}, row_id" if TABLES[self.table] else ""
        found = self.cursor.sql(f"select * from {identifier(self.table)} where {self.rows} {order}")
        return found.to_arrow_reader(BATCH)


@dataclass(frozen=True)
class Source:
    """Where an engine finds the rows of a table: of which format, at which paths, read with which options.

    Where it has a `name`, an engine that knows the catalog takes them from there.
    """

    format: str
    paths: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True)
class State:
    """All that was published at one time: the parts of every table by month, and what the workspace says of itself."""

    number: int
    writer: str  # the workspace that publishes to the lake
    published_at: str  # ISO 8601, in UTC
    schema_version: int
    zone: str  # that of the local times in it
    settled: str  # the workspace's own mark of the last change that was no load
    last_load: int  # the highest number of a load in it
    tables: Mapping[str, Mapping[str, Part]]
    snapshots: Mapping[str, int] = field(default_factory=dict)  # of each table, where a lake has such

    @property
    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        return {table: sum(part.rows for part in parts.values()) for table, parts in self.tables.items()}

    @property
    def files(self) -> Iterator[str]:
        """Every file that holds rows of it."""
        return (file for parts in self.tables.values() for part in parts.values() for file in part.files)

    def to_json(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "State":
        """Return what a text says. Raises ValueError, TypeError or KeyError where it is none."""
        read = json.loads(text)
        tables = {
            table: {month: Part(**part | {"files": tuple(part["files"])}) for month, part in parts.items()}
            for table, parts in read["tables"].items()
        }
        return cls(**{**read, "tables": tables})
