"""Packs and the runs of recipes: files loaded, one workbook made, figures watched; all of it or nothing."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.ask import answers, basis, engine, recipes, views
from workbench.ask.logs import Page, log_layouts
from workbench.ask.question import Question, says_nothing
from workbench.ask.recipes import Recipe, Threshold
from workbench.drawing import formats
from workbench.errors import BadSelection, FileRefused, WorkbenchError
from workbench.exports import KINDS
from workbench.intake.outcome import LoadOutcome
from workbench.progress import Progress
from workbench.store.workspace import Workspace
from workbench.workbook import packs, said
from workbench.workbook.asked import Part
from workbench.workbook.packs import Contents
from workbench.workbook.prepared import Prepared, check_target, moved, prepared

AGAIN = "contact-workbench run THIS.xlsx FILE... --to NEXT.xlsx"


@dataclass(frozen=True)
class Finding:
    """What a threshold came to: whether it was passed, and all of it in words."""

    is_passed: bool
    words: str


@dataclass(frozen=True)
class Pack:
    """A finished pack: its file, and what each of the recipe's thresholds came to."""

    file: Prepared
    findings: tuple[Finding, ...]


def prepare(workspace: Workspace, recipe: Recipe, progress: Progress) -> Pack:
    """Write the pack of a recipe into the exports folder. Raises BadSelection where a view has nothing to show.

    With an engine set it is a pack of what is published.
    """
    workspace = engine.shown(workspace)
    parts = [part_of(workspace, part) for part in recipe.parts]
    findings = watched(recipe, parts)
    made = [
        said.made(),
        ("Made again by", f"{AGAIN}: this workbook carries its recipe, {recipe.name}"),
        *(("Watched", finding.words) for finding in findings),
    ]
    name = re.sub(r"\W+", "-", recipe.name).strip("-") or "pack"

    def write(path: Path) -> int:
        packs.write(Contents(recipe.title, made, parts, recipe.as_text()), progress, path)
        return 0

    return Pack(prepared(workspace, name, "xlsx", write), findings)


def watched(recipe: Recipe, parts: Sequence[Part]) -> tuple[Finding, ...]:
    """Return what each threshold comes to in the parts of a pack."""
    asked = {part.title: part.question for part in parts}
    return tuple(_finding(asked[each.view], each) for each in recipe.thresholds)


def part_of(workspace: Workspace, part: recipes.Part) -> Part:
    """Return what a view is in a workbook: its tiles, its logs laid out as they were when it was saved."""
    report = part.report
    if not workspace.has(report.kinds):
        kinds = " or ".join(KINDS[kind].title for kind in report.kinds)
        raise BadSelection(f"The view '{part.title}' has nothing to show: no {kinds} is loaded. Load one")
    query, layouts = log_layouts(report, part.query)
    question = Question(workspace, report, views.selection_of(report, query))
    pages = {name: Page(layout.sort, columns=layout.columns) for name, layout in layouts.items()}
    read = tuple((tile, pages.get(tile.name, Page())) for tile in packs.shown_tiles(question))
    return Part(question, read, ("Command", said.command(question)), named=part.title)


def _finding(question: Question, threshold: Threshold) -> Finding:
    metric, tile = recipes.watched(question.report)[threshold.metric]
    rows = answers.rows(question, tile, compared=())
    found = [] if says_nothing(question, metric) else rows[metric.name].dropna().tolist()
    known = float(found[0]) if found else None
    is_passed, unit = threshold.is_passed_by(known), basis.unit(question)
    limit = f"{threshold.side} {formats.metric(threshold.limit, metric, unit)}"
    if known is None:
        return Finding(False, f"{threshold.view}: {metric.label} has no value, so it is not {limit}")
    shown = f"{threshold.view}: {metric.label} is {formats.metric(known, metric, unit)}"
    return Finding(is_passed, f"{shown}, {'' if is_passed else 'not '}{limit}")


@dataclass(frozen=True)
class Run:
    """What a run of a recipe did: what became of each file, in their order, and the pack that was written."""

    loads: tuple[LoadOutcome, ...]
    pack: Pack


def run(workspace: Workspace, recipe: Recipe, files: Sequence[str], target: Path, progress: Progress) -> Run:
    """Load files by a recipe's rules and put its pack at the target.

    Raises what refuses a file, or the pack. Then, or when it is stopped, the loads of this run are taken back, and what
    was at the target before stays.
    """
    if target.suffix.lower() != ".xlsx":
        raise BadSelection(f"A pack is an Excel workbook. End '{target.name}' with .xlsx")
    check_target(target, workspace)
    if twice := next((file for file in files if _is_same(Path(file), target)), ""):
        raise BadSelection(f"{twice} is a file to load and the pack at once. Name another file for the pack")
    before = {load["load_id"] for load in workspace.loads()}
    loads: list[LoadOutcome] = []
    try:
        for file in files:
            loads += _loaded(workspace, recipe, file, progress)
        pack = prepare(workspace, recipe, progress)
        return Run(tuple(loads), Pack(moved(pack.file, target), pack.findings))
    except BaseException:
        for load_id in sorted({load["load_id"] for load in workspace.loads()} - before, reverse=True):
            with suppress(WorkbenchError):  # the error that ends the run says more than one of taking it back
                workspace.unload(load_id)
        raise


def _is_same(file: Path, target: Path) -> bool:
    try:
        return file.samefile(target)
    except (OSError, ValueError):  # one of them is not there
        return False


def _loaded(workspace: Workspace, recipe: Recipe, file: str, progress: Progress) -> Iterator[LoadOutcome]:
    for _, became in workspace.load_parts(file, recipe.choices_for(file), progress):
        if isinstance(became, FileRefused):
            raise became
        yield became
