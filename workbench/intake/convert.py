"""Text to typed values, in SQL: one expression per column type, and one that says when a value does not fit.

There are two doors. The plain one takes what the vendors' downloads hold, at the speed of the reader itself: a cast
and few cheap checks. Where anything does not fit there, the columns that hold it go through the wide one, which also
takes what people and other tools make of them: blanks around values, offsets, `h:mm:ss`, thousands separators,
localised dates.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from workbench.exports import Column
from workbench.intake import figures, moments
from workbench.sql import literal
from workbench.time import zones
from workbench.time.zones import Years

SQL_TYPES = {
    "text": "varchar", "id": "varchar", "enum": "varchar", "link": "varchar", "zone": "varchar",
    "channels": "varchar",
    "timestamp": "timestamp", "date": "timestamp", "duration": "double", "count": "bigint", "amount": "double",
}  # fmt: skip

REASONS = {
    "timestamp": "not a date and time", "date": "not a date", "duration": "not a number of seconds or h:mm:ss",
    "count": "not a whole number", "amount": "not a number",
}  # fmt: skip
NUMBERS = ("duration", "count", "amount")
TEXTS = ("text", "id", "enum", "zone")  # stored without blanks at their ends
MOMENTS = ("timestamp", "date")
MOST = 1 << 53  # from here on, not every whole number has a floating one of its own
SHORTENED = "an ID of more digits than a spreadsheet keeps of a number"
DOUBTFUL = "can be read two ways"
TOO_LONG = "more digits than are kept"
IS_ERROR = "an error of a spreadsheet, not a value"
_ERROR = r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)"

# How the vendors' filter columns name a channel where its enum text is another.
CHANNEL_CODES = {
    "VOICE": "PHONE_CALL",
    "PHONE": "PHONE_CALL",
    "FACEBOOK_MESSENGER": "FB_MESSENGER",
    "INSTAGRAM": "INSTAGRAM_DIRECT",
}


@dataclass(frozen=True)
class Door:
    """How a file's text becomes values: the zone of its wall times, the order of day and month in localised dates.

    Where rows are of several `zones`, `zone_field` is the raw field that names each row's. `wide` are the columns that
    go through the wide door, once a look at all values has told that the others need not; None before that.
    `missing` are texts that mean no value. `marks` has the decimal mark of each column of which it is known, and
    `floating` are the columns of IDs all of digits that another program has written as decimals.
    """

    zone: str
    zones: frozenset[str] = frozenset()
    zone_field: str | None = None
    date_order: str | None = None
    wide: frozenset[str] | None = None
    delimiter: str = ","  # between fields: beside commas the vendors' decimal mark is a dot
    missing: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    floating: frozenset[str] = frozenset()

    @property
    def is_judged(self) -> bool:
        """Whether all values have been looked at: at the plain door nothing is known of them."""
        return self.wide is not None

    @property
    def is_any_wide(self) -> bool:
        """Whether some columns go through the wide door."""
        return bool(self.wide)

    def is_wide(self, column: Column) -> bool:
        """Tell whether a column's values may have other forms than the vendors'."""
        return self.wide is not None and column.name in self.wide

    def years(self, column: Column) -> Years:
        """Return the years of which a column's moments may be."""
        return zones.ALL_YEARS if self.is_wide(column) else zones.USUAL_YEARS

    @property
    def missing_form(self) -> str:
        """The regular expression of a text that means no value, in any case and with blanks around it."""
        return rf"(?i)\s*({'|'.join(self.missing)})?\s*"


def typed(column: Column, raw: str, door: Door) -> str:
    """Return SQL for the typed value of a raw column whose missing values are NULL.

    Where it does not fit it is NULL at the wide door, and an error of the database at the plain one.
    """
    match column.type:
        case "link":
            return raw
        case "text" | "zone" | "id" | "enum":
            return _text(column, raw, door)
        case "channels":
            return _channels(raw)
        case "timestamp":
            return _instant(column, door)
        case "date":
            return wall_name(column)
        case "count":
            return _count(column, raw, door) if door.is_wide(column) else f"cast({raw} as bigint)"
        case "duration" | "amount":
            return _number(column, raw, door) if door.is_wide(column) else f"cast({raw} as double)"


def misfits(column: Column, raw: str, value: str, door: Door) -> list[tuple[str, str]]:
    """Return when a raw value that is there does not fit, as SQL, with the reason; nothing for what always fits.

    At the plain door it is true where a cast might take a value for something else than it says, but not for what
    `is_wild`, which is looked for afterwards; the wide door judges every value by itself.
    """
    lost = f"({raw} is null) <> ({value} is null)"
    if not door.is_judged:
        # An infinite time has no value in UTC.
        parts = [*([lost] if column.type == "timestamp" else []), *_odd(column, raw, value, wall_name(column), door)]
        return [(f"({' or '.join(parts)})", REASONS.get(column.type, ""))] if parts else []
    if not door.is_wide(column):
        return []
    if column.type in NUMBERS:
        return _number_misfits(column, raw, value, door, lost)
    if column.type in TEXTS:
        return [(f"regexp_full_match({value}, '{_ERROR}')", IS_ERROR)]
    if column.type not in REASONS:
        return []
    wild = is_wild(column, value, door)
    return [(f"({lost} or {wild})" if wild else f"({lost})", REASONS[column.type])]


