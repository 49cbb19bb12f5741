"""Targets: which one holds for what, from when, and what meets it; kept, handed over, refused."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from tests.builders import Desk, contact
from workbench.ask import answers, calendars, hours, lists, notes, targets, workspaces
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.cli import main
from workbench.errors import BadSelection, UnknownName
from workbench.reports import REPORTS
from workbench.store.workspace import Workspace

EXPORT = REPORTS["contact_export"]


def question(desk: Desk, **selected: object) -> Question:
    return Question(desk.workbench.workspace, EXPORT, Selection(date(2024, 3, 1), date(2024, 3, 31), **selected))  # type: ignore[arg-type]


def said(value: str = "0.8", good: str = "", since: str = "", only: str = "") -> targets.Target:
    return targets.said("contact_export", "answered_rate", value, good, since, only)


def test_a_value_at_the_target_meets_it_on_either_side() -> None:
    assert [said().is_met_by(figure) for figure in (0.799, 0.8, 0.1 + 0.7, 0.801)] == [False, True, True, True]
    assert [said(good="down").is_met_by(figure) for figure in (0.799, 0.8, 0.801)] == [True, True, False]


def test_the_card_takes_the_target_of_the_last_day_that_fits_its_filters_else_the_general_one(desk: Desk) -> None:
    desk.load(contact())
    targets.put(
        desk.workbench.workspace, said("0.7"), said("0.8", since="2024-03-31"), said("0.9", since="2024-04-01"),
        said("0.6", only="channel=chat"), said("0.5", only="channel=CHAT", since="2024-03-10"),
    )  # fmt: skip
    assert targets.of_card(question(desk), "answered_rate") == (said("0.8", since="2024-03-31"), False)
    chat = question(desk, filters=(("channel", ("CHAT",)),))
    assert targets.of_card(chat, "answered_rate") == (said("0.5", only="channel=CHAT", since="2024-03-10"), False)
    pinned = question(desk, pins=((("channel", ("CHAT",)),),))
    assert targets.of_card(pinned, "answered_rate") == targets.of_card(chat, "answered_rate")
    both = question(desk, filters=(("channel", ("CHAT", "SMS")),))
    assert targets.of_card(both, "answered_rate") == (said("0.8", since="2024-03-31"), True)
    assert targets.of_card(question(desk), "abandoned_rate") == (None, False)


def test_a_target_steps_on_the_day_from_which_another_holds(desk: Desk) -> None:
    desk.load(contact())
    targets.put(desk.workbench.workspace, said("0.7", since="2024-03-02"), said("0.8", since="2024-03-10"))
    found = targets.held(question(desk), "answered_rate")
    days = [date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 9), date(2024, 3, 10)]
    assert [target and target.value for target in map(found.on, days)] == [None, 0.7, 0.7, 0.8]


def test_what_nobody_understands_of_a_list_ends_no_page_and_a_broken_calendar_is_said(desk: Desk) -> None:
    workspace, broken = desk.workbench.workspace, [{}, {"text": 1, "from": "never"}, {"name": [], "hours": 3}]
    for key in (targets.KEY, notes.KEY, hours.KEY):
        lists.replace(workspace, key, dict, lambda entry: False, broken)
    assert (targets.saved(workspace), notes.saved(workspace)) == ([], [])
    targets.put(workspace, said("0.7"))
    notes.put(workspace, notes.said("fair", "2024-03-06"))
    notes.delete(workspace, (date(2024, 3, 6), date(2024, 3, 6)))
    assert [*map(len, (lists.kept(workspace, key) for key in (targets.KEY, notes.KEY)))] == [4, 3]
    assert hours.saved(workspace) == []
    with pytest.raises(BadSelection, match=r"A calendar that is kept cannot be read\. Set any calendar, or import"):
        answers.rows(question(desk), EXPORT.tile("wait_by_period"))
    calendars.put(workspace, hours.said("Desk", "UTC", ["mon=09:00-17:00"]))
    assert [calendar.name for calendar in hours.in_force(workspace)] == ["Desk"]


def test_a_workspace_with_a_broken_calendar_opens_so_that_it_can_be_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    workspace = workspaces.ready(Workspace(path))
    lists.replace(workspace, hours.KEY, dict, lambda entry: False, [{"name": []}])
    workspace.close()
    assert (
        main(["calendars", "set", "Desk", "--zone", "UTC", "--hours", "mon=09:00-17:00", "--workspace", str(path)]) == 0
    )
    again = Workspace(path)
    assert [calendar.name for calendar in hours.in_force(again)] == ["Desk"]
    again.close()


def test_a_target_of_what_is_no_more_is_left_out_and_stays_for_a_version_that_knows_it(desk: Desk) -> None:
    workspace, later = desk.workbench.workspace, {"report": "contact_export", "metric": "of_tomorrow", "value": 1}
    lists.replace(workspace, targets.KEY, dict, lambda entry: False, [later])
    targets.put(workspace, said("0.7"))
    targets.delete(workspace, said("0"))
    assert (targets.saved(workspace), lists.kept(workspace, targets.KEY)) == ([], [later])


def test_one_of_the_same_is_replaced_deleted_and_handed_over_as_a_file(desk: Desk) -> None:
    workspace = desk.workbench.workspace
    targets.put(workspace, said("0.7"), said("0.6", only="channel=CHAT"))
    targets.put(workspace, said("0.75"))
    assert [target.value for target in targets.saved(workspace)] == [0.75, 0.6]
    text = targets.exported(targets.saved(workspace))
    targets.delete(workspace, said("0"))
    assert [target.value for target in targets.saved(workspace)] == [0.6]
    with pytest.raises(BadSelection, match="no such target"):
        targets.delete(workspace, said("0"))
    assert targets.imported(workspace, text) == targets.saved(workspace)
    targets.put(workspace, said("0.1"), said("0.2"))
    assert [target.value for target in targets.saved(workspace)] == [0.2, 0.6]
    for wrong in ("", "[]", '{"targets": 3}', '{"views": []}'):
        with pytest.raises(BadSelection, match="holds no targets"):
            targets.imported(workspace, wrong)


@pytest.mark.parametrize(
    ("given", "error", "match"),
    [
        (("nothing", "answered_rate", "1"), UnknownName, "contact_export"),
        (("contact_export", "mix_seconds", "1"), UnknownName, "answered_rate"),
        (("contact_export", "answered_rate", "80 %"), BadSelection, "is no number"),
        (("contact_export", "answered_rate", "nan"), BadSelection, "is no number"),
        (("contact_export", "answered_rate", "80"), BadSelection, "80 % as 0.8"),
        (("contact_export", "answered_rate", "-0.01"), BadSelection, "between 0 and 1"),
        (("contact_export", "contacts", "100"), BadSelection, "up or down"),
        (("contact_export", "answered_rate", "0.8", "left"), BadSelection, "up or down"),
        (("contact_export", "answered_rate", "0.8", "", "soon"), BadSelection, "2024-01-31"),
        (("contact_export", "answered_rate", "0.8", "", "", "channel"), BadSelection, "one value"),
        (("contact_export", "answered_rate", "0.8", "", "", "weather=rain"), UnknownName, "channel"),
    ],
)
def test_what_is_no_target_is_refused_with_what_would_work(
    given: tuple[str, ...], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        targets.said(*given)


def test_of_what_several_persons_keep_at_once_nothing_is_lost(desk: Desk) -> None:
    workspace = desk.workbench.workspace
    begin = threading.Barrier(4)

    def keep(person: int) -> None:
        begin.wait()
        for n in range(10):
            notes.put(workspace, notes.said(f"note {person} {n}", "2024-03-05"))
            calendars.put(workspace, hours.said(f"Desk {person} {n}", "UTC", ["mon=09:00-17:00"]))

    with ThreadPoolExecutor(4) as persons:
        assert list(persons.map(keep, range(4))) == [None] * 4
    assert (len(notes.saved(workspace)), len(hours.saved(workspace))) == (40, 40)
    assert [calendar.is_default for calendar in hours.saved(workspace)].count(True) == 1
