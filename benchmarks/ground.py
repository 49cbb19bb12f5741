"""One system's rows at one size, loaded here and in bare DuckDB: what a large run asks, made when it is asked for."""

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.measure import Row, Usage, in_child
from benchmarks.peers import Peers
from benchmarks.room import check_disk, check_memory
from benchmarks.systems import System
from sample_data.files import quoted
from workbench.ask import shell
from workbench.store.workspace import Workspace

PER_BYTE = 1.5  # bytes that a workspace, bare DuckDB and what they write meanwhile take for each of a CSV
PER_ROW = 300  # bytes of memory, for each row that is asked


@dataclass(frozen=True)
class Ground:
    """The `rows` that a system's generator makes, each `times` times; `work` is where they are loaded."""

    system: System
    rows: int
    times: int
    cache: Path
    work: Path

    @property
    def contacts(self) -> int:
        """How many contacts, messages or events there are, and half as many as orders."""
        return self.rows * self.times

    @property
    def folder(self) -> Path:
        """Where its files stand."""
        return self.work / f"{self.system.name}-{self.times}"

    @property
    def workspace(self) -> Path:
        """The workspace, loaded. Raises NoRoom."""
        if not self._loaded.exists():
            self.load()
        return self.folder / "workspace.duckdb"

    @property
    def _loaded(self) -> Path:
        return self.folder / "loaded"

    @cached_property
    def _files(self) -> dict[str, list[Path]]:
        return self.system.files(self.rows, self.cache, self.times)

    @cached_property
    def peers(self) -> Peers:
        """Both, open; pandas is not asked about so many rows. Raises NoRoom."""
        path = self.workspace
        check_memory(PER_ROW * self.contacts, "asking so many rows")
        workspace, bare = Workspace(path), duckdb.connect()
        shell.install(workspace)
        for table, begin in self.system.bare.items():
            (file,) = (each for files in self._files.values() for each in files if each.name.startswith(begin))
            if self._bare(file).exists():
                bare.execute(f"attach {quoted(str(self._bare(file)))} as file_of_{table} (read_only)")
                bare.execute(f"create view {table} as from file_of_{table}.contacts")
            else:
                bare.execute(f"create table {table} as select * from read_csv(?)", [str(file)])
        return Peers(workspace, bare, pd.DataFrame(), pd.DataFrame())

    def load(self) -> list[Row]:
        """Load all files anew, each in a process of its own, here and in bare DuckDB, and measure it. Raises NoRoom."""
        files = dict(self._files)
        needed = PER_BYTE * sum(file.stat().st_size for each in files.values() for file in each)
        shutil.rmtree(self.folder, ignore_errors=True)
        check_disk(self.cache, needed, "loading")
        self.folder.mkdir(parents=True)
        path = self.folder / "workspace.duckdb"
        _prepare(path, files.pop(""), in_utc=self.system.name != "gladly")
        rows = [row for what, of_it in files.items() for row in self._measured(what, of_it, path)]
        bare = sum(self._bare(file).stat().st_size for each in files.values() for file in each)
        self._loaded.touch()
        sizes = {"here": float(path.stat().st_size), "floor": float(bare)}
        return [*rows, Row(f"{self.system.name}, file size", sizes, math.inf, "", "B")]

    def _measured(self, what: str, files: Sequence[Path], workspace: Path) -> list[Row]:
        usages: list[Mapping[str, Usage]] = [
            {
                "here": in_child("here", workspace, file),
                "floor": in_child("duckdb_new", self._bare(file), file),
            }
            for file in files
        ]
        seconds = {name: sum(usage[name].seconds for usage in usages) for name in usages[0]}
        peaks = {name: max(usage[name].peak for usage in usages) for name in usages[0]}
        return [Row(what, seconds, math.inf, ""), Row(f"{what}, peak memory", peaks, math.inf, "", "B")]

    def _bare(self, file: Path) -> Path:
        return self.folder / f"{file.stem}.duckdb"


def _prepare(path: Path, files: Sequence[Path], in_utc: bool) -> None:
    """Make a workspace with what is small."""
    workspace = Workspace(path)
    shell.install(workspace)
    if in_utc:
        workspace.set("reporting_zone", "UTC")
    for file in files:
        workspace.load(file)
    workspace.close()
