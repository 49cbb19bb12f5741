"""The record of who did what: what stands in it, that a change of it is found, and that old lines go."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from tests.builders import contact, written
from workbench import workbook
from workbench.ask import workspaces
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.cli import main
from workbench.errors import NotPermitted, Unrecorded
from workbench.reports import REPORTS
from workbench.store import audit
from workbench.store.workspace import Workspace
from workbench.team import LOCAL, TEAM_VARIABLE, Person, read

ADA = Person("ada@example.org")
MARKER = "planted-customer"
TEAM = '[workspaces.support]\npath = "w.duckdb"\ngroups = ["support"]\n'


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / f"{MARKER} ContactExport-20240301-20240331.csv"
    return written(file, [contact("2024-03-05 10:00:00", customer_id=MARKER)])


def acts(path: Path) -> list[tuple[str, str]]:
    return [(line["who"], line["act"]) for line in audit.lines(path)]


def test_what_a_person_of_a_team_does_is_recorded_without_a_value(tmp_path: Path, export: Path) -> None:
    path = tmp_path / "w.duckdb"
    workspace = workspaces.ready(Workspace(path, ADA))
    load = workspace.load(export)
    workbook.write(Question(workspace, REPORTS["contact_export"], Selection()), tmp_path / f"{MARKER}.csv")
    workspace.set("week_start", "sunday")
    workspace.unload(load.load_id)
    with pytest.raises(NotPermitted):
        workspace.seen_by(Person("bo@example.org", acts=frozenset())).clear()
    workspace.close()
    assert acts(path) == [
        (ADA.name, "load"), (ADA.name, "export"), (ADA.name, "settings"), (ADA.name, "unload"),
        ("bo@example.org", "refused"),
    ]  # fmt: skip
    assert audit.lines(path)[0]["facts"] == {
        "load": 1, "kind": "gladly_contact_export", "read": 1, "loaded": 1, "updated": 0, "rejected": 0,
    }  # fmt: skip
    assert MARKER not in (tmp_path / "w.duckdb.audit.jsonl").read_text()
    assert (tmp_path / "w.duckdb.audit.jsonl").stat().st_mode & 0o777 == 0o600
    assert audit.verify(path)[0] == 5


def test_of_a_local_person_nothing_is_recorded(tmp_path: Path, export: Path) -> None:
    workspace = Workspace(tmp_path / "w.duckdb", LOCAL)
    workspace.load(export)
    workspace.close()
    assert not list(tmp_path.glob("*.jsonl"))


def many(path: Path, number: int) -> list[str]:
    for count in range(number):
        audit.record(path, ADA, "load", load=count)
    return (path.parent / f"{path.name}.audit.jsonl").read_text().splitlines(keepends=True)


CHANGES = ["edit", "remove", "swap", "double", "begin", "half", "forge", "key", "hidden", "blanks", "order", "empty"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_record_is_found(tmp_path: Path, change: str) -> None:
    path, file = tmp_path / "w.duckdb", tmp_path / "w.duckdb.audit.jsonl"
    lines = many(path, 5)
    number, last = audit.verify(path)
    assert (number, last) == (5, json.loads(lines[-1])["hash"])
    forged = json.loads(lines[2]) | {"who": "eve"}
    changed = {
        "edit": [*lines[:2], lines[2].replace('"load": 2', '"load": 3'), *lines[3:]],
        "remove": [*lines[:2], *lines[3:]],
        "swap": [lines[0], lines[2], lines[1], *lines[3:]],
        "double": [*lines[:3], *lines[2:]],
        "begin": [json.dumps({"start": json.loads(lines[1])["hash"]}) + "\n", *lines[2:]],
        "half": [*lines[:4], lines[4][:40] + "\n"],
        "forge": [*lines[:2], json.dumps(forged) + "\n", *lines[3:]],
        "key": [*lines[:2], lines[2].replace('{"at"', '{"who": "eve", "at"'), *lines[3:]],
        "hidden": [*lines[:2], lines[2].replace('"load": 2', '"load": 3, "load": 2'), *lines[3:]],
        "blanks": [*lines[:2], lines[2].replace(", ", ",  "), *lines[3:]],
        "order": [*lines[:2], json.dumps(dict(reversed(json.loads(lines[2]).items()))) + "\n", *lines[3:]],
        "empty": [*lines, "\n"],
    }[change]
    assert changed != lines
    file.write_text("".join(changed))
    with pytest.raises(Unrecorded, match="the record was changed"):
        audit.verify(path)


def test_the_record_of_many_at_once_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    threads = [Thread(target=many, args=(path, 20)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify(path)[0] == 80


def aged(path: Path, ages: list[int]) -> None:
    """Write a whole record of lines that are so many days old."""
    previous, texts = audit.BEGIN, []
    for age in ages:
        at = (datetime.now(UTC) - timedelta(days=age)).isoformat(timespec="milliseconds")
        line = {"at": at, "who": ADA.name, "act": "load", "facts": {"age": age}, "previous": previous}
        previous = audit._hash(line)
        texts.append(json.dumps(line | {"hash": previous}) + "\n")
    (path.parent / f"{path.name}.audit.jsonl").write_text("".join(texts))


def test_lines_that_are_too_old_go_and_the_chain_holds(tmp_path: Path) -> None:
    path, file = tmp_path / "w.duckdb", tmp_path / "w.duckdb.audit.jsonl"
    aged(path, [40, 31, 29, 2])
    audit.verify(path)
    audit.record(path, Person("bo@example.org", audit_days=30), "sql")
    assert [line["facts"].get("age", line["act"]) for line in audit.lines(path)] == [29, 2, "cut", "sql"]
    assert audit.verify(path)[0] == 4
    assert audit.lines(path)[2]["facts"]["removed"] == 2
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([json.dumps({"start": json.loads(lines[1])["hash"]}) + "\n", *lines[2:]]))
    with pytest.raises(Unrecorded, match="Lines at its beginning are missing"):
        audit.verify(path)


def test_lines_of_while_a_clock_was_wrong_take_no_younger_ones_with_them(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    aged(path, [40, -9, 31, 10, 9, 4000, 2])
    audit.record(path, Person("bo@example.org", audit_days=30), "sql")
    assert [line["facts"].get("age", line["act"]) for line in audit.lines(path)] == [10, 9, 4000, 2, "cut", "sql"]
    assert audit.lines(path)[4]["facts"]["removed"] == 3
    assert audit.verify(path)[0] == 6


@pytest.mark.parametrize("text", ['{"at": "2020-01-01T00:00:00"}', '{"at": 5, "hash": "x"}', "[1, 2]", "[" * 9000])
def test_what_somebody_wrote_into_the_record_stops_no_act(tmp_path: Path, text: str) -> None:
    path, file = tmp_path / "w.duckdb", tmp_path / "w.duckdb.audit.jsonl"
    file.write_text(f"{text}\n")
    audit.record(path, ADA, "load")
    assert acts(path) == [(ADA.name, "load")]
    with pytest.raises(Unrecorded, match="Line 1 is none of it"):
        audit.verify(path)


def test_a_line_that_a_killed_process_wrote_half_stays_alone(tmp_path: Path) -> None:
    path, file = tmp_path / "w.duckdb", tmp_path / "w.duckdb.audit.jsonl"
    lines = many(path, 3)
    file.write_text("".join(lines)[:-40])
    audit.record(path, ADA, "sql")
    assert [line["act"] for line in audit.lines(path)] == ["load", "load", "sql"]
    with pytest.raises(Unrecorded, match="Line 3 is none of it"):
        audit.verify(path)
    aged(path, [9, 8])
    file.write_text(file.read_text()[:-40])
    audit.record(path, Person("bo@example.org", audit_days=3), "sql")
    assert [line["act"] for line in audit.lines(path)] == ["cut", "sql"]


FULL = """
import resource, signal, sys
from pathlib import Path
from workbench.errors import Unrecorded
from workbench.store import audit
from workbench.team import Person
path = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = audit.audit_of(path).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, size + 40))
try:
    audit.record(path, Person("ada@example.org", audit_days=int(sys.argv[2])), "sql")
