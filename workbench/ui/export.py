"""Files to hand over, in two steps: prepared by work that can be cancelled, then served under a name with its hash."""

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st

from workbench import workbook
from workbench.ask.logs import ALL_ROWS, Page
from workbench.ask.question import Question
from workbench.ask.selection import short
from workbench.drawing import formats
from workbench.errors import WorkbenchError, reason
from workbench.progress import Progress
from workbench.reports import Tile
from workbench.store.workspace import Workspace
from workbench.team import LOCAL
from workbench.ui import address, downloads, jobs, results, session, signed_in
from workbench.ui.session import escaped, failed, failures_shown, told_apart
from workbench.workbook import Export, FileFormat, Prepared, checked

SHOWN_ONLY = 200_000_000  # bytes from which a file is not sent through the browser
FORMATS: dict[FileFormat, str] = {
    "xlsx": "Excel workbook", "csv": "CSV, safe for spreadsheets", "csv_exact": "CSV, exact", "parquet": "Parquet",
}  # fmt: skip
_JOB, _ASKED = "export", "export:asked"
EMPTY, A_CELL = 100_000, 12.0  # bytes of a workbook without logs, and of a cell of a log as it is packed


def button(question: Question) -> None:
    """Draw the button of the page's workbook; what goes in, and an export under way, stand in a dialog."""
    if not session.may("export"):
        return
    if st.button("Export to Excel", icon=":material/download:", type="primary"):
        st.session_state[_ASKED] = True
    if _JOB in st.session_state or _ASKED in st.session_state:
        _shown(question)


def menu(question: Question, tile: Tile, page: Page = ALL_ROWS) -> None:
    """Draw the menu that prepares a tile with all of its rows, a log as it is sorted and searched."""
    if not session.may("export"):
        return
    picked = st.menu_button(
        told_apart("Download", tile.title), list(FORMATS), format_func=FORMATS.__getitem__, icon=":material/download:",
        key=f"{question.report.name}:{tile.name}:download", type="secondary" if tile.log else "tertiary",
    )  # fmt: skip
    if picked:
        started(Export(question, tile, picked, page, link=_link(question)))
        st.rerun()


def started(export: Export) -> None:
    """Start an export; only one is under way in a session."""
    st.session_state[_JOB] = jobs.Job(FORMATS[export.format], partial(prepared, export))


def prepared(export: Export, progress: Progress) -> Prepared:
    """Prepare a file to be served."""
    return kept(export.question.workspace, workbook.prepare(export, progress))


def kept(workspace: Workspace, file: Prepared) -> Prepared:
    """Move a file that is too large for a browser to the user's own folder, which nothing empties."""
    if file.size < SHOWN_ONLY:
        return file
    target = workspace.exports_folder / file.name
    try:
        return replace(file, path=Path(shutil.move(file.path, target)))
    except OSError as error:
        file.path.unlink(missing_ok=True)
        raise WorkbenchError(f"{target}: cannot be written ({reason(error)}). Change exports_folder") from None


def _link(question: Question) -> str:
    return address.share_link(question.report, question.selection, question.scope, results.units(question))


def _let_go() -> None:
    st.session_state.pop(_ASKED, None)
    job = st.session_state.pop(_JOB, None)
    if job and job.is_running:
        job.progress.cancel()


@st.dialog("Export", icon=":material/download:", on_dismiss=_let_go)
@failures_shown()
def _shown(question: Question) -> None:
    if _JOB not in st.session_state:
        _contents(question)
        return
    job: jobs.Job[Prepared] = st.session_state[_JOB]
    if job.is_running:
        st.markdown(f"Preparing: {job.title}")
        jobs.watched(job)
    elif job.error:
        failed(job.error)
        st.caption("Nothing was written. Close this and try again.")  # takes the place of the progress bar
    elif job.outcome:
        served(job.title, job.outcome)


def _contents(question: Question) -> None:
    """Offer what goes into the page's workbook, with how many rows that are and how large it will be."""
    report, tiles = question.report, workbook.shown_tiles(question)
    st.markdown(f"**{report.title}** · {short(question.scope.now.days)}")
    picked = st.pills(
        "Sheets", [tile.name for tile in tiles], default=[tile.name for tile in tiles], selection_mode="multi",
        format_func=lambda name: escaped(report.tile(name).title), key=f"{report.name}:sheets",
    )  # fmt: skip
    columns = tuple((log.name, _columns(question, log)) for log in report.logs)
    logs = {tile.title: results.log_count(question, tile, "") for tile in tiles if tile.log and tile.name in picked}
    rows = [f"{title}: {formats.rows(number, 'rows')}" for title, number in logs.items()]
    cells = sum(
        logs[report.tile(name).title] * len({*names, *checked.needed(report, report.tile(name))})
        for name, names in columns
        if name in picked
    )
    st.markdown("  \n".join(map(escaped, [*rows, f"About {formats.size(EMPTY + round(cells * A_CELL))} in all"])))
    st.caption("With a cover, a summary with charts, checks, definitions, and what is odd about the data.")
    if st.button("Prepare", type="primary", width="stretch", disabled=not picked):
        without = frozenset(tile.name for tile in tiles if tile.name not in picked)
        started(Export(question, without=without, columns=columns, link=_link(question)))
        st.rerun(scope="fragment")


def _columns(question: Question, log: Tile) -> tuple[str, ...]:
    """Return the columns that a log is shown with."""
    known = results.log_columns(question, log)
    return tuple(name for name in address.layout(question.report, log).columns if name in known) or log.columns


def served(title: str, file: Prepared) -> None:
    """Offer a prepared file, or say where it is when it is too large for a browser."""
    if not file.path.is_file():
        st.caption("It was deleted, since a load was taken back meanwhile. Prepare it again.")
        return
    st.markdown(f"**{title}** is ready · {formats.size(file.size)}")
    if file.said:
        st.caption(f"{file.said}.")
    if file.size >= SHOWN_ONLY:
        st.markdown("It is too large to go through the browser. You find it here:")
        st.code(str(file.path), language=None, wrap_lines=True)
        return
    who = signed_in.person()
    if who is not LOCAL:
        link = downloads.address(file.path, file.name, who.name)
        st.link_button("Download", link, icon=":material/download:", type="primary", width="stretch")
        return
    st.download_button(
        "Download", file.path.read_bytes(), file.name, icon=":material/download:", type="primary", on_click="ignore",
        width="stretch",
    )  # fmt: skip
    st.caption(f"SHA-256 {escaped(file.sha256)}")
