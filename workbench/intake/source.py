"""One clean file as SQL: its records as text, their typed values, and every way in which a record can be unfit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

from workbench.exports import Column, ExportKind
from workbench.intake import convert
from workbench.intake.headers import HeaderMap, OwnLog
from workbench.intake.schema import has_local, table_columns
from workbench.intake.text import RECORD_LIMIT, TextFile
from workbench.sql import literal
from workbench.time import zones

STAGED = "incoming"
_PREFIXED = r"^'(\s*[=+\-@|%\t\r\x00])"  # what our own CSV puts an apostrophe before


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


def source_sql(reading: Reading, *, is_peek: bool = False) -> str:
    """Return SQL for the file's records as text, missing values as NULL, without those that are none.

    `is_peek` says that only the first ones are wanted.
    """
    everywhere = missing_everywhere(reading)
    read = records_sql(reading, everywhere, is_peek=is_peek)
    # A dash means nobody as an assignee; a contact may well be called so.
    own = {
        raw: f"case when {raw} not in ({', '.join(map(literal, more))}) then {raw} end"
        for column in reading.kind.columns
        if (raw := reading.raw(column)) and (more := sorted(set(column.missing) - everywhere))
    }
    if reading.own:  # `1,350.` is what a spreadsheet makes of a duration's seconds in its CSV
        lasting = (c for c in reading.kind.columns if c.type == "duration")
        own |= {raw: f"regexp_replace({raw}, '\\.$', '')" for column in lasting if (raw := reading.raw(column))}
    if reading.own and reading.text.encoding == "utf-8-sig":  # which our CSV for spreadsheets is, the exact one is not
        named = (f"f{n}" for n in range(len(reading.text.header)))
        own |= {raw: f"regexp_replace({own.get(raw, raw)}, {literal(_PREFIXED)}, '\\1')" for raw in named}
    columns = f"* replace ({', '.join(f'{value} as {raw}' for raw, value in own.items())})" if own else "*"
    return f"(select {columns} from {read} where not ({is_blank(reading)} or {repeats_header(reading)}))"


def missing_everywhere(reading: Reading) -> set[str]:
    """Return the texts that mean a missing value in every column."""
    return set.intersection(*(set(column.missing) for column in reading.kind.columns))


def records_sql(reading: Reading, missing: Iterable[str] = (), *, is_peek: bool = False) -> str:
    """Return SQL for every record of the file as text, some texts as NULL, with an explicit dialect (guarantee 2)."""
    count = len(reading.text.header) + reading.text.has_rows
    # By itself a buffer holds sixteen of the longest records, and it is read whole for the first of them too.
    buffer = f", buffer_size = {2 * RECORD_LIMIT}" if is_peek else ""
    columns = ", ".join(f"'f{n}': 'varchar'" for n in range(count))
    nothing = ", ".join(map(literal, sorted({"", *missing})))
    return (
        f"read_csv({literal(reading.text.path)}, auto_detect = false, header = true,"
        f" delim = {literal(reading.text.delimiter)}, quote = '\"', escape = '\"', strict_mode = true, columns ="
        f" {{{columns}}}, nullstr = [{nothing}], max_line_size = {RECORD_LIMIT}{buffer})"
    )


def repeats_header(reading: Reading) -> str:
    """Return SQL that is true of a record that says the file's header again: files were joined with their headers."""
    headers = [(f"f{n}", header.strip()) for n, header in enumerate(reading.text.header) if header.strip()]
    first, *others = [f"trim({raw}) = {literal(header)}" for raw, header in headers]
    # A case, as the database would look at all columns of every record for the sake of an "and".
    return f"case when {first} then coalesce({' and '.join(others) or 'true'}, false) else false end"


def is_blank(reading: Reading) -> str:
    """Return SQL that is true of a record without any value, as spreadsheets leave below their rows."""
    first, *others = [f"coalesce(trim(f{n}), '') = ''" for n in range(len(reading.text.header))]
    return f"case when {first} then {' and '.join(others) or 'true'} else false end"


def _walls_sql(reading: Reading, source: str = "") -> str:
    walls = [
        f"{convert.wall(raw, reading.door)} as {convert.wall_name(column)}"
        for column in reading.kind.columns
        if column.type in ("timestamp", "date") and (raw := reading.raw(column))
    ]
    return f"select {', '.join(['*', *walls])} from {source or source_sql(reading)}"


def typed_sql(reading: Reading, source: str = "") -> str:
    """Return SQL for the typed values beside the raw fields of every record."""
    constants = dict(reading.constants)
    values = []
    for column in reading.kind.columns:
        raw = reading.raw(column)
        value = (
            convert.typed(column, raw, reading.door)
            if raw
            else literal(constants[column.name])
            if column.name in constants
            else "null"
        )
        values.append(f"cast({value} as {convert.SQL_TYPES[column.type]}) as {column.name}")
    return f"select *, {', '.join(values)} from ({_walls_sql(reading, source)})"


def problems(reading: Reading) -> list[tuple[Column, str, str]]:
    """Return every way in which a record can be unfit: the column, SQL that is true then, and the reason."""
    kind = reading.kind
    told_apart = dict(kind.constants)
    # Of an event's identity only what is required need be there.
    needed = {*kind.required, *told_apart, *(() if kind.is_log else kind.key)}
    found = []
    for column in kind.columns:
        raw = reading.raw(column)
        if raw is None:
            continue
        if unfit := convert.does_not_fit(column, raw, column.name, reading.door):
            found.append((column, unfit, convert.reason(column, reading.door)))
        if column.name in told_apart:
            known = ", ".join(map(literal, column.values))
            found.append((column, f"{column.name} not in ({known})", f"not one of {known.replace(chr(39), '')}"))
        if column.name in needed:
            value = column.name if column.type == "id" else raw  # an ID of `=""` is none
            is_blank = f"({value} is null or trim({value}) = '')" if reading.door.is_wide else f"{value} is null"
            found.append((column, is_blank, "missing"))
        if column.name in kind.key and column.type == "id" and reading.door.is_wide:
            found.append((column, convert.is_shortened(column.name), convert.SHORTENED))
    return found


def insert_sql(reading: Reading, load_id: int, reporting_zone: str) -> str:
    """Return the statement that puts every record into its first table; one that does not fit has no key there."""
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
    if kind.is_log:
        values |= {"occurrence": "1"}
    if kind.anchor is not None and has_local(kind):
        values |= {
            f"{kind.anchor}_local": zones.to_wall_sql(kind.anchor, reporting_zone),
            "clock_change": _clock_change_sql(reading),
        }
    if reading.is_staged:
        typed = [f"cast({values.get(name, 'null')} as {type_}) as {name}" for name, type_ in table_columns(kind)]
        into = f"create or replace temp table {reading.table} as"
        return f"{into} select {', '.join(typed)} from ({typed_sql(reading)})"
    names, picked = ", ".join(values), ", ".join(values.values())
    return f"insert into {kind.table} ({names}) select {picked} from ({typed_sql(reading)})"


def _clock_change_sql(reading: Reading) -> str:
    anchor = reading.kind.column(str(reading.kind.anchor))
    change = convert.by_zone(partial(zones.clock_change_sql, convert.wall_name(anchor)), reading.door)
    return f"case when not {convert.has_offset(str(reading.raw(anchor)), reading.door)} then {change} end"
