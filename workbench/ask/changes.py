"""Why a figure changed: what every value of every dimension of its report contributes to the change.

What a row adds to a sum or has in a mean is declared by the metric (`Metric.amount`); how the change of a mean is taken
apart stands in the macros `mix_effect` and `rate_effect`, which the tiles of contributions share; what does not
decompose is computed by its tile's own formula.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from workbench.ask import trees
from workbench.ask.answers import is_whole_before
from workbench.ask.engine import frame
from workbench.ask.logs import record_clear_view
from workbench.ask.question import Question, check_applicable, is_comparable, says_nothing
from workbench.ask.relations import Query, cte_sql, names, query, statement, with_sql
from workbench.errors import BadSelection, UnknownName
from workbench.reports import Dimension, Metric, Report
from workbench.reports.dimensions import OF_WEEK

MOST = 20  # values of a dimension that are told apart, by what they contribute beyond their share
ALIKE = 0.95  # of the strongest: what is at least as strong is ordered by its number of rows
IN_ORDER = "order by moment, step rows unbounded preceding"  # of a sweep: what ends in a moment goes first
COLUMNS = ("dimension", "value", "before", "now", "contribution", "mix", "rate", "without")

_SUMS = {
    "n": "count(amount)", "total": "sum(amount)", "earlier_n": "count(earlier)", "earlier_total": "sum(earlier)",
}  # fmt: skip
# What a value adds to the change, by how its metric decomposes: by another share, by another mean, and both together.
_PARTS = {
    "sum": ("null::double", "null::double", "coalesce(total, 0) - coalesce(earlier_total, 0)"),
    "mean": (
        "mix_effect(ratio(earlier_n, all_earlier_n), ratio(n, all_n), ratio(earlier_total, earlier_n), ratio(total, n),"
        " ratio(all_earlier_total, all_earlier_n), ratio(all_total, all_n))",
        "rate_effect(ratio(earlier_n, all_earlier_n), ratio(n, all_n), ratio(earlier_total, earlier_n),"
        " ratio(total, n))",
        "mix + rate",
    ),
}
# Its share before, and the whole change.
_SHARES = {
    "sum": ("ratio(earlier_total, all_earlier_total)", "coalesce(all_total, 0) - coalesce(all_earlier_total, 0)"),
    "mean": (
        "ratio(earlier_n, all_earlier_n)",
        "ratio(all_total, all_n) - ratio(all_earlier_total, all_earlier_n)",
    ),
}


@dataclass(frozen=True)
class Changes:
    """A metric before and now, and what its values contribute, the strongest first; rows that stand for others last.

    Beside COLUMNS `rows` has `n` and `earlier_n`, the rows that a value rests on, and `values`, how many values it
    stands for. Contributions of what does not decompose are missing; the order is then that of its average's.
    """

    metric: Metric
    before: float
    now: float
    rows: pd.DataFrame

    @property
    def first(self) -> "pd.Series[Any] | None":
        """The value that contributes most beyond its share, None where there is none."""
        own = self.rows[self.rows["values"] == 1]
        return None if own.empty else own.iloc[0]


def askable(question: Question) -> list[Metric]:
    """Return the metrics whose change can be explained: those that stand on the rows of the cards, no parts."""
    return [metric for metric in question.report.metrics if _is_askable(question, metric)]


def _is_askable(question: Question, metric: Metric) -> bool:
    return not metric.is_change and (metric.decomposes != "none" or bool(_formula(question, metric, {})))


def explaining(report: Report, metric: Metric) -> Metric | None:
    """Return the average by whose change that of a median or percentile is explained, None for every other metric."""
    if metric.decomposes != "none" or not metric.each:
        return None
    return next((other for other in report.metrics if (other.decomposes, other.each) == ("mean", metric.each)), None)


def dimensions(question: Question, metric: Metric) -> list[Dimension]:
    """Return the dimensions by which a metric's change is explained, but for those that its formula reads."""
    report = question.report
    read = names(f"{metric.rows} {metric.numerator} {metric.amount} {_formula(question, metric, {})}")
    read |= names(" ".join(sql for name, sql in report.cards.entity.from_settings if name in read))
    found = [*report.filters, *(dimension for dimension in report.dimensions if dimension in OF_WEEK)]
    known = report.cards.entity.dimensions - metric.not_for - read
    if report.cards.entity.lasts:
        known -= report.cards.entity.times  # a time narrows the range of such rows, and not the rows
    return [dimension for dimension in found if dimension.key in known and not dimension.condition]


