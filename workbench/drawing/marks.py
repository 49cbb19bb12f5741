"""What every chart shape shares: how it looks, and which pin a click on each of its marks stands for."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import chain, pairwise
from typing import Any, ParamSpec, cast

import altair as alt
import pandas as pd

from workbench.ask.notes import Note
from workbench.ask.selection import Pin
from workbench.ask.targets import NOTHING, Held
from workbench.drawing import formats
from workbench.drawing.colours import Theme, palette
from workbench.drawing.offline import LayeredChart
from workbench.reports import Metric, Report, labels

PRECEDING = "Preceding period"
CELL = "cell"  # by what a click names a mark
SAME = "\u200b"  # nothing to see, behind a text that another one equals: each of them stays one of its own
LEFT, RIGHT = alt.XValue(0), alt.X2Value(alt.ExprRef("width"))  # type: ignore[no-untyped-call]
TOP, BOTTOM = alt.YValue(0), alt.Y2Value(alt.ExprRef("height"))  # type: ignore[no-untyped-call]
ROWS = "rows"  # what a chart calls the rows that its layers share
FIRST = "datum.message"  # true of the first of these rows only: the others' message is empty
PADDING, SIDES = 5, ("left", "top", "right", "bottom")  # pixels that are left free around a chart
FADED = 0.3  # opacity of what is not pinned
PICK, SLICE, HOVER = "pick", "slice", "hover"  # what hears clicks, those on a ring, and the pointer
REST = "rest"  # what hears those beside the marks
ALONE, MORE = "alone", "more"  # endings: whether a click picks its mark alone, or beside what is picked
BRUSH, BACK = "brush", "back"  # what hears that periods are dragged over, and an ending of what hears double clicks
HINT, HINTS = "hint", ("Click to filter", "Click to filter, Shift-click to add")
SOON = 500  # milliseconds after a click in which another one makes both a double click
DRAG = "drag"  # the hint of a chart over time


@dataclass(frozen=True)
class Look:
    """How a tile is drawn besides its rows.

    `incomplete` are the periods that range or coverage cut, `gaps` the times `within` the range that no load covers,
    `compared` the name of the earlier days, and `pinned` the pin of the tile's own dimensions: the rest is dimmed. From
    `growing_from` on figures still change with later loads; periods that are `filling` lack what came before the first
    days that are loaded. `values` are those that the tile's coloured dimension has in all loaded rows. `wholes` are the
    figure of whose change a tile draws the parts: before, and now. The first figure is `held` to targets, and `notes`
    stand on days.
    """

    rollup: str = "day"
    incomplete: Collection[datetime] = ()
    theme: Theme = "light"
    gaps: Sequence[tuple[datetime, datetime]] = ()
    within: tuple[datetime, datetime] | None = None
    week_start: str = "monday"
    compared: str = PRECEDING
    pinned: Pin = ()
    growing_from: datetime | None = None
    filling: Collection[datetime] = ()
    values: Sequence[str] = ()
    wholes: tuple[float, float] = (math.nan, math.nan)
    held: Held = NOTHING
    notes: Sequence[Note] = ()


@dataclass(frozen=True, eq=False)
class Layers:
    """A chart without its rows: what makes one is `kept`, and where only rows change a browser keeps it too."""

    chart: alt.LayerChart

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The layers in Vega-Lite's words; not checked against the schema, which takes longest."""
        spec = self.chart.to_dict(validate=False)
        spec.pop("config", None)  # of Altair's own theme; Streamlit brings the app's
        return spec

    @cached_property
    def name(self) -> int:
        """By what layers are told from others."""
        return _hash(json.dumps(self.spec))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the layers, among them the columns that they draw."""
        return frozenset(re.findall(r"\w+", json.dumps(self.spec)))


P = ParamSpec("P")


def kept(make: Callable[P, Layers]) -> Callable[P, Layers]:
    """Make layers once for what they follow from: titles, metrics, colours, the values drawn, but no numbers."""
    return cast(Callable[P, Layers], lru_cache(maxsize=200)(make))


Rows = list[dict[str, Any]]  # of a chart, by column; what a row lacks is missing


@dataclass(frozen=True, eq=False)
class Drawing:
    """Layers, the rows that they share, the message (what the chart says, in numbers), and what clicks pin."""

    layers: Layers
    rows: Rows
    message: str
    pins: Mapping[int, Pin]
    theme: Theme = "light"

    @property
    def chart(self) -> LayeredChart:
        """The chart as a notebook draws it, where nothing hears a click: so named that it can stand beside others."""
        values = alt.to_values(self._drawn)["values"]
        layers = json.dumps(self.layers.spec)
        name = f"{ROWS}_{_hash((layers, values))}"
        for hint in _HINTED.values():
            layers = layers.replace(f", {json.dumps(hint.to_dict())}", "")
        hovered = layers.replace(json.dumps(HOVER), json.dumps(f"{HOVER}_{name}"))
        spec = json.loads(hovered.replace(_rows(ROWS), _rows(name)))
        spec["params"] = [heard for heard in spec.pop("params") if heard["name"].startswith(HOVER)]
        del spec["$schema"], spec["padding"]  # no chart within another may have them
        spec |= {"data": {"name": name, "values": values}, "description": self.message}
        return LayeredChart.from_dict(spec, validate=False)

    @property
    def spec(self) -> dict[str, Any]:
        """The chart as a page draws it."""
        # The browser's own for axes cannot be read by everybody.
        quiet = dict.fromkeys(("labelColor", "titleColor"), palette(self.theme).missing)
        return self.layers.spec | {"config": {"axis": quiet, "legend": quiet}, "datasets": {ROWS: self._drawn}}

    @property
    def _drawn(self) -> pd.DataFrame:
        """The rows with those of their columns that are drawn."""
        names = [name for name in dict.fromkeys(chain.from_iterable(self.rows)) if name in self.layers.words]
        return pd.DataFrame({name: [row.get(name) for row in self.rows] for name in names})


def records(rows: pd.DataFrame) -> Rows:
    """Return a tile's rows as those of a chart."""
    return cast(Rows, rows.to_dict("records"))


