"""What explains a change: a diverging bar per value, with the figure before and now, and the total that they add up to.

Drawn as one chart, so that its rows light up, dim and are picked like the bars of every other one.
"""

import json
from typing import Any

import altair as alt
import pandas as pd

from workbench.ask.selection import Pin, pin_of, pins_of
from workbench.drawing import formats
from workbench.drawing.colours import Theme, palette
from workbench.drawing.marks import (
    FIRST,
    LEFT,
    PADDING,
    RIGHT,
    Drawing,
    Layers,
    Look,
    Rows,
    Texts,
    clickable,
    drawing,
    extent,
    ink,
    kept,
    layered,
    lit,
    mark,
    records,
    texts,
    tooltip,
)
from workbench.reports import Metric, Report, Tile, labels

MOST_ROWS = 5
ROW, BAR = 27, 14  # pixels of a row, and of the bar in it
FULL = "width >= 520"  # where the average and the count have room beside the bars
WIDE = "width >= 640"  # where what was before has room beside what is now
# Pixels of a row's name, behind which the bars begin.
ZONE = f"({WIDE} ? 232 : {FULL} ? 0.3 * width + 38 : 0.42 * width)"
# How far from the right edge each number ends: in a wide card, and in a narrow one. The first one has a place in all.
ENDS = {
    "contribution": (340, 148), "average_before": (225, 148), "average": (150, 68), "rows_before": (62, 62),
    "rows": (8, 8),
}  # fmt: skip
MAIN, AT_THE_END = "contribution", 8
_BEFORE = f" + ({WIDE} ? ', before → now' : '')"
BARS = 76  # pixels left of the contributions' right edge at which the bars' zone ends


def height(rows: int) -> int:
    """Return the pixels that so many rows take, with their header, "Other" and the total."""
    return (min(rows, MOST_ROWS + 1) + 2) * ROW + 2 * PADDING


def contributions(report: Report, tile: Tile, rows: pd.DataFrame, look: Look) -> Drawing:
    """Return what each value adds to the change of an average, the largest first, small ones as one, and the total.

    `drawn` of the tile are the part of the change, the average and the count: both with what they were before.
    """
    part, average, count = (report.metric(name) for name in tile.drawn)
    shown, pins = _rows(report, tile, rows, part, look)
    total = _total(rows, look, part, average, count)
    for n, row in enumerate([*shown, total]):
        row |= {"top": (n + 1) * ROW, "bottom": (n + 2) * ROW, "middle": (n + 1.5) * ROW}
        row |= {"bar_top": row["middle"] - BAR / 2, "bar_bottom": row["middle"] + BAR / 2}
        row |= {
            "contribution": formats.signed(row.get(part.name)),
            "average": formats.metric(row.get(average.name), average),
            "average_before": formats.metric(row.get(f"{average.name}_before"), average),
            "rows": formats.shown(row.get(count.name), "count"),
            "rows_before": formats.shown(row.get(f"{count.name}_before"), "count"),
            "size": 0.0 if formats.is_missing(row.get(part.name)) else float(row[part.name]),
        }
    ends = {"least": min(0.0, *(row["size"] for row in shown)), "most": max(0.0, *(row["size"] for row in shown))}
    ends["most"] += not any(ends.values())
    columns = _texts(report, tile, shown, part, average, count)
    everything = [row | ends for row in (*shown, total)]
    said = "; ".join(f"{row['label']} {row['contribution']}" for row in shown[:6])
    message = f"Change of the {average.label.lower()} {total['contribution']}: {said}"
    headers = (labels.column_label(report, tile.dimensions[0]), part.label, average.label, count.label)
    ways = ("shorter", "longer") if average.format == "duration" else ("lower", "higher")
    return drawing(_layers(look.theme, (len(shown) + 2) * ROW, columns, headers, ways), everything, message, pins, look)


def _rows(report: Report, tile: Tile, rows: pd.DataFrame, part: Metric, look: Look) -> tuple[Rows, list[Pin]]:
    """Return the rows that change most, in the tile's order, and the others as one, with the pins of each."""
    far = rows[part.name].abs().sort_values(ascending=False, kind="stable", na_position="last")
    many = MOST_ROWS if len(rows) > MOST_ROWS + 1 else len(rows)
    own, rest = rows.loc[sorted(far.index[:many])], rows.loc[sorted(far.index[many:])]
    shown, pins = records(own), pins_of(report, tile, own)
    is_plain = len(tile.dimensions) == 1 or own[tile.dimensions[-1]].nunique(dropna=False) == 1
    for row in shown:
        names = [formats.label(report, key, row[key]) for key in tile.dimensions]
        row["label"] = names[0] if is_plain else " · ".join(names)
    if len(rest):
        sums: dict[str, Any] = {str(n): rest[n].sum(min_count=1) for n in rest if _adds_up(report, str(n))}
        shown.append(sums | {"label": f"Other ({len(rest)} values)"})
        pins.append(pin_of(report, tile, rest))
    for row, pin in zip(shown, pins, strict=True):
        mark(row, pin, look)
    return shown, pins


def _adds_up(report: Report, name: str) -> bool:
    """Tell whether a column's values can be added up: those of an additive metric, before and now."""
    metric = labels.metric_named(report, name.removesuffix("_before"))
    return metric is not None and metric.is_additive


def _total(rows: pd.DataFrame, look: Look, part: Metric, average: Metric, count: Metric) -> dict[str, Any]:
    """Return the last row: both averages over all rows, their difference, and how many rows there are."""
    before, now = look.wholes
    return {
        "label": f"All {formats.rows(len(rows), 'values')}", "is_total": True, "strength": 1.0, part.name: now - before,
        average.name: now, f"{average.name}_before": before,
        count.name: rows[count.name].sum(), f"{count.name}_before": rows[f"{count.name}_before"].sum(min_count=1),
    }  # fmt: skip


