"""Gladly: Repeat contacts. Did a request need another one?"""

from workbench.exports.gladly import CONTACT_EXPORT as EXPORT
from workbench.reports.dimensions import (
    AGENT,
    CHANNEL,
    CONTACT_INITIATOR,
    CUSTOMER_ID,
    DAYS_TO_REPEAT,
    DIRECTION,
    ENTRY_POINT,
    FULFILLED_TYPE,
    INBOX,
    INBOX_WHEN_ENDED,
    NEXT_CHANNEL,
    OF_WEEK,
    STATUS,
)
from workbench.reports.entities import GLADLY_CUSTOMER_CONTACTS, GLADLY_REPEATS
from workbench.reports.gladly import INBOXES, contacts_log
from workbench.reports.model import Dimension, Metric, Report, Tile

_FILTERS = (
    CHANNEL, INBOX, INBOX_WHEN_ENDED, ENTRY_POINT, CONTACT_INITIATOR, DIRECTION, STATUS, FULFILLED_TYPE, AGENT,
    CUSTOMER_ID,
)  # fmt: skip
_SETTINGS = ("within_days", "forward_minutes", "same_channel")
_FORWARDS = "are forwards, or have no customer"
_UNRIPE = "not is_forward and not is_ripe"
_NO_REPEAT = "have no repeat, or not yet"

_METRICS = (
    Metric(
        "contacts",
        "Contacts",
        "count",
        "Inbound contacts that have a customer, after customer merges.",
        "count of inbound contacts with a customer",
        rows="customer_id is not null",
        rest="have no customer",
        decomposes="sum",
    ),
    Metric(
        "requests",
        "Requests",
        "count",
        "What customers reached out for: a contact and its forwards are one request, placed at and described by its"
        " first contact.",
        "count of inbound contacts with a customer that are no forward",
        rows="not is_forward",
        rows_label="contacts",
        rest=_FORWARDS,
        among=(("unripe", "are not ripe: not every day in which a repeat could come is loaded", "not is_ripe"),),
        decomposes="sum",
    ),
    Metric(
        "repeated",
        "Repeated",
        "count",
        "Requests that were followed by another one of the customer in time, those that are not ripe yet included.",
        "count of requests that are repeated",
        rows="is_repeated",
        rest="are forwards, have no customer, or no repeat so far",
        decomposes="sum",
    ),
    Metric(
        "repeated_rate",
        "Repeat rate",
        "rate",
        "The share of ripe requests that were followed by another one of the customer in time.",
        "ripe requests that are repeated / ripe requests",
        rows="is_ripe",
        numerator="is_repeated",
        rest="are not ripe, are forwards, or have no customer",
        good="down",
        decomposes="mean",
    ),
    Metric(
        "first_contact_resolution_rate",
        "First contact resolution",
        "rate",
        "The share of ripe requests that begin a chain and are not repeated: neither came anything like them before,"
        " nor after. Requests with a day that is not loaded among those before them are left out.",
        "ripe requests that begin a chain and are not repeated / ripe requests that begin a chain",
        rows="begins_chain and has_history and is_ripe",
        numerator="not is_repeated",
        rest="are repeats, not ripe, have days before them that are not loaded, are forwards, or have no customer",
        good="up",
        decomposes="mean",
    ),
    Metric(
        "median_days_to_repeat",
        "Median days to a repeat",
        "decimal",
        "Half of the repeats came no later than this: days of 24 hours from when the request's last contact was queued"
        " to when the next request was.",
        "median of the days to a repeat",
        rows="days_to_repeat is not null",
        rest=_NO_REPEAT,
        each="days_to_repeat",
    ),
    Metric(
        "average_days_to_repeat",
        "Average days to a repeat",
        "decimal",
        "How many days of 24 hours there were to a repeat on average.",
        "sum of the days to a repeat / repeated requests",
        rows="days_to_repeat is not null",
        rest=_NO_REPEAT,
        decomposes="mean",
        each="days_to_repeat",
    ),
    Metric(
        "customers_with_3_or_more",
        "Customers with 3 or more",
        "count",
        "Different customers with three requests or more in the range; with filters, those of them who have one among"
        " what is selected.",
        "distinct customers of requests who have at least 3 in the range",
        rows="requests_in_range >= 3",
        rest="are of other customers, are forwards, or have no customer",
    ),
)
_TOTALS = (
    "contacts",
    "requests",
    "repeated_rate",
    "first_contact_resolution_rate",
    "median_days_to_repeat",
    "average_days_to_repeat",
    "customers_with_3_or_more",
)
_GROUPS = (
    ("contacts", "requests"),
    ("repeated_rate", "first_contact_resolution_rate"),
    ("median_days_to_repeat", "customers_with_3_or_more"),
)
_BY_VALUE = ("requests", "repeated", "repeated_rate")
_OWN = ("is_forward", "is_repeated", "is_ripe", "next_contact_id", "days_to_repeat")
_SHOWN = (
    "queued_at",
    "customer_id",
    "channel",
    "status",
    "inbox_when_first_queued",
    "agent_when_ended",
    *_OWN,
    "contact_id",
    "conversation_link",
)


def _by(dimension: Dimension) -> Tile:
    """Return the table with a row for each value of a dimension."""
    return Tile(
        f"by_{dimension.key}",
        dimension.label,
        "table",
        GLADLY_REPEATS,
        (dimension.key, *_BY_VALUE),
        dimensions=(dimension.key,),
        metrics=_BY_VALUE,
        is_half=True,
        sql="repeat_contacts/by_value",
    )


