"""What respond.io's exports look like, and those of its white labels: four logs of contacts, assignments and users.

The meanings stand here and nowhere else. The logs list events without an ID, and the four logs of contacts are one
table, told apart by the activity.
"""

from collections.abc import Mapping

from workbench.exports.model import Column, ExportKind, UnreadExport

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
        ),
        Column(
            "contact_name", "text", ("Contact Name",), "Contact name",
            f"The name of the contact{who}, as it was when the report was run.",
            "Who",
        ),
        _source(sources, f"How the contact was {done}."),
        Column(
            "user_name", "text", ("User",), "User",
            "The user who did it. One who has left the workspace is an ID; the export of users, taken before, has"
            " the name.",
            "Who",
            applies_to=BY_USER,
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
        ),
        Column(
            "contact_id", "id", ("Contact ID",), "Contact ID",
            "respond.io's ID of the contact that was assigned: a long whole number.",
            "Who",
        ),
        Column(
            "contact_name", "text", ("Contact Name",), "Contact name",
            "The name of the contact, as it was when the report was run.",
            "Who",
        ),
        Column(
            "previous_assignee", "text", ("Previous Assignee",), "Previous assignee",
            "Who had the contact before. Shown as a dash when nobody had.",
            "Who",
        ),
        Column(
            "assigned_to", "text", ("Assigned To",), "Assigned to",
            "Who has the contact now. Missing after an unassignment, which counts as an assignment too.",
            "Who",
        ),
        _source(ASSIGNMENT_SOURCES, "What assigned the contact, or took its assignee away."),
        Column(
            "assigned_by", "text", ("Assigned By",), "Assigned by",
            "The user who assigned the contact, perhaps to themselves.",
            "Who",
            applies_to=BY_USER,
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
        ),
        Column(
            "name", "text", ("Name", "User Name"), "Name",
            "The name of the user.",
            "Who",
        ),
        Column(
            "email", "text", ("Email",), "E-mail",
            "The e-mail address with which the user signs in.",
            "Who",
        ),
        Column(
            "team", "text", ("Team",), "Team",
            "The team that the user belongs to.",
            "Where",
        ),
    ),
)  # fmt: skip

UNREAD = (
    UnreadExport(
        SYSTEM, "Data Export of conversations",
        (
            "Conversation ID", "DateTime Conversation Started", "DateTime Conversation Resolved", "Assignee",
            "Number of Outgoing Messages", "Number of Incoming Messages", "DateTime First Response",
            "Conversation Category", "Closing Note Summary", "Closed By", "First Response Time", "Resolution Time",
            "First Assignee", "Closed By Source", "Opened By Source", "Opened By Channel", "Last Assignee",
            "Number of Assignments", "Number of Responses",
        ),
        "the logs of contacts and of assignments",
    ),
)  # fmt: skip

KINDS = (CONTACTS_ADDED, CONTACTS_CONNECTED, CONTACTS_DELETED, CONTACTS_MERGED, ASSIGNMENTS, USERS)
