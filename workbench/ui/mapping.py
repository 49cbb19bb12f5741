"""The mapping step: what the columns of a file with an unknown header are, with best guesses filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from workbench.exports import KINDS, ExportKind
from workbench.intake import guesses, mappings
from workbench.intake.guesses import Preview
from workbench.store.workspace import Workspace
from workbench.ui import uploads
from workbench.ui.session import escaped
from workbench.ui.uploads import Arrival, Incoming

SAMPLES = 3  # values of a column that are shown
LONGEST = 40  # characters of a value that are shown
OTHER = "Kept as text"
WIDTHS = (3, 4, 4)


def step(workspace: Workspace, arrival: Arrival, incoming: Incoming, preview: Preview) -> None:
    """Draw the mapping of one file; saving loads it, and remembers the mapping for its header."""

    @st.fragment
    def shown() -> None:
        with st.container(border=True):
            st.markdown(
                f"**What is in {escaped(arrival.file)}?**  \n"
                ":gray[No export has its header. Say what its columns are; what could be guessed is filled in.]"
            )
            _form(workspace, arrival, incoming, preview)

    shown()


def _form(workspace: Workspace, arrival: Arrival, incoming: Incoming, preview: Preview) -> None:
    key = f"mapping:{incoming.path}"
    kind = KINDS[_kind(arrival, preview, key)]
    chosen = _columns(preview, kind, f"{key}:{kind.name}")
    problems = _problems(kind, chosen)
    for problem in problems:
        st.caption(f":material/error: {problem}")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Save and load", key=f"{key}:save", type="primary", disabled=bool(problems)):
            made = mappings.ColumnMapping(kind.name, tuple(chosen.items()))
            uploads.start(workspace, [incoming], replace(arrival.choices, kind=None, mapping=made))
        if st.button("Leave it out", key=f"{key}:leave", type="tertiary"):
            uploads.leave_out(arrival)
            st.rerun()
        st.caption("It is remembered: the next file with this header is loaded without asking.")


def _kind(arrival: Arrival, preview: Preview, key: str) -> str:
    ranked = [kind.name for kind in guesses.kinds(preview)]
    first = ranked.index(arrival.choices.kind) if arrival.choices.kind else 0
    return st.selectbox(
        "Kind of export", ranked, first, key=f"{key}:kind", format_func=uploads.kind_label,
        help="The likeliest first.", width=420,
    )  # fmt: skip


def _columns(preview: Preview, kind: ExportKind, key: str) -> dict[str, str | None]:
    """Draw a line for every column of the file, those that matter first; return what each is, in the file's order."""
    guessed = guesses.columns(preview, kind)
    needed = [header for header, guess in guessed.items() if guess in kind.required]
    filled = [header for header in guessed if preview.values(preview.header.index(header))]
    first = list(dict.fromkeys([*needed, *(header for header in filled if guessed[header])]))
    others = [header for header in dict.fromkeys([*filled, *guessed]) if header not in first]
    chosen: dict[str, str | None] = {}
    with st.container(gap="xsmall"):
        for cell, title in zip(st.columns(WIDTHS), ("Column in the file", "First values", "It is"), strict=True):
            cell.caption(title)
        for header in first:
            chosen[header] = _column(preview, kind, header, guessed[header], key)
    if others:
        is_open = not first or bool(guesses.lacking(kind, guessed))
        with st.expander(_others(guessed, others), expanded=is_open), st.container(gap="xsmall"):
            for header in others:
                chosen[header] = _column(preview, kind, header, guessed[header], key)
    return {header: chosen[header] for header in guessed}


def _others(guessed: Mapping[str, str | None], headers: Sequence[str]) -> str:
    """Say what the columns are that stand behind."""
    empty = sum(guessed[header] is not None for header in headers)
    said = [f"{empty} recognised, but empty in the first rows"] if empty else []
    if unknown := len(headers) - empty:
        said.append(f"{unknown} kept as text")
    return f"{len(headers)} more column{'s' if len(headers) > 1 else ''}: {', '.join(said)}"


def _column(preview: Preview, kind: ExportKind, header: str, guess: str | None, key: str) -> str | None:
    """Draw the line of one column; return what it is."""
    names = ["", *(column.name for column in kind.columns)]
    labels = {column.name: column.label + (" (required)" if column.name in kind.required else "")
              for column in kind.columns}  # fmt: skip
    name, values, choice = st.columns(WIDTHS, vertical_alignment="center")
    name.markdown(escaped(header))
    values.caption(_samples(preview, preview.header.index(header)))
    picked = choice.selectbox(
        f"What {header} is", names, names.index(guess or ""), key=f"{key}:{header}", label_visibility="collapsed",
        format_func=lambda name: labels.get(name, OTHER),
    )  # fmt: skip
    return picked or None


def _samples(preview: Preview, position: int) -> str:
    values = [value if len(value) <= LONGEST else f"{value[:LONGEST]}…" for value in preview.values(position)[:SAMPLES]]
    return " · ".join(map(escaped, values)) or "empty"


def _problems(kind: ExportKind, chosen: dict[str, str | None]) -> list[str]:
    """Say what keeps the mapping from being saved."""
    found = [f"Still missing: {column.label}. {column.description}" for column in guesses.lacking(kind, chosen)]
    named = [name for name in chosen.values() if name is not None]
    twice = [column for column in kind.columns if named.count(column.name) > 1]
    return found + [f"{column.label} is chosen {named.count(column.name)} times" for column in twice]
