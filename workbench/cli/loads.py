"""The commands about loads: load, status, unload, compare."""

import argparse
import glob
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.ask import listed
from workbench.ask.selection import ROLLUPS
from workbench.cli.commands import Commands, add_wait, command, opened, opened_to_read, say_unpublished, whole
from workbench.cli.terminal import PROGRAM, printable, progress_shown, rows_said, say
from workbench.drawing import formats
from workbench.errors import WorkbenchError
from workbench.exports import KINDS
from workbench.intake import codepages, mappings
from workbench.intake.choices import ABSENT, DECIMAL_MARKS, Choices
from workbench.intake.history import Comparison
from workbench.intake.meanings import explained
from workbench.intake.moments import DATE_ORDERS
from workbench.intake.outcome import LoadOutcome
from workbench.store import lake
from workbench.store.workspace import Workspace


def add_to(commands: Commands) -> None:
    """Add the commands to the parser."""
    load = command(commands, "load", _load, "Load export files; any file can be loaded again.")
    load.add_argument("files", nargs="+", metavar="FILE")
    load.add_argument("--kind", metavar="KIND", help=f"one of: {', '.join(KINDS)}")
    load.add_argument("--file-timezone", metavar="ZONE", help="zone of the file's wall times, where it does not say")
    load.add_argument(
        "--date-order", choices=tuple(DATE_ORDERS), help="order of day and month in dates such as 7/12/21"
    )
    load.add_argument("--decimal", choices=tuple(DECIMAL_MARKS), help="decimal mark of numbers such as 1,250")
    load.add_argument("--sheet", metavar="NAME", help="sheet of a spreadsheet")
    covers = "what a row of a vendor's own figures covers, where name and dates do not tell"
    load.add_argument("--rollup", metavar="NAME", help=f"{covers}: one of {', '.join(ROLLUPS)}")
    pages = "code page of a text file that does not tell its own"
    load.add_argument("--encoding", metavar="NAME", help=f"{pages}: one of {', '.join(codepages.PAGES)}")
    load.add_argument("--mapping", metavar="FILE", help='JSON: {"kind": KIND, "columns": {"Header": "column", ...}}')
    absent = "stored values in columns that a file lacks: leave them (keep) or let them go (empty)"
    load.add_argument("--absent", choices=ABSENT, help=absent)
    load.add_argument("--json", action="store_true", help="one JSON object per file")
    add_wait(load)
    status = command(commands, "status", _status, "What is loaded: kinds, rows, coverage, loads, warnings.")
    status.add_argument("--json", action="store_true")
    unload = command(commands, "unload", _unload, "Take one load back out, or old ones, as if it had never been.")
    which = unload.add_mutually_exclusive_group(required=True)
    which.add_argument("load_id", type=whole, nargs="?", metavar="LOAD_ID")
    which.add_argument(
        "--older-than", type=whole, metavar="DAYS",
        help="every load whose last day lies more than so many days back, and lists that were loaded before",
    )  # fmt: skip
    add_wait(unload)
    compare = command(commands, "compare", _compare, "Rows that were added, changed or vanished between two loads.")
    compare.add_argument("first", type=whole, metavar="LOAD")
    compare.add_argument("second", type=whole, metavar="LOAD")
    compare.add_argument("--json", action="store_true")


def _load(given: argparse.Namespace) -> int:
    mapping = mappings.read(Path(given.mapping)) if given.mapping else None
    choices = Choices(given.kind, given.file_timezone, given.date_order, given.sheet, mapping, given.rollup)
    choices = replace(choices, encoding=given.encoding, absent=given.absent, decimal=given.decimal)
    workspace = opened(given)
    refused = 0
    for file in files_of(given.files):
        for found in _outcomes(workspace, file, choices):
            if isinstance(found, WorkbenchError):
                refused += 1
                say(f"Refused: {found}")
            else:
                say_loaded(found, given.json)
    say_unpublished(workspace)
    return 1 if refused else 0


def _outcomes(workspace: Workspace, file: str, choices: Choices) -> list[LoadOutcome | WorkbenchError]:
    """Load a file, or each file of an archive; return what became of it, or why it was refused."""
    found: list[LoadOutcome | WorkbenchError] = []
    try:
        with progress_shown(Path(file).name) as progress:
            found.extend(became for _, became in workspace.load_parts(file, choices, progress))
    except WorkbenchError as error:
        found.append(error)
    return found


def say_loaded(outcome: LoadOutcome, is_json: bool = False) -> None:
    """Print what became of a file, and say its warnings."""
    print(json.dumps(_with_meanings(outcome.as_json())) if is_json else _loaded_line(outcome))
    for line in _warned(outcome.warnings):
        say(f"{outcome.file}: {line}")
    for reject in [] if is_json else outcome.rejects[:5]:
        say(_reject_line(outcome, reject))


def files_of(patterns: Sequence[str]) -> list[str]:
    """Return the files that names and patterns stand for; a pattern that no shell expanded is expanded here."""
    return [
        file
        for pattern in patterns
        for file in ([pattern] if _is_there(pattern) else sorted(glob.glob(pattern)) or [pattern])
    ]


