"""The selection of a page: remembered in the session, and in its address, so that a copied link shows the same."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from workbench.ask import views
from workbench.ask.logs import LogLayout, drawn_keys, log_layouts
from workbench.ask.scope import Scope
from workbench.ask.selection import COMPARISONS, CREDITING, FIRST_DAY, NOTHING, REPORT, Selection, parsed, wanted
from workbench.ask.views import DEFAULT, opening
from workbench.errors import WorkbenchError
from workbench.reports import Report, Tile
from workbench.ui import session

EXPLAIN = "explain"  # the parameter that names the figure whose change is explained, while that is open
LONGEST = 24  # characters of a part of a link that are quoted


def selected(report: Report) -> Selection:
    """Return the page's selection: the address's when that is another one than the page wrote, else the session's.

    A page that nothing is known of yet opens with its default view. What the user has just changed wins: of two quick
    clicks the second comes with the address before the first.
    """
    query = _query()
    if not query and f"{report.name}:selection" not in st.session_state:
        view = views.default(session.kept(), report.name)
        query = {key: list(values) for key, values in view.query.items()} if view else {}
    is_changed = st.session_state.pop(f"{report.name}:is_changed", False)
    if query and query != st.session_state.get(f"{report.name}:address") and not is_changed:
        opened(report, query)
    remembered: Selection = st.session_state.setdefault(f"{report.name}:selection", opening(report))
    return remembered


def linked_report() -> str:
    """Return the report that the address names where it is another address than the page wrote; '' for none."""
    query = _query()
    named = "".join(query.get(REPORT, [])[-1:])
    return "" if query == st.session_state.get(f"{named}:address") else named


def opened(report: Report, query: Mapping[str, Sequence[str]]) -> None:
    """Take what a link or a saved view says; the parts that cannot be understood are left out, and named in a line."""
    metric = "".join(query.get(EXPLAIN, ())[-1:])
    own, layouts = log_layouts(report, {key: texts for key, texts in query.items() if key != EXPLAIN})
    try:
        selection, refused = views.selection_of(report, own), ""
    except WorkbenchError:
        selection, refused = _parsed_in_part(report, own)
    st.session_state[f"{report.name}:selection"] = selection
    st.session_state[f"{report.name}:{EXPLAIN}"] = metric
    for name, layout in layouts.items():
        st.session_state[f"{report.name}:{name}:layout"] = layout
    for key, tile in drawn_keys(report).items():
        named = {_said(name): name for name, _ in tile.drawings}
        st.session_state[drawing(report, tile)] = named.get("".join(query.get(key, ())[-1:]), _usual(tile))
    if refused:
        session.failed(WorkbenchError(refused))


def layout(report: Report, log: Tile) -> LogLayout:
    """Return how a log is laid out: by its own order, with the columns that were last picked, until it is changed."""
    key = f"{report.name}:{log.name}:layout"
    if key not in st.session_state:
        st.session_state[key] = LogLayout(columns=views.columns(session.kept(), report.name, log.name))
    found: LogLayout = st.session_state[key]
    return found


def drawing(report: Report, tile: Tile) -> str:
    """Return under which key it is kept which of its drawings a chart shows."""
    return f"{report.name}:{tile.name}:drawing"


def _usual(tile: Tile) -> str:
    return next(name for name, drawn in tile.drawings if drawn == tile.drawn)


def _said(name: str) -> str:
    """Return what a drawing is called in a link."""
    return name.lower().replace(" ", "_")


def laid_out(report: Report, log: Tile, layout: LogLayout) -> None:
    """Take how a log is laid out; picked columns are remembered in the workspace."""
    if layout.columns:
        views.keep_columns(session.kept(), report.name, log.name, layout.columns)
    st.session_state[f"{report.name}:{log.name}:layout"] = layout


def changed(report: Report, selection: Selection) -> None:
    """Take a selection that the user has changed; the page shows it in the next run, and explains no change of it."""
    st.session_state[f"{report.name}:selection"] = selection
    touched(report)
    st.session_state[f"{report.name}:{EXPLAIN}"] = ""


def touched(report: Report) -> None:
    """Remember that the user has just changed something, which wins over an address from before."""
    st.session_state[f"{report.name}:is_changed"] = True


def written(report: Report, selection: Selection) -> None:
    """Put the selection, how the logs are laid out, and whose change is explained, into the address."""
    st.session_state[f"{report.name}:is_changed"] = False
    query = as_query(report, selection)
    if metric := st.session_state.get(f"{report.name}:{EXPLAIN}"):
        query |= {EXPLAIN: [metric]}
    st.session_state[f"{report.name}:address"] = query
    if _query() != query:
        st.query_params.from_dict(query)


def share_link(report: Report, selection: Selection, scope: Scope, units: Sequence[str] = ()) -> str:
    """Return a link to what is on screen, with resolved dates: it shows the same days whenever it is opened.

    Of money in one of the `units` alone it names that one, as orders in another may be loaded until then.
    """
    start, end = scope.now.days
    fixed = replace(selection, start=start, end=end, compare=_fixed(selection, scope), wall_clock=False)
    if report.unit_dimension and len(units) == 1 and units[0] and not wanted(selection, report.unit_dimension.key):
        fixed = replace(fixed, filters=(*fixed.filters, (report.unit_dimension.key, tuple(units))))
    return f"{str(st.context.url).split('?')[0]}?{urlencode(as_query(report, fixed), doseq=True)}"


def redated(selection: Selection, **dates: Any) -> Selection:
    """Return a selection of other dates; a comparison that was fixed for the old ones becomes the default."""
    is_kept = selection.compare is None or selection.compare in COMPARISONS
    compare = selection.compare if is_kept else DEFAULT.compare
    return replace(selection, compare=compare, **dates)


def as_query(report: Report, selection: Selection) -> dict[str, list[str]]:
    """Return the parameters of a link.

    Preset and comparison are always said, as the command line's differ, and the rule by which orders are credited.
    """
    query = selection.as_query() | {"compare": [selection.compare or NOTHING]}
    query |= {name: [str(getattr(selection, name))] for name in CREDITING if name in report.settings}
    query |= {REPORT: [report.name]} if selection.explored else {}
    if not (selection.start or selection.end):
        query["preset"] = [selection.preset]
    for log in report.logs:
        query |= layout(report, log).as_query(log)
    for key, tile in drawn_keys(report).items():
        picked = st.session_state.get(drawing(report, tile)) or _usual(tile)
        query |= {key: [_said(picked)]} if picked != _usual(tile) else {}
    return query


def _query() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params}


def _fixed(selection: Selection, scope: Scope) -> str | None:
    """Return the comparison with resolved dates; None where everything is selected, so that nothing precedes it."""
    if scope.before is None:
        return None
    start, end = scope.before.days
    return f"{start}..{end}" if start >= FIRST_DAY else selection.compare  # a link holds no earlier dates


def _parsed_in_part(report: Report, query: Mapping[str, Sequence[str]]) -> tuple[Selection, str]:
    """Return the selection of those parts of a link that can be understood, and which are left out and why."""
    understood: dict[str, list[str]] = {}
    refused = []
    for part in _parts(report, query):
        added = understood | {key: [*understood.get(key, []), *texts] for key, texts in part.items()}
        if why := _refusal(report, added):
            said = "&".join(f"{key}={text}" for key, texts in part.items() for text in texts)
            refused.append(f"{said[:LONGEST]}{'…' * (len(said) > LONGEST)} ({why})")
        else:
            understood = added
    return views.selection_of(report, understood), f"Left out of the link: {'; '.join(refused)}"


def _parts(report: Report, query: Mapping[str, Sequence[str]]) -> list[dict[str, list[str]]]:
    """Return what of a link is understood or not by itself: each value, but two dates that are dates together."""
    parts = [{key: [text]} for key, texts in query.items() for text in texts]
    dates = [part for part in parts if part.keys() <= {"from", "to"} and not _refusal(report, part)]
    together = {key: texts for part in dates for key, texts in part.items()}
    return [together, *(part for part in parts if part not in dates)]


def _refusal(report: Report, query: Mapping[str, Sequence[str]]) -> str:
    """Return why parts of a link cannot be understood, empty where they can."""
    try:
        parsed(report, query)
    except WorkbenchError as error:
        return str(error)
    return ""
