"""Assignments of respond.io: given rows, expected rows."""

from typing import Any

import pytest
from openpyxl import load_workbook

from tests.builders import Desk, Row, assignment, contact, plain, user
from tests.workbook.opened import table
from workbench import Workbench
from workbench.ask import answers, logs
from workbench.ask.logs import Page
from workbench.ask.question import Question, is_shown, not_applicable
from workbench.ask.selection import parsed
from workbench.drawing import formats
from workbench.intake.outcome import LoadOutcome
from workbench.reports import REPORTS

REPORT = REPORTS["assignments"]
FIFTH, SIXTH = "2024-03-05 10:00:00", "2024-03-06 10:00:00"
TWO_DAYS = {"start": "2024-03-05", "end": "2024-03-06"}


def load(desk: Desk, *rows: Row, days: str = "20240301-20240331") -> LoadOutcome:
    return desk.load_kind("respondio_assignments", *rows, name=f"Assignments-{days}.csv")


def tile(desk: Desk, name: str, **selection: Any) -> list[dict[str, Any]]:
    return desk.ask("assignments", name, **selection)


def totals(*counts: int) -> list[dict[str, Any]]:
    return [dict(zip(REPORT.tile("totals").metrics, counts, strict=True))]


def by(key: str, *rows: tuple[str | None, int, float]) -> list[dict[str, Any]]:
    return [{key: value, "assignments": assignments, "share": share} for value, assignments, share in rows]


def moved(at: str, conversation: str, previous: str, to: str | None, **fields: str | None) -> Row:
    made_up = {"contact_id": f"c{conversation}", "contact_name": f"Name {conversation}"}
    return assignment(
        at, **made_up | {"conversation_id": conversation, "previous_assignee": previous, "assigned_to": to, **fields}
    )


def skewed(desk: Desk) -> None:
    """Conversation 1 goes from Bo to Cy to Bo and to nobody, 2 and 3 are of one contact, 3 stays with Bo."""
    load(
        desk,
        moved(FIFTH, "1", "-", "Bo"),
        moved("2024-03-05 10:01:01", "1", "Bo", "Cy", source="User", assigned_by="Bo"),
        moved("2024-03-05 12:00:00", "1", "Cy", "Bo", source="User", assigned_by="Dee"),
        moved(SIXTH, "1", "Bo", None, source="Close Conversation (Legacy)"),
        moved(SIXTH, "2", "-", "Cy", contact_id="7", contact_name="Ánn Lee", source="Bot", assigned_by="Bo"),
        moved("2024-03-06 10:00:01", "2", "Cy", "Bo", contact_id="7", contact_name="Ánn Lee", source=None),
        moved("2024-03-06 11:00:00", "3", "Bo", "Bo", contact_id="7", contact_name="Ánn Lee"),
    )


# Formulas ------------------------------------------------------------------------------------------------------------


def test_totals_count_unassignments_among_the_assignments_and_only_real_changes_as_reassignments(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "totals") == totals(7, 1, 3, 2, 3)


def test_nothing_selected_is_zero(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "totals", source="Smoke") == totals(0, 0, 0, 0, 0)
    names = ("by_source", "by_period", "by_assignee", "conversations_most_reassigned", "log")
    assert [tile(desk, name, source="Smoke") for name in names] == [[]] * len(names)


def test_sources_come_with_their_share_the_largest_first_the_missing_one_last(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "by_source") == by(
        "source", ("User", 2, 2 / 7), ("Workflow", 2, 2 / 7), ("Bot", 1, 1 / 7),
        ("Close Conversation (Legacy)", 1, 1 / 7), (None, 1, 1 / 7),
    )  # fmt: skip


def test_only_the_sources_of_the_range_are_there_one_row_for_each_covered_period(desk: Desk) -> None:
    skewed(desk)
    load(desk, moved("2024-02-28 10:00:00", "9", "-", "Bo", source="Zapier"), days="20240228-20240228")
    assert tile(desk, "by_period", start="2024-03-04", end="2024-03-05") == [
        {"period": period, "source": source, "assignments": assignments}
        for period, source, assignments in (
            ("2024-03-04", "User", 0), ("2024-03-04", "Workflow", 0),
            ("2024-03-05", "User", 2), ("2024-03-05", "Workflow", 1),
        )
    ]  # fmt: skip


def test_assignees_have_their_assignments_and_nobody_is_one_of_the_rows(desk: Desk) -> None:
    skewed(desk)
    assert tile(desk, "by_assignee") == by("assigned_to", ("Bo", 4, 4 / 7), ("Cy", 2, 2 / 7), (None, 1, 1 / 7))
    assert formats.label(REPORT, "assigned_to", None) == "Unassigned"


