"""The notebook's face: load, ask, chart, rows, SQL, Excel; and the quickstart runs."""

from datetime import date
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.builders import Desk, activity, contact, plain
from workbench import Workbench
from workbench.errors import BadSelection, UnknownName

ROOT = Path(__file__).parents[1]


def test_the_quickstart_runs_from_top_to_bottom(tmp_path: Path) -> None:
    notebook = nbformat.read(ROOT / "notebooks" / "quickstart.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
    assert any(cell.cell_type == "code" and cell.outputs for cell in notebook.cells)


def test_a_workbench_keeps_its_file_and_lets_go_of_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Workbench(tmp_path / "contacts.duckdb"))
    desk.load(contact())
    desk.workbench.close()
    again = Workbench(str(tmp_path / "contacts.duckdb"))
    assert again.report("inbound_contacts").tile("totals")["inbound_contacts"].iloc[0] == 1
    again.close()


def test_a_load_says_what_its_warnings_mean_for_the_numbers(desk: Desk) -> None:
    row = contact()
    desk.load(row)
    assert [(remark.warning, remark.means) for remark in desk.load(row).remarks] == [
        ("Nothing changed: every row was loaded before", "every number is what it was")
    ]


def test_dates_and_values_can_be_texts_dates_one_or_several(desk: Desk) -> None:
    desk.load(
        contact("2024-03-05 10:00:00"), contact("2024-03-06 10:00:00", channel="SMS"), contact("2024-03-07 10:00:00")
    )
    one = desk.tile("totals", start="2024-03-05", end="2024-03-06", channel="CHAT")
    assert one == desk.tile("totals", start=date(2024, 3, 5), end=date(2024, 3, 6), channel=["CHAT"])
    assert one[0]["inbound_contacts"] == 1


def test_the_rows_behind_a_cell_are_its_contacts(desk: Desk) -> None:
    desk.load(contact(contact_id="a"), contact(contact_id="b", channel=None), contact(contact_id="c", channel="SMS"))
    report = desk.workbench.report("inbound_contacts")
    assert list(report.rows("by_channel", channel="SMS")["contact_id"]) == ["c"]
    assert list(report.rows("by_channel", channel=None)["contact_id"]) == ["b"]
    assert list(report.rows("by_period", period="2024-03-05")["contact_id"]) == ["c", "b", "a"]
    assert len(report.rows("totals")) == 3


def test_a_dimension_that_a_tile_does_not_have_is_refused(desk: Desk) -> None:
    desk.load(contact())
    report = desk.workbench.report("inbound_contacts")
    with pytest.raises(UnknownName, match=r"no dimension of by_channel 'inbox'. Try one of: channel"):
        report.rows("by_channel", inbox="Care")
    with pytest.raises(UnknownName, match="no tile of inbound_contacts 'by_agent'"):
        report.tile("by_agent")
    with pytest.raises(UnknownName, match="no report 'weather'"):
        desk.workbench.report("weather")


def test_the_sql_of_a_tile_gives_its_rows(desk: Desk) -> None:
    desk.load(contact(), contact(channel="O'Hara $from"))
    report = desk.workbench.report("inbound_contacts", channel=["CHAT", "O'HARA $FROM"])
    with desk.workbench.workspace.cursor() as cursor:
        assert cursor.execute(report.sql("by_channel")).df().equals(report.tile("by_channel"))
    assert "$channel" not in report.sql("by_channel")


@pytest.mark.parametrize("tile", ["by_period", "by_channel", "by_inbox"])
def test_a_chart_holds_the_numbers_of_its_tile(sample: Workbench, tile: str) -> None:
    chart = str(sample.report("inbound_contacts", rollup="month").chart(tile).to_dict())
    rows = plain(sample.report("inbound_contacts", rollup="month").tile(tile))
    assert all(str(row["inbound_contacts"]) in chart for row in rows[:3])


def test_a_report_becomes_a_workbook(desk: Desk, tmp_path: Path) -> None:
    desk.load(contact())
    report = desk.workbench.report("inbound_contacts")
    assert report.to_excel(tmp_path / "pack.xlsx") == tmp_path / "pack.xlsx"
    assert (tmp_path / "pack.xlsx").stat().st_size > 1_000
    with pytest.raises(BadSelection, match="There is no folder"):
        report.to_excel(tmp_path / "nowhere" / "pack.xlsx")
    with pytest.raises(BadSelection, match="has no format"):
        report.to_excel(tmp_path / "pack.doc")


def test_a_tile_that_a_filter_cannot_apply_to_is_refused(desk: Desk) -> None:
    desk.load_kind("respondio_contacts_added", activity("added"))
    with pytest.raises(BadSelection, match="not applicable here"):
        desk.ask("contacts", "added_by_source", channel="WhatsApp")


@pytest.mark.parametrize("tile", ["connected_by_period", "connected_by_channel"])
def test_a_chart_of_nothing_is_refused(desk: Desk, tile: str) -> None:
    desk.load_kind("respondio_contacts_added", activity("added"))
    with pytest.raises(BadSelection, match="no applicable data"):
        desk.workbench.report("contacts").chart(tile)
