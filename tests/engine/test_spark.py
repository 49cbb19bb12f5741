"""A Spark of two processes gives every tile the rows that DuckDB gives, in order, and can be stopped.

`make test-long` asks it for each tile once, `make test-engine` everything, under several selections.
"""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from streamlit.runtime.scriptrunner import RerunData, StopException
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests

from benchmarks.exports import exports
from tests.engine.asking import ask_everything
from tests.engine.comparing import IS_FULL, ask_tiles, compared, engine_at
from tests.engine.server import Server, started
from tests.test_leaving import asked
from workbench import Workbench
from workbench.ask import engine
from workbench.ask.relations import Query
from workbench.errors import EngineUnavailable, QueryStopped
from workbench.progress import Progress
from workbench.reports import REPORTS, Report
from workbench.store import lake as publishing
from workbench.store.lake import ENGINE_VARIABLE, LAKE_VARIABLE, Lake
from workbench.store.parquet_lake import ParquetLake
from workbench.store.workspace import Workspace
from workbench.ui import leaving

TOKEN = "a-token-of-the-tests"

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*RETRIES_EXCEEDED:UserWarning"),
]


@pytest.fixture(scope="module")
def lake(sample: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """What is published of the sample."""
    lake = ParquetLake(tmp_path_factory.mktemp("published") / "lake")
    publishing.publish(lake, sample.workspace, Progress())
    return lake


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with started(tmp_path_factory.mktemp("spark"), TOKEN) as server:
        yield server


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: report.name)
def test_spark_gives_every_tile_of_a_report_the_rows_that_duckdb_gives(
    sample: Workbench, lake: Lake, spark: Server, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_ENGINE_TOKEN", TOKEN)
    ask = ask_everything if IS_FULL else ask_tiles
    found = compared(sample.workspace, engine_at(spark.url, lake), ask, report)
    assert found >= (len(report.tiles) - 2 if IS_FULL else 1)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workbench, Lake]]:
    """A workspace of 200,000 contacts of a year, with what is published of it."""
    folder = tmp_path_factory.mktemp("many")
    files, workbench, lake = (
        exports(200_000, folder),
        Workbench(folder / "workspace.duckdb"),
        ParquetLake(folder / "lake"),
    )
    for file in (files.contact_export, files.merges, files.inbound):
        workbench.load(file)
    publishing.publish(lake, workbench.workspace, Progress())
    yield workbench, lake
    workbench.close()


@pytest.mark.skipif(not IS_FULL, reason="`make test-engine` asks it")
@pytest.mark.parametrize(
    "report", [each for each in REPORTS.values() if each.system == "Gladly"], ids=lambda each: each.name
)
def test_spark_gives_the_rows_of_duckdb_of_200_000_contacts(
    many: tuple[Workbench, Lake], spark: Server, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_ENGINE_TOKEN", TOKEN)
    workbench, lake = many
    assert compared(workbench.workspace, engine_at(spark.url, lake), ask_tiles, report) >= len(report.tiles) - 2


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


def test_a_query_is_stopped_in_spark_when_its_page_is_left(
    lake: Lake, spark: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"WORKBENCH_ENGINE_TOKEN": TOKEN, ENGINE_VARIABLE: spark.url, LAKE_VARIABLE: f"file://{lake.name}"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    workspace, begun = Workspace(tmp_path / "workspace.duckdb"), threading.Event()
    workspace.awaited = leaving.awaited
    monkeypatch.setattr("workbench.ask.spark.SparkEngine._heard", lambda *_, **__: begun.set())
    requests = ScriptRequests()
    thread, became = asked(engine.shown(workspace), ENDLESS, requests)
    assert begun.wait(60)
    requests.request_rerun(RerunData(page_script_hash="other"))
    thread.join(60)  # at its limit of time it would be later
    assert isinstance(became[0], StopException)
    workspace.close()


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
    lake = ParquetLake(tmp_path / "lake")
    publishing.publish(lake, sample.workspace, Progress())
    shutil.rmtree(lake.folder / "loads")
    with sample.workspace.cursor() as cursor, pytest.raises(EngineUnavailable, match="Give it the same folder"):
        engine_at(spark.url, lake).here(cursor, Query("select count(*) as n from main.loads"))
