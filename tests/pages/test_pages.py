"""Every page on its own: it stands without an exception, and what it shows is what the core computes."""

import os
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.builders import contact, merges, written
from workbench import Workbench
from workbench.ask import answers, logs
from workbench.ask.logs import Page, log_of
from workbench.ask.question import Question
from workbench.ask.selection import PRESETS, ROLLUPS, Selection
from workbench.drawing import formats
from workbench.errors import BadSelection, QueryStopped
from workbench.intake.limits import LIMITS, Limits
from workbench.progress import Progress
from workbench.reports import REPORTS
from workbench.store.settings import Quiet
from workbench.store.workspace import Workspace
from workbench.ui import export, results, session
from workbench.workbook import Export

Opened = Callable[..., AppTest]
Loaded = Callable[..., None]

REPORT = REPORTS["inbound_contacts"]
NO_DATA = "The selected filter(s) have no applicable data"
NOT_APPLICABLE = "The selected filter(s) are not applicable here"
WAYS = ("INBOUND", "OUTBOUND", None)
HOLDER = "import sys, duckdb; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def cards(app: AppTest) -> list[tuple[str, str | None]]:
    """Return the value and the change of every card."""
    return [(card.value, card.delta or None) for card in app.metric]


def core_cards(workspace: Workspace, selection: Selection) -> list[tuple[str, str | None]]:
    """Return what the cards must say."""
    row = core_rows(workspace, selection, "totals").iloc[0]
    return [
        (
            formats.metric(row[metric.name], metric),
            formats.change(row.get(f"{metric.name}_change_rate"), row.get(f"{metric.name}_change"), metric),
        )
        for metric in REPORT.metrics
    ]


def core_rows(workspace: Workspace, selection: Selection, tile: str) -> pd.DataFrame:
    return answers.rows(Question(workspace, REPORT, selection), REPORT.tile(tile))


def quiet_line(app: AppTest) -> str:
    """Return the line under the header that says what is on screen."""
    return next(caption.value for caption in app.caption if " · " in caption.value)


def log_ids(app: AppTest) -> list[str]:
    """Return the contact IDs of the page of the log that is shown."""
    return list(app.dataframe[-1].value["contact_id"])


def core_log_ids(workspace: Workspace, selection: Selection, page: Page) -> list[str]:
    asked = Question(workspace, REPORT, selection)
    return list(logs.log_rows(asked, REPORT.log, page)["contact_id"])


def stands(app: AppTest) -> bool:
    """Tell whether a page came to its end without an exception and without an error line."""
    return not app.exception and not app.error


# Sample data ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["inbound_contacts", "data", "settings"])
def test_each_page_stands_before_anything_is_loaded(opened: Opened, page: str) -> None:
    app = opened(page)
    assert stands(app)
    assert app.title[0].value == {"inbound_contacts": "Inbound contacts", "data": "Data", "settings": "Settings"}[page]


def test_the_sample_is_named_as_such_until_a_file_is_loaded(opened: Opened, loaded: Loaded, tmp_path: Path) -> None:
    assert any("goes away" in text.value for text in opened().markdown)
    loaded(written(tmp_path / "ContactExport-20240301-20240331.csv", [contact(), contact()]))
    app = opened()
    assert not any("goes away" in text.value for text in app.markdown)
    assert app.metric[0].value == "2"


