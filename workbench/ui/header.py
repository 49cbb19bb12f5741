"""The top of a report page: what it is, what is on screen, what is not loaded, and the way to hand it over."""

from dataclasses import replace
from datetime import datetime

import streamlit as st

from workbench.ask import basis
from workbench.ask.question import Question
from workbench.ask.scope import Scope
from workbench.ask.selection import short
from workbench.drawing import formats
from workbench.exports import KINDS
from workbench.reports import labels
from workbench.time import coverage
from workbench.time.words import timestamp
from workbench.ui import address, chips, export, results, saving
from workbench.ui.session import escaped, failures_shown

MOST_MESSAGES, MOST_FILES = 3, 20


def header(question: Question) -> None:
    """Draw title, purpose and actions, one quiet line with what is on screen, and the line of chips."""
    report = question.report
    unpinned = question.unpinned  # or a pin would move the page
    with st.container(key="header", gap="xsmall"):
        if question.workspace.path is None:
            _sample_banner()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title(report.title, anchor=False, width="content")
            st.markdown(f":gray[{report.purpose}]", width="content")
            st.space("stretch")
            with st.container(horizontal=True, gap="small", width="content"):
                _actions(question, question.scope)
        st.caption(" · ".join(_on_screen(unpinned, unpinned.scope)), help=_rests_on(unpinned))
    chips.line(question)


def _actions(question: Question, scope: Scope) -> None:
    export.button(question)
    saving.button(question)
    with st.popover("Share link", icon=":material/link:"):
        st.caption("Opens this page with these dates and filters.")
        link = address.share_link(question.report, question.selection, scope, results.units(question))
        st.code(link, language=None, wrap_lines=True)
    if st.button("About", icon=":material/info:", help="How it is measured, and what every number means"):
        about(question)


def _sample_banner() -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge("Sample data", icon=":material/science:", color="gray")
        st.markdown(":gray[Load a file of your own and it goes away]")
        st.page_link("pages/data.py", label="Load a file", icon=":material/upload_file:")


def _on_screen(question: Question, scope: Scope) -> list[str]:
    """Return what is on screen in words: dates, comparison, zone, files, how money is counted, what is not loaded."""
    selection = question.selection
    compared = scope.comparison_said
    words = (
        f"**{short(scope.now.days)}**",
        f"{compared[:1].lower()}{compared[1:]}",
        scope.zone.replace("_", " "),
        formats.rows(sum(len(found) for _, found in results.sources(question)), "files"),
        *(escaped(f"{text[:1].lower()}{text[1:]}") for text in results.said(question, briefly=True)),
        "customers as exported" if selection.as_exported else "",
        "counted from today" if selection.wall_clock else "",
        *(f":red[{text}]" for text in _not_loaded(question, scope)[:MOST_MESSAGES]),
    )
    return [word for word in words if word]


def _rests_on(question: Question) -> str:
    """Return the names of the files by what they are, newest first, a long list cut."""
    lines = ["Rests on the files", ""]
    for what, found in results.sources(question):
        names = [escaped(source.name) for source in found]
        lines += [f"- **{what}**", *(f"    - {name}" for name in names[: -MOST_FILES - 1 : -1])]
        lines += [f"    - and {len(names) - MOST_FILES} more"] if len(names) > MOST_FILES else []
    return "\n".join(lines)


def _not_loaded(question: Question, scope: Scope) -> list[str]:
    """Say which days of the selection are not loaded, and for which values where the loads were limited to some."""
    kinds = [KINDS[k].title.lower() for k in question.report.kinds if not question.workspace.has([k])]
    never = [f"No {', '.join(kinds)} loaded yet"] if kinds else []
    nowhere = scope.not_covered
    messages = [f"Nothing is loaded for {' and '.join(_days(gap) for gap in nowhere)}"] if nowhere else []
    partly = [gap for gap in scope.now.gaps if gap not in nowhere]
    if not partly:
        return never + messages
    named = [
        f"{escaped(dimension.shown(value))} is not loaded for {_days(gap)}"
        for dimension in question.report.filters
        for value in question.selection.values(dimension.key)
        for gap in _gaps_of(question, dimension.key, value)
    ]
    return (
        never + messages + (named or [f"Only some channels or inboxes are loaded for {_days(gap)}" for gap in partly])
    )


def _gaps_of(question: Question, key: str, value: str) -> list[coverage.Span]:
    alone = replace(question.selection, filters=((key, (value,)),), pins=())
    scope = question.asking(alone).scope
    return [gap for gap in scope.now.gaps if gap not in scope.not_covered]


def _days(gap: coverage.Span) -> str:
    """Return a gap in words: by days, or by times where it begins or ends within a day."""
    if any(edge.time() != datetime.min.time() for edge in gap):
        return f"{timestamp(gap[0])} to {timestamp(gap[1])}"
    return short((gap[0].date(), (gap[1] - gap[1].resolution).date()))


@st.dialog("About this report", width="large", icon=":material/info:")
@failures_shown()
def about(question: Question) -> None:
    """Show how a report is measured, what every metric means, the calendars, and the answers to what people ask."""
    report = question.report
    for heading, text in report.about[:1]:
        st.markdown(f"**{heading}**  \n{text}")
    st.markdown("**What the numbers mean**")
    for metric in report.metrics:
        st.markdown(f"- **{metric.label}**: {metric.definition} :gray[Formula: {metric.formula}.]")
    if calendars := basis.calendars(question):
        st.markdown("**Calendars**  \n" + "  \n".join(f"{escaped(str(calendar))}." for calendar in calendars))
    for heading, text in report.about[1:]:
        st.markdown(f"**{heading}**  \n{text}")
    for heading, meanings in formats.explained(report):
        st.markdown(f"**{heading}**")
        st.markdown("\n".join(f"- **{labels.spoken(value)}**: {meaning}" for value, meaning in meanings))
