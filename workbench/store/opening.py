"""Opening a workspace's DuckDB file so that neither a file nor a query harms the host, or saying why it cannot be."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from workbench.errors import WorkspaceHeld, WorkspaceUnavailable
from workbench.sql import literal
from workbench.store import backups, migrations, paths, schema, settings
from workbench.store.database import Database
from workbench.time import zones

QUERY_SECONDS = 60
MEMORY = "1200MB"


def opened(path: Path | None, wait: float, seed: Path | None, is_snapshot: bool) -> tuple[Database, str]:
    """Open or create a workspace as guarantee 19 says: limits in the configuration, own folders only, locked.

    Return it, and what its user must know. One in memory starts as a copy of `seed`; of a snapshot the file is only
    read, beside others. Raises WorkspaceUnavailable.
    """
    os.umask(0o077)
    files = paths.files_of(path) if path else Path(tempfile.mkdtemp(prefix="contact-workbench-"))
    spill = Path(tempfile.mkdtemp(prefix="snapshot-", dir=files / "spill")) if is_snapshot else None
    temporary = spill if path else files
    try:
        _make_folders(path, files)
        target = paths.snapshot_of(path or files) if is_snapshot else path
        connection, notice = _connect(target, wait, is_read_only=is_snapshot)
        if seed:
            _copy_from(connection, seed)
        if spill and target:
            connection = _of_today(connection, target, spill)
        _lock(connection, files, spill or files / "spill")
        with _closed_on_failure(connection, path):
            upgraded = "" if is_snapshot else _set_up(connection, path, files)
            database = Database(connection, path, files, temporary, _version(connection))
    except WorkspaceUnavailable:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)
        raise
    return database, f"{notice} {_last_load(database)}" if notice else upgraded


def _make_folders(path: Path | None, files: Path) -> None:
    try:
        for folder in ("inbox", "exports", "spill"):
            (files / folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceUnavailable(
            f"Workspace {path}: its folder cannot be made ({error.strerror}). Use --workspace"
        ) from None


@contextmanager
def _closed_on_failure(connection: duckdb.DuckDBPyConnection, path: Path | None) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        connection.close()
        raise _not_opened(path, error) from None
    except WorkspaceUnavailable:
        connection.close()
        raise


def _set_up(connection: duckdb.DuckDBPyConnection, path: Path | None, files: Path) -> str:
    """See to what every workspace has, and that nothing is on its way in; return what its user must know."""
    for left in (files / "inbox").iterdir():  # of a process that was killed; nobody else has this workspace
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
    with connection.cursor() as cursor:
        if schema.version(cursor) < schema.SCHEMA_VERSION:
            return _migrated(cursor, path, files)
        schema.create(cursor)
    return ""


def _migrated(cursor: duckdb.DuckDBPyConnection, path: Path | None, files: Path) -> str:
    """Bring a workspace of an earlier version to today's schema, and keep it beside itself as it was."""
    if path is None:
        migrations.migrate(cursor)
        return ""
    _check_space(path, files)
    kept = backups.keep_old(cursor, path, files)
    migrations.migrate(cursor)
    return f"Workspace {path} is of an earlier version and was brought up to date; as it was, it is kept as {kept.name}"


def _check_space(path: Path, files: Path) -> None:
    """Raise WorkspaceUnavailable where a copy of the workspace, and what changes in it, have no room."""
    needed, free = 2 * path.stat().st_size, shutil.disk_usage(files).free
    if free < needed:
        raise WorkspaceUnavailable(
            f"Workspace {path}: bringing it up to date needs {needed / 1e9:.1f} GB of free disk, there are"
            f" {free / 1e9:.1f} GB. Free some space"
        )


def _of_today(connection: duckdb.DuckDBPyConnection, snapshot: Path, spill: Path) -> duckdb.DuckDBPyConnection:
    """Return the connection to a snapshot, or to a copy of it that is brought up to date: it is only read itself."""
    with _closed_on_failure(connection, snapshot), connection.cursor() as cursor:
        if schema.version(cursor) == schema.SCHEMA_VERSION:
            return connection
    connection.close()
    _check_space(snapshot, spill)
    copied = spill / snapshot.name
    shutil.copyfile(snapshot, copied)
    connection, _ = _connect(copied, 0, is_read_only=False)
    with _closed_on_failure(connection, snapshot), connection.cursor() as cursor:
        migrations.migrate(cursor)
    return connection


