"""Makes Gladly's exports: contacts in the order queued, merges of customers, and the vendor's own counts of both."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from sample_data.draws import CHUNK, HOUR, NO_TIME, SECOND, ZONE, Arrays, Calendar, Dice, Flags, Instants, Ints, Spans
from sample_data.files import copy
from sample_data.people import AGENTS, customers, merged_customers
from workbench.exports import Column, ExportKind
from workbench.exports.gladly import CONTACT_EXPORT, CONTACT_SUMMARY, CUSTOMER_MERGES, INBOUND_CONTACTS


@dataclass(frozen=True)
class Channel:
    """How contacts of a channel go: seconds are medians, `spread` is the sigma of the waits in tenths."""

    name: str
    outbound: int  # per mille
    wait: int
    spread: int
    lasting: int
    target: int


@dataclass(frozen=True)
class Entry:
    """An address customers reach out to, how often per mille, and the inbox that it leads to."""

    address: str
    channel: str
    weight: int
    inbox: str


CHANNELS = (
    Channel("PHONE_CALL", 240, 45, 9, 260, 60),
    Channel("EMAIL", 200, 9_000, 12, 2, 14_400),
    Channel("CHAT", 40, 70, 9, 620, 120),
    Channel("SMS", 380, 420, 11, 1_500, 900),
    Channel("WHATSAPP", 250, 380, 11, 1_400, 900),
    Channel("FB_MESSENGER", 80, 1_500, 12, 1_200, 3_600),
    Channel("INSTAGRAM_DIRECT", 60, 1_900, 12, 1_100, 3_600),
    Channel("VOICEMAIL", 0, 3_600, 10, 2, 7_200),
    Channel("TWITTER", 50, 2_400, 13, 1_300, 3_600),
)
PHONE, EMAIL, VOICEMAIL = 0, 1, 7
ENTRIES = (
    Entry("+12125550101", "PHONE_CALL", 150, "Customer Care"),
    Entry("+12125550114", "PHONE_CALL", 90, "Orders & Shipping"),
    Entry("+16465550127", "PHONE_CALL", 60, "Returns, Refunds & Exchanges"),
    Entry("+19175550163", "PHONE_CALL", 40, "Technical Support"),
    Entry("+17185550188", "PHONE_CALL", 25, "VIP | Concierge"),
    Entry("help@example.com", "EMAIL", 140, "Customer Care"),
    Entry("orders@example.com", "EMAIL", 80, "Orders & Shipping"),
    Entry("billing@example.com", "EMAIL", 40, "Billing"),
    Entry("vip@example.com", "EMAIL", 15, "VIP | Concierge"),
    Entry("glad-app-web-01", "CHAT", 95, "Customer Care"),
    Entry("glad-app-checkout-02", "CHAT", 55, "Orders & Shipping"),
    Entry("+12125550171", "SMS", 80, "Customer Care"),
    Entry("+12125550179", "WHATSAPP", 55, "Stores"),
    Entry("fb-page-example-store", "FB_MESSENGER", 27, "Customer Care"),
    Entry("ig-example-store", "INSTAGRAM_DIRECT", 24, "Stores"),
    Entry("+12125550101", "VOICEMAIL", 21, "Customer Care"),
    Entry("@example_store", "TWITTER", 3, "Customer Care"),
)
WORSE_ENTRY, WORSE_DAYS, WORSE_TIMES = 2, 30, 4  # Voice waits at this entry point, in the last days.
HASTY = 16  # One caller in so many hangs up within twenty seconds.
INBOXES = tuple(dict.fromkeys(entry.inbox for entry in ENTRIES))
IVR = ("1 - Order status", "2 - Returns", "3 - Billing", "4 - Technical help", "0 - Speak to an agent")
INITIATORS = ("CUSTOMER", "INTERNAL", "EXTERNAL", "AGENT", "APPLICATION", "SYSTEM")
INBOUND_INITIATORS, OUTBOUND_INITIATORS = (960, 22, 18, 0, 0, 0), (0, 0, 0, 850, 100, 50)
STATUSES = ("ANSWERED", "UNANSWERED", "ABANDONED", "UNKNOWN")
ANSWERED, UNANSWERED, ABANDONED, UNKNOWN = range(4)
HOLDS = {"manual": (180, 25), "warm_transfer": (45, 8), "cold_transfer": (30, 6), "conference": (12, 8)}
TEXTS: dict[str, Sequence[str]] = {
    "timezone_filter": (ZONE.key,), "channel_filter": ("All Channels",), "inboxes_filter": ("All Inboxes",),
    "channel": [channel.name for channel in CHANNELS], "direction": ("OUTBOUND", "INBOUND"),
    "contact_initiator": INITIATORS, "entry_point": [entry.address for entry in ENTRIES],
    "final_ivr_selection": IVR, "fulfilled_type": ("RESPONDED", "CANCELED"), "status": STATUSES,
    "inbox_when_first_queued": INBOXES, "inbox_when_ended": INBOXES, "agent_when_ended": AGENTS,
}  # fmt: skip
KNOWN_AT_START = {
    "timezone_filter", "channel_filter", "inboxes_filter", "queued_at", "customer_id", "conversation_id",
    "contact_id", "channel", "direction", "contact_initiator", "entry_point", "final_ivr_selection",
    "inbox_when_first_queued", "due_at", "sla_target_seconds",
}  # fmt: skip
MISSING: dict[str, Any] = {"i": -1, "f": np.nan, "M": np.datetime64("NaT", "s")}  # By kind of array.

INBOUND_BY_DAY = """
    with contacts as (
        select
            "Queued At"[:10]::date as date,
            coalesce(onward."Customer ID", merged."Customer ID", contact."Customer ID") as customer,
            -- The vendor counts e-mails, not sessions of e-mails.
            if("Channel" = 'EMAIL', greatest("Messages from Customer"::int, 1), 1) as contacts,
        from export as contact
        left join merges as merged on merged."Merged Customer ID" = contact."Customer ID"
        left join merges as onward on onward."Merged Customer ID" = merged."Customer ID"
        where "Direction" = 'INBOUND'
    ),
    days as (select unnest(generate_series(date '{first}', date '{last}', interval 1 day))::date as date),
    counted as (
        select date, coalesce(sum(contacts), 0) as inbound_contacts, count(distinct customer) as customers,
        from days left join contacts using (date)
        group by date
    )
    select
        '{zone}', 'All Channels', 'All Inboxes', date, inbound_contacts, customers,
        round(inbound_contacts / nullif(customers, 0), 9),
    from counted
    order by date
