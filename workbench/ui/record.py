"""One row as a record: its fields with their meanings, its neighbours in the log, the same customer's others."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from workbench.ask.logs import Page
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.drawing import formats, marks
from workbench.exports import THEMES
from workbench.reports import Report, Tile, labels
from workbench.ui import address, drill, results
from workbench.ui.session import escaped, failures_shown

OTHERS = "More"
PERSONS = ("customer_id", "contact_id")  # whose rows belong together; a contact's own ID comes after its customer's
MOST_OTHERS, OTHERS_IN_SIGHT, ROW_HEIGHT = 100, 6, 31  # rows, rows, pixels
FIELDS_ACROSS, FIELD_WIDTH = 3, 200  # pixels below which fields move under each other


def opened(question: Question, tile: Tile, page: Page) -> None:
    """Show the first row of a page of a log, from which one can go on to its neighbours and to the same customer."""
    st.session_state[_key(question, tile)] = (page.offset, None)
    _record(question, tile, page)


def _key(question: Question, tile: Tile) -> str:
    """Return under which key it is kept which record is shown: its place in the log, or of another one its number."""
    return f"{question.report.name}:{tile.name}:record"


@st.dialog("Record", width="large", icon=":material/article:")
@failures_shown()
def _record(question: Question, tile: Tile, page: Page) -> None:
    """Draw a record; a link in it can be followed where it leads to http or https."""
    offset, other = st.session_state[_key(question, tile)]
    everything = question.asking(_of_everything(question.selection, question.report))
    page = replace(page, offset=offset)
    fields = results.record(question, tile, page) if other is None else results.row(everything, tile, other)
    if not fields:
        st.caption("This row is no longer there.")
        return
    row_id = int(fields.pop("row_id"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _steps(question, tile, page, other is not None)
        for name, value in fields.items():
            if formats.column_format(question.report, name) == "link" and is_web(value):
                st.link_button(labels.column_label(question.report, name), str(value), icon=":material/open_in_new:")
        _followed(question, tile, fields)
    _fields(question, fields)
    _others(everything, tile, fields, row_id)


def _of_everything(selection: Selection, report: Report) -> Selection:
    """Return a selection of all dates and rows, in which values still mean the same."""
    unit = report.unit_dimension
    filters = tuple((key, values) for key, values in selection.filters if unit and key == unit.key)
    return replace(selection.of_range, start=None, end=None, preset="all", wall_clock=False, filters=filters)


def _steps(question: Question, tile: Tile, page: Page, is_other: bool) -> None:
    """Draw where in the log the record stands, and the ways to its neighbours; from another one the way back."""
    total, key = results.log_count(question, tile, page.search), _key(question, tile)
    place = f"{formats.count(page.offset + 1)} of {formats.rows(total, tile.rows_label or question.report.rows_label)}"

    def step(by: int) -> None:
        st.session_state[key] = (page.offset + by, None)

    if is_other:
        st.button(f"Back to {place}", icon=":material/arrow_back:", key=f"{key}:back", on_click=step, args=(0,))
        return
    st.button(
        "Previous", icon=":material/chevron_left:", key=f"{key}:previous", on_click=step, args=(-1,),
        disabled=not page.offset,
    )  # fmt: skip
    st.button(
        "Next", icon=":material/chevron_right:", icon_position="right", key=f"{key}:next", on_click=step, args=(1,),
        disabled=page.offset + 1 >= total,
    )  # fmt: skip
    st.caption(place, width="content")


def _fields(question: Question, fields: dict[str, Any]) -> None:
    """Draw the fields that have a value by theme, each with its meaning as help, and name the others."""
    report, unit = question.report, results.unit(question)
    empty = [name for name, value in fields.items() if formats.is_missing(value)]
    for theme, names in themes(report, [name for name in fields if name not in empty]).items():
        st.markdown(f"**{theme}**")
        fields_of = st.container(key=f"record-fields-{theme}")
        with fields_of, st.grid(FIELDS_ACROSS, min_column_width=FIELD_WIDTH, row_height="content"):
            for name in names:
                text = escaped(formats.cell(report, name, fields[name], fields))
                st.markdown(f":gray[{escaped(label(report, name, unit))}]  \n{text}", help=_meaning(report, name))
    if empty:
        with st.expander(formats.rows(len(empty), "empty fields"), type="compact"):
            st.caption(", ".join(escaped(label(report, name, unit)) for name in empty))


def _meaning(report: Report, name: str) -> str:
    column, meaning = labels.declared(report, name), labels.column_description(report, name)
    if column and column.applies_to:
        meaning += f" Only for: {column.applies_to[:1].lower()}{column.applies_to[1:]}."
    return meaning


def _others(everything: Question, tile: Tile, fields: dict[str, Any], row_id: int) -> None:
    """Draw the same customer's other rows of the log, after merges and whatever the page selects; a click opens one."""
    report, key = everything.report, f"{_key(everything, tile)}:others"
    name = next((name for name in PERSONS if name in tile.offered), "")
    if formats.is_missing(fields.get(name)):
        return
    found = results.rows_with(everything, tile, name, str(fields[name]), MOST_OTHERS + 2)
    found = found[found["row_id"] != row_id].reset_index(drop=True)
    what = f"{tile.rows_label or report.rows_label} of this {name.removesuffix('_id')}"
    if found.empty:
        st.caption(f"No other {what} are loaded.")
        return
    more = "the first " * (len(found) > MOST_OTHERS)
    found, table = found[:MOST_OTHERS], drill.turned(key)

    def picked() -> None:
        for row in st.session_state[table].selection.rows[:1]:
            st.session_state[_key(everything, tile)] = (st.session_state[_key(everything, tile)][0], row_of[row])
            drill.turn(key)

    row_of = [int(number) for number in found["row_id"]]
    st.markdown(f"**Other {what}**, {more}{len(found)}")
    names = [each for each in tile.columns if each != name and formats.column_format(report, each) != "link"]
    records = marks.records(found)
    st.dataframe(
        pd.DataFrame({each: [formats.cell(report, each, at[each], at) for at in records] for each in names}),
        key=table, hide_index=True, on_select=picked, selection_mode="single-row", alt=f"Other {what}",
        column_config={
            each: st.column_config.TextColumn(label(report, each), help=labels.column_description(report, each))
            for each in names
        },
        height=min(len(found), OTHERS_IN_SIGHT) * ROW_HEIGHT + ROW_HEIGHT + 2, row_height=ROW_HEIGHT,
    )  # fmt: skip


