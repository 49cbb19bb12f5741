"""Every entity, once: its name is global, as that of a view in the workspace (docs/architecture.md, law 6)."""

from workbench.exports.gladly import CONTACT_EXPORT
from workbench.reports.model import Entity

# Gladly --------------------------------------------------------------------------------------------------------------

_CONTACT_TIMES = tuple(
    column.name for column in CONTACT_EXPORT.columns if column.type == "timestamp" and column.name != "queued_at"
)
_MERGED = (("customer_id", "exported_customer_id"),)

GLADLY_CONTACTS = Entity(
    name="gladly_contacts",
    kinds=("gladly_contact_export",),
    anchor="queued_at",
    anchor_utc="queued_at_utc",
    dimensions=frozenset({
        "channel", "inbox", "inbox_when_ended", "entry_point", "contact_initiator", "direction", "status",
        "fulfilled_type", "agent", "weekday", "hour", "duration",
    }),
    timestamps=_CONTACT_TIMES,
    as_exported=_MERGED,
    renamed_by="gladly_customer_merges",
    from_anchor=(("weekday", "isodow({anchor})"), ("hour", "hour({anchor})")),
)  # fmt: skip
GLADLY_CONTACTS_INBOUND = Entity(
    name="gladly_contacts_inbound",
    kinds=("gladly_contact_export",),
    anchor="queued_at",
    anchor_utc="queued_at_utc",
    dimensions=frozenset({"channel", "inbox", "inbox_when_ended", "entry_point", "contact_initiator", "customer_id"}),
    timestamps=_CONTACT_TIMES,
    as_exported=_MERGED,
    bases=(GLADLY_CONTACTS,),
)
GLADLY_INBOUND_REPORTED = Entity(
    name="gladly_inbound_reported",
    kinds=("gladly_contact_export",),  # compared only where that covers it
    anchor="period",
    anchor_utc=None,
    dimensions=frozenset(),
    period_utc=("period_utc", "period_end_utc"),
)

# respond.io ----------------------------------------------------------------------------------------------------------

_EVENT_KEYS = frozenset({"user", "source", "contact", "activity"})
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
        renamed_by="" if bases else "respondio_users",  # one that has bases selects from no log itself
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
    dimensions=frozenset({"source", "assigned_to", "assigned_by", "contact", "conversation_id"}),
    renamed_by="respondio_users",
)

# Lexer ---------------------------------------------------------------------------------------------------------------

_MESSAGE_KEYS = frozenset({"queue", "agent", "message_id"})
_LEXER_MERGES = "lexer_customer_merges"

LEXER_MESSAGES = Entity(
    name="lexer_messages",
    kinds=("lexer_messages",),
    anchor="sent_at",
    anchor_utc="sent_at_utc",
    dimensions=_MESSAGE_KEYS,
    as_exported=_MERGED,
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
    GLADLY_CONTACTS, GLADLY_CONTACTS_INBOUND, GLADLY_INBOUND_REPORTED,
    RESPONDIO_ACTIVITIES, RESPONDIO_CONTACT_EVENTS, RESPONDIO_CONTACT_CHANGES, RESPONDIO_CONTACTS_ADDED,
    RESPONDIO_CONTACTS_CONNECTED, RESPONDIO_CONTACTS_DELETED, RESPONDIO_CONTACTS_MERGED, RESPONDIO_ASSIGNMENTS,
    LEXER_MESSAGES, LEXER_ORDERS, LEXER_ATTRIBUTION, LEXER_CREDITS, LEXER_MESSAGES_CREDITED, LEXER_ORDERS_CREDITED,
    LEXER_ORDER_CANDIDATES,
)  # fmt: skip
