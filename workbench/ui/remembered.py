"""What the workspace remembers of headers that are no export's: each mapping to be seen, changed and forgotten."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import streamlit as st

from workbench.drawing import formats
from workbench.errors import WorkbenchError
from workbench.exports import Column
from workbench.intake import guesses
from workbench.intake.guesses import Preview
from workbench.intake.headers import mapped
from workbench.intake.mappings import ColumnMapping, extended
from workbench.store.workspace import Workspace
from workbench.time import words, zones
from workbench.ui import mapping as asking
from workbench.ui import session, uploads
from workbench.ui.session import escaped

NAMED = 5  # columns of a header that its title names
_SAID = "remembered:said"  # what the next run says: a toast of a run that ends at once may not be seen


def mappings(workspace: Workspace) -> None:
    """Draw every mapping that is remembered, folded."""
    if said := st.session_state.pop(_SAID, None):
        st.toast(said, icon=":material/check:")
    found = workspace.mappings()
    st.caption(
        "What you said of files whose header is no export's: later files with that header are read the same way."
        " A change concerns later loads only; what is loaded stays as it is."
        if found
        else "None yet. What you say of the columns of a file that no system exports is remembered here."
    )
    for made, used_at in found:
        with st.expander(_title(made), on_change="rerun", key=_key(made)) as expander:
            if expander.open:
                _mapping(workspace, made, used_at)


def _key(made: ColumnMapping) -> str:
    return f"remembered:{hash(made.header)}"


def _title(made: ColumnMapping) -> str:
    headers = [header for header in made.header if header.strip()]
    more = f" and {len(headers) - NAMED} more" if len(headers) > NAMED else ""
    return f"{uploads.kind_label(made.kind)} :gray[· {escaped(', '.join(headers[:NAMED]))}{more}]"


def _mapping(workspace: Workspace, made: ColumnMapping, used_at: datetime | None) -> None:
    key = _key(made)
    preview = Preview(made.header, ())
    kind = asking.kind_of(preview, key, made.kind)
    with st.form(f"{key}:{kind.name}", border=False, enter_to_submit=False):
        is_said = kind.name == made.kind
        first = _said(made) if is_said else guesses.columns(preview, kind)
        chosen = asking.columns(preview, kind, f"{key}:{kind.name}", first, is_said)
        with st.container(horizontal=True, vertical_alignment="center"):
            is_saved = st.form_submit_button("Save changes", type="primary")
            is_forgotten = st.form_submit_button("Forget", type="tertiary", icon=":material/delete:")
            st.caption(f"Last used: {_when(workspace, used_at)}")
    if is_forgotten:
        _change(partial(workspace.forget_mapping, made), "Forgotten: the next file with that header is asked about")
    elif is_saved and not asking.wrong(kind, chosen):
        changed = ColumnMapping(kind.name, tuple(chosen.items()), made.header)
        _change(partial(workspace.remember_mapping, changed, used_at), "Saved: it holds from the next file on")


def _change(change: Callable[[], None], said: str) -> None:
    try:
        change()
    except WorkbenchError as error:
        session.failed(error)
        return
    st.session_state[_SAID] = said
    st.rerun()


def _when(workspace: Workspace, used_at: datetime | None) -> str:
    if used_at is None:
        return formats.MISSING
    return words.timestamp(zones.wall_from_utc(used_at, workspace.reporting_zone))


def _said(made: ColumnMapping) -> dict[str, str | None]:
    """Return what each header is by a mapping; one that it does not name is recognised by itself."""
    pairs = zip(made.header, mapped(made.header, extended(made)).columns, strict=True)
    found: dict[str, str | None] = {}
    for header, column in pairs:
        if header.strip():
            found.setdefault(header, column.name if isinstance(column, Column) else None)
    return found