"""

SUMMARY_BY_DAY = """
    with contacts as (
        select
            "Ended At"[:10]::date as date, "Direction" as direction, "Status" = 'ABANDONED' as is_abandoned,
            "Seconds within (-) or over (+) SLA"::double as over_sla, "Queued-to-Ended (sec)"::double as until_ended,
            *,
        from export
        where "Ended At" is not null
    ),
    days as (select unnest(generate_series(date '{first}', date '{last}', interval 1 day))::date as date),
    counted as (
        select
            date, count(direction) as ended, count(*) filter (direction = 'INBOUND') as inbound,
            count(*) filter (direction = 'OUTBOUND') as outbound, count(over_sla) as fulfilled,
            count(*) filter (over_sla <= 0) as before_sla, count(*) filter (over_sla > 0) as after_sla,
            count(*) filter (is_abandoned) as abandoned,
            count(*) filter (is_abandoned and until_ended <= 5) as within_5,
            count(*) filter (is_abandoned and until_ended <= 10) as within_10,
            count(*) filter (is_abandoned and until_ended <= 15) as within_15,
            round(count(*) filter (over_sla <= 0) / nullif(fulfilled + abandoned, 0), 9) as service_level,
            {averages},
        from days left join contacts using (date)
        group by date
    )
    select '{zone}', 'All Channels', 'All Inboxes', *
    from counted
    order by date