def test_the_line_of_a_card_has_every_day_zero_where_nothing_was_and_breaks_where_nothing_is_loaded(
    opened: Opened, loaded: Loaded, tmp_path: Path
) -> None:
    rows = [contact(f"2024-03-0{day} 10:00:00") for day in (2, 2, 2, 4)]
    loaded(written(tmp_path / "ContactExport-20240301-20240305.csv", rows))
    app = opened(from_="2024-02-28", to="2024-03-09")
    first, _, _ = re.findall(r"base64,([^\"]+)", "".join(each.proto.body for each in app.get("html")))
    drawn = b64decode(first).decode()
    line = [(round(float(x) / 10), float(y)) for x, y in re.findall(r"[ML]([\d.]+),([\d.]+)", drawn)]
    zero, three, one = 22, 2, pytest.approx(22 - 20 / 3, abs=0.1)
    assert line == [(2, zero), (3, three), (4, zero), (5, one), (6, zero)]
    assert drawn.count("M") == 1


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.few("last_30_days", "this_week")
def test_every_preset_gives_the_numbers_of_the_core(opened: Opened, sample: Workbench, preset: str) -> None:
    app = opened()
    app.selectbox(key="inbound_contacts:preset").set_value(preset).run()
    assert stands(app)
    assert cards(app) == core_cards(sample.workspace, Selection(preset=preset, compare="matching"))


@pytest.mark.parametrize("rollup", ROLLUPS)
@pytest.mark.few("half_hour", "week")
def test_every_rollup_gives_the_rows_of_the_core(opened: Opened, sample: Workbench, rollup: str) -> None:
    app = opened(preset="last_14_days")
    app.session_state["inbound_contacts:by_period:view"] = "table"
    app.selectbox(key="inbound_contacts:rollup").set_value(rollup).run()
    assert stands(app)
    selection = Selection(preset="last_14_days", compare="matching", rollup=rollup)
    expected = core_rows(sample.workspace, selection, "by_period")
    shown = app.dataframe[0].value.query("period != 'All'")
    assert list(shown["period"]) == [formats.period(at, rollup, with_year=True) for at in expected["period"]]
    for name in ("inbound_contacts", "customers", "inbound_contacts_before"):
        texts = [formats.cell(REPORT, name, value) for value in expected[name]]
        assert list(shown[name]) == texts, name


def test_filters_give_the_numbers_of_the_core_and_one_empties_none_of_the_others(
    opened: Opened, sample: Workbench
) -> None:
    app = opened()
    app.multiselect(key="inbound_contacts:channel").set_value(["CHAT", "EMAIL"]).run()
    app.multiselect(key="inbound_contacts:inbox").set_value(["Customer Care"]).run()
    filters = (("channel", ("CHAT", "EMAIL")), ("inbox", ("Customer Care",)))
    selection = Selection(preset="last_30_days", compare="matching", filters=filters)
    assert cards(app) == core_cards(sample.workspace, selection)
    assert any(f"{app.metric[0].value} of 1,339 contacts" in text.value for text in app.markdown)


def test_options_are_the_values_of_the_range_with_their_counts_the_most_frequent_first(
    opened: Opened, sample: Workbench
) -> None:
    rows = core_rows(sample.workspace, Selection(preset="last_30_days"), "by_inbox")
    counted = dict(zip(rows["inbox"], rows["inbound_contacts"], strict=True))
    options = [tuple(option.split("  ·  ")) for option in opened().multiselect(key="inbound_contacts:inbox").options]
    assert dict(options) == {inbox: f"{n:,}" for inbox, n in counted.items()}
    counts = [int(n.replace(",", "")) for _, n in options]
    assert counts == sorted(counts, reverse=True)


def test_as_exported_counts_customers_without_merges(opened: Opened, sample: Workbench) -> None:
    app = opened(preset="all")
    merged = cards(app)
    app.toggle(key="inbound_contacts:as_exported").set_value(True).run()
    assert cards(app) == core_cards(sample.workspace, Selection(preset="all", compare="matching", as_exported=True))
    assert cards(app) != merged
    assert "customers as exported" in quiet_line(app)


def test_clear_all_resets_dates_rollup_filters_and_switches(opened: Opened) -> None:
    app = opened()
    default = cards(app)
    assert app.button(key="inbound_contacts:clear").disabled
    app = opened(
        from_="2026-11-01", to="2026-11-05", rollup="week", channel=["CHAT"], contact_initiator="CUSTOMER",
        as_exported="yes", pin="inbox=Stores",
    )  # fmt: skip
    assert cards(app) != default
    app.button(key="inbound_contacts:clear").click().run()
    assert stands(app)
    assert cards(app) == default
    assert app.selectbox(key="inbound_contacts:rollup").value == "day"
    assert app.query_params == {"preset": "last_30_days", "compare": "matching"}


