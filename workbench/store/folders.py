"""The folders beside a workspace, and those that go with a process: what a killed one left in them goes.

A process locks its own folder for as long as it uses it, so another one knows what nobody uses any more.
"""

import os
import shutil
import tempfile
import weakref
from pathlib import Path

MASKED = "masked*.duckdb.files"  # the folders of masked copies, which are made again when they are asked for
OWN = ("inbox", "exports", "spill")
_READER = "reader-"  # the folder of a process that reads the snapshot, in the spill of the workspace


class Temporary:
    """A folder with the `OWN` ones in it, which is deleted when it is let go of, at the latest with its process."""

    def __init__(self, parent: Path, prefix: str) -> None:
        """Make it, and delete those of the same prefix that killed processes left."""
        _sweep(parent, prefix)
        self.path, lock = _locked(parent, prefix)
        make(self.path)
        self.let_go = weakref.finalize(self, _delete, self.path, lock)


def of_memory() -> Temporary:
    """Return the folder of a workspace in memory."""
    return Temporary(Path(tempfile.gettempdir()), "contact-workbench-memory-")


def of_reader(files: Path) -> Temporary:
    """Return the folder of a process that reads the snapshot in the folder of a workspace."""
    return Temporary(files / "spill", _READER)


def make(files: Path) -> None:
    """Make the folders that a workspace has. Raises OSError."""
    for folder in OWN:
        (files / folder).mkdir(parents=True, exist_ok=True)


def empty(files: Path) -> None:
    """Delete what is in the folders of a workspace, but for what readers of its snapshot use.

    Only for the process that holds the workspace, before it puts anything there.
    """
    _sweep(files / "spill", _READER)
    for copy in files.glob(MASKED):
        shutil.rmtree(copy, ignore_errors=True)
    for folder in OWN:
        for left in (files / folder).iterdir():
            if left.is_dir() and not left.is_symlink():
                if not (folder == "spill" and left.name.startswith(_READER)):
                    shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def of_masked(files: Path) -> list[Path]:
    """Return what stands in the masked copies and holds rows; a query that reads one goes on, in folders of its own."""
    copies = [*files.glob(MASKED)]
    exports = [folder for copy in copies for folder in (copy, *(copy / "spill").glob(f"{_READER}*"))]
    return [
        *(snapshot for copy in copies for snapshot in copy.glob("snapshot.duckdb*")),
        *(left for folder in exports for left in (folder / "exports").glob("*")),
    ]


def _locked(parent: Path, prefix: str) -> tuple[Path, int | None]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        lock = _lock(path, is_waiting=True)
        if path.is_dir():  # else another process took it for left over before it was locked
            return path, lock
        if lock is not None:
            os.close(lock)


def _lock(folder: Path, is_waiting: bool = False) -> int | None:
    """Return the handle by which a folder is locked; None where another process has it, or no folder can be locked."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # gone by now, or somebody else's
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if is_waiting else fcntl.LOCK_NB))
    except OSError:
        os.close(handle)
        return None
    return handle


def _sweep(parent: Path, prefix: str) -> None:
    for folder in parent.glob(f"{prefix}*"):
        if (lock := _lock(folder)) is not None:
            _delete(folder, lock)


def _delete(folder: Path, lock: int | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if lock is not None:
        os.close(lock)
