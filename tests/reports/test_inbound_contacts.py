"""Inbound contacts: given rows, expected rows."""

from typing import Any

import pytest

from tests.builders import FILTERS, Desk, contact
from workbench.ask import answers
from workbench.ask.question import Question
from workbench.errors import BadSelection, UnknownName
from workbench.reports import REPORTS

MARCH = {"start": "2024-03-01", "end": "2024-03-31"}


def figures(contacts: int, customers: int, per_customer: float | None) -> dict[str, Any]:
    return {
        "inbound_contacts": contacts,
        "customers": customers,
        "avg_inbound_contacts_per_customer": per_customer,
    }


def by(
    key: str, value: str | None, contacts: int, customers: int, per_customer: float | None, share: float
) -> dict[str, Any]:
    return {key: value, **figures(contacts, customers, per_customer), "share": share}


def day(period: str, contacts: int = 0, customers: int = 0, per_customer: float | None = None) -> dict[str, Any]:
    return {"period": period, **figures(contacts, customers, per_customer)}


def skewed(desk: Desk) -> None:
    """Ann has five contacts, Bob two, Cy one, one has no customer; three channels and one missing, two days."""
    desk.load(
        *(contact(customer_id="ann", channel="CHAT", inbox_when_first_queued="Care") for _ in range(4)),
        contact("2024-03-06 10:00:00", customer_id="ann", channel="SMS", inbox_when_first_queued="Care"),
        contact("2024-03-06 10:00:00", customer_id="bob", channel="SMS", inbox_when_first_queued="Sales"),
        contact("2024-03-06 10:00:00", customer_id="bob", channel="EMAIL", inbox_when_first_queued=None),
        contact("2024-03-06 10:00:00", customer_id="cy", channel=None, inbox_when_first_queued="Sales"),
        contact("2024-03-06 10:00:00", customer_id=None, channel="CHAT", inbox_when_first_queued="Care"),
        contact("2024-03-06 10:00:00", customer_id="dee", direction="OUTBOUND"),
        contact("2024-03-06 10:00:00", customer_id="eve", direction=None),
    )


# Formulas ------------------------------------------------------------------------------------------------------------


def test_contacts_per_customer_divides_all_contacts_by_customers_those_without_one_included(desk: Desk) -> None:
    skewed(desk)
    assert desk.tile("totals") == [figures(9, 3, 3.0)]


def test_channels_come_with_their_share_the_largest_first_the_missing_one_last(desk: Desk) -> None:
    skewed(desk)
    assert desk.tile("by_channel") == [
        by("channel", "CHAT", 5, 1, 5.0, 5 / 9),
        by("channel", "SMS", 2, 2, 1.0, 2 / 9),
        by("channel", "EMAIL", 1, 1, 1.0, 1 / 9),
        by("channel", None, 1, 1, 1.0, 1 / 9),
    ]


def test_inboxes_are_those_where_contacts_were_first_queued(desk: Desk) -> None:
    skewed(desk)
    assert desk.tile("by_inbox") == [
        by("inbox", "Care", 6, 1, 6.0, 6 / 9),
        by("inbox", "Sales", 2, 2, 1.0, 2 / 9),
        by("inbox", None, 1, 1, 1.0, 1 / 9),
    ]


def test_a_contact_that_moved_stays_with_its_first_inbox(desk: Desk) -> None:
    desk.load(contact(inbox_when_first_queued="Care", inbox_when_ended="Sales"))
    assert [row["inbox"] for row in desk.tile("by_inbox")] == ["Care"]


def test_every_covered_day_has_a_row_and_a_day_without_contacts_is_zero(desk: Desk) -> None:
    skewed(desk)
    assert desk.tile("by_period", start="2024-03-04", end="2024-03-07") == [
        day("2024-03-04"),
        day("2024-03-05", 4, 1, 4.0),
        day("2024-03-06", 5, 3, 5 / 3),
        day("2024-03-07"),
    ]


