"""Masking: who may not see customers is shown a copy in which nobody is, by every face and in every file."""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.builders import activity, contact, conversation, merges, user, written
from workbench import Workbench, workbook
from workbench.ask import answers, console, notes, recipes, targets, views, workspaces
from workbench.ask.logs import EVERY_COLUMN, Page, log_rows, rows_with
from workbench.ask.question import Question
from workbench.ask.recipes import Part, Recipe, Rule
from workbench.ask.selection import Pin, Selection
from workbench.ask.views import View
from workbench.cli import main
from workbench.errors import BadSelection, NotPermitted, WorkbenchError, WorkspaceUnavailable
from workbench.exports import KINDS
from workbench.intake.choices import Choices
from workbench.reports import REPORTS
from workbench.store import audit, masking
from workbench.store.workspace import Workspace
from workbench.team import ACTS, TEAM_VARIABLE, Person

MARKER = "planted"
MASKED = Person("ada@example.org", acts=frozenset(ACTS) - {"clear_view"})
STRICT = Person("bo@example.org", acts=frozenset(ACTS) - {"clear_view"}, masks_staff=True)
REPORT = REPORTS["contact_export"]
LOG = next(tile for tile in REPORT.tiles if tile.log)


def planted(number: int, at: str = "2024-03-05 10:00:00", **fields: str) -> dict[str, str]:
    """Return a contact with the marker wherever a file can say who a customer is."""
    said = {
        "contact_id": f"{MARKER}-contact-{number}", "customer_id": f"{MARKER}-customer-{number % 3}",
        "conversation_id": f"{MARKER}-conversation-{number}", "fulfilled_by_contact_id": f"{MARKER}-contact-{number}",
        "conversation_link": f"https://{MARKER}.example/{number}", "agent_when_ended": f"staff-{number % 2}",
    }  # fmt: skip
    return contact(at, **said | fields) | {"Note": f"{MARKER} note"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("masking")
    rows = [planted(number) for number in range(6)]
    rows.append(planted(7, direction="OUTBOUND", entry_point=f"+1 555 {MARKER}"))
    rows.append(planted(8, at=f"{MARKER} never"))
    workbench = Workbench(folder / "w.duckdb")
    header = [*dict.fromkeys(name for row in rows for name in row)]
    workbench.load(written(folder / f"ContactExport-20240301-20240331 of {MARKER}.csv", rows, header))
    workbench.load(merges(folder / "GladlyCustomerMerges.csv", (f"{MARKER}-customer-2", f"{MARKER}-customer-1")))
    events = [activity(contact_id=f"{n}{MARKER}", contact_name=f"Name {MARKER} {n}", user_name="7") for n in range(3)]
    workbench.load(written(folder / "ContactsAdded-20240301-20240331.csv", events, [*events[0]]), file_timezone="UTC")
    held = conversation(
        conversation_id=f"7{MARKER}", contact_id=f"1{MARKER}", closing_note_summary=f"{MARKER} called", closed_by="7"
    )
    workbench.load(written(folder / "Conversations-20240301-20240331.csv", [held], [*held]), file_timezone="UTC")
    users = [user(user_id="7", name="staff-7")]
    workbench.load(written(folder / "Users.csv", users, [*users[0]]))
    yield workspaces.ready(workbench.workspace)
    workbench.close()


def asked(workspace: Workspace, who: Person, report: str = "contact_export") -> Question:
    return Question(workspace.seen_by(who), REPORTS[report], Selection())


def test_nothing_that_a_masked_person_can_be_shown_holds_a_marker(workspace: Workspace, tmp_path: Path) -> None:
    seen = workspace.seen_by(MASKED)
    tables = [name for (name,) in workspace.rows("select table_name from duckdb_tables() where not temporary")]
    assert any(MARKER in str(workspace.rows(f"from {table}")) for table in tables)
    for table in tables:
        assert MARKER not in str(seen.rows(f"from {table}")), table
    assert MARKER in str([load["file"] for load in workspace.loads()])
    assert MARKER not in str(seen.loads())
    assert [load["file"] for load in seen.loads()] == [f"Load {n}" for n in (5, 4, 3, 2, 1)]
    for name in console.tables(seen):
        assert MARKER not in str(console.run(seen, f"select * from {name}").rows.to_dict()), name
    assert MARKER.encode() not in seen.snapshot.read_bytes()
    for ending in ("csv", "parquet", "xlsx"):
        file = workbook.write(asked(workspace, MASKED), tmp_path / f"out.{ending}", page=Page(columns=EVERY_COLUMN)
            if ending != "xlsx" else Page()).path  # fmt: skip
        parts = zipfile.ZipFile(file) if ending == "xlsx" else None
        texts = [parts.read(name) for name in parts.namelist()] if parts else [file.read_bytes()]
        assert not any(MARKER.encode() in text for text in texts), ending


def test_counts_joins_and_drill_stay_right(workspace: Workspace) -> None:
    clear, masked = asked(workspace, Person("lead@example.org", is_recorded=False)), asked(workspace, MASKED)
    for tile in REPORT.tiles:
        if not tile.log and not tile.dimensions:
            assert answers.rows(masked, tile).equals(answers.rows(clear, tile)), tile.name
    sql = "select count(distinct customer_id) from gladly_contacts"
    assert workspace.rows(sql) == workspace.seen_by(MASKED).rows(sql) == [(2,)]
    notes = "select count(*), count(contact_id), count(closing_note_summary) from respondio_conversations"
    assert (workspace.rows(notes), workspace.seen_by(MASKED).rows(notes)) == ([(1, 1, 1)], [(1, 1, 0)])
    names = "select user, count(*) from respondio_activities group by all order by all"
    assert workspace.rows(names) == workspace.seen_by(MASKED).rows(names)
    ((agent, number),) = workspace.seen_by(STRICT).rows(names)
    assert (number, bool(re.fullmatch(r"Agent [0-9a-f]{16}", agent))) == (3, True)


def test_a_masked_person_finds_rows_by_masked_values_only(workspace: Workspace) -> None:
    question = asked(workspace, MASKED)
    shown = log_rows(question, LOG, Page(columns=("contact_id", "customer_id", "agent_when_ended"), limit=10))
    found = shown["contact_id"].iloc[0]
    assert re.fullmatch("[0-9a-f]{16}", found)
    assert set(shown["agent_when_ended"].dropna()) == {"staff-0", "staff-1"}
    assert len(rows_with(question, LOG, "contact_id", found, 10)) == 1
    assert len(rows_with(question, LOG, "contact_id", f"{MARKER}-contact-1", 10)) == 0
    assert len(log_rows(question, LOG, Page(search=f"{MARKER}-contact", limit=10))) == 0
    assert len(log_rows(asked(workspace, Person("x")), LOG, Page(search=f"{MARKER}-contact", limit=10))) == 7


def test_an_address_that_a_customer_wrote_to_is_shown_and_one_of_theirs_is_not(workspace: Workspace) -> None:
    points = {point for (point,) in workspace.seen_by(MASKED).rows("select entry_point from gladly_contact_export")}
    assert not any(MARKER in str(point) for point in points)


def test_views_that_name_somebody_are_not_shown_to_a_masked_person(workspace: Workspace) -> None:
    theirs = (("contact", (MARKER,)), ("period", ("2024-03-05",)))
    views.save(
        workspace, View("Theirs", "contact_export", {"customer_id": [MARKER]}), View("All", "contact_export", {}),
        View("Pinned", "contacts", pinned(theirs)),
    )  # fmt: skip
    assert [view.name for view in views.saved(workspace.seen_by(MASKED))] == ["All"]
    assert [view.name for view in views.saved(workspace)] == ["All", "Pinned", "Theirs"]


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT * FROM gladly_contacts WHERE CUSTOMER_ID = '{MARKER}'",
        f"from respondio_contacts_added where contact_name = '{MARKER}'", f"FROM (VALUES ('{MARKER}'))",
    ],
)  # fmt: skip
def test_saved_sql_is_shown_to_no_masked_person_however_it_is_written(workspace: Workspace, sql: str) -> None:
    views.save(workspace, View("Own SQL", "sql", {"sql": [sql]}))
    assert [view.name for view in views.saved(workspace.seen_by(MASKED), "sql")] == []
    assert [view.name for view in views.saved(workspace, "sql")] == ["Own SQL"]


