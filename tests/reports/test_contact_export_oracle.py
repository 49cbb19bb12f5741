"""Contact export against a second computation, by pandas, from the files: the sample's own, and generated ones."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sample_data import make_gladly
from tests.builders import plain
from tests.reports.test_oracle import ROLLUPS, bucket, periods
from workbench import Workbench
from workbench.exports.gladly import CONTACT_EXPORT as EXPORT
from workbench.places import SAMPLES
from workbench.reports import REPORTS

REPORT = REPORTS["contact_export"]
FIRST, LAST = date(2026, 8, 18), date(2026, 11, 15)
WAIT, OVER, HANDLE = "queued_to_fulfilled_seconds", "seconds_within_or_over_sla", "contact_handle_seconds"
FILTERS = {
    "channel": "channel", "inbox": "inbox_when_first_queued", "inbox_when_ended": "inbox_when_ended",
    "entry_point": "entry_point",
    "contact_initiator": "contact_initiator", "direction": "direction", "status": "status",
    "fulfilled_type": "fulfilled_type", "agent": "agent_when_ended",
}  # fmt: skip
NUMBERS = [column.name for column in EXPORT.columns if column.type in ("duration", "count")]
DURATIONS = [column.name for column in EXPORT.columns if column.type == "duration"]
EXPORTED = "queued_to_fulfilled_within_business_hours_seconds"
OF_CALENDARS = {f"{how}_business_wait_seconds" for how in ("median", "p90", "average")}  # test_business_hours_oracle.py
OFFERS = ("times_offered", "times_accepted", "times_missed", "times_declined", "times_transferred")
Rows = pd.DataFrame


@cache
def contacts(file: Path) -> Rows:
    """Return the contacts of a file under the names of the database, times and numbers read by pandas."""
    rows = pd.read_csv(file, dtype="str").astype("object")
    rows.columns = pd.Index([column.name for column in EXPORT.columns])
    rows[NUMBERS] = rows[NUMBERS].astype("float64")
    return rows.assign(at=pd.to_datetime(rows["queued_at"]), inbox=rows["inbox_when_first_queued"])


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workbench, Path]]:
    """A workbench with other contacts than the sample's, and their file."""
    file, *_ = make_gladly.write_all(tmp_path_factory.mktemp("generated"), 3_000, 90, LAST, 7)
    workbench = Workbench()
    workbench.load(file)
    yield workbench, file
    workbench.close()


def selections() -> list[tuple[str, dict[str, Any]]]:
    """Return twenty random questions about each of the two, from everything to nothing."""
    return [(source, asked) for source in ("sample", "generated") for asked in _selections(source)]


def _selections(seed: str) -> list[dict[str, Any]]:
    chance, found = random.Random(seed), []
    for _ in range(20):
        start = FIRST + timedelta(days=chance.randrange(90))
        end = min(LAST, start + timedelta(days=chance.choice([0, 1, 6, 30, 200])))
        asked: dict[str, Any] = {"start": start, "end": end, "rollup": chance.choice(list(ROLLUPS))}
        asked["compare"] = chance.choice([None, "preceding"])
        asked["keys"] = chance.sample(list(FILTERS), chance.choice([0, 0, 1, 1, 2]))
        asked["seed"] = chance.random()
        found.append(asked)
    return found


class Question:
    """A question of a workbench, and the rows that pandas finds for it and for the days before."""

    def __init__(self, workbench: Workbench, file: Path, asked: dict[str, Any]) -> None:
        self.asked, self.rows, chance = asked, contacts(file), random.Random(asked["seed"])
        dates = {key: asked[key] for key in ("start", "end", "rollup", "compare")}
        self.filters = {key: self._picked(FILTERS[key], chance) for key in asked["keys"]}
        self.report = workbench.report("contact_export", **dates, **self.filters)
        self.now = self._between(asked["start"], asked["end"])
        length = asked["end"] - asked["start"] + timedelta(days=1)
        is_whole = asked["compare"] and asked["start"] - length >= FIRST
        self.before = self._between(asked["start"] - length, asked["end"] - length) if is_whole else None

    def _picked(self, column: str, chance: random.Random) -> list[Any]:
        values = [None if value != value else value for value in self.rows[column].unique()]
        return chance.sample(values, chance.choice([1, min(3, len(values))]))

    def _between(self, start: date, end: date) -> Rows:
        rows = self.rows
        chosen = (rows["at"] >= str(start)) & (rows["at"] < str(end + timedelta(days=1)))
        for key, values in self.filters.items():
            named = [value for value in values if value is not None]
            chosen &= rows[FILTERS[key]].isin(named) | (rows[FILTERS[key]].isna() & (None in values))
        return rows[chosen]

    def tile(self, name: str) -> list[dict[str, Any]]:
        """Return the tile's own columns, without those of the comparison that every tile gets, and of calendars."""
        columns = [column for column in REPORT.tile(name).columns if column not in OF_CALENDARS]
        return plain(self.report.tile(name)[columns])


