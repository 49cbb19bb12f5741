"""What loads leave behind: events counted as one however their files overlap, loads taken back, loads compared."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import Desk, Row, activity, assignment, contact, merges, user
from workbench import Workbench
from workbench.errors import BadSelection, UnknownName
from workbench.exports import KINDS
from workbench.intake import schema
from workbench.intake.events import numbered

HOURS = [f"2024-03-{day:02} {hour:02}:00:00" for day in (1, 2, 3) for hour in (8, 9)]


@contextmanager
def desk_of() -> Iterator[Desk]:
    with TemporaryDirectory() as folder, closing(Workbench()) as workbench:
        yield Desk(Path(folder), workbench)


# Events without IDs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "found", "numbers"),
    [
        ({}, [7, 7, 8], [1, 2, 3]),
        ({1: 7}, [7], [1]),
        ({1: 7}, [8], [1]),
        ({1: 7, 2: 8}, [8], [2]),
        ({1: 7, 2: 8}, [9, 7], [2, 1]),
        ({1: 7, 2: 8}, [8, 8, 8], [2, 1, 3]),
        ({1: 7, 2: 7, 3: 7}, [7, 9], [1, 2]),
    ],
)
def test_an_event_takes_the_number_of_its_equal_then_the_next_that_is_held_then_a_new_one(
    held: dict[int, int], found: list[int], numbers: list[int]
) -> None:
    assert numbered(held, found) == numbers


class Watched(int):
    """Attributes of an event, which count how often two are compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Watched.compared += 1
        return super().__eq__(other)

    __hash__ = int.__hash__


def test_thousands_of_events_of_one_identity_are_not_compared_each_with_each() -> None:
    assert numbered({n: Watched(n) for n in range(1, 1_001)}, [*map(Watched, range(1_000, 2_000))])[0] == 1_000
    assert Watched.compared < 3_000


def event(timestamp: str = HOURS[0], **fields: str) -> Row:
    return assignment(timestamp, **{"conversation_id": "7", "contact_id": "1", **fields})


def test_two_equal_events_in_one_file_are_two_and_in_another_file_the_same(desk: Desk) -> None:
    twice = [event(), event()]
    assert desk.load_kind("respondio_assignments", *twice).rows_loaded == 2
    again = desk.load_kind("respondio_assignments", *twice)
    assert (again.rows_loaded, again.rows_unchanged) == (0, 2)
    more = desk.load_kind("respondio_assignments", *twice, event())
    assert (more.rows_loaded, more.rows_unchanged) == (1, 2)
    assert desk.stored("select count(*) from respondio_assignment_rows") == [(3,)]


def test_a_renamed_contact_is_the_same_event(desk: Desk) -> None:
    first, other = event(contact_name="Ada"), event(contact_name="Grace")
    desk.load_kind("respondio_assignments", first, other)
    renamed = event(contact_name="Ada Byron")
    report = desk.load_kind("respondio_assignments", other, renamed)
    assert (report.rows_loaded, report.rows_updated, report.rows_unchanged) == (0, 1, 1)
    names = desk.stored("select contact_name from respondio_assignment_rows order by all")
    assert names == [("Ada Byron",), ("Grace",)]


def test_a_dash_is_nobody_in_every_column_of_a_log(desk: Desk) -> None:
    desk.load_kind("respondio_assignments", event(contact_name="-", previous_assignee="-", assigned_to="Null"))
    columns = "contact_name, previous_assignee, assigned_to"
    assert desk.stored(f"select {columns} from respondio_assignment_rows") == [(None, None, None)]


