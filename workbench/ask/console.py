"""SQL of the user's own: one SELECT over a snapshot of the workspace, run by a process that can be killed."""

import hashlib
import json
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import pandas as pd

from workbench.ask import hours
from workbench.ask.relations import CHOSEN, PERIODS, WHOLE_DAYS
from workbench.errors import BadSelection, QueryStopped
from workbench.places import IMPORTED_FROM
from workbench.processes import kill
from workbench.progress import Progress
from workbench.reports import REPORTS, Entity
from workbench.reports.entities import ENTITIES, WIDER
from workbench.store.workspace import Workspace

MOST_ROWS = 10_000
SECONDS = 8  # from its start until the process is killed
NOT_ASKED = "SQL of your own is asked of a workspace's own rows, not of the engine. Unset WORKBENCH_ENGINE"
LONGEST = 100_000  # characters of SQL
FRACTIONS = ("DOUBLE", "FLOAT", "DECIMAL", "INTERVAL")  # types of numbers; those of whole ones end in INT or INTEGER


@dataclass(frozen=True)
class Result:
    """What a SELECT came to: its rows with the database's type of each column, and of when the snapshot is.

    Of more rows than MOST_ROWS it has the first ones, and `is_cut`. Spans of time are in seconds.
    """

    rows: pd.DataFrame
    types: tuple[str, ...]
    is_cut: bool
    as_of: datetime

    @property
    def numbers(self) -> list[str]:
        """The names of the columns of numbers."""
        return [str(name) for name, type_ in zip(self.rows, self.types, strict=True) if _is_number(type_)]


def _is_number(type_: str) -> bool:
    return type_.partition("(")[0] in FRACTIONS or _is_whole(type_)


def _is_whole(type_: str) -> bool:
    return type_.endswith(("INT", "INTEGER"))


def run(workspace: Workspace, sql: str, progress: Progress | None = None) -> Result:
    """Return what one SELECT comes to, read from a snapshot of what is committed.

    Raises BadSelection for SQL that is none or is wrong, QueryStopped for one that passes a limit or is cancelled.
    """
    workspace.ask("sql")
    if workspace.state is not None:
        raise BadSelection(NOT_ASKED)
    if not sql.strip():
        raise BadSelection("Write a SELECT, such as: select channel, count(*) from gladly_contacts group by all")
    if len(sql) > LONGEST or "\x00" in sql:
        raise BadSelection(f"This is no SQL that can be read: more than {LONGEST:,} characters, or a NUL in it")
    workspace.record("sql", sha256=hashlib.sha256(sql.encode(errors="replace")).hexdigest())
    progress, snapshot = progress or Progress(), workspace.snapshot
    order = {"snapshot": str(snapshot.resolve()), "sql": sql, "most": MOST_ROWS, "version": workspace.version}
    order["shown"] = None if workspace.actor.is_administrator else _shown(workspace)
    answer = _answer(order, progress) if snapshot.is_file() else {}
    if not answer:  # of before the last change
        workspace.publish()
        answer = _answer(order | {"version": 0}, progress)  # as it is now: others may write meanwhile
    as_of = datetime.fromtimestamp(snapshot.stat().st_mtime)
    if "refused" in answer:
        raise BadSelection(answer["refused"])
    if "stopped" in answer:
        raise _stopped(answer["stopped"])
    names = _unlike([name for name, _ in answer["columns"]])
    types = tuple(type_ for _, type_ in answer["columns"])
    rows = pd.DataFrame(answer["rows"][:MOST_ROWS], columns=names, dtype=object)
    typed = {name: _typed(rows[name], type_) for name, type_ in zip(names, types, strict=True)}
    return Result(pd.DataFrame(typed, columns=names), types, len(answer["rows"]) > MOST_ROWS, as_of)


def _answer(order: dict[str, Any], progress: Progress) -> dict[str, Any]:
    command = [sys.executable, "-m", "workbench.ask.console_child"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **pipes, cwd=IMPORTED_FROM, start_new_session=True) as child:  # type: ignore[call-overload]
        try:
            with progress.during("Running", stop=partial(kill, child)):
                answer, _ = child.communicate(json.dumps(order).encode(), timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise _stopped("seconds") from None
        finally:
            kill(child)
    if child.returncode:
        raise _stopped("seconds" if -child.returncode == getattr(signal, "SIGXCPU", 0) else "memory")
    return json.loads(answer)  # type: ignore[no-any-return]


def _stopped(by: str) -> QueryStopped:
    if by == "memory":
        return QueryStopped("Stopped: it needs more memory than SQL may use here. Take fewer rows or columns, or group")
    return QueryStopped(f"Stopped: it took longer than {SECONDS} seconds. Take fewer days, or group first")


def _unlike(names: list[str]) -> list[str]:
    """Return names of columns of which no two are alike: a later one gets a number, as the database does it."""
    found: dict[str, None] = {}
    for name in names:
        number, unlike = 0, name
        while unlike in found:
            number += 1
            unlike = f"{name}_{number}"
        found[unlike] = None
    return list(found)


def _typed(values: "pd.Series[Any]", type_: str) -> "pd.Series[Any]":
    """Return values as numbers or times where all of them can be; whole ones keep all their digits."""
    if type_.startswith("TIMESTAMP"):
        read = pd.to_datetime(values, format="ISO8601", errors="coerce")
        return read if read.notna().equals(values.notna()) else values
    if type_ == "DATE":
        with suppress(ValueError):  # of a year that has no date here
            return values.map(date.fromisoformat, na_action="ignore")
    if type_ in ("DOUBLE", "FLOAT"):
        return pd.to_numeric(values)  # infinity came as a text
    if not _is_number(type_):
        return values
    if any(isinstance(value, str) for value in values):  # of more digits than a number keeps
        return values.map(str, na_action="ignore")
    return values if _is_whole(type_) and values.hasnans else pd.to_numeric(values)


def _shown(workspace: Workspace) -> list[str]:
    """Return what a person of a team can select from: the entities of the reports that they see, and the periods."""
    names = [*sorted(PERIODS), *(entity.name for entity in entities(workspace))]
    return [CHOSEN, WHOLE_DAYS, *hours.RELATIONS, *names, *(f"{name}_before" for name in names)]


def entities(workspace: Workspace) -> tuple[Entity, ...]:
    """Return the entities of the reports that the actor sees, with those that they rest on."""
    found: set[Entity] = set()
    rest = [entity for report in REPORTS.values() if workspace.actor.sees(report.name) for entity in report.entities]
    while rest:
        entity = rest.pop()
        found.add(entity)
        rest += [base for base in (*entity.bases, WIDER.get(entity)) if base and base not in found]
    return tuple(entity for entity in ENTITIES if entity in found or entity.rests_on in found)


def tables(workspace: Workspace) -> dict[str, list[tuple[str, str]]]:
    """Return the columns of every entity that is shown and of which a kind is loaded, with their types, by its name."""
    loaded = [entity.name for entity in entities(workspace) if not entity.kinds or workspace.has(entity.kinds)]
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in loaded}
    for table, column, type_ in workspace.rows(
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'main'"
        " order by table_name, column_index"
    ):
        if table in found:
            found[table].append((column, type_))
    return found