def test_each_metric_says_what_it_means_and_what_it_rests_on(opened: Opened) -> None:
    for card, metric in zip(opened().metric, REPORT.metrics, strict=True):
        assert metric.definition in card.help
        assert metric.formula in card.help
        assert "Rests on" in card.help


def test_contacts_per_customer_says_how_many_have_none_and_what_it_is_without_them(
    opened: Opened, loaded: Loaded, tmp_path: Path
) -> None:
    named = [contact(customer_id=customer) for customer in ("ann", "ann", "bob", "cy")]
    for nameless, said in ((0, "."), (1, "; 1 have no customer; without them it is 1.33.")):
        loaded(written(tmp_path / f"{nameless}.csv", [*named, *[contact(customer_id=None)] * nameless]))
        card = next(card for card in opened().metric if card.label == "Contacts per customer")
        assert card.help.endswith(f"Rests on {4 + nameless} of {4 + nameless} contacts{said}")


def test_about_holds_every_metric_and_every_answer(opened: Opened) -> None:
    app = opened()
    next(button for button in app.button if button.label == "About").click().run()
    assert stands(app)
    text = "\n".join(markdown.value for markdown in app.markdown)
    for metric in REPORT.metrics:
        assert metric.definition in text
    for heading, answer in REPORT.about:
        assert heading in text
        assert answer in text


# Messages ------------------------------------------------------------------------------------------------------------


def empty(app: AppTest) -> tuple[str, str, list[str]]:
    """Return title, text and buttons of the one card of an empty page."""
    assert stands(app)
    assert not app.metric
    assert not app.get("vega_lite_chart")
    place = next(n for n, text in enumerate(app.markdown) if text.value.startswith("### "))
    buttons = [button.label for button in app.button if ":mend" in str(button.key)]
    said = [text.replace("\\", "") for text in (app.markdown[place + 1].value[6:-1], *buttons)]
    return app.markdown[place].value[4:], said[0], said[1:]


def test_an_empty_page_names_the_filter_that_empties_it_and_takes_it_off(opened: Opened, sample: Workbench) -> None:
    asked = {"channel": "CARRIER_PIGEON", "inbox": "Customer Care", "preset": "last_30_days"}
    app = opened(**asked)
    care = sample.report("inbound_contacts", preset="last_30_days", inbox="Customer Care").tile("totals")
    contacts = formats.rows(care["inbound_contacts"].iloc[0], "contacts")
    assert empty(app) == (
        "No contact matches these two filters",
        f"**Channel: Carrier pigeon** is what empties it: without it, {contacts} match.",
        ["Remove “Channel: Carrier pigeon”", "Clear all filters"],
    )
    app.button(key="inbound_contacts:mend").click().run()
    assert (app.query_params["inbox"], "channel" in app.query_params) == ("Customer Care", False)
    assert app.metric[0].value == formats.count(care["inbound_contacts"].iloc[0])
    app = opened(**asked)
    app.button(key="inbound_contacts:mend:all").click().run()
    assert app.metric


def test_filters_that_only_together_match_nothing_are_all_taken_off(
    opened: Opened, loaded: Loaded, tmp_path: Path
) -> None:
    loaded(written(tmp_path / "a.csv", [contact(channel="CHAT", inbox_when_first_queued="A", entry_point="x")]))
    app = opened(channel="SMS", inbox="B", entry_point="y")
    assert empty(app) == (
        "No contact matches these three filters",
        "No single one is the cause: without all of them, 1 contact matches.",
        ["Clear all filters"],
    )


