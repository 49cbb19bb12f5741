"""Repeat contacts against every pair of contacts: forwards, requests, repeats and ripeness, by their definitions."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.builders import Desk, contact, merges, plain
from workbench import Workbench

ZONE = ZoneInfo("America/New_York")
FIRST, LAST = date(2024, 10, 20), date(2024, 11, 20)  # with a day of 25 hours between them
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=n) for n in (1, 60, 3_600, 86_400))
CHANNELS = ("PHONE_CALL", "CHAT", None)


@dataclass(frozen=True)
class Contact:
    id: str
    customer: str | None
    channel: str | None
    at: datetime  # UTC
    ended: datetime | None


@dataclass(frozen=True)
class Case:
    """Contacts, which days are loaded, and a question."""

    contacts: tuple[Contact, ...]
    spans: tuple[tuple[date, date], ...]  # of files of everything
    limited: tuple[date, date] | None  # of one that has chats alone
    within_days: int
    forward_minutes: int
    same_channel: bool
    as_exported: bool
    days: tuple[date, date]
    channel: str | None


def local(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC).astimezone(ZONE).replace(tzinfo=None)


def is_clear(at: datetime) -> bool:
    """Tell whether a wall time comes once: an export does not say which pass of a repeated hour it means."""
    wall = local(at)
    return wall.replace(tzinfo=ZONE, fold=0).utcoffset() == wall.replace(tzinfo=ZONE, fold=1).utcoffset()


def drawn(chance: Random) -> Case:
    """Return a case in which most contacts lie at an edge of what came before."""
    n, minutes = chance.choice([1, 2, 7]), chance.choice([0, 15, 15, 90])
    spans: tuple[tuple[date, date], ...] = ((FIRST, LAST),)
    limited = None
    if chance.random() < 0.6:
        hole = FIRST + timedelta(days=chance.randrange(3, 28))
        spans = ((FIRST, hole - DAY), (hole + DAY, LAST))
        limited = (hole, hole) if chance.random() < 0.5 else None
    starts = [datetime(2024, 11, 1, 4), datetime(2024, 11, 3, 3, 59, 59), datetime(2024, 10, 29, 12)]
    found = []
    for person in range(40):
        at = chance.choice(starts) + chance.choice([0, 1, 5]) * DAY
        known = chance.choice([(f"ann {person}",), (f"ann {person}", f"gone {person}"), (f"ben {person}",)])
        ended: datetime | None = None
        for place in range(chance.randrange(1, 7)):
            lasting = chance.choice([None, 0 * SECOND, 10 * MINUTE, 5 * HOUR, -MINUTE])
            ended = at + lasting if lasting is not None else None
            customer = chance.choice(known) if chance.random() > 0.05 else None
            found.append(Contact(f"{chance.randrange(1000):03}-{person}-{place}", customer,
                                 chance.choice(CHANNELS), at, ended))  # fmt: skip
            edges = (0 * SECOND, minutes * MINUTE, n * DAY, HOUR)
            at = chance.choice([at, ended or at]) + chance.choice(edges) + chance.choice([-1, 0, 0, 1]) * SECOND
    days = sorted(FIRST + timedelta(days=chance.randrange(31)) for _ in range(2))
    covered = [day for span in spans for day in span] + list(limited or ())
    known_contacts = tuple(
        each for each in found
        if is_clear(each.at) and (each.ended is None or is_clear(each.ended))
        if any(a <= local(each.at).date() <= b for a, b in spans)
        or (limited and limited[0] == local(each.at).date() and each.channel == "CHAT")
    )  # fmt: skip
    assert covered
    return Case(
        known_contacts, spans, limited, n, minutes, chance.random() < 0.3, chance.random() < 0.3,
        (days[0], days[1]) if chance.random() < 0.5 else (FIRST, LAST), chance.choice([None, None, "CHAT"]),
    )  # fmt: skip


# By definition, pair by pair -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    contacts: tuple[Contact, ...]
    following: "Request | None" = None
    before: "Request | None" = None

    @property
    def first(self) -> Contact:
        return self.contacts[0]

    @property
    def last(self) -> Contact:
        return self.contacts[-1]


def requests_of(case: Case) -> list[Request]:
    """Return all requests, each with the next one of its customer and the one before."""
    lanes: dict[tuple[str, str | None], list[Contact]] = defaultdict(list)
    places = {each.id: n for n, each in enumerate(case.contacts)}  # of those of one moment the file's order decides
    for each in case.contacts:
        if each.customer is not None:
            stayed = each.customer if case.as_exported else each.customer.replace("gone", "ann")
            lanes[stayed, each.channel if case.same_channel else ""].append(each)
    found = []
    for contacts in lanes.values():
        in_order = sorted(contacts, key=lambda each: (each.at, places[each.id]))
        group = {each.id: n for n, each in enumerate(in_order)}
        for n, later in enumerate(in_order):
            for earlier in in_order[:n]:
                if is_forward(earlier, later, case.forward_minutes * MINUTE):
                    old, new = group[later.id], group[earlier.id]
                    group = {name: new if number == old else number for name, number in group.items()}
        parts = [tuple(each for each in in_order if group[each.id] == n) for n in dict.fromkeys(group.values())]
        plain_requests = [Request(part) for part in sorted(parts, key=lambda part: (part[0].at, places[part[0].id]))]
        ends = [None, *plain_requests, None]
        found += [replace(each, before=ends[n], following=ends[n + 2]) for n, each in enumerate(plain_requests)]
    return found


def is_forward(earlier: Contact, later: Contact, most: timedelta) -> bool:
    return later.at <= earlier.at + most or (earlier.ended is not None and later.at <= earlier.ended + most)


def gap(one: Request | None, other: Request | None) -> timedelta | None:
    return other.first.at - one.last.at if one and other else None


def are_loaded(case: Case, start: datetime, end: datetime) -> bool:
    """Tell whether everything is loaded of every local day that has a moment of [start, end)."""
    day, last = local(start).date(), local(end - SECOND / 1_000_000).date()
    while day <= last:
        if not any(a <= day <= b for a, b in case.spans):
            return False
        day += DAY
    return True


def described(case: Case, each: Request) -> dict[str, Any]:
    after, before, window = gap(each, each.following), gap(each.before, each), case.within_days * DAY
    is_repeated = after is not None and after < window
    return {
        "is_repeated": is_repeated,
        "is_ripe": are_loaded(case, each.last.at, each.last.at + window),
        "begins_chain": before is None or before >= window,
        "has_history": are_loaded(case, each.first.at - window, each.first.at),
        "next_contact_id": each.following.first.id if each.following and is_repeated else None,
        "next_channel": each.following.first.channel if each.following and is_repeated else None,
        "days_to_repeat": pytest.approx(after / DAY) if after is not None and is_repeated else None,
    }


# Both ----------------------------------------------------------------------------------------------------------------


def loaded(case: Case, folder: Any) -> Desk:
    desk = Desk(folder, Workbench())
    files = [(span, "All Channels") for span in case.spans] + ([(case.limited, "CHAT")] if case.limited else [])
    for (first, last), channels in files:
        rows = [
            contact(
                f"{local(each.at):%Y-%m-%d %H:%M:%S}", contact_id=each.id, customer_id=each.customer,
                channel=each.channel, channel_filter=channels, timezone_filter=ZONE.key,
                ended_at=f"{local(each.ended):%Y-%m-%d %H:%M:%S}" if each.ended else None,
            )
            for each in case.contacts
            if first <= local(each.at).date() <= last
        ]  # fmt: skip
        outside = [contact(f"{first} 12:00:00", direction="OUTBOUND", channel="CHAT", channel_filter=channels,
                           timezone_filter=ZONE.key)]  # fmt: skip
        desk.load(*rows, *outside, name=f"ContactExport-{first:%Y%m%d}-{last:%Y%m%d}.csv")
    desk.workbench.load(merges(folder / "merges.csv", *((f"gone {n}", f"ann {n}") for n in range(40))),
                        kind="gladly_customer_merges")  # fmt: skip
    return desk


def agrees(case: Case, folder: Any) -> None:
    desk = loaded(case, folder)
    asked: dict[str, Any] = {
        "start": case.days[0], "end": case.days[1], "within_days": case.within_days,
        "forward_minutes": case.forward_minutes, "same_channel": case.same_channel, "as_exported": case.as_exported,
    }  # fmt: skip
    asked |= {"channel": case.channel} if case.channel else {}
    report = desk.workbench.report("repeat_contacts", **asked)
    everything = requests_of(case)

    def is_in(each: Contact) -> bool:
        return is_on_days(case, each) and case.channel in (None, each.channel)

    inside = [each for each in everything if is_in(each.first)]
    told = {each.first.id: described(case, each) for each in inside}
    forwards = {other.id for each in everything for other in each.contacts[1:] if is_in(other)}
    rows = {row["contact_id"]: row for row in plain(report.tile("log", columns="all"))}
    assert rows.keys() == {each.id for each in case.contacts if is_in(each)}
    for name, row in rows.items():
        is_one = name in told
        assert row["is_forward"] == (False if is_one else True if name in forwards else None), (name, row)
        expected = told[name] if is_one else dict.fromkeys(("is_repeated", "is_ripe", "next_contact_id"))
        assert {key: row[key] for key in expected} == expected, name
    assert plain(report.tile("totals")) == [totals(inside, told, len(told) + len(forwards), case)]
    moved = Counter((each.first.channel, told[each.first.id]["next_channel"]) for each in inside
                    if told[each.first.id]["is_repeated"])  # fmt: skip
    tile = plain(report.tile("to_channel"))
    assert {(row["channel"], row["next_channel"]): row["requests"] for row in tile} == moved
    gaps = [gap(each, each.following) for each in inside if told[each.first.id]["is_repeated"]]
    bars = [row["requests"] for row in plain(report.tile("days_to_repeat"))]
    whole = Counter(int(each / DAY) for each in gaps if each is not None)
    assert bars == [whole[n] for n in range(case.within_days)]
    by_channel = plain(report.tile("by_channel"))
    assert {row["channel"]: (row["requests"], row["repeated"], row["repeated_rate"]) for row in by_channel} == {
        channel: figures([told[each.first.id] for each in inside if each.first.channel == channel])
        for channel in {each.first.channel for each in inside}
    }
    found = {row["customer_id"]: (row["requests"], row["longest_chain"]) for row in plain(report.tile("customers"))}
    assert {name: row for name, row in found.items() if row[0]} == chains(inside, case)
    desk.workbench.close()


def chains(inside: list[Request], case: Case) -> dict[str, tuple[int, int]]:
    """Return how many requests each customer has, and the most of them that are of one chain."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    known = {each.first.id: each for each in requests_of(case)}
    for each in inside:
        begins = each
        while begins.before and not described(case, begins)["begins_chain"]:
            begins = known[begins.before.first.id]
        counted[person(case, each)][begins.first.id] += 1
    return {name: (found.total(), max(found.values())) for name, found in counted.items()}


