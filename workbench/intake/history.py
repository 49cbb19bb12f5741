"""What loads brought, after the fact: taking one back out, and how two differ.

Every version of a row is kept: the last in its table, earlier ones among the replaced, and of a load that brought a
row again unchanged the key. So the loads that stay can be settled again, as if the one taken out had never been.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from workbench.exports import ExportKind
from workbench.intake import absent, events, mappings, merges
from workbench.intake.schema import (
    compared_columns,
    equal_sql,
    joined_sql,
    key_sql,
    row_id_sql,
    row_key,
    run_columns,
    table_columns,
    unchanged_sql,
)
from workbench.sql import one_row
from workbench.time import zones

if TYPE_CHECKING:
    import pandas as pd  # a load needs none of it, and it takes longer to import than all else

# Tables of which a load has rows besides those of its kind.
RECORDS = ("rejects", "rejected_records", "coverage", "loads", "kept_columns")


@dataclass(frozen=True)
class Comparison:
    """How the second of two loads differs from the first: rows by their key, one per changed cell in `changed`.

    `columns` counts the changed cells by column; `outside_first` are rows added on days that the first load does not
    cover, `outside_second` rows that vanished from days that the second does not cover.
    """

    kind: ExportKind
    added: "pd.DataFrame"
    changed: "pd.DataFrame"
    vanished: "pd.DataFrame"
    changed_rows: int
    unchanged: int
    columns: dict[str, int]
    outside_first: int
    outside_second: int

    def __repr__(self) -> str:
        new, old = self.outside_first, self.outside_second
        return (
            f"{self.kind.name}: {len(self.added):,} row{'' if len(self.added) == 1 else 's'} added"
            f"{f' ({new:,} on days that the first does not cover)' if new else ''},"
            f" {self.changed_rows:,} changed, {len(self.vanished):,} vanished"
            f"{f' ({old:,} from days that the second does not cover)' if old else ''}, {self.unchanged:,} unchanged"
        )


def _stored_sql(kind: ExportKind) -> str:
    names = ", ".join(name for name, _ in table_columns(kind))
    return f"select {names} from {kind.table} union all select {names} from {kind.table}_replaced"


def _versions_sql(kind: ExportKind, which: str) -> str:
    """Return SQL for every version of the kind's rows that the loads `which` (a condition on load_id) brought."""
    stored = _stored_sql(kind)
    run = run_columns(kind)
    types = dict(table_columns(kind))
    again = {name: f"cast(again.run[{n}] as {types[name]})" for n, name in enumerate(run, start=1)}
    again |= {"load_id": "again.load_id"} | ({"position": "again.position"} if kind.is_log else {})
    # Of a load of an earlier schema, the place in its file was not kept.
    again |= {"row_id": f"coalesce({row_id_sql('again.load_id', 'again.position')}, stored.row_id)"}
    picked = ", ".join(f"{again.get(name, f'stored.{name}')} as {name}" for name, _ in table_columns(kind))
    return (
        f"select * from ({stored}) where {which} union all"
        f" select {picked} from unchanged_rows as again join ({stored}) as stored"
        f" on stored.load_id = again.row_load_id and {key_sql(kind, 'stored')} = again.key"
        f" where again.table_name = '{kind.table}' and again.{which}"
    )


def unload(cursor: duckdb.DuckDBPyConnection, load_id: int, kinds: Iterable[ExportKind]) -> None:
    """Take a load back out, inside the caller's transaction: the tables become those of the other loads alone."""
    kinds = list(kinds)
    for kind in {kind.table: kind for kind in kinds}.values():
        _settle_again(cursor, kind, load_id)
    for table in RECORDS:
        cursor.execute(f"delete from {table} where load_id = {load_id}")
    mappings.take_back(cursor, load_id)
    cursor.execute("update loads set fingerprint = null")  # what was said of them may not hold any more
    for kind in kinds:
        if kind.name in merges.ROOTS:
            merges.settle(cursor, kind.name, f"Taking back load {load_id}")


def _settle_again(cursor: duckdb.DuckDBPyConnection, kind: ExportKind, load_id: int) -> None:
    """Write anew every row that the load brought or changed, as the other loads in their order make it.

    What it found unchanged stays as it is: without the load nothing of it would be other.
    """
    identity = joined_sql(kind.key) if len(kind.key) > 1 else kind.key[0]
    _collect(cursor, kind, load_id, identity)
    if kind.is_log:
        events.renumber(cursor, kind, "versions")
    absent.fill_again(cursor, kind, "versions")
    _replay(cursor, kind)
    _take_out(cursor, kind, load_id, identity)
    _write_replayed(cursor, kind)


def _collect(cursor: duckdb.DuckDBPyConnection, kind: ExportKind, load_id: int, identity: str) -> None:
    """Make tables of the identities that a load touched, and of all versions of theirs that the other loads brought."""
    cursor.execute(
        f"create or replace temp table touched as select distinct {identity} as identity"
        f" from ({_stored_sql(kind)}) where load_id = {load_id}"
    )
    cursor.execute(
        f"create or replace temp table versions as select * from ({_versions_sql(kind, f'load_id <> {load_id}')})"
        f" where {identity} in (from touched) order by load_id"
    )


