"""Targets, notes on days and calendars, on the page Settings: listed, set, deleted, handed over as a file."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from workbench.ask import calendars, hours, notes, targets
from workbench.ask.hours import Calendar
from workbench.ask.notes import Note
from workbench.ask.selection import short
from workbench.ask.targets import Target
from workbench.drawing import formats
from workbench.errors import WorkbenchError
from workbench.reports import REPORTS, Metric
from workbench.store.workspace import Workspace
from workbench.time import zones
from workbench.ui import session
from workbench.ui.session import escaped, told_apart

GOOD = {"up": "or more", "down": "or less"}
UNITS = {"rate": "percent", "duration": "seconds"}
MOST_MEGABYTES = 1  # of a file
WIDTH, WIDE = 560, 840  # pixels of a line, and of a calendar's
_TOLD = "aims:told"  # how the last change went


def aims(workspace: Workspace) -> None:
    """Draw the targets, the notes and the calendars of a workspace."""
    if told := st.session_state.pop(_TOLD, None):
        if isinstance(told, WorkbenchError):
            session.failed(told)
        else:
            st.toast(told, icon=":material/check:")
    st.subheader("Targets", anchor=False)
    found = [target for target in targets.saved(workspace) if workspace.actor.sees(target.report)]
    for number, target in enumerate(found):
        of = f"{target.metric} {number}"
        _row(_said(target), of, partial(targets.delete, workspace, target))
    if not found:
        st.caption("None yet. A card with a target is green where it is met, and red with what is missing where not.")
    with st.expander("Set a target", key="aims:target"):
        _target(workspace)
    _files("targets", targets.exported(found), lambda text: targets.imported(workspace, text), has_any=bool(found))
    st.subheader("Notes on days", anchor=False)
    noted = notes.saved(workspace)
    for number, note in enumerate(noted):
        _row(_noted(note), f"{note.text} {number}", partial(notes.delete, workspace, note.days, note.text))
    if not noted:
        st.caption("None yet. A note such as *promotion* or *outage* is drawn on the charts over time.")
    with st.expander("Set a note", key="aims:note"):
        _note(workspace)
    _files("notes", notes.exported(noted), lambda text: notes.imported(workspace, text), has_any=bool(noted))
    st.subheader("Calendars", anchor=False)
    kept = hours.saved(workspace)
    for calendar in kept:
        _row(_open(calendar), calendar.name, partial(calendars.delete, workspace, calendar.name), WIDE)
    if not kept:
        st.caption("None yet. Opening hours and holidays say which part of a wait lies within business hours.")
    with st.expander("Set a calendar", key="aims:calendar", on_change="rerun") as expander:
        if expander.open:
            _calendar(workspace)
    _files("calendars", calendars.exported(kept), lambda text: calendars.imported(workspace, text), has_any=bool(kept))


def _seen(workspace: Workspace) -> list[str]:
    return [name for name in REPORTS if workspace.actor.sees(name)]


def _said(target: Target) -> str:
    report = REPORTS[target.report]
    metric = report.metric(target.metric)
    of = targets.for_words(target, report)
    return f"{report.title}: **{metric.label}** {escaped(formats.target(target, metric))} :gray[{escaped(of)}]"


def _noted(note: Note) -> str:
    on = ", ".join(REPORTS[name].title for name in note.reports) or "all reports"
    return f"{short(note.days)}: **{escaped(note.text)}** :gray[{on}]"


def _open(calendar: Calendar) -> str:
    said = str(calendar).removeprefix(f"{calendar.name}: ")
    return f"**{escaped(calendar.name)}**: {escaped(said)}"


def _row(said: str, of: str, delete: Callable[[], object], width: int = WIDTH) -> None:
    with st.container(horizontal=True, vertical_alignment="center", width=width, gap="small"):
        st.markdown(said, width="content")
        st.space("stretch")
        st.button(
            told_apart("Delete", of), key=f"aims-delete:{of}", icon=":material/delete:", type="tertiary",
            on_click=_done, args=(delete, "Deleted"),
        )  # fmt: skip


def _done(change: Callable[[], object], said: str) -> None:
    """Make a change, and tell how it went when the page is drawn again."""
    try:
        change()
        st.session_state[_TOLD] = said
    except WorkbenchError as error:
        st.session_state[_TOLD] = error


def _target(workspace: Workspace) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        report = REPORTS[_choice("Report", "report", _seen(workspace), lambda name: REPORTS[name].title)]
        known = targets.metrics(report)
        metric = known[_choice("Figure", f"metric:{report.name}", list(known), lambda name: known[name].label)]
        unit = UNITS.get(metric.format, "")
        value = st.number_input(
            f"Target, in {unit}" if unit else "Target", value=None, key=f"aims:value:{metric.name}", format="%g",
            width=150,
        )  # fmt: skip
        sides = list(GOOD) if metric.good != "down" else list(GOOD)[::-1]
        good = _choice("Good is", f"good:{metric.name}", sides, GOOD.__getitem__)
        since = st.date_input("Holds from", None, key="aims:since", format="YYYY/MM/DD", width=150)
        keys = ["", *(d.key for d in report.filters if not d.condition)]
        key = _choice(
            "For", f"for:{report.name}", keys, lambda key: report.dimension(key).label if key else "Everything"
        )
        only = st.text_input("Value, as stored", key="aims:only", placeholder="PHONE_CALL") if key else ""

    def save() -> None:
        targets.put(workspace, _made(report.name, metric, value, good, since, f"{key}={only}" if key else ""))

    st.button("Set target", type="primary", on_click=_done, args=(save, "Saved"), disabled=value is None)


def _made(report: str, metric: Metric, value: float | None, good: str, since: Any, only: str) -> Target:
    number = round((value or 0) / 100, 12) if metric.format == "rate" else value
    day = since.isoformat() if isinstance(since, date) else ""
    return targets.said(report, metric.name, str(number), good, day, only)


def _choice(label: str, key: str, options: Sequence[str], named: Callable[[str], str]) -> str:
    return str(st.selectbox(label, options, key=f"aims:{key}", format_func=named, width=190))


def _note(workspace: Workspace) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Note", key="aims:text", placeholder="promotion", width=220)
        days = st.date_input("Day or range", [], key="aims:days", format="YYYY/MM/DD", width=220)
        named = st.multiselect(
            "On the charts of", _seen(workspace), key="aims:reports", placeholder="All reports", width=300,
            format_func=lambda name: REPORTS[name].title,
        )  # fmt: skip
    picked = [day.isoformat() for day in days] if isinstance(days, tuple) else []

    def save() -> None:
        notes.put(workspace, notes.said(text, picked[0], picked[-1], named))

    st.button("Set note", type="primary", on_click=_done, args=(save, "Saved"), disabled=not picked or not text.strip())


def _calendar(workspace: Workspace) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Calendar", key="aims:calendar:name", placeholder="Desk", width=150)
        known = zones.names()
        zone = st.selectbox(
            "Time zone", known, known.index(workspace.reporting_zone), key="aims:calendar:zone", width=220
        )
        week = st.text_input(
            "Opening hours", key="aims:calendar:hours", placeholder=f"{hours.SAID} sat=10:00-14:00", width=300,
            help="Days and hours; several spans are joined by commas, as 09:00-12:00,13:00-17:00. 22:00-06:00 goes past"
            " midnight, and a whole day is 00:00-24:00.",
        )  # fmt: skip
        days = st.text_input("Holidays", key="aims:calendar:holidays", placeholder="2026-12-25 2027-01-01", width=220)
        country = st.text_input(
            "Holidays of", key="aims:calendar:country", placeholder="US or DE-BY", width=130,
            help="A country, or a part of one, whose holidays count as well.",
        )  # fmt: skip
        inboxes = st.multiselect(
            "Inboxes", _inboxes(workspace), key="aims:calendar:inboxes", placeholder="Pick or type", width=300,
            accept_new_options=True, help="They follow it. Every inbox that no calendar names follows the default one.",
        )  # fmt: skip
        is_default = st.checkbox("Default", key="aims:calendar:default")

    def save() -> None:
        made = hours.said(name, zone, [week], days.split(), country, inboxes, is_default=is_default)
        calendars.put(workspace, made)

    st.button(
        "Set calendar", type="primary", on_click=_done, args=(save, "Saved"),
        disabled=not (name.strip() and week.strip()),
    )  # fmt: skip


def _inboxes(workspace: Workspace) -> list[str]:
    """Return the inboxes in which a loaded contact was first queued."""
    found = workspace.rows(
        "select distinct inbox_when_first_queued from gladly_contact_export"
        " where inbox_when_first_queued is not null order by 1 limit 1000"
    )
    return [inbox for (inbox,) in found]


def _files(what: str, text: str, take: Callable[[str], object], *, has_any: bool) -> None:
    """Draw how a list is carried to another workspace."""
    with st.expander(f"Carry {what} to another workspace", key=f"aims:{what}:files"):
        st.download_button(
            told_apart("Download all", what), text, f"{what}.json", "application/json", icon=":material/download:",
            on_click="ignore", disabled=not has_any, key=f"aims-download:{what}",
        )  # fmt: skip
        given = st.file_uploader(f"Take over {what}", "json", key=f"aims:{what}:file", max_upload_size=MOST_MEGABYTES)
        if given:
            read = given.getvalue().decode("utf-8", errors="replace")
            st.button(
                told_apart("Take over", what), key=f"aims-take:{what}", on_click=_done,
                args=(lambda: take(read), "Taken over"),
            )  # fmt: skip
