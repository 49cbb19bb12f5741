"""How one file is to be read: what the file says, what the user says of it, and what its text says of both."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import ZipInfo

import duckdb

from workbench.errors import ChoiceNeeded, FileRefused, UnknownName, one_line
from workbench.exports import KINDS, ExportKind
from workbench.intake import containers, convert, headers, spreadsheet, text
from workbench.intake.limits import LIMITS, Limits
from workbench.intake.mappings import Mapping, extended
from workbench.intake.source import Reading, date_order, first_zone, source_sql
from workbench.progress import Progress
from workbench.time import zones
from workbench.time.coverage import file_period

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


@dataclass(frozen=True)
class Choices:
    """What the user says of a file that the file itself does not, such as the zone of its wall times.

    `rollup` is the length of time that a row of a vendor's own figures covers.
    """

    kind: str | None = None
    zone: str | None = None
    date_order: str | None = None
    sheet: str | None = None
    mapping: Mapping | None = None
    rollup: str | None = None
    remembered: tuple[Mapping, ...] = ()  # made for earlier files of other headers

    def __post_init__(self) -> None:
        """Raise UnknownName for a choice that does not exist."""
        if self.kind is not None and self.kind not in KINDS:
            raise UnknownName("kind of export", self.kind, KINDS)
        if self.date_order is not None and self.date_order not in convert.DATE_ORDERS:
            raise UnknownName("date order", self.date_order, convert.DATE_ORDERS)
        if self.rollup is not None and self.rollup not in ROLLUP_HOURS:
            raise UnknownName("rollup", self.rollup, ROLLUP_HOURS)
        if self.zone is not None:
            zones.zone(self.zone)

    def kinds_of(self, header: Sequence[str]) -> dict[str, ExportKind]:
        """Return the kinds that a file with this header can be: the mapped one where there is a mapping for it."""
        mapping = self.mapping or next((made for made in self.remembered if made.fits(header)), None)
        if mapping:
            return {mapping.kind: extended(mapping)}
        return {self.kind: KINDS[self.kind]} if self.kind else KINDS

    @property
    def kinds(self) -> list[ExportKind]:
        """The kinds whose headers are looked for in a file."""
        if self.kind and not self.mapping:
            return [KINDS[self.kind]]
        return [*map(extended, self.mappings), *KINDS.values()]

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        """The mappings whose headers are looked for in a file."""
        return (self.mapping,) if self.mapping else () if self.kind else self.remembered


NOTHING_SAID = Choices()


def opened(
    source: Path, target: Path, choices: Choices, limits: Limits = LIMITS, progress: Progress | None = None
) -> text.TextFile:
    """Write a clean CSV of a file to `target`, or beside it, and say what was found. Raises FileRefused."""
    if not source.is_file():
        raise FileRefused(f"{source}: there is no such file. Check the path")
    return _Opening(choices, limits, progress or Progress()).opened(source, target)


class _NoReport(Exception):
    """A file in an archive that holds no report by itself."""


@dataclass(frozen=True)
class _Opening:
    """The opening of one file: what is said of it, within which limits, and what can cancel it."""

    choices: Choices
    limits: Limits
    progress: Progress

    def opened(self, source: Path, target: Path) -> text.TextFile:
        """Write a clean CSV of a file, or of what is in an archive."""
        try:
            if archive := containers.archive(source, source.name, self.limits):
                return self._unzipped(source, target) if archive == "zip" else self._gunzipped(source, target)
            return self._plain(source, target, source.name)
        except OSError as error:
            raise FileRefused(f"{source.name}: cannot be read ({error.strerror}). Check its permissions") from None

    def _plain(self, source: Path, target: Path, file: str) -> text.TextFile:
        """Read a file that is no archive; `file` is how messages call it."""
        form, said = containers.form(source, file, self.limits), self.choices
        if form != "text":
            sheet = spreadsheet.read_spreadsheet(
                source, target, form, said.kind, said.mappings, said.sheet, file, self.limits, self.progress
            )
            return text.without_totals(sheet, said.kinds) if sheet.records else sheet
        try:
            return text.read_text(source, target, said.kinds)
        except FileRefused as refused:
            raise FileRefused(f"{file}{str(refused).removeprefix(one_line(source.name))}") from None

    def _gunzipped(self, source: Path, target: Path) -> text.TextFile:
        inner = target.with_suffix(".unpacked")
        containers.gunzip(source, inner, source.name, self.limits)
        return self._plain(inner, target, source.name)

    def _unzipped(self, source: Path, target: Path) -> text.TextFile:
        """Read the only file of an archive, or of several the only one that holds a report. Raises FileRefused."""
        members = containers.members(source, source.name, self.limits)
        if len(members) == 1:
            return self._member(source, members[0], target)
        found: list[text.TextFile | ChoiceNeeded] = []
        for n, member in enumerate(members):
            with suppress(_NoReport):
                found.append(self._report(source, member, target.with_suffix(f".{n}.csv")))
        if len(found) != 1:
            names = ", ".join(map(containers.name_of, members))
            what = "several reports" if found else "no report"
            raise FileRefused(f"{source.name}: holds {what} ({names}). Unpack it and load each by itself")
        if isinstance(found[0], ChoiceNeeded):
            raise found[0]
        return found[0]

    def _report(self, source: Path, member: ZipInfo, target: Path) -> text.TextFile | ChoiceNeeded:
        """Read one of several files in an archive, or say what the user must choose. Raises _NoReport."""
        try:
            found = self._member(source, member, target)
        except ChoiceNeeded as needed:
            return needed
        except FileRefused:
            raise _NoReport from None
        if not self._is_report(found):
            raise _NoReport
        return found

    def _is_report(self, found: text.TextFile) -> bool:
        if not found.header:  # a period without rows, when the name says of what
            return bool(headers.named(found.inner_name, KINDS.values()))
        kinds = self.choices.kinds_of(found.header).values()
        return any(not headers.missing(headers.mapped(found.header, kind)) for kind in kinds)

    def _member(self, source: Path, member: ZipInfo, target: Path) -> text.TextFile:
        name, inner = containers.name_of(member), target.with_suffix(".unpacked")
        file = f"{source.name} ({name})"
        containers.unzip(source, member, inner, file)
        return replace(self._plain(inner, target, file), inner_name=name)


def understood(
    cursor: duckdb.DuckDBPyConnection, found: text.TextFile, file: str, choices: Choices, default_zone: str
) -> tuple[Reading, list[str]]:
    """Return how a file with a header is to be read, and warnings. Raises FileRefused and ChoiceNeeded."""
    mapping = headers.recognised(found.header, choices.kinds_of(found.header), file)
    door = convert.Door(choices.zone or default_zone, date_order=choices.date_order, delimiter=found.delimiter)
    constants = tuple(pair for pair in mapping.kind.constants if pair[0] not in mapping.known)
    reading = Reading(found, mapping, door, constants)
    named = first_zone(cursor, reading)
    reading = with_zones(reading, {named} if named else set(), file)
    if named and choices.zone and named != choices.zone:
        return reading, [f"The file says its own time zone ({named}); the zone given ({choices.zone}) was not used"]
    return reading, []


def widened(cursor: duckdb.DuckDBPyConnection, reading: Reading, file: str) -> Reading:
    """Return the reading through the wide door. Raises ChoiceNeeded when localised dates fit two orders."""
    order = reading.door.date_order or date_order(cursor, reading)
    if order is None:
        raise ChoiceNeeded(
            f"{file}: dates such as 7/12/21 can be read two ways. Say which with --date-order dmy or mdy",
            "--date-order",
        )
    mark = _decimal_mark(cursor, reading)
    return replace(reading, door=replace(reading.door, is_wide=True, date_order=order or None, decimal_mark=mark))


def _decimal_mark(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> str | None:
    """Return the decimal mark that the file's numbers prove; None when they prove none, or both."""
    numbers = [c for c in reading.kind.columns if c.type in ("duration", "count", "amount")]
    raws = [raw for column in numbers if (raw := reading.raw(column))]
    if not raws or reading.door.delimiter == ",":
        return None
    sql = f"select {convert.decimal_marks(raws, reading.door)} from {source_sql(reading)}"
    return {(True, False): ",", (False, True): "."}.get(cursor.execute(sql).fetchone() or ())


