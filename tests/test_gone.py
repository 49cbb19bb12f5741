"""What is taken back, started afresh or left by a killed process does not stay on the disk (guarantee 24)."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import duckdb
import pytest

from tests.builders import HEADER, HEADERS, contact, written
from workbench import Workbench, workbook
from workbench.cli import main
from workbench.errors import WorkbenchError
from workbench.intake.choices import NOTHING_SAID, Choices
from workbench.intake.mappings import ColumnMapping
from workbench.progress import Progress
from workbench.store import handle
from workbench.store.handle import Handle, blocks
from workbench.store.workspace import Workspace
from workbench.workbook import Export
from workbench.workbook.prepared import prepared

ROOT = Path(__file__).parents[1]
# Nothing that a compressor of texts could shorten: what is looked for stands in a file as it is here, or not at all.
PLANTED = {
    name: f"{name}-9f3bQz7Kx2Lw8Vn4TyRc"
    for name in ("agent", "id", "value", "header", "rejected", "record", "file", "mapping", "view", "replaced")
}


def planted_in(folder: Path) -> dict[str, list[str]]:
    """Return which planted texts are found in which files of a folder."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    found = {name: [file for file, held in files.items() if text.encode() in held] for name, text in PLANTED.items()}
    return {name: files for name, files in found.items() if files}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a workspace, with nothing else in it."""
    (folder := tmp_path / "home").mkdir()
    return folder


@pytest.fixture
def workbench(home: Path, tmp_path: Path) -> Iterator[Workbench]:
    """A workspace with a snapshot and an export, in whose second of two loads texts are planted everywhere."""
    workbench = Workbench(home / "workspace.duckdb")
    load(workbench, tmp_path)
    workbench.workspace.publish()
    question = workbench.report("inbound_contacts").question
    workbook.prepare(Export(question, question.report.log, "csv_exact"), Progress())
    yield workbench
    workbench.close()


def load(workbench: Workbench, folder: Path) -> None:
    stays = [contact(contact_id=f"stays-{n}") for n in range(3)]
    workbench.load(written(folder / "ContactExport-20240301-20240331.csv", stays))
    rows = [
        contact(contact_id=PLANTED["id"], agent_when_ended=PLANTED["agent"])
        | {PLANTED["header"]: PLANTED["value"]},
        stays[0] | {HEADERS["entry_point"]: PLANTED["replaced"]},
        contact(times_offered=PLANTED["rejected"], entry_point=PLANTED["record"]),
    ]  # fmt: skip
    workbench.load(written(folder / f"{PLANTED['file']}.csv", rows, [*HEADER, PLANTED["header"]]))


def test_what_is_taken_back_is_found_in_no_file_of_the_workspace(workbench: Workbench, home: Path) -> None:
    before = planted_in(home)
    assert set(PLANTED) - before.keys() == {"mapping", "view"}
    assert {file.rpartition("/")[2] for files in before.values() for file in files} > {
        "workspace.duckdb", "snapshot.duckdb",
    }  # fmt: skip
    workbench.workspace.unload(2)
    assert planted_in(home) == {}
    workbench.close()
    assert planted_in(home) == {}
    again = Workspace(home / "workspace.duckdb")
    assert [load["load_id"] for load in again.loads()] == [1]
    assert again.rows("select contact_id from gladly_contact_export order by all") == [
        ("stays-0",),
        ("stays-1",),
        ("stays-2",),
    ]
    again.close()
    with duckdb.connect(str(again.snapshot), read_only=True) as snapshot:
        assert snapshot.execute("select count(*) from gladly_contact_export").fetchone() == (3,)


class TakenBackMeanwhile(Progress):
    """Work during whose last stage, in which a process of its own writes the file, another thread takes a load back."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace

    def during(self, stage: str, measure: Any = None, stop: Any = None) -> Any:
        """Take the load back."""
        if stage == "Writing the file":
            with ThreadPoolExecutor(1) as other:
                other.submit(self.workspace.unload, 2).result()
        return super().during(stage, measure, stop)


@pytest.mark.parametrize("format", get_args(workbook.FileFormat))
def test_an_export_that_is_being_written_while_a_load_is_taken_back_does_not_stay(
    workbench: Workbench, home: Path, format: workbook.FileFormat
) -> None:
    question = workbench.report("inbound_contacts").question
    with pytest.raises(WorkbenchError, match="A load was taken back while this was written"):
        workbook.prepare(Export(question, question.report.log, format), TakenBackMeanwhile(workbench.workspace))
    assert list((workbench.workspace.files / "exports").iterdir()) == []
    assert planted_in(home) == {}


