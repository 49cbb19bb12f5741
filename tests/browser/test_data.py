"""A person at the Data page: five files at once, one damaged and one unknown; the unknown is mapped, one taken back."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Server, Visit, Visiting, running
from tests.builders import assignment, contact, message, written

pytestmark = pytest.mark.browser

CONTACTS, MESSAGES = "ContactExport-20240301-20240331.csv", "LexerMessages-20240301-20240331.csv"
ASSIGNMENTS, UNKNOWN, DAMAGED = "Assignments-20240301-20240331.csv", "shop.csv", "book.xlsx"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app in a workspace that nothing was loaded into."""
    with running(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three exports of three systems, a file that nobody knows, and one that is no workbook."""
    unknown, damaged = tmp_path / UNKNOWN, tmp_path / DAMAGED
    unknown.write_text("order_no,ordered,customer,amount\no-1,2024-03-05 10:00:00,c-1,7.50\n", encoding="utf-8")
    damaged.write_bytes(b"PK\x03\x04 and then nothing")
    return [
        written(tmp_path / CONTACTS, [contact("2024-03-05 10:00:00"), contact("soon", contact_id="late")]),
        damaged,
        written(tmp_path / MESSAGES, [message(), message()], list(message())),
        unknown,
        written(tmp_path / ASSIGNMENTS, [assignment()], list(assignment())),
    ]


def history(person: Visit) -> Locator:
    """The table of all loads, which is unfolded where it is not."""
    table = person.page.locator("[class*='st-key-history-']").get_by_test_id("stDataFrame")
    person.still()
    if not table.is_visible():
        person.page.get_by_text("see rejected rows, compare two of a kind").click()
    return table


def cell(table: Locator, row: int) -> Locator:
    """A row of a table, from 1; what its canvas shows stands beside it for screen readers."""
    return table.locator(f"[aria-rowindex='{row + 1}']")


def select(table: Locator, row: int, of: int) -> None:
    """Select a row of a table that shows so many, by the box at its left end."""
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    table.click(position={"x": 18, "y": box["height"] / (of + 1) * (row + 0.5)})


def drop(person: Visit, *files: Path) -> None:
    """Drop files, and wait until they are recognised."""
    person.still()
    person.page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(list(files))
    person.still()


def load(person: Visit) -> None:
    """Load all that is ready."""
    person.page.get_by_role("button", name=re.compile(r"^Load (file|\d+ files)$")).click()


def say(person: Visit, header: str, what: str) -> None:
    """Choose what a column of the file is, which asks the server for nothing; all options can be read."""
    person.still()
    box = person.page.get_by_role("combobox", name=re.compile(f"What {header} is"))
    box.click()
    person.page.get_by_role("option", name=what, exact=True).click()
    assert not person.waits


def test_a_question_comes_back_after_a_reload_and_is_nobody_elses_meanwhile(visiting: Visiting, tmp_path: Path) -> None:
    person = visiting().open("data")
    (tmp_path / "bills.csv").write_text("bill,made,sum\nb-1,2024-03-05 10:00:00,7.50\n", encoding="utf-8")
    drop(person, tmp_path / "bills.csv")
    asked = "What is in bills.csv?"
    expect(person.page.get_by_text(asked)).to_be_visible()
    other = visiting().open("data")
    other.still()
    expect(other.page.get_by_role("heading", name="Data")).to_be_visible()
    expect(other.page.get_by_text(asked)).to_have_count(0)
    person.page.reload()
    expect(person.page.get_by_text(asked)).to_be_visible()
    person.still()
    person.page.get_by_role("button", name="Leave it out").click()
    expect(person.page.get_by_text(asked)).to_have_count(0)
    person.page.reload()
    person.still()
    expect(person.page.get_by_role("heading", name="Data")).to_be_visible()
    expect(person.page.get_by_text(asked)).to_have_count(0)


def test_five_files_of_which_one_is_mapped_one_refused_and_one_taken_back(
    visiting: Visiting, files: list[Path], tmp_path: Path
) -> None:
    person = visiting().open("data")
    drop(person, *files)
    expect(person.page.get_by_text("What is in shop.csv?")).to_be_visible(timeout=30_000)
    errors = person.page.get_by_test_id("stAlertContentError")
    expect(errors).to_have_count(1)
    expect(errors).to_contain_text(DAMAGED)
    expect(person.page.get_by_text("Gladly Contact Export · 1 to 31 Mar 2024 · 2 rows")).to_be_visible()
    expect(person.page.get_by_role("button", name="Load 3 files")).to_be_visible()

    person.page.get_by_role("button", name="Use these columns").click()
    expect(person.page.get_by_test_id("stAlertContentError").filter(has_text="Still missing")).to_have_count(2)
    say(person, "order_no", "Order ID (required)")
    say(person, "ordered", "Ordered at (required)")
    person.page.get_by_role("button", name="Use these columns").click()
    expect(person.page.get_by_text("What is in shop.csv?")).to_have_count(0, timeout=30_000)
    expect(person.page.get_by_role("button", name="Load 4 files")).to_be_visible()
    person.still()
    load(person)
    lines = person.page.locator(".st-key-just-loaded tbody tr")
    expect(lines).to_have_count(5)
    expect(lines.filter(has_text=CONTACTS)).to_contain_text("1 row rejected: Queued At: not a date and time in 1")
    person.still()
    person.page.get_by_text(f"1 row rejected of {CONTACTS}").click()
    person.still()  # a click on what is drawn anew would be lost
    with person.page.expect_download() as download:
        person.page.get_by_role("button", name="Download rows to correct").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["Contact ID"], row["Queued At"]) == ("late", "soon")

    expect(cell(history(person), 4)).to_contain_text(CONTACTS)
    select(history(person), 4, of=4)
    back = person.page.get_by_role("button", name="Take this load back")
    expect(back).to_be_visible()
    person.still()
    back.click()
    expect(person.page.get_by_text(f"Take back 2 rows of {CONTACTS}?")).to_be_visible()
    person.page.get_by_role("button", name="Take back", exact=True).click()
    expect(person.page.get_by_role("button", name="Take back", exact=True)).to_have_count(0)
    person.still()
    expect(cell(history(person), 3)).to_contain_text(MESSAGES)
    expect(cell(history(person), 4)).to_have_count(0)

    corrected = written(tmp_path / "again" / CONTACTS, [row | {"Queued At": "2024-03-06 10:00:00"}])
    drop(person, corrected)
    load(person)
    line = person.page.locator(".st-key-just-loaded tbody tr")
    expect(line).to_have_count(1)
    assert line.locator("td").all_inner_texts()[3:] == ["1", "1", "0", "0", "0"]


def test_tables_say_to_a_screen_reader_what_they_show_and_stay_where_they_are(
    visiting: Visiting, tmp_path: Path
) -> None:
    rows = [contact(contact_id=f"{n}") for n in range(1_200)]
    person = visiting().open("data")
    drop(person, written(tmp_path / "ContactExport-20240501-20240531.csv", rows))
    load(person)
    row = person.page.locator(".st-key-just-loaded tbody tr").first
    expect(row.locator("td").nth(3)).to_have_text("1,200")
    table = history(person)
    row = cell(table, 1)
    expect(row).to_contain_text("1,200")
    assert row.locator("[role=gridcell]").all_inner_texts()[-6:-1] == ["1,200", "1,200", "0", "0", "0"]
    with person.unmoved(table):
        table.click(position={"x": 18, "y": 46})
        expect(person.page.get_by_text("Chosen for it")).to_be_visible()
