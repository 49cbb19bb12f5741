"""What the numbers of a question rest on, in words that every face says: files, credited orders, the unit of money."""

from dataclasses import dataclass
from itertools import groupby

from workbench.ask import answers, engine
from workbench.ask.question import Question
from workbench.ask.selection import Selection, wanted
from workbench.exports import KINDS
from workbench.intake.outcome import kinds_of
from workbench.reports import Dimension


@dataclass(frozen=True)
class Source:
    """A file that numbers rest on, once, with every load of it; `what` are the titles of its kinds of export."""

    what: str
    file: str
    load_ids: tuple[int, ...]

    @property
    def name(self) -> str:
        """The file's name and its loads."""
        first, *later = map(str, self.load_ids)
        loads = f"loads {', '.join([first, *later[:-1]])} and {later[-1]}" if later else f"load {first}"
        return f"{self.file} ({loads})"

    def __str__(self) -> str:
        """Return what it is, its name and its loads."""
        return f"{self.what}: {self.name}"


def sources(question: Question) -> list[Source]:
    """Return every file that numbers rest on, are changed by or stand beside, the report's own kinds first.

    The same bytes under the same name are one file, however often they were loaded.
    """
    wanted_kinds = question.report.sources(question.selection.as_exported)
    found: dict[tuple[str, str, str | None], list[int]] = {}
    for load in reversed(question.workspace.loads(wanted_kinds)):
        found.setdefault((load["kind"], load["file"], load["sha256"]), []).append(load["load_id"])
    in_order = sorted(found.items(), key=lambda each: _place(each[0][0], wanted_kinds))
    return [Source(_titles(kind), file, tuple(loads)) for (kind, file, _), loads in in_order]


def by_kind(question: Question) -> list[tuple[str, list[Source]]]:
    """Return the sources under what they are."""
    return [(what, list(found)) for what, found in groupby(sources(question), lambda source: source.what)]


def _place(kind: str, wanted_kinds: tuple[str, ...]) -> int:
    return min(wanted_kinds.index(name) for name in kinds_of({"kind": kind}) if name in wanted_kinds)


def _titles(kind: str) -> str:
    return ", ".join(KINDS[name].title for name in kinds_of({"kind": kind}))


def crediting(question: Question) -> str:
    """Return by which rule orders are credited, '' for a report without any."""
    selection = question.selection
    if "touch" not in question.report.settings:
        return ""
    return f"Orders credited to the {selection.touch} message within {window(selection)}"


def window(selection: Selection) -> str:
    """Return how many days an order may come after its message."""
    return "1 day" if selection.window_days == 1 else f"{selection.window_days} days"


def units(question: Question) -> tuple[str, ...]:
    """Return what the money of a report is in: the one chosen, else each that orders have; none where nothing has."""
    unit = question.report.unit_dimension
    if unit is None:
        return ()
    if unit.key in question.active:
        return wanted(question.selection, unit.key)
    return tuple(value for value, _ in answers.options(question, unit.key))


def unit(question: Question) -> str:
    """Return the unit to say with money, '' where there is no money or it is empty."""
    dimension, found = question.report.unit_dimension, units(question)
    return _named(dimension, found[0]) if dimension and len(found) == 1 else ""


def _named(dimension: Dimension, value: str) -> str:
    return dimension.shown(value) if value else dimension.missing.lower()


def money(question: Question) -> str:
    """Return what money is in, or that it is empty and what to do; '' for a report without any."""
    dimension, found = question.report.unit_dimension, units(question)
    if dimension is None or not found:
        return ""
    named = [_named(dimension, value) for value in sorted(found)]
    if len(named) == 1:
        return f"Revenue in {named[0]}"
    return f"Revenue is empty, as orders are in {', '.join(named[:-1])} and {named[-1]}: choose one {dimension.key}"


def said(question: Question) -> list[str]:
    """Return which engine answers, how orders are credited and what money is in, as far as there is any."""
    answering = engine.as_of(question.workspace, question.scope.zone)
    return [text for text in (answering, crediting(question), money(question)) if text]