def person(case: Case, each: Request) -> str:
    named = each.first.customer or ""
    return named if case.as_exported else named.replace("gone", "ann")


def is_on_days(case: Case, each: Contact) -> bool:
    return case.days[0] <= local(each.at).date() <= case.days[1]


def figures(requests: Sequence[dict[str, Any]]) -> tuple[int, int, float | None]:
    ripe = [each["is_repeated"] for each in requests if each["is_ripe"]]
    return len(requests), sum(each["is_repeated"] for each in requests), sum(ripe) / len(ripe) if ripe else None


def totals(inside: list[Request], told: dict[str, dict[str, Any]], contacts: int, case: Case) -> dict[str, Any]:
    found = list(told.values())
    first = [not each["is_repeated"] for each in found
             if each["begins_chain"] and each["has_history"] and each["is_ripe"]]  # fmt: skip
    days = [float(gap(each, each.following) / DAY) for each in inside if told[each.first.id]["is_repeated"]]
    of_range = Counter(person(case, each) for each in requests_of(case) if is_on_days(case, each.first))
    people = {person(case, each) for each in inside if of_range[person(case, each)] >= 3}
    return {
        "contacts": contacts,
        "requests": len(found),
        "repeated_rate": figures(found)[2],
        "first_contact_resolution_rate": sum(first) / len(first) if first else None,
        "median_days_to_repeat": pytest.approx(median(days)) if days else None,
        "average_days_to_repeat": pytest.approx(sum(days) / len(days)) if days else None,
        "customers_with_3_or_more": len(people),
    }


