"""What a file that this program wrote itself is known and read by. Read in the child process (see `child`)."""

import html
import re
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.intake.tables import Table

METADATA = "contact_workbench"  # the key in a Parquet file
ABOUT_METADATA = "contact_workbench_about"  # the key of what the sheet of that name tells in a workbook
PROPERTY = "Contact Workbench: "  # of an .xlsx, with the sheet's name behind it
ABOUT = "About"  # the sheet that tells how the others were made, in workbooks that did not mark it
# What a text begins with that a spreadsheet would run, apostrophes before it included: where our CSV puts one more in
# front, a text that has some is told from one that got its first. The code stands for it, since quotes of SQL hold it.
RUN = r"\x27*\s*[=+\-@|%\t\r\x00]"
_PART = "docProps/custom.xml"
_MOST = 1 << 20  # bytes that are looked at
_FOUND = re.compile(rf'<property\s[^<>]*\bname="{PROPERTY}([^"<>]*)"[^<>]*>\s*<(?:\w+:)?lpwstr>([^<>]*)<')


def of_sheets(sheets: Iterable["Table"], source: Path) -> list["Table"]:
    """Return the sheets of a checked .xlsx, those of tiles first; the mark of one that tells of others is no tile's."""
    marks = _in(source)
    marks = {ABOUT: ABOUT} | marks if marks else {}
    found = [replace(sheet, mark=marks.get(sheet.name, "")) for sheet in sheets]
    return sorted(found, key=lambda sheet: "/" not in sheet.mark)


def _in(source: Path) -> dict[str, str]:
    with zipfile.ZipFile(source) as package:
        if _PART not in package.namelist():
            return {}
        with package.open(_PART) as part:
            text = part.read(_MOST).decode("utf-8", "replace")
    return {html.unescape(name): html.unescape(mark) for name, mark in _FOUND.findall(text)}
