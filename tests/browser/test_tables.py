"""Tables as a person has them: what is drawn and what is read out, and what a click leaves where it was."""

from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, expect

from tests.browser.conftest import ROW_HEIGHT, Visit, Visiting
from tests.builders import contact, merges, written
from workbench import Workbench

pytestmark = pytest.mark.browser

MARCH = "contact_export?from=2024-03-01&to=2024-03-31&compare=none"
AGENTS = [f"Agent {letter}" for letter in "ABCDEFGHIJK"]
DRAWN = """window.drawn = new Set(); for (const how of ['fillText', 'strokeText']) {
    const draw = CanvasRenderingContext2D.prototype[how];
    CanvasRenderingContext2D.prototype[how] = function (text, ...at) {
        window.drawn.add(text.trim()); return draw.call(this, text, ...at);
    };
}"""
READ = "rows => rows.map(row => [...row.children].map(cell => cell.textContent.trim()))"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace: 1,234 contacts of one agent, each with a link, and one of each of ten others."""
    folder = tmp_path_factory.mktemp("tables")
    rows = [contact(agent_when_ended=agent) for agent in AGENTS[1:]]
    rows += [contact(agent_when_ended=AGENTS[0], conversation_link=f"https://a.example/{n}") for n in range(1234)]
    april = [("04-01", "ann"), ("04-02", "ann"), ("04-02", "bo"), ("04-03", "ann-too")]
    later = [contact(f"2024-{day} 10:00:0{n}", customer_id=customer) for n, (day, customer) in enumerate(april)]
    workbench = Workbench(folder / "workspace.duckdb")
    workbench.load(written(folder / "ContactExport-20240301-20240331.csv", rows))
    workbench.load(written(folder / "ContactExport-20240401-20240403.csv", later))
    workbench.load(merges(folder / "GladlyCustomerMerges.csv", ("ann-too", "ann")))
    workbench.close()
    return folder


def read(person: Visit, tile: str) -> list[list[str]]:
    """Return what a screen reader gets of a tile's table, row by row, the header first."""
    person.still()
    found: list[list[str]] = person.table(tile).locator("tr").evaluate_all(READ)
    return found


@pytest.mark.parametrize(("tile", "bars"), [("by_agent", 2), ("log", None)])
def test_what_is_read_out_of_a_table_is_what_is_drawn(visiting: Visiting, tile: str, bars: int | None) -> None:
    person = visiting(viewport={"width": 3000, "height": 1000})
    person.page.add_init_script(DRAWN)
    person.open(MARCH)
    expect(person.row(1, tile)).to_be_attached()
    person.table(tile).scroll_into_view_if_needed()
    rows = read(person, tile)[:6]  # others, out of sight, are read out as well
    drawn = set(person.page.evaluate("[...drawn]"))
    texts = {text for row in rows for column, text in enumerate(row) if column != bars and text}
    assert texts <= drawn
    assert any(text == "1,234" or text.startswith("https://a.example/") for text in texts)
    if bars:
        assert [row[bars] for row in rows[2:4]] == ["100", "0"]
        assert "100" not in drawn


def box_of(person: Visit, table: str) -> FloatRect:
    """Return where a table stands; it stands nowhere while its card is drawn anew."""
    for _ in range(50):
        expect(person.table(table)).to_be_visible()
        if box := person.table(table).bounding_box():
            return box
        person.page.wait_for_timeout(20)
    raise AssertionError(f"{table} does not stand still")


def test_all_together_stay_first_are_no_pin_and_the_table_keeps_its_height(visiting: Visiting) -> None:
    person = visiting().open(MARCH)
    for _ in range(2):
        person.click_cell(0, "by_agent")
        person.still()
    box = box_of(person, "by_agent")
    expect(person.row(1, "by_agent")).to_contain_text("All")
    expect(person.row(1, "by_agent")).to_contain_text("1,244")
    address = person.page.url
    person.click_cell(1, "by_agent")
    person.still()
    assert person.page.url == address
    person.click_cell(3, "by_agent")
    person.page.wait_for_url("**pin=agent**")
    person.still()
    assert box_of(person, "by_agent")["height"] == box["height"]


def test_back_takes_off_the_last_pin_and_forward_puts_it_on_again(visiting: Visiting) -> None:
    person = visiting().open(MARCH)
    person.click_cell(3, "by_agent")
    expect(person.chip("agent")).to_be_visible()
    person.page.go_back()
    expect(person.chip("agent")).to_have_count(0)
    person.page.go_forward()
    expect(person.chip("agent")).to_be_visible()


def test_a_record_leads_to_its_neighbours_to_the_same_customer_after_merges_and_back(visiting: Visiting) -> None:
    person = visiting().open("contact_export?from=2024-04-01&to=2024-04-02&compare=none&log.sort=queued_at:asc")
    record = person.record(2)
    expect(record).to_contain_text("2 of 3 contacts")
    expect(record).to_contain_text("empty fields")
    expect(record.get_by_role("button", name="Previous")).to_be_enabled()
    record.get_by_role("button", name="Next").click()
    expect(record).to_contain_text("3 of 3 contacts")
    expect(record.get_by_role("button", name="Next")).to_be_disabled()
    expect(record).to_contain_text("No other contacts of this customer are loaded.")
    record.get_by_role("button", name="Previous").click()
    expect(record).to_contain_text("2 of 3 contacts")
    others = record.get_by_test_id("stDataFrame")
    expect(others.locator("tbody tr")).to_have_count(2)  # one of them of a day that is not selected
    expect(others.locator("tbody tr").first).to_contain_text("3 Apr 2024")
    others.click(position={"x": 18, "y": ROW_HEIGHT * 1.5})
    expect(record.get_by_role("button", name="Back to 2 of 3 contacts")).to_be_visible()
    expect(record).to_contain_text("Customer ID as exported\nann-too")
    record.get_by_role("button", name="Back to 2 of 3 contacts").click()
    expect(record).to_contain_text("2 of 3 contacts")
    expect(record.get_by_role("button", name="Next")).to_be_enabled()
