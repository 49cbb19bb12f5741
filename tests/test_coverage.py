"""Spans of time that loads cover: their union, what they have in common, their gaps, and what a file's name says."""

from collections.abc import Sequence
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.time import coverage
from workbench.time.coverage import Covered, Span


def march(first: int, end: int) -> Span:
    """Return the span from the morning of a day to that of another."""
    return datetime(2024, 3, first), datetime(2024, 3, end)


@pytest.mark.parametrize(
    ("spans", "union"),
    [
        ([march(1, 3), march(3, 5)], [march(1, 5)]),
        ([march(4, 5), march(1, 3)], [march(1, 3), march(4, 5)]),
        ([march(1, 9), march(2, 3)], [march(1, 9)]),
        ([march(1, 4), march(2, 6)], [march(1, 6)]),
        ([march(2, 2)], []),
        ([march(3, 1), march(5, 6)], [march(5, 6)]),
    ],
    ids=["touching", "apart", "one in the other", "overlapping", "empty", "backwards"],
)
def test_spans_that_touch_or_overlap_are_one(spans: list[Span], union: list[Span]) -> None:
    assert coverage.merged(spans) == tuple(union)


def test_spans_that_only_touch_have_nothing_in_common() -> None:
    assert coverage.common([march(1, 3), march(5, 8)], [march(3, 6), march(7, 9)]) == (march(5, 6), march(7, 8))


@pytest.mark.parametrize(
    ("spans", "gaps"),
    [
        ([], [march(2, 8)]),
        ([march(1, 9)], []),
        ([march(2, 4), march(6, 8)], [march(4, 6)]),
        ([march(3, 4)], [march(2, 3), march(4, 8)]),
    ],
    ids=["nothing", "everything", "the middle", "both ends"],
)
def test_gaps_are_what_no_span_covers_of_the_range(spans: list[Span], gaps: list[Span]) -> None:
    assert coverage.gaps(spans, march(2, 8)) == tuple(gaps)


def only(span: Span, **values: str) -> Covered:
    """Return a load that was filtered to some values, written as in an export."""
    return Covered(span, tuple((key, coverage.filter_values(text) or frozenset()) for key, text in values.items()))


LOADS = [
    Covered(march(1, 3)),
    only(march(3, 6), channel="CHAT,SMS"),
    only(march(5, 8), channel="EMAIL"),
    only(march(8, 9), channel="CHAT", inbox="Care"),
]


@pytest.mark.parametrize(
    ("selected", "touched", "whole"),
    [
        ({}, [march(1, 9)], [march(1, 3)]),
        ({"channel": ["CHAT"]}, [march(1, 6), march(8, 9)], [march(1, 6)]),
        ({"channel": ["CHAT", "SMS"]}, [march(1, 6), march(8, 9)], [march(1, 6)]),
        ({"channel": ["CHAT", "EMAIL"]}, [march(1, 9)], [march(1, 3), march(5, 6)]),
        ({"channel": ["CHAT"], "inbox": ["Care"]}, [march(1, 6), march(8, 9)], [march(1, 6), march(8, 9)]),
        ({"channel": ["CHAT"], "inbox": ["Care", "Sales"]}, [march(1, 6), march(8, 9)], [march(1, 6)]),
        ({"channel": ["FAX"]}, [march(1, 3)], [march(1, 3)]),
        ({"channel": []}, [march(1, 9)], [march(1, 3)]),
    ],
)
def test_a_selection_is_whole_where_every_value_is_covered_and_touched_where_some_are(
    selected: dict[str, list[str]], touched: list[Span], whole: list[Span]
) -> None:
    assert coverage.reach(LOADS, selected) == coverage.Reach(tuple(touched), tuple(whole))


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("ContactExport-20240301-20240331.csv", (date(2024, 3, 1), date(2024, 3, 31), None)),
        ("InboundContacts-20240301-20240301-Daily.csv", (date(2024, 3, 1), date(2024, 3, 1), "Daily")),
        ("ContactExport-20240302-20240301.csv", None),
        ("ContactExport-20240230-20240301.csv", None),
        ("ContactExport-19891231-20240301.csv", None),
        ("ContactExport-19900101-20601231.csv", (date(1990, 1, 1), date(2060, 12, 31), None)),
        ("ContactExport-120240301-20240331.csv", None),
        ("ContactExport.csv", None),
    ],
)
def test_a_files_name_gives_its_days_when_they_are_possible(name: str, period: tuple[object, ...] | None) -> None:
    assert coverage.file_period(name) == period


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("All Channels", None), ("all", None), (" All Teams ", None), ("", None), (None, None),
        ("All-Star VIP", {"All-Star VIP"}), ("Care", {"Care"}), (" Care, EMEA ,", {"Care, EMEA ,", "Care", "EMEA"}),
    ],
)  # fmt: skip
def test_a_filter_column_names_its_values_and_itself(text: str | None, values: set[str] | None) -> None:
    assert coverage.filter_values(text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("SMS, CHAT", ["CHAT", "SMS"]), ("CHAT", ["CHAT"]), ("Care, EMEA ,", ["Care", "EMEA"]), ("Care,", ["Care"]),
        (",", [","]),
    ],
)  # fmt: skip
def test_the_text_that_joins_values_is_none_of_them(text: str, values: list[str]) -> None:
    assert coverage.unjoined(coverage.filter_values(text) or frozenset()) == values


