"""What Lexer's exports look like: messages, orders and customer merges. The meanings stand here and nowhere else.

The headers are our own templates: Lexer documents its reports, not files.
"""

from workbench.exports.merges import customer_merges
from workbench.exports.model import Column, ExportKind

SYSTEM = "Lexer"

MESSAGES = ExportKind(
    name="lexer_messages",
    system=SYSTEM,
    title="Messages",
    file_names=("LexerMessages", "Lexer Messages", "Messages"),
    key=("message_id",),
    anchor="sent_at",
    required=("message_id", "sent_at"),
    is_ours=True,
    shared_table="lexer_message_rows",
    columns=(
        Column(
            "message_id", "id", ("Message ID",), "Message ID",
            "Lexer's ID of the message. Identifies the row: a later file with the same ID replaces it.",
            "Who",
        ),
        Column(
            "sent_at", "timestamp", ("Sent At",), "Sent at",
            "When the message was sent or skipped. Places it in time; an order counts for it during the days after.",
            "When",
        ),
        Column(
            "customer_id", "id", ("Customer ID",), "Customer ID",
            "Lexer's ID of the customer the message was for, as it was then, before any later merge.",
            "Who",
            is_personal=True,
        ),
        Column(
            "queue", "text", ("Queue",), "Queue",
            "The list of customers to be written to that the message was worked off from.",
            "Where",
        ),
        Column(
            "agent", "text", ("Agent",), "Agent",
            "The member of the team who sent or skipped the message.",
            "Who",
            is_staff=True,
        ),
        Column(
            "status", "enum", ("Status",), "Status",
            "Whether the customer was written to. Any other value counts as neither sent nor skipped.",
            "Where",
            values=("SENT", "SKIPPED"),
            meanings=(
                ("SENT", "The message went to the customer."),
                ("SKIPPED", "The agent passed the customer over; never counted as sent."),
            ),
        ),
        Column(
            "channel", "text", ("Channel",), "Channel",
            "How the message was sent, such as SMS or e-mail.",
            "Where",
        ),
    ),
)  # fmt: skip

ORDERS = ExportKind(
    name="lexer_orders",
    system=SYSTEM,
    title="Orders",
    file_names=("LexerOrders", "Lexer Orders", "Orders"),
    key=("order_id",),
    anchor="ordered_at",
    required=("order_id", "ordered_at"),
    is_ours=True,
    shared_table="lexer_order_rows",
    columns=(
        Column(
            "order_id", "id", ("Order ID",), "Order ID",
            "The ID of the order or of the refund. Identifies the row: a later file with the same ID replaces it.",
            "Orders",
        ),
        Column(
            "ordered_at", "timestamp", ("Ordered At",), "Ordered at",
            "When the customer ordered, or was refunded. Decides for which message it counts.",
            "When",
        ),
        Column(
            "customer_id", "id", ("Customer ID",), "Customer ID",
            "Lexer's ID of the customer who ordered, as it was then, before any later merge.",
            "Who",
            is_personal=True,
        ),
        Column(
            "order_value", "amount", ("Order Value",), "Order value",
            "What the order is worth, in its currency. Negative for a refund; missing or zero adds no revenue.",
            "Orders",
        ),
        Column(
            "currency", "enum", ("Currency",), "Currency",
            "The currency of the order's value, as three letters. Values of different currencies are never added up.",
            "Orders",
        ),
        Column(
            "channel", "text", ("Channel",), "Channel",
            "Where the customer ordered. Orders count wherever they were made.",
            "Where",
            values=("store", "online"),
            meanings=(("store", "The customer bought in a store."), ("online", "The customer bought online.")),
        ),
    ),
)  # fmt: skip

CUSTOMER_MERGES = customer_merges("Lexer", ("LexerCustomerMerges", "Lexer Customer Merges"), "messages and orders")

KINDS = (MESSAGES, ORDERS, CUSTOMER_MERGES)
