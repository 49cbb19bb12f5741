"""The Data page's way in: a drop zone that says what it takes, files of allowed folders, and what no file says."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st

from workbench.drawing import formats
from workbench.errors import WorkbenchError, one_line
from workbench.exports import KINDS, VENDORS, ExportKind
from workbench.intake import folders
from workbench.intake.choices import Choices
from workbench.store.workspace import Workspace
from workbench.time import zones
from workbench.ui import session, uploads
from workbench.ui.session import escaped
from workbench.ui.uploads import DATE_ORDERS, DECIMALS, kind_label

ARCHIVES = ("gz", "zip")
_TURN = "uploads:turn"  # of the drop target: a new one lets go of the bytes of the old one
_SAID = "uploads:said"  # the keys of what is said of files that do not say it themselves
WIDTHS = (4, 7)
NAMES = 137  # pixels of the names before what is taken


def drop_zone(workspace: Workspace) -> None:
    """Draw the drop zone; what is dropped in it, or picked from a folder, is looked into at once."""
    with st.container(border=True, key="drop-zone"):
        left, right = st.columns(WIDTHS, gap="medium", vertical_alignment="center")
        with right:
            _taken()
            choices = _what_no_file_says(workspace)
        with left, st.container(horizontal_alignment="center", gap="xsmall", key="drop-zone-files"):
            dropped = _dropped()
            each, all_ = st.get_option("server.maxUploadSize"), uploads.MOST >> 20
            st.caption(f"Several at once, up to {each} MB each and {all_} MB in all; they may overlap")
            given = dropped or _from_folders(workspace)
    if given:
        st.session_state[_TURN] += 1
        uploads.give(workspace, given, choices)


def _dropped() -> Sequence[uploads.Upload]:
    turn = st.session_state.setdefault(_TURN, 0)
    return st.file_uploader(
        "Drop exports here", folders.ENDINGS, accept_multiple_files=True, key=f"uploads:files:{turn}",
        disabled=uploads.is_loading(),
    )  # fmt: skip


def _from_folders(workspace: Workspace) -> list[Path]:
    """Draw the list of files of the allowed folders; return those that were picked."""
    with st.popover("or a folder", type="tertiary", key="uploads:folder", on_change="rerun") as popover:
        if not popover.open:
            return []
        places = workspace.folders
        if not places:
            st.caption("For files too large to drop. Name the folders with your exports in the settings first.")
            st.page_link("pages/settings.py", label="Open the settings", icon=":material/settings:")
            return []
        found = folders.listed(places)
        picked = st.multiselect(
            "Files", found, key=f"uploads:picked:{st.session_state[_TURN]}",
            disabled=uploads.is_loading(), placeholder="Choose files",
            format_func=session.distinctly(found, partial(_named, places), lambda path: one_line(str(path.parent))),
            help=f"Files of {', '.join(escaped(str(place)) for place in places)}",
        )  # fmt: skip
        names = "this file" if len(picked) == 1 else f"these {len(picked)} files"
        if not st.button(f"Take {names}" if picked else "Take files", disabled=not picked or uploads.is_loading()):
            return []
    try:
        return [folders.inside(path, places) for path in picked]
    except WorkbenchError as error:
        session.failed(error)
        return []


def _named(places: Sequence[Path], path: Path) -> str:
    place = next((place for place in places if path.is_relative_to(place)), path.parent)
    return f"{one_line(str(path.relative_to(place)))} · {formats.size(path.stat().st_size)}"


def _taken() -> None:
    """Say which exports are taken, in which forms, and how they are recognised."""
    lines = {
        **{kinds[0].system: " · ".join(kind.title for kind in kinds) for kinds in (each.KINDS for each in VENDORS)},
        "Anything else": "You match its columns once; the next file is recognised",
        "As": f"{', '.join(ending.upper() for ending in folders.ENDINGS if ending not in ARCHIVES)};"
        f" {' or '.join(ending.upper() for ending in ARCHIVES)} of them",
        "Recognised": f"by their columns{_by_name()}",
    }
    st.table(
        {"": [f":gray[{name}]" for name in lines], " ": list(lines.values())},
        border=False, hide_header=True, hide_index=True, alt="Exports that are taken",
    )  # fmt: skip


def _by_name() -> str:
    """Name the kinds whose columns are the same, so that the file's name has to tell them."""
    alike: dict[tuple[tuple[str, ...], ...], list[ExportKind]] = {}
    for kind in KINDS.values():
        alike.setdefault(tuple(column.headers for column in kind.columns), []).append(kind)
    named = [_listed(kinds) for kinds in alike.values() if len(kinds) > 1]
    return f"; {'; '.join(named)} by that word in the file name" if named else ""


