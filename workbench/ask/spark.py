"""The engine beyond this machine: an Apache Spark that others run, asked through Spark Connect.

Only here is its client imported, and nobody imports this module who has not set WORKBENCH_ENGINE.
"""

import os
import threading
from collections.abc import Mapping
from datetime import datetime

import duckdb
from pyspark.errors import PySparkException
from pyspark.sql.connect.client.retries import DefaultPolicy
from pyspark.sql.connect.session import SparkSession

from workbench.ask.relations import Query
from workbench.ask.spark_sql import BOUND, LAKE, translated
from workbench.errors import EngineUnavailable, QueryStopped, WorkbenchError, shortened
from workbench.store.lake import Lake, State

TOKEN_VARIABLE = "WORKBENCH_ENGINE_TOKEN"
RETRIES = 4  # within some five seconds; its own number keeps a page waiting for ten minutes
ANSWER = "answer"  # the name under which a cursor has the rows
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.legacy.ctePrecedencePolicy": "CORRECTED",  # as in DuckDB, an inner name hides the outer one
}


class SparkEngine:
    """Asks a Spark about the last state that was published, in a session for each state."""

    def __init__(self, url: str, lake: Lake) -> None:
        """Remember where to ask; nothing is connected to before the first query."""
        self._url, self._lake = url, lake
        self._opening = threading.Lock()
        self._opened: tuple[int, SparkSession] | None = None

    def here(self, cursor: duckdb.DuckDBPyConnection, asked: Query) -> Query:
        """Ask Spark, and return the query by which a cursor has the rows. Raises EngineUnavailable, NotOnEngine."""
        moments = frozenset(name for name, value in asked.parameters.items() if isinstance(value, datetime))
        sql = translated(asked.sql, moments, asked.of)
        try:
            answer = self._session(cursor).sql(sql, args=_bound(asked.parameters)).toArrow()
        except PySparkException as error:
            raise _failed(self._url, asked, str(error)) from None
        cursor.register(ANSWER, answer)
        return Query(f"from {ANSWER}")

    def _session(self, cursor: duckdb.DuckDBPyConnection) -> SparkSession:
        """Return the session of the last state. Raises EngineUnavailable where that is not what the workspace holds."""
        state = self._lake.last()
        if state is None or not state.is_of(cursor):
            what = "Other loads than the workspace's are" if state else "Nothing is"
            raise EngineUnavailable(f"{what} published in {self._lake.folder}. Run: contact-workbench publish")
        with self._opening:
            if self._opened is None or self._opened[0] != state.number:
                self._opened = state.number, self._connected(state)
            return self._opened[1]

    def _connected(self, state: State) -> SparkSession:
        session = SparkSession.builder.remote(_with_token(self._url)).create()
        session.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES)])
        for key, value in SETTINGS.items():
            session.conf.set(key, value)
        for table, parts in state.tables.items():
            files = [str(self._lake.folder / part.file) for part in parts.values()]
            session.read.parquet(*files).createOrReplaceTempView(f"{LAKE}{table}")
        return session


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
    if "PATH_NOT_FOUND" in said or "FAILED_READ_FILE" in said:
        return EngineUnavailable(f"The engine at {at} does not find what is published. Give it the same folder to read")
    return QueryStopped(f"{asked.of}: the engine stopped it ({shortened(' '.join(said.split()))})")
