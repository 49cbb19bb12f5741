"""Targets of the figures on cards: a value, which side is good, from when it holds, and for what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from workbench import reports
from workbench.ask import lists
from workbench.ask.question import Question
from workbench.ask.selection import MISSING, Filter, as_text, wanted
from workbench.errors import BadSelection, UnknownName, shortened
from workbench.reports import PERIOD, Metric, Report, Tile
from workbench.store import masking
from workbench.store.workspace import Workspace
from workbench.time import words

if TYPE_CHECKING:
    import pandas as pd

KEY = masking.TARGETS
SIDES: dict[str, Literal["up", "down"]] = {"up": "up", "down": "down"}
MOST = 1e15
EXACT = 9  # decimals; what floats add behind them misses no target


@dataclass(frozen=True)
class Target:
    """What a figure of a report is to reach: at least the value where `good` is up, at most where it is down.

    Seconds, or a fraction of a rate. It holds from a day on, None for always; for everything, or for `only` one value
    of one dimension.
    """

    report: str
    metric: str
    value: float
    good: Literal["up", "down"]
    since: date | None = None
    only: Filter | None = None

    @property
    def place(self) -> tuple[object, ...]:
        """By what a target is told from others: one takes the place of another that is of the same."""
        return self.report, self.metric, self.since, self.only

    def is_met_by(self, figure: float) -> bool:
        """Tell whether a figure reaches it; one that equals it does."""
        over = round(figure - self.value, EXACT)
        return over >= 0 if self.good == "up" else over <= 0

    def as_json(self) -> lists.Entry:
        """Return the target as a file has it."""
        said: lists.Entry = {"report": self.report, "metric": self.metric, "value": self.value, "good": self.good}
        said |= {"from": self.since.isoformat()} if self.since else {}
        return said | ({"for": f"{self.only[0]}={self.only[1][0]}"} if self.only else {})


def of_json(entry: Mapping[str, Any]) -> Target:
    """Return the target that an entry of a file is. Raises BadSelection and UnknownName."""
    known = ("report", "metric", "value", "good", "from", "for")
    for key in entry:
        if key not in known:
            raise UnknownName("key of a target", key, known)
    texts = {key: "" if entry.get(key) is None else str(entry[key]) for key in known}
    return said(texts["report"], texts["metric"], texts["value"], texts["good"], texts["from"], texts["for"])


def said(report: str, metric: str, value: str, good: str = "", since: str = "", only: str = "") -> Target:
    """Return the target that texts say, checked. Raises BadSelection and UnknownName."""
    of = reports.report(report)
    known = metrics(of)
    if metric not in known:
        raise UnknownName(f"figure of {report} for a target", metric, known)
    side = good or known[metric].good or ""
    if side not in SIDES:
        raise BadSelection(f"Neither side of {metric} is good by itself. Say which one is: up or down")
    return Target(report, metric, _number(known[metric], value), SIDES[side], _day(since), _only(of, only))


def metrics(report: Report) -> dict[str, Metric]:
    """Return the figures that can have targets: those of the cards."""
    cards = [tile for tile in report.tiles if tile.shape == "metrics"]
    return {name: report.metric(name) for tile in cards for name in tile.metrics}


def _number(metric: Metric, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) <= MOST:
        raise BadSelection(f"The target '{shortened(text)}' of {metric.name} is no number. A rate is a fraction: 0.8")
    if metric.format == "rate" and not 0 <= value <= 1:
        raise BadSelection(f"The target {shortened(text)} of {metric.name} is not between 0 and 1. Write 80 % as 0.8")
    return value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadSelection(f"'{shortened(text)}' is not a date. Write it as 2024-01-31") from None


def _only(report: Report, text: str) -> Filter | None:
    if not text:
        return None
    key, equals, value = text.partition("=")
    known = [dimension.key for dimension in report.filters if not dimension.condition]
    if not equals:
        raise BadSelection(f"A target is for one value, such as {known[0]}=VALUE, not for '{shortened(text)}'")
    if key not in known:
        raise UnknownName(f"dimension of {report.name} for a target", key, known)
    return key, (value.upper() if report.dimension(key).is_enum else value,)


def saved(workspace: Workspace) -> list[Target]:
    """Return the targets of a workspace, by report and figure, the general ones first, older ones before newer.

    Those for a value that may tell who a customer, or an agent, is are not shown to who does not see these.
    """
    found = [each for each in lists.understood(lists.kept(workspace, KEY), of_json) if _is_shown(workspace, each)]
    return sorted(found, key=lambda t: (t.report, t.metric, t.only or ("", ()), t.since or date.min))


def _is_shown(workspace: Workspace, target: Target) -> bool:
    """Tell whether the actor sees a target: of a report of theirs, of nobody who is masked."""
    who = workspace.actor
    is_plain = not workspace.is_masked or masking.is_of_nobody(target.as_json(), who.masks_staff)
    return is_plain and who.sees(target.report)


def put(workspace: Workspace, *targets: Target) -> None:
    """Keep targets, each in the place of another that is of the same; of several of one place the last."""
    new = {target.place: target.as_json() for target in targets}
    _replace(workspace, new.keys(), [*new.values()])


def delete(workspace: Workspace, target: Target) -> None:
    """Delete a target. Raises BadSelection where there is none."""
    if not _replace(workspace, {target.place}):
        raise BadSelection(f"There is no such target of {target.metric}. List them by: targets list {target.report}")


def _replace(workspace: Workspace, places: Collection[object], new: Sequence[lists.Entry] = ()) -> int:
    def is_gone(target: Target) -> bool:
        return _is_shown(workspace, target) and target.place in places

    return lists.replace(workspace, KEY, of_json, is_gone, new)


def exported(targets: Sequence[Target]) -> str:
    """Return targets as the text of a file."""
    return lists.as_text(KEY, [target.as_json() for target in targets])


def imported(workspace: Workspace, text: str) -> list[Target]:
    """Keep the targets of a file, and return them. Raises BadSelection and UnknownName, and then keeps none."""
    found = lists.of_text(KEY, text, of_json)
    put(workspace, *found)
    return found


@dataclass(frozen=True)
class Held:
    """The targets that a figure is held to, by the days from which they hold.

    It `is_stand_in` where these are the general ones, though what is selected is narrower.
    """

    steps: tuple[Target, ...]
    is_stand_in: bool = False

    def on(self, day: date) -> Target | None:
        """Return the target of a day, None before the first holds."""
        return next((t for t in reversed(self.steps) if t.since is None or t.since <= day), None)


NOTHING = Held(())


def held(question: Question, metric: str) -> Held:
    """Return what a figure is held to under the filters of a question."""
    return _held(_of(question, metric), {key: wanted(question.selection, key) for key in question.active})


def of_tile(question: Question, tile: Tile) -> Held:
    """Return what the figure is held to that a tile draws first."""
    names = tile.drawn or tile.metrics
    return held(question, names[0]) if names else NOTHING


def _of(question: Question, metric: str) -> list[Target]:
    return [t for t in saved(question.workspace) if (t.report, t.metric) == (question.report.name, metric)]


def _held(of: Sequence[Target], narrowed: Mapping[str, tuple[str, ...]]) -> Held:
    """Return the targets for the one value that is selected, which go before the general ones."""
    for only in dict.fromkeys(t.only for t in of if t.only):
        if narrowed.get(only[0]) == only[1]:
            return Held(tuple(t for t in of if t.only == only))
    return Held(tuple(t for t in of if t.only is None), is_stand_in=bool(narrowed))


def of_card(question: Question, metric: str) -> tuple[Target | None, bool]:
    """Return the target of the range's last day, and whether it is a general one that stands in for a narrower one."""
    found = held(question, metric)
    return found.on(question.scope.now.days[1]), found.is_stand_in


