"""What became of files: their kinds, counts that add up, warnings, and every row that was set aside."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from workbench.ask.selection import short
from workbench.drawing import formats
from workbench.errors import ChoiceNeeded
from workbench.exports import KINDS
from workbench.intake.dialect import DELIMITERS
from workbench.intake.headers import own_name
from workbench.intake.meanings import Remark
from workbench.intake.outcome import JOINED, LoadOutcome
from workbench.store.workspace import Workspace
from workbench.ui import mapping, session, uploads
from workbench.ui.session import escaped
from workbench.ui.uploads import Arrival, Incoming
from workbench.workbook import apostrophes, safe

COUNTS = {
    "rows_read": "Rows read", "rows_loaded": "New", "rows_updated": "Updated", "rows_unchanged": "Unchanged",
    "rows_rejected": "Set aside",
}  # fmt: skip
# What the columns of tables of files, of what is loaded, and of rows set aside mean.
MEANINGS = {
    "File": "The file as it was called; one in an archive with the archive's name in front.",
    "Export": "Which kind of export the file was taken for.",
    "Loaded": "When it was loaded, in the reporting zone.",
    "Days": "The first and the last day that it covers.",
    "Rows read": "The rows that the file has; the four counts beside it add up to it.",
    "New": "Rows that were not there before.",
    "Updated": "Rows that took the place of an earlier load's.",
    "Unchanged": "Rows that were there already, as they are.",
    "Set aside": "Rows with a value that does not fit, kept apart with the reason.",
    "Time zone": "The zone in which the file's times were read; empty where no zone was needed.",
    "Rows": "The rows that are loaded now, of all files together.",
    "Files": "The files whose rows are loaded now.",
    "Gaps": "Days between the first and the last that no file covers, or that files cover only in part.",
    "Row": "The line of the file, its header being the first.",
    "Column": "The column whose value does not fit, as the file calls it.",
    "Value": "The value as the file has it.",
    "Reason": "Why the row could not be loaded.",
}
MOST_CARDS = 2  # files whose counts are cards; those of more are one table
MOST_SHOWN = 1_000  # rows set aside that the page shows; the downloads hold all


def outcomes(workspace: Workspace) -> None:
    """Draw what the files that were given last left open, then which were refused, and what became of the others."""
    arrivals = uploads.arrivals()
    for arrival in arrivals:
        if arrival.incoming:
            _asked(workspace, arrival, arrival.incoming)
    for arrival in arrivals:
        if arrival.error and not arrival.incoming:
            session.failed(arrival.error)
    found = [arrival.outcome for arrival in arrivals if arrival.outcome]
    if len(found) > MOST_CARDS:
        _table(found)
    for outcome in found:
        _outcome(workspace, outcome, has_cards=len(found) <= MOST_CARDS)


def _asked(workspace: Workspace, arrival: Arrival, incoming: Incoming) -> None:
    if arrival.preview:
        mapping.step(workspace, arrival, incoming, arrival.preview)
    elif isinstance(arrival.error, ChoiceNeeded):
        uploads.choice(workspace, arrival, incoming, arrival.error)


def kinds_named(kinds: str | None) -> str:
    """Return the kinds of a load as people call them."""
    titles = [KINDS[kind].title if kind in KINDS else kind for kind in (kinds or "").split(JOINED) if kind]
    return ", ".join(titles) or "Not recognised"


def columns_config() -> dict[str, Any]:
    """Return how the columns of tables of files are shown, with what each means."""
    counts = (*COUNTS.values(), "Rows", "Files")
    return {
        label: st.column_config.NumberColumn(help=meaning, format="localized")
        if label in counts
        else st.column_config.Column(help=meaning)
        for label, meaning in MEANINGS.items()
    }


def _table(outcomes: Sequence[LoadOutcome]) -> None:
    rows = [
        {"File": outcome.file, "Export": kinds_named(outcome.kind), "Days": _days(outcome)}
        | {label: getattr(outcome, name) for name, label in COUNTS.items()}
        for outcome in outcomes
    ]
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, placeholder=formats.MISSING, alt="What became of each file",
        column_config=columns_config(),
    )  # fmt: skip


def _days(outcome: LoadOutcome) -> str | None:
    return short((outcome.period_from, outcome.period_to)) if outcome.period_from and outcome.period_to else None


def _outcome(workspace: Workspace, outcome: LoadOutcome, has_cards: bool) -> None:
    """Draw what became of one file; beside a table of all of them, only what is odd about it."""
    if not has_cards and not outcome.warnings and not outcome.rows_rejected:
        return
    with st.container(border=True):
        line = [kinds_named(outcome.kind), _days(outcome), (outcome.timezone or "").replace("_", " ")]
        st.markdown(f"**{escaped(outcome.file)}**  \n:gray[{escaped(' · '.join(filter(None, line)))}]")
        if has_cards:
            with st.grid(len(COUNTS), min_column_width=100):
                for name, label in COUNTS.items():
                    st.metric(label, formats.count(getattr(outcome, name)))
        warnings(outcome.remarks)
        if outcome.rows_rejected and outcome.load_id is not None:
            rejects(workspace, Rejected(outcome.load_id, outcome.file, outcome.rows_rejected, outcome.delimiter or ","))


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
    """The rows of a load that were set aside: how many, of which file, and that file's delimiter."""

    load_id: int
    file: str
    rows: int
    delimiter: str


