"""How a workbench, a report and its frames show themselves in a notebook: what they are, in words and as a table.

What a file brought is foreign: nothing of it becomes markup, and no formula that a notebook would typeset.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar, cast

import pandas as pd

from workbench.ask import basis
from workbench.ask.question import Question
from workbench.ask.selection import short
from workbench.drawing import formats
from workbench.errors import WorkbenchError
from workbench.exports import KINDS
from workbench.reports import Report, Tile

PLAIN = "tex2jax_ignore mathjax_ignore"  # classes of what a notebook shows as it is
MOST_GAPS = 3  # that are named one by one


@dataclass(frozen=True)
class Said:
    """What is said over a table: a title, and lines of plain text."""

    title: str
    lines: Sequence[str] = ()

    @property
    def text(self) -> str:
        """The words as text."""
        return "\n".join((self.title, *self.lines))

    @property
    def html(self) -> str:
        """The words as HTML."""
        return f"<p><b>{escape(self.title)}</b>{''.join(f'<br>{escape(line)}' for line in self.lines)}</p>"


class Frame(pd.DataFrame):
    """Rows that say in a notebook what they are; what is computed from them is a plain frame."""

    _metadata: ClassVar[list[str]] = ["said"]
    said = Said("")

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    def __repr__(self) -> str:
        return f"{self.said.text}\n{super().__repr__()}"

    def _repr_html_(self) -> str | None:
        table = cast(Any, super())._repr_html_()
        return table and f'<div class="{PLAIN}">{self.said.html}{table}</div>'  # None where pandas shall show text


def text(said: Callable[[], Said], rows: Callable[[], pd.DataFrame]) -> str:
    """Return words and a table as text; what cannot be told is said in their place, since a display may not fail."""
    try:
        return f"{said().text}\n{rows().to_string(index=False, na_rep=formats.MISSING)}"
    except WorkbenchError as error:
        return str(error)


def html(said: Callable[[], Said], rows: Callable[[], pd.DataFrame]) -> str:
    """Return words and a table as HTML; what cannot be told is said in their place, since a display may not fail."""
    try:
        table = rows().to_html(index=False, na_rep=formats.MISSING, border=0)
        return f'<div class="{PLAIN}">{said().html}{table}</div>'
    except WorkbenchError as error:
        return f"<p>{escape(str(error))}</p>"


def framed(rows: pd.DataFrame, said: Said) -> Frame:
    """Return rows that say what they are."""
    found = Frame(rows)
    found.said = said
    return found


def of_tile(question: Question, tile: Tile) -> Said:
    """Return what a tile's rows are."""
    return Said(f"{tile.title} · {question.report.title}", asked(question))


def of_report(question: Question) -> Said:
    """Return what a report is, and what it is asked about."""
    return Said(question.report.title, (question.report.purpose, *asked(question)))


def asked(question: Question) -> tuple[str, ...]:
    """Return what a question is about, in lines: days, zone, comparison, filters, what is not loaded."""
    report, scope, selection = question.report, question.scope, question.selection
    if not question.workspace.has(report.kinds):
        return (f"No {' or '.join(KINDS[kind].title for kind in report.kinds)} loaded yet",)
    rollup = formats.ROLLUP_LABELS[selection.rollup].lower()
    return (
        f"{short(scope.now.days)}, by {rollup} · times in {scope.zone}",
        *filter(None, [scope.comparison_said]),
        *(f"{report.dimension(key).label}: {_labels(report, key, values)}" for key, values in selection.filters),
        *(f"Pinned: {formats.pinned(report, selection.rollup, pin)}" for pin in selection.pins),
        *(["Customers as exported, without merges"] if selection.as_exported else []),
        *basis.said(question),
        *filter(None, [scope.not_loaded_said(MOST_GAPS)]),
    )


def _labels(report: Report, key: str, values: Iterable[str]) -> str:
    return ", ".join(report.dimension(key).shown(value) for value in values)
