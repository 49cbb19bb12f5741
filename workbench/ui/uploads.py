"""The Data page's way in: the drop target, files of allowed folders, and the choices that files leave open."""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self, cast

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from workbench.drawing import formats
from workbench.errors import ChoiceNeeded, FileRefused, HeaderUnknown, WorkbenchError, one_line
from workbench.exports import KINDS
from workbench.intake import codepages, containers, folders
from workbench.intake.choices import NOTHING_SAID, Choices
from workbench.intake.convert import DOUBTFUL
from workbench.intake.guesses import Preview
from workbench.intake.outcome import LoadOutcome
from workbench.progress import Progress
from workbench.store.workspace import Workspace
from workbench.time import zones
from workbench.ui import jobs, session
from workbench.ui.session import escaped


def kind_label(name: str) -> str:
    """Return a kind as people call it, with its system."""
    return f"{KINDS[name].system}: {KINDS[name].title}"


DATE_ORDERS = {"dmy": "Day first (31/12/2025)", "mdy": "Month first (12/31/2025)"}
ABSENT_LABELS = {"keep": "Stay as they are", "empty": "Go: the file replaces its rows whole"}
DECIMALS = {"point": "A point (1,234.5)", "comma": "A comma (1.234,5)"}
# The choices that the page asks for when a file needs them, by the command line's name.
ASKED = {"--kind": "kind", "--sheet": "sheet", "--date-order": "date_order", "--mapping": "mapping",
         "--rollup": "rollup", "--absent": "absent", "--encoding": "encoding",
         "--decimal": "decimal"}  # fmt: skip
# How each is asked for: why, the label, what can be chosen where the file does not say, and how that is called.
ASKS: dict[str, tuple[str, str, Iterable[str], Callable[[str], str]]] = {
    "kind": ("Its header fits several kinds of export, and its name does not say which.", "Kind of export", KINDS,
             kind_label),
    "sheet": ("Several of its sheets hold a report.", "Sheet", (), str),
    "date_order": ("Its dates, such as 7/12/21, can be read two ways.", "Order of dates", DATE_ORDERS,
                   DATE_ORDERS.__getitem__),
    "rollup": ("Neither its name nor its dates say what each of its rows covers.", "Each row covers", (),
               formats.ROLLUP_LABELS.__getitem__),
    "absent": ("It lacks most columns of its kind, and rows loaded before have values there.", "Those values",
               ABSENT_LABELS, ABSENT_LABELS.__getitem__),
    "encoding": ("It is not UTF-8, and what it holds does not tell its code page.", "Code page", codepages.PAGES,
                 codepages.PAGES.__getitem__),
    "decimal": ("Some of its numbers, such as 1,250, can be read two ways. Their rows are not loaded yet.",
                "Decimals come after", DECIMALS, DECIMALS.__getitem__),
}  # fmt: skip
LONGEST_STEM, LONGEST_ENDING = 180, 12  # bytes and characters of an upload's name that are kept
_JOB, _FILES, _FINISHED = "uploads:job", "uploads:files", "uploads:finished"
_TURN = "uploads:turn"  # of the drop target: a new one lets go of the bytes of the old one


class Incoming:
    """A file on its way in. An upload is in the inbox under its own name (a name tells its period), its memory let go.

    An upload is deleted when it is loaded or left out, and at the latest with the process; a folder's file stays.
    """

    def __init__(self, path: Path, folder: Path | None = None) -> None:
        self.path, self.name = path, one_line(path.name)
        self._delete = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True) if folder else None
        self._whole: Self | None = None
        self._parts = 0

    @classmethod
    def uploaded(cls, file: UploadedFile, workspace: Workspace) -> Self:
        """Return an upload, taken to the disk, where it is gone at the latest when the workspace is opened again."""
        folder = Path(tempfile.mkdtemp(prefix="upload-", dir=workspace.files / "inbox"))
        incoming = cls(folder / _storable(file.name), folder)
        with incoming.path.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        return incoming

    def part(self) -> Self:
        """Return the same file for a question about one of those in it: it stays until each of these is let go."""
        part = type(self)(self.path)
        part._whole = self
        self._parts += 1
        return part

    def let_go(self) -> None:
        """Delete an upload, unless parts of it still wait."""
        whole = self._whole or self
        whole._parts -= whole is not self
        if whole._delete and not whole._parts:
            whole._delete()


