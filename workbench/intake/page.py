"""The tables of a page of HTML, which some systems name .xls. Runs in the child process (see `child`).

Python's own reader of HTML takes time that grows with the square of what is never closed; these patterns cannot
look back, so theirs grows with the length. Only tables, rows and cells count; text is all that a cell holds.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from workbench.errors import FileRefused
from workbench.intake.limits import passed
from workbench.intake.oddities import Row
from workbench.intake.tables import Order, Table

HIDDEN = ("script", "style")
NO_REPORT = "{file}: holds a web page, not a report. Export it again and check that you are signed in"
# A value in quotes may hold the end of a tag.
_ATTRIBUTES = r"""(?:(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+|[^<>]*)"""
_TAG = re.compile(rf"<(/?)(table|tr|td|th|br|script|style)(?=[\s/>])({_ATTRIBUTES})>", re.IGNORECASE)
_ANY_TAG = re.compile(f"<{_ATTRIBUTES}>")
_SPAN = re.compile(r"\b(?:col|row)span\s*=\s*[\"']?\s*0*([2-9]|1\d)", re.IGNORECASE)


@dataclass
class _Rows:
    """The rows of one table as they are found; `spans` are those with a cell that reaches over others."""

    rows: list[list[object]] = field(default_factory=list)
    spans: set[int] = field(default_factory=set)


@dataclass
class _Reader:
    """What has been read of a page: the tables that are done, those still open, and the text of the open cell."""

    done: list[_Rows] = field(default_factory=list)
    open: list[_Rows] = field(default_factory=list)
    cell: list[str] | None = None
    hidden: str = ""  # the tag whose content is not shown: script or style

    def content(self, content: str) -> None:
        """Take the text between two tags."""
        if self.cell is not None and not self.hidden:
            self.cell.append(content)

    def tag(self, name: str, is_end: bool, attributes: str) -> None:
        """Take a tag; any but a line break ends the open cell, whether or not the page says so."""
        if name in HIDDEN or self.hidden:
            self.hidden = "" if is_end and name == self.hidden else self.hidden or name * (not is_end)
        elif name == "br":
            self.content("\v")
        else:
            self._end_cell()
            self._table(is_end) if name == "table" else self._row_or_cell(name, is_end, attributes)

    def _end_cell(self) -> None:
        if self.cell is not None and self.open:
            self.open[-1].rows[-1].append(_text("".join(self.cell)))
        self.cell = None

    def _table(self, is_end: bool) -> None:
        if not is_end:
            self.open.append(_Rows())
        elif self.open:
            self.done.append(self.open.pop())

    def _row_or_cell(self, name: str, is_end: bool, attributes: str) -> None:
        if is_end or not self.open:
            return
        table = self.open[-1]
        if name == "tr" or not table.rows:
            table.rows.append([])
        if name != "tr":
            self.cell = []
            table.spans |= {len(table.rows) - 1} if _SPAN.search(attributes) else set()


def tables(order: Order) -> Iterator[Table]:
    """Yield the tables of a page. Raises FileRefused when it is too large, or when cells reach over others."""
    size = Path(order.source).stat().st_size
    if size > order.limits.html_bytes:
        raise passed(order.file, f"a page of {size >> 20:,} MB", order.limits, "html_bytes")
    tables = _found(_decoded(Path(order.source).read_bytes()))
    if len(tables) > order.limits.tables:
        raise passed(order.file, f"{len(tables):,} tables", order.limits, "tables")
    for n, found in enumerate(tables, start=1):
        yield Table(f"table {n}", partial(_checked, found, order))


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _found(page: str) -> list[_Rows]:
    """Return the tables of a page; one within another stands by itself."""
    reader, at = _Reader(), 0
    shown = "".join(_without_comments(page))
    for tag in _TAG.finditer(shown):
        reader.content(shown[at : tag.start()])
        reader.tag(tag[2].lower(), bool(tag[1]), tag[3])
        at = tag.end()
    return [*reader.done, *reader.open]


def _without_comments(page: str) -> Iterator[str]:
    at = 0
    while (start := page.find("<!--", at)) >= 0:
        yield page[at:start]
        at = page.find("-->", start) + 3
        if at < 3:
            return
    yield page[at:]


def _text(content: str) -> str:
    """Return what a browser shows of a cell: no tags, blanks as one, entities as characters."""
    lines = html.unescape(_ANY_TAG.sub("", content)).split("\v")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def _checked(found: _Rows, order: Order) -> Iterator[Row]:
    """Return a table's rows. A cell that reaches over others is harmless in a title, above the first row of several."""
    title = next((n for n, row in enumerate(found.rows) if len(row) > 1), 0)
    if any(n >= title for n in found.spans):
        raise FileRefused(f"{order.file}: has cells that reach over others (colspan, rowspan). Export a CSV instead")
    return iter(found.rows)
