"""Who may do what: the team's file, and the gate in the core, called past every page."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.builders import contact, written
from workbench import Workbench, workbook
from workbench.ask import console, notes, recipes, targets, views
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.ask.views import View
from workbench.cli import main
from workbench.errors import BadSelection, NotPermitted, TeamUnusable, UnknownName
from workbench.progress import Progress
from workbench.reports import REPORTS
from workbench.store import audit, lake
from workbench.store.parquet_lake import ParquetLake
from workbench.store.workspace import Workspace
from workbench.team import ACTS, LOCAL, TEAM_VARIABLE, Person, here, named, read
from workbench.ui import session

ROOT = Path(__file__).parents[1]
EXAMPLE = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/team.md").read_text(encoding="utf-8"), re.DOTALL)[0]
SMALL = '[workspaces.support]\npath = "s.duckdb"\ngroups = ["support"]\n'


def team_file(folder: Path, text: str) -> Path:
    path = folder / f"team-{abs(hash(text))}.toml"
    path.write_text(text, encoding="utf-8")
    return path


# The file ------------------------------------------------------------------------------------------------------------


def test_the_example_says_who_may_do_what(tmp_path: Path) -> None:
    team = read(team_file(tmp_path, EXAMPLE))
    ada = team.person("Ada@Example.org", ["support"])
    assert {act for act in ACTS if ada.may(act)} == {"load", "export", "views", "sql"}
    assert [ada.sees(report) for report in ("team_engagement", "contacts")] == [True, True]
    bo = team.person("bo@example.org", ["support-leads", "retail"])
    assert all(bo.may(act) for act in ACTS)
    assert not bo.sees("team_engagement")
    assert [place.name for place in team.places_of(bo)] == ["support", "retail"]
    assert team.place_of(bo, "retail").path == tmp_path.resolve() / "retail.duckdb"
    assert (ada.is_masked, bo.is_masked, LOCAL.is_masked) == (True, False, False)


def test_the_example_names_every_right() -> None:
    documented = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/team.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert documented == list(ACTS)


def test_who_is_in_no_group_and_who_names_another_groups_workspace_get_one_line(tmp_path: Path) -> None:
    team = read(team_file(tmp_path, EXAMPLE))
    with pytest.raises(NotPermitted, match="in no group of this server"):
        team.place_of(team.person("eve@example.org"))
    retail = team.person("bo@example.org", ["retail"])
    said = set()
    for name in ("support", "no-such"):
        with pytest.raises(NotPermitted) as refused:
            team.place_of(retail, name)
        said.add(str(refused.value))
    assert len(said) == 1  # or it would tell which workspaces there are


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a == 1", "Invalid value at line 1, column 4"),
        ("", "workspaces: there is none"),
        (SMALL + "[rolls.x]\n", "There is no key 'rolls'"),
        (
            SMALL + '[roles.x]\ngroups = ["a"]\nmay = ["loda"]\n',
            "roles.x.may: There is no act 'loda'",
        ),
        (SMALL + '[roles.x]\nmay = ["load"]\n', "roles.x.groups: is missing, not a list of texts"),
        (SMALL + "[roles]\nx = 3\n", r"roles.x: is no table. Write it as \[roles.x\]"),
        (
            SMALL + '[workspaces.other]\npath = "s.duckdb"\ngroups = ["b"]\n',
            "workspaces.other.path: is that of",
        ),
        ('[workspaces.a]\npath = 3\ngroups = ["b"]\n', "workspaces.a.path: is 3, not a text"),
        ('[workspaces.a]\npath = "a"\ngroups = []\n', "workspaces.a.groups: is empty"),
        (
            SMALL + '[report_groups.x]\nreports = ["contcts"]\ngroups = ["a"]\n',
            "report_groups.x.reports: There is no",
        ),
        ("audit_days = 0\n" + SMALL, "audit_days: is 0, not a whole number from 1"),
        ("load_days = 0\n" + SMALL, "load_days: is 0, not a whole number from 1"),
        ("mask_staff = 1\n" + SMALL, "mask_staff: is 1, not true or false"),
        (SMALL + "[groups]\nx = 'ada'\n", "groups.x: is 'ada', not a list"),
        (SMALL.replace("s.duckdb", "~nosuchuser/s.duckdb"), "workspaces.support.path: '~nosuchuser/s.duckdb' cannot"),
        (SMALL.replace("s.duckdb", "."), "workspaces.support.path: '.' is not a file"),
        (SMALL.replace("s.duckdb", "/"), "workspaces.support.path: '/' is not a file"),
        (SMALL.replace("s.duckdb", "s" * 5000), r"workspaces.support.path: 's+\.\.\.' cannot be a file \(File name"),
        (SMALL.replace("support]", '""]'), "workspaces: is '', not a name"),
        (SMALL + "x = " + "[" * 5000 + "]" * 5000, "line 4: is nested too deeply"),
        (SMALL + f"x = {'{a = ' * 5000}1{'}' * 5000}", "line 4: is nested too deeply"),
        ("sign_in.name" + ".a" * 5000 + " = 1\n" + SMALL, "line 1: is nested too deeply"),
        ("audit_days = " + "9" * 5000 + "\n" + SMALL, "line 1: has a number of too many digits"),
        *(
            (SMALL + f'[workspaces.b]\npath = "{path}"\ngroups = ["b"]\n', "workspaces.b.path: is that of another")
            for path in ("x/../s.duckdb", "./s.duckdb", "s.duckdb.files")
        ),
    ],
)
def test_a_mistake_in_the_file_is_one_line_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TeamUnusable, match=said) as refused:
        read(team_file(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_and_one_that_is_no_text_are_one_line_too(tmp_path: Path) -> None:
    with pytest.raises(TeamUnusable, match=r"none.toml: cannot be read \(No such file"):
        read(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(TeamUnusable, match="is no UTF-8"):
        read(tmp_path / "bytes.toml")


@pytest.mark.parametrize("path", ["~nosuchuser/team.toml", "x" * 5000, "a\0b", "."])
def test_a_path_that_can_be_no_file_of_a_team_is_one_line(path: str) -> None:
    with pytest.raises(TeamUnusable, match="cannot be read"):
        read(Path(path))


def test_what_an_editor_adds_is_taken_as_meant(tmp_path: Path) -> None:
    text = SMALL + '[groups]\nsupport = [" ada@example.org "]\n[roles.lead]\ngroups = ["support "]\nmay = ["load"]\n'
    team = read(team_file(tmp_path, f"\ufeff{text}"))
    assert team.person("Ada@example.org").acts == {"load"}


def test_a_workspace_is_known_by_the_file_that_links_lead_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "s.duckdb").symlink_to(tmp_path / "real" / "s.duckdb")
    assert [place.path for place in read(team_file(tmp_path, SMALL)).places] == [tmp_path / "real" / "s.duckdb"]
    twice = SMALL + '[workspaces.b]\npath = "real/s.duckdb"\ngroups = ["b"]\n'
    with pytest.raises(TeamUnusable, match=r"workspaces\.b\.path: is that of another"):
        read(team_file(tmp_path, twice))


def test_who_is_forgotten_on_the_command_line_is_forgotten_for_a_team_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "s.duckdb").symlink_to(tmp_path / "real" / "s.duckdb")
    monkeypatch.setenv(TEAM_VARIABLE, str(team_file(tmp_path, SMALL)))
    team = named()
    assert team is not None
    path, later = team.places[0].path, tmp_path / "ContactExport-20240301-20240331.csv"
    Workspace(path).close()
    assert main(["forget", "gone", "--workspace", str(tmp_path / "s.duckdb")]) == 0
    workspace = Workspace(path)
    assert workspace.load(written(later, [contact(customer_id="gone")])).rows_rejected == 1
    workspace.close()
    assert [line["act"] for line in audit.lines(path)] == ["forget"]


def test_without_a_file_there_is_one_local_person_who_may_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TEAM_VARIABLE, raising=False)
    assert named() is None
    assert here() is LOCAL
    assert all(LOCAL.may(act) for act in ACTS)
    assert not LOCAL.is_recorded


def test_the_command_line_of_a_team_is_the_systems_user_who_may_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TEAM_VARIABLE, str(team_file(tmp_path, EXAMPLE)))
    assert here().name.startswith("system:")
    assert all(here().may(act) for act in ACTS)


def test_an_act_that_there_is_not_is_no_act_that_is_refused() -> None:
    with pytest.raises(UnknownName, match="closest is clear_view"):
        LOCAL.may("clear_veiw")


# The gate ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("team")
    workbench = Workbench(folder / "team.duckdb")
    workbench.load(written(folder / "ContactExport-20240301-20240331.csv", [contact("2024-03-05 10:00:00")]))
    views.save(workbench.workspace, View("Mine", "contacts", {}))
    return workbench.workspace


def calls(workspace: Workspace, folder: Path) -> dict[str, list[Callable[[], object]]]:
    """Return what the core can be asked to do, by the right that it takes."""
    file = folder / "ContactExport-20240301-20240331.csv"
    view = View("Other", "contacts", {})
    question = Question(workspace, REPORTS["contact_export"], Selection())
    target = targets.said("contact_export", "answered_rate", "0.8")
    return {
        "load": [
            lambda: workspace.load(file), lambda: list(workspace.load_parts(file)), lambda: workspace.unload(1),
            lambda: workspace.preview(file), lambda: list(workspace.look_into_parts(file)),
        ],
        "export": [
            lambda: workbook.write(question, folder / "out.csv"), lambda: workbook.write(question, folder / "out.xlsx"),
            lambda: workbook.prepare_rows(workspace, "sql", question.workspace.loads and None, "csv"),  # type: ignore[arg-type]
        ],
        "views": [
            lambda: views.save(workspace, view), lambda: views.rename(workspace, view, "X"),
            lambda: views.delete(workspace, view), lambda: views.set_default(workspace, view, True),
            lambda: views.put_on_page(workspace, view, True),
            lambda: views.imported(workspace, views.exported([view])), lambda: recipes.delete(workspace, "none"),
        ],
        "settings": [
            lambda: workspace.set("week_start", "sunday"), lambda: targets.put(workspace, target),
            lambda: notes.put(workspace, notes.said("outage", "2024-03-05")),
        ],
        "folders": [
            lambda: workspace.set("folders", str(folder)), lambda: workspace.set("exports_folder", str(folder)),
        ],
        "restore": [lambda: workspace.backup(folder / "b.duckdb"), lambda: workspace.restore(folder / "b.duckdb")],
        "clear": [workspace.clear],
        "publish": [lambda: lake.publish(ParquetLake(folder / "lake"), workspace, Progress())],
        "sql": [lambda: console.run(workspace, "select 1")],
        "audit": [workspace.recorded],
    }  # fmt: skip


@pytest.mark.parametrize("act", [act for act in ACTS if act not in ("forget", "clear_view")])
def test_every_act_is_refused_in_the_core_to_who_may_all_else(workspace: Workspace, tmp_path: Path, act: str) -> None:
    actor = Person("ada@example.org", acts=frozenset(ACTS) - {act}, is_recorded=False)
    before = workspace.version
    for call in calls(workspace.seen_by(actor), tmp_path)[act]:
        with pytest.raises(NotPermitted, match=f"You may not .* the right '{act}'"):
            call()
    assert workspace.version == before
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_that_is_opened_for_a_person_asks_that_person(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "own.duckdb", Person("ada@example.org", acts=frozenset(), is_recorded=False))
    with pytest.raises(NotPermitted):
        workspace.set("week_start", "sunday")
    assert workspace.folders == ()
    workspace.close()


def test_a_report_that_is_not_for_a_person_cannot_be_asked(workspace: Workspace) -> None:
    hidden = workspace.seen_by(Person("ada@example.org", hidden=frozenset({"contact_export"}), is_recorded=False))
    resting = frozenset(name for name, report in REPORTS.items() if "gladly_contact_export" in report.kinds)
    unseen = workspace.seen_by(Person("ada@example.org", hidden=resting, is_recorded=False))
    assert hidden.actor.sees_kind("gladly_contact_export")
    assert [unseen.actor.sees_kind(kind) for kind in ("gladly_contact_export", "lexer_orders")] == [False, True]
    with pytest.raises(NotPermitted, match="The report Contact export is not for you"):
        Question(hidden, REPORTS["contact_export"], Selection())
    with pytest.raises(NotPermitted, match="reports that are not for you"):
        unseen.compare(1, 1)
    workspace.compare(1, 1)
    Question(hidden, REPORTS["inbound_contacts"], Selection())
    Question(workspace, REPORTS["contact_export"], Selection())


def test_without_an_age_loads_stay(tmp_path: Path) -> None:
    assert read(team_file(tmp_path, SMALL)).load_days == 0


def test_loads_go_by_age_when_a_team_opens_a_workspace_and_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, today = tmp_path / "s.duckdb", date.today()
    workspace = Workspace(path)
    for days in (10, 11, 12):
        last = today - timedelta(days=days)
        name = f"ContactExport-{last - timedelta(days=1):%Y%m%d}-{last:%Y%m%d}.csv"
        workspace.load(written(tmp_path / name, [contact(f"{last} 10:00:00", contact_id=str(days))]))
    workspace.close()
    where = ["--workspace", str(path)]
    for days in ("12", "2147483647"):
        assert main(["unload", "--older-than", days, *where]) == 0
    assert "Taken back: none, no load is so old" in capsys.readouterr().err
    assert main(["unload", "--older-than", "11", *where]) == 0
    assert "Taken back: 3" in capsys.readouterr().err
    for wrong in (["unload"], ["unload", "1", "--older-than", "3"], ["unload", "--older-than", "x"]):
        with pytest.raises(SystemExit):
            main([*wrong, *where])
    monkeypatch.setenv(TEAM_VARIABLE, str(team_file(tmp_path, "load_days = 10\n" + SMALL)))
    read.cache_clear()
    try:
        opened = session._workspace(str(path))
        assert [load["load_id"] for load in opened.loads()] == [1]
        assert opened.rows("select contact_id from gladly_contact_export") == [("10",)]
        assert [line["facts"] for line in audit.lines(path) if line["act"] == "unload"] == [{"loads": [2]}]
    finally:
        session.close()


def test_a_view_is_its_makers_until_it_is_shared(workspace: Workspace) -> None:
    ada, bo = (workspace.seen_by(Person(f"{name}@example.org", is_recorded=False)) for name in ("ada", "bo"))
    views.save(ada, View("Mine", "contacts", {"rollup": ["week"]}), View("Hers", "contacts", {}))
    seen = lambda of: [(view.name, view.owner) for view in views.saved(of, "contacts")]  # noqa: E731
    assert seen(ada) == [("Hers", "ada@example.org"), ("Mine", ""), ("Mine", "ada@example.org")]
    assert seen(bo) == [("Mine", "")]
    assert len(seen(workspace)) == 3
    hers = views.saved(ada, "contacts")[0]
    for change in (
        lambda: views.rename(bo, hers, "X"), lambda: views.delete(bo, hers), lambda: views.set_default(bo, hers, True),
        lambda: views.share(bo, hers), lambda: views.put_on_page(bo, hers, True),
    ):  # fmt: skip
        with pytest.raises(NotPermitted, match="no such view of yours"):
            change()
    with pytest.raises(BadSelection, match="There is a view 'Mine' already"):
        views.share(ada, views.saved(ada, "contacts")[2])
    views.set_default(ada, hers, True)
    assert (views.default(ada, "contacts"), views.default(bo, "contacts")) == (replace(hers, is_default=True), None)
    views.put_on_page(ada, hers, True)
    assert ([tile.name for tile in views.tiles(ada, "contacts")], views.tiles(bo, "contacts")) == (["Hers"], [])
    views.share(ada, hers)
    assert seen(bo) == [("Hers", ""), ("Mine", "")]
    assert [(tile.name, tile.owner) for tile in views.tiles(bo, "contacts")] == [("Hers", "")]
    assert views.default(ada, "contacts") is None
    views.delete(bo, views.saved(bo, "contacts")[0])
    assert seen(ada) == [("Mine", ""), ("Mine", "ada@example.org")]


def test_views_of_a_report_that_is_not_for_a_person_are_not_listed(workspace: Workspace) -> None:
    hidden = workspace.seen_by(Person("eve@example.org", hidden=frozenset({"contacts"}), is_recorded=False))
    views.put_on_page(workspace, View("Tile", "contacts", {}), True)
    assert [view.report for view in views.saved(hidden)] == []
    assert views.tiles(hidden, "contacts") == []
