"""The workspace: one DuckDB file with every row, load and setting, opened so that neither a file nor a query harms it.

Nothing else opens it. A connection is never shared between threads: every call takes a cursor of its own
(guarantee 12), and the one writer at a time holds `_writer`.
"""

import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import duckdb

from workbench import coverage, intake, zones
from workbench.errors import FileRefused, UnknownName, WorkbenchError, WorkspaceUnavailable, translated
from workbench.exports import KINDS, ExportKind
from workbench.intake import Choices, loader, merges, text
from workbench.progress import Progress

DEFAULT_PATH = Path("~/.contact-workbench/workspace.duckdb")
PATH_VARIABLE = "WORKBENCH_WORKSPACE"
SCHEMA_VERSION = 1
QUERY_SECONDS = 60
MEMORY = "1200MB"
SHOWN_REJECTS = 100  # rejects that a load's report lists; all are kept in the workspace
SPACE = 3  # times a file's size that must be free before it is loaded (guarantee 5)

# Settings a user can change: key, values (None: checked elsewhere), and the value that holds until then.
SETTINGS: dict[str, tuple[tuple[str, ...] | None, str | None]] = {
    "reporting_zone": (None, None),
    "week_start": (("monday", "sunday"), "monday"),
}

_SCHEMA = """
create table if not exists settings (key varchar primary key, value varchar);
create sequence if not exists load_ids;
create table if not exists loads (
    load_id integer primary key, kind varchar, file varchar, loaded_at timestamp, timezone varchar,
    rows_read bigint, rows_loaded bigint, rows_updated bigint, rows_unchanged bigint, rows_rejected bigint,
    period_from date, period_to date, report varchar
);
create table if not exists rejects (load_id integer, row bigint, "column" varchar, value varchar, reason varchar);
create table if not exists unchanged_rows (load_id integer, kind varchar, key varchar, row_load_id integer);
create table if not exists coverage (
    load_id integer, kind varchar, from_utc timestamp, to_utc timestamp, only_values varchar
);
create table if not exists gladly_customer_roots (merged_customer_id varchar, customer_id varchar);
"""


