"""What ranges are compared with, against a second computation, by pandas, where much is not loaded."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from tests.reports.test_oracle import contacts, figures
from workbench import Workbench
from workbench.places import SAMPLES

EXPORT = SAMPLES / "gladly" / "ContactExport-20260818-20261115.csv"
EVERYTHING = frozenset({*contacts()["Channel"].dropna(), None})
# What is loaded: days and channels.
LOADS = (
    (date(2026, 8, 18), date(2026, 9, 20), EVERYTHING),
    (date(2026, 9, 23), date(2026, 10, 20), EVERYTHING),
    (date(2026, 10, 21), date(2026, 10, 25), frozenset({"CHAT", "EMAIL"})),
    (date(2026, 10, 28), date(2026, 11, 12), EVERYTHING),
)
AVERAGE = "avg_inbound_contacts_per_customer"


def loaded(day: date, channels: frozenset[Any]) -> frozenset[Any]:
    """Return of which channels a day is loaded."""
    return channels & next((of for first, last, of in LOADS if first <= day <= last), frozenset())


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """The sample's contacts and merges in several files, which leave days and channels out."""
    workbench, folder = Workbench(), tmp_path_factory.mktemp("parts")
    rows = pd.read_csv(EXPORT, dtype="str", keep_default_na=False)
    for first, last, channels in LOADS:
        part = rows[rows["Queued At"].str[:10].between(str(first), str(last))]
        if channels != EVERYTHING:
            part = part[part["Channel"].isin(channels)].assign(**{"Channel Filter": "Chat, Email"})
        path = folder / f"ContactExport-{first:%Y%m%d}-{last:%Y%m%d}.csv"
        part.to_csv(path, index=False)
        workbench.load(path)
    workbench.load(SAMPLES / "gladly" / "GladlyCustomerMerges.csv")
    yield workbench
    workbench.close()


def selections() -> list[dict[str, Any]]:
    """Return thirty random questions with a comparison."""
    chance, found = random.Random(16), []
    for _ in range(30):
        start = date(2026, 9, 1) + timedelta(days=chance.randrange(72))
        end = start + timedelta(days=chance.choice([0, 1, 6, 13, 27, 29]))
        asked: dict[str, Any] = {
            "start": start,
            "end": end,
            "compare": chance.choice(["matching", "preceding", "weekdays"]),
        }
        if chance.random() < 0.5:
            asked["channel"] = chance.sample(sorted(EVERYTHING, key=str), chance.choice([1, 2]))
        found.append(asked)
    return found


def expected(asked: dict[str, Any]) -> pd.DataFrame | None:
    """Return the contacts before, None where they are not compared."""
    length = (asked["end"] - asked["start"]).days + 1
    step = {"matching": -(-length // 7) * 7, "preceding": length, "weekdays": 28}[asked["compare"]]
    channels = frozenset(asked.get("channel", EVERYTHING))
    days = [asked["start"] + timedelta(days=n) for n in range(length)]
    taken = {day - timedelta(days=step): loaded(day, channels) for day in days}
    if not any(taken.values()) or any(not of <= loaded(day, channels) for day, of in taken.items()):
        return None
    rows = contacts()
    is_taken = [
        (None if channel != channel else channel) in taken.get(at.date(), ())
        for at, channel in zip(rows["at"], rows["Channel"], strict=True)
    ]
    return rows[is_taken]


def before(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("inbound_contacts", "customers", AVERAGE)
    return tuple(None if row[f"{name}_before"] != row[f"{name}_before"] else row[f"{name}_before"] for name in names)


@pytest.mark.parametrize("asked", selections(), ids=str)
def test_what_is_not_loaded_of_the_range_leaves_the_range_before(workbench: Workbench, asked: dict[str, Any]) -> None:
    rows, report = expected(asked), workbench.report("inbound_contacts", **asked)
    (row,) = report.tile("totals").to_dict("records")
    assert before(row) == ((None, None, None) if rows is None else figures(rows))
    assert (rows is None) == report.compared_with.startswith("No comparison: ")
    for row in report.tile("by_channel").to_dict("records"):
        part = None if rows is None else rows[rows["Channel"].isin([row["channel"]])]
        assert before(row) == ((None, None, None) if part is None else figures(part))


def test_the_selections_have_comparisons_and_have_none_and_lose_a_part() -> None:
    found = [(expected(asked), asked) for asked in selections()]
    compared = [(rows, asked) for rows, asked in found if rows is not None]
    assert 10 < len(compared) < 28
    lengths = [(asked["end"] - asked["start"]).days + 1 for _, asked in compared]
    assert sum(rows["at"].dt.date.nunique() < length for (rows, _), length in zip(compared, lengths, strict=True)) > 5
