"""Settings of the workspace: time zone, week start, folders, limits, targets, notes, calendars, saved mappings."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from workbench.reports.settings import DEFINITIONS, SETTINGS
from workbench.time import zones
from workbench.ui import aims, limits, remembered, session

workspace = session.own()
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Settings", anchor=False, width="content")
    st.markdown(":gray[They hold for every page, file and command of this workspace.]")
HALF, NARROWEST = 400, 200  # pixels, of a card beside another one, and of a setting


def changed(key: str) -> None:
    """Store what a widget holds."""
    session.changed(workspace, key, st.session_state[f"setting:{key}"])


def changed_percent(key: str) -> None:
    """Store what a widget holds in percent as a fraction."""
    session.changed(workspace, key, f"{st.session_state[f'setting:{key}'] / 100:.9f}".rstrip("0").rstrip("."))


QUIET = {
    "quiet_change": ("Usual change, in percent", "On the command line `quiet_change`, a fraction: 0.1 is 10 %."),
    "quiet_points": (
        "Usual change of a rate, in points", "In percentage points. On the command line `quiet_points`: 0.03 is 3.",
    ),
}  # fmt: skip


@contextmanager
def card(title: str, across: int = 2) -> Iterator[None]:
    """Draw settings that belong together in a card of their own."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{title}**")
        with st.grid(across, min_column_width=NARROWEST):
            yield


def percent(key: str, label: str, said: str, value: float, most: float = 100.0) -> None:
    """Draw a setting that is stored as a fraction."""
    st.session_state[f"setting:{key}"] = round(100 * value, 7)
    st.number_input(
        label, 0.0, most, step=1.0, format="%g", key=f"setting:{key}", help=said, on_change=changed_percent,
        args=(key,),
    )  # fmt: skip


def of_reports(*keys: str) -> None:
    """Draw settings by which the numbers of reports are made."""
    for key in keys:
        setting = SETTINGS[key]
        value = workspace.of_reports.get(key, setting.usual)
        said = f"{setting.help[:1].upper()}{setting.help[1:]}. It holds until a page or a link says otherwise."
        if setting.is_part:
            percent(key, setting.label, f"On the command line `{key}`, a fraction. {said}", float(value), 99.9)
            continue
        st.session_state[f"setting:{key}"] = value
        if key == "service_level":
            st.selectbox(
                setting.label, list(DEFINITIONS), key=f"setting:{key}", on_change=changed, args=(key,), help=said,
                format_func=lambda name: DEFINITIONS[name][0],
            )  # fmt: skip
        else:
            st.text_input(setting.label, key=f"setting:{key}", on_change=changed, args=(key,), help=said)


with st.grid(2, min_column_width=HALF, gap="small"):
    with card("Time"):
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
    with card("Which changes have a colour"):
        for key, (label, said) in QUIET.items():
            usual = f"{said} Up to it a change is grey, past it green or red where one direction is good news."
            percent(key, label, usual, getattr(workspace.quiet, key.removeprefix("quiet_")))
with card("Service level", 3):
    of_reports("service_level", "threshold", "short_abandon")
with st.grid(2, min_column_width=HALF, gap="small"):
    with card("Agents for calls"):
        of_reports("target", "shrinkage")
    with card("Repeat contacts"):
        of_reports("within_days", "forward_minutes")
with card("Folders"):
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
with st.expander(limiting, on_change="rerun", key="settings:limits") as expander:
    if expander.open:
        limits.limits(workspace)
aims.aims(workspace)
st.subheader("Saved mappings", anchor=False)
remembered.mappings(workspace)