def mark(row: dict[str, Any], pin: Pin, look: Look) -> None:
    """Give a row what its mark needs besides numbers: by what a click knows it, and how strong it is."""
    strong = strength(pin, look.pinned)
    row |= {CELL: _name(pin, look), "strength": strong, "is_pinned": bool(look.pinned) and strong == 1}
    row[HINT] = HINTS[len(pin) == 1]  # of two dimensions several cells are no set of values for each


def _name(pin: Pin, look: Look) -> int:
    """Return by what a mark is known: what it pins, so that a click on what is no longer drawn cannot pin another."""
    return _hash((pin, look.rollup))


def _hash(value: object) -> int:
    """Return a number that a browser holds exactly."""
    return int.from_bytes(hashlib.blake2b(repr(value).encode(), digest_size=6).digest())


def strength(pin: Pin, pinned: Pin) -> float:
    """Return a mark's opacity: one that holds nothing of what is pinned is dimmed."""
    wanted = dict(pinned)
    return 1.0 if all(set(values) & set(wanted.get(key, values)) for key, values in pin) else FADED


def ink(theme: Theme) -> Any:
    """Return the colour of a mark's text: of a dimmed one a grey that can be read, where its own opacity could not."""
    tokens = palette(theme)
    return alt.when("datum.strength < 1").then(alt.value(tokens.missing)).otherwise(alt.value(tokens.text))


def drawing(
    layers: Layers, shown: Rows, message: str, pins: Iterable[Pin], look: Look, note: str = ""
) -> Drawing:  # fmt: skip
    """Return layers over the rows shown, the first of which says the message."""
    rows = [row | {"message": "" if number else message} for number, row in enumerate(shown)]
    return Drawing(layers, rows, message, {_name(pin, look): pin for pin in pins}, look.theme)


def layered(height: int, *layers: alt.Chart | alt.LayerChart) -> Layers:
    """Return layers as one chart, its message among them, which is read out where the chart is not seen."""
    said = alt.Chart().transform_filter(FIRST).mark_point(opacity=0, tooltip=None)
    said = said.encode(x=LEFT, y=TOP, description="message:N")
    chart = alt.layer(said, *layers, data=alt.NamedData(name=ROWS)).properties(
        height=height, padding=dict.fromkeys(SIDES, PADDING)
    )
    return Layers(cast(alt.LayerChart, chart))


