"""Workload: given rows, expected rows. Days of this file are of March 2024, in UTC; 5 March is a Tuesday."""

from typing import Any

import pytest

from tests.builders import FILTERS, Desk, Row, contact
from workbench.ask import answers
from workbench.ask.changes import changes
from workbench.ask.question import Question
from workbench.reports import REPORTS

REPORT = REPORTS["workload"]
DAY = {"start": "2024-03-05", "end": "2024-03-05"}
HOUR = 3600


def stay(queued: str, ended: str | None, fulfilled: str | None = None, **fields: str | None) -> Row:
    """Return a contact by its times, of 5 March where they have no day."""
    texts = [time if time is None or "-" in time else f"2024-03-05 {time}" for time in (queued, ended, fulfilled)]
    return contact(str(texts[0]), ended_at=texts[1], fulfilled_at=texts[2], **fields)


def totals(desk: Desk, **selection: Any) -> dict[str, Any]:
    (row,) = desk.ask("workload", "totals", **(DAY | selection))
    return row


def three(desk: Desk) -> None:
    """One from the day before until 6:00, one from 5:00 until 12:00, one from 18:00 on that has not ended."""
    desk.load(
        stay("2024-03-04 18:00:00", "06:00:00", "2024-03-04 20:00:00"),
        stay("05:00:00", "12:00:00", "08:00:00"),
        stay("18:00:00", None),
    )


# Formulas ------------------------------------------------------------------------------------------------------------


def test_totals_are_of_what_is_open_in_the_range_whenever_it_was_queued(desk: Desk) -> None:
    three(desk)
    assert totals(desk) == {
        "arrived": 2, "ended": 2, "open_at_end": 1, "peak_open": 2, "average_open": (6 + 7 + 6) / 24,
        "oldest_open_seconds": 6 * HOUR,
    }  # fmt: skip


def test_every_period_begins_with_what_the_one_before_it_left_open(desk: Desk) -> None:
    three(desk)
    found = desk.ask("workload", "by_period", start="2024-03-04", end="2024-03-06")
    assert [tuple(row.values()) for row in found] == [
        ("2024-03-04", 1, 0, 1, 6 / 24, 1),
        ("2024-03-05", 2, 2, 1, 19 / 24, 2),
        ("2024-03-06", 0, 0, 1, 1.0, 1),
    ]


def test_a_contact_waits_until_it_is_fulfilled_and_is_in_service_until_it_ends(desk: Desk) -> None:
    """One that has not ended does neither, one that is never fulfilled waits until it ends, outbound ones never do."""
    three(desk)
    desk.load(
        stay("01:00:00", "03:00:00"),
        stay("01:30:00", "04:30:00", "00:30:00", direction="OUTBOUND"),
        stay("02:00:00", "02:30:00", "01:00:00"),
        name="ContactExport-20240301-20240331-more.csv",
    )
    (row,) = desk.ask("workload", "by_state", **DAY)
    assert row == {
        "period": "2024-03-05",
        "average_waiting": pytest.approx((3 + 2) / 24),
        "average_in_service": pytest.approx((6 + 4 + 3 + 0.5) / 24),
        "peak_waiting": 1,
        "peak_in_service": 3,
    }
    report = desk.workbench.report("workload", **DAY)
    assert answers.stated(report.question, REPORT.tile("by_state"))[0].startswith("1 contacts have not ended")


def test_a_contact_is_open_from_its_first_moment_to_just_before_its_last(desk: Desk) -> None:
    """So one that ends when another comes is not open beside it, at midnight neither."""
    desk.load(
        stay("2024-03-04 10:00:00", "00:00:00"),
        stay("00:00:00", "09:00:00"),
        stay("09:00:00", "2024-03-06 00:00:00"),
        stay("09:00:00.5", "09:00:00.75"),
    )
    assert totals(desk) == {
        "arrived": 3, "ended": 3, "open_at_end": 1, "peak_open": 2,
        "average_open": pytest.approx((24 * HOUR + 0.25) / 24 / HOUR), "oldest_open_seconds": 15 * HOUR,
    }  # fmt: skip
    assert totals(desk, start="2024-03-04", end="2024-03-04")["open_at_end"] == 1
    both = desk.workbench.report("workload", start="2024-03-04", end="2024-03-05")
    assert len(both.rows("by_period", period="2024-03-04", metric="open_at_end")) == 1
    assert totals(desk, start="2024-03-06", end="2024-03-06") == {
        "arrived": 0, "ended": 1, "open_at_end": 0, "peak_open": 0, "average_open": 0.0, "oldest_open_seconds": None,
    }  # fmt: skip


