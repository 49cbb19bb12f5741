"""Gladly: Workload. How much is open, and when."""

from workbench.exports.gladly import CONTACT_EXPORT as EXPORT
from workbench.reports.contact_export import FILTERS
from workbench.reports.dimensions import AGE, HALF_HOUR, IS_OPEN_AT_END, OF_WEEK
from workbench.reports.entities import GLADLY_CALLS, GLADLY_WORKLOAD
from workbench.reports.gladly import contacts_log
from workbench.reports.model import Metric, Report, Tile

_OPEN = "is_open_at_end = 'YES'"
_LEVELS = "gladly_workload_levels"
_FIRST_PEAK = f"(select peak_at from {_LEVELS} order by peak_open desc, starts_at limit 1)"
_TOUCHING = "Rests on all contacts that are open in it for some time, each with how long it is."
_OF_ENDED = "Only contacts that have ended count: of an open one nobody knows whether it still waits."
_OPEN_SECONDS = "open_seconds"


def _average(name: str, label: str, definition: str, formula: str, seconds: str, rest: str) -> Metric:
    """Return an average over the covered time: how long rows were open, waiting or in service, over all of it."""
    return Metric(
        name, label, "decimal", definition, formula, rows=f"{seconds} > 0", rest=rest, decomposes="sum",
        each=f"{seconds} / nullif(counted_seconds, 0)",
    )  # fmt: skip


def _agents(name: str, label: str, definition: str, formula: str) -> Metric:
    """Return how many agents are to be scheduled by a formula; it rests on the calls of the last six weeks."""
    return Metric(
        name, label, "count", f"{definition} Shrinkage is added: how many must be scheduled so that as many are there.",
        formula, rows="is_recent", rest="are older than six weeks", rows_label="calls", log="calls_log",
    )  # fmt: skip


def _error(name: str, label: str, definition: str, formula: str) -> Metric:
    """Return how far a forecast was off, of the calls that came."""
    return Metric(name, label, "rate", definition, formula, rows_label="calls", log="calls_log", good="down")


