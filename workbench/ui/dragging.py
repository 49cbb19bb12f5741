"""Dragging over a chart over time: its days become those of the page, and a double click brings back the days before.

Of a browser's own history the way back is free: the dates stand in the address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import streamlit as st

from workbench.ask.question import Question
from workbench.ask.selection import COMPARISONS, Selection, as_text
from workbench.drawing import over_time
from workbench.drawing.marks import BRUSH, Drawing
from workbench.reports import PERIOD
from workbench.ui import address


def dragged(drawing: Drawing, selection: Mapping[str, Any]) -> list[datetime]:
    """Return the periods that are dragged over, in order; of a single one it was a click, whose hand shook."""
    labels = {label for found in (selection.get(BRUSH) or {}).values() for label in found}
    periods = list(dict.fromkeys(row["period"] for row in drawing.rows if row["label"] in labels))
    return periods if len(periods) > 1 else []


def closer(question: Question, periods: Sequence[datetime]) -> None:
    """Set the page's dates to those of some periods, and remember the dates before."""
    asked, selection = question.scope.now.days, question.selection
    days = over_time.days(periods, selection.rollup, asked)
    if days == asked:
        return
    inside = {as_text(period) for period in periods}
    pins = tuple(pin for pin in selection.pins if set(dict(pin).get(PERIOD.key, ())) <= inside)
    _before(question)[days] = selection
    address.changed(question.report, address.redated(replace(selection, pins=pins), start=days[0], end=days[1]))


def back(question: Question, selection: Selection) -> None:
    """Set the page's dates to those before they were dragged over; else leave a selection as it is."""
    before = _before(question).get((selection.start, selection.end))
    if before is not None:
        compare = selection.compare if before.compare in (None, *COMPARISONS) else before.compare
        selection = replace(selection, start=before.start, end=before.end, preset=before.preset, compare=compare)
    address.changed(question.report, selection)


def _before(question: Question) -> dict[Any, Selection]:
    """Return the selections from which days were dragged over, by these days."""
    found: dict[Any, Selection] = st.session_state.setdefault(f"{question.report.name}:dragged", {})
    return found
