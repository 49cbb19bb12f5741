"""Publishing: what a workspace writes to a lake for an engine, and when. Where it writes it is the lake's own matter.

What changed since the last state is known without reading everything, as long as nothing but loads came since: the
rows that they brought, and the months of those that they replaced. Of a month that only gained rows these are added,
any other is written anew. One workspace publishes to a lake, and one process at a time.
"""

import os
import uuid
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb

from workbench.errors import EngineUnavailable, WorkbenchError, reason
from workbench.progress import Progress
from workbench.sql import literal, one_row
from workbench.store import schema, settings
from workbench.store.database import FORGOTTEN, SETTLED, watched
from workbench.store.facts import SETTINGS
from workbench.store.parquet_lake import ParquetLake
from workbench.store.states import (
    KEPT_STATES,
    LOADED,
    NO_MONTH,
    TABLES,
    Part,
    Parts,
    Source,
    State,
    Write,
    in_month,
)

if TYPE_CHECKING:
    from workbench.store.workspace import Workspace

ENGINE_VARIABLE, LAKE_VARIABLE = "WORKBENCH_ENGINE", "WORKBENCH_LAKE"
WAYS = "Name a folder like file:///data/lake, or iceberg:CATALOG.SCHEMA"
_COUNTED = "count(*), bit_xor(hashed), sum(hashed % 1_000_000_007)"


