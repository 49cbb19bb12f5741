"""Opening a workspace's DuckDB file so that neither a file nor a query harms the host, or saying why it cannot be."""

import os
import re
import time
from datetime import datetime
from pathlib import Path

import duckdb

from workbench.errors import WorkbenchError, WorkspaceHeld, WorkspaceUnavailable
from workbench.sql import literal
from workbench.store import backups

QUERY_SECONDS = 60
MEMORY = "1200MB"


def connect(
    path: Path | None, files: Path, wait: float, seed: Path | None = None, spill: Path | None = None
) -> tuple[duckdb.DuckDBPyConnection, str]:
    """Open the file as guarantee 19 says: limits in the configuration, own folders only, locked.

    Return the connection, and what its user must know. A database in memory starts as a copy of `seed`. With a `spill`
    folder of its own the file is only read, beside others. Raises WorkspaceUnavailable.
    """
    os.umask(0o077)
    try:
        for folder in ("inbox", "exports", "spill"):
            (files / folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceUnavailable(
            f"Workspace {path}: its folder cannot be made ({error.strerror}). Use --workspace"
        ) from None
    connection, notice = _connect_waiting(path, wait, is_read_only=spill is not None)
    if seed:
        _copy_from(connection, seed)
    own_folders = ", ".join(literal(f"{(files / own).resolve()}/") for own in ("inbox", "exports"))
    # The order matters: once external access is off, neither folder can be set.
    for statement in (
        f"set temp_directory = {literal(spill or files / 'spill')}",
        f"set allowed_directories = [{own_folders}]",
        "set allowed_configs = ['max_execution_time']",
        "set enable_external_access = false",
        "set lock_configuration = true",
    ):
        connection.execute(statement)
    return connection, notice


def _copy_from(connection: duckdb.DuckDBPyConnection, seed: Path) -> None:
    try:
        connection.execute(f"attach {literal(seed)} as seed (read_only)")
        connection.execute("copy from database seed to memory")
        connection.execute("detach seed")
    except duckdb.Error as error:
        connection.close()
        raise not_opened(seed, error, None, is_held=False) from None


def _connect_waiting(path: Path | None, wait: float, is_read_only: bool) -> tuple[duckdb.DuckDBPyConnection, str]:
    deadline, notice = time.monotonic() + wait, ""
    while True:
        try:
            target = str(path.resolve()) if path else ":memory:"
            return duckdb.connect(target, read_only=is_read_only, config=_limits()), notice
        except duckdb.Error as error:
            holder = re.search(r"\(PID (\d+)\)", str(error))
            is_held = "could not set lock" in str(error).lower()
            if is_held and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            if path and not notice and "replaying WAL" in str(error):
                notice = _log_set_aside(path)
                continue
            raise not_opened(path, error, holder[1] if holder else None, is_held) from None


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


def not_opened(path: Path | None, error: duckdb.Error, holder: str | None, is_held: bool) -> WorkbenchError:
    """Return the one-line error for a workspace that cannot be opened."""
    if is_held:
        return WorkspaceHeld(
            f"Workspace {path} is held by another process{f' (PID {holder})' if holder else ''}."
            " Close that one (the app, perhaps), or name another with --workspace or WORKBENCH_WORKSPACE"
        )
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
