"""The engine beyond this machine: an Apache Spark that others run, asked through Spark Connect.

Only here is its client imported, and nobody imports this module who has not set WORKBENCH_ENGINE.
"""

import os
import threading
import uuid
from collections.abc import Iterable, Mapping
from contextlib import nullcontext, suppress
from datetime import datetime

import duckdb
import pyarrow
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql.connect.client.retries import DefaultPolicy
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.session import SparkSession
from pyspark.sql.connect.shell.progress import StageInfo

from workbench.ask.relations import Query
from workbench.ask.spark_sql import BOUND, LAKE, translated
from workbench.errors import EngineUnavailable, QueryStopped, WorkbenchError, shortened
from workbench.progress import Progress
from workbench.store.lake import Lake
from workbench.store.states import Source, State
from workbench.store.workspace import Awaited

TOKEN_VARIABLE = "WORKBENCH_ENGINE_TOKEN"
RETRIES = 4  # within some five seconds; its own number keeps a page waiting for ten minutes
SECONDS = 300  # after which what nobody watches is stopped
ANSWER = "answer"  # the name under which a cursor has the rows
FORGOTTEN = ("INVALID_HANDLE", "SESSION_CHANGED", "SESSION_CLOSED")  # of a session, by a server that was started anew
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.legacy.ctePrecedencePolicy": "CORRECTED",  # as in DuckDB, an inner name hides the outer one
}


class SparkEngine:
    """Asks a Spark about one state that was published, in one session."""

    def __init__(self, url: str, lake: Lake, state: State) -> None:
        """Remember where to ask, and of what; nothing is connected to before the first query."""
        self._url, self._lake, self._state = url, lake, state
        self._opening = threading.Lock()
        self._opened: SparkSession | None = None
        self._done: dict[int, float] = {}  # how much of what each thread asks

    def here(
        self, cursor: duckdb.DuckDBPyConnection, asked: Query, progress: Progress | None = None,
        awaited: Awaited = nullcontext,
    ) -> Query:  # fmt: skip
        """Ask Spark, and return the query by which a cursor has the rows.

        Raises EngineUnavailable, NotOnEngine, and QueryStopped for what took too long, was cancelled, or is not
        awaited any more.
        """
        moments = frozenset(name for name, value in asked.parameters.items() if isinstance(value, datetime))
        sql = translated(asked.sql, moments, asked.of)
        try:
            answer = self._asked_again_if_forgotten(sql, _bound(asked.parameters), progress, awaited)
        except PySparkException as error:
            if progress and progress.is_cancelled:
                raise QueryStopped("Cancelled; nothing of it was kept") from None
            raise _failed(self._url, asked, str(error)) from None
        cursor.register(ANSWER, answer)
        return Query(f"from {ANSWER}")

    def _asked_again_if_forgotten(
        self, sql: str, parameters: dict[str, object], progress: Progress | None, awaited: Awaited
    ) -> pyarrow.Table:
        session = self._session()
        try:
            return self._asked(session, sql, parameters, progress, awaited)
        except PySparkException as error:
            if not any(name in str(error) for name in FORGOTTEN):
                raise
        with self._opening:
            self._opened = None if self._opened is session else self._opened
        return self._asked(self._session(), sql, parameters, progress, awaited)

    def _asked(
        self, session: SparkSession, sql: str, parameters: dict[str, object], progress: Progress | None,
        awaited: Awaited,
    ) -> pyarrow.Table:  # fmt: skip
        """Ask in a session, with a tag by which another thread stops it: a watcher, a page that is left, or a clock."""
        own, tag = threading.get_ident(), f"workbench-{uuid.uuid4().hex}"

        def stop() -> None:
            with suppress(PySparkException, ValueError):  # of an engine that is away, as who asks it is told
                session.interruptTag(tag)

        def stop_soon() -> None:  # whoever looks at pages that are left must not wait for an engine
            if not stopping:
                stopping.append(threading.Thread(target=stop, name="stopping", daemon=True))
                stopping[0].start()

        stopping: list[threading.Thread] = []
        self._done.pop(own, None)
        session.addTag(tag)
        clock = threading.Timer(SECONDS, stop)
        if progress is None:
            clock.start()
        try:
            with awaited(stop_soon), (progress or Progress()).during("Asking Spark", lambda: self._done.get(own), stop):
                return session.sql(sql, args=parameters).toArrow()
        finally:
            clock.cancel()
            session.removeTag(tag)

    def _heard(self, stages: Iterable[StageInfo] | None, **_: object) -> None:
        """Take down how many of its tasks are done of what this thread asks."""
        tasks = [(stage.num_completed_tasks, stage.num_tasks) for stage in stages or ()]
        if total := sum(of for _, of in tasks):
            self._done[threading.get_ident()] = sum(done for done, _ in tasks) / total

    def _session(self) -> SparkSession:
        with self._opening:
            if self._opened is None:
                self._opened = self._connected()
            return self._opened

    def _connected(self) -> SparkSession:
        session = SparkSession.builder.remote(_with_token(self._url)).create()
        session.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES)])
        session.registerProgressHandler(self._heard)
        for key, value in SETTINGS.items():
            session.conf.set(key, value)
        for table in self._state.tables:
            _rows(session, self._lake.source(self._state, table)).createOrReplaceTempView(f"{LAKE}{table}")
        return session


def _rows(session: SparkSession, source: Source) -> DataFrame:
    """Return the rows of a table: as the engine's own catalog has them, or from where they lie."""
    reader = session.read.format(source.format).options(**source.options)
    if source.name:
        with suppress(AnalysisException):
            rows = reader.table(source.name)
            _ = rows.schema  # nothing was asked before, and only now it says that it knows none of that name
            return rows
    return reader.load(list(source.paths))


def _bound(parameters: Mapping[str, object]) -> dict[str, object]:
    return {f"{BOUND}{name}": str(v) if isinstance(v, datetime) else v for name, v in parameters.items()}


def _with_token(url: str) -> str:
    token = os.environ.get(TOKEN_VARIABLE)
    return f"{url}{'' if '/;' in url else '/'};token={token}" if token else url


def _failed(url: str, asked: Query, said: str) -> WorkbenchError:
    """Return what a user can do about an error of Spark's, in a line; the address is said without its token."""
    at = url.partition("/;")[0]
    if "UNAUTHENTICATED" in said or "PERMISSION_DENIED" in said:
        return EngineUnavailable(f"The engine at {at} refuses the token. Set another in {TOKEN_VARIABLE}")
    if "UNAVAILABLE" in said or "RETRIES_EXCEEDED" in said:
        return EngineUnavailable(f"The engine at {at} does not answer. Start it, or unset WORKBENCH_ENGINE")
    if "PATH_NOT_FOUND" in said or "FILE_NOT_EXIST" in said or "FAILED_READ_FILE" in said or "No such file" in said:
        return EngineUnavailable(f"The engine at {at} does not find what is published. Give it the same folder to read")
    if "OPERATION_CANCELED" in said:
        return QueryStopped(f"{asked.of}: stopped after {SECONDS} s. Choose fewer days, or more filters")
    return QueryStopped(f"{asked.of}: the engine stopped it ({shortened(' '.join(said.split()))})")
