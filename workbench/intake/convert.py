"""Text to typed values, in SQL: one expression per column type, and one that says when a value does not fit.

There are two doors. The plain one takes what the vendors' downloads hold, at the speed of the reader itself; a file
with anything else goes through the wide one, which also takes what people and other tools make of them: blanks around
values, offsets, `h:mm:ss`, thousands separators, localised dates.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from workbench.exports import Column
from workbench.time import zones

SQL_TYPES = {
    "text": "varchar", "id": "varchar", "enum": "varchar", "link": "varchar", "zone": "varchar",
    "channels": "varchar",
    "timestamp": "timestamp", "date": "timestamp", "duration": "double", "count": "bigint", "amount": "double",
}  # fmt: skip

REASONS = {
    "timestamp": "not a date and time", "date": "not a date", "duration": "not a number of seconds or h:mm:ss",
    "count": "not a whole number", "amount": "not a number",
}  # fmt: skip
MOST = 1 << 53  # from here on, not every whole number has a floating one of its own
SHORTENED = "an ID that a spreadsheet has shortened"

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
_ISO = rf"\s*\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}([ T]\d{{1,2}}:\d\d(:\d\d(\.\d+)?)?\s*{_OFFSET}?)?\s*"
_CLOCK = r"\s*-?(\d+:){1,3}\d\d(\.\d+)?\s*"
_WHOLE = r"\s*[+-]?\d+(\.0*)?\s*"
# Numbers with a comma or a dot in them: the decimal mark, or between thousands. Three digits after one can be both.
_COMMA_IS_DECIMAL = r"\s*[+-]?(\d+,(\d{1,2}|\d{4,})|(0|\d{4,}),\d+|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,})\s*"
_DOT_IS_DECIMAL = r"\s*[+-]?(\d+\.(\d{1,2}|\d{4,})|(0|\d{4,})\.\d+|\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,})\s*"
_EITHER = r"\s*[+-]?[1-9]\d{0,2}[.,]\d{3}\s*"
_ANY_COMMA = r"\s*[+-]?\d+,\d+\s*"
_COMMA_NUMBER = r"\s*[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?\s*"
_GROUPED = r"\s*[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*"
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
    delimiter: str = ","  # between fields: beside commas the decimal mark is a dot
    decimal_mark: str | None = None  # what the file's numbers prove it to be, beside another delimiter


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
            return f"coalesce({_number(raw, door)}, {_clock(raw)})" if door.is_wide else f"try_cast({raw} as double)"
        case "amount":
            return _number(raw, door) if door.is_wide else f"try_cast({raw} as double)"


def does_not_fit(column: Column, raw: str, value: str, door: Door) -> str | None:
    """Return SQL that is true where a raw value is there and its typed value is not; None for what always fits.

    At the plain door it is also true where a cast might take a value for something else than it says, but not for
    what `is_wild`, which is looked for afterwards; the wide door judges every value by itself.
    """
    lost = f"({raw} is null) <> ({value} is null)"
    if not door.is_wide:
        # Few and cheap, since they are computed for every value of the file; NULL counts as false.
        # `yyyy-mm-dd hh:mm:ss` and nothing else: no offset, no year of two digits.
        is_odd = f"{wall_name(column)}::varchar is distinct from {raw}"
        also = {"timestamp": is_odd, "count": f"contains({raw}, '.') or contains({raw}, '-')", "id": _is_odd_id(raw)}
        if door.delimiter != ",":  # a dot before three digits may stand between thousands
            also |= dict.fromkeys(("duration", "amount"), f"{raw}[-4] = '.'")
        parts = [*([lost] if column.type in REASONS else []), *([also[column.type]] if column.type in also else [])]
        return f"({' or '.join(parts)})" if parts else None
    if column.type not in REASONS:
        return None
    wild = is_wild(column, value)
    return f"({lost} or {wild})" if wild else f"({lost})"


def reason(column: Column, door: Door) -> str:
    """Return why a value does not fit."""
    is_number = SQL_TYPES[column.type] in ("double", "bigint")
    is_doubtful = is_number and door.is_wide and door.delimiter != "," and door.decimal_mark is None
    return REASONS.get(column.type, "") + (", or one that can be read two ways" if is_doubtful else "")


def is_wild(column: Column, value: str) -> str | None:
    """Return SQL that is true for a value that no export holds: of more digits than are kept, or of another century."""
    kind = SQL_TYPES[column.type]
    if kind == "timestamp":
        return f"{value} not between timestamp '{zones.FIRST_YEAR}-01-01' and timestamp '{zones.LAST_YEAR}-12-31'"
    return f"abs({value}) >= {MOST}" if kind == "double" else None  # infinity is, and so is what is not a number


def _is_odd_id(raw: str) -> str:
    return (
        f"contains({raw}, ' ') or contains({raw}, chr(9)) or contains({raw}, '\"') or starts_with({raw}, chr(39))"
        f" or contains({raw}, chr(160)) or contains({raw}, 'E+') or contains({raw}, 'e+')"
    )


def _unprotected(raw: str) -> str:
    """An ID without blanks around it, and without the `="..."` or `'` by which people keep spreadsheets off it."""
    plain = f"trim({raw}, ' ' || chr(9) || chr(160))"
    return f"regexp_replace({plain}, '^(?:=\"(.*)\"|''(.*)|([^=''].*))$', '\\1\\2\\3')"


def is_shortened(value: str) -> str:
    """Return SQL that is true for an ID of which a spreadsheet has kept the first digits only (`1.23E+15`)."""
    return rf"regexp_full_match({value}, '\d([.,]\d+)?[Ee]\+\d\d+')"


def decimal_marks(raws: Sequence[str], door: Door) -> str:
    """Return SQL for two values: whether any of a file's numbers proves that its decimal mark is a comma, and a dot."""

    def is_any(form: str) -> str:
        matches = " or ".join(f"regexp_full_match({raw}, '{form}')" for raw in raws)
        return f"coalesce(bool_or({matches}), false)"

    comma, dot = is_any(_COMMA_IS_DECIMAL), is_any(_DOT_IS_DECIMAL)
    if door.delimiter == ";":  # who separates fields by semicolons does it because the comma is taken
        comma = f"{comma} or ({is_any(_ANY_COMMA)} and not {dot})"
    return f"{comma}, {dot}"