def test_what_a_process_writes_after_a_load_was_taken_back_does_not_stay(workbench: Workbench, home: Path) -> None:
    def write(path: Path) -> int:
        with ThreadPoolExecutor(1) as other:
            other.submit(workbench.workspace.unload, 2).result()
        return path.write_text(PLANTED["agent"])

    with pytest.raises(WorkbenchError, match="A load was taken back while this was written"):
        prepared(workbench.workspace, "late", "csv", write)
    assert planted_in(home) == {}


def test_a_mapping_goes_with_the_last_load_that_it_was_used_for(workbench: Workbench, home: Path) -> None:
    header = (PLANTED["mapping"], "Opened")
    mapping = ColumnMapping("gladly_contact_export", ((header[0], "contact_id"), (header[1], "queued_at")))
    for number, choices in ((3, Choices(mapping=mapping)), (4, NOTHING_SAID), (5, NOTHING_SAID)):
        file = home.parent / f"{min(number, 4)}.csv"  # the last one is a file that was loaded before
        file.write_text(f"{','.join(header)}\n{file.stem},2024-03-05 10:00:00\n")
        assert workbench.workspace.load(file, choices).load_id == number
    for number, left in ((3, 1), (4, 1), (5, 0)):
        workbench.workspace.unload(number)
        assert len(workbench.workspace.mappings()) == left
    assert "mapping" not in planted_in(home)


def test_a_mapping_of_an_earlier_version_stays_and_a_wrong_one_goes_though_it_took_the_place_of_another(
    workbench: Workbench, tmp_path: Path
) -> None:
    header = ("Which", "Opened", "Closed")
    right, wrong = (
        ColumnMapping("gladly_contact_export", (("Which", "contact_id"), (at, "queued_at"))) for at in header[1:]
    )
    file, workspace = tmp_path / "own.csv", workbench.workspace

    def load(of: str, mapping: ColumnMapping) -> int:
        file.write_text(f"{','.join(header)}\n{of},2024-03-05 10:00:00,2024-03-06 10:00:00\n")
        return workspace.load(file, Choices(mapping=mapping)).load_id

    load("a", right)
    workspace.unload(load("b", wrong))
    assert workspace.mappings() == []
    workspace.remember_mapping(replace(right, header=header), None)
    workspace.unload(load("c", right))
    assert [mapping.columns for mapping, _ in workspace.mappings()] == [right.columns]


def test_starting_afresh_leaves_what_was_there_in_the_kept_copy_alone(workbench: Workbench, home: Path) -> None:
    mapping = ColumnMapping("gladly_contact_export", ((PLANTED["mapping"], "contact_id"), ("Opened", "queued_at")))
    file = home.parent / "mapped.csv"
    file.write_text(f"{PLANTED['mapping']},Opened\n1,2024-03-05 10:00:00\n")
    workbench.workspace.load(file, Choices(mapping=mapping))
    workbench.workspace.keep("insert into saved_views values (?, 'r', '{}', false, '')", [PLANTED["view"]])
    with workbench.workspace.cursor() as cursor:
        cursor.execute("checkpoint")
    assert planted_in(home).keys() == PLANTED.keys()
    kept = workbench.workspace.clear()
    assert {file for files in planted_in(home).values() for file in files} == {kept.name}
    workbench.close()
    assert {file for files in planted_in(home).values() for file in files} == {kept.name}


def test_pages_of_the_same_process_go_on_reading_while_the_file_is_written_anew(
    workbench: Workbench, tmp_path: Path
) -> None:
    workspace, is_done = workbench.workspace, threading.Event()
    answers: set[tuple[str, ...]] = set()
    failures: list[Exception] = []
    kept: list[str] = []

    def read() -> None:
        try:
            while not is_done.is_set():
                found = workspace.rows("select contact_id from gladly_contact_export order by all")
                answers.add(tuple(name for (name,) in found))
                log = workbench.report("contact_export").tile("log")
                assert len(log) in (3, 4)
                name = str(time.monotonic_ns())
                workspace.keep("insert into log_columns values ('r', ?, [])", [name])
                kept.append(name)
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for load_id in range(2, 5):
        workspace.unload(load_id)
        workspace.load(tmp_path / f"{PLANTED['file']}.csv")
    is_done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    stays = ("stays-0", "stays-1", "stays-2")
    assert answers <= {stays, (PLANTED["id"], *stays)}
    assert workspace.rows("select log from log_columns order by log") == [(name,) for name in sorted(kept)]


