"""What is to be said of a load: all that is odd about its rows, and what of the file the reader would not expect."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import duckdb

from workbench.exports import Column, ExportKind
from workbench.intake import convert, figures, guesses, schema
from workbench.intake.meanings import lasting
from workbench.intake.outcome import LoadOutcome
from workbench.intake.settling import Inserted
from workbench.intake.source import Reading, source_sql
from workbench.sql import one_row
from workbench.time import zones

MOST_NAMED = 5  # codes that are not known
NOTHING_NEW = "Nothing changed: every row was loaded before"


def of_the_file(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> list[str]:
    """Return what is to be said of how a file was read."""
    return [
        *reading.warnings,
        *reading.text.warnings,
        *_near_misses(reading),
        *_forms(cursor, reading),
        *_bare(cursor, reading),
    ]


def _near_misses(reading: Reading) -> list[str]:
    """Say which columns, kept as text, look like ones of the kind by another name or in another unit."""
    near = {} if reading.own else guesses.near_misses(reading.headers)
    if not near:
        return []
    named = "; ".join(f"'{header}' looks like {column.headers[0]}" for header, column in near.items())
    return [
        f"Kept as text: {named}, by another name or in another unit. Convert the values and use that header, or say"
        " with --mapping that it is the same"
    ]


def _selected(reading: Reading, inserted: Inserted) -> list[str]:
    """Say of a log of ours what its days are worth: other rows of theirs may not have been selected."""
    if not reading.own or not inserted.counts.loaded:
        return []
    return [
        "A log of this program: it has only the rows that were selected, and its days count as loaded from its first to"
        " its last one"
    ]


def of_the_rows(cursor: duckdb.DuckDBPyConnection, reading: Reading, inserted: Inserted, load_id: int) -> list[str]:
    """Return what is to be said of a load's rows once it is known what they cover."""
    return [
        *_selected(reading, inserted),
        *_doubtful(cursor, load_id),
        *_cut(reading, inserted),
        *_overwritten(reading, inserted),
        *_out_of_order(cursor, reading.kind, load_id),
        *_unknown(cursor, reading.kind, load_id),
        *_odd(inserted),
        *_vanished(cursor, reading, inserted, load_id),
    ]


def of_a_repeat(outcome: LoadOutcome) -> tuple[str, ...]:
    """Return what is to be said of a load whose rows were all found again, by what was said of the one before it."""
    new = [NOTHING_NEW] if 0 < outcome.rows_read == outcome.rows_unchanged else []
    return (*lasting(outcome.warnings), *new)