def _copy_from(connection: duckdb.DuckDBPyConnection, seed: Path) -> None:
    try:
        connection.execute(f"attach {literal(seed)} as seed (read_only)")
        connection.execute("copy from database seed to memory")
        connection.execute("detach seed")
    except duckdb.Error as error:
        connection.close()
        raise _not_opened(seed, error) from None


def _lock(connection: duckdb.DuckDBPyConnection, files: Path, spill: Path) -> None:
    own_folders = ", ".join(literal(f"{(files / own).resolve()}/") for own in ("inbox", "exports"))
    # The order matters: once external access is off, neither folder can be set.
    for statement in (
        f"set temp_directory = {literal(spill)}",
        f"set allowed_directories = [{own_folders}]",
        "set allowed_configs = ['max_execution_time']",
        "set enable_external_access = false",
        "set lock_configuration = true",
    ):
        connection.execute(statement)


def _version(connection: duckdb.DuckDBPyConnection) -> int:
    with connection.cursor() as cursor:  # what the connection itself left open would keep every checkpoint from ending
        row = cursor.execute("select value from settings where key = 'version'").fetchone()
    return int(row[0]) if row else 0


def _last_load(database: Database) -> str:
    found = database.rows("select load_id, file, loaded_at from loads order by load_id desc limit 1")
    if not found:
        return "No load is there"
    load_id, file, loaded_at = found[0]
    at = zones.wall_from_utc(loaded_at, settings.reporting_zone(database.facts.settings))
    return f"The last load that is there is {load_id}: {file}, {at:%Y-%m-%d %H:%M}"


def _connect(path: Path | None, wait: float, is_read_only: bool) -> tuple[duckdb.DuckDBPyConnection, str]:
    deadline, notice = time.monotonic() + wait, ""
    while True:
        try:
            target = str(path.resolve()) if path else ":memory:"
            return duckdb.connect(target, read_only=is_read_only, config=_limits()), notice
        except duckdb.Error as error:
            is_held = "could not set lock" in str(error).lower()
            if is_held and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            if path and not notice and "replaying WAL" in str(error):
                notice = _log_set_aside(path)
                continue
            raise (_held if is_held else _not_opened)(path, error) from None


def _log_set_aside(path: Path) -> str:
    """Move a damaged write-ahead log away, so that the workspace opens without it; return what that costs."""
    log = path.with_name(f"{path.name}.wal")
    aside = path.with_name(f"{log.name}-damaged-{datetime.now():%Y%m%d-%H%M%S}")
    log.rename(aside)
    backups.keep_snapshot(path)
    newest = backups.newest(path)
    return (
        f"Workspace {path}: its write-ahead log was damaged and is kept as {aside.name}; what was written last may be"
        f" missing. Load those files again, or restore a backup{f' (the newest here: {newest})' if newest else ''}."
    )


def _held(path: Path | None, error: duckdb.Error) -> WorkspaceHeld:
    holder = re.search(r"\(PID (\d+)\)", str(error))
    return WorkspaceHeld(
        f"Workspace {path} is held by another process{f' (PID {holder[1]})' if holder else ''}."
        " Close that one (the app, perhaps), or name another with --workspace or WORKBENCH_WORKSPACE"
    )


def _not_opened(path: Path | None, error: duckdb.Error) -> WorkspaceUnavailable:
    if isinstance(error, duckdb.IOException) and "permission" in str(error).lower():
        return WorkspaceUnavailable(
            f"Workspace {path}: no permission to open it. Name another with --workspace or WORKBENCH_WORKSPACE"
        )
    newest = backups.newest(path) if path else ""
    return WorkspaceUnavailable(
        f"Workspace {path}: not a workspace, or damaged; it was left as it is. Put a backup in its place"
        f"{f' (the newest here: {newest})' if newest else ''}, or name another with --workspace or WORKBENCH_WORKSPACE"
    )


def _limits() -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": MEMORY,
        "max_temp_directory_size": "100GB",
        "max_execution_time": str(QUERY_SECONDS * 1000),
        "max_expression_depth": "250",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "allow_unsigned_extensions": "false",
        "allow_persistent_secrets": "false",
        "python_enable_replacements": "false",
        # DuckDB 2.0 pushes try_cast into the CSV reader as a hard cast, which fails the whole file (duckdb#23818), and
        # takes scans of one table under different filters for the same, with wrong rows (as in duckdb#24258).
        "disabled_optimizers": "type_pushdown,common_subplan",
    }
