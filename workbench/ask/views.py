"""What an analyst keeps beside the data: saved views of pages, and the columns picked for a log.

A view is a page's link by a name: everything that is on screen is in it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench import reports
from workbench.ask.logs import log_layouts
from workbench.ask.selection import EXPLORED, Exploration, Selection, is_texts_by_key, parsed
from workbench.errors import BadSelection, NotPermitted, WorkbenchError, one_line, shortened
from workbench.reports import Report
from workbench.store.masking import names_somebody
from workbench.store.workspace import Workspace

DEFAULT = Selection(preset="last_30_days", compare="matching")  # of a page that nothing is known of
LONGEST_NAME = 80  # characters
MOST = 500  # views of a file
_THIS = "name = ? and report = ? and owner = ?"
TILES = ":tiles"  # behind the name of a report, where what stands on its page is kept as views
FORMAT = "contact-workbench-views"


@dataclass(frozen=True)
class View:
    """A page as it was when it was saved: the parameters of its link. A page opens with its default view.

    In a team it is its `owner`'s until it is shared; '' where it is everybody's, as all are without a team.
    """

    name: str
    report: str
    query: Mapping[str, Sequence[str]]
    is_default: bool = False
    owner: str = ""

    @property
    def is_exploration(self) -> bool:
        """Whether it explores its report, on the page for that."""
        return not {*EXPLORED}.isdisjoint(self.query)


def explored(view: View) -> Exploration:
    """Return what a view explores. Raises UnknownName for what its report no longer has, BadSelection for nothing."""
    found = parsed(reports.report(view.report), _own(view)).explored
    if found is None:
        raise BadSelection(f"The view '{shortened(view.name)}' explores nothing")
    return found


def _own(view: View) -> dict[str, Sequence[str]]:
    return {key: view.query[key] for key in EXPLORED if key in view.query}


def tiles(workspace: Workspace, report: str) -> list[View]:
    """Return the explorations that stand on a report's page; of two by one name the actor's own."""
    found = sorted(saved(workspace, f"{report}{TILES}"), key=lambda view: view.owner == _own_name(workspace))
    return [*{view.name: replace(view, report=report) for view in found}.values()]


def put_on_page(workspace: Workspace, view: View, is_on: bool) -> None:
    """Put an exploration on its report's page, or take it off; its dates and filters are the page's there."""
    tile = View(view.name, f"{view.report}{TILES}", _own(view), owner=view.owner)
    _ask(workspace, tile)
    if is_on:
        _put(workspace, [tile])
    else:
        delete(workspace, tile)


def saved(workspace: Workspace, report: str | None = None) -> list[View]:
    """Return the saved views, of one report (or of another page) or of all reports, by name.

    They are those that are the actor's or everybody's, of reports that the actor sees.
    """
    found = workspace.kept(
        "select name, report, query, is_default, owner from saved_views order by lower(name), name, report, owner"
    )
    return [
        View(name, of, json.loads(query), is_default, owner)
        for name, of, query, is_default, owner in found
        if _is_for(workspace, owner) and workspace.actor.sees(of.removesuffix(TILES))
        if not _is_hidden(workspace, query)
        if of == report or (report is None and of in reports.REPORTS)
    ]


def _is_hidden(workspace: Workspace, query: str) -> bool:
    return workspace.is_masked and names_somebody(query, workspace.actor.masks_staff)


def _own_name(workspace: Workspace) -> str:
    """Return whose views those are that the actor saves: an administrator's are everybody's."""
    return "" if workspace.actor.is_administrator else workspace.actor.name


def _is_for(workspace: Workspace, owner: str) -> bool:
    return workspace.actor.is_administrator or owner in ("", workspace.actor.name)


def _ask(workspace: Workspace, view: View) -> None:
    """Raise NotPermitted where the actor may not change a view; another's is nowhere, as one that there is not.

    Nor is one of everybody's that the actor is not shown.
    """
    workspace.ask("views")
    there = workspace.kept(f"select query from saved_views where {_THIS}", _this(view))
    is_unseen = not view.owner and any(_is_hidden(workspace, query) for (query,) in there)
    is_unseen |= bool(there) and not workspace.actor.sees(view.report.removesuffix(TILES))
    if is_unseen or not _is_for(workspace, view.owner):
        raise NotPermitted("There is no such view of yours. Open the views of the page again")


def save(workspace: Workspace, *views: View) -> None:
    """Save views as the actor's own, all or none; one of theirs of the same report and name is replaced.

    Raises BadSelection for a name that is none.
    """
    workspace.ask("views")
    _put(workspace, [replace(view, owner=_own_name(workspace)) for view in views])


def _put(workspace: Workspace, views: Sequence[View]) -> None:
    sql = "insert or replace into saved_views (name, report, query, is_default, owner) values (?, ?, ?, ?, ?)"
    rows = [
        (_checked(view.name), view.report, json.dumps(dict(view.query)), view.is_default, view.owner) for view in views
    ]
    workspace.keep_all(sql, rows)


def share(workspace: Workspace, view: View) -> None:
    """Make a view everybody's, with its tile on the page. Raises BadSelection where there is one of its name."""
    _ask(workspace, view)
    _check_free(workspace, view, view.name, "")
    is_on = (view.name, view.owner) in [(tile.name, tile.owner) for tile in saved(workspace, f"{view.report}{TILES}")]
    if is_on:
        put_on_page(workspace, view, False)
    workspace.keep(f"update saved_views set owner = '', is_default = false where {_THIS}", _this(view))
    if is_on:
        put_on_page(workspace, replace(view, owner=""), True)


