"""What every chart keeps to, so that a page whose numbers alone change is redrawn at once."""

import pytest

from tests.contracts.test_declarations import TILES
from workbench import Workbench, charts, queries
from workbench.drawings import Look
from workbench.reports import Report, Tile
from workbench.scope import scope
from workbench.selection import Selection

CHARTED = [(report, tile) for report, tile in TILES if charts.is_charted(tile)]
each_chart = pytest.mark.parametrize(("report", "tile"), CHARTED, ids=[f"{r.name}-{t.name}" for r, t in CHARTED])


@each_chart
def test_where_only_numbers_and_pins_change_a_chart_keeps_its_layers(
    sample: Workbench, report: Report, tile: Tile
) -> None:
    asked = Selection(preset="last_30_days", rollup="week", compare="preceding")
    rows = queries.rows(sample.workspace, scope(sample.workspace, report, asked), report, tile)
    numbers = [name for name in rows if str(name).startswith(tile.metrics) and not str(name).endswith("_rate")]
    tripled = rows.assign(**{str(name): rows[name] * 3 for name in numbers})
    before = charts.parts(report, tile, rows, Look(rollup="week"))
    pinned = next(iter(before[0].pins.values()))
    after = charts.parts(report, tile, tripled, Look(rollup="week", pinned=pinned))
    for one, other in zip(before, after, strict=True):
        assert one.layers is other.layers
        assert one.pins == other.pins
        assert not one.data.equals(other.data)


@each_chart
def test_a_chart_says_its_message_once_and_sends_only_columns_that_it_draws(
    sample: Workbench, report: Report, tile: Tile
) -> None:
    asked = scope(sample.workspace, report, Selection(preset="last_30_days", compare="preceding"))
    for drawing in charts.parts(report, tile, queries.rows(sample.workspace, asked, report, tile), Look()):
        sent = drawing.spec["datasets"]["rows"]
        assert [text for text in sent["message"] if text] == [drawing.message] == [drawing.chart.description]
        assert "cell" in sent
        assert set(sent.columns) < set(drawing.data.columns)
        assert "description" not in drawing.spec
