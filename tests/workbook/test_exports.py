"""Exports, opened again: the numbers of the tiles, text that stays text, and nothing left of what was cancelled."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pandas as pd
import pyarrow.parquet as parquet
import pytest
import python_calamine

from tests.builders import Desk, contact, message, order
from tests.workbook.opened import files, opened, said, table
from workbench import Workbench, workbook
from workbench.ask.logs import Page
from workbench.errors import BadSelection, QueryStopped, UnknownName
from workbench.intake.signature import ABOUT_METADATA
from workbench.progress import Progress
from workbench.reports import REPORTS
from workbench.workbook import said as workbook_said
from workbench.workbook.plan import NUMBER_FORMATS, SECONDS_A_DAY

REPORT = REPORTS["inbound_contacts"]
FORMATS = get_args(workbook.FileFormat)
PAYLOADS = [
    "=1+1",
    "+1",
    "-x",
    "@x",
    "\t=1+1",
    " =1+1",
    '=HYPERLINK("http://x")',
    "|cmd",
    "%x",
    "'quoted",
    "'+49 151",
    "''=1",
    "http://x.example",
    "plain",
]


def put(desk: Desk, text: str, contact_id: str) -> None:
    """Store a text as it is: loads take blanks off its ends, but workspaces of before may hold them."""
    sql = "update gladly_contact_export set entry_point = ? where contact_id = ?"
    desk.workbench.workspace.keep(sql, [text, contact_id])


WIDE = (
    "contact_id",
    "queued_at",
    "entry_point",
    "talk_seconds",
    "times_offered",
    "ended_at",
    "queued_to_fulfilled_seconds",
)


def prepared(
    desk: Desk, tile: str | None, format: workbook.FileFormat, page: Page | None = None, **selection: Any
) -> workbook.Prepared:
    report = desk.workbench.report("inbound_contacts", **selection)
    asked = workbook.Export(report.question, REPORT.tile(tile) if tile else None, format, page or Page())
    return workbook.prepare(asked, Progress())


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    """Return the cells of every sheet, as calamine reads them."""
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def filled(desk: Desk) -> None:
    desk.load(
        contact("2024-03-05 10:00:00", contact_id="-a", entry_point="=1+1", talk_seconds="3723.5", times_offered="-2"),
        contact(
            "2024-03-06 10:00:00", contact_id="b", talk_seconds="-12.25", ended_at="2024-03-06 11:00:00", channel=None
        ),
        contact("2024-03-06 12:00:00", contact_id="c", talk_seconds="200000", channel="SMS"),
    )


# Excel ---------------------------------------------------------------------------------------------------------------


def test_both_readers_of_spreadsheets_see_the_same_cells(desk: Desk) -> None:
    filled(desk)
    path = prepared(desk, None, "xlsx").path
    book = openpyxl.load_workbook(path)
    for name, rows in sheets(path).items():
        if name == "Checks":  # of whose formulas the one reads the text and the other what they come to
            continue
        other = [["" if cell is None else cell for cell in row] for row in book[name].iter_rows(values_only=True)]
        assert [filled_of(row) for row in rows] == [filled_of(row) for row in other]


def filled_of(row: Sequence[Any]) -> list[str]:
    """Return the cells of a row as texts, without the empty ones at its end, which only one of the readers gives."""
    texts = [as_text(cell) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def as_text(cell: Any) -> str:
    """Return a cell as text; a whole number has no decimals, midnight no time."""
    return str(cell).removesuffix(".0").removesuffix(" 00:00:00")


def test_durations_are_days_with_raw_seconds_beside_them(desk: Desk) -> None:
    filled(desk)
    page = Page("contact_id", columns=("contact_id", "talk_seconds"))
    sheet = openpyxl.load_workbook(prepared(desk, "log", "xlsx", page).path)["Contacts"]
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == ["Contact ID", "Talk time", "Talk time (seconds)"]
    assert NUMBER_FORMATS["duration"] == '[<0]-0.0000" d";[h]:mm:ss'
    seconds = {row[0].value: row[2].value for row in rows[1:]}
    assert seconds == {"-a": 3723.5, "b": -12.25, "c": 200000}
    for row in rows[1:]:
        assert row[1].number_format == NUMBER_FORMATS["duration"]
    path = prepared(desk, "log", "xlsx", page).path
    raw = {row[0].value: row[1] for row in openpyxl.load_workbook(path)["Contacts"].iter_rows(min_row=2)}
    days = (
        raw["b"].value.total_seconds() / SECONDS_A_DAY if hasattr(raw["b"].value, "total_seconds") else raw["b"].value
    )
    assert days == pytest.approx(-12.25 / SECONDS_A_DAY, abs=1e-9)


def test_text_never_becomes_a_formula_or_a_link_in_excel(desk: Desk) -> None:
    desk.load(*(contact(contact_id=f"{n:02}") for n in range(len(PAYLOADS))))
    for n, text in enumerate(PAYLOADS):
        put(desk, text, f"{n:02}")
    path = prepared(desk, "log", "xlsx", Page("contact_id", columns=("contact_id", "entry_point"))).path
    sheet = openpyxl.load_workbook(path)["Contacts"]
    cells = [row[1] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == PAYLOADS
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.hyperlink for cell in cells] == [None] * len(cells)
    quoted = [cell.value for cell in cells if cell.quotePrefix]
    assert set(quoted) >= {"=1+1", "+1", "-x", "@x", "\t=1+1", " =1+1"}
    assert "plain" not in quoted


def test_a_hostile_header_of_a_file_is_text_in_every_export(desk: Desk) -> None:
    desk.load_text("Contact ID,Queued At,Direction,=1+1 $usd\na,2024-03-05 10:00:00,INBOUND,=2+2\n")
    page = Page(columns=("contact_id", "=1+1 $usd"))
    sheet = openpyxl.load_workbook(prepared(desk, "log", "xlsx", page).path)["Contacts"]
    assert [[(cell.value, cell.data_type) for cell in row[1:2]] for row in sheet.iter_rows()] == [
        [(sheet["B1"].value, "s")],
        [("=2+2", "s")],
    ]
    text = prepared(desk, "log", "csv", page).path.read_text(encoding="utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [["contact_id", "'=1+1 $usd"], ["a", "'=2+2"]]


def test_the_workbook_says_what_it_rests_on(desk: Desk) -> None:
    filled(desk)
    book = opened(prepared(desk, None, "xlsx", channel=["CHAT", None], start="2024-03-05", end="2024-03-06").path)
    told = dict(said(book["Cover"]))
    assert told["Dates"] == "5 to 6 Mar 2024"
    assert told["Time zone"] == "UTC"
    assert told["Channel"] == "Chat, No channel"
    assert told["Customers"] == "As exported: no customer merges are loaded"
    ((file, what, load, _, read, kept, rejected, sha256),) = files(book["Cover"])
    assert (file, what, load) == ("ContactExport-20240301-20240331.csv", "Contact Export", 1)
    assert (read, kept, rejected, len(sha256)) == (3, 3, 0, 64)
    defined = {row[1]: row[3] for row in book["Definitions"].iter_rows(values_only=True)}
    assert {metric.label: metric.formula for metric in REPORT.metrics}.items() <= defined.items()


def test_a_text_longer_than_a_cell_holds_is_cut_and_said(desk: Desk) -> None:
    desk.load(contact(entry_point="x" * 40_000), contact(entry_point="bell"), contact(entry_point="fits"))
    desk.workbench.workspace.keep(
        "update gladly_contact_export set entry_point = 'bell\x07' where entry_point = ?", ["bell"]
    )
    book = opened(prepared(desk, "log", "xlsx", Page("entry_point", columns=("entry_point",))).path)
    assert [len(row[0]) for row in table(book["Contacts"])[1]] == [5, 4, 32_767]
    told = dict(said(book["Data quality"]))
    assert told["Shortened"] == "Texts longer than the 32,767 characters of a cell, which are cut: 1"
    assert told["Replaced characters"].endswith(": 1")


# CSV -----------------------------------------------------------------------------------------------------------------


def records(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_the_safe_csv_prefixes_texts_and_never_numbers(desk: Desk) -> None:
    filled(desk)
    path = prepared(desk, None, "csv", Page("contact_id", columns=WIDE)).path
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    first, second, _ = records(path)
    assert (first["contact_id"], first["entry_point"]) == ("'-a", "'=1+1")
    assert (first["times_offered"], second["talk_seconds"]) == ("-2", "-12.25")
    assert (second["contact_id"], second["queued_at"]) == ("b", "2024-03-06 10:00:00")


@pytest.mark.parametrize("text", PAYLOADS)
def test_the_exact_csv_gives_every_text_back_as_it_was(desk: Desk, text: str) -> None:
    desk.load(contact(contact_id="-a", agent_when_ended='two\nlines, "quoted"'))
    put(desk, text, "-a")
    page = Page(columns=("contact_id", "entry_point", "agent_when_ended"))
    path = prepared(desk, None, "csv_exact", page).path
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert records(path) == [{"contact_id": "-a", "entry_point": text, "agent_when_ended": 'two\nlines, "quoted"'}]


@pytest.mark.parametrize("text", PAYLOADS)
def test_the_safe_csv_prefixes_exactly_what_a_spreadsheet_would_run(desk: Desk, text: str) -> None:
    desk.load(contact(contact_id="a"))
    put(desk, text, "a")
    (row,) = records(prepared(desk, None, "csv", Page(columns=("entry_point",))).path)
    is_dangerous = text.lstrip("'").strip()[:1] in "=+-@|%"
    assert row["entry_point"] == ("'" if is_dangerous else "") + text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("=1", 1),
        (" \n-2", 1),
        ("\t", 1),
        ("'+1", 1),
        ('say "\'=1"', 0),
        ("a,'=1", 0),
        ("a\n'=1", 0),
        ("'tis", 0),
        ("a", 0),
    ],
)
def test_exactly_the_apostrophes_of_ours_are_counted(desk: Desk, text: str, count: int) -> None:
    desk.load(contact(contact_id="a"))
    put(desk, text, "a")
    written = prepared(desk, "log", "csv", Page(columns=("entry_point",)))
    assert (written.prefixed, bool(written.said)) == (count, bool(count))
    assert prepared(desk, "log", "csv_exact", Page(columns=("entry_point",))).said == ""


def test_a_csv_of_a_tile_has_its_rows(desk: Desk) -> None:
    filled(desk)
    rows = records(prepared(desk, "by_channel", "csv").path)
    assert [(row["channel"], row["inbound_contacts"]) for row in rows] == [("CHAT", "1"), ("SMS", "1"), ("", "1")]


def test_an_exported_csv_is_loaded_again_without_a_change(desk: Desk) -> None:
    filled(desk)
    page = Page("contact_id", columns=("contact_id", "queued_at", "entry_point", "talk_seconds"))
    path = prepared(desk, None, "csv_exact", page).path
    assert [row["talk_seconds"] for row in records(path)] == ["3723.5", "-12.25", "200000.0"]


# Parquet -------------------------------------------------------------------------------------------------------------


def test_parquet_keeps_types_and_values(desk: Desk) -> None:
    filled(desk)
    path = prepared(desk, None, "parquet", Page("contact_id", columns=WIDE)).path
    types = {field.name: str(field.type) for field in parquet.read_schema(path)}
    assert types == {
        "contact_id": "string", "queued_at": "timestamp[us]", "entry_point": "string", "talk_seconds": "double",
        "times_offered": "int64", "ended_at": "timestamp[us]", "queued_to_fulfilled_seconds": "double",
    }  # fmt: skip
    first = parquet.read_table(path).to_pylist()[0]
    assert first == {
        "contact_id": "-a", "queued_at": datetime(2024, 3, 5, 10), "entry_point": "=1+1", "talk_seconds": 3723.5,
        "times_offered": -2, "ended_at": None, "queued_to_fulfilled_seconds": None,
    }  # fmt: skip


@pytest.mark.parametrize("format", ["csv_exact", "parquet"])
def test_a_log_is_exported_whole_sorted_and_searched(sample: Workbench, format: workbook.FileFormat) -> None:
    asked = sample.report("inbound_contacts").question
    page = Page("contact_id", search="chat", columns=("contact_id", "channel"))
    path = workbook.prepare(workbook.Export(asked, REPORT.log, format, page), Progress()).path
    rows = pd.read_parquet(path) if format == "parquet" else pd.read_csv(path)
    everything = sample.report("inbound_contacts", channel="CHAT").tile("log")
    assert list(rows["contact_id"]) == sorted(everything["contact_id"])


# Files ---------------------------------------------------------------------------------------------------------------


def lexer(desk: Desk, *currencies: str) -> None:
    desk.load_kind("lexer_messages", message(customer_id="ann"))
    desk.load_kind("lexer_orders", *(order(customer_id="ann", currency=currency) for currency in currencies))


@pytest.mark.parametrize(
    ("currencies", "asked", "name", "credited", "money", "header"),
    [
        (["USD"], {}, "last-7d-USD", "Orders credited to the last message within 7 days", "Revenue in USD", " (USD)"),
        (["USD", "EUR"], {"currency": "EUR", "touch": "first", "window_days": 1}, "first-1d-EUR",
         "Orders credited to the first message within 1 day", "Revenue in EUR", " (EUR)"),
        (["USD", "EUR"], {}, "last-7d", "Orders credited to the last message within 7 days",
         "Revenue is empty, as orders are in EUR and USD: choose one currency", ""),
        (["../X"], {}, "last-7d", "Orders credited to the last message within 7 days", "Revenue in ../X", " (../X)"),
    ],
)  # fmt: skip
def test_every_export_says_window_touch_and_currency(
    desk: Desk, currencies: list[str], asked: dict[str, Any], name: str, credited: str, money: str, header: str
) -> None:
    lexer(desk, *currencies)
    question = desk.workbench.report("messaging_overview", **asked).question
    for tile, format in (("by_queue", "csv"), ("messages_log", "parquet"), (None, "xlsx")):
        named = question.report.tile(tile) if tile else None
        made = workbook.prepare(workbook.Export(question, named, format), Progress())  # type: ignore[arg-type]
        assert f"-{name}-{made.sha256[:12]}." in made.name
        if format == "parquet":
            metadata = parquet.read_metadata(made.path).metadata
            assert {("Credited", credited), ("Money", money)} <= {
                *map(tuple, json.loads(metadata[ABOUT_METADATA.encode()]))
            }
    book = opened(made.path)
    assert [dict(said(book["Cover"]))[label] for label in ("Credited", "Money")] == [credited, money]
    for sheet, label in (("By queue", "Revenue per message"), ("Messages", "Revenue credited")):
        assert f"{label}{header}" in table(book[sheet])[0]


@pytest.mark.parametrize(
    ("report", "asked", "name", "label", "text", "command"),
    [
        ("contact_export", {}, "", "Service level",
         "Fulfilled within the SLA / fulfilled or abandoned (Gladly's); Offered and Queued within 20 s",
         "--service-level gladly --threshold 20 --short-abandon none"),
        ("contact_export", {"service_level": "queued", "threshold": "20,CHAT=60", "short_abandon": 5},
         "service-level-queued-threshold-20-CHAT-60-short-abandon-5-", "Service level",
         "Answered or abandoned within 20 s, Chat 60 s / all, without those abandoned within 5 s (Queued)",
         "--service-level queued --threshold 20,CHAT=60 --short-abandon 5"),
        ("repeat_contacts", {"within_days": 1, "same_channel": True}, "within-days-1-same-channel-", "Repeats",
         "Another contact by the same channel within 1 day is a repeat, within 15 minutes a forward",
         "--within-days 1 --forward-minutes 15"),
    ],
)  # fmt: skip
def test_every_export_says_by_which_settings_its_numbers_are_made(
    desk: Desk, report: str, asked: dict[str, Any], name: str, label: str, text: str, command: str
) -> None:
    desk.load(contact(status="ANSWERED"))
    question = desk.workbench.report(report, **asked).question
    made = workbook.prepare(workbook.Export(question, None, "xlsx"), Progress())
    assert f"-20240331-{name}{made.sha256[:12]}." in made.name
    cover = dict(said(opened(made.path)["Cover"]))
    assert cover[label] == text
    command_line = workbook_said.command(question)
    assert command in command_line
    assert ("--same-channel" in command_line) == ("same_channel" in asked)


def test_a_file_loaded_twice_is_named_once_with_both_loads_and_another_of_its_name_by_itself(desk: Desk) -> None:
    for customer in ("ann", "ann", "ben"):
        desk.load(contact(contact_id="a", customer_id=customer))
    desk.merge(("ann", "cy"))
    found = desk.workbench.report("inbound_contacts").sources
    assert list(found["what"]) == ["Contact Export", "Contact Export", "Customer merges"]
    assert list(found["loads"]) == [[1, 2], [3], [4]]


@pytest.mark.parametrize("format", FORMATS)
def test_the_name_of_an_export_says_report_days_and_the_hash_of_its_bytes(
    desk: Desk, format: workbook.FileFormat
) -> None:
    filled(desk)
    made = prepared(desk, "log", format, start="2024-03-05", end="2024-03-06")
    content = made.path.read_bytes()
    assert made.sha256 == hashlib.sha256(content).hexdigest()
    assert made.size == len(content)
    ending = format.removesuffix("_exact")
    assert re.fullmatch(rf"inbound_contacts-log-20240305-20240306-{made.sha256[:12]}\.{ending}", made.name)


class Cancelled(Progress):
    """Work that is cancelled once the process is there that writes the file."""

    def during(self, stage: str, measure: Any = None, stop: Any = None) -> Any:
        """Cancel in the stage in which it writes, which is stopped by killing it."""
        self.is_cancelled = stage == "Writing the file"
        if self.is_cancelled:
            stop()
        return super().during(stage, measure, stop)


@pytest.mark.parametrize("tile", ["log", "by_channel"])
@pytest.mark.parametrize("format", FORMATS)
def test_a_file_is_written_by_a_process_that_is_killed_and_leaves_nothing(
    desk: Desk, tile: str, format: workbook.FileFormat
) -> None:
    filled(desk)
    asked = desk.workbench.report("inbound_contacts").question
    with pytest.raises(QueryStopped, match="Cancelled; nothing of it was kept"):
        workbook.prepare(workbook.Export(asked, REPORT.tile(tile), format), Cancelled())
    assert list((desk.workbench.workspace.files / "exports").iterdir()) == []


def test_a_written_export_leaves_nothing_behind_but_the_file(desk: Desk, tmp_path: Path) -> None:
    filled(desk)
    asked = desk.workbench.report("inbound_contacts").question
    for ending in ("xlsx", "csv", "parquet"):
        workbook.write(asked, tmp_path / f"pack.{ending}")
    assert list((desk.workbench.workspace.files / "exports").iterdir()) == []
    assert {path.name for path in tmp_path.glob("pack.*")} == {"pack.xlsx", "pack.csv", "pack.parquet"}


def test_an_export_of_an_unknown_column_is_refused_and_leaves_nothing(desk: Desk) -> None:
    filled(desk)
    with pytest.raises(UnknownName, match="There is no column 'colour'"):
        prepared(desk, "log", "csv", Page(columns=("colour",)))
    with pytest.raises(BadSelection, match="has no format"):
        workbook.write(desk.workbench.report("inbound_contacts").question, Path("pack.txt"))
    assert list((desk.workbench.workspace.files / "exports").iterdir()) == []
