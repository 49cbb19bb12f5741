"""Best guesses for a header that is no export's: which column of a kind each of its columns is, by name and content.

Guesses only fill in the mapping step; nothing is loaded by them until somebody has looked at them.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import islice
from zoneinfo import available_timezones

from workbench.exports import KINDS, Column, ExportKind
from workbench.exports.model import ColumnType
from workbench.intake.headers import mapped, normalised
from workbench.intake.text import RECORD_LIMIT, TextFile

_MISSING = frozenset(word.casefold() for kind in KINDS.values() for word in kind.missing)
ROWS = 50  # records that a guess looks at
SURE = 0.58  # how alike a header and a column must be at least for a guess
SAME_NAME = 0.9  # names so alike that the content may not fit: the values are then set aside with a reason
_MOMENT = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}( .*)?")
_NUMBER = re.compile(r"[+-]?[\d.,' ]*\d")
_DURATION = re.compile(r"-?(\d+:)?\d{1,3}:\d\d(:\d\d)?(\.\d+)?|[+-]?\d[\d.,]*")
_WHOLE = re.compile(r"[+-]?\d{1,3}([., ']?\d{3})*|[+-]?\d+")
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9_-]{22}|\d{6,}|(?=\S*\d)[A-Za-z0-9_-]{2,}")
_WORD = re.compile(r"[^\W_]+")
_PATTERNS: dict[ColumnType, re.Pattern[str]] = {
    "timestamp": _MOMENT, "date": _MOMENT, "duration": _DURATION, "count": _WHOLE, "amount": _NUMBER, "link": _LINK,
    "id": _ID,
}  # fmt: skip
# Words of one meaning in the headers of different systems.
_SAME = {
    "time": "at", "date": "at", "timestamp": "at", "when": "at", "datetime": "at", "created": "at",
    "identifier": "id", "number": "id", "no": "id", "nr": "id", "uuid": "id", "key": "id",
    "user": "agent", "owner": "agent", "assignee": "agent", "client": "customer", "ticket": "contact",
    "case": "contact", "url": "link", "total": "value", "amount": "value",
}  # fmt: skip


@dataclass(frozen=True)
class Preview:
    """A file's header and its first records, as text; `values` are those of a column that are not empty."""

    header: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]

    def values(self, position: int) -> list[str]:
        """Return the different values of a column, in the file's order."""
        found = (record[position].strip() for record in self.records if position < len(record))
        return list(dict.fromkeys(value for value in found if value))


def preview(text: TextFile, rows: int = ROWS) -> Preview:
    """Return the header and the first records of a clean file."""
    if not text.header:
        return Preview((), ())
    csv.field_size_limit(RECORD_LIMIT)
    with text.path.open(encoding="utf-8", newline="") as lines:
        records = islice(csv.reader(lines, delimiter=text.delimiter), 1, rows + 1)
        return Preview(text.header, tuple(tuple(record[: len(text.header)]) for record in records))


def kinds(found: Preview, among: Iterable[ExportKind] = KINDS.values()) -> list[ExportKind]:
    """Return the kinds, the likeliest first: by how much of what they require, and of all, can be guessed."""

    def likelihood(kind: ExportKind) -> float:
        guessed = set(columns(found, kind).values()) - {None}
        required = sum(name in guessed for name in kind.required) / len(kind.required)
        known = len(mapped(found.header, kind).known)
        return required + (len(guessed) + known) / max(1, len(found.header)) + 0.1 * len(guessed) / len(kind.columns)

    return sorted(among, key=likelihood, reverse=True)


def columns(found: Preview, kind: ExportKind) -> dict[str, str | None]:
    """Return for each header of a file the name of the kind's column that it seems to be, None where none does.

    No column is guessed twice; the surest guess goes first.
    """
    values = {header: found.values(found.header.index(header)) for header in found.header if header.strip()}
    alike = [
        (likeness(header, values[header], column), -position, -order, header, column.name)
        for position, header in enumerate(values)
        for order, column in enumerate(kind.columns)
    ]
    guessed: dict[str, str | None] = dict.fromkeys(values)
    taken: set[str] = set()
    for score, _, _, header, column_name in sorted(alike, reverse=True):
        if score >= SURE and guessed[header] is None and column_name not in taken:
            guessed[header] = column_name
            taken.add(column_name)
    for column in lacking(kind, guessed):
        by_content = _by_content(values, guessed, column) if column.type in ("timestamp", "date", "id") else None
        if by_content is not None:
            guessed[by_content] = column.name
    return guessed


def _by_content(values: Mapping[str, Sequence[str]], guessed: Mapping[str, str | None], column: Column) -> str | None:
    """Return the first column of the file that could be a required one, when its name says nothing at all."""
    free = (header for header, name in guessed.items() if name is None)
    return next((header for header in free if fits(values[header], column) == 1), None)


def likeness(header: str, values: Sequence[str], column: Column) -> float:
    """Return from 0 to 1 how much a file's column looks like a kind's: by its name, and whether its values fit."""
    name = max(_names_alike(header, alias) for alias in (*column.headers, column.label))
    fit = fits(values, column)
    if fit is None or (name >= SAME_NAME and fit > 0):
        return name
    # Values alone say what a column may be, not which of several it is.
    return 0.75 * name + 0.25 * fit if fit >= 0.8 else 0.5 * name


@cache
def _names_alike(header: str, alias: str) -> float:
    one, other = normalised(header), normalised(alias)
    if one == other:
        return 1.0
    words, known = _words(header), _words(alias)
    shared = len(words & known) / len(words | known) if words and known else 0.0
    letters = SequenceMatcher(None, one, other)
    ratio = letters.ratio() if letters.real_quick_ratio() > SURE and letters.quick_ratio() > SURE else 0.0
    return max(shared * 0.98, ratio * 0.9)


def _words(header: str) -> frozenset[str]:
    # `queuedAt` and `queued_at` are two words each.
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header).casefold()
    return frozenset(_SAME.get(word, word) for word in _WORD.findall(apart))


def fits(values: Sequence[str], column: Column) -> float | None:
    """Return the share of values that a column could hold; None where values say nothing of it."""
    given = [value.strip("=\"'") for value in values if value.casefold() not in _MISSING]
    if not given:
        return None
    if column.type in _PATTERNS:
        return sum(_PATTERNS[column.type].fullmatch(value) is not None for value in given) / len(given)
    if column.type == "zone":
        return sum(value in _zones() for value in given) / len(given)
    if column.values:
        known = {value.casefold() for value in column.values}
        share = sum(value.casefold().replace(" ", "_") in known or value.casefold() in known for value in given)
        return share / len(given) or None
    return None


def lacking(kind: ExportKind, chosen: Mapping[str, str | None]) -> list[Column]:
    """Return the required columns that no header is mapped to."""
    return [kind.column(name) for name in kind.required if name not in chosen.values()]


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
