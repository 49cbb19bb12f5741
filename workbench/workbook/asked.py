"""What a workbook holds of a question: its answers in the words and formats of the page, and all that explains them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as parquet

from workbench.ask import answers, basis, notes, targets
from workbench.ask.logs import Page
from workbench.ask.question import Question, not_applicable, says_nothing
from workbench.ask.relations import purpose, query
from workbench.ask.remarks import remark
from workbench.ask.selection import short
from workbench.drawing import charts, formats
from workbench.drawing.colours import palette
from workbench.drawing.news import news
from workbench.drawing.sentence import sentence
from workbench.exports import KINDS
from workbench.intake.outcome import LoadOutcome, kinds_of
from workbench.progress import Progress
from workbench.reports import Metric, Report, Tile, labels, own
from workbench.time import words, zones
from workbench.workbook import checked, copied, drawn, said
from workbench.workbook.plan import Check, Column, Definition, Figure, Figures, File, Table, View

MOST_REASONS = 10  # for which rows were rejected that are named
MOST_COMPOSED = 20_000  # rows of a tile that are composed cell by cell; those of more are written as a log's
NOT_APPLICABLE = "The selected filter(s) are not applicable here"
NO_DATA = "The selected filter(s) have no applicable data"
OF_ROWS = "it is a figure of the rows of a tile, and none of all of them"
GOOD, BAD, NEUTRAL = "#86D7A3", "#F2A3A3", "#FFFFFF"
COMPARED = ("_before", "_change", "_change_rate")
# How Excel shows a period by its beginning, for each rollup; of a quarter it has no number, so that is a text.
PERIODS = {
    "half_hour": "d mmm yyyy, hh:mm", "hour": "d mmm yyyy, hh:mm", "day": "ddd d mmm yyyy",
    "week": '"Week of "d mmm yyyy', "month": "mmm yyyy",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """What a workbook holds of one question: tiles, each with the page of its rows; all of a page, or one tile alone.

    Of a log its page says columns, order and search. Formulas are over logs that have all their rows, on a page alone.
    `again` is where or how the same is asked again, as a label and a text.
    """

    question: Question
    read: tuple[tuple[Tile, Page], ...]
    again: tuple[str, str]
    is_page: bool = True
    named: str = ""

    @property
    def title(self) -> str:
        """The title it is given, else that of its report."""
        return self.named or self.question.report.title


def view(part: Part, folder: Path, progress: Progress) -> View:
    """Return all that a workbook says of a question; its logs are written into the folder as Parquet."""
    question, is_page, tiles = part.question, part.is_page, [tile for tile, _ in part.read]

    made = [_tile(part, tile, page, folder, progress) for tile, page in part.read]
    searched = next((page.search for tile, page in part.read if tile.log), "")
    return View(
        part.title,
        question.report.purpose,
        short(question.scope.now.days),
        [*said.settings(question, tiles), part.again],
        _files(question),
        made,
        _checks(question, tiles, made, searched) if is_page else (),
        _definitions(question, tiles),
        _quality(question, tiles),
    )


def _tile(part: Part, tile: Tile, page: Page, folder: Path, progress: Progress) -> Table | Figures:
    question, is_page, path = part.question, part.is_page, folder / f"{tile.name}.parquet"
    report = question.report
    mark = own.mark(report, tile, question.scope.zone)
    sheet = tile.sheet or tile.title
    texts = tuple(text for text in (answers.note(question, tile), *answers.stated(question, tile)) if text)
    if not_applicable(question, tile):
        columns = tuple(_column(question, tile, name) for name in tile.columns)
        return Table(tile.name, tile.title, sheet, mark, columns, 0, notes=(NOT_APPLICABLE,))
    if tile.log:
        shown = page.columns or tile.columns
        wanted = tuple(dict.fromkeys((*shown, *checked.needed(report, tile)))) if is_page else page.columns
        asked = copied.exported(question, tile, replace(page, columns=wanted))
        copied.copy(question.workspace, asked, path, progress)
        return _large(question, tile, path, mark, sheet)
    rows = answers.page(question, tile, page if not is_page else Page())
    if tile.shape == "metrics" and not rows.empty:
        figures = _figures(question, tile, rows.iloc[0])
        return Figures(tile.name, tile.title, sheet, mark, figures, (*_sentence(question), *texts))
    names = [
        name
        for name in map(str, rows.columns)
        if not (name.endswith((*COMPARED, *formats.LIMITS)) and rows[name].isna().all())
    ]
    details = [name for name in names if _is_detail(report, tile, name)]
    columns = tuple(_column(question, tile, name, rows) for name in names if name not in details)
    columns += tuple(replace(_column(question, tile, name), is_detail=True) for name in details)
    values = tuple(_shown(question, columns, row) for row in rows[names].to_dict("records"))
    if len(values) > MOST_COMPOSED:
        pd.DataFrame(list(values), columns=[column.name for column in columns]).to_parquet(path)
        return _large(question, tile, path, mark, sheet)
    total = answers.total(question, tile) if is_page or page == Page() else pd.DataFrame()
    table = Table(tile.name, tile.title, sheet, mark, columns, len(values), values, notes=_noted(question, tile, texts))
    return replace(
        table,
        total=_total(question, tile, columns, total),
        charts=drawn.drawn(question, tile, rows),
        grid=drawn.grid(question, tile, rows),
    )


def _sentence(question: Question) -> list[str]:
    noticed = remark(question)
    return [f"{sentence(question.report, noticed, basis.unit(question))}."] if noticed else []


def _is_detail(report: Report, tile: Tile, name: str) -> bool:
    """Tell whether a column of a comparison is one that the page does not show."""
    shown = {f"{metric}{ending}" for metric in charts.compared(report, tile) for ending in COMPARED}
    return name.endswith(COMPARED) and name not in shown and not tile.compares_itself


def _large(question: Question, tile: Tile, path: Path, mark: str, sheet: str) -> Table:
    schema = parquet.read_schema(path)
    columns = tuple(_column(question, tile, name, stored=bool(tile.log)) for name in schema.names)
    length = parquet.read_metadata(path).num_rows
    return Table(tile.name, tile.title, sheet, mark, columns, length, file=path, is_log=bool(tile.log))


def _noted(question: Question, tile: Tile, said: tuple[str, ...]) -> tuple[str, ...]:
    """Return what stands under a table's title: what the page says, notes on days, and which periods are cut."""
    if "period" not in tile.dimensions or tile.optional_kind:
        return said
    said = (*said, *(f"{short(note.days)}: {note.text}" for note in notes.of(question)))
    cut = [formats.period(at, question.selection.rollup, True) for at in answers.incomplete_periods(question, tile)]
    return (*said, f"Incomplete, cut by the range or the loaded files: {', '.join(cut)}") if cut else said


