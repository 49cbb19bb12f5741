"""The rows behind a number give the number again: every metric of every cell of every tile of every report.

`FIGURES` is how pandas computes each metric from its rows. A report's metrics need only be added to it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

import pandas as pd
import pytest

from tests.reports.test_oracle import ROLLUPS, bucket
from workbench import Workbench
from workbench.ask import answers, logs
from workbench.ask.question import Question, says_nothing
from workbench.ask.selection import Selection, cell_rows, parsed
from workbench.reports import REPORTS, Metric, Report, Tile

Rows = pd.DataFrame
Figure = Callable[[Rows, Question, "Cell"], float | None]

FIRST = date(2026, 8, 18)
DRILLED = [
    (report, tile)
    for report in REPORTS.values()
    for tile in report.tiles
    if tile.metrics and tile.optional_kind is None
]


def count(rows: Rows, *_: object) -> float:
    return len(rows)


def customers(rows: Rows, *_: object) -> float:
    return rows["customer_id"].nunique()


def per_customer(rows: Rows, *_: object) -> float | None:
    return len(rows) / rows["customer_id"].nunique() if rows["customer_id"].any() else None


def total(column: str, rows: Rows, *_: object) -> float | None:
    return float(rows[column].sum()) if len(rows) else None


def average(column: str, rows: Rows, *_: object) -> float | None:
    return float(rows[column].mean()) if len(rows) else None


def quantile(column: str, fraction: float, rows: Rows, *_: object) -> float | None:
    return float(rows[column].quantile(fraction)) if len(rows) else None


def distinct(column: str, rows: Rows, *_: object) -> float:
    return rows[column].nunique()


def of_duration(figure: Callable[[Any], float], rows: Rows, _: Question, cell: "Cell") -> float | None:
    return float(figure(rows[cell.key["duration"]])) if len(rows) else None


def revenue(rows: Rows, *_: object) -> float | None:
    has_unknown_only = len(rows) > 0 and rows["order_value"].isna().all()
    return None if has_unknown_only else float(rows["order_value"].sum())


def revenue_per_message(rows: Rows, _: Question, cell: "Cell") -> float | None:
    sent = cell.count(cell.report.metric("messages_sent"))
    generated = revenue(rows)
    return generated / sent if sent and generated is not None else None


def converted(rows: Rows, *_: object) -> float | None:
    customers = rows["customer_id"].nunique()
    return rows[rows["has_ordered"]]["customer_id"].nunique() / customers if customers else None


def per_occurrence(rows: Rows, asked: Question, cell: "Cell") -> float:
    """Contacts over how many of the covered hours are of that weekday and hour; the sample's zone is UTC here."""
    hours = [
        hour
        for start, end in asked.scope.now.reach.touched
        for hour in pd.date_range(pd.Timestamp(start).floor("h"), end, freq="h", inclusive="left")
        if (hour.isoweekday(), hour.hour) == (int(cell.key["weekday"]), int(cell.key["hour"]))
    ]
    return len(rows) / len(hours)


def average_response(rows: Rows, *_: object) -> float | None:
    """Each conversation's average by how many responses it is of."""
    responses = rows["number_of_responses"].sum()
    waited = (rows["average_response_time_seconds"] * rows["number_of_responses"]).sum()
    return float(waited / responses) if responses else None


def covered(asked: Question, cell: "Cell") -> list[pd.Timestamp]:
    """Return the half hours of a cell that are covered, in wall time; those of an hour that comes twice stand twice."""
    found = [
        at.tz_localize(None)
        for start, end in asked.scope.now.reach.touched
        for at in pd.date_range(start, end, freq="30min", inclusive="left", tz=asked.scope.zone)
    ]
    if "period" in cell.key:
        step = ROLLUPS[asked.selection.rollup]
        found = [at for at in found if str(bucket(pd.Series([at]), step)[0]) == cell.key["period"]]
    if "half_hour" in cell.key:
        time = cell.key["weekday"], cell.key["half_hour"]
        found = [at for at in found if (str(at.isoweekday()), f"{at:%H:%M}") == time]
    return found


def over_covered_time(column: str, rows: Rows, asked: Question, cell: "Cell") -> float | None:
    half_hours = covered(asked, cell)
    return float(rows[column].sum()) / (1800 * len(half_hours)) if half_hours else None


def per_half_hour(rows: Rows, asked: Question, cell: "Cell") -> float:
    return len(rows) / len(set(covered(asked, cell)))


