"""Which export a header line belongs to, and which of its columns is which: by normalised names, never by position."""

import csv
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from itertools import chain, count

from workbench.errors import ChoiceNeeded, FileRefused, HeaderUnknown
from workbench.exports import KINDS, Column, ExportKind
from workbench.intake.seen import UNMARKED
from workbench.time.coverage import file_period

MOST_CACHED = 8_192  # headers whose form is kept, since each is compared with every kind
_DASHES = re.compile(r"\s*[-\u2010\u2011\u2012\u2013\u2014\u2212]\s*")
_IGNORED = re.compile(r"[()\[\]{}.]")
_PROTECTED = re.compile(r"=?\"(.*)\"|'(.*)", re.DOTALL)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
MOST_WORDS = 40  # of a file's name that are looked at
_UNIT = re.compile(r"\s+(?:in seconds|seconds|secs?|time)$")


@lru_cache(MOST_CACHED)
def normalised(header: str) -> str:
    """Return the form in which two headers of one column are equal.

    Case, the kind of dash, brackets, dots and repeated spaces do not count, nor does a unit of time at the end
    (`sec`, `seconds`, `in seconds`) or the word `Time` there, nor the `="..."` or `'` that keeps spreadsheets off.
    """
    text = plain(header)
    while (shorter := _UNIT.sub("", text)) != text:
        text = shorter
    return text


@lru_cache(MOST_CACHED)
def plain(header: str) -> str:
    """Return the normalised form of a header with its unit, or its `Time`."""
    text = header.translate(UNMARKED).strip()
    if protected := _PROTECTED.fullmatch(text):
        text = protected[1] or protected[2] or ""
    text = _IGNORED.sub(" ", _DASHES.sub("-", text.casefold()))
    return _DASHES.sub("-", " ".join(text.split()))


@dataclass(frozen=True)
class HeaderMap:
    """How the columns of one file map to a kind: `columns[n]` is what the file's n-th column holds.

    A column of the file that the kind does not know is a str: the name under which its text is kept; those whose
    position is in `left` are not read at all. `twins` are positions of further columns for one that is there already;
    in a log of ours, those that show a duration as a clock does.
    """

    kind: ExportKind
    columns: tuple[Column | str, ...]
    left: frozenset[int] = frozenset()
    twins: tuple[tuple[int, Column], ...] = ()

    @cached_property
    def known(self) -> dict[str, int]:
        """The position in the file of every known column, by name."""
        return {c.name: n for n, c in enumerate(self.columns) if isinstance(c, Column)}

    @cached_property
    def extras(self) -> dict[str, int]:
        """The position in the file of every column that is kept as text, by its header."""
        return {c: n for n, c in enumerate(self.columns) if isinstance(c, str) and n not in self.left}


@dataclass(frozen=True)
class OwnLog:
    """How a log that this program wrote itself is read: its columns, the zone that it says, and what only stands in."""

    title: str
    headers: HeaderMap
    zone: str | None
    stand_ins: frozenset[str]


MOST_COLUMNS = 2_000  # columns that a file may have


def mapped(headers: Sequence[str], kind: ExportKind) -> HeaderMap:
    """Map a file's headers to a kind's columns; of two headers for one column, the first counts, unless they differ."""
    by_header = _by_header(kind)
    columns: dict[Column | str, None] = {}
    twins = []
    for position, header in enumerate(headers, start=1):
        column = _column(kind, by_header, header)
        is_new = column is not None and column not in columns
        if column is not None and not is_new and plain(header) in map(plain, column.headers):
            twins.append((position - 1, column))
        columns[column if column is not None and is_new else _free_name(header, position, columns)] = None
    return HeaderMap(kind, tuple(columns), twins=tuple(twins))


def _column(kind: ExportKind, by_header: Mapping[str, Column], header: str) -> Column | None:
    """Return the column that a header names: by its whole text, else without its unit, unless a mapping names it.

    `Activity Time` and `Activity` are two columns of one file.
    """
    whole = plain(header)
    return by_header.get(whole) or (None if whole in kind.said else by_header.get(normalised(header)))


@cache
def _by_header(kind: ExportKind) -> dict[str, Column]:
    aliases = [(alias, column) for column in kind.columns for alias in column.headers]
    shortened = {normalised(alias): column for alias, column in aliases if plain(alias) not in kind.said}
    of_others = {form: column for form, column in shortened.items() if form not in kind.said}
    return of_others | {plain(alias): column for alias, column in aliases}


def _free_name(header: str, position: int, taken: Container[Column | str]) -> str:
    name = header.strip() or f"Column {position}"
    names = chain([name], (f"{name} ({number})" for number in count(position)))
    return next(free for free in names if free not in taken)


