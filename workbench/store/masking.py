"""Masked copies (guarantee 23): a workspace as those see it who may not see customers, in a file of its own.

Who is masked is asked nothing but such a file, so no query, search, error or export can tell more than is in it. IDs
become keyed hashes and names pseudonyms, the same wherever one stands: counts, joins and drill stay as they are. What
may hold anybody's name and cannot be told is left out: links, unknown columns, rejected records, quoted values, names
of files.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from workbench.errors import WorkspaceUnavailable, reason
from workbench.exports import KINDS, Column, ExportKind
from workbench.intake.forgotten import hashed
from workbench.intake.merges import ROOTS
from workbench.intake.schema import table_columns
from workbench.sql import identifier, literal, one_row
from workbench.store import folders, opening, paths, secret
from workbench.store.database import FORGOTTEN, REWRITE, UNIT, Database, move

TABLES = {kind.table: kind for kind in KINDS.values()}
# Tables that are copied as they are; of others than these, those of rows and the loads, nothing is.
PLAIN = ("coverage", "kept_columns")
NAME = "'Load ' || load_id"  # of a file whose own may be somebody's
TARGETS = "targets"  # the setting that holds them, as JSON
# In the text of a view: the columns by which a customer is known, whatever they are called, and what takes any value.
TELLING = (
    "customer", "contact_id", '"contact"', "contact:", "contact=", "conversation", "entry_point", "search", "select",
    '"sql"',
)  # fmt: skip
STAFF = (  # filters by which an agent is known
    "agent", "user", "assigned_to", "assigned_by", "first_assignee", "last_assignee", "first_response_by", "closed_by",
)  # fmt: skip
OF_STAFF = re.compile(rf"\b({'|'.join(STAFF)})(\"\s*:|=)")  # with values of theirs, in such a text
# From the first quote to the last: what is quoted may hold one itself. An apostrophe within a word begins nothing.
QUOTED = re.compile(r"(?<!\w)'.*'(?!\w)|\".*\"|“.*”", re.DOTALL)
# Warnings in which earlier versions gave an ID as an example, in brackets.
OF_IDS = ("IDs that end in .0", "that a spreadsheet has shortened")
EXAMPLE = re.compile(r" \([^)]*\)")


@dataclass
class Masks:
    """The masked copies of an open workspace, one for each way to mask, of its present version."""

    held: dict[bool, tuple[int, Database]] = field(default_factory=dict)


def current(database: Database, masks: Masks, of_staff: bool) -> Database:
    """Return the masked copy of what is committed, which is made where there is none of this version.

    Raises WorkspaceUnavailable.
    """
    with database.masking:
        version = database.facts.version
        found = masks.held.get(of_staff)
        if found is None or found[0] != version:
            found = masks.held[of_staff] = version, _made(database, path_of(database, of_staff), of_staff)
        return found[1]


def _made(database: Database, path: Path, of_staff: bool) -> Database:
    try:
        folders.make(paths.files_of(path))
        write(database, paths.snapshot_of(path), of_staff)
    except OSError as error:
        raise WorkspaceUnavailable(f"The masked copy cannot be made ({reason(error)}). Free some space") from None
    return opening.opened(path, wait=0, seed=None, is_snapshot=True)[0]


def path_of(database: Database, of_staff: bool) -> Path:
    """Return the path beside which a masked copy stands, as a snapshot stands beside a workspace."""
    return database.files / f"masked{'-staff' if of_staff else ''}.duckdb"


def write(database: Database, target: Path, of_staff: bool) -> None:
    """Write a masked copy of what is committed, in one step once it is whole. Raises OSError."""
    written = database.files / "exports" / f"masked-{time.time_ns()}.duckdb"
    key = secret.key(database.path or database.files / "memory.duckdb")
    try:
        with database.cursor() as cursor:
            cursor.execute("set max_execution_time = 0")
            _write(cursor, written, key, of_staff)
            move(written, target)  # within the call: what was copied before a rewrite must not come after it
    finally:
        written.unlink(missing_ok=True)


def _write(cursor: duckdb.DuckDBPyConnection, written: Path, key: str, of_staff: bool) -> None:
    (own,) = one_row(cursor, "select current_database()")
    into = identifier(written.stem)
    cursor.execute(f"attach {literal(written)} as {into}")
    try:
        cursor.execute("begin")  # one version of everything
        cursor.execute(f"copy from database {identifier(own)} to {into} (schema)")
        for table, select in _selects(key, of_staff).items():
            cursor.execute(f"insert into {into}.{table} by name {select}")
        for load_id, report in cursor.execute("select load_id, report from loads order by load_id").fetchall():
            cursor.execute(
                f"update {into}.loads set report = ? where load_id = ?", [quoting_less(report, load_id), load_id]
            )
        for (text,) in cursor.execute("select value from settings where key = ?", [TARGETS]).fetchall():
            left = json.dumps(
                [target for target in json.loads(text) if is_of_nobody(target, of_staff)], ensure_ascii=False
            )
            cursor.execute(f"update {into}.settings set value = ? where key = ?", [left, TARGETS])
        cursor.execute("commit")
    finally:
        cursor.execute(f"detach {into}")


def names_somebody(text: str, of_staff: bool) -> bool:
    """Tell whether a view or recipe may hold a value that tells who a customer is, or where masked an agent.

    It may stand in a filter, a pin, a search or SQL.
    """
    text = text.casefold().replace("\\", "")  # a pin of several dimensions is JSON within JSON
    return any(name in text for name in TELLING) or (of_staff and bool(OF_STAFF.search(text)))


def is_of_nobody(target: Mapping[str, Any], of_staff: bool) -> bool:
    """Tell whether a target is for no value that may tell who a customer is, nor, where these are masked, an agent."""
    key = str(target.get("for") or "").partition("=")[0]
    return not names_somebody(f"{key}=", of_staff)


def _selects(key: str, of_staff: bool) -> dict[str, str]:
    """Return for every table that a masked copy has rows of, the SELECT of these."""
    own = ", ".join(map(literal, (FORGOTTEN, REWRITE, UNIT)))
    found = {table: f"from {table}" for table in PLAIN}
    found["settings"] = f"from settings where key not in ({own})"
    found["loads"] = (
        f"select * replace ({NAME} as file, null as fingerprint, null as chosen, null as report) from loads"
    )
    found["rejects"] = "select * replace (null as value) from rejects"
    for table in ROOTS.values():
        names = ", ".join(f"{_hash(key, name)} as {name}" for name in ("merged_customer_id", "customer_id"))
        found[table] = f"select {names} from {table}"
    for table, kind in TABLES.items():
        values = ", ".join(f"{sql} as {name}" for name, sql in _masked(kind, key, of_staff).items())
        for rows in (table, f"{table}_replaced"):
            found[rows] = f"select * replace ({values}) from {rows} order by rowid"
    return found


def _masked(kind: ExportKind, key: str, of_staff: bool) -> dict[str, str]:
    """Return SQL for the columns of a kind that are not copied as they are."""
    shown = {column.name: _value(column, key) for column in kind.columns if column.is_personal}
    staff = {column.name: f"'Agent ' || {_hash(key, column.name)}" for column in kind.columns if column.is_staff}
    extra = dict(table_columns(kind))["extra"]
    return shown | (staff if of_staff else {}) | {"extra": f"null::{extra}"}


def _value(column: Column, key: str) -> str:
    if column.type == "link" or column.is_note:
        return "null"
    if column.name == "entry_point":  # what a customer reached out to is ours; what was reached out to is theirs
        return f"case when direction = 'INBOUND' then entry_point else {_hash(key, 'entry_point')} end"
    return _hash(key, column.name) if column.type == "id" else f"'Customer ' || {_hash(key, column.name)}"


def _hash(key: str, name: str) -> str:
    return f"left({hashed(key, name)}, 16)"


def quoting_less(report: str, load_id: int) -> str:
    """Return the outcome of a load as JSON without the values that it quotes, and without the name of its file."""
    said = json.loads(report)
    file, said["file"] = said["file"], f"Load {load_id}"
    said["rejects"] = [reject | {"value": None} for reject in said["rejects"]]
    said["warnings"] = [_of_nobody(text.replace(file, said["file"])) for text in said["warnings"]]
    return json.dumps(said)


def _of_nobody(warning: str) -> str:
    """Return a warning without what it quotes, and without an ID that it gives as an example."""
    shown = EXAMPLE.sub("", warning) if any(said in warning for said in OF_IDS) else warning
    return QUOTED.sub("'…'", shown)
