"""Files that would harm the host or mislead, each with its verdict: the rows that load, or the reason that is given.

python -m tests.intake.hostile FOLDER makes them all, loads each into one workbench while a thread goes on asking that
workbench, and prints a line of JSON per file: what became of it, seconds, and the memory it took in bytes.
"""

import gzip
import json
import resource
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pyarrow
from pyarrow import parquet

from tests.intake import foreign
from tests.intake.foreign import (
    MAIN,
    OFFICE,
    PACKAGE,
    Part,
    cell,
    ods,
    ods_document,
    ods_rows,
    package,
    repeated,
    rows,
    worksheet,
    zipped,
)
from workbench import Workbench, WorkbenchError

HEADER = ("Contact ID", "Queued At", "Channel")
ROW = ("a", "2024-03-05 10:00:00", "CHAT")
CSV = (",".join(HEADER) + "\n" + ",".join(ROW) + "\n").encode()
SHEET = rows(HEADER, ROW)
GOOD = package(SHEET)
PAGE = b"<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>"


@dataclass(frozen=True)
class Hostile:
    """A file, how it is made, and its verdict: how many rows load, or a pattern of the refusal."""

    name: str
    content: Callable[[], bytes]
    verdict: int | str


def _with(cells: str, before: str = "", after: str = "") -> bytes:
    """Return a good report with more cells in its sheet, and more XML before and after these."""
    return zipped(package(before + SHEET.replace("</sheetData>", cells + "</sheetData>") + after))


def _merged(cells: str) -> str:
    return f'<mergeCells><mergeCell ref="{cells}"/></mergeCells>'


def _large(before: str, block: str, times: int, after: str) -> bytes:
    start, end = worksheet("|").split("|")
    packed, size = repeated((start + before).encode(), block.encode(), times, (after + end).encode())
    return zipped(package(Part("", packed=packed, size=size)))


def _strings(xml: str, shared: int = 0) -> bytes:
    sheet = SHEET.replace("</sheetData>", f'<row r="3"><c r="A3" t="s"><v>{shared}</v></c></row></sheetData>')
    return zipped(package(sheet, strings=xml))


def _sst(inner: str, attributes: str = "") -> str:
    return f'<sst xmlns="{MAIN}" {attributes}>{inner}</sst>'


def _entities(doctype: str, text: str) -> bytes:
    start, rest = worksheet(SHEET.replace("CHAT", text)).split("<worksheet")
    return zipped(package((start + doctype + "<worksheet" + rest).encode()))


def _renamed(old: str, new: str) -> bytes:
    return zipped([Part(new if part.name == old else part.name, part.content) for part in GOOD])


def _stray_and_rows(stray: str) -> bytes:
    lines = "".join(f'<row r="{n}">{cell(n, 1, n)}</row>' for n in range(4, 20_004))
    return _with(f'<row r="3">{cell(3, 1, "x")}<c r="{stray}3"><v>1</v></c></row>' + lines)


def _amplified() -> bytes:
    """One long text, and 30,000 cells that each say it again: 1 GB for the parser."""
    lines = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(3, 30_003))
    sheet = SHEET.replace("</sheetData>", lines + "</sheetData>")
    return zipped(package(sheet, strings=_sst(f"<si><t>{'x' * 32_767}</t></si>")))


def _many_parts() -> bytes:
    return zipped([*GOOD, *(Part(f"xl/media/{n}") for n in range(60_000))])


def _lying_directory() -> bytes:
    content = bytearray(zipped(GOOD))
    at = content.rfind(b"PK\5\6")
    content[at + 12 : at + 20] = struct.pack("<LL", 10, 0xFFFFFF)
    return bytes(content)


def _two_directories() -> bytes:
    """Another directory within the comment of the first: readers do not agree on which is meant."""
    return zipped(GOOD, comment=zipped([Part("xl/workbook.xml")]) + b"x")


def _flipped() -> bytes:
    content = bytearray(zipped(GOOD))
    at = content.find(b"xl/worksheets/sheet1.xml") + 60
    content[at] ^= 0xFF
    return bytes(content)


