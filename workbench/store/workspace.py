"""The workspace: one DuckDB file with every row, load and setting, opened so that neither a file nor a query harms it.

Nothing else opens it. A connection is never shared between threads: every call takes a cursor of its own
(guarantee 12), and the one writer at a time holds `_writer`.
"""

import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import duckdb

from workbench.errors import BadSelection, FileRefused, UnknownName, WorkspaceUnavailable, one_line, translated
from workbench.exports import KINDS
from workbench.intake import folders, guesses, history, limits, mappings, reading, schema, settling, text
from workbench.intake.limits import Limits
from workbench.intake.load import Load, LoadReport, holds, kinds_of, store
from workbench.intake.reading import NOTHING_SAID, Choices
from workbench.progress import Progress
from workbench.store import backups, opening, snapshots
from workbench.time import coverage, zones

DEFAULT_PATH = Path("~/.contact-workbench/workspace.duckdb")
PATH_VARIABLE = "WORKBENCH_WORKSPACE"
SCHEMA_VERSION = 1
SPACE = 3  # times a file's size that must be free before it is loaded (guarantee 5)

# Settings a user can change: key, values (None: checked elsewhere), and the value that holds until then.
SETTINGS: dict[str, tuple[tuple[str, ...] | None, str | None]] = {
    "reporting_zone": (None, None),
    "week_start": (("monday", "sunday"), "monday"),
    "folders": (None, ""),  # from which files may be loaded by the page, joined by os.pathsep
    # What a spreadsheet or archive may hold, and what reading it may use: whole numbers.
    **{f"limit_{limit.name}": (None, str(limit.default)) for limit in fields(Limits)},
}

_SCHEMA = """
create table if not exists settings (key varchar primary key, value varchar);
create table if not exists loads (
    load_id integer primary key, kind varchar, file varchar, loaded_at timestamp, timezone varchar,
    rows_read bigint, rows_loaded bigint, rows_updated bigint, rows_unchanged bigint, rows_rejected bigint,
    period_from date, period_to date, report varchar
);
create table if not exists rejects (load_id integer, row bigint, "column" varchar, value varchar, reason varchar);
-- The fields of each rejected record as a JSON list; the file's header is the one without a row.
create table if not exists rejected_records (load_id integer, row bigint, record varchar);
create table if not exists unchanged_rows (
    load_id integer, table_name varchar, key varchar, row_load_id integer, run varchar[], position bigint
);
create table if not exists coverage (
    load_id integer, kind varchar, from_utc timestamp, to_utc timestamp, only_values varchar
);
create table if not exists saved_views (
    name varchar, report varchar, query varchar, is_default boolean, primary key (report, name)
);
create table if not exists log_columns (report varchar, log varchar, columns varchar[], primary key (report, log));
create table if not exists mappings (header varchar primary key, kind varchar, columns varchar);
create table if not exists gladly_customer_roots (merged_customer_id varchar, customer_id varchar);
create table if not exists lexer_customer_roots (merged_customer_id varchar, customer_id varchar);
"""

_FIRST_SETTINGS = "insert or ignore into settings values ('schema_version', ?), ('version', '0')"


def watched(cursor: duckdb.DuckDBPyConnection) -> tuple[Callable[[], float | None], Callable[[], None]]:
    """Return how to measure (0 to 1, None when unknown) and how to stop what a cursor is running."""

    def measure() -> float | None:
        done = cursor.query_progress()
        return done / 100 if done >= 0 else None

    return measure, cursor.interrupt


def checked_path(text: str) -> Path:
    """Return the path of a workspace. Raises WorkspaceUnavailable for one that cannot be a file."""
    path = Path(text).expanduser()
    if not path.name or path.is_dir():
        raise WorkspaceUnavailable(f"'{text}' is not a file. Name the workspace like contacts.duckdb")
    return path


def default_path() -> Path:
    """Return the workspace that is used when none is named."""
    return checked_path(os.environ.get(PATH_VARIABLE) or str(DEFAULT_PATH))


