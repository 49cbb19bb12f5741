"""Data: load export files, see what is loaded, take loads back, keep the workspace."""

import streamlit as st

from workbench.ui import history, inventory, keeping, kinds, session, uploads

workspace = session.own()
st.title("Data", anchor=False)
st.caption("Drop in export files. Every row read is loaded, updated, unchanged or set aside with a reason.")
uploads.drop_target(workspace)
inventory.outcomes(workspace)
if workspace.is_empty:
    st.caption("Nothing is loaded yet. Until then the reports show sample data.")
else:
    st.subheader("What is loaded", anchor=False)
    kinds.kinds(workspace)
    st.subheader("History", anchor=False)
    history.history(workspace)
with st.expander("Templates for files that no system exports", on_change="rerun", key="data:templates") as templates:
    if templates.open:
        uploads.templates()
with st.expander("Workspace: back up, restore, start afresh", on_change="rerun", key="data:workspace") as whole:
    if whole.open:
        keeping.keeping(workspace)
