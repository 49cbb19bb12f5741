"""The notebook's face: load, ask, chart, rows, SQL, Excel, and how all of it shows itself."""

import sys
from datetime import date, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.builders import Desk, activity, contact, message, plain
from workbench import Workbench
from workbench.ask.logs import Page, every_column, log_rows
from workbench.errors import BadSelection, FileRefused, UnknownColumn, UnknownName
from workbench.exports import KINDS
from workbench.reports import REPORTS

HOSTILE = "</script><img src=http://host.example/a.png>![x](http://host.example/b.png)"


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


# What there is, and what changes it ----------------------------------------------------------------------------------


def test_what_there_is_is_listed(desk: Desk) -> None:
    desk.load(contact())
    workbench = desk.workbench
    assert dict(zip(workbench.reports["report"], workbench.reports["is_loaded"], strict=True)) == {
        name: "gladly_contact_export" in report.kinds for name, report in REPORTS.items()
    }
    assert list(workbench.kinds["kind"]) == list(KINDS)
    assert workbench.kinds.loc[0, ["rows", "loads", "from", "to"]].tolist() == [1, 1, "2024-03-01", "2024-03-31"]
    assert plain(workbench.loads)[0]["file"] == "ContactExport-20240301-20240331.csv"
    assert list(Workbench().loads.columns) == list(workbench.loads.columns)
    assert "tex2jax_ignore" in str(workbench.report("inbound_contacts").sources._repr_html_())  # no markup of a file's


def test_a_load_takes_what_the_command_line_takes_and_can_be_taken_back_and_compared(desk: Desk) -> None:
    mapping: dict[str, Any] = {"kind": "lexer_orders", "columns": {"no": "order_id", "when": "ordered_at"}}
    file = desk.folder / "shop.csv"
    for number in (1, 2):
        file.write_text(f"no,when\no-{number},2024-03-05 10:00:00\n")
        desk.workbench.load(file, mapping=mapping, file_timezone="UTC")
    assert repr(desk.workbench.compare(1, 2)) == "lexer_orders: 1 row added, 0 changed, 1 vanished, 0 unchanged"
    assert desk.workbench.kinds.set_index("kind").loc["lexer_orders", "rows"] == 2
    desk.workbench.unload(1)
    assert [load["load_id"] for load in plain(desk.workbench.loads)] == [2]
    desk.workbench.set("week_start", "sunday")
    assert desk.workbench.workspace.week_start == "sunday"
    with pytest.raises(FileRefused, match="no column of lexer_orders 'colour'"):
        desk.workbench.load(file, mapping={"kind": "lexer_orders", "columns": {"no": "colour"}})
    with pytest.raises(UnknownName, match="Try one of: monday, sunday"):
        desk.workbench.set("week_start", "friday")


# Logs, missing values ------------------------------------------------------------------------------------------------


def test_a_log_has_the_rows_and_columns_of_the_page(sample: Workbench) -> None:
    report = sample.report("contact_export")
    tile, question = REPORTS["contact_export"].log, report.question
    found = report.tile("log", columns="all", sort="talk_seconds:desc", search="castel", limit=3, offset=1)
    page = Page("talk_seconds:desc", 3, 1, "castel", every_column(question, tile))
    assert found.equals(log_rows(question, tile, page).drop(columns="row_id"))
    assert (len(found), len(found.columns)) == (3, len(tile.offered))
    assert list(report.tile("log", columns=["channel", "status"], offset=4_999).columns) == ["channel", "status"]
    assert len(report.tile("log", offset=4_999)) == 1
    for wrong, error in (({"columns": "chanel"}, UnknownColumn), ({"limit": -1}, BadSelection)):
        with pytest.raises(error, match=r"closest is channel|limit is -1"):
            report.tile("log", **wrong)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT], ids=str)
def test_what_pandas_has_for_a_missing_value_names_the_missing_row(desk: Desk, missing: object) -> None:
    desk.load(contact(contact_id="a"), contact(contact_id="b", channel=None), contact(contact_id="c", channel="SMS"))
    report = desk.workbench.report("inbound_contacts")
    assert list(report.rows("by_channel", channel=missing)["contact_id"]) == ["b"]
    assert set(report.rows("by_channel", channel=["SMS", missing])["contact_id"]) == {"b", "c"}
    assert set(report.rows("by_channel", channel=report.tile("by_channel")["channel"])["contact_id"]) == set("abc")
    asked = desk.workbench.report("inbound_contacts", channel=missing, pins={"inbox": missing}, start=missing)
    assert asked.selection.values("channel") == asked.selection.pinned_values("inbox")[0] == ("",)


