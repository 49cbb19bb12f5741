"""Copies of a workspace in files of their own: made while others go on, and taken back as a whole."""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path

import duckdb

from workbench.errors import BadSelection, FileRefused, WorkbenchError, WorkspaceDamaged, is_damage, reason
from workbench.intake import mappings, recording
from workbench.intake.forgotten import NOBODY, Forgotten
from workbench.intake.outcome import LoadOutcome
from workbench.intake.recording import write_setting
from workbench.progress import Progress
from workbench.sql import identifier, literal
from workbench.store import (
    copies,
    folders,
    forgetting,
    mentions,
    migrations,
    opening,
    paths,
    recognising,
    schema,
    settings,
)
from workbench.store.database import FORGOTTEN, REWRITE, UNIT, Database, written_to
from workbench.store.handle import move_aside, open_here
from workbench.team import named

# This workspace's own settings, whatever backup is taken over: what caches and views rest on, places of the machine,
# and by which a lake knows who publishes to it.
OWN_SETTINGS = ("version", "definitions", *settings.FOLDERS, "identity", recording.LAST, FORGOTTEN, REWRITE, UNIT)

MOST_LOADS = 1_000_000  # a number that no workspace comes to
LISTS = (*mentions.LISTS, "calendars")  # that people keep
STAYS = "but stays in the bytes of the file until it is opened again"  # what could not be written anew

Guard = Callable[[duckdb.DuckDBPyConnection], AbstractContextManager[object]]  # lets what a cursor runs be stopped


def copy(database: Database, target: Path, guard: Guard = nullcontext) -> None:
    """Write everything that is committed into a file, in one step once it is whole. Raises OSError."""
    # Moved within the call: what was copied before a rewrite must not come after it.
    with database.cursor() as cursor, guard(cursor):
        written_to(cursor, database.files, target)


def back_up(database: Database, target: Path) -> None:
    """Write everything into a new workspace file, while others may go on. Raises FileRefused."""
    try:
        check_target(database, target)
        copy(database, target)
    except (OSError, ValueError) as error:
        raise FileRefused(f"{target}: cannot be written ({reason(error)}). Name another file") from None


def check_target(database: Database, target: Path) -> None:
    """Raise FileRefused where a file that is to be written is a workspace; ValueError for what can be no file."""
    if database.path and target.resolve() == database.path.resolve():
        raise FileRefused(f"{target}: is the workspace itself. Name another file")
    is_one = target.exists() and paths.files_of(target.resolve()).is_dir()  # closed, it is known by what stands beside
    if is_one or any(paths.is_same(target, other) for other in _workspaces()):
        raise FileRefused(f"{target}: is another workspace. Name another file")
    if target.exists() and not _is_database(target):  # read only now: reading a workspace that is open would unlock it
        raise FileRefused(f"{target}: is another file, which would be lost. Name a file that is not there yet")


