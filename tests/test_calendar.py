"""The coverage calendar: every day between the first and the last, what is loaded of it, and its gaps in words."""

from datetime import date, timedelta

import pytest

from tests.builders import Desk, contact, message
from workbench.drawing import calendar
from workbench.drawing.calendar import PART_OF_DAY, Day
from workbench.exports import KINDS

CONTACTS = KINDS["gladly_contact_export"]


def march(day: int) -> date:
    return date(2024, 3, day)


def days(desk: Desk, kind: str = "gladly_contact_export") -> list[Day]:
    return calendar.days(desk.workbench.workspace, KINDS[kind])


def test_a_day_is_loaded_empty_partial_or_missing(desk: Desk) -> None:
    desk.load(
        contact("2024-03-01 10:00:00"), contact("2024-03-01 23:59:59"), name="ContactExport-20240301-20240302.csv"
    )
    desk.load(
        contact("2024-03-04 10:00:00", channel="SMS", channel_filter="SMS,PHONE_CALL"),
        name="ContactExport-20240304-20240304.csv",
    )
    assert days(desk) == [
        Day(march(1), "loaded", 2, 1),
        Day(march(2), "empty", 0, 1),
        Day(march(3), "missing"),
        Day(march(4), "partial", 1, 1, "Phone call, SMS only"),
    ]


def test_a_day_that_two_loads_cover_in_part_and_whole_is_loaded_whole(desk: Desk) -> None:
    row = contact("2024-03-01 10:00:00", channel_filter="SMS", channel="SMS")
    desk.load(row, name="ContactExport-20240301-20240301.csv")
    desk.load(contact("2024-03-01 12:00:00"), name="ContactExport-20240301-20240302.csv")
    assert days(desk) == [Day(march(1), "loaded", 2, 2), Day(march(2), "empty", 0, 1)]


def test_in_another_zone_the_days_at_both_ends_are_parts_of_days(desk: Desk) -> None:
    desk.load(contact("2024-03-01 10:00:00"), name="ContactExport-20240301-20240302.csv")
    desk.workbench.workspace.set("reporting_zone", "Asia/Kolkata")
    assert [(day.day, day.state, day.part) for day in days(desk)] == [
        (march(1), "partial", PART_OF_DAY), (march(2), "empty", ""), (march(3), "partial", PART_OF_DAY),
    ]  # fmt: skip


def test_a_kind_of_which_nothing_is_loaded_has_no_days(desk: Desk) -> None:
    desk.load_kind("lexer_messages", message())
    assert days(desk) == []
    assert days(desk, "lexer_messages")[0].rows == 0
    assert sum(day.rows for day in days(desk, "lexer_messages")) == 1


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ("lel", "No gaps"),
        ("lmmmll", "2 to 4 Mar 2024 not loaded"),
        ("lmlmml", "2 Mar 2024, 4 to 5 Mar 2024 not loaded"),
        ("lp", "1 day partly loaded (SMS only)"),
        ("lmpp", "2 Mar 2024 not loaded; 2 days partly loaded (SMS only)"),
        ("lm" * 8 + "l",
         "2 Mar 2024, 4 Mar 2024, 6 Mar 2024, 8 Mar 2024, 10 Mar 2024, 12 Mar 2024 and 2 more stretches not loaded"),
    ],
)  # fmt: skip
def test_gaps_are_said_in_words(states: str, words: str) -> None:
    named = {"l": "loaded", "e": "empty", "m": "missing", "p": "partial"}
    found = [
        Day(march(n), named[state], part="SMS only" if state == "p" else "")  # type: ignore[arg-type]
        for n, state in enumerate(states, start=1)
    ]
    assert calendar.in_words(found) == words


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (date(2024, 3, 30), "30 Mar to 2 Apr 2024 not loaded"),
        (date(2023, 12, 30), "30 Dec 2023 to 2 Jan 2024 not loaded"),
    ],
)
def test_a_gap_across_months_names_both_and_both_years_only_where_they_differ(first: date, words: str) -> None:
    assert calendar.in_words([Day(first + timedelta(n), "missing") for n in range(4)]) == words


@pytest.mark.parametrize(("week_start", "week"), [("monday", "2024-02-26"), ("sunday", "2024-03-03")])
def test_the_chart_has_a_square_per_day_in_the_column_of_its_week(week_start: str, week: str) -> None:
    found = [Day(march(3), "loaded", 5, 1), Day(march(4), "missing")]
    chart = calendar.chart(CONTACTS, found, "light", week_start).to_dict()
    [rows] = chart["datasets"].values()
    assert (rows[0]["week"], rows[0]["weekday"], rows[0]["note"]) == (week, "Sun", "Loaded")
    assert (rows[1]["weekday"], rows[1]["note"], len(rows)) == ("Mon", "Not loaded", 2)
    assert chart["description"] == (
        "Contact Export by day from 3 Mar 2024 to 4 Mar 2024: 1 of 2 days loaded. 4 Mar 2024 not loaded"
    )


def test_a_month_is_named_at_the_week_in_which_it_begins() -> None:
    found = [Day(date(2024, 3, 1) + timedelta(days=n), "loaded", 1, 1) for n in range(62)]
    axis = calendar.chart(CONTACTS, found, "light", "monday").to_dict()["encoding"]["x"]["axis"]
    assert axis["values"] == ["2024-02-26", "2024-04-01", "2024-04-29"]


def test_a_day_with_more_rows_is_stronger_and_one_without_any_is_the_palest() -> None:
    counts = {"empty": 0, "loaded": 1, "partial": 40, "missing": 0}
    found = [Day(march(1), "loaded", 200, 1), Day(march(2), "loaded", 20, 1)]
    found += [Day(march(n), state, rows, 1) for n, (state, rows) in enumerate(counts.items(), 3)]  # type: ignore[arg-type]
    chart = calendar.chart(CONTACTS, found, "light", "monday").to_dict()
    [rows] = chart["datasets"].values()
    most, some, none, least, partial, missing = (row["strength"] for row in rows)
    assert none < least < some < most == 1.0
    assert some < partial == missing
    assert chart["encoding"]["opacity"]["field"] == "strength"


def test_two_years_are_drawn_and_all_gaps_are_said() -> None:
    found = [Day(date.fromordinal(738_000 + n), "missing" if n == 3 else "loaded", 1, 1) for n in range(1_500)]
    chart = calendar.chart(CONTACTS, found, "dark", "monday")
    assert len({row["week"] for rows in chart.to_dict()["datasets"].values() for row in rows}) in (105, 106)
    assert "not loaded" in str(chart.description)
