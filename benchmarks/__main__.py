"""Measures what is slow, beside the same in bare DuckDB and in pandas in the same run, and prints one table.

python -m benchmarks [--contacts N] [--only NAME] [--check]
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import streamlit as st

from benchmarks import guard, loads, logs, messages, pages, peers, questions, spreadsheets, tiles, workbooks
from benchmarks.exports import CACHE, Exports, exports
from benchmarks.measure import ROUNDS, Row, say
from benchmarks.peers import Peers
from benchmarks.table import table

# What is measured with all three open, and what is measured from outside.
INSIDE: dict[str, Callable[[Peers], list[Row]]] = {
    "tiles": tiles.rows,
    "options": tiles.options,
    "log": logs.rows,
    "search": logs.search,
    "peers": questions.rows,
}
OUTSIDE: dict[str, Callable[[Exports, Path], list[Row]]] = {
    "spreadsheets": spreadsheets.rows,
    "messages": messages.rows,
    "workbooks": workbooks.rows,
    "filter": lambda files, work: pages.filter_change(peers.loaded(files, work)),
    "first-page": lambda _, work: pages.first_page(work),
}
NAMES = ("load", *INSIDE, *OUTSIDE)


def main() -> int:
    """Measure what the command line asks for: 0, or 1 where something became slower that must not."""
    chosen = _chosen()
    cache = chosen.cache.expanduser()
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="work-") as folder:
        files = exports(chosen.contacts, cache)
        sections = _measured([chosen.only] if chosen.only else list(NAMES), files, Path(folder))
    run = table(sections)
    print(_heading(files), run, sep="\n\n")
    slower = guard.worse(run, guard.README.read_text(encoding="utf-8")) if chosen.check else []
    for line in slower:
        say(f"Slower: {line}")
    return int(bool(slower))


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what is slow, beside its peers.")
    parser.add_argument("--contacts", type=int, default=1_000_000, metavar="N", help="contacts of a year (1000000)")
    parser.add_argument(
        "--check", action="store_true", help=f"name what takes {guard.MOST} times as much of its floor as in the README"
    )
    parser.add_argument("--only", choices=NAMES, help="measure only this")
    parser.add_argument("--cache", type=Path, default=CACHE, metavar="FOLDER", help=f"where exports are kept ({CACHE})")
    return parser.parse_args()


def _measured(names: list[str], files: Exports, work: Path) -> dict[str, list[Row]]:
    sections: dict[str, list[Row]] = {}
    if "load" in names:
        say("Measuring load")
        sections["load"] = loads.rows(files, work)
    if inside := [name for name in INSIDE if name in names]:
        with peers.opened(files, work) as all_three:
            for name in inside:
                say(f"Measuring {name}")
                sections[name] = INSIDE[name](all_three)
    for name in (name for name in OUTSIDE if name in names):
        say(f"Measuring {name}")
        sections[name] = OUTSIDE[name](files, work)
    return sections


def _heading(files: Exports) -> str:
    size = files.contact_export.stat().st_size / 1e9
    return (
        f"{files.contacts:,} contacts of a year ({size:.1f} GB as CSV); {os.cpu_count()} cores;"
        f" medians of {ROUNDS}, taking turns;"
        f" DuckDB {duckdb.__version__}, pandas {pd.__version__}, Streamlit {st.__version__}\n"
        "/ bare: times as long (or as much) as bare DuckDB, for pages as a bare Streamlit page, for\n"
        "spreadsheets as calamine's own reading; / pandas: as pandas."
    )


if __name__ == "__main__":
    sys.exit(main())
