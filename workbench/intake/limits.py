"""How large a foreign file may be and what reading it may use: settings, and the one line that names the one passed."""

from dataclasses import dataclass, field, fields
from typing import Any

from workbench.errors import BadSelection, FileRefused, shortened

MB = 1 << 20
MOST = (1 << 31) - 1  # of any limit, in the unit in which it is shown


def _limit(default: int, meaning: str, unit: int = 1) -> Any:
    """Declare a limit: what it means to people, and the unit in which they are shown it."""
    return field(default=default, metadata={"meaning": meaning, "unit": unit})


@dataclass(frozen=True)
class Limits:
    """What a file may hold, and what the process that reads it may use; sizes in bytes.

    A sheet is held in memory cell by cell, blank ones too: 300,000 rows of 63 columns fit into `cells`. `parquet_cells`
    may be more, since that is read in pieces. `seconds` are of the process's own time, and of the clock.
    """

    cells: int = _limit(20_000_000, "Rows times columns of a sheet, or cells of all sheets")
    columns: int = _limit(2_000, "Columns of a sheet")
    tables: int = _limit(1_000, "Sheets of a workbook, or tables of a page")
    shared_strings: int = _limit(5_000_000, "Different texts of a workbook")
    error_cells: int = _limit(1_000_000, "Cells of a sheet that hold an error such as #N/A, or a negative time")
    merged_cells: int = _limit(5_000_000, "Rows that the merged cells of a sheet reach over, in all")
    parquet_cells: int = _limit(200_000_000, "Rows times columns of a Parquet file")
    html_bytes: int = _limit(64 * MB, "Size of a page with a table", MB)
    parts: int = _limit(2_000, "Parts of a workbook or an archive")
    part_bytes: int = _limit(800 * MB, "Size of one part of a workbook, unpacked", MB)
    unpacked_bytes: int = _limit(1024 * MB, "Size of a workbook, unpacked", MB)
    archived_files: int = _limit(50, "Files in an archive")
    archive_bytes: int = _limit(8192 * MB, "Size of what an archive holds, unpacked", MB)
    ratio: int = _limit(200, "Times its own size that a file may unpack to")
    ratio_from: int = _limit(10 * MB, "Unpacked size from which that is looked at", MB)
    seconds: int = _limit(120, "Seconds that reading a spreadsheet may take")
    memory: int = _limit(3072 * MB, "Memory that reading may use, at most", MB)
    least_memory: int = _limit(900 * MB, "Memory that reading even a small file may use", MB)
    memory_times: int = _limit(5, "Times its unpacked size that may be used on top, up to that most")
    disk: int = _limit(4096 * MB, "Size of the rows that are read, as text", MB)

    def memory_for(self, unpacked: int) -> int:
        """Return what a process may use that reads a file of so many bytes."""
        return min(self.memory, self.least_memory + self.memory_times * unpacked)


LIMITS = Limits()
UNITS: dict[str, int] = {limit.name: limit.metadata["unit"] for limit in fields(Limits)}


def check(name: str, value: str) -> None:
    """Raise BadSelection for a text that is no value of the limit of that name."""
    most = MOST * UNITS[name]
    if not (value.isascii() and value.isdigit() and len(value) < 20 and 0 < int(value) <= most):
        usual = getattr(LIMITS, name)
        raise BadSelection(
            f"limit_{name} is '{shortened(value)}', not a whole number from 1 to {most}. Until set it is {usual}"
        )


def passed(file: str, found: str, limits: Limits, name: str, instead: str = "Export a CSV instead") -> FileRefused:
    """Return the refusal of a file in which `found` is above the limit of that name."""
    value = getattr(limits, name)
    shown = f"{value // UNITS[name]:,}{' MB' if UNITS[name] == MB else ''}"
    return FileRefused(f"{file}: {found}, above the limit {name} = {shown}. {instead}")
