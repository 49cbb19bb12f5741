"""What `make bench` measures is there to be measured: tiles and their peers change together."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from benchmarks import growth, guard, room
from benchmarks.ground import Ground
from benchmarks.journal import Journal
from benchmarks.measure import Row
from benchmarks.systems import SYSTEMS, multiply
from benchmarks.table import table
from benchmarks.tiles import PEERS

ROOT = Path(__file__).parent.parent


def test_every_tile_that_the_exports_of_a_benchmark_fill_has_its_peers() -> None:
    for report, (bare, frames) in PEERS.items():
        asked = {tile.name for tile in report.tiles if not (tile.log or tile.needs or tile.name in bare)}
        assert asked <= {tile.name for tile in report.tiles if tile.optional_kind}
        assert bare.keys() == frames.keys()


@pytest.mark.long
def test_tiles_are_measured_beside_their_peers(tmp_path: Path) -> None:
    asked = [sys.executable, "-m", "benchmarks", "--only", "tiles", "--contacts", "2000", "--cache", str(tmp_path)]
    table = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    tiles = sum(len(bare) for bare, _ in PEERS.values())
    assert len(re.findall(r", (?:30 days|everything) ", table)) == 2 * tiles


def figures(here: float, floor: float) -> str:
    """Return the table of two tiles, of which the second has its floor alone."""
    taken = {"here": here, "floor": floor, "pandas": 1.0}
    return table({"tiles": [Row("by_channel, 30 days", {"here": 0.1}, 1, "1 s"), Row("totals", taken, 1, "1 s")]})


@pytest.mark.parametrize(("here", "is_worse"), [(0.26, False), (0.262, True), (0.1, False)])
def test_what_takes_a_third_more_of_its_floor_than_the_committed_figures_is_named(here: float, is_worse: bool) -> None:
    said = ["tiles totals: 2.62 times its floor, 1.3 times the 2.00 of before"] if is_worse else []
    assert guard.worse(figures(here, 0.1), figures(0.2, 0.1)) == said


def test_what_is_too_short_to_be_compared_is_not() -> None:
    assert guard.ratios(figures(0.015, 0.01)) == {"tiles totals": 1.5}
    assert guard.ratios(figures(0.014, 0.01)) == {}


def test_the_committed_figures_are_found() -> None:
    found = guard.ratios(guard.README.read_text(encoding="utf-8"))
    assert {"load new rows", "tiles totals, everything", "log queued_at, middle page"} <= found.keys()
    assert guard.worse(guard.README.read_text(encoding="utf-8"), guard.README.read_text(encoding="utf-8")) == []


def test_each_row_of_an_export_is_ten_rows_of_other_ids(tmp_path: Path) -> None:
    file, target = tmp_path / "one.csv", tmp_path / "ten.csv"
    file.write_text("Message ID,Customer ID,Queue\nm1,c1,Birthday\nm2,,Birthday\n", encoding="utf-8")
    multiply(file, target)
    lines = target.read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["Message ID,Customer ID,Queue", "m10,c10,Birthday", "m11,c11,Birthday"]
    assert lines[-1] == "m29,,Birthday"
    assert len(set(lines)) == 21


def test_a_journal_goes_on_after_a_line_that_was_cut(tmp_path: Path) -> None:
    journal, row = Journal(tmp_path / "run.jsonl", "v1"), Row("totals", {"here": 1.0}, 1, "1 s")
    journal.add(20, "tiles", "totals", [row], 5.0)
    with journal.path.open("a", encoding="utf-8") as file:
        file.write('{"version": "v1", "contac')
    journal.add(20, "tiles", "by_day", [row], 6.0)
    assert [(line.piece, line.row, line.peak) for line in journal.lines()] == [("totals", row, 5), ("by_day", row, 6)]
    assert Journal(journal.path, "v2").lines() == []


def test_growth_is_shown_as_ratios_to_a_tenth_and_to_the_floors(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run.jsonl", "v1")
    journal.add(2, "tiles", "a", [Row("totals", {"here": 0.1, "floor": 0.05}, 1, "")], 1e9)
    journal.add(20, "tiles", "a", [Row("totals", {"here": 0.3, "floor": 0.25}, 1, "")], 2e9)
    _, totals, memory = growth.table(journal.lines()).splitlines()
    assert totals.split() == ["tiles", "totals", "100", "ms", "300", "ms", "3.00", "2.00", "1.20"]
    assert memory.split() == ["peak", "memory", "1.00", "GB", "2.00", "GB", "2.00"]
    growth.draw(journal.lines(), tmp_path / "run.svg")
    assert "seconds at 20" in (tmp_path / "run.svg").read_text(encoding="utf-8")


def asked_large(folder: Path, *more: str) -> list[str]:
    """Return the command of a large run of 2,000 messages, contacts and events."""
    return [sys.executable, "-m", "benchmarks.large", "--contacts", "2000", "--cache", str(folder), *more]


@pytest.mark.long
def test_a_large_run_that_was_ended_goes_on_and_measures_nothing_twice(tmp_path: Path) -> None:
    with subprocess.Popen(asked_large(tmp_path, "--only", "search"), cwd=ROOT, start_new_session=True) as run:
        journal = tmp_path / "large-2000.jsonl"
        while not (journal.exists() and journal.stat().st_size) and run.poll() is None:
            time.sleep(0.05)
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
    before = journal.read_text(encoding="utf-8")
    table = subprocess.run(
        asked_large(tmp_path, "--only", "search"), cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    after = journal.read_text(encoding="utf-8")
    assert before
    assert after.startswith(before)
    pieces = [(line["contacts"], line["piece"]) for line in map(json.loads, filter(None, after.splitlines()))]
    assert len(pieces) == len(set(pieces)) > len(before.split("\n\n"))
    assert re.search(r" 200 +2,000 +times +/ bare +/ bare\nsearch +inbound_contacts log ", table)


@pytest.mark.long
def test_a_peer_that_is_not_installed_is_said_and_left_out(tmp_path: Path) -> None:
    without = "import sys; sys.modules['perspective'] = None; from benchmarks.__main__ import main; sys.exit(main())"
    asked = [sys.executable, "-c", without, "--only", "peers", "--contacts", "2000", "--cache", str(tmp_path)]
    run = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Not measured: perspective, which is not installed (make peers)" in run.stderr
    assert "30 days by day with customers" in run.stdout
    assert "/ Perspective" not in run.stdout


def test_what_has_no_room_says_how_much_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_DISK", 1.0)
    lexer = Ground(SYSTEMS["lexer"], 100, 1, tmp_path, tmp_path / "work")
    with pytest.raises(room.NoRoom, match=r"loading needs 0\.0 GB of disk, of which 0\.0 may be taken"):
        lexer.load()
