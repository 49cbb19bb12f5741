"""What becomes of stored values where a later file has their row, and not their column.

A vendor's file replaces its rows whole. One that lacks most columns of its kind was not made to say that they are
empty: where it would empty some, the user says which (`--absent`). A log of this program shows some columns of rows
that are stored already: it changes none of them, and is refused where it says something else.
"""

from collections.abc import Iterable
from typing import Any

import duckdb

from workbench.errors import ChoiceNeeded, FileRefused
from workbench.exports import Column, ExportKind
from workbench.intake import figures
from workbench.intake.schema import compared_columns, row_key, run_columns
from workbench.intake.source import Reading, typed_sql
from workbench.sql import literal, one_row
from workbench.time.zones import to_wall_sql

# How far a value may be from the stored one that it shows: durations and amounts are rounded where they are shown.
NEAR = {"timestamp": 1.0, "date": 1.0, "duration": 0.51, "amount": 0.0051}
MOST_TEXT = 30_000  # characters of a text that are compared; a cell keeps a few more
_REPLACED = r"^''|[\x00-\x1f\x7f\x{fffd}]"  # what a cell or a CSV of ours has for other characters


def left_as_stored(reading: Reading) -> frozenset[str]:
    """Return the columns of which the file says nothing, or nothing that is to be believed, of rows that are stored."""
    if reading.own:
        return frozenset({*_lacking(reading), *reading.own.stand_ins, "extra"})
    return frozenset(_lacking(reading)) if reading.absent == "keep" else frozenset()


def settle(cursor: duckdb.DuckDBPyConnection, reading: Reading, load_id: int) -> None:
    """Give staged rows the stored values in columns that the file lacks. Raises ChoiceNeeded and FileRefused."""
    if reading.own:
        _check_own(cursor, reading)
    elif reading.absent is None:
        _ask(cursor, reading)
    elif reading.absent == "keep":
        _check_extras(cursor, reading)
    if not left_as_stored(reading):
        return
    kind = reading.kind
    if reading.is_staged and (names := _names_to_fill(reading)):
        changes = ", ".join(f"{name} = older.{name}" for name in names)
        cursor.execute(f"update {reading.table} as new set {changes} from {kind.table} as older where {_same(kind)}")
    cursor.execute("insert into kept_columns values (?, ?, ?)", [load_id, kind.table, _lacking(reading)])


def _names_to_fill(reading: Reading) -> list[str]:
    """Return the columns that take the stored value: of a log of ours all of them, for it has just been compared."""
    if not reading.own:
        return sorted(left_as_stored(reading))
    return [name for name in compared_columns(reading.kind) if name not in row_key(reading.kind)]


