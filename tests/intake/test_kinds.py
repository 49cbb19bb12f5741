"""Every kind of export, by its sample file: recognised, and stored with the values that an independent reader finds."""

import csv
import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.builders import Desk, Row, activity, assignment, message, order, user
from workbench.errors import ChoiceNeeded
from workbench.exports import KINDS, Column, ExportKind
from workbench.intake.headers import recognised

SAMPLES = Path(__file__).parents[2] / "sample_data"
ZONE = "America/New_York"
PERIOD = "20260818-20261115"


def sample_of(kind: ExportKind) -> Path | None:
    """Return the sample file that is called as the vendor calls a kind's."""
    name = kind.file_names[0]
    return next((path for path in SAMPLES.rglob("*.csv") if path.stem.partition("-")[0] == name), None)


each_kind = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if sample_of(kind)], ids=lambda kind: kind.name
)


def sample(kind: ExportKind) -> tuple[Path, list[Row]]:
    """Return a kind's sample file and its rows, as Python's own reader has them."""
    path = sample_of(kind)
    assert path
    with path.open(encoding="utf-8", newline="") as file:
        return path, list(csv.DictReader(file))


def test_every_kind_has_a_sample_file_and_every_sample_file_has_its_kind() -> None:
    found = {kind.name: sample_of(kind) for kind in KINDS.values()}
    lacking = [kind.name for kind in KINDS.values() if not found[kind.name]]
    assert not lacking, (
        f"{', '.join(lacking)}: no file in sample_data/ is called as the vendor calls it, and none is made"
    )
    assert set(found.values()) == set(SAMPLES.rglob("*.csv"))


# Recognised ----------------------------------------------------------------------------------------------------------


@each_kind
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_a_kind_is_recognised_by_its_header_in_any_order_and_by_its_files_name(
    kind: ExportKind, seed: int | None
) -> None:
    path, rows = sample(kind)
    header = list(rows[0])
    found = recognised(random.Random(seed).sample(header, len(header)) if seed else header, KINDS, path.name)
    assert found.kind == kind
    assert not found.extras


@each_kind
def test_a_kind_that_is_said_is_recognised_whatever_its_file_is_called(kind: ExportKind) -> None:
    _, rows = sample(kind)
    assert recognised(list(rows[0]), {kind.name: kind}, "export.csv").kind == kind


@each_kind
def test_every_alias_of_every_column_is_recognised_in_the_samples_header(kind: ExportKind) -> None:
    path, rows = sample(kind)
    for column in kind.columns:
        for alias in column.headers:
            header = [alias if name in column.headers else name for name in rows[0]]
            found = recognised([*header, *([] if alias in header else [alias])], {kind.name: kind}, path.name)
            assert not found.extras
            assert column.name in found.known


@pytest.mark.parametrize(
    "names", [("added", "connected", "deleted")], ids=["logs of contacts"]
)  # fmt: skip
def test_logs_of_contacts_have_one_header_which_is_asked_for_where_the_files_name_does_not_tell(
    names: tuple[str, ...],
) -> None:
    for name in names:
        _, rows = sample(KINDS[f"respondio_contacts_{name}"])
        for file in ("export.csv", "Contacts-20240101-20240131.csv", "added and deleted.csv"):
            with pytest.raises(ChoiceNeeded, match="fits several kinds") as asked:
                recognised([header for header in rows[0] if header != "Channel"], KINDS, file)
            assert asked.value.option == "--kind"


def test_customer_merges_are_asked_for_where_the_files_name_does_not_say_whose_they_are() -> None:
    with pytest.raises(ChoiceNeeded, match=r"gladly_customer_merges, lexer_customer_merges"):
        recognised(["Merged Customer ID", "Customer ID", "Merged At"], KINDS, "CustomerMerges.csv")


LOG = ("Timestamp", "Contact ID", "Contact Name", "Source", "User")
MERGES = ("Customer ID", "Merged Customer ID")


@pytest.mark.parametrize(
    ("file", "header", "kind"),
    [
        ("Contact Added Log (2).csv", LOG, "respondio_contacts_added"),
        ("2024-03_contacts_added.csv", LOG, "respondio_contacts_added"),
        ("ADDED.CSV", LOG, "respondio_contacts_added"),
        ("contacts-connected.csv", LOG, "respondio_contacts_connected"),
        ("Contacts Deleted-20240301-20240331.csv", LOG, "respondio_contacts_deleted"),
        ("log.csv", ("Timestamp", "Primary Contact ID", "Source"), "respondio_contacts_merged"),
        ("Gladly customer merges.csv", MERGES, "gladly_customer_merges"),
        ("ConversationTimestamps-20240301-20240331.csv", MERGES, "gladly_customer_merges"),
        ("lexer_customer_merges_2024.csv", MERGES, "lexer_customer_merges"),
    ],
)
def test_a_files_name_tells_kinds_of_one_header_apart(file: str, header: tuple[str, ...], kind: str) -> None:
    assert recognised(header, KINDS, file).kind == KINDS[kind]


# Loaded --------------------------------------------------------------------------------------------------------------


def expected(column: Column, text: str) -> Any:
    """Return the value that a text of the samples stands for."""
    if text in ("", "Null", "-"):
        return None
    match column.type:
        case "timestamp":
            return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC).replace(tzinfo=None)
        case "date":
            return datetime.fromisoformat(text)
        case "duration" if ":" in text:
            hours, minutes, seconds = map(int, text.split(":"))
            return float(hours * 3600 + minutes * 60 + seconds)
        case "duration" | "amount":
            return float(text)
        case "count":
            return int(text)
        case "enum":
            return text.upper()
        case _:
            return text