def _column(
    question: Question, tile: Tile, name: str, rows: pd.DataFrame | None = None, *, stored: bool = False
) -> Column:
    """Return how a column of rows is shown; in a log as it is `stored`, so that it can be loaded again."""
    report = question.report
    label, format = labels.column_label(report, name, basis.unit(question)), formats.column_format(report, name)
    if stored:
        return Column(name, label, format)
    if name == "period":
        is_by_hour = tile.optional_kind and rows is not None and any(rows[name].dt.hour)
        rollup = "hour" if is_by_hour else "day" if tile.optional_kind else question.selection.rollup
        return Column(name, label, format, PERIODS.get(rollup, ""))
    is_drawn = name in tile.drawn
    metric = labels.metric_named(report, name)
    if is_drawn and metric and metric.part_of:
        low, high = (BAD, GOOD) if metric.good == "up" else (GOOD, BAD)
        return Column(name, label, format, scale=(low, NEUTRAL, high))
    if is_drawn and tile.shape == "heat_map":
        sequential = palette("light").sequential
        return Column(name, label, format, scale=(sequential[0], sequential[-3]))
    return Column(name, label, format, bar=palette("light").primary if is_drawn else "")


def _shown(question: Question, columns: Sequence[Column], row: Mapping[Any, Any]) -> tuple[object, ...]:
    return tuple(_value(question, column, row) for column in columns)


