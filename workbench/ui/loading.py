"""The Data page's parts: the drop target, what became of each file, and what is loaded."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast
from zoneinfo import available_timezones

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from workbench.errors import ChoiceNeeded, WorkbenchError
from workbench.exports import KINDS
from workbench.intake import Choices
from workbench.intake.load import LoadReport
from workbench.progress import Progress
from workbench.ui import inventory, jobs, session
from workbench.workspace import Workspace

ENDINGS = ("csv", "tsv", "txt", "xlsx")
DATE_ORDERS = {"dmy": "Day first (31/12/2025)", "mdy": "Month first (12/31/2025)"}
_JOB, _FILES, _DONE = "load:job", "load:files", "load:done"


@dataclass(frozen=True)
class Loaded:
    """What became of one uploaded file; `path` is kept only while the file waits for a choice."""

    file: str
    report: LoadReport | None = None
    error: WorkbenchError | None = None
    path: Path | None = None
    choices: Choices = Choices()  # noqa: RUF009


def drop_target(workspace: Workspace) -> None:
    """Draw the drop target with what files may leave open, and load what is dropped."""
    turn = st.session_state.setdefault("load:turn", 0)
    job: jobs.Job[list[Loaded]] | None = st.session_state.get(_JOB)
    with st.container(border=True):
        files = st.file_uploader(
            "Drop export files here", ENDINGS, accept_multiple_files=True, key=f"{_FILES}:{turn}",
            disabled=job is not None,
        )  # fmt: skip
        st.caption(
            "Files that overlap are fine: each row counts once. Larger files go through the command line:"
            " `python -m workbench load FILE`"
        )
        choices = _choices(workspace)
        names = "file" if len(files) == 1 else f"{len(files)} files"
        if st.button(f"Load {names}" if files else "Load", type="primary", disabled=not files or job is not None):
            _start(workspace, _on_disk(files), choices)
    if job and job.is_running:
        jobs.watched(job)
    elif job:
        st.session_state[_DONE] = job.outcome or [Loaded(job.title, error=job.error)]
        del st.session_state[_JOB]
        st.rerun()


def _choices(workspace: Workspace) -> Choices:
    """Draw what a file may leave open; each choice is used only for files that do not say it themselves."""
    with st.expander("What the files do not say themselves", type="compact"), st.container(horizontal=True):
        zones = sorted(available_timezones())
        zone = st.selectbox(
            "Time zone of their times", zones, None, placeholder=workspace.reporting_zone.replace("_", " "),
            format_func=lambda name: name.replace("_", " "), help="Used for files without a time zone column.",
        )  # fmt: skip
        kind = st.selectbox(
            "Kind of export", list(KINDS), None, placeholder="Recognise it",
            format_func=lambda name: f"{KINDS[name].system}: {KINDS[name].title}",
        )  # fmt: skip
        order = st.selectbox(
            "Order of dates", list(DATE_ORDERS), None, placeholder="Year first", format_func=DATE_ORDERS.__getitem__
        )
    return Choices(kind=kind, zone=zone, date_order=order)


def _on_disk(files: Sequence[UploadedFile]) -> list[Path]:
    """Copy uploads to a new folder under their own names (a name tells its period), so that the memory can go."""
    paths = []
    for number, file in enumerate(files):
        folder = Path(tempfile.mkdtemp(prefix="contact-workbench-upload-")) / str(number)
        folder.mkdir()
        paths.append(folder / Path(file.name).name)
        with paths[-1].open("wb") as copy:
            shutil.copyfileobj(file, copy)
    return paths


def _start(workspace: Workspace, paths: Sequence[Path], choices: Choices) -> None:
    st.session_state[_JOB] = jobs.Job("Loading", partial(_load_all, workspace, paths, choices))
    st.session_state["load:turn"] += 1  # a new drop target: the old one lets go of its bytes
    st.rerun()


def _load_all(workspace: Workspace, paths: Sequence[Path], choices: Choices, progress: Progress) -> list[Loaded]:
    done = [_load(workspace, path, choices, progress) for path in paths]
    for path in paths:
        if all(loaded.path != path for loaded in done):
            shutil.rmtree(path.parent.parent, ignore_errors=True)
    return done


def _load(workspace: Workspace, path: Path, choices: Choices, progress: Progress) -> Loaded:
    if progress.is_cancelled:
        return Loaded(path.name, error=WorkbenchError(f"{path.name}: cancelled before it was loaded"))
    try:
        return Loaded(path.name, report=workspace.load(path, choices, progress))
    except ChoiceNeeded as error:
        return Loaded(path.name, error=error, path=path, choices=choices)
    except WorkbenchError as error:
        return Loaded(path.name, error=error)


def results(workspace: Workspace) -> None:
    """Draw what became of the files that were loaded last."""
    for loaded in cast(list[Loaded], st.session_state.get(_DONE, [])):
        if loaded.report:
            inventory.load_report(workspace, loaded.report)
        elif loaded.error:
            session.failed(loaded.error)
            if loaded.path and isinstance(loaded.error, ChoiceNeeded):
                _choice(workspace, loaded, loaded.path, loaded.error.option)


def _choice(workspace: Workspace, loaded: Loaded, path: Path, option: str) -> None:
    """Ask what a file left open, and load it again."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if option == "--kind":
            kind = st.selectbox("Kind of export", list(KINDS), format_func=lambda n: KINDS[n].title, key=f"kind:{path}")
            choices = replace(loaded.choices, kind=kind)
        elif option == "--sheet":
            choices = replace(loaded.choices, sheet=st.text_input("Sheet", key=f"sheet:{path}"))
        else:
            return
        if st.button("Load again", key=f"again:{path}"):
            _start(workspace, [path], choices)
