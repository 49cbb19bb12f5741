"""Tiles and filter options, beside the bare SQL and the groupby that one would write. Those know no customer merges."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pandas as pd

from benchmarks import contact_export, repeats, workload
from benchmarks.exports import header
from benchmarks.measure import Row
from benchmarks.peers import LIMITS, RANGES, REPORT, TARGETS, Peers
from workbench.ask import answers
from workbench.ask.selection import Selection
from workbench.reports import Report, Tile
from workbench.reports.contact_export import CONTACT_EXPORT
from workbench.reports.repeat_contacts import REPEAT_CONTACTS
from workbench.reports.workload import WORKLOAD
from workbench.time import coverage

AT, CUSTOMER, CHANNEL = header("queued_at"), header("customer_id"), header("channel")
COLUMNS = {filter.key: filter.key for filter in REPORT.filters} | {"inbox": "inbox_when_first_queued"}
KEYS = {key: header(column) for key, column in COLUMNS.items()}

INBOUND = f'from contacts where "Direction" = \'INBOUND\' and "{AT}" >= $start and "{AT}" < $end'
PER_CUSTOMER = f'count("{CUSTOMER}") / count(distinct "{CUSTOMER}") as per_customer'
METRICS = f'count(*) as n, count(distinct "{CUSTOMER}") as customers, {PER_CUSTOMER}'
GROUPED = {
    "totals": f"select {METRICS} {INBOUND}",
    "by_period": f"select date_trunc('day', \"{AT}\") as day, {METRICS} {INBOUND} group by all order by day",
    **{
        f"by_{key}": f'select "{KEYS[key]}", {METRICS}, n / sum(n) over () {INBOUND} group by all order by n desc'
        for key in ("channel", "inbox")
    },
    "as_reported": f"""
        with counted as (
            select date_trunc('day', "{AT}") as day, {METRICS},
                count(*) filter ("{CHANNEL}" <> 'EMAIL') as others,
                count(distinct "{CUSTOMER}") filter ("{CHANNEL}" <> 'EMAIL') as other_customers
            {INBOUND} group by all
        )
        select *, n - "Inbound Contacts", others - "Inbound Contacts", counted.customers - reported."Customers"
        from reported left join counted on day = "Date" where "Date" >= $start and "Date" < $end order by "Date"
    """,
}


def rows(peers: Peers) -> list[Row]:
    """Measure the tiles of Gladly's reports that have a peer; one that compares itself, beside the days before."""
    return [
        row(peers, report, name, selection, tile)
        for report in PEERS
        for name, selection in RANGES.items()
        for tile in report.tiles
        if tile.name in PEERS[report][0]
    ]


def row(peers: Peers, report: Report, name: str, selection: Selection, tile: Tile) -> Row:
    """Measure one tile over one range."""
    bare, frames = PEERS[report]
    if tile.compares_itself:
        selection = replace(selection, compare="preceding")
    question = peers.asked(selection, report)
    times = peers.medians(
        lambda: answers.rows(question, tile),
        lambda: _fetched(peers, bare[tile.name], question.scope.now.span),
        partial(frames[tile.name], peers, question.scope.now.span),
    )
    said = tile.name if report is REPORT else f"{report.name} {tile.name}"
    return Row(f"{said}, {name}", times, LIMITS[name], TARGETS[name])


def options(peers: Peers) -> list[Row]:
    """Measure the values of every filter with their counts, as the sidebar lists them."""
    return [options_of(peers, name, key) for name in RANGES for key in (filter.key for filter in REPORT.filters)]


def options_of(peers: Peers, name: str, key: str) -> Row:
    """Measure the values of one filter over one range."""
    question = peers.asked(RANGES[name])
    sql = f'select "{KEYS[key]}" as value, count(*) as n {INBOUND} group by all order by n desc, value'
    times = peers.medians(
        lambda: answers.options(question, key),
        lambda: _fetched(peers, sql, question.scope.now.span),
        lambda: _inbound(peers, question.scope.now.span)[KEYS[key]].value_counts(dropna=False),
    )
    return Row(f"{key}, {name}", times, LIMITS[name], TARGETS[name])


def _fetched(peers: Peers, sql: str, span: coverage.Span) -> pd.DataFrame:
    return peers.bare.execute(sql, {"start": span[0], "end": span[1]}).df()


def _inbound(peers: Peers, span: coverage.Span) -> pd.DataFrame:
    contacts = peers.contacts
    return contacts[(contacts["Direction"] == "INBOUND") & (contacts[AT] >= span[0]) & (contacts[AT] < span[1])]


def _totals(peers: Peers, span: coverage.Span) -> tuple[int, int, float]:
    inbound = _inbound(peers, span)
    customers = inbound[CUSTOMER].nunique()
    return len(inbound), customers, inbound[CUSTOMER].count() / customers


def _by_column(column: str, peers: Peers, span: coverage.Span) -> pd.DataFrame:
    inbound = _inbound(peers, span)
    counted = inbound.groupby(column, dropna=False)[CUSTOMER].agg(["size", "count", "nunique"])
    counted["per"] = counted["count"] / counted["nunique"]
    counted["share"] = counted["size"] / counted["size"].sum()
    return counted.sort_values("size", ascending=False)


def _by_period(peers: Peers, span: coverage.Span) -> pd.DataFrame:
    inbound = _inbound(peers, span)
    counted = inbound.groupby(inbound[AT].dt.floor("D"))[CUSTOMER].agg(["size", "count", "nunique"])
    counted["per"] = counted["count"] / counted["nunique"]
    return counted


def _as_reported(peers: Peers, span: coverage.Span) -> pd.DataFrame:
    inbound = _inbound(peers, span)
    others = inbound[inbound[CHANNEL] != "EMAIL"]
    counted = _by_period(peers, span)
    counted[["others", "other_customers"]] = others.groupby(others[AT].dt.floor("D"))[CUSTOMER].agg(["size", "nunique"])
    reported = peers.reported
    beside = reported[(reported["Date"] >= span[0]) & (reported["Date"] < span[1])].join(counted, on="Date")
    return beside.assign(difference=beside["size"] - beside["Inbound Contacts"]).sort_values("Date")


FRAMES: dict[str, Callable[[Peers, coverage.Span], object]] = {
    "totals": _totals,
    "by_period": _by_period,
    "by_channel": partial(_by_column, CHANNEL),
    "by_inbox": partial(_by_column, KEYS["inbox"]),
    "as_reported": _as_reported,
}

PEERS = {
    REPORT: (GROUPED, FRAMES),
    CONTACT_EXPORT: (contact_export.BARE, contact_export.FRAMES),
    WORKLOAD: (workload.BARE, workload.FRAMES),
    REPEAT_CONTACTS: (repeats.BARE, repeats.FRAMES),
}
