"""A lake that is a schema of Apache Iceberg: a table for each of ours, and one of states, which name their snapshots.

Only here is its library imported, and nobody imports this module who has not named such a lake. What a load brings to
a table is one commit. A state is committed last: until then whoever asks reads the snapshots of the last one, and the
next publish begins from these again.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow
from pyiceberg import exceptions
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.expressions import (
    AlwaysTrue,
    And,
    BooleanExpression,
    GreaterThanOrEqual,
    IsNull,
    LessThan,
    LessThanOrEqual,
)
from pyiceberg.table import Table, Transaction
from pyiceberg.transforms import MonthTransform

from workbench.errors import EngineUnavailable, shortened
from workbench.store.states import KEPT_STATES, NO_MONTH, TABLES, Part, Source, State, Write

STATES = "workbench_states"
MARK = {"made-by": "contact-workbench"}  # of a table: another of its name is not ours to write
ROWS = 500_000  # of a month that are held in memory at a time
_STATES = pyarrow.schema([("number", pyarrow.int64()), ("state", pyarrow.string())])
_ALONE = threading.Lock()  # other processes are kept out by the workspace's own lock


def _errors() -> Iterator[type[Exception]]:
    """Give what a catalog, its database or its files may raise."""
    yield from (each for each in vars(exceptions).values() if isinstance(each, type) and issubclass(each, Exception))
    yield from (OSError, ValueError, KeyError)
    with suppress(ImportError):
        from sqlalchemy.exc import SQLAlchemyError

        yield SQLAlchemyError


_ERRORS = tuple(_errors())


@lru_cache
def _catalog(name: str) -> Catalog:
    return load_catalog(name)


@dataclass(frozen=True)
class IcebergLake:
    """A schema of a catalog that is configured as its library says (`~/.pyiceberg.yaml`, `PYICEBERG_CATALOG__...`)."""

    catalog: str
    schema: str

    @property
    def name(self) -> str:
        """How it is called."""
        return f"iceberg:{self.catalog}.{self.schema}"

    @property
    def outliving(self) -> str:
        """What still holds rows that were taken out of every state."""
        return (
            "no state names their rows, but earlier snapshots of its tables hold them until the catalog expires these"
            " with their files (in Spark: expire_snapshots, then remove_orphan_files)"
        )

    def numbers(self) -> list[int]:
        """Return the numbers of the states that are kept, in their order. Raises EngineUnavailable."""
        return sorted(self._states())

    def state(self, number: int) -> State:
        """Return a state that is kept. Raises EngineUnavailable."""
        try:
            return State.from_json(self._states()[number])
        except (KeyError, ValueError, TypeError) as error:
            raise EngineUnavailable(f"{self.name}: its state {number} cannot be read. Publish again") from error

    def _states(self) -> Mapping[int, str]:
        with self._said():
            if not _catalog(self.catalog).table_exists(self._path(STATES)):
                return {}
            return dict(zip(*self._table(STATES).scan().to_arrow().to_pydict().values(), strict=True))

    def read(self, state: State, table: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small table. Raises EngineUnavailable."""
        with self._said():
            found = self._table(table).scan(snapshot_id=state.snapshots[table]).to_arrow()
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def source(self, state: State, table: str) -> Source:
        """Return where an engine finds the rows of a table: in the catalog of the name, else in the table's folder.

        Raises EngineUnavailable.
        """
        snapshot = str(state.snapshots[table])
        with self._said():
            location = self._table(table).location()
        options = {"snapshot-id": snapshot, "snapshotId": snapshot}  # Iceberg's own name for it, and Sail's
        return Source("iceberg", (location,), options, f"{self.catalog}.{self.schema}.{table}")

    def alone(self) -> AbstractContextManager[object]:
        """Keep other writers of this process out."""
        return _ALONE

    def holds(self, part: Part) -> bool:
        """Tell whether the rows of a part are there."""
        return True

    def takes_more(self, part: Part) -> bool:
        """Tell whether rows can be added to a part; else it is written anew."""
        return True

    def write(
        self, table: str, last: State | None, writes: Iterable[Write], gone: Iterable[str]
    ) -> tuple[Mapping[str, Part], int]:
        """Write months of a table, and take others out of it, in one commit. Raises EngineUnavailable."""
        writes = list(writes)
        held = last.tables.get(table, {}) if last else {}
        stale = {*gone, *(each.month for each in writes if each.since is None)}
        with self._said():
            with self._begun(last, table, writes) as transaction:
                for month in (month for month in stale if month in held and held[month].rows):
                    transaction.delete(_of_month(table, month))
                for rows in _chunks(batch for each in writes for batch in each.batches()):
                    transaction.append(rows)
                if writes and not any(each.part.rows for each in writes):
                    transaction.append(writes[0].schema.empty_table())  # so that it has a snapshot too
            return {each.month: each.part for each in writes}, _snapshot(self._table(table))

    def _begun(self, last: State | None, table: str, writes: Sequence[Write]) -> Transaction:
        """Begin to write a table, as it is in a state: what a publish that was killed has written is taken back."""
        if not _catalog(self.catalog).table_exists(self._path(table)):
            return self._creating(table, writes[0].schema)
        found = self._table(table)
        if not MARK.items() <= found.properties.items():
            raise EngineUnavailable(f"{self.name} has a table {table} of others. Name another schema")
        before, now = (last.snapshots.get(table) if last else None), found.current_snapshot()
        if now is not None and before is None and found.scan().count():
            found.delete(AlwaysTrue())
        elif now is not None and before is not None and now.snapshot_id != before:
            found.manage_snapshots().rollback_to_snapshot(before).commit()
        if writes and set(writes[0].schema.names) - {field.name for field in found.schema().fields}:
            with found.update_schema() as update:
                update.union_by_name(writes[0].schema)
        return found.refresh().transaction()

    def _creating(self, table: str, schema: pyarrow.Schema) -> Transaction:
        """Begin with a table that is made in the same commit, with months as its partitions."""
        catalog, anchor = _catalog(self.catalog), TABLES.get(table)
        catalog.create_namespace_if_not_exists(self.schema)
        transaction = catalog.create_table_transaction(self._path(table), schema, properties=MARK)
        if anchor:
            with transaction.update_spec() as spec:
                spec.add_field(anchor, MonthTransform(), "month")
        return transaction

    def commit(self, state: State, kept: int = KEPT_STATES) -> None:
        """Write a state in one step and keep so many. Raises EngineUnavailable, also where another writer was there."""
        with self._said():
            numbers = self.numbers()
            if state.number in numbers:
                raise EngineUnavailable(f"{self.name}: another process has published meanwhile. Publish again")
            begun = self._table(STATES).transaction() if numbers else self._creating(STATES, _STATES)
            with begun as transaction:
                if numbers and numbers[0] <= state.number - kept:
                    transaction.delete(LessThanOrEqual("number", state.number - kept))
                transaction.append(pyarrow.table([[state.number], [state.to_json()]], schema=_STATES))

    def _path(self, table: str) -> tuple[str, ...]:
        return (*self.schema.split("."), table)

    def _table(self, table: str) -> Table:
        return _catalog(self.catalog).load_table(self._path(table))

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say in a line what a catalog or its files refuse. Raises EngineUnavailable."""
        try:
            yield
        except _ERRORS as error:
            said = shortened(" ".join(str(error).split())) or type(error).__name__
            raise EngineUnavailable(f"{self.name}: its catalog or files cannot be used ({said})") from error


def _snapshot(table: Table) -> int:
    now = table.refresh().current_snapshot()
    assert now is not None  # it was just written
    return int(now.snapshot_id)


def _chunks(batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.Table]:
    """Give batches in tables of so many rows as fit into memory."""
    held: list[pyarrow.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(map(len, held)) >= ROWS:
            yield pyarrow.Table.from_batches(held)
            held = []
    if held:
        yield pyarrow.Table.from_batches(held)


def _of_month(table: str, month: str) -> BooleanExpression:
    """Return what is true of a table's rows of a month."""
    anchor = TABLES[table]
    if month == NO_MONTH or anchor is None:
        return IsNull(anchor) if anchor else AlwaysTrue()
    year, number = map(int, month.split("-"))
    following = f"{year + number // 12:04}-{number % 12 + 1:02}"
    return And(GreaterThanOrEqual(anchor, f"{month}-01T00:00:00"), LessThan(anchor, f"{following}-01T00:00:00"))