def least_width(headers: Sequence[str], kinds: Iterable[ExportKind]) -> int:
    """Return how many fields a record must have: those up to the last that the file's kind cannot do without."""
    whole = [found for kind in kinds if not missing(found := mapped(headers, kind))]
    best = [found for found in whole if len(found.known) == max(len(each.known) for each in whole)]
    last = [max(found.known[name] for name in found.kind.required) for found in best]
    return max(last) + 1 if last else len(headers)


def score(headers: Sequence[str], kinds: Iterable[ExportKind]) -> int:
    """Return how many of the headers the best-matching kind knows."""
    found = dict.fromkeys(headers[:MOST_COLUMNS])
    known = ({column.name for header in found if (column := _column(kind, _by_header(kind), header))} for kind in kinds)
    return max(map(len, known), default=0)


def check_width(headers: Sequence[str], file: str) -> None:
    """Raise FileRefused for a header of more columns than any export has."""
    if len(headers) > MOST_COLUMNS:
        raise FileRefused(
            f"{file}: has {len(headers):,} columns, at most {MOST_COLUMNS:,} are read. Export the report again"
        )


def recognised(
    headers: Sequence[str],
    kinds: Mapping[str, ExportKind],
    file: str,
) -> HeaderMap:
    """Return the map to the kind whose required columns are all there and that knows most of the headers.

    Of several kinds with one header the one is taken that the file's name says, or that every row says itself.
    Raises FileRefused when there is none (naming the missing columns of the nearest kind, and the headers that
    were seen), and ChoiceNeeded when several kinds fit equally well.
    """
    check_width(headers, file)
    ranked = sorted((mapped(headers, kind) for kind in kinds.values()), key=lambda m: -len(m.known))
    whole = [m for m in ranked if not missing(m)]
    if not whole:
        raise HeaderUnknown(_nearest(ranked[0], headers, file))
    best = [m for m in whole if len(m.known) == len(whole[0].known)]
    said = named(file, [m.kind for m in best])
    by_row = {name for name, _ in best[0].kind.constants} & set(best[0].known)
    if len(best) == 1 or (by_row and len({m.kind.table for m in best}) == 1):
        return best[0]
    if len(said) == 1:
        return next(m for m in best if m.kind == said[0])
    names = ", ".join(m.kind.name for m in best)
    raise ChoiceNeeded(
        f"{file}: the header fits several kinds ({names}). Say which with --kind", "--kind", names.split(", ")
    )


def named(file: str, kinds: Iterable[ExportKind]) -> list[ExportKind]:
    """Return the kinds whose name a file's name holds, in whole words: a contact that was disconnected is no other.

    Of a file in an archive its own name goes before that one's.
    """
    kinds = tuple(kinds)
    said = [_runs(name.rpartition(".")[0] or name) for name in (own_name(file), file)]
    found = ([kind for kind in kinds if any(_letters(name) in runs for name in kind.file_names)] for runs in said)
    return next(filter(None, found), [])


def period(file: str) -> tuple[date, date, str | None] | None:
    """Return the days and the rollup that a file's own name gives, else that of the archive it came in."""
    return file_period(own_name(file)) or file_period(file)


def own_name(file: str) -> str:
    """Return a file's name without that of the archive it came in, which goes before it: `march.zip (export.csv)`."""
    return file[:-1].rpartition(" (")[2] if file.endswith(")") else file


def _letters(text: str) -> str:
    return "".join(_words(text))


def _words(text: str) -> list[str]:
    """Return the words of a name, `ContactsAdded` being two."""
    return [word.lower() for word in _WORD.findall(text)]


def _runs(text: str) -> set[str]:
    """Return every run of a name's words, written as one."""
    words = _words(text)[:MOST_WORDS]
    return {"".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}


def missing(found: HeaderMap) -> list[str]:
    """Return the usual headers of the required columns that the file lacks."""
    absent = [name for name in found.kind.required if name not in found.known]
    return [found.kind.column(name).headers[0] for name in absent]


def _nearest(found: HeaderMap, headers: Sequence[str], file: str) -> str:
    seen = ", ".join(header for header in headers[:12] if header.strip()) or "none"
    more = f" and {len(headers) - 12} more" if len(headers) > 12 else ""
    if len(headers) == 1 and score(next(csv.reader(headers)), KINDS.values()) > 1:
        return (
            f"{file}: each of its lines is one field in quotes, commas and all: it was put in quotes twice. Export the"
            " report again, or take the quotes at both ends of each line away"
        )
    absent = missing(found)
    named_headers = sum(bool(header.strip()) for header in headers)
    is_alike = 2 * len(found.known) >= min(named_headers, len(found.kind.columns)) and len(found.known) > 1
    if len(absent) == len(found.kind.required) or not is_alike:
        return (
            f"{file}: no export has this header. Headers seen: {seen}{more}. Export the report again, or"
            " say what its columns are, with --mapping or on the Data page"
        )
    return (
        f"{file}: looks like {found.kind.system}'s {found.kind.title}, but its column "
        f"{', '.join(repr(a) for a in absent)} is missing. Headers seen: {seen}{more}"
    )
