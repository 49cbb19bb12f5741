"""Rows to the table of their kind, in one transaction that also writes what became of every row.

A first load of new keys goes straight into its table, where its rows then get their numbers. Any other goes through a
temporary one, in file order, so that a record's number is its rowid: a record that does not fit has no key, of several
records with one key the last stays, and a row that the table already holds is taken out again or replaces the older
one.
Rows never leave their table in the transaction that brought them: after a `kill -9`, DuckDB 2.0 could bring some back.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from workbench.errors import WorkbenchError
from workbench.exports import KINDS, ExportKind
from workbench.intake import absent, convert, events
from workbench.intake.forgotten import REASON, Forgotten
from workbench.intake.schema import equal_sql, has_local, key_sql, place_sql, row_key, table_columns, unchanged_sql
from workbench.intake.source import (
    Reading,
    insert_sql,
    is_blank,
    placed_sql,
    problems,
    records_sql,
    repeats_header,
    typed_sql,
    words_for_nothing,
)
from workbench.intake.text import Ragged
from workbench.sql import literal, one_row
from workbench.time import zones

FEW = 1_000  # rows of which a copy costs less than planning a statement


@dataclass(frozen=True)
class Counts:
    """What became of a file's rows; read = loaded + updated + unchanged + rejected."""

    read: int = 0
    loaded: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class Inserted:
    """A file's rows in their table: what became of them, and what they say of the load's coverage.

    `first` and `last` are the extremes in UTC of what places rows in time (the date itself for a kind without
    instants), `final` the anchor of the file's last row, `outside` the days with rows that the file name does not give.
    `filters` holds one tuple of the kind's filter columns for every way in which the rows were filtered.
    """

    counts: Counts
    kinds: tuple[ExportKind, ...]  # several where the rows say themselves of which kind they are
    first: datetime | None = None
    last: datetime | None = None
    final: datetime | None = None
    outside: tuple[date, ...] = ()
    filters: tuple[tuple[str | None, ...], ...] = ()
    skipped: int = 0  # rows whose wall time a clock change skipped
    repeated: int = 0  # rows whose wall time came twice
    older: int = 0  # rows that replaced one that looked more complete
    overwritten: int = 0  # rows whose key a later row of the file has too
    headers: int = 0  # rows that repeat the header, and were left out


class NeedsNumbers(Exception):
    """The file must be rewritten with line numbers before it can be loaded (see `text.numbered`)."""


class NeedsWideDoor(Exception):
    """Some values do not fit at the plain door (see `convert`)."""


class NeedsStaging(Exception):
    """Rows must be taken out again or compared with older ones, so the load goes through a temporary table."""


class RowsLost(WorkbenchError):
    """The database does not hold the rows that it was given; the load is taken back."""

    def __init__(self, given: int, held: int) -> None:
        super().__init__(f"{given:,} rows were given to the database, it holds {held:,}. Nothing was loaded; try again")


class NeedsZones(Exception):
    """The file's wall times are of more zones than was assumed; `zones` holds every value of its zone column."""

    def __init__(self, found: set[str]) -> None:
        super().__init__()
        self.zones = found


def insert(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int, reporting_zone: str) -> Inserted:
    """Load a file's records inside the caller's transaction and say what became of them.

    Raises NeedsNumbers when DuckDB's reader does not agree with our count of records, or when rejected records
    cannot be told their line; NeedsZones when the wall times are of zones that `reading.door` does not have;
    NeedsWideDoor; NeedsStaging when rows would have to leave their own table again.
    """
    kind = reading.kind
    if not reading.is_staged and (_is_trial(reading) or one_row(cursor, f"select count(*) from {kind.table}")[0]):
        raise NeedsStaging
    try:
        cursor.execute(insert_sql(reading, load_id, reporting_zone))
        cursor.execute(placed_sql(reading, load_id))
    except (duckdb.ConversionException, duckdb.OutOfRangeException):
        if reading.door.is_judged:
            raise
        raise NeedsWideDoor from None
    inserted = _settled(cursor, reading, load_id)
    if reading.is_staged:
        staged = one_row(cursor, f"select count({kind.key[0]}) from {reading.table}")[0]
        picked = f"* replace ({place_sql('staged')} as position)" if kind.is_log else "*"
        cursor.execute(f"insert into {kind.table} select {picked} from {reading.table} as staged order by rowid")
        cursor.execute(f"drop table {reading.table}")
        entered = one_row(cursor, f"select count({kind.key[0]}) from {kind.table} where load_id = {load_id}")[0]
        if staged != entered:
            raise RowsLost(staged, entered)
    return inserted


