"""What explains a change: parts that add up, figures that a filter gives again, and planted causes that are found."""

import math
import random
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import Desk, activity, contact, message
from workbench import Workbench
from workbench.ask import answers, remarks
from workbench.ask.changes import Changes, askable, changes, dimensions, explaining
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.drawing.sentence import NOTHING, notes, sentence
from workbench.errors import BadSelection, UnknownName
from workbench.notebook import AskedReport
from workbench.reports import REPORTS, Metric

WAIT = "average_queued_to_fulfilled_seconds"
DAY = timedelta(days=1)


def explained(asked: AskedReport, name: str) -> Changes:
    return changes(asked.question, asked.question.report.metric(name))


def parts(found: Changes, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in found.rows[list(columns)].itertuples(index=False, name=None)]


def week(desk: Desk, report: str = "contact_export", **asked: Any) -> AskedReport:
    """Ask about the week from 11 March, against the one before it."""
    return desk.workbench.report(report, "2024-03-11", "2024-03-17", compare="preceding", **asked)


# Given and expected --------------------------------------------------------------------------------------------------


def waits(day: str, entry_point: str | None, *seconds: int) -> list[dict[str, str]]:
    return [
        contact(f"2024-03-{day} 10:00:00", entry_point=entry_point, queued_to_fulfilled_seconds=str(wait))
        for wait in seconds
    ]


def test_a_mean_is_taken_apart_by_share_and_by_its_own_mean(desk: Desk) -> None:
    """By hand: W goes from 30 to 55; a from 20 (2 of 3) to 60 (3 of 4), b from 50 (1 of 3) to 40 (1 of 4)."""
    desk.load(*waits("05", "a", 10, 30), *waits("05", "b", 50), *waits("12", "a", 20, 60, 100), *waits("12", "b", 40))
    found = explained(week(desk), WAIT)
    assert (found.before, found.now) == (30, 55)
    # Of two values one deviates from its share by what the other does: the one with fewer rows comes first.
    (b, a) = parts(found, "dimension", "value", "before", "now", "mix", "rate", "contribution")
    assert a[:4] == ("entry_point", "a", 20, 60)
    assert b[:4] == ("entry_point", "b", 50, 40)
    assert a[4:] == pytest.approx((1 / 12 * (40 - 42.5), 17 / 24 * 40, 1 / 12 * -2.5 + 17 / 24 * 40))
    assert b[4:] == pytest.approx((-1 / 12 * (45 - 42.5), 7 / 24 * -10, -1 / 12 * 2.5 - 7 / 24 * 10))
    assert a[6] + b[6] == pytest.approx(25)


def test_a_value_that_one_range_lacks_keeps_its_mean_and_a_missing_one_is_a_value(desk: Desk) -> None:
    desk.load(*waits("05", "a", 10, 20), *waits("12", "a", 10, 20), *waits("12", None, 60))
    found = explained(week(desk), WAIT)
    assert (found.before, found.now) == (15, 30)
    rows = dict(zip(found.rows["value"], found.rows.to_dict("records"), strict=True))
    assert rows.keys() == {"a", None}
    assert math.isnan(rows[None]["before"])
    assert (rows[None]["now"], rows[None]["rate"]) == (60, 0)
    assert rows[None]["mix"] == pytest.approx(1 / 3 * (60 - 22.5))


def test_a_sum_differs_by_value_and_what_both_ranges_lack_is_none_of_them(desk: Desk) -> None:
    rows = [*waits("05", "a", 1, 1, 1), *waits("05", "b", 1), *waits("12", "a", 1), *waits("12", "c", 1, 1)]
    desk.load(*rows, *waits("25", "d", 1))
    found = explained(week(desk), "contacts")
    assert (found.before, found.now) == (4, 3)
    assert sorted(parts(found, "value", "before", "now", "contribution")) == [
        ("a", 3, 1, -2), ("b", 1, 0, -1), ("c", 0, 2, 2),
    ]  # fmt: skip
    assert found.rows[["mix", "rate", "without"]].isna().all(axis=None)


