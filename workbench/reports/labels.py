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
    "exported_assignee": "Assignee as exported",
    "exported_closed_by": "Closed by as exported",
    "exported_first_assignee": "First assignee as exported",
    "exported_last_assignee": "Last assignee as exported",
    "exported_first_response_by": "First response by as exported",
    "exported_opened_channel": "Opened by channel as exported",
    "placed_at": "At",
    "reported": "Gladly's",
    "at_ended": "Ours, ended",
    "at_queued": "Ours, queued",
    "by_population": "By population",
    "by_definition": "By definition",
    "by_anchor": "By anchor",
    "figure": "Figure",
    "service_level_reported": "Gladly's",
    "before_sla_reported": "Its before SLA",
    "after_sla_reported": "Its after SLA",
    "abandoned_reported": "Its abandoned",
    "service_level_of_parts": "Of its parts",
    "service_level_at_ended": "Ours, ended",
    "service_level_at_queued": "Ours, queued",
    "service_level_by_definition": "By definition",
    "service_level_by_population": "By population",
    "service_level_by_anchor": "By anchor",
    **{
        f"{name}_{unit}": label
        for unit in ("seconds", "messages")
        for name, label in (
            ("reported", "Gladly's"),
            ("at_ended", "Ours, ended"),
            ("at_queued", "Ours, queued"),
            ("by_contacts", "Besides anchor"),
            ("by_anchor", "By anchor"),
        )
    },
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
    "in_time": "In time",
    "business_wait_seconds": "Business wait",
    "next_contact_id": "Next contact ID",
    "days_to_repeat": "Days to the repeat",
    "days_since_last": "Days since the last",
    "is_forward": "Forward",
    "is_repeated": "Repeated",
    "is_ripe": "Ripe",
    "begins_chain": "Begins a chain",
    "has_history": "Days before are loaded",
    "requests_in_range": "Requests in the range",
    "came_as": "Came as",
    "longest_chain": "Longest chain",
    "channels": "Channels",
    "first_at": "First",
    "last_at": "Last",
    "load_id": "Load",
    "clock_change": "Clock change",
    "n": "Rows",
    "is_arrived": "Arrived in the range",
    "is_ended": "Ended in the range",
    "open_for_seconds": "Open for",
    "open_seconds": "Open in the range",
    "waiting_seconds": "Waiting in the range",
    "in_service_seconds": "In service in the range",
    "known_until": "Known until",
    "waited_seconds": "Waited",
    "handled_seconds": "Handled",
    "is_recent": "Of the last six weeks",
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
    "exported_assignee": "The ID of the assignee, as the file has it.",
    "exported_closed_by": "The ID of who closed the conversation, as the file has it.",
    "exported_first_assignee": "The ID of the first assignee, as the file has it.",
    "exported_last_assignee": "The ID of the last assignee, as the file has it.",
    "exported_first_response_by": "The ID of who answered first, as the file has it.",
    "exported_opened_channel": "The ID of the channel, as the file has it.",
    "reported": "What the vendor's own report has.",
    "at_ended": "Contacts of the loaded exports that ended in the period, as the vendor places them.",
    "at_queued": "Contacts of the loaded exports that were queued in the period, as this report places them.",
    "by_population": "What ours by ended has more, because other contacts are counted.",
    "by_definition": "What ours by ended has more, where the figure itself is defined by one side.",
    "by_anchor": "What ours has more by when contacts were queued than by when they ended.",
    "figure": "Which of the vendor's figures the row is about.",
    "service_level_reported": "What the vendor's own report has.",
    "before_sla_reported": "Contacts that were fulfilled within their SLA, in the vendor's own report.",
    "after_sla_reported": "Contacts that were fulfilled after their SLA, in the vendor's own report.",
    "abandoned_reported": "Contacts that were abandoned, in the vendor's own report.",
    "service_level_of_parts": "Fulfilled before SLA / (fulfilled + abandoned), all three from the vendor's own report.",
    "service_level_at_ended": "By Gladly's definition, of the contacts of the loaded exports that ended in the period.",
    "service_level_at_queued": (
        "By Gladly's definition, of those that were queued in the period, as this report places them."
    ),
    "service_level_by_definition": (
        "What the parts of the vendor's own report come to by this definition, less what that report says."
    ),
    "service_level_by_population": "What ours by ended has more than those parts, because other contacts are counted.",
    "service_level_by_anchor": "What ours has more by when contacts were queued than by when they ended.",
    **{
        f"{name}_{unit}": said
        for unit in ("seconds", "messages")
        for name, said in (
            ("reported", "What the vendor's own report has."),
            ("at_ended", "Of the contacts of the loaded exports that ended in the period and have it."),
            ("at_queued", "Of those that were queued in the period, as this report places them."),
            ("by_contacts", "What ours by ended has more: of other contacts, or by another definition."),
            ("by_anchor", "What ours has more by when contacts were queued than by when they ended."),
        )
    },
    "placed_at": "When it happened: when the conversation was opened or closed, by what the row is about.",
    "state": "Whether the row counts what was opened, what was closed, or who was assigned first.",
    "bucket": "How soon the first response came; the lower bound belongs to it.",
    "team": "The team of the user who closed the conversation.",
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
    "is_arrived": "Whether the contact was queued in the covered time.",
    "is_ended": "Whether the contact ended in the covered time.",
    "open_for_seconds": "How long the contact had been open at the end of the covered time; empty if it was not.",
    "open_seconds": "How much of the covered time the contact was open.",
    "waiting_seconds": "How much of the covered time the contact waited; nothing is known of one that has not ended.",
    "in_service_seconds": "How much of the covered time the contact was in service; unknown before it has ended.",
    "known_until": "Until when the load of this row has anything: the end of its days, or its latest time.",
    "waited_seconds": "How long the call waited until it was fulfilled, or until it ended if it never was; at least 0.",
    "handled_seconds": "The total contact handle time, else handle time and after-contact time together.",
    "is_recent": "Whether the call came in the six weeks that end with the range.",
    "half_hour": "The half hour of the day that begins then, in the zone that is shown.",
    "age": "How long the contact had been open at the end of the covered time, in steps.",
    "is_open_at_end": "Whether the contact was open at the end of the covered time.",
    "inbox": "The inbox the contact was first queued in when it began, even if it moved later.",
    "agent": "To whom the conversation was assigned when the contact ended, which need not be who did the work.",
    "weekday": "The day of the week in the zone that is shown.",
    "hour": "The hour of the day that begins then, in the zone that is shown.",
    "in_time": (
        "Whether the contact is within the service level, by the definition that is chosen; empty for one that it"
        " leaves out."
    ),
    "business_wait_seconds": (
        "How much of the time from first queued to fulfilled lies within the opening hours of the calendar that the"
        " contact's first inbox follows; empty while no calendar is set."
    ),
    "next_contact_id": "The contact that began the customer's next request, where it was a repeat.",
    "days_to_repeat": "Days of 24 hours from when the request's last contact was queued to when the repeat was.",
    "days_since_last": "Days of 24 hours since the contact before, whoever began it.",
    "is_forward": "Whether the contact belongs to the request of an earlier one; empty without a customer.",
    "is_repeated": "Whether the request was followed by another one in time; empty for a forward.",
    "is_ripe": "Whether every day in which a repeat could come is wholly loaded; empty for a forward.",
    "begins_chain": "Whether the request is no repeat of an earlier one; empty for a forward.",
    "has_history": "Whether every day in which an earlier request could lie is wholly loaded; empty for a forward.",
    "requests_in_range": "How many requests the customer has in the range of dates, whatever is filtered.",
    "came_as": "A new request, a repeat of the one before, a forward within one, or a contact that we began.",
    "longest_chain": "The most requests of the range that are of one chain, in which each repeats the one before.",
    "channels": "How many different channels the customer's contacts came in on.",
    "first_at": "When the customer's first contact of the range was queued.",
    "last_at": "When the customer's last contact of the range was queued.",
    "customer_id": "The customer, after customer merges.",
    "next_channel": "The channel on which the customer's next request began, where it was a repeat.",
    "days": "The whole days of 24 hours, rounded down, from the request to its repeat.",
    "definition": "By which definition of service level the row counts.",
    "duration": "Which of the exported durations the row is about.",
    "user": (
        "Who did it, by name where the list of users is loaded: where the source is User, and of a conversation who"
        " closed it or was assigned first."
    ),
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
