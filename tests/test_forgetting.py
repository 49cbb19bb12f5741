"""Erasing a customer: gone from every table, copy and byte, known again when a later file brings them."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import activity, contact, merges, message, written
from workbench import Workbench
from workbench.ask import views
from workbench.ask.views import View
from workbench.cli import main
from workbench.errors import BadSelection
from workbench.store.workspace import Workspace

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
    workspace.backup(home / "w-backup-1.duckdb")
    views.save(workspace, View("Theirs", "contact_export", {"pin": [f"customer_id:{GONE}"]}))
    views.save(workspace, View("Another", "contact_export", {}))
    with workspace.cursor() as cursor:
        cursor.execute("checkpoint")
    assert {"w.duckdb", "w-backup-1.duckdb", "snapshot.duckdb"} <= holding(home, GONE, MERGED)
    receipt = workspace.forget(GONE)
    assert receipt.rows == {
        "gladly_contact_export": 2, "gladly_contact_export_replaced": 1, "gladly_customer_merges": 1,
        "respondio_activity_log": 1, "rejects": 1, "rejected_records": 1, "saved_views": 1,
    }  # fmt: skip
    assert (receipt.rewritten, receipt.left) == (["w-backup-1.duckdb"], {})
    assert holding(home, GONE, MERGED) == set()
    assert workspace.rows("select contact_id, customer_id from gladly_contact_export") == [("c-2", STAYS)]
    assert [view.name for view in views.saved(workspace)] == ["Another"]
    assert workspace.rows("select count(*) from respondio_activity_log") == [(1,)]
    workspace.close()
    assert holding(home, GONE, MERGED) == set()
    copy = Workspace(home / "w-backup-1.duckdb")
    assert copy.rows("select contact_id from gladly_contact_export") == [("c-2",)]
    copy.close()


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


@pytest.mark.parametrize("said", [GONE, f" {GONE}\t", f"'{GONE}", f'="{GONE}"', "\u00a071234560.0"])
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
    assert not any(said in str(reject) for reject in outcome.rejects)
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


def test_a_contact_of_the_same_id_as_a_customer_is_not_taken_for_one(workbench: Workbench, tmp_path: Path) -> None:
    file = tmp_path / "LexerMessages-20240301-20240331.csv"
    said = [message(DAY, message_id=f"m-{n}", customer_id=name) for n, name in enumerate(("c-2", "other", ""))]
    workbench.load(written(file, said, [*said[0]]), file_timezone="UTC")
    receipt = workbench.workspace.forget("c-2")
    assert receipt.rows == {"lexer_message_rows": 1}
    assert workbench.workspace.rows("select count(*) from gladly_contact_export") == [(3,)]


def test_a_damaged_copy_is_named_in_the_receipt(workbench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "home" / "w-damaged-1.duckdb").write_bytes(GONE.encode())
    receipt = workbench.workspace.forget(GONE)
    assert receipt.left["w-damaged-1.duckdb"] == "its bytes still hold the ID"


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