def test_conversations_are_sorted_by_reassignments_then_assignments_then_id(desk: Desk) -> None:
    skewed(desk)
    load(
        desk, moved("2024-03-07 10:00:00", "0", "-", "Bo"), moved("2024-03-07 10:00:00", "4", "-", "Bo"),
        moved("2024-03-07 11:00:00", "4", "Bo", None),
    )  # fmt: skip
    keys = ("conversation_id", "contact_name", "reassignments", "assignments", "assignees")
    assert tile(desk, "conversations_most_reassigned") == [
        dict(zip(keys, row, strict=True))
        for row in (
            ("1", "Name 1", 2, 4, 2),
            ("2", "Ánn Lee", 1, 2, 2),
            ("4", "Name 4", 0, 2, 1),
            ("0", "Name 0", 0, 1, 1),
            ("3", "Ánn Lee", 0, 1, 1),
        )
    ]


def test_the_first_rows_of_a_tile_can_be_had_alone(desk: Desk) -> None:
    skewed(desk)
    workspace, name = desk.workbench.workspace, "conversations_most_reassigned"
    found = answers.rows(Question(workspace, REPORT, parsed(REPORT, {})), REPORT.tile(name), limit=2)
    assert plain(found) == tile(desk, name)[:2]


def test_a_conversation_has_the_latest_name_of_its_contact(desk: Desk) -> None:
    load(desk, *(moved(at, "1", "-", "Bo", contact_name=name) for at, name in ((SIXTH, "New"), (FIFTH, "Old"))))
    assert tile(desk, "conversations_most_reassigned")[0]["contact_name"] == "New"


def test_nobody_before_is_missing_in_the_log_and_so_is_assigned_by_but_for_users(desk: Desk) -> None:
    skewed(desk)
    keys = REPORT.log.columns
    assert tile(desk, "log", start="2024-03-06") == [
        dict(zip(keys, row, strict=True))
        for row in (
            ("2024-03-06T11:00:00", "3", "7", "Ánn Lee", "Bo", "Bo", "Workflow", None),
            ("2024-03-06T10:00:01", "2", "7", "Ánn Lee", "Cy", "Bo", None, None),
            ("2024-03-06T10:00:00", "2", "7", "Ánn Lee", None, "Cy", "Bot", None),
            ("2024-03-06T10:00:00", "1", "c1", "Name 1", "Bo", None, "Close Conversation (Legacy)", None),
        )
    ]
    assert [row["assigned_by"] for row in tile(desk, "log", end="2024-03-05")] == ["Dee", "Bo", None]


def test_a_search_counts_the_rows_that_it_shows(desk: Desk) -> None:
    skewed(desk)
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {}))
    for text in ("-", "bo", "ann", "dee", "1"):
        rows = logs.log_rows(asked, REPORT.log, Page(search=text))
        assert len(rows) == logs.log_count(asked, REPORT.log, text) > 0


def test_both_ends_of_the_date_range_are_included_to_the_second(desk: Desk) -> None:
    times = ("2024-03-04 23:59:59", "2024-03-05 00:00:00", "2024-03-06 23:59:59", "2024-03-07 00:00:00")
    load(desk, *(moved(at, "1", "-", "Bo") for at in times))
    assert tile(desk, "totals", **TWO_DAYS) == totals(2, 0, 0, 1, 1)


def test_a_returning_contact_that_keeps_its_assignee_makes_no_row_and_this_is_explained() -> None:
    (text,) = (text for heading, text in REPORT.about if "returns" in heading)
    assert "the log has no row" in text


# Filters -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selection", "assignments"),
    [
        ({"source": "User"}, 2),
        ({"source": ["Bot", None]}, 2),
        ({"assigned_to": "Bo"}, 4),
        ({"assigned_to": ["Cy", None]}, 3),
        ({"assigned_by": "Dee"}, 1),
        ({"assigned_by": "Bo"}, 1),
        ({"assigned_by": None}, 5),
        ({"contact": "ann"}, 3),
        ({"contact": "NAME"}, 4),
        ({"contact": "7"}, 3),
        ({"contact": "c"}, 0),
        ({"conversation_id": "1"}, 4),
        ({"conversation_id": ["1", "2"]}, 6),
        ({"conversation_id": "x"}, 0),
        ({"assigned_to": "Bo", "source": "User", "contact": "name"}, 1),
    ],
    ids=str,
)
def test_each_filter_narrows_every_tile(desk: Desk, selection: dict[str, Any], assignments: int) -> None:
    skewed(desk)
    assert tile(desk, "totals", **selection)[0]["assignments"] == len(tile(desk, "log", **selection)) == assignments
    for name in ("by_source", "by_period", "by_assignee", "conversations_most_reassigned"):
        assert sum(row["assignments"] for row in tile(desk, name, **selection)) == assignments