def test_what_does_not_decompose_has_its_figure_without_each_value(desk: Desk) -> None:
    mine, other = {"customer_id": "x", "entry_point": "a"}, {"customer_id": "y", "entry_point": "a"}
    at = "2024-03-12 10:00:00"
    desk.load(contact("2024-03-05 10:00:00", **mine), contact(at, **mine), contact(at, **other))
    desk.load(contact(at, **mine | {"entry_point": "b"}), contact(at, customer_id=None, entry_point="b"), name="b.csv")
    found = explained(week(desk, "inbound_contacts"), "customers")
    assert (found.before, found.now) == (1, 2)
    assert sorted(parts(found, "value", "before", "now", "without")) == [("a", 1, 2, 1), ("b", 0, 1, 2)]
    assert found.rows[["contribution", "mix", "rate"]].isna().all(axis=None)


def test_values_are_ranked_by_what_they_contribute_beyond_their_share(desk: Desk) -> None:
    """The big one falls by half as everything does; the small one is gone: it is what is new."""
    before = [*waits("05", "big", *[1] * 40), *waits("05", "small", *[1] * 10)]
    desk.load(*before, *waits("12", "big", *[1] * 25))
    assert parts(explained(week(desk), "contacts"), "value", "contribution") == [("small", -10), ("big", -15)]


@pytest.mark.parametrize(("rows", "first"), [(21, "inbox"), (16, "entry_point")])
def test_of_two_within_a_twentieth_the_one_with_fewer_rows_comes_first(desk: Desk, rows: int, first: str) -> None:
    """20 contacts of one entry point go, all of them in one inbox, which also gains or loses one besides."""
    common = [contact("2024-03-05 10:00:00") for _ in range(100)] + [contact("2024-03-12 10:00:00") for _ in range(100)]
    gone = [contact("2024-03-05 10:00:00", entry_point="e", inbox_when_first_queued="i") for _ in range(16)]
    more = [contact("2024-03-05 10:00:00", inbox_when_first_queued="i") for _ in range(rows - 16)]
    desk.load(*common, *gone, *more)
    assert explained(week(desk), "contacts").rows["dimension"].iloc[0] == first


def test_of_two_alike_with_as_many_rows_the_one_that_contributes_more_comes_first(desk: Desk) -> None:
    """All came on Tuesdays; Tuesday stayed as it was, and as many as it has in both weeks came on a Wednesday."""
    desk.load(*[contact(f"2024-03-{day} 10:00:00") for day in ("05", "12", "13", "13")])
    assert parts(explained(week(desk), "contacts"), "value", "contribution") == [("3", 2), ("2", 0)]


def test_the_last_of_many_values_are_one_row_and_everything_still_adds_up(desk: Desk) -> None:
    before = [row for n in range(30) for row in waits("05", f"e{n:02}", *[60] * (n + 1))]
    desk.load(*before, *[row for n in range(30) for row in waits("12", f"e{n:02}", *[60 + n])])
    for name in ("contacts", WAIT, "median_queued_to_fulfilled_seconds"):
        found = explained(week(desk), name)
        own = found.rows[found.rows["dimension"] == "entry_point"]
        assert list(own["values"]) == [*[1] * 20, 10]
        assert own["value"].iloc[-1] == "Other (10 values)"
        assert own["n"].sum() == 30
        if name != "median_queued_to_fulfilled_seconds":
            assert own["contribution"].sum() == pytest.approx(found.now - found.before)
        else:
            left = {f"e{n:02}" for n in range(30)} - set(own["value"])
            asked = week(desk, entry_point=sorted(left)).tile("totals")
            assert own["now"].iloc[-1] == asked[name].iloc[0]


def test_a_single_value_behind_the_first_ones_is_told_as_well(desk: Desk) -> None:
    desk.load(*[row for day in ("05", "12") for n in range(21) for row in waits(day, f"e{n:02}", *[60] * (n + 1))])
    found = explained(week(desk), "contacts")
    assert sorted(found.rows["value"]) == [f"e{n:02}" for n in range(21)]
    assert {*found.rows["values"]} == {1}


