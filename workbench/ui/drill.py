"""From a number to its rows: what a click pins, the chips of what is pinned, and what the log then shows."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from workbench.ask.question import Question
from workbench.ask.selection import Pin, Selection, pin_keys, pin_of, pins_of
from workbench.drawing import formats
from workbench.drawing.marks import CELL, Drawing
from workbench.reports import Metric, Report, Tile
from workbench.reports.labels import spoken
from workbench.ui import address, results
from workbench.ui.session import escaped

PARTS = {"": "Rows it rests on", "numerator": "Numerator", "denominator": "Denominator", "rest": "The rest"}


def part_label(metric: Metric, part: str) -> str:
    """Return what a part of a metric's rows is called; stated ones have a name of their own."""
    stated = [name for name, _, _ in metric.among]
    return spoken(part) if part in stated else PARTS[part]


def chart(question: Question, tile: Tile, drawing: Drawing, number: int, title: str) -> None:
    """Draw a chart on which a click pins; a click gives it a new identity, so that nothing stays selected."""
    name = f"{question.report.name}:{tile.name}:chart:{number}"
    key = turned(name)

    def picked() -> None:
        turn(name)
        marks = [mark for marks in st.session_state[key].selection.values() for mark in marks if CELL in mark]
        for pin in [drawing.pins[mark[CELL]] for mark in marks if mark[CELL] in drawing.pins][:1]:
            _pinned(question, tile, pin, tile.metrics[0])

    st.vega_lite_chart(drawing.spec, key=key, on_select=picked, alt=title)


def turned(name: str) -> str:
    """Return the key of a chart or table whose identity turns with every click on it."""
    return f"{name}:{st.session_state.get(f'{name}:turn', 0)}"


def turn(name: str) -> None:
    """Give a chart or table a new identity."""
    st.session_state[f"{name}:turn"] = st.session_state.get(f"{name}:turn", 0) + 1


def cell_picker(question: Question, tile: Tile, rows: pd.DataFrame, key: str) -> Callable[[], None]:
    """Return what happens when a cell of a tile's table is clicked: its row is pinned, and its metric's rows shown."""

    def picked() -> None:
        for position, column in st.session_state[key].selection.cells[:1]:
            metric = column if column in tile.metrics else tile.metrics[0] if tile.metrics else ""
            _pinned(question, tile, pin_of(question.report, tile, rows.iloc[[position]]), metric)

    return picked


def _pinned(question: Question, tile: Tile, pin: Pin, metric: str) -> None:
    """Pin a cell and have its log show the rows of its metric; a second click on it takes the pin off."""
    report, selection, rows_of = question.report, question.selection, _rows_of(question.report, metric)
    is_again = pin in selection.pins and selection.rows_of == rows_of
    if is_again or pin not in selection.pins:
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


def chips(question: Question) -> None:
    """Draw what is pinned, and whose rows the logs show, as chips that a click takes off."""
    selection, report = question.selection, question.report
    if not (selection.pins or selection.rows_of):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for pin in selection.pins:
            keys = "+".join(key for key, _ in pin)
            _chip(question, formats.pinned(report, selection.rollup, pin), keys, selection.toggled(pin))
        if selection.rows_of:
            metric = report.metric(selection.rows_of.partition(":")[0])
            _chip(question, f"Rows of: {metric.label}", "rows_of", replace(selection, rows_of=""))
            _parts(question, metric)


def _chip(question: Question, text: str, key: str, without: Selection) -> None:
    st.button(
        escaped(text), icon=":material/close:", key=f"{question.report.name}:pin:{key}", help="Take this off",
        on_click=partial(address.changed, question.report, without),
    )  # fmt: skip


def _parts(question: Question, metric: Metric) -> None:
    """Draw the switch between the rows that a metric counts, divides by, and leaves out."""
    parts = [part for part in metric.parts if part or not metric.numerator]
    if len(parts) < 2:
        return
    key = f"{question.report.name}:part"
    now = question.selection.rows_of.partition(":")[2]
    st.session_state[key] = now if now in parts else "denominator"

    def changed() -> None:
        part = st.session_state[key]
        rows_of = f"{metric.name}:{part}" if part else metric.name
        address.changed(question.report, replace(question.selection, rows_of=rows_of))

    st.segmented_control(
        "Which rows", parts, key=key, format_func=partial(part_label, metric), required=True,
        label_visibility="collapsed", on_change=changed,
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
