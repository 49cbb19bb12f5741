"""The page Packs: views of two reports become a pack, which is prepared, changed, carried and taken over."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, Visiting
from tests.builders import contact, written
from tests.workbook.opened import opened
from workbench import Workbench
from workbench.ask import recipes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs")
    workbench = Workbench(folder / "workspace.duckdb")
    rows = [contact(f"2024-03-0{n} 10:00:00", contact_id=f"c{n}", status="ANSWERED") for n in range(1, 6)]
    workbench.load(written(folder / "ContactExport-20240301-20240305.csv", rows), file_timezone="UTC")
    workbench.close()
    return folder


def saved(person: Visit, name: str) -> None:
    dialog = person.views()
    dialog.get_by_label("Save what is on screen as").fill(name)
    dialog.get_by_role("button", name="Save view").click()
    expect(dialog.get_by_label("Name", exact=True)).to_have_value(name)


def pick(person: Visit, label: str, option: str) -> None:
    person.still()
    person.page.get_by_role("combobox", name=label, exact=True).fill(option)
    person.page.get_by_role("option", name=option).first.click()
    person.still()


def lines(person: Visit) -> list[str]:
    person.still()
    return person.page.locator(".st-key-pack-0 li").all_inner_texts()


@pytest.mark.long
def test_views_become_a_pack_that_is_changed_prepared_and_taken_over(visiting: Visiting, tmp_path: Path) -> None:
    person = visiting().open("contact_export?from=2024-03-02&to=2024-03-03&compare=none")
    saved(person, "Two days")
    saved(person.open("inbound_contacts?preset=all&compare=none"), "Everything")
    page = person.open("packs").page
    page.get_by_role("button", name="New pack").click()
    page.get_by_role("textbox", name="Title").fill("Weekly pack")
    page.get_by_role("textbox", name="Name").fill("weekly")
    for name in ("Contact export: Two days", "Inbound contacts: Everything"):
        pick(person, "Add a view", name)
    person.still()
    expect(page.get_by_label("2. Inbound contacts")).to_have_value("Everything")
    page.get_by_role("button", name="Add a threshold").click()
    person.still()
    page.get_by_role("button", name="Save pack").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no view of the recipe weekly ''")
    pick(person, "View", "Two days")
    pick(person, "Figure", "Answered")
    person.still()
    page.get_by_label("Limit, in percent").fill("80")
    page.get_by_label("Limit, in percent").press("Tab")
    person.still()
    page.get_by_role("button", name="Save pack").click()
    assert lines(person) == ["Two days · Contact export · 2 to 3 Mar 2024", "Everything · Inbound contacts · All"]

    page.get_by_role("button", name="Change of weekly").click()
    page.get_by_role("button", name="Up of 2. Inbound contacts").click()
    pick(person, "Dates of 2", "Last 7 days")
    person.still()
    page.get_by_role("button", name="Save pack").click()
    assert lines(person) == ["Everything · Inbound contacts · All", "Two days · Contact export · Last 7 days"]

    page.get_by_role("button", name="Prepare workbook of weekly").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Two days: Answered is 100.0 %, not below 80.0 %")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    made = tmp_path / download.value.suggested_filename
    download.value.save_as(made)
    assert made.name.startswith("weekly-")
    assert [part.title for part in recipes.read(made).parts] == ["Everything", "Two days"]
    assert opened(made)["Cover"]["A1"].value == "Weekly pack"
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Delete of weekly").click()
    page.get_by_role("button", name="Delete this pack").click()
    expect(page.get_by_text("No pack yet")).to_be_visible()
    page.get_by_role("button", name="Take over").click()
    dialog.locator("input[type=file]").set_input_files(made)
    dialog.get_by_role("button", name="Take over this pack").click()
    assert lines(person) == ["Everything · Inbound contacts · All", "Two days · Contact export · Last 7 days"]
