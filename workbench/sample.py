"""The sample data as a workspace in memory: loaded from its files once per machine, copied from there ever after."""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import duckdb

from workbench import shell
from workbench.errors import WorkspaceUnavailable
from workbench.workspace import DEFAULT_PATH, Workspace

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "sample_data"


def opened() -> Workspace:
    """Return a workspace in memory that holds the sample data."""
    stored = DEFAULT_PATH.expanduser().parent / f"sample-{_digest()}.duckdb"
    with suppress(OSError, WorkspaceUnavailable):  # no place to keep it: it is loaded each time
        if not stored.is_file():
            _store(stored)
        return Workspace(seed=stored)
    workspace = Workspace()
    _fill(workspace)
    return workspace


def _files() -> list[Path]:
    return sorted(FOLDER.glob("*/*.csv"))


def _digest() -> str:
    """Return what tells one stored sample from another: its files, and what turns them into rows and views."""
    made_by = [*ROOT.glob("workbench/**/*.py"), *ROOT.glob("queries/**/*.sql")]
    content = hashlib.blake2b(duckdb.__version__.encode(), digest_size=8)
    for path in sorted([*_files(), *made_by]):
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
        for older in stored.parent.glob("sample-*.duckdb"):
            older.unlink(missing_ok=True)
        os.replace(Path(folder) / stored.name, stored)


def _fill(workspace: Workspace) -> None:
    shell.install(workspace)
    for file in _files():
        workspace.load(file)
