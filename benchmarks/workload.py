"""What one would write for the tiles of Workload: bare SQL over the file's own columns, and pandas.

Both sweep over wall times, and know neither holes in what is loaded nor Erlang.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.exports import header
from benchmarks.peers import Peers
from workbench.time import coverage

AT, ENDED, SERVED = header("queued_at"), header("ended_at"), header("fulfilled_at")
HANDLED = header("total_contact_handle_seconds")
CALLS = f'from contacts where "Channel" = \'PHONE_CALL\' and "Direction" = \'INBOUND\' and "{AT}" < $end'
KNOWN = f'"{ENDED}" is not null'
TOUCHING = f'from contacts where "{AT}" < $end and coalesce("{ENDED}", $end) >= $start'
SWEPT = f"""
    with moved as (
        select "{AT}" as moment, 1 as arrived, 0 as ended, 1 as step {TOUCHING}
        union all select "{ENDED}", 0, 1, -1 {TOUCHING} and {KNOWN}
        union all select unnest(range($start, $end, interval 30 minutes)), 0, 0, 0
    ),
    levels as (
        select *, sum(step) over (order by moment) as level, lead(moment, 1, $end) over (order by moment) as until
        from moved
    ),
    weighed as (
        select *, level * (epoch_us(until) - epoch_us(moment)) / 1e6 as seconds from levels
        where moment >= $start and moment < $end
    )
"""
FIGURES = "sum(arrived), sum(ended), arg_max(level, moment), max(level), sum(seconds)"
STATES = f"""
    with moved as (
        select "{AT}" as moment, 1 as step {TOUCHING} and {KNOWN}
        union all select least("{ENDED}", coalesce("{SERVED}", "{ENDED}")), -1 {TOUCHING} and {KNOWN}
    ),
    serving as (
        select least("{ENDED}", coalesce("{SERVED}", "{ENDED}")) as moment, 1 as step {TOUCHING} and {KNOWN}
        union all select "{ENDED}", -1 {TOUCHING} and {KNOWN}
    )
    select date_trunc('day', moment) as day, max(waiting), max(served) from (
        select moment, sum(step) over (order by moment) as waiting, null as served from moved
        union all select moment, null, sum(step) over (order by moment) from serving
    ) where moment >= $start and moment < $end group by all order by day
"""
_HALF_HOURS = f"""
    with called as (select time_bucket(interval 30 minutes, "{AT}") as at_half, count(*) as n {CALLS} group by all),
    counted as (
        select at_half, coalesce(n, 0) as n
        from (select unnest(range($start, $end, interval 30 minutes)) as at_half) left join called using (at_half)
    )
"""
BARE = {
    "totals": f"{SWEPT} select {FIGURES} from weighed",
    "by_period": f"{SWEPT} select date_trunc('day', moment) as day, {FIGURES} from weighed group by all order by day",
    "by_state": STATES,
    "by_hour": f"""
        {SWEPT} select isodow(moment), time_bucket(interval 30 minutes, moment)::time as half_hour, {FIGURES}
        from weighed group by all order by all
    """,
    "by_age": f"""
        select case when age < interval 1 hour then 1 when age < interval 1 day then 2 else 3 end as step, count(*)
        from (select $end - "{AT}" as age {TOUCHING} and coalesce("{ENDED}", $end) >= $end) group by all
    """,
    "staffing": f"""
        {_HALF_HOURS} select isodow(at_half), at_half::time as half_hour, median(n) from counted
        where at_half >= $end - interval 42 days group by all order by all
    """,
    "staffing_back_test": f"""
        {_HALF_HOURS} select sum(abs(earlier - n)) / sum(n) from (
            select n, lag(n) over (partition by isodow(at_half), at_half::time order by at_half) as earlier from counted
        ) where earlier is not null
    """,
}


def _levels(peers: Peers, span: coverage.Span) -> pd.DataFrame:
    contacts = peers.contacts
    open_ = contacts[(contacts[AT] < span[1]) & ~(contacts[ENDED] < span[0])]
    ended = open_[ENDED].dropna()
    edges = pd.date_range(*span, freq="30min", inclusive="left")
    moved = pd.DataFrame(
        {
            "at": np.concatenate([open_[AT], ended, edges]),
            "step": np.concatenate([np.ones(len(open_)), -np.ones(len(ended)), np.zeros(len(edges))]),
        }
    ).sort_values("at", kind="stable")
    moved["level"] = moved["step"].cumsum()
    moved["seconds"] = moved["level"] * -moved["at"].diff(-1).dt.total_seconds()
    return moved[(moved["at"] >= span[0]) & (moved["at"] < span[1])]


def _by(key: Callable[["pd.Series[Any]"], Any]) -> Callable[[Peers, coverage.Span], pd.DataFrame]:
    def work(peers: Peers, span: coverage.Span) -> pd.DataFrame:
        levels = _levels(peers, span)
        grouped = levels.groupby(key(levels["at"]))
        return pd.DataFrame(grouped.agg({"level": ["max", "last"], "seconds": "sum", "step": "count"}))

    return work


def _ages(peers: Peers, span: coverage.Span) -> "pd.Series[int]":
    contacts = peers.contacts
    left = contacts[(contacts[AT] < span[1]) & ~(contacts[ENDED] < span[1])]
    counted: pd.Series[int] = pd.cut((span[1] - left[AT]).dt.total_seconds(), [0, 3600, 86400, np.inf]).value_counts()
    return counted


def _calls(peers: Peers, span: coverage.Span) -> "pd.Series[int]":
    contacts = peers.contacts
    calls = contacts[(contacts["Channel"] == "PHONE_CALL") & (contacts["Direction"] == "INBOUND")]
    counted = calls[AT].dt.floor("30min").value_counts()
    found: pd.Series[int] = counted.reindex(pd.date_range(*span, freq="30min", inclusive="left"), fill_value=0)
    return found


def _staffing(peers: Peers, span: coverage.Span) -> "pd.Series[float]":
    counted = _calls(peers, span)[-2_016:]
    moments = pd.DatetimeIndex(counted.index)
    return counted.astype(float).groupby([moments.day_of_week, moments.time]).median()


def _back_test(peers: Peers, span: coverage.Span) -> float:
    counted = _calls(peers, span)
    return float((counted - counted.shift(336)).abs().sum() / counted.sum())


FRAMES: dict[str, Callable[[Peers, coverage.Span], object]] = {
    "totals": lambda peers, span: _levels(peers, span)["level"].max(),
    "by_period": _by(lambda at: at.dt.floor("D")),
    "by_state": _by(lambda at: at.dt.floor("D")),
    "by_hour": _by(lambda at: [at.dt.day_of_week, at.dt.floor("30min").dt.time]),
    "by_age": _ages,
    "staffing": _staffing,
    "staffing_back_test": _back_test,
}
