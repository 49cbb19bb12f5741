"""The charts over time: one band per period, so that bars are wide, gaps are seen and incomplete periods stand out."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import altair as alt
import pandas as pd

from workbench.ask import targets
from workbench.ask.selection import Days, pin_of
from workbench.drawing import formats, gaps
from workbench.drawing.colours import Theme, colours, palette
from workbench.drawing.marks import (
    BOTTOM,
    DRAG,
    FIRST,
    HINT,
    REST,
    SAME,
    TOP,
    Drawing,
    Layers,
    Look,
    Rows,
    Texts,
    clickable,
    draggable,
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
    twice_clickable,
    values_axis,
)
from workbench.reports import PERIOD, Dimension, Metric, Report, Tile

HEIGHT = 292  # pixels, with legend and axis; the plot has 240 or more
ENDS: dict[str, Any] = {"cornerRadiusTopLeft": 2, "cornerRadiusTopRight": 2}
MOST_POINTS = 62  # of a line
FLAT = 5  # times as far as the line reaches its band from where on a square root keeps the line from being flat
ROOT = "square-root scale"
SAID, SWATCH, LETTER = 18, 16, 6.2  # pixels of what is said above, of a sample of the hatching, about of a letter
ENTRY, APART = 18, 10  # pixels of a line of a legend, and between two columns
NAMED, SAMPLE = 230, 26  # pixels of a name in a legend at the most, and of the sample before it
MOST_VALUES = 8  # of a dimension, in a chart of values over time
MOST_TOLD = 30  # values of which a tooltip has the numbers; a longer one would leave the screen
TOTAL, NOTE = "Total", "Note"
LENGTHS = {  # of periods, but for a day's
    "half_hour": pd.DateOffset(minutes=30), "hour": pd.DateOffset(hours=1), "week": pd.DateOffset(days=7),
    "month": pd.DateOffset(months=1), "quarter": pd.DateOffset(months=3),
}  # fmt: skip
TARGET, TARGET_LABEL = "target", "Target"  # the column of a chart's rows, and what its line is called
_UNITS = {"week": "weeks", "month": "months", "quarter": "quarters"}  # that are dragged over, else whole days
NOTHING_THERE = "Nothing to filter to"
_DRAGGED = "Drag over {} to look closer, double-click to go back"
BARS = "bars_over_time"
INSET = 0.12  # of a bar, at either side of what it is compared with
BAR = 9.0  # pixels by which a legend shows what is an area
INCOMPLETE = "Incomplete: the range or the loaded files cut this period"
NOT_LOADED = "Not loaded"
GROWING = "Still maturing: what is not loaded yet may follow"
FILLING = "Still filling: contacts of the days before, which are not loaded, may be open"
GROWING_OPACITY, GROWING_DASH = 0.35, [4, 3]
HATCHED, DASHED = "hatched", "dashed"
BETWEEN = 14  # pixels between two things that are said above a plot
Signs = tuple[tuple[str, str], ...]  # which of the two periods have, and what that means


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
    for row in shown:
        row[TARGET] = targets.at(look.held, row["period"])
    has_target = any(row[TARGET] is not None for row in shown)
    lines = [first.name, *([before] if is_compared else []), *([TARGET] if has_target else [])]
    ends = reach(shown, [metric.name for metric in metrics] + lines[1:])
    counted = report.metric(tile.metrics[0])
    for row, pin in zip(shown, pins, strict=True):
        mark(row, pin, look)
        row |= ends
        if _is_empty(row, counted):
            row[HINT] = NOTHING_THERE
    title = formats.ROLLUP_LABELS[look.rollup]
    columns = texts(report, shown, title, (*tile.metrics, before, f"{first.name}_change_rate"))
    if any(row["note"] for row in shown):
        columns = (*columns, ("note", NOTE))
    layers = _series(
        look.theme, look.rollup, metrics, columns, has_bars=tile.shape == BARS,
        compared=_compared(look, shown, metrics) if is_compared else "",
        has_points=len(shown) <= MOST_POINTS, has_gaps=not all(row["is_loaded"] for row in shown),
        signs=_signs(shown, look.rollup), is_root=_is_flat(tile, metrics, ends, reach(shown, lines)),
        has_band=_has_band(tile, metrics),
        has_target=has_target, has_notes=any(row["noted"] for row in shown),
    )  # fmt: skip
    heard = [pin for row, pin in zip(shown, pins, strict=True) if not _is_empty(row, counted) or pin == look.pinned]
    return drawing(layers, shown, _message(first, shown), heard, look)


def _compared(look: Look, shown: Rows, metrics: Sequence[Metric]) -> str:
    """Return what the first metric is compared with; among several, whose names are long, without the last year."""
    return look.compared if len(metrics) == 1 else look.compared.removesuffix(f" {shown[-1]['period'].year}")


def _has_band(tile: Tile, metrics: Sequence[Metric]) -> bool:
    return tile.shape != BARS and len(tile.drawn) > 1 and metrics[0].each == metrics[1].each


def _is_flat(
    tile: Tile, metrics: Sequence[Metric], ends: Mapping[str, float], of_lines: Mapping[str, float]
) -> bool:  # fmt: skip
    """Tell whether a band would flatten the line under it, so that square roots are drawn."""
    return _has_band(tile, metrics) and ends["most"] > FLAT * of_lines["most"] > 0


def _is_empty(row: dict[str, Any], counted: Metric) -> bool:
    """Tell whether a period has no rows to filter to; a page without any would end a double click on it."""
    return counted.format == "count" and not (row.get(counted.name) or 0) > 0


@kept
def _series(
    theme: Theme, rollup: str, metrics: tuple[Metric, ...], columns: Texts, *, has_bars: bool, compared: str,
    has_points: bool, has_gaps: bool, signs: Signs, is_root: bool, has_band: bool, has_target: bool, has_notes: bool,
) -> Layers:  # fmt: skip
    """Return bars of the first metric with lines of the others, or its line with a band, and the dashed line before.

    Points are marked while they can be told apart; a line over one period would not be seen at all.
    """
    tokens, first = palette(theme), metrics[0]
    shades = (tokens.primary, *(tokens.sequential[1:] if has_band else tokens.categories[1:]))
    widths = (BAR, 2.0) if has_bars else (2.4, BAR if has_band else 2.0)
    series = {metric.label: (shades[n], [1, 0], widths[min(n, 1)]) for n, metric in enumerate(metrics)}
    if compared and len(metrics) > 1:
        compared = f"{first.label}, {compared[:1].lower()}{compared[1:]}"
    if compared:
        series[compared] = (tokens.line, [5, 4], 1.5)
    if has_target:
        series[TARGET_LABEL] = (tokens.text, [2, 3], 1.5)
    base = alt.Chart().encode(x=_periods_axis(rollup))
    looks = strokes(series, _room(ROOT if is_root else "", signs))
    named = {name: base.transform_calculate(series=json.dumps(name)).encode(**looks) for name in series}
    color = looks["color"]
    areas = {name: base.transform_calculate(series=json.dumps(name)).encode(color=color) for name in series}
    layers = gaps.space(theme) if has_gaps else []
    point = alt.OverlayMarkDef(size=26) if has_points else False
    axis_before = values_axis(first, f"{first.name}_before", is_root=is_root)
    if has_bars:
        layers += _bars(areas[first.label], base, values_axis(first), theme)
        layers += _across_bars(base, named[compared], axis_before, rollup, theme) if compared else []
        for metric in metrics[1:]:  # on a ground that tells it from the bars, whatever their colours are
            ground, axis = base.mark_line(color=tokens.background, strokeWidth=5), values_axis(metric)
            layers += [ground.encode(y=axis), named[metric.label].mark_line(point=point).encode(y=axis)]
    else:
        axis = values_axis(first, is_root=is_root)
        layers += [gaps.hatching(gaps.CUT, tokens.primary)] if _is_hatched(signs) else []
        layers += [
            areas[metric.label].mark_area(line={"color": tokens.sequential[4], "strokeWidth": 1}).encode(
                y=values_axis(metric, is_root=is_root), y2=alt.Y2(first.name)
            )
            for metric in metrics[1:2]
            if has_band
        ]  # fmt: skip
        others = () if has_band else metrics[1:]
        layers += [named[metric.label].mark_line(point=point).encode(y=values_axis(metric)) for metric in others]
        layers.append(named[first.label].mark_line(point=point).encode(y=axis))
    if compared and not has_bars:
        layers.append(named[compared].mark_line().encode(y=axis_before))
    if has_target:  # steps between the periods where another one holds
        line = named[TARGET_LABEL].transform_filter(f"isValid(datum.{TARGET})").mark_line(interpolate="step")
        layers.append(line.encode(y=values_axis(first, TARGET, is_root=is_root)))
    layers += _noted(base, theme) if has_notes else []
    layers += _said(ROOT if is_root else "", signs, list(series), theme)
    band = _band(base.encode(tooltip=tooltip(columns, HINT, DRAG)), theme)
    return layered(HEIGHT, *layers, draggable(base, theme), band)


def _noted(base: alt.Chart, theme: Theme) -> list[alt.Chart]:
    """Return what stands on days with notes: a thin bar along the top of the plot, and the first day's words."""
    tokens = palette(theme)
    noted = base.transform_filter("datum.noted && datum.is_first !== false")
    bars = noted.mark_bar(height=3, color=tokens.missing).encode(y=alt.value(0), y2=alt.value(3))
    words = noted.transform_filter("datum.note_words").mark_text(
        align="left", baseline="top", fontSize=11, color=tokens.missing, limit=140, dx=-6, dy=6
    )
    return [bars, words.encode(y=alt.value(0), text=alt.Text("note_words:N"))]


