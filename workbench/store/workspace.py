"""The workspace: one DuckDB file with every row, load and setting, as everything outside of the store knows it.

Nothing else opens it. Every call takes a cursor of its own, and what is asked for again and again is remembered.
"""

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import duckdb

from workbench.errors import BadSelection, FileRefused, NotPermitted, UnknownName, WorkbenchError, reason
from workbench.exports import KINDS
from workbench.intake import guesses, history, mappings
from workbench.intake.choices import NOTHING_SAID, Choices
from workbench.intake.folders import listed
from workbench.intake.limits import Limits
from workbench.intake.looking import Recognised
from workbench.intake.mappings import ColumnMapping
from workbench.intake.outcome import LoadOutcome, holds, kinds_of
from workbench.intake.recording import write_setting
from workbench.progress import Progress
from workbench.store import audit, backups, copies, forgetting, loading, masking, opening, paths, settings, snapshots
from workbench.store.database import UNIT, Database
from workbench.team import LOCAL, Person
from workbench.time.coverage import Covered

if TYPE_CHECKING:
    from workbench.store.states import State

Awaited = Callable[[Callable[[], None]], AbstractContextManager[object]]


def _nothing() -> None:
    """Of who works on the machine itself: they are there."""


class Workspace:
    """An open workspace. `path` None keeps it in memory, with its files in a folder that goes with it.

    `actor` is whoever works with it: what they may not do raises NotPermitted; what a team's person does is recorded.
    `notice` is what whoever works with it must know, such as loads that damage to its files has cost; mostly empty.
    `follower` is called after every change of its rows, and `unpublished` says what has kept it from its work;
    `outliving` names what it cannot take rows out of that were forgotten, with why. `state`
    is what it stands for where its rows are published, and asked elsewhere. A report's query runs within `awaited`,
    which is given how to stop it. `present` raises NotPermitted once the actor is not there any more.
    """

    def __init__(
        self, path: Path | None = None, actor: Person = LOCAL, wait: float = 0, seed: Path | None = None,
        is_snapshot: bool = False,
    ) -> None:  # fmt: skip
        """Open or create the workspace, waiting up to `wait` seconds for another process to let go of it.

        A workspace in memory starts as a copy of the file `seed`, which is only read. With `is_snapshot` its last
        snapshot is opened instead, to be read while another process holds the workspace.
        Raises WorkspaceUnavailable: held by another process (WorkspaceHeld), damaged, or not permitted.
        """
        self._database, self.notice = opening.opened(path, wait, seed, is_snapshot)
        self._publisher: snapshots.Publisher | None = None
        self.recorded_at = path  # what stands for a lake has another path, and no record
        self.path, self.files, self.actor = path, self._database.files, actor
        self._masks = masking.Masks()
        self.follower: Callable[[Progress], None] | None = None
        self.unpublished = ""
        self.outliving: Mapping[str, str] = {}
        self.present: Callable[[], None] = _nothing
        self.awaited: Awaited = nullcontext
        self.state: State | None = None

    def seen_by(self, actor: Person) -> Self:
        """Return the same open workspace as another person works with it."""
        seen = copy.copy(self)
        seen.actor = actor
        return seen

    def is_of(self, other: "Workspace") -> bool:
        """Tell whether two are the same open workspace, whoever works with them."""
        return self._database is other._database

    def ask(self, *acts: str) -> None:
        """Raise NotPermitted unless the actor may do all of it, Unrecorded where it could not be recorded."""
        self._permit(*acts)
        if self.actor.is_recorded and self.recorded_at:
            audit.check(self.recorded_at)

    def _permit(self, *acts: str) -> None:
        self.present()
        for act in acts:
            try:
                self.actor.check(act)
            except NotPermitted:
                self.record("refused", of=act)
                raise

    def record(self, act: str, **facts: object) -> None:
        """Record what the actor did, with facts that are no values; of a local person nothing. Raises Unrecorded."""
        if self.actor.is_recorded and self.recorded_at:
            audit.record(self.recorded_at, self.actor, act, **facts)

    @property
    def eye(self) -> str:
        """What tells apart, where answers are remembered, those who may see other rows or are recorded for it.

        What a person may see can change with their next sign-in. Raises NotPermitted for who is not there any more.
        """
        self.present()
        actor = self.actor
        return f"{actor.name}, {self.is_masked}, {actor.masks_staff}" if actor.is_recorded else ""

    def recorded(self) -> list[dict[str, Any]]:
        """Return the record of what was done, the oldest first. Raises Unrecorded."""
        self._permit("audit")  # on a full disk too
        return audit.lines(self.recorded_at) if self.recorded_at else []

    def close(self) -> None:
        """Close the workspace; its file can then be opened by another process."""
        if self._publisher:
            self._publisher.stop()
        self._database.close()

    def cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Give a cursor for one call; DuckDB's errors leave as WorkbenchError."""
        return self._shown.cursor()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._shown.rows(sql, parameters)

    def kept(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return rows of what is kept beside the data, which no masked copy has: views, recipes, picked columns."""
        self.present()
        return self._database.rows(sql, parameters)

    def setting(self, key: str) -> str | None:
        """Return what is set under a key; None where nothing is."""
        self.present()
        return self._database.facts.settings.get(key)

    @property
    def is_masked(self) -> bool:
        """Whether the actor sees a masked copy; what is in memory alone are samples, of nobody."""
        return self.actor.is_masked and self.path is not None

    @property
    def _shown(self) -> Database:
        """What the actor is shown: the workspace, or a masked copy of it."""
        self.present()
        if not self.is_masked:
            return self._database
        return masking.current(self._database, self._masks, self.actor.masks_staff)

    @property
    def exports(self) -> Path:
        """The folder into which the actor's files are written, by the database that the actor is shown."""
        return self._shown.files / "exports"

    @property
    def taken(self) -> int:
        """How often the file was written anew: what is being written of its rows may hold some that are no more."""
        return self._database.taken

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
    def of_reports(self) -> dict[str, str]:
        """What is set of that by which the numbers of reports are made."""
        return settings.of_reports(self._database.facts.settings)

    @property
    def limits(self) -> Limits:
        """What spreadsheets and archives may hold, and what reading them may use."""
        return settings.limits(self._database.facts.settings)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders from which the page may load files; none until the setting names some."""
        return settings.allowed_folders(self._database.facts.settings) if self.actor.may("folders") else ()

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
            for kind, outcome, sha256, chosen in self._shown.facts.loads
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

    def revise(self, key: str, revised: Callable[[str | None], str], *, is_of_numbers: bool = False) -> None:
        """Keep under a key what follows from what is kept there, in one step: of several at once none is lost.

        A setting `is_of_numbers` where a number follows from it, which makes it another version.
        """
        changing = self._database.writing(is_load=True) if is_of_numbers else self._database.keeping()
        with changing as cursor:
            found = cursor.execute("select value from settings where key = ?", [key]).fetchone()
            write_setting(cursor, key, revised(found[0] if found else None))

    def set(self, key: str, value: str) -> None:
        """Change a setting; a new reporting zone recomputes local times. Raises UnknownName, BadSelection."""
        self.ask("settings", *(["folders"] if key in settings.FOLDERS else []))
        settings.change(self._database, key, value)
        self.record("settings", key=key)
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
        self.ask("load")
        outcome = loading.load(self._database, Path(file), choices, progress or Progress())
        return self._loaded(outcome, progress or Progress())

    def _loaded(self, outcome: LoadOutcome, progress: Progress) -> LoadOutcome:
        counts = {name: getattr(outcome, f"rows_{name}") for name in ("read", "loaded", "updated", "rejected")}
        self.record("load", load=outcome.load_id, kind=outcome.kind, **counts)
        self._follow(progress)
        if not self.is_masked:
            return outcome
        return replace(outcome, rejects=tuple(reject | {"value": None} for reject in outcome.rejects))

    def load_parts(
        self, file: Path | str, choices: Choices = NOTHING_SAID, progress: Progress | None = None
    ) -> loading.Parts[LoadOutcome]:
        """Load a file, or each file of a zip archive in a transaction of its own; give what was said and what became.

        What is refused is given, not raised, and the others load.
        """
        self.ask("load")
        for said, became in loading.load_parts(self._database, Path(file), choices, progress or Progress()):
            if isinstance(became, LoadOutcome):
                yield said, self._loaded(became, progress or Progress())
            else:
                yield said, became

    def look_into_parts(
        self, file: Path | str, choices: Choices = NOTHING_SAID, progress: Progress | None = None
    ) -> loading.Parts[Recognised]:
        """Say what a file is, or each file of a zip archive, before any is loaded; what cannot be loaded is given."""
        self.ask("load")
        return loading.look_into_parts(self._database, Path(file), choices, progress or Progress())

    def preview(
        self, file: Path | str, choices: Choices = NOTHING_SAID, progress: Progress | None = None
    ) -> guesses.Preview:
        """Return a file's header and first records as text; nothing is loaded. Raises FileRefused and ChoiceNeeded."""
        self.ask("load")
        return loading.preview(self._database, Path(file), choices, progress or Progress())

    def mappings(self) -> list[tuple[ColumnMapping, datetime | None]]:
        """Return what is remembered of headers that are no export's, with when it was used last (UTC), if known."""
        with self.cursor() as cursor:
            return list(mappings.remembered(cursor))

    def remember_mapping(self, mapping: ColumnMapping, used_at: datetime | None) -> None:
        """Change what is remembered of a header; it concerns later loads only."""
        self.ask("load")
        with self._database.keeping() as cursor:
            mappings.remember(cursor, mapping, used_at)

    def forget_mapping(self, mapping: ColumnMapping) -> None:
        """Remember a header no more; it concerns later loads only."""
        self.ask("load")
        with self._database.keeping() as cursor:
            mappings.forget(cursor, mapping)

    def unload(self, load_id: int, progress: Progress | None = None) -> None:
        """Take a load back out: the rows become those that the other loads alone would give, the file too is rewritten.

        Raises UnknownName, and WorkbenchError when the load is taken back but its bytes could not be rid of.
        """
        self.unload_all([load_id], progress)

    def unload_all(self, load_ids: Iterable[int], progress: Progress | None = None) -> None:
        """Take loads back out as `unload` does: all of them in one step, or none, and the file is rewritten once."""
        self.ask("load")
        loads = sorted(set(load_ids), reverse=True)
        if not loads:
            return
        for load_id in loads:
            self._outcome_of(load_id)
        with self._database.writing() as cursor:
            for load_id in loads:
                history.unload(cursor, load_id, KINDS.values())
            self._database.must_rewrite(cursor)
        self.record("unload", loads=loads[::-1])
        self._follow(progress or Progress())
        try:
            self._database.rewrite(progress or Progress())
        except WorkbenchError as error:
            names = ", ".join(map(str, loads[::-1]))
            said = f"Load {names} was" if len(loads) == 1 else f"Loads {names} were"
            raise WorkbenchError(f"{said} taken back, {backups.STAYS}: {error}") from None

    def unload_old(self, days: int, progress: Progress | None = None) -> list[int]:
        """Take back the loads whose last day lies more than so many days back, as `unload_all` does; return them.

        Of a list, which covers no days, that is the day on which it was loaded.
        """
        sql = "select load_id from loads where coalesce(period_to, loaded_at::date) < ? order by load_id"
        first = date.fromordinal(max(1, date.today().toordinal() - days))
        loads = [load_id for (load_id,) in self._database.rows(sql, [first])]
        self.unload_all(loads, progress)
        return loads

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
        self.ask("clear_view")  # it shows rows by their keys, which a masked copy cannot tell apart
        one, other = self._outcome_of(first), self._outcome_of(second)
        if not all(map(self.actor.sees_kind, kinds_of(one))):
            raise NotPermitted("These loads are of reports that are not for you. Ask whoever runs this server")
        kind, other_kind = (KINDS[kinds_of(load)[0]] for load in (one, other))
        if kind.table != other_kind.table:
            raise BadSelection(
                f"Load {first} holds {one['kind']}, load {second} {other['kind']}. Choose two of the same kind"
            )
        self.record("clear view", loads=[first, second])
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
        self.ask("restore", "clear_view")  # it holds everything as it is
        backups.back_up(self._database, target)
        self.record("backup")

    def restore(self, source: Path) -> Path:
        """Put the content of a backup in the place of everything; return the file that keeps what was there before.

        In one transaction: it is all there, or all as it was. Raises FileRefused for a file that is no backup.
        """
        self.ask("restore")
        kept, digest = backups.restore(self._database, source)
        self.record("restore", sha256=digest)
        self._follow(Progress())
        return kept

    def clear(self, progress: Progress | None = None) -> Path:
        """Start afresh: delete everything; return the file that keeps what was there before."""
        self.ask("clear")
        kept = backups.clear(self._database, progress or Progress())
        self.record("clear")
        self._follow(progress or Progress())
        return kept

    def mask(self, target: Path, of_staff: bool = False) -> None:
        """Write a masked copy of the workspace into a file, to be given to others. Raises FileRefused."""
        self.ask("export", "clear_view")
        try:
            backups.check_target(self._database, target)
            masking.write(self._database, target, of_staff)
        except (OSError, ValueError) as error:
            raise FileRefused(f"{target}: cannot be written ({reason(error)}). Name another file") from None
        self.record("mask")

    def forget(self, customer: str, progress: Progress | None = None) -> forgetting.Receipt:
        """Erase a customer or a contact, and who is merged with it, from everything here; return the receipt.

        Rows of them in later files are rejected. Raises BadSelection, and WorkbenchError where bytes could not go.
        """
        self.ask("forget")
        receipt = forgetting.forget(self._database, customer, progress or Progress())
        self._follow(progress or Progress())
        unpublished = {"what is published": self.unpublished} if self.unpublished else {}
        named = {copy.name: "named by a user, so not touched. Delete it" for copy in self._users_copies}
        receipt.left |= {**self.outliving, **unpublished, **named}
        self.record("forget", customer=receipt.customer, rows=sum(receipt.rows.values()), left=len(receipt.left))
        return receipt

    @property
    def copies(self) -> list[Path]:
        """The copies beside the workspace, in which what was taken out of it since may still stand."""
        return copies.named(self.path) if self.path else []

    @property
    def _users_copies(self) -> list[Path]:
        return sorted({*self.copies} - {*copies.kept(self.path)}) if self.path else []

    @property
    def backups(self) -> list[Path]:
        """The copies beside the workspace and in the folders that are allowed which can take its place.

        None is of another workspace.
        """
        own = copies.to_restore(self.path) if self.path else []
        elsewhere = (file for file in listed(self.folders, ("duckdb",)) if not self.path or file != self.path)
        return sorted({*own, *(file for file in elsewhere if backups.can_be_of(self.path, file))}, reverse=True)

    @property
    def snapshot(self) -> Path:
        """The file that holds the last published snapshot, once there is one; of a masked actor the masked copy."""
        if self.is_masked and self._shown:
            return paths.snapshot_of(masking.path_of(self._database, self.actor.masks_staff))
        return paths.snapshot_of(self.path or self.files)

    def publish(self) -> None:
        """Write everything that is committed into the snapshot, in one step. Raises WorkbenchError."""
        if self.is_masked:
            return  # a masked copy is of now already
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