def test_one_that_ends_before_it_begins_comes_and_ends_in_that_moment_and_is_said(desk: Desk) -> None:
    desk.load(stay("10:00:00", "09:00:00", "09:30:00"), stay("10:00:00", "10:00:00"), stay("12:00:00", "13:00:00"))
    found = totals(desk)
    assert (found["arrived"], found["ended"], found["open_at_end"], found["peak_open"]) == (3, 3, 0, 1)
    assert found["average_open"] == 1 / 24
    said = answers.stated(desk.workbench.report("workload", **DAY).question, REPORT.tile("totals"))
    assert said == [
        "1 contacts are said to have ended before they were queued; they count as arrived and ended at that moment"
    ]


def test_half_hours_of_the_week_are_averaged_over_how_often_they_come(desk: Desk) -> None:
    desk.load(
        stay("08:30:00", "08:45:00"), stay("08:59:59", "09:00:00"), stay("2024-03-12 08:40:00", "2024-03-12 08:50:00")
    )
    found = desk.ask("workload", "by_hour", start="2024-03-04", end="2024-03-17")
    assert len(found) == 7 * 48
    by_place = {(row["weekday"], row["half_hour"]): row for row in found}
    assert by_place[2, "08:30"] == {
        "weekday": 2, "half_hour": "08:30", "arrived_per_occurrence": 1.5,
        "average_open": pytest.approx((900 + 1 + 600) / 3600), "peak_open": 1,
    }  # fmt: skip
    assert by_place[2, "09:00"]["arrived_per_occurrence"] == by_place[2, "09:00"]["average_open"] == 0
    assert by_place[1, "08:30"]["peak_open"] == 0


def test_ages_stand_in_their_order_and_each_begins_with_its_lower_bound(desk: Desk) -> None:
    ends = "2024-03-06 00:00:00"
    desk.load(
        stay("23:00:00.001", None), stay("23:00:00", None), stay("20:00:00", ends), stay("00:00:00", None),
        stay("2024-03-03 00:00:00", None), stay("2024-03-03 00:00:00.001", None), stay("2024-02-28 00:00:00", None),
        stay("2024-02-28 00:00:01", "2024-03-20 00:00:00"), stay("23:59:59", "23:59:59.5"),
    )  # fmt: skip
    assert desk.ask("workload", "by_age", **DAY) == [
        {"age": "under 1 h", "contacts": 1}, {"age": "1 to 4 h", "contacts": 1}, {"age": "4 to 24 h", "contacts": 1},
        {"age": "1 to 3 d", "contacts": 2}, {"age": "3 to 7 d", "contacts": 2}, {"age": "over 7 d", "contacts": 1},
    ]  # fmt: skip


# Ranges, filters, pins -----------------------------------------------------------------------------------------------


def test_the_ends_of_the_range_are_midnights_of_the_zone_that_is_shown(desk: Desk) -> None:
    desk.load(stay("04:59:59", "05:00:00"), stay("05:00:00", "06:00:00"), stay("2024-03-06 04:59:59", None))
    found = totals(desk, timezone="America/New_York")
    assert (found["arrived"], found["ended"], found["open_at_end"]) == (2, 2, 1)
    assert totals(desk, start="2024-03-04", end="2024-03-04", timezone="America/New_York")["arrived"] == 1


@pytest.mark.parametrize(("key", "column", "one", "other"), FILTERS)
def test_filters_leave_the_contacts_with_any_of_their_values(
    desk: Desk, key: str, column: str, one: str, other: str
) -> None:
    desk.load_to_filter(column, one, other)
    for values, number in (([one], 3), ([one, other], 5), ([""], 1), (["nothing like it"], 0)):
        row = totals(desk, **{key: values})
        assert (row["arrived"], row["peak_open"], row["open_at_end"]) == (number, number, number)


def test_what_is_open_at_the_end_can_be_filtered(desk: Desk) -> None:
    three(desk)
    assert totals(desk, is_open_at_end="yes")["arrived"] == 1
    assert totals(desk, is_open_at_end="no")["open_at_end"] == 0
    report = desk.workbench.report("workload", **DAY)
    assert len(report.tile("log")) == 3
    assert len(desk.workbench.report("workload", **DAY, is_open_at_end="yes").tile("log")) == 1