def needs_width(column: Column, raw: str, door: Door) -> str:
    """Return SQL that is true for a raw value that the plain door does not take, found by whatever way it has."""
    value = f"try_cast({raw} as {SQL_TYPES[column.type]})"
    lost = f"({raw} is null) <> ({value} is null)"
    wild = is_wild(column, value, door)
    return " or ".join([lost, *_odd(column, raw, value, value, door), *([wild] if wild else [])])


def _odd(column: Column, raw: str, value: str, wall: str, door: Door) -> list[str]:
    """What a cast takes and the plain door does not. Few and cheap: computed for every value; NULL counts as false."""
    # A cast takes 1_000 for a thousand, and 1e-400 for nothing.
    zero = f"case when {value} = 0 and {raw} <> '0' then regexp_matches({raw}, '[1-9]') else false end"
    number = [f"contains({raw}, '_')", zero]
    thousands = [f"{raw}[-4] = '.'"]  # a dot before three digits may stand between thousands
    match column.type:
        case "timestamp":  # `yyyy-mm-dd hh:mm:ss` and nothing else: no offset, no year of two digits
            return [f"{wall}::varchar is distinct from {raw}"]
        case "link" | "channels":
            return [_is_word(raw, door)]
        case "id":  # a plus is of a number that a spreadsheet has shortened; blanks and quotes sort before brackets
            written = f"contains({raw}, '+') or ends_with({raw}, '.0')"
            spoiled = f"case when {raw} < ':' then {written} else starts_with({raw}, '=') end"
            return [f"{raw} < '('", f"{raw}[-1] < '!'", spoiled, _is_word(raw, door)]
        case "count":
            return [f"{value}::varchar <> {raw}"]
        case "duration":
            return number + (thousands if door.delimiter != "," else [])
        case "amount":
            return [*number, *thousands, f"strlen({raw}) > 16"]
    return []


def _is_word(text: str, door: Door) -> str:
    """Return SQL that is true for a text that means no value, written otherwise than the vendors do."""
    if not door.missing:
        return "false"
    words, longest = ", ".join(literal(word.lower()) for word in door.missing), max(map(len, door.missing))
    return f"case when strlen({text}) <= {longest} then lower({text}) in ({words}) else false end"


def _number_misfits(column: Column, raw: str, value: str, door: Door, lost: str) -> list[tuple[str, str]]:
    doubtful = _is_doubtful(column, raw, door)
    found = [(f"({lost} and not {doubtful})" if doubtful else f"({lost})", REASONS[column.type])]
    if doubtful:
        found.append((f"({lost} and {doubtful})", DOUBTFUL))
    if column.type == "amount":
        rounded = figures.is_rounded(raw, value, _mark(column, door))
        found.append((f"({is_wild(column, value, door)} or {value} is not null and {rounded})", TOO_LONG))
    if column.type == "duration":
        found.append((f"({is_wild(column, value, door)})", TOO_LONG))
    return found


def is_wild(column: Column, value: str, door: Door) -> str | None:
    """Return SQL that is true for a value that no export holds: of more digits than are kept, or of another century.

    At the plain door it is true of texts too that are not what they say: what is stored holds each but a few times.
    """
    kind = SQL_TYPES[column.type]
    if kind == "timestamp":
        first, last = door.years(column)
        return f"{value} not between timestamp '{first}-01-01' and timestamp '{last}-12-31'"
    if kind == "double":
        return f"abs({value}) >= {MOST}"  # infinity is, and so is what is not a number
    if column.type not in ("text", "enum", "zone") or door.is_wide(column):
        return None
    # A text before `$` begins with a blank, or with the sign of a spreadsheet's error.
    return f"({value} < '$' or {value}[-1] < '!' or {_is_word(value, door)})"


def _ends_in_blanks(raw: str) -> list[str]:
    return [f"{raw} < '!'", f"{raw}[-1] < '!'"]  # blanks sort before all that can be seen


def _text(column: Column, raw: str, door: Door) -> str:
    if not door.is_wide(column):
        return _code(raw, column) if column.type == "enum" else raw
    trimmed = rf"regexp_replace({raw}, '^\s+|\s+$', '', 'g')"
    kept = f"case when not regexp_full_match({trimmed}, {literal(door.missing_form)}) then {trimmed} end"
    text = f"case when {' or '.join(_ends_in_blanks(raw))} then {kept} else {raw} end"
    if column.type == "enum":
        return _code(text, column)
    return _id(text, column.name in door.floating) if column.type == "id" else text


def _code(text: str, column: Column) -> str:
    """An enum's text as it is stored: its own code for what files say by a code or by its label."""
    if not column.codes:
        return f"upper({text})"
    form = rf"regexp_replace(upper({text}), '\b[ -]+\b', '_', 'g')"
    spelled = ((code, "_".join(label.upper().replace("-", " ").split())) for code, label in column.codes)
    cases = " ".join(f"when {literal(label)} then {literal(code)}" for code, label in spelled if label != code)
    return f"case {form} {cases} else {form} end"


