"""What a file is before it is loaded: what the load will make of it, and nothing of it stays."""

from datetime import date
from pathlib import Path

import pytest

from tests.builders import activity, contact, message, written
from workbench import Workbench
from workbench.errors import ChoiceNeeded, FileRefused, HeaderUnknown
from workbench.intake.choices import Choices
from workbench.intake.looking import Recognised

MARCH = "ContactExport-20240301-20240331.csv"


@pytest.fixture
def workbench() -> Workbench:
    return Workbench()


def looked(workbench: Workbench, file: Path, **said: str) -> Recognised | FileRefused:
    """Look into a file that is none of several."""
    [(_, found)] = workbench.workspace.look_into_parts(file, Choices(**said))  # type: ignore[arg-type]
    return found


def test_it_is_what_the_load_makes_of_it_rejected_rows_among_its_rows(workbench: Workbench, tmp_path: Path) -> None:
    file = written(tmp_path / MARCH, [contact(), contact("soon")])
    file.write_text(file.read_text(encoding="utf-8") + "too,short\n", encoding="utf-8")
    found = looked(workbench, file)
    assert found == Recognised("gladly_contact_export", 3, (date(2024, 3, 1), date(2024, 3, 31)))
    outcome = workbench.load(file)
    assert (outcome.kind, outcome.rows_read) == ("gladly_contact_export", 3)


def test_nothing_of_it_stays(workbench: Workbench, tmp_path: Path) -> None:
    looked(workbench, written(tmp_path / MARCH, [contact()]))
    workspace = workbench.workspace
    assert (workspace.is_empty, workspace.rows("select count(*) from gladly_contact_export")) == (True, [(0,)])
    assert list((workspace.files / "inbox").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "text", "option"),
    [
        ("log.csv", None, "--kind"),
        ("figures.csv", "Date,Inbound Contacts,Customers\n2024-03-01,5,3\n", "--rollup"),
        ("orders.csv", "Order ID,Ordered At\n1,7/12/21 10:48\n", "--date-order"),
        ("shop.csv", "order_no,ordered\no-1,2024-03-05\n", "--mapping"),
    ],
)
def test_what_it_leaves_open_is_asked_before_anything_is_loaded(
    workbench: Workbench, tmp_path: Path, name: str, text: str | None, option: str
) -> None:
    file = tmp_path / name
    if text is None:
        written(file, [activity()], list(activity()))
    else:
        file.write_text(text, encoding="utf-8")
    found = looked(workbench, file)
    assert isinstance(found, ChoiceNeeded)
    assert (found.option, isinstance(found, HeaderUnknown)) == (option, option == "--mapping")


def test_what_is_said_of_it_is_taken(workbench: Workbench, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("Order ID,Ordered At\n1,7/12/21 10:48\n", encoding="utf-8")
    assert looked(workbench, file, date_order="dmy") == Recognised("lexer_orders", 1)


def test_what_is_odd_about_the_file_is_said(workbench: Workbench, tmp_path: Path) -> None:
    file = written(tmp_path / MARCH, [contact()])
    file.write_text(f"A title\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    found = looked(workbench, file)
    assert isinstance(found, Recognised)
    assert [remark.means for remark in found.remarks] == ["they are titles and counted nowhere"]


@pytest.mark.parametrize(("name", "kind"), [(MARCH, "gladly_contact_export"), ("empty.csv", None)])
def test_a_file_without_rows_is_what_its_name_says(
    workbench: Workbench, tmp_path: Path, name: str, kind: str | None
) -> None:
    (tmp_path / name).touch()
    found = looked(workbench, tmp_path / name)
    assert isinstance(found, Recognised)
    assert (found.kind, found.rows, len(found.warnings)) == (kind, 0, 1)


def test_a_record_over_several_lines_is_one_row(workbench: Workbench, tmp_path: Path) -> None:
    row = message(queue='two\nlines, "quoted"')
    assert looked(workbench, written(tmp_path / "LexerMessages.csv", [row], list(row))) == Recognised(
        "lexer_messages", 1
    )


def test_a_file_that_cannot_be_loaded_is_refused_in_the_words_of_a_load(workbench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04 and then nothing")
    found = looked(workbench, tmp_path / "book.xlsx")
    with pytest.raises(FileRefused) as refused:
        workbench.load(tmp_path / "book.xlsx")
    assert str(found) == str(refused.value)