def test_what_a_masked_person_is_not_shown_they_can_neither_replace_nor_delete(workspace: Workspace) -> None:
    seen, hidden = workspace.seen_by(MASKED), View("Theirs", "contact_export", {"entry_point": [MARKER]})
    views.save(workspace, hidden)
    with pytest.raises(NotPermitted, match="no such view of yours"):
        views.delete(seen, hidden)
    of_no_report = workspace.seen_by(Person("eve@example.org", hidden=frozenset({"contact_export"})))
    with pytest.raises(NotPermitted, match="no such view of yours"):
        views.rename(of_no_report, hidden, "Mine")
    own = View("Theirs", "contact_export", {}, owner=MASKED.name)
    views.save(seen, own)
    with pytest.raises(BadSelection, match="There is a view 'Theirs' already"):
        views.share(seen, own)
    assert hidden in views.saved(workspace)
    shown = Recipe("Weekly", "Weekly", (Part("Sheet", View("Sheet", "contact_export", {})),))
    rule = Rule(f"ContactExport of {MARKER} *.csv", Choices(zone="UTC"))
    recipes.save(workspace, replace(shown, parts=(Part("Sheet", hidden),)))
    with pytest.raises(BadSelection, match="The name 'Weekly' is taken"):
        recipes.save(seen, shown)
    recipes.save(workspace, replace(shown, rules=(rule,)))
    assert recipes.named(seen, "Weekly").rules == ()  # names of files may be a customer's
    recipes.save(seen, replace(shown, title="Every week"))
    assert recipes.named(workspace, "Weekly") == replace(shown, title="Every week", rules=(rule,))


