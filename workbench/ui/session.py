"""Which workspace a page shows: the one of this process, or the sample data while nothing is loaded."""

import atexit
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from workbench import team
from workbench.ask import engine, sample, workspaces
from workbench.drawing.colours import Theme
from workbench.errors import WorkbenchError
from workbench.store.paths import default_path
from workbench.store.workspace import Workspace
from workbench.team import LOCAL, Person
from workbench.ui import leaving, signed_in

T = TypeVar("T")
_TAKEN = "session:taken"
_opening = threading.Lock()
_open: dict[str | None, Workspace] = {}
_used: dict[str, float] = {}  # when somebody of a team asked for a workspace last
_seen: dict[tuple[str | None, Person], Workspace] = {}  # the open workspaces as the persons of a team see them
# Within a word neither a line nor a hyphen is markup, and a label's backslash is read out.
MARKUP = re.compile(r"[\\`*{}\[\]()<>#+!|~:$&^=@]|(?<!\w)[_-]|[_-](?!\w)|\.(?=\s|$)")
# Behind what, and in the middle of what, a text is changed after it was parsed, whatever was escaped: addresses become
# links, :names: pictures, and arrows one character. A mark that draws nothing there leaves no such text.
TOUCHED = re.compile(r"(?<=[:@])(?=\S)|(?<=www)(?=\.)|(?<=[<>~=-])(?=[<>=-])", re.IGNORECASE)
APART = ":color[]"
MASKED_NOTICE = "Something has to be said of this workspace to who sees it unmasked. Ask whoever runs this server"


@atexit.register
def close() -> None:
    """Close every workspace of this process."""
    with _opening:
        while _open:
            _open.popitem()[1].close()
        _seen.clear()


def _workspace(path: str | None) -> Workspace:
    """Return the workspace of a path, None for the sample data; each is opened once per process."""
    with _opening:
        if path not in _open:
            _open[path] = sample.opened() if path is None else _installed(Path(path))
            _open[path].awaited = leaving.awaited
        return _open[path]


def _installed(path: Path) -> Workspace:
    workspace = Workspace(path, team.here())
    workspaces.ready(workspace)
    if (found := team.named()) and found.load_days:
        workspace.unload_old(found.load_days)
    workspace.keep_published()
    return workspace


def prepare() -> None:
    """Open what the first page shows, before anybody asks for it; of a team nobody is known yet."""
    if team.named():
        return
    with suppress(WorkbenchError):  # the page that meets the error again shows it
        if _workspace(str(default_path())).is_empty:
            _workspace(None)


def may(act: str) -> bool:
    """Tell whether who the page is drawn for may do something: what they may not is not offered."""
    return signed_in.person().may(act)


def _seen_by(path: str | None, who: Person) -> Workspace:
    """Return the workspace of a path as a person sees it, the same object for as long as it is open."""
    workspace = _workspace(path)
    if who is LOCAL:
        return workspace
    with _opening:
        seen = _seen.get((path, who))
        if seen is None or not seen.is_of(workspace):
            seen = _seen[path, who] = workspace.seen_by(who)
            seen.present = partial(signed_in.still, who)
        if path:
            _used[path] = time.monotonic()
    _close_idle()
    return seen


def _close_idle() -> None:
    """Close the workspaces that nobody of the team has asked for in a while."""
    found = team.named()
    if found is None:
        return
    oldest = time.monotonic() - 60 * found.idle_minutes
    with _opening:
        for path in [path for path, at in _used.items() if at < oldest]:
            del _used[path]
            _open.pop(path).close()
            for key in [key for key in _seen if key[0] == path]:
                del _seen[key]


def _path(who: Person) -> str:
    return str(default_path() if who is LOCAL else signed_in.place(who).path)


def own() -> Workspace:
    """Return the workspace of who is there; end the page with one clear line where it cannot be opened."""
    try:
        who = signed_in.person()
        path = _path(who)
        with st.spinner("Opening the workspace") if path not in _open else nullcontext():
            workspace = _seen_by(path, who)
    except WorkbenchError as error:
        failed(error)
        st.stop()
    st.session_state[_TAKEN] = workspace.taken
    notices = [notice for notice in (workspace.notice, _workspace(path).unpublished) if notice]
    for notice in [MASKED_NOTICE] if notices and workspace.is_masked else notices:  # they tell names of files
        st.warning(escaped(notice), icon=":material/warning:")
    return workspace


def is_past(workspace: Workspace) -> bool:
    """Tell whether another file took the place of one's own since the page began to be drawn: its rows may be gone."""
    return bool(workspace.taken != st.session_state.get(_TAKEN))


def kept() -> Workspace:
    """Return the workspace in which views are kept, also while pages show the sample data."""
    who = signed_in.person()
    return _seen_by(_path(who), who)


def shown() -> Workspace:
    """Return what pages show: the workspace, or the sample data while nothing was ever loaded.

    With an engine set it is one state of what is published; the page ends with one clear line where there is none.
    """
    workspace = own()
    if not engine.is_set():
        return _seen_by(None, signed_in.person()) if workspace.is_empty else workspace
    try:
        return engine.shown(workspace)
    except WorkbenchError as error:
        failed(error)
        st.stop()


def changed(workspace: Workspace, key: str, value: str) -> None:
    """Store a setting; every number shown follows."""
    try:
        workspace.set(key, value)
        st.toast("Saved", icon=":material/check:")
    except WorkbenchError as error:
        failed(error)


def failed(error: WorkbenchError) -> None:
    """Show an error that a user can cause as one line; its text may quote names of files and is not Markdown."""
    st.error(escaped(str(error)), icon=":material/error:")


@contextmanager
def failures_shown() -> Iterator[None]:
    """Show what ends a page, or what runs again alone of it, as one line, such as damage that is met while drawing."""
    try:
        yield
    except WorkbenchError as error:
        failed(error)


def escaped(text: str) -> str:
    """Return text that is not ours so that Markdown shows it as it is, on one line: no image, link or formula."""
    line = " ".join(map(str.strip, text.splitlines()))
    return APART.join(MARKUP.sub(r"\\\g<0>", part) for part in TOUCHED.split(line))


def told_apart(label: str, of: str) -> str:
    """Return the label of one of several buttons alike: what it is `of` is read out, and not drawn (style.css)."""
    return f"{label} :small[of {escaped(of)}]"


def distinctly(options: Iterable[T], named: Callable[[T], str], more: Callable[[T], str]) -> Callable[[T], str]:
    """Return how options are named, with more where two read alike: a list tells them apart by their names alone."""
    times = Counter(map(named, options))
    return lambda option: named(option) if times[named(option)] < 2 else f"{named(option)} ({more(option)})"


def identity() -> str:
    """Return what tells the session of a page from others, '' outside of one."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


def theme() -> Theme:
    """Return the theme in which the browser shows the page."""
    return "dark" if st.context.theme.type == "dark" else "light"
