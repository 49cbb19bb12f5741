"""What Gladly's exports look like: every column's headers, type and meaning, in the documented order.

The meanings stand here and nowhere else; the log, the column chooser, the workbook and About read them. Of a
column's headers, that of the API download comes first, that of the help page after it.
"""

import re
from dataclasses import replace

from workbench.exports.merges import customer_merges
from workbench.exports.model import Column, ColumnType, ExportKind

CALLS = "Phone calls"
OUTBOUND_CALLS = "Outbound phone calls"
WRITTEN = "E-mail and messaging, not phone calls or voicemail"
INBOUND = "Inbound contacts"
OFFERED = "Contacts that were assigned automatically; empty after a manual assignment"
FULFILLED = "Fulfilled contacts that have ended"
ENDED = "Contacts that have ended"

CONTACT_EXPORT = ExportKind(
    name="gladly_contact_export",
    system="Gladly",
    title="Contact Export",
    file_names=("ContactExport", "ContactExportReport", "ContactExportReportV3", "Contact Export"),
    key=("contact_id",),
    anchor="queued_at",
    required=("contact_id", "queued_at"),
    zone_column="timezone_filter",
    filter_columns=(("channel_filter", "channel"), ("inboxes_filter", "inbox")),
    cap=100_000,
    ended="ended_at",
    columns=(
        Column(
            "timezone_filter", "zone", ("Timezone Filter",), "Time zone of the report",
            "The time zone the report was run in. All timestamps of the file are wall times of this zone.",
            "How the report was run",
        ),
        Column(
            "channel_filter", "channels", ("Channel Filter",), "Channels of the report",
            "The channels the report was limited to when it was run. The same on every row of a file.",
            "How the report was run",
        ),
        Column(
            "inboxes_filter", "text", ("Inboxes Filter",), "Inboxes of the report",
            "The inboxes the report was limited to when it was run, by the inbox a contact was queued in.",
            "How the report was run",
        ),
        Column(
            "queued_at", "timestamp", ("Queued At",), "Queued at",
            "When an inbound contact first entered a queue, or when an outbound contact was started. Places "
            "the contact in time.",
            "When",
        ),
        Column(
            "customer_id", "id", ("Customer ID",), "Customer ID",
            "Gladly's ID of the customer, as it was when the report was run: before any later merge.",
            "Who",
            is_personal=True,
        ),
        Column(
            "conversation_id", "id", ("Conversation ID",), "Conversation ID",
            "Gladly's ID of the conversation. One conversation may hold several contacts.",
            "Who",
            is_personal=True,
        ),
        Column(
            "contact_id", "id", ("Contact ID",), "Contact ID",
            "Gladly's ID of the contact. Identifies the row: a later file with the same ID replaces it.",
            "Who",
            is_personal=True,
        ),
        Column(
            "conversation_link", "link", ("Conversation Link", "Link"), "Conversation link",
            "Opens the conversation in Gladly. As a conversation may hold several contacts, the link does "
            "not always lead to this very contact.",
            "Who",
            is_personal=True,
        ),
        Column(
            "channel", "enum", ("Channel",), "Channel",
            "The channel on which the contact began. Voice is PHONE_CALL alone: neither voicemail nor "
            "ABANDONED_CALL, a retired follow-up to a lost call, belongs to it.",
            "Where",
            values=(
                "PHONE_CALL", "CHAT", "SMS", "FB_MESSENGER", "WHATSAPP", "EMAIL", "VOICEMAIL",
                "ABANDONED_CALL", "INSTAGRAM_DIRECT", "TWITTER",
            ),
        ),
        Column(
            "direction", "enum", ("Direction",), "Direction",
            "INBOUND when a customer, an internal or an external party began the contact; OUTBOUND when an "
            "agent, an application or the system did.",
            "Where",
            values=("INBOUND", "OUTBOUND"),
        ),
        Column(
            "contact_initiator", "enum", ("Contact Initiator",), "Contact initiator",
            "Who or what began the contact. AUTOMATION is a rule, APPLICATION a call to the API.",
            "Who",
            values=("CUSTOMER", "AGENT", "AUTOMATION", "INTERNAL", "EXTERNAL", "APPLICATION", "SYSTEM"),
        ),
        Column(
            "entry_point", "text", ("Entry Point",), "Entry point",
            "The address the customer reached out to: a phone number, an e-mail address, the ID of a Glad "
            "App.",
            "Where",
            applies_to=INBOUND,
            is_personal=True,
        ),
        Column(
            "final_ivr_selection", "text", ("Final IVR Selection",), "Final IVR selection",
            "The last choice made in the phone menu before the contact was queued.",
            "Where",
            applies_to="Calls that came through a phone menu",
        ),
        Column(
            "fulfilled_type", "enum", ("Fulfilled Type",), "Fulfilled type",
            "How the contact was fulfilled: RESPONDED is an answered call or a written reply, CANCELED is no"
            " reply needed or a closed conversation. Abandoned, forwarded and timed-out contacts and calls "
            "that end in a voicemail are not fulfilled.",
            "Where",
            applies_to=FULFILLED,
            values=("RESPONDED", "CANCELED"),
        ),
        Column(
            "status", "enum", ("Status",), "Status",
            "ANSWERED: an agent replied on the same channel. ABANDONED: the caller hung up before reaching "
            "an agent. UNANSWERED: left a voicemail, was forwarded, was answered on another channel or was "
            "canceled by an agent; so it may have a fulfilled type. UNKNOWN: outbound. Empty: the contact "
            "has not ended.",
            "Where",
            applies_to=ENDED,
            values=("ANSWERED", "UNANSWERED", "ABANDONED", "UNKNOWN"),
        ),
        Column(
            "inbox_when_first_queued", "text", ("Inbox when Queued", "Inbox when First Queued"),
            "Inbox when first queued",
            "The inbox the contact was first queued in when it began, even if it moved later. Gladly's own "
            "inbox filter goes by it.",
            "Where",
        ),
        Column(
            "inbox_when_ended", "text", ("Inbox when Ended",), "Inbox when ended",
            "The inbox the contact belonged to when it ended.",
            "Where",
            applies_to=ENDED,
        ),
        Column(
            "agent_when_ended", "text", ("Agent when Ended",), "Agent when ended",
            "The agent to whom the conversation was assigned when the contact ended; no measure of who did the"
            " work. Empty for abandoned calls and after a merge of profiles. Another agent than the one who spoke"
            " where one profile had several calls at a time, or the conversation was routed on.",
            "Who",
            applies_to=ENDED,
            is_staff=True,
        ),
        Column(
            "offered_at", "timestamp", ("Offered At",), "Offered at",
            "When the contact was first offered to an agent.",
            "When",
            applies_to=OFFERED,
        ),
        Column(
            "accepted_at", "timestamp", ("Accepted At",), "Accepted at",
            "When an agent first accepted the contact.",
            "When",
            applies_to=OFFERED,
        ),
        Column(
            "fulfilled_at", "timestamp", ("Fulfilled At",), "Fulfilled at",
            "When the contact was fulfilled. Filled in only once the contact has ended.",
            "When",
            applies_to=FULFILLED,
        ),
        Column(
            "due_at", "timestamp", ("Due At",), "Due at",
            "When the contact had to be fulfilled: the time it was queued plus its SLA target.",
            "When",
        ),
        Column(
            "ended_at", "timestamp", ("Ended At",), "Ended at",
            "When the contact ended. Empty while it is still open.",
            "When",
            applies_to=ENDED,
        ),
        Column(
            "answered_at", "timestamp", ("Answered At (Outbound)", "Answered At"), "Answered at (outbound)",
            "When the customer picked up an outbound call.",
            "When",
            applies_to=OUTBOUND_CALLS,
        ),
        Column(
            "sla_target_seconds", "duration", ("SLA Target (sec)", "SLA Target"), "SLA target",
            "The time allowed between queued and due. An overlapping contact may set it instead; the target "
            "is then often negative.",
            "Durations",
        ),
        Column(
            "queued_to_fulfilled_seconds", "duration",
            ("Queued-to-Fulfilled (sec)", "Queued-to-Fulfilled Time"),
            "Queued to fulfilled",
            "The wait: from first queued to fulfilled. Negative for an e-mail that arrives during a phone "
            "call, because the call fulfills it with the time at which the call was answered.",
            "Durations",
            applies_to=FULFILLED,
        ),
        Column(
            "queued_to_fulfilled_within_business_hours_seconds", "duration",
            ("Queued-to-Fulfilled within Business Hours (sec)",), "Queued to fulfilled in business hours",
            "The part of the wait, from first queued to fulfilled, that lies within business hours.",
            "Durations",
            applies_to=FULFILLED,
        ),
        Column(
            "queued_to_accepted_seconds", "duration",
            ("Queued-to-Accepted (sec)", "Queued-to-First Accepted Time"),
            "Queued to first accepted",
            "From queued to the first time an agent accepted the contact.",
            "Durations",
            applies_to=OFFERED,
        ),
        Column(
            "queued_to_ended_seconds", "duration", ("Queued-to-Ended (sec)", "Queued-to-Ended Time"),
            "Queued to ended",
            "From first queued to ended.",
            "Durations",
            applies_to=ENDED,
        ),
        Column(
            "accepted_to_fulfilled_seconds", "duration",
            ("Accepted-to-Fulfilled (sec)", "First Accepted-to-Fulfilled Time"),
            "First accepted to fulfilled",
            "From the first time an agent accepted the contact to fulfilled.",
            "Durations",
            applies_to=OFFERED,
        ),
        Column(
            "seconds_within_or_over_sla", "duration",
            ("Seconds within (-) or over (+) SLA",), "Within or over SLA",
            "From due to fulfilled. Negative: fulfilled before it was due. Positive: fulfilled too late.",
            "Durations",
            applies_to=FULFILLED,
        ),
        Column(
            "fulfilled_to_ended_seconds", "duration", ("Fulfilled-to-Ended (sec)", "Fulfilled-to-Ended Time"),
            "Fulfilled to ended",
            "From fulfilled to ended.",
            "Durations",
            applies_to=FULFILLED,
        ),
        Column(
            "fulfilled_by_contact_id", "id", ("Fulfilled by Contact ID",), "Fulfilled by contact ID",
            "The contact that fulfilled this one: itself when, say, a chat was answered by chat; another one"
            " when, say, an outbound call answered a voicemail.",
            "Who",
            applies_to=FULFILLED,
            is_personal=True,
        ),
        Column(
            "contact_handle_seconds", "duration", ("Contact Handle Time (sec)", "Contact Handle Time"),
            "Contact handle time",
            "How long any agent had the customer's profile open while the contact was going on. Gladly does not say"
            " whether the time of two agents at once counts once or twice.",
            "Durations",
            applies_to=ENDED,
        ),
        Column(
            "after_contact_seconds", "duration", ("After Contact Time (sec)", "After Contact Time"),
            "After contact time",
            "How long any agent had the customer's profile open after the contact ended, until the conversation"
            " was closed or the next contact began.",
            "Durations",
            applies_to=ENDED,
        ),
        Column(
            "total_contact_handle_seconds", "duration",
            ("Total Contact Handle Time (sec)",), "Total handle time",
            "Contact handle time and after contact time together.",
            "Durations",
            applies_to=ENDED,
        ),
        Column(
            "talk_seconds", "duration", ("Total Talk Time", "Talk Time"), "Talk time",
            "From fulfilled (inbound) or answered (outbound) to the end of the call, without the time on "
            "hold.",
            "Durations",
            applies_to=CALLS,
        ),
        Column(
            "hold_total_seconds", "duration", ("Hold Time Total (sec)", "Hold Time – Total"), "Hold time",
            "How long the call was on hold, for any reason.",
            "Holds",
            applies_to=CALLS,
        ),
        Column(
            "hold_manual_seconds", "duration", ("Hold Time - Manual (sec)", "Hold Time – Manual"),
            "Hold time, manual",
            "How long the call was on hold because an agent put it there.",
            "Holds",
            applies_to=CALLS,
        ),
        Column(
            "hold_warm_transfer_seconds", "duration", ("Hold Time - Warm Transfer (sec)", "Hold Time – Warm"),
            "Hold time, warm transfer",
            "How long the call was on hold for a warm transfer.",
            "Holds",
            applies_to=CALLS,
        ),
        Column(
            "hold_cold_transfer_seconds", "duration",
            ("Hold Time - Cold Transfer (sec)", "Hold Time – Cold Transfer"), "Hold time, cold transfer",
            "How long the call was on hold for a cold transfer.",
            "Holds",
            applies_to=CALLS,
        ),
        Column(
            "hold_conference_seconds", "duration", ("Hold Time - Conference (sec)", "Hold Time – Conference"),
            "Hold time, conference",
            "How long the call was on hold while an agent tried to set up a conference call.",
            "Holds",
            applies_to=CALLS,
        ),
        Column(
            "messages_total", "count", ("Messages Total",), "Messages",
            "All messages of the contact.",
            "Messages",
            applies_to=WRITTEN,
        ),
        Column(
            "messages_from_customer", "count", ("Messages from Customer",), "Messages from customer",
            "Messages the customer sent.",
            "Messages",
            applies_to=WRITTEN,
        ),
        Column(
            "messages_from_agent", "count", ("Messages from Agent",), "Messages from agent",
            "Messages agents sent.",
            "Messages",
            applies_to=WRITTEN,
        ),
        Column(
            "messages_from_rules", "count", ("Messages from Rules",), "Messages from rules",
            "Messages rules sent by themselves.",
            "Messages",
            applies_to=WRITTEN,
        ),
        Column(
            "messages_from_api", "count", ("Messages from API",), "Messages from API",
            "Messages other software sent through the API.",
            "Messages",
            applies_to=WRITTEN,
        ),
        Column(
            "average_agent_reply_seconds", "duration",
            ("Avg. Agent Reply Time (sec)", "Avg. Agent Reply Time"),
            "Average agent reply time",
            "How long agents took to reply, averaged over the whole contact.",
            "Messages",
            applies_to=WRITTEN,
        ),
        Column(
            "average_customer_reply_seconds", "duration",
            ("Avg. Customer Reply Time (sec)", "Avg. Customer Reply Time"), "Average customer reply time",
            "How long the customer took to reply, averaged over the whole contact.",
            "Messages",
            applies_to=WRITTEN,
        ),
        Column(
            "times_offered", "count", ("Times Offered", "Offered"), "Times offered",
            "How often the contact was offered to agents.",
            "Offers",
        ),
        Column(
            "times_accepted", "count", ("Times Accepted", "Accepted"), "Times accepted",
            "How often agents accepted the contact.",
            "Offers",
        ),
        Column(
            "times_missed", "count", ("Times Missed", "Missed"), "Times missed",
            "How often agents let an offer of the contact pass.",
            "Offers",
        ),
        Column(
            "times_declined", "count", ("Times Declined", "Declined"), "Times declined",
            "How often agents turned an offer of the contact down.",
            "Offers",
        ),
        Column(
            "times_transferred", "count", ("Times Transferred", "Transferred"), "Times transferred",
            "How often the contact was handed on.",
            "Offers",
        ),
        Column(
            "times_on_hold_total", "count", ("Times On Hold Total",), "Times on hold",
            "How often the call was put on hold, for any reason.",
            "Holds",
            applies_to=CALLS,
        ),
        Column(
            "times_on_hold_manual", "count", ("Times On Hold - Manual",), "Times on hold, manual",
            "How often an agent put the call on hold by hand.",
            "Holds",
            applies_to=CALLS,
        ),
        Column(
            "times_on_hold_warm_transfer", "count", ("Times On Hold - Warm Transfer",),
            "Times on hold, warm transfer",
            "How often the call was put on hold for a warm transfer.",
            "Holds",
            applies_to=CALLS,
        ),
        Column(
            "times_on_hold_cold_transfer", "count", ("Times On Hold - Cold Transfer",),
            "Times on hold, cold transfer",
            "How often the call was put on hold for a cold transfer.",
            "Holds",
            applies_to=CALLS,
        ),
        Column(
            "times_on_hold_conference", "count", ("Times On Hold - Conference",), "Times on hold, conference",
            "How often the call was put on hold to try a conference call.",
            "Holds",
            applies_to=CALLS,
        ),
        Column(
            "payment_requests_completed", "count", ("Payment Requests - Completed",), "Payments completed",
            "Payment requests made during the contact that were paid.",
            "Payments",
        ),
        Column(
            "payment_requests_declined", "count", ("Payment Requests - Declined",), "Payments declined",
            "Payment requests made during the contact that were declined.",
            "Payments",
        ),
        Column(
            "payment_amount_completed_usd", "amount",
            ("Payment Amount - Completed (USD)", "Payment Amount – Completed USD"), "Amount completed (USD)",
            "The sum of the payment requests that were paid.",
            "Payments",
            applies_to="Payment requests in US dollars",
        ),
        Column(
            "payment_amount_declined_usd", "amount",
            ("Payment Amount - Declined (USD)", "Payment Amount – Declined USD"), "Amount declined (USD)",
            "The sum of the payment requests that were declined.",
            "Payments",
            applies_to="Payment requests in US dollars",
        ),
    ),
)  # fmt: skip

