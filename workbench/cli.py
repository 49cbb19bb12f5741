"""The command line: the same core as the pages, for scripts and schedules (contract: README, Command line).

Results go to standard output, messages to standard error. Exit status: 0 done, 1 refused or failed, 2 wrong usage.
"""

import argparse
import csv
import glob
import io
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from workbench import places, reports, workbook
from workbench.ask import answers, shell
from workbench.ask.answers import Page
from workbench.ask.scope import Scope, scope
from workbench.ask.selection import (
    COMPARISONS,
    MOST_WINDOW_DAYS,
    PRESETS,
    ROLLUPS,
    TOUCHES,
    Selection,
    parsed,
)
from workbench.drawing import formats
from workbench.errors import (
    BadSelection,
    WorkbenchError,
    WorkspaceHeld,
    WorkspaceUnavailable,
)
from workbench.exports import KINDS
from workbench.intake import Choices, mappings, schema
from workbench.intake.history import Comparison
from workbench.intake.load import LoadReport
from workbench.progress import Progress
from workbench.reports import Report, Tile
from workbench.store.workspace import Workspace, checked_path, default_path

FIRST_PORT, LAST_PORT = 8501, 8520


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console that lacks a character shows its number instead
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(given.command(given))
    except WorkbenchError as error:
        _say(str(error))
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        _say("Stopped. Nothing of the unfinished work was kept")
    return 1


def _say(text: str) -> None:
    print(_printable(text), file=sys.stderr)


