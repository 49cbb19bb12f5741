"""Saved views and remembered columns: kept in the workspace, carried as a file, and never half taken over."""

import json
from pathlib import Path

import pytest

from tests.builders import Desk
from workbench import Workbench
from workbench.ask import views
from workbench.ask.views import View
from workbench.errors import BadSelection, WorkbenchError

WEEK = View(
    "Voice, weekly", "contact_export", {"rollup": ["week"], "channel": ["PHONE_CALL"], "log.sort": ["channel:asc"]}
)
MAIL = View("Mail", "contact_export", {"channel": ["EMAIL"], "pin": ['{"weekday": ["1"], "hour": ["9"]}']})
INBOUND = View("Mail", "inbound_contacts", {"channel": ["EMAIL"]})


def names(desk: Desk, report: str = "contact_export") -> list[str]:
    return [view.name for view in views.saved(desk.workbench.workspace, report)]


def kept(desk: Desk, *found: View) -> None:
    for view in found:
        views.save(desk.workbench.workspace, view)


def test_views_are_listed_by_name_for_their_own_report(desk: Desk) -> None:
    kept(desk, WEEK, MAIL, INBOUND)
    assert views.saved(desk.workbench.workspace, "contact_export") == [MAIL, WEEK]
    assert views.saved(desk.workbench.workspace) == [MAIL, INBOUND, WEEK]


def test_a_view_of_the_same_name_is_replaced(desk: Desk) -> None:
    later = View("Mail", "contact_export", {"preset": ["last_week"]})
    kept(desk, MAIL, INBOUND, later)
    assert views.saved(desk.workbench.workspace, "contact_export") == [later]
    assert views.saved(desk.workbench.workspace, "inbound_contacts") == [INBOUND]


@pytest.mark.parametrize("name", ["", "  ", "\n", "x" * 81])
def test_a_name_that_is_none_is_refused_in_one_line(desk: Desk, name: str) -> None:
    with pytest.raises(BadSelection, match=r"^A view needs a name of 1 to 80 characters$"):
        kept(desk, View(name, "contact_export", {}))
    assert names(desk) == []


def test_a_view_gets_another_name_but_not_that_of_another(desk: Desk) -> None:
    kept(desk, WEEK, MAIL, INBOUND)
    views.rename(desk.workbench.workspace, WEEK, "  Voice \n by week ")
    assert names(desk) == ["Mail", "Voice by week"]
    with pytest.raises(BadSelection, match="There is a view 'Mail' already"):
        views.rename(desk.workbench.workspace, View("Voice by week", "contact_export", {}), "Mail")
    assert names(desk) == ["Mail", "Voice by week"]
    assert names(desk, "inbound_contacts") == ["Mail"]


def test_a_deleted_view_is_gone_and_those_of_other_reports_stay(desk: Desk) -> None:
    kept(desk, WEEK, MAIL, INBOUND)
    views.delete(desk.workbench.workspace, MAIL)
    assert names(desk) == ["Voice, weekly"]
    assert names(desk, "inbound_contacts") == ["Mail"]


def test_a_page_opens_with_one_view_at_most(desk: Desk) -> None:
    workspace = desk.workbench.workspace
    kept(desk, WEEK, MAIL, INBOUND)
    assert views.default(workspace, "contact_export") is None
    for view in (WEEK, MAIL):
        views.set_default(workspace, view, is_default=True)
        found = views.default(workspace, "contact_export")
        assert found is not None
        assert found.name == view.name
    assert views.default(workspace, "inbound_contacts") is None
    views.set_default(workspace, MAIL, is_default=False)
    assert views.default(workspace, "contact_export") is None


def test_views_outlive_the_app_and_travel_to_another_workspace_as_a_file(tmp_path: Path, desk: Desk) -> None:
    first = Workbench(tmp_path / "first.duckdb")
    for view in (WEEK, MAIL, INBOUND):
        views.save(first.workspace, view)
    first.close()
    again = Workbench(tmp_path / "first.duckdb")
    text = views.exported(views.saved(again.workspace))
    again.close()
    assert len(views.imported(desk.workbench.workspace, text)) == 3
    assert views.exported(views.saved(desk.workbench.workspace)) == text


def listed(**changes: object) -> str:
    view = {"name": "Bad", "report": "contact_export", "query": {}} | changes
    good = {"name": "Good", "report": "contact_export", "query": {}}
    return json.dumps({"format": views.FORMAT, "views": [good, view]})


BAD_FILES = {
    "no JSON": "views",
    "nothing": "",
    "a list": "[]",
    "no views": '{"format": "contact-workbench-views"}',
    "views that are none": '{"views": [1, 2]}',
    "a number as views": '{"views": 3}',
    "deep nesting": "[" * 100_000,
    "a query that is a text": listed(query="preset=all"),
    "a query of numbers": listed(query={"preset": 3}),
    "a name of nothing": listed(name=" "),
    "a report that does not exist": listed(report="pizza"),
    "a filter that does not exist": listed(query={"weather": ["rain"]}),
    "a date that is none": listed(query={"from": ["soon"]}),
    "a pin that is none": listed(query={"pin": ["{"]}),
    "a metric that does not exist": listed(query={"rows_of": ["luck"]}),
}


@pytest.mark.parametrize("text", BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_with_a_bad_view_is_refused_in_one_line_and_none_of_it_is_taken(desk: Desk, text: str) -> None:
    with pytest.raises(BadSelection) as refused:
        views.imported(desk.workbench.workspace, text)
    assert "\n" not in str(refused.value)
    assert names(desk) == []


def listed(count: int, **of_the_last: str) -> str:
    found = [{"name": f"View {n}", "report": "contact_export", "query": {}} for n in range(count)]
    return json.dumps({"views": [*found[:-1], found[-1] | of_the_last]})


def test_a_file_of_more_views_than_anybody_keeps_is_refused_and_one_at_the_limit_is_taken(desk: Desk) -> None:
    workspace = desk.workbench.workspace
    for count in (views.MOST + 1, 20_000):
        with pytest.raises(BadSelection, match=rf"holds {count:,} views\. Take over 500 at most"):
            views.imported(workspace, listed(count))
    assert names(desk) == []
    views.imported(workspace, listed(views.MOST))
    assert len(names(desk)) == views.MOST


def test_views_are_taken_over_in_one_transaction(desk: Desk) -> None:
    with pytest.raises(BadSelection, match="has characters that cannot be shown"):
        views.imported(desk.workbench.workspace, listed(20, name="with\0nul"))
    rows = [("a", "r", "{}", False), ("b", "r", "{}", "never")]
    sql = "insert into saved_views (name, report, query, is_default) values (?, ?, ?, ?)"
    with pytest.raises(WorkbenchError):
        desk.workbench.workspace.keep_all(sql, rows)
    assert desk.stored("select count(*) from saved_views") == [(0,)]


def test_columns_are_remembered_for_their_own_log(desk: Desk) -> None:
    workspace = desk.workbench.workspace
    assert views.columns(workspace, "contact_export", "log") == ()
    views.keep_columns(workspace, "contact_export", "log", ["status", "queued_at"])
    views.keep_columns(workspace, "contact_export", "log", ["queued_at", "status"])
    assert views.columns(workspace, "contact_export", "log") == ("queued_at", "status")
    assert views.columns(workspace, "inbound_contacts", "log") == ()
