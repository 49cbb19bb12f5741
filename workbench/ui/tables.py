"""Frames as tables: labels as headers, numbers to the right with equal decimals, missing as an en dash."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from workbench.ask.question import Question
from workbench.ask.selection import pins_of
from workbench.drawing import formats
from workbench.drawing.colours import Theme, palette
from workbench.drawing.marks import strength
from workbench.drawing.news import news
from workbench.reports import Metric, Report, Tile, labels
from workbench.store.settings import Quiet
from workbench.ui import drill, results, session

COMPARED = ("_before", "_change", "_change_rate")  # endings of columns that are there only if anything is compared
GOOD, BAD, STRONGEST = "22, 163, 74", "220, 38, 38", 0.35  # red, green, blue; the opacity of the largest number
NARROWEST, WIDEST, ROOM = 50, 300, 24  # pixels of a column's text, and beside it
ARROWS = {True: "↓", False: "↑"}  # of the column that sorts: whether downwards
Sorting = tuple[str, bool]  # the column that sorts a table, empty for its own order, and whether downwards
DETAILS = "_before"  # ending of columns that stand beside what a table is read for


def table(question: Question, tile: Tile, rows: pd.DataFrame) -> None:
    """Draw a tile's rows as a table of texts, the same for the eye and for a screen reader.

    A click on a header sorts by what the texts stand for, which the browser could not; a click on a cell pins its row.
    """
    report, names, place = question.report, _columns(question, tile, rows), f"{question.report.name}:{tile.name}:table"
    sort: Sorting = st.session_state.get(f"{place}:sort", ("", False))
    rows = results.ordered_rows(question, tile, sort) if sort[0] in rows else rows
    rows, is_cut = rows[: results.MOST_ROWS], len(rows) > results.MOST_ROWS
    rollup = "hour" if _is_by_hour(tile, rows) else "day" if tile.optional_kind else question.selection.rollup
    shown = pd.DataFrame({name: _shown(report, tile, name, rows[name], rollup) for name in names})
    pinned = drill.pinned_here(question, tile)
    weak = [strength(pin, pinned) < 1 for pin in pins_of(report, tile, rows)]
    unit = results.unit(question)
    config = {name: _column(report, tile, name, shown[name], sort, unit) for name in names}
    key = f"{drill.turned(place)}:{hash(question.selection)}"
    pick = drill.cell_picker(question, tile, rows, key) if tile.dimensions else None
    st.dataframe(
        _styled(question, tile, shown, rows, weak), key=key, column_config=config, hide_index=True,
        placeholder=formats.MISSING, alt=tile.title, on_select=partial(_picked, report, place, key, pick),
        selection_mode=("single-cell", "single-column"),
    )  # fmt: skip
    if is_cut:
        st.caption(f"The first {len(rows):,} rows; the download has all of them.")
    else:
        _sums(report, tile, rows)


def _picked(report: Report, place: str, key: str, pick: Callable[[], None] | None) -> None:
    """Take a click: on a header it sorts, the other way round where it sorted already; on a cell it picks."""
    headers = st.session_state[key].selection.columns
    if not headers:
        if pick:
            pick()
        return
    sort, is_down = st.session_state.get(f"{place}:sort", ("", False))
    starts_down = formats.column_format(report, headers[0]) in formats.NUMBERS
    st.session_state[f"{place}:sort"] = (headers[0], not is_down if headers[0] == sort else starts_down)
    drill.turn(place)


def _is_by_hour(tile: Tile, rows: pd.DataFrame) -> bool:
    """Tell whether a tile has a vendor's own periods, and some that do not begin with a day."""
    return tile.optional_kind is not None and "period" in rows and any(rows["period"].dt.hour)


def _sums(report: Report, tile: Tile, rows: pd.DataFrame) -> None:
    """Say what the drawn parts of a change come to."""
    for metric in (report.metric(name) for name in tile.drawn if name in rows):
        if metric.is_change and metric.is_additive and not rows[metric.name].isna().all():
            total = formats.cell(report, metric.name, rows[metric.name].sum())
            st.caption(f"{metric.label}, all rows together: {total}")


