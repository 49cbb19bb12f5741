"""What the pages must show, as the core computes it."""

from itertools import chain

import pandas as pd

from workbench import Workbench
from workbench.ask import answers, basis
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.drawing import formats
from workbench.reports import REPORTS, Report


def rows_of(core: Workbench, report: str, tile: str, selection: Selection) -> pd.DataFrame:
    """Return what a tile must show."""
    declared = REPORTS[report]
    return answers.rows(Question(core.workspace, declared, selection), declared.tile(tile))


def in_order(report: Report) -> list[str]:
    """Return a report's metrics in the order of its cards."""
    totals = report.tile("totals")
    return list(chain.from_iterable(totals.groups)) or list(totals.metrics)


def cards(core: Workbench, report: str, selection: Selection) -> list[str]:
    """Return what the cards must say."""
    declared = REPORTS[report]
    totals = rows_of(core, report, "totals", selection).iloc[0]
    unit = basis.unit(Question(core.workspace, declared, selection))
    return [formats.metric(totals[name], declared.metric(name), unit) for name in in_order(declared)]
