"""Opening a workspace's DuckDB file so that neither a file nor a query harms the host, or saying why it cannot be."""

import os
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import duckdb

from workbench.errors import WorkbenchError, WorkspaceHeld, WorkspaceUnavailable, reason
from workbench.exports import KINDS
from workbench.intake import history
from workbench.progress import Progress
from workbench.sql import literal
from workbench.store import copies, folders, migrations, paths, recognising, schema, settings
from workbench.store.database import REWRITE, UNIT, Database, written_to
from workbench.store.handle import Handle
from workbench.time import words, zones

QUERY_SECONDS = 60
MEMORY = "1200MB"
Done = TypeVar("Done")


def opened(path: Path | None, wait: float, seed: Path | None, is_snapshot: bool) -> tuple[Database, str]:
    """Open or create a workspace as guarantee 19 says: limits in the configuration, own folders only, locked.

    Return it, and what its user must know. One in memory starts as a copy of `seed`; of a snapshot the file is only
    read, beside others. Raises WorkspaceUnavailable, and leaves a file that is no workspace of ours as it is.
    """
    os.umask(0o077)
    notice = _recognised(path, wait) if path and not is_snapshot else ""
    temporary, files = _folders(path, is_snapshot)
    try:
        file, published = _snapshot(path, files) if path and is_snapshot else (path, "")
        connect = partial(_connected, file, files, is_snapshot, seed)
        handle = _awaited(file, wait, lambda: Handle(connect, path, is_snapshot))
        if file and is_snapshot:
            with suppress(OSError):  # where no open file can be deleted, it goes with its folder
                file.unlink()
        database, upgraded = _set_up(handle, path, files, temporary, is_snapshot)
    except WorkspaceUnavailable:
        if temporary:
            temporary.let_go()
        raise
    notices = [f"{notice} {_last_load(database)}"] if notice else []
    mended = [] if is_snapshot else [*_ended(database), *_rewritten(database)]
    return database, " ".join(filter(None, [published, *notices, *upgraded, *mended]))


def _snapshot(path: Path, files: Path) -> tuple[Path, str]:
    """Return a name of its own for a workspace's snapshot, and of when that is. Raises WorkspaceUnavailable.

    By its usual name the database would give a process that reads it already the one which it has open, however old.
    """
    snapshot, own = paths.snapshot_of(path), files / "own.duckdb"
    try:
        _linked(snapshot, own)
        at = datetime.fromtimestamp(own.stat().st_mtime)
    except OSError as error:
        raise WorkspaceUnavailable(f"Workspace {path}: there is no snapshot to read ({reason(error)})") from None
    _recognised(own, 0)
    return own, f"Another process holds {path}: this is its snapshot of {words.timestamp(at)}"


def _linked(file: Path, name: Path) -> None:
    """Give a file another name; on a disk that knows no two names of a file a copy gets it, of the same time."""
    try:
        os.link(file, name)
    except OSError:
        shutil.copy2(file, name)


def _recognised(path: Path, wait: float) -> str:
    """See that a file is a workspace of ours, and return what a damaged write-ahead log has cost it, mostly nothing."""
    # Another configuration than that of an open workspace, or it would be that one which is closed after the look.
    configuration = limits() | {"enable_external_access": "false"}
    look = partial(duckdb.connect, str(path.resolve()), read_only=True, config=configuration)
    notices = []

    def check() -> None:
        try:
            recognising.check(path, look)
        except duckdb.Error as error:
            if "replaying WAL" not in str(error) or not paths.files_of(path).is_dir():
                raise
            notices.append(_log_set_aside(path))
            recognising.check(path, look)

    _awaited(path, wait, check)
    return " ".join(notices)


def _awaited(path: Path | None, wait: float, act: Callable[[], Done]) -> Done:
    """Act, again and again for so many seconds while another process holds the file. Raises WorkspaceUnavailable."""
    deadline = time.monotonic() + wait
    while True:
        try:
            return act()
        except duckdb.Error as error:
            is_held = "could not set lock" in str(error).lower()
            if not is_held or not time.monotonic() < deadline:
                raise (_held if is_held else _not_opened)(path, error) from None
        time.sleep(0.1)