def _overlapping() -> bytes:
    packed, size = repeated(b"", bytes(1 << 20), 9, b"")
    return zipped([Part("a.csv", packed=packed, size=size), *(Part(f"{n}.csv", packed=packed, size=size, offset=0)
                   for n in range(20))])  # fmt: skip


def _zip(**files: bytes) -> bytes:
    return zipped([Part(name.replace("__", "/"), content) for name, content in files.items()])


def _gzip_bomb() -> bytes:
    packed, size = repeated(CSV, bytes(1 << 20), 2_000, b"")
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + packed + struct.pack("<LL", 0, size & 0xFFFFFFFF)


def _parquet(columns: int = 3) -> bytes:
    names = [*HEADER, *(f"c{n}" for n in range(columns - 3))]
    table = pyarrow.table({name: [*ROW, *["x"] * columns][n : n + 1] for n, name in enumerate(names)})
    out = BytesIO()
    parquet.write_table(table, out)
    return out.getvalue()


def _lying_footer() -> bytes:
    content = _parquet()
    return content[:-8] + struct.pack("<L", 0x7FFFFFFF) + b"PAR1"


def _broken_footer() -> bytes:
    content = bytearray(_parquet())
    length = struct.unpack("<L", content[-8:-4])[0]
    content[-8 - length : -8] = b"\xff" * length
    return bytes(content)


def _lying_rows() -> bytes:
    """A file of 61 rows whose footer says that it has 60."""
    out = BytesIO()
    parquet.write_table(pyarrow.table({name: [value] * 61 for name, value in zip(HEADER, ROW, strict=True)}), out)
    return out.getvalue().replace(b"\x16\x7a", b"\x16\x78", 1)


def _crafted_xls() -> bytes:
    content = bytearray(foreign.xls([(0, 0, "Contact ID")]))
    content[26:28], content[30:32] = b"\4\0", b"\x0c\0"  # version 4, with sectors of 4,096 bytes
    content[40:44] = struct.pack("<L", 0x200000)  # sectors of its directory: 8 GB
    return bytes(content)


def _encrypted() -> bytes:
    return foreign.compound("EncryptedPackage", bytes(5_000))


def _elsewhere(target: str) -> bytes:
    relation = f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="{target}"/>'
    parts = {part.name: part for part in GOOD}
    parts["xl/_rels/workbook.xml.rels"] = Part("xl/_rels/workbook.xml.rels", f"{relation}</Relationships>".encode())
    return zipped(parts.values())


def _reached(target: str) -> bytes:
    """A hostile sheet beside a good one, which the workbook finds by its relation alone."""
    sheet = worksheet('<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>').encode()
    parts = package(SHEET, rows(["x"]), extra=[Part("xl/worksheets/Own sheet.xml", sheet)])
    return zipped(Part(part.name, part.content.replace(b"worksheets/sheet2.xml", target.encode())) for part in parts)


def _unread(size: int, said: int | None = None) -> bytes:
    """A good report with a part that no reader needs, of zeros."""
    packed, whole = repeated(b"", bytes(1 << 20), size, b"")
    return zipped([*GOOD, Part("xl/media/image1.jpeg", packed=packed, size=whole if said is None else said)])


def _under_merged_cells() -> bytes:
    """A table as large as may be, of nothing but merged cells that reach from its top to its bottom."""
    columns = [foreign.letters(n) for n in range(1, 2_000)]
    first = "".join(cell(1, n, f"c{n}") for n in range(1, 2_000))
    lines = "".join(f'<row r="{n}">{cell(n, 2_000, n)}</row>' for n in range(2, 10_000))
    merges = "".join(f'<mergeCell ref="{column}1:{column}9999"/>' for column in columns)
    return zipped(package(f'<sheetData><row r="1">{first}</row>{lines}</sheetData><mergeCells>{merges}</mergeCells>'))


