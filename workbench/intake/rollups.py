"""Which length of time each row of a vendor's own figures covers: by the file's name, by what is said, by its dates."""

from dataclasses import replace

import duckdb

from workbench.errors import ChoiceNeeded
from workbench.intake import convert, headers
from workbench.intake.source import Reading, walls_sql

# The rollup that a vendor's file name or the spacing of its dates (in hours, from and to) says.
ROLLUP_WORDS = {
    "halfhourly": "half_hour", "halfhour": "half_hour", "hourly": "hour", "daily": "day", "weekly": "week",
    "monthly": "month", "quarterly": "quarter",
}  # fmt: skip
ROLLUP_HOURS = {
    "half_hour": (0.5, 0.5), "hour": (1, 1), "day": (23, 25), "week": (167, 169), "month": (671, 745),
    "quarter": (2159, 2209),
}  # fmt: skip
UNFILTERED = {"channel_filter": "All Channels", "inboxes_filter": "All Inboxes"}  # of a file that does not say


def with_rollup(cursor: duckdb.DuckDBPyConnection, reading: Reading, said: str | None) -> Reading:
    """Return the reading of a file of rolled-up figures with its rollup; of any other as it is.

    It is that of the file's name, else the one that is said, else that of the spacing of its dates. Raises
    ChoiceNeeded when none of them tells.
    """
    if "rollup" not in reading.kind.key:
        return reading
    named = _named(reading.file)
    rollup = named or said or _spacing(cursor, reading)
    if rollup is None:
        raise _choice_needed(reading)
    filters = {name: value for name, value in UNFILTERED.items() if name not in reading.headers.known}
    warnings = []
    if named and said not in (None, named):
        warnings.append(f"The file's name says its rollup ({named}); the one given ({said}) was not used")
    if filters:
        absent = ", ".join(reading.kind.column(name).headers[0] for name in filters)
        warnings.append(f"The file has no {absent}; its figures are read as those of everything")
    constants = (("rollup", rollup), *filters.items())
    return replace(reading, constants=constants, warnings=(*reading.warnings, *warnings))


def _named(file: str) -> str | None:
    period = headers.period(file)
    return ROLLUP_WORDS.get((period[2] or "").lower()) if period else None


def _choice_needed(reading: Reading) -> ChoiceNeeded:
    example = f"{reading.kind.file_names[0]}-20240101-20240131-Daily.csv"
    return ChoiceNeeded(
        f"{reading.file}: neither its name nor its dates tell its rollup. Say it with --rollup"
        f" ({', '.join(ROLLUP_HOURS)}), or name the file like {example}",
        "--rollup",
        ROLLUP_HOURS,
    )


def _spacing(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> str | None:
    anchor = str(reading.kind.anchor)
    wide = replace(reading, door=replace(reading.door, wide=frozenset({anchor})))
    start = convert.wall_name(reading.kind.column(anchor))
    sql = (
        f"with dates as (select distinct {start} as start from {walls_sql(wide)})"
        " select min(epoch(start - earlier)) / 3600"
        " from (select start, lag(start) over (order by start) as earlier from dates)"
    )
    hours = (cursor.execute(sql).fetchone() or (None,))[0]
    fitting = [name for name, (least, most) in ROLLUP_HOURS.items() if hours is not None and least <= hours <= most]
    return fitting[0] if fitting else None
