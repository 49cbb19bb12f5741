"""What Lexer's two reports share: rows, filters, metrics, logs, and by which rule an order is credited to a message."""

from workbench.reports.dimensions import OF_WEEK
from workbench.reports.entities import LEXER_MESSAGES_CREDITED, LEXER_ORDER_CANDIDATES, LEXER_ORDERS_CREDITED
from workbench.reports.model import Dimension, Log, Metric, Tile

SYSTEM = "Lexer"
KINDS = ("lexer_messages", "lexer_orders")

QUEUE = Dimension("queue", "Queue", "No queue")
AGENT = Dimension("agent", "Agent", "No agent")
CURRENCY = Dimension(
    "currency", "Currency", "No currency", is_enum=True, is_code=True, is_single=True,
    offered_from="lexer_orders where order_value <> 0",
)  # fmt: skip
MESSAGE_ID = Dimension("message_id", "Message ID", "No message")
ORDER_ID = Dimension("order_id", "Order ID", "No order")
FILTERS = (QUEUE, AGENT, CURRENCY)
DIMENSIONS = (MESSAGE_ID, ORDER_ID, *OF_WEEK)
SETTINGS = ("as_exported", "window_days", "touch")

MESSAGES_SENT = Metric(
    "messages_sent",
    "Messages sent",
    "count",
    "Messages that went to customers. Skipped ones and those of any other status are not among them.",
    "count of messages with status sent",
    rows="status = 'SENT'",
    rows_label="messages",
    kinds=("lexer_messages",),
    rest="were not sent",
    decomposes="sum",
)
MESSAGES_SKIPPED = Metric(
    "messages_skipped",
    "Messages skipped",
    "count",
    "Messages for which the agent passed the customer over. They never count as sent and are credited with nothing.",
    "count of messages with status skipped",
    rows="status = 'SKIPPED'",
    rows_label="messages",
    kinds=("lexer_messages",),
    rest="were not skipped",
    decomposes="sum",
)
REVENUE_GENERATED = Metric(
    "revenue_generated",
    "Revenue generated",
    "money",
    "What customers ordered within the window after a message, in store or online, less what was refunded. An order"
    " counts once, for one message, so rows add up. Empty while orders in several currencies are loaded and none is"
    " chosen, and where none of the orders credited has a value.",
    "sum of the values of orders that are credited to a message of the period",
    rows="credited_message_id is not null",
    rows_label="orders",
    rest="are credited to no message",
    log="orders_log",
    good="up",
    decomposes="sum",
    each="revenue_credited",
)
REVENUE_PER_MESSAGE = Metric(
    "revenue_per_message",
    "Revenue per message",
    "money",
    "What a message that was sent brought in on average.",
    "revenue generated / messages sent",
    rows="credited_message_id is not null",
    rows_label="orders",
    rest="are credited to no message",
    log="orders_log",
    good="up",
    decomposes="mean",
    # A message whose orders have no value is credited with a missing one, and counts as a message all the same.
    each="case when status = 'SENT' then coalesce(revenue_credited, (select no_revenue from lexer_attribution)) end",
)
CONVERSION_RATE = Metric(
    "conversion_rate",
    "Conversion rate",
    "rate",
    "The share of the customers messaged who ordered within the window of one of the messages, in store or online. A"
    " customer with several messages or orders counts once, so rows do not add up to the total. Refunds do not count.",
    "customers messaged who ordered within the window of any of the messages / customers messaged",
    rows="status = 'SENT' and customer_id is not null",
    numerator="has_ordered",
    rows_label="messages",
    rest="were not sent, or have no customer",
    good="up",
)
CUSTOMERS_MESSAGED = Metric(
    "customers_messaged",
    "Customers messaged",
    "count",
    "Different customers who were sent a message, after customer merges. A message without a customer is sent, but to"
    " none that can be counted.",
    "distinct customer IDs of messages sent",
    rows="status = 'SENT' and customer_id is not null",
    rows_label="messages",
    kinds=("lexer_messages",),
    rest="were not sent, or have no customer",
)
ACTIVE_USERS = Metric(
    "active_users",
    "Active users",
    "count",
    "Different members of the team who sent at least one message, in any queue. Skipping alone is no activity.",
    "distinct agents of messages sent",
    rows="status = 'SENT' and agent is not null",
    rows_label="messages",
    kinds=("lexer_messages",),
    rest="were not sent, or have no agent",
)

# What a breakdown by queue or by agent has.
BREAKDOWN = (MESSAGES_SENT, MESSAGES_SKIPPED, REVENUE_GENERATED, REVENUE_PER_MESSAGE, CONVERSION_RATE)

MATURING = "is_maturing"
# Orders that add no revenue, and yet follow a message of the selection: whichever message they are credited to.
_WORTHLESS = """(
    select count(*)
    from lexer_credits
    where is_purchase and coalesce(order_value, 0) = 0 and exists (
        from lexer_messages_credited as sent
        where sent.status = 'SENT'
            and customer_key(sent.customer_id) = lexer_credits.customer_key
            and lexer_credits.ordered_at >= sent.sent_at_utc
            and lexer_credits.ordered_at < sent.window_ends_at
    )
)"""
STATED_OVER_TIME = (
    (
        f"max((select count(*) from lexer_messages_credited where {MATURING}))",
        "{n} messages are still maturing, dashed in the chart: their window reaches past the last order loaded",
    ),
)
STATED = (
    (
        f"count(*) filter ({MATURING})",
        "{n} messages are still maturing: their window reaches past the last order loaded",
    ),
    (
        "count(*) filter (status is null or status not in ('SENT', 'SKIPPED'))",
        "{n} messages have another status than sent or skipped, and count as neither",
    ),
    (
        "count(*) filter (status = 'SENT' and customer_id is null)",
        "{n} messages sent have no customer, so no order can follow them",
    ),
    (_WORTHLESS, "{n} orders are worth zero or say no value: they count for the conversion rate, and add no revenue"),
)

