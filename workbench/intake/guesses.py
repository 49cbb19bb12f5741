"""Best guesses for a header that is no export's: which column of a kind each of its columns is, by name and content.

Guesses only fill in the mapping step; nothing is loaded by them until somebody has looked at them. What a value may be
is told by the very conversions that a load makes, so nothing is offered that the load would then set aside.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache, cached_property
from itertools import islice

import duckdb

from workbench.exports import KINDS, Column, ExportKind
from workbench.exports.model import ColumnType
from workbench.intake import convert
from workbench.intake.headers import HeaderMap, mapped, normalised, plain
from workbench.intake.seen import as_seen
from workbench.intake.text import RECORD_LIMIT, TextFile
from workbench.time import zones

_MISSING = frozenset(word.casefold() for kind in KINDS.values() for word in kind.missing)
ROWS = 50  # records that a guess looks at
SURE = 0.58  # how alike a header and a column must be at least for a guess
SAME_NAME = 0.9  # names so alike that the content may not fit: the values are then set aside with a reason
TYPO = 0.85  # how many letters two names must share at least to be one that is written in two ways
OFFERED = 0.5  # share of a column's values that a type must hold for the column to be offered as one
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9_-]{22}|\d{6,}|(?=\S*\d)[A-Za-z0-9_-]{2,}")
_WORD = re.compile(r"[^\W_]+")
_CONVERTED: tuple[ColumnType, ...] = ("timestamp", "date", "duration", "count", "amount")
# Between them they take every order of dates and both decimal marks; which one it is, the load tells or asks.
_FORMS = (("dmy", "."), ("mdy", ","))
# Words of one meaning in the headers of different systems.
_SAME = {
    "time": "at", "date": "at", "timestamp": "at", "when": "at", "datetime": "at", "created": "at",
    "identifier": "id", "number": "id", "no": "id", "nr": "id", "uuid": "id", "key": "id",
    "user": "agent", "owner": "agent", "assignee": "agent", "client": "customer", "ticket": "contact",
    "case": "contact", "url": "link", "total": "value", "amount": "value",
}  # fmt: skip
_OF_ANYTHING = frozenset({"at", "id"})
_BRACKETED = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_UNITS = frozenset({
    "in", "s", "sec", "secs", "second", "seconds", "m", "min", "mins", "minute", "minutes", "h", "hr", "hrs", "hour",
    "hours", "d", "day", "days", "ms", "msec", "millisecond", "milliseconds", "cent", "cents", "pence", "dollar",
    "dollars", "euro", "euros", "pound", "pounds", "usd", "eur", "gbp", "chf", "cad", "aud", "nzd", "jpy", "cny",
    "inr", "sek", "nok", "dkk", "pln", "brl", "mxn", "sgd", "hkd", "zar", "aed", "k", "thousand", "thousands",
    "percent",
})  # fmt: skip


@dataclass(frozen=True)
class Preview:
    """A file's header and its first records, as text; `values` are those of a column that are not empty.

    `held` are the texts among them that a load would take for a value of each type.
    """

    header: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]
    held: Mapping[ColumnType, frozenset[str]] = field(default_factory=dict)

    def values(self, position: int) -> list[str]:
        """Return the different values of a column, in the file's order."""
        return self._values[position]

    @cached_property
    def _values(self) -> list[list[str]]:
        return [list(dict.fromkeys(filter(None, self._cells(position)))) for position in range(len(self.header))]

    def tells_apart(self, position: int) -> bool:
        """Tell whether a column has a value of its own in every record."""
        return len(self.values(position)) == len(self.records)

    def is_full(self, position: int) -> bool:
        """Tell whether a column has a value in every record."""
        return all(self._cells(position))

    def _cells(self, position: int) -> list[str]:
        return [record[position].strip() if position < len(record) else "" for record in self.records]


def preview(cursor: duckdb.DuckDBPyConnection, text: TextFile, rows: int = ROWS) -> Preview:
    """Return the header and the first records of a clean file."""
    if not text.header:
        return Preview((), ())
    csv.field_size_limit(RECORD_LIMIT)
    with text.path.open(encoding="utf-8", newline="") as lines:
        records = islice(csv.reader(lines, delimiter=text.delimiter), 1, rows + 1)
        return seen(cursor, text.header, (tuple(record[: len(text.header)]) for record in records))


