"""What is not loaded: which periods of an axis of time it is, at every rollup, and where lines break."""

import math
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from tests.builders import Desk, activity, contact
from workbench.drawing import gaps

MAY_TO_JANUARY = {
    "day": ["Mon 5 May 2025", "Fri 9 Jan 2026"],
    "week": ["Week of 5 May 2025", "Week of 5 Jan 2026"],
    "month": ["May 2025", "Jan 2026"],
    "quarter": ["Q2 2025", "Q1 2026"],
}
BETWEEN = {
    "day": (244, "Tue 6 May 2025", "Sun 4 Jan 2026"),
    "week": (34, "Week of 12 May 2025", "Week of 29 Dec 2025"),
    "month": (7, "Jun 2025", "Dec 2025"),
    "quarter": (2, "Q3 2025", "Q4 2025"),
}


@pytest.fixture
def apart(desk: Desk) -> Desk:
    """A desk at which a day of May 2025 and five of January 2026 are loaded, and nothing between them."""
    waits = {"queued_to_fulfilled_seconds": "60", "status": "ANSWERED"}
    desk.load(contact("2025-05-05 10:00:00", **waits), name="ContactExport-20250505-20250505.csv")
    january = [contact(f"2026-01-{day:02} 10:00:00", **waits) for day in range(5, 10)]
    desk.load(*january, name="ContactExport-20260105-20260109.csv")
    return desk


def axis(desk: Desk, rollup: str, tile: str = "wait_by_period", report: str = "contact_export") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = desk.workbench.report(report, rollup=rollup).chart(tile).to_dict()["data"]["values"]
    return rows


@pytest.mark.parametrize(("report", "tile"), [("contact_export", "wait_by_period"), ("inbound_contacts", "by_period")])
@pytest.mark.parametrize("rollup", BETWEEN)
def test_every_period_between_two_loads_is_on_the_axis_as_not_loaded(
    apart: Desk, rollup: str, report: str, tile: str
) -> None:
    rows = axis(apart, rollup, tile, report)
    missing = [row["label"] for row in rows if row["note"] == "Not loaded"]
    assert (len(missing), missing[0], missing[-1]) == BETWEEN[rollup]
    assert [rows[0]["label"], rows[-1]["label"]] == MAY_TO_JANUARY[rollup]
    [run] = [row for row in rows if row.get("gap_from")]
    assert (run["label"], [row["label"] for row in rows].index(run["label"])) == (missing[0], 1)
    whole = len(rows) - gaps.INNER + 2 * gaps.OUTER
    ends = [(gaps.OUTER + n - gaps.INNER / 2) / whole for n in (1, 1 + len(missing))]
    assert [run["gap_from"], run["gap_to"]] == pytest.approx(ends)


def test_values_over_time_have_the_months_that_are_not_loaded_too(desk: Desk) -> None:
    for day, name in (("2025-05-05", "Added-20250505-20250505.csv"), ("2026-01-05", "Added-20260105-20260105.csv")):
        desk.load_kind("respondio_contacts_added", activity("added", f"{day} 10:00:00", source="User"), name=name)
    rows = axis(desk, "month", "added_by_period", "contacts")
    assert [(row["label"], row["note"] == "Not loaded") for row in rows][:2] == [
        ("May 2025", False),
        ("Jun 2025", True),
    ]
    assert [row["label"] for row in rows if row.get("gap_from")] == ["Jun 2025"]


@pytest.mark.parametrize(
    ("rollup", "gap", "within", "missing"),
    [
        ("month", ("2025-05-05", "2025-07-01"), ("2025-05-05", "2025-08-01"), ["2025-05-01", "2025-06-01"]),
        ("month", ("2025-05-05", "2025-07-01"), ("2025-05-04", "2025-08-01"), ["2025-06-01"]),
        ("month", ("2025-06-01", "2025-07-30"), ("2025-05-31", "2025-07-30"), ["2025-06-01", "2025-07-01"]),
        ("month", ("2025-06-01", "2025-07-30"), ("2025-05-31", "2025-07-31"), ["2025-06-01"]),
        ("quarter", ("2025-10-01", "2026-01-01"), None, ["2025-10-01"]),
        ("quarter", ("2025-10-01 01:00", "2026-01-01"), None, []),
        ("week", ("2024-02-26", "2024-03-11"), None, ["2024-02-26", "2024-03-04"]),
        ("day", ("2024-02-28 12:00", "2024-03-01"), None, ["2024-02-29"]),
        ("hour", ("2024-02-28 22:30", "2024-02-29 01:00"), None, ["2024-02-28 23:00", "2024-02-29 00:00"]),
        ("half_hour", ("2024-02-28 23:10", "2024-02-29 00:30"), None, ["2024-02-28 23:30", "2024-02-29 00:00"]),
    ],
)  # fmt: skip
def test_a_period_is_not_loaded_where_no_part_of_it_in_the_range_is(
    rollup: str, gap: tuple[str, str], within: tuple[str, str] | None, missing: list[str]
) -> None:
    span, found = (tuple(map(datetime.fromisoformat, ends)) if ends else None for ends in (gap, within))
    assert gaps.periods([span], rollup, within=found) == list(map(datetime.fromisoformat, missing))  # type: ignore


def test_weeks_that_are_not_loaded_begin_as_the_setting_says() -> None:
    gap = (datetime(2024, 3, 1), datetime(2024, 3, 12))
    assert gaps.periods([gap], "week", "sunday") == [datetime(2024, 3, 3)]
    assert gaps.periods([gap], "week", "monday") == [datetime(2024, 3, 4)]


@pytest.mark.parametrize(("days", "drawn"), [(600, 600), (601, 301), (3_000, 600)])
def test_of_very_long_gaps_a_share_of_the_periods_is_drawn(days: int, drawn: int) -> None:
    start = datetime(2015, 1, 1)
    found = gaps.periods([(start, start + timedelta(days))], "day")
    assert (len(found), found[0]) == (drawn, start)


def test_a_sparkline_breaks_where_nothing_is_loaded_and_nowhere_else() -> None:
    days = pd.to_datetime(["2024-03-01", "2024-03-02", "2024-03-06"])
    values = gaps.broken(pd.Series([1.0, 2.0, 6.0], index=days), [datetime(2024, 3, 3), datetime(2024, 3, 4)])
    assert [None if math.isnan(value) else value for value in values] == [1, 2, None, None, 6]
