"""Workload against a second computation, minute by minute: every covered minute of a range is looked at by itself."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.builders import Desk, contact
from workbench import Workbench

MINUTE = timedelta(minutes=1)
# Clocks go back on 3 November in New York and forward on 10 March: all in days that these files cover.
DAYS = {"back": date(2024, 11, 2), "forward": date(2024, 3, 9)}
ZONES = ("America/New_York", "UTC", "Asia/Kathmandu", "Australia/Lord_Howe")
ROLLUPS = ("half_hour", "hour", "day", "week", "month")
LENGTH = 4  # days of a file


@dataclass(frozen=True)
class Stay:
    """A contact: the minutes after the first midnight at which it was queued, fulfilled and ended."""

    queued: int
    fulfilled: int | None
    ended: int | None
    direction: str = "INBOUND"
    channel: str = "CHAT"

    @property
    def until(self) -> float:
        return float("inf") if self.ended is None else max(self.queued, self.ended)

    @property
    def served(self) -> float:
        """When its service begins; of one that has not ended nobody knows."""
        if self.ended is None:
            return float("nan")
        if self.direction == "OUTBOUND":
            return self.queued
        return min(self.until, self.until if self.fulfilled is None else max(self.queued, self.fulfilled))


# The middle of the third day, midnights, the ends of hours and half hours, and what lies within them.
EDGES = st.sampled_from([0, 1, 30, 300, 330, 360, 390, 420, 450, 1439, 1440, 1441, 2880, 2910, 3600, 5758, 5759])
MOMENTS = EDGES | st.integers(0, LENGTH * 1440 - 1)
LENGTHS = st.sampled_from([-5, 0, 1, 30, 1440]) | st.integers(0, 3_000)


@st.composite
def stays(draw: st.DrawFn) -> Stay:
    queued = draw(MOMENTS)
    fulfilled, ended = (draw(st.none() | LENGTHS) for _ in range(2))
    return Stay(
        queued, None if fulfilled is None else queued + fulfilled, None if ended is None else queued + ended,
        draw(st.sampled_from(["INBOUND", "INBOUND", "OUTBOUND"])), draw(st.sampled_from(["CHAT", "SMS"])),
    )  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A question: days after the first one, and how they are shown; `hole` is a day that no file covers."""

    days: tuple[int, int] = (0, LENGTH - 1)
    rollup: str = "day"
    zone: str = "America/New_York"
    season: str = "back"
    hole: int | None = None
    channel: tuple[str, ...] = ()

    @property
    def midnight(self) -> datetime:
        return datetime.combine(DAYS[self.season], datetime.min.time())


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    first, last = sorted((draw(st.integers(-1, LENGTH)), draw(st.integers(-1, LENGTH))))
    return Asked(
        (first, last), draw(st.sampled_from(ROLLUPS)), draw(st.sampled_from(ZONES)), draw(st.sampled_from([*DAYS])),
        draw(st.none() | st.integers(0, LENGTH - 1)), draw(st.sampled_from([(), ("CHAT",)])),
    )  # fmt: skip


class Minutes:
    """The minutes of a question that files cover, and what is open in each, one by one."""

    def __init__(self, asked: Asked, found: Sequence[Stay]) -> None:
        self.asked = asked
        self.stays = [stay for stay in found if stay.channel in asked.channel or not asked.channel]
        days = range(-2 * 1440, (LENGTH + 2) * 1440)
        self.counted = [minute for minute in days if self._is_covered(minute) and self._is_asked(minute)]

    def _is_covered(self, minute: int) -> bool:
        return 0 <= minute < LENGTH * 1440 and minute // 1440 != self.asked.hole

    def local(self, minute: int) -> datetime:
        at = (self.asked.midnight + minute * MINUTE).replace(tzinfo=UTC)
        return at.astimezone(ZoneInfo(self.asked.zone)).replace(tzinfo=None)

    def _is_asked(self, minute: int) -> bool:
        first, last = (self.asked.midnight.date() + timedelta(days=n) for n in self.asked.days)
        return first <= self.local(minute).date() <= last

    def period(self, minute: int) -> datetime:
        at = self.local(minute)
        match self.asked.rollup:
            case "half_hour":
                return at.replace(minute=at.minute // 30 * 30)
            case "hour":
                return at.replace(minute=0)
            case "week":
                return datetime.combine(at.date() - timedelta(days=at.weekday()), datetime.min.time())
            case "month":
                return datetime.combine(at.date().replace(day=1), datetime.min.time())
        return datetime.combine(at.date(), datetime.min.time())

    def half_hour(self, minute: int) -> tuple[int, str]:
        at = self.local(minute)
        return at.isoweekday(), f"{at.hour:02}:{at.minute // 30 * 30:02}"

    def by(self, key: Callable[[int], Any]) -> dict[Any, list[int]]:
        found: dict[Any, list[int]] = defaultdict(list)
        for minute in self.counted:
            found[key(minute)].append(minute)
        return dict(sorted(found.items()))

    def levels(self, minutes: Sequence[int], start: str = "queued", end: str = "until") -> list[int]:
        spans = [(getattr(stay, start), getattr(stay, end)) for stay in self.stays]
        return [sum(a <= minute < b for a, b in spans) for minute in minutes]

    def arrived(self, minutes: Sequence[int]) -> int:
        known = set(minutes)
        return sum(stay.queued in known for stay in self.stays)

    def ended(self, minutes: Sequence[int]) -> int:
        known = set(minutes)
        return sum(stay.until in known for stay in self.stays)

    def open_at_end(self, minutes: Sequence[int]) -> list[Stay]:
        end = minutes[-1] + 1 if minutes else float("-inf")
        return [stay for stay in self.stays if stay.queued < end <= stay.until]


def mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)


