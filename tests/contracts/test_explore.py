"""What is explored is what the tile of the same dimensions says, wherever one exists, and is a tile like any other."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from workbench import Workbench, places
from workbench.ask import answers, explore
from workbench.ask.logs import log_count
from workbench.ask.question import Question
from workbench.ask.selection import Exploration, Selection, cell_rows, parsed
from workbench.drawing import charts
from workbench.drawing.marks import Look
from workbench.errors import BadSelection, UnknownName
from workbench.reports import REPORTS, Report, Tile

ASKED = Selection(date(2026, 10, 20), date(2026, 11, 8), rollup="week")
SELECTIONS = (ASKED, replace(ASKED, compare="preceding", rollup="day"), replace(ASKED, timezone="America/New_York"))
each_report = pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))


def answered(sample: Workbench, report: Report, selection: Selection, explored: Exploration) -> pd.DataFrame:
    """Return the rows of what is explored."""
    asked = explore.asked(Question(sample.workspace, report, replace(selection, explored=explored)))
    return answers.rows(asked, asked.report.tiles[0])


def alike(sample: Workbench, report: Report) -> Iterator[tuple[Tile, Exploration]]:
    """Give tiles with the explorations of the same dimensions, three metrics at a time."""
    known = explore.metrics(sample.workspace, report)
    for tile in report.tiles:
        named = [name for name in tile.metrics if name in known]
        for at in range(0, len(named), explore.MOST_METRICS):
            names = tuple(named[at : at + explore.MOST_METRICS])
            groups = explore.dimensions(sample.workspace, report, [known[name] for name in names])
            if tile.dimensions and set(tile.dimensions) <= groups.keys() and not (tile.needs or tile.optional_kind):
                yield tile, Exploration(names, tile.dimensions)


@pytest.mark.parametrize("selection", SELECTIONS, ids=["alone", "compared", "elsewhere"])
@each_report
@pytest.mark.few
def test_what_is_explored_equals_the_tile_of_the_same_dimensions(
    sample: Workbench, report: Report, selection: Selection
) -> None:
    """Rows that a tile leaves out have nothing in them: a queue that sent no message."""
    found = list(alike(sample, report))
    for tile, explored in found:
        keys = list(explored.by)
        own = answers.rows(Question(sample.workspace, report, selection), tile)
        if tile.compares_itself:  # which has rows for what the range before had alone
            own = own[own[tile.metrics[0]] > 0]
        rows = answered(sample, report, selection, explored)
        columns = [name for name in rows.columns if name in own.columns]
        matched = own[columns].merge(rows, how="left", on=keys, suffixes=("", ":explored"), indicator=True)
        assert (matched["_merge"] == "both").all(), (tile.name, explored)
        for name in columns[len(keys) :]:
            theirs = matched[f"{name}:explored"].astype("float64")
            pd.testing.assert_series_equal(theirs, matched[name].astype("float64"), check_names=False)
        others = rows.merge(own[keys], how="left", on=keys, indicator=True)
        more = others[others["_merge"] == "left_only"]
        assert not more[list(explored.metrics)].fillna(0).to_numpy().any(), (tile.name, explored)
    assert len(found) > 1 or report.name in ("contacts", "workload")  # whose figures stand on cards alone


@each_report
@pytest.mark.few
def test_the_values_of_each_dimension_add_up_to_the_cards(sample: Workbench, report: Report) -> None:
    question = Question(sample.workspace, report, ASKED)
    cards = answers.rows(question, report.tile("totals")).iloc[0]
    known = explore.metrics(sample.workspace, report)
    for name in (name for name in report.tile("totals").metrics if name in known and known[name].is_additive):
        for key in explore.dimensions(sample.workspace, report, [known[name]]):
            rows = answered(sample, report, ASKED, Exploration((name,), (key,)))
            assert rows[name].sum() == pytest.approx(cards[name]), (name, key)


@each_report
@pytest.mark.few
def test_every_metric_of_the_cards_and_every_pair_of_dimensions_can_be_explored(
    sample: Workbench, report: Report
) -> None:
    known = explore.metrics(sample.workspace, report)
    assert {*report.tile("totals").metrics} - {*known} == ({"peak_open"} if report.main.lasts else set())
    assert not {"contribution_seconds", "contacts_per_occurrence", "median", "n"} & known.keys()
    for metric in known.values():
        groups = list(explore.dimensions(sample.workspace, report, [metric]))
        for first, second in zip(groups, [*groups[1:], groups[0]], strict=True):
            explored = Exploration((metric.name,), (first, second))
            rows = answered(sample, report, ASKED, explored)
            assert not rows.duplicated([first, second]).any()


def test_its_cells_open_their_rows(sample: Workbench) -> None:
    report = REPORTS["contact_export"]
    asked = replace(
        ASKED, explored=Exploration(("inbound", "average_queued_to_fulfilled_seconds"), ("agent", "status"))
    )
    question = explore.asked(Question(sample.workspace, report, asked))
    rows = answers.rows(question, question.report.tiles[0])
    assert len(rows) > 20
    for row in rows.head(8).to_dict("records"):
        cell = {key: ["" if pd.isna(row[key]) else row[key]] for key in ("agent", "status")}
        shown = question.asking(cell_rows(question.report, asked, cell, "inbound"))
        assert log_count(shown, question.report.log) == row["inbound"]


def test_it_follows_filters_and_other_pins_and_keeps_its_values_under_its_own(sample: Workbench) -> None:
    report, explored = REPORTS["contact_export"], Exploration(("contacts",), ("agent",))
    plain = answered(sample, report, ASKED, explored)
    own, other = (("agent", (str(plain["agent"].dropna().iloc[0]),)),), (("channel", ("CHAT",)),)
    pd.testing.assert_frame_equal(answered(sample, report, replace(ASKED, pins=(own,)), explored), plain)
    pinned = answered(sample, report, replace(ASKED, pins=(own, other)), explored)
    pd.testing.assert_frame_equal(pinned, answered(sample, report, replace(ASKED, filters=other), explored))
    assert pinned["contacts"].sum() < plain["contacts"].sum()


def test_a_link_holds_all_of_it() -> None:
    explored = Exploration(("contacts", "inbound"), ("channel", "period"), "table")
    asked = replace(ASKED, explored=explored)
    assert parsed(REPORTS["contact_export"], asked.as_query()) == asked


@pytest.mark.parametrize(
    ("metrics", "by", "shape", "said"),
    [
        ((), ("channel",), "", "Explore one to three figures"),
        (("contacts", "inbound", "outbound", "answered_rate"), ("channel",), "", "Explore one to three figures"),
        (("contacts",), (), "", "Explore by one or two of: period, channel"),
        (("contacts",), ("channel", "status", "agent"), "", "Explore by one or two of"),
        (("mix_seconds",), ("channel",), "", "contacts, inbound"),
        (("nothing",), ("channel",), "", "contacts, inbound"),
        (("contacts",), ("duration",), "", "period, channel"),
        (("contacts",), ("colour",), "", "period, channel"),
        (("contacts",), ("channel",), "pie", "bars, ring"),
        (
            ("median_queued_to_fulfilled_seconds",),
            ("channel",),
            "ring",
            "cannot be drawn as ring. Choose bars or table",
        ),
        (("contacts",), ("period",), "heat_map", "Choose bars or lines or table"),
    ],
)
def test_what_cannot_be_explored_is_refused_with_what_would_work(
    sample: Workbench, metrics: tuple[str, ...], by: tuple[str, ...], shape: str, said: str
) -> None:
    with pytest.raises((BadSelection, UnknownName), match=said):
        answered(sample, REPORTS["contact_export"], ASKED, Exploration(metrics, by, shape))


def test_a_metric_that_a_dimension_says_nothing_about_is_not_explored_by_it(sample: Workbench) -> None:
    with pytest.raises(UnknownName, match="period, user, source"):
        answered(sample, REPORTS["contacts"], ASKED, Exploration(("contacts_added",), ("channel",)))
    rows = answered(sample, REPORTS["contacts"], ASKED, Exploration(("contacts_connected",), ("channel",)))
    assert len(rows) > 2


def test_a_period_that_no_load_of_its_log_covers_is_no_zero(sample: Workbench) -> None:
    """Nor is one of another log's: of one that is not loaded nothing is known."""
    alone = Workbench()
    for file in sorted(places.SAMPLES.glob("respondio/*s[AD]*ed-*.csv")):  # of those added and deleted
        alone.load(file)
    explored = Exploration(("contacts_added", "contacts_connected"), ("period",))
    rows = answered(alone, REPORTS["contacts"], Selection(), explored)
    assert rows["contacts_connected"].isna().all()
    assert rows["contacts_added"].sum() > 0
    alone.close()


