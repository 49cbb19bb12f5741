"""Team engagement: given messages and orders, expected figures."""

from typing import Any

import vl_convert

from tests.builders import Desk, message, plain
from tests.reports.test_messaging_overview import campaign, given
from workbench.drawing.colours import palette


def tile(desk: Desk, name: str, **asked: Any) -> list[dict[str, Any]]:
    return plain(desk.workbench.report("team_engagement", **asked).tile(name))


def agent(
    name: str | None, sent: int, skipped: int, revenue: float, each: float, conversion: float | None
) -> dict[str, Any]:
    return {
        "agent": name,
        "messages_sent": sent,
        "messages_skipped": skipped,
        "revenue_generated": revenue,
        "revenue_per_message": each,
        "conversion_rate": conversion,
    }


def test_active_users_sent_at_least_one_message_and_revenue_is_per_message_sent(desk: Desk) -> None:
    campaign(desk)
    assert tile(desk, "totals") == [{"active_users": 2, "revenue_per_message": 90.25 / 6}]


def test_without_messages_there_is_no_revenue_per_message(desk: Desk) -> None:
    campaign(desk)
    assert tile(desk, "totals", queue="Never") == [{"active_users": 0, "revenue_per_message": None}]
    assert tile(desk, "by_agent", queue="Never") == []


def test_agents_are_listed_with_what_their_messages_are_credited_with(desk: Desk) -> None:
    campaign(desk)
    assert tile(desk, "by_agent") == [
        agent("Bo", 3, 2, -30.05, -30.05 / 3, 1.0),
        agent("Di", 2, 0, 120.30, 60.15, 1.0),
        agent(None, 1, 0, 0.0, 0.0, 0.0),
    ]


def test_of_agents_who_sent_as_many_the_missing_one_is_last(desk: Desk) -> None:
    given(desk, [message(agent=agent) for agent in ("", "Di", "Bo")], [])
    assert [row["agent"] for row in tile(desk, "by_agent")] == ["Bo", "Di", None]


def test_every_day_has_every_agent_of_the_range(desk: Desk) -> None:
    campaign(desk)
    found = tile(desk, "sent_by_period", start="2024-03-05", end="2024-03-06")
    assert [(row["period"], row["agent"], row["messages_sent"]) for row in found] == [
        ("2024-03-05", "Bo", 2), ("2024-03-05", "Di", 1), ("2024-03-05", None, 1),
        ("2024-03-06", "Bo", 0), ("2024-03-06", "Di", 1), ("2024-03-06", None, 0),
    ]  # fmt: skip


def test_a_pinned_day_leaves_only_itself_in_the_chart_of_days_and_agents(desk: Desk) -> None:
    campaign(desk)
    found = tile(desk, "sent_by_period", pins={"period": "2024-03-06"})
    assert found == [{"period": "2024-03-06", "agent": "Di", "messages_sent": 1}]


def test_an_agent_has_the_colour_of_its_place_among_all_that_is_loaded_whatever_is_selected(desk: Desk) -> None:
    given(
        desk,
        [message(agent="") for _ in range(3)]
        + [message(f"2024-03-0{day} 10:00:00", agent=agent) for day, agent in ((5, "Bo"), (5, "Bo"), (6, "Di"))],
        [],
    )
    for asked in ({}, {"start": "2024-03-06"}, {"agent": "Di"}):
        chart = desk.workbench.report("team_engagement", **asked).chart("sent_by_period").to_dict()
        [scale] = [
            layer["encoding"]["color"]["scale"] for layer in chart["layer"] if "color" in layer.get("encoding", {})
        ]
        colours = dict(zip(scale["domain"], scale["range"], strict=True))
        assert colours["Di"] == palette("light").categories[1]


def test_an_agent_opens_the_messages_and_the_orders_behind_it(desk: Desk) -> None:
    campaign(desk)
    report = desk.workbench.report("team_engagement")
    assert set(report.rows("by_agent", agent="Di")["message_id"]) == {"a2", "b1"}
    assert set(report.rows("by_agent", metric="revenue_generated", agent="Di")["order_id"]) == {"o1", "o2", "o4"}
    assert set(report.rows("by_agent", metric="conversion_rate", part="numerator", agent="Bo")["message_id"]) == {"a1"}


def test_any_name_can_be_told_over_its_bar(desk: Desk) -> None:
    names = ("Ann\\", 'x\\"y', "a\u2028b", "Ann\nBee", 'a"c', "q'")
    given(desk, [message(message_id=f"{n}", agent=name) for n, name in enumerate(names)], [])
    drawn = vl_convert.vegalite_to_svg(desk.workbench.report("team_engagement").chart("sent_by_period").to_dict())
    assert drawn.count("role-mark") > 1
