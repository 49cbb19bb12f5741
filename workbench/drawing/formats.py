"""How values, columns and periods are shown, decided once for the page, the charts and the command line."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd

from workbench.ask.selection import Pin
from workbench.ask.targets import Target
from workbench.exports import KINDS
from workbench.reports import PERIOD, Metric, Report, Tile
from workbench.reports.labels import LABELS, MONEY, SUFFIXES, column_label, declared, dimension, metric_named, spoken
from workbench.time.words import day, moment, timestamp

MISSING, MINUS = "–", "−"
_SIZE = re.compile("[1-9]")
MOST_NAMED = 4  # values of a pin that are named one by one
# How a column's values are shown; `points` is a change of a rate, in percentage points.
Format = Literal[
    "count", "decimal", "money", "rate", "points", "duration", "timestamp", "date", "enum", "link", "text"
]  # fmt: skip
NUMBERS: tuple[Format, ...] = ("count", "decimal", "money", "rate", "points", "duration")

CHANGES = ("_change", "_change_rate", "_difference")
LIMITS = ("channel_filter", "inboxes_filter")  # columns of a vendor's totals, shown where any of these is limited
# Formats of columns that no declaration has.
FORMATS: dict[str, Format] = {
    "orders_credited": "count", "held_from": "timestamp", "held_until": "timestamp",
    **dict.fromkeys(
        (
            "reported", "at_ended", "at_queued", "by_population", "by_definition", "by_anchor",
            "before_sla_reported", "after_sla_reported", "abandoned_reported",
        ),
        "count",
    ),
    **dict.fromkeys(
        (
            "service_level_reported", "service_level_of_parts", "service_level_at_ended", "service_level_at_queued",
        ),
        "rate",
    ),
    **dict.fromkeys(
        ("service_level_by_definition", "service_level_by_population", "service_level_by_anchor"), "points"
    ),
    **dict.fromkeys(
        (
            "reported_messages", "at_ended_messages", "at_queued_messages", "by_contacts_messages",
            "by_anchor_messages",
        ),
        "decimal",
    ),
    **dict.fromkeys(("longest_chain", "channels", "requests_in_range"), "count"),
    **dict.fromkeys(("days_to_repeat", "days_since_last"), "decimal"),
    **dict.fromkeys(("first_at", "last_at"), "timestamp"),
    **dict.fromkeys(MONEY, "money"),
}  # fmt: skip
ROLLUP_LABELS = {
    "half_hour": "Half hour", "hour": "Hour", "day": "Day", "week": "Week", "month": "Month", "quarter": "Quarter",
}  # fmt: skip
_FROM_TYPE: dict[str, Format] = {
    "timestamp": "timestamp", "date": "date", "duration": "duration", "count": "count", "amount": "decimal",
    "enum": "enum", "link": "link",
}  # fmt: skip


def is_missing(value: object) -> bool:
    """Tell whether a value is missing: None, NaN, NaT or an empty text."""
    return value is None or value is pd.NaT or value is pd.NA or value == "" or value != value


def shown(value: Any, kind: Format = "text") -> str:
    """Return a value as people read it in a table; a duration is in seconds, a rate a fraction."""
    if is_missing(value) or (isinstance(value, float) and math.isinf(value)):
        return MISSING
    if kind in NUMBERS:
        return _without_sign_of_nothing(_number(value, kind)).replace("-", MINUS)
    match kind:
        case "timestamp":
            return moment(value)
        case "date":
            has_time = isinstance(value, datetime) and value.time() != datetime.min.time()
            return timestamp(value) if has_time else day(value)
        case "enum":
            return spoken(str(value))
        case _:
            return str(value)


def _number(value: Any, kind: Format) -> str:
    match kind:
        case "count":
            return count(value)
        case "rate":
            return f"{value * 100:,.1f} %"
        case "points":
            return f"{value * 100:+,.1f} points"
        case "duration":
            return clock(value)
        case _:
            return f"{value:,.2f}"


def _without_sign_of_nothing(text: str) -> str:
    """Return a number's text without the sign, where no digit of it but zeros is shown."""
    return text if _SIZE.search(text) else text.lstrip("+-")


def metric(value: Any, of: Metric, unit: str = "") -> str:
    """Return a metric's value as its card shows it: durations in words, money with its unit, missing as an en dash."""
    if is_missing(value):
        return MISSING
    if of.format == "money" and unit:
        return f"{shown(value, of.format)} {unit}"
    return span(value) if of.format == "duration" else shown(value, of.format)


def count(value: float) -> str:
    """Return a whole number with thousands separators."""
    return f"{round(value):,}"


