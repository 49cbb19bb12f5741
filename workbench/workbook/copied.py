"""The rows of a log, written to a file by the database itself: CSV, or Parquet with what is to be known of it."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from workbench.ask.logs import Page, extra_columns, log_query
from workbench.ask.question import Question
from workbench.ask.relations import Query
from workbench.progress import Progress
from workbench.reports import Tile
from workbench.sql import literal
from workbench.store.database import watched
from workbench.store.workspace import Workspace

SMALL_GROUPS = ", row_group_size 20480"  # which are read one by one, in little memory


def exported(question: Question, tile: Tile, page: Page) -> Query:
    """Return the query of a log's rows as they are exported: without their row numbers."""
    return log_query(question, tile, page, extra_columns(question, tile), has_row_id=False)


def copy(
    workspace: Workspace, asked: Query, path: Path, format: str, progress: Progress,
    marks: Mapping[str, str] = MappingProxyType({}), more: str = "",
) -> None:  # fmt: skip
    """Write the rows of a query to a file; `marks` stand in a Parquet file beside them."""
    pairs = ", ".join(f"{key}: {literal(text)}" for key, text in marks.items())
    marked = f"format parquet, kv_metadata {{{pairs}}}" if marks else "format parquet"
    options = f"{marked}{more}" if format == "parquet" else "format csv, header, force_quote *"
    with workspace.cursor() as cursor, progress.during("Writing", *watched(cursor)):
        cursor.execute("set max_execution_time = 0")
        cursor.execute(f"copy (\n{asked.sql}\n) to {literal(path)} ({options})", dict(asked.parameters))