INBOUND_CONTACTS = ExportKind(
    name="gladly_inbound_contacts",
    system="Gladly",
    title="Inbound Contacts",
    file_names=("InboundContacts", "InboundContactsReport", "Inbound Contacts"),
    key=("rollup", "date", "timezone_filter", "channel_filter", "inboxes_filter"),
    anchor="date",
    required=("date", "inbound_contacts", "customers"),
    zone_column="timezone_filter",
    columns=(
        # No file has this column, hence no headers: it is read from the file's name, else from the spacing
        # of its dates, else asked for. Without it a day and the first hour of that day would be one row.
        Column(
            "rollup", "text", (), "Rollup",
            "The length of time that a row covers: an hour, a day, a week or a month.",
            "How the report was run",
        ),
        Column(
            "timezone_filter", "zone", ("Timezone Filter",), "Time zone of the report",
            "The time zone the report was run in. Its dates are dates of this zone.",
            "How the report was run",
        ),
        Column(
            "channel_filter", "channels", ("Channel Filter",), "Channels of the report",
            "The channels on which the counted contacts began.",
            "How the report was run",
        ),
        Column(
            "inboxes_filter", "text", ("Inboxes Filter",), "Inboxes of the report",
            "The inboxes the report was limited to; a contact belongs to the first inbox it was queued in.",
            "How the report was run",
        ),
        Column(
            "date", "date", ("Date",), "Date",
            "The start of the time that the row covers, by when contacts were first queued.",
            "When",
        ),
        Column(
            "inbound_contacts", "count", ("Inbound Contacts",), "Inbound contacts (Gladly)",
            "Inbound contacts that were queued, as Gladly counted them: every single e-mail is a contact.",
            "Who",
        ),
        Column(
            "customers", "count", ("Customers",), "Customers (Gladly)",
            "Distinct customers among those contacts, as Gladly counted them, after the merges known that "
            "day.",
            "Who",
        ),
        Column(
            "average_inbound_contacts_per_customer", "amount", ("Avg. Inbound Contacts per Customer",),
            "Inbound contacts per customer (Gladly)",
            "Inbound contacts divided by customers, as Gladly calculated it.",
            "Who",
        ),
    ),
)  # fmt: skip

