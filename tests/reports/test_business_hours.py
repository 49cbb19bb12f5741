"""Waits within business hours: given contacts and calendars, expected seconds; where they stand, and what is stated."""

from datetime import date
from typing import Any

import pytest

from tests.builders import Desk, Row, contact, plain
from workbench import Workbench
from workbench.ask import answers, calendars, hours
from workbench.ask.question import Question
from workbench.ask.relations import query
from workbench.ask.selection import Selection
from workbench.reports import REPORTS

REPORT = REPORTS["contact_export"]
WAIT, EXPORTED = "business_wait_seconds", "queued_to_fulfilled_within_business_hours_seconds"
HOUR = 3600


def opened(desk: Desk, week: str = "mon-fri=09:00-17:00", zone: str = "UTC", name: str = "Desk", **more: Any) -> None:
    calendars.put(desk.workbench.workspace, hours.said(name, zone, [week], **more))


def waited(queued_at: str, fulfilled_at: str | None, **fields: str | None) -> Row:
    return contact(queued_at, fulfilled_at=fulfilled_at, **fields)


def waits(desk: Desk, **selection: Any) -> list[float | None]:
    """Return what the log has, in the order of loading."""
    rows = desk.workbench.report("contact_export", **selection).tile("log", columns=["contact_id", WAIT])
    return [row[WAIT] for row in plain(rows.sort_values("contact_id"))]


# 4 March 2024 is a Monday.
def test_only_open_hours_count(desk: Desk) -> None:
    opened(desk)
    desk.load(
        waited("2024-03-04 10:00:00", "2024-03-04 10:30:00"),
        waited("2024-03-04 16:30:00", "2024-03-05 09:15:00"),
        waited("2024-03-04 08:00:00", "2024-03-04 18:00:00"),
        waited("2024-03-08 16:00:00", "2024-03-11 10:00:00"),
        waited("2024-03-09 10:00:00", "2024-03-10 12:00:00"),
        waited("2024-03-04 10:00:00.25", "2024-03-04 10:00:01.5"),
    )
    assert waits(desk) == [HOUR / 2, 0.75 * HOUR, 8 * HOUR, 2 * HOUR, 0, 1.25]


def test_at_the_edges_of_hours(desk: Desk) -> None:
    opened(desk)
    desk.load(
        waited("2024-03-04 10:00:00", "2024-03-04 10:00:00"),
        waited("2024-03-04 09:00:00", "2024-03-04 17:00:00"),
        waited("2024-03-04 17:00:00", "2024-03-05 09:00:00"),
        waited("2024-03-04 16:59:59", "2024-03-05 09:00:01"),
    )
    assert waits(desk) == [0, 8 * HOUR, 0, 2]


def test_a_negative_wait_is_none_and_who_is_not_fulfilled_has_none(desk: Desk) -> None:
    opened(desk)
    desk.load(
        waited("2024-03-01 10:00:00", "2024-03-01 10:00:01"),  # so that the day before is looked at
        waited("2024-03-04 10:00:00", "2024-03-04 09:00:00"),
        waited("2024-03-04 10:00:00", None),
    )
    assert waits(desk) == [1, 0, None]


def test_what_began_before_the_first_contact_is_open_for_it(desk: Desk) -> None:
    opened(desk, "fri=22:00-06:00")
    desk.load(waited("2024-03-09 05:00:00", "2024-03-09 07:00:00"))
    assert waits(desk) == [HOUR]


def test_a_wait_may_end_long_after_what_the_files_cover(desk: Desk) -> None:
    opened(desk)
    desk.load(waited("2024-03-29 16:00:00", "2025-03-31 09:30:00"))
    working_days = 5 * 52  # from one Monday, 1 April 2024, to 28 March 2025
    assert waits(desk) == [HOUR + 8 * HOUR * working_days + HOUR / 2]


def test_hours_past_midnight_and_whole_days(desk: Desk) -> None:
    opened(desk, "fri=22:00-06:00 sun=00:00-24:00")
    desk.load(
        waited("2024-03-08 00:00:00", "2024-03-12 00:00:00"), waited("2024-03-09 05:00:00", "2024-03-09 23:00:00")
    )
    assert waits(desk) == [(8 + 24) * HOUR, HOUR]


def test_hours_that_overlap_are_open_once(desk: Desk) -> None:
    opened(desk, "mon=09:00-12:00,10:00-11:00,11:30-13:00,20:00-02:00 tue=01:00-03:00")
    desk.load(waited("2024-03-04 00:00:00", "2024-03-06 00:00:00"))
    assert waits(desk) == [(4 + 7) * HOUR]


