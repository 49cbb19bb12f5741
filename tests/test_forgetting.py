"""Erasing a customer: gone from every table, copy and byte, known again when a later file brings them."""

import csv
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import HEADER, HEADERS, activity, contact, merges, message, written
from workbench import Workbench
from workbench.ask import notes, recipes, targets, views, workspaces
from workbench.ask.selection import Selection
from workbench.ask.views import View
from workbench.cli import main
from workbench.errors import BadSelection
from workbench.reports import REPORTS
from workbench.store.handle import blocks
from workbench.store.mentions import SEARCHED
from workbench.store.workspace import Workspace

ROOT = Path(__file__).parents[1]
GONE, MERGED, STAYS = "customer-gone-4711", "customer-merged-4712", "customer-stays-4713"
DAY, NEXT = "2024-03-05 10:00:00", "2024-03-06 10:00:00"


def rows(*said: tuple[str, str, str]) -> list[dict[str, str]]:
    return [contact(at, contact_id=name, customer_id=customer) for at, name, customer in said]


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    home = tmp_path / "home"
    home.mkdir()
    workbench = Workbench(home / "w.duckdb")
    files = {
        "ContactExport-20240301-20240331.csv": rows((DAY, "c-1", GONE), (DAY, "c-2", STAYS), (DAY, "c-3", MERGED)),
        "ContactExport-20240301-20240330.csv": rows((NEXT, "c-1", GONE), (DAY, "c-2", STAYS), ("never", "c-4", GONE)),
        "ContactsAdded-20240301-20240331.csv": [activity("added", DAY, contact_id=GONE), activity("added", DAY)],
    }
    for name, said in files.items():
        workbench.load(written(tmp_path / name, said, [*said[0]]), file_timezone="UTC")
    workbench.load(merges(tmp_path / "GladlyCustomerMerges.csv", (MERGED, GONE)))
    return workbench


def holding(home: Path, *texts: str) -> set[str]:
    """Return the files in which one of the texts stands, in whatever place of them."""
    files = [file for file in home.rglob("*") if file.is_file()]
    return {file.name for file in files if any(text.encode() in file.read_bytes() for text in texts)}


def test_a_forgotten_customer_is_in_no_table_and_no_byte(workbench: Workbench, tmp_path: Path) -> None:
    workspace, home = workbench.workspace, tmp_path / "home"
    workspace.publish()
    workspace.backup(home / "w-backup-20260101-080000.duckdb")
    views.save(workspace, View("Theirs", "contact_export", {"pin": [f"customer_id={GONE}"]}))
    views.save(workspace, View("Another", "contact_export", {}))
    with workspace.cursor() as cursor:
        cursor.execute("checkpoint")
    assert {"w.duckdb", "w-backup-20260101-080000.duckdb", "snapshot.duckdb"} <= holding(home, GONE, MERGED)
    receipt = workspace.forget(GONE)
    assert receipt.rows == {
        "gladly_contact_export": 2, "gladly_contact_export_replaced": 1, "gladly_customer_merges": 1,
        "respondio_activity_log": 1, "rejects": 1, "rejected_records": 1, "saved_views": 1,
    }  # fmt: skip
    assert (receipt.rewritten, receipt.left) == (["w-backup-20260101-080000.duckdb"], {})
    assert holding(home, GONE, MERGED) == set()
    assert workspace.rows("select contact_id, customer_id from gladly_contact_export") == [("c-2", STAYS)]
    assert [view.name for view in views.saved(workspace)] == ["Another"]
    assert workspace.rows("select count(*) from respondio_activity_log") == [(1,)]
    workspace.close()
    assert holding(home, GONE, MERGED) == set()
    copy = Workspace(home / "w-backup-20260101-080000.duckdb")
    assert copy.rows("select contact_id from gladly_contact_export") == [("c-2",)]
    copy.close()


KILLED = """
import os, sys
from pathlib import Path
from workbench.store import forgetting
from workbench.store.workspace import Workspace
copied = forgetting.copy

def killed(connection, written):
    copied(connection, written)
    os._exit(9)

forgetting.copy = killed
Workspace(Path(sys.argv[1])).forget(sys.argv[2])
"""


