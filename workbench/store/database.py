"""A workspace's open database: a cursor for every call, one writer at a time, and the facts of its last version."""

import errno
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from workbench.errors import WorkspaceUnavailable, reason
from workbench.intake.recording import write_setting
from workbench.progress import Progress
from workbench.sql import identifier, literal, one_row
from workbench.store import folders
from workbench.store.facts import Facts
from workbench.store.folders import Temporary
from workbench.store.handle import Handle
from workbench.store.paths import snapshot_of

_VERSION = "select value from settings where key = 'version'"
# What stands here until the file was written anew after something was taken out of it.
REWRITE = "rewrite"
# The hashes of customers who were forgotten, as JSON.
FORGOTTEN = "forgotten"
# While several loads are one unit, the number of the last load before them stands here.
UNIT = "unit"
# What stands here is another after every change that was no load: while it is the same, rows only came with loads.
SETTLED = "settled"
_REWRITTEN = f"""delete from {{copied}}.settings where key = '{REWRITE}';
update {{copied}}.settings set value = (value::bigint + 1)::varchar where key = 'version'"""
_NEXT_VERSION = "update settings set value = (value::bigint + 1)::varchar where key = 'version' returning value::bigint"


def watched(cursor: duckdb.DuckDBPyConnection) -> tuple[Callable[[], float | None], Callable[[], None]]:
    """Return how to measure (0 to 1, None when unknown) and how to stop what a cursor is running.

    The database measures only where its bar is on, which is printed unless that is off. Of several statements the
    longest counts: those before it end before anybody looks, and those after it begin anew.
    """
    cursor.execute("set enable_progress_bar_print = false")
    cursor.execute("set enable_progress_bar = true")
    known: float | None = None

    def measure() -> float | None:
        nonlocal known
        done = cursor.query_progress() / 100
        if 0 <= done < 1:
            known = max(known or 0.0, done)
        return known

    return measure, cursor.interrupt


def copy(cursor: duckdb.DuckDBPyConnection, target: Path, then: str = "") -> None:
    """Write everything that is committed into a new file; `then` is what to run in it, with its tables as `{copied}.`.

    The file's name has to be one that no other copy under way has.
    """
    (own,) = one_row(cursor, "select current_database()")
    copied = identifier(target.stem)
    cursor.execute(f"attach {literal(target)} as {copied}")
    try:
        cursor.execute(f"copy from database {identifier(own)} to {copied}")
        cursor.execute(then.format(copied=copied))
    finally:
        cursor.execute(f"detach {copied}")


def written_to(cursor: duckdb.DuckDBPyConnection, files: Path, target: Path) -> None:
    """Write everything that is committed into a file anywhere, in one step once it is whole. Raises OSError."""
    written = files / "exports" / f"copy-{time.time_ns()}.duckdb"
    try:
        cursor.execute("set max_execution_time = 0")
        copy(cursor, written)
        move(written, target)
    finally:
        written.unlink(missing_ok=True)