@pytest.fixture(params=selections(), ids=lambda param: f"{param[0]}-{param[1]['seed']:.3f}")
def question(request: pytest.FixtureRequest, sample: Workbench, generated: tuple[Workbench, Path]) -> Question:
    source, asked = request.param
    if source == "generated":
        return Question(*generated, asked)
    return Question(sample, SAMPLES / "gladly" / "ContactExport-20260818-20261115.csv", asked)


def number(value: Any) -> Any:
    return None if value is None or value != value else float(value)


def ratio(n: int, of: int) -> float | None:
    return n / of if of else None


def attainment(rows: Rows) -> float | None:
    return ratio(int((rows[OVER] <= 0).sum()), int(rows[OVER].notna().sum()))


def served(rows: Rows, threshold: float = 20, short: float = -1) -> list[tuple[int, int]]:
    """Return how many are in time, and of how many, by each definition of service level."""
    rows = rows[(rows["direction"] == "INBOUND") & rows["status"].notna()]
    is_left = rows["status"] == "ABANDONED"
    rows, is_left = (each[~(is_left & (rows["queued_to_ended_seconds"] <= short))] for each in (rows, is_left))
    within_sla, fulfilled = (rows[OVER] <= 0).sum(), rows[OVER].notna()
    answered = ((rows["status"] == "ANSWERED") & (rows[WAIT] <= threshold)).sum()
    early = (is_left & (rows["queued_to_ended_seconds"] <= threshold)).sum()
    found = [
        (within_sla, (fulfilled | is_left).sum()), (within_sla, fulfilled.sum()),
        (answered, len(rows) - early), (answered + early, len(rows)),
    ]  # fmt: skip
    return [(int(n), int(of)) for n, of in found]


def quantile(rows: Rows, column: str, fraction: float) -> Any:
    return number(rows[column].quantile(fraction))


