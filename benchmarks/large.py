"""Measures the same at a number of rows and at a tenth of them: `make bench-large`, which goes on where it was ended.

python -m benchmarks.large [--contacts N] [--only NAME] [--afresh]
"""

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import streamlit as st
from playwright.sync_api import Error as BrowserError

from benchmarks import growth
from benchmarks.asked import SECTIONS
from benchmarks.child import peak
from benchmarks.exports import CACHE, digest
from benchmarks.ground import Ground
from benchmarks.journal import Journal
from benchmarks.measure import ROOT, say
from benchmarks.room import NoRoom
from benchmarks.systems import SYSTEMS, TIMES
from workbench.errors import WorkbenchError

CONTACTS = 10_000_000
NOT_MEASURED = (
    NoRoom, WorkbenchError, duckdb.Error, BrowserError, subprocess.SubprocessError, OSError, MemoryError, RuntimeError,
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A large run of one version of the code, at `contacts` and at a tenth of them."""

    contacts: int
    cache: Path

    @cached_property
    def journal(self) -> Journal:
        """What is measured: kept for the version of all that answers and of its SQL."""
        sources = sorted(each for kind in ("workbench/**/*.py", "queries/**/*.sql") for each in ROOT.glob(kind))
        return Journal(self.cache / f"large-{self.contacts}.jsonl", digest(sources))

    @property
    def work(self) -> Path:
        """Where the version's workspaces stand until everything is measured."""
        return self.cache / f"large-{self.contacts}-{self.journal.version}"

    def ground(self, system: str, times: int) -> Ground:
        """Return where a system stands at a size."""
        return Ground(SYSTEMS[system], self.contacts // TIMES, times, self.cache, self.work)

    def missing(self, section: str, ground: Ground) -> list[str]:
        """Return the pieces of a section that are not measured yet."""
        measured = self.journal.pieces(ground.contacts, section)
        return [name for name, _ in SECTIONS[section](ground) if name not in measured]

    def measure(self, section: str, ground: Ground) -> None:
        """Measure the pieces of a section that are missing; say which cannot be measured, and why."""
        missing = self.missing(section, ground)
        for name, work in SECTIONS[section](ground):
            if name not in missing:
                continue
            what = f"{section} at {ground.contacts:,}: {name}"
            say(f"Measuring {what}")
            try:
                self.journal.add(ground.contacts, section, name, work(), peak())
            except NOT_MEASURED as error:
                say(f"Not measured: {what}: {(str(error) or repr(error)).splitlines()[0]}")


def main() -> int:
    """Measure what the command line asks for, and print one table."""
    chosen = _chosen()
    cache = chosen.cache.expanduser()
    cache.mkdir(parents=True, exist_ok=True)
    run = Run(chosen.contacts, cache)
    if chosen.part:
        section, system, times = chosen.part
        run.measure(section, run.ground(system, int(times)))
        return 0
    if chosen.afresh:
        run.journal.path.unlink(missing_ok=True)
        shutil.rmtree(run.work, ignore_errors=True)
    _measure(run, [chosen.only] if chosen.only else list(SECTIONS))
    lines = run.journal.lines()
    print(_heading(run), growth.table(lines), sep="\n\n")
    if len({line.contacts for line in lines}) > 1:
        growth.draw(lines, cache / f"large-{run.contacts}.svg")
        say(f"The picture stands in {cache / f'large-{run.contacts}.svg'}")
    return 0


def _measure(run: Run, sections: list[str]) -> None:
    """Measure each section of each system in a process of its own: the peak of a process never goes down again."""
    for old in run.cache.glob(f"large-{run.contacts}-{'?' * 8}"):
        if old != run.work:
            shutil.rmtree(old)
    parts = [(section, system, times) for section in sections for system in SYSTEMS for times in (1, TIMES)]
    for section, system, times in parts:
        if run.missing(section, run.ground(system, times)):
            named = ["--contacts", str(run.contacts), "--cache", str(run.cache), "--part", section, system, str(times)]
            ended = subprocess.run([sys.executable, "-m", "benchmarks.large", *named], cwd=ROOT)
            if ended.returncode:
                say(f"Not measured: {section} of {system} to its end, which was {ended.returncode}")
    if (
        not any(run.missing(section, run.ground(system, times)) for section, system, times in parts)
        and len(sections) > 1
    ):
        shutil.rmtree(run.work, ignore_errors=True)


def _heading(run: Run) -> str:
    return (
        f"{run.contacts:,} contacts, messages and events, twice as many orders, and a tenth of all; {os.cpu_count()}"
        f" cores; DuckDB {duckdb.__version__}, Streamlit {st.__version__}; version {run.journal.version} of the code\n"
        "times: as much at the larger size as at the smaller one; / bare: at each, as bare DuckDB or a bare page."
    )


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description="Measure how cost grows with rows.")
    parser.add_argument("--contacts", type=int, default=CONTACTS, metavar="N", help=f"the larger size ({CONTACTS})")
    parser.add_argument("--only", choices=SECTIONS, help="measure only this")
    parser.add_argument("--afresh", action="store_true", help="forget what was measured, and begin again")
    parser.add_argument("--cache", type=Path, default=CACHE, metavar="FOLDER", help=f"where exports are kept ({CACHE})")
    parser.add_argument("--part", nargs=3, metavar=("NAME", "SYSTEM", "TIMES"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
