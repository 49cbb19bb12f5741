"""The selection of a page: remembered in the session, and in its address, so that a copied link shows the same."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from workbench.errors import WorkbenchError
from workbench.reports import Report
from workbench.selection import COMPARISONS, FIRST_DAY, Scope, Selection, parsed
from workbench.ui.session import failed

DEFAULT = Selection(preset="last_30_days", compare="preceding")
NOTHING = "none"  # a link's comparison with nothing, where one that says nothing gets the page's default


def selected(report: Report) -> Selection:
    """Return the page's selection: the address's when that is another one than the page wrote, else the session's.

    A link that cannot be understood is named in one line, and the page goes on as it was.
    """
    query = _query()
    if query and query != st.session_state.get(f"{report.name}:address"):
        try:
            st.session_state[f"{report.name}:selection"] = _parsed(report, query)
        except WorkbenchError as error:
            failed(error)
    remembered: Selection = st.session_state.setdefault(f"{report.name}:selection", DEFAULT)
    return remembered


def changed(report: Report, selection: Selection) -> None:
    """Take a selection that the user has changed; the page shows it in the next run."""
    st.session_state[f"{report.name}:selection"] = selection


def written(report: Report, selection: Selection) -> None:
    """Put the selection into the address."""
    query = as_query(selection)
    st.session_state[f"{report.name}:address"] = query
    if _query() != query:
        st.query_params.from_dict(query)


def share_link(selection: Selection, scope: Scope) -> str:
    """Return a link to what is on screen, with resolved dates: it shows the same days whenever it is opened."""
    start, end = scope.now.days
    fixed = replace(selection, start=start, end=end, compare=_fixed(selection, scope), wall_clock=False)
    return f"{str(st.context.url).split('?')[0]}?{urlencode(as_query(fixed), doseq=True)}"


def redated(selection: Selection, **dates: Any) -> Selection:
    """Return a selection of other dates; a comparison that was fixed for the old ones becomes the default."""
    compare = selection.compare if selection.compare in COMPARISONS else DEFAULT.compare
    return replace(selection, compare=compare, **dates)


def as_query(selection: Selection) -> dict[str, list[str]]:
    """Return the parameters of a link; preset and comparison are always said, as the command line's differ."""
    query = selection.as_query() | {"compare": [selection.compare or NOTHING]}
    if not (selection.start or selection.end):
        query["preset"] = [selection.preset]
    return query


def _query() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params}


def _fixed(selection: Selection, scope: Scope) -> str | None:
    """Return the comparison with resolved dates; None where everything is selected, so that nothing precedes it."""
    if scope.before is None:
        return None
    start, end = scope.before.days
    return f"{start}..{end}" if start >= FIRST_DAY else selection.compare  # a link holds no earlier dates


def _parsed(report: Report, query: dict[str, list[str]]) -> Selection:
    """Return a link's selection as a page takes it: what it leaves out is the page's default, not the command line's.

    Raises what parsing raises.
    """
    is_alone = query.get("compare") == [NOTHING]
    selection = parsed(report, {key: values for key, values in query.items() if not (is_alone and key == "compare")})
    has_dates = selection.start or selection.end or "preset" in st.query_params
    return replace(
        selection,
        preset=selection.preset if has_dates else DEFAULT.preset,
        compare=selection.compare or (None if is_alone else DEFAULT.compare),
    )
