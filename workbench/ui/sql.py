"""The SQL behind a number: what ran, with its parameters filled in, to copy and run elsewhere."""

import shlex

import streamlit as st

from workbench.ask.logs import ALL_ROWS, log_query
from workbench.ask.question import Question
from workbench.ask.relations import query
from workbench.reports import Tile
from workbench.ui.session import escaped, failures_shown, told_apart


def button(question: Question, tile: Tile) -> None:
    """Draw the button that shows the SQL of a tile."""
    if st.button(
        told_apart("SQL", tile.title), icon=":material/code:", type="tertiary",
        key=f"{question.report.name}:{tile.name}:sql", help="The SQL that computed this",
    ):  # fmt: skip
        _shown(question, tile)


@st.dialog("SQL", width="large", icon=":material/code:")
@failures_shown()
def _shown(question: Question, tile: Tile) -> None:
    if question.workspace.state:
        st.markdown(
            f"**{escaped(tile.title)}**: what was translated for Spark, in DuckDB's SQL, its parameters filled in."
        )
    else:
        st.markdown(
            f"**{escaped(tile.title)}**: what ran, its parameters filled in. It runs as it is in a DuckDB shell."
        )
    if question.workspace.path and not question.workspace.state:
        st.code(f"duckdb -readonly {shlex.quote(str(question.workspace.snapshot))}", language="bash", wrap_lines=True)
    asked = log_query(question, tile, ALL_ROWS) if tile.log else query(question, tile)
    st.code(asked.filled_in(), language="sql", height=420)
