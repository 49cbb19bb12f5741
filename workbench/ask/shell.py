"""The macros and views of a workspace, by which a tile's SQL runs as it is in any DuckDB shell."""

import hashlib
from collections.abc import Iterator, Sequence

import duckdb

from workbench.ask import hours
from workbench.ask.hours import Calendar
from workbench.ask.relations import (
    CHOSEN,
    DATED,
    QUARTER_HOURS,
    UNKNOWN,
    WHOLE_DAYS,
    bucket_sql,
    by_channel,
    cte_sql,
    entity_sql,
    from_settings,
    selected_sql,
    sql_file,
    with_sql,
)
from workbench.ask.selection import Selection
from workbench.reports import REPORTS, Entity
from workbench.reports.entities import ENTITIES, WIDER
from workbench.sql import literal
from workbench.store.workspace import Workspace

_ZONE = "(select value from main.settings where key = 'reporting_zone')"


def install(workspace: Workspace) -> None:
    """Create the macros, and the views of the relations that tiles select from (docs/architecture.md, law 2)."""
    _define(workspace, [*_macros(), *_views(hours.saved(workspace))])


def install_macros(workspace: Workspace) -> None:
    """Create the macros alone, which is half of what opening takes: for a workspace in memory, which no shell opens."""
    _define(workspace, _macros())


def _define(workspace: Workspace, statements: Sequence[str]) -> None:
    workspace.define(statements, hashlib.sha256("\n".join(statements).encode()).hexdigest())


def _macros() -> list[str]:
    return [statement.query.strip() for statement in duckdb.extract_statements(sql_file("macros.sql"))]


def _views(calendars: Sequence[Calendar]) -> list[str]:
    """Return the views: the usual settings, calendars, every entity over everything by day, and the covered days."""
    told = hours.relations(calendars, lambda _, value: literal(value)).items()
    selects = [
        (CHOSEN, _chosen()), (WHOLE_DAYS, _whole_days()), *_periods(), *_quarter_hours(),
        *((name, make()) for name, make in told), *_entities(is_open_known=bool(calendars)),
    ]  # fmt: skip
    return [f"create or replace view {name} as {select}" for name, select in selects]


def _chosen() -> str:
    """Return the settings and filters of a selection that says nothing."""
    settings = dict.fromkeys(name for report in REPORTS.values() for name in report.settings if not by_channel(name))
    settled = dict.fromkeys(key for report in REPORTS.values() for key in report.main.settled)
    columns = [f"{literal(Selection().setting(name))} as {name}" for name in settings]
    return f"select {', '.join([*columns, *(f'null::varchar[] as {key}' for key in settled)])}"


def _whole_days() -> str:
    """Return the stretches of days of which everything of Gladly's contacts is loaded, as instants."""
    return f"""
        with walls as (
            select ((edge[1] at time zone 'UTC') at time zone {_ZONE}) as start_at,
                ((edge[2] at time zone 'UTC') at time zone {_ZONE}) as end_at,
            from (
                select [min(from_utc), max(to_utc)] as edge
                from (
                    select *, sum(is_new) over (order by from_utc, to_utc) as stretch
                    from (
                        select *, coalesce(from_utc > max(to_utc) over (
                            order by from_utc, to_utc rows between unbounded preceding and 1 preceding
                        ), true)::integer as is_new
                        from main.coverage
                        where kind = 'gladly_contact_export' and only_values = '{{}}'
                    )
                )
                group by stretch
            )
        ),
        days as (
            select date_trunc('day', start_at + interval 1 day - interval 1 microsecond)::timestamp as start_at,
                date_trunc('day', end_at)::timestamp as end_at,
            from walls
        )
        select (start_at at time zone {_ZONE}) at time zone 'UTC' as from_utc,
            (end_at at time zone {_ZONE}) at time zone 'UTC' as to_utc,
        from days
        where start_at < end_at
    """


def _entities(*, is_open_known: bool) -> Iterator[tuple[str, str]]:
    """Yield every entity after its bases, with its rows of the range, all of them, and those before, none."""
    for entity in ENTITIES:
        yield entity.name, _everything(entity, is_open_known=is_open_known)
        if entity.kinds or entity.rests_on:
            yield f"{entity.name}_before", f"from {entity.name} where false"


