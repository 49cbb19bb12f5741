"""The sentence at the top of a page, on what changed most, and the panel behind it: why any figure changed.

The sentence is drawn last, into a place that is kept for it: the page does not wait for it, and nothing moves by it.
"""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from workbench.ask.changes import COLUMNS, Changes
from workbench.ask.question import Question
from workbench.ask.remarks import Remark
from workbench.ask.selection import MISSING, Pin
from workbench.drawing import formats, sentence, waterfall
from workbench.drawing.marks import Look
from workbench.errors import UnknownName, WorkbenchError
from workbench.reports import Metric, Tile
from workbench.ui import address, drill, inventory, results, session, tables
from workbench.ui.session import escaped, failed, failures_shown
from workbench.workbook import safe

UNCOMPARED = "Compare with earlier days to see what changed"
NOT_LOADED = "What changed is said as soon as the days to compare with are loaded"
RANKED, IN_SIGHT = 12, 6  # values in the table of all dimensions, and its rows that are seen
VALUE = 195  # pixels of the values' column, which takes what is left: on a phone a number stands beside it


def place(question: Question) -> DeltaGenerator:
    """Return the place of the sentence, as high as it can become; where nothing is compared, of a line.

    A pin changes nothing of that.
    """
    is_compared = question.selection.compare is not None and not question.unpinned.scope.why_not
    key = "sentence" if is_compared else "no-sentence"
    return st.container(horizontal=True, vertical_alignment="center", gap=None, key=key)


def line(question: Question, place: DeltaGenerator) -> None:
    """Draw the sentence in its place, each of its parts with what is behind it, or that nothing is remarkable."""
    with place:
        try:
            noticed = results.remark(question)
        except WorkbenchError as error:
            failed(error)
            return
        if noticed is None:
            said = NOT_LOADED if question.unpinned.scope.why_not else UNCOMPARED
            st.markdown(f":gray[{said}]", width="content")
        else:
            _parts(question, noticed)
    if metric := st.session_state.get(_key(question)):
        _opened(question, metric)


def _parts(question: Question, noticed: Remark) -> None:
    report, found, explained = question.report, noticed.changes, noticed.explained
    said = sentence.sentence(report, noticed, results.unit(question))
    if found is None or explained is None:
        st.markdown(f":gray[{escaped(said.figure)}]", width="content")
        _opener(question, "What changed", report.cards.metrics[0])
        return
    _opener(question, said.figure, found.metric.name)
    st.markdown(f"{escaped(said.moved)}{';' if said.value else ''}", width="content")
    if said.of:
        _opener(question, said.of, explained.metric.name)
    if said.value and explained.first is not None:
        pin = _pin(explained.first["dimension"], explained.first["value"])
        clicked = partial(
            drill.pinned, question, _tile(question, explained.metric, pin[0][0]), pin, explained.metric.name
        )
        key = f"{report.name}:sentence:value"
        st.button(escaped(said.value), type="tertiary", key=key, on_click=clicked, help="Filter to it")
        st.markdown(f"{escaped(said.part)}.", width="content")


def _opener(question: Question, text: str, metric: str) -> None:
    """Draw a part of the sentence that opens the panel with a metric."""
    st.button(
        escaped(text), type="tertiary", key=f"{question.report.name}:sentence:{metric}", help="See what explains it",
        on_click=_explain, args=(question, metric),
    )  # fmt: skip


def _key(question: Question) -> str:
    """Return under which key the figure is kept whose change is explained, empty while none is."""
    return f"{question.report.name}:{address.EXPLAIN}"


def _explain(question: Question, metric: str) -> None:
    st.session_state[_key(question)] = metric


def _opened(question: Question, metric: str) -> None:
    """Open the panel with a metric, which may be one of a link that cannot be explained."""
    known = [each.name for each in results.askable(question)]
    if metric in known:
        st.dialog(
            "What changed", width="large", icon=":material/query_stats:", on_dismiss=partial(_explain, question, "")
        )(_panel)(question)
    else:
        _explain(question, "")
        failed(UnknownName(f"change of {question.report.name}", metric, known))


def _pin(key: str, value: str | None) -> Pin:
    return ((key, (MISSING if value is None else value,)),)


def _tile(question: Question, metric: Metric, key: str) -> Tile:
    """Return what is clicked in the panel, as a tile: the values of a dimension."""
    return Tile("changes", "What changed", "bar", question.report.cards.entity, (key,), (key,), (metric.name,))


