"""What is loaded: a line per kind with its rows and gaps, and the calendar of one."""

import pandas as pd
import streamlit as st

from workbench.ask.selection import short
from workbench.drawing import calendar, formats
from workbench.drawing.calendar import Day
from workbench.exports import KINDS
from workbench.intake.outcome import holds
from workbench.intake.schema import rows_sql
from workbench.store.workspace import Workspace
from workbench.ui import inventory, session, uploads
from workbench.ui.session import escaped


def kinds(workspace: Workspace) -> None:
    """Draw what is loaded by kind, and the calendar of the kind that is chosen."""
    loads = workspace.loads()
    names = [name for name in KINDS if any(holds(load, [name]) for load in loads)]
    days = {name: _days(str(workspace.path), name, workspace.version) for name in names}
    st.dataframe(
        pd.DataFrame([_kind(workspace, name, loads, days[name]) for name in names]), hide_index=True,
        placeholder=formats.MISSING, alt="What is loaded, by kind",
        column_config=inventory.columns_config(),
    )  # fmt: skip
    _calendar(workspace, {name: found for name, found in days.items() if found})


@st.cache_data(max_entries=64, show_spinner=False)
def _days(path: str, kind: str, version: int) -> list[Day]:
    """Return the days of a kind; `path` and `version` say of what they are true."""
    return calendar.days(session.own(), KINDS[kind])


def _kind(workspace: Workspace, name: str, loads: list[dict[str, object]], days: list[Day]) -> dict[str, object]:
    return {
        "Export": uploads.kind_label(name),
        "Rows": workspace.rows(f"select count(*) from {rows_sql(KINDS[name])}")[0][0],
        "Files": sum(holds(load, [name]) for load in loads),
        "Days": short((days[0].day, days[-1].day)) if days else None,
        "Gaps": calendar.in_words(days) if days else None,
    }


def _calendar(workspace: Workspace, days: dict[str, list[Day]]) -> None:
    if not days:
        return
    with st.container(border=True):
        name = next(iter(days))
        if len(days) > 1:
            name = st.selectbox("Days of", list(days), format_func=uploads.kind_label, key="calendar:kind", width=420)
        found = days[name]
        theme = session.theme()
        chart = calendar.chart(KINDS[name], found, theme, workspace.week_start)
        st.altair_chart(
            chart, width="content" if calendar.is_narrow(found) else "stretch",
            key=f"calendar:{name}:{theme}",
        )  # fmt: skip
        st.caption(escaped(calendar.in_words(found)))
