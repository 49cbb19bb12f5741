"""A workspace, opened to be asked: its own file, or its last snapshot while another process holds it."""

from pathlib import Path

from workbench import team
from workbench.ask import shell
from workbench.errors import WorkspaceHeld, WorkspaceUnavailable
from workbench.store import lake
from workbench.store.workspace import Workspace


def ready(workspace: Workspace) -> Workspace:
    """Return a workspace whose settings can be used, with what its tiles need, followed by a lake where one is named.

    Raises BadSelection, and EngineUnavailable for a lake that is none.
    """
    workspace.check_settings()
    lake.follow(workspace)
    if workspace.path is None:
        shell.install_macros(workspace)
    else:
        shell.install(workspace)
    return workspace


def last_snapshot(path: Path, held: WorkspaceHeld) -> Workspace:
    """Return the last snapshot of a workspace that is held; its `notice` says of when it is.

    Raises WorkspaceHeld where there is none, or none that can be read.
    """
    try:
        return Workspace(path, team.here(), is_snapshot=True)
    except WorkspaceUnavailable:
        raise WorkspaceHeld(f"{held}. It has published no snapshot yet that could be read meanwhile") from None
