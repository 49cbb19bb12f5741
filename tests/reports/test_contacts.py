"""Contacts of respond.io: given rows, expected rows."""

from typing import Any

import pandas as pd
import pytest

from tests.builders import Desk, Row, activity, contact, user, without
from workbench import Workbench
from workbench.ask import answers, logs
from workbench.ask.logs import Page, log_of
from workbench.ask.question import Question, not_applicable, says_nothing
from workbench.ask.selection import PRESETS, parsed
from workbench.drawing import formats
from workbench.errors import BadSelection
from workbench.intake.outcome import LoadOutcome
from workbench.reports import REPORTS

REPORT = REPORTS["contacts"]
ACTIVITIES = ("added", "deleted", "merged", "connected")
FIFTH, SIXTH = "2024-03-05 10:00:00", "2024-03-06 10:00:00"


def load(desk: Desk, what: str, *rows: Row, days: str = "20240301-20240331") -> LoadOutcome:
    return desk.load_kind(f"respondio_contacts_{what}", *rows, name=f"Contacts{what.capitalize()}-{days}.csv")


def added(desk: Desk, *rows: Row, **choices: str) -> LoadOutcome:
    return load(desk, "added", *rows, **choices)


def tile(desk: Desk, name: str, **selection: Any) -> list[dict[str, Any]]:
    return desk.ask("contacts", name, **selection)


def totals(*counts: int | None) -> list[dict[str, Any]]:
    return [dict(zip((f"contacts_{activity}" for activity in ACTIVITIES), counts, strict=True))]


def by(key: str, *rows: tuple[str | None, int, float]) -> list[dict[str, Any]]:
    return [{key: value, "contacts": contacts, "share": share} for value, contacts, share in rows]


def over_time(key: str, *rows: tuple[str, str | None, int]) -> list[dict[str, Any]]:
    return [{"period": period, key: value, "contacts": contacts} for period, value, contacts in rows]


def skewed(desk: Desk) -> None:
    """Four contacts added in three ways and one more without a source, one deleted, two merged, three connected."""
    added(
        desk,
        *(activity("added", FIFTH, source="Zapier", contact_name=name) for name in ("Ann Lee", "Ánna Moss")),
        activity("added", SIXTH, source="Zapier", contact_name="Cy", contact_id="77"),
        activity("added", SIXTH, source="User", user_name="Bo"),
        activity("added", SIXTH, source="Echo Message", user_name="Bo"),
        activity("added", SIXTH, source=None),
    )
    load(desk, "deleted", activity("deleted", SIXTH, user_name="Bo", contact_id="77"))
    load(desk, "merged", activity("merged", FIFTH, user_name="Cleo"), activity("merged", FIFTH, user_name="Bo"))
    load(
        desk, "connected",
        activity("connected", FIFTH, channel="SMS", source="Broadcast", contact_name="Ann Lee"),
        activity("connected", SIXTH, channel="SMS", source="User", user_name="Cleo"),
        activity("connected", SIXTH, channel=None, source="User", user_name="Bo"),
        activity("connected", SIXTH, channel="LINE", source="Broadcast"),
    )  # fmt: skip


TWO_DAYS = {"start": "2024-03-05", "end": "2024-03-06"}

# Formulas ------------------------------------------------------------------------------------------------------------


def test_totals_count_the_rows_of_each_log(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "totals") == totals(6, 1, 2, 4)


def test_a_contact_that_is_in_a_log_twice_counts_twice(desk: Desk) -> None:
    added(desk, activity("added", FIFTH, contact_id="7"), activity("added", SIXTH, contact_id="7"))
    assert tile(desk, "totals")[0]["contacts_added"] == 2


def test_a_figure_whose_log_is_not_loaded_is_missing_and_one_that_is_loaded_and_empty_is_zero(desk: Desk) -> None:
    added(desk, activity("added", FIFTH))
    load(desk, "merged", activity("merged", FIFTH), days="20240305-20240305")
    assert tile(desk, "totals") == totals(1, None, 1, None)
    assert tile(desk, "totals", start="2024-03-06") == totals(0, None, None, None)
    assert tile(desk, "totals", start="2024-03-05", source="Zapier") == totals(0, None, 0, None)


