"""How a figure came from what it was to what it is: a bar for each value, from where the last one ended."""

from itertools import accumulate, pairwise
from typing import Any

import altair as alt

from workbench.ask.changes import Changes
from workbench.ask.selection import MISSING
from workbench.drawing import formats, sentence
from workbench.drawing.colours import Theme, palette
from workbench.drawing.contributions import BAR, ROW, across
from workbench.drawing.marks import (
    FIRST,
    HINT,
    LEFT,
    PADDING,
    RIGHT,
    Drawing,
    Layers,
    Look,
    Rows,
    clickable,
    drawing,
    extent,
    ink,
    kept,
    layered,
    lit,
    mark,
    of_all,
    tooltip,
)
from workbench.reports import Report

MOST_BARS = 8
HEIGHT = (MOST_BARS + 3) * ROW + 2 * PADDING  # pixels of as many bars, the others as one, before and now
ZONE, ROOM = "0.36 * width", 110  # pixels at which bars begin, behind the names, and those of the numbers behind them
TEXTS = (("label", "Value"), ("told", "Contribution"))


def waterfall(report: Report, found: Changes, key: str, look: Look, unit: str = "") -> Drawing:
    """Return the contributions of a dimension's values one after the other, the strongest first, small ones as one."""
    own = found.rows[found.rows["dimension"] == key].to_dict("records")
    most = MOST_BARS + (len(own) == MOST_BARS + 1)  # a single one left is told as well
    told = [row for row in own[:most] if row["values"] == 1]
    rest = own[len(told) :]
    steps = [float(row["contribution"]) for row in told] + [sum(float(row["contribution"]) for row in rest)] * bool(
        rest
    )
    levels = list(accumulate(steps, initial=found.before))
    shown: Rows = [_end("Before", found.before, found, unit)]
    for row, (start, end) in zip([*told, *rest[:1]], pairwise(levels), strict=True):
        pin = ((key, (MISSING if row["value"] is None else row["value"],)),) if row in told else ()
        shown.append({"start": start, "end": end, "told": sentence.amount(end - start, found.metric, unit)})
        mark(shown[-1], pin, look)
        many = sum(each["values"] for each in rest)
        shown[-1] |= {"label": report.dimension(key).shown(row["value"])} if pin else {
            "label": f"Other ({formats.rows(many, 'values')})", HINT: ""
        }  # fmt: skip
    shown.append(_end("Now", found.now, found, unit))
    pins = [((key, (MISSING if row["value"] is None else row["value"],)),) for row in told]
    ends = [found.now, *levels]
    margin = (max(ends) - min(ends)) * 0.04 or 1.0
    for n, line in enumerate(shown):
        line |= {"top": n * ROW, "bottom": (n + 1) * ROW, "middle": (n + 0.5) * ROW}
        line |= {"bar_top": line["middle"] - BAR / 2, "bar_bottom": line["middle"] + BAR / 2}
        line |= {"least": min(ends) - margin, "most": max(ends) + margin}
    said = "; ".join(f"{line['label']} {line['told']}" for line in shown)
    return drawing(_layers(look.theme), shown, f"{found.metric.label}: {said}", pins, look)


def _end(label: str, figure: float, found: Changes, unit: str) -> dict[str, Any]:
    told = formats.metric(figure, found.metric, unit)
    return {"label": label, "start": figure, "end": figure, "told": told, "is_end": True, "strength": 1.0}


@kept
def _layers(theme: Theme) -> Layers:
    tokens = palette(theme)
    scale = alt.Scale(
        domain=extent(), nice=False, zero=False, range=[alt.ExprRef(ZONE), alt.ExprRef(f"width - {ROOM}")]
    )
    x = alt.X("start:Q", scale=scale, axis=None, title=None)
    values, ends = (alt.Chart().transform_filter(f"{sign}datum.is_end") for sign in ("!", ""))
    band = values.mark_rect(cursor="pointer", cornerRadius=4, strokeWidth=1)
    band = band.encode(**across(), x=LEFT, x2=RIGHT, tooltip=tooltip(TEXTS))
    shades = alt.when("datum.end < datum.start").then(alt.value(tokens.categories[0])).otherwise(
        alt.value(tokens.categories[1])
    )  # fmt: skip
    bars = values.mark_rect(cornerRadius=2).encode(
        **across("bar_"), x=x, x2="end:Q", color=shades, opacity=alt.Opacity("strength:Q", scale=None)
    )
    marks = ends.mark_rule(strokeWidth=3, color=tokens.primary).encode(**across("bar_"), x=x)
    zero = alt.Chart().transform_filter(FIRST).mark_rule(color=tokens.faint).encode(
        x=x, y=alt.value(ROW), y2=alt.value(alt.ExprRef(of_all("top")))
    )  # fmt: skip
    words = [
        chart.mark_text(
            align="left", limit=alt.ExprRef(f"{ZONE} - 16"), fontSize=12, fontWeight=600 if is_end else 400
        ).encode(
            y=alt.Y("middle:Q", scale=None, axis=None, title=None), x=alt.value(8), text="label:N", color=ink(theme)
        )
        for chart, is_end in ((values, False), (ends, True))
    ]
    words += [
        chart.mark_text(align="right", fontSize=12, fontWeight=600 if is_end else 400).encode(
            y=alt.Y("middle:Q", scale=None, axis=None, title=None), x=alt.value(alt.ExprRef("width - 8")),
            text="told:N", color=ink(theme),
        )
        for chart, is_end in ((values, False), (ends, True))
    ]  # fmt: skip
    return layered(HEIGHT, clickable(lit(band, theme)), zero, bars, marks, *words)
