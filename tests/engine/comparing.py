"""Asks another engine beside DuckDB whatever is asked, and finds where their rows differ."""

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from tests.engine.asking import FROM, LIMIT, TO
from workbench.ask import answers, engine
from workbench.ask.logs import Page, log_rows
from workbench.ask.question import Question, is_shown
from workbench.ask.relations import Query
from workbench.ask.selection import Selection
from workbench.errors import QueryStopped
from workbench.reports import REPORTS, Report
from workbench.store import lake as publishing
from workbench.store.lake import Lake
from workbench.store.workspace import Workspace

# Of what Spark runs: some subqueries, aggregates in a condition, `filter` over a window, structs of several shapes.
SAIL_LACKS = (
    "Physical plan does not support logical expression", "No field named", "invalid window function expression",
    "Arrays with inconsistent types",
)  # fmt: skip
IS_FULL = os.environ.get("ENGINE_TESTS") == "full"
# For a report: on a slow machine not all of its queries are compared, so that `make test-long` has its bound.
SECONDS = math.inf if IS_FULL else 150 / len(REPORTS)


class Both(engine.DuckEngine):
    """DuckDB, beside which another engine answers every query; what differs is found."""

    def __init__(self, other: engine.Engine, seconds: float = SECONDS) -> None:
        self.other, self.compared, self.differing = other, set[str](), list[str]()
        self.lacking, self.until = list[str](), time.monotonic() + seconds

    def here(self, cursor: duckdb.DuckDBPyConnection, asked: Query, *_: Any, **__: Any) -> Query:
        """Compare the answers of both engines, and let DuckDB answer."""
        if asked.sql not in self.compared and time.monotonic() < self.until:
            self.compared.add(asked.sql)
            try:
                self.compare(cursor, asked)
            except QueryStopped as error:
                if not any(lack in str(error) for lack in SAIL_LACKS):
                    raise
                self.lacking.append(asked.of)
        return asked

    def compare(self, cursor: duckdb.DuckDBPyConnection, asked: Query) -> None:
        """Note where the other engine's rows differ; in another order only, where the query says which."""
        theirs, ours = (rows(cursor, each) for each in (self.other.here(cursor, asked), asked))
        if not is_ordered(asked.sql):
            theirs, ours = sorted(theirs, key=repr), sorted(ours, key=repr)
        if not are_same(theirs, ours):
            self.differing.append(f"{asked.of}: {theirs[:3]} are not {ours[:3]}")


def is_ordered(sql: str) -> bool:
    """Tell whether a query, or the one that it is about, says in which order its rows are."""
    node: Any = sqlglot.parse_one(sql, dialect="duckdb")
    while node is not None:
        if node.args.get("order"):
            return True
        source = node.args.get("from_")
        node = source.this if source else node.this if isinstance(node, exp.Subquery) else None
    return False


def rows(cursor: duckdb.DuckDBPyConnection, asked: Query) -> list[tuple[Any, ...]]:
    """Return the names of the columns, and the rows."""
    found = cursor.execute(asked.sql, dict(asked.parameters))
    return [tuple(column[0] for column in found.description or ()), *found.fetchall()]


def are_same(one: list[tuple[Any, ...]], other: list[tuple[Any, ...]]) -> bool:
    if len(one) != len(other):
        return False
    return all(is_same(a, b) for mine, yours in zip(one, other, strict=True) for a, b in zip(mine, yours, strict=True))


def is_same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


Ask = Callable[[Workspace, Report], None]


def engine_at(url: str, lake: Lake) -> engine.Engine:
    return engine.at(url, lake, publishing.readable(lake))


@contextmanager
def asking_both(both: Both) -> Iterator[None]:
    """Let what is asked within be asked of both."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "of", lambda workspace: both)
        yield


def compared(
    workspace: Workspace, other: engine.Engine, ask: Ask, report: Report, errs: frozenset[str] = frozenset()
) -> int:
    """Ask both engines, and return how many queries had the same rows; what differs fails, but in tiles of `errs`."""
    both = Both(other)
    with asking_both(both):
        ask(workspace, report)
    assert [found for found in both.differing if found.partition(":")[0] not in errs] == []
    return len(both.compared) - len(both.lacking) - len(both.differing)


def ask_tiles(workspace: Workspace, report: Report) -> None:
    """Ask every tile once, with its comparison."""
    question = Question(workspace, report, Selection(FROM, TO, compare="preceding", rollup="week"))
    for tile in report.tiles:
        if tile.log:
            log_rows(question, tile, Page(limit=LIMIT))
        elif is_shown(question, tile):
            answers.rows(question, tile)
