"""How large a foreign file may be and what reading it may use: settings, and the one line that names the one passed."""

from dataclasses import dataclass

from workbench.errors import FileRefused


@dataclass(frozen=True)
class Limits:
    """What a file may hold, and what the process that reads it may use; sizes in bytes.

    A sheet is held in memory cell by cell, blank ones too, so `cells` counts rows times columns: 300,000 rows of 63
    columns fit. `parquet_cells` may be more, since that is read in pieces. `ratio` is how many times its own size a
    file may unpack to, once that is above `ratio_from`. The reading process may use `least_memory` and
    `memory_times` what its file unpacks to, `memory` at most; `seconds` are of its processor, and of the clock.
    """

    parts: int = 2_000
    part_bytes: int = 800 << 20
    unpacked_bytes: int = 1 << 30
    ratio: int = 200
    ratio_from: int = 10 << 20
    shared_strings: int = 5_000_000
    columns: int = 2_000
    cells: int = 20_000_000
    parquet_cells: int = 200_000_000
    error_cells: int = 1_000_000
    html_bytes: int = 64 << 20
    tables: int = 1_000
    archived_files: int = 50
    archive_bytes: int = 8 << 30
    least_memory: int = 900 << 20
    memory_times: int = 5
    memory: int = 3 << 30
    seconds: int = 120
    disk: int = 4 << 30

    def memory_for(self, unpacked: int) -> int:
        """Return what a process may use that reads a file of so many bytes."""
        return min(self.memory, self.least_memory + self.memory_times * unpacked)


LIMITS = Limits()
_BYTES = {"part_bytes", "unpacked_bytes", "html_bytes", "archive_bytes", "least_memory", "memory", "disk", "ratio_from"}


def passed(file: str, found: str, limits: Limits, name: str, instead: str = "Export a CSV instead") -> FileRefused:
    """Return the refusal of a file in which `found` is above the limit of that name."""
    value = getattr(limits, name)
    shown = f"{value >> 20:,} MB" if name in _BYTES else f"{value:,}"
    return FileRefused(f"{file}: {found}, above the limit {name} = {shown}. {instead}")