def _folders(path: Path | None, is_snapshot: bool) -> tuple[folders.Temporary | None, Path]:
    """Return the folder of a process that keeps none, and the one in which its files are."""
    try:
        if path and not is_snapshot:
            folders.make(paths.files_of(path))
            return None, paths.files_of(path)
        temporary = folders.of_reader(paths.files_of(path)) if path else folders.of_memory()
    except OSError as error:
        raise WorkspaceUnavailable(
            f"Workspace {path}: its folder cannot be made ({reason(error)}). Use --workspace"
        ) from None
    return temporary, temporary.path


def _connected(path: Path | None, files: Path, is_read_only: bool, seed: Path | None) -> duckdb.DuckDBPyConnection:
    target = str(path.resolve()) if path else ":memory:"
    connection = duckdb.connect(target, read_only=is_read_only, config=limits())
    try:
        if seed:
            _copy_from(connection, seed)
        if path and is_read_only:
            connection = _of_today(connection, path, files)
        _lock(connection, files)
    except duckdb.Error:
        connection.close()
        raise
    return connection


def _of_today(connection: duckdb.DuckDBPyConnection, snapshot: Path, files: Path) -> duckdb.DuckDBPyConnection:
    """Return the connection to a snapshot, or to a copy of it that is brought up to date: it is only read itself."""
    with connection.cursor() as cursor:
        if schema.version(cursor) == schema.SCHEMA_VERSION:
            return connection
    connection.close()
    _check_space(snapshot, files)
    copied = files / "copied.duckdb"
    try:
        shutil.copyfile(snapshot, copied)
    except OSError as error:
        raise WorkspaceUnavailable(f"Workspace {snapshot}: cannot be copied ({reason(error)})") from None
    connection = duckdb.connect(str(copied.resolve()), config=limits())
    with connection.cursor() as cursor:
        migrations.migrate(cursor)
    return connection


def _copy_from(connection: duckdb.DuckDBPyConnection, seed: Path) -> None:
    connection.execute(f"attach {literal(seed)} as seed (read_only)")
    connection.execute("copy from database seed to memory")
    connection.execute("detach seed")


def _lock(connection: duckdb.DuckDBPyConnection, files: Path) -> None:
    own_folders = ", ".join(literal(f"{(files / own).resolve()}/") for own in ("inbox", "exports"))
    # The order matters: once external access is off, neither folder can be set.
    for statement in (
        f"set temp_directory = {literal(files / 'spill')}",
        f"set allowed_directories = [{own_folders}]",
        "set allowed_configs = ['max_execution_time', 'enable_progress_bar', 'enable_progress_bar_print']",
        "set enable_external_access = false",
        "set lock_configuration = true",
    ):
        connection.execute(statement)


def _set_up(
    handle: Handle, path: Path | None, files: Path, temporary: folders.Temporary | None, is_snapshot: bool
) -> tuple[Database, list[str]]:
    """See to what every workspace has, and that nothing is left of processes that were killed.

    Return the workspace, and what its user must know.
    """
    notices: list[str] = []
    try:
        if not is_snapshot:
            folders.empty(files)
            with handle.cursor() as cursor:
                notices = _with_tables(cursor, path, files)
        return Database(handle, path, files, temporary), notices
    except WorkbenchError as error:
        handle.close()
        unavailable = isinstance(error, WorkspaceUnavailable)
        raise error if unavailable else WorkspaceUnavailable(f"Workspace {path}: {error}") from None


def _with_tables(cursor: duckdb.DuckDBPyConnection, path: Path | None, files: Path) -> list[str]:
    """Make the tables that are not there, or those of an earlier version today's; return what its user must know."""
    if schema.version(cursor) < schema.SCHEMA_VERSION:
        return _migrated(cursor, path, files)
    cursor.execute("begin")  # all of it, or nothing: what is half made is not known for ours
    schema.create(cursor)
    cursor.execute("commit")
    return []