def check(question: Question, metric: Metric) -> None:
    """Raise BadSelection where there is no change of a metric to explain, with the reason."""
    if not _is_askable(question, metric):
        raise UnknownName(f"change of {question.report.name}", metric.name, [each.name for each in askable(question)])
    if question.selection.compare is None:
        raise BadSelection("Nothing is compared. Choose what to compare with")
    if question.scope.why_not or not is_comparable(question, question.report.cards):
        raise BadSelection(question.scope.comparison_said)
    check_applicable(question, question.report.cards)
    if says_nothing(question, metric):
        raise BadSelection(f"The selected filter(s) are not applicable to {metric.label}. Leave them out")
    if not is_whole_before(question, question.report.cards, metric.name):
        raise BadSelection(f"No comparison: the days before are not wholly loaded for {metric.label}")


def changes(question: Question, metric: Metric, most_without: int | None = None) -> Changes:
    """Explain the change of a metric; `without` is computed for so many values, the strongest, None for all of them.

    Raises BadSelection where nothing can be compared, UnknownName for a metric that no rows of the report stand for.
    """
    check(question, metric)
    keys = [dimension.key for dimension in dimensions(question, metric)]
    record_clear_view(question, "what changed", keys)
    average = explaining(question.report, metric)
    # By its rows a distinct count is ranked, and a peak by what lasts: those open at the peak are not a value's own.
    rows = _lasting(*metric.between) if metric.between else metric.rows
    counted = replace(metric, decomposes="sum", each="", numerator="", rows=rows)
    decomposed = metric if metric.decomposes != "none" else average or counted
    found = _decomposed(question, decomposed, keys)
    whole, values = found[found["dimension"] == ""].iloc[0], found[found["dimension"] != ""]
    values = values[values.groupby("dimension")["values"].transform("sum") > 1].reset_index(drop=True)
    if metric.decomposes != "none":
        return Changes(metric, float(whole["before"]), float(whole["now"]), _shown(values, values["beyond"]))
    return _recomputed(question, metric, values, most_without, is_explained=average is not None)


def _decomposed(question: Question, metric: Metric, keys: Sequence[str]) -> pd.DataFrame:
    """Return what each value of each dimension contributes, the last ones as one, and all rows: of no dimension."""
    rows = frame(question.workspace, query(question, question.report.cards, _decomposed_sql(question, metric, keys)))
    rows = rows.assign(without=np.nan).astype({"value": object})
    rows["value"] = rows["value"].where(rows["value"].notna(), None)
    for side, total, n in (("now", "total", "n"), ("before", "earlier_total", "earlier_n")):
        sums = rows[total].astype(float)
        is_sum = metric.decomposes == "sum"
        rows[side] = sums.fillna(0) if is_sum else sums / rows[n].where(rows[n] > 0)
    return rows


def _decomposed_sql(question: Question, metric: Metric, keys: Sequence[str]) -> str:
    entity, columns = question.report.cards.entity.name, "".join(f"{key}, " for key in keys)
    mix, rate, both = _PARTS[metric.decomposes]
    share, change = _SHARES[metric.decomposes]
    sums = ", ".join(f"{sql} as {name}" for name, sql in _SUMS.items())
    of_all = ", ".join(f"{sql} as all_{name}" for name, sql in _SUMS.items())
    grouped = [
        f"select '{key}' as dimension, {key}::varchar as value, {sums} from compared group by all" for key in keys
    ]
    told = f"(place <= {MOST} or known <= {MOST + 1})"  # a single one left is told as well
    added = ", ".join(f"sum({name}) as {name}" for name in (*_SUMS, "mix", "rate", "contribution", "beyond"))
    ctes = {
        "compared": f"select {columns}({metric.amount})::double as amount, null::double as earlier from {entity}"
        f"\nunion all\nselect {columns}null::double, ({metric.amount})::double from {entity}_before",
        "grouped": "\nunion all\n".join([*grouped, f"select '' as dimension, null, {sums} from compared"]),
        "overall": f"select {of_all} from compared",
        "parted": f"select grouped.*, overall.*, {mix} as mix, {rate} as rate from grouped cross join overall",
        "contributed": f"select *, {both} as contribution from parted where n + earlier_n > 0 or dimension = ''",
        "weighed": f"select *, abs(contribution - coalesce({share}, 0) * ({change})) as beyond from contributed",
        "placed": "select *, row_number() over (partition by dimension order by beyond desc nulls last,"
        " n + earlier_n, value nulls last) as place, count(*) over (partition by dimension) as known from weighed",
    }  # fmt: skip
    select = (
        f"select dimension, case when {told} then value end as value, {told} as is_told, count(*) as values, {added}\n"
        "from placed group by all order by dimension, is_told desc, beyond desc nulls last, value nulls last"
    )
    return with_sql([cte_sql(name, sql) for name, sql in ctes.items()], select)


