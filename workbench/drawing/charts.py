"""The chart shapes, in Altair, one per tile shape, for pages and notebooks. A chart's description is its message."""

import math
from collections.abc import Collection, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from workbench.ask.selection import Pin, pin_of, pins_of
from workbench.drawing import formats, over_time
from workbench.drawing.colours import Theme, colours, palette
from workbench.drawing.marks import (
    FIRST,
    LEFT,
    RIGHT,
    SAME,
    Drawing,
    Layers,
    Look,
    Rows,
    Texts,
    clickable,
    drawing,
    in_order,
    ink,
    kept,
    layered,
    mark,
    of_all,
    records,
    texts,
    tooltip,
)
from workbench.drawing.offline import JoinedCharts, LayeredChart
from workbench.reports import Metric, Report, Tile, labels

MOST_BARS = 12
WIDTH, HALF_WIDTH = 640, 320  # pixels in a notebook; a page has a width of its own
MOST_SLICES, SMALLEST_SLICE = 5, 0.02
ROW_HEIGHT, TALLEST_ROW = 28, 44  # pixels; few bars beside a ring share its height
ROOM = 1.28  # of the longest bar, so that its number fits beside it
RADIUS, HOLE, LABEL_GAP, LABEL_HEIGHT = 84, 52, 18, 34
DOT = 11  # pixels from a slice's label to the dot of its colour, which says whose label it is
RING_HEIGHT = 2 * RADIUS + 100  # all labels lie inside, or Vega would make the ring's place smaller
LABEL_WIDTH = 125  # pixels that are left beside a ring in the narrowest card
HEAT_HEIGHT, ACROSS, DOWN = 290, "hour", "weekday"


def chart(report: Report, tile: Tile, rows: pd.DataFrame, look: Look = Look()) -> LayeredChart | JoinedCharts:  # noqa: B008
    """Return a tile's rows as its chart; a bar and a pie stand beside each other."""
    drawn = [part.chart for part in parts(report, tile, rows, look)]
    if len(drawn) == 1:
        return drawn[0].properties(width=WIDTH)
    return JoinedCharts(hconcat=[part.properties(width=HALF_WIDTH) for part in drawn])


def is_charted(tile: Tile) -> bool:
    """Tell whether a tile is drawn as a chart at all."""
    return tile.shape not in ("metrics", "table", "log")


def compared(report: Report, tile: Tile) -> tuple[str, ...]:
    """Return the metrics of a tile whose change a page shows: all of cards, else the first one and what is drawn."""
    if tile.shape == "metrics":
        return tile.metrics
    drawn = [metric.name for metric in over_time.measured(report, tile)[:1]]
    return tuple(dict.fromkeys((*tile.metrics[:1], *drawn)))


