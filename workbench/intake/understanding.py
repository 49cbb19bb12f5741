"""How a clean file is understood: its kind and columns, rollup, days, and by which door its text becomes values.

What the records themselves contradict shows only while they are settled; the same file is then understood anew, by
`widened` or `with_zones` (see `load`).
"""

from collections.abc import Mapping
from dataclasses import replace

import duckdb

from workbench.errors import ChoiceNeeded, FileRefused, UnknownName
from workbench.exports import Column, ExportKind
from workbench.intake import absent, convert, figures, headers, moments, ours
from workbench.intake.choices import DECIMAL_MARKS, Choices
from workbench.intake.headers import HeaderMap, OwnLog
from workbench.intake.rollups import with_rollup
from workbench.intake.source import Reading, source_sql
from workbench.intake.text import TextFile
from workbench.sql import literal, one_row
from workbench.time import zones

SAMPLE = 1_000  # records by which a file's door is chosen; the rest is checked while it is loaded


def understood(cursor: duckdb.DuckDBPyConnection, text: TextFile, choices: Choices, default_zone: str) -> Reading:
    """Return how a file with a header is to be read. Raises FileRefused and ChoiceNeeded."""
    if own := ours.log_of(text, choices):
        return _of_ours(cursor, text, own, choices, default_zone)
    found = headers.recognised(text.header, choices.kinds_of(text.header), text.file)
    door = _door(text, found.kind, choices, choices.zone or default_zone)
    reading = Reading(text, found, door, _constants(found), absent=choices.absent)
    _check_twins(cursor, reading)
    reading = _with_first_zone(cursor, reading, choices.zone)
    reading = with_rollup(cursor, reading, choices.rollup)
    named = headers.period(text.file)
    reading = replace(reading, days=named[:2] if named else None)
    return _through_a_door(cursor, reading, choices)


def tried(cursor: duckdb.DuckDBPyConnection, text: TextFile, choices: Choices, default_zone: str) -> Reading:
    """Return how a load will read a file, a small one too, which a load tries; raises what `understood` raises."""
    reading = understood(cursor, text, choices, default_zone)
    is_read_through = text.records > SAMPLE or reading.door.is_any_wide
    return reading if is_read_through or _fits_plain_door(cursor, reading) else widened(cursor, reading)


