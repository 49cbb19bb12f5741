"""What an analyst has selected: dates, rollup, filters, pins.

A frozen value, the same from widgets, a link, the command line and a notebook.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeGuard

import pandas as pd

from workbench.errors import BadSelection, UnknownName
from workbench.reports import PERIOD, Dimension, Report, Tile
from workbench.reports.settings import SETTINGS, Seconds
from workbench.time import words, zones

ROLLUPS = ("half_hour", "hour", "day", "week", "month", "quarter")
PRESETS = (
    "today", "yesterday", "last_7_days", "last_14_days", "last_30_days",
    "this_week", "last_week", "this_month", "last_month", "all",
)  # fmt: skip
COMPARISONS = ("matching", "preceding", "last_year", "weekdays")
REPORT = "report"  # which a link names where its page is of several
EXPLORED = ("metric", "by", "shape")  # the parameters of a link that say what is explored
SWITCHES = ("as_exported", "wall_clock", "whole_only", "same_channel")
PLACED_BY = ("closed", "opened")  # the moments by which conversations are placed, said beside dimensions
CREDITING = ("window_days", "touch")  # the settings by which orders are credited to messages
NOTHING = "none"  # compared with nothing, where a link that says nothing gets the page's default
TOUCHES = ("last", "first")
WINDOW_DAYS, MOST_WINDOW_DAYS = 7, 60
FIRST_DAY, LAST_DAY = date(zones.FIRST_YEAR, 1, 1), date(zones.LAST_YEAR, 12, 31)
LONGEST_QUOTED = 80  # characters of what cannot be read
MISSING = ""  # how a missing value is written in a link or on the command line

Days = tuple[date, date]  # both inclusive
Filter = tuple[str, tuple[str, ...]]  # a key and its values; MISSING is the missing value
Pin = tuple[Filter, ...]  # the values of a cell: one filter for each of its tile's dimensions


@dataclass(frozen=True)
class Exploration:
    """What no tile answers: metrics of a report by some of its dimensions, and how they are drawn ('': as suits)."""

    metrics: tuple[str, ...]
    by: tuple[str, ...]
    shape: str = ""

    def as_query(self) -> dict[str, list[str]]:
        """Return the exploration as the parameters of a link."""
        named = {"metric": [*self.metrics], "by": [*self.by], "shape": [self.shape] if self.shape else []}
        return {key: texts for key, texts in named.items() if texts}


@dataclass(frozen=True)
class Selection:
    """A question's dates, filters and pins, before a workspace gives them meaning.

    `start` and `end` are inclusive and win over `preset`; with neither, `preset` is `all`. `compare` is one of
    COMPARISONS, or FROM..TO, or None. `timezone` None shows everything in the reporting zone. `rows_of` is the metric
    whose rows the logs show, with a part of them behind a colon; empty for all rows. `whole_only` leaves out incomplete
    periods. An order is credited to the `touch` among the messages of `window_days` before it. Of the settings that are
    None (workbench/reports/settings.py) the workspace's own hold. What is `explored` is asked besides, on a page of its
    own. Conversations are placed `by` the moment that they were closed or opened.
    """

    start: date | None = None
    end: date | None = None
    preset: str = "all"
    rollup: str = "day"
    filters: tuple[Filter, ...] = ()
    pins: tuple[Pin, ...] = ()
    rows_of: str = ""
    timezone: str | None = None
    compare: str | None = None
    as_exported: bool = False
    wall_clock: bool = False
    whole_only: bool = False
    window_days: int = WINDOW_DAYS
    touch: str = TOUCHES[0]
    by: str = PLACED_BY[0]
    target: float | None = None
    shrinkage: float | None = None
    service_level: str | None = None
    threshold: Seconds | None = None
    short_abandon: Seconds | None = None
    within_days: int | None = None
    forward_minutes: int | None = None
    same_channel: bool = False
    explored: Exploration | None = None

    def values(self, key: str) -> tuple[str, ...]:
        """Return the values that a filter key has, none when it is not filtered."""
        return dict(self.filters).get(key, ())

    def pinned_values(self, key: str) -> list[tuple[str, ...]]:
        """Return the values that each of the pins has of a key."""
        return [values for pin in self.pins for name, values in pin if name == key]

    def setting(self, name: str) -> Any:
        """Return the value of a setting: the one pinned alone of its dimension, or what is set, or the usual."""
        if name not in SETTINGS:
            return getattr(self, name)
        setting, own = SETTINGS[name], getattr(self, name)
        pinned = wanted(self, setting.dimension) if setting.dimension else ()
        if len(pinned) == 1:
            return setting.read(pinned[0])
        return setting.read(setting.usual) if own is None else own

    def settled(self, report: Report, own: Mapping[str, str]) -> "Selection":
        """Return the selection with a value for each of a report's settings: what it lacks is a workspace's own."""
        lacking = [SETTINGS[name] for name in report.settings if name in SETTINGS and getattr(self, name) is None]
        return replace(self, **{each.name: each.read(own.get(each.name, each.usual)) for each in lacking})

    @property
    def of_range(self) -> "Selection":
        """The selection without what narrows, compares or rolls up its range."""
        return replace(self, filters=(), pins=(), rows_of="", compare=None, rollup="day", whole_only=False)

    @property
    def other_touch(self) -> "Selection":
        """The same question with orders credited to the other touch."""
        return replace(self, touch=next(touch for touch in TOUCHES if touch != self.touch))

    def toggled(self, pin: Pin) -> "Selection":
        """Return the selection with a pin put in, in the place of one of the same keys; the very same is taken out."""
        others = tuple(other for other in self.pins if pin_keys(other) != pin_keys(pin))
        return replace(self, pins=others if pin in self.pins else (*others, pin), rows_of="")

    def as_query(self) -> dict[str, list[str]]:
        """Return the selection as the parameters of a link, only what differs from the default."""
        plain = {
            "from": self.start.isoformat() if self.start else "",
            "to": self.end.isoformat() if self.end else "",
            "preset": self.preset if not (self.start or self.end) and self.preset != "all" else "",
            "rollup": self.rollup if self.rollup != "day" else "",
            "timezone": self.timezone or "",
            "compare": self.compare or "",
            "rows_of": self.rows_of,
            **{switch: "yes" if getattr(self, switch) else "" for switch in SWITCHES},
            "window_days": str(self.window_days) if self.window_days != WINDOW_DAYS else "",
            "touch": self.touch if self.touch != TOUCHES[0] else "",
        }
        named = {key: [text] for key, text in plain.items() if text}
        values = {name: getattr(self, name) for name in SETTINGS}
        named |= {name: [SETTINGS[name].written(value)] for name, value in values.items() if value is not None}
        named |= self.explored.as_query() if self.explored else {}
        named |= {"by": [*named.get("by", ()), self.by]} if self.by != PLACED_BY[0] else {}
        filters = {key: list(values) for key, values in self.filters}
        pins = {"pin": [text for pin in self.pins for text in _pin_texts(pin)]} if self.pins else {}
        return named | filters | pins


def pin_keys(pin: Pin) -> frozenset[str]:
    """Return the dimensions of a pin."""
    return frozenset(key for key, _ in pin)


def merged(pinned: Pin, cell: Pin) -> Pin:
    """Return what is pinned with a cell beside it, or without it; the cell alone where both are no set of values.

    That is where they differ in more than one dimension: the pin would hold cells that nobody picked.
    """
    differing = [key for (key, values), (_, own) in zip(pinned, cell, strict=True) if values != own]
    if len(differing) != 1:
        return cell
    return tuple(
        (key, _turned(values, own) if key in differing else values)
        for (key, values), (_, own) in zip(pinned, cell, strict=True)
    )


def _turned(values: tuple[str, ...], own: tuple[str, ...]) -> tuple[str, ...]:
    left = tuple(value for value in values if value not in own)
    return left if len(left) < len(values) else (*values, *own)


def _pin_texts(pin: Pin) -> list[str]:
    """Return a pin as a link says it: a text per value, or one JSON object where it has several dimensions."""
    if len(pin) == 1:
        return [f"{key}={value}" for key, values in pin for value in values]
    return [json.dumps({key: list(values) for key, values in pin}, ensure_ascii=False)]


def parsed(report: Report, query: Mapping[str, Sequence[str]]) -> Selection:
    """Return the selection that texts by key say: those of a link, the command line or a notebook.

    Raises UnknownName for a key, rollup, preset or zone that does not exist, BadSelection for impossible dates.
    """
    keys = [dimension.key for dimension in report.filters]
    known = ["from", "to", "preset", "rollup", "timezone", "compare", "wall_clock", "whole_only"]
    known += [*report.settings, "pin", "rows_of", REPORT, *EXPLORED, *keys]
    for key in query:
        if key not in known:
            raise UnknownName(f"filter of {report.name}", key, ["from", "to", "rollup", *keys])
    one = {key: values[-1] for key, values in query.items() if values}
    _known("report", one.get(REPORT) or report.name, [report.name])
    selection = Selection(
        start=_date(one.get("from")),
        end=_date(one.get("to")),
        preset=_known("preset", one.get("preset") or "all", PRESETS),
        rollup=_known("rollup", one.get("rollup") or "day", ROLLUPS),
        filters=_filters(report, ((key, query[key]) for key in keys if key in query), report.filters),
        pins=_pins(report, query.get("pin", ())),
        rows_of=_rows_of(report, one.get("rows_of") or ""),
        timezone=one.get("timezone") or None,
        compare=_comparison(one.get("compare") or None),
        window_days=_window_days(one.get("window_days") or str(WINDOW_DAYS)),
        touch=_known("touch", one.get("touch") or TOUCHES[0], TOUCHES),
        by=_placed_by(report, query),
        explored=_explored(report, query),
        **_set(one),
    )
    if selection.timezone:
        zones.zone(selection.timezone)
    if selection.start and selection.end:
        in_order((selection.start, selection.end))
    return selection


def _set(one: Mapping[str, str]) -> dict[str, Any]:
    """Return the switches and settings that texts say."""
    switches = {switch: one.get(switch, "no").lower() in ("yes", "true", "1") for switch in SWITCHES}
    return switches | {name: setting.read(one[name]) for name, setting in SETTINGS.items() if name in one}


def cell_rows(
    report: Report, selection: Selection, cell: Mapping[str, Sequence[str]], metric: str, part: str = ""
) -> Selection:
    """Return the selection whose log shows the rows of a cell's metric; the cell replaces a pin of the same keys.

    Raises UnknownName for a metric or part that does not exist.
    """
    pin = _filters(report, cell.items(), report.pinnable)
    pins = tuple(other for other in selection.pins if pin_keys(other) != pin_keys(pin))
    rows_of = _rows_of(report, f"{metric}:{part}" if part else metric)
    return replace(selection, pins=(*pins, pin) if pin else pins, rows_of=rows_of)


def pin_of(report: Report, tile: Tile, rows: "pd.DataFrame | Mapping[str, Sequence[Any]]") -> Pin:
    """Return the pin of one cell of a tile, or of the set of cells that several rows are."""
    return tuple((key, tuple(dict.fromkeys(map(as_text, rows[key])))) for key in _pinned_by(report, tile))


def pins_of(report: Report, tile: Tile, rows: "pd.DataFrame") -> list[Pin]:
    """Return the pin of each row of a tile."""
    columns = [[(key, (as_text(value),)) for value in rows[key]] for key in _pinned_by(report, tile)]
    return list(zip(*columns, strict=True)) if columns else [()] * len(rows)


def _pinned_by(report: Report, tile: Tile) -> list[str]:
    return [dimension.key for dimension in report.pinnable if dimension.key in tile.dimensions]


def as_text(value: Any) -> str:
    """Return a value of a frame as a pin has it; None, NaN, NaT and NA are the missing value."""
    if pd.isna(value):
        return MISSING
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _date(text: str | None) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadSelection(f"'{text}' is not a date. Write it as 2024-01-31") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadSelection(f"{day} is too far away. Choose dates from {FIRST_DAY} to {LAST_DAY}")
    return day


def _known(what: str, name: str, names: Sequence[str]) -> str:
    if name not in names:
        raise UnknownName(what, name, names)
    return name


def _comparison(text: str | None) -> str | None:
    if text == NOTHING:
        return None
    if text and text not in COMPARISONS:
        parts = text.split("..")
        if len(parts) != 2:
            raise UnknownName("comparison", text, [*COMPARISONS, "FROM..TO", NOTHING])
        start, end = (_date(part) for part in parts)
        if not start or not end or start > end:
            raise BadSelection(f"The comparison '{text}' is not a range. Write it as 2024-01-01..2024-01-31")
    return text


def _window_days(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MOST_WINDOW_DAYS:
        return int(text)
    raise BadSelection(f"A window of '{text}' days is not possible. Choose 1 to {MOST_WINDOW_DAYS} days")


def _number(text: str) -> float:
    """Return the number that a text is, NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _rows_of(report: Report, text: str) -> str:
    """Return a metric and a part of its rows, checked."""
    if text:
        name, _, part = text.partition(":")
        _known(f"part of {name}", part, list(report.metric(name).parts))
    return text


