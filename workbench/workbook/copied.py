"""The rows of a log, written to a file by the database itself: CSV, or Parquet with what is to be known of it."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import duckdb

from workbench.ask import engine
from workbench.ask.logs import Page, extra_columns, log_query
from workbench.ask.question import Question
from workbench.ask.relations import Query
from workbench.progress import Progress
from workbench.reports import Tile
from workbench.sql import identifier, literal
from workbench.store.database import watched
from workbench.store.workspace import Workspace
from workbench.workbook.plan import FORMULA

SMALL_GROUPS = ", row_group_size 20480"  # which are read one by one, in little memory


def exported(question: Question, tile: Tile, page: Page) -> Query:
    """Return the query of a log's rows as they are exported: without their row numbers."""
    return log_query(question, tile, page, extra_columns(question, tile), has_row_id=False)


def copy(
    workspace: Workspace, asked: Query, path: Path, format: str, progress: Progress,
    marks: Mapping[str, str] = MappingProxyType({}), more: str = "",
) -> None:  # fmt: skip
    """Write the rows of a query to a file, as "csv" with safe texts; `marks` stand in a Parquet file beside them."""
    pairs = ", ".join(f"{key}: {literal(text)}" for key, text in marks.items())
    marked = f"format parquet, kv_metadata {{{pairs}}}" if marks else "format parquet"
    options = f"{marked}{more}" if format == "parquet" else "format csv, header, force_quote *"
    with workspace.cursor() as cursor:
        here = engine.of(workspace).here(cursor, asked, progress)
        with progress.during("Writing", *watched(cursor)):
            cursor.execute("set max_execution_time = 0")
            rows = _safe(cursor, here) if format == "csv" else here
            cursor.execute(f"copy (\n{rows.sql}\n) to {literal(path)} ({options})", dict(rows.parameters))


def _safe(cursor: duckdb.DuckDBPyConnection, asked: Query) -> Query:
    """Prefix texts that a spreadsheet would take for a formula with an apostrophe, in values and headers."""
    columns = cursor.execute(f"describe {asked.sql}", dict(asked.parameters)).fetchall()
    picked = []
    for name, type_, *_ in columns:
        quoted, header = identifier(name), identifier(("'" if re.match(FORMULA, name) else "") + name)
        text = f"case when regexp_matches({quoted}, '{FORMULA}') then chr(39) || {quoted} else {quoted} end"
        picked.append(f"{text if type_ == 'VARCHAR' else quoted} as {header}")
    return Query(f"select {', '.join(picked)} from (\n{asked.sql}\n) as exported", asked.parameters)
