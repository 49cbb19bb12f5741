"""Saved views as a file: what comes back, and what is refused in one line."""

import json

import pytest

from tests.builders import Desk
from workbench import views
from workbench.errors import BadSelection
from workbench.views import View


def test_views_come_back_as_they_were(desk: Desk) -> None:
    workspace = desk.workbench.workspace
    saved = [View("Chat", "inbound_contacts", {"channel": ["CHAT", ""], "pin": ["inbox=Sales"], "preset": ["today"]})]
    assert views.imported(workspace, views.exported(saved)) == saved
    assert views.saved(workspace) == saved


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"views": [{"name": "Chat", "report": "inbound_contacts", "query": []}]}',
        json.dumps({"views": [{"name": "Chat", "report": "inbound_contacts", "query": {"channel": "CHAT"}}]}),
        json.dumps({"views": [{"name": "Chat", "report": "inbound_contacts", "query": {"channel": [1]}}]}),
    ],
)
def test_a_file_that_holds_no_views_is_refused(desk: Desk, text: str) -> None:
    with pytest.raises(BadSelection, match="The file holds no views"):
        views.imported(desk.workbench.workspace, text)