def test_each_activity_has_a_row_for_every_period_that_its_own_log_covers(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "activity_by_period", **TWO_DAYS) == over_time(
        "activity",
        ("2024-03-05", "ADDED", 2), ("2024-03-05", "DELETED", 0), ("2024-03-05", "MERGED", 2),
        ("2024-03-06", "ADDED", 4), ("2024-03-06", "DELETED", 1), ("2024-03-06", "MERGED", 0),
    )  # fmt: skip


def test_a_pinned_day_leaves_only_itself_over_time_where_the_activity_or_source_is_not_pinned(desk: Desk) -> None:
    skewed(desk)
    pinned = {"pins": {"period": "2024-03-05"}}
    assert tile(desk, "activity_by_period", **pinned) == over_time(
        "activity", ("2024-03-05", "ADDED", 2), ("2024-03-05", "DELETED", 0), ("2024-03-05", "MERGED", 2)
    )
    assert tile(desk, "added_by_period", **pinned) == over_time("source", ("2024-03-05", "Zapier", 2))


def test_an_activity_whose_log_is_not_loaded_has_no_rows(desk: Desk) -> None:
    added(desk, activity("added", FIFTH), days="20240305-20240306")
    load(desk, "merged", activity("merged", FIFTH), days="20240305-20240305")
    assert tile(desk, "activity_by_period") == over_time(
        "activity", ("2024-03-05", "ADDED", 1), ("2024-03-05", "MERGED", 1), ("2024-03-06", "ADDED", 0)
    )


def test_sources_come_with_their_share_of_all_rows_the_missing_one_among_them(desk: Desk) -> None:
    skewed(desk)
    expected = by("source", ("Zapier", 3, 3 / 6), ("Echo Message", 1, 1 / 6), ("User", 1, 1 / 6), (None, 1, 1 / 6))
    assert tile(desk, "added_by_source") == expected


def test_sources_over_time_have_a_row_for_every_covered_period(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "added_by_period", **TWO_DAYS) == over_time(
        "source",
        ("2024-03-05", "Echo Message", 0), ("2024-03-05", "User", 0), ("2024-03-05", "Zapier", 2),
        ("2024-03-05", None, 0),
        ("2024-03-06", "Echo Message", 1), ("2024-03-06", "User", 1), ("2024-03-06", "Zapier", 1),
        ("2024-03-06", None, 1),
    )  # fmt: skip


def test_sources_over_time_rest_on_the_days_of_the_log_of_contacts_added(desk: Desk) -> None:
    added(desk, activity("added", FIFTH), days="20240305-20240305")
    load(desk, "deleted", activity("deleted", SIXTH))
    assert tile(desk, "added_by_period") == over_time("source", ("2024-03-05", "User", 1))


def test_nothing_selected_has_no_rows(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "added_by_source", source="Smoke") == tile(desk, "added_by_period", source="Smoke") == []
    assert tile(desk, "totals", source="Smoke") == totals(0, 0, 0, 0)


def test_both_ends_of_the_date_range_are_included_to_the_second(desk: Desk) -> None:
    for what in ACTIVITIES:
        times = ("2024-03-04 23:59:59", "2024-03-05 00:00:00", "2024-03-06 23:59:59", "2024-03-07 00:00:00")
        load(desk, what, *(activity(what, at) for at in times))
    assert tile(desk, "totals", **TWO_DAYS) == totals(2, 2, 2, 2)
    for what in ACTIVITIES:
        found = tile(desk, f"{what}_log", **TWO_DAYS)
        assert [row["timestamp"] for row in found] == ["2024-03-06T23:59:59", "2024-03-05"]


# Channels ------------------------------------------------------------------------------------------------------------

NOTE = "No connected contact of these dates has a channel"


def note(desk: Desk, name: str, **query: str) -> str:
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {key: [value] for key, value in query.items()}))
    return answers.note(asked, REPORT.tile(name))


def test_where_any_row_has_a_channel_those_without_are_unknown(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "connected_by_channel") == by("channel", ("SMS", 2, 0.5), ("LINE", 1, 0.25), (None, 1, 0.25))
    assert formats.label(REPORT, "channel", None) == "Unknown channel"
    assert note(desk, "connected_by_channel") == note(desk, "connected_by_period") == ""


