"""The command line: exit status, what goes to which stream, one line for every error, the numbers of a notebook."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from tests.builders import activity, contact, merges, message, order, written
from workbench import Workbench
from workbench.cli import main
from workbench.exports import KINDS
from workbench.intake import codepages
from workbench.reports import REPORTS

ROOT = Path(__file__).parents[1]
TILES = REPORTS["inbound_contacts"].tile_names
LOAD_KEYS = ["file", "kind", "load_id", "rows_read", "rows_loaded", "rows_updated",
"rows_unchanged", "rows_rejected", "rejects",
             "period_from", "period_to", "timezone", "encoding", "delimiter", "warnings", "seconds",
             "meanings"]  # fmt: skip
SELECTIONS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "everything": ([], {}),
    "dates and filters": (
        ["--from", "2024-03-05", "--to", "2024-03-06", "--where", "channel=CHAT", "--where", "channel="],
        {"start": "2024-03-05", "end": "2024-03-06", "channel": ["CHAT", None]},
    ),
    "zone and rollup": (
        ["--timezone", "Asia/Kolkata", "--rollup", "half_hour", "--preset", "last_week"],
        {"timezone": "Asia/Kolkata", "rollup": "half_hour", "preset": "last_week"},
    ),
    "pins, as exported": (["--pin", "inbox=Care", "--as-exported"], {"pins": {"inbox": "Care"}, "as_exported": True}),
}


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Answer]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process on a workspace of its own."""
    monkeypatch.setenv("WORKBENCH_WORKSPACE", str(tmp_path / "workspace.duckdb"))

    def run(*arguments: object) -> Answer:
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            status = int(stopped.code or 0)
        return Answer(status, *capsys.readouterr())

    return run


@pytest.fixture
def loaded(run: Run, tmp_path: Path) -> Run:
    """A workspace with contacts of some days, channels and customers, and a merge."""
    rows = [
        contact(
            f"2024-03-0{5 + n % 3} {10 + n}:15:00", contact_id=f"c{n}", customer_id=f"customer-{n % 4}",
            channel=("CHAT", "SMS", None)[n % 3], inbox_when_first_queued=("Care", "Sales")[n % 2],
            entry_point=f"=1+{n}",
        )
        for n in range(12)
    ]  # fmt: skip
    file = written(tmp_path / "ContactExport-20240301-20240331.csv", rows)
    assert run("load", file, merges(tmp_path / "GladlyCustomerMerges.csv", ("customer-0", "customer-1"))).status == 0
    return run


# Load and status -----------------------------------------------------------------------------------------------------


def test_load_prints_one_object_per_file_with_the_documented_keys(run: Run, tmp_path: Path) -> None:
    first = written(tmp_path / "ContactExport-20240301-20240331.csv", [contact(times_offered="x"), contact()])
    answer = run("load", first, merges(tmp_path / "GladlyCustomerMerges.csv", ("a", "b")), "--json")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert answer.status == 0
    assert [list(line) for line in lines] == [LOAD_KEYS, LOAD_KEYS]
    assert lines[0]["rejects"] == [{"row": 2, "column": "Times Offered", "value": "x", "reason": "not a whole number"}]
    assert (lines[0]["rows_read"], lines[0]["rows_loaded"], lines[0]["rows_rejected"]) == (2, 1, 1)
    assert (lines[0]["period_from"], lines[0]["period_to"]) == ("2024-03-01", "2024-03-31")
    assert "Reporting time zone set to UTC" in answer.err


def test_what_a_warning_means_for_the_numbers_stands_beside_it_the_doubtful_ones_first(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "tickets.csv"
    file.write_text("no;when\n1;2024-03-31 02:30:00\n1;2024-03-31 02:45:00\n")
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"kind": "gladly_contact_export", "columns": {"no": "contact_id", "when": "queued_at"}}')
    answer = run("load", file, "--mapping", mapping, "--file-timezone", "Europe/Berlin")
    assert run("mappings", "--json").json[0]["columns"] == {"no": "contact_id", "when": "queued_at"}
    key, zone, clock = (line for line in answer.err.splitlines() if "For the numbers" in line)
    assert key.startswith("tickets.csv: 1 of 2 rows overwrote each other: several have the same Contact ID.")
    assert key.endswith(
        "map it anew. For the numbers: only the last row of each key is counted, so totals"
        " are too low; change the saved mapping in the settings"
    )
    assert "Reporting time zone set to Europe/Berlin" in zone
    assert clock.endswith("shifted forward. For the numbers: they count an hour later than they are written")
    assert all(line.removeprefix("tickets.csv: ") in run("status").out for line in (key, zone, clock))
    [load] = run("status", "--json").json["loads"]
    assert (set(load["meanings"]), len(load["warnings"])) == (set(load["warnings"]), 3)
    assert all(load["meanings"].values())


def test_a_saved_mapping_is_listed_and_once_forgotten_its_header_is_unknown_again(run: Run, tmp_path: Path) -> None:
    Workbench(tmp_path / "workspace.duckdb").close()
    file, mapping = tmp_path / "shop.csv", tmp_path / "mapping.json"
    file.write_text("no,when,note\no-1,2024-03-05 10:00:00,x\n")
    mapping.write_text('{"kind": "lexer_orders", "columns": {"no": "order_id", "when": "ordered_at", "note": null}}')
    assert run("mappings").out.startswith("No mapping is saved")
    assert run("load", file, "--mapping", mapping).status == 0
    answer = run("mappings")
    assert re.match(r"   1  lexer_orders: no is order_id, when is ordered_at \(last used: \d+ \w+ \d+, ", answer.out)
    [saved] = run("mappings", "--json").json
    mapping.write_text(json.dumps(saved))
    assert (run("load", file).status, run("load", file, "--mapping", mapping).status) == (0, 0)
    wrong = run("mappings", "--forget", 2)
    assert (wrong.status, wrong.err) == (2, "There is no saved mapping '2'. Try one of: 1\n")
    assert (run("mappings", "--forget", 1).status, run("mappings", "--json").json) == (0, [])
    assert "no export has this header" in run("load", file).err
    assert [load["rows_read"] for load in run("status", "--json").json["loads"]] == [1, 1, 1]
    assert "nothing is saved" in run("mappings", "--forget", 1).err