def test_dimensions_that_the_formula_reads_or_that_have_one_value_are_left_out(desk: Desk) -> None:
    rows = [
        contact(f"2024-03-{day} 10:00:00", status=status, entry_point=status, inbox_when_first_queued="one")
        for day in ("05", "12") for status in ("ANSWERED", "ABANDONED")
    ]  # fmt: skip
    desk.load(*rows, contact("2024-03-12 10:00:00", status="ANSWERED", entry_point="x", direction="OUTBOUND"))
    assert {*explained(week(desk), "contacts").rows["dimension"]} == {"direction", "status", "entry_point", "inbox"}
    assert {*explained(week(desk), "answered_rate").rows["dimension"]} == {"entry_point"}
    asked = week(desk).question
    named = {metric.name: {each.key for each in dimensions(asked, metric)} for metric in askable(asked)}
    assert {"direction", "status", "channel"}.isdisjoint(named["abandoned_rate"])
    assert {"weekday", "hour", "agent", "status"} <= named[WAIT]


def test_a_median_is_explained_by_its_average(desk: Desk) -> None:
    report = REPORTS["contact_export"]
    named = {name: explaining(report, report.metric(name)) for name in report.cards.metrics}
    assert {name: each.name for name, each in named.items() if each} == {
        "median_queued_to_fulfilled_seconds": WAIT, "p90_queued_to_fulfilled_seconds": WAIT,
        "median_contact_handle_seconds": "average_contact_handle_seconds",
        "median_business_wait_seconds": "average_business_wait_seconds",
    }  # fmt: skip
    desk.load(*waits("05", "a", 1, 2), *waits("05", "b", 1, 3), *waits("12", "a", 2, 2), *waits("12", "b", 1, 900))
    desk.load(*waits("05", "c", 1), *waits("12", "c", 1), name="c.csv")
    found = explained(week(desk), "median_queued_to_fulfilled_seconds")
    assert parts(found, "value", "now", "without")[0] == ("b", 450.5, 2)


# What cannot be asked ------------------------------------------------------------------------------------------------


def test_what_has_no_change_to_explain_is_said(desk: Desk) -> None:
    desk.load(*waits("05", "a", 1), *waits("12", "b", 1))
    with pytest.raises(BadSelection, match="Nothing is compared"):
        explained(desk.workbench.report("contact_export", "2024-03-11", "2024-03-17"), "contacts")
    with pytest.raises(BadSelection, match="not wholly loaded"):
        explained(desk.workbench.report("contact_export", "2024-03-01", "2024-03-07", compare="preceding"), "contacts")
    for name in ("contribution_seconds", "contacts_per_occurrence", "p75"):
        with pytest.raises(UnknownName, match="Try one of: contacts, inbound"):
            explained(week(desk), name)
    with pytest.raises(UnknownName, match="metric of contact_export"):
        week(desk).changes("contact")


def test_a_filter_that_says_nothing_about_a_metric_is_said(desk: Desk) -> None:
    for kind in ("added", "connected", "deleted", "merged"):
        rows = [activity(kind, f"2024-03-{day} 10:00:00") for day in ("05", "12")]
        desk.load_kind(f"respondio_contacts_{kind}", *rows)
    with pytest.raises(BadSelection, match="not applicable to Contacts added"):
        explained(week(desk, "contacts", channel="SMS"), "contacts_added")


