"""While one process holds a workspace, others read its last snapshot (guarantee 28)."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from tests.builders import Desk, contact, written
from workbench import Workbench
from workbench.errors import WorkspaceHeld
from workbench.store.workspace import Workspace

ROOT = Path(__file__).parents[1]


@contextmanager
def held(folder: Path) -> Iterator[Desk]:
    """Hold a workspace as the app does."""
    desk = Desk(folder, Workbench(folder / "held.duckdb"))
    desk.workbench.workspace.keep_published()
    yield desk
    desk.workbench.close()


def published(desk: Desk, rows: int) -> None:
    """Wait until the snapshot has so many contacts."""
    snapshot, deadline = desk.workbench.workspace.snapshot, time.monotonic() + 30
    while time.monotonic() < deadline:
        if snapshot.is_file():
            with duckdb.connect(str(snapshot), read_only=True) as connection:
                found = connection.execute("select count(*) from gladly_contact_export").fetchone()
            if found == (rows,):
                return
        time.sleep(0.05)
    raise TimeoutError(f"the snapshot never had {rows} contacts")


def command(*arguments: str, workspace: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "workbench", *arguments, "--workspace", str(workspace)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_other_processes_read_the_snapshot_of_a_held_workspace_and_say_when_it_was_made(tmp_path: Path) -> None:
    with held(tmp_path) as desk:
        workspace = tmp_path / "held.duckdb"
        desk.load(contact(), contact(), contact(channel="SMS"))
        published(desk, 3)
        shown = command("show", "inbound_contacts", "totals", "--format", "json", workspace=workspace)
        assert [row["inbound_contacts"] for row in json.loads(shown.stdout)] == [3]
        assert "this is its snapshot of" in shown.stderr
        exported = command(
            "export", "inbound_contacts", "--tile", "log", "--to", str(tmp_path / "log.csv"), workspace=workspace
        )
        assert exported.returncode == 0, exported.stderr
        assert len((tmp_path / "log.csv").read_text(encoding="utf-8-sig").splitlines()) == 4
        assert json.loads(command("status", "--json", workspace=workspace).stdout)["kinds"][0]["rows"] == 3
        more = written(tmp_path / "more.csv", [contact()])
        refused = command("load", str(more), "--wait", "0.2", workspace=workspace)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
        assert "held by another process" in refused.stderr
        desk.load(contact(), name="more-20240301-20240331.csv")
        published(desk, 4)
    assert command("load", str(more), workspace=tmp_path / "held.duckdb").returncode == 0


HOLDER = """
import sys
from pathlib import Path
from tests.builders import Desk, contact
from workbench import Workbench
desk = Desk(Path(sys.argv[1]), Workbench(Path(sys.argv[1]) / "held.duckdb"))
for number in (1, 2):
    desk.load(*[contact() for _ in range(number)], name=f"{number}-20240301-20240331.csv")
    desk.workbench.workspace.publish()
    print(number, flush=True)
    input()
"""


@contextmanager
def holder(folder: Path) -> "Iterator[subprocess.Popen[str]]":
    """Hold a workspace in another process, with a snapshot of one contact; it goes on when it is told."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        went_on(process)
        yield process
        process.kill()


def went_on(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline().strip() in ("1", "2")


def contacts(workbench: Workbench) -> int:
    return int(workbench.report("inbound_contacts").tile("totals")["inbound_contacts"].iloc[0])


def test_a_notebook_reads_the_newest_snapshot_of_a_held_workspace_and_loads_once_it_is_let_go(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, more = tmp_path / "held.duckdb", written(tmp_path / "more.csv", [contact(contact_id="more")])
    with holder(tmp_path) as process:
        first = Workbench(path)
        said = f"Another process holds {path}: this is its snapshot of "
        assert (contacts(first), capsys.readouterr().err.startswith(said), said in repr(first)) == (1, True, True)
        with pytest.raises(WorkspaceHeld, match=r"held by another process \(PID \d+\).*Load on its page Data instead"):
            first.load(more, wait=0)
        with pytest.raises(WorkspaceHeld):
            first.set("week_start", "sunday", wait=0)
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        went_on(process)
        second = Workbench(path)
        assert (contacts(first), contacts(second)) == (1, 3)
        second.close()
    first.load(more)
    first.set("week_start", "sunday")
    assert (contacts(first), said in repr(first)) == (4, False)
    first.close()
    assert list((tmp_path / "held.duckdb.files" / "spill").iterdir()) == []


def test_a_held_workspace_without_a_snapshot_is_said_in_one_line(tmp_path: Path) -> None:
    Workbench(tmp_path / "held.duckdb").close()
    hold = f"import duckdb; c = duckdb.connect({str(tmp_path / 'held.duckdb')!r}); print(1, flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(WorkspaceHeld):
            Workspace(tmp_path / "held.duckdb")
        with pytest.raises(WorkspaceHeld, match=r"held by another process .* It has published no snapshot yet"):
            Workbench(tmp_path / "held.duckdb")
        found = command("status", workspace=tmp_path / "held.duckdb")
        assert (found.returncode, len(found.stderr.splitlines())) == (1, 1)
        holder.kill()


def test_reading_a_snapshot_leaves_the_holders_files_alone(tmp_path: Path) -> None:
    with held(tmp_path) as desk:
        desk.load(contact())
        published(desk, 1)
        workspace = desk.workbench.workspace
        coming = workspace.files / "inbox" / "coming.csv"
        coming.write_text("on its way in")
        reader = Workspace(tmp_path / "held.duckdb", is_snapshot=True)
        assert reader.rows("select count(*) from gladly_contact_export") == [(1,)]
        reader.close()
        assert coming.read_text() == "on its way in"
        assert list((workspace.files / "spill").iterdir()) == []
        coming.unlink()


def test_the_last_snapshot_is_offered_when_the_workspace_is_damaged(tmp_path: Path) -> None:
    with held(tmp_path) as desk:
        desk.load(contact(), contact())
        published(desk, 2)
        snapshot = desk.workbench.workspace.snapshot
    workspace = tmp_path / "held.duckdb"
    workspace.write_bytes(b"This is no database at all. " * 200)
    found = command("status", workspace=workspace)
    assert f"the newest here: {snapshot.relative_to(tmp_path)} of" in found.stderr
    workspace.unlink()
    assert command("restore", str(snapshot), workspace=workspace).returncode == 0
    assert json.loads(command("status", "--json", workspace=workspace).stdout)["kinds"][0]["rows"] == 2
