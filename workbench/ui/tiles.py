"""A report's tiles, drawn by shape: cards of metrics, charts with their tables, tables. No code per tile."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import pandas as pd
import streamlit as st

from workbench.ask import basis
from workbench.ask.question import Question, is_shown, not_applicable, says_nothing
from workbench.drawing import charts, formats, gaps
from workbench.drawing.marks import PRECEDING, Look
from workbench.drawing.news import News, news
from workbench.errors import WorkbenchError
from workbench.exports import KINDS
from workbench.reports import Entity, Metric, Report, Tile
from workbench.ui import drill, export, log, results, sidebar, sql, tables
from workbench.ui.session import escaped, failed, theme

NOT_APPLICABLE = "The selected filter(s) are not applicable here"
NOT_APPLICABLE_HERE = "filter not applicable"
NO_DATA = "The selected filter(s) have no applicable data"
NO_DATA_HERE = "no applicable data"
NOT_LOADED_HERE = "not loaded"
SEVERAL_UNITS = "of several currencies"
# Pixels below which cards and half-width charts move under each other.
CARD_WIDTH, MONEY_WIDTH, HALF_WIDTH, CREDITED_WIDTH = 170, 230, 400, 430
CARD_GAP = 28  # pixels; the toolbar of a chart or table, which shows above it, leaves what stands there to be clicked
VALUE_CARD_WIDTH, LONG_VALUE_WIDTH, MOST_CARDS = 110, 190, 4
LONG_VALUE = 18  # characters from which a value's label needs a wider card
COLOURS: dict[News, Literal["green", "off", "red"]] = {1: "green", 0: "off", -1: "red"}


def tiles(question: Question) -> None:
    """Draw every tile of the report in its order; breakdowns stand two to a row."""
    pending: list[Tile] = []
    sidebar.asked_for(question)
    for tile in question.report.tiles:
        if tile.log:
            continue
        if tile.optional_kind and not question.workspace.has([tile.optional_kind]):
            continue
        if not is_shown(question, tile):
            continue
        if tile.shape == "bar":
            pending.append(tile)
            continue
        _breakdowns(question, pending)
        pending = []
        _tile(question, tile)
    _breakdowns(question, pending)
    _logs(question)


def _logs(question: Question) -> None:
    """Draw the report's log; of several only the one whose tab is open: that of the number last clicked."""
    logs = {log.title: log for log in question.report.logs}
    if len(logs) == 1:
        _tile(question, question.report.log)
        return
    tabs = st.tabs(list(logs), key=drill.tabs_key(question.report), on_change="rerun")
    for tab, log_tile in zip(tabs, logs.values(), strict=True):
        if tab.open:
            with tab:
                _tile(question, log_tile)


def _breakdowns(question: Question, waiting: Sequence[Tile]) -> None:
    for start in range(0, len(waiting), 2):
        pair = waiting[start : start + 2]
        with st.grid(len(pair), min_column_width=HALF_WIDTH):
            for tile in pair:
                _tile(question, tile)


def _tile(question: Question, tile: Tile) -> None:
    """Draw one tile; what it cannot show is said in its place."""
    try:
        if not_applicable(question, tile):
            _said(question, tile, NOT_APPLICABLE)
        elif not question.workspace.has(tile.entity.kinds):
            _said(question, tile, _not_loaded(tile.entity))
        elif tile.shape == "metrics":
            _metrics(question, tile)
        elif tile.log:
            log.log(question, tile)
        else:
            _rows(question, tile)
    except WorkbenchError as error:
        failed(error)


def _said(question: Question, tile: Tile, message: str) -> None:
    """Draw a card that says why there is nothing in it."""
    with st.container(border=True):
        st.markdown(f"**{tile.title}**")
        st.caption("  \n".join(text for text in (results.note(question, tile), message) if text))


def _not_loaded(entity: Entity) -> str:
    titles = [KINDS[kind].title.lower() for kind in entity.kinds]
    return f"No {' or '.join(titles)} loaded yet"


def _rows(question: Question, tile: Tile) -> None:
    rows = results.rows(question, tile)
    if rows.empty or _is_nothing(tile, rows):
        _said(question, tile, _nothing(question, tile))
    elif charts.is_charted(tile):
        _charts(question, tile, rows)
    else:
        with st.container(border=True, gap=CARD_GAP):
            with _title(question, tile, tile.title):
                pass
            tables.table(question, tile, rows)


def _nothing(question: Question, tile: Tile) -> str:
    """Return why a tile has no rows: what is filtered on stands in for a column that none of them has, or no match."""
    is_other = tile.note_when != "true" and bool(results.note(question, tile))
    return NOT_APPLICABLE if is_other and question.selection.values(tile.dimensions[-1]) else NO_DATA


