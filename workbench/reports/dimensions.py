"""The dimensions that several reports share: one label and one set of value labels each."""

from workbench.exports import ExportKind
from workbench.exports.respondio import ADDED_SOURCES, ASSIGNMENT_SOURCES, CONNECTED_SOURCES
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


# respond.io. Texts are shown as they are; those that are known come first, so that each has a colour of its own.
MESSAGING_CHANNEL = Dimension(
    "channel",
    "Channel",
    "Unknown channel",
    value_labels=tuple(
        (name, name)
        for name in (
            "WhatsApp", "Facebook Messenger", "Instagram", "Website Chat", "SMS", "Telegram", "LINE", "Viber", "WeChat",
            "Email",
        )
    ),
)  # fmt: skip
ACTIVITY_SOURCE = Dimension(
    "source", "Source", "No source", value_labels=tuple((name, name) for name in {**ADDED_SOURCES, **CONNECTED_SOURCES})
)
ASSIGNMENT_SOURCE = Dimension(
    "source", "Source", "No source", value_labels=tuple((name, name) for name in ASSIGNMENT_SOURCES)
)
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
