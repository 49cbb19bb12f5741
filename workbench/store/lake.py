"""What a workspace publishes for an engine: its tables as Parquet by month, and states that say what belongs together.

A state is written last, in one step. So a publish that is killed leaves the last state as it was, and the next one
finishes it; and whoever reads a state reads the same rows, whatever is published meanwhile.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet as parquet

from workbench.errors import EngineUnavailable, reason
from workbench.exports import KINDS
from workbench.progress import Progress
from workbench.sql import identifier, literal
from workbench.store import schema, settings
from workbench.store.database import watched
from workbench.store.facts import SETTINGS
from workbench.store.workspace import Workspace

LAKE_VARIABLE = "WORKBENCH_LAKE"
KEPT_STATES = 3  # that can be read: what only earlier ones name is deleted
BATCH = 100_000  # rows that are written at a time
NO_MONTH = "none"  # of a table whose rows have no time, or that has no rows
# Each table that an engine reads, with the column that places its rows in time.
TABLES: Mapping[str, str | None] = {
    **{kind.table: kind.anchor for kind in KINDS.values()},
    **dict.fromkeys(("gladly_customer_roots", "lexer_customer_roots", "loads", "coverage")),
}


@dataclass(frozen=True)
class Part:
    """The rows of a table in a month: how many, what tells them from others, and the file that holds them."""

    rows: int
    fingerprint: str
    file: str


@dataclass(frozen=True)
class State:
    """All that was published at one time: the parts of every table by month, and what the workspace says of itself."""

    number: int
    published_at: str  # ISO 8601, in UTC
    schema_version: int
    zone: str  # that of the local times in it
    tables: Mapping[str, Mapping[str, Part]]

    def is_of(self, cursor: duckdb.DuckDBPyConnection) -> bool:
        """Tell whether it holds what a workspace holds now: the same loads, and local times of the same zone."""
        same = all(self.tables.get(table) == dict(_parts(cursor, table)) for table in ("loads", "coverage"))
        return same and self.zone == _zone(cursor)


@dataclass(frozen=True)
class Change:
    """What publishing writes of a table: its rows now, and the months that are other than in the last state."""

    table: str
    rows: int
    months: tuple[str, ...]
    rows_written: int


def named() -> "Lake | None":
    """Return the lake that the environment names, None without one. Raises EngineUnavailable for another address."""
    address = os.environ.get(LAKE_VARIABLE, "")
    if not address:
        return None
    if not address.startswith("file:///"):
        raise EngineUnavailable(f"{LAKE_VARIABLE} is '{address}'. Name a folder like file:///data/lake")
    return Lake(Path(address.removeprefix("file://")))


@dataclass(frozen=True)
class Lake:
    """A folder of Parquet files, a folder per table, and of states."""

    folder: Path

    def last(self) -> State | None:
        """Return the last state, None where nothing was published. Raises EngineUnavailable."""
        numbers = self._numbers()
        return self._state(numbers[-1]) if numbers else None

    def _numbers(self) -> list[int]:
        return sorted(int(file.stem) for file in (self.folder / "states").glob("*.json"))

    def _state(self, number: int) -> State:
        try:
            read = json.loads((self.folder / "states" / f"{number:08}.json").read_text(encoding="utf-8"))
            tables = {table: {m: Part(**part) for m, part in parts.items()} for table, parts in read["tables"].items()}
            return State(**{**read, "tables": tables})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise EngineUnavailable(f"{self.folder}: its state {number} cannot be read. Publish again") from error

    def _changes(
        self, cursor: duckdb.DuckDBPyConnection, last: State | None
    ) -> Iterator[tuple[Change, dict[str, Part]]]:
        """Give for each table what publishing it would write, and its parts as they would be."""
        for table in TABLES:
            held, now = (last.tables.get(table, {}) if last else {}), dict(_parts(cursor, table))
            months = tuple(month for month, part in now.items() if held.get(month) != part)
            rows = sum(part.rows for part in now.values())
            yield Change(table, rows, months, sum(now[month].rows for month in months)), now

    def due(self, workspace: Workspace) -> list[Change]:
        """Return what publishing a workspace would write. Raises EngineUnavailable."""
        with workspace.cursor() as cursor:
            return [change for change, _ in self._changes(cursor, self.last())]

    def publish(self, workspace: Workspace, progress: Progress) -> list[Change]:
        """Write what is other than in the last state, and the state that says so. Raises EngineUnavailable."""
        try:
            with workspace.cursor() as cursor, progress.during("Publishing", *watched(cursor)):
                return self._published(cursor)
        except OSError as error:
            raise EngineUnavailable(f"{self.folder} cannot be written ({reason(error)})") from None

    def _published(self, cursor: duckdb.DuckDBPyConnection) -> list[Change]:
        cursor.execute("set max_execution_time = 0")
        cursor.execute("begin")  # one version of everything, whatever is loaded meanwhile
        try:
            last = self.last()
            found = list(self._changes(cursor, last))
            for change, parts in found:
                for month in change.months:
                    self._write(parts[month].file, _batches(cursor, change.table, month))
            number = last.number + 1 if last else 1
            tables = {change.table: parts for change, parts in found}
            now = datetime.now(UTC).isoformat(timespec="seconds")
            state = State(number, now, schema.SCHEMA_VERSION, _zone(cursor), tables)
            self._commit(state)
        finally:
            cursor.execute("rollback")
        self._delete_unnamed()
        return [change for change, _ in found]

    def _write(self, file: str, batches: pyarrow.RecordBatchReader) -> None:
        target = self.folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        written = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with parquet.ParquetWriter(written, batches.schema, compression="zstd") as writer:
                for batch in batches:
                    writer.write_batch(batch)
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)

    def _commit(self, state: State) -> None:
        """Write a state, in one step, unless another writer has been there. Raises EngineUnavailable."""
        target = self.folder / "states" / f"{state.number:08}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        written = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            written.write_text(json.dumps(asdict(state)), encoding="utf-8")
            os.link(written, target)
        except FileExistsError:
            raise EngineUnavailable(f"{self.folder}: another process has published meanwhile. Publish again") from None
        finally:
            written.unlink(missing_ok=True)

    def _delete_unnamed(self) -> None:
        """Delete what no state that is kept names: of states that went, and of a publish that was killed."""
        numbers = self._numbers()
        for number in numbers[:-KEPT_STATES]:
            (self.folder / "states" / f"{number:08}.json").unlink(missing_ok=True)
        states = map(self._state, numbers[-KEPT_STATES:])
        kept = {part.file for state in states for parts in state.tables.values() for part in parts.values()}
        for table in TABLES:
            for file in (self.folder / table).glob("month=*/*"):
                if str(file.relative_to(self.folder)) not in kept:
                    file.unlink(missing_ok=True)


def _zone(cursor: duckdb.DuckDBPyConnection) -> str:
    return settings.reporting_zone(dict(cursor.execute(SETTINGS).fetchall()))


def _month_sql(table: str) -> str:
    anchor = TABLES[table]
    return f"strftime({anchor}, '%Y-%m')" if anchor else literal(NO_MONTH)


def _parts(cursor: duckdb.DuckDBPyConnection, table: str) -> Iterable[tuple[str, Part]]:
    """Give the months of a table, with what tells their rows from others."""
    hashed = f"select {_month_sql(table)} as month, hash(each) as hashed from {table} as each"
    counted = "count(*), bit_xor(hashed), sum(hashed % 1_000_000_007)"
    found = cursor.execute(f"select month, {counted} from ({hashed}) group by month order by month").fetchall()
    for month, rows, *sums in found or [(NO_MONTH, 0, 0)]:
        fingerprint = "-".join(f"{part:x}" for part in sums)
        yield month, Part(rows, fingerprint, f"{table}/month={month}/{rows}-{fingerprint}.parquet")


def _batches(cursor: duckdb.DuckDBPyConnection, table: str, month: str) -> pyarrow.RecordBatchReader:
    order = f"order by {TABLES[table]}, row_id" if TABLES[table] else ""
    where = f"where {_month_sql(table)} = {literal(month)}"
    return cursor.sql(f"select * from {identifier(table)} {where} {order}").to_arrow_reader(BATCH)
