"""What every command has: its place in the parser, the workspace that it opens, how long it waits for it."""

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from workbench.ask import shell
from workbench.cli.terminal import say
from workbench.drawing import formats
from workbench.errors import WorkspaceHeld, WorkspaceUnavailable
from workbench.store.paths import checked_path, default_path
from workbench.store.workspace import Workspace

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # the class has no public name


def command(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], help: str
) -> argparse.ArgumentParser:
    """Add a command and return its parser."""
    parser = commands.add_parser(name, help=help, description=help)
    parser.set_defaults(command=run)
    parser.add_argument("--workspace", help="default: $WORKBENCH_WORKSPACE, else ~/.contact-workbench/workspace.duckdb")
    return parser


def whole(text: str) -> int:
    """Return an argument that is a whole number."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number")
    return int(text)


def add_wait(parser: argparse.ArgumentParser) -> None:
    """Add the option of a command that writes."""
    parser.add_argument(
        "--wait", type=float, default=10, metavar="SECONDS", help="how long to wait for a workspace in use (10)"
    )


def path_of(given: argparse.Namespace) -> Path:
    """Return the path of the workspace."""
    return default_path() if given.workspace is None else checked_path(given.workspace)


def opened(given: argparse.Namespace) -> Workspace:
    """Return the workspace, open."""
    workspace = Workspace(path_of(given), wait=getattr(given, "wait", 0))
    if workspace.notice:
        say(workspace.notice)
    shell.install(workspace)
    return workspace


def opened_to_read(given: argparse.Namespace) -> Workspace:
    """Return the workspace, or its last snapshot while another process holds it."""
    try:
        return opened(given)
    except WorkspaceHeld as held:
        path = path_of(given)
        try:
            workspace = Workspace(path, is_snapshot=True)
        except WorkspaceUnavailable:
            raise held from None
    published = datetime.fromtimestamp(workspace.snapshot.stat().st_mtime)
    say(f"Another process holds {path}: this is its snapshot of {formats.timestamp(published)}")
    shell.install(workspace)
    return workspace