def test_filters_do_not_change_whether_the_range_has_channels(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "connected_by_channel", user="Bo") == by("channel", (None, 1, 1.0))
    assert note(desk, "connected_by_channel", user="Bo") == ""


@pytest.mark.parametrize("has_column", [True, False])
def test_where_no_row_has_a_channel_the_source_stands_in_its_place_and_the_tile_says_so(
    desk: Desk, has_column: bool
) -> None:
    rows = [activity("connected", FIFTH, channel=None, source=source) for source in ("User", "Broadcast", "User", None)]
    load(desk, "connected", *(rows if has_column else [without(row, "Channel") for row in rows]))
    expected = by("channel", ("User", 2, 0.5), ("Broadcast", 1, 0.25), (None, 1, 0.25))
    assert tile(desk, "connected_by_channel") == expected
    assert note(desk, "connected_by_channel").startswith(NOTE)
    assert note(desk, "connected_by_period", user="nobody").startswith(NOTE)
    assert tile(desk, "connected_by_period", **TWO_DAYS)[0] == {
        "period": "2024-03-05", "channel": "Broadcast", "contacts": 1,
    }  # fmt: skip


def test_the_range_decides_whether_channels_are_known(desk: Desk) -> None:
    load(desk, "connected", activity("connected", FIFTH, channel="SMS"), activity("connected", SIXTH, channel=None))
    assert tile(desk, "connected_by_channel", start="2024-03-06") == by("channel", ("User", 1, 1.0))
    assert tile(desk, "connected_by_channel", start="2024-03-05") == by("channel", ("SMS", 1, 0.5), (None, 1, 0.5))


def test_a_source_in_a_channels_place_leads_to_its_rows_on_every_tile(desk: Desk) -> None:
    rows = [activity("connected", FIFTH, source=source, channel=None) for source in ("User", "Broadcast", "User")]
    load(desk, "connected", *rows)
    report = desk.workbench.report("contacts", pins={"channel": "User"})
    assert report.tile("totals")["contacts_connected"].tolist() == [2]
    assert len(report.tile("connected_log")) == 2
    assert len(desk.workbench.report("contacts").rows("connected_by_channel", channel="User")) == 2


def test_the_sql_of_a_tile_runs_as_it_is_printed(desk: Desk) -> None:
    skewed(desk)
    report = desk.workbench.report("contacts", start="2024-03-05", channel=["SMS", None], contact="a", user="Cleo")
    with desk.workbench.workspace.cursor() as cursor:
        for name in ("totals", "connected_by_channel", "connected_by_period", "connected_log"):
            assert len(cursor.execute(report.sql(name)).df()) == len(report.tile(name)) > 0


# Filters -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"source": "Zapier"}, (3, 0, 0, 0)),
        ({"source": ["Zapier", None]}, (4, 0, 0, 0)),
        ({"source": "zapier"}, (0, 0, 0, 0)),
        ({"user": "Bo"}, (1, 1, 1, 1)),
        ({"user": ["Bo", "Cleo"]}, (1, 1, 2, 2)),
        ({"user": None}, (5, 0, 0, 2)),
        ({"contact": "ann"}, (2, 0, 0, 1)),
        ({"contact": "ANN l"}, (1, 0, 0, 1)),
        ({"contact": "ánnà"}, (1, 0, 0, 0)),
        ({"contact": "77"}, (1, 1, 0, 0)),
        ({"contact": "7"}, (0, 0, 0, 0)),
        ({"contact": ["77", "moss"]}, (2, 1, 0, 0)),
        ({"contact": "%"}, (0, 0, 0, 0)),
        ({"source": "User", "user": "Bo"}, (1, 1, 1, 1)),
    ],
    ids=str,
)
def test_each_filter_narrows_every_figure(
    desk: Desk, selection: dict[str, Any], expected: tuple[int, int, int, int]
) -> None:
    skewed(desk)
    assert tile(desk, "totals", **selection) == totals(*expected)
    for what, contacts in zip(ACTIVITIES, expected, strict=True):
        assert len(tile(desk, f"{what}_log", **selection)) == contacts
    for name, contacts in (
        ("added_by_source", expected[0]), ("added_by_period", expected[0]), ("activity_by_period", sum(expected[:3])),
        ("connected_by_channel", expected[3]), ("connected_by_period", expected[3]),
    ):  # fmt: skip
        assert sum(row["contacts"] for row in tile(desk, name, **selection)) == contacts


