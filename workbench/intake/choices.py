"""What the user says of a file that the file itself does not say, or not clearly enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import UnknownName
from workbench.exports import KINDS, ExportKind
from workbench.intake.mappings import ColumnMapping, extended
from workbench.intake.moments import DATE_ORDERS
from workbench.intake.rollups import ROLLUP_HOURS
from workbench.time import zones

DECIMAL_MARKS = {"point": ".", "comma": ","}


@dataclass(frozen=True)
class Choices:
    """What the user says of a file that the file itself does not, such as the zone of its wall times.

    `rollup` is the length of time that a row of a vendor's own figures covers.
    """

    kind: str | None = None
    zone: str | None = None
    date_order: str | None = None
    sheet: str | None = None
    mapping: ColumnMapping | None = None
    rollup: str | None = None
    decimal: str | None = None  # what marks the decimals of the file's numbers: point or comma
    remembered: tuple[ColumnMapping, ...] = ()  # made for earlier files of other headers

    def __post_init__(self) -> None:
        """Raise UnknownName for a choice that does not exist."""
        if self.kind is not None and self.kind not in KINDS:
            raise UnknownName("kind of export", self.kind, KINDS)
        if self.date_order is not None and self.date_order not in DATE_ORDERS:
            raise UnknownName("date order", self.date_order, DATE_ORDERS)
        if self.decimal is not None and self.decimal not in DECIMAL_MARKS:
            raise UnknownName("decimal mark", self.decimal, DECIMAL_MARKS)
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
    def mappings(self) -> tuple[ColumnMapping, ...]:
        """The mappings whose headers are looked for in a file."""
        return (self.mapping,) if self.mapping else () if self.kind else self.remembered


NOTHING_SAID = Choices()
