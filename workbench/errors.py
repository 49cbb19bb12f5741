"""The errors a user can cause, in one tree, so that every face shows them the same way: one clear line.

WorkbenchError              what happened, to what, and what would work
├── FileRefused             a file that cannot be loaded; nothing of it was
│   ├── MappedTwice         a mapping that gives one column to two headers
│   └── ChoiceNeeded        ... until the user says what it leaves open: its kind, sheet, code page, ...
│       └── HeaderUnknown   ... until the user says which of its columns is which
├── UnknownName             a report, tile, filter, zone or setting that does not exist
│   └── UnknownColumn       a column that a tile does not have
├── BadSelection            dates or values that cannot be a selection
├── WorkspaceUnavailable    the workspace cannot be opened: none of ours, no permission
│   ├── WorkspaceHeld       ... because another process holds it
│   └── WorkspaceDamaged    ... or read, because its bytes are not those that were written
├── EngineUnavailable       the engine or its lake: away, refused, or without what is asked for
├── NotOnEngine             what only the workspace's own database does
├── NotPermitted            an act, a report or a workspace that is not for this person
├── QuotaPassed             more than one person may have a team's server do
├── TeamUnusable            a team.toml that cannot be used, with the place of the mistake
├── Unrecorded              the record of what was done, which cannot be written or was changed
└── QueryStopped            a query that passed its limit of time or memory, or was cancelled
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


CONTROLS = "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"  # what can be neither shown in a line nor stored
LONGEST = 200  # characters of a name that a message quotes


def one_line(text: str) -> str:
    """Return a text, perhaps with a file's name in it, with a mark for all that can be neither shown nor stored."""
    return re.sub(CONTROLS, "\ufffd", text)


def reason(error: Exception) -> str:
    """Return in words why a path cannot be used; a name with a NUL in it is no error of the system's."""
    return (isinstance(error, OSError) and error.strerror) or "no name of a file"


def shortened(text: object) -> str:
    """Return a text, cut where it is too long for a line."""
    return text if len(text := str(text)) <= LONGEST else f"{text[:LONGEST]}..."


class WorkbenchError(Exception):
    """An error whose text is a single line written for the analyst."""

    def __init__(self, text: str) -> None:
        super().__init__(one_line(text))

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in the place of a traceback: the line says all that its reader can use."""
        return [f"{type(self).__name__}: {self}"]


class FileRefused(WorkbenchError):
    """A file that cannot be loaded; the workspace is as it was."""


class MappedTwice(FileRefused):
    """A mapping that gives one column to two headers."""


class ChoiceNeeded(FileRefused):
    """A file that needs a choice by the user.

    `option` is the command-line option that makes it, `options` are what can be chosen where that is known.
    """

    def __init__(self, text: str, option: str, options: Iterable[str] = ()) -> None:
        super().__init__(text)
        self.option, self.options = option, tuple(options)


class HeaderUnknown(ChoiceNeeded):
    """A file whose header is no export's; a mapping can say what its columns are."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "--mapping")


class UnknownName(WorkbenchError):
    """A name that does not exist, with the names that do and the one among them that is closest to it."""

    def __init__(self, what: str, name: object, known: Iterable[str]) -> None:
        names = list(known)
        folded = {other.casefold(): other for other in names}
        found = get_close_matches(shortened(name).casefold(), folded, n=1)
        closest = f". The closest is {folded[found[0]]}" if found else ""
        super().__init__(f"There is no {what} '{shortened(name)}'. Try one of: {', '.join(names)}{closest}")


class UnknownColumn(UnknownName):
    """A column that a tile does not have."""

    def __init__(self, name: object, known: Iterable[str]) -> None:
        super().__init__("column", name, known)


class BadSelection(WorkbenchError):
    """Dates or values that cannot be a selection."""


class WorkspaceUnavailable(WorkbenchError):
    """A workspace that cannot be opened."""


class WorkspaceHeld(WorkspaceUnavailable):
    """A workspace that another process holds; its last snapshot can be read."""


class WorkspaceDamaged(WorkspaceUnavailable):
    """A workspace whose bytes are not those that were written; a backup can take its place."""


class EngineUnavailable(WorkbenchError):
    """The engine that is set cannot be asked, or its lake cannot be read or written."""


class NotOnEngine(WorkbenchError):
    """Something that the engine that is set does not do; the workspace's own database does."""


class NotPermitted(WorkbenchError):
    """Something that this person may not do or see."""


class QuotaPassed(WorkbenchError):
    """More than one person may have a team's server do."""


class TeamUnusable(WorkbenchError):
    """A team's file that is none, or that says something wrong."""


class Unrecorded(WorkbenchError):
    """The record of what was done cannot be written or read, or it was changed."""


class QueryStopped(WorkbenchError):
    """A query that was stopped before it had an answer."""


_DAMAGE = re.compile("corrupt|checksum|serializ|could not read (all|enough)|not a valid duckdb", re.IGNORECASE)


def is_damage(error: "duckdb.Error") -> bool:
    """Tell whether DuckDB met bytes of its file that are not those it wrote, whatever it was about to do."""
    import duckdb

    # Other errors may quote a row, in which any word can stand. A wrong checksum is of no class of its own.
    of_files = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException, duckdb.InternalException)
    return (type(error) is duckdb.Error or isinstance(error, of_files)) and bool(_DAMAGE.search(str(error)))


def translated(error: "duckdb.Error") -> WorkbenchError:
    """Return the one-line error for an error of DuckDB's, without the row that DuckDB's own text may quote."""
    import duckdb  # here, since the child processes that parse files need no database

    if isinstance(error, duckdb.InterruptException):
        return QueryStopped("Stopped: it was cancelled, or passed its time limit. Nothing was changed")
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryStopped("The query needed more memory or disk than the workspace may use. Try fewer days.")
    if is_damage(error):
        return WorkspaceDamaged("The database is damaged. Put a backup in its place")
    if isinstance(error, duckdb.IOException | duckdb.TransactionException):
        return WorkspaceUnavailable("The disk refused a read or write. Check its free space and try again.")
    if isinstance(error, duckdb.FatalException | duckdb.InternalException):
        return WorkspaceUnavailable("The database stopped working. Close the workbench and start it again.")
    return WorkbenchError(f"The database refused a query ({type(error).__name__}). Please report this.")
