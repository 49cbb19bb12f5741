"""What a file is before it is loaded: its kind, its rows, its days and what is odd about it; nothing is stored.

It goes the way of a load up to the rows themselves, so that what it says is what the load will do.
"""

from dataclasses import dataclass
from datetime import date

import duckdb

from workbench.intake import headers, load, remarks, settling, understanding
from workbench.intake.choices import Choices
from workbench.intake.meanings import Remark, explained
from workbench.intake.text import TextFile


@dataclass(frozen=True)
class Recognised:
    """What a file was recognised as; `kind` is None for one that holds no rows and does not tell.

    Of a spreadsheet so large that reading it twice would take long, `rows` is None: the load will tell what it is.
    `days` are those that its name gives. `warnings` are of the file as a whole: those of its rows, a load says.
    """

    kind: str | None
    rows: int | None = None
    days: tuple[date, date] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def remarks(self) -> list[Remark]:
        """Each warning with what it means for the numbers, those that leave a number in doubt first."""
        return explained(self.warnings)


def recognised(cursor: duckdb.DuckDBPyConnection, text: TextFile, choices: Choices, zone: str) -> Recognised:
    """Return what a clean file is. Raises FileRefused and ChoiceNeeded, and NeedsNumbers as a load does."""
    named = headers.period(text.file)
    days = named[:2] if named else None
    if load.is_empty(text):
        kind = load.kind_of_empty(text, choices)
        return Recognised(kind.name if kind else None, 0, days, (load.no_rows(kind), *text.warnings))
    try:
        reading = understanding.tried(cursor, text, choices, zone)
        warnings = tuple(remarks.of_the_file(cursor, reading))
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        if text.has_rows:
            raise
        raise settling.NeedsNumbers from None
    return Recognised(reading.kind.name, text.records + len(text.set_aside), days, warnings)