def test_a_moment_stands_for_its_day_and_a_number_of_a_frame_for_its_row(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00"), contact("2024-03-06 10:00:00"))
    moments = pd.Timestamp("2024-03-06"), datetime(2024, 3, 6, 14)
    assert desk.tile("totals", start=moments[0], end=moments[1])[0]["inbound_contacts"] == 1
    by_hour = desk.workbench.report("contact_export").tile("by_hour")
    cell = by_hour[by_hour["contacts"] > 0].astype("float64").iloc[0]
    assert len(desk.workbench.report("contact_export").rows("by_hour", weekday=cell["weekday"], hour=cell["hour"])) == 1


def test_a_missing_value_is_missing_in_every_frame(sample: Workbench) -> None:
    for report in map(sample.report, REPORTS):
        for tile in report.question.report.tiles:
            rows = report.tile(tile.name, columns="all")
            assert [name for name in rows if rows[name].isin(["-", "–", "", "nan", "None"]).any()] == []


# How it shows itself -------------------------------------------------------------------------------------------------


def test_a_workbench_a_report_and_a_frame_say_what_they_are(sample: Workbench) -> None:
    report = sample.report(
        "inbound_contacts", start="2026-10-01", end="2026-10-31", rollup="week", channel=["CHAT", None],
        compare="preceding", pins={"inbox": "Stores"}, timezone="Asia/Kolkata",
    )  # fmt: skip
    said = ["1 to 31 Oct 2026, by week · times in Asia/Kolkata", "Compared with 31 Aug to 30 Sep 2026"]
    said += ["Channel: Chat, No channel", "Pinned: Inbox when first queued: Stores"]
    frame = report.tile("by_channel")
    for shown in (repr(report), unescape(report._repr_html_()), repr(frame), unescape(frame._repr_html_())):
        assert [line for line in said if line not in shown] == []
    assert "Which channels do contacts come in through?" in report._repr_html_()
    assert repr(frame).startswith("Channel · Inbound contacts\n")
    assert type(frame.head()) is type(frame[frame["share"] > 0]) is pd.DataFrame
    for shown in (repr(sample), sample._repr_html_()):
        assert "sample data" in shown
        assert "gladly_contact_export" in shown
    assert "No Contact Export loaded yet" in repr(Workbench().report("inbound_contacts"))


def test_foreign_values_are_no_markup_and_no_formula(desk: Desk) -> None:
    desk.load(contact(inbox_when_first_queued=HOSTILE))
    report = desk.workbench.report("inbound_contacts", inbox=HOSTILE)
    chart = report.chart("by_inbox")._repr_mimebundle_()["text/html"]
    shown = [report._repr_html_(), report.tile("by_inbox")._repr_html_(), chart]
    assert [text.count("<img") for text in shown] == [0, 0, 0]
    assert "</script><img" not in unescape(chart.split('"')[1])
    assert all('class="tex2jax_ignore mathjax_ignore"' in text for text in shown[:2])


def test_a_display_never_fails(desk: Desk) -> None:
    desk.load(contact())
    report = desk.workbench.report("inbound_contacts")
    desk.workbench.close()
    assert [repr(report).count("\n"), report._repr_html_()[:3], repr(desk.workbench).count("\n")] == [0, "<p>", 0]


def test_an_error_is_one_line_in_a_notebook() -> None:
    with pytest.raises(UnknownName) as caught:
        Workbench().report("weather")
    assert caught.value._render_traceback_() == [
        f"UnknownName: There is no report 'weather'. Try one of: {', '.join(REPORTS)}"
    ]


def test_a_chart_draws_by_itself_or_says_what_is_missing(sample: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = sample.report("inbound_contacts").chart("by_channel")
    shown = chart._repr_mimebundle_()
    assert shown["text/plain"].startswith("Inbound contacts by channel: Voice (phone call) ")
    assert "default-src 'none'" in unescape(shown["text/html"])
    assert "cdn.jsdelivr" not in shown["text/html"]
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert "pip install vl-convert-python" in chart.properties(title="Ours")._repr_mimebundle_()["text/html"]


def test_a_frame_is_text_where_pandas_is_told_to_show_text(desk: Desk) -> None:
    desk.load(contact())
    with pd.option_context("display.notebook_repr_html", False):
        assert desk.workbench.report("inbound_contacts").tile("by_channel")._repr_html_() is None


@pytest.mark.parametrize("number", [1.5, "5", -1, float("nan")])
def test_what_is_no_number_of_rows_is_one_line(desk: Desk, number: Any) -> None:
    desk.load(contact())
    for what in ("limit", "offset"):
        with pytest.raises(BadSelection, match=f"The {what} is .*{number}.*. Choose a whole number from 0"):
            desk.workbench.report("inbound_contacts").tile("by_channel", **{what: number})


# Files ---------------------------------------------------------------------------------------------------------------


def test_a_tile_becomes_a_csv_and_its_apostrophes_are_said(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.load(contact(contact_id="=a"), contact(contact_id="b"))
    report, path = desk.workbench.report("inbound_contacts"), desk.folder / "log.csv"
    report.to_csv(path, columns=["contact_id", "channel"], sort="contact_id")
    assert path.read_text("utf-8-sig").splitlines() == ['"contact_id","channel"', '"\'=a","CHAT"', '"b","CHAT"']
    assert capsys.readouterr().err.startswith("1 text begins with an apostrophe")
    report.to_csv(path, "log", exact=True)
    report.to_csv(path, "by_channel")
    assert capsys.readouterr().err == ""


def test_how_orders_are_credited_is_said_of_a_file_that_has_no_place_for_it(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.load_kind("lexer_messages", message())
    desk.workbench.report("messaging_overview").to_csv(desk.folder / "log.csv", "messages_log", exact=True)
    assert capsys.readouterr().err == "Orders credited to the last message within 7 days\n"
