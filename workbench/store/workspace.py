"""The workspace: one DuckDB file with every row, load and setting, as everything outside of the store knows it.

Nothing else opens it. Every call takes a cursor of its own, and what is asked for again and again is remembered.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from workbench.errors import BadSelection, UnknownName, WorkbenchError
from workbench.exports import KINDS
from workbench.intake import guesses, history, mappings
from workbench.intake.choices import NOTHING_SAID, Choices
from workbench.intake.limits import Limits
from workbench.intake.looking import Recognised
from workbench.intake.mappings import ColumnMapping
from workbench.intake.outcome import LoadOutcome, holds, kinds_of
from workbench.intake.recording import write_setting
from workbench.progress import Progress
from workbench.store import backups, copies, loading, opening, paths, settings, snapshots
from workbench.store.database import UNIT
from workbench.time.coverage import Covered

if TYPE_CHECKING:
    from workbench.store.lake import State


class Workspace:
    """An open workspace. `path` None keeps it in memory, with its files in a folder that goes with it.

    `notice` is what whoever works with it must know, such as loads that damage to its files has cost; mostly empty.
    `follower` is called after every change of its rows, and `unpublished` says what has kept it from its work. `state`
    is what it stands for where its rows are published, and asked elsewhere.
    """

    def __init__(
        self, path: Path | None = None, wait: float = 0, seed: Path | None = None, is_snapshot: bool = False
    ) -> None:
        """Open or create the workspace, waiting up to `wait` seconds for another process to let go of it.

        A workspace in memory starts as a copy of the file `seed`, which is only read. With `is_snapshot` its last
        snapshot is opened instead, to be read while another process holds the workspace.
        Raises WorkspaceUnavailable: held by another process (WorkspaceHeld), damaged, or not permitted.
        """
        self._database, self.notice = opening.opened(path, wait, seed, is_snapshot)
        self._publisher: snapshots.Publisher | None = None
        self.path, self.files = path, self._database.files
        self.follower: Callable[[Progress], None] | None = None
        self.unpublished = ""
        self.state: State | None = None

    def close(self) -> None:
        """Close the workspace; its file can then be opened by another process."""
        if self._publisher:
            self._publisher.stop()
        self._database.close()

    def cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Give a cursor for one call; DuckDB's errors leave as WorkbenchError."""
        return self._database.cursor()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._database.rows(sql, parameters)

    @property
    def version(self) -> int:
        """A number that changes with every load and setting; what is cached for one version is true for it."""
        return self._database.facts.version

    @property
    def reporting_zone(self) -> str:
        """The IANA zone in which everything is shown; the machine's until the first load sets it."""
        return settings.reporting_zone(self._database.facts.settings)

    @property
    def stored_zone(self) -> str:
        """The zone of the local times that are stored with the rows."""
        return self.state.zone if self.state else self.reporting_zone

    @property
    def week_start(self) -> str:
        """The first day of the week: monday or sunday."""
        return settings.week_start(self._database.facts.settings)

    @property
    def quiet(self) -> settings.Quiet:
        """Up to what a change is coloured neither good nor bad."""
        return settings.quiet(self._database.facts.settings)

    @property
    def limits(self) -> Limits:
        """What spreadsheets and archives may hold, and what reading them may use."""
        return settings.limits(self._database.facts.settings)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders from which the page may load files; none until the setting names some."""
        return settings.allowed_folders(self._database.facts.settings)

    @property
    def exports_folder(self) -> Path:
        """The folder to which a file goes that is too large for a browser; nothing empties it."""
        return settings.exports_folder(self._database.facts.settings)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever loaded."""
        return not self._database.facts.loads

    def loads(self, kinds: Iterable[str] = KINDS) -> list[dict[str, Any]]:
        """Return the outcomes of all loads of these kinds, newest first.

        Each has besides the `sha256` of its file and what was `chosen` for it; None for those of an earlier version.
        """
        wanted = set(kinds)
        return [
            json.loads(outcome) | {"sha256": sha256, "chosen": json.loads(chosen or "null")}
            for kind, outcome, sha256, chosen in self._database.facts.loads
            if holds({"kind": kind}, wanted)
        ]

    def has(self, kinds: Iterable[str]) -> bool:
        """Tell whether a file of one of these kinds is loaded."""
        wanted = set(kinds)
        return any(holds({"kind": kind}, wanted) for kind, *_ in self._database.facts.loads)

    def covered(self, kind: str) -> tuple[Covered, ...]:
        """Return what each load of a kind covers, in UTC."""
        return self._database.facts.covered.get(kind, ())

    def keep(self, sql: str, parameters: Sequence[object]) -> None:
        """Run one statement that changes what is kept beside the data: no number and no setting follows from it.

        Neither the version changes nor does it wait for a load that is under way.
        """
        self.keep_all(sql, [parameters])

    def keep_all(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run such a statement once for each row of parameters: all of it, or none."""
        with self._database.keeping() as cursor:
            for parameters in rows:
                cursor.execute(sql, list(parameters))

    def set(self, key: str, value: str) -> None:
        """Change a setting; a new reporting zone recomputes local times. Raises UnknownName, BadSelection."""
        settings.change(self._database, key, value)
        if key == "reporting_zone":
            self._follow(Progress())

    def stand_for(self, state: "State", path: Path, tables: Mapping[str, Iterable[Sequence[object]]]) -> None:
        """Take these rows of its own tables for those that it has, and be what is published at a path.

        It has no other rows: who asks it has to ask an engine.
        """
        with self._database.writing() as cursor:
            for table, rows in tables.items():
                cursor.execute(f"delete from {table}")
                for row in rows:
                    cursor.execute(f"insert into {table} values ({', '.join('?' * len(row))})", list(row))
        self.state, self.path = state, path

    def _follow(self, progress: Progress) -> None:
        if self.follower:
            self.follower(progress)

    def check_settings(self) -> None:
        """Close it and raise BadSelection where a stored setting cannot be used, as another program may write one."""
        try:
            settings.check_stored(self._database.facts.settings)
        except BadSelection:
            self.close()
            raise

    def define(self, statements: Sequence[str], digest: str) -> None:
        """Run the statements that define macros and views, unless those of this digest stand already."""
        if self._database.facts.settings.get("definitions") == digest:
            return
        with self._database.writing() as cursor:
            for statement in statements:
                cursor.execute(statement)
            write_setting(cursor, "definitions", digest)

    def load(self, file: Path | str, choices: Choices = NOTHING_SAID, progress: Progress | None = None) -> LoadOutcome:
        """Load one file in one transaction and say what became of every row; of a zip archive, the `part` chosen.

        Raises FileRefused (ChoiceNeeded where the user can say more); the workspace is then as it was.
        """
        outcome = loading.load(self._database, Path(file), choices, progress or Progress())
        self._follow(progress or Progress())
        return outcome

    def load_parts(
        self, file: Path | str, choices: Choices = NOTHING_SAID, progress: Progress | None = None
    ) -> loading.Parts[LoadOutcome]:
        """Load a file, or each file of a zip archive in a transaction of its own; give what was said and what became.

        What is refused is given, not raised, and the others load.
        """
        for said, became in loading.load_parts(self._database, Path(file), choices, progress or Progress()):
            if isinstance(became, LoadOutcome):
                self._follow(progress or Progress())
            yield said, became

    def look_into_parts(
        self, file: Path | str, choices: Choices = NOTHING_SAID, progress: Progress | None = None
    ) -> loading.Parts[Recognised]:
        """Say what a file is, or each file of a zip archive, before any is loaded; what cannot be loaded is given."""
        return loading.look_into_parts(self._database, Path(file), choices, progress or Progress())

    def preview(
        self, file: Path | str, choices: Choices = NOTHING_SAID, progress: Progress | None = None
    ) -> guesses.Preview:
        """Return a file's header and first records as text; nothing is loaded. Raises FileRefused and ChoiceNeeded."""
        return loading.preview(self._database, Path(file), choices, progress or Progress())

    def mappings(self) -> list[tuple[ColumnMapping, datetime | None]]:
        """Return what is remembered of headers that are no export's, with when it was used last (UTC), if known."""
        with self.cursor() as cursor:
            return list(mappings.remembered(cursor))

    def remember_mapping(self, mapping: ColumnMapping, used_at: datetime | None) -> None:
        """Change what is remembered of a header; it concerns later loads only."""
        with self._database.keeping() as cursor:
            mappings.remember(cursor, mapping, used_at)

    def forget_mapping(self, mapping: ColumnMapping) -> None:
        """Remember a header no more; it concerns later loads only."""
        with self._database.keeping() as cursor:
            mappings.forget(cursor, mapping)

    def unload(self, load_id: int, progress: Progress | None = None) -> None:
        """Take a load back out: the rows become those that the other loads alone would give, the file too is rewritten.

        Raises UnknownName, and WorkbenchError when the load is taken back but its bytes could not be rid of.
        """
        self.unload_all([load_id], progress)

    def unload_all(self, load_ids: Iterable[int], progress: Progress | None = None) -> None:
        """Take loads back out as `unload` does: all of them in one step, or none, and the file is rewritten once."""
        loads = sorted(set(load_ids), reverse=True)
        if not loads:
            return
        for load_id in loads:
            self._outcome_of(load_id)
        with self._database.writing() as cursor:
            for load_id in loads:
                history.unload(cursor, load_id, KINDS.values())
            self._database.must_rewrite(cursor)
        self._follow(progress or Progress())
        try:
            self._database.rewrite(progress or Progress())
        except WorkbenchError as error:
            names = ", ".join(map(str, loads[::-1]))
            said = f"Load {names} was" if len(loads) == 1 else f"Loads {names} were"
            raise WorkbenchError(f"{said} taken back, {backups.STAYS}: {error}") from None

    @contextmanager
    def one_unit(self) -> Iterator[None]:
        """Let all loads within stay, or none: they are taken back where it raises, or once the killed is opened."""
        before = max((load["load_id"] for load in self.loads()), default=0)
        with self._database.keeping() as cursor:
            write_setting(cursor, UNIT, str(before))
        try:
            yield
        except BaseException:
            with suppress(WorkbenchError):  # the error that ends it says more than one of taking it back
                self.unload_all(load["load_id"] for load in self.loads() if load["load_id"] > before)
            if all(load["load_id"] <= before for load in self.loads()):
                self._end_unit()
            raise
        self._end_unit()

    def _end_unit(self) -> None:
        self.keep("delete from settings where key = ?", [UNIT])

    def compare(self, first: int, second: int) -> history.Comparison:
        """Return how the rows of the second load differ from those of the first.

        Raises UnknownName for a load that is not there, BadSelection for loads of two kinds.
        """
        one, other = self._outcome_of(first), self._outcome_of(second)
        kind, other_kind = (KINDS[kinds_of(load)[0]] for load in (one, other))
        if kind.table != other_kind.table:
            raise BadSelection(
                f"Load {first} holds {one['kind']}, load {second} {other['kind']}. Choose two of the same kind"
            )
        with self.cursor() as cursor:
            return history.compare(cursor, kind, first, second, self.reporting_zone)

    def _outcome_of(self, load_id: int) -> dict[str, Any]:
        found = {load["load_id"]: load for load in self.loads()}
        if load_id not in found:
            raise UnknownName("load", load_id, [str(known) for known in found] or ["(nothing is loaded)"])
        return found[load_id]

    def backup(self, target: Path) -> None:
        """Write everything into a new workspace file, while others may go on. Raises FileRefused.

        A file of that name is replaced in one step, once the new one is whole.
        """
        backups.back_up(self._database, target)

    def restore(self, source: Path) -> Path:
        """Put the content of a backup in the place of everything; return the file that keeps what was there before.

        In one transaction: it is all there, or all as it was. Raises FileRefused for a file that is no backup.
        """
        kept = backups.restore(self._database, source)
        self._follow(Progress())
        return kept

    def clear(self, progress: Progress | None = None) -> Path:
        """Start afresh: delete everything; return the file that keeps what was there before."""
        kept = backups.clear(self._database, progress or Progress())
        self._follow(progress or Progress())
        return kept

    @property
    def copies(self) -> list[Path]:
        """The copies beside the workspace, in which what was taken out of it since may still stand."""
        return copies.kept(self.path) if self.path else []

    @property
    def snapshot(self) -> Path:
        """The file that holds the last published snapshot, once there is one."""
        return paths.snapshot_of(self.path or self.files)

    def publish(self) -> None:
        """Write everything that is committed into the snapshot, in one step. Raises WorkbenchError."""
        if self._publisher:
            self._publisher.publish()
        else:
            snapshots.publish(self._database)

    def keep_published(self) -> None:
        """Publish a snapshot after every change, in the background, for other processes to read."""
        if self.path and not self._publisher:
            self._publisher = snapshots.Publisher(self._database)
            self._database.publish_soon = self._publisher.changed
            if not self.snapshot.is_file() or self.snapshot.stat().st_mtime < self.path.stat().st_mtime:
                self._publisher.changed()
