"""Contacts and assignments against a second computation, by pandas, from the sample's own files."""

import random
import unicodedata
from datetime import date, timedelta
from functools import cache
from typing import Any

import pandas as pd
import pytest

from workbench import Workbench
from workbench.places import SAMPLES

FIRST, LAST = date(2026, 8, 18), date(2026, 11, 15)
ROLLUPS = {"half_hour": "30min", "hour": "1h", "day": "D", "week": "W-SUN", "month": "M", "quarter": "Q"}
ACTIVITIES = ("added", "deleted", "merged", "connected")
FILTERS = {
    "contacts": {"user": "User", "source": "Source", "channel": "Channel"},
    "assignments": {"source": "Source", "assigned_to": "Assigned To", "assigned_by": "Assigned By"},
}
NAMES = ("an", "LÉ", "Ø", "210000407", "o'n", "nobody at all")


@cache
def users() -> dict[str, str]:
    rows = pd.read_csv(SAMPLES / "respondio" / "Users.csv", dtype="str")
    return dict(zip(rows["User ID"], rows["Name"], strict=True))


@cache
def file(name: str) -> pd.DataFrame:
    """Return a file of the sample with users under their names, and only where the source is User."""
    path = SAMPLES / "respondio" / f"{name}-20260818-20261115.csv"
    rows = pd.read_csv(path, dtype="str", na_values=["-"]).astype("object")
    rows = rows.rename(columns={"Primary Contact ID": "Contact ID"}).assign(at=pd.to_datetime(rows["Timestamp"]))
    for column in ("User", "Assigned By", "Previous Assignee", "Assigned To"):
        if column in rows:
            rows[column] = rows[column].map(lambda name: users().get(name, name), na_action="ignore")
    for column in ("User", "Assigned By"):
        if column in rows:
            rows.loc[rows["Source"] != "User", column] = None
    return rows


@cache
def events() -> pd.DataFrame:
    files = [file(f"Contacts{what.capitalize()}").assign(activity=what.upper()) for what in ACTIVITIES]
    return pd.concat(files, ignore_index=True)


def everything(report: str) -> pd.DataFrame:
    return events() if report == "contacts" else file("Assignments")


def selections(report: str, seed: int) -> list[dict[str, Any]]:
    """Return twenty random questions, from everything to nothing."""
    chance, found = random.Random(seed), []
    for _ in range(20):
        start = FIRST + timedelta(days=chance.randrange(90))
        end = start + timedelta(days=chance.choice([0, 1, 6, 30, 200]))
        asked: dict[str, Any] = {"start": start, "end": end, "rollup": chance.choice(list(ROLLUPS))}
        for key in chance.sample(list(FILTERS[report]), chance.choice([0, 0, 1, 1, 2])):
            values = [None if value != value else value for value in everything(report)[FILTERS[report][key]].unique()]
            asked[key] = chance.sample(values, chance.choice([1, min(3, len(values))]))
        if chance.random() < 0.3:
            asked["contact"] = chance.choice(NAMES)
        if report == "assignments" and chance.random() < 0.15:
            asked["conversation_id"] = chance.sample(sorted(everything(report)["Conversation ID"].unique()), 200)
        found.append(asked)
    return found


def plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).lower()


def expected(report: str, asked: dict[str, Any], leave_out: str = "") -> pd.DataFrame:
    rows = everything(report)
    chosen = (rows["at"] >= str(asked["start"])) & (rows["at"] < str(asked["end"] + timedelta(days=1)))
    for key, header in {**FILTERS[report], "conversation_id": "Conversation ID"}.items():
        if key in asked and key != leave_out:
            named = [value for value in asked[key] if value is not None]
            chosen &= rows[header].isin(named) | (rows[header].isna() & (None in asked[key]))
    if "contact" in asked:
        part = plain(asked["contact"])
        chosen &= rows["Contact Name"].map(lambda name: part in plain(str(name))) | (
            rows["Contact ID"] == asked["contact"]
        )
    return rows[chosen]


def covered(asked: dict[str, Any]) -> list[pd.Timestamp]:
    end = min(asked["end"], LAST) + timedelta(days=1)
    starts = pd.Series(pd.date_range(asked["start"], end, freq="30min", inclusive="left"))
    return list(bucket(starts, asked["rollup"]).unique())


def bucket(at: "pd.Series[Any]", rollup: str) -> "pd.Series[Any]":
    step = ROLLUPS[rollup]
    return at.dt.floor(step) if step in ("30min", "1h") else at.dt.to_period(step).dt.start_time


def values(found: pd.DataFrame, *keys: str) -> dict[tuple[Any, ...], Any]:
    """Return a tile's first metric by its cells."""
    metric = next(name for name in ("contacts", "assignments") if name in found)
    cells = found.to_dict("records")
    assert len({tuple(str(row[key]) for key in keys) for row in cells}) == len(cells)
    return {tuple(None if row[key] != row[key] else row[key] for key in keys): row[metric] for row in cells}


def counted(rows: pd.DataFrame, header: str) -> dict[tuple[Any, ...], int]:
    return {(None if name != name else name,): len(part) for name, part in rows.groupby(header, dropna=False)}


def over_time(rows: pd.DataFrame, header: str, asked: dict[str, Any]) -> dict[tuple[Any, ...], int]:
    """Return how many rows each covered period and value of a column has, zero included."""
    counts = rows.groupby([bucket(rows["at"], asked["rollup"]), rows[header].fillna("")]).size().to_dict()
    names = rows[header].fillna("").unique()
    return {(period, name or None): counts.get((period, name), 0) for period in covered(asked) for name in names}


