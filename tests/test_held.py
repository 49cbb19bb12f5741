"""What targets, notes and calendars do: on charts, in tables, in a workbook, in the thresholds of a recipe."""

from datetime import date
from pathlib import Path

import pytest

from tests.builders import Desk, contact
from tests.workbook.opened import figures, opened, said
from workbench.ask import answers, calendars, hours, notes, recipes, targets
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.drawing import charts, formats
from workbench.drawing.marks import Look
from workbench.reports import REPORTS
from workbench.workbook import running

EXPORT = REPORTS["contact_export"]
MARCH = Selection(date(2024, 3, 1), date(2024, 3, 7))


@pytest.fixture
def asked(desk: Desk) -> Question:
    """Half of three chats and of a phone call is answered; waits of 60, 90, 120 seconds and of 10."""
    waits = [("CHAT", "60", "ANSWERED"), ("CHAT", "90", "UNANSWERED"), ("CHAT", "120", "UNANSWERED")]
    rows = [
        contact(f"2024-03-0{n} 10:00:00", channel=channel, queued_to_fulfilled_seconds=wait, status=status)
        for n, (channel, wait, status) in enumerate([*waits, ("PHONE_CALL", "10", "ANSWERED")], start=2)
    ]
    desk.load(*rows)
    return Question(desk.workbench.workspace, EXPORT, MARCH)


def target(value: str, since: str = "", only: str = "", metric: str = "answered_rate") -> targets.Target:
    return targets.said("contact_export", metric, value, "", since, only)


@pytest.mark.parametrize(
    ("metric", "value", "said"),
    [
        ("answered_rate", "0.8", "30.0 under 80 %"), ("answered_rate", "0.805", "30.5 under 80.5 %"),
        ("median_queued_to_fulfilled_seconds", "120", "1 m 59 s under 2 m"),
        ("median_queued_to_fulfilled_seconds", "36000", "9 h 59 m under 10 h"),
        ("median_queued_to_fulfilled_seconds", "90", "1 m 29 s under 1 m 30 s"),
        ("contacts", "1000", "999 under 1,000"),
    ],
)  # fmt: skip
def test_what_misses_a_target_is_told_in_short(metric: str, value: str, said: str) -> None:
    found = targets.said("contact_export", metric, value, "up")
    assert formats.missed(0.5 if metric == "answered_rate" else 1, found, EXPORT.metric(metric)) == said


def test_rows_of_a_table_are_held_to_the_target_of_their_own_value_else_to_the_general_one(asked: Question) -> None:
    wait = "median_queued_to_fulfilled_seconds"
    targets.put(asked.workspace, target("10", metric=wait), target("100", only="channel=CHAT", metric=wait))
    tile = EXPORT.tile("by_channel")
    rows = answers.rows(asked, tile)
    assert dict(zip(rows["channel"], targets.verdicts(asked, tile, wait, rows), strict=True)) == {
        "CHAT": 1, "PHONE_CALL": 1,
    }  # fmt: skip
    targets.put(asked.workspace, target("9", metric=wait))
    assert targets.verdicts(asked, tile, wait, rows) == [1, -1]
    assert targets.verdicts(asked, tile, "contacts", rows) == [0, 0]


def test_the_line_of_a_chart_steps_where_the_target_changed_and_notes_stand_on_their_days(asked: Question) -> None:
    wait, tile = "median_queued_to_fulfilled_seconds", EXPORT.tile("wait_by_period")
    targets.put(asked.workspace, target("60", "2024-03-03", metric=wait), target("30", "2024-03-05", metric=wait))
    notes.put(
        asked.workspace, notes.said("promotion", "2024-03-04", "2024-03-05"),
        notes.said("outage", "2024-03-05", named=["inbound_contacts"]), notes.said("before", "2024-02-01"),
    )  # fmt: skip
    assert [note.text for note in notes.of(asked)] == ["promotion"]
    look = Look(within=asked.scope.now.span, held=targets.of_tile(asked, tile), notes=notes.of(asked))
    rows = charts.drawn(EXPORT, tile, answers.rows(asked, tile), look).rows
    assert [row["target"] for row in rows] == [None, None, 60.0, 60.0, 30.0, 30.0, 30.0]
    assert [row["label"] for row in rows if row["noted"]] == ["Mon 4 Mar", "Tue 5 Mar"]
    assert [row["note_words"] for row in rows if row["note_words"]] == ["promotion"]