def seen(cursor: duckdb.DuckDBPyConnection, header: Sequence[str], records: Iterable[Sequence[str]]) -> Preview:
    """Return a header and records as a preview that knows what each value may be."""
    kept = tuple(map(tuple, records))
    texts = [*{value.strip() for record in kept for value in record}]
    held = {
        kind: frozenset(text for form in _FORMS for text in _held(cursor, kind, texts, *form)) for kind in _CONVERTED
    }
    return Preview(tuple(header), kept, held)


def _held(cursor: duckdb.DuckDBPyConnection, kind: ColumnType, texts: list[str], order: str, mark: str) -> list[str]:
    """Return the texts that are values of a type to a file with this order of dates and this decimal mark."""
    column = Column("value", kind, (), "", "", "When")
    door = convert.Door("UTC", date_order=order, wide=frozenset({"value"}), delimiter=";", marks={"value": mark})
    is_moment = kind in ("timestamp", "date")
    source = f"(select text, {as_seen('text', '')} as raw from (select unnest(?::varchar[]) as text))"
    source = convert.walls_sql({"raw": column}, source, door) if is_moment else source
    typed = convert.wall_name(column) if is_moment else convert.typed(column, "raw", door)
    unfit = " or ".join(f"coalesce({sql}, false)" for sql, _ in convert.misfits(column, "raw", typed, door))
    return [text for (text,) in cursor.execute(f"select text from {source} where not ({unfit})", [texts]).fetchall()]


def kinds(found: Preview, among: Iterable[ExportKind] = KINDS.values()) -> list[ExportKind]:
    """Return the kinds, the likeliest first: by how much of what they require, and of all, can be guessed."""

    def likelihood(kind: ExportKind) -> float:
        telling = set(_telling(found, kind).values()) - {None}
        guessed = set(columns(found, kind).values())
        required = sum(name in guessed for name in kind.required) / len(kind.required)
        known = len(mapped(found.header, kind).known)
        # Moments and IDs without a telling name are in every file: they speak for no kind, but for one that lacks none.
        share = (len(telling) + known) / max(1, len(found.header))
        return 0.5 * required + share + 0.1 * len(telling) / len(kind.columns)

    return sorted(among, key=likelihood, reverse=True)


def columns(found: Preview, kind: ExportKind) -> dict[str, str | None]:
    """Return for each header of a file the name of the kind's column that it seems to be, None where none does.

    No column is guessed twice; the surest guess goes first.
    """
    guessed = _telling(found, kind)
    for column in lacking(kind, guessed):
        if by_content := _by_content(found, kind, guessed, column):
            guessed[by_content] = column.name
    return guessed


def _telling(found: Preview, kind: ExportKind) -> dict[str, str | None]:
    """Return what a name tells, or values that only one column holds."""
    headers = [header for header in dict.fromkeys(found.header) if header.strip()]
    alike = [
        (likeness(found, header, column), -position, -order, header, column.name)
        for position, header in enumerate(headers)
        for order, column in enumerate(kind.columns)
        if is_offered(found, header, column)
    ]
    guessed: dict[str, str | None] = dict.fromkeys(headers)
    taken: set[str] = set()
    for score, _, _, header, column_name in sorted(alike, reverse=True):
        if score >= SURE and guessed[header] is None and column_name not in taken:
            guessed[header] = column_name
            taken.add(column_name)
    _add_by_values(found, kind, guessed)
    return guessed


def _add_by_values(found: Preview, kind: ExportKind, guessed: dict[str, str | None]) -> None:
    """Guess what only one column of the kind holds, such as PHONE_CALL and CHAT, whatever the header says."""
    free = [header for header, name in guessed.items() if name is None]
    telling = [column for column in kind.columns if column.values or column.type in ("zone", "link")]
    for header in free:
        fitting = [column.name for column in telling if fits(found, header, column) == 1]
        if len(fitting) == 1 and fitting[0] not in guessed.values():
            guessed[header] = fitting[0]


def _by_content(found: Preview, kind: ExportKind, guessed: Mapping[str, str | None], column: Column) -> str | None:
    """Return the column of the file that is likeliest a required one, when its name says nothing at all."""
    if column.type not in ("timestamp", "date", "id"):
        return None

    def could_be(header: str) -> bool:
        position = found.header.index(header)
        is_whole = found.tells_apart(position) if kind.key == (column.name,) else found.is_full(position)
        return is_whole and fits(found, header, column) == 1 and is_offered(found, header, column)

    free = [header for header, name in guessed.items() if name is None and could_be(header)]
    return max(free, key=lambda header: likeness(found, header, column), default=None)


