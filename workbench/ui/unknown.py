"""The page of an address that no page has: Streamlit would open the first report, and a dialog of its own over it."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import unquote, urlsplit

import streamlit as st

LONGEST = 80  # characters of an address that are shown


def pages(known: Sequence[str]) -> list[st.Page]:
    """Return a page under the address that the browser asks for, none where that is the address of a known one."""
    asked = unquote(urlsplit(st.context.url or "").path).strip("/")
    if not asked or asked in known or "/" in asked:
        return []
    return [st.Page(partial(_unknown, asked), title="No such page", url_path=asked, visibility="hidden")]


def _unknown(asked: str) -> None:
    st.title("No such page", anchor=False)
    st.text(f"There is no page “{asked[:LONGEST]}” here. Choose one in the sidebar, or go to the first report.")
    st.page_link("pages/inbound_contacts.py", icon=":material/arrow_forward:")
