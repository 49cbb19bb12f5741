"""The rows of a log, written by the workspace's own database as Parquet, of which another process makes a file."""

from pathlib import Path

from workbench.ask import engine
from workbench.ask.logs import Page, extra_columns, log_query
from workbench.ask.question import Question
from workbench.ask.relations import Query
from workbench.progress import Progress
from workbench.reports import Tile
from workbench.sql import literal
from workbench.store.database import watched
from workbench.store.workspace import Workspace
from workbench.workbook.rows import SMALL_GROUPS


def exported(question: Question, tile: Tile, page: Page) -> Query:
    """Return the query of a log's rows as they are exported: without their row numbers."""
    return log_query(question, tile, page, extra_columns(question, tile), has_row_id=False)


def copy(workspace: Workspace, asked: Query, path: Path, progress: Progress) -> None:
    """Write the rows of a query to a Parquet file."""
    with workspace.cursor() as cursor:
        here = engine.of(workspace).here(cursor, asked, progress)
        with progress.during("Reading the rows", *watched(cursor)):
            cursor.execute("set max_execution_time = 0")
            copied = f"copy (\n{here.sql}\n) to {literal(path)} (format parquet{SMALL_GROUPS})"
            cursor.execute(copied, dict(here.parameters))