_STAFFED = (
    Metric(
        "arrivals_expected",
        "Calls expected",
        "decimal",
        "Phone calls that are expected to come in such a half hour: the median of the same half hours of the last six"
        " weeks, which end with the range. Half hours without a call count as 0, those that are not loaded do not"
        " count.",
        "median of the calls of the same half hours of six weeks",
        rows="is_recent",
        rest="are older than six weeks",
        rows_label="calls",
        log="calls_log",
    ),
    Metric(
        "aht_seconds",
        "Average handling",
        "duration",
        "How long the calls of such half hours of the last six weeks were handled on average: the total contact handle"
        " time, else handle time and after-contact time together.",
        "average of the total contact handle time of calls that have it",
        rows="is_recent and handled_seconds is not null",
        rest="are older than six weeks, or their handle time is not known",
        rows_label="calls",
        log="calls_log",
    ),
    _agents(
        "agents_erlang_c",
        "Agents, Erlang C",
        "The smallest number of agents with whom the share that is aimed at is answered in time, if nobody gives up.",
        "smallest n with 1 - C(n) x exp(-(n - load) x threshold / handling) of at least the target",
    ),
    _agents(
        "agents_erlang_a",
        "Agents, Erlang A",
        "The smallest number of agents with whom the share that is aimed at is answered in time, if callers give up as"
        " they did. It can be smaller than the load, where by Erlang C the queue would grow without end. Missing where"
        " no call was abandoned, as then nobody's patience is known.",
        "smallest n with which M/M/n+M answers at least the target within the threshold",
    ),
    Metric(
        "half_hours_forecast",
        "Half hours forecast",
        "count",
        "Half hours that are loaded with the same ones of all six weeks before, so that they could have been forecast.",
        "count of half hours",
        rows_label="calls",
        log="calls_log",
    ),
    _error(
        "half_hour_error_rate",
        "Off per half hour",
        "How far the median of six weeks was off the calls of each half hour, of all calls (WAPE).",
        "sum over half hours of |forecast - calls| / calls",
    ),
    _error(
        "half_hour_error_rate_last_week",
        "Off per half hour, last week",
        "How far the same half hour of the week before was off, of all calls: what a forecast has to beat.",
        "sum over half hours of |calls a week before - calls| / calls",
    ),
    _error(
        "day_error_rate",
        "Off per day",
        "How far the median of six weeks was off the calls of each day, of all calls. Within a day too many and too few"
        " make up for each other.",
        "sum over days of |forecast - calls| / calls",
    ),
    _error(
        "day_error_rate_last_week",
        "Off per day, last week",
        "How far the same day of the week before was off, of all calls.",
        "sum over days of |calls a week before - calls| / calls",
    ),
)
_METRICS = (
    Metric(
        "arrived",
        "Arrived",
        "count",
        "Contacts that were queued (inbound) or started (outbound) in the covered time.",
        "count of contacts by when they were queued",
        rows="is_arrived",
        rest="were queued before",
        decomposes="sum",
    ),
    Metric(
        "ended",
        "Ended",
        "count",
        "Contacts that ended in the covered time, whenever they were queued. One that is said to have ended before it"
        " was queued counts as ended when it was queued.",
        "count of contacts by when they ended",
        rows="is_ended",
        rest="ended later, or have not ended",
        among=(("impossible", "are said to have ended before they were queued", "ended_at_utc < queued_at_utc"),),
        decomposes="sum",
    ),
    Metric(
        "open_at_end",
        "Open at the end",
        "count",
        "Contacts that were queued before the end of the covered time and had not ended by then: what is open at the"
        " end of the period before, plus what arrived, less what ended.",
        "count of contacts open at the end",
        rows=_OPEN,
        rest="are not open at the end",
        decomposes="sum",
    ),
    Metric(
        "peak_open",
        "Most open at once",
        "count",
        "The largest number of contacts that were open in one moment, exactly: looked for at every moment at which a"
        " contact came or ended. A contact is open from when it is queued until just before it ends.",
        "maximum over time of the contacts open at that time",
        rows=f"queued_at_utc <= {_FIRST_PEAK} and coalesce(until_utc > {_FIRST_PEAK}, true)",
        rest="are not open at the first peak",
        each=_OPEN_SECONDS,
        between=("queued_seconds", "until_seconds"),
    ),
    _average(
        "average_open",
        "Open on average",
        f"How many contacts were open, averaged over every second of the covered time. {_TOUCHING}",
        "time that contacts are open, added up / covered time",
        _OPEN_SECONDS,
        "are open in it for no time at all",
    ),
    Metric(
        "oldest_open_seconds",
        "Oldest open",
        "duration",
        "How long ago the oldest of the contacts that are open at the end was queued then.",
        "maximum of the time from queued to the end, over what is open then",
        rows=_OPEN,
        rest="are not open at the end",
        each="open_for_seconds",
    ),
    Metric(
        "arrived_per_occurrence",
        "Arrived per half hour of the week",
        "decimal",
        "How many contacts such a half hour brought on average: a range of four Mondays has four Monday mornings.",
        "arrived / how often the half hour of that weekday occurs in the covered part of the range",
        rows="is_arrived",
        rest="were queued at other times",
    ),
    _average(
        "average_waiting",
        "Waiting on average",
        f"How many inbound contacts were waiting to be fulfilled, averaged over the covered time. {_OF_ENDED}",
        "time that contacts wait, added up / covered time",
        "waiting_seconds",
        "do not wait in it",
    ),
    _average(
        "average_in_service",
        "In service on average",
        "How many contacts were in service, averaged over the covered time: inbound ones from when they were fulfilled"
        f" until they ended, outbound ones from their start. {_OF_ENDED}",
        "time that contacts are in service, added up / covered time",
        "in_service_seconds",
        "are not in service in it",
    ),
    Metric(
        "peak_waiting",
        "Most waiting at once",
        "count",
        f"The largest number of inbound contacts that waited in one moment. {_OF_ENDED}",
        "maximum over time of the contacts waiting at that time",
        rows="waiting_seconds > 0",
        rest="do not wait in it",
        between=("queued_seconds", "served_seconds"),
    ),
    Metric(
        "peak_in_service",
        "Most in service at once",
        "count",
        f"The largest number of contacts that were in service in one moment. {_OF_ENDED}",
        "maximum over time of the contacts in service at that time",
        rows="in_service_seconds > 0",
        rest="are not in service in it",
        between=("served_seconds", "until_seconds"),
    ),
    Metric(
        "contacts",
        "Open contacts",
        "count",
        "Contacts that are open at the end of the covered time, by how long they have been open then.",
        "count of contacts open at the end, of that age",
        rows=_OPEN,
        rest="are not open at the end",
        decomposes="sum",
    ),
)

