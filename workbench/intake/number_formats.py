"""What a workbook's number formats make of a number: days since its day 0, or digits with zeros before them."""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# The formats that every workbook has without saying so. `[h]:mm:ss` (46) is read rightly.
DAYS = frozenset((*range(14, 23), 45, 47))
# What stands for itself: in quotes, after a mark, colours and languages in brackets.
_LITERAL = re.compile(r'"[^"]*"|[\\_*].|\[[^\]]*\]')
_PADDED = re.compile(r"0[0\- ]*0")

_TAG = rb"<(?:[\w.-]+:)?%s(?=[\s/>])[^<>]*>"
_END = rb"</(?:[\w.-]+:)?%s\s*>"


@dataclass(frozen=True)
class Formats:
    """The formats of a workbook's cells, by the number that a cell says.

    `days` are those by which a parser takes a number for a moment; `padded` have the digits that they show at least.
    """

    days: frozenset[int] = frozenset()
    padded: Mapping[int, int] = field(default_factory=dict)


def of_cells(numbers: Iterable[int], codes: Mapping[int, str]) -> Formats:
    """Return the formats of cells that say a position in `numbers`, each the number of a format."""
    listed = list(enumerate(numbers))
    days = frozenset(at for at, number in listed if _is_of_days(number, codes))
    widths = {at: _width(codes.get(number, "")) for at, number in listed}
    return Formats(days, {at: width for at, width in widths.items() if width > 1})


def of_styles(xml: bytes) -> Formats:
    """Return the formats that the styles of an .xlsx declare."""
    defined = _section(xml, b"numFmts")
    codes = {
        int(number[:9]): attribute(tag, b"formatCode")
        for tag in re.findall(_TAG % b"numFmt", defined)
        if (number := attribute(tag, b"numFmtId")).isdecimal()
    }
    used = (attribute(tag, b"numFmtId") for tag in re.findall(_TAG % b"xf", _section(xml, b"cellXfs")))
    return of_cells((int(number[:9]) if number.isdecimal() else 0 for number in used), codes)


def attribute(tag: bytes, name: bytes) -> str:
    """Return the value of a tag's attribute, an empty text when it has none of that name (a pattern)."""
    found = re.search(rb"\s" + name + rb"\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    return html.unescape((found[1] or found[2] or b"").decode("utf-8", "replace")) if found else ""


def _section(xml: bytes, name: bytes) -> bytes:
    """Return what stands within the first element of a name; searched for once, so in a time that grows with it."""
    start = re.search(_TAG % name, xml)
    end = re.compile(_END % name).search(xml, start.end()) if start else None
    return xml[start.end() : end.start()] if start and end else b""


def _shown(code: str) -> str:
    return _LITERAL.sub("", code).split(";")[0]


def _is_of_days(number: int, codes: Mapping[int, str]) -> bool:
    if number not in codes:
        return number in DAYS
    return re.search("[dmyhs]", _shown(codes[number]), re.IGNORECASE) is not None


def _width(code: str) -> int:
    shown = _shown(code).strip()
    return shown.count("0") if _PADDED.fullmatch(shown) else 0
