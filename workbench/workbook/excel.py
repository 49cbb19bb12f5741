"""Makes an Excel workbook of a plan, in a process of its own that can be killed: `python -m workbench.workbook.excel
PLAN TARGET`. Prints how much is done, 0 to 1, a line each."""

import pickle
import re
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from isal import isal_zlib
from openpyxl.worksheet.worksheet import Worksheet

from workbench.workbook import back, front, tables
from workbench.workbook.plan import Figures, Pack, Table, View
from workbench.workbook.rows import Rows
from workbench.workbook.sheets import INK, Book, printed, widen
from workbench.workbook.tables import Placed


def main(plan: str, target: str) -> None:
    """Write the workbook of a plan that this program has just written itself."""
    with Path(plan).open("rb") as file:
        pack: Pack = pickle.load(file)
    parts = Path(plan).parent
    written(pack, Rows(parts), parts, Path(target), _counter(pack))


def pack_fast() -> None:
    """Let this process, which does nothing else, pack by a library that takes a fifth of the time of zlib."""
    vars(zipfile)["zlib"] = isal_zlib


def _counter(pack: Pack) -> Callable[[int], None]:
    """Return what tells how much is done after so many more rows."""
    total = max(1, sum(tile.length for view in pack.views for tile in view.tiles if isinstance(tile, Table)))
    written = 0

    def step(rows: int) -> None:
        nonlocal written
        written += rows
        print(f"{written / total:.4f}", flush=True)

    return step


def written(pack: Pack, rows: Rows, parts: Path, target: Path, step: Callable[[int], None]) -> None:
    """Compose the sheets, save the package, and copy it to its target with the rows of the large tables."""
    book = Book()
    cover = book.sheet("Cover")
    is_page = len(pack.views) > 1 or any(isinstance(tile, Figures) for tile in pack.views[0].tiles[:-1])
    summary = book.sheet("Summary") if is_page else None
    placed = [_sheets(book, view, rows, step, is_page) for view in pack.views]
    if summary:
        front.summary(
            book, summary, [(view, list(each.values())) for view, each in zip(pack.views, placed, strict=True)]
        )
    known: dict[str, list[back.Known]] = {}
    if any(view.checks for view in pack.views):
        sheet = book.sheet("Checks")
        known[sheet.title] = back.checks(book, sheet, list(zip(pack.views, placed, strict=True)))
    back.definitions(book, book.sheet("Definitions"), pack.views)
    changed = [each.changed for each in chain.from_iterable(each.values() for each in placed)]
    back.quality(book, book.sheet("Data quality"), pack.views, changed)
    if pack.recipe:
        book.carry(pack.recipe)
    front.cover(book, cover, pack, _contents(book, pack, placed))
    saved, calculated = parts / "composed.xlsx", parts / "calculated.xlsx"
    book.book.save(saved)
    _calculated(saved, calculated, {_part(book.book[name]): found for name, found in known.items()})
    streams = [stream for each in placed for table in each.values() for stream in table.streams]
    rows.fill(calculated, target, {_part(sheet): stretch for sheet, stretch in streams}, step)


def _contents(book: Book, pack: Pack, placed: Sequence[Mapping[str, Placed]]) -> dict[str, str]:
    """Return the names of all sheets but the cover, of a pack with the view that each is of, by whose colour it is."""
    found = dict.fromkeys(book.book.sheetnames[1:], "")
    if len(pack.views) > 1:
        for n, (view, tables) in enumerate(zip(pack.views, placed, strict=True)):
            for sheet, _ in chain.from_iterable(table.sheets for table in tables.values()):
                sheet.sheet_properties.tabColor = INK.categories[n % len(INK.categories)][1:]
                found[sheet.title] = view.title
    return found


def _part(sheet: Worksheet) -> str:
    """Return where a sheet that was saved lies in the package."""
    return str(sheet.path).removeprefix("/")


def _sheets(book: Book, view: View, rows: Rows, step: Callable[[int], None], is_page: bool) -> dict[str, Placed]:
    """Add the sheets of the tiles of a view; figures stand on the summary, where there is one."""
    placed: dict[str, Placed] = {}
    for tile in view.tiles:
        if isinstance(tile, Table):
            placed[tile.tile] = tables.add(book, view, tile, rows, step)
        elif not is_page:
            sheet = book.sheet(tile.sheet, tile.mark)
            widen(sheet, front.WIDTHS)
            row = book.titled(sheet, tile.title, f"{view.title} · {view.days}")
            front.figures(book, sheet, row, "", tile)
            printed(sheet, view.title, is_wide=True, on_one_page=True)
    return placed


def _calculated(source: Path, target: Path, known: Mapping[str, Sequence[back.Known]]) -> None:
    """Copy a package with what its formulas come to, for which openpyxl has no place."""
    with ZipFile(source) as package, ZipFile(target, "w", ZIP_DEFLATED, compresslevel=1) as out:
        for name in package.namelist():
            content = package.read(name)
            for each in known.get(name, ()):
                content = re.sub(*_cached(each), content.decode(), count=1).encode()
            out.writestr(name, content)


def _cached(known: back.Known) -> tuple[str, str]:
    """Return what to look for of a cell with a formula, and what with its value."""
    kind = ' t="str"' if isinstance(known.value, str) else ""
    return (
        rf'(<c r="{known.cell}"(?: s="\d+")?)(?: t="\w+")?>(<f>[^<]*</f>)<v ?/>(?:</v>)?',
        rf"\g<1>{kind}>\g<2><v>{known.value}</v>",
    )


if __name__ == "__main__":
    pack_fast()
    main(*sys.argv[1:])
