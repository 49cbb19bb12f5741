"""The notebook's face of the workbench: open a workspace, load files, ask reports for frames, charts, rows and SQL."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from numbers import Integral
from pathlib import Path
from typing import Any, ClassVar, Self

import altair
import pandas as pd

from workbench import reports, team, workbook
from workbench.ask import answers, basis, engine, explore, listed, notes, sample, targets, workspaces
from workbench.ask.changes import COLUMNS, changes
from workbench.ask.logs import EVERY_COLUMN, Page
from workbench.ask.question import Question, check_applicable
from workbench.ask.relations import purpose, query
from workbench.ask.remarks import remark
from workbench.ask.selection import Exploration, Selection, as_text, cell_rows, parsed
from workbench.drawing import charts, formats, rich
from workbench.drawing.marks import Look
from workbench.drawing.offline import LayeredChart
from workbench.drawing.rich import Frame, Said, framed
from workbench.drawing.sentence import notes as said_besides
from workbench.drawing.sentence import sentence
from workbench.errors import BadSelection, FileRefused, UnknownName, WorkspaceHeld, shortened
from workbench.exports import KINDS
from workbench.intake import mappings
from workbench.intake.choices import Choices
from workbench.intake.history import Comparison
from workbench.intake.mappings import ColumnMapping
from workbench.intake.outcome import LoadOutcome
from workbench.reports import REPORTS, Report, Tile
from workbench.store.paths import checked_path
from workbench.store.workspace import Workspace

Value = Any  # a text, a number, a day, or a missing value: None, NaN, NaT, NA
Values = Value | Iterable[Value]
WAIT = 10.0  # seconds for another process to let go of a workspace that is to be written


class Workbench:
    """A workspace in a notebook. Without a path it lives in memory and goes when it is closed.

    While another process holds the file, its last snapshot is read, which is said; what writes then waits for the file.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        """Open or create a workspace. Raises WorkspaceUnavailable, and BadSelection for a setting that cannot be."""
        where = checked_path(str(path)) if path is not None else None
        self._is_snapshot = False
        self._called = f"in {where}" if where else "in memory"
        try:
            self.workspace = workspaces.ready(Workspace(where, team.here()))
        except WorkspaceHeld as held:
            assert where is not None  # what is in memory nobody holds
            self.workspace, self._is_snapshot = workspaces.ready(workspaces.last_snapshot(where, held)), True
        if self.workspace.notice:
            print(self.workspace.notice, file=sys.stderr)

    @classmethod
    def sample(cls) -> Self:
        """Return a workbench in memory with the sample data loaded."""
        workbench = cls.__new__(cls)
        workbench.workspace, workbench._is_snapshot = sample.opened(), False
        workbench._called = "with the sample data, in memory"
        return workbench

    def close(self) -> None:
        """Close the workspace, so that another process can open it."""
        self.workspace.close()

    @property
    def asked(self) -> Workspace:
        """What reports are asked of: the workspace, or what is published where an engine is set."""
        return engine.shown(self.workspace)

    # What there is ---------------------------------------------------------------------------------------------------

    @property
    def reports(self) -> Frame:
        """Every report: what it answers, its tiles, and whether a file that it rests on is loaded."""
        names = ("report", "title", "system", "purpose")
        rows = [
            {name: found[name] for name in names}
            | {
                "tiles": ", ".join(tile["tile"] for tile in found["tiles"]),
                "is_loaded": self.asked.has(REPORTS[found["report"]].kinds),
            }
            for found in listed.reports()
        ]
        return framed(pd.DataFrame(rows), Said("Reports", ("wb.report(NAME) asks one",)))

    @property
    def kinds(self) -> Frame:
        """Every kind of export: its columns, and how much of it is loaded."""
        rows = [
            {name: found[name] for name in ("kind", "title", "system")}
            | {"columns": ", ".join(column["column"] for column in found["columns"])}
            | listed.loaded(self.workspace, found["kind"])
            for found in listed.kinds()
        ]
        return framed(pd.DataFrame(rows), Said("Kinds of export", ("wb.load(FILE) recognises them by their headers",)))

    @property
    def loads(self) -> Frame:
        """Every load, the newest first, with what became of its rows; the rejects are in the outcome of `load`."""
        names = [name for name in LoadOutcome.__dataclass_fields__ if name != "rejects"]
        rows = [asdict(LoadOutcome.from_json(load)) for load in self.workspace.loads()]
        says = "wb.unload(LOAD_ID) takes one back out, wb.compare(LOAD_ID, LOAD_ID) tells how two differ"
        return framed(pd.DataFrame(rows, columns=names), Said("Loads", (says,)))

    # What changes it -------------------------------------------------------------------------------------------------

    def load(
        self, file: str | Path, kind: str | None = None, file_timezone: str | None = None,
        date_order: str | None = None, sheet: str | None = None, rollup: str | None = None,
        encoding: str | None = None, absent: str | None = None, decimal: str | None = None,
        mapping: str | Path | Mapping[str, object] | None = None, wait: float = WAIT,
    ) -> LoadOutcome | list[LoadOutcome]:  # fmt: skip
        """Load one file and say what became of every row; of a zip of several files, a list with one outcome each.

        Stored values in columns that the file lacks stay, or go, as `absent` says (keep, empty). A `mapping` is a JSON
        file or what one holds: {"kind": KIND, "columns": {"Header": "column"}}. Raises FileRefused, for a file of
        several when the others are loaded, and WorkspaceHeld when another process holds the file for `wait` seconds.
        """
        choices = Choices(
            kind, file_timezone, date_order, sheet, _mapping(mapping), rollup, encoding, absent=absent, decimal=decimal
        )
        found = [became for _, became in self._writable(wait).load_parts(file, choices)]
        self._say_unpublished()
        refused = [became for became in found if isinstance(became, FileRefused)]
        if refused:
            raise refused[0] if len(refused) == 1 else FileRefused("; ".join(map(str, refused)))
        outcomes = [became for became in found if isinstance(became, LoadOutcome)]
        return outcomes[0] if len(outcomes) == 1 else outcomes

    def unload(self, load_id: int, wait: float = WAIT) -> None:
        """Take a load back out, as if it had never been. Raises UnknownName, and WorkspaceHeld as `load` does."""
        self._writable(wait).unload(load_id)
        self._say_unpublished()

    def set(self, key: str, value: str, wait: float = WAIT) -> None:
        """Change a setting. Raises UnknownName and BadSelection, and WorkspaceHeld as `load` does."""
        self._writable(wait).set(key, value)
        self._say_unpublished()

    def _say_unpublished(self) -> None:
        if self.workspace.unpublished:
            print(self.workspace.unpublished, file=sys.stderr)

    def compare(self, first: int, second: int) -> Comparison:
        """Return how the rows of the second load differ from those of the first. Raises UnknownName, BadSelection."""
        return self.workspace.compare(first, second)

    def _writable(self, wait: float) -> Workspace:
        """Return the workspace itself, in the place of a snapshot of it once its holder has let go of it."""
        if self._is_snapshot:
            try:
                workspace = workspaces.ready(Workspace(self.workspace.path, self.workspace.actor, wait=wait))
            except WorkspaceHeld as held:
                instead = "Load on its page Data instead, where that is the app"
                raise WorkspaceHeld(f"{held}. {instead}; what is read here is its snapshot") from None
            self.workspace.close()
            self.workspace, self._is_snapshot = workspace, False
        return self.workspace

    # What is asked ---------------------------------------------------------------------------------------------------

    def report(
        self,
        name: str,
        start: Value = None,
        end: Value = None,
        rollup: str = "day",
        *,
        preset: str = "all",
        timezone: str | None = None,
        compare: str | None = None,
        as_exported: bool = False,
        window_days: int | None = None,
        touch: str | None = None,
        by: str | None = None,
        service_level: str | None = None,
        threshold: float | str | None = None,
        short_abandon: float | str | None = None,
        within_days: int | None = None,
        forward_minutes: int | None = None,
        same_channel: bool = False,
        pins: Mapping[str, Values] | None = None,
        **filters: Values,
    ) -> "AskedReport":
        """Ask a report about a range of days, both ends included; everything without one.

        A filter takes one value or several; None is the missing value. `compare` is matching (as many days before that
        end on the same weekday), preceding, last_year, weekdays (four weeks earlier) or FROM..TO. Orders are credited
        to the `touch` (last, first) among the messages of `window_days` before them. Conversations are placed `by` when
        they were closed or opened. Service level is defined by `service_level` (gladly, answered, offered, queued),
        with seconds that can differ by channel, as "20,CHAT=60". Another contact `within_days` is a repeat (of the
        `same_channel` alone, if so), within `forward_minutes` a forward. Raises UnknownName, BadSelection.
        """
        declared = reports.report(name)
        settings = {
            "window_days": window_days, "touch": touch, "by": by, "service_level": service_level,
            "threshold": threshold, "short_abandon": short_abandon, "within_days": within_days,
            "forward_minutes": forward_minutes,
        }  # fmt: skip
        link = {
            "from": [_day(start)], "to": [_day(end)], "preset": [preset], "rollup": [rollup],
            "timezone": [timezone or ""], "compare": [compare or ""],
            **({"as_exported": ["yes"]} if as_exported else {}),
            **({"same_channel": ["yes"]} if same_channel else {}),
            "pin": [f"{key}={text}" for key, values in (pins or {}).items() for text in _texts(values)],
            **{key: [str(value)] for key, value in settings.items() if value is not None},
            **{key: _texts(values) for key, values in filters.items()},
        }  # fmt: skip
        return AskedReport(self, declared, parsed(declared, link))

    def explore(
        self, report: "str | AskedReport", metrics: str | Sequence[str], by: str | Sequence[str], shape: str = "",
        **asked: Any,
    ) -> "Explored":  # fmt: skip
        """Return one to three metrics of a report by one or two of its dimensions, `period` being over time.

        The report is asked as `report` does, or was by then. What is returned also draws itself, as its `shape` says or
        as suits: bars, ring, lines, stacked_bars, heat_map, table. Raises UnknownName and BadSelection.
        """
        of = report if isinstance(report, AskedReport) else self.report(report, **asked)
        names, keys = ((each,) if isinstance(each, str) else tuple(dict.fromkeys(each)) for each in (metrics, by))
        explored = Exploration(names, keys, shape)
        question = explore.asked(of.question.asking(replace(of.selection, explored=explored)))
        found = AskedReport(self, question.report, question.selection)
        frame = Explored(found.tile(question.report.tiles[0].name))
        frame.said, frame.asked = rich.of_tile(question, question.report.tiles[0]), found
        return frame

    def __repr__(self) -> str:
        return rich.text(self._said, self._loaded)

    def _repr_html_(self) -> str:
        return rich.html(self._said, self._loaded)

    def _said(self) -> Said:
        zone, week = self.workspace.reporting_zone, self.workspace.week_start.capitalize()
        notice = [self.workspace.notice] if self._is_snapshot else []
        notice += filter(None, [engine.as_of(self.asked, zone)])
        asks = "wb.reports, wb.kinds and wb.loads list what there is; wb.report(NAME) asks a report"
        return Said(f"Workbench {self._called}", (*notice, f"Times in {zone}, weeks from {week}", asks))

    def _loaded(self) -> pd.DataFrame:
        found = [listed.loaded(self.workspace, kind) for kind in KINDS if self.workspace.has([kind])]
        return pd.DataFrame(found, columns=["kind", "rows", "loads", "from", "to"])


