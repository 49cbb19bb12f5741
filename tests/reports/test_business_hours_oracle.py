"""Waits within business hours against a second computation, second by second: is the calendar open in each?"""

import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.builders import Desk, contact, plain
from workbench import Workbench
from workbench.ask import calendars, hours

LENGTH = 6  # days that are looked at
# First days of some in which clocks change, at night, at midnight and by half an hour; and of some in which none do.
STARTS = (
    date(2024, 3, 29), date(2024, 10, 25), date(2024, 3, 8), date(2024, 11, 1), date(2024, 4, 5), date(2024, 10, 4),
    date(2024, 4, 24), date(2024, 6, 7),
)  # fmt: skip
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Kathmandu", "Africa/Cairo",
    "America/Havana",
)  # fmt: skip
Hours = tuple[int, int, int]  # weekday, first minute, last minute exclusive, which may be of the next day


@dataclass(frozen=True)
class Week:
    """A calendar as the oracle knows it: hours, and the days after the first one that are holidays."""

    zone: str
    hours: tuple[Hours, ...]
    holidays: tuple[int, ...] = ()

    def text(self) -> str:
        return " ".join(f"{hours.DAYS[day]}={clock(opens)}-{clock(closes)}" for day, opens, closes in self.hours)

    def is_open(self, minute: datetime, start: date) -> bool:
        """Tell whether it is open in a minute of UTC: by what the clocks there show, and nothing else."""
        local = minute.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        closed = [start + timedelta(days=day) for day in self.holidays]
        for day in (local.date(), local.date() - timedelta(days=1)):
            shown = (local - datetime.combine(day, datetime.min.time())) / timedelta(minutes=1)
            is_in = any(day.weekday() == of and opens <= shown < closes for of, opens, closes in self.hours)
            if is_in and day not in closed:
                return True
        return False


def clock(minute: int) -> str:
    minute = minute if minute <= 1440 else minute - 1440
    return f"{minute // 60:02}:{minute % 60:02}"


EDGES = st.sampled_from([0, 1, 60, 90, 120, 150, 180, 540, 1020, 1320, 1410, 1439])


@st.composite
def spans(draw: st.DrawFn) -> Hours:
    opens = draw(EDGES | st.integers(0, 1439))
    length = draw(st.sampled_from([1, 30, 60, 480, 1439]) | st.integers(1, 1439))
    closes = opens + length if opens or length < 1439 else 1440
    return draw(st.integers(0, 6)), opens, closes


weeks = st.builds(
    Week,
    st.sampled_from(ZONES),
    st.lists(spans(), min_size=1, max_size=6).map(tuple),
    st.lists(st.integers(-1, LENGTH), max_size=2).map(tuple),
)
SECONDS = st.integers(0, LENGTH * 86_400 - 1)
LATER = st.none() | st.sampled_from([-3_600, 0, 1, 3_600, 86_400]) | st.integers(0, 2 * 86_400)
waits = st.lists(st.tuples(SECONDS, LATER), min_size=1, max_size=6)
NIGHT = tuple((day, 90, 150) for day in range(7))  # 1:30 to 2:30, when clocks change


@settings(max_examples=60)
@given(week=weeks, start=st.sampled_from(STARTS), found=waits)
@example(week=Week("Europe/Berlin", NIGHT), start=STARTS[0], found=[(0, 5 * 86_400)])
@example(week=Week("Europe/Berlin", NIGHT), start=STARTS[1], found=[(0, 5 * 86_400), (0, 2 * 86_400 + 3_000)])
@example(week=Week("Australia/Lord_Howe", NIGHT), start=STARTS[4], found=[(0, 5 * 86_400)])
@example(week=Week("Australia/Lord_Howe", NIGHT), start=STARTS[5], found=[(0, 5 * 86_400)])
@example(week=Week("Africa/Cairo", ((4, 0, 1440), (3, 1380, 1500))), start=STARTS[6], found=[(0, 5 * 86_400)])
@example(week=Week("America/Havana", ((5, 1380, 1530),)), start=STARTS[3], found=[(0, 5 * 86_400)])
@example(week=Week("UTC", ((4, 0, 1440),)), start=STARTS[0], found=[(0, 0), (0, 86_400), (86_399, 1), (86_400, 1)])
@example(week=Week("UTC", ((4, 1320, 1800),), (1,)), start=STARTS[0], found=[(0, 2 * 86_400), (0, None), (5, -5)])
@example(week=Week("UTC", ((5, 1320, 1800),), (1,)), start=STARTS[0], found=[(0, 4 * 86_400)])
@example(week=Week("UTC", ((3, 1320, 1800),)), start=STARTS[0], found=[(0, 86_400)])
@example(week=Week("Asia/Kathmandu", ((6, 0, 1), (6, 1, 2))), start=STARTS[7], found=[(0, 5 * 86_400)])
def test_a_wait_is_the_seconds_in_which_the_calendar_is_open(
    week: Week, start: date, found: list[tuple[int, int | None]]
) -> None:
    midnight = datetime.combine(start, datetime.min.time())
    minutes = (midnight + timedelta(minutes=n) for n in range((LENGTH + 2) * 1440))
    is_open = np.repeat([week.is_open(minute, start) for minute in minutes], 60)
    assert asked(week, start, found) == [
        None if later is None else int(is_open[queued : queued + later].sum()) if later > 0 else 0
        for queued, later in found
    ]


def asked(week: Week, start: date, found: list[tuple[int, int | None]]) -> list[float | None]:
    """Return what a workbench says of the waits, in their order."""
    midnight = datetime.combine(start, datetime.min.time())
    days = [start + timedelta(days=day) for day in week.holidays]
    with tempfile.TemporaryDirectory() as folder:
        workbench = Workbench()
        desk = Desk(Path(folder), workbench)
        calendar = hours.said("Desk", week.zone, [week.text()], [day.isoformat() for day in days])
        calendars.put(workbench.workspace, calendar)
        rows = [
            contact(
                f"{midnight + timedelta(seconds=queued)}",
                fulfilled_at=None if later is None else f"{midnight + timedelta(seconds=queued + later)}",
            )
            for queued, later in found
        ]
        desk.load(*rows, name=f"ContactExport-{start:%Y%m%d}-{start + timedelta(days=LENGTH - 1):%Y%m%d}.csv")
        log = workbench.report("contact_export").tile("log", columns=["contact_id", "business_wait_seconds"])
        workbench.close()
    return [row["business_wait_seconds"] for row in plain(log.sort_values("contact_id"))]


def test_the_oracle_knows_closed_from_open() -> None:
    week = Week("Europe/Berlin", NIGHT)
    nights = [datetime(2024, 10, 26, 23, 30) + timedelta(minutes=30 * n) for n in range(5)]
    assert [week.is_open(night, STARTS[1]) for night in nights] == [True, True, False, True, False]
