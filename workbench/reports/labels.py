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
# What they mean, and what the columns mean that a tile groups by and no export kind declares under that name.
DESCRIPTIONS = {
    "period": "The half hour, hour, day, week, month or quarter that the row is about, by its beginning.",
    "share": "This row's part of all rows of the tile, those without a value included.",
    "exported_customer_id": "The customer as the file has it, before customer merges.",
    "exported_user": "The user as the file has it; an ID if the user was removed.",
    "exported_previous_assignee": "Who had the conversation before, as the file has it; an ID if the user was removed.",
    "exported_assigned_to": "Who got the conversation, as the file has it; an ID if the user was removed.",
    "exported_assigned_by": "Who assigned the conversation, as the file has it; an ID if the user was removed.",
    "primary_contact_id": "The contact that stayed after the merge.",
    "held_from": "When the conversation came to this assignee.",
    "held_until": "When it went to the next one; empty for the one who has it now.",
    "held_seconds": "How long this assignee had the conversation.",
    "orders_credited": "How many orders are credited to this message.",
    "revenue_credited": "What the orders credited to this message come to, less what was refunded.",
    "credited_message_id": "The message that this order is credited to; empty when no message of the period is.",
    "message_sent_at": "When the message was sent that this order is credited to.",
    "counted_at": "Where the order counts in time: when its message was sent, or else when it was made.",
    "has_ordered": "Whether the customer ordered within the window after this message, whichever message is credited.",
    "is_maturing": "Whether the window of this message reaches past the last order loaded, so that orders may follow.",
    "before_order_seconds": "How long before the order the message was sent.",
    "outcome": "Whether the order is credited to this message, and why or why not.",
    "load_id": "The number of the load that this row came with; the history on the page Data has them all.",
    "clock_change": (
        "Repeated: clocks were put back, so this wall time came twice. Skipped: clocks were put forward, so it never"
        " was. Empty for every other time."
    ),
    "n": "How many rows it rests on.",
    "inbox": "The inbox the contact was first queued in when it began, even if it moved later.",
    "agent": "To whom the conversation was assigned when the contact ended, which need not be who did the work.",
    "weekday": "The day of the week in the zone that is shown.",
    "hour": "The hour of the day that begins then, in the zone that is shown.",
    "duration": "Which of the exported durations the row is about.",
    "user": "Who did it, by name where the list of users is loaded; only where the source is User.",
}
SUFFIX_DESCRIPTIONS = {
    "_without_email_difference": "Ours without e-mail, less what the vendor's own report has.",
    "_without_email": "The same without e-mail contacts.",
    "_change_rate": "How much it changed against the range compared with, in percent of what it was then.",
    "_difference": "Ours less what the vendor's own report has.",
    "_reported": "What the vendor's own report has.",
    "_change": "How much it changed against the range compared with.",
    "_before": "What it was in the range compared with.",
}
OF_THE_FILE = "A column of the file that is none of the export's documented ones; kept as text."


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


@cache
def column_description(report: Report, name: str) -> str:
    """Return what a column of a tile or log means; one that nothing declares is a file's own."""
    if found := metric_named(report, name):
        return found.definition
    if column := declared(report, name):
        return column.description
    if name in DESCRIPTIONS:
        return DESCRIPTIONS[name]
    for suffix, meaning in SUFFIX_DESCRIPTIONS.items():
        if name.endswith(suffix) and metric_named(report, name.removesuffix(suffix)):
            return f"{column_label(report, name.removesuffix(suffix))}. {meaning}"
    return OF_THE_FILE