def strokes(series: Mapping[str, tuple[str, list[int], float]], room: float = 0) -> dict[str, Any]:
    """Return the channels by which series differ, so that the one legend of all shows each as it is drawn.

    What is said above the plot at the right takes so much `room`.
    """
    names, (shades, dashes, widths) = list(series), zip(*series.values(), strict=True)
    of = partial(alt.Scale, domain=names)
    # Of bars alone Vega draws no stroke.
    legend = names_legend(names, room, symbolType="square" if set(widths) == {BAR} else "stroke")
    return {
        "color": alt.Color("series:N", scale=of(range=list(shades)), legend=legend),
        "strokeDash": alt.StrokeDash("series:N", scale=of(range=list(dashes)), legend=legend),
        "strokeWidth": alt.StrokeWidth("series:O", scale=of(range=list(widths), type="ordinal"), legend=legend),
    }


def _signs(shown: Rows, rollup: str) -> Signs:
    """Return what periods that are drawn otherwise are, by whether they are hatched or dashed."""
    incomplete = f"incomplete {formats.ROLLUP_LABELS[rollup].lower()}"
    kinds = {
        HATCHED: (("is_incomplete", incomplete), ("is_filling", "still filling")),
        DASHED: (("is_growing", "still maturing"),),
    }
    said = {sign: [words for key, words in of if any(row[key] for row in shown)] for sign, of in kinds.items()}
    return tuple((sign, " or ".join(words)) for sign, words in said.items() if words)


