"""Where queries run: every `Query` goes through here, so that what runs it is chosen in one place.

With an engine set, what is asked is not the workspace at hand but one that stands for what is published: its loads,
coverage and zone are those of one state, and its rows are the engine's.
"""

import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import duckdb

from workbench.ask.relations import Query
from workbench.errors import EngineUnavailable, NotPermitted, QueryStopped
from workbench.progress import Progress
from workbench.store import lake
from workbench.store.facts import SETTINGS
from workbench.store.lake import ENGINE_VARIABLE, Lake
from workbench.store.states import KEPT_STATES, State
from workbench.store.workspace import Awaited, Workspace
from workbench.time import words, zones

if TYPE_CHECKING:
    import pandas as pd  # a load needs none of it, and it takes longer to import than all else

AT_ONCE = min(2, os.cpu_count() or 1)  # queries of one question: each takes memory, and its limit of time runs


class Engine(Protocol):
    """What runs queries."""

    def here(
        self, cursor: duckdb.DuckDBPyConnection, asked: Query, progress: Progress | None = None,
        awaited: Awaited = nullcontext,
    ) -> Query:  # fmt: skip
        """Return the query by which a cursor of the workspace has the rows that are asked for.

        With a `progress` it takes as long as it takes, and can be watched and stopped. What is asked elsewhere runs
        within `awaited`, which is given how to stop it.
        """


class DuckEngine:
    """The workspace's own database."""

    def here(
        self, cursor: duckdb.DuckDBPyConnection, asked: Query, progress: Progress | None = None,
        awaited: Awaited = nullcontext,
    ) -> Query:  # fmt: skip
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
    if workspace.is_masked:
        raise NotPermitted("What is published is not masked, so it is not for you. Ask whoever runs this server")
    found = lake.named()
    if found is None:
        raise EngineUnavailable(f"{ENGINE_VARIABLE} is set without {lake.LAKE_VARIABLE}. Name there what it reads")
    own = tuple(workspace.rows(SETTINGS))  # targets and notes, too, which make no other version
    return _standing_in(workspace, workspace.version, found, lake.readable(found).number, own)


@lru_cache(maxsize=KEPT_STATES)
def _standing_in(
    workspace: Workspace, version: int, found: Lake, number: int, own: tuple[tuple[str, str], ...]
) -> Workspace:
    state = found.state(number)
    kept = {"reporting_zone": state.zone} | dict(own) | {"version": str(version)}
    tables = {table: found.read(state, table) for table in ("loads", "coverage")}
    standing = Workspace(actor=workspace.actor)
    standing.recorded_at, standing.awaited = workspace.recorded_at, workspace.awaited
    standing.stand_for(state, Path(found.name) / str(number), {"settings": kept.items(), **tables})
    return standing


def of(workspace: Workspace) -> Engine:
    """Return what runs the queries about a workspace. Raises EngineUnavailable."""
    if workspace.state is None:
        return DuckEngine()
    found = lake.named()
    assert found is not None  # else there would be no state
    return _spark(os.environ[ENGINE_VARIABLE], found, workspace.state.number)


@lru_cache(maxsize=KEPT_STATES)
def _spark(url: str, found: Lake, number: int) -> Engine:
    return at(url, found, found.state(number))


def at(url: str, found: Lake, state: State) -> Engine:
    """Return the Spark at an address, asked about a state of a lake. Raises EngineUnavailable without its client."""
    warnings.filterwarnings("ignore", module="pyspark")  # of pandas, of which it is given nothing, and of retries
    try:
        with _as_a_file():
            from workbench.ask.spark import SparkEngine
    except ImportError:
        raise EngineUnavailable(
            f"{ENGINE_VARIABLE} needs more packages: pip install 'contact-workbench[spark]'"
        ) from None
    return SparkEngine(url, found, state)


@contextmanager
def _as_a_file() -> Iterator[None]:
    """Let a program that is no file, as one of `python -c`, import the client: it takes such a one for its doctests."""
    main = sys.modules["__main__"]
    is_none = not hasattr(main, "__file__")
    if is_none:
        main.__file__ = ""
    try:
        yield
    finally:
        if is_none:
            del main.__file__


def as_of(workspace: Workspace, zone: str) -> str:
    """Return which engine answers, and of when its answers are, in a zone; nothing for a workspace's own database."""
    if workspace.state is None:
        return ""
    at = datetime.fromisoformat(workspace.state.published_at).astimezone(zones.zone(zone))
    is_today = at.date() == datetime.now(at.tzinfo).date()
    return f"Spark, as of {f'{at:%H:%M}' if is_today else words.timestamp(at)}"


def frame(workspace: Workspace, asked: Query) -> "pd.DataFrame":
    """Run a query and return its rows."""
    return _ran(workspace, asked, workspace.awaited)


def _ran(workspace: Workspace, asked: Query, awaited: Awaited) -> "pd.DataFrame":
    with workspace.cursor() as cursor:
        here = of(workspace).here(cursor, asked, awaited=awaited)
        with awaited(cursor.interrupt):
            return cursor.execute(here.sql, dict(here.parameters)).df()


def frames(workspace: Workspace, asked: Sequence[Query]) -> "list[pd.DataFrame]":
    """Run several queries at once, and return the rows of each, in their order: short ones leave a processor idle."""
    workspace.present()
    running, changing = list[Callable[[], None]](), threading.Lock()  # what is stopped must not be closed meanwhile

    @contextmanager
    def noted(stop: Callable[[], None]) -> Iterator[None]:
        with changing:
            running.append(stop)
        try:
            yield
        finally:
            with changing:
                running.remove(stop)

    def stop() -> None:
        with changing:
            for each in running:
                each()

    with workspace.awaited(stop), ThreadPoolExecutor(AT_ONCE) as threads:  # whose end is awaited, too
        try:
            begun = [threads.submit(_ran, workspace, each, noted) for each in asked]
        except RuntimeError:  # no thread begins any more where the process ends
            raise QueryStopped("Stopped: the workbench is being closed") from None
        try:
            return [each.result() for each in begun]
        finally:
            for each in begun:
                each.cancel()