def test_where_only_dates_are_the_cause_no_filter_is_blamed(opened: Opened, loaded: Loaded, tmp_path: Path) -> None:
    loaded(written(tmp_path / "ContactExport-20240301-20240331.csv", [contact("2024-03-05 10:00:00")]))
    app = opened(from_="2025-01-01", to="2025-01-02", channel="CHAT")
    title, text, buttons = empty(app)
    assert title == "No contacts from 1 to 2 Jan 2025"
    assert text == "0 of 2 days loaded; 2 to 31 Mar 2024 have 1 contact."
    assert buttons[0] == "Last 30 days loaded: 2 to 31 Mar 2024"
    app.button(key="inbound_contacts:mend").click().run()
    assert app.metric[0].value == "1"


def test_a_page_whose_loaded_rows_are_all_others_says_so(opened: Opened, loaded: Loaded, tmp_path: Path) -> None:
    loaded(written(tmp_path / "a.csv", [contact(direction="OUTBOUND")]))
    title, text, buttons = empty(opened())
    assert (title, buttons) == ("No contacts are loaded", [])
    assert text == "All rows of what is loaded are others, which this page leaves out."


def test_a_filter_that_a_tile_has_no_column_for_is_said_there_only(opened: Opened) -> None:
    assert NOT_APPLICABLE not in [caption.value for caption in opened().caption]
    said = [caption.value for caption in opened(channel="CHAT").caption]
    assert (said.count(NOT_APPLICABLE), said.count(NO_DATA)) == (1, 0)


def test_without_a_contact_export_the_page_says_what_is_missing_and_where_to_load_it(
    opened: Opened, loaded: Loaded, tmp_path: Path
) -> None:
    loaded(merges(tmp_path / "GladlyCustomerMerges.csv", ("a", "b")))
    app = opened()
    assert stands(app)
    assert any("No Contact Export loaded yet" in text.value for text in app.markdown)
    assert [link.value for link in app.page_link] == ["Load a file"]
    assert not app.metric


def test_days_that_are_not_loaded_are_named(opened: Opened, loaded: Loaded, tmp_path: Path) -> None:
    loaded(written(tmp_path / "ContactExport-20240305-20240306.csv", [contact()]))
    app = opened(from_="2024-03-05", to="2024-03-08")
    assert ":red[Nothing is loaded for 7 to 8 Mar 2024]" in quiet_line(app)


# The log -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["queued_to_fulfilled_seconds", "inbox", "ended_at", "contact_id"])
def test_the_log_is_sorted_over_all_rows_both_ways(opened: Opened, sample: Workbench, column: str) -> None:
    app = opened()
    selection = Selection(preset="last_30_days")
    app.selectbox(key="inbound_contacts:log:sort").set_value(column).run()
    app.button(key="inbound_contacts:log:direction").click().run()
    both = []
    for direction in ("asc", "desc"):
        both.append(log_ids(app))
        assert both[-1] == core_log_ids(sample.workspace, selection, Page(f"{column}:{direction}", limit=100))
        app.button(key="inbound_contacts:log:direction").click().run()
    assert both[0] != both[1]


def test_the_log_is_searched_over_all_rows_whatever_the_case(opened: Opened, sample: Workbench) -> None:
    selection = Selection(preset="last_30_days")
    app = opened()
    app.text_input(key="inbound_contacts:log:search").set_value("BILLING").run()
    expected = core_log_ids(sample.workspace, selection, Page("queued_at:desc", limit=100, search="billing"))
    assert log_ids(app) == expected
    asked = Question(sample.workspace, REPORT, selection)
    searched = log_of(REPORT.log).search
    every = logs.log_rows(asked, REPORT.log, Page(columns=searched))
    holding = every[list(searched)].apply(lambda column: column.str.lower().str.contains("billing").eq(True))
    assert any(caption.value.endswith(f" of {holding.any(axis=1).sum()} contacts") for caption in app.caption)
    app.text_input(key="inbound_contacts:log:search").set_value("no such text").run()
    assert "No row holds this text." in [caption.value for caption in app.caption]


