"""Orders credited to messages: every figure of Lexer's reports against every message beside every order."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import plain
from workbench import Workbench
from workbench.ask import answers
from workbench.notebook import Report
from workbench.store.workspace import Workspace

FIRST, DAYS = date(2024, 3, 1), 12
START = datetime(2024, 3, 1)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
PEOPLE = 150  # of a crowd: a question about them all costs little more than one about two of them
MERGED = {f"gone {n}": f"ann {n}" for n in range(PEOPLE)}


@dataclass(frozen=True)
class Message:
    id: str
    at: datetime
    customer: str | None
    queue: str | None
    agent: str | None
    status: str | None

    @property
    def is_sent(self) -> bool:
        return self.status == "SENT"


@dataclass(frozen=True)
class Order:
    id: str
    at: datetime
    customer: str | None
    value: Decimal | None
    currency: str | None

    @property
    def is_purchase(self) -> bool:
        return self.value is None or self.value >= 0

    @property
    def is_free(self) -> bool:
        return not self.value


Row = TypeVar("Row", Message, Order)


@dataclass(frozen=True)
class Case:
    """Stored rows and a question about them. Filters and pins have at most one value per key."""

    messages: tuple[Message, ...]
    orders: tuple[Order, ...]
    first: date | None
    last: date | None
    window_days: int
    touch: str
    as_exported: bool
    filters: dict[str, str | None]
    pins: dict[str, str | None]


Pick = Callable[[Sequence[Any]], Any]  # one of some values, at random


def drawn(pick: Pick, people: int) -> Case:
    """Return a case of so many people, most of whose orders lie at an edge of a message's window."""
    window = pick((1, 2, 7, 60))
    currencies = pick((("USD",), ("USD",), ("USD", "EUR"), ("USD", None), (None,)))
    everybody = [[f"ann {n}", f"ann {n}", f"ben {n}", f"gone {n}", None] for n in range(people)]
    messages = [message for n, known in enumerate(everybody) for message in messages_to(pick, n, known)]
    orders = [order for n, known in enumerate(everybody) for order in orders_of(pick, n, known, window, currencies)]
    days = sorted(FIRST + timedelta(pick(range(DAYS + 1))) for _ in range(2)) if pick((True, False)) else (None, None)
    keys = {"queue": ("Birthday", "Lapsed", None), "agent": ("Bo", "Cy", None)}
    filters, pins = (
        {key: pick(values) for key, values in named.items() if pick((True, False))} if pick((True, False)) else {}
        for named in (keys | {"currency": ("USD", "EUR", None)}, keys)
    )
    touch, as_exported = pick(("last", "first")), pick((True, False))
    return Case(tuple(messages), tuple(orders), *days, window, touch, as_exported, filters, pins)


SENT = START + 5 * DAY
TIMES = (*(SENT + timedelta(hours=hours) for hours in (0, 0, 1, 24, 25, 48, -120, 150)), SENT - SECOND)


def messages_to(pick: Pick, n: int, known: Sequence[str | None]) -> Iterator[Message]:
    """Yield up to seven messages, whose IDs are in another order than their rows."""
    ids = list(range(pick(range(8))))
    while ids:
        yield Message(
            f"m{n}-{ids.pop(pick(range(len(ids))))}", pick(TIMES), pick(known), pick(("Birthday", "Lapsed", None)),
            pick(("Bo", "Cy", None)), pick(("SENT", "SENT", "SENT", "SKIPPED", "BOUNCED", None)),
        )  # fmt: skip


def orders_of(
    pick: Pick, n: int, known: Sequence[str | None], window: int, currencies: Sequence[str | None]
) -> Iterator[Order]:
    """Yield up to eight orders, most of them where the window of a message begins or ends."""
    span = window * DAY
    late = (-SECOND, 0 * SECOND, SECOND, span - SECOND, span, span + SECOND, span / 2, timedelta(hours=3))
    values = (None, *map(Decimal, ("0", "10.10", "0.20", "99.99", "-5.05")))
    for number in range(pick(range(9))):
        yield Order(f"o{n}-{number}", pick(TIMES) + pick(late), pick(known), pick(values), pick(currencies))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    return drawn(lambda values: draw(st.sampled_from(values)), people=1)