"""
# What averages of the summary are of, where their names do not say it.
AVERAGED = {
    "due_to_fulfilled_seconds": "seconds_within_or_over_sla", "agent_reply_seconds": "average_agent_reply_seconds",
    "customer_reply_seconds": "average_customer_reply_seconds",
}  # fmt: skip


@dataclass
class Contacts:
    """A chunk of contacts in the order queued: who, where, and when what happened; -1 and NaT are missing."""

    number: Ints
    entry: Ints
    channel: Ints
    inbound: Flags
    customer: Ints
    conversation: Ints
    fulfilled_by: Ints
    status: Ints
    canceled: Flags
    queued: Instants
    due: Instants
    offered: Instants
    accepted: Instants
    fulfilled: Instants
    answered: Instants
    ended: Instants

    @property
    def connected(self) -> Spans:
        """The time of a phone call from fulfilled (inbound) or answered (outbound) to ended."""
        begun = np.where(self.inbound, self.fulfilled, self.answered)
        return np.where(self.channel == PHONE, self.ended - begun, np.timedelta64("NaT", "ns"))

    def latest(self, wanted: Flags, seconds_before: Ints) -> Ints:
        """Return, for each contact, the last wanted one that was queued so long before it, or -1."""
        positions = np.maximum.accumulate(np.where(wanted, np.arange(len(wanted)), -1))
        before = np.searchsorted(self.queued, self.queued - seconds_before * SECOND) - 1
        return np.where(before < 0, -1, positions[before])


def _of_channel(attribute: str, channel: Ints) -> Ints:
    return np.array([getattr(each, attribute) for each in CHANNELS])[channel]


def _drawn(first: int, contacts: int, calendar: Calendar, dice: Dice) -> Contacts:
    """Draw one chunk: who reached out and where, then what came of it."""
    queued = calendar.queued(first, contacts, dice)
    entry = dice.picked([each.weight for each in ENTRIES])
    channel = np.array([TEXTS["channel"].index(each.channel) for each in ENTRIES])[entry]
    channel[(channel == PHONE) & calendar.is_night(queued)] = VOICEMAIL
    inbound = ~dice.chance(_of_channel("outbound", channel))
    number = np.arange(first, first + dice.rows)
    customer = np.where(dice.chance(15), -1, customers(contacts, dice))
    fortnight = queued.astype("datetime64[D]").astype(np.int64) // 14
    is_late = queued >= calendar.pulled - WORSE_DAYS * 24 * HOUR
    times = np.where((channel == PHONE) & (entry == WORSE_ENTRY) & is_late, WORSE_TIMES, 1)
    return Contacts(
        number=number,
        entry=entry,
        channel=channel,
        inbound=inbound,
        customer=customer,
        conversation=np.where(customer < 0, number + 10**15, customer * 10_000 + fortnight),
        queued=queued,
        **_course(number, queued, channel, inbound, times, dice),
    )


def _course(number: Ints, queued: Instants, channel: Ints, inbound: Flags, times: Ints, dice: Dice) -> Arrays:
    """Draw what came of contacts, their waits being so many times as long as usual.

    Sub-second digits grow from accepted to fulfilled to ended, so that the whole seconds of every duration
    are the difference of the timestamps that the file shows.
    """
    wait = dice.lognormal(_of_channel("wait", channel), _of_channel("spread", channel)) * times
    patience, ringing = dice.lognormal(300, 9), dice.between(5, 40)
    patience = np.where(number % HASTY == 0, 2 + patience % 17, patience)
    lasting = dice.lognormal(_of_channel("lasting", channel), 9)
    called = channel == PHONE
    abandoned = called & inbound & (patience < wait)
    left = inbound & ~abandoned & dice.chance(np.where(channel == VOICEMAIL, 700, 50))
    is_fulfilled, is_answered = inbound & ~abandoned & ~left, called & ~inbound & dice.chance(720)
    canceled = is_fulfilled & ~called & (dice.chance(60) | (channel == VOICEMAIL))
    is_offered = (is_fulfilled & (called | dice.chance(880))) | (abandoned & dice.chance(500))

    hesitation = np.where(called, np.minimum(wait, dice.between(1, 4)), wait * dice.between(5, 60) // 100)
    to_offered = np.where(abandoned, patience, wait - hesitation) * dice.between(50, 98) // 100
    outcomes = [is_fulfilled, is_answered, abandoned, inbound | called]
    to_ended = np.select(outcomes, [wait + lasting, ringing + lasting, patience, wait], lasting)
    replied = is_fulfilled & ~canceled
    return {
        "fulfilled_by": np.where(is_fulfilled, number, -1),
        "status": np.select([~inbound, abandoned, replied], [UNKNOWN, ABANDONED, ANSWERED], UNANSWERED),
        "canceled": canceled,
        "due": _at(inbound, queued, _of_channel("target", channel)),
        "offered": _at(is_offered, queued, to_offered),
        "accepted": _at(is_offered & is_fulfilled, queued, wait - hesitation, dice.between(10**6, 3 * 10**8)),
        "fulfilled": _at(is_fulfilled, queued, wait, dice.between(34 * 10**7, 6 * 10**8)),
        "answered": _at(is_answered, queued, ringing),
        "ended": _at(number >= 0, queued, to_ended, dice.between(67 * 10**7, 10**9 - 1)),
    }


def _at(when: Flags, start: Instants, seconds: Ints, nanoseconds: Ints | int = 0) -> Instants:
    moments = start + seconds * SECOND + nanoseconds * np.timedelta64(1, "ns")
    return np.where(when, moments, np.datetime64("NaT", "ns"))


def _call_back(contacts: Contacts, dice: Dice) -> None:
    """Let answered outbound calls go to whoever left the latest voicemail; the first one fulfils it."""
    left = (contacts.channel == VOICEMAIL) & (contacts.fulfilled_by < 0)
    voicemail = contacts.latest(left, dice.between(300, 3_600))
    calls = np.flatnonzero(~np.isnat(contacts.answered) & (voicemail >= 0) & dice.chance(800))
    contacts.customer[calls] = contacts.customer[voicemail[calls]]
    contacts.conversation[calls] = contacts.conversation[voicemail[calls]]
    fulfilled, first = np.unique(voicemail[calls], return_index=True)
    answered = contacts.answered[calls[first]]
    contacts.fulfilled[fulfilled] = answered
    contacts.ended[fulfilled] = answered + np.timedelta64(1_250, "ms")
    contacts.fulfilled_by[fulfilled] = contacts.number[calls[first]]


def _write_during_calls(contacts: Contacts, dice: Dice) -> None:
    """Let some e-mails arrive while their customer is on the phone: the call, begun before, fulfils them."""
    calls = contacts.inbound & ~np.isnat(contacts.connected)
    call = contacts.latest(calls, dice.between(60, 400))
    during = (contacts.fulfilled[call] < contacts.queued) & (contacts.queued < contacts.ended[call])
    written = contacts.inbound & (contacts.channel == EMAIL)
    mails = np.flatnonzero(written & (call >= 0) & during & dice.chance(150))
    for shared in ("customer", "conversation", "due", "fulfilled", "ended"):
        getattr(contacts, shared)[mails] = getattr(contacts, shared)[call[mails]]
    contacts.fulfilled_by[mails], contacts.status[mails] = contacts.number[call[mails]], UNANSWERED
    contacts.offered[mails] = contacts.accepted[mails] = np.datetime64("NaT", "ns")
    contacts.canceled[mails] = False


def _columns(contacts: Contacts, calendar: Calendar, dice: Dice) -> Arrays:
    """Return the columns of a chunk by name, texts and IDs as numbers; most are empty before the end."""
    columns = _labels(contacts, dice) | _times(contacts, calendar) | _holds(contacts, dice)
    columns |= _handling(contacts, columns["agent_when_ended"] >= 0, dice)
    columns |= _messages(contacts, columns["contact_initiator"], dice)
    columns |= _offers(contacts, columns["inbox_when_ended"] != columns["inbox_when_first_queued"], dice)
    columns |= _payments(contacts, dice)
    pending = ~(contacts.ended < calendar.pulled) | dice.chance(3)
    return {
        name: values if name in KNOWN_AT_START else np.where(pending, MISSING[values.dtype.kind], values)
        for name, values in columns.items()
    }


def _labels(contacts: Contacts, dice: Dice) -> Arrays:
    inbound, status = contacts.inbound, contacts.status
    initiator = np.where(inbound, dice.picked(INBOUND_INITIATORS), dice.picked(OUTBOUND_INITIATORS))
    chose = inbound & (contacts.channel == PHONE) & dice.chance(920)
    routed = np.array([INBOXES.index(entry.inbox) for entry in ENTRIES])[contacts.entry]
    inbox = np.where(dice.chance(120), dice.picked((1,) * len(INBOXES)), routed)
    has_agent = (status != ABANDONED) & dice.chance(np.where(contacts.fulfilled_by < 0, 800, 990))
    filters = {name: np.zeros(dice.rows, np.int64) for name in TEXTS if name.endswith("_filter")}
    return filters | {
        "contact_id": contacts.number,
        "customer_id": contacts.customer,
        "conversation_id": contacts.conversation,
        "fulfilled_by_contact_id": contacts.fulfilled_by,
        "channel": contacts.channel,
        "direction": inbound.astype(np.int64),
        "contact_initiator": initiator,
        "entry_point": np.where(inbound, contacts.entry, -1),
        "final_ivr_selection": np.where(chose, dice.picked((40, 22, 14, 12, 12)), -1),
        "fulfilled_type": np.where(contacts.fulfilled_by < 0, -1, contacts.canceled),
        "status": status,
        "inbox_when_first_queued": routed,
        "inbox_when_ended": inbox,
        "agent_when_ended": np.where(has_agent, dice.picked(range(60, 10, -2)), -1),
    }


def _times(c: Contacts, calendar: Calendar) -> Arrays:
    events = ("queued", "offered", "accepted", "fulfilled", "due", "ended", "answered")
    in_business = calendar.business_time(c.queued, c.fulfilled)
    return {f"{event}_at": calendar.wall(getattr(c, event)) for event in events} | {
        "sla_target_seconds": (c.due - c.queued) / SECOND,
        "queued_to_fulfilled_seconds": (c.fulfilled - c.queued) / SECOND,
        "queued_to_fulfilled_within_business_hours_seconds": in_business / SECOND,
        "queued_to_accepted_seconds": (c.accepted - c.queued) / SECOND,
        "queued_to_ended_seconds": (c.ended - c.queued) / SECOND,
        "accepted_to_fulfilled_seconds": (c.fulfilled - c.accepted) / SECOND,
        "seconds_within_or_over_sla": (c.fulfilled - c.due) / SECOND,
        "fulfilled_to_ended_seconds": (c.ended - c.fulfilled) / SECOND,
    }


def _handling(contacts: Contacts, has_agent: Flags, dice: Dice) -> Arrays:
    digits, connected = dice.between(1_000_000, 999_999_999) * np.timedelta64(1, "ns"), contacts.connected
    viewed = np.minimum(dice.lognormal(240, 10) * SECOND + digits, contacts.ended - contacts.queued)
    handled = np.where(has_agent, np.where(np.isnat(connected), viewed, connected), NO_TIME)
    after = np.where(has_agent & dice.chance(700), dice.lognormal(45, 10) * SECOND + digits, NO_TIME)
    return {
        "contact_handle_seconds": handled / SECOND,
        "after_contact_seconds": after / SECOND,
        "total_contact_handle_seconds": (handled + after) / SECOND,
    }


def _holds(contacts: Contacts, dice: Dice) -> Arrays:
    called, connected = contacts.channel == PHONE, contacts.connected
    span = np.where(np.isnat(connected), NO_TIME, connected)
    held: dict[str, Spans] = {}
    times: dict[str, Ints] = {}
    for kind, (per_mille, percent) in HOLDS.items():
        times[kind] = np.where(dice.chance(per_mille) & (span > NO_TIME), 1 + dice.chance(200), 0)
        held[kind] = np.where(times[kind] > 0, span * dice.between(2, percent) // 100, NO_TIME)
    held["total"] = np.sum(list(held.values()), axis=0)
    times["total"] = np.sum(list(times.values()), axis=0)
    columns: Arrays = {"talk_seconds": (connected - held["total"]) / SECOND}
    for kind in held:
        columns[f"hold_{kind}_seconds"] = np.where(called, held[kind] / SECOND, np.nan)
        columns[f"times_on_hold_{kind}"] = np.where(called, times[kind], -1)
    return columns


def _messages(contacts: Contacts, initiator: Ints, dice: Dice) -> Arrays:
    inbound, going_on = contacts.inbound, contacts.ended - contacts.queued
    written, replied = ~np.isin(contacts.channel, (PHONE, VOICEMAIL)), contacts.status == ANSWERED
    follow_ups = np.where(contacts.channel == EMAIL, dice.chance(110), dice.lognormal(2, 8))
    customer = np.where(inbound, 1 + follow_ups, dice.chance(450))
    api = (initiator == INITIATORS.index("APPLICATION")).astype(np.int64)
    agent = np.where(replied, np.maximum(1, customer + dice.between(-1, 1)), ~inbound & (api == 0))
    counts = {"customer": customer, "agent": agent, "rules": inbound & dice.chance(350), "api": api}
    columns: Arrays = {f"messages_from_{who}": np.where(written, n, -1) for who, n in counts.items()}
    columns["messages_total"] = np.where(written, sum(counts.values()), -1)
    first = np.where(agent == 1, contacts.fulfilled - contacts.queued, going_on // np.maximum(1, 2 * agent))
    columns["average_agent_reply_seconds"] = np.where(written & replied, first / SECOND, np.nan)
    waited = going_on // np.maximum(1, 2 * customer) / SECOND
    columns["average_customer_reply_seconds"] = np.where(written & (customer > inbound), waited, np.nan)
    return columns


def _offers(contacts: Contacts, moved: Flags, dice: Dice) -> Arrays:
    offered, accepted = ~np.isnat(contacts.offered), ~np.isnat(contacts.accepted)
    missed = np.where(accepted, dice.picked((88, 9, 3)), offered)
    declined = offered & dice.chance(25)
    return {
        "times_offered": accepted + missed + declined,
        "times_accepted": accepted.astype(np.int64),
        "times_missed": missed,
        "times_declined": declined.astype(np.int64),
        "times_transferred": np.where(moved, 1 + dice.chance(150), 0),
    }


def _payments(contacts: Contacts, dice: Dice) -> Arrays:
    columns: Arrays = {}
    for outcome, per_mille in (("completed", 9), ("declined", 3)):
        requests = (contacts.fulfilled_by >= 0) & dice.chance(per_mille)
        columns[f"payment_requests_{outcome}"] = requests.astype(np.int64)
        columns[f"payment_amount_{outcome}_usd"] = requests * dice.between(900, 25_000) / 100
    return columns


def _select(relation: str, kind: ExportKind, seed: int) -> str:
    values = ", ".join(f'{_value(column, seed)} as "{column.headers[0]}"' for column in kind.columns)
    return f"select {values} from {relation}"


def _value(column: Column, seed: int) -> str:
    """Return SQL for what a file shows in a column, from the numbers that stand for it in a chunk."""
    name = column.name
    match column.type:
        case "link":
            ids = _id("customer_id", seed), _id("conversation_id", seed)
            return f"'https://example.gladly.com/customer/' || {ids[0]} || '/conversation/' || {ids[1]}"
        case "id":
            return _id(name, seed)
        case "duration" | "amount":
            return f"regexp_replace({name}::varchar, '\\.0$', '')"
        case "count":
            return f"nullif({name}, -1)"
        case "timestamp":
            return name
        case _:
            texts = ", ".join(f"'{text}'" for text in TEXTS[name])
            return f"([{texts}])[{name} + 1]"


def _id(name: str, seed: int) -> str:
    """Return SQL for an ID: the 128 bits of an MD5 in 22 characters, as Gladly's are those of a UUID."""
    what = name.removesuffix("_id").split("_")[-1]
    digest = f"base64(unhex(md5('{what} {seed} ' || {name})))"
    return f"case when {name} >= 0 then left(translate({digest}, '+/', '-_'), 22) end"


