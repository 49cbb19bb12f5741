"""What is published is what is loaded, month by month, in states of which each stays whole."""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pytest

from tests.builders import Desk, activity, contact, written
from tests.engine.catalog import catalog
from workbench.cli import main
from workbench.errors import EngineUnavailable
from workbench.progress import Progress
from workbench.store import lake as publishing
from workbench.store.lake import Change, Lake
from workbench.store.parquet_lake import FILES, ParquetLake
from workbench.store.states import TABLES, State
from workbench.store.workspace import Workspace

ROOT = Path(__file__).parents[2]
TABLE = "gladly_contact_export"


@pytest.fixture
def folder(tmp_path: Path) -> ParquetLake:
    return ParquetLake(tmp_path / "lake")


@pytest.fixture(params=["folder", "iceberg"])
def lake(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A lake of each kind; its files are in the folder `lake`."""
    if request.param == "folder":
        monkeypatch.setenv("WORKBENCH_LAKE", (tmp_path / "lake").as_uri())
    else:
        monkeypatch.setenv("WORKBENCH_LAKE", catalog(tmp_path, monkeypatch))
    found = publishing.named()
    assert found is not None
    return found


def published(lake: Lake, workspace: Workspace) -> dict[str, Change]:
    """Publish, and return what was written of each table."""
    return {change.table: change for change in publishing.publish(lake, workspace, Progress()) if change.rows_written}


def held(lake: Lake, table: str) -> Iterator[tuple[object, ...]]:
    """Give the rows of a table in the last state."""
    state = publishing.last(lake)
    assert state is not None
    with duckdb.connect() as connection:
        for file in files_of(lake, state, table):
            yield from connection.execute(f"from read_parquet('{file}', hive_partitioning = false)").fetchall()


def named(address: str) -> Any:
    """Return the catalog of an address."""
    from pyiceberg.catalog import load_catalog

    return load_catalog(address.removeprefix("iceberg:").partition(".")[0])


def files_of(lake: Lake, state: State, table: str) -> Iterator[str]:
    """Give the files of a table in a state."""
    source = lake.source(state, table)
    if not source.name:
        yield from source.paths
        return
    found = named(lake.name).load_table(source.name.partition(".")[2])
    yield from (task.file.file_path for task in found.scan(snapshot_id=state.snapshots[table]).plan_files())


def is_whole(lake: Lake, workspace: Workspace) -> bool:
    return all(
        sorted(held(lake, name), key=repr) == sorted(workspace.rows(f"from {name}"), key=repr) for name in TABLES
    )


def load_months(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00", contact_id="a"), contact("2024-04-05 10:00:00", contact_id="b"))


@pytest.mark.few("folder")
def test_every_table_is_published_with_its_rows(desk: Desk, lake: Lake) -> None:
    load_months(desk)
    written = published(lake, desk.workbench.workspace)
    assert (written[TABLE].rows, written[TABLE].months) == (2, ("2024-03", "2024-04"))
    assert is_whole(lake, desk.workbench.workspace)


def test_what_is_published_already_is_not_written_again(desk: Desk, folder: ParquetLake) -> None:
    load_months(desk)
    published(folder, desk.workbench.workspace)
    assert published(folder, desk.workbench.workspace) == {}


@pytest.mark.few("folder")
def test_a_load_and_its_undoing_write_the_months_that_they_change(desk: Desk, lake: Lake) -> None:
    load_months(desk)
    published(lake, desk.workbench.workspace)
    outcome = desk.load(contact("2024-04-05 10:00:00", contact_id="b", status="ABANDONED"))
    assert published(lake, desk.workbench.workspace)[TABLE].months == ("2024-04",)
    assert is_whole(lake, desk.workbench.workspace)
    assert outcome.load_id is not None
    desk.workbench.workspace.unload(outcome.load_id)
    assert published(lake, desk.workbench.workspace)[TABLE].months == ("2024-04",)
    assert is_whole(lake, desk.workbench.workspace)


@pytest.mark.few("folder")
def test_of_a_load_only_its_rows_are_written_beside_those_that_are_there(desk: Desk, lake: Lake) -> None:
    load_months(desk)
    published(lake, desk.workbench.workspace)
    desk.load(contact("2024-04-30 23:59:59", contact_id="c"), contact("2024-05-01 00:00:00", contact_id="d"))
    change = published(lake, desk.workbench.workspace)[TABLE]
    assert (change.rows, change.rows_written, change.months) == (4, 2, ("2024-04", "2024-05"))
    assert is_whole(lake, desk.workbench.workspace)


def test_a_month_of_many_loads_is_written_anew_as_one_file(desk: Desk, folder: ParquetLake) -> None:
    files = []
    for n in range(FILES + 1):
        desk.load(contact("2024-03-05 10:00:00", contact_id=str(n)))
        published(folder, desk.workbench.workspace)
        state = publishing.last(folder)
        assert state is not None
        files.append(len(folder.source(state, TABLE).paths))
    assert files == [*range(1, FILES + 1), 1]
    assert is_whole(folder, desk.workbench.workspace)


def test_a_backup_that_is_restored_is_published_whatever_was_loaded_before(desk: Desk, folder: ParquetLake) -> None:
    workspace, backup = desk.workbench.workspace, desk.folder / "backup.duckdb"
    load_months(desk)
    workspace.backup(backup)
    desk.load(contact("2024-04-05 10:00:00", contact_id="c"))
    published(folder, workspace)
    workspace.restore(backup)
    for contact_id in ("d", "e"):
        desk.load(contact("2024-04-06 10:00:00", contact_id=contact_id))
    published(folder, workspace)
    assert is_whole(folder, workspace)


@pytest.mark.few("folder")
def test_whatever_is_loaded_and_undone_is_what_is_published(desk: Desk, lake: Lake) -> None:
    drawn, workspace = random.Random(1), desk.workbench.workspace
    for n in range(12):
        loads = [load["load_id"] for load in workspace.loads()]
        if len(loads) > 2 and drawn.random() < 0.25:
            workspace.unload(drawn.choice(loads))
        elif drawn.random() < 0.1:
            workspace.set("reporting_zone", drawn.choice(["UTC", "Asia/Tokyo", "America/New_York"]))
        elif drawn.random() < 0.3:
            at = f"2024-0{drawn.randint(3, 5)}-05 10:00:00"
            desk.load_kind("respondio_contacts_added", *[activity("added", at, contact_id="1")] * drawn.randint(1, 3))
        else:
            at = (f"2024-0{drawn.randint(3, 6)}-30 22:00:00" for _ in range(3))
            held = [contact(when, contact_id=str(drawn.randint(1, 12)), status=f"{n}") for when in at]
            desk.load(*{row["Contact ID"]: row for row in held}.values())
        if drawn.random() < 0.7:
            published(lake, workspace)
    published(lake, workspace)
    assert is_whole(lake, workspace)


@pytest.mark.long
def test_a_publish_that_is_killed_leaves_the_last_state_and_the_next_one_is_whole(desk: Desk, lake: Lake) -> None:
    load_months(desk)
    published(lake, desk.workbench.workspace)
    before = publishing.last(lake)
    desk.load(*(contact(f"{year}-{month:02}-05 10:00:00") for year in range(2015, 2024) for month in range(1, 13)))
    path = desk.folder / "workspace.duckdb"
    desk.workbench.workspace.backup(path)
    # Of a folder a file for each month is to be written, of a catalog two tables and the state after the first one.
    written = (
        "gladly_contact_export/**/*.parquet" if "/" in lake.name else "**/gladly_contact_export/**/*.metadata.json"
    )
    files = set((desk.folder / "lake").glob(written))
    with subprocess.Popen([sys.executable, "-m", "workbench", "publish", "--workspace", str(path)], cwd=ROOT) as other:
        while set((desk.folder / "lake").glob(written)) == files:
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"It ended by itself: {other.wait(0.005)}")
        other.kill()
    assert publishing.last(lake) == before
    published(lake, desk.workbench.workspace)
    assert is_whole(lake, desk.workbench.workspace)


def test_of_two_writers_the_second_is_told_and_changes_nothing(desk: Desk, folder: ParquetLake) -> None:
    load_months(desk)
    published(folder, desk.workbench.workspace)
    state = publishing.last(folder)
    assert state is not None
    with pytest.raises(EngineUnavailable, match="another process has published meanwhile"):
        folder.commit(state)
    assert publishing.last(folder) == state


def test_a_file_that_is_gone_is_written_again(desk: Desk, folder: ParquetLake) -> None:
    load_months(desk)
    published(folder, desk.workbench.workspace)
    next((folder.folder / TABLE).rglob("*.parquet")).unlink()
    assert published(folder, desk.workbench.workspace)[TABLE].rows_written == 1
    assert is_whole(folder, desk.workbench.workspace)


def test_files_that_no_kept_state_names_are_deleted(desk: Desk, folder: ParquetLake) -> None:
    for day in range(1, 7):
        desk.load(contact(f"2024-03-0{day} 10:00:00", contact_id=str(day)))
        published(folder, desk.workbench.workspace)
    assert len(list((folder.folder / TABLE).rglob("*.parquet"))) == 6
    assert len(list((folder.folder / "loads").rglob("*.parquet"))) == 3
    assert is_whole(folder, desk.workbench.workspace)


def test_what_no_state_names_in_a_catalog_is_written_again(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = catalog(tmp_path, monkeypatch)
    lake = publishing.at(address)
    load_months(desk)
    published(lake, desk.workbench.workspace)
    named(address).drop_table("desk.workbench_states")
    assert publishing.last(lake) is None
    published(lake, desk.workbench.workspace)
    assert is_whole(lake, desk.workbench.workspace)


def test_a_catalog_that_cannot_be_used_and_a_table_of_others_are_said_in_a_line(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = catalog(tmp_path, monkeypatch)
    with pytest.raises(EngineUnavailable, match=r"iceberg:nowhere\.desk: its catalog or files cannot be used"):
        publishing.last(publishing.at("iceberg:nowhere.desk"))
    named(address).create_namespace("desk")
    named(address).create_table("desk.loads", pyarrow.schema([("theirs", pyarrow.string())]))
    with pytest.raises(EngineUnavailable, match="has a table loads of others"):
        published(publishing.at(address), desk.workbench.workspace)


def test_the_command_says_what_it_would_write_and_writes_it(
    desk: Desk, folder: ParquetLake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.folder / "workspace.duckdb"
    load_months(desk)
    desk.workbench.workspace.backup(path)
    monkeypatch.setenv("WORKBENCH_LAKE", folder.folder.as_uri())
    assert main(["publish", "--dry-run", "--workspace", str(path)]) == 0
    assert f"{TABLE}: 2 rows, 2 of 2 months to write" in capsys.readouterr().out
    assert publishing.last(folder) is None
    assert main(["publish", "--workspace", str(path)]) == 0
    assert "Published as state 1" in capsys.readouterr().err
    monkeypatch.setenv("WORKBENCH_LAKE", "s3://bucket")
    assert main(["publish", "--workspace", str(path)]) == 1
    assert "Name a folder like file:///data/lake" in capsys.readouterr().err


def test_a_receipt_says_what_of_a_lake_outlives_forgetting(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / "w.duckdb")
    publishing.follow(workspace)
    assert workspace.outliving == {lake.name: "it is written by `publish` alone. Publish again"}
    monkeypatch.setenv("WORKBENCH_ENGINE", "sc://nowhere")
    workspace = workspace.seen_by(workspace.actor)
    workspace.outliving = {}
    publishing.follow(workspace)
    file = written(tmp_path / "ContactExport-20240301-20240331.csv", [contact(customer_id="gone-1"), contact()])
    workspace.load(file)
    receipt = workspace.forget("gone-1")
    assert receipt.rows == {TABLE: 1}
    assert ("earlier snapshots" in str(receipt.left)) == lake.name.startswith("iceberg")
    assert [row for row in held(lake, TABLE) if "gone-1" in row] == []
    workspace.close()
