"""Conversations of respond.io: given rows, expected rows."""

from typing import Any

import pytest

from tests.builders import Desk, Row, activity, conversation, plain, row, user
from workbench.ask import basis, logs
from workbench.ask.question import Question
from workbench.ask.selection import cell_rows, parsed
from workbench.drawing import formats
from workbench.errors import UnknownName
from workbench.reports import REPORTS

KIND = "respondio_conversations"
REPORT = REPORTS["conversations"]
FIFTH = {"start": "2024-03-05", "end": "2024-03-05"}
CLOSED_AND_OPENED = ("closed", "opened")


def load(desk: Desk, *rows: Row, days: str = "20240301-20240331") -> None:
    desk.load_kind(KIND, *rows, name=f"Conversations-{days}.csv")


def tile(desk: Desk, name: str, **selection: Any) -> list[dict[str, Any]]:
    return desk.ask("conversations", name, **selection)


def totals(*figures: float | None) -> list[dict[str, Any]]:
    return [dict(zip(REPORT.tile("totals").metrics, figures, strict=True))]


def skewed(desk: Desk) -> None:
    """Four of three contacts on the 5th, one of them from the 4th over midnight, one to the 6th; one is open."""
    load(
        desk,
        conversation(
            "2024-03-04 23:50:00", conversation_id="1", contact_id="7", resolved_at="2024-03-05 00:10:00",
            first_response_seconds="0:00:29", resolution_seconds="0:20:00", average_response_time_seconds="0:00:10",
            number_of_responses="9", number_of_assignments="1", incoming_messages="10", outgoing_messages="9",
            closed_by="1", first_assignee="2", closed_by_team="Care", closed_source="user", opened_channel="31",
            category="Returns", first_assignment_to_first_response_seconds="0:00:10",
            last_assignment_to_response_seconds="0:00:05",
        ),
        conversation(
            "2024-03-05 10:00:00", conversation_id="2", contact_id="7", resolved_at="2024-03-05 12:00:00",
            first_response_seconds="0:00:30", resolution_seconds="2:00:00", average_response_time_seconds="0:02:00",
            number_of_responses="1", number_of_assignments="4", incoming_messages="2", outgoing_messages="1",
            closed_by="1", first_assignee="1", closed_by_team="Care", closed_source="Auto-close", category="Returns",
            first_assignment_to_first_response_seconds="0:00:30", last_assignment_to_response_seconds="0:00:15",
        ),
        conversation(
            "2024-03-05 10:30:00", conversation_id="3", contact_id="8", resolved_at="2024-03-05 23:59:59",
            first_response_seconds="1:00:00", resolution_seconds="25:00:00", number_of_responses="0",
            number_of_assignments="0", incoming_messages="1", closed_by="2", closed_by_team="Orders",
            opened_source="user", opened_channel="31",
        ),
        conversation(
            "2024-03-05 11:00:00", conversation_id="4", contact_id="9", resolved_at="2024-03-06 00:00:00",
            first_response_seconds="0:10:00", resolution_seconds="13:00:00", closed_source="ai_agent",
        ),
        conversation("2024-03-05 23:59:59", conversation_id="5", contact_id="9", resolved_at=None, closed_source=None),
    )  # fmt: skip


# Tiles ---------------------------------------------------------------------------------------------------------------


def test_totals_are_of_what_closed_and_what_opened_and_closed_counts_at_its_own_date(desk: Desk) -> None:
    """A conversation over midnight closed on the 5th; one that closed at midnight is of the 6th."""
    skewed(desk)
    assert tile(desk, "totals", **FIFTH) == totals(4, 3, 2, 30, 7200, (9 * 10 + 120) / 10, 5 / 3, 13, 10)


def test_totals_by_opened_move_all_figures_but_three(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "totals", by="opened", **FIFTH) == totals(4, 3, 3, 600, 46_800, 120, 2, 3, 1)


def test_totals_of_nothing_are_zero_or_missing(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "totals", start="2024-03-20", end="2024-03-20") == totals(0, 0, 0, *[None] * 6)


@pytest.mark.parametrize("by", CLOSED_AND_OPENED)
def test_opened_and_closed_stand_at_their_own_dates_whatever_is_switched(desk: Desk, by: str) -> None:
    skewed(desk)
    found = tile(desk, "opened_closed_by_period", start="2024-03-04", end="2024-03-06", by=by)
    assert [(each["period"], each["state"], each["conversations"]) for each in found] == [
        ("2024-03-04", "OPENED", 1), ("2024-03-04", "CLOSED", 0),
        ("2024-03-05", "OPENED", 4), ("2024-03-05", "CLOSED", 3),
        ("2024-03-06", "OPENED", 0), ("2024-03-06", "CLOSED", 1),
    ]  # fmt: skip


