"""What a load does to the workspace: once, wholly or not at all, and with a record of every row."""

import os
import random
import re
import shutil
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import Desk, contact, merges, written
from workbench import Workbench
from workbench.errors import FileRefused, UnknownName, WorkbenchError, WorkspaceUnavailable
from workbench.store import paths
from workbench.store.workspace import Workspace

ROOT = Path(__file__).parents[2]
TABLES = ("gladly_contact_export", "gladly_contact_export_replaced", "gladly_inbound_contacts",
"gladly_customer_merges",
          "gladly_customer_roots", "loads", "rejects", "unchanged_rows", "coverage", "settings")  # fmt: skip


def tables(workspace: Workspace) -> dict[str, list[str]]:
    """Return everything that is stored, but for when it was and how long it took."""
    bare = {"loads": "select * exclude (loaded_at, report) from loads"}
    return {name: sorted(map(repr, workspace.rows(bare.get(name, f"from {name}")))) for name in TABLES}


# Again and again -----------------------------------------------------------------------------------------------------


def test_the_same_file_twice_is_all_unchanged(desk: Desk) -> None:
    rows = [contact() for _ in range(5)]
    assert desk.load(*rows).rows_loaded == 5
    again = desk.load(*rows)
    assert (again.rows_read, again.rows_loaded, again.rows_updated, again.rows_unchanged) == (5, 0, 0, 5)
    assert "Nothing changed: every row was loaded before" in again.warnings
    assert desk.stored("select count(*) from gladly_contact_export_replaced") == [(0,)]


def test_a_load_that_took_several_tries_has_a_number_of_its_own(desk: Desk) -> None:
    bad = contact(times_offered="x")
    assert [desk.load(contact(), bad).load_id for _ in range(3)] == [1, 2, 3]


def test_a_later_load_of_a_contact_replaces_it_and_remembers_the_earlier_one(desk: Desk) -> None:
    desk.load(
        contact(contact_id="a", status="UNANSWERED", talk_seconds="1"), contact(contact_id="b", status="ANSWERED")
    )
    report = desk.load(contact(contact_id="a", status="ANSWERED", talk_seconds="2"), contact(contact_id="c"))
    assert (report.rows_loaded, report.rows_updated, report.rows_unchanged) == (1, 1, 0)
    assert dict(desk.columns("contact_id", "talk_seconds"))["a"] == 2.0
    replaced = desk.stored(
        "select contact_id, status, talk_seconds, load_id, replaced_by from gladly_contact_export_replaced"
    )
    assert replaced == [("a", "UNANSWERED", 1.0, 1, 2)]


def test_ids_are_compared_whole_and_with_case(desk: Desk) -> None:
    assert desk.load(contact(contact_id="Abc"), contact(contact_id="abc"), contact(contact_id="abc-")).rows_loaded == 3


def test_the_filters_by_which_a_report_was_run_make_no_difference_to_a_row(desk: Desk) -> None:
    row = contact("2024-03-05 10:00:00", contact_id="a")
    desk.load(row)
    filtered = row | {"Channel Filter": "Chat", "Inboxes Filter": "Care"}
    assert desk.load(filtered).rows_unchanged == 1


def test_a_row_that_looks_older_than_the_one_it_replaces_is_warned_of(desk: Desk) -> None:
    row = contact(contact_id="a", ended_at="2024-03-05 11:00:00")
    desk.load(row)
    report = desk.load(row | {"Ended At": ""})
    assert any("1 row replaced one that looked newer" in warning for warning in report.warnings)
    assert not any("looked newer" in warning for warning in desk.load(row).warnings)


def test_of_several_rows_of_one_contact_in_a_file_the_last_stays(desk: Desk) -> None:
    first, other = contact(contact_id="a", entry_point="1"), contact(contact_id="b")
    last = first | {"Entry Point": "3"}
    report = desk.load(first, first | {"Entry Point": "2"}, other, last, last)
    assert (report.rows_read, report.rows_loaded, report.rows_updated, report.rows_unchanged) == (5, 2, 2, 1)
    assert sorted(desk.columns("contact_id", "entry_point")) == [("a", "3"), ("b", None)]


def test_earlier_rows_of_a_contact_are_unchanged_when_the_last_one_changes_nothing(desk: Desk) -> None:
    row = contact(contact_id="a", entry_point="1")
    desk.load(row)
    report = desk.load(row | {"Entry Point": "2"}, row)
    assert (report.rows_loaded, report.rows_updated, report.rows_unchanged) == (0, 0, 2)


