"""What one would write for the tiles of Contact export: bare SQL over the file's own columns, and pandas."""

from collections.abc import Callable
from datetime import timedelta

import pandas as pd

from benchmarks.exports import header
from benchmarks.peers import Peers
from workbench.exports.gladly import CONTACT_EXPORT
from workbench.time import coverage

AT, STATUS = header("queued_at"), header("status")
WAIT, OVER = header("queued_to_fulfilled_seconds"), header("seconds_within_or_over_sla")
ENDED = header("queued_to_ended_seconds")
HANDLE, AFTER = header("contact_handle_seconds"), header("after_contact_seconds")
TALK, HOLD = header("talk_seconds"), header("hold_total_seconds")
INBOX, ENTRY, AGENT = header("inbox_when_first_queued"), header("entry_point"), header("agent_when_ended")
OFFERS = [
    header(f"times_{what}") for what in ("offered", "accepted", "missed", "declined", "transferred")
]  # fmt: skip
DURATIONS = [column.headers[0] for column in CONTACT_EXPORT.columns if column.type == "duration"]

IN_RANGE = f'from contacts where "{AT}" >= $start and "{AT}" < $end'
ATTAINED = f'count(*) filter ("{OVER}" <= 0) / count("{OVER}") as attained'
WAITS = f'median("{WAIT}") as median, quantile_cont("{WAIT}", 0.9) as p90'
_COUNTS = f'"Direction" = \'INBOUND\' and "{STATUS}" is not null'
_ANSWERED = f'"{STATUS}" = \'ANSWERED\' and "{WAIT}" <= 20'
_EARLY = f'"{STATUS}" = \'ABANDONED\' and "{ENDED}" <= 20'
_FULFILLED = f'"{OVER}" is not null'
_DEFINED = (
    f'case when {_COUNTS} and ({_FULFILLED} or "{STATUS}" = \'ABANDONED\') then coalesce("{OVER}" <= 0, false) end',
    f'case when {_COUNTS} then "{OVER}" <= 0 end',
    f"case when {_COUNTS} and ({_EARLY}) is not true then coalesce({_ANSWERED}, false) end",
    f"case when {_COUNTS} then coalesce({_ANSWERED} or {_EARLY}, false) end",
)  # whether a contact is in time, by each definition of service level
MET = f"[{', '.join(_DEFINED)}]"
MET_BY_DEFINITION = ", ".join(f"count(*) filter ({met}) / count({met})" for met in _DEFINED)
_ADDED = ", ".join(f'sum("{column}")' for column in OFFERS)
_LISTED = ", ".join(f'"{column}"' for column in DURATIONS)


def _explained(*columns: str) -> str:
    """Return the SQL of the change of the average wait by groups, against as many days before."""
    keys = ", ".join(f'"{column}"' for column in columns)
    figures = f'count(*) as n, {WAITS}, avg("{WAIT}") as w, count("{WAIT}") as waits'
    return f"""
        with now as (select {keys}, {figures} {IN_RANGE} group by all),
        before as (
            select {keys}, {figures} from contacts
            where "{AT}" >= $start - ($end - $start) and "{AT}" < $start group by all
        )
        select *, now.waits / sum(now.waits) over () as s1, before.waits / sum(before.waits) over () as s0,
            (s0 + s1) / 2 * (now.w - before.w) as rate
        from now full join before using ({keys}) order by rate desc
    """


BARE = {
    "totals": f"""
        select count(*), count(*) filter ("Direction" = 'INBOUND'), count(*) filter ("Direction" = 'OUTBOUND'),
            count(*) filter ("Direction" = 'INBOUND' and "{STATUS}" = 'ANSWERED')
            / count("{STATUS}") filter ("Direction" = 'INBOUND'),
            count(*) filter ("Direction" = 'INBOUND' and "Channel" = 'PHONE_CALL' and "{STATUS}" = 'ABANDONED')
            / count("{STATUS}") filter ("Direction" = 'INBOUND' and "Channel" = 'PHONE_CALL'),
            {WAITS}, {ATTAINED}, median("{HANDLE}") {IN_RANGE}
    """,
    "by_channel": f"""
        select "Channel", count(*) as n, n / sum(n) over (), {WAITS}, {ATTAINED} {IN_RANGE} group by all order by n desc
    """,
    "by_status": f'select "{STATUS}", count(*) as n, n / sum(n) over () {IN_RANGE} group by all order by n desc',
    "wait_by_period": f"""
        select date_trunc('day', "{AT}") as day, count(*), {WAITS}, avg("{WAIT}"), {ATTAINED} {IN_RANGE}
        group by all order by day
    """,
    "by_entry_point": _explained(ENTRY, "Channel"),
    "by_inbox": _explained(INBOX),
    "by_agent": f"""
        select "{AGENT}", count(*) as n, avg("{HANDLE}"), median("{HANDLE}"), avg("{AFTER}"), avg("{TALK}"),
            avg("{HOLD}"), {_ADDED}, {ATTAINED} {IN_RANGE} group by all order by n desc
    """,
    "by_hour": f"""
        select isodow("{AT}") as weekday, hour("{AT}") as hour, count(*), median("{WAIT}") {IN_RANGE}
        group by all order by all
    """,
    "service_level": f"""
        select definition, count(*) filter (met), count(met) from (
            select unnest(['gladly', 'answered', 'offered', 'queued']) as definition, unnest({MET}) as met {IN_RANGE}
        ) group by all
    """,
    "service_level_by_period": f"""
        select date_trunc('day', "{AT}") as day, {MET_BY_DEFINITION} {IN_RANGE} group by all order by day
    """,
    "service_level_by_channel": f'select "Channel", {MET_BY_DEFINITION} {IN_RANGE} group by all order by count(*) desc',
    "durations": f"""
        select duration, count(s), min(s), quantile_cont(s, [0.5, 0.75, 0.9, 0.95]), max(s), avg(s)
        from (select {_LISTED} {IN_RANGE}) unpivot include nulls (s for duration in ({_LISTED})) group by all
    """,
}


