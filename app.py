"""The router: page settings and navigation. No data, no widgets of its own."""

from pathlib import Path

import streamlit as st

from workbench.reports import REPORTS

ICON = Path(__file__).with_name("workbench") / "ui" / "icon.svg"
WORKSPACE = [
    st.Page("pages/data.py", title="Data", icon=":material/database:", help="Load export files, see what is loaded."),
    st.Page("pages/settings.py", title="Settings", icon=":material/settings:", help="Time zone, start of the week."),
]
REPORT_PAGES = {
    report.name: st.Page(f"pages/{report.name}.py", title=report.title, icon=report.icon, help=report.purpose)
    for report in REPORTS.values()
}


def first() -> None:
    """Open the first report: the default page would have no address of its own."""
    query = {key: st.query_params.get_all(key) for key in st.query_params}
    st.switch_page(next(iter(REPORT_PAGES.values())), query_params=query)


st.set_page_config("Contact Workbench", ICON, layout="wide", initial_sidebar_state=280)
sections: dict[str, list[st.Page]] = {"Workspace": [st.Page(first, default=True, visibility="hidden"), *WORKSPACE]}
for report in REPORTS.values():
    sections.setdefault(report.system, []).append(REPORT_PAGES[report.name])
st.navigation(sections).run()