def move(written: Path, target: Path) -> None:
    """Put a whole file in its place in one step, from another disk too."""
    beside = target.with_name(f".{target.name}.{written.stem}")
    try:
        shutil.move(written, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


class Database:
    """An open workspace, `path` None in memory, with the folder of its `files`.

    `facts` are those of its present version. `publish_soon` asks for a snapshot, where others are to read one.
    """

    def __init__(self, handle: Handle, path: Path | None, files: Path, temporary: Temporary | None) -> None:
        """Take over a handle; `temporary` is the folder that goes with it."""
        self._handle, self._temporary = handle, temporary
        self._writer, self._keeper, self._renewing = threading.Lock(), threading.Lock(), threading.Lock()
        self.path, self.files = path, files
        self.facts = self._facts(self._stored_version())
        self.publish_soon: Callable[[], None] | None = None
        self.masking = threading.Lock()  # held while a masked copy is made; with others it is taken before a call
        self.taken = 0  # how often another file took the place of the present one

    def close(self) -> None:
        """Let go of the file and of what is temporary."""
        self._handle.close()
        if self._temporary:
            self._temporary.let_go()

    def cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Give a cursor for one call; DuckDB's errors leave as WorkbenchError."""
        return self._handle.cursor()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._handle.rows(sql, parameters)

    def _stored_version(self) -> int:
        (version,) = next(iter(self.rows(_VERSION)), ("",))
        if not (version and version.isascii() and version.isdigit() and len(version) < 18):
            raise WorkspaceUnavailable(f"Workspace {self.path}: its setting version is '{version}'. Restore a backup")
        return int(version)

    def _facts(self, version: int) -> Facts:
        # They know the handle and not this object: in a circle, what nobody closes would stay open.
        return Facts(version, self._handle.rows)

    def _renew(self, version: int | None = None) -> None:
        """Forget what was read before a commit; what is kept beside the data makes no other version."""
        with self._renewing:
            self.facts = self._facts(self.facts.version if version is None else version)

    @contextmanager
    def writing(self, is_load: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the one writing cursor, in a transaction that commits at the end or leaves everything as it was.

        With `is_load` nothing else is changed in it but what a load brings, or replaces and keeps among the replaced.
        """
        with self._writer, self.cursor() as cursor:
            cursor.execute("set max_execution_time = 0")
            cursor.execute("begin")
            try:
                yield cursor
                if not is_load:
                    write_setting(cursor, SETTLED, uuid.uuid4().hex)
                version = int(one_row(cursor, _NEXT_VERSION)[0])
                cursor.execute("commit")
                self._renew(version)
            except BaseException:
                with suppress(duckdb.Error):  # a failed commit has rolled back already
                    cursor.execute("rollback")
                with suppress(duckdb.Error):  # an interrupt may have come when all was committed
                    self._renew(int(one_row(cursor, _VERSION)[0]))
                raise
            # What stands in the file itself cannot be lost with its write-ahead log.
            with suppress(duckdb.Error):
                cursor.execute("checkpoint")
        if self.publish_soon:
            self.publish_soon()

    @contextmanager
    def keeping(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor, in a transaction, for what is kept beside the data; it waits for no load that is under way."""
        with self._keeper, self.cursor() as cursor:
            cursor.execute("begin")
            try:
                yield cursor
                cursor.execute("commit")
                self._renew()
            except BaseException:
                with suppress(duckdb.Error):
                    cursor.execute("rollback")
                raise

    def must_rewrite(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Remember, with what takes something out, that the file has to be written anew; also when it is killed."""
        if self.path:
            write_setting(cursor, REWRITE, "due")

    def rewrite(self, progress: Progress) -> None:
        """Write the file and its snapshot anew: what was deleted would stay in their bytes (guarantee 24).

        Row numbers are others afterwards, so it is another version. Killed at any step, it leaves a whole workspace,
        in which `REWRITE` stands until it is done. Raises WorkbenchError.
        """
        if self.path is None:
            return
        written = self.files / "exports" / f"rewritten-{time.time_ns()}.duckdb"
        try:
            copies = 2 if snapshot_of(self.path).is_file() else 1
            if shutil.disk_usage(self.files).free < copies * self.path.stat().st_size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            with self._writer, self._keeper:
                with self.cursor() as cursor, progress.during("Writing the file anew", watched(cursor)[0]):
                    cursor.execute("set max_execution_time = 0")
                    copy(cursor, written, _REWRITTEN)
                self._take(written)
        except OSError as error:
            raise WorkspaceUnavailable(f"The file cannot be written anew ({reason(error)}). Free some space") from None
        finally:
            written.unlink(missing_ok=True)

    def _take(self, written: Path, aside: Path | None = None) -> None:
        """Put a file in the place of the present one, and in that of its snapshot, once no call is under way."""
        with self.masking, self._handle.alone():
            self.taken += 1
            self._delete_exports(written)
            self._renew_snapshot(written)
            self._handle.replace(written, aside)
            self._renew(self._stored_version())

    def _delete_exports(self, written: Path) -> None:
        """Delete what was made before of rows that may be no more; who is writing one sees that another was `taken`."""
        for left in [*(self.files / "exports").iterdir(), *folders.of_masked(self.files)]:
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            elif left != written:
                with suppress(OSError):  # one that is being written goes when its writer sees what happened
                    left.unlink()

    def _renew_snapshot(self, written: Path) -> None:
        snapshot = snapshot_of(self.path or self.files)
        if snapshot.is_file():
            beside = written.with_suffix(".snapshot")
            try:
                shutil.copyfile(written, beside)
                beside.replace(snapshot)
            finally:
                beside.unlink(missing_ok=True)

    def take(self, written: Path, aside: Path) -> None:
        """Put a whole workspace file in the place of this one, which is damaged and moved aside.

        Raises WorkspaceUnavailable.
        """
        try:
            with self._writer, self._keeper:
                self._take(written, aside)
        except OSError as error:
            raise WorkspaceUnavailable(f"Workspace {self.path}: cannot be replaced ({reason(error)})") from None
