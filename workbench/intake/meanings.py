"""What each warning of a load means for the numbers. Only here: every face says it beside the warning.

A warning stays a line of text, as it is stored with its load; its meaning is found by words of it that no file
changes. So those of earlier loads are explained too, in today's words.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """What every warning that holds the words `said` means for the numbers.

    `is_doubtful` where a number may be wrong until somebody does something about it; such warnings are said first.
    `is_once` where it is of what the load has changed: the same file, loaded again, has no part in that.
    """

    said: str
    means: str
    is_doubtful: bool = False
    is_once: bool = False


@dataclass(frozen=True)
class Remark:
    """A warning of a load beside its meaning, empty where none is declared."""

    warning: str
    means: str = ""
    is_doubtful: bool = False


MEANINGS = (
    # Rows that are missing, or that are there once too often.
    Meaning("cuts an export without a word",
            "the period may be incomplete, so totals are at least these; export it in shorter periods", True),
    Meaning("overwrote each other",
            "only the last row of each key is counted, so totals are too low; change the saved mapping in the settings",
            True),
    Meaning("rows loaded before for these days are not in this file",
            "they are still counted; if they are gone at the source, take their load back"),
    Meaning("row loaded before for these days is not in this file",
            "it is still counted; if it is gone at the source, take its load back"),
    Meaning("replaced one that looked newer",
            "their outcome and durations are those of before the end; load the newer file again", True, is_once=True),
    Meaning("lie outside of the days that the file name gives",
            "they count on days of which the file may hold only a part; those totals are at least these", True),
    Meaning("it has only the rows that were selected",
            "totals of its days are at least these; load the exports themselves", True, is_once=True),
    Meaning("Durations without their seconds are rounded",
            "what is stored of them stays; of rows that are new they are missing"),
    Meaning("Nothing changed: every row was loaded before", "every number is what it was", is_once=True),
    Meaning("and no export is recognised", "no number changes; whatever days it is of stay not loaded", True),
    Meaning("No rows for the period", "days that the file's name gives count as zero, not as missing"),
    Meaning(", and loaded", "they count where these moments are, and their durations are as exported; look at them"),
    Meaning("has codes that are not known, kept as they are", "they are counted under their own names"),
    # What is in a file besides its rows.
    Meaning("above the header left out", "they are titles and counted nowhere"),
    Meaning("rows repeat the header", "they are no rows and counted nowhere"),
    Meaning("row repeats the header", "it is no row and counted nowhere"),
    Meaning("holds totals and was left out", "it sums up other rows, which are counted themselves"),
    Meaning("hold totals and were left out", "they sum up other rows, which are counted themselves"),
    Meaning("is hidden, and was read",
            "its rows count; if they are not what the workbook shows, take the load back and load the export itself"),
    Meaning("read like the others", "what a filter hides is counted too; delete what is not meant, and load again"),
    Meaning("under a cell merged over several rows", "each of these rows counts with the value of that cell"),
    Meaning("merged over several columns",
            "the other columns lack these values, so totals are at least these; unmerge the cells", True),
    Meaning("shown with zeros before",
            "the same ID from another file, with its zeros, counts as a second one", True),
    # Times.
    Meaning(" beside texts such as ",
            "days and months may be exchanged; load the export itself, as it was before a spreadsheet program", True),
    Meaning("when the clock went back", "if they were meant the second time, they count an hour early"),
    Meaning("when the clock went forward", "they count an hour later than they are written"),
    Meaning("plain numbers were read as dates",
            "if they are not dates, these rows count on wrong days; compare them with the file", True),
    Meaning("The file says its own time zone", "days and hours follow the zone of the file"),
    Meaning("Reporting time zone set to", "days begin at midnight there", is_once=True),
    # Values.
    Meaning("Convert the values and use that header",
            "these values are in no number; figures of that column are empty, or those of other files", True),
    Meaning("before the header does", "averages and rates are those of the rows that have the value"),
    Meaning("never calculated, read as empty",
            "these values are missing, so totals are at least these and averages leave them out", True),
    Meaning("load the file again with --decimal",
            "these rows are in no number; totals are too low until they are loaded", True),
    Meaning("IDs that end in .0 were read as whole numbers", "they are the same as the IDs without it"),
    Meaning("beside others that are no whole numbers",
            "the same ID without its .0, in another file, counts as a second one; compare them with the source", True),
    Meaning("were read as minutes and seconds",
            "if they are hours and minutes, these durations are 60 times too short", True),
    Meaning("Durations that are plain numbers",
            "if they are parts of a day, as in a sheet, these durations are 86,400 times too short", True),
    Meaning("that a spreadsheet has shortened",
            "what was several may now be one, so customers and conversations are at least these", True),
    Meaning("The file's name says its rollup", "figures stand under the rollup that the name says"),
    Meaning("its figures are read as those of everything",
            "if the report was limited to a channel or an inbox, they are no totals", True),
    Meaning("is not UTF-8; it was read as",
            "no count changes; if names are not as they should be, take the load back and say the right --encoding"),
    Meaning("read as Windows-1252",
            "no count changes; names with accents may stand under two spellings"),
    Meaning("; the encoding given (", "names are as the file itself has them"),
    Meaning("NUL character", "no count changes; the values around them are as they were meant"),
)  # fmt: skip


def explained(warnings: Iterable[str]) -> list[Remark]:
    """Return warnings with what each means for the numbers, those that leave a number in doubt first."""
    return sorted(map(_explained, warnings), key=lambda remark: not remark.is_doubtful)


def lasting(warnings: Iterable[str]) -> list[str]:
    """Return the warnings that hold of the same file again when nothing has changed since."""
    return [warning for warning in warnings if not ((found := _meaning(warning)) and found.is_once)]


def _explained(warning: str) -> Remark:
    found = _meaning(warning)
    return Remark(warning, found.means, found.is_doubtful) if found else Remark(warning)


def _meaning(warning: str) -> Meaning | None:
    return next((meaning for meaning in MEANINGS if meaning.said in warning), None)
