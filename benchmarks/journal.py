"""What a large run has measured, as lines of JSON behind one another, so that the next run goes on after them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.measure import Row


@dataclass(frozen=True)
class Line:
    """One row of a piece of work: by which version of the code, at how many contacts, and the memory at most so far."""

    version: str
    contacts: int
    section: str
    piece: str
    row: Row
    peak: float


@dataclass(frozen=True)
class Journal:
    """The lines of a file. Those of other versions of the code stay in it, and say nothing."""

    path: Path
    version: str

    def lines(self) -> list[Line]:
        """Return the lines of this version, in order; one that an end of the run has cut is none."""
        texts = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        return [line for text in texts for line in _read(text) if line.version == self.version]

    def pieces(self, contacts: int, section: str) -> set[str]:
        """Return the pieces of a section that are measured at a size."""
        return {line.piece for line in self.lines() if (line.contacts, line.section) == (contacts, section)}

    def add(self, contacts: int, section: str, piece: str, rows: Sequence[Row], peak: float) -> None:
        """Write all rows of a piece, at once."""
        lines = (asdict(Line(self.version, contacts, section, piece, row, peak)) for row in rows)
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" + "".join(json.dumps(line) + "\n" for line in lines))


def _read(text: str) -> Iterator[Line]:
    try:
        found = json.loads(text)
    except ValueError:
        return
    yield Line(**found | {"row": Row(**found["row"])})
