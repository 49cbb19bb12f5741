"""Lexer: Contact, Overview. Messages sent, and the orders that follow them."""

from workbench.reports import lexer
from workbench.reports.entities import LEXER_MESSAGES, LEXER_MESSAGES_CREDITED
from workbench.reports.lexer import CONVERSION_RATE, CUSTOMERS_MESSAGED, MESSAGES_SENT, REVENUE_GENERATED
from workbench.reports.model import Report, Tile

_HEROES = tuple(m.name for m in (MESSAGES_SENT, REVENUE_GENERATED, CONVERSION_RATE, CUSTOMERS_MESSAGED))

MESSAGING_OVERVIEW = Report(
    name="messaging_overview",
    title="Messaging overview",
    system=lexer.SYSTEM,
    icon=":material/outgoing_mail:",
    purpose="Messages to customers, and what they order after.",
    rows_label="messages",
    kinds=lexer.KINDS,
    main=LEXER_MESSAGES,
    filters=lexer.FILTERS,
    dimensions=lexer.DIMENSIONS,
    settings=lexer.SETTINGS,
    metrics=(*lexer.BREAKDOWN, CUSTOMERS_MESSAGED),
    tiles=(
        Tile("totals", "Totals", "metrics", LEXER_MESSAGES_CREDITED, _HEROES, metrics=_HEROES, stated=lexer.STATED),
        Tile(
            "sent_by_period",
            "Messages over time",
            "bars_over_time",
            LEXER_MESSAGES,
            ("period", MESSAGES_SENT.name),
            dimensions=("period",),
            metrics=(MESSAGES_SENT.name,),
            stated=lexer.STATED_OVER_TIME,
            growing=f"{LEXER_MESSAGES_CREDITED.name} where {lexer.MATURING}",
        ),
        lexer.breakdown(lexer.QUEUE, "By queue"),
        *lexer.LOGS,
    ),
    about=(
        (
            "How it is measured",
            "Every row is a message of the loaded files, sent or skipped, placed in time by the moment it was sent. The"
            " page opens on the last 30 days of messages. Orders are looked up by customer, whenever they were made.",
        ),
        *lexer.ABOUT_ATTRIBUTION,
        (
            "Why does Lexer's own example count differently?",
            "Lexer calls the conversion rate a share of customers, yet its example divides 20 customers who ordered by"
            " 100 messages. Both agree only when every customer gets one message. Here it is customers by customers.",
        ),
        (
            "Which queues are listed?",
            "Those with at least one message sent in the period, with what they skipped beside it. Queues and agents"
            " can be picked in the sidebar; with none picked, all count.",
        ),
        (
            "What happened on one day?",
            "Point at the day in the chart: it names the day and its messages. A click pins it, and everything else"
            " follows.",
        ),
    ),
)
