"""What Excel repairs, or refuses to open: looked for in every part of a package, as neither of our readers minds."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
NAME = re.compile(r"[A-Za-z_\\][A-Za-z0-9_.\\]*")
CELL = re.compile(r"[A-Z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*", re.IGNORECASE)
# The order in which a sheet's parts have to stand.
ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetProtection", "autoFilter",
    "mergeCells", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "drawing", "legacyDrawing", "tableParts",
)  # fmt: skip


def complaints(path: Path) -> list[str]:
    """Return what Excel would repair in a package."""
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        found = [f"twice: {name}" for name in {*names} if names.count(name) > 1]
        trees = {name: ElementTree.fromstring(package.read(name)) for name in names if name.endswith((".xml", ".rels"))}
    sheets = {name: tree for name, tree in trees.items() if name.startswith("xl/worksheets/sheet")}
    tables = {name: tree for name, tree in trees.items() if name.startswith("xl/tables/")}
    texts = _shared(trees)
    for name, tree in sheets.items():
        found += [f"{name}: {said}" for said in (*_sheet(tree), *_links(tree, trees.get(_relations(name))))]
        found += [f"{name}: {said}" for said in _headers(tree, trees.get(_relations(name)), tables, texts)]
    return [*found, *_tables(tables), *_names(trees["xl/workbook.xml"]), *_targets(trees)]


def _relations(name: str) -> str:
    folder, _, file = name.rpartition("/")
    return f"{folder}/_rels/{file}.rels"


def _shared(trees: dict[str, ElementTree.Element]) -> list[str]:
    shared = trees.get("xl/sharedStrings.xml")
    return ["".join(text.itertext()) for text in shared] if shared is not None else []


def _sheet(tree: ElementTree.Element) -> Iterator[str]:
    parts = [part.tag.removeprefix(MAIN) for part in tree]
    places = [ORDER.index(part) for part in parts]
    if places != sorted(places):
        yield f"parts in the order {parts}"
    rows = [int(row.attrib["r"]) for row in tree.iter(f"{MAIN}row")]
    if rows != sorted({*rows}):
        yield "rows that come twice, or not in order"
    for text in tree.iter(f"{MAIN}t"):
        if len((text.text or "").encode("utf-16-le")) // 2 > 32_767 * 7:  # of which some are escapes
            yield "a text that no cell holds"
    for cell in tree.iter(f"{MAIN}c"):
        value = cell.find(f"{MAIN}v")
        if cell.attrib.get("t", "n") == "n" and value is not None and value.text:
            float(value.text)
            if value.text.lower().lstrip("-") in ("inf", "nan", "infinity"):
                yield f"the number {value.text}"


def _links(tree: ElementTree.Element, relations: ElementTree.Element | None) -> Iterator[str]:
    links = list(tree.iter(f"{MAIN}hyperlink"))
    known = {each.attrib["Id"]: each.attrib for each in relations.iter(RELATION)} if relations is not None else {}
    if len(links) > 65_530:
        yield f"{len(links)} links"
    if len({link.attrib["ref"] for link in links}) < len(links):
        yield "two links of a cell"
    for link in links:
        place = next((value for key, value in link.attrib.items() if key.endswith("}id")), None)
        if place and not re.fullmatch(r"https?://\S{1,2079}", known[place]["Target"]):
            yield f"a link to {known[place]['Target']}"


def _headers(
    tree: ElementTree.Element, relations: ElementTree.Element | None, tables: dict[str, ElementTree.Element],
    texts: list[str],
) -> Iterator[str]:  # fmt: skip
    """Look at the tables of a sheet: their columns are called as the cells of their headers."""
    parts = [each.attrib["Target"] for each in relations.iter(RELATION)] if relations is not None else []
    here = [tables[part.lstrip("/")] for part in parts if "tables/" in part]
    cells = {cell.attrib["r"]: cell for cell in tree.iter(f"{MAIN}c") if "r" in cell.attrib}
    for table in here:
        first, row = re.match(r"([A-Z]+)(\d+)", table.attrib["ref"]).groups()  # type: ignore[union-attr]
        for n, column in enumerate(table.iter(f"{MAIN}tableColumn")):
            cell = cells[f"{_letters(_number(first) + n)}{row}"]
            said = "".join(cell.itertext()) if cell.attrib["t"] == "inlineStr" else texts[int("".join(cell.itertext()))]
            if said != column.attrib["name"]:
                yield f"a column {column.attrib['name']} under the header {said}"


def _tables(tables: dict[str, ElementTree.Element]) -> Iterator[str]:
    names = [table.attrib["displayName"] for table in tables.values()]
    if len({name.casefold() for name in names}) < len(names):
        yield f"tables of one name: {names}"
    if len({table.attrib["id"] for table in tables.values()}) < len(tables):
        yield "tables of one number"
    for table in tables.values():
        name, ref = table.attrib["displayName"], table.attrib["ref"]
        columns = [column.attrib["name"] for column in table.iter(f"{MAIN}tableColumn")]
        match = re.fullmatch(r"([A-Z]+)(\d+):([A-Z]+)(\d+)", ref)
        if not match or int(match[4]) <= int(match[2]) or _number(match[3]) - _number(match[1]) + 1 != len(columns):
            yield f"{name}: {len(columns)} columns in {ref}"
        if not NAME.fullmatch(name) or CELL.fullmatch(name) or len(name) > 255:
            yield f"a table called {name}"
        if len({column.casefold() for column in columns}) < len(columns) or not all(columns):
            yield f"{name}: columns {columns}"


def _names(book: ElementTree.Element) -> Iterator[str]:
    names = [sheet.attrib["name"] for sheet in book.iter(f"{MAIN}sheet")]
    if len({name.casefold() for name in names}) < len(names):
        yield f"sheets of one name: {names}"
    for name in names:
        odd = re.search(r"[\\/*?:\[\]]", name) or name.startswith("'") or name.endswith("'")
        if odd or not 1 <= len(name) <= 31 or name.casefold() == "history":
            yield f"a sheet called {name}"


def _targets(trees: dict[str, ElementTree.Element]) -> Iterator[str]:
    for name, tree in trees.items():
        for each in tree.iter(RELATION):
            target = each.attrib["Target"]
            if each.attrib.get("TargetMode") == "External":
                continue
            folder = name.rpartition("_rels/")[0]
            parts = (target if target.startswith("/") else f"/{folder}{target}").split("/")
            while ".." in parts:
                at = parts.index("..")
                del parts[at - 1 : at + 1]
            place = "/".join(parts).lstrip("/")
            if place.endswith(".xml") and place not in trees:
                yield f"{name}: no part {place}"


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found


def _letters(number: int) -> str:
    rest, letter = divmod(number - 1, 26)
    return (_letters(rest) if rest else "") + chr(65 + letter)
