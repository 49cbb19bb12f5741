"""Erasing a customer (guarantee 24): every row, version, reject, view and copy that names them, and the bytes of these.

What stays is a keyed hash, by which rows of later files are known for a forgotten customer's and rejected. Everything
is found by such hashes, so that what a backup brings back can be forgotten again by who does not know whom.
"""

import json
import shutil
import time
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from workbench.errors import BadSelection, WorkspaceUnavailable, reason
from workbench.exports import KINDS, ExportKind
from workbench.intake import merges
from workbench.intake.forgotten import BARE, DRESSED, NOBODY, Forgotten, hashed, ids_of
from workbench.intake.recording import write_setting
from workbench.intake.schema import key_sql
from workbench.progress import Progress
from workbench.sql import literal, one_row
from workbench.store import copies, mentions, opening, paths, recognising, secret
from workbench.store.database import FORGOTTEN, SETTLED, Database, copy, move
from workbench.store.handle import blocks
from workbench.store.mentions import SEARCHED, Columns, Ids

TABLES = {kind.table: kind for kind in KINDS.values()}
# Settings of ours that hold hashes and paths, and no text of anybody.
OWN = (FORGOTTEN, SETTLED, "identity")
ROOTS = tuple(merges.ROOTS.values())
REJECTED = ("rejects", "rejected_records")


@dataclass
class Receipt:
    """What was erased of a customer: rows by table, the copies that were written anew, and what is left, with why."""

    customer: str  # the keyed hash
    at: str
    rows: dict[str, int] = field(default_factory=dict)
    rewritten: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    unsearched: int = 0  # IDs that are too short to be searched in texts and bytes

    @property
    def lines(self) -> list[str]:
        """The receipt in words."""
        rows = [f"  {table}: {number:,} erased" for table, number in self.rows.items()] or ["  nothing was here"]
        copies = [f"  {name}: written anew without them" for name in self.rewritten]
        left = [f"  {name}: NOT erased: {why}" for name, why in self.left.items()]
        short = f"  of IDs of fewer than {SEARCHED} characters, texts and bytes were not searched: {self.unsearched:,}"
        said = [*rows, *copies, *left, *([short] if self.unsearched else [])]
        return [f"Forgotten at {self.at}, known from now on as {self.customer}", *said]

    @property
    def as_json(self) -> dict[str, Any]:
        """The receipt as plain values, without whose it is."""
        return asdict(self)


def forgotten(database: Database) -> Forgotten:
    """Return who is forgotten: by the workspace, and by what stands beside it, should it be made of a backup.

    Raises WorkspaceUnavailable where that cannot be read.
    """
    own = _own(database)
    known = dict.fromkeys([*json.loads(database.facts.settings.get(FORGOTTEN, "[]")), *_beside(own)])
    return Forgotten(secret.key(own), tuple(known)) if known else NOBODY


def _beside(path: Path) -> list[str]:
    file = paths.forgotten_of(path)
    try:
        return file.read_text(encoding="ascii").split() if file.exists() else []
    except (OSError, ValueError) as error:
        raise WorkspaceUnavailable(f"{file}: who was forgotten cannot be read ({reason(error)})") from None


def _remember(cursor: duckdb.DuckDBPyConnection, path: Path, hashes: Iterable[str]) -> None:
    """Keep the hashes of who is forgotten, in the workspace and beside it. Raises WorkspaceUnavailable."""
    known = [*dict.fromkeys(hashes)]
    write_setting(cursor, FORGOTTEN, json.dumps(known))
    file = paths.forgotten_of(path)
    beside = file.with_name(f".{file.name}-{time.time_ns()}")
    try:
        beside.write_text("\n".join(known) + "\n", encoding="ascii")
        beside.chmod(0o600)
        beside.replace(file)
    except OSError as error:
        raise WorkspaceUnavailable(f"{file}: who is forgotten cannot be kept ({reason(error)})") from None


def _own(database: Database) -> Path:
    return database.path or database.files / "memory.duckdb"