def test_on_a_holiday_no_hours_begin_and_those_of_the_evening_before_go_on(desk: Desk) -> None:
    opened(desk, "mon-sun=09:00-10:00,22:00-06:00", holidays=["2024-03-05"])
    desk.load(
        waited("2024-03-04 12:00:00", "2024-03-05 12:00:00"),
        waited("2024-03-05 12:00:00", "2024-03-06 08:00:00"),
    )
    assert waits(desk) == [8 * HOUR, 0]


@pytest.mark.parametrize(
    ("zone", "queued_at", "fulfilled_at", "expected"),
    [
        # The hour from 2:00 on is skipped: of 1:30 to 2:30 half an hour is there.
        ("Europe/Berlin", "2024-03-30 22:00:00", "2024-03-31 10:00:00", HOUR / 2),
        # It comes twice: 1:30 to 2:30, and once more 2:00 to 2:30.
        ("Europe/Berlin", "2024-10-26 22:00:00", "2024-10-27 10:00:00", 1.5 * HOUR),
        # Half an hour from 2:00 on is skipped; the one from 1:30 on comes twice.
        ("Australia/Lord_Howe", "2024-10-05 10:00:00", "2024-10-06 00:00:00", HOUR / 2),
        ("Australia/Lord_Howe", "2024-04-06 10:00:00", "2024-04-07 00:00:00", 1.5 * HOUR),
        ("Asia/Kolkata", "2024-03-02 12:00:00", "2024-03-03 12:00:00", HOUR),
        ("Asia/Kathmandu", "2024-03-02 20:00:00", "2024-03-02 20:30:00", HOUR / 2),
    ],
)
def test_clocks_are_read_as_they_are(desk: Desk, zone: str, queued_at: str, fulfilled_at: str, expected: float) -> None:
    opened(desk, "sun=01:30-02:30", zone)
    desk.load(waited(queued_at, fulfilled_at), name=f"ContactExport-{queued_at[:10].replace('-', '')}-20241231.csv")
    assert waits(desk) == [expected]


def test_a_contact_follows_the_calendar_of_its_first_inbox_else_the_default_one(desk: Desk) -> None:
    opened(desk)
    opened(desk, "mon-sun=00:00-24:00", "Asia/Kolkata", "Always", inboxes=["Care", "It's | ours, 24/7"])
    at = ("2024-03-04 16:00:00", "2024-03-04 20:00:00")
    desk.load(
        waited(*at, inbox_when_first_queued="Care", inbox_when_ended="Sales"),
        waited(*at, inbox_when_first_queued="Sales", inbox_when_ended="Care"),
        waited(*at, inbox_when_first_queued=None),
        waited(*at, inbox_when_first_queued="It's | ours, 24/7"),
        waited(*at, inbox_when_first_queued="care"),
    )
    assert waits(desk) == [4 * HOUR, HOUR, HOUR, 4 * HOUR, HOUR]


def test_without_a_calendar_nothing_is_known(desk: Desk) -> None:
    desk.load(waited("2024-03-04 10:00:00", "2024-03-04 10:30:00"))
    assert waits(desk) == [None]
    (row,) = desk.ask("contact_export", "totals")
    assert row["median_business_wait_seconds"] is None
    assert "calendar_" not in desk.workbench.report("contact_export").sql("wait_by_period")


def test_a_changed_calendar_changes_the_figures_at_once(desk: Desk) -> None:
    desk.load(waited("2024-03-04 10:00:00", "2024-03-04 20:00:00"))
    found = []
    for week in ("mon=09:00-17:00", "mon=09:00-18:00"):
        opened(desk, week)
        found.append(desk.ask("contact_export", "totals")[0]["median_business_wait_seconds"])
    calendars.delete(desk.workbench.workspace, "Desk")
    assert [*found, *waits(desk)] == [7 * HOUR, 8 * HOUR, None]


# Where it stands -----------------------------------------------------------------------------------------------------

SKEWED = (
    ("09:00", "09:01", "30"),
    ("09:00", "09:10", "600"),
    ("10:00", "18:00", "25200.5"),
    ("16:00", "19:00", "7200"),
)


def skewed(desk: Desk) -> None:
    opened(desk)
    rows = [
        waited(f"2024-03-04 {queued}:00", f"2024-03-04 {until}:00", **{EXPORTED: own}) for queued, until, own in SKEWED
    ]
    desk.load(*rows, waited("2024-03-04 10:00:00", None), waited("2024-03-04 10:00:00", None, **{EXPORTED: "1"}),
              waited("2024-03-05 10:00:00", "2024-03-05 10:00:05"))  # fmt: skip


