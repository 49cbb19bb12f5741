"""Every entity, once: its name is global, as that of a view in the workspace (docs/architecture.md, law 6)."""

from workbench.exports.gladly import CONTACT_EXPORT
from workbench.exports.respondio import CONVERSATIONS
from workbench.reports.model import Entity
from workbench.reports.settings import DEFINITIONS

# Gladly --------------------------------------------------------------------------------------------------------------

_CONTACT_TIMES = tuple(
    column.name for column in CONTACT_EXPORT.columns if column.type == "timestamp" and column.name != "queued_at"
)
_MERGED = (("customer_id", "exported_customer_id"),)
_WEEK = (("weekday", "isodow({anchor})"), ("hour", "hour({anchor})"))  # in which every event of a report lies
_OF_WEEK = frozenset(name for name, _ in _WEEK)


def _in_time(definition: str) -> str:
    """Return SQL for whether a contact is within the service level, by SQL for the definition."""
    times = "queued_to_fulfilled_seconds, queued_to_ended_seconds, seconds_within_or_over_sla"
    return f"in_time({definition}, direction, status, {times}, {{threshold}}, {{short_abandon}})"


_CONTACT_KEYS = frozenset({
    "channel", "inbox", "inbox_when_ended", "entry_point", "contact_initiator", "direction", "status",
    "fulfilled_type", "agent", "customer_id",
}) | _OF_WEEK  # fmt: skip

GLADLY_CONTACTS = Entity(
    name="gladly_contacts",
    kinds=("gladly_contact_export",),
    anchor="queued_at",
    anchor_utc="queued_at_utc",
    dimensions=_CONTACT_KEYS | {"duration", "definition"},
    timestamps=_CONTACT_TIMES,
    as_exported=_MERGED,
    renamed_by=("gladly_customer_merges",),
    from_anchor=_WEEK,
    from_settings=(
        ("in_time", _in_time("{service_level}")),
        *((f"in_time_{definition}", _in_time(f"'{definition}'")) for definition in DEFINITIONS),
    ),
)  # fmt: skip
GLADLY_OPEN_HOURS = Entity(
    "gladly_open_hours", (), "starts_at", "starts_at", frozenset()
)  # of the workspace's calendars
GLADLY_WAITS = Entity(
    "gladly_waits", (), "queued_at", "queued_at_utc", frozenset(), bases=(GLADLY_OPEN_HOURS, GLADLY_CONTACTS),
    widens=(GLADLY_CONTACTS, "business_wait_seconds"),
)  # fmt: skip
GLADLY_SERVICE_LEVELS = Entity(
    name="gladly_service_levels",
    kinds=GLADLY_CONTACTS.kinds,
    anchor="queued_at",
    anchor_utc="queued_at_utc",
    dimensions=GLADLY_CONTACTS.dimensions,
    timestamps=_CONTACT_TIMES,
    as_exported=_MERGED,
    from_anchor=_WEEK,
    from_settings=(("in_time", _in_time("definition")),),
    bases=(GLADLY_CONTACTS,),
)
GLADLY_CONTACTS_INBOUND = Entity(
    name="gladly_contacts_inbound",
    kinds=("gladly_contact_export",),
    anchor="queued_at",
    anchor_utc="queued_at_utc",
    dimensions=frozenset({"channel", "inbox", "inbox_when_ended", "entry_point", "contact_initiator", "customer_id"})
    | _OF_WEEK,
    timestamps=_CONTACT_TIMES,
    as_exported=_MERGED,
    from_anchor=_WEEK,
    bases=(GLADLY_CONTACTS,),
)
GLADLY_WORKLOAD = Entity(
    name="gladly_workload",
    kinds=("gladly_contact_export",),
    anchor="queued_at",
    anchor_utc="queued_at_utc",
    dimensions=GLADLY_CONTACTS.dimensions - {"duration"} | {"half_hour", "is_open_at_end", "age"},
    timestamps=(*_CONTACT_TIMES, "known_until"),
    as_exported=_MERGED,
    from_anchor=(*_WEEK, ("half_hour", "half_hour_of({anchor})")),
    lasts=("queued_at_utc", "until_utc"),
    bases=(GLADLY_CONTACTS,),
)
GLADLY_WORKLOAD_LEVELS = Entity("gladly_workload_levels", (), "starts_at", None, frozenset(), rests_on=GLADLY_WORKLOAD)
GLADLY_CALLS = Entity(
    name="gladly_calls",
    kinds=("gladly_contact_export",),
    anchor="queued_at",
    anchor_utc="queued_at_utc",
    dimensions=GLADLY_CONTACTS.dimensions - {"duration"} | {"half_hour"},
    timestamps=_CONTACT_TIMES,
    as_exported=_MERGED,
    from_anchor=GLADLY_WORKLOAD.from_anchor,
    from_settings=(("threshold", "{threshold}"),),
    bases=(GLADLY_CONTACTS,),
    looks_back=True,
)
GLADLY_REPEATS = Entity(
    name="gladly_repeats",
    kinds=GLADLY_CONTACTS.kinds,
    anchor="queued_at",
    anchor_utc="queued_at_utc",
    dimensions=_CONTACT_KEYS | {"next_channel", "days"},
    timestamps=_CONTACT_TIMES,
    as_exported=_MERGED,
    from_anchor=_WEEK,
    bases=(GLADLY_CONTACTS,),
)
GLADLY_CUSTOMER_CONTACTS = Entity(
    name="gladly_customer_contacts",
    kinds=GLADLY_CONTACTS.kinds,
    anchor="queued_at",
    anchor_utc="queued_at_utc",
    dimensions=_CONTACT_KEYS,
    timestamps=_CONTACT_TIMES,
    as_exported=_MERGED,
    from_anchor=_WEEK,
    bases=(GLADLY_CONTACTS, GLADLY_REPEATS),
)
GLADLY_INBOUND_REPORTED = Entity(
    name="gladly_inbound_reported",
    kinds=("gladly_contact_export",),  # compared only where that covers it
    anchor="period",
    anchor_utc=None,
    dimensions=frozenset(),
    period_utc=("period_utc", "period_end_utc"),
)
GLADLY_SUMMARY_REPORTED = Entity(
    name="gladly_summary_reported",
    kinds=("gladly_contact_export",),  # compared only where that covers it
    anchor="period",
    anchor_utc=None,
    dimensions=frozenset(),
    period_utc=("period_utc", "period_end_utc"),
    bases=(GLADLY_CONTACTS,),
)

