"""Files to hand over: a log or table as CSV or Parquet, a page as an Excel workbook.

An export is two steps (guarantee 14): it is written to a file by work that can be watched and stopped, and then
served under a name that carries the hash of its bytes.
"""

import csv
import hashlib
import json
import pickle
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from mmap import ACCESS_READ, mmap
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import duckdb
import pandas as pd
import pyarrow
import pyarrow.parquet as parquet

from workbench import places
from workbench.ask import answers, basis, engine
from workbench.ask.logs import ALL_ROWS, Page, extra_columns, log_query
from workbench.ask.question import Question, check_applicable, is_shown
from workbench.ask.relations import Query
from workbench.ask.scope import Scope
from workbench.ask.selection import Selection, short
from workbench.drawing import formats
from workbench.errors import BadSelection, WorkbenchError, reason, shortened
from workbench.intake import signature
from workbench.progress import Progress
from workbench.reports import Report, Tile, own
from workbench.sql import identifier, literal
from workbench.store.database import watched
from workbench.store.workspace import Workspace
from workbench.time.words import timestamp
from workbench.workbook import asked
from workbench.workbook.plan import FORMULA, Pack

FileFormat = Literal["xlsx", "csv", "csv_exact", "parquet"]
SMALL_GROUPS = ", row_group_size 20480"  # which are read one by one, in little memory
_OPTIONS = ("from", "to", "rollup", "timezone", "compare", "window_days", "touch", "pin")
UNIT = re.compile(r"[A-Z]{3}")  # what a file's name can say; any other is foreign text
APOSTROPHE = re.compile(f"\"'{signature.RUN}".encode())  # before one, in a file
KEPT_SECONDS = 24 * 3600  # prepared files older than this are deleted when the next one is made


@dataclass(frozen=True)
class Prepared:
    """A finished export: where it is, the name to serve it under, its SHA-256 and its size in bytes.

    `prefixed` is how many of its texts have an apostrophe that is not in the data.
    """

    path: Path
    name: str
    sha256: str
    size: int
    prefixed: int = 0

    @property
    def said(self) -> str:
        """What whoever reads the file must know of it, empty where it holds the data as it is."""
        return f"{apostrophes(self.prefixed)}. An exact CSV has them as they are" if self.prefixed else ""


@dataclass(frozen=True)
class Export:
    """What is written: a whole page, or one `tile` of it, as it is sorted and searched; a table file takes one log.

    A workbook may be `without` some tiles of the page. `columns` are those that its logs have, by the tile's name, and
    `link` is the address of the page that it is of.
    """

    question: Question
    tile: Tile | None = None
    format: FileFormat = "xlsx"
    page: Page = ALL_ROWS
    without: frozenset[str] = frozenset()
    columns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    link: str = ""

    @property
    def ending(self) -> str:
        """The ending of the file's name."""
        return self.format.removesuffix("_exact")