@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 1 << 40))  # not hypothesis' own randomness, which likes the smallest values best
@example(seed=1)
@example(seed=2)
@example(seed=3)
@example(seed=14)  # where contacts of two chains stand beside each other once filtered
def test_repeats_agree_with_every_pair_of_contacts(seed: int, tmp_path_factory: Any) -> None:
    agrees(drawn(Random(seed)), tmp_path_factory.mktemp("repeats"))


def test_the_cases_hold_every_edge() -> None:
    """The cases would show nothing if none of them lay where a definition begins or ends."""
    cases = [drawn(Random(seed)) for seed in range(30)]
    seen: Counter[str] = Counter()
    for case in cases:
        for each in requests_of(case):
            after, window = gap(each, each.following), case.within_days * DAY
            told = described(case, each)
            seen["at the window's end"] += after == window
            seen["a second before it"] += after == window - SECOND
            seen["a chain of forwards"] += len(each.contacts) > 2
            seen["unripe"] += not told["is_ripe"]
            seen["without history"] += not told["has_history"]
            seen["merged"] += len({contact.customer for contact in each.contacts}) > 1
            seen["a whole window over the clock change"] += (
                after == window
                and local(each.last.at + window) - local(each.last.at) != window
            )  # fmt: skip
            for one, other in pairwise(each.contacts):
                seen["at the same instant"] += one.at == other.at
                seen["at the last minute"] += other.at == one.at + case.forward_minutes * MINUTE > one.at
    lacking = [name for name in (
        "at the window's end", "a second before it", "a chain of forwards", "unripe", "without history", "merged",
        "a whole window over the clock change", "at the same instant", "at the last minute",
    ) if not seen[name]]  # fmt: skip
    assert lacking == []
