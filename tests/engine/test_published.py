"""With an engine set, what is asked is one state of what is published, whoever asks; no engine is needed to see it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import contact, written
from workbench import Workbench, WorkbenchError
from workbench.ask import basis, engine
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.cli import main
from workbench.reports import REPORTS
from workbench.store import lake, parquet_lake, schema
from workbench.store.parquet_lake import ParquetLake
from workbench.store.states import State
from workbench.store.workspace import Workspace

ROOT = Path(__file__).parents[2]
NAME = "ContactExport-20240301-20240331.csv"


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """A workspace that publishes what is loaded into it, a contact at first."""
    monkeypatch.setenv(lake.LAKE_VARIABLE, (tmp_path / "lake").as_uri())
    monkeypatch.setenv(engine.ENGINE_VARIABLE, "sc://127.0.0.1:1")
    workbench = Workbench(tmp_path / "own.duckdb")
    workbench.load(written(tmp_path / NAME, [contact("2024-03-05 10:00:00", contact_id="a")]), file_timezone="UTC")
    yield workbench
    workbench.close()


def last(workbench: Workbench) -> State:
    assert workbench.workspace.path is not None
    state = lake.last(ParquetLake(workbench.workspace.path.parent / "lake"))
    assert state is not None
    return state


def asked(workspace: Workspace) -> Question:
    return Question(engine.shown(workspace), REPORTS["contact_export"], Selection())


def test_every_load_publishes_itself_and_its_undoing_too(published: Workbench, tmp_path: Path) -> None:
    table = "gladly_contact_export"
    assert (last(published).number, last(published).rows[table]) == (1, 1)
    published.load(written(tmp_path / "other.csv", [contact("2024-04-05 10:00:00", contact_id="b")]))
    assert (last(published).number, last(published).rows[table]) == (2, 2)
    published.unload(2)
    assert (last(published).number, last(published).rows[table]) == (3, 1)
    assert published.workspace.unpublished == ""


def test_without_an_engine_a_load_stays_at_home_until_it_is_published_by_hand(
    published: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.close()
    monkeypatch.delenv(engine.ENGINE_VARIABLE)
    alone = Workbench(tmp_path / "own.duckdb")
    alone.load(written(tmp_path / "other.csv", [contact("2024-04-05 10:00:00", contact_id="b")]))
    alone.close()
    assert last(published).number == 1
    assert main(["publish", "--workspace", str(tmp_path / "own.duckdb")]) == 0
    assert (last(published).number, last(published).rows["gladly_contact_export"]) == (2, 2)


def test_a_load_that_changes_nothing_that_is_published_makes_no_state(published: Workbench) -> None:
    published.set("week_start", "sunday")
    assert last(published).number == 1
    published.set("reporting_zone", "Asia/Tokyo")
    assert (last(published).number, last(published).zone) == (2, "Asia/Tokyo")


def test_a_load_that_cannot_be_published_is_loaded_and_says_so(
    published: Workbench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Workbench(tmp_path / "other.duckdb")
    other.load(tmp_path / NAME, file_timezone="UTC")
    assert "Not published: Another workspace publishes to" in capsys.readouterr().err
    assert len(other.loads) == 1
    assert last(published).number == 1
    other.close()


def test_an_analyst_without_a_file_of_their_own_asks_what_is_published(published: Workbench, tmp_path: Path) -> None:
    empty = Workbench(tmp_path / "empty.duckdb")
    one, other = asked(published.workspace), asked(empty.workspace)
    assert other.workspace.loads() == one.workspace.loads() == published.workspace.loads() != []
    assert other.workspace.covered("gladly_contact_export") == published.workspace.covered("gladly_contact_export")
    assert (other.scope.now, other.scope.zone) == (one.scope.now, one.scope.zone)
    assert empty.workspace.is_empty
    empty.close()


def test_a_question_stays_with_its_state_whatever_is_published_meanwhile(published: Workbench, tmp_path: Path) -> None:
    before = asked(published.workspace)
    published.load(written(tmp_path / "other.csv", [contact("2024-04-05 10:00:00", contact_id="b")]))
    after = asked(published.workspace)
    assert [len(question.workspace.loads()) for question in (before, after)] == [1, 2]
    assert before.key != after.key


def test_a_setting_of_ones_own_is_another_question(published: Workbench) -> None:
    before = asked(published.workspace)
    published.set("week_start", "sunday")
    assert asked(published.workspace).key != before.key
    assert asked(published.workspace).workspace.week_start == "sunday"


def test_a_reporting_zone_of_ones_own_is_not_that_of_the_local_times_that_are_published(
    published: Workbench, tmp_path: Path
) -> None:
    other = Workbench(tmp_path / "other.duckdb")
    other.set("reporting_zone", "Asia/Tokyo")
    scope = asked(other.workspace).scope
    assert (scope.zone, scope.stored_zone, scope.is_other_zone) == ("Asia/Tokyo", "UTC", True)
    other.close()


def test_every_face_says_which_engine_answers_and_as_of_when(published: Workbench) -> None:
    said = basis.said(asked(published.workspace))[0]
    assert said.startswith("Spark, as of ")
    state = replace(last(published), published_at="2024-03-05T14:05:00+00:00")
    standing = engine.shown(published.workspace)
    standing.state, before = state, standing.state
    assert engine.as_of(standing, "Europe/Berlin") == "Spark, as of 5 Mar 2024, 15:05"
    standing.state = before


def test_what_is_in_memory_is_asked_where_it_is(published: Workbench, sample: Workbench) -> None:
    assert engine.shown(sample.workspace) is sample.workspace
    assert isinstance(engine.of(sample.workspace), engine.DuckEngine)


def test_what_is_published_by_another_version_is_refused(published: Workbench, tmp_path: Path) -> None:
    state = last(published)
    ParquetLake(tmp_path / "lake").commit(replace(state, number=2, schema_version=schema.SCHEMA_VERSION + 1))
    with pytest.raises(WorkbenchError, match="is of another version of the workbench"):
        engine.shown(published.workspace)


def test_a_table_that_is_missing_is_said_in_a_line(published: Workbench, tmp_path: Path) -> None:
    for file in (tmp_path / "lake" / "coverage").rglob("*.parquet"):
        file.unlink()
    with pytest.raises(WorkbenchError, match=r"its table coverage cannot be read\. Publish again"):
        engine.shown(published.workspace)


def test_no_lake_and_nothing_in_it_are_said_in_a_line(published: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(lake.LAKE_VARIABLE, "file:///nowhere/lake")
    with pytest.raises(WorkbenchError, match=r"Nothing is published in /nowhere/lake\. Run: contact-workbench publish"):
        engine.shown(published.workspace)
    monkeypatch.delenv(lake.LAKE_VARIABLE)
    with pytest.raises(WorkbenchError, match="WORKBENCH_ENGINE is set without WORKBENCH_LAKE"):
        engine.shown(published.workspace)


def test_the_status_says_what_was_published_last(
    published: Workbench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published.close()
    assert main(["status", "--json", "--workspace", str(tmp_path / "own.duckdb")]) == 0
    said = json.loads(capsys.readouterr().out)["published"]
    assert (said["state"], said["rows"]) == (1, {"gladly_contact_export": 1, "loads": 1, "coverage": 1})


HOLDING = """
import sys, time
from pathlib import Path
from workbench.store.parquet_lake import ParquetLake
with ParquetLake(Path(sys.argv[1])).alone():
    print("alone", flush=True)
    sys.stdin.read()
"""


def test_of_two_processes_one_publishes_and_one_that_is_killed_keeps_nobody_out(
    published: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-c", HOLDING, str(tmp_path / "lake")]
    monkeypatch.setattr(parquet_lake, "PATIENCE", 0.0)
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        published.load(written(tmp_path / "other.csv", [contact("2024-04-05 10:00:00", contact_id="b")]))
        assert "another process publishes" in published.workspace.unpublished
        other.kill()
    published.unload(2)
    assert published.workspace.unpublished == ""