def rows(number: float, label: str) -> str:
    """Return a number of rows with what they are, a plural: `1 contact`, `2 contacts`."""
    return f"{count(number)} {label.removesuffix('s') if number == 1 else label}"


def change(change_rate: Any, absolute: Any, of: Metric) -> str | None:
    """Return a metric's change as its card shows it: in percent, for a rate in percentage points; None without one."""
    if of.format == "rate":
        return None if is_missing(absolute) else shown(absolute, "points")
    if is_missing(change_rate):
        return None
    return _without_sign_of_nothing(f"{change_rate * 100:+,.1f} %").replace("-", MINUS)


def target(found: Target, of: Metric, unit: str = "") -> str:
    """Return a target in words: the value, and on which side of it a figure is good."""
    return f"{_round(found, of, unit)} or {'more' if found.good == 'up' else 'less'}"


def missed(figure: float, found: Target, of: Metric, unit: str = "") -> str:
    """Return by how much a figure misses a target: `8.6 under 80 %`, `10 s over 2 m`."""
    gap = metric(abs(figure - found.value), of, unit)
    gap = gap.removesuffix(" %") if of.format == "rate" else gap
    return f"{gap} {'under' if figure < found.value else 'over'} {_round(found, of, unit)}"


def _round(found: Target, of: Metric, unit: str) -> str:
    """Return the value of a target without zeros at its end: `80 %`, `2 m`."""
    return re.sub(r"\.0+(?= )| 0 [smh]$", "", metric(found.value, of, unit))


def clock(seconds: float) -> str:
    """Return a duration as `h:mm:ss`, from a day on as `d:hh:mm:ss`."""
    sign, whole = _split(seconds)
    days, rest = divmod(whole, 86_400)
    hours, minutes, left = rest // 3600, rest // 60 % 60, rest % 60
    return f"{sign}{days}:{hours:02}:{minutes:02}:{left:02}" if days else f"{sign}{hours}:{minutes:02}:{left:02}"


