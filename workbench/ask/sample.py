"""The sample data as a workspace in memory: loaded from its files once per machine, copied from there ever after."""

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import duckdb

from workbench import places
from workbench.ask import calendars, shell
from workbench.errors import WorkspaceUnavailable
from workbench.store.paths import DEFAULT_PATH
from workbench.store.workspace import Workspace

UNUSED = 30  # days after which a stored sample that nobody opened goes


def opened() -> Workspace:
    """Return a workspace in memory that holds the sample data."""
    stored = DEFAULT_PATH.expanduser().parent / f"sample-{_digest()}.duckdb"
    with suppress(OSError, WorkspaceUnavailable):  # no place to keep it: it is loaded each time
        if not stored.is_file():
            _store(stored)
        with suppress(OSError):  # somebody else's, which may only be read
            os.utime(stored)
        return Workspace(seed=stored)
    workspace = Workspace()
    _fill(workspace)
    return workspace


def _files() -> list[Path]:
    return sorted(places.SAMPLES.glob("*/*.csv"))


def _digest() -> str:
    """Return what tells one stored sample from another: its files, and what turns them into rows and views."""
    content = hashlib.blake2b(f"{duckdb.__version__} {places.digest()}".encode(), digest_size=8)
    for path in (*_files(), places.CALENDARS):
        content.update(path.name.encode() + path.read_bytes())
    return content.hexdigest()


def _store(stored: Path) -> None:
    stored.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=stored.parent, prefix="sample-") as folder:
        workspace = Workspace(Path(folder) / stored.name)
        try:
            _fill(workspace)
        finally:
            workspace.close()
        os.replace(Path(folder) / stored.name, stored)
    _delete_unused(stored.parent)


def _delete_unused(folder: Path) -> None:
    """Delete what other versions stored, but not what another checkout on this machine still opens."""
    for stored in folder.glob("sample-*.duckdb"):
        with suppress(OSError):  # another process deletes them too
            if time.time() - stored.stat().st_mtime > UNUSED * 24 * 3600:
                stored.unlink()


def _fill(workspace: Workspace) -> None:
    shell.install(workspace)
    for file in _files():
        workspace.load(file)
    calendars.imported(workspace, places.CALENDARS.read_text(encoding="utf-8"))