def _chunks(contacts: int, calendar: Calendar, seed: int) -> Iterator[Arrays]:
    for position, first in enumerate(range(0, contacts, CHUNK)):
        dice = Dice(min(CHUNK, contacts - first), seed, position)
        chunk = _drawn(first, contacts, calendar, dice)
        _call_back(chunk, dice)
        _write_during_calls(chunk, dice)
        yield _columns(chunk, calendar, dice)


def write_contact_export(path: Path, contacts: int, days: int, end: date, seed: int) -> None:
    """Write a Contact Export of that many contacts, queued in the days up to the end, ordered by Queued At.

    Order is that of the instants: in the hour that daylight saving repeats, wall times go back once.
    """
    select = _select("chunk", CONTACT_EXPORT, seed)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database, path.open("wb") as file:
        part = Path(folder, "part.csv")
        for position, chunk in enumerate(_chunks(contacts, Calendar(days, end, seed), seed)):
            database.register("chunk", chunk)
            copy(database, select, part, header=position == 0)
            with part.open("rb") as written:
                shutil.copyfileobj(written, file, 1 << 20)


def write_customer_merges(path: Path, contacts: int, end: date, seed: int) -> None:
    """Write merges of frequent customers in the last 30 days, some of them on: A into B, then B into C."""
    with duckdb.connect() as database:
        database.register("merges", merged_customers(contacts, end))
        copy(database, _select("merges", CUSTOMER_MERGES, seed) + " order by merged_at, merged_customer_id", path)