def test_a_customer_of_two_days_counts_on_each_and_once_in_the_total(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00", customer_id="ann"), contact("2024-03-06 10:00:00", customer_id="ann"))
    assert [row["customers"] for row in desk.tile("by_period", start="2024-03-05", end="2024-03-06")] == [1, 1]
    assert desk.tile("totals") == [figures(2, 1, 2.0)]


def test_two_contacts_of_one_day_are_one_customer(desk: Desk) -> None:
    desk.load(contact(customer_id="ann", channel="EMAIL"), contact(customer_id="ann", channel="PHONE_CALL"))
    assert desk.tile("totals") == [figures(2, 1, 2.0)]


def test_contacts_per_customer_is_missing_when_no_contact_has_a_customer(desk: Desk) -> None:
    desk.load(contact(customer_id=None), contact(customer_id=None))
    assert desk.tile("totals") == [figures(2, 0, None)]
    assert desk.tile("by_channel") == [by("channel", "CHAT", 2, 0, None, 1.0)]


def test_nothing_selected_is_zero_and_has_no_average(desk: Desk) -> None:
    skewed(desk)
    assert desk.tile("totals", channel="TWITTER") == [figures(0, 0, None)]
    assert desk.tile("by_channel", channel="TWITTER") == []


def test_the_log_has_each_inbound_contact_the_latest_first(desk: Desk) -> None:
    desk.load(
        contact(
            "2024-03-05 10:00:00", contact_id="a", customer_id="ann", conversation_id="talk", entry_point="+1",
            final_ivr_selection="2 - Returns", status="ANSWERED", conversation_link="https://example.com/a",
            inbox_when_first_queued="Care",
        ),
        contact("2024-03-05 11:30:00", contact_id="b", customer_id=None, channel=None),
        contact("2024-03-05 12:00:00", contact_id="c", direction="OUTBOUND"),
    )  # fmt: skip
    nothing = dict.fromkeys(
        ("customer_id", "conversation_id", "channel", "inbox", "entry_point", "final_ivr_selection", "status",
         "conversation_link")
    )  # fmt: skip
    assert desk.tile("log") == [
        nothing | {"queued_at": "2024-03-05T11:30:00", "contact_id": "b"},
        {
            "queued_at": "2024-03-05T10:00:00", "customer_id": "ann", "conversation_id": "talk", "contact_id": "a",
            "channel": "CHAT", "inbox": "Care", "entry_point": "+1", "final_ivr_selection": "2 - Returns",
            "status": "ANSWERED", "conversation_link": "https://example.com/a",
        },
    ]  # fmt: skip


# Dates ---------------------------------------------------------------------------------------------------------------


def test_both_ends_of_the_date_range_are_included_to_the_second(desk: Desk) -> None:
    desk.load(
        contact("2024-03-04 23:59:59", contact_id="before"),
        contact("2024-03-05 00:00:00", contact_id="first"),
        contact("2024-03-06 23:59:59", contact_id="last"),
        contact("2024-03-07 00:00:00", contact_id="after"),
    )
    found = desk.tile("log", start="2024-03-05", end="2024-03-06")
    assert [row["contact_id"] for row in found] == ["last", "first"]
    assert desk.tile("totals", start="2024-03-05", end="2024-03-06") == [figures(2, 2, 1.0)]


def test_one_date_alone_leaves_the_other_end_open(desk: Desk) -> None:
    desk.load(*(contact(f"2024-03-0{number} 10:00:00") for number in range(1, 6)))
    assert desk.tile("totals", start="2024-03-04")[0]["inbound_contacts"] == 2
    assert desk.tile("totals", end="2024-03-03")[0]["inbound_contacts"] == 3


def test_one_date_alone_beyond_all_that_is_loaded_finds_nothing(desk: Desk) -> None:
    skewed(desk)
    for date in ({"start": "2024-05-01"}, {"end": "2023-12-31"}, {"start": "1990-01-01", "end": "1990-01-01"}):
        assert desk.tile("totals", **date) == [figures(0, 0, None)]
    assert desk.tile("totals", start="1990-01-01", end="2060-12-31") == desk.tile("totals")
    with pytest.raises(BadSelection, match="too far away"):
        desk.tile("totals", start="1989-12-31")


def test_a_range_that_ends_before_it_starts_is_refused(desk: Desk) -> None:
    skewed(desk)
    with pytest.raises(BadSelection, match="ends before it"):
        desk.tile("totals", start="2024-03-06", end="2024-03-05")


def test_a_day_that_no_load_covers_is_absent_and_not_zero(desk: Desk) -> None:
    desk.load(contact("2024-03-01 10:00:00"), name="ContactExport-20240301-20240302.csv")
    desk.load(contact("2024-03-05 10:00:00"), name="ContactExport-20240305-20240305.csv")
    assert desk.tile("by_period") == [day("2024-03-01", 1, 1, 1.0), day("2024-03-02"), day("2024-03-05", 1, 1, 1.0)]
    assert desk.tile("by_period", rollup="month") == [day("2024-03-01", 2, 2, 1.0)]


def test_without_days_in_its_name_a_file_covers_its_first_to_its_last_day(desk: Desk) -> None:
    desk.load(contact("2024-03-01 10:00:00"), contact("2024-03-03 10:00:00"), name="export.csv")
    assert desk.tile("by_period", **MARCH) == [
        day("2024-03-01", 1, 1, 1.0),
        day("2024-03-02"),
        day("2024-03-03", 1, 1, 1.0),
    ]


def test_an_empty_file_with_days_in_its_name_makes_them_zero(desk: Desk) -> None:
    desk.load(contact("2024-03-01 10:00:00"), name="ContactExport-20240301-20240301.csv")
    desk.load(name="ContactExport-20240302-20240303.csv")
    assert desk.tile("by_period") == [day("2024-03-01", 1, 1, 1.0), day("2024-03-02"), day("2024-03-03")]


# Periods -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rollup", "expected"),
    [
        ("half_hour", "2024-03-06T10:30:00"),
        ("hour", "2024-03-06T10:00:00"),
        ("day", "2024-03-06"),
        ("week", "2024-03-04"),
        ("month", "2024-03-01"),
        ("quarter", "2024-01-01"),
    ],
)
def test_a_contact_falls_into_the_period_that_began_before_it(desk: Desk, rollup: str, expected: str) -> None:
    desk.load(contact("2024-03-06 10:59:59"))
    found = desk.tile("by_period", rollup=rollup, start="2024-03-06", end="2024-03-06")
    assert [row for row in found if row["inbound_contacts"]] == [day(expected, 1, 1, 1.0)]