@dataclass(frozen=True)
class LoadReport:
    """What became of one file; the fields are those of `load --json` (interfaces.md)."""

    file: str
    kind: str | None
    load_id: int | None
    rows_read: int = 0
    rows_loaded: int = 0
    rows_updated: int = 0
    rows_unchanged: int = 0
    rows_rejected: int = 0
    rejects: tuple[dict[str, Any], ...] = ()
    period_from: date | None = None
    period_to: date | None = None
    timezone: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values; dates are ISO 8601."""
        return cast(dict[str, Any], json.loads(json.dumps(asdict(self), default=str)))


def watched(cursor: duckdb.DuckDBPyConnection) -> tuple[Callable[[], float | None], Callable[[], None]]:
    """Return how to measure (0 to 1, None when unknown) and how to stop what a cursor is running."""

    def measure() -> float | None:
        done = cursor.query_progress()
        return done / 100 if done >= 0 else None

    return measure, cursor.interrupt


def default_path() -> Path:
    """Return the workspace that is used when none is named."""
    return Path(os.environ.get(PATH_VARIABLE) or DEFAULT_PATH).expanduser()


class Workspace:
    """An open workspace. `path` None keeps it in memory, with its files in a folder that goes with it."""

    def __init__(self, path: Path | None = None, wait: float = 0) -> None:
        """Open or create the workspace, waiting up to `wait` seconds for another process to let go of it.

        Raises WorkspaceUnavailable: held by another process, damaged, or not permitted.
        """
        self.path = path
        self._temporary = tempfile.TemporaryDirectory(prefix="contact-workbench-") if path is None else None
        self.files = Path(self._temporary.name) if self._temporary else _files_folder(cast(Path, path))
        self._connection = _connect(path, self.files, wait)
        self._writer = threading.Lock()
        with self.cursor() as cursor:
            cursor.execute(_SCHEMA)
            loader.create_tables(cursor, KINDS.values())
            cursor.execute(
                "insert or ignore into settings values ('schema_version', ?), ('version', '0')", [str(SCHEMA_VERSION)]
            )

    def close(self) -> None:
        """Close the workspace; its file can then be opened by another process."""
        self._connection.close()
        if self._temporary:
            self._temporary.cleanup()

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

    def set(self, key: str, value: str) -> None:
        """Change a setting. A new reporting zone recomputes the stored local times. Raises UnknownName."""
        if key not in SETTINGS:
            raise UnknownName("setting", key, SETTINGS)
        allowed = SETTINGS[key][0]
        if allowed is not None and value not in allowed:
            raise UnknownName(f"value of {key}", value, allowed)
        if key == "reporting_zone":
            zones.zone(value)
        with self._writing() as cursor:
            _store(cursor, key, value)
            if key == "reporting_zone":
                _recompute_local_times(cursor, value)

    def define(self, statements: Sequence[str], digest: str) -> None:
        """Run the statements that define macros and views, unless those of this digest stand already."""
        if self._value("definitions") == digest:
            return
        with self._writing() as cursor:
            for statement in statements:
                cursor.execute(statement)
            _store(cursor, "definitions", digest)

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
                cursor.execute("rollback")
                raise

    def load(self, file: Path | str, choices: Choices = Choices(), progress: Progress | None = None) -> LoadReport:  # noqa: B008
        """Load one file in one transaction and say what became of every row.

        Raises FileRefused (ChoiceNeeded where the user can say more); the workspace is then as it was.
        """
        source, progress, started = Path(file), progress or Progress(), time.monotonic()
        name = source.name
        inbox = self.files / "inbox" / f"{time.time_ns()}-{threading.get_ident()}.csv"
        try:
            _check_space(source, self.files)
            with progress.during("Reading"):
                found = intake.opened(source, inbox, choices)
            report = self._load(name, found, choices, progress)
        finally:
            for left in inbox.parent.glob(f"{inbox.stem}*"):
                left.unlink()
        return replace(report, seconds=round(time.monotonic() - started, 3))

    def _load(self, name: str, found: text.TextFile, choices: Choices, progress: Progress) -> LoadReport:
        while True:
            try:
                with self._writing() as cursor, progress.during("Loading", *watched(cursor)):
                    return _Load(cursor, name, found, choices, self._value("reporting_zone")).run()
            except loader.NeedsNumbers:
                with progress.during("Reading line by line"):
                    found = text.numbered(found, name)

    def loads(self) -> list[dict[str, Any]]:
        """Return every load, newest first, as its report."""
        return [json.loads(report) for (report,) in self.rows("select report from loads order by load_id desc")]

    def covered(self, kind: str) -> list[coverage.Covered]:
        """Return what each load of a kind covers, in UTC."""
        found = self.rows("select from_utc, to_utc, only_values from coverage where kind = ? order by all", [kind])
        return [coverage.Covered((start, end), _only_from_json(only)) for start, end, only in found]


@dataclass
class _Load:
    """One load inside its transaction."""

    cursor: duckdb.DuckDBPyConnection
    file: str
    text: text.TextFile
    choices: Choices
    reporting_zone: str | None

    def run(self) -> LoadReport:
        """Load, record, and return the report."""
        if not self.text.header or (self.text.records == 0 and not self.text.set_aside):
            return self._record_empty()
        default_zone = self.reporting_zone or zones.machine_zone()
        reading, warnings = intake.understood(self.cursor, self.text, self.file, self.choices, default_zone)
        reading = intake.with_rollup(self.cursor, reading, self.file)
        load_id = self._next_id()
        loaded, reading = self._insert(reading, load_id)
        kind = reading.kind
        if kind.name.endswith("_customer_merges"):
            merges.settle(self.cursor, kind.name, f"{kind.name.split('_')[0]}_customer_roots", self.file)
        period = self._cover(kind, load_id, reading.door.zone, loaded)
        warnings += [
            *self.text.warnings,
            *self._zone_warnings(reading.door.zone, kind),
            *_warnings(kind, loaded, period),
        ]
        report = LoadReport(
            self.file,
            kind.name,
            load_id,
            **{f"rows_{name}": count for name, count in asdict(loaded.counts).items()},
            rejects=self._rejects(load_id),
            period_from=period[0] if period else None,
            period_to=period[1] if period else None,
            timezone=reading.door.zone,
            encoding=self.text.encoding,
            delimiter=self.text.delimiter,
            warnings=tuple(warnings),
        )
        return self._record(report)

    def _next_id(self) -> int:
        return int((self.cursor.execute("select nextval('load_ids')").fetchone() or (0,))[0])

    def _insert(self, reading: loader.Reading, load_id: int) -> tuple[loader.Loaded, loader.Reading]:
        if not loader.fits_plain_door(self.cursor, reading):
            reading = intake.widened(self.cursor, reading, self.file)
        while True:
            try:
                return loader.insert(self.cursor, reading, load_id, self.reporting_zone or reading.door.zone), reading
            except loader.NeedsZones as needed:
                reading = intake.with_zones(reading, needed.zones, self.file)
            except loader.NeedsWideDoor:
                reading = intake.widened(self.cursor, reading, self.file)
            self.cursor.execute("rollback")
            self.cursor.execute("begin")

    def _zone_warnings(self, zone: str, kind: ExportKind) -> list[str]:
        """Set the reporting zone with the first load that has times, and say so."""
        if self.reporting_zone is not None or kind.anchor is None:
            return []
        _store(self.cursor, "reporting_zone", zone)
        return [f"Reporting time zone set to {zone}; change it in the settings"]

    def _cover(
        self, kind: ExportKind, load_id: int, zone: str, loaded: loader.Loaded
    ) -> tuple[date, date, bool] | None:
        """Record the days that the load covers; return them, and whether rows lie outside of the file name's days."""
        if kind.anchor is None:
            return None
        named = coverage.file_period(self.file)
        is_instant = kind.column(kind.anchor).type == "timestamp"
        walls = [
            zones.wall_from_utc(at, zone) if is_instant else at for at in (loaded.first, loaded.last) if at is not None
        ]
        days = [*(wall.date() for wall in walls), *(named[:2] if named else ())]
        if not days:
            return None
        span = coverage.whole_days(min(days), max(days))
        outside = bool(named and walls and not (named[0] <= walls[0].date() and walls[-1].date() <= named[1]))
        utc = [zones.utc_from_wall(edge, zone) for edge in span]
        dimensions = [dimension for _, dimension in kind.filter_columns]
        self.cursor.executemany(
            "insert into coverage values (?, ?, ?, ?, ?)",
            [(load_id, kind.name, *utc, _only_to_json(dimensions, values)) for values in loaded.filters or ((),)],
        )
        return min(days), max(days), outside

    def _rejects(self, load_id: int) -> tuple[dict[str, Any], ...]:
        sql = 'select row, "column", value, reason from rejects where load_id = ? order by all limit ?'
        found = self.cursor.execute(sql, [load_id, SHOWN_REJECTS]).fetchall()
        return tuple(dict(zip(("row", "column", "value", "reason"), reject, strict=True)) for reject in found)

    def _record_empty(self) -> LoadReport:
        """Record a file without rows: what it covers is zero, not a gap."""
        named = coverage.file_period(self.file)
        kind = _kind_of_empty(self.file, self.text, self.choices)
        warnings = (f"No rows for the period{'' if kind else ', and no export is recognised'}",)
        if kind is None or named is None:
            return LoadReport(
                self.file, kind.name if kind else None, None, encoding=self.text.encoding, warnings=warnings
            )
        zone = self.choices.zone or self.reporting_zone or zones.machine_zone()
        load_id = self._next_id()
        nothing = loader.Loaded(loader.Counts(0, 0, 0, 0, 0), None, None, (), 0, 0, 0)
        self._cover(kind, load_id, zone, nothing)
        report = LoadReport(
            self.file, kind.name, load_id, period_from=named[0], period_to=named[1], timezone=zone,
            encoding=self.text.encoding, delimiter=self.text.delimiter, warnings=warnings,
        )  # fmt: skip
        return self._record(report)

    def _record(self, report: LoadReport) -> LoadReport:
        """Write the load's own record, in the transaction of its rows."""
        counts = [
            report.rows_read,
            report.rows_loaded,
            report.rows_updated,
            report.rows_unchanged,
            report.rows_rejected,
        ]
        self.cursor.execute(
            "insert into loads values (?, ?, ?, current_timestamp at time zone 'UTC', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                report.load_id, report.kind, report.file, report.timezone, *counts,
                report.period_from, report.period_to, json.dumps(report.as_json()),
            ],
        )  # fmt: skip
        return report


