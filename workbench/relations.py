"""A tile's SELECT with its filtered relations in front of it, every value bound.

A tile's SQL never mentions dates, filters or pins (architecture.md, law 2); what stands in front of it is made here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

import pandas as pd

from workbench import zones
from workbench.reports import Entity, Report, Tile
from workbench.selection import MISSING, Range, Scope
from workbench.sql import literal
from workbench.workspace import Workspace

FOLDER = Path(__file__).parents[1] / "queries"

_STEPS = {
    "half_hour": "interval 30 minutes", "hour": "interval 1 hour", "day": "interval 1 day",
    "week": "interval 7 days", "month": "interval 1 month", "quarter": "interval 3 months",
}  # fmt: skip


# Comments, texts and quoted names, which are left alone, or the name of a parameter.
_TOKENS = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w+)")


@dataclass(frozen=True)
class Query:
    """SQL with named parameters, and their values."""

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)

    def filled_in(self) -> str:
        """Return the SQL with its parameters as literals: what a user can run in any DuckDB shell."""
        return _TOKENS.sub(lambda token: literal(self.parameters[token[1]]) if token[1] else token[0], self.sql)


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


def in_zone_sql(utc: str, zone: str) -> str:
    """Return SQL for the wall time of a naive UTC timestamp in a zone."""
    # Not DuckDB's own conversion: its table of zones is another edition than the one behind the stored local times.
    return zones.to_wall_sql(utc, zone)


class _Builder:
    """Collects the relations and parameters of one query."""

    def __init__(self, scope: Scope, report: Report, in_utc: bool) -> None:
        self.scope, self.report, self.in_utc = scope, report, in_utc
        self.parameters: dict[str, object] = {}

    def bind(self, name: str, value: object) -> str:
        self.parameters[name] = value
        return f"${name}"

    def relation(self, entity: Entity, span: Range, suffix: str, text: str, unpinned: frozenset[str]) -> str:
        """Return the CTE of an entity over a range: times in the zone shown, its period, filters and pins."""
        zone = self.scope.zone
        local = entity.anchor
        replaced = [
            f"{in_zone_sql(name, zone)} as {name}"
            for name in entity.timestamps
            if not self.in_utc and re.search(rf"\b{name}\b", text)
        ]
        if self.scope.is_other_zone and entity.anchor_utc:
            local = in_zone_sql(entity.anchor_utc, zone)
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
            f"    from (\n{indented(entity_sql(entity.name), 8)}\n    ) as everything\n    where {where}\n)"
        )

    def _dates(self, entity: Entity, span: Range, suffix: str) -> list[str]:
        """Return the conditions of the date range; in another zone they compare the stored UTC."""
        anchor = entity.anchor
        if entity.period_end is None:
            start, end = span.span
            if self.scope.is_other_zone and entity.anchor_utc:
                anchor = entity.anchor_utc
                start, end = (zones.utc_from_wall(edge, self.scope.zone) for edge in (start, end))
            from_, to = self.bind(f"from{suffix}", start), self.bind(f"to{suffix}", end)
            return [f"everything.{anchor} >= {from_}", f"everything.{anchor} < {to}"]
        # Rows that are periods themselves: whole ones, of which the loads cover everything.
        inside = [
            f"(everything.{anchor} >= {start} and {entity.period_end} <= {end})"
            for start, end in self._spans(span.reach.whole, f"whole{suffix}")
        ]
        return [f"({' or '.join(inside) or 'false'})"]

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

    def periods(self, span: Range, suffix: str, unpinned: frozenset[str]) -> str:
        """Return the CTE of the covered periods of a range, marked incomplete where range or coverage cuts them.

        A pinned period leaves only itself, unless the tile ignores the pin.
        """
        pinned = [
            self._one_of("period", values, "pin_", "::timestamp")
            for key, values in self.scope.selection.pins
            if key == "period" and key not in unpinned
        ]
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
            f"    from (\n        {union}\n    ) as covered\n"
            f"    where {' and '.join([*pinned, self._not_skipped(span, suffix)])}\n)"
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


def indented(sql: str, spaces: int) -> str:
    """Return SQL without its comments, moved to the right."""
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
            rf"^from {base}\b", f"from (\n{indented(entity_sql(base), 4)}\n) as {base}", sql, flags=re.MULTILINE
        )
    return sql


def query(scope: Scope, report: Report, tile: Tile, sql: str | None = None, in_utc: bool = False) -> Query:
    """Return a tile's SELECT, or another `sql` over its relations, with the relations in front of it.

    A tile ignores the pins whose dimensions are exactly its own. `in_utc` leaves timestamps as they are stored.
    """
    text = sql or statement(report, tile)
    is_pinned_itself = {key for key, _ in scope.selection.pins} == set(tile.dimensions)
    unpinned = frozenset(tile.dimensions) if is_pinned_itself else frozenset()
    builder = _Builder(scope, report, in_utc)
    ranges = [("", scope.now), *([("_before", scope.before)] if scope.before else [])]
    relations = [
        builder.relation(entity, span, suffix, text, unpinned)
        for suffix, span in ranges
        for entity in report.entities
        if re.search(rf"\b{entity.name}{suffix}\b", text)
    ]
    relations += [
        builder.periods(span, suffix, unpinned) for suffix, span in ranges if re.search(rf"\bperiods{suffix}\b", text)
    ]
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
