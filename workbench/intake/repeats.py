"""A file that was loaded before, with nothing changed since: known by its bytes, and answered for as a whole.

Its rows would all be found unchanged, so they are not read again. What is written of the load is what reading them
would have written, but for when a mapping was used last: taking an earlier load back leaves the rows to this one.
"""

import hashlib
import json
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb

from workbench import places
from workbench.errors import FileRefused, reason
from workbench.exports import KINDS, ExportKind
from workbench.intake import mappings, remarks
from workbench.intake.choices import Choices
from workbench.intake.history import RECORDS
from workbench.intake.outcome import JOINED, LoadOutcome
from workbench.intake.schema import unchanged_sql
from workbench.sql import one_row


@dataclass(frozen=True)
class Origin:
    """What a load comes from: a file by its name and bytes, which are hashed beside the loading, and what was said."""

    file: str
    choices: Choices
    hashed: Future[str]

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file's bytes, in hexadecimal. Raises FileRefused for a file that cannot be read."""
        return self.hashed.result()

    def fingerprint(self, zone: str) -> str:
        """Return what is equal only for loads that read equal rows; `zone` is that of times that name none, or ''."""
        said = json.dumps(asdict(self.choices), sort_keys=True)
        made_by = [duckdb.__version__, places.digest()]  # another version may read the same bytes otherwise
        whole = "\0".join([self.file, self.sha256, said, zone, *made_by])
        return hashlib.sha256(whole.encode(errors="surrogateescape")).hexdigest()  # a file's name need not be text


def sha256(source: Path, file: str) -> str:
    """Return the SHA-256 of the bytes of a file, called `file`. Raises FileRefused for one that cannot be read."""
    try:
        with source.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise FileRefused(f"{file}: cannot be read ({reason(error)}). Check its permissions") from None


def earlier(cursor: duckdb.DuckDBPyConnection, origin: Origin, zone: str) -> int | None:
    """Return the load that read the very same rows, None where there is none or its tables were loaded into since."""
    fingerprints = [origin.fingerprint(""), origin.fingerprint(zone)]
    sql = "select load_id, kind from loads where fingerprint in (?, ?) order by load_id desc limit 1"
    found = cursor.execute(sql, fingerprints).fetchone()
    if found is None:
        return None
    later = cursor.execute("select kind from loads where load_id > ?", [found[0]]).fetchall()
    own = _tables(found[1]).keys()
    return None if any(own & _tables(kind).keys() for (kind,) in later) else int(found[0])


def again(cursor: duckdb.DuckDBPyConnection, earlier_id: int, load_id: int) -> LoadOutcome:
    """Write all of a load but its own record, inside the caller's transaction; return what came of it."""
    report, kinds = one_row(cursor, f"select report, kind from loads where load_id = {earlier_id}")
    for kind in _tables(kinds).values():
        _find_unchanged(cursor, kind, earlier_id, load_id)
    for table in [table for table in RECORDS if table != "loads"]:
        copied = f"select * replace ({load_id} as load_id) from {table} where load_id = {earlier_id}"
        cursor.execute(f"insert into {table} {copied}")
    mappings.use_again(cursor, earlier_id, load_id)
    outcome = LoadOutcome.from_json(json.loads(report))
    unchanged = outcome.rows_read - outcome.rows_rejected
    outcome = replace(outcome, load_id=load_id, rows_loaded=0, rows_updated=0, rows_unchanged=unchanged)
    return replace(outcome, warnings=remarks.of_a_repeat(outcome))


def _tables(kinds: str) -> dict[str, ExportKind]:
    """Return the tables that a load of these kinds has rows in, each with one of its kinds."""
    return {kind.table: kind for kind in map(KINDS.__getitem__, kinds.split(JOINED))}


def _find_unchanged(cursor: duckdb.DuckDBPyConnection, kind: ExportKind, earlier_id: int, load_id: int) -> None:
    """Record the rows that the earlier load brought or found as found again, each with the load that brought it."""
    cursor.execute(
        f"{unchanged_sql(kind, 'own', str(load_id), str(earlier_id))} from {kind.table} as own"
        f" where load_id = {earlier_id}"
        f" union all select * replace ({load_id} as load_id) from unchanged_rows where load_id = {earlier_id}"
    )
