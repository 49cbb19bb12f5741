"""Where a file's header is and what separates its fields: by the names that the exports have, not by statistics."""

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workbench.errors import CONTROLS, FileRefused
from workbench.exports import ExportKind
from workbench.intake import headers as header_lines

HEADER_SEARCH = 30  # lines in which the header is looked for
HEADER_LINES = 20  # lines that a header with line breaks in it may take
OPENING = 1 << 20  # characters in which the header is looked for
DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR = re.compile(r'^"?sep=(\\t|\t|[^\w\s"])"?\W*$', re.IGNORECASE)
_NOTHING = '\ufeff \t\r"' + "".join(DELIMITERS)  # what holds no value
_CONTROLS = re.compile(f"{CONTROLS}+")


@dataclass(frozen=True)
class Dialect:
    """How a file is laid out: lines above the header, the header's own fields and lines, what separates fields.

    `is_spaced` when blanks stand between a separator and a quote, so that blanks before a value are not part of it.
    `has_separator` when the first line says `sep=;`.
    """

    delimiter: str = ","
    header: tuple[str, ...] = ()
    skipped: int = 0
    lines: int = 1
    is_spaced: bool = False
    has_separator: bool = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be said of the layout."""
        left_out = self.skipped - self.has_separator
        return (f"{left_out} line{'s' if left_out > 1 else ''} above the header left out",) if left_out else ()


def found_in(opening: str, name: str, kinds: Iterable[ExportKind]) -> Dialect:
    """Return the layout of a file that begins with a text; the header is empty when there is no text.

    Raises FileRefused when it is a web page, or a message in JSON or XML.
    """
    lines = opening.split("\n")
    if len(opening) >= OPENING:
        lines.pop()  # it is cut
        if not lines:
            raise FileRefused(f"{name}: its first line is longer than any report's header. Export the report again")
    stated = _SEPARATOR.match(lines[0])
    delimiters = (stated[1].replace("\\t", "\t"), *DELIMITERS) if stated else DELIMITERS
    found = _best(lines, delimiters, tuple(kinds))
    if found is None:
        _refuse_pages(opening, name)
        found = _first(lines, delimiters, bool(stated))
    if not found.header and opening.strip("\ufeff \t\r\n"):
        raise FileRefused(f"{name}: holds separators and nothing else. Export it again")
    header_lines.check_width(found.header, name)
    below = itertools.chain(found.header, *_records_below(lines, found))
    # As it is in the file: a value in quotes may itself begin with a blank and a quote.
    is_spaced = any(re.match(' +"', field) and f"{found.delimiter}{field}" in opening for field in below)
    header, _ = _record(lines, found.skipped, Dialect(found.delimiter, is_spaced=is_spaced))
    shown = tuple(_CONTROLS.sub(" ", field).strip("\ufeff ") for field in header)
    return Dialect(found.delimiter, shown, found.skipped, found.lines, is_spaced, bool(stated) and found.skipped > 0)


def _best(lines: Sequence[str], delimiters: Sequence[str], kinds: tuple[ExportKind, ...]) -> Dialect | None:
    """Return the layout whose header the exports know best, None when none is known."""
    best, known = None, 1
    for number in range(min(HEADER_SEARCH, len(lines))):
        for delimiter in delimiters:
            header, taken = _record(lines, number, Dialect(delimiter))
            if (score := header_lines.score(header, kinds)) > known:
                best, known = Dialect(delimiter, header, number, taken), score
        if best and _is_whole(best.header[: header_lines.MOST_COLUMNS], kinds):
            break
    return best


def _is_whole(header: Sequence[str], kinds: tuple[ExportKind, ...]) -> bool:
    return any(not header_lines.missing(header_lines.mapped(header, kind)) for kind in kinds)


def _first(lines: Sequence[str], delimiters: Sequence[str], is_stated: bool) -> Dialect:
    """Return a layout for a file without a known header: its first line of several fields, else its first line."""
    texts = [number for number, line in enumerate(lines[:HEADER_SEARCH]) if line.strip(_NOTHING)]
    found = []
    for number in texts[int(is_stated) :]:
        delimiter = max(delimiters, key=lines[number].count)
        found.append(Dialect(delimiter, *_record(lines, number, Dialect(delimiter))[:1], number))
    return next((one for one in found if len(one.header) > 1), found[0] if found else Dialect())


def _record(lines: Sequence[str], number: int, dialect: Dialect) -> tuple[tuple[str, ...], int]:
    """Return the fields of the record that begins in a line, and how many lines it takes."""
    some = (f"{line}\n" for line in lines[number : number + HEADER_LINES])
    reader = csv.reader(some, delimiter=dialect.delimiter, skipinitialspace=dialect.is_spaced)
    try:
        return tuple(next(reader, ())), reader.line_num
    except csv.Error:
        return (), 1


def _records_below(lines: Sequence[str], found: Dialect) -> Iterator[tuple[str, ...]]:
    """Give the first records below the header, each from where the one before has ended."""
    number = found.skipped + found.lines
    for _ in range(HEADER_SEARCH):
        if number >= len(lines):
            return
        record, taken = _record(lines, number, found)
        yield record
        number += max(taken, 1)


def _refuse_pages(opening: str, name: str) -> None:
    start = opening[:4096].lstrip("\ufeff \t\r\n").lower()
    if start.startswith("<"):
        what = "an XML message" if start.startswith("<?xml") and "<html" not in start else "a web page"
    elif start.startswith(("{", "[")):
        what = "a JSON message"
    else:
        return
    raise FileRefused(f"{name}: holds {what}, not a report. Export it again and check that you are signed in")
