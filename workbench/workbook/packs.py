"""Workbooks: what they hold is planned here, and composed apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.ask.question import Question, is_shown
from workbench.errors import BadSelection, UnknownName
from workbench.progress import Progress
from workbench.reports import Tile
from workbench.workbook import apart, asked
from workbench.workbook.asked import Part
from workbench.workbook.plan import Lines, Pack


@dataclass(frozen=True)
class Contents:
    """What a workbook is to hold: its parts under one title, how it was made, and the `recipe` by which it is again."""

    title: str
    made: Lines
    parts: Sequence[Part]
    recipe: str = ""


def write(contents: Contents, progress: Progress, path: Path) -> None:
    """Write a workbook."""
    with apart.parts(path) as folder:
        planned(contents, progress, folder)
        apart.run("workbench.workbook.excel", folder, path, progress)


def planned(contents: Contents, progress: Progress, folder: Path) -> None:
    """Write what a workbook shall hold into a folder, for the process that composes it: a plan, and logs as Parquet."""
    views = []
    for number, part in enumerate(contents.parts):
        progress.part = part.named
        own = folder / str(number)
        own.mkdir()
        try:
            views.append(asked.view(part, own, progress))
        except UnknownName as error:  # such as a column that no file has any more
            if not part.named:
                raise
            raise BadSelection(f"The view '{part.named}' cannot be made. {error}") from None
    apart.plan(folder, Pack(contents.title, contents.made, views, contents.recipe))


def shown_tiles(question: Question) -> list[Tile]:
    """Return the tiles that a page shows of a question, in its order."""
    is_loaded = question.workspace.has
    tiles = [tile for tile in question.report.tiles if not tile.optional_kind or is_loaded([tile.optional_kind])]
    return [tile for tile in tiles if is_shown(question, tile)]
