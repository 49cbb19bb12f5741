"""The coverage calendar: which days of a kind are loaded, which only in part, which are not; drawn and in words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Literal, cast

import altair as alt
import pandas as pd

from workbench.ask.selection import short
from workbench.drawing.colours import Theme, palette
from workbench.exports import ExportKind
from workbench.intake.schema import has_local, rows_sql
from workbench.reports import labels
from workbench.store.workspace import Workspace
from workbench.time import coverage, words, zones
from workbench.time.coverage import Covered, Span

State = Literal["loaded", "empty", "partial", "missing"]
LABELS: dict[State, str] = {
    "loaded": "Loaded", "empty": "Loaded, no rows", "partial": "Partly loaded", "missing": "Not loaded",
}  # fmt: skip
WEEKS = 106  # that are shown, the last ones: two years
STEP = 15  # pixels of a day
AROUND = 75  # pixels that the legend above and the axis below take
NARROW = 18  # weeks up to which days are squares, with the legend at their right
BELOW, BESIDE = 60, 165  # pixels that the axis below, the other axis and that legend take
WEEK_END = "timeOffset('day', toDate(datum.value), 6)"
MOST_GAPS = 6  # that are named
ONE_DAY = timedelta(days=1)
PART_OF_DAY = "a part of the day"


@dataclass(frozen=True)
class Day:
    """A day of a kind: what is loaded of it, its rows and loads, and of a day loaded in part which part."""

    day: date
    state: State
    rows: int = 0
    loads: int = 0
    part: str = ""


def days(workspace: Workspace, kind: ExportKind) -> list[Day]:
    """Return every day in the reporting zone from the first to the last that a load of the kind covers."""
    zone = workspace.reporting_zone
    found = [Covered(_in_zone(each.span, zone), each.only) for each in workspace.covered(kind.name)]
    if not found:
        return []
    touched = _touching(each.span for each in found)
    whole = set(_whole(coverage.merged(each.span for each in found if not each.only)))
    parts = _parts(found)
    rows, loads = _rows(workspace, kind), _loads(workspace, kind, zone)
    every = [min(touched) + n * ONE_DAY for n in range((max(touched) - min(touched)).days + 1)]
    return [_day(day, day in touched, day in whole, rows[day], loads[day], parts.get(day, "")) for day in every]


def _day(day: date, is_touched: bool, is_whole: bool, rows: int, loads: int, part: str) -> Day:
    if not is_touched:
        return Day(day, "missing", rows)
    if not is_whole:
        return Day(day, "partial", rows, loads, part or PART_OF_DAY)
    return Day(day, "loaded" if rows else "empty", rows, loads)


def _in_zone(span: Span, zone: str) -> Span:
    return zones.wall_from_utc(span[0], zone), zones.wall_from_utc(span[1], zone)


def _touching(spans: Iterable[Span]) -> set[date]:
    return {day for span in coverage.merged(spans) for day in _days_of(span)}


def _days_of(span: Span) -> Iterator[date]:
    day, last = span[0].date(), (span[1] - timedelta(microseconds=1)).date()
    while day <= last:
        yield day
        day += ONE_DAY


def _whole(spans: Iterable[Span]) -> Iterator[date]:
    for span in spans:
        for day in _days_of(span):
            midnight = datetime.combine(day, datetime.min.time())
            if span[0] <= midnight and midnight + ONE_DAY <= span[1]:
                yield day


def _parts(found: Sequence[Covered]) -> dict[date, str]:
    """Return for each day that filtered loads cover what they were filtered to."""
    named: dict[date, set[str]] = {}
    for each in found:
        for day in _days_of(each.span) if each.only else ():
            named.setdefault(day, set()).update(_values(each))
    return {day: f"{', '.join(sorted(values))} only" for day, values in named.items()}


def _values(each: Covered) -> Iterator[str]:
    """Yield the channels and inboxes as people read them."""
    for _, values in each.only:
        for value in coverage.unjoined(values):
            yield labels.spoken(value) if "_" in value or (value.isupper() and len(value) > 3) else value


def _rows(workspace: Workspace, kind: ExportKind) -> Counter[date]:
    day = f"{kind.anchor}_local" if has_local(kind) else str(kind.anchor)
    return Counter(dict(workspace.rows(f"select {day}::date as day, count(*) from {rows_sql(kind)} group by day")))


def _loads(workspace: Workspace, kind: ExportKind, zone: str) -> Counter[date]:
    sql = "select distinct load_id, from_utc, to_utc from coverage where kind = ? order by all"
    spans = workspace.rows(sql, [kind.name])
    by_load = groupby(spans, key=lambda row: row[0])
    return Counter(day for _, each in by_load for day in _touching(_in_zone((a, b), zone) for _, a, b in each))


def gaps(found: Sequence[Day]) -> list[tuple[date, date]]:
    """Return the first and last day of every stretch that is not loaded."""
    stretches = (list(each) for state, each in groupby(found, key=lambda day: day.state) if state == "missing")
    return [(each[0].day, each[-1].day) for each in stretches]


def in_words(found: Sequence[Day]) -> str:
    """Return in a line what is not loaded, and what only in part."""
    missing = gaps(found)
    named = ", ".join(short(stretch) for stretch in missing[:MOST_GAPS])
    more = f" and {len(missing) - MOST_GAPS} more stretches" if len(missing) > MOST_GAPS else ""
    partial = [day for day in found if day.state == "partial"]
    parts = sorted({day.part for day in partial})
    said = [f"{named}{more} not loaded"] if missing else []
    if partial:
        why = f" ({parts[0]})" if len(parts) == 1 else ""
        said.append(f"{len(partial):,} {'day' if len(partial) == 1 else 'days'} partly loaded{why}")
    return "; ".join(said) or "No gaps"


def chart(kind: ExportKind, found: Sequence[Day], theme: Theme, week_start: str) -> alt.Chart:
    """Return the last two years as a calendar: a column per week, a square per day."""
    first_weekday = 0 if week_start == "monday" else 6
    shown = _frame(found, first_weekday)
    weeks = sorted(shown["week"].unique())
    colours = palette(theme)
    by_state = {"loaded": colours.primary, "empty": colours.missing, "partial": colours.warning,
                "missing": colours.problem}  # fmt: skip
    states = [state for state in LABELS if state in set(shown["state"])]
    names = [(date(2024, 1, 1) + ONE_DAY * ((first_weekday + n) % 7)).strftime("%a") for n in range(7)]
    # A week is called by its last day: the one in which a month begins bears that month's name.
    ends = [(date.fromisoformat(week) + 6 * ONE_DAY).month for week in weeks]
    months = [week for n, week in enumerate(weeks) if n == 0 or ends[n] != ends[n - 1]]
    label = f"[utcFormat({WEEK_END}, '%b'), utcmonth({WEEK_END}) ? '' : utcFormat({WEEK_END}, '%Y')]"
    narrow = is_narrow(found)
    legend: dict[str, Any] = {"orient": "right"} if narrow else {"orient": "top", "offset": 6, "columns": 2}
    drawn = (
        alt.Chart(shown)
        .mark_rect(stroke=colours.background, strokeWidth=1.5, cornerRadius=2)
        .encode(
            x=alt.X("week:O", sort=weeks, title=None, axis=alt.Axis(
                values=months, labelExpr=label, labelAngle=0, labelAlign="left", labelOverlap="greedy", ticks=False,
                domain=False, grid=False, orient="bottom")),
            y=alt.Y("weekday:O", sort=names, title=None, scale=alt.Scale(domain=names), axis=alt.Axis(
                values=names[::2], ticks=False, domain=False, grid=False, labelPadding=8)),
            color=alt.Color("label:N",
                legend=alt.Legend(title=None, symbolType="square", **legend),
                scale=alt.Scale(domain=[LABELS[s] for s in states], range=[by_state[s] for s in states])),
            opacity=alt.Opacity("strength:Q", scale=None, legend=None),
            tooltip=[alt.Tooltip("day_text:N", title="Day"), alt.Tooltip("note:N", title="Coverage"),
                     alt.Tooltip("rows:Q", title="Rows", format=","), alt.Tooltip("loads:Q", title="Loads")],
        )
        .properties(
            height=7 * STEP + (BELOW if narrow else AROUND),
            width=len(weeks) * STEP + BESIDE if narrow else "container",
            description=_message(kind, found),
        )
    )  # fmt: skip
    return cast(alt.Chart, drawn)


def is_narrow(found: Sequence[Day]) -> bool:
    """Tell whether the calendar has so few weeks that its days are squares of a fixed size."""
    return len(found) // 7 + 2 <= NARROW


def _frame(found: Sequence[Day], first_weekday: int) -> pd.DataFrame:
    shown = found[-WEEKS * 7 + 7 :]
    most = max((day.rows for day in shown), default=0) or 1
    return pd.DataFrame(
        {
            "week": (day.day - ONE_DAY * ((day.day.weekday() - first_weekday) % 7)).isoformat(),
            "weekday": f"{day.day:%a}",
            "state": day.state,
            "label": LABELS[day.state],
            "strength": 0.45 + 0.55 * min(1.0, day.rows / most) if day.state == "loaded" else 0.35
            if day.state == "empty" else 0.9,
            "day_text": f"{day.day:%a} {words.day(day.day)}",
            "note": f"{LABELS[day.state]}: {day.part}" if day.part else LABELS[day.state],
            "rows": day.rows,
            "loads": day.loads,
        }
        for day in shown
    )  # fmt: skip


def _message(kind: ExportKind, found: Sequence[Day]) -> str:
    covered = sum(day.state != "missing" for day in found)
    return (
        f"{kind.title} by day from {words.day(found[0].day)} to {words.day(found[-1].day)}:"
        f" {covered:,} of {len(found):,} days loaded. {in_words(found)}"
    )
