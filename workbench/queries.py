"""Reads and runs the SQL files: a tile's SELECT with its filtered relations in front of it, every value bound.

A tile's SQL never mentions dates, filters or pins (architecture.md, law 2); what stands in front of it is made here.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from workbench import zones
from workbench.errors import BadSelection, UnknownName
from workbench.reports import REPORTS, Entity, Report, Tile
from workbench.selection import MISSING, Range, Scope
from workbench.workspace import Workspace

FOLDER = Path(__file__).parents[1] / "queries"

_STEPS = {
    "half_hour": "interval 30 minutes", "hour": "interval 1 hour", "day": "interval 1 day",
    "week": "interval 7 days", "month": "interval 1 month", "quarter": "interval 3 months",
}  # fmt: skip


@dataclass(frozen=True)
class Query:
    """SQL with named parameters, and their values."""

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)

    def filled_in(self) -> str:
        """Return the SQL with its parameters as literals: what a user can run in any DuckDB shell."""
        return re.sub(r"\$(\w+)", lambda name: _literal(self.parameters[name[1]]), self.sql)


def _literal(value: object) -> str:
    if isinstance(value, datetime):
        return f"timestamp '{value}'"
    if isinstance(value, date):
        return f"date '{value}'"
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"


@cache
def sql_file(*parts: str) -> str:
    """Return the text of a file under `queries/`."""
    return FOLDER.joinpath(*parts).read_text(encoding="utf-8").strip()


def statement(report: Report, tile: Tile) -> str:
    """Return a tile's own SELECT, without what the runner puts in front of it."""
    return sql_file(report.name, f"{tile.name}.sql")


def bucket_sql(local: str, rollup: str, week_start: str) -> str:
    """Return SQL for the start of the period that a local time falls in."""
    match rollup:
        case "half_hour":
            return f"time_bucket(interval 30 minutes, {local})"
        case "week" if week_start == "sunday":
            return f"(date_trunc('week', {local} + interval 1 day)::timestamp - interval 1 day)"
        case _:
            return f"date_trunc('{rollup}', {local})::timestamp"


