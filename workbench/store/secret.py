"""The key by which customers of a workspace are masked and remembered as forgotten: without it a hash says nothing.

It stands beside the workspace, outside of every backup; who has only a backup cannot try out IDs.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from workbench.errors import WorkspaceUnavailable, reason
from workbench.store.paths import key_of


def key(path: Path) -> str:
    """Return a workspace's key, which is made when it is asked for first. Raises WorkspaceUnavailable."""
    file = key_of(path)
    try:
        with suppress(FileExistsError):
            _written(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        found = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise WorkspaceUnavailable(f"{file}: the key of the workspace cannot be used ({reason(error)})") from None
    if len(found) != 64:
        raise WorkspaceUnavailable(f"{file}: is not the key of the workspace any more. Put the one that was there back")
    return found


def _written(handle: int) -> None:
    with os.fdopen(handle, "w") as new:
        new.write(secrets.token_hex(32))
