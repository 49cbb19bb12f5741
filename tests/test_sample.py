"""The sample data: the same bytes from the same seed, and files of three systems that tell of the same people."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from sample_data import make_lexer, make_respondio
from sample_data.generate import SYSTEMS
from sample_data.people import AGENTS, merged_customers, name_sql
from workbench.exports import KINDS

SAMPLES = Path(__file__).parents[1] / "sample_data"
END = date(2026, 11, 15)
Row = dict[str, str]
Read = Callable[[str], list[Row]]


def reader(*folders: Path) -> Read:
    """Return how to read the rows of a file by how its name begins."""

    def read(name: str) -> list[Row]:
        (path,) = (path for folder in folders for path in folder.glob(f"{name}*.csv"))
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="module", params=["committed", "of many chunks"])
def read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Read:
    if request.param == "committed":
        return reader(*(SAMPLES / system for system in SYSTEMS))
    folder = tmp_path_factory.mktemp("chunks")
    with pytest.MonkeyPatch.context() as patch:
        for module in (make_respondio, make_lexer):
            patch.setattr(module, "CHUNK", 97)
        for write_all in SYSTEMS.values():
            write_all(folder, 2_500, 45, END, 11)
    return reader(folder)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# Files ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_committed_files_are_those_that_the_generator_makes(system: str, tmp_path: Path) -> None:
    made = SYSTEMS[system](tmp_path, 5_000, 90, END, 1)
    committed = {path.name: path.read_bytes() for path in (SAMPLES / system).iterdir()}
    assert {path.name: path.read_bytes() for path in made} == committed


@pytest.mark.parametrize("system", ["respondio", "lexer"])
def test_the_committed_files_are_small(system: str) -> None:
    for path in (SAMPLES / system).iterdir():
        content = path.read_bytes()
        assert len(content) < 1_000_000
        assert 6 <= content.count(b"\n") - 1 <= 3_000


@pytest.mark.parametrize(("contacts", "days"), [(1, 1), (40, 3)])
@pytest.mark.parametrize("system", SYSTEMS)
def test_few_contacts_make_small_files_with_every_header(system: str, contacts: int, days: int, tmp_path: Path) -> None:
    made = SYSTEMS[system](tmp_path, contacts, days, END, 5)
    headers = [path.read_text(encoding="utf-8").splitlines()[0] for path in made]
    committed = [(SAMPLES / system / path.name) for path in SYSTEMS[system](tmp_path, 5_000, 90, END, 1)]
    assert headers == [path.read_text(encoding="utf-8").splitlines()[0] for path in committed]


@pytest.mark.parametrize("system", SYSTEMS)
def test_another_seed_makes_other_rows(system: str, tmp_path: Path) -> None:
    first, second = ([path.read_bytes() for path in SYSTEMS[system](tmp_path, 300, 9, END, seed)] for seed in (1, 2))
    assert first[0] != second[0]


# respond.io ----------------------------------------------------------------------------------------------------------

LOGS = ("ContactsAdded", "ContactsConnected", "ContactsDeleted", "ContactsMerged", "Assignments")


@pytest.mark.parametrize("log", [*LOGS, "LexerMessages", "LexerOrders"])
def test_a_log_is_in_order_and_within_its_days(read: Read, log: str) -> None:
    rows = read(log)
    anchor = next(header for header in ("Timestamp", "Sent At", "Ordered At") if header in rows[0])
    times = [at(row[anchor]) for row in rows]
    assert times
    assert times[-1] < datetime(END.year, END.month, END.day) + timedelta(1)
    # The hour that daylight saving repeats goes back once.
    assert sum(later < earlier for earlier, later in pairwise(times)) <= 1


KINDS_OF_LOGS = [name for name, kind in KINDS.items() if kind.system == "respond.io" and kind.is_log]


@pytest.mark.parametrize("kind", KINDS_OF_LOGS)
def test_every_known_source_is_in_the_sample_and_no_other(kind: str) -> None:
    rows = reader(SAMPLES / "respondio")(KINDS[kind].file_names[0])
    assert {row["Source"] for row in rows} == set(KINDS[kind].column("source").values)


def test_conversations_have_every_known_source_and_no_other(read: Read) -> None:
    for name in ("opened_source", "closed_source"):
        column = KINDS["respondio_conversations"].column(name)
        found = {row[column.headers[0]].upper() for row in read("Conversations")}
        assert found - {""} == set(column.values)


def test_conversations_say_who_was_assigned_as_the_log_of_assignments_does(read: Read) -> None:
    """And they begin no sooner than their contact is connected, and end before its next one begins."""
    assigned: dict[str, list[datetime]] = {}
    for row in read("Assignments"):
        if row["Assigned To"]:
            assigned.setdefault(row["Conversation ID"], []).append(at(row["Timestamp"]))
    connected = {row["Contact ID"]: at(row["Timestamp"]) for row in read("ContactsConnected")}
    ends: dict[str, datetime] = {}
    rows = read("Conversations")
    for row in rows:
        times = assigned.pop(row["Conversation ID"], [])
        assert int(row["Number of Assignments"]) == len(times)
        assert (row["First Assignment Timestamp"], row["Last Assignment Timestamp"]) == (
            (str(min(times)), str(max(times))) if times else ("", "")
        )
        started = at(row["DateTime Conversation Started"])
        assert started >= max(connected[row["Contact ID"]], ends.get(row["Contact ID"], started))
        if row["DateTime Conversation Resolved"]:
            ends[row["Contact ID"]] = at(row["DateTime Conversation Resolved"])
    assert len({row["Conversation ID"] for row in rows}) == len(rows) > 500
    assert not assigned


def test_a_contact_is_added_before_it_is_connected_and_connected_before_it_is_assigned(read: Read) -> None:
    added = {row["Contact ID"]: at(row["Timestamp"]) for row in read("ContactsAdded")}
    connected = {row["Contact ID"]: at(row["Timestamp"]) for row in read("ContactsConnected")}
    assert len(added) == len(read("ContactsAdded"))
    assert len(connected) == len(read("ContactsConnected"))
    assert all(added[contact] <= time for contact, time in connected.items())
    assert all(connected[row["Contact ID"]] <= at(row["Timestamp"]) for row in read("Assignments"))


def test_nothing_is_heard_of_a_contact_after_it_was_deleted(read: Read) -> None:
    deleted = {row["Contact ID"]: at(row["Timestamp"]) for row in read("ContactsDeleted")}
    logs = [row for log in LOGS for row in read(log) if row.get("Contact ID") in deleted]
    assert len(logs) > len(deleted) > 0
    assert all(at(row["Timestamp"]) <= deleted[row["Contact ID"]] for row in logs)


def test_the_contact_that_is_left_after_merging_is_the_first_of_a_name_and_the_others_are_not_heard_of(
    read: Read,
) -> None:
    contacts: dict[str, list[str]] = defaultdict(list)
    for row in sorted(read("ContactsAdded"), key=lambda row: int(row["Contact ID"])):
        contacts[row["Contact Name"]].append(row["Contact ID"])
    last = {row["Contact ID"]: at(row["Timestamp"]) for row in read("Assignments")}
    for row in read("ContactsMerged"):
        later = [contact for contact in contacts[row["Contact Name"]] if int(contact) > int(row["Primary Contact ID"])]
        assert row["Primary Contact ID"] in contacts[row["Contact Name"]]
        assert any(contact not in last or last[contact] <= at(row["Timestamp"]) for contact in later)


def test_every_assignment_takes_over_from_the_one_before_and_the_first_from_nobody(read: Read) -> None:
    assignee: dict[str, str] = defaultdict(str)
    for row in read("Assignments"):
        assert row["Previous Assignee"] == (assignee[row["Contact ID"]] or "-")
        assert row["Assigned To"] != assignee[row["Contact ID"]]
        assignee[row["Contact ID"]] = row["Assigned To"]


def test_the_assignments_hold_what_their_report_tells_apart(read: Read) -> None:
    rows = read("Assignments")
    unassigned = [row for row in rows if not row["Assigned To"]]
    again = [row for row in rows if row["Assigned To"] and row["Previous Assignee"] != "-"]
    assert 0.1 < len(unassigned) / len(rows) < 0.4
    assert 0.1 < len(again) / len(rows) < 0.5
    per_contact: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        per_contact[row["Contact ID"]].add(row["Conversation ID"])
    assert len(set().union(*per_contact.values())) == sum(map(len, per_contact.values()))
    assert max(map(len, per_contact.values())) > 1
    identities = Counter((row["Timestamp"], row["Conversation ID"], row["Contact ID"], row["Source"]) for row in rows)
    assert max(identities.values()) > 1, "two events of one identity"


def test_a_user_is_named_only_where_the_source_is_user(read: Read) -> None:
    for log in LOGS:
        for row in read(log):
            assert bool(row.get("User") or row.get("Assigned By")) == (row["Source"] == "User")


def test_users_who_were_removed_are_ids_in_the_logs_and_names_in_the_export_of_users(read: Read) -> None:
    names = {row["User ID"]: row["Name"] for row in read("Users")}
    columns = ("User", "Previous Assignee", "Assigned To", "Assigned By")
    shown = {row.get(column, "") for log in LOGS for row in read(log) for column in columns} - {"", "-"}
    removed = {name for name in shown if name.isdecimal()}
    assert {names[user] for user in removed} == {AGENTS[n] for n in make_respondio.REMOVED}
    assert (shown - removed) | {names[user] for user in removed} == set(names.values()) == set(AGENTS)


# Lexer ---------------------------------------------------------------------------------------------------------------


def test_messages_are_sent_or_skipped_by_agents_and_a_few_have_no_customer(read: Read) -> None:
    rows = read("LexerMessages")
    assert {row["Status"] for row in rows} == set(KINDS["lexer_messages"].column("status").values)
    assert {row["Agent"] for row in rows} < set(AGENTS)
    assert len({row["Message ID"] for row in rows}) == len(rows)
    assert 0 < sum(not row["Customer ID"] for row in rows) < len(rows) / 20
    assert {row["Queue"] for row in rows} == {queue.name for queue in make_lexer.QUEUES}


def test_orders_follow_messages_within_a_week_or_later_or_not_at_all(read: Read) -> None:
    sent: dict[str, list[datetime]] = defaultdict(list)
    for row in read("LexerMessages"):
        if row["Customer ID"] and row["Status"] == "SENT":
            sent[row["Customer ID"]].append(at(row["Sent At"]))
    found = Counter[str]()
    for row in read("LexerOrders"):
        waits = [at(row["Ordered At"]) - time for time in sent[row["Customer ID"]] if time <= at(row["Ordered At"])]
        week = timedelta(7)
        found["within" if waits and min(waits) < week else "later" if waits else "without"] += 1
    assert min(found[wait] for wait in ("within", "later", "without")) > 5
    assert found["within"] > found.total() / 4


def test_orders_are_worth_something_nothing_or_less_or_it_is_not_known(read: Read) -> None:
    rows = read("LexerOrders")
    values = [row["Order Value"] for row in rows]
    assert all(re.fullmatch(r"(-?\d+\.\d\d)?", value) for value in values)
    assert 0 < sum(value.startswith("-") for value in values) < len(values) / 10
    assert "0.00" in values
    assert "" in values
    assert {row["Currency"] for row in rows} == {"USD"}
    assert {row["Channel"] for row in rows} == set(KINDS["lexer_orders"].column("channel").values)
    assert len({row["Order ID"] for row in rows}) == len(rows)


def test_a_refund_is_of_an_order_of_the_same_customer_before_it(read: Read) -> None:
    rows = read("LexerOrders")
    for refund in (row for row in rows if row["Order Value"].startswith("-")):
        value = -float(refund["Order Value"])
        assert any(
            row["Customer ID"] == refund["Customer ID"]
            and at(row["Ordered At"]) < at(refund["Ordered At"])
            and value in (float(row["Order Value"]), float(row["Order Value"]) * 50 // 1 / 100)
            for row in rows
            if row["Order Value"] and row["Order Value"][0] != "-"
        )


def test_a_second_currency_is_that_of_some_customers(tmp_path: Path) -> None:
    make_lexer.write_all(tmp_path, 3_000, 60, END, 1, "CAD")
    paid: dict[str, set[str]] = defaultdict(set)
    for row in reader(tmp_path)("LexerOrders"):
        paid[row["Customer ID"]].add(row["Currency"])
    assert Counter(currency for (currency,) in paid.values()).keys() == {"USD", "CAD"}


# People --------------------------------------------------------------------------------------------------------------


def test_agents_are_the_same_in_every_system(read: Read) -> None:
    assert {row["Agent when Ended"] for row in read("ContactExport")} - {""} <= set(AGENTS)
    assert {row["Name"] for row in read("Users")} == set(AGENTS)


def test_customers_who_are_merged_are_one_person_with_one_name() -> None:
    merges = merged_customers(5_000, END)
    with duckdb.connect() as database:
        database.register("merges", merges)
        sql = "select {}, {} from merges".format(*(name_sql(n, 5_000) for n in ("merged_customer_id", "customer_id")))
        names = database.execute(sql).fetchall()
    assert len(names) > 30
    assert all(gone == stayed for gone, stayed in names)
    assert len(set(names)) > 20


def test_customers_that_lexer_merges_gladly_merges_too() -> None:
    gladly, lexer = (merged_customers(5_000, END, *args) for args in ((), ((1, 4),)))
    pairs = [set(zip(m["merged_customer_id"].tolist(), m["merged_at"].tolist(), strict=True)) for m in (gladly, lexer)]
    assert set() < pairs[1] < pairs[0]
