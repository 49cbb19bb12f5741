"""The mapping step's best guesses: by name where names are alike, by content where only the values tell."""

from dataclasses import replace

import duckdb
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


def seen(header: str, *records: str) -> Preview:
    """Return a preview of lines whose fields are separated by a bar."""
    with duckdb.connect() as database:
        return guesses.seen(database, header.split("|"), [record.split("|") for record in records])


def preview(**columns: str) -> Preview:
    return seen("|".join(columns), "|".join(columns.values()))


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


@pytest.mark.parametrize(
    ("header", "value"),
    [("ID", "c-1"), ("Closed at", "2024-03-05"), ("Opened at (local)", "2024-03-05"), ("Date", "x")],
)
def test_a_word_that_any_column_may_have_and_letters_in_common_tell_none(header: str, value: str) -> None:
    found = preview(**{"Contact ID": ID, "Queued At": "2024-03-05 10:00", header: value})
    assert guesses.columns(found, CONTACTS)[header] is None


def test_moments_and_ids_which_every_file_has_speak_for_no_kind() -> None:
    found = seen("a|b|c|d", f"{ID}|2024-03-05 10:00|PHONE_CALL|INBOUND", f"{ID}|2024-03-05 11:00|CHAT|OUTBOUND")
    assert guesses.kinds(found)[0] == CONTACTS


def test_values_that_do_not_fit_keep_a_name_that_is_only_alike_from_being_guessed() -> None:
    assert guesses.columns(preview(queue_at="never", x="1"), CONTACTS)["queue_at"] is None


def test_no_column_is_guessed_twice_and_the_surest_goes_first() -> None:
    found = preview(**{"Customer": "c-1001", "Customer ID": "c-1002"})
    assert guesses.columns(found, CONTACTS)["Customer ID"] == "customer_id"
    named = [name for name in guesses.columns(found, CONTACTS).values() if name]
    assert len(named) == len(set(named))


def test_of_two_columns_with_one_name_the_first_is_guessed_as_it_is_the_one_that_is_read() -> None:
    assert guesses.columns(seen("moment|moment", "2024-03-05 10:00|soon"), CONTACTS) == {"moment": "queued_at"}


@pytest.mark.parametrize(
    ("values", "column"),
    [
        (("PHONE_CALL", "CHAT", "EMAIL"), "channel"),
        (("Phone call", "e-mail", "chat"), None),
        (("Phone call", "Email", "chat"), "channel"),
        (("INBOUND", "OUTBOUND", "INBOUND"), "direction"),
        (("America/New_York", "UTC", "UTC"), "timezone_filter"),
        (("https://example.com/1", "http://example.com/2", ""), "conversation_link"),
        (("PHONE_CALL", "CHAT", "by hand"), None),
        (("", "", ""), None),
    ],
)
def test_values_that_only_one_column_holds_tell_it_whatever_its_header_says(
    values: tuple[str, ...], column: str | None
) -> None:
    assert guesses.columns(seen("x|fruit", *(f"{value}|fig" for value in values)), CONTACTS)["x"] == column


def test_values_that_two_columns_hold_tell_neither() -> None:
    direction = CONTACTS.column("direction")
    kind = replace(CONTACTS, columns=(*CONTACTS.columns, replace(direction, name="way", label="Way", headers=("Way",))))
    assert guesses.columns(seen("x|fruit", "INBOUND|fig", "OUTBOUND|fig"), kind)["x"] is None


def test_a_key_is_guessed_where_every_record_has_a_value_of_its_own_and_a_time_where_none_lacks_one() -> None:
    found = seen(
        "a|b|c|d",
        f"{ID}|{ID[::-1]}||2024-03-05 10:00",
        f"{ID}|x{ID[1:]}|2024-03-05 11:00|2024-03-05 10:00",
    )
    assert guesses.columns(found, CONTACTS) == {"a": None, "b": "contact_id", "c": None, "d": "queued_at"}


@pytest.mark.parametrize(
    ("values", "offered"),
    [
        ("2024-03-05 10:00|7/12/21", "queued_at"),
        ("0:02:15|1:00:00", "queued_to_fulfilled_seconds contact_id channel"),
        ("1.234,5|2,5", "queued_to_fulfilled_seconds payment_amount_completed_usd contact_id channel"),
        ("PHONE_CALL|CHAT", "channel contact_id"),
        (f"{ID}|c-1", "contact_id channel"),
        ("12|7", "messages_total queued_to_fulfilled_seconds payment_amount_completed_usd contact_id channel"),
        ("1.5|2.5", "queued_to_fulfilled_seconds payment_amount_completed_usd contact_id channel"),
        ("https://example.com|https://example.org", "conversation_link"),
        ("2024-03-05|later", "queued_at contact_id channel"),
        ("2024-03-05|later|never", "contact_id channel"),
    ],
)
def test_a_column_is_offered_for_no_type_that_most_of_its_values_do_not_fit(values: str, offered: str) -> None:
    asked = ("queued_at", "queued_to_fulfilled_seconds", "payment_amount_completed_usd", "messages_total",
             "conversation_link", "timezone_filter", "contact_id", "channel")  # fmt: skip
    found = seen("x", *values.split("|"))
    assert {name for name in asked if guesses.is_offered(found, "x", CONTACTS.column(name))} == set(offered.split())
    assert guesses.is_offered(found, "x", CONTACTS.column("entry_point"))


def test_a_column_without_values_is_offered_for_everything() -> None:
    assert all(guesses.is_offered(seen("x"), "x", column) for column in CONTACTS.columns)


def test_only_a_header_of_the_columns_own_is_sure() -> None:
    assert guesses.is_sure("CONTACT_ID", CONTACTS.column("contact_id")) is False
    assert guesses.is_sure("contact  id", CONTACTS.column("contact_id"))
    assert guesses.is_sure("Talk Time", CONTACTS.column("talk_seconds"))


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


@pytest.mark.parametrize(("value", "column"), [("1\xa0200,5", "order_value"), ("2026-01-01\u202f10:00", "ordered_at")])
def test_what_a_load_reads_behind_blanks_that_do_not_break_can_be_chosen(value: str, column: str) -> None:
    assert guesses.is_offered(seen("a", value), "a", ORDERS.column(column))


def test_a_value_is_none_of_a_type_for_the_sake_of_another_without_its_apostrophe() -> None:
    assert guesses.fits(seen("a|b", "'3|3", "4|3"), "a", ORDERS.column("order_value")) == 0.5
