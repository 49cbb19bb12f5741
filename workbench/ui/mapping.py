"""The mapping step: what the columns of a file with an unknown header are, asked for in one form.

What is guessed is filled in, but for what a row cannot do without: the columns that identify and place it are said by
the user, unless their headers are the export's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

import streamlit as st

from workbench.exports import KINDS, Column, ExportKind
from workbench.intake import guesses, mappings
from workbench.intake.guesses import Preview
from workbench.store.workspace import Workspace
from workbench.ui import uploads
from workbench.ui.session import escaped, failures_shown
from workbench.ui.uploads import Arrival

LONGEST = 40  # characters of a value that are shown
LINE = 45  # characters within which another value is shown beside the first
KEPT = ""  # what a column is that is none of the kind's
WIDTHS = (6, 5)

Guessed = Mapping[str, str | None]


def step(workspace: Workspace, arrival: Arrival, preview: Preview) -> None:
    """Draw the mapping of one file, by which it is then recognised; loading it remembers the mapping for its header."""

    @st.fragment
    @failures_shown()
    def shown() -> None:
        with st.container(border=True):
            st.markdown(
                f"**What is in {escaped(arrival.file)}?**  \n"
                ":gray[No export has its header. Say what its columns are; what could be guessed is filled in.]"
            )
            _asked(workspace, arrival, preview)

    shown()


def _asked(workspace: Workspace, arrival: Arrival, preview: Preview) -> None:
    key = f"mapping:{arrival.key}"
    kind = kind_of(preview, key, arrival.choices.kind)
    with st.form(f"{key}:{kind.name}", border=False, enter_to_submit=False):
        chosen = columns(preview, kind, f"{key}:{kind.name}", guesses.columns(preview, kind))
        with st.container(horizontal=True, vertical_alignment="center"):
            is_saved = st.form_submit_button("Use these columns", type="primary", disabled=uploads.is_loading())
            is_left_out = st.form_submit_button("Leave it out", type="tertiary")
            st.caption("It is remembered: the next file with this header is recognised without asking.")
    if is_left_out:
        uploads.leave_out(arrival)
        st.rerun()
    if is_saved and not wrong(kind, chosen):
        made = mappings.ColumnMapping(kind.name, tuple(chosen.items()))
        uploads.answer(workspace, arrival, replace(arrival.choices, kind=None, mapping=made))
        st.rerun()


def kind_of(preview: Preview, key: str, first: str | None) -> ExportKind:
    """Ask which kind of export it is, the likeliest first; another one asks for other columns."""
    ranked = [kind.name for kind in guesses.kinds(preview)]
    name = st.selectbox(
        "Kind of export", ranked, ranked.index(first) if first else 0, key=f"{key}:kind",
        format_func=uploads.kind_label, help="The likeliest first.", width=420,
    )  # fmt: skip
    return KINDS[name]


def columns(
    preview: Preview, kind: ExportKind, key: str, first: Guessed, is_said: bool = False
) -> dict[str, str | None]:  # fmt: skip
    """Draw a line for every column of the file, those that matter first; return what each is, in the file's order.

    `first` is what is filled in; of what a row needs, only what is sure, or all when the user has said it before.
    """
    st.caption(_needed(kind))
    needed = [header for header, name in first.items() if name in kind.required]
    filled = [header for header in first if is_said or preview.values(preview.header.index(header))]
    ahead = list(dict.fromkeys([*needed, *(header for header in filled if first[header])]))
    others = [header for header in dict.fromkeys([*filled, *first]) if header not in ahead]
    chosen: dict[str, str | None] = {}
    with st.container():
        for header in ahead:
            chosen[header] = _column(preview, kind, header, first[header], key, is_said)
    if others:
        is_open = not ahead or bool(guesses.lacking(kind, first))
        with st.expander(_others(first, others), expanded=is_open):
            for header in others:
                chosen[header] = _column(preview, kind, header, first[header], key, is_said)
    return {header: chosen[header] for header in first}


def _needed(kind: ExportKind) -> str:
    """Say which columns a row of a kind cannot do without."""
    labels = [f"**{kind.column(name).label}**" for name in kind.required]
    return f"Every row needs {' and '.join(filter(None, (', '.join(labels[:-1]), labels[-1])))}."


def _others(first: Guessed, headers: Sequence[str]) -> str:
    """Say what the columns are that stand behind."""
    more = f"{len(headers)} more column{'s' if len(headers) > 1 else ''}"
    empty = sum(first[header] is not None for header in headers)
    if not empty:
        return f"{more}, kept as text"
    unknown = len(headers) - empty
    return f"{more}: {empty} recognised, but empty in the first rows{f', {unknown} kept as text' if unknown else ''}"


def _column(preview: Preview, kind: ExportKind, header: str, first: str | None, key: str, is_said: bool) -> str | None:
    """Draw the line of one column, with what its values could be to choose from; return what it is."""
    offered = {column.name: column for column in kind.columns if guesses.is_offered(preview, header, column)}
    guess = offered.get(first or KEPT)
    is_open = guess is not None and guess.name in kind.required and not (is_said or guesses.is_sure(header, guess))
    names = [KEPT, *offered] if not is_open else list(dict.fromkeys([first or KEPT, KEPT, *offered]))
    name, choice = st.columns(WIDTHS, gap="xsmall", vertical_alignment="center")
    name.markdown(f"{escaped(header)}{_samples(preview, header)}")
    picked = choice.selectbox(
        f"What {escaped(header)} is", names, None if is_open else names.index(guess.name if guess else KEPT),
        key=f"{key}:{header}", label_visibility="collapsed",
        format_func=lambda name: _label(kind, offered[name]) if name else "Kept as text",
        placeholder=f"{guess.label}? Please choose" if guess and is_open else None,
    )  # fmt: skip
    return picked or None


def _label(kind: ExportKind, column: Column) -> str:
    return column.label + (" (required)" if column.name in kind.required else "")


def _samples(preview: Preview, header: str) -> str:
    """Return the first values of a column as a second line; nothing where no file is looked at."""
    if not preview.records:
        return ""
    values = preview.values(preview.header.index(header))
    cut = dict.fromkeys(value if len(value) <= LONGEST else f"{value[:LONGEST]}…" for value in values)
    ends = accumulate(len(value) + len(" · ") for value in cut)
    shown = [value for n, (value, end) in enumerate(zip(cut, ends, strict=True)) if n == 0 or end <= LINE]
    return f"  \n:small[:gray[{' · '.join(map(escaped, shown)) or 'empty'}]]"


def wrong(kind: ExportKind, chosen: Mapping[str, str | None]) -> bool:
    """Say what keeps a mapping from being saved, a line each; tell whether there is any."""
    found = [f"Still missing: {column.label}. {column.description}" for column in guesses.lacking(kind, chosen)]
    for column in kind.columns:
        headers = [header for header, name in chosen.items() if name == column.name]
        if len(headers) > 1:
            found.append(f"{column.label} can be only one of {' and '.join(headers)}")
    for problem in found:
        st.error(escaped(problem), icon=":material/error:")
    return bool(found)
