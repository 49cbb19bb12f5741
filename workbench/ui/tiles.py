"""A report's tiles as cards, drawn by shape: the strip of metrics, charts with their tables, tables. No code per tile.

Every card has a place and a key that no click changes, so that nothing moves under the one who clicks.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Literal

import pandas as pd
import streamlit as st

from workbench.ask import basis, hours, notes, targets
from workbench.ask.question import Question, is_shown, not_applicable
from workbench.drawing import charts, formats
from workbench.drawing.marks import PRECEDING, Look
from workbench.errors import WorkbenchError
from workbench.exports import KINDS
from workbench.reports import Entity, Report, Tile
from workbench.ui import cards, changed, drill, empty, log, results, rules, sidebar, tables
from workbench.ui.session import escaped, failed, theme
from workbench.ui.strip import strip

NOT_APPLICABLE = "The selected filter(s) are not applicable here"
NOTHING_COMPARED = "What explains a change is drawn where both ranges have such numbers: choose what to compare with"
NO_DATA = "The selected filter(s) have no applicable data"
# Pixels below which half cards of bars and lines part, others, and a text and its settings.
BARS_WIDTH, HALF_WIDTH, CREDITED_WIDTH = 300, 400, 430

Card = list[Tile]  # the tiles that share a card: mostly one


def tiles(question: Question, more: Callable[[], None] = lambda: None) -> None:
    """Draw every tile of the report in its order, two half cards to a row; one card where there are no rows at all.

    What is drawn `more` stands behind the cards, in front of the log.
    """
    is_page = question.selection.explored is None  # of a report, which has cards to say a sentence of
    place = changed.place(question) if is_page else None
    sidebar.asked_for(question)
    if empty.is_empty(question):
        empty.card(question)
        return
    for row in _in_rows(_in_cards(question)):
        with st.grid(len(row), min_column_width=_least_width(row), gap="small"):
            for card in row:
                _card(question, card)
    more()
    _logs(question)
    if place is not None:
        changed.line(question, place)


def _in_cards(question: Question) -> Iterator[Card]:
    """Yield the tiles by the card that they share; a log has a place of its own."""
    shown = [t for t in question.report.tiles if not (t.log or _is_left_out(question, t))]
    for _, found in groupby(shown, key=lambda tile: tile.card or tile.name):
        yield list(found)


def _is_left_out(question: Question, tile: Tile) -> bool:
    return tile.optional_kind is not None and not question.workspace.has([tile.optional_kind])


def _in_rows(found: Iterator[Card]) -> Iterator[list[Card]]:
    """Yield cards by row: half ones in pairs, and folded ones too, which have the width when they are opened."""
    half: list[Card] = []
    for card in found:
        if not (card[0].is_half or card[0].is_folded):
            yield from ([half] if half else [])
            yield [card]
            half = []
        elif len(half) == 1:
            yield [*half, card]
            half = []
        else:
            half = [card]
    yield from ([half] if half else [])


def _least_width(row: list[Card]) -> int:
    """Return the pixels that each card of a row has at least beside others; without its ring a chart needs few."""
    needs_few = (charts.is_charted(tile) and tile.shape != "heat_map" for card in row for tile in card)
    return BARS_WIDTH if all(needs_few) else HALF_WIDTH


def _logs(question: Question) -> None:
    """Draw the report's log; of several only the one whose tab is open: that of the number last clicked."""
    with st.container(key=f"parts-{question.report.name}"):  # always there, so that the log keeps its place in the page
        drill.parts(question)
    logs = {log.title: log for log in question.report.logs}
    if len(logs) == 1:
        _tile(question, question.report.log)
        return
    tabs = st.tabs(list(logs), key=drill.tabs_key(question.report), on_change="rerun")
    for tab, log_tile in zip(tabs, logs.values(), strict=True):
        if tab.open:
            with tab:
                _tile(question, log_tile)


def _card(question: Question, card: Card) -> None:
    """Draw a card: a folded one opens by a click, one that the selection lacks something for keeps its place."""
    tile = card[0]
    if not is_shown(question, tile):
        st.container(key=cards.key(question.report, tile))
    elif tile.is_folded:
        _folded(question, card)
    else:
        _picked(question, card)


def _picked(question: Question, card: Card) -> None:
    """Draw the tile of a card that is picked, at first its first one."""
    picked = st.session_state.get(cards.shared(question.report, card)) if len(card) > 1 else None
    _tile(question, next((tile for tile in card if tile.name == picked), card[0]), card)


def _folded(question: Question, card: Card) -> None:
    tile = card[0]
    with st.expander(f"**{tile.title}**", key=f"folded-{tile.name}", on_change="rerun") as folded:
        if folded.open:
            rules.rules(question, tile)
            _picked(question, card)


def _tile(question: Question, tile: Tile, card: Sequence[Tile] = ()) -> None:
    """Draw one tile; what it cannot show is said in its place."""
    try:
        if tile.shape == "metrics":
            strip(question, tile)
            _placed(question)
            _credited(question, tile)
            rules.rules(question, tile)
        elif tile.log and not _reason(question, tile):
            log.log(question, tile)
        else:
            # A table's card is as high as the table, and beside a chart's card decides for both.
            height: Literal["stretch", "content"] = "stretch" if charts.is_charted(tile) else "content"
            with st.container(border=True, key=cards.key(question.report, tile), gap="xsmall", height=height):
                _content(question, tile, card)
    except WorkbenchError as error:
        failed(error)