def _id(text: str, is_floating: bool) -> str:
    """An ID without the `="..."` or `'` by which people keep spreadsheets off it, and without a `.0` of its column."""
    plain = f"nullif(trim(regexp_replace({text}, '^(?:=\"(.*)\"|''(.*)|([^=''].*))$', '\\1\\2\\3')), '')"
    if not is_floating:
        return plain
    is_exact = rf"regexp_full_match({plain}, '\d+\.0') and try_cast({plain} as double) < {MOST}"
    return f"case when {is_exact} then split_part({plain}, '.', 1) else {plain} end"


def is_floating(raw: str) -> str:
    """Return SQL that is true for an ID all of digits that was written as a decimal (`210000000.0`)."""
    return rf"regexp_full_match({raw}, '\s*\d+\.0\s*')"


def is_of_digits(raw: str) -> str:
    """Return SQL that is true for an ID all of digits, written as a decimal or not."""
    return rf"regexp_full_match({raw}, '\s*\d+(\.0)?\s*')"


def is_shortened(value: str) -> str:
    """Return SQL that is true for an ID of which a spreadsheet has kept the first digits only (`1.23E+15`)."""
    return rf"regexp_full_match({value}, '\d([.,]\d+)?[Ee]\+\d\d+|\d{{16,}}\.0')"


def _mark(column: Column, door: Door) -> str | None:
    """The decimal mark of a column. One of whole numbers has none: what stands beside commas there is of thousands."""
    is_whole = column.type == "count" and door.delimiter == ","
    return door.marks.get(column.name, "." if is_whole else None)


def _is_doubtful(column: Column, raw: str, door: Door) -> str | None:
    if column.name in door.marks:
        return None
    return figures.is_doubtful(raw, figures.DOUBTFUL_DOT) if _mark(column, door) else figures.is_doubtful(raw)


def _number(column: Column, raw: str, door: Door) -> str:
    number = figures.number(raw, _mark(column, door))
    return number if column.type == "amount" else f"coalesce({number}, {figures.clock(raw)}, {figures.words(raw)})"


def _count(column: Column, raw: str, door: Door) -> str:
    whole, doubtful = figures.whole(raw, _mark(column, door)), _is_doubtful(column, raw, door)
    return f"case when not {doubtful} then {whole} end" if doubtful else whole


def _channels(raw: str) -> str:
    """A filter's channels as their enum texts, joined by commas; `All Channels` stays as it is."""
    codes = " ".join(f"when '{name}' then '{code}'" for name, code in CHANNEL_CODES.items())
    code = "replace(replace(upper(trim(part)), ' ', '_'), '-', '_')"
    listed = f"list_transform(string_split({raw}, ','), lambda part: case {code} {codes} else {code} end)"
    unfiltered = f"when {raw} = 'All Channels' then {raw}"  # what nearly every row says, and the fastest to tell
    return f"case {unfiltered} when {raw} ilike 'all %' then trim({raw}) else array_to_string({listed}, ', ') end"


def wall_name(column: Column) -> str:
    """Return the name of the wall time of a timestamp column: it is used often, so it is a column of its own."""
    return f"wall_{column.name}"


def walls_sql(columns: Mapping[str, Column], source: str, door: Door) -> str:
    """Return SQL that adds to a source of raw fields the wall times of some of them, at the wide door their offsets."""
    wide = {raw: column for raw, column in columns.items() if door.is_wide(column)}
    plain = [f"cast({raw} as timestamp) as {wall_name(column)}" for raw, column in columns.items() if raw not in wide]
    said = [f"{moments.as_said(raw)} as said_{column.name}" for raw, column in wide.items()]
    read = [
        f"{moments.wall(raw, f'said_{column.name}', door.date_order)} as {wall_name(column)},"
        f" {moments.offset(f'said_{column.name}')} as offset_{column.name}"
        for raw, column in wide.items()
    ]
    return f"(select {', '.join(['*', *plain, *read])} from (select {', '.join(['*', *said])} from {source}))"


def has_offset(column: Column, door: Door) -> str:
    """Return SQL that is true where a timestamp's text says its own offset from UTC (`Z`, `+02:00`, `-0500`, `+02`)."""
    return f"(offset_{column.name} is not null)" if door.is_wide(column) else "false"


def _instant(column: Column, door: Door) -> str:
    wall_time = by_zone(partial(zones.to_utc_sql, wall_name(column), years=door.years(column)), door)
    if not door.is_wide(column):
        return wall_time
    absolute = moments.instant(wall_name(column), f"offset_{column.name}")
    return f"case when {has_offset(column, door)} then {absolute} else {wall_time} end"


def by_zone(sql: Callable[[str], str], door: Door) -> str:
    """Return SQL for what `sql` makes of a zone, for the zone of each row."""
    if len(door.zones) < 2:
        return sql(door.zone)
    branches = " ".join(f"when trim({door.zone_field}) = '{name}' then {sql(name)}" for name in sorted(door.zones))
    return f"case {branches} else {sql(door.zone)} end"
