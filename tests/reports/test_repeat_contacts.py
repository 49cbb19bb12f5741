"""Repeat contacts: given rows, expected rows, at the edges of forwards, repeats and what is loaded."""

from typing import Any

import pytest

from tests.builders import Desk, Row, contact, plain
from workbench.ask import answers
from workbench.ask.question import Question
from workbench.ask.selection import parsed
from workbench.errors import BadSelection, WorkbenchError
from workbench.reports import REPORTS

REPORT = REPORTS["repeat_contacts"]


def tile(desk: Desk, name: str, **selection: Any) -> list[dict[str, Any]]:
    return desk.ask("repeat_contacts", name, **selection)


def ann(at: str, name: str = "", **fields: str | None) -> Row:
    """Return a contact of one customer in March 2024, of an ID of its own where it has a name."""
    named = {"contact_id": name} if name else {}
    return contact(f"2024-03-{at}", **{"customer_id": "ann", **named, **fields})


def told(desk: Desk, *columns: str, **selection: Any) -> dict[str, tuple[Any, ...]]:
    """Return columns of the log by contact."""
    rows = plain(desk.workbench.report("repeat_contacts", **selection).tile("log", columns="all"))
    return {row["contact_id"]: tuple(row[name] for name in columns) for row in rows}


@pytest.mark.parametrize(
    ("at", "is_forward"),
    [("10:00:00", True), ("10:14:59", True), ("10:15:00", True), ("10:15:01", False)],
)
def test_a_forward_is_queued_at_most_so_many_minutes_after_the_other_was(desk: Desk, at: str, is_forward: bool) -> None:
    desk.load(ann("05 10:00:00", "a"), ann(f"05 {at}", "b"))
    assert told(desk, "is_forward") == {"a": (False,), "b": (is_forward,)}


@pytest.mark.parametrize(("at", "is_forward"), [("11:00:00", True), ("12:15:00", True), ("12:15:01", False)])
def test_or_at_most_so_many_after_it_ended(desk: Desk, at: str, is_forward: bool) -> None:
    desk.load(ann("05 10:00:00", "a", ended_at="2024-03-05 12:00:00"), ann(f"05 {at}", "b"))
    assert told(desk, "is_forward") == {"a": (False,), "b": (is_forward,)}


def test_a_forward_may_be_one_of_a_contact_that_is_not_the_last_before_it(desk: Desk) -> None:
    desk.load(
        ann("05 10:00:00", "a", ended_at="2024-03-05 12:00:00"),
        ann("05 10:30:00", "b", ended_at="2024-03-05 10:31:00"),
        ann("05 12:10:00", "c"), ann("05 12:25:00", "d"), ann("05 12:40:01", "e"),
    )  # fmt: skip
    assert told(desk, "is_forward") == {"a": (False,), "b": (True,), "c": (True,), "d": (True,), "e": (False,)}
    assert told(desk, "next_contact_id", "days_to_repeat")["a"] == ("e", pytest.approx(901 / 86_400))


def test_without_minutes_only_contacts_of_the_same_moment_are_forwards(desk: Desk) -> None:
    desk.load(ann("05 10:00:00", "a"), ann("05 10:00:00", "b"), ann("05 10:00:01", "c"))
    assert told(desk, "is_forward", forward_minutes=0) == {"a": (False,), "b": (True,), "c": (False,)}


@pytest.mark.parametrize(("at", "days"), [("12 10:04:59", 6), ("12 10:05:00", None), ("06 10:04:59", 0)])
def test_a_repeat_comes_less_than_so_many_days_after_the_requests_last_contact(
    desk: Desk, at: str, days: int | None
) -> None:
    desk.load(ann("05 10:00:00", "a"), ann("05 10:05:00", "b", channel="SMS"), ann(at, "c", channel="EMAIL"))
    found = told(desk, "is_repeated", "next_contact_id", "next_channel")
    assert found["a"] == ((True, "c", "EMAIL") if days is not None else (False, None, None))
    assert found["b"] == (None, None, None)
    bars = tile(desk, "days_to_repeat")
    assert [row["days"] for row in bars] == list(range(7))
    assert [row["days"] for row in bars if row["requests"]] == ([] if days is None else [days])


def test_totals(desk: Desk) -> None:
    desk.load(
        ann("10 10:00:00"), ann("10 10:10:00"), ann("12 10:10:00"), ann("13 10:10:00"), ann("25 00:00:01"),
        ann("01 09:00:00", customer_id="bob"), ann("20 09:00:00", customer_id="cy"),
        ann("21 09:00:00", customer_id=None),
        ann("11 09:00:00", direction="OUTBOUND"), ann("14 09:00:00", customer_id="dee"),
        ann("14 12:00:00", customer_id="dee"),
    )  # fmt: skip
    assert tile(desk, "totals") == [
        {
            "contacts": 9,
            "requests": 8,
            "repeated_rate": 3 / 7,
            "first_contact_resolution_rate": 1 / 3,
            "median_days_to_repeat": 1.0,
            "average_days_to_repeat": pytest.approx((2 + 1 + 3 / 24) / 3),
            "customers_with_3_or_more": 1,
        }
    ]
    question = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {}))
    assert answers.stated(question, REPORT.cards) == [
        "1 requests are not ripe, so they are in no rate",
        "1 contacts have no customer, so they are in no request",
    ]