def _is_hatched(signs: Signs) -> bool:
    return HATCHED in dict(signs)


def _said(scale: str, signs: Signs, names: Sequence[str], theme: Theme) -> list[alt.Chart]:
    """Return above the plot at the right what must be known of it: its scale, and what its signs mean.

    Each is left out where it is empty. They stand beside the first line of the legend of some names, or below it.
    """
    grey, once = palette(theme).missing, alt.Chart().transform_filter(FIRST)
    lift = f"max(0, {_lift(names, _room(scale, signs))})"
    top, middle, bottom = (alt.value(_expression(f"{y} - {lift}")) for y in (-17, -12, -7))
    looks = {HATCHED: {"fill": hatched(palette(theme).primary, theme), "opacity": 0.5}, DASHED: _maturing(theme)}
    said = []
    for n, (sign, words) in enumerate(signs):
        left = _room("", signs[n:])
        start, end, after = (alt.value(_expression(f"width - {left - wide}")) for wide in (0, SWATCH, SWATCH + 6))
        sample = once.mark_rect(aria=False, **looks[sign])
        said.append(sample.encode(x=start, x2=end, y=top, y2=bottom))
        said.append(once.mark_text(text=words, align="left", fontSize=12, color=grey).encode(x=after, y=middle))
    if scale:
        room = _room("", signs)
        text = once.mark_text(text=scale, align="right", fontSize=12, color=grey)
        said.append(text.encode(x=alt.value(_expression(f"width - {room + BETWEEN if room else 0}")), y=middle))
    return said