WAIT, HANDLE = "queued_to_fulfilled_seconds", "contact_handle_seconds"
BUSINESS, EXPORTED = "business_wait_seconds", "queued_to_fulfilled_within_business_hours_seconds"
OFFERS = ("times_offered", "times_accepted", "times_missed", "times_declined", "times_transferred")
FIGURES: dict[str, Figure] = {
    **dict.fromkeys(("inbound_contacts", "contacts", "inbound", "outbound", "n"), count),
    **dict.fromkeys(("contacts_added", "contacts_deleted", "contacts_merged", "contacts_connected"), count),
    **dict.fromkeys(("assignments", "unassignments", "reassignments", "messages_sent", "messages_skipped"), count),
    "assignments.contacts": partial(distinct, "contact_id"),
    "conversations": partial(distinct, "conversation_id"),
    "conversations.contacts": partial(distinct, "contact_id"),
    "conversations.conversations": count,
    **{f"conversations_{what}": count for what in ("opened", "closed", "assigned")},
    **{
        f"{name}_{column}_seconds": figure(f"{column}_seconds")
        for column in ("first_response", "resolution")
        for name, figure in (
            ("median", lambda column: partial(quantile, column, 0.5)),
            ("p90", lambda column: partial(quantile, column, 0.9)),
            ("average", lambda column: partial(average, column)),
        )
    },
    **{
        f"average_{column}_seconds": partial(average, f"{column}_seconds")
        for column in ("first_assignment_to_first_response", "last_assignment_to_response")
    },
    "average_response_seconds": average_response,
    "assignments_per_conversation": partial(average, "number_of_assignments"),
    "messages_in": partial(total, "incoming_messages"),
    "messages_out": partial(total, "outgoing_messages"),
    "conversations_per_occurrence": per_occurrence,
    "assignees": partial(distinct, "assigned_to"),
    "active_users": partial(distinct, "agent"),
    "customers_messaged": partial(distinct, "customer_id"),
    "revenue_generated": revenue,
    "revenue_per_message": revenue_per_message,
    "conversion_rate": converted,
    "customers": customers,
    "avg_inbound_contacts_per_customer": per_customer,
    **dict.fromkeys(("requests", "repeated", "within", "of"), count),
    "median_days_to_repeat": partial(quantile, "days_to_repeat", 0.5),
    "average_days_to_repeat": partial(average, "days_to_repeat"),
    "customers_with_3_or_more": customers,
    f"median_{WAIT}": partial(quantile, WAIT, 0.5),
    f"p90_{WAIT}": partial(quantile, WAIT, 0.9),
    f"average_{WAIT}": partial(average, WAIT),
    **{
        f"{name}_{wait}": found
        for wait, column in ((BUSINESS, BUSINESS), (f"exported_{BUSINESS}", EXPORTED))
        for name, found in (
            ("median", partial(quantile, column, 0.5)),
            ("p90", partial(quantile, column, 0.9)),
            ("average", partial(average, column)),
        )
    },
    f"median_{HANDLE}": partial(quantile, HANDLE, 0.5),
    f"average_{HANDLE}": partial(average, HANDLE),
    "average_after_contact_seconds": partial(average, "after_contact_seconds"),
    "average_talk_seconds": partial(average, "talk_seconds"),
    "average_hold_seconds": partial(average, "hold_total_seconds"),
    **{column: partial(total, column) for column in OFFERS},
    "contacts_per_occurrence": per_occurrence,
    **dict.fromkeys(("arrived", "ended", "open_at_end", "peak_open"), count),
    "oldest_open_seconds": lambda rows, *_: float(rows["open_for_seconds"].max()) if len(rows) else None,
    "arrived_per_occurrence": per_half_hour,
    "aht_seconds": partial(average, "handled_seconds"),
    "average_open": partial(over_covered_time, "open_seconds"),
    "average_waiting": partial(over_covered_time, "waiting_seconds"),
    "average_in_service": partial(over_covered_time, "in_service_seconds"),
    "min": partial(of_duration, pd.Series.min),
    "max": partial(of_duration, pd.Series.max),
    "average": partial(of_duration, pd.Series.mean),
    **{
        name: partial(of_duration, partial(pd.Series.quantile, q=fraction))
        for name, fraction in (("median", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95))
    },
}
# What rests on two ranges cannot be had from the rows of one.
# Counted minute by minute in test_workload_oracle.py, and what is planned from calls in test_staffing.py.
OF_MOMENTS = {
    "peak_waiting", "peak_in_service", "arrivals_expected", "agents_erlang_c", "agents_erlang_a", "half_hours_forecast",
    "half_hour_error_rate", "half_hour_error_rate_last_week", "day_error_rate", "day_error_rate_last_week",
}  # fmt: skip
OF_TWO_RANGES = {"mix_seconds", "rate_seconds", "contribution_seconds"}