def _printable(text: str) -> str:
    """Return a text without the control characters by which a file's values could drive the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m workbench", description="Reports over exports of customer-contact systems."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(command=run)
        sub.add_argument(
            "--workspace", help="default: $WORKBENCH_WORKSPACE, else ~/.contact-workbench/workspace.duckdb"
        )
        return sub

    load = command("load", _load, "Load export files; any file can be loaded again.")
    load.add_argument("files", nargs="+", metavar="FILE")
    load.add_argument("--kind", metavar="KIND", help=f"one of: {', '.join(KINDS)}")
    load.add_argument("--file-timezone", metavar="ZONE", help="zone of the file's wall times, where it does not say")
    load.add_argument("--date-order", choices=("dmy", "mdy"), help="order of day and month in dates such as 7/12/21")
    load.add_argument("--sheet", metavar="NAME", help="sheet of a spreadsheet")
    covers = "what a row of a vendor's own figures covers, where name and dates do not tell"
    load.add_argument("--rollup", metavar="NAME", help=f"{covers}: one of {', '.join(ROLLUPS)}")
    load.add_argument("--mapping", metavar="FILE", help='JSON: {"kind": KIND, "columns": {"Header": "column", ...}}')
    load.add_argument("--json", action="store_true", help="one JSON object per file")
    _add_wait(load)
    status = command("status", _status, "What is loaded: kinds, rows, coverage, loads, warnings.")
    status.add_argument("--json", action="store_true")
    unload = command("unload", _unload, "Take one load back out, as if it had never been.")
    unload.add_argument("load_id", type=_whole, metavar="LOAD_ID")
    _add_wait(unload)
    compare = command("compare", _compare, "Rows that were added, changed or vanished between two loads.")
    compare.add_argument("first", type=_whole, metavar="LOAD")
    compare.add_argument("second", type=_whole, metavar="LOAD")
    compare.add_argument("--json", action="store_true")
    for name, run, help in (
        ("backup", _backup, "Write the whole workspace into a file."),
        ("restore", _restore, "Put a backup in the place of everything; what was there is kept in a file."),
    ):
        keeping = command(name, run, help)
        keeping.add_argument("file", type=Path, metavar="FILE")
        _add_wait(keeping)
    listing = command("reports", _reports, "Reports, their tiles, filters and metric definitions.")
    listing.add_argument("--json", action="store_true")
    show = command("show", _show, "Print a tile of a report.")
    show.add_argument("report", metavar="REPORT")
    show.add_argument("tile", metavar="TILE")
    _add_filters(show)
    show.add_argument("--to", dest="end", metavar="DATE", help="last day, included")
    show.add_argument("--format", choices=("table", "csv", "json"), default="table")
    show.add_argument("--sql", action="store_true", help="print the SQL instead of running it")
    show.add_argument("--sort", default="", metavar="COLUMN[:desc]")
    show.add_argument("--limit", type=_whole, metavar="N")
    show.add_argument("--offset", type=_whole, default=0, metavar="N")
    show.add_argument("--search", default="", metavar="TEXT")
    export = command("export", _export, "Write a report or a tile as .xlsx, .csv or .parquet.")
    export.add_argument("report", metavar="REPORT")
    _add_filters(export)
    # The same option names the last day and the file; a date is never a file's name with an ending.
    export.add_argument(
        "--to", action="append", required=True, metavar="FILE|DATE", help="the file; a date is the last day"
    )
    export.add_argument("--tile", metavar="TILE")
    export.add_argument(
        "--exact", action="store_true", help=".csv without the apostrophes that stop spreadsheets from running text"
    )
    setting = command("set", _set, "Change a setting, such as reporting_zone or week_start.")
    setting.add_argument("key", metavar="KEY")
    setting.add_argument("value", metavar="VALUE")
    _add_wait(setting)
    serve = command("serve", _serve, "Serve the app on this machine.")
    serve.add_argument("--port", type=_whole, help=f"default: the first free one from {FIRST_PORT}")
    return parser


def _whole(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number")
    return int(text)


def _add_wait(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wait", type=float, default=10, metavar="SECONDS", help="how long to wait for a workspace in use (10)"
    )


def _add_filters(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("filters")
    group.add_argument("--from", dest="start", metavar="DATE")
    group.add_argument("--preset", metavar="NAME", help=f"one of: {', '.join(PRESETS)}")
    group.add_argument("--rollup", metavar="NAME", help=f"one of: {', '.join(ROLLUPS)}")
    group.add_argument(
        "--where", action="append", default=[], metavar="KEY=VALUE", help="repeat for several; KEY= is missing"
    )
    group.add_argument("--pin", action="append", default=[], metavar="KEY=VALUE")
    group.add_argument("--timezone", metavar="ZONE", help="zone to show times in; default: the reporting zone")
    group.add_argument("--compare", metavar="WITH", help=f"one of: {', '.join(COMPARISONS)}, FROM..TO")
    group.add_argument("--as-exported", action="store_true", help="without customer merges")
    group.add_argument(
        "--window-days", metavar="N", help=f"days in which an order counts for a message, 1 to {MOST_WINDOW_DAYS}"
    )
    group.add_argument(
        "--touch", metavar="NAME", help=f"message that an order is credited to, one of: {', '.join(TOUCHES)}"
    )
    group.add_argument("--currency", metavar="CODE", help="the currency of orders that revenue is taken from")


def _open(given: argparse.Namespace) -> Workspace:
    path = default_path() if given.workspace is None else checked_path(given.workspace)
    workspace = Workspace(path, wait=getattr(given, "wait", 0))
    if workspace.notice:
        _say(workspace.notice)
    shell.install(workspace)
    return workspace


def _open_to_read(given: argparse.Namespace) -> Workspace:
    """Return the workspace, or its last snapshot while another process holds it."""
    try:
        return _open(given)
    except WorkspaceHeld as held:
        path = default_path() if given.workspace is None else checked_path(given.workspace)
        try:
            workspace = Workspace(path, is_snapshot=True)
        except WorkspaceUnavailable:
            raise held from None
    published = datetime.fromtimestamp(workspace.snapshot.stat().st_mtime)
    _say(f"Another process holds {path}: this is its snapshot of {formats.timestamp(published)}")
    shell.install(workspace)
    return workspace


def _load(given: argparse.Namespace) -> int:
    mapping = mappings.read(Path(given.mapping)) if given.mapping else None
    choices = Choices(given.kind, given.file_timezone, given.date_order, given.sheet, mapping, given.rollup)
    workspace = _open(given)
    refused = 0
    for file in _files(given.files):
        try:
            with _progress_shown(file) as progress:
                report = workspace.load(file, choices, progress)
        except WorkbenchError as error:
            refused += 1
            _say(f"Refused: {error}")
            continue
        print(json.dumps(report.as_json()) if given.json else _loaded_line(report))
        for warning in report.warnings:
            _say(f"{report.file}: {warning}")
        for reject in [] if given.json else report.rejects[:5]:
            _say(_reject_line(report, reject))
    return 1 if refused else 0


@contextmanager
def _progress_shown(file: str) -> Iterator[Progress]:
    """Write how far a load has come to standard error, when that is a terminal."""
    progress, is_done = Progress(), threading.Event()

    def show() -> None:
        while not is_done.wait(0.3):
            done = progress.fraction()
            share = "" if done is None else f" {done:.0%}"
            print(f"\r\x1b[K{Path(file).name}: {progress.stage}{share}", end="", file=sys.stderr, flush=True)
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    shower = threading.Thread(target=show) if sys.stderr.isatty() else None
    if shower:
        shower.start()
    try:
        yield progress
    finally:
        is_done.set()
        if shower:
            shower.join()


def _files(patterns: Sequence[str]) -> list[str]:
    """Return the files that names and patterns stand for; a pattern that no shell expanded is expanded here."""
    return [
        file
        for pattern in patterns
        for file in ([pattern] if Path(pattern).exists() else sorted(glob.glob(pattern)) or [pattern])
    ]


def _loaded_line(report: LoadReport) -> str:
    return (
        f"{report.file}: {_rows_said(report.rows_read)} read: {report.rows_loaded:,} loaded,"
        f" {report.rows_updated:,} updated, {report.rows_unchanged:,} unchanged,"
        f" {report.rows_rejected:,} rejected ({report.kind or 'not recognised'}, {report.seconds:.1f} s)"
    )


def _rows_said(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _reject_line(report: LoadReport, reject: dict[str, Any]) -> str:
    value = "" if reject["value"] is None else f" is '{reject['value']}',"
    column = f" {reject['column']}" if reject["column"] else ""
    return f"Row {reject['row']} of {report.file}:{column}{value} {reject['reason']}"


def _unload(given: argparse.Namespace) -> int:
    workspace = _open(given)
    workspace.unload(given.load_id)
    _say(f"Load {given.load_id} was taken back")
    return 0


def _compare(given: argparse.Namespace) -> int:
    found = _open_to_read(given).compare(given.first, given.second)
    if given.json:
        print(json.dumps(_comparison_json(given, found)))
        return 0
    print(f"{found.kind.name}: {_comparison_line(found)}")
    for column, cells in found.columns.items():
        print(f"  {column}: {cells:,} changed")
    for what, rows in (("added", found.added), ("changed", found.changed), ("vanished", found.vanished)):
        if not rows.empty:
            print(f"\n{what.capitalize()}:\n{_printable(rows.to_string(index=False, na_rep=formats.MISSING))}")
    return 0


def _comparison_line(found: Comparison) -> str:
    new, old = found.outside_first, found.outside_second
    return (
        f"{_rows_said(len(found.added))} added{f' ({new:,} on days that the first does not cover)' if new else ''},"
        f" {found.changed_rows:,} changed, {len(found.vanished):,} vanished"
        f"{f' ({old:,} from days that the second does not cover)' if old else ''}, {found.unchanged:,} unchanged"
    )


def _comparison_json(given: argparse.Namespace, found: Comparison) -> dict[str, Any]:
    rows = {"added": found.added, "changed": found.changed, "vanished": found.vanished}
    return {
        "kind": found.kind.name,
        "loads": [given.first, given.second],
        "rows_added": len(found.added),
        "rows_changed": found.changed_rows,
        "rows_vanished": len(found.vanished),
        "rows_unchanged": found.unchanged,
        "rows_added_outside": found.outside_first,
        "rows_vanished_outside": found.outside_second,
        "columns": found.columns,
        **{name: json.loads(frame.to_json(orient="records", date_format="iso")) for name, frame in rows.items()},
    }


def _backup(given: argparse.Namespace) -> int:
    _open(given).backup(given.file)
    _say(f"Backed up into {given.file}")
    return 0


def _restore(given: argparse.Namespace) -> int:
    kept = _open(given).restore(given.file)
    _say(f"Restored from {given.file}. What was there before is kept in {kept}")
    return 0


def _status(given: argparse.Namespace) -> int:
    workspace = _open_to_read(given)
    found: dict[str, Any] = {
        "workspace": str(workspace.path),
        "reporting_zone": workspace.reporting_zone,
        "week_start": workspace.week_start,
        "kinds": [_kind_status(workspace, kind) for kind in KINDS],
        "loads": workspace.loads(),
    }
    if given.json:
        print(json.dumps(found))
        return 0
    print(f"{found['workspace']}  ({found['reporting_zone']}, weeks start on {str(found['week_start']).capitalize()})")
    for kind in found["kinds"]:
        if kind["loads"]:
            days = f"{kind['from'] or '–'} to {kind['to'] or '–'}"
            loads = f"{kind['loads']} load{'s' if kind['loads'] > 1 else ''}"
            print(f"{kind['kind']}: {_rows_said(kind['rows'])}, {days}, {loads}")
    for load in found["loads"]:
        print(f"  {load['load_id']:>4}  {_loaded_line(LoadReport(**load))}")
    if not found["loads"]:
        print("Nothing is loaded. Load a file: python -m workbench load FILE")
    return 0


def _kind_status(workspace: Workspace, kind: str) -> dict[str, Any]:
    (rows,) = workspace.rows(f"select count(*) from {schema.rows_sql(KINDS[kind])}")[0]
    loads = workspace.loads([kind])
    days = {
        "from": min((load["period_from"] for load in loads if load["period_from"]), default=None),
        "to": max((load["period_to"] for load in loads if load["period_to"]), default=None),
    }
    return {"kind": kind, "rows": rows, "loads": len(loads), **days}


def _reports(given: argparse.Namespace) -> int:
    found = [_report_json(report) for report in reports.REPORTS.values()]
    if given.json:
        print(json.dumps(found))
        return 0
    for report in found:
        print(f"{report['report']}: {report['title']}. {report['purpose']}")
        print(f"  filters: {', '.join(report['filters'])}")
        for tile in report["tiles"]:
            print(f"  {tile['tile']}: {', '.join(tile['columns'])}")
        for metric in report["metrics"]:
            print(f"  {metric['metric']} = {metric['formula']}. {metric['definition']}")
    return 0


def _report_json(report: Report) -> dict[str, Any]:
    return {
        "report": report.name,
        "title": report.title,
        "system": report.system,
        "purpose": report.purpose,
        "filters": ["from", "to", "rollup", *(dimension.key for dimension in report.filters)],
        "tiles": [{"tile": t.name, "title": t.title, "shape": t.shape, "columns": t.columns} for t in report.tiles],
        "metrics": [
            {"metric": m.name, "label": m.label, "definition": m.definition, "formula": m.formula, "rows": m.rows}
            for m in report.metrics
        ],
    }


def _asked(given: argparse.Namespace, end: str | None) -> tuple[Workspace, Report, Scope]:
    """Return the open workspace, the report and the scope that the filters come to."""
    report = reports.report(given.report)
    query: dict[str, list[str]] = {"pin": given.pin}
    plain = {"from": given.start, "to": end, "preset": given.preset, "rollup": given.rollup}
    plain |= {"window_days": given.window_days, "touch": given.touch, "currency": given.currency}
    plain |= {"timezone": given.timezone, "compare": given.compare, "as_exported": "yes" if given.as_exported else None}
    query |= {key: [text] for key, text in plain.items() if text is not None}
    for pair in given.where:
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadSelection(f"The filter '{pair}' has no value. Write it as channel=CHAT")
        query.setdefault(key, []).append(value)
    selection: Selection = parsed(report, query)
    workspace = _open_to_read(given)
    if not workspace.loads(report.kinds):
        title = " or ".join(KINDS[kind].title for kind in report.kinds)
        raise WorkbenchError(f"No {title} loaded yet in {workspace.path}. Load one: python -m workbench load FILE")
    return workspace, report, scope(workspace, report, selection)


def _show(given: argparse.Namespace) -> int:
    tile = reports.report(given.report).tile(given.tile)
    workspace, report, asked = _asked(given, given.end)
    page = Page(given.sort, given.limit, given.offset, given.search)
    if given.sql:
        print(_query(workspace, asked, report, tile, page).filled_in())
        return 0
    if answers.not_applicable(asked, report, tile):
        _say("The selected filter(s) are not applicable here")
        rows = pd.DataFrame(columns=list(tile.columns))
    else:
        rows = _rows(workspace, asked, report, tile, page)
        if rows.empty:
            _say("The selected filter(s) have no applicable data")
        for text in answers.stated(workspace, asked, report, tile):
            _say(text)
    _print(rows, report, asked, given.format)
    for start, end in asked.now.gaps:
        _say(f"Not loaded, or not for everything selected: {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}")
    if asked.why_not:
        _say(f"No comparison: {asked.why_not}")
    return 0


def _query(workspace: Workspace, asked: Scope, report: Report, tile: Tile, page: Page) -> answers.Query:
    if tile.shape != "log":
        return answers.query(asked, report, tile)
    return answers.log_query(asked, report, tile, page, answers.extra_columns(workspace, report, tile))


def _rows(workspace: Workspace, asked: Scope, report: Report, tile: Tile, page: Page) -> pd.DataFrame:
    if tile.shape == "log":
        limit = page if page.limit is not None or not page.offset else Page(page.sort, 2**62, page.offset, page.search)
        return answers.log_rows(workspace, asked, report, tile, limit).drop(columns="row_id")
    rows = answers.rows(workspace, asked, report, tile)
    if page.sort:
        column, downwards = page.ordered_by(tile, tuple(rows.columns))
        rows = rows.sort_values(column, ascending=not downwards, kind="stable", na_position="last")
    if page.search:
        texts = rows[list(tile.dimensions)].astype(str)
        rows = rows[texts.apply(lambda column: column.str.contains(page.search, case=False, regex=False)).any(axis=1)]
    return rows.iloc[page.offset : None if page.limit is None else page.offset + page.limit]


def _print(rows: pd.DataFrame, report: Report, asked: Scope, format: str) -> None:
    if format == "table":
        print(_printable(formats.text_table(report, rows, asked.selection.rollup)))
        return
    objects = [
        {name: _plain(value, name, asked) for name, value in zip(rows.columns, row, strict=True)}
        for row in rows.itertuples(index=False, name=None)
    ]
    if format == "json":
        print(json.dumps(objects))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(["" if value is None else value for value in row.values()] for row in objects)


def _plain(value: Any, name: str, asked: Scope) -> Any:
    """Return a value as JSON has it: missing is null, times are ISO 8601, a period of days is its first day."""
    if value is None or value is pd.NA or value != value:  # NaN and NaT differ from themselves
        return None
    if isinstance(value, datetime | date):
        is_day = name == "period" and asked.selection.rollup not in ("hour", "half_hour")
        return value.strftime("%Y-%m-%d") if is_day else value.isoformat()
    return value.item() if hasattr(value, "item") else value


def _export(given: argparse.Namespace) -> int:
    days = [text for text in given.to if _is_date(text)]
    files = [text for text in given.to if not _is_date(text)]
    if len(files) != 1:
        raise BadSelection("Say one file to write, such as --to pack.xlsx (a date after --to is the last day)")
    tile = reports.report(given.report).tile(given.tile).name if given.tile else None
    workspace, report, asked = _asked(given, days[-1] if days else None)
    target = workbook.write(workspace, asked, report, Path(files[0]).expanduser(), tile, exact=given.exact)
    _say(f"Wrote {target} ({target.stat().st_size / 1e6:.1f} MB)")
    return 0


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _set(given: argparse.Namespace) -> int:
    _open(given).set(given.key, given.value)
    _say(f"{given.key} is now {given.value}")
    return 0


def _serve(given: argparse.Namespace) -> int:
    """Serve the app on the loopback address, on the next free port when the usual one is taken."""
    port = given.port or _free_port()
    if port != FIRST_PORT and not given.port:
        _say(f"Port {FIRST_PORT} is taken")
    _say(f"Contact Workbench: http://127.0.0.1:{port}")
    environment = dict(os.environ)
    if given.workspace:
        environment["WORKBENCH_WORKSPACE"] = str(checked_path(given.workspace).resolve())
    command = [sys.executable, "-m", "streamlit", "run", str(places.APP), "--server.port", str(port)]
    return subprocess.run(command, cwd=places.TOP, env=environment, check=False).returncode


def _free_port() -> int:
    for port in range(FIRST_PORT, LAST_PORT + 1):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise WorkbenchError(f"Ports {FIRST_PORT} to {LAST_PORT} are taken. Name a free one with --port")
