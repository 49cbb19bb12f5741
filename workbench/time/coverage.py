"""Which days, channels and inboxes the loads cover: the difference between a zero and a gap."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import product

from workbench.time import zones

_FILE_PERIOD = re.compile(r"(?<!\d)(\d{8})-(\d{8})(?:-([A-Za-z]+))?(?!\d)")
_UNFILTERED = re.compile(r"^all( channels| inboxes| teams)?$", re.IGNORECASE)
Span = tuple[datetime, datetime]  # from inclusive, to exclusive
Only = tuple[tuple[str, frozenset[str]], ...]  # the values to which a load is limited, by dimension
Parts = tuple[tuple[Only, tuple[Span, ...]], ...]  # what is covered for all values, and for some alone


@dataclass(frozen=True)
class Covered:
    """What one load covers: a span of time, of the listed values per dimension; no listed value means all of them."""

    span: Span
    only: Only = ()

    def reaches(self, wanted: dict[str, str]) -> bool:
        """Tell whether the load covers these values; a dimension that is not named is wanted in full."""
        return all(wanted.get(dimension) in values for dimension, values in self.only)

    def touches(self, wanted: dict[str, str]) -> bool:
        """Tell whether the load covers some of these values."""
        return all(dimension not in wanted or wanted[dimension] in values for dimension, values in self.only)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the union of spans, in order, touching ones joined."""
    union: list[Span] = []
    for start, end in sorted(spans):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        elif start < end:
            union.append((start, end))
    return tuple(union)


def common(one: Sequence[Span], other: Sequence[Span]) -> tuple[Span, ...]:
    """Return the intersection of two unions of spans, each in order: in one pass, as there may be many."""
    found: list[Span] = []
    at, there = 0, 0
    while at < len(one) and there < len(other):
        found.append((max(one[at][0], other[there][0]), min(one[at][1], other[there][1])))
        if one[at][1] < other[there][1]:
            at += 1
        else:
            there += 1
    return merged(span for span in found if span[0] < span[1])


def gaps(spans: Sequence[Span], within: Span) -> tuple[Span, ...]:
    """Return the parts of `within` that no span covers."""
    edges = [within[0], *(edge for span in common(spans, [within]) for edge in span), within[1]]
    return tuple((a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b)


def moved(spans: Iterable[Span], by: timedelta) -> tuple[Span, ...]:
    """Return spans that much later, or earlier."""
    return tuple((start + by, end + by) for start, end in spans)


def parts(loads: Iterable[Covered], within: Span) -> Parts:
    """Return what loads cover of a span: for all values first, then what of the rest they cover for some alone."""
    by_only: dict[Only, list[Span]] = {(): []}
    for load in loads:
        by_only.setdefault(load.only, []).append(load.span)
    whole = common(merged(by_only.pop(())), [within])
    rest = gaps(whole, within)
    limited = ((only, common(merged(spans), rest)) for only, spans in by_only.items())
    return tuple((only, spans) for only, spans in (((), whole), *limited) if spans)


@dataclass(frozen=True)
class Reach:
    """The coverage of one selection: `touched` by any load, and `whole`: covered for every value selected."""

    touched: tuple[Span, ...]
    whole: tuple[Span, ...]


def reach(loads: Sequence[Covered], selected: Mapping[str, Sequence[str]]) -> Reach:
    """Return where the loads cover a selection of values; a dimension without values is selected in full."""
    named = {dimension: values for dimension, values in selected.items() if values}
    wanted = [dict(zip(named, values, strict=True)) for values in product(*named.values())]
    touched = merged(load.span for load in loads if any(load.touches(one) for one in wanted))
    wholes = [merged(load.span for load in loads if load.reaches(one)) for one in wanted]
    return Reach(touched, reduce(common, wholes))


def narrowed(selected: Mapping[str, Sequence[str]], only: Only) -> dict[str, Sequence[str]] | None:
    """Return what a selection leaves of the values that a load is limited to, None where it leaves nothing of them."""
    found = dict(selected)
    for dimension, values in only:
        found[dimension] = [value for value in selected.get(dimension) or unjoined(values) if value in values]
    return found if all(found[dimension] for dimension, _ in only) else None


def day_by_day(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the whole days, of midnights in wall time, that lie in spans."""
    day = timedelta(days=1)
    midnights = [(start + (datetime.min - start) % day, end - (end - datetime.min) % day) for start, end in spans]
    return merged(midnights)


def file_period(name: str) -> tuple[date, date, str | None] | None:
    """Return the first and last day and the rollup that a file name gives, None when it gives none."""
    found = _FILE_PERIOD.search(name)
    if not found:
        return None
    try:
        first, last = (datetime.strptime(text, "%Y%m%d").date() for text in found.groups()[:2])
    except ValueError:
        return None
    is_possible = first.year >= zones.FIRST_YEAR and last.year <= zones.LAST_YEAR and first <= last
    return (first, last, found.group(3)) if is_possible else None


def filter_values(text: str | None) -> frozenset[str] | None:
    """Return the values, joined by commas, that a filter column names; None when it says that nothing was filtered.

    A name can itself hold a comma, so the text as a whole is one of its values too.
    """
    if not text or _UNFILTERED.match(text.strip()):
        return None
    return frozenset([text.strip(), *_split(text)])


def unjoined(values: frozenset[str]) -> list[str]:
    """Return the values to which a load is limited, in order, without the text that joins others of them."""
    return sorted(value for value in values if not (parts := _split(value)) or value in parts or not parts <= values)


def _split(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def whole_days(first: date, last: date) -> Span:
    """Return the wall-time span of days from the first to the last, both inclusive."""
    start = datetime.combine(first, datetime.min.time())
    return start, datetime.combine(last, datetime.min.time()) + timedelta(days=1)