@pytest.mark.parametrize(("at", "is_ripe"), [("24 23:59:59", True), ("25 00:00:00", True), ("25 00:00:01", False)])
def test_a_request_is_ripe_when_every_day_of_its_window_is_loaded(desk: Desk, at: str, is_ripe: bool) -> None:
    desk.load(ann(at, "a"))
    assert told(desk, "is_ripe")["a"] == (is_ripe,)
    assert told(desk, "is_ripe", within_days=6)["a"] == (True,)


def test_a_day_between_that_is_not_loaded_or_not_for_everything_leaves_requests_unripe(desk: Desk) -> None:
    desk.load(ann("05 10:00:00", "a"), ann("09 00:00:01", "b"), name="ContactExport-20240301-20240309.csv")
    desk.load(ann("10 10:00:00", "c", channel_filter="CHAT"), name="ContactExport-20240310-20240310.csv")
    desk.load(ann("18 00:00:00", "d"), name="ContactExport-20240311-20240331.csv")
    found = told(desk, "is_ripe", "has_history", within_days=3)
    assert found == {"a": (True, True), "b": (False, True), "c": (False, False), "d": (True, True)}
    assert told(desk, "is_ripe", "has_history")["d"] == (True, True)
    assert told(desk, "is_ripe", "has_history", within_days=8)["d"] == (True, False)


def test_days_are_of_24_hours_over_a_clock_change(desk: Desk) -> None:
    zone = {"timezone_filter": "America/New_York"}  # 10 March has 23 hours
    desk.load(
        ann("05 10:00:00", "a", **zone), ann("12 11:00:00", "b", **zone),
        ann("05 10:00:01", "c", customer_id="bob", **zone), ann("12 11:00:00", "d", customer_id="bob", **zone),
    )  # fmt: skip
    assert told(desk, "is_repeated") == {"a": (False,), "b": (False,), "c": (True,), "d": (False,)}


def test_followers_are_looked_for_beyond_dates_filters_and_pins(desk: Desk) -> None:
    desk.load(
        ann("05 10:00:00", "a", channel="SMS"), ann("07 10:00:00", "b", channel="CHAT"), ann("08 10:00:00", "c"),
        ann("08 10:05:00", "d", channel="SMS"),
    )  # fmt: skip
    found = told(desk, "is_repeated", "begins_chain", start="2024-03-07", end="2024-03-07", channel="CHAT")
    assert found == {"b": (True, False)}
    assert told(desk, "is_forward", start="2024-03-08", end="2024-03-08", channel="SMS") == {"d": (True,)}


def test_with_the_same_channel_alone_others_are_neither_repeats_nor_forwards(desk: Desk) -> None:
    desk.load(
        ann("05 10:00:00", "a", channel="SMS"), ann("05 10:01:00", "b"), ann("06 10:00:00", "c", channel="SMS"),
        ann("06 10:00:00", "d", channel=None), ann("07 10:00:00", "e", channel=None),
    )  # fmt: skip
    found = told(desk, "is_forward", "next_contact_id", same_channel=True)
    assert found == {
        "a": (False, "c"), "b": (False, None), "c": (False, None), "d": (False, "e"), "e": (False, None),
    }  # fmt: skip


def test_merged_customers_are_one_unless_as_exported(desk: Desk) -> None:
    desk.load(ann("05 10:00:00", "a", customer_id="anna"), ann("06 10:00:00", "b"))
    desk.merge(("anna", "ann"))
    assert told(desk, "is_repeated", "customer_id")["a"] == (True, "ann")
    assert told(desk, "is_repeated", "customer_id", as_exported=True)["a"] == (False, "anna")
    assert [len(tile(desk, "timeline", customer_id=name)) for name in ("ann", "anna")] == [2, 0]
    assert [len(tile(desk, "timeline", customer_id=name, as_exported=True)) for name in ("ann", "anna")] == [1, 1]