class _Builder:
    """Collects the relations and parameters of one query."""

    def __init__(self, scope: Scope, report: Report) -> None:
        self.scope, self.report = scope, report
        self.parameters: dict[str, object] = {}

    def bind(self, name: str, value: object) -> str:
        self.parameters[name] = value
        return f"${name}"

    def relation(self, entity: Entity, span: Range, suffix: str, text: str, unpinned: frozenset[str]) -> str:
        """Return the CTE of an entity over a range: times in the zone shown, its period, filters and pins."""
        zone = self.scope.zone
        local = entity.anchor
        replaced = [
            f"({name} at time zone 'UTC') at time zone '{zone}' as {name}"
            for name in entity.timestamps
            if re.search(rf"\b{name}\b", text)
        ]
        if self.scope.is_other_zone and entity.anchor_utc:
            local = f"(({entity.anchor_utc} at time zone 'UTC') at time zone '{zone}')"
            replaced.append(f"{local} as {entity.anchor}")
        if self.scope.selection.as_exported:
            replaced += [f"{exported} as {name}" for name, exported in entity.as_exported]
        period = (
            ""
            if entity.period_end
            else f",\n        {bucket_sql(local, self.scope.selection.rollup, self.scope.week_start)} as period"
        )
        columns = f"* replace ({', '.join(replaced)})" if replaced else "*"
        conditions = [*self._dates(entity, span, suffix), *self._filters(entity, unpinned)]
        where = "\n      and ".join(conditions)
        return (
            f"{entity.name}{suffix} as (\n    select\n        {columns}{period}\n"
            f"    from (\n{_indented(entity_sql(entity.name), 8)}\n    ) as everything\n    where {where}\n)"
        )

    def _dates(self, entity: Entity, span: Range, suffix: str) -> list[str]:
        """Return the conditions of the date range; in another zone they compare the stored UTC."""
        start, end = span.span
        anchor = entity.anchor
        if self.scope.is_other_zone and entity.anchor_utc:
            anchor = entity.anchor_utc
            start, end = (zones.utc_from_wall(edge, self.scope.zone) for edge in (start, end))
        from_, to = self.bind(f"from{suffix}", start), self.bind(f"to{suffix}", end)
        last = f"{entity.period_end} <= {to}" if entity.period_end else f"everything.{anchor} < {to}"
        return [f"everything.{anchor} >= {from_}", last]

    def _filters(self, entity: Entity, unpinned: frozenset[str]) -> list[str]:
        selection = self.scope.selection
        pairs = [(key, values, "") for key, values in selection.filters]
        pairs += [(key, values, "pin_") for key, values in selection.pins if key not in unpinned]
        conditions = []
        for key, values, prefix in pairs:
            if key == "period":
                conditions.append(self._one_of("period", values, prefix, "::timestamp"))
            elif key in entity.dimensions:
                conditions.append(self._one_of(f"everything.{key}", values, prefix))
        return conditions

    def _one_of(self, column: str, values: Sequence[str], prefix: str, cast: str = "") -> str:
        key = column.split(".")[-1]
        named = [
            self.bind(f"{prefix}{key}_{n}", value) + cast for n, value in enumerate(values, start=1) if value != MISSING
        ]
        parts = [f"{column} in ({', '.join(named)})"] if named else []
        parts += [f"{column} is null"] if MISSING in values else []
        return f"({' or '.join(parts)})"

    def periods(self, span: Range, suffix: str) -> str:
        """Return the CTE of the covered periods of a range, marked incomplete where range or coverage cuts them."""
        step = _STEPS[self.scope.selection.rollup]
        rollup, week_start = self.scope.selection.rollup, self.scope.week_start
        touched = [
            f"select unnest(range({bucket_sql(f'{start}::timestamp', rollup, week_start)},"
            f" {end}::timestamp, {step})) as period"
            for start, end in self._spans(span.reach.touched, f"touched{suffix}")
        ] or ["select null::timestamp as period where false"]
        whole = [
            f"(period >= {start} and period + {step} <= {end})"
            for start, end in self._spans(span.reach.whole, f"whole{suffix}")
        ]
        complete = " or ".join(whole) or "false"
        union = "\n        union\n        ".join(touched)
        return (
            f"periods{suffix} as (\n    select period, not ({complete}) as is_incomplete\n"
            f"    from (\n        {union}\n    ) as covered\n    where {self._not_skipped(span, suffix)}\n)"
        )

    def _spans(self, spans: Sequence[tuple[datetime, datetime]], name: str) -> list[tuple[str, str]]:
        return [
            (self.bind(f"{name}_{n}_from", start), self.bind(f"{name}_{n}_to", end))
            for n, (start, end) in enumerate(spans, start=1)
        ]

    def _not_skipped(self, span: Range, suffix: str) -> str:
        """Return the condition that leaves out the hours which daylight saving skips."""
        if self.scope.selection.rollup not in ("hour", "half_hour"):
            return "true"
        skipped = [found for change in zones.clock_changes(self.scope.zone) if (found := change.skipped)]
        here = [found for found in skipped if span.span[0] <= found[0] < span.span[1]]
        step = _STEPS[self.scope.selection.rollup]
        conditions = [
            f"not (period >= {start} and period + {step} <= {end})"
            for start, end in self._spans(here, f"skipped{suffix}")
        ]
        return " and ".join(conditions) or "true"


def _indented(sql: str, spaces: int) -> str:
    return "\n".join(" " * spaces + line for line in sql.splitlines() if not line.startswith("--"))


@cache
def entity_sql(name: str) -> str:
    """Return the SELECT of an entity, with the entities that it selects from in front of it."""
    sql = sql_file("entities", f"{name}.sql")
    bases = [
        base.stem
        for base in sorted(FOLDER.joinpath("entities").glob("*.sql"))
        if base.stem != name and re.search(rf"^from {base.stem}\b", sql, re.MULTILINE)
    ]
    for base in bases:
        sql = re.sub(
            rf"^from {base}\b", f"from (\n{_indented(entity_sql(base), 4)}\n) as {base}", sql, flags=re.MULTILINE
        )
    return sql


