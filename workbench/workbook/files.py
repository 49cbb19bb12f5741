"""Files to hand over: a log or table as CSV or Parquet, a page as an Excel workbook.

An export is two steps (guarantee 14): it is written to a file by work that can be watched and stopped, and then
served under a name that carries the hash of its bytes.
"""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from workbench.ask import answers, basis
from workbench.ask.logs import ALL_ROWS, Page
from workbench.ask.question import Question, check_applicable
from workbench.errors import BadSelection
from workbench.intake import signature
from workbench.progress import Progress
from workbench.reports import Report, Tile, own
from workbench.reports.settings import SETTINGS
from workbench.store.workspace import Workspace
from workbench.workbook import apart, copied, packs, said
from workbench.workbook.asked import Part
from workbench.workbook.packs import Contents
from workbench.workbook.plan import Plain
from workbench.workbook.prepared import Prepared, check_target, moved, prepared

FileFormat = Literal["xlsx", "csv", "csv_exact", "parquet"]
UNIT = re.compile(r"[A-Z]{3}")  # what a file's name can say; any other is foreign text


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
    days = "-".join(f"{day:%Y%m%d}" for day in question.scope.now.days)
    tile = f"-{export.tile.name}" if export.tile else ""
    name = f"{question.report.name}{tile}-{days}{_rule(question)}"
    return prepared(question.workspace, name, export.ending, lambda path: _write(export, progress, path))


def _rule(question: Question) -> str:
    """Return how orders are credited and what money is in, for the name of a file: a CSV has no other place for it.

    Of other settings those are named that are not the usual ones.
    """
    selection, unit = question.selection, basis.unit(question)
    named = [selection.touch, f"{selection.window_days}d"] if basis.crediting(question) else []
    named += [selection.by] if basis.placing(question) else []
    named += [unit] if UNIT.fullmatch(unit) else []
    for setting in (SETTINGS[name] for name in question.report.settings if name in SETTINGS):
        value = selection.setting(setting.name)
        is_usual = value == setting.read(setting.usual)
        named += [] if is_usual else [f"{setting.name.replace('_', '-')}-{setting.written(value)}"]
    named += ["same-channel"] if selection.same_channel else []
    return "".join(f"-{re.sub(r'[^A-Za-z0-9_.]+', '-', each)}" for each in named)


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
    check_target(target, question.workspace)
    return moved(prepare(export, Progress()), target)


def _write(export: Export, progress: Progress, path: Path) -> int:
    """Write an export; return how many of its texts got an apostrophe."""
    question = export.question
    if export.format == "xlsx":
        title = f"{question.report.title}: {export.tile.title}" if export.tile else question.report.title
        packs.write(Contents(title, [said.made()], [part(export)]), progress, path)
        return 0
    tile = export.tile or _only_log(question.report)
    check_applicable(question, tile)
    marks = _marks(question, tile) if export.format == "parquet" else {}
    with apart.parts(path) as folder:
        return _apart(Plain(_rows(export, tile, folder, progress), export.format, marks), folder, progress, path)


def _rows(export: Export, tile: Tile, folder: Path, progress: Progress) -> pd.DataFrame | Path:
    """Return a table's rows, or the file to which those of a log were written."""
    if not tile.log:
        return answers.page(export.question, tile, export.page)
    path = folder / "rows"
    copied.copy(export.question.workspace, copied.exported(export.question, tile, export.page), path, progress)
    return path


def _apart(plain: Plain, folder: Path, progress: Progress, path: Path) -> int:
    apart.plan(folder, plain)
    return round(apart.run("workbench.workbook.plain", folder, path, progress))


def prepare_rows(workspace: Workspace, name: str, rows: pd.DataFrame, format: FileFormat) -> Prepared:
    """Write rows that are of no tile into the exports folder, as CSV or Parquet."""

    def write(path: Path) -> int:
        with apart.parts(path) as folder:
            return _apart(Plain(rows, format), folder, Progress(), path)

    return prepared(workspace, name, format.removesuffix("_exact"), write)


def part(export: Export) -> Part:
    """Return what a workbook holds of an export: the tiles, each with its page."""
    question = export.question
    again = ("Page", export.link) if export.link else ("Command", said.command(question, export.tile))
    if export.tile:
        return Part(question, ((export.tile, export.page),), again, is_page=False)
    pages = {name: replace(export.page, columns=columns) for name, columns in export.columns}
    tiles = [tile for tile in packs.shown_tiles(question) if tile.name not in export.without]
    return Part(question, tuple((tile, pages.get(tile.name, export.page)) for tile in tiles), again)


def _marks(question: Question, tile: Tile) -> dict[str, str]:
    """Return what a Parquet file says beside its rows: which tile they are, and what a workbook's first sheet says."""
    mark = own.mark(question.report, tile, question.scope.zone)
    return {signature.METADATA: mark, signature.ABOUT_METADATA: json.dumps(said.about(question, [tile]))}


def _only_log(report: Report) -> Tile:
    if len(report.logs) > 1:
        names = ", ".join(tile.name for tile in report.logs)
        raise BadSelection(f"{report.name} has several logs. Say which with --tile: {names}")
    return report.log
