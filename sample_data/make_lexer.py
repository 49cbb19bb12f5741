"""Makes Lexer's exports: messages to customers, the orders that some of them lead to, and merges of customers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from sample_data.draws import CHUNK, HOUR, SECOND, Arrays, Calendar, Dice, Flags, Ints
from sample_data.files import add, database, listed, write
from sample_data.people import AGENTS, customers, merged_customers
from workbench.exports.lexer import CUSTOMER_MERGES, MESSAGES, ORDERS

SYSTEM = 3  # tells this system's draws from the others'
PER_MILLE = 360  # messages for a thousand contacts in Gladly
DAY = 86_400


@dataclass(frozen=True)
class Queue:
    """A list of customers to write to: how often it is worked off per mille, how many are skipped, how many order."""

    name: str
    weight: int
    skipped: int
    ordered: int


QUEUES = (
    Queue("Post-purchase thank you", 300, 60, 90),
    Queue("Birthday", 210, 90, 170),
    Queue("New arrivals", 190, 150, 130),
    Queue("Back in stock, wish list", 140, 70, 290),
    Queue("Lapsed | 90 days", 110, 240, 45),
    Queue("VIP preview", 50, 40, 340),
)
STAFF = AGENTS[10:22]  # who write to customers from the stores
STAFF_WEIGHTS = range(60, 12, -4)
STATUSES = ("SENT", "SKIPPED")
CHANNELS, CHANNEL_WEIGHTS = ("SMS", "Email", "WhatsApp"), (620, 230, 150)
PLACES = ("store", "online")
CURRENCY = "USD"
# An order follows a message, or nothing that is known, or takes back one that followed a message.
FOLLOWING, UNRELATED, REFUND = range(3)
NO_VALUE = np.iinfo(np.int64).min


def _messages(first: int, contacts: int, messages: int, calendar: Calendar, dice: Dice) -> Arrays:
    """Draw one chunk of messages, in the order sent; at night nobody writes, but ten hours later."""
    sent, queue = calendar.queued(first, messages, dice), dice.picked([queue.weight for queue in QUEUES])
    sent = np.where(calendar.is_night(sent), sent + 10 * HOUR, sent)
    return {
        "number": np.arange(first, first + dice.rows),
        "instant": sent,
        "wall": calendar.wall(sent),
        "customer": np.where(dice.chance(6), -1, customers(contacts, dice)),
        "queue": queue,
        "agent": dice.picked(STAFF_WEIGHTS),
        "status": dice.chance(np.array([queue.skipped for queue in QUEUES])[queue]).astype(np.int64),
        "channel": dice.picked(CHANNEL_WEIGHTS),
    }


def _orders(messages: Arrays, contacts: int, calendar: Calendar, dice: Dice) -> Iterator[Arrays]:
    """Yield the orders that follow a chunk of messages, others of the same days, and refunds of the former."""
    sent, customer, queue = messages["instant"], messages["customer"], messages["queue"]
    is_sent = (messages["status"] == STATUSES.index("SENT")) & (customer >= 0)
    follows = is_sent & dice.chance(np.array([queue.ordered for queue in QUEUES])[queue])
    late = np.where(dice.chance(180), dice.between(7 * DAY, 21 * DAY), 0)
    ordered, cents = sent + (dice.lognormal(30 * 3_600, 11) + late) * SECOND, _cents(dice)
    rows: Arrays = {
        "number": messages["number"],
        "instant": ordered,
        "customer": customer,
        "cents": cents,
        "place": (~dice.chance(450)).astype(np.int64),
    }
    yield _happened(rows, FOLLOWING, follows, calendar)
    others: Arrays = {
        "instant": sent + dice.between(0, 2 * DAY) * SECOND,
        "customer": customers(contacts, dice),
        "cents": _cents(dice),
    }
    yield _happened(rows | others, UNRELATED, dice.chance(110), calendar)
    back = np.where(dice.chance(600), cents, cents // 2)
    refunds: Arrays = {"instant": ordered + dice.between(DAY, 21 * DAY) * SECOND, "cents": -back}
    yield _happened(rows | refunds, REFUND, follows & (cents > 1) & dice.chance(110), calendar)


def _cents(dice: Dice) -> Ints:
    """Draw what orders are worth; a few are worth nothing, of fewer it is not known."""
    cents = dice.lognormal(8_900, 8)
    cents[dice.chance(15)] = 0
    cents[dice.chance(8)] = NO_VALUE
    return cents


def _happened(rows: Arrays, origin: int, wanted: Flags, calendar: Calendar) -> Arrays:
    """Return the wanted rows that lie in the period, with where they come from and their wall times."""
    kept = _in_the_period({name: values[wanted] for name, values in rows.items()}, calendar)
    return kept | {"origin": np.full(len(kept["instant"]), origin), "wall": calendar.wall(kept["instant"])}


def _in_the_period(rows: Arrays, calendar: Calendar) -> Arrays:
    known = rows["instant"] < calendar.pulled
    return {name: values[known] for name, values in rows.items()}


def _message_texts(seed: int) -> dict[str, str]:
    return {
        "message_id": f"md5('message {seed} ' || number)::uuid",
        "sent_at": "wall",
        "customer_id": customer_id_sql("customer", seed),
        "queue": f"{listed([queue.name for queue in QUEUES])}[queue + 1]",
        "agent": f"{listed(STAFF)}[agent + 1]",
        "status": f"{listed(STATUSES)}[status + 1]",
        "channel": f"{listed(CHANNELS)}[channel + 1]",
    }


def _order_texts(seed: int, second_currency: str | None) -> dict[str, str]:
    places, currencies = listed(PLACES), listed([CURRENCY, second_currency or CURRENCY])
    return {
        "order_id": f"upper({places}[place + 1][1]) || '-' || (4000000 + 3 * number + origin)",
        "ordered_at": "wall",
        "customer_id": customer_id_sql("customer", seed),
        "order_value": f"(nullif(cents, {NO_VALUE}) / 100)::decimal(18, 2)",
        "currency": f"{currencies}[if(customer % 10 = 0, 2, 1)]",  # every customer pays in one
        "channel": f"{places}[place + 1]",
    }


def _merge_texts(seed: int) -> dict[str, str]:
    ids = {name: customer_id_sql(name, seed) for name in ("merged_customer_id", "customer_id")}
    return ids | {"merged_at": "merged_at"}


def customer_id_sql(customer: str, seed: int) -> str:
    """Return SQL for a customer's ID, of 24 hexadecimal digits; nobody is missing."""
    return f"case when {customer} >= 0 then left(md5('lexer {seed} ' || {customer}), 24) end"