def _maturing(theme: Theme) -> dict[str, Any]:
    """Return how a bar looks that still grows."""
    primary = palette(theme).primary
    return {"fill": primary, "fillOpacity": GROWING_OPACITY, "stroke": primary, "strokeDash": GROWING_DASH}


def _room(scale: str, signs: Signs) -> float:
    """Return about how many pixels that takes."""
    parts = [SWATCH + 6 + LETTER * len(words) for _, words in signs] + ([LETTER * len(scale)] if scale else [])
    return sum(parts) + BETWEEN * max(0, len(parts) - 1)


def values(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> Drawing:
    """Return the values of a tile's second dimension per period: bars on top of each other or side by side, or lines.

    Where the metric does not add up there is neither a total nor a bar of all small values.
    """
    first, dimension = report.metric(tile.metrics[0]), report.dimension(tile.dimensions[1])
    named, own, totals = _named(dimension, first, rows, look)
    periods = _periods([{"period": period} for period in dict.fromkeys(rows["period"])], look)
    marks: dict[datetime, Rows] = {}
    pins, order = [], {name: n for n, name in enumerate(own)}
    for (period, name), group in named.items():
        known = [row[first.name] for row in group if not formats.is_missing(row[first.name])]
        size = sum(known) if known or first.is_additive else None
        marks.setdefault(period, []).append({"value": name, first.name: size, "order": order[name]})
        pins.append(pin_of(report, tile, {key: [row[key] for row in group] for key in tile.dimensions}))
        mark(marks[period][-1], pins[-1], look)
    is_stacked, has_lines = tile.shape == "stacked_over_time", tile.shape == "values_over_time"
    title = formats.ROLLUP_LABELS[look.rollup]
    columns = _tell(periods, dimension, first, rows, [*totals], title, has_total=is_stacked)
    shown = [
        row | drawn | {"is_first": not n} for row in periods for n, drawn in enumerate(marks.get(row["period"], [{}]))
    ]
    stacks = [{first.name: sum(row[first.name] for row in group)} for group in marks.values() if is_stacked]
    ends = reach(stacks or shown, [first.name])
    shown = [row | ends for row in shown]
    said = ", ".join(f"{name} {formats.shown(total, first.format)}" for name, total in list(totals.items())[:6])
    said = f", in all: {said}" if first.is_additive else f" by {dimension.label.lower()}: {', '.join(list(own)[:6])}"
    layers = _groups(
        look.theme, look.rollup, first, columns, tuple(own.items()), is_stacked=is_stacked, has_lines=has_lines,
        has_gaps=not all(row["is_loaded"] for row in shown), signs=_signs(shown, look.rollup),
        has_notes=any(row["noted"] for row in shown), left_out=_left_out(dimension, first, rows),
    )  # fmt: skip
    return drawing(layers, shown, f"{first.label} over time{said}", pins, look)


def _left_out(dimension: Dimension, first: Metric, rows: pd.DataFrame) -> str:
    """Return how many values are drawn, empty where none is left out: of what does not add up there is no rest."""
    many = rows[dimension.key].nunique(dropna=False)
    return "" if first.is_additive or many <= MOST_VALUES + 1 else f"{MOST_VALUES} of {many:,} values"


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
    has_lines: bool, has_gaps: bool, signs: Signs, has_notes: bool, left_out: str,
) -> Layers:  # fmt: skip
    """Return bars of a metric for each value and period, each value with its own colour, or a line of points for each.

    Bars that still grow are dashed.
    """
    base = alt.Chart().encode(x=_periods_axis(rollup))
    names, shades = [name for name, _ in own], [shade for _, shade in own]
    legend = names_legend(names, _room(left_out, signs))
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
        tooltip=tooltip(columns, HINT, DRAG),
    )  # fmt: skip
    lines: list[alt.Chart] = []
    if has_lines:
        told = base.transform_filter("isValid(datum.value)").encode(
            y=values_axis(first), color=alt.Color("value:N", legend=legend, scale=scale)
        )
        lines = [told.mark_line(strokeWidth=2)]
        # Points of their own hear clicks: those of a line would answer for another row.
        drawn = told.mark_point(filled=True, size=44, cursor="pointer").encode(
            opacity=alt.Opacity("strength:Q", scale=None), tooltip=tooltip(columns, HINT, DRAG)
        )
    elif not is_stacked:
        # Apart from the next period's, also where the first or the last of a period is not there.
        drawn = drawn.encode(xOffset=alt.XOffset("value:N", sort=names, scale=alt.Scale(paddingOuter=0.25)))
    # Behind the bars, so that the whole period has the tooltip and a click still picks a bar.
    once = base.transform_filter("datum.is_first")
    band = once.mark_bar(opacity=0).encode(y=TOP, y2=BOTTOM, tooltip=tooltip(columns, DRAG))
    band = twice_clickable(band, REST)
    under = gaps.space(theme) if has_gaps else []
    under += [gaps.hatching(gaps.CUT, palette(theme).primary, "datum.is_first")] if _is_hatched(signs) else []
    under += _noted(base, theme) if has_notes else []
    above = [*lines, clickable(drawn, is_timed=True), *_said(left_out, signs, names, theme)]
    return layered(HEIGHT, *under, draggable(base, theme), band, *above)


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
    if len(names) > len(own) and first.is_additive:
        own[small] = palette(look.theme).other
    named: dict[tuple[datetime, str], Rows] = {}
    for row in records(rows):
        name = _shown(dimension, row[dimension.key])
        if name in own or small in own:
            named.setdefault((row["period"], name if name in own else small), []).append(row)
    return named, own, dict(zip(map(dimension.shown, names), totals, strict=True))


