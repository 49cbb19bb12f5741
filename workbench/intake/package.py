"""The check of an .xlsx package before any parser sees it, and the copy of it that one may see.

Every part is looked at for its size; what a parser reads is looked through (`scan`) and put into a package of our own
under names of ours. Whatever else is in the file, no parser can reach it, however it follows the workbook's relations.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote
from xml.sax.saxutils import quoteattr

from workbench.errors import FileRefused
from workbench.intake import number_formats, zips
from workbench.intake.copying import OFFICE, Copying, Related, by_type, relations
from workbench.intake.limits import Limits, passed
from workbench.intake.number_formats import Formats, attribute
from workbench.intake.oddities import Oddities
from workbench.intake.scan import Scan

BOOK = "xl/workbook.xml"
# What else a package can be, by a part or by the start of one's name: what it is, and what would work.
OTHERS = {
    "word/": ("a Word document", "Load the export itself"),
    "ppt/": ("a PowerPoint presentation", "Load the export itself"),
    "index/document.iwa": ("a Numbers document", "Export it as .xlsx"),
    "xl/vbaproject.bin": ("a workbook with macros (.xlsm)", "Save it as .xlsx, without them"),
}
HIDDEN = ("hidden", "veryHidden")  # states of sheets that are not shown
NO_SHEETS = ("/chartsheet", "/dialogsheet", "/xlMacrosheet")

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET = re.compile(rb"<(?:[\w.-]+:)?sheet\s[^<>]*>")
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"


@dataclass(frozen=True)
class Package:
    """A package that may be parsed: what was found in its sheets, its date system, and the bytes that it unpacks to."""

    sheets: list[Oddities]
    is_1904: bool
    unpacked: int


def unreadable(file: str) -> FileRefused:
    """Return the refusal of a workbook whose parts do not hang together."""
    return FileRefused(f"{file}: not an .xlsx that can be read, or damaged. Save it again, or export a CSV")


def is_package(found: zips.Directory) -> bool:
    """Tell whether a zip file is one document, not an archive of several."""
    names = _names(found)
    return "[content_types].xml" in names or is_open_document(found) or is_binary(found) or bool(_other(names))


def is_binary(found: zips.Directory) -> bool:
    """Tell whether a package is a binary workbook (.xlsb)."""
    return "xl/workbook.bin" in _names(found)


def is_open_document(found: zips.Directory) -> bool:
    """Tell whether a package is one of OpenDocument, such as an .ods."""
    return {"mimetype", "content.xml"} <= set(_names(found))


def _names(found: zips.Directory) -> list[str]:
    return [unquote(part.filename.replace("\\", "/")).casefold() for part in found.parts]


def _other(names: list[str]) -> tuple[str, str] | None:
    marks = (mark for mark in OTHERS if any(n == mark or (mark[-1] == "/" and n.startswith(mark)) for n in names))
    return OTHERS.get(next(marks, ""))


def checked(source: Path, copy: Path, file: str, limits: Limits) -> Package:
    """Check a package, write to `copy` what a parser may see of it, and say what it holds.

    Raises FileRefused, naming the limit that it passes.
    """
    parts = parts_of(source, file, limits)
    if other := _other(list(parts)):
        raise FileRefused(f"{file}: {other[0]}, which is not read here. {other[1]}, or export a CSV")
    unpacked = sum(part.file_size for part in parts.values())
    with source.open("rb") as packed, copy.open("wb") as out:
        sheets, is_1904 = _copied(Copying(parts, packed, zips.Archive(out), file, limits))
    return Package(sheets, is_1904, unpacked)


def parts_of(source: Path, file: str, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """Return the parts of a package by their names, which are made comparable. Raises FileRefused."""
    found = zips.directory(source, file, limits)
    names = _names(found)
    zips.check_sizes(found, source, file, limits)
    if found.unpacked > limits.unpacked_bytes:
        raise passed(file, f"unpacks to {found.unpacked >> 20:,} MB", limits, "unpacked_bytes")
    largest = max(part.file_size for part in found.parts)
    if largest > limits.part_bytes:
        raise passed(file, f"a part of {largest >> 20:,} MB", limits, "part_bytes")
    if any(".." in name.split("/") or name.startswith("/") for name in names):
        raise FileRefused(f"{file}: has parts outside of the package. Save it again, or export a CSV")
    is_ambiguous = len(set(names)) < len(names) or any("\0" in part.orig_filename for part in found.parts)
    if is_ambiguous or not found.is_plain:
        raise zips.damaged(file)
    return dict(zip(names, found.parts, strict=True))


def _copied(copying: Copying) -> tuple[list[Oddities], bool]:
    """Copy what a parser reads, and return what was found in each sheet, and whether its dates begin in 1904."""
    book_part = by_type(copying.related(""), "/officeDocument", BOOK)
    book = _described(copying, book_part)
    if not re.search(rb"<(?:[\w.-]+:)?workbook[\s>]", book):
        raise FileRefused(f"{copying.file}: a package, but not a spreadsheet. Export a CSV instead")
    related = copying.related(book_part)
    named = _sheets(copying, book, related)
    styles = _described(copying, by_type(related, "/styles", "xl/styles.xml"))
    if styles:
        copying.out.add("xl/styles.xml", [styles])
    strings = by_type(related, "/sharedStrings", "xl/sharedstrings.xml")
    if strings in copying.parts:
        _take(copying, strings, "xl/sharedStrings.xml", Formats())
    formats = number_formats.of_styles(styles)
    sheets = [
        _take(copying, part, f"xl/worksheets/sheet{n}.xml", formats) for n, part in enumerate(named.values(), start=1)
    ]
    is_1904 = re.search(rb"date1904\s*=\s*[\"'](?:1|true|on)[\"']", book) is not None
    copying.finish(_descriptions(list(named), _hidden(book), is_1904, copying.out.names))
    return sheets, is_1904


def _described(copying: Copying, name: str) -> bytes:
    content = copying.described(name)
    Scan(copying.file, copying.limits).check([content])
    return content


def _take(copying: Copying, name: str, target: str, formats: Formats) -> Oddities:
    """Copy a part as it is packed, or mended where a parser would read it wrongly; return what was found in it."""
    part, scan = copying.parts.pop(name), Scan(copying.file, copying.limits, formats)
    scan.check(zips.pieces(copying.packed, part, copying.file))
    if scan.sheet.is_odd:
        copying.out.add(target, scan.mended(zips.pieces(copying.packed, part, copying.file)))
    else:
        copying.out.take(target, part, copying.packed, copying.file)
    return scan.oddities


def _sheets(copying: Copying, book: bytes, related: Related) -> dict[str, str]:
    """Return the parts of the worksheets by the names that the workbook gives them, through its relations."""
    named: dict[str, str] = {}
    tags = _SHEET.findall(book)
    if len(tags) > copying.limits.tables:
        raise passed(copying.file, f"{len(tags):,} sheets", copying.limits, "tables")
    for tag in tags:
        kind, part = related.get(attribute(tag, rb"[\w.-]+:id"), ("", None))
        if kind.endswith(NO_SHEETS):
            continue
        name = attribute(tag, b"name")
        if not part or name in named or part in named.values():
            raise unreadable(copying.file)
        named[name] = part
    return named


def _hidden(book: bytes) -> set[str]:
    """Return the names of the sheets that are not shown."""
    return {attribute(tag, b"name") for tag in _SHEET.findall(book) if attribute(tag, b"state") in HIDDEN}


def _descriptions(names: list[str], hidden: set[str], is_1904: bool, there: list[str]) -> dict[str, str]:
    """Return how the copy hangs together: its workbook, the sheets in it, and where each of them is."""
    states = ("visible", "hidden")
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" state="{states[name in hidden]}" r:id="rId{n}"/>'
        for n, name in enumerate(names, start=1)
    )
    leading = {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(names) + 1)}
    others = {"styles": "styles.xml", "sharedStrings": "sharedStrings.xml"}
    leading |= {kind: (kind, part) for kind, part in others.items() if f"xl/{part}" in there}
    dates = f'<workbookPr date1904="{int(is_1904)}"/>'
    return {
        BOOK: f'<workbook xmlns="{_MAIN}" xmlns:r="{OFFICE}">{dates}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(leading),
        "_rels/.rels": relations({"rId1": ("officeDocument", BOOK)}),
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"/>',
    }
