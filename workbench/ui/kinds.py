"""What is loaded: a strip per kind over one axis of time, with the one thing to do about each hole."""

import streamlit as st

from workbench.ask.selection import short
from workbench.drawing import formats, strips
from workbench.drawing.strips import Strip
from workbench.exports import KINDS
from workbench.store.workspace import Workspace
from workbench.ui import cards, inventory, session, tables
from workbench.ui.session import escaped

MOST_HOLES = 6  # that are named below the strips


def kinds(workspace: Workspace) -> None:
    """Draw what is loaded of every kind, and say what has no days."""
    found = _strips(str(workspace.path), workspace.version)
    dated = [strip for strip in found if strip.kind.anchor]
    with st.container(border=True, key="card-what-is-loaded", gap="xsmall"):
        days = strips.axis(dated)
        is_table = _title(f"By day, {short(days)}" if days else "")
        if days:
            _table(dated) if is_table else _chart(dated)
        _below(dated)
        st.caption(_without_days([strip for strip in found if not strip.kind.anchor]))


def _title(said: str) -> bool:
    """Draw the card's title and, where there are strips to say something of, the switch: is their table wanted?"""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="card-what-is-loaded-title"):
        st.markdown("**What is loaded**", width="content")
        if not said:
            return False
        st.caption(said, width="content")
        st.space("stretch")
        return cards.switch("What is loaded", "data:loaded:view")


def _chart(found: list[Strip]) -> None:
    theme = session.theme()
    st.altair_chart(strips.chart(found, theme), key=f"strips:{theme}")


def _table(found: list[Strip]) -> None:
    """Draw every stretch in words, in the room that the strips take."""
    st.dataframe(
        inventory.texts(strips.told(found)), hide_index=True, alt="What is loaded", height=strips.height(found),
        row_height=tables.ROW_HEIGHT,
    )  # fmt: skip


@st.cache_data(max_entries=4, show_spinner=False)
def _strips(path: str, version: int) -> list[Strip]:
    """Return the strips of all kinds; `path` and `version` say of what they are true."""
    return [strips.strip(session.own(), kind) for kind in KINDS.values()]


def _below(found: list[Strip]) -> None:
    """Say what to do about each hole, and what is loaded in part."""
    holes = [each for strip in found for each in strips.to_do(strip)]
    lines = [f":red[{escaped(where)}:] {escaped(what)}." for where, what in holes[:MOST_HOLES]]
    if len(holes) > MOST_HOLES:
        lines.append(f":gray[And {len(holes) - MOST_HOLES} more.]")
    lines += [f":gray[{escaped(text)}]" for strip in found if (text := strips.partly(strip))]
    if lines:
        st.markdown("  \n".join(f":small[{line}]" for line in lines))


def _without_days(found: list[Strip]) -> str:
    """Return in a line what is loaded of the lists that have no days."""
    said = [
        f"{strip.kind.system} {strip.kind.title}, {formats.rows(strip.rows, 'rows') if strip.rows else strips.NEVER}"
        for strip in found
    ]
    return f"Lists without days: {'; '.join(said)}."
