"""What pages ask of a workspace, kept by plain texts: the workspace's path and version, the report, the selection."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import pandas as pd
import streamlit as st

from workbench.ask import answers, basis, logs, remarks
from workbench.ask import changes as explaining
from workbench.ask.changes import Changes
from workbench.ask.logs import Page
from workbench.ask.question import Question, followed, says_nothing
from workbench.ask.remarks import Remark
from workbench.ask.selection import Selection, short
from workbench.drawing import charts, formats
from workbench.reports import Metric, Tile, labels
from workbench.ui import session

P = ParamSpec("P")
T = TypeVar("T")

MOST = 300  # answers kept of each kind
MOST_ROWS = 1_000  # of a table that are shown


def _key(question: Question) -> str:
    """Return what tells a question from others; who is recorded for what they see has answers of each session's own."""
    workspace = question.workspace
    is_recorded = workspace.actor.is_recorded and not workspace.is_masked
    return f"{question.key} in {session.identity()}" if is_recorded else question.key


def _name(declared: Tile | Metric) -> str:
    return declared.name


def _kept(function: Callable[P, T]) -> Callable[P, T]:
    """Keep what a function answers; a question and a tile are told from others by a text."""
    hashed: dict[str | type, Callable[[Any], Any]] = {Question: _key, Tile: _name, Metric: _name}
    return st.cache_data(max_entries=MOST, show_spinner=False, hash_funcs=hashed)(function)


def _kept_for(
    followed: Callable[[Question, Tile], Question],
) -> Callable[[Callable[[Question, Tile], T]], Callable[[Question, Tile], T]]:
    """Keep what a function answers about a tile by that part of the selection which it follows."""

    def decorated(function: Callable[[Question, Tile], T]) -> Callable[[Question, Tile], T]:
        kept = _kept(function)

        @wraps(function)
        def answer(question: Question, tile: Tile, /) -> T:
            return kept(followed(question, tile), tile)

        return answer

    return decorated


def _followed(question: Question, tile: Tile) -> Question:
    """Return the question of what a tile follows: not its own pin, nor whose rows the logs show."""
    return question.asking(replace(question.selection, rows_of="", pins=followed(question, tile)))


def _of_range(question: Question, tile: Tile) -> Question:
    return question.of_range


def _of_everything(question: Question, tile: Tile) -> Question:
    return question.asking(Selection())


@_kept_for(_followed)
def rows(question: Question, tile: Tile) -> pd.DataFrame:
    """Return a tile's rows, with the changes that are shown; of a table as many as it shows, and one more."""
    limit = MOST_ROWS + 1 if tile.shape == "table" else None
    return answers.rows(question, tile, limit, charts.compared(question.report, tile))


def found_rows(question: Question, tile: Tile, sort: tuple[str, bool], text: str) -> pd.DataFrame:
    """Return as many rows of a tile as `rows`, of all those that show a `text`, in any column, the first ones.

    They are sorted by a column, downwards or not, or stand in the tile's order where that is empty.
    """
    return _found_rows(_followed(question, tile), tile, sort, text)


@_kept
def _found_rows(question: Question, tile: Tile, sort: tuple[str, bool], text: str) -> pd.DataFrame:
    found = answers.rows(question, tile, compared=charts.compared(question.report, tile))
    if text.strip():
        found = found[_showing(question, found, answers.folded(text.strip()))]
    if sort[0]:
        found = answers.ordered(question.report, found, *sort)
    return found[: MOST_ROWS + 1]


def _showing(question: Question, rows: pd.DataFrame, text: str) -> "list[bool]":
    """Tell for each row whether one of its values is shown with a text in it."""
    rollup = question.selection.rollup
    columns = [formats.texts(question.report, str(name), rows[name], rollup) for name in rows]
    return [any(text in answers.folded(cell) for cell in cells) for cells in zip(*columns, strict=True)]