each_contacts = pytest.mark.parametrize("asked", selections("contacts", 3), ids=str)
each_assignments = pytest.mark.parametrize("asked", selections("assignments", 4), ids=str)


@each_contacts
def test_contacts_agree(sample: Workbench, asked: dict[str, Any]) -> None:
    report, rows = sample.report("contacts", **asked), expected("contacts", asked)
    counts = rows["activity"].value_counts().to_dict()
    only = ("connected",) if "channel" in asked else ACTIVITIES
    (row,) = report.tile("totals").to_dict("records")
    assert row == {f"contacts_{what}": counts.get(what.upper(), 0) if what in only else None for what in ACTIVITIES}
    connected = rows[rows["activity"] == "CONNECTED"]
    assert values(report.tile("connected_by_channel"), "channel") == counted(connected, "Channel")
    found = values(report.tile("connected_by_period"), "period", "channel")
    assert found == over_time(connected, "Channel", asked)
    unlimited = expected("contacts", asked, leave_out="channel")
    bare = sample.report("contacts", **{key: value for key, value in asked.items() if key != "channel"})
    changes, added = unlimited[unlimited["activity"] != "CONNECTED"], unlimited[unlimited["activity"] == "ADDED"]
    by_activity = changes.groupby([bucket(changes["at"], asked["rollup"]), changes["activity"]]).size().to_dict()
    assert values(bare.tile("activity_by_period"), "period", "activity") == {
        (period, activity): by_activity.get((period, activity), 0)
        for period in covered(asked)
        for activity in ("ADDED", "DELETED", "MERGED")
    }
    assert values(bare.tile("added_by_source"), "source") == counted(added, "Source")
    assert values(bare.tile("added_by_period"), "period", "source") == over_time(added, "Source", asked)
    assert list(bare.tile("added_by_source")["share"]) == [
        size / len(added) for size in sorted(counted(added, "Source").values(), reverse=True)
    ]


@each_contacts
def test_the_logs_of_contacts_agree(sample: Workbench, asked: dict[str, Any]) -> None:
    for what in ACTIVITIES:
        left_out = "" if what == "connected" else "channel"
        rows = expected("contacts", asked, leave_out=left_out)
        report = sample.report("contacts", **{key: value for key, value in asked.items() if key != left_out})
        rows = rows[rows["activity"] == what.upper()]
        found = report.tile(f"{what}_log").rename(columns={"primary_contact_id": "contact_id"})
        headers = ["at", "Contact ID", "Contact Name", "Source", "User", *(["Channel"] if what == "connected" else [])]
        shown = found.astype("object").where(found.notna(), None).itertuples(index=False, name=None)
        theirs = rows[headers].astype("object").where(rows[headers].notna(), None).itertuples(index=False, name=None)
        assert sorted(shown, key=str) == sorted(theirs, key=str)
        assert list(found["timestamp"]) == list(rows["at"].sort_values(ascending=False))


@each_assignments
def test_assignments_agree(sample: Workbench, asked: dict[str, Any]) -> None:
    report, rows = sample.report("assignments", **asked), expected("assignments", asked)
    previous, new = rows["Previous Assignee"], rows["Assigned To"]
    moved = previous.notna() & new.notna() & (previous != new)
    (row,) = report.tile("totals").to_dict("records")
    assert row == {
        "assignments": len(rows), "unassignments": new.isna().sum(), "reassignments": moved.sum(),
        "contacts": rows["Contact ID"].nunique(), "conversations": rows["Conversation ID"].nunique(),
    }  # fmt: skip
    assert values(report.tile("by_source"), "source") == counted(rows, "Source")
    assert values(report.tile("by_period"), "period", "source") == over_time(rows, "Source", asked)
    assert values(report.tile("by_assignee"), "assigned_to") == counted(rows, "Assigned To")
    by_conversation = [
        (conversation, part["Contact Name"].iloc[-1], moved[part.index].sum(), len(part), part["Assigned To"].nunique())
        for conversation, part in rows.groupby("Conversation ID")
    ]
    found = report.tile("conversations_most_reassigned")
    assert [tuple(line) for line in found.itertuples(index=False)] == sorted(
        by_conversation, key=lambda line: (-line[2], -line[3], line[0])
    )
    log = report.tile("log")
    assert list(log["timestamp"]) == list(rows["at"].sort_values(ascending=False))
    assert log["assigned_by"].value_counts().to_dict() == rows["Assigned By"].value_counts().to_dict()
    assert log["previous_assignee"].value_counts().to_dict() == previous.value_counts().to_dict()
    assert log["previous_assignee"].isna().sum() == previous.isna().sum()


def test_the_history_of_every_conversation_agrees(sample: Workbench) -> None:
    found = sample.report("assignments").tile("timeline")
    for conversation, rows in file("Assignments").groupby("Conversation ID"):
        held = found[found["conversation_id"] == conversation]
        assert list(held["held_from"]) == list(rows["at"])
        assert list(held["held_until"])[:-1] == list(rows["at"])[1:]
        assert list(held["assigned_to"].fillna("")) == list(rows["Assigned To"].fillna(""))
        assert list(held["held_seconds"])[:-1] == list(rows["at"].diff().dt.total_seconds())[1:]
        assert held[["held_until", "held_seconds"]].iloc[-1].isna().all()
