"""Rows to the table of their kind, in one transaction that also writes what became of every row.

A first load of new keys is written once, straight into its table. Any other goes through a temporary one, in file
order, so that a record's number is its rowid: a record that does not fit has no key, of several records with one
key the last stays, and a row that the table already holds is taken out again or replaces the older one.
Rows never leave their table in the transaction that brought them: after a `kill -9`, DuckDB 2.0 could bring some back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from workbench import zones
from workbench.errors import WorkbenchError
from workbench.exports import Column, ExportKind
from workbench.intake import convert
from workbench.intake.headers import HeaderMap
from workbench.intake.text import Ragged, TextFile

SAMPLE = 1_000  # records by which a file's door is chosen; the rest is checked while it is loaded

# Columns of every table of rows besides the kind's own.
OWN_COLUMNS = (
    ("clock_change", "varchar"),  # 'repeated' or 'skipped': the anchor's wall time came twice, or never
    ("extra", "map(varchar, varchar)"),  # columns that the kind does not know, by their header
    ("load_id", "integer"),
)


@dataclass(frozen=True)
class Counts:
    """What became of a file's rows; read = loaded + updated + unchanged + rejected."""

    read: int
    loaded: int
    updated: int
    unchanged: int
    rejected: int


@dataclass(frozen=True)
class Loaded:
    """A file's rows in their table: what became of them, and what they say of the load's coverage.

    `first` and `last` are the anchor's extremes in UTC (the date itself for a kind without instants), `outside` the
    days with rows that the file name does not give. `filters` holds one tuple of the kind's filter columns for every
    way in which the rows were filtered.
    """

    counts: Counts
    first: datetime | None
    last: datetime | None
    outside: tuple[date, ...]
    filters: tuple[tuple[str | None, ...], ...]
    skipped: int  # rows whose wall time a clock change skipped
    repeated: int  # rows whose wall time came twice
    older: int  # rows that replaced one that looked more complete


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


def table_columns(kind: ExportKind) -> list[tuple[str, str]]:
    """Return the names and SQL types of the columns of the kind's table, the anchor's local time among them."""
    columns = [(column.name, convert.SQL_TYPES[column.type]) for column in kind.columns]
    local = [(f"{kind.anchor}_local", "timestamp")] if _has_local(kind) else []
    return [*columns, *local, *OWN_COLUMNS]


def _has_local(kind: ExportKind) -> bool:
    return kind.anchor is not None and kind.column(kind.anchor).type == "timestamp"


def compared_columns(kind: ExportKind) -> list[str]:
    """Return the columns by which two rows of one key are equal: without how the report was run, and the load."""
    run = {kind.zone_column, *(name for name, _ in kind.filter_columns)} - set(kind.key)
    return [name for name, _ in table_columns(kind) if name not in {*run, "load_id"}]


def key_sql(kind: ExportKind, alias: str) -> str:
    """Return SQL for the key of a row as one text."""
    parts = [f"{alias}.{name}" for name in kind.key]
    if len(parts) == 1:
        return parts[0]
    return f"concat_ws(chr(31), {', '.join(_text_or_blank(part) for part in parts)})"


def _text_or_blank(part: str) -> str:
    return f"coalesce({part}::varchar, '')"


@dataclass(frozen=True)
class Reading:
    """How one file is read: its clean text, what its columns are, and how its times become UTC."""

    text: TextFile
    headers: HeaderMap
    door: convert.Door
    constants: tuple[tuple[str, str], ...] = ()  # columns that no file has, with their value for this load
    days: tuple[date, date] | None = None  # the days that the file name gives
    is_staged: bool = False  # settle the rows in a temporary table before they enter their own

    @property
    def kind(self) -> ExportKind:
        """The kind of export that the file is."""
        return self.headers.kind

    @property
    def table(self) -> str:
        """The table that the records are put into first."""
        return "incoming" if self.is_staged else self.kind.name

    def raw(self, column: Column) -> str | None:
        """Return the name of the raw field that holds a column, None when the file has none."""
        position = self.headers.known.get(column.name)
        return None if position is None else f"f{position}"