def _texts(report: Report, tile: Tile, shown: Rows, part: Metric, average: Metric, count: Metric) -> Texts:
    names = (count.name, f"{count.name}_before", average.name, f"{average.name}_before")
    parts = tuple(name for name in tile.metrics if report.metric(name).is_change)
    return texts(report, shown, labels.column_label(report, tile.dimensions[0]), (*names, *parts))


@kept
def _layers(
    theme: Theme, height: int, columns: Texts, headers: tuple[str, str, str, str], ways: tuple[str, str]
) -> Layers:
    tokens = palette(theme)
    base = alt.Chart().encode(y=alt.Y("middle:Q", scale=None, axis=None, title=None))
    band = alt.Chart().transform_filter("!datum.is_total").mark_rect(cursor="pointer", cornerRadius=4, strokeWidth=1)
    band = band.encode(**across(), x=LEFT, x2=RIGHT, tooltip=tooltip(columns))
    ground = alt.Chart().transform_filter("datum.is_total").mark_rect(color=tokens.faint, opacity=0.35)
    ground = ground.encode(**across(), x=LEFT, x2=RIGHT)
    shades = alt.when("datum.size < 0").then(alt.value(tokens.categories[0])).otherwise(alt.value(tokens.categories[1]))
    bars = alt.Chart().transform_filter("!datum.is_total").mark_rect(cornerRadius=2).encode(
        **across("bar_"), x=alt.X("size:Q", scale=_zone(), axis=None, title=None), x2=alt.X2Datum(0), color=shades,
        opacity=alt.Opacity("strength:Q", scale=None),
    )  # fmt: skip
    zero = alt.Chart().transform_filter(FIRST).mark_rule(color=tokens.faint).encode(
        x=alt.X(datum=0, scale=_zone(), axis=None), y=alt.value(ROW), y2=alt.value(height - ROW)
    )  # fmt: skip
    words = [text for bold in (False, True) for text in _row(base, theme, bold=bold)]
    words += _headers(headers, ways, theme)
    return layered(height + 2 * PADDING, ground, clickable(lit(band, theme)), zero, bars, *words)


def _row(base: alt.Chart, theme: Theme, *, bold: bool) -> list[alt.Chart]:
    """Return the texts of the rows, or those of the total in bold."""
    own = base.transform_filter("datum.is_total" if bold else "!datum.is_total")
    font: dict[str, Any] = {"fontSize": 12, "fontWeight": 600 if bold else 400}
    name = own.mark_text(align="left", limit=alt.ExprRef(f"{ZONE} - 12"), **font).encode(
        x=alt.value(8), text=alt.Text("label:N"), color=ink(theme)
    )
    return [name, *(_number(own, column, theme, font) for column in ENDS)]


def across(prefix: str = "") -> dict[str, Any]:
    """Return the places of a row, or of the bar in it, from its top to its bottom."""
    return {"y": alt.Y(f"{prefix}top:Q", scale=None, axis=None, title=None), "y2": alt.Y2(f"{prefix}bottom:Q")}


def _zone() -> alt.Scale:
    """Return the scale of the bars, between the names and the numbers."""
    end = alt.ExprRef(f"max({_right('contribution')} - {BARS}, {ZONE} + 20)")
    return alt.Scale(domain=extent(), nice=False, range=[alt.ExprRef(ZONE), end])


def _right(name: str) -> str:
    wide, narrow = ENDS[name]
    return f"width - ({WIDE} ? {wide} : {FULL} ? {narrow} : {AT_THE_END})"


def _place(name: str) -> Any:
    return alt.value(alt.ExprRef(_right(name)))


def _number(own: alt.Chart, name: str, theme: Theme, font: dict[str, Any]) -> alt.Chart:
    """Return a column of numbers, each ending in one line; those before in grey, and only in a wide card."""
    own = own if name == MAIN else own.transform_filter(FULL)
    if not name.endswith("_before"):
        there: alt.Chart = own.mark_text(align="right", **font).encode(x=_place(name), color=ink(theme))
        return there.encode(text=f"{name}:N")
    before = own.transform_filter(WIDE).transform_calculate(told=f"datum.{name} + '  →'")
    earlier: alt.Chart = before.mark_text(align="right", color=palette(theme).missing, fontSize=12)
    return earlier.encode(x=_place(name), text="told:N")


def _headers(headers: tuple[str, str, str, str], ways: tuple[str, str], theme: Theme) -> list[alt.Chart]:
    """Return the line of column names above the rows."""
    first = alt.Chart().transform_filter(FIRST).encode(y=alt.value(ROW / 2))
    grey = palette(theme).missing
    places = zip(headers[1:], ("contribution", "average", "rows"), strict=True)
    named = [
        (first if name == MAIN else first.transform_filter(FULL))
        .transform_calculate(told=f"{json.dumps(text)}{'' if name == MAIN else _BEFORE}")
        .mark_text(align="right", fontSize=12, color=grey)
        .encode(x=_place(name), text="told:N")
        for text, name in places
    ]
    zero = first.transform_filter(WIDE).encode(x=alt.X(datum=0, scale=_zone(), axis=None))
    named += [
        zero.mark_text(align="right", dx=-6, text=f"← {ways[0]}", fontSize=12, color=grey),
        zero.mark_text(align="left", dx=6, text=f"{ways[1]} →", fontSize=12, color=grey),
    ]
    return [first.mark_text(align="left", text=headers[0], fontSize=12, color=grey).encode(x=alt.value(8)), *named]
