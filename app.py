"""The router: page settings and navigation. No data, no widgets of its own.

Streamlit's server imports this file once, for its `app`; as `__main__` the file then runs for every page.
"""

from functools import partial

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from workbench import places
from workbench.reports import REPORTS
from workbench.ui import downloads, guard, returning, starting, unknown


def route() -> None:
    """Draw the navigation and run the page that the address names."""
    st.set_page_config("Contact Workbench", places.ICON, layout="wide", initial_sidebar_state=280)
    st.html(places.STYLE)
    from workbench.ui import session, signed_in  # here: the server, which imports this file at its start, answers first

    # Streamlit says it of the page alone: dialogs and lists that open stand outside of it.
    st.html(f"<style>:root {{ color-scheme: {session.theme()}; }}</style>")
    if not signed_in.is_let_in():
        return
    who = signed_in.person()
    reports = {
        report.name: st.Page(f"pages/{report.name}.py", title=report.title, icon=report.icon, help=report.purpose)
        for report in REPORTS.values()
        if who.sees(report.name)
    }
    data = st.Page("pages/data.py", title="Data", icon=":material/database:", help="Load files, see what is loaded.")
    explore = st.Page("pages/explore.py", title="Explore", icon=":material/explore:", help="What no tile answers.")
    packs = st.Page("pages/packs.py", title="Packs", icon=":material/inventory_2:", help="Several views, one workbook.")
    sql = st.Page("pages/sql.py", title="SQL", icon=":material/terminal:", help="One SELECT over what is loaded.")
    settings = st.Page("pages/settings.py", title="Settings", icon=":material/settings:", help="Time zone, week start.")
    # A page that only opens the first report: the default page would have no address of its own.
    first_report = next(iter(reports.values()), data)
    first = st.Page(partial(_open, first_report), title="Start", default=True, visibility="hidden")
    own = {"data": data, "explore": explore, "packs": packs}
    own |= {name: page for name, page in {"sql": sql, "settings": settings}.items() if who.may(name)}
    sections = {"Workspace": [first, *own.values(), *unknown.pages([*reports, *own])]}
    for name, page in reports.items():
        sections.setdefault(REPORTS[name].system, []).append(page)
    page = st.navigation(sections, expanded=True)
    with session.failures_shown():
        page.run()


def _open(page: st.Page) -> None:
    st.switch_page(page, query_params={key: st.query_params.get_all(key) for key in st.query_params})


if __name__ == "__main__":
    route()
else:
    app = st.App(
        __file__, lifespan=starting.prepared, middleware=[Middleware(guard.guarded), Middleware(returning.returned)],
        routes=[Route("/files/{token}", downloads.serve)],
    )  # fmt: skip
