"""What nobody waits for any more is stopped, and what a person may have done at once is limited (guarantee 21)."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pandas as pd
import pytest
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import RerunData, ScriptRunContext, StopException, add_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.runtime.state import SafeSessionState, SessionState

from workbench.ask.engine import frame, frames
from workbench.ask.relations import Query
from workbench.errors import NotPermitted, QueryStopped, WorkbenchError
from workbench.store import opening
from workbench.store.workspace import Workspace
from workbench.team import Person
from workbench.ui import leaving, signed_in

Run = Callable[[Workspace, Query], pd.DataFrame]
# How a page asks: one query, or several at once, more than there are processors.
RUNS: dict[str, Run] = {"one": frame, "several": lambda workspace, query: pd.concat(frames(workspace, [query] * 9))}
LONG = Query("select count(*) as n from range(3000000) a, range(3000000) b", {})
SHORT = Query("select 1 as n", {})


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    workspace = Workspace()
    workspace.awaited = leaving.awaited
    yield workspace
    workspace.close()


def of_page(requests: ScriptRequests) -> ScriptRunContext:
    """Return what a script of a page runs in."""
    state = SafeSessionState(SessionState(), lambda: None)
    return ScriptRunContext(
        "session", lambda message: None, "", state, MemoryUploadedFileManager("/upload"), "app.py", {},
        MemoryFragmentStorage(), PagesManager("app.py"), script_requests=requests,
    )  # fmt: skip


def asked(
    workspace: Workspace, query: Query, requests: ScriptRequests, run: Run = frame
) -> tuple[threading.Thread, list[object]]:
    """Ask as a page does, in a thread of its own; return what becomes of it."""
    became: list[object] = []

    def ask() -> None:
        try:
            became.append(run(workspace, query)["n"].tolist())
        except (WorkbenchError, StopException) as error:
            became.append(error)

    thread = threading.Thread(target=ask)
    add_script_run_ctx(thread, of_page(requests))
    thread.start()
    return thread, became


LEFT: dict[str, Callable[[ScriptRequests], object]] = {
    "another page": lambda requests: requests.request_rerun(RerunData(page_script_hash="other")),
    "a closed tab": lambda requests: requests.request_stop(),
}


@pytest.mark.parametrize("leave", LEFT.values(), ids=LEFT)
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_query_stops_when_its_page_is_left(
    workspace: Workspace, leave: Callable[[ScriptRequests], object], run: Run
) -> None:
    requests, began = ScriptRequests(), time.monotonic()
    thread, became = asked(workspace, LONG, requests, run)
    leave(requests)
    thread.join(20)
    assert isinstance(became[0], StopException)  # of which the terminal says nothing
    assert time.monotonic() - began < 15  # at its limit of time it would have been later
    assert leaving._asked == {}


def test_a_query_goes_on_while_its_page_is_looked_at(workspace: Workspace) -> None:
    requests = ScriptRequests()
    requests.request_rerun(RerunData(fragment_id="progress", is_auto_rerun=True))
    assert not leaving.is_left(requests)
    for of in (requests, ScriptRequests()):
        thread, became = asked(workspace, SHORT, of)
        thread.join()
        assert became == [[1]]


def test_what_is_asked_at_once_is_answered_in_its_order(workspace: Workspace) -> None:
    found = frames(workspace, [Query("select $n as n", {"n": n}) for n in range(40)])
    assert [rows["n"].tolist() for rows in found] == [[n] for n in range(40)]


def test_who_is_not_there_any_more_is_answered_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bo = Person("ada@example.org", is_recorded=False), Person("bo@example.org", is_recorded=False)
    seen = workspace.seen_by(ada)
    seen.present = partial(signed_in.still, ada)
    monkeypatch.setattr(signed_in, "person", lambda: ada)
    thread, became = asked(seen, SHORT, ScriptRequests())
    thread.join()
    monkeypatch.setattr(signed_in, "person", lambda: bo)
    thread, refused = asked(seen, SHORT, ScriptRequests())
    thread.join()
    assert became == [[1]]
    assert isinstance(refused[0], NotPermitted)
    assert frame(seen, SHORT)["n"].tolist() == [1]  # work that was begun goes on


def test_what_no_page_asks_is_not_watched(workspace: Workspace) -> None:
    assert frame(workspace, SHORT)["n"].tolist() == [1]
    assert leaving._asked == {}


def test_a_query_is_stopped_at_its_limits_of_time_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit, query, said in (
        ("QUERY_SECONDS", 1, LONG.sql, "passed its time limit"),
        ("MEMORY", "100MB", "select list(range) as n from range(50000000)", "more memory or disk than"),
    ):
        with monkeypatch.context() as limited:
            limited.setattr(opening, name, limit)
            workspace, began = Workspace(), time.monotonic()
        with pytest.raises(QueryStopped, match=said):
            frame(workspace, Query(query))
        assert time.monotonic() - began < 15
        assert frame(workspace, SHORT)["n"].tolist() == [1]
        workspace.close()