def test_wait_over_time_has_both_waits_and_the_exports_own(desk: Desk) -> None:
    skewed(desk)
    rows = {row["period"]: row for row in desk.ask("contact_export", "wait_by_period")}
    found = {name: value for name, value in rows["2024-03-04"].items() if "business" in name or name == "contacts"}
    assert found == pytest.approx({
        "contacts": 6,
        "median_business_wait_seconds": (600 + HOUR) / 2,
        "p90_business_wait_seconds": HOUR + 0.7 * 6 * HOUR,
        "average_business_wait_seconds": (60 + 600 + 8 * HOUR) / 4,
        "median_exported_business_wait_seconds": 600,
        "average_exported_business_wait_seconds": (1 + 30 + 600 + 25200.5 + 7200) / 5,
    })  # fmt: skip
    assert rows["2024-03-05"]["median_business_wait_seconds"] == 5
    assert rows["2024-03-06"]["median_business_wait_seconds"] is None
    (totals,) = desk.ask("contact_export", "totals")
    assert totals["median_business_wait_seconds"] == 600
    assert totals["median_queued_to_fulfilled_seconds"] is None  # which only the export says


def test_the_difference_to_the_exports_own_is_stated(desk: Desk) -> None:
    skewed(desk)
    report = desk.workbench.report("contact_export")
    # Ours less the export's: 30, 0, -0.5 and -3600 seconds.
    assert answers.stated(report.question, REPORT.tile("wait_by_period")) == [
        "4 contacts have the export's own wait within business hours beside ours: ours less that is 0 s in the median,"
        " and 2 of them differ by a second or more"
    ]
    calendars.delete(desk.workbench.workspace, "Desk")
    assert answers.stated(report.question, REPORT.tile("wait_by_period")) == []


def test_its_rows_its_change_and_what_explains_it(desk: Desk) -> None:
    opened(desk)
    for day, minutes in (("2024-03-04", (1, 2, 30)), ("2024-03-05", (1, 5, 90))):
        desk.load(*(
            waited(f"{day} 10:00:00", f"{day} {10 + n // 60}:{n % 60:02}:00", channel=channel)
            for n, channel in zip(minutes, ("CHAT", "SMS", "CHAT"), strict=True)
        ), waited(f"{day} 10:00:00", None))  # fmt: skip
    asked = {"start": "2024-03-05", "end": "2024-03-05", "compare": "preceding"}
    report = desk.workbench.report("contact_export", **asked)
    (row,) = plain(report.tile("totals"))
    name = "median_business_wait_seconds"
    assert (row[name], row[f"{name}_before"], row[f"{name}_change"]) == (300, 120, 180)
    rows = report.rows("totals", metric=name)
    assert (len(rows), len(report.rows("totals", metric=name, part="rest"))) == (3, 1)
    changes = plain(report.changes("average_business_wait_seconds"))
    of_channel = [each for each in changes if each["dimension"] == "channel"]
    assert sum(each["contribution"] for each in of_channel) == pytest.approx((1 + 5 + 90) * 20 - (1 + 2 + 30) * 20)
    assert plain(report.changes(name))[0]["contribution"] is None
    explored = plain(desk.workbench.explore("contact_export", metrics=[name], by=["channel"], **asked))
    assert [(each["channel"], each[name]) for each in explored] == [("CHAT", (1 + 90) * 30), ("SMS", 300)]


def test_in_another_zone_and_as_exported_it_is_the_same(desk: Desk) -> None:
    skewed(desk)
    expected = sorted(wait for wait in waits(desk) if wait is not None)
    for asked in ({"timezone": "Asia/Kathmandu"}, {"as_exported": True}, {"rollup": "hour"}):
        assert sorted(wait for wait in waits(desk, **asked) if wait is not None) == expected


# What it costs ------------------------------------------------------------------------------------------------------


def test_only_what_names_it_pays_for_it(sample: Workbench) -> None:
    question = Question(sample.workspace, REPORT, Selection(date(2026, 11, 1), date(2026, 11, 8)))
    found = {tile.name: "gladly_open_hours" in query(question, tile).sql for tile in REPORT.tiles if not tile.log}
    assert [name for name, is_asked in found.items() if is_asked] == ["totals", "wait_by_period"]


def test_in_the_sample_it_is_what_gladly_says(sample: Workbench) -> None:
    report = sample.report("contact_export")
    rows = report.tile("log", columns=[WAIT, EXPORTED]).dropna()
    waited = rows[rows[EXPORTED] >= 0]
    assert waited[WAIT].nunique() > 1_000
    assert (waited[WAIT] - waited[EXPORTED]).abs().max() < 1
    assert {*rows[WAIT][rows[EXPORTED] < 0]} == {0}  # which Gladly counts below zero
