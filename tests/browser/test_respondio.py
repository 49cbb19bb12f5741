"""What a person does with respond.io's reports: filter, follow a conversation, sort, download, share."""

import csv
import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Locator, expect

from tests.browser import expected
from tests.browser.conftest import FOLDER, Visit, Visiting
from workbench import Workbench
from workbench.ask.selection import parsed
from workbench.reports import REPORTS

pytestmark = [pytest.mark.browser, pytest.mark.long]

DAYS = {"start": "2026-10-17", "end": "2026-11-15"}  # the page's default on the sample data
LAST_7 = {"start": "2026-11-09", "end": "2026-11-15"}
NOT_APPLICABLE = "The selected filter(s) are not applicable here"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace that holds the sample's logs."""
    folder = tmp_path_factory.mktemp("respondio")
    workbench = Workbench(folder / "workspace.duckdb")
    for file in sorted((FOLDER / "sample_data" / "respondio").glob("*.csv")):
        workbench.load(file)
    workbench.close()
    return folder


def cards(core: Workbench, report: str, **selection: object) -> list[str]:
    totals = core.report(report, **selection).tile("totals").iloc[0]  # type: ignore[arg-type]
    return ["–" if pd.isna(value) else f"{int(value):,}" for value in totals]


def tile_says(person: Visit, title: str) -> Locator:
    """The card of a tile, by its title."""
    return person.page.get_by_test_id("stVerticalBlock").filter(has_text=re.compile(f"^{re.escape(title)}")).last


def test_contacts_are_filtered_and_what_a_filter_says_nothing_about_is_said(
    visiting: Visiting, core: Workbench
) -> None:
    person = visiting().open("contacts")
    default = cards(core, "contacts", **DAYS)
    person.shows(*default)
    person.choose(person.widget("preset"), "Last 7 days")
    person.shows(*cards(core, "contacts", **LAST_7))
    person.filter("channel", "WhatsApp")
    person.shows("–", "–", "–", cards(core, "contacts", channel="WhatsApp", **LAST_7)[3])
    expect(person.page.get_by_text("filter not applicable")).to_have_count(3)
    expect(tile_says(person, "Contacts added by source")).to_contain_text(NOT_APPLICABLE)
    person.widget("clear").get_by_role("button").click()
    person.shows(*default)
    person.page.get_by_role("button", name="Add filter").click()
    person.page.get_by_role("menuitem", name="Contact").click()
    person.widget("contact").locator("input").fill("ABERNETHY")
    person.widget("contact").locator("input").press("Enter")
    person.shows(*cards(core, "contacts", contact="abernethy", **DAYS))
    person.widget("contact").locator("input").fill("nobody of this name")
    person.widget("contact").locator("input").press("Enter")
    expect(person.page.get_by_text("No event matches this filter")).to_be_visible()
    person.widget("clear").get_by_role("button").click()
    person.shows(*default)
    expect(person.widget("contact")).to_have_count(0)


def test_a_conversation_is_followed_from_its_row_to_its_whole_history(visiting: Visiting, core: Workbench) -> None:
    person = visiting().open("assignments")
    person.shows(*cards(core, "assignments", **DAYS))
    newest = core.report("assignments", **DAYS).rows("totals").sort_values("timestamp", ascending=False).iloc[0]  # type: ignore[arg-type]
    conversation = str(newest["conversation_id"])
    expect(person.row(1)).to_contain_text(conversation)
    record = person.record()
    expect(record).to_contain_text("Conversation ID")
    record.get_by_role("button", name="Follow this conversation").click()
    history = core.report("assignments", conversation_id=conversation).tile("timeline")
    expect(person.page.get_by_text("Who had the conversation", exact=True)).to_be_visible()
    person.shows(*cards(core, "assignments", conversation_id=conversation, **DAYS))
    expect(person.row(len(history), of=-2)).to_contain_text(conversation)
    chip = person.page.get_by_role("button", name=f"Conversation ID: {conversation}")
    address, values = person.page.url, person.values.all_inner_texts()
    again = visiting().open(address)
    again.shows(*values)
    expect(again.page.get_by_text("Who had the conversation", exact=True)).to_be_visible()
    chip.click()
    expect(person.page.get_by_text("Who had the conversation", exact=True)).to_have_count(0)
    person.shows(*cards(core, "assignments", **DAYS))
    person.page.get_by_role("button", name="Add filter").click()
    person.page.get_by_role("menuitem", name="Conversation ID").click()
    person.widget("conversation_id").locator("input").fill(conversation)
    person.widget("conversation_id").locator("input").press("Enter")
    expect(person.page.get_by_text("Who had the conversation", exact=True)).to_be_visible()


def test_conversations_stand_at_their_close_or_their_start_and_a_bar_opens_its_own(
    visiting: Visiting, core: Workbench
) -> None:
    """The switch moves all figures but those of what was opened and closed; the link of it gives the same."""

    def shown(**selection: object) -> list[str]:
        return expected.cards(core, "conversations", parsed(REPORTS["conversations"], query(selection)))

    def query(selection: dict[str, object]) -> dict[str, list[str]]:
        return {"from": [DAYS["start"]], "to": [DAYS["end"]], **{key: [str(of)] for key, of in selection.items()}}

    person = visiting().open("conversations")
    closed, opened = shown(), shown(by="opened")
    assert closed[:2] == opened[:2]
    assert closed != opened
    person.shows(*closed)
    person.page.get_by_role("radio", name="Opened in the range").click()
    person.shows(*opened)
    assert "by=opened" in person.page.url
    again = visiting().open(person.page.url)
    again.shows(*opened)
    person.page.get_by_role("radio", name="Closed in the range").click()
    person.shows(*closed)
    person.filter("opened_channel", "WhatsApp")
    person.shows(*shown(opened_channel="WhatsApp"))
    person.page.get_by_role("button", name="About").click()
    expect(person.page.get_by_text("begins on Monday at 23:50")).to_be_visible()


@pytest.mark.long
def test_the_log_is_sorted_over_all_rows_and_downloaded_as_it_is_seen(visiting: Visiting, core: Workbench) -> None:
    person = visiting().open("assignments")
    person.filter("source", "Bot")
    rows = core.report("assignments", source=["Bot"], **DAYS).rows("totals")  # type: ignore[arg-type]
    person.shows(*cards(core, "assignments", source=["Bot"], **DAYS))
    person.choose(person.widget("log-sort"), "Contact name")
    expect(person.row(1)).to_contain_text(rows["contact_name"].max())
    person.widget("log-download").get_by_role("button").click()
    person.page.get_by_role("menuitem", name="CSV, exact").click()
    ready = person.page.get_by_role("dialog").get_by_test_id("stDownloadButton").locator("button")
    with person.page.expect_download() as download:
        ready.click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        names = [entry["contact_name"] for entry in csv.DictReader(file)]
    assert names == sorted(rows["contact_name"], reverse=True)
