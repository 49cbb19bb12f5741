"""Which events of two overlapping logs are the same: events have no ID, and two equal ones in one file are two.

An event's identity says when, to whom and how; names and users are attributes, which may change from one export to
the next. The events of an identity are numbered 1, 2, ...: the number makes an event's key.
"""

from collections.abc import Container, Mapping, Sequence
from itertools import chain, count, groupby
from operator import itemgetter

import duckdb

from workbench.exports import ExportKind
from workbench.intake.schema import compared_columns, joined_sql


def numbered(held: Mapping[int, int], found: Sequence[int]) -> list[int]:
    """Return the number of each event that a file holds of one identity, in the order of the file.

    `held` has the attributes of those already there, by number. An event takes the number of one with equal
    attributes; of those left, each takes the next number that is held, and then new ones. So in the end there are as
    many events as the larger of both had.
    """
    free: dict[int, list[int]] = {}  # by attributes, the lowest number last
    for number in sorted(held, reverse=True):
        free.setdefault(held[number], []).append(number)
    numbers = [same.pop() if (same := free.get(attributes)) else None for attributes in found]
    left = chain(sorted(chain(*free.values())), count(len(held) + 1))
    return [number or next(left) for number in numbers]


def number(cursor: duckdb.DuckDBPyConnection, kind: ExportKind, table: str, absent: Container[str] = ()) -> None:
    """Set the `occurrence` of every event in a staged table, against those that the kind's own table holds.

    Of columns that are `absent` from the file it does not say anything, so by them no event is another.
    """
    events = _several(cursor, kind, table, absent)
    by_identity: dict[int, tuple[dict[int, int], list[tuple[int, int]]]] = {}
    for identity, is_new, place, attributes in events:
        held, found = by_identity.setdefault(identity, ({}, []))
        if is_new:
            found.append((place, attributes))
        else:
            held[place] = attributes
    changes = [
        (place, occurrence)
        for held, found in by_identity.values()
        for (place, _), occurrence in zip(found, numbered(held, [a for _, a in found]), strict=True)
    ]
    _write(cursor, table, changes)


def _several(
    cursor: duckdb.DuckDBPyConnection, kind: ExportKind, table: str, absent: Container[str]
) -> list[tuple[int, bool, int, int]]:
    """Return the events of every identity that either side has more than once.

    Each is its identity, whether it is new, its place (the record's row or the held event's number), its attributes;
    identities and attributes are whole numbers. New ones come in the order of the file.
    """
    left = [name for name in compared_columns(kind) if name not in (*kind.key, "occurrence") and name not in absent]
    attributes = joined_sql(left or ["null"])
    same = " and ".join(f"held.{name} is not distinct from new.{name}" for name in kind.key)
    keys = ", ".join(kind.key)
    cursor.execute(
        f"create or replace temp table several as select {keys} from {table} where {kind.key[0]} is not null"
        f" group by {keys} having count(*) > 1 union select {keys} from {kind.table} as held where exists"
        f" (from {table} as new where {same}) group by {keys} having count(*) > 1"
    )
    return cursor.execute(
        f"with events as (select true as is_new, rowid as place, {keys}, {attributes} as attributes from {table}"
        f" union all select false, occurrence, {keys}, {attributes} from {kind.table})"
        f" select dense_rank() over (order by {', '.join(f'new.{name}' for name in kind.key)}), is_new, place,"
        " dense_rank() over (order by attributes)"
        f" from events as new join several as held on {same} order by 1, 2, 3"
    ).fetchall()


def renumber(cursor: duckdb.DuckDBPyConnection, kind: ExportKind, table: str) -> None:
    """Set the `occurrence` of every version of events in a table as if its loads came one after the other."""
    attributes = joined_sql(name for name in compared_columns(kind) if name not in (*kind.key, "occurrence"))
    keys = ", ".join(kind.key)
    versions = cursor.execute(
        f"with versions as (select *, rowid as place, max(occurrence) over (partition by {keys}) as most from {table})"
        f" select dense_rank() over (order by {keys}), load_id, place, dense_rank() over (order by {attributes})"
        " from versions where most > 1 order by 1, load_id, position"
    ).fetchall()
    changes: list[tuple[int, int]] = []
    for _, of_identity in groupby(versions, key=itemgetter(0)):
        held: dict[int, int] = {}
        for _, of_load in groupby(of_identity, key=itemgetter(1)):
            found = [(place, attribute) for _, _, place, attribute in of_load]
            occurrences = numbered(held, [attribute for _, attribute in found])
            changes += [(place, n) for (place, _), n in zip(found, occurrences, strict=True)]
            held |= {n: attribute for (_, attribute), n in zip(found, occurrences, strict=True)}
    _write(cursor, table, changes)


def _write(cursor: duckdb.DuckDBPyConnection, table: str, changes: Sequence[tuple[int, int]]) -> None:
    if changes:
        places, occurrences = map(list, zip(*changes, strict=True))
        cursor.execute(
            "create or replace temp table numbers as select unnest(?::bigint[]) as place, unnest(?::integer[]) as n",
            [places, occurrences],
        )
        cursor.execute(f"update {table} set occurrence = n from numbers where {table}.rowid = numbers.place")
