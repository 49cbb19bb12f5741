"""The dimensions that several reports share: one label and one set of value labels each."""

from collections.abc import Mapping
from dataclasses import replace

from workbench.exports import ExportKind
from workbench.exports.respondio import ADDED_SOURCES, ASSIGNMENT_SOURCES, CONNECTED_SOURCES, CONVERSATIONS
from workbench.reports.model import Dimension

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

CHANNEL = Dimension(
    "channel",
    "Channel",
    "No channel",
    is_enum=True,
    value_labels=(
        ("PHONE_CALL", "Voice (phone call)"),
        ("CHAT", "Chat"),
        ("SMS", "SMS"),
        ("FB_MESSENGER", "Facebook Messenger"),
        ("WHATSAPP", "WhatsApp"),
        ("EMAIL", "Email"),
        ("VOICEMAIL", "Voicemail"),
        ("ABANDONED_CALL", "Abandoned call (deprecated)"),
        ("INSTAGRAM_DIRECT", "Instagram Direct"),
        ("TWITTER", "Twitter"),
    ),
)
NEXT_CHANNEL = Dimension(
    "next_channel", "Channel of the repeat", "No channel", is_enum=True, value_labels=CHANNEL.value_labels,
    condition="(is_repeated and next_channel is not distinct from {value})",
)  # fmt: skip
DAYS_TO_REPEAT = Dimension(
    "days", "Whole days to the repeat", "No repeat", cast="integer", condition="days = {value}"
)  # fmt: skip
CUSTOMER_ID = Dimension("customer_id", "Customer ID", "No customer", is_typed=True)
INBOX = Dimension("inbox", "Inbox when first queued", "No inbox")
INBOX_WHEN_ENDED = Dimension("inbox_when_ended", "Inbox when ended", "No inbox when ended")
ENTRY_POINT = Dimension("entry_point", "Entry point", "No entry point")
CONTACT_INITIATOR = Dimension(
    "contact_initiator",
    "Contact initiator",
    "No initiator",
    is_enum=True,
    value_labels=(("AUTOMATION (RULES)", "Automation (rules)"), ("APPLICATION (API)", "Application (API)")),
)
DIRECTION = Dimension("direction", "Direction", "No direction", is_enum=True)
STATUS = Dimension(
    "status",
    "Status",
    "Not ended",
    is_enum=True,
    value_labels=(
        ("ANSWERED", "Answered"),
        ("UNANSWERED", "Unanswered"),
        ("UNKNOWN", "Unknown"),
        ("ABANDONED", "Abandoned"),
    ),
    labels_beside=(("UNKNOWN", "direction", "OUTBOUND", "Unknown (outbound)"),),
)
FULFILLED_TYPE = Dimension("fulfilled_type", "Fulfilled type", "Not fulfilled", is_enum=True)
AGENT = Dimension("agent", "Agent when ended", "No agent")
WEEKDAY = Dimension(
    "weekday",
    "Weekday",
    "No weekday",
    cast="integer",
    value_labels=tuple((str(number), name) for number, name in enumerate(DAYS, start=1)),
)
HOUR = Dimension(
    "hour",
    "Hour",
    "No hour",
    cast="integer",
    value_labels=tuple((str(hour), f"{hour:02}:00") for hour in range(24)),
)
HALF_HOUR = Dimension(
    "half_hour",
    "Half hour",
    "No half hour",
    value_labels=tuple((text, text) for text in (f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30))),
    is_ordered=True,
)
AGE = Dimension(
    "age",
    "Age",
    "Not open at the end",
    value_labels=(
        ("under 1 h", "Under 1 h"), ("1 to 4 h", "1 to 4 h"), ("4 to 24 h", "4 to 24 h"), ("1 to 3 d", "1 to 3 d"),
        ("3 to 7 d", "3 to 7 d"), ("over 7 d", "Over 7 d"),
    ),
    is_ordered=True,
)  # fmt: skip
IS_OPEN_AT_END = Dimension(
    "is_open_at_end", "Open at the end", "Unknown", is_enum=True, value_labels=(("YES", "Yes"), ("NO", "No"))
)
# In which every row of a report lies that is an event.
OF_WEEK = (WEEKDAY, HOUR)


def durations(kind: ExportKind) -> Dimension:
    """Return the dimension whose values are the duration columns of a kind: a row belongs to all that it has."""
    columns = [column for column in kind.columns if column.type == "duration"]
    cases = " ".join(f"when '{column.name}' then {column.name}" for column in columns)
    return Dimension(
        "duration",
        "Duration",
        "No duration",
        value_labels=tuple((column.name, column.label) for column in columns),
        condition=f"(case {{value}} {cases} end) is not null",
    )


