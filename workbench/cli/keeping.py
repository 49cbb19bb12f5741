"""The commands about the workspace as a whole: backup, restore, publish, set."""

import argparse
from pathlib import Path

from workbench.cli.commands import Commands, add_wait, command, opened, opened_as_it_is, path_of, say_unpublished
from workbench.cli.terminal import progress_shown, rows_said, say
from workbench.errors import EngineUnavailable, WorkspaceDamaged
from workbench.store import backups, lake


def add_to(commands: Commands) -> None:
    """Add the commands to the parser."""
    for name, run, help in (
        ("backup", _backup, "Write the whole workspace into a file."),
        ("restore", _restore, "Put a backup in the place of everything; what was there is kept in a file."),
    ):
        keeping = command(commands, name, run, help)
        keeping.add_argument("file", type=Path, metavar="FILE")
        add_wait(keeping)
    publishing = command(commands, "publish", _publish, "Write what is loaded to the lake that WORKBENCH_LAKE names.")
    publishing.add_argument("--dry-run", action="store_true", help="only say what would be written")
    add_wait(publishing)
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
        workspace = opened_as_it_is(given)
        lake.follow(workspace)
        kept = workspace.restore(given.file)
        say_unpublished(workspace)
    except WorkspaceDamaged:  # it cannot even be opened
        kept = backups.recover(path_of(given), given.file)
    say(f"Restored from {given.file}. What was there before is kept in {kept}")
    return 0


def _publish(given: argparse.Namespace) -> int:
    found = lake.named()
    if found is None:
        raise EngineUnavailable(f"{lake.LAKE_VARIABLE} names no lake. Set it to a folder like file:///data/lake")
    workspace = opened(given, may_be_new=False)
    with progress_shown("Publishing") as progress:
        changes = found.due(workspace) if given.dry_run else found.publish(workspace, progress)
    for change in changes:
        months = f"{len(change.months)} month{'' if len(change.months) == 1 else 's'}"
        written = f"{change.rows_written:,} of {months} {'to write' if given.dry_run else 'written'}"
        print(f"{change.table}: {rows_said(change.rows)}, {written if change.months else 'as published'}")
    last = found.last()
    say("Nothing was written" if given.dry_run or last is None else f"Published as state {last.number}")
    return 0


def _set(given: argparse.Namespace) -> int:
    workspace = opened_as_it_is(given)
    lake.follow(workspace)
    workspace.set(given.key, given.value)
    say(f"{given.key} is now {given.value}")
    say_unpublished(workspace)
    return 0
