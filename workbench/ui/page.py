"""A whole report page from its declaration: sidebar, header, tiles, or what to do while nothing is loaded."""

import streamlit as st

from workbench.ask.question import Question
from workbench.exports import KINDS
from workbench.reports import report as report_named
from workbench.ui import session, sidebar
from workbench.ui.header import header
from workbench.ui.tiles import tiles

__all__ = ["header", "opened", "tiles"]


def opened(name: str) -> Question:
    """Draw the sidebar of a report and return what it asks; end the page where its export is not loaded yet."""
    report, workspace = report_named(name), session.shown()
    if not workspace.has(report.kinds):
        _empty(report.title, " or ".join(KINDS[kind].title for kind in report.kinds))
        st.stop()
    return sidebar.asked(report, workspace)


def _empty(title: str, kinds: str) -> None:
    st.title(title, anchor=False)
    with st.container(border=True, horizontal_alignment="center", gap="medium"):
        st.space("medium")
        st.markdown(f"### No {kinds} loaded yet", width="content")
        st.markdown(":gray[Export it from the source system, and drop the file on the Data page.]", width="content")
        st.page_link("pages/data.py", label="Load a file", icon=":material/upload_file:")
        st.space("medium")