class Cell:
    """A cell of a tile, with the rows behind its metrics."""

    def __init__(
        self, workbench: Workbench, report: Report, selection: Selection, tile: Tile, row: dict[str, Any]
    ) -> None:
        self.workspace, self.report, self.selection, self.tile = workbench.workspace, report, selection, tile
        self.key = {key: text(row[key]) for key in tile.dimensions}
        self.seen: dict[str, Any] = {}  # by the SQL of the rows, which many metrics share

    def log(self, metric: Metric) -> Tile:
        return self.report.log_of_cell(self.tile, metric, self.key)

    def everything(self, metric: Metric) -> int:
        """Return how many rows of the cell the metric's log has, whether the metric rests on them or not."""
        asked = replace(self.asked(metric, "").selection, rows_of="")
        return logs.log_count(Question(self.workspace, self.report, asked), self.log(metric))

    def asked(self, metric: Metric, part: str) -> Question:
        cell = {key: [value] for key, value in self.key.items()}
        return Question(self.workspace, self.report, cell_rows(self.report, self.selection, cell, metric.name, part))

    def rows(self, metric: Metric) -> Rows:
        """Return the metric's rows with every column of its log but for other times, which no metric needs."""
        log = self.log(metric)
        seen = f"{log.name}: {metric.rows}"
        if seen in self.seen:
            return self.seen[seen]
        times = log.entity.timestamps
        page = logs.Page(columns=tuple(name for name in log.offered if name not in times))
        rows = logs.log_rows(self.asked(metric, ""), log, page)
        return self.seen.setdefault(seen, rows)

    def count(self, metric: Metric, part: str = "") -> int:
        return logs.log_count(self.asked(metric, part), self.log(metric))


def question(workbench: Workbench, report: Report, chance: Random) -> Selection:
    """Return a random question of a report: dates, a rollup, and at times a filter with a value that exists."""
    start = FIRST + timedelta(days=chance.randrange(80))
    end = start + timedelta(days=chance.choice([1, 6, 13, 60]))
    query = {"from": [str(start)], "to": [str(end)], "rollup": [chance.choice(["hour", "day", "week", "month"])]}
    if chance.random() < 0.6:
        key = chance.choice([dimension.key for dimension in report.filters if not dimension.is_typed])
        asked = Question(workbench.workspace, report, parsed(report, query))
        if known := answers.options(asked, key):
            query[key] = [value for value, _ in chance.sample(known, min(2, len(known)))]
    return parsed(report, query)


def text(value: Any) -> str:
    """Return a cell's value as a link says it."""
    return "" if value is None or value != value else str(value)


def check(workbench: Workbench, report: Report, tile: Tile, chance: Random) -> None:
    """Compare every metric of one random cell with pandas over its rows, and a rate with its parts."""
    selection = question(workbench, report, chance)
    asked = Question(workbench.workspace, report, selection)
    found = answers.rows(asked, tile)
    if found.empty:
        return
    row = found.to_dict("records")[chance.randrange(len(found))]
    cell = Cell(workbench, report, selection, tile, row)
    for metric in (report.metric(name) for name in tile.metrics):
        said = (report.name, tile.name, metric.name, cell.key)
        number = None if row[metric.name] is None or row[metric.name] != row[metric.name] else row[metric.name]
        if says_nothing(asked, metric):
            assert number is None, said
            continue
        figure = FIGURES.get(f"{report.name}.{metric.name}") or FIGURES.get(metric.name)
        if figure is None and metric.numerator:
            n = cell.count(metric, "denominator")
            assert number == (pytest.approx(cell.count(metric, "numerator") / n) if n else None), said
        elif figure:
            expected = figure(cell.rows(metric), asked, cell)
            assert number == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9)), said
        if "rest" in metric.parts and not metric.numerator:
            assert len(cell.rows(metric)) + cell.count(metric, "rest") == cell.everything(metric), said


@pytest.mark.parametrize(("report", "tile"), DRILLED, ids=[f"{r.name}-{t.name}" for r, t in DRILLED])
@pytest.mark.few
def test_the_rows_behind_a_cell_give_every_metric_of_it(sample: Workbench, report: Report, tile: Tile) -> None:
    chance = Random(f"{report.name} {tile.name}")
    for _ in range(2):
        check(sample, report, tile, chance)


@pytest.mark.long
@pytest.mark.parametrize(("report", "tile"), DRILLED, ids=[f"{r.name}-{t.name}" for r, t in DRILLED])
def test_the_rows_behind_a_cell_give_every_metric_of_it_long(sample: Workbench, report: Report, tile: Tile) -> None:
    chance = Random(f"long {report.name} {tile.name}")
    for _ in range(15):
        check(sample, report, tile, chance)


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_every_metric_has_a_second_computation(report: Report) -> None:
    rates = {metric.name for metric in report.metrics if metric.numerator}
    assert {metric.name for metric in report.metrics} <= {*FIGURES, *OF_TWO_RANGES, *OF_MOMENTS, *rates}