CUSTOMER_MERGES = customer_merges(
    "Gladly",
    ("GladlyCustomerMerges", "Gladly Customer Merges", "ConversationTimestamps", "Conversation Timestamps"),
    "all contacts",
)

_RUN = INBOUND_CONTACTS.columns[:4]  # how a report was run: the same in every report of totals


def _total(name: str, header: str, label: str, said: str, *aliases: str) -> Column:
    """Return a count of the vendor's own."""
    return Column(name, "count", (header, *aliases), f"{label} (Gladly)", f"{said}, as Gladly counted them.", "Who")


def _average(name: str, header: str, label: str, of: str) -> Column:
    """Return an average of the vendor's own, or a longest, of what a column of the Contact Export holds."""
    column = CONTACT_EXPORT.column(of)
    said = f"Of the contacts that ended, as Gladly calculated it. What it is of: {column.description}"
    kind: ColumnType = "duration" if column.type == "duration" else "amount"
    long = header.replace("Avg. of Avg.", "Average of Average").replace("Avg.", "Average").replace("Max.", "Maximum")
    return Column(name, kind, (header, long), f"{label} (Gladly)", said, column.theme, applies_to=column.applies_to)


def _spelled(column: Column) -> Column:
    """Return a column whose headers may lack dashes, or be spelled as programs do: `avg_queuedtofulfilled_time_sec`."""
    spaced = (header.replace("-", " ") for header in column.headers)
    spelled = (re.sub(r"[^a-z0-9_]", "", header.lower().replace(" ", "_")) for header in column.headers)
    return replace(column, headers=tuple(dict.fromkeys((*column.headers, *spaced, *spelled))))


