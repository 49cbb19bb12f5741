"""What respond.io's exports look like, and those of its white labels: logs of contacts, assignments, conversations.

The meanings stand here and nowhere else. The logs list events without an ID, and the four logs of contacts are one
table, told apart by the activity.
"""

from collections.abc import Mapping

from workbench.exports.model import Column, ExportKind

SYSTEM = "respond.io"
CAP = 10_000  # rows of a report's table
BY_USER = "Rows whose source is User"
# A log shows a dash where there is nobody or nothing, as a screen does; not every program keeps it a short one.
MISSING = ("Null", "-", " -", "- ", " - ", "\u2013", "\u2014")

ADDED_SOURCES = {
    "User": "A user entered the contact by hand, among the contacts or from a message.",
    "Contact Import": "The contact stood in a file that was imported.",
    "Developer API": "Other software created the contact through the API.",
    "Incoming Message": "The contact wrote to the workspace for the first time.",
    "Echo Message": "The contact's earlier conversation was taken over from a channel such as Facebook.",
    "Zapier": "An automation in Zapier created the contact.",
}
CONNECTED_SOURCES = {
    "Developer API": "Other software sent the contact a message through the API.",
    "Incoming Message": "The contact wrote to the workspace.",
    "Echo Message": "The contact's conversation was taken over from a channel such as Facebook.",
    "Zapier": "An automation in Zapier sent the contact a message.",
    "Broadcast": "A broadcast reached the contact.",
    "User": "A user sent the contact a message.",
}
DELETED_SOURCES = {"User": "A user deleted the contact. There is no other source."}
MERGED_SOURCES = {"User": "A user merged the contacts. There is no other source."}
ASSIGNMENT_SOURCES = {
    "Developer API": "Other software assigned the contact through the API.",
    "Workflow": "A step of a workflow assigned the contact.",
    "Bot": "A Dialogflow bot assigned the contact.",
    "Zapier": "An automation in Zapier assigned the contact.",
    "User": "A user assigned the contact, or wrote to it and so became its assignee.",
    "Contact Import": "An imported file named an assignee for the contact.",
    "Close Conversation (Legacy)": "The conversation was closed, which took its assignee away.",
}


def _source(sources: Mapping[str, str], description: str) -> Column:
    return Column(
        "source", "text", ("Source",), "Source", description, "Where",
        values=tuple(sources), meanings=tuple(sources.items()),
    )  # fmt: skip


_AD_COLUMNS = (
    Column(
        "sub_source", "text", ("Sub Source",), "Sub source",
        "What within its source the event came from, such as an ad. Older exports do not have it.",
        "Where",
    ),
    Column(
        "ad_campaign_id", "id", ("Ad campaign ID",), "Ad campaign ID",
        "The campaign of the ad that brought the contact: a long whole number, which spreadsheets damage.",
        "Where",
    ),
    Column(
        "ad_group_id", "id", ("Ad group ID",), "Ad group ID",
        "The group of ads, within the campaign, of the ad that brought the contact: a long whole number.",
        "Where",
    ),
    Column(
        "ad_id", "id", ("Ad ID",), "Ad ID",
        "The ad that brought the contact: a long whole number, which spreadsheets damage.",
        "Where",
    ),
)  # fmt: skip


def _activity_columns(done: str, sources: Mapping[str, str], id_header: str, who: str) -> tuple[Column, ...]:
    """Return the columns of a log of contacts: the same for each, but for the header of the ID and what they mean."""
    return (
        Column(
            "activity", "enum", ("Activity",), "Activity",
            "What happened to the contact. Older exports say it on every row, today's only by which log they are.",
            "Where",
            values=("ADDED", "CONNECTED", "DELETED", "MERGED"),
        ),
        Column(
            "timestamp", "timestamp", ("Timestamp", "Activity Time"), "Timestamp",
            f"When the contact was {done}.",
            "When",
        ),
        Column(
            "contact_id", "id", (id_header,), id_header,
            f"respond.io's ID of the contact{who}: a long whole number.",
            "Who",
            is_personal=True,
        ),
        Column(
            "contact_name", "text", ("Contact Name",), "Contact name",
            f"The name of the contact{who}, as it was when the report was run.",
            "Who",
            is_personal=True,
        ),
        _source(sources, f"How the contact was {done}."),
        Column(
            "user_name", "text", ("User",), "User",
            "The user who did it. One who has left the workspace is an ID; the export of users, taken before, has"
            " the name.",
            "Who",
            applies_to=BY_USER,
            is_staff=True,
        ),
        Column(
            "channel", "text", ("Channel",), "Channel",
            "The channel on which the contact was connected. Many exports do not have it.",
            "Where",
            applies_to="Contacts connected",
        ),
        *_AD_COLUMNS,
    )  # fmt: skip