def test_picked_columns_are_shown_and_stay_when_the_filter_changes(opened: Opened) -> None:
    app = opened()
    app.button_group(key="inbound_contacts:log:columns:Durations").set_value(["talk_seconds"]).run()
    assert list(app.dataframe[-1].value)[-1] == "talk_seconds"
    app.selectbox(key="inbound_contacts:preset").set_value("last_7_days").run()
    assert list(app.dataframe[-1].value)[-1] == "talk_seconds"
    app.button(key="inbound_contacts:log:reset").click().run()
    assert list(app.dataframe[-1].value) == list(REPORT.log.columns)


def test_a_log_shows_seconds_and_calls_an_unknown_status_outbound_only_where_it_is(
    opened: Opened, loaded: Loaded, tmp_path: Path
) -> None:
    rows = [contact(f"2024-03-05 10:00:0{n}", status="UNKNOWN", direction=way) for n, way in enumerate(WAYS)]
    loaded(written(tmp_path / "ContactExport-20240301-20240331.csv", rows))
    shown = opened("contact_export", from_="2024-03-05", to="2024-03-05").dataframe[-1].value
    assert list(shown["queued_at"]) == [f"5 Mar 2024, 10:00:0{n}" for n in (2, 1, 0)]
    assert list(shown["status"]) == ["Unknown", "Unknown (outbound)", "Unknown"]
    inbound = opened(from_="2024-03-05", to="2024-03-05").dataframe[-1].value
    assert list(inbound["status"]) == ["Unknown"]


# Loading -------------------------------------------------------------------------------------------------------------


def dropped(app: AppTest, *files: Path) -> AppTest:
    """Drop files on the Data page, load what is recognised and wait until that is done."""
    for file in files:
        app.file_uploader[0].upload(file.name, file.read_bytes())
    return load(finished(app.run()))


def load(app: AppTest) -> AppTest:
    """Load what is ready, if anything is."""
    ready = [button for button in app.button if button.label.startswith("Load ")]
    return finished(ready[0].click().run()) if ready else app


def counts(app: AppTest) -> list[list[str]]:
    """Return the five counts of every file that was loaded."""
    [lines] = [table.value for table in app.table if "Rows read" in table.value]
    return [line[3:] for line in lines.to_numpy().tolist() if not line[0].startswith("**")]


def finished(app: AppTest) -> AppTest:
    """Wait until the files are loaded."""
    if "uploads:job" in app.session_state:
        app.session_state["uploads:job"].thread.join()
        app.run()
    return app


def test_a_dropped_file_is_loaded_and_its_counts_add_up(opened: Opened, tmp_path: Path) -> None:
    rows = [contact(), contact(), contact("soon")]
    app = dropped(opened("data"), written(tmp_path / "ContactExport-20240301-20240331.csv", rows))
    assert stands(app)
    assert list(app.table[1].value)[3:] == ["Rows read", "Loaded", "Updated", "Unchanged", "Rejected"]
    assert counts(app) == [["3", "2", "0", "0", "1"]]
    assert any(expander.label.startswith("1 row rejected of ContactExport") for expander in app.expander)
    app = dropped(app, written(tmp_path / "again" / "ContactExport-20240301-20240331.csv", rows))
    assert counts(app) == [["3", "0", "0", "2", "1"]]


def test_of_several_files_the_bad_ones_are_named_in_one_line_each_and_the_others_loaded(
    opened: Opened, tmp_path: Path
) -> None:
    good = written(tmp_path / "ContactExport-20240301-20240331.csv", [contact()])
    unknown, damaged = tmp_path / "shopping.csv", tmp_path / "book.xlsx"
    unknown.write_text("milk,eggs\n1,2\n")
    damaged.write_bytes(b"PK\x03\x04 and then nothing")
    app = dropped(opened("data"), unknown, damaged, good)
    assert not app.exception
    [error] = app.error
    assert "book" in error.value
    assert "\n" not in error.value
    assert any("What is in shopping" in text.value for text in app.markdown)
    assert counts(app) == [["1", "1", "0", "0", "0"]]