def query(
    scope: Scope, report: Report, tile: Tile, sql: str | None = None, unpinned: frozenset[str] | None = None
) -> Query:
    """Return a tile's SELECT with its relations in front of it.

    A tile ignores the pins whose dimensions are exactly its own; `unpinned` overrides which keys are ignored.
    """
    text = sql or statement(report, tile)
    if unpinned is None:
        unpinned = (
            frozenset(tile.dimensions)
            if {key for key, _ in scope.selection.pins} == set(tile.dimensions)
            else frozenset()
        )
    builder = _Builder(scope, report)
    ranges = [("", scope.now), *([("_before", scope.before)] if scope.before else [])]
    relations = [
        builder.relation(entity, span, suffix, text, unpinned)
        for suffix, span in ranges
        for entity in report.entities
        if re.search(rf"\b{entity.name}{suffix}\b", text)
    ]
    relations += [builder.periods(span, suffix) for suffix, span in ranges if re.search(rf"\bperiods{suffix}\b", text)]
    own = re.match(r"(?:--.*\n)*with ", text)
    joined = ",\n".join(relations)
    if own:
        text = text[: own.end() - 5] + f"with {joined},\n" + text[own.end() :]
    elif relations:
        comments = re.match(r"(?:--.*\n)*", text)
        head = comments[0] if comments else ""
        text = f"{head}with {joined}\n{text[len(head) :]}"
    return Query(text, builder.parameters)


def frame(workspace: Workspace, asked: Query) -> pd.DataFrame:
    """Run a query and return its rows."""
    with workspace.cursor() as cursor:
        return cursor.execute(asked.sql, dict(asked.parameters)).df()


def not_applicable(scope: Scope, report: Report, tile: Tile) -> list[str]:
    """Return the keys of active filters and pins that a tile's rows have no column for."""
    entity = report.entity(tile.entity)
    active = [key for key, values in (*scope.selection.filters, *scope.selection.pins) if values]
    return [key for key in active if key != "period" and key not in entity.dimensions]


def rows(workspace: Workspace, scope: Scope, report: Report, tile: Tile) -> pd.DataFrame:
    """Return a tile's rows, with `_before`, `_change` and `_change_rate` of its metrics when the scope compares."""
    now = frame(workspace, query(scope, report, tile))
    if scope.selection.compare is None or not tile.metrics or tile.shape in ("log", "table"):
        return now
    if scope.before is None or not scope.before.is_whole:
        return _with_changes(now, None, tile)
    earlier = replace(scope, now=scope.before, before=None)
    return _with_changes(now, frame(workspace, query(earlier, report, tile)), tile)


def _with_changes(now: pd.DataFrame, before: pd.DataFrame | None, tile: Tile) -> pd.DataFrame:
    """Append each metric's value before and its change. Periods are compared by their place in the range."""
    metrics = list(tile.metrics)
    if before is None:
        matched = pd.DataFrame(index=now.index, columns=metrics, dtype="float64")
    elif not tile.dimensions or tile.dimensions == ("period",):
        matched = before[metrics].reindex(now.index)
    else:
        matched = now[list(tile.dimensions)].merge(
            before[[*tile.dimensions, *metrics]], how="left", on=list(tile.dimensions)
        )[metrics]
    changes: dict[str, pd.Series[Any]] = {}
    for metric in metrics:
        earlier = pd.to_numeric(matched[metric]).astype("float64")
        changes[f"{metric}_before"] = earlier
        changes[f"{metric}_change"] = now[metric].astype("float64") - earlier
        changes[f"{metric}_change_rate"] = changes[f"{metric}_change"] / earlier.where(earlier != 0)
    return now.assign(**changes)


def counts(workspace: Workspace, scope: Scope, report: Report, tile: Tile) -> dict[str, int]:
    """Return n for every metric of a tile: how many rows it rests on; `rows` is how many the selection has."""
    parts = [f"count(*) filter ({report.metric(name).rows}) as {name}" for name in tile.metrics]
    sql = (
        f"select count(*) as rows, {', '.join(parts)} from {tile.entity}"
        if parts
        else f"select count(*) as rows from {tile.entity}"
    )
    found = frame(workspace, query(scope, report, tile, sql))
    return {str(name): int(found[name].iloc[0]) for name in found.columns}


