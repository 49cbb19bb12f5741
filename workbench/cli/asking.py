"""The commands that ask: reports, kinds, show, explore, changes, sql, export."""

import argparse
import csv
import json
import math
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from workbench import reports, workbook
from workbench.ask import answers, basis, console, explore, listed
from workbench.ask.changes import COLUMNS, changes
from workbench.ask.console import Result
from workbench.ask.explore import SHAPES
from workbench.ask.logs import Page, extra_columns, log_query
from workbench.ask.question import Question, not_applicable
from workbench.ask.relations import Query, query
from workbench.ask.remarks import remark
from workbench.cli.commands import Commands, command, opened_to_read, whole
from workbench.cli.filters import add_filters, question_of
from workbench.cli.terminal import printable, say
from workbench.drawing import formats
from workbench.drawing.sentence import notes, sentence, text_table
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
    _add_part(show)
    explained = command(commands, "changes", _changes, "Print what explains the change of a metric, strongest first.")
    explained.add_argument("report", metavar="REPORT")
    explained.add_argument("metric", metavar="METRIC")
    add_filters(explained, must_compare=True)
    explained.add_argument("--to", dest="end", metavar="DATE", help="last day, included")
    explained.add_argument("--format", choices=("table", "csv", "json"), default="table")
    explore = command(commands, "explore", _explore, "Print figures of a report by any of its dimensions or over time.")
    explore.add_argument("report", metavar="REPORT")
    explore.add_argument(
        "--metric", action="extend", nargs="+", default=[], required=True, metavar="NAME", help="one to three of them"
    )
    explore.add_argument(
        "--by", action="append", type=_names, default=[], required=True, metavar="NAME[,NAME]",
        help="one or two dimensions; period is over time. Of conversations also by which moment they are placed",
    )  # fmt: skip
    explore.add_argument("--shape", metavar="NAME", help=f"one of: {', '.join(SHAPES)}; it is drawn in files alone")
    add_filters(explore, explores=True)
    explore.add_argument(
        "--to", action="append", default=[], metavar="FILE|DATE", help="last day, included; or a file to write"
    )
    explore.add_argument("--format", choices=("table", "csv", "json"), default="table")
    explore.add_argument("--sql", action="store_true", help="print the SQL instead of running it")
    _add_page(explore)
    _add_part(explore)
    sql = command(commands, "sql", _sql, "Print what a SELECT of your own comes to, read from a snapshot.")
    sql.add_argument("sql", metavar="SELECT", help="one SELECT over the entities; `reports` and `kinds` say more")
    sql.add_argument("--format", choices=("table", "csv", "json"), default="table")
    export = command(commands, "export", _export, "Write a report or a tile as .xlsx, .csv or .parquet.")
    export.add_argument("report", metavar="REPORT")
    add_filters(export)
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


def _add_part(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=whole, metavar="N", help="how many rows; default: all")
    parser.add_argument("--offset", type=whole, default=0, metavar="N", help="how many rows to leave out in front")


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
    return _printed(given, question_of(given, given.end), reports.report(given.report).tile(given.tile))


def _explore(given: argparse.Namespace) -> int:
    days, files = _days_and_files(given.to)
    by = [key for keys in given.by for key in keys]
    explored = {"metric": [*given.metric], "by": by, "shape": [given.shape] if given.shape else []}
    question = explore.asked(question_of(given, days[-1] if days else None, explored))
    tile = question.report.tiles[0]
    if files:
        return _written(question, files, tile, _page(given))
    return _printed(given, question, tile)


def _printed(given: argparse.Namespace, question: Question, tile: Tile) -> int:
    """Print a tile, or the SQL that answers it; what there is to know of its numbers is said."""
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


def _changes(given: argparse.Namespace) -> int:
    metric = reports.report(given.report).metric(given.metric)
    question = question_of(given, given.end)
    found, unit = changes(question, metric), basis.unit(question)
    if given.format == "table":
        print(printable(text_table(question.report, found, unit)))
    else:
        _print_objects(found.rows[list(COLUMNS)], given.format)
    if noticed := remark(question):
        say(str(sentence(question.report, noticed, unit)))
    for note in notes(question.report, found):
        say(note)
    _say_compared(question)
    _say_basis(question)
    return 0


def _say_compared(question: Question) -> None:
    """Say which filters can match nothing, and what the figures are compared with, or why with nothing."""
    for text in basis.unknown(question):
        say(text)
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
    days, files = _days_and_files(given.to)
    tile = reports.report(given.report).tile(given.tile) if given.tile else None
    question = question_of(given, days[-1] if days else None)
    return _written(question, files, tile, _page(given), exact=given.exact)


def _days_and_files(given: Sequence[str]) -> tuple[list[str], list[Path]]:
    """Return the days and the files that the one option names; a date is never a file's name with an ending."""
    files = [Path(text).expanduser() for text in given if not _is_date(text)]
    return [text for text in given if _is_date(text)], files


def _written(question: Question, files: Sequence[Path], tile: Tile | None, page: Page, *, exact: bool = False) -> int:
    if len(files) != 1:
        raise BadSelection("Say one file to write, such as --to pack.xlsx (a date after --to is the last day)")
    written = workbook.write(question, files[0], tile, page, exact=exact)
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
