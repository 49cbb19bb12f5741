"""Settings of the workspace: time zone, first day of the week, folders with files, limits, saved mappings."""

import os

import streamlit as st

from workbench.time import zones
from workbench.ui import limits, remembered, session

workspace = session.own()
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Settings", anchor=False, width="content")
    st.markdown(":gray[They hold for every page, file and command of this workspace.]")
WIDTH = 560  # pixels


def changed(key: str) -> None:
    """Store what a widget holds."""
    session.changed(workspace, key, st.session_state[f"setting:{key}"])


def changed_percent(key: str) -> None:
    """Store what a widget holds in percent as a fraction."""
    session.changed(workspace, key, f"{st.session_state[f'setting:{key}'] / 100:.9f}".rstrip("0").rstrip("."))


QUIET = {
    "quiet_change": ("Usual change, in percent", "On the command line `quiet_change`, a fraction: 0.1 is 10 %."),
    "quiet_points": (
        "Usual change of a rate, in percentage points", "On the command line `quiet_points`, a fraction: 0.03 is 3.",
    ),
}  # fmt: skip

with st.container(border=True, width=WIDTH):
    st.session_state["setting:reporting_zone"] = workspace.reporting_zone
    st.selectbox(
        "Reporting time zone", zones.names(), key="setting:reporting_zone",
        format_func=lambda name: name.replace("_", " "),
        help="Times are shown, filtered, grouped and exported in it. No file has to be loaded again.",
        on_change=changed, args=("reporting_zone",),
    )  # fmt: skip
    st.session_state["setting:week_start"] = workspace.week_start
    st.segmented_control(
        "Weeks start on", ("monday", "sunday"), key="setting:week_start", format_func=str.capitalize, required=True,
        on_change=changed, args=("week_start",),
    )  # fmt: skip
    for key, (label, said) in QUIET.items():
        st.session_state[f"setting:{key}"] = round(100 * getattr(workspace.quiet, key.removeprefix("quiet_")), 7)
        st.number_input(
            label, 0.0, 100.0, step=1.0, format="%g", key=f"setting:{key}",
            help=f"{said} Up to it a change is grey, past it green or red where one direction is good news.",
            on_change=changed_percent, args=(key,),
        )  # fmt: skip
    st.session_state["setting:folders"] = os.pathsep.join(map(str, workspace.folders))
    st.text_input(
        "Folders to load files from", key="setting:folders", placeholder="None",
        help=f"Whole paths, joined by “{os.pathsep}”. Files in them can be loaded from the Data page.",
        on_change=changed, args=("folders",),
    )  # fmt: skip
    st.session_state["setting:exports_folder"] = str(workspace.exports_folder)
    st.text_input(
        "Folder for large exports", key="setting:exports_folder",
        help="Its whole path. A file that is too large to go through the browser is put there.",
        on_change=changed, args=("exports_folder",),
    )  # fmt: skip
    st.caption(f"Workspace file: {session.escaped(str(workspace.path))}")
limiting = "Limits of spreadsheets and archives"
with st.expander(limiting, on_change="rerun", key="settings:limits", width=WIDTH) as expander:
    if expander.open:
        limits.limits(workspace)
st.subheader("Saved mappings", anchor=False)
remembered.mappings(workspace)