def forget(database: Database, customer: str, progress: Progress) -> Receipt:
    """Erase a customer, or a contact, from the workspace and from every copy of it here; return the receipt.

    All IDs that are merged with it are erased too. Words that read the same are only where somebody has, or had, the
    ID. Raises BadSelection, and WorkbenchError where the rows are gone but the file cannot be written anew.
    """
    key = secret.key(_own(database))
    with database.writing() as cursor:
        typed = _forms(cursor, customer)
        if not typed:
            raise BadSelection("Name the customer by the ID that the exports have")
        ids = Ids(tuple(_merged(cursor, typed)))
        whom = Forgotten(key, tuple(one_row(cursor, f"select {hashed(key, literal(each))}")[0] for each in ids.names))
        known = forgotten(database).hashes
        ids = replace(ids, are_here=not {*known}.isdisjoint(whom.hashes[: len(typed)]))
        receipt = Receipt(whom.hashes[0], datetime.now(UTC).isoformat(timespec="seconds"))
        receipt.unsearched = len(ids.names) - len(ids.long)
        receipt.rows = erase(cursor, whom, ids)
        ids = _met(ids, receipt.rows)
        _remember(cursor, _own(database), [*known, *whom.hashes])
        database.must_rewrite(cursor)
    database.rewrite(progress)
    with database.cursor() as cursor:
        cursor.execute("set max_execution_time = 0")
        receipt.left |= mentions.left(cursor, ids, OWN)
    if database.path:
        for kept in filter(Path.exists, copies.kept(database.path)):  # opening one takes its log in
            if copies.is_whole(database.path, kept):
                _of_copy(database, kept, whom, ids, receipt)
            else:
                receipt.left[kept.name] = "damaged, so nothing can be erased from it. Delete it"
        receipt.left |= _found(database.path, ids)
    return receipt


def again(database: Database) -> None:
    """Erase who is forgotten from what a backup has brought back."""
    whom = forgotten(database)
    if whom.hashes:
        with database.writing() as cursor:
            take_out(cursor, database, whom)
        database.rewrite(Progress())


def take_out(cursor: duckdb.DuckDBPyConnection, database: Database, whom: Forgotten) -> None:
    """Erase who is forgotten inside the caller's transaction; the file has to be written anew after it."""
    if whom.hashes:
        erase(cursor, whom, mentions.known(cursor, mentions.columns(cursor), whom))
        _remember(cursor, _own(database), whom.hashes)
        database.must_rewrite(cursor)


def _forms(cursor: duckdb.DuckDBPyConnection, customer: str) -> list[str]:
    """Return an ID as rows have it, and as files may write it, of which each one goes; nothing for blanks alone."""
    plain = customer.strip("".join({letter for letter in customer if unicodedata.category(letter)[0] in "ZC"}))
    (bare,) = one_row(cursor, f"select regexp_replace({literal(plain)}, {literal(DRESSED)}, {literal(BARE)})")
    return [*dict.fromkeys((bare, plain, customer.strip(" ")))] if bare else []


