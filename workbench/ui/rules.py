"""The settings by which a report's numbers are made, beside the tile that follows them most."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from workbench.ask import basis
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.errors import WorkbenchError
from workbench.reports import Report, Tile
from workbench.reports.settings import DEFINITIONS, MOST_FORWARD_MINUTES, MOST_WITHIN_DAYS, SETTINGS
from workbench.ui import address
from workbench.ui.session import escaped, failed

SECONDS = "By channel as 20,CHAT=60"
NUMBER, TEXT = 150, 190  # pixels


def rules(question: Question, tile: Tile) -> None:
    """Draw the settings of a tile, and what they come to in words; nothing for a tile without any."""
    if not tile.settings:
        return
    place = st.container(
        border=tile.shape == "metrics",
        horizontal=True,
        vertical_alignment="bottom",
        gap="small",
        key=f"rules-{tile.name}",
    )
    with place:
        for name in tile.settings:
            _WIDGETS[name](question.report, question.selection)
        st.caption("  \n".join(escaped(f"{label}: {text}.") for label, text in basis.rules(question)))


def _definition(report: Report, selection: Selection) -> None:
    key = _set(report, "service_level", selection.service_level)
    said = [f"{label}: {formula.format(threshold='the threshold')}." for label, formula in DEFINITIONS.values()]
    st.segmented_control(
        SETTINGS["service_level"].label, list(DEFINITIONS), key=key, required=True, width="content",
        format_func=lambda name: DEFINITIONS[name][0], help="  \n".join(said),
        on_change=partial(_changed, report, "service_level"),
    )  # fmt: skip


def _seconds(name: str, said: str, report: Report, selection: Selection) -> None:
    key = _set(report, name, SETTINGS[name].written(getattr(selection, name)))
    st.text_input(
        SETTINGS[name].label, key=key, width=TEXT, help=f"{said} {SECONDS}.", on_change=partial(_typed, report, name),
    )  # fmt: skip


def _number(name: str, said: str, least: int, most: int, report: Report, selection: Selection) -> None:
    key = _set(report, name, getattr(selection, name))
    st.number_input(
        SETTINGS[name].label, least, most, key=key, width=NUMBER, help=said, on_change=partial(_changed, report, name),
    )  # fmt: skip


def _percent(name: str, label: str, said: str, least: float, report: Report, selection: Selection) -> None:
    """Draw a part of a whole, in percent."""
    key = _set(report, name, round(100 * getattr(selection, name), 7))
    st.number_input(
        label, least, 99.9, step=1.0, format="%g", key=key, width=NUMBER, help=said,
        on_change=lambda: _take(report, name, round(st.session_state[key] / 100, 9)),
    )  # fmt: skip


def _same_channel(report: Report, selection: Selection) -> None:
    key = _set(report, "same_channel", selection.same_channel)
    said = "Only another contact of the same channel is a repeat or a forward."
    st.toggle("Same channel only", key=key, help=said, on_change=partial(_changed, report, "same_channel"))


def _set(report: Report, name: str, value: Any) -> str:
    key = f"{report.name}:{name}"
    st.session_state[key] = value
    return key


def _changed(report: Report, name: str) -> None:
    _take(report, name, st.session_state[f"{report.name}:{name}"])


def _typed(report: Report, name: str) -> None:
    """Take what a text says; one that says nothing possible changes nothing, and is told so."""
    try:
        _take(report, name, SETTINGS[name].read(st.session_state[f"{report.name}:{name}"].strip()))
    except WorkbenchError as error:
        failed(error)


def _take(report: Report, name: str, value: Any) -> None:
    address.changed(report, replace(st.session_state[f"{report.name}:selection"], **{name: value}))


_WIDGETS: Mapping[str, Callable[[Report, Selection], None]] = {
    "service_level": _definition,
    "threshold": partial(
        _seconds, "threshold", "Within how many seconds an answer or a hang-up counts as in time."
    ),
    "short_abandon": partial(
        _seconds, "short_abandon",
        "Contacts abandoned within so many seconds count in no definition. “none” leaves none out.",
    ),
    "within_days": partial(_number, "within_days", "Days are of 24 hours.", 1, MOST_WITHIN_DAYS),
    "forward_minutes": partial(
        _number, "forward_minutes",
        "Of when the contact before was queued, or ended: then both are one request.", 0, MOST_FORWARD_MINUTES,
    ),
    "same_channel": _same_channel,
    "target": partial(
        _percent, "target", "Target, percent", "How many of the calls are to be answered within the threshold.", 0.1
    ),
    "shrinkage": partial(_percent, "shrinkage", "Away, percent", "Of the scheduled agents: shrinkage.", 0.0),
}  # fmt: skip
