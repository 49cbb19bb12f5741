"""The filters beside every report: dates, rollup, its two main filters, the others on demand, and Clear all.

The selection is the truth and every widget is set from it before it is drawn: labels carry counts, and Streamlit
tells options apart by their labels.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import streamlit as st

from workbench.ask import views
from workbench.ask.question import Question
from workbench.ask.selection import (
    COMPARISONS,
    FIRST_DAY,
    LAST_DAY,
    MISSING,
    MOST_WINDOW_DAYS,
    NOTHING,
    PLACED_BY,
    PRESETS,
    ROLLUPS,
    TOUCHES,
    Days,
    Exploration,
    Selection,
    pin_keys,
    short,
)
from workbench.drawing import formats
from workbench.errors import WorkbenchError
from workbench.reports import PERIOD, Dimension, Report
from workbench.reports.labels import spoken
from workbench.store.workspace import Workspace
from workbench.ui import address, results
from workbench.ui.session import distinctly, escaped, failed

CUSTOM = "custom"
COMPARED = {
    NOTHING: "Nothing", "matching": "Matching days", "preceding": "Days before",
    "last_year": "Last year", "weekdays": "Four weeks back", CUSTOM: "Other days",
}  # fmt: skip
MAIN_FILTERS = 2


def asked(
    report: Report, workspace: Workspace, explores: Callable[[Selection], Exploration | None] = lambda _: None
) -> Question:
    """Draw the sidebar and return what it asks; dates that make no range end in one line and the default dates.

    What is explored belongs to a page that `explores` it, and not to a report's own.
    """
    selection = address.selected(report)
    selection = replace(selection, explored=explores(selection))
    question = Question(workspace, report, selection)
    try:
        days = question.scope.now.days
    except WorkbenchError as error:
        failed(error)
        address.changed(report, views.opening(report))
        question = question.asking(replace(views.opening(report), explored=selection.explored))
        days = question.scope.now.days
    with st.sidebar, st.container(gap="xsmall"):
        _dates(report, question.selection, days)
        for dimension in _drawn(report, question.selection):
            _filter(question, dimension)
        _more(question)
    address.written(report, question.selection)
    return question


def _dates(report: Report, selection: Selection, days: Days) -> None:
    is_custom = bool(selection.start or selection.end)
    _set(report, "preset", CUSTOM if is_custom else selection.preset)
    with st.container(gap="xxsmall"):
        st.selectbox(
            "Dates", (*PRESETS, CUSTOM), key=_key(report, "preset"), format_func=spoken,
            on_change=partial(_preset_changed, report, days),
        )  # fmt: skip
        if is_custom:
            if len(st.session_state.get(_key(report, "range"), ())) != 1:  # one date: the other is about to be picked
                _set(report, "range", days)
            st.date_input(
                "From and to", key=_key(report, "range"), label_visibility="collapsed", format="YYYY/MM/DD",
                min_value=FIRST_DAY, max_value=LAST_DAY, on_change=partial(_range_changed, report),
            )  # fmt: skip
        else:
            st.caption(short(days))
    left, right = st.columns((2, 3), gap="small")
    _set(report, "rollup", selection.rollup)
    with left:
        st.selectbox(
            "Roll up by", ROLLUPS, key=_key(report, "rollup"), format_func=formats.ROLLUP_LABELS.__getitem__,
            on_change=partial(_rollup_changed, report),
        )  # fmt: skip
    with right:
        _comparison(report, selection, days)
    if _is_compared_with_own(selection):
        _compared_days(report, selection)


def _rollup_changed(report: Report) -> None:
    """Take another rollup; a pinned period is one of the rollup before, and goes with it."""

    def change(selection: Selection) -> Selection:
        pins = tuple(pin for pin in selection.pins if PERIOD.key not in pin_keys(pin))
        return replace(selection, rollup=st.session_state[_key(report, "rollup")], pins=pins)

    _change(report, change)


def _is_compared_with_own(selection: Selection) -> bool:
    return selection.compare is not None and selection.compare not in COMPARISONS


def _comparison(report: Report, selection: Selection, days: Days) -> None:
    """Draw what the days are compared with; a range of one's own starts as the days before."""
    _set(report, "compare", CUSTOM if _is_compared_with_own(selection) else selection.compare or NOTHING)
    st.selectbox(
        "Compare with", (NOTHING, *COMPARISONS, CUSTOM), key=_key(report, "compare"),
        format_func=COMPARED.__getitem__, on_change=partial(_comparison_changed, report, days),
    )  # fmt: skip