def _storable(name: str) -> str:
    """Return an upload's name as every disk takes it: its start and its ending, which tell what it is."""
    path = Path(one_line(name))
    stem = path.stem.encode()[:LONGEST_STEM].decode(errors="ignore")
    return f"{stem}{path.suffix[:LONGEST_ENDING]}".strip(".") or "upload"


@dataclass(frozen=True)
class Arrival:
    """One file that was given, and what became of it; `incoming` is kept only while it waits for a choice."""

    file: str
    outcome: LoadOutcome | None = None
    error: WorkbenchError | None = None
    incoming: Incoming | None = None
    choices: Choices = NOTHING_SAID
    preview: Preview | None = None  # of a file whose header is unknown

    @property
    def key(self) -> str:
        """What tells its widgets from those of another file, or of another one in the same archive."""
        place = str(self.incoming.path) if self.incoming else self.file
        return f"{place}/{self.choices.part}" if self.choices.part else place


Inbox = dict[Incoming, tuple[str, Arrival]]  # what waits for a choice, with the session that it was given to


def is_loading() -> bool:
    """Tell whether files are being loaded."""
    return _JOB in st.session_state


def arrivals() -> list[Arrival]:
    """Return the files that were given last, and those that wait for a choice."""
    return [*_finished(), *_waiting()]


def _finished() -> list[Arrival]:
    return cast(list[Arrival], st.session_state.setdefault(_FINISHED, []))


@st.cache_resource(show_spinner=False)
def _inbox(files: str) -> Inbox:
    """Return what waits in the inbox of a workspace, which the folder of its `files` names.

    Not in the session's own state, which ends when the page is loaded anew. A workspace is opened with an empty inbox,
    so whatever waits there was given to this process.
    """
    return {}


def _session() -> str:
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


def _waiting() -> list[Arrival]:
    """Return what waits for a choice in this session; what one that is closed has left, a reload say, is now its."""
    inbox, own = _inbox(str(session.kept().files)), _session()
    for incoming, (given_to, arrival) in list(inbox.items()):
        if not incoming.path.exists():
            inbox.pop(incoming, None)
        elif not runtime.get_instance().is_active_session(given_to):
            inbox[incoming] = own, arrival
    return [arrival for given_to, arrival in list(inbox.values()) if given_to == own]


def drop_target(workspace: Workspace) -> None:
    """Draw the drop target with what files may leave open, and load what is dropped."""
    job: jobs.Job[list[Arrival]] | None = st.session_state.get(_JOB)
    with st.container(border=True):
        incoming = _dropped() or _from_folders(workspace)
        choices = _choices(workspace)
        _button(workspace, incoming, choices)
    if job and job.is_running:
        jobs.watched(job)
    elif job:
        _finished().extend([Arrival(job.title, error=job.error)] if job.outcome is None else job.outcome)
        del st.session_state[_JOB]
        st.rerun()


def _dropped() -> list[UploadedFile]:
    turn = st.session_state.setdefault(_TURN, 0)
    return st.file_uploader(
        "Drop export files here", folders.ENDINGS, accept_multiple_files=True, key=f"{_FILES}:{turn}",
        disabled=is_loading(),
        help="Files that overlap are fine: each row counts once. Larger files load from a folder, see below.",
    )  # fmt: skip


def _button(workspace: Workspace, files: Sequence[UploadedFile | Path], choices: Choices) -> None:
    names = "file" if len(files) == 1 else f"{len(files)} files"
    if st.button(f"Load {names}" if files else "Load", type="primary", disabled=not files or is_loading()):
        incoming = [Incoming(file) if isinstance(file, Path) else Incoming.uploaded(file, workspace) for file in files]
        start(workspace, incoming, choices)