def test_of_a_copy_that_was_being_written_anew_nothing_stays(workbench: Workbench, tmp_path: Path) -> None:
    home = tmp_path / "home"
    workbench.workspace.backup(home / "w-backup-20260101-080000.duckdb")
    workbench.close()
    before = {file.name for file in home.iterdir()}
    killed = subprocess.run([sys.executable, "-c", KILLED, home / "w.duckdb", GONE], check=False, cwd=ROOT)
    assert killed.returncode == 9
    assert [*(home / "w.duckdb.files" / "exports").iterdir()] != []
    workspace = Workspace(home / "w.duckdb")
    assert [*(home / "w.duckdb.files").rglob("copy-*")] == []
    new = {file.name for file in home.iterdir()} - before
    assert new <= {"w.duckdb.key", "w.duckdb.forgotten", "w.duckdb.wal", "w-backup-20260101-080000.duckdb.wal"}
    assert workspace.forget(GONE).rewritten == ["w-backup-20260101-080000.duckdb"]
    assert holding(home, GONE, MERGED) == set()
    workspace.close()


@pytest.mark.parametrize("typed", ["'{}", '="{}"', "{}.0", "\u202a{}\u202c", "\ufeff {}\u2028", "\u00a0{}\u00a0"])
def test_an_id_may_be_typed_as_a_file_writes_it(tmp_path: Path, typed: str) -> None:
    workspace = Workspace(tmp_path / "w.duckdb")
    said = rows((DAY, "c-1", "000123456"), (DAY, "c-2", STAYS))
    workspace.load(written(tmp_path / "ContactExport-20240301-20240331.csv", said))
    assert workspace.forget(typed.format("000123456")).rows == {"gladly_contact_export": 1}
    assert workspace.rows("select customer_id from gladly_contact_export") == [(STAYS,)]
    workspace.close()


def test_of_a_copy_that_is_a_link_the_file_itself_is_written_anew(workbench: Workbench, tmp_path: Path) -> None:
    home, real = tmp_path / "home", tmp_path / "elsewhere.duckdb"
    workbench.workspace.backup(real)
    (link := home / "w-backup-20260101-080000.duckdb").symlink_to(real)
    assert GONE.encode() in real.read_bytes()
    receipt = workbench.workspace.forget(GONE)
    assert (receipt.rewritten, receipt.left) == ([link.name], {})
    assert link.is_symlink()
    assert holding(tmp_path / "home", GONE, MERGED) == set()
    assert GONE.encode() not in real.read_bytes()
    workbench.close()


def test_thousands_of_merged_customers_are_forgotten_at_once_and_found_elsewhere(tmp_path: Path) -> None:
    workspace, names = Workspace(tmp_path / "w.duckdb"), [f"of many {number:05}" for number in range(2_500)]
    said = [contact(DAY, contact_id=name, customer_id=name) for name in names]
    said += [contact(DAY, contact_id=f"held by {names[0]} and others", customer_id=STAYS)]
    workspace.load(written(tmp_path / "ContactExport-20240301-20240331.csv", said))
    pairs = itertools.pairwise(names)  # each into the next, so that the last is the root of all
    workspace.load(merges(tmp_path / "GladlyCustomerMerges.csv", *pairs))
    receipt = workspace.forget(names[1_200])
    assert receipt.rows == {"gladly_contact_export": 2_500, "gladly_customer_merges": 2_499}
    assert [place for place in receipt.left if "contact_id" in place] == ["gladly_contact_export.contact_id"]
    assert workspace.rows("select customer_id from gladly_contact_export") == [(STAYS,)]
    workspace.close()


def test_later_rows_of_a_forgotten_customer_are_rejected_as_such_and_counted(
    workbench: Workbench, tmp_path: Path
) -> None:
    workspace, home = workbench.workspace, tmp_path / "home"
    workspace.forget(MERGED)  # and so the one that it was merged into
    file = tmp_path / "ContactExport-20240401-20240430.csv"
    later = rows(("2024-04-01 10:00:00", "c-9", f" {GONE}"), ("2024-04-01 10:00:00", "c-8", STAYS), (DAY, "", MERGED))
    outcome = workspace.load(written(file, later, [*later[0]]))
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_rejected) == (3, 1, 2)
    assert [(reject["column"], reject["value"]) for reject in outcome.rejects if "forgotten" in reject["reason"]] == [
        ("Customer ID", None), ("Customer ID", None),
    ]  # fmt: skip
    again = workspace.load(tmp_path / "ContactExport-20240301-20240331.csv")
    assert (again.rows_read, again.rows_unchanged, again.rows_rejected) == (3, 1, 2)
    with workspace.cursor() as cursor:
        cursor.execute("checkpoint")
    workspace.close()
    assert holding(home, GONE, MERGED) == set()


