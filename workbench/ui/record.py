"""One row as a record: every field with its label, value, meaning and the rows it applies to."""

from typing import Any

import pandas as pd
import streamlit as st

from workbench.ask.logs import Page
from workbench.ask.question import Question
from workbench.drawing import formats
from workbench.exports import THEMES
from workbench.reports import Report, Tile, labels
from workbench.ui import address, drill, results
from workbench.ui.session import escaped

OTHERS = "More"


@st.dialog("Record", width="large", icon=":material/article:")
def opened(question: Question, tile: Tile, page: Page) -> None:
    """Show the first row of a page of a log; a link in it can be followed where it leads to http or https."""
    fields = results.record(question, tile, page)
    if not fields:
        st.caption("This row is no longer there.")
        return
    for name, value in fields.items():
        if formats.column_format(question.report, name) == "link" and is_web(value):
            st.link_button(labels.column_label(question.report, name), str(value), icon=":material/open_in_new:")
    _followed(question, tile, fields)
    rows, unit = [], results.unit(question)
    for theme, names in themes(question.report, list(fields)).items():
        rows += [{"Field": f"**{theme}**", "Value": "", "What it means": ""}]
        rows += [_field(question.report, name, fields, unit) for name in names]
    st.table(pd.DataFrame(rows), hide_index=True, border="horizontal")


def _followed(question: Question, tile: Tile, fields: dict[str, Any]) -> None:
    """Draw the buttons by which the page follows the record: its order, its message, its conversation.

    Where another log has rows of what is followed, it opens: the orders of a message.
    """
    keys = [d for d in question.report.pinnable if d in question.report.dimensions or (d.is_typed and not d.condition)]
    with st.container(horizontal=True):
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


def _field(report: Report, name: str, fields: dict[str, Any], unit: str) -> dict[str, str]:
    column = labels.declared(report, name)
    meaning = labels.column_description(report, name)
    if column and column.applies_to:
        meaning += f" :gray[Only for: {column.applies_to[:1].lower()}{column.applies_to[1:]}.]"
    return {
        "Field": escaped(label(report, name, unit)),
        "Value": escaped(formats.cell(report, name, fields[name], fields)),
        "What it means": meaning,
    }
