"""What every chart keeps to, so that a page whose numbers alone change is redrawn at once."""

from dataclasses import replace

import pandas as pd
import pytest

from tests.contracts.test_declarations import TILES
from workbench import Workbench
from workbench.ask import answers
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.drawing import charts
from workbench.drawing.marks import FADED, Look
from workbench.reports import REPORTS, Report, Tile

CHARTED = [(report, tile) for report, tile in TILES if charts.is_charted(tile)]
each_chart = pytest.mark.parametrize(("report", "tile"), CHARTED, ids=[f"{r.name}-{t.name}" for r, t in CHARTED])


@each_chart
def test_where_only_numbers_or_pins_change_a_chart_keeps_its_layers(
    sample: Workbench, report: Report, tile: Tile
) -> None:
    asked = Selection(preset="last_30_days", rollup="week", compare="preceding")
    rows = answers.rows(Question(sample.workspace, report, asked), tile)
    numbers = [name for name in rows if str(name).startswith(tile.metrics) and not str(name).endswith("_rate")]
    has_sums = len(tile.dimensions) > 1 and ("over_time" in tile.shape or tile.shape == "heat_map")
    factor = 3 if has_sums else list(range(len(rows), 0, -1))  # keeps ranks
    other_rows = rows.assign(**{str(name): rows[name] * factor for name in numbers})
    look = Look(rollup="week")
    one, other = charts.drawn(report, tile, rows, look), charts.drawn(report, tile, other_rows, look)
    dimmed = charts.drawn(report, tile, rows, replace(look, pinned=next(iter(one.pins.values()))))
    assert one.layers is other.layers is dimmed.layers
    assert one.rows != other.rows
    assert ({row["strength"] for row in dimmed.rows if "cell" in row} == {1.0, FADED}) == (len(one.pins) > 1)
    assert any(row.get("is_pinned") for row in dimmed.rows)


@each_chart
def test_a_chart_says_its_message_once_and_sends_only_columns_that_it_draws(
    sample: Workbench, report: Report, tile: Tile
) -> None:
    asked = Question(sample.workspace, report, Selection(preset="last_30_days", compare="preceding"))
    drawing = charts.drawn(report, tile, answers.rows(asked, tile), Look())
    sent = drawing.spec["datasets"]["rows"]
    assert [text for text in sent["message"] if text] == [drawing.message] == [drawing.chart.description]
    assert "cell" in sent
    assert set(sent.columns) < set().union(*drawing.rows)
    assert "description" not in drawing.spec


@each_chart
def test_what_is_drawn_is_compared_on_its_page_too(sample: Workbench, report: Report, tile: Tile) -> None:
    asked = Question(sample.workspace, report, Selection(preset="last_30_days", compare="preceding"))
    rows = answers.rows(asked, tile)
    on_page = answers.rows(asked, tile, compared=charts.compared(report, tile))
    whole, shown = (charts.drawn(report, tile, found, Look()) for found in (rows, on_page))
    assert whole.layers is shown.layers
    assert whole.spec["datasets"]["rows"].equals(shown.spec["datasets"]["rows"])


def test_values_that_are_called_the_same_have_a_bar_each() -> None:
    report = REPORTS["inbound_contacts"]
    rows = pd.DataFrame({"inbox": ["No inbox", None, "Stores"], "inbound_contacts": [5, 3, 1]})
    drawn = charts.drawn(report, report.tile("by_inbox"), rows, Look())
    assert len({row["label"] for row in drawn.rows}) == len(drawn.pins) == 3
    assert [row["label"].strip("\u200b") for row in drawn.rows] == ["No inbox", "No inbox", "Stores"]


def test_a_number_that_is_missing_is_drawn_as_such() -> None:
    report = REPORTS["inbound_contacts"]
    rows = pd.DataFrame({"channel": ["CHAT", "SMS"], "inbound_contacts": [None, None], "share": [float("nan")] * 2})
    drawn = charts.drawn(report, report.tile("by_channel"), rows, Look())
    assert [row["number"] for row in drawn.rows] == ["–\u2002\u2002–"] * 2
