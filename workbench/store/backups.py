"""Copies of a workspace in files of their own: made while others go on, and taken back as a whole."""

import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path

import duckdb

from workbench.errors import FileRefused
from workbench.sql import identifier, literal
from workbench.store import migrations, schema
from workbench.store.database import Database
from workbench.store.paths import snapshot_of

# This workspace's own settings, whatever backup is taken over: what caches and views rest on, and what may be read.
OWN_SETTINGS = ("version", "definitions", "folders")

BEFORE, BACKUP = "-before-", "-backup-"  # in the names of copies that are made before a change, and of those asked for

Guard = Callable[[duckdb.DuckDBPyConnection], AbstractContextManager[object]]  # lets what a cursor runs be stopped


def newest(path: Path) -> str:
    """Return the newest copy of a workspace in words, '' when there is none."""
    found = [copy for mark in (BEFORE, BACKUP) for copy in path.parent.glob(f"*{mark}*.duckdb")]
    found += [snapshot for snapshot in [snapshot_of(path)] if snapshot.is_file()]
    if not found:
        return ""
    last = max(found, key=lambda copy: copy.stat().st_mtime)
    return f"{last.relative_to(path.parent)} of {datetime.fromtimestamp(last.stat().st_mtime):%Y-%m-%d %H:%M}"


def keep_snapshot(path: Path) -> None:
    """Keep the last snapshot beside its workspace, before another one takes its place."""
    if (snapshot := snapshot_of(path)).is_file():
        snapshot.rename(_before(path))


def _before(path: Path, change: str = "") -> Path:
    return path.with_name(f"{path.stem}{BEFORE}{change}{datetime.now():%Y%m%d-%H%M%S-%f}.duckdb")


def copy(database: Database, target: Path, guard: Guard = nullcontext) -> None:
    """Write everything that is committed into a file, in one step once it is whole. Raises OSError."""
    with database.cursor() as cursor, guard(cursor):
        _write(cursor, database.files, target)


def keep_old(cursor: duckdb.DuckDBPyConnection, path: Path, files: Path) -> Path:
    """Keep a workspace of an earlier schema as it is, beside itself; return where. Raises OSError."""
    kept = _before(path, f"schema-{schema.SCHEMA_VERSION}-")
    _write(cursor, files, kept)
    return kept


def _write(cursor: duckdb.DuckDBPyConnection, files: Path, target: Path) -> None:
    written = files / "exports" / f"copy-{time.time_ns()}.duckdb"
    try:
        cursor.execute("set max_execution_time = 0")
        _copy(cursor, written)
        _move(written, target)
    finally:
        written.unlink(missing_ok=True)


def _copy(cursor: duckdb.DuckDBPyConnection, target: Path) -> None:
    (own,) = cursor.execute("select current_database()").fetchone() or ("",)
    copied = identifier(target.stem)
    cursor.execute(f"attach {literal(target)} as {copied}")
    try:
        cursor.execute(f"copy from database {identifier(own)} to {copied}")
    finally:
        cursor.execute(f"detach {copied}")


def _move(written: Path, target: Path) -> None:
    """Put a whole file in its place in one step, from another disk too."""
    beside = target.with_name(f".{target.name}.{written.stem}")
    try:
        shutil.move(written, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def back_up(database: Database, target: Path) -> None:
    """Write everything into a new workspace file, while others may go on. Raises FileRefused."""
    if database.path and target.resolve() == database.path.resolve():
        raise FileRefused(f"{target}: is the workspace itself. Name another file")
    try:
        copy(database, target)
    except OSError as error:
        raise FileRefused(f"{target}: cannot be written ({error.strerror}). Name another file") from None


def _kept(database: Database) -> Path:
    """Back up what is there, beside the workspace."""
    kept = _before(database.path or database.files / "memory.duckdb")
    back_up(database, kept)
    return kept


def clear(database: Database) -> Path:
    """Delete everything; return the file that keeps what was there before."""
    kept = _kept(database)
    with database.writing() as cursor:
        _clear(cursor)
        schema.write_first_settings(cursor)
    return kept


def restore(database: Database, source: Path) -> Path:
    """Put the content of a backup in the place of everything; return the file that keeps what was there before.

    In one transaction: it is all there, or all as it was. Raises FileRefused for a file that is no backup.
    """
    copied = database.files / "inbox" / f"backup-{time.time_ns()}.duckdb"
    try:
        shutil.copyfile(source, copied)
        with database.cursor() as cursor:
            try:
                version = _attach(cursor, copied, source.name)
                kept = _kept(database)
                with database.writing() as writer:
                    _take_over(writer, source.name)
                    migrations.fill(writer, version)
            finally:
                cursor.execute("detach database if exists backup")
        return kept
    except OSError as error:
        raise FileRefused(f"{source}: cannot be read ({error.strerror}). Check the path") from None
    finally:
        copied.unlink(missing_ok=True)


def _attach(cursor: duckdb.DuckDBPyConnection, source: Path, name: str) -> int:
    """Open a backup for reading, as the database `backup`; return its schema. Raises FileRefused for what is none."""
    try:
        cursor.execute(f"attach {literal(source)} as backup (read_only)")
        row = cursor.execute("select value::integer from backup.settings where key = 'schema_version'").fetchone()
        cursor.execute("select count(*) from backup.loads")
    except duckdb.Error:
        row = None
    if row is None:
        raise _no_backup(name)
    if row[0] > schema.SCHEMA_VERSION:
        raise FileRefused(
            f"{name}: was made by a newer workbench (schema {row[0]}; this one reads {schema.SCHEMA_VERSION})"
        )
    return int(row[0])


def _no_backup(name: str) -> FileRefused:
    return FileRefused(f"{name}: not a backup of a workspace, or damaged. Nothing was changed")


def _clear(cursor: duckdb.DuckDBPyConnection) -> None:
    """Delete the rows of every table, but for the settings that are its own."""
    for table in _tables(cursor, "current_database()"):
        own = f"key not in {OWN_SETTINGS}" if table == "settings" else "true"
        cursor.execute(f"delete from {identifier(table)} where {own}")


def _take_over(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    """Put the rows of the attached backup in the place of all rows."""
    _clear(cursor)
    held = set(_tables(cursor, "current_database()"))
    for table in _tables(cursor, "'backup'"):
        own = f"key not in {OWN_SETTINGS}" if table == "settings" else "true"
        if table not in held:
            raise FileRefused(f"{name}: holds a table that this workbench does not know ({table}). Nothing was changed")
        into, rows = identifier(table), f"select * from backup.{identifier(table)} where {own}"
        try:
            cursor.execute(f"insert into {into} by name {rows}")
        except duckdb.Error as error:
            if isinstance(error, duckdb.OperationalError | duckdb.InterruptException):  # not of the backup's making
                raise
            raise _no_backup(name) from None


def _tables(cursor: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    sql = f"select table_name from duckdb_tables() where database_name = {database} and not temporary order by 1"
    return [str(name) for (name,) in cursor.execute(sql).fetchall()]