def _activity_log(
    activity: str, sources: Mapping[str, str], id_header: str = "Contact ID", who: str = ""
) -> ExportKind:
    word = activity.capitalize()
    return ExportKind(
        name=f"respondio_contacts_{activity}",
        system=SYSTEM,
        title=f"Contacts {activity}",
        file_names=(f"Contacts{word}", f"Contacts {word}", f"Contact {word} Log", word),
        key=("activity", "timestamp", "contact_id", "source"),
        anchor="timestamp",
        required=("timestamp", "contact_id"),
        cap=CAP,
        is_log=True,
        missing=MISSING,
        shared_table="respondio_activity_log",
        constants=(("activity", activity.upper()),),
        columns=_activity_columns(activity, sources, id_header, who),
    )


# The first three have one header: a file's name tells which it is.
CONTACTS_ADDED = _activity_log("added", ADDED_SOURCES)
CONTACTS_CONNECTED = _activity_log("connected", CONNECTED_SOURCES)
CONTACTS_DELETED = _activity_log("deleted", DELETED_SOURCES)
CONTACTS_MERGED = _activity_log("merged", MERGED_SOURCES, "Primary Contact ID", " that is left after merging")

ASSIGNMENTS = ExportKind(
    name="respondio_assignments",
    system=SYSTEM,
    title="Assignments",
    file_names=("Assignments", "ContactAssignments", "Contact Assignments", "Contact Assignments Log"),
    key=("timestamp", "conversation_id", "contact_id", "source"),
    anchor="timestamp",
    required=("timestamp", "conversation_id", "contact_id"),
    cap=CAP,
    is_log=True,
    missing=MISSING,
    shared_table="respondio_assignment_rows",
    columns=(
        Column(
            "timestamp", "timestamp", ("Timestamp",), "Timestamp",
            "When the contact was assigned to somebody, or taken away from its assignee.",
            "When",
        ),
        Column(
            "conversation_id", "id", ("Conversation ID",), "Conversation ID",
            "The conversation in which it happened. A contact may have several, one after the other.",
            "Who",
            is_personal=True,
        ),
        Column(
            "contact_id", "id", ("Contact ID",), "Contact ID",
            "respond.io's ID of the contact that was assigned: a long whole number.",
            "Who",
            is_personal=True,
        ),
        Column(
            "contact_name", "text", ("Contact Name",), "Contact name",
            "The name of the contact, as it was when the report was run.",
            "Who",
            is_personal=True,
        ),
        Column(
            "previous_assignee", "text", ("Previous Assignee",), "Previous assignee",
            "Who had the contact before. Shown as a dash when nobody had.",
            "Who",
            is_staff=True,
        ),
        Column(
            "assigned_to", "text", ("Assigned To",), "Assigned to",
            "Who has the contact now. Missing after an unassignment, which counts as an assignment too.",
            "Who",
            is_staff=True,
        ),
        _source(ASSIGNMENT_SOURCES, "What assigned the contact, or took its assignee away."),
        Column(
            "assigned_by", "text", ("Assigned By",), "Assigned by",
            "The user who assigned the contact, perhaps to themselves.",
            "Who",
            applies_to=BY_USER,
            is_staff=True,
        ),
    ),
)  # fmt: skip

# Our own template: the settings' list of users, kept from before users are removed.
USERS = ExportKind(
    name="respondio_users",
    system=SYSTEM,
    title="Users",
    file_names=("Users", "User Settings"),
    key=("user_id",),
    anchor=None,
    required=("user_id", "name"),
    is_ours=True,
    columns=(
        Column(
            "user_id", "id", ("User ID",), "User ID",
            "respond.io's ID of the user, which stands in the logs for the name of one who was removed.",
            "Who",
            is_staff=True,
        ),
        Column(
            "name", "text", ("Name", "User Name"), "Name",
            "The name of the user.",
            "Who",
            is_staff=True,
        ),
        Column(
            "email", "text", ("Email",), "E-mail",
            "The e-mail address with which the user signs in.",
            "Who",
            is_staff=True,
        ),
        Column(
            "team", "text", ("Team",), "Team",
            "The team that the user belongs to.",
            "Where",
        ),
    ),
)  # fmt: skip

