"""What there is to ask and to load, as every face lists it: reports with their tiles, kinds with their columns."""

from typing import Any

from workbench.ask.relations import purpose
from workbench.exports import KINDS, ExportKind
from workbench.intake import schema
from workbench.reports import REPORTS, Report, Tile
from workbench.store.workspace import Workspace


def reports() -> list[dict[str, Any]]:
    """Return every report with its filters, tiles and metrics, as JSON values."""
    return [_report(report) for report in REPORTS.values()]


def kinds() -> list[dict[str, Any]]:
    """Return every kind of export with its columns and the headers by which each is known, as JSON values."""
    return [_kind(kind) for kind in KINDS.values()]


def _report(report: Report) -> dict[str, Any]:
    return {
        "report": report.name,
        "title": report.title,
        "system": report.system,
        "purpose": report.purpose,
        "filters": ["from", "to", "rollup", *(dimension.key for dimension in report.filters)],
        "tiles": [_tile(report, tile) for tile in report.tiles],
        "metrics": [
            {"metric": m.name, "label": m.label, "definition": m.definition, "formula": m.formula, "rows": m.rows}
            for m in report.metrics
        ],
    }


def _tile(report: Report, tile: Tile) -> dict[str, Any]:
    return {
        "tile": tile.name,
        "title": tile.title,
        "purpose": purpose(report, tile),
        "shape": tile.shape,
        "columns": tile.columns,
        "offers": tile.log.offers if tile.log else (),
    }


def _kind(kind: ExportKind) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "title": kind.title,
        "system": kind.system,
        "key": kind.key,
        "columns": [
            {"column": c.name, "label": c.label, "type": c.type, "headers": c.headers, "description": c.description}
            for c in kind.columns
        ],
    }


def loaded(workspace: Workspace, kind: str) -> dict[str, Any]:
    """Return how much of a kind a workspace holds, as JSON values: rows, loads, first and last day covered."""
    (rows,) = workspace.rows(f"select count(*) from {schema.rows_sql(KINDS[kind])}")[0]
    loads = workspace.loads([kind])
    return {
        "kind": kind,
        "rows": rows,
        "loads": len(loads),
        "from": min((load["period_from"] for load in loads if load["period_from"]), default=None),
        "to": max((load["period_to"] for load in loads if load["period_to"]), default=None),
    }
