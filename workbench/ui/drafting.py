"""A pack under way: its views in their order, with titles and dates, how its files are read, what is watched.

What is typed is kept as the JSON values of a recipe, each row of a list with a number of its own: its widgets' keys.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import streamlit as st

from workbench.ask import recipes, views
from workbench.ask.logs import log_layouts
from workbench.ask.recipes import Recipe
from workbench.ask.selection import PRESETS, short
from workbench.errors import BadSelection, WorkbenchError
from workbench.exports import KINDS
from workbench.intake import codepages
from workbench.intake.choices import ABSENT, DECIMAL_MARKS
from workbench.intake.moments import DATE_ORDERS
from workbench.intake.rollups import ROLLUP_HOURS
from workbench.reports import REPORTS, Metric, Report
from workbench.reports.labels import spoken
from workbench.time import words, zones
from workbench.ui import session
from workbench.ui.session import failed, told_apart

_DRAFT, _WAS, _REFUSED = "packs:draft", "packs:was", "packs:refused"
_numbers = count(1)
LISTS = ("views", "files", "thresholds")
SAVED = ""  # the dates that the view was saved with
Row = dict[str, Any]
OTHER_CHOICES: dict[str, tuple[str, Sequence[str]]] = {
    "date_order": ("Date order", tuple(DATE_ORDERS)), "decimal": ("Decimal mark", tuple(DECIMAL_MARKS)),
    "encoding": ("Code page", tuple(codepages.PAGES)), "rollup": ("What a row covers", tuple(ROLLUP_HOURS)),
    "absent": ("Columns that a file lacks", ABSENT),
}  # fmt: skip


def begun(recipe: Recipe | None = None) -> None:
    """Begin a pack, or to change one that there is."""
    draft: Row = recipe.as_json() if recipe else {"name": "", "title": ""}
    for rows in LISTS:
        draft[rows] = [_numbered(each) for each in draft.get(rows, [])]
    numbers = {row["title"]: row["id"] for row in draft["views"]}
    draft["thresholds"] = [row | {"view": numbers[row["view"]]} for row in draft["thresholds"]]
    st.session_state[_DRAFT] = _numbered(draft)
    st.session_state[_WAS] = recipe.name if recipe else ""


def _numbered(row: Row) -> Row:
    return row | {"id": next(_numbers)}


def is_under_way() -> bool:
    """Tell whether a pack is being made or changed."""
    return _DRAFT in st.session_state


def editor() -> None:
    """Draw the pack that is under way."""
    draft = st.session_state[_DRAFT]
    with st.container(border=True, key="pack-draft"):
        with st.container(horizontal=True):
            _text(draft, "title", "Title", "Weekly pack", help="It stands on the cover.")
            _text(draft, "name", "Name", "weekly", help="By it the command line knows the pack.")
        _views(draft["views"])
        _thresholds(draft["thresholds"], draft["views"])
        _files(draft["files"])
        if refused := st.session_state.pop(_REFUSED, None):
            failed(refused)
        with st.container(horizontal=True):
            st.button("Save pack", type="primary", on_click=_save, args=(draft,))
            st.button("Cancel", on_click=_over)


def _text(row: Row, name: str, label: str, example: str = "", **looks: Any) -> None:
    """Draw a text of a row, which keeps what is typed."""
    key = f"packs:{row['id']}:{name}"
    st.session_state.setdefault(key, row.get(name) or "")
    row[name] = st.text_input(label, key=key, placeholder=example, **looks)


def _choice(row: Row, name: str, label: str, options: Sequence[Any], **looks: Any) -> None:
    """Draw a choice of a row, which keeps what is picked; nothing picked is nothing said."""
    key = f"packs:{row['id']}:{name}"
    if st.session_state.setdefault(key, row.get(name)) not in options:
        st.session_state[key] = SAVED if SAVED in options else None
    row[name] = st.selectbox(label, options, key=key, **looks)


def _drop(rows: list[Row], row: Row) -> None:
    rows.remove(row)


def _up(rows: list[Row], row: Row) -> None:
    at = rows.index(row)
    rows[at - 1 : at + 1] = reversed(rows[at - 1 : at + 1])


def _views(rows: list[Row]) -> None:
    st.markdown("**Views**   :gray[in the order of the workbook]")
    for number, row in enumerate(rows, start=1):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            of = f"{number}. {REPORTS[row['report']].title}"
            _text(row, "title", of)
            saved = days(REPORTS[row["report"]], row["query"])
            _choice(
                row, "dates", f"Dates of {number}", (SAVED, *PRESETS), width=200,
                format_func=lambda preset, saved=saved: spoken(preset) if preset else f"As saved: {saved}",
            )  # fmt: skip
            st.button(
                told_apart("Up", of), icon=":material/arrow_upward:", key=f"packs:{row['id']}:up", disabled=number == 1,
                on_click=_up, args=(rows, row),
            )  # fmt: skip
            _dropping(rows, row, of)
    known = views.saved(session.kept())
    if not known:
        st.caption("No view is saved yet. Open a report, set dates and filters, and save what is on screen by *Views*.")
        return
    picked = st.selectbox(
        "Add a view", known, index=None, placeholder="Add a saved view", label_visibility="collapsed",
        format_func=session.distinctly(
            known, lambda view: f"{REPORTS[view.report].title}: {view.name}", lambda view: view.owner or "everybody's"
        ),
        key=f"packs:add:{len(rows)}",
    )  # fmt: skip
    if picked:
        taken = {row["title"] for row in rows}
        title = picked.name if picked.name not in taken else f"{picked.name} ({REPORTS[picked.report].title})"
        rows.append(
            _numbered({"title": title, "name": picked.name, "report": picked.report, "query": dict(picked.query)})
        )
        st.rerun()


def days(report: Report, query: Mapping[str, Sequence[str]]) -> str:
    """Return in words which days a saved view shows: those of a preset move with the data."""
    selection = views.selection_of(report, log_layouts(report, query)[0])
    start, end = selection.start, selection.end
    if start and end:
        return short((start, end))
    return f"from {words.day(start)}" if start else f"until {words.day(end)}" if end else spoken(selection.preset)


def _dropping(rows: list[Row], row: Row, of: str) -> None:
    st.button(
        told_apart("Remove", of), icon=":material/close:", type="tertiary", key=f"leave-pack:{row['id']}",
        on_click=_drop, args=(rows, row),
    )  # fmt: skip


def _thresholds(rows: list[Row], shown: list[Row]) -> None:
    st.markdown("**Thresholds**   :gray[a run says which are passed, and ends with status 3]")
    views_by = {row["id"]: row for row in shown}
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _choice(row, "view", "View", tuple(views_by), format_func=lambda number: views_by[number]["title"])
            known = recipes.watched(REPORTS[views_by[row["view"]]["report"]]) if row["view"] else {}
            _choice(
                row, "metric", "Figure", tuple(known),
                format_func=lambda name, known=known: known[name][0].label if name in known else spoken(name),
            )  # fmt: skip
            _limit(row, known[row["metric"]][0] if row["metric"] in known else None)
            _dropping(rows, row, f"threshold {row['id']}")
    if shown:
        st.button(
            "Add a threshold", icon=":material/add:", type="tertiary", on_click=_add, args=(rows, {"below": None})
        )


def _add(rows: list[Row], row: Row) -> None:
    rows.append(_numbered(row))


def _limit(row: Row, metric: Metric | None) -> None:
    """Draw which side of a number is watched, and the number: of a rate in percent, of a duration in seconds."""
    is_rate = metric is not None and metric.format == "rate"
    unit = {"rate": "percent", "duration": "seconds"}.get(metric.format if metric else "", "")
    side = next(side for side in recipes.SIDES if side in row)
    first = row[side]
    key = f"packs:{row['id']}:limit"
    if key not in st.session_state:
        st.session_state[key] = first * 100 if is_rate and first is not None else first
    st.session_state.setdefault(f"{key}:side", side)
    picked = st.selectbox("Passed when", recipes.SIDES, key=f"{key}:side", width=120)
    typed = st.number_input(f"Limit, in {unit}" if unit else "Limit", value=None, key=key, format="%g", width=160)
    del row[side]  # only now: a run that is broken off before leaves the row whole
    row[picked] = round(typed / 100, 12) if is_rate and typed is not None else typed


def _files(rows: list[Row]) -> None:
    st.markdown("**Files**   :gray[what is said of files by their names; most need no rule]")
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _text(row, "files", "Files named", "ContactExport-*.csv")
            _choice(
                row, "kind", "Kind", tuple(KINDS), format_func=lambda name: KINDS[name].title,
                placeholder="As recognised",
            )  # fmt: skip
            _choice(
                row,
                "file_timezone",
                "Time zone of the file",
                zones.names(),
                placeholder="As the file says",
                format_func=lambda name: name.replace("_", " "),
            )
            with st.popover("More", icon=":material/tune:"):
                for name, (label, options) in OTHER_CHOICES.items():
                    _choice(row, name, label, options, placeholder="As the file says")
                _text(row, "sheet", "Sheet", "The one with the report")
                if row.get("mapping"):
                    st.caption(f"With a mapping of {len(row['mapping']['columns'])} columns.")
            _dropping(rows, row, f"rule {row['id']}")
    with st.container(horizontal=True):
        st.button("Add a rule", icon=":material/add:", type="tertiary", on_click=_add, args=(rows, {"files": ""}))
        st.button(
            "As for the loads so far", icon=":material/history:", type="tertiary", on_click=_as_before, args=(rows,),
            help="A rule for every name under which a file was loaded that needed a choice.",
        )  # fmt: skip


def _as_before(rows: list[Row]) -> None:
    known = {row["files"] for row in rows}
    found = [rule for rule in recipes.rules_of_loads(session.own()) if rule.files not in known]
    rows += [_numbered(rule.as_json()) for rule in found]
    if not found:
        st.toast("No load so far needed a choice that is not said here already", icon=":material/info:")


def _save(draft: Row) -> None:
    """Keep the pack, or say what is wrong with it."""
    titles = {row["id"]: row["title"].strip() or row["name"] for row in draft["views"]}
    watched = [row | {"view": titles.get(row["view"], "")} for row in draft["thresholds"]]
    lists = {rows: [_plain(row) for row in draft[rows]] for rows in LISTS} | {"thresholds": [*map(_plain, watched)]}
    try:
        recipe, was = recipes.of_values(_plain(draft) | _settings() | lists), st.session_state[_WAS]
        if recipe.name != was and recipe.name in recipes.saved(session.kept()):
            raise BadSelection(f"There is a pack named {recipe.name} already. Choose another name")
        recipes.save(session.kept(), recipe)
        if was and was != recipe.name:
            recipes.delete(session.kept(), was)
    except WorkbenchError as error:
        st.session_state[_REFUSED] = error
        return
    _over()


def _settings() -> Row:
    """Return by what days and weeks begin here, once something is loaded."""
    workspace = session.kept()
    return {} if workspace.is_empty else {name: getattr(workspace, name) for name in recipes.SETTINGS}


def _plain(row: Row) -> Row:
    """Return a row as a recipe's file has it: without its number and what is left open."""
    return {name: value for name, value in row.items() if name != "id" and value not in (None, "")}


def _over() -> None:
    st.session_state.pop(_DRAFT, None)
