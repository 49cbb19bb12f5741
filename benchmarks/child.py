"""Loads a file once, here or as others would, and prints its seconds and the peak of its memory.

A process of its own for each: the peak of a process never goes down again.

    python -m benchmarks.child WORK TARGET FILE
"""

import json
import sys
from pathlib import Path

import duckdb
import pandas as pd
import psutil
from python_calamine import CalamineWorkbook

from benchmarks.exports import TIMES, header
from benchmarks.measure import seconds
from workbench.ask import shell
from workbench.store.workspace import Workspace

STATUS = Path("/proc/self/status")


def here(workspace: Path, file: Path) -> float:
    """Load into a workspace, new or not; opening and closing it count."""

    def work() -> None:
        opened = Workspace(workspace)
        shell.install(opened)
        opened.load(file)
        opened.close()

    return seconds(work)


def duckdb_new(database: Path, file: Path) -> float:
    """Create a table from the file, in a database file."""
    return _run(database, "create table contacts as select * from read_csv(?)", file)


def duckdb_again(database: Path, file: Path) -> float:
    """Insert the rows that the table does not have, new or changed: none."""
    return _run(database, "insert into contacts select * from read_csv(?) except select * from contacts", file)


def _run(database: Path, sql: str, file: Path) -> float:
    def work() -> None:
        with duckdb.connect(database) as connection:
            connection.execute(sql, [str(file)]).fetchall()

    return seconds(work)


def pandas_new(_: Path, file: Path) -> float:
    """Read the file into a frame, with its times."""
    return seconds(lambda: read(file))


def pandas_again(_: Path, file: Path) -> float:
    """Read the file once more, and keep the last row of each key. The first reading does not count."""
    known = read(file)
    key = header("contact_id")
    return seconds(lambda: pd.concat([known, read(file)]).drop_duplicates(key, keep="last"))


def read(file: Path) -> pd.DataFrame:
    """Return a Contact Export as a frame."""
    return pd.read_csv(file, parse_dates=TIMES)


def calamine(_: Path, file: Path) -> float:
    """Read every cell of a spreadsheet's first sheet."""

    def work() -> None:
        sheet = CalamineWorkbook.from_path(file).get_sheet_by_index(0)
        sum(1 for _ in sheet.iter_rows())

    return seconds(work)


def peak() -> float:
    """Return the most memory that this process has used, in bytes.

    Linux passes the figure of `getrusage` on from the parent process, so there it is read from elsewhere.
    """
    if STATUS.exists():
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


WORKS = {work.__name__: work for work in (here, duckdb_new, duckdb_again, pandas_new, pandas_again, calamine)}

if __name__ == "__main__":
    taken = WORKS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    print(json.dumps({"seconds": taken, "peak": peak()}))