PERSONAL = {column.name for kind in KINDS.values() for column in kind.columns if column.is_personal}
OF_SOMEBODY = [
    (report.name, dimension.key) for report in REPORTS.values() for dimension in report.filters
    if dimension.key in PERSONAL and not dimension.condition
]  # fmt: skip


def test_targets_of_somebody_are_not_shown_to_a_masked_person_and_stay(workspace: Workspace, tmp_path: Path) -> None:
    figures = {name: next(iter(targets.metrics(REPORTS[name]))) for name, _ in OF_SOMEBODY}
    assert {key for _, key in OF_SOMEBODY} >= {"entry_point", "customer_id", "conversation_id"}
    theirs = [targets.said(name, figures[name], "7", "up", only=f"{key}={MARKER}") for name, key in OF_SOMEBODY]
    ours = [targets.said("contact_export", figures["contact_export"], "7", "up", only="channel=CHAT")]
    seen = workspace.seen_by(MASKED)
    targets.put(workspace, *theirs, *ours)
    assert targets.saved(seen) == ours
    assert MARKER not in str(seen.rows("select value from settings"))
    workspace.mask(tmp_path / "given.duckdb")
    assert MARKER.encode() not in (tmp_path / "given.duckdb").read_bytes()
    targets.put(seen, *ours)
    assert {*targets.saved(workspace)} == {*theirs, *ours}


STAFF = {column.name for kind in KINDS.values() for column in kind.columns if column.is_staff} | {"agent", "user"}
OF_STAFF = [
    (report.name, dimension.key) for report in REPORTS.values() for dimension in report.filters
    if dimension.key in STAFF
]  # fmt: skip


