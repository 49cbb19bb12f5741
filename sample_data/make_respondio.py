"""Makes respond.io's exports: what became of contacts and their conversations, who was assigned, users and channels.

The workspace opens with the period: a contact is added, then connected, then assigned, and is heard of no more once
it is deleted or merged into the contact that was added before it.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from sample_data.draws import CHUNK, HOUR, SECOND, Arrays, Calendar, Dice, Flags, Instants, Ints
from sample_data.files import add, database, listed, write
from sample_data.people import AGENTS, name_sql, people
from workbench.exports import ExportKind, respondio
from workbench.exports.respondio import (
    ASSIGNMENTS,
    CONTACTS_ADDED,
    CONTACTS_CONNECTED,
    CONTACTS_DELETED,
    CONTACTS_MERGED,
    CONVERSATIONS,
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
# What opens a contact's first conversation, by what added the contact; and its later ones, per mille.
OPENED_BY = ("user", "workflow", "api", "contact", "contact", "zapier", "ctc_ads", "growth_widget", "make")
BY_AD, BY_WIDGET = OPENED_BY.index("ctc_ads"), OPENED_BY.index("growth_widget")
LATER = (140, 60, 10, 730, 0, 10, 0, 40, 10)
CLOSED_BY = {
    "user": 620, "workflow": 110, "auto_close": 150, "api": 20, "zapier": 10, "bot": 30, "make": 10, "n8n": 10,
    "ai_agent": 40,
}  # fmt: skip
CATEGORIES = {
    "Delivery": ("Told when the parcel arrives.", "Asked the carrier to look for it."),
    "Returns": ("Sent a label.", "The refund is on its way."),
    "Product advice": ("Recommended a size.", "Sent the care guide."),
    "Complaint": ("Apologised and sent another one.", "Passed on to the store."),
    "Payment": ("The payment went through after all.", "Sent the invoice again."),
}
CATEGORY_WEIGHTS = (330, 240, 180, 90, 110, 50)  # the last are of none
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


def _rows(
    contacts: Contacts, calendar: Calendar, at: Instants, source: Ints, user: Ints, **more: Ints | Instants
) -> Arrays:
    rows = {
        "instant": at, "wall": calendar.wall(at), "contact": contacts.number, "customer": contacts.customer,
        "channel": contacts.channel, "source": source, "user": user, **more,
    }  # fmt: skip
    known = at < calendar.pulled
    return {name: values[known] for name, values in rows.items()}


def _talked(contacts: Contacts, calendar: Calendar, dice: Dice, own: Dice) -> Iterator[tuple[ExportKind, Arrays]]:
    """Yield the assignments of conversations, one step of one conversation of every contact at a time.

    Behind its steps each conversation, of which more is drawn from dice of its own.
    """
    turns = np.where(np.isnat(contacts.connected), 0, 1 + dice.picked(TURNS))
    talks = Talks(0, contacts.connected, contacts.connected, np.full(dice.rows, NOBODY))
    for turn in range(len(TURNS)):
        if turn:
            pause = dice.lognormal(6 * DAY, 9)
            yield CONVERSATIONS, _conversations(contacts, talks, turns >= turn, pause, calendar, own)
            talks.turn, talks.at = turn, talks.at + pause * SECOND
            talks.opened = talks.at
        for step, (phase, per_mille) in enumerate(STEPS):
            is_due = (talks.assignee == NOBODY) == (phase == FIRST)
            acts = (turns > turn) & is_due & dice.chance(per_mille)
            yield ASSIGNMENTS, _assigned(contacts, talks, step, phase, acts, calendar, dice)
    never = np.full(dice.rows, 400 * DAY)
    yield CONVERSATIONS, _conversations(contacts, talks, turns == len(TURNS), never, calendar, own)


def _conversations(
    contacts: Contacts, talks: Talks, is_held: Flags, pause: Ints, calendar: Calendar, dice: Dice
) -> Arrays:
    """Return the rows of one conversation of every contact that has it: what opened it, how it went, and its end.

    It ends before the contact's next one begins, a `pause` after the last event; not if the contact is gone by then.
    """
    answered, responses = dice.chance(880), dice.between(1, 9)
    response = np.where(answered, talks.opened + dice.lognormal(150, 14) * SECOND, NEVER)
    last: Instants = np.fmax(talks.at, response)
    ends = last + np.minimum(dice.lognormal(1_500, 14), pause // 2) * SECOND
    latest = talks.at + pause // 2 * SECOND
    resolved = np.where(ends < talks.at + pause * SECOND, ends, latest)
    is_over = (resolved < calendar.pulled) & ~(resolved >= contacts.gone) & dice.chance(965)
    resolved = np.where(is_over, resolved, NEVER)
    response = np.where(response > np.fmin(resolved, calendar.pulled), NEVER, response)
    answered, is_closed = ~np.isnat(response), ~np.isnat(resolved)
    first = np.where(dice.chance(60) & (contacts.source == BY_MESSAGE), BY_AD, contacts.source)
    first = np.where(dice.chance(30) & (first == BY_MESSAGE), BY_WIDGET, first)
    opened_by = first if talks.turn == 0 else dice.picked(LATER)
    closed_by, drawn = dice.picked([*CLOSED_BY.values()]), dice.picked(AGENT_WEIGHTS)
    is_by_user, category = is_closed & (closed_by == 0), dice.picked(CATEGORY_WEIGHTS)
    closer = np.where(talks.assignee == NOBODY, drawn, talks.assignee)
    count = np.where(answered, responses, 0)
    rows = _rows(
        contacts, calendar, np.where(is_held & ~(talks.opened >= contacts.gone), talks.opened, NEVER), opened_by, drawn,
        conversation=_conversation_id(talks, contacts), assignee=talks.assignee,
        resolved=resolved, resolved_wall=calendar.wall(resolved),
        response=response, response_wall=calendar.wall(response),
        closed_source=np.where(is_closed, closed_by, NOBODY), closer=np.where(is_by_user, closer, NOBODY),
        category=np.where(is_closed & (category < len(CATEGORIES)), category, NOBODY),
        note=np.where(is_closed & dice.chance(450), dice.between(0, 1), NOBODY),
        responses=count, incoming=count + 1 + dice.between(0, 4), outgoing=count + dice.between(0, 3),
        average=dice.lognormal(110, 11),
    )  # fmt: skip
    return rows


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


_CONTACT_ID = "210000000 + 37 * contact + contact * contact % 37"


def _texts(sources: Sequence[str], contacts: int) -> dict[str, str]:
    """Return SQL for the columns of the logs by name."""
    return {
        "timestamp": "wall",
        "contact_id": _CONTACT_ID,
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
            own = Dice(dice.rows, seed, position, SYSTEM, 1)
            for kind, events in _talked(chunk, calendar, dice, own):
                add(rows, kind.name, events)
        rows.execute(f"create view told as {_TOLD}")
        return [
            write(
                rows,
                "told" if kind is CONVERSATIONS else kind.name,
                kind,
                texts,
                order,
                folder / f"{kind.file_names[0]}-{span}.csv",
            )
            for kind, texts, order in _logs(contacts)
        ]


# Conversations with who was assigned to them.
_TOLD = f"""
    select *, coalesce(first_assignee, "user") as responder from {CONVERSATIONS.name} left join (
        select
            conversation,
            min(instant) as first_at, min(wall) as first_wall, arg_min(assignee, (instant, step)) as first_assignee,
            max(instant) as last_at, max(wall) as last_wall, arg_max(assignee, (instant, step)) as last_assignee,
            count(*) as assignments,
        from {ASSIGNMENTS.name} where assignee >= 0 group by all
    ) using (conversation)
