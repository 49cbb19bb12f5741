"""Data: drop export files, see what they are and what became of them, what is loaded, and keep the workspace."""

import streamlit as st

from workbench.ask import engine
from workbench.drawing import formats
from workbench.ui import dropping, history, just_loaded, keeping, kinds, session, taking_back, waiting

workspace = session.own()
taking_back.said()
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Data", anchor=False, width="content")
    st.markdown(":gray[Every row read is loaded, updated, unchanged or rejected with a reason.]")
if engine.is_set():
    st.caption("Reports ask Spark. What stands here is this workspace's own: its loads, their comparison, its backups.")
if session.may("load"):
    dropping.drop_zone(workspace)
    waiting.files(workspace)
just_loaded.card(workspace)
if workspace.is_empty:
    st.caption("Nothing is loaded yet. Until then the reports show sample data.")
else:
    kinds.kinds(workspace)
    loads = formats.rows(len(workspace.loads()), "loads")
    title = f"**History**   :gray[{loads}: take one back, see rejected rows, compare two of a kind]"
    with st.expander(title, on_change="rerun", key="data:history") as past:
        if past.open:
            history.history(workspace)
title = "**Templates**   :gray[for files that no system exports]"
with st.expander(title, on_change="rerun", key="data:templates") as templates:
    if templates.open:
        dropping.templates()
if session.may("restore") or session.may("clear"):
    title = "**Workspace**   :gray[back up, restore, start afresh]"
    with st.expander(title, on_change="rerun", key="data:workspace") as whole:
        if whole.open:
            keeping.keeping(workspace)
