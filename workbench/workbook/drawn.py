"""The numbers of a tile's charts as the page draws them: the same values in the same order and colours, and "Other"."""

from dataclasses import replace
from typing import Any

import pandas as pd

from workbench.ask import answers
from workbench.ask.question import Question
from workbench.drawing import charts, contributions, formats, over_time, week
from workbench.drawing.colours import colours, palette
from workbench.drawing.marks import SAME, Look
from workbench.reports import Metric, Tile
from workbench.workbook.plan import Chart, Grid, Series

MOST_POINTS = 5_000  # of a chart
MOST_ACROSS = 24  # columns of a heat map on paper
INK = palette("light")


def drawn(question: Question, tile: Tile, rows: pd.DataFrame) -> tuple[Chart, ...]:
    """Return the charts of a tile; none where it has no rows, or so many that no chart shows them."""
    if rows.empty or len(rows) > MOST_POINTS or not charts.is_charted(tile) or tile.shape == "heat_map":
        return ()
    look = _look(question, tile)
    match tile.shape:
        case "bars_over_time" | "lines_over_time":
            return (_over_time(question, tile, rows, look),)
        case "stacked_over_time" | "grouped_over_time" | "values_over_time":
            return (_by_value(question, tile, rows, look),)
        case "lines" if week.is_week(tile):
            return (_week(question, tile, rows, look),)
        case "lines":
            return (_lines(question, tile, rows, look),)
        case "contributions":
            return _contributions(question, tile, rows, look)
    return _breakdown(question, tile, rows, look)


def _look(question: Question, tile: Tile) -> Look:
    scope = question.scope
    return Look(
        question.selection.rollup, gaps=scope.not_covered, within=scope.now.span, week_start=scope.week_start,
        values=answers.values(question, tile),
    )  # fmt: skip


def _breakdown(question: Question, tile: Tile, rows: pd.DataFrame, look: Look) -> tuple[Chart, ...]:
    """Return bars, and a ring of those that the page's ring has; of one value neither says more than its table."""
    if len(rows) == 1:
        return ()
    metric, shown = question.report.metric(tile.metrics[0]), charts.breakdown(question.report, tile, rows, look).rows
    bars = _chart("bars", tile.title, metric, shown, "size")
    if tile.shape == "bar":
        return (bars,)
    only = shown[0]["only"]
    inside = [row for row in shown if "end" in row and row["size"] > 0] or shown[:1]
    return bars, _chart("ring", f"{tile.title}, shares{only and f' of {only}'}", metric, inside, "size")


def _lines(question: Question, tile: Tile, rows: pd.DataFrame, look: Look) -> Chart:
    """Return a line for each value of the first dimension, over those of the second one."""
    report, metric = question.report, question.report.metric(tile.drawn[0])
    down, across = charts.grid_axes(report, tile, rows, look)
    shown = charts.lines(report, tile, rows, look).rows
    numbers = {(row["line"], row["across_label"]): _number(row[metric.name]) for row in shown}
    shades = colours(report.dimension(down.key), list(down.names), look.theme, look.values)
    series = [
        Series(name, tuple(numbers.get((name, place)) for place in across.labels), (shade,), is_line=True)
        for name, shade in zip(down.labels, shades, strict=False)
        if any((name, place) in numbers for place in across.labels)
    ]
    return Chart("columns", tile.title, across.labels, tuple(series), metric.format)


def _week(question: Question, tile: Tile, rows: pd.DataFrame, look: Look) -> Chart:
    """Return a line for each drawn metric, over the week from its first to its last hour."""
    shown, metrics = charts.lines(question.report, tile, rows, look).rows, map(question.report.metric, tile.drawn)
    series = [
        Series(metric.label, tuple(_number(row.get(metric.name)) for row in shown), (shade,), is_line=True)
        for metric, shade in zip(metrics, week.shades(look.theme), strict=False)
    ]
    labels = tuple(row["label"] for row in shown)
    return Chart("columns", tile.title, labels, tuple(series), question.report.metric(tile.drawn[0]).format)


def _contributions(question: Question, tile: Tile, rows: pd.DataFrame, look: Look) -> tuple[Chart, ...]:
    """Return bars of what each value adds to a change; nothing where nothing is compared."""
    metric = question.report.metric(tile.drawn[0])
    if rows[metric.name].isna().all():
        return ()
    shown = contributions.contributions(question.report, tile, rows, look).rows[:-1]  # the last is the total
    shown = [row | {"colour": INK.categories[1]} for row in shown]
    drawing = _chart("bars", tile.title, metric, shown, metric.name)
    return (replace(drawing, format="added") if metric.format == "duration" else drawing,)


