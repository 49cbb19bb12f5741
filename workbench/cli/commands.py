"""What every command has: its place in the parser, the workspace that it opens, how long it waits for it."""

import argparse
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from workbench import team
from workbench.ask import engine
from workbench.ask.workspaces import last_snapshot, ready
from workbench.cli.terminal import PROGRAM, say
from workbench.errors import BadSelection, WorkspaceHeld, WorkspaceUnavailable, shortened
from workbench.store.paths import checked_path, default_path
from workbench.store.workspace import Workspace
from workbench.workbook.prepared import written

MOST = (1 << 31) - 1  # of a whole number: more than a table of one machine has rows
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # the class has no public name


def command(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], help: str
) -> argparse.ArgumentParser:
    """Add a command and return its parser."""
    parser = commands.add_parser(name, help=help, description=help)
    parser.set_defaults(command=run)
    add_workspace(parser, default=argparse.SUPPRESS)  # one that is named before the command's name stays
    return parser


def add_workspace(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """Add the option that names the workspace, which may stand before and after a command's name."""
    parser.add_argument(
        "--workspace", metavar="PATH", default=default,
        help="default: $WORKBENCH_WORKSPACE, else ~/.contact-workbench/workspace.duckdb",
    )  # fmt: skip


def whole(text: str) -> int:
    """Return an argument that is a whole number which the database can count to."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MOST):
        raise argparse.ArgumentTypeError(f"'{shortened(text)}' is not a whole number from 0 to {MOST}")
    return int(text)


def seconds(text: str) -> float:
    """Return an argument that is a time to wait."""
    with suppress(ValueError):
        if float(text) >= 0:
            return float(text)
    raise argparse.ArgumentTypeError(f"'{shortened(text)}' is no number of seconds")


def add_wait(parser: argparse.ArgumentParser) -> None:
    """Add the option of a command that writes."""
    parser.add_argument(
        "--wait", type=seconds, default=10, metavar="SECONDS", help="how long to wait for a workspace in use (10)"
    )


def path_of(given: argparse.Namespace) -> Path:
    """Return the path of the workspace."""
    return default_path() if given.workspace is None else checked_path(given.workspace)


def opened(given: argparse.Namespace, may_be_new: bool = True) -> Workspace:
    """Return the workspace, open; it may be made, unless the command has no use for a new one."""
    return ready(opened_as_it_is(given, may_be_new))


def opened_as_it_is(given: argparse.Namespace, may_be_new: bool = True) -> Workspace:
    """Return the workspace, whatever its settings are: for the command that changes them."""
    path = path_of(given)
    if not may_be_new and not path.exists():
        raise WorkspaceUnavailable(
            f"There is no workspace {path}. Check the path, or load a file into it: {PROGRAM} load FILE"
        )
    workspace = Workspace(path, team.here(), wait=getattr(given, "wait", 0))
    if workspace.notice:
        say(workspace.notice)
    return workspace


def opened_to_ask(given: argparse.Namespace) -> Workspace:
    """Return what is asked: the workspace, or what is published where an engine is set; then there may be none here."""
    if engine.is_set() and not path_of(given).exists():
        return engine.published(Workspace(actor=team.here()))
    return engine.shown(opened_to_read(given))


def say_unpublished(workspace: Workspace) -> None:
    """Say what has kept a change of the workspace from being published, if anything has."""
    if workspace.unpublished:
        say(workspace.unpublished)


def opened_to_read(given: argparse.Namespace) -> Workspace:
    """Return the workspace, or its last snapshot while another process holds it."""
    try:
        return opened(given, may_be_new=False)
    except WorkspaceHeld as held:
        workspace = last_snapshot(path_of(given), held)
    say(workspace.notice)
    return ready(workspace)


def handed_over(text: str, target: Path | None, workspace: Workspace, what: str) -> int:
    """Print what was exported, or write it as a file of JSON. Raises BadSelection for another ending."""
    if target is None:
        print(text, end="")
        return 0
    if target.suffix.lower() != ".json":
        raise BadSelection(f"The file of {what} is JSON. End '{shortened(target.name)}' with .json")
    written(text, target, workspace)
    say(f"Wrote {target}")
    return 0
