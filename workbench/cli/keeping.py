"""The commands about the workspace as a whole: backup, restore, publish, set."""

import argparse
import json
from pathlib import Path

from workbench import team
from workbench.cli.commands import Commands, add_wait, command, opened, opened_as_it_is, path_of, say_unpublished
from workbench.cli.terminal import printable, progress_shown, rows_said, say
from workbench.errors import EngineUnavailable, WorkspaceDamaged
from workbench.store import audit, backups, lake


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
    forgetting = command(commands, "forget", _forget, "Erase a customer here, and reject later rows of them.")
    forgetting.add_argument("customer", metavar="CUSTOMER_ID", help="or the ID of a contact of respond.io")
    forgetting.add_argument("--json", action="store_true")
    add_wait(forgetting)
    masking = command(commands, "mask", _mask, "Write a copy of the workspace in which customers are masked.")
    masking.add_argument("file", type=Path, metavar="FILE")
    masking.add_argument("--staff", action="store_true", help="agents too")
    add_wait(masking)
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
        if (who := team.here()).is_recorded:
            audit.check(path_of(given))
        kept, digest = backups.recover(path_of(given), given.file)
        if who.is_recorded:
            audit.record(path_of(given), who, "restore", sha256=digest)
    say(f"Restored from {given.file}. What was there before is kept in {kept}")
    return 0


def _publish(given: argparse.Namespace) -> int:
    found = lake.named()
    if found is None:
        raise EngineUnavailable(f"{lake.LAKE_VARIABLE} names no lake. {lake.WAYS}")
    workspace = opened(given, may_be_new=False)
    with progress_shown("Publishing") as progress:
        changes = lake.due(found, workspace) if given.dry_run else lake.publish(found, workspace, progress)
    for change in changes:
        months = f"{len(change.months)} month{'' if len(change.months) == 1 else 's'}"
        written = f"{change.rows_written:,} of {months} {'to write' if given.dry_run else 'written'}"
        print(f"{change.table}: {rows_said(change.rows)}, {written if change.months else 'as published'}")
    last = lake.last(found)
    say("Nothing was written" if given.dry_run or last is None else f"Published as state {last.number}")
    return 0


def _forget(given: argparse.Namespace) -> int:
    workspace = opened(given, may_be_new=False)
    with progress_shown("Forgetting") as progress:
        receipt = workspace.forget(given.customer, progress)
    say_unpublished(workspace)
    print(json.dumps(receipt.as_json) if given.json else printable("\n".join(receipt.lines)))
    return 1 if receipt.left else 0


def _mask(given: argparse.Namespace) -> int:
    found = team.named()
    opened(given, may_be_new=False).mask(given.file, given.staff or (found is not None and found.masks_staff))
    say(f"Wrote {given.file}")
    return 0


def _set(given: argparse.Namespace) -> int:
    workspace = opened_as_it_is(given)
    lake.follow(workspace)
    workspace.set(given.key, given.value)
    say(f"{given.key} is now {given.value}")
    say_unpublished(workspace)
    return 0
