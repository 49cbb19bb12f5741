"""A tile's SELECT with its filtered relations in front of it, every value bound.

A tile's SQL never mentions dates, filters or pins (architecture.md, law 2); what stands in front of it is made here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, reduce
from itertools import product

import pandas as pd

from workbench.ask.scope import Range, Scope
from workbench.ask.selection import (
    MISSING,
    Pin,
    Selection,
    pin_keys,
    wanted,
)
from workbench.errors import BadSelection
from workbench.places import QUERIES
from workbench.reports import (
    PERIOD,
    Dimension,
    Entity,
    Metric,
    Report,
    Tile,
)
from workbench.sql import literal
from workbench.store.workspace import Workspace
from workbench.time import coverage, zones

SUFFIXES = ("", "_before")  # of the relations over the range, and over the one that it is compared with
CHOSEN = "chosen"  # the relation of what a report's SQL must know of the selection itself
DATED = "_dated"  # behind the name of a relation: its rows of the range, before filters and pins

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
    return QUERIES.joinpath(*parts).read_text(encoding="utf-8").strip()


def statement(report: Report, tile: Tile) -> str:
    """Return a tile's own SELECT, without what the runner puts in front of it."""
    return sql_file(tile.folder or report.name, f"{tile.name}.sql")


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


def followed(selection: Selection, tile: Tile) -> list[Pin]:
    """Return the pins that a tile follows: all but one of exactly its own dimensions."""
    return [pin for pin in selection.pins if pin_keys(pin) != frozenset(tile.dimensions)]


def is_comparable(scope: Scope, tile: Tile) -> bool:
    """Tell whether a tile can be compared: not while a period is pinned, which no other range has."""
    pinned = {key for pin in followed(scope.selection, tile) for key in pin_keys(pin)}
    return scope.before is not None and PERIOD.key not in pinned


