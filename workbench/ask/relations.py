"""A tile's SELECT over its filtered relations, every value that a selection names bound.

A tile's SQL never mentions dates, filters or pins (docs/architecture.md, law 2); what stands in front of it is made
here. SQL is put together by its own scoping, never by cutting text: a relation nests the CTEs of what it rests on.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, cached_property, reduce
from itertools import pairwise, product
from textwrap import indent
from typing import Any

import duckdb

from workbench.ask import hours
from workbench.ask.hours import Calendar
from workbench.ask.question import Question, followed, is_comparable
from workbench.ask.scope import Range
from workbench.ask.selection import MISSING, Selection, wanted
from workbench.places import QUERIES
from workbench.reports import PERIOD, Dimension, Entity, Log, Report, Tile
from workbench.reports.entities import ENTITIES, WIDER
from workbench.reports.settings import EVERY, SETTINGS
from workbench.sql import literal
from workbench.time import coverage, zones

SUFFIXES = ("", "_before")  # of the relations over the range, and over the one that it is compared with
QUARTER_HOURS = "quarter_hours"  # the relation of what a range is made of, and what of it is loaded and counts
CHOSEN = "chosen"  # the relation of what a report's SQL must know of the selection itself
WHOLE_DAYS = "whole_days"  # the relation of the stretches of days of which everything is loaded, as instants
PERIODS = frozenset({"periods", "periods_by_kind", "hours", QUARTER_HOURS})
UNKNOWN = "null::double"  # the SQL of a wait within business hours where no calendar says what these are
DATED = "_dated"  # behind the name of a relation: its rows of the range, before filters and pins

_STEPS = {
    "half_hour": "interval 30 minutes", "hour": "interval 1 hour", "day": "interval 1 day",
    "week": "interval 7 days", "month": "interval 1 month", "quarter": "interval 3 months",
}  # fmt: skip
_HALF_HOUR = 1_800_000_000  # microseconds
_QUARTER_HOUR = timedelta(minutes=15)  # of which every offset of a zone is a multiple

# Comments, texts and quoted names, which are left alone, or the name of a parameter.
TOKENS = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w+)")


_SETTING = re.compile(r"\{(\w+)\}")  # in SQL, of the question


@dataclass(frozen=True)
class Query:
    """SQL with named parameters, and their values; `of` says in an error what it answers: a report and its tile."""

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    of: str = ""

    def filled_in(self) -> str:
        """Return the SQL with its parameters as literals: what a user can run in any DuckDB shell."""
        return TOKENS.sub(lambda token: literal(self.parameters[token[1]]) if token[1] else token[0], self.sql)


@cache
def sql_file(*parts: str) -> str:
    """Return the text of a file under `queries/`."""
    return QUERIES.joinpath(*parts).read_text(encoding="utf-8").strip()


def entity_sql(entity: Entity) -> str:
    """Return an entity's own SELECT, which names its bases."""
    return sql_file("entities", f"{entity.name}.sql")


@cache
def names(sql: str) -> frozenset[str]:
    """Return every name in a text of SQL as the database knows it, by its own lexer: small, and without quotes.

    What stands in comments and texts is none.
    """
    text = sql.encode()  # the lexer counts bytes
    tokens = [*duckdb.tokenize(sql), (len(text), None)]
    silent = (duckdb.token_type.comment, duckdb.token_type.string_const)
    found = (text[at:end].decode() for (at, type_), (end, _) in pairwise(tokens) if type_ not in silent)
    return frozenset(name.strip().strip('"').lower() for name in found)


def bucket_sql(local: str, rollup: str, week_start: str) -> str:
    """Return SQL for the start of the period that a local time falls in."""
    match rollup:
        case "half_hour":
            return f"make_timestamp(epoch_us({local}) - epoch_us({local}) % {_HALF_HOUR})"
        case "week" if week_start == "sunday":
            return f"(date_trunc('week', {local} + interval 1 day)::timestamp - interval 1 day)"
        case _:
            return f"date_trunc('{rollup}', {local})::timestamp"