def test_a_pinned_time_narrows_the_range_so_that_levels_are_those_of_then(desk: Desk) -> None:
    three(desk)
    report = desk.workbench.report("workload", start="2024-03-04", end="2024-03-06")
    assert len(report.rows("by_period", period="2024-03-04", metric="open_at_end")) == 1
    assert len(report.rows("by_period", period="2024-03-05", metric="peak_open")) == 2
    assert len(report.rows("by_period", period="2024-03-06", metric="average_open")) == 1
    assert len(report.rows("by_period", period="2024-03-06", metric="arrived")) == 0
    assert len(report.rows("by_hour", weekday=2, half_hour="05:30", metric="average_open")) == 2
    assert len(report.rows("by_hour", weekday=2, half_hour="12:00", metric="ended")) == 1
    assert len(report.rows("by_hour", weekday=2, half_hour="12:30", metric="average_open")) == 0


def test_nothing_at_all_is_zero_where_it_is_covered_and_missing_where_it_is_not(desk: Desk) -> None:
    three(desk)
    assert totals(desk, channel="FAX") == {
        "arrived": 0, "ended": 0, "open_at_end": 0, "peak_open": 0, "average_open": 0.0, "oldest_open_seconds": None,
    }  # fmt: skip
    found = totals(desk, start="2024-05-01", end="2024-05-02")
    assert (found["arrived"], found["peak_open"], found["average_open"]) == (0, None, None)
    assert desk.ask("workload", "by_period", start="2024-05-01", end="2024-05-02") == []


def test_a_gap_is_in_no_average_and_what_is_open_goes_on_behind_it(desk: Desk) -> None:
    desk.load(stay("12:00:00", "2024-03-07 06:00:00"), name="ContactExport-20240305-20240305.csv")
    desk.load(stay("2024-03-07 12:00:00", None), name="ContactExport-20240307-20240307.csv")
    range_ = {"start": "2024-03-05", "end": "2024-03-07"}
    assert totals(desk, **range_)["average_open"] == pytest.approx((12 + 6 + 12) / 48)
    found = desk.ask("workload", "by_period", **range_)
    assert [(row["period"], row["open_at_end"]) for row in found] == [("2024-03-05", 1), ("2024-03-07", 1)]


# What is said --------------------------------------------------------------------------------------------------------


def filling(desk: Desk, **selection: Any) -> list[str]:
    question = desk.workbench.report("workload", **selection).question
    return [f"{at:%m-%d}" for at in answers.filling_periods(question, REPORT.tile("by_period"))]


def test_periods_within_reach_of_the_first_loaded_day_or_of_a_gap_still_fill(desk: Desk) -> None:
    """Reach is the 99th percentile of the time from queued to ended: of 1, 1, 1, 1 and 3 days 2.92."""
    many = [
        stay(f"2024-03-0{day} 00:00:00", f"2024-03-0{day + (3 if day == 1 else 1)} 00:00:00") for day in range(1, 5)
    ]
    desk.load(*many, name="ContactExport-20240301-20240305.csv")
    desk.load(stay("2024-03-08 00:00:00", "2024-03-09 00:00:00"), name="ContactExport-20240308-20240312.csv")
    assert filling(desk) == ["03-01", "03-02", "03-03", "03-08", "03-09", "03-10"]
    assert filling(desk, start="2024-03-02", end="2024-03-09") == ["03-02", "03-03", "03-08", "03-09"]
    assert filling(desk, start="2024-03-04", end="2024-03-05") == []
    said = answers.stated(desk.workbench.report("workload").question, REPORT.tile("by_period"))
    assert said == ["Still filling: 6 of the periods, in which contacts of days that are not loaded may be open"]


def test_open_contacts_of_an_older_export_are_stated_with_its_last_moment(desk: Desk) -> None:
    desk.load(
        stay("10:00:00", None), stay("11:00:00", None, offered_at="2024-03-08 09:15:00"), stay("12:00:00", "13:00:00"),
        name="ContactExport-20240305-20240305.csv",
    )  # fmt: skip
    desk.load(stay("2024-03-09 10:00:00", None), name="ContactExport-20240309-20240309.csv")
    question = desk.workbench.report("workload").question
    assert answers.stated(question, REPORT.tile("totals")) == [
        "2 contacts had not ended when they were last exported, which was on 8 Mar 2024, 09:15 at the latest; later"
        " exports do not have them. They count as open"
    ]
    assert totals(desk, end="2024-03-09")["open_at_end"] == 3


