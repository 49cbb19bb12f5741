"""Makes respond.io's exports: what became of contacts, who was assigned to their conversations, and the users.

The workspace opens with the period: a contact is added, then connected, then assigned, and is heard of no more once
it is deleted or merged into the contact that was added before it.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from sample_data.draws import CHUNK, HOUR, SECOND, Arrays, Calendar, Dice, Flags, Instants, Ints
from sample_data.files import add, database, listed, write
from sample_data.people import AGENTS, name_sql, people
from workbench.exports import ExportKind
from workbench.exports.respondio import (
    ASSIGNMENTS,
    CONTACTS_ADDED,
    CONTACTS_CONNECTED,
    CONTACTS_DELETED,
    CONTACTS_MERGED,
    USERS,
)

SYSTEM = 2  # tells this system's draws from the others'
PER_MILLE = 180  # contacts here for a thousand contacts in Gladly
STRIDE = 7_368_787  # a prime, so that every contact is another customer
CHANNELS = ("WhatsApp", "Facebook Messenger", "Instagram", "Website Chat", "SMS", "Telegram")
CHANNEL_WEIGHTS = (430, 180, 150, 130, 70, 40)
FACEBOOK = CHANNELS.index("Facebook Messenger")
AGENT_WEIGHTS = range(60, 10, -2)
SUPERVISORS = 4  # the first agents, who assign others
REMOVED = (12, 21)  # agents who have left the workspace: the logs know their user ID only
TEAMS = ("Care", "Orders", "Stores")

# How contacts are added, per mille; how many of them are connected, per mille; and by what.
ADDED = {
    "User": (130, 850, "User"),
    "Contact Import": (120, 550, "Broadcast"),
    "Developer API": (80, 800, "Developer API"),
    "Incoming Message": (560, 1_000, "Incoming Message"),
    "Echo Message": (50, 1_000, "Echo Message"),
    "Zapier": (60, 700, "Zapier"),
}
BY_USER, BY_IMPORT, BY_API, BY_MESSAGE, BY_ECHO, BY_ZAPIER = range(len(ADDED))
LOGS = {  # the sources of each
    CONTACTS_ADDED: tuple(ADDED),
    CONTACTS_CONNECTED: tuple(source for *_, source in ADDED.values()),
    CONTACTS_DELETED: ("User",),
    CONTACTS_MERGED: ("User",),
}
# How conversations are assigned, per mille: for the first time, again, and to nobody; and the median seconds it takes.
ASSIGNED: dict[str, tuple[int, int, int, int]] = {
    "Developer API": (60, 50, 40, 3),
    "Workflow": (520, 260, 330, 2),
    "Bot": (90, 0, 0, 9),
    "Zapier": (30, 30, 20, 30),
    "User": (280, 660, 180, 300),
    "Contact Import": (20, 0, 0, 20_000),
    "Close Conversation (Legacy)": (0, 0, 430, 1),
}
FIRST, AGAIN, AWAY = range(3)
WEIGHTS = tuple(zip(*ASSIGNED.values(), strict=True))
ASSIGNED_BY_USER = list(ASSIGNED).index("User")
SECONDS = np.array(WEIGHTS[-1])
STEPS = ((FIRST, 1_000), (AGAIN, 300), (AGAIN, 300), (AGAIN, 300), (AWAY, 480))  # of a conversation, per mille
TURNS = (520, 250, 140, 90)  # contacts with one conversation, two, ...
NOBODY, NEVER = -1, np.datetime64("NaT", "ns")
DAY = 86_400


@dataclass
class Contacts:
    """A chunk of contacts in the order added: whose they are and when what happened; -1 and NaT are missing."""

    number: Ints
    customer: Ints
    source: Ints
    user: Ints
    channel: Ints
    added: Instants
    connected: Instants
    deleted: Instants
    merged: Instants  # into the contact that was added before it

    @property
    def gone(self) -> Instants:
        """When the contact was deleted or merged."""
        return np.fmin(self.deleted, self.merged)


@dataclass
class Talks:
    """Where every contact of a chunk stands: its conversation, since when it is open, its assignee, the last event."""

    turn: int
    opened: Instants
    at: Instants
    assignee: Ints


def _drawn(first: int, contacts: int, calendar: Calendar, dice: Dice, customers: int) -> Contacts:
    """Draw one chunk; some of its contacts are the same customer as the one before and are merged into it."""
    number = np.arange(first, first + dice.rows)
    customer = number * STRIDE % customers
    added, source = calendar.queued(first, contacts, dice), dice.picked([weight for weight, *_ in ADDED.values()])
    added = np.where(source == BY_IMPORT, added.astype("datetime64[D]") + 15 * HOUR, added)  # a file once a day
    again = dice.chance(35) & (number > first)
    again[1:] &= ~again[:-1]
    twin = np.flatnonzero(again)
    customer[twin], source[twin] = customer[twin - 1], BY_MESSAGE
    connected = _connected(added, source, dice)
    deleted = np.where(dice.chance(45), np.fmax(added, connected) + dice.lognormal(9 * DAY, 9) * SECOND, NEVER)
    deleted[twin] = deleted[twin - 1] = NEVER
    merged = np.full(dice.rows, NEVER)
    known = np.fmax(connected[twin], np.fmax(added[twin - 1], connected[twin - 1]))
    merged[twin] = known + dice.lognormal(4 * DAY, 9)[twin] * SECOND
    channel = np.where(source == BY_ECHO, FACEBOOK, dice.picked(CHANNEL_WEIGHTS))
    channel[dice.chance(8)] = -1
    return Contacts(number, customer, source, dice.picked(AGENT_WEIGHTS), channel, added, connected, deleted, merged)


def _connected(added: Instants, source: Ints, dice: Dice) -> Instants:
    """Draw when contacts were connected: at once when they wrote, else once somebody wrote to them."""
    by_hand, later = dice.lognormal(600, 12), dice.between(1, 7) * DAY + dice.between(0, 8 * 3_600)
    sent = [source == BY_USER, source == BY_IMPORT, source == BY_API, source == BY_ZAPIER]
    delay = np.select(sent, [by_hand, later, dice.between(1, 30), dice.between(5, 90)], 0)
    chances = np.array([per_mille for _, per_mille, _ in ADDED.values()])
    return np.where(dice.chance(chances[source]), added + delay * SECOND, NEVER)


def _activities(contacts: Contacts, calendar: Calendar) -> Iterator[tuple[ExportKind, Arrays]]:
    """Yield the rows of each log: to whom it happened by the end of the period, by what and by which user."""
    by_user, only = np.where(contacts.source == BY_USER, contacts.user, NOBODY), np.zeros_like(contacts.source)
    yield CONTACTS_ADDED, _rows(contacts, calendar, contacts.added, contacts.source, by_user)
    yield CONTACTS_CONNECTED, _rows(contacts, calendar, contacts.connected, contacts.source, by_user)
    yield CONTACTS_DELETED, _rows(contacts, calendar, contacts.deleted, only, contacts.user)
    merged = _rows(contacts, calendar, contacts.merged, only, contacts.user)
    yield CONTACTS_MERGED, merged | {"contact": merged["contact"] - 1}


def _rows(contacts: Contacts, calendar: Calendar, at: Instants, source: Ints, user: Ints, **more: Ints) -> Arrays:
    rows = {
        "instant": at, "wall": calendar.wall(at), "contact": contacts.number, "customer": contacts.customer,
        "channel": contacts.channel, "source": source, "user": user, **more,
    }  # fmt: skip
    known = at < calendar.pulled
    return {name: values[known] for name, values in rows.items()}


def _assignments(contacts: Contacts, calendar: Calendar, dice: Dice) -> Iterator[Arrays]:
    """Yield the assignments of conversations, one step of one conversation of every contact at a time."""
    turns = np.where(np.isnat(contacts.connected), 0, 1 + dice.picked(TURNS))
    talks = Talks(0, contacts.connected, contacts.connected, np.full(dice.rows, NOBODY))
    for turn in range(len(TURNS)):
        if turn:
            pause = dice.lognormal(6 * DAY, 9)
            talks.turn, talks.at = turn, talks.at + pause * SECOND
            talks.opened = talks.at
        for step, (phase, per_mille) in enumerate(STEPS):
            is_due = (talks.assignee == NOBODY) == (phase == FIRST)
            acts = (turns > turn) & is_due & dice.chance(per_mille)
            yield _assigned(contacts, talks, step, phase, acts, calendar, dice)


def _assigned(
    contacts: Contacts, talks: Talks, step: int, phase: int, acts: Flags, calendar: Calendar, dice: Dice
) -> Arrays:
    """Take one step of the conversations that act, and return its rows."""
    source, previous = dice.picked(WEIGHTS[phase]), talks.assignee
    at = talks.at + np.where(acts, dice.lognormal(SECONDS[source], 12), 0) * SECOND
    drawn = dice.picked(AGENT_WEIGHTS)
    another = np.where(drawn == previous, (drawn + 1) % len(AGENTS), drawn)
    assignee = np.full(dice.rows, NOBODY) if phase == AWAY else another
    themselves = np.where(previous == NOBODY, assignee, previous)
    user = np.where(dice.chance(650), themselves, dice.between(0, SUPERVISORS - 1))
    talks.at, talks.assignee = at, np.where(acts, assignee, previous)
    rows = _rows(
        contacts, calendar, np.where(acts & ~(at >= contacts.gone), at, NEVER), source,
        np.where(source == ASSIGNED_BY_USER, user, NOBODY), step=np.full(dice.rows, step),
        conversation=_conversation_id(talks, contacts), previous=previous, assignee=assignee,
    )  # fmt: skip
    return rows


def _conversation_id(talks: Talks, contacts: Contacts) -> Ints:
    """Return IDs of sixteen digits that say when the conversation was opened, as respond.io's do not."""
    seconds = talks.opened.astype("datetime64[s]").astype(np.int64)
    return seconds * 10**6 + (contacts.number * len(TURNS) + talks.turn) % 10**6


