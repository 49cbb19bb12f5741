"""The card around a tile: title, what must be known of it, the switch to its table, and room that no click changes.

A page must not move under the one who clicks on it: what a pin changes stands in a space that is as high without it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import streamlit as st

from workbench.ask.question import Question
from workbench.drawing import charts
from workbench.reports import Report, Tile
from workbench.ui import address, export, results, sql
from workbench.ui.session import escaped

VIEWS = {"chart": ":material/bar_chart:", "table": ":material/table:"}
LINE = 20  # pixels of a line of text
BESIDE = {True: 24, False: 90}  # characters of a note that stands beside the title of a half card, or a whole one


def key(report: Report, tile: Tile) -> str:
    """Return by what the stylesheet knows a tile's card."""
    return f"card-{report.name}-{tile.name}"


@contextmanager
def room(question: Question, tile: Tile) -> Iterator[None]:
    """Draw what stands in a chart's place in a space as high as the chart without any pin.

    What explains a change has no chart at all where nothing is compared, whatever is pinned.
    """
    rows = results.rows(question.unpinned, tile)
    is_drawn = tile.shape != "contributions" or rows[tile.drawn[0]].notna().any()
    with st.container(height=charts.height(tile, rows) if is_drawn else "content", border=False, gap=None):
        yield


def is_table(report: Report, tile: Tile) -> bool:
    """Tell whether the table is wanted in a chart's place."""
    return bool(st.session_state.get(_view(report, tile)) == "table")


def _view(report: Report, tile: Tile) -> str:
    return f"{report.name}:{tile.name}:view"


def as_drawn(report: Report, tile: Tile) -> Tile:
    """Return a tile with what its chart is to draw: what is picked of what it can."""
    picked = st.session_state.get(address.drawing(report, tile), "")
    return replace(tile, drawn=dict(tile.drawings).get(picked, tile.drawn))


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
        if not tile.is_folded:  # what folds it has the title
            st.markdown(f"**{escaped(tile.card or tile.title)}**", width="content")
        if len(tiles) > 1:
            _dimensions(report, tiles)
        if tile.drawings:
            _drawings(report, tile)
        if note and is_beside:
            st.caption(note, width="content")
        st.space("stretch")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            export.menu(question, tile)
            sql.button(question, tile)
            if is_charted:
                switch(tile.title, _view(report, tile))
    if note and not is_beside:
        st.caption(note)
    if tile.drawings and tile.stated and as_drawn(report, tile).drawn == tile.drawn:
        return  # what is stated is about the others
    if lines := len(tile.stated) + bool(tile.filling and results.filling(question.unpinned, tile)):
        height = LINE * lines
        with st.container(height=height, border=False, gap=None, key=f"stated-{report.name}-{tile.name}"):
            st.caption("  \n".join(results.stated(question, tile)))


def _dimensions(report: Report, tiles: Sequence[Tile]) -> None:
    """Draw the switch between tiles that share a card, by what each is picked as, or its first dimension."""
    names = {tile.name: tile.picked_as or report.dimension(tile.dimensions[0]).label for tile in tiles}
    st.segmented_control(
        tiles[0].card, list(names), default=tiles[0].name, required=True, format_func=names.__getitem__,
        label_visibility="collapsed", key=shared(report, tiles), persist_state="session", width="content",
    )  # fmt: skip


def _drawings(report: Report, tile: Tile) -> None:
    """Draw the switch between what a chart can draw."""
    key, names = address.drawing(report, tile), {drawn: name for name, drawn in tile.drawings}
    # No `default`: a link sets the choice too, and a widget takes one or the other.
    st.session_state.setdefault(key, names[tile.drawn])
    st.segmented_control(
        f"Drawn in {tile.title}", list(names.values()), required=True, label_visibility="collapsed", key=key,
        persist_state="session", width="content", on_change=address.touched, args=(report,),
    )  # fmt: skip


def shared(report: Report, tiles: Sequence[Tile]) -> str:
    """Return under which key it is kept which of the tiles of a card is shown."""
    return f"{report.name}:{tiles[0].name}:shared"
