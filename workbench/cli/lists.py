"""The commands about targets, notes and calendars: list, set, delete, export, import."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from workbench import reports
from workbench.ask import calendars, hours, notes, targets
from workbench.ask.selection import short
from workbench.ask.targets import Target
from workbench.cli.commands import Commands, add_wait, command, handed_over, opened, opened_to_read
from workbench.cli.terminal import printable, say
from workbench.drawing import formats
from workbench.errors import BadSelection, reason, shortened

LARGEST = 1 << 20  # bytes of a file


def add_to(commands: Commands) -> None:
    """Add the commands to the parser."""
    acts = _acts(commands, "targets", "Targets of the figures on cards", _list_targets)
    acts("list", _list_targets, "The targets, a line each.").add_argument("report", nargs="?", metavar="REPORT")
    kept = acts("set", _set_target, "Set a target, in the place of another for the same from the same day.")
    _add_target(kept)
    kept.add_argument("value", metavar="VALUE", help="seconds of a duration; a rate is a fraction: 0.8")
    kept.add_argument("--good", choices=tuple(targets.SIDES), help="which side is good; default: the figure's own")
    _add_target(acts("delete", _delete_target, "Delete a target."))
    _add_files(acts, _export_targets, _import_targets)
    acts = _acts(commands, "notes", "Notes on days", _list_notes)
    acts("list", _list_notes, "The notes, a line each.")
    kept = acts("set", _set_note, "Set a note on a day or a range.")
    kept.add_argument("text", metavar="TEXT", help="such as promotion")
    _add_days(kept)
    kept.add_argument(
        "--report", action="append", default=[], metavar="REPORT", help="on whose charts; repeat; default: on all"
    )
    gone = acts("delete", _delete_note, "Delete the notes of a day or a range.")
    gone.add_argument("text", nargs="?", default="", metavar="TEXT", help="default: all of these very days")
    _add_days(gone)
    _add_files(acts, _export_notes, _import_notes)
    acts = _acts(commands, "calendars", "Calendars of opening hours", _list_calendars)
    acts("list", _list_calendars, "The calendars, a line each.")
    _add_calendar(acts("set", _set_calendar, "Set a calendar, in the place of another of its name."))
    acts("delete", _delete_calendar, "Delete a calendar.").add_argument("name", metavar="NAME")
    _add_files(acts, _export_calendars, _import_calendars)


Run = Callable[[argparse.Namespace], int]
Acts = Callable[[str, Run, str], argparse.ArgumentParser]


def _acts(commands: Commands, name: str, what: str, run: Run) -> Acts:
    """Add a command that has acts, and return what adds one."""
    kept = command(commands, name, run, f"{what}: list, set, delete, export, import.")
    kept.add_argument("--json", action="store_true")
    kept.set_defaults(report=None)
    found = kept.add_subparsers(metavar="list|set|delete|export|import")

    def act(name: str, run: Run, help: str) -> argparse.ArgumentParser:
        parser = command(found, name, run, help)
        if name == "list":
            parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        elif name != "export":
            add_wait(parser)
        return parser

    return act


def _add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", metavar="REPORT")
    parser.add_argument("metric", metavar="METRIC", help="a figure of its cards")
    parser.add_argument("--from", dest="since", default="", metavar="DATE", help="from when it holds; default: always")
    parser.add_argument(
        "--for", dest="only", default="", metavar="KEY=VALUE", help="as channel=PHONE_CALL; default: everything"
    )


def _add_calendar(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="such as Desk")
    parser.add_argument("--zone", required=True, metavar="ZONE", help="whose clocks say when it is open")
    parser.add_argument(
        "--hours", action="append", required=True, metavar="DAYS=HOURS",
        help=f"as {hours.SAID}, or sat,sun=09:00-12:00,22:00-06:00; a whole day is 00:00-24:00; repeat",
    )  # fmt: skip
    parser.add_argument("--holiday", action="append", default=[], metavar="DATE", help="on which nothing opens; repeat")
    parser.add_argument("--country", default="", metavar="CODE", help="whose holidays count too, as US or DE-BY")
    parser.add_argument("--inbox", action="append", default=[], metavar="INBOX", help="that follows it; repeat")
    parser.add_argument("--default", action="store_true", help="let every other inbox follow it; the first one is that")


def _add_days(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="first", required=True, metavar="DATE")
    parser.add_argument("--to", dest="last", default="", metavar="DATE", help="last day, included; default: the same")


def _add_files(acts: Acts, export: Run, take: Run) -> None:
    exported = acts("export", export, "Write them all as a file, to be imported elsewhere.")
    exported.add_argument("--to", type=Path, metavar="FILE.json", help="default: standard output")
    acts("import", take, "Take over those of a file.").add_argument("file", type=Path, metavar="FILE.json")


def _list_targets(given: argparse.Namespace) -> int:
    found = [t for t in targets.saved(opened_to_read(given)) if given.report in (None, t.report)]
    if given.report:
        reports.report(given.report)
    if given.json:
        print(json.dumps([target.as_json() for target in found]))
        return 0
    for target in found:
        print(printable(_said(target)))
    if not found:
        print("No target is set. Set one by: targets set REPORT METRIC VALUE")
    return 0


def _said(target: Target) -> str:
    report = reports.report(target.report)
    said = formats.target(target, report.metric(target.metric))
    only = targets.for_words(target, report)
    return f"{target.report} {target.metric}: {said}{f' ({only})' if only else ''}"


def _set_target(given: argparse.Namespace) -> int:
    target = targets.said(given.report, given.metric, given.value, given.good or "", given.since, given.only)
    targets.put(opened(given), target)
    say(f"Set {_said(target)}")
    return 0


def _delete_target(given: argparse.Namespace) -> int:
    target = targets.said(given.report, given.metric, "0", "up", given.since, given.only)
    targets.delete(opened(given, may_be_new=False), target)
    say(f"Deleted the target of {given.metric}")
    return 0


def _export_targets(given: argparse.Namespace) -> int:
    workspace = opened_to_read(given)
    return handed_over(targets.exported(targets.saved(workspace)), given.to, workspace, "targets")


def _import_targets(given: argparse.Namespace) -> int:
    found = targets.imported(opened(given), _read(given.file))
    say(f"Took over {formats.rows(len(found), 'targets')}")
    return 0


def _list_notes(given: argparse.Namespace) -> int:
    found = notes.saved(opened_to_read(given))
    if given.json:
        print(json.dumps([note.as_json() for note in found]))
        return 0
    for note in found:
        print(printable(f"{short(note.days)}: {note.text} ({', '.join(note.reports) or 'all reports'})"))
    if not found:
        print("No note is set. Set one by: notes set TEXT --from DATE")
    return 0


def _set_note(given: argparse.Namespace) -> int:
    note = notes.said(given.text, given.first, given.last, given.report)
    notes.put(opened(given), note)
    say(f"Noted on {short(note.days)}: {note.text}")
    return 0


def _delete_note(given: argparse.Namespace) -> int:
    days = notes.said("any", given.first, given.last).days
    notes.delete(opened(given, may_be_new=False), days, given.text)
    say(f"Deleted the notes of {short(days)}" if not given.text else f"Deleted {given.text}")
    return 0


def _export_notes(given: argparse.Namespace) -> int:
    workspace = opened_to_read(given)
    return handed_over(notes.exported(notes.saved(workspace)), given.to, workspace, "notes")


def _import_notes(given: argparse.Namespace) -> int:
    found = notes.imported(opened(given), _read(given.file))
    say(f"Took over {formats.rows(len(found), 'notes')}")
    return 0


def _list_calendars(given: argparse.Namespace) -> int:
    found = hours.saved(opened_to_read(given))
    if given.json:
        print(json.dumps([calendar.as_json() for calendar in found]))
        return 0
    for calendar in found:
        print(printable(str(calendar)))
    if not found:
        print(f"{hours.NONE_SET}. Set one by: calendars set NAME --zone ZONE --hours {hours.SAID}")
    return 0


def _set_calendar(given: argparse.Namespace) -> int:
    calendar = hours.said(
        given.name, given.zone, given.hours, given.holiday, given.country, given.inbox, is_default=given.default
    )
    workspace = opened(given)
    calendars.put(workspace, calendar)
    (kept,) = [each for each in hours.saved(workspace) if each.name == calendar.name]
    say(f"Set {kept}")
    return 0


def _delete_calendar(given: argparse.Namespace) -> int:
    calendars.delete(opened(given, may_be_new=False), given.name)
    say(f"Deleted {given.name}")
    return 0


def _export_calendars(given: argparse.Namespace) -> int:
    workspace = opened_to_read(given)
    return handed_over(calendars.exported(hours.saved(workspace)), given.to, workspace, "calendars")


def _import_calendars(given: argparse.Namespace) -> int:
    found = calendars.imported(opened(given), _read(given.file))
    say(f"Took over {formats.rows(len(found), 'calendars')}")
    return 0


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise BadSelection(f"{shortened(path)}: too large for such a file")
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise BadSelection(f"{shortened(path)}: cannot be read ({reason(error)}). Check the path") from None
