"""Publishing a workspace's snapshot in the background, so that other processes can read while one holds it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import duckdb

from workbench.errors import WorkbenchError

TOGETHER = 1.0  # seconds in which changes are waited for, so that several files make one snapshot


class Publisher:
    """Calls `publish` some time after each change, in a thread of its own, until it is stopped."""

    def __init__(self, publish: Callable[[], None]) -> None:
        """Start the thread; nothing is published before the first change."""
        self._publish = publish
        self._changed, self._stopped = threading.Event(), threading.Event()
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def changed(self) -> None:
        """Say that there is something to publish."""
        self._changed.set()

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
    def stoppable(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Let what a cursor runs be interrupted by a stop."""
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
                self._publish()
