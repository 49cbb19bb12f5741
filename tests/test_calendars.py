"""Calendars: what texts and files say of one, which one is the default, who follows which, and what is refused."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import Desk, contact
from workbench import Workbench
from workbench.ask import basis, calendars, hours
from workbench.ask.hours import Calendar
from workbench.errors import BadSelection, NotPermitted, UnknownName, WorkbenchError
from workbench.store.workspace import Workspace
from workbench.team import Person

WEEK = ("mon-fri=09:00-17:00",)


def said(name: str = "Desk", zone: str = "Europe/Berlin", week: tuple[str, ...] = WEEK, **more: object) -> Calendar:
    return hours.said(name, zone, week, **more)  # type: ignore[arg-type]


@pytest.fixture
def workspace(desk: Desk) -> Workspace:
    return desk.workbench.workspace


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("mon-fri=09:00-17:00", "mon-fri=09:00-17:00"),
        ("fri=9:00-17:00 MON=09:00-17:00", "mon=09:00-17:00 fri=09:00-17:00"),
        ("sat-mon=22:00-06:00", "mon=22:00-06:00 sat-sun=22:00-06:00"),
        ("monday,wed=13:00-17:30,08:00-12:00", "mon=08:00-12:00,13:00-17:30 wed=08:00-12:00,13:00-17:30"),
        ("sun=00:00-24:00 sun=00:00-24:00", "sun=00:00-24:00"),
        ("tue=22:00-00:00", "tue=22:00-24:00"),
    ],
)
def test_opening_hours_are_said_by_days_and_spans(text: str, week: str) -> None:
    assert said(week=(text,)).week == week
    assert said(week=tuple(text.split())) == said(week=(week,))


@pytest.mark.parametrize(
    ("given", "error", "match"),
    [
        ({"week": ()}, BadSelection, "The calendar Desk has no opening hours. Say some, as mon-fri=09:00-17:00"),
        ({"week": ("",)}, BadSelection, "no opening hours"),
        ({"week": ("mon",)}, BadSelection, "'mon' are no opening hours"),
        ({"week": ("mon=9-17",)}, BadSelection, "'9-17' are no opening hours"),
        ({"week": ("mon=09:00-09:00",)}, BadSelection, "a whole day is 00:00-24:00"),
        ({"week": ("mon=24:00-06:00",)}, BadSelection, "'24:00-06:00'"),
        ({"week": ("mon=09:00-24:01",)}, BadSelection, "'09:00-24:01'"),
        ({"week": ("mon=09:60-10:00",)}, BadSelection, "'09:60-10:00'"),
        ({"week": ("someday=09:00-10:00",)}, UnknownName, "mon, tue, wed"),
        ({"zone": "Europe/Nowhere"}, UnknownName, "Europe/Berlin"),
        ({"name": " "}, BadSelection, "a name of 1 to 80 characters"),
        ({"name": "a" * 81}, BadSelection, "a name of 1 to 80 characters"),
        ({"inboxes": ["Care", " "]}, BadSelection, "follows the default calendar"),
        ({"holidays": ["25 Dec"]}, BadSelection, "Write it as 2024-01-31"),
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_refused_with_what_would_work(
    given: dict[str, object], error: type[WorkbenchError], match: str
) -> None:
    with pytest.raises(error, match=match):
        said(**given)  # type: ignore[arg-type]


def test_the_first_calendar_is_the_default_one_until_another_takes_its_place(workspace: Workspace) -> None:
    calendars.put(workspace, said())
    calendars.put(workspace, said("Late", inboxes=["Care"]))
    assert [(each.name, each.is_default) for each in hours.saved(workspace)] == [("Desk", True), ("Late", False)]
    calendars.put(workspace, said("Late", inboxes=["Care"], is_default=True))
    assert [(each.name, each.is_default) for each in hours.saved(workspace)] == [("Late", True), ("Desk", False)]
    with pytest.raises(BadSelection, match="Late is the default calendar"):
        calendars.delete(workspace, "Late")
    calendars.delete(workspace, "Desk")
    calendars.delete(workspace, "Late")
    assert hours.saved(workspace) == calendars.imported(workspace, '{"calendars": []}') == []
    with pytest.raises(BadSelection, match="There is no calendar 'Late'"):
        calendars.delete(workspace, "Late")


def test_one_that_is_set_again_stays_the_default_one(workspace: Workspace) -> None:
    calendars.put(workspace, said(), said("Late"))
    calendars.put(workspace, said(week=("sun=10:00-12:00",)))
    assert [(each.name, each.week, each.is_default) for each in hours.saved(workspace)] == [
        ("Desk", "sun=10:00-12:00", True), ("Late", "mon-fri=09:00-17:00", False),
    ]  # fmt: skip


def test_an_inbox_follows_one_calendar(workspace: Workspace) -> None:
    calendars.put(workspace, said(inboxes=["Care"]))
    with pytest.raises(BadSelection, match="The inbox 'Care' follows Desk already"):
        calendars.put(workspace, said("Late", inboxes=["Sales", "Care"]))
    assert len(hours.saved(workspace)) == 1


def test_calendars_are_handed_over_as_a_file(workspace: Workspace) -> None:
    kept = said(holidays=["2026-12-25", "2026-12-25"], inboxes=["Care"]), said("Late", "Asia/Kolkata")
    calendars.put(workspace, *kept)
    text = calendars.exported(hours.saved(workspace))
    before = hours.saved(workspace)
    calendars.delete(workspace, "Late")
    assert calendars.imported(workspace, text) == before == hours.saved(workspace)
    for wrong in ("", "[]", '{"calendars": 3}', '{"notes": []}', '{"calendars": [{"name": "x"}]}'):
        with pytest.raises(BadSelection, match="holds no calendars"):
            calendars.imported(workspace, wrong)
    for wrong, said_of_it in (
        ('{"calendars": [{"name": "x", "zone": "UTC", "hours": {}}]}', "has no opening hours"),
        ('{"calendars": [{"name": "x", "zone": "UTC", "hours": {"mon": "09:00-10:00"}}]}', "are lists of texts"),
        ('{"calendars": [{"name": "x", "zone": "UTC", "hours": {}, "colour": 1}]}', "colour"),
    ):
        with pytest.raises(WorkbenchError, match=said_of_it):
            calendars.imported(workspace, wrong)
    assert hours.saved(workspace) == before


def test_a_change_makes_another_version_and_the_same_again_none(workspace: Workspace) -> None:
    before = workspace.version
    calendars.put(workspace, said())
    assert workspace.version > before
    same = workspace.version
    calendars.put(workspace, said())
    assert workspace.version == same


LATE = said("Late")


@pytest.mark.parametrize(
    "act",
    [
        lambda seen: calendars.put(seen, LATE),
        lambda seen: calendars.delete(seen, "Desk"),
        lambda seen: calendars.imported(seen, calendars.exported([LATE])),
    ],
    ids=["put", "delete", "imported"],
)
def test_who_may_not_change_settings_changes_no_calendar(
    workspace: Workspace, act: Callable[[Workspace], object]
) -> None:
    calendars.put(workspace, said())
    seen = workspace.seen_by(Person("bo", acts=frozenset({"load"}), is_recorded=False))
    with pytest.raises(NotPermitted, match="the right 'settings'"):
        act(seen)
    assert [each.name for each in hours.saved(seen)] == ["Desk"]


def test_a_line_says_all_of_a_calendar(workspace: Workspace) -> None:
    calendars.put(
        workspace,
        said(holidays=["2026-12-25"], inboxes=["Care", "Sales"]),
        said("Late", "America/New_York", ("mon-fri=09:00-12:00,13:00-17:00 sun=22:00-06:00",)),
    )
    assert [str(each) for each in hours.saved(workspace)] == [
        "Desk: Mon to Fri 09:00 to 17:00 in Europe/Berlin, closed on 1 holiday, for Care, Sales, every other inbox",
        "Late: Mon to Fri 09:00 to 12:00, 13:00 to 17:00; Sun 22:00 to 06:00 in America/New York, for no inbox",
    ]


# A country's holidays ------------------------------------------------------------------------------------------------


def test_the_holidays_of_a_country_need_a_package_and_are_kept_by_their_dates(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "holidays", None)
        with pytest.raises(BadSelection, match=r"pip install 'contact-workbench\[holidays\]'. Or list their dates"):
            said(country="US")
    calendars.put(workspace, said(country="de-by", holidays=["2026-12-24"]))
    text = calendars.exported(hours.saved(workspace))
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "holidays", None)  # whoever reads it needs no such package
        (found,) = calendars.imported(workspace, text)
    of_2026 = {day.isoformat() for day in found.of_country if day.year == 2026}
    assert {"2026-01-06", "2026-04-03", "2026-12-25", "2026-12-26"} < of_2026  # Epiphany is one in Bavaria
    assert "2026-12-24" not in of_2026
    assert {day.year for day in found.of_country} == {*range(2010, 2038)}
    assert (found.country, found.closed) == ("DE-BY", "1 holiday and holidays of DE-BY 2010 to 2037")


@pytest.mark.parametrize("country", ["XX", "DE-XX", "GERMANY"])
def test_a_country_that_is_none_is_said(country: str) -> None:
    with pytest.raises(BadSelection, match=f"No holidays are known of '{country}'. Write a code as US or DE-BY"):
        said(country=country)


# Where they are said -------------------------------------------------------------------------------------------------


def test_reports_with_such_waits_say_by_which_calendars_and_others_do_not(desk: Desk) -> None:
    desk.load(contact())
    asked = {name: desk.workbench.report(name) for name in ("contact_export", "inbound_contacts")}
    assert not any("Business hours" in text for report in asked.values() for text in basis.said(report.question))
    calendars.put(desk.workbench.workspace, said(), said("Late"))
    found = {name: basis.said(desk.workbench.report(name).question) for name in asked}
    assert "Business hours by Desk, Late" in found["contact_export"]
    assert not any("Business hours" in text for text in found["inbound_contacts"])


def test_a_workspace_in_a_file_keeps_its_calendars_and_a_backup_brings_them(tmp_path: Path) -> None:
    workbench = Workbench(tmp_path / "own.duckdb")
    calendars.put(workbench.workspace, said())
    workbench.workspace.backup(tmp_path / "backup.duckdb")
    calendars.put(workbench.workspace, said("Late"))
    workbench.workspace.restore(tmp_path / "backup.duckdb")
    assert [each.name for each in hours.saved(workbench.workspace)] == ["Desk"]
    workbench.close()
    again = Workbench(tmp_path / "own.duckdb")
    assert [each.name for each in hours.saved(again.workspace)] == ["Desk"]
    again.close()
