"""Packs: saved views of any reports as one workbook, and the recipes by which they are made again."""

import streamlit as st

from workbench.ui import drafting, packs, session

session.own()
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Packs", anchor=False, width="content")
    st.markdown(":gray[Saved views of any reports as one workbook, made again with next month's files.]")
if drafting.is_under_way():
    drafting.editor()
else:
    packs.packs()
