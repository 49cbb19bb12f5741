"""A workspace's open database: a cursor for every call, one writer at a time, and the facts of its last version.

A connection that threads share returns another's rows (guarantee 12), so nothing here gives away the connection.
"""

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from workbench.errors import translated
from workbench.sql import one_row
from workbench.store.facts import Facts

_VERSION = "select value from settings where key = 'version'"
_NEXT_VERSION = "update settings set value = (value::bigint + 1)::varchar where key = 'version' returning value::bigint"


def watched(cursor: duckdb.DuckDBPyConnection) -> tuple[Callable[[], float | None], Callable[[], None]]:
    """Return how to measure (0 to 1, None when unknown) and how to stop what a cursor is running."""

    def measure() -> float | None:
        done = cursor.query_progress()
        return done / 100 if done >= 0 else None

    return measure, cursor.interrupt


@contextmanager
def _cursor_of(connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    cursor = connection.cursor()
    try:
        yield cursor
    except duckdb.Error as error:
        raise translated(error) from error
    finally:
        cursor.close()


def _rows_of(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()
) -> list[tuple[Any, ...]]:
    with _cursor_of(connection) as cursor:
        return cursor.execute(sql, list(parameters)).fetchall()


class Database:
    """An open workspace, `path` None in memory, with the folder of its `files`.

    `facts` are those of its present version. `publish_soon` asks for a snapshot, where others are to read one.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: Path | None,
        files: Path,
        temporary: Path | None,
        version: int,
    ) -> None:
        """Take over a connection; `temporary` is the folder that goes with it."""
        self._connection, self._temporary, self._writer = connection, temporary, threading.Lock()
        self.path, self.files = path, files
        self.facts = self._facts(version)
        self.publish_soon: Callable[[], None] | None = None

    def close(self) -> None:
        """Let go of the file and of what is temporary."""
        self._connection.close()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Give a cursor for one call; DuckDB's errors leave as WorkbenchError."""
        return _cursor_of(self._connection)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return _rows_of(self._connection, sql, parameters)

    def _facts(self, version: int) -> Facts:
        # They know the connection and not this object: in a circle, what nobody closes would stay open.
        return Facts(version, partial(_rows_of, self._connection))

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the one writing cursor, in a transaction that commits at the end or leaves everything as it was."""
        with self._writer, self.cursor() as cursor:
            cursor.execute("set max_execution_time = 0")
            cursor.execute("begin")
            try:
                yield cursor
                version = int(one_row(cursor, _NEXT_VERSION)[0])
                cursor.execute("commit")
                self.facts = self._facts(version)
            except BaseException:
                with suppress(duckdb.Error):  # a failed commit has rolled back already
                    cursor.execute("rollback")
                with suppress(duckdb.Error):  # an interrupt may have come when all was committed
                    self.facts = self._facts(int(one_row(cursor, _VERSION)[0]))
                raise
            # What stands in the file itself cannot be lost with its write-ahead log.
            with suppress(duckdb.Error):
                cursor.execute("checkpoint")
        if self.publish_soon:
            self.publish_soon()
