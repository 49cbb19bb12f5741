"""Workbooks: the log of all contacts beside openpyxl's own rows, its memory, and a page's with every column."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from openpyxl import Workbook

from benchmarks import peers
from benchmarks.child import peak
from benchmarks.exports import Exports
from benchmarks.measure import ROOT, Row, say, seconds
from workbench import workbook
from workbench.ask import answers, logs
from workbench.ask.logs import Page
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.progress import Progress
from workbench.reports.contact_export import CONTACT_EXPORT
from workbench.store.workspace import Workspace
from workbench.workbook import Export, excel, files, packs

COLUMNS = (*CONTACT_EXPORT.log.columns, "customer_id")  # 13
SAMPLED = 50_000  # rows that openpyxl writes: it takes as long for each of more
A_PAGE = 50_000  # contacts of the page's workbook


def rows(exports: Exports, work: Path) -> list[Row]:
    """Measure the log of all contacts, the memory that it takes, and the workbook of a page."""
    path = peers.loaded(exports, work)
    workspace = Workspace(path)
    try:
        say(f"Writing a workbook of {exports.contacts:,} rows")
        log = seconds(lambda: log_workbook(workspace, work / "log.xlsx"))
        memory = _memory(workspace, work)
        peer = seconds(lambda: _by_openpyxl(workspace, work / "peer.xlsx")) * exports.contacts / SAMPLED
        page = _page(workspace)
    finally:
        workspace.close()
    what = f"a log of {exports.contacts:,} x {len(COLUMNS)}"
    return [
        Row(what, {"here": log, "floor": peer}, min(8.0, peer / 12), "8 s, a 12th"),
        Row("its memory above the start", {"here": memory}, 300e6, "0.3 GB", unit="B"),
        Row(f"Contact export of {A_PAGE:,} contacts, all columns", {"here": page}, 6.0, "6 s"),
    ]


def log_workbook(workspace: Workspace, target: Path) -> None:
    """Write the log of everything that is loaded as a workbook."""
    question = Question(workspace, CONTACT_EXPORT, Selection())
    workbook.write(question, target, CONTACT_EXPORT.log, Page(columns=COLUMNS))


def _memory(workspace: Workspace, work: Path) -> float:
    """Return how much memory the process that writes a workbook takes above its start, in bytes.

    It is started here on the same plan: of a child that has ended, Linux says the memory of its parent.
    """
    question, parts = Question(workspace, CONTACT_EXPORT, Selection()), workspace.files / "exports" / "parts"
    parts.mkdir()
    export = Export(question, CONTACT_EXPORT.log, page=Page(columns=COLUMNS))
    packs.planned(packs.Contents("Log", [], [files.part(export)]), Progress(), parts)
    command = [sys.executable, "-m", "benchmarks.workbooks", str(parts / "plan"), str(work / "log.xlsx")]
    said = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return float(said.splitlines()[-1])


def _by_openpyxl(workspace: Workspace, target: Path) -> None:
    """Write rows of the log as openpyxl alone does, which keeps them on the disk meanwhile."""
    question, page = Question(workspace, CONTACT_EXPORT, Selection()), Page(limit=SAMPLED, columns=COLUMNS)
    found = logs.log_rows(question, CONTACT_EXPORT.log, page).astype(object)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Contacts")
    for row in found.where(found.notna(), None).itertuples(index=False, name=None):
        sheet.append(row)
    book.save(target)


def _page(workspace: Workspace) -> float:
    """Return the seconds of a page's workbook over the last days that have so many contacts."""
    everything = Question(workspace, CONTACT_EXPORT, Selection(rollup="day"))
    by_day = answers.rows(everything, CONTACT_EXPORT.tile("wait_by_period"))
    newest = by_day["contacts"][::-1].cumsum()
    start = by_day["period"][newest[newest <= max(A_PAGE, newest.iloc[0])].index[-1]].date()
    question = everything.asking(replace(everything.selection, start=start, compare="matching"))
    columns = ((CONTACT_EXPORT.log.name, CONTACT_EXPORT.log.offered),)
    export = Export(question, columns=columns)
    return seconds(lambda: workbook.prepare(export, Progress()))


if __name__ == "__main__":
    started = peak()
    excel.pack_fast()
    excel.main(*sys.argv[1:])
    print(peak() - started)
