"""One selection, asked on the command line, in a notebook and of a workbook: the same rows, for every report."""

import gc
import json
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.test_cli import as_json
from tests.workbook.opened import figures, opened, table
from workbench import Workbench, places
from workbench.cli import main
from workbench.drawing import formats
from workbench.reports import REPORTS, Report, labels

DAYS = {"start": "2026-10-20", "end": "2026-11-02", "rollup": "week", "compare": "2026-09-01..2026-09-14"}
OPTIONS = ["--from", DAYS["start"], "--rollup", "week", "--compare", DAYS["compare"], "--to", DAYS["end"]]
ASKED: dict[str, tuple[str, str]] = {
    "inbound_contacts": ("channel", "CHAT"),
    "contact_export": ("channel", "PHONE_CALL"),
    "workload": ("channel", "PHONE_CALL"),
    "repeat_contacts": ("channel", "PHONE_CALL"),
    "conversations": ("closed_source", "USER"),
    "contacts": ("source", "User"),
    "assignments": ("source", "User"),
    "messaging_overview": ("currency", "USD"),
    "team_engagement": ("currency", "USD"),
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that holds the sample data."""
    path = tmp_path_factory.mktemp("faces") / "workspace.duckdb"
    workbench = Workbench(path)
    for file in sorted(places.SAMPLES.glob("*/*.csv")):
        workbench.load(file)
    workbench.close()
    return path


def by_label(header: list[Any], *rows: list[Any]) -> dict[str, list[Any]]:
    """Return the cells of a sheet by column, but for empty ones."""
    return {label: [cell for cell in cells if cell is not None] for label, *cells in zip(header, *rows, strict=True)}


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.few
def test_one_selection_gives_the_same_rows_on_every_face(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    gc.collect()  # exceptions that Altair has caught hold the frames of its callers, and the last workspace with them
    report, (key, value) = REPORTS[name], ASKED[name]
    tiles = [tile for tile in report.tiles if not tile.needs]
    workbench = Workbench(workspace)
    asked = workbench.report(name, **DAYS, **{key: value})
    silent = [tile for tile in tiles if key not in tile.entity.dimensions | tile.entity.settled]
    frames = {tile: asked.tile(tile.name) for tile in tiles if tile not in silent}
    workbench.close()
    where = ("--where", f"{key}={value}", "--workspace", str(workspace))
    for tile, frame in frames.items():
        assert main(["show", name, tile.name, *OPTIONS, *where, "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out) == as_json(frame, "week"), tile.name
    assert main(["export", name, *OPTIONS, *where, "--to", str(tmp_path / "pack.xlsx")]) == 0
    book = opened(tmp_path / "pack.xlsx")
    unit = value if key == "currency" else ""
    for tile, frame in frames.items():
        if tile.shape == "metrics":
            assert_figures(report, frame, figures(book["Summary"]))
            continue
        header, rows = table(book[tile.sheet or tile.title])
        shown = by_label(header, *rows)
        for column in map(str, frame.select_dtypes("number").columns):
            if labels.dimension(report, column) or frame[column].isna().all():
                continue  # is said in words, or is not there
            ending = " (seconds)" if formats.column_format(report, column) == "duration" else ""
            label = f"{labels.column_label(report, column, unit)}{ending}"
            assert shown[label] == pytest.approx(list(frame[column].dropna())), f"{tile.name}: {label}"


def assert_figures(report: Report, frame: pd.DataFrame, shown: dict[str, dict[str, Any]]) -> None:
    """See that every metric of a row of cards has its figures; one that is no card and has none needs no line."""
    columns = {"": "Now", "_before": "Before", "_change": "Change", "_change_rate": "Change in %"}
    cards = {*chain.from_iterable(report.cards.groups or (report.cards.metrics,))}
    for metric in (metric for metric in report.metrics if metric.name in frame):
        if metric.name not in cards and frame[metric.name].isna().all():
            continue
        for ending, column in columns.items():
            value = frame[f"{metric.name}{ending}"].iloc[0]
            assert shown[metric.label][column] == (None if pd.isna(value) else pytest.approx(value, abs=1e-6))
