"""Where a customer's ID stands besides their own rows: in what people keep, what is said of loads, cells of others.

Only what is parsed and decoded tells: JSON escapes an ID, and the database compresses it, so its bytes may not show it.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb

from workbench.exports import KINDS, ExportKind
from workbench.intake.forgotten import Forgotten, ids_of
from workbench.sql import identifier, literal, one_row

SEARCHED = 4  # characters from which on an ID is searched in texts and bytes: a shorter one is met by chance
AT_ONCE = 1_000  # IDs that are searched by one expression
CUT_FROM = 6  # characters from which on a word among others is taken for an ID: a year or a count is shorter
CUT = "(forgotten)"  # what stands in the place of an ID in a text that stays
TABLES = {name: kind for kind in KINDS.values() for name in (kind.table, f"{kind.table}_replaced")}
# What is deleted where it names somebody: tables with the columns that may, and lists among the settings.
KEPT = {
    "saved_views": ("name", "query"), "recipes": ("name", "recipe"), "mappings": ("header", "columns"),
    "log_columns": ("columns",), "own_views": ("name", "query"),  # the last only in copies of earlier versions
}  # fmt: skip
LISTS = ("targets", "notes")
TEXTS_OF_LOADS = ("file", "report", "chosen")
NO_TEXTS = ("loads.sha256",)  # in which an ID stands by chance alone
DAY = r"\d{4}-\d\d-\d\d(\.\.\d{4}-\d\d-\d\d)?"  # or a range, of which no part is an ID
TYPED = {"search", "contact"}  # filters by who somebody is that no column is called as
PERSONAL = {column.name for kind in KINDS.values() for column in kind.columns if column.is_personal} | TYPED
ENDING = r"\.(?:csv|tsv|txt|xlsx?|ods|zip|gz|json)"
WORD = r"[\w.@-]+"
BINDING = "0-9A-Za-z._@/-"  # of what a word is made: an address is one, and no part of it is another customer's ID
VARCHAR, LIST, MAP = "VARCHAR", "VARCHAR[]", "MAP(VARCHAR, VARCHAR)"

Columns = Mapping[str, Mapping[str, str]]  # of each table, with their types


def columns(cursor: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return the columns of every table, with their types."""
    own = "database_name = current_database() and schema_name = 'main'"
    tables = f"select table_name from duckdb_tables() where {own}"
    sql = f"select table_name, column_name, data_type from duckdb_columns() where {own} and table_name in ({tables})"
    found: dict[str, dict[str, str]] = {}
    for table, column, type_ in cursor.execute(sql).fetchall():
        found.setdefault(table, {})[column] = type_
    return found


@dataclass(frozen=True)
class Ids:
    """The IDs of a customer, as they are written.

    Where they `are_here`, a row tells that they are IDs, and they are looked for among other words. Else the same
    text may be a year, or a slip of who types it: only a value by the name of who somebody is names them then.
    """

    names: tuple[str, ...]
    are_here: bool = True

    @property
    def long(self) -> list[str]:
        """Those that are no text met by chance."""
        return [name for name in self.names if len(name) >= SEARCHED]

    @property
    def words(self) -> list[str]:
        """Those that are IDs among other words, too."""
        return [name for name in self.names if len(name) >= CUT_FROM]

    @cached_property
    def forms(self) -> list[str]:
        """The long ones as they are, as JSON has them, and as JSON within JSON does."""
        found = self.long
        for _ in range(2):
            found += [json.dumps(each, ensure_ascii=of)[1:-1] for each in found for of in (False, True)]
        return [*dict.fromkeys(found)]

    @cached_property
    def pattern(self) -> str:
        """What finds one of the words: whole, though behind it may stand the end of a sentence, or of a file's name."""
        ids, apart = "|".join(map(re.escape, self.words)), f"[^{BINDING}]"
        return f"(^|{apart})(?:{ids})([._@/-]*(?:$|{apart})|{ENDING}$)"

    def are_in(self, said: object) -> bool:
        """Tell whether JSON values name one of them: as a word, or whole as the value of who somebody is."""
        if self.words and self.are_here and any(self.cut(text) != text for text in texts(said)):
            return True
        return any(value in self.names for value in valued(said))

    def cut(self, text: str) -> str:
        """Return a text without the words."""
        for _ in range(0 if re.fullmatch(DAY, text) else 2):  # of two side by side the first takes what is between
            text = re.sub(self.pattern, rf"\1{CUT}\2", text)
        return text

    def cut_sql(self, text: str) -> str:
        """Return SQL for a text without the words."""
        left = text
        for _ in range(2):
            left = f"regexp_replace({left}, {literal(self.pattern)}, '\\1{CUT}\\2', 'g')"
        return f"case when regexp_full_match({text}, {literal(DAY)}) then {text} else {left} end"

    def are_words_of(self, text: str) -> str:
        """Return SQL that is true of a text in which one stands as a word."""
        return f"regexp_matches({text}, {literal(self.pattern)})" if self.words else "false"

    def are_part_of(self, text: str) -> str:
        """Return SQL that is true of a text in which a long one stands, as a word or not."""
        found = [re.escape(form) for form in self.forms]  # one expression finds thousands in the time of one
        parts = ["|".join(found[first : first + AT_ONCE]) for first in range(0, len(found), AT_ONCE)]
        return " or ".join(["false", *(f"regexp_matches({text}, {literal(part)})" for part in parts)])


