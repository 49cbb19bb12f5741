"""Gladly: Contact Export. Every contact, in detail."""

from workbench.exports.gladly import CONTACT_EXPORT as EXPORT
from workbench.reports.dimensions import (
    AGENT,
    CHANNEL,
    CONTACT_INITIATOR,
    DIRECTION,
    ENTRY_POINT,
    FULFILLED_TYPE,
    HOUR,
    INBOX,
    INBOX_WHEN_ENDED,
    STATUS,
    WEEKDAY,
    durations,
)
from workbench.reports.entities import GLADLY_CONTACTS
from workbench.reports.gladly import INBOXES, contacts_log
from workbench.reports.model import Metric, Report, Tile

_FILTERS = (
    CHANNEL, INBOX, INBOX_WHEN_ENDED, ENTRY_POINT, CONTACT_INITIATOR, DIRECTION, STATUS, FULFILLED_TYPE, AGENT,
)  # fmt: skip
_PINNED = (WEEKDAY, HOUR, durations(EXPORT))

_WAIT = "queued_to_fulfilled_seconds"
_HANDLE = "contact_handle_seconds"
_HANDLED = EXPORT.column(_HANDLE).description
_ENDED_INBOUND = "direction = 'INBOUND' and status is not null"
_OFFERS = ("times_offered", "times_accepted", "times_missed", "times_declined", "times_transferred")
_SPREAD = ("n", "min", "median", "p75", "p90", "p95", "max", "average")
_EXPLAINED = ("contacts", f"median_{_WAIT}", f"p90_{_WAIT}", f"average_{_WAIT}")
_EFFECTS = ("mix_seconds", "rate_seconds", "contribution_seconds")


def _wait(name: str, label: str, definition: str, formula: str) -> Metric:
    """Return a metric over the known waits."""
    return Metric(
        f"{name}_{_WAIT}",
        label,
        "duration",
        f"{definition} The wait is the exported time from first queued to fulfilled, on the clock; it is known only of"
        " contacts that were fulfilled and have ended. Outbound contacts that have one count too: the filter Direction"
        " leaves them out.",
        formula,
        rows=f"{_WAIT} is not null",
        rest="have no wait: open, or ended without being fulfilled",
        among=(
            ("negative", "have a negative wait: written during a call that fulfilled them", f"{_WAIT} < 0"),
            ("outbound", "are outbound", "direction = 'OUTBOUND'"),
        ),
        good="down",
    )


def _duration(name: str, column: str, label: str, definition: str) -> Metric:
    """Return the average or median of an exported duration."""
    how = name.partition("_")[0]
    of = EXPORT.column(column)
    noun = of.label.lower()
    formula = f"{how} of the {noun} of the contacts that have one"
    return Metric(name, label, "duration", definition, formula, rows=f"{column} is not null", rest=f"have no {noun}")


def _sum(column: str) -> Metric:
    """Return the sum of an exported count, under the column's own name and label."""
    of = EXPORT.column(column)
    return Metric(
        column,
        of.label,
        "count",
        f"{of.description} Added up over the contacts.",
        f"sum of {of.label.lower()}",
        rows=f"{column} is not null",
        rest="have no such count",
        is_additive=True,
    )


def _effect(name: str, label: str, definition: str, formula: str) -> Metric:
    """Return a part of the change of the average wait. It rests on the waits of both ranges."""
    return Metric(
        name,
        label,
        "duration",
        f"{definition} Rests on the waits of both ranges; empty when either has none.",
        formula,
        rows=f"{_WAIT} is not null",
        rest="have no wait",
        good="down",
        is_additive=True,
        is_change=True,
        part_of=f"avg({_WAIT})",
    )


def _spread(name: str, label: str, definition: str, formula: str) -> Metric:
    """Return a figure of the table of durations; a cell's rows are the contacts that have the duration."""
    return Metric(name, label, "count" if name == "n" else "duration", definition, formula)


