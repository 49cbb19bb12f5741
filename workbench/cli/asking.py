"""The commands that ask: reports, kinds, show, sql, export."""

import argparse
import csv
import json
import math
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from workbench import reports, workbook
from workbench.ask import answers, basis, console, listed
from workbench.ask.console import Result
from workbench.ask.logs import Page, extra_columns, log_query
from workbench.ask.question import Question, not_applicable
from workbench.ask.relations import Query, query
from workbench.cli.commands import Commands, command, opened_to_read, whole
from workbench.cli.filters import add_filters, question_of
from workbench.cli.terminal import printable, say
from workbench.drawing import formats
from workbench.errors import BadSelection
from workbench.reports import Tile


def add_to(commands: Commands) -> None:
    """Add the commands to the parser."""
    for name, run, help in (
        ("reports", _reports, "Reports, their tiles, filters and metric definitions."),
        ("kinds", _kinds, "Export kinds, their columns and aliases."),
    ):
        command(commands, name, run, help).add_argument("--json", action="store_true")
    show = command(commands, "show", _show, "Print a tile of a report.")
    show.add_argument("report", metavar="REPORT")
    show.add_argument("tile", metavar="TILE")
    add_filters(show)
    show.add_argument("--to", dest="end", metavar="DATE", help="last day, included")
    show.add_argument("--format", choices=("table", "csv", "json"), default="table")
    show.add_argument("--sql", action="store_true", help="print the SQL instead of running it")
    _add_page(show)
    show.add_argument("--limit", type=whole, metavar="N", help="how many rows; default: all")
    show.add_argument("--offset", type=whole, default=0, metavar="N", help="how many rows to leave out in front")
    sql = command(commands, "sql", _sql, "Print what a SELECT of your own comes to, read from a snapshot.")
    sql.add_argument("sql", metavar="SELECT", help="one SELECT over the entities; `reports` and `kinds` say more")
    sql.add_argument("--format", choices=("table", "csv", "json"), default="table")
    export = command(commands, "export", _export, "Write a report or a tile as .xlsx, .csv or .parquet.")
    export.add_argument("report", metavar="REPORT")
    add_filters(export)
    # The same option names the last day and the file; a date is never a file's name with an ending.
    export.add_argument(
        "--to", action="append", required=True, metavar="FILE|DATE", help="the file; a date is the last day"
    )
    export.add_argument("--tile", metavar="TILE", help="one tile alone; for .csv and .parquet the log unless named")
    _add_page(export)
    export.add_argument(
        "--exact", action="store_true", help=".csv without the apostrophes that stop spreadsheets from running text"
    )


