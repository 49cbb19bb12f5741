"""The command about saved mappings: what is remembered of headers that are no export's, and forgetting one."""

import argparse
import json
from datetime import datetime

from workbench.cli.commands import Commands, add_wait, command, opened, opened_to_read, whole
from workbench.cli.terminal import printable, say
from workbench.drawing import formats
from workbench.errors import UnknownName
from workbench.intake.mappings import ColumnMapping
from workbench.store.workspace import Workspace
from workbench.time import zones
from workbench.time.words import timestamp

Saved = tuple[ColumnMapping, datetime | None]


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    saved = command(commands, "mappings", _mappings, "Saved mappings, by which later files of their header are read.")
    saved.add_argument("--forget", type=whole, metavar="NUMBER", help="forget one; what was loaded with it stays")
    saved.add_argument("--json", action="store_true", help="in the form of --mapping FILE, with more beside")
    add_wait(saved)


def _mappings(given: argparse.Namespace) -> int:
    if given.forget is not None:
        return _forget(opened(given, may_be_new=False), given.forget)
    workspace = opened_to_read(given)
    found = workspace.mappings()
    if given.json:
        print(json.dumps([_as_json(number, *saved) for number, saved in enumerate(found, start=1)]))
        return 0
    for number, saved in enumerate(found, start=1):
        print(printable(f"{number:>4}  {_line(workspace, *saved)}"))
    if not found:
        print("No mapping is saved. Save one with a file: load FILE --mapping FILE, or on the page Data")
    return 0


def _forget(workspace: Workspace, number: int) -> int:
    found = workspace.mappings()
    if not 1 <= number <= len(found):
        raise UnknownName(
            "saved mapping", number, [str(known) for known in range(1, len(found) + 1)] or ["(nothing is saved)"]
        )
    workspace.forget_mapping(found[number - 1][0])
    say(f"Mapping {number} is forgotten; what was loaded with it stays")
    return 0


def _line(workspace: Workspace, saved: ColumnMapping, used_at: datetime | None) -> str:
    columns = ", ".join(f"{header} is {name}" for header, name in saved.columns if name)
    last = zones.wall_from_utc(used_at, workspace.reporting_zone) if used_at else None
    return f"{saved.kind}: {columns} (last used: {timestamp(last) if last else formats.MISSING})"


def _as_json(number: int, saved: ColumnMapping, used_at: datetime | None) -> dict[str, object]:
    return {
        "mapping": number,
        "kind": saved.kind,
        "columns": dict(saved.columns),
        "header": saved.header,
        "last_used": used_at.isoformat() if used_at else None,
    }
