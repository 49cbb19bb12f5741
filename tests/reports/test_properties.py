"""What holds for every selection: parts add up, filters only take away, links say it all."""

import random
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlencode

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import Desk, contact
from workbench import Workbench
from workbench.ask import answers, logs
from workbench.ask.logs import Page, log_of
from workbench.ask.question import Question
from workbench.ask.selection import COMPARISONS, PRESETS, ROLLUPS, Selection, parsed
from workbench.reports import REPORTS

REPORT = REPORTS["inbound_contacts"]
LOG = REPORT.log
LONG, MANY = settings(max_examples=300), settings(max_examples=5_000)
DAYS = st.dates(date(2026, 8, 15), date(2026, 11, 18))
ZONES = st.sampled_from([None, "UTC", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati", "America/St_Johns"])
CHANNELS = st.lists(st.sampled_from(["CHAT", "SMS", "EMAIL", "PHONE_CALL", "VOICEMAIL", "FAX", None]), max_size=3)
INBOXES = st.lists(st.sampled_from(["Customer Care", "Returns", "VIP", None]), max_size=2)


@st.composite
def questions(draw: st.DrawFn, rollups: Sequence[str] = ROLLUPS) -> dict[str, Any]:
    first, last = sorted((draw(DAYS), draw(DAYS)))
    return {
        "start": first, "end": last, "rollup": draw(st.sampled_from(rollups)), "timezone": draw(ZONES),
        "channel": draw(CHANNELS), "inbox": draw(INBOXES), "as_exported": draw(st.booleans()),
    }  # fmt: skip


def check_totals(sample: Workbench, asked: dict[str, Any]) -> None:
    """Contacts add up over periods, channels and inboxes, whatever the rollup and the zone."""
    report = sample.report("inbound_contacts", **asked)
    total = int(report.tile("totals")["inbound_contacts"].iloc[0])
    for tile in ("by_period", "by_channel", "by_inbox"):
        assert report.tile(tile)["inbound_contacts"].sum() == total
    assert len(report.tile("log")) == total


@given(asked=questions())
def test_contacts_add_up_over_periods_channels_and_inboxes(sample: Workbench, asked: dict[str, Any]) -> None:
    check_totals(sample, asked)


@pytest.mark.long
@given(asked=questions())
@LONG
def test_contacts_add_up_over_periods_channels_and_inboxes_long(sample: Workbench, asked: dict[str, Any]) -> None:
    check_totals(sample, asked)


@given(zone=ZONES, rollup=st.sampled_from(ROLLUPS))
def test_figures_over_everything_depend_on_neither_zone_nor_rollup(
    sample: Workbench, zone: str | None, rollup: str
) -> None:
    everything = sample.report("inbound_contacts").tile("totals")
    assert sample.report("inbound_contacts", rollup=rollup, timezone=zone).tile("totals").equals(everything)


@given(asked=questions())
def test_filters_only_take_away(sample: Workbench, asked: dict[str, Any]) -> None:
    bare = {key: value for key, value in asked.items() if key not in ("channel", "inbox")}
    filtered = sample.report("inbound_contacts", **asked).tile("totals")
    unfiltered = sample.report("inbound_contacts", **bare).tile("totals")
    assert filtered["inbound_contacts"].iloc[0] <= unfiltered["inbound_contacts"].iloc[0]
    assert filtered["customers"].iloc[0] <= unfiltered["customers"].iloc[0]


@given(asked=questions())
def test_merges_leave_contacts_and_can_only_take_customers_away(sample: Workbench, asked: dict[str, Any]) -> None:
    after, before = (
        sample.report("inbound_contacts", **(asked | {"as_exported": as_exported})).tile("totals")
        for as_exported in (False, True)
    )
    assert after["inbound_contacts"].iloc[0] == before["inbound_contacts"].iloc[0]
    assert after["customers"].iloc[0] <= before["customers"].iloc[0]


# Links ---------------------------------------------------------------------------------------------------------------

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=3)


@st.composite
def links(draw: st.DrawFn) -> dict[str, list[str]]:
    keys = [dimension.key for dimension in REPORT.filters]
    query = {key: draw(TEXTS) for key in keys}
    query["pin"] = [f"{key}={value}" for key in draw(st.sets(st.sampled_from(keys))) for value in draw(TEXTS)]
    dates = sorted([draw(DAYS), draw(DAYS)])
    ranged = {"from": [dates[0].isoformat()], "to": [dates[1].isoformat()]}
    query |= draw(st.sampled_from([{}, ranged, {"from": ranged["from"]}, {"preset": [draw(st.sampled_from(PRESETS))]}]))
    query["rollup"] = [draw(st.sampled_from(ROLLUPS))]
    query["timezone"] = [draw(ZONES) or ""]
    query["compare"] = [draw(st.sampled_from(["", *COMPARISONS, "2026-01-01..2026-01-31"]))]
    return query | {switch: [draw(st.sampled_from(["yes", "no"]))] for switch in ("as_exported", "wall_clock")}


def linked(selection: Selection) -> Selection:
    return parsed(REPORT, parse_qs(urlencode(selection.as_query(), doseq=True), keep_blank_values=True))


@given(query=links())
@settings(max_examples=300)
def test_a_link_gives_back_the_selection(query: dict[str, list[str]]) -> None:
    selection = parsed(REPORT, query)
    assert linked(selection) == selection


@pytest.mark.long
@given(query=links())
@MANY
def test_a_link_gives_back_the_selection_long(query: dict[str, list[str]]) -> None:
    selection = parsed(REPORT, query)
    assert linked(selection) == selection


def test_the_default_selection_is_an_empty_link() -> None:
    assert Selection().as_query() == {}


# Logs ----------------------------------------------------------------------------------------------------------------


def page(workbench: Workbench, asked: Page) -> pd.DataFrame:
    everything = Question(workbench.workspace, REPORT, Selection())
    return logs.log_rows(everything, LOG, asked)


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("offset", [0, 3_900])
def test_sorting_by_any_column_is_a_stable_sort_over_all_rows(sample: Workbench, direction: str, offset: int) -> None:
    columns = LOG.offered
    rows = page(sample, Page(columns=columns)).sort_values("row_id", ascending=direction == "asc")
    for column in columns:
        ordered = rows.sort_values(column, ascending=direction == "asc", kind="stable", na_position="last")
        found = page(sample, Page(f"{column}:{direction}", 100, offset, columns=(column,)))
        assert list(found["row_id"]) == list(ordered["row_id"][offset : offset + 100]), column


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Twenty thousand contacts whose columns hold few values, many, the same, and none."""
    chance, desk = random.Random(1), Desk(tmp_path_factory.mktemp("deep"), Workbench())
    rows = (
        f"c{chance.randrange(10**9)},2024-03-{chance.randrange(1, 29):02} {chance.randrange(24):02}:00:00,INBOUND,"
        f"{chance.choice(['CHAT', 'SMS', ''])},{chance.choice(['', round(chance.lognormvariate(0, 2), 3), -1.5])},"
        f"{chance.choice([0, 0, 0, 1, chance.randrange(50)])},Žofie {chance.randrange(9)},"
        f"{chance.choice('aAÄz') * 2},\n"
        for _ in range(20_000)
    )
    header = "Contact ID,Queued At,Direction,Channel,Total Talk Time,Times Offered,Agent when Ended,Mood,Status\n"
    desk.load_text(header + "".join(rows))
    yield desk.workbench
    desk.workbench.close()


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("search", ["", "zofie 3"])
@pytest.mark.parametrize("block", [130, logs.BLOCK])
@pytest.mark.few("asc")
def test_a_page_at_any_depth_is_that_of_a_stable_sort_over_all_rows(
    deep: Workbench, direction: str, search: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "BLOCK", block)  # so that pages of one value lie in one block, and across several
    columns = (
        "queued_at",
        "contact_id",
        "channel",
        "talk_seconds",
        "times_offered",
        "agent_when_ended",
        "status",
        "Mood",
    )
    rows = page(deep, Page(columns=columns, search=search)).sort_values("row_id", ascending=direction == "asc")
    for column in columns:
        ordered = rows.sort_values(column, ascending=direction == "asc", kind="stable", na_position="last")
        for offset in (0, 1_000, 4_999, 5_000, 7_321, 13_333, 19_950, 25_000):
            found = page(deep, Page(f"{column}:{direction}", 100, offset, search, (column,)))
            assert list(found["row_id"]) == list(ordered["row_id"][offset : offset + 100]), (column, offset)


def test_pages_of_a_log_hold_every_row_once(sample: Workbench) -> None:
    pages = [page(sample, Page("channel", 1_000, offset)) for offset in range(0, 5_000, 1_000)]
    numbers = [number for rows in pages for number in rows["row_id"]]
    assert numbers == list(page(sample, Page("channel"))["row_id"])
    assert len(set(numbers)) == len(numbers) == 3_981


@pytest.mark.parametrize("text", ["renée", "RENEE", " Renée", "née o", "nee O", "Neill  "])
def test_searching_a_log_ignores_case_and_accents(desk: Desk, text: str) -> None:
    desk.load(
        contact(agent_when_ended="Renée O'Neill", contact_id="a"), contact(agent_when_ended="Rene O", contact_id="b")
    )
    found = page(desk.workbench, Page(search=text))
    everything = Question(desk.workbench.workspace, REPORT, Selection())
    assert list(found["contact_id"]) == ["a"]
    assert logs.log_count(everything, LOG, text) == 1


@pytest.mark.parametrize("column", log_of(LOG).search)
def test_each_text_column_of_a_log_is_searched(desk: Desk, column: str) -> None:
    stored = {"inbox": "inbox_when_first_queued"}.get(column, column)
    desk.load(contact(**{stored: "XNeedleX"}), contact())
    assert len(page(desk.workbench, Page(search="needle"))) == 1


def test_signs_of_patterns_are_searched_as_they_are(desk: Desk) -> None:
    desk.load(contact(entry_point="100%_a"), contact(entry_point="100 a"), contact(entry_point="a.b"))
    assert [len(page(desk.workbench, Page(search=text))) for text in ("%", "_a", "a.b", ".*", "'")] == [1, 1, 1, 0, 0]


def test_a_record_has_every_field_of_its_row(desk: Desk) -> None:
    desk.load_text("Contact ID,Queued At,Direction,Mood\na,2024-03-05 10:00:00,INBOUND,good\n")
    every = (*LOG.offered, *logs.extra_columns(Question(desk.workbench.workspace, REPORT, Selection()), LOG))
    fields = page(desk.workbench, Page(limit=1, columns=every)).astype(object).iloc[0]
    assert list(fields.index) == ["row_id", *LOG.offered, "Mood"]
    assert (fields["contact_id"], fields["Mood"]) == ("a", "good")
    assert pd.isna(fields["channel"])


def test_a_column_that_the_kind_does_not_know_can_be_shown_and_sorted_by(desk: Desk) -> None:
    lines = "".join(f"{n},2024-03-05 10:00:00,INBOUND,{mood}\n" for n, mood in enumerate(("good", "bad", "", "odd")))
    desk.load_text("Contact ID,Queued At,Direction,Mood $usd\n" + lines)
    found = page(desk.workbench, Page("Mood $usd:desc", 10, columns=("contact_id", "Mood $usd")))
    assert list(found["contact_id"]) == ["3", "0", "1", "2"]
    assert logs.extra_columns(Question(desk.workbench.workspace, REPORT, Selection()), LOG) == ("Mood $usd",)


def test_options_are_the_values_of_the_range_with_counts_most_frequent_first(desk: Desk) -> None:
    rows = [contact(channel=channel) for channel in ("SMS", "CHAT", "CHAT", "CHAT", None, None)]
    desk.load(*rows, contact("2024-03-20 10:00:00", channel="EMAIL"))
    within = parsed(REPORT, {"from": ["2024-03-05"], "to": ["2024-03-05"], "channel": ["SMS"]})
    asked = Question(desk.workbench.workspace, REPORT, within)
    found = answers.options(asked, "channel")
    assert found == [("CHAT", 3), ("", 2), ("SMS", 1)]


@pytest.mark.parametrize(
    ("report", "name"), [(report.name, log.name) for report in REPORTS.values() for log in report.logs]
)
def test_the_pages_of_every_log_are_its_rows_each_once(sample: Workbench, report: str, name: str) -> None:
    question = sample.report(report, start="2026-10-20", end="2026-11-15").question
    log = question.report.tile(name)
    every = logs.log_rows(question, log, Page(limit=None))["row_id"]
    assert every.is_unique
    for offset in (0, 100, max(len(every) - 50, 0)):
        found = logs.log_rows(question, log, Page(limit=100, offset=offset))["row_id"]
        assert list(found) == list(every[offset : offset + 100])
