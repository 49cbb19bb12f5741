"""respond.io and white labels: Assignments. Who gets which contact, and how."""

from workbench.reports.dimensions import ASSIGNED_BY, ASSIGNED_TO, ASSIGNMENT_SOURCE, CONTACT, CONVERSATION_ID, OF_WEEK
from workbench.reports.entities import RESPONDIO_ASSIGNMENTS
from workbench.reports.model import Log, Metric, Report, Tile

_METRICS = ("assignments", "unassignments", "reassignments", "contacts", "conversations")

ASSIGNMENTS = Report(
    name="assignments",
    title="Assignments",
    system="respond.io",
    icon=":material/assignment_ind:",
    purpose="Who contacts are assigned to, and what assigns them.",
    rows_label="assignments",
    kinds=("respondio_assignments",),
    main=RESPONDIO_ASSIGNMENTS,
    filters=(ASSIGNMENT_SOURCE, ASSIGNED_TO, ASSIGNED_BY, CONTACT, CONVERSATION_ID),
    dimensions=OF_WEEK,
    metrics=(
        Metric(
            "assignments",
            "Assignments",
            "count",
            "Times that a contact was given to somebody or taken away from its assignee.",
            "count of rows of the log, unassignments included",
            rows_label="assignments",
            decomposes="sum",
        ),
        Metric(
            "unassignments",
            "Unassignments",
            "count",
            "Assignments to nobody: the contact lost its assignee.",
            "count of assignments without an assignee",
            rows="assigned_to is null",
            rows_label="assignments",
            rest="are to somebody",
            decomposes="sum",
        ),
        Metric(
            "reassignments",
            "Re-assignments",
            "count",
            "Assignments from one assignee to another. A first assignment and an unassignment are none.",
            "count of assignments whose previous and new assignee are both there and differ",
            rows="is_reassignment",
            rows_label="assignments",
            rest="are from nobody, to nobody or to the same assignee",
            decomposes="sum",
        ),
        Metric(
            "contacts",
            "Contacts",
            "count",
            "Different contacts among the assignments. One contact counts once, so parts do not add up to the total.",
            "distinct contact IDs",
            rows_label="assignments",
        ),
        Metric(
            "conversations",
            "Conversations",
            "count",
            "Different conversations among the assignments. One counts once, so parts do not add up to the total.",
            "distinct conversation IDs",
            rows_label="assignments",
        ),
        Metric(
            "assignees",
            "Assignees",
            "count",
            "Different assignees that the contact was given to; nobody is not one.",
            "distinct new assignees",
            rows="assigned_to is not null",
            rows_label="assignments",
            rest="are to nobody",
        ),
    ),
    tiles=(
        Tile("totals", "Totals", "metrics", RESPONDIO_ASSIGNMENTS, _METRICS, metrics=_METRICS),
        Tile(
            "by_period", "Assignments over time", "stacked_over_time", RESPONDIO_ASSIGNMENTS,
            ("period", "source", "assignments"), dimensions=("period", "source"), metrics=("assignments",),
        ),
        Tile(
            "by_source", "Source", "bar_and_pie", RESPONDIO_ASSIGNMENTS, ("source", "assignments", "share"),
            dimensions=("source",), metrics=("assignments",), is_half=True,
        ),
        Tile(
            "by_assignee", "Assignee", "bar", RESPONDIO_ASSIGNMENTS, ("assigned_to", "assignments", "share"),
            dimensions=("assigned_to",), metrics=("assignments",), is_half=True,
        ),
        Tile(
            "conversations_most_reassigned", "Conversations most often re-assigned", "table", RESPONDIO_ASSIGNMENTS,
            ("conversation_id", "contact_name", "reassignments", "assignments", "assignees"),
            dimensions=("conversation_id",), metrics=("reassignments", "assignments", "assignees"),
            drawn=("reassignments",), sheet="Most re-assigned conversations",
        ),
        Tile(
            "timeline", "Who had the conversation", "table", RESPONDIO_ASSIGNMENTS,
            (
                "conversation_id", "held_from", "held_until", "assigned_to", "previous_assignee", "source",
                "assigned_by", "held_seconds",
            ),
            note="Its whole history, whatever the dates and other filters. The last assignee has it still.",
            needs="conversation_id", is_history=True,
        ),
        Tile(
            "log", "Log of assignments", "log", RESPONDIO_ASSIGNMENTS,
            (
                "timestamp", "conversation_id", "contact_id", "contact_name", "previous_assignee", "assigned_to",
                "source", "assigned_by",
            ),
            log=Log(
                offers=(
                    "exported_previous_assignee", "exported_assigned_to", "exported_assigned_by", "clock_change",
                    "load_id",
                ),
                search=(
                    "conversation_id", "contact_id", "contact_name", "source", "exported_previous_assignee",
                    "exported_assigned_to", "exported_assigned_by",
                ),
                search_only=("known_previous", "known_assigned", "known_assigning", "nobody_before"),
                sort="timestamp:desc",
                # The vendor shows a contact that nobody had before with a dash, and it is found by one.
                computed=(("nobody_before", "case when previous_assignee is null then '-' end"),),
            ),
        ),
    ),
    about=(
        (
            "How it is measured",
            "Every row of the log is one assignment, at the moment in its column Timestamp: a contact was given to"
            " somebody, passed on, or taken away from its assignee. Taking it away counts as an assignment too, and"
            " *Unassignments* says how often that was. Files that overlap count an assignment once.",
        ),
        (
            "What happens when a contact returns that still has an assignee?",
            "Nothing that is counted. Ines had Joe's conversation and it was closed, but Joe stayed assigned to her."
            " When Joe writes again and so opens a new conversation, it is hers at once: nobody was assigned, so no"
            " figure here grows and the log has no row.",
        ),
        (
            "Which sources are there?",
            "Those that the rows on screen have, so they change with the dates. What each of them means stands below"
            " *What the values mean*; one that is new is counted under its own name.",
        ),
        (
            "Who is meant by assigned by?",
            "The user who gave the contact to the assignee, perhaps to themselves. Only rows with the source User have"
            " one; a user who writes to a contact and so becomes its assignee is one of them.",
        ),
        (
            "Why is a previous assignee a dash?",
            "Nobody had the contact before.",
        ),
        (
            "Why was this conversation passed on so often?",
            "Click it under *Conversations most often re-assigned*, or add the filter Conversation ID. Its timeline"
            " appears: who had it, from when, for how long, and who moved it. The filter Contact, a part of the name or"
            " the whole ID, shows all conversations of one contact.",
        ),
        (
            "Why is a user a number?",
            "A user who has left the workspace is an ID in the log. Load the list of users, exported before, and IDs"
            " become names everywhere at once; the record of a row keeps what its file says.",
        ),
        (
            "Why does a tile say that a filter is not applicable?",
            "Its rows have no such column. When it has no applicable data instead, its rows have the column and nothing"
            " matches. *Clear all* takes every filter away.",
        ),
        (
            "Which dates can I choose?",
            "Today, yesterday, the last 7, 14 or 30 days, this month and last month, as in the workspace, and weeks,"
            " everything or any two dates besides. They count from the last day that is loaded.",
        ),
        (
            "Is there a limit?",
            "None here. The workspace's own table ends at 10,000 rows: a file of exactly that many is probably cut, and"
            " the load says at which day. Export shorter periods and load them all, or use its data export.",
        ),
    ),
)  # fmt: skip
