"""Makes an Excel workbook of Parquet files, in a process of its own that can be killed:
`python -m workbench.workbook.excel MANIFEST`. Prints how much is done, 0 to 1, a line each.

Text stays text: no cell becomes a formula, a link or an error (guarantee 17).
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from workbench.intake.signature import ABOUT, PROPERTY
from workbench.workbook import FORMULA

ROWS_PER_SHEET = 1_048_576 - 1  # rows that fit below the header
TEXT_LIMIT = 32_767  # characters that Excel keeps in a cell
BATCH = 5_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

# Excel cannot show a negative time, so below zero a duration is shown in days.
NUMBER_FORMATS = {
    "count": "#,##0",
    "decimal": "#,##0.00",
    "money": "#,##0.00",
    "rate": "0.0 %",
    "points": "0.0 %",
    "duration": '[<0]-0.0000" d";[h]:mm:ss',
    "seconds": "#,##0.###",
    "timestamp": "d mmm yyyy hh:mm:ss",
    "date": "d mmm yyyy",
}
SECONDS_A_DAY = 86_400


class _Sheets:
    """A workbook being written, and how many texts had to be changed to fit into Excel."""

    def __init__(self) -> None:
        self.book = Workbook(write_only=True)
        self.shortened = 0

    def sheet(self, title: str) -> WriteOnlyWorksheet:
        taken = set(self.book.sheetnames)
        plain = re.sub(r"[\\/*?:\[\]]", " ", title)[:28]
        names = (plain if n == 1 else f"{plain} {n}" for n in range(1, 1000))
        return self.book.create_sheet(next(name for name in names if name not in taken))

    def cell(self, sheet: WriteOnlyWorksheet, value: object, format: str = "text") -> Any:
        if isinstance(value, str):
            return self._text(sheet, value)
        if format == "duration" and isinstance(value, int | float):
            value = value / SECONDS_A_DAY
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = NUMBER_FORMATS.get(format, "General")
        return cell

    def _text(self, sheet: WriteOnlyWorksheet, value: str) -> Any:
        self.shortened += len(value) > TEXT_LIMIT
        clean = _CONTROL.sub("\ufffd", value)[:TEXT_LIMIT]
        cell = WriteOnlyCell(sheet, clean)
        cell.data_type = "s"
        if re.match(FORMULA, clean):
            cell.quotePrefix = True
        return cell


def main(manifest_path: str) -> None:
    """Write the workbook that a manifest describes."""
    manifest = json.loads(Path(manifest_path).read_text(encoding="utf-8"))
    sheets = _Sheets()
    total = max(1, sum(parquet.ParquetFile(sheet["path"]).metadata.num_rows for sheet in manifest["sheets"]))
    written = 0

    def step(rows: int) -> None:
        nonlocal written
        written += rows
        print(f"{written / total:.4f}", flush=True)

    about = sheets.sheet(ABOUT)
    for sheet in manifest["sheets"]:
        _write_table(sheets, sheet, step)
    _write_about(sheets, about, manifest["about"])
    sheets.book.save(manifest["target"])


def _write_about(sheets: _Sheets, sheet: WriteOnlyWorksheet, about: list[list[str]]) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 100
    if sheets.shortened:
        about = [
            *about,
            ["Shortened", f"{sheets.shortened} texts were longer than {TEXT_LIMIT:,} characters and were cut"],
        ]
    for label, text in about:
        cells = [sheets.cell(sheet, label), sheets.cell(sheet, text)]
        cells[0].font = Font(bold=True)
        cells[1].alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append(cells)


def _write_table(sheets: _Sheets, table: dict[str, Any], step: Callable[[int], None]) -> None:
    """Write one table, over as many sheets as its rows need; durations get a column of raw seconds beside them."""
    sheet, room = _new_sheet(sheets, table), ROWS_PER_SHEET
    formats = [column["format"] for column in table["columns"]]
    for rows in _batches(table["path"]):
        for row in rows:
            if room == 0:
                sheet, room = _new_sheet(sheets, table), ROWS_PER_SHEET
            sheet.append(_cells(sheets, sheet, row, formats))
            room -= 1
        step(len(rows))


def _cells(sheets: _Sheets, sheet: WriteOnlyWorksheet, row: tuple[object, ...], formats: list[str]) -> list[Any]:
    cells = []
    for value, format in zip(row, formats, strict=True):
        missing = value is None or value != value  # NaN differs from itself
        cells.append(None if missing else sheets.cell(sheet, value, format))
        if format == "duration":
            cells.append(None if missing else sheets.cell(sheet, value, "seconds"))
    return cells


def _batches(path: str) -> Iterator[list[tuple[object, ...]]]:
    for batch in parquet.ParquetFile(path).iter_batches(BATCH):
        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _new_sheet(sheets: _Sheets, table: dict[str, Any]) -> WriteOnlyWorksheet:
    sheet = sheets.sheet(table["title"])
    sheets.book.custom_doc_props.append(StringProperty(name=f"{PROPERTY}{sheet.title}", value=table["mark"]))
    labels: list[str] = []
    for column in table["columns"]:
        labels += [column["label"], *([f"{column['label']} (seconds)"] if column["format"] == "duration" else [])]
    for number, label in enumerate(labels, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(max(len(label) + 2, 14), 40)
    sheet.freeze_panes = "A2"
    header = [sheets.cell(sheet, label) for label in labels]
    for cell in header:
        cell.font = Font(bold=True)
    sheet.append(header)
    return sheet


if __name__ == "__main__":
    main(sys.argv[1])