def _listed(kinds: Sequence[ExportKind]) -> str:
    """Return kinds as a list, the word that all of their titles begin with once."""
    first, *others = [kind.title for kind in kinds]
    if {first} == set(others):
        return f"{first} of {' and '.join(kind.system for kind in kinds)}"
    word = f"{first.split(' ')[0]} "
    rest = [title.removeprefix(word) for title in others]
    return f"{', '.join([first, *rest[:-1]])} and {rest[-1]}"


def _what_no_file_says(workspace: Workspace) -> Choices:
    """Draw the zone, and what else files may leave open; each holds for files that do not say it themselves."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="drop-zone-said"):
        st.markdown(":small[:gray[Time zone]]", width=NAMES)
        line = st.container(width="content")
        with st.popover("Change", type="tertiary", key="uploads:unsaid"):
            choices = _asked(workspace)
        said = {
            "zone": (choices.zone or workspace.reporting_zone).replace("_", " "),
            "kind": kind_label(choices.kind) if choices.kind else "",
            "order": DATE_ORDERS[choices.date_order] if choices.date_order else "",
            "decimal": f"decimals: {DECIMALS[choices.decimal]}" if choices.decimal else "",
        }
        line.markdown(f":small[{' · '.join(filter(None, said.values()))}, where a file does not say]")
    return choices


def _asked(workspace: Workspace) -> Choices:
    st.caption("For files that do not say it themselves, those that wait below among them.")
    zone = st.selectbox(
        "Time zone of their times", zones.names(), None, placeholder=workspace.reporting_zone.replace("_", " "),
        format_func=lambda name: name.replace("_", " "), help="Used for files without a time zone column.",
        key=f"{_SAID}:zone", on_change=_said, args=(workspace, "zone"),
    )  # fmt: skip
    kind = st.selectbox(
        "Kind of export", list(KINDS), None, placeholder="Recognise it", format_func=kind_label, key=f"{_SAID}:kind",
        on_change=_said, args=(workspace, "kind"),
    )  # fmt: skip
    order = st.selectbox(
        "Order of dates", list(DATE_ORDERS), None, placeholder="Year first", format_func=DATE_ORDERS.__getitem__,
        key=f"{_SAID}:date_order", on_change=_said, args=(workspace, "date_order"),
    )  # fmt: skip
    decimal = st.selectbox(
        "Decimals come after", list(DECIMALS), None, placeholder="As the numbers tell", key=f"{_SAID}:decimal",
        format_func=DECIMALS.__getitem__, on_change=_said, args=(workspace, "decimal"),
    )  # fmt: skip
    return Choices(kind=kind, zone=zone, date_order=order, decimal=decimal)


def _said(workspace: Workspace, name: str) -> None:
    """Look into the files anew that wait to be loaded, since something else is said of them."""
    if uploads.is_loading():
        return
    said = {name: st.session_state[f"{_SAID}:{name}"]}
    arrivals = [arrival for arrival in uploads.waiting() if not arrival.is_tried]
    uploads.look_again(workspace, [(arrival, replace(arrival.choices, **said)) for arrival in arrivals])


def templates() -> None:
    """Draw a download for each kind of file that is no vendor's: an empty one with the header it needs."""
    st.caption("Fill one in, or drop the file you have: what its columns are called is asked for before it is loaded.")
    with st.container(horizontal=True):
        for kind in KINDS.values():
            if kind.is_ours:
                st.download_button(
                    kind_label(kind.name), kind.template, f"{kind.file_names[0]}.csv", "text/csv",
                    key=f"template:{kind.name}", icon=":material/download:", on_click="ignore",
                )  # fmt: skip
