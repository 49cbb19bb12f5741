"""Lexer's tiles over a million messages and two million orders, beside the bare ASOF join that one would write."""

from functools import partial
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.exports import DAYS, END, SEED, Exports
from benchmarks.measure import Row, Work, medians
from benchmarks.peers import LIMITS, RANGES, TARGETS
from sample_data import make_lexer
from workbench.ask import answers, shell
from workbench.ask.question import Question
from workbench.reports import Report, Tile
from workbench.reports.messaging_overview import MESSAGING_OVERVIEW
from workbench.reports.team_engagement import TEAM_ENGAGEMENT
from workbench.store.workspace import Workspace
from workbench.time import coverage

ORDERS_PER_MESSAGE = 2
# Orders of the customers messaged, some within three weeks of a message.
ORDERS = f"""
    select
        'order-' || row_number() over () as "Order ID",
        "Sent At" + to_seconds(hash("Message ID", n) % (21 * 86_400)) as "Ordered At",
        "Customer ID", ((hash("Message ID", n, 'value') % 30_000)::bigint - 3_000) / 100 as "Order Value",
        'USD' as "Currency",
    from messages, range({ORDERS_PER_MESSAGE}) as orders(n)
"""
ATTRIBUTED = """
    select "Queue", count(*), sum("Order Value")
    from orders
    asof join (
        from messages where "Status" = 'SENT' and "Customer ID" is not null and "Sent At" >= $start and "Sent At" < $end
    ) as messages
        on orders."Customer ID" = messages."Customer ID" and "Sent At" <= "Ordered At"
    where "Ordered At" < "Sent At" + interval 7 days
    group by all
"""


def rows(files: Exports, work: Path) -> list[Row]:
    """Measure every tile but the logs; there are as many messages as the exports have contacts."""
    bare, workspace = duckdb.connect(work / "bare-messages.duckdb"), Workspace(work / "messages.duckdb")
    try:
        _load(bare, workspace, *write(work, files.contacts))
        asked = [
            (report, tile, name)
            for report in (MESSAGING_OVERVIEW, TEAM_ENGAGEMENT)
            for name in RANGES
            for tile in report.tiles
            if tile.shape != "log" and not tile.needs
        ]
        return [row(bare, workspace, report, tile, name) for report, tile, name in asked]
    finally:
        bare.close()
        workspace.close()


def write(folder: Path, count: int) -> tuple[Path, Path]:
    """Write about so many messages and twice as many orders; return both files."""
    made, few, merges = make_lexer.write_all(folder, count * 1000 // make_lexer.PER_MILLE, DAYS, END, SEED)
    with duckdb.connect() as database:
        database.read_csv(str(made)).create_view("messages")
        database.sql(ORDERS).write_csv(str(few))
    merges.unlink()
    return made, few


def _load(bare: duckdb.DuckDBPyConnection, workspace: Workspace, messages: Path, orders: Path) -> None:
    shell.install(workspace)
    workspace.set("reporting_zone", "UTC")
    for table, file in (("messages", messages), ("orders", orders)):
        bare.execute(f"create table {table} as select * from read_csv(?)", [str(file)])
        workspace.load(file)


def row(bare: duckdb.DuckDBPyConnection, workspace: Workspace, report: Report, tile: Tile, name: str) -> Row:
    """Measure one tile over one range."""
    asked = Question(workspace, report, RANGES[name])
    works: dict[str, Work] = {
        "here": lambda: answers.rows(asked, tile),
        "floor": partial(_attributed, bare, asked.scope.now.span),
    }
    return Row(f"{report.name} {tile.name}, {name}", medians(works), LIMITS["everything"], TARGETS["everything"])


def _attributed(bare: duckdb.DuckDBPyConnection, span: coverage.Span) -> pd.DataFrame:
    return bare.execute(ATTRIBUTED, {"start": span[0], "end": span[1]}).df()
