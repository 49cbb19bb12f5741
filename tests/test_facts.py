"""What a workspace says of itself is remembered for one version of it, and follows every change."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.builders import contact, written
from workbench.ask import notes
from workbench.errors import WorkbenchError
from workbench.intake.recording import write_setting
from workbench.store.facts import Facts
from workbench.store.workspace import Workspace

KIND = "gladly_contact_export"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(tmp_path / "workspace.duckdb")
    yield workspace
    workspace.close()


def load(workspace: Workspace, name: str) -> None:
    workspace.load(written(workspace.files / f"{name}-20240301-20240331.csv", [contact(contact_id=name)]))


def facts(workspace: Workspace) -> tuple[Any, ...]:
    """Return zone, week, load numbers and count of covered spans; the version is apart, since it always changes."""
    loads = [load["load_id"] for load in workspace.loads([KIND])]
    return workspace.reporting_zone, workspace.week_start, loads, len(workspace.covered(KIND))


def test_the_facts_follow_every_change_that_another_thread_makes(workspace: Workspace, tmp_path: Path) -> None:
    backup = tmp_path / "backup.duckdb"
    load(workspace, "first")
    workspace.backup(backup)
    changes: list[tuple[Callable[[], object], tuple[Any, ...]]] = [
        (lambda: load(workspace, "second"), ("UTC", "monday", [2, 1], 2)),
        (lambda: workspace.set("week_start", "sunday"), ("UTC", "sunday", [2, 1], 2)),
        (lambda: workspace.set("reporting_zone", "Asia/Tokyo"), ("Asia/Tokyo", "sunday", [2, 1], 2)),
        (lambda: workspace.unload(1), ("Asia/Tokyo", "sunday", [2], 1)),
        (lambda: workspace.restore(backup), ("UTC", "monday", [1], 1)),
        (workspace.clear, (Workspace().reporting_zone, "monday", [], 0)),
    ]
    with ThreadPoolExecutor(1) as other:
        for change, after in changes:
            version, _ = workspace.version, facts(workspace)
            other.submit(change).result()
            assert facts(workspace) == after
            assert workspace.version > version
    assert workspace.is_empty


def test_the_facts_of_one_version_are_read_once(workspace: Workspace) -> None:
    load(workspace, "first")
    before = facts(workspace)
    with workspace.cursor() as cursor:  # of which nothing is told
        for table in ("settings", "loads", "coverage"):
            cursor.execute(f"delete from {table}")
    assert facts(workspace) == before


def test_what_was_read_before_a_commit_is_not_kept_for_the_version_after_it(workspace: Workspace) -> None:
    with workspace._database.writing() as cursor:
        write_setting(cursor, "week_start", "sunday")
        version, held, week_start = workspace.version, workspace._database.facts, workspace.week_start
    assert held.loads == ()  # read by a slow thread, after the commit
    load(workspace, "first")
    assert (week_start, workspace.week_start) == ("monday", "sunday")
    assert (held.version, workspace.version) == (version, version + 2)
    assert (held.loads, len(workspace.loads())) == ((), 1)


def test_a_write_that_fails_changes_no_fact(workspace: Workspace) -> None:
    version, before = workspace.version, facts(workspace)
    with pytest.raises(WorkbenchError):
        workspace.define(["insert into settings values ('week_start', 'sunday')", "no statement"], "digest")
    assert (workspace.version, facts(workspace)) == (version, before)


def test_an_interrupt_just_behind_the_commit_leaves_the_facts_of_what_was_committed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(workspace, "first")
    made, version = workspace._database._facts, workspace.version

    def interrupted(version: int) -> Facts:
        monkeypatch.setattr(workspace._database, "_facts", made)
        raise KeyboardInterrupt

    monkeypatch.setattr(workspace._database, "_facts", interrupted)
    with pytest.raises(KeyboardInterrupt):
        workspace.set("week_start", "sunday")
    assert (workspace.version, workspace.week_start) == (version + 1, "sunday")
    assert facts(workspace) == ("UTC", "sunday", [1], 1)


def test_nobody_can_change_what_is_remembered(workspace: Workspace) -> None:
    load(workspace, "first")
    before = workspace.loads()
    given = workspace.loads()
    given[0]["warnings"].append("mine")
    given[0] |= {"file": "mine"}
    given.clear()
    assert workspace.loads() == before
    with pytest.raises(TypeError):
        workspace._database.facts.settings["week_start"] = "mine"  # type: ignore[index]
    assert isinstance(workspace.covered(KIND), tuple)


def test_an_opened_snapshot_stays_what_it_was(workspace: Workspace) -> None:
    load(workspace, "first")
    workspace.publish()
    assert workspace.path is not None
    reader = Workspace(workspace.path, is_snapshot=True)
    version, before = reader.version, facts(reader)
    load(workspace, "second")
    workspace.publish()
    assert (reader.version, facts(reader)) == (version, before) == (workspace.version - 1, ("UTC", "monday", [1], 1))
    reader.close()


def test_what_is_read_when_a_workspace_opens_keeps_no_change_out_of_its_file(workspace: Workspace) -> None:
    load(workspace, "first")
    assert workspace.path is not None
    assert not workspace.path.with_name(f"{workspace.path.name}.wal").exists()


def test_a_list_that_another_thread_keeps_is_seen_at_once_and_makes_no_other_version(workspace: Workspace) -> None:
    load(workspace, "first")
    version, before = workspace.version, notes.saved(workspace)
    note = notes.Note("promotion", (date(2024, 3, 5), date(2024, 3, 5)))
    with ThreadPoolExecutor(1) as other:
        other.submit(notes.put, workspace, note).result()
        assert (before, notes.saved(workspace), workspace.version) == ([], [note], version)
        other.submit(notes.delete, workspace, note.days).result()
    assert notes.saved(workspace) == []