"""


def _id_sql(agent: str) -> str:
    """Return SQL for a user's ID; nobody is missing."""
    return f"case when {agent} >= 0 then {listed([user_id(n) for n in range(len(AGENTS))])}[{agent} + 1] end"


def _between_sql(start: str, end: str) -> str:
    """Return SQL for the hours, minutes and seconds from one instant to another that is not before it."""
    return _clock_sql(f"case when {end} >= {start} then epoch({end} - {start})::bigint end")


def _clock_sql(seconds: str) -> str:
    return f"printf('%d:%02d:%02d', {seconds} // 3600, {seconds} // 60 % 60, {seconds} % 60)"


def channel_id(channel: int) -> int:
    """Return a channel's ID."""
    return 31_000 + channel * 457


def _told() -> dict[str, str]:
    """Return SQL for the columns of conversations by name."""
    notes = [note for notes in CATEGORIES.values() for note in notes]
    return {
        "conversation_id": "conversation", "started_at": "wall", "resolved_at": "resolved_wall",
        "contact_id": _CONTACT_ID, "assignee": _id_sql("assignee"),
        "outgoing_messages": "outgoing", "incoming_messages": "incoming", "first_response_at": "response_wall",
        "category": f"{listed([*CATEGORIES])}[nullif(category, -1) + 1]",
        "closing_note_summary":
            f"case when category >= 0 and note >= 0 then {listed(notes)}[2 * category + note + 1] end",
        "closed_by": _id_sql("closer"),
        "first_response_seconds": _between_sql("instant", "response"),
        "resolution_seconds": _between_sql("instant", "resolved"),
        "first_assignee": _id_sql("first_assignee"),
        "closed_source": f"{listed([*CLOSED_BY])}[nullif(closed_source, -1) + 1]",
        "closed_by_team": f"case when closer >= 0 then {listed(TEAMS)}[closer % {len(TEAMS)} + 1] end",
        "opened_source": f"{listed(OPENED_BY)}[source + 1]",
        "opened_channel": f"{listed([channel_id(n) for n in range(len(CHANNELS))])}[nullif(channel, -1) + 1]",
        "first_assignment_at": "first_wall",
        "first_response_by": f"case when response is not null then {_id_sql('responder')} end",
        "last_assignment_at": "last_wall", "last_assignee": _id_sql("last_assignee"),
        "time_to_first_assignment_seconds": _between_sql("instant", "first_at"),
        "first_assignment_to_first_response_seconds": _between_sql("first_at", "response"),
        "last_assignment_to_response_seconds": _between_sql("last_at", "response"),
        "first_assignment_to_close_seconds": _between_sql("first_at", "resolved"),
        "last_assignment_to_close_seconds": _between_sql("last_at", "resolved"),
        "average_response_time_seconds": f"case when responses > 0 then {_clock_sql('average')} end",
        "number_of_assignments": "coalesce(assignments, 0)", "number_of_responses": "responses",
    }  # fmt: skip


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
    yield CONVERSATIONS, _told(), "instant, contact"


def write_users(path: Path) -> Path:
    """Write the users as they were before some were removed."""
    return _write_list(path, USERS, [
        {"user_id": user_id(n), "name": name, "email": f"agent{n + 1:02}@example.com", "team": TEAMS[n % len(TEAMS)]}
        for n, name in enumerate(AGENTS)
    ])  # fmt: skip


def write_channels(path: Path) -> Path:
    """Write the channels, whose IDs the conversations have."""
    return _write_list(
        path, respondio.CHANNELS, [{"channel_id": channel_id(n), "name": name} for n, name in enumerate(CHANNELS)]
    )


def _write_list(path: Path, kind: ExportKind, rows: Sequence[Mapping[str, object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(column.headers[0] for column in kind.columns)
        writer.writerows([row[column.name] for column in kind.columns] for row in rows)
    return path


def write_all(folder: Path, contacts: int, days: int, end: date, seed: int) -> list[Path]:
    """Write the files into a folder and return their paths; `contacts` is the number in Gladly."""
    return [
        *write_logs(folder, contacts, days, end, seed), write_users(folder / "Users.csv"),
        write_channels(folder / "Channels.csv"),
    ]  # fmt: skip
