"""What is not loaded on an axis of time: which periods it is, and the hatched space with the words that they take."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any, cast

import altair as alt
import pandas as pd

from workbench.drawing.colours import Theme, palette
from workbench.drawing.marks import BOTTOM, TOP, Rows

WORDS = "not loaded"
GAP, CUT = "gap", "cut"  # spaces: what is not loaded, and periods that are not whole
MOST_PERIODS = 600  # drawn of all gaps; of more each gap has its share, so that a page stays small
INNER, OUTER = 0.18, 0.1  # of a band: between two of them, and outside the first and last
MOST_LINES = 1_500
SPACING = 8  # pixels between hatching lines while there are no more of them
NARROW, NARROWEST = 80, 14  # pixels below which the words stand upright, and are left out
_STEPS = {"half_hour": timedelta(minutes=30), "hour": timedelta(hours=1), "day": timedelta(1), "week": timedelta(7)}
_MONTHS = {"month": 1, "quarter": 3}

Span = tuple[datetime, datetime]


def periods(
    gaps: Sequence[Span], rollup: str, week_start: str = "monday", within: Span | None = None
) -> list[datetime]:
    """Return the periods of which no part that lies `within` the range is loaded, by their start, in order.

    One that the range cuts may begin before it. Of very many only so many are returned, evenly from every gap.
    """
    start, end = within or (datetime.min, datetime.max)
    found = [
        at
        for gap in gaps
        for at in _of(gap, rollup, week_start)
        if max(at, start) >= gap[0] and min(after(at, rollup), end) <= gap[1]
    ]
    return found[:: math.ceil(len(found) / MOST_PERIODS) or 1]


def _of(gap: Span, rollup: str, week_start: str) -> Iterator[datetime]:
    """Yield the periods that a gap touches."""
    at = begin(gap[0], rollup, week_start)
    while at < gap[1]:
        yield at
        at = after(at, rollup)


def begin(at: datetime, rollup: str, week_start: str) -> datetime:
    """Return when the period begins in which a local time lies."""
    midnight = datetime.combine(at, time.min)
    if rollup in _MONTHS:
        return midnight.replace(day=1, month=at.month - (at.month - 1) % _MONTHS[rollup])
    if rollup == "week":
        return midnight - timedelta((at.weekday() + (week_start == "sunday")) % 7)
    return midnight + (at - midnight) // _STEPS[rollup] * _STEPS[rollup]


def after(at: datetime, rollup: str) -> datetime:
    """Return when the period ends, and the next one begins, that begins at a time."""
    if rollup in _MONTHS:
        years, month = divmod(at.month - 1 + _MONTHS[rollup], 12)
        return at.replace(year=at.year + years, month=month + 1)
    return at + _STEPS[rollup]


def broken(known: "pd.Series[float]", missing: Sequence[datetime]) -> list[float]:
    """Return values by their period, in its order, with NaN in the place of every period that is not loaded."""
    empty = pd.Series(math.nan, index=pd.DatetimeIndex([at for at in missing if at not in known.index]))
    return list(pd.concat([known, empty]).sort_index(kind="stable"))


def place(shown: Rows, name: str, periods: Sequence[bool]) -> None:
    """Give the first of every run of such periods what its space needs, under a name: parts of the axis' width."""
    runs: list[list[int]] = []
    for n in (n for n, is_in in enumerate(periods) if is_in):
        if n and periods[n - 1]:
            runs[-1].append(n)
        else:
            runs.append([n])
    whole = max(1.0, len(shown) - INNER + 2 * OUTER)
    for run in runs:
        ends = [(OUTER + n - INNER / 2) / whole for n in (run[0], run[-1] + 1)]
        spacing = max(SPACING, 250 * len(runs) / MOST_LINES)
        shown[run[0]] |= {
            f"{name}_from": max(0.0, ends[0]),
            f"{name}_to": min(1.0, ends[1]),
            f"{name}_spacing": spacing,
        }


def space(theme: Theme) -> list[alt.Chart]:
    """Return the layers of what is not loaded: a pale ground, hatched, with the words in its middle."""
    tokens, gap = palette(theme), alt.Chart().transform_filter(f"isValid(datum.{GAP}_from)")
    ground = gap.mark_rect(color=tokens.faint, opacity=0.35, aria=False).encode(
        x=_pixels(f"datum.{GAP}_from * width"), x2=_pixels(f"datum.{GAP}_to * width"), y=TOP, y2=BOTTOM
    )
    long = f"(datum.{GAP}_to - datum.{GAP}_from) * width"
    words = _words(gap.transform_filter(f"{long} >= {NARROWEST}"), long, theme)
    return [ground, hatching(GAP, tokens.missing), *words]


def hatching(name: str, colour: str, which: str = "true") -> alt.Chart:
    """Return the lines that hatch the spaces of a name, of rows for `which` this is true."""
    start, long = f"datum.{name}_from * width", f"(datum.{name}_to - datum.{name}_from) * width"
    lines: alt.Chart = (
        alt.Chart()
        .transform_filter(f"isValid(datum.{name}_from) && {which}")
        .transform_calculate(along=f"sequence(datum.{name}_spacing / 2, {long} + height, datum.{name}_spacing)")
        .transform_flatten(["along"])
        .mark_rule(color=colour, opacity=0.3, strokeWidth=1, aria=False)
    )
    return lines.encode(
        x=_pixels(f"{start} + max(datum.along - height, 0)"),
        x2=_pixels(f"{start} + min(datum.along, {long})"),
        y=_pixels("min(datum.along, height)"),
        y2=_pixels(f"max(datum.along - {long}, 0)"),
    )


def _words(gap: alt.Chart, long: str, theme: Theme) -> list[alt.Chart]:
    """Return the words over a ground of their own, upright where the space is narrow."""
    tokens, angle = palette(theme), cast(Any, alt.ExprRef(f"{long} < {NARROW} ? 270 : 0"))
    middle = gap.encode(x=_pixels(f"(datum.{GAP}_from + datum.{GAP}_to) / 2 * width"), y=_pixels("height / 2"))
    ground = middle.mark_text(
        text=WORDS,
        angle=angle,
        fontSize=12,
        stroke=tokens.background,
        strokeWidth=6,
        strokeJoin="round",
        aria=False,
    )
    return [ground, middle.mark_text(text=WORDS, angle=angle, fontSize=12, color=tokens.missing)]


def _pixels(text: str) -> Any:
    return alt.value(alt.ExprRef(text))
