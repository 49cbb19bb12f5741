"""Messaging overview: given messages and orders, expected figures."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.builders import Desk, Row, merges, message, order, plain, value
from workbench.ask import answers
from workbench.ask.question import Question, is_shown
from workbench.ask.selection import parsed
from workbench.errors import BadSelection
from workbench.reports import REPORTS

REPORT = REPORTS["messaging_overview"]
MESSAGES, ORDERS = "LexerMessages-20240301-20240331.csv", "LexerOrders-20240301-20240430.csv"


def given(desk: Desk, messages: list[Row], orders: list[Row], **choices: Any) -> None:
    desk.load_kind("lexer_messages", *messages, name=MESSAGES, **choices)
    if orders:
        desk.load_kind("lexer_orders", *orders, name=ORDERS, **choices)


def tile(desk: Desk, name: str, **asked: Any) -> list[dict[str, Any]]:
    return plain(desk.workbench.report("messaging_overview", **asked).tile(name))


def heroes(sent: int, revenue: float | None, conversion: float | None, customers: int) -> dict[str, Any]:
    return {
        "messages_sent": sent,
        "revenue_generated": revenue,
        "conversion_rate": conversion,
        "customers_messaged": customers,
    }


def queue(
    name: str | None, sent: int, skipped: int, revenue: float | None, each: float | None, conversion: float | None
) -> dict[str, Any]:
    return {
        "queue": name,
        "messages_sent": sent,
        "messages_skipped": skipped,
        "revenue_generated": revenue,
        "revenue_per_message": each,
        "conversion_rate": conversion,
    }


def campaign(desk: Desk) -> None:
    """Ann gets two birthday messages and a lapsed one, Ben a birthday one, Cy a lapsed one; one has no customer."""
    given(
        desk,
        [
            message("2024-03-05 10:00:00", message_id="a1", customer_id="ann", queue="Birthday", agent="Bo"),
            message("2024-03-06 10:00:00", message_id="a2", customer_id="ann", queue="Lapsed", agent="Di"),
            message("2024-03-20 10:00:00", message_id="a3", customer_id="ann", queue="Birthday", agent="Bo"),
            message("2024-03-05 11:00:00", message_id="b1", customer_id="ben", queue="Birthday", agent="Di"),
            message("2024-03-05 12:00:00", message_id="c1", customer_id="cy", queue="Lapsed", agent=""),
            message("2024-03-05 13:00:00", message_id="n1", customer_id="", queue="", agent="Bo"),
            message("2024-03-05 14:00:00", message_id="s1", customer_id="cy", queue="Birthday", status="SKIPPED"),
            message("2024-03-05 14:00:00", message_id="s2", customer_id="cy", queue="Never", status="SKIPPED"),
            message("2024-03-05 14:00:00", message_id="u1", customer_id="cy", queue="Birthday", status="BOUNCED"),
        ],
        [
            order("2024-03-07 10:00:00", order_id="o1", customer_id="ann", order_value="100.10"),
            order("2024-03-08 10:00:00", order_id="o2", customer_id="ann", order_value="20.20"),
            order("2024-03-21 10:00:00", order_id="o3", customer_id="ann", order_value="-30.05"),
            order("2024-03-06 10:00:00", order_id="o4", customer_id="ben", order_value=""),
            order("2024-03-04 10:00:00", order_id="o5", customer_id="cy", order_value="500.00"),
            order("2024-03-06 10:00:00", order_id="o6", customer_id="dee", order_value="70.00"),
            order("2024-03-06 10:00:00", order_id="o7", customer_id="", order_value="80.00"),
        ],
    )


def test_heroes_count_messages_sent_and_every_order_once(desk: Desk) -> None:
    campaign(desk)
    assert tile(desk, "totals") == [heroes(6, 90.25, 2 / 3, 3)]


def test_a_queue_has_the_orders_of_its_messages_and_is_listed_when_it_sent_one(desk: Desk) -> None:
    campaign(desk)
    assert tile(desk, "by_queue") == [
        queue("Birthday", 3, 1, -30.05, -30.05 / 3, 2 / 2),
        queue("Lapsed", 2, 0, 120.30, 60.15, 1 / 2),
        queue(None, 1, 0, 0.0, 0.0, None),
    ]


def test_of_queues_that_sent_as_many_the_missing_one_is_last(desk: Desk) -> None:
    given(desk, [message(queue=queue) for queue in ("", "Never", "Birthday")], [])
    assert [row["queue"] for row in tile(desk, "by_queue")] == ["Birthday", "Never", None]


def test_first_touch_credits_the_first_message_whose_window_holds_the_order(desk: Desk) -> None:
    campaign(desk)
    assert tile(desk, "by_queue", touch="first") == [
        queue("Birthday", 3, 1, 90.25, 90.25 / 3, 2 / 2),
        queue("Lapsed", 2, 0, 0.0, 0.0, 1 / 2),
        queue(None, 1, 0, 0.0, 0.0, None),
    ]


def test_a_picked_or_pinned_queue_shows_in_the_heroes_what_its_row_showed(desk: Desk) -> None:
    campaign(desk)
    assert tile(desk, "totals", queue="Birthday") == [heroes(3, -30.05, 1.0, 2)]
    assert tile(desk, "totals", pins={"queue": "Birthday"}) == [heroes(3, -30.05, 1.0, 2)]
    assert [row["queue"] for row in tile(desk, "by_queue", pins={"queue": "Birthday"})] == ["Birthday", "Lapsed", None]
    assert tile(desk, "totals", agent="Bo") == [heroes(3, -30.05, 1.0, 1)]


def test_dates_leave_out_the_messages_that_would_have_won(desk: Desk) -> None:
    campaign(desk)
    assert tile(desk, "totals", start="2024-03-05", end="2024-03-05") == [heroes(4, 120.30, 2 / 3, 3)]
    assert tile(desk, "totals", start="2024-03-06", end="2024-03-06") == [heroes(1, 120.30, 1.0, 1)]
    assert tile(desk, "totals", start="2024-03-07", end="2024-03-19") == [heroes(0, 0.0, None, 0)]


def test_every_covered_day_has_a_row_and_skipped_messages_are_in_none(desk: Desk) -> None:
    campaign(desk)
    assert tile(desk, "sent_by_period", start="2024-03-04", end="2024-03-06") == [
        {"period": "2024-03-04", "messages_sent": 0},
        {"period": "2024-03-05", "messages_sent": 4},
        {"period": "2024-03-06", "messages_sent": 1},
    ]


@pytest.mark.parametrize("touch", ["last", "first"])
@pytest.mark.parametrize(
    ("ordered_at", "is_credited"),
    [
        ("2024-03-05 09:59:59", False),
        ("2024-03-05 10:00:00", True),
        ("2024-03-12 09:59:59", True),
        ("2024-03-12 10:00:00", False),
    ],
)
def test_a_window_holds_its_first_moment_and_not_its_end(
    desk: Desk, ordered_at: str, is_credited: bool, touch: str
) -> None:
    given(desk, [message(customer_id="ann")], [order(ordered_at, customer_id="ann", order_value="10.00")])
    assert tile(desk, "totals", touch=touch) == [heroes(1, 10.0 * is_credited, float(is_credited), 1)]


def test_days_of_a_window_have_24_hours_when_the_clocks_change(desk: Desk) -> None:
    desk.workbench.workspace.set("reporting_zone", "America/New_York")
    given(
        desk,
        [message("2024-03-08 10:00:00", customer_id="ann"), message("2024-03-08 10:00:00", customer_id="ben")],
        [
            order("2024-03-15 10:59:59", customer_id="ann", order_value="1.00"),
            order("2024-03-15 11:00:00", customer_id="ben", order_value="2.00"),
        ],
        file_timezone="America/New_York",
    )
    assert tile(desk, "totals") == [heroes(2, 1.0, 0.5, 2)]


@pytest.mark.parametrize(("touch", "credited"), [("last", "b"), ("first", "a")])
def test_of_two_messages_of_one_moment_the_id_decides(desk: Desk, touch: str, credited: str) -> None:
    given(
        desk,
        [message(message_id=name, customer_id="ann") for name in ("b", "a")],
        [order(customer_id="ann")],
    )
    (row,) = tile(desk, "orders_log", touch=touch)
    assert row["credited_message_id"] == credited


def test_first_touch_passes_over_a_message_whose_window_ends_as_the_order_is_made(desk: Desk) -> None:
    given(
        desk,
        [
            message("2024-03-05 10:00:00", message_id="just closed", customer_id="ann"),
            message("2024-03-06 10:00:00", message_id="open", customer_id="ann"),
            message("2024-03-07 10:00:00", message_id="later", customer_id="ann"),
        ],
        [order("2024-03-12 10:00:00", customer_id="ann")],
    )
    (row,) = tile(desk, "orders_log", touch="first")
    assert row["credited_message_id"] == "open"


def test_the_window_is_a_setting_of_1_to_60_days(desk: Desk) -> None:
    given(desk, [message("2024-03-05 10:00:00", customer_id="ann")], [order("2024-03-20 10:00:00", customer_id="ann")])
    found = [tile(desk, "totals", window_days=days)[0]["revenue_generated"] for days in (1, 15, 16, 60)]
    assert found == [0.0, 0.0, 10.0, 10.0]
    for days in (0, 61):
        with pytest.raises(BadSelection, match="Choose 1 to 60 days"):
            tile(desk, "totals", window_days=days)


def test_a_refund_is_subtracted_by_its_own_time_and_converts_nobody(desk: Desk) -> None:
    given(
        desk,
        [message("2024-03-05 10:00:00", customer_id="ann"), message("2024-03-20 10:00:00", customer_id="ben")],
        [order("2024-03-06 10:00:00", customer_id="ann", order_value="-4.00")],
    )
    assert tile(desk, "totals") == [heroes(2, -4.0, 0.0, 2)]


@pytest.mark.parametrize(("nothing", "revenue"), [("", None), ("0", 0.0), ("0.00", 0.0)])
def test_where_no_order_has_a_value_revenue_is_not_known_and_of_zero_it_is_zero(
    desk: Desk, nothing: str, revenue: float | None
) -> None:
    given(desk, [message(customer_id="ann")], [order(customer_id="ann", order_value=nothing)])
    assert tile(desk, "totals") == [heroes(1, revenue, 1.0, 1)]
    assert tile(desk, "by_queue") == [queue("Birthday", 1, 0, revenue, revenue, 1.0)]


def test_an_order_without_a_value_converts_and_adds_nothing_to_others(desk: Desk) -> None:
    given(
        desk,
        [message(message_id=name, customer_id=name, queue=name) for name in ("ann", "ben", "cy")],
        [
            order(customer_id="ann", order_value=""),
            order(customer_id="ann", order_value="10.00"),
            order(customer_id="ben", order_value=""),
        ],
    )
    assert tile(desk, "totals") == [heroes(3, 10.0, 2 / 3, 3)]
    assert tile(desk, "by_queue") == [
        queue("ann", 1, 0, 10.0, 10.0, 1.0), queue("ben", 1, 0, None, None, 1.0), queue("cy", 1, 0, 0.0, 0.0, 0.0),
    ]  # fmt: skip


def test_orders_without_a_value_in_another_currency_leave_that_of_the_chosen_one_at_zero(desk: Desk) -> None:
    given(
        desk,
        [message(customer_id=name, queue=name) for name in ("ann", "ben")],
        [
            order(customer_id="ann", order_value="", currency="EUR"),
            order(customer_id="ann", order_value="7.00", currency="USD"),
            order(customer_id="ben", order_value="", currency="USD"),
        ],
    )
    found = [[row["revenue_generated"] for row in tile(desk, "by_queue", currency=code)] for code in ("EUR", "USD")]
    assert found == [[None, 0.0], [7.0, None]]


def two_currencies(desk: Desk) -> None:
    given(
        desk,
        [message(customer_id="ann", queue="Birthday"), message(customer_id="ben", queue="Lapsed")],
        [
            order(customer_id="ann", order_value="10.00", currency="USD"),
            order(customer_id="ben", order_value="7.00", currency="EUR"),
            order(customer_id="ben", order_value="0.00", currency="CHF"),
        ],
    )


def test_with_two_currencies_and_none_chosen_money_is_empty_and_counts_are_shown(desk: Desk) -> None:
    two_currencies(desk)
    assert tile(desk, "totals") == [heroes(2, None, 1.0, 2)]
    assert tile(desk, "totals", queue="Birthday") == [heroes(1, None, 1.0, 1)]
    assert tile(desk, "by_queue") == [queue("Birthday", 1, 0, None, None, 1.0), queue("Lapsed", 1, 0, None, None, 1.0)]
    assert {row["revenue_credited"] for row in tile(desk, "messages_log")} == {None}
    assert [row["orders_credited"] for row in tile(desk, "messages_log")] == [2, 1]


@pytest.mark.parametrize("nothing", ["0.00", ""])
def test_the_currency_of_an_order_without_a_value_mixes_nothing(desk: Desk, nothing: str) -> None:
    given(
        desk,
        [message(customer_id="ann")],
        [order(customer_id="ann"), order(customer_id="ann", order_value=nothing, currency="CHF")],
    )
    assert tile(desk, "totals") == [heroes(1, 10.0, 1.0, 1)]


def test_a_chosen_currency_narrows_money_and_orders_but_no_messages(desk: Desk) -> None:
    two_currencies(desk)
    assert tile(desk, "totals", currency="eur") == [heroes(2, 7.0, 1.0, 2)]
    assert [row["order_value"] for row in tile(desk, "orders_log", currency="EUR")] == [7.0]
    assert len(tile(desk, "sent_by_period", currency="EUR")) == 31
    with pytest.raises(BadSelection, match="Currency takes one value"):
        tile(desk, "totals", currency=["EUR", "USD"])


def test_currencies_of_all_orders_with_a_value_are_offered(desk: Desk) -> None:
    two_currencies(desk)
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {"from": ["2024-03-30"]}))
    assert answers.options(asked, "currency") == [("EUR", 1), ("USD", 1)]


def test_merged_customers_are_one_only_when_merges_are_loaded(desk: Desk) -> None:
    given(
        desk,
        [message(customer_id="old"), message(customer_id="new")],
        [order(customer_id="new", order_value="10.00")],
    )
    assert tile(desk, "totals") == [heroes(2, 10.0, 0.5, 2)]
    desk.workbench.load(merges(desk.folder / "LexerCustomerMerges.csv", ("old", "new")))
    assert tile(desk, "totals") == [heroes(2, 10.0, 1.0, 1)]
    assert tile(desk, "totals", as_exported=True) == [heroes(2, 10.0, 0.5, 2)]


def test_logs_have_the_credit_of_messages_and_orders(desk: Desk) -> None:
    campaign(desk)
    messages = tile(desk, "messages_log")
    assert messages[0] == {
        "sent_at": "2024-03-20T10:00:00", "message_id": "a3", "customer_id": "ann", "queue": "Birthday", "agent": "Bo",
        "status": "SENT", "channel": None, "orders_credited": 1, "revenue_credited": -30.05,
    }  # fmt: skip
    credited = {row["message_id"]: (row["orders_credited"], row["revenue_credited"]) for row in messages}
    assert credited["a2"] == (2, 120.30)
    assert credited["b1"] == (1, None)
    assert credited["s1"] == credited["u1"] == credited["n1"] == (0, 0.0)
    assert {row["order_id"]: row["credited_message_id"] for row in tile(desk, "orders_log")} == {
        "o1": "a2", "o2": "a2", "o3": "a3", "o4": "b1", "o5": None, "o6": None, "o7": None,
    }  # fmt: skip


@pytest.mark.parametrize(("zone", "timezone"), [("America/New_York", None), ("UTC", "America/New_York")])
def test_an_order_counts_on_the_day_of_its_message_or_else_on_its_own_in_the_zone_shown(
    desk: Desk, zone: str, timezone: str | None
) -> None:
    desk.workbench.workspace.set("reporting_zone", zone)
    given(
        desk,
        [message("2024-03-06 02:00:00", customer_id="ann")],
        [
            order("2024-03-08 10:00:00", customer_id="ann", order_id="credited"),
            order("2024-03-06 03:00:00", customer_id="ben", order_id="alone"),
        ],
    )
    credited, alone = ("credited", "2024-03-08T05:00:00"), ("alone", "2024-03-05T22:00:00")
    for day, expected in {"2024-03-05": {credited, alone}, "2024-03-06": set(), "2024-03-08": {credited}}.items():
        found = tile(desk, "orders_log", start=day, end=day, timezone=timezone)
        assert {(row["order_id"], row["ordered_at"]) for row in found} == expected


def test_a_message_leads_to_its_orders_and_an_order_to_the_messages_that_competed(desk: Desk) -> None:
    campaign(desk)
    assert [row["order_id"] for row in tile(desk, "orders_log", pins={"message_id": "a2"})] == ["o2", "o1"]
    found = tile(desk, "competing_messages", pins={"order_id": "o1"}, queue="Birthday")
    assert [(row["message_id"], row["outcome"]) for row in found] == [
        ("a1", "Another message came later"),
        ("a2", "Credited: the last message before the order"),
    ]
    assert [row["before_order_seconds"] for row in found] == [48 * 3600, 24 * 3600]
    found = tile(desk, "competing_messages", pins={"order_id": "o1"}, touch="first")
    assert [row["outcome"] for row in found] == [
        "Credited: the first message whose window holds the order",
        "Another message came first",
    ]


@pytest.mark.parametrize(
    ("ordered_at", "competing"),
    [
        ("2024-03-05 09:59:59", []), ("2024-03-05 10:00:00", ["m"]), ("2024-03-12 09:59:59", ["m"]),
        ("2024-03-12 10:00:00", []),
    ],
)  # fmt: skip
def test_a_message_competes_from_its_first_moment_to_the_end_of_its_window(
    desk: Desk, ordered_at: str, competing: list[str]
) -> None:
    given(desk, [message(message_id="m", customer_id="ann")], [order(ordered_at, order_id="o", customer_id="ann")])
    assert [row["message_id"] for row in tile(desk, "competing_messages", pins={"order_id": "o"})] == competing


@pytest.mark.parametrize("touch", ["last", "first"])
@pytest.mark.parametrize(("status", "outcome"), [("SENT", "Credited"), ("SKIPPED", "Was not sent")])
def test_a_message_that_was_not_sent_competes_in_vain_beside_others_or_alone(
    desk: Desk, touch: str, status: str, outcome: str
) -> None:
    given(
        desk,
        [
            message("2024-03-05 10:00:00", message_id="z", customer_id="ann", status=status),
            message("2024-03-05 11:00:00", message_id="b", customer_id="ann", status="BOUNCED"),
        ],
        [order(order_id="o", customer_id="ann")],
    )
    found = tile(desk, "competing_messages", pins={"order_id": "o"}, touch=touch)
    assert [row["outcome"].split(":")[0] for row in found] == [outcome, "Was not sent"]


def test_messages_of_the_whole_range_compete_whatever_day_or_agent_is_pinned(desk: Desk) -> None:
    campaign(desk)
    for pins in ({"period": "2024-03-06"}, {"agent": "Di"}, {"message_id": "a2"}):
        found = tile(desk, "competing_messages", pins=pins | {"order_id": "o1"})
        assert [row["message_id"] for row in found] == ["a1", "a2"]


def test_a_log_is_narrowed_to_the_rows_of_a_metric_of_its_own_alone(desk: Desk) -> None:
    campaign(desk)
    sizes = [
        [len(tile(desk, log, rows_of=metric)) for log in ("messages_log", "orders_log")]
        for metric in ("messages_sent", "revenue_generated", "conversion_rate:numerator")
    ]
    assert sizes == [[6, 7], [9, 4], [3, 7]]


def test_the_tile_of_competing_messages_needs_one_order(desk: Desk) -> None:
    campaign(desk)
    competing = REPORT.tile("competing_messages")
    shown = [
        is_shown(Question(desk.workbench.workspace, REPORT, parsed(REPORT, {"pin": pins})), competing)
        for pins in ([], ["order_id=o1"], ["order_id=o1", "order_id=o2"])
    ]
    assert shown == [False, True, False]


def test_unknown_statuses_missing_customers_and_maturing_messages_are_stated(desk: Desk) -> None:
    campaign(desk)
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {}))
    assert [text.split(":")[0] for text in answers.stated(asked, REPORT.tiles[0])] == [
        "1 messages are still maturing",
        "1 messages have another status than sent or skipped, and count as neither",
        "1 messages sent have no customer, so no order can follow them",
        "1 orders are worth zero or say no value",
    ]
    grows = answers.growing_from(asked, REPORT.tile("sent_by_period"))
    assert value(grows) is not None
    assert f"{grows:%Y-%m-%d}" == "2024-03-20"


@pytest.mark.parametrize(("last_order", "maturing"), [("2024-03-12 09:59:59", 1), ("2024-03-12 10:00:00", 0)])
def test_a_message_matures_when_the_orders_reach_the_end_of_its_window(
    desk: Desk, last_order: str, maturing: int
) -> None:
    given(desk, [message("2024-03-05 10:00:00")], [order(last_order)])
    found = desk.workbench.report("messaging_overview").rows("totals")
    assert len(found) == 1
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {}))
    assert len(answers.stated(asked, REPORT.tiles[0])) == maturing


def test_only_messages_that_were_sent_mature_and_are_followed_by_orders(desk: Desk) -> None:
    sent, others = message(message_id="sent", customer_id="ann"), ("SKIPPED", "BOUNCED")
    given(desk, [sent, *(message(customer_id="ann", status=status) for status in others)], [order(customer_id="ann")])
    log = desk.workbench.report("messaging_overview").sql("messages_log")
    for what in ("is_maturing", "has_ordered", "orders_credited > 0"):
        assert desk.stored(f"select message_id from ({log}) where {what}") == [("sent",)]


def test_without_orders_nothing_is_known_of_them_and_everything_matures(desk: Desk) -> None:
    given(desk, [message(), message()], [])
    assert tile(desk, "totals") == [heroes(2, None, None, 2)]
    assert {(row["orders_credited"], row["revenue_credited"]) for row in tile(desk, "messages_log")} == {(None, None)}
    assert tile(desk, "by_queue") == [queue("Birthday", 2, 0, None, None, None)]
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {}))
    (text,) = answers.stated(asked, REPORT.tiles[0])
    assert text.startswith("2 messages are still maturing")


def test_orders_that_are_loaded_and_none_are_zero(desk: Desk) -> None:
    given(desk, [message()], [])
    desk.load_text("Order ID,Ordered At,Customer ID,Order Value,Currency\n", ORDERS, file_timezone="UTC")
    assert tile(desk, "totals") == [heroes(1, 0.0, 0.0, 1)]


def test_the_same_question_with_the_other_touch(desk: Desk) -> None:
    campaign(desk)
    other = parsed(REPORT, {"queue": ["Birthday"]}).other_touch
    asked = Question(desk.workbench.workspace, REPORT, other)
    found = plain(answers.rows(asked, REPORT.tiles[0]))
    assert found == tile(desk, "totals", queue="Birthday", touch="first")


def test_a_change_from_a_loss_is_a_share_of_its_size(desk: Desk) -> None:
    given(
        desk,
        [message("2024-03-05 10:00:00", customer_id="ann"), message("2024-03-06 10:00:00", customer_id="ben")],
        [order(customer_id="ann", order_value="-4.00"), order(customer_id="ben", order_value="6.00")],
    )
    (row,) = tile(desk, "totals", start="2024-03-06", end="2024-03-06", compare="preceding")
    assert (row["revenue_generated_change"], row["revenue_generated_change_rate"]) == (10.0, 2.5)


def test_money_is_not_compared_with_a_day_for_which_no_orders_are_loaded(desk: Desk) -> None:
    desk.load_kind("lexer_messages", message("2024-03-05 10:00:00"), message("2024-03-06 10:00:00"), name=MESSAGES)
    desk.load_kind("lexer_orders", order("2024-03-06 11:00:00"), name="LexerOrders-20240306-20240430.csv")
    (row,) = tile(desk, "totals", start="2024-03-06", end="2024-03-06", compare="preceding")
    assert (row["messages_sent"], row["messages_sent_before"], row["customers_messaged_before"]) == (1, 1, 1)
    assert (row["revenue_generated_before"], row["conversion_rate_before"]) == (None, None)


@pytest.mark.parametrize("zone", [None, "Asia/Kolkata"])
def test_orders_that_are_not_loaded_of_the_range_leave_the_range_before_and_what_follows_it(
    desk: Desk, zone: str | None
) -> None:
    """Messages of 13 to 15 March, orders until the 13th; a week earlier each day has one of another worth."""
    rows = [message(f"2024-03-{day:02} 10:00:00", customer_id=f"{day}") for day in (6, 7, 8, 13, 14, 15)]
    desk.load_kind("lexer_messages", *rows, name=MESSAGES)
    worth = {"06 11": 1, "06 23": 2, "07 11": 4, "08 11": 8, "09 11": 16}
    rows = [
        order(f"2024-03-{at}:00:00", customer_id=customer, order_value=f"{worth}")
        for (at, worth), customer in zip(worth.items(), ("6", "6", "6", "8", "8"), strict=True)
    ]
    rows += [order("2024-03-13 11:00:00", customer_id="13", order_value="100")]
    desk.load_kind("lexer_orders", *rows, name="LexerOrders-20240301-20240313.csv")
    asked = {"start": "2024-03-13", "end": "2024-03-15", "compare": "matching", "timezone": zone}
    (row,) = tile(desk, "totals", **asked)
    assert (row["messages_sent_before"], row["revenue_generated"]) == (3, 100)
    # Seen from Kolkata the orders are loaded until 05:30 of the 14th.
    assert row["revenue_generated_before"] == 3
    assert row["conversion_rate_before"] == pytest.approx(1 / 3)
    for first, last, revenue in ((15, 20, 27), (14, 15, 31)):
        name = f"LexerOrders-202403{first}-202403{last}.csv"
        desk.load_kind("lexer_orders", order("2024-03-15 11:00:00"), name=name)
        (row,) = tile(desk, "totals", **asked | {"timezone": None})
        assert (row["revenue_generated_before"], row["conversion_rate_before"]) == (revenue, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    ("orders", "revenue"),
    [
        (["0301-20240328"], (1000, 1000)),  # the range is loaded, and not what follows it
        (["0301-20240330"], (1200, 1200)),
        (["0301-20240404"], (1300, 1300)),
        (["0301-20240314", "0316-20240404"], (1300, None)),  # what follows the range before is not
        (["0301-20240320", "0322-20240327"], (800, 800)),
    ],
)
@pytest.mark.parametrize("zone", [None, "Asia/Kolkata"])
def test_orders_after_the_range_before_count_as_far_as_those_after_the_range_are_loaded(
    desk: Desk, orders: list[str], revenue: tuple[int, int | None], zone: str | None
) -> None:
    """A message a day from 1 to 28 March, to a customer who orders for 100 three days later."""
    days = [datetime(2024, 3, day, 10) for day in range(1, 29)]
    rows = [message(f"{day}", customer_id=f"{day:%d}") for day in days]
    desk.load_kind("lexer_messages", *rows, name=MESSAGES)
    rows = [order(f"{day + timedelta(days=3)}", customer_id=f"{day:%d}", order_value="100") for day in days]
    for span in orders:
        loaded = [row for row in rows if span[:4] <= row["Ordered At"][5:10].replace("-", "") <= span[-4:]]
        desk.load_kind("lexer_orders", *loaded, name=f"LexerOrders-2024{span}.csv")
    asked = {"start": "2024-03-16", "end": "2024-03-28", "compare": "matching", "timezone": zone}
    (row,) = tile(desk, "totals", **asked)
    assert (row["revenue_generated"], row["revenue_generated_before"]) == revenue


def test_a_day_of_which_no_orders_are_loaded_loses_no_money(desk: Desk) -> None:
    rows = [message("2024-03-06 10:00:00", customer_id="ann"), message("2024-03-13 10:00:00")]
    desk.load_kind("lexer_messages", *rows, name=MESSAGES)
    desk.load_kind(
        "lexer_orders", order("2024-03-06 11:00:00", customer_id="ann"), name="LexerOrders-20240301-20240312.csv"
    )
    (row,) = tile(desk, "totals", start="2024-03-13", end="2024-03-13", compare="matching")
    assert (row["messages_sent_change"], row["revenue_generated_change"]) == (0, None)
    report = desk.workbench.report("messaging_overview", start="2024-03-13", end="2024-03-13", compare="matching")
    assert report.compared_with == "6 Mar 2024 (orders are not wholly loaded)"


def test_figures_come_with_those_of_the_period_before(desk: Desk) -> None:
    campaign(desk)
    (row,) = tile(desk, "totals", start="2024-03-06", end="2024-03-06", compare="preceding")
    assert (row["messages_sent_before"], row["revenue_generated_before"]) == (4.0, 120.30)
    assert row["revenue_generated_change"] == 0.0


def test_the_numbers_rest_on_messages_and_on_credited_orders(desk: Desk) -> None:
    campaign(desk)
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {}))
    assert answers.counts(asked, REPORT.tiles[0]) == {
        "rows": 9, "messages_sent": 6, "revenue_generated": 4, "conversion_rate": 5, "customers_messaged": 5,
    }  # fmt: skip


def test_while_no_messages_are_loaded_the_days_of_the_orders_count(desk: Desk) -> None:
    desk.load_kind("lexer_orders", order("2024-03-02 10:00:00"), order("2024-03-09 10:00:00"), name="Orders.csv")
    assert len(desk.ask("messaging_overview", "orders_log")) == 2
    assert len(desk.ask("messaging_overview", "orders_log", preset="today")) == 1


def stated(desk: Desk, name: str = "totals", **asked: Any) -> list[str]:
    return answers.stated(desk.workbench.report("messaging_overview", **asked).question, REPORT.tile(name))


@pytest.mark.parametrize(
    ("value", "ordered_at", "customer", "is_said"),
    [
        ("0.00", "2024-03-05 10:00:00", "ann", True),
        ("", "2024-03-12 09:59:59", "ann", True),
        ("0.00", "2024-03-12 10:00:00", "ann", False),  # the window is over
        ("0.01", "2024-03-06 10:00:00", "ann", False),
        ("-0.01", "2024-03-06 10:00:00", "ann", False),  # a refund never converts
        ("0.00", "2024-03-06 10:00:00", "ben", False),
    ],
)
def test_an_order_worth_nothing_converts_and_is_counted_out_loud(
    desk: Desk, value: str, ordered_at: str, customer: str, is_said: bool
) -> None:
    given(
        desk,
        [message("2024-03-05 10:00:00", customer_id="ann")],
        [order(ordered_at, customer_id=customer, order_value=value), order("2024-03-31 10:00:00", order_value="")],
    )
    said = [text for text in stated(desk) if "worth zero" in text]
    assert (
        said
        == ["1 orders are worth zero or say no value: they count for the conversion rate, and add no revenue"][
            : int(is_said)
        ]
    )
    is_converted = is_said or (value == "0.01" and customer == "ann")
    assert tile(desk, "totals")[0]["conversion_rate"] == (1.0 if is_converted else 0.0)


def test_an_order_worth_nothing_is_counted_for_each_queue_that_it_converts(desk: Desk) -> None:
    given(
        desk,
        [message("2024-03-05 10:00:00", customer_id="ann", queue=name) for name in ("Birthday", "Lapsed")]
        + [message("2024-03-05 10:00:00", queue="Other")],
        [order("2024-03-06 10:00:00", customer_id="ann", order_value="", currency=""), order("2024-03-31 10:00:00")],
    )
    assert [len(stated(desk, queue=name)) for name in ("Birthday", "Lapsed", "Other")] == [1, 1, 0]
    assert [row["conversion_rate"] for row in tile(desk, "by_queue")] == [1.0, 1.0, 0.0]
    assert len(stated(desk, currency="USD")) == 1  # a currency says nothing of who ordered


@pytest.mark.parametrize(
    ("ordered_at", "birthday", "lapsed"),
    [
        ("2024-03-06 09:59:59", 1, 0),  # before the second message
        ("2024-03-06 10:00:00", 1, 1),
        ("2024-03-12 09:59:59", 1, 1),
        ("2024-03-12 10:00:00", 0, 1),  # after the first one's window
    ],
)
@pytest.mark.parametrize("touch", ["last", "first"])
def test_an_order_worth_nothing_converts_whom_its_own_queue_wrote_to_whichever_it_is_credited_to(
    desk: Desk, ordered_at: str, birthday: int, lapsed: int, touch: str
) -> None:
    given(
        desk,
        [
            message("2024-03-05 10:00:00", customer_id="ann", queue="Birthday"),
            message("2024-03-06 10:00:00", customer_id="ann", queue="Lapsed"),
        ],
        [order(ordered_at, customer_id="ann", order_value=""), order("2024-03-31 10:00:00")],
    )
    assert [len(stated(desk, queue=name, touch=touch)) for name in ("Birthday", "Lapsed")] == [birthday, lapsed]


def test_of_two_currencies_money_is_empty_even_where_nothing_was_sent_and_every_face_says_so(desk: Desk) -> None:
    given(desk, [message(customer_id="ann")], [order(customer_id="ann"), order(order_value="5.00", currency="EUR")])
    said = ["Orders credited to the last message within 7 days"]
    report = desk.workbench.report("messaging_overview")
    assert report.said == [*said, "Revenue is empty, as orders are in EUR and USD: choose one currency"]
    assert "Revenue is empty, as orders are in EUR and USD: choose one currency" in report.tile("totals").said.lines
    assert tile(desk, "totals") == [heroes(1, None, 1.0, 1)]
    assert tile(desk, "totals", queue="Never") == [heroes(0, None, None, 0)]
    assert desk.workbench.report("messaging_overview", currency="EUR").said == [*said, "Revenue in EUR"]
    assert tile(desk, "totals", queue="Never", currency="EUR") == [heroes(0, 0.0, None, 0)]


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        ([], []),
        ([("", "USD")], []),  # of no order anything is known
        ([("0.00", "EUR"), ("1.00", "USD")], ["Revenue in USD"]),  # as nothing is worth nothing in any currency
        ([("1.00", "")], ["Revenue in no currency"]),
        ([("1.00", ""), ("1.00", "USD")],
         ["Revenue is empty, as orders are in no currency and USD: choose one currency"]),
    ],
)  # fmt: skip
def test_what_money_is_in_is_what_orders_of_any_worth_are_in(
    desk: Desk, orders: list[tuple[str, str]], said: list[str]
) -> None:
    given(desk, [message()], [order(order_value=worth, currency=currency) for worth, currency in orders])
    assert desk.workbench.report("messaging_overview").said[1:] == said
    assert desk.workbench.report("inbound_contacts").said == []


@pytest.mark.parametrize(
    ("first", "second", "differs"),
    [
        (("Birthday", "ann"), ("Lapsed", "ann"), True),
        (("Birthday", "ann"), ("Birthday", "ann"), False),  # one row has the order and who ordered
        (("Birthday", "ben"), ("Lapsed", "ann"), False),
    ],
)
@pytest.mark.parametrize("touch", ["last", "first"])
def test_that_money_is_of_one_touch_and_conversion_of_any_is_said_only_where_they_differ(
    desk: Desk, first: tuple[str, str], second: tuple[str, str], differs: bool, touch: str
) -> None:
    given(
        desk,
        [
            message("2024-03-05 10:00:00", queue=first[0], customer_id=first[1]),
            message("2024-03-06 10:00:00", queue=second[0], customer_id=second[1]),
        ],
        [order("2024-03-07 10:00:00", customer_id="ann"), order("2024-03-31 10:00:00")],
    )
    asked = desk.workbench.report("messaging_overview", touch=touch).question
    note = answers.note(asked, REPORT.tile("by_queue"))
    assert note.startswith(f"Revenue counts an order for the {touch} message before it") == differs
    assert bool(note) == differs


def test_a_refund_credited_to_a_row_is_no_order_of_who_bought(desk: Desk) -> None:
    given(
        desk,
        [
            message("2024-03-05 10:00:00", queue="Birthday", customer_id="ann"),
            message("2024-03-06 10:00:00", queue="Lapsed", customer_id="ann"),
        ],
        [
            order("2024-03-05 11:00:00", customer_id="ann", order_value="-1.00"),
            order("2024-03-07 10:00:00", customer_id="ann"),
            order("2024-03-31 10:00:00"),
        ],
    )
    assert answers.note(desk.workbench.report("messaging_overview").question, REPORT.tile("by_queue"))


def test_messages_that_still_mature_are_stated_under_the_chart_of_a_page_and_of_a_notebook(desk: Desk) -> None:
    given(desk, [message("2024-03-05 10:00:00"), message("2024-03-06 10:00:00")], [order("2024-03-12 10:00:00")])
    said = "1 messages are still maturing, dashed in the chart: their window reaches past the last order loaded"
    assert stated(desk, "sent_by_period") == [said]
    spec = desk.workbench.report("messaging_overview").chart("sent_by_period").to_dict()
    assert spec["title"]["subtitle"] == [said]
    rows = {row["label"]: row for row in spec["data"]["values"]}
    assert [rows[f"{day} Mar"]["is_growing"] for day in ("Tue 5", "Wed 6")] == [False, True]


@pytest.mark.parametrize("report", ["messaging_overview", "team_engagement"])
def test_nothing_is_stated_of_no_rows(desk: Desk, report: str) -> None:
    given(desk, [message()], [order()])
    asked = desk.workbench.report(report, queue="Nobody's")
    stated = {tile.name: answers.stated(asked.question, tile) for tile in REPORTS[report].tiles}
    assert not any(stated.values())
