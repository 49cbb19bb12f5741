"""One load: a clean file's rows, what they cover and the load's own record, inside the caller's transaction."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, cast

import duckdb

from workbench.exports import KINDS, ExportKind
from workbench.intake import Choices, headers, mappings, merges, reading, schema, settling, source, text
from workbench.time import coverage, zones

JOINED = ", "  # between the names of several kinds in one file
SHOWN_REJECTS = 100  # rejects that a load's report lists; all are kept in the workspace


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


def holds(load: Mapping[str, Any], kinds: Iterable[str]) -> bool:
    """Tell whether a load's report is of one of the kinds; older logs with an Activity column hold several."""
    return not set(kinds).isdisjoint(kinds_of(load))


def kinds_of(load: Mapping[str, Any]) -> list[str]:
    """Return the names of the kinds that a load's report is of."""
    return str(load["kind"]).split(JOINED)


@dataclass
class Load:
    """One load inside its transaction."""

    cursor: duckdb.DuckDBPyConnection
    file: str
    text: text.TextFile
    choices: Choices
    reporting_zone: str | None
    started: float  # time.monotonic() when the work on the file began

    def run(self) -> LoadReport:
        """Load, record, and return the report. Raises NeedsNumbers when DuckDB's reader refuses the file."""
        try:
            return self._run()
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            if self.text.has_rows:
                raise
            raise settling.NeedsNumbers from None

    def _run(self) -> LoadReport:
        if not self.text.header or (self.text.records == 0 and not self.text.set_aside):
            return self._record_empty()
        default_zone = self.reporting_zone or zones.machine_zone()
        how, warnings = reading.understood(self.cursor, self.text, self.file, self.choices, default_zone)
        named = coverage.file_period(self.file)
        how, said = reading.with_rollup(self.cursor, how, self.file, self.choices)
        how = replace(how, days=named[:2] if named else None)
        load_id = self._next_id()
        loaded, how = self._insert(how, load_id)
        kind = how.kind
        if self.choices.mapping:
            mappings.remember(self.cursor, self.choices.mapping, self.text.header)
        if kind.name in merges.ROOTS:
            merges.settle(self.cursor, kind.name, self.file)
        period = self._cover(loaded.kinds, load_id, how.door.zone, loaded)
        warnings += [
            *said,
            *self.text.warnings,
            *_shortened_warnings(reading.shortened_ids(self.cursor, how)),
            *self._zone_warnings(how.door.zone, kind),
            *_cut(kind, loaded, how.door.zone),
            *_warnings(kind, loaded, period),
            *self._vanished(loaded.kinds, load_id),
        ]
        report = LoadReport(
            self.file,
            JOINED.join(found.name for found in loaded.kinds),
            load_id,
            **{f"rows_{name}": count for name, count in asdict(loaded.counts).items()},
            rejects=self._rejects(load_id),
            period_from=period[0] if period else None,
            period_to=period[1] if period else None,
            timezone=how.door.zone,
            encoding=self.text.encoding,
            delimiter=self.text.delimiter,
            warnings=tuple(warnings),
        )
        return self._record(report)

    def _next_id(self) -> int:
        # Not a sequence: what a rolled-back transaction drew from one is drawn again after a restart. Not the highest
        # of the loads: one that was taken back out must not lend its number to another.
        last = "select coalesce(max(value::integer), 0) + 1 from settings where key = 'last_load_id'"
        return int(source.one_row(self.cursor, last)[0])

    def _insert(self, how: source.Reading, load_id: int) -> tuple[settling.Loaded, source.Reading]:
        if not source.fits_plain_door(self.cursor, how):
            how = reading.widened(self.cursor, how, self.file)
        while True:
            try:
                return settling.insert(self.cursor, how, load_id, self.reporting_zone or how.door.zone), how
            except settling.NeedsZones as needed:
                how = reading.with_zones(how, needed.zones, self.file)
            except settling.NeedsWideDoor:
                how = reading.widened(self.cursor, how, self.file)
            except settling.NeedsStaging:
                how = replace(how, is_staged=True)
            self.cursor.execute("rollback")
            self.cursor.execute("begin")
            store(self.cursor, "last_load_id", str(load_id))

    def _zone_warnings(self, zone: str, kind: ExportKind) -> list[str]:
        """Set the reporting zone with the first load that has times, and say so."""
        if self.reporting_zone is not None or kind.anchor is None:
            return []
        store(self.cursor, "reporting_zone", zone)
        return [f"Reporting time zone set to {zone}; change it in the settings"]

    def _vanished(self, kinds: Sequence[ExportKind], load_id: int) -> list[str]:
        """Say how many rows of its kinds that were loaded before for the same days the file does not have."""
        spans = self.cursor.execute(
            "select distinct from_utc, to_utc from coverage where load_id = ? and only_values = '{}'", [load_id]
        ).fetchall()
        # Days that only the file's rows tell, as those of a few corrected rows, are no pull of the whole day.
        if not spans or not coverage.file_period(self.file):
            return []
        gone = sum(self._gone(kind, load_id, spans) for kind in kinds)
        some = "1 row loaded before for these days is not in this file; it stays"
        many = f"{gone:,} rows loaded before for these days are not in this file; they stay"
        return [some if gone == 1 else many] if gone else []

    def _gone(self, kind: ExportKind, load_id: int, spans: Sequence[tuple[datetime, datetime]]) -> int:
        """Count the rows of a kind in these spans that other loads have brought and this one has not."""
        within = " or ".join(f"{kind.anchor} >= ? and {kind.anchor} < ?" for _ in spans)
        seen = f"select key from unchanged_rows where load_id = {load_id} and table_name = '{kind.table}'"
        sql = (
            f"select count(*) from (from {schema.rows_sql(kind)}) as older where load_id <> {load_id} and ({within})"
            f" and {schema.key_sql(kind, 'older')} not in ({seen})"
        )
        return int((self.cursor.execute(sql, [edge for span in spans for edge in span]).fetchone() or (0,))[0])

    def _cover(
        self, kinds: Sequence[ExportKind], load_id: int, zone: str, loaded: settling.Loaded
    ) -> tuple[date, date, bool] | None:
        """Record the days that the load covers; return them, and whether rows lie outside of the file name's days."""
        kind = kinds[0]
        if kind.anchor is None:
            return None
        days = self._days(kind, zone, loaded)
        if not days:
            return None
        spans = coverage.merged(coverage.whole_days(*pair) for pair in [days, *((day, day) for day in loaded.outside)])
        utc = [[zones.utc_from_wall(edge, zone) for edge in span] for span in spans]
        dimensions = [dimension for _, dimension in kind.filter_columns]
        self.cursor.executemany(
            "insert into coverage values (?, ?, ?, ?, ?)",
            [
                (load_id, kind.name, *span, _only_to_json(dimensions, values))
                for kind in kinds
                for span in utc
                for values in loaded.filters or ((),)
            ],
        )
        return min(days[0], *loaded.outside, days[0]), max(days[1], *loaded.outside, days[1]), bool(loaded.outside)

    def _days(self, kind: ExportKind, zone: str, loaded: settling.Loaded) -> tuple[date, date] | None:
        """Return the days that the file name gives, else those from the first to the last row."""
        if named := coverage.file_period(self.file):
            return named[:2]
        if loaded.first is None or loaded.last is None:
            return None
        is_instant = kind.anchor is not None and kind.column(kind.anchor).type == "timestamp"
        first, last = (zones.wall_from_utc(at, zone) if is_instant else at for at in (loaded.first, loaded.last))
        return first.date(), last.date()

    def _rejects(self, load_id: int) -> tuple[dict[str, Any], ...]:
        sql = 'select row, "column", value, reason from rejects where load_id = ? order by all limit ?'
        found = self.cursor.execute(sql, [load_id, SHOWN_REJECTS]).fetchall()
        return tuple(dict(zip(("row", "column", "value", "reason"), reject, strict=True)) for reject in found)

    def _record_empty(self) -> LoadReport:
        """Record a file without rows: what it covers is zero, not a gap."""
        named = coverage.file_period(self.file)
        kind = _kind_of_empty(self.file, self.text, self.choices)
        warnings = (f"No rows for the period{'' if kind else ', and no export is recognised'}", *self.text.warnings)
        if kind is None or named is None:
            return LoadReport(
                self.file, kind.name if kind else None, None, encoding=self.text.encoding, warnings=warnings
            )
        zone = self.choices.zone or self.reporting_zone or zones.machine_zone()
        load_id = self._next_id()
        nothing = settling.Loaded(settling.Counts(0, 0, 0, 0, 0), (kind,), None, None, None, (), (), 0, 0, 0)
        self._cover(nothing.kinds, load_id, zone, nothing)
        report = LoadReport(
            self.file, kind.name, load_id, period_from=named[0], period_to=named[1], timezone=zone,
            encoding=self.text.encoding, delimiter=self.text.delimiter, warnings=warnings,
        )  # fmt: skip
        return self._record(report)

    def _record(self, report: LoadReport) -> LoadReport:
        """Write the load's own record, in the transaction of its rows."""
        store(self.cursor, "last_load_id", str(report.load_id))
        report = replace(report, seconds=round(time.monotonic() - self.started, 3))
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
        return headers.recognised(found.header, choices.kinds_of(found.header), file).kind
    named = headers.named(file, KINDS.values())
    return named[0] if len(named) == 1 else None


