"""How every metric says that it decomposes is how its tiles compute it: from what each row has."""

import numpy as np
import pytest

from workbench import Workbench
from workbench.ask import answers
from workbench.ask.engine import frame
from workbench.ask.question import Question
from workbench.ask.relations import query
from workbench.ask.selection import Selection
from workbench.reports import REPORTS, Metric, Report, Tile

COMPUTED = {"sum": "sum({})", "mean": "avg({})"}
KEPT_OUT = ("contributions", "log")  # shapes whose metrics are parts of a change, or none


def standing(report: Report) -> list[tuple[Tile, Metric]]:
    """Return every metric that is no part of a change, with each tile that computes it from rows of its entity."""
    tiles = [tile for tile in report.tiles if tile.shape not in KEPT_OUT and not (tile.optional_kind or tile.needs)]
    # A cell of a time is no group of rows that last: they lie in many.
    tiles = [tile for tile in tiles if not (tile.entity.lasts and tile.entity.times & {*tile.dimensions})]
    return [(tile, metric) for tile in tiles for metric in map(report.metric, tile.metrics) if not metric.is_change]


CASES = [(report, tile, metric) for report in REPORTS.values() for tile, metric in standing(report)]
of = pytest.mark.parametrize(
    ("report", "tile", "metric"),
    [case for case in CASES if case[2].decomposes != "none"],
    ids=lambda each: each.name,
)


@of
def test_a_metric_is_the_sum_or_mean_of_what_its_rows_have(
    sample: Workbench, report: Report, tile: Tile, metric: Metric
) -> None:
    question = Question(sample.workspace, report, Selection())
    keys = ", ".join(tile.dimensions)
    select = f"{COMPUTED[metric.decomposes].format(metric.amount)} as figure from {tile.entity.name}"
    expected = frame(sample.workspace, query(question, tile, f"select {f'{keys}, ' * bool(keys)}{select} group by all"))
    found = answers.rows(question, tile)
    if not keys:
        np.testing.assert_allclose(found[metric.name].astype(float), expected["figure"].astype(float))
        return
    both = found.merge(expected, on=list(tile.dimensions), how="left")
    figure = both["figure"].astype(float)
    assert figure.notna().any()
    zero = metric.decomposes == "sum" and metric.format == "count"  # a value without a row is 0 on a tile
    np.testing.assert_allclose(both[metric.name].astype(float), figure.fillna(0) if zero else figure, atol=1e-6)


@pytest.mark.parametrize(
    ("report", "metric"),
    [(r, m) for r, t, m in CASES if t.shape == "metrics" and m.decomposes == "none"],
    ids=lambda each: each.name,
)
def test_what_does_not_decompose_is_no_sum_and_no_mean(sample: Workbench, report: Report, metric: Metric) -> None:
    question, cards = Question(sample.workspace, report, Selection()), report.tiles[0]
    select = f"select {', '.join(sql.format(metric.amount) for sql in COMPUTED.values())} from {cards.entity.name}"
    found = frame(sample.workspace, query(question, cards, select)).iloc[0].astype(float)
    figure = float(answers.rows(question, cards)[metric.name].iloc[0])
    assert not np.isclose(found, figure).any()


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: report.name)
def test_a_median_or_percentile_has_the_average_that_explains_it(report: Report) -> None:
    averages = {metric.each for metric in report.metrics if metric.decomposes == "mean"}
    for tile, metric in standing(report):
        if "median" in metric.formula or "percentile" in metric.formula:
            assert metric.decomposes == "none"
            assert metric.each in averages or tile.name in ("durations", "staffing"), metric.name


def test_parts_of_a_change_add_up() -> None:
    parts = [metric for report in REPORTS.values() for metric in report.metrics if metric.is_change]
    assert parts
    assert {metric.decomposes for metric in parts} == {"sum"}


def test_every_report_of_rows_can_be_asked_by_weekday_and_hour() -> None:
    for report in REPORTS.values():
        assert {"weekday", "hour"} <= {dimension.key for dimension in report.dimensions}
        assert {"weekday", "hour"} <= {*report.tiles[0].entity.dimensions}
        for tile in report.tiles:
            assert tile.optional_kind or tile.needs or {"weekday", "hour"} <= tile.entity.dimensions, tile.name