# Whether a customer has ordered in a row that no purchase of theirs is credited to.
_DIFFER = """bool_or(exists (
    select 1
    from lexer_messages_credited
    where status = 'SENT'
    group by {by}, customer_id
    having bool_or(has_ordered) and sum(purchases_credited) = 0
))"""


def breakdown(by: Dimension, title: str) -> Tile:
    """Return the table with a row for each value of a dimension that sent at least one message."""
    metrics = tuple(metric.name for metric in BREAKDOWN)
    return Tile(
        f"by_{by.key}",
        title,
        "table",
        LEXER_MESSAGES_CREDITED,
        (by.key, *metrics),
        dimensions=(by.key,),
        metrics=metrics,
        drawn=(MESSAGES_SENT.name, REVENUE_GENERATED.name),
        note="Revenue counts an order for the {touch} message before it, conversion for every message before it: a row"
        " can have customers who ordered, and their orders in another row.",
        note_when=_DIFFER.format(by=by.key),
    )


LOGS = (
    Tile(
        "competing_messages",
        "Messages that competed for the order",
        "table",
        LEXER_ORDER_CANDIDATES,
        (
            "order_id", "ordered_at", "sent_at", "message_id", "queue", "agent", "status", "before_order_seconds",
            "outcome",
        ),
        needs=ORDER_ID.key,
        sheet="Messages that competed",
        sql="lexer/competing_messages",
        note="All messages of the period to the customer within whose window the order lies, sent or not",
    ),
    Tile(
        "messages_log",
        "Messages",
        "log",
        LEXER_MESSAGES_CREDITED,
        (
            "sent_at", "message_id", "customer_id", "queue", "agent", "status", "channel", "orders_credited",
            "revenue_credited",
        ),
        log=Log(
            offers=("has_ordered", "is_maturing", "exported_customer_id", "clock_change", "load_id"),
            search=("message_id", "customer_id", "queue", "agent", "status", "channel"),
            sort="sent_at:desc",
        ),
    ),
    Tile(
        "orders_log",
        "Orders",
        "log",
        LEXER_ORDERS_CREDITED,
        ("ordered_at", "order_id", "customer_id", "order_value", "currency", "channel", "credited_message_id"),
        log=Log(
            offers=(
                "queue", "agent", "message_sent_at", "counted_at", "exported_customer_id", "clock_change", "load_id",
            ),
            search=("order_id", "customer_id", "currency", "channel", "credited_message_id", "queue", "agent"),
            sort="ordered_at:desc",
        ),
        rows_label="orders",
        note="Those without a credited message were made in the period, and no message of it is credited with them",
    ),
)  # fmt: skip

ABOUT_ATTRIBUTION = (
    (
        "Which orders count for a message?",
        "The rule is ours, as Lexer's description leaves it open. An order counts when it was made at or after a"
        " message to the same customer and before the window closes: 7 days of 24 hours each, to the moment, unless you"
        " set another number of days. Orders in store and online count alike. A skipped message is never credited.",
    ),
    (
        "Several messages before one order?",
        "The order counts once, for the last message before it; of two sent at the same moment, for the one with the"
        " larger ID. With *First touch* it counts for the first message of the period whose window holds it (of two at"
        " the same moment, the one with the smaller ID). All messages of the date range compete, whatever queue or"
        " agent is picked, so a picked queue shows what its row showed, and rows add up to the figures above.",
    ),
    (
        "Refunds, and orders without a value?",
        "A refund (a negative order) is credited by the time of the refund, is subtracted, and makes nobody a customer"
        " who ordered. An order without a value, or of zero, does, and adds no revenue: the number of such orders is"
        " stated. Where none of the orders that are credited has a value, revenue is not known, and empty.",
    ),
    (
        "Several currencies?",
        "Amounts in different currencies are never added up. While orders in several are loaded and none is chosen,"
        " revenue is empty and the counts are shown. A chosen currency narrows revenue and orders, not messages and not"
        " who ordered.",
    ),
    (
        "What is still maturing?",
        "A message whose window reaches past the last order loaded may yet be followed by orders: its revenue and"
        " conversion can only be judged after a later load. The number of such messages is stated, and their part of"
        " the chart is dashed.",
    ),
    (
        "Why does an order have no message?",
        "No message was sent to its customer in the window before it, the message lies outside the date range, or the"
        " order has no customer. Pin the order to see every message that competed for it, and why one won.",
    ),
    (
        "Do past figures change?",
        "When customer merges are loaded, messages and orders of a merged customer count for the one that stayed. The"
        " switch *As exported* shows the figures without them. A later file replaces what has the same ID.",
    ),
    (
        "Who may see this?",
        "In Lexer these reports are for members of a group with the permission to manage Contact; a group without it"
        " has to ask Lexer's support. Here everybody who can open the workbench sees what is loaded.",
    ),
)