def _day(value: Value) -> str:
    """Return a day as a link says it; of a moment its day."""
    return as_text(value.date() if isinstance(value, datetime) and not pd.isna(value) else value)


def _texts(values: Values) -> list[str]:
    if isinstance(values, Iterable) and not isinstance(values, str):
        return [text for value in values for text in _texts(value)]
    return [as_text(values)]


def _mapping(given: str | Path | Mapping[str, object] | None) -> ColumnMapping | None:
    if given is None:
        return None
    return mappings.said(given, "mapping") if isinstance(given, Mapping) else mappings.read(Path(given))


class AskedReport:
    """A report over a selection; every answer is computed anew from the rows."""

    def __init__(self, workbench: Workbench, report: Report, selection: Selection) -> None:
        """Keep what is asked; nothing is computed yet."""
        self._workbench, self._report, self.selection = workbench, report, selection

    @property
    def question(self) -> Question:
        """What is asked, of the workspace as it is now."""
        return Question(self._workbench.asked, self._report, self.selection)

    @property
    def compared_with(self) -> str:
        """The days compared with and how much of the range is loaded, or why there are none; else empty."""
        scope = self.question.scope
        return scope.compared_with or scope.comparison_said

    def tile(
        self, name: str, *, columns: str | Sequence[str] = (), sort: str = "", search: str = "",
        limit: int | None = None, offset: int = 0,
    ) -> Frame:  # fmt: skip
        """Return a tile's rows; a log's are all of its rows, in the columns shown at first.

        `columns` are names, or "all" that a log offers; `sort` is a column, downwards as "COLUMN:desc". What is missing
        is missing in the frame. Raises UnknownName, and BadSelection where a filter cannot apply to the tile.
        """
        tile, question = self._report.tile(name), self.question
        check_applicable(question, tile)
        page = Page(sort, _rows("limit", limit), _rows("offset", offset) or 0, search, _columns(columns))
        return framed(answers.page(question, tile, page), rich.of_tile(question, tile))

    def chart(self, name: str) -> LayeredChart:
        """Return the chart that the page draws of a tile, in Altair; a notebook draws it without a network.

        Raises UnknownName, and BadSelection without any rows.
        """
        tile, question = self._report.tile(name), self.question
        if not charts.is_charted(tile):
            charted = [other.name for other in self._report.tiles if charts.is_charted(other)]
            raise UnknownName(f"chart of {self._report.name}", name, charted)
        rows = self.tile(name)
        if rows.empty:
            raise BadSelection("The selected filter(s) have no applicable data. Choose other dates or filters")
        look = Look(
            self.selection.rollup, answers.incomplete_periods(question, tile), gaps=question.scope.not_covered,
            within=question.scope.now.span, week_start=question.scope.week_start,
            growing_from=answers.growing_from(question, tile), filling=answers.filling_periods(question, tile),
            values=answers.values(question, tile),
            wholes=answers.wholes_of(question, tile), notes=notes.of(question),
            held=targets.of_tile(question, tile),
        )  # fmt: skip
        drawn = charts.chart(self._report, tile, rows, look)
        said = answers.stated(question, tile)
        return drawn.properties(title=altair.Title(tile.title, subtitle=said, anchor="start")) if said else drawn

    def changes(self, metric: str) -> Frame:
        """Return what explains the change of a metric: each value of each dimension, the strongest first.

        `contribution` of a sum or a mean adds up to the change, for each dimension; `without` is the figure without a
        value, of what has no such parts. Raises UnknownName, and BadSelection where nothing is compared.
        """
        question, declared = self.question, self._report.metric(metric)
        found = changes(question, declared)
        unit, noticed = basis.unit(question), remark(question)
        figures = " to ".join(formats.metric(value, declared, unit) for value in (found.before, found.now))
        said = [str(sentence(self._report, noticed, unit))] if noticed else []
        lines = (f"{declared.label}: {figures}", *said_besides(self._report, found), *said, *rich.asked(question))
        return framed(found.rows[list(COLUMNS)], Said(f"What changed · {self._report.title}", lines))

    def rows(self, name: str, *, metric: str = "", part: str = "", **cell: Values) -> Frame:
        """Return the rows behind a cell of a tile, named by its dimensions: `rows("by_channel", channel="CHAT")`.

        They are those of the tile's first metric unless another is named, with a `part` of it such as `numerator` or
        `rest`. None is the missing value, as is what a frame has for it. Raises UnknownName for a dimension that the
        tile does not have.
        """
        tile = self._report.tile(name)
        for key in cell:
            if key not in tile.dimensions:
                raise UnknownName(f"dimension of {name}", key, tile.dimensions or ("none",))
        asked = metric or next(iter(tile.metrics), "")
        values = {key: _texts(value) for key, value in cell.items()}
        selection = cell_rows(self._report, self.selection, values, asked, part)
        first = {key: texts[0] for key, texts in values.items() if texts}
        log = self._report.log_of_cell(tile, self._report.metric(asked), first) if asked else self._report.log
        return AskedReport(self._workbench, self._report, selection).tile(log.name)

    @property
    def sources(self) -> Frame:
        """Every file that the numbers rest on, are changed by or stand beside, once, with all of its loads."""
        found = [(source.what, source.file, list(source.load_ids)) for source in basis.sources(self.question)]
        rows = pd.DataFrame(found, columns=["what", "file", "loads"])
        return framed(
            rows, Said(f"Sources · {self._report.title}", ("Files that the numbers rest on, with their loads",))
        )

    @property
    def said(self) -> list[str]:
        """How orders are credited, what money is in, and why it is empty where it is; nothing for most reports."""
        return basis.said(self.question)

    def sql(self, name: str) -> str:
        """Return the SQL that answers a tile, with its parameters filled in. Raises UnknownName."""
        return query(self.question, self._report.tile(name)).filled_in()

    def to_excel(self, path: str | Path) -> Path:
        """Write the report's tables and log as a workbook. Raises BadSelection for a folder that is not there."""
        return self._written(path, None, Page(), is_exact=False)

    def to_csv(
        self, path: str | Path, name: str = "", *, columns: str | Sequence[str] = (), sort: str = "", search: str = "",
        exact: bool = False,
    ) -> Path:  # fmt: skip
        """Write a tile as a table, the log unless another is named: .csv, or as the ending of the path says.

        Texts that a spreadsheet would run have an apostrophe in front, which is then said, unless it is `exact`.
        Raises UnknownName and BadSelection.
        """
        tile = self._report.tile(name) if name else None
        return self._written(path, tile, Page(sort, None, 0, search, _columns(columns)), is_exact=exact)

    def _written(self, path: str | Path, tile: Tile | None, page: Page, is_exact: bool) -> Path:
        question = self.question
        written = workbook.write(question, Path(path).expanduser(), tile, page, is_exact)
        for said in filter(None, (written.said, *basis.said(question))):
            print(said, file=sys.stderr)
        return written.path

    def __repr__(self) -> str:
        return rich.text(self._said, self._tiles)

    def _repr_html_(self) -> str:
        return rich.html(self._said, self._tiles)

    def _said(self) -> Said:
        return rich.of_report(self.question)

    def _tiles(self) -> pd.DataFrame:
        rows = [(tile.name, tile.title, purpose(self._report, tile), tile.shape) for tile in self._report.tiles]
        return pd.DataFrame(rows, columns=["tile", "title", "purpose", "shape"])