# respond.io ----------------------------------------------------------------------------------------------------------

_EVENT_KEYS = frozenset({"user", "source", "contact", "activity"}) | _OF_WEEK
_ACTIVITIES = ("added", "deleted", "merged", "connected")


def _events(
    name: str, activities: tuple[str, ...], dimensions: frozenset[str] = _EVENT_KEYS, bases: tuple[Entity, ...] = ()
) -> Entity:
    """Return an entity of rows of respond.io's logs of contacts."""
    return Entity(
        name=name,
        kinds=tuple(f"respondio_contacts_{activity}" for activity in activities),
        anchor="timestamp",
        anchor_utc="timestamp_utc",
        dimensions=dimensions,
        of_kind="activity = activity_of('{kind}')" if len(activities) > 1 else "",
        bases=bases,
        from_anchor=_WEEK,
        renamed_by=() if bases else ("respondio_users",),  # one that has bases selects from no log itself
    )


RESPONDIO_ACTIVITIES = _events("respondio_activities", _ACTIVITIES, frozenset())
_OF_ACTIVITIES = (RESPONDIO_ACTIVITIES,)
RESPONDIO_CONTACT_EVENTS = _events("respondio_contact_events", _ACTIVITIES, _EVENT_KEYS | {"channel"}, _OF_ACTIVITIES)
RESPONDIO_CONTACT_CHANGES = _events("respondio_contact_changes", ("added", "deleted", "merged"), bases=_OF_ACTIVITIES)
RESPONDIO_CONTACTS_ADDED = _events("respondio_contacts_added", ("added",), bases=_OF_ACTIVITIES)
RESPONDIO_CONTACTS_CONNECTED = _events(
    "respondio_contacts_connected", ("connected",), _EVENT_KEYS | {"channel"},
    (RESPONDIO_ACTIVITIES, RESPONDIO_CONTACT_EVENTS),
)  # fmt: skip
RESPONDIO_CONTACTS_DELETED = _events("respondio_contacts_deleted", ("deleted",), bases=_OF_ACTIVITIES)
RESPONDIO_CONTACTS_MERGED = _events("respondio_contacts_merged", ("merged",), bases=_OF_ACTIVITIES)
RESPONDIO_ASSIGNMENTS = Entity(
    name="respondio_assignments",
    kinds=("respondio_assignments",),
    anchor="timestamp",
    anchor_utc="timestamp_utc",
    dimensions=frozenset({"source", "assigned_to", "assigned_by", "contact", "conversation_id"}) | _OF_WEEK,
    from_anchor=_WEEK,
    renamed_by=("respondio_users",),
)
_CONVERSATION_KEYS = frozenset({
    "opened_channel", "opened_source", "closed_source", "category", "first_assignee", "last_assignee",
    "first_response_by", "closed_by", "closed_by_team", "contact", "conversation_id", "user", "team", "bucket",
}) | _OF_WEEK  # fmt: skip
_CONVERSATION_TIMES = tuple(column.name for column in CONVERSATIONS.columns if column.type == "timestamp")
RESPONDIO_CONVERSATION_MOMENTS = Entity(
    name="respondio_conversation_moments",
    kinds=("respondio_conversations",),
    anchor="placed_at",
    anchor_utc="placed_at_utc",
    dimensions=_CONVERSATION_KEYS | {"state"},
    timestamps=_CONVERSATION_TIMES,
    from_anchor=_WEEK,
    renamed_by=("respondio_channels", "respondio_users"),
)
RESPONDIO_CONVERSATIONS = Entity(
    name="respondio_conversations",
    kinds=("respondio_conversations",),
    anchor="placed_at",
    anchor_utc="placed_at_utc",
    dimensions=_CONVERSATION_KEYS,
    timestamps=_CONVERSATION_TIMES,
    from_anchor=_WEEK,
    settled=frozenset({"state"}),
    bases=(RESPONDIO_CONVERSATION_MOMENTS,),
)

