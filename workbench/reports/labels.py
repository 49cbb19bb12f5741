"""What a person calls the columns of tiles and logs: a fact of their declarations, stated in one place."""

import re
from functools import cache

from workbench.exports import KINDS, Column
from workbench.reports.model import Dimension, Metric, Report

# What queries append to a metric's name, the longest first, and what it means in words.
SUFFIXES = {
    "_without_email_difference": "{} without email, difference",
    "_without_email": "{} without email",
    "_change_rate": "{}, change in %",
    "_difference": "{}, difference",
    "_reported": "{}, as reported",
    "_change": "{}, change",
    "_before": "{}, before",
}
MONEY = ("revenue_credited",)  # columns of money that no metric is
# Columns that neither a metric, a filter nor an export kind declares.
LABELS = {
    "period": "Period",
    "share": "Share",
    "exported_customer_id": "Customer ID as exported",
    "exported_user": "User as exported",
    "exported_previous_assignee": "Previous assignee as exported",
    "exported_assigned_to": "Assigned to as exported",
    "exported_assigned_by": "Assigned by as exported",
    "primary_contact_id": "Primary contact ID",
    "held_from": "From",
    "held_until": "Until",
    "held_seconds": "Held for",
    "orders_credited": "Orders credited",
    "revenue_credited": "Revenue credited",
    "credited_message_id": "Credited message ID",
    "message_sent_at": "Message sent at",
    "counted_at": "Counted at",
    "has_ordered": "Customer ordered",
    "is_maturing": "Still maturing",
    "before_order_seconds": "Before the order",
    "outcome": "Outcome",
    "load_id": "Load",
    "clock_change": "Clock change",
    "n": "Rows",
}


def spoken(code: str) -> str:
    """Return an enum's text as a person says it: `PHONE_CALL` is `Phone call`."""
    words = code.replace("_", " ").strip()
    return words[:1].upper() + words[1:].lower()


@cache
def declared(report: Report, name: str) -> Column | None:
    """Return the declaration of a log's column, None for a column that no export kind of the report has."""
    found = [column for kind in report.kinds for column in KINDS[kind].columns if column.name == name]
    return found[0] if found else None


@cache
def dimension(report: Report, name: str) -> Dimension | None:
    """Return the dimension that groups by a column, None for a period or a column that none does."""
    return next((found for found in (*report.filters, *report.dimensions) if found.key == name), None)


@cache
def metric_named(report: Report, name: str) -> Metric | None:
    """Return the metric of that name, None when the report has none."""
    return next((metric for metric in report.metrics if metric.name == name), None)


@cache
def column_label(report: Report, name: str, unit: str = "") -> str:
    """Return what a person calls a column of a tile or log; never its name in the database. Money says its `unit`."""
    if found := metric_named(report, name) or dimension(report, name) or declared(report, name):
        return _in_unit(found.label, unit if isinstance(found, Metric) and found.format == "money" else "")
    if name in LABELS:
        return _in_unit(LABELS[name], unit if name in MONEY else "")
    for suffix, words in SUFFIXES.items():
        if name.endswith(suffix):
            # No format string is made of a unit, which is foreign text.
            return words.replace("{}", column_label(report, name.removesuffix(suffix), unit))
    return spoken(re.sub(r"_seconds$", "", name))


def _in_unit(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label


def without_unit(label: str) -> str:
    """Return a column's label as it is while its money says no unit, whatever text the unit is."""
    return _MONEY_LABEL.sub(r"\1\2", label)


_MONEY_LABEL = re.compile(rf"^({'|'.join(LABELS[name] for name in MONEY)}) \(.*\)((?:, .*)?)$", re.DOTALL)
