"""Staffing of Workload: formulas against textbook figures and slow second computations, and what is made of calls."""

import math
from datetime import datetime, timedelta
from statistics import mean, median
from typing import Any

import pytest

from tests.builders import Desk, Row, contact
from workbench.ask import answers
from workbench.errors import BadSelection
from workbench.reports import REPORTS

REPORT = REPORTS["workload"]
MONDAY = datetime(2024, 3, 4)


def computed(desk: Desk, sql: str) -> float:
    ((value,),) = desk.stored(f"select {sql}")
    return float(value)


# Formulas ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("service_level_erlang_c(360 * 240 / 3600, 28, 15, 240)", 0.7406),
        ("service_level_erlang_c(100 * 180 / 1800, 14, 20, 180)", 0.8884),
        ("erlang_c(10, 14) * 180 / (14 - 10)", 7.84),  # average speed of answer, in seconds
        ("10 / 14", 0.7143),  # occupancy
        ("1 - service_level_erlang_a(8.4, 12, 1e9, 120, 60)", 0.0297),  # abandoned: 4.2 a minute, 2 minutes each
        ("8.4 * service_level_erlang_a(8.4, 12, 1e9, 120, 60) / 12", 0.6792),  # occupancy
    ],
)
def test_formulas_give_the_figures_of_textbooks(desk: Desk, sql: str, expected: float) -> None:
    assert round(computed(desk, sql), 2 if expected > 1 else 4) == expected


@pytest.mark.parametrize(("load", "agents"), [(10.0, 10), (10.0, 9), (0.5, 0)])
def test_with_more_load_than_agents_everybody_waits_without_end(desk: Desk, load: float, agents: int) -> None:
    assert computed(desk, f"erlang_c({load}, {agents})") == 1
    assert computed(desk, f"service_level_erlang_c({load}, {agents}, 20, 180)") == 0


def erlang_a(load: float, agents: int, threshold: float, handling: float, patience: float) -> float:
    """Compute the share answered in time from the states of the queue, and the wait in each by small steps of time."""
    states = [1.0]
    for n in range(1, agents + 600):
        leaves = min(n, agents) / handling + max(0, n - agents) / patience
        states.append(states[-1] * load / handling / leaves)
    whole = sum(states)
    steps, answered = 4_000, sum(states[:agents]) / whole
    for behind, state in enumerate(states[agents : agents + 120]):
        # In small steps: how many of those in front, of whom the first is served next, are still there.
        there, served = [0.0] * behind + [1.0], 0.0
        for _ in range(steps):
            step = threshold / steps
            gone = [p * (1 - math.exp(-(agents / handling + m / patience) * step)) for m, p in enumerate(there)]
            stay = math.exp(-step / patience)
            served += gone[0] * math.exp(-step / 2 / patience)
            there = [(p - g + after) * stay for p, g, after in zip(there, gone, [*gone[1:], 0.0], strict=True)]
        answered += state / whole * served
        if state / whole < 1e-7:
            break
    return answered


@pytest.mark.parametrize(
    ("load", "agents", "threshold", "handling", "patience"),
    [(8.4, 12, 20, 120, 60), (5.0, 4, 30, 200, 90), (2.0, 2, 10, 300, 600)],
)
def test_erlang_a_is_what_the_states_of_the_queue_come_to(
    desk: Desk, load: float, agents: int, threshold: float, handling: float, patience: float
) -> None:
    found = computed(desk, f"service_level_erlang_a({load}, {agents}, {threshold}, {handling}, {patience})")
    assert found == pytest.approx(erlang_a(load, agents, threshold, handling, patience), abs=2e-3)


def test_erlang_a_of_callers_who_never_give_up_is_erlang_c(desk: Desk) -> None:
    patient = computed(desk, "service_level_erlang_a(8.4, 12, 20, 120, 1e9)")
    assert patient == pytest.approx(computed(desk, "service_level_erlang_c(8.4, 12, 20, 120)"), abs=1e-6)


# What is made of calls -----------------------------------------------------------------------------------------------


def call(at: datetime, handled: int | None = 200, waited: int = 10, **fields: str | None) -> Row:
    """Return a call that came in, was answered after a wait, and took so many seconds."""
    total = None if handled is None else str(handled)
    known: dict[str, str | None] = {
        "channel": "PHONE_CALL", "status": "ANSWERED", "total_contact_handle_seconds": total,
        "queued_to_fulfilled_seconds": str(waited), "queued_to_ended_seconds": str(waited + 100),
    }  # fmt: skip
    return contact(f"{at:%Y-%m-%d %H:%M:%S}", **(known | fields))


