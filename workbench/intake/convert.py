"""Text to typed values, in SQL: one expression per column type, and one that says when a value does not fit.

There are two doors. The plain one takes what the vendors' downloads hold, at the speed of the reader itself; a file
with anything else goes through the wide one, which also takes what people and other tools make of them: blanks around
values, offsets, `h:mm:ss`, thousands separators, localised dates.
"""

from dataclasses import dataclass

from workbench import zones
from workbench.exports import Column

SQL_TYPES = {
    "text": "varchar", "id": "varchar", "enum": "varchar", "link": "varchar", "zone": "varchar",
    "channels": "varchar",
    "timestamp": "timestamp", "date": "timestamp", "duration": "double", "count": "bigint", "amount": "double",
}  # fmt: skip

REASONS = {
    "timestamp": "not a date and time", "date": "not a date", "duration": "not a number of seconds or h:mm:ss",
    "count": "not a whole number", "amount": "not a number",
}  # fmt: skip

# How the vendors' filter columns name a channel where its enum text is another.
CHANNEL_CODES = {
    "VOICE": "PHONE_CALL",
    "PHONE": "PHONE_CALL",
    "FACEBOOK_MESSENGER": "FB_MESSENGER",
    "INSTAGRAM": "INSTAGRAM_DIRECT",
}

