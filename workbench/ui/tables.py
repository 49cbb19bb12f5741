"""Frames as tables: labels as headers, numbers to the right with equal decimals, missing as an en dash."""

from typing import Any

import pandas as pd
import streamlit as st

from workbench import formats
from workbench.reports import Report

# Formats of dates in the browser, by rollup; the words are those of formats.period.
PERIODS = {
    "half_hour": "D MMM YYYY, HH:mm", "hour": "D MMM YYYY, HH:mm", "day": "ddd D MMM YYYY",
    "week": "[Week of] D MMM YYYY", "month": "MMM YYYY", "quarter": "[Q]Q YYYY",
}  # fmt: skip
_NUMBERS = {"count": "localized", "decimal": "%,.2f", "rate": "%.1f %%", "points": "%+.1f"}
_UNITS = {"points": "percentage points"}


def table(report: Report, rows: pd.DataFrame, alt: str, rollup: str | None = None) -> None:
    """Draw a tile's rows as a table that sorts by a click on a header; without a rollup its periods tell it."""
    shown = pd.DataFrame({name: _values(report, str(name), rows[name]) for name in rows.columns})
    rollup = rollup or ("hour" if "period" in rows and any(rows["period"].dt.hour) else "day")
    config = {str(name): _column(report, str(name), rollup) for name in rows.columns}
    st.dataframe(shown, column_config=config, hide_index=True, placeholder=formats.MISSING, alt=alt)


def _values(report: Report, name: str, values: "pd.Series[Any]") -> Any:
    if formats.dimension(report, name):
        return [formats.label(report, name, value) for value in values]
    match formats.column_format(report, name):
        case "rate" | "points":
            return values * 100
        case "duration" | "date" | "enum":
            return [formats.cell(report, name, value) for value in values]
        case _:
            return values


def _column(report: Report, name: str, rollup: str) -> Any:
    label, kind = formats.column_label(report, name), formats.column_format(report, name)
    if name == "period":
        return st.column_config.DatetimeColumn(label, format=PERIODS[rollup])
    if kind in _NUMBERS:
        unit = f" ({_UNITS[kind]})" if kind in _UNITS else ""
        return st.column_config.NumberColumn(f"{label}{unit}", format=_NUMBERS[kind], help=_help(report, name))
    return st.column_config.TextColumn(label, alignment="right" if kind in formats.NUMBERS else None)


def _help(report: Report, name: str) -> str | None:
    return next((metric.definition for metric in report.metrics if metric.name == name), None)
