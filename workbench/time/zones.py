"""Time zones: wall time to UTC and back, in SQL and in Python, from one table of clock changes.

DuckDB's own conversion takes the second pass of a repeated hour; an export's reader means the first. A zone is a
piecewise constant offset, so it becomes a balanced tree of CASE expressions: exact, and as fast as a comparison.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import tzlocal

from workbench.errors import UnknownName

# Clock changes are looked up between these years; instants outside have the offset at the nearest end.
FIRST_YEAR, LAST_YEAR = 1990, 2060
Years = tuple[int, int]  # the first and the last
ALL_YEARS: Years = (FIRST_YEAR, LAST_YEAR)
USUAL_YEARS: Years = (2010, 2037)  # of the vendors' downloads: a smaller tree is faster to plan, and to walk through


@dataclass(frozen=True)
class ClockChange:
    """A change of a zone's offset: the instant in UTC, and the offsets before and after it in seconds."""

    at: datetime
    before: int
    after: int

    @property
    def skipped(self) -> tuple[datetime, datetime] | None:
        """The wall times [from, to) that do not exist, when the clock goes forward."""
        bounds = self.at + timedelta(seconds=self.before), self.at + timedelta(seconds=self.after)
        return bounds if self.after > self.before else None

    @property
    def repeated(self) -> tuple[datetime, datetime] | None:
        """The wall times [from, to) that come twice, when the clock goes back."""
        bounds = self.at + timedelta(seconds=self.after), self.at + timedelta(seconds=self.before)
        return bounds if self.after < self.before else None


# `right/` counts leap seconds, which moves every time by half a minute; `localtime` is another zone on every machine.
NOT_ZONES = ("right/", "posix/", "localtime")


@cache
def names() -> tuple[str, ...]:
    """Return the names that may be chosen as a zone, in order."""
    return tuple(sorted(name for name in available_timezones() if not name.startswith(NOT_ZONES)))


@cache
def zone(name: str) -> ZoneInfo:
    """Return the zone of that IANA name. Raises UnknownName for all that `names` does not list."""
    if name not in names():
        wanted = name.strip().replace(" ", "_").lower()
        near = [known for known in names() if wanted in known.lower()][:5]
        raise UnknownName("time zone", name, near or ("Europe/Berlin", "America/New_York", "UTC"))
    return ZoneInfo(name)


def machine_zone() -> str:
    """Return the IANA name of this machine's zone, UTC when it does not tell."""

    found = tzlocal.get_localzone_name()
    return found if found in names() else "UTC"