_TOTALS = ("arrived", "ended", "open_at_end", "peak_open", "average_open", "oldest_open_seconds")
_SIZES = ("open_at_end", "peak_open", "average_open")
_BY_PERIOD = ("arrived", "ended", "open_at_end", "average_open", "peak_open")
_BY_STATE = ("average_waiting", "average_in_service", "peak_waiting", "peak_in_service")
_BY_HOUR = ("arrived_per_occurrence", "average_open", "peak_open")
_STAFFING = ("arrivals_expected", "aht_seconds", "agents_erlang_c", "agents_erlang_a")
_BACK_TEST = (
    "half_hours_forecast", "half_hour_error_rate", "half_hour_error_rate_last_week", "day_error_rate",
    "day_error_rate_last_week",
)  # fmt: skip
_CALL = (
    "queued_at", "status", "inbox_when_first_queued", "agent_when_ended", "waited_seconds", "handled_seconds",
    "contact_id", "conversation_link",
)  # fmt: skip
_SEARCHED = (
    "customer_id", "conversation_id", "contact_id", "entry_point", "inbox_when_first_queued", "inbox_when_ended",
    "agent_when_ended",
)  # fmt: skip
_SHOWN = (
    "queued_at",
    "channel",
    "open_for_seconds",
    "direction",
    "inbox_when_first_queued",
    "agent_when_ended",
    "status",
    "ended_at",
    "contact_id",
    "conversation_link",
)
_OWN = (
    "is_arrived",
    "is_ended",
    "is_open_at_end",
    "age",
    "open_seconds",
    "waiting_seconds",
    "in_service_seconds",
    "known_until",
)
# The periods that begin so soon after what is loaded begins that contacts of the days before may be open in them.
_FILLING = """(
    select quarter_hours.period
    from quarter_hours
    cross join (
        select quantile_cont(seconds_between(queued_at_utc, until_utc), 0.99) as reach_seconds from gladly_workload
    ) as reaching
    where is_counted and seconds_between(loaded_since, starts_at) < reach_seconds
) as filling"""