def source_sql(reading: Reading) -> str:
    """Return SQL for the file's records as text, missing values as NULL, with an explicit dialect (guarantee 2)."""
    count = len(reading.text.header) + reading.text.has_rows
    columns = ", ".join(f"'f{n}': 'varchar'" for n in range(count))
    nulls = sorted({"", *(text for column in reading.kind.columns for text in column.missing)})
    return (
        f"read_csv({_literal(str(reading.text.path))}, auto_detect = false, header = true,"
        f" delim = {_literal(reading.text.delimiter)}, quote = '\"', escape = '\"', strict_mode = true,"
        f" columns = {{{columns}}}, nullstr = [{', '.join(map(_literal, nulls))}], max_line_size = 16777216)"
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _walls_sql(reading: Reading, source: str = "") -> str:
    walls = [
        f"{convert.wall(raw, reading.door)} as {convert.wall_name(column)}"
        for column in reading.kind.columns
        if column.type in ("timestamp", "date") and (raw := reading.raw(column))
    ]
    return f"select {', '.join(['*', *walls])} from {source or source_sql(reading)}"


def _typed_sql(reading: Reading, source: str = "") -> str:
    """Return SQL for the typed values beside the raw fields of every record."""
    constants = dict(reading.constants)
    values = []
    for column in reading.kind.columns:
        raw = reading.raw(column)
        value = (
            convert.typed(column, raw, reading.door)
            if raw
            else _literal(constants[column.name])
            if column.name in constants
            else "null"
        )
        values.append(f"cast({value} as {convert.SQL_TYPES[column.type]}) as {column.name}")
    return f"select *, {', '.join(values)} from ({_walls_sql(reading, source)})"


def _problems(reading: Reading) -> list[tuple[Column, str, str]]:
    """Return every way in which a record can be unfit: the column, SQL that is true then, and the reason."""
    found = []
    for column in reading.kind.columns:
        raw = reading.raw(column)
        unfit = convert.does_not_fit(column, raw, column.name, reading.door) if raw else None
        if raw and unfit:
            found.append((column, unfit, convert.reason(column, reading.door)))
        if raw and column.name in {*reading.kind.required, *reading.kind.key}:
            is_blank = f"({raw} is null or trim({raw}) = '')" if reading.door.is_wide else f"{raw} is null"
            found.append((column, is_blank, "missing"))
        if raw and column.name in reading.kind.key and column.type == "id" and reading.door.is_wide:
            found.append((column, convert.is_shortened(column.name), convert.SHORTENED))
    return found


def _insert_sql(reading: Reading, load_id: int, reporting_zone: str) -> str:
    kind, key = reading.kind, reading.kind.key[0]
    unfit = " or ".join(condition for _, condition, _ in _problems(reading))
    extras = reading.headers.extras
    extra = (
        f"map([{', '.join(map(_literal, extras))}], [{', '.join(f'f{n}' for n in extras.values())}])"
        if extras
        else "null"
    )
    values = {column.name: column.name for column in kind.columns}
    values |= {key: f"case when {unfit} then null else {key} end", "extra": extra, "load_id": str(load_id)}
    if kind.anchor is not None and _has_local(kind):
        values |= {
            f"{kind.anchor}_local": zones.to_wall_sql(kind.anchor, reporting_zone),
            "clock_change": _clock_change_sql(reading),
        }
    if reading.is_staged:
        typed = [f"cast({values.get(name, 'null')} as {type_}) as {name}" for name, type_ in table_columns(kind)]
        into = f"create or replace temp table {reading.table} as"
        return f"{into} select {', '.join(typed)} from ({_typed_sql(reading)})"
    names, picked = ", ".join(values), ", ".join(values.values())
    return f"insert into {kind.name} ({names}) select {picked} from ({_typed_sql(reading)})"


def _clock_change_sql(reading: Reading) -> str:
    anchor = reading.kind.column(str(reading.kind.anchor))
    changes = zones.clock_changes(reading.door.zone)
    skipped = [span for change in changes if (span := change.skipped)]
    repeated = [span for change in changes if (span := change.repeated)]
    if len(reading.door.zones) > 1 or not skipped or not repeated:
        return "null"
    wall = convert.wall_name(anchor)
    return (
        f"case when {convert.has_offset(str(reading.raw(anchor)), reading.door)} then null"
        f" when {zones.within_sql(wall, skipped)} then 'skipped'"
        f" when {zones.within_sql(wall, repeated)} then 'repeated' end"
    )


def insert(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int, reporting_zone: str) -> Loaded:
    """Load a file's records inside the caller's transaction and say what became of them.

    Raises NeedsNumbers when DuckDB's reader does not agree with our count of records, or when rejected records
    cannot be told their line; NeedsZones when the wall times are of zones that `reading.door` does not have;
    NeedsWideDoor; NeedsStaging when rows would have to leave their own table again.
    """
    kind = reading.kind
    if not reading.is_staged and _row(cursor, f"select count(*) from {kind.name}")[0]:
        raise NeedsStaging
    cursor.execute(_insert_sql(reading, load_id, reporting_zone))
    loaded = _settled(cursor, reading, load_id)
    if reading.is_staged:
        staged = _row(cursor, f"select count({kind.key[0]}) from {reading.table}")[0]
        cursor.execute(f"insert into {kind.name} select * from {reading.table} order by rowid")
        cursor.execute(f"drop table {reading.table}")
        entered = _row(cursor, f"select count({kind.key[0]}) from {kind.name} where load_id = {load_id}")[0]
        if staged != entered:
            raise RowsLost(staged, entered)
    return loaded


def _settled(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> Loaded:
    kind, text = reading.kind, reading.text
    key, anchor = kind.key[0], kind.anchor or "null"
    first_id, read, keys, distinct, first, last, skipped, repeated = _row(
        cursor,
        f"select min(rowid), count(*), count({key}), count(distinct case when {key} is not null"
        f" then {key_sql(kind, 'new')} end), min({anchor}) filter ({key} is not null),"
        f" max({anchor}) filter ({key} is not null), count(*) filter (clock_change = 'skipped'),"
        f" count(*) filter (clock_change = 'repeated') from {reading.table} as new where load_id = {load_id}",
    )
    if read != text.records and not text.has_rows:
        raise NeedsNumbers
    if read != text.records:
        raise RowsLost(text.records, read)
    _check_zones(cursor, reading, load_id)
    _check_wild(cursor, reading, load_id)
    filters = _filters(cursor, reading, load_id)
    outside = _outside(cursor, reading, load_id)
    if read != keys:
        _take_out_unfit(cursor, reading, load_id, first_id)
    if distinct != keys:
        _take_out_repeats(cursor, reading)
    updated, unchanged, older = _replace_older(cursor, reading, load_id) if reading.is_staged else (0, 0, 0)
    again_updated, again_unchanged = _count_repeats(cursor, reading) if distinct != keys else (0, 0)
    _write_ragged(cursor, load_id, text.set_aside)
    aside = len(text.set_aside)
    counts = Counts(
        read=read + aside,
        loaded=distinct - updated - unchanged,
        updated=updated + again_updated,
        unchanged=unchanged + again_unchanged,
        rejected=read - keys + aside,
    )
    return Loaded(counts, first, last, outside, filters, skipped, repeated, older)


def _check_zones(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> None:
    column = reading.kind.zone_column
    if column is None or column not in reading.headers.known:
        return
    sql = f"select distinct trim({column}) from {reading.table} where load_id = {load_id} and {column} is not null"
    found = {value for (value,) in cursor.execute(sql).fetchall()}
    if not found <= reading.door.zones:
        raise NeedsZones(found)


def _check_wild(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> None:
    wild = " or ".join(sql for c in reading.kind.columns if (sql := convert.is_wild(c, c.name)))
    sql = f"select count(*) from {reading.table} where load_id = {load_id} and ({wild})"
    if not reading.door.is_wide and wild and _row(cursor, sql)[0]:
        raise NeedsWideDoor


def _filters(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> tuple[tuple[str | None, ...], ...]:
    """Return the ways in which the load's rows say that their export was filtered."""
    if not reading.kind.filter_columns:
        return ()
    names = ", ".join(name for name, _ in reading.kind.filter_columns)
    sql = f"select distinct {names} from {reading.table} where load_id = {load_id} order by all"
    return tuple(cursor.execute(sql).fetchall())


def _outside(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> tuple[date, ...]:
    """Return the days, in the file's zone, of rows that lie outside of the days that the file name gives."""
    anchor = reading.kind.anchor
    if reading.days is None or anchor is None:
        return ()
    wall = zones.to_wall_sql(anchor, reading.door.zone) if _has_local(reading.kind) else anchor
    found = cursor.execute(
        f"select distinct {wall}::date as day from {reading.table} where load_id = {load_id}"
        f" and {reading.kind.key[0]} is not null and day not between ? and ? order by day",
        list(reading.days),
    ).fetchall()
    return tuple(day for (day,) in found)


def _row(cursor: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = cursor.execute(sql).fetchone()
    assert row is not None  # an aggregate has one row
    return tuple(row)


def _take_out_unfit(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int, first: int) -> None:
    """Move the records without a key to the table of rejects, with their line, column, value and reason."""
    if not reading.door.is_wide:
        raise NeedsWideDoor
    if not reading.is_staged:
        raise NeedsStaging
    if reading.text.has_quoted_lines and not reading.text.has_rows:
        raise NeedsNumbers
    kind = reading.kind
    problems = _problems(reading)
    row = f"try_cast(f{len(reading.text.header)} as bigint)" if reading.text.has_rows else "null"
    reasons = ", ".join(
        f"case when {condition} then {{'column': {_literal(column.headers[0])}, 'value': {reading.raw(column)},"
        f" 'reason': {_literal(reason)}}} end"
        for column, condition, reason in problems
    )
    cursor.execute(
        f"create or replace temp table unfit as select {row} as line, [{reasons}] as reasons"
        f" from ({_typed_sql(reading)}) where {' or '.join(condition for _, condition, _ in problems)}"
    )
    # Both hold the same records in file order, so the n-th of one is the n-th of the other.
    cursor.execute(
        f"create or replace temp table unfit_rows as select rowid - {first} + {reading.text.first_row} as line"
        f" from {reading.table} where {kind.key[0]} is null order by rowid"
    )
    cursor.execute(
        f"insert into rejects select {load_id}, coalesce(unfit.line, unfit_rows.line), reason.column, reason.value,"
        " reason.reason from unfit join unfit_rows on unfit.rowid = unfit_rows.rowid,"
        " unnest(list_filter(reasons, lambda found: found is not null)) as found(reason)"
    )
    cursor.execute(f"delete from {reading.table} where {kind.key[0]} is null")


def _write_ragged(cursor: duckdb.DuckDBPyConnection, load_id: int, ragged: Sequence[Ragged]) -> None:
    if ragged:
        cursor.executemany(
            "insert into rejects values (?, ?, null, null, ?)", [(load_id, r.row, r.reason) for r in ragged]
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
        f"create or replace temp table repeats as select ranked.key, {_equal(kind, 'earlier', 'last')} as is_equal"
        f" from ranked join {table} as earlier on earlier.rowid = ranked.row_id"
        f" join {table} as last on last.rowid = ranked.last_id where ranked.place > 1"
    )
    cursor.execute(f"delete from {table} where rowid in (select row_id from ranked where place > 1)")


def _equal(kind: ExportKind, one: str, other: str) -> str:
    return " and ".join(f"{one}.{name} is not distinct from {other}.{name}" for name in compared_columns(kind))


def _count_repeats(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> tuple[int, int]:
    """Count earlier records: as updated when they differ from the last one and that one changed the table."""
    counts = _row(
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
    equals = "=" if len(kind.key) == 1 else "is not distinct from"
    same_key = " and ".join(f"new.{name} {equals} older.{name}" for name in kind.key)
    looks_older = f"new.{kind.ended} is null and older.{kind.ended} is not null" if kind.ended else "false"
    cursor.execute(
        f"create or replace temp table settled as select new.rowid as new_id, older.rowid as older_id,"
        f" older.load_id as older_load, {key_sql(kind, 'new')} as key, {_equal(kind, 'new', 'older')} as is_equal,"
        f" {looks_older} as looks_older from {table} as new join {kind.name} as older on {same_key}"
    )
    updated, unchanged, older = _row(
        cursor,
        "select count(*) filter (not is_equal), count(*) filter (is_equal),"
        " count(*) filter (looks_older and not is_equal) from settled",
    )
    names = ", ".join(name for name, _ in table_columns(kind))
    cursor.execute(
        f"insert into {kind.name}_replaced ({names}, replaced_by) select {names}, {load_id} from {kind.name}"
        " where rowid in (select older_id from settled where not is_equal)"
    )
    cursor.execute(
        f"insert into unchanged_rows select {load_id}, '{kind.name}', key, older_load from settled where is_equal"
    )
    cursor.execute(f"delete from {kind.name} where rowid in (select older_id from settled where not is_equal)")
    cursor.execute(f"delete from {table} where rowid in (select new_id from settled where is_equal)")
    return updated, unchanged, older


def first_zone(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> str | None:
    """Return the zone that the file's first record names, None when the file has none."""
    column = reading.kind.zone_column
    raw = reading.raw(reading.kind.column(column)) if column else None
    if raw is None:
        return None
    row = cursor.execute(f"select trim({raw}) from {source_sql(reading)} where {raw} is not null limit 1").fetchone()
    return row[0] if row else None


def fits_plain_door(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> bool:
    """Tell by the first records whether the file seems to hold only what the plain door takes."""
    problems = " or ".join(condition for _, condition, _ in _problems(reading))
    some = f"(select * from {source_sql(reading)} limit {SAMPLE})"
    return not _row(cursor, f"select count(*) filter ({problems}) from ({_typed_sql(reading, some)})")[0]


def date_order(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> str | None:
    """Return the order of day and month that localised dates prove by a value over 12; '' when there are no such dates.

    None when they do not prove one: every value fits both, or some contradict each other.
    """
    raws = [raw for c in reading.kind.columns if c.type in ("timestamp", "date") and (raw := reading.raw(c))]
    if not raws:
        return ""
    parts = "', '".join(("first", "second"))
    found = " union all ".join(
        f"select regexp_extract({raw}, '^\\s*(\\d{{1,2}})[/.-](\\d{{1,2}})[/.-]\\d{{2,4}}\\b', ['{parts}']) as date"
        f" from {source_sql(reading)} where {raw} is not null"
        for raw in raws
    )
    first, second = _row(
        cursor,
        "select max(try_cast(nullif(date.first, '') as int)), max(try_cast(nullif(date.second, '') as int))"
        f" from ({found})",
    )
    if first is None:
        return ""
    if (first > 12) == (second > 12):
        return None
    return "dmy" if first > 12 else "mdy"


def create_tables(cursor: duckdb.DuckDBPyConnection, kinds: Iterable[ExportKind]) -> None:
    """Create the tables of rows and of replaced rows, where they are not there yet."""
    for kind in kinds:
        columns = ", ".join(f"{name} {type_}" for name, type_ in table_columns(kind))
        cursor.execute(f"create table if not exists {kind.name} ({columns})")
        cursor.execute(f"create table if not exists {kind.name}_replaced ({columns}, replaced_by integer)")
