"""Saved views of a page: what is on screen by a name, opened again, renamed, deleted, carried to others as a file."""

from collections.abc import Callable

import streamlit as st

from workbench import reports
from workbench.ask import views
from workbench.ask.question import Question
from workbench.ask.views import View
from workbench.errors import WorkbenchError
from workbench.store.workspace import Workspace
from workbench.ui import address, session
from workbench.ui.session import failures_shown, told_apart

MOST_MEGABYTES = 1  # of a file with views
TOLD = "views:told"  # how the last change went


def button(question: Question) -> None:
    """Draw the button that opens the dialog with a page's views."""
    if st.button("Views", icon=":material/bookmark:", help="Save what is on screen, or open what was saved"):
        _views(question)


@st.dialog("Views of this page", width="medium", icon=":material/bookmark:")
@failures_shown()
def _views(question: Question) -> None:
    workspace, key = session.kept(), f"{question.report.name}:views"
    _told()

    def save() -> None:
        query = address.as_query(question.report, question.selection)
        _done(
            lambda: views.save(workspace, View(st.session_state[f"{key}:name"], question.report.name, query)),
            "View saved",
        )

    if session.may("views"):
        _saving(key, save)
    explores = question.selection.explored is not None
    found = [v for v in views.saved(workspace, question.report.name) if v.is_exploration == explores]
    if not found:
        st.caption("A view keeps dates, filters, pins, comparison, and how the logs are sorted and which columns show.")
    for view in found:
        _row(question, view, ":".join(filter(None, [key, view.owner, view.name])))
    if session.may("views"):
        _carrying(workspace, found, key)


def _saving(key: str, save: Callable[[], None]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Save what is on screen as", key=f"{key}:name", placeholder="Voice, weekly")
        st.button("Save view", key=f"{key}:save", type="primary", on_click=save)


def _carrying(workspace: Workspace, found: list[View], key: str) -> None:
    """Draw the way of views to another workspace, and from one."""
    with st.expander("Carry views to another workspace"):
        st.download_button(
            "Download all", views.exported(found), "views.json", "application/json", icon=":material/download:",
            on_click="ignore", disabled=not found,
        )  # fmt: skip
        uploaded = st.file_uploader("Take over", "json", key=f"{key}:file", max_upload_size=MOST_MEGABYTES)
        if uploaded:
            text = uploaded.getvalue().decode("utf-8", errors="replace")
            st.button(
                "Take over", key=f"{key}:take",
                on_click=_done, args=(lambda: views.imported(workspace, text), "Views taken over"),
            )  # fmt: skip


def _done(change: Callable[[], object], said: str) -> None:
    """Make a change, and tell how it went when the dialog is drawn again: a callback must draw nothing in it."""
    try:
        change()
        st.session_state[TOLD] = said
    except WorkbenchError as error:
        st.session_state[TOLD] = error


def _told() -> None:
    told = st.session_state.pop(TOLD, None)
    if isinstance(told, WorkbenchError):
        session.failed(told)
    elif told:
        st.toast(told, icon=":material/check:")


def _row(question: Question, view: View, key: str) -> None:
    """Draw a view's name to change, the button that opens it, whether the page opens with it, and its end."""
    workspace = session.kept()

    def renamed() -> None:
        _done(lambda: views.rename(workspace, view, st.session_state[f"{key}:name"]), "View renamed")

    def set_default() -> None:
        change = views.put_on_page if view.is_exploration else views.set_default
        _done(lambda: change(workspace, view, st.session_state[f"{key}:default"]), "Saved")

    report = reports.report(view.report)
    is_on = view.is_default
    if view.is_exploration:
        is_on = (view.name, view.owner) in [(tile.name, tile.owner) for tile in views.tiles(workspace, report.name)]

    with st.container(horizontal=True, vertical_alignment="center"):
        if not session.may("views"):
            st.text(view.name, width="stretch")
            _opening(question, view, key)
            return
        st.text_input("Name", view.name, key=f"{key}:name", label_visibility="collapsed", on_change=renamed)
        _opening(question, view, key)
        label = f"On the page {report.title}" if view.is_exploration else "Opens with the page"
        st.toggle(label, is_on, key=f"{key}:default", on_change=set_default)
        if view.owner:
            st.button(
                told_apart("Share", view.name), key=f"{key}:share", icon=":material/group:", type="tertiary",
                help="Yours alone until then; shared, it is everybody's to see and to change",
                on_click=_done, args=(lambda: views.share(workspace, view), "View shared"),
            )  # fmt: skip
        st.button(
            "Delete", key=f"{key}:delete", icon=":material/delete:", type="tertiary",
            on_click=_done, args=(lambda: views.delete(workspace, view), "View deleted"),
        )  # fmt: skip


def _opening(question: Question, view: View, key: str) -> None:
    if st.button("Open", key=f"{key}:open"):
        address.opened(question.report, view.query)
        st.rerun()
