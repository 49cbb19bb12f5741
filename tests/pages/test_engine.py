"""Pages with an engine set: they show what is published, or say in one line why not, and keep what was chosen."""

from pathlib import Path

import pytest

from tests.builders import contact, written
from tests.pages.conftest import Opened
from workbench import Workbench
from workbench.ask.engine import ENGINE_VARIABLE
from workbench.store.lake import LAKE_VARIABLE

AWAY = "sc://127.0.0.1:1"


@pytest.fixture
def published(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a lake to which another workspace has published a contact."""
    monkeypatch.setenv(LAKE_VARIABLE, (tmp_path / "lake").as_uri())
    monkeypatch.setenv(ENGINE_VARIABLE, AWAY)
    other = Workbench(tmp_path / "other.duckdb")
    file = written(tmp_path / "ContactExport-20240301-20240331.csv", [contact("2024-03-05 10:00:00")])
    other.load(file, file_timezone="UTC")
    other.close()
    return tmp_path / "lake"


@pytest.mark.filterwarnings("ignore")  # of pyspark's, of which pages show none
def test_a_page_whose_engine_is_away_says_so_and_keeps_its_filters(published: Path, opened: Opened) -> None:
    pytest.importorskip("pyspark", reason="the client of the extra [spark], which `make test-long` installs")
    page = opened("contact_export", channel="CHAT", rollup="week")
    assert ["does not answer" in error.value for error in page.error] == [True]
    assert page.query_params["channel"] == "CHAT"


def test_a_page_without_anything_published_says_what_to_run(
    published: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, "file:///nowhere/lake")
    page = opened("contact_export")
    assert ["Nothing is published in" in error.value for error in page.error] == [True]


def test_the_page_of_data_is_of_the_workspace_itself_and_says_so(published: Path, opened: Opened) -> None:
    page = opened("data")
    assert not page.error
    assert not page.exception
    assert page.caption[0].value.startswith("Reports ask Spark. What stands here is this workspace's own")
