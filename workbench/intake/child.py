"""The process in which foreign spreadsheets are parsed: limits itself, checks the file, reads it, says what it holds.

A well-formed workbook of 2 KB can make the reading library abort its whole process (guarantee 15), so nothing but this
process ever parses one. It takes its order as JSON and answers in JSON; it starts fast, so it imports little.
"""

import gc
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from workbench.errors import ChoiceNeeded, FileRefused
from workbench.intake import biff, compound
from workbench.intake.limits import Limits, passed
from workbench.intake.oddities import Oddities, Row
from workbench.intake.tables import Order, Table, chosen, wanted, written


def main() -> None:
    """Read one order from standard input, fulfil it, and print the answer."""
    gc.disable()  # millions of cells and no cycles: looking for some takes a tenth of the time
    asked = json.load(sys.stdin)
    order = Order(**asked | {"limits": Limits(**asked["limits"])})
    _limit_this_process(order.limits)
    try:
        answer = READERS[order.form](order)
    except ChoiceNeeded as needed:
        answer = {"refused": str(needed), "option": needed.option, "options": needed.options}
    except FileRefused as refused:
        answer = {"refused": str(refused)}
    json.dump(answer, sys.stdout)


def _limit_this_process(limits: Limits) -> None:
    try:
        import resource
    except ImportError:  # Windows: the check and the time limit of the parent are all there is
        return
    for limit, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def _limit_memory(order: Order, unpacked: int) -> None:
    """Lower the limit of memory to what a file of that size can need."""
    try:
        import resource
    except ImportError:
        return
    most = order.limits.memory_for(unpacked)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _xlsx(order: Order) -> dict[str, Any]:
    from workbench.intake import binary, package, signature

    copy = Path(order.target).with_suffix(f".{order.form}")  # the parser goes by the end of a name
    checked = binary.checked if order.form == "xlsb" else package.checked
    found = checked(Path(order.source), copy, order.file, order.limits)
    _limit_memory(order, found.unpacked)
    sheets = _sheets(copy, order, found.sheets.__getitem__, found.is_1904)
    return written(chosen(signature.of_sheets(sheets, Path(order.source)), order), order)


def _xls(order: Order) -> dict[str, Any]:
    """Read an old workbook; the check looks at its container only, the rest this process keeps from the host."""
    content = Path(order.source).read_bytes()
    compound.check(content, order.file)
    _limit_memory(order, len(content))
    book = biff.Workbook(compound.workbook(content, order.file))
    copy = Path(order.target).with_suffix(".xls")
    copy.write_bytes(content)
    return written(chosen(_sheets(copy, order, book.oddities, book.is_1904), order), order)


def _sheets(
    source: Path, order: Order, oddities: Callable[[int], Oddities], is_1904: bool | None = None
) -> Iterator[Table]:
    """Yield the workbook's sheets, hidden ones too, with what the library does not say of each."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(source))
    except python_calamine.PasswordError:
        raise FileRefused(f"{order.file}: protected by a password. Save it without one") from None
    if len(book.sheet_names) > order.limits.tables:
        raise passed(order.file, f"{len(book.sheet_names):,} sheets", order.limits, "tables")
    for n in wanted(book.sheet_names, order):
        about = book.sheets_metadata[n]
        is_hidden = about.visible != python_calamine.SheetVisibleEnum.Visible
        if about.typ == python_calamine.SheetTypeEnum.WorkSheet:
            yield Table(book.sheet_names[n], partial(_rows, book, n, order), oddities(n), is_1904, is_hidden=is_hidden)


def _rows(book: Any, n: int, order: Order) -> Iterator[Row]:
    """Yield a sheet's rows from its first row and column on; the library leaves out empty columns before the first."""
    sheet = book.get_sheet_by_index(n)
    start, end = sheet.start or (0, 0), sheet.end or (0, 0)
    rows, columns = end[0] + 1, end[1] + 1
    if columns > order.limits.columns:
        raise passed(order.file, f"{columns:,} columns", order.limits, "columns")
    if rows * columns > order.limits.cells:
        raise passed(order.file, f"{rows:,} rows x {columns:,} columns", order.limits, "cells")
    before = [""] * start[1]
    return (before + row for row in sheet.iter_rows()) if before else sheet.iter_rows()


def _ods(order: Order) -> dict[str, Any]:
    from workbench.intake import opendocument

    _limit_memory(order, opendocument.unpacked(order))
    sheets = opendocument.tables(order)
    places = wanted([sheet.name for sheet in sheets], order)
    return written(chosen([sheets[n] for n in places], order), order)


def _page(order: Order) -> dict[str, Any]:
    from workbench.intake import page

    opened = chosen(page.tables(order), order)
    if opened.known < 2:
        raise FileRefused(page.NO_REPORT.format(file=order.file))
    return written(opened, order)


def _parquet(order: Order) -> dict[str, Any]:
    from workbench.intake import parquet

    _limit_memory(order, Path(order.source).stat().st_size)
    return written(chosen([parquet.table(order)], order), order)


READERS = {"xlsx": _xlsx, "xlsb": _xlsx, "xls": _xls, "ods": _ods, "page": _page, "parquet": _parquet}

if __name__ == "__main__":
    main()
