"""One cell of very many changes, and all that pages keep and files hand over follows (guarantee 13)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import python_calamine
import streamlit as st

from tests.builders import Desk, plain
from workbench import Workbench, workbook
from workbench.ask.logs import Page
from workbench.ask.question import Question
from workbench.progress import Progress
from workbench.reports import REPORTS
from workbench.ui import results
from workbench.workbook import FileFormat

REPORT = REPORTS["inbound_contacts"]
COLUMNS = ("contact_id", "channel")
HEADER = "Contact ID,Queued At,Direction,Channel,Inbox When First Queued,Customer ID\n"
REPORTED = (
    "Timezone Filter,Channel Filter,Inboxes Filter,Date,Inbound Contacts,Customers,Avg. Inbound Contacts per Customer\n"
    "UTC,All Channels,All Inboxes,2024-03-05,9,9,1\n"
)
FORMATS: tuple[FileFormat, ...] = ("csv", "csv_exact", "parquet", "xlsx")


def contact(number: int, direction: str = "INBOUND") -> str:
    channel = "CHAT" if number % 3 else "SMS"
    return f"c{number:06},2024-03-05 10:{number % 60:02}:00,{direction},{channel},Care,customer-{number // 2}\n"


def asked(desk: Desk) -> Question:
    """Return what a page asks when it is drawn."""
    return desk.workbench.report(REPORT.name, start="2024-03-05", end="2024-03-05").question


def kept(question: Question) -> dict[str, Any]:
    """Return what a page has of every tile, of those that are kept where they were asked for before."""
    tiles = {tile.name: plain(results.rows(question, tile)) for tile in REPORT.tiles if not tile.log}
    return tiles | {
        "log": plain(results.log_rows(question, REPORT.log, Page("contact_id", limit=50, columns=COLUMNS))),
        "rows of the log": results.log_count(question, REPORT.log, ""),
        "values of a filter": results.options(question, "channel"),
    }


def exported(question: Question, format: FileFormat) -> set[str]:
    """Return the contacts that an export holds."""
    tile = None if format == "xlsx" else REPORT.log
    export = workbook.Export(question, tile, format, Page(columns=COLUMNS), columns=(("log", COLUMNS),))
    path = workbook.prepare(export, Progress()).path
    return set(_contacts(path)["Contact ID" if format == "xlsx" else "contact_id"])


def _contacts(path: Path) -> pd.DataFrame:
    match path.suffix:
        case ".csv":
            return pd.read_csv(path)
        case ".parquet":
            return pd.read_parquet(path)
    header, *rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Contacts").to_python()
    return pd.DataFrame(rows, columns=header)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A workbench in a file: what pages keep is kept by its path."""
    workbench = Workbench(tmp_path / "workspace.duckdb")
    yield Desk(tmp_path, workbench)
    workbench.close()


@pytest.mark.parametrize("number", [5_000, pytest.param(500_000, marks=pytest.mark.long)])
def test_one_cell_changes_and_every_tile_and_every_export_follows(desk: Desk, number: int) -> None:
    desk.load_text(HEADER + "".join(map(contact, range(number))), name="ContactExport-20240305-20240305.csv")
    desk.load_text(REPORTED, name="InboundContacts-20240305-20240305-Daily.csv")
    before, files = kept(asked(desk)), {format: exported(asked(desk), format) for format in FORMATS}
    outcome = desk.load_text(HEADER + contact(7, "OUTBOUND"), name="ContactExport-20240305-20240305.csv")
    assert (outcome.rows_read, outcome.rows_updated) == (1, 1)
    after = kept(asked(desk))
    assert [name for name in before if after[name] == before[name]] == []
    assert after["totals"][0]["inbound_contacts"] == number - 1
    for format, contacts in files.items():
        assert contacts - exported(asked(desk), format) == {"c000007"}
        assert len(contacts) == number
    st.cache_data.clear()
    assert after == kept(asked(desk))