REPEAT_CONTACTS = Report(
    name="repeat_contacts",
    title="Repeat contacts",
    system="Gladly",
    icon=":material/replay:",
    purpose="Did it need another contact?",
    rows_label="contacts",
    kinds=(EXPORT.name,),
    main=GLADLY_REPEATS,
    filters=_FILTERS,
    dimensions=(*OF_WEEK, NEXT_CHANNEL, DAYS_TO_REPEAT),
    settings=("as_exported", *_SETTINGS),
    metrics=_METRICS,
    tiles=(
        Tile(
            "totals",
            "Totals",
            "metrics",
            GLADLY_REPEATS,
            _TOTALS,
            metrics=_TOTALS,
            groups=_GROUPS,
            settings=_SETTINGS,
            stated=(
                (f"count(*) filter ({_UNRIPE})", "{n} requests are not ripe, so they are in no rate"),
                ("count(*) filter (customer_id is null)", "{n} contacts have no customer, so they are in no request"),
            ),
        ),
        Tile(
            "by_period",
            "Requests over time",
            "bars_over_time",
            GLADLY_REPEATS,
            ("period", *_BY_VALUE),
            dimensions=("period",),
            metrics=_BY_VALUE,
            growing=f"{GLADLY_REPEATS.name} where {_UNRIPE}",
        ),
        _by(CHANNEL),
        _by(INBOX),
        _by(ENTRY_POINT),
        _by(AGENT),
        Tile(
            "to_channel",
            "From channel to channel",
            "heat_map",
            GLADLY_REPEATS,
            ("channel", "next_channel", "requests"),
            dimensions=("channel", "next_channel"),
            metrics=("requests",),
            drawn=("requests",),
            is_half=True,
        ),
        Tile(
            "days_to_repeat",
            "Days to the repeat",
            "bar",
            GLADLY_REPEATS,
            ("days", "requests"),
            dimensions=("days",),
            metrics=("requests",),
            is_half=True,
        ),
        Tile(
            "customers",
            "Customers",
            "table",
            GLADLY_REPEATS,
            ("customer_id", "requests", "longest_chain", "first_at", "last_at", "channels"),
            dimensions=("customer_id",),
            metrics=("requests",),
            drawn=("requests",),
            note="A click on a customer shows every contact of theirs.",
        ),
        Tile(
            "timeline",
            "What happened with this customer",
            "table",
            GLADLY_CUSTOMER_CONTACTS,
            (
                "queued_at",
                "channel",
                "direction",
                "queued_to_fulfilled_seconds",
                "agent",
                "status",
                "came_as",
                "days_since_last",
                "contact_id",
            ),
            needs=CUSTOMER_ID.key,
            is_history=True,
            sheet="Customer's contacts",
            note="Every contact of the customer, whenever it was",
        ),
        Tile(
            "log",
            "Contacts",
            "log",
            GLADLY_REPEATS,
            _SHOWN,
            log=contacts_log(
                _SHOWN,
                search=("customer_id", "conversation_id", "contact_id", "next_contact_id", "entry_point"),
                besides=("next_channel", "begins_chain", "has_history", "requests_in_range"),
            ),
        ),
    ),
    about=(
        (
            "How it is measured",
            "Every row is an inbound contact of the loaded Contact Exports, placed in time by when it was first queued;"
            " customers are those after customer merges. Contacts without a customer cannot be followed: their number"
            " is stated, and they are in no denominator.",
        ),
        (
            "What is a request, and what is a forward?",
            "A contact that was queued at most 15 minutes after an earlier one of the same customer was queued, or at"
            " most 15 minutes after it ended, is a forward of it: the call was passed on, or the line dropped. A"
            " contact and its forwards are one request, placed at and described by its first contact. The minutes are a"
            " setting. A contact that has not ended has forwards only of its beginning.",
        ),
        (
            "When is a request repeated?",
            "When the customer's next request begins less than 7 x 24 hours after its last contact was queued; the days"
            " are a setting, from 1 to 60. Days to a repeat are fractions of 24 hours between these two moments; its"
            " bars show whole ones, rounded down. Followers are looked for over all inbound contacts, whatever dates,"
            " filters and clicks narrow the page. With *Same channel only* followers on other channels do not count,"
            " neither as repeats nor as forwards.",
        ),
        (
            "What does ripe mean?",
            "That every day in which a repeat could come is wholly loaded. The requests of the last days are not ripe:"
            " they count as requests and, where a repeat came already, as repeated, but they are in no rate; their"
            " number is stated, and their part of the chart is dashed. Days of which only some channels or inboxes are"
            " loaded are not wholly loaded.",
        ),
        (
            "What is first contact resolution?",
            "Of the ripe requests that begin a chain, the share that is not repeated. A chain is a row of requests of"
            " which each is a repeat of the one before. Requests with a day that is not loaded among those before them"
            " are left out, as nobody knows whether they begin one. It says that nobody came back, not that the matter"
            " was settled.",
        ),
        INBOXES,
        (
            "What happened with one customer?",
            "Click a customer in the table, or add the filter *Customer ID*: then every contact of that customer is"
            " listed, in both directions and of all times, with how it came, its wait, agent and status, and the days"
            " since the one before.",
        ),
        (
            "Do past figures change?",
            "Yes: when requests become ripe, when a later load brings contacts, and when customer merges are loaded,"
            " by which contacts of a merged customer count for the one that stayed. The switch *As exported* shows the"
            " figures without them.",
        ),
    ),
)
