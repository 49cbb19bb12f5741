"""One load: a clean file is understood, its rows settled, its record written, inside the caller's transaction."""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import duckdb

from workbench.exports import KINDS, ExportKind
from workbench.intake import headers, mappings, merges, ours, recording, remarks, settling, understanding
from workbench.intake.choices import Choices
from workbench.intake.forgotten import NOBODY, Forgotten
from workbench.intake.outcome import JOINED, LoadOutcome
from workbench.intake.repeats import Origin
from workbench.intake.settling import Counts, Inserted
from workbench.intake.source import Reading
from workbench.intake.text import TextFile
from workbench.time import zones


@dataclass(frozen=True)
class Load:
    """One load inside its transaction."""

    cursor: duckdb.DuckDBPyConnection
    text: TextFile
    reporting_zone: str | None
    origin: Origin
    started: float  # time.monotonic() when the work on the file began
    forgotten: Forgotten = NOBODY

    def run(self) -> LoadOutcome:
        """Load, record, and return the outcome. Raises NeedsNumbers when DuckDB's reader refuses the file."""
        if is_empty(self.text):
            return self._empty()
        try:
            return self._filled()
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            if self.text.has_rows:
                raise
            raise settling.NeedsNumbers from None

    @property
    def choices(self) -> Choices:
        """What the user says of the file."""
        return self.origin.choices

    @property
    def _usual_zone(self) -> str:
        return self.reporting_zone or zones.machine_zone()

    def _filled(self) -> LoadOutcome:
        load_id = recording.next_id(self.cursor)
        reading = understanding.understood(self.cursor, self.text, self.choices, self._usual_zone)
        reading = replace(reading, forgotten=self.forgotten)
        reading, inserted = self._inserted(reading, load_id)
        self._remember(reading.kind, load_id)
        days = recording.days_of(reading, inserted)
        if days:
            recording.cover(self.cursor, load_id, inserted, reading.door.zone, days)
        outcome = self._outcome(load_id, reading, inserted)
        if days:
            first, last = min([days[0], *inserted.outside]), max([days[1], *inserted.outside])
            outcome = replace(outcome, period_from=first, period_to=last)
        return self._recorded(outcome, reading)

    def _outcome(self, load_id: int, reading: Reading, inserted: Inserted) -> LoadOutcome:
        return LoadOutcome(
            self.text.file,
            JOINED.join(kind.name for kind in inserted.kinds),
            load_id,
            **{f"rows_{name}": count for name, count in asdict(inserted.counts).items()},
            rejects=recording.first_rejects(self.cursor, load_id),
            timezone=reading.door.zone,
            encoding=self.text.encoding,
            delimiter=self.text.delimiter,
            warnings=(
                *remarks.of_the_file(self.cursor, reading),
                *self._reporting_zone_set(reading),
                *remarks.of_the_rows(self.cursor, reading, inserted, load_id),
            ),
        )

    def _inserted(self, reading: Reading, load_id: int) -> tuple[Reading, Inserted]:
        """Put the rows into their table; where they contradict the reading, begin again with another one."""
        while True:
            try:
                zone = self.reporting_zone or reading.door.zone
                return reading, settling.insert(self.cursor, reading, load_id, zone)
            except (settling.NeedsZones, settling.NeedsWideDoor, settling.NeedsStaging) as needed:
                self.cursor.execute("rollback")
                self.cursor.execute("begin")
                reading = self._read_otherwise(reading, needed)

    def _read_otherwise(self, reading: Reading, needed: Exception) -> Reading:
        match needed:
            case settling.NeedsZones():
                return understanding.with_zones(reading, needed.zones)
            case settling.NeedsWideDoor():
                return understanding.widened(self.cursor, reading)
        return replace(reading, is_staged=True)

    def _remember(self, kind: ExportKind, load_id: int) -> None:
        """Keep what later files and other tables rest on: the mapping of this header, and merged customers."""
        if mapping := self.choices.mapping_of(self.text.header):
            mappings.remember(self.cursor, replace(mapping, header=self.text.header), datetime.now(UTC), load_id)
        if kind.name in merges.ROOTS:
            merges.settle(self.cursor, kind.name, self.text.file, load_id)

    def _reporting_zone_set(self, reading: Reading) -> list[str]:
        """Set the reporting zone with the first load that has times, and say so."""
        if self.reporting_zone is not None or reading.kind.anchor is None:
            return []
        zone = reading.door.zone
        recording.write_setting(self.cursor, "reporting_zone", zone)
        return [f"Reporting time zone set to {zone}; change it in the settings"]

    def _empty(self) -> LoadOutcome:
        """Record a file without rows: what it covers is zero, not a gap."""
        named, kind = headers.period(self.text.file), kind_of_empty(self.text, self.choices)
        warnings = (no_rows(kind), *self.text.warnings)
        outcome = LoadOutcome(
            self.text.file, kind.name if kind else None, None, encoding=self.text.encoding, warnings=warnings
        )
        if kind is None or named is None:
            return outcome
        zone, load_id = self.choices.zone or self._usual_zone, recording.next_id(self.cursor)
        recording.cover(self.cursor, load_id, Inserted(Counts(), (kind,)), zone, named[:2])
        outcome = replace(
            outcome, load_id=load_id, period_from=named[0], period_to=named[1], timezone=zone,
            delimiter=self.text.delimiter,
        )  # fmt: skip
        return self._recorded(outcome)

    def _recorded(self, outcome: LoadOutcome, reading: Reading | None = None) -> LoadOutcome:
        is_zone_given = self.choices.zone or (reading and reading.door.zone_field)
        # What a log of ours covers depends on what was stored before it, so the next one is read anew.
        is_own = reading is not None and reading.own is not None
        fingerprint = None if is_own else self.origin.fingerprint("" if is_zone_given else self._usual_zone)
        return recording.recorded(self.cursor, outcome, self.origin, fingerprint, self.started)


def is_empty(text: TextFile) -> bool:
    """Tell whether a file holds no rows at all."""
    return not text.header or (text.records == 0 and not text.set_aside)


def no_rows(kind: ExportKind | None) -> str:
    """Return what is said of such a file."""
    return f"No rows for the period{'' if kind else ', and no export is recognised'}"


def kind_of_empty(text: TextFile, choices: Choices) -> ExportKind | None:
    """Return the kind that such a file is of, None where it does not tell. Raises FileRefused and ChoiceNeeded."""
    if choices.kind:
        return KINDS[choices.kind]
    if text.header and ours.log_of(text, choices):
        return None  # what it shows was selected, so that it has no rows says nothing of the period
    if text.header:
        return headers.recognised(text.header, choices.kinds_of(text.header), text.file).kind
    named = headers.named(text.file, KINDS.values())
    return named[0] if len(named) == 1 else None