def place_repeated(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Give events of a log of ours the stored instants, where its wall times came twice: it cannot say which it shows.

    The n-th event of a wall time is the n-th that is stored, so none is taken for a new one.
    """
    kind, zone = reading.kind, reading.door.zone
    if not (reading.own and reading.is_staged and kind.is_log):
        return
    names = [name for name in kind.key if name != kind.anchor]
    others, wall = ", ".join(names), to_wall_sql(str(kind.anchor), zone)
    walls, ranked = f"select {others}, {wall} as wall", f"row_number() over (partition by {others}, {wall} order by"
    same = " and ".join(f"new.{name} is not distinct from older.{name}" for name in (*names, "wall", "nth"))
    cursor.execute(
        f"update {reading.table} as placed set {kind.anchor} = found.at from (select new.place, older.at from"
        f" ({walls}, rowid as place, {ranked} rowid) as nth from {reading.table}"
        f" where clock_change = 'repeated') as new"
        f" join ({walls}, {kind.anchor} as at, {ranked} {kind.anchor}, occurrence) as nth from {kind.table}) as older"
        f" on {same}) as found where placed.rowid = found.place"
    )


def _lacking(reading: Reading) -> list[str]:
    """Return the columns of the kind that the file lacks, but those that say how a report was run."""
    told_apart = {*dict(reading.kind.constants), *run_columns(reading.kind)}
    names = [c.name for c in reading.kind.columns if c.name not in told_apart and c.name not in reading.headers.known]
    return [*names, *([] if reading.headers.extras else ["extra"])]


def _optional(kind: ExportKind) -> set[str]:
    others = {*kind.required, *kind.key, *dict(kind.constants), *run_columns(kind)}
    return {column.name for column in kind.columns} - others


def _same(kind: ExportKind) -> str:
    equals = "=" if len(row_key(kind)) == 1 else "is not distinct from"
    return " and ".join(f"new.{name} {equals} older.{name}" for name in row_key(kind))


def _ask(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Ask where most optional columns are absent and stored values would go with them. Raises ChoiceNeeded."""
    kind, optional = reading.kind, _optional(reading.kind)
    lacking = [name for name in _lacking(reading) if name in optional]
    if not reading.is_staged or 2 * len(lacking) <= len(optional):
        return
    picked = ", ".join(f"count(older.{name})" for name in lacking)
    found = _of_stored(cursor, reading, picked)
    lost = [kind.column(name).label for name, count in zip(lacking, found, strict=True) if count]
    if lost:
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        raise ChoiceNeeded(
            f"{reading.file}: lacks {len(lacking)} of {len(optional)} optional columns of {kind.title}, and rows stored"
            f" before have values there ({', '.join(lost[:3])}{more}). Say with --absent keep that these stay, or with"
            " --absent empty that they go",
            "--absent",
        )


def _check_extras(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Refuse to keep what only other files know beside what only this one knows: neither could be taken back."""
    own = sorted(reading.headers.extras)
    if not own or not reading.is_staged:
        return
    others = f"list_filter(map_keys(older.extra), lambda name: not list_contains({literal(own)}, name))"
    (found,) = _of_stored(cursor, reading, f"min({others}) filter (len({others}) > 0)")
    if found:
        raise FileRefused(
            f"{reading.file}: has columns that only it knows ({', '.join(own[:3])}), and rows stored before have others"
            f" ({', '.join(found[:3])}), which --absent keep cannot keep beside them. Leave its own out of the file, or"
            " say --absent empty"
        )


def _check_own(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Refuse a log of ours that says something else than what is stored, or that nothing proves the zone of."""
    known = 0
    if reading.is_staged:
        known, *differing = _differing(cursor, reading)
        found = {c.label: n for c, n in zip(_shown(reading), differing, strict=True) if n}
        if found:
            raise FileRefused(_otherwise(reading, found))
    rows = one_row(cursor, f"select count({reading.kind.key[0]}) from {reading.table}")[0]
    if rows and not known and not reading.is_zone_said:  # rows that were all set aside say why by themselves
        raise FileRefused(
            f"{reading.file}: a log of this program, and none of its rows is stored: it does not say in which time zone"
            " its times are shown. Say it with --file-timezone, or export the log as .xlsx or .parquet"
        )


def check_shown(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> tuple[str, ...]:
    """Raise FileRefused for a log of ours in which a duration was changed where it is shown, and not in its seconds.

    Return what is to be said of those that have no seconds beside them: they are rounded, so nothing is read of them.
    """
    if not reading.headers.twins:
        return ()
    shown = {column: f"f{position}" for position, column in reading.headers.twins}
    seconds = {column: raw for column in shown if (raw := reading.raw(column))}
    counted = (f"count(*) filter ({_shows_other(shown[column], raw, column.name)})" for column, raw in seconds.items())
    counts = one_row(cursor, f"select {', '.join([*counted, '0'])} from ({typed_sql(reading, seconds)})")
    for column, rows in zip(seconds, counts, strict=False):
        if rows:
            raise FileRefused(
                f"{reading.file}: a log of this program, and its column '{column.label}' says something else than the"
                f" seconds beside it (in {rows:,}): it was changed. Load the export itself"
            )
    alone = ", ".join(column.label for column in shown if column not in seconds)
    return (f"Durations without their seconds are rounded, and were not read: {alone}",) if alone else ()


def _shows_other(shown: str, raw: str, seconds: str) -> str:
    """Return SQL that is true where a duration is shown as another one than its seconds, both being there or one.

    What is shown is a clock's text, a number of days (which is what a cell holds) or of seconds, or, of a negative one,
    days with four decimals: `-0.0431 d`. A spreadsheet may have rounded both.
    """
    number = f"coalesce({figures.number(shown, '.')}, {figures.number(shown, ',')})"
    days = f"{number} * 86400"
    rounded = figures.words(f"replace({shown}, ',', '.')")
    near = ", ".join(f"abs({sql} - {seconds})" for sql in (figures.clock(shown), number, days))
    differs = f"least({near}, abs({rounded} - {seconds}) - 4.5) >= {2 * NEAR['duration']}"
    return f"({shown} is null) <> ({raw} is null) or coalesce({differs}, false)"


def _shown(reading: Reading) -> list[Column]:
    """Return the columns by which a log's rows are compared with those that are stored."""
    left = {*row_key(reading.kind), *left_as_stored(reading)}
    return [c for c in reading.kind.columns if c.name in reading.headers.known and c.name not in left]


def _differing(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> tuple[int, ...]:
    """Count the rows that are stored, and of each column those that say something else."""
    zone = reading.door.zone
    counted = "".join(f", count(*) filter ({_is_other(column, zone)})" for column in _shown(reading))
    return _of_stored(cursor, reading, f"count(*){counted}")


def _of_stored(cursor: duckdb.DuckDBPyConnection, reading: Reading, picked: str) -> tuple[Any, ...]:
    """Return counts over the staged rows that are stored already, each beside its `older` one."""
    kind = reading.kind
    return one_row(cursor, f"select {picked} from {reading.table} as new join {kind.table} as older on {_same(kind)}")


def _is_other(column: Column, zone: str) -> str:
    new, older = f"new.{column.name}", f"older.{column.name}"
    if column.type == "timestamp":  # by what clocks show: where that came twice, a log does not say which it was
        new, older = to_wall_sql(new, zone), to_wall_sql(older, zone)
    if column.type in ("timestamp", "date"):
        new, older = f"epoch({new})", f"epoch({older})"
    if column.type in NEAR:
        return f"({new} is null) <> ({older} is null) or abs({new} - {older}) >= {NEAR[column.type]}"
    if column.type == "count":
        return f"{new} is distinct from {older}"
    return f"{_seen(new)} <> {_seen(older)}"


def _seen(text: str) -> str:
    return f"left(trim(regexp_replace(coalesce({text}, ''), '{_REPLACED}', '', 'g')), {MOST_TEXT})"


def _otherwise(reading: Reading, found: dict[str, int]) -> str:
    named = ", ".join(f"{label} in {count:,}" for label, count in [*found.items()][:3])
    text = (
        f"{reading.file}: a log of this program, and some of its rows say something else than what is stored ({named})"
    )
    if reading.is_zone_said:
        return f"{text}: it was changed, or made of other loads. Load the export itself"
    return (
        f"{text}: it was changed, made of other loads, or its times are of another zone than {reading.door.zone}"
        " (say which with --file-timezone). Load the export itself"
    )


def fill_again(cursor: duckdb.DuckDBPyConnection, kind: ExportKind, table: str) -> None:
    """Give versions of rows whose loads lacked a column the value of the version before them: it may be another now."""
    kept = cursor.execute("select load_id, columns from kept_columns where table_name = ?", [kind.table]).fetchall()
    if not kept:
        return
    of = {name: [load_id for load_id, columns in kept if name in columns] for _, columns in kept for name in columns}
    changed = ", ".join(f"{_last_said(kind, name, loads)} as {name}" for name, loads in of.items())
    cursor.execute(
        f"create or replace temp table {table} as select * replace ({changed}) from {table} order by load_id, rowid"
    )


def _last_said(kind: ExportKind, name: str, loads: Iterable[int]) -> str:
    said = f"case when load_id not in ({', '.join(map(str, loads))}) then struct_pack(v := {name}) end"
    over = f"over (partition by {', '.join(row_key(kind))} order by load_id rows unbounded preceding)"
    return f"struct_extract(last_value({said} ignore nulls) {over}, 'v')"