def _averages() -> str:
    """Return SQL for the averages of a Contact Summary, from the columns of a Contact Export."""
    return ", ".join(
        _average(column.name) for column in CONTACT_SUMMARY.columns if column.name.startswith(("average_", "max_"))
    )


def _average(name: str) -> str:
    how, _, of = name.partition("_")
    direction, _, rest = of.partition("_")
    is_of_one = direction in ("inbound", "outbound")
    value = CONTACT_EXPORT.column(rest if is_of_one else AVERAGED.get(of, of)).headers[0]
    which = f" filter (direction = '{direction.upper()}')" if is_of_one else ""
    return f'round({"max" if how == "max" else "avg"}("{value}"::double){which}, 9)'


def write_totals(path: Path, kind: ExportKind, select: str, first: date, last: date, **files: Path) -> None:
    """Write the vendor's own daily totals over a Contact Export; no day is left out."""
    headers = ", ".join(f'"{column.headers[0]}"' for column in kind.columns if column.headers)
    with duckdb.connect() as database:
        for name, file in files.items():
            database.read_csv(str(file), header=True, sep=",", all_varchar=True).create_view(name)
        dated = select.format(first=first, last=last, zone=ZONE.key, averages=_averages())
        copy(database, f"from ({dated}) as counted({headers})", path)


def write_all(folder: Path, contacts: int, days: int, end: date, seed: int) -> tuple[Path, ...]:
    """Write the files into a folder, named as Gladly names its downloads, and return their paths."""
    first, month = end - timedelta(days - 1), end - timedelta(min(days, 30) - 1)
    export = folder / f"ContactExport-{first:%Y%m%d}-{end:%Y%m%d}.csv"
    merges = folder / "GladlyCustomerMerges.csv"
    inbound = folder / f"InboundContacts-{month:%Y%m%d}-{end:%Y%m%d}-Daily.csv"
    write_contact_export(export, contacts, days, end, seed)
    write_customer_merges(merges, contacts, end, seed)
    summary = folder / f"ContactSummary-{month:%Y%m%d}-{end:%Y%m%d}-Daily.csv"
    write_totals(inbound, INBOUND_CONTACTS, INBOUND_BY_DAY, month, end, export=export, merges=merges)
    write_totals(summary, CONTACT_SUMMARY, SUMMARY_BY_DAY, month, end, export=export)
    return export, merges, inbound, summary
