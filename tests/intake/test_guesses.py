"""The mapping step's best guesses: by name where names are alike, by content where only the values tell."""

import pytest

from tests.builders import HEADER, Desk, contact, order
from workbench.exports import KINDS
from workbench.intake import guesses
from workbench.intake.choices import Choices
from workbench.intake.guesses import Preview
from workbench.intake.mappings import ColumnMapping

CONTACTS = KINDS["gladly_contact_export"]
ORDERS = KINDS["lexer_orders"]
ID = "Zm9vYmFyYmF6cXV4LV9hYg"


def preview(**columns: str) -> Preview:
    return Preview(tuple(columns), (tuple(columns.values()),) * 3)


@pytest.mark.parametrize(
    ("header", "value", "column"),
    [
        ("contactId", ID, "contact_id"),
        ("queued_at", "2024-03-05 10:00", "queued_at"),
        ("Time queued", "2024-03-05T10:00:00Z", "queued_at"),
        ("Client ID", "c-1001", "customer_id"),
        ("CHANNEL", "CHAT", "channel"),
        ("Link to conversation", "https://example.com/1", "conversation_link"),
        ("Contct ID", ID, "contact_id"),
    ],
)
def test_a_column_is_guessed_by_a_name_that_is_nearly_its_own(header: str, value: str, column: str) -> None:
    assert guesses.columns(preview(**{header: value}), CONTACTS) == {header: column}


def test_a_required_column_whose_name_says_nothing_is_guessed_by_its_values() -> None:
    found = preview(fruit="apple", moment="2024-03-05 10:00", code=ID)
    assert guesses.columns(found, CONTACTS) == {"fruit": None, "moment": "queued_at", "code": "contact_id"}


def test_values_that_do_not_fit_keep_a_name_that_is_only_alike_from_being_guessed() -> None:
    assert guesses.columns(preview(queue_at="never", x="1"), CONTACTS)["queue_at"] is None


def test_no_column_is_guessed_twice_and_the_surest_goes_first() -> None:
    found = preview(**{"Customer": "c-1001", "Customer ID": "c-1002"})
    assert guesses.columns(found, CONTACTS)["Customer ID"] == "customer_id"
    named = [name for name in guesses.columns(found, CONTACTS).values() if name]
    assert len(named) == len(set(named))


def test_of_two_columns_with_one_name_the_first_is_guessed_as_it_is_the_one_that_is_read() -> None:
    found = Preview(("moment", "moment"), (("2024-03-05 10:00", "soon"),))
    assert guesses.columns(found, CONTACTS) == {"moment": "queued_at"}


def test_the_likeliest_kind_comes_first_and_every_kind_is_offered() -> None:
    found = preview(order_no="o-1001", ordered="2024-03-05", customer="c-1", amount="12.50", currency="USD")
    ranked = guesses.kinds(found)
    assert ranked[0] == ORDERS
    assert {kind.name for kind in ranked} == set(KINDS)


def test_what_a_choice_lacks_is_said() -> None:
    assert [c.name for c in guesses.lacking(CONTACTS, {"a": "contact_id", "b": None})] == ["queued_at"]
    assert guesses.lacking(CONTACTS, {"a": "contact_id", "b": "queued_at"}) == []


def test_a_preview_shows_the_first_records_and_loads_nothing(desk: Desk) -> None:
    rows = [contact(contact_id=f"c-{n}") for n in range(80)]
    desk.load(*rows)
    before = desk.workbench.workspace.version
    found = desk.workbench.workspace.preview(desk.folder / "ContactExport-20240301-20240331.csv")
    assert (len(found.records), found.header) == (guesses.ROWS, tuple(HEADER))
    assert found.values(found.header.index("Contact ID"))[:2] == ["c-0", "c-1"]
    assert found.values(found.header.index("Channel")) == ["CHAT"]
    assert desk.workbench.workspace.version == before
    assert list((desk.workbench.workspace.files / "inbox").iterdir()) == []


def test_what_is_guessed_for_a_file_loads_it(desk: Desk) -> None:
    text = "order_no,ordered,customer,amount,currency\n" + "".join(
        f"{row['Order ID']},{row['Ordered At']},{row['Customer ID']},{row['Order Value']},USD\n"
        for row in (order(order_value="7.50"), order(order_value="30.00"))
    )
    path = desk.folder / "shop.csv"
    path.write_text(text, encoding="utf-8")
    workspace = desk.workbench.workspace
    guessed = guesses.columns(workspace.preview(path), ORDERS)
    report = workspace.load(path, Choices(zone="UTC", mapping=ColumnMapping("lexer_orders", tuple(guessed.items()))))
    assert (report.rows_read, report.rows_loaded) == (2, 2)
    assert desk.stored("select order_value from lexer_order_rows order by all") == [(7.5,), (30.0,)]