def test_targets_of_an_agent_are_shown_only_to_who_sees_agents(workspace: Workspace) -> None:
    figures = {name: next(iter(targets.metrics(REPORTS[name]))) for name, _ in OF_STAFF}
    assert {key for _, key in OF_STAFF} >= {"agent", "user", "assigned_to", "closed_by"}
    of_agents = [targets.said(name, figures[name], "7", "up", only=f"{key}=AGENT-X") for name, key in OF_STAFF]
    targets.put(workspace, *of_agents)
    seen = workspace.seen_by(STRICT)
    assert {*targets.saved(workspace.seen_by(MASKED))} >= {*of_agents}
    assert {*targets.saved(seen)}.isdisjoint(of_agents)
    with pytest.raises(BadSelection, match="There is no such target"):
        targets.delete(seen, of_agents[0])
    hidden = workspace.seen_by(replace(STRICT, acts=frozenset(ACTS), hidden=frozenset(REPORTS)))
    assert targets.saved(hidden) == []
    assert {*targets.saved(workspace)} >= {*of_agents}
    assert "AGENT-X" not in str(seen.rows("select value from settings"))


def pins(key: str) -> list[Pin]:
    """Return pins of an agent alone, and of a period beside."""
    return [((key, ("AGENT-X",)),), (("period", ("2024-03-05",)), (key, ("AGENT-X",)))]


def pinned(pin: Pin) -> dict[str, list[str]]:
    """Return what a page's view says of a pin."""
    return Selection(pins=(pin,)).as_query()


def test_views_that_name_an_agent_are_not_shown_where_agents_are_masked(workspace: Workspace) -> None:
    named = [
        View(f"{key} {way}", name, query)
        for name, key in OF_STAFF
        for way, query in (("filtered", {key: ["AGENT-X"]}), *((str(len(pin)), pinned(pin)) for pin in pins(key)))
    ]
    everybody = View("By agent", "contact_export", {"by_agent.sort": ["agent:asc"]})
    views.save(workspace, *named, everybody)
    assert {view.name for view in views.saved(workspace.seen_by(STRICT))} - {"All"} == {"By agent"}
    shown = {(view.report, view.name) for view in views.saved(workspace.seen_by(MASKED))}
    assert shown >= {(view.report, view.name) for view in named}


def test_what_people_write_is_shown_as_they_wrote_it(workspace: Workspace) -> None:
    notes.put(workspace, notes.said("Spring sale", "2024-03-05"))
    assert [note.text for note in notes.saved(workspace.seen_by(MASKED))] == ["Spring sale"]


def test_errors_and_acts_of_a_masked_person_tell_nothing(workspace: Workspace, tmp_path: Path) -> None:
    seen = workspace.seen_by(MASKED)
    with pytest.raises(BadSelection) as refused:
        console.run(seen, "select customer_id::integer from gladly_contacts")
    assert MARKER not in str(refused.value)
    with pytest.raises(NotPermitted):
        seen.compare(1, 1)
    with pytest.raises(NotPermitted):
        seen.mask(tmp_path / "m.duckdb")


def test_a_change_is_in_the_masked_copy_at_once(tmp_path: Path) -> None:
    workspace = workspaces.ready(Workspace(tmp_path / "w.duckdb"))
    seen = workspace.seen_by(MASKED)
    counted = []
    for number in range(2):
        rows = [planted(number)]
        outcome = seen.load(written(tmp_path / f"ContactExport-2024030{number + 1}-20240331.csv", rows, [*rows[0]]))
        counted.append(seen.rows("select count(*) from gladly_contact_export"))
    seen.unload(outcome.load_id)
    assert [*counted, seen.rows("select count(*) from gladly_contact_export")] == [[(1,)], [(2,)], [(1,)]]
    workspace.close()


