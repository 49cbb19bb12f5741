"""What an analyst keeps beside the data: saved views of pages, and the columns picked for a log.

A view is a page's link by a name: everything that is on screen is in it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench import reports
from workbench.ask.logs import log_layouts
from workbench.ask.selection import Selection, is_texts_by_key, parsed
from workbench.errors import BadSelection, WorkbenchError, one_line
from workbench.reports import Report
from workbench.store.workspace import Workspace

DEFAULT = Selection(preset="last_30_days", compare="matching")  # of a page that nothing is known of
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
        "update saved_views set name = ? where name = ? and report = ?",
        [_checked(name), view.name, view.report],
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
    view = View(_checked(str(each["name"])), str(each["report"]), each["query"])
    check(view)
    return view


def check(view: View) -> None:
    """Raise BadSelection for a view of a report, a filter or a value that does not exist."""
    if not is_texts_by_key(view.query):
        raise BadSelection(f"The view '{view.name}' is none: the parameters of its link are no lists of texts by name")
    try:
        report = reports.report(view.report)
        query, _ = log_layouts(report, view.query)
        selection_of(report, query)
    except WorkbenchError as error:
        raise BadSelection(f"The view '{view.name}' cannot be opened here. {error}") from None


def selection_of(report: Report, query: Mapping[str, Sequence[str]]) -> Selection:
    """Return the selection of a link as a page takes it: what it leaves out is the page's default.

    The command line's default is another one. Raises what parsing raises.
    """
    selection = parsed(report, query)
    has_dates = selection.start or selection.end or "preset" in query
    return replace(
        selection,
        preset=selection.preset if has_dates else DEFAULT.preset,
        compare=selection.compare if "compare" in query else DEFAULT.compare,
    )


def _checked(name: str) -> str:
    return checked_name("A view", name)


def checked_name(what: str, name: str) -> str:
    """Return a name with single blanks. Raises BadSelection for one that is none."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadSelection(f"{what} needs a name of 1 to {LONGEST_NAME} characters")
    if name != one_line(name):
        raise BadSelection(
            f"The name of {what[0].lower()}{what[1:]}, {name}, has characters that cannot be shown. Leave them out"
        )
    return name


def columns(workspace: Workspace, report: str, log: str) -> tuple[str, ...]:
    """Return the columns that were picked for a log, none when nobody picked any."""
    found = workspace.rows("select columns from log_columns where report = ? and log = ?", [report, log])
    return tuple(found[0][0]) if found else ()


def keep_columns(workspace: Workspace, report: str, log: str, picked: Sequence[str]) -> None:
    """Remember the columns that were picked for a log."""
    workspace.keep("insert or replace into log_columns values (?, ?, ?)", [report, log, list(picked)])
