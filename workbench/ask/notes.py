"""Notes on days: a short text on a day or a range, drawn on the charts over time of the reports that it names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from workbench import reports
from workbench.ask import lists
from workbench.ask.question import Question
from workbench.ask.selection import Days, in_order, short
from workbench.errors import BadSelection, one_line, shortened
from workbench.store.workspace import Workspace

KEY = "notes"
LONGEST = 80  # characters


@dataclass(frozen=True)
class Note:
    """What was on some days, both inclusive, for some reports; without any it is for all of them."""

    text: str
    days: Days
    reports: tuple[str, ...] = ()

    def as_json(self) -> lists.Entry:
        """Return the note as a file has it."""
        first, last = self.days
        named: lists.Entry = {"reports": list(self.reports)} if self.reports else {}
        return {"text": self.text, "from": first.isoformat(), "to": last.isoformat(), **named}


def of_json(entry: Mapping[str, Any]) -> Note:
    """Return the note that an entry of a file is. Raises BadSelection and UnknownName."""
    named = entry.get("reports") or []
    if not isinstance(named, list):
        raise BadSelection("The reports of a note are no list of names")
    return said(str(entry["text"]), str(entry["from"]), str(entry.get("to") or ""), [str(name) for name in named])


def said(text: str, first: str, last: str = "", named: Sequence[str] = ()) -> Note:
    """Return the note that texts say, checked; without a last day it is on one. Raises BadSelection and UnknownName."""
    line = " ".join(text.split())
    if not 0 < len(line) <= LONGEST or line != one_line(line):
        raise BadSelection(f"A note is a text of 1 to {LONGEST} characters that can be shown, such as: promotion")
    days = in_order((_day(first), _day(last or first)))
    return Note(line, days, tuple(dict.fromkeys(reports.report(name).name for name in named)))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadSelection(f"'{shortened(text)}' is not a date. Write it as 2024-01-31") from None


def saved(workspace: Workspace) -> list[Note]:
    """Return the notes of a workspace, by their days."""
    found = lists.understood(lists.kept(workspace, KEY), of_json)
    return sorted(found, key=lambda note: (note.days, note.text))


def put(workspace: Workspace, *notes: Note) -> None:
    """Keep notes, each in the place of another of the same days and text."""
    new = {(note.days, note.text): note.as_json() for note in notes}
    lists.replace(workspace, KEY, of_json, lambda note: (note.days, note.text) in new, [*new.values()])


def delete(workspace: Workspace, days: Days, text: str = "") -> None:
    """Delete the notes of some days, or the one of a text. Raises BadSelection where there is none."""
    if not lists.replace(workspace, KEY, of_json, lambda note: note.days == days and text in ("", note.text)):
        raise BadSelection(f"There is no such note on {short(days)}. List them by: notes list")


def exported(notes: Sequence[Note]) -> str:
    """Return notes as the text of a file."""
    return lists.as_text(KEY, [note.as_json() for note in notes])


def imported(workspace: Workspace, text: str) -> list[Note]:
    """Keep the notes of a file, and return them. Raises BadSelection and UnknownName, and then keeps none."""
    found = lists.of_text(KEY, text, of_json)
    put(workspace, *found)
    return found


def of(question: Question) -> list[Note]:
    """Return the notes on days of a question's range, of its report."""
    first, last = question.scope.now.days
    return [
        note
        for note in saved(question.workspace)
        if note.days[0] <= last and note.days[1] >= first and question.report.name in (note.reports or reports.REPORTS)
    ]
