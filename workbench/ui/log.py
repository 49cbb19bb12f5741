"""The log: sorted, searched and paged by the database over all rows; a row opens as a record."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from workbench.ask.logs import LogLayout, Page, log_of
from workbench.ask.question import Question
from workbench.drawing import formats
from workbench.reports import Report, Tile, labels
from workbench.ui import address, drill, export, record, results, sql, tables
from workbench.ui.session import escaped, failures_shown, theme

ROWS = 100
DETAILS = ("_id", "_ids")  # endings of columns that nobody reads, but to look them up elsewhere
ROWS_IN_SIGHT, LINK_WIDTH = 5, 200  # and pixels


@st.fragment
@failures_shown()
def log(question: Question, tile: Tile) -> None:
    """Draw a log with its toolbar; only this part of the page runs again for what happens in it."""
    if question.workspace.version != question.version:  # loaded or set meanwhile: the whole page is an old one
        st.rerun()
    report = question.report
    names = results.log_columns(question, tile)
    page = _page(report, tile, names)
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"log-tools-{tile.name}"):
            st.markdown(f"**{tile.title}**", width="content")
            search = st.text_input(
                "Search", key=_key(report, tile, "search"), type="search", placeholder="Search all rows",
                icon=":material/search:", label_visibility="collapsed", live="400ms",
            )  # fmt: skip
            page = replace(page, search=search or "")
            _sort(report, tile, names, page)
            _columns(report, tile, names, page)
            export.menu(question, tile, page)
            sql.button(question, tile)
        total = results.log_count(question, tile, page.search)
        if not total:
            st.caption("The selected filter(s) have no applicable data" if not search else "No row holds this text.")
            return
        said = "" if search else drill.statement(question, tile, total)
        number = _page_number(question, tile, page, total, said)
        _table(question, tile, replace(page, limit=ROWS, offset=(number - 1) * ROWS))
    address.written(report, question.selection)


def _key(report: Report, tile: Tile, what: str) -> str:
    return f"{report.name}:{tile.name}:{what}"


def _page(report: Report, tile: Tile, names: Sequence[str]) -> Page:
    """Return the page that the log's layout asks for; what a link names and no log has is left out."""
    layout = address.layout(report, tile)
    sort = layout.sort if layout.sort.partition(":")[0] in names else log_of(tile).sort
    return Page(sort, columns=tuple(name for name in layout.columns if name in names) or tile.columns)


def _sorted_by(page: Page) -> tuple[str, bool]:
    name, _, direction = page.sort.partition(":")
    return name, direction == "desc"


def _laid_out(report: Report, tile: Tile, **changes: Any) -> None:
    """Take another layout, under which the table gets a new identity, so that nothing stays selected."""
    layout = replace(address.layout(report, tile), **changes)
    sort = "" if layout.sort == log_of(tile).sort else layout.sort
    address.laid_out(report, tile, LogLayout(sort, layout.columns))
    drill.turn(_key(report, tile, "table"))


def _sort(report: Report, tile: Tile, names: Sequence[str], page: Page) -> None:
    """Draw the column to sort by and the direction; a click on a header sets the same."""
    (name, is_down), key = _sorted_by(page), _key(report, tile, "sort")
    st.session_state[key] = name
    st.selectbox(
        "Sort by", names, key=key, format_func=lambda name: record.label(report, name),
        label_visibility="collapsed", width=200, icon=":material/sort:",
        on_change=lambda: _laid_out(report, tile, sort=_direction(st.session_state[key], is_down)),
    )  # fmt: skip
    st.button(
        tables.ARROWS[is_down], key=_key(report, tile, "direction"),
        on_click=lambda: _laid_out(report, tile, sort=_direction(name, not is_down)),
        help="Largest or latest first" if is_down else "Smallest or earliest first",
    )  # fmt: skip


def _direction(name: str, is_down: bool) -> str:
    return f"{name}:{'desc' if is_down else 'asc'}"


