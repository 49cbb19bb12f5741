"""A file that is no workspace of ours is never written to, and nothing is made beside it (guarantee 7)."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.builders import contact, written
from workbench import Workbench
from workbench.cli import main
from workbench.errors import FileRefused, WorkspaceUnavailable
from workbench.store.workspace import Workspace

OURS = "create table settings (key varchar, value varchar); create table loads (load_id integer)"
VERSION = "insert into settings values ('schema_version', '{}')"


def database(*statements: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with duckdb.connect(str(path)) as connection:
            for statement in statements:
                connection.execute(statement)

    return make


def sqlite(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("create table settings (key text, value text)")
    connection.commit()
    connection.close()


def with_a_log(path: Path) -> None:
    """Make a database whose last change stands in its write-ahead log alone."""
    code = f"import duckdb, os; c = duckdb.connect({str(path)!r}); c.execute('create table t as select 1'); os._exit(0)"
    subprocess.run([sys.executable, "-c", code], check=True)


FOREIGN: dict[str, Callable[[Path], object]] = {
    "a table": database("create table contacts as select 1 as id"),
    "nothing in it": database(),
    "settings alone": database("create table settings (key varchar, value varchar)", VERSION.format(1)),
    "settings of another form": database("create table settings (name varchar)", "create table loads (load_id int)"),
    "another schema's settings": database("create schema s", "use s", OURS, VERSION.format(1)),
    "no version": database(OURS),
    "a version that is none": database(OURS, VERSION.format("1.2")),
    "a version before all": database(OURS, VERSION.format(0)),
    "a newer workbench's": database(OURS, VERSION.format(1_000)),
    "a view called settings": database(
        "create view settings as select 'schema_version' as key, content as value from read_text('/etc/hostname')",
        "create table loads (load_id integer)",
    ),
    "a write-ahead log": with_a_log,
    "SQLite": sqlite,
    "text": lambda path: path.write_text("id,name\n1,Ada\n" * 999),
    "empty": Path.touch,
}


def held(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_no_workspace_is_refused_untouched_by_every_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    rows = written(tmp_path / "rows" / "ContactExport.csv", [contact()])
    Workbench(tmp_path / "rows" / "backup.duckdb").close()
    (folder := tmp_path / "folder").mkdir()
    path = folder / "foreign.duckdb"
    FOREIGN[what](path)
    before = held(folder)
    for command in (
        ("status",), ("load", rows), ("set", "week_start", "sunday"), ("show", "inbound_contacts", "totals"),
        ("unload", 1), ("compare", 1, 2), ("backup", tmp_path / "b.duckdb"),
        ("restore", tmp_path / "rows" / "backup.duckdb"),
        ("export", "inbound_contacts", "--to", tmp_path / "pack.xlsx"),
    ):  # fmt: skip
        assert main([*map(str, command), "--workspace", str(path)]) == 1, command
        answer = capsys.readouterr()
        assert (answer.out, len(answer.err.splitlines())) == ("", 1), command
        assert "foreign.duckdb" in answer.err
    with pytest.raises(WorkspaceUnavailable):
        Workbench(path)
    assert held(folder) == before


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_no_workspace_is_no_backup(tmp_path: Path, what: str) -> None:
    workspace = Workspace(tmp_path / "own" / "workspace.duckdb")
    workspace.load(written(tmp_path / "ContactExport.csv", [contact()]))
    (folder := tmp_path / "folder").mkdir()
    FOREIGN[what](folder / "foreign.duckdb")
    before = held(folder)
    with pytest.raises(FileRefused, match=r"foreign\.duckdb: "):
        workspace.restore(folder / "foreign.duckdb")
    assert held(folder) == before
    assert len(workspace.loads()) == 1
    assert {path.name for path in (tmp_path / "own").iterdir()} == {"workspace.duckdb", "workspace.duckdb.files"}
    workspace.close()


def test_a_place_that_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in ("pipe", ""):
        with pytest.raises(WorkspaceUnavailable, match="not a file"):
            Workbench(tmp_path / place)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_workspace_that_was_killed_before_anything_was_in_it_opens(tmp_path: Path) -> None:
    path = tmp_path / "workspace.duckdb"
    (tmp_path / "workspace.duckdb.files").mkdir()
    database()(path)
    Workbench(path).close()
    database("create macro theirs() as 1")(tmp_path / "other.duckdb")
    (tmp_path / "other.duckdb.files").mkdir()
    with pytest.raises(WorkspaceUnavailable, match="another program"):
        Workbench(tmp_path / "other.duckdb")


def test_a_workspace_that_is_open_in_this_process_is_not_opened_again(tmp_path: Path) -> None:
    first = Workbench(tmp_path / "workspace.duckdb")
    (tmp_path / "link.duckdb").symlink_to(tmp_path / "workspace.duckdb")
    for name in ("workspace.duckdb", "link.duckdb"):
        with pytest.raises(WorkspaceUnavailable, match=r"is open in this process already\. Use that one, or close it"):
            Workbench(tmp_path / name)
    first.load(written(tmp_path / "ContactExport.csv", [contact()]))
    for use in (first.load, first.workspace.restore, first.workspace.backup):
        with pytest.raises(FileRefused, match="is the workspace itself"):
            use(tmp_path / "link.duckdb")
    code = "import sys, duckdb; duckdb.connect(sys.argv[1])"
    other = subprocess.run([sys.executable, "-c", code, first.workspace.path], capture_output=True, check=False)
    assert b"Could not set lock" in other.stderr
    first.close()
    Workbench(tmp_path / "link.duckdb").close()
