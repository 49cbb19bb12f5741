"""What is drawn where nothing is loaded: hatched space with the words, and lines that break there."""

from base64 import b64decode
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit, Visiting
from tests.builders import contact, written
from workbench import Workbench

pytestmark = pytest.mark.browser

LOADED = ("2025-05", "2025-06", "2026-01", "2026-02")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace into which two months are loaded, and two others half a year later."""
    folder = tmp_path_factory.mktemp("gaps")
    workbench = Workbench(folder / "workspace.duckdb")
    for n, month in enumerate(LOADED, 1):
        last = {"2025-05": 31, "2025-06": 30, "2026-01": 31, "2026-02": 28}[month]
        rows = [
            contact(f"{month}-{day:02} 10:00:00", queued_to_fulfilled_seconds=f"{n * 60}") for day in range(1, n + 2)
        ]
        name = f"ContactExport-{month.replace('-', '')}01-{month.replace('-', '')}{last}.csv"
        workbench.load(written(folder / name, rows))
    workbench.close()
    return folder


def middle(shape: Locator) -> float:
    """Return how far to the right the middle of a shape stands."""
    box = shape.bounding_box()
    assert box
    return box["x"] + box["width"] / 2


def pieces(line: Locator) -> int:
    """Return of how many pieces a line is made."""
    return (line.get_attribute("d") or "").count("M")


def opened(visiting: Visiting, scheme: str) -> Visit:
    person = visiting(color_scheme=scheme).open("contact_export?preset=all&rollup=month")
    person.shows("14")
    return person


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_months_that_are_not_loaded_are_hatched_space_in_which_lines_break(visiting: Visiting, scheme: str) -> None:
    person = opened(visiting, scheme)
    chart = person.part("wait_by_period-chart")
    words = chart.get_by_text("not loaded", exact=True)
    expect(words.first).to_be_visible()
    july, december = (middle(chart.get_by_text(label, exact=True)) for label in ("Jul 2025", "Dec 2025"))
    assert middle(words.first) == pytest.approx((july + december) / 2, abs=2)
    step = (december - july) / 5
    hatching = [middle(line) for line in chart.locator("g.mark-rule.role-mark line[stroke-width='1']").all()]
    assert len(hatching) > 30
    assert july - 0.6 * step < min(hatching) < july < december < max(hatching) < december + 0.6 * step
    for drawn in ("g.mark-line path[stroke-width='2.4']", "g.mark-area path[fill]"):
        shapes = [pieces(shape) for shape in chart.locator(drawn).all() if shape.get_attribute("d")]
        assert shapes == [2], drawn


def test_sparklines_break_where_nothing_is_loaded(visiting: Visiting) -> None:
    person = opened(visiting, "light")
    sparkline = person.page.locator("img.small-line").first
    expect(sparkline).to_be_attached()
    drawn = b64decode(str(sparkline.get_attribute("src")).partition("base64,")[2]).decode()
    assert drawn.count("M") == 2
