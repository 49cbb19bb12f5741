"""The charts over time: one band per period, so that bars are wide, gaps are seen and incomplete periods stand out."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import altair as alt
import pandas as pd

from workbench.ask.selection import pin_of
from workbench.drawing import formats, gaps
from workbench.drawing.colours import Theme, colours, palette
from workbench.drawing.marks import (
    BOTTOM,
    FIRST,
    SAME,
    TOP,
    Drawing,
    Layers,
    Look,
    Rows,
    Texts,
    clickable,
    drawing,
    hatched,
    in_order,
    kept,
    layered,
    lit,
    mark,
    reach,
    records,
    texts,
    tooltip,
    values_axis,
)
from workbench.reports import PERIOD, Dimension, Metric, Report, Tile

HEIGHT = 326  # pixels, with legend and axis; the plot has 240 or more
ENDS: dict[str, Any] = {"cornerRadiusTopLeft": 2, "cornerRadiusTopRight": 2}
MOST_POINTS = 62  # of a line
FLAT = 5  # times as far as the line reaches its band from where on a square root keeps the line from being flat
ROOT = "square-root scale"
IS_NARROW = "width < 640"  # then legends have columns, and what is said of a chart a line below them
SAID, SWATCH, LETTER = 18, 16, 6.2  # pixels of that line, of a sample of the hatching, and about of a letter
ENTRY = 18  # pixels of a line of a legend
NAMED = {True: (125, 100), False: (230, 205)}  # pixels of a value's name in a legend, narrow or not: all, and letters
MOST_VALUES = 8  # of a dimension, in a chart of values over time
MOST_TOLD = 30  # values of which a tooltip has the numbers; a longer one would leave the screen
TOTAL, NOTE = "Total", "Note"
BAR = 9.0  # pixels by which a legend shows what is an area
INCOMPLETE = "Incomplete: the range or the loaded files cut this period"
NOT_LOADED = "Not loaded"
GROWING = "Still maturing: orders that are not loaded yet may follow"
GROWING_OPACITY, GROWING_DASH = 0.35, [4, 3]


def measured(report: Report, tile: Tile) -> tuple[Metric, ...]:
    """Return the metrics that a chart over time draws: those of the first one's unit; for a line those it declares."""
    metrics = [report.metric(name) for name in tile.drawn or tile.metrics]
    if tile.shape in ("bars_over_time", "lines_over_time"):
        return tuple(metric for metric in metrics if metric.format == metrics[0].format)
    return ()