def _value(question: Question, column: Column, row: Mapping[Any, Any]) -> object:
    """Return a value as a cell has it: numbers and times as they are, everything else in the page's words."""
    report, name, value = question.report, column.name, row[column.name]
    if name == "period":
        rollup = question.selection.rollup
        return value.to_pydatetime() if column.pattern else formats.period(value, rollup, with_year=True)
    if labels.dimension(report, name):
        return formats.label(report, name, value)
    if formats.is_missing(value):
        return None
    if column.format in formats.NUMBERS:
        return value.item() if hasattr(value, "item") else value
    if column.format in ("timestamp", "date"):
        return value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
    return formats.cell(report, name, value, row)


def _total(question: Question, tile: Tile, columns: Sequence[Column], total: pd.DataFrame) -> tuple[object, ...]:
    """Return the last row of a table: what its numbers come to, under the first column the word for it."""
    if total.empty:
        return ()
    row = total.iloc[0].to_dict()
    found = [
        _value(question, column, row) if column.format in formats.NUMBERS and column.name in row else None
        for column in columns
    ]
    return ("Total", *found[1:])


def _figures(question: Question, tile: Tile, row: "pd.Series[Any]") -> tuple[Figure, ...]:
    """Return the figures of cards, and those beside them that there are."""
    counts, cards = answers.counts(question, tile), {*chain.from_iterable(tile.groups or (tile.metrics,))}
    names = [name for name in tile.metrics if name in cards or not formats.is_missing(row.get(name))]
    return tuple(_figure(question, tile, question.report.metric(name), row, counts[name]) for name in names)


def _figure(question: Question, tile: Tile, metric: Metric, row: "pd.Series[Any]", n: float) -> Figure:
    known: list[Any] = [row.get(f"{metric.name}{ending}") for ending in ("", *COMPARED)]
    now, before, change, rate = (None if formats.is_missing(value) else float(value) for value in known)
    tone = news(metric, rate, change, question.workspace.quiet)
    words = _in_words(question, metric, now, before, change, rate)
    target, is_stand_in = targets.of_card(question, metric.name)
    if target and now is not None:
        is_met, unit = target.is_met_by(now), basis.unit(question)
        tone = 1 if is_met else -1
        against = "meets" if is_met else f"{formats.missed(now, target, metric, unit)}: misses"
        words = f"{words}. It {against} the{' general' * is_stand_in} target of {formats.target(target, metric, unit)}"
    return Figure(
        metric.name, metric.label, metric.format, now, before, change, rate, n, words, tone,
        target.value if target else None,
    )  # fmt: skip


def _in_words(
    question: Question,
    metric: Metric,
    now: float | None,
    before: float | None,
    change: float | None,
    rate: float | None,
) -> str:
    """Return a figure in a sentence: what it is, against what, and by how much it moved."""
    unit = basis.unit(question)
    if says_nothing(question, metric):
        return NOT_APPLICABLE
    if now is None:
        return "No figure: nothing of it is loaded, or nothing is selected that it could rest on"
    said = formats.metric(now, metric, unit)
    if before is None or change is None or question.scope.before is None:
        return said
    earlier = f"{formats.metric(before, metric, unit)} on {short(question.scope.before.days)}"
    if not change:
        return f"{said}, the same as on {short(question.scope.before.days)}"
    moved = (formats.change(rate, change, metric) or "").lstrip(f"+{formats.MINUS}")
    return f"{said}, {'up' if change > 0 else 'down'}{f' {moved}' if moved else ''} from {earlier}"


