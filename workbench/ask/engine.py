"""Where queries run: every `Query` goes through here, so that what runs it is chosen in one place."""

from typing import TYPE_CHECKING, Protocol

import duckdb

from workbench.ask.relations import Query
from workbench.store.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd  # a load needs none of it, and it takes longer to import than all else


class Engine(Protocol):
    """What runs queries."""

    def here(self, cursor: duckdb.DuckDBPyConnection, asked: Query) -> Query:
        """Return the query by which a cursor of the workspace has the rows that are asked for."""


class DuckEngine:
    """The workspace's own database."""

    def here(self, cursor: duckdb.DuckDBPyConnection, asked: Query) -> Query:
        """Return what is asked: the cursor runs it as it is."""
        return asked


def of(workspace: Workspace) -> Engine:
    """Return what runs the queries about a workspace."""
    return DuckEngine()


def frame(workspace: Workspace, asked: Query) -> "pd.DataFrame":
    """Run a query and return its rows."""
    with workspace.cursor() as cursor:
        here = of(workspace).here(cursor, asked)
        return cursor.execute(here.sql, dict(here.parameters)).df()