def test_the_lower_bound_belongs_to_a_class_and_no_response_is_a_row(desk: Desk) -> None:
    edges = {
        "< 30 s": ("0:00:00", "0:00:29"), "30 s to 2 min": ("0:00:30", "0:01:59"), "2 to 5 min": ("0:02:00", "0:04:59"),
        "5 to 10 min": ("0:05:00",), "10 to 30 min": ("0:10:00", "0:29:59"), "30 min to 1 h": ("0:30:00", "0:59:59"),
        "> 1 h": ("1:00:00", "30:00:00"),
    }  # fmt: skip
    waits = [wait for found in edges.values() for wait in found]
    load(desk, *(conversation(first_response_seconds=wait) for wait in [*waits, None]))
    assert tile(desk, "first_response_breakdown") == [
        {"bucket": bucket, "conversations": n, "share": n / 14}
        for bucket, n in [*((bucket, len(found)) for bucket, found in edges.items()), (None, 1)]
    ]


def test_classes_that_nothing_is_in_are_there_with_nothing(desk: Desk) -> None:
    load(desk, conversation(first_response_seconds="0:00:01"))
    found = tile(desk, "first_response_breakdown")
    assert [each["conversations"] for each in found] == [1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "key", "rows"),
    [
        ("by_opened_source", "opened_source", [("CONTACT", 2, 2 / 3, 29.5, 4200), ("USER", 1, 1 / 3, 3600, 90_000)]),
        (
            "by_closed_source", "closed_source",
            [("USER", 2, 2 / 3, 1814.5, 45_600), ("AUTO_CLOSE", 1, 1 / 3, 30, 7200)],
        ),
        ("by_channel", "opened_channel", [("31", 2, 2 / 3, 1814.5, 45_600), (None, 1, 1 / 3, 30, 7200)]),
        ("by_category", "category", [("Returns", 2, 2 / 3, 29.5, 4200), (None, 1, 1 / 3, 3600, 90_000)]),
    ],
)  # fmt: skip
def test_breakdowns(desk: Desk, name: str, key: str, rows: list[tuple[Any, ...]]) -> None:
    skewed(desk)
    columns = (key, "conversations", "share", "median_first_response_seconds", "median_resolution_seconds")
    assert tile(desk, name, **FIFTH) == [dict(zip(columns, each, strict=True)) for each in rows]


def test_responses_over_time(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "response_by_period", start="2024-03-05", end="2024-03-06") == [
        {
            "period": "2024-03-05", "median_first_response_seconds": 30,
            "average_first_response_seconds": pytest.approx(3659 / 3),
            "p90_first_response_seconds": pytest.approx(30 + 0.8 * 3570),
            "average_first_assignment_to_first_response_seconds": 20,
            "average_last_assignment_to_response_seconds": 10, "average_response_seconds": 21,
        },
        {
            "period": "2024-03-06", "median_first_response_seconds": 600, "average_first_response_seconds": 600,
            "p90_first_response_seconds": 600, "average_first_assignment_to_first_response_seconds": None,
            "average_last_assignment_to_response_seconds": None, "average_response_seconds": None,
        },
    ]  # fmt: skip


def test_resolutions_over_time(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "resolution_by_period", start="2024-03-05", end="2024-03-07") == [
        {
            "period": "2024-03-05", "median_resolution_seconds": 7200,
            "average_resolution_seconds": pytest.approx(98_400 / 3), "p90_resolution_seconds": pytest.approx(73_440),
        },
        {
            "period": "2024-03-06", "median_resolution_seconds": 46_800, "average_resolution_seconds": 46_800,
            "p90_resolution_seconds": 46_800,
        },
        {
            "period": "2024-03-07", "median_resolution_seconds": None, "average_resolution_seconds": None,
            "p90_resolution_seconds": None,
        },
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("by", "busy"),
    [("closed", {0: 1, 12: 1, 23: 1}), ("opened", {10: 2, 11: 1, 23: 1})],
)
def test_hours_of_the_week_are_those_of_the_moment_that_places(desk: Desk, by: str, busy: dict[int, int]) -> None:
    skewed(desk)
    found = tile(desk, "by_hour", by=by, **FIFTH)
    assert {each["weekday"] for each in found} == {2}
    assert [each["conversations_per_occurrence"] for each in found] == [busy.get(hour, 0) for hour in range(24)]