def texts(said: object) -> Iterator[str]:
    """Give every text of JSON values; of a text that holds JSON, as a pin does, the texts in it."""
    said = parsed(said)
    if isinstance(said, str):
        yield said
    elif isinstance(said, list):
        for each in said:
            yield from texts(each)
    elif isinstance(said, dict):
        for each in said.values():
            yield from texts(each)


def valued(said: object) -> Iterator[str]:
    """Give every text that is a value of who somebody is: by its name in JSON, or behind it, as `name=value`."""
    said = parsed(said)
    if isinstance(said, str):
        name, _, value = said.partition("=")
        yield from [value] if name in PERSONAL else []
    elif isinstance(said, list):
        for each in said:
            yield from valued(each)
    elif isinstance(said, dict):
        for name, each in said.items():
            yield from texts(each) if name.rpartition(".")[2] in PERSONAL else valued(each)


def changed(said: Any, change: Callable[[str], str]) -> Any:
    """Return JSON values with every text changed, but for names."""
    if isinstance(said, str):
        return change(said)
    if isinstance(said, list):
        return [changed(each, change) for each in said]
    return {name: changed(each, change) for name, each in said.items()} if isinstance(said, dict) else said


def parsed(said: object) -> object:
    """Return the list or the names with values that a text holds as JSON, any other as it is."""
    try:
        found: object = json.loads(said) if isinstance(said, str) else said
    except (ValueError, RecursionError):
        return said
    return found if isinstance(found, list | dict) else said


# Taking out -----------------------------------------------------------------------------------------------------------


def erase(cursor: duckdb.DuckDBPyConnection, held: Columns, ids: Ids) -> dict[str, int]:
    """Delete what names them of what people keep, and cut them out of other texts; return how many, by table.

    IDs of other things that read the same stay, and so does what rows are known by: `left` names them.
    """
    found = {
        table: _of_kept(cursor, table, [name for name in names if name in held[table]], ids)
        for table, names in KEPT.items() if table in held
    }  # fmt: skip
    found["settings"] = sum(_of_list(cursor, key, ids) for key in LISTS)
    if ids.words and ids.are_here:
        _of_loads(cursor, held["loads"], ids)
        for table, kind in TABLES.items():
            if table in held:
                found[f"{table}, in texts of others"] = _of_cells(cursor, table, kind, held[table], ids)
    return found


def _of_kept(cursor: duckdb.DuckDBPyConnection, table: str, names: Iterable[str], ids: Ids) -> int:
    rows = cursor.execute(f"select rowid, {', '.join(map(identifier, names))} from {table}").fetchall()
    theirs = [row_id for row_id, *cells in rows if ids.are_in(cells)]
    cursor.execute(f"delete from {table} where rowid in (select unnest(?::bigint[]))", [theirs])
    return len(theirs)


def _of_list(cursor: duckdb.DuckDBPyConnection, key: str, ids: Ids) -> int:
    """Delete the entries of a list that name them; return how many."""
    for (text,) in cursor.execute("select value from settings where key = ?", [key]).fetchall():
        if isinstance(entries := parsed(text), list):
            left = [entry for entry in entries if not ids.are_in(entry)]
            kept = json.dumps(left, ensure_ascii=False)
            cursor.execute("update settings set value = ? where key = ?", [kept, key])
            return len(entries) - len(left)
    return 0


def _of_loads(cursor: duckdb.DuckDBPyConnection, held: Mapping[str, str], ids: Ids) -> None:
    """Cut them out of what is said of loads, names of their files among it."""
    names = [name for name in TEXTS_OF_LOADS if name in held]
    for load_id, *cells in cursor.execute(f"select load_id, {', '.join(names)} from loads").fetchall():
        for name, cell in zip(names, cells, strict=True):
            said = cell if name == "file" else parsed(cell)
            if (left := changed(said, ids.cut)) != said:
                text = left if name == "file" else json.dumps(left)
                cursor.execute(f"update loads set {name} = ? where load_id = ?", [text, load_id])


