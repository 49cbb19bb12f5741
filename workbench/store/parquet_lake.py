"""A lake that is a folder: Parquet files by table and month, and a file for each state, which names its files.

A state is written last, in one step. So a publish that is killed leaves the last state as it was, and the next one
finishes it; and whoever reads a state reads the same rows, whatever is published meanwhile.
"""

import os
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import EngineUnavailable
from workbench.store.states import KEPT_STATES, TABLES, Part, Source, State, Write

if TYPE_CHECKING:
    import pyarrow  # what publishes nothing needs none of it

PATIENCE = 60.0  # seconds for which one that publishes is waited for
FILES = 12  # of a month: with more of them it is written anew, as one


@dataclass(frozen=True)
class ParquetLake:
    """A folder of Parquet files, a folder per table, and of states."""

    folder: Path

    @property
    def name(self) -> str:
        """How it is called."""
        return str(self.folder)

    @property
    def outliving(self) -> str:
        """Nothing: a file that no state names is deleted."""
        return ""

    def numbers(self) -> list[int]:
        """Return the numbers of the states that are kept, in their order."""
        return sorted(int(file.stem) for file in (self.folder / "states").glob("*.json"))

    def state(self, number: int) -> State:
        """Return a state that is kept. Raises EngineUnavailable."""
        try:
            return State.from_json(self._file_of(number).read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise EngineUnavailable(f"{self.folder}: its state {number} cannot be read. Publish again") from error

    def _file_of(self, number: int) -> Path:
        return self.folder / "states" / f"{number:08}.json"

    def read(self, state: State, table: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small table. Raises EngineUnavailable."""
        from pyarrow import parquet

        try:
            files = [file for part in state.tables[table].values() for file in part.files]
            read = [parquet.ParquetFile(self.folder / file).read() for file in files]
        except (OSError, KeyError, ValueError) as error:
            raise EngineUnavailable(f"{self.folder}: its table {table} cannot be read. Publish again") from error
        return [row for found in read for row in zip(*(column.to_pylist() for column in found.columns), strict=True)]

    def source(self, state: State, table: str) -> Source:
        """Return where an engine finds the rows of a table."""
        files = (file for part in state.tables[table].values() for file in part.files)
        return Source("parquet", tuple(str(self.folder / file) for file in files))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other writers out, also those of this process; who is killed lets them in. Raises EngineUnavailable."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + PATIENCE
        try:
            while not _locked(lock):
                if time.monotonic() > deadline:
                    raise EngineUnavailable(f"{self.folder}: another process publishes. Publish again once it is done")
                time.sleep(0.1)
            yield
        finally:
            os.close(lock)

    def holds(self, part: Part) -> bool:
        """Tell whether the rows of a part are there."""
        return all((self.folder / file).is_file() for file in part.files)

    def takes_more(self, part: Part) -> bool:
        """Tell whether rows can be added to a part; else it is written anew."""
        return len(part.files) < FILES

    def write(
        self, table: str, last: State | None, writes: Iterable[Write], gone: Iterable[str]
    ) -> tuple[Mapping[str, Part], None]:
        """Write months of a table; return the parts that hold them."""
        return {each.month: self._part(each) for each in writes}, None

    def _part(self, written: Write) -> Part:
        file = f"{written.table}/month={written.month}/{uuid.uuid4().hex}.parquet"
        self._write_file(self.folder / file, written.batches())
        return replace(written.part, files=(*written.part.files, file))

    def _write_file(self, target: Path, batches: "pyarrow.RecordBatchReader") -> None:
        from pyarrow import parquet

        target.parent.mkdir(parents=True, exist_ok=True)
        with parquet.ParquetWriter(target, batches.schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_batch(batch)

    def commit(self, state: State, kept: int = KEPT_STATES) -> None:
        """Write a state in one step and keep so many. Raises EngineUnavailable, also where another writer was there."""
        target = self._file_of(state.number)
        target.parent.mkdir(parents=True, exist_ok=True)
        written = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            written.write_text(state.to_json(), encoding="utf-8")
            os.link(written, target)
        except FileExistsError:
            raise EngineUnavailable(f"{self.folder}: another process has published meanwhile. Publish again") from None
        finally:
            written.unlink(missing_ok=True)
        self._delete_unnamed(kept)

    def _delete_unnamed(self, states: int) -> None:
        """Delete what no state that is kept names: of states that went, and of a publish that was killed."""
        numbers = self.numbers()
        for number in numbers[:-states]:
            self._file_of(number).unlink(missing_ok=True)
        kept = {file for number in numbers[-states:] for file in self.state(number).files}
        for table in TABLES:
            for file in (self.folder / table).glob("month=*/*"):
                if str(file.relative_to(self.folder)) not in kept:
                    file.unlink(missing_ok=True)


def _locked(handle: int) -> bool:
    """Try to lock an open file; where files have no locks, as on Windows, what is written last tells of another one."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