def test_an_older_log_with_an_activity_column_goes_to_each_of_its_kinds(desk: Desk) -> None:
    header = "Activity Time,Activity,Contact ID,Contact Name,Source,User\n"
    rows = (
        "2024-03-01 08:00:00,added,1,Ada,User,Ann\n2024-03-01 08:00:00,deleted,1,Ada,User,Ann\n"
        "2024-03-01 09:00:00,added,2,Bea,User,Ann\n2024-03-01 09:00:00,painted,3,Cy,User,Ann\n"
    )
    report = desk.load_text(header + rows, name="activity.csv", file_timezone="UTC")
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (4, 3, 1)
    assert [(reject["row"], reject["value"]) for reject in report.rejects] == [(5, "painted")]
    assert report.kind == "respondio_contacts_added, respondio_contacts_deleted"
    workspace = desk.workbench.workspace
    for kind, count in (("added", 2), ("deleted", 1), ("connected", 0)):
        rows_of_kind = workspace.rows(f"select count(*) from {schema.rows_sql(KINDS[f'respondio_contacts_{kind}'])}")
        assert rows_of_kind == [(count,)]
        assert bool(workspace.covered(f"respondio_contacts_{kind}")) == bool(count)


def events(seed: random.Random) -> list[dict[str, str]]:
    """Return a log in which several events may share an identity, hour, contact and source."""
    return [
        {"hour": seed.choice(HOURS), "contact": seed.choice("12"), "source": seed.choice(["User", "Workflow"])}
        for _ in range(seed.randrange(1, 14))
    ]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9))
def test_overlapping_pulls_of_a_log_hold_each_event_once_in_any_order(number: int) -> None:
    seed = random.Random(number)
    log = sorted(events(seed), key=lambda event: event["hour"])
    pulls = []
    for _ in range(seed.randrange(1, 5)):
        start, end = sorted(seed.choices(range(len(HOURS)), k=2))
        pulls.append([event for event in log if HOURS[start] <= event["hour"] <= HOURS[end]])
    pulls += [log] if seed.random() < 0.7 else []
    pulls += seed.sample(pulls, seed.randrange(len(pulls) + 1))
    seed.shuffle(pulls)
    seen: Counter[tuple[str, ...]] = Counter()
    with desk_of() as desk:
        for pull in pulls:
            rows = [assigned(one, seed) for one in pull]
            seed.shuffle(rows)
            if not rows:
                continue
            report = desk.load_kind("respondio_assignments", *rows)
            assert report.rows_read == report.rows_loaded + report.rows_updated + report.rows_unchanged
            seen |= Counter((one["hour"], one["contact"], one["source"]) for one in pull)
            again = desk.load_kind("respondio_assignments", *rows)
            assert (again.rows_unchanged, again.rows_read) == (len(rows), len(rows))
        found = desk.stored("select timestamp::varchar, contact_id, source from respondio_assignment_rows")
    assert Counter(found) == seen


def assigned(at: dict[str, str], seed: random.Random) -> Row:
    """Return a row of the log, as it looks in a pull in which names may have changed."""
    name = seed.choice(["Ada", "Ada", "Bea", ""])
    assigned_to = seed.choice(["Ann", "Ben", "77"])
    fields = {"contact_id": at["contact"], "source": at["source"], "contact_name": name, "assigned_to": assigned_to}
    return event(at["hour"], **fields)


# Taking a load back --------------------------------------------------------------------------------------------------


def state(desk: Desk) -> dict[str, list[Any]]:
    """Return all rows, earlier versions and unchanged ones, each load by its place among those that are there."""
    ids = [load["load_id"] for load in reversed(desk.workbench.workspace.loads())]
    place = {load_id: n for n, load_id in enumerate(ids)}
    found: dict[str, list[Any]] = {}
    for table in sorted({kind.table for kind in KINDS.values()}):
        for name, loads in ((table, ["load_id"]), (f"{table}_replaced", ["load_id", "replaced_by"])):
            with desk.workbench.workspace.cursor() as cursor:
                cursor.execute(f"from {name}")
                columns = [column[0] for column in cursor.description or []]
                rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
            for row in rows:
                number, in_file = divmod(row["row_id"], 1 << 32)
                row |= {**{key: place[row[key]] for key in loads}, "row_id": (place[number], in_file)}
            found[name] = sorted(map(repr, rows))
    unchanged = desk.stored("select load_id, row_load_id, table_name, key, run, position from unchanged_rows")
    found["unchanged"] = sorted(repr((place[row[0]], place[row[1]], *row[2:])) for row in unchanged)
    found["coverage"] = sorted(repr((place[row[0]], *row[1:])) for row in desk.stored("from coverage"))
    found["rejects"] = sorted(repr((place[row[0]], *row[1:])) for row in desk.stored("from rejects"))
    found["roots"] = desk.stored("from gladly_customer_roots order by all")
    return found


