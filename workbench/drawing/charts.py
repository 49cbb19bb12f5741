"""The chart shapes, in Altair, one per tile shape, for pages and notebooks. A chart's description is its message."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

import altair as alt
import pandas as pd

from workbench.ask.selection import Pin, as_text, pin_of, pins_of
from workbench.drawing import contributions, formats, over_time, week
from workbench.drawing.colours import Theme, colours, palette
from workbench.drawing.marks import (
    FIRST,
    LEFT,
    PADDING,
    SAME,
    SLICE,
    Drawing,
    Layers,
    Look,
    Rows,
    Texts,
    clickable,
    column,
    drawing,
    extent,
    in_order,
    ink,
    kept,
    layered,
    lit,
    mark,
    reach,
    records,
    texts,
    tooltip,
    values_axis,
    values_legend,
)
from workbench.drawing.offline import LayeredChart
from workbench.reports import PERIOD, Metric, Report, Tile, labels

MOST_BARS = 12
WIDTH = 640  # pixels in a notebook; a page has a width of its own
BREAKDOWN_HEIGHT = 175  # pixels that bars share
SMALLEST_ROW, LARGEST_ROW = 14, 28
NUMBERS = 104  # pixels behind the longest bar, for its number and share
RADIUS, HOLE, BESIDE = 62, 38, 12
RING = "width >= 250"  # where a ring has room
LINE = 24  # pixels of the line of text under a heat map
HEAT_HEIGHT = 236
GRID_ROW, AROUND = 26, 92  # pixels of a row of a grid, and of its names across, titles and legend together
SMALL, LETTER, NUMBER = 9, 5, 11  # pixels of a name under a column of numbers, about of a letter, and of a number
LEVEL_FROM = 44  # pixels of a column from which on its name stands level under it, its words below each other


def chart(report: Report, tile: Tile, rows: pd.DataFrame, look: Look = Look()) -> LayeredChart:  # noqa: B008
    """Return a tile's rows as its chart, for a notebook."""
    return drawn(report, tile, rows, look).chart.properties(width=WIDTH)


def is_charted(tile: Tile) -> bool:
    """Tell whether a tile is drawn as a chart at all."""
    return tile.shape not in ("metrics", "table", "log")


def compared(report: Report, tile: Tile) -> tuple[str, ...]:
    """Return the metrics of a tile whose change a page shows: all of cards, else the first one and what is drawn."""
    if tile.shape == "metrics":
        return tile.metrics
    drawn = [metric.name for metric in over_time.measured(report, tile)[:1]]
    return tuple(dict.fromkeys((*tile.metrics[:1], *drawn, *(names[0] for _, names in tile.drawings))))


def height(tile: Tile, rows: pd.DataFrame) -> int:
    """Return the pixels that a tile's chart of these rows takes at the most."""
    match tile.shape:
        case "bar" | "bar_and_pie":
            return max(BREAKDOWN_HEIGHT, min(len(rows), MOST_BARS + 1) * SMALLEST_ROW + 2 * PADDING)
        case "heat_map":
            return _grid_height(tile, rows) + LINE
        case "contributions":
            return contributions.height(len(rows))
        case "lines":
            return week.HEIGHT if week.is_week(tile) else HEAT_HEIGHT
        case _:
            return over_time.HEIGHT


def _grid_height(tile: Tile, rows: pd.DataFrame) -> int:
    """Return the pixels of a grid: a week's are the same always, else each row has room for its name."""
    if week.is_week(tile):
        return HEAT_HEIGHT
    down = rows[_down_and_across(tile)[0]].nunique(dropna=False)
    return max(HEAT_HEIGHT, min(down, MOST_BARS + 1) * GRID_ROW + AROUND)