@failures_shown()
def _panel(question: Question) -> None:
    """Draw why a figure changed: values of all dimensions by what they contribute, and the steps of one dimension.

    A click on a value pins it, and ends the panel.
    """
    report = question.report
    if question.asking(st.session_state[f"{report.name}:selection"]).selection != question.selection:
        st.rerun()
    metrics = {metric.name: metric.label for metric in results.askable(question)}
    picked = f"{report.name}:explained"
    st.session_state[picked] = st.session_state[_key(question)]
    name = st.selectbox(
        "Figure", list(metrics), key=picked, format_func=metrics.__getitem__,
        on_change=lambda: _explain(question, st.session_state[picked]),
    )  # fmt: skip
    address.written(report, question.selection)
    try:
        found = results.changes(question, report.metric(name), RANKED)
    except WorkbenchError as error:
        failed(error)
        return
    unit = results.unit(question)
    before, now = (formats.metric(value, found.metric, unit) for value in (found.before, found.now))
    st.markdown(f"**{escaped(before)} → {escaped(now)}** · {escaped(question.scope.comparison_said)}")
    for note in sentence.notes(report, found):
        st.caption(note)
    if not found.rows.empty:
        _ranking(question, found, unit)
        if found.rows["contribution"].notna().all():
            _steps(question, found, unit)


def _ranking(question: Question, found: Changes, unit: str) -> None:
    """Draw the table of what contributes most beyond its share, over all dimensions."""
    report = question.report
    first = Changes(found.metric, found.before, found.now, found.rows[found.rows["values"] == 1][:RANKED])
    (_, kinds, _), (_, values, _), *numbers = sentence.table(report, first, unit)
    named = [f"{kind}: {value}" for kind, value in zip(kinds, values, strict=True)]
    columns = [("Value", named, False), *sorted(numbers, key=lambda column: column[0] != "Contribution")]
    shown = pd.DataFrame({header: texts for header, texts, _ in columns}, dtype=str)
    key = drill.turned(f"{report.name}:changes:table")

    def picked() -> None:
        for row, _ in st.session_state[key].selection.cells[:1]:
            chosen = first.rows.iloc[row]
            pin = _pin(chosen["dimension"], chosen["value"])
            drill.pinned(question, _tile(question, found.metric, pin[0][0]), pin, found.metric.name)
        drill.turn(f"{report.name}:changes:table")

    config = {
        header: st.column_config.TextColumn(
            header,
            alignment="right" if is_number else None,
            width=tables.width(header, texts) if is_number else VALUE,
        )
        for header, texts, is_number in columns
    }
    st.dataframe(
        shown, key=key, column_config=config, hide_index=True, alt="Values by what they contribute beyond their share",
        on_select=picked, selection_mode="single-cell", row_height=tables.ROW_HEIGHT,
        height=tables.height(min(len(shown), IN_SIGHT) + 1),
    )  # fmt: skip
    _download(question, found)


def _download(question: Question, found: Changes) -> None:
    """Draw the button of the whole table as a file: it is small, and its texts cannot run in a spreadsheet."""
    name = f"changes-{question.report.name}-{found.metric.name}"
    inventory.download("Download all as CSV", _csv(found).encode("utf-8-sig"), name, question.report.name)


def _csv(found: Changes) -> str:
    """Return all changes as a CSV, texts with an apostrophe before what a spreadsheet would run."""
    shown = found.rows[list(COLUMNS)]
    return shown.assign(value=shown["value"].map(safe, na_action="ignore")).to_csv(index=False)


def _steps(question: Question, found: Changes, unit: str) -> None:
    """Draw the way from before to now over the values of one dimension."""
    report = question.report
    keys: Sequence[str] = list(dict.fromkeys(found.rows["dimension"]))
    labels = {key: report.dimension(key).label for key in keys}
    key = st.segmented_control(
        "Steps by", keys, default=keys[0], required=True, format_func=labels.__getitem__,
        key=f"{report.name}:changes:by:{found.metric.name}",
    )  # fmt: skip
    with st.container(height=waterfall.HEIGHT + 24, border=False):
        drawn = waterfall.waterfall(report, found, key, Look(theme=session.theme()), unit)
        drill.chart(question, _tile(question, found.metric, key), drawn)