def _shown(rows: pd.DataFrame, beyond: "pd.Series[float]") -> pd.DataFrame:
    """Return rows in order, those that stand for several values last and named by their number."""
    rows = rows.assign(beyond=beyond.fillna(-1.0))
    single = [n for n, values in enumerate(rows["values"]) if values == 1]
    rest = [n for n, values in enumerate(rows["values"]) if values != 1]
    parts = rows["contribution"].abs().fillna(0.0).tolist()
    strengths, sizes = rows["beyond"].tolist(), (rows["n"] + rows["earlier_n"]).tolist()
    ordered = rows.iloc[[*_ranked(single, strengths, sizes, parts), *rest]].reset_index(drop=True)
    named = ordered["values"] > 1
    ordered.loc[named, "value"] = [f"Other ({values:,} values)" for values in ordered.loc[named, "values"]]
    return ordered[[*COLUMNS, "n", "earlier_n", "values"]]


def _ranked(
    places: Sequence[int], strengths: Sequence[float], sizes: Sequence[int], parts: Sequence[float]
) -> list[int]:
    """Return places by strength, the strongest first; of those alike the one with fewer rows.

    Of as many rows the one that contributes more: what stayed as it was explains nothing beside what took its share.
    """
    left, found = sorted(places, key=lambda n: -strengths[n]), list[int]()
    while left:
        least = strengths[left[0]] * (ALIKE if strengths[left[0]] > 0 else 1)
        alike = [n for n in left if strengths[n] >= least]
        first = min(alike, key=lambda n: (sizes[n], -parts[n], -strengths[n]))
        found.append(first)
        left.remove(first)
    return found


# What does not decompose ---------------------------------------------------------------------------------------------


def _recomputed(
    question: Question, metric: Metric, rows: pd.DataFrame, most_without: int | None, *, is_explained: bool
) -> Changes:
    """Return the figure of each value before and now, and without it, of rows that are ranked by what explains them."""
    before, now = _whole(question.earlier, metric), _whole(question, metric)
    figures = {side: _figures(each, metric, rows) for side, each in (("before", question.earlier), ("now", question))}
    found = rows.assign(**figures, contribution=np.nan, mix=np.nan, rate=np.nan)
    ordered = _shown(found, rows["beyond"] if is_explained else _moved(found, metric, now - before))
    alone = ordered[ordered["values"] == 1][:most_without]
    return Changes(metric, before, now, ordered.assign(without=_without(question, metric, alone)))


def _moved(rows: pd.DataFrame, metric: Metric, change: float) -> "pd.Series[float]":
    """Return how far each value's figure moved beyond its share: of a ratio as far as its rows reach."""
    of_all = rows.groupby("dimension")[["n", "earlier_n"]].transform("sum")
    shares = (rows[["n", "earlier_n"]] / of_all.where(of_all > 0)).fillna(0)
    moved = rows["now"] - rows["before"]
    if metric.format == "count":
        return (moved - shares["earlier_n"] * change).abs()
    return (moved * shares.mean(axis=1)).abs()


def _formula(question: Question, metric: Metric, columns: Mapping[str, str]) -> str:
    """Return the SELECT of a metric over the rows of the cards, group by group of named columns.

    The formula is that of the cards, else of another tile over their rows; nothing where it stands in none. A peak's is
    a sweep over when the rows begin and end.
    """
    workspace, report = question.workspace, question.report
    if metric.between:
        return _peak(report.cards.entity.name, metric.name, metric.between, columns)
    picked = [f"{sql} as {name}" for name, sql in columns.items()] or ["true as is_any"]
    tiles = [tile for tile in report.tiles if tile.entity is report.cards.entity and metric.name in tile.metrics]
    for nodes in trees.read(workspace, [statement(report, tile) for tile in tiles]):
        for node in trees.selects(nodes):
            own = trees.aggregates(node, report.cards.entity.name).get(metric.name)
            if own:
                return trees.written(workspace, node, picked, [own])
    return ""


def _lasting(begin: str, end: str) -> str:
    return f"{end} > {begin}"


def _moments(entity: str, between: tuple[str, str], columns: Mapping[str, str]) -> str:
    """Return the SELECT of when rows begin and end, as steps up and down, with named columns of theirs."""
    picked = "".join(f"{sql} as {name}, " for name, sql in columns.items())
    return "\nunion all\n".join(
        f"select {picked}{moment} as moment, {step} as step from {entity} where {_lasting(*between)}"
        for moment, step in zip(between, (1, -1), strict=True)
    )