def _styled(question: Question, tile: Tile, shown: pd.DataFrame, rows: pd.DataFrame, weak: Sequence[bool]) -> Any:
    """Return texts, of details and of rows that are not pinned in grey, and parts of a change tinted by their news."""
    report, details = question.report, [str(name) for name in shown if str(name).endswith(DETAILS)]
    styled = coloured(shown, session.theme(), details, weak)
    for metric in (report.metric(name) for name in tile.drawn if name in shown):
        if not metric.part_of:
            continue
        whole = results.whole_before(question, tile, metric)
        tints = _tints(rows[metric.name], whole, metric, question.workspace.quiet)
        tints = ["" if is_weak else tint for is_weak, tint in zip(weak, tints, strict=True)]
        styled = styled.apply(lambda _, tints=tints: tints, subset=pd.Index([metric.name]))
    return styled


def coloured(shown: pd.DataFrame, theme: Theme, details: Sequence[str], weak: Sequence[bool] = ()) -> Any:
    """Return texts with their colours: details and all of the weak rows in the grey of a theme, which can be read."""
    styled, grey = shown.style, f"color: {palette(theme).missing}"
    if details:
        styled = styled.apply(lambda column: [grey] * len(column), subset=pd.Index(details))
    if any(weak):
        styled = styled.apply(lambda column: [grey if is_weak else "" for is_weak in weak])
    return styled


def _tints(column: "pd.Series[Any]", whole: float, metric: Metric, quiet: Quiet) -> list[str]:
    """Return a background for each part of a change: the further from zero the stronger, by what news it is.

    It is news where it alone moves the `whole` that was before by more than what is usual.
    """
    most = column.abs().max()
    found = [news(metric, value / abs(whole) if whole else None, value, quiet) for value in column]
    shades = {1: GOOD, -1: BAD}
    return [
        f"background-color: rgba({shades[told]}, {abs(value) / most * STRONGEST:.2f})" if told else ""
        for value, told in zip(column, found, strict=True)
    ]


def _columns(question: Question, tile: Tile, rows: pd.DataFrame) -> Sequence[str]:
    """Return the columns shown: dimensions, what is drawn, the others; of a comparison only what there is of it."""
    first = tile.metrics[0] if tile.metrics else ""
    own = [name for name in tile.columns if name in rows]
    compared = [] if tile.compares_itself else [f"{first}{ending}" for ending in COMPARED]
    names = dict.fromkeys([*tile.dimensions, *tile.drawn, *own, *(name for name in compared if name in rows)])
    return [name for name in names if not (name.endswith(COMPARED) and rows[name].isna().all())]


def _shown(report: Report, tile: Tile, name: str, values: "pd.Series[Any]", rollup: str) -> Any:
    """Return what a column shows: texts, and of counts that are drawn as bars the numbers."""
    if _is_bar(report, tile, name):
        return values
    if name == "period":
        return [formats.period(value, rollup, with_year=True) for value in values]
    if labels.dimension(report, name):
        return [formats.label(report, name, value) for value in values]
    return [formats.cell(report, name, value) for value in values]


def _is_bar(report: Report, tile: Tile, name: str) -> bool:
    return name in tile.drawn and formats.column_format(report, name) == "count"


def _column(report: Report, tile: Tile, name: str, shown: "pd.Series[Any]", sort: Sorting, unit: str) -> Any:
    """Return how a column is drawn; the one that sorts carries an arrow."""
    title = f"{labels.column_label(report, name, unit)} {ARROWS[sort[1]] if name == sort[0] else ''}".rstrip()
    described = labels.column_description(report, name)
    if _is_bar(report, tile, name):
        return st.column_config.ProgressColumn(
            title, format="localized", min_value=0, max_value=float(shown.max() or 1), help=described
        )
    is_number = formats.column_format(report, name) in formats.NUMBERS
    # Not pinned, though a table may be wide: Streamlit draws what is pinned at six tenths of its strength.
    return st.column_config.TextColumn(
        title, help=described, alignment="right" if is_number else None, width=width(title, shown)
    )


def width(title: str, texts: Iterable[object]) -> int:
    """Return the pixels that a column of text needs: a browser by itself keeps those of the first rows it was given."""
    longest = max((str(text) for text in texts if not formats.is_missing(text)), key=len, default="")
    return min(max(_length(title), _length(longest), NARROWEST), WIDEST) + ROOM


def _length(text: str) -> int:
    """Return about how many pixels a text takes in the tables' letters."""
    return sum(8 if letter.isupper() else 7 if letter.isalnum() else 4 for letter in text)