def prepare(export: Export, progress: Progress) -> Prepared:
    """Write an export into the exports folder. Raises QueryStopped when it was cancelled."""
    question = export.question
    folder = question.workspace.files / "exports"
    _delete_old(folder)
    path = folder / f"{time.time_ns()}.{export.ending}"
    try:
        prefixed = _write(export, progress, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise WorkbenchError("A load was taken back while this was written. Prepare it again") from None
    days = "-".join(f"{day:%Y%m%d}" for day in question.scope.now.days)
    tile = f"-{export.tile.name}" if export.tile else ""
    name = f"{question.report.name}{tile}-{days}{_rule(question)}-{digest[:12]}.{export.ending}"
    return Prepared(path, name, digest, path.stat().st_size, prefixed)


def _rule(question: Question) -> str:
    """Return how orders are credited and what money is in, for the name of a file: a CSV has no other place for it."""
    if not basis.crediting(question):
        return ""
    selection, unit = question.selection, basis.unit(question)
    named = [selection.touch, f"{selection.window_days}d", unit if UNIT.fullmatch(unit) else ""]
    return "".join(f"-{each}" for each in named if each)


def _format_of(target: Path, exact: bool) -> FileFormat:
    match target.suffix.lower():
        case ".xlsx":
            return "xlsx"
        case ".csv":
            return "csv_exact" if exact else "csv"
        case ".parquet":
            return "parquet"
    raise BadSelection(f"'{target.name}' has no format. End it with .xlsx, .csv or .parquet")


def write(
    question: Question, target: Path, tile: Tile | None = None, page: Page = ALL_ROWS, exact: bool = False
) -> Prepared:
    """Write an export to a file whose ending says the format. Raises BadSelection where none can be written."""
    if page != ALL_ROWS and tile is None:
        _only_log(question.report)  # of several, it may not be a page of each
    export = Export(question, tile, _format_of(target, exact), page)
    try:
        _check_target(target, question.workspace)
    except (OSError, ValueError) as error:
        raise BadSelection(f"{shortened(target)} cannot be written ({reason(error)}). Name another file") from None
    prepared = prepare(export, Progress())
    try:
        shutil.move(prepared.path, target)
    except OSError as error:
        raise BadSelection(f"{target} cannot be written ({reason(error)}). Name another file") from None
    finally:
        prepared.path.unlink(missing_ok=True)
    return replace(prepared, path=target, name=target.name)


def _check_target(target: Path, workspace: Workspace) -> None:
    if not target.parent.is_dir():
        raise BadSelection(f"There is no folder {target.parent}. Make it first")
    if target.is_dir() or (workspace.path and target.resolve() == workspace.path.resolve()):
        raise BadSelection(f"{target} is a folder or the workspace itself. Name another file")


def _write(export: Export, progress: Progress, path: Path) -> int:
    """Write an export; return how many of its texts got an apostrophe."""
    if export.format == "xlsx":
        _write_workbook(export, progress, path)
        return 0
    question = export.question
    tile = export.tile or _only_log(question.report)
    check_applicable(question, tile)
    marks = _marks(question, tile) if export.format == "parquet" else {}
    if tile.log:
        _copy(question.workspace, _log_query(question, tile, export.page), path, export.format, progress, marks)
    else:
        _write_table(answers.page(question, tile, export.page), path, export.format, marks)
    if export.format != "csv":
        return 0
    prefixed = _prefixed(path)
    _mark_utf8(path)
    return prefixed


def _marks(question: Question, tile: Tile) -> dict[str, str]:
    """Return what a Parquet file says beside its rows: which tile they are, and what a workbook's first sheet says."""
    mark = own.mark(question.report, tile, question.scope.zone)
    return {signature.METADATA: mark, signature.ABOUT_METADATA: json.dumps(about(question, [tile]))}


def _write_table(rows: pd.DataFrame, path: Path, format: FileFormat, marks: Mapping[str, str]) -> None:
    """Write a tile's rows as they are shown, the comparison's columns included."""
    if format == "parquet":
        table = pyarrow.Table.from_pandas(rows)
        parquet.write_table(table.replace_schema_metadata({**table.schema.metadata, **marks}), path)
        return
    if format == "csv":
        texts = rows.select_dtypes(["object", "string"]).columns
        rows = rows.assign(**{name: rows[name].map(safe, na_action="ignore") for name in texts})
        rows.columns = [safe(name) for name in rows.columns]
    rows.to_csv(path, index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")


def safe(text: str) -> str:
    """Return a text with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if re.match(FORMULA, text) else text


def apostrophes(number: int) -> str:
    """Return what to say of a CSV in which so many texts have one in front."""
    texts = "1 text begins" if number == 1 else f"{number:,} texts begin"
    return f"{texts} with an apostrophe that is not in the data: a spreadsheet would take them for formulas"


def _only_log(report: Report) -> Tile:
    if len(report.logs) > 1:
        names = ", ".join(tile.name for tile in report.logs)
        raise BadSelection(f"{report.name} has several logs. Say which with --tile: {names}")
    return report.log


def _log_query(question: Question, tile: Tile, page: Page) -> Query:
    """Return the query of a log's rows as they are exported: without their row numbers."""
    return log_query(question, tile, page, extra_columns(question, tile), has_row_id=False)


def _safe(cursor: duckdb.DuckDBPyConnection, asked: Query) -> Query:
    """Prefix texts that a spreadsheet would take for a formula with an apostrophe, in values and headers."""
    columns = cursor.execute(f"describe {asked.sql}", dict(asked.parameters)).fetchall()
    picked = []
    for name, type_, *_ in columns:
        quoted, header = identifier(name), identifier(("'" if re.match(FORMULA, name) else "") + name)
        text = f"case when regexp_matches({quoted}, '{FORMULA}') then chr(39) || {quoted} else {quoted} end"
        picked.append(f"{text if type_ == 'VARCHAR' else quoted} as {header}")
    return Query(f"select {', '.join(picked)} from (\n{asked.sql}\n) as exported", asked.parameters)


def _copy(
    workspace: Workspace, asked: Query, path: Path, format: FileFormat, progress: Progress,
    marks: Mapping[str, str] = MappingProxyType({}), more: str = "",
) -> None:  # fmt: skip
    pairs = ", ".join(f"{key}: {literal(text)}" for key, text in marks.items())
    marked = f"format parquet, kv_metadata {{{pairs}}}" if marks else "format parquet"
    options = f"{marked}{more}" if format == "parquet" else "format csv, header, force_quote *"
    with workspace.cursor() as cursor, progress.during("Writing", *watched(cursor)):
        cursor.execute("set max_execution_time = 0")
        here = engine.of(workspace).here(cursor, asked)
        rows = _safe(cursor, here) if format == "csv" else here
        cursor.execute(f"copy (\n{rows.sql}\n) to {literal(path)} ({options})", dict(rows.parameters))


def _prefixed(path: Path) -> int:
    """Return how many texts of a CSV stand behind an apostrophe that keeps a spreadsheet from running them."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        before = (content[found.start() - 1 : found.start()] for found in APOSTROPHE.finditer(content))
        return sum(byte in (b"", b",", b"\n") for byte in before)  # within a text, its quote would be doubled


def _mark_utf8(path: Path) -> None:
    """Put the byte-order mark in front without which Excel reads UTF-8 as something else."""
    marked = path.with_suffix(".marked")
    with path.open("rb") as plain, marked.open("wb") as out:
        out.write(b"\xef\xbb\xbf")
        shutil.copyfileobj(plain, out, 1 << 20)
    marked.replace(path)


def _write_workbook(export: Export, progress: Progress, path: Path) -> None:
    """Have a child process, which can be killed, make the workbook of what was asked here."""
    parts = path.with_suffix(".parts")
    parts.mkdir()
    try:
        planned(export, progress, parts)
        _run_child(parts / "plan", path, progress)
    finally:
        shutil.rmtree(parts)


def planned(export: Export, progress: Progress, parts: Path) -> None:
    """Write what a workbook shall hold into a folder, for the process that composes it: a plan, and logs as Parquet."""
    question = export.question

    def write_log(question: Question, tile: Tile, page: Page, file: Path) -> None:
        _copy(question.workspace, _log_query(question, tile, page), file, "parquet", progress, more=SMALL_GROUPS)

    shown = [tile for tile in shown_tiles(question) if tile.name not in export.without]
    tiles = [export.tile] if export.tile else shown
    pages = {name: replace(export.page, columns=columns) for name, columns in export.columns}
    read = [(tile, pages.get(tile.name, export.page)) for tile in tiles]
    view = asked.view(question, read, not export.tile, parts, write_log, settings(question, tiles))
    title = f"{view.title}: {export.tile.title}" if export.tile else view.title
    with (parts / "plan").open("wb") as file:
        pickle.dump(Pack(title, _made(export), [view]), file)


def shown_tiles(question: Question) -> list[Tile]:
    """Return the tiles that a page shows of a question, in its order."""
    is_loaded = question.workspace.has
    tiles = [tile for tile in question.report.tiles if not tile.optional_kind or is_loaded([tile.optional_kind])]
    return [tile for tile in tiles if is_shown(question, tile)]


def _made(export: Export) -> list[tuple[str, str]]:
    """Return when a workbook was made, and where or how it is made again."""
    again = ("Page", export.link) if export.link else ("Command", command(export.question, export.tile))
    return [("Made", f"{timestamp(datetime.now(UTC))} UTC"), again]


def command(question: Question, tile: Tile | None = None) -> str:
    """Return the command that asks the same of the same workspace, with the days that it was asked of."""
    scope, (start, end) = question.scope, question.scope.now.days
    compare = f"{scope.before.days[0]}..{scope.before.days[1]}" if scope.before else None
    fixed = replace(question.selection, start=start, end=end, compare=compare, wall_clock=False).as_query()
    words = ["contact-workbench", "export", question.report.name, *(["--tile", tile.name] if tile else [])]
    for key, values in fixed.items():
        flag = key.replace("_", "-")
        if key == "as_exported":
            words.append(f"--{flag}")
        elif key in _OPTIONS:
            words += [each for value in values for each in (f"--{flag}", value)]
        else:
            words += [each for value in values for each in ("--where", f"{key}={value}")]
    return shlex.join([*words, "--to", f"{question.report.name}.xlsx"])


def about(question: Question, tiles: Sequence[Tile]) -> list[tuple[str, str]]:
    """Return what a reader of these tiles must know to trust them, as labels and texts."""
    return [
        ("Report", question.report.title),
        *settings(question, tiles),
        *(("File", str(source)) for source in basis.sources(question)),
        ("Made", f"{timestamp(datetime.now(UTC))} UTC"),
        *((metric.label, f"{metric.definition} Formula: {metric.formula}") for metric in question.report.metrics),
    ]


def settings(question: Question, tiles: Sequence[Tile]) -> list[tuple[str, str]]:
    """Return all that was chosen and changes a number of these tiles, and what is said of them."""
    report, scope, selection = question.report, question.scope, question.selection
    filters = [
        (report.dimension(key).label, ", ".join(report.dimension(key).shown(value) for value in values))
        for key, values in selection.filters
    ]
    return [
        ("Dates", short(scope.now.days)),
        ("Compared with", scope.compared_with or scope.comparison_said or "Nothing"),
        *(("Coverage", text) for text in [scope.not_loaded_said()] if text),
        ("Time zone", scope.zone),
        ("By", formats.ROLLUP_LABELS[selection.rollup] + _week(scope, selection)),
        *(("Periods", "Whole ones only") for _ in [1] if selection.whole_only),
        *(("Dates count from", "Today") for _ in [1] if selection.wall_clock),
        *(("Customers", text) for text in _customers(question)),
        *((label, text) for label, text in _counted(question) if text),
        *filters,
        *(("Pinned", formats.pinned(report, selection.rollup, pin)) for pin in selection.pins),
        *(("Rows of the log", text) for text in _rows_of(question)),
        *((tile.title, note) for tile in tiles if (note := answers.note(question, tile))),
        *((tile.title, text) for tile in tiles for text in answers.stated(question, tile)),
    ]


def _week(scope: Scope, selection: Selection) -> str:
    return f", weeks begin on {scope.week_start.capitalize()}" if selection.rollup == "week" else ""


def _rows_of(question: Question) -> list[str]:
    """Return of which metric a log shows the rows, nothing where it shows all."""
    name, _, part = question.selection.rows_of.partition(":")
    return [f"{question.report.metric(name).label}{part and f', {part}'}"] if name else []


def _customers(question: Question) -> list[str]:
    """Return whether customers count after merges, nothing for a report that has no merges."""
    merges = {*question.report.sources(as_exported=False)} - {*question.report.sources(as_exported=True)}
    if not merges:
        return []
    if question.selection.as_exported:
        return ["As exported"]
    return ["After customer merges" if question.workspace.has(merges) else "As exported: no customer merges are loaded"]


def _counted(question: Question) -> tuple[tuple[str, str], ...]:
    return ("Credited", basis.crediting(question)), ("Money", basis.money(question))


def _run_child(plan: Path, target: Path, progress: Progress) -> None:
    command = [sys.executable, "-m", "workbench.workbook.excel", str(plan.resolve()), str(target.resolve())]
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
