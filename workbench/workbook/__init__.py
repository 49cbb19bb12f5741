"""Files to hand over: a log or table as CSV or Parquet, a page as an Excel workbook.

An export is two steps (guarantee 14): it is written to a file by work that can be watched and stopped, and then
served under a name that carries the hash of its bytes.
"""

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow.parquet as parquet

from workbench import places
from workbench.ask import answers
from workbench.ask.answers import Page, Query
from workbench.ask.scope import Scope
from workbench.ask.selection import short
from workbench.drawing import formats
from workbench.errors import BadSelection, WorkbenchError
from workbench.progress import Progress
from workbench.reports import Report, Tile
from workbench.sql import identifier, literal
from workbench.store.workspace import Workspace, watched

Format = Literal["xlsx", "csv", "csv_exact", "parquet"]
# Texts that a spreadsheet would take for a formula, blanks before them included.
FORMULA = r"^\s*[=+\-@|%\t\r\x00]"
KEPT_SECONDS = 24 * 3600  # prepared files older than this are deleted when the next one is made


@dataclass(frozen=True)
class Prepared:
    """A finished export: where it is, the name to serve it under, its SHA-256 and its size in bytes."""

    path: Path
    name: str
    sha256: str
    size: int


def prepare(
    workspace: Workspace,
    scope: Scope,
    report: Report,
    tile: str | None,
    format: Format,
    page: Page,
    progress: Progress,
) -> Prepared:
    """Write an export into the exports folder. `tile` None takes the whole page, or its log for a table file.

    Raises QueryStopped when it was cancelled.
    """
    folder = workspace.files / "exports"
    _delete_old(folder)
    ending = format.removesuffix("_exact")
    path = folder / f"{time.time_ns()}.{ending}"
    try:
        _write(workspace, scope, report, tile, format, page, progress, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    days = "-".join(f"{day:%Y%m%d}" for day in scope.now.days)
    name = f"{report.name}{f'-{tile}' if tile else ''}-{days}-{digest[:12]}.{ending}"
    return Prepared(path, name, digest, path.stat().st_size)


def write(
    workspace: Workspace, scope: Scope, report: Report, target: Path, tile: str | None = None, page: Page | None = None,
    exact: bool = False,
) -> Path:  # fmt: skip
    """Write an export to a file whose ending says the format. Raises BadSelection for another ending."""
    ending = target.suffix.lower().lstrip(".")
    if ending not in ("xlsx", "csv", "parquet"):
        raise BadSelection(f"'{target.name}' has no format. End it with .xlsx, .csv or .parquet")
    if not target.parent.is_dir():
        raise BadSelection(f"There is no folder {target.parent}. Make it first")
    if target.is_dir() or (workspace.path and target.resolve() == workspace.path.resolve()):
        raise BadSelection(f"{target} is a folder or the workspace itself. Name another file")
    format: Format = "csv_exact" if exact and ending == "csv" else ending  # type: ignore[assignment]
    prepared = prepare(workspace, scope, report, tile, format, page or Page(), Progress())
    try:
        shutil.move(prepared.path, target)
    except OSError as error:
        raise BadSelection(f"{target} cannot be written ({error.strerror}). Name another file") from None
    finally:
        prepared.path.unlink(missing_ok=True)
    return target


def _write(
    workspace: Workspace, scope: Scope, report: Report, tile: str | None, format: Format, page: Page,
    progress: Progress, path: Path,
) -> None:  # fmt: skip
    if format == "xlsx":
        _write_workbook(workspace, scope, report, tile, page, progress, path)
        return
    table = report.tile(tile) if tile else _only_log(report)
    answers.check_applicable(scope, report, table)
    if table.shape == "log":
        asked = log_query(workspace, scope, report, table, page)
        _copy(workspace, _safe(workspace, asked) if format == "csv" else asked, path, format, progress)
    else:
        _write_table(answers.rows(workspace, scope, report, table), path, format)


def _write_table(rows: pd.DataFrame, path: Path, format: Format) -> None:
    """Write a tile's rows as they are shown, the comparison's columns included."""
    if format == "parquet":
        rows.to_parquet(path)
        return
    if format == "csv":
        texts = rows.select_dtypes(["object", "string"]).columns
        rows = rows.assign(**{name: rows[name].map(safe, na_action="ignore") for name in texts})
        rows.columns = [safe(name) for name in rows.columns]
    rows.to_csv(path, index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    if format == "csv":
        _mark_utf8(path)


def safe(text: str) -> str:
    """Return a text with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if re.match(FORMULA, text) else text


def _only_log(report: Report) -> Tile:
    logs = [tile for tile in report.tiles if tile.shape == "log"]
    if len(logs) > 1:
        raise BadSelection(f"{report.name} has several logs. Say which with --tile: {', '.join(t.name for t in logs)}")
    return logs[0]


def log_query(workspace: Workspace, scope: Scope, report: Report, tile: Tile, page: Page) -> Query:
    """Return the query of a log's rows as they are exported: without their row numbers."""
    asked = answers.log_query(scope, report, tile, page, answers.extra_columns(workspace, report, tile))
    head, _, tail = asked.sql.rpartition('"row_id" as "row_id", ')
    return Query(head + tail, asked.parameters)


def _safe(workspace: Workspace, asked: Query) -> Query:
    """Prefix texts that a spreadsheet would take for a formula with an apostrophe, in values and headers."""
    with workspace.cursor() as cursor:
        columns = cursor.execute(f"describe {asked.sql}", dict(asked.parameters)).fetchall()
    picked = []
    for name, type_, *_ in columns:
        quoted, header = identifier(name), identifier(("'" if re.match(FORMULA, name) else "") + name)
        text = f"case when regexp_matches({quoted}, '{FORMULA}') then chr(39) || {quoted} else {quoted} end"
        picked.append(f"{text if type_ == 'VARCHAR' else quoted} as {header}")
    return Query(f"select {', '.join(picked)} from (\n{asked.sql}\n) as exported", asked.parameters)


def _copy(workspace: Workspace, asked: Query, path: Path, format: Format, progress: Progress) -> None:
    options = "format parquet" if format == "parquet" else "format csv, header, force_quote *"
    with workspace.cursor() as cursor, progress.during("Writing", *watched(cursor)):
        cursor.execute("set max_execution_time = 0")
        cursor.execute(f"copy (\n{asked.sql}\n) to {literal(path)} ({options})", dict(asked.parameters))
    if format == "csv":
        _mark_utf8(path)


def _mark_utf8(path: Path) -> None:
    """Put the byte-order mark in front without which Excel reads UTF-8 as something else."""
    marked = path.with_suffix(".marked")
    with path.open("rb") as plain, marked.open("wb") as out:
        out.write(b"\xef\xbb\xbf")
        shutil.copyfileobj(plain, out, 1 << 20)
    marked.replace(path)


def _write_workbook(
    workspace: Workspace, scope: Scope, report: Report, tile: str | None, page: Page, progress: Progress, path: Path
) -> None:
    """Write every sheet's rows as Parquet, and have a child process that can be killed make the workbook of them."""
    parts = path.with_suffix(".parts")
    parts.mkdir()
    try:
        shown = [t for t in report.tiles if _is_loaded(workspace, t) and answers.is_shown(scope, t)]
        tiles = [report.tile(tile)] if tile else shown
        sheets = [_sheet(workspace, scope, report, t, page, progress, parts) for t in tiles]
        manifest = {"about": _about(workspace, scope, report), "sheets": sheets, "target": str(path.resolve())}
        (parts / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        _run_child(parts / "manifest.json", progress)
    finally:
        shutil.rmtree(parts)


def _is_loaded(workspace: Workspace, tile: Tile) -> bool:
    return tile.optional_kind is None or bool(workspace.rows(f"select 1 from {tile.optional_kind} limit 1"))


def _sheet(
    workspace: Workspace, scope: Scope, report: Report, tile: Tile, page: Page, progress: Progress, parts: Path
) -> dict[str, Any]:
    path = parts / f"{tile.name}.parquet"
    if answers.not_applicable(scope, report, tile):
        pd.DataFrame({"note": ["The selected filter(s) are not applicable here"]}).to_parquet(path)
    elif tile.shape == "log":
        _copy(workspace, log_query(workspace, scope, report, tile, page), path, "parquet", progress)
    else:
        answers.rows(workspace, scope, report, tile).to_parquet(path)
    names = list(parquet.read_schema(path).names)
    columns = [
        {"label": formats.column_label(report, name), "format": formats.column_format(report, name)} for name in names
    ]
    return {"title": tile.title, "path": str(path.resolve()), "columns": columns}


def _about(workspace: Workspace, scope: Scope, report: Report) -> list[tuple[str, str]]:
    """Return what a reader of the workbook must know to trust it, as labels and texts."""
    filters = [
        (report.dimension(key).label, ", ".join(report.dimension(key).shown(value) for value in values))
        for key, values in scope.selection.filters
    ]
    files = [load["file"] for load in workspace.loads(report.kinds)]
    return [
        ("Report", report.title),
        ("Dates", short(scope.now.days)),
        ("Compared with", scope.why_not or (short(scope.before.days) if scope.before else "Nothing")),
        *(("Not loaded", f"{start:%d %b %Y %H:%M} to {end:%d %b %Y %H:%M}") for start, end in scope.now.gaps),
        ("Time zone", scope.zone),
        ("Customers", "As exported" if scope.selection.as_exported else "After customer merges"),
        *filters,
        *(("Pinned", formats.pinned(report, scope.selection.rollup, pin)) for pin in scope.selection.pins),
        ("Files", ", ".join(dict.fromkeys(files))),
        ("Made", f"{datetime.now(UTC):%d %b %Y, %H:%M} UTC"),
        *((metric.label, f"{metric.definition} Formula: {metric.formula}") for metric in report.metrics),
    ]


def _run_child(manifest: Path, progress: Progress) -> None:
    command = [sys.executable, "-m", "workbench.workbook.excel", str(manifest.resolve())]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=places.IMPORTED_FROM
    ) as child:
        done = [0.0]
        with progress.during("Writing Excel", lambda: done[0], child.kill):
            assert child.stdout is not None  # it is a pipe
            for line in child.stdout:
                done[0] = float(line)
            errors = child.stderr.read() if child.stderr else ""
    if child.returncode:
        raise WorkbenchError(
            f"The workbook could not be written. {errors.strip().splitlines()[-1] if errors.strip() else ''}"
        )


def _delete_old(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_file() and time.time() - path.stat().st_mtime > KEPT_SECONDS:
            path.unlink(missing_ok=True)
