"""Wall time to UTC and back, in SQL, against Python's zoneinfo."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.builders import Desk, contact
from workbench.errors import FileRefused, UnknownName
from workbench.time import zones

ODD = ("Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Chatham",
       "Africa/Casablanca", "America/New_York", "Europe/Dublin", "UTC", "America/Sao_Paulo")  # fmt: skip
# Zones of before 1990 alone, and names that are no places, differ in nothing that matters here.
NAMED = st.sampled_from(ODD) | st.sampled_from(sorted(name for name in available_timezones() if "/" in name))
MOMENTS = st.datetimes(datetime(1991, 1, 1), datetime(2060, 12, 30)).map(lambda moment: moment.replace(fold=0))
TIMES = st.lists(MOMENTS, min_size=5, max_size=40)


def answers(expression: str, times: Sequence[datetime]) -> list[Any]:
    """Return what an expression over `moment` makes of each time."""
    listed = ", ".join(f"({n}, timestamp '{at}')" for n, at in enumerate(times))
    with duckdb.connect() as connection:
        found = connection.execute(f"select {expression} from (values {listed}) as t(n, moment) order by n").fetchall()
    return [at for (at,) in found]


def utc_by_zoneinfo(wall: datetime, name: str) -> datetime:
    """The first occurrence of a repeated time; a skipped one with the offset of before."""
    return wall.replace(tzinfo=ZoneInfo(name), fold=0).astimezone(UTC).replace(tzinfo=None)


def wall_by_zoneinfo(at: datetime, name: str) -> datetime:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(name)).replace(tzinfo=None)


def check(name: str, times: Sequence[datetime]) -> None:
    utc = [utc_by_zoneinfo(at, name) for at in times]
    assert answers(zones.to_utc_sql("moment", name), times) == utc == [zones.utc_from_wall(at, name) for at in times]
    wall = [wall_by_zoneinfo(at, name) for at in times]
    assert answers(zones.to_wall_sql("moment", name), times) == wall == [zones.wall_from_utc(at, name) for at in times]


@given(name=NAMED, times=TIMES)
@example(name="Europe/Berlin", times=[datetime(2024, 3, 31, 2, 30), datetime(2024, 10, 27, 2, 30)])
@example(name="Pacific/Apia", times=[datetime(2011, 12, 30, 12)])
def test_sql_and_python_convert_like_zoneinfo(name: str, times: list[datetime]) -> None:
    check(name, times)


@pytest.mark.long
@given(name=NAMED, times=TIMES)
@settings(max_examples=300)
def test_sql_and_python_convert_like_zoneinfo_long(name: str, times: list[datetime]) -> None:
    check(name, times)


@pytest.mark.parametrize("name", ODD)
def test_sql_and_python_convert_like_zoneinfo_around_every_change(name: str) -> None:
    steps = [timedelta(minutes=minutes) for minutes in (-90, -30, -1, 0, 1, 29, 30, 59, 60, 61, 90)]
    changes = zones.clock_changes(name)
    walls = [change.at + timedelta(seconds=change.before) for change in changes]
    check(name, [at + step for at in (datetime(2024, 1, 1), *walls, *(c.at for c in changes)) for step in steps])


@pytest.mark.parametrize(
    ("start", "made_of_it"),
    [(datetime(2024, 3, 31, 2), "skipped"), (datetime(2024, 10, 27, 2), "repeated"), (datetime(2024, 6, 2, 2), None)],
)
def test_a_wall_time_is_skipped_or_repeated_from_the_first_second_to_the_last_of_an_hour(
    start: datetime, made_of_it: str | None
) -> None:
    second, end = timedelta(seconds=1), start + timedelta(hours=1)
    times = [start - second, start, end - second, end]
    found = answers(zones.clock_change_sql("moment", "Europe/Berlin"), times)
    assert found == [None, made_of_it, made_of_it, None]


def test_a_clock_that_goes_forward_skips_an_hour_and_one_that_goes_back_repeats_one() -> None:
    forward, back = (change for change in zones.clock_changes("Europe/Berlin") if change.at.year == 2024)
    assert (forward.skipped, forward.repeated) == ((datetime(2024, 3, 31, 2), datetime(2024, 3, 31, 3)), None)
    assert (back.skipped, back.repeated) == (None, (datetime(2024, 10, 27, 2), datetime(2024, 10, 27, 3)))


@given(name=NAMED, times=TIMES)
def test_a_time_of_utc_comes_back_from_its_wall_time_unless_it_was_the_second_pass(
    name: str, times: list[datetime]
) -> None:
    walls = [zones.wall_from_utc(at, name) for at in times]
    for at, wall, back in zip(times, walls, answers(zones.to_utc_sql("moment", name), walls), strict=True):
        assert back == at or (back < at and zones.wall_from_utc(back, name) == wall)


@pytest.mark.parametrize("year", [1991, 2009, 2010, 2037, 2038, 2060])
def test_a_time_of_any_year_has_the_offset_of_its_day(desk: Desk, year: int) -> None:
    walls = [datetime(year, 1, 1), datetime(year, 7, 1, 12), datetime(year, 12, 29, 23, 59, 59), datetime(2024, 7, 1)]
    desk.load(*(contact(f"{at}", contact_id=f"{at}", timezone_filter="America/New_York") for at in walls))
    expected = [(utc_by_zoneinfo(at, "America/New_York"), at) for at in walls]
    assert desk.columns("queued_at", "queued_at_local") == expected


@pytest.mark.parametrize("name", ["right/Europe/Berlin", "posix/Europe/Berlin", "localtime", "../UTC", "UTC\0", ""])
def test_what_is_no_zone_of_the_list_is_an_unknown_name(name: str) -> None:
    assert name not in zones.names()
    with pytest.raises(UnknownName, match="time zone"):
        zones.zone(name)


def test_a_zone_is_suggested_by_its_place_written_with_a_blank() -> None:
    with pytest.raises(UnknownName, match=r"Try one of: America/New_York$"):
        zones.zone("new york")


@pytest.mark.parametrize("name", ["right/Europe/Berlin", "posix/UTC", "localtime"])
def test_a_zone_that_is_none_is_refused_wherever_one_is_named(desk: Desk, name: str) -> None:
    workspace = desk.workbench.workspace
    desk.load(contact())
    with pytest.raises(FileRefused, match=f"its Timezone Filter '{name}' is not a time zone"):
        desk.load(contact(timezone_filter=name), contact())
    for use in (
        lambda: desk.load(contact(timezone_filter=""), file_timezone=name),
        lambda: workspace.set("reporting_zone", name),
        lambda: desk.workbench.report("inbound_contacts", timezone=name),
    ):
        with pytest.raises(UnknownName, match=f"no time zone '{name}'"):
            use()
    assert (workspace.reporting_zone, len(workspace.loads())) == ("UTC", 1)


@pytest.mark.parametrize("word", ["null", "NULL", " ", "Null", ""])
def test_a_word_for_nothing_names_no_zone(desk: Desk, word: str) -> None:
    report = desk.load(contact(timezone_filter=word), contact(contact_id="b", timezone_filter="Europe/Berlin"))
    assert (report.rows_loaded, report.timezone) == (2, "Europe/Berlin")


def test_a_time_of_no_zone_beside_others_of_several_is_rejected(desk: Desk) -> None:
    named = ("Europe/Berlin", None, "America/New_York")
    report = desk.load(*(contact(contact_id=f"c{n}", timezone_filter=zone) for n, zone in enumerate(named)))
    assert [(found["row"], found["reason"]) for found in report.rejects] == [
        (3, "missing, and other rows are of several zones")
    ]