def test_a_masked_person_reads_on_while_loads_are_taken_back(tmp_path: Path) -> None:
    own = Workspace(tmp_path / "w.duckdb")
    masked, met, is_over = own.seen_by(MASKED), list[Exception](), Event()

    def read() -> None:
        while not is_over.is_set():
            try:
                assert masked.rows("select count(*) > 0 from gladly_contact_export") == [(True,)]
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody may meet it
                met.append(error)
                return

    files = [written(tmp_path / f"ContactExport-202403{n:02}-20240331.csv", [contact(contact_id=f"{n}")])
             for n in range(1, 14)]  # fmt: skip
    own.load(files[0])
    readers = [Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for file in files[1:]:
        own.unload(own.load(file).load_id)
    is_over.set()
    for reader in readers:
        reader.join()
    assert met == []
    own.unload(1)
    assert [*own.files.glob("masked*/snapshot*")] == []
    own.close()


def test_a_masked_copy_for_which_there_is_no_room_is_one_line(tmp_path: Path) -> None:
    own = Workspace(tmp_path / "w.duckdb")
    (own.files / "masked.duckdb.files").write_text("in its place")
    with pytest.raises(WorkspaceUnavailable, match=r"The masked copy cannot be made \(Not a directory\)"):
        own.seen_by(MASKED).rows("select 1")
    own.close()


SAID = {
    "IDs that end in .0 were read as whole numbers: Customer ID (71234560.0), Contact ID (881.0)":
        "IDs that end in .0 were read as whole numbers: Customer ID, Contact ID",
    "2 rows have a Contact ID that a spreadsheet has shortened, or may have (9.1E+17): of a number it keeps 15 digits":
        "2 rows have a Contact ID that a spreadsheet has shortened, or may have: of a number it keeps 15 digits",
    "The sheet 'O'Brien Ada' is hidden, and was read": "The sheet '…' is hidden, and was read",
    "Kept as text: 'Ada's' looks like A; 'O' Brien' looks like B": "Kept as text: '…' looks like B",
    "The file's name says its rollup (hour); the one given (day) was not used":
        "The file's name says its rollup (hour); the one given (day) was not used",
}  # fmt: skip


def test_warnings_of_earlier_versions_are_shown_without_what_they_quote() -> None:
    report = json.dumps({"file": "a.csv", "rejects": [], "warnings": [*SAID]})
    assert json.loads(masking.quoting_less(report, 1))["warnings"] == [*SAID.values()]


def test_what_is_said_of_ids_gives_no_example_of_them(tmp_path: Path) -> None:
    rows = [planted(1, customer_id="71234560.0", contact_id="881.0", conversation_id="9.12346E+17")]
    workbench = Workbench(tmp_path / "w.duckdb")
    said = workbench.load(written(tmp_path / "ContactExport-20240301-20240331.csv", rows, [*rows[0]])).warnings
    workbench.close()
    assert "IDs that end in .0 were read as whole numbers: Customer ID, Contact ID" in said
    assert any("a Conversation ID that a spreadsheet has shortened, or may have: of" in warning for warning in said)


def test_who_sees_customers_as_they_are_is_recorded(workspace: Workspace) -> None:
    log_rows(asked(workspace, Person("lead@example.org")), LOG, Page(columns=("contact_id", "channel"), limit=1))
    log_rows(asked(workspace, Person("lead@example.org")), LOG, Page(columns=("channel",), limit=1))
    assert workspace.path is not None
    lines = [line for line in audit.lines(workspace.path) if line["who"] == "lead@example.org"]
    assert [(line["act"], line["facts"]["columns"]) for line in lines] == [("clear view", ["contact_id"])]


def test_a_search_a_filter_a_pin_and_columns_that_no_export_has_tell_of_customers_too(
    workspace: Workspace,
) -> None:
    who = Person("kim@example.org")
    plain = Page(columns=("channel",), limit=1)
    repeats = asked(workspace, who, "repeat_contacts")
    of_filter = repeats.asking(Selection(filters=(("customer_id", ("x",)), ("channel", ("CHAT",)))))
    of_pin = repeats.asking(Selection(pins=((("customer_id", ("x",)),),)))
    log_rows(asked(workspace, who), LOG, replace(plain, search="x"))
    log_rows(asked(workspace, who), LOG, replace(plain, columns=("channel", "Note")))
    answers.rows(repeats, repeats.report.tile("by_channel"))
    answers.rows(of_filter, repeats.report.tile("by_channel"))
    answers.rows(of_pin, repeats.report.tile("by_channel"))
    assert workspace.path is not None
    lines = [line["facts"]["columns"] for line in audit.lines(workspace.path) if line["who"] == who.name]
    assert lines == [["search"], ["extra"], ["customer_id"], ["customer_id"]]


def test_customers_in_tiles_in_the_options_of_filters_and_among_compared_loads_are_recorded_too(
    workspace: Workspace,
) -> None:
    who = Person("olga@example.org")
    repeats = asked(workspace, who, "repeat_contacts")
    answers.rows(repeats, repeats.report.tile("customers"))
    answers.rows(repeats, repeats.report.tile("by_channel"))
    answers.options(repeats, "customer_id")
    answers.options(repeats, "channel")
    workspace.seen_by(who).compare(1, 1)
    answers.rows(asked(workspace, MASKED, "repeat_contacts"), repeats.report.tile("customers"))
    assert workspace.path is not None
    lines = [line for line in audit.lines(workspace.path) if line["who"] in (who.name, MASKED.name)]
    facts = [line["facts"] for line in lines if line["act"] == "clear view"]
    assert [fact.get("columns", fact.get("loads")) for fact in facts] == [["customer_id"], ["customer_id"], [1, 1]]
    assert [fact.get("tile") for fact in facts] == ["customers", "options of customer_id", None]


def test_the_command_writes_a_masked_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [planted(number) for number in range(3)]
    file, path = written(tmp_path / "ContactExport-20240301-20240331.csv", rows, [*rows[0]]), tmp_path / "w.duckdb"
    assert main(["load", str(file), "--workspace", str(path)]) == 0
    assert main(["mask", str(tmp_path / "m.duckdb"), "--workspace", str(path)]) == 0
    assert MARKER.encode() not in (tmp_path / "m.duckdb").read_bytes()
    capsys.readouterr()
    assert main(["show", "contact_export", "log", "--format", "csv", "--workspace", str(tmp_path / "m.duckdb")]) == 0
    assert MARKER not in (out := capsys.readouterr().out)
    assert len(out.splitlines()) == 4


@pytest.mark.parametrize("masks_staff", [False, True])
def test_the_command_masks_agents_where_the_team_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, masks_staff: bool
) -> None:
    team = f'mask_staff = {str(masks_staff).lower()}\n[workspaces.a]\npath = "w.duckdb"\ngroups = ["a"]\n'
    (tmp_path / "team.toml").write_text(team)
    monkeypatch.setenv(TEAM_VARIABLE, str(tmp_path / "team.toml"))
    own = Workspace(tmp_path / "w.duckdb")
    own.load(written(tmp_path / "ContactExport-20240301-20240331.csv", [contact(agent_when_ended="staff-1")]))
    own.close()
    assert main(["mask", str(tmp_path / "m.duckdb"), "--workspace", str(tmp_path / "w.duckdb")]) == 0
    masked = Workspace(tmp_path / "m.duckdb")
    ((agent,),) = masked.rows("select agent_when_ended from gladly_contact_export")
    masked.close()
    assert (agent != "staff-1") == masks_staff


def test_what_is_personal_is_declared() -> None:
    personal = {column.name for kind in KINDS.values() for column in kind.columns if column.is_personal}
    assert personal == {
        "customer_id", "contact_id", "conversation_id", "conversation_link", "entry_point", "fulfilled_by_contact_id",
        "contact_name", "merged_customer_id", "closing_note_summary",
    }  # fmt: skip
    assert not any(column.is_personal and column.is_staff for kind in KINDS.values() for column in kind.columns)
    assert issubclass(NotPermitted, WorkbenchError)
