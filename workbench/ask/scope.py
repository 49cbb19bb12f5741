"""What a selection comes to in one workspace: resolved dates, coverage, and the range to compare with."""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import reduce

from workbench.ask.selection import COMPARISONS, FIRST_DAY, Days, Selection, in_order, short, wanted
from workbench.exports import KINDS
from workbench.reports import PERIOD, Entity, Report
from workbench.store.workspace import Workspace
from workbench.time import coverage, words, zones

WEEK, YEAR = 7, 365  # days


@dataclass(frozen=True)
class Range:
    """Days of a question and where the loads cover them, in wall time of the zone shown.

    `taken` is what of the days counts, None for all of it: of a range compared with, what is loaded of the other one.
    `gaps` are the parts of that which no load covers, or not for everything that is selected.
    """

    days: Days
    reach: coverage.Reach
    gaps: tuple[coverage.Span, ...]
    taken: coverage.Parts | None = None

    @property
    def span(self) -> coverage.Span:
        """The range as wall times, the end exclusive."""
        return coverage.whole_days(*self.days)

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.days[1] - self.days[0]).days + 1

    @property
    def is_whole(self) -> bool:
        """Whether what counts of the range is covered for everything that is selected."""
        return not self.gaps

    @property
    def loaded(self) -> str:
        """How much of the range is loaded, in words; empty where all of it is."""
        if self.is_whole:
            return ""
        touched, whole = (_in_days(spans) for spans in (self.reach.touched, self.reach.whole))
        rest = "" if touched == whole else f", {whole} of them for everything selected"
        return f"{touched} of {self.length} day{'s' if self.length > 1 else ''} loaded{rest}"


@dataclass(frozen=True)
class OfKind:
    """The range of an export kind, as its own loads cover it, and the one before, None where nothing is compared.

    `loaded` is all that its loads cover of what is selected, whatever the range.
    """

    kind: str
    now: Range
    before: Range | None
    loaded: tuple[coverage.Span, ...]


@dataclass(frozen=True)
class Scope:
    """What a selection comes to in one workspace: `now` is its range, `before` the one it is compared with.

    `by_kind` has both for each export kind that the report rests on. `why_not` says why there is nothing to compare
    with, `lacking` names the kinds that are not compared while others are. `clock` is the day from which presets count.
    """

    selection: Selection
    zone: str
    stored_zone: str
    week_start: str
    clock: date
    now: Range
    before: Range | None
    by_kind: tuple[OfKind, ...]
    why_not: str = ""
    lacking: tuple[str, ...] = ()

    @property
    def is_other_zone(self) -> bool:
        """Whether the zone shown is another than that of the local times that are stored."""
        return self.zone != self.stored_zone

    @property
    def not_covered(self) -> tuple[coverage.Span, ...]:
        """The parts of the range that no load covers at all."""
        return coverage.gaps(self.now.reach.touched, self.now.span)

    @property
    def compared_with(self) -> str:
        """The days compared with, in words, and how much of the range is loaded; empty where there is no comparison."""
        if self.before is None or self.why_not:
            return ""
        lacking = " and ".join(KINDS[kind].title.lower() for kind in self.lacking)
        said = "; ".join(filter(None, (self.now.loaded, lacking and f"{lacking} are not wholly loaded")))
        return short(self.before.days) + (f" ({said})" if said else "")

    @property
    def comparison_said(self) -> str:
        """A sentence on what is compared with, or why with nothing; empty where no comparison is asked for."""
        if self.why_not:
            return f"No comparison: {self.why_not}"
        return f"Compared with {self.compared_with}" if self.compared_with else ""

    def not_loaded_said(self, most: int | None = None) -> str:
        """Return a sentence on what of the range is not loaded, `most` gaps named; empty where all of it is."""
        gaps = self.now.gaps
        named = [f"{words.timestamp(start)} to {words.timestamp(end)}" for start, end in gaps[:most]]
        more = [f"and {len(gaps) - len(named):,} more"] if len(gaps) > len(named) else []
        return f"Not loaded, or not for everything selected: {'; '.join([*named, *more])}" if gaps else ""

    def of(self, entity: Entity) -> list[OfKind]:
        """Return for each kind of an entity its range, and the one before."""
        return [found for found in self.by_kind if found.kind in entity.kinds]

    def earlier(self) -> "Scope":
        """Return the range before as a scope of its own, with nothing to compare it with."""
        assert self.before is not None  # asked only then
        by_kind = tuple(replace(each, now=each.before, before=None) for each in self.by_kind if each.before)
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
    beyond = {kind: timedelta(days=selection.window_days) for kind in _counted_beyond(report)}
    by_kind = tuple(
        _of_kind(selection, kind, found, (days, before), beyond.get(kind, timedelta())) for kind, found in loads.items()
    )
    mine = [each for each in by_kind if each.kind in about]
    now, then = _joined(days, [each.now for each in mine]), None
    if before:
        befores = [each.before for each in mine if each.before and each.now.reach.touched]
        then, why_not = _before(selection, now, before, befores)
    lacking = tuple(
        each.kind
        for each in by_kind
        if each.before and not each.before.is_whole and loads[each.kind]
        if each.now.reach.touched or each.kind not in about
    )
    return Scope(
        selection, zone, workspace.stored_zone, workspace.week_start, clock, now, then, by_kind, why_not, lacking
    )


def _counted_beyond(report: Report) -> set[str]:
    """Return the kinds whose rows count beyond a range, as orders after messages."""
    return {base.counted_as for entity in report.entities for base in entity.bases if base.counted_as}