def _circle() -> bytes:
    content = bytearray(foreign.xls([(0, 0, "Contact ID")]))
    content[512 + 4 * 5 : 512 + 4 * 6] = struct.pack("<L", 2)  # the workbook's fourth sector leads to its first
    return bytes(content)


def _table_of_tables() -> bytes:
    """An old workbook whose list of tables goes on in a sector that names itself as the next."""
    content = bytearray(foreign.xls([(0, 0, "Contact ID")]))
    content[44:48], content[68:76] = struct.pack("<L", 2), struct.pack("<2L", 2, 1)
    content[512 * 3 : 512 * 4] = struct.pack("<128L", *[0xFFFFFFFF] * 127, 2)
    return bytes(content)


def _xlsb(*cells: foreign.Cell, after: bytes = b"", strings: bytes = b"") -> bytes:
    """Return a good report with more cells, as a binary workbook."""
    good: list[foreign.Cell] = [(n, at, text) for n, line in enumerate((HEADER, ROW)) for at, text in enumerate(line)]
    return zipped(
        foreign.xlsb([*good, *cells], more=after, extra=[Part("xl/sharedStrings.bin", strings)] * bool(strings))
    )


def _ods(rows_: str, before: str = "") -> bytes:
    """Return a good report with more rows."""
    return ods(ods_rows(HEADER, ROW) + rows_, before=before)


def _ods_of(block: str, times: int) -> bytes:
    head, tail = ods_document(ods_rows(HEADER, ROW) + "|").split("|")
    packed, size = repeated(head.encode(), block.encode(), times, tail.encode())
    return zipped([Part("mimetype", foreign.ODS), Part("content.xml", packed=packed, size=size)])


def _page(cells: str) -> bytes:
    head = "".join(f"<th>{name}</th>" for name in HEADER)
    return f"<html><table><tr>{head}</tr>{cells}</table></html>".encode()


PREFIXED = '<x:row r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>'
QUOTED = "<row r='1048576'><c\tr = 'XFD1048576'><v>1</v></c></row>"
ODS_CELL = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
LONG_TEXT = "x" * 32_767
MANY = ' table:number-columns-repeated="999999999">'
ODS_GRID = (
    f'<table:table-row table:number-rows-repeated="9000">{ODS_CELL.replace(">", MANY.replace("999999999", "2000"), 1)}'
    "</table:table-row>"
)
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10)
) + "]>"  # fmt: skip
LONG = f'<!DOCTYPE x [<!ENTITY a "{"x" * 100_000}">]>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'

