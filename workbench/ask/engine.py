"""Where queries run: every `Query` goes through here, so that what runs it is chosen in one place.

With an engine set, what is asked is not the workspace at hand but one that stands for what is published: its loads,
coverage and zone are those of one state, and its rows are the engine's.
"""

import os
import warnings
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import duckdb

from workbench.ask.relations import Query
from workbench.errors import EngineUnavailable
from workbench.progress import Progress
from workbench.store import lake
from workbench.store.facts import SETTINGS
from workbench.store.lake import Lake
from workbench.store.workspace import Workspace
from workbench.time import words, zones

if TYPE_CHECKING:
    import pandas as pd  # a load needs none of it, and it takes longer to import than all else

ENGINE_VARIABLE = "WORKBENCH_ENGINE"


class Engine(Protocol):
    """What runs queries."""

    def here(self, cursor: duckdb.DuckDBPyConnection, asked: Query, progress: Progress | None = None) -> Query:
        """Return the query by which a cursor of the workspace has the rows that are asked for.

        With a `progress` it takes as long as it takes, and can be watched and stopped.
        """


class DuckEngine:
    """The workspace's own database."""

    def here(self, cursor: duckdb.DuckDBPyConnection, asked: Query, progress: Progress | None = None) -> Query:
        """Return what is asked: the cursor runs it as it is, and is watched by whoever runs it."""
        return asked


def is_set() -> bool:
    """Tell whether an engine is to be asked."""
    return bool(os.environ.get(ENGINE_VARIABLE))


def shown(workspace: Workspace) -> Workspace:
    """Return what is asked in the place of a workspace: itself, or what is published where an engine is set.

    What is in memory alone, as the sample, is asked where it is. Raises EngineUnavailable.
    """
    stands_for_itself = workspace.path is None or workspace.state is not None
    return workspace if stands_for_itself or not is_set() else published(workspace)


def published(workspace: Workspace) -> Workspace:
    """Return a workspace that stands for what is published last, with the settings of another one.

    Raises EngineUnavailable.
    """
    found = lake.named()
    if found is None:
        raise EngineUnavailable(f"{ENGINE_VARIABLE} is set without {lake.LAKE_VARIABLE}. Name there what it reads")
    return _standing_in(workspace, workspace.version, found, found.readable().number)


@lru_cache(maxsize=lake.KEPT_STATES)
def _standing_in(workspace: Workspace, version: int, found: Lake, number: int) -> Workspace:
    state = found.state(number)
    own = dict(workspace.rows(SETTINGS))
    kept = {"reporting_zone": state.zone} | own | {"version": str(version)}
    tables = {table: found.held(state, table) for table in ("loads", "coverage")}
    standing = Workspace()
    standing.stand_for(state, found.file_of(state), {"settings": kept.items(), **tables})
    return standing


def of(workspace: Workspace) -> Engine:
    """Return what runs the queries about a workspace. Raises EngineUnavailable."""
    if workspace.state is None:
        return DuckEngine()
    assert workspace.path is not None  # where its state stands, in the folder of the lake
    return _spark(os.environ[ENGINE_VARIABLE], Lake(workspace.path.parents[1]), workspace.state.number)


@lru_cache(maxsize=lake.KEPT_STATES)
def _spark(url: str, found: Lake, number: int) -> Engine:
    warnings.filterwarnings("ignore", module="pyspark")  # of pandas, of which it is given nothing, and of retries
    try:
        from workbench.ask.spark import SparkEngine
    except ImportError:
        raise EngineUnavailable(
            f"{ENGINE_VARIABLE} needs more packages: pip install 'contact-workbench[spark]'"
        ) from None
    return SparkEngine(url, found, found.state(number))


def as_of(workspace: Workspace, zone: str) -> str:
    """Return which engine answers, and of when its answers are, in a zone; nothing for a workspace's own database."""
    if workspace.state is None:
        return ""
    at = datetime.fromisoformat(workspace.state.published_at).astimezone(zones.zone(zone))
    is_today = at.date() == datetime.now(at.tzinfo).date()
    return f"Spark, as of {f'{at:%H:%M}' if is_today else words.timestamp(at)}"


def frame(workspace: Workspace, asked: Query) -> "pd.DataFrame":
    """Run a query and return its rows."""
    with workspace.cursor() as cursor:
        here = of(workspace).here(cursor, asked)
        return cursor.execute(here.sql, dict(here.parameters)).df()