def _kind_of_empty(file: str, found: text.TextFile, choices: Choices) -> ExportKind | None:
    if choices.kind:
        return KINDS[choices.kind]
    if found.header:
        return intake.headers.recognised(found.header, KINDS, file).kind
    stem = re.sub(r"[^a-z]", "", re.split(r"-?\d{8}", file.lower())[0])
    named = [k for k in KINDS.values() if stem in {re.sub(r"[^a-z]", "", name.lower()) for name in k.file_names}]
    return named[0] if named else None


def _warnings(kind: ExportKind, loaded: loader.Loaded, period: tuple[date, date, bool] | None) -> list[str]:
    counts = loaded.counts
    found = {
        f"{counts.read:,} rows is the number at which {kind.system} cuts an export without a word;"
        f" rows after {period[1] if period else 'the last'} are probably missing": kind.cap == counts.read,
        "Some rows lie outside of the days that the file name gives": bool(period and period[2]),
        f"{loaded.repeated:,} wall times came twice when the clock went back; read as the first": loaded.repeated > 0,
        f"{loaded.skipped:,} wall times were skipped when the clock went forward; shifted forward": loaded.skipped > 0,
        f"{loaded.older:,} rows replaced one that looked newer (it had ended, the new one has not)": loaded.older > 0,
        "Nothing changed: every row was loaded before": 0 < counts.read == counts.unchanged,
    }
    return [text for text, holds in found.items() if holds]


