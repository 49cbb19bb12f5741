"""Values, paths and names as SQL text, where they cannot be bound as parameters. Only here is a quote escaped."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb


def literal(value: object) -> str:
    """Return a value as SQL, None as null; a path is made absolute."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, datetime):
        return f"timestamp '{value}'"
    if isinstance(value, date):
        return f"date '{value}'"
    if isinstance(value, Path):
        value = value.resolve()
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return the name of a column or database as SQL, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def one_row(cursor: "duckdb.DuckDBPyConnection", sql: str) -> tuple[Any, ...]:
    """Return the row of a query that has one, such as an aggregate."""
    row = cursor.execute(sql).fetchone()
    assert row is not None
    return tuple(row)
