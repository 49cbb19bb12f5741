"""What the page Explore asks: which report, which figures, by what, and how they are drawn."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from workbench.ask import explore
from workbench.ask.question import Question
from workbench.ask.selection import Exploration, Selection
from workbench.errors import WorkbenchError
from workbench.reports import REPORTS, Metric, Report
from workbench.store.workspace import Workspace
from workbench.ui import address, session, sidebar

_REPORT, NARROWEST = "explore:report", 180  # pixels of a control


def opened() -> Question:
    """Draw the sidebar of the report that is explored, and return what is asked; end the page where none is loaded."""
    workspace = session.shown()
    loaded = _loaded(workspace)
    if not loaded:
        st.title("Explore", anchor=False)
        st.page_link("pages/data.py", label="Nothing is loaded yet. Load a file", icon=":material/upload_file:")
        st.stop()
    report = loaded[_chosen(loaded)]
    question = sidebar.asked(report, workspace, partial(_explored, workspace, report))
    try:
        return explore.asked(question)
    except WorkbenchError as error:  # such as a saved exploration whose dimension is gone
        session.failed(error)
        return explore.asked(question.asking(replace(question.selection, explored=_first(workspace, report))))


def _loaded(workspace: Workspace) -> dict[str, Report]:
    """Return the reports that have something loaded, of those that are for who is there."""
    return {name: each for name, each in REPORTS.items() if workspace.has(each.kinds) and workspace.actor.sees(name)}


def _chosen(loaded: Mapping[str, Report]) -> str:
    """Return the report that a link names, else the one that was explored last."""
    named = address.linked_report()
    if named in loaded:
        st.session_state[_REPORT] = named
    return st.session_state[_REPORT] if st.session_state.get(_REPORT) in loaded else next(iter(loaded))


def _explored(workspace: Workspace, report: Report, selection: Selection) -> Exploration:
    """Return what a selection explores, else what was explored of the report last."""
    key = f"explore:{report.name}"
    if selection.explored:
        st.session_state[key] = selection.explored
    found: Exploration = st.session_state.get(key) or _first(workspace, report)
    return found


def _first(workspace: Workspace, report: Report) -> Exploration:
    """Return what is explored before anything is picked: the report's first figure by its first dimension."""
    metric = next(iter(explore.metrics(workspace, report).values()))
    keys = [*explore.dimensions(workspace, report, [metric])]
    return Exploration((metric.name,), tuple(keys[1:2] or keys))


def controls(question: Question) -> None:
    """Draw what is explored, to be changed: each control offers only what goes with the others."""
    workspace, report = question.workspace, REPORTS[question.report.name]
    explored = question.selection.explored
    assert explored is not None  # of this page
    known = explore.metrics(workspace, report)
    named = [known[name] for name in explored.metrics]
    groups = explore.dimensions(workspace, report, named)
    possible = explore.shapes(named, [groups[key] for key in explored.by])
    with st.container(border=True, key="explore-controls"), st.grid(4, min_column_width=NARROWEST, gap="small"):
        _reports(workspace, report)
        _picks(question, "metrics", "Figures", known, explore.MOST_METRICS)
        _picks(question, "by", "By", groups, explore.MOST_DIMENSIONS)
        _set("shape", explored.shape or possible[0])
        st.selectbox(
            "Drawn as", possible, key="explore:shape", format_func=explore.SHAPES.__getitem__,
            on_change=partial(_changed, question, "shape"),
        )  # fmt: skip


def _reports(workspace: Workspace, report: Report) -> None:
    loaded = [*_loaded(workspace)]
    _set("picked", report.name)

    def picked() -> None:
        st.session_state[_REPORT] = st.session_state["explore:picked"]
        st.query_params.clear()  # they are the other report's

    st.selectbox(
        "Report", loaded, key="explore:picked", format_func=lambda name: REPORTS[name].title, on_change=picked
    )  # fmt: skip


def _picks(question: Question, what: str, label: str, known: Mapping[str, Any], most: int) -> None:
    _set(what, list(getattr(question.selection.explored, what)))
    st.multiselect(
        label, list(known), key=f"explore:{what}", format_func=lambda key: known[key].label, max_selections=most,
        wrap=True, on_change=partial(_changed, question, what),
    )  # fmt: skip


def _set(what: str, value: Any) -> None:
    st.session_state[f"explore:{what}"] = value


def _changed(question: Question, what: str) -> None:
    """Take a change, and leave out what no longer goes with it; nothing picked changes nothing."""
    picked = st.session_state[f"explore:{what}"]
    explored = question.selection.explored
    if not picked or explored is None:
        return
    match what:
        case "metrics":
            made = replace(explored, metrics=tuple(picked))
        case "by":
            made = replace(explored, by=tuple(picked))
        case _:
            made = replace(explored, shape=str(picked))
    fitted = _fitted(question.workspace, REPORTS[question.report.name], made)
    address.changed(question.report, replace(question.selection, explored=fitted))


def _fitted(workspace: Workspace, report: Report, made: Exploration) -> Exploration:
    """Return an exploration without dimensions that its figures lack, and drawn as suits where its shape does not."""
    known = explore.metrics(workspace, report)
    named: list[Metric] = [known[name] for name in made.metrics]
    groups = explore.dimensions(workspace, report, named)
    by = tuple(key for key in made.by if key in groups) or tuple(groups)[:1]
    fits = made.shape in explore.shapes(named, [groups[key] for key in by])
    return replace(made, by=by, shape=made.shape if fits else "")