def known(kind: ExportKind, rows: list[Row]) -> dict[str, Column]:
    """Return the columns of a kind that a file has, by header."""
    return {header: column for column in kind.columns for header in column.headers if header in rows[0]}


def stored(desk: Desk, kind: ExportKind, columns: Mapping[str, Column]) -> list[tuple[Any, ...]]:
    """Return what the kind's table holds of the kind in these columns."""
    names = ", ".join(column.name for column in columns.values())
    constants = [f"{name} = '{value}'" for name, value in kind.constants]
    return desk.stored(f"select {names} from {kind.table} where {' and '.join(constants) or 'true'}")


@each_kind
def test_the_sample_of_a_kind_is_loaded_whole_and_as_an_independent_reader_has_it(desk: Desk, kind: ExportKind) -> None:
    path, rows = sample(kind)
    report = desk.workbench.load(path, file_timezone=ZONE)
    assert report.kind == kind.name
    assert (report.rows_read, report.rows_loaded) == (len(rows), len(rows))
    columns = known(kind, rows)
    assert Counter(stored(desk, kind, columns)) == Counter(
        tuple(expected(column, row[header]) for header, column in columns.items()) for row in rows
    )


@each_kind
def test_the_sample_of_a_kind_changes_nothing_when_it_is_loaded_again(desk: Desk, kind: ExportKind) -> None:
    path, rows = sample(kind)
    desk.workbench.load(path, file_timezone=ZONE)
    before = Counter(stored(desk, kind, known(kind, rows)))
    report = desk.workbench.load(path, file_timezone=ZONE)
    assert (report.rows_read, report.rows_unchanged) == (len(rows), len(rows))
    assert Counter(stored(desk, kind, known(kind, rows))) == before


def small() -> dict[str, list[Row]]:
    """Return three rows of every new kind, the second of which lacks its time or its key."""
    rows: dict[str, list[Row]] = {
        f"respondio_contacts_{what}": [activity(what), activity(what, timestamp="soon"), activity(what)]
        for what in ("added", "connected", "deleted", "merged")
    }
    return rows | {
        "respondio_assignments": [assignment(), assignment(conversation_id=None), assignment()],
        "respondio_users": [user(), user(user_id=None), user()],
        "lexer_messages": [message(), message(message_id=None), message()],
        "lexer_orders": [order(), order(order_value="ten"), order()],
    }


@pytest.mark.parametrize("kind", list(small()))
def test_a_row_that_does_not_fit_is_rejected_with_its_line_and_the_others_are_loaded(desk: Desk, kind: str) -> None:
    for _ in range(2):
        report = desk.load_kind(kind, *small()[kind])
        counted = report.rows_loaded + report.rows_updated + report.rows_unchanged + report.rows_rejected
        assert (report.rows_read, counted, report.rows_rejected) == (3, 3, 1)
        assert [reject["row"] for reject in report.rejects] == [3]


# What is particular --------------------------------------------------------------------------------------------------


def test_the_logs_of_contacts_are_one_table(desk: Desk) -> None:
    for what in ("added", "connected", "deleted", "merged"):
        desk.load_kind(f"respondio_contacts_{what}", activity(what, contact_id="7"))
    assert desk.stored("select activity, contact_id from respondio_activity_log order by all") == [
        ("ADDED", "7"), ("CONNECTED", "7"), ("DELETED", "7"), ("MERGED", "7"),
    ]  # fmt: skip


def test_an_older_file_says_on_every_row_what_happened(desk: Desk) -> None:
    report = desk.load_text(
        "Activity,Activity Time,Contact ID,Contact Name,Source,User\n"
        "added,2024-03-05 10:00:00,1,Ada,User,Bo\ndeleted,2024-03-05 11:00:00,1,Ada,User,Bo\n",
        kind="respondio_contacts_added",
        file_timezone="UTC",
    )
    assert report.rows_loaded == 2
    assert desk.stored("select activity, timestamp::varchar from respondio_activity_log order by all") == [
        ("ADDED", "2024-03-05 10:00:00"),
        ("DELETED", "2024-03-05 11:00:00"),
    ]


def test_nobody_is_missing_in_the_assignments_and_ids_stay_text(desk: Desk) -> None:
    long_id = "12345678901234567890"
    desk.load_kind(
        "respondio_assignments",
        assignment(contact_id=long_id, previous_assignee="-", assigned_to="Bo"),
        assignment(contact_id=long_id, previous_assignee="Bo", assigned_to="", timestamp="2024-03-05 11:00:00"),
        assignment(contact_id=long_id, previous_assignee="Null", assigned_to="-", timestamp="2024-03-05 12:00:00"),
    )
    sql = "select contact_id, previous_assignee, assigned_to from respondio_assignment_rows order by timestamp"
    assert desk.stored(sql) == [(long_id, None, "Bo"), (long_id, "Bo", None), (long_id, None, None)]


def test_conversation_timestamps_name_customer_merges_and_their_other_columns_are_kept(desk: Desk) -> None:
    desk.load_text(
        "Conversation ID,Customer ID,Merged Customer ID,Channel\nx,b,a,EMAIL\ny,c,,CHAT\n",
        name="ConversationTimestamps-20240301-20240331.csv",
        file_timezone="UTC",
    )
    kept = {"Conversation ID": "x", "Channel": "EMAIL"}
    assert desk.stored("select merged_customer_id, customer_id, extra from gladly_customer_merges") == [
        ("a", "b", kept)
    ]


@each_kind
def test_the_template_of_a_kind_is_an_empty_file_of_it(desk: Desk, kind: ExportKind) -> None:
    loaded = desk.load_text(kind.template, name=f"{kind.file_names[0]}.csv", kind=kind.name, file_timezone="UTC")
    assert (loaded.kind, loaded.rows_read) == (kind.name, 0)