def _cut(kind: ExportKind, loaded: settling.Loaded, zone: str) -> list[str]:
    """Say at which day a file that holds exactly the vendor's most was probably cut: that of its last row."""
    if kind.cap != loaded.counts.read or loaded.final is None:
        return []
    day = zones.wall_from_utc(loaded.final, zone).date()
    missing = "earlier" if loaded.first == loaded.final != loaded.last else "later"
    return [
        f"{loaded.counts.read:,} rows is the number at which {kind.system} cuts an export without a word: it was"
        f" probably cut at {day}, and {missing} rows are missing"
    ]


def _warnings(kind: ExportKind, loaded: settling.Loaded, period: tuple[date, date, bool] | None) -> list[str]:
    counts = loaded.counts
    twice = "wall time" if loaded.repeated == 1 else "wall times"
    never = "wall time was" if loaded.skipped == 1 else "wall times were"
    older = "row" if loaded.older == 1 else "rows"
    found = {
        "Some rows lie outside of the days that the file name gives": bool(period and period[2]),
        f"{loaded.repeated:,} {twice} came twice when the clock went back; read as the first": loaded.repeated > 0,
        f"{loaded.skipped:,} {never} skipped when the clock went forward; shifted forward": loaded.skipped > 0,
        f"{loaded.older:,} {older} replaced one that looked newer (it had ended, the new one has not)": loaded.older
        > 0,
        "Nothing changed: every row was loaded before": 0 < counts.read == counts.unchanged,
    }
    return [text for text, holds in found.items() if holds]


def _shortened_warnings(found: Sequence[tuple[str, int, str]]) -> list[str]:
    return [
        f"{count:,} row{'s have' if count > 1 else ' has'} a {header} that a spreadsheet has shortened ({example}):"
        " its last digits are lost. Export it again and load the CSV itself"
        for header, count, example in found
    ]


def _only_to_json(dimensions: Sequence[str], values: Sequence[str | None]) -> str:
    only = {d: coverage.filter_values(v) for d, v in zip(dimensions, values, strict=False)}
    return json.dumps({dimension: sorted(found) for dimension, found in only.items() if found})


def store(cursor: duckdb.DuckDBPyConnection, key: str, value: str) -> None:
    """Write a setting."""
    cursor.execute("insert or replace into settings values (?, ?)", [key, value])
