"""Contact export: given rows, expected rows; and what the vendor's questions and notes say of the figures."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.builders import FILTERS, Desk, Row, contact, plain
from workbench.ask import answers, logs
from workbench.ask.question import Question
from workbench.ask.selection import parsed
from workbench.drawing import formats
from workbench.exports.gladly import CONTACT_EXPORT as EXPORT
from workbench.reports import REPORTS

REPORT = REPORTS["contact_export"]
WAIT = "queued_to_fulfilled_seconds"
DURATIONS = [column.name for column in EXPORT.columns if column.type == "duration"]
MARCH_10 = {"start": "2024-03-10", "end": "2024-03-10", "compare": "preceding"}


def tile(desk: Desk, name: str, **selection: Any) -> list[dict[str, Any]]:
    return desk.tile(name, "contact_export", **selection)


def totals(desk: Desk, **selection: Any) -> dict[str, Any]:
    (row,) = tile(desk, "totals", **selection)
    return row


def picked(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def counts(desk: Desk, name: str = "totals") -> dict[str, int]:
    found = desk.workbench.workspace
    return answers.counts(Question(found, REPORT, parsed(REPORT, {})), REPORT.tile(name))


def ids(desk: Desk, name: str, metric: str = "", part: str = "", **cell: Any) -> list[str]:
    found = desk.workbench.report("contact_export").rows(name, metric=metric, part=part, **cell)
    return sorted(found["contact_id"])


def waited(seconds: float | None, **fields: str | None) -> Row:
    """Return a contact that waited so long; one without a wait has not been fulfilled."""
    return contact(**{WAIT: None if seconds is None else str(seconds), **fields})


def skewed(desk: Desk) -> None:
    """Two channels and a missing one; unequal waits, one of them unknown, one negative."""
    desk.load(
        waited(10, status="ANSWERED", seconds_within_or_over_sla="-50", contact_handle_seconds="100"),
        waited(20, status="ANSWERED", seconds_within_or_over_sla="0", contact_handle_seconds="200"),
        waited(1000, status="UNANSWERED", seconds_within_or_over_sla="0.5", contact_handle_seconds="5000"),
        waited(None, status="ABANDONED", channel="PHONE_CALL", contact_handle_seconds="0"),
        waited(5, status="ANSWERED", channel="PHONE_CALL", seconds_within_or_over_sla="-55"),
        waited(None, status="UNKNOWN", channel="PHONE_CALL", direction="OUTBOUND"),
        waited(-120, status="UNANSWERED", channel="EMAIL", seconds_within_or_over_sla="-9", sla_target_seconds="-111"),
        waited(None, channel=None),
        waited(None, status="UNKNOWN", channel="CHAT", direction=None),
    )


# Formulas ------------------------------------------------------------------------------------------------------------


def test_totals(desk: Desk) -> None:
    skewed(desk)
    assert totals(desk) == pytest.approx(
        {
            "contacts": 9,
            "inbound": 7,
            "outbound": 1,
            "answered_rate": 3 / 6,
            "abandoned_rate": 1 / 2,
            f"median_{WAIT}": 10,
            f"p90_{WAIT}": 20 + 0.6 * (1000 - 20),
            "sla_attainment_rate": 4 / 5,
            "service_level_rate": 4 / 6,
            "median_contact_handle_seconds": 150,
            "median_business_wait_seconds": None,
        }
    )


def test_an_unknown_status_of_an_inbound_contact_is_a_status(desk: Desk) -> None:
    desk.load(contact(status="ANSWERED"), contact(status="UNKNOWN"), contact(status="UNKNOWN"), contact(status=None))
    assert totals(desk)["answered_rate"] == 1 / 3


def test_abandoned_calls_are_among_inbound_phone_calls_that_have_ended(desk: Desk) -> None:
    desk.load(
        *(contact(status=status, channel="PHONE_CALL") for status in ("ABANDONED", "ANSWERED", "ANSWERED", None)),
        contact(status="ABANDONED", channel="ABANDONED_CALL"),
        contact(status="ABANDONED", channel="PHONE_CALL", direction="OUTBOUND"),
        contact(status="UNANSWERED", channel="VOICEMAIL"),
    )
    assert totals(desk)["abandoned_rate"] == 1 / 3


def test_what_has_nothing_to_rest_on_is_missing(desk: Desk) -> None:
    desk.load(contact(direction="OUTBOUND"))
    nothing = dict.fromkeys(REPORT.tile("totals").columns)
    assert totals(desk) == nothing | {"contacts": 1, "inbound": 0, "outbound": 1}
    assert totals(desk, channel="FAX") == nothing | {"contacts": 0, "inbound": 0, "outbound": 0}
    for name in ("by_channel", "by_status", "by_entry_point", "by_inbox", "by_agent", "durations", "log"):
        assert tile(desk, name, channel="FAX") == []


def test_channels(desk: Desk) -> None:
    skewed(desk)
    columns = REPORT.tile("by_channel").columns
    expected = [
        ("CHAT", 4, 4 / 9, 20, 20 + 0.8 * 980, 2 / 3),
        ("PHONE_CALL", 3, 3 / 9, 5, 5, 1.0),
        ("EMAIL", 1, 1 / 9, -120, -120, 1.0),
        (None, 1, 1 / 9, None, None, None),
    ]
    assert tile(desk, "by_channel") == [
        dict.fromkeys(columns) | dict(zip(columns, row, strict=False)) for row in expected
    ]


def test_statuses_the_missing_one_has_not_ended(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "by_status") == [
        {"status": "ANSWERED", "contacts": 3, "share": 3 / 9},
        {"status": "UNANSWERED", "contacts": 2, "share": 2 / 9},
        {"status": "UNKNOWN", "contacts": 2, "share": 2 / 9},
        {"status": "ABANDONED", "contacts": 1, "share": 1 / 9},
        {"status": None, "contacts": 1, "share": 1 / 9},
    ]
    assert REPORT.dimension("status").shown(None) == "Not ended"


def test_waits_over_time_have_a_row_for_every_covered_period(desk: Desk) -> None:
    desk.load(
        waited(10, queued_at="2024-03-05 10:00:00", seconds_within_or_over_sla="1"),
        waited(20, queued_at="2024-03-05 11:00:00", seconds_within_or_over_sla="-1"),
        waited(300, queued_at="2024-03-05 12:00:00"),
        waited(None, queued_at="2024-03-05 13:00:00"),
        waited(None, queued_at="2024-03-07 10:00:00"),
    )
    columns = REPORT.tile("wait_by_period").columns
    expected = [
        ("2024-03-05", 4, 20, 244, 110, 0.5),
        ("2024-03-06", 0, None, None, None, None),
        ("2024-03-07", 1, None, None, None, None),
    ]
    found = tile(desk, "wait_by_period", start="2024-03-05", end="2024-03-07")
    assert found == [dict.fromkeys(columns) | dict(zip(columns, row, strict=False)) for row in expected]


def test_agents_those_without_one_are_a_row_of_their_own(desk: Desk) -> None:
    def handled(agent: str | None, **fields: str) -> Row:
        return contact(agent_when_ended=agent, **fields)

    desk.load(
        handled(
            "Bo", contact_handle_seconds="10", after_contact_seconds="1", talk_seconds="5", hold_total_seconds="2",
            times_offered="1", times_accepted="1", times_missed="0", times_declined="0", times_transferred="3",
            seconds_within_or_over_sla="-1",
        ),
        handled("Bo", contact_handle_seconds="20", after_contact_seconds="3", talk_seconds="6", times_offered="4"),
        handled("Bo", contact_handle_seconds="600", times_missed="5", times_declined="2"),
        handled(None),
        handled("Cy", seconds_within_or_over_sla="7"),
    )  # fmt: skip
    columns = REPORT.tile("by_agent").columns
    expected = [
        ("Bo", 3, 210, 20, 2, 5.5, 2, 5, 1, 5, 2, 3, 1.0),
        ("Cy", 1, *[None] * 10, 0.0),
        (None, 1, *[None] * 11),
    ]
    assert tile(desk, "by_agent") == [dict(zip(columns, row, strict=True)) for row in expected]


def test_hours_of_the_week_are_divided_by_how_often_they_occur(desk: Desk) -> None:
    """From Tuesday 5 March to the Tuesday after, two Tuesdays and one of each other day."""
    desk.load(
        waited(10, queued_at="2024-03-05 10:00:00"),
        waited(20, queued_at="2024-03-05 10:59:59"),
        waited(600, queued_at="2024-03-12 10:30:00"),
        waited(None, queued_at="2024-03-10 23:00:00"),
    )
    found = tile(desk, "by_hour", start="2024-03-05", end="2024-03-12", rollup="week")
    assert picked(found, "weekday", "hour") == [(day, hour) for day in range(1, 8) for hour in range(24)]
    assert [row for row in found if row["contacts"]] == [
        {"weekday": 2, "hour": 10, "contacts": 3, "contacts_per_occurrence": 1.5, f"median_{WAIT}": 20},
        {"weekday": 7, "hour": 23, "contacts": 1, "contacts_per_occurrence": 1.0, f"median_{WAIT}": None},
    ]


def test_a_pinned_week_leaves_its_own_hours_each_of_which_occurred_once(desk: Desk) -> None:
    desk.load(*(waited(10, queued_at=f"2024-03-{day} 10:15:00") for day in ("05", "05", "12", "19")))
    found = tile(desk, "by_hour", rollup="week", start="2024-03-05", pins={"period": "2024-03-04"})
    assert {row["weekday"] for row in found} == {2, 3, 4, 5, 6, 7}
    assert [row["contacts_per_occurrence"] for row in found if row["contacts"]] == [2.0]


def test_hours_that_are_loaded_for_one_channel_alone_have_a_row(desk: Desk) -> None:
    desk.load(contact(channel_filter="Chat"), name="ContactExport-20240305-20240305.csv")
    assert len(tile(desk, "by_hour")) == 24


def test_hours_that_the_range_does_not_cover_have_no_row(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00"), name="ContactExport-20240305-20240305.csv")
    found = tile(desk, "by_hour", start="2024-03-01", end="2024-03-31")
    assert picked(found, "weekday", "hour") == [(2, hour) for hour in range(24)]


def test_an_hour_that_daylight_saving_skips_has_no_row(desk: Desk) -> None:
    desk.load(contact("2024-03-10 10:00:00", timezone_filter="America/New_York"))
    found = tile(desk, "by_hour", start="2024-03-10", end="2024-03-10")
    assert [row["hour"] for row in found] == [0, 1, *range(3, 24)]


def test_each_duration_of_the_export_has_a_row_the_wait_and_its_business_hours_first(desk: Desk) -> None:
    values = (0, 1, 2, 10, 107)
    desk.load(contact(), *(contact(**dict.fromkeys(DURATIONS, str(value))) for value in values))
    found = tile(desk, "durations")
    assert [row.pop("duration") for row in found] == [
        "queued_to_fulfilled_seconds",
        "queued_to_fulfilled_within_business_hours_seconds",
        *sorted(name for name in DURATIONS if not name.startswith("queued_to_fulfilled")),
    ]
    expected = {"n": 5, "min": 0, "median": 2, "p75": 10, "max": 107, "average": 24}
    expected |= {"p90": 10 + 0.6 * 97, "p95": 10 + 0.8 * 97}
    assert all(row == pytest.approx(expected) for row in found)


def test_each_duration_is_that_of_its_own_column(desk: Desk) -> None:
    desk.load(contact(**{name: str(number) for number, name in enumerate(DURATIONS)}))
    assert {row["duration"]: row["max"] for row in tile(desk, "durations")} == {
        name: number for number, name in enumerate(DURATIONS)
    }


def test_a_duration_that_nobody_has_is_a_row_without_figures(desk: Desk) -> None:
    desk.load(contact())
    nothing = dict.fromkeys(REPORT.tile("durations").metrics) | {"n": 0}
    assert tile(desk, "durations")[0] == {"duration": WAIT} | nothing


@pytest.mark.parametrize("name", DURATIONS)
def test_the_rows_of_a_duration_are_those_that_have_it(desk: Desk, name: str) -> None:
    desk.load(*(contact(contact_id=other, **{other: "3"}) for other in DURATIONS), contact(contact_id="none"))
    assert ids(desk, "durations", duration=name) == [name]


def test_the_log_offers_all_columns_of_the_export(desk: Desk) -> None:
    log = REPORT.log
    assert len(log.columns) == 12
    names = {column.name for column in EXPORT.columns}
    assert len(names) == 63
    assert set(log.offered) == names | {
        "exported_customer_id", "clock_change", "load_id", "in_time", "business_wait_seconds",
    }  # fmt: skip
    desk.load(contact("2024-03-05 10:00:00", contact_id="b"), contact("2024-03-05 11:00:00", contact_id="a"))
    assert [row["contact_id"] for row in tile(desk, "log")] == ["a", "b"]


# Dates and filters ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["totals", "by_channel", "by_status", "by_entry_point", "by_inbox", "by_agent"])
def test_both_ends_of_the_date_range_are_included_to_the_second(desk: Desk, name: str) -> None:
    times = ("2024-03-04 23:59:59", "2024-03-05 00:00:00", "2024-03-06 23:59:59", "2024-03-07 00:00:00")
    desk.load(*(contact(time) for time in times))
    within = {"start": "2024-03-05", "end": "2024-03-06"}
    assert [row["contacts"] for row in tile(desk, name, **within)] == [2]
    assert len(tile(desk, "log", **within)) == 2
    assert sum(row["contacts"] for row in tile(desk, "by_hour", **within)) == 2
    assert [row["contacts"] for row in tile(desk, "wait_by_period", **within)] == [1, 1]


@pytest.mark.parametrize(
    ("key", "column", "one", "other"),
    [
        *FILTERS,
        ("direction", "direction", "INBOUND", "OUTBOUND"),
        ("status", "status", "ANSWERED", "ABANDONED"),
        ("fulfilled_type", "fulfilled_type", "RESPONDED", "CANCELED"),
        ("agent", "agent_when_ended", "Bo O'Hara", "bo o'hara"),
    ],
)
def test_a_filter_takes_one_value_several_or_the_missing_one(
    desk: Desk, key: str, column: str, one: str, other: str
) -> None:
    desk.load_to_filter(column, one, other)

    def contacts(*values: str | None) -> int:
        return int(totals(desk, **{key: list(values)})["contacts"])

    assert [contacts(one), contacts(other), contacts(one, other)] == [3, 2, 5]
    assert [contacts(None), contacts(None, other), contacts("nobody")] == [1, 3, 0]


def test_every_filter_of_the_report_was_tried_in_its_order() -> None:
    assert [dimension.key for dimension in REPORT.filters] == [
        "channel", "inbox", "inbox_when_ended", "entry_point", "contact_initiator", "direction", "status",
        "fulfilled_type", "agent",
    ]  # fmt: skip


def test_a_cell_of_the_week_is_a_weekday_and_an_hour(desk: Desk) -> None:
    desk.load(
        contact("2024-03-05 10:00:00", contact_id="a"),
        contact("2024-03-12 10:30:00", contact_id="b"),
        contact("2024-03-06 10:00:00", contact_id="c"),
        contact("2024-03-05 11:00:00", contact_id="d"),
    )
    assert ids(desk, "by_hour", weekday="2", hour="10") == ["a", "b"]
    found = desk.workbench.report("contact_export", timezone="Asia/Kolkata").rows("by_hour", weekday="2", hour="15")
    assert sorted(found["contact_id"]) == ["a"]


# What changed the wait -----------------------------------------------------------------------------------------------


def changed(desk: Desk) -> None:
    """A slow entry point grew and got slower, a fast one shrank, one is new, one is gone, one has no waits."""
    before = {"slow": [100, 200, 900], "fast": [1, 2, 3, 4, 5, 9], "gone": [40], "open": [None]}
    now = {"slow": [300, 400, 1400, 1500, 2000], "fast": [2, 4, 6], "new": [50, 70], "open": [None, None]}
    desk.load(
        *(
            waited(wait, queued_at=f"2024-03-{day} 10:00:00", entry_point=name, inbox_when_first_queued=name)
            for day, waits in (("09", before), ("10", now))
            for name, found in waits.items()
            for wait in found
        ),
        name="ContactExport-20240309-20240310.csv",
    )


EFFECTS = ("mix_seconds", "rate_seconds", "contribution_seconds")


@pytest.mark.parametrize(("name", "key"), [("by_entry_point", "entry_point"), ("by_inbox", "inbox")])
def test_contributions_follow_the_formulas_the_largest_first(desk: Desk, name: str, key: str) -> None:
    changed(desk)
    found = tile(desk, name, **MARCH_10)
    overall = ((1200 + 24 + 40) / 10, (5600 + 12 + 120) / 10)
    middle = sum(overall) / 2
    shares = {"slow": (0.3, 0.5), "new": (0.0, 0.2), "gone": (0.1, 0.0), "fast": (0.6, 0.3)}
    waits = {"slow": (400, 1120), "new": (60, 60), "gone": (40, 40), "fast": (4, 4)}
    effects = {
        group: ((s1 - s0) * ((w0 + w1) / 2 - middle), (s0 + s1) / 2 * (w1 - w0))
        for group, (s0, s1), (w0, w1) in ((group, shares[group], waits[group]) for group in shares)
    }
    expected = sorted(effects, key=lambda group: -sum(effects[group]))
    assert [row[key] for row in found] == [*expected, "open"]
    for row in found[:-1]:
        mix, rate = effects[row[key]]
        assert [row[effect] for effect in EFFECTS] == pytest.approx([mix, rate, mix + rate], abs=1e-9)
    assert [found[-1][effect] for effect in EFFECTS] == [None] * 3
    assert sum(sum(effect) for effect in effects.values()) == pytest.approx(overall[1] - overall[0])


def test_each_figure_stands_beside_the_one_before(desk: Desk) -> None:
    changed(desk)
    by_name = {row["entry_point"]: row for row in tile(desk, "by_entry_point", **MARCH_10)}
    metrics = ("contacts", f"median_{WAIT}", f"p90_{WAIT}", f"average_{WAIT}")
    columns = [f"{metric}{suffix}" for metric in metrics for suffix in ("", "_before", "_change")]

    def figures(name: str) -> list[Any]:
        return [by_name[name][column] for column in columns]

    assert figures("slow") == pytest.approx([5, 3, 2, 1400, 200, 1200, 1800, 760, 1040, 1120, 400, 720])
    assert figures("new") == [2, 0, 2, 60, None, None, 68, None, None, 60, None, None]
    assert figures("gone") == [0, 1, -1, None, 40, None, None, 40, None, None, 40, None]
    assert figures("open") == [2, 1, 1, *[None] * 9]


def test_a_rise_from_below_zero_is_a_rise(desk: Desk) -> None:
    desk.load(waited(-100, queued_at="2024-03-09 10:00:00"), waited(300, queued_at="2024-03-10 10:00:00"))
    row = totals(desk, **MARCH_10)
    assert picked([row], f"median_{WAIT}_before", f"median_{WAIT}_change", f"median_{WAIT}_change_rate") == [
        (-100, 400, 4)
    ]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("contacts_change", 1234, "+1,234"), ("contacts_change", -3, "−3"), ("contacts_change", 0, "0"),
        ("contacts_change", None, "–"), ("contacts_change_rate", 0.125, "+12.5 %"), ("contacts", 3, "3"),
        ("sla_attainment_rate_change", 0.017, "+1.7 points"), ("contribution_seconds", 62, "+0:01:02"),
        ("contribution_seconds", -62, "−0:01:02"), (WAIT, 62, "0:01:02"),
    ],
)  # fmt: skip
def test_a_change_is_shown_with_its_sign(name: str, value: float | None, text: str) -> None:
    assert formats.cell(REPORT, name, value) == text


def test_an_entry_point_of_two_channels_has_two_rows_and_the_missing_one_has_its_own(desk: Desk) -> None:
    desk.load(
        *(waited(10, entry_point="+1", channel="PHONE_CALL") for _ in range(3)),
        waited(10, entry_point="+1", channel="VOICEMAIL"),
        waited(10, entry_point=None, channel=None),
        waited(10, entry_point=None, channel="CHAT"),
    )
    assert picked(tile(desk, "by_entry_point"), "entry_point", "channel", "contacts") == [
        ("+1", "PHONE_CALL", 3),
        ("+1", "VOICEMAIL", 1),
        (None, "CHAT", 1),
        (None, None, 1),
    ]


@pytest.mark.parametrize(
    "selection",
    [
        {"start": "2024-03-10", "end": "2024-03-10"},
        {"start": "2024-03-09", "end": "2024-03-10", "compare": "preceding"},
        MARCH_10 | {"pins": {"period": "2024-03-10"}},
    ],
    ids=["no comparison", "not wholly loaded", "a pinned period"],
)
def test_without_a_range_before_all_that_compares_is_missing(desk: Desk, selection: dict[str, Any]) -> None:
    changed(desk)
    for row in tile(desk, "by_entry_point", **selection):
        assert row["contacts"]
        compared = [name for name in row if name.endswith(("_before", "_change")) or name in EFFECTS]
        assert [row[name] for name in compared] == [None] * 11


def test_a_range_before_that_is_loaded_in_part_is_compared_with_nothing(desk: Desk) -> None:
    rows = [waited(10, queued_at=f"2024-03-{day} 10:00:00") for day in ("09", "10", "11")]
    desk.load(*rows, name="ContactExport-20240309-20240311.csv")
    (row,) = tile(desk, "by_inbox", start="2024-03-10", end="2024-03-11", compare="preceding")
    assert [row[name] for name in ("contacts", "contacts_before", *EFFECTS)] == [2, *[None] * 4]


@pytest.mark.parametrize("empty", ["2024-03-09 10:00:00", "2024-03-10 10:00:00"])
def test_contributions_are_empty_when_either_range_has_no_waits(desk: Desk, empty: str) -> None:
    full = "2024-03-10 10:00:00" if "09" in empty[8:10] else "2024-03-09 10:00:00"
    desk.load(waited(None, queued_at=empty), waited(10, queued_at=full), name="ContactExport-20240309-20240310.csv")
    (row,) = tile(desk, "by_inbox", **MARCH_10)
    assert (row["contacts"], row["contacts_before"]) == (1, 1)
    assert [row[effect] for effect in EFFECTS] == [None] * 3


# What the vendor's questions and notes say ---------------------------------------------------------------------------


def test_a_contact_counts_on_the_day_it_was_queued_whenever_it_was_fulfilled_or_ended(desk: Desk) -> None:
    desk.load(
        waited(
            1200, queued_at="2024-03-05 23:50:00", fulfilled_at="2024-03-06 00:10:00", ended_at="2024-03-07 09:00:00"
        )
    )
    found = tile(desk, "wait_by_period", start="2024-03-05", end="2024-03-07")
    assert picked(found, "contacts", f"average_{WAIT}") == [(1, 1200), (0, None), (0, None)]


def test_a_contact_that_has_not_ended_has_no_status_and_is_in_no_rate(desk: Desk) -> None:
    desk.load(contact(status="ANSWERED", ended_at="2024-03-05 11:00:00"), contact(contact_id="open"))
    assert totals(desk)["answered_rate"] == 1.0
    assert totals(desk, status=None)["contacts"] == 1
    assert ids(desk, "by_status", status=None) == ["open"]


@pytest.mark.parametrize("status", ["ABANDONED", "UNANSWERED"])
def test_a_contact_that_ended_unfulfilled_has_ended_and_has_no_wait(desk: Desk, status: str) -> None:
    desk.load(contact(status=status, ended_at="2024-03-05 11:00:00"), waited(7, status="ANSWERED"))
    assert totals(desk)[f"median_{WAIT}"] == 7
    assert counts(desk)[f"median_{WAIT}"] == 1
    assert {row["status"] for row in tile(desk, "by_status")} == {status, "ANSWERED"}


def test_a_later_export_fills_in_what_an_open_contact_lacked(desk: Desk) -> None:
    desk.load(contact(contact_id="a"))
    assert (totals(desk)["answered_rate"], totals(desk)[f"median_{WAIT}"]) == (None, None)
    desk.load(waited(30, contact_id="a", status="ANSWERED", fulfilled_type="RESPONDED"), name="later.csv")
    assert (totals(desk)["answered_rate"], totals(desk)[f"median_{WAIT}"]) == (1.0, 30)


@pytest.mark.parametrize("fulfilled_type", ["RESPONDED", "CANCELED"])
def test_a_fulfilled_contact_may_be_unanswered_and_has_a_wait(desk: Desk, fulfilled_type: str) -> None:
    desk.load(waited(60, status="UNANSWERED", fulfilled_type=fulfilled_type))
    assert (totals(desk)["answered_rate"], totals(desk)[f"median_{WAIT}"]) == (0.0, 60)
    assert totals(desk, fulfilled_type=fulfilled_type, status="UNANSWERED")["contacts"] == 1


def test_a_negative_wait_counts_as_it_is_and_its_number_is_stated(desk: Desk) -> None:
    desk.load(waited(-120, contact_id="written during a call"), waited(0), waited(30), waited(None))
    assert totals(desk)[f"median_{WAIT}"] == 0
    assert tile(desk, "by_inbox")[0][f"average_{WAIT}"] == -30
    assert tile(desk, "durations")[0]["min"] == -120
    assert counts(desk)[f"median_{WAIT}:negative"] == 1
    assert ids(desk, "totals", f"median_{WAIT}", "negative") == ["written during a call"]


def test_a_negative_sla_target_counts_and_its_number_is_stated(desk: Desk) -> None:
    desk.load(
        contact(sla_target_seconds="-90", seconds_within_or_over_sla="-5", contact_id="overlapping"),
        contact(sla_target_seconds="60", seconds_within_or_over_sla="5"),
        contact(sla_target_seconds="60", seconds_within_or_over_sla="50"),
        contact(sla_target_seconds="-60"),
    )
    assert totals(desk)["sla_attainment_rate"] == 1 / 3
    assert counts(desk)["sla_attainment_rate:negative_target"] == 1
    assert ids(desk, "totals", "sla_attainment_rate", "negative_target") == ["overlapping"]


def test_contacts_without_an_sla_result_are_left_out_and_their_number_is_stated(desk: Desk) -> None:
    desk.load(
        contact(contact_id="in time", seconds_within_or_over_sla="0"),
        contact(contact_id="open"),
        contact(contact_id="abandoned", status="ABANDONED", channel="PHONE_CALL"),
    )
    found = counts(desk)
    assert found["rows"] - found["sla_attainment_rate"] == 2
    assert ids(desk, "totals", "sla_attainment_rate", "rest") == ["abandoned", "open"]
    assert ids(desk, "totals", "sla_attainment_rate", "numerator") == ["in time"]


def test_an_e_mail_session_is_one_contact_whatever_the_number_of_its_messages(desk: Desk) -> None:
    desk.load(contact(channel="EMAIL", messages_total="7", messages_from_customer="4"))
    assert totals(desk, channel="EMAIL")["contacts"] == 1


def test_voice_is_phone_calls_alone(desk: Desk) -> None:
    desk.load(*(contact(channel=name) for name in ("PHONE_CALL", "VOICEMAIL", "ABANDONED_CALL")))
    assert totals(desk, channel="PHONE_CALL")["contacts"] == 1
    assert REPORT.dimension("channel").shown("PHONE_CALL") == "Voice (phone call)"


def test_an_inbox_is_the_one_where_a_contact_was_first_queued(desk: Desk) -> None:
    desk.load(contact(inbox_when_first_queued="Care", inbox_when_ended="Sales"))
    assert [row["inbox"] for row in tile(desk, "by_inbox")] == ["Care"]
    assert totals(desk, inbox="Sales")["contacts"] == 0


@pytest.mark.parametrize("status", ["ABANDONED", "ANSWERED"])
def test_calls_without_an_agent_are_a_row_of_their_own_and_can_be_opened(desk: Desk, status: str) -> None:
    desk.load(contact(contact_id="nobody", status=status, channel="PHONE_CALL"), contact(agent_when_ended="Bo"))
    assert picked(tile(desk, "by_agent"), "agent", "contacts") == [("Bo", 1), (None, 1)]
    assert ids(desk, "by_agent", agent=None) == ["nobody"]
    assert REPORT.dimension("agent").shown(None) == "No agent"


def test_what_does_not_apply_is_missing_and_in_no_average(desk: Desk) -> None:
    desk.load(
        contact(channel="CHAT", agent_when_ended="Bo", messages_total="3"),
        contact(channel="PHONE_CALL", agent_when_ended="Bo", talk_seconds="30", hold_total_seconds="0"),
        contact(channel="PHONE_CALL", agent_when_ended="Bo", talk_seconds="50", hold_total_seconds="9"),
    )
    (row,) = tile(desk, "by_agent")
    assert (row["average_talk_seconds"], row["average_hold_seconds"]) == (40, 4.5)
    assert row["times_offered"] is None


def test_the_longest_handled_contacts_are_found_over_all_rows(desk: Desk) -> None:
    desk.load(*(contact(contact_id=f"{n:03}", contact_handle_seconds=str(n * 7 % 300)) for n in range(300)))
    page = logs.Page("contact_handle_seconds:desc", 2)
    workspace = desk.workbench.workspace
    asked = Question(workspace, REPORT, parsed(REPORT, {}))
    found = plain(logs.log_rows(asked, REPORT.log, page))
    assert picked(found, "contact_handle_seconds") == [(299,), (298,)]


@pytest.mark.parametrize(
    "heading",
    [
        "How it is measured", "Why do other reports show other figures for the same day?", "What does fulfilled mean?",
        "Why are fields empty, and the status too?", "When does a contact become fulfilled?",
        "Why is a responded or canceled contact unanswered?", "Why is a wait negative?", "What is Voice?",
        "How are e-mails counted?",
        "Why is an SLA target negative?", "Does an agent's row hold all of that agent's work?",
        "Why does an abandoned call have no agent?", "Why does an answered contact have no agent?",
        "What does not apply to every contact?", "Where does the link lead, and who fulfilled a contact?",
        "In what are durations given?", "Which contacts contribute most to our handle time?",
        "The wait on the phone is rising. Which entry points or inboxes contribute?",
    ],
)  # fmt: skip
def test_each_question_of_the_vendors_page_has_its_answer(heading: str) -> None:
    assert len(dict(REPORT.about)[heading]) > 90


def test_a_count_that_no_contact_had_before_is_missing_and_of_an_agent_who_had_none_zero(desk: Desk) -> None:
    desk.load(
        contact("2024-03-05 10:00:00", agent_when_ended="Bo"),
        contact("2024-03-06 10:00:00", agent_when_ended="Bo", times_offered="2"),
        contact("2024-03-06 10:00:00", agent_when_ended="Di", times_offered="3"),
    )
    rows = desk.ask("contact_export", "by_agent", start="2024-03-06", end="2024-03-06", compare="preceding")
    found = [(row["agent"], row["times_offered_before"], row["times_offered_change"]) for row in rows]
    assert found == [("Bo", None, None), ("Di", 0, 3)]


def test_a_log_is_sorted_and_searched_by_the_labels_that_it_shows(desk: Desk) -> None:
    channels = ("PHONE_CALL", "SMS", "EMAIL", "INSTAGRAM_DIRECT", "FB_MESSENGER", "NEW_ONE", None)
    desk.load(*(contact(channel=channel) for channel in channels))
    report = desk.workbench.report("contact_export")
    for direction, known in (("asc", slice(None)), ("desc", slice(None, None, -1))):
        found = report.tile("log", sort=f"channel:{direction}")["channel"]
        shown = ["EMAIL", "FB_MESSENGER", "INSTAGRAM_DIRECT", "NEW_ONE", "SMS", "PHONE_CALL"]
        assert list(found[:6]) == shown[known]
        assert found.isna().iloc[6]
    inbound = desk.workbench.report("inbound_contacts")
    for text, code in (("voice (PHONE", "PHONE_CALL"), ("phone_call", "PHONE_CALL"), ("m direct", "INSTAGRAM_DIRECT")):
        assert list(inbound.tile("log", search=text)["channel"]) == [code]


def test_a_shell_counts_hundreds_of_contacts_as_the_workbench_does(desk: Desk, tmp_path: Path) -> None:
    desk.load(*(
        contact(f"2024-03-{day} 10:00:00", inbox_when_first_queued=f"Inbox {n % 3}")
        for day, contacts in (("04", 1400), ("11", 1500)) for n in range(contacts)
    ))  # fmt: skip
    report = desk.workbench.report("contact_export", start="2024-03-11", end="2024-03-11", compare="matching")
    desk.workbench.workspace.backup(tmp_path / "copy.duckdb")
    with duckdb.connect(tmp_path / "copy.duckdb", read_only=True) as shell:
        shown = shell.execute(report.sql("by_inbox")).df()
    assert shown["contacts"].tolist() == report.tile("by_inbox")["contacts"].tolist() == [500, 500, 500]
    assert shown["contacts_before"].tolist() == [467, 467, 466]
