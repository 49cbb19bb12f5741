"""What became of loads: the words and counts of their tables, warnings, and every row that was rejected."""

import csv
import hashlib
import io
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from workbench.ask.selection import short
from workbench.drawing import formats
from workbench.errors import WorkbenchError, reason
from workbench.exports import KINDS
from workbench.intake.dialect import DELIMITERS
from workbench.intake.headers import own_name
from workbench.intake.meanings import Remark
from workbench.intake.outcome import JOINED
from workbench.store.workspace import Workspace
from workbench.team import LOCAL
from workbench.ui import downloads, session, signed_in, uploads
from workbench.ui.session import escaped
from workbench.workbook import apostrophes, safe

COUNTS = {
    "rows_read": "Rows read", "rows_loaded": "Loaded", "rows_updated": "Updated", "rows_unchanged": "Unchanged",
    "rows_rejected": "Rejected",
}  # fmt: skip
# What the columns of tables of loads, and of rejected rows, mean.
MEANINGS = {
    "Load": "The number of the load, by which the command line and a notebook know it too.",
    "File": "The file as it was called; one in an archive with the archive's name in front.",
    "Recognised as": "Which kind of export the file was taken for.",
    "Loaded at": "When it was loaded, in the reporting zone.",
    "Days": "The first and the last day that it covers.",
    "Rows read": "The rows that the file has; the four counts beside it add up to it.",
    "Loaded": "Rows that were not there before.",
    "Updated": "Rows that took the place of an earlier load's.",
    "Unchanged": "Rows that were there already, as they are.",
    "Rejected": "Rows with a value that does not fit, kept apart with the reason.",
    "Time zone": "The zone in which the file's times were read; empty where no zone was needed.",
    "Row": "The line of the file, its header being the first.",
    "Column": "The column whose value does not fit, as the file calls it.",
    "Value": "The value as the file has it.",
    "Reason": "Why the row could not be loaded.",
}
MOST_SHOWN = 1_000  # rejected rows that the page shows; the downloads hold all


def kinds_named(kinds: str | None) -> str:
    """Return the kinds of a load as people call them."""
    titles = [uploads.kind_label(kind) if kind in KINDS else kind for kind in (kinds or "").split(JOINED) if kind]
    return ", ".join(titles) or "Not recognised"


def columns_config() -> dict[str, Any]:
    """Return how the columns of tables of files are shown, all of them texts, with what each means."""
    counts = (*COUNTS.values(), "Load", "Row")
    return {
        label: st.column_config.TextColumn(help=meaning, alignment="right" if label in counts else None)
        for label, meaning in MEANINGS.items()
    }


