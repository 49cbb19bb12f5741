"""Whether a file is a workspace of ours: looked at without a byte being written to it or anything made beside it."""

from collections.abc import Callable
from pathlib import Path

import duckdb

from workbench.errors import WorkspaceUnavailable
from workbench.sql import identifier, one_row
from workbench.store import copies, paths, schema

# What a database holds besides what is in every one: with none of it, it is an empty one.
_HOLDS = """select
    (select count(*) from duckdb_tables()) + (select count(*) from duckdb_views() where not internal)
    + (select count(*) from duckdb_sequences()) + (select count(*) from duckdb_types() where not internal)
    + (select count(*) from duckdb_functions() where not internal)"""
# Of tables alone: a view called `settings` would run what it likes.
_TABLES = """select table_name from duckdb_tables()
    where database_name = ? and schema_name = 'main' and table_name in ('settings', 'loads')"""


def check(path: Path, look: Callable[[], duckdb.DuckDBPyConnection]) -> None:
    """Raise WorkspaceUnavailable for a file that is none of ours, or of a newer workbench; `look` opens it to read.

    DuckDB's errors leave as they are. No file is no mistake: it will be made.
    """
    if not path.exists():
        return
    if not path.is_file():
        raise WorkspaceUnavailable(f"Workspace {path}: not a file. Name it like contacts.duckdb")
    with look() as connection:
        (database,) = one_row(connection, "select current_database()")
        version = schema_version(connection, database)
        is_begun = version is None and paths.files_of(path).is_dir() and not _holds_anything(connection)
    if version is None and not is_begun:  # begun: it was killed before anything was in it
        raise WorkspaceUnavailable(
            f"Workspace {path}: a database of another program; it was left as it is. Name a new file, {copies.INSTEAD}"
        )
    if version is not None and version > schema.SCHEMA_VERSION:
        raise newer(f"Workspace {path}", version)


def schema_version(connection: duckdb.DuckDBPyConnection, database: str) -> int | None:
    """Return the version of our schema that an attached database says it has; None for one that is not ours."""
    if len(connection.execute(_TABLES, [database]).fetchall()) < 2:
        return None
    sql = f"select value from {identifier(database)}.main.settings where key = 'schema_version'"
    try:
        row = connection.execute(sql).fetchone()
    except (duckdb.BinderException, duckdb.ConversionException):  # a table of that name with other columns
        return None
    text = str(row[0]) if row else ""
    return int(text) or None if text.isascii() and text.isdigit() and len(text) < 10 else None


def _holds_anything(connection: duckdb.DuckDBPyConnection) -> bool:
    return connection.execute(_HOLDS).fetchone() != (0,)


def newer(what: str, version: int) -> WorkspaceUnavailable:
    """Return the error of what a newer workbench made."""
    return WorkspaceUnavailable(
        f"{what}: was made by a newer workbench (schema {version}; this one reads {schema.SCHEMA_VERSION})"
    )
