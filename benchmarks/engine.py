"""How the cost of a query grows with the rows: DuckDB's own file beside an Apache Spark of two processes.

python -m benchmarks.engine [--contacts N,N,...]

It needs what `make spark` installs, and for each million contacts about 1 GB of disk while it runs.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.exports import CACHE, exports
from benchmarks.measure import medians, say, seconds
from benchmarks.peers import RANGES
from tests.engine.server import started
from workbench.ask import answers, engine, shell
from workbench.ask.logs import Page, log_rows
from workbench.ask.question import Question
from workbench.progress import Progress
from workbench.reports import REPORTS
from workbench.store import lake as publishing
from workbench.store.lake import ENGINE_VARIABLE, LAKE_VARIABLE
from workbench.store.parquet_lake import ParquetLake
from workbench.store.workspace import Workspace

SIZES = "200000,1000000,5000000,20000000"
TILES = (
    ("contact_export", "totals"), ("contact_export", "by_inbox"), ("contact_export", "durations"),
    ("inbound_contacts", "by_period"), ("workload", "by_period"), ("repeat_contacts", "totals"),
    ("contact_export", "log"),
)  # fmt: skip
HEADING = "|   contacts | tile                        | range      |  DuckDB |   Spark | Spark / DuckDB |"


def main() -> None:
    """Measure each size in turn, and print a line for each tile and range."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description="Measure how cost grows.")
    parser.add_argument("--contacts", default=SIZES, metavar="N,N", help=f"how many contacts of a year ({SIZES})")
    cache = CACHE.expanduser()
    print(HEADING)
    for contacts in map(int, parser.parse_args().contacts.split(",")):
        with tempfile.TemporaryDirectory(dir=cache, prefix="engine-") as folder:
            for line in _measured(contacts, cache, Path(folder)):
                print(line, flush=True)


def _measured(contacts: int, cache: Path, work: Path) -> Iterator[str]:
    workspace, lake = Workspace(work / "workspace.duckdb"), ParquetLake(work / "lake")
    shell.install(workspace)
    file = exports(contacts, cache).contact_export
    say(f"Loading {contacts:,}: {seconds(lambda: workspace.load(file)):.1f} s")
    say(f"Publishing: {seconds(lambda: publishing.publish(lake, workspace, Progress())):.1f} s")
    with started(work) as server:
        os.environ |= {ENGINE_VARIABLE: server.url, LAKE_VARIABLE: f"file://{lake.name}"}
        there = engine.shown(workspace)
        for report, tile in TILES:
            for name in RANGES:
                taken = _taken(workspace, there, report, tile, name)
                ratio = taken["spark"] / taken["duckdb"]
                yield (
                    f"| {contacts:>10,} | {f'{report} {tile}':<27} | {name:<10} | {taken['duckdb']:>5.2f} s |"
                    f" {taken['spark']:>5.2f} s | {ratio:>14.1f} |"
                )
    del os.environ[ENGINE_VARIABLE], os.environ[LAKE_VARIABLE]
    workspace.close()


def _taken(here: Workspace, there: Workspace, report: str, tile: str, name: str) -> dict[str, float]:
    def ask(workspace: Workspace) -> object:
        question = Question(workspace, REPORTS[report], RANGES[name])
        asked = question.report.tile(tile)
        return log_rows(question, asked, Page(limit=100)) if asked.log else answers.rows(question, asked)

    ask(there)  # the first answer of a kind takes Spark longer, as code is made for it
    return medians({"duckdb": lambda: ask(here), "spark": lambda: ask(there)})


if __name__ == "__main__":
    main()
