"""What an analyst keeps beside the data: saved views of pages, and the columns picked for a log.

A view is a page's link by a name: everything that is on screen is in it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench import reports
from workbench.ask.logs import log_layouts
from workbench.ask.selection import is_texts_by_key, parsed
from workbench.errors import BadSelection, WorkbenchError, one_line
from workbench.store.workspace import Workspace

LONGEST_NAME = 80  # characters
MOST = 500  # views of a file
FORMAT = "contact-workbench-views"


@dataclass(frozen=True)
class View:
    """A page as it was when it was saved: the parameters of its link. A page opens with its default view."""

    name: str
    report: str
    query: Mapping[str, Sequence[str]]
    is_default: bool = False


def saved(workspace: Workspace, report: str | None = None) -> list[View]:
    """Return the saved views, of one report or of all, by name."""
    found = workspace.rows("select name, report, query, is_default from saved_views order by lower(name), name, report")
    return [
        View(name, of, json.loads(query), is_default)
        for name, of, query, is_default in found
        if report in (None, of) and of in reports.REPORTS
    ]


def save(workspace: Workspace, *views: View) -> None:
    """Save views, all or none; one of the same report and name is replaced.

    Raises BadSelection for a name that is none.
    """
    sql = "insert or replace into saved_views (name, report, query, is_default) values (?, ?, ?, ?)"
    rows = [(_checked(view.name), view.report, json.dumps(dict(view.query)), view.is_default) for view in views]
    workspace.keep_all(sql, rows)


def rename(workspace: Workspace, view: View, name: str) -> None:
    """Give a view another name. Raises BadSelection for one that is taken or none."""
    if any(other.name == _checked(name) for other in saved(workspace, view.report)):
        raise BadSelection(f"There is a view '{name.strip()}' already. Choose another name")
    workspace.keep(
        "update saved_views set name = ? where name = ? and report = ?", [_checked(name), view.name, view.report]
    )


def delete(workspace: Workspace, view: View) -> None:
    """Delete a view."""
    workspace.keep("delete from saved_views where name = ? and report = ?", [view.name, view.report])


def set_default(workspace: Workspace, view: View, is_default: bool) -> None:
    """Let a page open with a view, instead of the one it opened with until now, or with none."""
    sql = "update saved_views set is_default = (name = ? and ?) where report = ?"
    workspace.keep(sql, [view.name, is_default, view.report])


def default(workspace: Workspace, report: str) -> View | None:
    """Return the view that a page opens with."""
    return next((view for view in saved(workspace, report) if view.is_default), None)


def exported(views: Sequence[View]) -> str:
    """Return views as the text of a small JSON file."""
    listed = [{"name": view.name, "report": view.report, "query": dict(view.query)} for view in views]
    return json.dumps({"format": FORMAT, "views": listed}, indent=2, ensure_ascii=False)


def imported(workspace: Workspace, text: str) -> list[View]:
    """Save the views of a file, and return them. Raises BadSelection, and then saves none."""
    try:
        listed = json.loads(text)["views"]
        if len(listed) > MOST:
            raise BadSelection(f"The file holds {len(listed):,} views. Take over {MOST:,} at most")
        views = [_view(each) for each in listed]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadSelection("The file holds no views. Choose one that was downloaded under Views") from None
    save(workspace, *views)
    return views


def _view(each: Mapping[str, Any]) -> View:
    if not is_texts_by_key(each["query"]):
        raise TypeError("a link's parameters are lists of texts")
    view = View(_checked(str(each["name"])), str(each["report"]), each["query"])
    try:
        report = reports.report(view.report)
        query, _ = log_layouts(report, view.query)
        parsed(report, query)
    except WorkbenchError as error:
        raise BadSelection(f"The view '{view.name}' cannot be opened here. {error}") from None
    return view


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadSelection(f"A view needs a name of 1 to {LONGEST_NAME} characters")
    if name != one_line(name):
        raise BadSelection(f"The name of a view, {name}, has characters that cannot be shown. Leave them out")
    return name


def columns(workspace: Workspace, report: str, log: str) -> tuple[str, ...]:
    """Return the columns that were picked for a log, none when nobody picked any."""
    found = workspace.rows("select columns from log_columns where report = ? and log = ?", [report, log])
    return tuple(found[0][0]) if found else ()


def keep_columns(workspace: Workspace, report: str, log: str, picked: Sequence[str]) -> None:
    """Remember the columns that were picked for a log."""
    workspace.keep("insert or replace into log_columns values (?, ?, ?)", [report, log, list(picked)])
