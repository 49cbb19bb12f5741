"""Gladly: Inbound Contacts. How often customers reach out."""

from workbench.reports.dimensions import CHANNEL, CONTACT_INITIATOR, ENTRY_POINT, INBOX, INBOX_WHEN_ENDED, OF_WEEK
from workbench.reports.entities import GLADLY_CONTACTS_INBOUND, GLADLY_INBOUND_REPORTED
from workbench.reports.gladly import INBOXES, contacts_log
from workbench.reports.model import Metric, Report, Tile

_METRICS = ("inbound_contacts", "customers", "avg_inbound_contacts_per_customer")

_SHOWN = (
    "queued_at",
    "customer_id",
    "conversation_id",
    "contact_id",
    "channel",
    "inbox",
    "entry_point",
    "final_ivr_selection",
    "status",
    "conversation_link",
)

INBOUND_CONTACTS = Report(
    name="inbound_contacts",
    title="Inbound contacts",
    system="Gladly",
    icon=":material/call_received:",
    purpose="How often customers reach out.",
    rows_label="contacts",
    kinds=("gladly_contact_export",),
    main=GLADLY_CONTACTS_INBOUND,
    filters=(CHANNEL, INBOX, INBOX_WHEN_ENDED, ENTRY_POINT, CONTACT_INITIATOR),
    dimensions=OF_WEEK,
    settings=("as_exported",),
    metrics=(
        Metric(
            "inbound_contacts",
            "Inbound contacts",
            "count",
            "Contacts that came in and were queued.",
            "count of contacts with direction inbound",
            decomposes="sum",
        ),
        Metric(
            "customers",
            "Customers",
            "count",
            "Different customers among the inbound contacts, after customer merges. One customer counts once"
            " in a period or a row, so periods and rows do not add up to the total.",
            "distinct customer IDs after merges",
            rows="customer_id is not null",
            rest="have no customer",
        ),
        Metric(
            "avg_inbound_contacts_per_customer",
            "Contacts per customer",
            "decimal",
            "How many inbound contacts there are for each customer. Those without a customer count among the contacts,"
            " as they do for Gladly.",
            "inbound contacts / customers",
            among=(("without_customer", "have no customer", "customer_id is null"),),
            without="contacts_per_customer(customer_id, customer_id)",
        ),
    ),
    tiles=(
        Tile("totals", "Totals", "metrics", GLADLY_CONTACTS_INBOUND, _METRICS, metrics=_METRICS),
        Tile(
            "by_period",
            "Contacts over time",
            "bars_over_time",
            GLADLY_CONTACTS_INBOUND,
            ("period", *_METRICS),
            dimensions=("period",),
            metrics=_METRICS,
        ),
        Tile(
            "by_channel",
            "Channel",
            "bar_and_pie",
            GLADLY_CONTACTS_INBOUND,
            ("channel", *_METRICS, "share"),
            dimensions=("channel",),
            is_half=True,
            metrics=_METRICS,
        ),
        Tile(
            "by_inbox",
            "Inbox",
            "bar",
            GLADLY_CONTACTS_INBOUND,
            ("inbox", *_METRICS, "share"),
            dimensions=("inbox",),
            is_half=True,
            metrics=_METRICS,
        ),
        Tile(
            "as_reported",
            "Beside Gladly's own report",
            "table",
            GLADLY_INBOUND_REPORTED,
            (
                "period",
                *(
                    f"{metric}{suffix}"
                    for metric in _METRICS
                    for suffix in ("", "_without_email", "_reported", "_difference", "_without_email_difference")
                ),
            ),
            dimensions=("period",),
            metrics=_METRICS,
            compares_itself=True,
            optional_kind="gladly_inbound_contacts",
        ),
        Tile(
            "log",
            "Contacts",
            "log",
            GLADLY_CONTACTS_INBOUND,
            _SHOWN,
            log=contacts_log(
                _SHOWN,
                search=(
                    "customer_id",
                    "conversation_id",
                    "contact_id",
                    "channel",
                    "inbox",
                    "entry_point",
                    "final_ivr_selection",
                    "status",
                    "agent_when_ended",
                    "inbox_when_ended",
                ),
                without="inbox_when_first_queued",  # it is the inbox
            ),
        ),
    ),
    about=(
        (
            "How it is measured",
            "Every row is one contact of the loaded Contact Exports whose direction is inbound. A contact counts at the"
            " moment it was first queued, which is when it was created, and in the inbox where it was first queued,"
            " even if it moved later. Compare these figures only with other reports that count contacts.",
        ),
        (
            "Why are there fewer customers than contacts?",
            "A customer who writes an e-mail in the morning and calls in the afternoon makes two contacts, but is one"
            " customer. A contact without a Customer ID counts as a contact and as no customer. Contacts per customer"
            " divides the one figure by the other, as Gladly does; the help of its card says how many contacts have no"
            " customer, and what the figure is without them.",
        ),
        (
            "Do past figures change?",
            "Yes. When customer A is merged into customer B, all contacts of A, earlier and later ones, count for B,"
            " whenever the merge was made: load a list of customer merges and the past follows. Contacts do not change,"
            " customers can only become fewer. The switch *As exported* shows the figures without merges. A later"
            " export of the same contact also replaces the earlier one.",
        ),
        (
            "Why do calls differ from an operational summary?",
            "Here a call belongs to the first inbox that its conversation was queued in. An operational summary shows"
            " incoming calls under the inbox where the conversation is now, so a call that moved counts elsewhere.",
        ),
        INBOXES,
        (
            "Why do customers differ from a report on customers helped?",
            "Both count different customers, of different contacts: here the customers who started a contact, there"
            " those who had one fulfilled. Not every contact is fulfilled on the day it came in.",
        ),
        (
            "Why does Gladly's own Inbound Contacts download show more?",
            "A Contact Export counts an e-mail session once, Gladly's own report counts every single e-mail of it. Load"
            " the download, and the table *Beside Gladly's own report* shows both, with and without e-mail.",
        ),
        (
            "How many calls came into one inbox on one day?",
            "Set both dates to the day, pick Voice (phone call) under Channel, and the inbox under Inbox.",
        ),
        (
            "How many contacts did customers start last week?",
            "Gladly's own recipe: choose Last week and leave Channel and Inbox empty. That gives all inbound contacts,"
            " also those that an internal or external party began rather than a customer. Ours: besides, add the filter"
            " Contact initiator with Customer, which leaves only what customers began themselves. The two agree where"
            " nobody else begins inbound contacts.",
        ),
    ),
)