def _decimal_text(raw: str, door: Door) -> str:
    """A number's text with a dot as its decimal mark and nothing between thousands; NULL where it can be two."""
    dotted, grouped = f"replace(replace({raw}, '.', ''), ',', '.')", f"replace({raw}, ',', '')"
    with_dot = f"when regexp_full_match({raw}, '{_GROUPED}') then {grouped}"
    match "." if door.delimiter == "," else door.decimal_mark:
        case ".":
            return f"case {with_dot} else {raw} end"
        case ",":
            with_comma = f"when regexp_full_match({raw}, '{_COMMA_NUMBER}') then {dotted}"
            return f"case {with_comma} when not contains({raw}, '.') then {raw} end"
        case _:
            with_comma = f"when regexp_full_match({raw}, '{_COMMA_IS_DECIMAL}') then {dotted}"
            return f"case {with_comma} when regexp_full_match({raw}, '{_EITHER}') then null {with_dot} else {raw} end"


def _number(raw: str, door: Door) -> str:
    return f"try_cast({_decimal_text(raw, door)} as double)"


def _count(raw: str, door: Door) -> str:
    plain = f"try_cast({raw} as bigint)"
    if not door.is_wide:
        return plain
    number = _decimal_text(raw, door)
    whole = f"case when regexp_full_match({number}, '{_WHOLE}') then split_part({number}, '.', 1) end"
    # A cast rounds: 1.5 and 15e-1 would both be 2.
    return (
        f"coalesce(case when not contains({raw}, '.') and not contains({raw}, '-') then {plain} end,"
        f" try_cast({whole} as bigint))"
    )


def _channels(raw: str) -> str:
    """A filter's channels as their enum texts, joined by commas; `All Channels` stays as it is."""
    codes = " ".join(f"when '{name}' then '{code}'" for name, code in CHANNEL_CODES.items())
    code = "replace(replace(upper(trim(part)), ' ', '_'), '-', '_')"
    listed = f"list_transform(string_split({raw}, ','), lambda part: case {code} {codes} else {code} end)"
    return f"case when {raw} ilike 'all %' then trim({raw}) else array_to_string({listed}, ', ') end"


def _clock(raw: str) -> str:
    """`mm:ss`, `h:mm:ss` and `d:hh:mm:ss` as seconds."""
    parts = f"try_cast(list_reverse(string_split(ltrim({raw}, '- '), ':')) as double[])"
    seconds = f"list_inner_product(list_resize({parts}, 4, 0), [1, 60, 3600, 86400]::double[])"
    sign = f"if(starts_with(ltrim({raw}), '-'), -1, 1)"
    return f"case when regexp_full_match({raw}, '{_CLOCK}') then {sign} * {seconds} end"


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
    wall_time = by_zone(partial(zones.to_utc_sql, wall_name(column)), door)
    # A cast to TIMESTAMP reads an offset and drops it; only TIMESTAMPTZ applies it.
    absolute = f"try_cast({raw} as timestamptz) at time zone 'UTC'"
    return f"case when {has_offset(raw, door)} then {absolute} else {wall_time} end" if door.is_wide else wall_time


def by_zone(sql: Callable[[str], str], door: Door) -> str:
    """Return SQL for what `sql` makes of a zone, for the zone of each row."""
    if len(door.zones) < 2:
        return sql(door.zone)
    branches = " ".join(f"when trim({door.zone_field}) = '{name}' then {sql(name)}" for name in sorted(door.zones))
    return f"case {branches} else {sql(door.zone)} end"
