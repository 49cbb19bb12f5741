"""What people and other tools do to files and selections, and what must not go wrong in silence."""

from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from tests.builders import Desk, contact, written
from workbench import Workbench, workbook
from workbench.ask import logs
from workbench.ask.logs import Page
from workbench.cli import main
from workbench.errors import BadSelection, FileRefused, QueryStopped, WorkspaceUnavailable
from workbench.intake import mappings
from workbench.intake.limits import MOST, UNITS, Limits
from workbench.progress import Progress

REPORTED = "InboundContacts-{}-Daily.csv"


def test_beside_semicolons_a_comma_is_a_decimal_one(desk: Desk) -> None:
    report = desk.load(*(contact(contact_id=c) for c in "abc"), name="plain.csv")
    rows = "\n".join(
        f"{c};2024-03-05 10:00:00;{text}" for c, text in zip("abc", ("149,683", "17149,5", "1.234,25"), strict=True)
    )
    report = desk.load_text(f"Contact ID;Queued At;Talk Time\n{rows}\n", absent="keep")
    assert report.rows_rejected == 0
    assert sorted(desk.columns("contact_id", "talk_seconds")) == [("a", 149.683), ("b", 17149.5), ("c", 1234.25)]


def test_beside_tabs_a_comma_is_not_guessed(desk: Desk) -> None:
    report = desk.load_text("Contact ID\tQueued At\tTalk Time\na\t2024-03-05 10:00:00\t1,250\n")
    assert [(r["column"], r["value"]) for r in report.rejects] == [("Total Talk Time", "1,250")]


@pytest.mark.parametrize("text", ['"=""-C1"""', "'-C1", " -C1 ", "-C1\t"])
def test_an_id_protected_from_spreadsheets_is_the_same_contact(desk: Desk, text: str) -> None:
    desk.load(contact(contact_id="-C1"))
    desk.load_text(f"Contact ID,Queued At\n{text},2024-03-05 10:00:00\n", absent="keep")
    assert desk.columns("contact_id") == [("-C1",)]


def test_a_key_of_blanks_is_rejected_with_its_own_line(desk: Desk) -> None:
    report = desk.load_text("Contact ID,Queued At\na,2024-03-05 10:00:00\n   ,2024-03-05 10:00:00\nb,soon\n")
    assert [(r["row"], r["column"], r["reason"]) for r in report.rejects] == [
        (3, "Contact ID", "missing"),
        (4, "Queued At", "not a date and time"),
    ]


def test_a_row_outside_of_the_file_names_days_covers_its_own_day_only(desk: Desk) -> None:
    report = desk.load(contact("2024-01-10 10:00:00"), contact("2024-03-02 10:00:00"))
    assert "Some rows lie outside of the days that the file name gives" in report.warnings
    periods = [row["period"] for row in desk.tile("by_period")]
    assert (len(periods), periods[:2]) == (32, ["2024-01-10", "2024-03-01"])


def test_an_inbox_that_starts_with_all_is_not_all_inboxes(desk: Desk) -> None:
    desk.load(contact(inbox_when_first_queued="All-Star VIP", inboxes_filter="All-Star VIP"))
    assert desk.tile("by_period", inbox="Other") == []


def test_a_load_after_a_rolled_back_one_gets_a_number_of_its_own(tmp_path: Path) -> None:
    for number in (1, 2, 3):  # each in a workspace opened anew, as after a crash
        workbench = Workbench(tmp_path / "w.duckdb")
        assert workbench.load(written(tmp_path / f"{number}.csv", [contact(contact_id="a")] * 2)).load_id == number
        workbench.close()


def test_a_file_cut_within_a_character_is_refused(desk: Desk) -> None:
    with pytest.raises(FileRefused, match="damaged"):
        desk.load_text("Contact ID".encode("utf-16") + b"A")


def test_a_file_of_too_many_columns_is_refused_at_once(desk: Desk) -> None:
    extra = ",".join(f"c{n}" for n in range(20_000))
    with pytest.raises(FileRefused, match="20,002 columns"):
        desk.load_text(f"Contact ID,Queued At,{extra}\n")


def test_a_file_name_with_an_impossible_day_gives_no_days(desk: Desk) -> None:
    report = desk.load(contact("2024-03-05 10:00:00"), name="ContactExport-20240101-99991231.csv")
    assert (report.period_from, report.period_to) == (date(2024, 3, 5), date(2024, 3, 5))


def test_a_column_of_the_file_never_stands_for_one_of_ours(desk: Desk) -> None:
    row = contact(inbox_when_first_queued="Sales") | {"inbox": "theirs", "row_id": "theirs", "share": "theirs"}
    desk.workbench.load(written(desk.folder / "extra.csv", [row], list(row)))
    report = desk.workbench.report("inbound_contacts")
    log = report.question.report.log
    page = Page(columns=("inbox", "inbox (in the file)", "row_id (in the file)", "share (in the file)"))
    found = logs.log_rows(report.question, log, page)
    assert found.iloc[0, 1:].tolist() == ["Sales", "theirs", "theirs", "theirs"]


