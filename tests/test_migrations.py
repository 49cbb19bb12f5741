"""A workspace of every earlier version opens, answers as before, and takes its files again (guarantee 29)."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.old_workspaces.make import answers
from workbench import Workbench
from workbench.errors import FileRefused, WorkspaceUnavailable
from workbench.intake.choices import Choices
from workbench.store import migrations, paths, schema
from workbench.store.workspace import Workspace

OLD = sorted((Path(__file__).parent / "old_workspaces").glob("schema_*"))
ROOT = Path(__file__).parents[1]
FIRST = OLD[0]
LAYOUT = (
    "select table_name, list(column_name || ' ' || data_type order by column_index) from duckdb_columns()"
    " where database_name = current_database() and not internal and table_name in"
    " (select table_name from duckdb_tables()) group by table_name order by table_name"
)
ADS = "select sub_source, ad_campaign_id, ad_group_id, ad_id, channel, extra from respondio_activity_log"
AD = ("Click-to-Chat Ads", "120210000000000017", None, "120210000000000033", "WhatsApp")


def unpacked(old: Path, path: Path) -> Path:
    """Put an old workspace into a file of its own."""
    (path.parent / "spill").mkdir(parents=True, exist_ok=True)  # where a snapshot's readers have their own
    path.write_bytes(gzip.decompress((old / "workspace.duckdb.gz").read_bytes()))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return unpacked(FIRST, tmp_path / "workspace.duckdb")


def answers_as_before(workbench: Workbench, old: Path) -> bool:
    """Tell whether every tile that there was has the rows that it had; a later one may have more columns."""
    before, now = json.loads((old / "answers.json").read_text(encoding="utf-8")), answers(workbench)
    kept = {
        tile: [{name: row[name] for name in first} for row, first in zip(now[tile], rows, strict=True)]
        for tile, rows in before.items()
    }
    return bool(json.loads(json.dumps(kept)) == before)


def schema_of(path: Path) -> int:
    with duckdb.connect(path, read_only=True) as connection:
        row = connection.execute("select value::integer from settings where key = 'schema_version'").fetchone()
    return int((row or (0,))[0])


def test_there_is_an_old_workspace_and_a_step_for_every_earlier_schema() -> None:
    assert [old.name for old in OLD] == [f"schema_{n}" for n in range(1, schema.SCHEMA_VERSION)]
    assert len(migrations.STEPS) == schema.SCHEMA_VERSION - 1


@pytest.mark.parametrize("old", OLD, ids=lambda old: old.name)
def test_an_old_workspace_opens_and_answers_as_before(old: Path, tmp_path: Path) -> None:
    workbench = Workbench(unpacked(old, tmp_path / "workspace.duckdb"))
    assert answers_as_before(workbench, old)
    workbench.close()
    again = Workspace(tmp_path / "workspace.duckdb")
    assert again.notice == ""
    again.close()


@pytest.mark.parametrize("old", OLD, ids=lambda old: old.name)
def test_an_old_workspace_is_kept_as_it_was_and_its_user_is_told_where(old: Path, tmp_path: Path) -> None:
    path = unpacked(old, tmp_path / "workspace.duckdb")
    version = schema_of(path)
    workspace = Workspace(path)
    (kept,) = tmp_path.glob(f"workspace-before-schema-{schema.SCHEMA_VERSION}-*.duckdb")
    assert kept.name in workspace.notice
    assert list((workspace.files / "exports").iterdir()) == []
    workspace.close()
    assert (schema_of(kept), schema_of(path)) == (version, schema.SCHEMA_VERSION)


@pytest.mark.parametrize("old", OLD, ids=lambda old: old.name)
def test_an_old_workspace_is_laid_out_as_a_new_one(old: Path, tmp_path: Path) -> None:
    migrated, new = Workspace(unpacked(old, tmp_path / "workspace.duckdb")), Workspace()
    assert migrated.rows(LAYOUT) == new.rows(LAYOUT)
    migrated.close()
    new.close()


@pytest.mark.parametrize("old", OLD, ids=lambda old: old.name)
def test_a_second_load_of_the_files_of_an_old_workspace_changes_nothing(old: Path, tmp_path: Path) -> None:
    workspace = Workspace(unpacked(old, tmp_path / "workspace.duckdb"))
    last_of_their_rows = [
        file for file in sorted(old.glob("*.csv"))
        if file.stem not in ("ContactExport-20240305-20240306", "ContactsAdded-20240305-20240305")
    ]  # fmt: skip
    for file in last_of_their_rows:
        outcome = workspace.load(file, Choices(zone="UTC"))
        assert outcome.rows_unchanged == outcome.rows_read > 0, file.name
    workspace.close()


def test_what_logs_said_of_ads_stands_in_columns_of_its_own(path: Path) -> None:
    workspace = Workspace(path)
    assert workspace.rows(f"{ADS} where contact_id = '210000001' and activity = 'CONNECTED'") == [(*AD, None)]
    assert workspace.rows(f"{ADS} where contact_id = '210000002'") == [(*AD, {"Lifecycle": "Lead"})]
    assert workspace.rows(ADS.replace("_log", "_log_replaced")) == [(*[None] * 5, {"Lifecycle": None})]
    columns = workspace.rows("select columns from log_columns")
    assert columns == [(["timestamp", "contact_id", "sub_source"],)]
    workspace.close()


def test_what_summaries_said_of_averages_stands_in_columns_of_its_own(tmp_path: Path) -> None:
    workspace = Workspace(unpacked(OLD[4], tmp_path / "workspace.duckdb"))
    assert workspace.rows("select average_talk_seconds, extra from gladly_contact_summary") == [
        (12.5, {"Of our own": "x"}), (12.5, {"Of our own": "x"}),
    ]  # fmt: skip
    workspace.close()


def test_a_load_of_an_old_workspace_is_taken_back(path: Path) -> None:
    workspace = Workspace(path)
    workspace.unload(4)  # it named the ad of a contact that the load before did not
    assert workspace.rows(f"{ADS} where contact_id = '210000002'") == [(*[None] * 5, {"Lifecycle": None})]
    for load in workspace.loads():
        workspace.unload(load["load_id"])
    tables = [name for name, _ in workspace.rows(LAYOUT) if name.startswith(("gladly", "respondio", "lexer"))]
    assert {name: workspace.rows(f"select count(*) from {name}") for name in tables} == {n: [(0,)] for n in tables}
    workspace.close()


def test_a_backup_of_an_old_workspace_is_brought_up_to_date_when_it_is_restored(path: Path, tmp_path: Path) -> None:
    workspace, migrated = Workspace(tmp_path / "other.duckdb"), Workspace(unpacked(FIRST, tmp_path / "w.duckdb"))
    workspace.restore(path)
    for rows in (ADS, ADS.replace("_log", "_log_replaced"), "from loads", "from log_columns"):
        assert workspace.rows(f"{rows} order by all") == migrated.rows(f"{rows} order by all") != []
    workspace.close()
    migrated.close()
    assert (schema_of(path), schema_of(tmp_path / "other.duckdb")) == (1, schema.SCHEMA_VERSION)


def test_a_snapshot_of_an_old_workspace_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    snapshot = unpacked(FIRST, paths.snapshot_of(tmp_path / "held.duckdb"))
    content = snapshot.read_bytes()
    workspace = Workspace(tmp_path / "held.duckdb", is_snapshot=True)
    assert workspace.rows(f"{ADS} where contact_id = '210000002'") == [(*AD, {"Lifecycle": "Lead"})]
    workspace.close()
    assert snapshot.read_bytes() == content
    assert [left.name for left in snapshot.parent.rglob("*.duckdb")] == ["snapshot.duckdb"]


@pytest.mark.parametrize("is_snapshot", [False, True])
def test_a_newer_workspace_is_refused_and_left_as_it_is(tmp_path: Path, is_snapshot: bool) -> None:
    path = tmp_path / "held.duckdb"
    newer = unpacked(FIRST, paths.snapshot_of(path) if is_snapshot else path)
    with duckdb.connect(newer) as connection:
        connection.execute(f"update settings set value = '{schema.SCHEMA_VERSION + 1}' where key = 'schema_version'")
    content = newer.read_bytes()
    with pytest.raises(WorkspaceUnavailable, match="made by a newer workbench"):
        Workspace(path, is_snapshot=is_snapshot)
    assert newer.read_bytes() == content
    other = Workspace()
    with pytest.raises(FileRefused, match="made by a newer workbench"):
        other.restore(newer)
    other.close()


STOPPING = """
import os, sys
import duckdb
from workbench.store import migrations
class Stopping:
    def __init__(self, cursor): self.cursor = cursor
    def execute(self, sql, *values):
        if sql.startswith(sys.argv[2]): os._exit(0)
        return self.cursor.execute(sql, *values)
migrations.migrate(Stopping(duckdb.connect(sys.argv[1])))
"""


@pytest.mark.parametrize("at", ["drop table loads", "insert into loads", "update respondio", "commit", "checkpoint"])
def test_a_workspace_whose_migration_was_stopped_opens_as_whole_as_before(path: Path, at: str) -> None:
    subprocess.run([sys.executable, "-c", STOPPING, str(path), at], cwd=ROOT, check=True)
    workbench = Workbench(path)
    assert answers_as_before(workbench, FIRST)
    assert workbench.workspace.rows(f"{ADS} where contact_id = '210000002'") == [(*AD, {"Lifecycle": "Lead"})]
    assert (workbench.workspace.notice == "") == (at == "checkpoint")
    workbench.close()
