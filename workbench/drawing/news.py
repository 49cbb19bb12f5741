"""Which changes are coloured: good or bad news past what is usual; volume and what is usual stay grey on every face."""

from typing import Any, Literal

from workbench.drawing.formats import is_missing
from workbench.reports import Metric
from workbench.store.settings import Quiet

News = Literal[1, 0, -1]  # good, none, bad
EXACT = 9  # decimals; what floats add behind them would pass a limit that is met exactly
_SIGNS = {"up": 1, "down": -1, None: 0}


def news(metric: Metric, change_rate: Any, absolute: Any, quiet: Quiet) -> News:
    """Tell whether a change is good news, bad news or none: a rate's by its points, else by what it is of before.

    At the limit itself it is none. A missing change is none. Which way it went the absolute change says: of a figure
    that was below zero the rate has the other sign.
    """
    amount, limit = (absolute, quiet.points) if metric.format == "rate" else (change_rate, quiet.change)
    if is_missing(amount) or round(abs(amount), EXACT) <= limit:
        return 0
    return _sign(_SIGNS[metric.good] * absolute)


def _sign(amount: float) -> News:
    return 1 if amount > 0 else -1 if amount < 0 else 0