@contextmanager
def _title(question: Question, tile: Tile, title: str) -> Iterator[None]:
    """Draw a card's title with its note; what is drawn inside stands at the right, before the SQL."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap=None):
            st.markdown(f"**{title}**")
            if said := [text for text in (results.note(question, tile), *results.stated(question, tile)) if text]:
                st.caption("  \n".join(said))
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
            export.menu(question, tile)
            sql.button(question, tile)
            yield


def _is_nothing(tile: Tile, rows: pd.DataFrame) -> bool:
    """Tell whether a tile of periods has none with anything in it."""
    return tile.shape.endswith("_over_time") and not rows[tile.metrics[0]].any()


def _charts(question: Question, tile: Tile, rows: pd.DataFrame) -> None:
    """Draw a tile's charts in cards of their own, beside each other where there are two."""
    report = question.report
    drawings = charts.parts(report, tile, rows, _look(question, tile))
    has_cards = tile.shape == "cards_and_pie"
    with st.grid(len(drawings) + has_cards, min_column_width=HALF_WIDTH):
        if has_cards:
            with st.container(border=True, height="stretch", gap=CARD_GAP):
                if _is_table(question, tile):
                    tables.table(question, tile, rows)
                else:
                    _value_cards(report, tile, rows)
        for number, drawing in enumerate(drawings):
            with st.container(border=True, height="stretch", gap=CARD_GAP):
                is_second = number or has_cards
                title = _second_title(report, tile) if is_second else tile.title
                if is_second:
                    st.markdown(f"**{title}**")
                elif _is_table(question, tile):
                    tables.table(question, tile, rows)
                    continue
                drill.chart(question, tile, drawing, number, title)


def _second_title(report: Report, tile: Tile) -> str:
    """Return what stands over the second drawing of a breakdown."""
    title = f"{tile.title[:1].lower()}{tile.title[1:]}"
    what = report.metric(tile.metrics[0]).label if tile.shape == "pie_and_bar" else "Share"
    return f"{what} {title}" if title.startswith("by ") else f"{what} of {title}"


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
        results.values(question, tile),
    )


def _value_cards(report: Report, tile: Tile, rows: pd.DataFrame) -> None:
    """Draw a card for each value of a breakdown: its number, and its share under it."""
    key, metric = tile.dimensions[0], report.metric(tile.metrics[0])
    meanings = formats.meanings(report, tile, key)
    labels = [formats.label(report, key, value) for value in rows[key]]
    is_long = max(map(len, labels)) > LONG_VALUE
    with st.grid(MOST_CARDS, min_column_width=LONG_VALUE_WIDTH if is_long else VALUE_CARD_WIDTH):
        for value, label, number, share in zip(rows[key], labels, rows[metric.name], rows["share"], strict=True):
            st.metric(
                escaped(label), formats.metric(number, metric),
                formats.shown(share, "rate"), delta_color="off", delta_arrow="off", help=meanings.get(value),
            )  # fmt: skip


def _is_table(question: Question, tile: Tile) -> bool:
    """Draw a card's title and the switch between chart and table; return whether the table is wanted."""
    icons = {"chart": ":material/bar_chart:", "table": ":material/table:"}
    with _title(question, tile, tile.title):
        view = st.segmented_control(
            f"View of {tile.title}", list(icons), default="chart", required=True, format_func=icons.__getitem__,
            label_visibility="collapsed", key=f"{question.report.name}:{tile.name}:view", persist_state="session",
        )  # fmt: skip
    return view == "table"


def _metrics(question: Question, tile: Tile) -> None:
    """Draw a row of equal cards: value, change, sparkline, and in the help what the number means and rests on."""
    row = results.rows(question, tile).iloc[0]
    counts = results.counts(question, tile)
    over_time = _over_time(question, tile)
    metrics = [question.report.metric(name) for name in tile.metrics]
    if not counts["rows"] and not any(says_nothing(question, metric) for metric in metrics):
        _said(question, tile, NO_DATA)
        return
    has_money = any(metric.format == "money" for metric in metrics)
    with st.grid(len(tile.metrics), min_column_width=MONEY_WIDTH if has_money else CARD_WIDTH):
        for metric in metrics:
            _card(question, tile, metric, row, counts, over_time.get(metric.name))
    if said := results.stated(question, tile):
        st.caption("  \n".join(f"{text}." for text in said))
    if "touch" in question.report.settings:
        _credited(question, tile, row)
    with st.container(horizontal=True, gap="small"):
        drill.rows_menu(question, metrics)
        export.menu(question, tile)
        sql.button(question, tile)


