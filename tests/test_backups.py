"""A workspace is copied while it is used, taken back as a whole, and never replaced by what is no workspace."""

import threading
from pathlib import Path

import duckdb
import pytest

from tests.builders import Desk, contact, user, written
from workbench.cli import main
from workbench.errors import FileRefused, WorkbenchError
from workbench.store.workspace import Workspace

ROWS = "select contact_id from gladly_contact_export order by all"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace.duckdb")


def load(workspace: Workspace, folder: Path, *ids: str) -> None:
    workspace.load(written(folder / "ContactExport-20240301-20240331.csv", [contact(contact_id=name) for name in ids]))


def test_a_backup_opens_as_a_workspace_with_everything_in_it(workspace: Workspace, tmp_path: Path) -> None:
    load(workspace, tmp_path, "one", "two")
    workspace.backup(tmp_path / "backup.duckdb")
    copy = Workspace(tmp_path / "backup.duckdb")
    assert copy.rows(ROWS) == workspace.rows(ROWS) == [("one",), ("two",)]
    assert copy.loads() == workspace.loads()
    assert copy.reporting_zone == workspace.reporting_zone
    assert sorted(path.name for path in workspace.files.rglob("*.duckdb")) == []
    copy.close()
    workspace.close()


def test_a_restored_workspace_is_what_was_backed_up_and_keeps_what_it_replaced(
    workspace: Workspace, tmp_path: Path
) -> None:
    load(workspace, tmp_path, "one")
    workspace.backup(tmp_path / "backup.duckdb")
    load(workspace, tmp_path, "two")
    version = workspace.version
    kept = workspace.restore(tmp_path / "backup.duckdb")
    assert workspace.rows(ROWS) == [("one",)]
    assert len(workspace.loads()) == 1
    assert workspace.version > version
    workspace.close()
    before = Workspace(kept)
    assert before.rows(ROWS) == [("one",), ("two",)]
    before.close()
    again = Workspace(tmp_path / "workspace.duckdb")
    assert again.rows(ROWS) == [("one",)]
    again.close()


def test_a_workspace_that_starts_afresh_is_empty_and_keeps_what_it_held(workspace: Workspace, tmp_path: Path) -> None:
    load(workspace, tmp_path, "one")
    kept = workspace.clear()
    assert workspace.is_empty
    assert workspace.rows(ROWS) == []
    load(workspace, tmp_path, "two")
    assert workspace.rows(ROWS) == [("two",)]
    workspace.restore(kept)
    assert workspace.rows(ROWS) == [("one",)]
    workspace.close()


def test_what_is_no_backup_changes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    load(workspace, tmp_path, "one")
    workspace.backup(tmp_path / "whole.duckdb")
    other = tmp_path / "other.duckdb"
    whole = (tmp_path / "whole.duckdb").read_bytes()
    duckdb.connect(tmp_path / "foreign.duckdb").execute("create table own as select 1").close()
    foreign = (tmp_path / "foreign.duckdb").read_bytes()
    damaged = whole.replace(b"All Channels", b"All channels")
    assert damaged != whole
    for content in (b"", b"not a database", whole[:20_000], foreign, damaged):
        other.write_bytes(content)
        with pytest.raises(FileRefused, match=r"other\.duckdb: not a backup of a workspace, or damaged"):
            workspace.restore(other)
    with pytest.raises(FileRefused, match=r"cannot be read \(No such file or directory\)"):
        workspace.restore(tmp_path / "missing.duckdb")
    assert workspace.rows(ROWS) == [("one",)]
    workspace.restore(tmp_path / "whole.duckdb")
    assert workspace.rows(ROWS) == [("one",)]
    workspace.close()


def test_a_backup_cannot_be_written_over_the_workspace_or_into_a_folder_that_is_not_there(
    workspace: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(FileRefused, match="is the workspace itself"):
        workspace.backup(tmp_path / "workspace.duckdb")
    with pytest.raises(FileRefused, match="cannot be written"):
        workspace.backup(tmp_path / "missing" / "backup.duckdb")
    workspace.close()


def test_others_read_and_load_while_a_backup_is_made(workspace: Workspace, tmp_path: Path) -> None:
    load(workspace, tmp_path, "one")
    failures: list[WorkbenchError] = []

    def work() -> None:
        try:
            for n in range(5):
                load(workspace, tmp_path, f"more-{n}")
                workspace.rows(ROWS)
        except WorkbenchError as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    for n in range(5):
        workspace.backup(tmp_path / f"backup-{n}.duckdb")
    thread.join()
    assert failures == []
    for n in range(5):
        copy = Workspace(tmp_path / f"backup-{n}.duckdb")
        assert len(copy.rows(ROWS)) == len(copy.loads())
        copy.close()
    workspace.close()


def test_the_command_line_takes_back_compares_backs_up_and_restores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--workspace", str(tmp_path / "workspace.duckdb")]
    desk_file = tmp_path / "ContactExport-20240301-20240331.csv"
    for ids in (["one", "two"], ["two", "three"]):
        written(desk_file, [contact(contact_id=name, customer_id="c") for name in ids])
        assert main(["load", str(desk_file), *where]) == 0
    assert main(["backup", str(tmp_path / "b.duckdb"), *where]) == 0
    capsys.readouterr()
    assert main(["compare", "1", "2", *where]) == 0
    assert "1 row added, 0 changed" in capsys.readouterr().out
    assert main(["unload", "1", *where]) == 0
    assert main(["unload", "1", *where]) == 2
    assert "There is no load '1'. Try one of: 2" in capsys.readouterr().err
    assert main(["restore", str(tmp_path / "b.duckdb"), *where]) == 0
    assert main(["restore", str(desk_file), *where]) == 1
    assert "not a backup of a workspace" in capsys.readouterr().err


def test_a_mapping_is_remembered_for_its_header(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--workspace", str(tmp_path / "mapped.duckdb")]
    file, mapping = tmp_path / "tickets.csv", tmp_path / "mapping.json"
    file.write_text("Ticket,Opened,Team\n7,2024-03-05 10:00:00,Blue\n")
    assert main(["load", str(file), *where]) == 1
    assert "no export has this header" in capsys.readouterr().err
    mapping.write_text('{"kind": "gladly_contact_export", "columns": {"Ticket": "contact_id", "Opened": "queued_at"}}')
    assert main(["load", str(file), "--mapping", str(mapping), *where]) == 0
    file.write_text("ticket,OPENED,Team\n8,2024-03-06 10:00:00,Red\n")
    assert main(["load", str(file), *where]) == 0
    workspace = Workspace(tmp_path / "mapped.duckdb")
    assert workspace.rows(ROWS) == [("7",), ("8",)]
    assert workspace.rows("select extra['Team'] from gladly_contact_export order by contact_id") == [
        ("Blue",),
        ("Red",),
    ]
    workspace.close()
    for text, said in (
        ("[]", "not a mapping. Write it as"),
        ('{"kind": "nothing", "columns": {}}', "There is no kind of export 'nothing'"),
        ('{"kind": "respondio_users", "columns": {"A": "b"}}', "There is no column of respondio_users 'b'"),
    ):
        mapping.write_text(text)
        assert main(["load", str(file), "--mapping", str(mapping), *where]) == 1
        assert said in capsys.readouterr().err
    assert desk.load_kind("respondio_users", user()).rows_loaded == 1
