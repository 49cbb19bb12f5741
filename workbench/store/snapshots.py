"""Publishing a workspace's snapshot in the background, so that other processes can read while one holds it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress

import duckdb

from workbench.errors import WorkbenchError, WorkspaceUnavailable, reason
from workbench.store import backups
from workbench.store.database import Database
from workbench.store.paths import snapshot_of

TOGETHER = 1.0  # seconds in which changes are waited for, so that several files make one snapshot


def publish(database: Database, guard: backups.Guard = nullcontext) -> None:
    """Write everything that is committed into the snapshot, in one step. Raises WorkbenchError."""
    try:
        backups.copy(database, snapshot_of(database.path or database.files), guard)
    except OSError as error:
        raise WorkspaceUnavailable(f"The snapshot cannot be written ({reason(error)}). Free some space") from None


class Publisher:
    """Publishes some time after each change, in a thread of its own, until it is stopped."""

    def __init__(self, database: Database) -> None:
        """Start the thread; nothing is published before the first change."""
        self._database = database
        self._changed, self._stopped = threading.Event(), threading.Event()
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def changed(self) -> None:
        """Say that there is something to publish."""
        self._changed.set()

    def publish(self) -> None:
        """Publish now, unless it is stopped meanwhile. Raises WorkbenchError."""
        publish(self._database, self._stoppable)

    def stop(self) -> None:
        """Stop, also in the middle of a snapshot, which then stays the one before."""
        self._stopped.set()
        self._changed.set()
        while self._thread.is_alive():
            if cursor := self._cursor:
                with suppress(duckdb.Error):
                    cursor.interrupt()
            self._thread.join(0.05)

    @contextmanager
    def _stoppable(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        self._cursor = cursor
        try:
            yield
        finally:
            self._cursor = None

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._changed.wait()
            if self._stopped.wait(TOGETHER):
                return
            self._changed.clear()
            with suppress(WorkbenchError):  # the next change tries again; readers have the snapshot before
                self.publish()