def _chart(shape: Any, title: str, metric: Metric, shown: list[dict[str, Any]], size: str) -> Chart:
    labels = tuple(str(row["label"]).replace(SAME, "") for row in shown)
    values, shades = (tuple(row[name] for row in shown) for name in (size, "colour"))
    series = Series(metric.label, tuple(_number(value) for value in values), shades)
    return Chart(shape, title, labels, (series,), metric.format)


def _over_time(question: Question, tile: Tile, rows: pd.DataFrame, look: Look) -> Chart:
    """Return bars of the first metric or lines of all, and in a dashed line what the first one is compared with."""
    metrics, shown = (
        over_time.measured(question.report, tile),
        over_time.over_time(question.report, tile, rows, look).rows,
    )
    has_bars, before = tile.shape == "bars_over_time", f"{metrics[0].name}_before"
    series = [
        Series(metric.label, _column(shown, metric.name), (INK.categories[n],), is_line=n > 0 or not has_bars)
        for n, metric in enumerate(metrics)
    ]
    if any(value is not None for value in _column(shown, before)):
        label = f"{metrics[0].label}, before"
        series.append(Series(label, _column(shown, before), (INK.line,), is_line=True, is_dashed=True))
    return Chart("columns", tile.title, tuple(row["label"] for row in shown), tuple(series), metrics[0].format)


def _by_value(question: Question, tile: Tile, rows: pd.DataFrame, look: Look) -> Chart:
    """Return a series for each value that the page draws, in its order, small ones as one."""
    dimension, metric = question.report.dimension(tile.dimensions[1]), question.report.metric(tile.metrics[0])
    shown = over_time.values(question.report, tile, rows, look).rows
    names = {row["value"]: row["order"] for row in shown if "value" in row}
    stored = {dimension.shown(None if formats.is_missing(value) else value): value for value in rows[dimension.key]}
    ordered = sorted(names, key=names.__getitem__)
    own = [None if formats.is_missing(stored[name]) else str(stored[name]) for name in ordered if name in stored]
    shades = iter(colours(dimension, own, look.theme, look.values))
    periods = list(dict.fromkeys((row["period"], row["label"]) for row in shown))
    sizes = {(row["period"], row["value"]): row[metric.name] for row in shown if "value" in row}
    loaded = {row["period"] for row in shown if row["is_loaded"]}
    is_line, nothing = tile.shape == "values_over_time", 0 if metric.is_additive else None
    series = [
        Series(
            name,
            tuple(_number(sizes.get((at, name), nothing)) if at in loaded else None for at, _ in periods),
            (next(shades) if name in stored else INK.other,),
            is_line,
        )
        for name in ordered
    ]
    shape: Any = "stacked" if tile.shape == "stacked_over_time" else "columns"
    return Chart(shape, tile.title, tuple(label for _, label in periods), tuple(series), metric.format)


def grid(question: Question, tile: Tile, rows: pd.DataFrame) -> Grid | None:
    """Return the heat map of a tile, None where it is none or has no rows."""
    if tile.shape != "heat_map" or rows.empty:
        return None
    report, look = question.report, _look(question, tile)
    metric = report.metric(tile.drawn[0] if tile.drawn else tile.metrics[0])
    down, across = (axis.labels for axis in charts.grid_axes(report, tile, rows, look))
    shown = charts.heat_map(report, tile, rows, look).rows
    numbers = {(row["down_label"], row["across_label"]): _number(row[metric.name]) for row in shown}
    values = tuple(tuple(numbers.get((one, other)) for other in across) for one in down)
    if len(across) > MOST_ACROSS:  # as the half hours of a day
        across, down, values = down, across, tuple(zip(*values, strict=True))
    scale = (INK.sequential[0], INK.sequential[-3])
    named = [tuple(label.replace(SAME, "") for label in axis) for axis in (across, down)]
    return Grid(metric.label, named[0], named[1], values, metric.format, scale)


def _column(shown: list[dict[str, Any]], name: str) -> tuple[float | None, ...]:
    return tuple(_number(row.get(name)) for row in shown)


def _number(value: Any) -> float | None:
    return None if formats.is_missing(value) else float(value)