def abandoned(at: datetime, waited: int) -> Row:
    return call(at, None, status="ABANDONED", queued_to_fulfilled_seconds=None, queued_to_ended_seconds=str(waited))


# Calls on Mondays from 9:00 to 9:30, week by week; the last six are of the end of the range.
WEEKS = (90, 12, 15, 11, 30, 14, 13)


def weeks(desk: Desk, *more: Row) -> None:
    calls = [
        call(MONDAY + timedelta(days=7 * week, hours=9, seconds=n), 150 + 100 * (n % 2))
        for week, number in enumerate(WEEKS)
        for n in range(number)
    ]
    desk.load(
        *calls,
        *more,
        contact("2024-04-15 09:05:00", channel="CHAT"),
        contact("2024-04-15 09:05:00", channel="PHONE_CALL", direction="OUTBOUND"),
        name="ContactExport-20240304-20240421.csv",
    )


def half_hour(desk: Desk, weekday: int = 1, at: str = "09:00", **selection: Any) -> dict[str, Any]:
    rows = desk.ask("workload", "staffing", **selection)
    return next(row for row in rows if (row["weekday"], row["half_hour"]) == (weekday, at))


def test_calls_are_expected_as_in_the_median_of_the_last_six_weeks_and_no_other_contact(desk: Desk) -> None:
    weeks(desk)
    handled = [150 + 100 * (n % 2) for number in WEEKS[1:] for n in range(number)]
    for range_ in ({}, {"start": "2024-04-20", "end": "2024-04-21"}):
        found = half_hour(desk, **range_)
        assert found["arrivals_expected"] == median(WEEKS[1:]) == 13.5
        assert found["aht_seconds"] == pytest.approx(mean(handled))
        assert found["agents_erlang_a"] is None
    assert half_hour(desk, end="2024-04-14")["arrivals_expected"] == median(WEEKS[:6])
    assert half_hour(desk, at="09:30") == {
        "weekday": 1, "half_hour": "09:30", "arrivals_expected": 0.0, "aht_seconds": None,
        "agents_erlang_c": 0, "agents_erlang_a": None,
    }  # fmt: skip


def erlang_c_agents(load: float, handling: float, target: float, threshold: float) -> int:
    blocked, agents = 1.0, 0
    while True:
        agents += 1
        blocked = load * blocked / (agents + load * blocked)
        if agents > load:
            waits = blocked / (1 - load / agents * (1 - blocked))
            if 1 - waits * math.exp(-(agents - load) * threshold / handling) >= target:
                return agents


@pytest.mark.parametrize(
    ("target", "threshold", "shrinkage"), [(0.8, 20, 0.3), (0.95, 20, 0), (0.5, 120, 0.5), (0.999, 0, 0.1)]
)
def test_agents_are_the_fewest_who_reach_the_target_and_those_who_are_away_besides(
    desk: Desk, target: float, threshold: float, shrinkage: float
) -> None:
    weeks(desk)
    found = half_hour(desk, target=target, threshold=threshold, shrinkage=shrinkage)
    load = found["arrivals_expected"] * found["aht_seconds"] / 1800
    there = erlang_c_agents(load, found["aht_seconds"], target, threshold)
    assert found["agents_erlang_c"] == math.ceil(there / (1 - shrinkage) - 1e-9)


def test_erlang_a_takes_callers_to_be_as_patient_as_they_were_and_needs_fewer_agents(desk: Desk) -> None:
    last = MONDAY + timedelta(days=42, hours=9, minutes=20)
    weeks(desk, *(abandoned(last + timedelta(seconds=n), 3) for n in range(10)))
    found = half_hour(desk, shrinkage=0)
    assert found["agents_erlang_c"] > found["agents_erlang_a"] > 0
    handled = [150 + 100 * (n % 2) for number in WEEKS[1:] for n in range(number)]
    patience = (10 * len(handled) + 10 * 3) / 10
    load = found["arrivals_expected"] * found["aht_seconds"] / 1800
    levels = [
        erlang_a(load, n, 20, found["aht_seconds"], patience)
        for n in (-1 + found["agents_erlang_a"], found["agents_erlang_a"])
    ]
    assert levels[0] < 0.8 <= levels[1]


def test_erlang_a_takes_more_agents_than_c_where_callers_give_up_long_before_the_threshold(desk: Desk) -> None:
    last = MONDAY + timedelta(days=42, hours=9, minutes=20)
    weeks(desk, *(abandoned(last + timedelta(seconds=n), 3) for n in range(90)))
    found = half_hour(desk, shrinkage=0, target=0.95, threshold=300)
    patience = (10 * sum(WEEKS[1:]) + 90 * 3) / 90
    load, agents = found["arrivals_expected"] * found["aht_seconds"] / 1800, found["agents_erlang_a"]
    assert agents > found["agents_erlang_c"]
    fewer, enough = (erlang_a(load, n, 300, found["aht_seconds"], patience) for n in (agents - 1, agents))
    assert fewer < 0.95 <= enough