def waiting(app: AppTest) -> int:
    """Return how many files wait for a choice."""
    return sum(button.label.startswith(("Leave out ", "Leave it out")) for button in app.button)


def test_an_order_of_dates_that_a_file_leaves_open_is_asked_for_and_no_upload_stays(
    opened: Opened, workspace: Path, tmp_path: Path
) -> None:
    uploads = workspace.with_name("workspace.duckdb.files") / "inbox"
    asking = [written(tmp_path / f"{name}.csv", [contact("3/4/24 10:00")]) for name in ("one", "two")]
    good = written(tmp_path / "ContactExport-20240301-20240331.csv", [contact()])
    app = dropped(opened("data"), *asking, good)
    assert not app.error
    assert sum("can be read two ways" in text.value for text in app.markdown) == 2
    assert [waiting(app), len(counts(app)), len(list(uploads.glob("upload-*")))] == [2, 1, 2]
    for left in (1, 0):
        [choice, *_] = [box for box in app.selectbox if str(box.key).startswith("date_order:")]
        app = load(finished(choice.set_value("mdy").run()))
        assert not app.exception
        assert [waiting(app), len(counts(app)), len(list(uploads.glob("upload-*")))] == [left, 1, left]
    app = opened(from_="2024-03-04", to="2024-03-04")
    assert app.metric[0].value == "2"


def test_numbers_that_can_be_read_two_ways_are_asked_about_after_the_others_are_loaded(
    opened: Opened, tmp_path: Path
) -> None:
    orders = [tmp_path / f"{name}.csv" for name in ("asked", "left")]
    for file in orders:
        file.write_text(f'Order ID,Ordered At,Order Value\n{file.stem},2024-03-05,"1,250"\n{file.stem}2,2024-03-05,7\n')
    app = dropped(opened("data"), *orders)
    assert (waiting(app), bool(app.error)) == (2, False)
    [choice, *_] = [box for box in app.selectbox if str(box.key).startswith("decimal:")]
    app = finished(choice.set_value("comma").run())
    assert (waiting(app), bool(app.exception)) == (1, False)
    next(button for button in app.button if button.label.startswith("Leave out ")).click().run()
    assert (waiting(app), bool(app.exception)) == (0, False)


# Settings ------------------------------------------------------------------------------------------------------------


def test_a_new_zone_and_week_start_hold_for_the_report(opened: Opened, loaded: Loaded, tmp_path: Path) -> None:
    queued = ["2024-03-03 23:00:00", "2024-03-09 12:00:00", "2024-03-09 19:30:00"]  # Sunday, Saturday, Saturday
    loaded(written(tmp_path / "ContactExport-20240301-20240331.csv", map(contact, queued)))
    assert weeks(opened, "2024-03-01", "2024-03-10") == {date(2024, 2, 26): 1, date(2024, 3, 4): 2}
    app = opened("settings")
    app.selectbox(key="setting:reporting_zone").set_value("Asia/Kolkata").run()
    app.button_group(key="setting:week_start").set_value("sunday").run()
    assert stands(app)
    assert (app.selectbox(key="setting:reporting_zone").value) == "Asia/Kolkata"
    assert "Asia/Kolkata" in quiet_line(opened())
    # In Kolkata, 5:30 ahead, these are Monday 4:30, Saturday 17:30 and Sunday 1:00; weeks start on Sundays.
    assert weeks(opened, "2024-03-01", "2024-03-10") == {date(2024, 3, 3): 2, date(2024, 3, 10): 1}


def weeks(opened: Opened, start: str, end: str) -> dict[date, int]:
    """Return the weeks of the report with contacts, and how many."""
    app = opened(from_=start, to=end, rollup="week")
    app.session_state["inbound_contacts:by_period:view"] = "table"
    rows = app.run().dataframe[0].value[1:]  # without all together
    weeks = [datetime.strptime(week, "Week of %d %b %Y").date() for week in rows["period"]]
    return {week: int(n) for week, n in zip(weeks, rows["inbound_contacts"], strict=True) if n != "0"}


