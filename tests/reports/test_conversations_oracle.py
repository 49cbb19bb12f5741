"""Conversations against a second computation, by pandas, from the sample's own file."""

import random
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench import Workbench
from workbench.places import SAMPLES

FIRST, LAST = date(2026, 8, 18), date(2026, 11, 15)
FILTERS = {
    "opened_channel": "Opened By Channel", "opened_source": "Opened By Source", "closed_source": "Closed By Source",
    "category": "Conversation Category", "first_assignee": "First Assignee", "last_assignee": "Last Assignee",
    "first_response_by": "First Response By", "closed_by": "Closed By", "closed_by_team": "Closed By Team",
    "conversation_id": "Conversation ID", "contact": "Contact ID",
}  # fmt: skip
BREAKDOWNS = {
    "by_opened_source": "opened_source", "by_closed_source": "closed_source", "by_channel": "opened_channel",
    "by_category": "category",
}  # fmt: skip
DURATIONS = {
    "First Response Time": "first_response", "Resolution Time": "resolution",
    "First Assignment to First Response Time": "first_assignment_to_first_response",
    "Last Assignment to Response Time": "last_assignment_to_response", "Average Response Time": "",
}  # fmt: skip
NAMED = ("Assignee", "Closed By", "First Assignee", "Last Assignee", "First Response By")
EDGES = (0, 30, 120, 300, 600, 1_800, 3_600, np.inf)
BUCKETS = ("< 30 s", "30 s to 2 min", "2 to 5 min", "5 to 10 min", "10 to 30 min", "30 min to 1 h", "> 1 h")


def named(file: str) -> dict[str, str]:
    rows = pd.read_csv(SAMPLES / "respondio" / file, dtype="str")
    return dict(zip(rows.iloc[:, 0], rows.iloc[:, 1], strict=True))


@cache
def everything() -> pd.DataFrame:
    """Return the sample's conversations, users and channels under their names, durations in seconds."""
    path = SAMPLES / "respondio" / "Conversations-20260818-20261115.csv"
    rows = pd.read_csv(path, dtype="str").astype("object")
    for column in NAMED:
        rows[column] = rows[column].map(named("Users.csv"), na_action="ignore")
    rows["Opened By Channel"] = rows["Opened By Channel"].map(named("Channels.csv"), na_action="ignore")
    for column in ("Opened By Source", "Closed By Source"):
        rows[column] = rows[column].str.upper()
    for column in [name for name in rows if name.startswith("Number of")]:
        rows[column] = rows[column].astype("float")
    for column in DURATIONS:
        rows[column] = pd.to_timedelta(rows[column]).dt.total_seconds()
    started, resolved = (pd.to_datetime(rows[f"DateTime Conversation {what}"]) for what in ("Started", "Resolved"))
    return rows.assign(opened=started, closed=resolved)


def selections(seed: int) -> list[dict[str, Any]]:
    """Return random questions, from everything to nothing."""
    chance, found = random.Random(seed), []
    for _ in range(8):
        start = FIRST + timedelta(days=chance.randrange(90))
        asked: dict[str, Any] = {
            "start": start, "end": start + timedelta(days=chance.choice([0, 1, 6, 30, 200])),
            "by": chance.choice(["closed", "opened"]),
        }  # fmt: skip
        for key in chance.sample(list(FILTERS), chance.choice([0, 1, 1, 2])):
            values = [None if value != value else value for value in everything()[FILTERS[key]].unique()]
            number = 1 if key in ("contact", "conversation_id") else chance.choice([1, 3])
            asked[key] = chance.sample(values, min(len(values), number))
        found.append(asked)
    return found


def at(asked: dict[str, Any], moment: str) -> pd.DataFrame:
    """Return the conversations of a question by one of their moments."""
    rows = everything()
    for key, column in FILTERS.items():
        if key in asked:
            rows = rows[rows[column].isin(asked[key]) | (rows[column].isna() & (None in asked[key]))]
    days = rows[moment].dt.normalize()
    return rows[days.between(pd.Timestamp(asked["start"]), pd.Timestamp(asked["end"]))]


def figures(rows: pd.DataFrame) -> list[float]:
    return [
        rows["Contact ID"].nunique(), rows["First Response Time"].median(), weighed(rows),
        rows["Resolution Time"].median(),
    ]  # fmt: skip


@pytest.mark.parametrize("asked", selections(23), ids=range(8))
def test_conversations_agree(sample: Workbench, asked: dict[str, Any]) -> None:
    report, placed = sample.report("conversations", **asked), at(asked, asked["by"])
    opened, closed = at(asked, "opened"), at(asked, "closed")
    (totals,) = report.tile("totals").astype("float").to_dict("records")
    contacts, response, average, resolution = figures(placed)
    expected = {
        "conversations_opened": len(opened), "conversations_closed": len(closed), "contacts": contacts,
        "median_first_response_seconds": response, "median_resolution_seconds": resolution,
        "average_response_seconds": average,
        "assignments_per_conversation": placed["Number of Assignments"].mean(),
        "messages_in": placed["Number of Incoming Messages"].sum(min_count=1),
        "messages_out": placed["Number of Outgoing Messages"].sum(min_count=1),
    }  # fmt: skip
    assert totals == pytest.approx(expected, nan_ok=True)

    per_day = report.tile("opened_closed_by_period")
    for state, rows, moment in (("OPENED", opened, "opened"), ("CLOSED", closed, "closed")):
        own = per_day[(per_day["state"] == state) & (per_day["conversations"] > 0)]
        counted = rows[moment].dt.normalize().value_counts()
        assert dict(zip(pd.to_datetime(own["period"]), own["conversations"], strict=True)) == counted.to_dict()