def same(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    """Compare rows cell by cell; numbers may differ in their last digits."""
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == {
            name: pytest.approx(value, rel=1e-9, abs=1e-6) if isinstance(value, float) else value
            for name, value in theirs.items()
        }


def groups(rows: Rows, *keys: str) -> dict[tuple[Any, ...], Rows]:
    found = rows.groupby([rows[key].fillna("") for key in keys]) if len(rows) else []
    return {tuple(value or None for value in name): part for name, part in found}


def order(key: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    return [(value is None, value or "") for value in key]


def by_size(parts: dict[tuple[Any, ...], Rows]) -> list[tuple[tuple[Any, ...], Rows]]:
    return sorted(parts.items(), key=lambda item: (-len(item[1]), order(item[0])))


def test_totals_agree(question: Question) -> None:
    rows = question.now
    inbound = rows[(rows["direction"] == "INBOUND")]
    calls = inbound[inbound["channel"] == "PHONE_CALL"]
    expected = {
        "contacts": len(rows),
        "inbound": len(inbound),
        "outbound": int((rows["direction"] == "OUTBOUND").sum()),
        "answered_rate": ratio(int((inbound["status"] == "ANSWERED").sum()), int(inbound["status"].count())),
        "abandoned_rate": ratio(int((calls["status"] == "ABANDONED").sum()), int(calls["status"].count())),
        f"median_{WAIT}": quantile(rows, WAIT, 0.5),
        f"p90_{WAIT}": quantile(rows, WAIT, 0.9),
        "sla_attainment_rate": attainment(rows),
        "service_level_rate": ratio(*served(rows)[0]),
        f"median_{HANDLE}": quantile(rows, HANDLE, 0.5),
    }
    same(question.tile("totals"), [expected])


def test_channels_and_statuses_agree(question: Question) -> None:
    rows = question.now
    for key in ("channel", "status"):
        expected = [
            {key: value, "contacts": len(part), "share": len(part) / len(rows)}
            | (
                {
                    f"median_{WAIT}": quantile(part, WAIT, 0.5),
                    f"p90_{WAIT}": quantile(part, WAIT, 0.9),
                    "sla_attainment_rate": attainment(part),
                }
                if key == "channel"
                else {}
            )
            for (value,), part in by_size(groups(rows, key))
        ]
        same(question.tile(f"by_{key}"), expected)


def test_periods_agree(question: Question) -> None:
    rows = question.now
    by_period = dict(list(rows.groupby(bucket(rows["at"], ROLLUPS[question.asked["rollup"]]))))
    found = question.tile("wait_by_period")
    starts = periods(question.asked)
    assert [pd.Timestamp(row.pop("period")) for row in found] == starts
    parts = [by_period.get(start, rows.iloc[:0]) for start in starts]
    expected = [
        {
            "contacts": len(part),
            f"median_{WAIT}": quantile(part, WAIT, 0.5),
            f"p90_{WAIT}": quantile(part, WAIT, 0.9),
            f"average_{WAIT}": number(part[WAIT].mean()),
            "sla_attainment_rate": attainment(part),
            "median_exported_business_wait_seconds": quantile(part, EXPORTED, 0.5),
            "average_exported_business_wait_seconds": number(part[EXPORTED].mean()),
        }
        for part in parts
    ]
    same(found, expected)


def explained(question: Question, *keys: str) -> list[dict[str, Any]]:
    """Return the figures of now and before, and what each group adds to the change of the average wait."""
    now, before = question.now, question.before
    is_compared = before is not None
    before = now.iloc[:0] if before is None else before
    parts, earlier = groups(now, *keys), groups(before, *keys)
    n0, n1 = int(before[WAIT].count()), int(now[WAIT].count())
    middle = (before[WAIT].mean() + now[WAIT].mean()) / 2
    lines = []
    for key in {*parts, *earlier}:
        one, other = parts.get(key, now.iloc[:0]), earlier.get(key, now.iloc[:0])
        line: dict[str, Any] = dict(zip(keys, key, strict=True))
        figures = [
            (f"median_{WAIT}", quantile(one, WAIT, 0.5), quantile(other, WAIT, 0.5)),
            (f"p90_{WAIT}", quantile(one, WAIT, 0.9), quantile(other, WAIT, 0.9)),
            (f"average_{WAIT}", number(one[WAIT].mean()), number(other[WAIT].mean())),
        ]
        line["contacts"] = len(one)
        line["contacts_before"] = len(other) if is_compared else None
        line["contacts_change"] = len(one) - len(other) if is_compared else None
        for name, value, value0 in figures:
            change = None if value is None or value0 is None else value - value0
            line |= {name: value, f"{name}_before": value0, f"{name}_change": change}
        w1, w0 = figures[2][1:]
        line |= dict.fromkeys(("mix_seconds", "rate_seconds", "contribution_seconds"))
        if n0 and n1 and (w0 is not None or w1 is not None):
            w0, w1 = (w1 if w0 is None else w0), (w0 if w1 is None else w1)
            s0, s1 = other[WAIT].count() / n0, one[WAIT].count() / n1
            mix, rate = float((s1 - s0) * ((w0 + w1) / 2 - middle)), float((s0 + s1) / 2 * (w1 - w0))
            line |= {"mix_seconds": mix, "rate_seconds": rate, "contribution_seconds": mix + rate}
        lines.append(line)
    return lines


@pytest.mark.parametrize(("name", "keys"), [("by_entry_point", ("entry_point", "channel")), ("by_inbox", ("inbox",))])
def test_what_changed_the_wait_agrees_and_adds_up_to_the_change(
    question: Question, name: str, keys: tuple[str, ...]
) -> None:
    found = question.tile(name)
    same(
        sorted(found, key=lambda row: order(tuple(row[key] for key in keys))),
        sorted(explained(question, *keys), key=lambda row: order(tuple(row[key] for key in keys))),
    )
    shown = [(row["contribution_seconds"], row["contacts"]) for row in found]
    assert shown == sorted(shown, key=lambda pair: (pair[0] is None, -(pair[0] or 0), -pair[1]))
    known = [row for row in found if row["contribution_seconds"] is not None]
    for row in known:
        assert row["mix_seconds"] + row["rate_seconds"] == pytest.approx(row["contribution_seconds"])
    if known and question.before is not None:
        change = question.now[WAIT].mean() - question.before[WAIT].mean()
        assert sum(row["contribution_seconds"] for row in known) == pytest.approx(change, rel=1e-9, abs=1e-6)


def test_service_levels_agree(question: Question) -> None:
    names = ("gladly", "answered", "offered", "queued")
    found = question.tile("service_level")
    expected = [
        {"definition": name, "within": n, "of": of, "service_level_rate": ratio(n, of)}
        for name, (n, of) in zip(names, served(question.now), strict=True)
    ]
    same(found, expected if len(question.now) else [])
    rates = [
        {"channel": channel, **dict(zip(names, [ratio(*pair) for pair in served(part)], strict=True))}
        for (channel,), part in by_size(groups(question.now, "channel"))
    ]
    same(question.tile("service_level_by_channel"), rates)
    by_period = dict(list(question.now.groupby(bucket(question.now["at"], ROLLUPS[question.asked["rollup"]]))))
    parts = [by_period.get(start, question.now.iloc[:0]) for start in periods(question.asked)]
    over_time = [dict(zip(names, [ratio(*pair) for pair in served(part)], strict=True)) for part in parts]
    shown = question.tile("service_level_by_period")
    same([{name: row[name] for name in names} for row in shown], over_time)


def test_agents_agree(question: Question) -> None:
    means = {
        f"average_{HANDLE}": HANDLE, "average_after_contact_seconds": "after_contact_seconds",
        "average_talk_seconds": "talk_seconds", "average_hold_seconds": "hold_total_seconds",
    }  # fmt: skip
    expected = [
        {"agent": agent, "contacts": len(part), f"median_{HANDLE}": quantile(part, HANDLE, 0.5)}
        | {name: number(part[column].mean()) for name, column in means.items()}
        | {name: number(part[name].sum(min_count=1)) for name in OFFERS}
        | {"sla_attainment_rate": attainment(part)}
        for (agent,), part in by_size(groups(question.now, "agent_when_ended"))
    ]
    same(question.tile("by_agent"), expected)


def test_hours_of_the_week_agree(question: Question) -> None:
    rows = question.now
    hours = pd.date_range(
        question.asked["start"], question.asked["end"] + timedelta(days=1), freq="h", inclusive="left"
    )
    occurrences = pd.Series(1, index=hours).groupby([hours.day_of_week + 1, hours.hour]).sum()
    parts = dict(list(rows.groupby([rows["at"].dt.day_of_week + 1, rows["at"].dt.hour])))
    expected = []
    for (weekday, hour), times in occurrences.items():
        part = parts.get((weekday, hour), rows.iloc[:0])
        expected.append({
            "weekday": weekday, "hour": hour, "contacts": len(part), "contacts_per_occurrence": len(part) / times,
            f"median_{WAIT}": quantile(part, WAIT, 0.5),
        })  # fmt: skip
    same(question.tile("by_hour"), expected)


def test_durations_agree(question: Question) -> None:
    rows = question.now
    fractions = {"median": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95}
    expected = [
        {
            "duration": name, "n": int(rows[name].count()), "min": number(rows[name].min()),
            "max": number(rows[name].max()), "average": number(rows[name].mean()),
        } | {label: quantile(rows, name, fraction) for label, fraction in fractions.items()}
        for name in DURATIONS
    ]  # fmt: skip
    found = question.tile("durations")
    same(
        sorted(found, key=lambda row: row["duration"]),
        sorted(expected if len(rows) else [], key=lambda row: row["duration"]),
    )


def test_logs_agree(question: Question) -> None:
    rows = question.now.sort_values("at", ascending=False)
    found = question.report.tile("log")
    assert list(found["queued_at"]) == list(rows["at"])
    assert set(found["contact_id"]) == set(rows["contact_id"])
    assert found[WAIT].sum() == pytest.approx(rows[WAIT].sum())
