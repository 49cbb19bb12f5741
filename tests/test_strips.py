"""The strips of what is loaded: stretches of days that are alike, and what is said of each kind."""

from datetime import date, timedelta

import pytest

from tests.builders import Desk, contact, message
from workbench.drawing import strips
from workbench.drawing.strips import PART_OF_DAY, State, Stretch, Strip
from workbench.exports import KINDS

CONTACTS, USERS = KINDS["gladly_contact_export"], KINDS["respondio_users"]
JUNE = date(2024, 6, 7)


def march(day: int) -> date:
    return date(2024, 3, 1) + timedelta(day - 1)


def loaded(desk: Desk, kind: str = "gladly_contact_export") -> Strip:
    return strips.strip(desk.workbench.workspace, KINDS[kind])


def made(*stretches: tuple[int, int, State], part: str = "SMS only") -> Strip:
    found = tuple(Stretch(march(a), march(b), state, part if state == "partial" else "") for a, b, state in stretches)
    return Strip(CONTACTS, 5, found)


def test_days_are_stretches_that_are_loaded_loaded_in_part_or_a_hole(desk: Desk) -> None:
    desk.load(contact("2024-03-01 10:00:00"), name="ContactExport-20240301-20240302.csv")
    desk.load(
        contact("2024-03-04 10:00:00", channel="SMS", channel_filter="SMS,PHONE_CALL"),
        name="ContactExport-20240304-20240304.csv",
    )
    assert loaded(desk) == Strip(CONTACTS, 2, (
        Stretch(march(1), march(2), "loaded"), Stretch(march(3), march(3), "hole"),
        Stretch(march(4), march(4), "partial", "Phone call, SMS only"),
    ))  # fmt: skip


def test_a_day_that_two_loads_cover_in_part_and_whole_is_loaded_whole(desk: Desk) -> None:
    row = contact("2024-03-01 10:00:00", channel_filter="SMS", channel="SMS")
    desk.load(row, name="ContactExport-20240301-20240301.csv")
    desk.load(contact("2024-03-01 12:00:00"), name="ContactExport-20240301-20240302.csv")
    assert loaded(desk).stretches == (Stretch(march(1), march(2), "loaded"),)


@pytest.mark.parametrize(("until", "state"), [(16, "hole"), (17, "never")])
def test_what_is_missing_for_more_than_fourteen_days_is_no_hole(desk: Desk, until: int, state: str) -> None:
    desk.load(contact("2024-03-01 10:00:00"), name="ContactExport-20240301-20240301.csv")
    desk.load(contact(f"2024-03-{until} 10:00:00"), name=f"ContactExport-202403{until}-202403{until}.csv")
    assert [stretch.state for stretch in loaded(desk).stretches] == ["loaded", state, "loaded"]
    assert loaded(desk).stretches[1].days == until - 2


def test_in_another_zone_the_days_at_both_ends_are_parts_of_days(desk: Desk) -> None:
    desk.load(contact("2024-03-01 10:00:00"), name="ContactExport-20240301-20240302.csv")
    desk.workbench.workspace.set("reporting_zone", "Asia/Kolkata")
    assert loaded(desk).stretches == (
        Stretch(march(1), march(1), "partial", PART_OF_DAY), Stretch(march(2), march(2), "loaded"),
        Stretch(march(3), march(3), "partial", PART_OF_DAY),
    )  # fmt: skip


def test_a_kind_of_which_nothing_is_loaded_has_no_stretch_and_one_without_days_its_rows(desk: Desk) -> None:
    desk.load_kind("respondio_users", {"User ID": "1", "Name": "Ann"})
    assert (loaded(desk), loaded(desk, "respondio_users")) == (Strip(CONTACTS, 0), Strip(USERS, 1))
    assert strips.axis([loaded(desk), loaded(desk, "respondio_users")]) is None


@pytest.mark.parametrize(
    ("stretches", "said"),
    [
        ([], "never loaded"),
        ([(1, 10, "loaded")], "complete"),
        ([(1, 9, "loaded")], "1 day behind"),
        ([(1, 8, "loaded")], "2 days behind"),
        ([(1, 4, "loaded"), (5, 5, "hole"), (6, 8, "loaded")], "5 Mar missing"),
        ([(1, 4, "loaded"), (5, 6, "hole"), (7, 7, "loaded"), (8, 9, "hole"), (10, 10, "loaded")],
         "5 to 6 Mar and 1 more missing"),
        ([(1, 4, "partial"), (5, 10, "loaded")], "partly loaded"),
        ([(1, 4, "partial"), (5, 9, "loaded")], "1 day behind"),
    ],
)  # fmt: skip
def test_how_a_kind_stands_is_said_against_the_last_day_of_all(
    stretches: list[tuple[int, int, State]], said: str
) -> None:
    assert strips.state(made(*stretches), march(10)) == said


