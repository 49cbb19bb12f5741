"""What colours say: which change is news, which value is which, and that dimmed text can still be read."""

import math

import pytest

from workbench.drawing.news import news
from workbench.reports import REPORTS
from workbench.store.settings import Quiet

EXPORT = REPORTS["contact_export"]

WAIT, VOLUME, ANSWERED, ABANDONED = (
    EXPORT.metric(name)
    for name in ("median_queued_to_fulfilled_seconds", "contacts", "answered_rate", "abandoned_rate")
)


@pytest.mark.parametrize(
    ("metric", "now", "before", "told"),
    [
        (WAIT, 110, 100, 0), (WAIT, 110.1, 100, -1), (WAIT, 90, 100, 0), (WAIT, 89.9, 100, 1), (WAIT, -89, -100, -1),
        (ANSWERED, 0.53, 0.5, 0), (ANSWERED, 0.5301, 0.5, 1), (ANSWERED, 0.27, 0.3, 0), (ANSWERED, 0.26, 0.3, -1),
        (ABANDONED, 0.05, 0.01, -1), (VOLUME, 300, 100, 0), (WAIT, math.nan, 100, 0),
    ],
)  # fmt: skip
def test_a_change_is_news_past_10_percent_or_3_points_in_a_direction_that_is_good_or_bad(
    metric: object, now: float, before: float, told: int
) -> None:
    assert news(metric, (now - before) / before, now - before, Quiet()) == told


def test_what_is_usual_can_be_set() -> None:
    assert [news(WAIT, 0.2, 20, Quiet(change=limit)) for limit in (0.2, 0.19)] == [0, -1]
    assert [news(ANSWERED, 9.0, 0.02, Quiet(points=limit)) for limit in (0.02, 0.01)] == [0, 1]
