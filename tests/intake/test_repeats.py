"""A file that is loaded again with nothing changed since is answered for as a whole, as if its rows had been read."""

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Desk, activity, assignment, contact, merges, order
from workbench import Workbench, places, workbook
from workbench.ask.logs import Page
from workbench.errors import FileRefused
from workbench.exports import KINDS
from workbench.intake import repeats
from workbench.progress import Progress

Act = Callable[[Desk], Any]

LOGS = tuple({kind.table for kind in KINDS.values() if kind.is_log})
# What differs between two loads that did the same at other times.
OWN = {
    "loads": "* exclude (loaded_at, report, fingerprint)",
    # The place in the file matters for logs only, where it stands in their rows.
    "unchanged_rows": f"* replace (if(table_name in {LOGS}, position, null) as position)",
}
FORGET = "update loads set fingerprint = null"


def kept(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables."""
    tables = desk.stored("select table_name from duckdb_tables() where not temporary order by all")
    return {
        table: desk.stored(f"select {OWN.get(table, '*')} from {table} order by all")
        for (table,) in tables
        if table != "settings"
    }


def assert_same(tmp_path: Path, first: Act, between: Act, again: Act) -> None:
    """Load again at one desk as it is, and at one that forgot the file: all is the same."""
    assert played(tmp_path / "known", first, between, again) == played(
        tmp_path / "read", first, lambda desk: (between(desk), changed(desk, FORGET)), again
    )


def played(folder: Path, first: Act, between: Act, again: Act) -> Any:
    folder.mkdir(parents=True)
    with closing(Workbench()) as workbench:
        desk = Desk(folder, workbench)
        first(desk)
        between(desk)
        return asdict(again(desk)) | {"seconds": 0}, kept(desk)


def is_known(tmp_path: Path, first: Act, between: Act, again: Act) -> bool:
    """Tell whether the file was answered for without a look at its rows: one that was changed behind is not noticed."""

    def tampered(desk: Desk) -> None:
        between(desk)
        for kind in KINDS.values():
            changed(desk, f"update {kind.table} set extra = map(['x'], ['y'])")

    outcome, _ = played(tmp_path / "tampered", first, tampered, again)
    return not outcome["rows_updated"]


def changed(desk: Desk, sql: str) -> None:
    desk.workbench.workspace.keep(sql, [])


def nothing(desk: Desk) -> None:
    """Do nothing between."""


CONTACTS = [
    contact("2024-03-10 02:30:00", contact_id="same"),
    contact("2024-03-05 10:00:00", contact_id="twice", status="OPEN"),
    contact("2024-03-06 10:00:00", contact_id="twice", status="CLOSED"),
    contact("no time", contact_id="rejected"),
    contact("2024-04-06 10:00:00", contact_id="outside"),
]
EVENTS = [
    assignment(conversation_id="1", contact_id="1"),
    assignment(conversation_id="1", contact_id="1"),
    assignment(conversation_id="2", contact_id="2", assigned_to="Cy"),
]


def load_contacts(desk: Desk) -> Any:
    return desk.load(*CONTACTS)


def load_events(desk: Desk) -> Any:
    return desk.load_kind("respondio_assignments", *EVENTS)


@pytest.mark.parametrize("load", [load_contacts, load_events])
def test_what_is_written_of_a_repeat_is_what_reading_its_rows_again_writes(tmp_path: Path, load: Act) -> None:
    assert_same(tmp_path, load, nothing, load)
    assert is_known(tmp_path, load, nothing, load)


@pytest.mark.parametrize("load", [load_contacts, load_events])
def test_a_third_load_finds_the_rows_of_the_load_that_brought_them(tmp_path: Path, load: Act) -> None:
    assert_same(tmp_path, load, load, load)
    assert is_known(tmp_path, load, load, load)


@pytest.mark.parametrize("load", [load_contacts, load_events])
def test_a_repeat_holds_the_rows_when_the_load_before_it_is_taken_back(tmp_path: Path, load: Act) -> None:
    def taken_back(desk: Desk) -> Any:
        outcome = load(desk)
        desk.workbench.workspace.unload(1)
        return outcome

    assert_same(tmp_path, load, nothing, taken_back)


def load_updates(desk: Desk) -> Any:
    """Load rows of which some were loaded before as they are, some otherwise."""
    changed = [row | {"Status": "ENDED"} for row in CONTACTS[:2]]
    return desk.load(*changed, *CONTACTS[4:], name="ContactExport-20240301-20240430.csv")


def test_a_repeat_of_a_load_that_updated_rows_finds_all_of_them_unchanged(tmp_path: Path) -> None:
    def both(desk: Desk) -> None:
        load_contacts(desk)
        load_updates(desk)

    assert_same(tmp_path, both, nothing, load_updates)
    assert is_known(tmp_path, both, nothing, load_updates)


def test_a_file_is_read_again_once_another_of_its_table_was_loaded(tmp_path: Path) -> None:
    assert_same(tmp_path, load_contacts, load_updates, load_contacts)
    assert not is_known(tmp_path, load_contacts, load_updates, load_contacts)


def test_a_file_of_another_table_in_between_changes_nothing(tmp_path: Path) -> None:
    assert_same(tmp_path, load_contacts, load_events, load_contacts)
    assert is_known(tmp_path, load_contacts, load_events, load_contacts)


def test_a_file_of_the_same_table_but_another_kind_counts_as_a_change(tmp_path: Path) -> None:
    added = [activity("added", contact_id="1")]

    def load(desk: Desk) -> Any:
        return desk.load_kind("respondio_contacts_added", *added)

    def deleted(desk: Desk) -> Any:
        return desk.load_kind("respondio_contacts_deleted", activity("deleted", contact_id="1"))

    assert_same(tmp_path, load, deleted, load)
    assert not is_known(tmp_path, load, deleted, load)


def test_a_file_is_read_again_after_any_load_was_taken_back(tmp_path: Path) -> None:
    def taken_back(desk: Desk) -> None:
        desk.workbench.workspace.unload(1)

    def two(desk: Desk) -> None:
        load_updates(desk)
        load_contacts(desk)

    assert_same(tmp_path, two, taken_back, load_contacts)
    assert not is_known(tmp_path, two, taken_back, load_contacts)


def test_a_file_is_read_again_in_another_zone_where_it_names_none(tmp_path: Path) -> None:
    def load(desk: Desk) -> Any:
        return desk.load_kind("lexer_orders", order(order_id="1", customer_id="1"), file_timezone=None)

    def moved(desk: Desk) -> None:
        load(desk)  # the first load set the zone that the second one takes
        desk.workbench.workspace.set("reporting_zone", "Asia/Kolkata")

    assert_same(tmp_path, load, moved, load)
    assert not is_known(tmp_path, load, moved, load)


def test_a_file_that_names_its_zone_is_known_in_any_reporting_zone(tmp_path: Path) -> None:
    def moved(desk: Desk) -> None:
        desk.workbench.workspace.set("reporting_zone", "Asia/Kolkata")

    assert_same(tmp_path, load_contacts, moved, load_contacts)
    assert is_known(tmp_path, load_contacts, moved, load_contacts)


def test_the_same_bytes_with_another_choice_or_another_name_are_read_again(tmp_path: Path) -> None:
    dates = "Order ID,Ordered At,Customer ID,Order Value,Currency\n1,03/04/2024 10:00,1,10,USD\n"

    def load(**choices: Any) -> Act:
        given = {"name": "orders.csv", "kind": "lexer_orders", "file_timezone": "UTC", "date_order": "dmy"} | choices
        return lambda desk: desk.load_text(dates, **given)

    assert_same(tmp_path, load(), nothing, load())
    assert is_known(tmp_path, load(), nothing, load())
    for other in ({"date_order": "mdy"}, {"file_timezone": "Asia/Kolkata"}, {"name": "Orders-20240401-20240430.csv"}):
        assert not is_known(tmp_path / next(iter(other)), load(), nothing, load(**other))


def test_an_empty_file_of_a_period_is_known_too(tmp_path: Path) -> None:
    def load(desk: Desk) -> Any:
        return desk.load_text("", name="ContactExport-20240301-20240331.csv")

    assert_same(tmp_path, load, nothing, load)


def test_merged_customers_stay_merged(tmp_path: Path) -> None:
    def load(desk: Desk) -> Any:
        return desk.workbench.load(merges(desk.folder / "GladlyCustomerMerges.csv", ("a", "b"), ("b", "c")))

    assert_same(tmp_path, load, nothing, load)
    assert is_known(tmp_path, load, nothing, load)


@pytest.mark.parametrize("path", sorted(places.SAMPLES.glob("*/*.csv")), ids=lambda path: path.name)
def test_every_kind_of_the_sample_can_be_loaded_again(tmp_path: Path, path: Path) -> None:
    def load(desk: Desk) -> Any:
        return desk.workbench.load(path)

    assert_same(tmp_path, load, load, load)


def test_a_load_keeps_the_hash_of_its_file_and_what_was_chosen(desk: Desk) -> None:
    outcome = desk.load(*CONTACTS, name="export.csv", kind="gladly_contact_export")
    content = (desk.folder / "export.csv").read_bytes()
    [stored] = desk.stored(f"select sha256, chosen from loads where load_id = {outcome.load_id}")
    assert stored == (hashlib.sha256(content).hexdigest(), '{"kind": "gladly_contact_export"}')
    assert repeats.sha256(desk.folder / "export.csv", "export.csv") == stored[0]


def test_a_file_that_cannot_be_read_is_refused_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"none\.csv: cannot be read \(No such file or directory\)"):
        repeats.sha256(tmp_path / "none.csv", "none.csv")


def test_a_log_of_ours_is_read_again_each_time(desk: Desk) -> None:
    load_events(desk)
    question = desk.workbench.report("assignments").question
    made = workbook.prepare(workbook.Export(question, question.report.log, "parquet", Page()), Progress())
    for _ in range(2):
        desk.workbench.load(made.path)
    known = desk.stored("select fingerprint is null from loads order by load_id")
    assert known == [(False,), (True,), (True,)]
