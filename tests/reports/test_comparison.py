"""What a range is compared with: which days, and of these only what is loaded of the range itself."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.builders import Desk, activity, contact
from workbench.errors import UnknownName

DECADE = "ContactExport-20150101-20241231.csv"
LAST = date(2024, 12, 31)  # a Tuesday, of a leap year


def before(desk: Desk, **asked: Any) -> str:
    """Return the days that Inbound contacts compares with, empty where there are none."""
    scope = desk.workbench.report("inbound_contacts", **asked).question.scope
    return "..".join(map(str, scope.before.days)) if scope.before else ""


def figures(desk: Desk, tile: str = "totals", report: str = "inbound_contacts", **asked: Any) -> list[Any]:
    """Return the contacts before of a tile's rows."""
    name = "inbound_contacts_before" if report == "inbound_contacts" else "contacts_before"
    return [row[name] for row in desk.ask(report, tile, **asked)]


# Which days ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compare", "length", "step"),
    [
        *(("matching", length, 7) for length in (1, 6, 7)),
        *(("matching", length, step) for length, step in ((8, 14), (14, 14), (15, 21), (28, 28), (30, 35), (31, 35))),
        *(("matching", length, step) for length, step in ((364, 364), (365, 371), (366, 371))),
        *(("preceding", length, length) for length in (1, 7, 30, 366)),
        *(("last_year", length, 364) for length in (1, 7, 30, 364)),
        *(("weekdays", length, 28) for length in (1, 7, 28)),
    ],
)
def test_as_many_days_come_earlier_by_a_step(desk: Desk, compare: str, length: int, step: int) -> None:
    desk.load(name=DECADE)
    first = LAST - timedelta(days=length - 1)
    expected = f"{first - timedelta(days=step)}..{LAST - timedelta(days=step)}"
    assert before(desk, start=first, end=LAST, compare=compare) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2023-01-01", "2023-12-30", "2022-01-02..2022-12-31"),  # 364 days: the same weekdays
        ("2023-01-01", "2023-12-31", "2022-01-01..2022-12-31"),
        ("2024-01-01", "2024-12-30", "2023-01-01..2023-12-30"),  # 365 days of a leap year
        ("2024-01-01", "2024-12-31", "2023-01-01..2023-12-31"),
        ("2024-02-29", "2025-02-28", "2023-02-28..2024-02-28"),
        ("2024-02-29", "2024-02-29", "2023-03-02..2023-03-02"),  # both are Thursdays
        ("2024-03-01", "2024-03-01", "2023-03-03..2023-03-03"),
    ],
)
def test_a_year_ago_meets_weekdays_and_for_a_year_or_more_the_same_dates(
    desk: Desk, start: str, end: str, expected: str
) -> None:
    desk.load(name=DECADE)
    assert before(desk, start=start, end=end, compare="last_year") == expected


@pytest.mark.parametrize("compare", ["matching", "preceding"])
@pytest.mark.parametrize(
    ("last_day", "preset", "expected"),
    [
        ("20240309", "this_month", "2024-02-01..2024-02-09"),
        ("20240331", "this_month", "2024-02-01..2024-02-29"),  # as far as that month goes
        ("20240309", "last_month", "2024-01-01..2024-01-31"),
        ("20240409", "last_month", "2024-02-01..2024-02-29"),
        ("20240309", "all", ""),
        ("20240309", "last_7_days", "2024-02-25..2024-03-02"),
    ],
)
def test_months_meet_the_month_before_and_everything_meets_nothing(
    desk: Desk, compare: str, last_day: str, preset: str, expected: str
) -> None:
    desk.load(name=f"ContactExport-20230101-{last_day}.csv")
    assert before(desk, preset=preset, compare=compare) == expected


def test_a_comparison_that_does_not_exist_names_those_that_do(desk: Desk) -> None:
    with pytest.raises(UnknownName, match="matching, preceding, last_year, weekdays, FROM"):
        desk.workbench.report("inbound_contacts", compare="yesteryear")


# What is loaded ------------------------------------------------------------------------------------------------------


