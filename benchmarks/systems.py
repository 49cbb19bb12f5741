"""The exports of every system at two sizes: as the generator makes them, and each row ten times under other IDs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import messages
from benchmarks.exports import DAYS, END, SEED, exports, kept, made_by
from benchmarks.measure import ROOT, say
from benchmarks.room import check_disk
from sample_data import make_respondio
from sample_data.files import copy, quoted
from workbench.exports import KINDS
from workbench.reports import REPORTS, Report

TIMES = 10  # so that one digit behind an ID tells its rows apart
GLADLY_PER_EVENT = 0.81  # contacts in Gladly for each of respond.io's events
TOLD_APART = (
    "contact_id", "conversation_id", "conversation_link", "fulfilled_by_contact_id", "customer_id",
    "merged_customer_id", "message_id", "order_id",
)  # fmt: skip
HEADERS = {
    header for kind in KINDS.values() for column in kind.columns if column.name in TOLD_APART
    for header in column.headers
}  # fmt: skip


@dataclass(frozen=True)
class System:
    """A vendor's exports: how those of so many rows are made, and how its measured files begin, by what is loaded.

    Each of the other files is small, and loaded as the generator makes it. `bare` are the tables of bare DuckDB, each
    of one file.
    """

    name: str
    make: Callable[[int, Path, Path], None]
    measured: Mapping[str, tuple[str, ...]]
    bare: Mapping[str, str]

    @property
    def reports(self) -> list[Report]:
        """The reports over its exports."""
        return [report for report in REPORTS.values() if report.kinds[0].split("_")[0] == self.name]

    def files(self, rows: int, cache: Path, times: int) -> dict[str, list[Path]]:
        """Return the files by what is measured of them, with '' before the others; `times` is 1 or TIMES."""
        made = kept(cache, f"{self.name}-{rows}", self._sources, lambda folder: self.make(rows, folder, cache))
        begins = tuple(begin for each in self.measured.values() for begin in each)
        found = made if times == 1 else kept(
            cache, f"{self.name}-{rows}x{times}", self._sources, lambda folder: _multiplied(made, folder, begins)
        )  # fmt: skip
        of_each = {what: _begun(found, each) for what, each in self.measured.items()}
        return {"": [file for file in sorted(made.iterdir()) if not file.name.startswith(begins)]} | of_each

    @property
    def _sources(self) -> list[Path]:
        return [*made_by(self.name), ROOT / "benchmarks" / "systems.py"]


def _begun(folder: Path, begins: Sequence[str]) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.name.startswith(tuple(begins)))


def _multiplied(made: Path, folder: Path, begins: Sequence[str]) -> None:
    files = _begun(made, begins)
    check_disk(folder.parent, TIMES * sum(file.stat().st_size for file in files), "writing so many rows")
    for file in files:
        say(f"Writing each row of {file.name} {TIMES} times (once)")
        multiply(file, folder / file.name)


def multiply(file: Path, target: Path) -> None:
    """Write each row of a CSV ten times, behind one another, with a digit behind the IDs of each of them."""
    source = f"read_csv({quoted(str(file))}, all_varchar = true, header = true)"
    with duckdb.connect() as database:
        headers = [header for header in database.sql(f"from {source}").columns if header in HEADERS]
        apart = ", ".join(f'"{header}" || copy as "{header}"' for header in headers)
        rows = f"select unnest(range({TIMES})) as copy, * from {source}"
        copy(database, f"select * exclude (copy) replace ({apart}) from ({rows})", target)


def _gladly(rows: int, folder: Path, cache: Path) -> None:
    """Link what `make bench` loads too."""
    for file in exports(rows, cache).contact_export.parent.iterdir():
        (folder / file.name).hardlink_to(file)


def _lexer(rows: int, folder: Path, _: Path) -> None:
    say(f"Making exports of {rows:,} messages (once)")
    messages.write(folder, rows)


def _respondio(rows: int, folder: Path, _: Path) -> None:
    say(f"Making exports of {rows:,} events (once)")
    make_respondio.write_all(folder, int(rows * GLADLY_PER_EVENT), DAYS, END, SEED)


SYSTEMS = {
    system.name: system
    for system in (
        System(
            "gladly", _gladly, {"contacts": ("ContactExport",), "merges of customers": ("GladlyCustomerMerges",)},
            {"contacts": "ContactExport", "reported": "InboundContacts"},
        ),
        System(
            "lexer", _lexer, {"messages": ("LexerMessages",), "orders": ("LexerOrders",)},
            {"messages": "LexerMessages", "orders": "LexerOrders"},
        ),
        System("respondio", _respondio, {"events": ("Assignments", "Contacts", "Conversations")}, {}),
    )
}  # fmt: skip