def _bars(named: alt.Chart, base: alt.Chart, axis: alt.Y, theme: Theme) -> list[alt.Chart]:
    """Return the bars of whole periods, hatched ones of periods that are cut, and dashed ones that still grow."""
    primary = palette(theme).primary
    strength, stripes = alt.Opacity("strength:Q", scale=None), hatched(primary, theme)
    whole = named.transform_filter("!datum.is_incomplete && !datum.is_growing").mark_bar(**ENDS)
    cut = base.transform_filter("datum.is_incomplete").mark_bar(fill=stripes, stroke=primary, **ENDS)
    growing = base.transform_filter("datum.is_growing").mark_bar(**_maturing(theme), **ENDS)
    return [bar.encode(y=axis, opacity=strength) for bar in (whole, cut, growing)]


def _across_bars(base: alt.Chart, named: alt.Chart, axis: alt.Y, rollup: str, theme: Theme) -> list[alt.Chart]:
    """Return what each bar is compared with: a line in it, or over it, on a ground that tells it from the bar."""
    ends = {
        "x": _periods_axis(rollup).bandPosition(INSET), "x2": alt.X2("label:N", bandPosition=1 - INSET), "y": axis,
    }  # fmt: skip
    ground = base.mark_rule(color=palette(theme).background, strokeWidth=4)
    return [ground.encode(**ends), named.mark_rule().encode(**ends)]


def _band(base: alt.Chart, theme: Theme) -> alt.Chart:
    """Return the band of each period, by which the whole of it has the tooltip, lights up and can be clicked."""
    band = lit(base.mark_bar(cursor="pointer", strokeWidth=1).encode(y=TOP, y2=BOTTOM), theme)
    return clickable(band, is_timed=True)


def names_legend(names: Sequence[str], room: float = 0, symbolType: Any = "square") -> alt.Legend:
    """Return the legend of some names above a chart: in as few lines as its width allows.

    It leaves a line free below itself where what is said at the right, which takes so much `room`, cannot stand beside.
    """
    is_below = f"{_lift(names, room)} < 0" if room else "false"
    return alt.Legend(
        orient="top", title=None, symbolType=symbolType, symbolOpacity=1,
        symbolSize=90 if symbolType == "square" else 300,
        offset=_expression(f"{is_below} ? {SAID + 4} : 4"), padding=0, rowPadding=0, clipHeight=ENTRY,
        columnPadding=APART, columns=_expression(_by_columns(names, {n: str(n) for n in range(1, len(names) + 1)})),
        labelLimit=_expression(f"min({NAMED}, width - {SAMPLE})"),
    )  # fmt: skip


