"""Draws metrics of the hours or half hours of a week as lines from its first day to its last, one for each metric."""

import json
from collections.abc import Mapping
from itertools import product

import altair as alt
import pandas as pd

from workbench.ask.selection import as_text, pin_of
from workbench.drawing import formats
from workbench.drawing.colours import Theme, palette
from workbench.drawing.marks import (
    BOTTOM,
    TOP,
    Drawing,
    Layers,
    Look,
    Rows,
    Texts,
    clickable,
    drawing,
    kept,
    layered,
    lit,
    mark,
    reach,
    records,
    texts,
    tooltip,
    values_axis,
)  # fmt: skip
from workbench.drawing.over_time import HEIGHT, strokes
from workbench.reports import Metric, Report, Tile


def is_week(tile: Tile) -> bool:
    """Tell whether the rows of a tile are the hours, or the half hours, of a week."""
    return tile.dimensions in (("weekday", "hour"), ("weekday", "half_hour"))


def week(
    report: Report, tile: Tile, rows: pd.DataFrame, look: Look, days: Mapping[str, str], hours: Mapping[str, str]
) -> Drawing:
    """Return the drawn metrics over the week. Days and hours are named in their order; those of no row are gaps."""
    metrics = tuple(report.metric(name) for name in tile.drawn or tile.metrics[:1])
    known = {tuple(as_text(row[key]) for key in tile.dimensions): row for row in records(rows)}
    shown: Rows = []
    for place, (day, hour) in enumerate(product(days, hours)):
        row = known.get((day, hour), {})
        label = {"label": f"{days[day]}, {hours[hour]}", "day": days[day] if hour == next(iter(hours)) else ""}
        shown.append(row | label | {"place": place, "end": place + 1, "is_there": bool(row)})
    there = [row for row in shown if row["is_there"]]
    pins = [pin_of(report, tile, {key: [row[key]] for key in tile.dimensions}) for row in there]
    for row, pin in zip(there, pins, strict=True):
        mark(row, pin, look)
    ends = reach(there, [metric.name for metric in metrics])
    columns = texts(report, shown, "Time", tile.metrics)
    layers = _lines(look.theme, metrics, columns, tuple(days.values()), len(hours))
    return drawing(layers, [row | ends for row in shown], _message(metrics[0], there), pins, look)


def shades(theme: Theme) -> tuple[str, ...]:
    """Return the colours of the metrics of a week, in their order."""
    tokens = palette(theme)
    return (tokens.primary, tokens.text, *tokens.categories[1:])


def _message(metric: Metric, there: Rows) -> str:
    known = [row for row in there if not formats.is_missing(row[metric.name])]
    top = max(known, key=lambda row: row[metric.name], default=None)
    highest = f": highest {top['label']}, {formats.shown(top[metric.name], metric.format)}" if top else ""
    return f"{metric.label}{highest}"


@kept
def _lines(theme: Theme, metrics: tuple[Metric, ...], columns: Texts, days: tuple[str, ...], hours: int) -> Layers:
    """Return a step for each hour: the first metric as an area with its line, the next ones dashed above it."""
    tokens = palette(theme)
    looks = [(shade, [3, 2] if n else [1, 0], 1.2) for n, shade in enumerate(shades(theme))]
    drawn = strokes(dict(zip((metric.label for metric in metrics), looks, strict=False)))
    named = f"{json.dumps(days)}[floor(datum.value / {hours})]"
    axis = alt.Axis(
        values=[(n + 0.5) * hours for n in range(len(days))], labelAngle=0, ticks=False, grid=False, labelPadding=8,
        labelExpr=f"width < 640 ? slice({named}, 0, 2) : {named}",
    )  # fmt: skip
    whole = alt.Scale(domain=[0, hours * len(days)], nice=False)
    base = alt.Chart().encode(x=alt.X("place:Q", title=None, scale=whole, axis=axis))
    begins = base.transform_filter("datum.day && datum.place").mark_rule(
        color=tokens.line, opacity=0.4, strokeDash=[2, 3]
    )
    lines = [
        base.transform_calculate(series=json.dumps(metric.label)).mark_line(interpolate="step-after")
        .encode(y=values_axis(metric), **drawn)
        for metric in metrics
    ]  # fmt: skip
    area = base.mark_area(color=tokens.primary, opacity=0.3, interpolate="step-after").encode(y=values_axis(metrics[0]))
    band = base.transform_filter("datum.is_there").mark_rect(cursor="pointer", strokeWidth=1).encode(
        x2="end:Q", y=TOP, y2=BOTTOM, tooltip=tooltip(columns)
    )  # fmt: skip
    return layered(HEIGHT, begins, area, *lines, clickable(lit(band, theme)))
