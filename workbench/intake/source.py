"""One clean file as SQL: its records as text, their typed values, and every way in which a record can be unfit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import product

from workbench.exports import Column, ExportKind
from workbench.intake import convert, signature
from workbench.intake.forgotten import NOBODY, REASON, Forgotten, ids_of
from workbench.intake.headers import HeaderMap, OwnLog
from workbench.intake.schema import has_local, row_id_sql, table_columns
from workbench.intake.seen import as_seen, unmarked
from workbench.intake.text import RECORD_LIMIT, TextFile
from workbench.sql import literal
from workbench.time import zones
from workbench.time.zones import Years

STAGED = "incoming"
# Bytes that are read at a time. By itself it would be sixteen of the longest records, read whole for the first of them
# too, and that much nobody could tell how far a load is.
BUFFER = 2 * RECORD_LIMIT
_PREFIXED = f"^'({signature.RUN})"  # what our own CSV puts an apostrophe before


@dataclass(frozen=True)
class Reading:
    """How one file is read: its clean text, what its columns are, and how its times become UTC."""

    text: TextFile
    headers: HeaderMap
    door: convert.Door
    constants: tuple[tuple[str, str], ...] = ()  # columns that no file has, with their value for this load
    warnings: tuple[str, ...] = ()
    days: tuple[date, date] | None = None  # the days that the file name gives
    is_staged: bool = False  # settle the rows in a temporary table before they enter their own
    absent: str | None = None  # what the user says of stored values in columns that the file lacks
    own: OwnLog | None = None  # of a log that this program wrote itself
    is_zone_said: bool = True
    forgotten: Forgotten = NOBODY

    @property
    def file(self) -> str:
        """How people call the file."""
        return self.text.file

    @property
    def kind(self) -> ExportKind:
        """The kind of export that the file is."""
        return self.headers.kind

    @property
    def table(self) -> str:
        """The table that the records are put into first."""
        return STAGED if self.is_staged else self.kind.table

    def raw(self, column: Column) -> str | None:
        """Return the name of the raw field that holds a column, None when the file has none."""
        position = self.headers.known.get(column.name)
        return None if position is None else f"f{position}"


def source_sql(reading: Reading) -> str:
    """Return SQL for the file's records as text, missing values as NULL, without those that are none."""
    is_none = f"{is_blank(reading)} or {repeats_header(reading)}"
    read = f"{records_sql(reading, words_for_nothing(reading))} where not ({is_none})"
    extras = [] if reading.door.is_any_wide else [f"f{n}" for n in reading.headers.extras.values()]
    listed = ", ".join(map(literal, sorted(_in_any_case(reading.kind.missing))))
    source = _replaced(read, {raw: f"case when {raw} not in ({listed}) then {raw} end" for raw in extras})
    fields = [f"f{n}" for n in range(len(reading.text.header))]
    if reading.text.has_unseen:
        source = _replaced(source, {raw: as_seen(raw, reading.door.missing_form) for raw in fields})
    return _replaced(source, _of_ours(reading, fields)) if reading.own else source


def words_for_nothing(reading: Reading) -> set[str]:
    """Return the texts that the reader takes for missing values."""
    # Each word costs time for every field of a file: the plain door looks for few, where it has no check of its own.
    missing = reading.kind.missing
    return _in_any_case(missing) if reading.door.is_any_wide else set(missing)


def _in_any_case(missing: Iterable[str]) -> set[str]:
    """Return words that mean no value as they can be written."""
    return {"".join(letters) for word in missing for letters in product(*({a.lower(), a.upper()} for a in word))}