def drawn(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> Drawing:
    """Return a tile's rows as its chart."""
    match tile.shape:
        case "bars_over_time" | "lines_over_time":
            return over_time.over_time(report, tile, rows, look)
        case "stacked_over_time" | "grouped_over_time" | "values_over_time":
            return over_time.values(report, tile, rows, look)
        case "heat_map":
            return heat_map(report, tile, rows, look)
        case "lines":
            return lines(report, tile, rows, look)
        case "contributions":
            return contributions.contributions(report, tile, rows, look)
        case _:
            return breakdown(report, tile, rows, look)


def breakdown(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> Drawing:
    """Return horizontal bars, the largest first, each with its number; small ones beyond the twelfth are one bar.

    Numbers, such as hours, stand in their own order.

    A ring of the same values and colours stands beside them where there is room. Where the rest would be its largest
    slice it is left out, and the ring says how many values it shows.
    """
    by_value = tile.shape == "bar_and_pie"
    shown, pins = _shown(report, tile, rows, look)
    sizes = [max(0.0, row["size"]) for row in shown]
    is_cut = "is_other" in shown[-1] and sizes[-1] == max(sizes)
    inside = sizes[:-1] if is_cut else sizes
    total = formats.count(sum(inside))
    only = f"{len(inside)} of {len(rows)} values" if is_cut else ""
    ring = {"total": total, "only": only, "least": 0.0, "most": max(sizes) or 1.0}
    for row, place in zip(shown, [*_slices(inside), {}], strict=False):
        row |= place | ring
        if not by_value:
            row["colour"] = palette(look.theme).primary if row["is_value"] else row["colour"]
    step = max(SMALLEST_ROW, min(LARGEST_ROW, (BREAKDOWN_HEIGHT - 2 * PADDING) // len(shown)))
    layers = _bars(look.theme, len(shown) * step, _texts(report, tile, shown), has_ring=by_value)
    return drawing(layers, shown, _message(report, tile, shown), pins, look)


def _slices(sizes: Sequence[float]) -> Rows:
    """Return where each slice of a ring begins and ends, in radians."""
    whole, ends = sum(sizes) or 1.0, [0.0, *accumulate(sizes)]
    return [{"start": a / whole * 2 * math.pi, "end": b / whole * 2 * math.pi} for a, b in pairwise(ends)]


@kept
def _bars(theme: Theme, height: int, columns: Texts, *, has_ring: bool) -> Layers:
    room = f"({RING} ? {2 * RADIUS + BESIDE} : 0)" if has_ring else "0"
    ends: list[Any] = [0, alt.ExprRef(f"max(width - {NUMBERS} - {room}, 20)")]
    scale = alt.Scale(nice=False, domain=extent(), range=ends)
    base = alt.Chart().encode(
        y=alt.Y("label:N", title=None, axis=_names_axis(theme), scale=in_order("label", range=[0, height])),
        x=alt.X("size:Q", title=None, axis=None, scale=scale, stack=None),
    )
    marks = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.72}).encode(
        color=alt.Color("colour:N", scale=None, legend=None), opacity=alt.Opacity("strength:Q", scale=None)
    )
    numbers = base.mark_text(align="left", dx=6, fontSize=12).encode(text=alt.Text("number:N"), color=ink(theme))
    width = alt.X2Value(alt.ExprRef(f"width - {room}"))  # type: ignore[no-untyped-call]
    band = base.mark_rect(cornerRadius=4, cursor="pointer", strokeWidth=1).encode(
        y=alt.Y("label:N"), x=LEFT, x2=width, tooltip=tooltip(columns)
    )
    layers = [clickable(lit(band, theme)), marks, numbers]
    return layered(
        max(height, 2 * RADIUS if has_ring else 0) + 2 * PADDING, *layers, *(_ring(theme, columns) if has_ring else [])
    )


def _names_axis(theme: Theme) -> alt.Axis:
    """Return the axis of the values' names, each in the colour of its mark's text."""
    tokens, strength = palette(theme), f"{column('strength')}[indexof({column('label')}, datum.value)]"
    colour: Any = {"condition": {"test": f"{strength} < 1", "value": tokens.missing}, "value": tokens.text}
    return alt.Axis(
        labelLimit=170,
        labelFontSize=12,
        labelColor=colour,
        labelPadding=8,
        ticks=False,
        domain=False,
        labelOverlap=False,
        labelFlush=False,
    )


def _ring(theme: Theme, columns: Texts) -> list[alt.Chart]:
    """Return the layers of a ring at the right, with the sum in its middle; nothing where there is no room."""
    tokens = palette(theme)
    middle = {"x": alt.value(alt.ExprRef(f"width - {RADIUS}")), "y": alt.value(RADIUS)}
    arcs = alt.Chart().transform_filter("isValid(datum.end)").mark_arc(
        innerRadius=HOLE, outerRadius=alt.ExprRef(f"{RING} ? {RADIUS} : {HOLE}"), stroke=tokens.background,
        strokeWidth=alt.ExprRef(f"{RING} ? 1.5 : 0"), cursor="pointer",
    ).encode(
        theta=alt.Theta("start:Q", scale=None, stack=None),
        theta2=alt.Theta2("end:Q"),
        color=alt.Color("colour:N", scale=None, legend=None),
        opacity=alt.Opacity("strength:Q", scale=None),
        tooltip=tooltip(columns),
        **middle,
    )  # fmt: skip
    once = alt.Chart().transform_filter(f"{FIRST} && {RING}").encode(**middle)
    total = once.mark_text(color=tokens.text, fontSize=15, fontWeight=600).encode(text=alt.Text("total:N"))
    only = once.mark_text(color=tokens.missing, fontSize=10, dy=14).encode(text=alt.Text("only:N"))
    return [clickable(arcs, SLICE), total, only]


def heat_map(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> Drawing:
    """Return a grid of two dimensions, such as weekdays by hours, the drawn column as the strength of one hue.

    What has no row stays empty. Of many values the small ones are one, or are left out where nothing adds up.
    """
    measure = report.metric(tile.drawn[0] if tile.drawn else tile.metrics[0])
    down, across = grid_axes(report, tile, rows, look)
    beside = " to " if _lead_on(report, tile) else ", "
    shown, pins = [], []
    for group in _cells(rows, down, across):
        row = dict(group[0]) if len(group) == 1 else {measure.name: sum(each[measure.name] for each in group)}
        pins.append(pin_of(report, tile, {key: [each[key] for each in group] for key in tile.dimensions}))
        mark(row, pins[-1], look)
        place = [axis.label_of(group[0]) for axis in (down, across)]
        shown.append(row | {"down_label": place[0], "across_label": place[1], "label": beside.join(place)})
    known = [row for row in shown if not formats.is_missing(row[measure.name])]
    top = max(known, key=lambda row: row[measure.name], default=None)
    is_week = week.is_week(tile)
    best = "busiest" if is_week else "most" if measure.is_additive else "highest"
    said = f"{best} {top['label']}, " if top else ""
    said += formats.metric(top[measure.name], measure) if top else ""
    said += "".join(axis.left_out for axis in (down, across))
    columns = texts(report, shown, "Hour" if is_week else f"{down.title}, {across.title.lower()}", tile.metrics)
    most = top[measure.name] if top else 0
    for row in shown:
        is_strong = not formats.is_missing(row[measure.name]) and row[measure.name] > most / 2
        row |= {"number": formats.shown(row[measure.name], measure.format), "is_strong": is_strong}
    titles = ("", "") if is_week else (down.title, across.title)
    layers = _grid(
        look.theme, measure, (down.labels, across.labels), titles, columns, _grid_height(tile, rows),
        has_order=across.has_order, is_flow=_lead_on(report, tile),
    )  # fmt: skip
    return drawing(layers, shown, f"{measure.label}: {said}", pins, look)


@dataclass(frozen=True)
class GridAxis:
    """One side of a grid: its dimension, and the label of each value that it shows; `rest` is that of all others.

    Where these do not add up to one, `left_out` says so. What `has_order` can be followed without a label of each.
    """

    key: str
    title: str
    names: Mapping[str, str]
    has_order: bool = False
    rest: str = ""
    left_out: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands along it, in its order."""
        return (*self.names.values(), *([self.rest] if self.rest else []))

    def label_of(self, row: Mapping[str, Any]) -> str:
        """Return where a row stands; nothing where its value is not shown."""
        return self.names.get(as_text(row[self.key]), self.rest)


def grid_axes(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> tuple[GridAxis, GridAxis]:
    """Return what stands down and across a grid: time goes across, and the same values in the same order."""
    down, across = (_grid_axis(report, tile, key, rows, look) for key in _down_and_across(tile))
    if _lead_on(report, tile):
        names = across.names
        across = replace(across, names={name: names[name] for name in (*down.names, *names) if name in names})
    return down, across


def _down_and_across(tile: Tile) -> tuple[str, str]:
    first, second = tile.dimensions
    return (second, first) if first == PERIOD.key else (first, second)


def _lead_on(report: Report, tile: Tile) -> bool:
    """Tell whether the second dimension is what the first one became, in the same words: a channel, and the next."""
    first, second = (labels.dimension(report, key) for key in tile.dimensions)
    return bool(first and second and first.value_labels and first.value_labels == second.value_labels)


def _grid_axis(report: Report, tile: Tile, key: str, rows: pd.DataFrame, look: Look) -> GridAxis:
    dimension, measure = report.dimension(key), report.metric(tile.drawn[0] if tile.drawn else tile.metrics[0])
    if dimension is PERIOD:
        times = sorted(dict.fromkeys(rows[key]))
        has_years = bool(times) and times[0].year != times[-1].year
        return GridAxis(key, "Period", {as_text(at): formats.period(at, look.rollup, has_years) for at in times}, True)
    if dimension.has_order and dimension.value_labels:  # the hours of a day: all of them
        return GridAxis(key, dimension.label, dict(dimension.value_labels), True)
    sizes = rows.groupby(key, dropna=False, sort=False)[measure.name].sum().sort_values(ascending=False, kind="stable")
    values = list(map(as_text, sizes.index))
    many = MOST_BARS if len(values) > MOST_BARS + 1 else len(values)
    names: dict[str, str] = {}
    for value in values[:many]:
        label = dimension.shown(value)
        names[value] = label + SAME * list(names.values()).count(label)
    if len(values) == many:
        return GridAxis(key, dimension.label, names)
    if not measure.is_additive:
        said = f"; {many} of {len(values):,} values of {dimension.label.lower()} are drawn"
        return GridAxis(key, dimension.label, names, left_out=said)
    return GridAxis(key, dimension.label, names, rest=f"Other ({len(values) - many} values)")


def _cells(rows: pd.DataFrame, down: GridAxis, across: GridAxis) -> list[Rows]:
    """Return the rows of each cell of a grid."""
    found: dict[tuple[str, str], Rows] = {}
    for row in records(rows):
        place = down.label_of(row), across.label_of(row)
        if all(place):
            found.setdefault(place, []).append(row)
    return list(found.values())


@kept
def _grid(
    theme: Theme, measure: Metric, names: tuple[Sequence[str], Sequence[str]], titles: tuple[str, str], columns: Texts,
    height: int, *, has_order: bool, is_flow: bool,
) -> Layers:  # fmt: skip
    if is_flow:
        squares = _squares(theme, measure, names, _sides_of_flow(names, titles), columns, has_legend=False)
        return layered(height, squares, _numbers(theme, names))
    sides = _down_axis(titles[0]), _across_axis(names[1], titles[1], has_order=has_order)
    return layered(height, _squares(theme, measure, names, sides, columns, has_legend=True))


def _squares(
    theme: Theme, measure: Metric, names: tuple[Sequence[str], Sequence[str]], sides: tuple[alt.Axis, alt.Axis],
    columns: Texts, *, has_legend: bool,
) -> alt.Chart:  # fmt: skip
    tokens, (down, across) = palette(theme), names
    legend = alt.Legend(
        title=None, orient="bottom", direction="horizontal", gradientLength=120, gradientThickness=10, tickCount=2,
        offset=4, **values_legend(measure),
    )  # fmt: skip
    squares = alt.Chart().mark_rect(cornerRadius=2, stroke=tokens.background, strokeWidth=1.5, cursor="pointer")
    squared = squares.encode(
        x=alt.X("across_label:O", sort=across, scale=alt.Scale(domain=across), axis=sides[1]),
        y=alt.Y("down_label:O", sort=down, scale=alt.Scale(domain=down), axis=sides[0]),
        color=alt.Color(f"{measure.name}:Q", legend=legend if has_legend else None,
                        scale=alt.Scale(range=list(tokens.sequential), zero=True)),
        opacity=alt.Opacity("strength:Q", scale=None),
        tooltip=tooltip(columns),
    )  # fmt: skip
    return clickable(squared)


def _numbers(theme: Theme, names: tuple[Sequence[str], Sequence[str]]) -> alt.Chart:
    tokens, (down, across) = palette(theme), names
    on_strong: Any = alt.when("datum.is_strong").then(alt.value(tokens.background))
    numbers: alt.Chart = alt.Chart().mark_text(fontSize=NUMBER)
    numbers = numbers.encode(
        x=alt.X("across_label:O", sort=across),
        y=alt.Y("down_label:O", sort=down),
        text="number:N",
        color=on_strong.otherwise(alt.value(tokens.text)),
        opacity=alt.Opacity("strength:Q", scale=None),
    )
    return numbers


def _sides_of_flow(
    names: tuple[Sequence[str], Sequence[str]], titles: tuple[str, str]
) -> tuple[alt.Axis, alt.Axis]:  # fmt: skip
    """Return the axes of a grid of the same values down and across.

    Where a word of theirs has no room under a column, columns have numbers, which stand before the rows' names too.
    """
    down, across = names
    longest = max(len(word) for name in across for word in name.split())
    has_room = f"width / {len(across)} >= {LETTER * longest + 2}"
    place = f"(indexof({json.dumps([*dict.fromkeys((*down, *across))])}, datum.label) + 1)"
    return (
        _down_axis(titles[0], labelExpr=f"{has_room} ? datum.label : {place} + '\u2002' + datum.label"),
        alt.Axis(
            title=titles[1], titlePadding=4, labelExpr=f"{has_room} ? split(datum.label, ' ') : '' + {place}",
            labelFontSize=_expr(f"{has_room} ? {SMALL} : {NUMBER}"), labelAngle=0, labelOverlap=False,
            labelFlush=False, ticks=False, domain=False,
        ),
    )  # fmt: skip


def _down_axis(title: str, **own: Any) -> alt.Axis:
    return alt.Axis(
        title=title or None, ticks=False, domain=False, labelFlush=False, labelPadding=8, labelOverlap=False,
        labelLimit=170, titleAngle=0, titleAlign="right", titleX=-8, titleY=-8, **own,
    )  # fmt: skip


def _across_axis(names: Sequence[str], title: str, *, has_order: bool) -> alt.Axis:
    """Return how names stand under columns: level where they have room, else slanted; of what has an order, some."""
    plain: dict[str, Any] = {"title": title or None, "ticks": False, "domain": False, "labelFlush": False}
    if has_order or not title:
        return alt.Axis(labelAngle=0, labelOverlap="parity", **plain)
    step = f"width / {len(names)}"
    has_room = f"{step} >= {LEVEL_FROM}"
    return alt.Axis(
        labelOverlap=False,
        labelExpr=f"{has_room} ? split(datum.label, ' ') : datum.label",
        labelLimit=_expr(f"{has_room} ? {step} - 2 : 110"),
        labelAngle=_expr(f"{has_room} ? 0 : -35"),
        labelAlign=_expr(f"{has_room} ? 'center' : 'right'"),
        labelBaseline=_expr(f"{has_room} ? 'top' : 'middle'"),
        **plain,
    )


def _expr(text: str) -> Any:
    return alt.ExprRef(text)


def lines(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> Drawing:
    """Return a line for each value of the first dimension, over the values of the second one in their order."""
    measure, (down, across) = report.metric(tile.drawn[0]), grid_axes(report, tile, rows, look)
    if week.is_week(tile):
        return week.week(report, tile, rows, look, down.names, across.names)
    shown, pins = records(rows), pins_of(report, tile, rows)
    for row, pin in zip(shown, pins, strict=True):
        mark(row, pin, look)
        place = [axis.label_of(row) for axis in (down, across)]
        row |= {"line": place[0], "across_label": place[1], "label": ", ".join(place)}
    ends = reach(shown, [measure.name])
    shown = [row | ends for row in shown]
    names = [name for name in down.labels if any(row["line"] == name for row in shown)]
    shades = colours(report.dimension(down.key), list(down.names), look.theme, look.values)
    own = tuple((name, shade) for name, shade in zip(down.labels, shades, strict=False) if name in names)
    known = [row for row in shown if not formats.is_missing(row[measure.name])]
    top = max(known, key=lambda row: row[measure.name], default=None)
    said = f": highest {top['label']}, {formats.shown(top[measure.name], measure.format)}" if top else ""
    columns = texts(report, shown, f"{down.title}, {across.title.lower()}", tile.metrics)
    layers = _lines(look.theme, measure, own, across.labels, columns)
    return drawing(layers, shown, f"{measure.label}{said}", pins, look)


@kept
def _lines(
    theme: Theme, measure: Metric, own: tuple[tuple[str, str], ...], across: Sequence[str], columns: Texts
) -> Layers:
    names, shades = [name for name, _ in own], [shade for _, shade in own]
    columns_: Any = alt.ExprRef("width < 380 ? 3 : width < 640 ? 4 : 0")
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", padding=0, offset=4, columns=columns_)
    axis = alt.Axis(labelAngle=0, ticks=False, grid=False, labelOverlap="parity", labelPadding=8)
    base = alt.Chart().transform_filter(f"isValid(datum.{measure.name})").encode(
        x=alt.X("across_label:O", title=None, sort=across, scale=alt.Scale(domain=across), axis=axis),
        y=values_axis(measure),
        color=alt.Color("line:N", legend=legend, scale=alt.Scale(domain=names, range=shades)),
    )  # fmt: skip
    points = base.mark_point(filled=True, size=20, cursor="pointer").encode(
        opacity=alt.Opacity("strength:Q", scale=None), tooltip=tooltip(columns)
    )
    return layered(HEAT_HEIGHT, base.mark_line(strokeWidth=1.5), clickable(points))


def _shown(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> tuple[Rows, list[Pin]]:
    """Return what a breakdown draws, with labels, colours and texts, and the pins of its marks."""
    key, first = tile.dimensions[0], report.metric(tile.metrics[0])
    dimension = labels.dimension(report, key)
    has_order = dimension is not None and dimension.has_order
    ordered = rows if has_order else rows.sort_values(first.name, ascending=False, kind="stable")
    many = MOST_BARS if len(ordered) > MOST_BARS + 1 else len(ordered)  # one value needs no other name
    if tile.shape == "bar_and_pie" and "share" not in ordered:  # of a ring whatever the tile's columns are
        ordered = ordered.assign(share=ordered[first.name] / (ordered[first.name].sum() or math.nan))
    own, rest = ordered[:many], ordered[many:]
    shown, pins = records(own), pins_of(report, tile, own)
    called: dict[str, int] = {}
    drawn = [None if formats.is_missing(row[key]) else str(row[key]) for row in shown]
    shades = colours(dimension, drawn, look.theme, look.values)
    for row, name, shade in zip(shown, drawn, shades, strict=True):
        label = formats.label(report, key, row[key])
        called[label] = called.get(label, -1) + 1
        row["label"] = label + SAME * called[label]
        row["colour"] = shade
        row["is_value"] = name is not None
    if len(rest):
        shown.append(_other(tile, rest if first.is_additive else rest.assign(**{first.name: math.nan}), look.theme))
        pins.append(pin_of(report, tile, rest))
    for row, pin in zip(shown, pins, strict=True):
        mark(row, pin, look)
        share = [formats.shown(row["share"], "rate")] if "share" in row else []
        row["size"] = 0.0 if formats.is_missing(row[first.name]) else float(row[first.name])
        row["number"] = "\u2002\u2002".join([formats.shown(row[first.name], first.format), *share])
    return shown, pins


def _other(tile: Tile, rest: pd.DataFrame, theme: Theme) -> dict[str, Any]:
    """Return the row that stands for the rest; only what adds up is known of it."""
    first = tile.metrics[0]
    before = f"{first}_before"
    sums = {name: rest[name].sum(min_count=1) for name in (first, "share", before) if name in rest}
    values = "1 value" if len(rest) == 1 else f"{len(rest)} values"
    return sums | {"label": f"Other ({values})", "colour": palette(theme).other, "is_value": False, "is_other": True}


def _texts(report: Report, tile: Tile, shown: Rows) -> Texts:
    """Append the texts of the tooltips to the rows, and return them: label, values, share, what it was before."""
    first = tile.metrics[0]
    names = (*tile.metrics, "share", f"{first}_before", f"{first}_change_rate")
    return texts(report, shown, labels.column_label(report, tile.dimensions[0]), names)


def _message(report: Report, tile: Tile, shown: Rows) -> str:
    """Return what the chart says, in numbers."""
    named = [f"{row['label']} {row['number']}" for row in shown]
    metric = report.metric(tile.metrics[0])
    by = labels.column_label(report, tile.dimensions[0])
    return f"{metric.label} by {by[:1].lower()}{by[1:]}: {'; '.join(named[:6])}"
