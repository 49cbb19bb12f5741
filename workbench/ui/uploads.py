"""Files on their way in: looked into as soon as they are given, kept while they wait, and loaded together."""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Self, cast

import streamlit as st
from streamlit import runtime
from streamlit.runtime.uploaded_file_manager import UploadedFile

from workbench.drawing import formats
from workbench.errors import ChoiceNeeded, FileRefused, HeaderUnknown, QuotaPassed, WorkbenchError, one_line
from workbench.exports import KINDS
from workbench.intake import codepages, containers
from workbench.intake.choices import NOTHING_SAID, Choices
from workbench.intake.convert import DOUBTFUL
from workbench.intake.guesses import Preview
from workbench.intake.looking import Recognised
from workbench.intake.outcome import LoadOutcome
from workbench.progress import Progress
from workbench.store.workspace import Workspace
from workbench.ui import jobs, quotas, session, signed_in


def kind_label(name: str) -> str:
    """Return a kind as people call it, with its system."""
    return f"{KINDS[name].system} {KINDS[name].title}"


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
MOST = 400 << 20  # bytes of the uploads of a session that wait at once
QUICK = 0.4  # seconds that a page waits for small files before it shows how far they are
_JOB, _FINISHED = "uploads:job", "uploads:finished"


def _delete(upload: Path) -> None:
    with suppress(OSError):  # who holds it yet lets go of it at the latest when the workspace is opened again
        upload.unlink()


class Incoming:
    """A file on its way in, and what it is called. An upload is in the inbox under a name of ours, its memory let go.

    An upload is deleted when it is loaded or left out, and at the latest with the process; a folder's file stays.
    """

    def __init__(self, path: Path, name: str = "", is_upload: bool = False) -> None:
        self.path, self.name = path, name or one_line(path.name)
        self._delete = weakref.finalize(self, _delete, path) if is_upload else None
        self._whole: Self | None = None
        self._parts = 0

    @classmethod
    def uploaded(cls, file: UploadedFile, workspace: Workspace) -> Self:
        """Return an upload, taken to the disk, where it is gone at the latest when the workspace is opened again."""
        with tempfile.NamedTemporaryFile("wb", prefix="upload-", dir=workspace.files / "inbox", delete=False) as copy:
            incoming = cls(Path(copy.name), Path(one_line(file.name)).name or "upload", is_upload=True)
            shutil.copyfileobj(file, copy)
        return incoming

    def part(self) -> Self:
        """Return the same file for a question about one of those in it: it stays until each of these is let go."""
        part = type(self)(self.path, self.name)
        part._whole = self
        self._parts += 1
        return part

    @property
    def whole(self) -> Self:
        """The file as it was given."""
        return self._whole or self

    @property
    def bytes_here(self) -> int:
        """How many bytes of it lie in the inbox; parts of an upload have none of their own."""
        return self.path.stat().st_size if self._delete else 0

    def let_go(self) -> None:
        """Delete an upload, unless parts of it still wait."""
        whole = self.whole
        whole._parts -= whole is not self
        if whole._delete and not whole._parts:
            whole._delete()


@dataclass(frozen=True)
class Arrival:
    """One file that was given, and what became of it; `incoming` is kept only while it waits.

    It waits to be loaded, once it was `found` to be what it is, or for a choice, which `error` names. One that
    `is_tried` has been loaded before it asked: it loads as soon as it is answered.
    """

    file: str
    outcome: LoadOutcome | None = None
    error: WorkbenchError | None = None
    incoming: Incoming | None = None
    choices: Choices = NOTHING_SAID
    preview: Preview | None = None  # of a file whose header is unknown
    found: Recognised | None = None
    is_tried: bool = False

    @property
    def key(self) -> str:
        """What tells its widgets from those of another file, or of another one in the same archive."""
        place = str(self.incoming.path) if self.incoming else self.file
        return f"{place}/{self.choices.part}" if self.choices.part else place

    @property
    def is_ready(self) -> bool:
        """Whether it can be loaded as it is."""
        return self.found is not None and self.error is None


Owner = tuple[str, str]  # a session and its person
Inbox = dict[Incoming, tuple[Owner, Arrival]]  # what waits, with whom it was given by
Given = tuple[Incoming, Choices]
Upload = UploadedFile | Path


def is_loading() -> bool:
    """Tell whether files are being looked into or loaded."""
    return _JOB in st.session_state


def finished() -> list[Arrival]:
    """Return what was refused, and what became of the files that were loaded last into the workspace that is shown."""
    return cast(list[Arrival], st.session_state.setdefault(f"{_FINISHED}:{session.kept().path}", []))