def _reason(question: Question, tile: Tile) -> str:
    """Return why a tile can show nothing, empty where it can."""
    if not_applicable(question, tile):
        return NOT_APPLICABLE
    return "" if question.workspace.has(tile.entity.kinds) else _not_loaded(tile.entity)


def _not_loaded(entity: Entity) -> str:
    titles = [KINDS[kind].title.lower() for kind in entity.kinds]
    return f"No {' or '.join(titles)} loaded yet"


def _content(question: Question, tile: Tile, card: Sequence[Tile]) -> None:
    """Draw a card's title, and under it the tile's table, or its chart or what stands in its place."""
    reason = _reason(question, tile)
    rows = pd.DataFrame() if reason else results.rows(question, tile)
    if rows.empty or _is_nothing(tile, rows):
        reason = reason or _nothing(question, tile)
    cards.title(question, tile, card)
    if not tile.is_folded:
        rules.rules(question, tile)
    if not charts.is_charted(tile) or (cards.is_table(question.report, tile) and not reason):
        st.caption(reason) if reason else tables.table(question, tile, rows)
        return
    with cards.room(question, tile):
        if reason:
            st.caption(reason)
        else:
            _chart(question, cards.as_drawn(question.report, tile), rows)


def _chart(question: Question, tile: Tile, rows: pd.DataFrame) -> None:
    """Draw a tile's chart; a breakdown of one value is a line of text."""
    if len(rows) == 1 and tile.shape in ("bar", "bar_and_pie"):
        _only(question.report, tile, rows)
        return
    if tile.shape == "contributions" and rows[tile.drawn[0]].isna().all():
        st.caption(NOTHING_COMPARED)
        return
    if tile.drawings and any(name.endswith(hours.WAIT) for name in tile.drawn) and not basis.calendars(question):
        st.caption(f"{hours.NONE_SET}. Set one on the page Settings, under Calendars.")
        return
    drawing = charts.drawn(question.report, tile, rows, _look(question, tile))
    drill.chart(question, tile, drawing)
    if tile.shape == "heat_map":
        st.caption(drawing.message)


def _nothing(question: Question, tile: Tile) -> str:
    """Return why a tile has no rows: what is filtered on stands in for a column that none of them has, or no match."""
    is_other = tile.note_when != "true" and bool(results.note(question, tile))
    return NOT_APPLICABLE if is_other and question.selection.values(tile.dimensions[-1]) else NO_DATA


def _is_nothing(tile: Tile, rows: pd.DataFrame) -> bool:
    """Tell whether a tile of periods has none with anything in it."""
    return tile.shape.endswith("_over_time") and not rows[tile.metrics[0]].any()


def _only(report: Report, tile: Tile, rows: pd.DataFrame) -> None:
    """Say in a line what a breakdown of one value holds."""
    metric, key = report.metric(tile.metrics[0]), tile.dimensions[0]
    number = formats.shown(rows[metric.name].iloc[0], metric.format)
    st.markdown(f"{metric.label}: all {number} are {escaped(formats.label(report, key, rows[key].iloc[0]))}.")


def _look(question: Question, tile: Tile) -> Look:
    scope = question.scope
    return Look(
        question.selection.rollup,
        results.incomplete(question, tile) if tile.shape.endswith("_over_time") else [],
        theme(),
        scope.not_covered,
        scope.now.span,
        scope.week_start,
        results.compared_with(question) or PRECEDING,
        drill.pinned_here(question, tile),
        results.growing_from(question, tile),
        results.filling(question, tile),
        results.values(question, tile),
        results.wholes_of(question, tile),
        targets.of_tile(question, tile),
        notes.of(question) if tile.shape.endswith("_over_time") else (),
    )


def _placed(question: Question) -> None:
    """Draw by which moment conversations are placed, and the switch."""
    if "by" not in question.report.settings:
        return
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="placed"
    ):
        with st.container(gap=None, width=CREDITED_WIDTH, border=False, key="placed-said"):
            st.markdown("**Which conversations the figures are of**")
            st.caption(f"{basis.placing(question)}.")
        sidebar.placing(question.report, question.selection)


def _credited(question: Question, tile: Tile) -> None:
    """Draw by which rule orders are credited, money by the other one where it differs, and the settings of both."""
    report, selection = question.report, question.selection
    if "touch" not in report.settings:
        return
    row, other = results.rows(question, tile).iloc[0], selection.other_touch
    swapped = results.rows(question.asking(replace(other, compare=None)), tile).iloc[0]
    money = [report.metric(name) for name in tile.metrics if report.metric(name).format == "money"]
    figures = ", ".join(
        f"{metric.label.lower()} {escaped(formats.metric(swapped[metric.name], metric, results.unit(question)))}"
        for metric in money
        if formats.metric(row[metric.name], metric) != formats.metric(swapped[metric.name], metric)
    )
    said = [f"Each order counts once, for the {selection.touch} message within {basis.window(selection)} before it."]
    if figures:
        said.append(f"Counted for the {other.touch} message: {figures}.")
    with st.container(
        border=True, horizontal=True, vertical_alignment="top", horizontal_alignment="distribute", key="credited"
    ):
        with st.container(gap=None, width=CREDITED_WIDTH, height=64, border=False, key="credited-said"):
            st.markdown("**How orders are credited**")
            st.caption("  \n".join(said))
        sidebar.attribution(report, selection)
