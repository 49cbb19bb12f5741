"""The options that say a selection, and the question that they ask."""

import argparse
from collections.abc import Mapping
from types import MappingProxyType

from workbench import reports
from workbench.ask.question import Question
from workbench.ask.selection import COMPARISONS, MOST_WINDOW_DAYS, PLACED_BY, PRESETS, ROLLUPS, TOUCHES, parsed
from workbench.cli.commands import opened_to_ask
from workbench.cli.terminal import PROGRAM
from workbench.errors import BadSelection, WorkbenchError
from workbench.exports import KINDS
from workbench.reports.settings import SETTINGS


def add_filters(parser: argparse.ArgumentParser, *, must_compare: bool = False, explores: bool = False) -> None:
    """Add the options that say a selection; one that `must_compare` is wrong usage without a comparison.

    Where it `explores`, its own `--by` says beside dimensions by which moment conversations are placed.
    """
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
        required=must_compare,
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
    parser.set_defaults(placed_by=None)
    if not explores:
        group.add_argument(
            "--by", dest="placed_by", metavar="NAME",
            help=f"moment by which conversations are placed, one of: {', '.join(PLACED_BY)}",
        )  # fmt: skip
    for setting in SETTINGS.values():
        group.add_argument(f"--{setting.name.replace('_', '-')}", metavar=setting.metavar, help=setting.help)
    group.add_argument("--same-channel", action="store_true", help="only contacts of the same channel are repeats")
    group.add_argument("--currency", metavar="CODE", help="the currency of orders that revenue is taken from")


def question_of(
    given: argparse.Namespace, end: str | None, explored: Mapping[str, list[str]] = MappingProxyType({})
) -> Question:
    """Return the question that the options ask, `end` its last day, with what is `explored` as a link says it.

    Raises WorkbenchError where nothing is loaded.
    """
    report = reports.report(given.report)
    selection = parsed(report, _link(given, end) | dict(explored))
    workspace = opened_to_ask(given)
    if not workspace.has(report.kinds):
        title = " or ".join(KINDS[kind].title for kind in report.kinds)
        raise WorkbenchError(f"No {title} loaded yet in {workspace.path}. Load one: {PROGRAM} load FILE")
    return Question(workspace, report, selection)


def _link(given: argparse.Namespace, end: str | None) -> dict[str, list[str]]:
    """Return the options as the parameters of a link."""
    plain = {"from": given.start, "to": end, "preset": given.preset, "rollup": given.rollup}
    plain |= {"window_days": given.window_days, "touch": given.touch, "by": given.placed_by, "currency": given.currency}
    plain |= {name: getattr(given, name) for name in SETTINGS}
    plain |= {"timezone": given.timezone, "compare": given.compare}
    plain |= {name: "yes" if getattr(given, name) else None for name in ("as_exported", "same_channel")}
    link = {"pin": given.pin, **{key: [text] for key, text in plain.items() if text is not None}}
    for pair in given.where:
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadSelection(f"The filter '{pair}' has no value. Write it as channel=CHAT")
        link.setdefault(key, []).append(value)
    return link
