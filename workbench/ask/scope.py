"""What a selection comes to in one workspace: resolved dates, coverage, and the range to compare with."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import reduce

from workbench.ask.selection import Days, Selection, short, wanted
from workbench.errors import BadSelection
from workbench.reports import PERIOD, Entity, Report
from workbench.store.workspace import Workspace
from workbench.time import coverage, zones


@dataclass(frozen=True)
class Range:
    """Days of a question and where the loads cover them, in wall time of the zone shown."""

    days: Days
    reach: coverage.Reach

    @property
    def span(self) -> coverage.Span:
        """The range as wall times, the end exclusive."""
        return coverage.whole_days(*self.days)

    @property
    def gaps(self) -> tuple[coverage.Span, ...]:
        """The parts of the range that no load covers, or not for everything that is selected."""
        return coverage.gaps(self.reach.whole, self.span)

    @property
    def is_whole(self) -> bool:
        """Whether the range is covered in full for everything that is selected."""
        return not self.gaps


@dataclass(frozen=True)
class Scope:
    """What a selection comes to in one workspace: `now` is its range, `before` the one it is compared with.

    `by_kind` has both for each export kind that the report rests on, as each is covered by loads of its own. `why_not`
    says why there is nothing to compare with. `clock` is the day from which presets count.
    """

    selection: Selection
    zone: str
    reporting_zone: str
    week_start: str
    clock: date
    now: Range
    before: Range | None
    by_kind: tuple[tuple[str, Range, Range | None], ...]
    why_not: str = ""

    @property
    def is_other_zone(self) -> bool:
        """Whether the zone shown is another than the reporting zone, whose local times are stored."""
        return self.zone != self.reporting_zone

    @property
    def not_covered(self) -> tuple[coverage.Span, ...]:
        """The parts of the range that no load covers at all."""
        return coverage.gaps(self.now.reach.touched, self.now.span)

    def of(self, entity: Entity) -> list[tuple[str, Range, Range | None]]:
        """Return for each kind of an entity its range, and the one before."""
        return [found for found in self.by_kind if found[0] in entity.kinds]

    def earlier(self) -> "Scope":
        """Return the range before as a scope of its own, with nothing to compare it with."""
        assert self.before is not None  # asked only then
        by_kind = tuple((kind, before, None) for kind, _, before in self.by_kind if before)
        return replace(self, now=self.before, before=None, by_kind=by_kind)


def scoped(workspace: Workspace, report: Report, selection: Selection) -> Scope:
    """Resolve a selection: presets on the data clock, coverage per channel and inbox, the range to compare with."""
    zone = selection.timezone or workspace.reporting_zone
    kinds = dict.fromkeys(kind for entity in report.entities for kind in entity.kinds)
    loads = {kind: [replace(c, span=_in_zone(c.span, zone)) for c in workspace.covered(kind)] for kind in kinds}
    # While nothing of what the report is about is loaded, the days of what belongs to it count.
    about = [kind for kind in report.main.kinds if loads[kind]] or [kind for kind in loads if loads[kind]]
    main = [load for kind in about for load in loads[kind]]
    clock = _clock(main, selection, zone)
    first = min((load.span[0].date() for load in main), default=clock)
    days = resolved(selection, clock, first, workspace.week_start)
    before, why_not = compared(selection, days, workspace.week_start)
    by_kind = tuple(
        (kind, _range(selection, found, days), _range(selection, found, before) if before else None)
        for kind, found in loads.items()
    )
    mine = [found for found in by_kind if found[0] in about]
    now = _joined(days, [now for _, now, _ in mine])
    then = _joined(before, [then for _, _, then in mine if then]) if before else None
    if then and selection.pinned_values(PERIOD.key):
        why_not = "a period is pinned"
    elif then and not then.is_whole:
        why_not = f"{short(then.days)} is not wholly loaded"
    return Scope(selection, zone, workspace.reporting_zone, workspace.week_start, clock, now, then, by_kind, why_not)


def _range(selection: Selection, loads: Sequence[coverage.Covered], days: Days) -> Range:
    selected = {key: wanted(selection, key) for load in loads for key, _ in load.only}
    found = coverage.reach(loads, selected)
    window = [coverage.whole_days(*days)]
    return Range(days, coverage.Reach(coverage.common(found.touched, window), coverage.common(found.whole, window)))


def _joined(days: Days, ranges: Sequence[Range]) -> Range:
    """Return the range of several kinds: touched where one of them is, whole where each of those loaded is."""
    touched = coverage.merged(span for each in ranges for span in each.reach.touched)
    wholes = [each.reach.whole for each in ranges]
    return Range(days, coverage.Reach(touched, reduce(coverage.common, wholes) if wholes else ()))


def _in_zone(span: coverage.Span, zone: str) -> coverage.Span:
    return zones.wall_from_utc(span[0], zone), zones.wall_from_utc(span[1], zone)


def _clock(loads: Sequence[coverage.Covered], selection: Selection, zone: str) -> date:
    """Return the last covered local day, or today where nothing is covered or the wall clock is asked for."""
    if selection.wall_clock or not loads:
        return datetime.now(zones.zone(zone)).date()
    return (max(load.span[1] for load in loads) - timedelta(microseconds=1)).date()


def resolved(selection: Selection, clock: date, first: date, week_start: str) -> Days:
    """Return the first and last day of a selection. Raises BadSelection when they are the wrong way round."""
    if selection.start or selection.end:
        days = (
            selection.start or min(first, selection.end or first),
            selection.end or max(clock, selection.start or clock),
        )
        if days[0] > days[1]:
            raise BadSelection(f"The range starts on {days[0]} and ends before it, on {days[1]}. Swap the dates")
        return days
    week = clock - timedelta(days=(clock.weekday() + (week_start == "sunday")) % 7)
    month_end = clock.replace(day=1) - timedelta(days=1)
    return {
        "today": (clock, clock),
        "yesterday": (clock - timedelta(days=1), clock - timedelta(days=1)),
        "last_7_days": (clock - timedelta(days=6), clock),
        "last_14_days": (clock - timedelta(days=13), clock),
        "last_30_days": (clock - timedelta(days=29), clock),
        "this_week": (week, clock),
        "last_week": (week - timedelta(days=7), week - timedelta(days=1)),
        "this_month": (clock.replace(day=1), clock),
        "last_month": (month_end.replace(day=1), month_end),
        "all": (min(first, clock), clock),
    }[selection.preset]


def compared(selection: Selection, days: Days, week_start: str) -> tuple[Days | None, str]:
    """Return the days to compare with, or None and why there are none."""
    preset = None if selection.start or selection.end else selection.preset
    match selection.compare:
        case None:
            return None, ""
        case "preceding" if preset == "all":
            return None, "everything is selected, so nothing precedes it"
        case "preceding" if preset in ("this_month", "last_month"):
            return _month_before(days, whole=preset == "last_month"), ""
        case "preceding":
            length = days[1] - days[0] + timedelta(days=1)
            return (days[0] - length, days[1] - length), ""
        case "last_year":
            return (_years_before(days[0]), _years_before(days[1])), ""
        case "weekdays":
            return (days[0] - timedelta(weeks=4), days[1] - timedelta(weeks=4)), ""
        case text:
            start, end = (date.fromisoformat(part) for part in text.split(".."))
            return (start, end), ""


def _month_before(days: Days, whole: bool) -> Days:
    last = days[0].replace(day=1) - timedelta(days=1)
    length = calendar.monthrange(last.year, last.month)[1]
    return last.replace(day=1), last if whole else last.replace(day=min(days[1].day, length))


def _years_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
