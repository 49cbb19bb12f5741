"""Taking loads back, after a second click: by the history, or by what was just loaded."""

from collections.abc import Sequence

import streamlit as st

from workbench.drawing import formats
from workbench.errors import WorkbenchError
from workbench.store.workspace import Workspace
from workbench.ui import session, uploads
from workbench.ui.session import escaped

_ASKED = "taking-back:asked"  # the place where loads are about to be taken back, and which
_SAID = "taking-back:said"  # what the next run says: a toast of a run that ends at once may not be seen


def said() -> None:
    """Say what was taken back in the run before."""
    if text := st.session_state.pop(_SAID, None):
        st.toast(text, icon=":material/undo:")


def button(place: str, loads: Sequence[int], file: str) -> None:
    """Draw the button of a place that asks whether loads shall be taken back."""
    if not session.may("load"):
        return
    them = "this load" if len(loads) == 1 else f"these {len(loads)} loads"
    st.button(
        f"Take {them} back", icon=":material/undo:", type="tertiary", disabled=uploads.is_loading(),
        key=f"{place}:undo", on_click=_ask, args=((place, tuple(loads)),), help=f"Take {escaped(file)} back out",
    )  # fmt: skip


def asked(workspace: Workspace, place: str, loads: Sequence[int], file: str, rows: int) -> None:
    """Ask whether loads shall be taken back, once the place's button was clicked, and do it."""
    if st.session_state.get(_ASKED) != (place, tuple(loads)):
        return
    with st.container(border=True):
        st.markdown(f"**Take back {formats.rows(rows, 'rows')} of {escaped(file)}?**")
        st.caption(
            "The tables become those of the other loads alone. The file itself stays where it is. The workspace is"
            " written anew without the load, which takes some seconds where it is large."
        )
        with st.container(horizontal=True):
            if st.button("Take back", type="primary", key=f"{place}:confirmed", disabled=uploads.is_loading()):
                _take_back(workspace, loads, file)
            st.button("Keep", key=f"{place}:kept", on_click=_ask, args=(None,))


def _ask(what: tuple[str, tuple[int, ...]] | None) -> None:
    st.session_state[_ASKED] = what


def _take_back(workspace: Workspace, loads: Sequence[int], file: str) -> None:
    try:
        with st.spinner("Taking it back, and writing the workspace anew"):
            workspace.unload_all(loads)
            for load_id in loads:
                uploads.forget(load_id)
    except WorkbenchError as error:
        session.failed(error)
        return
    _ask(None)
    names = ", ".join(escaped(copy.name) for copy in workspace.copies)
    copies = f". Copies made before still hold it: {names}" if names else ""
    st.session_state[_SAID] = f"Taken back: {escaped(file)}{copies}"
    st.rerun()
