"""How two loads of one kind differ: rows added, changed and vanished, with counts per column."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st
from pandas.api.types import is_numeric_dtype

from workbench.drawing import formats
from workbench.errors import WorkbenchError
from workbench.exports import KINDS, ExportKind
from workbench.intake.history import Comparison
from workbench.intake.outcome import kinds_of
from workbench.reports.labels import OF_THE_FILE, spoken
from workbench.store.workspace import Workspace
from workbench.time import words, zones
from workbench.ui import inventory, session
from workbench.ui.inventory import COUNTS
from workbench.ui.session import escaped

MOST_SHOWN = 1_000  # rows of a table; the download has all
CHANGED_ROWS = "Rows changed"
# Columns of a comparison, and of rows, that no kind declares.
LABELS = {
    "occurrence": "Which of several", "extra": "Other columns", "column": "Column", "old": "Before", "new": "After",
}  # fmt: skip
MEANINGS = {
    LABELS["occurrence"]: "Which of several equal events of a log the row is.",
    LABELS["extra"]: "Columns of the file that are none of the export's documented ones.",
    LABELS["column"]: "The column of which the two loads have another value.",
    LABELS["old"]: "What the earlier load has.",
    LABELS["new"]: "What the later load has.",
    CHANGED_ROWS: "In how many rows that both loads have the value is another one.",
}
_DONE = "history:compared"

LoadRecord = dict[str, Any]


def records(workspace: Workspace) -> list[LoadRecord]:
    """Return every load as the workspace records it, newest first."""
    stored = ("load_id", "loaded_at", "file", "kind", "timezone", "period_from", "period_to", "sha256", "chosen")
    names, reported = (*stored, *COUNTS), ("delimiter", "warnings")
    found = workspace.rows(
        f"select {', '.join(names)}, json_extract_string(report, '$.delimiter'),"
        " json_extract_string(report, '$.warnings[*]') from loads order by load_id desc"
    )
    return [dict(zip((*names, *reported), row, strict=True)) for row in found]


def of_its_kind(record: LoadRecord, among: Iterable[LoadRecord]) -> list[LoadRecord]:
    """Return the other loads that a load can be compared with."""
    return [other for other in among if other["load_id"] != record["load_id"] and _kind(other) == _kind(record)]


def _kind(record: LoadRecord) -> str:
    """Return what the rows of a load are, by its first kind; those of a log with several are of one table."""
    names = kinds_of(record)
    return KINDS[names[0]].table if len(names) > 1 and names[0] in KINDS else names[0]


def shown(workspace: Workspace, older: LoadRecord, newer: LoadRecord) -> None:
    """Draw how the newer of two loads differs from the older one."""
    asked = (str(workspace.path), workspace.version, older["load_id"], newer["load_id"])
    known = st.session_state.get(_DONE)
    if known is None or known[0] != asked:
        try:
            with st.spinner("Comparing"):
                known = (asked, workspace.compare(older["load_id"], newer["load_id"]))
        except WorkbenchError as error:
            session.failed(error)
            return
        st.session_state[_DONE] = known
    zone = workspace.reporting_zone
    st.markdown(f"**From** {_named(older, zone)} **to** {_named(newer, zone)}")
    _comparison(known[1])


def _named(record: LoadRecord, zone: str) -> str:
    loaded = words.timestamp(zones.wall_from_utc(record["loaded_at"], zone))
    return f"load {record['load_id']}, {escaped(record['file'])} :gray[({loaded})]"


def _comparison(found: Comparison) -> None:
    counts = {
        "Added": len(found.added), "Changed": found.changed_rows, "Vanished": len(found.vanished),
        "Unchanged": found.unchanged,
    }  # fmt: skip
    with st.grid(len(counts), min_column_width=100):
        for label, count in counts.items():
            st.metric(label, formats.count(count))
    for count, what, which in (
        (found.outside_first, "added", "earlier"),
        (found.outside_second, "vanished", "later"),
    ):
        if count:
            st.caption(
                f":material/info: {count:,} of the rows {what} are on days that the {which} load does not cover."
            )
    tabs = {name: rows for name, rows in _tables(found).items() if len(rows)}
    if not tabs:
        st.caption("Both hold the same rows.")
        return
    for tab, (name, rows) in zip(st.tabs(list(tabs)), tabs.items(), strict=True):
        with tab:
            _rows(found.kind, name, rows)


def _tables(found: Comparison) -> dict[str, pd.DataFrame]:
    """Return the tables by their names, with headers and names of columns as people call them."""
    kind = found.kind
    columns = pd.DataFrame(
        [(_label(kind, name), count) for name, count in found.columns.items()], columns=[LABELS["column"], CHANGED_ROWS]
    )
    changed = found.changed.assign(column=[_label(kind, name) for name in found.changed["column"]])
    return {
        "Changes by column": columns,
        "Changed": _labelled(kind, changed),
        "Added": _labelled(kind, found.added),
        "Vanished": _labelled(kind, found.vanished),
    }


def _labelled(kind: ExportKind, rows: pd.DataFrame) -> pd.DataFrame:
    return rows.rename(columns={str(name): _label(kind, str(name)) for name in rows.columns})


def _label(kind: ExportKind, name: str) -> str:
    labels = LABELS | {column.name: column.label for column in kind.columns}
    return labels.get(name) or spoken(name)


def _rows(kind: ExportKind, name: str, rows: pd.DataFrame) -> None:
    read = _as_read(kind, rows.head(MOST_SHOWN))
    meanings = {column.label: column.description for column in kind.columns} | MEANINGS
    config = {
        str(column): st.column_config.TextColumn(
            help=meanings.get(str(column), OF_THE_FILE), alignment="right" if is_numeric_dtype(rows[column]) else None
        )
        for column in read
    }
    texts = inventory.texts({str(name): value for name, value in row.items()} for row in read.to_dict("records"))
    st.dataframe(texts, hide_index=True, placeholder=formats.MISSING, column_config=config, alt=name)
    if len(rows) > MOST_SHOWN:
        st.caption(f"The first {MOST_SHOWN:,} of {len(rows):,} rows; the download has all.")
    exact = rows.astype(object).where(rows.notna(), None)
    header, found = list(map(str, rows.columns)), exact.itertuples(index=False, name=None)
    inventory.download_safe("Download", header, found, name.lower().replace(" ", "-"), "comparison")


def _as_read(kind: ExportKind, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with their times as texts, those before and after a change too; a download has them as they are."""
    shown = rows.copy()
    for column in rows.select_dtypes("datetime").columns:
        shown[column] = [_moment(value) for value in rows[column]]
    times = {column.label for column in kind.columns if column.type in ("timestamp", "date")}
    for column in {LABELS["old"], LABELS["new"]} & set(rows.columns):
        pairs = zip(rows[LABELS["column"]], rows[column], strict=True)
        shown[column] = [_moment(value) if label in times else value for label, value in pairs]
    return shown


def _moment(value: Any) -> str | None:
    return None if formats.is_missing(value) else words.moment(pd.Timestamp(value))