def test_a_user_has_what_was_assigned_first_and_what_they_closed(desk: Desk) -> None:
    skewed(desk)
    columns = ("user", *REPORT.tile("by_user").metrics)
    assert tile(desk, "by_user", **FIFTH) == [
        dict(zip(columns, each, strict=True))
        for each in (
            ("1", 1, 2, 1, 29.5, 21, 4200),
            ("2", 1, 1, 1, 3600, None, 90_000),
            (None, 1, 0, 0, None, None, None),
        )
    ]


def test_a_team_is_that_of_who_closed(desk: Desk) -> None:
    skewed(desk)
    columns = ("team", *REPORT.tile("by_team").metrics)
    assert tile(desk, "by_team", **FIFTH) == [
        dict(zip(columns, each, strict=True))
        for each in (("Care", 2, 1, 29.5, 21, 4200), ("Orders", 1, 1, 3600, None, 90_000))
    ]


# Filters, drill and settings -----------------------------------------------------------------------------------------

FILTERS = {
    "opened_channel": "31", "opened_source": "contact", "closed_source": "Auto-close", "category": "Returns",
    "first_assignee": "1", "last_assignee": "1", "first_response_by": "1", "closed_by": "1", "closed_by_team": "Care",
}  # fmt: skip


@pytest.mark.parametrize("key", FILTERS)
def test_each_filter_takes_its_own_value_several_and_the_missing_one(desk: Desk, key: str) -> None:
    others = {"opened_source": "user", "closed_source": "bot"}
    values = [FILTERS[key]] * 3 + [others.get(key, "else")] * 2 + [None]
    load(desk, *(conversation(**{key: value}) for value in values))
    stored = {"contact": "CONTACT", "Auto-close": "AUTO_CLOSE", "user": "USER", "bot": "BOT"}
    one, other = (stored.get(value, value) for value in (FILTERS[key], others.get(key, "else")))
    for chosen, number in (([one], 3), ([other], 2), ([one, other], 5), ([None], 1), (["nobody"], 0)):
        assert tile(desk, "totals", **{key: chosen})[0]["conversations_closed"] == number
        assert sum(each["conversations"] for each in tile(desk, "by_opened_source", **{key: chosen})) == number


def test_a_contact_is_found_by_its_id_and_by_a_name_that_a_log_of_contacts_gives(desk: Desk) -> None:
    load(desk, conversation(contact_id="7"), conversation(contact_id="77"))
    assert tile(desk, "totals", contact="7")[0]["contacts"] == 1
    assert tile(desk, "totals", contact="ánn")[0]["contacts"] == 0
    desk.load_kind("respondio_contacts_added", activity("added", contact_id="77", contact_name="Joanne"))
    assert tile(desk, "totals", contact="ÁNN")[0]["contacts"] == 1


def test_a_conversation_is_found_by_its_whole_id(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "totals", conversation_id="3")[0]["conversations_opened"] == 1


def rows_behind(desk: Desk, metric: str, cell: dict[str, list[str]], of: str, **link: str) -> list[str]:
    report = desk.workbench.report("conversations", **FIFTH, **link)
    shown = cell_rows(REPORT, report.selection, cell, metric)
    log = REPORT.log_of_cell(REPORT.tile(of), REPORT.metric(metric), {key: value[0] for key, value in cell.items()})
    question = Question(desk.workbench.workspace, REPORT, shown)
    return sorted(logs.log_rows(question, log, logs.Page(columns=("conversation_id",)))["conversation_id"])


@pytest.mark.parametrize(
    ("metric", "by", "behind"),
    [
        ("conversations_assigned", "closed", ["2"]), ("conversations_closed", "closed", ["1", "2"]),
        ("conversations_closed", "opened", ["1", "2"]), ("contacts", "opened", ["2"]),
    ],
)  # fmt: skip
def test_each_figure_of_a_user_opens_its_own_rows(desk: Desk, metric: str, by: str, behind: list[str]) -> None:
    skewed(desk)
    assert rows_behind(desk, metric, {"user": ["1"]}, "by_user", by=by) == behind


def test_a_bar_of_what_was_opened_opens_what_was_opened(desk: Desk) -> None:
    skewed(desk)
    cell = {"period": ["2024-03-05 00:00:00"], "state": ["OPENED"]}
    assert rows_behind(desk, "conversations", cell, "opened_closed_by_period") == ["2", "3", "4", "5"]


def test_the_link_says_the_moment_beside_what_is_explored() -> None:
    asked = parsed(REPORT, {"by": ["opened"]})
    assert (asked.by, asked.explored) == ("opened", None)
    assert asked.as_query() == {"by": ["opened"]}
    both = parsed(REPORT, {"metric": ["conversations"], "by": ["category", "opened"]})
    assert both.by == "opened"
    assert both.explored
    assert both.explored.by == ("category",)
    assert parsed(REPORT, both.as_query()) == both
    assert parsed(REPORT, {"by": ["closed"]}).as_query() == {}