each_question = pytest.mark.parametrize("asked", selections(29), ids=range(8))


@each_question
def test_breakdowns_agree(sample: Workbench, asked: dict[str, Any]) -> None:
    report, placed = sample.report("conversations", **asked), at(asked, asked["by"])
    for tile, key in BREAKDOWNS.items():
        expected = {
            _known(value): [
                len(rows), len(rows) / len(placed), rows["First Response Time"].median(),
                rows["Resolution Time"].median(),
            ]
            for value, rows in placed.groupby(FILTERS[key], dropna=False)
        }  # fmt: skip
        assert figured(report.tile(tile)) == agreeing(expected), tile


@each_question
def test_first_responses_agree(sample: Workbench, asked: dict[str, Any]) -> None:
    report, placed = sample.report("conversations", **asked), at(asked, asked["by"])
    classes = pd.cut(placed["First Response Time"], EDGES, right=False, labels=BUCKETS).value_counts()
    numbers = {bucket: int(classes[bucket]) for bucket in BUCKETS}
    if missing := int(placed["First Response Time"].isna().sum()):
        numbers[None] = missing
    found = report.tile("first_response_breakdown")
    assert [_known(bucket) for bucket in found["bucket"]] == list(numbers)
    whole = len(placed) or np.nan
    assert figured(found) == agreeing({bucket: [n, n / whole] for bucket, n in numbers.items()})


@each_question
def test_times_over_the_days_agree(sample: Workbench, asked: dict[str, Any]) -> None:
    report, placed = sample.report("conversations", **asked), at(asked, asked["by"])
    days = dict(list(placed.groupby(placed[asked["by"]].dt.normalize())))
    for tile, own in (("response_by_period", "First Response Time"), ("resolution_by_period", "Resolution Time")):
        found = report.tile(tile)
        assert set(found["period"]) >= days.keys()
        expected = {}
        for day in found["period"]:
            rows = days.get(day, placed.iloc[:0])
            expected[day] = [rows[own].median(), rows[own].mean(), rows[own].quantile(0.9)]
            if tile == "response_by_period":
                expected[day] += [
                    rows["First Assignment to First Response Time"].mean(),
                    rows["Last Assignment to Response Time"].mean(), weighed(rows),
                ]  # fmt: skip
        assert figured(found) == agreeing(expected), tile


@each_question
def test_hours_of_the_week_agree(sample: Workbench, asked: dict[str, Any]) -> None:
    """Of the hour that the clocks repeat both passes are one, as a day has it once."""
    report, placed = sample.report("conversations", **asked), at(asked, asked["by"])
    days = pd.date_range(asked["start"], min(asked["end"], LAST))
    occurred = days.day_of_week.value_counts()
    moments = placed[asked["by"]]
    counted = placed.groupby([moments.dt.day_of_week, moments.dt.hour]).size()
    found = report.tile("by_hour").set_index(["weekday", "hour"])["conversations_per_occurrence"]
    assert found.to_dict() == agreeing(
        {(day + 1, hour): counted.get((day, hour), 0) / occurred[day] for day in occurred.index for hour in range(24)}
    )


@each_question
@pytest.mark.parametrize(("tile", "column"), [("by_user", "Closed By"), ("by_team", "Closed By Team")])
def test_users_and_teams_agree(sample: Workbench, asked: dict[str, Any], tile: str, column: str) -> None:
    report, placed, closed = sample.report("conversations", **asked), at(asked, asked["by"]), at(asked, "closed")
    assigned = [placed["First Assignee"]] if tile == "by_user" else []
    named = pd.concat([placed[column], closed[column], *assigned])
    expected = {
        value: [
            *(int(_are(found, value).sum()) for found in assigned), int(_are(closed[column], value).sum()),
            *figures(placed[_are(placed[column], value)]),
        ]
        for value in map(_known, named.unique())
    }  # fmt: skip
    assert figured(report.tile(tile)) == agreeing(expected)


@each_question
def test_the_log_agrees(sample: Workbench, asked: dict[str, Any]) -> None:
    placed = at(asked, asked["by"])
    found = sample.report("conversations", **asked).tile("log", columns=["conversation_id", "started_at"])
    assert set(found["conversation_id"]) == set(placed["Conversation ID"])
    assert list(found["started_at"]) == sorted(placed["opened"], reverse=True)


def weighed(rows: pd.DataFrame) -> float:
    known = rows.dropna(subset=["Average Response Time"])
    responses = known["Number of Responses"].sum()
    return (known["Average Response Time"] * known["Number of Responses"]).sum() / responses if responses else np.nan


def _known(value: Any) -> Any:
    return None if value is None or value != value else value


def _are(column: "pd.Series[Any]", value: Any) -> "pd.Series[bool]":
    return column.isna() if value is None else column == value


def figured(rows: pd.DataFrame) -> dict[Any, list[float]]:
    """Return the figures of a tile's rows by their first column."""
    return {_known(key): [float(value) for value in values] for key, *values in rows.itertuples(index=False)}


def agreeing(expected: dict[Any, Any]) -> Any:
    """Return what equals the same figures, to the rounding of sums."""
    return {key: pytest.approx(value, rel=1e-9, nan_ok=True) for key, value in expected.items()}
