"""The Data page's way in: the drop target, files of allowed folders, and the choices that files leave open."""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self, cast
from zoneinfo import available_timezones

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from workbench.drawing import formats
from workbench.errors import ChoiceNeeded, HeaderUnknown, WorkbenchError, one_line
from workbench.exports import KINDS
from workbench.intake import folders
from workbench.intake.choices import NOTHING_SAID, Choices
from workbench.intake.convert import DOUBTFUL
from workbench.intake.guesses import Preview
from workbench.intake.outcome import LoadOutcome
from workbench.progress import Progress
from workbench.store.workspace import Workspace
from workbench.ui import jobs, session
from workbench.ui.session import escaped


def kind_label(name: str) -> str:
    """Return a kind as people call it, with its system."""
    return f"{KINDS[name].system}: {KINDS[name].title}"


DATE_ORDERS = {"dmy": "Day first (31/12/2025)", "mdy": "Month first (12/31/2025)"}
DECIMALS = {"point": "A point (1,234.5)", "comma": "A comma (1.234,5)"}
# The choices that the page asks for when a file needs them, by the command line's name.
ASKED = {"--kind": "kind", "--sheet": "sheet", "--date-order": "date_order", "--mapping": "mapping",
         "--rollup": "rollup", "--decimal": "decimal"}  # fmt: skip
# How each is asked for: why, the label, what can be chosen where the file does not say, and how that is called.
ASKS: dict[str, tuple[str, str, Iterable[str], Callable[[str], str]]] = {
    "kind": ("Its header fits several kinds of export, and its name does not say which.", "Kind of export", KINDS,
             kind_label),
    "sheet": ("Several of its sheets hold a report.", "Sheet", (), str),
    "date_order": ("Its dates, such as 7/12/21, can be read two ways.", "Order of dates", DATE_ORDERS,
                   DATE_ORDERS.__getitem__),
    "rollup": ("Neither its name nor its dates say what each of its rows covers.", "Each row covers", (),
               formats.ROLLUP_LABELS.__getitem__),
    "decimal": ("Some of its numbers, such as 1,250, can be read two ways. Their rows are not loaded yet.",
                "Decimals come after", DECIMALS, DECIMALS.__getitem__),
}  # fmt: skip
_JOB, _FILES, _ARRIVALS = "uploads:job", "uploads:files", "uploads:arrivals"
_TURN = "uploads:turn"  # of the drop target: a new one lets go of the bytes of the old one


class Incoming:
    """A file on its way in. An upload is on the disk under its own name (a name tells its period), its memory let go.

    An upload is deleted when nobody holds it any more, a closed session for one, if not before; a folder's file stays.
    """

    def __init__(self, path: Path, folder: Path | None = None) -> None:
        self.path, self.name = path, one_line(path.name)
        self._delete = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True) if folder else None

    @classmethod
    def uploaded(cls, file: UploadedFile) -> Self:
        """Return an upload, taken to the disk."""
        folder = Path(tempfile.mkdtemp(prefix="contact-workbench-upload-"))
        incoming = cls(folder / Path(file.name).name, folder)
        with incoming.path.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        return incoming

    def let_go(self) -> None:
        """Delete an upload."""
        if self._delete:
            self._delete()


@dataclass(frozen=True)
class Arrival:
    """One file that was given, and what became of it; `incoming` is kept only while it waits for a choice."""

    file: str
    outcome: LoadOutcome | None = None
    error: WorkbenchError | None = None
    incoming: Incoming | None = None
    choices: Choices = NOTHING_SAID
    preview: Preview | None = None  # of a file whose header is unknown


def is_loading() -> bool:
    """Tell whether files are being loaded."""
    return _JOB in st.session_state


