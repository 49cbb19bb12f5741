"""The log: sorted, searched and paged by the database over all rows; a row opens as a record."""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from workbench import formats
from workbench.queries import Page
from workbench.reports import Report, Tile
from workbench.ui import export, record, results
from workbench.ui.results import Question
from workbench.ui.session import escaped

ROWS = 100
HEIGHT = 460
ARROWS = {True: "↓", False: "↑"}


@dataclass(frozen=True)
class View:
    """How a log is looked at, remembered in the session. `turn` gives its table a new identity after each click."""

    sort: str
    is_down: bool
    columns: tuple[str, ...]
    turn: int = 0


@st.fragment
def log(question: Question, tile: Tile) -> None:
    """Draw a log with its toolbar; only this part of the page runs again for what happens in it."""
    if question.workspace.version != question.source.version:  # loaded or set meanwhile: the whole page is an old one
        st.rerun()
    report = question.report
    names = results.log_columns(question.source, report.name, tile.name)
    view = _view(report, tile)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{tile.title}**", width="content")
            search = st.text_input(
                "Search", key=_key(report, tile, "search"), type="search", placeholder="Search all rows",
                icon=":material/search:", label_visibility="collapsed", live="400ms",
            )  # fmt: skip
            _sort(report, tile, names)
            _columns(report, tile, names)
            page = Page(f"{view.sort}:{'desc' if view.is_down else 'asc'}", search=search or "", columns=view.columns)
            export.menu(question, tile.name, page)
        total = results.log_count(question, tile.name, search or "")
        if not total:
            st.caption("The selected filter(s) have no applicable data" if not search else "No row holds this text.")
            return
        number = _page_number(question, tile, page, total)
        _table(question, tile, replace(page, limit=ROWS, offset=(number - 1) * ROWS), view)


def _key(report: Report, tile: Tile, what: str) -> str:
    return f"{report.name}:{tile.name}:{what}"


def _view(report: Report, tile: Tile) -> View:
    sort, _, direction = tile.sort.partition(":")
    default = View(sort, direction == "desc", tile.columns)
    view: View = st.session_state.setdefault(_key(report, tile, "view"), default)
    return view


def _look(report: Report, tile: Tile, **changes: Any) -> None:
    view = _view(report, tile)
    st.session_state[_key(report, tile, "view")] = replace(view, turn=view.turn + 1, **changes)


def _sort(report: Report, tile: Tile, names: tuple[str, ...]) -> None:
    """Draw the column to sort by and the direction; a click on a header sets the same."""
    view, key = _view(report, tile), _key(report, tile, "sort")
    st.session_state[key] = view.sort
    st.selectbox(
        "Sort by", names, key=key, format_func=lambda name: record.label(report, name),
        label_visibility="collapsed", width=200, icon=":material/sort:",
        on_change=lambda: _look(report, tile, sort=st.session_state[key]),
    )  # fmt: skip
    st.button(
        ARROWS[view.is_down], key=_key(report, tile, "direction"),
        on_click=lambda: _look(report, tile, is_down=not _view(report, tile).is_down),
        help="Largest or latest first" if view.is_down else "Smallest or earliest first",
    )  # fmt: skip


def _columns(report: Report, tile: Tile, names: tuple[str, ...]) -> None:
    """Draw the column chooser, by theme; what is picked stands in the order of the export."""
    view = _view(report, tile)

    def picked() -> None:
        wanted = {name for theme in grouped for name in st.session_state[_key(report, tile, f"columns:{theme}")]}
        kept = [name for name in view.columns if name in wanted]
        added = [name for name in names if name in wanted and name not in kept]
        _look(report, tile, columns=(*kept, *added) or tile.columns)

    grouped = record.themes(report, list(names))
    with st.popover("Columns", icon=":material/view_column:"):
        for theme, members in grouped.items():
            key = _key(report, tile, f"columns:{theme}")
            st.session_state[key] = [name for name in members if name in view.columns]
            st.pills(
                theme, members, selection_mode="multi", key=key, on_change=picked,
                format_func=lambda name: escaped(record.label(report, name)),
            )  # fmt: skip
        st.button(
            "Reset columns", key=_key(report, tile, "reset"), type="tertiary",
            on_click=lambda: _look(report, tile, columns=tile.columns),
        )  # fmt: skip


def _page_number(question: Question, tile: Tile, page: Page, total: int) -> int:
    """Draw the total and the pages, and return the page shown: the first of other rows or another order."""
    pages, rows_shown = -(-total // ROWS), hash((question.selection, total, page.sort, page.search))
    key = _key(question.report, tile, f"page:{rows_shown}")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        first = (st.session_state.get(key, 1) - 1) * ROWS
        shown = f"{formats.count(first + 1)} to {formats.count(min(first + ROWS, total))} of {formats.count(total)}"
        st.caption(f"{shown} {question.report.rows_label}", width="content")
        return st.pagination(pages, key=key)


def _table(question: Question, tile: Tile, page: Page, view: View) -> None:
    """Draw a page of rows; a header sorts, the other way round when it sorted already, and a row opens.

    A click gives the table a new identity before it is drawn, so that nothing stays selected.
    """
    rows = results.log_rows(question, tile.name, page)
    report, names = question.report, [name for name in rows.columns if name != "row_id"]
    shown = pd.DataFrame({name: [_cell(report, name, value) for value in rows[name]] for name in names})
    config = {name: _column(report, name, shown[name], view) for name in names}
    key, opening = _key(report, tile, f"table:{view.turn}"), _key(report, tile, "opening")

    def picked() -> None:
        selection = st.session_state[key].selection
        if selection.columns:
            name = selection.columns[0]
            starts_down = formats.column_format(report, name) != "text"
            _look(report, tile, sort=name, is_down=not view.is_down if name == view.sort else starts_down)
        elif selection.rows:
            _look(report, tile)
            st.session_state[opening] = replace(page, offset=page.offset + selection.rows[0])

    st.dataframe(
        shown, key=key, column_config=config, hide_index=True, height=HEIGHT, placeholder=formats.MISSING,
        on_select=picked, selection_mode=("single-row", "single-column"), alt=tile.title,
    )  # fmt: skip
    if opening in st.session_state:
        record.opened(question, tile, st.session_state.pop(opening))


def _cell(report: Report, name: str, value: Any) -> str | None:
    if formats.column_format(report, name) == "link":
        return value if record.is_web(value) else None
    return None if formats.is_missing(value) else formats.cell(report, name, value)


def _column(report: Report, name: str, values: "pd.Series[Any]", view: View) -> Any:
    """Return how a column is drawn; the one that sorts carries an arrow."""
    arrow = f" {ARROWS[view.is_down]}" if name == view.sort else ""
    title, kind = f"{record.label(report, name)}{arrow}", formats.column_format(report, name)
    column = formats.declared(report, name)
    described = column.description if column else None
    if kind == "link":
        return st.column_config.LinkColumn(title, display_text="Open", help=described)
    return st.column_config.TextColumn(title, help=described, alignment="right" if kind in formats.NUMBERS else None)
