"""Gladly's own Contact Summary beside ours: given rows, expected rows."""

from typing import Any

import pandas as pd
import pytest

from tests.builders import Desk, contact, written
from workbench import Workbench
from workbench.exports.gladly import CONTACT_SUMMARY
from workbench.reports import REPORTS

HEADER = (
    "Timezone Filter,Channel Filter,Inboxes Filter,Ended At Date,Contacts Ended,Contacts Inbound,Contacts Outbound,"
    "Contacts Fulfilled,Contacts Fulfilled Before SLA,Contacts Fulfilled After SLA,Contacts Abandoned,"
    "Contacts Abandoned Within 5 Seconds,Contacts Abandoned Within 10 Seconds,Contacts Abandoned Within 15 Seconds,"
    "Service Level Percentage\n"
)
NAMES = (
    "Contacts ended", "Contacts inbound", "Contacts outbound", "Contacts fulfilled", "Contacts fulfilled before SLA",
    "Contacts fulfilled after SLA", "Contacts abandoned", "Contacts abandoned within 5 seconds",
    "Contacts abandoned within 10 seconds", "Contacts abandoned within 15 seconds",
)  # fmt: skip


UNLIMITED = {"channel_filter": None, "inboxes_filter": None}


def summary(desk: Desk, *lines: str, name: str = "ContactSummary-20240305-20240306-Daily.csv", **said: Any) -> None:
    desk.load_text(HEADER + "\n".join(lines) + "\n", name=name, **said)


def ended(queued: str, at: str, **fields: str) -> dict[str, str]:
    return contact(f"2024-03-0{queued}", ended_at=f"2024-03-0{at}", **fields)


def days(desk: Desk) -> None:
    """Eight on the 5th by their end and one that is open: over midnight, at it, and at the very bounds of seconds."""
    desk.load(
        ended("4 23:50:00", "5 00:10:00", seconds_within_or_over_sla="0", channel="SMS"),
        ended("5 10:00:00", "5 10:01:00", seconds_within_or_over_sla="1"),
        ended("5 10:00:00", "5 10:00:05", status="ABANDONED", queued_to_ended_seconds="5"),
        ended("5 10:00:00", "5 10:00:06", status="ABANDONED", queued_to_ended_seconds="5.001"),
        ended("5 10:00:00", "5 10:00:15", status="ABANDONED", queued_to_ended_seconds="15"),
        ended("5 10:00:00", "5 10:00:16", status="ABANDONED", queued_to_ended_seconds="16"),
        ended("5 10:00:00", "5 23:59:59", direction="OUTBOUND"),
        ended("5 10:00:00", "6 00:00:00", seconds_within_or_over_sla="-3"),
        contact("2024-03-05 11:00:00"),
    )


def found(desk: Desk, **selection: Any) -> list[dict[str, Any]]:
    return desk.ask("contact_export", "as_reported", **selection)


def test_ours_stand_beside_theirs_at_both_anchors_and_each_difference_is_named(desk: Desk) -> None:
    days(desk)
    summary(desk, "UTC,All Channels,All Inboxes,2024-03-05,9,7,1,2,1,1,4,1,2,3,0.25")
    columns = ("figure", "reported", "at_ended", "at_queued", "by_population", "by_definition", "by_anchor")
    expected = (
        (9, 7, 7, -2, 0, 0), (7, 6, 6, -1, 0, 0), (1, 1, 1, 0, 0, 0), (2, 2, 2, 0, 0, 0), (1, 1, 1, 0, 0, 0),
        (1, 1, 1, 0, 0, 0), (4, 4, 4, 0, 0, 0), (1, 1, 1, 0, 0, 0), (2, 2, 2, 0, 0, 0), (3, 3, 3, 0, 0, 0),
    )  # fmt: skip
    assert found(desk) == [
        {"period": "2024-03-05", **UNLIMITED, **dict(zip(columns, (name, *figures), strict=True))}
        for name, figures in zip(NAMES, expected, strict=True)
    ]


def test_what_ended_a_day_later_is_the_anchors_difference_and_the_three_add_up(desk: Desk) -> None:
    days(desk)
    line = "UTC,All Channels,All Inboxes,2024-03-0{},{},1,0,1,1,0,0,0,0,0,1"
    summary(desk, line.format(5, 8), line.format(6, 1))
    rows = {(row["period"], row["figure"]): row for row in found(desk)}
    assert [rows[f"2024-03-0{day}", "Contacts ended"]["by_anchor"] for day in (5, 6)] == [0, -1]
    for row in rows.values():
        parts = row["by_population"] + row["by_definition"] + row["by_anchor"]
        assert row["at_queued"] - row["reported"] == parts


