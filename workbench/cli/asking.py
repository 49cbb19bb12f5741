"""The commands that ask: reports, show, export."""

import argparse
import csv
import json
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from workbench import reports
from workbench.ask import answers, basis
from workbench.ask.logs import Page, extra_columns, log_query, log_rows
from workbench.ask.question import Question, not_applicable
from workbench.ask.relations import Query, query
from workbench.cli.commands import Commands, command, whole
from workbench.cli.filters import add_filters, question_of
from workbench.cli.terminal import printable, say
from workbench.drawing import formats
from workbench.errors import BadSelection
from workbench.reports import Report, Tile
from workbench.workbook import write


def add_to(commands: Commands) -> None:
    """Add the commands to the parser."""
    listing = command(commands, "reports", _reports, "Reports, their tiles, filters and metric definitions.")
    listing.add_argument("--json", action="store_true")
    show = command(commands, "show", _show, "Print a tile of a report.")
    show.add_argument("report", metavar="REPORT")
    show.add_argument("tile", metavar="TILE")
    add_filters(show)
    show.add_argument("--to", dest="end", metavar="DATE", help="last day, included")
    show.add_argument("--format", choices=("table", "csv", "json"), default="table")
    show.add_argument("--sql", action="store_true", help="print the SQL instead of running it")
    show.add_argument("--sort", default="", metavar="COLUMN[:desc]")
    show.add_argument("--limit", type=whole, metavar="N")
    show.add_argument("--offset", type=whole, default=0, metavar="N")
    show.add_argument("--search", default="", metavar="TEXT")
    export = command(commands, "export", _export, "Write a report or a tile as .xlsx, .csv or .parquet.")
    export.add_argument("report", metavar="REPORT")
    add_filters(export)
    # The same option names the last day and the file; a date is never a file's name with an ending.
    export.add_argument(
        "--to", action="append", required=True, metavar="FILE|DATE", help="the file; a date is the last day"
    )
    export.add_argument("--tile", metavar="TILE")
    export.add_argument(
        "--exact", action="store_true", help=".csv without the apostrophes that stop spreadsheets from running text"
    )


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


def _show(given: argparse.Namespace) -> int:
    tile = reports.report(given.report).tile(given.tile)
    question = question_of(given, given.end)
    page = Page(given.sort, given.limit, given.offset, given.search)
    if given.sql:
        print(_query(question, tile, page).filled_in())
        return 0
    _print(_shown(question, tile, page), question, given.format)
    for start, end in question.scope.now.gaps:
        say(f"Not loaded, or not for everything selected: {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}")
    if question.scope.why_not:
        say(f"No comparison: {question.scope.why_not}")
    _say_basis(question)
    return 0


def _say_basis(question: Question) -> None:
    """Say by which rules it was counted, and of which files."""
    for text in basis.said(question):
        say(f"{text[:1].upper()}{text[1:]}")
    for what, found in basis.by_kind(question):
        say(f"{what}: {', '.join(source.name for source in found)}")


def _query(question: Question, tile: Tile, page: Page) -> Query:
    if tile.log:
        return log_query(question, tile, page, extra_columns(question, tile))
    return query(question, tile)


def _shown(question: Question, tile: Tile, page: Page) -> pd.DataFrame:
    """Return the rows to print; what there is to say of them is said."""
    if not_applicable(question, tile):
        say("The selected filter(s) are not applicable here")
        return pd.DataFrame(columns=list(tile.columns))
    rows = _rows(question, tile, page)
    if rows.empty:
        say("The selected filter(s) have no applicable data")
    for text in filter(None, (answers.note(question, tile), *answers.stated(question, tile))):
        say(text)
    return rows


def _rows(question: Question, tile: Tile, page: Page) -> pd.DataFrame:
    if tile.log:
        limited = replace(page, limit=2**62) if page.limit is None and page.offset else page
        return log_rows(question, tile, limited).drop(columns="row_id")
    rows = answers.rows(question, tile)
    if page.sort:
        column, downwards = page.ordered_by(tile, tuple(rows.columns))
        rows = rows.sort_values(column, ascending=not downwards, kind="stable", na_position="last")
    if page.search:
        texts = rows[list(tile.dimensions)].astype(str)
        rows = rows[texts.apply(lambda column: column.str.contains(page.search, case=False, regex=False)).any(axis=1)]
    return rows.iloc[page.offset : None if page.limit is None else page.offset + page.limit]


def _print(rows: pd.DataFrame, question: Question, format: str) -> None:
    if format == "table":
        unit = basis.unit(question)
        print(printable(formats.text_table(question.report, rows, question.selection.rollup, unit)))
        return
    objects = [
        {name: _plain(value, name, question.selection.rollup) for name, value in zip(rows.columns, row, strict=True)}
        for row in rows.itertuples(index=False, name=None)
    ]
    if format == "json":
        print(json.dumps(objects))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(["" if value is None else value for value in row.values()] for row in objects)


def _plain(value: Any, name: str, rollup: str) -> Any:
    """Return a value as JSON has it: missing is null, times are ISO 8601, a period of days is its first day."""
    if value is None or value is pd.NA or value != value:  # NaN and NaT differ from themselves
        return None
    if isinstance(value, datetime | date):
        is_day = name == "period" and rollup not in ("hour", "half_hour")
        return value.strftime("%Y-%m-%d") if is_day else value.isoformat()
    return value.item() if hasattr(value, "item") else value


def _export(given: argparse.Namespace) -> int:
    days = [text for text in given.to if _is_date(text)]
    files = [Path(text).expanduser() for text in given.to if not _is_date(text)]
    if len(files) != 1:
        raise BadSelection("Say one file to write, such as --to pack.xlsx (a date after --to is the last day)")
    tile = reports.report(given.report).tile(given.tile) if given.tile else None
    question = question_of(given, days[-1] if days else None)
    target = write(question, files[0], tile, exact=given.exact)
    say(f"Wrote {target} ({target.stat().st_size / 1e6:.1f} MB)")
    _say_basis(question)
    return 0


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