def test_a_refused_file_is_one_line_and_the_others_are_loaded(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.csv"
    page.write_text("<html>")
    answer = run("load", page, written(tmp_path / "rows.csv", [contact()]), tmp_path / "nothing.csv", "--json")
    assert answer.status == 1
    assert [json.loads(line)["rows_loaded"] for line in answer.out.splitlines()] == [1]
    refusals = [line for line in answer.err.splitlines() if line.startswith("Refused: ")]
    assert [re.search(r"a web page|no such file", line)[0] for line in refusals] == ["a web page", "no such file"]  # type: ignore[index]


def test_a_zip_of_several_files_is_one_line_each_and_one_that_is_refused_keeps_no_other(
    run: Run, tmp_path: Path
) -> None:
    good = [written(tmp_path / f"{n}.csv", [contact(contact_id=n)]).read_bytes() for n in ("a", "b")]
    file = tmp_path / "ContactExport-20240301-20240331.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (("a.csv", good[0]), ("page.csv", b"<html>"), ("sub/b.csv", good[1])):
            archive.writestr(name, content)
    answer = run("load", file, "--json")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert [(line["file"], line["rows_loaded"]) for line in lines] == [(f"{file.name} ({n}.csv)", 1) for n in "ab"]
    assert [list(line) for line in lines] == [LOAD_KEYS, LOAD_KEYS]
    assert (answer.status, f"Refused: {file.name} (page.csv): holds a web page" in answer.err) == (1, True)
    assert run("load", file).out.count(" 1 unchanged") == 2


def test_an_encoding_is_said_and_what_is_none_is_one_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(written(file, [contact(agent_when_ended="Ayşe Doğan")]).read_text().encode("cp1254"))
    asked = run("load", file)
    assert (asked.status, "Say which with --encoding, one of: cp1252" in asked.err) == (1, True)
    wrong = run("load", file, "--encoding", "klingon")
    assert (wrong.status, wrong.err) == (
        2,
        f"There is no encoding 'klingon'. Try one of: {', '.join(codepages.PAGES)}\n",
    )
    assert run("load", file, "--encoding", "windows-1254", "--json").json["encoding"] == "cp1254"


def test_a_missing_choice_names_the_option_that_makes_it(run: Run, tmp_path: Path) -> None:
    contact_id = "one"
    file = written(tmp_path / "rows.csv", [contact("01.02.2024 10:00", contact_id=contact_id)])
    answer = run("load", file)
    assert (answer.status, answer.out) == (1, "")
    assert "--date-order" in answer.err
    assert run("load", file, "--date-order", "dmy").status == 0
    few = tmp_path / "few.csv"
    few.write_text(f"Contact ID,Queued At\n{contact_id},2024-02-01 10:00:00\n")
    answer = run("load", few)
    assert (answer.status, answer.out, "--absent keep" in answer.err) == (1, "", True)
    assert json.loads(run("load", few, "--absent", "keep", "--json").out)["rows_unchanged"] == 1
    figures = tmp_path / "figures.csv"
    figures.write_text("Date,Inbound Contacts,Customers\n2024-03-01,5,3\n")
    answer = run("load", figures)
    assert (answer.status, answer.out, "--rollup (half_hour, hour, day, week" in answer.err) == (1, "", True)
    assert run("load", figures, "--rollup", "week").status == 0
    assert "no rollup 'year'" in run("load", figures, "--rollup", "year").err


def test_a_number_that_can_be_read_two_ways_names_the_option_that_tells(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text('Order ID,Ordered At,Order Value\na,2024-03-05,"1,250"\n')
    answer = run("load", file, "--json")
    assert (json.loads(answer.out)["rows_rejected"], "--decimal point or --decimal comma" in answer.err) == (1, True)
    assert json.loads(run("load", file, "--json", "--decimal", "comma").out)["rows_loaded"] == 1


def test_rejects_are_said_and_are_no_failure(run: Run, tmp_path: Path) -> None:
    answer = run("load", written(tmp_path / "rows.csv", [contact(times_offered="x"), contact()]))
    assert answer.status == 0
    assert "2 rows read: 1 loaded, 0 updated, 0 unchanged, 1 rejected" in answer.out
    assert "Row 2 of rows.csv: Times Offered is 'x', not a whole number" in answer.err


def test_one_row_is_one_and_a_file_that_nothing_recognises_is_called_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    answer = run("load", written(tmp_path / "rows.csv", [contact()]), tmp_path / "empty.csv")
    assert "rows.csv: 1 row read: 1 loaded" in answer.out
    assert "empty.csv: 0 rows read: 0 loaded, 0 updated, 0 unchanged, 0 rejected (not recognised," in answer.out
    run("load", written(tmp_path / "rows.csv", [contact()]))
    assert run("compare", 1, 2).out.startswith("gladly_contact_export: 1 row added, 0 changed, 1 vanished, 0 unchanged")


def test_a_pattern_that_no_shell_expanded_stands_for_its_files(run: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        written(tmp_path / f"{name}.csv", [contact()])
    assert len(run("load", tmp_path / "*.csv", "--json").out.splitlines()) == 2


def test_status_says_what_is_loaded(loaded: Run) -> None:
    found = loaded("status", "--json").json
    kinds = {kind["kind"]: kind for kind in found["kinds"]}
    assert (found["reporting_zone"], found["week_start"]) == ("UTC", "monday")
    contacts = kinds["gladly_contact_export"]
    assert (contacts["rows"], contacts["from"], contacts["to"]) == (12, "2024-03-01", "2024-03-31")
    assert [load["file"] for load in found["loads"]] == [
        "GladlyCustomerMerges.csv",
        "ContactExport-20240301-20240331.csv",
    ]
    assert [(len(load["sha256"]), load["chosen"]) for load in found["loads"]] == [(64, {}), (64, {})]
    assert "gladly_contact_export: 12 rows, 2024-03-01 to 2024-03-31" in loaded("status").out


def test_status_of_an_empty_workspace_says_what_to_do(run: Run, tmp_path: Path) -> None:
    Workbench(tmp_path / "workspace.duckdb").close()
    answer = run("status")
    assert (answer.status, "python -m workbench load FILE" in answer.out) == (0, True)


READING = {
    "status": (), "show": ("inbound_contacts", "totals"), "export": ("inbound_contacts", "--to", "pack.xlsx"),
    "compare": (1, 2), "backup": ("copy.duckdb",), "unload": (1,), "mappings": (),
}  # fmt: skip


@pytest.mark.parametrize("name", READING)
def test_a_workspace_that_is_not_there_is_said_and_not_made(run: Run, tmp_path: Path, name: str) -> None:
    for path in (tmp_path / "mistyped.duckdb", tmp_path / "no folder" / "mistyped.duckdb"):
        answer = run(name, *READING[name], "--workspace", path)
        assert (answer.status, answer.out, len(answer.err.splitlines())) == (1, "", 1)
        assert f"There is no workspace {path}. Check the path" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_the_workspace_is_named_before_or_after_the_commands_name(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "first.duckdb", tmp_path / "second.duckdb"
    rows = written(tmp_path / "rows.csv", [contact()])
    assert run("--workspace", first, "load", rows).status == run("load", rows, "--workspace", second).status == 0
    for where in (("--workspace", first, "status"), ("--workspace", second, "status", "--workspace", first)):
        assert run(*where, "--json").json["workspace"] == str(first)
    assert not (tmp_path / "workspace.duckdb").exists()


def test_a_setting_is_changed(loaded: Run) -> None:
    assert loaded("set", "reporting_zone", "Asia/Kolkata").status == 0
    assert loaded("status", "--json").json["reporting_zone"] == "Asia/Kolkata"
    assert (
        loaded("show", "inbound_contacts", "log", "--sort", "queued_at", "--limit", 1, "--format", "json").json[0][
            "queued_at"
        ]
        == "2024-03-05T15:45:00"
    )


def test_reports_and_kinds_are_listed_for_people_and_for_programs(run: Run) -> None:
    answers = [run("reports"), run("kinds")]
    assert [(answer.status, answer.err) for answer in answers] == [(0, ""), (0, "")]
    assert "inbound_contacts: Inbound contacts. How often customers reach out." in answers[0].out
    assert "with --columns besides: timezone_filter, " in answers[0].out
    assert "\nlexer_orders: Orders (Lexer); a row is known by order_id\n  order_id (id): Order ID" in answers[1].out
    kinds = {found["kind"]: found for found in run("kinds", "--json").json}
    assert set(kinds) == set(KINDS)
    assert kinds["lexer_orders"]["columns"][0]["headers"][0] == "Order ID"
    tiles = {tile["tile"]: tile for tile in run("reports", "--json").json[0]["tiles"]}
    assert tiles["by_channel"]["purpose"] == "Which channels do contacts come in through?"
    assert "talk_seconds" in tiles["log"]["offers"]


# Show ----------------------------------------------------------------------------------------------------------------


def as_json(rows: pd.DataFrame, rollup: str) -> list[dict[str, Any]]:
    def plain(name: str, value: Any) -> Any:
        if value is None or value != value:
            return None
        if isinstance(value, datetime | date):
            is_day = name == "period" and "hour" not in rollup
            return value.strftime("%Y-%m-%d") if is_day else value.isoformat()
        return value

    return [{str(name): plain(str(name), value) for name, value in row.items()} for row in rows.to_dict("records")]


@pytest.mark.parametrize("selected", SELECTIONS)
@pytest.mark.parametrize("tile", [tile for tile in TILES if tile != "as_reported"])
@pytest.mark.few("dates and filters")
def test_a_tile_is_the_same_as_in_a_notebook(loaded: Run, tmp_path: Path, tile: str, selected: str) -> None:
    options, asked = SELECTIONS[selected]
    answer = loaded("show", "inbound_contacts", tile, *options, "--format", "json")
    table = loaded("show", "inbound_contacts", tile, *options, "--format", "csv")
    workbench = Workbench(tmp_path / "workspace.duckdb")
    expected = workbench.report("inbound_contacts", **asked).tile(tile)
    workbench.close()
    objects = as_json(expected, asked.get("rollup", "day"))
    assert (answer.status, answer.json) == (0, objects)
    lines = list(csv.DictReader(io.StringIO(table.out)))
    assert lines == [{name: "" if value is None else str(value) for name, value in row.items()} for row in objects]


def test_targets_are_set_listed_deleted_and_carried_as_a_file(loaded: Run, tmp_path: Path) -> None:
    of, file = ("contact_export", "answered_rate"), tmp_path / "targets.json"
    assert loaded("targets", "set", *of, "0.8", "--from", "2024-03-01").status == 0
    assert loaded("targets", "set", *of, "0.7", "--for", "channel=chat").status == 0
    assert loaded("targets").out.splitlines() == [
        "contact_export answered_rate: 80 % or more (from 1 Mar 2024)",
        "contact_export answered_rate: 70 % or more (Channel: Chat)",
    ]
    assert loaded("targets", "export", "--to", file).status == 0
    assert loaded("targets", "delete", *of, "--from", "2024-03-01").status == 0
    assert [target["value"] for target in loaded("targets", "list", "contact_export", "--json").json] == [0.7]
    assert loaded("targets", "import", file).status == 0
    assert len(loaded("targets", "list").out.splitlines()) == 2
    for wrong in (
        ("set", *of, "80 %"),
        ("delete", *of),
        ("import", tmp_path / "none.json"),
        ("set", *of, "1", "--for", "x"),
    ):
        answer = loaded("targets", *wrong)
        assert (answer.status, answer.out, len(answer.err.splitlines())) == (1, "", 1)


def test_notes_are_set_listed_deleted_and_carried_as_a_file(loaded: Run, tmp_path: Path) -> None:
    file = tmp_path / "notes.json"
    assert loaded("notes", "set", "promotion", "--from", "2024-03-05", "--to", "2024-03-07").status == 0
    assert loaded("notes", "set", "outage", "--from", "2024-03-04", "--report", "contact_export").status == 0
    lines = ["4 Mar 2024: outage (contact_export)", "5 to 7 Mar 2024: promotion (all reports)"]
    assert loaded("notes", "list").out.splitlines() == lines
    loaded("notes", "export", "--to", file)
    assert loaded("notes", "delete", "--from", "2024-03-05", "--to", "2024-03-07").status == 0
    assert loaded("notes").out.splitlines() == lines[:1]
    loaded("notes", "import", file)
    assert loaded("notes").out.splitlines() == lines
    for wrong in (
        ("set", " ", "--from", "2024-03-05"), ("set", "x", "--from", "soon"), ("delete", "--from", "2024-03-06"),
        ("set", "x", "--from", "2024-03-05", "--to", "2024-03-04"),
    ):  # fmt: skip
        answer = loaded("notes", *wrong)
        assert (answer.status, answer.out, len(answer.err.splitlines())) == (1, "", 1)


def test_calendars_are_set_listed_deleted_and_carried_as_a_file(loaded: Run, tmp_path: Path) -> None:
    file = tmp_path / "calendars.json"
    assert loaded("calendars").out.startswith("No calendar is set")
    desk = ("Desk", "--zone", "America/New_York", "--hours", "mon-fri=09:00-17:00", "--hours", "sat=10:00-14:00")
    answer = loaded("calendars", "set", *desk, "--holiday", "2024-12-25")
    line = "Desk: Mon to Fri 09:00 to 17:00; Sat 10:00 to 14:00 in America/New York"
    line += ", closed on 1 holiday, for every other inbox"
    assert (answer.status, answer.err.splitlines()[-1]) == (0, f"Set {line}")
    late = ("Late", "--zone", "Asia/Kolkata", "--hours", "mon-sun=22:00-06:00", "--inbox", "Care", "--inbox", "Sales")
    assert loaded("calendars", "set", *late).status == 0
    lines = [line, "Late: Mon to Sun 22:00 to 06:00 in Asia/Kolkata, for Care, Sales"]
    assert loaded("calendars", "list").out.splitlines() == lines
    assert loaded("calendars", "export", "--to", file).status == 0
    assert loaded("calendars", "delete", "Late").status == 0
    ((only,), error) = (loaded("calendars", "list", "--json").json, loaded("show", "contact_export", "totals").err)
    assert only == {
        "name": "Desk", "zone": "America/New_York", "default": True, "holidays": ["2024-12-25"],
        "hours": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")} | {"sat": ["10:00-14:00"]},
    }  # fmt: skip
    assert "Business hours by Desk" in error.splitlines()
    assert loaded("calendars", "import", file).status == 0
    assert loaded("calendars").out.splitlines() == lines
    for wrong in (
        ("delete", "Night"), ("delete", "Desk"), ("import", tmp_path / "none.json"),
        ("set", "Night", "--zone", "UTC", "--hours", "mon=9-17"),
        ("set", "Night", "--zone", "UTC", "--hours", " "),
        ("set", "Night", "--zone", "UTC", "--hours", "mon=09:00-17:00", "--inbox", "Care"),
        ("set", "Night", "--zone", "UTC", "--hours", "mon=09:00-17:00", "--holiday", "soon"),
    ):  # fmt: skip
        answer = loaded("calendars", *wrong)
        assert (answer.status, answer.out, len(answer.err.splitlines())) == (1, "", 1)
    assert loaded("calendars", "set", "Night", "--zone", "Nowhere", "--hours", "mon=09:00-17:00").status == 2
    assert loaded("calendars").out.splitlines() == lines


@pytest.mark.parametrize("selected", SELECTIONS)
def test_what_is_explored_is_the_same_as_in_a_notebook_and_in_a_file(
    loaded: Run, tmp_path: Path, selected: str
) -> None:
    options, asked = SELECTIONS[selected]
    explored = ("--metric", "inbound_contacts", "customers", "--by", "inbox,channel", *options)
    answer = loaded("explore", "inbound_contacts", *explored, "--format", "json")
    sql = loaded("explore", "inbound_contacts", *explored, "--sql").out
    written_to = tmp_path / "explored.csv"
    assert loaded("explore", "inbound_contacts", *explored, "--to", written_to).status == 0
    workbench = Workbench(tmp_path / "workspace.duckdb")
    found = workbench.explore(
        workbench.report("inbound_contacts", **asked), ["inbound_contacts", "customers"], ["inbox", "channel"]
    )
    ran = [dict(zip(found.columns, row, strict=False)) for row in workbench.workspace.rows(sql)]
    if len(found):  # one of the selections has nothing
        assert len(found.chart().to_dict()["data"]["values"]) == len(found) > 1
    workbench.close()
    assert (answer.status, answer.json) == (0, as_json(found, asked.get("rollup", "day")))
    assert [row["customers"] for row in ran] == found["customers"].tolist()
    assert len(written_to.read_text(encoding="utf-8-sig").splitlines()) == len(found) + 1


def test_what_cannot_be_explored_is_one_line_with_what_would_work(loaded: Run) -> None:
    for options, status, said in (
        (("--metric", "share", "--by", "channel"), 2, "inbound_contacts, customers"),
        (("--metric", "customers", "--by", "weather"), 2, "period, channel, inbox"),
        (("--metric", "customers", "--by", "channel", "--shape", "ring"), 1, "Choose bars or table"),
    ):
        answer = loaded("explore", "inbound_contacts", *options)
        assert (answer.status, answer.out, len(answer.err.splitlines())) == (status, "", 1)
        assert said in answer.err
    assert loaded("explore", "inbound_contacts", "--by", "channel").status == 2


@pytest.mark.parametrize("selected", SELECTIONS)
@pytest.mark.parametrize("tile", [tile for tile in TILES if tile != "as_reported"])
@pytest.mark.few("pins, as exported")
def test_the_sql_runs_as_it_is_in_a_plain_database_and_gives_the_same_rows(
    loaded: Run, tmp_path: Path, tile: str, selected: str
) -> None:
    options = SELECTIONS[selected][0]
    sql = loaded("show", "inbound_contacts", tile, *options, "--sql").out
    expected = loaded("show", "inbound_contacts", tile, *options, "--format", "json").json
    copy = shutil.copy(tmp_path / "workspace.duckdb", tmp_path / "copy.duckdb")
    with duckdb.connect(str(copy), read_only=True) as connection:
        found = connection.execute(sql).df().drop(columns="row_id", errors="ignore")
    rollup = SELECTIONS[selected][1].get("rollup", "day")
    assert as_json(found[list(expected[0])] if expected else found.iloc[:0], rollup) == expected


def test_changes_against_the_preceding_days_are_appended(loaded: Run) -> None:
    options = ("--from", "2024-03-06", "--to", "2024-03-06", "--compare", "preceding", "--format", "json")
    (row,) = loaded("show", "inbound_contacts", "totals", *options).json
    assert (row["inbound_contacts"], row["inbound_contacts_before"], row["inbound_contacts_change"]) == (4, 4, 0)
    answer = loaded("show", "inbound_contacts", "totals", "--compare", "preceding")
    assert "No comparison: everything is selected" in answer.err


def test_why_nothing_is_compared_is_said(loaded: Run) -> None:
    asked = ("show", "inbound_contacts", "totals", "--from", "2024-03-02", "--to", "2024-03-03", "--compare")
    assert "No comparison: 29 Feb to 1 Mar 2024 is not wholly loaded" in loaded(*asked, "preceding").err
    pinned = loaded(*asked, "2024-03-05..2024-03-06", "--pin", "period=2024-03-02")
    assert "No comparison: a period is pinned" in pinned.err


def test_days_that_one_of_a_reports_logs_lacks_are_said(run: Run, tmp_path: Path) -> None:
    for what, days in (("added", "20240301-20240305"), ("merged", "20240301-20240303")):
        file = written(tmp_path / f"Contacts{what.capitalize()}-{days}.csv", [], list(activity(what)))
        assert run("load", file, "--kind", f"respondio_contacts_{what}", "--file-timezone", "UTC").status == 0
    answer = run("show", "contacts", "totals", "--from", "2024-03-01", "--to", "2024-03-05")
    assert "not for everything selected: 4 Mar 2024, 00:00 to 6 Mar 2024, 00:00" in answer.err


def test_a_log_is_sorted_limited_offset_and_searched(loaded: Run) -> None:
    def ids(*options: object) -> list[str]:
        rows = loaded("show", "inbound_contacts", "log", "--format", "json", *options).json
        return [row["contact_id"] for row in rows]

    everything = ids("--sort", "contact_id")
    assert everything == sorted(f"c{n}" for n in range(12))
    assert ids("--sort", "contact_id:desc", "--limit", 2, "--offset", 1) == ["c8", "c7"]
    assert ids("--sort", "contact_id", "--offset", 10) == everything[10:]
    assert ids("--search", "C1", "--sort", "contact_id") == ["c1", "c10", "c11"]


def test_a_tile_is_sorted_and_limited_too(loaded: Run) -> None:
    rows = loaded(
        "show", "inbound_contacts", "by_channel", "--sort", "channel:desc", "--limit", 1, "--format", "json"
    ).json
    assert [row["channel"] for row in rows] == ["SMS"]


def test_a_tiles_search_goes_by_its_values_whatever_case_and_accents_and_by_no_missing_one(
    run: Run, tmp_path: Path
) -> None:
    rows = [contact(inbox_when_first_queued=inbox) for inbox in ("Künden", "Sales", None)]
    assert run("load", written(tmp_path / "rows.csv", rows)).status == 0
    show = ("show", "inbound_contacts", "by_inbox", "--format", "json", "--search")
    found = {text: [row["inbox"] for row in run(*show, text).json] for text in ("KUNDEN", "ales", "nan", " ")}
    assert found == {"KUNDEN": ["Künden"], "ales": ["Sales"], "nan": [], " ": ["Künden", "Sales", None]}


def test_a_log_shows_the_columns_that_are_named_or_all_that_it_offers(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "rows.csv", [contact(contact_id="a", talk_seconds="5")])
    header, row = file.read_text().splitlines()
    file.write_text(f'{header},"Mood, today",all\n{row},fine,x\n')
    assert run("load", file).status == 0
    log = REPORTS["contact_export"].log

    def shown(*options: str) -> dict[str, Any]:
        return dict(run("show", "contact_export", "log", "--format", "json", *options).json[0])

    own = ("Mood, today", "all (in the file)")
    assert tuple(shown()) == log.columns
    assert tuple(shown("--columns", "all")) == (*log.offered, *own)
    assert shown("--columns", 'talk_seconds, contact_id,"Mood, today",contact_id') == {
        "talk_seconds": 5.0, "contact_id": "a", "Mood, today": "fine"
    }  # fmt: skip
    figures = run("show", "contact_export", "by_channel", "--columns", "share,channel", "--format", "csv").out
    assert figures == "share,channel\n1.0,CHAT\n"


@pytest.mark.parametrize(
    ("arguments", "closest"),
    [
        (("show", "inbound_contacts", "log", "--columns", "queued_at,Chanel"), "channel"),
        (("show", "inbound_contacts", "log", "--sort", "fulfiled_at"), "fulfilled_at"),
        (("show", "inbound_contacts", "by_channel", "--columns", "chanel"), "channel"),
        (("show", "inbound_contacts", "by_channel", "--sort", "shares"), "share"),
        (("export", "inbound_contacts", "--to", "log.csv", "--columns", "chanel"), "channel"),
        (("export", "inbound_contacts", "--to", "pack.xlsx", "--sort", "chanel"), "channel"),
    ],
)
def test_a_column_that_is_not_there_is_wrong_usage_and_says_which_are_and_the_closest(
    loaded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], closest: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = loaded(*arguments)
    assert (answer.status, answer.out, len(answer.err.splitlines())) == (2, "", 1)
    assert re.search(rf"no column '\w+'. Try one of: .*{closest}.*\. The closest is {closest}\n", answer.err)
    assert "closest" not in loaded("show", "inbound_contacts", "log", "--columns", "").err


@pytest.mark.parametrize("tile", ["by_entry_point", "by_inbox"])
def test_figures_that_are_all_missing_are_null(loaded: Run, tile: str) -> None:
    rows = loaded("show", "contact_export", tile, "--format", "json").json
    assert {row["contacts_before"] for row in rows} == {None}


def test_figures_are_sorted_and_searched_by_what_a_table_shows(loaded: Run, tmp_path: Path) -> None:
    rows = [contact(contact_id=f"x{channel}", channel=channel) for channel in ("PHONE_CALL", "TWITTER", "EMAIL")]
    loaded("load", written(tmp_path / "ContactExport-20240301-20240331 (1).csv", rows))
    show = ("show", "inbound_contacts", "by_channel", "--format", "json", "--columns", "channel")
    shown = {
        order: [row["channel"] for row in loaded(*show, "--sort", f"channel:{order}").json] for order in ("asc", "desc")
    }
    labelled = [channel for channel in shown["asc"] if channel]
    assert labelled[-2:] == ["TWITTER", "PHONE_CALL"]  # Twitter, Voice (phone call)
    assert shown == {"asc": [*labelled, None], "desc": [*labelled[::-1], None]}
    for text in ("phone_call", "Voice (ph"):
        assert loaded(*show, "--search", text).json == [{"channel": "PHONE_CALL"}]
    assert loaded(*show, "--search", "no channel").json == [{"channel": None}]


def test_a_table_is_for_people(loaded: Run) -> None:
    answer = loaded("show", "inbound_contacts", "by_channel")
    assert answer.out.splitlines()[0].split("  ")[0] == "Channel"
    assert "No channel" in answer.out
    assert "33.3 %" in answer.out


def test_nothing_that_matches_is_said_and_is_no_failure(loaded: Run) -> None:
    answer = loaded("show", "inbound_contacts", "by_channel", "--where", "channel=FAX", "--format", "json")
    assert (answer.status, answer.json) == (0, [])
    assert "The selected filter(s) have no applicable data" in answer.err


def test_a_filter_that_cannot_apply_is_said(loaded: Run, tmp_path: Path) -> None:
    file = tmp_path / "InboundContacts-20240305-20240305-Daily.csv"
    file.write_text("Date,Inbound Contacts,Customers\n2024-03-05,4,4\n")
    loaded("load", file)
    answer = loaded("show", "inbound_contacts", "as_reported", "--where", "channel=CHAT", "--format", "json")
    assert (answer.status, answer.json) == (0, [])
    assert "The selected filter(s) are not applicable here" in answer.err
    assert len(loaded("show", "inbound_contacts", "as_reported", "--format", "json").json) == 1


def test_window_touch_and_currency_choose_what_a_message_is_credited_with(run: Run, tmp_path: Path) -> None:
    messages = [
        message("2024-03-05 10:00:00", customer_id="ann", queue="Birthday"),
        message("2024-03-09 10:00:00", customer_id="ann", queue="Lapsed"),
    ]
    orders = [
        order("2024-03-10 10:00:00", order_id="one", customer_id="ann", order_value="5.00", currency="USD"),
        order("2024-03-10 11:00:00", order_id="two", customer_id="ann", order_value="7.00", currency="EUR"),
    ]
    for name, rows in (("LexerMessages.csv", messages), ("LexerOrders.csv", orders)):
        assert run("load", written(tmp_path / name, rows, list(rows[0])), "--file-timezone", "UTC").status == 0
    show = ("show", "messaging_overview", "by_queue", "--format", "json")

    def revenue(*options: str) -> dict[str, float | None]:
        return {row["queue"]: row["revenue_generated"] for row in run(*show, *options).json}

    assert revenue() == {"Birthday": None, "Lapsed": None}
    assert revenue("--currency", "USD") == {"Birthday": 0.0, "Lapsed": 5.0}
    assert revenue("--currency", "EUR", "--touch", "first") == {"Birthday": 7.0, "Lapsed": 0.0}
    assert revenue("--currency", "EUR", "--touch", "first", "--window-days", "2") == {"Birthday": 0.0, "Lapsed": 7.0}
    assert "2 messages are still maturing" in run("show", "messaging_overview", "totals").err
    sql = run(*show, "--currency", "EUR", "--touch", "first", "--sql").out
    with duckdb.connect(str(shutil.copy(tmp_path / "workspace.duckdb", tmp_path / "copy.duckdb"))) as connection:
        assert dict(connection.execute(f"select queue, revenue_generated from ({sql})").fetchall())["Birthday"] == 7.0


# Errors --------------------------------------------------------------------------------------------------------------

SHOW = ("show", "inbound_contacts", "totals")
ERRORS: dict[str, tuple[tuple[object, ...], str]] = {
    "report": (("show", "inbound", "totals"), "no report 'inbound'. Try one of: inbound_contacts"),
    "tile": (("show", "inbound_contacts", "total"), "no tile of inbound_contacts 'total'. Try one of: totals"),
    "filter": ((*SHOW, "--where", "colour=red"), "no filter of inbound_contacts 'colour'"),
    "filter without a value": ((*SHOW, "--where", "channel"), "'channel' has no value"),
    "pin": ((*SHOW, "--pin", "colour=red"), "'colour'"),
    "pin of letters": ((*SHOW, "--pin", '{"channel":"CHAT"}'), "cannot be read. Write it as channel=CHAT"),
    "pin without end": ((*SHOW, "--pin", '{"channel":' + "[" * 9_999), "cannot be read. Write it as channel=CHAT"),
    "text that is none": ((*SHOW, "--where", "channel=\udce9"), "A value of channel is no text in UTF-8"),
    "pinned period": ((*SHOW, "--pin", "period=soon"), "soon"),
    "zone": ((*SHOW, "--timezone", "Mars/Base"), "no time zone 'Mars/Base'"),
    "date": ((*SHOW, "--from", "5 March"), "'5 March' is not a date. Write it as 2024-01-31"),
    "day that is none": ((*SHOW, "--from", "2024-02-30"), "'2024-02-30' is not a date"),
    "last day there is": ((*SHOW, "--from", "9999-12-31", "--to", "9999-12-31"), "9999"),
    "first day there is": ((*SHOW, "--from", "0001-01-01", "--to", "0001-01-01", "--compare", "preceding"), "0001"),
    "range": ((*SHOW, "--from", "2024-03-02", "--to", "2024-03-01"), "2 Mar 2024 and ends before it"),
    "preset": ((*SHOW, "--preset", "ever"), "no preset 'ever'"),
    "rollup": ((*SHOW, "--rollup", "year"), "no rollup 'year'"),
    "comparison": ((*SHOW, "--compare", "2024-03-02..2024-03-01"), "is not a range"),
    "direction": (("show", "inbound_contacts", "log", "--sort", "channel:up"), "no direction 'up'. Try one of: asc"),
    "setting": (("set", "colour", "red"), "no setting 'colour'"),
    "ending": (("export", "inbound_contacts", "--to", "pack.docx"), "'pack.docx' has no format"),
    "folder": (("export", "inbound_contacts", "--to", "/nowhere/pack.csv"), "no folder /nowhere"),
    "file": (("export", "inbound_contacts", "--to", "2024-03-01"), "Say one file to write"),
    "window": (("show", "messaging_overview", "totals", "--window-days", "61"), "Choose 1 to 60 days"),
    "endless window": (("show", "messaging_overview", "totals", "--window-days", "9" * 5_000), "Choose 1 to 60 days"),
    "touch": (("show", "messaging_overview", "totals", "--touch", "best"), "no touch 'best'. Try one of: last, first"),
    "setting of another report": ((*SHOW, "--touch", "first"), "no filter of inbound_contacts 'touch'"),
    "service level": (
        ("show", "contact_export", "totals", "--service-level", "best"),
        "no service level 'best'. Try one of: gladly, answered, offered, queued",
    ),
    "threshold": (("show", "contact_export", "totals", "--threshold", "soon"), "'soon' are no seconds"),
    "short abandon": (("show", "contact_export", "totals", "--short-abandon", "-5"), "'-5' are no seconds"),
    "days of a repeat": (("show", "repeat_contacts", "totals", "--within-days", "0"), "Choose 1 to 60 days"),
    "minutes of a forward": (("show", "repeat_contacts", "totals", "--forward-minutes", "x"), "Choose 0 to 1,440"),
    "channel of another report": ((*SHOW, "--same-channel"), "no filter of inbound_contacts 'same_channel'"),
    "stored threshold": (("set", "threshold", "soon"), "'soon' are no seconds"),
    "kind": (("load", "x.csv", "--kind", "zendesk"), "no kind of export 'zendesk'"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", ERRORS)
def test_what_a_user_can_cause_is_one_line_and_a_name_that_is_not_there_wrong_usage(loaded: Run, wrong: str) -> None:
    arguments, text = ERRORS[wrong]
    answer = loaded(*arguments)
    is_unknown_name = answer.err.startswith("There is no ") and "Try one of: " in answer.err
    assert (answer.status, answer.out) == (2 if is_unknown_name else 1, "")
    assert text in answer.err
    assert len(answer.err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("fly",), ("show",), (*SHOW, "--format", "xml"), ("load",),
        *((*SHOW, "--limit", number) for number in ("many", "-1", "1.5", "\u00b2", 10**23, "9" * 5_000, 2**31)),
        (*SHOW, "--offset", 10**23), ("unload", 2**31), ("compare", 1, 10**23), ("load", "x.csv", "--wait", "nan"),
        ("load", "x.csv", "--wait", "-1"), ("serve", "--port", 65_536), ("serve", "--port", 0),
    ],
)  # fmt: skip
def test_wrong_usage_is_status_two(run: Run, arguments: tuple[str, ...]) -> None:
    answer = run(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert "usage:" in answer.err
    assert len(answer.err.splitlines()[-1]) < 400


@pytest.mark.parametrize("name", ["n" * 256, "with\0nul"])
def test_a_name_that_no_file_can_have_is_one_line(loaded: Run, tmp_path: Path, name: str) -> None:
    held = sorted(tmp_path.iterdir())
    for command in (
        ("load", name), ("load", name + ".csv"), ("load", "rows.csv", "--mapping", name), ("backup", tmp_path / name),
        ("restore", name), ("export", "inbound_contacts", "--to", tmp_path / f"{name}.xlsx"), ("status",),
        ("load", "rows.csv"), ("set", "folders", f"/{name}"), ("set", "reporting_zone", name),
    ):  # fmt: skip
        place = ("--workspace", tmp_path / name) if command in (("status",), ("load", "rows.csv")) else ()
        answer = loaded(*command, *place)
        status = 2 if command[:2] == ("set", "reporting_zone") else 1
        assert (answer.status, answer.out, len(answer.err.splitlines())) == (status, "", 1), answer
    assert sorted(tmp_path.iterdir()) == held


def test_the_command_line_never_answers_from_sample_data(run: Run, tmp_path: Path) -> None:
    Workbench(tmp_path / "workspace.duckdb").close()
    answer = run(*SHOW)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith("No Contact Export loaded yet in ")
    assert "python -m workbench load FILE" in answer.err


# In a process of its own ---------------------------------------------------------------------------------------------


def process(*arguments: object, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "workbench", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, check=False)


def test_a_workspace_in_use_or_damaged_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.duckdb"
    broken.write_text("no database" * 1_000)
    answer = process("status", "--workspace", broken)
    assert (answer.returncode, answer.stdout, len(answer.stderr.splitlines())) == (1, "", 1)
    assert "damaged" in answer.stderr
    workbench = Workbench(tmp_path / "held.duckdb")
    held = process(
        "load", written(tmp_path / "rows.csv", [contact()]), "--workspace", tmp_path / "held.duckdb", "--wait", 0
    )
    workbench.close()
    assert (held.returncode, held.stdout, len(held.stderr.splitlines())) == (1, "", 1)
    assert f"held by another process (PID {os.getpid()})" in held.stderr


def test_the_default_workspace_is_in_the_home_folder(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "WORKBENCH_WORKSPACE": ""}
    assert process("set", "week_start", "sunday", **home).returncode == 0
    answer = process("status", "--json", **home)
    assert json.loads(answer.stdout)["workspace"] == str(tmp_path / ".contact-workbench" / "workspace.duckdb")


def test_a_reader_that_goes_away_is_no_error(loaded: Run, tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m workbench show inbound_contacts log --format csv | head -1'
    answer = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.startswith("queued_at,")
    assert "Traceback" not in answer.stderr


# Changes -------------------------------------------------------------------------------------------------------------


def test_changes_are_those_of_a_notebook_and_need_a_comparison(run: Run, tmp_path: Path) -> None:
    rows = [contact(f"2024-03-{day} 10:00:00", entry_point=point) for day in ("05", "12") for point in "aab"]
    rows += [contact("2024-03-12 11:00:00", entry_point=None)]
    run("load", written(tmp_path / "ContactExport-20240301-20240331.csv", rows))
    asked = ("changes", "inbound_contacts", "inbound_contacts", "--from", "2024-03-11", "--to", "2024-03-17")
    answer = run(*asked, "--compare", "matching", "--format", "json")
    keys = ["dimension", "value", "before", "now", "contribution", "mix", "rate", "without"]
    assert [list(row) for row in answer.json] == [keys] * len(answer.json)
    assert dict(zip(keys, ["entry_point", None, 0, 1, 1, None, None, None], strict=True)) in answer.json
    assert "Nothing remarkable" in answer.err
    workbench = Workbench(tmp_path / "workspace.duckdb")
    report = workbench.report("inbound_contacts", "2024-03-11", "2024-03-17", compare="matching")
    found = report.changes("inbound_contacts")
    workbench.close()
    assert as_json(found, "day") == answer.json
    assert run(*asked, "--compare", "matching").out.splitlines()[0].split() == [
        "Dimension", "Value", "Before", "Now", "Contribution",
    ]  # fmt: skip
    refused = run("changes", "inbound_contacts", "customer", *asked[3:], "--compare", "matching")
    assert (refused.status, refused.out) == (2, "")
    assert "The closest is customers" in refused.err
    usage = run(*asked)
    assert (usage.status, "required: --compare" in usage.err) == (2, True)


# Export --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["xlsx", "csv", "parquet"])
def test_an_export_is_written_and_said(loaded: Run, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"pack.{ending}"
    answer = loaded("export", "inbound_contacts", "--from", "2024-03-05", "--to", "2024-03-05", "--to", target)
    assert (answer.status, answer.out) == (0, "")
    assert f"Wrote {target}" in answer.err
    if ending == "parquet":
        assert len(pd.read_parquet(target)) == 4
    if ending == "csv":
        assert len(target.read_text().splitlines()) == 5


def test_money_says_its_currency_or_why_it_is_empty_and_orders_by_which_rule_they_count(
    run: Run, tmp_path: Path
) -> None:
    for name, rows in (
        ("LexerMessages.csv", [message(customer_id="ann")]),
        ("LexerOrders.csv", [order(customer_id="ann", currency=currency) for currency in ("USD", "EUR")]),
    ):
        assert run("load", written(tmp_path / name, rows, list(rows[0])), "--file-timezone", "UTC").status == 0
    show = ("show", "messaging_overview", "by_queue")
    answer = run(*show)
    assert "Orders credited to the last message within 7 days\n" in answer.err
    assert "Revenue is empty, as orders are in EUR and USD: choose one currency\n" in answer.err
    assert "Revenue generated  Revenue per message" in answer.out
    answer = run(*show, "--currency", "EUR", "--touch", "first", "--window-days", "1")
    assert "Orders credited to the first message within 1 day\nRevenue in EUR\n" in answer.err
    assert "Revenue generated (EUR)  Revenue per message (EUR)" in answer.out
    target = tmp_path / "totals.csv"
    assert "Revenue in EUR" in run("export", *show[1:2], "--tile", "by_queue", "--currency", "EUR", "--to", target).err


def test_an_export_has_the_columns_order_and_rows_that_are_asked_for(loaded: Run, tmp_path: Path) -> None:
    asked = ("--columns", "contact_id,channel", "--sort", "contact_id:desc", "--search", "c1")
    shown = loaded("show", "inbound_contacts", "log", *asked, "--format", "csv").out
    spreadsheet = partial(pd.read_excel, sheet_name=1, engine="calamine")
    for ending, read in {"csv": pd.read_csv, "parquet": pd.read_parquet, "xlsx": spreadsheet}.items():
        target = tmp_path / f"log.{ending}"
        assert loaded("export", "inbound_contacts", "--tile", "log", *asked, "--to", target).status == 0
        rows = read(target).set_axis(["contact_id", "channel"], axis=1)
        assert rows.to_csv(index=False) == shown
    tile = ("--tile", "by_channel", "--sort", "channel:desc", "--columns", "channel")
    assert loaded("export", "inbound_contacts", *tile, "--to", tmp_path / "tile.csv").status == 0
    assert (tmp_path / "tile.csv").read_text("utf-8-sig").splitlines() == ['"channel"', '"SMS"', '"CHAT"', '""']


def test_columns_of_one_of_several_logs_are_asked_of_a_tile(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "ContactsAdded-20240301-20240305.csv", [], list(activity("added")))
    assert run("load", file, "--file-timezone", "UTC").status == 0
    answer = run("export", "contacts", "--columns", "all", "--to", tmp_path / "pack.xlsx")
    assert (answer.status, "several logs. Say which with --tile: added_log" in answer.err) == (1, True)


def test_a_csv_with_apostrophes_that_are_not_in_the_data_says_how_many(loaded: Run, tmp_path: Path) -> None:
    export = ("export", "inbound_contacts", "--tile", "log", "--to", tmp_path / "log.csv")
    assert "12 texts begin with an apostrophe that is not in the data" in loaded(*export).err
    assert (tmp_path / "log.csv").read_text().count("\"'=1+") == 12
    assert "1 text begins" in loaded(*export, "--search", "c11").err
    for other in (("--exact",), ("--columns", "status")):
        assert "begin" not in loaded(*export, *other).err
    tile = ("export", "contact_export", "--tile", "by_entry_point", "--to", tmp_path / "tile.csv")
    assert "12 texts begin" in loaded(*tile).err


RECIPE = {
    "format": "contact-workbench-recipe", "name": "weekly", "title": "Weekly pack",
    "views": [{"title": "Calls", "report": "contact_export", "query": {"preset": ["all"]}}],
    "files": [{"files": "Mine-*.csv", "kind": "gladly_contact_export", "file_timezone": "UTC"}],
    "thresholds": [{"view": "Calls", "metric": "contacts", "above": 1}],
}  # fmt: skip


def test_recipes_are_taken_over_listed_shown_carried_and_deleted(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "weekly.json"
    file.write_text(json.dumps(RECIPE), encoding="utf-8")
    assert run("recipes", "import", file) == Answer(0, "", "Recipe weekly is kept\n")
    listed = "weekly: Weekly pack (1 view, 1 rule, 1 threshold)\n"
    assert (run("recipes").out, run("recipes", "list").out) == (listed, listed)
    assert [each["name"] for each in run("recipes", "list", "--json").json] == ["weekly"]
    shown = run("recipes", "show", "weekly").out
    assert run("recipes", "export", "weekly").out == shown
    assert run("recipes", "export", "weekly", "--to", tmp_path / "out.json").status == 0
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == shown
    kept = (tmp_path / "workspace.duckdb").read_bytes()
    for target in ("workspace.duckdb", "in.csv", "none/out.json"):
        assert run("recipes", "export", "weekly", "--to", tmp_path / target).status == 1
    assert (tmp_path / "workspace.duckdb").read_bytes() == kept
    assert not (tmp_path / "in.csv").exists()
    assert run("recipes", "delete", "weekly").status == 0
    answer = run("recipes", "show", "weekly")
    assert (answer.status, answer.err) == (2, "There is no recipe 'weekly'. Try one of: (none is saved)\n")
    assert run("recipes", "import", "weekly").err.startswith("'weekly' is no file of a recipe")


def test_a_dry_run_says_what_would_be_loaded_and_does_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "weekly.json").write_text(json.dumps(RECIPE), encoding="utf-8")
    mine = written(tmp_path / "Mine-1.csv", [contact(), contact()])
    answer = run("run", tmp_path / "weekly.json", mine, "--dry-run")
    assert answer.status == 0
    assert answer.out.splitlines() == [
        "Mine-1.csv: Contact Export, 2 rows to load (by the rule for Mine-*.csv)", "Then the pack 'Weekly pack': Calls",
    ]  # fmt: skip
    assert not (tmp_path / "workspace.duckdb").exists()
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    answer = run("run", tmp_path / "weekly.json", tmp_path / "notes.csv", "--dry-run")
    assert (answer.status, answer.out.splitlines()[0].startswith("Refused: notes.csv: ")) == (1, True)


def test_a_run_says_each_file_and_threshold_and_ends_by_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "weekly.json").write_text(json.dumps(RECIPE), encoding="utf-8")
    assert run("recipes", "import", tmp_path / "weekly.json").status == 0
    for number, status in ((1, 0), (2, 3)):
        mine = written(tmp_path / f"Mine-{number}.csv", [contact()])
        answer = run("run", "weekly", mine, "--to", tmp_path / "pack.xlsx")
        assert answer.status == status
        assert answer.out.splitlines()[0].startswith(f"Mine-{number}.csv: 1 row read: 1 loaded")
        state = "passed: Calls: Contacts is 2, above 1" if number == 2 else "kept: Calls: Contacts is 1, not above 1"
        assert answer.out.splitlines()[1:] == [f"Threshold {state}"]
    assert run("recipes", "import", tmp_path / "pack.xlsx").status == 0
    answer = run("run", "weekly")
    assert (answer.status, answer.err.splitlines()[-1].partition(": ")[2]) == (
        2, "error: say where the pack goes: --to pack.xlsx",
    )  # fmt: skip
    assert run("run", "weekly", tmp_path / "none.csv", "--to", tmp_path / "pack.xlsx").status == 1
    assert run("run", "wekly", "--to", tmp_path / "pack.xlsx").status == 2


def test_a_command_imports_neither_the_pages_nor_what_draws_charts() -> None:
    code = "import sys, workbench.cli; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "workbench.cli.recipes" in run.stdout.split()
    assert not {"streamlit", "altair", "openpyxl"} & set(run.stdout.split())
