"""The page of a user's own SQL: one SELECT over what is loaded, as table, chart and download, saved by a name."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from workbench import workbook
from workbench.ask import console, shell, views
from workbench.ask.console import Result
from workbench.ask.relations import statement
from workbench.ask.views import View
from workbench.drawing import formats, plain
from workbench.errors import WorkbenchError
from workbench.reports import REPORTS
from workbench.store.workspace import Workspace
from workbench.time.words import timestamp
from workbench.ui import export, jobs, session, tables
from workbench.ui.session import escaped, failed, failures_shown

SQL = "sql"  # what saved SELECTs are views of
BEGIN = "select channel, count(*) as contacts\nfrom gladly_contacts\ngroup by all\norder by contacts desc"
_TEXT, _JOB, _NAME, _TOLD = "sql:text", "sql:job", "sql:name", "sql:told"
EDITOR_WIDTH, EDITOR_HEIGHT, TABLES_HEIGHT = 620, 300, 352  # pixels
AT_ONCE = 1.0  # seconds that are waited for an answer without saying so
SHAPES = ("Table", "Bars", "Line")


def page() -> None:
    """Draw the editor beside the tables that there are, and below them what was last asked."""
    workspace = session.shown()
    if workspace.state is not None:
        st.caption(console.NOT_ASKED)
        return
    if workspace.path is None:
        shell.install(workspace)  # nothing but this page asks the sample's views
    st.session_state.setdefault(_TEXT, BEGIN)
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=EDITOR_WIDTH, key="sql-editor"):
            _editor(workspace)
        with st.container(width="stretch", key="sql-tables"):
            _tables(workspace)
    job: jobs.Job[Result] | None = st.session_state.get(_JOB)
    if not job:
        return
    if not job.is_done_within(AT_ONCE):
        jobs.watched(job)
    elif job.error:
        failed(job.error)
    elif job.outcome:
        _result(workspace, job.outcome)


def _editor(workspace: Workspace) -> None:
    st.text_area(
        "SELECT", key=_TEXT, height=EDITOR_HEIGHT, help="One SELECT, read from a snapshot: nothing can be changed by it"
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button("Run", icon=":material/play_arrow:", type="primary"):
            asked = partial(console.run, workspace, st.session_state[_TEXT])
            st.session_state[_JOB] = jobs.Job("SQL", lambda progress: asked(progress=progress))
        with st.popover("Saved", icon=":material/bookmark:"):
            _saved()
        with st.popover("From a tile", icon=":material/lightbulb:"):
            _examples(workspace)


def _examples(workspace: Workspace) -> None:
    """Offer the SQL of every tile, which runs over everything that is loaded."""
    tiles = {
        f"{report.title}: {tile.title}": (report, tile)
        for report in REPORTS.values()
        for tile in report.tiles
        if workspace.has(report.kinds) and workspace.actor.sees(report.name) and not tile.log
    }

    def begin() -> None:
        if picked := st.session_state["sql:example"]:
            st.session_state[_TEXT] = statement(*tiles[picked])
            st.session_state["sql:example"] = None

    st.selectbox(
        "Begin with the SQL of a tile", list(tiles), index=None, placeholder="Which tile", key="sql:example",
        on_change=begin, help="Over all that is loaded, by day, in the reporting zone",
    )  # fmt: skip


def _saved() -> None:
    """Draw what keeps the SELECT by a name, and those that are kept."""
    workspace = session.kept()

    def save() -> None:
        try:
            views.save(workspace, View(st.session_state[_NAME], SQL, {SQL: [st.session_state[_TEXT]]}))
            st.session_state[_TOLD] = "Saved"
        except WorkbenchError as error:
            st.session_state[_TOLD] = error

    def take(view: View) -> None:
        st.session_state[_TEXT] = view.query[SQL][0]

    told = st.session_state.pop(_TOLD, None)
    if isinstance(told, WorkbenchError):
        failed(told)
    if session.may("views"):
        st.text_input("Save this SELECT as", key=_NAME, placeholder="Contacts by language")
        st.button("Save", key="sql:save", type="primary", on_click=save)
    for view in views.saved(workspace, SQL):
        key = f"{view.owner}:{view.name}"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(escaped(view.name), key=f"sql:take:{key}", on_click=take, args=(view,), width="stretch")
            if not session.may("views"):
                continue
            if view.owner:
                _acting("Share", view, ":material/group:", partial(views.share, workspace, view))
            _acting("Delete", view, ":material/delete:", partial(views.delete, workspace, view))


def _acting(label: str, view: View, icon: str, act: Callable[[], None]) -> None:
    """Draw a button that does something with a kept SELECT; what is wrong with it is said in the next run."""

    def acted() -> None:
        try:
            act()
        except WorkbenchError as error:
            st.session_state[_TOLD] = error

    key = f"sql:{label.lower()}:{view.owner}:{view.name}"
    st.button(session.told_apart(label, view.name), key=key, icon=icon, type="tertiary", on_click=acted)


def _tables(workspace: Workspace) -> None:
    """Draw the tables that can be selected from, and the columns of one."""
    found = console.tables(workspace)
    named = next((n for n, table in enumerate(found) if table in BEGIN.split()), 0)
    picked = st.selectbox("Table", list(found), index=named, key="sql:table")
    st.dataframe(
        pd.DataFrame(found[picked], columns=["Column", "Type"]), hide_index=True,
        height=min(TABLES_HEIGHT, tables.height(len(found[picked]) + 1)), alt=f"Columns of {picked}",
    )  # fmt: skip


def _result(workspace: Workspace, found: Result) -> None:
    """Draw what a SELECT came to."""
    rows, numbers = found.rows, found.numbers
    with st.container(border=True, gap="xsmall", key="sql-result"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            said = f"The first {formats.rows(len(rows), 'rows')}" if found.is_cut else formats.rows(len(rows), "rows")
            st.markdown(f"**{said}** :gray[· snapshot of {timestamp(found.as_of)}]", width="content")
            st.space("stretch")
            is_drawn = bool(numbers) and len(rows.columns) > 1 and len(rows) > 1
            shape = st.segmented_control(
                "Shown as", SHAPES if is_drawn else SHAPES[:1], default=SHAPES[0], key=f"sql:shape:{is_drawn}",
                label_visibility="collapsed", required=True,
            )  # fmt: skip
            _download(workspace, found)
        if shape == SHAPES[0]:
            st.dataframe(rows, hide_index=True, alt="Result", column_config=_columns(found))
        else:
            _chart(found, shape)


def _columns(found: Result) -> dict[str, Any]:
    """Return how columns are drawn: times as people write them, numbers with all their digits."""
    times: dict[str, Any] = {
        "DATE": st.column_config.DateColumn(format="D MMM YYYY"),
        "TIMESTAMP": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm:ss"),
    }
    return {str(name): times[type_] for name, type_ in zip(found.rows, found.types, strict=True) if type_ in times}


def _chart(found: Result, shape: str) -> None:
    """Draw the numbers of a result by another of its columns."""
    draw = plain.bars if shape == "Bars" else plain.lines
    said = f"{', '.join(found.numbers)} by {plain.along(found.rows, found.numbers)}"
    st.vega_lite_chart(draw(found.rows, found.numbers), alt=said)
    if shape == "Bars" and len(found.rows) > plain.BARS:
        st.caption(f"The first {plain.BARS} rows.")


def _download(workspace: Workspace, found: Result) -> None:
    if not session.may("export"):
        return
    offered = {name: label for name, label in export.FORMATS.items() if name != "xlsx"}
    picked = st.menu_button(
        "Download", list(offered), format_func=offered.__getitem__, icon=":material/download:", key="sql:download"
    )
    if picked:
        _served(workbook.prepare_rows(workspace, "sql", found.rows, picked))


@st.dialog("Export", icon=":material/download:")
@failures_shown()
def _served(file: workbook.Prepared) -> None:
    export.served("What the SELECT came to", file)