@pytest.mark.parametrize(
    ("metric", "by", "shape", "others"),
    [
        ("contacts", ("agent",), "bars", 1),
        ("contacts", ("agent",), "ring", 1),
        ("average_talk_seconds", ("agent",), "bars", 1),
        ("contacts", ("agent", "inbox"), "heat_map", 1),
        ("answered_rate", ("agent", "inbox"), "heat_map", 0),
    ],
)
def test_charts_show_twelve_values_and_the_others_together(
    sample: Workbench, metric: str, by: tuple[str, ...], shape: str, others: int
) -> None:
    """And a pin for each mark, the others' of all the values that it stands for; its size only where they add up."""
    report = REPORTS["contact_export"]
    asked = replace(ASKED, explored=Exploration((metric,), by, shape))
    question = explore.asked(Question(sample.workspace, report, asked))
    tile = question.report.tiles[0]
    rows = answers.rows(question, tile)
    drawing = charts.drawn(question.report, tile, rows, Look())
    agents = {values for pin in drawing.pins.values() for key, values in pin if key == "agent"}
    assert sorted(map(len, agents))[:12] == [1] * 12
    assert len(agents) == 12 + others or (others and shape == "heat_map")
    if others and report.metric(metric).is_additive:
        drawn = [row.get("size", row.get(metric)) for row in drawing.rows]
        assert sum(drawn) == rows[metric].sum()
        assert max(map(len, agents)) > 1


def test_what_a_notebook_names_twice_is_explored_once(sample: Workbench) -> None:
    found = sample.explore("contact_export", ["contacts", "inbound", "contacts"], ["inbox", "inbox"])
    assert list(found) == ["inbox", "contacts", "inbound"]
