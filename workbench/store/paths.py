"""Where a workspace lies, and what stands beside it. Only this module knows their names,
but for the ending of the folder of its files, of which intake keeps off.
"""

import os
from contextlib import suppress
from pathlib import Path

from workbench.errors import WorkspaceUnavailable, reason, shortened
from workbench.intake.folders import FILES

DEFAULT_PATH = Path("~/.contact-workbench/workspace.duckdb")
PATH_VARIABLE = "WORKBENCH_WORKSPACE"


def checked_path(text: str) -> Path:
    """Return the path of a workspace. Raises WorkspaceUnavailable for one that cannot be a file."""
    try:
        path = Path(text).expanduser()
        if not path.name or path.is_dir():
            raise WorkspaceUnavailable(f"'{text}' is not a file. Name the workspace like contacts.duckdb")
        path.exists()  # raises where a name is too long, and the next line where a NUL is in it
        real = path.resolve()
        return real if path.is_symlink() else path  # its files stand beside the file itself
    except (OSError, ValueError, RuntimeError) as error:
        raise WorkspaceUnavailable(
            f"'{shortened(text)}' cannot be a file ({reason(error)}). Name the workspace like contacts.duckdb"
        ) from None


def default_path() -> Path:
    """Return the workspace that is used when none is named."""
    return checked_path(os.environ.get(PATH_VARIABLE) or str(DEFAULT_PATH))


def files_of(path: Path) -> Path:
    """Return the folder beside a workspace for uploads on their way in, exports on their way out, and spilled sorts."""
    return path.with_name(f"{path.name}{FILES}")


def snapshot_of(path: Path) -> Path:
    """Return the file that holds a workspace's last published snapshot, once there is one."""
    return files_of(path) / "snapshot.duckdb"


def audit_of(path: Path) -> Path:
    """Return the file that holds the record of what a team did with a workspace; no backup has it."""
    return path.with_name(f"{path.name}.audit.jsonl")


def key_of(path: Path) -> Path:
    """Return the file that holds the key by which customers are masked and forgotten; no backup has it."""
    return path.with_name(f"{path.name}.key")


def forgotten_of(path: Path) -> Path:
    """Return the file that holds the hashes of who was forgotten, which a damaged workspace loses; no backup has it."""
    return path.with_name(f"{path.name}.forgotten")


def is_same(one: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file: reading a workspace that is open here would unlock it at the end."""
    with suppress(OSError, ValueError):
        return one.samefile(other)
    return False
