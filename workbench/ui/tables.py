"""Frames as tables: labels as headers, numbers to the right with equal decimals, missing as an en dash."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from workbench.ask.question import Question
from workbench.ask.selection import pins_of
from workbench.drawing import formats
from workbench.drawing.marks import strength
from workbench.reports import Metric, Report, Tile, labels
from workbench.ui import drill, results

# Formats of dates in the browser, by rollup; the words are those of formats.period.
PERIODS = {
    "half_hour": "D MMM YYYY, HH:mm", "hour": "D MMM YYYY, HH:mm", "day": "ddd D MMM YYYY",
    "week": "[Week of] D MMM YYYY", "month": "MMM YYYY", "quarter": "[Q]Q YYYY",
}  # fmt: skip
COMPARED = ("_before", "_change", "_change_rate")  # endings of columns that are there only if anything is compared
GOOD, BAD, STRONGEST = "22, 163, 74", "220, 38, 38", 0.35  # red, green, blue; the opacity of the largest number
NARROWEST, WIDEST, ROOM = 50, 300, 24  # pixels of a column's text, and beside it
DIMMED = "color: rgba(128, 128, 128, 0.6)"


def table(question: Question, tile: Tile, rows: pd.DataFrame) -> None:
    """Draw a tile's rows as a table that sorts by a click on a header; a click on a cell pins its row."""
    report, names = question.report, _columns(question, tile, rows)
    values = pd.DataFrame({name: _values(report, name, rows[name]) for name in names})
    # What a cell shows is text, what it sorts by stays the number.
    texts: dict[Any, Any] = {
        name: partial(formats.cell, report, name)
        for name in names
        if formats.column_format(report, name) in formats.NUMBERS
    }
    pinned = drill.pinned_here(question, tile)
    weak = [strength(pin, pinned) < 1 for pin in pins_of(report, tile, rows)]
    shown = _styled(report, tile, values, weak).format(texts)
    rollup = question.selection.rollup
    if tile.optional_kind and "period" in rows:  # a vendor's own periods
        rollup = "hour" if any(rows["period"].dt.hour) else "day"
    unit = results.unit(question)
    config = {name: _column(report, tile, name, values[name], rollup, unit) for name in names}
    key = f"{report.name}:{tile.name}:table:{hash(question.selection)}"
    st.dataframe(
        shown, key=key, column_config=config, hide_index=True, placeholder=formats.MISSING, alt=tile.title,
        on_select=drill.cell_picker(question, tile, rows, key) if tile.dimensions else "ignore",
        selection_mode="single-cell",
    )  # fmt: skip
    if len(rows) == results.MOST_ROWS:
        st.caption(f"The first {len(rows):,} rows; the download has all of them.")
    else:
        _sums(report, tile, rows)


def _sums(report: Report, tile: Tile, rows: pd.DataFrame) -> None:
    """Say what the drawn parts of a change come to."""
    for metric in (report.metric(name) for name in tile.drawn if name in rows):
        if metric.is_change and metric.is_additive and not rows[metric.name].isna().all():
            total = formats.cell(report, metric.name, rows[metric.name].sum())
            st.caption(f"{metric.label}, all rows together: {total}")


def _styled(report: Report, tile: Tile, values: pd.DataFrame, weak: Sequence[bool]) -> Any:
    """Return values of which rows that are not pinned are dimmed, and drawn durations tinted by what they mean."""
    styled = values.style
    if any(weak):
        styled = styled.apply(lambda column: [DIMMED if is_weak else "" for is_weak in weak])
    tinted = [name for name in tile.drawn if name in values and formats.column_format(report, name) == "duration"]
    if tinted:
        styled = styled.apply(lambda column: _tints(column, report.metric(str(column.name))), subset=pd.Index(tinted))
    return styled


def _tints(column: "pd.Series[Any]", metric: Metric) -> list[str]:
    """Return a background for each number: the further from zero the stronger, red for bad news and green for good."""
    most = column.abs().max()
    sign = {"up": 1, "down": -1, None: 0}[metric.good]
    if not (most > 0 and sign):
        return [""] * len(column)
    strengths = [0.0 if formats.is_missing(value) else sign * value / most for value in column]
    return [f"background-color: rgba({GOOD if s > 0 else BAD}, {abs(s) * STRONGEST:.2f})" for s in strengths]


def _columns(question: Question, tile: Tile, rows: pd.DataFrame) -> Sequence[str]:
    """Return the columns shown: dimensions, what is drawn, the others; of a comparison only what there is of it."""
    first = tile.metrics[0] if tile.metrics else ""
    own = [name for name in tile.columns if name in rows]
    compared = [] if tile.compares_itself else [f"{first}{ending}" for ending in COMPARED]
    names = dict.fromkeys([*tile.dimensions, *tile.drawn, *own, *(name for name in compared if name in rows)])
    return [name for name in names if not (name.endswith(COMPARED) and rows[name].isna().all())]


def _values(report: Report, name: str, values: "pd.Series[Any]") -> Any:
    if labels.dimension(report, name):
        return [formats.label(report, name, value) for value in values]
    if formats.column_format(report, name) in ("date", "enum"):
        return [formats.cell(report, name, value) for value in values]
    return values


def _column(report: Report, tile: Tile, name: str, values: "pd.Series[Any]", rollup: str, unit: str) -> Any:
    label, kind = labels.column_label(report, name, unit), formats.column_format(report, name)
    if name == "period":
        return st.column_config.DatetimeColumn(label, format=PERIODS[rollup])
    if name in tile.drawn and kind == "count":
        return st.column_config.ProgressColumn(
            label, format="localized", min_value=0, max_value=float(values.max() or 1), help=_help(report, name)
        )
    if kind in formats.NUMBERS:
        return st.column_config.NumberColumn(label, help=_help(report, name))
    return st.column_config.TextColumn(label, pinned=name in tile.dimensions[:1], width=width(label, values))


def width(title: str, texts: Iterable[object]) -> int:
    """Return the pixels that a column of text needs: a browser by itself keeps those of the first rows it was given."""
    longest = max((str(text) for text in texts if not formats.is_missing(text)), key=len, default="")
    return min(max(_length(title), _length(longest), NARROWEST), WIDEST) + ROOM


def _length(text: str) -> int:
    """Return about how many pixels a text takes in the tables' letters."""
    return sum(8 if letter.isupper() else 7 if letter.isalnum() else 4 for letter in text)


def _help(report: Report, name: str) -> str | None:
    return next((metric.definition for metric in report.metrics if metric.name == name), None)
