"""What a reader must know of the numbers: what was chosen, what they rest on, and how they are asked again."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from workbench.ask import answers, basis, engine, notes, targets
from workbench.ask.question import Question
from workbench.ask.scope import Scope
from workbench.ask.selection import EXPLORED, Selection, short
from workbench.drawing import formats
from workbench.reports import Tile
from workbench.reports.settings import SETTINGS
from workbench.time.words import timestamp

_OPTIONS = ("from", "to", "rollup", "timezone", "compare", "window_days", "touch", *SETTINGS, "pin", *EXPLORED)


def made() -> tuple[str, str]:
    """Return when a file is made, as a label and a text."""
    return "Made", f"{timestamp(datetime.now(UTC))} UTC"


def command(question: Question, tile: Tile | None = None) -> str:
    """Return the command that asks the same of the same workspace, with the days that it was asked of."""
    scope, (start, end) = question.scope, question.scope.now.days
    compare = f"{scope.before.days[0]}..{scope.before.days[1]}" if scope.before else None
    fixed = replace(question.selection, start=start, end=end, compare=compare, wall_clock=False).as_query()
    is_explored = question.selection.explored is not None
    words = ["contact-workbench", "explore" if is_explored else "export", question.report.name]
    words += ["--tile", tile.name] if tile and not is_explored else []
    for key, values in fixed.items():
        flag = key.replace("_", "-")
        if key in ("as_exported", "same_channel"):
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
        made(),
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
        *(("Answered by", text) for text in [engine.as_of(question.workspace, scope.zone)] if text),
        ("Dates", short(scope.now.days)),
        ("Compared with", scope.compared_with or scope.comparison_said or "Nothing"),
        *(("Coverage", text) for text in [scope.not_loaded_said()] if text),
        ("Time zone", scope.zone),
        ("By", formats.ROLLUP_LABELS[selection.rollup] + _week(scope, selection)),
        *(("Periods", "Whole ones only") for _ in [1] if selection.whole_only),
        *(("Dates count from", "Today") for _ in [1] if selection.wall_clock),
        *(("Customers", text) for text in _customers(question)),
        *((label, text) for label, text in _counted(question) if text),
        *(("Calendar", str(calendar)) for calendar in basis.calendars(question)),
        *filters,
        *(("Matches nothing", text) for text in basis.unknown(question)),
        *(("Pinned", formats.pinned(report, selection.rollup, pin)) for pin in selection.pins),
        *(("Rows of the log", text) for text in _rows_of(question)),
        *(("Target", text) for text in _targets(question, tiles)),
        *(("Note", f"{short(note.days)}: {note.text}") for note in notes.of(question)),
        *((tile.title, note) for tile in tiles if (note := answers.note(question, tile))),
        *((tile.title, text) for tile in tiles for text in answers.stated(question, tile)),
    ]


def _targets(question: Question, tiles: Sequence[Tile]) -> list[str]:
    """Return the targets that the cards among the tiles are held to, in words."""
    names = [name for tile in tiles if tile.shape == "metrics" for name in tile.metrics]
    found = [(question.report.metric(name), *targets.of_card(question, name)) for name in names]
    return [
        f"{metric.label}: {formats.target(target, metric, basis.unit(question))}"
        + "".join(f" ({each})" for each in [targets.for_words(target, question.report)] if each)
        + " (general)" * is_stand_in
        for metric, target, is_stand_in in found
        if target
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
    return *basis.rules(question), ("Money", basis.money(question))