@pytest.mark.parametrize(
    ("rollup", "periods"), [("half_hour", 48), ("hour", 24), ("day", 1), ("week", 1), ("month", 1)]
)
def test_a_day_has_as_many_periods_as_it_holds(desk: Desk, rollup: str, periods: int) -> None:
    desk.load(contact("2024-03-06 10:59:59"))
    assert len(desk.tile("by_period", rollup=rollup, start="2024-03-06", end="2024-03-06")) == periods


def test_a_week_starts_on_monday_unless_the_setting_says_sunday(desk: Desk) -> None:
    desk.load(contact("2024-03-09 10:00:00"), contact("2024-03-10 10:00:00"), contact("2024-03-11 10:00:00"))
    within = {"rollup": "week", "start": "2024-03-09", "end": "2024-03-11"}
    assert desk.tile("by_period", **within) == [day("2024-03-04", 2, 2, 1.0), day("2024-03-11", 1, 1, 1.0)]
    desk.workbench.workspace.set("week_start", "sunday")
    assert desk.tile("by_period", **within) == [day("2024-03-03", 1, 1, 1.0), day("2024-03-10", 2, 2, 1.0)]


@pytest.mark.parametrize(
    ("days", "rollup", "periods"),
    [
        ("2024-03-10", "hour", 23), ("2024-03-10", "half_hour", 46),
        ("2024-11-03", "hour", 24), ("2024-11-03", "half_hour", 48), ("2024-03-11", "hour", 24),
    ],
)  # fmt: skip
def test_a_skipped_hour_has_no_period_and_a_repeated_one_has_one(
    desk: Desk, days: str, rollup: str, periods: int
) -> None:
    desk.load(
        contact(f"{days} 10:00:00", timezone_filter="America/New_York"), name="ContactExport-20240101-20241231.csv"
    )
    found = desk.tile("by_period", rollup=rollup, start=days, end=days)
    assert len(found) == periods
    assert len({row["period"] for row in found}) == periods
    assert ("2024-03-10T02:00:00" in {row["period"] for row in found}) is False


def test_both_passes_of_a_repeated_hour_fall_into_one_period(desk: Desk) -> None:
    desk.load(
        contact("2024-11-03T05:30:00Z", timezone_filter="America/New_York"),
        contact("2024-11-03T06:30:00Z", timezone_filter="America/New_York"),
        contact("2024-11-03T07:30:00Z", timezone_filter="America/New_York"),
        name="ContactExport-20241101-20241130.csv",
    )
    found = desk.tile("by_period", rollup="hour", start="2024-11-03", end="2024-11-03")
    assert [row for row in found if row["inbound_contacts"]] == [
        day("2024-11-03T01:00:00", 2, 2, 1.0),
        day("2024-11-03T02:00:00", 1, 1, 1.0),
    ]


def test_the_log_is_in_the_order_of_instants_where_an_hour_is_repeated(desk: Desk) -> None:
    for id, instant in {"first": "2024-11-03T05:45:00Z", "second": "2024-11-03T06:15:00Z"}.items():
        desk.load(contact(instant, contact_id=id, timezone_filter="America/New_York"), name=f"{id}.csv")
    found = desk.tile("log")
    assert [(row["contact_id"], row["queued_at"][11:16]) for row in found] == [("second", "01:15"), ("first", "01:45")]


def test_a_day_of_25_hours_counts_all_of_them(desk: Desk) -> None:
    instants = [f"2024-11-03T{hour:02}:30:00Z" for hour in range(4, 24)]
    instants += [f"2024-11-04T{hour:02}:30:00Z" for hour in range(6)]
    rows = [contact(instant, timezone_filter="America/New_York") for instant in instants]
    desk.load(*rows, name="ContactExport-20241101-20241130.csv")
    found = desk.tile("by_period", start="2024-11-03", end="2024-11-04")
    assert [(row["period"], row["inbound_contacts"]) for row in found] == [("2024-11-03", 25), ("2024-11-04", 1)]


# Zones ---------------------------------------------------------------------------------------------------------------


def test_another_zone_moves_a_contact_to_its_own_day_and_leaves_the_total(desk: Desk) -> None:
    desk.load(contact("2024-03-05 23:30:00", contact_id="a"), name="ContactExport-20240304-20240307.csv")
    assert desk.tile("log", timezone="Asia/Kolkata")[0]["queued_at"] == "2024-03-06T05:00:00"
    assert desk.tile("totals", start="2024-03-06", end="2024-03-06", timezone="Asia/Kolkata") == [figures(1, 1, 1.0)]
    assert desk.tile("totals", start="2024-03-05", end="2024-03-05", timezone="Asia/Kolkata") == [figures(0, 0, None)]
    found = desk.tile("by_period", timezone="Asia/Kolkata", start="2024-03-05", end="2024-03-06")
    assert found == [day("2024-03-05"), day("2024-03-06", 1, 1, 1.0)]


def test_days_of_another_zone_are_covered_as_far_as_the_loads_reach_into_them(desk: Desk) -> None:
    desk.load(contact("2024-03-01 10:00:00"), name="ContactExport-20240301-20240302.csv")
    for timezone, days in (("Asia/Kolkata", [1, 2, 3]), ("UTC", [1, 2])):
        assert [row["period"] for row in desk.tile("by_period", timezone=timezone)] == [f"2024-03-0{n}" for n in days]
    assert incomplete(desk, timezone="Asia/Kolkata") == ["2024-03-01", "2024-03-03"]
    assert desk.tile("by_period", timezone="Asia/Kolkata", preset="today") == [day("2024-03-03")]


