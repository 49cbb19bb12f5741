"""What no tile answers: any metrics of a report by any of its dimensions or over time, as a tile that is made for it.

A metric's formula is the one by which a tile of the report computes it from all rows of an entity, taken out of that
tile's own SELECT. So there is no second copy, and the tile made is one like any other.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from weakref import WeakKeyDictionary

from workbench.ask import trees
from workbench.ask.question import Question
from workbench.ask.relations import cte_sql, statement, with_sql
from workbench.ask.selection import Exploration
from workbench.errors import BadSelection, UnknownName
from workbench.reports import PERIOD, Dimension, Entity, Metric, Report, Tile
from workbench.reports.model import Shape
from workbench.store.workspace import Workspace

MOST_METRICS, MOST_DIMENSIONS = 3, 2
# What a user calls each shape.
SHAPES = {
    "bars": "Bars", "ring": "Ring", "lines": "Lines", "stacked_bars": "Stacked bars", "heat_map": "Heat map",
    "table": "Table",
}  # fmt: skip
NAME = "explored"  # what the name of a tile made begins with
Formulas = Mapping[Entity, Mapping[str, trees.Node]]
_formulas = WeakKeyDictionary[Report, Formulas]()  # of what is declared, which no workspace changes


@dataclass(frozen=True)
class _Plan:
    """A tile to be made: metrics by dimensions of an entity, time first."""

    report: Report
    entity: Entity
    metrics: tuple[Metric, ...]
    by: tuple[Dimension, ...]
    shape: str

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(dimension.key for dimension in self.by)

    @property
    def is_over_time(self) -> bool:
        return PERIOD in self.by


def asked(question: Question) -> Question:
    """Return a question with what it explores as a tile of its report, in front of the logs and of no other tile.

    Raises BadSelection and UnknownName for what cannot be explored.
    """
    explored = question.selection.explored
    if explored is None:
        return question
    made = tile(question.workspace, question.report, explored)
    return replace(question, report=_exploring(question.report, made))


@lru_cache(maxsize=200)  # what a report's texts are kept by is the report itself
def _exploring(report: Report, made: Tile) -> Report:
    title = f"{report.title[:1].lower()}{report.title[1:]}"
    purpose = "Its figures by any of its dimensions, or over time."
    return replace(report, title=f"Explore {title}", purpose=purpose, tiles=(made, *report.logs))


@lru_cache(maxsize=200)
def with_tiles(report: Report, made: tuple[Tile, ...]) -> Report:
    """Return a report with tiles more, behind its own and in front of its logs."""
    if not made:
        return report
    own = tuple(tile for tile in report.tiles if not tile.log)
    return replace(report, tiles=(*own, *made, *report.logs))


def metrics(workspace: Workspace, report: Report) -> dict[str, Metric]:
    """Return the metrics that can be explored: those whose formula stands on rows of the report, by name."""
    known = formulas(workspace, report)
    return {
        metric.name: metric
        for metric in report.metrics
        if any(metric.name in found for found in known.values()) and not metric.is_change
    }


def dimensions(workspace: Workspace, report: Report, named: Sequence[Metric]) -> dict[str, Dimension]:
    """Return by what the rows of some metrics can be grouped, time first; only what concerns all of them."""
    silent = frozenset[str]().union(*(metric.not_for for metric in named))
    columns = frozenset[str]().union(*(entity.dimensions for entity in _entities(workspace, report, named))) - silent
    groups = {d.key: d for d in (*report.filters, *report.dimensions) if d.key in columns and not d.condition}
    lasting = [entity for entity in _entities(workspace, report, named) if entity.lasts]
    if lasting:  # a row of theirs is of many periods
        return {key: groups[key] for key in groups if not any(key in entity.times for entity in lasting)}
    return {PERIOD.key: PERIOD} | groups


def _entities(workspace: Workspace, report: Report, named: Sequence[Metric]) -> list[Entity]:
    """Return the rows that have all metrics, the report's main ones first."""
    known = formulas(workspace, report)
    return [entity for entity, found in known.items() if all(metric.name in found for metric in named)]


def shapes(explored: Sequence[Metric], by: Sequence[Dimension]) -> tuple[str, ...]:
    """Return the shapes in which metrics can be drawn by dimensions, the one that suits best first."""
    adds_up, is_over_time = explored[0].is_additive, PERIOD in by
    if is_over_time and len(by) == 1:
        return ("bars", "lines", "table") if explored[0].format == "count" else ("lines", "bars", "table")
    if is_over_time:
        return ("stacked_bars", "lines", "heat_map", "table") if adds_up else ("lines", "heat_map", "table")
    if len(by) == 1:
        return ("bars", *(["ring"] if adds_up else []), "table")
    return ("heat_map", "table")