CHANNELS = ExportKind(
    name="respondio_channels",
    system=SYSTEM,
    title="Channels",
    file_names=("Channels", "Channel Settings"),
    key=("channel_id",),
    anchor=None,
    required=("channel_id", "name"),
    is_ours=True,
    columns=(
        Column(
            "channel_id", "id", ("Channel ID",), "Channel ID",
            "respond.io's ID of the channel, which stands in conversations for its name.",
            "Where",
        ),
        Column("name", "text", ("Name", "Channel Name"), "Name", "The name of the channel.", "Where"),
    ),
)  # fmt: skip

# What opens and what closes a conversation: the code that is stored, its label, and what it means.
_OPENED_BY = (
    ("USER", "User", "A user opened the conversation, or wrote first."),
    ("CONTACT", "Contact", "The contact wrote."),
    ("WORKFLOW", "Workflow", "A step of a workflow opened it."),
    ("API", "Developer API", "Other software opened it through the API."),
    ("ZAPIER", "Zapier", "An automation in Zapier opened it."),
    ("MAKE", "Make", "An automation in Make opened it."),
    ("CTC_ADS", "Click-to-chat ads", "The contact came from an advertisement that opens a chat."),
    ("GROWTH_WIDGET", "Growth widget", "The contact came from a widget on a website."),
)
_CLOSED_BY = (
    ("USER", "User", "A user closed the conversation."),
    ("WORKFLOW", "Workflow", "A step of a workflow closed it."),
    ("API", "Developer API", "Other software closed it through the API."),
    ("ZAPIER", "Zapier", "An automation in Zapier closed it."),
    ("BOT", "Bot", "A bot closed it."),
    ("MAKE", "Make", "An automation in Make closed it."),
    ("N8N", "n8n", "An automation in n8n closed it."),
    ("AI_AGENT", "AI agent", "An AI agent closed it."),
    ("AUTO_CLOSE", "Auto-close", "Nobody wrote for as long as the workspace waits, and it was closed."),
)


def _code(name: str, header: str, label: str, description: str, codes: tuple[tuple[str, str, str], ...]) -> Column:
    return Column(
        name, "enum", (header,), label, description, "Where",
        values=tuple(code for code, *_ in codes),
        meanings=tuple((code, meaning) for code, _, meaning in codes),
        codes=tuple((code, spoken) for code, spoken, _ in codes),
    )  # fmt: skip


def _person(name: str, header: str, label: str, description: str) -> Column:
    said = f"{description} The file has a user ID; the list of users, once loaded, has the name."
    return Column(name, "id", (header,), label, said, "Who", is_staff=True)


def _moment(name: str, header: str, label: str, description: str) -> Column:
    return Column(name, "timestamp", (header,), label, description, "When")


def _duration(name: str, header: str, label: str, description: str) -> Column:
    return Column(name, "duration", (header,), label, description, "Durations")


