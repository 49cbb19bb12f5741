"""Frames as tables: labels as headers, numbers to the right with equal decimals, missing as an en dash."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from workbench.ask import targets
from workbench.ask.question import Question
from workbench.ask.selection import pins_of
from workbench.drawing import formats
from workbench.drawing.colours import Theme, palette
from workbench.drawing.marks import strength
from workbench.drawing.news import news
from workbench.reports import Metric, Report, Tile, labels
from workbench.store.settings import Quiet
from workbench.ui import drill, results, session
from workbench.ui.session import failures_shown

COMPARED = ("_before", "_change", "_change_rate")  # endings of columns that are there only if anything is compared
GOOD, BAD, STRONGEST = "22, 163, 74", "220, 38, 38", 0.35  # red, green, blue; the opacity of the largest number
TOLD = {1: f"background-color: rgba({GOOD}, 0.14)", 0: "", -1: f"background-color: rgba({BAD}, 0.18)"}  # of targets
NARROWEST, WIDEST, ROOM = 50, 300, 24  # pixels of a column's text, and beside it
ROW_HEIGHT, LINES = 31, 2  # pixels of a row, the header's too, and of the frame
IN_SIGHT = {True: 5, False: 8}  # rows of a half card and of a whole one; the others are scrolled to
SEARCHED_FROM = 10  # rows above which a table can be searched
SEARCH_WIDTH, BAR_WIDTH = 200, 80  # pixels
IN_FULL = "Long ones are cut here. A click on a row shows its own in full, in the line of filters at the top."
ARROWS = {True: "↓", False: "↑"}  # of the column that sorts: whether downwards
Sorting = tuple[str, bool]  # the column that sorts a table, empty for its own order, and whether downwards
DETAILS = "_before"  # ending of columns that stand beside what a table is read for
BAR = ":bar"  # ending of the column of bars beside a number
TOGETHER, TOGETHER_STYLE = "All", "font-weight: 600; background-color: rgba(128, 128, 128, 0.1)"


@st.fragment
@failures_shown()
def table(question: Question, tile: Tile, rows: pd.DataFrame) -> None:
    """Draw a tile's rows as a table of texts, the same for the eye and for a screen reader, and all together first,
    where they are in sight however many rows there are.

    A click on a header sorts by what the texts stand for, which the browser could not; a click on a cell pins its row.
    Only this part of the page runs again for what happens in it, unless that is a pin. Its height is that of the rows
    that there are without pins, so that what stands below it stays where it is.
    """
    place, unpinned = f"{question.report.name}:{tile.name}:table", _unpinned(question, tile, rows)
    if question.workspace.version != question.version or st.session_state.pop(f"{place}:picked", False):
        st.rerun()
    sort: Sorting = st.session_state.get(f"{place}:sort", ("", False))
    text = _searched(tile, place) if unpinned > SEARCHED_FROM else ""
    together = _together(question, tile, rows) if unpinned > 1 else {}
    arrived = rows
    if text or sort[0] in rows:
        rows = results.found_rows(question, tile, sort if sort[0] in rows else ("", False), text)
    rows, is_cut = rows[: results.MOST_ROWS], len(rows) > results.MOST_ROWS
    lines = min(unpinned, IN_SIGHT[tile.is_half]) + 1 + bool(together)
    sort = sort if sort[0] else _arrival(question.report, tile, arrived)
    _grid(question, tile, rows, arrived, together, sort, lines)
    if is_cut:
        st.caption(f"The first {len(rows):,} rows; the download has all of them.")


def height(lines: int) -> int:
    """Return the pixels of so many rows of a table, its header among them."""
    return lines * ROW_HEIGHT + LINES


def _unpinned(question: Question, tile: Tile, rows: pd.DataFrame) -> int:
    """Return how many rows a tile has without pins, of one that needs a pin with it."""
    if tile.needs or not question.selection.pins:
        return len(rows)
    return len(results.rows(question.asking(replace(question.selection, pins=())), tile))


def _searched(tile: Tile, place: str) -> str:
    """Draw the box that narrows a table, and return what is looked for."""
    return st.text_input(
        f"Search in {session.escaped(tile.title)}", key=f"{place}:search", type="search", placeholder="Search",
        live="400ms", icon=":material/search:", label_visibility="collapsed", width=SEARCH_WIDTH,
    ) or ""  # fmt: skip


def _arrival(report: Report, tile: Tile, rows: pd.DataFrame) -> Sorting:
    """Return what sorts a table as it arrives: its main number downwards; nothing where an order of its own does."""
    main = next(iter(tile.drawn or tile.metrics), "")
    is_ordered = any(found and found.cast for found in (labels.dimension(report, key) for key in tile.dimensions))
    is_down = main in rows and len(rows) > 1 and rows[main].dropna().is_monotonic_decreasing
    return (main, True) if is_down and not is_ordered else ("", False)


def _together(question: Question, tile: Tile, rows: pd.DataFrame) -> dict[str, Any]:
    """Return the figures of all rows together, never a sum.

    Parts of a change are the exception, as they are made to add up to it; of a cut table there are none.
    """
    found = results.together(question, tile)
    parts = [metric for metric in map(question.report.metric, tile.drawn) if metric.part_of and metric.name in rows]
    if len(rows) > results.MOST_ROWS:
        return found
    return found | {metric.name: rows[metric.name].sum(min_count=1) for metric in parts}


def _grid(
    question: Question, tile: Tile, rows: pd.DataFrame, arrived: pd.DataFrame, together: Mapping[str, Any],
    sort: Sorting, lines: int,
) -> None:  # fmt: skip
    """Draw the rows below `together`, which no sorting moves and no click picks.

    Columns and lengths of bars are those of the rows as they `arrived`, before they were narrowed.
    """
    report, place = question.report, f"{question.report.name}:{tile.name}:table"
    names = _columns(question, tile, arrived)
    rollup = "hour" if _is_by_hour(tile, rows) else "day" if tile.optional_kind else question.selection.rollup
    above = int(bool(together))  # rows
    whole = {name: formats.cell(report, name, together[name]) for name in names if name in together}
    whole = {**dict.fromkeys(names, ""), **whole, names[0]: TOGETHER}
    shown = pd.DataFrame(
        {name: [*[whole[name]] * above, *formats.texts(report, name, rows[name], rollup)] for name in names},
        dtype=str,
    )
    pinned = drill.pinned_here(question, tile)
    weak = [strength(pin, pinned) < 1 for pin in pins_of(report, tile, rows)]
    unit = results.unit(question)
    config = {name: _column(report, name, shown[name], sort, unit) for name in names}
    for name in [name for name in names if _is_bar(report, tile, name)]:
        lengths = rows[name].astype("float64") / (arrived[name].astype("float64").max() or 1) * 100
        # Behind the number, which a narrow card has room for before it is scrolled.
        shown.insert(list(shown).index(name) + 1, name + BAR, [*[None] * above, *lengths.round()])
        config[name + BAR] = _bars(report, name)
    key = drill.turned(place)
    pick = drill.cell_picker(question, tile, rows, key, above) if tile.dimensions else None
    st.dataframe(
        _styled(question, tile, shown, rows, weak, above), key=key, column_config=config, hide_index=True,
        placeholder="", alt=tile.title, on_select=partial(_picked, report, place, key, above, sort, pick),
        selection_mode=("single-cell", "single-column"), height=height(lines), row_height=ROW_HEIGHT,
    )  # fmt: skip


def _picked(
    report: Report, place: str, key: str, above: int, sorted_by: Sorting, pick: Callable[[], None] | None
) -> None:
    """Take a click: on a header it sorts, the other way round where it sorted already; on a cell of a row it picks."""
    clicked = st.session_state[key].selection
    drill.turn(place)
    if not clicked.columns:
        if pick and clicked.cells and clicked.cells[0][0] >= above:
            pick()
            st.session_state[f"{place}:picked"] = True
        return
    name, (sort, is_down) = clicked.columns[0].removesuffix(BAR), sorted_by
    starts_down = formats.column_format(report, name) in formats.NUMBERS
    st.session_state[f"{place}:sort"] = (name, not is_down if name == sort else starts_down)


def _is_by_hour(tile: Tile, rows: pd.DataFrame) -> bool:
    """Tell whether a tile has a vendor's own periods, and some that do not begin with a day."""
    return tile.optional_kind is not None and "period" in rows and any(rows["period"].dt.hour)


