"""What `make bench` measures is there to be measured: tiles and their peers change together."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import guard
from benchmarks.measure import Row
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