class _Builder:
    """Collects the relations and parameters of one query."""

    def __init__(self, scope: Scope, report: Report, tile: Tile, text: str, in_utc: bool) -> None:
        self.scope, self.report, self.tile, self.text, self.in_utc = scope, report, tile, text, in_utc
        self.pins = followed(scope.selection, tile)
        self.parameters: dict[str, object] = {}

    def bind(self, name: str, value: object) -> str:
        self.parameters[name] = value
        return f"${name}"

    def relations(self) -> list[str]:
        """Return the CTEs that the text selects from."""
        named = [
            (e, suffix) for suffix in SUFFIXES for e in self.report.entities if self._is_named(f"{e.name}{suffix}")
        ]
        every = dict.fromkeys(base for entity in self.report.entities for base in entity.bases)
        found = [] if named else self._bases(self.text, tuple(every), "")
        for entity, suffix in named:
            own = entity_sql(entity.name, entity.apart)
            found += [*self._bases(own, entity.bases, suffix), self._relation(entity, suffix)]
        found = list(dict.fromkeys(found))
        if any(re.search(rf"\b{CHOSEN}\b", relation) for relation in found):
            found.insert(0, self._chosen())
        makers = {"periods": self._periods, "periods_by_kind": self._periods_by_kind, "hours": self._hours}
        found += [
            make(f"{name}{suffix}", suffix)
            for suffix in SUFFIXES
            for name, make in makers.items()
            if self._is_named(f"{name}{suffix}")
        ]
        return found

    def _is_named(self, name: str) -> bool:
        return bool(re.search(rf"\b{name}\b", self.text))

    def _ranges(self, entity: Entity, suffix: str) -> dict[str, Range]:
        """Return the range of each kind, or the one before, where that is wholly loaded."""
        found = self.scope.of(entity)
        if not suffix:
            return {kind: now for kind, now, _ in found}
        if not is_comparable(self.scope, self.tile):
            return {}
        return {kind: before for kind, _, before in found if before and before.is_whole}

    def _chosen(self) -> str:
        """Return the CTE of one row: the report's settings, and what its settled filters leave, null for everything."""
        selection = replace(self.scope.selection, pins=tuple(self.pins))
        filtered = {key for filters in (selection.filters, *selection.pins) for key, _ in filters}
        settings = [f"{self.bind(name, getattr(selection, name))} as {name}" for name in self.report.settings]
        values = {key: list(wanted(selection, key)) if key in filtered else None for key in self.report.main.settled}
        lists = [f"{self.bind(f'chosen_{key}', left)}::varchar[] as {key}" for key, left in values.items()]
        return f"{CHOSEN} as (\n    select {', '.join([*settings, *lists])}\n)"

    def _bases(self, text: str, bases: Sequence[Entity], suffix: str) -> list[str]:
        """Return the CTEs of the bases that a SELECT, or one of them, names."""
        found = []
        for base, dated in reversed([*product(bases, ("", DATED))]):
            if re.search(rf"\b{base.name}{dated}\b", text):
                found.append(self._base(base, dated, suffix))
                text += entity_sql(base.name, base.apart)
        return found[::-1]

    def _base(self, base: Entity, dated: str, suffix: str) -> str:
        """Return the CTE of a relation before filters and pins; one of the range where it is `dated`."""
        where = "\n      and ".join(self._dates(base, suffix) if dated else ()) or "true"
        replaced = base.as_exported if self.scope.selection.as_exported else ()
        columns = (
            f"* replace ({', '.join(f'{exported} as {name}' for name, exported in replaced)})" if replaced else "*"
        )
        return (
            f"{base.name}{dated}{suffix} as (\n    select {columns}\n"
            f"    from (\n{indented(_suffixed(base, suffix), 8)}\n    ) as everything\n    where {where}\n)"
        )

    def _relation(self, entity: Entity, suffix: str) -> str:
        """Return the CTE of an entity over a range: times in the zone shown, its period, filters and pins."""
        zone = self.scope.zone
        local = entity.anchor
        replaced = [
            f"{in_zone_sql(name, zone)} as {name}"
            for name in entity.timestamps
            if not self.in_utc and self._is_named(name)
        ]
        if self.scope.is_other_zone and entity.anchor_utc:
            local = in_zone_sql(entity.anchor_utc, zone)
            replaced.append(f"{local} as {entity.anchor}")
        if self.scope.selection.as_exported:
            replaced += [f"{exported} as {name}" for name, exported in entity.as_exported]
        columns = f"* replace ({', '.join(replaced)})" if replaced else "*"
        added = "".join(f",\n        {sql} as {name}" for name, sql in self._from_anchor(entity, local))
        conditions = [*self._dates(entity, suffix), *self._filters(entity), *self._rows_of()]
        where = "\n      and ".join(conditions) or "true"
        return (
            f"{entity.name}{suffix} as (\n    select\n        {columns}{added}\n"
            f"    from (\n{indented(_suffixed(entity, suffix), 8)}\n    ) as everything\n    where {where}\n)"
        )

    def _from_anchor(self, entity: Entity, local: str) -> list[tuple[str, str]]:
        """Return the columns that are computed from a row's local time, among them its period."""
        if entity.period_utc:
            return []
        period = bucket_sql(local, self.scope.selection.rollup, self.scope.week_start)
        return [("period", period), *((name, sql.format(anchor=local)) for name, sql in entity.from_anchor)]

    def _dates(self, entity: Entity, suffix: str) -> list[str]:
        """Return the conditions of the date range; in another zone they compare the stored UTC."""
        if self.tile.is_history:
            return []
        anchor, ranges = entity.anchor, self._ranges(entity, suffix)
        if suffix and not ranges:
            return ["false"]
        if entity.period_utc is None:
            start, end = next(iter(ranges.values())).span
            if self.scope.is_other_zone and entity.anchor_utc:
                anchor = entity.anchor_utc
                ((start, end),) = self._in_utc([(start, end)])
            from_, to = self.bind(f"from{suffix}", start), self.bind(f"to{suffix}", end)
            return [f"everything.{anchor} >= {from_}", f"everything.{anchor} < {to}"]
        # Rows that are periods themselves: whole ones, of which the loads cover everything, in whatever zone they are.
        starts_at, ends_at = entity.period_utc
        inside = [
            f"({starts_at} >= {start} and {ends_at} <= {end})"
            for kind, span in ranges.items()
            for start, end in self._spans(self._in_utc(span.reach.whole), f"whole_{kind}{suffix}")
        ]
        return [f"({' or '.join(inside) or 'false'})"]

    def _in_utc(self, spans: Sequence[coverage.Span]) -> list[coverage.Span]:
        return [
            (zones.utc_from_wall(start, self.scope.zone), zones.utc_from_wall(end, self.scope.zone))
            for start, end in spans
        ]

    def _filters(self, entity: Entity) -> list[str]:
        """Return the conditions of filters and pins on the columns that an entity has."""
        named = [("", self.scope.selection.filters), *((f"pin{n}_", pin) for n, pin in enumerate(self.pins, start=1))]
        computed = {PERIOD.key, *(name for name, _ in entity.from_anchor)}
        return [
            self._one_of(self.report.dimension(key), values, prefix, key if key in computed else f"everything.{key}")
            for prefix, filters in named
            for key, values in filters
            if key in entity.dimensions or (key == PERIOD.key and not entity.period_utc and key not in entity.settled)
            if key == self.tile.needs or not self.tile.is_history
        ]

    def _one_of(self, dimension: Dimension, values: Sequence[str], prefix: str, column: str) -> str:
        """Return the condition that a row has one of some values; MISSING is the missing one."""
        cast = dimension.cast and f"::{dimension.cast}"
        named = [
            self.bind(f"{prefix}{dimension.key}_{n}", value) + cast
            for n, value in enumerate(values, start=1)
            if value != MISSING
        ]
        if dimension.condition:
            return f"({' or '.join(dimension.condition.format(value=name) for name in named) or 'false'})"
        parts = [f"{column} in ({', '.join(named)})"] if named else []
        parts += [f"{column} is null"] if MISSING in values else []
        return f"({' or '.join(parts)})"

    def _rows_of(self) -> list[str]:
        """Return the condition by which a log shows the rows of one metric only."""
        name, _, part = self.scope.selection.rows_of.partition(":")
        if not name or self.tile.shape != "log" or self.report.log_of(self.report.metric(name)) != self.tile:
            return []
        return [f"({self.report.metric(name).parts[part]})"]

    def _periods(self, name: str, suffix: str) -> str:
        """Return the CTE of the covered periods of a range, marked incomplete where range or coverage cuts them.

        A pinned period leaves only itself, unless the tile ignores the pin.
        """
        entity = self.report.entity(self.tile.entity)
        reaches = [span.reach for span in self._ranges(entity, suffix).values()]
        touched = coverage.merged(span for reach in reaches for span in reach.touched)
        wholes = [reach.whole for reach in reaches if reach.touched]  # a log that is not loaded cuts no other
        whole = reduce(coverage.common, wholes) if wholes else ()
        covered = self._covered(coverage.Reach(touched, whole), suffix, self.scope.selection.rollup)
        where = self._shown_periods()
        return f"{name} as (\n    select period, is_incomplete\n    from {covered}\n    where {where}\n)"

    def _periods_by_kind(self, name: str, suffix: str) -> str:
        """Return the CTE of the covered periods of each kind of the tile's entity."""
        ranges = self._ranges(self.report.entity(self.tile.entity), suffix)
        parts = [
            f"select '{kind}' as kind, period, is_incomplete\n"
            f"    from {self._covered(span.reach, f'_{kind}{suffix}', self.scope.selection.rollup)}\n"
            f"    where {self._shown_periods()}"
            for kind, span in ranges.items()
        ] or ["select null::varchar as kind, null::timestamp as period, null::boolean as is_incomplete where false"]
        union = "\n    union all\n    ".join(parts)
        return f"{name} as (\n    {union}\n)"

    def _hours(self, name: str, suffix: str) -> str:
        """Return the CTE of the hours that begin in the covered part of a range, whatever the rollup."""
        ranges = self._ranges(self.report.entity(self.tile.entity), suffix)
        touched = coverage.merged(span for each in ranges.values() for span in each.reach.touched)
        covered = self._covered(coverage.Reach(touched, ()), f"_hours{suffix}", "hour")
        period = bucket_sql("hour_start", self.scope.selection.rollup, self.scope.week_start)
        return (
            f"{name} as (\n    select period as hour_start, {period} as period\n    from {covered}\n"
            f"    where {self._pinned_periods(period)}\n)"
        )

    def _shown_periods(self) -> str:
        """Return the condition of the periods that a tile has rows for."""
        is_cut = self.scope.selection.whole_only and PERIOD.key in self.tile.dimensions
        return f"{self._pinned_periods()}{' and not is_incomplete' if is_cut else ''}"

    def _pinned_periods(self, column: str = "period") -> str:
        pinned = [
            self._one_of(PERIOD, values, f"pin{n}_", column)
            for n, pin in enumerate(self.pins, start=1)
            for key, values in pin
            if key == PERIOD.key
        ]
        return " and ".join(pinned) or "true"

    def _covered(self, reach: coverage.Reach, name: str, rollup: str) -> str:
        """Return the periods that begin in what is touched, but for hours which daylight saving skips."""
        step, week_start = _STEPS[rollup], self.scope.week_start
        touched = [
            f"select unnest(range({bucket_sql(f'{start}::timestamp', rollup, week_start)},"
            f" {end}::timestamp, {step})) as period"
            for start, end in self._spans(reach.touched, f"touched{name}")
        ] or ["select null::timestamp as period where false"]
        whole = [
            f"(period >= {start} and period + {step} <= {end})"
            for start, end in self._spans(reach.whole, f"whole{name}")
        ]
        complete = " or ".join(whole) or "false"
        union = "\n            union\n            ".join(touched)
        where = self._not_skipped(reach, name, rollup)
        return (
            f"(\n        select period, not ({complete}) as is_incomplete\n"
            f"        from (\n            {union}\n        )\n        where {where}\n    )"
        )

    def _spans(self, spans: Sequence[tuple[datetime, datetime]], name: str) -> list[tuple[str, str]]:
        return [
            (self.bind(f"{name}_{n}_from", start), self.bind(f"{name}_{n}_to", end))
            for n, (start, end) in enumerate(spans, start=1)
        ]

    def _not_skipped(self, reach: coverage.Reach, name: str, rollup: str) -> str:
        """Return the condition that leaves out the hours which daylight saving skips."""
        if rollup not in ("hour", "half_hour"):
            return "true"
        skipped = [found for change in zones.clock_changes(self.scope.zone) if (found := change.skipped)]
        here = coverage.common(coverage.merged(skipped), reach.touched)
        step = _STEPS[rollup]
        conditions = [
            f"not (period >= {start} and period + {step} <= {end})"
            for start, end in self._spans(here, f"skipped{name}")
        ]
        return " and ".join(conditions) or "true"