_TOTALS = (
    _total("contacts_ended", "Contacts Ended", "Contacts ended", "Contacts that ended"),
    _total("contacts_inbound", "Contacts Inbound", "Contacts inbound", "Inbound contacts that ended"),
    _total("contacts_outbound", "Contacts Outbound", "Contacts outbound", "Outbound contacts that ended"),
    _total("contacts_fulfilled", "Contacts Fulfilled", "Contacts fulfilled", "Contacts that were fulfilled"),
    _total(
        "contacts_fulfilled_before_sla", "Contacts Fulfilled Before SLA", "Contacts fulfilled before SLA",
        "Contacts that were fulfilled within their SLA",
    ),
    _total(
        "contacts_fulfilled_after_sla", "Contacts Fulfilled After SLA", "Contacts fulfilled after SLA",
        "Contacts that were fulfilled after their SLA",
    ),
    _total("contacts_abandoned", "Contacts Abandoned", "Contacts abandoned", "Contacts that were abandoned"),
    *(
        _total(
            f"contacts_abandoned_within_{n}_seconds", f"Contacts Abandoned Within {n} Seconds",
            f"Contacts abandoned within {n} seconds", f"Contacts that were abandoned within {n} seconds",
            f"Contacts Abandoned Within {n}s",
        )
        for n in (5, 10, 15)
    ),
)  # fmt: skip
_QUEUED = "queued_to_fulfilled_seconds"
_IN_BUSINESS = "queued_to_fulfilled_within_business_hours_seconds"
_AVERAGES = (
    _average(f"average_{_QUEUED}", "Avg. Queued-to-Fulfilled Time (sec)", "Average queued to fulfilled", _QUEUED),
    _average(f"max_{_QUEUED}", "Max. Queued-to-Fulfilled Time (sec)", "Longest queued to fulfilled", _QUEUED),
    _average(
        f"average_{_IN_BUSINESS}", "Avg. Queued-to-Fulfilled Time within Business Hours (sec)",
        "Average queued to fulfilled in business hours", _IN_BUSINESS,
    ),
    _average(
        f"max_{_IN_BUSINESS}", "Max. Queued-to-Fulfilled Time within Business Hours (sec)",
        "Longest queued to fulfilled in business hours", _IN_BUSINESS,
    ),
    _average(
        "average_queued_to_accepted_seconds", "Avg. Queued-to-First Accepted Time (sec)",
        "Average queued to first accepted", "queued_to_accepted_seconds",
    ),
    _average(
        "average_queued_to_ended_seconds", "Avg. Queued-to-Ended Time (sec)", "Average queued to ended",
        "queued_to_ended_seconds",
    ),
    _average(
        "average_accepted_to_fulfilled_seconds", "Avg. First Accepted-to-Fulfilled (sec)",
        "Average first accepted to fulfilled", "accepted_to_fulfilled_seconds",
    ),
    _average(
        "average_due_to_fulfilled_seconds", "Avg. Due-to-Fulfilled Time (sec)", "Average due to fulfilled",
        "seconds_within_or_over_sla",
    ),
    _average(
        "average_fulfilled_to_ended_seconds", "Avg. Fulfilled-to-Ended Time (sec)", "Average fulfilled to ended",
        "fulfilled_to_ended_seconds",
    ),
    *(
        _average(
            f"average_{direction}_{of}_seconds", f"Avg. {direction.capitalize()} {noun.title()} Time (sec)",
            f"Average {noun} time, {direction}", f"{of}_seconds",
        )
        for direction in ("inbound", "outbound")
        for of, noun in (("contact_handle", "contact handle"), ("after_contact", "after contact"))
    ),
    _average("average_talk_seconds", "Avg. Talk Time (sec)", "Average talk time", "talk_seconds"),
    *(
        _average(
            f"average_hold_{kind}_seconds", f"Avg. Hold Time - {kind.replace('_', ' ').title()} (sec)",
            f"Average hold time, {kind.replace('_', ' ')}", f"hold_{kind}_seconds",
        )
        for kind in ("total", "manual", "warm_transfer", "cold_transfer", "conference")
    ),
    *(
        _average(
            f"average_{who}_reply_seconds", f"Avg. of Avg. {who.capitalize()} Reply Time (sec)",
            f"Average {who} reply time", f"average_{who}_reply_seconds",
        )
        for who in ("agent", "customer")
    ),
    _average("average_messages_total", "Avg. Messages Total", "Average messages", "messages_total"),
    *(
        _average(
            f"average_messages_from_{who.lower()}", f"Avg. Messages from {who}",
            f"Average messages from {who if who == 'API' else who.lower()}", f"messages_from_{who.lower()}",
        )
        for who in ("Customer", "Agent", "Rules", "API")
    ),
)  # fmt: skip

# The names are known from programs that read it, not from a file: what is called otherwise is mapped.
CONTACT_SUMMARY = ExportKind(
    name="gladly_contact_summary",
    system="Gladly",
    title="Contact Summary",
    file_names=("ContactSummary", "ContactSummaryReport", "Contact Summary"),
    key=("rollup", "date", "timezone_filter", "channel_filter", "inboxes_filter"),
    anchor="date",
    required=("date", "contacts_ended"),
    zone_column="timezone_filter",
    columns=tuple(map(_spelled, (
        *_RUN,
        Column(
            "date", "date", ("Ended At Date", "Ended At", "Date"), "Ended at",
            "The start of the time that the row covers, by when contacts ended.",
            "When",
        ),
        *_TOTALS,
        Column(
            "service_level_percentage", "amount", ("Service Level Percentage", "Service Level"),
            "Service level (Gladly)",
            "Contacts fulfilled within their SLA, of those fulfilled or abandoned, as Gladly calculated it: a"
            " fraction, or percent where a row of the load has more than 1.",
            "Who",
        ),
        *_AVERAGES,
    ))),
)  # fmt: skip

KINDS = (CONTACT_EXPORT, INBOUND_CONTACTS, CONTACT_SUMMARY, CUSTOMER_MERGES)
