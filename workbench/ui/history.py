"""The history of loads: every load, taking one back out, and which two to compare."""

import json

import pandas as pd
import streamlit as st

from workbench.ask.selection import short
from workbench.drawing import formats
from workbench.errors import WorkbenchError
from workbench.intake.meanings import explained
from workbench.store.workspace import Workspace
from workbench.time import zones
from workbench.time.words import timestamp
from workbench.ui import comparing, inventory, session, uploads
from workbench.ui.comparing import LoadRecord
from workbench.ui.inventory import COUNTS, Rejected
from workbench.ui.session import escaped

_ASKED = "history:asked"  # the load that is about to be taken back
_SAID = "history:said"  # what the next run says: a toast of a run that ends at once may not be seen


def history(workspace: Workspace) -> None:
    """Draw every load, newest first, and what can be done with those that are selected."""
    if said := st.session_state.pop(_SAID, None):
        st.toast(said, icon=":material/undo:")
    records = _records(workspace)
    st.caption(
        "Select a load to take it back, to see its warnings and its rows set aside, two of one kind to compare them."
    )
    selected = st.dataframe(
        pd.DataFrame([_shown(workspace.reporting_zone, record) for record in records]), hide_index=True,
        placeholder=formats.MISSING, column_config=inventory.columns_config(), alt="All loads",
        on_select="rerun", selection_mode="multi-row", key=f"history:{workspace.version}",
    )  # fmt: skip
    chosen = [records[n] for n in selected["selection"]["rows"] if n < len(records)]
    if len(chosen) == 1:
        _one(workspace, chosen[0])
    elif len(chosen) == 2:
        older, newer = sorted(chosen, key=lambda record: int(record["load_id"]))
        comparing.compared(workspace, older, newer)
    elif chosen:
        st.caption("Select one load, or two.")


def _records(workspace: Workspace) -> list[LoadRecord]:
    stored = ("load_id", "loaded_at", "file", "kind", "timezone", "period_from", "period_to", "sha256", "chosen")
    names, reported = (*stored, *COUNTS), ("delimiter", "warnings")
    found = workspace.rows(
        f"select {', '.join(names)}, json_extract_string(report, '$.delimiter'),"
        " json_extract_string(report, '$.warnings[*]') from loads order by load_id desc"
    )
    return [dict(zip((*names, *reported), row, strict=True)) for row in found]


def _shown(zone: str, record: LoadRecord) -> dict[str, object]:
    start, end = record["period_from"], record["period_to"]
    return {
        "File": record["file"],
        "Export": inventory.kinds_named(record["kind"]),
        "Loaded": timestamp(zones.wall_from_utc(record["loaded_at"], zone)),
        "Days": short((start, end)) if start and end else None,
        **{label: record[name] for name, label in COUNTS.items()},
        "Time zone": str(record["timezone"] or "").replace("_", " ") or None,
    }


def _one(workspace: Workspace, record: LoadRecord) -> None:
    """Draw where one load comes from, what is odd about it, and what can be done with it, after a second click."""
    st.caption(f"Chosen for it: {_chosen(record)}. SHA-256 of the file: {record['sha256'] or formats.MISSING}")
    inventory.warnings(explained(record["warnings"]))
    if record["rows_rejected"]:
        rejected = Rejected(record["load_id"], record["file"], record["rows_rejected"], str(record["delimiter"] or ","))
        inventory.rejects(workspace, rejected, "history")
    if st.session_state.get(_ASKED) != record["load_id"]:
        st.button(
            "Take this load back", icon=":material/undo:", disabled=uploads.is_loading(), key="history:undo",
            on_click=_ask, args=(record["load_id"],),
        )  # fmt: skip
        return
    read = int(record["rows_read"])
    with st.container(border=True):
        st.markdown(
            f"**Take back {formats.count(read)} {'row' if read == 1 else 'rows'} of {escaped(record['file'])}?**"
        )
        st.caption(
            "The tables become those of the other loads alone. The file itself stays where it is. The workspace is"
            " written anew without the load, which takes some seconds where it is large."
        )
        with st.container(horizontal=True):
            if st.button("Take back", type="primary", key="history:confirmed", disabled=uploads.is_loading()):
                _take_back(workspace, record)
            st.button("Keep", key="history:kept", on_click=_ask, args=(None,))


def _chosen(record: LoadRecord) -> str:
    """Return what was chosen for a load in words; of those of an earlier version it is not known."""
    if record["chosen"] is None:
        return formats.MISSING
    chosen = json.loads(record["chosen"])
    chosen |= {"kind": inventory.kinds_named(chosen["kind"])} if "kind" in chosen else {}
    chosen |= {"mapping": "its columns"} if "mapping" in chosen else {}
    return ", ".join(f"{name.replace('_', ' ')} {escaped(str(value))}" for name, value in chosen.items()) or "nothing"


def _ask(load_id: int | None) -> None:
    st.session_state[_ASKED] = load_id


def _take_back(workspace: Workspace, record: LoadRecord) -> None:
    try:
        with st.spinner("Taking it back, and writing the workspace anew"):
            workspace.unload(record["load_id"])
    except WorkbenchError as error:
        session.failed(error)
        return
    _ask(None)
    uploads.forget(record["load_id"])
    names = ", ".join(escaped(copy.name) for copy in workspace.copies)
    copies = f". Copies made before still hold it: {names}" if names else ""
    st.session_state[_SAID] = f"Taken back: {escaped(record['file'])}{copies}"
    st.rerun()