def write_all(
    folder: Path, contacts: int, days: int, end: date, seed: int, second_currency: str | None = None
) -> list[Path]:
    """Write the files into a folder and return their paths; `contacts` is the number in Gladly."""
    calendar, count = Calendar(days, end, seed), max(1, contacts * PER_MILLE // 1000)
    with database() as rows:
        for position, first in enumerate(range(0, count, CHUNK)):
            dice = Dice(min(CHUNK, count - first), seed, position, SYSTEM)
            messages = _messages(first, contacts, count, calendar, dice)
            add(rows, MESSAGES.table, _in_the_period(messages, calendar))
            for orders in _orders(messages, contacts, calendar, dice):
                add(rows, ORDERS.table, orders)
        add(rows, CUSTOMER_MERGES.table, merged_customers(contacts, end, (1, 4)))
        span = f"{end - timedelta(days - 1):%Y%m%d}-{end:%Y%m%d}"
        return [
            write(rows, kind.table, kind, texts, order, folder / f"{name}.csv")
            for kind, texts, order, name in (
                (MESSAGES, _message_texts(seed), "instant, number", f"LexerMessages-{span}"),
                (ORDERS, _order_texts(seed, second_currency), "instant, number, origin", f"LexerOrders-{span}"),
                (CUSTOMER_MERGES, _merge_texts(seed), "merged_at, merged_customer_id", "LexerCustomerMerges"),
            )
        ]
