"""The copies of a workspace that stand beside it: what it can be restored from, and what still holds what went."""

import glob
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from workbench.errors import WorkspaceDamaged
from workbench.store.paths import files_of, is_same, snapshot_of
from workbench.time import words

# In the names of copies that are made before a change, of those asked for, and of damaged files that were moved away.
BEFORE, BACKUP, DAMAGED = "-before-", "-backup-", "-damaged-"
# What follows on the mark in a name that is ours: a schema, when it was, and the hash of what a browser was given.
_WHEN = r"(schema-\d+-)?\d{8}-\d{6}(-\d{6})?(-[0-9a-f]{12})?\.duckdb(\.wal)?"
INSTEAD = "or name another with --workspace or WORKBENCH_WORKSPACE"


def before(path: Path, change: str = "") -> Path:
    """Return where a workspace is kept as it is before a change, which may be named."""
    return _named(path, f"{BEFORE}{change}")


def aside(path: Path) -> Path:
    """Return where a damaged file of a workspace is moved to."""
    return _named(path, DAMAGED)


def backup(path: Path) -> Path:
    """Return where a backup goes that nobody named."""
    return _named(path, BACKUP)


def _stem(path: Path) -> str:
    """Return by what the copies of a workspace are named: in a folder no other one has it, whatever its ending."""
    return path.stem if path.suffix == ".duckdb" else path.name if path.suffix else f"{path.name}."


def _stems(path: Path) -> list[str]:
    """Return by what its copies may be named: those of an earlier version too, where no other one can mean them."""
    others = path.parent.glob(f"{glob.escape(path.stem)}*")
    is_shared = any(other.stem == path.stem and other != path and files_of(other).is_dir() for other in others)
    return [*dict.fromkeys([_stem(path), *([] if is_shared else [path.stem])])]


def _named(path: Path, mark: str, at: datetime | None = None) -> Path:
    return path.with_name(f"{_stem(path)}{mark}{at or datetime.now():%Y%m%d-%H%M%S-%f}.duckdb")


def kept(path: Path) -> list[Path]:
    """Return the copies that we made beside a workspace, but for its snapshot: those named as we name them."""
    stems = "|".join(map(re.escape, _stems(path)))
    own = re.compile(f"(?:{stems})({BEFORE}|{BACKUP}|{DAMAGED}){_WHEN}")
    log = re.compile(rf"{re.escape(path.name)}\.wal{DAMAGED}\d{{8}}-\d{{6}}")
    return sorted(file for file in path.parent.glob("*") if own.fullmatch(file.name) or log.fullmatch(file.name))


def to_restore(path: Path) -> list[Path]:
    """Return those of these copies that can be restored."""
    return [copy for copy in kept(path) if is_whole(path, copy)]


def is_whole(path: Path, copy: Path) -> bool:
    """Tell whether a copy of a workspace can be read: it is no log, and was not moved away as damaged."""
    return copy.suffix == ".duckdb" and not copy.name.startswith(tuple(f"{stem}{DAMAGED}" for stem in _stems(path)))


def named(path: Path) -> list[Path]:
    """Return the copies beside a workspace and those that a user named after it, such as `support-backup-monday`.

    None is another workspace, such as `support-before-june`, or a copy of that.
    """
    found = [
        copy for mark in (BEFORE, BACKUP) for copy in path.parent.glob(f"{glob.escape(_stem(path))}{mark}*.duckdb")
    ]
    others = [file for file in found if files_of(file).is_dir()]
    return sorted({*kept(path), *(copy for copy in found if whose(copy, [path, *others]) not in others)})


def whose(file: Path, workspaces: Iterable[Path]) -> Path | None:
    """Return the workspace that a file is, or is a copy of by its name, or in whose folder it lies; None for no one's.

    A copy may lie anywhere. Of several, as `support` and `support-before-june`, it is that beside which it lies, then
    the one with the longest name.
    """
    return max(
        (path for path in workspaces if _is_of(file, path)),
        key=lambda path: (is_same(file, path), _is_beside(file, path), len(_stem(path))),
        default=None,
    )


def _is_beside(file: Path, path: Path) -> bool:
    return file.resolve().parent == path.resolve().parent


def _is_of(file: Path, path: Path) -> bool:
    real, own = file.resolve(), path.resolve()
    is_copy = re.match(f"{re.escape(_stem(own))}({BEFORE}|{BACKUP}|{DAMAGED})", real.name)
    return bool(is_copy) or is_same(file, path) or real.is_relative_to(files_of(own))


def newest(path: Path) -> str:
    """Return the newest copy to restore from in words, '' when there is none."""
    found = [copy for copy in named(path) if is_whole(path, copy) and copy.is_file()]  # no link that leads nowhere
    found += [snapshot for snapshot in [snapshot_of(path)] if snapshot.is_file()]
    if not found:
        return ""
    made, last = max((_made(copy), copy) for copy in found)
    return f"{last.relative_to(path.parent)} of {words.timestamp(made)}"


def _made(copy: Path) -> datetime:
    """Return when a copy was made: as its name says; forgetting, or whoever moved it, wrote it later."""
    for text in reversed(re.findall(r"-(\d{8}-\d{6})(?=\D|$)", copy.stem)):
        with suppress(ValueError):
            return datetime.strptime(text, "%Y%m%d-%H%M%S")
    return datetime.fromtimestamp(copy.stat().st_mtime)


def keep_snapshot(path: Path) -> None:
    """Keep the last snapshot beside its workspace, before another one takes its place."""
    if (snapshot := snapshot_of(path)).is_file():
        snapshot.rename(_named(path, BEFORE, datetime.fromtimestamp(snapshot.stat().st_mtime)))


def damaged(path: Path, what: str = "damaged") -> WorkspaceDamaged:
    """Return the error of a workspace that cannot be read, with the way back."""
    copy = newest(path)
    return WorkspaceDamaged(
        f"Workspace {path}: {what}; it was left as it is. Put a backup in its place by the command restore"
        f"{f' (the newest here: {copy})' if copy else ''}, {INSTEAD}"
    )
