"""What a file that this program wrote itself is known and read by. Read in the child process (see `child`)."""

import base64
import html
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.intake import zips

if TYPE_CHECKING:
    from workbench.intake.limits import Limits
    from workbench.intake.tables import Table

METADATA = "contact_workbench"  # the key in a Parquet file
ABOUT_METADATA = "contact_workbench_about"  # the key of what the sheet of that name tells in a workbook
PROPERTY = "Contact Workbench: "  # of an .xlsx, with the sheet's name behind it
RECIPE = "Contact Workbench recipe "  # of a pack, with the number of the piece behind it
ABOUT = "About"  # the sheet that tells how the others were made, in workbooks that did not mark it
# What a text begins with that a spreadsheet would run, apostrophes before it included: where our CSV puts one more in
# front, a text that has some is told from one that got its first. The code stands for it, since quotes of SQL hold it.
RUN = r"\x27*\s*[=+\-@|%\t\r\x00]"
_PART = "docProps/custom.xml"
_MOST = 1 << 20  # bytes that are looked at
_PIECE = 240  # characters; Excel cuts a property at 255
_FOUND = re.compile(r"<property\s([^<>]*)>\s*<(?:\w+:)?lpwstr>([^<>]*)<")
_NAME = re.compile(r'\bname="([^"]*)"')


def of_sheets(sheets: Iterable["Table"], source: Path) -> list["Table"]:
    """Return the sheets of a checked .xlsx, those of tiles first; the mark of one that tells of others is no tile's."""
    marks = _properties(source, PROPERTY)
    marks = {ABOUT: ABOUT} | marks if marks else {}
    found = [replace(sheet, mark=marks.get(sheet.name, "")) for sheet in sheets]
    return sorted(found, key=lambda sheet: "/" not in sheet.mark)


def pieces(recipe: str) -> dict[str, str]:
    """Return the text of a recipe as properties, of lengths that Excel keeps."""
    coded = base64.b64encode(recipe.encode()).decode()
    cut = [coded[at : at + _PIECE] for at in range(0, len(coded), _PIECE)]
    return {f"{RECIPE}{number}": piece for number, piece in enumerate(cut, start=1)}


def recipe(source: Path, name: str, limits: "Limits") -> str:
    """Return the recipe that a pack of ours carries, empty where a file has none. Raises FileRefused for a damaged one.

    The file is foreign: its directory is checked, and of one part so many bytes are read.
    """
    zips.check_sizes(zips.directory(source, name, limits), source, name, limits)
    try:
        found = _properties(source, RECIPE)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise zips.damaged(name) from None
    coded = "".join(found.get(str(number), "") for number in range(1, len(found) + 1))
    try:
        return base64.b64decode(coded, validate=True).decode()
    except ValueError:
        return ""


def _properties(source: Path, prefix: str) -> dict[str, str]:
    """Return the properties of a workbook whose names begin with a text, by the rest of their names."""
    with zipfile.ZipFile(source) as package:
        if _PART not in package.namelist():
            return {}
        with package.open(_PART) as part:
            text = part.read(_MOST).decode("utf-8", "replace")
    named = [(_NAME.search(attributes), value) for attributes, value in _FOUND.findall(text)]
    found = {html.unescape(name[1]): html.unescape(value) for name, value in named if name}
    return {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}