def likeness(found: Preview, header: str, column: Column) -> float:
    """Return from 0 to 1 how much a file's column looks like a kind's: by its name, and whether its values fit."""
    name = max(_names_alike(header, alias) for alias in (*column.headers, column.label))
    fit = fits(found, header, column)
    is_open = bool(column.values)  # a list that any value may join
    if fit is None or (name >= SAME_NAME and (fit > 0 or is_open)):
        return name
    # Values alone say what a column may be, not which of several it is.
    return 0.75 * name + 0.25 * fit if fit >= 0.8 else 0.5 * name


def is_sure(header: str, column: Column) -> bool:
    """Tell whether a header is one of a column's own, so that nobody need be asked."""
    return any(_names_alike(header, alias) == 1 for alias in (*column.headers, column.label))


def near_misses(found: HeaderMap) -> dict[str, Column]:
    """Return the columns that a file lacks, by the header of its own that is theirs but for its unit.

    `Order Value (cents)` is no `Order Value`, and it is no other column either. A header that a mapping keeps as text
    is not among them.
    """
    lacking = [column for column in found.kind.columns if column.name not in found.known]
    by_words = {words: column for column in lacking for alias in column.headers if (words := _unitless(alias))}
    unsaid = (header for header in found.extras if plain(header) not in found.kind.said)
    return {header: by_words[words] for header in unsaid if (words := _unitless(header)) in by_words}


@cache
def _unitless(header: str) -> frozenset[str]:
    return _words(_BRACKETED.sub("", header)) - _UNITS - {"at"}


@cache
def _names_alike(header: str, alias: str) -> float:
    one, other = normalised(header), normalised(alias)
    if one == other:
        return 1.0
    words, known = _words(header), _words(alias)
    # Every moment is at something, every ID of something: what they share must say of what.
    is_telling = words == known or bool(words & known - _OF_ANYTHING)
    shared = len(words & known) / len(words | known) if words and known and is_telling else 0.0
    letters = SequenceMatcher(None, one, other)
    ratio = letters.ratio() if letters.real_quick_ratio() > TYPO and letters.quick_ratio() > TYPO else 0.0
    return max(shared * 0.98, ratio * 0.9 if ratio > TYPO else 0.0)


def _words(header: str) -> frozenset[str]:
    # `queuedAt` and `queued_at` are two words each.
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header).casefold()
    return frozenset(_SAME.get(word, word) for word in _WORD.findall(apart))


def fits(found: Preview, header: str, column: Column) -> float | None:
    """Return the share of a file's column that a kind's could be; None where the values say nothing of it."""
    values = found.values(found.header.index(header))
    said = [value for value in values if value.casefold() not in _MISSING]
    given = [plain for value in said if (plain := value.strip("=\"'"))]
    if not given:
        return None
    if column.type in found.held:
        return sum(value in found.held[column.type] for value in said) / len(said)
    if column.type in ("id", "link"):
        form = _ID if column.type == "id" else _LINK
        return sum(form.fullmatch(value) is not None for value in given) / len(given)
    known = _zones() if column.type == "zone" else frozenset(value.casefold() for value in column.values)
    if not known:
        return None
    forms = ({value, value.casefold(), value.casefold().replace(" ", "_")} for value in given)
    return sum(not known.isdisjoint(form) for form in forms) / len(given)


def is_offered(found: Preview, header: str, column: Column) -> bool:
    """Tell whether a file's column may be chosen as a kind's: not where most of its values could never be one."""
    if column.type in ("id", "enum"):  # any word is one, but neither a moment nor an address
        values = found.values(found.header.index(header))
        odd = [value for value in values if value in found.held.get("timestamp", ()) or _LINK.fullmatch(value)]
        return len(odd) <= len(values) * (1 - OFFERED)
    share = fits(found, header, column) if column.type in (*_CONVERTED, "zone", "link") else None
    return share is None or share >= OFFERED


def lacking(kind: ExportKind, chosen: Mapping[str, str | None]) -> list[Column]:
    """Return the required columns that no header is mapped to."""
    return [kind.column(name) for name in kind.required if name not in chosen.values()]


@cache
def _zones() -> frozenset[str]:
    return frozenset(zones.names())