except Unrecorded as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit for a file there")
@pytest.mark.parametrize("days", [730, 3])
def test_a_line_for_which_there_is_no_room_is_no_line_at_all(tmp_path: Path, days: int) -> None:
    path, file = tmp_path / "w.duckdb", tmp_path / "w.duckdb.audit.jsonl"
    aged(path, [9, 1, 1, 1])
    before = file.read_bytes()
    command = [sys.executable, "-c", FULL, str(path), str(days)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "cannot be recorded (File too large)" in said
    assert (file.read_bytes(), [*tmp_path.iterdir()]) == (before, [file])
    audit.record(path, ADA, "sql")
    assert audit.verify(path)[0] == 5


def test_a_second_cut_follows_the_first_and_takes_everything_where_all_is_old(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    aged(path, [9, 8])
    audit.record(path, Person("bo@example.org", audit_days=3), "sql")
    assert [line["act"] for line in audit.lines(path)] == ["cut", "sql"]
    assert audit.verify(path)[0] == 2
    audit.record(path, ADA, "sql")
    assert audit.verify(path)[0] == 3


def test_a_record_that_cannot_be_written_stops_what_is_to_be_recorded(tmp_path: Path) -> None:
    (tmp_path / "w.duckdb.audit.jsonl").mkdir()
    with pytest.raises(Unrecorded, match="cannot be recorded"):
        audit.record(tmp_path / "w.duckdb", ADA, "sql")


def test_the_commands_print_and_verify_the_record(
    tmp_path: Path, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "team.toml").write_text(TEAM)
    monkeypatch.setenv(TEAM_VARIABLE, str(tmp_path / "team.toml"))
    read.cache_clear()
    path = tmp_path / "w.duckdb"
    assert main(["load", str(export), "--workspace", str(path)]) == 0
    capsys.readouterr()
    assert main(["audit", "--workspace", str(path)]) == 0
    assert "  system:" in (said := capsys.readouterr().out)
    assert "  load: load 1, kind gladly_contact_export, read 1" in said
    audit.record(path, Person("eve\n2026-11-30  system:root  forget\x1b[2J\u2028"), "load")
    assert main(["audit", "--workspace", str(path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(["audit", "verify", "--workspace", str(path)]) == 0
    file = tmp_path / "w.duckdb.audit.jsonl"
    file.write_text(file.read_text().replace('"read": 1', '"read": 2'))
    capsys.readouterr()
    assert main(["audit", "verify", "--workspace", str(path)]) == 1
    assert "the record was changed. Line 1" in capsys.readouterr().err
    assert main(["audit", "verify", "--workspace", str(tmp_path / "other.duckdb")]) == 0
    assert "Nothing is recorded" in capsys.readouterr().err


@pytest.mark.parametrize("full", [True, False])
def test_nothing_is_done_that_could_not_be_recorded(
    tmp_path: Path, export: Path, full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.duckdb"
    workspace = workspaces.ready(Workspace(path, ADA))
    workspace.load(export)
    if full:
        free = shutil.disk_usage(tmp_path)._replace(free=audit.ROOM - 1)
        monkeypatch.setattr(audit.shutil, "disk_usage", lambda _: free)
    else:
        (file := audit.audit_of(path)).unlink()
        file.mkdir()
    before = sorted(tmp_path.iterdir())
    acts = [
        lambda: workspace.load(export), lambda: workspace.unload(1), workspace.clear, lambda: workspace.forget(MARKER),
        lambda: workspace.set("week_start", "sunday"), lambda: workspace.backup(tmp_path / "b.duckdb"),
        lambda: workspace.restore(export),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(Unrecorded, match=r"cannot be recorded .*Nothing was changed"):
            act()
    assert sorted(tmp_path.iterdir()) == before
    assert len(workspace.loads()) == 1
    if full:
        assert [line["act"] for line in workspace.recorded()] == ["load"]  # which asks for no room
        free = free._replace(free=audit.ROOM)
        workspace.set("week_start", "sunday")
    workspace.close()
