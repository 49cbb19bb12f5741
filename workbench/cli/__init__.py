"""The command line: the same core as the pages, for scripts and schedules; a module per group of commands.

Results go to standard output, messages to standard error. Exit status: 0 done, 1 refused or failed, 2 wrong usage.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence

from workbench.cli import asking, auditing, keeping, lists, loads, mappings, recipes, serving
from workbench.cli.commands import add_workspace
from workbench.cli.terminal import PROGRAM, say
from workbench.errors import UnknownName, WorkbenchError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console that lacks a character shows its number instead
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(given.command(given))
    except UnknownName as error:
        say(str(error))
        return 2
    except WorkbenchError as error:
        say(str(error))
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        say("Stopped. Nothing of the unfinished work was kept")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Reports over exports of customer-contact systems.")
    add_workspace(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in (loads, mappings, keeping, asking, recipes, lists, auditing, serving):
        group.add_to(commands)
    return parser