def indented(sql: str, spaces: int) -> str:
    """Return SQL without its comments, moved to the right."""
    return "\n".join(" " * spaces + line for line in sql.splitlines() if not line.startswith("--"))


def _suffixed(entity: Entity, suffix: str) -> str:
    """Return the SELECT of an entity over its bases of a range."""
    sql = entity_sql(entity.name, entity.apart)
    names = "|".join(base.name + dated for base in entity.bases for dated in ("", DATED))
    return re.sub(rf"\b({names})\b", rf"\1{suffix}", sql) if names and suffix else sql


@cache
def entity_sql(name: str, apart: frozenset[str] = frozenset()) -> str:
    """Return the SELECT of an entity, with the entities that it selects from in front of it but for those `apart`."""
    sql = sql_file("entities", f"{name}.sql")
    bases = [
        base.stem
        for base in sorted(QUERIES.joinpath("entities").glob("*.sql"))
        if base.stem not in (name, *apart) and re.search(rf"^from {base.stem}\b", sql, re.MULTILINE)
    ]
    for base in bases:
        sql = re.sub(
            rf"^from {base}\b", f"from (\n{indented(entity_sql(base, apart), 4)}\n) as {base}", sql, flags=re.MULTILINE
        )
    return sql


def query(scope: Scope, report: Report, tile: Tile, sql: str | None = None, in_utc: bool = False) -> Query:
    """Return a tile's SELECT, or another `sql` over its relations, with the relations in front of it.

    `in_utc` leaves timestamps as they are stored.
    """
    text = sql or statement(report, tile)
    builder = _Builder(scope, report, tile, text, in_utc)
    relations = builder.relations()
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
    known = (entity.dimensions | entity.settled | {PERIOD.key}) - tile.not_for
    return [key for key in _active(scope) if key not in known]


def check_applicable(scope: Scope, report: Report, tile: Tile) -> None:
    """Raise BadSelection where a filter or pin cannot apply to a tile, whose numbers would be those without it."""
    if not_applicable(scope, report, tile):
        raise BadSelection("The selected filter(s) are not applicable here. Leave them out, or choose another tile")


def is_shown(scope: Scope, tile: Tile) -> bool:
    """Tell whether the selection has what a tile needs: exactly one value of a key."""
    return not tile.needs or len(wanted(scope.selection, tile.needs)) == 1


def says_nothing(scope: Scope, metric: Metric) -> bool:
    """Tell whether an active filter or pin is one that has nothing to do with a metric."""
    return not metric.not_for.isdisjoint(_active(scope))


def _active(scope: Scope) -> list[str]:
    pinned = [filter_ for pin in scope.selection.pins for filter_ in pin]
    return list(dict.fromkeys(key for key, values in (*scope.selection.filters, *pinned) if values))