def some_file(seed: random.Random) -> tuple[str, list[Row]]:
    """Return a small file that overlaps with others like it: a kind and its rows."""
    kind = seed.choice(
        ["gladly_contact_export", "respondio_assignments", "respondio_contacts_added", "respondio_users"]
    )
    count = range(seed.randrange(1, 5))
    if kind == "gladly_contact_export":
        options = [["All Channels", "CHAT"], ["CHAT", "SMS"], ["", "2024-03-01 10:00:00", "soon"]]
        rows = [
            contact(
                contact_id=f"contact-{seed.randrange(3)}",
                customer_id="customer",
                channel_filter=seed.choice(options[0]),
                channel=seed.choice(options[1]),
                ended_at=seed.choice(options[2]),
            )
            for _ in count
        ]
        return kind, rows
    if kind == "respondio_users":
        return kind, [user(user_id=str(seed.randrange(3)), name=seed.choice(["Ann", "Ben"])) for _ in count]
    if kind == "respondio_contacts_added":
        return kind, [activity(contact_id=seed.choice("12"), contact_name=seed.choice(["Ada", "Bea"])) for _ in count]
    return kind, [assigned({"hour": HOURS[0], "contact": seed.choice("12"), "source": "User"}, seed) for _ in count]


def loaded(desk: Desk, files: Sequence[tuple[str, list[Row]]]) -> list[int]:
    return [int(desk.load_kind(kind, *rows).load_id or 0) for kind, rows in files]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9))
def test_taking_loads_back_leaves_what_the_others_alone_would_give(number: int) -> None:
    seed = random.Random(number)
    files = [some_file(seed) for _ in range(seed.randrange(2, 7))]
    gone = set(seed.sample(range(len(files)), seed.randrange(1, len(files))))
    with desk_of() as desk, desk_of() as other:
        desk.workbench.workspace.set("reporting_zone", "UTC")
        other.workbench.workspace.set("reporting_zone", "UTC")
        ids = loaded(desk, files)
        if number % 2:
            desk.workbench.workspace.unload_all(ids[place] for place in gone)
        else:
            for place in seed.sample(sorted(gone), len(gone)):
                desk.workbench.workspace.unload(ids[place])
        loaded(other, [file for place, file in enumerate(files) if place not in gone])
        assert state(desk) == state(other)


def test_merges_are_settled_again_without_the_load(desk: Desk) -> None:
    desk.merge(("a", "b"), name="GladlyCustomerMerges.csv")
    second = desk.workbench.load(merges(desk.folder / "GladlyCustomerMerges-2.csv", ("b", "c")))
    roots = "from gladly_customer_roots order by all"
    assert desk.stored(roots) == [("a", "c"), ("b", "c")]
    desk.workbench.workspace.unload(int(second.load_id or 0))
    assert desk.stored(roots) == [("a", "b")]


def test_the_number_of_a_load_is_never_given_again(desk: Desk) -> None:
    first = desk.load(contact())
    desk.workbench.workspace.unload(int(first.load_id or 0))
    assert desk.load(contact()).load_id == int(first.load_id or 0) + 1


def test_a_load_that_is_not_there_cannot_be_taken_back(desk: Desk) -> None:
    desk.load(contact())
    with pytest.raises(UnknownName, match=r"There is no load '9'. Try one of: 1"):
        desk.workbench.workspace.unload(9)
    with pytest.raises(UnknownName, match=r"There is no load '9'. Try one of: 1"):
        desk.workbench.workspace.unload_all([1, 9])
    assert [load["load_id"] for load in desk.workbench.workspace.loads()] == [1]


