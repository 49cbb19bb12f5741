"""Where queries run: every `Query` goes through here, so that what runs it is chosen in one place."""

import os
import warnings
from functools import cache
from typing import TYPE_CHECKING, Protocol

import duckdb

from workbench.ask.relations import Query
from workbench.errors import EngineUnavailable
from workbench.store.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd  # a load needs none of it, and it takes longer to import than all else

ENGINE_VARIABLE = "WORKBENCH_ENGINE"


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
    """Return what runs the queries about a workspace; what is in memory alone is published nowhere.

    Raises EngineUnavailable.
    """
    url = os.environ.get(ENGINE_VARIABLE, "")
    return _spark(url) if url and workspace.path else DuckEngine()


@cache
def _spark(url: str) -> Engine:
    from workbench.store import lake

    found = lake.named()
    if found is None:
        raise EngineUnavailable(f"{ENGINE_VARIABLE} is set without {lake.LAKE_VARIABLE}. Name there what it reads")
    warnings.filterwarnings("ignore", module="pyspark")  # of pandas, of which it is given nothing, and of retries
    try:
        from workbench.ask.spark import SparkEngine
    except ImportError:
        raise EngineUnavailable(
            f"{ENGINE_VARIABLE} needs more packages: pip install 'contact-workbench[spark]'"
        ) from None
    return SparkEngine(url, found)


def frame(workspace: Workspace, asked: Query) -> "pd.DataFrame":
    """Run a query and return its rows."""
    with workspace.cursor() as cursor:
        here = of(workspace).here(cursor, asked)
        return cursor.execute(here.sql, dict(here.parameters)).df()