def crowd(seed: int) -> Case:
    return drawn(Random(seed).choice, PEOPLE)


# What is expected ----------------------------------------------------------------------------------------------------


def by_customer(rows: Iterable[Row]) -> dict[str | None, list[Row]]:
    found: dict[str | None, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.customer].append(row)
    return found


class Expected:
    """Every figure of a case, from every message beside every order."""

    def __init__(self, case: Case) -> None:
        self.case, self.window = case, case.window_days * DAY
        first, last = case.first or date.min, case.last or date.max
        self.dated = [self.known(m) for m in case.messages if first <= m.at.date() <= last]
        self.orders = [self.known(o) for o in case.orders]
        self.messages_to, self.orders_by = by_customer(self.dated), by_customer(self.orders)
        self.credited = {order.id: self.credit(order) for order in self.orders}
        self.credits: dict[str, list[Order]] = defaultdict(list)
        for order in self.orders:
            if message := self.credited[order.id]:
                self.credits[message.id].append(order)
        self.chosen = [case.filters["currency"]] if "currency" in case.filters else None
        self.is_mixed = self.chosen is None and len({o.currency for o in self.orders if o.value}) > 1

    def known(self, row: Row) -> Row:
        """Return a row with the customer that it counts for."""
        merged = {} if self.case.as_exported else MERGED
        return replace(row, customer=merged.get(row.customer or "", row.customer))

    def holds(self, message: Message, order: Order) -> bool:
        return (
            message.is_sent
            and message.customer is not None
            and message.customer == order.customer
            and message.at <= order.at < message.at + self.window
        )

    def credit(self, order: Order) -> Message | None:
        rivals = self.messages_to[order.customer]
        found = sorted((m for m in rivals if self.holds(m, order)), key=lambda m: (m.at, m.id))
        return found[-1 if self.case.touch == "last" else 0] if found else None

    def selected(self, ignored: str = "") -> list[Message]:
        """Return the messages that a tile rests on; it ignores a pin of its own dimension."""
        pins = {key: value for key, value in self.case.pins.items() if key != ignored}
        asked = [*self.case.filters.items(), *pins.items()]
        return [m for m in self.dated if all(getattr(m, key) == value for key, value in asked if key != "currency")]

    def orders_of(self, messages: Iterable[Message]) -> list[Order]:
        """Return the orders that messages are credited with, in the currency chosen."""
        return [order for message in messages for order in self.credits[message.id] if self.counts(order)]

    def counts(self, order: Order) -> bool:
        return self.chosen is None or order.currency in self.chosen

    def revenue(self, messages: Sequence[Message]) -> float | None:
        if not messages:
            return None if self.is_mixed else 0.0
        orders = self.orders_of(messages)
        values = [order.value for order in orders if order.value is not None]
        return None if self.is_mixed or (orders and not values) else float(sum(values, Decimal(0)))

    def worthless(self, messages: Sequence[Message]) -> int:
        """Return how many orders convert and add nothing."""
        return len({o.id for m in messages for o in self.orders_by[m.customer] if o.is_free and self.holds(m, o)})

    def differs(self, key: str) -> bool:
        """Tell whether in any row of a breakdown somebody has ordered whom no order of that row is credited for."""
        ordered, bought = (
            {(getattr(m, key), m.customer) for m in self.dated for o in orders(m) if o.is_purchase and self.holds(m, o)}
            for orders in (lambda m: self.orders_by[m.customer], lambda m: self.credits[m.id])
        )
        return ordered != bought

    def figures(self, messages: Sequence[Message]) -> dict[str, Any]:
        sent = [message for message in messages if message.is_sent]
        customers = {message.customer for message in sent} - {None}
        converted = {m.customer for m in sent for o in self.orders_by[m.customer] if o.is_purchase and self.holds(m, o)}
        revenue = self.revenue(messages)
        return {
            "messages_sent": len(sent),
            "messages_skipped": sum(message.status == "SKIPPED" for message in messages),
            "revenue_generated": revenue,
            "revenue_per_message": None if revenue is None or not sent else revenue / len(sent),
            "conversion_rate": len(converted) / len(customers) if customers else None,
            "customers_messaged": len(customers),
            "active_users": len({message.agent for message in sent} - {None}),
        }

    def grouped(self, key: Callable[[Message], Any], ignored: str = "") -> dict[Any, dict[str, Any]]:
        groups: dict[Any, list[Message]] = defaultdict(list)
        for message in self.selected(ignored):
            groups[key(message)].append(message)
        return {name: self.figures(rows) for name, rows in groups.items() if any(row.is_sent for row in rows)}