def _from_folders(workspace: Workspace) -> list[Path]:
    """Draw the list of files of the allowed folders; return those that were picked."""
    turn = st.session_state[_TURN]
    with st.expander("Load from a folder", type="compact", on_change="rerun", key="uploads:folder") as expander:
        if not expander.open:
            return []
        places = workspace.folders
        if not places:
            st.caption("For files too large to drop. Name the folders with your exports in the settings first.")
            st.page_link("pages/settings.py", label="Settings", icon=":material/settings:")
            return []
        picked = st.multiselect(
            "Files", folders.listed(places), key=f"uploads:picked:{turn}", disabled=is_loading(),
            format_func=partial(_named, places), placeholder="Choose files",
            help=f"Files of {', '.join(escaped(str(place)) for place in places)}",
        )  # fmt: skip
    try:
        return [folders.inside(path, places) for path in picked]
    except WorkbenchError as error:
        session.failed(error)
        return []


def _named(places: Sequence[Path], path: Path) -> str:
    place = next((place for place in places if path.is_relative_to(place)), path.parent)
    return f"{one_line(str(path.relative_to(place)))} · {formats.size(path.stat().st_size)}"


def _choices(workspace: Workspace) -> Choices:
    """Draw what a file may leave open; each choice is used only for files that do not say it themselves."""
    with st.expander("What the files do not say themselves", type="compact"), st.container(horizontal=True):
        zone = st.selectbox(
            "Time zone of their times", zones.names(), None, placeholder=workspace.reporting_zone.replace("_", " "),
            format_func=lambda name: name.replace("_", " "), help="Used for files without a time zone column.",
        )  # fmt: skip
        kind = st.selectbox("Kind of export", list(KINDS), None, placeholder="Recognise it", format_func=kind_label)
        order = st.selectbox(
            "Order of dates", list(DATE_ORDERS), None, placeholder="Year first", format_func=DATE_ORDERS.__getitem__
        )
        decimal = st.selectbox(
            "Decimals come after", list(DECIMALS), None, placeholder="As the numbers tell",
            format_func=DECIMALS.__getitem__,
        )  # fmt: skip
    return Choices(kind=kind, zone=zone, date_order=order, decimal=decimal)


def start(workspace: Workspace, files: Sequence[Incoming], choices: Choices) -> None:
    """Load files in the background, and run the page again.

    What became of earlier ones is shown no more, but beside a file that only waited for a choice.
    """
    inbox = _inbox(str(workspace.files))
    have_waited = [inbox.pop(file, None) for file in files]
    if not any(have_waited):
        _finished().clear()
    load = partial(_load_all, workspace, files, choices, partial(_wait, inbox, _session()))
    st.session_state[_JOB] = jobs.Job("Loading", load)
    st.session_state[_TURN] += 1
    st.rerun()


def leave_out(arrival: Arrival) -> None:
    """Forget a file that waits for a choice; what was loaded of it stays."""
    if arrival.incoming:
        arrival.incoming.let_go()
        _inbox(str(session.kept().files)).pop(arrival.incoming, None)
        if arrival.outcome:
            _finished().append(replace(arrival, error=None, incoming=None))


def forget(load_id: int | None = None) -> None:
    """Show no more what became of a load, or of all of them, since it was taken back."""
    finished = _finished()
    finished[:] = [
        arrival for arrival in finished if (arrival.outcome and load_id not in (None, arrival.outcome.load_id))
        or not arrival.outcome
    ]  # fmt: skip
    inbox = _inbox(str(session.kept().files))
    for incoming, (given_to, arrival) in list(inbox.items()):
        if arrival.outcome and load_id in (None, arrival.outcome.load_id):  # leaving it out would show it as loaded
            inbox[incoming] = given_to, replace(arrival, outcome=None)


