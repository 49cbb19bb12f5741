"""What an analyst has selected: dates, rollup, filters, pins.

A frozen value, the same from widgets, a link, the command line and a notebook; `Scope` is what it comes to in one
workspace: resolved dates, coverage and periods.
"""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from workbench import coverage, zones
from workbench.errors import BadSelection, UnknownName
from workbench.reports import Report
from workbench.workspace import Workspace

ROLLUPS = ("half_hour", "hour", "day", "week", "month", "quarter")
PRESETS = (
    "today", "yesterday", "last_7_days", "last_14_days", "last_30_days",
    "this_week", "last_week", "this_month", "last_month", "all",
)  # fmt: skip
COMPARISONS = ("preceding", "last_year", "weekdays")
SWITCHES = ("as_exported", "wall_clock")
FIRST_DAY, LAST_DAY = date(zones.FIRST_YEAR, 1, 1), date(zones.LAST_YEAR, 12, 31)
MISSING = ""  # how a missing value is written in a link or on the command line

Days = tuple[date, date]  # both inclusive
Filter = tuple[str, tuple[str, ...]]  # a key and its values; MISSING is the missing value


@dataclass(frozen=True)
class Selection:
    """A question's dates, filters and pins, before a workspace gives them meaning.

    `start` and `end` are inclusive and win over `preset`; with neither, `preset` is `all`. `compare` is one of
    COMPARISONS, or FROM..TO, or None. `timezone` None shows everything in the reporting zone.
    """

    start: date | None = None
    end: date | None = None
    preset: str = "all"
    rollup: str = "day"
    filters: tuple[Filter, ...] = ()
    pins: tuple[Filter, ...] = ()
    timezone: str | None = None
    compare: str | None = None
    as_exported: bool = False
    wall_clock: bool = False

    def values(self, key: str) -> tuple[str, ...]:
        """Return the values that a filter key has, none when it is not filtered."""
        return dict(self.filters).get(key, ())

    def as_query(self) -> dict[str, list[str]]:
        """Return the selection as the parameters of a link, only what differs from the default."""
        plain = {
            "from": self.start.isoformat() if self.start else "",
            "to": self.end.isoformat() if self.end else "",
            "preset": self.preset if not (self.start or self.end) and self.preset != "all" else "",
            "rollup": self.rollup if self.rollup != "day" else "",
            "timezone": self.timezone or "",
            "compare": self.compare or "",
            **{switch: "yes" if getattr(self, switch) else "" for switch in SWITCHES},
        }
        named = {key: [text] for key, text in plain.items() if text}
        filters = {key: list(values) for key, values in self.filters}
        pins = {"pin": [f"{key}={value}" for key, values in self.pins for value in values]} if self.pins else {}
        return named | filters | pins


def parsed(report: Report, query: Mapping[str, Sequence[str]]) -> Selection:
    """Return the selection that texts by key say: those of a link, the command line or a notebook.

    Raises UnknownName for a key, rollup, preset or zone that does not exist, BadSelection for impossible dates.
    """
    keys = [dimension.key for dimension in report.filters]
    known = ["from", "to", "preset", "rollup", "timezone", "compare", *SWITCHES, "pin", *keys]
    for key in query:
        if key not in known:
            raise UnknownName(f"filter of {report.name}", key, ["from", "to", "rollup", *keys])
    one = {key: values[-1] for key, values in query.items() if values}
    selection = Selection(
        start=_date(one.get("from")),
        end=_date(one.get("to")),
        preset=_known("preset", one.get("preset") or "all", PRESETS),
        rollup=_known("rollup", one.get("rollup") or "day", ROLLUPS),
        filters=_filters(report, ((key, query[key]) for key in keys if key in query)),
        pins=_filters(report, _pins(query.get("pin", ()))),
        timezone=one.get("timezone") or None,
        compare=_comparison(one.get("compare") or None),
        **{switch: one.get(switch, "no").lower() in ("yes", "true", "1") for switch in SWITCHES},
    )
    if selection.timezone:
        zones.zone(selection.timezone)
    if selection.start and selection.end and selection.start > selection.end:
        raise BadSelection(
            f"The range starts on {selection.start} and ends before it, on {selection.end}. Swap the dates"
        )
    return selection


def _date(text: str | None) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadSelection(f"'{text}' is not a date. Write it as 2024-01-31") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadSelection(f"{day} is too far away. Choose dates from {FIRST_DAY} to {LAST_DAY}")
    return day


