"""What was just loaded: one line per file with its five counts, what is odd about it, and what to do next."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from workbench.drawing import formats
from workbench.errors import WorkbenchError
from workbench.intake.outcome import LoadOutcome, kinds_of
from workbench.reports import REPORTS, Report
from workbench.store.workspace import Workspace
from workbench.ui import comparing, inventory, session, taking_back, uploads
from workbench.ui.inventory import COUNTS, Rejected
from workbench.ui.session import escaped, failures_shown

_PLACE = "just-loaded"
TOLD = ("kind", "seconds", *COUNTS)  # by which a load is known again for the one that was made here
MOST_REASONS = 3  # for rejected rows that a file's line names


def card(workspace: Workspace) -> None:
    """Draw what became of the files that were loaded last; nothing before any was."""
    arrivals = [*uploads.finished(), *uploads.waiting()]
    loads = {load["load_id"]: load for load in workspace.loads()}
    outcomes = [arrival.outcome for arrival in arrivals if arrival.outcome and _is_there(loads, arrival.outcome)]
    if not outcomes:
        return
    with st.container(border=True, key="just-loaded"):
        st.markdown(f"**Just loaded**   :gray[{_summary(outcomes)}]")
        _table(workspace, outcomes)
        for outcome in outcomes:
            if outcome.rows_rejected and outcome.load_id is not None:
                rejected = Rejected(
                    outcome.load_id, outcome.file, outcome.rows_rejected, outcome.delimiter or ","
                )  # fmt: skip
                inventory.rejects(workspace, rejected)
        _next(workspace, outcomes)


def _is_there(loads: Mapping[int, Mapping[str, Any]], outcome: LoadOutcome) -> bool:
    """Tell whether what a load brought is there still: others may have taken it back, or started afresh."""
    load = loads.get(outcome.load_id or 0, {})
    return outcome.load_id is None or all(load.get(name) == getattr(outcome, name) for name in TOLD)


def _summary(outcomes: Sequence[LoadOutcome]) -> str:
    rows, seconds = sum(each.rows_read for each in outcomes), sum(each.seconds for each in outcomes)
    zones = sorted({each.timezone.replace("_", " ") for each in outcomes if each.timezone})
    return escaped(" · ".join([f"{formats.rows(rows, 'rows')} in {seconds:.1f} s", *zones]))


def _table(workspace: Workspace, outcomes: Sequence[LoadOutcome]) -> None:
    """Draw a line per file, with its warnings under its name, and the sum of all."""
    lines = [_line(workspace, each) for each in outcomes]
    if len(outcomes) > 1:
        total = {label: sum(getattr(each, name) for each in outcomes) for name, label in COUNTS.items()}
        counts = {label: f"**{formats.count(count)}**" for label, count in total.items()}
        lines.append({"File": f"**{len(outcomes)} files**", "Recognised as": "", "Days": "", **counts})
    columns = {label: [line[label] for line in lines] for label in lines[0]}
    st.table(columns, border="horizontal", hide_index=True, alt="What became of each file")


def _line(workspace: Workspace, outcome: LoadOutcome) -> dict[str, str]:
    remarks = outcome.remarks
    is_odd = outcome.rows_rejected or any(remark.is_doubtful for remark in remarks)
    icon = ":orange[:material/warning:]" if is_odd else ":green[:material/check:]"
    said = [f":orange[{_rejected(workspace, outcome)}]"] if outcome.rows_rejected else []
    said += [
        f":{'orange' if remark.is_doubtful else 'gray'}[{escaped(remark.warning)}"
        f"{f'. For the numbers: {escaped(remark.means)}' if remark.means else ''}]"
        for remark in remarks
    ]
    return {
        "File": "  \n".join([f"{icon} {escaped(outcome.file)}", *(f":small[{text}]" for text in said)]),
        "Recognised as": escaped(inventory.kinds_named(outcome.kind)),
        "Days": inventory.days_of(outcome.period_from, outcome.period_to) or formats.MISSING,
        **{label: formats.count(getattr(outcome, name)) for name, label in COUNTS.items()},
    }


def _rejected(workspace: Workspace, outcome: LoadOutcome) -> str:
    """Say how many rows were rejected and why, the commonest reasons first, and what to do."""
    reasons = workspace.rows(
        'select "column", reason, count(distinct row) from rejects where load_id = ?'
        " group by all order by 3 desc, 1, 2",
        [outcome.load_id],
    )
    named = [
        f"{f'{column}: ' if column else ''}{reason} in {formats.count(rows)}"
        for column, reason, rows in reasons[:MOST_REASONS]
    ]
    more = f"; {len(reasons) - MOST_REASONS} more reasons" if len(reasons) > MOST_REASONS else ""
    return (
        f"{formats.rows(outcome.rows_rejected, 'rows')} rejected: {escaped('; '.join(named))}{more}."
        " Correct them below and drop them again"
    )


def _next(workspace: Workspace, outcomes: Sequence[LoadOutcome]) -> None:
    """Draw the ways on: the reports that the files are for, what they changed, and back."""
    loads = [each.load_id for each in outcomes if each.load_id is not None]
    file = outcomes[0].file if len(outcomes) == 1 else f"{len(outcomes)} files"
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        with st.container(horizontal=True, width="content"):
            for n, report in enumerate(_concerned(workspace, outcomes)):
                is_first = n == 0
                if st.button(f"Open {report.title}", type="primary" if is_first else "secondary", key=f"open:{n}"):
                    st.switch_page(f"pages/{report.name}.py")
            _changed(workspace, outcomes)
        if loads:
            taking_back.button(_PLACE, loads, file)
    if loads:
        taking_back.asked(workspace, _PLACE, loads, file, sum(each.rows_read for each in outcomes))


def _concerned(workspace: Workspace, outcomes: Sequence[LoadOutcome]) -> list[Report]:
    """Return the reports that the actor sees and that rest on what was loaded, that with the most of its rows first."""
    rows: dict[str, int] = {}
    for outcome in outcomes:
        for kind in kinds_of({"kind": outcome.kind}):
            rows[kind] = rows.get(kind, 0) + outcome.rows_read
    seen = [report for report in REPORTS.values() if workspace.actor.sees(report.name)]
    found = {report: sum(rows.get(kind, 0) for kind in report.kinds) for report in seen}
    concerned = [report for report in found if rows.keys() & {*report.kinds, *report.main.renamed(as_exported=False)}]
    # Of two of one kind, that which has all of its rows.
    return sorted(concerned, key=lambda report: (-found[report], report.main.bases != (), report.title))


def _changed(workspace: Workspace, outcomes: Sequence[LoadOutcome]) -> None:
    """Offer how the first file that replaces an earlier load of its kind differs from that."""
    pairs = [pair for each in outcomes if each.load_id is not None and (pair := _pair(workspace, each.load_id))]
    if pairs and st.button("What changed since the last load", icon=":material/compare_arrows:", key="just:changed"):
        _difference(workspace, pairs)


def _pair(workspace: Workspace, load_id: int) -> tuple[comparing.LoadRecord, comparing.LoadRecord] | None:
    """Return the load before of the same kind and a load, None where there is none before."""
    records = {record["load_id"]: record for record in comparing.records(workspace)}
    earlier = [other for other in comparing.of_its_kind(records[load_id], records.values())
               if other["load_id"] < load_id]  # fmt: skip
    return (max(earlier, key=lambda record: int(record["load_id"])), records[load_id]) if earlier else None


@st.dialog("What changed since the last load", width="large", icon=":material/compare_arrows:")
@failures_shown()
def _difference(workspace: Workspace, pairs: Sequence[tuple[comparing.LoadRecord, comparing.LoadRecord]]) -> None:
    """Show how a load differs from the one before; of several files, one is chosen."""
    chosen = 0
    if len(pairs) > 1:
        named = session.distinctly(
            range(len(pairs)), lambda n: str(pairs[n][1]["file"]), lambda n: f"load {pairs[n][1]['load_id']}"
        )
        chosen = st.selectbox("File", range(len(pairs)), format_func=named)
    older, newer = pairs[chosen]
    try:
        comparing.shown(workspace, older, newer)
    except WorkbenchError as error:
        session.failed(error)
