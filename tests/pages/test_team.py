"""Pages of a team: what is drawn for whom, and nothing before somebody has signed in."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.builders import contact, written
from tests.pages.test_data import finished, given, load
from workbench.reports import REPORTS
from workbench.store import audit, copies
from workbench.store.paths import PATH_VARIABLE
from workbench.team import ACTS, TEAM_VARIABLE, Team, read
from workbench.ui import quotas, session, signed_in

Opened = Callable[..., AppTest]
TEAM = """
[workspaces.support]
path = "workspace.duckdb"
groups = ["support", "viewers"]
[roles.lead]
groups = ["support"]
may = ["{acts}"]
[quotas]
upload_megabytes = 1
jobs = 1
"""
NAME = "planted-customer"


@pytest.fixture
def team(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    rows = [contact(contact_id=f"{NAME}-{number}", customer_id=NAME) for number in range(3)]
    from workbench import Workbench

    workbench = Workbench(workspace)
    workbench.load(written(tmp_path / "ContactExport-20240301-20240331.csv", rows))
    workbench.close()
    file = tmp_path / "team.toml"
    file.write_text(TEAM.format(acts='", "'.join(ACTS)))
    monkeypatch.setenv(TEAM_VARIABLE, str(file))
    monkeypatch.delenv(PATH_VARIABLE)
    yield read(file)
    session.close()


def texts(page: AppTest) -> str:
    return str([element.value for element in (*page.markdown, *page.text, *page.error, *page.title)])


def test_nobody_who_has_not_signed_in_is_shown_anything(team: Team, opened: Opened) -> None:
    page = opened("data")
    assert [button.label for button in page.button] == ["Sign in"]
    assert "Sign in to go on" in texts(page)
    assert not page.exception


def test_what_a_person_may_not_do_is_not_offered(team: Team, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = {}
    for group in ("support", "viewers"):
        monkeypatch.setattr(signed_in, "person", lambda group=group: team.person(f"{group}@example.org", [group]))
        page = opened("contact_export", preset="all")
        assert not page.exception
        assert not page.error
        labels[group] = {button.label for button in page.button}
        assert f"{group}@example.org" in texts(page)
        frames = str([frame.value.to_dict() for frame in page.dataframe])
        assert (NAME in frames) == (group == "support")
    assert "Sign out" in labels["viewers"]
    assert labels["support"] - labels["viewers"] >= {"Export to Excel"}
    who = [(line["who"], line["act"]) for line in audit.lines(team.places[0].path)]
    assert {("support@example.org", "clear view"), ("viewers@example.org", "sign in")} <= set(who)
    assert ("viewers@example.org", "clear view") not in who


def test_rejected_rows_are_a_clear_view_and_their_download_goes_with_whom_they_are_of(
    team: Team, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = team.places[0].path
    monkeypatch.setattr(signed_in, "person", lambda: team.person("lead@example.org", ["support"]))
    page = opened("data")
    rows = [contact("never", contact_id="rejected", customer_id=NAME), contact(contact_id="loaded")]
    load(given(page, written(tmp_path / "ContactExport-20240401-20240430.csv", rows)))
    finished(page)
    page.run()
    seen = [line["facts"] for line in audit.lines(path) if line["act"] == "clear view" and "rejects" in line["facts"]]
    assert seen == [{"rejects": [2]}]
    exports = path.with_name(f"{path.name}.files") / "exports"
    assert any(NAME.encode() in file.read_bytes() for file in exports.glob("*.csv"))
    session.own().forget(NAME)
    assert [*exports.glob("*.csv")] == []


def test_every_session_that_shows_customers_is_recorded(
    team: Team, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_in, "person", lambda: team.person("lead@example.org", ["support"]))
    shown = []
    for identity in ("one", "two"):
        monkeypatch.setattr(session, "identity", lambda identity=identity: identity)
        page = opened("contact_export", preset="all")
        page.run()
        views = [line["facts"] for line in audit.lines(team.places[0].path) if line["act"] == "clear view"]
        shown.append(sum(view.get("tile") == "log" for view in views))
    assert shown == [1, 2]


def test_what_was_just_loaded_is_of_its_own_workspace_and_goes_with_its_load(
    team: Team, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_in, "person", lambda: team.person("lead@example.org", ["support"]))
    page = opened("data")
    load(given(page, written(tmp_path / "ContactExport-20240401-20240430.csv", [contact(contact_id="second")])))
    finished(page)
    card = lambda: [found.value for found in page.markdown if "Just loaded" in found.value]  # noqa: E731
    assert len(card()) == 1
    session.own().clear()
    for name in ("ContactExport-20240501-20240531.csv", "ContactExport-20240601-20240630.csv"):
        session.own().load(written(tmp_path / name, [contact(contact_id=name)]))
    page.run()
    assert not page.exception
    assert card() == []
    assert [record["load_id"] for record in session.own().loads()] == [4, 3]


def test_a_download_of_rows_that_went_while_it_was_written_does_not_stay(
    team: Team, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_in, "person", lambda: team.person("lead@example.org", ["support"]))
    rows = [contact("never", contact_id="rejected", customer_id=NAME)]
    page = given(opened("data"), written(tmp_path / "ContactExport-20240401-20240430.csv", [*rows, contact()]))
    exports, replace_by = session.own().files / "exports", Path.replace
    forgetting = deque([NAME])

    def racing(file: Path, target: Path) -> Path:
        if file.suffix == ".part" and forgetting and NAME.encode() in (content := file.read_bytes()):
            session.own().forget(forgetting.pop())
            file.write_bytes(content)  # it went with all others
        return replace_by(file, target)

    monkeypatch.setattr(Path, "replace", racing)
    finished(load(page))
    page.run()
    assert not page.exception
    assert not forgetting
    assert not any(NAME.encode() in file.read_bytes() for file in exports.glob("*.csv"))


def test_only_copies_of_ones_own_workspace_are_offered_to_be_restored(
    team: Team, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = team.places[0].path
    for name in ("retail.duckdb", "retail-backup-20260101-080000.duckdb", "workspace-eu-backup-20260101-080000.duckdb"):
        path.with_name(name).touch()
    (own := copies.backup(path)).touch()
    monkeypatch.setattr(signed_in, "person", lambda: team.person("lead@example.org", ["support"]))
    page = opened("data")
    page.session_state["data:workspace"] = True
    finished(page.run())
    assert page.selectbox(key="restore:path").options == [own.name]


def test_a_person_of_no_group_is_shown_one_line(team: Team, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_in, "person", lambda: team.person("eve@example.org"))
    page = opened("contact_export")
    assert [error.value for error in page.error] == [
        "You are signed in, but in no group of this server. Ask whoever runs it"
    ]
    assert [button.label for button in page.button] == ["Sign out"]


def test_who_sees_no_report_is_led_to_the_data(team: Team, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    who = replace(team.person("ada@example.org", ["support"]), hidden=frozenset(REPORTS))
    monkeypatch.setattr(signed_in, "person", lambda: who)
    page = opened("data")
    assert not page.exception
    assert "ada@example.org" in texts(page)


def test_who_passes_a_quota_is_told_in_a_line_and_it_is_recorded(
    team: Team, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "_uploads", defaultdict(deque))
    monkeypatch.setattr(signed_in, "person", lambda: team.person("lead@example.org", ["support"]))
    page = opened("data")
    for size, said in ((quotas.MEGABYTE - 9, ""), (10, "more than the 1 MB"), (9, "")):
        page.file_uploader[0].set_value([("x.csv", b"x" * size, "text/csv")]).run()
        assert ("more than the 1 MB" in texts(page)) == bool(said), size
    under_way = quotas.job_begun()
    page = opened("sql")
    page.button[[button.label for button in page.button].index("Run")].click().run()
    assert "under way for you as may be at once here" in texts(page)
    under_way()
    page.button[[button.label for button in page.button].index("Run")].click().run()
    assert "at once here" not in texts(page)
    passed = [line["facts"]["of"] for line in audit.lines(team.places[0].path) if line["act"] == "quota passed"]
    assert passed == ["uploads", "jobs"]


def test_what_one_person_has_left_waiting_is_never_anothers(
    team: Team, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_(name: str) -> AppTest:
        monkeypatch.setattr(signed_in, "person", lambda: team.person(f"{name}@example.org", ["support"]))
        return opened("data")

    page = as_("ada")
    (tmp_path / "left.csv").write_text(f"Who,When\n{NAME},soon\n")
    given(page, tmp_path / "left.csv")
    seen = {name: texts(as_(name)) for name in ("bo", "ada")}
    assert {name: "left" in said for name, said in seen.items()} == {"bo": False, "ada": True}