def _of_cells(
    cursor: duckdb.DuckDBPyConnection, table: str, kind: ExportKind, held: Mapping[str, str], ids: Ids
) -> int:
    """Cut them out of what is written of others: notes, names, links and unknown columns; return how many rows.

    A channel, an inbox or an agent that reads the same stays: numbers follow from them.
    """
    written = {*(column.name for column in kind.columns if column.is_personal and column.type != "id"), "extra"}
    cut = {name: sql for name, type_ in held.items()
           if name in written - {*kind.key} and (sql := _cut_sql(name, type_, ids))}  # fmt: skip
    found = {name: ids.are_words_of(_text_sql(name, held[name])) for name in cut}
    if not cut:
        return 0
    values = ", ".join(f"{name} = case when {found[name]} then {sql} else {name} end" for name, sql in cut.items())
    differs = " or ".join(f"{found[name]} and {name} is distinct from {sql}" for name, sql in cut.items())
    return len(cursor.execute(f"update {table} set {values} where {differs} returning 1").fetchall())


def _cut_sql(name: str, type_: str, ids: Ids) -> str | None:
    """Return SQL for a cell without them, None for one of another type."""
    if type_ == MAP:
        return f"map(map_keys({name}), list_transform(map_values({name}), lambda text: {ids.cut_sql('text')}))"
    return ids.cut_sql(name) if type_ == VARCHAR else None


def _text_sql(name: str, type_: str) -> str:
    """Return SQL for all that a cell says, as one text."""
    if type_ == MAP:
        name = f"list_concat(map_keys({name}), map_values({name}))"
    return name if type_ == VARCHAR else f"array_to_string({name}, chr(31))"


# Searching ------------------------------------------------------------------------------------------------------------


def left(cursor: duckdb.DuckDBPyConnection, ids: Ids, but: Sequence[str] = ()) -> dict[str, str]:
    """Return where one of them still stands, by table and column, with how often; not in the settings `but`."""
    found: dict[str, str] = {}
    for table, names in columns(cursor).items() if ids.long else ():
        asked = {name: _text_sql(identifier(name), type_) for name, type_ in names.items()
                 if type_ in (VARCHAR, LIST, MAP) and f"{table}.{name}" not in NO_TEXTS}  # fmt: skip
        if not asked:
            continue
        counted = ", ".join(f"count(*) filter ({ids.are_part_of(text)})" for text in asked.values())
        own = f" where key not in ({', '.join(map(literal, but))})" if table == "settings" and but else ""
        numbers = one_row(cursor, f"select {counted} from {identifier(table)}{own}")
        found |= {f"{table}.{name}": _said(number) for name, number in zip(asked, numbers, strict=True) if number}
    return found


def _said(number: int) -> str:
    cells = "1 cell holds" if number == 1 else f"{number:,} cells hold"
    return f"{cells} the ID, as the ID of something else, as a word or within a longer one"


# Knowing again --------------------------------------------------------------------------------------------------------


def known(cursor: duckdb.DuckDBPyConnection, held: Columns, whom: Forgotten) -> Ids:
    """Return the IDs of these customers as far as they stand in rows, in what people keep, and in rejected records."""
    found: set[str] = set()
    for table, kind in TABLES.items():
        for name in ids_of(kind):
            if name in held.get(table, ()):
                found |= _asked(cursor, f"select distinct trim({name}) from {table} where {whom.is_of(name)}")
    for text in ("record", "value"):
        table = "rejected_records" if text == "record" else "rejects"
        words = f"select distinct unnest(regexp_extract_all({text}, {literal(WORD)})) as word from {table}"
        found |= _asked(cursor, f"select word from ({words}) where {whom.is_of('word')}")
    return Ids(tuple(sorted(found | {text for text in _candidates(cursor, held) if _is_of(text, whom)})))


def _asked(cursor: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    return {value for (value,) in cursor.execute(sql).fetchall()}


def _candidates(cursor: duckdb.DuckDBPyConnection, held: Columns) -> set[str]:
    """Return every text that may be an ID of what is kept beside the rows, and is said of loads."""
    asked = {**KEPT, "settings": ("value",), "loads": TEXTS_OF_LOADS}
    found: set[str] = set()
    for table, names in asked.items():
        if table in held:
            picked = ", ".join(identifier(name) for name in names if name in held[table])
            for row in cursor.execute(f"select {picked} from {table}").fetchall():
                for text in texts(list(row)):
                    found |= {text.strip(" "), text.partition("=")[2], *re.findall(WORD, text)}
    return found


def _is_of(text: str, whom: Forgotten) -> bool:
    return hashlib.sha256(f"{whom.key}{text}".encode()).hexdigest() in whom.hashes