def _merged(cursor: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[str]:
    """Return IDs and all that are merged with them, into whichever of them: in one system, or through several."""
    found, met = {*names}, {*names}
    sql = " union all ".join(
        f"select customer_id, merged_customer_id from {table}"
        " where customer_id in (from unnest($met)) or merged_customer_id in (from unnest($met))"
        for table in ROOTS
    )
    while met:
        rows = cursor.execute(sql, {"met": list(met)}).fetchall()
        met = {name for row in rows for name in row} - found
        found |= met
    return [*names, *sorted(found - {*names})]


def erase(cursor: duckdb.DuckDBPyConnection, whom: Forgotten, ids: Ids) -> dict[str, int]:
    """Delete what is of these customers inside the caller's transaction; return how many rows, by table.

    `ids` are theirs as far as they are known: by them a text is found that holds one besides other words.
    """
    held = mentions.columns(cursor)
    rows: dict[str, int] = {}
    for table, kind in TABLES.items():
        if table in held:
            rows |= _of_rows(cursor, kind, held, whom)
    rows |= _of_rejects(cursor, whom, ids)
    rows |= mentions.erase(cursor, held, _met(ids, rows))
    for kind_name, table in merges.ROOTS.items():
        if table in held and rows.get(KINDS[kind_name].table):
            merges.settle(cursor, kind_name, "Forgetting")
    if "fingerprint" in held["loads"]:  # or the same file would be known for one that was loaded already
        cursor.execute("update loads set fingerprint = null")
    return {table: number for table, number in rows.items() if number}


def _met(ids: Ids, rows: Mapping[str, int]) -> Ids:
    """Return IDs of which it is known that they are somebody's here once a row or a rejected record was theirs."""
    return replace(ids, are_here=ids.are_here or any(rows.get(table) for table in (*mentions.TABLES, *REJECTED)))


def _of_rows(
    cursor: duckdb.DuckDBPyConnection, kind: ExportKind, held: Columns, whom: Forgotten
) -> Iterable[tuple[str, int]]:
    """Delete rows of a kind with their earlier versions, and what loads found unchanged of them."""
    names = [name for name in ids_of(kind) if name in held[kind.table]]
    if not names:
        return []
    own = " or ".join(whom.is_of(f"row.{name}") for name in names)
    replaced = f"{kind.table}_replaced"
    cursor.execute(
        f"create or replace temp table gone as select distinct {key_sql(kind, 'row')} as key from"
        f" (from {kind.table} union all by name from {replaced}) as row where {own}"
    )
    counted = [(table, _deleted(cursor, f"delete from {table} as row where {own}")) for table in (kind.table, replaced)]
    left = f"select {key_sql(kind, 'row')} from {kind.table} as row"
    orphans = f"{key_sql(kind, 'row')} in (from gone) and {key_sql(kind, 'row')} not in ({left})"
    number = _deleted(cursor, f"delete from {replaced} as row where {orphans}")
    of_loads = f"table_name = {literal(kind.table)} and key in (from gone) and key not in ({left})"
    unchanged = _deleted(cursor, f"delete from unchanged_rows where {of_loads}")
    cursor.execute("drop table gone")
    return [counted[0], (replaced, counted[1][1] + number), (f"{kind.table}, found unchanged", unchanged)]


def _deleted(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()) -> int:
    return len(cursor.execute(f"{sql} returning 1", list(parameters)).fetchall())


def _of_rejects(cursor: duckdb.DuckDBPyConnection, whom: Forgotten, ids: Ids) -> Iterable[tuple[str, int]]:
    """Delete rejected records that are theirs, and the values that were quoted of them; that they were stays."""
    fields = "from_json(record, '[\"varchar\"]')"
    among = ids.are_words_of(f"array_to_string({fields}, chr(31))")
    records = (
        f"select load_id, row from rejected_records where row is not null and ({whom.is_among(fields)} or {among})"
    )
    values = f"{whom.is_among('[value]')} or {ids.are_words_of('value')}"
    theirs = f"value is not null and ((load_id, row) in ({records}) or {values})"
    cells = cursor.execute(f"update rejects set value = null where {theirs} returning load_id, row").fetchall()
    number = _deleted(cursor, f"delete from rejected_records where (load_id, row) in ({records})")
    _quote_less(cursor, {(load, row) for load, row in cells})
    return [("rejects", len(cells)), ("rejected_records", number)]


def _quote_less(cursor: duckdb.DuckDBPyConnection, cells: set[tuple[int, int]]) -> None:
    """Take the values out of the outcomes of loads that quote them."""
    loads = {load for load, _ in cells}
    for load_id, text in cursor.execute("select load_id, report from loads").fetchall():
        if load_id in loads:
            said = json.loads(text)
            for reject in said["rejects"]:
                if (load_id, reject["row"]) in cells:
                    reject["value"] = None
            cursor.execute("update loads set report = ? where load_id = ?", [json.dumps(said), load_id])


# Copies --------------------------------------------------------------------------------------------------------------


def _of_copy(database: Database, kept: Path, whom: Forgotten, ids: Ids, receipt: Receipt) -> None:
    """Erase them from a copy that stands beside the workspace; one that cannot be read is named."""
    written = database.files / "exports" / f"copy-{time.time_ns()}.duckdb"  # a killed process's goes on opening
    try:
        with duckdb.connect(str(kept.resolve()), config=opening.limits()) as connection:
            (own,) = one_row(connection, "select current_database()")
            if recognising.schema_version(connection, own) is None:
                return  # not ours
            connection.execute("begin")
            erase(connection, whom, ids)
            connection.execute("commit")
            still = mentions.left(connection, ids, OWN)
            copy(connection, written)
        shutil.copymode(kept, written)
        move(written, kept.resolve())  # of a link, what it leads to
        receipt.rewritten.append(kept.name)
        receipt.left |= {f"{kept.name}, {place}": said for place, said in still.items()}
    except (duckdb.Error, OSError) as error:
        said = reason(error) if isinstance(error, OSError) else "the database refused it"
        receipt.left[kept.name] = f"cannot be written anew ({said}). Delete it"
    finally:
        for left in written.parent.glob(f"{written.name}*"):
            left.unlink(missing_ok=True)


def _found(path: Path, ids: Ids) -> dict[str, str]:
    """Return the files of a workspace that cannot be shown to be free of the IDs, each with why."""
    if not ids.long:
        return {}
    searched = [form.encode() for form in ids.forms]
    files = [path, *path.parent.glob(f"{path.name}.*"), *paths.files_of(path).rglob("*"), *copies.kept(path)]
    return {file.name: why for file in sorted({*files}) if (why := _said(file, searched))}


def _said(file: Path, searched: Sequence[bytes]) -> str:
    """Return why a file is not free of some bytes, '' for one that is, or that is gone."""
    try:
        return "its bytes still hold the ID" if file.is_file() and _holds(file, searched) else ""
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"could not be searched ({reason(error)}). Forget once more"


def _holds(file: Path, searched: Sequence[bytes]) -> bool:
    """Tell whether one of several byte strings stands in a file. Raises OSError."""
    longest, tail = max(map(len, searched)), b""
    for block in blocks(file, 1 << 20):
        if any(each in tail + block for each in searched):
            return True
        tail = block[-longest:]
    return False