def over_time(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> Drawing:
    """Return metrics period by period and what the first is compared with.

    The first is drawn as bars and others as lines; or the first as a line, with a band that reaches up to the second.
    """
    metrics = measured(report, tile)
    first, before = metrics[0], f"{metrics[0].name}_before"
    shown = _periods(records(rows), look)
    pins = [pin_of(report, tile, {PERIOD.key: [row["period"]]}) for row in shown]
    is_compared = not all(formats.is_missing(row.get(before)) for row in shown)
    lines = [first.name, *([before] if is_compared else [])]
    ends = reach(shown, [metric.name for metric in metrics] + lines[1:])
    for row, pin in zip(shown, pins, strict=True):
        mark(row, pin, look)
        row |= ends
    title = formats.ROLLUP_LABELS[look.rollup]
    columns = texts(report, shown, title, (*tile.metrics, before, f"{first.name}_change_rate"))
    if any(row["note"] for row in shown):
        columns = (*columns, ("note", NOTE))
    has_bars = tile.shape == "bars_over_time"
    is_flat = not has_bars and ends["most"] > FLAT * reach(shown, lines)["most"] > 0
    layers = _series(
        look.theme, look.rollup, metrics, columns, has_bars=has_bars, compared=look.compared if is_compared else "",
        has_points=len(shown) <= MOST_POINTS, has_gaps=not all(row["is_loaded"] for row in shown),
        has_cut=any(row["is_incomplete"] for row in shown), is_root=is_flat,
    )  # fmt: skip
    return drawing(layers, shown, _message(first, shown), pins, look)


@kept
def _series(
    theme: Theme, rollup: str, metrics: tuple[Metric, ...], columns: Texts, *, has_bars: bool, compared: str,
    has_points: bool, has_gaps: bool, has_cut: bool, is_root: bool,
) -> Layers:  # fmt: skip
    """Return bars of the first metric with lines of the others, or its line with a band, and the dashed line before.

    Points are marked while they can be told apart; a line over one period would not be seen at all.
    """
    tokens, first = palette(theme), metrics[0]
    shades = (tokens.primary, *(tokens.categories[1:] if has_bars else tokens.sequential[1:]))
    widths = (BAR, 2.0) if has_bars else (2.4, BAR)
    series = {metric.label: (shades[n], [1, 0], widths[min(n, 1)]) for n, metric in enumerate(metrics)}
    if compared and len(metrics) > 1:
        compared = f"{first.label}, {compared[:1].lower()}{compared[1:]}"
    if compared:
        series[compared] = (tokens.line, [5, 4], 1.5)
    base = alt.Chart().encode(x=_periods_axis(rollup))
    strokes = _strokes(series, has_line=is_root or has_cut)
    named = {name: base.transform_calculate(series=json.dumps(name)).encode(**strokes) for name in series}
    color = strokes["color"]
    areas = {name: base.transform_calculate(series=json.dumps(name)).encode(color=color) for name in series}
    layers = gaps.space(theme) if has_gaps else []
    point = alt.OverlayMarkDef(size=26) if has_points else False
    if has_bars:
        layers += _bars(areas[first.label], base, values_axis(first), theme)
        layers += [named[metric.label].mark_line(point=point).encode(y=values_axis(metric)) for metric in metrics[1:]]
    else:
        axis = values_axis(first, is_root=is_root)
        layers += [gaps.hatching(gaps.CUT, tokens.primary)] if has_cut else []
        layers += [
            areas[metric.label].mark_area(line={"color": tokens.sequential[4], "strokeWidth": 1}).encode(
                y=values_axis(metric, is_root=is_root), y2=alt.Y2(first.name)
            )
            for metric in metrics[1:2]
        ]  # fmt: skip
        layers.append(named[first.label].mark_line(point=point).encode(y=axis))
    if compared:
        layers.append(named[compared].mark_line().encode(y=values_axis(first, f"{first.name}_before", is_root=is_root)))
    layers += _said(ROOT if is_root else "", rollup if has_cut else "", theme)
    return layered(HEIGHT, *layers, _band(base.encode(tooltip=tooltip(columns)), theme))


def _strokes(series: Mapping[str, tuple[str, list[int], float]], *, has_line: bool = False) -> dict[str, Any]:
    """Return the channels by which series differ, so that the one legend of all shows each as it is drawn."""
    names, (shades, dashes, widths) = list(series), zip(*series.values(), strict=True)
    of = partial(alt.Scale, domain=names)
    columns: Any = alt.ExprRef(f"width < 380 ? 1 : {IS_NARROW} ? 2 : 0")
    legend = _legend(columns, symbolType="stroke", below=IS_NARROW if has_line else "false")
    return {
        "color": alt.Color("series:N", scale=of(range=list(shades)), legend=legend),
        "strokeDash": alt.StrokeDash("series:N", scale=of(range=list(dashes)), legend=legend),
        "strokeWidth": alt.StrokeWidth("series:O", scale=of(range=list(widths), type="ordinal"), legend=legend),
    }


def _said(scale: str, cut: str, theme: Theme) -> list[alt.Chart]:
    """Return above the plot at the right what must be known of it: its scale, and what a hatched period of a rollup is.

    Each is left out where it is empty.
    """
    grey, once = palette(theme).missing, alt.Chart().transform_filter(FIRST)
    words = f"incomplete {formats.ROLLUP_LABELS[cut].lower()}" if cut else ""
    room = SWATCH + 6 + LETTER * len(words) if words else 0
    said = []
    if words:
        start, end = (alt.ExprRef(f"width - {room - wide}") for wide in (0, SWATCH))
        sample = once.mark_rect(fill=hatched(palette(theme).primary, theme), opacity=0.5, aria=False)
        said.append(sample.encode(x=alt.value(start), x2=alt.value(end), y=alt.value(-17), y2=alt.value(-7)))
        text = once.mark_text(text=words, align="left", fontSize=12, color=grey)
        said.append(text.encode(x=alt.value(alt.ExprRef(f"width - {room - SWATCH - 6}")), y=alt.value(-12)))
    if scale:
        text = once.mark_text(text=scale, align="right", fontSize=12, color=grey)
        said.append(text.encode(x=alt.value(alt.ExprRef(f"width - {room + 14 if room else 0}")), y=alt.value(-12)))
    return said


def values(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> Drawing:
    """Return the values of a tile's second dimension as bars per period, on top of each other or side by side."""
    first, dimension = report.metric(tile.metrics[0]), report.dimension(tile.dimensions[1])
    named, own, totals = _named(dimension, first, rows, look)
    periods = _periods([{"period": period} for period in dict.fromkeys(rows["period"])], look)
    marks: dict[datetime, Rows] = {}
    pins, order = [], {name: n for n, name in enumerate(own)}
    for (period, name), group in named.items():
        size = sum(row[first.name] for row in group if not formats.is_missing(row[first.name]))
        marks.setdefault(period, []).append({"value": name, first.name: size, "order": order[name]})
        pins.append(pin_of(report, tile, {key: [row[key] for row in group] for key in tile.dimensions}))
        mark(marks[period][-1], pins[-1], look)
    is_stacked = tile.shape == "stacked_over_time"
    title = formats.ROLLUP_LABELS[look.rollup]
    columns = _tell(periods, dimension, first, rows, [*totals], title, has_total=is_stacked)
    shown = [
        row | drawn | {"is_first": not n} for row in periods for n, drawn in enumerate(marks.get(row["period"], [{}]))
    ]
    stacks = [{first.name: sum(row[first.name] for row in group)} for group in marks.values()]
    ends = reach(stacks if is_stacked else shown, [first.name])
    shown = [row | ends for row in shown]
    said = ", ".join(f"{name} {formats.shown(total, first.format)}" for name, total in list(totals.items())[:6])
    layers = _groups(
        look.theme, look.rollup, first, columns, tuple(own.items()), is_stacked=is_stacked,
        has_gaps=not all(row["is_loaded"] for row in shown), has_cut=any(row["is_incomplete"] for row in shown),
    )  # fmt: skip
    return drawing(layers, shown, f"{first.label} over time, in all: {said}", pins, look)


def _tell(
    periods: Rows, dimension: Dimension, first: Metric, rows: pd.DataFrame, names: Sequence[str], title: str, *,
    has_total: bool,
) -> Texts:  # fmt: skip
    """Append to each period the numbers of all values in it, and return the columns of its tooltip.

    Of one named as a column of the tooltip itself, the two are told apart by a letter that nobody sees.
    """
    told = list(names) if len(names) <= MOST_TOLD else [*names[: MOST_TOLD - 1], _other(len(names) - MOST_TOLD + 1)]
    places = {name: min(n, len(told) - 1) for n, name in enumerate(names)}
    numbers: dict[tuple[datetime, int], float] = {}
    for row in records(rows):
        if not formats.is_missing(row[first.name]):
            place = row["period"], places[_shown(dimension, row[dimension.key])]
            numbers[place] = numbers.get(place, 0) + row[first.name]
    for row in periods:
        here = [numbers.get((row["period"], place)) for place in range(len(told))]
        row |= {f"told_{place}": formats.shown(number, first.format) for place, number in enumerate(here)}
        whole = sum(number for number in here if number is not None) if row["is_loaded"] else None
        row["total"] = formats.shown(whole, first.format)
    taken = (title, TOTAL, NOTE)
    columns = [(f"told_{n}", f"{name}{SAME}" if name in taken else name) for n, name in enumerate(told)]
    ends = [("total", TOTAL)] if has_total else []
    ends += [("note", NOTE)] if any(row["note"] for row in periods) else []
    return ("label", title), *columns, *ends


def _shown(dimension: Dimension, value: Any) -> str:
    return dimension.shown(None if formats.is_missing(value) else value)


def _other(values: int) -> str:
    return f"Other ({values} values)"


@kept
def _groups(
    theme: Theme, rollup: str, first: Metric, columns: Texts, own: tuple[tuple[str, str], ...], *, is_stacked: bool,
    has_gaps: bool, has_cut: bool,
) -> Layers:  # fmt: skip
    """Return bars of a metric for each value and period, each value with its own colour; those that grow dashed."""
    base = alt.Chart().encode(x=_periods_axis(rollup))
    names, shades = [name for name, _ in own], [shade for _, shade in own]
    wide, letters = (f"({IS_NARROW} ? {NAMED[True][n]} : {NAMED[False][n]})" for n in (0, 1))
    across, most = (alt.ExprRef(text) for text in (f"max(1, floor(width / {wide}))", letters))
    legend = _legend(across, label=most, below="true" if has_cut else "false")
    scale, grows = alt.Scale(domain=names, range=shades), "datum.is_growing"
    drawn = base.transform_filter("isValid(datum.value)").mark_bar(cursor="pointer").encode(
        y=values_axis(first).stack("zero" if is_stacked else None),
        color=alt.Color("value:N", legend=legend, scale=scale),
        stroke=alt.Stroke("value:N", legend=legend, scale=scale),
        fillOpacity=alt.when(grows).then(alt.value(GROWING_OPACITY)).otherwise(alt.value(1)),
        strokeWidth=alt.when(grows).then(alt.value(1)).otherwise(alt.value(0)),
        strokeDash=alt.when(grows).then(alt.value(GROWING_DASH)).otherwise(alt.value([1, 0])),
        order=alt.Order("order:Q"),
        opacity=alt.Opacity("strength:Q", scale=None),
        tooltip=tooltip(columns),
    )  # fmt: skip
    if not is_stacked:
        drawn = drawn.encode(xOffset=alt.XOffset("value:N", sort=names))
    # Behind the bars, so that the whole period has the tooltip and a click still picks a bar.
    once = base.transform_filter("datum.is_first")
    band = once.mark_bar(opacity=0).encode(y=TOP, y2=BOTTOM, tooltip=tooltip(columns, is_heard=False))
    under = gaps.space(theme) if has_gaps else []
    under += [gaps.hatching(gaps.CUT, palette(theme).primary, "datum.is_first")] if has_cut else []
    return layered(HEIGHT, *under, band, clickable(drawn), *_said("", rollup if has_cut else "", theme))


def _named(
    dimension: Dimension, first: Metric, rows: pd.DataFrame, look: Look
) -> tuple[dict[tuple[datetime, str], Rows], dict[str, str], dict[str, float]]:
    """Return the rows by period and name, the small values as one, each name's colour, and its total."""
    totals = rows.groupby(dimension.key, dropna=False, sort=False)[first.name].sum()
    totals = totals.sort_values(ascending=False, kind="stable")
    names = [None if formats.is_missing(value) else value for value in totals.index]
    drawn = names if len(names) == MOST_VALUES + 1 else names[:MOST_VALUES]  # one needs no other name
    shades = colours(dimension, [None if name is None else str(name) for name in drawn], look.theme, look.values)
    own = dict(zip(map(dimension.shown, drawn), shades, strict=True))
    small = _other(len(names) - len(own))
    if len(names) > len(own):
        own[small] = palette(look.theme).other
    named: dict[tuple[datetime, str], Rows] = {}
    for row in records(rows):
        name = _shown(dimension, row[dimension.key])
        named.setdefault((row["period"], name if name in own else small), []).append(row)
    return named, own, dict(zip(map(dimension.shown, names), totals, strict=True))


def _bars(named: alt.Chart, base: alt.Chart, axis: alt.Y, theme: Theme) -> list[alt.Chart]:
    """Return the bars of whole periods, hatched ones of periods that are cut, and dashed ones that still grow."""
    primary = palette(theme).primary
    strength, stripes = alt.Opacity("strength:Q", scale=None), hatched(primary, theme)
    whole = named.transform_filter("!datum.is_incomplete && !datum.is_growing").mark_bar(**ENDS)
    cut = base.transform_filter("datum.is_incomplete").mark_bar(fill=stripes, stroke=primary, **ENDS)
    growing = base.transform_filter("!datum.is_incomplete && datum.is_growing").mark_bar(
        fill=primary, fillOpacity=GROWING_OPACITY, stroke=primary, strokeDash=GROWING_DASH, **ENDS
    )
    return [bar.encode(y=axis, opacity=strength) for bar in (whole, cut, growing)]


def _band(base: alt.Chart, theme: Theme) -> alt.Chart:
    """Return the band of each period, by which the whole of it has the tooltip, lights up and can be clicked."""
    return clickable(lit(base.mark_bar(cursor="pointer", strokeWidth=1).encode(y=TOP, y2=BOTTOM), theme))


def _legend(columns: Any, label: Any = 260, symbolType: Any = "square", below: str = "false") -> alt.Legend:
    """Return the legend above a chart: in so many columns, 0 for one row, its labels at most so many pixels long.

    It leaves a line free `below` itself where that is true.
    """
    offset: Any = alt.ExprRef(f"{below} ? {SAID + 4} : 4")
    return alt.Legend(
        orient="top", title=None, symbolType=symbolType, symbolSize=90 if symbolType == "square" else 300,
        offset=offset, padding=0, rowPadding=0, clipHeight=ENTRY, columns=columns, labelLimit=label,
    )  # fmt: skip


def _periods_axis(rollup: str) -> alt.X:
    """Return the band scale. Its order is said, as a layer of some periods would put those first."""
    text = "replace(datum.label, 'Week of ', '')" if rollup == "week" else "datum.label"
    axis = alt.Axis(labelAngle=0, labelOverlap="parity", labelExpr=text, ticks=False, grid=False, labelPadding=8)
    return alt.X(
        "label:N", title=None, axis=axis, scale=in_order("label", paddingInner=gaps.INNER, paddingOuter=gaps.OUTER)
    )


def _periods(loaded: Rows, look: Look) -> Rows:
    """Return every period of the range in order, loaded or not, with its label and notes."""
    known = {row["period"] for row in loaded}
    found = gaps.periods(look.gaps, look.rollup, look.week_start, look.within)
    missing = [at for at in dict.fromkeys(found) if at not in known]
    shown = [row | {"is_loaded": True} for row in loaded]
    shown += [{"period": at, "is_loaded": False} for at in missing]
    shown.sort(key=lambda row: row["period"])
    cut = set(look.incomplete)
    has_years = len(shown) > 0 and shown[0]["period"].year != shown[-1]["period"].year
    for row in shown:
        at = row["period"]
        is_cut, is_growing = at in cut, look.growing_from is not None and at >= look.growing_from
        note = NOT_LOADED if not row["is_loaded"] else INCOMPLETE if is_cut else GROWING if is_growing else ""
        label = formats.period(at, look.rollup, has_years)
        row |= {"label": label, "is_incomplete": is_cut, "is_growing": is_growing, "note": note}
    gaps.place(shown, gaps.GAP, [not row["is_loaded"] for row in shown])
    gaps.place(shown, gaps.CUT, [row["is_incomplete"] for row in shown])
    return shown


def _message(metric: Metric, shown: Rows) -> str:
    """Return what the chart says, in numbers."""
    known = [row for row in shown if not formats.is_missing(row.get(metric.name))]
    if not known:
        return f"{metric.label} over time: nothing is loaded"
    low, high = (find(known, key=lambda row: row[metric.name]) for find in (min, max))
    lowest, highest = (formats.shown(row[metric.name], metric.format) for row in (low, high))
    return (
        f"{metric.label} from {known[0]['label']} to {known[-1]['label']}:"
        f" highest {highest} ({high['label']}), lowest {lowest} ({low['label']})"
    )