def _is_trial(reading: Reading) -> bool:
    """Tell whether rows are likely to leave again, where they are so few that writing them twice costs nothing."""
    return reading.kind.is_log or (reading.door.is_any_wide and reading.text.records <= FEW)


@dataclass(frozen=True)
class _Held:
    """What a load's first table holds of its records: how many, with a key, of different ones; and of their times."""

    first_id: int | None
    read: int
    keys: int
    distinct: int
    first: datetime | None
    last: datetime | None
    final: datetime | None
    skipped: int
    repeated: int


def _held(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> _Held:
    key, anchor, moments = reading.kind.key[0], reading.kind.anchor or "null", reading.kind.moments or ("null",)
    first, last = (
        f"{of_all}({', '.join(f'{of_one}({name}) filter ({key} is not null)' for name in moments)})"
        for of_all, of_one in (("least", "min"), ("greatest", "max"))
    )
    found = one_row(
        cursor,
        f"select min(rowid), count(*), count({key}), count(distinct case when {key} is not null"
        f" then {key_sql(reading.kind, 'new')} end), {first}, {last},"
        f" arg_max({anchor}, rowid) filter ({key} is not null),"
        f" count(*) filter (clock_change = 'skipped'), count(*) filter (clock_change = 'repeated')"
        f" from {reading.table} as new where load_id = {load_id}",
    )
    return _Held(*found)


def _settled(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> Inserted:
    held, text = _held(cursor, reading, load_id), reading.text
    headers, blank = _left_out(cursor, reading, held.read)
    _check_wild(cursor, reading, load_id)
    _check_zones(cursor, reading, load_id)
    filters, outside = _filters(cursor, reading, load_id), _outside(cursor, reading, load_id)
    if held.read != held.keys:
        if blank and not text.has_rows:
            raise NeedsNumbers
        _take_out_unfit(cursor, reading, load_id, held.first_id)
    distinct = _tell_apart(cursor, reading, held)
    absent.settle(cursor, reading, load_id)
    updated, unchanged, older = _replace_older(cursor, reading, load_id) if reading.is_staged else (0, 0, 0)
    again = _count_repeats(cursor, reading) if distinct != held.keys else (0, 0)
    _write_ragged(cursor, load_id, text.set_aside, reading.forgotten)
    _write_header(cursor, load_id, text.header)
    counts = Counts(
        read=held.read + len(text.set_aside),
        loaded=distinct - updated - unchanged,
        updated=updated + again[0],
        unchanged=unchanged + again[1],
        rejected=held.read - held.keys + len(text.set_aside),
    )
    return Inserted(
        counts, _kinds(cursor, reading), held.first, held.last, held.final, outside, filters, held.skipped,
        held.repeated, older, overwritten=held.keys - distinct, headers=headers,
    )  # fmt: skip


def _tell_apart(cursor: duckdb.DuckDBPyConnection, reading: Reading, held: _Held) -> int:
    """Number equal events, keep one record of each other key; return how many are left."""
    absent.place_repeated(cursor, reading)
    if reading.kind.is_log:
        events.number(cursor, reading.kind, reading.table, absent.left_as_stored(reading))
        return held.keys
    if held.distinct != held.keys:
        _take_out_repeats(cursor, reading)
    return held.distinct


def _left_out(cursor: duckdb.DuckDBPyConnection, reading: Reading, read: int) -> tuple[int, int]:
    """Count the records that are none: those that repeat the header, and blank ones. With them, all must be there.

    Raises RowsLost and NeedsNumbers where others are missing.
    """
    text = reading.text
    if read == text.records:
        return 0, 0
    counted = f"count(*) filter ({repeats_header(reading)}), count(*) filter ({is_blank(reading)})"
    repeats, blank = one_row(cursor, f"select {counted} from {records_sql(reading, words_for_nothing(reading))}")
    if read + repeats + blank != text.records or (repeats and not text.has_rows):
        raise RowsLost(text.records, read) if text.has_rows else NeedsNumbers
    return repeats, blank


def _check_zones(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> None:
    column = reading.kind.zone_column
    if column is None or column not in reading.headers.known:
        return
    sql = f"select distinct trim({column}) from {reading.table} where load_id = {load_id} and {column} is not null"
    found = {value for (value,) in cursor.execute(sql).fetchall()}
    if not found <= reading.door.zones:
        raise NeedsZones(found)


def _check_wild(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> None:
    if reading.door.is_judged:
        return
    columns = (column for column in reading.kind.columns if reading.raw(column))
    wild = " or ".join(sql for c in columns if (sql := convert.is_wild(c, c.name, reading.door)))
    sql = f"select count(*) from {reading.table} where load_id = {load_id} and ({wild})"
    if wild and one_row(cursor, sql)[0]:
        raise NeedsWideDoor


def _kinds(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> tuple[ExportKind, ...]:
    """Return the kinds of the load's rows, in the order of their declarations."""
    told_apart = [name for name, _ in reading.kind.constants if name in reading.headers.known]
    if not told_apart:
        return (reading.kind,)
    # What an earlier load has already is not in the staged table any more: all of the file's records are asked.
    sql = f"select distinct {', '.join(told_apart)} from ({typed_sql(reading)})"
    found = {tuple(zip(told_apart, values, strict=True)) for values in cursor.execute(sql).fetchall()}
    own = tuple(kind for kind in KINDS.values() if kind.table == reading.kind.table and kind.constants in found)
    return own or (reading.kind,)


def _filters(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> tuple[tuple[str | None, ...], ...]:
    """Return the ways in which the load's rows say that their export was filtered."""
    if not reading.kind.filter_columns:
        return ()
    names = ", ".join(name for name, _ in reading.kind.filter_columns)
    sql = f"select distinct {names} from {reading.table} where load_id = {load_id} order by all"
    return tuple(cursor.execute(sql).fetchall())


def _outside(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> tuple[date, ...]:
    """Return the days, in the file's zone, of rows that lie outside of the days that the file name gives."""
    kind = reading.kind
    if reading.days is None or kind.anchor is None:
        return ()
    walls = [zones.to_wall_sql(name, reading.door.zone) if has_local(kind) else name for name in kind.moments]
    days = " union ".join(
        f"select {wall}::date as day from {reading.table} where load_id = {load_id} and {kind.key[0]} is not null"
        for wall in walls
    )
    found = cursor.execute(
        f"select distinct day from ({days}) where day not between ? and ? order by day",
        list(reading.days),
    ).fetchall()
    return tuple(day for (day,) in found)


def _take_out_unfit(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int, first: int | None) -> None:
    """Move the records without a key to the table of rejects, with their line, column, value and reason."""
    if not reading.door.is_judged:
        raise NeedsWideDoor
    if not reading.is_staged:
        raise NeedsStaging
    if reading.text.has_quoted_lines and not reading.text.has_rows:
        raise NeedsNumbers
    without_key = f"from {reading.table} where {reading.kind.key[0]} is null"
    # Both hold the same records in file order, so the n-th of one is the n-th of the other.
    cursor.execute(f"create or replace temp table unfit as {_unfit_sql(reading)}")
    cursor.execute(
        f"create or replace temp table unfit_rows as select rowid - {first} + {reading.text.first_row} as line"
        f" {without_key} order by rowid"
    )
    cursor.execute(
        f"insert into rejects select {load_id}, coalesce(unfit.line, unfit_rows.line), reason.column, reason.value,"
        " reason.reason from unfit join unfit_rows on unfit.rowid = unfit_rows.rowid,"
        " unnest(list_filter(reasons, lambda found: found is not null)) as found(reason)"
    )
    cursor.execute(
        f"insert into rejected_records select {load_id}, coalesce(unfit.line, unfit_rows.line), record"
        " from unfit join unfit_rows on unfit.rowid = unfit_rows.rowid where record is not null"
    )
    cursor.execute(f"delete {without_key}")


def _unfit_sql(reading: Reading) -> str:
    """Return SQL for the records that do not fit: their line where it is known, the reasons, and all their fields."""
    unfit = problems(reading)
    of_forgotten = [condition for _, condition, reason in unfit if reason == REASON]
    fields = ", ".join(f"coalesce(f{n}, '')" for n in range(len(reading.text.header)))
    # In a record whose fields are shifted an ID stands in another column than its own.
    is_theirs = " or ".join([reading.forgotten.is_among(f"[{fields}]"), *of_forgotten])
    row = f"try_cast(f{len(reading.text.header)} as bigint)" if reading.text.has_rows else "null"
    reasons = ", ".join(
        f"case when {condition} then {{'column': {literal(column.headers[0])}, 'value':"
        f" case when not is_theirs then {reading.raw(column)} end,"
        f" 'reason': {literal(reason)}}} end"
        for column, condition, reason in unfit
    )
    typed = typed_sql(reading, dict.fromkeys(column for column, _, _ in unfit))
    return (
        f"select {row} as line, [{reasons}] as reasons, case when not is_theirs then"
        f" to_json([{fields}])::varchar end as record"
        f" from (select *, {is_theirs} as is_theirs from ({typed})"
        f" where {' or '.join(condition for _, condition, _ in unfit)})"
    )


def _write_ragged(
    cursor: duckdb.DuckDBPyConnection, load_id: int, ragged: Sequence[Ragged], forgotten: Forgotten
) -> None:
    if not ragged:
        return
    theirs = _of_forgotten(cursor, ragged, forgotten)
    rows, reasons = [r.row for r in ragged], [REASON if r.row in theirs else r.reason for r in ragged]
    cursor.execute("insert into rejects select ?, unnest(?), null, null, unnest(?)", [load_id, rows, reasons])
    kept = [(r.row, r.record) for r in ragged if r.record is not None and r.row not in theirs]
    if kept:
        cursor.execute(
            "insert into rejected_records select ?, unnest(?), unnest(?)",
            [load_id, *map(list, zip(*kept, strict=True))],
        )


def _of_forgotten(cursor: duckdb.DuckDBPyConnection, ragged: Sequence[Ragged], forgotten: Forgotten) -> set[int]:
    """Return the lines of the records in which an ID of who was forgotten is a field."""
    kept = [(r.row, r.record) for r in ragged if r.record is not None]
    if not kept or not forgotten.hashes:
        return set()
    is_theirs = forgotten.is_among("from_json(record, '[\"varchar\"]')")
    sql = f"select row from (select unnest(?) as row, unnest(?) as record) where {is_theirs}"
    return {row for (row,) in cursor.execute(sql, [*map(list, zip(*kept, strict=True))]).fetchall()}


def _write_header(cursor: duckdb.DuckDBPyConnection, load_id: int, header: Sequence[str]) -> None:
    """Write the file's header beside its rejected records, as the record without a row."""
    cursor.execute(
        f"insert into rejected_records select {load_id}, null, ?"
        f" where exists (from rejected_records where load_id = {load_id})",
        [json.dumps(header)],
    )


def _take_out_repeats(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Keep the last record of each key of the load; remember of the earlier ones whether they equal it."""
    if not reading.is_staged:
        raise NeedsStaging
    kind, table = reading.kind, reading.table
    cursor.execute(
        f"create or replace temp table ranked as select rowid as row_id, {key_sql(kind, 'new')} as key,"
        " row_number() over (partition by key order by rowid desc) as place,"
        f" first_value(rowid) over (partition by key order by rowid desc) as last_id from {table} as new"
    )
    cursor.execute(
        f"create or replace temp table repeats as select ranked.key, {equal_sql(kind, 'earlier', 'last')} as is_equal"
        f" from ranked join {table} as earlier on earlier.rowid = ranked.row_id"
        f" join {table} as last on last.rowid = ranked.last_id where ranked.place > 1"
    )
    cursor.execute(f"delete from {table} where rowid in (select row_id from ranked where place > 1)")


def _count_repeats(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> tuple[int, int]:
    """Count earlier records: as updated when they differ from the last one and that one changed the table."""
    counts = one_row(
        cursor,
        "select count(*) filter (not is_equal and changed.key is not null),"
        " count(*) filter (is_equal or changed.key is null) from repeats left join"
        f" (select {key_sql(reading.kind, 'new')} as key from {reading.table} as new) as changed using (key)",
    )
    return counts[0], counts[1]


def _replace_older(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> tuple[int, int, int]:
    """Settle staged rows against older rows of their keys; count those updated, left unchanged and made older.

    An older row that differs moves to the history; a new row that is equal is taken out and remembered as seen.
    """
    kind, table = reading.kind, reading.table
    key = row_key(kind)
    equals = "=" if len(key) == 1 else "is not distinct from"
    same_key = " and ".join(f"new.{name} {equals} older.{name}" for name in key)
    looks_older = f"new.{kind.ended} is null and older.{kind.ended} is not null" if kind.ended else "false"
    cursor.execute(
        f"create or replace temp table settled as select new.rowid as new_id, older.rowid as older_id,"
        f" older.load_id as older_load, {equal_sql(kind, 'new', 'older')} as is_equal,"
        f" {looks_older} as looks_older from {table} as new join {kind.table} as older on {same_key}"
    )
    updated, unchanged, older = one_row(
        cursor,
        "select count(*) filter (not is_equal), count(*) filter (is_equal),"
        " count(*) filter (looks_older and not is_equal) from settled",
    )
    names = ", ".join(name for name, _ in table_columns(kind))
    cursor.execute(
        f"insert into {kind.table}_replaced ({names}, replaced_by) select {names}, {load_id} from {kind.table}"
        " where rowid in (select older_id from settled where not is_equal)"
    )
    cursor.execute(
        f"{unchanged_sql(kind, 'new', str(load_id), 'older_load')} from settled"
        f" join {table} as new on new.rowid = new_id where is_equal"
    )
    cursor.execute(f"delete from {kind.table} where rowid in (select older_id from settled where not is_equal)")
    cursor.execute(f"delete from {table} where rowid in (select new_id from settled where is_equal)")
    return updated, unchanged, older
