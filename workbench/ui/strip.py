"""The strip of metrics: value, change, a small line over time, and in the help what the number means and rests on."""

import base64
import math
from collections.abc import Sequence
from html import escape
from typing import Any, Literal, cast

import pandas as pd
import streamlit as st

from workbench.ask import targets
from workbench.ask.question import Question, says_nothing
from workbench.ask.targets import Target
from workbench.drawing import formats, gaps
from workbench.drawing.colours import palette
from workbench.drawing.news import News, news
from workbench.reports import Metric, Report, Tile
from workbench.ui import drill, export, results, sql
from workbench.ui.session import escaped, theme

NOT_APPLICABLE_HERE = "filter not applicable"
NO_DATA_HERE = "no applicable data"
NOT_LOADED_HERE = "not loaded"
SEVERAL_UNITS = "of several currencies"
COLOURS: dict[News, Literal["green", "off", "red"]] = {1: "green", 0: "off", -1: "red"}
ACROSS, DOWN, EDGE = 100, 24, 2  # of a small line: units across, pixels down, and left free above and below
LINE = 20  # pixels of a line of text


def strip(question: Question, tile: Tile) -> None:
    """Draw the metrics of a tile in frames, what else its numbers say, and the ways to their rows."""
    report, row = question.report, results.rows(question, tile).iloc[0]
    counts, over_time = results.counts(question, tile), _over_time(question, tile)
    has_lines = not results.over_time(question.unpinned, tile).empty
    groups = tile.groups or (tile.metrics,)
    with st.container(key="strip", gap="small"):
        for number, names in enumerate(groups):
            with st.container(border=True, key=f"strip-of-{len(names)}-{number}", gap=None):
                for metric in map(report.metric, names):
                    with st.container(gap=None, key=f"strip-metric-{metric.name}"):
                        _metric(question, tile, metric, row, counts)
                        if has_lines:  # their room is kept where a pin leaves a single period
                            st.html(_line(over_time.get(metric.name, ()), _goal(question, metric)))
    if tile.stated:
        lines = len(results.stated(question.unpinned, tile))
        height: int | Literal["content"] = LINE * lines or "content"
        with st.container(height=height, border=False, key=f"strip-{'stated' if lines else 'silent'}", gap=None):
            st.caption("  \n".join(f"{text}." for text in results.stated(question, tile)))
    with st.container(horizontal=True, gap="small", key="strip-actions"):
        drill.rows_menu(question, [report.metric(name) for name in tile.metrics])
        export.menu(question, tile)
        sql.button(question, tile)


def _metric(question: Question, tile: Tile, metric: Metric, row: "pd.Series[Any]", counts: dict[str, float]) -> None:
    name, missing = metric.name, _why_missing(question, tile, metric, counts)
    rate, absolute = row.get(f"{name}_change_rate"), row.get(f"{name}_change", math.nan)
    delta = formats.change(rate, absolute, metric)
    told = 0 if missing else news(metric, rate, absolute, question.workspace.quiet)
    arrow = ("up" if absolute > 0 else "down") if told else "off"
    target, is_stand_in = targets.of_card(question, name)
    if target and not missing and not formats.is_missing(row[name]):
        told = 1 if target.is_met_by(row[name]) else -1
        if told < 0:
            delta, arrow = escaped(formats.missed(row[name], target, metric, results.unit(question))), "off"
        delta = f"{delta or 'meets the target'}{' (general target)' * is_stand_in}"
    st.metric(
        metric.label,
        formats.MISSING if missing else escaped(formats.metric(row[name], metric, results.unit(question))),
        missing or delta,
        delta_color=COLOURS[told],
        delta_arrow=cast(Literal["up", "down", "off"], arrow),
        help=_meaning(question.report, tile, metric, counts) + _held_to(question, metric, target),
    )


def _held_to(question: Question, metric: Metric, target: Target | None) -> str:
    """Return the target of a card in words, behind what its figure means."""
    if target is None:
        return ""
    of = targets.for_words(target, question.report)
    said = formats.target(target, metric, results.unit(question))
    return f"\n\nTarget: {escaped(said)}{f' ({escaped(of)})' if of else ''}."


def _goal(question: Question, metric: Metric) -> float:
    """Return the value of a card's target, NaN without one."""
    target, _ = targets.of_card(question, metric.name)
    return target.value if target else math.nan


def _why_missing(question: Question, tile: Tile, metric: Metric, counts: dict[str, float]) -> str:
    """Return why a metric has no number, empty where it has one."""
    if says_nothing(question, metric):
        return NOT_APPLICABLE_HERE
    entity = question.report.entity_of(metric, tile)
    if not question.workspace.has(entity.kinds):
        return NOT_LOADED_HERE
    if not counts["rows"]:
        return NO_DATA_HERE
    return SEVERAL_UNITS if metric.format == "money" and len(results.units(question)) > 1 else ""


def _line(values: Sequence[float], goal: float = math.nan) -> str:
    """Return a small line over time as a picture, broken where nothing is known; empty where it would be a point.

    A dashed line stands at the `goal`, where there is one.
    """
    known = [value for value in (*values, *([goal] if values else [])) if not math.isnan(value)]
    low, span = min(known, default=0.0), (max(known, default=0.0) - min(known, default=0.0)) or 1.0
    step = ACROSS / max(1, len(values) - 1)
    parts, pen, dashed = [], "M", ""

    def height(value: float) -> float:
        return DOWN - EDGE - (value - low) / span * (DOWN - 2 * EDGE)

    if values and not math.isnan(goal):
        dashed = (
            f'<path d="M0,{height(goal):.1f}L{ACROSS},{height(goal):.1f}" stroke="{palette(theme()).missing}"'
            ' stroke-width="1" stroke-dasharray="3 3" vector-effect="non-scaling-stroke"/>'
        )
    for n, value in enumerate(values):
        if math.isnan(value):
            pen = "M"
            continue
        y = height(value)
        parts.append(f"{pen}{n * step:.1f},{y:.1f}")
        pen = "L"
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {ACROSS} {DOWN}" preserveAspectRatio="none">'
        f'<path d="{"".join(parts)}" fill="none" stroke="{palette(theme()).missing}" stroke-width="1.2"'
        f' stroke-linejoin="round" vector-effect="non-scaling-stroke"/>{dashed}</svg>'
    )
    address = f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"
    return f'<img class="small-line" alt="" src="{escape(address)}">'


def _over_time(question: Question, tile: Tile) -> dict[str, list[float]]:
    """Return each metric's values over time, NaN where the line breaks; one value is no line."""
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