class Workspace:
    """An open workspace. `path` None keeps it in memory, with its files in a folder that goes with it.

    `notice` is what whoever works with it must know, such as loads that damage to its files has cost; mostly empty.
    """

    def __init__(
        self, path: Path | None = None, wait: float = 0, seed: Path | None = None, is_snapshot: bool = False
    ) -> None:
        """Open or create the workspace, waiting up to `wait` seconds for another process to let go of it.

        A workspace in memory starts as a copy of the file `seed`, which is only read. With `is_snapshot` its last
        snapshot is opened instead, to be read while another process holds the workspace.
        Raises WorkspaceUnavailable: held by another process (WorkspaceHeld), damaged, or not permitted.
        """
        self.path = path
        self.files = backups.files_of(path) if path else Path(tempfile.mkdtemp(prefix="contact-workbench-"))
        self._temporary = None if path else self.files
        if is_snapshot:
            self._temporary = Path(tempfile.mkdtemp(prefix="snapshot-", dir=self.files / "spill"))
        opened = self.snapshot if is_snapshot else path
        try:
            self._connection, self.notice = opening.connect(
                opened, self.files, wait, seed, self._temporary if is_snapshot else None
            )
        except WorkspaceUnavailable:
            self._let_go()
            raise
        self._writer = threading.Lock()
        self._publisher: snapshots.Publisher | None = None
        if is_snapshot:
            return
        for left in (self.files / "inbox").iterdir():  # of a process that was killed; nobody else has this workspace
            left.unlink(missing_ok=True)
        try:
            _prepare(self._connection)
        except duckdb.Error as error:
            self._connection.close()
            raise opening.not_opened(path, error, None, is_held=False) from None
        if self.notice:
            self.notice += f" {self._last_load()}"

    def close(self) -> None:
        """Close the workspace; its file can then be opened by another process."""
        if self._publisher:
            self._publisher.stop()
        self._connection.close()
        self._let_go()

    def _let_go(self) -> None:
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)

    @property
    def snapshot(self) -> Path:
        """The file that holds the last published snapshot, once there is one."""
        return backups.snapshot_of(self.path or self.files)

    def keep_published(self) -> None:
        """Publish a snapshot after every change, in the background, for other processes to read."""
        if self.path and not self._publisher:
            self._publisher = snapshots.Publisher(self.publish)
            if not self.snapshot.is_file() or self.snapshot.stat().st_mtime < self.path.stat().st_mtime:
                self._publisher.changed()

    def publish(self) -> None:
        """Write everything that is committed into the snapshot, in one step. Raises WorkbenchError."""
        written = self.files / "exports" / f"snapshot-{time.time_ns()}.duckdb"
        try:
            with self.cursor() as cursor, self._publisher.stoppable(cursor) if self._publisher else nullcontext():
                cursor.execute("set max_execution_time = 0")
                backups.copy(cursor, written)
            backups.move(written, self.snapshot)
        except OSError as error:
            raise WorkspaceUnavailable(f"The snapshot cannot be written ({error.strerror}). Free some space") from None
        finally:
            written.unlink(missing_ok=True)

    def _last_load(self) -> str:
        found = self.rows("select load_id, file, loaded_at from loads order by load_id desc limit 1")
        if not found:
            return "No load is there"
        load_id, file, loaded_at = found[0]
        at = zones.wall_from_utc(loaded_at, self.reporting_zone)
        return f"The last load that is there is {load_id}: {file}, {at:%Y-%m-%d %H:%M}"

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor for one call; DuckDB's errors leave as WorkbenchError."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        except duckdb.Error as error:
            raise translated(error) from error
        finally:
            cursor.close()

    @property
    def version(self) -> int:
        """A number that changes with every load and setting; what is cached for one version is true for it."""
        return int(self._value("version") or 0)

    @property
    def reporting_zone(self) -> str:
        """The IANA zone in which everything is shown; the machine's until the first load sets it."""
        return self._value("reporting_zone") or zones.machine_zone()

    @property
    def week_start(self) -> str:
        """The first day of the week: monday or sunday."""
        return self._value("week_start") or str(SETTINGS["week_start"][1])

    @property
    def limits(self) -> Limits:
        """What spreadsheets and archives may hold, and what reading them may use."""
        found = self.rows("select key, value from settings where starts_with(key, 'limit_')")
        return Limits(**{key.removeprefix("limit_"): int(value) for key, value in found})

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders from which the page may load files; none until the setting names some."""
        with suppress(BadSelection):  # one of them is gone by now
            return folders.allowed(self._value("folders") or "")
        return ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever loaded."""
        return not self.rows("select 1 from loads limit 1")

    def _value(self, key: str) -> str | None:
        found = self.rows("select value from settings where key = ?", [key])
        return cast(str, found[0][0]) if found else None

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.cursor() as cursor:
            return cursor.execute(sql, list(parameters)).fetchall()

    def keep(self, sql: str, parameters: Sequence[object]) -> None:
        """Run one statement that changes what is kept beside the data: no number follows from it.

        Neither the version changes nor does it wait for a load that is under way.
        """
        with self.cursor() as cursor:
            cursor.execute(sql, list(parameters))

    def set(self, key: str, value: str) -> None:
        """Change a setting. A new reporting zone recomputes the stored local times. Raises UnknownName."""
        if key not in SETTINGS:
            raise UnknownName("setting", key, SETTINGS)
        allowed = SETTINGS[key][0]
        if allowed is not None and value not in allowed:
            raise UnknownName(f"value of {key}", value, allowed)
        if key == "reporting_zone":
            zones.zone(value)
        if key == "folders":
            folders.allowed(value)
        if key.startswith("limit_"):
            limits.check(key.removeprefix("limit_"), value)
        with self._writing() as cursor:
            store(cursor, key, value)
            if key == "reporting_zone":
                _recompute_local_times(cursor, value)

    def define(self, statements: Sequence[str], digest: str) -> None:
        """Run the statements that define macros and views, unless those of this digest stand already."""
        if self._value("definitions") == digest:
            return
        with self._writing() as cursor:
            for statement in statements:
                cursor.execute(statement)
            store(cursor, "definitions", digest)

    @contextmanager
    def _writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the one writing cursor, in a transaction that commits at the end or leaves everything as it was."""
        with self._writer, self.cursor() as cursor:
            cursor.execute("set max_execution_time = 0")
            cursor.execute("begin")
            try:
                yield cursor
                cursor.execute("update settings set value = (value::bigint + 1)::varchar where key = 'version'")
                cursor.execute("commit")
            except BaseException:
                with suppress(duckdb.Error):  # a failed commit has rolled back already
                    cursor.execute("rollback")
                raise
            # What stands in the file itself cannot be lost with its write-ahead log.
            with suppress(duckdb.Error):
                cursor.execute("checkpoint")
        if self._publisher:
            self._publisher.changed()

    def load(self, file: Path | str, choices: Choices = NOTHING_SAID, progress: Progress | None = None) -> LoadReport:
        """Load one file in one transaction and say what became of every row.

        Raises FileRefused (ChoiceNeeded where the user can say more); the workspace is then as it was.
        """
        source, progress, started = Path(file), progress or Progress(), time.monotonic()
        with self._way_in(source) as inbox:
            with self.cursor() as cursor:
                choices = replace(choices, remembered=mappings.remembered(cursor))
            with progress.during("Reading"):
                found = reading.opened(source, inbox, choices, self.limits, progress)
            name = f"{source.name} ({found.inner_name})" if found.inner_name else source.name
            return self._load(one_line(name), found, choices, progress, started)

    def preview(
        self, file: Path | str, choices: Choices = NOTHING_SAID, progress: Progress | None = None
    ) -> guesses.Preview:
        """Return a file's header and first records as text; nothing is loaded. Raises FileRefused and ChoiceNeeded."""
        with self._way_in(Path(file)) as inbox:
            return guesses.preview(reading.opened(Path(file), inbox, choices, self.limits, progress))

    @contextmanager
    def _way_in(self, source: Path) -> Iterator[Path]:
        """Give a file's place in the inbox, in which nothing stays. Raises FileRefused for one that has no room."""
        snapshot = self.path.stat().st_size if self.path and self._publisher else 0
        _check_space(source, self.files, snapshot)
        inbox = self.files / "inbox" / f"{time.time_ns()}-{threading.get_ident()}.csv"
        try:
            yield inbox
        finally:
            for left in inbox.parent.glob(f"{inbox.stem}*"):
                left.unlink()

    def _load(
        self, name: str, found: text.TextFile, choices: Choices, progress: Progress, started: float
    ) -> LoadReport:
        while True:
            try:
                # The stage ends before the commit: a load cancelled until then leaves nothing.
                with self._writing() as cursor, progress.during("Loading", *watched(cursor)):
                    return Load(cursor, name, found, choices, self._value("reporting_zone"), started).run()
            except settling.NeedsNumbers:
                with progress.during("Reading line by line"):
                    found = text.numbered(found, name)

    def unload(self, load_id: int) -> None:
        """Take a load back out: the rows become those that the other loads alone would give. Raises UnknownName."""
        self._load_of(load_id)
        with self._writing() as cursor:
            history.unload(cursor, load_id, KINDS.values())

    def compare(self, first: int, second: int) -> history.Comparison:
        """Return how the rows of the second load differ from those of the first.

        Raises UnknownName for a load that is not there, BadSelection for loads of two kinds.
        """
        one, other = self._load_of(first), self._load_of(second)
        kind, other_kind = (KINDS[kinds_of(load)[0]] for load in (one, other))
        if kind.table != other_kind.table:
            raise BadSelection(
                f"Load {first} holds {one['kind']}, load {second} {other['kind']}. Choose two of the same kind"
            )
        with self.cursor() as cursor:
            return history.compare(cursor, kind, first, second, self.reporting_zone)

    def _load_of(self, load_id: int) -> dict[str, Any]:
        found = {load["load_id"]: load for load in self.loads()}
        if load_id not in found:
            raise UnknownName("load", load_id, [str(known) for known in found] or ["(nothing is loaded)"])
        return found[load_id]

    def backup(self, target: Path) -> None:
        """Write everything into a new workspace file, while others may go on. Raises FileRefused.

        A file of that name is replaced in one step, once the new one is whole.
        """
        if self.path and target.resolve() == self.path.resolve():
            raise FileRefused(f"{target}: is the workspace itself. Name another file")
        written = self.files / "exports" / f"backup-{time.time_ns()}.duckdb"
        try:
            with self.cursor() as cursor:
                cursor.execute("set max_execution_time = 0")
                backups.copy(cursor, written)
            backups.move(written, target)
        except OSError as error:
            raise FileRefused(f"{target}: cannot be written ({error.strerror}). Name another file") from None
        finally:
            written.unlink(missing_ok=True)

    def restore(self, source: Path) -> Path:
        """Put the content of a backup in the place of everything; return the file that keeps what was there before.

        In one transaction: it is all there, or all as it was. Raises FileRefused for a file that is no backup.
        """
        copied = self.files / "inbox" / f"backup-{time.time_ns()}.duckdb"
        try:
            shutil.copyfile(source, copied)
            with self.cursor() as cursor:
                try:
                    backups.attach(cursor, copied, source.name, SCHEMA_VERSION)
                    kept = self._kept()
                    with self._writing() as writer:
                        backups.take_over(writer, source.name)
                finally:
                    cursor.execute("detach database if exists backup")
            return kept
        except OSError as error:
            raise FileRefused(f"{source}: cannot be read ({error.strerror}). Check the path") from None
        finally:
            copied.unlink(missing_ok=True)

    def clear(self) -> Path:
        """Start afresh: delete everything; return the file that keeps what was there before."""
        kept = self._kept()
        with self._writing() as cursor:
            backups.clear(cursor)
            cursor.execute(_FIRST_SETTINGS, [str(SCHEMA_VERSION)])
        return kept

    def _kept(self) -> Path:
        """Back up what is there, beside the workspace."""
        place = self.path or self.files / "memory.duckdb"
        kept = place.with_name(f"{place.stem}{backups.BEFORE}{datetime.now():%Y%m%d-%H%M%S-%f}.duckdb")
        self.backup(kept)
        return kept

    def loads(self, kinds: Iterable[str] = KINDS) -> list[dict[str, Any]]:
        """Return the reports of all loads of these kinds, newest first."""
        found = (json.loads(report) for (report,) in self.rows("select report from loads order by load_id desc"))
        return [report for report in found if holds(report, kinds)]

    def covered(self, kind: str) -> list[coverage.Covered]:
        """Return what each load of a kind covers, in UTC."""
        found = self.rows("select from_utc, to_utc, only_values from coverage where kind = ? order by all", [kind])
        return [coverage.Covered((start, end), _only_from_json(only)) for start, end, only in found]


