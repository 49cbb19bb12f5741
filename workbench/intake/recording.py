"""What a load writes of itself, in the transaction of its rows: its number, what it covers, its outcome."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb

from workbench.intake.outcome import LoadOutcome
from workbench.intake.repeats import Origin
from workbench.intake.settling import Inserted
from workbench.intake.source import Reading
from workbench.sql import one_row
from workbench.time import coverage, zones

SHOWN_REJECTS = 100  # rejects that an outcome lists; all are kept in the workspace
# How the workspace reads back what stands here.
LOADS = "select kind, report, sha256, chosen from loads order by load_id desc"
COVERED = "select kind, from_utc, to_utc, only_values from coverage order by all"

Days = tuple[date, date]  # the first and the last


def write_setting(cursor: duckdb.DuckDBPyConnection, key: str, value: str) -> None:
    """Write a setting."""
    cursor.execute("insert or replace into settings values (?, ?)", [key, value])


LAST = "last_load_id"  # the setting that holds the highest number of all loads there ever were


def count_on(cursor: duckdb.DuckDBPyConnection, taken_over: str) -> None:
    """Number later loads behind all that there are, and were, here and where settings of that table come from."""
    numbers = [f"select try_cast(value as integer) as number from {table} where key = '{LAST}'" for table in
               ("settings", taken_over)]  # fmt: skip
    highest = f"select max(number) from ({' union all '.join([*numbers, 'select load_id from loads'])})"
    write_setting(cursor, LAST, str(one_row(cursor, highest)[0] or 0))


def next_id(cursor: duckdb.DuckDBPyConnection) -> int:
    """Return the number of a new load."""
    # Not a sequence: what a rolled-back transaction drew from one is drawn again after a restart. Not the highest
    # of the loads: one that was taken back out must not lend its number to another.
    return int(one_row(cursor, f"select coalesce(max(value::integer), 0) + 1 from settings where key = '{LAST}'")[0])


def days_of(reading: Reading, inserted: Inserted) -> Days | None:
    """Return the days that a load covers: those that the file's name gives, else from the first to the last row."""
    kind = inserted.kinds[0]
    if kind.anchor is None or (reading.own and not inserted.counts.loaded):
        return None  # a log of ours that brings no row says nothing of what the vendor's files cover
    if reading.days or inserted.first is None or inserted.last is None:
        return reading.days
    is_instant = kind.column(kind.anchor).type == "timestamp"
    edges = (inserted.first, inserted.last)
    first, last = (zones.wall_from_utc(at, reading.door.zone) if is_instant else at for at in edges)
    return first.date(), last.date()


def cover(cursor: duckdb.DuckDBPyConnection, load_id: int, inserted: Inserted, zone: str, days: Days) -> None:
    """Record the days that a load covers, and those of its rows outside of them; of a kind without times nothing."""
    kind = inserted.kinds[0]
    if kind.anchor is None:
        return
    spans = coverage.merged(coverage.whole_days(*pair) for pair in [days, *((day, day) for day in inserted.outside)])
    utc = [[zones.utc_from_wall(edge, zone) for edge in span] for span in spans]
    dimensions = [dimension for _, dimension in kind.filter_columns]
    cursor.executemany(
        "insert into coverage values (?, ?, ?, ?, ?)",
        [
            (load_id, kind.name, *span, _only_to_json(dimensions, values))
            for kind in inserted.kinds
            for span in utc
            for values in inserted.filters or ((),)
        ],
    )


def _only_to_json(dimensions: Sequence[str], values: Sequence[str | None]) -> str:
    only = {d: coverage.filter_values(v) for d, v in zip(dimensions, values, strict=False)}
    return json.dumps({dimension: sorted(found) for dimension, found in only.items() if found})


def only_from_json(only: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return the values per dimension that a load is limited to, as they stand in the coverage."""
    return tuple((dimension, frozenset(values)) for dimension, values in json.loads(only).items())


def first_rejects(cursor: duckdb.DuckDBPyConnection, load_id: int) -> tuple[dict[str, Any], ...]:
    """Return the first rows that a load has set aside, with their reasons."""
    sql = 'select row, "column", value, reason from rejects where load_id = ? order by all limit ?'
    found = cursor.execute(sql, [load_id, SHOWN_REJECTS]).fetchall()
    return tuple(dict(zip(("row", "column", "value", "reason"), reject, strict=True)) for reject in found)


def recorded(
    cursor: duckdb.DuckDBPyConnection, outcome: LoadOutcome, origin: Origin, fingerprint: str | None, started: float
) -> LoadOutcome:
    """Write a load's own record and return its outcome, with the seconds since it `started` by time.monotonic()."""
    outcome = replace(outcome, seconds=round(time.monotonic() - started, 3))
    write_setting(cursor, LAST, str(outcome.load_id))
    cursor.execute(
        "insert into loads values (?, ?, ?, current_timestamp at time zone 'UTC', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            outcome.load_id, outcome.kind, outcome.file, outcome.timezone, outcome.rows_read, outcome.rows_loaded,
            outcome.rows_updated, outcome.rows_unchanged, outcome.rows_rejected, outcome.period_from,
            outcome.period_to, json.dumps(outcome.as_json()), origin.sha256, json.dumps(origin.choices.said),
            fingerprint,
        ],
    )  # fmt: skip
    return outcome
