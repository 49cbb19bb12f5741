"""Which metrics a formula of Excel gives again from the rows of a log, and why the others have none.

How a metric is computed is declared here; which rows it counts is read from its own declaration.
"""

import re
from collections.abc import Mapping, Sequence

from workbench.reports import Metric, Report, Tile, labels
from workbench.workbook.plan import Check, Condition, How

_OF_MESSAGES: Mapping[str, tuple[How, str]] = {
    "messages_sent": ("count", ""), "messages_skipped": ("count", ""), "revenue_generated": ("sum", "order_value"),
}  # fmt: skip
# By report: how its metrics are computed, over a column of a log or, where that is '', by conditions on its rows.
FORMULAS: Mapping[str, Mapping[str, tuple[How, str]]] = {
    "inbound_contacts": {"inbound_contacts": ("count", "")},
    "contact_export": {
        **dict.fromkeys(("contacts", "inbound", "outbound"), ("count", "")),
        **dict.fromkeys(("answered_rate", "abandoned_rate", "sla_attainment_rate"), ("rate", "")),
        "median_queued_to_fulfilled_seconds": ("median", "queued_to_fulfilled_seconds"),
        "p90_queued_to_fulfilled_seconds": ("p90", "queued_to_fulfilled_seconds"),
        "average_queued_to_fulfilled_seconds": ("average", "queued_to_fulfilled_seconds"),
        "median_contact_handle_seconds": ("median", "contact_handle_seconds"),
        "average_contact_handle_seconds": ("average", "contact_handle_seconds"),
        "average_after_contact_seconds": ("average", "after_contact_seconds"),
        "average_talk_seconds": ("average", "talk_seconds"),
        "average_hold_seconds": ("average", "hold_total_seconds"),
        **{
            name: ("sum", name)
            for name in ("times_offered", "times_accepted", "times_missed", "times_declined", "times_transferred")
        },
    },
    "workload": dict.fromkeys(("arrived", "ended", "open_at_end", "contacts"), ("count", "")),
    "repeat_contacts": {
        "contacts": ("count", ""),
        "median_days_to_repeat": ("median", "days_to_repeat"),
        "average_days_to_repeat": ("average", "days_to_repeat"),
    },
    "conversations": {
        "conversations": ("count", "conversation_id"),
        **{f"conversations_{state}": ("count", "") for state in ("opened", "closed", "assigned")},
        **{
            f"{how}_{name}_seconds": (how, f"{name}_seconds")
            for how in ("median", "average", "p90")
            for name in ("first_response", "resolution")
        },
        **{
            f"average_{name}_seconds": ("average", f"{name}_seconds")
            for name in ("first_assignment_to_first_response", "last_assignment_to_response")
        },
        "assignments_per_conversation": ("average", "number_of_assignments"),
        "messages_in": ("sum", "incoming_messages"),
        "messages_out": ("sum", "outgoing_messages"),
    },
    "contacts": {
        f"contacts_{activity}": ("count", "timestamp") for activity in ("added", "connected", "deleted", "merged")
    },
    "assignments": {"assignments": ("count", ""), "unassignments": ("count", "")},
    "messaging_overview": _OF_MESSAGES,
    "team_engagement": _OF_MESSAGES,
}  # fmt: skip
# Why there is none, by words of a metric's own formula.
REASONS = (
    ("distinct", "it counts different values, for which Excel has no formula over so many rows"),
    ("customers", "it counts different customers, for which Excel has no formula over so many rows"),
    ("messages sent", "it divides figures of two logs"),
    ("", "it is computed from more than the rows of a log"),
)
_CONDITIONS = (
    (re.compile(r"(\w+) = '([^'*?~]*)'"), "{}"),
    (re.compile(r"(\w+) is not null"), "<>"),
    (re.compile(r"(\w+) is null"), "="),
    (re.compile(r"(\w+) ((?:<|>)=?) (-?\d+)"), "{}{}"),
)
_FLAG = re.compile(r"is_\w+")
_OF_EVERY_ROW = {"true", "is_placed"}  # a log of conversations has those alone that are placed
_WORDS = {"<>": "is there", "=": "is missing"}


def needed(report: Report, log: Tile) -> tuple[str, ...]:
    """Return the columns of a log that formulas of the report count, and that its user may have left out."""
    found = [check(report, report.metric(name), None, "") for name in FORMULAS.get(report.name, {})]
    return tuple(
        dict.fromkeys(
            name
            for each in found
            if each.log == log.name
            for name in (each.column, *(condition.column for condition in (*each.conditions, *each.parts)))
        )
    )


def check(report: Report, metric: Metric, value: float | None, why_none: str) -> Check:
    """Return the formula that gives a metric's value again from its log, or the reason why there is none."""
    declared = FORMULAS.get(report.name, {}).get(metric.name)
    if declared is None:
        reason = next(reason for word, reason in REASONS if word in metric.formula)
        return Check(metric.label, metric.format, value, reason=reason)
    (how, column), log = declared, report.log_of(metric)
    found = _conditions(metric, how, column)
    conditions, parts = found or ((), ())
    names = [column or log.entity.anchor, *(each.column for each in (*conditions, *parts))]
    if not why_none and (found is None or not set(names) <= set(log.offered)):
        why_none = "its log has no column for it"
    if why_none or found is None:
        return Check(metric.label, metric.format, value, reason=why_none)
    words = _words(report, how, names[0], conditions, parts)
    return Check(metric.label, metric.format, value, words, "", log.name, how, names[0], conditions, parts)


def _conditions(metric: Metric, how: How, column: str) -> tuple[tuple[Condition, ...], tuple[Condition, ...]] | None:
    """Return what a metric's rows are counted by, and its numerator's besides; None where Excel has no words for it.

    Functions over a column take its values, and those alone.
    """
    rows = metric.rows if not column or (how == "sum" and metric.rows != f"{column} is not null") else "true"
    conditions, parts = _parsed(rows), _parsed(metric.numerator or "true")
    return None if conditions is None or parts is None else (conditions, parts)


def _parsed(sql: str) -> tuple[Condition, ...] | None:
    """Return the conditions that plain SQL says, None for SQL that is not that plain."""
    found: list[Condition] = []
    for part in (part for part in sql.split(" and ") if part not in _OF_EVERY_ROW):
        if _FLAG.fullmatch(part):
            found.append(Condition(part, True))
            continue
        matched = [(each.fullmatch(part), criterion) for each, criterion in _CONDITIONS]
        known = [(match, criterion) for match, criterion in matched if match]
        if not known:
            return None
        match, criterion = known[0]
        column, *rest = match.groups()
        found.append(Condition(column, criterion.format(*rest)))
    return tuple(found)


def _words(report: Report, how: How, column: str, conditions: Sequence[Condition], parts: Sequence[Condition]) -> str:
    """Return what a formula does, in words."""
    where, those = (
        " and ".join(f"{labels.column_label(report, each.column)} {_said(each.criterion)}" for each in found)
        for found in (conditions, parts)
    )
    label = labels.column_label(report, column)
    match how:
        case "count":
            return f"Rows of the log in which {where}" if where else f"Rows of the log, by {label}"
        case "rate":
            return f"Of the rows of the log in which {where}, the part in which {those}"
        case "p90":
            return f"90th percentile of {label}"
    return f"{how.capitalize()} of {label}{f' where {where}' if where else ''}"


def _said(criterion: str | bool) -> str:
    return _WORDS.get(str(criterion)) or f"is {criterion}"
