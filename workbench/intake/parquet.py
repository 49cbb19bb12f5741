"""A Parquet file as a table of rows. Runs in the child process (see `child`)."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pyarrow
from pyarrow import parquet

from workbench.errors import FileRefused
from workbench.intake.limits import passed
from workbench.intake.oddities import Row
from workbench.intake.signature import METADATA
from workbench.intake.tables import Order, Table

BATCH = 10_000  # rows that are read at a time


def table(order: Order) -> Table:
    """Return the columns as a table with their names in row 1. Raises FileRefused when damaged or too large."""
    try:
        file = parquet.ParquetFile(order.source)
    except (pyarrow.ArrowException, OSError, ValueError):
        raise _damaged(order) from None
    rows, columns = file.metadata.num_rows, len(file.schema_arrow.names)
    if columns > order.limits.columns:
        raise passed(order.file, f"{columns:,} columns", order.limits, "columns")
    if rows * columns > order.limits.parquet_cells:
        raise passed(order.file, f"{rows:,} rows x {columns:,} columns", order.limits, "parquet_cells")
    marks = file.schema_arrow.metadata or {}
    mark = marks.get(METADATA.encode(), b"").decode("utf-8", "replace")
    return Table(order.file, lambda: chain([list(file.schema_arrow.names)], _rows(file, rows, order)), mark=mark)


def _damaged(order: Order) -> FileRefused:
    return FileRefused(f"{order.file}: a damaged Parquet file. Export it again, or export a CSV")


def _rows(file: Any, declared: int, order: Order) -> Iterator[Row]:
    read = 0
    try:
        for batch in file.iter_batches(BATCH, use_threads=False):
            read += batch.num_rows
            yield from zip(*(_cells(column) for column in batch.columns), strict=True)
    except (pyarrow.ArrowException, OSError, ValueError):
        raise _damaged(order) from None
    if read != declared:
        raise _damaged(order)


def _cells(column: Any) -> list[object]:
    """Return a column's values as Python's own: times to the microsecond, as the workspace stores them."""
    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pyarrow.types.is_timestamp(kind):
        column = column.cast(pyarrow.timestamp("us", kind.tz and "UTC"), safe=False)
    if pyarrow.types.is_duration(kind) or pyarrow.types.is_time64(kind):
        micro = pyarrow.duration("us") if pyarrow.types.is_duration(kind) else pyarrow.time64("us")
        column = column.cast(micro, safe=False)
    values: list[object] = column.to_pylist()
    # What is not a number is how some programs write that there is none.
    return ["" if value is None or value != value else value for value in values]
