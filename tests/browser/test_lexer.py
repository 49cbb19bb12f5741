"""What a person does with Lexer's reports: choose a currency, change the rule, follow orders and messages."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import FOLDER, Server, Visit, Visiting, running
from workbench import Workbench

pytestmark = pytest.mark.browser

DAYS = {"start": "2026-10-17", "end": "2026-11-15"}  # the page's default on the sample data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace that holds the sample's messages, and its orders, some of them in euros."""
    folder, samples = tmp_path_factory.mktemp("lexer"), FOLDER / "sample_data" / "lexer"
    orders = next(samples.glob("LexerOrders-*.csv"))
    lines = orders.read_text(encoding="utf-8").splitlines(keepends=True)
    copy = folder / orders.name
    copy.write_text("".join(line.replace(",USD,", ",EUR,") if n % 4 == 0 else line for n, line in enumerate(lines)))
    workbench = Workbench(folder / "workspace.duckdb")
    for file in (copy, next(samples.glob("LexerMessages-*.csv"))):
        workbench.load(file)
    workbench.close()
    return folder


@pytest.fixture(scope="module")
def core(folder: Path) -> Iterator[Workbench]:
    """The core over a copy of the workspace, made before the app holds it."""
    workbench = Workbench(shutil.copy(folder / "workspace.duckdb", folder / "copy.duckdb"))
    yield workbench
    workbench.close()


@pytest.fixture(scope="module")
def server(folder: Path, core: Workbench) -> Iterator[Server]:
    """The app in that workspace."""
    with running(folder) as server:
        yield server


def cards(core: Workbench, **selection: object) -> tuple[str, str, str, str]:
    """Return the four numbers that the overview must show, as text."""
    totals = core.report("messaging_overview", **(DAYS | selection)).tile("totals").iloc[0]  # type: ignore[arg-type]
    revenue = totals["revenue_generated"]
    return (
        f"{int(totals['messages_sent']):,}",
        "–" if pd.isna(revenue) else f"{revenue:,.2f}",
        f"{totals['conversion_rate'] * 100:,.1f} %",
        f"{int(totals['customers_messaged']):,}",
    )


def table(person: Visit, number: int = -1) -> Locator:
    return person.page.get_by_test_id("stDataFrame").nth(number)


def row(person: Visit, number: int, of: int = -1) -> Locator:
    """A row of a table, from 1; what the canvas shows stands in a table for screen readers."""
    return table(person, of).locator(f"[aria-rowindex='{number + 1}']")


def opened_record(person: Visit) -> Locator:
    """Open the first row of the log."""
    person.still()
    table(person).scroll_into_view_if_needed()
    table(person).click(position={"x": 18, "y": 54})
    return person.page.get_by_role("dialog")


def test_a_currency_is_asked_for_and_touch_and_window_change_the_figures(visiting: Visiting, core: Workbench) -> None:
    person = visiting().open("messaging_overview")
    person.shows(*cards(core))
    expect(person.values.nth(1)).to_have_text("–")
    person.page.get_by_role("radio", name=re.compile("^EUR")).click()
    person.shows(*cards(core, currency="EUR"))
    person.choose(person.widget("currency"), "USD")
    person.shows(*cards(core, currency="USD"))
    window = person.widget("window_days").locator("input")
    window.fill("40")
    window.press("Enter")
    last, first = (cards(core, currency="USD", window_days=40, touch=touch) for touch in ("last", "first"))
    assert last[1] != cards(core, currency="USD")[1]
    person.shows(*last)
    expect(person.page.get_by_text(f"Counted for the first message: revenue generated {first[1]}")).to_be_visible()
    person.page.get_by_role("radio", name="First message").click()
    person.shows(*first)
    expect(person.page.get_by_text(f"Counted for the last message: revenue generated {last[1]}")).to_be_visible()
    by_queue = core.report("messaging_overview", currency="USD", window_days=40, touch="first", **DAYS).tile("by_queue")  # type: ignore[arg-type]
    expect(row(person, 1, of=0)).to_contain_text(f"{by_queue['revenue_generated'].iloc[0]:.2f}")
    again = visiting().open(person.page.url)
    again.shows(*first)
    person.widget("clear").get_by_role("button").click()
    person.shows(*cards(core))


def test_a_queue_is_pinned_compared_shared_and_unpinned(visiting: Visiting, core: Workbench) -> None:
    person = visiting().open("messaging_overview?currency=USD")
    person.shows(*cards(core, currency="USD"))
    queue = core.report("messaging_overview", **DAYS).tile("by_queue")["queue"].iloc[0]  # type: ignore[arg-type]
    person.still()
    table(person, 0).scroll_into_view_if_needed()
    table(person, 0).click(position={"x": 40, "y": 54})
    chip = person.page.get_by_role("button", name=f"Queue: {queue}")
    expect(chip).to_be_visible()
    pinned = cards(core, currency="USD", queue=queue)
    person.shows(*pinned)
    person.choose(person.widget("compare"), "Same days last year")
    expect(person.page.get_by_text("no comparison:")).to_be_visible()
    again = visiting().open(person.page.url)
    again.shows(*pinned)
    expect(again.page.get_by_role("button", name=f"Queue: {queue}")).to_be_visible()
    chip.click()
    person.shows(*cards(core, currency="USD"))


def test_from_a_message_to_its_orders_and_from_an_order_to_the_messages_that_competed(
    visiting: Visiting, core: Workbench
) -> None:
    person = visiting().open("messaging_overview?currency=USD&preset=all")
    person.choose(person.widget("messages_log-sort"), "Orders credited")
    opened_record(person).get_by_role("button", name="Follow this message").click()
    chip = person.page.get_by_role("button", name="Message ID:")
    message = chip.inner_text().split("Message ID: ")[1].strip()
    orders = core.report("messaging_overview", currency="USD", pins={"message_id": message}).rows(
        "totals", metric="revenue_generated"
    )
    expect(person.page.get_by_text(re.compile(rf"1 to {len(orders)} of {len(orders)} orders?\b"))).to_be_visible()
    first = orders.sort_values("ordered_at", ascending=False).iloc[0]
    expect(row(person, 1)).to_contain_text(first["order_id"])
    opened_record(person).get_by_role("button", name="Follow this order").click()
    expect(person.page.get_by_text("Messages that competed for the order")).to_be_visible()
    competing = core.report("messaging_overview", currency="USD", pins={"order_id": first["order_id"]}).tile(
        "competing_messages"
    )
    person.still()
    expect(row(person, len(competing), of=-2)).to_contain_text(str(competing["message_id"].iloc[-1]))
