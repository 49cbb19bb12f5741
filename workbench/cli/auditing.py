"""The command about the record of what a team did: read it, or see that nobody changed it."""

import argparse
import json

from workbench import team
from workbench.cli.commands import Commands, command, path_of
from workbench.cli.terminal import printable, say
from workbench.errors import one_line
from workbench.store import audit


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    record = command(commands, "audit", _audit, "The record of who did what, kept for a team (docs/team.md).")
    record.add_argument("--json", action="store_true", help="a line of JSON for each act")
    acts = record.add_subparsers(metavar="verify")
    command(acts, "verify", _verify, "See that the record is as it was written; exit status 1 where it is not.")


def _audit(given: argparse.Namespace) -> int:
    team.here().check("audit")
    found = audit.lines(path_of(given))
    for line in found:
        facts = ", ".join(f"{name} {value}" for name, value in line["facts"].items())
        said = f"{line['at']}  {line['who']}  {line['act']}{f': {facts}' if facts else ''}"
        print(printable(one_line(json.dumps(line) if given.json else said)))
    if not found:
        say(_nothing())
    return 0


def _verify(given: argparse.Namespace) -> int:
    number, last = audit.verify(path_of(given))
    if number:
        print(f"{number:,} line{'' if number == 1 else 's'} as they were written, the last of them {last}")
    else:
        say(_nothing())
    return 0


def _nothing() -> str:
    return f"Nothing is recorded. A record is kept of what a team does, as {team.TEAM_VARIABLE} names one"
