"""A binary workbook (.xlsb) gives the rows that the same table gives as .xlsx."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Desk
from tests.intake.foreign import Cell, Part, binary_record, save, xlsb, zipped
from tests.intake.test_oddities import FORMATS, NEGATIVE, check_said
from tests.intake.test_spreadsheets import NAMES, ROW, Clean, made

AT = "2024-03-05 10:00:00"
TALK = ("Contact ID", "Queued At", "Talk Time")


def cells(*lines: Sequence[object]) -> list[Cell]:
    """Return cells of rows; a pair is a value and the position of its format."""
    found: list[Cell] = []
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            if value is not None:
                found.append((row, column, *value) if isinstance(value, tuple) else (row, column, value))
    return found


def binary(path: Path, *lines: Sequence[object], **more: Any) -> Path:
    return save(path, zipped(xlsb(cells(*lines), **more)))


def test_a_binary_workbook_gives_the_rows_that_the_same_table_as_xlsx_gives(desk: Desk) -> None:
    lines = [[f"c{n}", AT, n * 1.5, n] for n in range(5)]
    names = (*TALK, "Times Offered")
    assert desk.workbench.load(binary(desk.folder / "a.xlsb", names, *lines)).rows_loaded == 5
    assert desk.workbench.load(made(desk.folder / "b.xlsx", names, *lines)).rows_unchanged == 5


def test_negative_times_of_a_binary_workbook_keep_their_sign(tmp_path: Path) -> None:
    lines = [[f"c{n}", AT, (-0.25, n)] for n in range(1, len(FORMATS) + 1)]
    clean = Clean(binary(tmp_path / "a.xlsb", TALK, *lines, formats=FORMATS))
    assert [float(text) for text in clean.column("Talk Time")] == NEGATIVE


@pytest.mark.parametrize(("is_1904", "days"), [(False, 45356), (True, 43894)])
def test_whole_days_of_a_binary_workbook_keep_their_format(tmp_path: Path, is_1904: bool, days: int) -> None:
    lines = [["a", (days, 1), (2, 2)], ["b", (float(days), 1), (2.0, 2)], ["c", (days, 1), 2], ["d", days, (-2, 2)]]
    file = binary(tmp_path / "a.xlsb", TALK, *lines, formats=["yyyy-mm-dd", "[h]:mm"], is_1904=is_1904)
    clean = Clean(file)
    assert clean.column("Queued At") == ["2024-03-05 00:00:00"] * 4
    assert clean.column("Talk Time") == ["172800", "172800", "2", "-172800"]


def test_merged_hidden_wrong_and_padded_cells_of_a_binary_workbook_are_said(tmp_path: Path) -> None:
    lines = [NAMES, [(7, 1), AT, "SMS"], ["b", AT], [(10000, 1), AT, b"\x2a"]]
    merge = binary_record(176, struct.pack("<4L", 1, 2, 2, 2))
    clean = Clean(binary(tmp_path / "a.xlsb", *lines, formats=["00000"], more=merge, hidden=[0, 3]))
    assert clean.column("Channel") == ["SMS", "SMS", "#N/A"]
    check_said(clean)


def test_a_binary_workbook_with_parts_that_no_one_reads_is_read_under_any_name(tmp_path: Path) -> None:
    parts = xlsb(cells(NAMES, ROW), extra=[Part("xl/calcChain.bin", b"\xff" * 9), Part("xl/media/a.png", b"\x89PNG")])
    assert Clean(save(tmp_path / "a.xlsx", zipped(parts))).rows == [[*ROW, "2"]]