def with_a_gap(desk: Desk) -> None:
    """As many contacts a day as its number, 1 to 16 March but for the 12th, and the 20th to the 28th."""
    for first, last in ((1, 11), (13, 16), (20, 28)):
        rows = [
            contact(f"2024-03-{day:02} 10:00:00", channel=("CHAT", "SMS")[n % 2], queued_to_fulfilled_seconds=str(n))
            for day in range(first, last + 1)
            for n in range(day)
        ]
        desk.load(*rows, name=f"ContactExport-202403{first:02}-202403{last:02}.csv")


def test_days_that_are_not_loaded_leave_both_sides_on_every_tile(desk: Desk) -> None:
    with_a_gap(desk)
    asked = {"start": "2024-03-10", "end": "2024-03-16", "compare": "matching"}
    kept = [3, 4, 6, 7, 8, 9]
    assert figures(desk, **asked) == [sum(kept)]
    assert figures(desk, "by_period", **asked) == kept
    assert sorted(figures(desk, "by_channel", **asked)) == [
        sum(day // 2 for day in kept),
        sum(-(-day // 2) for day in kept),
    ]
    assert figures(desk, report="contact_export", **asked) == [sum(kept)]
    (row,) = desk.ask("contact_export", "by_inbox", **asked)
    waits = [n for day in kept for n in range(day)]
    assert row["contacts_before"] == len(waits)
    assert row["average_queued_to_fulfilled_seconds_before"] == pytest.approx(sum(waits) / len(waits))
    assert row["contribution_seconds"] == pytest.approx(
        row["average_queued_to_fulfilled_seconds"] - sum(waits) / len(waits)
    )


def test_how_much_of_the_range_is_loaded_is_said_only_where_it_is_not_all(desk: Desk) -> None:
    with_a_gap(desk)

    def said(start: int, end: int, compare: str = "matching") -> str:
        days = {"start": f"2024-03-{start:02}", "end": f"2024-03-{end:02}"}
        return desk.workbench.report("inbound_contacts", **days, compare=compare).compared_with

    assert said(13, 16) == "6 to 9 Mar 2024"
    assert said(10, 16) == "3 to 9 Mar 2024 (6 of 7 days loaded)"
    assert said(16, 17) == "9 to 10 Mar 2024 (1 of 2 days loaded)"
    assert said(17, 18) == "No comparison: nothing of 17 to 18 Mar 2024 is loaded"
    assert said(24, 28) == "No comparison: 17 to 21 Mar 2024 is not wholly loaded"
    assert said(26, 31) == "No comparison: 19 to 24 Mar 2024 is not wholly loaded"
    assert said(27, 31) == "20 to 24 Mar 2024 (2 of 5 days loaded)"
    assert said(10, 16, "2024-03-01..2024-03-04") == "1 to 4 Mar 2024 (6 of 7 days loaded)"


def test_days_before_that_are_still_not_wholly_loaded_leave_the_change_empty(desk: Desk) -> None:
    with_a_gap(desk)
    for start, end, expected in ((19, 20, 13), (18, 20, 13), (19, 21, 27), (25, 28, None)):
        asked = {"start": f"2024-03-{start}", "end": f"2024-03-{end}", "compare": "matching"}
        assert figures(desk, **asked) == [expected]


def test_ranges_of_different_lengths_are_taken_as_they_are(desk: Desk) -> None:
    with_a_gap(desk)
    asked = {"start": "2024-03-10", "end": "2024-03-16"}
    assert figures(desk, **asked, compare="2024-03-01..2024-03-06") == [21]
    assert figures(desk, **asked, compare="2024-03-01..2024-03-07") == [1 + 2 + 4 + 5 + 6 + 7]
    assert figures(desk, **asked, compare="2024-03-01..2024-03-12") == [None]


def test_days_that_a_load_covers_for_some_channels_and_inboxes_alone_are_compared_for_those(desk: Desk) -> None:
    def day(number: int) -> list[dict[str, str]]:
        places = [("CHAT", "Care"), ("CHAT", "Sales"), ("SMS", "Care"), ("SMS", None), (None, "Care")]
        return [
            contact(f"2024-03-{number:02} 10:00:00", channel=channel, inbox_when_first_queued=inbox)
            for n, (channel, inbox) in enumerate(places)
            for _ in range(10**n)
        ]

    desk.load(*day(4), *day(5), *day(6), *day(11), name="ContactExport-20240304-20240311.csv")
    limited = {"timezone_filter": "UTC", "inboxes_filter": "Care"}
    desk.load(
        contact(
            "2024-03-12 10:00:00", channel="CHAT", inbox_when_first_queued="Care", channel_filter="Chat", **limited
        ),
        name="ContactExport-20240312-20240312.csv",
    )
    asked = {"start": "2024-03-11", "end": "2024-03-13", "compare": "matching"}
    assert figures(desk, **asked) == [11_111 + 1]
    assert figures(desk, "by_period", **asked) == [11_111, 1]
    assert figures(desk, **asked, inbox="Sales") == [10]
    assert figures(desk, **asked, inbox=["Sales", "Care"]) == [10 + 10_101 + 1]
    report = desk.workbench.report("inbound_contacts", **asked)
    assert report.compared_with == "4 to 6 Mar 2024 (2 of 3 days loaded, 1 of them for everything selected)"


def test_days_before_that_lack_a_channel_which_the_range_has_are_not_compared(desk: Desk) -> None:
    for day, channels in ((4, "Chat"), (5, "All Channels"), (11, "Chat"), (12, "Chat"), (18, "All Channels")):
        row = contact(f"2024-03-{day:02} 10:00:00", channel_filter=channels)
        desk.load(row, name=f"ContactExport-202403{day:02}-202403{day:02}.csv")
    expected = {11: [1], 12: [1], 18: [None]}
    for day, found in expected.items():
        days = {"start": f"2024-03-{day}", "end": f"2024-03-{day}", "compare": "matching"}
        assert figures(desk, **days) == found
        assert figures(desk, **days, channel="CHAT") == [1]


@pytest.mark.parametrize(
    ("before", "contacts"),
    [(["Email, Chat"], 2), (["Chat", "Email"], 2), (["Chat, Email, SMS"], 2), (["Chat"], None)],
)
def test_the_channels_of_a_limited_load_are_compared_however_the_files_before_list_them(
    desk: Desk, before: list[str], contacts: int | None
) -> None:
    for day, filters in (("01", before), ("08", ["Chat, Email"])):
        for limit in filters:
            at, names = f"2024-03-{day} 10:00:00", limit.upper().split(", ")
            rows = [contact(at, channel=name, channel_filter=limit) for name in names]
            desk.load(*rows, name=f"ContactExport-202403{day}-202403{day}.csv")
    assert figures(desk, start="2024-03-08", end="2024-03-08", compare="matching") == [contacts]


def test_each_log_of_respond_io_is_compared_as_far_as_it_is_loaded_itself(desk: Desk) -> None:
    for what, first, last in (("added", 1, 14), ("deleted", 1, 12), ("connected", 10, 14)):
        rows = [activity(what, f"2024-03-{day:02} 10:00:00") for day in range(first, last + 1) for _ in range(day)]
        kind = f"respondio_contacts_{what}"
        desk.load_kind(kind, *rows, name=f"contacts-{what}-202403{first:02}-202403{last:02}.csv")
    (row,) = desk.ask("contacts", "totals", start="2024-03-11", end="2024-03-14", compare="matching")
    names = [f"contacts_{what}_before" for what in ("added", "deleted", "merged", "connected")]
    assert [row[name] for name in names] == [4 + 5 + 6 + 7, 4 + 5, None, None]
    asked = {"start": "2024-03-11", "end": "2024-03-14", "compare": "matching", "rollup": "week"}
    said = desk.workbench.report("contacts", **asked).compared_with
    assert said.startswith("4 to 7 Mar 2024 (4 of 4 days loaded, 2 of them for everything selected; ")
    assert said.endswith("; contacts connected are not wholly loaded)")
    found = {r["activity"]: r["contacts_before"] for r in desk.ask("contacts", "activity_by_period", **asked)}
    assert found == {"ADDED": 22, "DELETED": 9}


# To the moment, in local time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_reporting_zone", [True, False])
@pytest.mark.parametrize(
    ("zone", "last_day", "shown", "day", "inside", "outside"),
    [
        # A day of Brisbane ends at 14:00 of UTC.
        ("Australia/Brisbane", "20240320", "UTC", "2024-03-20", "2024-03-13T13:59:59.999", "2024-03-13T14:00:00"),
        # One of Dhaka ends at 14:00 of New York in summer; a week earlier, in winter, 14:00 comes an hour later.
        ("Asia/Dhaka", "20240314", "America/New_York", "2024-03-14", "2024-03-07T18:59:59", "2024-03-07T19:00:00"),
        # One of Bangkok ends at 02:30 of Adelaide; a week earlier the hour from 02:00 on comes twice.
        ("Asia/Bangkok", "20240413", "Australia/Adelaide", "2024-04-14", "2024-04-06T16:59:59", "2024-04-06T16:00:00"),
        # One of Macau ends at 02:30 of Adelaide in summer; a week earlier there is no hour from 02:00 on.
        ("Asia/Macau", "20241012", "Australia/Adelaide", "2024-10-13", "2024-10-05T16:29:59", "2024-10-05T16:30:00"),
    ],
)  # fmt: skip
def test_a_day_that_is_loaded_until_some_hour_is_compared_until_that_hour_of_local_time(
    desk: Desk, zone: str, last_day: str, shown: str, day: str, inside: str, outside: str, is_reporting_zone: bool
) -> None:
    rows = [contact(f"{instant}Z", timezone_filter=zone) for instant in (inside, outside)]
    desk.load(*rows, name=f"ContactExport-20240101-{last_day}.csv")
    if is_reporting_zone:
        desk.workbench.workspace.set("reporting_zone", shown)
    asked = {"start": day, "end": day, "timezone": shown, "compare": "matching"}
    assert figures(desk, **asked) == [1]
    assert sum(found or 0 for found in figures(desk, "by_period", **asked, rollup="half_hour")) == 1


def test_a_part_of_a_day_is_said_in_tenths_that_are_never_more_than_there_is(desk: Desk) -> None:
    desk.load(contact(timezone_filter="Australia/Brisbane"), name="ContactExport-20240101-20240320.csv")
    report = desk.workbench.report(
        "inbound_contacts", start="2024-03-18", end="2024-03-20", timezone="UTC", compare="matching"
    )
    assert report.compared_with == "11 to 13 Mar 2024 (2.5 of 3 days loaded)"


def test_hours_of_the_week_before_are_those_that_are_loaded_of_the_range(desk: Desk) -> None:
    rows = [contact(f"2024-03-13T{hour:02}:30:00Z", timezone_filter="Australia/Brisbane") for hour in (12, 13, 14, 15)]
    desk.load(*rows, name="ContactExport-20240101-20240320.csv")
    asked = {"start": "2024-03-20", "end": "2024-03-20", "timezone": "UTC", "compare": "matching"}
    found = {row["hour"]: row["contacts_before"] for row in desk.ask("contact_export", "by_hour", **asked)}
    assert (len(found), found[12], found[13], sum(found.values())) == (14, 1, 1, 2)


def test_an_hour_of_the_week_occurs_before_as_often_as_it_is_loaded_in_the_range(desk: Desk) -> None:
    tuesdays = ("2024-02-20", "2024-02-20", "2024-02-20", "2024-02-27", "2024-03-05")
    desk.load(*(contact(f"{day} 10:30:00") for day in tuesdays), name="ContactExport-20240201-20240311.csv")
    desk.load(name="ContactExport-20240313-20240316.csv")
    asked = {"start": "2024-03-03", "end": "2024-03-16", "compare": "matching"}
    (row,) = [row for row in desk.ask("contact_export", "by_hour", **asked) if row["contacts"]]
    assert (row["contacts_per_occurrence"], row["contacts_per_occurrence_before"]) == (1.0, 3.0)