def _lift(names: Sequence[str], room: float) -> str:
    """Return the expression for the pixels between the last and the first line of a legend.

    It is negative where so much `room` is not left beside the first line.
    """
    beside = {n: _first_line(names, n) + APART + room for n in range(1, len(names) + 1)}
    lines = {n: f"width >= {wide:.0f} ? {ENTRY * (-(-len(names) // n) - 1)} : -1" for n, wide in beside.items()}
    return f"({_by_columns(names, lines)})"


def _by_columns(names: Sequence[str], of: Mapping[int, str]) -> str:
    """Return the expression that is one of others, by how many columns names have room for."""
    columns = range(len(names), 1, -1)
    return "".join(f"width >= {_across(names, n):.0f} ? ({of[n]}) : " for n in columns) + f"({of[1]})"


def _across(names: Sequence[str], columns: int) -> float:
    """Return about how many pixels names take in so many columns, each as wide as its longest one."""
    wide = _wide(names)
    return sum(max(wide[n::columns]) for n in range(columns)) + APART * (columns - 1)


def _first_line(names: Sequence[str], columns: int) -> float:
    """Return about how many pixels the first line of so many columns takes: of its last one what stands in it."""
    wide = _wide(names)
    return _across(names, columns) - max(wide[columns - 1 :: columns]) + wide[columns - 1]


def _wide(names: Sequence[str]) -> list[float]:
    """Return about how many pixels each name takes with its sample; letters are of several widths."""
    return [min(NAMED, LETTER * (len(name) + 1)) + SAMPLE for name in names]


def _expression(text: str) -> Any:
    return alt.ExprRef(text)  # which Vega-Lite takes, though Altair's types do not say so


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
    cut, filling = set(look.incomplete), set(look.filling)
    said: set[str] = set()
    has_years = len(shown) > 0 and shown[0]["period"].year != shown[-1]["period"].year
    for row in shown:
        at = row["period"]
        is_cut = at in cut
        is_growing = row["is_loaded"] and not is_cut and look.growing_from is not None and at >= look.growing_from
        note = NOT_LOADED if not row["is_loaded"] else INCOMPLETE if is_cut else GROWING if is_growing else ""
        note = FILLING if row["is_loaded"] and at in filling and not is_cut else note
        label = formats.period(at, look.rollup, has_years)
        on_it = [each.text for each in look.notes if _is_on(each.days, at, look.rollup)]
        begun = [text for text in on_it if text not in said]
        said |= {*on_it}
        row |= {"label": label, "is_incomplete": is_cut, "is_growing": is_growing, "noted": bool(on_it)}
        row[DRAG] = _DRAGGED.format(_UNITS.get(look.rollup, "days"))
        row["is_filling"] = row["is_loaded"] and at in filling
        row |= {"note": ". ".join(filter(None, [note, *on_it])), "note_words": ", ".join(begun)}
    gaps.place(shown, gaps.GAP, [not row["is_loaded"] for row in shown])
    gaps.place(shown, gaps.CUT, [row["is_incomplete"] or row["is_filling"] for row in shown])
    return shown


def days(periods: Sequence[datetime], rollup: str, within: Days) -> Days:
    """Return the days that periods in order reach over, of those that are asked for."""
    last = (_end(periods[-1], rollup) - pd.Timedelta(microseconds=1)).date()
    return max(periods[0].date(), within[0]), min(last, within[1])


def _end(at: datetime, rollup: str) -> pd.Timestamp:
    return pd.Timestamp(at) + LENGTHS.get(rollup, pd.DateOffset(days=1))


def _is_on(days: Days, at: datetime, rollup: str) -> bool:
    """Tell whether some days touch the period that begins at a time."""
    start, end = pd.Timestamp(at), _end(at, rollup)
    return bool(start < pd.Timestamp(days[1]) + pd.DateOffset(days=1) and end > pd.Timestamp(days[0]))


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
