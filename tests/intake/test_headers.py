"""Which export a header belongs to, and which of its columns is which."""

import random
from decimal import Decimal

import pytest

from tests.builders import HEADER, HEADERS, Desk, contact, order, without, written
from workbench.errors import ChoiceNeeded, FileRefused, HeaderUnknown, MappedTwice, UnknownName
from workbench.exports import KINDS
from workbench.exports.gladly import CONTACT_EXPORT
from workbench.intake.choices import Choices
from workbench.intake.headers import mapped, named, normalised, recognised, score
from workbench.intake.mappings import ColumnMapping, extended
from workbench.time import zones

LOADED = [column.name for column in CONTACT_EXPORT.columns]


@pytest.mark.parametrize(
    "written_as",
    [
        "Queued-to-Fulfilled (sec)", "Queued-to-Fulfilled Time", "queued-to-fulfilled", "QUEUED-TO-FULFILLED (SEC)",
        "Queued–to–Fulfilled", "Queued — to — Fulfilled", "Queued\u2011to\u2011Fulfilled sec",
        "Queued−to−Fulfilled in seconds",
        "\ufeffQueued-to-Fulfilled", "  Queued-to-Fulfilled   (sec.) ",
        "Queued-to-Fulfilled Time (sec)", "Queued-to-Fulfilled (in seconds)",
    ],
)  # fmt: skip
def test_case_dashes_brackets_blanks_and_units_do_not_count(written_as: str) -> None:
    assert normalised(written_as) == "queued-to-fulfilled"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Queued At", "Queued"),
        ("Times Offered", "Offered At"),
        ("Talk", "Total Talk"),
        ("Time", "Times"),
        ("Status", ""),
    ],
)
def test_headers_of_different_meaning_stay_apart(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def test_a_header_names_a_column_by_its_whole_text_before_it_does_so_without_its_unit() -> None:
    kind = KINDS["respondio_contacts_added"]
    for header in (["Activity Time", "Contact ID", "Activity"], ["activity", "ACTIVITY  time", "Contact ID"]):
        assert set(mapped(header, kind).known) == {"timestamp", "contact_id", "activity"}
        assert score(header, [kind]) == 3


@pytest.mark.parametrize("seed", range(3))
def test_columns_are_recognised_in_any_order(desk: Desk, seed: int) -> None:
    row = contact(contact_id="a", entry_point="+1", talk_seconds="12.5", times_offered="3")
    header = random.Random(seed).sample(HEADER, len(HEADER))
    desk.workbench.load(written(desk.folder / "any.csv", [row], header))
    assert desk.columns("contact_id", "entry_point", "talk_seconds", "times_offered") == [("a", "+1", 12.5, 3)]


def test_the_names_of_the_help_page_are_aliases_of_the_same_columns() -> None:
    api = [column.headers[0] for column in CONTACT_EXPORT.columns]
    help_page = [column.headers[-1] for column in CONTACT_EXPORT.columns]
    assert api != help_page
    assert mapped(api, CONTACT_EXPORT).columns == mapped(help_page, CONTACT_EXPORT).columns == CONTACT_EXPORT.columns


def test_a_file_with_the_names_of_the_help_page_loads_the_same_rows(desk: Desk) -> None:
    values = {c.name: {"timestamp": "2024-03-05 10:00:00", "duration": "1.5", "count": "2", "amount": "3.25", "zone": "UTC"}.get(c.type, c.name) for c in CONTACT_EXPORT.columns}  # noqa: E501  # fmt: skip
    api, help_page = ({c.headers[n]: values[c.name] for c in CONTACT_EXPORT.columns} for n in (0, -1))
    first = desk.workbench.load(written(desk.folder / "api.csv", [api], list(api)))
    again = desk.workbench.load(written(desk.folder / "help.csv", [help_page], list(help_page)))
    assert (first.rows_loaded, again.rows_unchanged) == (1, 1)


def test_unknown_columns_are_kept_as_text_under_their_header(desk: Desk) -> None:
    desk.load_text("Contact ID,Queued At,Mood,,Mood,Contact ID\na,2024-03-05 10:00:00,good,x,bad,a\n")
    (extra,) = desk.columns("contact_id", "extra")
    assert extra == ("a", {"Mood": "good", "Column 4": "x", "Mood (5)": "bad", "Contact ID": "a"})


def test_an_unknown_column_may_be_called_as_the_database_calls_one(desk: Desk) -> None:
    desk.load_text("contact_id,customer_id,Contact ID,Queued At,Customer ID\nx,y,a,2024-03-05 10:00:00,c\n")
    expected = {"contact_id": "x", "customer_id": "y"}
    assert desk.columns("contact_id", "customer_id", "extra") == [("a", "c", expected)]


def test_unknown_columns_in_another_order_change_nothing(desk: Desk) -> None:
    desk.load_text("Contact ID,Queued At,Mood,Day\na,2024-03-05 10:00:00,good,Mon\n", file_timezone="UTC")
    assert desk.load_text("Contact ID,Day,Queued At,Mood\na,Mon,2024-03-05 10:00:00,good\n").rows_unchanged == 1


def test_missing_optional_columns_are_missing_values(desk: Desk) -> None:
    report = desk.load_text("Queued At,Contact ID\n2024-03-05 10:00:00,a\n", file_timezone="UTC")
    assert report.rows_loaded == 1
    optional = [name for name in LOADED if name not in ("contact_id", "queued_at")]
    assert desk.columns(*optional) == [(None,) * len(optional)]


@pytest.mark.parametrize("required", ["contact_id", "queued_at"])
def test_a_missing_required_column_refuses_the_file_and_names_it_and_the_headers(desk: Desk, required: str) -> None:
    row = without(contact(), HEADERS[required])
    file = written(desk.folder / "short.csv", [row], [header for header in HEADER if header != HEADERS[required]])
    with pytest.raises(
        FileRefused, match=rf"its column '{HEADERS[required]}' is missing. Headers seen: Timezone Filter"
    ):
        desk.workbench.load(file)


def test_a_header_of_no_export_is_refused_with_what_was_seen(desk: Desk) -> None:
    with pytest.raises(FileRefused, match=r"no export has this header\. Headers seen: Name, Age"):
        desk.load_text("Name,Age\nAnn,9\n")


def test_a_header_that_fits_two_kinds_is_asked_for_and_never_guessed() -> None:
    twins = {"one": KINDS["gladly_customer_merges"], "two": KINDS["gladly_customer_merges"]}
    with pytest.raises(ChoiceNeeded, match="fits several kinds") as asked:
        recognised(["Merged Customer ID", "Customer ID"], twins, "file.csv")
    assert asked.value.option == "--kind"


def test_the_kind_that_is_given_is_taken(desk: Desk) -> None:
    with pytest.raises(FileRefused, match="no export has this header"):
        desk.load(contact(), kind="gladly_customer_merges")


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ({"kind": "zendesk"}, "kind of export"),
        ({"zone": "Mars/Base"}, "time zone"),
        ({"date_order": "ymd"}, "date order"),
        ({"decimal": ","}, "decimal mark"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused_with_what_does(choice: dict[str, str], text: str) -> None:
    with pytest.raises(UnknownName, match=f"no {text} '.*'. Try one of: "):
        Choices(**choice)


def test_a_zone_that_is_nearly_right_is_answered_with_those_that_are() -> None:
    with pytest.raises(UnknownName, match=r"Try one of: .*America/New_York"):
        zones.zone("new_york")


# A mapping is the user's word ----------------------------------------------------------------------------------------


def mapping(**columns: str | None) -> ColumnMapping:
    """Return a mapping to a contact export; a header's blanks are written as underscores."""
    return ColumnMapping("gladly_contact_export", tuple((h.replace("_", " "), c) for h, c in columns.items()))


def columns_of(made: ColumnMapping, *headers: str) -> list[str]:
    """Return what a file's headers are under a mapping: a column's name, or a header kept as text."""
    return [c if isinstance(c, str) else c.name for c in mapped(headers, extended(made)).columns]


@pytest.mark.parametrize("created", [{"Created": None}, {}], ids=["set to null", "not named"])
def test_a_mapped_header_is_matched_by_its_whole_text_before_any_without_its_unit(created: dict[str, None]) -> None:
    made = mapping(**created, Created_Time="queued_at", Ticket="contact_id")
    assert columns_of(made, "Ticket", "Created", "Created Time") == ["contact_id", "Created", "queued_at"]
    assert columns_of(made, "Created Time", "Ticket", "Created") == ["queued_at", "contact_id", "Created"]


def test_a_header_set_to_null_is_text_though_it_is_one_of_ours_with_or_without_its_unit() -> None:
    made = mapping(Status=None, Talk=None, Key="contact_id", At="queued_at")
    header = ("Status", "Talk", "Total Talk Time", "Key", "At", "Channel")
    assert columns_of(made, *header) == ["Status", "Talk", "talk_seconds", "contact_id", "queued_at", "channel"]


def test_one_column_of_two_headers_is_refused() -> None:
    with pytest.raises(MappedTwice, match="The mapping gives queued_at to 'Created' and to 'Begun'"):
        mapping(Created="queued_at", Begun="queued_at")


@pytest.mark.parametrize(
    ("keys", "warned"),
    [("a b c", 0), ("a a c", 1), ("a a a", 2)],
)
def test_rows_of_a_mapping_that_overwrite_each_other_are_counted(desk: Desk, keys: str, warned: int) -> None:
    rows = "".join(f"{key},2024-03-05 10:00:0{n}\n" for n, key in enumerate(keys.split()))
    made = mapping(Key="contact_id", At="queued_at")
    path = desk.folder / "mapped.csv"
    path.write_text(f"Key,At\n{rows}")
    found = desk.workbench.workspace.load(path, Choices(mapping=made)).warnings
    assert [text.split(":")[0] for text in found if "overwrote" in text] == (
        [f"{warned} of 3 rows overwrote each other"] if warned else []
    )


# What a file is called, and what it is not ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "activity"),
    [
        ("contacts_connected.csv", "connected"),
        ("ContactsConnected-20240301-20240331.csv", "connected"),
        ("contactsdeleted.csv", "deleted"),
        ("contacts added (2).csv", "added"),
        ("Contact Deleted Log.csv", "deleted"),
        ("contacts_disconnected.csv", ""),
        ("contacts-undeleted.csv", ""),
        ("ContactsUndeleted.csv", ""),
        ("readded.csv", ""),
        ("addedness.csv", ""),
    ],
)
def test_a_files_name_says_a_kind_in_whole_words_only(file: str, activity: str) -> None:
    kinds = [KINDS[f"respondio_contacts_{name}"] for name in ("added", "connected", "deleted")]
    assert [kind.name for kind in named(file, kinds)] == ([f"respondio_contacts_{activity}"] if activity else [])


def test_a_refusal_names_what_a_file_looks_like_only_where_half_of_its_headers_agree(desk: Desk) -> None:
    with pytest.raises(HeaderUnknown, match="looks like Gladly's Contact Export, but its column 'Queued At'"):
        desk.load_text("Contact ID,Channel,Mine,Yours\na,b,c,d\n")
    with pytest.raises(HeaderUnknown, match="no export has this header"):
        desk.load_text("Contact ID,Channel,Mine,Yours,Theirs\na,b,c,d,e\n")


TWICE = "Order ID,Ordered At,Customer ID,Order Value,Currency,Order Value\no1,2026-10-01 10:00:00,c1,{},USD,{}\n"


def test_a_column_that_stands_twice_is_read_where_both_agree(desk: Desk) -> None:
    assert desk.load_text(TWICE.format("1.5", "1.5"), name="LexerOrders.csv").rows_loaded == 1
    assert desk.stored("select order_value from lexer_order_rows") == [(1.5,)]


@pytest.mark.parametrize(("one", "other"), [("1.5", "9.5"), ("", "9.5")])
def test_a_column_that_stands_twice_with_other_values_is_refused(desk: Desk, one: str, other: str) -> None:
    with pytest.raises(FileRefused, match="has Order value twice, as 'Order Value' and 'Order Value', with other"):
        desk.load_text(TWICE.format(one, other), name="LexerOrders.csv")


def test_two_names_of_one_column_with_other_values_are_refused(desk: Desk) -> None:
    row = "a,2024-03-05 10:00:00,5,6\n"
    with pytest.raises(FileRefused, match="has Queued to fulfilled twice"):
        desk.load_text(f"Contact ID,Queued At,Queued-to-Fulfilled (sec),Queued-to-Fulfilled Time\n{row}")


@pytest.mark.parametrize(
    ("kind", "own", "header"),
    [
        ("lexer_orders", "Order Value", "Order Value (cents)"),
        ("lexer_orders", "Order Value", "order_value_in_EUR"),
        ("gladly_contact_export", "After Contact Time (sec)", "After Contact Time [min]"),
        ("gladly_contact_export", "Seconds within (-) or over (+) SLA", "Minutes within (-) or over (+) SLA"),
        ("gladly_contact_export", "Payment Amount - Completed (USD)", "Payment Amount - Completed (EUR)"),
        ("gladly_contact_export", "Ended At", "Ended At (UTC)"),
    ],
)
def test_a_column_in_another_unit_than_the_one_that_the_file_lacks_is_said(
    desk: Desk, kind: str, own: str, header: str
) -> None:
    row = without(order() if kind == "lexer_orders" else contact(), own) | {header: "2024-03-05 10:00:00"}
    (said,) = [warning for warning in desk.load_kind(kind, row).warnings if "Kept as text" in warning]
    assert f"'{header}' looks like {own}, by another name or in another unit. Convert the values and use" in said


def test_a_column_in_another_unit_beside_the_right_one_is_an_extra_column_like_others(desk: Desk) -> None:
    row = order(order_id="a") | {"Order Value (cents)": "1000", "Order Source (web)": "x"}
    assert not any("Kept as text" in warning for warning in desk.load_kind("lexer_orders", row).warnings)
    assert desk.stored("select order_value from lexer_order_rows") == [(Decimal("10.00"),)]


def test_a_mapping_says_what_a_column_in_another_unit_is_or_that_it_is_text(desk: Desk) -> None:
    row = without(order(order_id="a"), "Order Value") | {"Order Value (EUR)": "12.50"}
    file = written(desk.folder / "orders.csv", [row], list(row))
    for name, value in ((None, None), ("order_value", Decimal("12.50"))):
        mapping = ColumnMapping("lexer_orders", (("Order Value (EUR)", name),))
        outcome = desk.workbench.workspace.load(file, Choices(mapping=mapping))
        assert not any("Kept as text" in warning for warning in outcome.warnings)
        assert desk.stored("select order_value from lexer_order_rows") == [(value,)]
