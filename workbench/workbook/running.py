"""Packs and the runs of recipes: files loaded, one workbook made, figures watched; all of it or nothing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench import reports
from workbench.ask import answers, basis, engine, explore, recipes, targets, views
from workbench.ask.logs import Page, log_layouts
from workbench.ask.question import Question, says_nothing
from workbench.ask.recipes import Recipe, Threshold
from workbench.drawing import formats
from workbench.errors import BadSelection, FileRefused
from workbench.exports import KINDS
from workbench.intake.outcome import LoadOutcome
from workbench.progress import Progress
from workbench.reports import Metric
from workbench.store.workspace import Workspace
from workbench.workbook import packs, said
from workbench.workbook.asked import Part
from workbench.workbook.packs import Contents
from workbench.workbook.prepared import Prepared, check_target, moved, prepared

MOST_GAPS = 3  # of a view that are named
AGAIN = "contact-workbench run THIS.xlsx FILE... --to NEXT.xlsx"


@dataclass(frozen=True)
class Finding:
    """What a threshold came to: whether it was passed, None where its figure has no value, and all of it in words."""

    is_passed: bool | None
    words: str

    @property
    def verdict(self) -> str:
        """Whether the threshold was passed or kept, in a word or two."""
        return "not judged" if self.is_passed is None else "passed" if self.is_passed else "kept"


@dataclass(frozen=True)
class Pack:
    """A finished pack: its file, what each of the recipe's thresholds came to, and what is odd about its views."""

    file: Prepared
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...] = ()


def prepare(workspace: Workspace, recipe: Recipe, progress: Progress) -> Pack:
    """Write the pack of a recipe into the exports folder. Raises BadSelection where a view has nothing to show.

    With an engine set it is a pack of what is published.
    """
    workspace = engine.shown(workspace)
    parts = [part_of(workspace, part) for part in recipe.parts]
    findings = watched(recipe, parts)
    made = [
        *((f"Threshold {finding.verdict}", finding.words) for finding in findings),
        said.made(),
        ("Made again by", f"{AGAIN}: this workbook carries its recipe, {recipe.name}"),
    ]
    name = re.sub(r"\W+", "-", recipe.name).strip("-") or "pack"

    def write(path: Path) -> int:
        packs.write(Contents(recipe.title, made, parts, recipe.as_text()), progress, path)
        return 0

    warnings = (*_of_another_time(workspace, recipe), *(text for part in parts for text in _odd(part)))
    return Pack(prepared(workspace, name, "xlsx", write), findings, warnings)


def _odd(part: Part) -> list[str]:
    """Say what is not loaded of a view's range, and which of its filters can match nothing."""
    gaps = part.question.scope.not_loaded_said(MOST_GAPS)
    return [f"{part.title}: {text}" for text in (gaps, *basis.unknown(part.question)) if text]


def _of_another_time(workspace: Workspace, recipe: Recipe) -> list[str]:
    """Say where days and weeks begin otherwise than in the workspace in which a recipe was made."""
    return [
        f"The recipe was made with {key} {value}, and this workspace has {getattr(workspace, key)}: days and weeks"
        f" begin otherwise. Say which it is: set {key} ..."
        for key, value in recipe.settings
        if value != getattr(workspace, key)
    ]


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
    question = explore.asked(Question(workspace, report, views.selection_of(report, query)))
    pages = {name: Page(layout.sort, columns=layout.columns) for name, layout in layouts.items()}
    read = tuple((tile, pages.get(tile.name, Page())) for tile in packs.shown_tiles(question))
    return Part(question, read, ("Command", said.command(question)), named=part.title)


def _finding(question: Question, threshold: Threshold) -> Finding:
    metric, tile = recipes.watched(reports.report(question.report.name))[threshold.metric]
    rows = answers.rows(question, tile, compared=())
    is_loaded = any(each.now.reach.touched for each in question.scope.of(question.report.entity_of(metric, tile)))
    found = rows[metric.name].dropna().tolist() if is_loaded and not says_nothing(question, metric) else []
    known = float(found[0]) if found else None
    if threshold.side == recipes.TARGET:
        return _against_target(question, threshold, metric, known)
    is_passed, unit = threshold.is_passed_by(known), basis.unit(question)
    shown, limit = (formats.metric(value, metric, unit) for value in (known, threshold.limit))
    if known is None:
        why = "" if is_loaded else " (nothing is loaded of these days)"
        said = f"{threshold.view}: {metric.label} has no value{why}, so it is not {threshold.side} {limit}"
        return Finding(None, said)
    if shown == limit and known != threshold.limit:  # what was compared is not what is read
        shown, limit = (f"{text} ({value})" for text, value in ((shown, known), (limit, threshold.limit)))
    verdict = f"{'' if is_passed else 'not '}{threshold.side} {limit}"
    return Finding(is_passed, f"{threshold.view}: {metric.label} is {shown}, {verdict}")


def _against_target(question: Question, threshold: Threshold, metric: Metric, known: float | None) -> Finding:
    """Return what a figure comes to beside the target that this workspace has of it."""
    target, _ = targets.of_card(question, metric.name)
    unit = basis.unit(question)
    if target is None or known is None:
        why = "has no value" if target else "has no target in this workspace"
        return Finding(None, f"{threshold.view}: {metric.label} {why}, so it misses none")
    is_met, wanted = target.is_met_by(known), formats.target(target, metric, unit)
    verdict = f"which {'meets' if is_met else 'misses'} the target of {wanted}"
    return Finding(not is_met, f"{threshold.view}: {metric.label} is {formats.metric(known, metric, unit)}, {verdict}")


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
    loads: list[LoadOutcome] = []
    if workspace.is_empty:  # or the first file's zone would decide where days begin
        for key, value in recipe.settings:
            workspace.set(key, value)
    with workspace.one_unit():
        for file in files:
            loads += _loaded(workspace, recipe, file, progress)
        pack = prepare(workspace, recipe, progress)
        return Run(tuple(loads), replace(pack, file=moved(pack.file, target)))


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
