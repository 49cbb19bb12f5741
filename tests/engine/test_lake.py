"""What is published is what is loaded, month by month, in states of which each stays whole."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.builders import Desk, contact
from workbench.cli import main
from workbench.errors import EngineUnavailable
from workbench.progress import Progress
from workbench.store.lake import TABLES, Change, Lake
from workbench.store.workspace import Workspace

TABLE = "gladly_contact_export"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def published(lake: Lake, workspace: Workspace) -> dict[str, Change]:
    """Publish, and return what was written of each table."""
    return {change.table: change for change in lake.publish(workspace, Progress()) if change.rows_written}


def held(lake: Lake, table: str) -> Iterator[tuple[object, ...]]:
    """Give the rows of a table in the last state."""
    state = lake.last()
    assert state is not None
    with duckdb.connect() as connection:
        for part in state.tables[table].values():
            yield from connection.execute(
                f"from read_parquet('{lake.folder / part.file}', hive_partitioning = false)"
            ).fetchall()


def is_whole(lake: Lake, workspace: Workspace) -> bool:
    return all(
        sorted(held(lake, name), key=repr) == sorted(workspace.rows(f"from {name}"), key=repr) for name in TABLES
    )


def load_months(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00", contact_id="a"), contact("2024-04-05 10:00:00", contact_id="b"))


def test_every_table_is_published_with_its_rows(desk: Desk, lake: Lake) -> None:
    load_months(desk)
    written = published(lake, desk.workbench.workspace)
    assert (written[TABLE].rows, written[TABLE].months) == (2, ("2024-03", "2024-04"))
    assert is_whole(lake, desk.workbench.workspace)


def test_what_is_published_already_is_not_written_again(desk: Desk, lake: Lake) -> None:
    load_months(desk)
    published(lake, desk.workbench.workspace)
    assert published(lake, desk.workbench.workspace) == {}


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


def test_a_publish_that_is_killed_leaves_the_last_state_and_the_next_one_is_whole(
    desk: Desk, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_months(desk)
    published(lake, desk.workbench.workspace)
    before = sorted(held(lake, TABLE), key=repr)
    desk.load(contact("2024-05-05 10:00:00", contact_id="c"))
    with monkeypatch.context() as killed:
        killed.setattr(Lake, "_commit", lambda lake, state: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            lake.publish(desk.workbench.workspace, Progress())
    assert sorted(held(lake, TABLE), key=repr) == before
    published(lake, desk.workbench.workspace)
    assert is_whole(lake, desk.workbench.workspace)


def test_of_two_writers_the_second_is_told_and_changes_nothing(desk: Desk, lake: Lake) -> None:
    load_months(desk)
    published(lake, desk.workbench.workspace)
    state = lake.last()
    assert state is not None
    with pytest.raises(EngineUnavailable, match="another process has published meanwhile"):
        lake._commit(state)
    assert lake.last() == state


def test_files_that_no_kept_state_names_are_deleted(desk: Desk, lake: Lake) -> None:
    for day in range(1, 7):
        desk.load(contact(f"2024-03-0{day} 10:00:00", contact_id=str(day)))
        published(lake, desk.workbench.workspace)
    assert len(list((lake.folder / TABLE).rglob("*.parquet"))) == 3
    assert is_whole(lake, desk.workbench.workspace)


def test_the_command_says_what_it_would_write_and_writes_it(
    desk: Desk, lake: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.folder / "workspace.duckdb"
    load_months(desk)
    desk.workbench.workspace.backup(path)
    monkeypatch.setenv("WORKBENCH_LAKE", lake.folder.as_uri())
    assert main(["publish", "--dry-run", "--workspace", str(path)]) == 0
    assert f"{TABLE}: 2 rows, 2 of 2 months to write" in capsys.readouterr().out
    assert lake.last() is None
    assert main(["publish", "--workspace", str(path)]) == 0
    assert "Published as state 1" in capsys.readouterr().err
    monkeypatch.setenv("WORKBENCH_LAKE", "s3://bucket")
    assert main(["publish", "--workspace", str(path)]) == 1
    assert "Name a folder like file:///data/lake" in capsys.readouterr().err