def clickable(chart: alt.Chart, name: str = PICK, *, is_timed: bool = False) -> alt.Chart:
    """Let clicks on marks be told, those that add to what is picked apart, under names that no chart beside it has.

    Each click turns its mark in a list that nothing shows: so the second on a mark is told as well. Of a chart over
    time double clicks are told too, and their second click is none of its own.
    """
    alone, more = (f"{name}_{way}" for way in (ALONE, MORE))
    once = " && event.detail < 2" if is_timed else ""
    heard = chart.add_params(
        _clicks(alone, f"click[!event.shiftKey && !event.ctrlKey && !event.metaKey{once}]"),
        _clicks(more, "click[event.shiftKey || event.ctrlKey || event.metaKey]"),
    )
    return twice_clickable(heard, name) if is_timed else heard


def twice_clickable(chart: alt.Chart, name: str) -> alt.Chart:
    """Let double clicks on the periods of a chart be told, under a name that no chart beside it has.

    A press soon after a click is one: where that click draws the marks anew meanwhile, no browser tells of a second.
    """
    return chart.add_params(_clicks(f"{name}_{BACK}", f"[click, click{{0, {SOON}}}] > pointerdown", "label"))


def _clicks(name: str, on: str, field: str = CELL) -> alt.Parameter:
    return alt.selection_point(name=name, fields=[field], on=on, toggle="true", clear=False)


def draggable(base: alt.Chart, theme: Theme) -> alt.LayerChart:
    """Return a layer by which a chart tells the labels that are dragged over.

    It is one of layers, as what it shows would else lie over all marks, and take their clicks. A click ends it.
    """
    tokens, on_mark = palette(theme), "event.item && event.item.datum && event.item.datum.label"
    shown = alt.BrushConfig(fill=tokens.primary, fillOpacity=0.15, stroke=tokens.primary, strokeOpacity=0.6)
    dragged = alt.selection_interval(
        name=BRUSH, encodings=["x"], translate=False, zoom=False, clear=f"click[{on_mark}]", mark=shown
    )  # fmt: skip
    return alt.LayerChart(layer=[base.transform_filter("false").mark_point().add_params(dragged)])


def lit(chart: alt.Chart, theme: Theme) -> alt.Chart:
    """Let a row or column light up under the pointer, and frame what is pinned, on a tint."""
    under = alt.selection_point(name=HOVER, fields=[CELL], on="pointerover", clear="pointerout", empty=False)
    primary, is_pinned = palette(theme).primary, alt.datum.is_pinned
    tint = alt.when(is_pinned).then(alt.value(0.1)).when(under).then(alt.value(0.06)).otherwise(alt.value(0))
    return chart.encode(
        fill=alt.value(primary),
        fillOpacity=tint,
        stroke=alt.value(primary),
        strokeOpacity=alt.when(is_pinned).then(alt.value(1)).otherwise(alt.value(0)),
    ).add_params(under)


Texts = tuple[tuple[str, str], ...]  # columns of a tooltip with their titles


def texts(report: Report, shown: Rows, title: str, names: Sequence[str]) -> Texts:
    """Append the texts of a tooltip to the rows and return their columns: the label, and what is known."""
    found = [("label", title)]
    for name in names:
        if not all(formats.is_missing(row.get(name)) for row in shown):
            for row in shown:
                row[f"{name}_text"] = formats.cell(report, name, row.get(name))
            found.append((f"{name}_text", labels.column_label(report, name)))
    return tuple(found)


_HINTED = {name: alt.Tooltip(f"{name}:N", title=title) for name, title in ((HINT, " "), (DRAG, "  "))}


def tooltip(columns: Texts, *hints: str) -> list[alt.Tooltip]:
    """Return the tooltip of some columns of text, and behind them the hints at what the pointer can do.

    A title becomes a text within an expression, and may be a value.
    """
    told = {name: " ".join(title.splitlines()).replace("\\", "\\\\") for name, title in columns}
    texts = [alt.Tooltip(f"{name}:N", title=title) for name, title in told.items()]
    return [*texts, *(_HINTED[name] for name in hints or (HINT,))]


def values_axis(metric: Metric, name: str = "", *, is_root: bool = False) -> alt.Y:
    """Return the axis of a metric's values, from zero, or of their roots; durations are labelled as `2 m`, `1 h`.

    Nothing stands on another: Vega-Lite would give each rounded bar a group of its own, and groups outlive their rows.
    """
    scale = alt.Scale(type="sqrt" if is_root else "linear", domain=extent(), nice=True)
    axis = _axis(metric, is_root=is_root)
    return alt.Y(f"{name or metric.name}:Q", title=None, axis=axis, scale=scale, stack=None)


