"""The charts over time: one band per period, so that bars are wide, gaps are seen and incomplete periods stand out."""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import cast

import altair as alt
import pandas as pd

from workbench import formats
from workbench.colours import Theme, palette
from workbench.reports import Metric, Report, Tile

HEIGHT = 250
FULL_HEIGHT = {"value": {"expr": "height"}}
MOST_GAP_PERIODS = 2000  # periods that are not loaded and drawn as such
INCOMPLETE = "Incomplete: the range or the loaded files cut this period"
NOT_LOADED = "Not loaded"
PRECEDING = "Preceding period"


def bars(
    report: Report,
    tile: Tile,
    rows: pd.DataFrame,
    rollup: str,
    incomplete: Collection[datetime],
    theme: Theme,
    gaps: Sequence[tuple[datetime, datetime]],
    compared: str,
) -> alt.LayerChart:
    """Return the first metric as bars, other counts as lines, and what `compared` names as a dashed grey line."""
    colours = palette(theme)
    first = report.metric(tile.metrics[0])
    lines = [metric for name in tile.metrics[1:] if (metric := report.metric(name)).format == first.format]
    shown = _shown(report, tile, rows, rollup, incomplete, gaps)
    series = {first.label: colours.primary, **{m.label: colours.categories[1 + n] for n, m in enumerate(lines)}}
    before = f"{first.name}_before"
    if before in shown and not shown[before].isna().all():
        series[compared] = colours.line
    tooltip = _tooltips(report, tile, shown, rollup)
    base = alt.Chart(shown).encode(x=_periods_axis(rollup, list(shown["label"])), tooltip=tooltip)
    color = alt.Color("series:N", scale=alt.Scale(domain=list(series), range=list(series.values())), legend=_legend())
    named = {name: base.transform_calculate(series=json.dumps(name)).encode(color=color) for name in series}
    opacity = alt.condition("datum.is_incomplete", alt.value(0.4), alt.value(1))
    bar = named[first.label].mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
    layers = [*_not_loaded(base, shown, theme), bar.encode(y=_values_axis(first), fillOpacity=opacity)]
    point = _points(shown)
    layers += [named[m.label].mark_line(strokeWidth=2, point=point).encode(y=_values_axis(m)) for m in lines]
    if compared in series:
        layers.append(named[compared].mark_line(strokeWidth=1.5, strokeDash=[5, 4]).encode(y=f"{before}:Q"))
    layers.append(base.mark_bar(opacity=0).encode(y=alt.value(0), y2=FULL_HEIGHT))  # the whole band has the tooltip
    return cast(alt.LayerChart, alt.layer(*layers)).properties(height=HEIGHT, description=_message(first, shown))


def _legend() -> alt.Legend:
    return alt.Legend(orient="top", title=None, symbolType="square", symbolSize=90, offset=8)


def _points(shown: pd.DataFrame) -> alt.OverlayMarkDef | bool:
    """Mark points while they can be told apart; a line over one period would not be seen at all."""
    return alt.OverlayMarkDef(size=26) if len(shown) <= 62 else False


def _periods_axis(rollup: str, labels: list[str]) -> alt.X:
    """Return the band scale. Its order is said, as a layer of some periods would put those first."""
    text = "replace(datum.label, 'Week of ', '')" if rollup == "week" else "datum.label"
    axis = alt.Axis(labelAngle=0, labelOverlap="parity", labelExpr=text, ticks=False, grid=False, labelPadding=8)
    return alt.X("label:N", sort=labels, title=None, axis=axis, scale=alt.Scale(paddingInner=0.18, paddingOuter=0.1))


def _values_axis(metric: Metric) -> alt.Y:
    number = ",.0f" if metric.format == "count" else ",.2f"
    axis = alt.Axis(format=number, tickCount=5, tickMinStep=1, domain=False, ticks=False)
    return alt.Y(f"{metric.name}:Q", title=None, axis=axis, scale=alt.Scale(zero=True))


