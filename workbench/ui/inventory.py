"""What is loaded: what became of a file, every row that was set aside, kinds with their days, and all loads."""

import csv
import io
from typing import Any

import pandas as pd
import streamlit as st

from workbench import formats, zones
from workbench.exports import KINDS
from workbench.intake.load import LoadReport, holds
from workbench.intake.schema import rows_sql
from workbench.selection import short
from workbench.ui.session import escaped
from workbench.workbook import safe
from workbench.workspace import Workspace

COUNTS = {
    "rows_read": "Rows read", "rows_loaded": "New", "rows_updated": "Updated", "rows_unchanged": "Unchanged",
    "rows_rejected": "Set aside",
}  # fmt: skip


def load_report(workspace: Workspace, report: LoadReport) -> None:
    """Draw what became of one file: its kind and days, the counts that add up, warnings, rows set aside."""
    with st.container(border=True):
        kind = KINDS[report.kind].title if report.kind else "Not recognised"
        days = f" · {short((report.period_from, report.period_to))}" if report.period_from and report.period_to else ""
        st.markdown(f"**{escaped(report.file)}**  \n:gray[{kind}{days} · {(report.timezone or '').replace('_', ' ')}]")
        with st.grid(len(COUNTS), min_column_width=100):
            for name, label in COUNTS.items():
                st.metric(label, formats.count(getattr(report, name)))
        for warning in report.warnings:
            st.caption(f":material/info: {escaped(warning)}")
        if report.rows_rejected and report.load_id is not None:
            rejects(workspace, report.file, report.load_id)


def rejects(workspace: Workspace, file: str, load_id: int) -> None:
    """Draw the rows of a load that were set aside, with reasons and a download of all of them."""
    found = workspace.rows('select row, "column", value, reason from rejects where load_id = ? order by all', [load_id])
    with st.expander(f"{formats.count(len(found))} {'row' if len(found) == 1 else 'rows'} set aside"):
        columns = ["Row", "Column", "Value", "Reason"]
        shown = pd.DataFrame(found, columns=columns)
        st.dataframe(shown, hide_index=True, placeholder=formats.MISSING, alt="Rows set aside")
        name = f"{file.rsplit('.', 1)[0]}-set-aside-{load_id}.csv"
        st.download_button(
            "Download", _safe_csv([tuple(columns), *found]), name, "text/csv", key=f"rejects:{load_id}",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _safe_csv(rows: list[tuple[object, ...]]) -> bytes:
    """Return rows as CSV in which no text is a formula to a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([safe(value) if isinstance(value, str) else value for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def kinds(workspace: Workspace) -> None:
    """Draw what is loaded by kind: rows, files and days covered."""
    loads = workspace.loads()
    shown = [_kind(workspace, kind, loads) for kind in KINDS if any(holds(load, [kind]) for load in loads)]
    st.dataframe(
        pd.DataFrame(shown), hide_index=True, placeholder=formats.MISSING, alt="What is loaded, by kind",
        column_config={name: st.column_config.NumberColumn(format="localized") for name in ("Rows", "Files")},
    )  # fmt: skip


def _kind(workspace: Workspace, kind: str, loads: list[dict[str, object]]) -> dict[str, object]:
    rows = workspace.rows(f"select count(*) from {rows_sql(KINDS[kind])}")[0][0]
    spans = workspace.covered(kind)
    zone = workspace.reporting_zone
    walls = [(zones.wall_from_utc(c.span[0], zone), zones.wall_from_utc(c.span[1], zone)) for c in spans]
    last = max((end for _, end in walls), default=None)
    days = short((min(start for start, _ in walls).date(), (last - last.resolution).date())) if last else None
    return {
        "Export": f"{KINDS[kind].system}: {KINDS[kind].title}",
        "Rows": rows,
        "Files": sum(holds(load, [kind]) for load in loads),
        "Days covered": days,
    }


def history(workspace: Workspace) -> None:
    """Draw every load, newest first."""
    found = workspace.rows(
        "select file, kind, loaded_at, period_from, period_to, rows_read, rows_loaded, rows_updated, rows_unchanged,"
        " rows_rejected, timezone from loads order by load_id desc"
    )
    shown = [_load(workspace.reporting_zone, row) for row in found]
    numbers = {label: st.column_config.NumberColumn(format="localized") for label in COUNTS.values()}
    st.dataframe(
        pd.DataFrame(shown), hide_index=True, placeholder=formats.MISSING, column_config=numbers, alt="All loads"
    )


def _load(zone: str, row: tuple[Any, ...]) -> dict[str, object]:
    file, kind, loaded_at, start, end, *counts, file_zone = row
    return {
        "File": file,
        "Export": KINDS[kind].title if kind in KINDS else kind,
        "Loaded": formats.timestamp(zones.wall_from_utc(loaded_at, zone)),
        "Days": short((start, end)) if start and end else None,
        **dict(zip(COUNTS.values(), counts, strict=True)),
        "Time zone": str(file_zone or "").replace("_", " ") or None,
    }
