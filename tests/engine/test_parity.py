"""A Spark of two processes, and Sail, give every tile the rows that DuckDB gives, in order.

`make test-engine` asks both everything, under several selections; `make test-engine-once` asks Sail everything once,
and Spark for each tile.
"""

import json
import math
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from tests.engine.asking import FROM, LIMIT, TO, ask_everything, ask_once
from tests.engine.server import Server, sail, started
from workbench import Workbench
from workbench.ask import answers, engine
from workbench.ask.logs import Page, log_rows
from workbench.ask.question import Question, is_shown
from workbench.ask.relations import Query
from workbench.ask.selection import Selection
from workbench.errors import EngineUnavailable, QueryStopped
from workbench.progress import Progress
from workbench.reports import REPORTS, Report
from workbench.store.lake import Lake
from workbench.store.workspace import Workspace

# What Sail does not run of what Spark does, and where it silently answers otherwise (an average that is missing): Spark
# alone is asked about these.
SAIL_LACKS = ("Physical plan does not support logical expression Exists",)
SAIL_ERRS = frozenset({"contact_export by_entry_point", "contact_export by_inbox"})
IS_FULL = os.environ.get("ENGINE_TESTS") == "full"
TOKEN = "a-token-of-the-tests"

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*RETRIES_EXCEEDED:UserWarning"),
]


class Both(engine.DuckEngine):
    """DuckDB, beside which another engine answers every query; what differs is found."""

    def __init__(self, other: engine.Engine) -> None:
        self.other, self.compared, self.differing = other, set[str](), list[str]()
        self.lacking = list[str]()

    def here(self, cursor: duckdb.DuckDBPyConnection, asked: Query, progress: Progress | None = None) -> Query:
        """Compare the answers of both engines, and let DuckDB answer."""
        if asked.sql not in self.compared:
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


@pytest.fixture(scope="module")
def lake(sample: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """What is published of the sample."""
    lake = Lake(tmp_path_factory.mktemp("published") / "lake")
    lake.publish(sample.workspace, Progress())
    return lake


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with started(tmp_path_factory.mktemp("spark"), TOKEN) as server:
        yield server


@pytest.fixture(scope="module")
def quick() -> Iterator[Server]:
    with sail() as server:
        yield server


def engine_at(url: str, lake: Lake) -> engine.Engine:
    from workbench.ask.spark import SparkEngine  # pyspark warns of pandas, of which nothing of it is used here

    return SparkEngine(url, lake, lake.readable())


def compared(
    workspace: Workspace, other: engine.Engine, ask: Ask, report: Report, errs: frozenset[str] = frozenset()
) -> int:
    """Ask both engines, and return how many queries had the same rows; what differs fails, but in tiles of `errs`."""
    both = Both(other)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "of", lambda workspace: both)
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


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: report.name)
def test_sail_gives_every_query_of_a_report_the_rows_that_duckdb_gives(
    sample: Workbench, lake: Lake, quick: Server, report: Report
) -> None:
    ask = ask_everything if IS_FULL else ask_once
    assert compared(sample.workspace, engine_at(quick.url, lake), ask, report, SAIL_ERRS) > len(report.tiles)


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: report.name)
def test_spark_gives_every_tile_of_a_report_the_rows_that_duckdb_gives(
    sample: Workbench, lake: Lake, spark: Server, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_ENGINE_TOKEN", TOKEN)
    ask = ask_everything if IS_FULL else ask_tiles
    assert compared(sample.workspace, engine_at(spark.url, lake), ask, report) >= len(report.tiles) - 2


def test_both_processes_of_spark_took_tasks_and_shuffled(spark: Server) -> None:
    with urlopen(spark.rest) as answer:
        (application,) = json.load(answer)
    with urlopen(f"{spark.rest}/{application['id']}/executors") as answer:
        workers = [found for found in json.load(answer) if found["id"] != "driver"]
    assert len(workers) == 2
    assert all(found["completedTasks"] > 0 and found["totalShuffleWrite"] > 0 for found in workers)


ENDLESS = Query("select count(*) as n from main.gladly_contact_export as a, main.gladly_contact_export as b,"
                " main.gladly_contact_export as c where a.row_id + b.row_id + c.row_id = 1", of="a page")  # fmt: skip


def test_a_query_that_is_cancelled_is_stopped_in_spark(
    sample: Workbench, lake: Lake, spark: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_ENGINE_TOKEN", TOKEN)
    asking, progress, told = engine_at(spark.url, lake), Progress(), threading.Event()
    monkeypatch.setattr(type(asking), "_heard", lambda *_, **__: told.set())  # Spark has begun with it
    canceller = threading.Thread(target=lambda: told.wait(60) and progress.cancel())
    canceller.start()
    with sample.workspace.cursor() as cursor, pytest.raises(QueryStopped, match="Cancelled"):
        asking.here(cursor, ENDLESS, progress)
    canceller.join()


def test_a_query_that_takes_too_long_is_stopped(
    sample: Workbench, lake: Lake, spark: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_ENGINE_TOKEN", TOKEN)
    asking = engine_at(spark.url, lake)
    with sample.workspace.cursor() as cursor:
        asking.here(cursor, Query("select 1 as n"))
        monkeypatch.setattr("workbench.ask.spark.SECONDS", 2)
        with pytest.raises(QueryStopped, match="a page: stopped after 2 s"):
            asking.here(cursor, ENDLESS)


def test_a_token_that_is_refused_is_said_in_a_line(
    sample: Workbench, lake: Lake, spark: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_ENGINE_TOKEN", "another")
    with sample.workspace.cursor() as cursor, pytest.raises(EngineUnavailable, match="refuses the token"):
        engine_at(spark.url, lake).here(cursor, Query("select 1 as n"))


def test_an_engine_that_does_not_answer_is_said_in_a_line(sample: Workbench, lake: Lake) -> None:
    asking = engine_at("sc://127.0.0.1:1/;token=secret", lake)
    with (
        sample.workspace.cursor() as cursor,
        pytest.raises(EngineUnavailable, match=r"at sc://[\d.]+:1 does not answer"),
    ):
        asking.here(cursor, Query("select 1 as n"))


def test_an_engine_that_does_not_find_the_files_says_so(
    sample: Workbench, spark: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_ENGINE_TOKEN", TOKEN)
    lake = Lake(tmp_path / "lake")
    lake.publish(sample.workspace, Progress())
    shutil.rmtree(lake.folder / "loads")
    with sample.workspace.cursor() as cursor, pytest.raises(EngineUnavailable, match="Give it the same folder"):
        engine_at(spark.url, lake).here(cursor, Query("select count(*) as n from main.loads"))