def test_a_conversation_id_is_matched_whole_and_by_case(desk: Desk) -> None:
    load(desk, moved(FIFTH, "aB1", "-", "Bo"), moved(FIFTH, "ab1", "-", "Bo"), moved(FIFTH, "aB12", "-", "Bo"))
    assert tile(desk, "totals", conversation_id="aB1") == totals(1, 0, 0, 1, 1)


# A conversation's history --------------------------------------------------------------------------------------------


def held(*row: Any) -> dict[str, Any]:
    return dict(zip(REPORT.tile("timeline").columns, row, strict=True))


HISTORY = [
    held("1", "2024-03-05T10:00:00", "2024-03-05T10:01:01", "Bo", None, "Workflow", None, 61.0),
    held("1", "2024-03-05T10:01:01", "2024-03-05T12:00:00", "Cy", "Bo", "User", "Bo", 7_139.0),
    held("1", "2024-03-05T12:00:00", "2024-03-06T10:00:00", "Bo", "Cy", "User", "Dee", 79_200.0),
    held("1", "2024-03-06T10:00:00", None, None, "Bo", "Close Conversation (Legacy)", None, None),
]


@pytest.mark.parametrize(
    "narrowed",
    [{}, {"start": "2024-03-06"}, {"source": "User"}, {"assigned_to": None, "contact": "nobody", "end": "2024-03-01"}],
    ids=str,
)
def test_a_timeline_is_the_whole_history_of_a_conversation_whatever_else_is_selected(
    desk: Desk, narrowed: dict[str, Any]
) -> None:
    skewed(desk)
    assert tile(desk, "timeline", conversation_id="1", **narrowed) == HISTORY
    assert tile(desk, "timeline", pins={"conversation_id": "1"}, **narrowed) == HISTORY


def test_a_timeline_tells_time_as_it_passed_when_the_clock_changes(desk: Desk) -> None:
    load(desk, moved("2024-03-31 00:00:00", "1", "-", "Bo"), moved("2024-03-31 02:00:00", "1", "Bo", "Cy"))
    assert tile(desk, "timeline", conversation_id="1", timezone="Europe/Berlin")[0] == held(
        "1", "2024-03-31T01:00:00", "2024-03-31T04:00:00", "Bo", None, "Workflow", None, 7_200.0
    )


def test_assignments_of_one_second_stay_in_the_order_of_their_file(desk: Desk) -> None:
    load(desk, *(moved(FIFTH, "1", was, to) for was, to in (("-", "Zoe"), ("Zoe", "Ann"), ("Ann", "Mo"))))
    found = tile(desk, "timeline", conversation_id="1")
    assert [(row["assigned_to"], row["held_seconds"]) for row in found] == [("Zoe", 0.0), ("Ann", 0.0), ("Mo", None)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, False),
        ({"conversation_id": ["1"]}, True),
        ({"conversation_id": ["1", "2"]}, False),
        ({"pin": ["conversation_id=1"]}, True),
        ({"conversation_id": ["1", "2"], "pin": ["conversation_id=2"]}, True),
        ({"conversation_id": ["1"], "pin": ["conversation_id=2"]}, False),
    ],
    ids=str,
)
def test_a_timeline_is_shown_while_exactly_one_conversation_is_selected(
    desk: Desk, query: dict[str, list[str]], expected: bool
) -> None:
    skewed(desk)
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, query))
    assert is_shown(asked, REPORT.tile("timeline")) is expected
    assert not not_applicable(asked, REPORT.tile("timeline"))


@pytest.mark.parametrize(("selection", "has_timeline"), [({}, False), ({"conversation_id": "1"}, True)], ids=str)
def test_a_workbook_has_the_timeline_of_the_one_conversation_that_is_selected(
    desk: Desk, selection: dict[str, Any], has_timeline: bool
) -> None:
    skewed(desk)
    path = desk.workbench.report("assignments", **selection).to_excel(desk.folder / "pack.xlsx")
    book = load_workbook(path)
    assert ("Who had the conversation" in book.sheetnames) is has_timeline
    if has_timeline:
        _, rows = table(book["Who had the conversation"])
        assert [row[3] for row in rows] == ["Bo", "Cy", "Bo", "Unassigned"]


# Users, overlaps, other systems --------------------------------------------------------------------------------------


