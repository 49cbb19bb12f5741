"""What every tile promises without code of its own: filters take away, rollups change nothing, links say it all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlencode

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import Workbench
from workbench.ask import answers
from workbench.ask.question import Question
from workbench.ask.selection import MISSING, ROLLUPS, Pin, Selection, parsed, pin_keys, pin_of
from workbench.reports import PERIOD, REPORTS, Report, Tile

PINNABLE = [
    pytest.param(report, tile, id=f"{report.name}-{tile.name}")
    for report in REPORTS.values()
    for tile in report.tiles
    if tile.metrics and tile.optional_kind is None
]
DAYS = st.dates(date(2026, 8, 15), date(2026, 11, 18))


def options(sample: Workbench, report: Report, key: str) -> list[str]:
    """Return the values that the sample has of a filter."""
    everything = Question(sample.workspace, report, Selection())
    return [value for value, _ in answers.options(everything, key)]


def drawn(data: st.DataObject, sample: Workbench, report: Report, rollups: Sequence[str] = ROLLUPS) -> Selection:
    """Return a random selection: dates, rollup, a filter, and no pin, that of a cell, or that of the last few cells.

    Nothing is drawn from what the sample holds, so that what is drawn does not depend on an order of equals.
    """
    first, last = sorted((data.draw(DAYS), data.draw(DAYS)))
    selection = Selection(first, last, rollup=data.draw(st.sampled_from(rollups)), compare="preceding")
    return with_a_pin(data, sample, report, with_a_filter(data, sample, report, selection))


def with_a_filter(data: st.DataObject, sample: Workbench, report: Report, selection: Selection) -> Selection:
    keys = [dimension.key for dimension in report.filters if not dimension.is_typed]
    if not keys:
        return selection
    key = data.draw(st.sampled_from(keys))
    places, known = data.draw(st.lists(st.integers(0, 9), unique=True, max_size=3)), options(sample, report, key)
    values = tuple(dict.fromkeys(known[place % len(known)] for place in places if known))
    return replace(selection, filters=((key, values),) if values else ())


def with_a_pin(data: st.DataObject, sample: Workbench, report: Report, selection: Selection) -> Selection:
    tiles = [t for t in report.tiles if t.metrics and t.dimensions and not t.optional_kind]
    if not tiles:
        return selection
    tile = data.draw(st.sampled_from(tiles))
    picked = data.draw(st.sampled_from([slice(0), slice(1), slice(-4, None)]))
    rows = cells(sample, report, tile, selection)[picked]
    return replace(selection, pins=(pin_of(report, tile, rows),) if len(rows) else ())


def cells(sample: Workbench, report: Report, tile: Tile, selection: Selection) -> pd.DataFrame:
    return answers.rows(Question(sample.workspace, report, selection), tile)


@pytest.mark.parametrize(("report", "tile"), PINNABLE)
@given(data=st.data())
@settings(max_examples=3)
@pytest.mark.few
def test_a_filter_or_pin_only_takes_away_from_the_counts_of_a_tile(
    sample: Workbench, report: Report, tile: Tile, data: st.DataObject
) -> None:
    selection = drawn(data, sample, report)
    bare = replace(selection, filters=(), pins=())
    few, all_ = (keyed(report, tile, cells(sample, report, tile, asked)) for asked in (selection, bare))
    assert set(few.index) <= set(all_.index)
    for name in tile.metrics:
        # Agents that are planned, and half hours that were, are no counts of rows.
        if report.metric(name).format == "count" and not tile.entity.looks_back:
            assert (few[name].fillna(0) <= all_[name].reindex(few.index).fillna(0)).all(), name


def keyed(report: Report, tile: Tile, rows: pd.DataFrame) -> pd.DataFrame:
    """Return a tile's rows by the pins that they are."""
    return rows.set_axis(pd.Index([str(pin_of(report, tile, rows.iloc[[n]])) for n in range(len(rows))]))


@pytest.mark.parametrize(
    ("report", "tile"), [param for param in PINNABLE if PERIOD.key not in param.values[1].dimensions]
)
@given(data=st.data())
@settings(max_examples=2)
def test_what_has_no_period_does_not_depend_on_the_rollup(
    sample: Workbench, report: Report, tile: Tile, data: st.DataObject
) -> None:
    selection = drawn(data, sample, report, ["day"])
    selection = replace(selection, pins=tuple(pin for pin in selection.pins if PERIOD.key not in pin_keys(pin)))
    by_day = cells(sample, report, tile, selection)
    for rollup in ("half_hour", "month"):
        pd.testing.assert_frame_equal(cells(sample, report, tile, replace(selection, rollup=rollup)), by_day)


TEXTS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.just(MISSING), min_size=1, max_size=3,
    unique=True,
)  # fmt: skip


@st.composite
def pinned(draw: st.DrawFn, report: Report) -> Selection:
    """Return a selection with a pin for some of the report's tiles, of any values, in any order."""
    found: dict[frozenset[str], Pin] = {}
    for tile in draw(st.permutations([tile for tile in report.tiles if tile.dimensions])):
        if draw(st.booleans()):
            keys = [dimension for dimension in report.pinnable if dimension.key in tile.dimensions]
            found[frozenset(tile.dimensions)] = tuple((d.key, tuple(draw(values(d.key, d.is_enum)))) for d in keys)
    return Selection(pins=tuple(found.values()), rows_of=draw(st.sampled_from(["", report.metrics[0].name])))


def values(key: str, is_enum: bool) -> st.SearchStrategy[list[str]]:
    """Return lists of what rows could hold of a dimension."""
    if key == PERIOD.key:
        starts = st.datetimes(pd.Timestamp("2026-01-01"), pd.Timestamp("2027-01-01"))
        return st.lists(starts.map(lambda at: at.replace(microsecond=0).isoformat(sep=" ")), min_size=1, unique=True)
    if key in ("weekday", "hour", "days"):
        return st.lists(st.integers(0, 23).map(str) | st.just(MISSING), min_size=1, unique=True)
    return TEXTS.map(lambda texts: list(dict.fromkeys(text.upper() for text in texts))) if is_enum else TEXTS


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
@given(data=st.data())
@settings(max_examples=100)
def test_a_link_keeps_every_pin_and_the_order_in_which_they_were_made(report: Report, data: st.DataObject) -> None:
    selection = data.draw(pinned(report))
    query = parse_qs(urlencode(selection.as_query(), doseq=True), keep_blank_values=True)
    assert parsed(report, query) == selection


CARDS = [(report, tile) for report in REPORTS.values() for tile in report.tiles if tile.shape == "metrics"]


@pytest.mark.parametrize(("report", "tile"), CARDS, ids=[report.name for report, _ in CARDS])
def test_cards_are_read_period_by_period_and_what_adds_up_does(sample: Workbench, report: Report, tile: Tile) -> None:
    asked = Question(sample.workspace, report, Selection(date(2026, 10, 1), date(2026, 10, 31), rollup="week"))
    found, (totals,) = answers.over_time(asked, tile), answers.rows(asked, tile).to_dict("records")
    assert set(found.columns) >= {"period", *tile.metrics}
    if report.name == "contacts":  # its cards go by the periods of each log themselves
        assert found.empty
        return
    assert len(found) == 5
    for name in tile.metrics:
        is_level = tile.entity.lasts and name == "open_at_end"  # of a period's end, and of the last one's at that
        if report.metric(name).is_additive and report.metric(name).format == "count" and not is_level:
            assert found[name].sum() == totals[name] > 0