def test_a_mean_without_rows_on_one_side_has_no_parts(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00"), *waits("12", "a", 1), *waits("12", "b", 3))
    found = explained(week(desk), WAIT)
    assert math.isnan(found.before)
    assert found.now == 2
    assert found.rows["contribution"].isna().all()
    assert "one of both ranges has no rows of it" in notes(REPORTS["contact_export"], found)[0]
    (said,) = notes(REPORTS["contact_export"], explained(week(desk), "answered_rate"))
    assert said == "Answered: neither range has rows of it"


def test_pins_of_weekday_and_hour_open_their_rows_in_every_report(desk: Desk) -> None:
    desk.load_kind("lexer_messages", message("2024-03-05 10:00:00"), message("2024-03-12 11:00:00"))
    asked = desk.workbench.report("messaging_overview", pins={"weekday": "2", "hour": "11"})
    assert len(asked.tile("messages_log")) == asked.tile("totals")["messages_sent"].iloc[0] == 1


# For every report ----------------------------------------------------------------------------------------------------


@st.composite
def selections(draw: st.DrawFn) -> tuple[dict[str, Any], int, int]:
    first = draw(st.dates(date(2026, 9, 20), date(2026, 11, 10)))
    asked = {
        "start": first, "end": first + draw(st.integers(0, 20)) * DAY,
        "compare": draw(st.sampled_from(["matching", "preceding", "weekdays"])),
        "timezone": draw(st.sampled_from([None, "UTC", "Asia/Kolkata"])),
    }  # fmt: skip
    return asked, draw(st.integers(0, 1_000)), draw(st.integers(0, 1_000))


def is_none(metric: Metric) -> bool:
    return metric.decomposes == "none"


def asked_of(sample: Workbench, report: str, asked: dict[str, Any], chosen: int) -> AskedReport:
    """Ask a report about a selection with a filter of its first value, or without."""
    filters = [each for each in REPORTS[report].filters if not (each.is_typed or each.is_single)]
    plain = sample.report(report, **asked)
    found = answers.options(plain.question, filters[chosen % len(filters)].key) if chosen % 2 else []
    return sample.report(report, **asked, **{filters[chosen % len(filters)].key: value for value, _ in found[:1]})


@pytest.mark.parametrize("report", REPORTS)
@given(selection=selections())
@settings(max_examples=8)
@pytest.mark.few
def test_contributions_add_up_to_the_change(sample: Workbench, report: str, selection: Any) -> None:
    asked = asked_of(sample, report, *selection[:2])
    question = asked.question
    metrics = [metric for metric in askable(question) if metric.decomposes != "none"]
    metric = metrics[selection[2] % len(metrics)]
    try:
        found = changes(question, metric)
    except BadSelection:
        return
    cards = asked.tile("totals").iloc[0]
    if metric.name in cards:
        for figure, own in ((found.now, cards[metric.name]), (found.before, cards[f"{metric.name}_before"])):
            assert figure == pytest.approx(own if own == own else 0 if metric.is_additive else math.nan, nan_ok=True)
    if found.rows["contribution"].notna().any():
        for added in found.rows.groupby("dimension")["contribution"].sum():
            assert added == pytest.approx(found.now - found.before, abs=1e-6)


@pytest.mark.parametrize(
    "report", [name for name, report in REPORTS.items() if any(map(is_none, map(report.metric, report.cards.metrics)))]
)
@given(selection=selections())
@settings(max_examples=4)
def test_figures_of_a_value_and_without_it_are_those_of_a_filter(
    sample: Workbench, report: str, selection: Any
) -> None:
    asked = asked_of(sample, report, *selection[:2])
    question = asked.question
    names = [name for name in REPORTS[report].cards.metrics if is_none(REPORTS[report].metric(name))]
    name = names[selection[2] % len(names)]
    try:
        found = changes(question, REPORTS[report].metric(name))
    except BadSelection:
        return
    told = found.rows[found.rows["values"] == 1]
    many = {*found.rows.loc[found.rows["values"] > 1, "dimension"]}
    if told.empty:
        return
    row = told.iloc[selection[1] % len(told)]
    values = told.loc[told["dimension"] == row["dimension"], "value"]
    filtered = sample.report(
        report, **selection[0], pins={row["dimension"]: [row["value"]]}, **dict(question.selection.filters)
    )
    alone = filtered.tile("totals").iloc[0]
    assert row["now"] == pytest.approx(alone[name], nan_ok=True)
    assert row["before"] == pytest.approx(alone[f"{name}_before"], nan_ok=True)
    others = [value for value in values if value is not row["value"]]
    if row["dimension"] not in many and others:
        rest = sample.report(
            report, **selection[0], pins={row["dimension"]: others}, **dict(question.selection.filters)
        )
        assert row["without"] == pytest.approx(rest.tile("totals")[name].iloc[0], nan_ok=True)


def test_the_tile_of_contributions_says_the_same(sample: Workbench) -> None:
    asked = sample.report("contact_export", "2026-11-02", "2026-11-08", compare="preceding")
    tile = asked.tile("by_inbox").set_index("inbox")
    own = asked.changes(WAIT).query("dimension == 'inbox'").set_index("value")
    for column in ("mix", "rate", "contribution"):
        assert own[column].to_dict() == pytest.approx(tile[f"{column}_seconds"].dropna().to_dict())


# Planted causes ------------------------------------------------------------------------------------------------------

FIRST = date(2024, 1, 1)
CHANNELS, ENTRIES = ("PHONE_CALL", "CHAT", "EMAIL", "SMS", "WHATSAPP"), ("a", "b", "c", "d", "e", "f")
INBOXES = ("Care", "Sales", "Returns", "VIP", "Billing")
CAUSES = {
    "wait": (WAIT, "entry_point", ENTRIES), "volume": ("contacts", "channel", CHANNELS),
    "answered": ("answered_rate", "inbox", INBOXES), "": ("", "", ("",)),
}  # fmt: skip
MANY, FEW = 9, 3  # weeks: eight earlier ones, or two
PLANTED = """
    insert into main.gladly_contact_export (
        contact_id, queued_at, queued_at_local, direction, channel, status, inbox_when_first_queued, entry_point,
        agent_when_ended, contact_initiator, queued_to_fulfilled_seconds, load_id, row_id
    )
    with happened as (
        select
            week, n, week = {last} as is_last, {u1} as chance,
            timestamp '2024-01-01' + to_days(week::int * 7) + to_seconds(floor({u2} * 604800)) as queued,
            {channel} as channel, {entry} as entry, {inbox} as inbox, {agent} as agent,
            exp(5 + 0.8 * sqrt(-2 * ln(1 - {u3})) * cos(2 * pi() * {u4})) as wait,
        from range({weeks}) as weeks(week), range(3000) as numbers(n)
        where n < {sizes}[week + 1]
    ),
    caused as (
        select
            * replace (wait * case when is_last and '{cause}' = 'wait' and entry = '{value}' then 2 else 1 end as wait),
            chance < case when is_last and '{cause}' = 'answered' and inbox = '{value}' then 0.6 else 0.85 end
                as is_answered,
        from happened
        where not (is_last and '{cause}' = 'volume' and channel = '{value}' and n % 2 = 0)
    )
    select
        week || '-' || n, queued, queued, 'INBOUND', channel,
        case when is_answered then 'ANSWERED' else 'UNANSWERED' end,
        inbox, entry, agent, 'CUSTOMER', case when is_answered then wait end, 1, week * 10000 + n
    from caused
"""


def picked(values: Sequence[str], chance: str, skew: float) -> str:
    """Return SQL for one of some values, the first of them most often."""
    place = f"1 + least(floor(pow({chance}, {skew}) * {len(values)}), {len(values) - 1})::int"
    return f"list_extract({list(values)}, {place})"


@pytest.fixture(scope="module")
def weeks_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Workbench]]:
    """Two workbenches in which so many weeks are loaded, and rows can be planted."""
    found = {}
    for weeks in (MANY, FEW):
        last = FIRST + timedelta(weeks=weeks) - DAY
        desk = Desk(tmp_path_factory.mktemp("planted"), Workbench())
        desk.load(contact("2024-01-02 10:00:00"), name=f"ContactExport-{FIRST:%Y%m%d}-{last:%Y%m%d}.csv")
        found[weeks] = desk.workbench
    yield found
    for workbench in found.values():
        workbench.close()