_METRICS = (
    Metric(
        "contacts",
        "Contacts",
        "count",
        "Contacts that were first queued (inbound) or started (outbound) in the period, whatever became of them.",
        "count of contacts",
        is_additive=True,
    ),
    Metric(
        "inbound",
        "Inbound",
        "count",
        "Contacts that a customer, an internal or an external party began.",
        "count of contacts with direction inbound",
        rows="direction = 'INBOUND'",
        rest="are not inbound",
        is_additive=True,
    ),
    Metric(
        "outbound",
        "Outbound",
        "count",
        "Contacts that an agent, an application or the system began.",
        "count of contacts with direction outbound",
        rows="direction = 'OUTBOUND'",
        rest="are not outbound",
        is_additive=True,
    ),
    Metric(
        "answered_rate",
        "Answered",
        "rate",
        "The share of inbound contacts that an agent answered on the same channel. Contacts that have not ended have"
        " no status yet and are left out; unknown is a status.",
        "inbound contacts with status answered / inbound contacts that have a status",
        rows=_ENDED_INBOUND,
        numerator="status = 'ANSWERED'",
        rest="are not inbound or have not ended",
        good="up",
    ),
    Metric(
        "abandoned_rate",
        "Abandoned calls",
        "rate",
        "The share of inbound phone calls in which the caller hung up before reaching an agent. Neither voicemail nor"
        " the retired abandoned-call follow-up is a phone call; calls that have not ended are left out.",
        "inbound phone calls with status abandoned / inbound phone calls that have a status",
        rows=f"{_ENDED_INBOUND} and channel = 'PHONE_CALL'",
        numerator="status = 'ABANDONED'",
        rest="are no inbound phone calls or have not ended",
        good="down",
    ),
    _wait("median", "Median wait", "Half of the contacts waited no longer than this.", "median of queued to fulfilled"),
    _wait(
        "p90",
        "90 % waited at most",
        "Nine of ten contacts waited no longer than this.",
        "90th percentile of queued to fulfilled, interpolated",
    ),
    _wait(
        "average",
        "Average wait",
        "How long contacts waited on average; a few very long waits move it, which they do not the median.",
        "sum of queued to fulfilled / contacts that have it",
    ),
    Metric(
        "sla_attainment_rate",
        "SLA attainment",
        "rate",
        "The share of contacts that were fulfilled before or when they were due. Contacts that are open, were"
        " abandoned or ended unfulfilled have no lead or lag over the SLA and are left out. A contact whose SLA an"
        " overlapping one set, which shows as a negative target, is counted like any other.",
        "contacts with seconds within or over SLA of 0 or less / contacts that have it",
        rows="seconds_within_or_over_sla is not null",
        numerator="seconds_within_or_over_sla <= 0",
        rest="have no SLA result: open, abandoned or not fulfilled",
        among=(
            ("negative_target", "have a negative SLA target: an overlapping contact set it", "sla_target_seconds < 0"),
        ),
        good="up",
    ),
    _duration(
        f"median_{_HANDLE}",
        _HANDLE,
        "Median handle time",
        f"Half of the contacts were handled in no more than this. {_HANDLED}",
    ),
    _duration(
        f"average_{_HANDLE}",
        _HANDLE,
        "Average handle time",
        f"How long contacts were handled on average. {_HANDLED}",
    ),
    _duration(
        "average_after_contact_seconds",
        "after_contact_seconds",
        "Average after-contact time",
        "How long any agent had the customer's profile open after the contact ended, on average.",
    ),
    _duration(
        "average_talk_seconds",
        "talk_seconds",
        "Average talk time",
        "How long a phone call was talked, without the time on hold, on average. Other contacts have no talk time.",
    ),
    _duration(
        "average_hold_seconds",
        "hold_total_seconds",
        "Average hold time",
        "How long a phone call was on hold for any reason, on average; a call without a hold counts with what the"
        " export has for it. Other contacts have no hold time.",
    ),
    *map(_sum, _OFFERS),
    Metric(
        "contacts_per_occurrence",
        "Contacts per hour of the week",
        "decimal",
        "How many contacts such an hour brought on average: a range of four Mondays has four Monday mornings.",
        "contacts / how often the hour of that weekday occurs in the covered part of the range",
    ),
    _effect(
        "mix_seconds",
        "Mix",
        "How much of the change of the average wait comes from this row having another share of the contacts than"
        " before.",
        "(share now - share before) x (mean of its average waits before and now - mean of the overall ones)",
    ),
    _effect(
        "rate_seconds",
        "Rate",
        "How much of the change of the average wait comes from this row's own average wait being another than before.",
        "(share before + share now) / 2 x (its average wait now - before)",
    ),
    _effect(
        "contribution_seconds",
        "Contribution",
        "How much this row adds to the change of the average wait. The rows add up to the whole change.",
        "mix + rate",
    ),
    _spread("n", "Contacts with it", "Contacts of which the duration is known.", "count of the duration"),
    _spread("min", "Shortest", "The smallest value; it can be negative.", "minimum of the duration"),
    _spread("median", "Median", "Half of the values are no larger.", "median of the duration"),
    _spread("p75", "75 % at most", "Three quarters of the values are no larger.", "75th percentile, interpolated"),
    _spread("p90", "90 % at most", "Nine in ten of the values are no larger.", "90th percentile, interpolated"),
    _spread("p95", "95 % at most", "Nineteen in twenty of the values are no larger.", "95th percentile, interpolated"),
    _spread("max", "Longest", "The largest value.", "maximum of the duration"),
    _spread("average", "Average", "The mean of the values.", "sum of the duration / contacts that have it"),
)