def test_a_channel_narrows_those_connected_and_says_nothing_about_the_others(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "totals", channel="SMS") == totals(None, None, None, 2)
    assert tile(desk, "totals", channel=None) == totals(None, None, None, 1)
    assert tile(desk, "totals", channel="TELEX") == totals(None, None, None, 0)
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {"channel": ["SMS"]}))
    assert {tile.name for tile in REPORT.tiles if not_applicable(asked, tile)} == {
        "activity_by_period", "added_by_source", "added_by_period", "added_log", "deleted_log", "merged_log",
    }  # fmt: skip
    assert [m.name for m in REPORT.metrics if says_nothing(asked, m)] == [
        f"contacts_{what}" for what in ("added", "deleted", "merged")
    ]


def test_a_pinned_channel_says_nothing_about_the_others_either(desk: Desk) -> None:
    skewed(desk)
    pinned = {"pins": {"channel": "SMS"}}
    assert tile(desk, "totals", **pinned) == totals(None, None, None, 2)
    with pytest.raises(BadSelection, match="not applicable"):
        tile(desk, "added_by_source", **pinned)


def test_options_of_channels_are_those_of_contacts_connected(desk: Desk) -> None:
    skewed(desk)
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {}))
    found = [answers.options(asked, key) for key in ("channel", "user", "source")]
    assert found[0] == [("SMS", 2), ("", 1), ("LINE", 1)]
    assert found[1] == [("", 7), ("Bo", 4), ("Cleo", 2)]
    assert found[2] == [("User", 6), ("Zapier", 3), ("Broadcast", 2), ("", 1), ("Echo Message", 1)]


def test_the_documented_presets_are_offered_and_count_from_the_last_covered_day_of_any_log(desk: Desk) -> None:
    documented = ("today", "yesterday", "last_7_days", "last_14_days", "last_30_days", "this_month", "last_month")
    assert set(documented) < set(PRESETS)
    added(desk, activity("added", FIFTH), days="20240301-20240305")
    load(desk, "merged", activity("merged", SIXTH), days="20240301-20240306")
    assert tile(desk, "totals", preset="today") == totals(None, None, 1, None)
    assert tile(desk, "totals", preset="yesterday") == totals(1, None, 0, None)


# Comparison ----------------------------------------------------------------------------------------------------------


def test_each_figure_is_compared_where_its_own_log_covers_all_of_the_days_before(desk: Desk) -> None:
    added(desk, *(activity("added", at) for at in (FIFTH, SIXTH, "2024-03-07 11:00:00", "2024-03-08 11:00:00")))
    load(desk, "merged", activity("merged", SIXTH), activity("merged", "2024-03-08 10:00:00"), days="20240306-20240308")
    (row,) = tile(desk, "totals", start="2024-03-07", end="2024-03-08", compare="preceding")
    found = {what: [row[f"contacts_{what}{suffix}"] for suffix in ("", "_before", "_change")] for what in ACTIVITIES}
    assert found == {
        "added": [2, 2, 0],
        "deleted": [None, None, None],
        "merged": [1, None, None],
        "connected": [None, None, None],
    }


def test_each_period_of_a_value_is_compared_with_the_one_at_its_place_though_both_ranges_share_a_week(
    desk: Desk,
) -> None:
    earlier, later = ["2024-03-07"] * 2 + ["2024-03-11"] * 3, ["2024-03-14"] + ["2024-03-18"] * 4
    added(desk, *(activity("added", f"{day} 10:00:00") for day in earlier + later), days="20240301-20240331")
    dates = {"start": "2024-03-13", "end": "2024-03-19", "compare": "preceding", "rollup": "week"}
    rows = tile(desk, "added_by_period", **dates)
    found = [(str(row["period"])[:10], row["contacts"], row["contacts_before"]) for row in rows]
    assert found == [("2024-03-11", 1, 2), ("2024-03-18", 4, 3)]