def test_values_periods_channels_and_customers(desk: Desk) -> None:
    desk.load(
        ann("05 10:00:00", channel="SMS", agent_when_ended="Bo"), ann("06 11:00:00", channel="CHAT"),
        ann("07 12:00:00", channel="SMS"), ann("07 12:01:00", channel="EMAIL"), ann("20 09:00:00", channel="SMS"),
        ann("26 10:00:00", customer_id="bob", channel="SMS"), ann("27 10:00:00", customer_id="bob", channel=None),
    )  # fmt: skip
    assert tile(desk, "by_channel") == [
        {"channel": "SMS", "requests": 4, "repeated": 2, "repeated_rate": 1 / 3},
        {"channel": "CHAT", "requests": 1, "repeated": 1, "repeated_rate": 1.0},
        {"channel": None, "requests": 1, "repeated": 0, "repeated_rate": None},
    ]
    assert tile(desk, "by_agent")[1] == {"agent": "Bo", "requests": 1, "repeated": 1, "repeated_rate": 1.0}
    periods = {row["period"]: row for row in tile(desk, "by_period")}
    assert len(periods) == 31
    assert periods["2024-03-26"] == {"period": "2024-03-26", "requests": 1, "repeated": 1, "repeated_rate": None}
    assert periods["2024-03-08"] == {"period": "2024-03-08", "requests": 0, "repeated": 0, "repeated_rate": None}
    assert tile(desk, "to_channel") == [
        {"channel": "CHAT", "next_channel": "SMS", "requests": 1},
        {"channel": "SMS", "next_channel": "CHAT", "requests": 1},
        {"channel": "SMS", "next_channel": None, "requests": 1},
    ]
    assert tile(desk, "customers") == [
        {"customer_id": "ann", "requests": 4, "longest_chain": 3, "first_at": "2024-03-05T10:00:00",
         "last_at": "2024-03-20T09:00:00", "channels": 3},
        {"customer_id": "bob", "requests": 2, "longest_chain": 2, "first_at": "2024-03-26T10:00:00",
         "last_at": "2024-03-27T10:00:00", "channels": 1},
    ]  # fmt: skip


def test_a_customers_timeline_has_every_contact_whatever_is_selected(desk: Desk) -> None:
    desk.load(
        ann("05 10:00:00", "a", agent_when_ended="Bo", status="ANSWERED", queued_to_fulfilled_seconds="30"),
        ann("05 10:05:00", "b", channel="SMS"), ann("06 10:05:00", "c", direction="OUTBOUND"), ann("06 22:05:00", "d"),
        ann("30 22:05:00", "e"), ann("06 10:00:00", customer_id="bob"),
    )  # fmt: skip
    rows = tile(desk, "timeline", customer_id="ann", start="2024-03-30", end="2024-03-30", channel="EMAIL")
    assert [(row["contact_id"], row["came_as"], row["days_since_last"]) for row in rows] == [
        ("a", "New request", None), ("b", "Forward", pytest.approx(5 / 1440)), ("c", "Outbound", 1.0),
        ("d", "Repeat", 0.5), ("e", "New request", 24.0),
    ]  # fmt: skip
    assert rows[0] == {
        "queued_at": "2024-03-05T10:00:00", "channel": "CHAT", "direction": "INBOUND",
        "queued_to_fulfilled_seconds": 30.0, "agent": "Bo", "status": "ANSWERED", "came_as": "New request",
        "days_since_last": None, "contact_id": "a",
    }  # fmt: skip


@pytest.mark.parametrize("asked", [{}, {"customer_id": ["ann", "bob"]}], ids=["of all", "of two"])
def test_the_days_since_the_last_contact_are_those_of_one_customer(desk: Desk, asked: dict[str, Any]) -> None:
    desk.load(ann("05 10:00:00", "a"), ann("06 10:00:00", "b", customer_id="bob"), ann("07 10:00:00", "c"))
    found = {row["contact_id"]: row["days_since_last"] for row in tile(desk, "timeline", **asked)}
    assert found == {"a": None, "b": None, "c": 2.0}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("within_days", "0", "'0' days are not possible. Choose 1 to 60 days"),
        ("within_days", "61", "Choose 1 to 60 days"),
        ("within_days", "7.5", "Choose 1 to 60 days"),
        ("forward_minutes", "-1", "'-1' minutes are not possible. Choose 0 to 1,440 minutes"),
        ("forward_minutes", "9" * 5_000, "Choose 0 to 1,440 minutes"),
    ],
)
def test_what_is_no_setting_is_refused(desk: Desk, key: str, value: str, said: str) -> None:
    for refused in (lambda: parsed(REPORT, {key: [value]}), lambda: desk.workbench.set(key, value)):
        with pytest.raises(BadSelection) as error:
            refused()
        assert said in str(error.value)
        assert len(str(error.value)) < 300
    with pytest.raises(WorkbenchError, match="no filter of contact_export"):
        parsed(REPORTS["contact_export"], {key: [value]})


def test_a_workspaces_own_days_hold_until_a_question_says_others(desk: Desk) -> None:
    desk.load(ann("05 10:00:00", "a"), ann("10 10:00:00", "b"))
    desk.workbench.set("within_days", "3")
    assert told(desk, "is_repeated")["a"] == (False,)
    assert told(desk, "is_repeated", within_days=7)["a"] == (True,)


def test_contacts_that_end_before_they_begin_and_nobody_at_all_are_no_failure(desk: Desk) -> None:
    desk.load(ann("05 10:00:00", "a", ended_at="2024-03-05 09:00:00"), ann("05 10:15:00", "b"))
    assert told(desk, "is_forward") == {"a": (False,), "b": (True,)}
    empty = tile(desk, "totals", channel="FAX")
    assert empty == [
        dict.fromkeys(REPORT.cards.columns) | {"contacts": 0, "requests": 0, "customers_with_3_or_more": 0}
    ]
    assert tile(desk, "customers", channel="FAX") == []
