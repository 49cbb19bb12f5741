"""Draws metrics of the hours or half hours of a week: a row for each day, in it a bar for each hour.

Beside each other the days of a week would be spikes, of which nobody can tell the hour.
"""

import json
from collections.abc import Mapping
from itertools import groupby
from typing import Any

import altair as alt
import pandas as pd

from workbench.ask.selection import as_text, pins_of
from workbench.drawing import formats
from workbench.drawing.colours import Theme, palette
from workbench.drawing.marks import (
    Drawing,
    Layers,
    Look,
    Rows,
    Texts,
    clickable,
    drawing,
    ink,
    kept,
    layered,
    lit,
    mark,
    records,
    texts,
    tooltip,
)  # fmt: skip
from workbench.drawing.over_time import names_legend
from workbench.reports import Metric, Report, Tile

HEIGHT = 7 * 38 + 60  # pixels: of seven days, of the legend and of the hours
PALE = 2  # of the shades of one hue
LONGEST = 0.62  # of a day's row: above it stands its number
NUMBERED, MOST_FIGURES = 15, 3  # pixels of a bar from which on each has its number, of so many figures at the most


def is_week(tile: Tile) -> bool:
    """Tell whether the rows of a tile are the hours, or the half hours, of a week."""
    return tile.dimensions in (("weekday", "hour"), ("weekday", "half_hour"))


def week(
    report: Report, tile: Tile, rows: pd.DataFrame, look: Look, days: Mapping[str, str], hours: Mapping[str, str]
) -> Drawing:
    """Return the drawn metrics over the week: bars of the first one, paler as far as the second one is less.

    Days and hours are named in their order; those of no row have nothing to stand on.
    """
    first, second, *_ = *(report.metric(name) for name in tile.drawn or tile.metrics[:1]), None
    shown, pins = records(rows), pins_of(report, tile, rows)
    down, across = ({name: place for place, name in enumerate(names)} for names in (days, hours))
    most = max((row[first.name] for row in shown if _is_some(row, first)), default=0) or 1
    for row, pin in zip(shown, pins, strict=True):
        day, hour = (as_text(row[key]) for key in tile.dimensions)
        mark(row, pin, look)
        floor, size = len(days) - 1 - down[day], row[first.name] if _is_some(row, first) else 0
        row |= {"label": f"{days[day]}, {hours[hour]}", "place": across[hour], "end": across[hour] + 1}
        row |= {"floor": floor, "ceiling": floor + 1, "top": floor + LONGEST * size / most}
        if second and _is_some(row, second) and row[second.name] < size:
            row["other"] = floor + LONGEST * row[second.name] / most
        number = formats.shown(size, first.format) if size else ""
        row["number"] = number if len(number) <= MOST_FIGURES else ""
    for _, of_day in groupby(sorted(shown, key=lambda row: row["floor"]), key=lambda row: row["floor"]):
        max(of_day, key=lambda row: row["top"])["is_highest"] = True
    columns = texts(report, shown, "Time", tile.metrics)
    other = (
        (f"more than {second.label.rpartition(', ')[-1]}",) if second and any("other" in row for row in shown) else ()
    )
    layers = _bars(look.theme, (first.label, *other), columns, tuple(days.values()), tuple(hours.values()))
    return drawing(layers, shown, _message(first, shown), pins, look)


def _is_some(row: Mapping[str, Any], metric: Metric) -> bool:
    return not formats.is_missing(row[metric.name])


def shades(theme: Theme) -> tuple[str, ...]:
    """Return the colours of the metrics of a week, in their order."""
    tokens = palette(theme)
    return (tokens.primary, tokens.text, *tokens.categories[1:])


def _message(metric: Metric, there: Rows) -> str:
    top = max((row for row in there if _is_some(row, metric)), key=lambda row: row[metric.name], default=None)
    most = f": most {top['label']}, {formats.shown(top[metric.name], metric.format)}" if top else ""
    return f"{metric.label}{most}"


@kept
def _bars(
    theme: Theme, named: tuple[str, ...], columns: Texts, days: tuple[str, ...], hours: tuple[str, ...]
) -> Layers:
    tokens = palette(theme)
    every = len(hours) // 24
    named_hours: Any = alt.ExprRef(f"sequence(0, {len(hours) + 1}, {every} * (width < 300 ? 6 : width < 500 ? 4 : 2))")
    at = alt.Axis(
        values=named_hours, orient="bottom", grid=True, gridOpacity=0.5, domain=False, ticks=False, labelPadding=6,
        labelExpr=f"{json.dumps([*hours, '24:00'])}[datum.value]", labelFlush=False,
    )  # fmt: skip
    of = alt.Axis(
        values=[n + LONGEST / 2 for n in range(len(days))], grid=False, domain=False, ticks=False, labelPadding=8,
        labelFontSize=12, labelExpr=f"{json.dumps(days[::-1])}[floor(datum.value)]",
    )  # fmt: skip
    base = alt.Chart().encode(
        x=alt.X("place:Q", title=None, scale=alt.Scale(domain=[0, len(hours)], nice=False), axis=at),
        y=alt.Y("floor:Q", title=None, scale=alt.Scale(domain=[0, len(days)], nice=False), axis=of),
        opacity=alt.Opacity("strength:Q", scale=None),
    )
    shade = alt.Scale(domain=list(named), range=[tokens.primary, tokens.sequential[PALE]][: len(named)])
    floors = base.mark_rule(color=tokens.line).encode(x2="end:Q", opacity=alt.value(0.4))

    def of_series(name: str) -> alt.Chart:
        return base.transform_calculate(series=json.dumps(name))

    colour = alt.Color("series:N", scale=shade, legend=names_legend(named) if named[1:] else None)
    bars = of_series(named[0]).mark_rect(xOffset=1).encode(x2="end:Q", y2="top:Q", color=colour)
    beyond = [
        of_series(name).transform_filter("isValid(datum.other)").mark_rect(xOffset=1)
        .encode(x2="end:Q", y="other:Q", y2="top:Q", color=colour)
        for name in named[1:]
    ]  # fmt: skip
    has_room = f"datum.number && (datum.is_highest || width >= {NUMBERED * len(hours)})"
    numbers = (
        base.transform_filter(has_room)
        .transform_calculate(middle="(datum.place + datum.end) / 2")
        .mark_text(dy=-7, fontSize=11)
        .encode(x="middle:Q", y="top:Q", text="number:N", color=ink(theme), opacity=alt.value(1))
    )
    band = base.mark_rect(cursor="pointer", strokeWidth=1).encode(
        x2="end:Q", y2="ceiling:Q", opacity=alt.value(1), tooltip=tooltip(columns)
    )
    return layered(HEIGHT, floors, bars, *beyond, numbers, clickable(lit(band, theme)))