CONVERSATIONS = ExportKind(
    name="respondio_conversations",
    system=SYSTEM,
    title="Conversations",
    file_names=("Conversations", "Conversations Data Export", "Data Export Conversations"),
    key=("conversation_id",),
    anchor="started_at",
    required=("conversation_id", "started_at"),
    ended="resolved_at",
    spans_life=True,
    in_order=(("started_at", "resolved_at"), ("started_at", "first_response_at")),
    of_clocks=True,
    date_order="dmy",
    missing=MISSING,
    shared_table="respondio_conversation_rows",
    columns=(
        Column(
            "conversation_id", "id", ("Conversation ID",), "Conversation ID",
            "respond.io's ID of the conversation. A contact may have several, one after the other.",
            "Who",
            is_personal=True,
        ),
        _moment("started_at", "DateTime Conversation Started", "Started", "When the conversation was opened."),
        _moment(
            "resolved_at", "DateTime Conversation Resolved", "Resolved",
            "When the conversation was closed. Missing while it is open.",
        ),
        Column(
            "contact_id", "id", ("Contact ID",), "Contact ID",
            "respond.io's ID of the contact: a long whole number.",
            "Who",
            is_personal=True,
        ),
        _person("assignee", "Assignee", "Assignee", "Who has the conversation, or had it when it was closed."),
        Column(
            "outgoing_messages", "count", ("Number of Outgoing Messages",), "Outgoing messages",
            "How many messages went to the contact.",
            "Messages",
        ),
        Column(
            "incoming_messages", "count", ("Number of Incoming Messages",), "Incoming messages",
            "How many messages came from the contact.",
            "Messages",
        ),
        _moment(
            "first_response_at", "DateTime First Response", "First response",
            "When a user answered for the first time. Workflows and bots do not count.",
        ),
        Column(
            "category", "text", ("Conversation Category",), "Category",
            "The category that was chosen when the conversation was closed.",
            "Where",
        ),
        Column(
            "closing_note_summary", "text", ("Closing Note Summary",), "Closing note",
            "What was written about the conversation when it was closed.",
            "Messages",
            is_personal=True, is_note=True,
        ),
        _person("closed_by", "Closed By", "Closed by", "The user who closed the conversation."),
        _duration(
            "first_response_seconds", "First Response Time", "First response time",
            "How long the contact waited for the first response of a user, as the vendor counts it.",
        ),
        _duration(
            "resolution_seconds", "Resolution Time", "Resolution time",
            "How long the conversation took until it was closed, as the vendor counts it.",
        ),
        _person("first_assignee", "First Assignee", "First assignee", "Who the conversation was assigned to first."),
        _code("closed_source", "Closed By Source", "Closed by source", "What closed the conversation.", _CLOSED_BY),
        Column(
            "closed_by_team", "text", ("Closed By Team",), "Closed by team",
            "The team of the user who closed the conversation.",
            "Who",
        ),
        _code("opened_source", "Opened By Source", "Opened by source", "What opened the conversation.", _OPENED_BY),
        Column(
            "opened_channel", "id", ("Opened By Channel",), "Opened by channel",
            "The channel on which the conversation was opened. The file has a channel ID; the list of channels, once"
            " loaded, has the name.",
            "Where",
        ),
        _moment(
            "first_assignment_at", "First Assignment Timestamp", "First assignment",
            "When the conversation was assigned for the first time.",
        ),
        _person("first_response_by", "First Response By", "First response by", "The user who answered first."),
        _moment(
            "last_assignment_at", "Last Assignment Timestamp", "Last assignment",
            "When the conversation was assigned for the last time.",
        ),
        _person("last_assignee", "Last Assignee", "Last assignee", "Who the conversation was assigned to last."),
        _duration(
            "time_to_first_assignment_seconds", "Time to First Assignment", "Time to first assignment",
            "How long it took from the start until somebody was assigned.",
        ),
        _duration(
            "first_assignment_to_first_response_seconds", "First Assignment to First Response Time",
            "First assignment to first response", "How long it took from the first assignment to the first response.",
        ),
        _duration(
            "last_assignment_to_response_seconds", "Last Assignment to Response Time", "Last assignment to response",
            "How long it took from the last assignment to the next response.",
        ),
        _duration(
            "first_assignment_to_close_seconds", "First Assignment to Close Time", "First assignment to close",
            "How long it took from the first assignment until the conversation was closed.",
        ),
        _duration(
            "last_assignment_to_close_seconds", "Last Assignment to Close Time", "Last assignment to close",
            "How long it took from the last assignment until the conversation was closed.",
        ),
        _duration(
            "average_response_time_seconds", "Average Response Time", "Average response time",
            "How long the contact waited for a response on average within this conversation.",
        ),
        Column(
            "number_of_assignments", "count", ("Number of Assignments",), "Number of assignments",
            "How often the conversation was assigned.",
            "Who",
        ),
        Column(
            "number_of_responses", "count", ("Number of Responses",), "Number of responses",
            "How many responses the contact got, by which the average response time is an average.",
            "Messages",
        ),
    ),
)  # fmt: skip

KINDS = (
    CONTACTS_ADDED, CONTACTS_CONNECTED, CONTACTS_DELETED, CONTACTS_MERGED, ASSIGNMENTS, CONVERSATIONS, USERS, CHANNELS
)  # fmt: skip
