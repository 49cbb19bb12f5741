"""What is asked: a report and a selection, in one version of a workspace; and what of it concerns a tile."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from workbench.ask.scope import Range, Scope, scoped
from workbench.ask.selection import Pin, Selection, pin_keys, wanted
from workbench.errors import BadSelection, NotPermitted
from workbench.reports import PERIOD, Entity, Metric, Report, Tile
from workbench.store.workspace import Workspace


@dataclass(frozen=True)
class Question:
    """A report, asked about a selection; every answer follows from it.

    `version` is that of the workspace when it was first asked: what is cached for a question is true for that version.
    `resolved` is its scope where another question has come to it.
    """

    workspace: Workspace
    report: Report
    selection: Selection
    version: int = field(default=-1, kw_only=True)
    resolved: Scope | None = field(default=None, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        """Take the version that the workspace has now, unless another question had it, and the settings not said.

        Raises NotPermitted.
        """
        if not self.workspace.actor.sees(self.report.name):
            raise NotPermitted(f"The report {self.report.title} is not for you. Ask whoever runs this server")
        object.__setattr__(self, "selection", self.selection.settled(self.report, self.workspace.of_reports))
        if self.version < 0:
            object.__setattr__(self, "version", self.workspace.version)

    @cached_property
    def scope(self) -> Scope:
        """What the selection comes to: dates, coverage, comparison. Raises BadSelection for impossible dates."""
        return self.resolved or scoped(self.workspace, self.report, self.selection)

    @cached_property
    def key(self) -> str:
        """What tells the question from every other. The day is part of it, as a switch counts days from today."""
        days = self.resolved and self.resolved.now.days
        of = f"{self.workspace.path}, {self.version}, {self.workspace.eye}, {date.today()}"
        return f"{of}, {self.report.name}, {self.selection}, {days}"

    def asking(self, selection: Selection) -> "Question":
        """Return the question about another selection, in the same version of the workspace."""
        if selection == self.selection:
            return self  # its scope is known already
        return Question(self.workspace, self.report, selection, version=self.version)

    @property
    def of_range(self) -> "Question":
        """The question without what narrows, compares or rolls up its range."""
        return self.asking(self.selection.of_range)

    @property
    def unpinned(self) -> "Question":
        """The question without its pins: what a page's heights follow from, so that no click moves anything."""
        return self.asking(replace(self.selection, pins=(), rows_of=""))

    @property
    def earlier(self) -> "Question":
        """The question about the range that this one compares with, which is compared with nothing."""
        resolved = self.scope.earlier()
        return Question(self.workspace, self.report, self.selection, version=self.version, resolved=resolved)

    def ranges(self, entity: Entity) -> dict[str, Range]:
        """Return the range of each kind of an entity."""
        return {each.kind: each.now for each in self.scope.of(entity)}

    def ranges_before(self, entity: Entity) -> dict[str, Range]:
        """Return the range before of each kind of an entity that has it wholly loaded."""
        befores = {each.kind: each.before for each in self.scope.of(entity)}
        return {kind: before for kind, before in befores.items() if before and before.is_whole}

    @cached_property
    def active(self) -> tuple[str, ...]:
        """The keys of the filters and pins that have values."""
        pinned = [filter_ for pin in self.selection.pins for filter_ in pin]
        return tuple(dict.fromkeys(key for key, values in (*self.selection.filters, *pinned) if values))


def followed(question: Question, tile: Tile) -> tuple[Pin, ...]:
    """Return the pins that a tile follows: all but one of exactly its own dimensions."""
    return tuple(pin for pin in question.selection.pins if pin_keys(pin) != frozenset(tile.dimensions))


def is_comparable(question: Question, tile: Tile) -> bool:
    """Tell whether a tile can be compared: not while a period is pinned, which no other range has."""
    pinned = {key for pin in followed(question, tile) for key in pin_keys(pin)}
    return question.scope.before is not None and PERIOD.key not in pinned


def is_shown(question: Question, tile: Tile) -> bool:
    """Tell whether the selection has what a tile needs: exactly one value of a key."""
    return not tile.needs or len(wanted(question.selection, tile.needs)) == 1


def not_applicable(question: Question, tile: Tile) -> list[str]:
    """Return the keys of active filters and pins that a tile's rows have no column for."""
    known = tile.entity.dimensions | tile.entity.settled | {PERIOD.key}
    return [key for key in question.active if key not in known]


def check_applicable(question: Question, tile: Tile) -> None:
    """Raise BadSelection where a filter or pin cannot apply to a tile, whose numbers would be those without it."""
    if not_applicable(question, tile):
        raise BadSelection("The selected filter(s) are not applicable here. Leave them out, or choose another tile")


def says_nothing(question: Question, metric: Metric) -> bool:
    """Tell whether an active filter or pin is one that has nothing to do with a metric."""
    return not metric.not_for.isdisjoint(question.active)
