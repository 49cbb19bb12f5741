"""The tables that hold what was loaded: their columns, what identifies a row in them, and when two rows are equal."""

from collections.abc import Iterable

import duckdb

from workbench.exports import ExportKind
from workbench.intake import convert

# Columns of every table of rows besides the kind's own.
OWN_COLUMNS = (
    ("clock_change", "varchar"),  # 'repeated' or 'skipped': the anchor's wall time came twice, or never
    ("extra", "map(varchar, varchar)"),  # columns that the kind does not know, by their header
    ("load_id", "integer"),
)
# Columns of a log's table besides: an event has no ID, so equal ones of a file are counted, in the file's order.
EVENT_COLUMNS = (("occurrence", "integer"), ("position", "bigint"))
# What a row is found again by, on any engine: the number of its load, and its record's place in the file.
ROW_ID = ("row_id", "bigint")
_PLACES = 1 << 32  # of a load


def table_columns(kind: ExportKind) -> list[tuple[str, str]]:
    """Return the names and SQL types of the columns of the kind's table, the anchor's local time among them."""
    columns = [(column.name, convert.SQL_TYPES[column.type]) for column in kind.columns]
    local = [(f"{name}_local", "timestamp") for name in kind.moments if has_local(kind)]
    return [*columns, *local, *OWN_COLUMNS, *(EVENT_COLUMNS if kind.is_log else ()), ROW_ID]


def row_id_sql(load_id: int | str, place: str) -> str:
    """Return SQL for a row's number, of its load and of its record's place in the file, from 0."""
    return f"{load_id} * {_PLACES}::bigint + {place}"


def place_sql(alias: str) -> str:
    """Return SQL for a row's place in the file of its load."""
    return f"{alias}.row_id % {_PLACES}"


def has_local(kind: ExportKind) -> bool:
    """Tell whether the kind's anchor is an instant, whose local time stands beside it."""
    return kind.anchor is not None and kind.column(kind.anchor).type == "timestamp"


def row_key(kind: ExportKind) -> tuple[str, ...]:
    """Return the columns that identify a row: of an event, its identity and which of several equal ones it is."""
    return (*kind.key, "occurrence") if kind.is_log else kind.key


def run_columns(kind: ExportKind) -> list[str]:
    """Return the columns that only say how the report was run."""
    named = [kind.zone_column, *(name for name, _ in kind.filter_columns)]
    return [name for name in named if name and name not in kind.key]


def compared_columns(kind: ExportKind) -> list[str]:
    """Return the columns by which two rows of one key are equal: without how the report was run, and the load."""
    apart = {*run_columns(kind), "load_id", "position", "row_id"}
    return [name for name, _ in table_columns(kind) if name not in apart]


def key_sql(kind: ExportKind, alias: str) -> str:
    """Return SQL for the key of a row as one text."""
    parts = [f"{alias}.{name}" for name in row_key(kind)]
    return parts[0] if len(parts) == 1 else joined_sql(parts)


def joined_sql(parts: Iterable[str]) -> str:
    """Return SQL for several values as one text, missing ones as nothing."""
    return f"concat_ws(chr(31), {', '.join(f'''coalesce({part}::varchar, '')''' for part in parts)})"


def equal_sql(kind: ExportKind, one: str, other: str) -> str:
    """Return SQL that is true where two rows of one key hold the same."""
    return " and ".join(f"{one}.{name} is not distinct from {other}.{name}" for name in compared_columns(kind))


def unchanged_sql(kind: ExportKind, alias: str, load_id: str, row_load_id: str) -> str:
    """Return the statement, up to its `from`, that records of a load the rows that it found again, by their key.

    `row_load_id` is the load that brought the row as it is.
    """
    run = ", ".join(f"{alias}.{name}::varchar" for name in run_columns(kind))
    return (
        f"insert into unchanged_rows select {load_id}, '{kind.table}', {key_sql(kind, alias)}, {row_load_id},"
        f" [{run}]::varchar[], {place_sql(alias)}"
    )


def rows_sql(kind: ExportKind) -> str:
    """Return SQL for the kind's own rows, to stand behind `from`; its table may hold those of other kinds too."""
    own = " and ".join(f"{name} = '{value}'" for name, value in kind.constants)
    return f"{kind.table} where {own or 'true'}"


def create_tables(cursor: duckdb.DuckDBPyConnection, kinds: Iterable[ExportKind]) -> None:
    """Create the tables of rows and of replaced rows, where they are not there yet."""
    for kind in kinds:
        columns = ", ".join(f"{name} {type_}" for name, type_ in table_columns(kind))
        cursor.execute(f"create table if not exists {kind.table} ({columns})")
        cursor.execute(f"create table if not exists {kind.table}_replaced ({columns}, replaced_by integer)")