def _placed_by(report: Report, query: Mapping[str, Sequence[str]]) -> str:
    """Return the moment among what a link is `by`: no dimension is called as one."""
    said = [text for text in query.get("by", ()) if text in PLACED_BY and "by" in report.settings]
    return said[-1] if said else PLACED_BY[0]


def _explored(report: Report, query: Mapping[str, Sequence[str]]) -> Exploration | None:
    """Return what a link explores, of names that the report has; whether they go together is seen when it is asked."""
    metrics, by, shape = (tuple(dict.fromkeys(filter(None, query.get(key, ())))) for key in EXPLORED)
    moments = PLACED_BY if "by" in report.settings else ()
    for name in metrics:
        report.metric(name)
    for key in by:
        _known(f"dimension of {report.name}", key, [*moments, *(dimension.key for dimension in report.pinnable)])
    by = tuple(key for key in by if key not in moments)
    return Exploration(metrics, by, shape[-1] if shape else "") if metrics or by else None


def _pins(report: Report, texts: Iterable[str]) -> tuple[Pin, ...]:
    """Return the pins that texts say, in their order: `channel=CHAT`, or a JSON object for several dimensions.

    Texts of one key are the values of one pin.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if text.startswith("{"):
            found[text] = _cell(text)
        elif equals:
            found.setdefault(key, {}).setdefault(key, []).append(value)
        else:
            raise BadSelection(f"The pin '{text}' has no value. Write it as channel=CHAT")
    return tuple(filter(None, (_filters(report, cell.items(), report.pinnable) for cell in found.values())))


def _cell(text: str) -> dict[str, list[str]]:
    """Return the values by dimension that a JSON object says. Raises BadSelection."""
    try:
        cell: object = json.loads(text)
    except (ValueError, RecursionError):
        cell = None
    if is_texts_by_key(cell):
        return cell
    raise BadSelection(f"The pin '{text[:LONGEST_QUOTED]}' cannot be read. Write it as channel=CHAT")


def is_texts_by_key(found: object) -> TypeGuard[dict[str, list[str]]]:
    """Tell whether what JSON says are lists of texts by key; a text alone would be taken for a list of its letters."""
    lists = found.values() if isinstance(found, dict) else [None]
    return all(isinstance(texts, list) and all(isinstance(text, str) for text in texts) for texts in lists)


def _period(text: str) -> str:
    try:
        return datetime.fromisoformat(text).isoformat(sep=" ")
    except ValueError:
        raise BadSelection(f"'{text}' is not the start of a period. Write it as 2024-01-31") from None


def _filters(
    report: Report, pairs: Iterable[tuple[str, Sequence[str]]], dimensions: Sequence[Dimension]
) -> tuple[Filter, ...]:
    """Return filters in the order of their dimensions; enum values are upper-cased, as at intake."""
    known = {dimension.key: dimension for dimension in dimensions}
    found: dict[str, tuple[str, ...]] = {}
    for key, values in pairs:
        dimension = known[_known(f"filter of {report.name}", key, list(known))]
        found[key] = tuple(dict.fromkeys(_as_stored(dimension, value) for value in values))
        if dimension.is_single and len(found[key]) > 1:
            raise BadSelection(f"{dimension.label} takes one value. Choose {' or '.join(found[key])}")
    return tuple((key, found[key]) for key in known if found.get(key))


def _as_stored(dimension: Dimension, text: str) -> str:
    """Return a value as rows hold it. Raises BadSelection for one that no row can hold."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadSelection(f"A value of {dimension.label.lower()} is no text in UTF-8. Write it again")
    if dimension is PERIOD:
        return _period(text)
    if dimension.cast == "integer" and not (text == MISSING or (text.isascii() and text.isdigit() and len(text) < 10)):
        raise BadSelection(f"'{text}' is no {dimension.label.lower()}. Write a whole number")
    return text.upper() if dimension.is_enum else text


def wanted(selection: Selection, key: str) -> tuple[str, ...]:
    """Return the values that filters and pins leave of a dimension; none means all of them."""
    sets = [values for values in (selection.values(key), *selection.pinned_values(key)) if values]
    return tuple(value for value in sets[0] if all(value in values for values in sets)) if sets else ()


def in_order(days: Days) -> Days:
    """Return days as they are. Raises BadSelection when they are the wrong way round."""
    first, last = days
    if first > last:
        raise BadSelection(
            f"The range starts on {words.day(first)} and ends before it, on {words.day(last)}. Swap the dates"
        )
    return days


def short(days: Days) -> str:
    """Return days as people write them: `2 Dec 2025`, `2 to 9 Dec 2025`, `28 Nov to 2 Dec 2025`."""
    start, end = days
    last = words.day(end)
    if start == end:
        return last
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} to {last}"
    return f"{start.day} {start:%b}{'' if start.year == end.year else f' {start.year}'} to {last}"