def values_legend(metric: Metric) -> dict[str, Any]:
    """Return how the numbers of a metric are labelled in a legend."""
    return (
        {"labelExpr": _DURATION.replace("~g", ".2~r")} if metric.format == "duration" else {"format": _number(metric)}
    )


def _number(metric: Metric) -> str:
    return {"count": ",.0f", "rate": ".0%"}.get(metric.format, ",.2~f")


def _axis(metric: Metric, *, is_root: bool) -> alt.Axis:
    if metric.format == "duration":
        most, step = of_all("most"), of_all("step")
        values = alt.ExprRef(_roots(most) if is_root else f"sequence(0, {most} + {step}, {step})")
        return alt.Axis(
            values=values, labelExpr=_DURATION, domain=False, ticks=False, labelOverlap="greedy", labelSeparation=4,
            labelFlush=False,
        )  # fmt: skip
    least = 0.01 if metric.format == "rate" else 1
    return alt.Axis(format=_number(metric), tickCount=5, tickMinStep=least, domain=False, ticks=False)


def _roots(most: str) -> str:
    """Return the expression for the seconds that an axis of square roots names: zero, and those that have room.

    One that would touch the one before is zero, so that every line has its label.
    """
    room = {tick: (math.sqrt(tick) - math.sqrt(before)) / APART for before, tick in pairwise((0, *ROOT_TICKS))}
    return f"[0, {', '.join(f'{most} <= {wide**2:.0f} ? {tick} : 0' for tick, wide in room.items())}]"


def column(name: str) -> str:
    """Return the expression for a column of a chart's rows."""
    return f"pluck({_rows(ROWS)}, '{name}')"


def in_order(name: str, **options: Any) -> alt.Scale:
    """Return a scale of a column's values in the order of the rows, whatever rows a browser has drawn before."""
    order = cast(Any, alt.ExprRef(column(name)))  # which Vega-Lite takes, though Altair's types do not say so
    return alt.Scale(domain=order, **options)


def of_all(name: str) -> str:
    """Return the expression for the value that all rows of a chart share; missing before the rows have come."""
    return f"peek({column(name)})"


def extent() -> Any:
    """Return the domain from the least to the most that the rows of a chart say, which a layer's own rows may not."""
    return alt.ExprRef(f"[{of_all('least')}, {of_all('most')}]")


def _rows(name: str) -> str:
    """Return the expression for the rows that a chart has under a name."""
    return f"data('{name}')"


# Seconds as the largest unit that divides them.
_DURATION = (
    "datum.value == 0 ? '0' : abs(datum.value) >= 86400 ? format(datum.value / 86400, '~g') + ' d'"
    " : abs(datum.value) >= 3600 ? format(datum.value / 3600, '~g') + ' h'"
    " : abs(datum.value) >= 60 ? format(datum.value / 60, '~g') + ' m' : format(datum.value, '~g') + ' s'"
)
ROOT_TICKS = (60, 300, 1_200, 3_600, 7_200, 14_400, 28_800, 57_600, *(86_400 * 2**n for n in range(9)))  # seconds
APART = 0.085  # of an axis of square roots, from one of its labels to the next
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400)


def reach(shown: Rows, names: Sequence[str]) -> dict[str, float]:
    """Return the ends of some columns with zero, and of how many seconds, in whole units, six steps reach the most."""
    values = [float(row[name]) for row in shown for name in names if not formats.is_missing(row.get(name))]
    most = max([0.0, *values])
    step = next((step for step in _STEPS if most / step <= 6), 86_400 * math.ceil(most / 86_400 / 6))
    return {"least": min([0.0, *values]), "most": most, "step": step}


def hatched(colour: str, theme: Theme) -> Any:
    """Return a fill of stripes, by which an incomplete period is told from a whole one."""
    stripes, background = 14, palette(theme).background
    stops = [
        alt.GradientStop(offset=(n + edge) / stripes, color=colour if n % 2 else background)
        for n in range(stripes)
        for edge in (0, 1)
    ]
    return alt.LinearGradient(gradient="linear", x1=0, y1=0, x2=1, y2=1, stops=stops)
