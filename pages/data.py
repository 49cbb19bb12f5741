"""Data: load export files, and see what is loaded."""

import streamlit as st

from workbench.ui import inventory, loading, session

workspace = session.own()
st.title("Data", anchor=False)
st.caption("Drop in export files. Every row read is loaded, updated, unchanged or set aside with a reason.")
loading.drop_target(workspace)
loading.results(workspace)
if workspace.is_empty:
    st.caption("Nothing is loaded yet. Until then the reports show sample data.")
else:
    st.subheader("What is loaded", anchor=False)
    inventory.kinds(workspace)
    st.subheader("History", anchor=False)
    inventory.history(workspace)