def arrivals() -> list[Arrival]:
    """Return the files that were given last, and those that wait for a choice."""
    return cast(list[Arrival], st.session_state.get(_ARRIVALS, []))


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
        finished = job.outcome or [Arrival(job.title, error=job.error)]
        st.session_state[_ARRIVALS] = [*arrivals(), *finished]
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
        start(workspace, [Incoming(file) if isinstance(file, Path) else Incoming.uploaded(file) for file in files],
              choices)  # fmt: skip


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
        zones = sorted(available_timezones())
        zone = st.selectbox(
            "Time zone of their times", zones, None, placeholder=workspace.reporting_zone.replace("_", " "),
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
    is_again = any(arrival.incoming in files for arrival in arrivals() if arrival.incoming)
    others = [arrival for arrival in arrivals() if arrival.incoming is None or arrival.incoming not in files]
    st.session_state[_ARRIVALS] = [arrival for arrival in others if is_again or arrival.incoming]
    st.session_state[_JOB] = jobs.Job("Loading", partial(_load_all, workspace, files, choices))
    st.session_state[_TURN] += 1
    st.rerun()


def leave_out(arrival: Arrival) -> None:
    """Forget a file that waits for a choice; what was loaded of it stays."""
    if arrival.incoming:
        arrival.incoming.let_go()
    kept = [replace(arrival, error=None, incoming=None)] if arrival.outcome else []
    st.session_state[_ARRIVALS] = [one for other in arrivals() for one in (kept if other is arrival else [other])]


def forget(load_id: int | None = None) -> None:
    """Show no more what became of a load, or of all of them, since it was taken back."""
    st.session_state[_ARRIVALS] = [
        arrival for arrival in arrivals() if (arrival.outcome and load_id not in (None, arrival.outcome.load_id))
        or not arrival.outcome
    ]  # fmt: skip


def _load_all(workspace: Workspace, files: Sequence[Incoming], choices: Choices, progress: Progress) -> list[Arrival]:
    finished: list[Arrival] = []
    try:
        for number, file in enumerate(files, start=1):
            progress.part = f"File {number} of {len(files)}: {file.name}" if len(files) > 1 else file.name
            finished.append(_load(workspace, file, choices, progress))
    finally:
        waiting = [arrival.incoming for arrival in finished]
        for file in files:
            if file not in waiting:
                file.let_go()
    return finished


def _load(workspace: Workspace, incoming: Incoming, choices: Choices, progress: Progress) -> Arrival:
    name = incoming.name
    if progress.is_cancelled:
        return Arrival(name, error=WorkbenchError(f"{name}: cancelled before it was loaded"))
    try:
        return _loaded(workspace.load(incoming.path, choices, progress), incoming, choices)
    except HeaderUnknown as error:
        return _unknown(workspace, incoming, choices, error, progress)
    except ChoiceNeeded as error:
        return Arrival(name, error=error, incoming=incoming if error.option in ASKED else None, choices=choices)
    except WorkbenchError as error:
        return Arrival(name, error=error)


def _loaded(outcome: LoadOutcome, incoming: Incoming, choices: Choices) -> Arrival:
    """Keep a loaded file while some of its rows wait for the decimal mark to be told."""
    said = next((warning for warning in outcome.warnings if DOUBTFUL in warning), None)
    if said is None:
        return Arrival(incoming.name, outcome=outcome)
    return Arrival(incoming.name, outcome, ChoiceNeeded(said, "--decimal"), incoming, choices)


def _unknown(
    workspace: Workspace, incoming: Incoming, choices: Choices, error: HeaderUnknown, progress: Progress
) -> Arrival:
    """Keep a file whose header is no export's for the mapping step, if it has a table at all."""
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
            said = _answer(name, error, f"{name}:{incoming.path}")
            if st.button("Load it", key=f"again:{incoming.path}", disabled=not said or is_loading()):
                answered: dict[str, Any] = {name: said}
                start(workspace, [incoming], replace(arrival.choices, **answered))
            st.button(
                "Leave it out", key=f"leave:{incoming.path}", type="tertiary", on_click=leave_out, args=(arrival,)
            )


def _answer(name: str, error: ChoiceNeeded, key: str) -> str | None:
    """Draw what a file left open, with nothing chosen beforehand; return what is chosen."""
    _, label, options, spoken = ASKS[name]
    known = error.options or tuple(options)
    if not known:
        return st.text_input(label, key=key)
    return st.selectbox(label, known, None, key=key, format_func=spoken, placeholder="Choose", width=320)