def texts(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Return a table whose texts are, to a screen reader too, what it shows: counts as such, missing as an en dash."""
    shown = [
        {label: formats.shown(value, "count" if isinstance(value, int) else "text") for label, value in row.items()}
        for row in rows
    ]
    return pd.DataFrame(shown)


def days_of(start: date | None, end: date | None) -> str | None:
    """Return the days of a load in words, None where it covers none."""
    return short((start, end)) if start and end else None


def warnings(remarks: Iterable[Remark]) -> None:
    """Draw the warnings of a load, each with what it means for the numbers."""
    for remark in remarks:
        means = f"  \nFor the numbers: {escaped(remark.means)}." if remark.means else ""
        if remark.is_doubtful:
            st.warning(f"{escaped(remark.warning)}{means}", icon=":material/warning:")
        else:
            st.caption(f":material/info: {escaped(remark.warning)}{means}")


@dataclass(frozen=True)
class Rejected:
    """The rows of a load that were rejected: how many, of which file, and that file's delimiter."""

    load_id: int
    file: str
    rows: int
    delimiter: str


def rejects(workspace: Workspace, load: Rejected, place: str = "") -> None:
    """Draw rejected rows, with their reasons and two downloads of all; `place` tells two on a page apart."""
    _record_clear_view(workspace, load.load_id)
    found = workspace.rows(
        'select row, "column", value, reason from rejects where load_id = ? order by all', [load.load_id]
    )
    with st.expander(f"{formats.rows(load.rows, 'rows')} rejected of {escaped(load.file)}", type="compact"):
        columns = ("Row", "Column", "Value", "Reason")
        shown = texts(dict(zip(columns, row, strict=True)) for row in found[:MOST_SHOWN])
        st.dataframe(
            shown, hide_index=True, placeholder=formats.MISSING, column_config=columns_config(), alt="Rejected rows"
        )
        if len(found) > MOST_SHOWN:
            st.caption(f"The first {MOST_SHOWN:,} of {len(found):,} reasons; the download has all.")
        with st.container(horizontal=True):
            download_safe("Download reasons", columns, found, f"{_stem(load.file)}-reasons", place)
            _download_rows(workspace, load, place)


def _record_clear_view(workspace: Workspace, load_id: int) -> None:
    """Record, once in a session, that somebody of a team is shown rejected rows, and may download them."""
    seen: set[tuple[Path | None, int]] = st.session_state.setdefault("rejects shown", set())
    if (workspace.path, load_id) not in seen and not workspace.is_masked:
        workspace.record("clear view", rejects=[load_id])
        seen.add((workspace.path, load_id))


def rows_to_correct(workspace: Workspace, load: Rejected) -> bytes:
    """Return the rejected rows as a file of their own header and delimiter, which loads once it is corrected.

    A delimiter that only the file itself could tell, by a line `sep=`, is another one here.
    """
    sql = "select record from rejected_records where load_id = ? order by row nulls first"
    records = [json.loads(record) for (record,) in workspace.rows(sql, [load.load_id])]
    return _csv(records, load.delimiter if load.delimiter in DELIMITERS else "|") if records else b""


def _download_rows(workspace: Workspace, load: Rejected, place: str) -> None:
    if content := rows_to_correct(workspace, load):
        download(
            "Download rows to correct", content, f"{_stem(load.file)}-rejected", place,
            "The rows as the file has them, exact. Correct them and load the file again: only they are in it.",
        )  # fmt: skip


def _stem(file: str) -> str:
    """Return a file's name without its ending; of a file in an archive, that file's."""
    return own_name(file).rsplit(".", 1)[0]


def download(label: str, content: bytes, stem: str, place: str = "", help: str | None = None) -> None:
    """Offer a CSV; its name carries its hash, since Streamlit tells large files apart by their names (guarantee 14)."""
    digest, who = hashlib.sha256(content).hexdigest(), signed_in.person()
    name = f"{stem}-{digest[:12]}.csv"
    if who is not LOCAL:
        if who.may("export"):
            link = downloads.address(_kept(content, digest), name, who.name)
            st.link_button(label, link, icon=":material/download:", help=help)
        return
    st.download_button(
        label, content, name, "text/csv", key=f"{label}:{place}:{name}", icon=":material/download:", on_click="ignore",
        help=help,
    )  # fmt: skip


def _kept(content: bytes, digest: str) -> Path:
    """Return the file that holds what a team's person may download; it goes once a row in it may be no more."""
    workspace = session.kept()
    file = workspace.files / "exports" / f"{digest}.csv"
    written = file.with_name(f"{uuid.uuid4().hex}.part")
    try:
        if not file.is_file():
            written.write_bytes(content)
            written.replace(file)
    except OSError as error:
        written.unlink(missing_ok=True)
        raise WorkbenchError(f"The download cannot be written ({reason(error)}). Free some space") from None
    if session.is_past(workspace):  # somebody was forgotten while the page was drawn
        file.unlink(missing_ok=True)
        st.rerun()
    return file


def download_safe(label: str, header: Sequence[str], rows: Iterable[Sequence[object]], stem: str, place: str) -> None:
    """Offer rows as CSV in which no text is a formula to a spreadsheet; say so where that changed any."""
    prefixed = 0

    def safely(value: object) -> object:
        nonlocal prefixed
        made = safe(value) if isinstance(value, str) else value
        prefixed += made is not value
        return made

    content = _csv([list(map(safely, row)) for row in (header, *rows)])
    download(label, content, stem, place)
    if prefixed:
        st.caption(f"{apostrophes(prefixed)}.")


def _csv(rows: Iterable[Sequence[object]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode("utf-8-sig")