def planted(workbench: Workbench, seed: int, cause: str, weeks: int) -> tuple[AskedReport, str]:
    """Plant a cause in the last of some weeks of contacts; return what asks about it, and its value."""
    chance, values = random.Random(seed), CAUSES[cause][-1]
    value = values[seed % len(values)]
    uniform = [f"((hash(concat_ws(' ', {seed}, week, n, {place})) >> 11) / 9007199254740992.0)" for place in range(8)]
    named = {
        name: picked(values, uniform[place], chance.uniform(1, 1.6))
        for place, (name, values) in enumerate((("channel", CHANNELS), ("entry", ENTRIES), ("inbox", INBOXES)), start=4)
    }
    named["agent"] = picked([f"Agent {n}" for n in range(15)], uniform[7], 1)
    sizes = [round(chance.gauss(2_600, 50)) for _ in range(weeks)]
    with workbench.workspace.cursor() as cursor:
        cursor.execute("delete from main.gladly_contact_export")
        cursor.execute(
            PLANTED.format(
                **named, **{f"u{n + 1}": sql for n, sql in enumerate(uniform[:4])}, sizes=sizes, weeks=weeks,
                last=weeks - 1, cause=cause, value=value,
            )
        )  # fmt: skip
    start = FIRST + timedelta(weeks=weeks - 1)
    return workbench.report("contact_export", start, start + 6 * DAY, compare="preceding"), value