# Users ---------------------------------------------------------------------------------------------------------------


def test_a_user_belongs_only_to_rows_whose_source_is_user(desk: Desk) -> None:
    added(desk, activity(source="User", user_name="Bo"), activity(source="Zapier", user_name="Bo"))
    assert sorted((row["source"], row["user"]) for row in tile(desk, "added_log")) == [("User", "Bo"), ("Zapier", None)]


def test_ids_of_removed_users_become_names_everywhere_at_once_and_stay_in_the_record(desk: Desk) -> None:
    for what in ACTIVITIES:
        load(desk, what, activity(what, user_name="700123"))
    assert tile(desk, "totals", user="700123") == totals(1, 1, 1, 1)
    desk.load_kind("respondio_users", user(user_id="700123", name="Dora"), user(user_id="Bo", name="Not Bo"))
    assert tile(desk, "totals", user="Dora") == totals(1, 1, 1, 1)
    assert tile(desk, "totals", user="700123") == totals(0, 0, 0, 0)
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {}))
    assert answers.options(asked, "user") == [("Dora", 4)]
    for what in ACTIVITIES:
        log = REPORT.tile(f"{what}_log")
        assert [row["user"] for row in tile(desk, log.name)] == ["Dora"]
        rows = logs.log_rows(asked, log, Page(columns=("user", "exported_user")))
        assert rows[["user", "exported_user"]].to_numpy().tolist() == [["Dora", "700123"]]
        for text in ("dóra", "00123"):
            assert logs.log_count(asked, log, text) == 1


# Logs ----------------------------------------------------------------------------------------------------------------


def test_the_logs_have_their_documented_columns_the_latest_first(desk: Desk) -> None:
    fields = {"contact_id": "1234567890123456", "contact_name": "Ann", "user_name": "Bo"}
    for what in ACTIVITIES:
        load(desk, what, activity(what, FIFTH, **fields), activity(what, SIXTH, **{**fields, "user_name": None}))
    row = {"contact_id": "1234567890123456", "contact_name": "Ann", "source": "User"}
    expected = [{"timestamp": at, **row, "user": who} for at, who in (
        ("2024-03-06T10:00:00", None), ("2024-03-05T10:00:00", "Bo"))]  # fmt: skip
    assert tile(desk, "added_log") == tile(desk, "deleted_log") == expected
    assert tile(desk, "connected_log") == [{**row, "channel": "User"} for row in expected]
    primary = [{"primary_contact_id" if key == "contact_id" else key: row[key] for key in row} for row in expected]
    assert tile(desk, "merged_log") == primary
    assert [list(row) for row in tile(desk, "merged_log")] == [list(row) for row in primary]


@pytest.mark.parametrize("log", [log.name for log in REPORT.logs])
def test_each_text_column_of_a_log_is_searched(desk: Desk, log: str) -> None:
    what = log.removesuffix("_log")
    stored = {"primary_contact_id": "contact_id", "exported_user": "user_name"}
    columns = [stored.get(name, name) for name in log_of(REPORT.tile(log)).search if name != "source"]
    load(desk, what, *(activity(what, **{name: f"XNéedle {name}"}) for name in columns))
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {}))
    for name in columns:
        found = logs.log_count(asked, REPORT.tile(log), f"needle {name}")
        assert found == 1, name


def test_logs_of_adjacent_pulls_count_an_event_of_both_once(desk: Desk) -> None:
    rows = [activity("added", at) for at in (FIFTH, SIXTH, "2024-03-07 10:00:00")]
    added(desk, *rows[:2], days="20240305-20240306")
    report = added(desk, *rows[1:], days="20240306-20240307")
    assert (report.rows_loaded, report.rows_unchanged) == (1, 1)
    assert tile(desk, "totals")[0]["contacts_added"] == 3


def test_one_event_is_one_row_of_one_log_only(desk: Desk) -> None:
    row = activity("added", FIFTH, contact_id="7")
    for what in ("added", "connected", "deleted"):
        load(desk, what, row)
    assert tile(desk, "totals") == totals(1, 1, None, 1)


