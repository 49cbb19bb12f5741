"""A Spark of two processes gives every tile the rows that DuckDB gives, in order."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.engine.server import started
from workbench import Workbench
from workbench.ask import answers, engine
from workbench.ask.logs import Page, log_rows
from workbench.ask.question import Question, is_shown
from workbench.ask.relations import Query
from workbench.ask.selection import Selection
from workbench.errors import EngineUnavailable
from workbench.progress import Progress
from workbench.reports import REPORTS, Report
from workbench.store.lake import Lake

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*RETRIES_EXCEEDED:UserWarning"),
]


class Both(engine.DuckEngine):
    """DuckDB, beside which another engine answers every query; what differs is found."""

    def __init__(self, other: engine.Engine) -> None:
        self.other, self.compared, self.differing = other, set[str](), list[str]()

    def here(self, cursor: duckdb.DuckDBPyConnection, asked: Query) -> Query:
        """Compare the answers of both engines, and let DuckDB answer."""
        if asked.sql not in self.compared:
            self.compared.add(asked.sql)
            theirs, ours = (rows(cursor, each) for each in (self.other.here(cursor, asked), asked))
            if not are_same(theirs, ours):
                self.differing.append(f"{asked.of}: {theirs[:3]} are not {ours[:3]}")
        return asked


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


@pytest.fixture(scope="module")
def both(sample: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    from workbench.ask.spark import SparkEngine  # pyspark warns of pandas, of which nothing of it is used here

    folder = tmp_path_factory.mktemp("engine")
    lake = Lake(folder / "lake")
    lake.publish(sample.workspace, Progress())
    with started(folder) as url:
        yield Both(SparkEngine(url, lake))


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: report.name)
def test_every_tile_of_a_report_has_the_rows_that_duckdb_gives(
    sample: Workbench, both: Both, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "of", lambda workspace: both)
    before = len(both.compared)
    question = Question(sample.workspace, report, Selection())
    for tile in report.tiles:
        if tile.log:
            log_rows(question, tile, Page())
        elif is_shown(question, tile):
            answers.rows(question, tile)
    assert len(both.compared) > before
    assert both.differing == []


def test_an_engine_that_does_not_answer_is_said_in_a_line(sample: Workbench, tmp_path: Path) -> None:
    from workbench.ask.spark import SparkEngine

    lake = Lake(tmp_path / "lake")
    asked = Query("select 1 as n", of="contacts totals")
    with sample.workspace.cursor() as cursor:
        with pytest.raises(EngineUnavailable, match="Nothing is published in"):
            SparkEngine("sc://127.0.0.1:1/;token=secret", lake).here(cursor, asked)
        lake.publish(sample.workspace, Progress())
        with pytest.raises(EngineUnavailable, match=r"at sc://127\.0\.0\.1:1 does not answer"):
            SparkEngine("sc://127.0.0.1:1/;token=secret", lake).here(cursor, asked)
