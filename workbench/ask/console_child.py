"""The process in which a user's SQL runs: limited by the system, on a snapshot that it can only read (guarantee 20).

Nothing less holds: a COPY within a CTE counts as a SELECT and can overwrite the file that is open, texts pass the
database's limit of memory, and some functions cannot be interrupted. It takes its order as JSON and answers in JSON.
"""

import json
import re
import sys
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import duckdb

MEMORY, TEXT = 3 << 30, 64 << 20  # bytes: of the process, of a file that it writes
SECONDS, PROCESSOR_SECONDS = 5, 30  # of a query until the database stops it, and of the processor
SELECTS = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
# Functions of tables that read nothing but what they are given. Any other may read files, or run SQL that is a text.
TABLE_FUNCTIONS = {"range", "generate_series", "unnest", "repeat", "json_each", "json_tree"}
# Functions that tell of the system or of the session, and those that take SQL as a text.
FORBIDDEN = re.compile(
    r"(duckdb|pragma|pg|sqlite|read|write|sniff|parquet|arrow|pandas|python)_.*|.*_?(sql|plan|substrait|secrets?|log)"
    r"|glob|query.*|current_(setting|schemas?|database|catalog|role|user)|getenv|getvariable|nextval|currval"
)
SYSTEM = re.compile(r"(duckdb|pragma|pg|sqlite)_.*")
ONE = "Write one SELECT: a statement that changes or sets something, PIVOT and EXPLAIN cannot be run here"


class Refused(Exception):
    """SQL that is not run, and why."""


def main() -> None:
    """Read one order from standard input, fulfil it, and print the answer."""
    order = json.load(sys.stdin)
    _limit_this_process()
    try:
        answer = _answer(**order)
    except Refused as refused:
        answer = {"refused": str(refused)}
    except (duckdb.OutOfMemoryException, MemoryError):
        answer = {"stopped": "memory"}
    except duckdb.InterruptException:
        answer = {"stopped": "seconds"}
    except duckdb.Error as error:
        answer = {"refused": _said(error)}
    sys.stdout.write(json.dumps(answer))  # at once: json.dump writes every value by itself


def _limit_this_process() -> None:
    try:
        import resource
    except ImportError:  # Windows: the limits of the database, and the time limit of the parent, are all there is
        return
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, TEXT),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def _answer(snapshot: str, sql: str, most: int, version: int, shown: list[str] | None) -> dict[str, Any]:
    connection = _connected(snapshot)
    ((stored,),) = connection.execute("select value::bigint from settings where key = 'version'").fetchall()
    if stored < version:
        return {}
    check(connection, sql, () if shown is None else _hidden(connection, shown))
    connection.execute("begin transaction read only")
    connection.execute(sql)
    columns = [(str(name), str(type_)) for name, type_, *_ in connection.description or ()]
    found = connection.fetchmany(most + 1)
    return {"columns": columns, "rows": [[_plain(value) for value in row] for row in found]}


def _connected(snapshot: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        snapshot, read_only=True,
        config={
            "memory_limit": "1GB", "threads": "2", "max_execution_time": str(SECONDS * 1000),
            "max_expression_depth": "250", "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false", "allow_community_extensions": "false",
            "allow_unsigned_extensions": "false", "allow_persistent_secrets": "false",
            "python_enable_replacements": "false",
        },
    )  # fmt: skip
    # The order matters: once the file is open, no other can be, and its own neither.
    for statement in (
        "set enable_external_access = false",
        "set disabled_filesystems = 'LocalFileSystem'",
        "set lock_configuration = true",
    ):
        connection.execute(statement)
    return connection


def _hidden(connection: duckdb.DuckDBPyConnection, shown: Collection[str]) -> set[str]:
    """Return the tables that there are besides those that are shown, which nothing may be called then."""
    there = connection.execute("select lower(table_name) from information_schema.tables").fetchall()
    return {name for (name,) in there} - {*shown}


def check(connection: duckdb.DuckDBPyConnection, sql: str, hidden: Collection[str] = ()) -> None:
    """Raise Refused for SQL that is not one SELECT over tables, as the tree says that the database reads it as.

    It may name none of the tables that are `hidden`, in small letters.
    """
    (text,) = connection.execute("select json_serialize_sql(?::varchar)", [sql]).fetchone() or ("",)
    read = json.loads(text)
    if read.get("error"):
        is_other = read.get("error_type") == "not implemented"
        raise Refused(ONE if is_other else f"This SQL cannot be read: {_shortened(str(read.get('error_message')))}")
    if len(read["statements"]) != 1:
        raise Refused(ONE)
    for node in _nodes(read["statements"]):
        _check(node, hidden)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    stack = [tree]
    while stack:
        match stack.pop():
            case dict() as node:
                yield node
                stack.extend(node.values())
            case list() as nodes:
                stack.extend(nodes)


def _check(node: dict[str, Any], hidden: Collection[str]) -> None:
    type_ = str(node.get("type", ""))
    if type_.endswith("_NODE") and type_ not in SELECTS:
        raise Refused(ONE)
    if type_ == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", "")).lower()
        if name not in TABLE_FUNCTIONS:
            raise Refused(f"The function {name} cannot be used here. Select from the tables that are listed")
    name = str(node.get("function_name", "")).lower()
    if FORBIDDEN.fullmatch(name):
        raise Refused(f"The function {name} cannot be used here: it reads something else than the tables")
    if type_ == "SHOW_REF" and node.get("table_name"):
        raise Refused("SHOW cannot be used here. The tables and their columns are listed beside")
    if type_ == "BASE_TABLE":
        table, schema = str(node.get("table_name")), str(node.get("schema_name"))
        if schema.lower() not in ("", "main") or SYSTEM.fullmatch(table.lower()) or table.lower() in hidden:
            raise Refused(f"The table {schema and f'{schema}.'}{table} cannot be read here. Select from those listed")


def _said(error: duckdb.Error) -> str:
    """Return an error in a line; what the database says of a value may quote a row, which no message does."""
    if isinstance(error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException):
        return _shortened(str(error))
    if isinstance(error, duckdb.ConversionException):
        return "A value cannot be converted as the SQL asks. try_cast(...) gives NULL there instead"
    if isinstance(error, duckdb.OutOfRangeException | duckdb.InvalidInputException):
        return f"{type(error).__name__}: a value does not fit what the SQL does with it"
    return f"The database refused it ({type(error).__name__})"


def _shortened(text: str) -> str:
    """Return the first part of an error: what is wrong and what would work, without the SQL that is quoted."""
    return " ".join(re.split(r"\n\s*\n|\nLINE \d", text)[0].split())[:400]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; what it has no form for is a text."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if -(1 << 63) <= value < 1 << 63 else str(value)
        case float():
            return value if abs(value) != float("inf") else str(value)
        case Decimal():
            return float(value) if len(value.as_tuple().digits) <= 15 else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            return str(value)


if __name__ == "__main__":
    main()