def formulas(workspace: Workspace, report: Report) -> Formulas:
    """Return for each entity of a report, the main one first, how its tiles compute metrics from all of its rows.

    A metric stands on the report's main rows, or on those of the only entity that has it.
    """
    if report not in _formulas:
        _formulas[report] = _read(workspace, report)
    return _formulas[report]


def _read(workspace: Workspace, report: Report) -> Formulas:
    tiles = [tile for tile in report.tiles if not tile.log and not tile.select]
    names = {metric.name for metric in report.metrics}
    found: dict[Entity, dict[str, trees.Node]] = {entity: {} for entity in report.entities}
    for tile, nodes in zip(tiles, trees.read(workspace, [statement(report, tile) for tile in tiles]), strict=True):
        for node in trees.selects(nodes):
            known = trees.aggregates(node, tile.entity.name)
            found[tile.entity] |= {n: known[n] for n in known if n in names and n not in found[tile.entity]}
    return {
        entity: {name: node for name, node in own.items() if _stands_on(found, report, name, entity)}
        for entity, own in found.items()
    }


def _stands_on(found: Formulas, report: Report, name: str, entity: Entity) -> bool:
    return name in found[report.main] or [other for other in found if name in found[other]] == [entity]


def tile(workspace: Workspace, report: Report, explored: Exploration, title: str = "") -> Tile:
    """Return the tile that answers an exploration. Raises BadSelection and UnknownName, and says what would work."""
    plan = _plan(workspace, report, explored)
    names = tuple(metric.name for metric in plan.metrics)
    shape = _shape(plan)
    growing = next((each.growing for each in report.tiles if each.growing and plan.is_over_time), "")
    digest = hashlib.blake2b(repr((explored, title)).encode(), digest_size=5).hexdigest()
    return Tile(
        f"{NAME}_{digest}",
        title or titled(plan.metrics, plan.by),
        shape,
        plan.entity,
        (*plan.keys, *names),
        dimensions=plan.keys,
        metrics=names,
        drawn=names[:1] if shape in ("table", "heat_map") else (),
        growing=growing,
        select=_select(workspace, plan),
        sheet="" if title else "Explored",
        is_half=plan.shape in ("bars", "ring") and not plan.is_over_time,
    )


def titled(explored: Sequence[Metric], by: Sequence[Dimension]) -> str:
    """Return what metrics by dimensions are called."""
    groups = [f"{d.label[:1].lower()}{d.label[1:]}" for d in by if d is not PERIOD]
    by_groups = f" by {' and '.join(groups)}" if groups else ""
    return f"{', '.join(metric.label for metric in explored)}{by_groups}{' over time' * (PERIOD in by)}"


def _plan(workspace: Workspace, report: Report, explored: Exploration) -> _Plan:
    known = metrics(workspace, report)
    if not 0 < len(explored.metrics) <= MOST_METRICS:
        raise BadSelection(f"Explore one to three figures of {report.name}: {', '.join(known)}")
    for name in explored.metrics:
        if name not in known:
            raise UnknownName(f"figure of {report.name} to explore", name, known)
    named = tuple(known[name] for name in explored.metrics)
    by = _by(dimensions(workspace, report, named), named, explored.by)
    possible = shapes(named, by)
    if explored.shape and explored.shape not in SHAPES:
        raise UnknownName("shape", explored.shape, SHAPES)
    if explored.shape and explored.shape not in possible:
        raise BadSelection(
            f"{titled(named, by)} cannot be drawn as {SHAPES[explored.shape].lower()}. Choose {' or '.join(possible)}"
        )
    keys = {dimension.key for dimension in by} - {PERIOD.key}
    entity = next((each for each in _entities(workspace, report, named) if keys <= each.dimensions), None)
    if entity is None:
        raise BadSelection(f"{titled(named, by)}: no rows have all of that. Explore them one by one")
    return _Plan(report, entity, named, by, explored.shape or possible[0])


def _by(known: Mapping[str, Dimension], named: Sequence[Metric], keys: Sequence[str]) -> tuple[Dimension, ...]:
    """Return the dimensions of keys, time first and the others in the report's order."""
    if not 0 < len(keys) <= MOST_DIMENSIONS:
        raise BadSelection(f"Explore by one or two of: {', '.join(known)}")
    for key in keys:
        if key not in known:
            raise UnknownName(f"dimension of {' and '.join(metric.name for metric in named)}", key, known)
    return tuple(known[key] for key in known if key in keys)


def _shape(plan: _Plan) -> Shape:
    """Return what the tile is drawn as."""
    over_time: dict[str, Shape] = {
        "bars": "bars_over_time", "lines": "lines_over_time" if len(plan.by) == 1 else "values_over_time",
        "stacked_bars": "stacked_over_time", "heat_map": "heat_map", "table": "table",
    }  # fmt: skip
    others: dict[str, Shape] = {"bars": "bar", "ring": "bar_and_pie", "heat_map": "heat_map", "table": "table"}
    return (over_time if plan.is_over_time else others)[plan.shape]


