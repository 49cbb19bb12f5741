"""The dimensions that several reports share: one label and one set of value labels each."""

from workbench.exports.respondio import ADDED_SOURCES, ASSIGNMENT_SOURCES, CONNECTED_SOURCES
from workbench.reports.model import Dimension

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
ENTRY_POINT = Dimension("entry_point", "Entry point", "No entry point")
CONTACT_INITIATOR = Dimension(
    "contact_initiator",
    "Contact initiator",
    "No initiator",
    is_enum=True,
    value_labels=(("AUTOMATION (RULES)", "Automation (rules)"), ("APPLICATION (API)", "Application (API)")),
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