def _add_page(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which columns and rows of a tile, and in which order."""
    parser.add_argument(
        "--columns", type=_names, default=(), metavar="all|NAME,NAME...",
        help="default: of a log those shown at first; a name with a comma stands in double quotes",
    )  # fmt: skip
    parser.add_argument("--sort", default="", metavar="COLUMN[:desc]", help="over all rows, missing values last")
    parser.add_argument(
        "--search",
        default="",
        metavar="TEXT",
        help="rows that hold it, as stored or as a table shows it; case and accents do not count",
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in next(csv.reader([text]), [""]))


def _page(given: argparse.Namespace, limit: int | None = None, offset: int = 0) -> Page:
    return Page(given.sort, limit, offset, given.search, given.columns)


def _reports(given: argparse.Namespace) -> int:
    found = listed.reports()
    if given.json:
        print(json.dumps(found))
        return 0
    for report in found:
        print(f"{report['report']}: {report['title']}. {report['purpose']}")
        print(f"  filters: {', '.join(report['filters'])}")
        for tile in report["tiles"]:
            print(f"  {tile['tile']}: {', '.join(tile['columns'])}")
            if tile["offers"]:
                print(f"    with --columns besides: {', '.join(tile['offers'])}")
        for metric in report["metrics"]:
            print(f"  {metric['metric']} = {metric['formula']}. {metric['definition']}")
    return 0


def _kinds(given: argparse.Namespace) -> int:
    found = listed.kinds()
    if given.json:
        print(json.dumps(found))
        return 0
    for kind in found:
        print(f"{kind['kind']}: {kind['title']} ({kind['system']}); a row is known by {', '.join(kind['key'])}")
        for column in kind["columns"]:
            print(f"  {column['column']} ({column['type']}): {', '.join(column['headers'])}")
    return 0


def _show(given: argparse.Namespace) -> int:
    tile = reports.report(given.report).tile(given.tile)
    question = question_of(given, given.end)
    page = _page(given, given.limit, given.offset)
    if given.sql:
        print(_query(question, tile, page).filled_in())
        return 0
    _print(_shown(question, tile, page), question, given.format)
    if not_loaded := question.scope.not_loaded_said():
        say(not_loaded)
    _say_compared(question)
    _say_basis(question)
    return 0


def _say_compared(question: Question) -> None:
    """Say what the figures are compared with, or why with nothing."""
    if compared := question.scope.comparison_said:
        say(compared)


def _say_basis(question: Question) -> None:
    """Say by which rules it was counted, and of which files."""
    for text in basis.said(question):
        say(text)
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
    rows = answers.page(question, tile, page)
    if rows.empty:
        say("The selected filter(s) have no applicable data")
    for text in filter(None, (answers.note(question, tile), *answers.stated(question, tile))):
        say(text)
    return rows


def _print(rows: pd.DataFrame, question: Question, format: str) -> None:
    if format == "table":
        unit = basis.unit(question)
        print(printable(formats.text_table(question.report, rows, question.selection.rollup, unit)))
        return
    _print_objects(rows, format, question.selection.rollup)


def _print_objects(rows: pd.DataFrame, format: str, rollup: str = "day") -> None:
    objects = [
        {name: _plain(value, name, rollup) for name, value in zip(rows.columns, row, strict=True)}
        for row in rows.itertuples(index=False, name=None)
    ]
    if format == "json":
        print(json.dumps(objects))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(["" if value is None else value for value in row.values()] for row in objects)


def _sql(given: argparse.Namespace) -> int:
    found = console.run(opened_to_read(given), given.sql)
    if given.format == "table":
        print(printable(formats.lines([_column(found, str(name)) for name in found.rows])))
    else:
        _print_objects(found.rows, given.format, "hour")
    if found.is_cut:
        say(f"The first {len(found.rows):,} rows. Group, or write `limit` and `offset`")
    return 0


def _column(found: Result, name: str) -> list[str]:
    cells = [formats.MISSING if formats.is_missing(value) else str(value) for value in found.rows[name].tolist()]
    return formats.padded(name, cells, name in found.numbers)


def _plain(value: Any, name: str, rollup: str) -> Any:
    """Return a value as JSON has it: missing is null, times are ISO 8601, a period of days is its first day."""
    if value is None or value is pd.NA or value != value:  # NaN and NaT differ from themselves
        return None
    if isinstance(value, datetime | date):
        is_day = name == "period" and rollup not in ("hour", "half_hour")
        return value.strftime("%Y-%m-%d") if is_day else value.isoformat()
    value = value.item() if hasattr(value, "item") else value
    return str(value) if isinstance(value, float) and math.isinf(value) else value  # JSON has no number for it


def _export(given: argparse.Namespace) -> int:
    days = [text for text in given.to if _is_date(text)]
    files = [Path(text).expanduser() for text in given.to if not _is_date(text)]
    if len(files) != 1:
        raise BadSelection("Say one file to write, such as --to pack.xlsx (a date after --to is the last day)")
    tile = reports.report(given.report).tile(given.tile) if given.tile else None
    question = question_of(given, days[-1] if days else None)
    written = workbook.write(question, files[0], tile, _page(given), exact=given.exact)
    _say_compared(question)
    say(f"Wrote {written.path} ({formats.size(written.size)})")
    if written.said:
        say(written.said)
    _say_basis(question)
    return 0


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