def _not_loaded(base: alt.Chart, shown: pd.DataFrame, theme: Theme) -> Iterator[alt.Chart]:
    """Draw a pale band over each period that no load covers, so that it is not read as zero."""
    if shown["is_loaded"].all():
        return
    band = base.transform_filter("!datum.is_loaded").mark_bar(opacity=0.35, color=palette(theme).other)
    yield band.encode(y=alt.value(0), y2=FULL_HEIGHT)


def _shown(
    report: Report,
    tile: Tile,
    rows: pd.DataFrame,
    rollup: str,
    incomplete: Collection[datetime],
    gaps: Sequence[tuple[datetime, datetime]],
) -> pd.DataFrame:
    """Return every period of the range in order, loaded or not, with its label and notes."""
    loaded = rows.assign(is_loaded=True)
    missing = sorted(set(_periods_within(gaps, rollup)) - set(loaded["period"].dt.to_pydatetime()))
    gap_rows = pd.DataFrame({"period": pd.to_datetime(missing), "is_loaded": False})
    shown = pd.concat([loaded, gap_rows], ignore_index=True) if missing else loaded
    shown = shown.sort_values("period", ignore_index=True)
    cut = set(incomplete)
    has_years = len(shown) > 0 and shown["period"].iloc[0].year != shown["period"].iloc[-1].year
    note = [
        NOT_LOADED if not is_loaded else INCOMPLETE if at.to_pydatetime() in cut else ""
        for at, is_loaded in zip(shown["period"], shown["is_loaded"], strict=True)
    ]
    return shown.assign(
        label=[formats.period(at, rollup, has_years) for at in shown["period"]],
        is_incomplete=[at.to_pydatetime() in cut for at in shown["period"]],
        note=note,
    )


def _periods_within(gaps: Sequence[tuple[datetime, datetime]], rollup: str) -> Iterator[datetime]:
    """Yield the days, hours or half hours in the gaps; longer periods are cut by a gap rather than missing."""
    step = {"half_hour": timedelta(minutes=30), "hour": timedelta(hours=1), "day": timedelta(days=1)}.get(rollup)
    if step is None or sum((end - start for start, end in gaps), timedelta()) > MOST_GAP_PERIODS * step:
        return
    for start, end in gaps:
        midnight = datetime.combine(start, time.min)
        at = midnight - (midnight - start) // step * step  # the first period that begins in the gap
        while at + step <= end:
            yield at
            at += step


def _tooltips(report: Report, tile: Tile, shown: pd.DataFrame, rollup: str) -> list[alt.Tooltip]:
    """Append the texts of the tooltips to the rows and return them."""
    tooltips = [alt.Tooltip("label:N", title=formats.ROLLUP_LABELS[rollup])]
    before = f"{tile.metrics[0]}_before"
    for name in (*tile.metrics, before, f"{tile.metrics[0]}_change_rate"):
        if name in shown and not shown[name].isna().all():
            shown[f"{name}_text"] = [formats.cell(report, name, value) for value in shown[name]]
            tooltips.append(alt.Tooltip(f"{name}_text:N", title=formats.column_label(report, name)))
    if shown["note"].any():
        tooltips.append(alt.Tooltip("note:N", title="Note"))
    return tooltips


def _message(metric: Metric, shown: pd.DataFrame) -> str:
    """Return what the chart says, in numbers."""
    values = shown[shown[metric.name].notna()]
    if values.empty:
        return f"{metric.label} over time: nothing is loaded"
    ordered = values.sort_values(metric.name, kind="stable")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    lowest, highest = (formats.shown(row[metric.name], metric.format) for row in (low, high))
    return (
        f"{metric.label} from {values['label'].iloc[0]} to {values['label'].iloc[-1]}:"
        f" highest {highest} ({high['label']}), lowest {lowest} ({low['label']})"
    )
