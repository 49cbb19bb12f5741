"""How the cost of a query grows with the rows: DuckDB's own file beside an Apache Spark of two processes.

python -m benchmarks.engine [--contacts N,N,...]

It needs what `make spark` installs, and for each million contacts about 1 GB of disk while it runs. Beyond a million,
the same million stands there again and again under other IDs. What a limit of the workbench stops is said so; its
limits of time are lifted.
"""

import argparse
import math
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.exports import CACHE, exports
from benchmarks.measure import ENOUGH, medians, say, seconds
from benchmarks.peers import RANGES
from tests.engine.server import started
from workbench.ask import answers, engine, shell, spark
from workbench.ask.logs import Page, log_rows
from workbench.ask.question import Question
from workbench.errors import QueryStopped
from workbench.progress import Progress
from workbench.reports import REPORTS
from workbench.store import lake as publishing
from workbench.store import opening
from workbench.store.lake import ENGINE_VARIABLE, LAKE_VARIABLE
from workbench.store.parquet_lake import ParquetLake
from workbench.store.workspace import Workspace

SIZES = "200000,1000000,5000000,20000000"
FROM_A_FILE = 1_000_000  # contacts
HOUR = 3_600  # seconds
MEGABYTES = 4_096  # of each process of Spark
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
    opening.QUERY_SECONDS = spark.SECONDS = HOUR
    workspace, lake = Workspace(work / "workspace.duckdb"), ParquetLake(work / "lake")
    shell.install(workspace)
    file = exports(min(contacts, FROM_A_FILE), cache).contact_export
    say(f"Loading {contacts:,}: {seconds(lambda: workspace.load(file)):.1f} s")
    if contacts > FROM_A_FILE:
        say(f"Repeating them: {seconds(lambda: _repeated(workspace, contacts // FROM_A_FILE)):.1f} s")
    say(f"Publishing: {seconds(lambda: publishing.publish(lake, workspace, Progress())):.1f} s")
    with started(work, megabytes=MEGABYTES) as server:
        os.environ |= {ENGINE_VARIABLE: server.url, LAKE_VARIABLE: f"file://{lake.name}"}
        there = engine.shown(workspace)
        _taken(workspace, there, *TILES[0], next(iter(RANGES)))  # what a server does at the first query of all
        for report, tile in TILES:
            for name in RANGES:
                taken = _taken(workspace, there, report, tile, name)
                yield (
                    f"| {contacts:>10,} | {f'{report} {tile}':<27} | {name:<10} | {_said(taken['duckdb'])} |"
                    f" {_said(taken['spark'])} | {taken['spark'] / taken['duckdb']:>14.1f} |"
                )
    del os.environ[ENGINE_VARIABLE], os.environ[LAKE_VARIABLE]
    workspace.close()


def _repeated(workspace: Workspace, times: int) -> None:
    """Let each contact stand there so many times, those of each time under IDs of their own."""
    ids = ("contact_id", "customer_id", "conversation_id", "fulfilled_by_contact_id")
    own = ", ".join(f"{name} || '-' || time as {name}" for name in ids)
    with workspace.cursor() as cursor:
        cursor.execute(
            f"insert into gladly_contact_export select * exclude time replace ({own}, row_id + time * {FROM_A_FILE} as"
            f" row_id) from gladly_contact_export cross join range(1, {times}) as times(time) order by time, row_id"
        )
        cursor.execute("checkpoint")


def _said(taken: float) -> str:
    return "   stopped" if math.isnan(taken) else f"{taken:>5.2f} s"


def _taken(here: Workspace, there: Workspace, report: str, tile: str, name: str) -> dict[str, float]:
    def ask(workspace: Workspace) -> object:
        question = Question(workspace, REPORTS[report], RANGES[name])
        asked = question.report.tile(tile)
        return log_rows(question, asked, Page(limit=100)) if asked.log else answers.rows(question, asked)

    taken = dict.fromkeys(("duckdb", "spark"), math.nan)
    works = {"duckdb": lambda: ask(here), "spark": lambda: ask(there)}
    for who in list(works):
        try:
            taken[who] = seconds(works[who])
        except QueryStopped as error:
            say(f"{who}: {error}")
            del works[who]
    # The first answer of a kind takes longer, as Spark makes code for it: of what takes long that is nothing.
    return taken if any(each > ENOUGH for each in taken.values()) else taken | medians(works)


if __name__ == "__main__":
    main()