class Lake(Protocol):
    """Where states are kept, with the rows that they name."""

    def __hash__(self) -> int:
        """Lakes of one name are one, by which is kept what was read of them."""

    @property
    def name(self) -> str:
        """How it is called."""

    @property
    def outliving(self) -> str:
        """What still holds rows that were taken out of every state, '' where nothing does."""

    def numbers(self) -> list[int]:
        """Return the numbers of the states that are kept, in their order. Raises EngineUnavailable."""

    def state(self, number: int) -> State:
        """Return a state that is kept. Raises EngineUnavailable."""

    def read(self, state: State, table: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small table. Raises EngineUnavailable."""

    def source(self, state: State, table: str) -> Source:
        """Return where an engine finds the rows of a table. Raises EngineUnavailable."""

    def alone(self) -> AbstractContextManager[object]:
        """Keep other writers out. Raises EngineUnavailable."""

    def holds(self, part: Part) -> bool:
        """Tell whether the rows of a part are there."""

    def takes_more(self, part: Part) -> bool:
        """Tell whether rows can be added to a part; else it is written anew."""

    def write(
        self, table: str, last: State | None, writes: Iterable[Write], gone: Iterable[str]
    ) -> tuple[Parts, int | None]:
        """Write months of a table, and take others out of it: return what holds those, and the snapshot if it has such.

        Raises EngineUnavailable.
        """

    def commit(self, state: State, kept: int = KEPT_STATES) -> None:
        """Write a state in one step and keep so many. Raises EngineUnavailable, also where another writer was there."""


@dataclass(frozen=True)
class Change:
    """What publishing writes of a table: its parts as they are then, beside those that are held in the last state.

    `since` has those months that only gained rows, by the last load of which they had all.
    """

    table: str
    parts: Parts
    held: Parts
    since: Mapping[str, int]

    @property
    def rows(self) -> int:
        """The rows of the table."""
        return sum(part.rows for part in self.parts.values())

    @property
    def months(self) -> tuple[str, ...]:
        """The months that are written."""
        return tuple(month for month, part in self.parts.items() if part != self.held.get(month))

    @property
    def gone(self) -> tuple[str, ...]:
        """The months that have no rows any more."""
        return tuple(month for month in self.held if month not in self.parts)

    @property
    def rows_written(self) -> int:
        """How many rows are written."""
        before = {month: self.held[month].rows for month in self.since if month in self.held}
        return sum(self.parts[month].rows - before.get(month, 0) for month in self.months)


def named() -> Lake | None:
    """Return the lake that the environment names, None without one. Raises EngineUnavailable for another address."""
    address = os.environ.get(LAKE_VARIABLE, "")
    return at(address) if address else None


def at(address: str) -> Lake:
    """Return the lake of an address. Raises EngineUnavailable for one that is none."""
    if address.startswith("file:///"):
        return ParquetLake(Path(address.removeprefix("file://")))
    catalog, _, name = address.removeprefix("iceberg:").partition(".")
    if address.startswith("iceberg:") and catalog and name:
        return _iceberg(catalog, name)
    raise EngineUnavailable(f"{LAKE_VARIABLE} is '{address}'. {WAYS}")


def _iceberg(catalog: str, name: str) -> Lake:
    try:
        from workbench.store.iceberg_lake import IcebergLake
    except ImportError:
        raise EngineUnavailable(
            f"{LAKE_VARIABLE} needs more packages: pip install 'contact-workbench[spark]'"
        ) from None
    return IcebergLake(catalog, name)


def last(lake: Lake) -> State | None:
    """Return the last state, None where nothing was published. Raises EngineUnavailable."""
    numbers = lake.numbers()
    return lake.state(numbers[-1]) if numbers else None


def readable(lake: Lake) -> State:
    """Return the last state, to be asked. Raises EngineUnavailable where there is none of this version."""
    state = last(lake)
    if state is None:
        raise EngineUnavailable(f"Nothing is published in {lake.name}. Run: contact-workbench publish")
    if state.schema_version != schema.SCHEMA_VERSION:
        raise EngineUnavailable(
            f"What is published in {lake.name} is of another version of the workbench (schema"
            f" {state.schema_version}; this one reads {schema.SCHEMA_VERSION}). Publish again with this one"
        )
    return state


def due(lake: Lake, workspace: "Workspace") -> list[Change]:
    """Return what publishing a workspace would write. Raises EngineUnavailable."""
    with workspace.cursor() as cursor:
        return _changes(cursor, lake, last(lake))


def publish(lake: Lake, workspace: "Workspace", progress: Progress) -> list[Change]:
    """Write what is other than in the last state, and the state that says so. Raises EngineUnavailable.

    What is published is not masked, so neither is who publishes it.
    """
    workspace.ask("publish", "clear_view")
    workspace.record("publish")
    try:
        workspace.keep("insert or ignore into settings values ('identity', ?)", [uuid.uuid4().hex])
        with lake.alone(), workspace.cursor() as cursor, progress.during("Publishing", *watched(cursor)):
            cursor.execute("set max_execution_time = 0")
            cursor.execute("begin")  # one version of everything, whatever is loaded meanwhile
            try:
                return _published(lake, cursor, last(lake))
            finally:
                cursor.execute("rollback")
    except OSError as error:
        raise EngineUnavailable(f"{lake.name} cannot be written ({reason(error)})") from None


def _published(lake: Lake, cursor: duckdb.DuckDBPyConnection, before: State | None) -> list[Change]:
    own = dict(cursor.execute(SETTINGS).fetchall())
    if before and before.writer != own["identity"]:
        raise EngineUnavailable(f"Another workspace publishes to {lake.name}. Name another lake in {LAKE_VARIABLE}")
    changes = _changes(cursor, lake, before)
    zone = settings.reporting_zone(own)
    same = before and (before.zone, before.schema_version) == (zone, schema.SCHEMA_VERSION)
    if same and not any(change.months or change.gone for change in changes):
        return changes  # a state would say the same again
    tables, snapshots = _written(lake, cursor, before, changes)
    number, now = (before.number if before else 0) + 1, datetime.now(UTC).isoformat(timespec="seconds")
    settled, newest = own.get(SETTLED, ""), _newest(cursor)
    state = State(number, own["identity"], now, schema.SCHEMA_VERSION, zone, settled, newest, tables, snapshots)
    lake.commit(state, 1 if own.get(FORGOTTEN) else KEPT_STATES)  # none before in which a forgotten one stands
    return changes


def _written(
    lake: Lake, cursor: duckdb.DuckDBPyConnection, before: State | None, changes: Iterable[Change]
) -> tuple[dict[str, Parts], dict[str, int]]:
    """Write what changed of every table; return their parts, and their snapshots where the lake has such."""
    tables: dict[str, Parts] = {}
    snapshots = dict(before.snapshots) if before else {}
    for change in changes:
        tables[change.table] = change.parts
        if change.months or change.gone:
            writes = [
                Write(change.table, month, change.parts[month], change.since.get(month), cursor)
                for month in change.months
            ]
            written, snapshot = lake.write(change.table, before, writes, change.gone)
            tables[change.table] = {**change.parts, **written}
            snapshots |= {} if snapshot is None else {change.table: snapshot}
    return tables, snapshots


def _changes(cursor: duckdb.DuckDBPyConnection, lake: Lake, before: State | None) -> list[Change]:
    """Return for each table what publishing it would write."""
    since = before.last_load if before and _only_loads_since(cursor, before) else None
    found = []
    for table in TABLES:
        said = before.tables.get(table, {}) if before else {}
        held = {month: part for month, part in said.items() if lake.holds(part)}
        if since is None or len(held) < len(said) or table not in LOADED:
            found.append(_compared(table, held, _parts(cursor, table)))
        else:
            found.append(_grown(cursor, lake, table, held, since))
    return found


def _only_loads_since(cursor: duckdb.DuckDBPyConnection, before: State) -> bool:
    """Tell whether a workspace is what a state is of, with nothing but loads since."""
    own = dict(cursor.execute(SETTINGS).fetchall())
    if (own.get(SETTLED, ""), schema.SCHEMA_VERSION) != (before.settled, before.schema_version):
        return False
    (loads,) = _parts(cursor, "loads", f"load_id <= {before.last_load}").values()
    return settings.reporting_zone(own) == before.zone and loads.is_of(before.tables["loads"][NO_MONTH])


def _compared(table: str, held: Parts, now: Parts) -> Change:
    """Return the change from the parts that are held to those of now, of which every row was read."""
    kept = {month: held[month] if month in held and held[month].is_of(part) else part for month, part in now.items()}
    return Change(table, kept, held, {})


def _grown(cursor: duckdb.DuckDBPyConnection, lake: Lake, table: str, held: Parts, since: int) -> Change:
    """Return the change by the loads after one: what they brought is added, months of rows that went are read anew."""
    added = _parts(cursor, table, f"load_id > {since}", has_any=True)
    if not added:
        return Change(table, held, held, {})
    replaced = f"select distinct {_month_of(table)} from {table}_replaced where replaced_by > {since}"
    anew = {month for (month,) in cursor.execute(replaced).fetchall()}
    anew |= {month for month in added if month in held and not lake.takes_more(held[month])}
    read = {month: part for each in anew for month, part in _parts(cursor, table, in_month(table, each), True).items()}
    plus = {month: held.get(month, Part(0)) + part for month, part in added.items() if month not in anew}
    left = {month: part for month, part in held.items() if month not in anew and part.rows}
    return Change(table, left | plus | read, held, dict.fromkeys(plus, since))


def follow(workspace: "Workspace") -> None:
    """Publish a workspace with every change of it from now on, where the environment names an engine and a lake.

    What keeps it from that is said as `unpublished` of the workspace: the change itself is done. Raises
    EngineUnavailable for an address that is none.
    """
    lake = named()
    if lake is None:
        return
    if not os.environ.get(ENGINE_VARIABLE):
        workspace.outliving = {lake.name: "it is written by `publish` alone. Publish again"}
        return

    def published(progress: Progress) -> None:
        workspace.unpublished = ""
        try:
            publish(lake, workspace, progress)
        except WorkbenchError as error:
            workspace.unpublished = f"Not published: {error}"

    workspace.follower = published
    workspace.outliving = {lake.name: lake.outliving} if lake.outliving else {}


def _newest(cursor: duckdb.DuckDBPyConnection) -> int:
    return int(one_row(cursor, "select coalesce(max(load_id), 0) from loads")[0])


def _month_of(table: str) -> str:
    anchor = TABLES[table]
    return f"coalesce(strftime({anchor}, '%Y-%m'), {literal(NO_MONTH)})" if anchor else literal(NO_MONTH)


def _parts(
    cursor: duckdb.DuckDBPyConnection, table: str, where: str = "true", has_any: bool = False
) -> dict[str, Part]:
    """Return the months of a table's rows; of none one without rows, unless it `has_any`."""
    hashed = f"select {_month_of(table)} as month, hash(each) as hashed from {table} as each where {where}"
    found = cursor.execute(f"select month, {_COUNTED} from ({hashed}) group by month order by month").fetchall()
    none = {} if has_any else {NO_MONTH: Part(0)}
    return {month: Part(rows, f"{one:x}-{total:x}") for month, rows, one, total in found} or none
