"""What every chart shape shares: how it looks, and which pin a click on each of its marks stands for."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import altair as alt
import pandas as pd

from workbench import formats
from workbench.colours import Theme, palette
from workbench.reports import Metric, Report
from workbench.selection import Pin

PRECEDING = "Preceding period"
CELL = "cell"  # the number of the mark that a click names
LEFT, RIGHT = alt.XValue(0), alt.X2Value(alt.ExprRef("width"))  # type: ignore[no-untyped-call]
TOP, BOTTOM = alt.YValue(0), alt.Y2Value(alt.ExprRef("height"))  # type: ignore[no-untyped-call]
ROWS = "rows"  # what a chart calls the frame that its layers share
FADED = 0.28  # opacity of what is not pinned


@dataclass(frozen=True)
class Look:
    """How a tile is drawn besides its rows.

    `incomplete` are the periods that range or coverage cut, `gaps` the times that no load covers, `compared` the name
    of the earlier days, and `pinned` the pin of the tile's own dimensions: the rest is dimmed. From `growing_from` on
    figures still change with later loads. `values` are those that the tile's coloured dimension has in all loaded rows.
    """

    rollup: str = "day"
    incomplete: Collection[datetime] = ()
    theme: Theme = "light"
    gaps: Sequence[tuple[datetime, datetime]] = ()
    compared: str = PRECEDING
    pinned: Pin = ()
    growing_from: datetime | None = None
    values: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Drawing:
    """Layers over one frame, and for each number of a mark in them the pin that a click on the mark makes."""

    layers: alt.LayerChart
    data: pd.DataFrame
    cells: tuple[Pin, ...]

    @property
    def chart(self) -> alt.LayerChart:
        """The chart as a notebook draws it."""
        return self.layers.properties(data=self.data)

    @property
    def spec(self) -> dict[str, Any]:
        """The chart in Vega-Lite's words and the rows it names; not checked against the schema, which takes longest."""
        spec = self.layers.to_dict(validate=False)
        spec.pop("config", None)  # of Altair's own theme; Streamlit brings the app's
        return spec | {"datasets": {ROWS: self.data}}


def numbered(pins: Sequence[Pin], look: Look) -> pd.DataFrame:
    """Return the columns of marks by what a click on each pins: their number, and how strong they are."""
    return pd.DataFrame({CELL: range(len(pins)), "strength": [strength(pin, look.pinned) for pin in pins]})


def strength(pin: Pin, pinned: Pin) -> float:
    """Return a mark's opacity: one that holds nothing of what is pinned is dimmed."""
    kept = dict(pinned)
    return 1.0 if all(set(values) & set(kept.get(key, values)) for key, values in pin) else FADED


def drawing(
    shown: pd.DataFrame, layers: Sequence[alt.Chart], height: int, description: str, cells: Sequence[Pin]
) -> Drawing:
    """Return layers over the rows shown as one chart, the description its message."""
    chart = alt.layer(*layers, data=alt.NamedData(name=ROWS)).properties(height=height, description=description)
    return Drawing(cast(alt.LayerChart, chart), shown, tuple(cells))


def clickable(chart: alt.Chart, name: str = "pick") -> alt.Chart:
    """Let a click on a mark be told, under a name that no chart beside it has."""
    return chart.add_params(alt.selection_point(name=name, fields=[CELL], toggle=False, clear=False))


def tooltips(report: Report, shown: pd.DataFrame, title: str, names: Sequence[str]) -> list[alt.Tooltip]:
    """Append the texts of the tooltips to the rows and return them: the label, and what is known of the columns."""
    found = [alt.Tooltip("label:N", title=title)]
    for name in names:
        if name in shown and not shown[name].isna().all():
            shown[f"{name}_text"] = [formats.cell(report, name, value) for value in shown[name]]
            found.append(alt.Tooltip(f"{name}_text:N", title=formats.column_label(report, name)))
    return found


def values_axis(metric: Metric, most: float, name: str = "") -> alt.Y:
    """Return the axis of a metric's values, from zero; durations are labelled as `2 m`, `1 h`."""
    return alt.Y(f"{name or metric.name}:Q", title=None, axis=_axis(metric, most), scale=alt.Scale(zero=True))


def _axis(metric: Metric, most: float) -> alt.Axis:
    if metric.format == "duration":
        return alt.Axis(values=duration_ticks(most), labelExpr=_DURATION, domain=False, ticks=False)
    number = {"count": ",.0f", "rate": ".0%"}.get(metric.format, ",.2f")
    least = 0.01 if metric.format == "rate" else 1
    return alt.Axis(format=number, tickCount=5, tickMinStep=least, domain=False, ticks=False)


# Seconds as the largest unit that divides them.
_DURATION = (
    "datum.value == 0 ? '0' : abs(datum.value) >= 86400 ? format(datum.value / 86400, '~g') + ' d'"
    " : abs(datum.value) >= 3600 ? format(datum.value / 3600, '~g') + ' h'"
    " : abs(datum.value) >= 60 ? format(datum.value / 60, '~g') + ' m' : format(datum.value, '~g') + ' s'"
)
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400)


def duration_ticks(most: float) -> list[float]:
    """Return about five places on an axis of seconds, at whole seconds, minutes, hours or days."""
    if not most > 0:
        return [0]
    step = next((step for step in _STEPS if most / step <= 6), 86_400 * math.ceil(most / 86_400 / 6))
    return [n * step for n in range(math.ceil(most / step) + 1)]


def greatest(shown: pd.DataFrame, names: Sequence[str]) -> float:
    """Return the largest value of some columns, 0 where there is none."""
    most = shown[list(names)].astype("float64").max().max() if len(shown) else math.nan
    return 0.0 if math.isnan(most) else float(most)


def hatched(colour: str, theme: Theme) -> Any:
    """Return a fill of stripes, by which an incomplete period is told from a whole one."""
    stripes, background = 14, palette(theme).background
    stops = [
        alt.GradientStop(offset=(n + edge) / stripes, color=colour if n % 2 else background)
        for n in range(stripes)
        for edge in (0, 1)
    ]
    return alt.LinearGradient(gradient="linear", x1=0, y1=0, x2=1, y2=1, stops=stops)
