"""Every query is translated to Spark's SQL, without an engine: what is not known there is an error that names it."""

from typing import Any

import duckdb
import pytest

from tests.engine.asking import ask_once
from workbench import Workbench
from workbench.ask import engine
from workbench.ask.relations import Query
from workbench.ask.spark_sql import translated
from workbench.reports import REPORTS, Report


class Translated(engine.DuckEngine):
    """DuckDB, by which every query is translated besides."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def here(self, cursor: duckdb.DuckDBPyConnection, asked: Query, *_: Any, **__: Any) -> Query:
        """Translate what is asked, and let DuckDB answer."""
        if asked.sql not in self.found:
            self.found[asked.sql] = translated(asked.sql, of=asked.of)
        return asked


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: report.name)
def test_every_query_of_a_report_is_translated(
    sample: Workbench, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = Translated()
    monkeypatch.setattr(engine, "of", lambda workspace: used)
    ask_once(sample.workspace, report)
    assert len(used.found) > len(report.tiles) + len(report.filters)
