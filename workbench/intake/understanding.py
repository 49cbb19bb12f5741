"""How a clean file is understood: its kind and columns, rollup, days, and by which door its text becomes values.

What the records themselves contradict shows only while they are settled; the same file is then understood anew, by
`widened` or `with_zones` (see `load`).
"""

from dataclasses import replace

import duckdb

from workbench.errors import ChoiceNeeded, FileRefused, UnknownName
from workbench.intake import convert, headers, ours
from workbench.intake.choices import Choices
from workbench.intake.headers import OwnLog
from workbench.intake.rollups import with_rollup
from workbench.intake.source import Reading, problems, source_sql, typed_sql
from workbench.intake.text import TextFile
from workbench.sql import one_row
from workbench.time import zones

SAMPLE = 1_000  # records by which a file's door is chosen; the rest is checked while it is loaded


def understood(cursor: duckdb.DuckDBPyConnection, text: TextFile, choices: Choices, default_zone: str) -> Reading:
    """Return how a file with a header is to be read. Raises FileRefused and ChoiceNeeded."""
    if own := ours.log_of(text, choices):
        return _of_ours(cursor, text, own, choices, default_zone)
    found = headers.recognised(text.header, choices.kinds_of(text.header), text.file)
    door = convert.Door(choices.zone or default_zone, date_order=choices.date_order, delimiter=text.delimiter)
    constants = tuple(pair for pair in found.kind.constants if pair[0] not in found.known)
    reading = Reading(text, found, door, constants, absent=choices.absent)
    reading = _with_first_zone(cursor, reading, choices.zone)
    reading = with_rollup(cursor, reading, choices.rollup)
    named = headers.period(text.file)
    reading = replace(reading, days=named[:2] if named else None)
    return reading if _fits_plain_door(cursor, reading) else widened(cursor, reading)


def _of_ours(
    cursor: duckdb.DuckDBPyConnection, text: TextFile, own: OwnLog, choices: Choices, default_zone: str
) -> Reading:
    """Return how a log of this program is read: its times are of the zone in which they were shown."""
    zone = _known_zone(own.zone, text.file) or choices.zone
    door = convert.Door(zone or default_zone, date_order=choices.date_order, delimiter=text.delimiter)
    constants = tuple(pair for pair in own.headers.kind.constants if pair[0] not in own.headers.known)
    reading = Reading(text, own.headers, door, constants, own=own, is_zone_said=zone is not None)
    return reading if _fits_plain_door(cursor, reading) else widened(cursor, reading)


def _known_zone(named: str | None, file: str) -> str | None:
    """Return the zone that a file's mark names, None where it names none. Raises FileRefused for one that is none."""
    try:
        return zones.zone(named).key if named else None
    except UnknownName:
        raise FileRefused(f"{file}: its mark names a time zone '{named}' that there is not. Export it again") from None


def _with_first_zone(cursor: duckdb.DuckDBPyConnection, reading: Reading, said: str | None) -> Reading:
    """Return the reading in the zone that the first record names, with a warning where another one was given."""
    named = _first_zone(cursor, reading)
    if not named:
        return reading
    reading = with_zones(reading, {named})
    if said in (None, named):
        return reading
    warning = f"The file says its own time zone ({named}); the zone given ({said}) was not used"
    return replace(reading, warnings=(warning,))


def _first_zone(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> str | None:
    """Return the zone that the file's first record names, None when the file has none."""
    column = reading.kind.zone_column
    raw = reading.raw(reading.kind.column(column)) if column else None
    if raw is None:
        return None
    few = source_sql(reading, is_peek=True)
    row = cursor.execute(f"select trim({raw}) from {few} where {raw} is not null limit 1").fetchone()
    return row[0] if row else None


def with_zones(reading: Reading, found: set[str]) -> Reading:
    """Return the reading with the zones that a file's zone column names. Raises FileRefused for an unknown one."""
    for name in found:
        try:
            zones.zone(name)
        except UnknownName:
            raise FileRefused(
                f"{reading.file}: its Timezone Filter '{name}' is not a time zone such as America/New_York"
            ) from None
    if not found:
        return reading
    raw = reading.raw(reading.kind.column(str(reading.kind.zone_column)))
    door = replace(reading.door, zone=min(found), zones=frozenset(found), zone_field=raw)
    return replace(reading, door=door)


def _fits_plain_door(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> bool:
    """Tell by the first records whether the file seems to hold only what the plain door takes."""
    unfit = " or ".join(condition for _, condition, _ in problems(reading))
    some = f"(select * from {source_sql(reading, is_peek=True)} limit {SAMPLE})"
    return not one_row(cursor, f"select count(*) filter ({unfit}) from ({typed_sql(reading, some)})")[0]


def widened(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> Reading:
    """Return the reading through the wide door. Raises ChoiceNeeded when localised dates fit two orders."""
    order = reading.door.date_order or _date_order(cursor, reading)
    if order is None:
        raise ChoiceNeeded(
            f"{reading.file}: dates such as 7/12/21 can be read two ways. Say which with --date-order dmy or mdy",
            "--date-order",
        )
    mark = _decimal_mark(cursor, reading)
    return replace(reading, door=replace(reading.door, is_wide=True, date_order=order or None, decimal_mark=mark))


def _date_order(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> str | None:
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
    first, second = one_row(
        cursor,
        "select max(try_cast(nullif(date.first, '') as int)), max(try_cast(nullif(date.second, '') as int))"
        f" from ({found})",
    )
    if first is None:
        return ""
    if (first > 12) == (second > 12):
        return None
    return "dmy" if first > 12 else "mdy"


def _decimal_mark(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> str | None:
    """Return the decimal mark that the file's numbers prove; None when they prove none, or both."""
    numbers = [c for c in reading.kind.columns if c.type in ("duration", "count", "amount")]
    raws = [raw for column in numbers if (raw := reading.raw(column))]
    if not raws or reading.door.delimiter == ",":
        return None
    sql = f"select {convert.decimal_marks(raws, reading.door)} from {source_sql(reading)}"
    return {(True, False): ",", (False, True): "."}.get(cursor.execute(sql).fetchone() or ())