def _select(workspace: Workspace, plan: _Plan) -> str:
    """Return the SELECT of a plan. Its rows are those of a time that is covered, or else of values that there are.

    Where a count is among the metrics, values of which no metric is anything are left out, as tiles leave them out.
    """
    computed = formulas(workspace, plan.report)[plan.entity]
    named = [computed[metric.name] for metric in plan.metrics]
    ((source,),) = trees.read(workspace, [f"select 1 from {plan.entity.name}"])
    found = cte_sql("found", trees.written(workspace, source, plan.keys, named))
    some = " or ".join(f"coalesce({metric.name}, 0) <> 0" for metric in plan.metrics)
    where = f"\nwhere {some}" if any(metric.is_additive for metric in plan.metrics) else ""
    frame = _frame(plan)
    made = _framed(plan, found, frame, where) if frame else with_sql([found], _listed(plan, where))
    said = f"-- {titled(plan.metrics, plan.by)}.\n-- Grain: one row per {' and '.join(plan.keys)}.\n"
    return f"{said}{made}"


def _listed(plan: _Plan, where: str) -> str:
    """Return what stands behind groups that are the rows: by the first figure, or in the values' own order."""
    names = [metric.name for metric in plan.metrics]
    keys = [f"{key} nulls last" for key in plan.keys]
    is_ordered = any(dimension.has_order for dimension in plan.by)
    order = keys if is_ordered else [f"{names[0]} desc nulls last", *keys]
    return f"select {', '.join((*plan.keys, *names))}\nfrom found{where}\norder by {', '.join(order)}"


def _frame(plan: _Plan) -> str:
    """Return the SELECT of the times that have a row whatever happened in them; nothing where no time alone has one."""
    timed = dict(plan.entity.from_anchor)
    clocks = [key for key in plan.keys if key in timed]
    if plan.is_over_time and not clocks:
        return _periods(plan)
    if clocks and not plan.is_over_time and not plan.entity.of_kind:
        parts = ", ".join(f"{timed[key].format(anchor='hour_start')} as {key}" for key in clocks)
        return f"select distinct {parts} from hours"
    return ""


def _periods(plan: _Plan) -> str:
    """Return the SELECT of the periods; of rows of several kinds with whether the loads of each metric's cover them."""
    if not plan.entity.of_kind:
        return "select period from periods"
    covers = ", ".join(
        f"bool_or(kind in ({', '.join(map(repr, _kinds(plan, metric)))})) as covers_{n}"
        for n, metric in enumerate(plan.metrics)
    )
    return f"select period, {covers} from periods_by_kind group by all"


def _kinds(plan: _Plan, metric: Metric) -> tuple[str, ...]:
    log = plan.report.log_of(metric).entity
    return metric.kinds or (log.kinds if metric.log else plan.entity.kinds)


def _framed(plan: _Plan, found: str, frame: str, where: str) -> str:
    """Return every time, with every value that there is, and the figures of both."""
    timed = [key for key in plan.keys if key == PERIOD.key or key in dict(plan.entity.from_anchor)]
    others = [key for key in plan.keys if key not in timed]
    ctes = [found, cte_sql("framed", frame)]
    ctes += [cte_sql("present", f"select distinct {', '.join(others)}\nfrom found{where}")] if others else []
    keys = [*(f"framed.{key}" for key in timed), *(f"present.{key}" for key in others)]
    figures = [_figure(plan, n, metric, timed[0]) for n, metric in enumerate(plan.metrics)]
    on = [f"framed.{key} = found.{key}" for key in timed]
    on += [f"present.{key} is not distinct from found.{key}" for key in others]
    crossed = "\ncross join present" if others else ""
    order = ", ".join(f"{key} nulls last" for key in keys)
    return with_sql(
        ctes,
        f"select\n    {f',{chr(10)}    '.join([*keys, *figures])}\nfrom framed{crossed}\n"
        f"left join found on {' and '.join(on)}\norder by {order}",
    )


def _figure(plan: _Plan, n: int, metric: Metric, time: str) -> str:
    """Return a metric's figure at a time: a count of nothing is zero, where a load covers it."""
    figure = f"found.{metric.name}"
    if metric.format == "count":
        figure = f"case when found.{time} is null then 0 else found.{metric.name} end"
        if plan.entity.of_kind and plan.is_over_time:
            figure = f"case when framed.covers_{n} then {figure} end"
    return figure if figure == f"found.{metric.name}" else f"{figure} as {metric.name}"