def in_zone_sql(utc: str, zone: str) -> str:
    """Return SQL for the wall time of a naive UTC timestamp in a zone."""
    # Not DuckDB's own conversion: its table of zones is another edition than the one behind the stored local times.
    return zones.to_wall_sql(utc, zone)


def with_sql(relations: Iterable[str], select: str) -> str:
    """Return a SELECT over relations, which are CTEs in front of it."""
    joined = ",\n".join(relations)
    return f"with {joined}\n{select}" if joined else select


def cte_sql(name: str, select: str) -> str:
    """Return a SELECT as a CTE of that name."""
    return f"{name} as (\n{indent(select, '    ')}\n)"


def selected_sql(columns: Sequence[str], source: str, alias: str, conditions: Sequence[str] = ()) -> str:
    """Return a SELECT of columns over another one, its rows narrowed by all conditions."""
    where = "\nwhere " + "\n    and ".join(conditions) if conditions else ""
    return f"select {', '.join(columns)}\nfrom (\n{indent(source, '    ')}\n) as {alias}{where}"


def replaced_sql(columns: Sequence[tuple[str, str]]) -> str:
    """Return SQL for all columns, some of them in the place of their namesakes: pairs of a name and its SQL."""
    replaced = ", ".join(f"{sql} as {name}" for name, sql in columns)
    return f"* replace ({replaced})" if replaced else "*"


def by_channel(name: str) -> bool:
    """Tell whether a setting is one of a row, by its channel."""
    return name in SETTINGS and SETTINGS[name].by_channel


def setting_sql(name: str, value: Any, bound: Callable[[str, object], str]) -> str:
    """Return SQL for the value of a setting, `bound` being SQL for a value under a name; one by channel is a row's."""
    if not by_channel(name):
        return bound(name, value)
    general = bound(name, dict(value)[EVERY]) if EVERY in dict(value) else "null"
    cases = [
        f"when {bound(f'{name}_{n}_channel', channel)} then {bound(f'{name}_{n}', seconds)}"
        for n, (channel, seconds) in enumerate(value, start=1)
        if channel != EVERY
    ]
    return f"case channel {' '.join(cases)} else {general} end" if cases else general


def from_settings(
    columns: Iterable[tuple[str, str]], selection: Selection, bound: Callable[[str, object], str]
) -> list[tuple[str, str]]:
    """Return columns that are computed from settings with their SQL, `bound` being SQL for a value under a name."""
    return [
        (name, _SETTING.sub(lambda found: setting_sql(found[1], selection.setting(found[1]), bound), sql))
        for name, sql in columns
    ]


