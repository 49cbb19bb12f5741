"""The check of an .xlsx package before any parser sees it: its directory and sizes, then every part (`scan`)."""

import html
import re
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import FileRefused
from workbench.intake import zips
from workbench.intake.limits import Limits, passed
from workbench.intake.scan import Scan, Sheet

# What else a package can be, by a part or by the start of one's name: what it is, and what would work.
OTHERS = {
    "xl/workbook.bin": ("a binary workbook (.xlsb)", "Save it as .xlsx"),
    "mimetype": ("an OpenDocument file (.ods)", "Save it as .xlsx"),
    "word/": ("a Word document", "Load the export itself"),
    "ppt/": ("a PowerPoint presentation", "Load the export itself"),
    "index/document.iwa": ("a Numbers document", "Export it as .xlsx"),
    "xl/vbaproject.bin": ("a workbook with macros (.xlsm)", "Save it as .xlsx, without them"),
}


@dataclass(frozen=True)
class Package:
    """A package that may be parsed: its sheets by name, its date system, and the bytes that it unpacks to."""

    sheets: dict[str, Sheet]
    is_1904: bool
    unpacked: int


def is_package(found: zips.Directory) -> bool:
    """Tell whether a zip file is one document, not an archive of several."""
    names = _names(found)
    return "[content_types].xml" in names or _other(names) is not None


def _names(found: zips.Directory) -> list[str]:
    return [part.filename.replace("\\", "/").casefold() for part in found.parts]


def _other(names: list[str]) -> tuple[str, str] | None:
    marks = (mark for mark in OTHERS if any(n == mark or (mark[-1] == "/" and n.startswith(mark)) for n in names))
    return OTHERS.get(next(marks, ""))


def checked(source: Path, file: str, limits: Limits) -> Package:
    """Check a package and say what it holds. Raises FileRefused, naming the limit that it passes."""
    found = zips.directory(source, file, limits)
    _check_parts(found, source, file, limits)
    sheets: dict[str, Sheet] = {}
    kept: dict[str, bytes] = {}
    with source.open("rb") as bytes_:
        for part, name in zip(found.parts, _names(found), strict=True):
            scan = Scan(file, limits)
            kept[name] = scan.part(zips.pieces(bytes_, part, file))
            sheets[name] = scan.sheet
    book = kept["xl/workbook.xml"]
    is_1904 = re.search(rb"date1904\s*=\s*[\"'](?:1|true|on)[\"']", book) is not None
    return Package(_by_name(book, kept, sheets), is_1904, found.unpacked)


def _check_parts(found: zips.Directory, source: Path, file: str, limits: Limits) -> None:
    names = _names(found)
    if other := _other(names):
        raise FileRefused(f"{file}: {other[0]}, which is not read here. {other[1]}, or export a CSV")
    if "xl/workbook.xml" not in names:
        raise FileRefused(f"{file}: a package, but not a spreadsheet. Export a CSV instead")
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


def _by_name(book: bytes, kept: dict[str, bytes], sheets: dict[str, Sheet]) -> dict[str, Sheet]:
    """Return the sheets by the names that the workbook gives them, through its relations."""
    relations = kept.get("xl/_rels/workbook.xml.rels", b"")
    targets = {
        _attribute(tag, b"Id"): _attribute(tag, b"Target")
        for tag in re.findall(rb"<(?:[\w.-]+:)?Relationship\s[^<>]*>", relations)
    }
    named = {}
    for tag in re.findall(rb"<(?:[\w.-]+:)?sheet\s[^<>]*>", book):
        target = targets.get(_attribute(tag, rb"[\w.-]+:id"), "").casefold()
        part = target.removeprefix("/") if target.startswith(("/xl/", "xl/")) else f"xl/{target}"
        named[_attribute(tag, b"name")] = sheets.get(part, Sheet())
    return named


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\s" + name + rb"\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    return html.unescape((found[1] or found[2] or b"").decode("utf-8", "replace")) if found else ""