def span(seconds: float) -> str:
    """Return a duration by its two largest units: `3 m 25 s`, `2 d 4 h`."""
    sign, whole = _split(seconds)
    for size, unit, small, small_unit in ((86_400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if whole >= size:
            return f"{sign}{whole // size} {unit} {whole % size // small} {small_unit}"
    return f"{sign}{whole} s"


def signed(seconds: Any) -> str:
    """Return a part of a change of a duration, in tenths of a second under a minute: `+1.3 s`, `−1 m 47 s`."""
    if is_missing(seconds):
        return MISSING
    size = f"{abs(seconds):.1f} s" if round(abs(seconds), 1) < 60 else span(abs(seconds))
    return f"{MINUS if seconds < 0 else '+'}{size}"


def _split(seconds: float) -> tuple[str, int]:
    whole = math.floor(abs(seconds) + 0.5)
    return (MINUS if seconds < 0 and whole else ""), whole


def period(start: datetime, rollup: str, with_year: bool = False) -> str:
    """Return a period by its start: `Mon 2 Dec`, `Week of 2 Dec 2025`, `Dec 2025`, `Q4 2025`, `2 Dec, 14:30`."""
    short = day(start) if with_year else f"{start.day} {start:%b}"
    match rollup:
        case "half_hour" | "hour":
            return f"{short}, {start:%H:%M}"
        case "day":
            return f"{start:%a} {short}"
        case "week":
            return f"Week of {day(start)}"
        case "month":
            return f"{start:%b %Y}"
        case _:
            return f"Q{(start.month + 2) // 3} {start.year}"


def pinned(report: Report, rollup: str, pin: Pin) -> str:
    """Return a pin in words: `Channel: Chat, SMS`, `Entry point: +1 555 0100; Channel: Email`."""
    return "; ".join(_pinned(report, rollup, key, values) for key, values in pin)


def _pinned(report: Report, rollup: str, key: str, values: Sequence[str]) -> str:
    found = report.dimension(key)
    if found is PERIOD:
        return f"{found.label}: {', '.join(period(datetime.fromisoformat(value), rollup) for value in values)}"
    if len(values) > MOST_NAMED:
        return f"{found.label}: {found.shown(values[0])} and {len(values) - 1} others"
    return f"{found.label}: {', '.join(found.shown(value) for value in values)}"


def size(of_bytes: int) -> str:
    """Return a file size in the unit that fits."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if of_bytes >= step:
            return f"{of_bytes / step:,.1f} {unit}"
    return f"{of_bytes} bytes"


def seconds_left(since: timedelta, done: float) -> str:
    """Return how long work that is `done` of 1 will still take, empty while nobody can tell."""
    return f"about {span(since.total_seconds() * (1 - done) / done)} left" if 0.05 <= done < 1 else ""


def meanings(report: Report, tile: Tile, name: str) -> dict[str, str]:
    """Return what the known values of a tile's column mean; nothing where its rows are of several export kinds."""
    kinds = tile.entity.kinds
    found = [column for kind in kinds for column in KINDS[kind].columns if column.name == name]
    return dict(found[0].meanings) if len(kinds) == 1 and found else {}


def explained(report: Report) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Return the known values of the report's columns with what each means, under a heading per export kind."""
    return [
        (f"{column.label}: {KINDS[kind].title[:1].lower()}{KINDS[kind].title[1:]}", column.meanings)
        for kind in report.kinds
        for column in KINDS[kind].columns
        if column.meanings
    ]


@cache
def column_format(report: Report, name: str) -> Format:
    """Return how a column of a tile or log is shown."""
    if name == "period":
        return "timestamp"
    if name == "share" or name.endswith("_change_rate"):
        return "rate"
    if found := metric_named(report, name):
        return found.format
    if dimension(report, name):
        return "text"
    if name in FORMATS:
        return FORMATS[name]
    if column := declared(report, name):
        return _FROM_TYPE.get(column.type, "text")
    for suffix in SUFFIXES:
        if name.endswith(suffix) and name not in LABELS:
            kind = column_format(report, name.removesuffix(suffix))
            return "points" if kind == "rate" and suffix in ("_change", "_difference") else kind
    return "duration" if name.endswith("_seconds") else "text"


def cell(report: Report, name: str, value: Any, row: Mapping[str, Any] = MappingProxyType({})) -> str:
    """Return a value of a column as people read it: enum texts as labels, changes signed, missing as an en dash.

    The `row` that it stands in, where it is one of a log, may say more of it.
    """
    if is_missing(value):
        return MISSING
    if found := dimension(report, name):
        return found.shown(value, row)
    if pd.api.types.is_bool(value):
        return "Yes" if value else "No"
    text = shown(value, column_format(report, name))
    is_more = _is_change(report, name) and value > 0 and _SIZE.search(text)
    return f"+{text.removeprefix('+')}" if is_more else text


@cache
def _is_change(report: Report, name: str) -> bool:
    found = metric_named(report, name)
    return found.is_change if found else name.endswith(CHANGES)


def label(report: Report, name: str, value: Any) -> str:
    """Return a dimension's value as its label, the missing one by its own name ("No inbox")."""
    found = dimension(report, name)
    if found is None:
        return shown(value, column_format(report, name))
    return found.shown(None if is_missing(value) else value)


def texts(report: Report, name: str, values: "pd.Series[Any]", rollup: str) -> list[str]:
    """Return a column as a table shows it, a missing value of a dimension by its own name."""
    if name == "period":
        return [period(value, rollup, with_year=True) for value in values]
    if dimension(report, name):
        return [label(report, name, value) for value in values]
    return [cell(report, name, value) for value in values]


def _named(report: Report, name: str, row: Mapping[Any, Any]) -> str:
    """Return a value as text; a missing one by its own name where it is a dimension's."""
    is_named = is_missing(row[name]) and dimension(report, name)
    return label(report, name, None) if is_named else cell(report, name, row[name], row)


def text_table(report: Report, rows: pd.DataFrame, rollup: str = "day", unit: str = "") -> str:
    """Return rows as a table of text: labels as headers, numbers to the right."""
    records = rows.to_dict("records")
    return lines([_text_column(report, str(name), records, rollup, unit) for name in rows.columns])


def lines(columns: Sequence[Sequence[str]]) -> str:
    """Return padded columns beside each other."""
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*columns, strict=True))


def _text_column(report: Report, name: str, rows: Sequence[Mapping[Any, Any]], rollup: str, unit: str) -> list[str]:
    """Return a column's header and cells, padded to one width."""
    if name == "period":
        cells = [period(row[name], rollup, with_year=True) for row in rows]
    else:
        cells = [_named(report, name, row) for row in rows]
    return padded(column_label(report, name, unit), cells, column_format(report, name) in NUMBERS)


def padded(header: str, cells: Sequence[str], is_right: bool) -> list[str]:
    """Return a column of a table of text, its header first, padded to one width, in lines of their own."""
    texts = [text.replace("\n", " ") for text in (header, *cells)]
    width = max(len(text) for text in texts)
    return [text.rjust(width) if is_right else text.ljust(width) for text in texts]