def is_found(workbench: Workbench, seed: int, cause: str, weeks: int) -> bool:
    """Tell whether a planted cause is the first of all values; of a wait for the median too."""
    asked, value = planted(workbench, seed, cause, weeks)
    name, key, _ = CAUSES[cause]
    names = (name, "median_queued_to_fulfilled_seconds") if cause == "wait" else (name,)
    return all(tuple(explained(asked, each).rows[["dimension", "value"]].iloc[0]) == (key, value) for each in names)


def said(workbench: Workbench, seed: int, cause: str, weeks: int) -> str:
    question = planted(workbench, seed, cause, weeks)[0].question
    noticed = remarks.remark(question)
    assert noticed is not None
    return str(sentence(question.report, noticed)).strip()


@pytest.mark.parametrize("cause", ["wait", "volume", "answered"])
@pytest.mark.parametrize("weeks", [MANY, FEW])
def test_a_planted_cause_is_found_first(weeks_of: dict[int, Workbench], cause: str, weeks: int) -> None:
    assert is_found(weeks_of[weeks], 100 + weeks, cause, weeks)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(50))
def test_a_planted_cause_is_found_first_long(weeks_of: dict[int, Workbench], seed: int) -> None:
    weeks = MANY if seed % 2 else FEW
    assert is_found(weeks_of[weeks], seed, ("wait", "volume", "answered")[seed % 3], weeks)


@pytest.mark.parametrize("weeks", [MANY, FEW])
def test_without_a_cause_nothing_is_remarkable(weeks_of: dict[int, Workbench], weeks: int) -> None:
    assert said(weeks_of[weeks], 7, "", weeks) == NOTHING


@pytest.mark.long
def test_without_a_cause_nothing_is_remarkable_long(weeks_of: dict[int, Workbench]) -> None:
    found = [said(weeks_of[weeks], 1_000 + seed, "", weeks) for seed in range(50) for weeks in [(FEW, MANY)[seed % 2]]]
    assert found.count(NOTHING) >= 45, [text for text in found if text != NOTHING]


ROSE = r"(Median wait|90 % waited at most) rose from .* to .*; of the .* that the average rose,"
FELL = r"Answered fell from 8\d\.\d % to 7\d\.\d %;"


@pytest.mark.parametrize(
    ("cause", "weeks", "text"),
    [
        ("volume", FEW, r"Contacts fell from 2,\d+ to 2,\d+; \w.* \(channel\) explains \d+"),
        ("answered", FEW, rf"{FELL} \w+ \(inbox when first queued\) explains \d\.\d points"),
        ("wait", MANY, rf"{ROSE} . \(entry point\) explains .* s"),
    ],
)
def test_a_cause_is_said(weeks_of: dict[int, Workbench], cause: str, weeks: int, text: str) -> None:
    assert re.fullmatch(text, found := said(weeks_of[weeks], 0, cause, weeks)), found


