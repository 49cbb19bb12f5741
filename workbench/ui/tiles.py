"""A report's tiles, drawn by shape: cards of metrics, charts with their tables, tables. No code per tile."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pandas as pd
import streamlit as st

from workbench import charts, formats, queries
from workbench.colours import Theme
from workbench.drawings import PRECEDING, Look
from workbench.errors import WorkbenchError
from workbench.reports import PERIOD, Metric, Report, Tile
from workbench.ui import drill, log, results, sql, tables
from workbench.ui.results import Question
from workbench.ui.session import escaped, failed

NOT_APPLICABLE = "The selected filter(s) are not applicable here"
NOT_APPLICABLE_HERE = "filter not applicable"
NO_DATA = "The selected filter(s) have no applicable data"
CARD_WIDTH, HALF_WIDTH = 170, 400  # pixels below which cards and half-width charts move under each other
VALUE_CARD_WIDTH, MOST_CARDS = 110, 4
COLOURS = {"up": "normal", "down": "inverse", None: "off"}


def tiles(question: Question) -> None:
    """Draw every tile of the report in its order; breakdowns stand two to a row."""
    pending: list[Tile] = []
    for tile in question.report.tiles:
        if tile.shape == "log":
            continue
        if tile.optional_kind and not results.is_loaded(question.source, tile.optional_kind):
            continue
        if not queries.is_shown(results.resolved(question), tile):
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
    elif charts.is_charted(tile):
        _charts(question, tile, rows)
    else:
        with st.container(border=True):
            with _title(question, tile, tile.title):
                pass
            tables.table(question, tile, rows)


@contextmanager
def _title(question: Question, tile: Tile, title: str) -> Iterator[None]:
    """Draw a card's title with its note; what is drawn inside stands at the right, before the SQL."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap=None, width="content"):
            st.markdown(f"**{title}**", width="content")
            if note := results.note(question, tile.name):
                st.caption(note, width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
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
            with st.container(border=True, height="stretch"):
                if _is_table(question, tile):
                    tables.table(question, tile, rows)
                else:
                    _value_cards(report, tile, rows)
        for number, drawing in enumerate(drawings):
            with st.container(border=True, height="stretch"):
                if number or has_cards:
                    what = report.metric(tile.metrics[0]).label if tile.shape == "pie_and_bar" else "Share"
                    st.markdown(f"**{what} {tile.title[:1].lower()}{tile.title[1:]}**")
                    drill.chart(question, tile, drawing, number)
                elif _is_table(question, tile):
                    tables.table(question, tile, rows)
                else:
                    drill.chart(question, tile, drawing, number)


def _look(question: Question, tile: Tile) -> Look:
    scope = results.resolved(question)
    return Look(
        question.selection.rollup,
        results.incomplete(question, tile.name) if tile.shape.endswith("_over_time") else [],
        _theme(),
        results.not_covered(scope),
        results.compared_with(question) or PRECEDING,
        drill.pinned_here(question, tile),
        results.growing_from(question, tile.name),
        results.values(question.source, question.report_name, tile.name),
    )


def _value_cards(report: Report, tile: Tile, rows: pd.DataFrame) -> None:
    """Draw a card for each value of a breakdown: its number, and its share under it."""
    key, metric = tile.dimensions[0], report.metric(tile.metrics[0])
    meanings = formats.meanings(report, tile, key)
    with st.grid(MOST_CARDS, min_column_width=VALUE_CARD_WIDTH):
        for value, number, share in zip(rows[key], rows[metric.name], rows["share"], strict=True):
            st.metric(
                escaped(formats.label(report, key, value)), formats.metric(number, metric),
                formats.shown(share, "rate"), delta_color="off", delta_arrow="off", help=meanings.get(value),
            )  # fmt: skip


def _is_table(question: Question, tile: Tile) -> bool:
    """Draw a card's title and the switch between chart and table; return whether the table is wanted."""
    icons = {"chart": ":material/bar_chart:", "table": ":material/table:"}
    with _title(question, tile, tile.title):
        view = st.segmented_control(
            f"View of {tile.title}", list(icons), default="chart", required=True, format_func=icons.__getitem__,
            label_visibility="collapsed", key=f"{question.report_name}:{tile.name}:view", persist_state="session",
        )  # fmt: skip
    return view == "table"


def _metrics(question: Question, tile: Tile) -> None:
    """Draw a row of equal cards: value, change, sparkline, and in the help what the number means and rests on."""
    row = results.rows(question, tile.name).iloc[0]
    counts = results.counts(question, tile.name)
    if not counts["rows"]:
        _said(tile, NO_DATA)
        return
    over_time, scope = _over_time(question), results.resolved(question)
    compared = results.compared_with(question) or "preceding"
    with st.grid(len(tile.metrics), min_column_width=CARD_WIDTH):
        for name in tile.metrics:
            metric = question.report.metric(name)
            delta = formats.change(row.get(f"{name}_change_rate"), row.get(f"{name}_change"), metric)
            st.metric(
                metric.label,
                formats.metric(row[name], metric),
                NOT_APPLICABLE_HERE if queries.says_nothing(scope, metric) else delta,
                delta_color=COLOURS[metric.good],  # type: ignore[arg-type]
                delta_description=f"vs {compared}" if delta else None,
                help=_meaning(question.report, metric, counts),
                chart_data=over_time.get(name),
                border=True,
                height="stretch",
            )
    if said := [*results.stated(question, tile.name), *_other_touch(question, tile)]:
        st.caption("  \n".join(f"{text}." for text in said))
    with st.container(horizontal=True, gap="small"):
        drill.rows_menu(question, [question.report.metric(name) for name in tile.metrics])
        sql.button(question, tile)


def _other_touch(question: Question, tile: Tile) -> list[str]:
    """Say by which rule orders are credited, and what the money would be by the other one."""
    report, selection = question.report, question.selection
    if "touch" not in report.settings:
        return []
    other = selection.other_touch
    swapped = results.rows(replace(question, selection=other), tile.name).iloc[0]
    money = [report.metric(name) for name in tile.metrics if report.metric(name).format == "decimal"]
    figures = ", ".join(f"{metric.label.lower()} {formats.metric(swapped[metric.name], metric)}" for metric in money)
    days = "day" if selection.window_days == 1 else "days"
    rule = f"Orders count within {selection.window_days} {days} and for the {selection.touch} message"
    return [f"{rule}; for the {other.touch} one it would be: {figures}"]


def _over_time(question: Question) -> dict[str, list[float]]:
    """Return each metric's values over time for the sparklines, from the report's tiles of periods."""
    found: dict[str, list[float]] = {}
    for tile in question.report.tiles:
        if tile.dimensions == (PERIOD.key,) and tile.optional_kind is None:
            rows = results.rows(question, tile.name)
            found |= {name: list(rows[name].astype("float64").dropna()) for name in tile.metrics if name not in found}
    return {name: values for name, values in found.items() if len(values) > 1}


def _meaning(report: Report, metric: Metric, counts: dict[str, int]) -> str:
    """Return a metric's definition, formula and the rows it rests on."""
    n, rows = counts[metric.name], counts["rows"]
    rest = f"Rests on {formats.count(n)} of {formats.count(rows)} {metric.rows_label}"
    others = [(rows - n, metric.rest)] if metric.rest else []
    others += [(counts[f"{metric.name}:{part}"], words) for part, words, _ in metric.among]
    rest += "".join(f"; {formats.count(count)} {words}" for count, words in others if count)
    return f"{metric.definition}\n\nFormula: {metric.formula}.\n\n{rest}."


def _theme() -> Theme:
    return "dark" if st.context.theme.type == "dark" else "light"