def parts(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> tuple[Drawing, ...]:
    """Return the charts of a tile, each to stand in a card of its own."""
    match tile.shape:
        case "bars_over_time" | "lines_over_time":
            return (over_time.over_time(report, tile, rows, look),)
        case "stacked_over_time" | "grouped_over_time":
            return (over_time.values(report, tile, rows, look),)
        case "heat_map":
            return (heat_map(report, tile, rows, look),)
        case "bar_and_pie":
            return bars(report, tile, rows, look, by_value=True), donut(report, tile, rows, look)
        case "pie_and_bar":
            return donut(report, tile, rows, look), bars(report, tile, rows, look, by_value=True)
        case "cards_and_pie":
            return (donut(report, tile, rows, look),)
        case _:
            return (bars(report, tile, rows, look),)


def bars(report: Report, tile: Tile, rows: pd.DataFrame, look: Look, by_value: bool = False) -> Drawing:
    """Return horizontal bars, the largest first, each with its number; small ones beyond the twelfth are one bar."""
    shown, pins = _shown(report, tile, rows, look, range(MOST_BARS))
    room = max((row["size"] for row in shown if row["size"] > 0), default=0.0) * ROOM or 1.0
    for row in shown:
        row["room"] = room
        if row["is_value"] and not by_value:
            row["colour"] = palette(look.theme).primary
    columns = _texts(report, tile, shown)
    height = max(ROW_HEIGHT, min(TALLEST_ROW, RING_HEIGHT // len(shown))) if by_value else ROW_HEIGHT
    layers = _bars(look.theme, len(shown) * height + 12, columns)
    return drawing(layers, shown, _message(report, tile, shown), pins, look)


@kept
def _bars(theme: Theme, height: int, columns: Texts) -> Layers:
    text = palette(theme).text
    scale = alt.Scale(zero=True, domainMax=alt.ExprRef(of_all("room")))
    base = alt.Chart().encode(
        y=alt.Y("label:N", title=None, axis=_names_axis(text), scale=in_order("label")),
        x=alt.X("size:Q", title=None, axis=None, scale=scale, stack=None),
    )
    marks = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.72}).encode(
        color=alt.Color("colour:N", scale=None, legend=None), opacity=alt.Opacity("strength:Q", scale=None)
    )
    numbers = base.mark_text(align="left", dx=6, fontSize=12).encode(text=alt.Text("number:N"), color=ink(theme))
    band = base.mark_bar(opacity=0, cursor="pointer").encode(x=LEFT, x2=RIGHT, tooltip=tooltip(columns))
    return layered(height, marks, numbers, clickable(band))


def _names_axis(color: str) -> alt.Axis:
    return alt.Axis(labelLimit=190, labelFontSize=12, labelColor=color, labelPadding=8, ticks=False, domain=False)


def donut(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> Drawing:
    """Return a ring of the five largest values of at least 2 %, the rest as one.

    Where the rest would be the largest slice it is left out, and the ring says how many values it shows. Labels carry
    number and percentage, and a dot of their slice's colour.
    """
    large = [n for n, share in enumerate(rows["share"].head(MOST_SLICES)) if share >= SMALLEST_SLICE]
    shown, pins = _shown(report, tile, rows, look, large)
    only = ""
    if "is_other" in shown[-1] and shown[-1]["size"] == max(row["size"] for row in shown) > 0:
        shown, pins = _shown(report, tile, rows, look, range(MOST_SLICES))
        shown, pins = shown[:MOST_SLICES], pins[:MOST_SLICES]
        only = f"{len(shown)} of {len(rows)} values"
    shown = [row for row in shown if row["size"] > 0] or shown[:1]
    total = formats.shown(sum(row["size"] for row in shown) if only else rows[tile.metrics[0]].sum(), "count")
    for row, place in zip(shown, _places([row["size"] for row in shown]), strict=True):
        row |= place | {"total": total, "only": only}
    columns, message = _texts(report, tile, shown), _message(report, tile, shown)
    return drawing(_ring(look.theme, columns), shown, f"{message}{only and f' ({only})'}", pins, look)


@kept
def _ring(theme: Theme, columns: Texts) -> Layers:
    tokens = palette(theme)
    ring = alt.Chart().mark_arc(
        innerRadius=HOLE, outerRadius=RADIUS, stroke=tokens.background, strokeWidth=1.5, cursor="pointer"
    )
    ring = ring.encode(
        theta=alt.Theta("start:Q", scale=None, stack=None),
        theta2=alt.Theta2("end:Q"),
        color=alt.Color("colour:N", scale=None, legend=None),
        opacity=alt.Opacity("strength:Q", scale=None),
        tooltip=tooltip(columns),
    )
    layers: list[alt.Chart] = [clickable(ring, "pick_slice")]
    for side in ("left", "right"):
        there = alt.Chart().transform_filter(alt.datum.side == side).encode(
            theta=alt.Theta("angle:Q", scale=None, stack=None), radius=alt.Radius("radius:Q", scale=None)
        )  # fmt: skip
        align: Literal["left", "right"] = "left" if side == "right" else "right"
        inwards = 1 if side == "left" else -1
        layers += [
            there.mark_text(text="●", align=align, dx=inwards * DOT, dy=-7, fontSize=14).encode(
                color=alt.Color("colour:N", scale=None, legend=None)
            ),
            there.mark_text(align=align, dy=-7, fontSize=12, limit=LABEL_WIDTH).encode(
                text=alt.Text("label:N"), color=ink(theme)
            ),
            there.mark_text(align=align, dy=8, color=tokens.missing, fontSize=12).encode(text=alt.Text("number:N")),
        ]
    once = alt.Chart().transform_filter(FIRST)
    total = once.mark_text(color=tokens.text, fontSize=17, fontWeight=600).encode(text=alt.Text("total:N"))
    only = once.mark_text(color=tokens.missing, fontSize=11, dy=17).encode(text=alt.Text("only:N"))
    return layered(RING_HEIGHT, *layers, total, only)


def _places(sizes: Sequence[float]) -> Rows:
    """Return where each slice and its label stand; labels of one side are moved apart where they would touch."""
    whole, end = sum(sizes) or 1, 0.0
    places: Rows = []
    for size in sizes:
        start, end = end, end + size / whole * 2 * math.pi
        places.append({"start": start, "end": end, "side": "right" if start + end <= 2 * math.pi else "left"})
    for side, sign in (("right", 1), ("left", -1)):
        here = [place for place in places if place["side"] == side]
        heights = [(RADIUS + LABEL_GAP) * math.cos((place["start"] + place["end"]) / 2) for place in here]
        for place, y in zip(here, _apart(heights, downwards=side == "right"), strict=True):
            x = math.sqrt(max((RADIUS + LABEL_GAP) ** 2 - y * y, LABEL_GAP**2))
            place |= {"angle": math.atan2(sign * x, y), "radius": math.hypot(x, y)}
    return places


def _apart(heights: list[float], downwards: bool) -> list[float]:
    """Return label heights, in their order, at least a label's height apart and around where they were."""
    ordered = heights if downwards else heights[::-1]
    moved: list[float] = []
    for height in ordered:
        moved.append(min(height, moved[-1] - LABEL_HEIGHT) if moved else height)
    low = min([*moved, 0.0])
    lift = max(0.0, -(RADIUS + 22) - low)
    moved = [height + lift for height in moved]
    return moved if downwards else moved[::-1]


def heat_map(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> Drawing:
    """Return weekdays by hours, the drawn column as the strength of one hue; hours that are not covered stay empty."""
    measure = report.metric(tile.drawn[0] if tile.drawn else tile.metrics[0])
    shown, pins = records(rows), pins_of(report, tile, rows)
    for row, pin in zip(shown, pins, strict=True):
        mark(row, pin, look)
        day, hour = (formats.label(report, key, row[key]) for key in (DOWN, ACROSS))
        row |= {f"{DOWN}_label": day, f"{ACROSS}_label": hour, "label": f"{day}, {hour}"}
    known = [row for row in shown if not formats.is_missing(row[measure.name])]
    top = max(known, key=lambda row: row[measure.name], default=None)
    said = f"most in {top['label']} ({formats.shown(top[measure.name], measure.format)})" if top else ""
    days, hours = (tuple(label for _, label in report.dimension(key).value_labels) for key in (DOWN, ACROSS))
    columns = texts(report, shown, "Hour", tile.metrics)
    return drawing(_squares(look.theme, measure, days, hours, columns), shown, f"{measure.label}: {said}", pins, look)


@kept
def _squares(theme: Theme, measure: Metric, days: Sequence[str], hours: Sequence[str], columns: Texts) -> Layers:
    tokens = palette(theme)
    legend = alt.Legend(title=measure.label, orient="top", gradientLength=180, format=",.1f", titleLimit=300, offset=6)
    squares = alt.Chart().mark_rect(cornerRadius=2, stroke=tokens.background, strokeWidth=1.5, cursor="pointer")
    drawn = squares.encode(
        x=alt.X(f"{ACROSS}_label:O", sort=hours, title=None, scale=alt.Scale(domain=hours),
                axis=alt.Axis(labelAngle=0, labelFlush=False, ticks=False, domain=False, labelOverlap="parity")),
        y=alt.Y(f"{DOWN}_label:O", sort=days, title=None, scale=alt.Scale(domain=days),
                axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelOverlap=False)),
        color=alt.Color(f"{measure.name}:Q", legend=legend,
                        scale=alt.Scale(range=list(tokens.sequential), zero=True)),
        opacity=alt.Opacity("strength:Q", scale=None),
        tooltip=tooltip(columns),
    )  # fmt: skip
    return layered(HEAT_HEIGHT, clickable(drawn))


def _shown(
    report: Report, tile: Tile, rows: pd.DataFrame, look: Look, places: Collection[int]
) -> tuple[Rows, list[Pin]]:
    """Return what a breakdown draws, and the pins of its marks.

    The rows at some places, and "Other" for the rest, with labels, colours and texts.
    """
    key, first = tile.dimensions[0], report.metric(tile.metrics[0])
    dimension = labels.dimension(report, key)
    ordered = rows.sort_values(first.name, ascending=False, kind="stable")
    others = [place for place in range(len(ordered)) if place not in places]
    if len(others) == 1:  # one value needs no other name
        places, others = range(len(ordered)), []
    own, rest = ordered.iloc[[place for place in places if place < len(ordered)]], ordered.iloc[others]
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
    if others and first.is_additive:
        shown.append(_other(tile, rest, look.theme))
        pins.append(pin_of(report, tile, rest))
    for row, pin in zip(shown, pins, strict=True):
        mark(row, pin, look)
        share = [formats.shown(row["share"], "rate")] if "share" in row else []
        row["size"] = math.nan if formats.is_missing(row[first.name]) else float(row[first.name])
        row["number"] = " · ".join([formats.shown(row[first.name], first.format), *share])
    return shown, pins


def _other(tile: Tile, rest: pd.DataFrame, theme: Theme) -> dict[str, Any]:
    """Return the row that stands for the rest; only what adds up is known of it."""
    first = tile.metrics[0]
    before = f"{first}_before"
    sums = {name: rest[name].sum() for name in (first, "share", before) if name in rest}
    if before in sums and rest[before].isna().all():
        sums[before] = float("nan")
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
    return f"{metric.label} {tile.title[:1].lower()}{tile.title[1:]}: {'; '.join(named[:6])}"