# How far a figure moved ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earlier", "now", "is_said"),
    [
        ([100, 102, 98, 101, 99, 100, 102, 98], 108.5, True),  # their deviation is 1.60, and before is 100
        ([100, 102, 98, 101, 99, 100, 102, 98], 107.5, False),
        ([100, 102, 98, 101], 114, True),  # 1.71, times 8
        ([100, 102, 98, 101], 113, False),
    ],
)
def test_a_figure_is_remarkable_by_its_usual_spread(earlier: list[float], now: float, is_said: bool) -> None:
    assert (remarks._strength(now, 100, earlier, None) >= 1) == is_said


@pytest.mark.parametrize(
    ("before", "now", "error", "is_said"),
    [(100, 105, 1.25, True), (100, 104.9, 0.1, False), (100, 105, 1.26, False), (100, 95, 1.25, True), (0, 5, 1, True)],
)
def test_with_few_ranges_it_is_so_by_a_twentieth_and_four_standard_errors(
    before: float, now: float, error: float, is_said: bool
) -> None:
    assert (remarks._strength(now, before, [before, 100, 100], error) >= 1) == is_said
    assert remarks._strength(now, before, [before, 100, 100], None) == 0


def test_standard_errors_are_of_the_rows(desk: Desk) -> None:
    before, now = waits("05", "a", 10, 20, 60), waits("12", "a", 10, 30)
    desk.load(*before, *now, contact("2024-03-12 10:00:00", times_offered="3"))
    question = week(desk).question
    found = remarks._standard_errors(
        question, [question.report.metric(name) for name in ("contacts", WAIT, "times_offered", "sla_attainment_rate")]
    )
    assert found["contacts"] == pytest.approx(math.sqrt(6))
    assert found[WAIT] == pytest.approx(math.sqrt(700 / 3 + 200 / 2))
    assert found["times_offered"] == 3
    assert math.isnan(found["sla_attainment_rate"])


def test_a_rate_that_all_rows_share_has_an_error_of_both_ranges() -> None:
    sides = ({"n": 50.0, "mean": 1.0, "variance": 0.0}, {"n": 50.0, "mean": 0.0, "variance": 0.0})
    assert remarks._error_of_mean(*sides) == pytest.approx(1 / math.sqrt(99))


def test_earlier_ranges_are_those_wholly_loaded_at_the_comparisons_step(desk: Desk) -> None:
    start = date(2024, 3, 1)
    rows = [contact(f"{start + n * DAY} 10:00:00") for n in range(28) for _ in range(n + 1)]
    desk.load(*rows, name="ContactExport-20240301-20240328.csv")
    question = Question(
        desk.workbench.workspace,
        REPORTS["contact_export"],
        Selection(date(2024, 3, 27), date(2024, 3, 28), compare="preceding"),
    )
    contacts = question.report.metric("contacts")
    found = [row["contacts"] for row in remarks._over_ranges(question, [contacts])]
    assert found == [27 + 28, *(2 * n + 1 for n in range(25, 0, -2))][:13]
    weekly = question.asking(Selection(date(2024, 3, 22), date(2024, 3, 28), compare="preceding"))
    assert len(remarks._over_ranges(weekly, [contacts])) == 2  # three earlier weeks are too few to take a spread from


def test_earlier_months_are_whole_months(desk: Desk) -> None:
    start = date(2024, 1, 1)
    desk.load(*(contact(f"{start + n * DAY} 10:00:00") for n in range(182)), name="ContactExport-20240101-20240630.csv")
    months = Selection(preset="last_month", compare="matching")
    question = Question(desk.workbench.workspace, REPORTS["contact_export"], months)
    found = remarks._over_ranges(question, [question.report.metric("contacts")])
    assert [row["contacts"] for row in found] == [31, 30, 31, 29, 31]