def _known(what: str, name: str, names: Sequence[str]) -> str:
    if name not in names:
        raise UnknownName(what, name, names)
    return name


def _comparison(text: str | None) -> str | None:
    if text and text not in COMPARISONS:
        parts = text.split("..")
        if len(parts) != 2:
            raise UnknownName("comparison", text, [*COMPARISONS, "FROM..TO"])
        start, end = (_date(part) for part in parts)
        if not start or not end or start > end:
            raise BadSelection(f"The comparison '{text}' is not a range. Write it as 2024-01-01..2024-01-31")
    return text


def _pins(pins: Iterable[str]) -> Iterable[Filter]:
    by_key: dict[str, list[str]] = {}
    for pin in pins:
        key, equals, value = pin.partition("=")
        if not equals:
            raise BadSelection(f"The pin '{pin}' has no value. Write it as channel=CHAT")
        by_key.setdefault(key, []).append(value)
    return ((key, tuple(values)) for key, values in by_key.items())


def _period(text: str) -> str:
    try:
        return datetime.fromisoformat(text).isoformat(sep=" ")
    except ValueError:
        raise BadSelection(f"'{text}' is not the start of a period. Write it as 2024-01-31") from None


def _filters(report: Report, pairs: Iterable[tuple[str, Sequence[str]]]) -> tuple[Filter, ...]:
    """Return filters in the report's order; enum values are upper-cased, as at intake."""
    keys = ["period", *(dimension.key for dimension in report.filters)]
    found: dict[str, tuple[str, ...]] = {}
    for key, values in pairs:
        _known(f"filter of {report.name}", key, keys)
        if key == "period":
            values = [_period(value) for value in values]
        is_enum = key != "period" and report.dimension(key).is_enum
        found[key] = tuple(dict.fromkeys(value.upper() if is_enum else value for value in values))
    return tuple((key, found[key]) for key in keys if found.get(key))


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

    `why_not` says why there is nothing to compare with. `clock` is the day from which presets count.
    """

    selection: Selection
    zone: str
    reporting_zone: str
    week_start: str
    clock: date
    now: Range
    before: Range | None
    why_not: str = ""

    @property
    def is_other_zone(self) -> bool:
        """Whether the zone shown is another than the reporting zone, whose local times are stored."""
        return self.zone != self.reporting_zone


def scope(workspace: Workspace, report: Report, selection: Selection) -> Scope:
    """Resolve a selection: presets on the data clock, coverage per channel and inbox, the range to compare with."""
    zone = selection.timezone or workspace.reporting_zone
    loads = [replace(c, span=_in_zone(c.span, zone)) for c in workspace.covered(report.main.kind)]
    clock = _clock(loads, selection, zone)
    first = min((load.span[0].date() for load in loads), default=clock)
    days = resolved(selection, clock, first, workspace.week_start)
    before, why_not = compared(selection, days, workspace.week_start)

    def ranged(days: Days) -> Range:
        wanted = {key: _wanted(selection, key) for load in loads for key, _ in load.only}
        found = coverage.reach(loads, wanted)
        window = [coverage.whole_days(*days)]
        return Range(days, coverage.Reach(coverage.common(found.touched, window), coverage.common(found.whole, window)))

    then = ranged(before) if before else None
    if then and not then.is_whole:
        why_not = f"{short(then.days)} is not wholly loaded"
    return Scope(selection, zone, workspace.reporting_zone, workspace.week_start, clock, ranged(days), then, why_not)


def _wanted(selection: Selection, key: str) -> tuple[str, ...]:
    """Return the values that filters and pins leave of a dimension; none means all of them."""
    filtered, pinned = selection.values(key), dict(selection.pins).get(key, ())
    if filtered and pinned:
        return tuple(value for value in pinned if value in filtered)
    return filtered or pinned


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
        case _ if dict(selection.pins).get("period"):
            return None, "a period is pinned"
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


def short(days: Days) -> str:
    """Return days as people write them: `2 Dec 2025`, `2 to 9 Dec 2025`, `28 Nov to 2 Dec 2025`."""
    start, end = days
    last = f"{end.day} {end:%b %Y}"
    if start == end:
        return last
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} to {last}"
    return f"{start.day} {start:%b}{'' if start.year == end.year else f' {start.year}'} to {last}"
