"""The macros and views of a workspace, by which a tile's SQL runs as it is in any DuckDB shell."""

import hashlib
from collections.abc import Iterator, Sequence

import duckdb

from workbench.ask.relations import CHOSEN, DATED, bucket_sql, cte_sql, entity_sql, selected_sql, sql_file, with_sql
from workbench.ask.selection import Selection
from workbench.reports import REPORTS, Entity
from workbench.reports.entities import ENTITIES
from workbench.sql import literal
from workbench.store.workspace import Workspace

_ZONE = "(select value from main.settings where key = 'reporting_zone')"


def install(workspace: Workspace) -> None:
    """Create the macros, and the views of the relations that tiles select from (docs/architecture.md, law 2)."""
    _define(workspace, [*_macros(), *_views()])


def install_macros(workspace: Workspace) -> None:
    """Create the macros alone, which is half of what opening takes: for a workspace in memory, which no shell opens."""
    _define(workspace, _macros())


def _define(workspace: Workspace, statements: Sequence[str]) -> None:
    workspace.define(statements, hashlib.sha256("\n".join(statements).encode()).hexdigest())


def _macros() -> list[str]:
    return [statement.query.strip() for statement in duckdb.extract_statements(sql_file("macros.sql"))]


def _views() -> list[str]:
    """Return the views: the usual settings, every entity over everything by day, and the covered days."""
    selects = [(CHOSEN, _chosen()), *_entities(), *_periods()]
    return [f"create or replace view {name} as {select}" for name, select in selects]


def _chosen() -> str:
    """Return the settings and filters of a selection that says nothing."""
    settings = dict.fromkeys(name for report in REPORTS.values() for name in report.settings)
    settled = dict.fromkeys(key for report in REPORTS.values() for key in report.main.settled)
    columns = [f"{literal(getattr(Selection(), name))} as {name}" for name in settings]
    return f"select {', '.join([*columns, *(f'null::varchar[] as {key}' for key in settled)])}"


def _entities() -> Iterator[tuple[str, str]]:
    """Yield every entity after its bases, with its rows of the range, all of them, and those before, none."""
    for entity in ENTITIES:
        yield entity.name, _everything(entity)
        if entity.kinds:
            yield f"{entity.name}_before", f"from {entity.name} where false"


def _everything(entity: Entity) -> str:
    """Return the SELECT of an entity over everything, what it rests on nested in it."""
    bases = [cte_sql(f"{base.name}{ending}", entity_sql(base)) for base in entity.bases for ending in ("", DATED)]
    columns = [_columns(entity)] if entity.kinds else ["*"]
    return with_sql(bases, selected_sql(columns, entity_sql(entity), "everything"))


def _columns(entity: Entity) -> str:
    """Return an entity's columns, its times in the reporting zone, and what is computed from its local time."""
    local = ", ".join(f"({name} at time zone 'UTC') at time zone {_ZONE} as {name}" for name in entity.timestamps)
    columns = f"* replace ({local})" if local else "*"
    if entity.period_utc:
        return columns
    computed = [("period", bucket_sql(entity.anchor, "day", "monday")), *entity.from_anchor]
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


def _touched(unit: str) -> str:
    return f"unnest(range(date_trunc('{unit}', from_utc)::timestamp, to_utc, interval 1 {unit}))"