def shortened_ids(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> list[tuple[str, int, str]]:
    """Return the columns with IDs that a spreadsheet has shortened: the header, how many, and one of them."""
    ids = [(c.headers[0], raw) for c in reading.kind.columns if c.type == "id" and (raw := reading.raw(c))]
    if not ids or not reading.door.is_wide:
        return []
    counted = ", ".join(
        f"count(*) filter ({is_shortened}), min({raw}) filter ({is_shortened})"
        for _, raw in ids
        if (is_shortened := convert.is_shortened(raw))
    )
    found = cursor.execute(f"select {counted} from {source_sql(reading)}").fetchone() or ()
    pairs = zip(found[::2], found[1::2], strict=True)
    return [(header, count, example) for (header, _), (count, example) in zip(ids, pairs, strict=True) if count]


def with_zones(reading: Reading, found: set[str], file: str) -> Reading:
    """Return the reading with the zones that a file's zone column names. Raises FileRefused for an unknown one."""
    for name in found:
        try:
            zones.zone(name)
        except UnknownName:
            raise FileRefused(
                f"{file}: its Timezone Filter '{name}' is not a time zone such as America/New_York"
            ) from None
    if not found:
        return reading
    raw = reading.raw(reading.kind.column(str(reading.kind.zone_column)))
    door = replace(reading.door, zone=min(found), zones=frozenset(found), zone_field=raw)
    return replace(reading, door=door)


def with_rollup(
    cursor: duckdb.DuckDBPyConnection, reading: Reading, file: str, choices: Choices
) -> tuple[Reading, list[str]]:
    """Return the reading of a file of rolled-up figures with its rollup, and warnings.

    It is that of the file's name, else the one given, else that of the spacing of its dates. Raises ChoiceNeeded.
    """
    if "rollup" not in reading.kind.key:
        return reading, []
    period = file_period(file)
    named = ROLLUP_WORDS.get((period[2] or "").lower() if period else "")
    rollup = named or choices.rollup or _spacing(cursor, reading)
    if rollup is None:
        example = f"{reading.kind.file_names[0]}-20240101-20240131-Daily.csv"
        raise ChoiceNeeded(
            f"{file}: neither its name nor its dates tell its rollup. Say it with --rollup"
            f" ({', '.join(ROLLUP_HOURS)}), or name the file like {example}",
            "--rollup",
            ROLLUP_HOURS,
        )
    filters = {name: value for name, value in UNFILTERED.items() if name not in reading.headers.known}
    warnings = []
    if named and choices.rollup not in (None, named):
        warnings.append(f"The file's name says its rollup ({named}); the one given ({choices.rollup}) was not used")
    if filters:
        absent = ", ".join(reading.kind.column(name).headers[0] for name in filters)
        warnings.append(f"The file has no {absent}; its figures are read as those of everything")
    return replace(reading, constants=(("rollup", rollup), *filters.items())), warnings


def _spacing(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> str | None:
    raw = reading.raw(reading.kind.column(str(reading.kind.anchor)))
    sql = (
        f"with dates as (select distinct {convert.wall(str(raw), reading.door)} as start"
        f" from {source_sql(reading)})"
        " select min(epoch(start - earlier)) / 3600"
        " from (select start, lag(start) over (order by start) as earlier from dates)"
    )
    hours = (cursor.execute(sql).fetchone() or (None,))[0]
    fitting = [name for name, (least, most) in ROLLUP_HOURS.items() if hours is not None and least <= hours <= most]
    return fitting[0] if fitting else None