@st.composite
def pulls(draw: st.DrawFn) -> list[list[int]]:
    """Return files of contact numbers that overlap, each contact the same wherever it is."""
    return draw(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6), min_size=2, max_size=4))


@given(files=pulls(), order=st.randoms(use_true_random=False))
@settings(max_examples=8)
def test_files_that_agree_give_the_same_rows_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[int]], order: random.Random
) -> None:
    rows = {number: contact(contact_id=f"c{number}", entry_point=f"+{number}") for number in range(10)}
    found = []
    for _ in range(2):
        desk = Desk(tmp_path_factory.mktemp("pulls"), Workbench())
        reports = [desk.load(*(rows[number] for number in numbers)) for numbers in files]
        assert all(r.rows_updated == 0 for r in reports)
        found.append(sorted(desk.columns("contact_id", "entry_point", "queued_at", "channel")))
        desk.workbench.close()
        order.shuffle(files)
    assert found[0] == found[1]
    assert len(found[0]) == len({number for numbers in files for number in numbers})


# Reporting zone ------------------------------------------------------------------------------------------------------


def test_the_first_load_sets_the_reporting_zone_and_says_so(desk: Desk) -> None:
    said = "Reporting time zone set to Asia/Kolkata; change it in the settings"
    assert said in desk.load(contact(timezone_filter="Asia/Kolkata")).warnings
    assert desk.workbench.workspace.reporting_zone == "Asia/Kolkata"
    assert not any("Reporting" in warning for warning in desk.load(contact(timezone_filter="UTC")).warnings)
    assert desk.workbench.workspace.reporting_zone == "Asia/Kolkata"


def test_merges_have_no_times_and_set_no_reporting_zone(desk: Desk) -> None:
    assert desk.merge(("a", "b")).warnings == ()
    assert (
        "Reporting time zone set to Asia/Kolkata; change it in the settings"
        in desk.load(contact(timezone_filter="Asia/Kolkata")).warnings
    )


def test_a_new_reporting_zone_recomputes_the_local_times_of_rows_and_their_history(desk: Desk) -> None:
    desk.load(contact("2024-03-05 23:30:00", contact_id="a"))
    desk.load(contact("2024-03-05 23:45:00", contact_id="a"))
    desk.workbench.workspace.set("reporting_zone", "Asia/Kolkata")
    local = "select strftime(queued_at_local, '%d %H:%M') from "
    assert desk.stored(local + "gladly_contact_export") == [("06 05:15",)]
    assert desk.stored(local + "gladly_contact_export_replaced") == [("06 05:00",)]
    assert desk.load(contact("2024-03-05 23:45:00", contact_id="a")).rows_updated == 1


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("colour", "red", "no setting 'colour'"),
        ("week_start", "friday", "no value of week_start"),
        ("reporting_zone", "Moon", "no time zone"),
    ],
)
def test_a_setting_that_does_not_exist_is_refused(desk: Desk, key: str, value: str, text: str) -> None:
    with pytest.raises(UnknownName, match=text):
        desk.workbench.workspace.set(key, value)


def test_every_load_and_setting_is_a_new_version(desk: Desk) -> None:
    workspace, versions = desk.workbench.workspace, []
    for step in (
        lambda: desk.load(contact()),
        lambda: desk.load(contact()),
        lambda: workspace.set("week_start", "sunday"),
    ):
        step()
        versions.append(workspace.version)
    assert versions == sorted(set(versions))


# Wholly or not at all ------------------------------------------------------------------------------------------------