class Explored(Frame):
    """What was explored, as a frame that also draws itself and opens its rows."""

    _metadata: ClassVar[list[str]] = ["said", "asked"]
    asked: AskedReport

    @property
    def name(self) -> str:
        """What the tile is called that was made for it, as `asked` knows it."""
        return self.asked.question.report.tiles[0].name

    def chart(self) -> LayeredChart:
        """Return it as its chart. Raises UnknownName for a table, and BadSelection without any rows."""
        return self.asked.chart(self.name)

    def rows(self, *, metric: str = "", part: str = "", **cell: Values) -> Frame:
        """Return the rows behind a cell, as those of a tile of a report."""
        return self.asked.rows(self.name, metric=metric, part=part, **cell)

    def sql(self) -> str:
        """Return the SQL that answers it, with its parameters filled in."""
        return self.asked.sql(self.name)


def _columns(asked: str | Sequence[str]) -> tuple[str, ...]:
    """Return names of columns; a text is one, or all of them."""
    return EVERY_COLUMN if asked == "all" else (asked,) if isinstance(asked, str) else tuple(asked)


def _rows(what: str, number: object) -> int | None:
    """Return how many rows are asked for, None for all. Raises BadSelection for what is no number of rows."""
    if number is None or (isinstance(number, Integral) and int(number) >= 0):
        return None if number is None else int(number)
    raise BadSelection(f"The {what} is {shortened(repr(number))}. Choose a whole number from 0")