def _this(view: View) -> list[object]:
    return [view.name, view.report, view.owner]


def _check_free(workspace: Workspace, view: View, name: str, owner: str) -> None:
    """Raise BadSelection where an owner has a view of a name already, whoever it is shown to."""
    if workspace.kept(f"select 1 from saved_views where {_THIS}", [name, view.report, owner]):
        raise BadSelection(f"There is a view '{name}' already. Choose another name")


def rename(workspace: Workspace, view: View, name: str) -> None:
    """Give a view another name. Raises BadSelection for one that is taken or none."""
    _ask(workspace, view)
    _check_free(workspace, view, _checked(name), view.owner)
    workspace.keep(f"update saved_views set name = ? where {_THIS}", [_checked(name), *_this(view)])


def delete(workspace: Workspace, view: View) -> None:
    """Delete a view."""
    _ask(workspace, view)
    workspace.keep(f"delete from saved_views where {_THIS}", _this(view))


def set_default(workspace: Workspace, view: View, is_default: bool) -> None:
    """Let a page open with a view for all whose it is, instead of the one it opened with until now, or with none."""
    _ask(workspace, view)
    sql = "update saved_views set is_default = (name = ? and ?) where report = ? and owner = ?"
    workspace.keep(sql, [view.name, is_default, view.report, view.owner])


def default(workspace: Workspace, report: str) -> View | None:
    """Return the view that a page opens with: the actor's own, else everybody's."""
    found = {view.owner: view for view in saved(workspace, report) if view.is_default}
    return found.get(_own_name(workspace), found.get(""))


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


def opening(report: Report) -> Selection:
    """Return what a report's page opens with while nothing is known of it."""
    return replace(DEFAULT, rows_of=report.opens_with)


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
    found = workspace.kept("select columns from log_columns where report = ? and log = ?", [report, log])
    return tuple(found[0][0]) if found else ()


def keep_columns(workspace: Workspace, report: str, log: str, picked: Sequence[str]) -> None:
    """Remember the columns that were picked for a log, as all see it: of who may not decide that, they are not kept."""
    if workspace.actor.may("views"):
        workspace.keep("insert or replace into log_columns values (?, ?, ?)", [report, log, list(picked)])