def _only_to_json(dimensions: Sequence[str], values: Sequence[str | None]) -> str:
    only = {d: coverage.filter_values(v) for d, v in zip(dimensions, values, strict=False)}
    return json.dumps({dimension: sorted(found) for dimension, found in only.items() if found})


def _only_from_json(only: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((dimension, frozenset(values)) for dimension, values in json.loads(only).items())


def _store(cursor: duckdb.DuckDBPyConnection, key: str, value: str) -> None:
    cursor.execute("insert or replace into settings values (?, ?)", [key, value])


def _recompute_local_times(cursor: duckdb.DuckDBPyConnection, zone: str) -> None:
    for kind in KINDS.values():
        local = f"{kind.anchor}_local"
        if local in dict(loader.table_columns(kind)):
            for table in (kind.name, f"{kind.name}_replaced"):
                cursor.execute(f"update {table} set {local} = {zones.to_wall_sql(str(kind.anchor), zone)}")


def _check_space(source: Path, files: Path) -> None:
    if not source.is_file():
        raise FileRefused(f"{source}: there is no such file. Check the path")
    needed, free = SPACE * source.stat().st_size, shutil.disk_usage(files).free
    if free < needed:
        raise FileRefused(
            f"{source.name}: loading needs {needed / 1e9:.1f} GB of free disk, there are {free / 1e9:.1f} GB."
            " Free some space and load it again"
        )


def _files_folder(path: Path) -> Path:
    """The folder beside the workspace file for uploads on their way in, exports on their way out, and spilled sorts."""
    return path.with_name(f"{path.name}.files")


def _connect(path: Path | None, files: Path, wait: float) -> duckdb.DuckDBPyConnection:
    """Open the file as guarantee 19 says: limits in the configuration, own folders only, locked."""
    os.umask(0o077)
    try:
        for folder in ("inbox", "exports", "spill"):
            (files / folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceUnavailable(
            f"Workspace {path}: its folder cannot be made ({error.strerror}). Use --workspace"
        ) from None
    connection = _connect_waiting(path, wait)
    # The order matters: once external access is off, neither folder can be set.
    for statement in (
        f"set temp_directory = '{_escaped(files / 'spill')}'",
        f"set allowed_directories = ['{_escaped(files / 'inbox')}/', '{_escaped(files / 'exports')}/']",
        "set allowed_configs = ['max_execution_time']",
        "set enable_external_access = false",
        "set lock_configuration = true",
    ):
        connection.execute(statement)
    return connection


def _escaped(path: Path) -> str:
    return str(path.resolve()).replace("'", "''")


def _connect_waiting(path: Path | None, wait: float) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + wait
    while True:
        try:
            return duckdb.connect(str(path.resolve()) if path else ":memory:", config=_limits())
        except duckdb.Error as error:
            holder = re.search(r"\(PID (\d+)\)", str(error))
            is_held = "lock" in str(error).lower()
            if is_held and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise _not_opened(path, error, holder[1] if holder else None, is_held) from None


def _not_opened(path: Path | None, error: duckdb.Error, holder: str | None, is_held: bool) -> WorkbenchError:
    if is_held:
        return WorkspaceUnavailable(
            f"Workspace {path} is held by another process{f' (PID {holder})' if holder else ''}."
            " Close that one (the app, perhaps), or use another with --workspace"
        )
    if isinstance(error, duckdb.IOException) and "permission" in str(error).lower():
        return WorkspaceUnavailable(f"Workspace {path}: no permission to open it. Use another with --workspace")
    return WorkspaceUnavailable(
        f"Workspace {path}: not a workspace, or damaged; it was left as it is. Use another with --workspace, or a backup"
    )


def _limits() -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": MEMORY,
        "max_temp_directory_size": "100GB",
        "max_execution_time": str(QUERY_SECONDS * 1000),
        "max_expression_depth": "250",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "allow_unsigned_extensions": "false",
        "allow_persistent_secrets": "false",
        "python_enable_replacements": "false",
        # DuckDB 2.0 pushes try_cast into the CSV reader as a hard cast, which fails the whole file (duckdb#23818).
        "disabled_optimizers": "type_pushdown",
    }
