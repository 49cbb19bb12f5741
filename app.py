"""The router: page settings and navigation. No data, no widgets of its own."""

from pathlib import Path

import streamlit as st

from workbench.reports import REPORTS

ICON = Path(__file__).with_name("workbench") / "ui" / "icon.svg"
WORKSPACE = [
    st.Page("pages/data.py", title="Data", icon=":material/database:", help="Load export files, see what is loaded."),
    st.Page("pages/settings.py", title="Settings", icon=":material/settings:", help="Time zone, start of the week."),
]

st.set_page_config("Contact Workbench", ICON, layout="wide", initial_sidebar_state=280)
sections: dict[str, list[st.Page]] = {"Workspace": WORKSPACE}
for number, report in enumerate(REPORTS.values()):
    opened = st.Page(
        f"pages/{report.name}.py", title=report.title, icon=report.icon, help=report.purpose, default=number == 0
    )
    sections.setdefault(report.system, []).append(opened)
st.navigation(sections).run()