def _of_ours(reading: Reading, fields: Iterable[str]) -> dict[str, str]:
    """Return SQL for the fields of a log of ours that programs and we write otherwise than their values."""
    lasting = (raw for c in reading.kind.columns if c.type == "duration" and (raw := reading.raw(c)))
    # `1,350.` is what a spreadsheet makes of a duration's seconds in its CSV, `1.350,` where the comma marks decimals.
    own = {
        raw: f"case when {raw} like '%.' then replace(left({raw}, -1), ',', '')"
        f" when {raw} like '%,' then replace(left({raw}, -1), '.', '') else {raw} end"
        for raw in lasting
    }
    if reading.text.encoding == "utf-8-sig":  # which our CSV for spreadsheets is, the exact one is not
        own |= {raw: f"regexp_replace({own.get(raw, raw)}, {literal(_PREFIXED)}, '\\1')" for raw in fields}
    return own


def _replaced(source: str, values: Mapping[str, str]) -> str:
    """Return SQL for a source with other values in some of its fields."""
    replaced = ", ".join(f"{sql} as {raw}" for raw, sql in values.items())
    return f"(select *{f' replace ({replaced})' if values else ''} from {source})"


def records_sql(reading: Reading, missing: Iterable[str] = ()) -> str:
    """Return SQL for every record of the file as text, some texts as NULL, with an explicit dialect (guarantee 2)."""
    count = len(reading.text.header) + reading.text.has_rows
    columns = ", ".join(f"'f{n}': 'varchar'" for n in range(count))
    nothing = ", ".join(map(literal, sorted({"", *missing})))
    return (
        f"read_csv({literal(reading.text.path)}, auto_detect = false, header = true,"
        f" delim = {literal(reading.text.delimiter)}, quote = '\"', escape = '\"', strict_mode = true, columns ="
        f" {{{columns}}}, nullstr = [{nothing}], max_line_size = {RECORD_LIMIT},"
        f" buffer_size = {BUFFER})"
    )


def repeats_header(reading: Reading) -> str:
    """Return SQL that is true of a record that says the file's header again: files were joined with their headers."""
    headers = [(f"f{n}", header.strip()) for n, header in enumerate(reading.text.header) if header.strip()]
    first, *others = [f"lower(trim({unmarked(raw)})) = {literal(header.lower())}" for raw, header in headers]
    # A case, as the database would look at all columns of every record for the sake of an "and". A header in another
    # case would do as a record only where nothing has to be a date; equal texts are told faster.
    raw, header = headers[0]
    may_be = f"contains({raw}, {literal(header)})" if reading.kind.anchor else f"strlen({raw}) >= {len(header)}"
    return f"case when {may_be} and {first} then coalesce({' and '.join(others) or 'true'}, false) else false end"


def is_blank(reading: Reading) -> str:
    """Return SQL that is true of a record without any value, as spreadsheets leave below their rows."""
    blanks = [f"coalesce(trim(f{n}), '') = ''" for n in range(len(reading.text.header))]
    return f"case when coalesce(f0, '') < '!' then {' and '.join(blanks)} else false end"  # blanks sort before all else


def walls_sql(reading: Reading) -> str:
    """Return SQL for the file's records as text, and the wall times in them."""
    columns = [column for column in reading.kind.columns if column.type in convert.MOMENTS]
    raws = {raw: column for column in columns if (raw := reading.raw(column))}
    return convert.walls_sql(raws, source_sql(reading), reading.door)


def typed_sql(reading: Reading, columns: Iterable[Column] | None = None) -> str:
    """Return SQL for the typed values, of some columns or of all, beside the raw fields of every record."""
    constants = dict(reading.constants)
    values = []
    for column in reading.kind.columns if columns is None else columns:
        raw = reading.raw(column)
        value = (
            convert.typed(column, raw, reading.door)
            if raw
            else literal(constants[column.name])
            if column.name in constants
            else "null"
        )
        values.append(f"cast({value} as {convert.SQL_TYPES[column.type]}) as {column.name}")
    return f"select {', '.join(['*', *values])} from {walls_sql(reading)}"