def test_a_call_that_takes_long_is_waited_for_and_hangs_nothing(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handle, "POLITE", 0.01)
    workspace, begun, end = workbench.workspace, threading.Event(), threading.Event()

    def hold() -> None:
        with workspace.cursor():
            begun.set()
            end.wait()

    holding = threading.Thread(target=hold)
    unloading = threading.Thread(target=workspace.unload, args=(2,), daemon=True)
    holding.start()
    begun.wait()
    unloading.start()
    unloading.join(0.5)  # long enough that it is not polite any more
    end.set()
    unloading.join(30)
    holding.join()
    assert not unloading.is_alive()
    assert 2 not in [load["load_id"] for load in workspace.loads()]


def refused(path: Path) -> bool:
    """Tell whether another process is refused a database that this one holds."""
    command = [sys.executable, "-c", "import sys, duckdb; duckdb.connect(sys.argv[1])", path]
    said = subprocess.run(command, capture_output=True, check=False).stderr
    assert said == b"" or b"Could not set lock" in said
    return said != b""


def test_no_other_process_gets_the_file_after_it_was_written_anew(workbench: Workbench, home: Path) -> None:
    for load_id in (2, 1):
        workbench.workspace.unload(load_id)
        assert refused(home / "workspace.duckdb")
    workbench.workspace.forget("nobody")  # which searches the bytes of the file
    assert refused(home / "workspace.duckdb")
    workbench.close()
    assert not refused(home / "workspace.duckdb")


def test_who_reads_a_snapshot_locks_no_workspace_by_searching_its_bytes(workbench: Workbench, home: Path) -> None:
    workbench.close()
    reader = Workspace(home / "workspace.duckdb", is_snapshot=True)
    assert [*blocks(home / "workspace.duckdb", 1 << 20)]
    assert not refused(home / "workspace.duckdb")
    reader.close()


def test_no_other_process_gets_a_file_between_its_taking_the_place_of_another_and_its_being_opened(
    tmp_path: Path,
) -> None:
    path, refusals = tmp_path / "one.duckdb", []

    def connect() -> duckdb.DuckDBPyConnection:
        refusals.append(path.exists() and refused(path))
        return duckdb.connect(str(path))

    handle = Handle(connect, path)
    for number in range(2):
        duckdb.connect(str(tmp_path / "other.duckdb")).execute(f"create table t as select {number} as n").close()
        with handle.alone():
            handle.replace(tmp_path / "other.duckdb")
        assert handle.rows("from t") == [(number,)]
        assert refused(path)
    handle.close()
    assert refusals == [False, True, True]
    assert not refused(path)


# Stops it at the n-th step of ours; without a number, says how many there are.
STOPPING = """
import os, sys
from pathlib import Path
from workbench.store.workspace import Workspace
workspace, stop_at, steps = Workspace(Path(sys.argv[1])), int(sys.argv[2]), 0

def count(frame, event, _):
    global steps
    if f"workbench{os.sep}store" in frame.f_code.co_filename:
        steps += 1
        if steps == stop_at:
            os._exit(9)

sys.setprofile(count)
workspace.unload(2)
sys.setprofile(None)
print(steps)
"""