@pytest.mark.parametrize(
    ("rollup", "expected"), [("day", ["Wed 6 Mar"]), ("week", ["Week of 4 Mar 2024"]), ("month", ["Mar 2024"])]
)
def test_a_note_touches_the_period_that_holds_its_day(asked: Question, rollup: str, expected: list[str]) -> None:
    notes.put(asked.workspace, notes.said("fair", "2024-03-06"))
    tile = EXPORT.tile("wait_by_period")
    question = asked.asking(Selection(date(2024, 3, 1), date(2024, 3, 7), rollup=rollup))
    look = Look(rollup, within=question.scope.now.span, gaps=question.scope.not_covered, notes=notes.of(question))
    rows = charts.drawn(EXPORT, tile, answers.rows(question, tile), look).rows
    assert [formats.period(row["period"], rollup, False) for row in rows if row["noted"]] == expected


def test_a_workbook_says_targets_notes_and_calendars_on_its_cover_and_in_its_summary(
    asked: Question, desk: Desk, tmp_path: Path
) -> None:
    targets.put(asked.workspace, target("0.8"), target("100", metric="median_queued_to_fulfilled_seconds"))
    notes.put(asked.workspace, notes.said("promotion", "2024-03-04"))
    calendars.put(asked.workspace, hours.said("Desk", "UTC", [hours.SAID]))
    desk.workbench.report("contact_export", start="2024-03-01", end="2024-03-07").to_excel(tmp_path / "pack.xlsx")
    book = opened(tmp_path / "pack.xlsx")
    cover = said(book["Cover"])
    assert ("Note", "4 Mar 2024: promotion") in cover
    assert ("Calendar", "Desk: Mon to Fri 09:00 to 17:00 in UTC, for every other inbox") in cover
    assert ("Target", "Answered: 80 % or more") in cover
    words = {name: figure["In words"] for name, figure in figures(book["Summary"]).items()}
    assert words["Answered"].endswith("30.0 under 80 %: misses the target of 80 % or more")
    assert words["Median wait"].endswith("It meets the target of 1 m 40 s or less")
    rows = list(book["Summary"].iter_rows(values_only=True))
    header = next(row for row in rows if row[0] == "Metric")
    assert {row[0]: row[7] for row in rows if row[0] == "Answered"} == {"Answered": 0.8}
    assert header[7] == "Target"


def test_a_threshold_of_a_recipe_can_be_the_target_of_the_workspace(asked: Question) -> None:
    values = {
        "format": recipes.FORMAT, "name": "weekly", "title": "Weekly",
        "views": [{"title": "March", "report": "contact_export", "query": MARCH.as_query()}],
        "thresholds": [{"view": "March", "metric": "answered_rate", "target": True}],
    }  # fmt: skip
    recipe = recipes.of_values(values)
    assert recipes.parsed(recipe.as_text(), "it") == recipe

    def found() -> tuple[bool | None, str]:
        (finding,) = running.watched(recipe, [running.part_of(asked.workspace, recipe.parts[0])])
        return finding.is_passed, finding.words

    assert found() == (None, "March: Answered has no target in this workspace, so it misses none")
    targets.put(asked.workspace, target("0.5"))
    assert found() == (False, "March: Answered is 50.0 %, which meets the target of 50 % or more")
    targets.put(asked.workspace, target("0.51"))
    assert found() == (True, "March: Answered is 50.0 %, which misses the target of 51 % or more")


def test_targets_and_notes_are_in_a_backup(desk: Desk, asked: Question, tmp_path: Path) -> None:
    targets.put(asked.workspace, target("0.8"))
    notes.put(asked.workspace, notes.said("promotion", "2024-03-04"))
    asked.workspace.backup(tmp_path / "copy.duckdb")
    other = Desk(tmp_path, type(desk.workbench)(tmp_path / "copy.duckdb"))
    assert targets.saved(other.workbench.workspace) == targets.saved(asked.workspace)
    assert notes.saved(other.workbench.workspace) == notes.saved(asked.workspace)
    other.workbench.close()