def test_small_lines_of_the_cards_are_what_the_tile_over_time_has(desk: Desk) -> None:
    three(desk)
    question = Question(desk.workbench.workspace, REPORT, desk.workbench.report("workload", **DAY).selection)
    found = answers.over_time(question, REPORT.tile("totals"))
    assert found.to_dict("records")[0]["ended"] == 2
    assert found["oldest_open_seconds"].isna().all()


def test_the_change_of_the_oldest_open_contact_is_told_without_each_value(desk: Desk) -> None:
    desk.load(
        stay("2024-03-01 00:00:00", None, channel="SMS"), stay("2024-03-05 12:00:00", None, channel="CHAT"),
        stay("2024-03-04 12:00:00", None, channel="EMAIL"), name="ContactExport-20240301-20240306.csv",
    )  # fmt: skip
    asked = desk.workbench.report("workload", start="2024-03-06", end="2024-03-06", compare="preceding")
    found = asked.changes("oldest_open_seconds").set_index(["dimension", "value"]).loc["channel"]
    days = found[["before", "now", "without"]] / 86_400
    assert days.T.to_dict("list") == {"SMS": [5, 6, 2.5], "EMAIL": [1.5, 2.5, 6], "CHAT": [0.5, 1.5, 6]}


def test_a_peak_is_looked_for_in_each_value_and_in_all_others(desk: Desk) -> None:
    """What ends as others begin is gone, and one of no length, or open only before the range, is in no peak."""
    desk.load(
        stay("2024-03-04 23:00:00", "2024-03-04 23:59:59", channel="SMS"),
        stay("2024-03-05 08:00:00", "2024-03-05 09:00:00", "2024-03-05 08:30:00", channel="SMS"),
        stay("2024-03-05 09:00:00", "2024-03-05 10:00:00", "2024-03-05 10:00:00", channel="SMS"),
        stay("2024-03-05 09:30:00", "2024-03-05 11:00:00", "2024-03-05 09:45:00", channel="CHAT"),
        stay("2024-03-05 08:15:00", "2024-03-05 08:15:00", channel="CHAT"),
        stay("2024-03-05 10:30:00", None, channel="CHAT"), name="ContactExport-20240304-20240305.csv",
    )  # fmt: skip
    asked = desk.workbench.report("workload", **DAY, compare="preceding")
    found = {
        name: asked.changes(name).set_index(["dimension", "value"]).loc["channel"][["before", "now", "without"]]
        for name in ("peak_open", "peak_waiting", "peak_in_service")
    }
    assert {name: each.T.to_dict("list") for name, each in found.items()} == {
        "peak_open": {"SMS": [1, 1, 2], "CHAT": [0, 2, 1]},
        "peak_waiting": {"SMS": [1, 1, 1], "CHAT": [0, 1, 1]},
        "peak_in_service": {"SMS": [0, 1, 1], "CHAT": [0, 1, 1]},
    }


def test_a_peak_goes_on_behind_a_day_that_is_not_loaded_with_what_lasts_across_it(desk: Desk) -> None:
    desk.load(
        stay("2024-03-04 08:00:00", "2024-03-06 12:30:00", channel="SMS"),
        stay("2024-03-04 20:00:00", "2024-03-05 12:00:00", channel="CHAT"),
        name="ContactExport-20240303-20240304.csv",
    )  # fmt: skip
    desk.load(
        stay("2024-03-06 12:00:00", "2024-03-06 13:00:00", channel="CHAT"),
        stay("2024-03-06 12:15:00", "2024-03-06 12:30:00", channel="CHAT"), name="ContactExport-20240306-20240306.csv",
    )  # fmt: skip
    asked = desk.workbench.report("workload", start="2024-03-04", end="2024-03-06", compare="2024-03-03..2024-03-03")
    found = changes(asked.question, REPORT.metric("peak_open"))
    cards = asked.tile("totals").iloc[0]
    assert (found.now, found.before) == (cards["peak_open"], cards["peak_open_before"]) == (3, 0)
    of_chat = found.rows[(found.rows["dimension"] == "channel") & (found.rows["value"] == "CHAT")].iloc[0]
    assert (of_chat["now"], of_chat["without"]) == (2, 1)