def test_without_an_abandoned_call_it_is_said_that_patience_is_not_known(desk: Desk) -> None:
    weeks(desk)
    question = desk.workbench.report("workload").question
    said = f"None of {sum(WEEKS[1:])} calls was abandoned: nobody's patience is known, so there is no Erlang A"
    assert answers.stated(question, REPORT.tile("staffing")) == [said]
    desk.load(abandoned(MONDAY + timedelta(days=44), 30), name="ContactExport-20240304-20240421-more.csv")
    assert answers.stated(desk.workbench.report("workload").question, REPORT.tile("staffing")) == []


def test_handling_is_the_total_else_both_of_its_parts(desk: Desk) -> None:
    at = datetime(2024, 3, 5, 10)
    desk.load(
        call(at, 100, contact_handle_seconds="900", after_contact_seconds="900"),
        call(at, None, contact_handle_seconds="150", after_contact_seconds="50"),
        call(at, None, contact_handle_seconds="450"),
        call(at, None, after_contact_seconds="999"),
    )
    assert half_hour(desk, 2, "10:00")["aht_seconds"] == 250


def test_the_back_test_forecasts_every_half_hour_whose_six_weeks_before_are_loaded(desk: Desk) -> None:
    weeks(desk, *(call(MONDAY + timedelta(days=42, hours=15, seconds=n)) for n in range(4)))
    (found,) = desk.ask("workload", "staffing_back_test")
    forecast, calls = median(WEEKS[:6]), WEEKS[6]
    assert found == {
        "half_hours_forecast": 7 * 48,
        "half_hour_error_rate": pytest.approx((abs(forecast - calls) + 4) / (calls + 4)),
        "half_hour_error_rate_last_week": pytest.approx((abs(WEEKS[5] - calls) + 4) / (calls + 4)),
        "day_error_rate": pytest.approx(abs(forecast - calls - 4) / (calls + 4)),
        "day_error_rate_last_week": pytest.approx(abs(WEEKS[5] - calls - 4) / (calls + 4)),
    }
    assert desk.ask("workload", "staffing_back_test", end="2024-04-14") == [
        {"half_hours_forecast": 0, **dict.fromkeys(list(found)[1:])}
    ]


def test_a_gap_is_no_forecast_of_zero(desk: Desk) -> None:
    desk.load(call(MONDAY + timedelta(hours=9)), name="ContactExport-20240304-20240304.csv")
    desk.load(
        *(call(MONDAY + timedelta(days=14, hours=9, seconds=n)) for n in range(3)),
        name="ContactExport-20240318-20240318.csv",
    )
    assert half_hour(desk)["arrivals_expected"] == 2
    assert {row["weekday"] for row in desk.ask("workload", "staffing")} == {1}


# Bad input -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("target", 1, "'1' is no target. Choose a part of the calls, more than 0 and less than 1, as 0.8 for 80 %"),
        ("target", "80", "'80' is no target. "),
        ("target", "0", "'0' is no target. "),
        ("target", "nan", "'nan' is no target. "),
        (
            "shrinkage", "1",
            "'1' is no shrinkage. Choose a part of the agents, 0 or more and less than 1, as 0.3 for 30 %",
        ),
        ("shrinkage", "-0.1", "'-0.1' is no shrinkage. "),
        ("threshold", "-1", "'-1' are no seconds for a threshold. Write 0 to 604,800"),
        ("threshold", "soon", "'soon' are no seconds for a threshold. "),
        ("threshold", "inf", "'inf' are no seconds for a threshold. "),
    ],
)  # fmt: skip
def test_what_is_no_setting_is_refused_in_a_line(desk: Desk, key: str, value: Any, said: str) -> None:
    with pytest.raises(BadSelection) as refused:
        desk.workbench.report("workload", **{key: value})
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


def test_no_calls_at_all_are_an_empty_plan(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00", channel="CHAT"), name="ContactExport-20240305-20240305.csv")
    found = half_hour(desk, 2, "10:00")
    assert (found["arrivals_expected"], found["agents_erlang_c"], found["aht_seconds"]) == (0.0, 0, None)
    (tested,) = desk.ask("workload", "staffing_back_test")
    assert tested["half_hours_forecast"] == 0
