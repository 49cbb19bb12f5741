"""A person's first visit: sample data, a file of their own, and what is done with files that cannot be loaded."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from sample_data.make_gladly import write_contact_export
from tests.browser.conftest import FOLDER, Server, Visit, Visiting, running

pytestmark = pytest.mark.browser

CONTACTS = 300


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app in a workspace that nothing was loaded into; the tests of this file follow on each other."""
    with running(tmp_path_factory.mktemp("first")) as server:
        yield server


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Contact Export of a few hundred contacts."""
    path = tmp_path_factory.mktemp("files") / "ContactExport-20260601-20260630.csv"
    write_contact_export(path, CONTACTS, 30, date(2026, 6, 30), seed=3)
    return path


def drop(person: Visit, *files: Path) -> None:
    """Drop files on the Data page, where they are recognised."""
    person.still()
    person.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(list(files))
    person.still()


def load(person: Visit, *files: Path) -> None:
    """Drop files on the Data page and load them."""
    drop(person, *files)
    person.page.get_by_role("button", name=re.compile(r"^Load (file|\d+ files)$")).click()


def counts(person: Visit) -> list[str]:
    """Return the five counts of the first file that was loaded."""
    row = person.page.locator(".st-key-just-loaded tbody tr").first
    expect(row).to_be_visible()
    person.still()
    return row.locator("td").all_inner_texts()[3:]


def test_from_sample_data_to_the_first_own_number_takes_three_clicks(person: Visit, export: Path) -> None:
    banner = person.page.get_by_text("Load a file of your own and it goes away")
    expect(banner).to_be_visible()
    person.still()
    sample = person.values.first.inner_text()
    person.page.get_by_role("link", name="Load a file").click()
    expect(person.page).to_have_url(re.compile("/data$"))
    drop(person, export)
    expect(person.page.get_by_text(f"Gladly Contact Export · 1 to 30 Jun 2026 · {CONTACTS} rows")).to_be_visible()
    person.page.get_by_role("button", name="Load file").click()
    assert counts(person) == [f"{CONTACTS}", f"{CONTACTS}", "0", "0", "0"]
    person.page.get_by_role("button", name="Open Contact export").click()
    expect(person.page).to_have_url(re.compile("/contact_export"))
    expect(person.page.get_by_text("America/New York").first).to_be_visible()
    expect(banner).to_have_count(0)
    expect(person.values.first).to_have_text(f"{CONTACTS}")
    person.open()
    person.still()
    expect(person.values.first).not_to_have_text(sample)


def test_a_file_loaded_twice_changes_nothing_and_says_so(person: Visit, export: Path) -> None:
    expect(person.values.first).to_be_visible()
    person.still()
    before = person.values.first.inner_text()
    person.open("data")
    load(person, export)
    expect(person.page.get_by_text("Nothing changed: every row was loaded before")).to_be_visible()
    assert counts(person) == [f"{CONTACTS}", "0", "0", f"{CONTACTS}", "0"]
    person.open()
    person.shows(before)


def test_of_several_files_the_bad_ones_get_a_line_each_and_the_good_one_is_loaded(
    person: Visit, export: Path, tmp_path: Path
) -> None:
    unknown, damaged = tmp_path / "shopping.csv", tmp_path / "book.xlsx"
    unknown.write_text("milk,eggs\n1,2\n", encoding="utf-8")
    damaged.write_bytes(b"PK\x03\x04 and then nothing")
    person.open("data")
    load(person, unknown, damaged, export)
    errors = person.page.get_by_test_id("stAlertContentError")
    expect(errors).to_have_count(1)
    assert "book.xlsx" in errors.inner_text()
    assert "Traceback" not in errors.inner_text()
    expect(person.page.get_by_text("shopping.csv").first).to_be_visible()  # asked about, as its header is unknown
    assert counts(person)[0] == f"{CONTACTS}"


def test_another_zone_is_shown_on_the_report_at_once_and_on_an_open_one_with_the_next_click(
    person: Visit, visiting: Visiting
) -> None:
    other = visiting().open()
    expect(other.page.get_by_text("· America/New York ·")).to_be_visible()
    other.still()
    person.open("settings")
    person.choose(person.page.locator(".st-key-setting-reporting_zone"), "UTC")
    expect(person.page.get_by_text("Saved", exact=True)).to_be_visible()
    person.open()
    expect(person.page.get_by_text("· UTC ·")).to_be_visible()
    other.widget("log-direction").get_by_role("button").first.click()
    expect(other.page.get_by_text("· UTC ·")).to_be_visible()


def test_the_command_line_gives_the_numbers_of_the_page(person: Visit, server: Server) -> None:
    person.open("inbound_contacts?from=2026-06-08&to=2026-06-21&channel=EMAIL")
    expect(person.widget("channel")).to_contain_text("Email")
    expect(person.values).to_have_count(3)
    person.still()
    on_page = person.values.all_inner_texts()
    person.page.close()
    server.stop()
    selection = ("--from", "2026-06-08", "--to", "2026-06-21", "--where", "channel=EMAIL", "--format", "json")
    command = (sys.executable, "-m", "workbench", "show", "inbound_contacts", "totals", *selection)
    done = subprocess.run(
        (*command, "--workspace", str(server.workspace)), cwd=FOLDER, capture_output=True, text=True, check=True
    )
    [totals] = json.loads(done.stdout)
    assert on_page == [
        f"{totals['inbound_contacts']:,}", f"{totals['customers']:,}",
        f"{totals['avg_inbound_contacts_per_customer']:.2f}",
    ]  # fmt: skip
