"""A file's way into the workspace: room for it, a clean copy in the inbox, and one transaction for all of it."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from workbench.errors import ChoiceNeeded, FileRefused, HeaderUnknown
from workbench.intake import containers, guesses, looking, mappings, recording, repeats, settling, text, unwrapping
from workbench.intake.choices import Choices
from workbench.intake.limits import Limits
from workbench.intake.load import Load
from workbench.intake.looking import Recognised
from workbench.intake.outcome import LoadOutcome
from workbench.intake.repeats import Origin
from workbench.intake.text import TextFile
from workbench.progress import Progress
from workbench.store import forgetting, paths, settings
from workbench.store.database import Database, watched

SLOW = 16 << 20  # bytes of a spreadsheet from which on it is read once only, when it is loaded: some four seconds
SPACE = 3  # times a file's size that must be free before it is loaded (guarantee 5)


def load(database: Database, source: Path, choices: Choices, progress: Progress) -> LoadOutcome:
    """Load one file in one transaction and say what became of every row. Raises FileRefused and ChoiceNeeded."""
    started = time.monotonic()
    file = choices.name_of(source)
    with _inbox(database, source, file) as inbox, ThreadPoolExecutor(1) as beside:
        choices = _with_mappings(database, choices)
        origin = Origin(file, replace(choices, file=None), beside.submit(repeats.sha256, source, file))
        # A mapping that is given is kept for the file's header, which only reading tells.
        if not choices.mapping and (outcome := _loaded_again(database, origin, progress, started)):
            return outcome
        with progress.during("Reading", partial(_read, source, inbox)):
            found = unwrapping.unwrapped(source, inbox, choices, _limits(database), progress)
        while True:
            try:
                progress.rows = found.records
                return _load(database, found, origin, progress, started)
            except settling.NeedsNumbers:
                with progress.during("Reading line by line"):
                    found = text.numbered(found, choices.kinds_of(found.header).values())


def _with_mappings(database: Database, choices: Choices) -> Choices:
    """Return what is said of a file with the mappings that are remembered of others."""
    with database.cursor() as cursor:
        return replace(choices, remembered=tuple(mapping for mapping, _ in mappings.remembered(cursor)))


def _read(source: Path, clean: Path) -> float | None:
    """Return how much of a text file was written to its clean copy; None while that is not begun, or of a link."""
    try:
        size, done = source.stat().st_size, clean.stat()
    except OSError:
        return None
    return min(1.0, done.st_size / size) if size and done.st_nlink == 1 else None


def _load(database: Database, found: TextFile, origin: Origin, progress: Progress, started: float) -> LoadOutcome:
    # The stage ends before the commit: a load cancelled until then leaves nothing.
    with database.writing(is_load=True) as cursor, progress.during("Loading", *watched(cursor)):
        zone = database.facts.settings.get("reporting_zone")
        return Load(cursor, found, zone, origin, started, forgetting.forgotten(database)).run()


def _loaded_again(database: Database, origin: Origin, progress: Progress, started: float) -> LoadOutcome | None:
    """Answer for a file as a whole where it was loaded before and nothing has changed since; None where it was not."""
    if not database.facts.loads:  # nothing waits for the file's hash
        return None
    zone = settings.reporting_zone(database.facts.settings)
    with database.cursor() as cursor:
        if repeats.earlier(cursor, origin, zone) is None:
            return None
    with database.writing(is_load=True) as cursor, progress.during("Loading", *watched(cursor)):
        earlier = repeats.earlier(cursor, origin, zone)
        if earlier is None:  # another load came in between
            return None
        outcome = repeats.again(cursor, earlier, recording.next_id(cursor))
        return recording.recorded(cursor, outcome, origin, origin.fingerprint(zone), started)


Became = TypeVar("Became", LoadOutcome, Recognised)
Each = Callable[[Database, Path, Choices, Progress], Became]
Parts = Iterator[tuple[Choices, Became | FileRefused]]  # what is said of a file in an archive, and what became of it


def load_parts(database: Database, source: Path, choices: Choices, progress: Progress) -> Parts[LoadOutcome]:
    """Load a file, or each file of a zip archive by itself, and give what became of it, or why it was refused."""
    return _each(load, database, source, choices, progress)


def look_into_parts(database: Database, source: Path, choices: Choices, progress: Progress) -> Parts[Recognised]:
    """Say what a file is, or each file of a zip archive, before any is loaded, or why it cannot be."""
    return _each(_recognised, database, source, choices, progress)


def _recognised(database: Database, source: Path, choices: Choices, progress: Progress) -> Recognised:
    """Say what a file is, by the very steps that a load begins with; nothing of it stays."""
    file = choices.name_of(source)
    with _inbox(database, source, file) as inbox:
        if unwrapping.is_sheet(source, file, _limits(database)) and source.stat().st_size > SLOW:
            return Recognised(choices.kind)
        choices = _with_mappings(database, choices)
        with progress.during("Reading", partial(_read, source, inbox)):
            found = unwrapping.unwrapped(source, inbox, choices, _limits(database), progress)
        zone = settings.reporting_zone(database.facts.settings)
        while True:
            try:
                with database.cursor() as cursor, progress.during("Reading", *watched(cursor)):
                    return looking.recognised(cursor, found, choices, zone)
            except settling.NeedsNumbers:
                found = text.numbered(found, choices.kinds_of(found.header).values())


def _each(
    made: Each[Became], database: Database, source: Path, choices: Choices, progress: Progress
) -> Parts[Became]:  # fmt: skip
    """Do something with a file, or with each file of a zip archive by itself.

    Beside reports, a file of another ending that holds none is passed over, such as a readme.
    """
    file = choices.name_of(source)
    try:
        _check_is_another(database, source)
        names = () if choices.part else unwrapping.parts(source, file, _limits(database))
    except FileRefused as error:
        yield choices, error
        return
    is_any = False
    for said in [replace(choices, part=name) for name in names] or [choices]:
        result = _tried(made, database, source, said, progress)
        if not names or _is_report(said, result):
            yield said, result
            is_any = True
    if not is_any:
        held = ", ".join(map(containers.shown, names))
        yield choices, FileRefused(f"{file}: holds no report ({held}). Unpack it and load what is one")


def _tried(
    made: Each[Became], database: Database, source: Path, choices: Choices, progress: Progress
) -> Became | FileRefused:
    try:
        return made(database, source, choices, progress)
    except FileRefused as error:
        error.__context__ = None  # as its traceback, it would hold the workspace open for as long as it is kept
        return error.with_traceback(None)


def _is_report(said: Choices, result: LoadOutcome | Recognised | FileRefused) -> bool:
    """Tell whether what became of a file in an archive is worth a line."""
    is_known = _is_asked(result) if isinstance(result, FileRefused) else result.kind
    return bool(is_known) or Path(str(said.part)).suffix.lower() in unwrapping.TABLES


def _is_asked(error: FileRefused) -> bool:
    return isinstance(error, ChoiceNeeded) and not isinstance(error, HeaderUnknown)


def preview(database: Database, source: Path, choices: Choices, progress: Progress) -> guesses.Preview:
    """Return a file's header and first records as text; nothing is loaded. Raises FileRefused and ChoiceNeeded."""
    with _inbox(database, source, choices.name_of(source)) as inbox:
        text = unwrapping.unwrapped(source, inbox, choices, _limits(database), progress)
        with database.cursor() as cursor:
            return guesses.preview(cursor, text)


