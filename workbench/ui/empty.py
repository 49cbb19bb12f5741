"""What a page says in the place of all tiles while nothing is in them: the cause, and the one change that mends it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from workbench.ask.question import Question, is_shown, not_applicable
from workbench.ask.selection import Selection, short
from workbench.drawing import formats
from workbench.ui import address, chips, results
from workbench.ui.session import escaped

NUMBERS = ("", "this filter", "these two filters", "these three filters", "these four filters")


@dataclass(frozen=True)
class Cause:
    """Why a page is empty, and the change that mends it: its words and the selection without the cause."""

    title: str
    text: str
    mend: str = ""
    mended: Selection | None = None


def is_empty(question: Question) -> bool:
    """Tell whether there are no rows for a page at all.

    Not where a filter says nothing about some of them, nor where a history is shown, which dates do not narrow.
    """
    is_partly = any(not_applicable(question, log) for log in question.report.logs)
    has_history = any(tile.is_history and is_shown(question, tile) for tile in question.report.tiles)
    return not (is_partly or has_history or _rows(question))


def _rows(question: Question) -> float:
    return sum(results.counts(question, log)["rows"] for log in question.report.logs)


def card(question: Question) -> None:
    """Draw the one card of an empty page."""
    cause, report = _cause(question), question.report
    with st.container(border=True, horizontal_alignment="center", gap="small", key="empty"):
        st.space("small")
        st.markdown(":gray[:material/filter_alt_off:]", width="content")
        st.markdown(f"### {cause.title}", width="content")
        st.markdown(f":gray[{cause.text}]", width="content")
        with st.container(horizontal=True, horizontal_alignment="center", gap="small"):
            if cause.mended is not None:
                st.button(
                    escaped(cause.mend), type="primary", key=f"{report.name}:mend",
                    on_click=partial(address.changed, report, cause.mended),
                )  # fmt: skip
            if question.selection.filters or question.selection.pins:
                st.button(
                    "Clear all filters", key=f"{report.name}:mend:all",
                    on_click=partial(address.changed, report, chips.cleared(question.selection)),
                )  # fmt: skip
            elif cause.mended is None:
                st.page_link("pages/data.py", label="Load a file", icon=":material/upload_file:")
        st.space("small")


def _cause(question: Question) -> Cause:
    """Find out why: the filter without which most rows come back, all together, the dates, or what is loaded."""
    label, bare = question.report.rows_label, question.asking(chips.cleared(question.selection))
    applied = list(chips.applied(question))
    if not applied or not _rows(bare):
        return _by_dates(bare, label)
    which = NUMBERS[len(applied)] if len(applied) < len(NUMBERS) else f"these {len(applied)} filters"
    title = f"No {label.removesuffix('s')} matches {which}"
    rows, text, without = max(
        ((_rows(question.asking(w)), text, w) for _, text, w in applied), key=lambda found: found[0]
    )
    if not rows:
        return Cause(title, f"No single one is the cause: without all of them, {_matching(_rows(bare), label)}.")
    said = f"**{escaped(text)}** is what empties it: without it, {_matching(rows, label)}."
    return Cause(title, said, f"Remove “{text}”", without)


def _matching(rows: float, label: str) -> str:
    return f"{formats.rows(rows, label)} {'matches' if rows == 1 else 'match'}"


def _by_dates(bare: Question, label: str) -> Cause:
    days, selection = short(bare.scope.now.days), bare.selection
    title = f"No {label} from {days}" if bare.scope.now.days[0] != bare.scope.now.days[1] else f"No {label} on {days}"
    loaded = bare.scope.now.loaded
    for mended, mend in _other_dates(selection):
        question = bare.asking(mended)
        if rows := _rows(question):
            found = f"{short(question.scope.now.days)} have {formats.rows(rows, label)}"
            why = loaded or "These days are loaded, and empty"
            return Cause(title, f"{why}; {found}.", f"{mend}: {short(question.scope.now.days)}", mended)
    return Cause(f"No {label} are loaded", "All rows of what is loaded are others, which this page leaves out.")


def _other_dates(selection: Selection) -> Iterator[tuple[Selection, str]]:
    """Yield other dates to try, with what they are called."""
    anchored = replace(selection, start=None, end=None, wall_clock=False)
    yield replace(anchored, preset="last_30_days"), "Last 30 days loaded"
    yield replace(anchored, preset="all"), "All that is loaded"