def _forms(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> list[str]:
    """Say which texts were read otherwise than somebody may have meant them, with the first of each column."""
    if not reading.door.is_any_wide:
        return []
    looked_for = {
        (column, form): sql
        for column in reading.kind.columns
        if reading.door.is_wide(column) and (raw := reading.raw(column))
        for form, sql in _forms_of(column, raw, reading.door).items()
    }
    found = _counted(cursor, reading, looked_for)
    return [
        *(
            f"{count:,} row{'s have' if count > 1 else ' has'} a {header} that a spreadsheet has shortened, or may have"
            f"{example}: of a number it keeps 15 digits. Load the export's own CSV, or have IDs written as text"
            for header, count, example in found["shortened"]
        ),
        *_named("IDs that end in .0 were read as whole numbers: {}", found["floating"]),
        *_named(
            "IDs that end in .0, beside others that are no whole numbers, were kept as they are: {}", found["decimal"]
        ),
        *_named("Durations of two parts were read as minutes and seconds: {}", found["minutes"]),
    ]


def _bare(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> list[str]:
    """Say which durations are plain numbers where the vendor writes clocks: in a sheet they may be parts of a day."""
    if not reading.kind.of_clocks or reading.own:
        return []
    looked_for = {
        (column, "bare"): f"try_cast({raw} as double) <> 0"
        for column in reading.kind.columns
        if column.type == "duration" and (raw := reading.raw(column))
    }
    found = _counted(cursor, reading, looked_for)["bare"]
    return _named("Durations that are plain numbers were read as seconds: {}", found)


def _forms_of(column: Column, raw: str, door: convert.Door) -> dict[str, str]:
    match column.type:
        case "id":
            form = "floating" if column.name in door.floating else "decimal"
            return {"shortened": convert.is_shortened(raw), form: convert.is_floating(raw)}
        case "duration":
            return {"minutes": f"regexp_full_match({raw}, '{figures.MINUTES}')"}
    return {}


def _counted(
    cursor: duckdb.DuckDBPyConnection, reading: Reading, looked_for: Mapping[tuple[Column, str], str]
) -> dict[str, list[tuple[str, int, str]]]:
    """Return for each form the columns with texts of it: the header, how many, and one of them in brackets.

    Of who is a customer or an agent there is none: what is said of a load is kept, and shown to who may not see them.
    """
    counted = [
        f"count(*) filter ({sql}), min({reading.raw(column)}) filter ({sql})" for (column, _), sql in looked_for.items()
    ]
    found: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    row = one_row(cursor, f"select {', '.join(counted)} from {source_sql(reading)}") if counted else ()
    for (column, form), count, example in zip(looked_for, row[::2], row[1::2], strict=False):
        if count:
            shown = "" if column.is_personal or column.is_staff else f" ({example.strip()})"
            found[form].append((column.headers[0], count, shown))
    return found


def _named(said: str, found: Sequence[tuple[str, int, str]]) -> list[str]:
    examples = ", ".join(f"{header}{example}" for header, _, example in found)
    return [said.format(examples)] if found else []


def _doubtful(cursor: duckdb.DuckDBPyConnection, load_id: int) -> list[str]:
    """Say how many rows hold numbers that can be read two ways, and what would tell."""
    sql = "select count(distinct row), min(value) from rejects where load_id = ? and reason = ?"
    count, example = cursor.execute(sql, [load_id, convert.DOUBTFUL]).fetchone() or (0, None)
    if not count:
        return []
    rows = "rows hold" if count > 1 else "row holds"
    return [
        f"{count:,} {rows} a number such as {example.strip()} that {convert.DOUBTFUL} and is rejected:"
        " load the file again with --decimal point or --decimal comma"
    ]


def _cut(reading: Reading, inserted: Inserted) -> list[str]:
    """Say at which day a file that holds exactly the vendor's most was probably cut: that of its last row."""
    kind = reading.kind
    if kind.cap != inserted.counts.read or inserted.final is None or reading.own:
        return []
    day = zones.wall_from_utc(inserted.final, reading.door.zone).date()
    missing = "earlier" if inserted.first == inserted.final != inserted.last else "later"
    return [
        f"{inserted.counts.read:,} rows is the number at which {kind.system} cuts an export without a word: it was"
        f" probably cut at {day}, and {missing} rows are missing"
    ]


def _overwritten(reading: Reading, inserted: Inserted) -> list[str]:
    """Say how many rows of a file overwrite each other: a mapping's key may be another column, a time come twice."""
    kind = reading.kind
    is_of_times = kind.anchor in kind.key and not kind.is_log  # where nothing but its time tells a row from another
    if not inserted.overwritten or not (kind.said or is_of_times):
        return []
    keys = ", ".join(kind.column(name).label for name in kind.key)
    mapped = ". Is another column of the file the right one? Take the load back and map it anew" if kind.said else ""
    return [
        f"{inserted.overwritten:,} of {inserted.counts.read:,} rows overwrote each other: several have the same {keys}"
        f"{mapped}"
    ]


def _out_of_order(cursor: duckdb.DuckDBPyConnection, kind: ExportKind, load_id: int) -> list[str]:
    """Say how many rows have a moment before one that must come first."""
    found = []
    for earlier, later in kind.in_order:
        sql = f"select count(*) from {kind.table} where load_id = {load_id} and {later} < {earlier}"
        if count := one_row(cursor, sql)[0]:
            names = [kind.column(name).headers[0] for name in (later, earlier)]
            found.append(f"{count:,} row{'s have' if count > 1 else ' has'} {names[0]} before {names[1]}, and loaded")
    return found


def _unknown(cursor: duckdb.DuckDBPyConnection, kind: ExportKind, load_id: int) -> list[str]:
    """Say which codes of a short list are not on it."""
    found = []
    for column in kind.columns:
        known = [code for code, _ in column.codes]
        sql = f"select distinct {column.name} as code from {kind.table} where load_id = {load_id} and code not in ?"
        if known and (codes := [code for (code,) in cursor.execute(f"{sql} order by 1", [known]).fetchall()]):
            named = ", ".join(codes[:MOST_NAMED]) + (
                f" and {len(codes) - MOST_NAMED:,} more" * (len(codes) > MOST_NAMED)
            )
            found.append(f"{column.headers[0]} has codes that are not known, kept as they are: {named}")
    return found


def _odd(inserted: Inserted) -> list[str]:
    counts = inserted.counts
    twice = "wall time" if inserted.repeated == 1 else "wall times"
    headers = "row repeats the header and was" if inserted.headers == 1 else "rows repeat the header and were"
    never = "wall time was" if inserted.skipped == 1 else "wall times were"
    older = "row" if inserted.older == 1 else "rows"
    found = {
        f"{inserted.headers:,} {headers} left out: files were joined with their headers": inserted.headers > 0,
        "Some rows lie outside of the days that the file name gives": bool(inserted.outside),
        f"{inserted.repeated:,} {twice} came twice when the clock went back; read as the first": inserted.repeated > 0,
        f"{inserted.skipped:,} {never} skipped when the clock went forward; shifted forward": inserted.skipped > 0,
        f"{inserted.older:,} {older} replaced one that looked newer (it had ended, the new one has not)":
            inserted.older > 0,
        NOTHING_NEW: 0 < counts.read == counts.unchanged,
    }  # fmt: skip
    return [text for text, holds in found.items() if holds]


def _vanished(cursor: duckdb.DuckDBPyConnection, reading: Reading, inserted: Inserted, load_id: int) -> list[str]:
    """Say how many rows of its kinds that were loaded before for the same days the file does not have."""
    sql = "select distinct from_utc, to_utc from coverage where load_id = ? and only_values = '{}'"
    spans = cursor.execute(sql, [load_id]).fetchall()
    # Days that only the file's rows tell, as those of a few corrected rows, are no pull of the whole day.
    if not spans or not reading.days:
        return []
    gone = sum(_gone(cursor, kind, load_id, spans) for kind in inserted.kinds)
    some = "1 row loaded before for these days is not in this file; it stays"
    many = f"{gone:,} rows loaded before for these days are not in this file; they stay"
    return [some if gone == 1 else many] if gone else []


def _gone(
    cursor: duckdb.DuckDBPyConnection, kind: ExportKind, load_id: int, spans: Sequence[tuple[datetime, datetime]]
) -> int:
    """Count the rows of a kind in these spans that other loads have brought and this one has not."""
    within = " or ".join(f"{kind.anchor} >= ? and {kind.anchor} < ?" for _ in spans)
    seen = f"select key from unchanged_rows where load_id = {load_id} and table_name = '{kind.table}'"
    sql = (
        f"select count(*) from (from {schema.rows_sql(kind)}) as older where load_id <> {load_id} and ({within})"
        f" and {schema.key_sql(kind, 'older')} not in ({seen})"
    )
    return int((cursor.execute(sql, [edge for span in spans for edge in span]).fetchone() or (0,))[0])