def _limits(database: Database) -> Limits:
    return settings.limits(database.facts.settings)


@contextmanager
def _inbox(database: Database, source: Path, file: str) -> Iterator[Path]:
    """Give a file's place in the inbox, in which nothing stays. Raises FileRefused for one that has no room."""
    _check_is_another(database, source)
    snapshot = database.path.stat().st_size if database.path and database.publish_soon else 0
    _check_space(source, file, database.files, snapshot)
    inbox = database.files / "inbox" / f"{time.time_ns()}-{threading.get_ident()}.csv"
    try:
        yield inbox
    finally:
        for left in inbox.parent.glob(f"{inbox.stem}*"):
            left.unlink()


def _check_is_another(database: Database, source: Path) -> None:
    """Refuse the workspace itself before it is opened to be read: closing it again would lose this process its lock."""
    if database.path and paths.is_same(source, database.path):
        raise FileRefused(f"{source}: is the workspace itself. Name an export")


def _check_space(source: Path, file: str, files: Path, snapshot: int) -> None:
    """Refuse a file that is not there, or one for which and for the `snapshot` after it there is no room."""
    try:
        is_file = source.is_file()
    except OSError:
        is_file = False
    if not is_file:
        raise FileRefused(f"{source}: there is no such file. Check the path")
    needed, free = SPACE * source.stat().st_size + snapshot, shutil.disk_usage(files).free
    if free < needed:
        raise FileRefused(
            f"{file}: loading needs {needed / 1e9:.1f} GB of free disk, there are {free / 1e9:.1f} GB."
            " Free some space and load it again"
        )