CORPUS = (
    # Cells far away
    Hostile("last-cell.xlsx", lambda: _with('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "limit columns"),
    Hostile("stray-column.xlsx", lambda: _stray_and_rows("XFD"), "16,384 columns, above the limit columns = 2,000"),
    Hostile("stray-within.xlsx", lambda: _stray_and_rows("BXX"), "above the limit cells = 20,000,000. Delete what"),
    Hostile("stray-row.xlsx", lambda: _with('<row r="900000"><c r="BK900000"><v>1</v></c></row>'), "limit cells"),
    Hostile("outside.xlsx", lambda: _with('<row r="3"><c r="ZZZZZZ99999999999"><v>1</v></c></row>'), "outside of the"),
    Hostile("row-too-far.xlsx", lambda: _with('<row r="1048577"><c r="A1048577"><v>1</v></c></row>'), "outside of the"),
    Hostile("prefixed.xlsx", lambda: _with(PREFIXED), "limit columns"),
    Hostile("quoted.xlsx", lambda: _with(QUOTED), "limit columns"),
    Hostile("no-places.xlsx", lambda: _with(f"<row>{'<c><v>1</v></c>' * 2_500}</row>"), "limit columns"),
    Hostile("lying-dimension.xlsx", lambda: _with("", before='<dimension ref="A1:XFD1048576"/>'), 1),
    Hostile("merged-grid.xlsx", lambda: _with("", after=_merged("A1:XFD1048576")), 1),
    Hostile("merged.xlsx", lambda: _with("", after=_merged("A1:ZZ20000")), 1),
    # Cells that hide others
    Hostile("negative-row.xlsx", lambda: _with('<row r="-5"><c r="A-5"><v>1</v></c></row>'), "not an .xlsx that can"),
    Hostile("row-zero.xlsx", lambda: _with('<row r="0"><c r="A0"><v>1</v></c></row>'), "not in order"),
    Hostile("row-twice.xlsx", lambda: _with(f'<row r="2">{cell(2, 1, "b")}</row>'), "not in order"),
    Hostile("cell-twice.xlsx", lambda: _with(f'<row r="3">{cell(3, 1, "b")}{cell(3, 1, "c")}</row>'), "not in order"),
    # Numbers and texts that lie
    Hostile("unique-count.xlsx", lambda: _strings(_sst("<si><t>a</t></si>", 'uniqueCount="99999999999"')), "limit sha"),
    Hostile("no-such-text.xlsx", lambda: _strings(_sst("<si><t>a</t></si>"), shared=7), "not an .xlsx that can"),
    Hostile("said-again.xlsx", _amplified, "needs too much memory to read for its size"),
    Hostile("rows.xlsx", lambda: _large("<sheetData>", "<row><c><v>1</v></c></row>" * 40_000, 1_000, "</sheetData>"),
            "times its size, above the limit ratio = 200"),
    Hostile("text.xlsx", lambda: _large("<sheetData><row><c><v>", "x" * (1 << 20), 2_000, "</v></c></row></sheetData>"),
            "times its size, above the limit ratio = 200"),
    Hostile("long-text.xlsx", lambda: _with(f'<row r="3"><c r="A3" t="str"><v>{"x" * 6_000_000}</v></c></row>'),
            "a text longer than any cell"),
    Hostile("deep.xlsx", lambda: _with("", after="<a>" * 200_000 + "</a>" * 200_000), 1),
    Hostile("uncalculated.xlsx", lambda: _with(f'<row r="3">{cell(3, 1, "b")}<c r="B3"><f>NOW()</f></c></row>'), 2),
    # Markup
    Hostile("laughs.xlsx", lambda: _entities(LAUGHS, "&j;"), "DOCTYPE"),
    Hostile("quadratic.xlsx", lambda: _entities(LONG, "&a;" * 10_000), "DOCTYPE"),
    Hostile("entity.xlsx", lambda: _entities(FILE, "&a;"), "DOCTYPE"),
    Hostile("utf-16.xlsx", lambda: zipped(package(worksheet(SHEET).encode("utf-16"))), "an unusual encoding"),
    Hostile("utf-7.xlsx", lambda: zipped(package(worksheet(SHEET).replace("UTF-8", "UTF-7").encode())), "unusual"),
    # Packages
    Hostile("comment.xlsx", lambda: zipped(GOOD, comment=b"a comment"), "a damaged .xlsx or .zip"),
    Hostile("parts.xlsx", _many_parts, "above the limit parts = 2,000"),
    Hostile("traversal.xlsx", lambda: zipped([*GOOD, Part("../../evil", b"x")]), "parts outside of the package"),
    Hostile("absolute.xlsx", lambda: zipped([*GOOD, Part("/tmp/evil", b"x")]), "parts outside of the package"),
    Hostile("elsewhere.xlsx", lambda: _elsewhere("../../../etc/passwd"), "not an .xlsx that can"),
    Hostile("lying-directory.xlsx", _lying_directory, "a damaged .xlsx or .zip"),
    Hostile("two-directories.xlsx", _two_directories, "a damaged .xlsx or .zip"),
    Hostile("same-name.xlsx", lambda: zipped([*GOOD, Part("XL/Workbook.xml", b"<workbook/>")]), "a damaged .xlsx"),
    Hostile("nul-name.xlsx", lambda: zipped([*GOOD, Part("xl/a\0b.xml", b"<a/>")]), "a damaged .xlsx or .zip"),
    Hostile("lying-size.xlsx", lambda: zipped([*GOOD, Part("a", b"x" * 50_000, size=10)]), "a damaged .xlsx or .zip"),
    Hostile("cut-off.xlsx", lambda: zipped(GOOD)[:-200], "a damaged .xlsx or .zip"),
    Hostile("flipped.xlsx", _flipped, "damaged"),
    Hostile("macros.xlsx", lambda: zipped([*GOOD, Part("xl/vbaProject.bin", b"x")]), "a workbook with macros"),
    Hostile("locked.xlsx", lambda: zipped([*GOOD, Part("a", b"x", flags=1)]), "protected by a password"),
    Hostile("sealed.xlsx", _encrypted, "protected by a password"),
    # Parts that no reader needs, and sheets that are reached in odd ways
    Hostile("absolute-target.xlsx", lambda: _reached("/xl/worksheets/Own sheet.xml"), "limit columns"),
    Hostile("upward-target.xlsx", lambda: _reached("../xl/./worksheets/Own sheet.xml"), "limit columns"),
    Hostile("encoded-target.xlsx", lambda: _reached("worksheets/Own%20sheet.xml"), "limit columns"),
    Hostile("other-case-target.xlsx", lambda: _reached("WORKSHEETS/OWN SHEET.XML"), "limit columns"),
    Hostile("backward-target.xlsx", lambda: _reached("worksheets\\Own sheet.xml"), "limit columns"),
    Hostile("unreached.xlsx", lambda: _reached("worksheets/sheet2.xml"), 1),
    Hostile("out-and-in.xlsx", lambda: _reached("../../xl/worksheets/nothing.xml"), "not an .xlsx that can"),
    Hostile("bomb-beside.xlsx", lambda: _unread(2_000), "times its size, above the limit ratio = 200"),
    Hostile("lying-bomb-beside.xlsx", lambda: _unread(2_000, said=10), "a damaged .xlsx or .zip"),
    Hostile("one-for-all.xlsx", lambda: zipped(Part(part.name, part.content.replace(b"sheet2.xml", b"sheet1.xml"))
            for part in package(SHEET, SHEET)[:-1]), "not an .xlsx that can"),
    Hostile("many-sheets.xlsx", lambda: zipped(package(*[SHEET] * 1_001)), "above the limit tables = 1,000"),
    Hostile("under-merged.xlsx", _under_merged_cells, "above the limit merged_cells = 5,000,000"),
    # Binary workbooks
    Hostile("good.xlsb", lambda: _xlsb(), 1),
    Hostile("far.xlsb", lambda: _xlsb((1_048_575, 16_383, 1.0)), "limit columns = 2,000"),
    Hostile("stray-row.xlsb", lambda: _xlsb((900_000, 62, 1.0)), "limit cells = 20,000,000"),
    Hostile("outside.xlsb", lambda: _xlsb((1 << 31, 0, 1.0)), "outside of the grid"),
    Hostile("row-twice.xlsb", lambda: _xlsb((1, 0, "b")), "not an .xlsb that can be read"),
    Hostile("cut-off.xlsb", lambda: _xlsb(after=b"\x05\xff\xff\xff\x7f"), "not an .xlsb that can be read"),
    Hostile("no-such-text.xlsb", lambda: _xlsb(after=foreign.binary_record(7, bytes(8) + b"\xff" * 4)),
            "not an .xlsb that can be read"),
    Hostile("lying-texts.xlsb", lambda: _xlsb(strings=foreign.binary_record(159, b"\xff" * 8)),
            "not an .xlsb that can be read"),
    Hostile("merged.xlsb", lambda: _xlsb(after=foreign.binary_record(176, struct.pack("<4L", 0, 1_048_575, 0, 9)) * 5),
            "above the limit merged_cells"),
    # OpenDocument
    Hostile("rows-repeated.ods", lambda: _ods(f'<table:table-row table:number-rows-repeated="9999999999">{ODS_CELL}'
            "</table:table-row>"), "repeats its cells 1,048,582 times"),
    Hostile("blank-rows.ods", lambda: _ods('<table:table-row table:number-rows-repeated="2000000"/>' + ods_rows(ROW)),
            "above the limit cells"),
    Hostile("only-blank.ods", lambda: _ods('<table:table-row table:number-rows-repeated="9999999999"/>' * 20_000), 1),
    Hostile("cells-repeated.ods", lambda: _ods(f"<table:table-row>{ODS_CELL.replace('>', MANY, 1)}</table:table-row>"),
            "999,999,999 columns, above the limit columns = 2,000"),
    Hostile("blank-cells.ods", lambda: _ods(f"<table:table-row><table:table-cell{MANY[:-1]}/>{ODS_CELL}"
            "</table:table-row>"), "above the limit columns"),
    Hostile("full-grid.ods", lambda: _ods(ODS_GRID), "repeats its cells 18,000,006 times"),
    Hostile("said-again.ods", lambda: _ods('<table:table-row table:number-rows-repeated="300000">'
            f"{ODS_CELL.replace('>a<', f'>{LONG_TEXT}<')}</table:table-row>"), "above the limit disk"),
    Hostile("blanks.ods", lambda: _ods_of('<table:table-row><table:table-cell><text:p><text:s text:c="999999999"/>'
            "</text:p></table:table-cell></table:table-row>", 100_000), 1),
    Hostile("deep.ods", lambda: _ods("<a>" * 200_000 + "</a>" * 200_000), 1),
    Hostile("sheets.ods", lambda: ods(*["<table:table-row/>"] * 1_001), "above the limit tables = 1,000"),
    Hostile("laughs.ods", lambda: _ods(ods_rows(["&j;"]).replace("&amp;", "&"), before=LAUGHS), "DOCTYPE"),
    Hostile("entity.ods", lambda: _ods(ods_rows(["&a;"]).replace("&amp;", "&"), before=FILE), "DOCTYPE"),
    Hostile("unknown-entity.ods", lambda: _ods("&a;"), "not an .ods that can be read, or damaged"),
    Hostile("cut-off.ods", lambda: zipped([Part("mimetype", foreign.ODS), Part("content.xml", b"<a><b>")]),
            "not an .ods that can be read"),
    Hostile("bomb.ods", lambda: _ods_of("<table:table-row/>" * 60_000, 1_500), "above the limit ratio = 200"),
    Hostile("text.ods", lambda: ods(kind=b"application/vnd.oasis.opendocument.text"), "not a spreadsheet"),
    Hostile("locked.ods", lambda: ods(manifest="<encryption-data/>"), "protected by a password"),
    Hostile("traversal.ods", lambda: ods(extra=[Part("../../evil", b"x")]), "parts outside of the package"),
    # Other things under that name
    Hostile("csv.xlsx", lambda: CSV, 1),
    Hostile("page.xlsx", lambda: PAGE, "a web page, not a report"),
    Hostile("page.xls", lambda: PAGE, "a web page, not a report"),
    Hostile("nothing.xlsx", lambda: b"", 0),
    Hostile("binary.xls", lambda: zipped([*GOOD, Part("xl/workbook.bin", b"x")]), "not an .xlsb that can"),
    Hostile("crafted.xls", _crafted_xls, "not an .xls that can be read, or damaged"),
    Hostile("far.xls", lambda: foreign.xls([(0, 0, "Contact ID"), (65_535, 65_535, 1.0)]), "limit|too much memory"),
    Hostile("table-of-tables.xls", _table_of_tables, "not an .xls that can be read, or damaged"),
    Hostile("circle.xls", _circle, "not an .xls that can be read, or damaged"),
    Hostile("nested.xls", lambda: b"<html>" + b"<table><tr><td>" * 200_000, "above the limit tables = 1,000"),
    Hostile("unclosed.xls", lambda: _page("<td " * 500_000 + "<!--" * 500_000), 0),
    Hostile("spans.xls", lambda: _page("<tr><td colspan=1000000000>a</td></tr>"), "cells that reach over others"),
    # Archives
    Hostile("bomb.csv.gz", _gzip_bomb, "above the limit ratio = 200"),
    Hostile("cut-off.csv.gz", lambda: gzip.compress(CSV * 1_000)[:-20], "a damaged .gz"),
    Hostile("gzip-in-gzip.gz", lambda: gzip.compress(gzip.compress(CSV)), "an archive within an archive"),
    Hostile("zip-in-zip.zip", lambda: _zip(**{"a.zip": _zip(**{"a.csv": CSV})}), "an archive within an archive"),
    Hostile("traversal.zip", lambda: _zip(**{"../../../evil.csv": CSV}), 1),
    Hostile("locked.zip", lambda: zipped([Part("a.csv", CSV, flags=1)]), "protected by a password"),
    Hostile("overlapping.zip", _overlapping, "a damaged|limit ratio"),
    Hostile("bomb.zip", lambda: zipped([Part("a.csv", packed=repeated(CSV, bytes(1 << 20), 2_000, b"")[0],
            size=(2_000 << 20) + len(CSV))]), "above the limit ratio = 200"),
    Hostile("many.zip", lambda: _zip(**{f"{n}.csv": CSV for n in range(60)}), "above the limit archived_files = 50"),
    Hostile("nothing.zip", lambda: zipped([]), "an archive without files"),
    # Files of columns
    Hostile("lying-footer.parquet", _lying_footer, "a damaged Parquet file"),
    Hostile("broken-footer.parquet", _broken_footer, "a damaged Parquet file"),
    Hostile("lying-rows.parquet", _lying_rows, "a damaged Parquet file"),
    Hostile("cut-off.parquet", lambda: _parquet()[:-30], "a damaged Parquet file"),
    Hostile("wide.parquet", lambda: _parquet(2_001), "above the limit columns = 2,000"),
)  # fmt: skip


@dataclass
class Other:
    """Another session on the same workbench: it asks without pause, and counts what it is told."""

    workbench: Workbench
    is_over: bool = False
    answers: int = 0
    slowest: float = 0.0
    wrong: str = ""

    def ask(self) -> None:
        """Ask for what is known, until it is over."""
        while not self.is_over:
            started = time.monotonic()
            found = self.workbench.workspace.rows(
                "select channel from gladly_contact_export where contact_id = 'known'"
            )
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.wrong = self.wrong or ("" if found == [("EMAIL",)] else repr(found))
            self.answers += 1
            time.sleep(0.005)


def peak(whose: int) -> int:
    """Return the most memory that this process, or any child that has ended, has used, in bytes."""
    return resource.getrusage(whose).ru_maxrss * 1024


def verdict(workbench: Workbench, file: Path) -> tuple[int | None, str]:
    """Load a file and return its rows, or why it was refused."""
    try:
        return workbench.load(file).rows_read, ""
    except WorkbenchError as refused:
        return None, str(refused)


def loaded(folder: Path) -> Iterator[dict[str, object]]:
    """Load every file of the corpus; the last line is of the other session."""
    workbench = Workbench(folder / "workspace.duckdb")
    workbench.load(foreign.save(folder / "known.csv", b"Contact ID,Queued At,Channel\nknown,2024-03-01,EMAIL\n"))
    other = Other(workbench)
    thread = threading.Thread(target=other.ask)
    thread.start()
    for hostile in CORPUS:
        file = foreign.save(folder / hostile.name, hostile.content())
        before, started = peak(resource.RUSAGE_SELF), time.monotonic()
        read, refusal = verdict(workbench, file)
        yield {
            "name": hostile.name, "rows": read, "refusal": refusal, "seconds": time.monotonic() - started,
            "child": peak(resource.RUSAGE_CHILDREN), "growth": peak(resource.RUSAGE_SELF) - before,
            "size": file.stat().st_size,
        }  # fmt: skip
        file.unlink()
    other.is_over = True
    thread.join()
    left = sorted(path.name for path in (folder / "workspace.duckdb.files" / "inbox").iterdir())
    yield {"answers": other.answers, "slowest": other.slowest, "wrong": other.wrong, "left": left}
    workbench.close()


if __name__ == "__main__":
    for line in loaded(Path(sys.argv[1])):
        print(json.dumps(line), flush=True)
