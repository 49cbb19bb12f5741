"""The page SQL: a SELECT is run, drawn, saved, opened again and handed over; what is wrong is said in a line."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, Visiting
from tests.builders import contact, written
from workbench import Workbench


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sql")
    workbench = Workbench(folder / "workspace.duckdb")
    rows = [contact(contact_id=f"c{n}", channel="CHAT" if n else "SMS") for n in range(4)]
    workbench.load(written(folder / "ContactExport-20240301-20240331.csv", rows), file_timezone="UTC")
    workbench.close()
    return folder


def write(person: Visit, sql: str) -> None:
    box = person.page.get_by_role("textbox", name="SELECT", exact=True)
    box.fill(sql)
    box.press("Control+Enter")
    person.still()
    person.page.get_by_role("button", name="Run").click()
    person.still()


@pytest.mark.long
def test_a_select_is_run_drawn_saved_and_handed_over(visiting: Visiting, tmp_path: Path) -> None:
    person = visiting().open("sql")
    page = person.page
    write(person, "select chanel from gladly_contacts")
    expect(page.get_by_role("alert")).to_contain_text("chanel")
    write(person, "select channel, count(*) as n from gladly_contacts group by all order by n desc")
    result = page.locator(".st-key-sql-result")
    expect(result).to_contain_text("2 rows")
    page.get_by_role("radio", name="Bars").click()
    expect(result.locator("[data-testid=stVegaLiteChart] svg").first).to_be_visible()

    page.get_by_role("button", name="Saved").click()
    page.get_by_label("Save this SELECT as").fill("By channel")
    page.get_by_label("Save this SELECT as").press("Tab")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="By channel", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Download", exact=True).click()
    page.get_by_text("CSV, exact").click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "sql.csv")
    assert (tmp_path / "sql.csv").read_text() == '"channel","n"\n"CHAT",3\n"SMS",1\n'

    person = visiting().open("sql")
    person.page.get_by_role("button", name="Saved").click()
    person.page.get_by_role("button", name="By channel", exact=True).click()
    expect(person.page.get_by_role("textbox", name="SELECT", exact=True)).to_have_value(
        "select channel, count(*) as n from gladly_contacts group by all order by n desc"
    )