def problems(reading: Reading) -> list[tuple[Column, str, str]]:
    """Return every way in which a record can be unfit: the column, SQL that is true then, and the reason."""
    kind = reading.kind
    told_apart = dict(kind.constants)
    zone = kind.zone_column if len(reading.door.zones) > 1 else None
    # Of an event's identity only what is required need be there.
    needed = {*kind.required, *told_apart, *(() if kind.is_log else kind.key)}
    found: list[tuple[Column, str, str]] = []
    for column in kind.columns:
        raw = reading.raw(column)
        if raw is None:
            continue
        found += [(column, *misfit) for misfit in convert.misfits(column, raw, column.name, reading.door)]
        if column.name == zone:
            found.append((column, f"{zone} is null", "missing, and other rows are of several zones"))
        if column.name in told_apart:
            known = ", ".join(map(literal, column.values))
            found.append((column, f"{column.name} not in ({known})", f"not one of {known.replace(chr(39), '')}"))
        if column.name in needed:
            value = column.name if column.type in convert.TEXTS else raw  # an ID of `=""` is none
            is_blank = (
                f"({value} is null or trim({value}) = '')" if reading.door.is_wide(column) else f"{value} is null"
            )
            found.append((column, is_blank, "missing"))
        if column.name in kind.key and column.type == "id" and reading.door.is_wide(column):
            found.append((column, convert.is_shortened(column.name), convert.SHORTENED))
        if reading.forgotten.hashes and column.name in ids_of(kind):
            found.append((column, reading.forgotten.is_of(column.name), REASON))
    return found


def placed_sql(reading: Reading, load_id: int) -> str:
    """Return the statement that numbers rows by their place in the load, once a first table of their own holds them."""
    number = row_id_sql(load_id, f"rowid - (select min(rowid) from {reading.table})")
    return f"update {reading.table} set row_id = {number}"


def insert_sql(reading: Reading, load_id: int, reporting_zone: str) -> str:
    """Return the statement that puts every record into its first table; one that does not fit has no key there.

    Rows have no number yet (`placed_sql`): the database numbers the rows of a SELECT one after the other,
    and then reads the file with one thread.
    """
    kind, key = reading.kind, reading.kind.key[0]
    unfit = " or ".join(condition for _, condition, _ in problems(reading))
    extras = dict(sorted(reading.headers.extras.items()))  # two maps in two orders would differ
    extra = (
        f"map([{', '.join(map(literal, extras))}], [{', '.join(f'f{n}' for n in extras.values())}])"
        if extras
        else "null"
    )
    values = {column.name: column.name for column in kind.columns}
    values |= {key: f"case when {unfit} then null else {key} end", "extra": extra, "load_id": str(load_id)}
    values |= {"row_id": "null"}
    if kind.is_log:
        values |= {"occurrence": "1"}
    if kind.anchor is not None and has_local(kind):
        values |= {
            **{
                f"{name}_local": zones.to_wall_sql(name, reporting_zone, reading.door.years(kind.column(name)))
                for name in kind.moments
            },
            "clock_change": _clock_change_sql(reading),
        }
    if reading.is_staged:
        typed = [f"cast({values.get(name, 'null')} as {type_}) as {name}" for name, type_ in table_columns(kind)]
        into = f"create or replace temp table {reading.table} as"
        return f"{into} select {', '.join(typed)} from ({typed_sql(reading)})"
    names, picked = ", ".join(values), ", ".join(values.values())
    return f"insert into {kind.table} ({names}) select {picked} from ({typed_sql(reading)})"


def _years(reading: Reading) -> Years:
    return reading.door.years(reading.kind.column(str(reading.kind.anchor)))


def _clock_change_sql(reading: Reading) -> str:
    anchor = reading.kind.column(str(reading.kind.anchor))
    change = convert.by_zone(
        partial(zones.clock_change_sql, convert.wall_name(anchor), years=_years(reading)), reading.door
    )
    return f"case when not {convert.has_offset(anchor, reading.door)} then {change} end"