def verdicts(question: Question, tile: Tile, metric: str, rows: "pd.DataFrame") -> list[Literal[1, 0, -1]]:
    """Tell of each row of a tile whether its figure meets its target (1) or misses it (-1); 0 where there is none.

    A row is held to the target of its own value, in its period or on the range's last day.
    """
    of, last = _of(question, metric), question.scope.now.days[1]
    selected = {key: wanted(question.selection, key) for key in question.active}
    found: list[Literal[1, 0, -1]] = [0 for _ in rows.index] if not of else []
    for row in rows.to_dict("records") if of else ():
        cell = {key: (as_text(row[key]),) for key in tile.dimensions if key != PERIOD.key}
        target = _held(of, selected | cell).on(row[PERIOD.key].date() if PERIOD.key in tile.dimensions else last)
        is_known = target is not None and row[metric] == row[metric] and row[metric] is not None
        found.append(0 if target is None or not is_known else 1 if target.is_met_by(row[metric]) else -1)
    return found


def at(found: Held, period: datetime) -> float | None:
    """Return the value that holds when a period begins, None before the first."""
    target = found.on(period.date())
    return target.value if target else None


def for_words(target: Target, report: Report) -> str:
    """Return for what a target holds and from when, in words; nothing for everything and always."""
    only = ""
    if target.only:
        key, (value,) = target.only
        only = f"{report.dimension(key).label}: {report.dimension(key).shown(None if value == MISSING else value)}"
    return ", ".join(filter(None, [only, f"from {words.day(target.since)}" if target.since else ""]))