def test_settings_show_the_zone_that_the_first_load_set(opened: Opened, loaded: Loaded, tmp_path: Path) -> None:
    loaded(written(tmp_path / "export.csv", [contact(timezone_filter="Pacific/Chatham")]))
    assert opened("settings").selectbox(key="setting:reporting_zone").value == "Pacific/Chatham"


def test_every_limit_is_shown_with_its_meaning_and_can_be_set(opened: Opened) -> None:
    app = opened("settings")
    assert not [box for box in app.number_input if "limit" in str(box.key)]
    app.session_state["settings:limits"] = True
    app.run()
    shown = {box.key: (box.label, box.value) for box in app.number_input if "limit" in str(box.key)}
    assert set(shown) == {f"setting:limit_{limit.name}" for limit in fields(Limits)}
    assert shown["setting:limit_memory"] == ("Memory that reading may use, at most (MB) `memory`", 3_072)
    app.number_input(key="setting:limit_memory").set_value(2_048).run()
    app.number_input(key="setting:limit_cells").set_value(5).run()
    assert stands(app)
    assert session.own().limits == replace(LIMITS, memory=2_048 << 20, cells=5)
    next(button for button in app.button if button.label == "Use the usual limits").click().run()
    assert session.own().limits == LIMITS
    assert app.number_input(key="setting:limit_cells").value == 20_000_000