def test_ids_of_removed_users_become_names_everywhere_at_once_and_stay_in_the_record(desk: Desk) -> None:
    load(
        desk, moved(FIFTH, "1", "700001", "700002", source="User", assigned_by="700003"),
        moved(SIXTH, "1", "700002", "Dora"),
    )  # fmt: skip
    assert tile(desk, "totals")[0]["reassignments"] == 2
    desk.load_kind(
        "respondio_users",
        *(user(user_id=f"70000{n}", name=name) for n, name in enumerate(("Ada", "Bo", "Dora", "Eve"))),
    )
    assert tile(desk, "totals")[0]["reassignments"] == 1  # the ID and the name were the same user
    assert tile(desk, "by_assignee") == by("assigned_to", ("Dora", 2, 1.0))
    assert tile(desk, "totals", assigned_to="700002") == totals(0, 0, 0, 0, 0)
    assert tile(desk, "totals", assigned_by="Eve")[0]["assignments"] == 1
    names = ("previous_assignee", "assigned_to", "assigned_by")
    for name in ("timeline", "log"):
        first = min(tile(desk, name), key=lambda row: str(row.get("timestamp", row.get("held_from"))))
        assert tuple(first[key] for key in names) == ("Bo", "Dora", "Eve")
    asked = Question(desk.workbench.workspace, REPORT, parsed(REPORT, {}))
    options = {key: answers.options(asked, key) for key in names[1:]}
    assert options == {"assigned_to": [("Dora", 2)], "assigned_by": [("", 1), ("Eve", 1)]}
    exported = Page("timestamp", columns=tuple(f"exported_{name}" for name in names))
    rows = logs.log_rows(asked, REPORT.log, exported)
    assert [rows[name].iloc[0] for name in exported.columns] == ["700001", "700002", "700003"]
    found = {text: logs.log_count(asked, REPORT.log, text)
             for text in ("ada", "BO", "Dora", "éve", "700002", "700003")}  # fmt: skip
    assert found == {"ada": 0, "BO": 1, "Dora": 2, "éve": 1, "700002": 2, "700003": 1}


def test_logs_of_adjacent_pulls_count_an_assignment_of_both_once(desk: Desk) -> None:
    rows = [moved(at, "1", "-", "Bo") for at in (FIFTH, SIXTH, "2024-03-07 10:00:00")]
    load(desk, *rows[:2], days="20240305-20240306")
    report = load(desk, *rows[1:], days="20240306-20240307")
    assert (report.rows_loaded, report.rows_unchanged) == (1, 1)
    assert tile(desk, "totals")[0]["assignments"] == 3


def test_nothing_mixes_with_gladly(desk: Desk) -> None:
    load(desk, moved(FIFTH, "1", "-", "Bo"), days="20240301-20240306")
    before = {name: tile(desk, name) for name in REPORT.tile_names}
    desk.load(contact("2024-05-05 10:00:00"), name="ContactExport-20240201-20240531.csv")
    assert {name: tile(desk, name) for name in REPORT.tile_names} == before
    assert [load["file"] for load in desk.workbench.workspace.loads(REPORT.kinds)] == [
        "Assignments-20240301-20240306.csv"
    ]
    assert str(Question(desk.workbench.workspace, REPORT, parsed(REPORT, {})).scope.clock) == "2024-03-06"


def test_every_known_source_is_explained() -> None:
    assert [len(values) for _, values in formats.explained(REPORT)] == [7]
    assert "Dialogflow" in formats.meanings(REPORT, REPORT.tile("by_source"), "source")["Bot"]


# Drill ---------------------------------------------------------------------------------------------------------------

SELECTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"start": "2026-10-05", "end": "2026-10-31", "rollup": "week", "assigned_to": ["Bruna Leitão", None]},
    {"start": "2026-09-20", "rollup": "hour", "contact": "an", "source": ["User", "Workflow"]},
)


@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
def test_the_rows_behind_every_figure_give_it_again(sample: Workbench, selection: dict[str, Any]) -> None:
    report = sample.report("assignments", **selection)
    for name in ("totals", "by_source", "by_period", "by_assignee", "conversations_most_reassigned"):
        dimensions, cells = REPORT.tile(name).dimensions, report.tile(name)
        assert len(cells)
        for cell in cells.head(6).to_dict("records"):
            key = {key: None if cell[key] != cell[key] else cell[key] for key in dimensions}
            for metric in REPORT.tile(name).metrics:
                rows = report.rows(name, metric=metric, **key)
                again = {
                    "contacts": rows["contact_id"].nunique(),
                    "conversations": rows["conversation_id"].nunique(),
                    "assignees": rows["assigned_to"].nunique(),
                }
                assert again.get(metric, len(rows)) == cell[metric], (name, key, metric)
                if "rest" in REPORT.metric(metric).parts:
                    rest = report.rows(name, metric=metric, part="rest", **key)
                    assert len(rest) + len(rows) == len(report.rows(name, metric="assignments", **key))
