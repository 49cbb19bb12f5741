"""The workspace as a whole: back it up, put a backup in its place, start afresh. Each asks before anything is lost."""

import hashlib
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from workbench.ask import shell
from workbench.errors import WorkbenchError
from workbench.progress import Progress
from workbench.store import copies
from workbench.store.workspace import Workspace
from workbench.ui import export, jobs, session, uploads
from workbench.ui.session import escaped
from workbench.workbook import Prepared

WORD = "start afresh"
_JOB, _KEPT = "backup:job", "keeping:kept"


def keeping(workspace: Workspace) -> None:
    """Draw what can be done with the workspace as a whole."""
    if kept := st.session_state.get(_KEPT):
        st.success(f"Done. What was there before is kept in {escaped(str(kept))}", icon=":material/check:")
    with st.grid(3, min_column_width=280):
        for act, draw in (("restore", _back_up), ("restore", _restore), ("clear", _start_afresh)):
            if session.may(act):
                with st.container(border=True):
                    draw(workspace)


def _back_up(workspace: Workspace) -> None:
    st.markdown("**Back up**")
    st.caption("One file with every row, load and setting. Work can go on meanwhile.")
    job: jobs.Job[Prepared] | None = st.session_state.get(_JOB)
    if job and job.is_running:
        jobs.watched(job)
        return
    if job and job.error:
        session.failed(job.error)
    elif job and job.outcome:
        export.served("Backup", job.outcome)
    if st.button("Prepare a backup", icon=":material/save:", key="backup:prepare"):
        st.session_state[_JOB] = jobs.Job("Backing up", partial(_backed_up, workspace))
        st.rerun()


def _backed_up(workspace: Workspace, progress: Progress) -> Prepared:
    """Write a backup where a browser can get it, or beside the workspace when it is too large for one."""
    beside = copies.backup(workspace.path or Path("workspace.duckdb"))
    is_large = workspace.path is not None and workspace.path.stat().st_size >= export.SHOWN_ONLY
    target = beside if is_large else workspace.files / "exports" / beside.name
    progress.stage = "Writing the backup"
    workspace.backup(target)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Prepared(target, f"{beside.stem}-{digest[:12]}.duckdb", digest, target.stat().st_size)


def _restore(workspace: Workspace) -> None:
    st.markdown("**Restore a backup**")
    st.caption("Everything that is loaded is replaced by what the backup holds.")
    file = st.file_uploader("Backup", ["duckdb"], key=f"restore:{workspace.version}", label_visibility="collapsed")
    found = workspace.backups
    path = st.selectbox(
        "Or one on this machine", found, None, key="restore:path",
        format_func=session.distinctly(found, lambda path: path.name, lambda path: str(path.parent)),
        help="Copies that were made beside the workspace, and backups in the folders that the settings allow.",
    )  # fmt: skip
    is_sure = st.checkbox("Replace everything; a copy of it is kept", key=f"restore:sure:{workspace.version}")
    can = bool(file or path) and is_sure and not uploads.is_loading()
    if not st.button("Restore", icon=":material/settings_backup_restore:", key="restore:go", disabled=not can):
        return
    if path and not file:
        _done(partial(_restored, workspace, path))
    elif file:
        with tempfile.TemporaryDirectory(prefix="restore-", dir=workspace.files / "inbox") as folder:
            taken = Path(folder) / Path(file.name).name
            taken.write_bytes(file.getbuffer())
            _done(partial(_restored, workspace, taken))


def _restored(workspace: Workspace, backup: Path) -> Path:
    """Take over a backup; what takes the place of a damaged file has no views yet."""
    kept = workspace.restore(backup)
    shell.install(workspace)
    return kept


def _start_afresh(workspace: Workspace) -> None:
    st.markdown("**Start afresh**")
    st.caption("Every row, load, mapping and setting goes; a copy of them is kept beside the workspace.")
    typed = st.text_input(f"Type “{WORD}” to go on", key=f"clear:word:{workspace.version}")
    is_sure = typed.strip().casefold() == WORD and not uploads.is_loading()
    if st.button("Start afresh", icon=":material/delete_sweep:", key="clear:go", disabled=not is_sure):
        _done(workspace.clear)


def _done(change: Callable[[], Path]) -> None:
    """Change the whole workspace, and run the page again with where the copy of what was there is."""
    try:
        with st.spinner("Working"):
            st.session_state[_KEPT] = change()
    except WorkbenchError as error:
        session.failed(error)
        return
    uploads.forget()
    st.rerun()
