"""From a number to its rows: what a click pins, and what the log then shows."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import pandas as pd
import streamlit as st

from workbench.ask.question import Question
from workbench.ask.selection import Pin, Selection, merged, pin_keys, pin_of, pins_of
from workbench.drawing.marks import ALONE, BACK, BRUSH, MORE, PICK, REST, SLICE, Drawing
from workbench.reports import Metric, Report, Tile
from workbench.reports.labels import spoken
from workbench.ui import address, dragging, results

PARTS = {"": "Rows it rests on", "numerator": "Numerator", "denominator": "Denominator", "rest": "The rest"}
CLICKED = ["_".join(names) for names in product((PICK, SLICE, REST), (ALONE, MORE, BACK))]  # what hears clicks


def part_label(metric: Metric, part: str) -> str:
    """Return what a part of a metric's rows is called; stated ones have a name of their own."""
    stated = [name for name, _, _ in metric.among]
    return spoken(part) if part in stated else PARTS[part]


def chart(question: Question, tile: Tile, drawing: Drawing) -> None:
    """Draw a chart on which a click pins, and one with Shift or Ctrl adds to what is pinned.

    Its key follows from its layers alone: what only changes its rows neither moves it nor draws it anew. Periods that
    are dragged over become the page's dates; its next drawing is then another one, on which nothing is dragged yet.
    """
    place = f"{question.report.name}:{tile.name}:chart:{drawing.layers.name}"
    key = turned(place)
    clicked = [name for name in CLICKED if name in drawing.layers.words]
    dragged = [BRUSH] if BRUSH in drawing.layers.words else []

    def picked() -> None:
        found = _clicks(key, clicked)
        if dragged and (periods := dragging.dragged(drawing, st.session_state[key].selection)):
            turn(place)
            dragging.closer(question, periods)
            return
        is_back = any(name.endswith(BACK) for name, _ in found)
        # Where a mark gets another row under the pointer, a browser tells a double click twice: no click was before it.
        is_echo = _is_back_alone(found) and st.session_state.get(f"{key}:back", False)
        st.session_state[f"{key}:back"] = is_back
        if is_back and not is_echo:
            dragging.back(question, _before_click(question, key, found))
        if is_back:
            return
        for name, cell in found[:1]:
            st.session_state[f"{key}:clicked"] = question.selection
            if cell in drawing.pins:
                adds = name.endswith(MORE)
                pinned(question, tile, drawing.pins[cell], tile.metrics[0] if tile.metrics else "", adds=adds)

    st.vega_lite_chart(drawing.spec, key=key, on_select=picked, selection_mode=clicked + dragged, alt=drawing.message)


def _before_click(question: Question, key: str, found: Sequence[tuple[str, Any]]) -> Selection:
    """Return what was selected before a double click on a mark, the first click of which has pinned it.

    Unless both clicks came together, or no mark is there.
    """
    before: Selection = st.session_state.get(f"{key}:clicked", question.selection)
    return before if _is_back_alone(found) else question.selection


def _is_back_alone(found: Sequence[tuple[str, Any]]) -> bool:
    """Tell whether a double click on a mark is all that was heard, so that its first click was before."""
    return [name for name, _ in found] == [f"{PICK}_{BACK}"]


def _clicks(key: str, heard: Sequence[str]) -> list[tuple[str, Any]]:
    """Return the marks that were clicked since the last time, by the name of what heard it.

    Each click turns its mark in the list of its name, so what was clicked is what the two lists do not share; a chart
    that was drawn anew has begun an empty one.
    """
    chosen = st.session_state[key].selection
    now = {name: {cell for mark in chosen.get(name) or () for cell in mark.values()} for name in heard}
    known = st.session_state.get(f"{key}:clicks", {})
    st.session_state[f"{key}:clicks"] = now
    return [
        (name, cell)
        for name in heard
        for cell in (now[name] - known.get(name, set()) or known.get(name, set()) - now[name])
    ]


def turned(name: str) -> str:
    """Return the key of a chart or table whose identity turns with every click on it."""
    return f"{name}:{st.session_state.get(f'{name}:turn', 0)}"


def turn(name: str) -> None:
    """Give a chart or table a new identity."""
    st.session_state[f"{name}:turn"] = st.session_state.get(f"{name}:turn", 0) + 1


def cell_picker(question: Question, tile: Tile, rows: pd.DataFrame, key: str, above: int = 0) -> Callable[[], None]:
    """Return what happens when a cell of a tile's table is clicked: its row is pinned, and its metric's rows shown.

    So many rows of the table stand `above` those of the tile.
    """

    def picked() -> None:
        for position, column in st.session_state[key].selection.cells[:1]:
            metric = column if column in tile.metrics else tile.metrics[0] if tile.metrics else ""
            pinned(question, tile, pin_of(question.report, tile, rows.iloc[[position - above]]), metric)

    return picked


