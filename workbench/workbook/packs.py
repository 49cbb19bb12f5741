"""Workbooks: what they hold is planned here, and composed by a child process that can be killed."""

import pickle
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench import places
from workbench.ask.question import Question, is_shown
from workbench.errors import BadSelection, UnknownName, WorkbenchError
from workbench.progress import Progress
from workbench.reports import Tile
from workbench.workbook import asked
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
    folder = path.with_suffix(".parts")
    folder.mkdir()
    try:
        planned(contents, progress, folder)
        _run_child(folder / "plan", path, progress)
    finally:
        shutil.rmtree(folder)


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
    with (folder / "plan").open("wb") as file:
        pickle.dump(Pack(contents.title, contents.made, views, contents.recipe), file)


def shown_tiles(question: Question) -> list[Tile]:
    """Return the tiles that a page shows of a question, in its order."""
    is_loaded = question.workspace.has
    tiles = [tile for tile in question.report.tiles if not tile.optional_kind or is_loaded([tile.optional_kind])]
    return [tile for tile in tiles if is_shown(question, tile)]


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
