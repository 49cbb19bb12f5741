"""Opens pages of the app without a browser, each test in a workspace of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from workbench import Workbench
from workbench.store.paths import PATH_VARIABLE
from workbench.ui import session

APP = Path(__file__).parents[2] / "app.py"

Opened = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every run for a later one of a process, as a browser's are.

    AppTest takes each for the first, in which a folder named pages/ makes the app run twice: clicks would be lost.
    """
    begin = PagesManager.__init__

    def begin_later(manager: PagesManager, *args: Any, **options: Any) -> None:
        begin(manager, *args, **options)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", begin_later)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The path of the app's workspace, into which nothing is loaded; the app lets go of it after the test."""
    path = tmp_path / "workspace.duckdb"
    monkeypatch.setenv(PATH_VARIABLE, str(path))
    yield path
    session.close()


@pytest.fixture
def loaded(workspace: Path) -> Callable[..., None]:
    """Loads files into the app's workspace while the app is not running."""

    def load(*files: Path) -> None:
        session.close()
        workbench = Workbench(workspace)
        for file in files:
            workbench.load(file)
        workbench.close()

    return load


@pytest.fixture
def opened(workspace: Path) -> Opened:
    """Opens a page in a new session, at an address with the query given."""

    def open_page(page: str = "inbound_contacts", **query: str | list[str]) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=60)
        if page != "inbound_contacts":
            app.switch_page(f"pages/{page}.py")
        for key, value in query.items():
            app.query_params[key.rstrip("_")] = value
        return app.run()

    return open_page
