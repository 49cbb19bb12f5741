"""The commands about the workspace as a whole: backup, restore, set."""

import argparse
from pathlib import Path

from workbench.cli.commands import Commands, add_wait, command, opened, opened_as_it_is, path_of
from workbench.cli.terminal import say
from workbench.errors import WorkspaceDamaged
from workbench.store import backups


def add_to(commands: Commands) -> None:
    """Add the commands to the parser."""
    for name, run, help in (
        ("backup", _backup, "Write the whole workspace into a file."),
        ("restore", _restore, "Put a backup in the place of everything; what was there is kept in a file."),
    ):
        keeping = command(commands, name, run, help)
        keeping.add_argument("file", type=Path, metavar="FILE")
        add_wait(keeping)
    setting = command(commands, "set", _set, "Change a setting, such as reporting_zone or week_start.")
    setting.add_argument("key", metavar="KEY")
    setting.add_argument("value", metavar="VALUE")
    add_wait(setting)


def _backup(given: argparse.Namespace) -> int:
    opened(given, may_be_new=False).backup(given.file)
    say(f"Backed up into {given.file}")
    return 0


def _restore(given: argparse.Namespace) -> int:
    try:
        kept = opened_as_it_is(given).restore(given.file)
    except WorkspaceDamaged:  # it cannot even be opened
        kept = backups.recover(path_of(given), given.file)
    say(f"Restored from {given.file}. What was there before is kept in {kept}")
    return 0


def _set(given: argparse.Namespace) -> int:
    opened_as_it_is(given).set(given.key, given.value)
    say(f"{given.key} is now {given.value}")
    return 0
