"""Which workspace a page shows: the one of this process, or the sample data while nothing is loaded."""

import atexit
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from workbench import queries
from workbench import workspace as workspaces
from workbench.errors import WorkbenchError
from workbench.workspace import Workspace

LINKED = re.compile(r"://|www\.|@", re.IGNORECASE)
SAMPLE = Path(__file__).parents[2] / "sample_data"


@dataclass(frozen=True)
class Source:
    """A workspace by what caches can hash: its path, or None for the sample, and the version of what it holds."""

    path: str | None
    version: int
    today: date  # a day later, what counts from the wall clock is another answer

    @property
    def workspace(self) -> Workspace:
        """The open workspace."""
        return _sample() if self.path is None else _opened(self.path)


@st.cache_resource(show_spinner="Opening the workspace")
def _opened(path: str) -> Workspace:
    """Open the workspace once per process."""
    workspace = Workspace(Path(path))
    queries.install(workspace)
    return workspace


@st.cache_resource(show_spinner="Loading the sample data")
def _sample() -> Workspace:
    """Load the sample files into a workspace in memory, once per process."""
    workspace = Workspace()
    atexit.register(workspace.close)
    queries.install(workspace)
    for file in sorted(path for path in SAMPLE.glob("*/*") if path.is_file()):
        workspace.load(file)
    return workspace


def own() -> Workspace:
    """Return the workspace of this process; end the page with one clear line where it cannot be opened."""
    _through_the_router()
    try:
        return _opened(str(workspaces.default_path()))
    except WorkbenchError as error:
        failed(error)
        st.stop()


def _through_the_router() -> None:
    """Run again through app.py where Streamlit took a folder named pages/ for its own older way of several pages.

    It does so in the first run of a process, when the first address opened is that of a page.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def source() -> Source:
    """Return what pages show: the workspace, or the sample data while nothing was ever loaded."""
    workspace = own()
    if not workspace.is_empty:
        return Source(str(workspaces.default_path()), workspace.version, date.today())
    return Source(None, _sample().version, date.today())


def failed(error: WorkbenchError) -> None:
    """Show an error that a user can cause as one line; its text may quote names of files and is not Markdown."""
    st.error(escaped(str(error)), icon=":material/error:")


def escaped(text: str) -> str:
    """Return text from data so that Markdown shows it as it is; what Markdown would link by itself becomes code."""
    if LINKED.search(text):
        fence = "`" * (1 + max(map(len, re.findall("`*", text))))
        return f"{fence} {' '.join(text.split())} {fence}"
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-.!|~:$&^=@/\"'" else " " if c in "\r\n" else c for c in text)
