"""Spreadsheets: an .xlsx of 200,000 contacts, checked, parsed and loaded, beside calamine's own reading of it.

The file is written here as Excel writes it: texts shared, times as numbers with a date format, empty cells left out.
"""

import csv
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from xml.sax.saxutils import escape

from benchmarks.exports import Exports
from benchmarks.measure import ROUNDS, Row, Usage, in_child, say
from workbench.exports.gladly import CONTACT_EXPORT

CONTACTS = 200_000
TIMES_CALAMINE = 3.5
ZERO = datetime(1899, 12, 30)

_PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KINDS = ("worksheet", "styles", "sharedStrings")
_TARGETS = ("worksheets/sheet1.xml", "styles.xml", "sharedStrings.xml")
_FIXED = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Export" sheetId="1"'
    ' r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    + "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(zip(_KINDS, _TARGETS, strict=True), start=1)
    )
    + "</Relationships>",
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164"'
    ' formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/>'
    "</cellXfs></styleSheet>",
}


def rows(files: Exports, work: Path) -> list[Row]:
    """Measure rounds of both, each in a process of its own, the check and the child's start included."""
    file = work / "contacts.xlsx"
    say(f"Making a spreadsheet of {min(CONTACTS, files.contacts):,} contacts")
    write(files.contact_export, file)
    rounds = [_round(file, work / f"{number}.duckdb") for number in range(ROUNDS)]
    file.unlink()
    seconds = {name: median(usages[name].seconds for usages in rounds) for name in rounds[0]}
    target = f"{TIMES_CALAMINE} x calamine"
    return [Row("check, parse and load an .xlsx", seconds, TIMES_CALAMINE * seconds["floor"], target)]


def _round(file: Path, workspace: Path) -> dict[str, Usage]:
    return {name: in_child(called, workspace, file) for name, called in (("here", "here"), ("floor", "calamine"))}


def write(export: Path, target: Path) -> None:
    """Write the first contacts of a CSV as an .xlsx."""
    texts: dict[str, int] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
        for name, content in _FIXED.items():
            package.writestr(name, _PROLOG + content)
        _write_part(package, "xl/worksheets/sheet1.xml", _sheet(export, texts))
        _write_part(package, "xl/sharedStrings.xml", _shared(texts))


def _write_part(package: zipfile.ZipFile, name: str, pieces: Iterator[str]) -> None:
    with package.open(name, "w", force_zip64=True) as part:
        for piece in pieces:
            part.write(piece.encode())


def _sheet(export: Path, texts: dict[str, int]) -> Iterator[str]:
    yield f'{_PROLOG}<worksheet xmlns="{_MAIN}"><sheetData>'
    with export.open(encoding="utf-8", newline="") as lines:
        for number, fields in enumerate(islice(csv.reader(lines), CONTACTS + 1), start=1):
            yield f'<row r="{number}">{_cells(number, fields, texts)}</row>'
    yield "</sheetData></worksheet>"


def _cells(number: int, fields: Sequence[str], texts: dict[str, int]) -> str:
    cells = []
    for letters, kind, field in zip(_LETTERS, _TYPES, fields, strict=True):
        if number == 1 or (field and kind not in ("timestamp", "duration", "count", "amount")):
            cells.append(f'<c r="{letters}{number}" t="s"><v>{texts.setdefault(field, len(texts))}</v></c>')
        elif field and kind == "timestamp":
            days = (datetime.fromisoformat(field) - ZERO) / timedelta(days=1)
            cells.append(f'<c r="{letters}{number}" s="1"><v>{days!r}</v></c>')
        elif field:
            cells.append(f'<c r="{letters}{number}"><v>{field}</v></c>')
    return "".join(cells)


def _shared(texts: dict[str, int]) -> Iterator[str]:
    yield f'{_PROLOG}<sst xmlns="{_MAIN}" uniqueCount="{len(texts)}">'
    for text in texts:
        yield f'<si><t xml:space="preserve">{escape(text)}</t></si>'
    yield "</sst>"


_LETTERS = [(chr(64 + n // 26) if n >= 26 else "") + chr(65 + n % 26) for n in range(len(CONTACT_EXPORT.columns))]
_TYPES = [column.type for column in CONTACT_EXPORT.columns]