def _peak(entity: str, name: str, between: tuple[str, str], columns: Mapping[str, str]) -> str:
    """Return the SELECT of the most rows at once, group by group: what ends in a moment is gone when others begin."""
    own = "".join(f"{key}, " for key in columns)
    told_apart = ", ".join(key for key, sql in columns.items() if names(sql))
    by = f"partition by {told_apart} " if told_apart else ""
    return (
        f"select {own}coalesce(max(level), 0) as {name}\n"
        f"from (select {own}sum(step) over ({by}{IN_ORDER}) as level from (\n{_moments(entity, between, columns)}\n))\n"
        "group by all"
    )


def _whole(question: Question, metric: Metric) -> float:
    select = _formula(question, metric, {})
    return float(
        frame(question.workspace, query(question, question.report.cards, select))[metric.name].astype(float)[0]
    )


def _figures(question: Question, metric: Metric, rows: pd.DataFrame) -> "pd.Series[float]":
    """Return the figure of each of some rows: of a value, or of all values that the others of its dimension are not."""
    selects, bound = [], dict[str, object]()
    for key, own in rows.groupby("dimension", sort=False):
        is_rest = "false"
        if (own["values"] > 1).any():
            told = own.loc[own["values"] == 1, "value"].tolist()
            named = {f"told_{key}_{n}": value for n, value in enumerate(told) if value is not None}
            bound |= named
            is_told = f"{key}::varchar in ({', '.join(f'${name}' for name in named)})" if named else "null"
            is_rest = f"not coalesce({is_told}, {str(None in told).lower()})"
        value = f"case when not ({is_rest}) then {key}::varchar end"
        selects.append(_formula(question, metric, {"dimension": f"'{key}'", "value": value, "is_rest": is_rest}))
    wanted = rows[["dimension", "value"]].assign(is_rest=rows["values"] > 1)
    if not selects:
        return pd.Series(dtype=float)
    found = wanted.merge(_asked(question, selects, bound), how="left")[metric.name].astype(float)
    return found.fillna(0.0) if metric.format == "count" else found


def _without(question: Question, metric: Metric, rows: pd.DataFrame) -> "pd.Series[float]":
    """Return the figure of all rows but those of a value, recomputed from them, in the places of the values."""
    entity, own = question.report.cards.entity.name, _formula(question, metric, {})
    bound = {f"left_out_{place}": value for place, value in rows["value"].items() if value is not None}
    others = {place: _others(key, place, bound) for place, key in rows["dimension"].items()}
    every = [cte_sql(f"every_{entity}", f"select * from {entity}")]
    # Within another SELECT, so that the name means the relation there, and what is left of it in the formula.
    selects = [
        f"select {place} as place, {metric.name} from (\n"
        f"{with_sql([cte_sql(entity, f'select * from every_{entity} where {other}')], own)}\n)"
        for place, other in others.items()
    ]
    if metric.between:
        every = [cte_sql("tops", _tops(entity, metric.between, others))]
        selects = [f"select {place} as place, top_{place} as {metric.name} from tops" for place in others]
    if not selects:
        return pd.Series(dtype=float)
    found = _asked(question, selects, bound, every).set_index("place")[metric.name].astype(float).reindex(rows.index)
    return found.fillna(0.0) if metric.format == "count" else found


def _tops(entity: str, between: tuple[str, str], others: Mapping[Any, str]) -> str:
    """Return the SELECT of the most rows at once of several conditions, in one sweep over all of them."""
    moments = _moments(entity, between, {f"is_{place}": other for place, other in others.items()})
    levels = ", ".join(
        f"sum(case when is_{place} then step else 0 end) over ({IN_ORDER}) as level_{place}" for place in others
    )
    tops = ", ".join(f"coalesce(max(level_{place}), 0) as top_{place}" for place in others)
    return f"select {tops}\nfrom (select {levels} from (\n{moments}\n))"


def _others(key: str, place: object, bound: Mapping[str, object]) -> str:
    """Return the condition of the rows that have another value than one that is bound, or any."""
    name = f"left_out_{place}"
    return f"{key}::varchar is distinct from ${name}" if name in bound else f"{key} is not null"


def _asked(
    question: Question, selects: Sequence[str], bound: Mapping[str, object], ctes: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the rows of several SELECTs over the rows of the cards, with parameters of their own."""
    united = with_sql(ctes, "\nunion all\n".join(f"select * from ({select})" for select in selects))
    asked = query(question, question.report.cards, united)
    return frame(question.workspace, Query(asked.sql, {**asked.parameters, **bound}, asked.of))
