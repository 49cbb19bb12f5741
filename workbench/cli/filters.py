"""The options that say a selection, and the question that they ask."""

import argparse

from workbench import reports
from workbench.ask.question import Question
from workbench.ask.selection import COMPARISONS, MOST_WINDOW_DAYS, PRESETS, ROLLUPS, TOUCHES, parsed
from workbench.cli.commands import opened_to_ask
from workbench.cli.terminal import PROGRAM
from workbench.errors import BadSelection, WorkbenchError
from workbench.exports import KINDS


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options that say a selection."""
    group = parser.add_argument_group("filters")
    group.add_argument("--from", dest="start", metavar="DATE")
    group.add_argument("--preset", metavar="NAME", help=f"one of: {', '.join(PRESETS)}")
    group.add_argument("--rollup", metavar="NAME", help=f"one of: {', '.join(ROLLUPS)}")
    group.add_argument(
        "--where", action="append", default=[], metavar="KEY=VALUE", help="repeat for several; KEY= is missing"
    )
    group.add_argument("--pin", action="append", default=[], metavar="KEY=VALUE")
    group.add_argument("--timezone", metavar="ZONE", help="zone to show times in; default: the reporting zone")
    group.add_argument(
        "--compare",
        metavar="WITH",
        help=f"one of: {', '.join(COMPARISONS)}, FROM..TO; matching: as many days before, ending on the same weekday",
    )
    group.add_argument("--as-exported", action="store_true", help="without customer merges")
    group.add_argument(
        "--window-days", metavar="N", help=f"days in which an order counts for a message, 1 to {MOST_WINDOW_DAYS}"
    )
    group.add_argument(
        "--touch", metavar="NAME", help=f"message that an order is credited to, one of: {', '.join(TOUCHES)}"
    )
    group.add_argument("--currency", metavar="CODE", help="the currency of orders that revenue is taken from")


def question_of(given: argparse.Namespace, end: str | None) -> Question:
    """Return the question that the options ask, `end` its last day. Raises WorkbenchError where nothing is loaded."""
    report = reports.report(given.report)
    selection = parsed(report, _link(given, end))
    workspace = opened_to_ask(given)
    if not workspace.has(report.kinds):
        title = " or ".join(KINDS[kind].title for kind in report.kinds)
        raise WorkbenchError(f"No {title} loaded yet in {workspace.path}. Load one: {PROGRAM} load FILE")
    return Question(workspace, report, selection)


def _link(given: argparse.Namespace, end: str | None) -> dict[str, list[str]]:
    """Return the options as the parameters of a link."""
    plain = {"from": given.start, "to": end, "preset": given.preset, "rollup": given.rollup}
    plain |= {"window_days": given.window_days, "touch": given.touch, "currency": given.currency}
    plain |= {"timezone": given.timezone, "compare": given.compare, "as_exported": "yes" if given.as_exported else None}
    link = {"pin": given.pin, **{key: [text] for key, text in plain.items() if text is not None}}
    for pair in given.where:
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadSelection(f"The filter '{pair}' has no value. Write it as channel=CHAT")
        link.setdefault(key, []).append(value)
    return link
