"""The copies of a workspace that stand beside it: what it can be restored from, and what still holds what went."""

from datetime import datetime
from pathlib import Path

from workbench.errors import WorkspaceDamaged
from workbench.store.paths import snapshot_of
from workbench.time import words

# In the names of copies that are made before a change, of those asked for, and of damaged files that were moved away.
BEFORE, BACKUP, DAMAGED = "-before-", "-backup-", "-damaged-"
INSTEAD = "or name another with --workspace or WORKBENCH_WORKSPACE"


def before(path: Path, change: str = "") -> Path:
    """Return where a workspace is kept as it is before a change, which may be named."""
    return _named(path, f"{BEFORE}{change}")


def aside(path: Path) -> Path:
    """Return where a damaged file of a workspace is moved to."""
    return _named(path, DAMAGED)


def _named(path: Path, mark: str) -> Path:
    return path.with_name(f"{path.stem}{mark}{datetime.now():%Y%m%d-%H%M%S-%f}.duckdb")


def kept(path: Path) -> list[Path]:
    """Return the copies that stand beside a workspace, but for its snapshot."""
    return sorted(copy for mark in (BEFORE, BACKUP, DAMAGED) for copy in path.parent.glob(f"*{mark}*"))


def newest(path: Path) -> str:
    """Return the newest copy to restore from in words, '' when there is none."""
    found = [copy for mark in (BEFORE, BACKUP) for copy in path.parent.glob(f"*{mark}*.duckdb")]
    found += [snapshot for snapshot in [snapshot_of(path)] if snapshot.is_file()]
    if not found:
        return ""
    last = max(found, key=lambda copy: copy.stat().st_mtime)
    made = datetime.fromtimestamp(last.stat().st_mtime)
    return f"{last.relative_to(path.parent)} of {words.timestamp(made)}"


def keep_snapshot(path: Path) -> None:
    """Keep the last snapshot beside its workspace, before another one takes its place."""
    if (snapshot := snapshot_of(path)).is_file():
        snapshot.rename(before(path))


def damaged(path: Path, what: str = "damaged") -> WorkspaceDamaged:
    """Return the error of a workspace that cannot be read, with the way back."""
    copy = newest(path)
    return WorkspaceDamaged(
        f"Workspace {path}: {what}; it was left as it is. Put a backup in its place by the command restore"
        f"{f' (the newest here: {copy})' if copy else ''}, {INSTEAD}"
    )