def _compared_days(report: Report, selection: Selection) -> None:
    """Draw a range of one's own to compare with, over the whole width: both of its dates must be seen."""
    if len(st.session_state.get(_key(report, "compared"), ())) != 1:
        start, end = str(selection.compare).split("..")
        _set(report, "compared", (date.fromisoformat(start), date.fromisoformat(end)))
    st.date_input(
        "Compared from and to", key=_key(report, "compared"), label_visibility="collapsed", format="YYYY/MM/DD",
        min_value=FIRST_DAY, max_value=LAST_DAY, on_change=partial(_compared_changed, report),
    )  # fmt: skip


def _comparison_changed(report: Report, days: Days) -> None:
    compare = st.session_state[_key(report, "compare")]
    if compare == CUSTOM:
        length = days[1] - days[0] + timedelta(days=1)
        compare = f"{max(days[0] - length, FIRST_DAY)}..{max(days[1] - length, FIRST_DAY)}"
    _change(report, lambda selection: replace(selection, compare=None if compare == NOTHING else compare))


def _compared_changed(report: Report) -> None:
    """Take both dates of the range to compare with; one of them alone changes nothing."""
    days = st.session_state[_key(report, "compared")]
    if len(days) == 2:
        _change(report, lambda selection: replace(selection, compare=f"{days[0]}..{days[1]}"))


def _filter(question: Question, dimension: Dimension) -> None:
    """Draw a filter: a text to type in, or the values with their counts, the most frequent first."""
    if dimension.is_typed:
        _typed(question, dimension)
        return
    if dimension.is_single:
        _single(question, dimension)
        return
    report, picked = question.report, list(question.selection.values(dimension.key))
    counts = dict(results.options(question, dimension.key))
    values = [*counts, *(value for value in picked if value not in counts)]  # a picked value stays without rows
    labels = _labels(dimension, values, counts, picked)
    _set(report, dimension.key, picked)
    st.multiselect(
        dimension.label, values, key=_key(report, dimension.key), placeholder="All",
        format_func=lambda value: labels.get(value, str(value)),
        on_change=partial(_filter_changed, report, dimension.key),
    )  # fmt: skip


def asked_for(question: Question) -> None:
    """Ask on the page for the value of each filter of one value, while none is chosen and there are several."""
    report = question.report
    for dimension in report.filters:
        if not dimension.is_single or question.selection.values(dimension.key):
            continue
        counts = dict(results.options(question, dimension.key))
        if len(counts) > 1:
            _asked_for(report, dimension, counts)


def _asked_for(report: Report, dimension: Dimension, counts: dict[str, int]) -> None:
    what, key = dimension.label.lower(), f"{dimension.key}:asked"
    labels = _labels(dimension, list(counts), counts, [])
    _set(report, key, None)
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(
            f":orange[:material/help:] **Which {what}?** Amounts are empty until one is chosen.", width="content"
        )
        st.pills(
            dimension.label, list(counts), key=_key(report, key), label_visibility="collapsed", width="content",
            format_func=lambda value: escaped(labels.get(value, str(value))),
            on_change=lambda: _take(report, dimension.key, st.session_state[_key(report, key)]),
        )  # fmt: skip


def _single(question: Question, dimension: Dimension) -> None:
    """Draw a filter of one value once it is chosen; until then the page asks for it where there are several."""
    report, counts = question.report, dict(results.options(question, dimension.key))
    picked = next(iter(question.selection.values(dimension.key)), None)
    if picked is None:
        return
    values = [*counts, *([] if picked in counts else [picked])]
    labels = _labels(dimension, values, counts, [])
    _set(report, dimension.key, picked)
    st.selectbox(
        dimension.label, values, key=_key(report, dimension.key), placeholder="Choose one",
        format_func=lambda value: labels.get(value, str(value)),
        on_change=partial(_filter_changed, report, dimension.key),
    )  # fmt: skip


def _typed(question: Question, dimension: Dimension) -> None:
    report = question.report
    _set(report, dimension.key, next(iter(question.selection.values(dimension.key)), ""))
    st.text_input(
        dimension.label, key=_key(report, dimension.key), placeholder="All", type="search",
        on_change=partial(_filter_changed, report, dimension.key),
    )  # fmt: skip


def _labels(dimension: Dimension, values: list[str], counts: dict[str, int], picked: list[str]) -> dict[str, str]:
    """Return each value's label with its count, the stored text beside it where two labels are alike."""
    plain = {value: dimension.shown(None if value == MISSING else value) for value in values}
    named = distinctly(values, plain.__getitem__, str)
    return {v: named(v) if v in picked else f"{named(v)}  ·  {formats.count(counts[v])}" for v in values}


def _drawn(report: Report, selection: Selection) -> list[Dimension]:
    """Return the filters on the page: the main ones, those added, and those that a link set."""
    added = st.session_state.get(_key(report, "added"), ())
    main = report.filters[:MAIN_FILTERS]
    return [d for d in report.filters if d in main or d.is_single or d.key in added or selection.values(d.key)]


