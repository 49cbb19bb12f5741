"""The history of loads: every load, what is odd about one, taking it back, and which other to compare it with."""

import json
from collections.abc import Sequence

import streamlit as st

from workbench.drawing import formats
from workbench.intake.meanings import explained
from workbench.intake.outcome import kinds_of
from workbench.store.workspace import Workspace
from workbench.time import zones
from workbench.time.words import timestamp
from workbench.ui import comparing, inventory, taking_back
from workbench.ui.comparing import LoadRecord
from workbench.ui.inventory import COUNTS, Rejected
from workbench.ui.session import escaped

_OTHER = "history:other"  # the load that the selected one is compared with


def history(workspace: Workspace) -> None:
    """Draw every load, newest first, and what can be done with the one that is selected."""
    records = comparing.records(workspace)
    st.caption("Select a load to take it back, to see its warnings and rejected rows, or to compare it with another.")
    selected = st.dataframe(
        inventory.texts(_shown(workspace.reporting_zone, record) for record in records), hide_index=True,
        placeholder=formats.MISSING, column_config=inventory.columns_config(), alt="All loads",
        on_select="rerun", selection_mode="single-row", key=f"history:{workspace.version}",
    )  # fmt: skip
    chosen = [records[n] for n in selected["selection"]["rows"] if n < len(records)]
    if chosen:
        _one(workspace, chosen[0], records)


def _shown(zone: str, record: LoadRecord) -> dict[str, object]:
    return {
        "Load": str(record["load_id"]),
        "File": record["file"],
        "Recognised as": inventory.kinds_named(record["kind"]),
        "Loaded at": timestamp(zones.wall_from_utc(record["loaded_at"], zone)),
        "Days": inventory.days_of(record["period_from"], record["period_to"]),
        **{label: record[name] for name, label in COUNTS.items()},
        "Time zone": str(record["timezone"] or "").replace("_", " ") or None,
    }


def _one(workspace: Workspace, record: LoadRecord, records: Sequence[LoadRecord]) -> None:
    """Draw where one load comes from, what is odd about it, and what can be done with it."""
    st.caption(f"Chosen for it: {_chosen(record)}. SHA-256 of the file: {record['sha256'] or formats.MISSING}")
    inventory.warnings(explained(record["warnings"]))
    if record["rows_rejected"] and all(map(workspace.actor.sees_kind, kinds_of(record))):
        rejected = Rejected(record["load_id"], record["file"], record["rows_rejected"], str(record["delimiter"] or ","))
        inventory.rejects(workspace, rejected, "history")
    taken = [record["load_id"]]
    taking_back.button("history", taken, record["file"])
    taking_back.asked(workspace, "history", taken, record["file"], record["rows_read"])
    _compared(workspace, record, comparing.of_its_kind(record, records))


def _compared(workspace: Workspace, record: LoadRecord, others: Sequence[LoadRecord]) -> None:
    """Offer the other loads of the same kind to compare a load with, and no others."""
    if not others:
        st.caption("There is no other load of its kind to compare it with.")
        return
    labels = {
        other["load_id"]: f"Load {other['load_id']}: {other['file']}" for other in others
    }  # fmt: skip
    other = st.selectbox(
        "Compare it with another load of its kind", labels, None, format_func=labels.__getitem__,
        key=f"{_OTHER}:{record['load_id']}", placeholder="Choose a load", width=420,
    )  # fmt: skip
    if other is not None:
        found = next(each for each in others if each["load_id"] == other)
        older, newer = sorted((record, found), key=lambda each: int(each["load_id"]))
        comparing.shown(workspace, older, newer)


def _chosen(record: LoadRecord) -> str:
    """Return what was chosen for a load in words; of those of an earlier version it is not known."""
    if record["chosen"] is None:
        return formats.MISSING
    chosen = json.loads(record["chosen"])
    chosen |= {"kind": inventory.kinds_named(chosen["kind"])} if "kind" in chosen else {}
    chosen |= {"mapping": "its columns"} if "mapping" in chosen else {}
    return ", ".join(f"{name.replace('_', ' ')} {escaped(str(value))}" for name, value in chosen.items()) or "nothing"
