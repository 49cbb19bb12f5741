"""What a sheet holds beside the values that the parser gives: merged cells, hidden rows, what the parser reads wrongly.

Rows and columns count from 1, as in the sheet. Runs in the child process (see `child`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

Row = Sequence[object]
Merge = tuple[int, int, int, int]  # the first row and column, the last ones


@dataclass
class Oddities:
    """What was found in one sheet; `misread` are cells by row, each with its column and what it holds."""

    misread: dict[int, list[tuple[int, object]]] = field(default_factory=dict)
    merged: list[Merge] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    padded: Counter[int] = field(default_factory=Counter)  # by column: numbers that are shown with zeros before them
    uncalculated: int = 0  # formulas without a value
    reach: int = 0  # rows that the merged cells reach over, in all
    _filled: set[int] = field(default_factory=set)  # rows that were given the value of a cell above
    _wide: list[Merge] = field(default_factory=list)  # merged cells with a value that reach over columns

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Take a merged cell, by its first row and column and its last ones."""
        self.merged.append((top, left, bottom, right))
        self.reach += max(1, bottom - top)

    def restored(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Return a sheet's rows, from its first one on, as people see them."""
        return self._restored(rows) if self.misread or self.merged else rows

    def _restored(self, rows: Iterator[Row]) -> Iterator[Row]:
        begin: dict[int, list[Merge]] = defaultdict(list)
        for merge in self.merged:
            begin[merge[0]].append(merge)
        above: dict[int, tuple[int, object]] = {}  # by column: the last row of a merged cell, and its value
        for number, row in enumerate(rows, start=1):
            if above or number in self.misread or number in begin:
                row = list(row)
                self._put(row, self.misread.get(number, ()))
                self._fill(number, row, above)
                self._begin(row, begin.get(number, ()), above)
            yield row

    def _put(self, row: list[object], cells: Sequence[tuple[int, object]]) -> None:
        for column, value in cells:
            row += [""] * (column - len(row))
            row[column - 1] = value

    def _fill(self, number: int, row: list[object], above: dict[int, tuple[int, object]]) -> None:
        """Give a row the values of merged cells that reach down to it; a row with nothing of its own stays blank."""
        for column in [column for column, (last, _) in above.items() if last < number]:
            del above[column]
        if is_blank(row):
            return
        for column, (_, value) in above.items():
            if is_blank(row[column - 1 : column]):
                self._put(row, [(column, value)])
                self._filled.add(number)

    def _begin(self, row: list[object], merges: Sequence[Merge], above: dict[int, tuple[int, object]]) -> None:
        for merge in merges:
            first, column, last, right = merge
            if is_blank(row[column - 1 : column]):
                continue
            if last > first:
                above[column] = last, row[column - 1]
            if right > column:
                self._wide.append(merge)

    def said(self, header_row: int, header: Sequence[str], rows_hidden: int) -> list[str]:
        """Return what is to be said of the rows below the header, once they are read."""
        found = []
        if rows_hidden:
            found.append(f"{rows_hidden:,} hidden row{'s were' if rows_hidden > 1 else ' was'} read like the others")
        if filled := sum(row > header_row for row in self._filled):
            under = "1 row lies" if filled == 1 else f"{filled:,} rows lie"
            found.append(f"{under} under a cell merged over several rows; its value was read in each of them")
        if wide := [merge for merge in self._wide if merge[0] > header_row and _is_wide(merge, header)]:
            some = "1 cell is" if len(wide) == 1 else f"{len(wide):,} cells are"
            found.append(
                f"{some} merged over several columns (the first in row {wide[0][0]:,}), read in the first of them"
            )
        return [*found, *_uncalculated(self.uncalculated)]


def _is_wide(merge: Merge, header: Sequence[str]) -> bool:
    return sum(bool(name.strip()) for name in header[merge[1] - 1 : merge[3]]) > 1


def _uncalculated(formulas: int) -> list[str]:
    if not formulas:
        return []
    some = "cell holds a formula that was" if formulas == 1 else "cells hold formulas that were"
    return [f"{formulas:,} {some} never calculated, read as empty. Open the file in a spreadsheet program and save it"]


def is_blank(row: Row) -> bool:
    """Tell whether no cell of a row holds anything but blanks."""
    return not any(cell is not None and (not isinstance(cell, str) or cell.strip()) for cell in row)
