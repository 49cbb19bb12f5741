"""Asks everything that a page, a notebook or the command line asks of a report, through the seam of the engines.

So what checks every query checks what is really asked, also of reports and tiles that are yet to come.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from workbench.ask import answers, changes, explore, remarks
from workbench.ask.logs import EVERY_COLUMN, Page, extra_columns, log_count, log_rows, rows_with
from workbench.ask.question import Question, is_shown
from workbench.ask.selection import Exploration, Selection, cell_rows
from workbench.reports import Report, Tile
from workbench.store.workspace import Workspace

FROM, TO = date(2026, 10, 26), date(2026, 11, 8)  # of the sample, with a clock change between them
LIMIT = 50  # rows of a page of a log


def selections(report: Report) -> Iterator[Selection]:
    """Give selections that differ in all that makes SQL another: comparison, zone, rollup, merges, crediting."""
    asked = Selection(FROM, TO)
    yield Selection()
    yield replace(asked, compare="preceding", rollup="week")
    yield replace(asked, timezone="America/New_York", rollup="hour", compare="matching")
    yield replace(asked, rollup="half_hour", as_exported=True)
    yield Selection(rollup="quarter", whole_only=True)
    if report.settings:
        yield replace(
            asked, touch="first", window_days=3, service_level="offered", threshold=(("", 30.0), ("CHAT", 60.0)),
            short_abandon=(("", 5.0),), within_days=2, forward_minutes=60, same_channel=True,
        )  # fmt: skip


def narrowed(question: Question) -> Iterator[Selection]:
    """Give the selections of a question in which one filter, or one pin, has its first value and the missing one."""
    for dimension in question.report.filters:
        found = [] if dimension.is_typed else [value for value, _ in answers.options(question, dimension.key)]
        picked = tuple(dict.fromkeys((*found[:1], *([""] if "" in found and not dimension.is_single else ())))) or (
            "210",
        )
        yield replace(question.selection, filters=((dimension.key, picked),))
        yield replace(question.selection, pins=(((dimension.key, picked),),))


def ask_tile(question: Question, tile: Tile) -> None:
    """Ask a tile all that is asked of one."""
    if tile.log:
        return ask_log(question, tile)
    answers.rows(question, tile)
    answers.stated(question, tile)
    answers.note(question, tile)
    answers.growing_from(question, tile)
    answers.total(question, tile)
    answers.values(question, tile)
    answers.wholes_of(question, tile)
    if tile.shape.endswith("_over_time"):
        answers.incomplete_periods(question, tile)
    if tile.shape == "metrics":
        answers.counts(question, tile)
        answers.over_time(question, tile)
    for name in tile.metrics:
        metric = question.report.metric(name)
        for part in metric.parts:
            selection = cell_rows(question.report, question.selection, {}, name, part)
            log_count(question.asking(selection), question.report.log_of(metric))
    return None


def ask_changes(question: Question) -> None:
    """Ask what explains the change of a metric of each way to decompose, and what is worth a sentence."""
    one_of_each = {metric.decomposes: metric for metric in reversed(changes.askable(question))}
    for metric in one_of_each.values():
        changes.changes(question, metric, most_without=2)
    remarks.remark(question)


def ask_log(question: Question, tile: Tile) -> None:
    """Ask a log for its first rows, for every column, a search, and the rows that hold a value."""
    assert tile.log
    answers.counts(question, tile)
    log_rows(question, tile, Page(limit=LIMIT, columns=EVERY_COLUMN))
    for text in ("a", "É", "chat"):
        log_count(question, tile, text)
        log_rows(question, tile, Page(limit=LIMIT, search=text))
    rows_with(question, tile, tile.log.search[0], "x", 5)


def sort_log(question: Question, tile: Tile) -> None:
    """Ask a log for a page by each of its columns, one upwards and the next downwards."""
    for n, name in enumerate((*tile.offered, *extra_columns(question, tile))):
        log_rows(question, tile, Page(f"{name}:{('asc', 'desc')[n % 2]}", LIMIT, 3, columns=(name,)))


def ask_explored(question: Question) -> None:
    """Ask the first metric of a report by each dimension, and each other one by its first, alone and over time.

    How a metric is computed and how rows are told apart know nothing of each other, so both are asked in full.
    """
    for n, metric in enumerate(explore.metrics(question.workspace, question.report).values()):
        keys = explore.dimensions(question.workspace, question.report, [metric])
        for key in list(keys)[: 1 if n else None]:
            is_timed = not question.report.main.lasts
            for by in dict.fromkeys([(key,), *([tuple(dict.fromkeys(("period", key)))] if is_timed else [])]):
                explored = Exploration((metric.name,), by)
                asked = explore.asked(question.asking(replace(question.selection, explored=explored)))
                answers.rows(asked, asked.report.tiles[0], compared=())


def ask_once(workspace: Workspace, report: Report) -> None:
    """Ask every tile, filter, count, option and log of a report, each but once."""
    question = Question(workspace, report, Selection(FROM, TO, compare="preceding", rollup="week"))
    for tile in report.tiles:
        if tile.log:
            log_rows(question, tile, Page(limit=LIMIT, search="a", columns=EVERY_COLUMN))
            log_count(question, tile, "a")
            rows_with(question, tile, tile.log.search[0], "x", 5)
        else:
            ask_tile(question, tile)
    ask_changes(question)
    ask_explored(question)
    narrow = [selection for selection in narrowed(question) if selection.filters]
    every = tuple(filter_ for selection in narrow for filter_ in selection.filters)
    elsewhere = replace(question.selection, filters=every, timezone="America/New_York", rollup="hour", touch="first")
    for selection in (elsewhere, replace(elsewhere, filters=(), pins=tuple((filter_,) for filter_ in every))):
        for tile in (report.tiles[0], report.log):
            answers.page(question.asking(selection), tile, Page(limit=LIMIT))
    for tile in report.tiles:
        for selection in narrow:
            if tile.needs and is_shown(question.asking(selection), tile):
                answers.rows(question.asking(selection), tile)


def ask_everything(workspace: Workspace, report: Report) -> None:
    """Ask every tile, filter, count, option and log of a report."""
    for n, selection in enumerate(selections(report)):
        question = Question(workspace, report, selection)
        if n == 1:
            ask_changes(question)
        for tile in report.tiles:
            if n == 0:
                ask_tile(question, tile)
            elif not tile.log:
                answers.rows(question, tile)
    question = Question(workspace, report, Selection(FROM, TO))
    for log in report.logs:
        sort_log(question, log)
    for selection in narrowed(question):
        narrow = question.asking(selection)
        answers.rows(narrow, report.tiles[0])
        log_rows(narrow, report.log, Page(limit=LIMIT))
        for tile in report.tiles:
            if tile.needs and is_shown(narrow, tile):
                answers.rows(narrow, tile)