@st.cache_resource(show_spinner=False)
def _inbox(files: str) -> Inbox:
    """Return what waits in the inbox of a workspace, which the folder of its `files` names.

    Not in the session's own state, which ends when the page is loaded anew. A workspace is opened with an empty inbox,
    so whatever waits there was given to this process.
    """
    return {}


def _owner() -> Owner:
    return (session.identity(), signed_in.person().name)


def waiting() -> list[Arrival]:
    """Return what waits in this session; what another of the same person has left, by a reload say, is now its."""
    inbox, own = _inbox(str(session.kept().files)), _owner()
    for incoming, (given_by, arrival) in list(inbox.items()):
        if not incoming.path.exists():
            inbox.pop(incoming, None)
        elif given_by[1] == own[1] and not runtime.get_instance().is_active_session(given_by[0]):
            inbox[incoming] = own, arrival
    return [arrival for given_by, arrival in list(inbox.values()) if given_by == own]


def progress() -> None:
    """Draw how far files are that are looked into or loaded; when all of them are, run the page again."""
    job: jobs.Job[list[Arrival]] | None = st.session_state.get(_JOB)
    if job and job.is_running and not job.is_done_within(QUICK):
        jobs.watched(job)
    elif job:
        finished().extend([Arrival(job.title, error=job.error)] if job.outcome is None else job.outcome)
        del st.session_state[_JOB]
        st.rerun()


def give(workspace: Workspace, files: Sequence[Upload], choices: Choices) -> None:
    """Take files in, look into them in the background, and run the page again; too much for a person is refused."""
    size = sum(file.size for file in files if not isinstance(file, Path))
    try:
        _check_room(size)
        quotas.uploaded(workspace, size)
    except QuotaPassed as error:
        finished()[:] = [Arrival(one_line(file.name), error=error) for file in files]
        st.rerun()
    incoming = [Incoming(file) if isinstance(file, Path) else Incoming.uploaded(file, workspace) for file in files]
    if not waiting():
        finished().clear()
    _start(
        workspace,
        "Looking into the files",
        _looked_into,
        [(file, replace(choices, file=file.name)) for file in incoming],
    )
    st.rerun()


def _check_room(size: int) -> None:
    """Raise QuotaPassed where so many bytes more would be too many to wait at once in this session."""
    waits = {arrival.incoming.whole for arrival in waiting() if arrival.incoming}
    if size and sum(incoming.bytes_here for incoming in waits) + size > MOST:
        raise QuotaPassed(
            f"With this, more than {MOST >> 20} MB would wait here at once. Load or leave out what waits; larger files"
            ' go by "or a folder" or by the command contact-workbench load'
        )


def answer(workspace: Workspace, arrival: Arrival, choices: Choices) -> None:
    """Take what was said of a file that waited for it: it is looked into again, or loaded where that was tried."""
    if not arrival.is_tried:
        look_again(workspace, [(arrival, choices)])
    elif arrival.incoming:
        _start(workspace, "Loading", _loaded, [(arrival.incoming, choices)])


def look_again(workspace: Workspace, said: Sequence[tuple[Arrival, Choices]]) -> None:
    """Look into files anew that wait, with what is said of them now."""
    given = [(arrival.incoming, choices) for arrival, choices in said if arrival.incoming]
    if given:
        _start(workspace, "Looking into the files", _looked_into, given)


def load(workspace: Workspace, arrivals: Sequence[Arrival]) -> None:
    """Load what is ready in the background, and run the page again; what was loaded before is shown no more."""
    known = finished()
    known[:] = [arrival for arrival in known if not arrival.outcome]
    rows = [arrival.found.rows if arrival.found else None for arrival in arrivals]
    given = [(arrival.incoming, arrival.choices) for arrival in arrivals if arrival.incoming]
    _start(workspace, "Loading", partial(_loaded, rows=rows), given)
    st.rerun()


def _start(workspace: Workspace, title: str, work: Callable[..., None], given: Sequence[Given]) -> None:
    """Begin work on files in the background; what waits afterwards is this session's."""
    inbox = _inbox(str(workspace.files))
    waited = {file: inbox.pop(file) for file, _ in given if file in inbox}
    begun = partial(_worked, workspace, given, work, partial(_wait, inbox, _owner()))
    job = st.session_state[_JOB] = jobs.Job(title, begun)
    if job.is_refused:
        inbox.update(waited)


def leave_out(arrival: Arrival) -> None:
    """Forget a file that waits; what was loaded of it stays."""
    if arrival.incoming:
        arrival.incoming.let_go()
        _inbox(str(session.kept().files)).pop(arrival.incoming, None)
        if arrival.outcome:
            finished().append(replace(arrival, error=None, incoming=None))