def _files(question: Question) -> list[File]:
    """Return every load that numbers rest on, the files' own in front."""
    kinds = question.report.sources(question.selection.as_exported)
    times = dict(question.workspace.rows("select load_id, loaded_at from loads"))
    return [
        File(
            ", ".join(KINDS[kind].title for kind in kinds_of(load)), load["file"], load["load_id"],
            words.timestamp(zones.wall_from_utc(times[load["load_id"]], question.scope.zone)), load["sha256"] or "",
            load["rows_read"], load["rows_read"] - load["rows_rejected"], load["rows_rejected"],
        )
        for load in question.workspace.loads(kinds)
    ]  # fmt: skip


def _checks(question: Question, tiles: Sequence[Tile], made: Sequence[Table | Figures], search: str) -> list[Check]:
    """Return for every metric with a value the formula that gives it again, or why there is none."""
    report = question.report
    found: dict[str, Any] = {}
    for table in made:
        if isinstance(table, Figures):
            found |= {figure.name: figure.now for figure in table.figures}
    for table in made:
        if isinstance(table, Table) and table.total:
            totals = dict(zip((column.name for column in table.columns), table.total, strict=True))
            found = {metric.name: totals[metric.name] for metric in report.metrics if metric.name in totals} | found
    logs = {tile.name for tile, table in zip(tiles, made, strict=True) if tile.log and table.notes != (NOT_APPLICABLE,)}
    return [
        checked.check(report, metric, found[metric.name], _why_none(question, metric, logs, search))
        if metric.name in found
        else Check(metric.label, metric.format, None, reason=OF_ROWS)
        for metric in report.metrics
    ]


def _why_none(question: Question, metric: Metric, logs: set[str], search: str) -> str:
    if question.report.log_of(metric).name not in logs:
        return "its log is not in this workbook"
    if search.strip():
        return f"the log holds only the rows found by '{search.strip()}'"
    if question.selection.rows_of:
        return "the log holds only the rows of one metric"
    return NOT_APPLICABLE.lower() if says_nothing(question, metric) else ""


def _definitions(question: Question, tiles: Sequence[Tile]) -> list[Definition]:
    report = question.report
    named = {name for tile in tiles for name in tile.metrics}
    metrics = [
        Definition(metric.label, metric.definition, metric.formula, _rests_on(metric))
        for metric in report.metrics
        if metric.name in named or not named
    ]
    return metrics + [
        Definition(tile.title, purpose(report, tile), "", "", query(question, tile).filled_in()) for tile in tiles
    ]


def _rests_on(metric: Metric) -> str:
    """Return which rows a metric rests on, in words and as SQL."""
    rest = f", without those that {metric.rest}" if metric.rest else ""
    sql = f" ({metric.rows})" if metric.rows != "true" else ""
    return f"{metric.rows_label.capitalize()}{rest}{sql}"


def _quality(question: Question, tiles: Sequence[Tile]) -> list[tuple[str, str]]:
    """Return what is odd about the data that a question rests on."""
    kinds = question.report.sources(question.selection.as_exported)
    missing = question.scope.not_loaded_said()
    found = [("Not loaded", missing or "Every day of the range is loaded, for all that is selected")]
    for load in question.workspace.loads(kinds):
        outcome = LoadOutcome.from_json(load)
        found.append((outcome.file, _became(outcome)))
        found += [
            (outcome.file, f"{each.warning}: {each.means}" if each.means else each.warning) for each in outcome.remarks
        ]
    return found


def _became(outcome: LoadOutcome) -> str:
    parts = [
        f"{number:,} {what}"
        for number, what in (
            (outcome.rows_loaded, "loaded"), (outcome.rows_updated, "updated"),
            (outcome.rows_unchanged, "unchanged"), (outcome.rows_rejected, "rejected"),
        )
        if number
    ]  # fmt: skip
    reasons = sorted({str(reject.get("reason", "")) for reject in outcome.rejects})
    why = f". Rejected for: {'; '.join(reasons[:MOST_REASONS])}" if reasons else ""
    read = f"Load {outcome.load_id}: {formats.rows(outcome.rows_read, 'rows')} read"
    return f"{', '.join([read, *parts])}{why}"
