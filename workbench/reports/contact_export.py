"""Gladly: Contact Export. Every contact, in detail."""

from typing import Literal

from workbench.exports.gladly import CONTACT_EXPORT as EXPORT
from workbench.exports.gladly import CONTACT_SUMMARY as SUMMARY
from workbench.reports.dimensions import (
    AGENT,
    CHANNEL,
    CONTACT_INITIATOR,
    DIRECTION,
    ENTRY_POINT,
    FULFILLED_TYPE,
    INBOX,
    INBOX_WHEN_ENDED,
    OF_WEEK,
    STATUS,
    definitions,
    durations,
)
from workbench.reports.entities import GLADLY_CONTACTS, GLADLY_SERVICE_LEVELS, GLADLY_SUMMARY_REPORTED
from workbench.reports.gladly import INBOXES, contacts_log
from workbench.reports.model import Metric, Report, Tile
from workbench.reports.settings import DEFINITIONS

FILTERS = (
    CHANNEL, INBOX, INBOX_WHEN_ENDED, ENTRY_POINT, CONTACT_INITIATOR, DIRECTION, STATUS, FULFILLED_TYPE, AGENT,
)  # fmt: skip
_PINNED = (*OF_WEEK, durations(EXPORT), definitions(DEFINITIONS))

_WAIT = "queued_to_fulfilled_seconds"
_BUSINESS = "business_wait_seconds"
_EXPORTED = EXPORT.column("queued_to_fulfilled_within_business_hours_seconds")
_HANDLE = "contact_handle_seconds"
_HANDLED = EXPORT.column(_HANDLE).description
_ENDED_INBOUND = "direction = 'INBOUND' and status is not null"
_OFFERS = ("times_offered", "times_accepted", "times_missed", "times_declined", "times_transferred")
_SPREAD = ("n", "min", "median", "p75", "p90", "p95", "max", "average")
_EXPLAINED = ("contacts", f"median_{_WAIT}", f"p90_{_WAIT}", f"average_{_WAIT}")
_DEFINED = tuple(
    (name, (label, formula.format(threshold="the threshold"))) for name, (label, formula) in DEFINITIONS.items()
)
_EFFECTS = ("mix_seconds", "rate_seconds", "contribution_seconds")


def _decomposition(how: str) -> Literal["mean", "none"]:
    return "mean" if how == "average" else "none"


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
        decomposes=_decomposition(name),
        each=_WAIT,
    )


def _business(name: str, label: str, definition: str, formula: str) -> Metric:
    """Return a metric over the waits within the opening hours of the workspace's calendars."""
    return Metric(
        f"{name}_{_BUSINESS}",
        label,
        "duration",
        f"{definition} Of the time from first queued to fulfilled only that counts in which the calendar of the"
        " contact's first inbox is open; one that was fulfilled before it was queued has not waited. Missing while no"
        " calendar is set.",
        formula,
        rows=f"{_BUSINESS} is not null",
        rest="have no wait within business hours: not fulfilled, or no calendar is set",
        good="down",
        decomposes=_decomposition(name),
        each=_BUSINESS,
    )


def _exported(how: Literal["median", "average"]) -> Metric:
    """Return a metric over the waits within business hours as Gladly has them."""
    return Metric(
        f"{how}_exported_business_wait_seconds",
        f"{how.capitalize()} business wait, as exported",
        "duration",
        f"The {how} of what the export itself has as the wait within business hours, by Gladly's hours and not by the"
        " calendars set here.",
        f"{how} of {_EXPORTED.label.lower()} of the contacts that have it",
        rows=f"{_EXPORTED.name} is not null",
        rest="have no such wait in the export",
        good="down",
        decomposes=_decomposition(how),
        each=_EXPORTED.name,
    )


def _duration(name: str, column: str, label: str, definition: str) -> Metric:
    """Return the average or median of an exported duration."""
    how = name.partition("_")[0]
    of = EXPORT.column(column)
    noun = of.label.lower()
    formula = f"{how} of the {noun} of the contacts that have one"
    return Metric(
        name, label, "duration", definition, formula, rows=f"{column} is not null", rest=f"have no {noun}",
        decomposes=_decomposition(how), each=column,
    )  # fmt: skip


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
        decomposes="sum",
        each=column,
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
        decomposes="sum",
        is_change=True,
        part_of=f"avg({_WAIT})",
    )


