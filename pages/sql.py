"""SQL: one SELECT of the user's own over what is loaded. What it may do is said in workbench/ask/console.py."""

import streamlit as st

from workbench.ui import console

with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("SQL", anchor=False, width="content")
    st.markdown(":gray[Questions that no report answers, in SQL over what is loaded. Nothing can be changed by it.]")
console.page()