FAILING: dict[str, Callable[[Desk], object]] = {
    "a zone that is none": lambda desk: desk.load(contact(), contact(timezone_filter="Mars/Base")),
    "a cycle": lambda desk: desk.merge(("c", "a"), name="cycle.csv"),
    "an order of days that is asked for": lambda desk: desk.load(contact("01.02.2024 10:00")),
    "no header": lambda desk: desk.load_text("Name,Age\nAnn,9\n"),
    "a quote that never ends": lambda desk: desk.load_text(
        'Contact ID,Queued At,Channel\nx,2024-03-05 10:00:00,A\ny,2024-03-05 10:00:00,"B\n'
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", FAILING)
def test_a_load_that_fails_leaves_the_workspace_as_it_was(desk: Desk, why: str) -> None:
    desk.merge(("a", "b"), ("b", "c"))
    desk.load(contact(contact_id="a"), contact(times_offered="x"))
    before = tables(desk.workbench.workspace)
    with pytest.raises(FileRefused):
        FAILING[why](desk)
    assert tables(desk.workbench.workspace) == before
    assert list((desk.workbench.workspace.files / "inbox").iterdir()) == []


def test_nothing_of_a_file_stays_in_the_inbox(desk: Desk) -> None:
    desk.load(contact(times_offered="x"), contact(entry_point="a\nb"))
    assert list((desk.workbench.workspace.files / "inbox").iterdir()) == []


def test_the_loaded_file_itself_is_not_touched(desk: Desk) -> None:
    desk.load(contact(), contact(times_offered="x", entry_point="a\nb"))
    file = desk.folder / "ContactExport-20240301-20240331.csv"
    assert file.read_text().count("\n") == 4
    assert file.stat().st_nlink == 1


# Stops it at the n-th call of the loader's own functions; without a number, says how many there are.
STOPPING = """
import os, sys, threading
from workbench.store.workspace import Workspace
path, file, stop_at = sys.argv[1], sys.argv[2], int(sys.argv[3])
workspace, calls = Workspace(__import__("pathlib").Path(path)), 0

def count(frame, event, _):
    global calls
    if event in ("call", "return") and f"{os.sep}workbench{os.sep}" in frame.f_code.co_filename:
        calls += 1
        if calls == stop_at:
            os._exit(9)

sys.setprofile(count)
workspace.load(file)
sys.setprofile(None)
print(calls)
"""


@pytest.fixture
def second_load(tmp_path: Path) -> tuple[Path, Path]:
    """A workspace with one load, and a file that adds, replaces, repeats, and holds rejects."""
    rows = [contact(contact_id=f"c{n}") for n in range(40)]
    path = tmp_path / "workspace.duckdb"
    workspace = Workspace(path)
    workspace.load(written(tmp_path / "first.csv", rows))
    workspace.close()
    changed = [row | {"Entry Point": "new"} for row in rows[:10]]
    more = [*changed, *rows[10:20], *(contact(contact_id=f"d{n}") for n in range(10)), contact(times_offered="x")]
    return path, written(tmp_path / "second.csv", more)


def child(script: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def contents(path: Path) -> dict[str, list[str]]:
    workspace = Workspace(path)
    try:
        return tables(workspace)
    finally:
        workspace.close()


def check_stops(path: Path, file: Path, tmp_path: Path, stops: int) -> None:
    """Stopped at any step, a load is there wholly or not at all."""
    fresh = path.read_bytes()
    before = contents(path)
    steps = int(child(STOPPING, path, file, 0).stdout)
    after = contents(path)
    assert before != after
    for stop_at in sorted({1 + n * steps // stops for n in range(stops)} | {steps - 1, steps}):
        broken = tmp_path / f"stopped-{stop_at}.duckdb"
        broken.write_bytes(fresh)
        assert child(STOPPING, broken, file, stop_at).returncode == 9
        assert contents(broken) in (before, after)


def test_a_load_that_is_stopped_at_any_step_is_there_wholly_or_not_at_all(
    second_load: tuple[Path, Path], tmp_path: Path
) -> None:
    check_stops(*second_load, tmp_path, 4)


@pytest.mark.long
def test_a_load_that_is_stopped_at_any_step_is_there_wholly_or_not_at_all_long(
    second_load: tuple[Path, Path], tmp_path: Path
) -> None:
    check_stops(*second_load, tmp_path, 100)


LOADING = """
import sys
from pathlib import Path
from workbench.store.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
print("open", flush=True)
for file in sys.argv[2:]:
    print(workspace.load(file).load_id, flush=True)
"""


def check_kills(tmp_path: Path, kills: int) -> None:
    """Killed at any moment, what was said to be loaded is there, and the rows equal the records."""
    chance, path = random.Random(3), tmp_path / "killed.duckdb"
    files = []
    for number in range(40):
        rows = [contact(contact_id=f"c{chance.randrange(3_000)}", entry_point=str(number)) for _ in range(300)]
        files.append(written(tmp_path / f"{number}.csv", rows))
    for _ in range(kills):
        command = [sys.executable, "-c", LOADING, str(path), *map(str, chance.sample(files, len(files)))]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as killed:
            assert killed.stdout is not None
            assert killed.stdout.readline() == "open\n"
            with suppress(subprocess.TimeoutExpired):  # a fast machine may be through with the files by then
                killed.wait(chance.uniform(0.05, 0.8))
            killed.kill()
            said = [int(line) for line in killed.stdout.read().split()]
        check_records(path, said)


def check_records(path: Path, said: list[int]) -> None:
    workspace = Workspace(path)
    loads = {load["load_id"]: load for load in workspace.loads()}
    assert set(said) <= set(loads)
    brought = Counter(
        dict(workspace.rows("select load_id, count(*) from (from gladly_contact_export select load_id union all"
                            " from gladly_contact_export_replaced select load_id) group by all"))
    )  # fmt: skip
    unchanged = dict(workspace.rows("select load_id, count(*) from unchanged_rows group by all"))
    assert set(brought) | set(unchanged) <= set(loads)
    for number, load in loads.items():
        assert load["rows_read"] == load["rows_loaded"] + load["rows_updated"] + load["rows_unchanged"] == 300
        assert load["rows_loaded"] <= brought[number] <= load["rows_loaded"] + load["rows_updated"]
    total = sum(load["rows_loaded"] for load in loads.values())
    assert workspace.rows("select count(*), count(distinct contact_id) from gladly_contact_export") == [(total, total)]
    workspace.close()


def test_the_workspace_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    check_kills(tmp_path, 5)


@pytest.mark.long
def test_the_workspace_survives_a_kill_at_any_moment_long(tmp_path: Path) -> None:
    check_kills(tmp_path, 40)


# The file of the workspace -------------------------------------------------------------------------------------------

HOLDING = """
import sys
from pathlib import Path
from workbench.store.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", HOLDING, str(tmp_path / "held.duckdb")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def one_line(refused: pytest.ExceptionInfo[WorkbenchError]) -> bool:
    return "\n" not in str(refused.value)


def test_a_workspace_that_another_process_holds_is_refused_in_one_line(
    holder: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    with pytest.raises(WorkspaceUnavailable, match=rf"is held by another process \(PID {holder.pid}\)") as refused:
        Workspace(tmp_path / "held.duckdb")
    assert one_line(refused)


def test_a_workspace_opens_once_the_process_that_held_it_is_gone(
    holder: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    holder.kill()
    holder.wait()
    Workspace(tmp_path / "held.duckdb").close()


@pytest.mark.parametrize("damage", ["text", "cut", "header", "empty block"])
def test_a_damaged_workspace_is_refused_in_one_line_and_left_as_it_is(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "workspace.duckdb"
    workspace = Workspace(path)
    workspace.load(written(tmp_path / "rows.csv", [contact() for _ in range(100)]))
    workspace.close()
    content = path.read_bytes()
    broken = {
        "text": b"This is no database at all. " * 200,
        "cut": content[: len(content) // 2],
        "header": content[:8] + b"\x00" * 16 + content[24:],
        "empty block": content[:4096] + bytes(len(content) - 4096),
    }[damage]
    path.write_bytes(broken)
    with pytest.raises(
        WorkspaceUnavailable,
        match=r"damaged; it was left as it is\. Put a backup in its place by the command restore, or",
    ) as refused:
        Workspace(path)
    assert one_line(refused)
    assert path.read_bytes() == broken


def test_damage_names_the_newest_backup_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "workspace.duckdb"
    workspace = Workspace(path)
    workspace.load(written(tmp_path / "rows.csv", [contact()]))
    kept = workspace.clear()
    workspace.backup(tmp_path / "workspace-backup-monday.duckdb")
    workspace.close()
    os.utime(kept, (10**9, 10**9))
    path.write_bytes(b"This is no database at all. " * 200)
    newest = r"\(the newest here: workspace-backup-monday\.duckdb of \d+ \w{3} 20\d\d, \d\d:\d\d\)"
    with pytest.raises(WorkspaceUnavailable, match=newest):
        Workspace(path)
    kept.replace(path)
    Workspace(path).close()


@pytest.mark.parametrize("damage", ["flipped", "cut"])
def test_a_damaged_write_ahead_log_costs_nothing_that_was_loaded(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "workspace.duckdb"
    log = path.with_name("workspace.duckdb.wal")
    stopped_after_a_change_without_a_checkpoint(path, tmp_path)
    content = log.read_bytes()
    middle = len(content) // 2
    broken = {
        "flipped": content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :],
        "cut": content[:middle],
    }[damage]
    log.write_bytes(broken)
    paths.snapshot_of(path).write_bytes(b"the last snapshot")
    workspace = Workspace(path)
    rows = workspace.rows("select count(*) from gladly_contact_export")
    assert rows == [(sum(load["rows_loaded"] for load in workspace.loads()),)] == [(100,)]
    if damage == "flipped":
        (aside,) = tmp_path.glob("workspace.duckdb.wal-damaged-*")
        assert aside.read_bytes() == broken
        assert aside.name in workspace.notice
        (snapshot,) = tmp_path.glob("workspace-before-*.duckdb")
        assert snapshot.read_bytes() == b"the last snapshot"
        assert f"restore a backup (the newest here: {snapshot.name} of" in workspace.notice
        assert re.search(r"The last load that is there is 1: rows\.csv, \d+ \w{3} 20\d\d, ", workspace.notice)
        assert "\n" not in workspace.notice
    workspace.close()


def stopped_after_a_change_without_a_checkpoint(path: Path, folder: Path) -> None:
    """Load 100 rows, write a setting into the write-ahead log alone, and end without closing."""
    file = written(folder / "rows.csv", [contact() for _ in range(100)])
    code = (
        "import os, sys; from pathlib import Path; from workbench.store.workspace import Workspace\n"
        "workspace = Workspace(Path(sys.argv[1])); workspace.load(Path(sys.argv[2]))\n"
        "with workspace.cursor() as cursor:\n"
        "    cursor.execute(\"insert into settings select 'k' || range, repeat('v', 100) from range(2000)\")\n"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(path), str(file)], check=True, cwd=ROOT)


def test_a_load_that_the_disk_has_no_room_for_is_refused_before_it_begins(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(desk.folder / "rows.csv", [contact() for _ in range(100)])
    free = shutil.disk_usage(desk.folder)._replace(free=2 * file.stat().st_size)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: free)
    with pytest.raises(FileRefused, match=r"loading needs .* GB of free disk, there are"):
        desk.workbench.load(file)
    assert desk.workbench.workspace.is_empty


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a process's files")
def test_a_disk_that_fills_up_ends_in_one_line_and_gives_the_room_back(tmp_path: Path) -> None:
    path = tmp_path / "workspace.duckdb"
    code = (
        "import resource, sys; from pathlib import Path; from workbench.errors import WorkbenchError\n"
        "from workbench.store.workspace import Workspace\n"
        "workspace = Workspace(Path(sys.argv[1])); workspace.load(Path(sys.argv[2]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, resource.RLIM_INFINITY))\n"
        "try:\n    workspace.load(Path(sys.argv[3]))\nexcept WorkbenchError as error:\n    print(error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
    )
    small = written(tmp_path / "small.csv", [contact()])
    large = written(tmp_path / "large.csv", [contact(final_ivr_selection=os.urandom(400).hex()) for _ in range(12_000)])
    ran = subprocess.run(
        [sys.executable, "-c", code, str(path), str(small), str(large)], check=False, capture_output=True, text=True,
        cwd=ROOT,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == 1
    assert "disk" in ran.stdout.lower()
    workspace = Workspace(path)
    assert workspace.rows("select count(*) from gladly_contact_export") == [(1,)]
    assert len(workspace.loads()) == 1
    assert list((workspace.files / "inbox").iterdir()) == []
    assert workspace.load(large).rows_loaded == 12_000
    workspace.close()


def test_the_files_of_a_workspace_are_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "workspace.duckdb"
    workspace = Workspace(path)
    workspace.load(written(tmp_path / "rows.csv", [contact()]))
    workspace.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folders = list(path.with_name("workspace.duckdb.files").rglob("*"))
    assert folders
    assert all(stat.S_IMODE(found.stat().st_mode) & 0o077 == 0 for found in folders)


def test_a_workspace_opens_again_with_all_that_was_stored(tmp_path: Path) -> None:
    path = tmp_path / "workspace.duckdb"
    workspace = Workspace(path)
    workspace.load(
        written(tmp_path / "rows.csv", [contact(timezone_filter="Asia/Kolkata"), contact(times_offered="x")])
    )
    workspace.load(merges(tmp_path / "GladlyCustomerMerges.csv", ("a", "b")))
    stored, reports = tables(workspace), workspace.loads()
    workspace.close()
    assert contents(path) == stored
    again = Workspace(path)
    assert (again.loads(), again.reporting_zone) == (reports, "Asia/Kolkata")
    again.close()


@pytest.mark.parametrize(
    "sql", ["copy loads to '{}/stolen.csv'", "from read_csv('{}/secret.csv')",
    "attach '{}/other.duckdb'", "install httpfs", "set enable_external_access = true", "set memory_limit = '64GB'"]
)  # fmt: skip
def test_the_workspace_reads_and_writes_nothing_outside_of_its_folders(desk: Desk, sql: str) -> None:
    (desk.folder / "secret.csv").write_text("a\n1\n")
    with pytest.raises(WorkbenchError):
        desk.stored(sql.format(desk.folder))
    assert not (desk.folder / "stolen.csv").exists()