@pytest.mark.parametrize(("channels", "ours"), [("All Channels", 7), ("SMS", 1), ('"Chat, Sms"', 7), ("Email", 0)])
def test_ours_are_counted_at_the_downloads_own_filters(desk: Desk, channels: str, ours: int) -> None:
    days(desk)
    summary(desk, f"UTC,{channels},All Inboxes,2024-03-05,3,,,,,,,,,,")
    for selection in ({}, {"start": "2024-03-05", "end": "2024-03-05"}):
        assert [(row["figure"], row["at_ended"]) for row in found(desk, **selection)] == [("Contacts ended", ours)]


def test_a_row_says_what_its_download_is_limited_to(desk: Desk) -> None:
    days(desk)
    for channels, inboxes in (("All Channels", "All Inboxes"), ('"Chat, Sms"', "Care")):
        summary(desk, f"UTC,{channels},{inboxes},2024-03-05,3,,,,,,,,,,")
    limits = [(row["channel_filter"], row["inboxes_filter"]) for row in found(desk)]
    assert sorted(limits, key=str) == [("CHAT, SMS", "Care"), (None, None)]


def test_a_day_that_no_contact_export_covers_is_left_out(desk: Desk) -> None:
    days(desk)
    summary(
        desk, "UTC,All Channels,All Inboxes,2024-04-05,3,,,,,,,,,,", name="ContactSummary-20240405-20240405-Daily.csv"
    )
    assert found(desk) == []


def test_headers_are_matched_by_their_words_and_mapped_where_they_differ(desk: Desk) -> None:
    days(desk)
    text = "Date;CONTACTS_ENDED;contacts fulfilled (before SLA)\n2024-03-05;3;2\n"
    outcome = desk.load_text(text.replace("_", " "), name="Summary-20240305-20240305-Daily.csv", file_timezone="UTC")
    assert outcome.kind == "gladly_contact_summary"
    assert [(row["figure"], row["reported"]) for row in found(desk)] == [
        ("Contacts ended", 3), ("Contacts fulfilled before SLA", 2),
    ]  # fmt: skip


# Service level -------------------------------------------------------------------------------------------------------


def served(desk: Desk) -> None:
    """By ended 2 of 6 on the 5th, one of them queued on the 4th; the others are no inbound contacts with a status."""
    desk.load(
        ended("4 23:50:00", "5 00:10:00", status="ANSWERED", seconds_within_or_over_sla="0"),
        ended("5 10:00:00", "5 10:01:00", status="ANSWERED", seconds_within_or_over_sla="-9"),
        ended("5 10:00:00", "5 10:01:00", status="UNANSWERED", seconds_within_or_over_sla="1"),
        *(ended("5 10:00:00", "5 10:00:05", status="ABANDONED", queued_to_ended_seconds="5") for _ in range(3)),
        ended("5 10:00:00", "5 10:01:00", status="UNANSWERED"),
        ended("5 10:00:00", "5 10:01:00", direction="OUTBOUND", status="UNKNOWN", seconds_within_or_over_sla="-1"),
        contact("2024-03-05 11:00:00"),
    )


def level(desk: Desk, **selection: Any) -> list[tuple[Any, ...]]:
    found = desk.ask("contact_export", "service_level_as_reported", **selection)
    return [tuple(value for name, value in row.items() if name not in UNLIMITED) for row in found]


def test_the_service_level_stands_beside_ours_with_its_parts_and_each_difference_named(desk: Desk) -> None:
    served(desk)
    summary(desk, "UTC,All Channels,All Inboxes,2024-03-05,8,7,1,4,2,2,4,3,3,3,0.2")
    assert level(desk) == [
        (
            "2024-03-05", 0.2, 0.25, pytest.approx(1 / 3), 0.2,
            pytest.approx(0.05), pytest.approx(1 / 3 - 0.25), pytest.approx(0.2 - 1 / 3), 2, 2, 4,
        )
    ]  # fmt: skip