def rejects(workspace: Workspace, load: Rejected, place: str = "") -> None:
    """Draw rows that were set aside, with their reasons and two downloads of all; `place` tells two on a page apart."""
    found = workspace.rows(
        'select row, "column", value, reason from rejects where load_id = ? order by all', [load.load_id]
    )
    with st.expander(f"{formats.count(load.rows)} {'row' if load.rows == 1 else 'rows'} set aside"):
        columns = ("Row", "Column", "Value", "Reason")
        shown = pd.DataFrame(found[:MOST_SHOWN], columns=list(columns))
        st.dataframe(
            shown, hide_index=True, placeholder=formats.MISSING, column_config=columns_config(), alt="Rows set aside"
        )
        if len(found) > MOST_SHOWN:
            st.caption(f"The first {MOST_SHOWN:,} of {len(found):,} reasons; the download has all.")
        with st.container(horizontal=True):
            download_safe("Download reasons", columns, found, f"{_stem(load.file)}-reasons", place)
            _download_rows(workspace, load, place)


def rows_to_correct(workspace: Workspace, load: Rejected) -> bytes:
    """Return the rows set aside as a file of their own header and delimiter, which loads once it is corrected.

    A delimiter that only the file itself could tell, by a line `sep=`, is another one here.
    """
    sql = "select record from rejected_records where load_id = ? order by row nulls first"
    records = [json.loads(record) for (record,) in workspace.rows(sql, [load.load_id])]
    return _csv(records, load.delimiter if load.delimiter in DELIMITERS else "|") if records else b""


def _download_rows(workspace: Workspace, load: Rejected, place: str) -> None:
    if content := rows_to_correct(workspace, load):
        download(
            "Download rows to correct", content, f"{_stem(load.file)}-set-aside", place,
            "The rows as the file has them, exact. Correct them and load the file again: only they are in it.",
        )  # fmt: skip


def _stem(file: str) -> str:
    """Return a file's name without its ending; of a file in an archive, that file's."""
    return own_name(file).rsplit(".", 1)[0]


def download(label: str, content: bytes, stem: str, place: str = "", help: str | None = None) -> None:
    """Offer a CSV; its name carries its hash, since Streamlit tells large files apart by their names (guarantee 14)."""
    name = f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}.csv"
    st.download_button(
        label, content, name, "text/csv", key=f"{label}:{place}:{name}", icon=":material/download:", on_click="ignore",
        help=help,
    )  # fmt: skip


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
