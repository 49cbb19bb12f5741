"""What the user says of a file that the file itself does not say, or not clearly enough."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.errors import UnknownName
from workbench.exports import KINDS, ExportKind
from workbench.intake import codepages
from workbench.intake.mappings import ColumnMapping, extended
from workbench.intake.moments import DATE_ORDERS
from workbench.intake.rollups import ROLLUP_HOURS
from workbench.time import zones

ABSENT = ("keep", "empty")  # what becomes of values in columns that a file lacks: they stay, or they go
DECIMAL_MARKS = {"point": ".", "comma": ","}
KNOWN: dict[str, tuple[str, Collection[str]]] = {  # what each choice is called, and what can be chosen
    "kind": ("kind of export", KINDS), "date_order": ("date order", DATE_ORDERS),
    "decimal": ("decimal mark", DECIMAL_MARKS), "rollup": ("rollup", ROLLUP_HOURS),
    "absent": ("choice for absent columns", ABSENT),
}  # fmt: skip


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
    encoding: str | None = None
    part: str | None = None  # the one file of a zip archive that is meant
    decimal: str | None = None  # what marks the decimals of the file's numbers: point or comma
    remembered: tuple[ColumnMapping, ...] = ()  # made for earlier files of other headers
    absent: str | None = None  # what becomes of stored values in columns that the file lacks
    file: str | None = None  # what an upload is called, which lies under a name of ours

    def __post_init__(self) -> None:
        """Raise UnknownName for a choice that does not exist."""
        for name, (what, known) in KNOWN.items():
            if (value := getattr(self, name)) is not None and value not in known:
                raise UnknownName(what, value, known)
        if self.zone is not None:
            zones.zone(self.zone)
        if self.encoding is not None:
            codepages.named(self.encoding)

    def name_of(self, source: Path) -> str:
        """Return how people call a file."""
        return self.file or source.name

    def kinds_of(self, header: Sequence[str]) -> dict[str, ExportKind]:
        """Return the kinds that a file with this header can be: the mapped one where there is a mapping for it."""
        if mapping := self.mapping_of(header):
            return {mapping.kind: extended(mapping)}
        return {self.kind: KINDS[self.kind]} if self.kind else KINDS

    def mapping_of(self, header: Sequence[str]) -> ColumnMapping | None:
        """Return the mapping by which a file with this header is read: the one given, else one that is remembered."""
        return self.mapping or next((made for made in self.remembered if made.fits(header)), None)

    @property
    def said(self) -> dict[str, Any]:
        """What the user says of this very file, by name; what is left to the file is not there."""
        return {name: value for name, value in asdict(self).items() if value is not None and name != "remembered"}

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