def test_a_name_with_a_comma_is_a_value_where_its_parts_are_none() -> None:
    assert coverage.unjoined(frozenset({"Care, EMEA", "Care"})) == ["Care", "Care, EMEA"]


def test_a_limited_load_asks_for_no_joined_text_unless_that_is_selected() -> None:
    only = (("channel", coverage.filter_values("CHAT, SMS") or frozenset()),)
    assert coverage.narrowed({}, only) == {"channel": ["CHAT", "SMS"]}
    assert coverage.narrowed({"channel": ("CHAT, SMS",)}, only) == {"channel": ["CHAT, SMS"]}


def test_whole_days_end_with_the_midnight_after_the_last() -> None:
    assert coverage.whole_days(date(2024, 3, 1), date(2024, 3, 2)) == march(1, 3)


def test_parts_are_what_is_covered_for_all_values_and_of_the_rest_what_is_for_some() -> None:
    chat, sms = ((("channel", frozenset({name})),) for name in ("CHAT", "SMS"))
    loads = [Covered(march(1, 4)), Covered(march(3, 6), chat), Covered(march(5, 9), chat), Covered(march(2, 3), sms)]
    assert coverage.parts(loads, march(2, 8)) == (((), (march(2, 4),)), (chat, (march(4, 8),)))
    assert coverage.parts(loads, march(9, 12)) == ()


@pytest.mark.parametrize(
    ("selected", "left"),
    [
        ({}, {"channel": ["CHAT", "SMS"]}),
        ({"channel": (), "inbox": ("Care",)}, {"channel": ["CHAT", "SMS"], "inbox": ("Care",)}),
        ({"channel": ("SMS", "EMAIL")}, {"channel": ["SMS"]}),
        ({"channel": ("EMAIL", "")}, None),
    ],
)
def test_a_limited_load_leaves_what_is_selected_of_its_values(
    selected: dict[str, tuple[str, ...]], left: dict[str, list[str]] | None
) -> None:
    assert coverage.narrowed(selected, (("channel", frozenset({"CHAT", "SMS"})),)) == left


@given(*(st.lists(st.tuples(st.integers(1, 14), st.integers(1, 14)), max_size=6) for _ in range(2)))
def test_what_two_unions_have_in_common_are_the_days_of_both(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    def days(spans: Sequence[Span]) -> set[int]:
        return {day for start, end in spans for day in range(start.day, end.day)}

    unions = [coverage.merged(march(*pair) for pair in pairs) for pairs in (one, other)]
    both = coverage.common(*unions)
    assert days(both) == days(unions[0]) & days(unions[1])
    assert coverage.merged(both) == both
