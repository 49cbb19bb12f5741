"""The dimensions that several reports share: one label and one set of value labels each."""

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