def _card(
    question: Question, tile: Tile, metric: Metric, row: "pd.Series[Any]", counts: dict[str, float],
    line: list[float] | None,
) -> None:  # fmt: skip
    """Draw a metric's card, with a sparkline where there is one."""
    name, missing = metric.name, _why_missing(question, tile, metric, counts)
    rate, absolute = row.get(f"{name}_change_rate"), row.get(f"{name}_change")
    delta = formats.change(rate, absolute, metric)
    is_flat = bool(missing) or (delta or "")[1:].startswith("0.0 ")
    st.metric(
        metric.label,
        formats.MISSING if missing else escaped(formats.metric(row[name], metric, results.unit(question))),
        missing or delta,
        delta_color=COLOURS[0 if is_flat else news(metric, rate, absolute, question.workspace.quiet)],
        delta_arrow="off" if is_flat else "auto",
        delta_description=f"vs {_earlier(question)}" if delta and not missing else None,
        help=_meaning(question.report, tile, metric, counts),
        chart_data=line,
        border=True,
        height="stretch",
    )


def _earlier(question: Question) -> str:
    """Return what a card calls the days compared with: which they are stands in the header, where they have room."""
    compared = results.compared_with(question) or "preceding"
    return "earlier" if question.selection.compare == "matching" and compared != "preceding" else compared


def _why_missing(question: Question, tile: Tile, metric: Metric, counts: dict[str, float]) -> str:
    """Return why a card has no number, empty where it has one."""
    if says_nothing(question, metric):
        return NOT_APPLICABLE_HERE
    entity = question.report.entity_of(metric, tile)
    if not question.workspace.has(entity.kinds):
        return NOT_LOADED_HERE
    if not counts["rows"]:
        return NO_DATA_HERE
    return SEVERAL_UNITS if metric.format == "money" and len(results.units(question)) > 1 else ""


def _credited(question: Question, tile: Tile, row: "pd.Series[Any]") -> None:
    """Draw by which rule orders are credited, money by the other one where it differs, and the settings of both."""
    report, selection = question.report, question.selection
    other, unit = selection.other_touch, results.unit(question)
    swapped = results.rows(question.asking(replace(other, compare=None)), tile).iloc[0]
    money = [report.metric(name) for name in tile.metrics if report.metric(name).format == "money"]
    figures = ", ".join(
        f"{metric.label.lower()} {escaped(formats.metric(swapped[metric.name], metric, unit))}"
        for metric in money
        if formats.metric(row[metric.name], metric) != formats.metric(swapped[metric.name], metric)
    )
    within = basis.window(selection)
    said = [f"Each order counts once, for the {selection.touch} message within {within} before it."]
    if figures:
        said.append(f"Counted for the {other.touch} message: {figures}.")
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap=None, width=CREDITED_WIDTH):
            st.markdown("**How orders are credited**")
            st.caption("  \n".join(said))
        sidebar.attribution(report, selection)


def _over_time(question: Question, tile: Tile) -> dict[str, list[float]]:
    """Return each metric's values over time for its sparkline, NaN where it breaks; one value is no line."""
    rows, scope = results.over_time(question, tile), question.scope
    if rows.empty:
        return {}
    broken = gaps.periods(scope.not_covered, question.selection.rollup, scope.week_start, scope.now.span)
    return {
        name: gaps.broken(known, broken)
        for name in tile.metrics
        if len(known := rows.set_index("period")[name].astype("float64").dropna()) > 1
    }


def _meaning(report: Report, tile: Tile, metric: Metric, counts: dict[str, float]) -> str:
    """Return a metric's definition, formula and the rows it rests on, among all where they are rows of the tile."""
    n, rows = counts[metric.name], counts["rows"]
    is_among = report.entity_of(metric, tile) is tile.entity
    among = f"{formats.count(n)} of {formats.rows(rows, metric.rows_label)}"
    rest = f"Rests on {among if is_among else formats.rows(n, metric.rows_label)}"
    others = [(rows - n, metric.rest)] if metric.rest and is_among else []
    others += [(counts[f"{metric.name}:{part}"], words) for part, words, _ in metric.among]
    rest += "".join(f"; {formats.count(count)} {words}" for count, words in others if count)
    if metric.without and others[0][0]:
        rest += f"; without them it is {formats.metric(counts[f'{metric.name}:without'], metric)}"
    return f"{metric.definition}\n\nFormula: {metric.formula}.\n\n{rest}."
