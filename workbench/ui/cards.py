"""The card around a tile: title, what must be known of it, the switch to its table, and room that no click changes.

A page must not move under the one who clicks on it: what a pin changes stands in a space that is as high without it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from workbench.ask.question import Question
from workbench.drawing import charts
from workbench.reports import Report, Tile
from workbench.ui import export, results, sql

VIEWS = {"chart": ":material/bar_chart:", "table": ":material/table:"}
LINE = 20  # pixels of a line of text
BESIDE = {True: 24, False: 90}  # characters of a note that stands beside the title of a half card, or a whole one


def key(report: Report, tile: Tile) -> str:
    """Return by what the stylesheet knows a tile's card."""
    return f"card-{report.name}-{tile.name}"


@contextmanager
def room(question: Question, tile: Tile) -> Iterator[None]:
    """Draw what stands in a chart's place in a space as high as the chart without any pin."""
    height = charts.height(tile, len(results.rows(question.unpinned, tile)))
    with st.container(height=height, border=False, gap=None):
        yield


def is_table(report: Report, tile: Tile) -> bool:
    """Tell whether the table is wanted in a chart's place."""
    return bool(st.session_state.get(_view(report, tile)) == "table")


def _view(report: Report, tile: Tile) -> str:
    return f"{report.name}:{tile.name}:view"


def switch(of: str, key: str) -> bool:
    """Draw the switch between a chart and its table, and tell whether the table is wanted."""
    view = st.segmented_control(
        f"View of {of}", list(VIEWS), default="chart", required=True, label_visibility="collapsed",
        format_func=VIEWS.__getitem__, key=key, persist_state="session", width="content",
    )  # fmt: skip
    return view == "table"


def title(question: Question, tile: Tile, tiles: Sequence[Tile] = ()) -> None:
    """Draw a card's title and what must be known of it; at the right what can be done with it.

    Of several `tiles` that share the card a switch picks one.
    """
    report, note = question.report, results.note(question, tile)
    is_beside, is_charted = len(note) <= BESIDE[tile.is_half], charts.is_charted(tile)
    name = f"{key(report, tile)}-title{'-of-chart' * is_charted}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=name):
        st.markdown(f"**{tile.card or tile.title}**", width="content")
        if len(tiles) > 1:
            _dimensions(report, tiles)
        if note and is_beside:
            st.caption(note, width="content")
        st.space("stretch")
        export.menu(question, tile)
        sql.button(question, tile)
        if is_charted:
            switch(tile.title, _view(report, tile))
    if note and not is_beside:
        st.caption(note)
    if tile.stated:
        with st.container(height=LINE * len(tile.stated), border=False, gap=None):
            st.caption("  \n".join(results.stated(question, tile)))


def _dimensions(report: Report, tiles: Sequence[Tile]) -> None:
    """Draw the switch between tiles that share a card, by the first dimension of each."""
    names = {tile.name: report.dimension(tile.dimensions[0]).label for tile in tiles}
    st.segmented_control(
        tiles[0].card, list(names), default=tiles[0].name, required=True, format_func=names.__getitem__,
        label_visibility="collapsed", key=shared(report, tiles), persist_state="session", width="content",
    )  # fmt: skip


def shared(report: Report, tiles: Sequence[Tile]) -> str:
    """Return under which key it is kept which of the tiles of a card is shown."""
    return f"{report.name}:{tiles[0].name}:shared"
