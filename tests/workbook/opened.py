"""What a workbook of ours holds, as a reader finds it: tables by sheet, figures by metric, words by label."""

import importlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from workbench.progress import Progress
from workbench.workbook import apart
from workbench.workbook.plan import SECONDS_A_DAY


def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write files here, where limits can be made small, and where it begins sooner."""

    def run(program: str, folder: Path, target: Path, progress: Progress) -> float:
        importlib.import_module(program).main(str(folder / apart.PLAN), str(target))
        return 0.0

    monkeypatch.setattr(apart, "run", run)


def opened(path: Path) -> Workbook:
    """Open a workbook with its formulas."""
    return openpyxl.load_workbook(path)


def table(sheet: Worksheet) -> tuple[list[str], list[list[Any]]]:
    """Return the header and the rows of a sheet's table."""
    (ref,) = (found.ref for found in sheet.tables.values())
    header, *rows = [[cell.value for cell in row] for row in sheet[ref]]
    return header, [row for row in rows if any(cell is not None for cell in row)]


def total(sheet: Worksheet) -> dict[str, Any]:
    """Return what stands right below a sheet's table, by column."""
    (ref,) = (found.ref for found in sheet.tables.values())
    header, last = sheet[ref][0], sheet[ref][-1]
    below = [cell.offset(row=1).value for cell in last]
    return {cell.value: value for cell, value in zip(header, below, strict=True)}


def figures(sheet: Worksheet) -> dict[str, dict[str, Any]]:
    """Return the figures of a row of cards by metric and column; a duration in seconds."""
    rows = [[_seconds(cell) for cell in row] for row in sheet.iter_rows(max_col=7)]
    start = next(n for n, row in enumerate(rows) if row[0] == "Metric")
    found: dict[str, dict[str, Any]] = {}
    for row in rows[start + 1 :]:
        if not any(row[1:]):  # of what is said under them, too
            break
        found[str(row[0])] = dict(zip(rows[start], row, strict=True))
    return found


def _seconds(cell: Cell) -> Any:
    if isinstance(cell.value, timedelta):
        return cell.value.total_seconds()
    is_in_days = "[h]" in cell.number_format and isinstance(cell.value, int | float)
    return cell.value * SECONDS_A_DAY if is_in_days else cell.value


def said(sheet: Worksheet) -> list[tuple[str, str]]:
    """Return the labels and texts of a cover or of what is said of the data."""
    return [(row[0], row[1]) for row in sheet.iter_rows(values_only=True) if row[0] and row[1]]


def files(cover: Worksheet) -> list[tuple[Any, ...]]:
    """Return the lines of the source files on a cover."""
    rows = list(cover.iter_rows(values_only=True))
    start = next(n for n, row in enumerate(rows) if row[:2] == ("File", "What it is"))
    end = next(n for n, row in enumerate(rows) if n > start and not row[0])
    return rows[start + 1 : end]
