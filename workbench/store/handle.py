"""The connection to a workspace's file, of which nobody is given more than a cursor for one call.

A connection that threads share returns another's rows (guarantee 12). Only here is a file put in the place of another
while a process has it open: between two calls, so that no call sees half of each.
"""

import errno
import os
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from workbench.errors import WorkspaceDamaged, WorkspaceHeld, translated
from workbench.store import copies
from workbench.store.paths import is_same

_open: "weakref.WeakSet[Handle]" = weakref.WeakSet()  # of this process
# Seconds for which a file's change waits until no call is under way: without keeping others waiting, and in all.
POLITE, PATIENCE = 0.5, 60.0


class Handle:
    """A connection that may become one to another file. `connect` opens what stands at the path, None in memory."""

    def __init__(
        self, connect: Callable[[], duckdb.DuckDBPyConnection], path: Path | None, is_reader: bool = False
    ) -> None:
        """Connect; a reader's connection is one to another file, such as the snapshot of the workspace at the path."""
        self._connect, self._path, self.is_reader = connect, path, is_reader
        self._connection = connect()
        self._calls: Counter[int] = Counter()  # under way, by thread
        self._changed, self._is_urgent = threading.Condition(), False
        self._claim: int | None = None  # the descriptor by which the file is locked, besides the database's own
        self._let_go: Callable[[], object] = _nothing
        _open.add(self)

    def close(self) -> None:
        """Let go of the file."""
        _open.discard(self)
        self._connection.close()
        with self._changed:
            self._let_go()
            self._claim, self._let_go = None, _nothing

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor for one call; DuckDB's errors leave as WorkbenchError."""
        own = threading.get_ident()
        with self._changed:
            # A call within another of its thread never waits, or the one around it would be waited for, for ever.
            self._changed.wait_for(lambda: not self._is_urgent or self._calls[own])
            try:
                cursor = self._connection.cursor()
            except duckdb.Error as error:
                raise self._translated(error) from error
            self._calls[own] += 1
        try:
            yield cursor
        except duckdb.Error as error:
            raise self._translated(error) from error
        finally:
            cursor.close()
            with self._changed:
                self._calls -= Counter([own])  # which drops a thread that has none
                self._changed.notify_all()

    def _translated(self, error: duckdb.Error) -> Exception:
        said = translated(error)
        return copies.damaged(self._path) if self._path and isinstance(said, WorkspaceDamaged) else said

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.cursor() as cursor:
            return cursor.execute(sql, list(parameters)).fetchall()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no call is under way, and let none begin. Raises WorkspaceHeld when that takes too long.

        Calls that begin meanwhile are let through at first, and wait when they leave no moment between them.
        """
        with self._changed:
            try:
                self._is_urgent = not self._changed.wait_for(self._is_idle, POLITE)
                if not self._changed.wait_for(self._is_idle, PATIENCE):
                    raise WorkspaceHeld(f"Workspace {self._path} is in use by a long query. Try again once it is done")
                self._is_urgent = False  # the lock keeps others out from here on; calls of this thread must not wait
                yield
            finally:
                self._is_urgent = False
                self._changed.notify_all()

    def _is_idle(self) -> bool:
        return not self._calls

    def replace(self, file: Path, aside: Path | None = None) -> None:
        """Put a whole workspace file in the place of the present one, which may be moved `aside`; to be called alone.

        At every moment one whole workspace stands at the path, and no other process gets in between. Raises OSError.
        """
        path = self._path
        assert path is not None  # what is in memory has no file
        if aside:
            move_aside(path, aside)
        else:
            with self.cursor() as cursor:  # or the log of the old file would stand beside the new one
                cursor.execute("checkpoint")
        earlier = self._let_go
        self._claim, self._let_go = _claimed(file, self)
        if os.name == "nt":  # where no open file can be replaced
            self._connection.close()
        file.replace(path)
        with suppress(duckdb.Error):  # a damaged file may refuse its own end
            self._connection.close()
        log = path.with_name(f"{path.name}.wal")
        if aside and log.exists():
            log.rename(aside.with_name(f"{aside.name}.wal"))
        earlier()
        try:
            self._connection = self._connect()
        except duckdb.Error as error:
            raise self._translated(error) from error

    def claim(self) -> int | None:
        """Return a descriptor of the file that stays open for as long as this; None where no other one unlocks it."""
        with self._changed:
            if self._claim is None and self._path:
                self._claim, self._let_go = _claimed(self._path, self)
            return self._claim

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield the bytes of the file that is claimed. Raises OSError where another takes its place meanwhile."""
        place, begun = 0, self._let_go
        while block := self._block(size, place, begun):
            place += len(block)
            yield block

    def _block(self, size: int, place: int, begun: object) -> bytes:
        with self._changed:  # or the descriptor may be closed in between, and be that of any other file
            if self._claim is None or self._let_go is not begun:
                raise OSError(errno.ESTALE, "another file took its place")
            return os.pread(self._claim, size, place)  # others may read by it too


def blocks(file: Path, size: int) -> Iterator[bytes]:
    """Yield the bytes of a file, of a workspace that is open here without unlocking it. Raises OSError."""
    writers = [handle for handle in list(_open) if handle._path and not handle.is_reader]
    held = next((handle for handle in writers if handle._path and is_same(file, handle._path)), None)
    if held and held.claim() is not None:
        yield from held.blocks(size)
        return
    with file.open("rb") as opened:
        yield from iter(partial(opened.read, size), b"")


def open_here() -> list[Path]:
    """Return the workspaces that this process has open: whoever reads one of these files unlocks it at the end."""
    return [handle._path for handle in list(_open) if handle._path]


def move_aside(path: Path, aside: Path) -> None:
    """Give a file its name aside; it loses its old one only where the disk knows no two names of a file."""
    try:
        os.link(path, aside)
    except OSError:
        path.rename(aside)


def _claimed(file: Path, holder: object) -> tuple[int | None, Callable[[], object]]:
    """Lock a file as DuckDB does; return its descriptor and how to let go of it, at the latest when its holder goes.

    A lock of this kind is the process's. Closing any handle of the file loses it, so this one has to stay open until
    the database is closed.
    """
    try:
        import fcntl
    except ImportError:  # Windows: DuckDB's own handle keeps others out
        return None, _nothing
    handle = os.open(file, os.O_RDWR)
    fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return handle, weakref.finalize(holder, os.close, handle)


def _nothing() -> None:
    """Let go of nothing."""