def _wait(inbox: Inbox, given_to: str, arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Keep the files that wait for a choice of the session they were given to; return the others."""
    arrivals = list(arrivals)
    inbox.update({arrival.incoming: (given_to, arrival) for arrival in arrivals if arrival.incoming})
    return [arrival for arrival in arrivals if not arrival.incoming]


def _load_all(
    workspace: Workspace, files: Sequence[Incoming], choices: Choices,
    wait: Callable[[Iterable[Arrival]], list[Arrival]], progress: Progress,
) -> list[Arrival]:  # fmt: skip
    finished: list[Arrival] = []
    try:
        for number, file in enumerate(files, start=1):
            progress.part = f"File {number} of {len(files)}: {file.name}" if len(files) > 1 else file.name
            finished.extend(_load(workspace, file, choices, progress))
    finally:
        waiting = [arrival.incoming for arrival in finished]
        for file in files:
            if file not in waiting:
                file.let_go()
    return wait(finished)


def _load(workspace: Workspace, incoming: Incoming, choices: Choices, progress: Progress) -> list[Arrival]:
    """Load a file, or each file of an archive."""
    if progress.is_cancelled:
        return [Arrival(incoming.name, error=WorkbenchError(f"{incoming.name}: cancelled before it was loaded"))]
    found: list[Arrival] = []
    try:
        for said, became in workspace.load_parts(incoming.path, choices, progress):
            found.append(_arrival(workspace, incoming, said, became, progress))
            if said.part != choices.part and found[-1].incoming:
                found[-1] = replace(found[-1], incoming=incoming.part())
    except WorkbenchError as error:
        found.append(Arrival(incoming.name, error=error))
    return found


def _arrival(
    workspace: Workspace, incoming: Incoming, said: Choices, became: LoadOutcome | FileRefused, progress: Progress
) -> Arrival:
    name = incoming.name if said.part is None else f"{incoming.name} ({containers.shown(said.part)})"
    if isinstance(became, LoadOutcome):
        return _loaded(name, became, incoming, said)
    if isinstance(became, HeaderUnknown):
        return replace(_unknown(workspace, incoming, said, became, progress), file=name)
    is_asked = isinstance(became, ChoiceNeeded) and became.option in ASKED
    return Arrival(name, error=became, incoming=incoming if is_asked else None, choices=said)


def _loaded(name: str, outcome: LoadOutcome, incoming: Incoming, choices: Choices) -> Arrival:
    """Keep a loaded file while some of its rows wait for the decimal mark to be told."""
    said = next((warning for warning in outcome.warnings if DOUBTFUL in warning), None)
    if said is None:
        return Arrival(name, outcome=outcome)
    return Arrival(name, outcome, ChoiceNeeded(said, "--decimal"), incoming, choices)


def _unknown(
    workspace: Workspace, incoming: Incoming, choices: Choices, error: HeaderUnknown, progress: Progress
) -> Arrival:
    """Keep a file whose header is no export's for the mapping step, if it has a table of at least two columns."""
    name = incoming.name
    try:
        preview = workspace.preview(incoming.path, choices, progress)
    except WorkbenchError:
        return Arrival(name, error=error)
    if sum(bool(header.strip()) for header in preview.header) < 2:
        return Arrival(name, error=error)
    return Arrival(name, error=error, incoming=incoming, choices=choices, preview=preview)


def templates() -> None:
    """Draw a download for each kind of file that is no vendor's: an empty one with the header it needs."""
    st.caption("Fill one in, or give the file you have: what its columns are called is asked for when it is loaded.")
    with st.container(horizontal=True):
        for kind in KINDS.values():
            if kind.is_ours:
                st.download_button(
                    kind_label(kind.name), kind.template, f"{kind.file_names[0]}.csv", "text/csv",
                    key=f"template:{kind.name}", icon=":material/download:", on_click="ignore",
                )  # fmt: skip


def choice(workspace: Workspace, arrival: Arrival, incoming: Incoming, error: ChoiceNeeded) -> None:
    """Ask what a file left open, and load it again."""
    name = ASKED[error.option]
    with st.container(border=True):
        st.markdown(f"**{escaped(arrival.file)}**  \n:gray[{ASKS[name][0]}]")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            said = _answer(name, error, f"{name}:{arrival.key}")
            if st.button("Load it", key=f"again:{arrival.key}", disabled=not said or is_loading()):
                answered: dict[str, Any] = {name: said}
                start(workspace, [incoming], replace(arrival.choices, **answered))
            st.button("Leave it out", key=f"leave:{arrival.key}", type="tertiary", on_click=leave_out, args=(arrival,))


def _answer(name: str, error: ChoiceNeeded, key: str) -> str | None:
    """Draw what a file left open, with nothing chosen beforehand; return what is chosen."""
    _, label, options, spoken = ASKS[name]
    known = error.options or tuple(options)
    if not known:
        return st.text_input(label, key=key)
    return st.selectbox(label, known, None, key=key, format_func=spoken, placeholder="Choose", width=260)
