"""A whole report page from its declaration: sidebar, header, tiles, or what to do while nothing is loaded."""

import streamlit as st

from workbench.ask import explore, views
from workbench.ask.question import Question
from workbench.ask.views import View
from workbench.errors import WorkbenchError
from workbench.exports import KINDS
from workbench.reports import REPORTS, Report, Tile
from workbench.reports import report as report_named
from workbench.store.workspace import Workspace
from workbench.ui import session, sidebar
from workbench.ui import tiles as drawn
from workbench.ui.header import header

__all__ = ["header", "opened", "tiles"]


def tiles(question: Question) -> None:
    """Draw a report's tiles, and what cannot be drawn of those that the workspace has besides."""
    broken = [] if question.selection.explored else _own(question.workspace, REPORTS[question.report.name])[1]
    drawn.tiles(question, lambda: _said(broken))


def _own(workspace: Workspace, report: Report) -> tuple[tuple[Tile, ...], list[tuple[View, WorkbenchError]]]:
    """Return the tiles that the workspace has of a report, and the views of those that cannot be made, with why."""
    made, broken = [], []
    for view in views.tiles(session.kept(), report.name):
        try:
            made.append(explore.tile(workspace, report, views.explored(view), view.name))
        except WorkbenchError as error:
            broken.append((view, error))
    return tuple(made), broken


def _said(broken: list[tuple[View, WorkbenchError]]) -> None:
    for view, error in broken:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"broken-{view.name}"):
            st.markdown(f"**{session.escaped(view.name)}**", width="content")
            st.caption(f"cannot be drawn any more. {session.escaped(str(error))}", width="content")
            st.space("stretch")
            st.button(
                session.told_apart("Take it off the page", view.name), type="tertiary", key=f"broken:{view.name}:off",
                on_click=views.put_on_page, args=(session.kept(), view, False),
            )  # fmt: skip


def opened(name: str) -> Question:
    """Draw the sidebar of a report and return what it asks; end the page where its export is not loaded yet."""
    report, workspace = report_named(name), session.shown()
    if not workspace.has(report.kinds):
        _empty(report.title, " or ".join(KINDS[kind].title for kind in report.kinds))
        st.stop()
    return sidebar.asked(explore.with_tiles(report, _own(workspace, report)[0]), workspace)


def _empty(title: str, kinds: str) -> None:
    st.title(title, anchor=False)
    with st.container(border=True, horizontal_alignment="center", gap="medium"):
        st.space("medium")
        st.markdown(f"### No {kinds} loaded yet", width="content")
        st.markdown(":gray[Export it from the source system, and drop the file on the Data page.]", width="content")
        st.page_link("pages/data.py", label="Load a file", icon=":material/upload_file:")
        st.space("medium")
