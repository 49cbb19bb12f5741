"""Wall time to UTC and back, in SQL, against Python's zoneinfo."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench import zones

ODD = ("Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Chatham",
       "Africa/Casablanca", "America/New_York", "Europe/Dublin", "UTC", "America/Sao_Paulo")  # fmt: skip
# Zones of before 1990 alone, and names that are no places, differ in nothing that matters here.
NAMED = st.sampled_from(ODD) | st.sampled_from(sorted(name for name in available_timezones() if "/" in name))
TIMES = st.datetimes(datetime(1991, 1, 1), datetime(2059, 1, 1)).map(lambda at: at.replace(microsecond=0))


def answer(sql: str) -> datetime:
    with duckdb.connect() as connection:
        found = connection.execute(f"select {sql}").fetchone()
    assert found is not None
    return found[0]  # type: ignore[no-any-return]


def utc_by_zoneinfo(wall: datetime, name: str) -> datetime:
    """The first occurrence of a repeated time; a skipped one with the offset of before."""
    return wall.replace(tzinfo=ZoneInfo(name), fold=0).astimezone(UTC).replace(tzinfo=None)


def check(name: str, at: datetime) -> None:
    assert answer(zones.to_utc_sql(f"timestamp '{at}'", name)) == utc_by_zoneinfo(at, name) == zones.utc_from_wall(at, name)
    wall = at.replace(tzinfo=UTC).astimezone(ZoneInfo(name)).replace(tzinfo=None)
    assert answer(zones.to_wall_sql(f"timestamp '{at}'", name)) == wall == zones.wall_from_utc(at, name)


@given(name=NAMED, at=TIMES)
@example(name="Europe/Berlin", at=datetime(2024, 3, 31, 2, 30))
@example(name="Europe/Berlin", at=datetime(2024, 10, 27, 2, 30))
@example(name="Pacific/Apia", at=datetime(2011, 12, 30, 12))
@settings(max_examples=100)
def test_sql_and_python_convert_like_zoneinfo(name: str, at: datetime) -> None:
    check(name, at)


@pytest.mark.long
@given(name=NAMED, at=TIMES)
@settings(max_examples=5_000)
def test_sql_and_python_convert_like_zoneinfo_long(name: str, at: datetime) -> None:
    check(name, at)


@pytest.mark.parametrize("name", ODD)
def test_sql_and_python_convert_like_zoneinfo_around_every_change(name: str) -> None:
    changes = [change for change in zones.clock_changes(name) if change.at.year in (2010, 2011, 2018, 2023, 2024)]
    steps = [timedelta(minutes=minutes) for minutes in (-90, -30, -1, 0, 1, 29, 30, 59, 60, 61, 90)]
    for change in changes:
        for step in steps:
            check(name, change.at + timedelta(seconds=change.before) + step)
            check(name, change.at + step)


@given(name=NAMED, at=TIMES)
def test_a_time_of_utc_comes_back_from_its_wall_time_unless_it_was_the_second_pass(name: str, at: datetime) -> None:
    wall = zones.wall_from_utc(at, name)
    back = answer(zones.to_utc_sql(f"timestamp '{wall}'", name))
    assert back == at or back < at and zones.wall_from_utc(back, name) == wall
