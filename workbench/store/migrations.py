"""How a workspace of an earlier schema becomes one of today's (guarantee 29), all of it or nothing.

The tables that have changed are laid out anew, with their rows by name; then each step from the workspace's version
on sees to the values in them. A backup that is taken back already has today's tables: it needs the latter alone.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import duckdb

from workbench.exports import KINDS, ExportKind
from workbench.exports.gladly import CONTACT_SUMMARY
from workbench.exports.respondio import CONTACTS_ADDED
from workbench.intake import convert
from workbench.intake import schema as rows
from workbench.intake.headers import mapped, normalised
from workbench.sql import literal, one_row
from workbench.store import schema

LOCAL = 36_028_797_018_960_000  # from which the database counts rows that are not committed, as positions did
ROWS = tuple(dict.fromkeys(f"{kind.table}{ending}" for kind in KINDS.values() for ending in ("", "_replaced")))
ADS = {"sub source": "sub_source", "ad campaign id": "ad_campaign_id", "ad group id": "ad_group_id", "ad id": "ad_id"}


@dataclass(frozen=True)
class Step:
    """From one schema to the next: the tables that have other columns, and what fills these in."""

    tables: tuple[str, ...]
    fill: Callable[[duckdb.DuckDBPyConnection], None]


def migrate(cursor: duckdb.DuckDBPyConnection) -> None:
    """Bring a workspace to today's schema, in one transaction."""
    version = schema.version(cursor)
    cursor.execute("set max_execution_time = 0")
    cursor.execute("begin")
    try:
        _lay_out(cursor, dict.fromkeys(table for step in STEPS[version - 1 :] for table in step.tables))
        fill(cursor, version)
        cursor.execute("commit")
    except BaseException:
        cursor.execute("rollback")
        raise
    cursor.execute("checkpoint")


def fill(cursor: duckdb.DuckDBPyConnection, version: int) -> None:
    """See to the values of an earlier version in tables that are today's, inside the caller's transaction."""
    if version == schema.SCHEMA_VERSION:
        return
    for step in STEPS[version - 1 :]:
        step.fill(cursor)
    # The views were made of the columns that there were: whoever needs them makes them anew.
    cursor.execute("delete from settings where key = 'definitions'")
    cursor.execute("update settings set value = ? where key = 'schema_version'", [str(schema.SCHEMA_VERSION)])


def _lay_out(cursor: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    """Make tables anew, each with the columns of today in the order of today, and with the rows that it has.

    Of kinds that came later there is none yet.
    """
    there = {
        name for (name,) in cursor.execute("select table_name from duckdb_tables() where not temporary").fetchall()
    }
    tables = [table for table in tables if table in there]
    for table in tables:
        cursor.execute(f"create or replace temp table kept_{table} as from {table} order by rowid")
        cursor.execute(f"drop table {table}")
    schema.create(cursor)
    for table in tables:
        cursor.execute(f"insert into {table} by name from kept_{table} order by rowid")
        cursor.execute(f"drop table kept_{table}")


def _ads_of_contacts(cursor: duckdb.DuckDBPyConnection) -> None:
    """Move what logs of contacts say of ads from the columns that the kind did not know to columns of their own."""
    moved = {header: ADS[form] for header in _unknown(cursor, CONTACTS_ADDED) if (form := normalised(header)) in ADS}
    if moved:
        _move(cursor, CONTACTS_ADDED, moved)
        _rename_in_layouts(cursor, moved)


def _averages_of_summaries(cursor: duckdb.DuckDBPyConnection) -> None:
    """Move the averages of Contact Summaries from the columns that the kind did not know to columns of their own."""
    unknown = _unknown(cursor, CONTACT_SUMMARY)
    known = mapped(unknown, CONTACT_SUMMARY).known
    if known:
        _move(cursor, CONTACT_SUMMARY, {unknown[position]: name for name, position in known.items()})


def _tables(kind: ExportKind) -> tuple[str, str]:
    return kind.table, f"{kind.table}_replaced"


def _unknown(cursor: duckdb.DuckDBPyConnection, kind: ExportKind) -> list[str]:
    """Return the headers of columns that a kind did not know."""
    stored = " union all by name ".join(f"from {table}" for table in _tables(kind))
    found = cursor.execute(f"select distinct unnest(map_keys(extra)) as header from ({stored}) order by header")
    return [header for (header,) in found.fetchall()]


def _move(cursor: duckdb.DuckDBPyConnection, kind: ExportKind, moved: dict[str, str]) -> None:
    """Move what files of a kind have under these headers to the columns of these names."""
    headers = {name: [header for header in moved if moved[header] == name] for name in moved.values()}
    values = [f"{name} = {_value(kind, name, headers[name])}" for name in headers]
    others = f"list_filter(map_entries(extra), lambda entry: not list_contains({literal([*moved])}, entry.key))"
    extra = f"case when len({others}) > 0 then map_from_entries({others}) end"
    for table in _tables(kind):
        cursor.execute(f"update {table} set {', '.join(values)}, extra = {extra} where extra is not null")


def _value(kind: ExportKind, name: str, headers: list[str]) -> str:
    """Return SQL for what a load of the file makes of a column that stands under one of these headers."""
    raw = f"coalesce({', '.join(f'extra[{literal(header)}]' for header in headers)})"
    door = convert.Door("UTC", wide=frozenset({name}), missing=kind.missing)
    said = f"case when not regexp_full_match({raw}, {literal(door.missing_form)}) then {raw} end"
    return convert.typed(kind.column(name), said, door)


def _rename_in_layouts(cursor: duckdb.DuckDBPyConnection, moved: dict[str, str]) -> None:
    """Let logs that show one of the columns go on showing it, picked for the log or in a saved view."""
    of_report = "where report = 'contacts'"
    for log, columns in cursor.execute(f"select log, columns from log_columns {of_report}").fetchall():
        renamed = [moved.get(name, name) for name in columns]
        cursor.execute(f"update log_columns set columns = ? {of_report} and log = ?", [renamed, log])
    for name, query in cursor.execute(f"select name, query from saved_views {of_report}").fetchall():
        parts = {
            key: [moved.get(value, value) for value in values] if key.endswith(".columns") else values
            for key, values in json.loads(query).items()
        }
        cursor.execute(f"update saved_views set query = ? {of_report} and name = ?", [json.dumps(parts), name])


def _row_ids(cursor: duckdb.DuckDBPyConnection) -> None:
    """Number the rows: of a log as they stood in their file, else as they stand, the replaced ones after the others."""
    cursor.execute(f"update unchanged_rows set position = position % {LOCAL}")
    for kind in {kind.table: kind for kind in KINDS.values()}.values():
        (held,) = one_row(cursor, f"select coalesce(max(rowid), -1) + 1 from {kind.table}")
        for table, before in ((kind.table, 0), (f"{kind.table}_replaced", held)):
            place = f"position % {LOCAL}" if kind.is_log else f"rowid + {before}"
            cursor.execute(f"update {table} set row_id = {rows.row_id_sql('load_id', place)}")
            if kind.is_log:
                cursor.execute(f"update {table} set position = {rows.place_sql(table)}")


# The first leads from schema 1 to 2, and so on.
STEPS = (
    Step(("loads", *_tables(CONTACTS_ADDED)), _ads_of_contacts),
    Step((), lambda cursor: None),  # a table of recipes came, which is laid out with the others
    Step(ROWS, _row_ids),
    Step(("saved_views",), lambda cursor: None),  # an owner came, whom no view has that there was
    Step(_tables(CONTACT_SUMMARY), _averages_of_summaries),
)