class _Relations:
    """The relations of one query, and the parameters that they bind."""

    def __init__(self, question: Question, tile: Tile, text: str, in_utc: bool) -> None:
        self.question, self.tile, self.in_utc = question, tile, in_utc
        self.scope, self.report, self.selection = question.scope, question.report, question.selection
        self.pins = followed(question, tile)
        self.named = names(f"{text} {' '.join(self._rows_of())}")
        self.read = set(self.named)  # the names in all texts that the query is made of
        self.parameters: dict[str, object] = {}

    @cached_property
    def calendars(self) -> list[Calendar]:
        """The calendars of the workspace."""
        return hours.in_force(self.question.workspace)

    def bind(self, name: str, value: object) -> str:
        self.parameters[name] = value
        return f"${name}"

    def ctes(self) -> list[str]:
        """Return the CTEs that the text selects from."""
        relations = {
            f"{entity.name}{suffix}": self._relation(entity, suffix)
            for suffix in SUFFIXES
            for entity in self.report.entities
            if f"{entity.name}{suffix}" in self.named
        }
        bases = [base for entity in self.report.entities for base in entity.bases]
        found = [*self._bases(self.named - relations.keys(), bases, ""), *relations.values()]
        makers = {
            "periods": self._periods, "periods_by_kind": self._periods_by_kind, "hours": self._hours,
            QUARTER_HOURS: self._quarter_hours,
        }  # fmt: skip
        resting = [entity for entity in ENTITIES if entity.rests_on in self.report.entities]
        named = [
            (entity, suffix) for suffix in SUFFIXES for entity in resting if f"{entity.name}{suffix}" in self.named
        ]
        found = [*(self._resting(entity, suffix) for entity, suffix in named), *found]
        found += [
            cte_sql(f"{name}{suffix}", make(suffix))
            for suffix in SUFFIXES
            for name, make in makers.items()
            if f"{name}{suffix}" in self.named
        ]
        first = {CHOSEN: self._chosen, WHOLE_DAYS: self._whole_days}
        told = hours.relations(self.calendars, self.bind) if self.read.intersection(hours.RELATIONS) else {}
        found = [*(cte_sql(name, make()) for name, make in told.items() if name in self.read), *found]
        return [*(make() for name, make in first.items() if name in self.read), *found]

    def _ranges(self, entity: Entity, suffix: str) -> dict[str, Range]:
        """Return the range of each kind, or the one before, where that is wholly loaded."""
        if not suffix:
            return self.question.ranges(entity)
        return self.question.ranges_before(entity) if is_comparable(self.question, self.tile) else {}

    def _chosen(self) -> str:
        """Return the CTE of one row: the report's settings, and what its settled filters leave, null for everything."""
        selection = replace(self.selection, pins=self.pins)
        filtered = {key for filters in (selection.filters, *selection.pins) for key, _ in filters}
        known = [name for name in self.report.settings if not by_channel(name)]
        settings = [f"{self.bind(name, selection.setting(name))} as {name}" for name in known]
        values = {key: list(wanted(selection, key)) if key in filtered else None for key in self.report.main.settled}
        lists = [f"{self.bind(f'chosen_{key}', left)}::varchar[] as {key}" for key, left in values.items()]
        return cte_sql(CHOSEN, f"select {', '.join([*settings, *lists])}")

    def _whole_days(self) -> str:
        """Return the CTE of the stretches of days, in the zone shown, of which everything is loaded, in any range."""
        zone, loads = self.scope.zone, self.question.workspace.covered(self.tile.entity.kinds[0])
        walls = [[zones.wall_from_utc(edge, zone) for edge in span] for span in coverage.reach(loads, {}).whole]
        found = self._in_utc(coverage.day_by_day((start, end) for start, end in walls))
        rows = [
            f"select {start}::timestamp as from_utc, {end}::timestamp as to_utc"
            for start, end in self._spans(found, WHOLE_DAYS)
        ]
        nothing = "select null::timestamp as from_utc, null::timestamp as to_utc where false"
        return cte_sql(WHOLE_DAYS, "\nunion all\n".join(rows or [nothing]))

    def _bases(self, named: frozenset[str], bases: Iterable[Entity], suffix: str) -> list[str]:
        """Return the CTEs of the bases that a SELECT, or one of them, names."""
        found = []
        for base, ending in reversed([*product(dict.fromkeys(bases), ("", DATED))]):
            if f"{base.name}{ending}" in named:
                found.append(cte_sql(f"{base.name}{ending}", self._base(base, bool(ending), suffix)))
                named |= names(entity_sql(base))
        self.read |= named
        return found[::-1]

    def _base(self, base: Entity, is_dated: bool, suffix: str) -> str:
        """Return the SELECT of an entity before filters and pins; of the range where it is dated."""
        exported = base.as_exported if self.selection.as_exported else ()
        conditions = [*self._dates(base, suffix), *self._needed(base)] if is_dated else self._counted(base, suffix)
        return selected_sql([replaced_sql(exported)], entity_sql(base), "everything", conditions)

    def _resting(self, entity: Entity, suffix: str) -> str:
        """Return the CTE of an entity over what filters and pins leave of another one's rows."""
        assert entity.rests_on  # asked only then
        rows = self._filtered(entity.rests_on, suffix)
        under = [cte_sql(QUARTER_HOURS, self._quarter_hours(suffix)), cte_sql(entity.rests_on.name, rows)]
        return cte_sql(f"{entity.name}{suffix}", with_sql(under, selected_sql(["*"], entity_sql(entity), "resting")))

    def _needed(self, base: Entity) -> list[str]:
        """Return the condition that a row has the one value that a history is of."""
        needs = self.tile.needs
        values = wanted(self.selection, needs) if self.tile.is_history and needs in base.dimensions else ()
        column = dict(base.as_exported).get(needs, needs) if self.selection.as_exported else needs
        return [self._one_of(self.report.dimension(needs), values, "needed_", column)] if values else []

    def _relation(self, entity: Entity, suffix: str) -> str:
        """Return the CTE of an entity over a range."""
        besides = ["everything.is_in_range"] if entity.lasts else []  # of a sweep the others take nothing away
        return cte_sql(f"{entity.name}{suffix}", self._filtered(entity, suffix, [*besides, *self._rows_of()]))

    def _filtered(self, entity: Entity, suffix: str, besides: Sequence[str] = ()) -> str:
        """Return the SELECT of an entity over a range: times in the zone shown, its period, filters and pins."""
        zone = self.scope.zone
        local = entity.anchor
        replaced = [
            (name, in_zone_sql(name, zone)) for name in entity.timestamps if not self.in_utc and name in self.named
        ]
        if self.scope.is_other_zone and entity.anchor_utc:
            local = in_zone_sql(entity.anchor_utc, zone)
            replaced.append((entity.anchor, local))
        if self.selection.as_exported:
            replaced += entity.as_exported
        conditions = [*self._dates(entity, suffix), *self._filters(entity), *besides]
        source, lacking = self._widened(entity, conditions)
        computed = [*self._from_anchor(entity, local), *self._from_settings(entity, conditions), *lacking]
        columns = [replaced_sql(replaced), *(f"{sql} as {name}" for name, sql in computed)]
        bases = self._bases(names(entity_sql(source)), source.bases, suffix)
        if QUARTER_HOURS in names(entity_sql(source)):
            bases.append(cte_sql(QUARTER_HOURS, self._quarter_hours(suffix)))
        return with_sql(bases, selected_sql(columns, entity_sql(source), "everything", conditions))

    def _widened(self, entity: Entity, conditions: Sequence[str]) -> tuple[Entity, list[tuple[str, str]]]:
        """Return the entity that has the columns which are named, and with their SQL those that nothing is known of."""
        wider = WIDER.get(entity)
        if not (wider and wider.widens and wider.widens[1] in self.named | names(" ".join(conditions))):
            return entity, []
        return (wider, []) if self.calendars else (entity, [(wider.widens[1], UNKNOWN)])

    def _from_anchor(self, entity: Entity, local: str) -> list[tuple[str, str]]:
        """Return the columns that are computed from a row's local time, among them its period."""
        if entity.period_utc:
            return []
        period = bucket_sql(local, self.selection.rollup, self.scope.week_start)
        return [("period", period), *((name, sql.format(anchor=local)) for name, sql in entity.from_anchor)]

    def _from_settings(self, entity: Entity, conditions: Sequence[str]) -> list[tuple[str, str]]:
        """Return the columns that are computed from settings, as far as the text or a condition names them."""
        named = self.named | names(" ".join(conditions)) if entity.from_settings else frozenset()
        return from_settings(
            ((name, sql) for name, sql in entity.from_settings if name in named), self.selection, self.bind
        )

    def _dates(self, entity: Entity, suffix: str) -> list[str]:
        """Return the conditions of the date range; in another zone they compare the stored UTC."""
        if self.tile.is_history:
            return []
        anchor, ranges = entity.anchor, self._ranges(entity, suffix)
        range_ = self.scope.before if suffix else self.scope.now
        if range_ is None or (suffix and not ranges):
            return ["false"]
        if entity.lasts:
            starts_at, ends_at = (f"everything.{column}" for column in entity.lasts)
            ((start, end),) = self._in_utc([range_.span])
            from_, to = self.bind(f"from{suffix}", start), self.bind(f"to{suffix}", end)
            return [f"{starts_at} < {to}", f"coalesce({ends_at}, {to}) >= {from_}"]
        if entity.period_utc is None:
            start, end = range_.span
            if self.scope.is_other_zone and entity.anchor_utc:
                anchor = entity.anchor_utc
                ((start, end),) = self._in_utc([(start, end)])
            if entity.looks_back:
                return [f"everything.{anchor} < {self.bind(f'to{suffix}', end)}"]
            from_, to = self.bind(f"from{suffix}", start), self.bind(f"to{suffix}", end)
            return [f"everything.{anchor} >= {from_}", f"everything.{anchor} < {to}", *self._taken(entity, ranges)]
        # Rows that are periods themselves: whole ones, of which the loads cover everything, in whatever zone they are.
        starts_at, ends_at = entity.period_utc
        inside = [
            f"({starts_at} >= {start} and {ends_at} <= {end})"
            for kind, span in ranges.items()
            for start, end in self._spans(self._in_utc(span.reach.whole), f"whole_{kind}{suffix}")
        ]
        return [f"({' or '.join(inside) or 'false'})"]

    def _taken(self, entity: Entity, ranges: Mapping[str, Range]) -> list[str]:
        """Return the condition by which a range compared with has only what is loaded of the other one."""
        kinds = [kind for kind in (entity.kinds if entity.of_kind else entity.kinds[:1]) if kind in ranges]
        if all(ranges[kind].taken is None for kind in kinds):
            return []
        return [f"({' or '.join(self._of_kind(entity, kind, ranges[kind].taken) for kind in kinds)})"]

    def _counted(self, base: Entity, suffix: str) -> list[str]:
        """Return the condition that rows which count beyond a range have only what is loaded of the other one."""
        found = [each.before if suffix else each.now for each in self.scope.by_kind if each.kind == base.counted_as]
        taken = [range_.taken for range_ in found if range_ and range_.taken is not None]
        return [self._parts(base, base.counted_as, taken[0])] if taken and not self.tile.is_history else []

    def _of_kind(self, entity: Entity, kind: str, taken: coverage.Parts | None) -> str:
        """Return the condition that a row is of a kind, where there are several, and of what is taken of its range."""
        conditions = [entity.of_kind.format(kind=kind)] if entity.of_kind else []
        conditions += [] if taken is None else [self._parts(entity, kind, taken)]
        return f"({' and '.join(conditions)})"

    def _parts(self, entity: Entity, kind: str, taken: coverage.Parts) -> str:
        """Return the condition that a row lies in parts of a range."""
        found = [
            " and ".join([self._within(entity, spans), *self._limited(f"taken_{kind}_{n}", only)])
            for n, (only, spans) in enumerate(taken, start=1)
        ]
        return f"({' or '.join(f'({condition})' for condition in found) or 'false'})"

    def _within(self, entity: Entity, spans: Sequence[coverage.Span]) -> str:
        """Return the condition that a row lies in spans of wall time.

        In another zone the stored UTC is compared, which is faster, unless a clock change is about an edge: a repeated
        hour has both its passes on one side of a wall time.
        """
        if not (self.scope.is_other_zone and entity.anchor_utc):
            return zones.within_sql(f"everything.{entity.anchor}", spans)
        anchor = f"everything.{entity.anchor_utc}"
        if any(zones.is_changing(edge, self.scope.zone) for span in spans for edge in span):
            return zones.within_sql(in_zone_sql(anchor, self.scope.zone), spans)
        return zones.within_sql(anchor, self._in_utc(spans))

    def _limited(self, name: str, only: coverage.Only) -> list[str]:
        """Return the conditions that a row has one of the values that a load is limited to."""
        return [
            f"list_contains({self.bind(f'{name}_{dimension}', sorted(values))}, everything.{dimension})"
            for dimension, values in only
        ]

    def _in_utc(self, spans: Sequence[coverage.Span]) -> list[coverage.Span]:
        return [
            (zones.utc_from_wall(start, self.scope.zone), zones.utc_from_wall(end, self.scope.zone))
            for start, end in spans
        ]

    def _filters(self, entity: Entity) -> list[str]:
        """Return the conditions of filters and pins on the columns that an entity has."""
        named = [("", self.selection.filters), *((f"pin{n}_", pin) for n, pin in enumerate(self.pins, start=1))]
        return [
            self._one_of(
                self.report.dimension(key), values, prefix, key if key in entity.times else f"everything.{key}"
            )
            for prefix, filters in named
            for key, values in filters
            if not (entity.lasts and key in entity.times)
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
            asked = [*named, *(["null"] if MISSING in values else [])]
            return f"({' or '.join(dimension.condition.format(value=name) for name in asked) or 'false'})"
        parts = [f"{column} in ({', '.join(named)})"] if named else []
        parts += [f"{column} is null"] if MISSING in values else []
        return f"({' or '.join(parts)})"

    def _rows_of(self) -> list[str]:
        """Return the condition by which a log shows the rows of one metric only."""
        name, _, part = self.selection.rows_of.partition(":")
        if not name or not self.tile.log or self.report.log_of(self.report.metric(name)) != self.tile:
            return []
        return [f"({self.report.metric(name).parts[part]})"]

    def _periods(self, suffix: str) -> str:
        """Return the SELECT of the covered periods of a range, marked incomplete where range or coverage cuts them.

        A pinned period leaves only itself, unless the tile ignores the pin.
        """
        reaches = [span.reach for span in self._ranges(self.tile.entity, suffix).values()]
        touched = coverage.merged(span for reach in reaches for span in reach.touched)
        wholes = [reach.whole for reach in reaches if reach.touched]  # a log that is not loaded cuts no other
        whole = reduce(coverage.common, wholes) if wholes else ()
        covered = self._covered(coverage.Reach(touched, whole), suffix, self.selection.rollup)
        return selected_sql(["period", "is_incomplete"], covered, "covered", self._shown_periods())

    def _periods_by_kind(self, suffix: str) -> str:
        """Return the SELECT of the covered periods of each kind of the tile's entity."""
        parts = [
            selected_sql(
                [f"'{kind}' as kind", "period", "is_incomplete"],
                self._covered(span.reach, f"_{kind}{suffix}", self.selection.rollup), "covered", self._shown_periods(),
            )
            for kind, span in self._ranges(self.tile.entity, suffix).items()
        ]  # fmt: skip
        nothing = "select null::varchar as kind, null::timestamp as period, null::boolean as is_incomplete where false"
        return "\nunion all\n".join(parts or [nothing])

    def _hours(self, suffix: str) -> str:
        """Return the SELECT of the hours that begin in the covered part of a range, whatever the rollup."""
        ranges = self._ranges(self.tile.entity, suffix)
        touched = coverage.merged(span for each in ranges.values() for span in each.reach.touched)
        covered = self._covered(coverage.Reach(touched, ()), f"_hours{suffix}", "hour")
        period = bucket_sql("period", self.selection.rollup, self.scope.week_start)
        columns = ["period as hour_start", f"{period} as period"]
        return selected_sql(columns, covered, "covered", self._pinned_periods(period))

    def _quarter_hours(self, suffix: str) -> str:
        """Return the SELECT of the quarters of an hour of a range, cut where loads or the zone's clocks cut them.

        It tells which of them are covered, which of these count, being of all times that are pinned, and since when
        what is loaded has no hole. Their edges are in UTC, where no hour comes twice.
        """
        range_ = self.scope.before if suffix else self.scope.now
        ranges = self._ranges(self.tile.entity, suffix) if range_ else {}
        walls = [range_.span] if range_ and ranges else []
        found = coverage.merged(span for each in ranges.values() for span in each.reach.touched)
        if self.tile.entity.looks_back and walls:
            loaded = coverage.merged(span for each in self.scope.of(self.tile.entity) for span in each.loaded)
            walls = [(min([walls[0][0], *(start for start, _ in loaded)]), walls[0][1])]
            found = coverage.common(loaded, walls)
        spans, touched = self._in_utc(walls), self._in_utc(found)
        parts = [(*part, True) for span in touched for part in zones.stretches(*span, self.scope.zone)]
        parts += [
            (*part, False)
            for span in spans
            for gap in coverage.gaps(touched, span)
            for part in zones.stretches(*gap, self.scope.zone)
        ]
        nothing = "select null::timestamp as begun_at, null::timestamp as from_utc, null::timestamp as to_utc,"
        nothing += " 0 as shift, false as is_covered, null::timestamp as loaded_since where false"
        selects = [self._stretch(f"{n}{suffix}", *part) for n, part in enumerate(sorted(parts), start=1)] or [nothing]
        local = bucket_sql("make_timestamp(epoch_us(greatest(begun_at, from_utc)) + shift)", "half_hour", "monday")
        cut = [
            "greatest(begun_at, from_utc) as starts_at", "least(begun_at + interval 15 minutes, to_utc) as ends_at",
            f"{local} as half_hour_start", "is_covered", "loaded_since",
        ]  # fmt: skip
        own = dict(self.tile.entity.from_anchor)
        period = bucket_sql("half_hour_start", self.selection.rollup, self.scope.week_start)
        times = {"period": period} | {name: sql.format(anchor="half_hour_start") for name, sql in own.items()}
        pinned = [
            self._one_of(self.report.dimension(key), values, f"pin{n}_", times[key])
            for n, pin in enumerate(self.pins, start=1)
            for key, values in pin
            if key in times
        ]
        columns = [
            "quarter_hour_of(starts_at) as quarter_hour", "starts_at", "ends_at", "half_hour_start",
            "seconds_between(starts_at, ends_at) as seconds", *(f"{sql} as {name}" for name, sql in times.items()),
            "is_covered", f"({' and '.join(['is_covered', *pinned])}) as is_counted", "loaded_since",
        ]  # fmt: skip
        return selected_sql(columns, selected_sql(cut, "\nunion all\n".join(selects), "stretched"), "cut")

    def _stretch(self, name: str, start: datetime, end: datetime, offset: int, is_covered: bool) -> str:
        """Return the SELECT of the quarters of an hour of a stretch of UTC in which a zone has one offset."""
        loaded = self._in_utc(coverage.merged(span for each in self.scope.of(self.tile.entity) for span in each.loaded))
        since = next((since for since, until in loaded if since <= start < until), None)
        first = start - (start - datetime.min) % _QUARTER_HOUR
        edges = {"quarters_from": first, "from": start, "to": end, "since": since}
        bound = {what: f"{self.bind(f'{what}_{name}', value)}::timestamp" for what, value in edges.items()}
        return (
            f"select unnest(range({bound['quarters_from']}, {bound['to']}, interval 15 minutes)) as begun_at,"
            f" {bound['from']} as from_utc, {bound['to']} as to_utc,"
            f" {offset * 1_000_000} as shift, {str(is_covered).lower()} as is_covered, {bound['since']} as loaded_since"
        )

    def _shown_periods(self) -> list[str]:
        """Return the conditions of the periods that a tile has rows for."""
        is_cut = self.selection.whole_only and PERIOD.key in self.tile.dimensions
        return [*self._pinned_periods(), *(["not is_incomplete"] if is_cut else [])]

    def _pinned_periods(self, column: str = "period") -> list[str]:
        return [
            self._one_of(PERIOD, values, f"pin{n}_", column)
            for n, pin in enumerate(self.pins, start=1)
            for key, values in pin
            if key == PERIOD.key
        ]

    def _covered(self, reach: coverage.Reach, name: str, rollup: str) -> str:
        """Return the SELECT of the periods that begin in what is touched, but for hours which daylight saving skips."""
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
        columns = ["period", f"not ({' or '.join(whole) or 'false'}) as is_incomplete"]
        return selected_sql(columns, "\nunion\n".join(touched), "touched", self._not_skipped(reach, name, rollup))

    def _spans(self, spans: Sequence[tuple[datetime, datetime]], name: str) -> list[tuple[str, str]]:
        return [
            (self.bind(f"{name}_{n}_from", start), self.bind(f"{name}_{n}_to", end))
            for n, (start, end) in enumerate(spans, start=1)
        ]

    def _not_skipped(self, reach: coverage.Reach, name: str, rollup: str) -> list[str]:
        """Return the conditions that leave out the hours which daylight saving skips."""
        if rollup not in ("hour", "half_hour"):
            return []
        skipped = [found for change in zones.clock_changes(self.scope.zone) if (found := change.skipped)]
        here = coverage.common(coverage.merged(skipped), reach.touched)
        return [
            f"not (period >= {start} and period + {_STEPS[rollup]} <= {end})"
            for start, end in self._spans(here, f"skipped{name}")
        ]


def query(question: Question, tile: Tile, select: str = "", *, limit: int | None = None, in_utc: bool = False) -> Query:
    """Return a tile's SELECT, or another one over its relations, with the relations in front of it.

    With a `limit` only so many rows, the first ones. `in_utc` leaves timestamps as they are stored.
    """
    text = select or statement(question.report, tile)
    relations = _Relations(question, tile, text, in_utc)
    ends = "" if limit is None else f"\nlimit {limit}"
    sql = with_sql(relations.ctes(), selected_sql(["*"], text, "tile") + ends)
    return Query(sql, relations.parameters, f"{question.report.name} {tile.name}")


def statement(report: Report, tile: Tile) -> str:
    """Return a tile's own SELECT, without what the runner puts in front of it."""
    if tile.log:
        return log_statement(tile, tile.log)
    if tile.select:
        return tile.select
    if tile.sql:
        return sql_file(f"{tile.sql}.sql").replace("{dimensions}", ", ".join(tile.dimensions))
    return sql_file(report.name, f"{tile.name}.sql")


def purpose(report: Report, tile: Tile) -> str:
    """Return what a tile answers, in a sentence: the first line of its SELECT, or what a log's rows are."""
    if tile.log:
        return f"The {tile.rows_label or report.rows_label} behind the numbers, one by one."
    return statement(report, tile).partition("\n")[0].removeprefix("-- ")


def log_statement(tile: Tile, log: Log, named: frozenset[str] | None = None) -> str:
    """Return the SELECT of a log: its columns, and those by which its rows are found and put in order.

    Of `named` ones it has those alone: what a column takes is for who asks for it.
    """
    entity, computed = tile.entity, dict(log.computed)
    found = dict.fromkeys((*tile.offered, *log.search_only, entity.anchor_utc or entity.anchor, "extra"))
    found = found if named is None else {name: None for name in found if name in named}
    columns = ["row_id", *(f"{computed[name]} as {name}" if name in computed else name for name in found)]
    listed = "".join(f"    {column},\n" for column in columns)
    return f"-- {tile.title}: every column that the log offers.\nselect\n{listed}from {entity.name}"