def test_ours_is_gladlys_whatever_definition_and_short_abandon_are_chosen(desk: Desk) -> None:
    served(desk)
    summary(desk, "UTC,All Channels,All Inboxes,2024-03-05,8,7,1,4,2,2,4,3,3,3,0.25")
    ((_, _, _, ended_at, *_),) = level(desk, service_level="queued", threshold="600", short_abandon="60")
    assert ended_at == pytest.approx(1 / 3)


def test_of_a_file_without_the_parts_only_the_anchors_difference_is_known(desk: Desk) -> None:
    served(desk)
    summary(
        desk, "UTC,All Channels,All Inboxes,2024-03-05,8,,,,,,,,,,0.25",
        "UTC,All Channels,All Inboxes,2024-03-06,8,,,,,,,,,,",
    )  # fmt: skip
    ((_, reported, of_parts, ours, _, by_definition, by_population, by_anchor, *parts),) = level(desk)
    assert (reported, of_parts, ours, parts) == (0.25, None, pytest.approx(1 / 3), [None] * 3)
    assert (by_definition, by_population, by_anchor) == (None, None, pytest.approx(0.2 - 1 / 3))


def test_a_percentage_over_1_says_that_all_of_its_load_are_in_percent(desk: Desk) -> None:
    line = "UTC,All Channels,{},2024-03-0{},8,,,,,,,,,,{}"
    served(desk)
    summary(desk, line.format("Care", 5, "33.3"), line.format("Care", 6, "1"))
    summary(desk, line.format("Sales", 5, "1"), line.format("Sales", 6, "0.5"), name="Summary-20240305-20240306.csv")
    assert sorted(row[:2] for row in level(desk)) == [
        ("2024-03-05", pytest.approx(0.333)), ("2024-03-05", 1), ("2024-03-06", 0.01), ("2024-03-06", 0.5),
    ]  # fmt: skip


# Averages ------------------------------------------------------------------------------------------------------------

AVERAGES = {
    "Average queued to fulfilled": ("Avg. Queued-to-Fulfilled Time (sec)", "queued_to_fulfilled_seconds"),
    "Longest queued to fulfilled": ("Max Queued-to-Fulfilled Time (sec)", "queued_to_fulfilled_seconds"),
    "Average first accepted to fulfilled": ("Avg First Accepted to Fulfilled", "accepted_to_fulfilled_seconds"),
    "Average due to fulfilled": ("avg_duetofulfilled_time_sec", "seconds_within_or_over_sla"),
    "Average contact handle time, inbound": ("Avg. Inbound Contact Handle Time (sec)", "contact_handle_seconds"),
    "Average after contact time, outbound": ("Avg. Outbound After Contact Time (sec)", "after_contact_seconds"),
    "Average hold time, warm transfer": ("Average Hold Time – Warm Transfer (sec)", "hold_warm_transfer_seconds"),
    "Average agent reply time": ("Avg. of Avg. Agent Reply Time (sec)", "average_agent_reply_seconds"),
}
OURS = {"Longest queued to fulfilled": (30, 4), "Average contact handle time, inbound": (2.5, 2.5),
        "Average after contact time, outbound": (30, None)}  # fmt: skip


def beside(desk: Desk, kind: str) -> dict[str, tuple[Any, ...]]:
    rows = [tuple(row.values()) for row in desk.ask("contact_export", f"{kind}_as_reported")]
    return {figure: (period, *figures) for period, _, _, figure, *figures in rows}


def averaged(desk: Desk, columns: dict[str, str]) -> None:
    """One with 1 and one with 4, an outbound one with 30 that was queued the day before, and one without any."""

    def of(value: str) -> dict[str, str]:
        return dict.fromkeys(columns.values(), value)

    desk.load(
        ended("5 10:00:00", "5 10:01:00", **of("1")),
        ended("5 10:00:00", "5 10:01:00", **of("4")),
        ended("4 10:00:00", "5 10:01:00", direction="OUTBOUND", **of("30")),
        ended("5 10:00:00", "5 10:01:00"),
    )


