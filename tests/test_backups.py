"""A workspace is copied while it is used, taken back as a whole, and never replaced by what is no workspace."""

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from tests.builders import Desk, contact, user, written
from workbench.ask import hours, notes, targets
from workbench.cli import main
from workbench.errors import FileRefused, WorkbenchError
from workbench.store import audit, backups, copies
from workbench.store import paths as paths_of
from workbench.store.workspace import Workspace
from workbench.team import LOCAL, TEAM_VARIABLE, Person

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


# Workspaces side by side ---------------------------------------------------------------------------------------------

TEAM = """
[workspaces.support]
path = "support.duckdb"
groups = ["support"]
[workspaces.retail]
path = "retail.duckdb"
groups = ["retail"]
"""
HOLDING = """
import sys, duckdb
try:
    duckdb.connect(sys.argv[1])
    print("opened")
except duckdb.IOException:
    print("held")
"""


@pytest.fixture
def support(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The workspace of one group, beside that of another, of which there are copies."""
    (tmp_path / "team.toml").write_text(TEAM)
    monkeypatch.setenv(TEAM_VARIABLE, str(tmp_path / "team.toml"))
    retail = Workspace(tmp_path / "retail.duckdb")
    load(retail, tmp_path, "retail")
    retail.backup(copies.backup(tmp_path / "retail.duckdb"))
    retail.backup(tmp_path / "retail-backup-monday.duckdb")
    retail.backup(copies.backup(tmp_path / "support-eu.duckdb"))
    retail.publish()
    retail.close()
    workspace = Workspace(tmp_path / "support.duckdb")
    load(workspace, tmp_path, "support")
    workspace.backup(copies.backup(tmp_path / "support.duckdb"))
    yield workspace
    workspace.close()


def test_another_groups_workspace_and_its_copies_cannot_be_restored(support: Workspace, tmp_path: Path) -> None:
    (tmp_path / "linked.duckdb").symlink_to(tmp_path / "retail.duckdb")
    (tmp_path / "hard.duckdb").hardlink_to(tmp_path / "retail.duckdb")
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "linked.duckdb").symlink_to(tmp_path / "retail-backup-monday.duckdb")
    of_retail = {*tmp_path.glob("retail*.duckdb"), *tmp_path.glob("*/*.duckdb"), *tmp_path.glob("*d.duckdb")}
    assert len(of_retail) == 7
    for file in sorted(of_retail):
        with pytest.raises(FileRefused, match=r"is of another workspace\. Name a backup of this one"):
            support.restore(file)
    assert support.rows(ROWS) == [("support",)]


def test_a_workspace_that_is_open_here_is_not_read_by_restoring_it_and_stays_locked(tmp_path: Path) -> None:
    one, other = Workspace(tmp_path / "one.duckdb"), Workspace(tmp_path / "other.duckdb")
    with pytest.raises(FileRefused, match="is of another workspace"):
        one.restore(tmp_path / "other.duckdb")
    with pytest.raises(FileRefused, match="is another workspace"):
        one.backup(tmp_path / "other.duckdb")
    for file, said in (("one", "is the workspace itself"), ("other", "is another workspace")):
        with pytest.raises(FileRefused, match=said):
            one.mask(tmp_path / f"{file}.duckdb")
    command = [sys.executable, "-c", HOLDING, str(tmp_path / "other.duckdb")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "held\n"
    other.close()
    assert one.restore(tmp_path / "other.duckdb").is_file()
    one.close()


def test_no_copy_is_written_over_a_workspace_that_nobody_has_open(tmp_path: Path) -> None:
    held = written(tmp_path / "ContactExport-20240301-20240331.csv", [contact()])
    other = Workspace(tmp_path / "other.duckdb")
    other.load(held)
    other.close()
    before, own = (tmp_path / "other.duckdb").read_bytes(), Workspace(tmp_path / "own.duckdb")
    (tmp_path / "link.duckdb").symlink_to(tmp_path / "other.duckdb")
    for file in ("other.duckdb", "link.duckdb"):
        for write in (own.backup, own.mask):
            with pytest.raises(FileRefused, match=r"is another workspace\. Name another file"):
                write(tmp_path / file)
    own.backup(tmp_path / "plain.duckdb")
    own.backup(tmp_path / "plain.duckdb")  # a copy that was never opened may be written anew
    for name in ("own.duckdb.key", "own.duckdb.audit.jsonl", "team.toml"):
        (tmp_path / name).write_text("kept")
        for write in (own.backup, own.mask):
            with pytest.raises(FileRefused, match=r"is another file, which would be lost"):
                write(tmp_path / name)
        assert (tmp_path / name).read_text() == "kept"
    own.close()
    assert (tmp_path / "other.duckdb").read_bytes() == before


def test_only_copies_of_the_workspace_itself_are_offered_named_and_written_anew(
    support: Workspace, tmp_path: Path
) -> None:
    support.backup(tmp_path / "support-backup-friday.duckdb")
    (own,) = copies.kept(tmp_path / "support.duckdb")
    assert support.backups == [own]
    assert support.copies == [own, tmp_path / "support-backup-friday.duckdb"]
    receipt = support.forget("nobody")
    assert receipt.rewritten == [own.name]
    assert receipt.left == {"support-backup-friday.duckdb": "named by a user, so not touched. Delete it"}


def test_a_copy_of_a_workspace_that_is_named_like_a_copy_of_another_is_no_users_copy(
    support: Workspace, tmp_path: Path
) -> None:
    other = Workspace(tmp_path / "support-before-june.duckdb")
    other.backup(copies.backup(tmp_path / "support-before-june.duckdb"))
    other.close()
    assert support.copies == copies.kept(tmp_path / "support.duckdb")
    assert "support-before-june" not in str(support.forget("nobody").left)


def test_a_workspace_whose_name_reads_as_damaged_has_whole_copies(tmp_path: Path) -> None:
    path = tmp_path / "sales-damaged-goods.duckdb"
    workspace = Workspace(path)
    workspace.backup(own := copies.backup(path))
    copies.aside(path).write_bytes(b"")
    assert copies.to_restore(path) == workspace.backups == [own]
    assert own.name in copies.newest(path)
    receipt = workspace.forget("nobody")
    assert (receipt.rewritten, [*receipt.left.values()]) == (
        [own.name],
        ["damaged, so nothing can be erased from it. Delete it"],
    )
    workspace.close()


def test_folders_that_are_allowed_offer_no_copy_of_another_workspace(support: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "allowed"
    folder.mkdir()
    support.backup(folder / "friday.duckdb")
    (folder / "linked.duckdb").symlink_to(tmp_path / "retail.duckdb")
    support.set("folders", str(tmp_path))
    own = {*copies.kept(tmp_path / "support.duckdb"), folder / "friday.duckdb"}
    assert {*support.backups} == own | {*tmp_path.glob("support-eu*.duckdb")}


def test_a_damaged_workspace_names_no_copy_of_another(support: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "retail.duckdb"
    for copy in [*copies.named(path), path.with_name("retail.duckdb.files") / "snapshot.duckdb"]:
        copy.unlink()
    path.write_bytes(bytes(5000))
    with pytest.raises(WorkbenchError, match=r"by the command restore, or name another"):
        Workspace(path)


def test_the_record_says_by_its_hash_which_file_was_restored(
    support: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own,) = copies.kept(path := tmp_path / "support.duckdb")
    support.seen_by(Person("ada")).restore(own)
    support.close()
    path.write_bytes(bytes(5000))
    assert main(["restore", str(own), "--workspace", str(path)]) == 0
    sha256 = hashlib.sha256(own.read_bytes()).hexdigest()
    assert [line["facts"] for line in audit.lines(path)] == [{"sha256": sha256}] * 2
    assert LOCAL.name not in {line["who"] for line in audit.lines(path)}


def test_the_newest_copy_is_the_one_of_the_latest_name_whatever_wrote_it_last(tmp_path: Path) -> None:
    names = (
        "w-backup-20260102-080000.duckdb",
        "w-before-20260102-080001-000000.duckdb",
        "w-backup-20260101-080000.duckdb",
    )
    for name in names:
        (tmp_path / name).touch()
    assert copies.newest(tmp_path / "w.duckdb") == f"{names[1]} of 2 Jan 2026, 08:00"
    (tmp_path / "w-backup-friday.duckdb").touch()  # of no time but its file's, which is now
    assert copies.newest(tmp_path / "w.duckdb").startswith("w-backup-friday.duckdb of ")


@pytest.mark.parametrize("broken", ["{", "[1]", '["a"]', "[[]]", "7", '{"a": 1}'])
@pytest.mark.parametrize("key", ["targets", "notes", "calendars"])
def test_a_backup_whose_lists_are_none_is_refused(workspace: Workspace, tmp_path: Path, key: str, broken: str) -> None:
    workspace.backup(tmp_path / "crafted.duckdb")
    with duckdb.connect(tmp_path / "crafted.duckdb") as crafted:
        crafted.execute("insert into settings values (?, ?)", [key, broken])
    with pytest.raises(FileRefused, match="not a backup of a workspace, or damaged"):
        workspace.restore(tmp_path / "crafted.duckdb")
    workspace.close()


def test_a_backup_brings_no_place_of_a_machine(workspace: Workspace, tmp_path: Path) -> None:
    for folder in ("own", "theirs"):
        (tmp_path / folder).mkdir()
    workspace.set("exports_folder", str(tmp_path / "own"))
    workspace.backup(tmp_path / "crafted.duckdb")
    with duckdb.connect(tmp_path / "crafted.duckdb") as crafted:
        crafted.execute("update settings set value = ? where key = 'exports_folder'", [str(tmp_path / "theirs")])
        crafted.execute("insert into settings values ('folders', ?)", [str(tmp_path)])
    workspace.restore(tmp_path / "crafted.duckdb")
    assert (workspace.exports_folder, workspace.folders) == (tmp_path / "own", ())
    workspace.close()


def test_workspaces_of_one_name_but_for_its_ending_share_no_copy(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("support.duckdb", "support.db", "support", "desk.support", "desk.retail")]
    for path in paths:
        path.touch()
        paths_of.files_of(path).mkdir()
    found = {path: copies.backup(path) for path in paths}
    for copy in found.values():
        copy.touch()
    assert {path: copies.kept(path) for path in paths} == {path: [copy] for path, copy in found.items()}
    assert {path: copies.named(path) for path in paths} == {path: [copy] for path, copy in found.items()}
    assert [copies.whose(copy, paths) for copy in found.values()] == paths


def test_copies_of_an_earlier_version_stay_those_of_a_workspace_that_shares_its_name_with_no_other(
    tmp_path: Path,
) -> None:
    path = tmp_path / "support.db"
    paths_of.files_of(path).mkdir()
    (earlier := tmp_path / "support-backup-20260101-080000-000000.duckdb").touch()
    (damaged := tmp_path / "support-damaged-20260101-080000-000000.duckdb").touch()
    assert copies.kept(path) == copies.named(path) == [earlier, damaged]
    assert copies.to_restore(path) == [earlier]
    (tmp_path / "support.duckdb").touch()
    paths_of.files_of(tmp_path / "support.duckdb").mkdir()
    assert copies.kept(path) == []


def test_a_snapshot_that_is_kept_says_when_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "x-20240101-120000.duckdb"
    (snapshot := paths_of.snapshot_of(path)).parent.mkdir()
    snapshot.touch()
    os.utime(snapshot, (old := datetime(2026, 1, 2, 8).timestamp(), old))
    copies.keep_snapshot(path)
    (tmp_path / "x-20240101-120000-backup-20260102-080100.duckdb").touch()
    assert copies.newest(path) == "x-20240101-120000-backup-20260102-080100.duckdb of 2 Jan 2026, 08:01"


def test_a_copy_that_is_named_after_another_workspace_is_its_wherever_it_lies(
    support: Workspace, tmp_path: Path
) -> None:
    (nas := tmp_path / "nas").mkdir()
    (tmp_path / "retail-backup-monday.duckdb").rename(nas / "retail-backup-monday.duckdb")
    support.backup(nas / "support-backup-monday.duckdb")
    support.set("folders", str(nas))
    assert [file.name for file in support.backups if file.parent == nas] == ["support-backup-monday.duckdb"]
    with pytest.raises(FileRefused, match=r"is of another workspace\. Name a backup of this one"):
        support.restore(nas / "retail-backup-monday.duckdb")
    support.restore(nas / "support-backup-monday.duckdb")


def test_no_number_of_a_load_is_lent_to_another_after_starting_afresh_or_restoring(
    workspace: Workspace, tmp_path: Path
) -> None:
    load(workspace, tmp_path, "one")
    workspace.backup(tmp_path / "early.duckdb")
    load(workspace, tmp_path, "two")
    workspace.backup(tmp_path / "late.duckdb")
    workspace.clear()
    load(workspace, tmp_path, "three")
    workspace.restore(tmp_path / "early.duckdb")
    load(workspace, tmp_path, "four")
    assert [record["load_id"] for record in workspace.loads()] == [4, 1]
    other = Workspace(tmp_path / "new.duckdb")
    with duckdb.connect(tmp_path / "late.duckdb") as crafted:
        crafted.execute("update settings set value = 'x' where key = 'last_load_id'")
    other.restore(tmp_path / "late.duckdb")
    load(other, tmp_path, "five")
    assert [record["load_id"] for record in other.loads()] == [3, 2, 1]
    other.close()
    workspace.close()


@pytest.mark.parametrize(
    "crafted",
    [
        "update loads set report = json_merge_patch(report, '{\"rejects\": [1]}')",
        "update loads set report = json_merge_patch(report, '{\"warnings\": [5]}')",
        "update loads set report = json_merge_patch(report, '{\"file\": 5}')",
        "update loads set report = json_merge_patch(report, '{\"rows_read\": \"many\"}')",
        "update loads set report = json_merge_patch(report, '{\"period_from\": \"never\"}')",
        "update loads set chosen = '[]'",
        "update settings set value = '2147483647' where key = 'last_load_id'",
        "update coverage set from_utc = null",
        "update coverage set to_utc = 'infinity'",
        "insert into saved_views values ('v', 'contact_export', '{\"from\": 5}', true, '')",
        "insert into saved_views values ('v', 'contact_export', '[]', true, '')",
        "insert into rejected_records values (1, 2, '{}')",
        "insert into rejected_records values (1, 2, 'x')",
    ],
)  # fmt: skip
def test_a_backup_that_holds_what_no_workbench_writes_changes_nothing(
    workspace: Workspace, tmp_path: Path, crafted: str
) -> None:
    load(workspace, tmp_path, "one")
    workspace.backup(tmp_path / "crafted.duckdb")
    with duckdb.connect(tmp_path / "crafted.duckdb") as file:
        file.execute(crafted)
    with pytest.raises(FileRefused, match="not a backup of a workspace, or damaged"):
        workspace.restore(tmp_path / "crafted.duckdb")
    assert (workspace.rows(ROWS), len(workspace.loads())) == ([("one",)], 1)
    workspace.close()


def test_a_damaged_workspace_is_not_replaced_where_that_cannot_be_recorded(
    support: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own,) = copies.kept(path := tmp_path / "support.duckdb")
    support.close()
    path.write_bytes(bytes(5000))
    (tmp_path / "support-backup-dangling.duckdb").symlink_to(tmp_path / "nowhere.duckdb")
    audit.audit_of(path).unlink(missing_ok=True)
    audit.audit_of(path).mkdir()
    assert main(["restore", str(own), "--workspace", str(path)]) == 1
    assert "cannot be recorded" in capsys.readouterr().err
    assert path.read_bytes() == bytes(5000)


def test_the_lists_that_are_checked_are_those_that_people_keep() -> None:
    assert {*backups.LISTS} == {targets.KEY, notes.KEY, hours.KEY}