def _check_twins(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Raise FileRefused for a file that has a column twice, with other values: which one is meant cannot be told."""
    for position, column in reading.headers.twins:
        one, other = reading.raw(column), f"f{position}"
        differing = f"select {one}, {other} from {source_sql(reading)} where {one} is distinct from {other} limit 1"
        if values := cursor.execute(differing).fetchone():
            first, second = (reading.text.header[n].strip() for n in (reading.headers.known[column.name], position))
            raise FileRefused(
                f"{reading.file}: has {column.label} twice, as '{first}' and '{second}', with other values"
                f" ({values[0] or 'none'} and {values[1] or 'none'}). Take one of them out of the file"
            )


def _through_a_door(cursor: duckdb.DuckDBPyConnection, reading: Reading, choices: Choices) -> Reading:
    # The plain door reads a dot as the decimal mark, whatever is said. A small file is tried as it is loaded.
    is_plain = choices.decimal != "comma" and (reading.text.records <= SAMPLE or _fits_plain_door(cursor, reading))
    return reading if is_plain else widened(cursor, reading)


def _door(text: TextFile, kind: ExportKind, choices: Choices, zone: str) -> convert.Door:
    """Return the plain door, with what the user says of the file; what is said of numbers is said of all of them."""
    names = [column.name for column in kind.columns if column.type in convert.NUMBERS]
    marks = dict.fromkeys(names, DECIMAL_MARKS[choices.decimal]) if choices.decimal else {}
    return convert.Door(
        zone, date_order=choices.date_order, delimiter=text.delimiter, missing=kind.missing, marks=marks
    )


def _constants(found: HeaderMap) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in found.kind.constants if pair[0] not in found.known)


def _of_ours(
    cursor: duckdb.DuckDBPyConnection, text: TextFile, own: OwnLog, choices: Choices, default_zone: str
) -> Reading:
    """Return how a log of this program is read: its times are of the zone in which they were shown."""
    zone = _known_zone(own.zone, text.file) or choices.zone
    door = _door(text, own.headers.kind, choices, zone or default_zone)
    reading = Reading(text, own.headers, door, _constants(own.headers), own=own, is_zone_said=zone is not None)
    # What is shown beside values is compared with them here, so it must be known how they are read.
    reading = widened(cursor, reading) if own.headers.twins else _through_a_door(cursor, reading, choices)
    return replace(reading, warnings=absent.check_shown(cursor, reading))


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
    few = source_sql(reading)
    is_said = f"not regexp_full_match({raw}, {literal(reading.door.missing_form)})"
    row = cursor.execute(f"select trim({raw}) from {few} where {raw} is not null and {is_said} limit 1").fetchone()
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
    return not _unfit(cursor, reading, f"(select * from {source_sql(reading)} limit {SAMPLE})")


def _unfit(cursor: duckdb.DuckDBPyConnection, reading: Reading, source: str) -> frozenset[str]:
    """Return the columns with values that the plain door does not take."""
    raws = _raws(reading, *convert.SQL_TYPES)
    any_of = ", ".join(f"bool_or({convert.needs_width(column, raw, reading.door)})" for column, raw in raws.items())
    found = one_row(cursor, f"select {any_of} from {source}")
    return frozenset(column.name for column, is_unfit in zip(raws, found, strict=True) if is_unfit)


def widened(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> Reading:
    """Return the reading with a wide door for what needs one. Raises ChoiceNeeded when dates fit two orders."""
    unfit, numbers = _unfit(cursor, reading, source_sql(reading)), _raws(reading, *convert.NUMBERS)
    is_any = any(column.name in unfit for column in numbers)
    telling = {column: raw for column, raw in numbers.items() if column.type != "count" or column.name in unfit}
    marks = reading.door.marks or (_marks(cursor, reading, telling) if is_any else {})
    # One program has written all numbers of a file: what some say of the decimal mark holds for those that fit, too.
    others = {c.name for c in telling if marks.get(c.name) != "."} if is_any or marks else set()
    reading = replace(reading, door=replace(reading.door, wide=unfit | others, marks=marks))
    order = reading.door.date_order or _date_order(cursor, reading)
    return replace(reading, door=replace(reading.door, date_order=order, floating=_floating(cursor, reading)))


def _date_order(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> str | None:
    """Return the order of day and month in localised dates: the kind's own, else the one that a value over 12 proves.

    Where years of two digits can only stand first, as `26-10-01` would be of 2001 else, they do. None when there are no
    such dates. Raises ChoiceNeeded when every value fits both orders, when some contradict each other, or when one
    contradicts the kind's own.
    """
    raws = _wide(reading, *convert.MOMENTS).values()
    if not raws:
        return None
    parts = "', '".join(("first", "mark", "second", "last"))
    found = " union all ".join(
        f"select regexp_extract({raw}, '{moments.PARTS}', ['{parts}']) as date"
        f" from {source_sql(reading)} where {raw} is not null"
        for raw in raws
    )
    least, most = moments.SHORT_YEARS
    first, second, is_year_first, is_year_last, has_dash = one_row(
        cursor,
        "with numbers as (select date.first::int as first, date.second::int as second, date.last::int as last,"
        f" date.mark as mark, length(date.last) = 2 as is_short from ({found}) where date.first <> '')"
        " select max(first), max(second),"
        f" bool_and(is_short and first between {least} and {most} and second between 1 and 12 and last between 1 and"
        f" 31), bool_and(not is_short or last between {least} and {most}), bool_or(mark = '-') from numbers",
    )
    if first is None:
        return None
    proved = {order for order, day in (("dmy", first), ("mdy", second)) if day > 12}
    usual = reading.kind.date_order
    if is_year_first and not is_year_last:
        return moments.YEAR_FIRST
    if usual and proved <= {usual}:
        return usual
    is_open = is_year_first and has_dash  # `26-10-25`: two years that may be
    if usual is None and len(proved) == 1 and not is_open:
        return proved.pop()
    why = f"such as {'26-10-25' if is_open else '7/12/21'} can be read two ways"
    if usual:
        part = "month" if usual == "dmy" else "day"
        why = f"have a value over 12 in second place, where {reading.kind.title.lower()} have the {part}"
    other = "; where the year stands first, write it with four digits" if is_open else ""
    raise ChoiceNeeded(f"{reading.file}: dates {why}. Say which with --date-order dmy or mdy{other}", "--date-order")


def _raws(reading: Reading, *types: str) -> dict[Column, str]:
    """Return the raw fields of the file's columns of some types."""
    return {column: raw for column in reading.kind.columns if column.type in types and (raw := reading.raw(column))}


def _wide(reading: Reading, *types: str) -> dict[Column, str]:
    """Return the raw fields of the columns of some types that go through the wide door."""
    return {column: raw for column, raw in _raws(reading, *types).items() if reading.door.is_wide(column)}


def _marks(cursor: duckdb.DuckDBPyConnection, reading: Reading, raws: Mapping[Column, str]) -> dict[str, str]:
    """Return the decimal marks that the file's numbers prove, by column.

    A column that proves none has that of the others, where these agree: one program has written them all. Where the
    file proves none, durations beside commas have the vendors' dot, unless one of them can be read two ways.
    """
    forms = [(figures.proves(raw, ","), figures.proves(raw, "."), _has_doubt(raw)) for raw in raws.values()]
    any_of = ", ".join(f"coalesce(bool_or({form}), false)" for three in forms for form in three)
    found = one_row(cursor, f"select {any_of} from {source_sql(reading)}")
    by_column = dict(zip(raws, zip(found[::3], found[1::3], found[2::3], strict=True), strict=True))
    proved = {c.name: "," if comma else "." for c, (comma, dot, _) in by_column.items() if comma != dot}
    undecided = [column for column, (comma, dot, _) in by_column.items() if comma == dot]
    is_mixed = any(by_column[column][0] for column in undecided)
    if len(set(proved.values())) == 1 and not is_mixed:
        return dict.fromkeys((column.name for column in raws), *set(proved.values()))
    if proved or is_mixed or reading.door.delimiter != ",":
        return proved
    return dict.fromkeys((c.name for c in undecided if c.type == "duration" and not any(by_column[c])), ".")


def _has_doubt(raw: str) -> str:
    return f"contains({raw}, ',') and {figures.is_doubtful(raw, figures.DOUBTFUL_COMMA)}"


def _floating(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> frozenset[str]:
    """Return the columns of IDs all of digits in which another program has written some as decimals."""
    raws = _wide(reading, "id")
    if not raws:
        return frozenset()
    all_of = ", ".join(
        f"coalesce(bool_and({convert.is_of_digits(raw)}) and bool_or(ends_with(trim({raw}), '.0')), false)"
        for raw in raws.values()
    )
    found = one_row(cursor, f"select {all_of} from {source_sql(reading)}")
    return frozenset(column.name for column, is_so in zip(raws, found, strict=True) if is_so)
