"""Writes rows that are numbers as a vendor's file: its kind's headers, and for each column SQL for its text."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from numpy.typing import NDArray

from workbench.exports import ExportKind


@contextmanager
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database on disk for rows that are to be sorted, so that memory stays bounded."""
    with (
        tempfile.TemporaryDirectory() as folder,
        duckdb.connect(str(Path(folder, "rows.duckdb")), config={"memory_limit": "1GB"}) as connection,
    ):
        yield connection


def add(connection: duckdb.DuckDBPyConnection, table: str, rows: Mapping[str, NDArray[Any]]) -> None:
    """Put rows into a table, which the first ones create."""
    connection.register("rows_to_add", rows)
    connection.execute(f"create table if not exists {table} as from rows_to_add limit 0")
    connection.execute(f"insert into {table} from rows_to_add")


def write(
    connection: duckdb.DuckDBPyConnection, rows: str, kind: ExportKind, texts: Mapping[str, str], order: str, path: Path
) -> Path:
    """Write rows as a file of a kind, with the columns that `texts` has SQL for, and return its path."""
    columns = [f'{texts[column.name]} as "{column.headers[0]}"' for column in kind.columns if column.name in texts]
    copy(connection, f"select {', '.join(columns)} from {rows} order by {order}", path)
    return path


def copy(connection: duckdb.DuckDBPyConnection, select: str, path: Path, header: bool = True) -> None:
    """Write what a query gives as CSV."""
    connection.execute(f"copy ({select}) to {quoted(str(path))} (format csv, header {header})")


def listed(values: Sequence[str | int]) -> str:
    """Return SQL for a list."""
    return f"([{', '.join(quoted(value) if isinstance(value, str) else str(value) for value in values)}])"


def quoted(text: str) -> str:
    """Return SQL for a text."""
    return "'" + text.replace("'", "''") + "'"
