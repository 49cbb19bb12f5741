"""Loading: seconds and peak memory of a Contact Export with new keys, and of the same file again."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from benchmarks.exports import Exports
from benchmarks.measure import ROUNDS, Row, Usage, in_child

MOST_NEW, MOST_AGAIN = 1.4, 1.5  # times the seconds of bare DuckDB
PEAK = 2e9
NEW = {"here": "here", "floor": "duckdb_new", "pandas": "pandas_new"}
AGAIN = {"here": "here", "floor": "duckdb_again", "pandas": "pandas_again"}


def rows(files: Exports, work: Path) -> list[Row]:
    """Measure rounds of both loads, each in a process of its own."""
    new: list[dict[str, Usage]] = []
    again: list[dict[str, Usage]] = []
    for number in range(ROUNDS):
        new.append(_round(NEW, files, work, number))
        again.append(_round(AGAIN, files, work, number))
        shutil.rmtree(work / f"load-{number}")
    return [*_summed_up("new rows", new, MOST_NEW), *_summed_up("same file again", again, MOST_AGAIN)]


def _round(works: Mapping[str, str], files: Exports, work: Path, number: int) -> dict[str, Usage]:
    (work / f"load-{number}").mkdir(exist_ok=True)
    made = work / f"load-{number}"
    return {name: in_child(called, made / f"{name}.duckdb", files.contact_export) for name, called in works.items()}


def _summed_up(what: str, rounds: list[dict[str, Usage]], most: float) -> list[Row]:
    seconds = {name: median(usages[name].seconds for usages in rounds) for name in rounds[0]}
    peaks = {name: median(usages[name].peak for usages in rounds) for name in rounds[0]}
    return [
        Row(what, seconds, most * seconds["floor"], f"{most} x DuckDB"),
        Row(f"{what}, peak memory", peaks, PEAK, "2 GB", "B"),
    ]
