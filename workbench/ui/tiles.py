"""A report's tiles, drawn by shape: cards of metrics, charts with their tables, tables. No code per tile."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from workbench import charts, formats, queries, timecharts
from workbench.colours import Theme
from workbench.errors import WorkbenchError
from workbench.reports import Metric, Report, Tile
from workbench.ui import log, results, tables
from workbench.ui.results import Question
from workbench.ui.session import failed

NOT_APPLICABLE = "The selected filter(s) are not applicable here"
NO_DATA = "The selected filter(s) have no applicable data"
CARD_WIDTH, HALF_WIDTH = 170, 400  # pixels below which cards and half-width charts move under each other
COLOURS = {"up": "normal", "down": "inverse", None: "off"}


def tiles(question: Question) -> None:
    """Draw every tile of the report in its order; breakdowns stand two to a row."""
    pending: list[Tile] = []
    for tile in question.report.tiles:
        if tile.optional_kind and not results.is_loaded(question.source, tile.optional_kind):
            continue
        if tile.shape == "bar":
            pending.append(tile)
            continue
        _breakdowns(question, pending)
        pending = []
        _tile(question, tile)
    _breakdowns(question, pending)


def _breakdowns(question: Question, waiting: Sequence[Tile]) -> None:
    for start in range(0, len(waiting), 2):
        pair = waiting[start : start + 2]
        with st.grid(len(pair), min_column_width=HALF_WIDTH):
            for tile in pair:
                _tile(question, tile)


def _tile(question: Question, tile: Tile) -> None:
    """Draw one tile; what it cannot show is said in its place."""
    try:
        if queries.not_applicable(results.resolved(question), question.report, tile):
            _said(tile, NOT_APPLICABLE)
        elif tile.shape == "metrics":
            _metrics(question, tile)
        elif tile.shape == "log":
            log.log(question, tile)
        else:
            _rows(question, tile)
    except WorkbenchError as error:
        failed(error)


def _said(tile: Tile, message: str) -> None:
    with st.container(border=True):
        st.markdown(f"**{tile.title}**")
        st.caption(message)


def _rows(question: Question, tile: Tile) -> None:
    rows = results.rows(question, tile.name)
    if rows.empty or _is_nothing(tile, rows):
        _said(tile, NO_DATA)
    elif tile.shape in charts.CHARTED:
        _charts(question, tile, rows)
    else:
        with st.container(border=True):
            st.markdown(f"**{tile.title}**")
            tables.table(question.report, rows, tile.title)


def _is_nothing(tile: Tile, rows: pd.DataFrame) -> bool:
    """Tell whether a tile of periods has none with anything in it."""
    return tile.shape == "bars_over_time" and not rows[tile.metrics[0]].any()


def _charts(question: Question, tile: Tile, rows: pd.DataFrame) -> None:
    """Draw a tile's charts in cards of their own, beside each other where there are two."""
    scope = results.resolved(question)
    incomplete = results.incomplete(question) if tile.shape == "bars_over_time" else []
    drawings = charts.parts(
        question.report, tile, rows, question.selection.rollup, incomplete, _theme(), results.not_covered(scope),
        results.compared_with(question) or timecharts.PRECEDING,
    )  # fmt: skip
    with st.grid(len(drawings), min_column_width=HALF_WIDTH):
        for number, drawing in enumerate(drawings):
            with st.container(border=True, height="stretch"):
                if number:
                    st.markdown(f"**Share {tile.title[:1].lower()}{tile.title[1:]}**")
                if number == 0 and _is_table(question.report, tile):
                    tables.table(question.report, _columns(tile, rows), tile.title, question.selection.rollup)
                else:
                    st.altair_chart(drawing, key=f"{question.report_name}:{tile.name}:chart:{number}")


def _is_table(report: Report, tile: Tile) -> bool:
    """Draw a card's title and the switch between chart and table; return whether the table is wanted."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{tile.title}**", width="content")
        icons = {"chart": ":material/bar_chart:", "table": ":material/table:"}
        view = st.segmented_control(
            f"View of {tile.title}", list(icons), default="chart", required=True, format_func=icons.__getitem__,
            label_visibility="collapsed", key=f"{report.name}:{tile.name}:view", persist_state="session",
        )  # fmt: skip
    return view == "table"


def _columns(tile: Tile, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a tile's table: its own, and the change of the first metric."""
    first = tile.metrics[0]
    return rows[[name for name in (*tile.columns, f"{first}_before", f"{first}_change_rate") if name in rows]]


def _metrics(question: Question, tile: Tile) -> None:
    """Draw a row of equal cards: value, change, sparkline, and in the help what the number means and rests on."""
    row = results.rows(question, tile.name).iloc[0]
    counts = results.counts(question, tile.name)
    if not counts["rows"]:
        _said(tile, NO_DATA)
        return
    over_time = _over_time(question)
    compared = results.compared_with(question) or "preceding"
    with st.grid(len(tile.metrics), min_column_width=CARD_WIDTH):
        for name in tile.metrics:
            metric = question.report.metric(name)
            delta = formats.change(row.get(f"{name}_change_rate"), row.get(f"{name}_change"), metric)
            st.metric(
                metric.label,
                formats.metric(row[name], metric),
                delta,
                delta_color=COLOURS[metric.good],  # type: ignore[arg-type]
                delta_description=f"vs {compared}" if delta else None,
                help=_meaning(question.report, metric, counts),
                chart_data=over_time.get(name),
                border=True,
                height="stretch",
            )


def _over_time(question: Question) -> dict[str, list[float]]:
    """Return each metric's values over time for the sparklines, from the report's tile of periods."""
    tile = next((tile for tile in question.report.tiles if tile.shape == "bars_over_time"), None)
    if tile is None:
        return {}
    rows = results.rows(question, tile.name)
    return {name: values for name in tile.metrics if len(values := list(rows[name].astype("float64").dropna())) > 1}


def _meaning(report: Report, metric: Metric, counts: dict[str, int]) -> str:
    """Return a metric's definition, formula and the rows it rests on."""
    n, rows = counts[metric.name], counts["rows"]
    rest = f"Rests on {formats.count(n)} of {formats.count(rows)} {metric.rows_label}"
    left = rows - n
    if left and metric.rows == "customer_id is not null":
        rest += f"; {formats.count(left)} {'has' if left == 1 else 'have'} no customer"
    return f"{metric.definition}\n\nFormula: {metric.formula}.\n\n{rest}."


def _theme() -> Theme:
    return "dark" if st.context.theme.type == "dark" else "light"