def incomplete_periods(workspace: Workspace, scope: Scope, report: Report) -> list[datetime]:
    """Return the periods that the range or the coverage cuts."""
    sql = "select period from periods where is_incomplete order by period"
    return list(frame(workspace, query(scope, report, report.tiles[0], sql))["period"].dt.to_pydatetime())


def options(workspace: Workspace, scope: Scope, report: Report, key: str) -> list[tuple[str, int]]:
    """Return the values of a filter in the date range with their counts, most frequent first; MISSING is missing.

    Other filters and pins do not narrow the list.
    """
    bare = replace(scope, selection=replace(scope.selection, filters=(), pins=()))
    counted = f"select coalesce({key}, '') as value, count(*) as n from {report.main.name}"
    sql = f"{counted} group by all order by n desc, value"
    found = frame(workspace, query(bare, report, report.tiles[0], sql))
    return [(str(value), int(n)) for value, n in zip(found["value"], found["n"], strict=True)]


@dataclass(frozen=True)
class Page:
    """Which rows of a log: sorted by a column over all, `limit` of them from `offset` (None: all), holding a text."""

    sort: str = ""
    limit: int | None = None
    offset: int = 0
    search: str = ""
    columns: tuple[str, ...] = ()

    def ordered_by(self, tile: Tile, columns: Sequence[str]) -> tuple[str, bool]:
        """Return the column to sort by, and whether downwards. Raises UnknownName."""
        name, _, direction = (self.sort or tile.sort).partition(":")
        if name not in columns:
            raise UnknownName("column", name, columns)
        if direction not in ("", "asc", "desc"):
            raise BadSelection(f"'{direction}' is not a direction. Write {name} or {name}:desc")
        return name, direction == "desc"


def log_columns(report: Report, tile: Tile) -> tuple[str, ...]:
    """Return every column that a log offers: those of its SELECT but for the row's own number."""
    text = statement(report, tile)
    body = text[text.index("select") + 6 : text.rindex("\nfrom ")]
    names = [line.strip().rstrip(",").split(" as ")[-1] for line in body.splitlines() if line.strip()]
    return tuple(name for name in names if name not in ("row_id", "extra"))


def extra_columns(workspace: Workspace, report: Report) -> tuple[str, ...]:
    """Return the headers of columns that the loaded files brought and their kind does not know."""
    found = workspace.rows(
        f"select distinct unnest(map_keys(extra)) as name from {report.main.kind} where extra is not null order by name"
    )
    return tuple(name for (name,) in found)


def _matching(tile: Tile, page: Page) -> tuple[str, dict[str, object]]:
    """Return the condition of a log's search; case and accents do not count."""
    if not page.search.strip():
        return "true", {}
    found = " or ".join(
        f"contains(lower(strip_accents({name})), lower(strip_accents($search)))" for name in tile.search
    )
    return f"({found})", {"search": page.search.strip()}


def log_query(scope: Scope, report: Report, tile: Tile, page: Page, extras: Sequence[str] = ()) -> Query:
    """Return the query of a log's rows, in order.

    A page is found by sorting only the column and the row's number, and the wide rows are fetched afterwards: sorting
    wide rows takes twenty times as long.
    """
    known = (*log_columns(report, tile), *extras)
    shown = page.columns or tile.columns
    for name in shown:
        if name not in known:
            raise UnknownName("column", name, known)
    column, downwards = page.ordered_by(tile, known)
    asked = query(scope, report, tile)
    sort = _expression(column, extras)
    condition, parameters = _matching(tile, page)
    order = f"{sort} {'desc' if downwards else 'asc'} nulls last, row_id {'desc' if downwards else 'asc'}"
    picked = ", ".join(f"{_expression(name, extras)} as {_quoted(name)}" for name in ("row_id", *shown))
    head, body = _split(asked.sql)
    if page.limit is None:
        sql = (
            f"{head}, log as (\n{_indented(body, 4)}\n)\nselect {picked}\nfrom log\nwhere {condition}\norder by {order}"
        )
        return Query(sql, {**asked.parameters, **parameters})
    limits = {"limit": page.limit, "offset": page.offset}
    sql = (
        f"{head}, log as (\n{_indented(body, 4)}\n), page as (\n    select row_id\n    from log\n"
        f"    where {condition}\n    order by {order}\n    limit $limit offset $offset\n)\nselect {picked}\nfrom log\n"
        f"where row_id in (select row_id from page)\norder by {order}"
    )
    return Query(sql, {**asked.parameters, **parameters, **limits})