# What is found -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workbench() -> Iterator[Workbench]:
    """A workbench whose loads cover the days of every case, for messages and for orders."""
    workbench = Workbench()
    workbench.workspace.set("reporting_zone", "UTC")
    with workbench.workspace.cursor() as cursor:
        for kind in ("lexer_messages", "lexer_orders"):
            covered = [1, kind, START, START + (DAYS + 1) * DAY]
            cursor.execute("insert into coverage values (?, ?, ?, ?, '{}')", covered)
        cursor.executemany("insert into lexer_customer_roots values (?, ?)", list(MERGED.items()))
    yield workbench
    workbench.close()


def put(workspace: Workspace, case: Case) -> None:
    """Make the case's rows the only ones."""
    messages = [(n, m.id, m.at, m.at, m.customer, m.queue, m.agent, m.status) for n, m in enumerate(case.messages)]
    orders = [(n, o.id, o.at, o.at, o.customer, o.value, o.currency) for n, o in enumerate(case.orders)]
    into = {
        "lexer_message_rows (row_id, message_id, sent_at, sent_at_local, customer_id, queue, agent, status)": messages,
        "lexer_order_rows (row_id, order_id, ordered_at, ordered_at_local, customer_id, order_value, currency)": orders,
    }
    with workspace.cursor() as cursor:
        for table, rows in into.items():
            cursor.execute(f"delete from {table.split()[0]}")
            if rows:
                # All at once: row by row it takes longer than all questions about them.
                places = ", ".join([f"({', '.join('?' * len(rows[0]))})"] * len(rows))
                cursor.execute(f"insert into {table} values {places}", [value for row in rows for value in row])


def asked(workbench: Workbench, name: str, case: Case) -> Report:
    return workbench.report(
        name, case.first, case.last, window_days=case.window_days, touch=case.touch, as_exported=case.as_exported,
        pins=case.pins, **case.filters,
    )  # fmt: skip


def check_totals(report: Report, expected: Expected) -> None:
    (row,) = plain(report.tile("totals"))
    figures = expected.figures(expected.selected())
    assert row == {name: figures[name] for name in row}


def check_breakdown(report: Report, expected: Expected, key: str) -> None:
    rows = plain(report.tile(f"by_{key}"))
    names = [name for name in (rows[0] if rows else ()) if name != key]
    found = {row[key]: {name: row[name] for name in names} for row in rows}
    groups = expected.grouped(lambda message: getattr(message, key), ignored=key)
    assert found == {value: {name: figures[name] for name in names} for value, figures in groups.items()}
    sent = [row["messages_sent"] for row in rows]
    assert sent == sorted(sent, reverse=True)
    if key not in expected.case.pins:
        whole = expected.figures(expected.selected())
        assert sum(sent) == whole["messages_sent"]
        assert expected.is_mixed or sum(r["revenue_generated"] or 0 for r in rows) == pytest.approx(
            whole["revenue_generated"] or 0
        )


def check_periods(overview: Report, team: Report, expected: Expected) -> None:
    found = {row["period"]: row["messages_sent"] for row in plain(overview.tile("sent_by_period"))}
    days = expected.grouped(lambda message: f"{message.at:%Y-%m-%d}")
    assert {day: n for day, n in found.items() if n} == {day: row["messages_sent"] for day, row in days.items()}
    cells = plain(team.tile("sent_by_period"))
    by_cell = expected.grouped(lambda message: (f"{message.at:%Y-%m-%d}", message.agent))
    assert {(row["period"], row["agent"]): row["messages_sent"] for row in cells if row["messages_sent"]} == {
        cell: row["messages_sent"] for cell, row in by_cell.items()
    }
    assert len(cells) == len(found) * len({agent for _, agent in by_cell})