def _followed(question: Question, tile: Tile, fields: dict[str, Any]) -> None:
    """Draw the buttons by which the page follows the record: its order, its message, its conversation.

    Where another log has rows of what is followed, it opens: the orders of a message.
    """
    keys = [d for d in question.report.pinnable if d in question.report.dimensions or (d.is_typed and not d.condition)]
    for dimension in keys:
        value = fields.get(dimension.key)
        if formats.is_missing(value):
            continue
        if st.button(f"Follow this {dimension.label.removesuffix(' ID').lower()}", icon=":material/my_location:"):
            others = [log for log in question.report.logs if log != tile and dimension.key in log.entity.dimensions]
            if others:
                st.session_state[drill.tabs_key(question.report)] = others[0].title
            address.changed(question.report, question.selection.toggled(((dimension.key, (str(value),)),)))
            st.rerun()


def is_web(value: object) -> bool:
    """Tell whether a value is a link that may be followed: only http and https."""
    return isinstance(value, str) and value.lower().startswith(("https://", "http://"))


def themes(report: Report, names: list[str]) -> dict[str, list[str]]:
    """Return columns by theme, in the order of the themes."""
    grouped: dict[str, list[str]] = {theme: [] for theme in (*THEMES, OTHERS)}
    for name in names:
        column = labels.declared(report, name)
        dimension = labels.dimension(report, name)
        grouped[column.theme if column else "Where" if dimension else OTHERS].append(name)
    return {theme: found for theme, found in grouped.items() if found}


def label(report: Report, name: str, unit: str = "") -> str:
    """Return a column's label; a column that only the file knows keeps its own header. Money says its `unit`."""
    known = labels.declared(report, name) or labels.dimension(report, name) or name in labels.LABELS
    return labels.column_label(report, name, unit) if known else name
