"""Files that wait: what each was recognised as, what is in doubt, what it leaves open, and one button for all."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from workbench.ask.selection import short
from workbench.drawing import formats
from workbench.errors import ChoiceNeeded
from workbench.intake.looking import Recognised
from workbench.store.workspace import Workspace
from workbench.ui import mapping, session, uploads
from workbench.ui.session import escaped
from workbench.ui.uploads import ASKED, ASKS, Arrival, kind_label


def files(workspace: Workspace) -> None:
    """Draw the files that wait, those that ask something first, how far work on them is, and what was refused."""
    arrivals = uploads.waiting()
    for arrival in arrivals:
        if arrival.preview:
            mapping.step(workspace, arrival, arrival.preview)
    listed = [arrival for arrival in arrivals if not arrival.preview]
    if listed or uploads.is_loading():
        with st.container(border=True, key="waiting"):
            for arrival in sorted(listed, key=lambda each: each.is_ready):
                _file(workspace, arrival)
            _load(workspace, [arrival for arrival in listed if arrival.is_ready])
            uploads.progress()
    for arrival in uploads.finished():
        if arrival.error:
            session.failed(arrival.error)


def _file(workspace: Workspace, arrival: Arrival) -> None:
    """Draw a file with what it is, or with the choice that it needs, and a way to leave it out."""
    needed = arrival.error if isinstance(arrival.error, ChoiceNeeded) else None
    icon = ":orange[:material/help:]" if needed else ":green[:material/check:]"
    with st.container(horizontal=True, vertical_alignment="center", key=f"file:{arrival.key}"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"{icon} **{escaped(arrival.file)}**  \n{_asks(needed) if needed else _is(arrival.found)}")
            for remark in arrival.found.remarks if arrival.found else ():
                tone = "orange" if remark.is_doubtful else "gray"
                means = f". For the numbers: {escaped(remark.means)}" if remark.means else ""
                st.markdown(f":small[:{tone}[{escaped(remark.warning)}{means}]]")
        if needed:
            _choice(workspace, arrival, needed)
        st.button(
            f"Leave out {escaped(arrival.file)}", icon=":material/close:", type="tertiary", key=f"leave:{arrival.key}",
            help="Leave it out", disabled=uploads.is_loading(), on_click=uploads.leave_out, args=(arrival,),
        )  # fmt: skip


def _is(found: Recognised | None) -> str:
    """Return what a file was recognised as in a line."""
    if found is None or found.rows is None:
        return ":gray[A large spreadsheet: what it is shows when it is loaded]"
    kind = kind_label(found.kind) if found.kind else "Not recognised"
    words = [kind, short(found.days) if found.days else "", formats.rows(found.rows, "rows")]
    return f":gray[{' · '.join(filter(None, words))}]"


def _asks(needed: ChoiceNeeded) -> str:
    return f":orange[{ASKS[ASKED[needed.option]][0]}]"


def _choice(workspace: Workspace, arrival: Arrival, needed: ChoiceNeeded) -> None:
    """Ask what a file left open; nothing is chosen beforehand."""
    name = ASKED[needed.option]
    _, label, options, spoken = ASKS[name]
    key, known = f"{name}:{arrival.key}", needed.options or tuple(options)
    given: dict[str, Any] = {
        "key": key, "on_change": _answered, "args": (workspace, arrival, name, key), "disabled": uploads.is_loading(),
        "width": 260,
    }  # fmt: skip
    if known:
        st.selectbox(label, known, None, format_func=spoken, placeholder="Choose", **given)
    else:
        st.text_input(label, **given)


def _answered(workspace: Workspace, arrival: Arrival, name: str, key: str) -> None:
    if said := st.session_state[key]:
        answered: dict[str, Any] = {name: said}
        uploads.answer(workspace, arrival, replace(arrival.choices, **answered))


def _load(workspace: Workspace, ready: Sequence[Arrival]) -> None:
    """Draw the button that loads all that is ready."""
    if not ready or uploads.is_loading():
        return
    rows = [arrival.found.rows for arrival in ready if arrival.found and arrival.found.rows is not None]
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Load file" if len(ready) == 1 else f"Load {len(ready)} files", type="primary"):
            uploads.load(workspace, ready)
        if len(ready) > 1 and len(rows) == len(ready):
            st.markdown(f":gray[{formats.rows(sum(rows), 'rows')}]")