DATE_ORDERS = {
    # Years of two digits first: `%Y` would take them for the first century.
    "dmy": ("%d/%m/%y", "%d.%m.%y", "%d-%m-%y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    "mdy": ("%m/%d/%y", "%m-%d-%y", "%m/%d/%Y", "%m-%d-%Y"),
}
_OFFSET = r"(Z|UTC|[+-]\d\d(:?\d\d)?)"
_ISO = rf"\s*\d{{4}}-\d{{1,2}}-\d{{1,2}}([ T]\d{{1,2}}:\d\d(:\d\d(\.\d+)?)?\s*{_OFFSET}?)?\s*"
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")


@dataclass(frozen=True)
class Door:
    """How a file's text becomes values: the zone of its wall times, the order of day and month in localised dates.

    Where rows are of several `zones`, `zone_field` is the raw field that names each row's. `is_wide` takes more forms.
    """

    zone: str
    zones: frozenset[str] = frozenset()
    zone_field: str | None = None
    date_order: str | None = None
    is_wide: bool = False
    delimiter: str = ","  # between fields: beside semicolons a comma is a decimal one


def typed(column: Column, raw: str, door: Door) -> str:
    """Return SQL for the typed value of a raw column whose missing values are NULL; NULL when it does not fit."""
    match column.type:
        case "text" | "link":
            return raw
        case "id" | "zone":
            return f"nullif({_unprotected(raw)}, '')" if door.is_wide else raw
        case "enum":
            return f"nullif(upper(trim({raw})), '')"
        case "channels":
            return _channels(raw)
        case "timestamp":
            return _instant(column, raw, door)
        case "date":
            return wall_name(column)
        case "count":
            return _count(raw, door)
        case "duration":
            number = f"try_cast({raw} as double)"
            return f"coalesce({number}, {_commas(raw, door)}, {_clock(raw)})" if door.is_wide else number
        case "amount":
            number = f"try_cast({raw} as double)"
            return f"coalesce({number}, {_commas(raw, door)})" if door.is_wide else number


def does_not_fit(column: Column, raw: str, value: str, door: Door) -> str | None:
    """Return SQL that is true where a raw value is there and its typed value is not; None for what always fits.

    At the plain door it is also true where a cast might take a value for something else than it says, but not for
    what `is_wild`, which is looked for afterwards; the wide door judges every value by itself.
    """
    lost = f"({raw} is null) <> ({value} is null)"
    if not door.is_wide:
        # Few and cheap, since they are computed for every value of the file; NULL counts as false.
        # `yyyy-mm-dd hh:mm:ss` and nothing else: no offset, no year of two digits.
        is_odd = f"strlen({raw}) <> 19 or {raw}[5] <> '-' or {raw}[17] <> ':'"
        also = {"timestamp": is_odd, "count": f"contains({raw}, '.')", "id": _is_odd_id(raw)}
        parts = [*([lost] if column.type in REASONS else []), *([also[column.type]] if column.type in also else [])]
        return f"({' or '.join(parts)})" if parts else None
    if column.type not in REASONS:
        return None
    wild = is_wild(column, value)
    return f"({lost} or {wild})" if wild else f"({lost})"


def is_wild(column: Column, value: str) -> str | None:
    """Return SQL that is true for a value that no export holds: not a finite number, or of another century."""
    kind = SQL_TYPES[column.type]
    if kind == "timestamp":
        return f"{value} not between timestamp '{zones.FIRST_YEAR}-01-01' and timestamp '{zones.LAST_YEAR}-12-31'"
    return f"not isfinite({value})" if kind == "double" else None


def _is_odd_id(raw: str) -> str:
    return f"contains({raw}, ' ') or contains({raw}, chr(9)) or contains({raw}, '\"') or starts_with({raw}, chr(39))"


def _unprotected(raw: str) -> str:
    """An ID without blanks around it, and without the `="..."` or `'` by which people keep spreadsheets off it."""
    plain = f"trim({raw}, ' ' || chr(9) || chr(160))"
    return f"regexp_replace({plain}, '^(?:=\"(.*)\"|''(.*)|([^=''].*))$', '\\1\\2\\3')"


def _commas(raw: str, door: Door) -> str:
    """A number with commas: decimal ones beside semicolons, between thousands beside commas, unknown beside tabs."""
    match door.delimiter:
        case ";":
            digits, plain = r"-?(\d+|\d{1,3}(\.\d{3})+),\d+", f"replace(replace({raw}, '.', ''), ',', '.')"
        case ",":
            digits, plain = r"-?\d{1,3}(,\d{3})+(\.\d+)?", f"replace({raw}, ',', '')"
        case _:
            return "null"
    return f"case when regexp_full_match(trim({raw}), '{digits}') then try_cast({plain} as double) end"


def _count(raw: str, door: Door) -> str:
    if not door.is_wide:
        return f"try_cast({raw} as bigint)"
    number = f"coalesce(try_cast({raw} as double), {_commas(raw, door)})"
    return f"case when isfinite({number}) and {number} = floor({number}) then try_cast({number} as bigint) end"


def _channels(raw: str) -> str:
    """A filter's channels as their enum texts, joined by commas; `All Channels` stays as it is."""
    codes = " ".join(f"when '{name}' then '{code}'" for name, code in CHANNEL_CODES.items())
    code = "replace(replace(upper(trim(part)), ' ', '_'), '-', '_')"
    listed = f"list_transform(string_split({raw}, ','), lambda part: case {code} {codes} else {code} end)"
    return f"case when {raw} ilike 'all %' then trim({raw}) else array_to_string({listed}, ', ') end"


def _clock(raw: str) -> str:
    """`mm:ss`, `h:mm:ss` and `d:hh:mm:ss` as seconds."""
    clock = r"^\s*-?(?:(?:(\d+):)?(\d+):)?(\d+):(\d\d(?:\.\d+)?)\s*$"
    part = f"regexp_extract({raw}, '{clock}', ['d', 'h', 'm', 's'])"
    seconds = " + ".join(
        f"coalesce(try_cast(nullif({part}.{key}, '') as double), 0) * {unit}"
        for key, unit in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
    )
    sign = f"case when starts_with(trim({raw}), '-') then -1 else 1 end"
    return f"case when contains({raw}, ':') and {part}.m <> '' then {sign} * ({seconds}) end"


def wall_name(column: Column) -> str:
    """Return the name of the wall time of a timestamp column: it is used often, so it is a column of its own."""
    return f"wall_{column.name}"


def wall(raw: str, door: Door) -> str:
    """Return SQL for the wall time that a text holds, whatever its offset says; NULL when it is not a time."""
    time = f"try_cast({raw} as timestamp)"
    if door.is_wide:
        # DuckDB's cast also reads `7/12/21`, as a day of the year 7.
        time = f"case when regexp_full_match({raw}, '{_ISO}') then {time} end"
    if door.date_order is None:
        return time
    formats = ", ".join(f"'{day}{clock}'" for day in DATE_ORDERS[door.date_order] for clock in _TIMES)
    return f"coalesce({time}, try_strptime(trim({raw}), [{formats}]))"


def has_offset(raw: str, door: Door) -> str:
    """Return SQL that is true where a timestamp's text says its own offset from UTC (`Z`, `+02:00`, `-0500`, `+02`)."""
    return rf"regexp_matches({raw}, ':\d\d(\.\d+)?\s*{_OFFSET}\s*$')" if door.is_wide else "false"


def _instant(column: Column, raw: str, door: Door) -> str:
    wall_time = _to_utc(wall_name(column), door)
    # A cast to TIMESTAMP reads an offset and drops it; only TIMESTAMPTZ applies it.
    absolute = f"try_cast({raw} as timestamptz) at time zone 'UTC'"
    return f"case when {has_offset(raw, door)} then {absolute} else {wall_time} end" if door.is_wide else wall_time


def _to_utc(wall: str, door: Door) -> str:
    if len(door.zones) < 2:
        return zones.to_utc_sql(wall, door.zone)
    branches = " ".join(
        f"when trim({door.zone_field}) = '{name}' then {zones.to_utc_sql(wall, name)}" for name in sorted(door.zones)
    )
    return f"case {branches} else {zones.to_utc_sql(wall, door.zone)} end"