def test_a_hole_comes_with_the_one_thing_that_mends_it(desk: Desk) -> None:
    found = made((1, 4, "loaded"), (5, 5, "hole"), (6, 30, "loaded"), (31, 33, "hole"), (34, 34, "loaded"))
    assert strips.to_do(found) == [
        ("Contact Export, 5 Mar 2024", "export this day from Gladly and drop the file above"),
        ("Contact Export, 31 Mar to 2 Apr 2024", "export these 3 days from Gladly and drop the file above"),
    ]


def test_what_is_loaded_in_part_is_said_with_why_where_that_is_one_reason() -> None:
    assert strips.partly(made((1, 2, "loaded"))) == ""
    assert strips.partly(made((1, 2, "partial"))) == "Contact Export: 2 days partly loaded (SMS only)"
    one, other = made((1, 1, "partial")), made((3, 3, "partial"), part="Chat only")
    both = Strip(CONTACTS, 5, (*one.stretches, *other.stretches))
    assert strips.partly(both) == "Contact Export: 2 days partly loaded"


def test_all_strips_share_one_axis_that_ends_with_the_last_day_and_is_three_years_at_most() -> None:
    assert strips.axis([made((3, 5, "loaded")), made((4, 9, "loaded")), Strip(USERS, 1)]) == (march(3), march(9))
    assert strips.axis([made((-3_000, 1, "loaded"))]) == (march(1) - timedelta(1_100), march(1))


def test_the_chart_says_all_that_it_shows_and_draws_no_stretch_that_was_never_loaded() -> None:
    found = [made((1, 4, "loaded"), (5, 6, "hole"), (7, 9, "loaded"), (10, 40, "never"), (41, 42, "loaded")),
             Strip(KINDS["lexer_orders"], 0)]  # fmt: skip
    drawn = strips.chart(found, "dark").to_dict()
    assert drawn["description"] == (
        "Gladly Contact Export: 5 to 6 Mar missing, 5 rows, loaded until 11 Apr 2024. Lexer Orders: never loaded"
    )
    rows = [row for rows in drawn["datasets"].values() for row in rows if "days" in row]
    assert [(row["days"], row["what"]) for row in rows] == [
        ("1 to 4 Mar 2024", "Loaded"), ("7 to 9 Mar 2024", "Loaded"), ("10 to 11 Apr 2024", "Loaded"),
        ("5 to 6 Mar 2024", "Missing inside a run of files"),
    ]  # fmt: skip
    assert [tuple(row.values()) for row in strips.told(found)][1:] == [
        ("Gladly Contact Export", "5 to 6 Mar 2024", "Missing inside a run of files"),
        ("Gladly Contact Export", "7 to 9 Mar 2024", "Loaded"),
        ("Gladly Contact Export", "10 Mar to 9 Apr 2024", "Never loaded"),
        ("Gladly Contact Export", "10 to 11 Apr 2024", "Loaded"),
        ("Lexer Orders", "–", "Never loaded"),
    ]


@pytest.mark.parametrize(
    ("first", "last", "names"),
    [
        (march(1), march(10), ["1 Mar", "3 Mar", "5 Mar", "7 Mar", "9 Mar"]),
        (march(1), march(1), ["1 Mar"]),
        (date(2023, 11, 20), date(2024, 3, 20), ["Dec 2023", "Jan 2024", "Feb", "Mar"]),
        (date(2023, 3, 31), JUNE, ["Apr 2023", "Jul", "Oct", "Jan 2024", "Apr"]),
        (date(2021, 6, 1), JUNE, ["Jul 2021", "Jan 2022", "Jul", "Jan 2023", "Jul", "Jan 2024"]),
    ],
)
def test_the_axis_names_a_handful_of_days_or_months_and_a_year_where_it_is_new(
    first: date, last: date, names: list[str]
) -> None:
    assert [label for _, label in strips._ticks(first, last)] == names


def test_a_load_of_another_kind_changes_no_strip(desk: Desk) -> None:
    desk.load_kind("lexer_messages", message())
    assert loaded(desk).until is None
    assert loaded(desk, "lexer_messages").rows == 1