def _take_out(cursor: duckdb.DuckDBPyConnection, kind: ExportKind, load_id: int, identity: str) -> None:
    """Delete the touched rows with their earlier versions, and what loads found unchanged of them."""
    keyed = (
        f"select {key_sql(kind, 'row')} from (from {kind.table} union all by name from {kind.table}_replaced) as row"
    )
    cursor.execute(
        f"delete from unchanged_rows where table_name = '{kind.table}' and (load_id = {load_id} or key in"
        f" ({keyed} where {identity} in (from touched)))"
    )
    for table in (kind.table, f"{kind.table}_replaced"):
        cursor.execute(f"delete from {table} where {identity} in (from touched)")


def _write_replayed(cursor: duckdb.DuckDBPyConnection, kind: ExportKind) -> None:
    names = ", ".join(name for name, _ in table_columns(kind))
    is_last = "is_changed and replaced_by is null"
    cursor.execute(f"insert into {kind.table} select {names} from replayed where {is_last} order by load_id, place")
    cursor.execute(
        f"insert into {kind.table}_replaced ({names}, replaced_by) select {names}, replaced_by from replayed"
        " where is_changed and replaced_by is not null"
    )
    cursor.execute(
        f"{unchanged_sql(kind, 'again', 'load_id', 'row_load_id')} from replayed as again where not is_changed"
    )


def _replay(cursor: duckdb.DuckDBPyConnection, kind: ExportKind) -> None:
    """Say of every version whether it changed its row, which load did so last, and which one replaced it."""
    versions = f"partition by {', '.join(row_key(kind))} order by load_id"
    over = f"over ({versions})"
    packed = ", ".join(f"{name} := {name}" for name in compared_columns(kind))
    cursor.execute(
        "create or replace temp table replayed as with ordered as"
        f" (select *, rowid as place, struct_pack({packed}) as now, lag(now) {over} as earlier,"
        f" row_number() {over} as nth from versions),"
        " marked as (select *, nth = 1 or now is distinct from earlier as is_changed from ordered)"
        f" select *, max(case when is_changed then load_id end) {over} as row_load_id,"
        f" min(case when is_changed then load_id end) over ({versions}"
        " rows between 1 following and unbounded following) as replaced_by from marked"
    )


def compare(
    cursor: duckdb.DuckDBPyConnection, kind: ExportKind, first: int, second: int, reporting_zone: str
) -> Comparison:
    """Return how the rows of the second load differ from those of the first; times are in the reporting zone."""
    for name, load_id in (("former", first), ("latter", second)):
        cursor.execute(
            f"create or replace temp table {name} as select *, {key_sql(kind, 'version')} as row_key"
            f" from ({_versions_sql(kind, f'load_id = {load_id}')}) as version"
        )
    cursor.execute(
        f"create or replace temp table differing as select row_key from former join latter using (row_key)"
        f" where not ({equal_sql(kind, 'former', 'latter')})"
    )
    both, changed_rows = one_row(
        cursor, "select (select count(*) from former join latter using (row_key)), (select count(*) from differing)"
    )
    shown = [*dict.fromkeys([*row_key(kind), *([kind.anchor] if kind.anchor else [])])]
    picked = ", ".join(f"{_in_zone(kind, name, reporting_zone)} as {name}" for name in shown)
    added = "from latter where row_key not in (select row_key from former)"
    vanished = "from former where row_key not in (select row_key from latter)"
    cells = cursor.execute(f"{_cells_sql(kind, shown, reporting_zone)} order by all").df()
    return Comparison(
        kind,
        cursor.execute(f"select {picked} {added} order by all").df(),
        cells,
        cursor.execute(f"select {picked} {vanished} order by all").df(),
        int(changed_rows),
        int(both - changed_rows),
        {str(name): int(n) for name, n in cells["column"].value_counts().items()},
        _outside(cursor, kind, added, first),
        _outside(cursor, kind, vanished, second),
    )


def _cells_sql(kind: ExportKind, shown: Iterable[str], zone: str) -> str:
    """Return SQL for every changed cell: what identifies its row, its column, and both values as text."""
    keys = ", ".join(f"{_in_zone(kind, f'latter.{name}', zone)} as {name}" for name in shown)
    derived = {*(f"{name}_local" for name in kind.moments), "clock_change", *kind.key}
    cells = [
        f"select {keys}, '{name}' as \"column\", {_in_zone(kind, f'former.{name}', zone)}::varchar as old,"
        f" {_in_zone(kind, f'latter.{name}', zone)}::varchar as new from differing join former using (row_key)"
        f" join latter using (row_key) where former.{name} is distinct from latter.{name}"
        for name in compared_columns(kind)
        if name not in derived
    ]
    return " union all ".join(cells)


def _in_zone(kind: ExportKind, name: str, zone: str) -> str:
    types = {column.name: column.type for column in kind.columns}
    is_instant = types.get(name.rpartition(".")[2]) == "timestamp"
    return f"({zones.to_wall_sql(name, zone)})" if is_instant else name


def _outside(cursor: duckdb.DuckDBPyConnection, kind: ExportKind, rows: str, load_id: int) -> int:
    """Count the rows on days that a load does not cover."""
    if kind.anchor is None:
        return 0
    spans = f"select 1 from coverage where load_id = {load_id} and {kind.anchor} >= from_utc and {kind.anchor} < to_utc"
    return int(one_row(cursor, f"select count(*) {rows} and not exists ({spans})")[0])