WORKLOAD = Report(
    name="workload",
    title="Workload",
    system="Gladly",
    icon=":material/inbox:",
    purpose="How much is open, and when.",
    rows_label="contacts",
    kinds=(EXPORT.name,),
    main=GLADLY_WORKLOAD,
    filters=(*FILTERS, IS_OPEN_AT_END),
    dimensions=(*OF_WEEK, HALF_HOUR, AGE),
    settings=("as_exported", "target", "threshold", "shrinkage"),
    opens_with="open_at_end",
    metrics=(*_METRICS, *_STAFFED),
    tiles=(
        Tile(
            "totals",
            "Totals",
            "metrics",
            GLADLY_WORKLOAD,
            _TOTALS,
            metrics=_TOTALS,
            groups=(("arrived", "ended", "open_at_end"), ("peak_open", "average_open", "oldest_open_seconds")),
            stated=(
                (
                    "count(*) filter (is_outdated)",
                    "{n} contacts had not ended when they were last exported, which was on {0} at the latest; later"
                    " exports do not have them. They count as open",
                    "max(known_until) filter (is_outdated)",
                ),
                (
                    "count(*) filter (ended_at_utc < queued_at_utc)",
                    "{n} contacts are said to have ended before they were queued; they count as arrived and ended at"
                    " that moment",
                ),
            ),
        ),
        Tile(
            "by_period",
            "Open over time",
            "lines_over_time",
            GLADLY_WORKLOAD,
            ("period", *_BY_PERIOD),
            dimensions=("period",),
            metrics=("open_at_end", "peak_open", "arrived", "ended", "average_open"),  # the first is the main line
            drawn=_SIZES,
            drawings=(("Open", _SIZES), ("Arrived and ended", ("arrived", "ended"))),
            filling=_FILLING,
        ),
        Tile(
            "by_state",
            "Waiting and in service",
            "lines_over_time",
            GLADLY_WORKLOAD,
            ("period", *_BY_STATE),
            dimensions=("period",),
            metrics=_BY_STATE,
            filling=_FILLING,
            stated=(
                (
                    "count(*) filter (until_utc is null)",
                    "{n} contacts have not ended: they are open, and in neither of the two states",
                ),
            ),
        ),
        Tile(
            "by_hour",
            "Week by half hour",
            "heat_map",
            GLADLY_WORKLOAD,
            ("weekday", "half_hour", *_BY_HOUR),
            dimensions=("weekday", "half_hour"),
            metrics=_BY_HOUR,
            drawn=("arrived_per_occurrence",),
            is_half=True,
        ),
        Tile(
            "by_age",
            "Age of what is open at the end",
            "bar",
            GLADLY_WORKLOAD,
            ("age", "contacts"),
            dimensions=("age",),
            metrics=("contacts",),
            is_half=True,
        ),
        Tile(
            "staffing",
            "Agents for calls, by half hour",
            "lines",
            GLADLY_CALLS,
            ("weekday", "half_hour", *_STAFFING),
            dimensions=("weekday", "half_hour"),
            metrics=_STAFFING,
            drawn=("agents_erlang_c", "agents_erlang_a"),
            settings=("target", "threshold", "shrinkage"),
            note="Phone calls of the last six weeks before the end of the range. Where Erlang A takes no more agents"
            " than there is load, the queue would grow without end if nobody gave up.",
            stated=(
                (
                    "case when count(*) filter (is_recent and status = 'ABANDONED') = 0"
                    " then count(*) filter (is_recent) end",
                    "None of {n} calls was abandoned: nobody's patience is known, so there is no Erlang A",
                ),
            ),
        ),
        Tile(
            "staffing_back_test",
            "How good is the forecast of calls?",
            "table",
            GLADLY_CALLS,
            _BACK_TEST,
            metrics=_BACK_TEST,
            compares_itself=True,  # with last week's value
            sheet="Forecast of calls",
        ),
        Tile(
            "log",
            "Contacts",
            "log",
            GLADLY_WORKLOAD,
            _SHOWN,
            log=contacts_log(
                _SHOWN,
                besides=_OWN,
                search=_SEARCHED,
            ),
        ),
        Tile(
            "calls_log",
            "Calls",
            "log",
            GLADLY_CALLS,
            _CALL,
            log=contacts_log(_CALL, besides=("is_recent",), search=_SEARCHED),
            rows_label="calls",
        ),
    ),
    about=(
        (
            "How it is measured",
            "Every contact of the loaded Contact Exports, inbound and outbound, is a stretch of time: it is open from"
            " when it was queued, or started if it is outbound, until just before it ended. A contact belongs to a"
            " range if it is open in it, whenever it was queued: on every other page it belongs to the day on which it"
            " was queued. Customer merges change nothing here.",
        ),
        (
            "What is waiting, and what is in service?",
            "An inbound contact waits from when it was queued until it was fulfilled, or until it ended if it never was"
            " or ended before; from then until it ended it is in service. An outbound contact is in service from its"
            " start. Gladly fills in the time of fulfilment only when a contact ends: one that has not ended is open,"
            " and in neither state. Their number is stated under *Waiting and in service*.",
        ),
        (
            "How exact are averages and peaks?",
            "Exact. Nothing is sampled: a peak is looked for at every moment at which a contact came or ended, and in"
            " an average every second of the covered time counts alike. What is not loaded is in no average, and in no"
            " denominator. A peak is at least as high as the average, and periods in which nothing was open have 0.",
        ),
        (
            "How do the figures of periods go together?",
            "What is open at the end of a period is what was open at the end of the one before, plus what arrived, less"
            " what ended in it, at every rollup. A contact that ends at midnight is open at the end of the day and ends"
            " in the next one. When clocks are put back an hour comes twice, and both belong to the same half hours, so"
            " there the hour is one step.",
        ),
        (
            "Why are the first periods still filling?",
            "A contact that was queued before the first loaded day, or in days that are not loaded, is not there,"
            " though it may have been open for long after. Periods within *reach* of such a beginning are marked: reach"
            " is the time in which 99 in 100 of the contacts end, the 99th percentile of queued to ended.",
        ),
        (
            "What about contacts that have not ended?",
            "They are open through the last moment of all loads: the end of the days that these cover, or the latest"
            " time in any of their columns if that is later. An export that is older than another one knows nothing of"
            " what became of its open contacts since; how many there are, and until when they are known, is stated.",
        ),
        (
            "What if a contact ends before it begins?",
            "It counts as arrived and as ended at the moment at which it was queued, and is open for no time. The"
            " number of such contacts is stated.",
        ),
        (
            "What does a click on a time do?",
            "It narrows the range to that time, here and in all other tiles: *Open at the end* is then what was open at"
            " the end of that day, and the log shows exactly these contacts. For a half hour of the week the range is"
            " all of these half hours together. *Explore* and *What changed* know contacts by what they are and not by"
            " when, as a contact is open at many times. *Explore* knows no peaks, which are no sums of contacts; *What"
            " changed* looks for the peak of each value, and for that of all other contacts, at a moment of its own.",
        ),
        (
            "What does the log show?",
            "As the page opens, what is open at the end: take off *Rows of: Open at the end* to see every contact of"
            " the range. The filter *Open at the end* narrows the whole page to these contacts.",
        ),
        (
            "How are agents planned?",
            "For phone calls that came in, and for each half hour of the week. Expected is the median of the same half"
            " hours of the last six weeks that end with the range, whenever the range begins; beside it stands how far"
            " such a forecast would have been off in all weeks that are loaded, and how far last week's value. Handling"
            " is the average of the same calls. Erlang C takes it that nobody gives up. Erlang A takes callers to be as"
            " patient as they were: the time that all calls waited, divided by the calls that were abandoned. Target"
            " (80 %), threshold (20 seconds) and shrinkage (30 %) are settings, beside the chart and in links, files"
            " and commands. How many agents were there is not in the export, so nothing is compared with it.",
        ),
        (
            "What if there is more load than agents?",
            "By Erlang C the queue then grows without end, so that no share of calls is answered in time; it always"
            " takes more agents than there is load. By Erlang A callers who give up make up for it. A target of 100 %"
            " is refused: it would take agents without end.",
        ),
        (
            "Which work is not in it?",
            "Contacts that Gladly's AI resolved alone are not in the export, so they are in no figure here. Nor are"
            " tasks and work between contacts.",
        ),
    ),
)