@cache
def clock_changes(name: str, years: Years = ALL_YEARS) -> tuple[ClockChange, ...]:
    """Return every change of the zone's offset within some years, in order."""
    if years != ALL_YEARS:
        return tuple(change for change in clock_changes(name) if years[0] <= change.at.year <= years[1])
    start, end = datetime(years[0], 1, 1, tzinfo=UTC), datetime(years[1] + 1, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    offsets = [_offset(name, day) for day in days]
    changed = [n for n in range(1, len(days)) if offsets[n] != offsets[n - 1]]
    return tuple(ClockChange(_change_between(name, days[n - 1], days[n]), offsets[n - 1], offsets[n]) for n in changed)


def _offset(name: str, instant: datetime) -> int:
    offset = instant.astimezone(zone(name)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _change_between(name: str, low: datetime, high: datetime) -> datetime:
    """Return the first second with the new offset, as a naive UTC time."""
    before, seconds = _offset(name, low), int((high - low).total_seconds())
    first, last = 0, seconds
    while last - first > 1:
        middle = (first + last) // 2
        same = _offset(name, low + timedelta(seconds=middle)) == before
        first, last = (middle, last) if same else (first, middle)
    return (low + timedelta(seconds=last)).replace(tzinfo=None)


def to_utc_sql(wall: str, name: str, years: Years = ALL_YEARS) -> str:
    """Return SQL for the naive UTC timestamp of a naive wall time.

    A repeated wall time is its first occurrence; a skipped one is shifted forward: both have the offset of before.
    """
    changes = clock_changes(name, years)
    bounds = [change.at + timedelta(seconds=max(change.before, change.after)) for change in changes]
    return _moved(wall, "-", bounds, _offsets(name, changes))


def to_wall_sql(instant: str, name: str, years: Years = ALL_YEARS) -> str:
    """Return SQL for the naive wall time of a naive UTC timestamp."""
    changes = clock_changes(name, years)
    return _moved(instant, "+", [change.at for change in changes], _offsets(name, changes))


def _moved(time: str, sign: str, bounds: Sequence[datetime], offsets: Sequence[int]) -> str:
    # Whole numbers: adding an interval takes three times as long.
    micros = [offset * 1_000_000 for offset in offsets]
    return f"make_timestamp(epoch_us({time}) {sign} {_offset_tree(time, bounds, micros)})"


def clock_change_sql(wall: str, name: str, years: Years = ALL_YEARS) -> str:
    """Return SQL for what a clock change made of a naive wall time: 'skipped', 'repeated', else NULL."""
    changes = clock_changes(name, years)
    skipped = within_sql(wall, [span for change in changes if (span := change.skipped)])
    repeated = within_sql(wall, [span for change in changes if (span := change.repeated)])
    return f"case when {skipped} then 'skipped' when {repeated} then 'repeated' end"


def within_sql(wall: str, spans: Sequence[tuple[datetime, datetime]]) -> str:
    """Return SQL that is true where a wall time lies within one of the spans [from, to), given in order.

    Their edges are literals in it, not bound: datetimes of the coverage or of clock changes, no text of anyone's.
    """
    bounds = [bound for span in spans for bound in span]
    flags = [position % 2 for position in range(len(bounds) + 1)]
    return f"({_offset_tree(wall, bounds, flags)}) = 1"


def is_changing(wall: datetime, name: str) -> bool:
    """Tell whether a wall time lies within an hour that a clock change skips or repeats, its start left out."""
    spans = [span for change in clock_changes(name) for span in (change.skipped, change.repeated) if span]
    return any(start < wall < end for start, end in spans)


def _offsets(name: str, changes: Sequence[ClockChange]) -> list[int]:
    if not changes:
        return [_offset(name, datetime(USUAL_YEARS[0], 1, 1, tzinfo=UTC))]
    return [changes[0].before, *(change.after for change in changes)]


def stretches(start: datetime, end: datetime, name: str) -> list[tuple[datetime, datetime, int]]:
    """Return the parts of a span of naive UTC time in each of which the zone has one offset, and that in seconds."""
    changes = clock_changes(name)
    offsets = _offsets(name, changes)
    edges = [datetime.min, *(change.at for change in changes), datetime.max]
    parts = [(max(start, a), min(end, b), offset) for (a, b), offset in zip(pairwise(edges), offsets, strict=True)]
    return [(a, b, offset) for a, b, offset in parts if a < b]


def _offset_tree(operand: str, bounds: Sequence[datetime], values: Sequence[int]) -> str:
    """Return a CASE tree that is values[n] where n bounds are at or below the operand."""
    if not bounds:
        return str(values[0])
    half = len(bounds) // 2
    low = _offset_tree(operand, bounds[:half], values[: half + 1])
    high = _offset_tree(operand, bounds[half + 1 :], values[half + 1 :])
    return f"case when {operand} < timestamp '{bounds[half]}' then {low} else {high} end"


def utc_from_wall(wall: datetime, name: str) -> datetime:
    """Return the naive UTC time of a naive wall time, by the same rule as `to_utc_sql`."""
    return wall.replace(tzinfo=zone(name)).astimezone(UTC).replace(tzinfo=None)


def wall_from_utc(instant: datetime, name: str) -> datetime:
    """Return the naive wall time of a naive UTC time."""
    return instant.replace(tzinfo=UTC).astimezone(zone(name)).replace(tzinfo=None)
