"""What the faces ask of a report: a tile's rows, what they rest on and say, the options of a filter."""

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from workbench.ask import trees
from workbench.ask.engine import frame, frames
from workbench.ask.logs import Page, log_rows, picked_columns, record_clear_view
from workbench.ask.question import Question, is_comparable, says_nothing
from workbench.ask.relations import PERIODS, QUARTER_HOURS, Query, cte_sql, names, query, statement, with_sql
from workbench.ask.selection import Selection
from workbench.reports import PERIOD, REPORTS, Dimension, Metric, Report, Tile, labels
from workbench.reports.settings import ALTERNATIVES
from workbench.time import words

_ALL = 1 << 62  # rows: more than there are
_ONE = "2000-01-01"  # the one period of a total
COLOURED = 1_000  # values of a dimension that get a colour by their place
BY_VALUE = ("bar_and_pie", "stacked_over_time", "grouped_over_time", "values_over_time")  # shapes


def rows(
    question: Question, tile: Tile, limit: int | None = None, compared: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return a tile's rows, with `_before`, `_change` and `_change_rate` of its metrics when the question compares.

    With a `limit` only so many of them, the first ones. `compared` are the metrics to compare, None stands for all.
    """
    if not tile.log:
        record_clear_view(question, tile.name, (*tile.dimensions, *tile.columns))
    now = _answer(question, tile, query(question, tile, limit=limit))
    metrics = list(tile.metrics if compared is None else compared)
    if question.selection.compare is None or not metrics or tile.compares_itself or tile.log:
        return now
    known = [name for name in metrics if is_whole_before(question, tile, name)]
    if not (is_comparable(question, tile) and known):
        return _with_changes(question.report, now, None, tile, metrics)
    asked = query(question.earlier, tile)
    only = f"select {', '.join((*tile.dimensions, *known))}\nfrom (\n{asked.sql}\n)"
    before = _answer(question, tile, replace(asked, sql=only))
    if "period" in tile.dimensions:
        before["period"] = _moved(before["period"], now["period"], question)
    return _with_changes(question.report, now, before, tile, metrics)


def total(question: Question, tile: Tile, shown: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what all rows of a tile come to, as one row: its own SELECT over rows that are all of one value.

    Nothing where that SELECT makes several of them, where values are alternatives, or where the rows of its first
    metric do not add up to it: a tile that leaves rows out has no total. A part of a change that adds up to nothing of
    its own is missing. `shown` are the tile's rows, where they are known already.
    """
    has_none = tile.log or tile.needs or tile.optional_kind or ALTERNATIVES.intersection(tile.dimensions)
    text = "" if has_none else _collapsed(question, tile)
    if not text:
        return pd.DataFrame()
    found, metrics = _answer(question, tile, query(question, tile, text)), list(tile.metrics)
    if len(found) != 1:
        return pd.DataFrame()
    shown, asked = rows(question, tile, compared=()) if shown is None else shown, question.selection.compare
    additive = [name for name in metrics if question.report.metric(name).is_additive]
    wrong = [name for name in additive if not np.isclose(*(np.nansum(_numbers(each[name])) for each in (shown, found)))]
    if wrong and additive[0] == wrong[0]:
        return pd.DataFrame()
    if asked is not None and not tile.compares_itself:
        known = [name for name in metrics if is_whole_before(question, tile, name)]
        is_compared = is_comparable(question, tile) and bool(known)
        before = _answer(question.earlier, tile, query(question.earlier, tile, text)) if is_compared else None
        found = _with_changes(question.report, found, before, tile, metrics)
    told = [f"{name}{suffix}" for name in wrong for suffix in ("", *labels.SUFFIXES)]
    return found.assign(**dict.fromkeys(name for name in told if name in found))


def _collapsed(question: Question, tile: Tile) -> str:
    """Return a tile's SELECT over relations in which each of its dimensions has one value, '' where there are none."""
    own = statement(question.report, tile)
    one = {name: f"timestamp '{_ONE}'" if name == "period" else "null" for name in tile.dimensions}
    if not one or "unpivot" in names(own):  # whose values are names of columns
        return ""
    replaced = ", ".join(f"{sql} as {name}" for name, sql in one.items())
    found, every = [], []
    for relation in sorted(names(own)):
        plain = relation.removesuffix("_before")
        if plain == tile.entity.name:
            found.append(cte_sql(relation, f"select * replace ({replaced}) from every_{relation}"))
        elif plain in PERIODS - {"hours", QUARTER_HOURS} and "period" in one:
            picked = f"* replace (timestamp '{_ONE}' as period, false as is_incomplete)"
            found.append(cte_sql(relation, f"select distinct {picked} from every_{relation}"))
        else:
            continue
        every.append(cte_sql(f"every_{relation}", f"select * from {relation}"))
    # Within another SELECT, so that a name means the relation there, and its collapsed rows in the tile's own.
    return with_sql(every, f"select * from (\n{with_sql(found, f'select * from ({own})')}\n)") if found else ""


def page(question: Question, tile: Tile, asked: Page) -> pd.DataFrame:
    """Return those rows and columns of a tile that a page asks for; a log's are its own, without their row numbers.

    What is sorted or searched is not the database's in a tile of figures: its few rows are. Raises UnknownColumn.
    """
    if tile.log:
        limited = replace(asked, limit=_ALL) if asked.limit is None and asked.offset else asked
        return log_rows(question, tile, limited).drop(columns="row_id")
    found = rows(question, tile)
    if asked.sort:
        column, downwards = asked.ordered_by(tile, tuple(found.columns))
        found = ordered(question.report, found, column, downwards)
    found = found[_holding(question.report, found[list(tile.dimensions)], asked.search)]
    names = list(picked_columns(asked.columns, tuple(found.columns), tuple(found.columns)))
    end = None if asked.limit is None else asked.offset + asked.limit
    return found[names].iloc[asked.offset : end].reset_index(drop=True)


def ordered(report: Report, rows: pd.DataFrame, column: str, downwards: bool) -> pd.DataFrame:
    """Return rows sorted by a column as people read it, whatever its case; missing values are last both ways."""
    dimension = labels.dimension(report, column)
    keys = [_sort_key(dimension, value) for value in rows[column].tolist()]
    known = sorted((n for n, key in enumerate(keys) if key is not None), key=keys.__getitem__, reverse=downwards)
    missing = [n for n, key in enumerate(keys) if key is None]
    return rows.iloc[[*known, *missing]].reset_index(drop=True)


def _sort_key(dimension: Dimension | None, value: Any) -> Any:
    """Return what a value is sorted by, None for a missing one: of a dimension the label, but for named numbers."""
    if pd.isna(value) or value == "":
        return None
    if dimension and not dimension.cast:
        return dimension.shown(value).casefold()
    return value.casefold() if isinstance(value, str) else value


def _holding(report: Report, values: pd.DataFrame, text: str) -> "pd.Series[bool]":
    """Tell for each row whether one of its values, stored or shown, holds a text; case and accents do not count."""
    if not text.strip():
        return pd.Series(True, index=values.index)
    wanted = folded(text.strip())
    found = pd.Series(False, index=values.index)
    for name in values:
        read = _read(labels.dimension(report, str(name)), values[name])
        found |= np.array([wanted in text for text in read], dtype=bool)
    return found


def _read(dimension: Dimension | None, values: "pd.Series[Any]") -> list[str]:
    """Return the texts by which each value is found, in lines: as it is stored and as it is shown."""
    known = [None if pd.isna(value) else value for value in values]
    stored = ["" if value is None else str(value) for value in known]
    shown = stored if dimension is None else [dimension.shown(value) for value in known]
    return [folded("\n".join(texts)) for texts in zip(stored, shown, strict=True)]


def folded(text: str) -> str:
    """Return a text by which others are found whatever their case and accents."""
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(character for character in apart if not unicodedata.combining(character))


def rows_of_each(questions: Sequence[Question], tile: Tile) -> list[pd.DataFrame]:
    """Return a tile's rows by several questions about one workspace, which are asked at once; nothing is compared."""
    found = frames(questions[0].workspace, [query(question, tile) for question in questions])
    return [_known(question, tile, rows) for question, rows in zip(questions, found, strict=True)]


def _answer(question: Question, tile: Tile, asked: Query) -> pd.DataFrame:
    return _known(question, tile, frame(question.workspace, asked))


def _known(question: Question, tile: Tile, found: pd.DataFrame) -> pd.DataFrame:
    """Return a tile's rows; a metric that an active filter has nothing to do with is missing."""
    silent = [name for name in tile.metrics if name in found and says_nothing(question, question.report.metric(name))]
    return found.assign(**dict.fromkeys(silent))


def is_whole_before(question: Question, tile: Tile, name: str) -> bool:
    """Tell whether the range before is wholly covered for a metric: by the kinds of its own log, or of the tile.

    Where rows are of several kinds, one of which nothing is loaded in the range has no part in either range.
    """
    metric = question.report.metric(name)
    entity = question.report.entity_of(metric, tile)
    ranges = [each for each in question.scope.of(entity) if each.now.reach.touched or not entity.of_kind]
    befores = [each.before for each in ranges if each.kind in (metric.kinds or entity.kinds)]
    return bool(befores) and all(before and before.is_whole for before in befores)


# How pandas names the periods of a rollup; their ordinals count whole ones, whatever is covered.
_FREQUENCIES = {"half_hour": "min", "hour": "h", "day": "D", "month": "M", "quarter": "Q"}


def _moved(before: "pd.Series[Any]", now: "pd.Series[Any]", question: Question) -> "pd.Series[Any]":
    """Return for each period of the earlier range the one at its place in the later range, missing where none is."""
    scope, rollup = question.scope, question.selection.rollup
    assert scope.before is not None  # asked only then
    week = "W-SAT" if scope.week_start == "sunday" else "W-SUN"
    size = 30 if rollup == "half_hour" else 1
    places, earlier_places = (
        (pd.PeriodIndex(periods, freq=_FREQUENCIES.get(rollup, week)).asi8 - _ordinal(days[0], rollup, week)) // size
        for periods, days in ((now, scope.now.days), (before, scope.before.days))
    )
    by_place = dict(zip(places, now, strict=True))
    return pd.Series([by_place.get(place) for place in earlier_places], index=before.index, dtype=now.dtype)


def _ordinal(day: date, rollup: str, week: str) -> int:
    return int(pd.Period(pd.Timestamp(day), freq=_FREQUENCIES.get(rollup, week)).ordinal)


def _with_changes(
    report: Report, now: pd.DataFrame, before: pd.DataFrame | None, tile: Tile, metrics: list[str]
) -> pd.DataFrame:
    """Append the metrics' values before and their changes; rows are matched by the tile's dimensions."""
    is_breakdown = bool(tile.dimensions) and "period" not in tile.dimensions and before is not None
    known = (now[:0] if before is None else before).reindex(columns=[*tile.dimensions, *metrics])
    row_of = {key: row for row, key in enumerate(_keys(known, tile))}
    places = np.array([row_of.get(key, -1) for key in _keys(now, tile)], dtype="int64")
    changes: dict[str, np.ndarray[Any, Any]] = {}
    for metric in metrics:
        earlier = np.append(_numbers(known[metric]), np.nan)[places]
        if is_breakdown and report.metric(metric).format == "count":
            earlier[places < 0] = 0  # the earlier period is loaded in full, and had none of them
        change = _numbers(now[metric]) - earlier
        changes[f"{metric}_before"] = earlier
        changes[f"{metric}_change"] = change
        changes[f"{metric}_change_rate"] = change / np.where(earlier == 0, np.nan, abs(earlier))
    return pd.concat([now, pd.DataFrame(changes, index=now.index)], axis=1)


def _keys(rows: pd.DataFrame, tile: Tile) -> list[tuple[Any, ...]]:
    """Return the values of each row's dimensions; missing ones, which pandas tells from each other, as None."""
    columns = [[None if pd.isna(value) else value for value in rows[name].tolist()] for name in tile.dimensions]
    return list(zip(*columns, strict=True)) if columns else [()] * len(rows)


def _numbers(values: "pd.Series[Any]") -> "np.ndarray[Any, Any]":
    return values.to_numpy("float64", na_value=np.nan)


def counts(question: Question, tile: Tile) -> dict[str, float]:
    """Return n for every metric of a tile: how many rows it rests on; `rows` is how many the selection has.

    Of a part of a metric's rows whose number is stated, the count stands under `<metric>:<part>`, and the figure
    without the first of these under `<metric>:without`, which is NaN where there is none.
    """
    of_entity: dict[str, list[str]] = {tile.entity.name: ["count(*) as rows"]}
    for metric in map(question.report.metric, tile.metrics):
        parts = of_entity.setdefault(question.report.entity_of(metric, tile).name, [])
        parts.extend(
            f'count(*) filter ({metric.parts[part]}) as "{":".join(filter(None, (metric.name, part)))}"'
            for part in ("", *(name for name, _, _ in metric.among))
        )
        if metric.without:
            parts.append(f'{metric.without} as "{metric.name}:without"')
    found: dict[str, float] = {}
    for entity, parts in of_entity.items():
        counted = _asked(question, tile, f"select {', '.join(parts)} from {entity}")
        found |= {str(name): counted[name].iloc[0].item() for name in counted.columns}
    return found


def _asked(question: Question, tile: Tile, select: str) -> pd.DataFrame:
    """Return the rows of a SELECT over a tile's relations."""
    return frame(question.workspace, query(question, tile, select))


def stated(question: Question, tile: Tile) -> list[str]:
    """Return what a tile says about some of its rows, as far as there are any, and about periods that still fill."""
    filling = len(filling_periods(question, tile))
    said = [f"Still filling: {filling:,} of the periods, in which contacts of days that are not loaded may be open"]
    return [*_stated_of_rows(question, tile), *(said if filling else [])]


def _stated_of_rows(question: Question, tile: Tile) -> list[str]:
    if not tile.stated:
        return []
    parts = [f"{counted} as n{n}" for n, (counted, *_) in enumerate(tile.stated)]
    parts += [f"{sql} as n{n}_{m}" for n, (_, _, *more) in enumerate(tile.stated) for m, sql in enumerate(more)]
    (found,) = _asked(question, tile, f"select {', '.join(parts)} from {tile.entity.name}").to_dict("records")
    return [
        text.format(*(_said(found[f"n{n}_{m}"]) for m in range(len(more))), n=_said(found[f"n{n}"]))
        for n, (_, text, *more) in enumerate(tile.stated)
        if not pd.isna(found[f"n{n}"]) and found[f"n{n}"]  # sums of no rows are missing
    ]


def _said(value: Any) -> str:
    """Return a moment or a number in words; nothing for a missing one."""
    if pd.isna(value):
        return ""
    return words.timestamp(value) if isinstance(value, datetime) else f"{round(value):,}".replace("-", "−")


def growing_from(question: Question, tile: Tile) -> datetime | None:
    """Return the first period of a tile over time whose figures still grow with later loads, None without one."""
    if not tile.growing:
        return None
    (period,) = _asked(question, tile, f"select min(period) as period from {tile.growing}")["period"]
    return None if pd.isna(period) else period.to_pydatetime()


def filling_periods(question: Question, tile: Tile) -> list[datetime]:
    """Return the periods of a tile over time whose figures earlier days would change that are not loaded."""
    if not tile.filling:
        return []
    found = _asked(question, tile, f"select distinct period from {tile.filling} order by period")
    return list(found["period"].dt.to_pydatetime())


def over_time(question: Question, tile: Tile) -> pd.DataFrame:
    """Return the metrics of a row of cards for every covered period: its own SELECT, period by period.

    Of rows that last it is what the report's tile over time has, and missing for the others. Nothing where that SELECT
    goes by periods itself, or is not a plain one.
    """
    if tile.entity.lasts:
        timed = next(each for each in question.report.tiles if each.dimensions == (PERIOD.key,))
        return rows(question, timed, compared=()).reindex(columns=["period", *tile.metrics])
    own = statement(question.report, tile)
    by_period = "" if names(own) & PERIODS else trees.grouped(question.workspace, own, "period")
    if not by_period:
        return pd.DataFrame(columns=["period", *tile.metrics])
    # Beside the periods and not within their join, where a column that it lacks would be theirs.
    joined = "select *\nfrom periods\nleft join found using (period)\norder by period"
    found = _asked(question, tile, with_sql([cte_sql("found", by_period)], joined))
    counts = [name for name in tile.metrics if question.report.metric(name).format == "count"]
    return found.assign(**{name: found[name].fillna(0) for name in counts})


def incomplete_periods(question: Question, tile: Tile) -> list[datetime]:
    """Return the periods of a tile that the range or the coverage cuts."""
    found = _asked(question, tile, "select period from periods where is_incomplete order by period")
    return list(found["period"].dt.to_pydatetime())


def options(question: Question, key: str) -> list[tuple[str, int]]:
    """Return the values of a filter in the date range with their counts, most frequent first; MISSING is missing.

    Other filters and pins do not narrow the list, nor do dates that of a filter which is chosen for all data; rows of
    metrics that the filter says nothing about do not count.
    """
    report = question.report
    record_clear_view(question, f"options of {key}", [key])
    others = [f"({metric.rows}) is not true" for metric in report.metrics if key in metric.not_for]
    where = " and ".join(others) or "true"
    rows = report.dimension(key).offered_from or report.main.name
    counted = f"select coalesce({key}, '') as value, count(*) as n from (from {rows}) where {where}"
    found = _asked(question.of_range, report.tiles[0], f"{counted} group by all order by n desc, value")
    return [(str(value), int(n)) for value, n in zip(found["value"], found["n"], strict=True)]


def wholes(question: Question, tile: Tile, metric: Metric) -> tuple[float, float]:
    """Return the figure of whose change a metric is a part: in the range before, NaN without one, and now."""
    before, now = (_whole(question, tile, f"{tile.entity.name}{ending}", metric) for ending in ("_before", ""))
    return before, now


def wholes_of(question: Question, tile: Tile) -> tuple[float, float]:
    """Return the figure whose change a tile explains, before and now; NaN for a tile that explains none."""
    parts = [metric for name in tile.drawn if (metric := labels.metric_named(question.report, name)) and metric.part_of]
    return wholes(question, tile, parts[0]) if parts else (math.nan, math.nan)


def _whole(question: Question, tile: Tile, relation: str, metric: Metric) -> float:
    found = _asked(question, tile, f"select {metric.part_of} as whole from {relation}")
    return float(found["whole"].astype("float64").iloc[0])


def values(question: Question, tile: Tile) -> tuple[str, ...]:
    """Return what the dimension that a tile colours has in all loaded rows, the most frequent first.

    They are those of every tile that colours it, so that a value has one colour on all of them; values that it declares
    are known without. None for a tile that is not coloured by value.
    """
    if tile.shape not in BY_VALUE:
        return ()
    key = tile.dimensions[-1]
    dimension = question.report.dimension(key)
    known, counts = dict(dimension.value_labels), Counter[str]()
    for report, other in _coloured(dimension):
        if question.workspace.has(other.entity.kinds):
            rows = f"from {other.entity.name} where {key} is not null group by all"
            everything = Question(question.workspace, report, Selection())
            found = _asked(everything, other, f"select {key} as value, count(*) as n {rows}")
            counts.update(dict(zip(map(str, found["value"]), map(int, found["n"]), strict=True)))
    ranked = sorted((name for name in counts if name not in known), key=lambda name: (-counts[name], name))
    return tuple(ranked[:COLOURED])


@cache
def _coloured(dimension: Dimension) -> list[tuple[Report, Tile]]:
    """Return tiles that colour a dimension's values: of several over the same exports the last, whose rows are widest.

    What its rows lack of another's is told apart by its text, the same on every tile.
    """
    tiles = [(report, tile) for report in REPORTS.values() for tile in report.tiles if tile.shape in BY_VALUE]
    found = [(report, tile) for report, tile in tiles if report.dimension(tile.dimensions[-1]) is dimension]
    return list({tile.entity.kinds: (report, tile) for report, tile in found}.values())


def note(question: Question, tile: Tile) -> str:
    """Return the line to stand under a tile's title, empty where it has none or the range gives no cause for it."""
    note = tile.note.replace("{touch}", question.selection.touch)
    if not note or tile.note_when == "true":
        return note
    select = f"select coalesce({tile.note_when}, false) as holds from {tile.entity.name}"
    return note if _asked(question.of_range, tile, select)["holds"].iloc[0] else ""