def test_no_dimension_is_called_as_a_moment_and_another_moment_is_refused() -> None:
    assert not {"closed", "opened"} & {dimension.key for report in REPORTS.values() for dimension in report.pinnable}
    with pytest.raises(UnknownName, match="Try one of: closed, opened"):
        parsed(REPORT, {"by": ["answered"]})
    with pytest.raises(UnknownName):
        parsed(REPORTS["assignments"], {"by": ["opened"]})


def test_every_face_says_which_moment_places(desk: Desk) -> None:
    skewed(desk)
    asked = desk.workbench.report("conversations", by="opened").question
    assert any("when they were opened" in text for text in basis.said(asked))


def test_ids_are_shown_until_the_list_of_users_is_loaded_later(desk: Desk) -> None:
    skewed(desk)
    desk.load_kind("respondio_users", user(user_id="1", name="Bo"), name="Users.csv")
    desk.load_kind(
        "respondio_channels", row("respondio_channels", {"channel_id": "31", "name": "WhatsApp"}), name="Channels.csv"
    )
    assert [each["user"] for each in tile(desk, "by_user", **FIFTH)] == ["Bo", "2", None]
    assert [each["opened_channel"] for each in tile(desk, "by_channel", **FIFTH)] == ["WhatsApp", None]
    assert tile(desk, "totals", closed_by="Bo", **FIFTH)[0]["conversations_closed"] == 2


def test_two_users_or_channels_of_one_name_stay_two(desk: Desk) -> None:
    skewed(desk)
    desk.load_kind(
        "respondio_users", *(user(user_id=n, name=name) for n, name in (("1", "Bo"), ("2", "Bo"), ("3", "Al")))
    )
    channels = [row("respondio_channels", {"channel_id": n, "name": "WhatsApp"}) for n in ("31", "32")]
    desk.load_kind("respondio_channels", *channels, name="Channels.csv")
    assert [each["user"] for each in tile(desk, "by_user", **FIFTH)] == ["Bo (1)", "Bo (2)", None]
    assert [each["opened_channel"] for each in tile(desk, "by_channel", **FIFTH)] == ["WhatsApp (31)", None]
    assert tile(desk, "totals", closed_by="Bo (1)", **FIFTH)[0]["conversations_closed"] == 2


def test_what_resolves_before_it_starts_counts_at_both_moments_with_its_own_durations(desk: Desk) -> None:
    load(
        desk,
        conversation(
            "2024-03-05 00:10:00", resolved_at="2024-03-04 23:50:00", resolution_seconds="-0:20:00",
            first_response_seconds="-0:00:05",
        ),
    )  # fmt: skip
    both = {"start": "2024-03-04", "end": "2024-03-05"}
    assert [each["conversations"] for each in tile(desk, "opened_closed_by_period", **both)] == [0, 1, 1, 0]
    assert tile(desk, "totals", by="opened", **FIFTH) == totals(1, 0, 1, -5, -1200, *[None] * 4)
    assert tile(desk, "first_response_breakdown", **both)[0]["conversations"] == 1


def test_a_code_that_is_not_known_is_a_row_of_its_own(desk: Desk) -> None:
    load(desk, conversation(opened_source="carrier pigeon"), conversation(opened_source="contact"))
    found = desk.workbench.report("conversations").tile("by_opened_source")
    assert sorted(found["opened_source"]) == ["CARRIER_PIGEON", "CONTACT"]
    assert formats.label(REPORT, "opened_source", "CARRIER_PIGEON") == "Carrier pigeon"


def test_another_zone_moves_both_moments(desk: Desk) -> None:
    """At 23:50 in UTC it is the next day in Berlin."""
    load(desk, conversation("2024-03-04 23:50:00", resolved_at="2024-03-04 23:55:00"))
    found = tile(desk, "opened_closed_by_period", timezone="Europe/Berlin", start="2024-03-05", end="2024-03-05")
    assert [each["conversations"] for each in found] == [1, 1]


def test_the_log_has_all_thirty_columns_and_the_ids_as_exported(desk: Desk) -> None:
    skewed(desk)
    found = plain(desk.workbench.report("conversations", **FIFTH).tile("log"))
    assert len(found[0]) == 30
    assert [each["conversation_id"] for each in found] == ["3", "2", "1"]
    assert formats.shown(found[0]["closed_source"], "enum") == "User"