_EXPLAINED_COLUMNS = (
    *(f"{metric}{suffix}" for metric in _EXPLAINED for suffix in ("", "_before", "_change")),
    *_EFFECTS,
)
_TOTALS = (
    "contacts",
    "inbound",
    "outbound",
    "answered_rate",
    "abandoned_rate",
    f"median_{_WAIT}",
    f"p90_{_WAIT}",
    "sla_attainment_rate",
    f"median_{_HANDLE}",
)
_GROUPS = (
    ("contacts", "inbound", "outbound"),
    ("answered_rate", "abandoned_rate", "sla_attainment_rate"),
    (f"median_{_WAIT}", f"p90_{_WAIT}", f"median_{_HANDLE}"),
)
_BY_CHANNEL = (f"median_{_WAIT}", f"p90_{_WAIT}", "sla_attainment_rate")
_BY_PERIOD = (*_EXPLAINED, "sla_attainment_rate")
_BY_AGENT = (
    "contacts",
    f"average_{_HANDLE}",
    f"median_{_HANDLE}",
    "average_after_contact_seconds",
    "average_talk_seconds",
    "average_hold_seconds",
    *_OFFERS,
    "sla_attainment_rate",
)
_BY_HOUR = ("contacts", "contacts_per_occurrence", f"median_{_WAIT}")
_WAIT_CHANGES = "contact_export/wait_changes"  # the SELECT that the two tiles of contributions share
_SHOWN = (
    "queued_at",
    "channel",
    "direction",
    "status",
    "inbox_when_first_queued",
    "entry_point",
    "agent_when_ended",
    _WAIT,
    _HANDLE,
    "seconds_within_or_over_sla",
    "contact_id",
    "conversation_link",
)
CONTACT_EXPORT = Report(
    name="contact_export",
    title="Contact export",
    system="Gladly",
    icon=":material/support_agent:",
    purpose="Every contact, in detail.",
    rows_label="contacts",
    kinds=(EXPORT.name,),
    main=GLADLY_CONTACTS,
    filters=_FILTERS,
    dimensions=_PINNED,
    settings=("as_exported",),
    metrics=_METRICS,
    tiles=(
        Tile("totals", "Totals", "metrics", GLADLY_CONTACTS, _TOTALS, metrics=_TOTALS, groups=_GROUPS),
        Tile(
            "wait_by_period",
            "Wait over time",
            "lines_over_time",
            GLADLY_CONTACTS,
            ("period", *_BY_PERIOD),
            dimensions=("period",),
            metrics=_BY_PERIOD,
            drawn=(f"median_{_WAIT}", f"p90_{_WAIT}"),
            note="By when contacts were queued: the waits of those still open are not known yet.",
        ),
        Tile(
            "by_entry_point",
            "What changed the wait, by entry point",
            "contributions",
            GLADLY_CONTACTS,
            ("entry_point", "channel", *_EXPLAINED_COLUMNS),
            sheet="Wait changes by entry point",
            dimensions=("entry_point", "channel"),
            metrics=(*_EXPLAINED, *_EFFECTS),
            compares_itself=True,
            sql=_WAIT_CHANGES,
            drawn=("contribution_seconds", f"average_{_WAIT}", "contacts"),
            card="What changed the average wait",
            note="Contributions add up to the change.",
        ),
        Tile(
            "by_inbox",
            "What changed the wait, by inbox",
            "contributions",
            GLADLY_CONTACTS,
            ("inbox", *_EXPLAINED_COLUMNS),
            dimensions=("inbox",),
            metrics=(*_EXPLAINED, *_EFFECTS),
            compares_itself=True,
            sql=_WAIT_CHANGES,
            drawn=("contribution_seconds", f"average_{_WAIT}", "contacts"),
            card="What changed the average wait",
            note="Contributions add up to the change.",
        ),
        Tile(
            "by_channel",
            "Channel",
            "bar_and_pie",
            GLADLY_CONTACTS,
            ("channel", "contacts", "share", *_BY_CHANNEL),
            dimensions=("channel",),
            is_half=True,
            metrics=("contacts", *_BY_CHANNEL),
        ),
        Tile(
            "by_status",
            "Status",
            "bar_and_pie",
            GLADLY_CONTACTS,
            ("status", "contacts", "share"),
            dimensions=("status",),
            is_half=True,
            metrics=("contacts",),
        ),
        Tile(
            "by_agent",
            "Agent when ended",
            "table",
            GLADLY_CONTACTS,
            ("agent", *_BY_AGENT),
            dimensions=("agent",),
            metrics=_BY_AGENT,
            drawn=("contacts",),
            is_half=True,
            note="Not who did the work",
        ),
        Tile(
            "by_hour",
            "Hour of the week",
            "heat_map",
            GLADLY_CONTACTS,
            ("weekday", "hour", *_BY_HOUR),
            dimensions=("weekday", "hour"),
            metrics=_BY_HOUR,
            drawn=("contacts_per_occurrence",),
            is_half=True,
        ),
        Tile(
            "durations",
            "Durations",
            "table",
            GLADLY_CONTACTS,
            ("duration", *_SPREAD),
            dimensions=("duration",),
            metrics=_SPREAD,
            is_folded=True,
        ),
        Tile(
            "log",
            "Contacts",
            "log",
            GLADLY_CONTACTS,
            _SHOWN,
            log=contacts_log(
                _SHOWN,
                search=(
                    "customer_id",
                    "conversation_id",
                    "contact_id",
                    "fulfilled_by_contact_id",
                    "entry_point",
                    "final_ivr_selection",
                    "inbox_when_first_queued",
                    "inbox_when_ended",
                    "agent_when_ended",
                ),
            ),
        ),
    ),
    about=(
        (
            "How it is measured",
            "Every row is one contact of the loaded Contact Exports, inbound and outbound. Its date is when it was"
            " first queued, or started if it is outbound; its channel is the one on which it began; its inbox is the"
            " one in which it was first queued. Compare these figures only with other reports that count contacts.",
        ),
        INBOXES,
        (
            "Why do other reports show other figures for the same day?",
            "Here every metric, waits and handle times included, counts on the day on which the contact was queued. A"
            " report that goes by the time of fulfilment or of the end counts a contact queued at 23:50 and answered"
            " at 00:10 a day later, and does not know the open ones. So the two agree over long ranges, but not day by"
            " day.",
        ),
        (
            "Why are fields empty, and the status too?",
            "The export fills a contact's fields when it begins and when it ends, not in between. A contact without a"
            " status, or without a time at which it ended, has not ended: here it is called *Not ended*. Load a later"
            " export of the same days and the rest follows.",
        ),
        (
            "What does fulfilled mean?",
            "That somebody responded (answered the call, replied to the message or e-mail), or that the contact was"
            " canceled: no reply needed, or the conversation was closed. Calls that are abandoned, forwarded or end in"
            " a voicemail, and messaging contacts that time out, end without being fulfilled, so they have no wait.",
        ),
        (
            "When does a contact become fulfilled?",
            "In the export, when it ends. Until then it shows no fulfilled time, even if an agent has replied.",
        ),
        (
            "Why is a responded or canceled contact unanswered?",
            "Because it was fulfilled elsewhere: an agent replied on another channel, say called back after an e-mail."
            " A contact is also unanswered when the customer left a voicemail, when it was forwarded, or when an agent"
            " canceled it. Answered means a reply on the same channel; unknown is the status of outbound contacts.",
        ),
        (
            "Why is a wait negative?",
            "The customer wrote an e-mail while on the phone. When the call ends it fulfils the e-mail as well, with"
            " the time at which the call was answered: call answered at 9:02, e-mail at 9:05, a wait of minus three"
            " minutes. Such waits are kept and counted as they are, and their number is stated.",
        ),
        (
            "Why is an SLA target negative?",
            "Mostly because another contact, which overlapped with this one, had set the SLA already. Such contacts"
            " are counted, and their number is stated. A negative lead or lag over the SLA is another thing: fulfilled"
            " before it was due.",
        ),
        (
            "How are e-mails counted?",
            "By session: the e-mails of one exchange are one contact. Gladly's own Inbound Contacts counts single"
            " e-mails instead; the page *Inbound contacts* shows both beside each other.",
        ),
        (
            "Does an agent's row hold all of that agent's work?",
            "No. It holds the contacts whose conversation was assigned to the agent when the contact ended; others may"
            " have worked on them. For phone calls the two can differ: one profile may have two calls at a time, with"
            " an agent each, and a conversation can be assigned to somebody else, by hand or by routing, while the"
            " agent is still talking. So this is no measure of who did the work.",
        ),
        (
            "Why does an abandoned call have no agent?",
            "Nobody picked it up, so it was never assigned to anyone. Such calls are in the row *No agent*.",
        ),
        (
            "Why does an answered contact have no agent?",
            "The agent merged the customer's profile with another one during the contact. The agent went on, but the"
            " merge took the assignment off the conversation; the work itself shows in Gladly's reports on agents and"
            " their sessions. After a merge it is worth checking that the conversation still has its agent.",
        ),
        (
            "What is Voice?",
            "Phone calls alone: neither voicemail nor the retired follow-up to an abandoned call, which are channels"
            " of their own.",
        ),
        (
            "What does not apply to every contact?",
            "Talk and hold times and holds belong to phone calls; messages and reply times to e-mail and messaging;"
            " *Answered at* to outbound calls; entry points to inbound contacts. Offered and accepted times are empty"
            " after an assignment by hand. Payments are known only in US dollars. What does not apply is missing, not"
            " zero, and counts in no average.",
        ),
        (
            "Where does the link lead, and who fulfilled a contact?",
            "The link opens the conversation, which may hold several contacts, so not always this very one. *Fulfilled"
            " by contact ID* is the contact itself when it was answered on its own channel, and another one when, say,"
            " a call back fulfilled a voicemail.",
        ),
        (
            "In what are durations given?",
            "In seconds, as exported. Tables show them as h:mm:ss, from a day on as d:hh:mm:ss; downloads have the"
            " seconds too. They are never computed anew from the times.",
        ),
        (
            "Which contacts contribute most to our handle time?",
            "Choose dates, and a channel or an inbox if you like. Sort the log *Contacts* by contact handle time,"
            " which sorts all of them and not only the page on screen; open a row, and follow its conversation link.",
        ),
        (
            "The wait on the phone is rising. Which entry points or inboxes contribute?",
            "Pick Voice (phone call) under Channel and compare with the range before. *What changed the wait* lists"
            " entry points and inboxes by what each adds to the change of the average: *mix* because its share of the"
            " contacts changed, *rate* because its own wait did.",
        ),
    ),
)
