"""The SQL behind a number: what ran, with its parameters filled in, to copy and run elsewhere."""

import shlex

import streamlit as st

from workbench.ask import answers
from workbench.reports import Tile
from workbench.ui import results
from workbench.ui.results import Question


def button(question: Question, tile: Tile) -> None:
    """Draw the button that shows the SQL of a tile."""
    if st.button(
        "SQL", icon=":material/code:", type="tertiary", key=f"{question.report_name}:{tile.name}:sql",
        help="The SQL that computed this",
    ):  # fmt: skip
        _shown(question, tile)


@st.dialog("SQL", width="large", icon=":material/code:")
def _shown(question: Question, tile: Tile) -> None:
    scope = results.resolved(question)
    st.markdown(f"**{tile.title}**: what ran, its parameters filled in. It runs as it is in a DuckDB shell.")
    if question.source.path:
        st.code(f"duckdb -readonly {shlex.quote(str(question.workspace.snapshot))}", language="bash", wrap_lines=True)
    asked = (
        answers.log_query(scope, question.report, tile, answers.Page())
        if tile.shape == "log"
        else answers.query(scope, question.report, tile)
    )
    st.code(asked.filled_in(), language="sql", height=420)