def _styled(
    question: Question, tile: Tile, shown: pd.DataFrame, rows: pd.DataFrame, weak: Sequence[bool], above: int
) -> Any:
    """Return texts, of details and of rows that are not pinned in grey, and parts of a change tinted by their news."""
    report, first = question.report, [""] * above
    details = [str(name) for name in shown if str(name).endswith(DETAILS)]
    styled = coloured(shown, session.theme(), details, [*[False] * above, *weak])
    for metric in (report.metric(name) for name in tile.drawn if name in shown):
        if not metric.part_of:
            continue
        whole = results.whole_before(question, tile, metric)
        tints = _tints(rows[metric.name], whole, metric, question.workspace.quiet)
        tints = ["" if is_weak else tint for is_weak, tint in zip(weak, tints, strict=True)]
        styled = styled.apply(lambda _, tints=tints: [*first, *tints], subset=pd.Index([metric.name]))
    for name in (name for name in tile.metrics if name in shown):
        told = targets.verdicts(question, tile, name, rows)
        if any(told):
            tints = ["" if is_weak else TOLD[each] for is_weak, each in zip(weak, told, strict=True)]
            styled = styled.apply(lambda _, tints=tints: [*first, *tints], subset=pd.Index([name]))
    if above:
        styled = styled.apply(lambda column: [TOGETHER_STYLE, *[""] * (len(column) - 1)])
    return styled


