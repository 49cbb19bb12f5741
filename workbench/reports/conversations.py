"""respond.io: Conversations, Responses, Resolutions and Users, all from one export.

Every figure but three is of the conversations that the chosen moment places, which is what `is_placed` says of a row of
moments, and of every conversation. Those name the log of conversations, whose rows they rest on.
"""

from workbench.exports.respondio import CONVERSATIONS as EXPORT
from workbench.reports.dimensions import (
    BUCKET,
    CATEGORY,
    CLOSED_BY,
    CLOSED_BY_TEAM,
    CLOSED_SOURCE,
    CONVERSATION_CONTACT,
    CONVERSATION_ID,
    FIRST_ASSIGNEE,
    FIRST_RESPONSE_BY,
    LAST_ASSIGNEE,
    OF_WEEK,
    OPENED_CHANNEL,
    OPENED_SOURCE,
    STATE,
    TEAM,
    USER,
)
from workbench.reports.entities import RESPONDIO_CONVERSATION_MOMENTS, RESPONDIO_CONVERSATIONS
from workbench.reports.model import Log, Metric, Report, Tile

_MOMENTS = "moments_log"
_OPEN = "have none, such as those that are still open"
_LISTED = ("assignee", "closed_by", "first_assignee", "last_assignee", "first_response_by", "opened_channel")


def _counted(name: str, label: str, definition: str, state: str) -> Metric:
    """Return a number of conversations at a moment of its own, whichever places the others."""
    return Metric(
        name, label, "count", definition,
        f"count of conversations {definition[:1].lower()}{definition[1:].rstrip('.')}",
        rows=f"state = '{state}'", rows_label="moments", rest="are others", log=_MOMENTS, decomposes="sum",
    )  # fmt: skip


def _waits(column: str, label: str, what: str) -> tuple[Metric, Metric, Metric]:
    """Return the median, the average and the 90th percentile of an exported duration."""
    rows, each = f"is_placed and {column}_seconds is not null", f"case when is_placed then {column}_seconds end"
    return (
        Metric(
            f"median_{column}_seconds", f"Median {label}", "duration",
            f"Half of the conversations {what} at most so long.", f"median of the exported {label}",
            rows=rows, rows_label="conversations", log="log", rest=_OPEN, good="down", each=each,
        ),
        Metric(
            f"average_{column}_seconds", f"Average {label}", "duration",
            f"How long conversations {what} on average; a few long ones weigh much.",
            f"average of the exported {label}",
            rows=rows, rows_label="conversations", log="log", rest=_OPEN, good="down", decomposes="mean", each=each,
        ),
        Metric(
            f"p90_{column}_seconds", f"90 % {label}", "duration",
            f"Nine in ten conversations {what} at most so long.", f"90th percentile of the exported {label}",
            rows=rows, rows_label="conversations", log="log", rest=_OPEN, good="down", each=each,
        ),
    )  # fmt: skip


def _average(column: str, label: str, what: str) -> Metric:
    return Metric(
        f"average_{column}_seconds", f"Average {label}", "duration", what, f"average of the exported {label}",
        rows=f"is_placed and {column}_seconds is not null", rows_label="conversations", log="log",
        rest="have none", good="down", decomposes="mean", each=f"case when is_placed then {column}_seconds end",
    )  # fmt: skip


def _messages(name: str, label: str, definition: str, column: str) -> Metric:
    return Metric(
        name, label, "count", definition, f"sum of the exported number of {column.replace('_', ' ')}",
        rows="is_placed", rows_label="conversations", log="log", rest="are placed elsewhere", decomposes="sum",
        each=f"case when is_placed then {column} end",
    )  # fmt: skip


_FIRST_RESPONSE = _waits("first_response", "first response", "waited for the first response of a user")
_RESOLUTION = _waits("resolution", "resolution", "took until they were closed")
_TOTALS = (
    "conversations_opened", "conversations_closed", "contacts", "median_first_response_seconds",
    "median_resolution_seconds", "average_response_seconds", "assignments_per_conversation", "messages_in",
    "messages_out",
)  # fmt: skip
_GROUPS = (_TOTALS[:3], _TOTALS[3:6], _TOTALS[6:])
_BOTH = ("median_first_response_seconds", "median_resolution_seconds")
_BY_WHOM = (
    "conversations_closed", "contacts", "median_first_response_seconds", "average_response_seconds",
    "median_resolution_seconds",
)  # fmt: skip
_RESPONSES = (
    *(metric.name for metric in _FIRST_RESPONSE),
    "average_first_assignment_to_first_response_seconds", "average_last_assignment_to_response_seconds",
    "average_response_seconds",
)  # fmt: skip
_RESOLUTIONS = tuple(metric.name for metric in _RESOLUTION)