def definitions(named: Mapping[str, tuple[str, str]]) -> Dimension:
    """Return the dimension whose values are definitions of service level: a contact belongs to all that count it."""
    cases = " ".join(f"when '{name}' then in_time_{name}" for name in named)
    return Dimension(
        "definition",
        "Definition",
        "No definition",
        value_labels=tuple((name, label) for name, (label, _) in named.items()),
        condition=f"(case {{value}} {cases} end) is not null",
    )


# respond.io. Texts are shown as they are; those that are known come first, so that each has a colour of its own.
MESSAGING_CHANNEL = Dimension(
    "channel",
    "Channel",
    "Unknown channel",
    value_labels=tuple(
        (name, name)
        for name in (
            "Telegram", "Website Chat", "SMS", "Facebook Messenger", "WhatsApp", "Email", "LINE", "Viber", "Instagram",
            "WeChat",  # where Gladly has one of them, or its like, at its place there: both have one colour
        )
    ),
)  # fmt: skip
_OPENED_BY, _CLOSED_BY = (CONVERSATIONS.column(name).codes for name in ("opened_source", "closed_source"))
_OFTEN = (  # which take the colours that are told apart best
    "User", "Contact Import", "Developer API", "Incoming Message", "Contact", "Zapier", "Workflow", "Bot", "Auto-close",
    "AI agent",
)  # fmt: skip
_SOURCES = tuple(
    dict.fromkeys(
        (
            *_OFTEN,
            *ADDED_SOURCES,
            *CONNECTED_SOURCES,
            *ASSIGNMENT_SOURCES,
            *(label for _, label in (*_OPENED_BY, *_CLOSED_BY)),
        )
    )
)
ACTIVITY_SOURCE = Dimension(
    "source", "Source", "No source", coloured_as=_SOURCES,
    value_labels=tuple((name, name) for name in {**ADDED_SOURCES, **CONNECTED_SOURCES}),
)  # fmt: skip
ASSIGNMENT_SOURCE = Dimension(
    "source", "Source", "No source", coloured_as=_SOURCES,
    value_labels=tuple((name, name) for name in ASSIGNMENT_SOURCES),
)  # fmt: skip
ACTIVITY = Dimension(
    "activity",
    "Activity",
    "No activity",
    is_enum=True,
    value_labels=(("ADDED", "Added"), ("DELETED", "Deleted"), ("MERGED", "Merged"), ("CONNECTED", "Connected")),
)
USER = Dimension("user", "User", "No user")
ASSIGNED_TO = Dimension("assigned_to", "Assigned to", "Unassigned")
ASSIGNED_BY = Dimension("assigned_by", "Assigned by user", "No user")
CONTACT = Dimension(
    "contact",
    "Contact",
    "No contact",
    condition="contains(lower(strip_accents(contact_name)), lower(strip_accents({value}))) or contact_id = {value}",
    is_typed=True,
)
CONVERSATION_ID = Dimension("conversation_id", "Conversation ID", "No conversation", is_typed=True)

# Conversations. Users and channels are named where their lists are loaded.
OPENED_CHANNEL = Dimension(
    "opened_channel", "Opened by channel", "No channel", value_labels=MESSAGING_CHANNEL.value_labels
)
OPENED_SOURCE = Dimension(
    "opened_source", "Opened by source", "No source", is_enum=True, coloured_as=_SOURCES, value_labels=_OPENED_BY
)  # fmt: skip
CLOSED_SOURCE = Dimension(
    "closed_source", "Closed by source", "Not closed", is_enum=True, coloured_as=_SOURCES, value_labels=_CLOSED_BY
)  # fmt: skip
CATEGORY = Dimension("category", "Category", "No category")
FIRST_ASSIGNEE = Dimension("first_assignee", "First assignee", "Nobody assigned")
LAST_ASSIGNEE = Dimension("last_assignee", "Last assignee", "Nobody assigned")
FIRST_RESPONSE_BY = Dimension("first_response_by", "First response by", "Nobody answered")
CLOSED_BY = Dimension("closed_by", "Closed by", "No user")
CLOSED_BY_TEAM = Dimension("closed_by_team", "Closed by team", "No team")
TEAM = Dimension("team", "Team", "No team")
BUCKET = Dimension(
    "bucket", "First response within", "No first response", is_ordered=True,
    value_labels=tuple(
        (name, name)
        for name in ("< 30 s", "30 s to 2 min", "2 to 5 min", "5 to 10 min", "10 to 30 min", "30 min to 1 h", "> 1 h")
    ),
)  # fmt: skip
STATE = Dimension(
    "state", "State", "No state", is_enum=True,
    value_labels=(("OPENED", "Opened"), ("CLOSED", "Closed"), ("ASSIGNED", "First assigned")),
)  # fmt: skip
# A conversation has no name; the logs of contacts may have one for its contact.
CONVERSATION_CONTACT = replace(
    CONTACT,
    condition="contact_id = {value} or contact_id in (select contact_id from main.respondio_activity_log"
    " where contains(lower(strip_accents(contact_name)), lower(strip_accents({value}))))",
)