# Comparing two loads -------------------------------------------------------------------------------------------------


def test_two_loads_are_compared_row_by_row_and_cell_by_cell(desk: Desk) -> None:
    def row(contact_id: str, **fields: str) -> Row:
        return contact("2024-03-05 12:00:00", contact_id=contact_id, customer_id="customer", **fields)

    desk.load(row("same"), row("other", status="ANSWERED"), row("gone"), row("gone too"))
    desk.load(row("same"), row("other", status="ABANDONED", ended_at="2024-03-05 13:00:00"), row("new"))
    found = desk.workbench.workspace.compare(1, 2)
    assert [list(frame["contact_id"]) for frame in (found.added, found.vanished)] == [["new"], ["gone", "gone too"]]
    changed = found.changed[["contact_id", "column", "old", "new"]].values.tolist()
    zone_free = [[*cell[:2], *(value if isinstance(value, str) else None for value in cell[2:])] for cell in changed]
    assert zone_free == [
        ["other", "ended_at", None, "2024-03-05 13:00:00"],
        ["other", "status", "ANSWERED", "ABANDONED"],
    ]
    assert (found.changed_rows, found.unchanged, found.columns) == (1, 1, {"ended_at": 1, "status": 1})
    assert (found.outside_first, found.outside_second) == (0, 0)


def test_rows_on_days_that_the_other_load_does_not_cover_are_told_apart(desk: Desk) -> None:
    march = contact("2024-03-05 12:00:00", contact_id="march")
    april = contact("2024-04-05 12:00:00", contact_id="april")
    desk.load(march, name="ContactExport-20240301-20240331.csv")
    desk.load(april, name="ContactExport-20240401-20240430.csv")
    found = desk.workbench.workspace.compare(1, 2)
    assert (len(found.added), found.outside_first, len(found.vanished), found.outside_second) == (1, 1, 1, 1)


def test_a_load_compares_with_what_another_found_unchanged(desk: Desk) -> None:
    same = contact()
    for _ in range(3):
        desk.load(same)
    found = desk.workbench.workspace.compare(2, 3)
    assert (len(found.added), len(found.changed), len(found.vanished), found.unchanged) == (0, 0, 0, 1)


def test_loads_of_two_kinds_cannot_be_compared(desk: Desk) -> None:
    desk.load(contact())
    desk.load_kind("respondio_users", user())
    with pytest.raises(BadSelection, match="Load 1 holds gladly_contact_export, load 2 respondio_users"):
        desk.workbench.workspace.compare(1, 2)


def test_rows_that_a_later_pull_of_the_same_days_lacks_are_told(desk: Desk) -> None:
    desk.load(contact(contact_id="stays", customer_id="a"), contact(contact_id="goes"))
    assert desk.load(contact(contact_id="stays", customer_id="a"), name="corrected.csv").warnings == (
        "Nothing changed: every row was loaded before",
    )
    report = desk.load(contact(contact_id="stays", customer_id="a"))
    assert "1 row loaded before for these days is not in this file; it stays" in report.warnings
    assert desk.stored("select count(*) from gladly_contact_export") == [(2,)]


def test_rows_that_vanished_are_counted_in_each_kind_of_a_log_and_in_no_other(desk: Desk) -> None:
    for what in ("added", "deleted"):
        rows = [activity(what, contact_id=number) for number in ("1", "2")]
        desk.load_kind(f"respondio_contacts_{what}", *rows)
    left = activity("deleted", contact_id="1", activity="deleted")
    report = desk.load_kind("respondio_contacts_deleted", left, name="Log-20240301-20240331.csv")
    assert "1 row loaded before for these days is not in this file; it stays" in report.warnings


def test_a_first_load_numbers_its_rows_by_their_place_in_the_file(desk: Desk) -> None:
    desk.load(*(contact(contact_id=f"{place}") for place in range(5)))
    found = desk.workbench.workspace.rows("select contact_id, row_id from gladly_contact_export order by row_id")
    assert found == [(f"{place}", (1 << 32) + place) for place in range(5)]
