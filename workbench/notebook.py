"""The notebook's face of the workbench: open a workspace, load files, ask reports for frames, charts, rows and SQL."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Self

import altair
import pandas as pd

from workbench import reports, workbook
from workbench.ask import answers, basis, sample, shell
from workbench.ask.logs import ALL_ROWS, log_rows
from workbench.ask.question import Question, check_applicable
from workbench.ask.relations import query
from workbench.ask.selection import MISSING, Selection, cell_rows, parsed
from workbench.drawing import charts
from workbench.drawing.marks import Look
from workbench.errors import BadSelection, FileRefused, UnknownName
from workbench.intake.choices import Choices
from workbench.intake.outcome import LoadOutcome
from workbench.reports import Report
from workbench.store.paths import checked_path
from workbench.store.workspace import Workspace

Value = str | date | None
Values = Value | Sequence[Value]


class Workbench:
    """A workspace in a notebook. Without a path it lives in memory and goes when it is closed."""

    def __init__(self, path: str | Path | None = None) -> None:
        """Open or create a workspace. Raises WorkspaceUnavailable, and BadSelection for a setting that cannot be."""
        self.workspace = Workspace(checked_path(str(path)) if path is not None else None)
        self.workspace.check_settings()
        if path is None:
            shell.install_macros(self.workspace)
        else:
            shell.install(self.workspace)

    @classmethod
    def sample(cls) -> Self:
        """Return a workbench in memory with the sample data loaded."""
        workbench = cls.__new__(cls)
        workbench.workspace = sample.opened()
        return workbench

    def close(self) -> None:
        """Close the workspace, so that another process can open it."""
        self.workspace.close()

    def load(
        self, file: str | Path, kind: str | None = None, file_timezone: str | None = None,
        date_order: str | None = None, sheet: str | None = None, rollup: str | None = None,
        encoding: str | None = None, absent: str | None = None, decimal: str | None = None,
    ) -> LoadOutcome | list[LoadOutcome]:  # fmt: skip
        """Load one file and say what became of every row; of a zip of several files, a list with one outcome each.

        Stored values in columns that the file lacks stay, or go, as `absent` says (keep, empty). Raises FileRefused,
        for a file of several when the others are loaded.
        """
        choices = Choices(
            kind, file_timezone, date_order, sheet, rollup=rollup, encoding=encoding, absent=absent, decimal=decimal
        )
        found = [became for _, became in self.workspace.load_parts(file, choices)]
        refused = [became for became in found if isinstance(became, FileRefused)]
        if refused:
            raise refused[0] if len(refused) == 1 else FileRefused("; ".join(map(str, refused)))
        outcomes = [became for became in found if isinstance(became, LoadOutcome)]
        return outcomes[0] if len(outcomes) == 1 else outcomes

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
        pins: Mapping[str, Values] | None = None,
        **filters: Values,
    ) -> "AskedReport":
        """Ask a report about a range of days, both ends included; everything without one.

        A filter takes one value or several; None is the missing value. Orders are credited to the `touch` (last, first)
        among the messages of `window_days` before them. Raises UnknownName and BadSelection.
        """
        declared = reports.report(name)
        settings = {"window_days": window_days, "touch": touch}
        link = {
            "from": _texts(start), "to": _texts(end), "preset": [preset], "rollup": [rollup],
            "timezone": [timezone or ""], "compare": [compare or ""],
            **({"as_exported": ["yes"]} if as_exported else {}),
            "pin": [f"{key}={text}" for key, values in (pins or {}).items() for text in _texts(values)],
            **{key: [str(value)] for key, value in settings.items() if value is not None},
            **{key: _texts(values) for key, values in filters.items()},
        }  # fmt: skip
        return AskedReport(self.workspace, declared, parsed(declared, link))


def _texts(values: Values) -> list[str]:
    if isinstance(values, Sequence) and not isinstance(values, str):
        return [text for value in values for text in _texts(value)]
    if isinstance(values, date):
        return [values.isoformat()]
    return [MISSING if values is None else str(values)]


class AskedReport:
    """A report over a selection; every answer is computed anew from the rows."""

    def __init__(self, workspace: Workspace, report: Report, selection: Selection) -> None:
        """Keep what is asked; nothing is computed yet."""
        self._workspace, self._report, self.selection = workspace, report, selection

    @property
    def question(self) -> Question:
        """What is asked, of the workspace as it is now."""
        return Question(self._workspace, self._report, self.selection)

    def tile(self, name: str) -> pd.DataFrame:
        """Return a tile's rows; a log's are all of its rows.

        Raises UnknownName, and BadSelection where a filter cannot apply to the tile.
        """
        tile, question = self._report.tile(name), self.question
        check_applicable(question, tile)
        if tile.log:
            return log_rows(question, tile, ALL_ROWS).drop(columns="row_id")
        return answers.rows(question, tile)

    def chart(self, name: str) -> altair.LayerChart | altair.HConcatChart:
        """Return the chart that the page draws of a tile. Raises UnknownName, and BadSelection without any rows."""
        tile, question = self._report.tile(name), self.question
        if not charts.is_charted(tile):
            charted = [other.name for other in self._report.tiles if charts.is_charted(other)]
            raise UnknownName(f"chart of {self._report.name}", name, charted)
        rows = self.tile(name)
        if rows.empty:
            raise BadSelection("The selected filter(s) have no applicable data. Choose other dates or filters")
        look = Look(
            self.selection.rollup, answers.incomplete_periods(question, tile), gaps=question.scope.not_covered,
            growing_from=answers.growing_from(question, tile), values=answers.values(question, tile),
        )  # fmt: skip
        drawn = charts.chart(self._report, tile, rows, look)
        said = answers.stated(question, tile)
        return drawn.properties(title=altair.Title(tile.title, subtitle=said, anchor="start")) if said else drawn

    def rows(self, name: str, *, metric: str = "", part: str = "", **cell: Values) -> pd.DataFrame:
        """Return the rows behind a cell of a tile, named by its dimensions: `rows("by_channel", channel="CHAT")`.

        They are those of the tile's first metric unless another is named, with a `part` of it such as `numerator` or
        `rest`. None is the missing value. Raises UnknownName for a dimension that the tile does not have.
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
        return AskedReport(self._workspace, self._report, selection).tile(log.name)

    @property
    def sources(self) -> pd.DataFrame:
        """Every file that the numbers rest on, are changed by or stand beside, once, with all of its loads."""
        found = [(source.what, source.file, list(source.load_ids)) for source in basis.sources(self.question)]
        return pd.DataFrame(found, columns=["what", "file", "loads"])

    @property
    def said(self) -> list[str]:
        """How orders are credited, what money is in, and why it is empty where it is; nothing for most reports."""
        return basis.said(self.question)

    def sql(self, name: str) -> str:
        """Return the SQL that answers a tile, with its parameters filled in. Raises UnknownName."""
        return query(self.question, self._report.tile(name)).filled_in()

    def to_excel(self, path: str | Path) -> Path:
        """Write the report's tables and log as a workbook. Raises BadSelection for a folder that is not there."""
        return workbook.write(self.question, Path(path).expanduser())