def _in_range(peers: Peers, span: coverage.Span) -> pd.DataFrame:
    contacts = peers.contacts
    return contacts[(contacts[AT] >= span[0]) & (contacts[AT] < span[1])]


def _waits(rows: pd.DataFrame, *keys: "str | pd.Series[int] | pd.Series[pd.Timestamp]") -> pd.DataFrame:
    """Return how many contacts groups have, and their waits and SLA attainment."""
    groups = rows.assign(late=(rows[OVER] > 0).where(rows[OVER].notna())).groupby(list(keys), dropna=False)
    waits = groups[WAIT]
    return pd.DataFrame(
        {"n": groups.size(), "median": waits.median(), "p90": waits.quantile(0.9), "average": waits.mean()}
    ).assign(late=groups["late"].mean(), waits=waits.count())


def _totals(peers: Peers, span: coverage.Span) -> list[float]:
    rows = _in_range(peers, span)
    inbound = rows[rows["Direction"] == "INBOUND"]
    calls = inbound[inbound["Channel"] == "PHONE_CALL"]
    rates = (inbound[STATUS] == "ANSWERED").sum(), (calls[STATUS] == "ABANDONED").sum(), (rows[OVER] <= 0).sum()
    return [
        len(rows), len(inbound), rates[0] / inbound[STATUS].count(), rates[1] / calls[STATUS].count(),
        rates[2] / rows[OVER].count(), rows[WAIT].median(), float(rows[WAIT].quantile(0.9)), rows[HANDLE].median(),
    ]  # fmt: skip


def _changed(*keys: str) -> Callable[[Peers, coverage.Span], pd.DataFrame]:
    def work(peers: Peers, span: coverage.Span) -> pd.DataFrame:
        length: timedelta = span[1] - span[0]
        now, before = (_waits(_in_range(peers, s), *keys) for s in (span, (span[0] - length, span[0])))
        beside = now.join(before, how="outer", rsuffix="_before")
        shares = beside["waits"] / beside["waits"].sum(), beside["waits_before"] / beside["waits_before"].sum()
        rate = (shares[0] + shares[1]) / 2 * (beside["average"] - beside["average_before"])
        return beside.assign(rate=rate).sort_values("rate", ascending=False)

    return work


def _by_agent(peers: Peers, span: coverage.Span) -> pd.DataFrame:
    groups = _in_range(peers, span).groupby(AGENT, dropna=False)
    means = groups[[HANDLE, AFTER, TALK, HOLD]].mean()
    return means.join(groups[OFFERS].sum()).assign(n=groups.size(), median=groups[HANDLE].median())


def _by_hour(peers: Peers, span: coverage.Span) -> pd.DataFrame:
    rows = _in_range(peers, span)
    return rows.groupby([rows[AT].dt.day_of_week, rows[AT].dt.hour])[WAIT].agg(["size", "median"])


def _in_time(rows: pd.DataFrame) -> pd.DataFrame:
    """Return whether each contact that counts is in time, by each definition of service level."""
    rows = rows[(rows["Direction"] == "INBOUND") & rows[STATUS].notna()]
    is_left, within = rows[STATUS] == "ABANDONED", rows[OVER] <= 0
    answered, early = (rows[STATUS] == "ANSWERED") & (rows[WAIT] <= 20), is_left & (rows[ENDED] <= 20)
    found = {
        "gladly": within.where(rows[OVER].notna() | is_left),
        "answered": within.where(rows[OVER].notna()),
        "offered": answered.where(~early),
        "queued": answered | early,
    }
    return pd.DataFrame(found).astype("float64")


def _served(*keys: str) -> Callable[[Peers, coverage.Span], pd.DataFrame]:
    def work(peers: Peers, span: coverage.Span) -> pd.DataFrame:
        rows = _in_range(peers, span)
        groups = rows["Channel"] if keys else rows[AT].dt.floor("D")
        return _in_time(rows).groupby(groups, dropna=False).mean()

    return work


FRAMES: dict[str, Callable[[Peers, coverage.Span], object]] = {
    "totals": _totals,
    "by_channel": lambda peers, span: _waits(_in_range(peers, span), "Channel"),
    "by_status": lambda peers, span: _in_range(peers, span)[STATUS].value_counts(dropna=False),
    "wait_by_period": lambda peers, span: _waits(rows := _in_range(peers, span), rows[AT].dt.floor("D")),
    "by_entry_point": _changed(ENTRY, "Channel"),
    "by_inbox": _changed(INBOX),
    "by_agent": _by_agent,
    "by_hour": _by_hour,
    "service_level": lambda peers, span: _in_time(_in_range(peers, span)).agg(["sum", "count"]),
    "service_level_by_period": _served(),
    "service_level_by_channel": _served("Channel"),
    "durations": lambda peers, span: _in_range(peers, span)[DURATIONS].describe(percentiles=[0.5, 0.75, 0.9, 0.95]),
}
