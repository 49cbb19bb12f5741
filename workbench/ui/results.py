"""What pages read from a workspace, cached by plain parameters: the workspace's version, the report, the selection."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import pandas as pd
import streamlit as st

from workbench.ask import answers
from workbench.ask.answers import Page
from workbench.ask.scope import Scope, scope
from workbench.ask.selection import Selection, short
from workbench.drawing import charts
from workbench.intake.load import holds
from workbench.reports import REPORTS, Report
from workbench.store.workspace import Workspace
from workbench.time import coverage
from workbench.ui.session import Source

P = ParamSpec("P")
T = TypeVar("T")

MOST = 300  # answers kept of each kind
MOST_ROWS = 1_000  # of a table


@dataclass(frozen=True)
class Question:
    """What a page asks: everything that an answer depends on."""

    source: Source
    report_name: str
    selection: Selection

    @property
    def workspace(self) -> Workspace:
        """The workspace that answers."""
        return self.source.workspace

    @property
    def report(self) -> Report:
        """The report that is asked."""
        return REPORTS[self.report_name]


def _kept(function: Callable[P, T]) -> Callable[P, T]:
    """Keep what a function answers; a question is told from others by its text, at a tenth of what its fields take."""
    return st.cache_data(max_entries=MOST, show_spinner=False, hash_funcs={Question: repr, Source: repr})(function)


def _kept_for(
    followed: Callable[[Question, str], Selection],
) -> Callable[[Callable[[Question, str], T]], Callable[[Question, str], T]]:
    """Keep what a function answers about a tile or filter by that part of the selection which it follows."""

    def decorated(function: Callable[[Question, str], T]) -> Callable[[Question, str], T]:
        kept = _kept(function)

        @wraps(function)
        def answer(question: Question, name: str, /) -> T:
            return kept(replace(question, selection=followed(question, name)), name)

        return answer

    return decorated


def _followed(question: Question, tile: str) -> Selection:
    """Return what a tile follows: not its own pin, nor whose rows the logs show."""
    pins = answers.followed(question.selection, question.report.tile(tile))
    return replace(question.selection, rows_of="", pins=tuple(pins))


_of_tile = _kept_for(_followed)
_of_range = _kept_for(lambda question, name: question.selection.of_range)


@_kept
def resolved(question: Question) -> Scope:
    """Return the dates, coverage and comparison that the selection comes to."""
    return scope(question.workspace, question.report, question.selection)


def compared_with(question: Question) -> str:
    """Return the days that the selection is compared with, empty where they are those just before it."""
    before = resolved(question).before
    return short(before.days) if before and question.selection.compare != "preceding" else ""


@_of_tile
def rows(question: Question, tile: str) -> pd.DataFrame:
    """Return a tile's rows, of a table the first ones, with the changes that are shown."""
    report, declared = question.report, question.report.tile(tile)
    limit = MOST_ROWS if declared.shape == "table" else None
    compared = charts.compared(report, declared)
    return answers.rows(question.workspace, resolved(question), report, declared, limit, compared)


@_of_tile
def counts(question: Question, tile: str) -> dict[str, int]:
    """Return how many rows each metric of a tile rests on."""
    return answers.counts(question.workspace, resolved(question), question.report, question.report.tile(tile))


@_of_tile
def over_time(question: Question, tile: str) -> pd.DataFrame:
    """Return the metrics of a row of cards for every covered period."""
    return answers.over_time(question.workspace, resolved(question), question.report, question.report.tile(tile))


@_of_range
def note(question: Question, tile: str) -> str:
    """Return the line under a tile's title."""
    return answers.note(question.workspace, resolved(question), question.report, question.report.tile(tile))


@_kept
def values(source: Source, report_name: str, tile: str) -> tuple[str, ...]:
    """Return the values that a tile's dimension has in all loaded rows."""
    report = REPORTS[report_name]
    return answers.values(source.workspace, report, report.tile(tile))


@_of_tile
def stated(question: Question, tile: str) -> list[str]:
    """Return what a tile says about some of its rows."""
    return answers.stated(question.workspace, resolved(question), question.report, question.report.tile(tile))


@_of_tile
def growing_from(question: Question, tile: str) -> datetime | None:
    """Return the first period whose figures still grow with later loads."""
    return answers.growing_from(question.workspace, resolved(question), question.report, question.report.tile(tile))


@_of_tile
def incomplete(question: Question, tile: str) -> list[datetime]:
    """Return the periods that the range or the coverage cuts."""
    report = question.report
    return answers.incomplete_periods(question.workspace, resolved(question), report, report.tile(tile))


@_of_range
def options(question: Question, key: str) -> list[tuple[str, int]]:
    """Return a filter's values with their counts."""
    return answers.options(question.workspace, resolved(question), question.report, key)


@_kept
def log_rows(question: Question, tile: str, page: Page) -> pd.DataFrame:
    """Return one page of a log."""
    return answers.log_rows(question.workspace, resolved(question), question.report, question.report.tile(tile), page)


@_kept
def log_count(question: Question, tile: str, search: str) -> int:
    """Return how many rows a log has."""
    report = question.report
    return answers.log_count(question.workspace, resolved(question), report, report.tile(tile), search)


@_kept
def log_columns(source: Source, report_name: str, tile: str) -> tuple[str, ...]:
    """Return every column that a log offers, those that only the files know last."""
    report = REPORTS[report_name]
    declared = report.tile(tile)
    return *answers.log_columns(report, declared), *answers.extra_columns(source.workspace, report, declared)


def record(question: Question, tile: str, page: Page) -> dict[str, Any]:
    """Return every field of the first row of a page of a log, by column."""
    columns = log_columns(question.source, question.report_name, tile)
    rows = log_rows(question, tile, replace(page, limit=1, columns=columns))
    return {} if rows.empty else {name: rows[name].iloc[0] for name in columns}


@_kept
def loaded(source: Source) -> list[dict[str, Any]]:
    """Return every load, newest first."""
    return source.workspace.loads()


def is_loaded(source: Source, kind: str) -> bool:
    """Tell whether a file of a kind was ever loaded."""
    return any(holds(load, [kind]) for load in loaded(source))


def not_covered(asked: Scope) -> tuple[coverage.Span, ...]:
    """Return the parts of the range that no load covers at all."""
    return coverage.gaps(asked.now.reach.touched, asked.now.span)