def test_a_spreadsheet_is_read_and_written_from_any_folder(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Contact ID", "Queued At", "Direction"])
    book.active.append(["a", "2024-03-05 10:00:00", "INBOUND"])
    book.save(desk.folder / "a.xlsx")
    monkeypatch.chdir(desk.folder)
    assert desk.workbench.load("a.xlsx").rows_loaded == 1
    assert desk.workbench.report("inbound_contacts").to_excel("pack.xlsx").stat().st_size > 0


def test_a_cancelled_load_leaves_nothing(desk: Desk) -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(QueryStopped):
        desk.workbench.workspace.load(written(desk.folder / "a.csv", [contact()]), progress=progress)
    assert desk.workbench.workspace.loads() == []


def test_a_pinned_period_is_compared_with_nothing_but_in_the_tile_that_ignores_the_pin(desk: Desk) -> None:
    desk.load(
        contact("2024-03-05 10:00:00"), contact("2024-03-06 10:00:00"), contact("2024-03-06 11:00:00", channel="SMS")
    )

    def found(tile: str, key: str, **pins: str) -> list[tuple[Any, ...]]:
        asked = {"start": "2024-03-06", "end": "2024-03-07", "compare": "preceding", "pins": pins}
        rows = desk.tile(tile, **asked)
        return [(row.get(key), row["inbound_contacts"], row["inbound_contacts_before"]) for row in rows]

    assert found("by_period", "period", period="2024-03-06") == [("2024-03-06", 2, 0), ("2024-03-07", 0, 1)]
    assert found("totals", "", period="2024-03-06", channel="CHAT") == [(None, 1, None)]
    pinned = found("by_channel", "channel", period="2024-03-06", channel="CHAT")
    assert pinned == [("CHAT", 1, None), ("SMS", 1, None)]


# The vendor's own download -------------------------------------------------------------------------------------------


def reported(desk: Desk, zone: str, *days: str, inboxes: str = "All Inboxes") -> None:
    lines = "\n".join(f"{zone},All Channels,{inboxes},{day},5,4,1.25" for day in days)
    figures = "Date,Inbound Contacts,Customers,Avg. Inbound Contacts per Customer"
    header = f"Timezone Filter,Channel Filter,Inboxes Filter,{figures}"
    desk.load_text(f"{header}\n{lines}\n", name=REPORTED.format("20240301-20240331"))


def test_a_download_is_compared_in_its_own_zone_whatever_zone_is_shown(desk: Desk) -> None:
    desk.load(contact("2024-03-05 23:30:00"), contact("2024-03-06 00:30:00"))
    reported(desk, "UTC", "2024-03-05", "2024-03-06")
    for timezone in ("UTC", "Asia/Tokyo"):
        found = desk.tile("as_reported", timezone=timezone)
        assert [(r["period"], r["inbound_contacts"]) for r in found] == [("2024-03-05", 1), ("2024-03-06", 1)]


def test_a_download_of_another_zone_is_compared_only_over_whole_days_of_it(desk: Desk) -> None:
    desk.load(contact("2024-03-07 10:00:00"), contact("2024-03-08 03:00:00"))
    reported(desk, "America/New_York", "2024-03-06", "2024-03-07", "2024-03-31")

    def found(**selection: Any) -> list[tuple[Any, ...]]:
        return [(r["period"], r["inbound_contacts"]) for r in desk.tile("as_reported", **selection)]

    days = {"start": "2024-03-06", "end": "2024-03-07"}
    assert found() == [("2024-03-06", 0), ("2024-03-07", 2)]
    assert found(**days) == [("2024-03-06", 0)]
    assert found(**days, timezone="America/New_York") == [("2024-03-06", 0), ("2024-03-07", 2)]


def test_a_download_is_compared_over_all_days_of_its_zone_when_another_is_shown(desk: Desk) -> None:
    days = [contact(f"2024-03-{day} 12:00:00", timezone_filter="America/New_York") for day in ("01", "31")]
    desk.load(*days)
    reported(desk, "America/New_York", "2024-03-01", "2024-03-31", "2024-04-01")
    for timezone in ("America/New_York", "Asia/Tokyo", "America/Los_Angeles"):
        found = desk.tile("as_reported", timezone=timezone)
        assert [(r["period"], r["inbound_contacts"]) for r in found] == [("2024-03-01", 1), ("2024-03-31", 1)]


def test_a_download_of_one_inbox_is_compared_with_it_alone_though_its_name_starts_with_all(desk: Desk) -> None:
    desk.load(contact(inbox_when_first_queued="All Stars"), contact(inbox_when_first_queued="Sales"))
    reported(desk, "UTC", "2024-03-05", inboxes="All Stars")
    assert [r["inbound_contacts"] for r in desk.tile("as_reported")] == [1]


def test_days_that_are_not_loaded_are_not_compared_with_a_download(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00"), name="ContactExport-20240305-20240305.csv")
    reported(desk, "UTC", "2024-03-05", "2024-03-06")
    assert [r["period"] for r in desk.tile("as_reported", start="2024-03-01", end="2024-03-31")] == ["2024-03-05"]


def test_every_tile_can_be_exported_and_its_sql_has_no_parameter_left(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00"))
    reported(desk, "UTC", "2024-03-05")
    report = desk.workbench.report("inbound_contacts", compare="preceding", start="2024-03-05", end="2024-03-05")
    for tile in report.question.report.tile_names:
        target = desk.folder / f"{tile}.csv"
        workbook.write(report.question, target, report.question.report.tile(tile))
        header = duckdb.sql(f"select * from read_csv('{target}', header=true) limit 0").columns
        assert header == list(report.tile(tile).columns)
        assert "$" not in report.sql(tile)


def test_an_export_never_replaces_the_workspace_or_goes_into_a_folder(tmp_path: Path) -> None:
    workbench = Workbench(tmp_path / "w.csv")
    workbench.load(written(tmp_path / "a.csv", [contact()]))
    (tmp_path / "folder.csv").mkdir()
    report = workbench.report("inbound_contacts")
    for target in ("w.csv", "folder.csv"):
        with pytest.raises(BadSelection, match="Name another file"):
            workbook.write(report.question, tmp_path / target, report.question.report.tile("totals"))
    workbench.close()


def test_loads_of_several_row_groups_are_counted_and_replaced_whole(desk: Desk) -> None:
    rows = [f"c{n},2024-03-05 10:00:00" for n in range(150_000)]  # DuckDB keeps 122,880 to a row group
    assert desk.load_text("Contact ID,Queued At\n" + "\n".join(rows)).rows_loaded == 150_000
    assert desk.load_text("Contact ID,Queued At\n" + "\n".join(rows)).rows_unchanged == 150_000
    changed = [f"c{n},2024-03-05 11:00:00" for n in range(140_000)] + ["c1,2024-03-05 12:00:00", ",2024-03-05 12:00:00"]
    report = desk.load_text("Contact ID,Queued At\n" + "\n".join(changed))
    assert (report.rows_read, report.rows_updated, report.rows_rejected) == (140_002, 140_001, 1)
    hours = "select hour(queued_at), count(*) from gladly_contact_export group by all order by all"
    assert desk.stored(hours) == [(10, 10_000), (11, 139_999), (12, 1)]


def test_a_limit_of_files_is_a_setting_and_a_refusal_names_it(desk: Desk) -> None:
    workspace = desk.workbench.workspace
    sheet = desk.folder / "ContactExport.xlsx"
    book = openpyxl.Workbook()
    for row in (["Contact ID", "Queued At"], ["a", "2024-03-05 10:00:00"], ["b", "2024-03-05 10:00:00"]):
        book.active.append(row)
    book.save(sheet)
    workspace.set("limit_cells", "5")
    with pytest.raises(FileRefused, match=r"above the limit cells = 5"):
        workspace.load(sheet)
    workspace.set("limit_cells", "6")
    assert workspace.load(sheet).rows_loaded == 2
    for value in ("0", "-1", "many", "1.5", "", "2147483648", "9" * 5_000):
        with pytest.raises(BadSelection, match=r"not a whole number from 1 to 2147483647\. Until set it is 20000000"):
            workspace.set("limit_cells", value)


def test_the_largest_limits_can_be_worked_with(desk: Desk) -> None:
    for limit in fields(Limits):
        desk.workbench.workspace.set(f"limit_{limit.name}", str(MOST * UNITS[limit.name]))
    sheet = desk.folder / "ContactExport.xlsx"
    book = openpyxl.Workbook()
    for row in (["Contact ID", "Queued At"], ["a", "2024-03-05 10:00:00"]):
        book.active.append(row)
    book.save(sheet)
    assert desk.workbench.load(sheet).rows_loaded == 1


@pytest.mark.parametrize("key", ["quiet_change", "quiet_points"])
def test_what_is_usual_is_a_fraction_from_0_to_1(desk: Desk, key: str) -> None:
    name = key.removeprefix("quiet_")
    for value, became in {"0": 0.0, "1": 1.0, ".25": 0.25, "0.123456789": 0.123456789}.items():
        desk.workbench.set(key, value)
        assert getattr(desk.workbench.workspace.quiet, name) == became
    usual = {"quiet_change": r"0\.1", "quiet_points": r"0\.03"}[key]
    for value in ("1.000000001", "-0.1", "10 %", "0,1", "nan", "1e-1", "", "1.", "9" * 5_000):
        with pytest.raises(BadSelection, match=rf"not a number from 0 to 1\. Until set it is {usual}"):
            desk.workbench.set(key, value)
    assert getattr(desk.workbench.workspace.quiet, name) == 0.123456789


# Workspaces that another program has written to ----------------------------------------------------------------------

ODD_SETTINGS = {
    "week_start": "friday", "reporting_zone": "right/Europe/Berlin", "limit_cells": "9" * 5_000, "limit_seconds": "-1",
    "quiet_change": "10",
}  # fmt: skip


def with_setting(path: Path, key: str, value: str) -> Path:
    """Write a setting into the file of a workspace, as another program would."""
    Workbench(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("insert or replace into settings values (?, ?)", [key, value])
    return path


@pytest.mark.parametrize("key", ODD_SETTINGS)
def test_a_stored_setting_that_cannot_be_is_one_line_until_it_is_set_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    path = with_setting(tmp_path / "w.duckdb", key, ODD_SETTINGS[key])
    for command in (("status",), ("load", "rows.csv"), ("backup", str(tmp_path / "b.duckdb"))):
        assert main([*command, "--workspace", str(path)]) == 1
        said = capsys.readouterr().err
        assert f"The setting {key} cannot be used. " in said
        assert f"Change it by: set {key} VALUE." in said
        assert (len(said.splitlines()), len(said) < 600) == (1, True)
    for _ in range(2):  # it is not left open
        with pytest.raises(BadSelection, match=key):
            Workbench(path)
    usual = {"week_start": "sunday", "reporting_zone": "Europe/Berlin"}.get(key, "1")
    assert main(["set", key, usual, "--workspace", str(path)]) == 0
    assert main(["status", "--workspace", str(path)]) == 0


def test_a_setting_that_this_workbench_does_not_know_means_nothing(tmp_path: Path) -> None:
    workbench = Workbench(with_setting(tmp_path / "w.duckdb", "of_tomorrow", "yes"))
    assert workbench.workspace.week_start == "monday"
    workbench.close()


def test_a_version_that_is_none_is_one_line(tmp_path: Path) -> None:
    path = with_setting(tmp_path / "w.duckdb", "version", "many")
    with pytest.raises(WorkspaceUnavailable, match=r"its setting version is 'many'\. Restore a backup"):
        Workbench(path)


@pytest.mark.parametrize(
    "change",
    [
        *(f"update settings set value = '{value}' where key = '{key}'" for key, value in ODD_SETTINGS.items()),
        "update loads set report = 'no JSON'", "update loads set report = '[]'", "update loads set report = null",
        "update loads set report = '{\"unknown\": 1}'", "update coverage set only_values = '[1]'",
        "insert into saved_views values ('n', 'r', 'no link', false, '')",
        "insert into mappings values ('h', 'gladly_contact_export', '{')",
        f"insert into mappings values ('h', 'gladly_contact_export', '{'[' * 5_000}')",
        "alter table rejects add column theirs integer",
        "create table theirs (id integer)", "drop table loads; create view loads as select 1 as load_id",
    ],
)  # fmt: skip
def test_a_backup_with_odd_values_changes_nothing(tmp_path: Path, change: str) -> None:
    source, workspace = Workbench(tmp_path / "backup.duckdb"), Workbench(tmp_path / "w.duckdb").workspace
    source.load(written(tmp_path / "ContactExport-20240301-20240331.csv", [contact()]))
    for key in ODD_SETTINGS:
        source.workspace.set(
            key, {"week_start": "sunday", "reporting_zone": "UTC", "quiet_change": "0.7"}.get(key, "7")
        )
    source.close()
    with duckdb.connect(str(tmp_path / "backup.duckdb")) as connection:
        connection.execute(change)
    with pytest.raises(FileRefused, match=r"^backup\.duckdb: [^\n]*Nothing was changed") as refused:
        workspace.restore(tmp_path / "backup.duckdb")
    assert len(str(refused.value)) < 600
    assert (workspace.loads(), workspace.week_start) == ([], "monday")
    workspace.close()


def test_a_mapping_that_is_nested_without_end_is_one_line(desk: Desk) -> None:
    for text in ("[" * 100_000, '{"kind": ' * 50_000, '{"columns": {"a": ' + "[" * 99_999):
        (desk.folder / "mapping.json").write_text(text)
        with pytest.raises(FileRefused, match=r"mapping\.json: not a mapping\. Write it as"):
            mappings.read(desk.folder / "mapping.json")