@_kept_for(_followed)
def together(question: Question, tile: Tile) -> dict[str, Any]:
    """Return what all rows of a tile come to, by column: its metrics and their changes, recomputed and never a sum.

    What the report's cards say of the same rows, which they rest on if they are of one entity, is not asked again.
    """
    cards = next((tile for tile in question.report.tiles if tile.shape == "metrics"), tile)
    is_shared = cards is not tile and cards.entity is tile.entity and not tile.needs
    shared = [name for name in tile.metrics if name in cards.metrics] if is_shared else []
    found = _of_row(question, rows(question, cards), shared) if shared else {}
    lacking = [name for name in tile.metrics if name not in found]
    if lacking and len(shown := rows(question, tile)) <= MOST_ROWS:
        is_compared = tile.compares_itself or lacking[0] == tile.metrics[0]  # of no other the change is a column
        asked = question if is_compared else question.asking(replace(question.selection, compare=None))
        totals = _of_row(question, answers.total(asked, tile, shown), lacking)
        found |= {name: value for name, value in totals.items() if not formats.is_missing(value)}
    return found


def _of_row(question: Question, found: pd.DataFrame, metrics: Iterable[str]) -> dict[str, Any]:
    said = [name for name in metrics if not says_nothing(question, question.report.metric(name))]
    names = [f"{name}{suffix}" for name in said for suffix in ("", *labels.SUFFIXES)]
    return {name: found[name].iloc[0] for name in names if name in found and len(found)}


counts = _kept_for(_followed)(answers.counts)
_wholes = _kept(answers.wholes)
over_time = _kept_for(_followed)(answers.over_time)
stated = _kept_for(_followed)(answers.stated)
growing_from = _kept_for(_followed)(answers.growing_from)
filling = _kept_for(_followed)(answers.filling_periods)
incomplete = _kept_for(_followed)(answers.incomplete_periods)
wholes_of = _kept_for(_followed)(answers.wholes_of)
note = _kept_for(_of_range)(answers.note)
values = _kept_for(_of_everything)(answers.values)
log_columns = _kept_for(_of_everything)(logs.every_column)
log_rows = _kept(logs.log_rows)
log_count = _kept(logs.log_count)
rows_with = _kept(logs.rows_with)
_log_row = _kept(logs.log_row)
sources = _kept(basis.by_kind)
said = _kept(basis.said)
units = _kept(basis.units)
unit = _kept(basis.unit)
_options = _kept(answers.options)
_remark = _kept(remarks.remark)
_changes = _kept(explaining.changes)
askable = _kept(explaining.askable)


def whole_before(question: Question, tile: Tile, metric: Metric) -> float:
    """Return what the figure was in the range before of whose change a metric is a part; NaN without one."""
    return wholes(question, tile, metric)[0]


def wholes(question: Question, tile: Tile, metric: Metric) -> tuple[float, float]:
    """Return the figure of whose change a metric is a part, before and now."""
    return _wholes(_followed(question, tile), tile, metric)


def remark(question: Question) -> Remark | None:
    """Return what is remarkable of a selection."""
    return _remark(question.asking(replace(question.selection, rows_of="", rollup="day")))


def changes(question: Question, metric: Metric, most_without: int) -> Changes:
    """Return what explains the change of a metric."""
    return _changes(question.asking(replace(question.selection, rows_of="", rollup="day")), metric, most_without)


def options(question: Question, key: str) -> list[tuple[str, int]]:
    """Return a filter's values in the date range with their counts."""
    return _options(question.of_range, key)


def record(question: Question, tile: Tile, page: Page) -> dict[str, Any]:
    """Return every field of the first row of a page of a log, by column, after its `row_id`."""
    found = log_rows(question, tile, replace(page, limit=1, columns=log_columns(question, tile)))
    return {} if found.empty else {str(name): found[name].iloc[0] for name in found}


def row(question: Question, tile: Tile, row_id: int) -> dict[str, Any]:
    """Return every field of the row of a log that has this number, as of any `record`."""
    found = _log_row(question, tile, row_id)
    return {} if found.empty else {str(name): found[name].iloc[0] for name in found}


def compared_with(question: Question) -> str:
    """Return the days that the selection is compared with, empty where they are as many and just before it."""
    now, before = question.scope.now, question.scope.before
    is_next = before and (before.length, before.span[1]) == (now.length, now.span[0])
    return "" if before is None or is_next else short(before.days)
