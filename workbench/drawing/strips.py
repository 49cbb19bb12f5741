"""What is loaded, as one strip per kind over one axis of time: loaded, loaded in part, a hole, or never loaded.

A hole is red only where it is short and lies inside a run of files, so that one more export mends it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Literal, cast

import altair as alt
import pandas as pd

from workbench.ask.selection import short
from workbench.drawing import formats
from workbench.drawing.colours import Theme, palette
from workbench.exports import ExportKind
from workbench.intake.schema import rows_sql
from workbench.reports import labels
from workbench.store.workspace import Workspace
from workbench.time import coverage, words, zones
from workbench.time.coverage import Covered, Span

State = Literal["loaded", "partial", "hole", "never"]
LABELS: dict[State, str] = {
    "loaded": "Loaded", "partial": "Partly loaded", "hole": "Missing inside a run of files", "never": "Never loaded",
}  # fmt: skip
LONGEST_HOLE = 14  # days; what is missing for longer was never meant to be there
MOST_DAYS = 1_100  # of the axis, the last ones: three years
ONE_DAY = timedelta(days=1)
PART_OF_DAY = "a part of the day"
NEVER = "never loaded"
HEAD, ROW, BAR = 52, 27, 11  # pixels: of legend and axis above, of a row, of the strip in it
IS_NARROW = "width < 820"  # then columns that the tooltips say too are left out
LEFT, RIGHT = f"({IS_NARROW} ? 122 : 208)", f"({IS_NARROW} ? 128 : 330)"  # pixels beside the strips
SPACING, LEAST = 7, 3  # pixels between hatching lines, and that a stretch is wide at least
MOST_TICKS, ROOM = 7, 0.05  # names on the axis, and the share of it that the last one needs
APART = 56  # pixels from one of them to the next at the least
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Stretch:
    """Days of a kind that are alike, both ends included, and of days loaded in part which part."""

    first: date
    last: date
    state: State
    part: str = ""

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Strip:
    """A kind with its rows, and the stretches from the first to the last day that is loaded, none where none is."""

    kind: ExportKind
    rows: int
    stretches: tuple[Stretch, ...] = ()

    @property
    def until(self) -> date | None:
        """The last day that is loaded."""
        return self.stretches[-1].last if self.stretches else None

    def of(self, state: State) -> list[Stretch]:
        """Return the stretches of a state."""
        return [stretch for stretch in self.stretches if stretch.state == state]


def strip(workspace: Workspace, kind: ExportKind) -> Strip:
    """Return what is loaded of a kind, by days in the reporting zone."""
    ((rows,),) = workspace.rows(f"select count(*) from {rows_sql(kind)}")
    zone = workspace.reporting_zone
    found = [Covered(_in_zone(each.span, zone), each.only) for each in workspace.covered(kind.name)]
    return Strip(kind, rows, _stretches(found) if found else ())


def _in_zone(span: Span, zone: str) -> Span:
    return zones.wall_from_utc(span[0], zone), zones.wall_from_utc(span[1], zone)


def _stretches(found: Sequence[Covered]) -> tuple[Stretch, ...]:
    touched = {day for span in coverage.merged(each.span for each in found) for day in _days_of(span)}
    whole = set(_whole(coverage.merged(each.span for each in found if not each.only)))
    parts = _parts(found)

    def alike(day: date) -> tuple[State, str]:
        if day not in touched:
            return "never", ""
        return ("loaded", "") if day in whole else ("partial", parts.get(day, PART_OF_DAY))

    first, last = min(touched), max(touched)
    every = (first + n * ONE_DAY for n in range((last - first).days + 1))
    runs = [(each, list(days)) for each, days in groupby(every, key=alike)]
    return tuple(_stretch(*each, days) for each, days in runs)


def _stretch(state: State, part: str, days: Sequence[date]) -> Stretch:
    is_hole = state == "never" and len(days) <= LONGEST_HOLE
    return Stretch(days[0], days[-1], "hole" if is_hole else state, part)


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


def axis(strips: Sequence[Strip]) -> tuple[date, date] | None:
    """Return the first and the last day that all strips share, None where nothing is loaded."""
    until = [each.until for each in strips if each.until]
    if not until:
        return None
    first = min(each.stretches[0].first for each in strips if each.stretches)
    return max(first, max(until) - MOST_DAYS * ONE_DAY), max(until)


def state(of: Strip, last: date) -> str:
    """Return in a few words how a kind stands on the last day that any kind is loaded."""
    if of.until is None:
        return NEVER
    if holes := of.of("hole"):
        others = f" and {len(holes) - 1} more" if len(holes) > 1 else ""
        first = holes[0]
        days = short((first.first, first.last)).rsplit(" ", 1)[0]  # the year stands beside it
        return f"{days}{others} missing"
    behind = (last - of.until).days
    if behind:
        return f"{behind:,} {'day' if behind == 1 else 'days'} behind"
    return "partly loaded" if of.of("partial") else "complete"


def to_do(of: Strip) -> list[tuple[str, str]]:
    """Return for each hole of a kind where it is, and the one thing that mends it."""
    return [
        (
            f"{of.kind.title}, {short((hole.first, hole.last))}",
            f"export {'this day' if hole.days == 1 else f'these {hole.days} days'} from {of.kind.system} and drop"
            " the file above",
        )
        for hole in of.of("hole")
    ]


def partly(of: Strip) -> str:
    """Return in a line which days of a kind are loaded in part; empty where none is."""
    found = of.of("partial")
    if not found:
        return ""
    days = sum(each.days for each in found)
    parts = sorted({each.part for each in found})
    named = f" ({parts[0]})" if len(parts) == 1 else ""
    return f"{of.kind.title}: {days:,} {'day' if days == 1 else 'days'} partly loaded{named}"


def message(strips: Sequence[Strip], last: date) -> str:
    """Return what the strips show, kind by kind."""
    return ". ".join(
        f"{each.kind.system} {each.kind.title}: {state(each, last)}"
        + (f", {formats.rows(each.rows, 'rows')}, loaded until {words.day(each.until)}" if each.until else "")
        for each in strips
    )


def told(strips: Sequence[Strip]) -> list[dict[str, str]]:
    """Return in words every stretch that the strips show, and kinds that have none."""
    return [
        {"Export": f"{of.kind.system} {of.kind.title}", "Days": days, "Coverage": what}
        for of in strips
        for days, what in [_told(each) for each in of.stretches] or [(formats.MISSING, LABELS["never"])]
    ]


def _told(stretch: Stretch) -> tuple[str, str]:
    """Return the days of a stretch, and what it is."""
    what = LABELS[stretch.state]
    return short((stretch.first, stretch.last)), f"{what}: {stretch.part}" if stretch.part else what


def height(strips: Sequence[Strip]) -> int:
    """Return the pixels that a chart of strips takes."""
    return HEAD + ROW * len(strips)


def chart(strips: Sequence[Strip], theme: Theme) -> alt.LayerChart:
    """Return the strips under each other, with what stands beside each of them; there must be an `axis`."""
    days = axis(strips)
    assert days is not None
    first, last = days
    rows = [_row(n, each, last) for n, each in enumerate(strips)]
    layers = [
        *_lines(first, last, len(strips), theme),
        *_grounds(len(strips), theme),
        _drawn(strips, first, last, theme),
        *_texts(rows, theme),
        *_legend(any(each.of("partial") for each in strips), theme),
    ]
    said = message(strips, last)
    drawn = alt.layer(*layers).properties(height=height(strips), width="container", description=said)
    return cast(alt.LayerChart, drawn.configure_view(stroke=None))


def _row(number: int, of: Strip, last: date) -> dict[str, object]:
    said = state(of, last)
    return {
        "row": number, "system": of.kind.system, "kind": of.kind.title,
        "rows": formats.count(of.rows) if of.rows or of.until else formats.MISSING,
        "until": words.day(of.until) if of.until else formats.MISSING,
        "state": said, "is_missing": bool(of.of("hole")),
    }  # fmt: skip


def _place(value: str, first: date, last: date) -> str:
    """Return the pixels at which a day begins, which an expression gives as a number."""
    whole = (last - first).days + 1
    return f"({LEFT} + ({value} - {_number(first)}) / {whole} * (width - {LEFT} - {RIGHT}))"


def _number(day: date) -> int:
    return (day - EPOCH).days


def _pixels(text: str) -> Any:
    return alt.value(alt.ExprRef(text))


def _of(rows: Sequence[Mapping[str, object]]) -> alt.Chart:
    return alt.Chart(pd.DataFrame(rows))


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    """Return the days that the axis names: months, or days where there are few; the year where it is a new one."""
    months = [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= date(year, month, 1) <= last
    ]
    whole = (last - first).days + 1
    if len(months) < 3:
        step = -(-whole // MOST_TICKS)
        days = [first + n * ONE_DAY for n in range(0, whole, step) if whole - n > ROOM * whole]
        return [(day, f"{day.day} {day:%b}") for day in days]
    step = next(step for step in (1, 2, 3, 6, 12) if len(months) / step <= MOST_TICKS or step == 12)
    named = [month for month in months if (month.month - 1) % step == 0 and (last - month).days > ROOM * whole]
    years = {year: month for month in reversed(named) if (year := month.year)}
    return [(month, f"{month:%b}{f' {month.year}' if month in years.values() else ''}") for month in named]


def _lines(first: date, last: date, count: int, theme: Theme) -> list[alt.Chart]:
    """Return the axis: a fine line at each day that is named, its name above it, and a line under every row."""
    tokens, ticks = palette(theme), _ticks(first, last)
    named = _of([{"day": _number(day), "label": label, "n": n} for n, (day, label) in enumerate(ticks)])
    at, bottom = _place("datum.day", first, last), HEAD + ROW * count
    # Where there is no room for all of them, the first alone is named.
    apart = " - ".join(_place(str(_number(day)), first, last) for day, _ in (*ticks[1:2], ticks[0]))
    shown = named.transform_filter(f"datum.n == 0 || {apart} >= {APART}")
    rules = named.mark_rule(color=tokens.faint, aria=False)
    rows = _of([{"row": n} for n in range(1, count)]).mark_rule(color=tokens.faint, opacity=0.7, aria=False)
    under = _pixels(f"{HEAD} + datum.row * {ROW}")
    return [
        rules.encode(x=_pixels(at), y=alt.value(HEAD - 10), y2=alt.value(bottom)),
        rows.encode(x=alt.value(0), x2=_pixels("width"), y=under),
        shown.mark_text(align="left", fontSize=12, color=tokens.missing, aria=False).encode(
            x=_pixels(f"{at} + 2"), y=alt.value(HEAD - 16), text="label:N"
        ),
    ]


def _grounds(count: int, theme: Theme) -> list[alt.Chart]:
    """Return the hatched grounds of all rows: what nothing else is drawn on was never loaded."""
    tokens, rows = palette(theme), _of([{"row": n} for n in range(count)])
    top, long = f"({HEAD} + datum.row * {ROW} + {(ROW - BAR) / 2})", f"(width - {LEFT} - {RIGHT})"
    ground = rows.mark_rect(color=tokens.faint, opacity=0.35, aria=False).encode(
        x=_pixels(LEFT), x2=_pixels(f"{LEFT} + {long}"), y=_pixels(top), y2=_pixels(f"{top} + {BAR}")
    )
    return [ground, _hatching(rows, LEFT, long, top, theme)]


def _hatching(rows: alt.Chart, left: str, long: str, top: str, theme: Theme) -> alt.Chart:
    hatched = rows.transform_calculate(along=f"sequence({SPACING / 2}, {long} + {BAR}, {SPACING})")
    return cast(
        alt.Chart,
        hatched.transform_flatten(["along"])
        .mark_rule(color=palette(theme).missing, opacity=0.35, strokeWidth=1, aria=False)
        .encode(
            x=_pixels(f"{left} + max(datum.along - {BAR}, 0)"),
            x2=_pixels(f"{left} + min(datum.along, {long})"),
            y=_pixels(f"{top} + min(datum.along, {BAR})"),
            y2=_pixels(f"{top} + max(datum.along - {long}, 0)"),
        ),
    )


def _colours(theme: Theme) -> dict[State, str]:
    tokens = palette(theme)
    return {"loaded": tokens.primary, "partial": tokens.sequential[3], "hole": tokens.problem}


def _drawn(strips: Sequence[Strip], first: date, last: date, theme: Theme) -> alt.Chart:
    """Return the stretches that are loaded and the holes, each with its days and what it is as a tooltip."""
    drawn = [
        {
            "row": n, "from": _number(max(each.first, first)), "to": _number(each.last) + 1, "state": each.state,
            "kind": f"{of.kind.system} {of.kind.title}", **dict(zip(("days", "what"), _told(each), strict=True)),
        }
        for n, of in enumerate(strips)
        for each in sorted(of.stretches, key=lambda stretch: stretch.state == "hole")  # which lie over the others
        if each.state != "never" and each.last >= first
    ]  # fmt: skip
    colours = _colours(theme)
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    top, begin, end = (f"{HEAD} + datum.row * {ROW} + {(ROW - BAR) / 2}",
                       _place("datum.from", first, last), _place("datum.to", first, last))  # fmt: skip
    taller = "(datum.state == 'hole' ? 3 : 0)"
    return cast(
        alt.Chart,
        _of(drawn).mark_rect(cornerRadius=1).encode(
            x=_pixels(begin), x2=_pixels(f"max({end}, {begin} + {LEAST})"),
            y=_pixels(f"{top} - {taller}"), y2=_pixels(f"{top} + {BAR} + {taller}"),
            color=alt.Color("state:N", legend=None, scale=scale),
            tooltip=[alt.Tooltip("kind:N", title="Export"), alt.Tooltip("days:N", title="Days"),
                     alt.Tooltip("what:N", title="Coverage")],
        ),
    )  # fmt: skip


def _texts(rows: Sequence[Mapping[str, object]], theme: Theme) -> list[alt.Chart]:
    """Return what stands beside the strips: whose each is, its rows, until when it is loaded, and its state."""
    tokens, found = palette(theme), _of(rows)
    head = _of([{"rows": "Rows", "until": "Loaded until", "state": "State"}])
    wide, middle = f"!({IS_NARROW})", _pixels(f"{HEAD} + datum.row * {ROW} + {ROW / 2}")
    places: tuple[tuple[str, Literal["left", "right"], str], ...] = (
        ("rows", "right", "width - 250"), ("until", "left", "width - 230"), ("state", "right", "width"),
    )  # fmt: skip
    drawn = [
        found.transform_filter(wide).mark_text(align="left", fontSize=12, color=tokens.missing, aria=False).encode(
            x=alt.value(0), y=middle, text="system:N"
        ),
        found.mark_text(align="left", fontSize=12, fontWeight=600, color=tokens.text, aria=False).encode(
            x=_pixels(f"{IS_NARROW} ? 0 : 70"), y=middle, text="kind:N"
        ),
    ]  # fmt: skip
    for name, align, x in places:
        shown, above = (found, head) if name == "state" else (found.transform_filter(wide), head.transform_filter(wide))
        colour = (
            alt.condition("datum.is_missing", alt.value(tokens.problem), alt.value(tokens.missing))
            if name == "state"
            else alt.value(tokens.text)
        )
        drawn += [
            above.mark_text(align=align, fontSize=12, color=tokens.missing, aria=False).encode(
                x=_pixels(x), y=alt.value(HEAD - 16), text=f"{name}:N"
            ),
            shown.mark_text(align=align, fontSize=12, aria=False).encode(
                x=_pixels(x), y=middle, text=f"{name}:N", color=colour
            ),
        ]
    return drawn


def _legend(is_any_partial: bool, theme: Theme) -> list[alt.Chart]:
    """Return what the colours mean, in a line at the top: at the right end, and at the left one where it is narrow."""
    tokens, colours = palette(theme), _colours(theme)
    entries = [
        {"at": 0, "label": "loaded", "fill": colours["loaded"]},
        {"at": 72, "label": NEVER, "fill": tokens.faint},
        {"at": 174, "label": "missing", "long": "missing inside a run of files", "fill": colours["hole"]},
    ]
    if is_any_partial:
        entries = [entries[0], {"at": 72, "label": "in part", "fill": colours["partial"]},
                   *(entry | {"at": int(str(entry["at"])) + 70} for entry in entries[1:])]  # fmt: skip
    never = next(entry["at"] for entry in entries if entry["label"] == NEVER)
    left = f"({IS_NARROW} ? 0 : width - {406 if is_any_partial else 336})"
    found = _of([{"long": "", **entry} for entry in entries])
    at = f"({left} + datum.at)"
    hatched = _of([{"at": never}])
    return [
        found.mark_rect(aria=False).encode(
            x=_pixels(at), x2=_pixels(f"{at} + 16"), y=alt.value(2), y2=alt.value(2 + BAR),
            color=alt.Color("fill:N", scale=None, legend=None),
        ),
        _hatching(hatched, f"({left} + {never})", "16", "2", theme),
        found.mark_text(align="left", fontSize=12, color=tokens.missing, aria=False).encode(
            x=_pixels(f"{at} + 22"), y=alt.value(2 + BAR / 2),
            text=alt.Text("shown:N"),
        ).transform_calculate(shown=f"datum.long && !({IS_NARROW}) ? datum.long : datum.label"),
    ]  # fmt: skip