SHIFTED, LONG = ("",), ("x", "y")  # fields before a record's own, and behind them


DRESSED = [GONE, f" {GONE}\t", f"'{GONE}", f'="{GONE}"', "\u00a071234560.0"]


@pytest.mark.parametrize("said", DRESSED)
def test_the_id_of_a_forgotten_customer_is_not_quoted_where_it_stands_in_a_column_of_other_values(
    workbench: Workbench, tmp_path: Path, said: str
) -> None:
    workbench.workspace.forget(GONE)
    workbench.workspace.forget("71234560")
    later = rows((said, "c-8", STAYS), ("never", "c-9", STAYS))
    outcome = workbench.workspace.load(written(tmp_path / "ContactExport-20240401-20240430.csv", later, [*later[0]]))
    assert {reject["value"] for reject in outcome.rejects} == {None, "never"}
    assert workbench.workspace.rows("select count(*) from rejects where value is null and load_id = 5") == [(1,)]


@pytest.mark.parametrize("said", DRESSED)
@pytest.mark.parametrize(("before", "behind"), [((), LONG), (SHIFTED, ()), (SHIFTED, LONG)])
def test_a_later_record_of_too_many_or_shifted_fields_is_not_kept_where_a_forgotten_customer_stands_in_it(
    workbench: Workbench, tmp_path: Path, said: str, before: tuple[str, ...], behind: tuple[str, ...]
) -> None:
    workspace, home = workbench.workspace, tmp_path / "home"
    workspace.forget(GONE)
    workspace.forget("71234560")
    theirs, other = contact(DAY, customer_id=said), contact(DAY, customer_id=STAYS)
    file = tmp_path / "ContactExport-20240401-20240430.csv"
    with file.open("w", newline="") as opened:
        records = [[*theirs], *([*before, *one.values(), *behind][: len(theirs) + 2] for one in (theirs, other))]
        csv.writer(opened).writerows(records)
    outcome = workspace.load(file)
    assert outcome.rows_rejected == 2
    assert [reject["value"] for reject in outcome.rejects] == [None, None]
    kept = workspace.rows("select record from rejected_records where row is not null")
    assert [STAYS in record for (record,) in kept if "contact-" in record] == [True]
    with workspace.cursor() as cursor:
        cursor.execute("checkpoint")
    workspace.close()
    assert holding(home, GONE, "71234560") == set()


def test_a_backup_does_not_bring_a_forgotten_customer_back(workbench: Workbench, tmp_path: Path) -> None:
    workspace, elsewhere = workbench.workspace, tmp_path / "elsewhere.duckdb"
    workspace.backup(elsewhere)
    workspace.forget(GONE)
    workspace.restore(elsewhere)
    assert workspace.rows("select customer_id from gladly_contact_export") == [(STAYS,)]
    workspace.clear()
    outcome = workspace.load(tmp_path / "ContactExport-20240301-20240331.csv")
    assert (outcome.rows_loaded, outcome.rows_rejected) == (1, 2)


