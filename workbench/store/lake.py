"""What a workspace publishes for an engine: its tables as Parquet by month, and states that say what belongs together.

A state is written last, in one step. So a publish that is killed leaves the last state as it was, and the next one
finishes it; and whoever reads a state reads the same rows, whatever is published meanwhile. One workspace publishes to
a lake, and one process at a time.
"""

import json
import os
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from workbench.errors import EngineUnavailable, WorkbenchError, reason
from workbench.exports import KINDS
from workbench.progress import Progress
from workbench.sql import identifier, literal
from workbench.store import schema, settings
from workbench.store.database import watched
from workbench.store.facts import SETTINGS

if TYPE_CHECKING:
    import pyarrow  # what publishes nothing needs none of it

    from workbench.store.workspace import Workspace

LAKE_VARIABLE = "WORKBENCH_LAKE"
KEPT_STATES = 3  # that can be read: what only earlier ones name is deleted
BATCH = 100_000  # rows that are written at a time
PATIENCE = 60.0  # seconds for which one that publishes is waited for
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
    writer: str  # the workspace that publishes to the lake
    published_at: str  # ISO 8601, in UTC
    schema_version: int
    zone: str  # that of the local times in it
    tables: Mapping[str, Mapping[str, Part]]

    @property
    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        return {table: sum(part.rows for part in parts.values()) for table, parts in self.tables.items()}


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
        return self.state(numbers[-1]) if numbers else None

    def readable(self) -> State:
        """Return the last state, to be asked. Raises EngineUnavailable where there is none of this version."""
        state = self.last()
        if state is None:
            raise EngineUnavailable(f"Nothing is published in {self.folder}. Run: contact-workbench publish")
        if state.schema_version != schema.SCHEMA_VERSION:
            raise EngineUnavailable(
                f"What is published in {self.folder} is of another version of the workbench (schema"
                f" {state.schema_version}; this one reads {schema.SCHEMA_VERSION}). Publish again with this one"
            )
        return state

    def file_of(self, state: State) -> Path:
        """Return the file that says what a state is of."""
        return self.folder / "states" / f"{state.number:08}.json"

    def held(self, state: State, table: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small table. Raises EngineUnavailable."""
        from pyarrow import parquet

        try:
            read = [parquet.ParquetFile(self.folder / part.file).read() for part in state.tables[table].values()]
        except (OSError, KeyError, ValueError) as error:
            raise EngineUnavailable(f"{self.folder}: its table {table} cannot be read. Publish again") from error
        return [row for found in read for row in zip(*(column.to_pylist() for column in found.columns), strict=True)]

    def _numbers(self) -> list[int]:
        return sorted(int(file.stem) for file in (self.folder / "states").glob("*.json"))

    def state(self, number: int) -> State:
        """Return a state that is kept. Raises EngineUnavailable."""
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

    def due(self, workspace: "Workspace") -> list[Change]:
        """Return what publishing a workspace would write. Raises EngineUnavailable."""
        with workspace.cursor() as cursor:
            return [change for change, _ in self._changes(cursor, self.last())]

    def publish(self, workspace: "Workspace", progress: Progress) -> list[Change]:
        """Write what is other than in the last state, and the state that says so. Raises EngineUnavailable."""
        try:
            workspace.keep("insert or ignore into settings values ('identity', ?)", [uuid.uuid4().hex])
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._alone(), workspace.cursor() as cursor, progress.during("Publishing", *watched(cursor)):
                return self._published(cursor)
        except OSError as error:
            raise EngineUnavailable(f"{self.folder} cannot be written ({reason(error)})") from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other writers out, also those of this process; who is killed lets them in. Raises EngineUnavailable."""
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + PATIENCE
        try:
            while not _locked(lock):
                if time.monotonic() > deadline:
                    raise EngineUnavailable(f"{self.folder}: another process publishes. Publish again once it is done")
                time.sleep(0.1)
            yield
        finally:
            os.close(lock)

    def _published(self, cursor: duckdb.DuckDBPyConnection) -> list[Change]:
        cursor.execute("set max_execution_time = 0")
        cursor.execute("begin")  # one version of everything, whatever is loaded meanwhile
        try:
            last, stored = self.last(), dict(cursor.execute(SETTINGS).fetchall())
            if last and last.writer != stored["identity"]:
                raise EngineUnavailable(
                    f"Another workspace publishes to {self.folder}. Name another folder in {LAKE_VARIABLE}"
                )
            found = list(self._changes(cursor, last))
            for change, parts in found:
                for month in change.months:
                    self._write(parts[month].file, _batches(cursor, change.table, month))
            tables, zone = {change.table: parts for change, parts in found}, settings.reporting_zone(stored)
            if last and (last.tables, last.zone, last.schema_version) == (tables, zone, schema.SCHEMA_VERSION):
                return [change for change, _ in found]  # it would say the same again
            now = datetime.now(UTC).isoformat(timespec="seconds")
            number = last.number + 1 if last else 1
            self._commit(State(number, stored["identity"], now, schema.SCHEMA_VERSION, zone, tables))
        finally:
            cursor.execute("rollback")
        self._delete_unnamed()
        return [change for change, _ in found]

    def _write(self, file: str, batches: "pyarrow.RecordBatchReader") -> None:
        from pyarrow import parquet

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
        target = self.file_of(state)
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
        states = map(self.state, numbers[-KEPT_STATES:])
        kept = {part.file for state in states for parts in state.tables.values() for part in parts.values()}
        for table in TABLES:
            for file in (self.folder / table).glob("month=*/*"):
                if str(file.relative_to(self.folder)) not in kept:
                    file.unlink(missing_ok=True)


def follow(workspace: "Workspace") -> None:
    """Publish a workspace with every change of it from now on, to the lake that the environment names.

    What keeps it from that is said as `unpublished` of the workspace: the change itself is done. Raises
    EngineUnavailable for an address that is none.
    """
    lake = named()
    if lake is None:
        return

    def published(progress: Progress) -> None:
        workspace.unpublished = ""
        try:
            lake.publish(workspace, progress)
        except WorkbenchError as error:
            workspace.unpublished = f"Not published: {error}"

    workspace.follower = published


def _locked(handle: int) -> bool:
    """Try to lock an open file; where files have no locks, as on Windows, what is written last tells of another one."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


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


def _batches(cursor: duckdb.DuckDBPyConnection, table: str, month: str) -> "pyarrow.RecordBatchReader":
    order = f"order by {TABLES[table]}, row_id" if TABLES[table] else ""
    where = f"where {_month_sql(table)} = {literal(month)}"
    return cursor.sql(f"select * from {identifier(table)} {where} {order}").to_arrow_reader(BATCH)