def _only_from_json(only: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((dimension, frozenset(values)) for dimension, values in json.loads(only).items())


def _recompute_local_times(cursor: duckdb.DuckDBPyConnection, zone: str) -> None:
    for table, anchor in {(kind.table, kind.anchor) for kind in KINDS.values() if schema.has_local(kind)}:
        for rows in (table, f"{table}_replaced"):
            cursor.execute(f"update {rows} set {anchor}_local = {zones.to_wall_sql(str(anchor), zone)}")


def _check_space(source: Path, files: Path, snapshot: int) -> None:
    """Refuse a file that is not there, or one for which and for the `snapshot` after it there is no room."""
    try:
        is_file = source.is_file()
    except OSError:
        is_file = False
    if not is_file:
        raise FileRefused(f"{source}: there is no such file. Check the path")
    needed, free = SPACE * source.stat().st_size + snapshot, shutil.disk_usage(files).free
    if free < needed:
        raise FileRefused(
            f"{source.name}: loading needs {needed / 1e9:.1f} GB of free disk, there are {free / 1e9:.1f} GB."
            " Free some space and load it again"
        )


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables that are not there yet."""
    with connection.cursor() as cursor:
        cursor.execute(_SCHEMA)
        schema.create_tables(cursor, KINDS.values())
        cursor.execute(_FIRST_SETTINGS, [str(SCHEMA_VERSION)])
        row = cursor.execute("select value from settings where key = 'schema_version'").fetchone()
        if row and int(row[0]) > SCHEMA_VERSION:
            raise WorkspaceUnavailable(
                f"The workspace was made by a newer workbench (schema {row[0]}; this one reads {SCHEMA_VERSION})"
            )
