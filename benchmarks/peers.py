"""The same contacts three times: loaded here, as tables of bare DuckDB, and as pandas frames."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.child import read
from benchmarks.exports import Exports
from benchmarks.measure import Work, medians
from workbench.ask import shell
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.reports import Report
from workbench.reports.inbound_contacts import INBOUND_CONTACTS
from workbench.store.workspace import Workspace

REPORT: Report = INBOUND_CONTACTS
RANGES = {"30 days": Selection(preset="last_30_days"), "everything": Selection()}
LIMITS = {"30 days": 0.3, "everything": 1.0}
TARGETS = {"30 days": "300 ms", "everything": "1 s"}


@dataclass(frozen=True)
class Peers:
    """All three, open. `bare` has the tables `contacts` and `reported`, as the frames are called."""

    workspace: Workspace
    bare: duckdb.DuckDBPyConnection
    contacts: pd.DataFrame
    reported: pd.DataFrame

    def medians(self, here: Work, bare: Work, pandas: Work) -> dict[str, float]:
        """Measure all three; pandas only where it has its frames, since ten million contacts would take 20 GB."""
        works = {"here": here, "floor": bare, "pandas": pandas}
        return medians(works if len(self.contacts) else {name: works[name] for name in ("here", "floor")})

    def asked(self, selection: Selection, report: Report = REPORT) -> Question:
        """Return the question about a selection; its dates are the same wall times in the files."""
        return Question(self.workspace, report, selection)


def loaded(files: Exports, work: Path) -> Path:
    """Return a workspace with all three exports, made when it is asked for first."""
    path = work / "workspace.duckdb"
    if not path.exists():
        workspace = Workspace(path)
        shell.install(workspace)
        for file in (files.contact_export, files.merges, files.inbound):
            workspace.load(file)
        workspace.close()
    return path


@contextmanager
def opened(files: Exports, work: Path) -> Iterator[Peers]:
    """Open the three, and make sure that they hold the same."""
    workspace = Workspace(loaded(files, work))
    shell.install(workspace)
    bare = duckdb.connect(work / "bare.duckdb")
    for table, file in (("contacts", files.contact_export), ("reported", files.inbound)):
        bare.execute(f"create table {table} as select * from read_csv(?)", [str(file)])
    bare.execute("checkpoint")
    peers = Peers(workspace, bare, read(files.contact_export), pd.read_csv(files.inbound, parse_dates=["Date"]))
    held = [
        workspace.rows("select count(*) from gladly_contact_export")[0][0],
        bare.sql("from contacts").shape[0],
        len(peers.contacts),
    ]
    if len(set(held)) > 1:
        raise RuntimeError(f"The three do not hold the same rows: {held}")
    try:
        yield peers
    finally:
        bare.close()
        workspace.close()
