"""Addresses that no page has, and the names by which what is on a page is found."""

import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Server, Visiting
from tests.builders import contact, written
from workbench import Workbench

pytestmark = pytest.mark.browser

# Streamlit's own: what opens the list of a drop-down field, and changes a number; the parts of a chart's toolbar.
OWN = ("Open", "Increment", "Decrement", "Show data", "Download as PNG", "Copy Vega-Lite spec", "Fullscreen")
NAMED = re.compile(r"- (?:button|link|textbox|combobox|checkbox|switch|searchbox) \"([^\"]*)\"")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace of three contacts."""
    folder = tmp_path_factory.mktemp("addresses")
    workbench = Workbench(folder / "workspace.duckdb")
    rows = [contact(channel=channel) for channel in ("CHAT", "SMS", "EMAIL")]
    workbench.load(written(folder / "ContactExport-20240301-20240331.csv", rows))
    workbench.close()
    return folder


def test_an_unknown_address_has_a_page_of_ours_though_it_is_the_first_one_of_a_server(visiting: Visiting) -> None:
    person = visiting().open("no%20such%20<b>page")
    expect(person.page.get_by_role("heading", name="No such page")).to_be_visible()
    expect(person.page.get_by_text("There is no page “no such <b>page” here.")).to_be_visible()
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    person.page.get_by_test_id("stMain").get_by_role("link").click()
    expect(person.page.get_by_role("heading", name="Inbound contacts")).to_be_visible()


def test_an_address_below_a_page_leads_back_to_the_app(visiting: Visiting, server: Server) -> None:
    page = visiting().page
    answer = page.goto(f"{server.address}/contact_export/more")
    assert answer
    assert answer.status == 404
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    page.get_by_role("link", name="Open Contact Workbench").click()
    expect(page.get_by_role("heading", name="Inbound contacts")).to_be_visible()


@pytest.mark.parametrize("page", ["contact_export", "assignments", "settings", "data"])
def test_no_two_controls_of_a_page_have_one_name(visiting: Visiting, page: str) -> None:
    person = visiting().open(page)
    person.still()
    names = Counter(NAMED.findall(person.page.locator("body").aria_snapshot()))
    assert [name for name, times in names.items() if times > 1 and name not in OWN] == []
    assert sum(names.values()) > 10
