"""The line of chips: what the page is narrowed to, each part with a way to take it off. It is always there.

So the first pin moves nothing; and it stays in sight when the page is scrolled, with title and dates.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import streamlit as st

from workbench.ask.question import Question
from workbench.ask.selection import Selection, short
from workbench.drawing import formats
from workbench.ui import address, results
from workbench.ui.session import escaped

HINT = "Click a bar or a row to filter"


def line(question: Question) -> None:
    """Draw the chips, how many rows are left of how many, and the way back to all of them."""
    report, selection = question.report, question.selection
    with st.container(
        horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="chips"
    ):  # fmt: skip
        with st.container(key="chips-title", width="content"):
            st.markdown(f"**{report.title}** :gray[{short(question.scope.now.days)}]", width="content")
        found = list(applied(question))
        st.markdown(f":gray[{'Filtered to' if found else HINT}]", width="content")
        for key, text, without in found:
            st.button(
                escaped(text), icon=":material/close:", key=f"{report.name}:{key}", help="Take this off",
                icon_position="right", on_click=partial(address.changed, report, without),
            )  # fmt: skip
        st.space("stretch")
        with st.container(
            horizontal=True, wrap=False, vertical_alignment="center", gap="small", width="content", key="chips-left"
        ):  # fmt: skip
            st.markdown(_left(question), width="content")
            st.button(
                "Clear", type="tertiary", key=f"{report.name}:chips:clear", disabled=cleared(selection) == selection,
                help="Take off every filter", on_click=partial(address.changed, report, cleared(selection)),
            )  # fmt: skip


def _left(question: Question) -> str:
    """Return how many rows of the range are left, all of them while nothing is narrowed."""
    report = question.report
    tile = next((tile for tile in report.tiles if tile.entity is report.main), report.tiles[0])
    rows, of = (results.counts(q, tile)["rows"] for q in (question, question.of_range))
    if cleared(question.selection) == question.selection:
        return f":gray[All {formats.rows(of, report.rows_label)}]"
    loaded = question.scope.now.loaded if question.selection.pins else ""
    said = f":gray[{_shown(question) or f'{formats.count(rows)} of {formats.rows(of, report.rows_label)}'}]"
    return f"{said} · :red[{loaded}]" if loaded else said


def _shown(question: Question) -> str:
    """Return how many rows of a number the log shows, while it shows those of one."""
    report, name = question.report, question.selection.rows_of.partition(":")[0]
    if not name:
        return ""
    log = report.log_of(report.metric(name))
    found, label = results.log_count(question, log, ""), log.rows_label or report.rows_label
    if log.entity is not report.main:
        return formats.rows(found, label)
    return f"{formats.count(found)} of {formats.rows(results.counts(question.of_range, log)['rows'], label)}"


def applied(question: Question) -> Iterator[tuple[str, str, Selection]]:
    """Yield every filter, pin and number whose rows are shown: its key, in words, and the selection without it."""
    report, selection = question.report, question.selection
    for found in selection.filters:
        others = tuple(other for other in selection.filters if other != found)
        yield (
            f"narrowed:{found[0]}",
            formats.pinned(report, selection.rollup, (found,)),
            replace(selection, filters=others),
        )
    for pin in selection.pins:
        keys = "+".join(key for key, _ in pin)
        yield f"pin:{keys}", formats.pinned(report, selection.rollup, pin), selection.toggled(pin)
    if selection.rows_of:
        metric = report.metric(selection.rows_of.partition(":")[0])
        yield "pin:rows_of", f"Rows of: {metric.label}", replace(selection, rows_of="")


def cleared(selection: Selection) -> Selection:
    """Return a selection without what narrows it; its dates stay."""
    return replace(selection, filters=(), pins=(), rows_of="")