def user_id(agent: int) -> int:
    """Return an agent's ID, of six digits."""
    return 700_000 + agent * 7_919 % 99_991


def _user_sql(agent: str) -> str:
    """Return SQL for a user as the logs show them; nobody is missing."""
    shown = [str(user_id(n)) if n in REMOVED else name for n, name in enumerate(AGENTS)]
    return f"case when {agent} >= 0 then {listed(shown)}[{agent} + 1] end"


def _texts(sources: Sequence[str], contacts: int) -> dict[str, str]:
    """Return SQL for the columns of the logs by name."""
    return {
        "timestamp": "wall",
        "contact_id": "210000000 + 37 * contact + contact * contact % 37",
        "contact_name": name_sql("customer", contacts),
        "source": f"{listed(sources)}[source + 1]",
    }


def write_logs(folder: Path, contacts: int, days: int, end: date, seed: int) -> list[Path]:
    """Write the four logs of contacts and that of assignments, each ordered by time."""
    calendar, count = Calendar(days, end, seed), max(1, contacts * PER_MILLE // 1000)
    span = f"{end - timedelta(days - 1):%Y%m%d}-{end:%Y%m%d}"
    with database() as rows:
        for position, first in enumerate(range(0, count, CHUNK)):
            dice = Dice(min(CHUNK, count - first), seed, position, SYSTEM)
            chunk = _drawn(first, count, calendar, dice, people(contacts))
            for kind, activities in _activities(chunk, calendar):
                add(rows, kind.name, activities)
            for assignments in _assignments(chunk, calendar, dice):
                add(rows, ASSIGNMENTS.name, assignments)
        return [
            write(rows, kind.name, kind, texts, order, folder / f"{kind.file_names[0]}-{span}.csv")
            for kind, texts, order in _logs(contacts)
        ]


def _logs(contacts: int) -> Iterator[tuple[ExportKind, dict[str, str], str]]:
    """Yield every log with the SQL of its columns and its order."""
    for kind, sources in LOGS.items():
        texts = _texts(sources, contacts) | {"user_name": _user_sql('"user"')}
        if kind is CONTACTS_CONNECTED:
            texts["channel"] = f"{listed(CHANNELS)}[nullif(channel, -1) + 1]"
        yield kind, texts, "instant, contact"
    texts = _texts(tuple(ASSIGNED), contacts) | {
        "conversation_id": "conversation",
        "previous_assignee": f"coalesce({_user_sql('previous')}, '-')",
        "assigned_to": _user_sql("assignee"),
        "assigned_by": _user_sql('"user"'),
    }
    yield ASSIGNMENTS, texts, "instant, contact, conversation, step"


def write_users(path: Path) -> Path:
    """Write the users as they were before some were removed."""
    rows = [
        {"user_id": user_id(n), "name": name, "email": f"agent{n + 1:02}@example.com", "team": TEAMS[n % len(TEAMS)]}
        for n, name in enumerate(AGENTS)
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(column.headers[0] for column in USERS.columns)
        writer.writerows([row[column.name] for column in USERS.columns] for row in rows)
    return path


def write_all(folder: Path, contacts: int, days: int, end: date, seed: int) -> list[Path]:
    """Write the files into a folder and return their paths; `contacts` is the number in Gladly."""
    return [*write_logs(folder, contacts, days, end, seed), write_users(folder / "Users.csv")]
