"""Lexer: Contact, Team engagement. Who writes to customers, and what it brings in."""

from workbench.reports import lexer
from workbench.reports.entities import LEXER_MESSAGES, LEXER_MESSAGES_CREDITED
from workbench.reports.lexer import ACTIVE_USERS, MESSAGES_SENT, REVENUE_PER_MESSAGE
from workbench.reports.model import Report, Tile

_HEROES = (ACTIVE_USERS.name, REVENUE_PER_MESSAGE.name)

TEAM_ENGAGEMENT = Report(
    name="team_engagement",
    title="Team engagement",
    system=lexer.SYSTEM,
    icon=":material/groups:",
    purpose="Who writes to customers, how much, and what it brings in.",
    rows_label="messages",
    kinds=lexer.KINDS,
    main=LEXER_MESSAGES,
    filters=lexer.FILTERS,
    dimensions=lexer.DIMENSIONS,
    settings=lexer.SETTINGS,
    metrics=(ACTIVE_USERS, *lexer.BREAKDOWN),
    tiles=(
        Tile("totals", "Totals", "metrics", LEXER_MESSAGES_CREDITED, _HEROES, metrics=_HEROES, stated=lexer.STATED),
        Tile(
            "sent_by_period",
            "Messages over time by agent",
            "stacked_over_time",
            LEXER_MESSAGES,
            ("period", lexer.AGENT.key, MESSAGES_SENT.name),
            dimensions=("period", lexer.AGENT.key),
            metrics=(MESSAGES_SENT.name,),
            stated=lexer.STATED_OVER_TIME,
            growing=f"{LEXER_MESSAGES_CREDITED.name} where {lexer.MATURING}",
        ),
        lexer.breakdown(lexer.AGENT, "By agent"),
        *lexer.LOGS,
    ),
    about=(
        (
            "How it is measured",
            "Every row is a message of the loaded files, sent or skipped, placed in time by the moment it was sent, and"
            " belongs to the agent who sent or skipped it. The page opens on the last 30 days of messages.",
        ),
        (
            "Who is an active user?",
            "A member of the team who sent at least one message in the period, in any queue. Someone who only skipped"
            " is not active, and has no row in the table. Messages without an agent are a row, and no user.",
        ),
        (
            "How is revenue per message worked out?",
            "Revenue generated divided by messages sent: 1,000 dollars from 100 messages are 10 dollars a message."
            " Skipped messages are not in it.",
        ),
        *lexer.ABOUT_ATTRIBUTION,
        (
            "Who sent how much on one day?",
            "Point at the day in the chart: it names the day, how many messages each agent sent, and the total. A click"
            " on an agent's part of the bar pins both, and everything else follows.",
        ),
    ),
)
