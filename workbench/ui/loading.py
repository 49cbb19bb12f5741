"""The Data page's parts: the drop target, what became of each file, and what is loaded."""

import shutil
import tempfile
import weakref
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
# The choices that the page asks for when a file needs them, by the command line's name.
ASKED = {"--kind": "kind", "--sheet": "sheet", "--date-order": "date_order"}
_JOB, _FILES, _DONE = "load:job", "load:files", "load:done"


class Upload:
    """An uploaded file on the disk, under its own name (a name tells its period), so that the memory can go.

    It is deleted when nobody holds it any more, a closed session for one, if not before.
    """

    def __init__(self, file: UploadedFile) -> None:
        folder = Path(tempfile.mkdtemp(prefix="contact-workbench-upload-"))
        self.delete = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.path = folder / Path(file.name).name
        with self.path.open("wb") as copy:
            shutil.copyfileobj(file, copy)


@dataclass(frozen=True)
class Loaded:
    """What became of one uploaded file; `upload` is kept only while the file waits for a choice."""

    file: str
    report: LoadReport | None = None
    error: WorkbenchError | None = None
    upload: Upload | None = None
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
            _start(workspace, [Upload(file) for file in files], choices)
    if job and job.is_running:
        jobs.watched(job)
    elif job:
        waiting = [loaded for loaded in _done() if loaded.upload and loaded.upload.delete.alive]
        st.session_state[_DONE] = [*waiting, *(job.outcome or [Loaded(job.title, error=job.error)])]
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


def _start(workspace: Workspace, uploads: Sequence[Upload], choices: Choices) -> None:
    st.session_state[_DONE] = [loaded for loaded in _done() if loaded.upload not in uploads]
    st.session_state[_JOB] = jobs.Job("Loading", partial(_load_all, workspace, uploads, choices))
    st.session_state["load:turn"] += 1  # a new drop target: the old one lets go of its bytes
    st.rerun()


def _done() -> list[Loaded]:
    return cast(list[Loaded], st.session_state.get(_DONE, []))


def _load_all(workspace: Workspace, uploads: Sequence[Upload], choices: Choices, progress: Progress) -> list[Loaded]:
    done: list[Loaded] = []
    try:
        done.extend(_load(workspace, upload, choices, progress) for upload in uploads)
    finally:
        waiting = [loaded.upload for loaded in done]
        for upload in uploads:
            if upload not in waiting:
                upload.delete()
    return done


def _load(workspace: Workspace, upload: Upload, choices: Choices, progress: Progress) -> Loaded:
    name = upload.path.name
    if progress.is_cancelled:
        return Loaded(name, error=WorkbenchError(f"{name}: cancelled before it was loaded"))
    try:
        return Loaded(name, report=workspace.load(upload.path, choices, progress))
    except ChoiceNeeded as error:
        return Loaded(name, error=error, upload=upload if error.option in ASKED else None, choices=choices)
    except WorkbenchError as error:
        return Loaded(name, error=error)


def results(workspace: Workspace) -> None:
    """Draw what became of the files that were loaded last."""
    for loaded in _done():
        if loaded.report:
            inventory.load_report(workspace, loaded.report)
        elif loaded.error:
            session.failed(loaded.error)
            if loaded.upload and isinstance(loaded.error, ChoiceNeeded):
                _choice(workspace, loaded, loaded.upload, loaded.error.option)


def _choice(workspace: Workspace, loaded: Loaded, upload: Upload, option: str) -> None:
    """Ask what a file left open, and load it again."""
    name = ASKED[option]
    key = f"{name}:{upload.path}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        answer: str | None
        if name == "kind":
            answer = st.selectbox("Kind of export", list(KINDS), format_func=lambda n: KINDS[n].title, key=key)
        elif name == "date_order":
            answer = st.selectbox("Order of dates", list(DATE_ORDERS), format_func=DATE_ORDERS.__getitem__, key=key)
        else:
            answer = st.text_input("Sheet", key=key)
        if st.button("Load again", key=f"again:{upload.path}", disabled=st.session_state.get(_JOB) is not None):
            _start(workspace, [upload], replace(loaded.choices, **{name: answer}))  # type: ignore[arg-type]
