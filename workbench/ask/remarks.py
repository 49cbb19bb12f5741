"""What is worth a sentence at the top of a report: the figure that moved further than it usually does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from statistics import stdev

import numpy as np
import pandas as pd

from workbench.ask.answers import is_whole_before, rows_of_each
from workbench.ask.changes import Changes, changes, check, explaining
from workbench.ask.engine import frame
from workbench.ask.question import Question, is_comparable
from workbench.ask.relations import query
from workbench.ask.scope import before_that
from workbench.errors import WorkbenchError
from workbench.reports import Metric

# A figure is remarkable where it moved so many of its usual spreads, by how many earlier ranges these are taken from;
# with fewer than a few, where it changed by a part of what it was, and by so many standard errors.
MOST_RANGES, MANY, FEW = 12, 8, 4
SPREADS, SPREADS_OF_FEW = 5, 8
LEAST_CHANGE, STANDARD_ERRORS = 0.05, 4


@dataclass(frozen=True)
class Remark:
    """What is said at the top of a report: the figure that moved most against its usual spread, and what explains it.

    `explained` are the changes of the figure, or of the average that explains it. All are None where nothing moved
    further than it usually does.
    """

    changes: Changes | None = None
    explained: Changes | None = None


def remark(question: Question) -> Remark | None:
    """Return what is remarkable among the cards, None where nothing is compared."""
    if question.selection.compare is None or not is_comparable(question, question.report.cards):
        return None
    metrics = [
        metric for metric in map(question.report.metric, question.report.cards.metrics) if _is_askable(question, metric)
    ]
    if question.scope.why_not or not metrics:
        return None
    strengths = _strengths(question, metrics)
    strongest = max(metrics, key=lambda metric: strengths[metric.name])
    if strengths[strongest.name] < 1:
        return Remark()
    found = changes(question, strongest, most_without=0)
    average = explaining(question.report, strongest)
    return Remark(found, changes(question, average, 0) if average else found)


def _is_askable(question: Question, metric: Metric) -> bool:
    try:
        check(question, metric)
    except WorkbenchError:
        return False
    return True


def _strengths(question: Question, metrics: Sequence[Metric]) -> dict[str, float]:
    """Return how far each metric moved, as parts of what is remarkable for it."""
    now, before, *earlier = _over_ranges(question, metrics)
    spreads = {
        metric.name: [row[metric.name] for row in (before, *earlier) if not np.isnan(row[metric.name])]
        for metric in metrics
    }
    few = [metric for metric in metrics if len(spreads[metric.name]) < FEW]
    errors = _standard_errors(question, few) if few else {}
    return {
        metric.name: _strength(now[metric.name], before[metric.name], spreads[metric.name], errors.get(metric.name))
        for metric in metrics
    }


def _strength(now: float, before: float, earlier: Sequence[float], error: float | None) -> float:
    change = abs(now - before)
    if np.isnan(change) or np.isclose(now, before, rtol=1e-9, atol=0):
        return 0.0
    if len(earlier) >= FEW:
        return _over(change, stdev(earlier) * (SPREADS if len(earlier) >= MANY else SPREADS_OF_FEW))
    if error is None or np.isnan(error) or change < LEAST_CHANGE * abs(before):
        return 0.0
    return _over(change, error * STANDARD_ERRORS)


def _over(change: float, limit: float) -> float:
    return change / limit if limit else np.inf


def _over_ranges(question: Question, metrics: Sequence[Metric]) -> list[dict[str, float]]:
    """Return the figures of the range, the one before, and earlier ones at that step that are wholly loaded."""
    asked = question.asking(replace(question.selection, rows_of=""))
    before = asked.scope.before
    assert before is not None  # asked only then
    earlier = [asked]  # each compares with a range of its own
    for start, end in islice(before_that(asked.selection, asked.scope.now.days, before.days), 1, MOST_RANGES):
        other = question.asking(replace(asked.selection, compare=f"{start}..{end}"))
        if other.scope.before and not other.scope.why_not:
            earlier.append(other)
    earlier = earlier if len(earlier) >= FEW else earlier[:1]
    now, *rows = rows_of_each([asked, *(each.earlier for each in earlier)], asked.report.cards)
    return [
        {metric.name: _number(now, metric) for metric in metrics},
        *(_figures_before(each, found, metrics) for each, found in zip(earlier, rows, strict=True)),
    ]


def _figures_before(question: Question, rows: pd.DataFrame, metrics: Sequence[Metric]) -> dict[str, float]:
    """Return the cards of the range with which a question compares, missing where that is not wholly loaded."""
    cards = question.report.cards
    return {
        metric.name: _number(rows, metric) if is_whole_before(question, cards, metric.name) else np.nan
        for metric in metrics
    }


def _number(rows: pd.DataFrame, metric: Metric) -> float:
    value = rows[metric.name].iloc[0]
    return np.nan if pd.isna(value) else float(value)


def _standard_errors(question: Question, metrics: Sequence[Metric]) -> dict[str, float]:
    """Return the standard error of the change of each sum and mean, from what its rows have."""
    own = [metric for metric in metrics if metric.decomposes != "none"]
    if not own:
        return {}
    parts = {"n": "count(({}))", "mean": "avg(({})::double)", "variance": "var_samp(({})::double)"}
    parts["squares"] = "sum(({0})::double * ({0}))"
    columns = ", ".join(
        f'{sql.format(metric.amount)} as "{metric.name}:{part}"' for metric in own for part, sql in parts.items()
    )
    select = f"select {columns} from {question.report.cards.entity.name}"
    sides = [
        frame(each.workspace, query(each, each.report.cards, select)).iloc[0].astype(float)
        for each in (question.earlier, question)
    ]
    found = {}
    for metric in own:
        before, now = ({part: side[f"{metric.name}:{part}"] for part in parts} for side in sides)
        error = _error_of_sum if metric.decomposes == "sum" else _error_of_mean
        found[metric.name] = error(before, now)
    return found


def _error_of_sum(before: Mapping[str, float], now: Mapping[str, float]) -> float:
    """Return the root of the squares of what the rows add: of counts, the root of now + before."""
    return float(np.sqrt(np.nansum([before["squares"], now["squares"]])))


def _error_of_mean(before: Mapping[str, float], now: Mapping[str, float]) -> float:
    """Return the standard error of the difference of two means; of rows that are alike, from both sides together."""
    if not (before["n"] and now["n"]):
        return np.nan
    error = float(np.sqrt(before["variance"] / before["n"] + now["variance"] / now["n"]))
    return error or abs(now["mean"] - before["mean"]) / float(np.sqrt(before["n"] + now["n"] - 1))
