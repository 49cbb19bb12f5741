"""The Data page: files in, what they leave open, what is loaded, loads taken back, and the workspace as a whole."""

import csv
import gzip
import hashlib
import re
import zipfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from tests.builders import HEADER, HEADERS, activity, assignment, contact, message, written
from workbench.drawing import formats
from workbench.errors import one_line
from workbench.exports import KINDS
from workbench.intake import choices, folders
from workbench.store import loading
from workbench.ui import inventory, session, uploads
from workbench.ui.inventory import Rejected

Opened = Callable[..., AppTest]
Loaded = Callable[..., None]
MARCH = "ContactExport-20240301-20240331.csv"
SHOP = (
    "order_no,ordered,customer,amount\no-1001,2024-03-05 10:00:00,c-1001,7.50\no-1002,2024-03-06 10:00:00,c-1002,30\n"
)


def finished(app: AppTest, job: str = "uploads:job") -> AppTest:
    """Wait until a job is done, and run the page again."""
    if job in app.session_state:
        app.session_state[job].thread.join()
        app.run()
    assert not app.exception
    return app


def given(app: AppTest, *files: Path) -> AppTest:
    """Drop files and wait until they are recognised; nothing is loaded."""
    for file in files:
        app.file_uploader[0].upload(file.name, file.read_bytes())
    return finished(app.run())


def dropped(app: AppTest, *files: Path) -> AppTest:
    """Drop files, load those that are recognised and wait until that is done."""
    return load(given(app, *files))


def load(app: AppTest) -> AppTest:
    """Load what is ready, if anything is."""
    ready = [button for button in app.button if re.fullmatch(r"Load (file|\d+ files)", button.label)]
    return finished(ready[0].click().run()) if ready else app


def answered(app: AppTest, what: str, value: str) -> AppTest:
    """Choose what one file leaves open, and load it."""
    box = next(box for box in app.selectbox if str(box.key).startswith(f"{what}:"))
    return load(finished(box.set_value(value).run()))


def said(app: AppTest) -> list[dict[str, str]]:
    """Return what the page says of the files that were loaded, a line each, without their names' marks."""
    [table] = [table.value for table in app.table if "Rows read" in table.value]
    return table.to_dict("records")


def left_out(app: AppTest) -> list[Any]:
    """Return the crosses beside the files that wait, and the mapping step's button."""
    return [button for button in app.button if button.label.startswith(("Leave out ", "Leave it out"))]