def _is_there(name: str) -> bool:
    try:
        return Path(name).exists()
    except OSError:  # a name that no file can have; it is refused as any that is not there
        return False


def _loaded_line(outcome: LoadOutcome) -> str:
    return (
        f"{outcome.file}: {rows_said(outcome.rows_read)} read: {outcome.rows_loaded:,} loaded,"
        f" {outcome.rows_updated:,} updated, {outcome.rows_unchanged:,} unchanged,"
        f" {outcome.rows_rejected:,} rejected ({outcome.kind or 'not recognised'}, {outcome.seconds:.1f} s)"
    )


def _warned(warnings: Iterable[str]) -> list[str]:
    """Return a line for each warning, with what it means for the numbers."""
    return [it.warning + (f". For the numbers: {it.means}" if it.means else "") for it in explained(warnings)]


def _with_meanings(load: dict[str, Any]) -> dict[str, Any]:
    """Return a load as JSON values, with what each of its warnings means for the numbers."""
    return load | {"meanings": {it.warning: it.means for it in explained(load["warnings"])}}


def _reject_line(outcome: LoadOutcome, reject: dict[str, Any]) -> str:
    value = "" if reject["value"] is None else f" is '{reject['value']}',"
    column = f" {reject['column']}" if reject["column"] else ""
    return f"Row {reject['row']} of {outcome.file}:{column}{value} {reject['reason']}"


def _unload(given: argparse.Namespace) -> int:
    workspace = opened(given, may_be_new=False)
    if given.load_id is None:
        with progress_shown("Old loads") as progress:
            loads = workspace.unload_old(given.older_than, progress)
        say(f"Taken back: {', '.join(map(str, loads)) or 'none, no load is so old'}")
    else:
        with progress_shown(f"Load {given.load_id}") as progress:
            workspace.unload(given.load_id, progress)
        say(f"Load {given.load_id} was taken back")
    say_unpublished(workspace)
    if kept := workspace.copies:
        say(f"Copies made before still hold it: {', '.join(copy.name for copy in kept)}. Delete those not needed")
    return 0


def _compare(given: argparse.Namespace) -> int:
    found = opened_to_read(given).compare(given.first, given.second)
    if given.json:
        print(json.dumps(_comparison_json(given, found)))
        return 0
    print(found)
    for column, cells in found.columns.items():
        print(f"  {column}: {cells:,} changed")
    for what, rows in (("added", found.added), ("changed", found.changed), ("vanished", found.vanished)):
        if not rows.empty:
            print(f"\n{what.capitalize()}:\n{printable(rows.to_string(index=False, na_rep=formats.MISSING))}")
    return 0


def _comparison_json(given: argparse.Namespace, found: Comparison) -> dict[str, Any]:
    rows = {"added": found.added, "changed": found.changed, "vanished": found.vanished}
    return {
        "kind": found.kind.name,
        "loads": [given.first, given.second],
        "rows_added": len(found.added),
        "rows_changed": found.changed_rows,
        "rows_vanished": len(found.vanished),
        "rows_unchanged": found.unchanged,
        "rows_added_outside": found.outside_first,
        "rows_vanished_outside": found.outside_second,
        "columns": found.columns,
        **{name: json.loads(frame.to_json(orient="records", date_format="iso")) for name, frame in rows.items()},
    }


def _status(given: argparse.Namespace) -> int:
    workspace = opened_to_read(given)
    found: dict[str, Any] = {
        "workspace": str(workspace.path),
        "reporting_zone": workspace.reporting_zone,
        "week_start": workspace.week_start,
        "kinds": [listed.loaded(workspace, kind) for kind in KINDS],
        "loads": [_with_meanings(load) for load in workspace.loads()],
        **_published(),
    }
    if given.json:
        print(json.dumps(found))
        return 0
    print(f"{found['workspace']}  ({found['reporting_zone']}, weeks start on {str(found['week_start']).capitalize()})")
    for kind in found["kinds"]:
        if kind["loads"]:
            days = f"{kind['from'] or '–'} to {kind['to'] or '–'}"
            loads = f"{kind['loads']} load{'s' if kind['loads'] > 1 else ''}"
            print(f"{kind['kind']}: {rows_said(kind['rows'])}, {days}, {loads}")
    for load in workspace.loads():
        print(f"  {load['load_id']:>4}  {_loaded_line(LoadOutcome.from_json(load))}")
        for line in _warned(load["warnings"]):
            print(printable(f"{'':>8}{line}"))
    if not found["loads"]:
        print(f"Nothing is loaded. Load a file: {PROGRAM} load FILE")
    if last := found.get("published"):
        print(f"Published in {last['lake']} at {last['at']}, as state {last['state']}")
        for table, rows in last["rows"].items():
            print(f"  {table}: {rows_said(rows)}")
    return 0


def _published() -> dict[str, Any]:
    """Return what was published last to the lake that is named, with the rows of each table; nothing without one."""
    found = lake.named()
    last = lake.last(found) if found else None
    if found is None or last is None:
        return {}
    said = {"lake": found.name, "state": last.number, "at": last.published_at}
    return {"published": said | {"rows": {table: rows for table, rows in last.rows.items() if rows}}}