def _migrated(cursor: duckdb.DuckDBPyConnection, path: Path | None, files: Path) -> list[str]:
    """Bring a workspace of an earlier version to today's schema, and keep it beside itself as it was."""
    if path is None:
        migrations.migrate(cursor)
        return []
    _check_space(path, files)
    kept = copies.before(path, f"schema-{schema.SCHEMA_VERSION}-")
    try:
        written_to(cursor, files, kept)
    except OSError as error:
        raise WorkspaceUnavailable(f"Workspace {path}: no copy of it can be kept ({reason(error)})") from None
    migrations.migrate(cursor)
    said = f"Workspace {path} is of an earlier version and was brought up to date; as it was, it is kept as {kept.name}"
    return [said]


def _check_space(path: Path, files: Path) -> None:
    """Raise WorkspaceUnavailable where a copy of the workspace, and what changes in it, have no room."""
    needed, free = 2 * path.stat().st_size, shutil.disk_usage(files).free
    if free < needed:
        raise WorkspaceUnavailable(
            f"Workspace {path}: bringing it up to date needs {needed / 1e9:.1f} GB of free disk, there are"
            f" {free / 1e9:.1f} GB. Free some space"
        )


def _ended(database: Database) -> list[str]:
    """Take back the loads of a unit that was killed before its end; return what whoever loads them again must know."""
    before = database.facts.settings.get(UNIT)
    if before is None:
        return []
    loads = [load_id for (load_id,) in database.rows("select load_id from loads order by load_id desc")]
    gone = [load_id for load_id in loads if load_id > int(before)]
    with database.writing() as cursor:
        for load_id in gone:
            history.unload(cursor, load_id, KINDS.values())
        cursor.execute("delete from settings where key = ?", [UNIT])
        if gone:
            database.must_rewrite(cursor)
    said = f"A run of a recipe was killed: what it had loaded was taken back (loads {', '.join(map(str, gone[::-1]))})"
    return [said] if gone else []


def _rewritten(database: Database) -> list[str]:
    """Write a file anew from which something was taken that still stands in its bytes; return why that cannot be."""
    if not database.path or REWRITE not in database.facts.settings:
        return []
    try:
        database.rewrite(Progress())
    except WorkbenchError as error:
        return [f"What was taken out of the workspace still stands in the bytes of its file: {error}"]
    return []


def _last_load(database: Database) -> str:
    found = database.rows("select load_id, file, loaded_at from loads order by load_id desc limit 1")
    if not found:
        return "No load is there"
    load_id, file, loaded_at = found[0]
    at = zones.wall_from_utc(loaded_at, settings.reporting_zone(database.facts.settings))
    return f"The last load that is there is {load_id}: {file}, {words.timestamp(at)}"


def _log_set_aside(path: Path) -> str:
    """Move a damaged write-ahead log away, so that the workspace opens without it; return what that costs."""
    log = path.with_name(f"{path.name}.wal")
    aside = path.with_name(f"{log.name}-damaged-{datetime.now():%Y%m%d-%H%M%S}")
    log.rename(aside)
    copies.keep_snapshot(path)
    newest = copies.newest(path)
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
    if "different configuration" in str(error):
        return WorkspaceUnavailable(
            f"Workspace {path} is open in this process already. Use that one, or close it first"
        )
    if path is None:
        return WorkspaceUnavailable("No workspace can be opened in memory. Close other programs and try again")
    if "permission" in str(error).lower():
        return WorkspaceUnavailable(f"Workspace {path}: no permission to open it. Name another, {copies.INSTEAD[3:]}")
    return copies.damaged(path, "not a workspace, or damaged")


def limits() -> dict[str, str | bool | int | float | list[str]]:
    """Return the configuration by which a connection harms no host: memory, time, no extensions."""
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
