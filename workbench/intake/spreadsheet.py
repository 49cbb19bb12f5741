"""Spreadsheets to a clean CSV, in a child process with limits.

A well-formed workbook of 2 KB can make the reading library abort its whole process (guarantee 15), so only a child
ever parses one: `python -m workbench.intake.spreadsheet SOURCE TARGET [SHEET]`.
"""

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast

from workbench.errors import ChoiceNeeded, FileRefused
from workbench.exports import KINDS
from workbench.intake import headers as header_lines
from workbench.intake import text

MAGIC = b"PK\x03\x04"
ENTRIES, UNPACKED, RATIO = 2_000, 512 << 20, 200  # what a package may hold: parts, bytes, and times its own size
MEMORY, SECONDS, DISK = 3 << 30, 120, 4 << 30  # what the child may use: bytes, processor seconds, bytes


def is_spreadsheet(source: Path) -> bool:
    """Tell by its first bytes whether a file is an .xlsx package."""
    with source.open("rb") as file:
        return file.read(4) == MAGIC


def read_spreadsheet(source: Path, target: Path, sheet: str | None) -> text.TextFile:
    """Write the sheet that holds a report to `target` and say what was found.

    Raises FileRefused when the package is damaged, too large or holds no report; ChoiceNeeded when several sheets do.
    """
    _check_package(source)
    found = _run_child(source, target, sheet)
    if found["several"]:
        names = ", ".join(found["several"])
        raise ChoiceNeeded(f"{source.name}: several sheets hold a report ({names}). Say which with --sheet", "--sheet")
    if found["unknown"]:
        raise FileRefused(f"{source.name}: has no sheet '{sheet}'. Its sheets are: {', '.join(found['unknown'])}")
    return text.TextFile(
        target, "xlsx", ",", tuple(found["header"]), found["records"], found["first_row"], has_rows=True,
        warnings=tuple(found["warnings"]),
    )  # fmt: skip


def _check_package(source: Path) -> None:
    try:
        parts = zipfile.ZipFile(source).infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise FileRefused(f"{source.name}: a damaged .xlsx. Save it again, or export a CSV") from None
    names = {part.filename for part in parts}
    size = sum(part.file_size for part in parts)
    problems = {
        "not a spreadsheet": "xl/workbook.xml" not in names,
        f"more than {ENTRIES:,} parts": len(parts) > ENTRIES,
        f"unpacks to more than {UNPACKED >> 20} MB": size > UNPACKED,
        "packed suspiciously tight": size > 10 << 20 and size > RATIO * max(source.stat().st_size, 1),
        "encrypted": any(part.flag_bits & 1 for part in parts),
        "parts outside of the package": any(".." in name for name in names),
    }
    for problem, is_there in problems.items():
        if is_there:
            raise FileRefused(f"{source.name}: {problem}. Export a CSV instead")


def _run_child(source: Path, target: Path, sheet: str | None) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "workbench.intake.spreadsheet",
        str(source.resolve()),
        str(target.resolve()),
        *([sheet] if sheet else []),
    ]
    root = Path(__file__).parents[2]
    try:
        child = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, cwd=root, check=False)
    except subprocess.TimeoutExpired:
        raise FileRefused(f"{source.name}: took longer than {SECONDS} s to read. Export a CSV instead") from None
    if child.returncode:
        raise FileRefused(
            f"{source.name}: the spreadsheet cannot be read: damaged or far too large. Export a CSV instead"
        )
    return cast(dict[str, Any], json.loads(child.stdout))


def main(source: str, target: str, sheet: str | None = None) -> None:
    """Read one sheet in this process, write it as a clean CSV and print what was found as JSON."""
    _limit_this_process()
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(source)
    found = {"several": [], "unknown": [], "header": [], "records": 0, "first_row": 2, "warnings": []}
    if sheet and sheet not in book.sheet_names:
        print(json.dumps(found | {"unknown": book.sheet_names}))
        return
    sheets = {name: _rows(book, name) for name in ([sheet] if sheet else book.sheet_names)}
    best = {name: _header_row(rows) for name, rows in sheets.items()}
    top = max(score for _, score in best.values())
    chosen = [name for name, (_, score) in best.items() if score == top]
    if len(chosen) > 1 and top >= 2:
        print(json.dumps(found | {"several": chosen}))
        return
    print(json.dumps(found | _write(sheets[chosen[0]], best[chosen[0]][0], Path(target))))


def _limit_this_process() -> None:
    try:
        import resource
    except ImportError:
        return
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, DISK),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def _rows(book, name: str) -> list[list[object]]:  # type: ignore[no-untyped-def]
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False)  # type: ignore[no-any-return]


def _header_row(rows: Sequence[Sequence[object]]) -> tuple[int, int]:
    """Return the position of the row that matches a report's header best, and how many columns it knows."""
    scores = [header_lines.score([shown(cell) for cell in row], KINDS.values()) for row in rows[: text.HEADER_SEARCH]]
    top = max(scores, default=0)
    return (scores.index(top) if top >= 2 else 0), top


def _write(rows: Sequence[Sequence[object]], header_row: int, target: Path) -> dict[str, object]:
    header = [shown(cell) for cell in rows[header_row]] if rows else []
    while header and not header[-1].strip():
        header.pop()
    width = len(header)
    records = [
        [*(shown(cell) for cell in row[:width]), str(number)]
        for number, row in enumerate(rows[header_row + 1 :], start=header_row + 2)
        if any(cell not in ("", None) for cell in row)
    ]
    text.written([[*header, "row"], *records], target)
    warnings = [f"{header_row} rows above the header left out"] if header_row else []
    return {"header": header, "records": len(records), "first_row": header_row + 2, "warnings": warnings}


def shown(cell: object) -> str:
    """Return a cell's value as the text that a CSV export would hold: ISO times, seconds, plain numbers."""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, timedelta):
        return repr(cell.total_seconds())
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell)


if __name__ == "__main__":
    main(*sys.argv[1:])
