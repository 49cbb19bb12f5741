"""What a user says the columns of an unknown header are: made once, remembered for that header, applied by itself.

A mapping is nothing but other headers for the columns of a kind, so a file with one is read like any other.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import FileRefused, MappedTwice, UnknownName, reason
from workbench.exports import KINDS, Column, ExportKind
from workbench.intake.headers import normalised, plain

if TYPE_CHECKING:  # the child process that reads spreadsheets starts without the database
    import duckdb

EARLIER = 0  # stands for the loads of a mapping that was kept without their numbers: it is never taken back


@dataclass(frozen=True)
class ColumnMapping:
    """What a user says a header's columns are: `columns` pairs headers with a column of the kind, or with None.

    A header that it does not name is recognised by itself. `header` is the whole header it was made for, if any.
    """

    kind: str
    columns: tuple[tuple[str, str | None], ...]
    header: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise UnknownName for a kind or a column that does not exist, MappedTwice for one of two headers."""
        if self.kind not in KINDS:
            raise UnknownName("kind of export", self.kind, KINDS)
        known = [column.name for column in KINDS[self.kind].columns]
        given: dict[str, str] = {}
        for header, name in self.columns:
            if name is not None and name not in known:
                raise UnknownName(f"column of {self.kind}", name, known)
            if name is not None and given.setdefault(name, header) != header:
                raise MappedTwice(
                    f"The mapping gives {name} to '{given[name]}' and to '{header}'. Leave one of them out"
                )

    def fits(self, header: Sequence[str]) -> bool:
        """Tell whether the mapping was made for this header."""
        return [*map(normalised, self.header)] == [*map(normalised, header)]


def extended(mapping: ColumnMapping) -> ExportKind:
    """Return the kind with the mapping's headers as those of its columns."""
    by_column = {column: header for header, column in mapping.columns if column is not None}
    kind = KINDS[mapping.kind]
    said = frozenset(plain(header) for header, _ in mapping.columns)

    def headers(column: Column) -> tuple[str, ...]:
        if column.name in by_column:
            return (by_column[column.name],)
        return tuple(header for header in column.headers if plain(header) not in said)

    columns = tuple(replace(column, headers=headers(column)) for column in kind.columns)
    return replace(kind, columns=columns, said=said)


def read(path: Path) -> ColumnMapping:
    """Return the mapping that a JSON file holds: `{"kind": KIND, "columns": {"Header": "column" or null, ...}}`.

    Raises FileRefused, also for a kind or a column that does not exist.
    """
    try:
        found: object = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FileRefused(f"{path}: cannot be read ({reason(error)}). Check the path") from None
    except (ValueError, RecursionError):
        found = None
    return said(found, path.name)


def said(found: Any, name: str) -> ColumnMapping:
    """Return the mapping that JSON values say; `name` is what they come from. Raises FileRefused."""
    try:
        pairs = tuple((str(header), name if name is None else str(name)) for header, name in found["columns"].items())
        return ColumnMapping(str(found["kind"]), pairs)
    except UnknownName as error:
        raise FileRefused(f"{name}: {error}") from None
    except (KeyError, TypeError, AttributeError):
        example = '{"kind": "gladly_contact_export", "columns": {"My ID": "contact_id"}}'
        raise FileRefused(f"{name}: not a mapping. Write it as {example}") from None


def remember(
    cursor: "duckdb.DuckDBPyConnection", mapping: ColumnMapping, used_at: datetime | None, load_id: int | None = None
) -> None:
    """Keep a mapping for every later file of its header, in the place of another one for it, with the loads by it."""
    used = used_at.isoformat() if used_at else None
    loads = [*_loads_before(cursor, mapping, is_change=load_id is None), *([load_id] if load_id else [])]
    columns = json.dumps([mapping.columns, list(mapping.header), used, loads])
    cursor.execute("insert or replace into mappings values (?, ?, ?)", [_key(mapping), mapping.kind, columns])


def _loads_before(cursor: "duckdb.DuckDBPyConnection", mapping: ColumnMapping, is_change: bool) -> list[int]:
    """Return the loads by what a mapping takes the place of: none by another one, unless that is changed."""
    found = cursor.execute("select kind, columns from mappings where header = ?", [_key(mapping)]).fetchone()
    if found is None:
        return []
    kind, text = found
    is_same = (kind, json.loads(text)[0]) == (mapping.kind, json.loads(json.dumps(mapping.columns)))
    return (_loads(text) or [EARLIER]) if is_change or is_same else []


def take_back(cursor: "duckdb.DuckDBPyConnection", load_id: int) -> None:
    """Keep no mapping whose last load is taken back; one of an earlier version says no loads, and stays."""
    _used_for(cursor, lambda loads: [load for load in loads if load != load_id])


def use_again(cursor: "duckdb.DuckDBPyConnection", earlier: int, load_id: int) -> None:
    """Keep a mapping for another load of the file of an earlier one, too."""
    _used_for(cursor, lambda loads: [*loads, load_id] if earlier in loads else loads)


def _used_for(cursor: "duckdb.DuckDBPyConnection", change: Callable[[list[int]], list[int]]) -> None:
    for header, text in cursor.execute("select header, columns from mappings").fetchall():
        loads = _loads(text)
        left = change(loads)
        if loads and not left:
            cursor.execute("delete from mappings where header = ?", [header])
        elif left != loads:
            columns = json.dumps([*json.loads(text)[:3], left])
            cursor.execute("update mappings set columns = ? where header = ?", [columns, header])


def _loads(text: str) -> list[int]:
    """Return the numbers of the loads that a mapping was used for."""
    return list(dict.fromkeys(chain.from_iterable(json.loads(text)[3:])))


def forget(cursor: "duckdb.DuckDBPyConnection", mapping: ColumnMapping) -> None:
    """Keep the mapping of a header no more; what was loaded with it stays."""
    cursor.execute("delete from mappings where header = ?", [_key(mapping)])


def _key(mapping: ColumnMapping) -> str:
    return "\x1f".join(map(normalised, mapping.header))


def remembered(cursor: "duckdb.DuckDBPyConnection") -> tuple[tuple[ColumnMapping, datetime | None], ...]:
    """Return every mapping that is kept, with when it was used last (UTC) where that is known.

    One of an earlier version that is none any more is left out.
    """
    found = []
    for kind, text in cursor.execute("select kind, columns from mappings order by header").fetchall():
        columns, header, *used = json.loads(text)
        try:
            mapping = ColumnMapping(kind, tuple((name, column) for name, column in columns), tuple(header))
        except (UnknownName, MappedTwice):
            continue
        found.append((mapping, datetime.fromisoformat(used[0]) if used and used[0] else None))
    return tuple(found)