def _is_database(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(12)[8:] == b"DUCK"


def _kept(database: Database) -> Path:
    """Back up what is there, beside the workspace."""
    kept = copies.before(database.path or database.files / "memory.duckdb")
    back_up(database, kept)
    return kept


def clear(database: Database, progress: Progress) -> Path:
    """Delete everything, from the bytes of the file too; return the file that keeps what was there before."""
    kept = _kept(database)
    with database.writing() as cursor:
        _clear(cursor)
        schema.write_first_settings(cursor)
        database.must_rewrite(cursor)
    try:
        database.rewrite(progress)
    except WorkbenchError as error:
        raise WorkbenchError(f"Everything was deleted and is kept in {kept}, {STAYS}: {error}") from None
    return kept


def _workspaces() -> list[Path]:
    """Return the workspaces of the team, and those that are open here."""
    team = named()
    return [*(place.path for place in (team.places if team else ())), *open_here()]


def can_be_of(path: Path | None, source: Path) -> bool:
    """Tell whether a file may be restored into a workspace: it neither is another's, nor lies with it as its copy.

    Nothing is opened: reading a workspace that is open here would unlock it.
    """
    try:
        whose = copies.whose(source, [*([path] if path else []), *_workspaces()])
    except (OSError, ValueError, RuntimeError):  # a name that none can have, which whoever reads it says
        return True
    return whose is None or (path is not None and whose.resolve() == path.resolve())


def _check_source(path: Path | None, source: Path) -> None:
    if path and paths.is_same(source, path):
        raise FileRefused(f"{source}: is the workspace itself. Name a backup of it")
    if not can_be_of(path, source):
        raise FileRefused(f"{source.name}: is of another workspace. Name a backup of this one")


def restore(database: Database, source: Path) -> tuple[Path, str]:
    """Put the content of a backup in the place of everything.

    Return the file that keeps what was there before, and the SHA-256 of the backup. In one transaction: it is all
    there, or all as it was. What is damaged is moved aside whole instead. Raises FileRefused for a file that is no
    backup, or of another workspace.
    """
    _check_source(database.path, source)
    whom = forgetting.forgotten(database)  # what cannot be read must not be found out in the middle
    try:
        done = _restored(database, source, whom)
        if whom.hashes:
            database.rewrite(Progress())
        return done
    except WorkspaceDamaged:
        if not database.path:
            raise _no_backup(source.name) from None
    aside = copies.aside(database.path)
    with _made(database.files, source, database.facts.version) as (made, digest):
        database.take(made, aside)
    forgetting.again(database)
    return aside, digest


@contextmanager
def _inbox(database: Database, source: Path) -> Iterator[Path]:
    """Give a copy of a backup that the database may read. Raises FileRefused for one that cannot be read."""
    copied = database.files / "inbox" / f"backup-{time.time_ns()}.duckdb"
    try:
        try:
            for ending in ("", ".wal"):  # in the log stands what a killed process wrote last
                if not ending or source.with_name(f"{source.name}.wal").is_file():
                    shutil.copyfile(f"{source}{ending}", f"{copied}{ending}")
        except (OSError, ValueError) as error:
            raise FileRefused(f"{source}: cannot be read ({reason(error)}). Check the path") from None
        yield copied
    finally:
        for left in copied.parent.glob(f"{copied.name}*"):
            left.unlink()


def _restored(database: Database, source: Path, whom: Forgotten) -> tuple[Path, str]:
    with _inbox(database, source) as copied:
        with copied.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            with database.cursor() as cursor:  # not held on to: a writer that waits for others would wait for it
                version = _attach(cursor, copied, source.name)
            kept = _kept(database)
            with database.writing() as writer:
                _take_over(writer, source.name)
                recording.count_on(writer, "backup.settings")
                migrations.fill(writer, version)
                _check_taken(writer, source.name)
                forgetting.take_out(writer, database, whom)  # or whoever kills this would have them back
        finally:
            with database.cursor() as cursor:
                cursor.execute("detach database if exists backup")
    return kept, digest


def recover(path: Path, source: Path) -> tuple[Path, str]:
    """Put a backup in the place of a workspace that cannot be opened.

    Return where its file was moved, whole, and the SHA-256 of the backup. Raises FileRefused for a file that is no
    backup, or of another workspace, and for one in its place that may be another program's.
    """
    _check_source(path, source)
    files = paths.files_of(path)
    if not files.is_dir():  # every workspace has it from its first moment on
        raise FileRefused(f"{path}: not known for a workspace; it was left as it is. Move it away and restore again")
    aside, log = copies.aside(path), path.with_name(f"{path.name}.wal")
    try:
        folders.make(files)
        with _made(files, source, 0) as (made, digest):
            move_aside(path, aside)
            if log.exists():
                log.rename(aside.with_name(f"{aside.name}.wal"))
            made.replace(path)
    except OSError as error:
        raise FileRefused(f"{path}: cannot be replaced ({reason(error)})") from None
    restored, _ = opening.opened(path, wait=0, seed=None, is_snapshot=False)
    try:
        forgetting.again(restored)
    finally:
        restored.close()
    return aside, digest


@contextmanager
def _made(files: Path, source: Path, version: int) -> Iterator[tuple[Path, str]]:
    """Give a workspace file that was made of a backup, of a version after this one, and the backup's SHA-256.

    Raises FileRefused.
    """
    with tempfile.TemporaryDirectory(prefix="restored-", dir=files / "inbox") as folder:
        path = Path(folder) / "workspace.duckdb"
        made, _ = opening.opened(path, wait=0, seed=None, is_snapshot=False)
        try:
            _, digest = _restored(made, source, NOBODY)
            with made.writing() as cursor:
                write_setting(cursor, "version", str(version + made.facts.version))
        except WorkspaceDamaged:  # not the new one, to be sure
            raise _no_backup(source.name) from None
        finally:
            made.close()
        yield path, digest


def _attach(cursor: duckdb.DuckDBPyConnection, source: Path, name: str) -> int:
    """Open a backup for reading, as the database `backup`; return its schema. Raises FileRefused for what is none."""
    version = None
    with suppress(duckdb.Error):
        cursor.execute(f"attach {literal(source)} as backup (read_only)")
        version = recognising.schema_version(cursor, "backup")
    if version is None:
        raise _no_backup(name)
    if version > schema.SCHEMA_VERSION:
        raise FileRefused(str(recognising.newer(name, version)))
    return version


def _no_backup(name: str) -> FileRefused:
    return FileRefused(f"{name}: not a backup of a workspace, or damaged. Nothing was changed")


def _check_taken(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    """Raise FileRefused where what was taken over is not what a workbench writes."""
    try:
        stored = dict(cursor.execute("select key, value from settings").fetchall())
        settings.check_stored(stored)
        _check(int(stored.get(recording.LAST, "0")) < MOST_LOADS)
        for key in LISTS:
            for entry in json.loads(stored.get(key, "[]")):
                entry.items()
        for _, outcome, _, chosen in cursor.execute(recording.LOADS).fetchall():
            _check_outcome(LoadOutcome.from_json(json.loads(outcome)))
            _check(isinstance(json.loads(chosen or "{}"), dict | None))
        for _, first, last, only in cursor.execute(recording.COVERED).fetchall():
            _check(datetime.min.year < first.year <= last.year < datetime.max.year)  # which stand for what has no end
            recording.only_from_json(only)
        for (link,) in cursor.execute("select query from saved_views").fetchall():
            _check(all(_are_texts(values) for values in json.loads(link).values()))
        for (record,) in cursor.execute("select distinct record from rejected_records").fetchall():
            _check(_are_texts(json.loads(record)))
        mappings.remembered(cursor)
    except BadSelection as error:
        raise FileRefused(f"{name}: {error} Nothing was changed") from None
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, duckdb.Error):
        raise _no_backup(name) from None


def _check_outcome(outcome: LoadOutcome) -> None:
    numbers = (
        value for name, value in vars(outcome).items() if name in ("load_id", "seconds") or name.startswith("rows_")
    )
    _check(all(isinstance(number, int | float) for number in numbers) and _are_texts(outcome.warnings))
    _check(isinstance(outcome.file, str) and isinstance(outcome.kind, str))
    _check(all({"row", "column", "value", "reason"} <= {*reject} for reject in outcome.rejects))


def _check(is_so: bool) -> None:
    if not is_so:
        raise ValueError


def _are_texts(found: object) -> bool:
    return isinstance(found, list | tuple) and all(isinstance(text, str) for text in found)


def _clear(cursor: duckdb.DuckDBPyConnection) -> None:
    """Delete the rows of every table, but for the settings that are its own."""
    for table in _tables(cursor, "current_database()"):
        own = f"key not in {OWN_SETTINGS}" if table == "settings" else "true"
        cursor.execute(f"delete from {identifier(table)} where {own}")


def _take_over(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    """Put the rows of the attached backup in the place of all rows."""
    _clear(cursor)
    held = set(_tables(cursor, "current_database()"))
    for table in _tables(cursor, "'backup'"):
        own = f"key not in {OWN_SETTINGS}" if table == "settings" else "true"
        if table not in held:
            raise FileRefused(f"{name}: holds a table that this workbench does not know ({table}). Nothing was changed")
        into, rows = identifier(table), f"select * from backup.{identifier(table)} where {own}"
        try:
            cursor.execute(f"insert into {into} by name {rows}")
        except duckdb.Error as error:
            of_here = isinstance(error, duckdb.OperationalError | duckdb.InterruptException)
            if of_here or is_damage(error):  # not of the backup's making, or of either's
                raise
            raise _no_backup(name) from None


def _tables(cursor: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    sql = f"select table_name from duckdb_tables() where database_name = {database} and not temporary order by 1"
    return [str(name) for (name,) in cursor.execute(sql).fetchall()]