def _split(sql: str) -> tuple[str, str]:
    """Split a log's query into its relations and its own SELECT."""
    at = sql.rindex("\nselect")
    return sql[:at], sql[at + 1 :]


def _expression(name: str, extras: Sequence[str]) -> str:
    return f"extra[{_literal(name)}]" if name in extras else _quoted(name)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def log_rows(workspace: Workspace, scope: Scope, report: Report, tile: Tile, page: Page) -> pd.DataFrame:
    """Return rows of a log, with `row_id` in front: a row is found again by it in this version of the workspace."""
    return frame(workspace, log_query(scope, report, tile, page, extra_columns(workspace, report)))


def log_count(workspace: Workspace, scope: Scope, report: Report, tile: Tile, search: str = "") -> int:
    """Return how many rows a log has."""
    condition, parameters = _matching(tile, Page(search=search))
    asked = query(scope, report, tile, f"select count(*) as n from {tile.entity} where {condition}")
    return int(frame(workspace, Query(asked.sql, {**asked.parameters, **parameters}))["n"].iloc[0])


def record(workspace: Workspace, scope: Scope, report: Report, tile: Tile, row_id: int) -> dict[str, object]:
    """Return every field of one row, by column; columns that the kind does not know stand under their header."""
    bare = replace(scope, selection=replace(scope.selection, filters=(), pins=()))
    asked = query(bare, report, tile)
    head, body = _split(asked.sql)
    sql = f"{head}, log as (\n{_indented(body, 4)}\n)\nselect * from log where row_id = $row_id"
    found = frame(workspace, Query(sql, {**asked.parameters, "row_id": row_id}))
    if found.empty:
        return {}
    fields = dict(found.iloc[0])
    return {**{k: v for k, v in fields.items() if k not in ("row_id", "extra")}, **(fields.get("extra") or {})}


def install(workspace: Workspace) -> None:
    """Create macros, and the views by which a tile's SQL runs as it is in any DuckDB shell (architecture.md, law 2)."""
    statements = [*re.split(r";\s*\n", sql_file("macros.sql")), *_views()]
    digest = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    workspace.define(statements, digest)


def _views() -> list[str]:
    """Return the views: every entity over everything by day, their `_before` empty, and the covered days."""
    zone = "(select value from main.settings where key = 'reporting_zone')"
    views = []
    for entity in {entity.name: entity for report in REPORTS.values() for entity in report.entities}.values():
        local = ", ".join(f"({name} at time zone 'UTC') at time zone {zone} as {name}" for name in entity.timestamps)
        columns = f"* replace ({local})" if local else "*"
        period = "" if entity.period_end else f", {bucket_sql(entity.anchor, 'day', 'monday')} as period"
        source = f"(\n{entity_sql(entity.name)}\n) as everything"
        views.append(f"create or replace view {entity.name} as select {columns}{period} from {source}")
        views.append(f"create or replace view {entity.name}_before as from {entity.name} where false")
    edges = ", ".join(f"(({edge} at time zone 'UTC') at time zone {zone}) as {edge}" for edge in ("from_utc", "to_utc"))
    days = "unnest(range(date_trunc('day', from_utc)::timestamp, to_utc, interval 1 day)) as period"
    covered = f"select distinct {days}, false as is_incomplete from (select {edges} from main.coverage)"
    views.append(f"create or replace view periods as {covered}")
    views.append("create or replace view periods_before as from periods where false")
    return views