def button(app: AppTest, label: str) -> Any:
    return next(button for button in app.button if button.label == label)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def select(app: AppTest, row: int) -> AppTest:
    """Select a row of the history, which is unfolded."""
    app.session_state["data:history"] = True
    app.session_state[f"history:{session.own().version}"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return finished(app.run())


def stored(sql: str) -> list[tuple[Any, ...]]:
    """Return rows of the app's workspace."""
    return session.own().rows(sql)


def shop(folder: Path, name: str = "shop.csv", text: str = SHOP) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def texts(app: AppTest) -> str:
    shown = (*app.markdown, *app.caption, *app.warning, *app.error, *app.success)
    return "\n".join(element.value for element in shown).replace(session.APART, "")


# Files in ------------------------------------------------------------------------------------------------------------


COUNTS = ("Rows read", "Loaded", "Updated", "Unchanged", "Rejected")


def test_a_dropped_file_is_recognised_before_anything_is_loaded_and_one_button_loads_all(
    opened: Opened, tmp_path: Path
) -> None:
    files = [
        written(tmp_path / MARCH, [contact(), contact("soon")]),
        written(tmp_path / "LexerMessages-20240301-20240331.csv", [message()], list(message())),
    ]
    app = given(opened("data"), *files)
    assert stored("select count(*) from loads") == [(0,)]
    shown = texts(app).replace("\\", "")
    assert f"**{MARCH}**  \n:gray[Gladly Contact Export · 1 to 31 Mar 2024 · 2 rows]" in shown
    assert "Lexer Messages · 1 to 31 Mar 2024 · 1 row]" in shown
    assert ":gray[3 rows]" in shown
    app = finished(button(app, "Load 2 files").click().run())
    assert stored("select kind from loads order by load_id") == [("gladly_contact_export",), ("lexer_messages",)]
    assert not [label for label in labels(app) if label.startswith("Load ")]


def test_what_became_of_files_is_a_line_each_with_their_counts_and_a_sum(opened: Opened, tmp_path: Path) -> None:
    files = [
        written(tmp_path / MARCH, [contact(), contact("soon"), contact(contact_id=None)]),
        written(tmp_path / "Assignments-20240301-20240331.csv", [assignment()], list(assignment())),
    ]
    app = dropped(opened("data"), *files)
    contacts, assigned, total = said(app)
    assert MARCH in contacts["File"].replace("\\", "")
    assert "2 rows rejected: Contact ID\\: missing in 1; Queued At\\: not a date and time in 1" in contacts["File"]
    assert "rejected" not in assigned["File"]
    assert [line["Recognised as"] for line in (contacts, assigned)] == [
        "Gladly Contact Export",
        "respond.io Assignments",
    ]
    assert [line["Days"] for line in (contacts, assigned)] == ["1 to 31 Mar 2024"] * 2
    assert [[line[name] for name in COUNTS] for line in (contacts, assigned, total)] == [
        ["3", "1", "0", "0", "2"], ["1", "1", "0", "0", "0"], ["**4**", "**2**", "**0**", "**0**", "**2**"],
    ]  # fmt: skip
    assert f"2 rows rejected of {session.escaped(MARCH)}" in [box.label for box in app.expander]


def test_after_a_load_the_reports_of_its_rows_are_a_click_away_the_largest_first(
    opened: Opened, tmp_path: Path
) -> None:
    files = [
        written(tmp_path / "LexerMessages-20240301-20240331.csv", [message()], list(message())),
        written(tmp_path / MARCH, [contact(), contact()]),
    ]
    app = dropped(opened("data"), *files)
    opens = [label for label in labels(app) if label.startswith("Open ")]
    assert opens == [
        "Open Contact export", "Open Inbound contacts", "Open Repeat contacts", "Open Workload",
        "Open Messaging overview", "Open Team engagement",
    ]  # fmt: skip
    app = button(app, "Open Contact export").click().run()
    assert [title.value for title in app.title] == ["Contact export"]


def test_loads_that_were_just_made_are_taken_back_together_after_a_second_click(opened: Opened, tmp_path: Path) -> None:
    files = [
        written(tmp_path / "LexerMessages-20240301-20240331.csv", [message()], list(message())),
        written(tmp_path / MARCH, [contact()]),
    ]
    app = dropped(opened("data"), *files)
    app = button(app, "Take these 2 loads back").click().run()
    assert stored("select count(*) from loads") == [(2,)]
    app = button(app, "Take back").click().run()
    assert not app.exception
    assert stored("select count(*) from loads") == [(0,)]
    assert not app.table[1:]


def test_what_changed_since_the_last_load_is_offered_only_where_one_of_that_kind_was_there(
    opened: Opened, tmp_path: Path
) -> None:
    changed = "What changed since the last load"
    stays, goes = contact(contact_id="a"), contact(contact_id="b")
    app = dropped(opened("data"), written(tmp_path / "1" / MARCH, [stays, goes]))
    assert changed not in labels(app)
    app = dropped(app, written(tmp_path / "LexerMessages-20240301-20240331.csv", [message()], list(message())))
    assert changed not in labels(app)
    app = dropped(app, written(tmp_path / "2" / MARCH, [stays]))
    app = button(app, changed).click().run()
    assert not app.exception
    assert {card.label: card.value for card in app.metric} == {
        "Added": "0", "Changed": "0", "Vanished": "1", "Unchanged": "1",
    }  # fmt: skip


def test_a_large_spreadsheet_is_not_read_twice(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "SLOW", 100)
    import openpyxl

    book = openpyxl.Workbook()
    for line in (list(message()), list(message().values())):
        book.active.append(line)
    book.save(tmp_path / "LexerMessages.xlsx")
    app = given(opened("data"), tmp_path / "LexerMessages.xlsx")
    assert "A large spreadsheet: what it is shows when it is loaded" in texts(app)
    assert [line["Loaded"] for line in said(load(app))] == ["1"]


def test_a_zone_that_is_said_later_holds_for_the_files_that_wait(opened: Opened, tmp_path: Path) -> None:
    app = given(opened("data"), written(tmp_path / "LexerMessages.csv", [message()], list(message())))
    box = next(box for box in app.selectbox if box.label == "Time zone of their times")
    load(finished(box.set_value("Asia/Kolkata").run()))
    assert stored("select timezone from loads") == [("Asia/Kolkata",)]


def test_the_drop_zone_names_every_kind_of_export_and_every_form_of_file(opened: Opened) -> None:
    taken = dict(opened("data").table[0].value.itertuples(index=False, name=None))
    assert taken[":gray[Gladly]"] == "Contact Export · Inbound Contacts · Contact Summary · Customer merges"
    assert {title for line in list(taken.values())[:3] for title in line.split(" · ")} == {
        kind.title for kind in KINDS.values()
    }
    assert {*re.findall("[A-Z]{2,}", taken[":gray[As]"])} == {ending.upper() for ending in folders.ENDINGS}
    assert taken[":gray[Recognised]"] == (
        "by their columns; Customer merges of Gladly and Lexer; Contacts added, connected and deleted by that word in"
        " the file name"
    )


def test_a_file_that_sits_on_a_vendors_cap_is_warned_of(opened: Opened, tmp_path: Path) -> None:
    one = activity()
    rows = [one | {"Contact ID": f"{n:010}"} for n in range(10_000)]
    app = dropped(opened("data"), written(tmp_path / "ContactsAdded-20240301-20240331.csv", rows, list(one)))
    assert "10,000 rows is the number at which" in said(app)[0]["File"].replace("\\", "")


def test_a_kind_that_a_header_leaves_open_is_asked_for_among_those_that_fit(opened: Opened, tmp_path: Path) -> None:
    app = dropped(opened("data"), written(tmp_path / "log.csv", [activity()], list(activity())))
    [box] = [box for box in app.selectbox if str(box.key).startswith("kind:")]
    assert box.options == [
        "respond.io Contacts added",
        "respond.io Contacts connected",
        "respond.io Contacts deleted",
    ]
    answered(app, "kind", "respondio_contacts_deleted")
    assert stored("select kind from loads") == [("respondio_contacts_deleted",)]


def test_a_sheet_is_chosen_from_those_that_hold_a_report(opened: Opened, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for name, queue in (("May", "A"), ("June", "B")):
        sheet = book.create_sheet(name)
        for line in (list(message()), list(message(queue=queue).values())):
            sheet.append(line)
    book.save(tmp_path / "LexerMessages.xlsx")
    app = dropped(opened("data"), tmp_path / "LexerMessages.xlsx")
    [box] = [box for box in app.selectbox if str(box.key).startswith("sheet:")]
    assert box.options == ["May", "June"]
    answered(app, "sheet", "June")
    assert stored("select queue from lexer_message_rows") == [("B",)]


def test_a_rollup_that_nothing_tells_is_asked_for(opened: Opened, tmp_path: Path) -> None:
    app = dropped(opened("data"), shop(tmp_path, "figures.csv", "Date,Inbound Contacts,Customers\n2024-03-01,5,3\n"))
    [box] = [box for box in app.selectbox if str(box.key).startswith("rollup:")]
    assert (box.label, box.value, box.options[3]) == ("Each row covers", None, "Week")
    answered(app, "rollup", "week")
    assert stored("select rollup, inbound_contacts from gladly_inbound_contacts") == [("week", 5)]


def test_what_becomes_of_absent_columns_is_asked_for(opened: Opened, loaded: Loaded, tmp_path: Path) -> None:
    loaded(written(tmp_path / "whole.csv", [contact(contact_id="c1", agent_when_ended="Ann")]))
    app = dropped(
        opened("data"), shop(tmp_path, "few.csv", "Contact ID,Queued At,Channel\nc1,2024-03-05 10:00:00,SMS\n")
    )
    [box] = [box for box in app.selectbox if str(box.key).startswith("absent:")]
    assert (box.label, box.value, box.options[0]) == ("Those values", None, "Stay as they are")
    answered(app, "absent", "keep")
    assert stored("select channel, agent_when_ended from gladly_contact_export") == [("SMS", "Ann")]


def test_a_file_that_waits_can_be_left_out(opened: Opened, tmp_path: Path) -> None:
    app = dropped(opened("data"), shop(tmp_path), written(tmp_path / "log.csv", [activity()], list(activity())))
    assert len(left_out(app)) == 2
    while left := left_out(app):
        left[0].click().run()
    assert not app.error


def test_an_upload_that_waits_for_a_choice_lies_in_the_inbox_and_goes_with_its_process(
    opened: Opened, workspace: Path, tmp_path: Path
) -> None:
    app = dropped(opened("data"), shop(tmp_path))
    (waiting,) = (workspace.with_name("workspace.duckdb.files") / "inbox").iterdir()
    assert waiting.read_text() == SHOP
    del app
    session.close()
    opened("data")
    assert list((workspace.with_name("workspace.duckdb.files") / "inbox").iterdir()) == []


NAMES = (
    f"ContactExport-20240301-20240331-{'ü' * 300}.csv", "with\0nul.csv", f"a.{'b' * 300}", "../../out.csv", "*.csv",
    "/etc/passwd", "..", "",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_an_upload_lies_in_the_inbox_under_a_name_of_ours(workspace: Path, name: str) -> None:
    content = b"Contact ID,Queued At\n1,2024-03-05 10:00:00\n"
    file = UploadedFile(UploadedFileRec("1", name, "text/csv", content), FileURLs())
    incoming = uploads.Incoming.uploaded(file, session.kept())
    assert incoming.path.parent == session.kept().files / "inbox"
    assert incoming.path.read_bytes() == content
    assert re.fullmatch(r"upload-\w+", incoming.path.name)
    assert incoming.name == (Path(one_line(name)).name or "upload")
    incoming.let_go()
    assert not incoming.path.exists()


@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress])
def test_the_name_of_an_upload_tells_its_days_and_names_its_load(
    opened: Opened, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    file = written(tmp_path / MARCH, [contact("2024-03-05 10:00:00")])
    file.write_bytes(pack(file.read_bytes()))
    dropped(opened("data"), file)
    (load,) = session.own().loads()
    assert (load["file"], load["period_from"], load["period_to"]) == (MARCH, "2024-03-01", "2024-03-31")
    assert "file" not in load["chosen"]


def test_what_waits_in_a_session_has_a_limit_and_a_load_makes_room(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (written(tmp_path / f"{name}.csv", [contact(contact_id=name)]) for name in ("one", "two"))
    monkeypatch.setattr(uploads, "MOST", one.stat().st_size)
    app = given(opened("data"), one)
    given(app, other)
    (said,) = [error.value for error in app.error]
    assert "would wait here at once" in said
    assert "contact-workbench load" in said
    load(app)
    dropped(app, other)
    assert [load["file"] for load in session.own().loads()] == ["two.csv", "one.csv"]


# Rows set aside ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
def test_rows_set_aside_are_those_of_the_file_whatever_parts_its_fields(
    opened: Opened, tmp_path: Path, delimiter: str
) -> None:
    app = opened("data")
    header, unfit = ("Contact ID", "Queued At", "Talk Time"), ("a", "soon", "1.5")
    file = tmp_path / "export.csv"
    file.write_text("\n".join([f"sep={delimiter}", *map(delimiter.join, (header, unfit))]), encoding="utf-8")
    dropped(app, file)
    file.write_bytes(inventory.rows_to_correct(session.own(), Rejected(1, file.name, 1, delimiter)))
    again = session.own().load(file)
    assert [(reject["row"], reject["value"]) for reject in again.rejects] == [(2, "soon")]


def test_rows_set_aside_load_once_they_are_corrected(opened: Opened, tmp_path: Path) -> None:
    rows = [contact(contact_id="a"), contact("soon", contact_id="-b"), contact(contact_id="c", times_offered="x")]
    app = dropped(opened("data"), written(tmp_path / MARCH, rows))
    assert "Download rows to correct" in [found.proto.label for found in app.get("download_button")]
    path = tmp_path / "corrected" / "ContactExport-20240301-20240331-rejected.csv"
    path.parent.mkdir()
    path.write_bytes(inventory.rows_to_correct(session.own(), Rejected(1, MARCH, 2, ",")))
    with path.open(encoding="utf-8-sig", newline="") as file:
        given = list(csv.DictReader(file))
    assert [row["Contact ID"] for row in given] == ["-b", "c"]
    assert list(given[0]) == HEADER
    given[0][HEADERS["queued_at"]], given[1][HEADERS["times_offered"]] = "2024-03-06 10:00:00", "4"
    app = dropped(app, written(path, given))
    assert [[line[name] for name in COUNTS] for line in said(app)] == [["2", "2", "0", "0", "0"]]
    assert stored("select contact_id from gladly_contact_export order by all") == [("-b",), ("a",), ("c",)]


# The mapping step ----------------------------------------------------------------------------------------------------


def what(app: AppTest, header: str) -> Any:
    """Return the box that asks what a column of the file is."""
    return next(box for box in app.selectbox if box.label == f"What {session.escaped(header)} is")


def confirmed(app: AppTest) -> AppTest:
    """Say what a row of the shop's file cannot do without, and save."""
    what(app, "order_no").set_value("order_id")
    what(app, "ordered").set_value("ordered_at")
    return load(finished(button(app, "Use these columns").click().run()))


def test_an_unknown_header_is_mapped_with_guesses_and_the_next_file_of_it_loads_by_itself(
    opened: Opened, tmp_path: Path
) -> None:
    app = dropped(opened("data"), shop(tmp_path))
    [kind] = [box for box in app.selectbox if str(box.key).endswith(":kind") and "mapping" in str(box.key)]
    assert kind.value == "lexer_orders"
    assert "Every row needs **Order ID** and **Ordered at**." in texts(app)
    assert "o-1001 · o-1002]" in texts(app).replace("\\", "")
    assert "2024-03-05 10:00:00 · 2024-03-06 10:00:00]" in texts(app).replace("\\", "")
    app = confirmed(app)
    assert stored("select order_id, customer_id, order_value from lexer_order_rows order by all") == [
        ("o-1001", "c-1001", 7.5),
        ("o-1002", "c-1002", 30),
    ]
    app = dropped(app, shop(tmp_path, "shop2.csv", SHOP.replace("o-100", "o-200")))
    assert not app.error
    assert stored("select count(*) from lexer_order_rows") == [(4,)]


def test_what_a_row_needs_is_said_by_the_user_unless_its_header_is_the_exports_own(
    opened: Opened, tmp_path: Path
) -> None:
    app = dropped(opened("data"), shop(tmp_path, text=SHOP.replace("order_no", "Order ID")))
    boxes = {box.label: (box.value, box.placeholder) for box in app.selectbox if box.label.startswith("What ")}
    assert boxes == {
        "What Order ID is": ("order_id", ""), "What ordered is": (None, "Ordered at? Please choose"),
        "What customer is": ("customer_id", ""), "What amount is": ("order_value", ""),
    }  # fmt: skip
    assert what(app, "ordered").options[:2] == ["Ordered at (required)", "Kept as text"]


def test_a_column_is_not_offered_as_what_its_values_are_not(opened: Opened, tmp_path: Path) -> None:
    app = dropped(opened("data"), shop(tmp_path))
    assert what(app, "ordered").options == ["Ordered at (required)", "Kept as text", "Channel"]
    assert "Ordered at (required)" not in what(app, "order_no").options
    assert "Order value" not in what(app, "customer").options


def test_columns_that_matter_stand_first_and_the_others_behind(opened: Opened, tmp_path: Path) -> None:
    text = "amount,note,order_no,currency,ordered,Store\n7.50,x,o-1001,,2024-03-05 10:00:00,y\n"
    app = dropped(opened("data"), shop(tmp_path, text=text))
    boxes = [(box.label.removeprefix("What ").removesuffix(" is"), box.value) for box in app.selectbox
             if box.label.startswith("What ")]  # fmt: skip
    assert boxes == [
        (session.escaped("order_no"), None), ("ordered", None), ("amount", "order_value"), ("note", ""), ("Store", ""),
        ("currency", "currency"),
    ]  # fmt: skip
    [behind] = [box for box in app.expander if "more columns" in box.label]
    assert behind.label == "3 more columns: 1 recognised, but empty in the first rows, 2 kept as text"
    assert [box.label for box in behind.selectbox] == ["What note is", "What Store is", "What currency is"]
    confirmed(app)
    assert stored("select order_id, order_value, extra from lexer_order_rows") == [
        ("o-1001", 7.5, {"note": "x", "Store": "y"})
    ]


def test_what_is_still_missing_or_chosen_twice_is_refused_in_a_line(opened: Opened, tmp_path: Path) -> None:
    app = dropped(opened("data"), shop(tmp_path))
    what(app, "order_no").set_value("order_id")
    what(app, "amount").set_value("order_id")
    button(app, "Use these columns").click().run()
    assert [error.value.replace("\\", "").split(". ")[0] for error in app.error] == [
        "Still missing: Ordered at",
        "Order ID can be only one of `order_no` and `amount`".replace("`", ""),
    ]
    assert (stored("select count(*) from loads"), stored("select count(*) from mappings")) == ([(0,)], [(0,)])
    what(app, "amount").set_value("order_value")
    confirmed(app)
    assert stored("select order_value from lexer_order_rows order by all") == [(7.5,), (30,)]


def test_a_key_that_does_not_tell_rows_apart_is_warned_of_with_what_that_means(opened: Opened, tmp_path: Path) -> None:
    app = confirmed(dropped(opened("data"), shop(tmp_path, text=SHOP.replace("o-1002", "o-1001"))))
    [line] = said(app)
    assert "1 of 2 rows overwrote each other" in line["File"].replace("\\", "")
    assert "only the last row of each key is counted" in line["File"]


def test_a_question_survives_a_reload_of_the_page_until_it_is_answered(opened: Opened, tmp_path: Path) -> None:
    app = dropped(opened("data"), shop(tmp_path), written(tmp_path / "log.csv", [activity()], list(activity())))
    assert len(waiting()) == 2
    app = opened("data")
    confirmed(app)
    app = opened("data")
    assert [path.read_bytes() for path in waiting()] == [(tmp_path / "log.csv").read_bytes()]
    assert not [box for box in app.selectbox if box.label.startswith("What ")]
    answered(app, "kind", "respondio_contacts_added")
    assert stored("select kind from loads order by load_id") == [("lexer_orders",), ("respondio_contacts_added",)]
    assert waiting() == []
    assert not left_out(opened("data"))


def test_a_question_keeps_what_was_said_of_its_file(opened: Opened, tmp_path: Path) -> None:
    app = opened("data")
    next(box for box in app.selectbox if box.label == "Time zone of their times").set_value("Asia/Kolkata")
    dropped(app, shop(tmp_path))
    confirmed(opened("data"))
    assert stored("select timezone from loads") == [("Asia/Kolkata",)]


def test_a_file_that_is_left_out_is_deleted(opened: Opened, tmp_path: Path) -> None:
    app = dropped(opened("data"), shop(tmp_path))
    assert len(waiting()) == 1
    button(app, "Leave it out").click().run()
    assert waiting() == []
    assert not left_out(opened("data"))


def test_nothing_waits_any_more_once_the_workspace_was_opened_anew(opened: Opened, tmp_path: Path) -> None:
    dropped(opened("data"), shop(tmp_path))
    session.close()
    app = opened("data")
    assert (waiting(), left_out(app)) == ([], [])


def test_an_upload_with_a_name_longer_than_the_disk_takes_is_loaded(opened: Opened, tmp_path: Path) -> None:
    file = written(tmp_path / MARCH, [contact()])
    app = opened("data")
    app.file_uploader[0].upload(f"ContactExport-20240301-20240331 {'ä' * 150}.csv", file.read_bytes())
    load(finished(app.run()))
    [(name, days)] = stored("select file, period_to - period_from from loads")
    assert (name.startswith("ContactExport-20240301-20240331 ä"), name.endswith("ä.csv"), days) == (True, True, 30)


def test_a_code_page_is_asked_for_each_file_of_an_archive_and_the_upload_stays_until_the_last(
    opened: Opened, tmp_path: Path
) -> None:
    file = tmp_path / "march.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("one", "two"):
            rows = [contact(contact_id=name, agent_when_ended="Ayşe Doğan")]
            archive.writestr(f"{name}.csv", written(tmp_path / "rows.csv", rows).read_text().encode("cp1254"))
        archive.writestr("three.csv", written(tmp_path / "rows.csv", [contact(contact_id="three")]).read_text())
    app = dropped(opened("data"), file)
    assert stored("select contact_id from gladly_contact_export") == [("three",)]
    assert all(f"**march.zip ({name}.csv)**" in texts(app).replace("\\", "") for name in ("one", "two"))
    for left in (1, 0):
        app = answered(app, "encoding", "cp1254")
        assert (len(waiting()), len(left_out(app))) == (left, left)
    assert stored("select distinct agent_when_ended from gladly_contact_export where contact_id <> 'three'") == [
        ("Ayşe Doğan",)
    ]


def test_a_file_that_waits_is_not_shown_as_loaded_once_what_was_loaded_of_it_is_taken_back(
    opened: Opened, tmp_path: Path
) -> None:
    text = 'Order ID,Ordered At,Order Value\na,2024-03-05,"1,250"\nb,2024-03-05,7\n'
    app = dropped(
        opened("data"), shop(tmp_path, "orders.csv", text), shop(tmp_path, "others.csv", text.replace("b", "c"))
    )
    app = select(app, 0)
    button(app, "Take this load back").click().run()
    button(app, "Take back").click().run()
    assert stored("select file from loads") == [("orders.csv",)]
    for _ in range(2):
        app = left_out(app)[0].click().run()
    assert (waiting(), len(said(app))) == ([], 1)
    assert "others.csv" not in str(said(app)).replace("\\", "")


def test_what_a_file_leaves_open_can_be_said_on_the_page_in_every_way_that_a_load_takes() -> None:
    offered = {name: list(options) for name, (_, _, options, _) in uploads.ASKS.items()}
    offered |= {"rollup": list(formats.ROLLUP_LABELS)}
    assert {name: offered[name] for name in choices.KNOWN} == {
        name: [*known] for name, (_, known) in choices.KNOWN.items()
    }
    assert {*uploads.ASKED.values()} - {"mapping"} == offered.keys() < {field.name for field in fields(choices.Choices)}


def waiting() -> list[Path]:
    """Return the uploads that wait in the inbox."""
    return list((session.own().files / "inbox").iterdir())


# What is remembered --------------------------------------------------------------------------------------------------


def remembered(opened: Opened) -> AppTest:
    """Open the settings with the one mapping that is remembered unfolded."""
    app = opened("settings")
    [(made, _)] = session.own().mappings()
    app.session_state[f"remembered:{hash(made.header)}"] = True
    return finished(app.run())


def test_a_mapping_can_be_seen_and_changed_and_later_files_follow_it(opened: Opened, tmp_path: Path) -> None:
    confirmed(dropped(opened("data"), shop(tmp_path)))
    app = remembered(opened)
    assert re.search(r"Last used: \d+ \w+ \d{4}, \d\d:\d\d", texts(app))
    assert {box.label: box.value for box in app.selectbox if box.label.startswith("What ")} == {
        f"What {session.escaped('order_no')} is": "order_id", "What ordered is": "ordered_at",
        "What customer is": "customer_id", "What amount is": "order_value",
    }  # fmt: skip
    what(app, "customer").set_value("")
    button(app, "Save changes").click().run()
    assert not app.exception
    assert stored("select count(customer_id) from lexer_order_rows") == [(2,)]
    dropped(opened("data"), shop(tmp_path, "shop2.csv", SHOP.replace("o-100", "o-200")))
    assert stored("select count(*), count(customer_id) from lexer_order_rows") == [(4, 2)]


def test_a_changed_mapping_lacks_nothing_and_its_kind_can_be_another(opened: Opened, tmp_path: Path) -> None:
    confirmed(dropped(opened("data"), shop(tmp_path)))
    app = remembered(opened)
    what(app, "order_no").set_value("")
    button(app, "Save changes").click().run()
    assert [error.value.split("\\.")[0] for error in app.error] == ["Still missing\\: Order ID"]
    [kind] = [box for box in app.selectbox if box.label == "Kind of export"]
    kind.set_value("lexer_messages").run()
    what(app, "order_no").set_value("message_id")
    what(app, "ordered").set_value("sent_at")
    button(app, "Save changes").click().run()
    assert [made.kind for made, _ in session.own().mappings()] == ["lexer_messages"]


def test_a_mapping_that_is_forgotten_is_asked_for_again_and_its_rows_stay(opened: Opened, tmp_path: Path) -> None:
    confirmed(dropped(opened("data"), shop(tmp_path)))
    app = remembered(opened)
    button(app, "Forget").click().run()
    assert not app.exception
    assert (session.own().mappings(), "None yet. What you say" in texts(app)) == ([], True)
    assert stored("select count(*) from lexer_order_rows") == [(2,)]
    app = dropped(opened("data"), shop(tmp_path))
    assert "Use these columns" in labels(app)
    confirmed(app)  # the same file, mapped as before: its rows are there, and its header is remembered again
    assert [made.kind for made, _ in session.own().mappings()] == ["lexer_orders"]


def test_a_mapping_of_an_earlier_version_does_not_know_when_it_was_used_until_it_is(
    opened: Opened, tmp_path: Path
) -> None:
    session.own().keep(
        "insert into mappings values ('no\x1fwhen', 'lexer_orders', ?)",
        ['[[["No", "order_id"], ["When", "ordered_at"]], ["No", "When"]]'],
    )
    assert "Last used: –" in texts(remembered(opened))
    dropped(opened("data"), shop(tmp_path, text="NO,when\no-1,2024-03-05 10:00:00\n"))
    assert stored("select order_id from lexer_order_rows") == [("o-1",)]
    assert re.search(r"Last used: \d", texts(remembered(opened)))


# The history ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_loads(loaded: Loaded, tmp_path: Path) -> None:
    """The same March twice: of three contacts one has changed, one is gone and one has come."""
    kept, gone, come = contact(contact_id="kept"), contact(contact_id="gone"), contact(contact_id="come")
    changed = contact(contact_id="changed", status="OPEN")
    loaded(
        written(tmp_path / "1" / MARCH, [kept, gone, changed]),
        written(tmp_path / "2" / MARCH, [kept, changed | {HEADERS["status"]: "CLOSED"}, come]),
    )


@pytest.mark.usefixtures("two_loads")
def test_a_load_is_taken_back_only_after_a_second_click(opened: Opened) -> None:
    app = select(opened("data"), 0)
    button(app, "Take this load back").click().run()
    assert "Take back 3 rows of ContactExport" in texts(app).replace("\\", "")
    button(app, "Keep").click().run()
    assert stored("select count(*) from loads") == [(2,)]
    app = select(app, 0)
    button(app, "Take this load back").click().run()
    button(app, "Take back").click().run()
    assert not app.exception
    assert stored("select load_id from loads") == [(1,)]
    assert stored("select contact_id, status from gladly_contact_export order by all") == [
        ("changed", "OPEN"), ("gone", None), ("kept", None),
    ]  # fmt: skip


def test_a_load_says_the_hash_of_its_file_and_what_was_chosen_and_an_earlier_one_a_dash(
    opened: Opened, loaded: Loaded, tmp_path: Path
) -> None:
    file = written(tmp_path / MARCH, [contact()])
    loaded(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    app = select(opened("data"), 0)
    said = [caption.value for caption in app.caption if caption.value.startswith("Chosen")]
    assert said == [f"Chosen for it: nothing. SHA-256 of the file: {digest}"]
    session.own().keep("update loads set sha256 = null, chosen = null", [])
    said = [caption.value for caption in app.run().caption if caption.value.startswith("Chosen")]
    assert said == ["Chosen for it: –. SHA-256 of the file: –"]


@pytest.mark.usefixtures("two_loads")
def test_two_loads_are_compared_from_the_earlier_to_the_later(opened: Opened) -> None:
    app = select(opened("data"), 1)
    box = next(box for box in app.selectbox if box.label == "Compare it with another load of its kind")
    app = box.set_value(2).run()
    assert not app.exception
    assert {card.label: card.value for card in app.metric} == {
        "Added": "1", "Changed": "1", "Vanished": "1", "Unchanged": "1",
    }  # fmt: skip
    by_column, changed, added, vanished = (table.value for table in app.dataframe[-4:])
    assert by_column.to_dict("records") == [{"Column": "Status", "Rows changed": "1"}]
    assert changed[["Contact ID", "Column", "Before", "After"]].to_dict("records") == [
        {"Contact ID": "changed", "Column": "Status", "Before": "OPEN", "After": "CLOSED"}
    ]
    assert [list(added["Contact ID"]), list(vanished["Contact ID"])] == [["come"], ["gone"]]


@pytest.mark.usefixtures("two_loads")
def test_a_load_can_be_compared_with_those_of_its_kind_alone(opened: Opened, tmp_path: Path) -> None:
    for name, row in (("ContactsAdded", activity()), ("ContactsDeleted", activity()), ("LexerMessages", message())):
        session.own().load(written(tmp_path / f"{name}-20240301-20240331.csv", [row], list(row)))
    app = opened("data")
    for row, others in ((0, []), (1, []), (2, []), (3, ["Load 1"]), (4, ["Load 2"])):
        app = select(app, row)
        boxes = [box for box in app.selectbox if box.label == "Compare it with another load of its kind"]
        assert [option.split(":")[0] for box in boxes for option in box.options] == others


@pytest.mark.usefixtures("two_loads")
def test_the_history_says_the_number_of_every_load_and_shows_its_counts_as_texts(opened: Opened) -> None:
    app = opened("data")
    app.session_state["data:history"] = True
    table = app.run().dataframe[0].value
    assert [list(table[name]) for name in ("Load", "Rows read", "Updated")] == [["2", "1"], ["3", "3"], ["1", "0"]]
    assert "**History**   :gray[2 loads: take one back, see rejected rows, compare two of a kind]" in [
        box.label for box in app.expander
    ]


def test_rows_set_aside_of_an_earlier_load_are_still_there(opened: Opened, loaded: Loaded, tmp_path: Path) -> None:
    loaded(written(tmp_path / MARCH, [contact(), contact("soon")]))
    app = select(opened("data"), 0)
    assert f"1 row rejected of {session.escaped(MARCH)}" in [expander.label for expander in app.expander]
    assert app.dataframe[-1].value["Reason"].iloc[0]


@pytest.mark.usefixtures("two_loads")
def test_warnings_of_an_earlier_load_are_still_there_with_what_they_mean(opened: Opened) -> None:
    said = texts(select(opened("data"), 0)).replace("\\", "")
    assert "1 row loaded before for these days is not in this file; it stays" in said
    assert "For the numbers: it is still counted" in said


# What is loaded ------------------------------------------------------------------------------------------------------


def test_a_hole_is_said_with_what_mends_it_beside_what_is_loaded_in_part(
    opened: Opened, loaded: Loaded, tmp_path: Path
) -> None:
    loaded(
        written(tmp_path / "ContactExport-20240301-20240302.csv", [contact("2024-03-01 10:00:00")]),
        written(tmp_path / "ContactExport-20240305-20240306.csv",
                [contact("2024-03-05 10:00:00", channel="SMS", channel_filter="SMS")]),
    )  # fmt: skip
    app = opened("data")
    shown = texts(app).replace("\\", "")
    assert ":red[Contact Export, 3 to 4 Mar 2024:] export these 2 days from Gladly and drop the file above." in shown
    assert "Contact Export: 2 days partly loaded (SMS only)" in shown
    assert "Lists without days: Gladly Customer merges, never loaded; respond.io Users, never loaded" in shown
    drawn = str(app.get("vega_lite_chart")[0].proto)
    assert "Gladly Contact Export: 3 to 4 Mar missing, 2 rows, loaded until 6 Mar 2024" in drawn
    assert "Lexer Orders: never loaded" in drawn


# A folder ------------------------------------------------------------------------------------------------------------


def test_a_file_of_an_allowed_folder_loads_and_stays(opened: Opened, workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    path = written(folder / MARCH, [contact()])
    (folder / "out.csv").symlink_to(written(tmp_path / "secret" / MARCH, [contact()]))
    app = opened("settings")
    app.text_input(key="setting:folders").set_value(str(folder)).run()
    assert session.own().folders == (folder,)
    app = opened("data")
    app.session_state["uploads:folder"] = True
    app.run()
    [box] = app.multiselect
    assert [option.split(" · ")[0] for option in box.options] == [MARCH]
    box.set_value([path]).run()
    load(finished(button(app, "Take this file").click().run()))
    assert stored("select file, rows_loaded from loads") == [(MARCH, 1)]
    assert path.exists()


def test_a_folder_that_is_none_is_refused_in_a_line(opened: Opened) -> None:
    app = opened("settings")
    app.text_input(key="setting:folders").set_value("/no/such/place").run()
    assert ["not a folder" in error.value for error in app.error] == [True]
    assert session.own().folders == ()


# The workspace as a whole --------------------------------------------------------------------------------------------


def keeping(opened: Opened) -> AppTest:
    app = opened("data")
    app.session_state["data:workspace"] = True
    return finished(app.run())


def test_what_was_backed_up_comes_back_after_a_fresh_start(opened: Opened, loaded: Loaded, tmp_path: Path) -> None:
    loaded(written(tmp_path / MARCH, [contact(contact_id="a")]))
    app = keeping(opened)
    app.button(key="backup:prepare").click().run()
    app = finished(app, "backup:job")
    assert "Download" in [found.proto.label for found in app.get("download_button")]
    [backup] = (session.own().files / "exports").glob("workspace*.duckdb")
    taken = backup.read_bytes()
    assert app.button(key="clear:go").disabled
    word = next(box for box in app.text_input if str(box.key).startswith("clear:word"))
    word.set_value("start").run()
    assert app.button(key="clear:go").disabled
    word = next(box for box in app.text_input if str(box.key).startswith("clear:word"))
    word.set_value("start afresh").run()
    app.button(key="clear:go").click().run()
    assert not app.exception
    assert stored("select count(*) from gladly_contact_export") == [(0,)]
    assert "kept in" in app.success[0].value
    uploader = next(found for found in app.file_uploader if found.label == "Backup")
    uploader.upload("backup.duckdb", taken)
    app.run()
    assert app.button(key="restore:go").disabled
    next(box for box in app.checkbox if str(box.key).startswith("restore:sure")).check().run()
    app.button(key="restore:go").click().run()
    assert not app.exception
    assert stored("select contact_id from gladly_contact_export") == [("a",)]


def test_a_file_that_is_no_backup_is_refused_and_nothing_changes(
    opened: Opened, loaded: Loaded, tmp_path: Path
) -> None:
    loaded(written(tmp_path / MARCH, [contact(contact_id="a")]))
    app = keeping(opened)
    uploader = next(found for found in app.file_uploader if found.label == "Backup")
    uploader.upload("backup.duckdb", b"this is no database" * 100)
    app.run()
    next(box for box in app.checkbox if str(box.key).startswith("restore:sure")).check().run()
    app.button(key="restore:go").click().run()
    assert ["not a backup" in error.value for error in app.error] == [True]
    assert stored("select contact_id from gladly_contact_export") == [("a",)]