# Lexer ---------------------------------------------------------------------------------------------------------------

_MESSAGE_KEYS = frozenset({"queue", "agent", "message_id"}) | _OF_WEEK
_LEXER_MERGES = ("lexer_customer_merges",)

LEXER_MESSAGES = Entity(
    name="lexer_messages",
    kinds=("lexer_messages",),
    anchor="sent_at",
    anchor_utc="sent_at_utc",
    dimensions=_MESSAGE_KEYS,
    as_exported=_MERGED,
    from_anchor=_WEEK,
    settled=frozenset({"currency"}),
    renamed_by=_LEXER_MERGES,
)
LEXER_ORDERS = Entity(
    "lexer_orders", (), "ordered_at_local", "ordered_at", frozenset(), as_exported=_MERGED, counted_as="lexer_orders",
    renamed_by=_LEXER_MERGES,
)  # fmt: skip
LEXER_ATTRIBUTION = Entity("lexer_attribution", (), "last_ordered_at", None, frozenset(), bases=(LEXER_ORDERS,))
LEXER_CREDITS = Entity("lexer_credits", (), "ordered_at", None, frozenset(), bases=(LEXER_ORDERS, LEXER_MESSAGES))
_CREDITING = (LEXER_ORDERS, LEXER_MESSAGES, LEXER_ATTRIBUTION, LEXER_CREDITS)

LEXER_MESSAGES_CREDITED = Entity(
    name="lexer_messages_credited",
    kinds=("lexer_messages", "lexer_orders"),
    anchor="sent_at",
    anchor_utc="sent_at_utc",
    dimensions=_MESSAGE_KEYS,
    from_anchor=_WEEK,
    settled=frozenset({"currency"}),
    bases=_CREDITING,
)
LEXER_ORDERS_CREDITED = Entity(
    name="lexer_orders_credited",
    kinds=("lexer_orders", "lexer_messages"),
    anchor="counted_at",
    anchor_utc="counted_at_utc",
    dimensions=_MESSAGE_KEYS | {"order_id", "currency"},
    timestamps=("ordered_at", "message_sent_at"),
    from_anchor=_WEEK,
    bases=_CREDITING,
)
LEXER_ORDER_CANDIDATES = Entity(
    name="lexer_order_candidates",
    kinds=("lexer_messages",),
    anchor="sent_at",
    anchor_utc="sent_at_utc",
    dimensions=frozenset({"order_id"}),
    timestamps=("ordered_at",),
    settled=frozenset({"period", *_MESSAGE_KEYS, "currency"}),
    bases=_CREDITING,
)

# In the order in which the workspace's views are made: each after its bases.
ENTITIES: tuple[Entity, ...] = (
    GLADLY_OPEN_HOURS, GLADLY_CONTACTS, GLADLY_WAITS, GLADLY_SERVICE_LEVELS, GLADLY_CONTACTS_INBOUND, GLADLY_REPEATS,
    GLADLY_CUSTOMER_CONTACTS, GLADLY_WORKLOAD, GLADLY_WORKLOAD_LEVELS, GLADLY_CALLS,
    GLADLY_INBOUND_REPORTED, GLADLY_SUMMARY_REPORTED,
    RESPONDIO_ACTIVITIES, RESPONDIO_CONTACT_EVENTS, RESPONDIO_CONTACT_CHANGES, RESPONDIO_CONTACTS_ADDED,
    RESPONDIO_CONTACTS_CONNECTED, RESPONDIO_CONTACTS_DELETED, RESPONDIO_CONTACTS_MERGED, RESPONDIO_ASSIGNMENTS,
    RESPONDIO_CONVERSATION_MOMENTS, RESPONDIO_CONVERSATIONS,
    LEXER_MESSAGES, LEXER_ORDERS, LEXER_ATTRIBUTION, LEXER_CREDITS, LEXER_MESSAGES_CREDITED, LEXER_ORDERS_CREDITED,
    LEXER_ORDER_CANDIDATES,
)  # fmt: skip
WIDER = {entity.widens[0]: entity for entity in ENTITIES if entity.widens}