def pinning(cell: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the link of a page on which a cell is pinned."""
    return Selection(pins=(tuple((key, tuple(values)) for key, values in cell.items()),)).as_query()


def keep(workspace: Workspace, name: str) -> None:
    """Keep a view, a recipe, a target, a note and columns of a log that name a customer, and some that name nobody."""
    report, figure = REPORTS["repeat_contacts"], next(iter(targets.metrics(REPORTS["repeat_contacts"])))
    for title, query in {
        "Theirs": {"customer_id": [name]},
        "Another": {"channel": ["CHAT", "q7"], "customer_id": [STAYS]},
    }.items():
        cells = [{"customer_id": query["customer_id"]}, {"inbox": ["q7"], "customer_id": query["customer_id"]}]
        pinned = [View(f"Pinned {len(cell)} {title}", report.name, pinning(cell)) for cell in cells]
        views.save(workspace, View(title, report.name, query), *pinned)
        shown = {"title": "a", "name": "a", "report": report.name, "query": query}
        said = {"format": recipes.FORMAT, "name": title, "title": "t", "views": [shown]}
        recipes.save(workspace, recipes.of_values(said))
    targets.put(workspace, targets.said(report.name, figure, "7", "up", only=f"customer_id={name}"))
    targets.put(workspace, targets.said(report.name, figure, "7", "up", only="channel=CHAT"))


def kept(workspace: Workspace) -> tuple[list[str], list[str], int]:
    return [view.name for view in views.saved(workspace)], [*recipes.saved(workspace)], len(targets.saved(workspace))


LEFT = ["Another", "Pinned 1 Another", "Pinned 2 Another"], ["Another"], 1
ALL = ["Another", "Pinned 1 Another", "Pinned 1 Theirs", "Pinned 2 Another", "Pinned 2 Theirs", "Theirs"]
UNREADABLE = Path("/proc/self/mem")  # of whose first bytes nobody reads any
WRITTEN = ["kundé-4711", 'quo"te-4712', "apo'st-4713", "back\\slash-4714", "日本語顧客-4716", "tab\tid-4719", "q7"]


@pytest.mark.parametrize("name", WRITTEN)
def test_what_people_keep_of_a_forgotten_customer_goes_however_their_id_is_written(
    workbench: Workbench, tmp_path: Path, name: str
) -> None:
    workspace = workspaces.ready(workbench.workspace)
    file = tmp_path / f"ContactExport-20240401-20240430 of {name}.csv".replace("\\", "")
    workspace.load(written(file, rows(("2024-04-01 10:00:00", "c-9", name)), HEADER))
    keep(workspace, name)
    assert kept(workspace) == (ALL, ["Another", "Theirs"], 2)
    once = [json.dumps(name, ensure_ascii=of)[1:-1] for of in (False, True)]
    receipt = workspace.forget(name)
    assert {table: receipt.rows[table] for table in ("saved_views", "recipes", "settings")} == {
        "saved_views": 3, "recipes": 1, "settings": 1,
    }  # fmt: skip
    assert (receipt.left, kept(workspace)) == ({}, LEFT)
    assert (
        len(name) < SEARCHED
        or holding(tmp_path / "home", name, *once, *(json.dumps(each)[1:-1] for each in once)) == set()
    )
    assert workspace.forget(name).left == {}


def test_a_view_of_a_contact_goes_by_an_id_of_any_length(workbench: Workbench, tmp_path: Path) -> None:
    said = [activity("added", DAY, contact_id="k-7")]
    workbench.load(written(tmp_path / "ContactsAdded-20240401-20240430.csv", said, [*said[0]]), file_timezone="UTC")
    pinned = [View(f"Of {name}", "contacts", {"contact": [name]}) for name in ("k-7", "k-70")]
    views.save(workbench.workspace, *pinned)
    assert workbench.workspace.forget("k-7").rows == {"respondio_activity_log": 1, "saved_views": 1}


def test_names_and_notes_that_hold_the_id_of_a_forgotten_customer_go(workbench: Workbench) -> None:
    workspace = workbench.workspace
    views.save(workspace, View(f"Calls of {GONE}", "contact_export", {}), View("Calls", "contact_export", {}))
    notes.put(workspace, notes.said(f"call {GONE}", "2024-03-05"), notes.said("call others", "2024-03-05"))
    workspace.keep("insert into log_columns values ('contact_export', 'log', ?)", [[GONE]])
    receipt = workspace.forget(GONE)
    assert [receipt.rows[table] for table in ("saved_views", "settings", "log_columns")] == [1, 1, 1]
    assert receipt.left == {}
    assert [note.text for note in notes.saved(workspace)] == ["call others"]
    assert [view.name for view in views.saved(workspace)] == ["Calls"]


def test_a_forgotten_id_is_cut_out_of_texts_of_others_and_named_where_it_is_another_id(
    workbench: Workbench, tmp_path: Path
) -> None:
    workspace = workbench.workspace
    others = [
        contact(NEXT, contact_id="o-1", entry_point=GONE) | {"Note": f"see {GONE} {GONE}, not {GONE}2"},
        contact(NEXT, contact_id="o-2", conversation_id=GONE) | {"Note": ""},
    ]
    workspace.load(written(tmp_path / "ContactExport-20240302-20240331.csv", others, [*HEADER, "Note"]))
    workspace.backup(tmp_path / "home" / "w-backup-20260101-090000.duckdb")
    receipt = workspace.forget(GONE)
    assert receipt.rows["gladly_contact_export, in texts of others"] == 1
    sql = "select entry_point, extra['Note'] from gladly_contact_export where contact_id = 'o-1'"
    assert workspace.rows(sql) == [("(forgotten)", f"see (forgotten) (forgotten), not {GONE}2")]
    said = "1 cell holds the ID, as the ID of something else, as a word or within a longer one"
    assert receipt.left.items() >= {
        f"{file}gladly_contact_export.{column}": said
        for file in ("", "w-backup-20260101-090000.duckdb, ") for column in ("conversation_id", "extra")
    }.items()  # fmt: skip


def test_a_forgotten_id_that_the_database_compresses_is_found(workbench: Workbench, tmp_path: Path) -> None:
    workspace = workbench.workspace
    others = [contact(NEXT, conversation_id=f"customer-gone-47{n:05}") for n in range(20_000)]
    others[7][HEADERS["conversation_id"]] = GONE
    workspace.load(written(tmp_path / "ContactExport-20240302-20240331.csv", others))
    assert "gladly_contact_export.conversation_id" in workspace.forget(GONE).left


def test_who_is_merged_through_several_systems_is_forgotten(workbench: Workbench, tmp_path: Path) -> None:
    workbench.load(merges(tmp_path / "LexerCustomerMerges.csv", (GONE, STAYS)))
    workbench.workspace.forget(MERGED)
    assert workbench.workspace.rows("select customer_id from gladly_contact_export") == []


WORDY = ["2024", "240301", "20240301"]  # a year, a part of a day in a name, and a word of it


def worded(workbench: Workbench, tmp_path: Path, name: str, customer: str) -> Workspace:
    """Return a workspace in which a text stands as a word, beside a customer."""
    workspace = workbench.workspace
    others = [contact(NEXT, contact_id="o-1") | {"Note": f"Sale {name}"}, contact(NEXT, customer_id=customer)]
    workspace.load(written(tmp_path / "ContactExport-20240302-20240331.csv", others, [*HEADER, "Note"]))
    views.save(workspace, View("Days", "contact_export", {"compare": ["2024-01-01..2024-01-31"]}))
    views.save(workspace, View(f"Sale {name}", "contact_export", {}))
    views.save(workspace, View("Theirs", "contact_export", {"pin": [f"customer_id={name}"]}))
    notes.put(workspace, notes.said(f"Sale {name}", "2024-03-05"))
    return workspace


def word_left(workspace: Workspace) -> tuple[list[str], list[str], list[tuple[str]]]:
    texts = workspace.rows("select extra['Note'] from gladly_contact_export where contact_id = 'o-1'")
    return [view.name for view in views.saved(workspace)], [note.text for note in notes.saved(workspace)], texts


@pytest.mark.parametrize("name", WORDY)
def test_a_word_stays_that_reads_as_the_id_of_nobody_until_it_is_forgotten_once_more(
    workbench: Workbench, tmp_path: Path, name: str
) -> None:
    workspace = worded(workbench, tmp_path, name, STAYS)
    files = [load["file"] for load in workspace.loads()]
    receipt = workspace.forget(name)
    assert receipt.rows == {"saved_views": 1}  # whose pin says that it is a customer's
    assert word_left(workspace) == (["Days", f"Sale {name}"], [f"Sale {name}"], [(f"Sale {name}",)])
    assert [load["file"] for load in workspace.loads()] == files
    assert "gladly_contact_export.extra" in receipt.left
    workspace.forget(name)
    assert ("Days" in word_left(workspace)[0], word_left(workspace)[1]) == (
        True,
        [f"Sale {name}"] if name == "2024" else [],
    )


def test_an_id_of_four_characters_is_taken_out_by_exact_value_alone(workbench: Workbench, tmp_path: Path) -> None:
    workspace = worded(workbench, tmp_path, "2024", "2024")
    assert workspace.forget("2024").rows == {"gladly_contact_export": 1, "saved_views": 1}
    assert word_left(workspace) == (["Days", "Sale 2024"], ["Sale 2024"], [("Sale 2024",)])


@pytest.mark.parametrize("name", ["240301", "20240301"])
def test_what_is_said_of_loads_loses_no_part_of_a_longer_word(workbench: Workbench, tmp_path: Path, name: str) -> None:
    workspace = worded(workbench, tmp_path, name, name)
    assert "loads.file" in workspace.forget(name).left
    assert "ContactExport-20240301-20240331.csv" in [load["file"] for load in workspace.loads()]
    assert word_left(workspace) == (["Days"], [], [("Sale (forgotten)",)])


@pytest.mark.parametrize(
    ("name", "others"), [("ada@x.com", "bob.ada@x.com"), ("ada@x.com", "ada@x.com.au"), ("123456", "123456-2")]
)
def test_an_id_within_a_longer_one_stays_another_customers(
    workbench: Workbench, tmp_path: Path, name: str, others: str
) -> None:
    workspace = worded(workbench, tmp_path, f"see {others}; not {name}.", name)
    views.save(workspace, View("Another", "inbound_contacts", {"customer_id": [others]}))
    workspace.forget(name)
    assert "Another" in [view.name for view in views.saved(workspace)]
    assert word_left(workspace)[-1] == [(f"Sale see {others}; not (forgotten).",)]


def test_a_channel_an_inbox_or_an_agent_that_reads_as_an_id_stays(workbench: Workbench, tmp_path: Path) -> None:
    workspace, sql = workbench.workspace, "select direction, inbox_when_ended, count(*) from gladly_contact_export"
    others = [contact(NEXT, contact_id=f"o-{n}", inbox_when_ended="Unknown Callers") | {"Note": ""} for n in range(3)]
    theirs = [contact(NEXT, contact_id=f"t-{name}", customer_id=name) | {"Note": ""} for name in ("INBOUND", "Unknown")]
    workspace.load(written(tmp_path / "ContactExport-20240302-20240331.csv", [*others, *theirs], [*others[0]]))
    views.save(workspace, View("Inbound", "contact_export", {"direction": ["OUTBOUND"], "channel": ["CHAT"]}))
    numbers = workspace.rows(f"{sql} where contact_id like 'o-%' group by all")
    for name in ("INBOUND", "Unknown", "channel"):
        workspace.forget(name)
    assert workspace.rows(f"{sql} where contact_id like 'o-%' group by all") == numbers
    assert "Inbound" in [view.name for view in views.saved(workspace)]
    assert workspace.rows("select count(*) from gladly_contact_export where contact_id like 't-%'") == [(0,)]


def test_a_range_of_days_holds_no_id(workbench: Workbench, tmp_path: Path) -> None:
    workspace = worded(workbench, tmp_path, "2024-01", "2024-01")
    workspace.forget("2024-01")
    assert [view.name for view in views.saved(workspace)] == ["Days"]


def test_a_receipt_says_that_a_short_id_was_not_searched(workbench: Workbench) -> None:
    receipt = workbench.workspace.forget("c-2")
    assert receipt.lines[-1] == "  of IDs of fewer than 4 characters, texts and bytes were not searched: 1"
    assert "not searched" not in "".join(workbench.workspace.forget(GONE).lines)


@pytest.mark.skipif(not UNREADABLE.is_file(), reason="Linux has such a file, and of others root reads each")
def test_a_file_that_cannot_be_read_is_named_in_the_receipt(workbench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "home" / "w.duckdb.closed").symlink_to(UNREADABLE)
    assert workbench.workspace.forget(GONE).left == {
        "w.duckdb.closed": "could not be searched (Input/output error). Forget once more"
    }


def test_a_file_that_another_takes_the_place_of_while_it_is_searched_is_not_taken_for_a_clean_one(
    workbench: Workbench, tmp_path: Path
) -> None:
    searched = blocks(tmp_path / "home" / "w.duckdb", 4096)
    next(searched)
    workbench.workspace.unload(1)
    with pytest.raises(OSError, match="another file took its place"):
        next(searched)


@pytest.mark.parametrize("has_rows", [True, False])
def test_a_backup_does_not_bring_back_what_people_kept_of_a_forgotten_customer(
    workbench: Workbench, tmp_path: Path, has_rows: bool
) -> None:
    workspace, elsewhere = workspaces.ready(workbench.workspace), tmp_path / "elsewhere.duckdb"
    keep(workspace, GONE)
    unfit = rows(("never", f"c-8 of {GONE}", STAYS))
    workspace.load(written(tmp_path / "ContactExport-20240401-20240430.csv", unfit, HEADER))
    if not has_rows:
        workspace.unload_all([load["load_id"] for load in workspace.loads()][1:])
    workspace.backup(elsewhere)
    workspace.forget(GONE)
    workspace.restore(elsewhere)
    assert kept(workspace) == LEFT
    tables = [table for (table,) in workspace.rows("select table_name from duckdb_tables() where not temporary")]
    assert [table for table in tables if GONE in str(workspace.rows(f"from {table}"))] == []


def test_a_contact_of_the_same_id_as_a_customer_is_not_taken_for_one(workbench: Workbench, tmp_path: Path) -> None:
    file = tmp_path / "LexerMessages-20240301-20240331.csv"
    said = [message(DAY, message_id=f"m-{n}", customer_id=name) for n, name in enumerate(("c-2", "other", ""))]
    workbench.load(written(file, said, [*said[0]]), file_timezone="UTC")
    receipt = workbench.workspace.forget("c-2")
    assert receipt.rows == {"lexer_message_rows": 1}
    assert workbench.workspace.rows("select count(*) from gladly_contact_export") == [(3,)]


def test_a_damaged_copy_is_named_in_the_receipt(workbench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "home" / "w-damaged-20260101-080000.duckdb").write_bytes(GONE.encode())
    receipt = workbench.workspace.forget(GONE)
    assert receipt.left["w-damaged-20260101-080000.duckdb"] == "its bytes still hold the ID"


def test_nobody_cannot_be_forgotten(workbench: Workbench) -> None:
    with pytest.raises(BadSelection, match="Name the customer"):
        workbench.workspace.forget("  ")


def test_the_command_prints_a_receipt_without_whose_it_is(
    workbench: Workbench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workbench.close()
    path = str(tmp_path / "home" / "w.duckdb")
    assert main(["forget", GONE, "--json", "--workspace", path]) == 0
    said = capsys.readouterr().out
    assert json.loads(said)["rows"]["gladly_contact_export"] == 2
    assert GONE not in said
    assert main(["forget", GONE, "--workspace", path]) == 0
    assert "nothing was here" in capsys.readouterr().out


@pytest.mark.parametrize("share", [0, 0.5])
def test_who_is_forgotten_stays_forgotten_when_a_backup_takes_the_place_of_a_damaged_workspace(
    workbench: Workbench, tmp_path: Path, capsys: pytest.CaptureFixture[str], share: float
) -> None:
    elsewhere, path = tmp_path / "elsewhere.duckdb", tmp_path / "home" / "w.duckdb"
    workbench.workspace.backup(elsewhere)
    workbench.workspace.forget(GONE)
    workbench.close()
    content = path.read_bytes()
    kept = int(len(content) * share)
    path.write_bytes(content[:kept] + b"\xff" * (len(content) - kept))
    assert main(["restore", str(elsewhere), "--workspace", str(path)]) == 0
    capsys.readouterr()
    workspace = Workspace(path)
    assert workspace.rows("select customer_id from gladly_contact_export") == [(STAYS,)]
    outcome = workspace.load(tmp_path / "ContactExport-20240301-20240331.csv")
    assert outcome.rows_rejected == 2
    workspace.close()
    assert holding(tmp_path / "home", GONE) <= {file.name for file in (tmp_path / "home").glob("*damaged*")}