def _everything(entity: Entity, *, is_open_known: bool) -> str:
    """Return the SELECT of an entity over everything, what it rests on nested in it, and all that widens it."""
    if entity.rests_on:
        return entity_sql(entity)
    wider = WIDER.get(entity)
    source = wider if wider and is_open_known else entity
    lacking = [f"{UNKNOWN} as {wider.widens[1]}"] if wider and wider.widens and source is entity else []
    bases = [cte_sql(f"{base.name}{ending}", entity_sql(base)) for base in source.bases for ending in ("", DATED)]
    columns = [_columns(entity), *lacking] if entity.kinds else ["*"]
    return with_sql(bases, selected_sql(columns, entity_sql(source), "everything"))


def _columns(entity: Entity) -> str:
    """Return an entity's columns, its times in the reporting zone, and what is computed from its local time."""
    local = ", ".join(f"({name} at time zone 'UTC') at time zone {_ZONE} as {name}" for name in entity.timestamps)
    columns = f"* replace ({local})" if local else "*"
    if entity.period_utc:
        return columns
    computed = [("period", bucket_sql(entity.anchor, "day", "monday")), *entity.from_anchor]
    computed += from_settings(entity.from_settings, Selection(), lambda _, value: literal(value))
    return ", ".join([columns, *(f"{sql.format(anchor=entity.anchor)} as {name}" for name, sql in computed)])


def _periods() -> Iterator[tuple[str, str]]:
    """Yield the covered days and hours, and those before, none."""
    edges = ", ".join(
        f"(({edge} at time zone 'UTC') at time zone {_ZONE}) as {edge}" for edge in ("from_utc", "to_utc")
    )
    for name, columns in {
        "periods": f"{_touched('day')} as period, false as is_incomplete",
        "periods_by_kind": f"kind, {_touched('day')} as period, false as is_incomplete",
        "hours": f"{_touched('hour')} as hour_start, date_trunc('day', hour_start)::timestamp as period",
    }.items():
        yield name, f"select distinct {columns} from (select kind, {edges} from main.coverage)"
        yield f"{name}_before", f"from {name} where false"


def _quarter_hours() -> Iterator[tuple[str, str]]:
    """Yield what the range of rows that last is made of: all quarters of an hour from the first covered to the last."""
    kinds = ", ".join(literal(kind) for entity in ENTITIES if entity.lasts for kind in entity.kinds)
    covered = f"from main.coverage where kind in ({kinds})"
    times = {name: sql for entity in ENTITIES if entity.lasts for name, sql in entity.from_anchor}
    is_covered = f"exists ({covered} and starts_at >= from_utc and starts_at < to_utc) as is_covered"
    begins = "is_covered and not lag(is_covered, 1, false) over (order by starts_at)"
    half_hour = bucket_sql(f"((starts_at at time zone 'UTC') at time zone {_ZONE})", "half_hour", "monday")
    columns = [
        "quarter_hour_of(starts_at) as quarter_hour", "starts_at", "starts_at + interval 15 minutes as ends_at",
        "half_hour_start", "900.0 as seconds", "date_trunc('day', half_hour_start)::timestamp as period",
        *(f"{sql.format(anchor='half_hour_start')} as {name}" for name, sql in times.items()),
        "is_covered", "is_covered as is_counted", "max(began_at) over (order by starts_at) as loaded_since",
    ]  # fmt: skip
    ctes = {
        "steps": "select unnest(range(min(from_utc), max(to_utc), interval 15 minutes)) as starts_at " + covered,
        "told": f"select starts_at, {is_covered} from steps",
        "begun": f"select *, {half_hour} as half_hour_start, case when {begins} then starts_at end as began_at"
        " from told",
    }
    found = with_sql([cte_sql(name, sql) for name, sql in ctes.items()], f"select {', '.join(columns)} from begun")
    yield QUARTER_HOURS, found
    yield f"{QUARTER_HOURS}_before", f"from {QUARTER_HOURS} where false"


def _touched(unit: str) -> str:
    return f"unnest(range(date_trunc('{unit}', from_utc)::timestamp, to_utc, interval 1 {unit}))"