def loaded(desk: Desk, asked: Asked, found: Sequence[Stay]) -> None:
    """Load a file of all days, or one of those before the hole and one of those behind it."""
    ends = [(0, LENGTH)] if asked.hole is None else [(0, asked.hole), (asked.hole + 1, LENGTH)]
    for first, end in ends:
        if first < end:
            rows = [row(asked, stay) for stay in found if first <= stay.queued // 1440 < end]
            days = [asked.midnight.date() + timedelta(days=n) for n in (first, end - 1)]
            desk.load(*rows, name=f"ContactExport-{days[0]:%Y%m%d}-{days[1]:%Y%m%d}.csv")
    desk.workbench.workspace.set("reporting_zone", asked.zone)


def at(asked: Asked, minute: int | None) -> str | None:
    return None if minute is None else f"{asked.midnight + minute * MINUTE:%Y-%m-%d %H:%M:%S}"


def row(asked: Asked, stay: Stay) -> dict[str, str]:
    return contact(
        str(at(asked, stay.queued)), fulfilled_at=at(asked, stay.fulfilled), ended_at=at(asked, stay.ended),
        direction=stay.direction, channel=stay.channel,
    )  # fmt: skip


def told(report: Any, tile: str) -> list[dict[str, Any]]:
    return report.tile(tile).to_dict("records")


def check(asked: Asked, everyone: Sequence[Stay]) -> None:
    """Compare every tile with what is counted minute by minute, and what holds between periods."""
    found = [stay for stay in everyone if stay.queued // 1440 != asked.hole]
    start, end = (asked.midnight.date() + timedelta(days=n) for n in asked.days)
    minutes = Minutes(asked, found)
    with tempfile.TemporaryDirectory() as folder:
        workbench = Workbench()
        loaded(Desk(Path(folder), workbench), asked, found)
        report = workbench.report("workload", start=start, end=end, rollup=asked.rollup, channel=list(asked.channel))
        check_totals(report, minutes)
        check_periods(report, minutes)
        check_states(report, minutes)
        check_half_hours(report, minutes)
        check_ages(report, minutes)
        check_rows(report, minutes)
        workbench.close()


def check_totals(report: Any, minutes: Minutes) -> None:
    (row,), levels = told(report, "totals"), minutes.levels(minutes.counted)
    assert (row["arrived"], row["ended"]) == (minutes.arrived(minutes.counted), minutes.ended(minutes.counted))
    left = minutes.open_at_end(minutes.counted)
    assert row["open_at_end"] == len(left)
    if levels:
        assert row["peak_open"] == max(levels)
        assert row["average_open"] == pytest.approx(mean(levels))
    if left:
        assert row["oldest_open_seconds"] == 60 * max(minutes.counted[-1] + 1 - stay.queued for stay in left)


def check_periods(report: Any, minutes: Minutes) -> None:
    rows, expected = told(report, "by_period"), minutes.by(minutes.period)
    assert [row["period"] for row in rows] == list(expected)
    for row, of_period in zip(rows, expected.values(), strict=True):
        levels = minutes.levels(of_period)
        counts = minutes.arrived(of_period), minutes.ended(of_period), len(minutes.open_at_end(of_period)), max(levels)
        assert (row["arrived"], row["ended"], row["open_at_end"], row["peak_open"]) == counts
        assert row["average_open"] == pytest.approx(mean(levels))
        assert row["peak_open"] >= row["average_open"] - 1e-9
    check_steps(rows, expected)


def check_steps(rows: Sequence[dict[str, Any]], expected: dict[Any, list[int]]) -> None:
    """What is open at an end is what was open at the one before, and what came since, less what ended.

    An hour that comes twice is one step: its periods are of two stretches each.
    """
    arrived = ended = 0
    known, seen = None, list[int]()
    for row, of_period in zip(rows, expected.values(), strict=True):
        if not seen or max(seen) + 1 < min(of_period):  # the first, or behind a hole
            known = None
            arrived = ended = 0
        seen += of_period
        arrived, ended = arrived + row["arrived"], ended + row["ended"]
        is_step = len(seen) == max(seen) - min(seen) + 1 or known is None
        if max(of_period) != max(seen) or sorted(seen)[-len(of_period) :] != of_period:
            is_step = False
        if known is not None and is_step:
            assert row["open_at_end"] == known + arrived - ended
        if is_step:
            known, arrived, ended, seen = row["open_at_end"], 0, 0, [max(seen)]


def check_states(report: Any, minutes: Minutes) -> None:
    rows, expected = told(report, "by_state"), minutes.by(minutes.period)
    assert [row["period"] for row in rows] == list(expected)
    for row, of_period in zip(rows, expected.values(), strict=True):
        waiting, serving = minutes.levels(of_period, end="served"), minutes.levels(of_period, start="served")
        serving = [sum(s.served <= m < s.until for s in minutes.stays) for m in of_period]
        assert row["average_waiting"] == pytest.approx(mean(waiting))
        assert row["average_in_service"] == pytest.approx(mean(serving))
        assert (row["peak_waiting"], row["peak_in_service"]) == (max(waiting), max(serving))


def check_half_hours(report: Any, minutes: Minutes) -> None:
    rows, expected = told(report, "by_hour"), minutes.by(minutes.half_hour)
    assert [(row["weekday"], row["half_hour"]) for row in rows] == list(expected)
    for row, of_cell in zip(rows, expected.values(), strict=True):
        occurrences = {minutes.local(minute).date() for minute in of_cell}
        levels = minutes.levels(of_cell)
        assert row["arrived_per_occurrence"] == pytest.approx(minutes.arrived(of_cell) / len(occurrences))
        assert row["average_open"] == pytest.approx(mean(levels))
        assert row["peak_open"] == max(levels)


AGES = (("under 1 h", 60), ("1 to 4 h", 240), ("4 to 24 h", 1440), ("1 to 3 d", 4320), ("3 to 7 d", 10080))


def check_ages(report: Any, minutes: Minutes) -> None:
    expected: dict[str, int] = {}
    for stay in sorted(minutes.open_at_end(minutes.counted), key=lambda stay: -stay.queued):
        age = minutes.counted[-1] + 1 - stay.queued
        name = next((name for name, most in AGES if age < most), "over 7 d")
        expected[name] = expected.get(name, 0) + 1
    assert {row["age"]: row["contacts"] for row in told(report, "by_age")} == expected


def check_rows(report: Any, minutes: Minutes) -> None:
    """The log has the contacts that the range touches, and those behind a metric are its number."""
    known = set(minutes.counted)
    touching = [
        stay
        for stay in minutes.stays
        if {stay.queued, stay.until} & known or any(stay.queued <= minute < stay.until for minute in minutes.counted)
    ]
    assert len(report.tile("log")) == len(touching)
    (row,) = told(report, "totals")
    for metric in ("arrived", "ended", "open_at_end", "peak_open"):
        if minutes.counted:
            assert len(report.rows("totals", metric=metric)) == row[metric], metric


@settings(max_examples=8)
@given(asked=questions(), found=st.lists(stays(), max_size=12))
@example(Asked(rollup="half_hour"), [Stay(1680, 1700, 1730), Stay(1740, None, 1800), Stay(1770, 1771, 1830)])
@example(Asked(rollup="hour"), [Stay(1700, None, None), Stay(1800, 1700, 1600), Stay(1800, 1800, 1800)])
@example(Asked(rollup="half_hour", season="forward"), [Stay(1800, 1850, 1861), Stay(1859, None, 1860)])
@example(Asked(hole=1), [Stay(1439, 1440, 1441), Stay(100, 200, 3000), Stay(2880, None, 2880)])
@example(Asked((1, 1), zone="UTC"), [Stay(1440, 1441, 2880), Stay(0, 1, 1440), Stay(2879, None, 9000)])
def test_every_figure_is_what_counting_minute_by_minute_gives(asked: Asked, found: list[Stay]) -> None:
    check(asked, found)


@pytest.mark.long
@given(asked=questions(), found=st.lists(stays(), max_size=30))
@settings(max_examples=30)
def test_every_figure_is_what_counting_minute_by_minute_gives_long(asked: Asked, found: list[Stay]) -> None:
    check(asked, found)