# Drill ---------------------------------------------------------------------------------------------------------------

DRILLED = ("activity_by_period", "added_by_source", "added_by_period", "connected_by_channel", "connected_by_period")
SELECTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"start": "2026-10-05", "end": "2026-10-31", "rollup": "week", "user": ["Bruna Leitão", None]},
    {"start": "2026-09-20", "rollup": "hour", "contact": "an", "source": ["User", "Zapier"]},
    {"rollup": "month", "timezone": "Pacific/Kiritimati"},
)


@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
def test_the_rows_behind_every_cell_are_as_many_as_it_says(sample: Workbench, selection: dict[str, Any]) -> None:
    report = sample.report("contacts", **selection)
    (row,) = report.tile("totals").to_dict("records")
    for name in REPORT.tile("totals").metrics:
        assert len(report.rows("totals", metric=name)) == row[name]
        assert report.rows("totals", metric=name, part="rest").empty
    for name in DRILLED:
        dimensions = REPORT.tile(name).dimensions
        cells = report.tile(name)
        assert cells["contacts"].sum() > 0
        for cell in pd.concat([cells[cells["contacts"] > 0].head(9), cells[cells["contacts"] == 0].head(3)]).to_dict(
            "records"
        ):
            key = {key: None if pd.isna(cell[key]) else cell[key] for key in dimensions}
            assert len(report.rows(name, **key)) == cell["contacts"], (name, key)


def test_rows_that_stand_in_several_logs_ask_for_the_activity(sample: Workbench) -> None:
    with pytest.raises(BadSelection, match="Name the activity"):
        sample.report("contacts").rows("activity_by_period", period="2026-09-01")


# Beside Gladly -------------------------------------------------------------------------------------------------------


def test_nothing_mixes_with_gladly(desk: Desk) -> None:
    added(desk, activity("added", FIFTH), days="20240301-20240306")
    before = {name: tile(desk, name) for name in REPORT.tile_names}
    desk.load(contact("2024-05-05 10:00:00"), name="ContactExport-20240201-20240531.csv")
    assert {name: tile(desk, name) for name in REPORT.tile_names} == before
    assert tile(desk, "totals", preset="yesterday") == totals(1, None, None, None)
    assert [load["file"] for load in desk.workbench.workspace.loads(REPORT.kinds)] == [
        "ContactsAdded-20240301-20240306.csv"
    ]
    assert desk.tile("totals")[0]["inbound_contacts"] == 1
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {}))
    assert str(asked.scope.clock) == "2024-03-06"


# Texts ---------------------------------------------------------------------------------------------------------------


def test_every_known_source_of_every_log_is_explained() -> None:
    explained = dict(formats.explained(REPORT))
    assert {heading: len(values) for heading, values in explained.items()} == {
        "Source: contacts added": 6,
        "Source: contacts connected": 6,
        "Source: contacts deleted": 1,
        "Source: contacts merged": 1,
    }
    assert formats.meanings(REPORT, REPORT.tile("added_by_source"), "source")["Zapier"].startswith("An automation")
    assert formats.meanings(REPORT, REPORT.tile("totals"), "source") == {}


def test_a_log_that_is_not_loaded_makes_no_period_of_another_incomplete(desk: Desk) -> None:
    desk.load_kind("respondio_contacts_added", activity("added"))
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {"from": ["2024-03-04"], "to": ["2024-03-06"]}))
    tile = REPORT.tile("activity_by_period")
    assert answers.incomplete_periods(asked, tile) == []


def test_totals_count_the_rows_of_incomplete_periods_that_are_left_out_over_time(desk: Desk) -> None:
    desk.load_kind("respondio_contacts_added", activity("added"))
    cut = {"from": ["2024-03-04"], "to": ["2024-03-06"], "rollup": ["month"], "whole_only": ["yes"]}
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, cut))

    def found(tile: str) -> list[object]:
        return list(answers.rows(asked, REPORT.tile(tile)).iloc[:, 0])

    assert (found("totals"), found("added_by_period")) == ([1], [])