def _more(question: Question) -> None:
    report, selection = question.report, question.selection
    left = {d.key: d.label for d in report.filters if d not in _drawn(report, selection)}
    with st.container(horizontal=True, gap="xsmall"):
        if left:
            key = _key(report, "add")
            st.menu_button(
                "Add filter", list(left), format_func=left.__getitem__, icon=":material/add:", type="tertiary", key=key,
                on_click=partial(_added, report, key),
            )  # fmt: skip
        with st.popover("Options", icon=":material/tune:", type="tertiary"):
            if "as_exported" in report.settings:
                _switch(report, selection, "as_exported", "As exported", "Counts customers without customer merges.")
            _switch(
                report, selection, "whole_only", "Leave out incomplete periods",
                "Periods that the dates or the loaded files cut are not drawn over time. Totals keep their rows.",
            )  # fmt: skip
            _switch(
                report, selection, "wall_clock", "Count days from today",
                "Presets such as Last 30 days end on the last day that is loaded. Switched on, they end today.",
            )  # fmt: skip
        st.button(
            "Clear all", icon=":material/filter_alt_off:", type="tertiary", key=_key(report, "clear"),
            on_click=partial(_cleared, report),
            disabled=replace(selection, explored=None) == question.asking(views.opening(report)).selection,
        )  # fmt: skip


def placing(report: Report, selection: Selection) -> None:
    """Draw the switch between the moments by which conversations are placed."""
    _set(report, "by", selection.by)
    st.segmented_control(
        "Conversations", PLACED_BY, key=_key(report, "by"), required=True, width="content",
        label_visibility="collapsed", format_func=lambda by: f"{by.capitalize()} in the range",
        on_change=partial(_changed, report, "by"),
    )  # fmt: skip


def attribution(report: Report, selection: Selection) -> None:
    """Draw the settings by which orders are credited to messages."""
    _set(report, "touch", selection.touch)
    st.segmented_control(
        "An order is credited to", TOUCHES, key=_key(report, "touch"), required=True, width="content",
        format_func=lambda touch: f"{touch.capitalize()} message", on_change=partial(_changed, report, "touch"),
        help="The last message before it, or the first message of the period whose window holds it.",
    )  # fmt: skip
    _set(report, "window_days", selection.window_days)
    st.number_input(
        "Window, in days", 1, MOST_WINDOW_DAYS, key=_key(report, "window_days"), width=140,
        on_change=partial(_changed, report, "window_days"),
        help="An order counts when it was made within so many times 24 hours of the message.",
    )  # fmt: skip


def _switch(report: Report, selection: Selection, name: str, label: str, explained: str) -> None:
    _set(report, name, getattr(selection, name))
    st.toggle(label, key=_key(report, name), help=explained, on_change=partial(_changed, report, name))


def _key(report: Report, what: str) -> str:
    return f"{report.name}:{what}"


def _set(report: Report, what: str, value: Any) -> None:
    st.session_state[_key(report, what)] = value


def _change(report: Report, change: Callable[[Selection], Selection]) -> None:
    address.changed(report, change(st.session_state[_key(report, "selection")]))


def _changed(report: Report, what: str) -> None:
    value = st.session_state[_key(report, what)]
    _change(report, lambda selection: replace(selection, **{what: value}))


def _preset_changed(report: Report, days: Days) -> None:
    preset = st.session_state[_key(report, "preset")]
    if preset == CUSTOM:
        _change(report, lambda selection: replace(selection, start=days[0], end=days[1]))
    else:
        _change(report, lambda selection: address.redated(selection, preset=preset, start=None, end=None))


def _range_changed(report: Report) -> None:
    """Take both dates; a range of which only the first is picked yet changes nothing."""
    days = st.session_state[_key(report, "range")]
    if len(days) == 2:
        _change(report, lambda selection: address.redated(selection, start=days[0], end=days[1]))


def _filter_changed(report: Report, key: str) -> None:
    _take(report, key, st.session_state[_key(report, key)])


def _take(report: Report, key: str, picked: Any) -> None:
    """Take what is picked or typed in a filter."""
    if not isinstance(picked, list):  # one value, or typed in
        picked = [picked.strip()] if picked and picked.strip() else []

    def change(selection: Selection) -> Selection:
        filters = dict(selection.filters) | {key: tuple(picked)}
        order = [dimension.key for dimension in report.filters]
        return replace(selection, filters=tuple((name, filters[name]) for name in order if filters.get(name)))

    _change(report, change)


def _added(report: Report, key: str) -> None:
    _set(report, "added", (*st.session_state.get(_key(report, "added"), ()), st.session_state[key]))


def _cleared(report: Report) -> None:
    _set(report, "added", ())
    address.changed(report, views.opening(report))