def _columns(report: Report, tile: Tile, names: Sequence[str], page: Page) -> None:
    """Draw the column chooser, by theme, and the order in which the picked columns stand."""

    def picked() -> None:
        wanted = {name for theme in grouped for name in st.session_state[_key(report, tile, f"columns:{theme}")]}
        kept = [name for name in page.columns if name in wanted]
        added = [name for name in names if name in wanted and name not in kept]
        _laid_out(report, tile, columns=(*kept, *added) or tile.columns)

    def moved() -> None:
        name = st.session_state[_key(report, tile, "first")]
        _laid_out(report, tile, columns=(name, *(other for other in page.columns if other != name)))

    def named(name: str) -> str:
        return escaped(record.label(report, name))

    grouped = record.themes(report, list(names))
    with st.popover("Columns", icon=":material/view_column:"):
        with st.container(horizontal=True):
            st.menu_button(
                "Move to the front", page.columns, key=_key(report, tile, "first"), type="tertiary", on_click=moved,
                format_func=named, icon=":material/first_page:",
            )  # fmt: skip
            st.button(
                "Reset columns", key=_key(report, tile, "reset"), type="tertiary",
                on_click=lambda: _laid_out(report, tile, columns=tile.columns),
            )  # fmt: skip
        for theme, members in grouped.items():
            key = _key(report, tile, f"columns:{theme}")
            st.session_state[key] = [name for name in members if name in page.columns]
            st.pills(theme, members, selection_mode="multi", key=key, on_change=picked, format_func=named)


def _page_number(question: Question, tile: Tile, page: Page, total: int, said: str) -> int:
    """Draw the total, what it is the rows of, and the pages; return the page shown, the first of other rows."""
    pages, rows_shown = -(-total // ROWS), hash((question.selection, total, page.sort, page.search))
    key = _key(question.report, tile, f"page:{rows_shown}")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        first = (st.session_state.get(key, 1) - 1) * ROWS
        label = tile.rows_label or question.report.rows_label
        rows = (
            f"{formats.count(first + 1)} to {formats.count(min(first + ROWS, total))} of {formats.rows(total, label)}"
        )
        # The table's own toolbar lies over the right end of what stands above it.
        number = st.pagination(pages, key=key)
        st.caption(f"{rows}: {escaped(said)}" if said else rows, width="content")
        return number


def _table(question: Question, tile: Tile, page: Page) -> None:
    """Draw a page of rows; a header sorts, the other way round when it sorted already, and a row opens.

    A click gives the table a new identity before it is drawn, so that nothing stays selected.
    """
    rows = results.log_rows(question, tile, page)
    report, (sort, is_down) = question.report, _sorted_by(page)
    # The column that sorts comes first. It is not pinned: Streamlit would draw it at six tenths of its strength.
    names = sorted((name for name in rows.columns if name != "row_id"), key=lambda name: name != sort)
    records = rows.to_dict("records")
    shown = pd.DataFrame({name: [_cell(report, name, row) for row in records] for name in names})
    arrows, unit = {sort: tables.ARROWS[is_down]}, results.unit(question)
    config = {name: _column(report, name, arrows.get(name, ""), shown[name], unit) for name in names}
    key, opening = drill.turned(_key(report, tile, "table")), _key(report, tile, "opening")

    def picked() -> None:
        selection = st.session_state[key].selection
        if selection.columns:
            name = selection.columns[0]
            starts_down = formats.column_format(report, name) != "text"
            _laid_out(report, tile, sort=_direction(name, not is_down if name == sort else starts_down))
        elif selection.rows:
            _laid_out(report, tile)
            st.session_state[opening] = replace(page, offset=page.offset + selection.rows[0])

    st.dataframe(
        tables.coloured(shown, theme(), [name for name in names if name.endswith(DETAILS) and name != sort]),
        key=key, column_config=config, hide_index=True, placeholder="",
        height=tables.height(min(ROWS_IN_SIGHT, len(shown)) + 1), row_height=tables.ROW_HEIGHT,
        on_select=picked, selection_mode=("single-row", "single-column"), alt=tile.title,
    )  # fmt: skip
    if opening in st.session_state:
        record.opened(question, tile, st.session_state.pop(opening))


def _cell(report: Report, name: str, row: Mapping[Any, Any]) -> str | None:
    value = row[name]
    if formats.column_format(report, name) == "link":
        return value if record.is_web(value) else None
    return formats.cell(report, name, value, row)


def _column(report: Report, name: str, arrow: str, texts: "pd.Series[Any]", unit: str) -> Any:
    """Return how a column is drawn; the one that sorts carries an arrow."""
    title, kind = f"{record.label(report, name, unit)} {arrow}".rstrip(), formats.column_format(report, name)
    described = labels.column_description(report, name)
    if kind == "link":
        # As it is: of a link with another text a screen reader gets the address.
        return st.column_config.LinkColumn(title, help=described, width=LINK_WIDTH)
    return st.column_config.TextColumn(
        title,
        help=described,
        alignment="right" if kind in formats.NUMBERS else None,
        width=tables.width(title, texts),
    )
