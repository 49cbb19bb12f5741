"""Inbound contacts against a second computation, by pandas, from the sample's own files."""

import random
from datetime import date, timedelta
from functools import cache
from typing import Any

import pandas as pd
import pytest

from workbench import Workbench
from workbench.places import SAMPLES

FIRST, LAST = date(2026, 8, 18), date(2026, 11, 15)
FILTERS = {
    "channel": "Channel", "inbox": "Inbox when Queued", "inbox_when_ended": "Inbox when Ended",
    "entry_point": "Entry Point", "contact_initiator": "Contact Initiator",
}  # fmt: skip
ROLLUPS = {"half_hour": "30min", "hour": "1h", "day": "D", "week": "W-SUN", "month": "M", "quarter": "Q"}


@cache
def contacts() -> pd.DataFrame:
    """Return the inbound contacts of the sample as its file has them, with customers after merges."""
    rows = pd.read_csv(SAMPLES / "gladly" / "ContactExport-20260818-20261115.csv", dtype="str").astype("object")
    into = pd.read_csv(SAMPLES / "gladly" / "GladlyCustomerMerges.csv", dtype="str")
    merged = dict(zip(into["Merged Customer ID"], into["Customer ID"], strict=True))

    def root(customer: Any) -> Any:
        while customer in merged:
            customer = merged[customer]
        return customer

    rows["at"] = pd.to_datetime(rows["Queued At"])
    return rows[rows["Direction"] == "INBOUND"].assign(customer=rows["Customer ID"].map(root, na_action="ignore"))


def figures(rows: pd.DataFrame) -> tuple[int, int, float | None]:
    customers = rows["customer"].dropna()
    return len(rows), customers.nunique(), len(rows) / customers.nunique() if len(customers) else None


def selections() -> list[dict[str, Any]]:
    """Return twenty random questions, from everything to nothing."""
    chance, found = random.Random(5), []
    for _ in range(20):
        start = FIRST + timedelta(days=chance.randrange(90))
        end = start + timedelta(days=chance.choice([0, 1, 6, 30, 200]))
        asked: dict[str, Any] = {"start": start, "end": end, "rollup": chance.choice(list(ROLLUPS))}
        asked["as_exported"] = chance.random() < 0.3
        for key in chance.sample(list(FILTERS), chance.choice([0, 0, 1, 1, 2])):
            values = [None if value != value else value for value in contacts()[FILTERS[key]].unique()]
            asked[key] = chance.sample(values, chance.choice([1, min(3, len(values))]))
        found.append(asked)
    return found


def expected(asked: dict[str, Any]) -> pd.DataFrame:
    rows = contacts()
    if asked["as_exported"]:
        rows = rows.assign(customer=rows["Customer ID"])
    chosen = (rows["at"] >= str(asked["start"])) & (rows["at"] < str(asked["end"] + timedelta(days=1)))
    for key, header in FILTERS.items():
        if key in asked:
            named = [value for value in asked[key] if value is not None]
            chosen &= rows[header].isin(named) | (rows[header].isna() & (None in asked[key]))
    return rows[chosen]


def periods(asked: dict[str, Any]) -> list[pd.Timestamp]:
    step = ROLLUPS[asked["rollup"]]
    end = min(asked["end"], LAST) + timedelta(days=1)
    starts = pd.date_range(asked["start"], end, freq="30min", inclusive="left")
    if step in ("30min", "1h"):
        return list(starts.floor(step).unique())
    return list(starts.to_period(step).start_time.unique())


def bucket(at: "pd.Series[Any]", step: str) -> "pd.Series[Any]":
    return at.dt.floor(step) if step in ("30min", "1h") else at.dt.to_period(step).dt.start_time


@pytest.fixture(params=selections(), ids=str)
def asked(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


def metrics(row: dict[str, Any]) -> tuple[int, int, float | None]:
    average = row["avg_inbound_contacts_per_customer"]
    return row["inbound_contacts"], row["customers"], None if average != average else average


def test_totals_agree(sample: Workbench, asked: dict[str, Any]) -> None:
    (row,) = sample.report("inbound_contacts", **asked).tile("totals").to_dict("records")
    assert metrics(row) == figures(expected(asked))


def test_periods_agree(sample: Workbench, asked: dict[str, Any]) -> None:
    rows = expected(asked)
    by_period = dict(list(rows.groupby(bucket(rows["at"], ROLLUPS[asked["rollup"]]))))
    found = sample.report("inbound_contacts", **asked).tile("by_period").to_dict("records")
    assert [row["period"] for row in found] == periods(asked)
    assert [metrics(row) for row in found] == [figures(by_period.get(p, rows.iloc[:0])) for p in periods(asked)]


@pytest.mark.parametrize("key", ["channel", "inbox"])
def test_breakdowns_agree(sample: Workbench, asked: dict[str, Any], key: str) -> None:
    rows = expected(asked)
    groups = {None if name != name else name: part for name, part in rows.groupby(FILTERS[key], dropna=False)}
    found = sample.report("inbound_contacts", **asked).tile(f"by_{key}").to_dict("records")
    assert {None if row[key] != row[key] else row[key]: (*metrics(row), row["share"]) for row in found} == {
        name: (*figures(part), len(part) / len(rows)) for name, part in groups.items()
    }
    assert [row["inbound_contacts"] for row in found] == sorted((len(part) for part in groups.values()), reverse=True)


def test_logs_agree(sample: Workbench, asked: dict[str, Any]) -> None:
    rows = expected(asked).sort_values("at", ascending=False)
    found = sample.report("inbound_contacts", **asked).tile("log")
    assert list(found["queued_at"]) == list(rows["at"])
    assert set(found["contact_id"]) == set(rows["Contact ID"])
    shown = zip(found["contact_id"], found["customer_id"].fillna(""), strict=True)
    assert set(shown) == set(zip(rows["Contact ID"], rows["customer"].fillna(""), strict=True))


def test_the_sample_agrees_with_gladlys_own_report_but_for_e_mail(sample: Workbench) -> None:
    theirs = pd.read_csv(SAMPLES / "gladly" / "InboundContacts-20261017-20261115-Daily.csv")
    found = sample.report("inbound_contacts").tile("as_reported")
    rows = contacts()
    for position, period in enumerate(pd.to_datetime(theirs["Date"])):
        ours = rows[rows["at"].dt.normalize() == period]
        line = found.iloc[position]
        assert metrics(dict(line)) == figures(ours)
        without = figures(ours[ours["Channel"] != "EMAIL"])
        assert (line["inbound_contacts_without_email"], line["customers_without_email"]) == without[:2]
        assert line["inbound_contacts_difference"] == len(ours) - theirs["Inbound Contacts"][position]
        assert line["customers_difference"] == figures(ours)[1] - theirs["Customers"][position]