def check_logs(report: Report, expected: Expected) -> None:
    rows = {row["message_id"]: row for row in plain(report.tile("messages_log"))}
    chosen = {message.id: message for message in expected.selected()}
    assert set(rows) == set(chosen)
    for id, message in chosen.items():
        assert rows[id]["orders_credited"] == len(expected.credits[id])
        assert rows[id]["revenue_credited"] == expected.revenue([message])
    credited = plain(report.rows("totals", metric="revenue_generated"))
    assert {row["order_id"]: row["credited_message_id"] for row in credited} == {
        order.id: message.id
        for order in expected.orders_of(expected.selected())
        if (message := expected.credited[order.id])
    }


def check_drill(report: Report, expected: Expected, key: str) -> None:
    """The numbers of a breakdown's last row are computed again from their rows."""
    for row in plain(report.tile(f"by_{key}"))[-1:]:
        cell = {key: row[key]}
        sent, orders, denominator, numerator = (
            plain(report.rows(f"by_{key}", metric=metric, part=part, **cell))
            for metric, part in (
                ("messages_sent", ""), ("revenue_generated", ""), ("conversion_rate", "denominator"),
                ("conversion_rate", "numerator"),
            )
        )  # fmt: skip
        assert len(sent) == row["messages_sent"]
        values = [order["order_value"] for order in orders if order["order_value"] is not None]
        known = sum(values) if values or not orders else None
        assert expected.is_mixed or row["revenue_generated"] == (None if known is None else pytest.approx(known))
        customers, converted = ({line["customer_id"] for line in lines} for lines in (denominator, numerator))
        assert row["conversion_rate"] == (len(converted) / len(customers) if customers else None)


def check_said(report: Report, expected: Expected, key: str) -> None:
    """What is said beside the numbers: orders worth nothing, and that revenue and conversion are of other touches."""
    totals, breakdown = (report.question.report.tile(name) for name in ("totals", f"by_{key}"))
    free = expected.worthless(expected.selected())
    said = [text.partition(" ")[0] for text in answers.stated(report.question, totals) if "worth zero" in text]
    assert said == ([str(free)] if free else [])
    assert bool(answers.note(report.question, breakdown)) == expected.differs(key)


def check(workbench: Workbench, case: Case) -> None:
    put(workbench.workspace, case)
    expected = Expected(case)
    overview, team = (asked(workbench, name, case) for name in ("messaging_overview", "team_engagement"))
    check_totals(overview, expected)
    check_totals(team, expected)
    check_breakdown(overview, expected, "queue")
    check_breakdown(team, expected, "agent")
    check_periods(overview, team, expected)
    check_logs(overview, expected)
    check_said(overview, expected, "queue")
    check_said(team, expected, "agent")


@pytest.mark.parametrize("seed", range(16))
def test_every_figure_of_a_crowd_agrees_with_every_message_beside_every_order(workbench: Workbench, seed: int) -> None:
    check(workbench, crowd(seed))


@given(case=cases())
def test_every_figure_of_a_few_agrees_with_every_message_beside_every_order(workbench: Workbench, case: Case) -> None:
    check(workbench, case)


def check_rows(workbench: Workbench, case: Case) -> None:
    put(workbench.workspace, case)
    check_drill(asked(workbench, "messaging_overview", case), Expected(case), "queue")
    check_drill(asked(workbench, "team_engagement", case), Expected(case), "agent")


@pytest.mark.parametrize("seed", range(6))
def test_a_number_of_a_crowd_is_computed_again_from_its_rows(workbench: Workbench, seed: int) -> None:
    check_rows(workbench, crowd(seed))


@pytest.mark.long
@given(case=cases())
@settings(max_examples=200)
def test_every_figure_of_a_few_agrees_with_every_message_beside_every_order_long(
    workbench: Workbench, case: Case
) -> None:
    check(workbench, case)
    check_rows(workbench, case)