def _breakdown(name: str, title: str, key: str) -> Tile:
    return Tile(
        name, title, "bar_and_pie", RESPONDIO_CONVERSATIONS, (key, "conversations", "share", *_BOTH),
        dimensions=(key,), metrics=("conversations", *_BOTH), is_half=True,
    )  # fmt: skip


CONVERSATIONS = Report(
    name="conversations",
    title="Conversations",
    system="respond.io",
    icon=":material/forum:",
    purpose="How soon conversations are answered, and how long they take.",
    rows_label="conversations",
    kinds=("respondio_conversations",),
    main=RESPONDIO_CONVERSATIONS,
    filters=(
        OPENED_CHANNEL, OPENED_SOURCE, CLOSED_SOURCE, CATEGORY, FIRST_ASSIGNEE, LAST_ASSIGNEE, FIRST_RESPONSE_BY,
        CLOSED_BY, CLOSED_BY_TEAM, CONVERSATION_CONTACT, CONVERSATION_ID,
    ),
    dimensions=(USER, TEAM, BUCKET, STATE, *OF_WEEK),
    settings=("by",),
    metrics=(
        _counted("conversations_opened", "Conversations opened", "Opened in the range, whenever closed.", "OPENED"),
        _counted("conversations_closed", "Conversations closed", "Closed in the range, whenever opened.", "CLOSED"),
        Metric(
            "contacts", "Contacts", "count",
            "Different contacts of the conversations. One counts once, so parts do not add up to the total.",
            "distinct contact IDs", rows="is_placed", rows_label="conversations", log="log",
            rest="are placed elsewhere",
        ),
        _FIRST_RESPONSE[0],
        _RESOLUTION[0],
        Metric(
            "average_response_seconds", "Average response", "duration",
            "How long contacts waited for a response on average, over all responses of the conversations.",
            "sum of average response time x number of responses / sum of number of responses",
            rows="is_placed and average_response_time_seconds is not null", rows_label="conversations", log="log",
            rest="have no response", good="down",
        ),
        Metric(
            "assignments_per_conversation", "Assignments per conversation", "decimal",
            "How often a conversation was assigned on average.",
            "sum of number of assignments / conversations that have it",
            rows="is_placed and number_of_assignments is not null", rows_label="conversations", log="log",
            rest="do not say it", decomposes="mean", each="case when is_placed then number_of_assignments end",
        ),
        _messages("messages_in", "Messages in", "Messages that came from contacts.", "incoming_messages"),
        _messages(
            "messages_out", "Messages out", "Messages that went to contacts, of users, workflows and bots.",
            "outgoing_messages",
        ),
        Metric(
            "conversations", "Conversations", "count",
            "Conversations, each at the moment that places it; opened or closed where the tile says so.",
            "count of conversations", rows_label="conversations", decomposes="sum",
        ),
        Metric(
            "conversations_per_occurrence", "Conversations per hour", "decimal",
            "How many conversations there were in such an hour of the week on average.",
            "conversations / how many such hours the range covers", rows_label="conversations", log="log",
        ),
        *_FIRST_RESPONSE[1:],
        _average(
            "first_assignment_to_first_response", "first assignment to first response",
            "How long it took on average from the first assignment until the first response.",
        ),
        _average(
            "last_assignment_to_response", "last assignment to response",
            "How long it took on average from the last assignment until the next response.",
        ),
        *_RESOLUTION[1:],
        _counted(
            "conversations_assigned", "Conversations assigned",
            "Assigned to this user first, of those that the chosen moment places.", "ASSIGNED",
        ),
    ),
    tiles=(
        Tile("totals", "Totals", "metrics", RESPONDIO_CONVERSATION_MOMENTS, _TOTALS, metrics=_TOTALS, groups=_GROUPS),
        Tile(
            "opened_closed_by_period", "Opened and closed", "grouped_over_time", RESPONDIO_CONVERSATION_MOMENTS,
            ("period", "state", "conversations"), dimensions=("period", "state"), metrics=("conversations",),
            cells_log=_MOMENTS, note="Each at its own date.",
        ),
        Tile(
            "response_by_period", "Responses over time", "lines_over_time", RESPONDIO_CONVERSATIONS,
            ("period", *_RESPONSES), dimensions=("period",), metrics=_RESPONSES,
            drawn=("median_first_response_seconds", "p90_first_response_seconds"), is_half=True,
        ),
        Tile(
            "resolution_by_period", "Resolution over time", "lines_over_time", RESPONDIO_CONVERSATIONS,
            ("period", *_RESOLUTIONS), dimensions=("period",), metrics=_RESOLUTIONS,
            drawn=("median_resolution_seconds", "p90_resolution_seconds"), is_half=True,
        ),
        Tile(
            "first_response_breakdown", "First response within", "bar", RESPONDIO_CONVERSATIONS,
            ("bucket", "conversations", "share"), dimensions=("bucket",), metrics=("conversations",), is_half=True,
        ),
        Tile(
            "by_hour", "Hour of the week", "heat_map", RESPONDIO_CONVERSATIONS,
            ("weekday", "hour", "conversations_per_occurrence"), dimensions=("weekday", "hour"),
            metrics=("conversations_per_occurrence",), drawn=("conversations_per_occurrence",), is_half=True,
        ),
        _breakdown("by_opened_source", "What opened them", "opened_source"),
        _breakdown("by_closed_source", "What closed them", "closed_source"),
        _breakdown("by_channel", "Channel", "opened_channel"),
        _breakdown("by_category", "Category", "category"),
        Tile(
            "by_user", "User", "table", RESPONDIO_CONVERSATION_MOMENTS, ("user", "conversations_assigned", *_BY_WHOM),
            dimensions=("user",), metrics=("conversations_assigned", *_BY_WHOM), drawn=("conversations_closed",),
            note="Assigned: who had them first. Everything else: who closed them.",
        ),
        Tile(
            "by_team", "Team", "table", RESPONDIO_CONVERSATION_MOMENTS, ("team", *_BY_WHOM),
            dimensions=("team",), metrics=_BY_WHOM, drawn=("conversations_closed",),
            note="The team of who closed them.",
        ),
        Tile(
            "log", "Log of conversations", "log", RESPONDIO_CONVERSATIONS,
            tuple(column.name for column in EXPORT.columns),
            log=Log(
                offers=(*(f"exported_{name}" for name in _LISTED), "placed_at", "clock_change", "load_id"),
                search=(
                    "conversation_id", "contact_id", "category", "closing_note_summary", "closed_by_team", *_LISTED,
                ),
                sort="started_at:desc",
            ),
        ),
        Tile(
            _MOMENTS, "Opened, closed, first assigned", "log", RESPONDIO_CONVERSATION_MOMENTS,
            (
                "placed_at", "state", "conversation_id", "contact_id", "opened_channel", "opened_source", "user",
                "team", "started_at", "resolved_at",
            ),
            log=Log(
                offers=(
                    "closed_source", "category", "first_assignee", "closed_by",
                    *(f"exported_{name}" for name in _LISTED),
                    "clock_change", "load_id",
                ),
                search=("conversation_id", "contact_id", "user", "team", "opened_channel", "category"),
                sort="placed_at:desc",
            ),
            rows_label="moments",
        ),
    ),
    about=(
        (
            "How it is measured",
            "Every row of the data export of conversations is one conversation, with when it was opened and closed,"
            " what opened and closed it, who had it, and how long it took. A later file restates a conversation. First"
            " response time and resolution time are those of the file: the vendor counts the first response of a user,"
            " and leaves out workflows and bots.",
        ),
        (
            "Closed or opened: what does the switch change?",
            "A conversation begins on Monday at 23:50 and is closed on Tuesday at 00:10. By *closed*, as the vendor"
            " counts, it stands on Tuesday with its response, its resolution and its messages; by *opened* all of that"
            " stands on Monday, and while a conversation is open its row there still fills in. *Conversations opened*,"
            " *Conversations closed* and the chart of both are always at their own dates: opened on Monday, closed on"
            " Tuesday, whatever is switched. Conversations that are still open have no place by *closed*.",
        ),
        (
            "What are the classes of the first response?",
            "Under 30 seconds, 30 seconds to 2 minutes, 2 to 5, 5 to 10 and 10 to 30 minutes, 30 minutes to an hour,"
            " and more. The lower bound belongs to a class: exactly 30 seconds is in the second one. Conversations"
            " without a response of a user are a row of their own.",
        ),
        (
            "How is the average response counted?",
            "The file has an average for each conversation, and how many responses it is of. They are weighed by that"
            " number, so a conversation of nine responses counts nine times as much as one of a single response.",
        ),
        (
            "Whose are the figures of a user?",
            "*Conversations assigned* are those that the user was assigned first; everything else is of those that the"
            " user closed. Each figure opens its own rows. The team is that of who closed a conversation.",
        ),
        (
            "Why is a user or a channel a number?",
            "The file has IDs. Load Users to see names, and the list of channels for theirs: User ID and Name, Channel"
            " ID and Name. IDs then become names everywhere at once; the record of a row keeps what its file says. An"
            " ID that no list has stays an ID, and behind a name that several have the ID stands too.",
        ),
        (
            "How do I find a contact's conversations?",
            "By the filter Contact, with the whole ID, or a part of the name where a log of contacts that is loaded"
            " gives it: the export of conversations has no names.",
        ),
        (
            "What if a conversation resolves before it starts?",
            "It is loaded as it is and the load says so. It counts as opened and as closed at the two moments that its"
            " row has, and its durations are those of the file.",
        ),
        (
            "Which dates are covered?",
            "A file covers the days from its first conversation's start to its last one's close, or those that its name"
            " gives. Conversations that were opened before and closed within belong to the file that has them.",
        ),
    ),
)  # fmt: skip