@pytest.mark.parametrize("figure", AVERAGES)
def test_an_average_of_the_file_stands_beside_ours_at_both_anchors(desk: Desk, figure: str) -> None:
    header, column = AVERAGES[figure]
    averaged(desk, {figure: column})
    outcome = desk.load_text(
        f"Date,Contacts Ended,{header}\n2024-03-05,4,10\n", name="ContactSummary-20240305-20240305-Daily.csv",
        file_timezone="UTC",
    )  # fmt: skip
    assert outcome.kind == "gladly_contact_summary"
    at_ended, at_queued = OURS.get(figure, (35 / 3, 2.5))
    by_anchor = None if at_queued is None else pytest.approx(at_queued - at_ended)
    assert beside(desk, "durations") == {
        figure: ("2024-03-05", 10, pytest.approx(at_ended), at_queued, pytest.approx(at_ended - 10), by_anchor)
    }


def test_messages_are_averaged_as_numbers(desk: Desk) -> None:
    averaged(desk, {"": "messages_from_api"})
    desk.load_text(
        "Date,Contacts Ended,Avg. Messages from API,Avg. Messages Total\n2024-03-05,4,2.25,\n",
        name="ContactSummary-20240305-20240305-Daily.csv", file_timezone="UTC",
    )  # fmt: skip
    figures = (
        "2024-03-05",
        2.25,
        pytest.approx(35 / 3),
        2.5,
        pytest.approx(35 / 3 - 2.25),
        pytest.approx(2.5 - 35 / 3),
    )
    assert beside(desk, "messages") == {"Average messages from API": figures}


def test_what_the_loaded_exports_lack_is_shown_as_theirs_alone(desk: Desk) -> None:
    row = ended("5 10:00:00", "5 10:01:00")
    desk.workbench.load(written(desk.folder / "ContactExport-20240305-20240305.csv", [row], list(row)))
    summary_of = "Date,Contacts Ended,Avg. Talk Time (sec)\n2024-03-05,1,0:01:30\n"
    desk.load_text(summary_of, name="ContactSummary-20240305-20240305-Daily.csv", file_timezone="UTC")
    assert beside(desk, "durations") == {"Average talk time": ("2024-03-05", 90, None, None, None, None)}


def test_an_average_that_cannot_be_read_is_rejected_with_the_reason(desk: Desk) -> None:
    text = "Date,Contacts Ended,Avg. Talk Time (sec),Avg. Messages Total\n2024-03-05,1,long,2\n2024-03-06,1,3,many\n"
    outcome = desk.load_text(text, name="ContactSummary-20240305-20240306-Daily.csv", file_timezone="UTC")
    assert (outcome.rows_loaded, outcome.rows_rejected) == (0, 2)
    assert [(reject["column"], reject["reason"]) for reject in outcome.rejects] == [
        ("Avg. Talk Time (sec)", "not a number of seconds or h:mm:ss"), ("Avg. Messages Total", "not a number"),
    ]  # fmt: skip


def test_the_header_of_programs_that_read_the_report_is_known(desk: Desk) -> None:
    days(desk)
    text = "timezone_filter,channel_filter,inboxes_filter,ended_at_date,contacts_ended,avg_hold_time__total_sec\n"
    outcome = desk.load_text(
        f"{text}UTC,All Channels,All Inboxes,2024-03-05,7,1.5\n", name="rows-daily.csv", rollup="day"
    )
    assert outcome.kind == "gladly_contact_summary"
    assert [row["reported_seconds"] for row in desk.ask("contact_export", "durations_as_reported")] == [1.5]


def test_a_figure_is_called_as_its_column_and_none_is_left_out(sample: Workbench) -> None:
    figures = sample.workspace.rows("select distinct name, figure from gladly_summary_reported")
    assert dict(figures) == {
        column.name: column.label.removesuffix(" (Gladly)")
        for column in CONTACT_SUMMARY.columns if column.label.endswith(" (Gladly)")
    }  # fmt: skip


def test_the_sample_agrees_with_gladlys_own_summary_by_when_contacts_ended(sample: Workbench) -> None:
    tiles = [tile.name for tile in REPORTS["contact_export"].tiles if tile.optional_kind]
    found = {name: sample.report("contact_export").tile(name) for name in tiles}
    assert {name: len(rows) > 0 for name, rows in found.items()} == dict.fromkeys(tiles, True)
    for name, rows in found.items():
        reported = next(column for column in rows if "reported" in column)
        ours = next(column for column in rows if "at_ended" in column)
        pd.testing.assert_series_equal(
            rows[ours].astype(float), rows[reported].astype(float), check_names=False, rtol=0, atol=1e-8, obj=name
        )
