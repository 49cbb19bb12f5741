"""The check of an .xlsx package before any parser sees it, and the copy of it that one may see.

Every part is looked at for its size; what a parser reads is looked through (`scan`) and put into a package of our own
under names of ours. Whatever else is in the file, no parser can reach it, however it follows the workbook's relations.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import unquote
from xml.sax.saxutils import quoteattr

from workbench.errors import FileRefused
from workbench.intake import number_formats, zips
from workbench.intake.limits import Limits, passed
from workbench.intake.marks import Marks
from workbench.intake.number_formats import Formats, attribute
from workbench.intake.scan import Scan

BOOK = "xl/workbook.xml"
# What else a package can be, by a part or by the start of one's name: what it is, and what would work.
OTHERS = {
    "xl/workbook.bin": ("a binary workbook (.xlsb)", "Save it as .xlsx"),
    "word/": ("a Word document", "Load the export itself"),
    "ppt/": ("a PowerPoint presentation", "Load the export itself"),
    "index/document.iwa": ("a Numbers document", "Export it as .xlsx"),
    "xl/vbaproject.bin": ("a workbook with macros (.xlsm)", "Save it as .xlsx, without them"),
}
_MOST_DESCRIPTION = 64 << 20  # bytes of a part that only says what the others are
_NO_SHEETS = ("/chartsheet", "/dialogsheet", "/xlMacrosheet")

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"


Related = dict[str, tuple[str, str | None]]  # by the Id of a relation: its type, and the part that it leads to


@dataclass(frozen=True)
class Package:
    """A package that may be parsed: what was found in its sheets, its date system, and the bytes that it unpacks to."""

    sheets: list[Marks]
    is_1904: bool
    unpacked: int


def unreadable(file: str) -> FileRefused:
    """Return the refusal of a workbook whose parts do not hang together."""
    return FileRefused(f"{file}: not an .xlsx that can be read, or damaged. Save it again, or export a CSV")


def is_package(found: zips.Directory) -> bool:
    """Tell whether a zip file is one document, not an archive of several."""
    names = _names(found)
    return "[content_types].xml" in names or is_open_document(found) or _other(names) is not None


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
        return _Copying(parts, packed, zips.Archive(out), file, limits).done(unpacked)


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


@dataclass(frozen=True)
class _Copying:
    """The way of a package's parts into the copy; each is taken out of `parts`, so none is taken twice."""

    parts: dict[str, zipfile.ZipInfo]
    packed: BinaryIO
    out: zips.Archive
    file: str
    limits: Limits

    def done(self, unpacked: int) -> Package:
        """Copy what a parser reads, look at the size of the rest, and say what was found."""
        book_part = self._by_type(self._related(""), "/officeDocument", BOOK)
        book = self._described(book_part)
        if not re.search(rb"<(?:[\w.-]+:)?workbook[\s>]", book):
            raise FileRefused(f"{self.file}: a package, but not a spreadsheet. Export a CSV instead")
        related = self._related(book_part)
        named = self._sheets(book, related)
        formats = self._styles(related)
        strings = self._by_type(related, "/sharedStrings", "xl/sharedstrings.xml")
        if strings in self.parts:
            self._take(strings, "xl/sharedStrings.xml", Scan(self.file, self.limits))
        sheets = [self._sheet(part, n, formats) for n, part in enumerate(named.values(), start=1)]
        for name in list(self.parts):
            for _ in self._pieces(name):
                pass  # its bytes are as many as it says
        is_1904 = re.search(rb"date1904\s*=\s*[\"'](?:1|true|on)[\"']", book) is not None
        self._describe(list(named), is_1904)
        return Package(sheets, is_1904, unpacked)

    def _pieces(self, name: str) -> Iterator[bytes]:
        return zips.pieces(self.packed, self.parts.pop(name), self.file)

    def _described(self, name: str) -> bytes:
        """Return the content of a part that says what the others are, without content when there is none."""
        part = self.parts.get(name)
        if part is None:
            return b""
        if part.file_size > _MOST_DESCRIPTION:
            raise FileRefused(f"{self.file}: describes itself at a length that no workbook needs. Export a CSV instead")
        content = b"".join(self._pieces(name))
        Scan(self.file, self.limits).check([content])
        return content

    def _take(self, name: str, target: str, scan: Scan) -> None:
        """Copy a part as it is packed, or mended where a parser would read it wrongly."""
        part = self.parts.pop(name)
        scan.check(zips.pieces(self.packed, part, self.file))
        if scan.sheet.is_odd:
            self.out.add(target, scan.mended(zips.pieces(self.packed, part, self.file)))
        else:
            self.out.take(target, part, self.packed, self.file)

    def _styles(self, related: Related) -> Formats:
        styles = self._described(self._by_type(related, "/styles", "xl/styles.xml"))
        if styles:
            self.out.add("xl/styles.xml", [styles])
        return number_formats.of_styles(styles)

    def _sheet(self, name: str, number: int, formats: Formats) -> Marks:
        scan = Scan(self.file, self.limits, formats)
        self._take(name, f"xl/worksheets/sheet{number}.xml", scan)
        return scan.marks

    def _by_type(self, related: Related, kind: str, usual: str) -> str:
        """Return the name of the part of a kind that is related, else the usual name."""
        return next((name for type_, name in related.values() if type_.endswith(kind) and name), usual)

    def _sheets(self, book: bytes, related: Related) -> dict[str, str]:
        """Return the parts of the worksheets by the names that the workbook gives them, through its relations."""
        named: dict[str, str] = {}
        tags = re.findall(rb"<(?:[\w.-]+:)?sheet\s[^<>]*>", book)
        if len(tags) > self.limits.tables:
            raise passed(self.file, f"{len(tags):,} sheets", self.limits, "tables")
        for tag in tags:
            kind, part = related.get(attribute(tag, rb"[\w.-]+:id"), ("", None))
            if kind.endswith(_NO_SHEETS):
                continue
            name = attribute(tag, b"name")
            if not part or name in named or part in named.values():
                raise unreadable(self.file)
            named[name] = part
        return named

    def _related(self, part: str) -> Related:
        """Return what a part is related to, as that is written beside it; the package itself is the part ``."""
        folder, _, name = part.rpartition("/")
        relations = self._described(f"{folder}/_rels/{name}.rels".lstrip("/"))
        tags = re.findall(rb"<(?:[\w.-]+:)?Relationship\s[^<>]*>", relations)
        return {
            attribute(tag, b"Id"): (attribute(tag, b"Type"), self._part(folder, attribute(tag, b"Target")))
            for tag in tags
        }

    def _part(self, folder: str, target: str) -> str | None:
        """Return the name of the part that a relation leads to from a folder, None when it is not there."""
        path = unquote(target.replace("\\", "/")).casefold()
        steps: list[str] = []
        for step in PurePosixPath("" if path.startswith("/") else folder, path.lstrip("/")).parts:
            steps = steps[:-1] if step == ".." else [*steps, step]
        # Some writers name the whole path and leave out the slash before it.
        return next((name for name in ("/".join(steps), path) if name in self.parts), None)

    def _describe(self, names: list[str], is_1904: bool) -> None:
        """Write how the copy hangs together: its workbook, the sheets in it, and where each of them is."""
        sheets = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(names) + 1)]
        others = [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
        there = [(kind, part) for kind, part in others if f"xl/{part}" in self.out.names]
        listed = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1)
        )
        dates = f'<workbookPr date1904="{int(is_1904)}"/>'
        book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{dates}<sheets>{listed}</sheets></workbook>'
        for name, content in (
            (BOOK, book),
            ("xl/_rels/workbook.xml.rels", _relations([*sheets, *there])),
            ("_rels/.rels", _relations([("officeDocument", BOOK)])),
            ("[Content_Types].xml", f'<Types xmlns="{_TYPES}"/>'),
        ):
            self.out.add(name, [content.encode()])
        self.out.close()


def _relations(leading: list[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(leading, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>'
