"""A file that was prepared to be handed over: written whole or not at all, and named by the hash of its bytes.

An export is two steps (guarantee 14): it is written by work that can be watched and stopped, and then served.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.errors import BadSelection, QueryStopped, WorkbenchError, reason, shortened
from workbench.store.workspace import Workspace

KEPT_SECONDS = 24 * 3600  # prepared files older than this are deleted when the next one is made


@dataclass(frozen=True)
class Prepared:
    """A finished file: where it is, the name to serve it under, its SHA-256 and its size in bytes.

    `prefixed` is how many of its texts have an apostrophe that is not in the data.
    """

    path: Path
    name: str
    sha256: str
    size: int
    prefixed: int = 0

    @property
    def said(self) -> str:
        """What whoever reads the file must know of it, empty where it holds the data as it is."""
        return f"{apostrophes(self.prefixed)}. An exact CSV has them as they are" if self.prefixed else ""


def apostrophes(number: int) -> str:
    """Return what to say of a CSV in which so many texts have one in front."""
    texts = "1 text begins" if number == 1 else f"{number:,} texts begin"
    return f"{texts} with an apostrophe that is not in the data: a spreadsheet would take them for formulas"


def prepared(workspace: Workspace, name: str, ending: str, write: Callable[[Path], int]) -> Prepared:
    """Have a file written into the exports folder; `write` returns how many of its texts got an apostrophe."""
    workspace.ask("export")
    folder = workspace.exports
    _delete_old(folder)
    path = folder / f"{time.time_ns()}.{ending}"
    with _whole(workspace, path):
        prefixed = write(path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
    workspace.record(
        "export", name=name, format=ending, sha256=digest, version=workspace.version, masked=workspace.is_masked
    )
    return Prepared(path, f"{name}-{digest[:12]}.{ending}", digest, size, prefixed)


@contextmanager
def _whole(workspace: Workspace, path: Path) -> Iterator[None]:
    """Delete a file that is not written whole, or while a load was taken back: it may hold rows that are no more.

    Raises WorkbenchError for the latter, in the place of what its missing parts have led to.
    """
    taken, is_whole = workspace.taken, False
    try:
        yield
        is_whole = workspace.taken == taken
    except QueryStopped:
        raise
    except (OSError, WorkbenchError):
        if workspace.taken == taken:
            raise
    finally:
        if not is_whole:
            path.unlink(missing_ok=True)
    if workspace.taken != taken:
        raise WorkbenchError("A load was taken back while this was written. Prepare it again")


def check_target(target: Path, workspace: Workspace) -> None:
    """Raise BadSelection where no file can be written, or where the workspace itself is."""
    try:
        whole = target.resolve()
        if not target.parent.is_dir():
            raise BadSelection(f"There is no folder {target.parent}. Make it first")
        if target.is_dir() or (workspace.path and whole == workspace.path.resolve()):
            raise BadSelection(f"{target} is a folder or the workspace itself. Name another file")
    except (OSError, ValueError) as error:
        raise _unwritable(shortened(target), error) from None


def written(text: str, target: Path, workspace: Workspace) -> None:
    """Put a text where the user wants it, in one step. Raises BadSelection, and then leaves what was there."""
    check_target(target, workspace)
    beside = target.with_name(f".{os.getpid()}-{target.name}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(target)
    except (OSError, ValueError) as error:
        raise _unwritable(shortened(target), error) from None
    finally:
        beside.unlink(missing_ok=True)


def moved(file: Prepared, target: Path) -> Prepared:
    """Put a prepared file where the user wants it. Raises BadSelection, and then leaves what was there."""
    beside = target.with_name(f".{os.getpid()}-{file.path.name}")  # from there to its place in one step
    try:
        shutil.move(file.path, beside)
        beside.replace(target)
    except OSError as error:
        raise _unwritable(str(target), error) from None
    finally:
        file.path.unlink(missing_ok=True)
        beside.unlink(missing_ok=True)
    return replace(file, path=target, name=target.name)


def _unwritable(target: str, error: Exception) -> BadSelection:
    return BadSelection(f"{target} cannot be written ({reason(error)}). Name another file")


def _delete_old(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_file() and time.time() - path.stat().st_mtime > KEPT_SECONDS:
            path.unlink(missing_ok=True)