def coloured(shown: pd.DataFrame, theme: Theme, details: Sequence[str], weak: Sequence[bool] = ()) -> Any:
    """Return texts with their colours: details and all of the weak rows in the grey of a theme, which can be read."""
    styled, grey = shown.style, f"color: {palette(theme).missing}"
    if details:
        styled = styled.apply(lambda column: [grey] * len(column), subset=pd.Index(details))
    if any(weak):
        styled = styled.apply(lambda column: [grey if is_weak else "" for is_weak in weak])
    return styled


def _tints(column: "pd.Series[Any]", whole: float, metric: Metric, quiet: Quiet) -> list[str]:
    """Return a background for each part of a change: the further from zero the stronger, by what news it is.

    It is news where it alone moves the `whole` that was before by more than what is usual.
    """
    most = column.abs().max()
    found = [news(metric, value / abs(whole) if whole else None, value, quiet) for value in column]
    shades = {1: GOOD, -1: BAD}
    return [
        f"background-color: rgba({shades[told]}, {abs(value) / most * STRONGEST:.2f})" if told else ""
        for value, told in zip(column, found, strict=True)
    ]


def _columns(question: Question, tile: Tile, rows: pd.DataFrame) -> Sequence[str]:
    """Return the columns shown: dimensions, what is drawn, the others; of comparisons and limits only what there is."""
    first = tile.metrics[0] if tile.metrics else ""
    own = [name for name in tile.columns if name in rows]
    compared = [] if tile.compares_itself else [f"{first}{ending}" for ending in COMPARED]
    names = dict.fromkeys([*tile.dimensions, *tile.drawn, *own, *(name for name in compared if name in rows)])
    return [name for name in names if not (name.endswith((*COMPARED, *formats.LIMITS)) and rows[name].isna().all())]


def _is_bar(report: Report, tile: Tile, name: str) -> bool:
    return name in tile.drawn and formats.column_format(report, name) == "count"


def _bars(report: Report, name: str) -> Any:
    """Return how the bars beside a count are drawn; a screen reader gets their lengths, which nobody has to read."""
    label = labels.column_label(report, name)
    return st.column_config.ProgressColumn(
        "% of most", format=" ", min_value=0, max_value=100, width=BAR_WIDTH,
        help=f"{label} in percent of the row that has most",
    )  # fmt: skip


def _column(report: Report, name: str, shown: "pd.Series[Any]", sort: Sorting, unit: str) -> Any:
    """Return how a column is drawn; the one that sorts carries an arrow."""
    title = f"{labels.column_label(report, name, unit)} {ARROWS[sort[1]] if name == sort[0] else ''}".rstrip()
    is_number = formats.column_format(report, name) in formats.NUMBERS
    described = labels.column_description(report, name)
    if labels.dimension(report, name) and max(map(_length, shown), default=0) > WIDEST:
        described = f"{described or ''}\n\n{IN_FULL}".strip()
    # Not pinned, though a table may be wide: Streamlit draws what is pinned at six tenths of its strength.
    return st.column_config.TextColumn(
        title, help=described, alignment="right" if is_number else None, width=width(title, shown)
    )


def width(title: str, texts: Iterable[object]) -> int:
    """Return the pixels that a column of text needs: a browser by itself keeps those of the first rows it was given."""
    longest = max((str(text) for text in texts if not formats.is_missing(text)), key=len, default="")
    return min(max(_length(title), _length(longest), NARROWEST), WIDEST) + ROOM


def _length(text: str) -> int:
    """Return about how many pixels a text takes in the tables' letters."""
    return sum(8 if letter.isupper() else 7 if letter.isalnum() else 4 for letter in text)