def _of_kind(
    selection: Selection,
    kind: str,
    loads: Sequence[coverage.Covered],
    ranges: tuple[Days, Days | None],
    beyond: timedelta,
) -> OfKind:
    days, before = ranges
    now = _range(selection, loads, days)
    then = _compared_range(selection, loads, now, before, beyond) if before else None
    return OfKind(kind, now, then, coverage.reach(loads, _selected(selection, loads)).touched)


def _before(selection: Selection, now: Range, days: Days, ranges: Sequence[Range]) -> tuple[Range, str]:
    """Return the range before, of the kinds of which something is loaded now, and why it is not compared with."""
    then = _joined(days, ranges)
    if selection.pinned_values(PERIOD.key):
        return then, "a period is pinned"
    if not ranges:
        return then, f"nothing of {short(now.days)} is loaded"
    return then, "" if any(each.is_whole for each in ranges) else f"{short(days)} is not wholly loaded"


def _range(selection: Selection, loads: Sequence[coverage.Covered], days: Days) -> Range:
    span = coverage.whole_days(*days)
    reach = _within(coverage.reach(loads, _selected(selection, loads)), [span], [span])
    return Range(days, reach, coverage.gaps(reach.whole, span))


def _selected(selection: Selection, loads: Sequence[coverage.Covered]) -> dict[str, tuple[str, ...]]:
    """Return what is selected of the dimensions by which loads are limited."""
    return {key: wanted(selection, key) for load in loads for key, _ in load.only}


def _within(reach: coverage.Reach, touched: Sequence[coverage.Span], whole: Sequence[coverage.Span]) -> coverage.Reach:
    return coverage.Reach(coverage.common(reach.touched, touched), coverage.common(reach.whole, whole))


def _compared_range(
    selection: Selection, loads: Sequence[coverage.Covered], now: Range, days: Days, beyond: timedelta
) -> Range:
    """Return the range that another is compared with: where both are as long, what is loaded of it, moved.

    Rows that count for some time `beyond` a range, as orders after its messages do, are taken that far: a range whose
    every day is loaded may lack them.
    """
    then = _range(selection, loads, days)
    if not now.reach.touched:
        return replace(then, gaps=(then.span,), taken=())
    if then.length != now.length:
        return then
    step, selected = days[0] - now.days[0], _selected(selection, loads)
    reached, there = ((start, end + beyond) for start, end in (now.span, then.span))
    taken = tuple((only, coverage.moved(spans, step)) for only, spans in coverage.parts(loads, reached))
    gaps: list[coverage.Span] = []
    for only, spans in taken:
        part = coverage.narrowed(selected, only)
        whole = spans if part is None else coverage.reach(loads, part).whole  # None: nothing of it is selected
        gaps += coverage.common(spans, coverage.gaps(whole, there))
    reach = _within(then.reach, *(coverage.moved(spans, step) for spans in (now.reach.touched, now.reach.whole)))
    is_all = not coverage.gaps(coverage.reach(loads, selected).whole, reached)
    return Range(days, reach, coverage.merged(gaps), None if is_all else taken)


def _joined(days: Days, ranges: Sequence[Range]) -> Range:
    """Return the range of several kinds: touched where one of them is, whole where each of those loaded is."""
    touched = coverage.merged(span for each in ranges for span in each.reach.touched)
    wholes = [each.reach.whole for each in ranges]
    reach = coverage.Reach(touched, reduce(coverage.common, wholes) if wholes else ())
    gaps = [gap for each in ranges for gap in each.gaps] if ranges else [coverage.whole_days(*days)]
    return Range(days, reach, coverage.merged(gaps))


def _in_days(spans: Sequence[coverage.Span]) -> str:
    """Return how many days spans are, to a tenth that is never more than there is; of a moment, one tenth."""
    tenths = sum((end - start for start, end in spans), timedelta()) // timedelta(hours=2, minutes=24)
    return f"{(max(tenths, 1) if spans else 0) / 10:g}"


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
        return in_order(days)
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
    length = (days[1] - days[0]).days + 1
    match selection.compare:
        case None:
            return None, ""
        case name if preset == "all" and name in COMPARISONS:
            return None, "everything is selected, so nothing precedes it"
        case "matching" | "preceding" if preset in ("this_month", "last_month"):
            return _month_before(days, whole=preset == "last_month"), ""
        case "matching":
            return _earlier(days, -(-length // WEEK) * WEEK), ""
        case "preceding":
            return _earlier(days, length), ""
        case "last_year" if length < YEAR:
            return _earlier(days, 52 * WEEK), ""
        case "last_year":
            return (_years_before(days[0]), _years_before(days[1])), ""
        case "weekdays":
            return _earlier(days, 4 * WEEK), ""
        case text:
            start, end = (date.fromisoformat(part) for part in text.split(".."))
            return (start, end), ""


def before_that(selection: Selection, now: Days, before: Days) -> Iterator[Days]:
    """Yield the days compared with, and earlier ones at the same step, as far as dates go; months at that of months."""
    is_month = not (selection.start or selection.end) and selection.preset in ("this_month", "last_month")
    step = (now[0] - before[0]).days
    while before[0] >= FIRST_DAY:
        yield before
        if is_month and selection.compare in ("matching", "preceding"):
            before = _month_before(before, whole=selection.preset == "last_month")
        elif step > 0:
            before = _earlier(before, step)
        else:
            return


def _earlier(days: Days, step: int) -> Days:
    return days[0] - timedelta(days=step), days[1] - timedelta(days=step)


def _month_before(days: Days, whole: bool) -> Days:
    last = days[0].replace(day=1) - timedelta(days=1)
    length = calendar.monthrange(last.year, last.month)[1]
    return last.replace(day=1), last if whole else last.replace(day=min(days[1].day, length))


def _years_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
