"""The packs of a workspace: each to be made, changed, carried to others as a file, and deleted."""

import tempfile
from functools import partial
from pathlib import Path

import streamlit as st

from workbench.ask import recipes, views
from workbench.ask.recipes import Recipe
from workbench.errors import WorkbenchError
from workbench.progress import Progress
from workbench.store.workspace import Workspace
from workbench.ui import drafting, export, jobs, session
from workbench.ui.session import escaped, failed, failures_shown, told_apart
from workbench.workbook import running
from workbench.workbook.running import Pack

MOST_MEGABYTES = 50  # of a file that carries a recipe
ICONS = {True: ":material/notification_important:", False: ":material/check:", None: ":material/help:"}
_JOB, _TOLD = "packs:job", "packs:told"


def packs() -> None:
    """Draw the packs, with what begins another one."""
    if told := st.session_state.pop(_TOLD, None):
        st.toast(told, icon=":material/check:")
    if session.may("views"):
        _beginning()
    found = recipes.saved(session.kept())
    if not found:
        _none()
    for number, (name, recipe) in enumerate(found.items()):
        with st.container(border=True, key=f"pack-{number}"):
            if isinstance(recipe, WorkbenchError):
                failed(recipe)
                _deleting(name)
            else:
                _pack(recipe)
    if _JOB in st.session_state:
        _making()


def _beginning() -> None:
    with st.container(horizontal=True):
        st.button("New pack", icon=":material/add:", type="primary", on_click=drafting.begun)
        if st.button("Take over", icon=":material/upload:", help="A recipe's file, or a pack, which carries its own."):
            _taking_over()


def _none() -> None:
    with st.container(border=True, horizontal_alignment="center", gap="small", key="no-packs"):
        st.space("small")
        st.markdown(":gray[:material/inventory_2:]", width="content")
        st.markdown("### No pack yet", width="content")
        st.markdown(":gray[One workbook of several saved views in your order, with one cover.]", width="content")
        if not views.saved(session.kept()):
            begins = "It begins with a view: open a report, set dates and filters, save what is on screen by *Views*."
            st.markdown(f":gray[{begins}]", width="content")
        st.space("small")


def _pack(recipe: Recipe) -> None:
    counted = [
        (len(recipe.rules), "rule for files", "rules for files"),
        (len(recipe.thresholds), "threshold", "thresholds"),
    ]
    said = [escaped(recipe.name), *(f"{n} {one if n == 1 else several}" for n, one, several in counted if n)]
    st.markdown(f"**{escaped(recipe.title)}**   :gray[{' · '.join(said)}]")
    lines = [
        f"{escaped(part.title)} :gray[· {part.report.title} · {escaped(drafting.days(part.report, part.query))}]"
        for part in recipe.parts
    ]
    st.markdown("\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1)))
    with st.container(horizontal=True, vertical_alignment="center"):
        if session.may("export") and st.button(
            told_apart("Prepare workbook", recipe.name), icon=":material/download:", type="primary"
        ):
            st.session_state[_JOB] = jobs.Job(recipe.title, partial(_prepared, session.shown(), recipe))
            st.rerun()
        if session.may("views"):
            st.button(
                told_apart("Change", recipe.name), icon=":material/edit:", on_click=drafting.begun, args=(recipe,)
            )
        st.download_button(
            told_apart("Recipe", recipe.name), recipe.as_text(), f"{recipe.name}.json", "application/json",
            icon=":material/file_save:", on_click="ignore", help="Its file, for another workspace or for a schedule.",
        )  # fmt: skip
        _deleting(recipe.name)
    st.caption("With next month's files, by hand or by a schedule:")
    name = recipe.name.replace('"', "")
    st.code(f'contact-workbench run "{name}" *.csv --to "{name}.xlsx"', language=None, wrap_lines=True)


def _deleting(name: str) -> None:
    if not session.may("views"):
        return

    def delete() -> None:
        recipes.delete(session.kept(), name)
        st.session_state[_TOLD] = "Pack deleted"

    with st.popover(told_apart("Delete", name), icon=":material/delete:", type="tertiary"):
        st.markdown("The workbooks that it made stay.")
        st.button("Delete this pack", key=f"packs:delete:{name}", on_click=delete)


def _prepared(workspace: Workspace, recipe: Recipe, progress: Progress) -> Pack:
    made = running.prepare(workspace, recipe, progress)
    return Pack(export.kept(workspace, made.file), made.findings)


def _let_go() -> None:
    job = st.session_state.pop(_JOB, None)
    if job and job.is_running:
        job.progress.cancel()


@st.dialog("Pack", icon=":material/download:", on_dismiss=_let_go)
@failures_shown()
def _making() -> None:
    job: jobs.Job[Pack] = st.session_state[_JOB]
    if job.is_running:
        st.markdown(f"Preparing: {escaped(job.title)}")
        jobs.watched(job)
    elif job.error:
        failed(job.error)
        st.caption("Nothing was written. Close this and try again.")
    elif job.outcome:
        for text in job.outcome.warnings:
            st.caption(escaped(text))
        for finding in job.outcome.findings:
            icon = ICONS[finding.is_passed]
            st.markdown(f"{icon} {escaped(finding.words)}")
        export.served(escaped(job.title), job.outcome.file)


@st.dialog("Take over a pack", icon=":material/upload:")
@failures_shown()
def _taking_over() -> None:
    st.caption(
        "A recipe's file (.json), or a pack (.xlsx) that was made of several views: its cover carries the recipe."
    )
    given = st.file_uploader("Recipe or pack", ["json", "xlsx"], key="packs:file", max_upload_size=MOST_MEGABYTES)
    if not given:
        return
    with tempfile.TemporaryDirectory(dir=session.kept().files / "inbox") as folder:
        path = Path(folder) / f"given{Path(given.name).suffix.lower()}"
        path.write_bytes(given.getbuffer())
        try:
            recipe = recipes.read(path, given.name)
        except WorkbenchError as error:
            failed(error)
            return
    known = recipe.name in recipes.saved(session.kept())
    st.markdown(f"**{escaped(recipe.title)}** · {escaped(recipe.name)} · {len(recipe.parts)} views")
    if known:
        st.caption("It takes the place of the pack of this name.")
    if st.button("Take over this pack", type="primary", width="stretch"):
        recipes.save(session.kept(), recipe)
        st.session_state[_TOLD] = "Pack taken over"
        st.rerun()
