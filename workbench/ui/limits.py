"""The limits of spreadsheets and archives: each with what it means, to be seen and set."""

from dataclasses import Field, fields
from typing import Any

import streamlit as st

from workbench.intake.limits import LIMITS, MB, MOST, UNITS, Limits
from workbench.store.workspace import Workspace
from workbench.ui import session


def limits(workspace: Workspace) -> None:
    """Draw every limit; one that is set holds from the next file on."""
    st.caption(
        "What a spreadsheet or an archive may hold, and what reading it may use. They keep one bad file from taking the"
        " machine down; a refusal names the one that was passed. On the command line they are called `limit_cells` and"
        " so on, with sizes in bytes."
    )
    with st.grid(2, min_column_width=300):
        for limit in fields(Limits):
            _limit(workspace, limit)
    st.button(
        "Use the usual limits", icon=":material/undo:", disabled=workspace.limits == LIMITS,
        on_click=_reset, args=(workspace,),
    )  # fmt: skip


def _limit(workspace: Workspace, limit: Field[Any]) -> None:
    key, unit = f"setting:limit_{limit.name}", UNITS[limit.name]
    mark = " (MB)" if unit == MB else ""
    st.session_state[key] = min(max(1, getattr(workspace.limits, limit.name) // unit), MOST)
    st.number_input(
        f"{limit.metadata['meaning']}{mark} `{limit.name}`", 1, MOST, key=key,
        help=f"Usually {getattr(LIMITS, limit.name) // unit:,}{mark}.", on_change=_changed, args=(workspace, limit),
    )  # fmt: skip


def _changed(workspace: Workspace, limit: Field[Any]) -> None:
    key = f"limit_{limit.name}"
    session.changed(workspace, key, str(st.session_state[f"setting:{key}"] * UNITS[limit.name]))


def _reset(workspace: Workspace) -> None:
    for limit in fields(Limits):
        usual = getattr(LIMITS, limit.name)
        if getattr(workspace.limits, limit.name) != usual:
            session.changed(workspace, f"limit_{limit.name}", str(usual))