def test_a_new_reporting_zone_moves_a_contact_like_a_view_in_that_zone(desk: Desk) -> None:
    skewed(desk)
    seen = {
        name: desk.tile(name, timezone="Australia/Lord_Howe", rollup="hour") for name in ("totals", "by_period", "log")
    }
    desk.workbench.workspace.set("reporting_zone", "Australia/Lord_Howe")
    assert seen == {name: desk.tile(name, rollup="hour") for name in seen}


def test_other_times_of_a_contact_are_shown_in_the_zone_of_the_view(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00", contact_id="a", ended_at="2024-03-05 11:00:00"))
    for zone, hour in ((None, "11"), ("Europe/Berlin", "12"), ("America/New_York", "06")):
        log = desk.workbench.report("inbound_contacts", timezone=zone).rows("totals")
        assert list(log["contact_id"]) == ["a"]
        sql = desk.workbench.report("inbound_contacts", timezone=zone).sql("log")
        found = desk.stored(f"select ended_at from ({sql})")
        assert str(found[0][0]) == f"2024-03-05 {hour}:00:00"


# Filters -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "column", "one", "other"), FILTERS)
def test_a_filter_takes_one_value_several_or_the_missing_one(
    desk: Desk, key: str, column: str, one: str, other: str
) -> None:
    desk.load_to_filter(column, one, other)

    def contacts(*values: str | None) -> int:
        return int(desk.tile("totals", **{key: list(values)})[0]["inbound_contacts"])

    assert [contacts(one), contacts(other), contacts(one, other)] == [3, 2, 5]
    assert [contacts(None), contacts(None, other), contacts("nobody")] == [1, 3, 0]


def test_an_enum_filter_ignores_case_and_an_id_filter_does_not(desk: Desk) -> None:
    desk.load(contact(channel="Chat", entry_point="Web"))
    assert desk.tile("totals", channel="chat")[0]["inbound_contacts"] == 1
    assert desk.tile("totals", entry_point="web")[0]["inbound_contacts"] == 0


def test_filters_of_two_keys_hold_together(desk: Desk) -> None:
    skewed(desk)
    assert desk.tile("totals", channel="SMS", inbox="Sales") == [figures(1, 1, 1.0)]
    assert desk.tile("by_inbox", channel="SMS") == [
        by("inbox", "Care", 1, 1, 1.0, 0.5),
        by("inbox", "Sales", 1, 1, 1.0, 0.5),
    ]


def test_a_filter_value_with_quotes_is_only_a_value(desk: Desk) -> None:
    desk.load(
        contact(inbox_when_first_queued="O'Hara; drop table loads --"), contact(inbox_when_first_queued="$inbox_1")
    )
    assert desk.tile("totals", inbox="O'Hara; drop table loads --")[0]["inbound_contacts"] == 1
    assert desk.tile("totals", inbox="$inbox_1")[0]["inbound_contacts"] == 1


@pytest.mark.parametrize(
    ("selection", "text"),
    [
        ({"agent": "Ann"}, "no filter of inbound_contacts 'agent'"),
        ({"rollup": "year"}, "no rollup 'year'"),
        ({"preset": "last_5_days"}, "no preset 'last_5_days'"),
        ({"timezone": "Europe/Berln"}, "no time zone 'Europe/Berln'"),
        ({"compare": "yesterday"}, "no comparison 'yesterday'"),
    ],
)
def test_a_selectedthat_does_not_exist_is_refused_with_what_does(
    desk: Desk, selection: dict[str, str], text: str
) -> None:
    with pytest.raises(UnknownName, match=text):
        desk.tile("totals", **selection)


# Pins ----------------------------------------------------------------------------------------------------------------


def test_a_tile_ignores_the_pin_of_its_own_dimension_and_the_others_follow(desk: Desk) -> None:
    skewed(desk)
    pinned = {"pins": {"channel": "SMS"}}
    assert [row["channel"] for row in desk.tile("by_channel", **pinned)] == ["CHAT", "SMS", "EMAIL", None]
    assert [row["inbox"] for row in desk.tile("by_inbox", **pinned)] == ["Care", "Sales"]
    assert desk.tile("totals", **pinned) == [figures(2, 2, 1.0)]
    assert {row["channel"] for row in desk.tile("log", **pinned)} == {"SMS"}


def test_a_tile_ignores_only_the_pin_of_its_own_dimension_and_follows_the_others(desk: Desk) -> None:
    skewed(desk)
    found = desk.tile("by_channel", pins={"channel": "SMS", "inbox": "Sales"})
    assert found == [by("channel", "SMS", 1, 1, 1.0, 0.5), by("channel", None, 1, 1, 1.0, 0.5)]


def test_a_pin_and_a_filter_on_one_key_intersect(desk: Desk) -> None:
    skewed(desk)
    assert desk.tile("totals", channel=["SMS", "EMAIL"], pins={"channel": ["SMS", "CHAT"]}) == [figures(2, 2, 1.0)]
    assert desk.tile("totals", channel="EMAIL", pins={"channel": "CHAT"}) == [figures(0, 0, None)]


def test_the_rows_of_a_cell_are_its_own_though_another_cell_of_the_tile_is_pinned(desk: Desk) -> None:
    skewed(desk)
    rows = desk.workbench.report("inbound_contacts", pins={"channel": "SMS"}).rows("by_channel", channel="EMAIL")
    assert list(rows["channel"]) == ["EMAIL"]


def test_a_pinned_period_shows_its_contacts(desk: Desk) -> None:
    skewed(desk)
    assert desk.tile("totals", rollup="week", pins={"period": "2024-03-04"}) == [figures(9, 3, 3.0)]
    assert desk.tile("totals", pins={"period": "2024-03-05"}) == [figures(4, 1, 4.0)]
    assert len(desk.tile("by_period", start="2024-03-04", end="2024-03-07", pins={"period": "2024-03-05"})) == 4


def test_a_pin_can_hold_a_set_of_values_and_the_missing_one(desk: Desk) -> None:
    skewed(desk)
    assert desk.tile("totals", pins={"channel": ["EMAIL", None]}) == [figures(2, 2, 1.0)]


# Customer merges -----------------------------------------------------------------------------------------------------


def test_contacts_of_a_merged_customer_count_for_the_last_of_a_chain(desk: Desk) -> None:
    desk.load(*(contact(customer_id=name) for name in ("ann", "ann", "bob", "cy", "dee")))
    desk.merge(("ann", "bob"), ("bob", "cy"))
    assert desk.tile("totals") == [figures(5, 2, 2.5)]
    assert {row["customer_id"] for row in desk.tile("log")} == {"cy", "dee"}


def test_merges_loaded_later_restate_the_past_and_extend_a_chain(desk: Desk) -> None:
    desk.load(*(contact(customer_id=name) for name in ("ann", "bob", "cy")))
    desk.merge(("ann", "bob"))
    assert desk.tile("totals") == [figures(3, 2, 1.5)]
    desk.merge(("bob", "cy"), name="later.csv")
    assert desk.tile("totals") == [figures(3, 1, 3.0)]


def test_merges_loaded_before_the_contacts_hold_as_well(desk: Desk) -> None:
    desk.merge(("ann", "bob"))
    desk.load(contact(customer_id="ann"), contact(customer_id="bob"))
    assert desk.tile("totals") == [figures(2, 1, 2.0)]


def test_the_switch_shows_customers_as_exported(desk: Desk) -> None:
    desk.load(contact(customer_id="ann"), contact(customer_id="bob"))
    desk.merge(("ann", "bob"))
    assert desk.tile("totals", as_exported=True) == [figures(2, 2, 1.0)]
    assert desk.tile("by_channel", as_exported=True) == [by("channel", "CHAT", 2, 2, 1.0, 1.0)]
    assert {row["customer_id"] for row in desk.tile("log", as_exported=True)} == {"ann", "bob"}


# Comparison ----------------------------------------------------------------------------------------------------------


def changes(metric: str, before: float | None, change: float | None, rate: float | None) -> dict[str, Any]:
    return {f"{metric}_before": before, f"{metric}_change": change, f"{metric}_change_rate": rate}


def test_the_preceding_period_has_as_many_days_and_ends_the_day_before(desk: Desk) -> None:
    desk.load(
        contact("2024-03-07 23:59:59"),
        contact("2024-03-08 00:00:00", customer_id="ann"),
        contact("2024-03-09 23:59:59", customer_id="ann"),
        *(contact("2024-03-10 00:00:00", customer_id=name) for name in ("ann", "bob", "bob")),
    )
    assert desk.tile("totals", start="2024-03-10", end="2024-03-11", compare="preceding") == [
        figures(3, 2, 1.5)
        | changes("inbound_contacts", 2, 1, 0.5)
        | changes("customers", 1, 1, 1.0)
        | changes("avg_inbound_contacts_per_customer", 2.0, -0.5, -0.25)
    ]


def test_a_change_from_nothing_has_no_rate(desk: Desk) -> None:
    desk.load(contact("2024-03-10 10:00:00"))
    found = desk.tile("totals", start="2024-03-10", end="2024-03-10", compare="preceding")
    assert found == [
        figures(1, 1, 1.0)
        | changes("inbound_contacts", 0, 1, None)
        | changes("customers", 0, 1, None)
        | changes("avg_inbound_contacts_per_customer", None, None, None)
    ]


def test_values_are_compared_by_name_and_the_missing_one_with_the_missing_one(desk: Desk) -> None:
    desk.load(
        *(contact("2024-03-09 10:00:00", channel=channel) for channel in ("SMS", "SMS", "SMS", None, None)),
        *(contact("2024-03-10 10:00:00", channel=channel) for channel in ("CHAT", "CHAT", "SMS", None)),
    )
    found = desk.tile("by_channel", start="2024-03-10", end="2024-03-10", compare="preceding")
    assert [(r["channel"], r["inbound_contacts"], r["inbound_contacts_before"]) for r in found] == [
        ("CHAT", 2, 0),  # the day before is loaded, and had none
        ("SMS", 1, 3),
        (None, 1, 2),
    ]


def test_periods_are_compared_by_their_place(desk: Desk) -> None:
    desk.load(*(contact(f"2024-03-{n:02} 10:00:00") for n in (8, 8, 8, 9, 10, 10, 11)))
    found = desk.tile("by_period", start="2024-03-10", end="2024-03-11", compare="preceding")
    assert [(r["period"], r["inbound_contacts"], r["inbound_contacts_before"]) for r in found] == [
        ("2024-03-10", 2, 3),
        ("2024-03-11", 1, 1),
    ]


def test_a_period_without_one_at_its_place_and_an_average_of_nothing_are_not_compared(
    desk: Desk,
) -> None:
    counts = {"2024-03-01": "SMS SMS", "2024-03-05": "SMS CHAT", "2024-03-06": "SMS"}
    desk.load(*(contact(f"{at} 10:00:00", channel=name) for at, names in counts.items() for name in names.split()))
    asked = {"start": "2024-03-05", "end": "2024-03-06", "compare": "2024-03-01..2024-03-01"}
    found = [(row["period"], row["inbound_contacts_before"]) for row in desk.tile("by_period", **asked)]
    assert found == [("2024-03-05", 2), ("2024-03-06", None)]
    metrics = ("inbound_contacts_before", "avg_inbound_contacts_per_customer_before")
    found_by_channel = {row["channel"]: [row[name] for name in metrics] for row in desk.tile("by_channel", **asked)}
    assert found_by_channel == {"SMS": [2, 1.0], "CHAT": [0, None]}


def test_a_longer_range_to_compare_with_leaves_each_period_the_one_at_its_place(desk: Desk) -> None:
    desk.load(*(contact(f"2024-03-0{day} 10:00:00") for day in (1, 1, 2, 5)))
    found = desk.tile("by_period", start="2024-03-05", end="2024-03-05", compare="2024-03-01..2024-03-02")
    assert [(row["period"], row["inbound_contacts_before"]) for row in found] == [("2024-03-05", 2)]


def test_weeks_that_start_on_sunday_are_compared_by_their_place(desk: Desk) -> None:
    desk.workbench.workspace.set("week_start", "sunday")
    desk.load(*(contact(f"2024-03-{at} 10:00:00") for at in ("06", "06", "12")))
    found = desk.tile("by_period", start="2024-03-10", end="2024-03-14", rollup="week", compare="preceding")
    assert [(row["period"], row["inbound_contacts"], row["inbound_contacts_before"]) for row in found] == [
        ("2024-03-10", 1, 2)
    ]


def test_a_day_that_is_not_loaded_does_not_shift_the_days_compared(desk: Desk) -> None:
    rows = [contact(f"2024-03-{n:02} 10:00:00") for n in range(1, 10) for _ in range(n)]
    desk.load(*(row for row in rows), name="ContactExport-20240301-20240309.csv")
    desk.load(contact("2024-03-11 10:00:00"), name="ContactExport-20240311-20240311.csv")
    found = desk.tile("by_period", start="2024-03-08", end="2024-03-11", compare="preceding")
    assert [(r["period"], r["inbound_contacts_before"]) for r in found] == [
        ("2024-03-08", 4),
        ("2024-03-09", 5),
        ("2024-03-11", 7),
    ]


@pytest.mark.parametrize(
    ("preset", "before"),
    [("this_month", 9), ("last_month", 29 + 31), ("last_7_days", 7)],
)
def test_months_are_compared_with_the_same_days_of_the_month_before(desk: Desk, preset: str, before: int) -> None:
    """One contact a day from January 2024 to 9 March; February compares with the whole of January, twice as full."""
    days = [f"2024-{month:02}-{day:02}" for month, last in ((1, 31), (2, 29), (3, 9)) for day in range(1, last + 1)]
    rows = [contact(f"{text} 10:00:00") for text in days for _ in range(1 + (text < "2024-01-30"))]
    desk.load(*rows, name="ContactExport-20240101-20240309.csv")
    assert desk.tile("totals", preset=preset, compare="preceding")[0]["inbound_contacts_before"] == before


@pytest.mark.parametrize(
    ("asked", "before"),
    [
        ({"preset": "this_month", "compare": "preceding"}, 29),
        ({"start": "2024-02-29", "end": "2024-02-29", "compare": "last_year"}, 3),
        ({"start": "2024-03-05", "end": "2024-03-05", "preset": "this_month", "compare": "preceding"}, 1),
        ({"start": "2024-03-05", "end": "2024-03-05", "compare": "2023-02-28..2023-02-28"}, 2),
    ],
)  # fmt: skip
def test_a_month_of_31_days_a_leap_day_and_dates_beside_a_preset_have_their_days_before(
    desk: Desk, asked: dict[str, str], before: int
) -> None:
    days = [f"2024-{month:02}-{day:02}" for month, last in ((2, 29), (3, 31)) for day in range(1, last + 1)]
    others = ("2023-02-28", "2023-02-28", "2023-03-02", "2023-03-02", "2023-03-02")
    rows = [contact(f"{text} 10:00:00") for text in (*others, *days)]
    desk.load(*rows, name="ContactExport-20230101-20240331.csv")
    assert desk.tile("totals", **asked)[0]["inbound_contacts_before"] == before


@pytest.mark.parametrize(("compare", "before"), [("last_year", 2), ("weekdays", 3), ("2024-01-01..2024-01-02", 4)])
def test_other_ranges_to_compare_with(desk: Desk, compare: str, before: int) -> None:
    counts = {"2023-03-07 10:00:00": 2, "2024-02-06 10:00:00": 3, "2024-01-02 10:00:00": 4, "2024-03-05 10:00:00": 1}
    rows = [contact(at) for at, count in counts.items() for _ in range(count)]
    desk.load(*rows, name="ContactExport-20230101-20240331.csv")
    found = desk.tile("totals", start="2024-03-05", end="2024-03-05", compare=compare)
    assert found[0]["inbound_contacts_before"] == before


@pytest.mark.parametrize("tile", ["totals", "by_period", "by_channel"])
def test_a_period_that_is_not_wholly_loaded_is_compared_with_nothing(desk: Desk, tile: str) -> None:
    desk.load(
        contact("2024-03-10 10:00:00"), contact("2024-03-11 10:00:00"), name="ContactExport-20240309-20240311.csv"
    )
    found = desk.tile(tile, start="2024-03-10", end="2024-03-11", compare="preceding")
    assert [row["inbound_contacts_before"] for row in found] == [None] * len(found)
    assert [row["inbound_contacts_change"] for row in found] == [None] * len(found)


# Partial loads -------------------------------------------------------------------------------------------------------


def partial(desk: Desk) -> None:
    """All channels on 1 and 2 March, voice and chat alone from 3 to 5 March."""
    desk.load(contact("2024-03-01 10:00:00", channel="SMS"), name="ContactExport-20240301-20240302.csv")
    rows = [
        contact(f"2024-03-0{n} 10:00:00", channel=channel, channel_filter="Voice, Chat")
        for n, channel in ((3, "CHAT"), (4, "PHONE_CALL"), (4, "CHAT"))
    ]
    desk.load(*rows, name="ContactExport-20240303-20240305.csv")


@pytest.mark.parametrize(
    ("channels", "days"),
    [(["CHAT"], [1, 2, 3, 4, 5]), (["PHONE_CALL", "CHAT"], [1, 2, 3, 4, 5]), (["SMS"], [1, 2]), ([], [1, 2, 3, 4, 5])],
)
def test_a_partial_load_covers_only_its_channels(desk: Desk, channels: list[str], days: list[int]) -> None:
    partial(desk)
    found = desk.tile("by_period", channel=channels)
    assert [row["period"] for row in found] == [f"2024-03-0{n}" for n in days]


def incomplete(desk: Desk, **selection: Any) -> list[str]:
    report = REPORTS["inbound_contacts"]
    selected = desk.workbench.report(report.name, **selection).selection
    asked = Question(desk.workbench.workspace, report, selected)
    found = answers.incomplete_periods(asked, report.tile("by_period"))
    return [f"{at:%Y-%m-%d}" for at in found]


def test_a_period_that_is_covered_for_some_channels_only_is_incomplete(desk: Desk) -> None:
    partial(desk)
    assert incomplete(desk) == ["2024-03-03", "2024-03-04", "2024-03-05"]
    assert incomplete(desk, channel="CHAT") == []
    assert incomplete(desk, channel=["CHAT", "SMS"]) == ["2024-03-03", "2024-03-04", "2024-03-05"]
    assert incomplete(desk, channel=["CHAT", "SMS"], pins={"channel": ["CHAT", "PHONE_CALL"]}) == []


def test_first_and_last_periods_that_the_range_or_the_coverage_cuts_are_incomplete(desk: Desk) -> None:
    desk.load(contact("2024-03-06 10:00:00"), name="ContactExport-20240301-20240331.csv")
    assert incomplete(desk, rollup="week") == ["2024-02-26"]
    assert incomplete(desk, rollup="week", start="2024-03-05", end="2024-03-24") == ["2024-03-04"]
    assert incomplete(desk, rollup="month") == []
    assert incomplete(desk, rollup="quarter") == ["2024-01-01"]
    assert incomplete(desk, rollup="day") == []


def test_a_week_that_two_files_cover_whose_days_meet_is_complete(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00"), name="ContactExport-20240304-20240306.csv")
    desk.load(contact("2024-03-07 10:00:00"), name="ContactExport-20240307-20240310.csv")
    assert incomplete(desk, rollup="week") == []


def test_a_comparison_needs_the_channel_and_not_the_others(desk: Desk) -> None:
    partial(desk)
    days = {"start": "2024-03-04", "end": "2024-03-05", "compare": "preceding"}
    assert desk.tile("totals", channel="CHAT", **days)[0]["inbound_contacts_before"] == 1
    assert desk.tile("totals", channel="SMS", **days)[0]["inbound_contacts_before"] is None
    days |= {"start": "2024-03-02", "end": "2024-03-03"}
    assert desk.tile("totals", channel="CHAT", **days)[0]["inbound_contacts_before"] is None  # nor is 29 February


# Gladly's own report -------------------------------------------------------------------------------------------------

REPORTED = (
    "Timezone Filter,Channel Filter,Inboxes Filter,Date,Inbound Contacts,Customers,Avg. Inbound Contacts per Customer\n"
)


def test_as_reported_shows_ours_theirs_and_the_difference_with_and_without_email(desk: Desk) -> None:
    skewed(desk)
    desk.load_text(
        REPORTED
        + "UTC,All Channels,All Inboxes,2024-03-05,4,1,4.0\nUTC,All Channels,All Inboxes,2024-03-06,9,4,2.25\n",
        name="InboundContacts-20240305-20240306-Daily.csv",
    )
    assert desk.tile("as_reported")[1] == {
        "period": "2024-03-06",
        "inbound_contacts": 5, "inbound_contacts_without_email": 4, "inbound_contacts_reported": 9,
        "inbound_contacts_difference": -4, "inbound_contacts_without_email_difference": -5,
        "customers": 3, "customers_without_email": 3, "customers_reported": 4,
        "customers_difference": -1, "customers_without_email_difference": -1,
        "avg_inbound_contacts_per_customer": 5 / 3, "avg_inbound_contacts_per_customer_without_email": 4 / 3,
        "avg_inbound_contacts_per_customer_reported": 2.25,
        "avg_inbound_contacts_per_customer_difference": pytest.approx(5 / 3 - 2.25),
        "avg_inbound_contacts_per_customer_without_email_difference": pytest.approx(4 / 3 - 2.25),
    }  # fmt: skip
    assert [row["inbound_contacts_difference"] for row in desk.tile("as_reported")] == [0, -4]


@pytest.mark.parametrize(
    ("channels", "inboxes", "ours"),
    [
        ("All Channels", "All Inboxes", 9), ("Chat", "All Inboxes", 5), ('"SMS, Email"', "All Inboxes", 3),
        ("All Channels", "Sales", 2), ("SMS", '"Care, Sales"', 2),
    ],
)  # fmt: skip
def test_as_reported_counts_at_the_downloads_own_filters(desk: Desk, channels: str, inboxes: str, ours: int) -> None:
    skewed(desk)
    desk.load_text(
        REPORTED + f"UTC,{channels},{inboxes},2024-03-04,7,7,1\n", name="InboundContacts-20240304-20240310-Weekly.csv"
    )
    assert [(row["inbound_contacts"], row["inbound_contacts_reported"]) for row in desk.tile("as_reported")] == [
        (ours, 7)
    ]


@pytest.mark.parametrize(
    ("inboxes", "ours"),
    [
        ("Returns, Refunds & Exchanges", 2), ("Care, Returns, Refunds & Exchanges,Sales", 6), ("Refunds", 0),
        ("Care ,Sal", 3), ("Customer Care, Presales", 0),
    ],
)  # fmt: skip
def test_as_reported_finds_an_inbox_whose_name_has_a_comma_in_a_list(desk: Desk, inboxes: str, ours: int) -> None:
    numbers = {"Care": 3, "Returns, Refunds & Exchanges": 2, "Sales": 1}
    desk.load(*(contact(inbox_when_first_queued=inbox) for inbox, n in numbers.items() for _ in range(n)))
    line = f'UTC,All Channels,"{inboxes}",2024-03-05,7,7,1\n'
    desk.load_text(REPORTED + line, name="InboundContacts-20240305-20240305-Daily.csv")
    assert [row["inbound_contacts"] for row in desk.tile("as_reported")] == [ours]


def test_as_reported_leaves_out_days_of_which_the_loads_have_some_channels_only(desk: Desk) -> None:
    partial(desk)
    days = "".join(f"UTC,All Channels,All Inboxes,2024-03-0{day},9,9,1\n" for day in range(1, 6))
    desk.load_text(REPORTED + days, name="InboundContacts-20240301-20240305-Daily.csv")
    assert [row["period"] for row in desk.tile("as_reported")] == ["2024-03-01", "2024-03-02"]


def test_as_reported_counts_zero_where_no_contact_is_and_has_no_average_there(desk: Desk) -> None:
    skewed(desk)
    desk.load_text(
        REPORTED + "UTC,All Channels,All Inboxes,2024-03-08,0,0,\n", name="InboundContacts-20240308-20240308-Daily.csv"
    )
    row = desk.tile("as_reported")[0]
    assert (row["inbound_contacts"], row["customers"], row["avg_inbound_contacts_per_customer"]) == (0, 0, None)


# Presets -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("today", "2024-03-14", "2024-03-14"), ("yesterday", "2024-03-13", "2024-03-13"),
        ("last_7_days", "2024-03-08", "2024-03-14"), ("last_14_days", "2024-03-01", "2024-03-14"),
        ("last_30_days", "2024-02-14", "2024-03-14"), ("this_week", "2024-03-11", "2024-03-14"),
        ("last_week", "2024-03-04", "2024-03-10"), ("this_month", "2024-03-01", "2024-03-14"),
        ("last_month", "2024-02-01", "2024-02-29"), ("all", "2024-01-01", "2024-03-14"),
    ],
)  # fmt: skip
def test_presets_count_from_the_last_covered_day_of_the_data(desk: Desk, preset: str, first: str, last: str) -> None:
    desk.load(contact("2024-02-05 10:00:00"), name="ContactExport-20240101-20240314.csv")
    found = desk.tile("by_period", preset=preset)
    assert (found[0]["period"], found[-1]["period"]) == (first, last)


def test_weeks_of_presets_start_where_the_setting_says(desk: Desk) -> None:
    desk.load(contact("2024-02-05 10:00:00"), name="ContactExport-20240101-20240314.csv")
    desk.workbench.workspace.set("week_start", "sunday")
    assert desk.tile("by_period", preset="this_week")[0]["period"] == "2024-03-10"
    assert desk.tile("by_period", preset="last_week")[0]["period"] == "2024-03-03"