def forget(load_id: int | None = None) -> None:
    """Show no more what became of a load, or of all of them, since it was taken back."""
    known = finished()
    known[:] = [
        arrival for arrival in known if (arrival.outcome and load_id not in (None, arrival.outcome.load_id))
        or not arrival.outcome
    ]  # fmt: skip
    inbox = _inbox(str(session.kept().files))
    for incoming, (given_by, arrival) in list(inbox.items()):
        if arrival.outcome and load_id in (None, arrival.outcome.load_id):  # leaving it out would show it as loaded
            inbox[incoming] = given_by, replace(arrival, outcome=None)


def _wait(inbox: Inbox, given_by: Owner, arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Keep the files that wait for whom they were given by; return the others."""
    arrivals = list(arrivals)
    inbox.update({arrival.incoming: (given_by, arrival) for arrival in arrivals if arrival.incoming})
    return [arrival for arrival in arrivals if not arrival.incoming]


def _worked(
    workspace: Workspace, given: Sequence[Given], work: Callable[..., None],
    wait: Callable[[Iterable[Arrival]], list[Arrival]], progress: Progress,
) -> list[Arrival]:  # fmt: skip
    """Do the work on files, let go of those that no longer wait, and return what became of them."""
    became: list[Arrival] = []
    try:
        work(workspace, given, progress, became)
    finally:
        left = [arrival.incoming for arrival in became]
        for file, _ in given:
            if file not in left:
                file.let_go()
    return wait(became)


def _named(progress: Progress, number: int, given: Sequence[Given]) -> None:
    name = given[number][0].name
    progress.part = f"File {number + 1} of {len(given)}: {name}" if len(given) > 1 else name


def _looked_into(workspace: Workspace, given: Sequence[Given], progress: Progress, became: list[Arrival]) -> None:
    """Say what each file is, or each in an archive, before any is loaded."""
    for number, (file, choices) in enumerate(given):
        _named(progress, number, given)
        parts = partial(workspace.look_into_parts, file.path, choices, progress)
        became.extend(_each(workspace, file, choices, parts, progress))


def _loaded(
    workspace: Workspace, given: Sequence[Given], progress: Progress, became: list[Arrival],
    rows: Sequence[int | None] = (),
) -> None:  # fmt: skip
    """Load each file; `rows` are those that they have, where all of them are known."""
    known = [count for count in rows if count is not None]
    progress.rows_whole = sum(known) if len(known) == len(given) else None
    for number, (file, choices) in enumerate(given):
        _named(progress, number, given)
        parts = partial(workspace.load_parts, file.path, choices, progress)
        became.extend(replace(each, is_tried=True) for each in _each(workspace, file, choices, parts, progress))
        progress.rows_before, progress.rows = sum(known[: number + 1]), 0


def _each(
    workspace: Workspace, incoming: Incoming, choices: Choices,
    parts: Callable[[], Iterable[tuple[Choices, LoadOutcome | Recognised | FileRefused]]], progress: Progress,
) -> list[Arrival]:  # fmt: skip
    """Return what became of a file, or of each file of an archive."""
    if progress.is_cancelled:
        return [Arrival(incoming.name, error=WorkbenchError(f"{incoming.name}: cancelled before it was loaded"))]
    found: list[Arrival] = []
    try:
        for said, became in parts():
            found.append(_arrival(workspace, incoming, said, became, progress))
            if said.part != choices.part and found[-1].incoming:
                found[-1] = replace(found[-1], incoming=incoming.part())
    except WorkbenchError as error:
        found.append(Arrival(incoming.name, error=error))
    return found


def _arrival(
    workspace: Workspace, incoming: Incoming, said: Choices, became: LoadOutcome | Recognised | FileRefused,
    progress: Progress,
) -> Arrival:  # fmt: skip
    name = incoming.name if said.part is None else f"{incoming.name} ({containers.shown(said.part)})"
    if isinstance(became, LoadOutcome):
        return _outcome(name, became, incoming, said)
    if isinstance(became, Recognised):
        return Arrival(name, found=became, incoming=incoming, choices=said)
    if isinstance(became, HeaderUnknown):
        return replace(_unknown(workspace, incoming, said, became, progress), file=name)
    is_asked = isinstance(became, ChoiceNeeded) and became.option in ASKED
    return Arrival(name, error=became, incoming=incoming if is_asked else None, choices=said)


def _outcome(name: str, outcome: LoadOutcome, incoming: Incoming, choices: Choices) -> Arrival:
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