def stopped(path: Path, stop_at: int) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", STOPPING, str(path), str(stop_at)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def check_stops(home: Path, folder: Path, stops: int) -> None:
    """Stopped at any step, a load is there wholly or gone from every file once the workspace is opened again."""
    source = Workbench(home / "workspace.duckdb")
    load(source, folder)
    source.workspace.publish()
    source.close()
    whole = {
        name: (home / name).read_bytes() for name in ("workspace.duckdb", "workspace.duckdb.files/snapshot.duckdb")
    }
    steps = int(stopped(home / "workspace.duckdb", 0).stdout)
    for stop_at in sorted({steps - n * (steps - 1) // stops for n in range(stops + 1)}):
        for left in home.glob("workspace.duckdb*"):
            left.unlink() if left.is_file() else None
        for name, content in whole.items():
            (home / name).write_bytes(content)
        assert stopped(home / "workspace.duckdb", stop_at).returncode == 9
        workspace = Workspace(home / "workspace.duckdb")
        assert workspace.notice == ""
        loads = [record["load_id"] for record in workspace.loads()]
        rows = workspace.rows("select count(*) from gladly_contact_export")
        workspace.close()
        assert (loads, rows) in (([2, 1], [(4,)]), ([1], [(3,)])), stop_at
        assert loads == [2, 1] or planted_in(home) == {}, stop_at


def test_a_process_that_is_stopped_at_any_step_of_taking_back_leaves_a_whole_workspace(
    home: Path, tmp_path: Path
) -> None:
    check_stops(home, tmp_path, 4)


@pytest.mark.long
def test_a_process_that_is_stopped_at_any_step_of_taking_back_leaves_a_whole_workspace_long(
    home: Path, tmp_path: Path
) -> None:
    check_stops(home, tmp_path, 40)


def test_what_cannot_be_written_anew_is_said_and_gone_when_the_workspace_is_opened_again(
    workbench: Workbench, home: Path
) -> None:
    exports = workbench.workspace.files / "exports"
    for left in exports.iterdir():
        left.unlink()
    exports.rmdir()
    with pytest.raises(WorkbenchError, match="Load 2 was taken back, but stays in the bytes of the file until"):
        workbench.workspace.unload(2)
    assert planted_in(home) != {}
    workbench.close()
    again = Workspace(home / "workspace.duckdb")
    assert (again.notice, planted_in(home)) == ("", {})
    again.close()


def test_copies_that_still_hold_what_was_taken_back_are_named(
    workbench: Workbench, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workbench.workspace.backup(home / "workspace-backup-monday.duckdb")
    workbench.close()
    assert main(["unload", "2", "--workspace", str(home / "workspace.duckdb")]) == 0
    assert "Copies made before still hold it: workspace-backup-monday.duckdb." in capsys.readouterr().err
    assert {file for files in planted_in(home).values() for file in files} == {"workspace-backup-monday.duckdb"}


# What killed processes leave -----------------------------------------------------------------------------------------

READING = """
import sys
from pathlib import Path
from workbench.store.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]), is_snapshot=True)
(workspace.files / "exports" / "half.csv").write_text("being written")
print(workspace.files, flush=True)
sys.stdin.read()
"""


def test_what_killed_processes_left_is_gone_when_the_workspace_is_opened(workbench: Workbench, home: Path) -> None:
    files = workbench.workspace.files
    workbench.close()
    (files / "inbox" / "upload-1").mkdir()
    for left in ("inbox/upload-1/Ada.csv", "inbox/1-2.csv", "exports/1.xlsx", "spill/duckdb_temp_storage-0.tmp"):
        (files / left).write_text("left")
    (files / "exports" / "1.parts").mkdir()
    Workspace(home / "workspace.duckdb").close()
    assert [path for folder in ("inbox", "exports", "spill") for path in (files / folder).iterdir()] == []
    assert (files / "snapshot.duckdb").is_file()


def test_what_a_reader_of_the_snapshot_uses_stays_until_it_is_gone(workbench: Workbench, home: Path) -> None:
    workbench.close()
    command = [sys.executable, "-c", READING, str(home / "workspace.duckdb")]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        folder = Path(reader.stdout.readline().strip())
        assert folder.is_relative_to(home)
        Workspace(home / "workspace.duckdb").close()
        assert (folder / "exports" / "half.csv").read_text() == "being written"
        reader.kill()
    assert folder.exists()
    Workspace(home / "workspace.duckdb").close()
    assert not folder.exists()


def test_the_folder_of_a_workspace_in_memory_goes_with_its_process_or_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import os, sys; from workbench.store.workspace import Workspace; w = Workspace(); os._exit(int(sys.argv[1]))"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code, "9"], cwd=ROOT, env=environment, check=False)
    (left,) = tmp_path.iterdir()
    subprocess.run([sys.executable, "-c", code.partition("; os._exit")[0]], cwd=ROOT, env=environment, check=True)
    assert list(tmp_path.iterdir()) == []
    assert left.name.startswith("contact-workbench-memory-")