# A workspace that cannot be opened -----------------------------------------------------------------------------------


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a workspace in another process."""
    command = (sys.executable, "-c", HOLDER, str(path))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        yield
        holder.communicate()


def test_a_workspace_held_by_another_process_is_one_line_on_every_page(
    opened: Opened, loaded: Loaded, workspace: Path
) -> None:
    loaded()
    with held(workspace):
        for page in ("inbound_contacts", "data", "settings"):
            app = opened(page)
            assert not app.exception
            assert [len(app.error), len(app.metric)] == [1, 0]
            assert "held by another process" in app.error[0].value
            assert "\n" not in app.error[0].value
    assert stands(opened())


def test_a_damaged_workspace_is_one_line_and_is_left_as_it_is(opened: Opened, workspace: Path) -> None:
    workspace.write_bytes(b"this is no database" * 1000)
    app = opened()
    assert not app.exception
    assert ["or damaged" in error.value for error in app.error] == [True]
    assert workspace.read_bytes() == b"this is no database" * 1000


def test_a_database_of_another_program_is_one_line_on_every_page_and_left_as_it_is(
    opened: Opened, workspace: Path
) -> None:
    with duckdb.connect(str(workspace)) as connection:
        connection.execute("create table settings (key varchar, value varchar)")
    before = (workspace.read_bytes(), workspace.stat().st_mtime_ns)
    session.prepare()
    for page in ("inbound_contacts", "data", "settings"):
        app = opened(page)
        assert not app.exception
        assert ["a database of another program" in error.value for error in app.error] == [True]
    assert (workspace.read_bytes(), workspace.stat().st_mtime_ns) == before
    assert list(workspace.parent.glob("workspace.duckdb*")) == [workspace]


def test_damage_that_a_page_meets_while_it_is_drawn_is_one_line(
    opened: Opened, loaded: Callable[..., None], workspace: Path, tmp_path: Path
) -> None:
    loaded(written(tmp_path / "ContactExport-20240301-20240331.csv", [contact() for _ in range(5_000)]))
    content, met = workspace.read_bytes(), set()
    for place in range(12_296, len(content), 262_144):  # DuckDB's blocks, each with a checksum of its own
        workspace.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        for page in ("inbound_contacts", "contact_export", "data", "settings"):
            app = opened(page)
            assert not app.exception
            met |= {(page, "not a workspace" in said.value) for said in app.error if "damaged" in said.value}
            session.close()
    assert {("inbound_contacts", False), ("contact_export", False)} <= met


def test_a_part_of_a_page_that_runs_again_alone_says_its_failure_in_one_line(
    opened: Opened, loaded: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(written(tmp_path / "ContactExport-20240301-20240331.csv", [contact()]))

    def fails(*asked: object) -> int:
        raise QueryStopped("Stopped: it passed its time limit")

    monkeypatch.setattr(results, "log_count", fails)
    app = opened("contact_export")
    assert not app.exception
    assert [said.value for said in app.error] == [session.escaped("Stopped: it passed its time limit")]
    assert app.metric  # what stands around it is drawn


def test_a_file_too_large_for_a_browser_goes_to_the_users_own_folder(
    opened: Opened, loaded: Callable[..., None], workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(written(tmp_path / "ContactExport-20240301-20240331.csv", [contact()]))
    (own := tmp_path / "own").mkdir()
    monkeypatch.setattr(export, "SHOWN_ONLY", 1)
    session.kept().set("exports_folder", str(own))
    question = Question(session.kept(), REPORTS["contact_export"], Selection())
    file = export.prepared(Export(question), Progress())
    assert file.path == own / file.name
    left = (workspace.with_name("workspace.duckdb.files") / "exports").iterdir()
    assert [path for path in left if not path.name.startswith("copy-")] == []  # by which a snapshot is on its way
    session.close()
    opened("data")
    assert file.path.stat().st_size == file.size
    own.rename(tmp_path / "moved")
    assert session.kept().exports_folder != own
    with pytest.raises(BadSelection, match="are several folders"):
        session.kept().set("exports_folder", f"{tmp_path}{os.pathsep}{tmp_path / 'moved'}")


# Cached answers ------------------------------------------------------------------------------------------------------


def test_what_was_loaded_after_a_page_was_drawn_is_on_it_the_next_time(opened: Opened, tmp_path: Path) -> None:
    data = opened("data")
    seen = []
    for number in range(1, 4):
        rows = [contact(contact_id=f"c{number}-{n}") for n in range(number)]
        dropped(data, written(tmp_path / str(number) / "ContactExport-20240301-20240331.csv", rows))
        seen.append(opened(preset="all").metric[0].value)
    assert seen == ["1", "3", "6"]


def test_what_reports_go_by_is_picked_or_set_in_percent(opened: Opened, workspace: Path) -> None:
    app = opened("settings")
    boxes = [app.number_input(key=f"setting:{name}") for name in ("target", "shrinkage")]
    assert [box.value for box in boxes] == [80.0, 30.0]
    boxes[0].set_value(87.5).run()
    app.number_input(key="setting:shrinkage").set_value(0.0).run()
    assert app.selectbox(key="setting:service_level").options[0] == "Gladly's"
    app.selectbox(key="setting:service_level").set_value("answered").run()
    assert (app.number_input(key="setting:target").value, app.number_input(key="setting:shrinkage").value) == (
        87.5,
        0.0,
    )
    assert stands(app)
    session.close()
    workbench = Workbench(workspace)
    assert workbench.workspace.of_reports == {"target": "0.875", "shrinkage": "0", "service_level": "answered"}
    workbench.close()


def test_what_is_a_usual_change_is_set_in_percent(opened: Opened, workspace: Path) -> None:
    app = opened("settings")
    assert [app.number_input(key=f"setting:quiet_{name}").value for name in ("change", "points")] == [10.0, 3.0]
    app.number_input(key="setting:quiet_change").set_value(12.5).run()
    app.number_input(key="setting:quiet_points").set_value(0.0).run()
    assert [app.number_input(key=f"setting:quiet_{name}").value for name in ("change", "points")] == [12.5, 0.0]
    assert not app.exception
    session.close()
    workbench = Workbench(workspace)
    assert workbench.workspace.quiet == Quiet(0.125, 0.0)
    workbench.close()
