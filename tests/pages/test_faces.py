"""One selection through page, command line, notebook and workbook: the same numbers, and the same sources."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import streamlit as st
from pyarrow import parquet
from streamlit.testing.v1 import AppTest

from tests.browser.expected import in_order
from tests.builders import plain
from tests.workbook.opened import figures
from tests.workbook.opened import files as sources
from tests.workbook.opened import said as told
from workbench import Workbench
from workbench.cli import main
from workbench.drawing import formats
from workbench.intake.signature import ABOUT_METADATA
from workbench.reports import REPORTS
from workbench.ui import results, tables

Opened = Callable[..., AppTest]
Loaded = Callable[..., None]

SAMPLES = Path(__file__).parents[2] / "sample_data"
DAYS = {"start": "2026-10-20", "end": "2026-11-10"}
GLADLY, LEXER = ("ContactExport", "GladlyCustomerMerges"), ("LexerMessages", "LexerOrders", "LexerCustomerMerges")


@dataclass(frozen=True)
class Case:
    """A report's folder of samples, a filter of it, and how the files are called that its numbers rest on."""

    report: str
    folder: str
    key: str
    value: str
    files: tuple[str, ...]
    unit: str = ""


CASES = (
    Case("inbound_contacts", "gladly", "channel", "SMS", (*GLADLY, "InboundContacts")),
    Case("contact_export", "gladly", "channel", "PHONE_CALL", (*GLADLY, "ContactSummary")),
    Case("contacts", "respondio", "source", "User",
         ("ContactsAdded", "ContactsConnected", "ContactsDeleted", "ContactsMerged", "Users")),
    Case("assignments", "respondio", "source", "Workflow", ("Assignments", "Users")),
    Case("messaging_overview", "lexer", "queue", "Birthday", LEXER, "USD"),
    Case("team_engagement", "lexer", "queue", "Birthday", LEXER, "USD"),
)  # fmt: skip


def named(case: Case, files: list[Path]) -> list[str]:
    """Return the files that must be named, each with its loads: the first file was loaded once more, as the last."""
    loads = {name: [n for n, file in enumerate(files, 1) if file.name.startswith(name)] for name in case.files}
    names = {name: next(file.name for file in files if file.name.startswith(name)) for name in case.files}
    return [
        f"{names[name]} ({'load' if len(ids) == 1 else 'loads'} {' and '.join(map(str, ids))})"
        for name, ids in loads.items()
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.report)
@pytest.mark.few
def test_every_face_gives_the_same_numbers_and_names_the_same_sources(
    case: Case, opened: Opened, loaded: Loaded, workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = sorted((SAMPLES / case.folder).glob("*.csv"))
    files += [next(file for file in files if file.name.startswith(case.files[0]))]
    loaded(*files)
    wanted, report = named(case, files), REPORTS[case.report]

    notebook = Workbench(workspace)
    asked = notebook.report(case.report, **DAYS, **{case.key: case.value})  # type: ignore[arg-type]
    totals = asked.tile("totals")
    found = asked.sources
    asked.to_excel(tmp_path / "pack.xlsx")
    notebook.close()
    assert [f"{file} ({'load' if len(ids) == 1 else 'loads'} {' and '.join(map(str, ids))})"
            for file, ids in zip(found["file"], found["loads"], strict=True)] == wanted  # fmt: skip

    options = ["--from", DAYS["start"], "--where", f"{case.key}={case.value}", "--to", DAYS["end"]]
    assert main(["show", case.report, "totals", "--format", "json", *options]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == plain(totals)
    assert all(name in shown.err for name in wanted)
    assert shown.err.count(".csv") == len(wanted)

    book = openpyxl.load_workbook(tmp_path / "pack.xlsx")
    assert {file for file, *_ in sources(book["Cover"])} == {name.partition(" (")[0] for name in wanted}
    assert ("Customers" in dict(told(book["Cover"]))) == (case.folder != "respondio")
    shown_figures = figures(book["Summary"])
    cards = {*chain.from_iterable(report.tile("totals").groups)} or {*report.tile("totals").metrics}
    assert {report.metric(name).label for name in cards} <= shown_figures.keys()
    for name in [name for name in report.tile("totals").metrics if report.metric(name).label in shown_figures]:
        value = totals[name].iloc[0]
        figure = shown_figures[report.metric(name).label]
        assert figure["Now"] == (None if pd.isna(value) else pytest.approx(value, abs=1e-6))
        assert figure["In words"].startswith(formats.metric(value, report.metric(name), case.unit))

    target = tmp_path / "log.parquet"
    log = report.tile("totals").name
    assert main(["export", case.report, "--tile", log, *options, "--to", str(target)]) == 0
    about = json.loads(parquet.read_metadata(target).metadata[ABOUT_METADATA.encode()])
    assert [text.partition(": ")[2] for label, text in about if label == "File"] == wanted

    app = opened(case.report, from_=DAYS["start"], to=DAYS["end"], compare="none", **{case.key: case.value})
    assert not app.exception
    assert [card.value for card in app.metric][: len(report.tile("totals").metrics)] == [
        formats.metric(totals[name].iloc[0], report.metric(name), case.unit) for name in in_order(report)
    ]
    (line,) = [caption for caption in app.caption if f" · {len(wanted)} files" in caption.value]
    told_names = [text.strip() for text in line.help.replace("\\", "").split("    - ")[1:]]
    assert sorted(text.splitlines()[0] for text in told_names) == sorted(wanted)


def test_merges_are_no_source_of_figures_as_exported(
    opened: Opened, loaded: Loaded, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded(*sorted((SAMPLES / "lexer").glob("*.csv")))
    assert main(["show", "messaging_overview", "totals", "--as-exported"]) == 0
    assert "LexerCustomerMerges" not in capsys.readouterr().err
    app = opened("messaging_overview", as_exported="yes")
    assert any(" · 2 files" in caption.value for caption in app.caption)


def test_a_table_of_a_page_is_sorted_over_all_rows_and_says_when_it_shows_only_the_first(
    opened: Opened, loaded: Loaded, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(*sorted((SAMPLES / "respondio").glob("*Assignments*.csv")))
    notebook = Workbench(workspace)
    tile, column = "conversations_most_reassigned", "conversation_id"
    rows = notebook.report("assignments").tile(tile, sort=f"{column}:desc")
    notebook.close()
    assert len(rows) > results.MOST_ROWS
    for most in (results.MOST_ROWS, len(rows)):
        monkeypatch.setattr(results, "MOST_ROWS", most)
        st.cache_data.clear()
        app = opened("assignments", preset="all")
        app.session_state[f"assignments:{tile}:table:sort"] = (column, True)
        (shown,) = [
            table.value for table in app.run().dataframe if column in table.value and "assignees" in table.value
        ]
        assert list(shown[column]) == [tables.TOGETHER, *rows[column][:most]]
        assert any(f"The first {most:,} rows" in caption.value for caption in app.caption) == (most < len(rows))