def _defined(name: str, label: str, formula: str) -> Metric:
    """Return the service level by one definition, whichever is chosen."""
    return Metric(
        name,
        f"Service level: {label[:1].lower()}{label[1:]}",
        "rate",
        f"The share of inbound contacts with a status that were served in time: {formula}.",
        formula,
        rows=f"in_time_{name} is not null",
        numerator=f"in_time_{name}",
        decomposes="mean",
        rest="do not count: outbound, not ended, or left out by the definition",
        good="up",
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
        decomposes="sum",
    ),
    Metric(
        "inbound",
        "Inbound",
        "count",
        "Contacts that a customer, an internal or an external party began.",
        "count of contacts with direction inbound",
        rows="direction = 'INBOUND'",
        rest="are not inbound",
        decomposes="sum",
    ),
    Metric(
        "outbound",
        "Outbound",
        "count",
        "Contacts that an agent, an application or the system began.",
        "count of contacts with direction outbound",
        rows="direction = 'OUTBOUND'",
        rest="are not outbound",
        decomposes="sum",
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
        decomposes="mean",
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
        decomposes="mean",
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
    _business(
        "median",
        "Median business wait",
        "Half of the contacts waited no longer than this within business hours.",
        "median of the part of queued to fulfilled that lies within opening hours",
    ),
    _business(
        "p90",
        "90 % business wait at most",
        "Nine of ten contacts waited no longer than this within business hours.",
        "90th percentile of the part of queued to fulfilled that lies within opening hours, interpolated",
    ),
    _business(
        "average",
        "Average business wait",
        "How long contacts waited within business hours on average.",
        "sum of the parts of queued to fulfilled that lie within opening hours / contacts that have one",
    ),
    _exported("median"),
    _exported("average"),
    Metric(
        "sla_attainment_rate",
        "SLA attainment",
        "rate",
        "The share of contacts that were fulfilled before or when they were due. Contacts that are open, were"
        " abandoned or ended unfulfilled have no lead or lag over the SLA and are left out. A contact whose SLA an"
        " overlapping one set, which shows as a negative target, is counted like any other. Of inbound contacts this is"
        " the service level by the definition *Fulfilled only*.",
        "contacts with seconds within or over SLA of 0 or less / contacts that have it",
        rows="seconds_within_or_over_sla is not null",
        numerator="seconds_within_or_over_sla <= 0",
        decomposes="mean",
        rest="have no SLA result: open, abandoned or not fulfilled",
        among=(
            ("negative_target", "have a negative SLA target: an overlapping contact set it", "sla_target_seconds < 0"),
        ),
        good="up",
    ),
    Metric(
        "service_level_rate",
        "Service level",
        "rate",
        "The share of inbound contacts that were served in time, by the definition that is chosen. Those without a"
        " status have not ended and do not count.",
        f"by the definition that is chosen: {'; '.join(f'{name}, {formula}' for name, (_, formula) in _DEFINED)}",
        rows="in_time is not null",
        numerator="in_time",
        decomposes="mean",
        rest="do not count: outbound, not ended, or left out by the definition",
        good="up",
    ),
    Metric(
        "within",
        "In time",
        "count",
        "Contacts that are within the service level, by the definition of the row.",
        "count of contacts that are in time",
        rows="in_time",
        rest="are not in time, or do not count",
        decomposes="sum",
    ),
    Metric(
        "of",
        "Of contacts",
        "count",
        "Contacts that count for the service level, by the definition of the row.",
        "count of contacts that the definition does not leave out",
        rows="in_time is not null",
        rest="do not count: outbound, not ended, or left out by the definition",
        decomposes="sum",
    ),
    *(_defined(name, label, formula) for name, (label, formula) in _DEFINED),
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
    "service_level_rate",
    f"median_{_HANDLE}",
    f"median_{_BUSINESS}",
)
_GROUPS = (
    ("contacts", "inbound", "outbound"),
    ("answered_rate", "abandoned_rate", "service_level_rate"),
    (f"median_{_WAIT}", f"p90_{_WAIT}", f"median_{_HANDLE}"),
)
_BY_CHANNEL = (f"median_{_WAIT}", f"p90_{_WAIT}", "sla_attainment_rate")
_BUSINESS_WAITS = (
    f"median_{_BUSINESS}",
    f"p90_{_BUSINESS}",
    f"average_{_BUSINESS}",
    f"median_exported_{_BUSINESS}",
    f"average_exported_{_BUSINESS}",
)
_BY_PERIOD = (*_EXPLAINED, "sla_attainment_rate", *_BUSINESS_WAITS)
_CLOCK_WAIT, _BUSINESS_WAIT = ((f"median_{wait}", f"p90_{wait}") for wait in (_WAIT, _BUSINESS))
_DIFFERENCE = f"{_BUSINESS} - {_EXPORTED.name}"
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
_SERVED = ("within", "of", "service_level_rate")
_BY_HOUR = ("contacts", "contacts_per_occurrence", f"median_{_WAIT}")
_BESIDE = "Beside Gladly's own Contact Summary"
# The tables of that card, each with its name on the switch, that of its sheet, and its columns.
_AS_REPORTED = (
    (
        "as_reported", _BESIDE, "Totals", "Beside Gladly's Contact Summary",
        ("figure", "reported", "at_ended", "at_queued", "by_population", "by_definition", "by_anchor"),
    ),
    (
        "service_level_as_reported", "Service level beside Gladly's own", "Service level",
        "Service level beside Gladly's",
        (
            "service_level_reported", "service_level_of_parts", "service_level_at_ended", "service_level_at_queued",
            "service_level_by_definition", "service_level_by_population", "service_level_by_anchor",
            "before_sla_reported", "after_sla_reported", "abandoned_reported",
        ),
    ),
    *(
        (
            f"{name}_as_reported", f"Average {name} beside Gladly's own", picked_as,
            f"{name.capitalize()} beside Gladly's",
            ("figure", *(
                f"{column}_{unit}" for column in ("reported", "at_ended", "at_queued", "by_contacts", "by_anchor")
            )),
        )
        for name, picked_as, unit in (("durations", "Times", "seconds"), ("messages", "Messages", "messages"))
    ),
)  # fmt: skip
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
    filters=FILTERS,
    dimensions=_PINNED,
    settings=("as_exported", "service_level", "threshold", "short_abandon"),
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
            drawn=_CLOCK_WAIT,
            drawings=(
                ("Clock", _CLOCK_WAIT),
                ("Business hours", _BUSINESS_WAIT),
                ("Both", (_CLOCK_WAIT[0], _BUSINESS_WAIT[0])),
            ),
            note="By when queued: those still open have no wait yet.",
            stated=(
                (
                    f"count({_DIFFERENCE})",
                    "{n} contacts have the export's own wait within business hours beside ours: ours less that is {0} s"
                    " in the median, and {1} of them differ by a second or more",
                    f"median({_DIFFERENCE})",
                    f"count(*) filter (abs({_DIFFERENCE}) >= 1)",
                ),
            ),
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
            "service_level",
            "Service level",
            "table",
            GLADLY_SERVICE_LEVELS,
            ("definition", *_SERVED),
            dimensions=("definition",),
            metrics=("service_level_rate", "within", "of"),
            drawn=("service_level_rate",),
            card="Service level",
            is_folded=True,
            settings=("service_level", "threshold", "short_abandon"),
        ),
        Tile(
            "service_level_by_period",
            "Service level over time",
            "lines_over_time",
            GLADLY_CONTACTS,
            ("period", *DEFINITIONS),
            dimensions=("period",),
            metrics=tuple(DEFINITIONS),
            card="Service level",
            is_folded=True,
        ),
        Tile(
            "service_level_by_channel",
            "Service level by channel",
            "table",
            GLADLY_CONTACTS,
            ("channel", *DEFINITIONS),
            dimensions=("channel",),
            metrics=tuple(DEFINITIONS),
            card="Service level",
            is_folded=True,
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
        *(
            Tile(
                name,
                title,
                "table",
                GLADLY_SUMMARY_REPORTED,
                ("period", "channel_filter", "inboxes_filter", *columns),
                dimensions=("period",),
                compares_itself=True,
                optional_kind=SUMMARY.name,
                card=_BESIDE,
                picked_as=picked_as,
                is_folded=True,
                note="At the download's own rollup and filters.",
                sheet=sheet,
            )
            for name, title, picked_as, sheet, columns in _AS_REPORTED
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
                besides=("in_time", _BUSINESS),
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
            "Why does Gladly's own Contact Summary show other figures?",
            "Load it, and the table *Beside Gladly's own Contact Summary* has its totals beside ours, placed as there,"
            " by when contacts ended, and as here, by when they were queued. What differs is named. *By anchor*: a"
            " contact queued at 23:50 that ended at 00:10 counts a day later there; at the same anchor that part is"
            " gone. *By population*: contacts that one of the two has and the other has not, such as those queued"
            " before what is loaded, single e-mails of a session, and what Gladly's AI resolved alone. *By definition*:"
            " fulfilled is here what has seconds within or over its SLA, within SLA where that is zero or less, and"
            " abandoned within so many seconds by the time from queued to ended, that bound included; other contacts"
            " change these figures as well. The three add up to ours by queued less what Gladly has. Contacts that have"
            " not ended are in neither.",
        ),
        (
            "Why does its service level, or an average in it, differ?",
            "*Service level* has the percentage of the file, its own parts, and what these come to as within SLA /"
            " (fulfilled + abandoned): where that is not what the file says, it goes by another definition. What ours"
            " by ended has more than those parts is due to other contacts; ours are inbound contacts with a status, by"
            " that definition, whatever is chosen above. A percentage over 1 says that the load is in percent."
            " *Times* and *Messages* are the means, and the longest, of what the export has for each contact, over"
            " those that have it; of an average it cannot be told whether other contacts or another definition make it"
            " differ, so what is not by anchor is *besides anchor*. What the loaded exports lack is shown as Gladly's"
            " alone.",
        ),
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
            "How long did contacts wait within business hours?",
            "Set calendars under Settings, or by `calendars set`: opening hours by weekday in a zone, holidays, and the"
            " inboxes that follow each; every other inbox follows the default one. *Wait over time* then has both"
            " waits. Of the time from first queued to fulfilled that part counts in which the calendar of the contact's"
            " first inbox is open. Hours that go past midnight belong to the day on which they begin: on a holiday none"
            " begins, and what began the evening before goes on. When clocks change they are read as they are: an hour"
            " that comes twice is open twice, and one that is skipped not at all. A negative wait is none, and a"
            " contact that is not fulfilled has none. The export has such a wait of its own, by the hours that are set"
            " in Gladly: it stands beside ours, and the difference is stated. Its times are whole seconds, so less than"
            " a second is no difference. Without a calendar these figures are missing.",
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
            "Which service level is this?",
            "Four are in use, and one day's figure can be twice another's, so the one chosen is named beside the dates"
            " at the top. All are over inbound contacts that have a status: neither outbound nor open ones. *Fulfilled*"
            " contacts have a lead or lag over the SLA, *within* it one of 0 or less. *Gladly's* is within SLA /"
            " (fulfilled + abandoned), as in its Contact Summary, which goes by when contacts ended. *Fulfilled only*"
            " is within SLA / fulfilled: the SLA attainment of these contacts. *Offered* is answered within the"
            " threshold / all but those abandoned within it, the usual one of workforce management. *Queued* is"
            " answered or abandoned within the threshold / all, as in Amazon Connect, where an early hang-up is a"
            " success. A contact is answered within the threshold when its status is answered and its wait no longer,"
            " abandoned within it when it ended as soon.",
        ),
        (
            "How are the four set, and when are they equal?",
            "Open *Service level* to choose one, its threshold (20 seconds until set) and the short abandons: contacts"
            " abandoned within so many seconds, which are then in none of the four. Both can be set for each channel,"
            " as 20,CHAT=60. Where nobody abandons, *Gladly's* equals *Fulfilled only* and *Offered* equals *Queued*;"
            " where besides every contact is answered and its SLA target is the threshold, all four are equal.",
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