def pinned(question: Question, tile: Tile, pin: Pin, metric: str, *, adds: bool = False) -> None:
    """Pin a cell and have its log show the rows of its metric; a second click on it takes the pin off.

    A cell that `adds` stands beside those that are pinned, or leaves them.
    """
    report, selection, rows_of = question.report, question.selection, _rows_of(question.report, metric)
    is_again = pin in selection.pins and selection.rows_of == rows_of
    if adds and (own := pinned_here(question, tile)) not in ((), pin):
        selection = selection.toggled(merged(own, pin))
    elif is_again or pin not in selection.pins:
        selection = selection.toggled(pin)
    if metric and len(report.logs) > 1:
        cell = {key: values[0] for key, values in pin}
        st.session_state[tabs_key(report)] = report.log_of_cell(tile, report.metric(metric), cell).title
    address.changed(report, replace(selection, rows_of="" if is_again else rows_of))


def tabs_key(report: Report) -> str:
    """Return under which key the open tab of a report's logs is kept."""
    return f"{report.name}:logs"


def _rows_of(report: Report, metric: str) -> str:
    """Return what the logs show for a metric; nothing special where it rests on every row."""
    return metric if metric and report.metric(metric).rows != "true" else ""


def parts(question: Question) -> None:
    """Draw the switch between the rows that a metric counts, divides by, and leaves out, while they are shown."""
    name, _, now = question.selection.rows_of.partition(":")
    if not name:
        return
    metric = question.report.metric(name)
    found = [part for part in metric.parts if part or not metric.numerator]
    if len(found) < 2:
        return
    key = f"{question.report.name}:part"
    st.session_state[key] = now if now in found else "denominator"

    def changed() -> None:
        part = st.session_state[key]
        rows_of = f"{metric.name}:{part}" if part else metric.name
        address.changed(question.report, replace(question.selection, rows_of=rows_of))

    st.segmented_control(
        "Which rows", found, key=key, format_func=partial(part_label, metric), required=True,
        label_visibility="collapsed", on_change=changed, width="content",
    )  # fmt: skip


def rows_menu(question: Question, metrics: Sequence[Metric]) -> None:
    """Draw the menu by which the logs show the rows behind one of the cards."""
    key = f"{question.report.name}:rows_behind"

    def picked() -> None:
        name = st.session_state[key]
        st.session_state[tabs_key(question.report)] = question.report.log_of(question.report.metric(name)).title
        address.changed(question.report, replace(question.selection, rows_of=name))

    labels = {metric.name: metric.label for metric in metrics}
    st.menu_button(
        "Show the rows behind", list(labels), format_func=labels.__getitem__, icon=":material/format_list_bulleted:",
        type="tertiary", key=key, on_click=picked, help="The log below then shows exactly the rows of a number",
    )  # fmt: skip


def pinned_here(question: Question, tile: Tile) -> Pin:
    """Return the pin that a tile made itself, and so ignores; none is empty."""
    own = [pin for pin in question.selection.pins if tile.dimensions and pin_keys(pin) == frozenset(tile.dimensions)]
    return own[0] if own else ()


def statement(question: Question, log: Tile, total: int) -> str:
    """Return which number the rows of a log are, and that they add up to it where it is a count."""
    report, selection = question.report, question.selection
    name, _, part = selection.rows_of.partition(":")
    if name and report.log_of(report.metric(name)) != log:
        return ""
    tile = _clicked(question, name)
    if tile is None:
        return ""
    metric = report.metric(name or tile.metrics[0])
    what = f"{part_label(metric, part).lower()} of {metric.label}" if part else metric.label
    if part or metric.format != "count" or not metric.is_additive:
        return f"the rows behind {what}"
    number = _number(question, tile, metric.name)
    return f"equal to the number clicked ({metric.label})" if number == total else ""


def _clicked(question: Question, metric: str) -> Tile | None:
    """Return the tile whose number the logs show: that of the last pin, or the cards."""
    pins = question.selection.pins
    for tile in question.report.tiles:
        is_it = pin_keys(pins[-1]) == frozenset(tile.dimensions) if pins else tile.shape == "metrics" and bool(metric)
        if is_it and tile.metrics and (not metric or metric in tile.metrics):
            return tile
    return None


def _number(question: Question, tile: Tile, metric: str) -> float:
    """Return the number that was clicked: the sum over the pinned cells of a tile."""
    rows = results.rows(question, tile)
    pinned = dict(pinned_here(question, tile))
    cells = map(dict, pins_of(question.report, tile, rows))
    chosen = [all(set(cell[key]) <= set(pinned.get(key, cell[key])) for key in cell) for cell in cells]
    return float(rows.loc[chosen, metric].sum())
