"""What a person does with Lexer's reports: choose a currency, change the rule, follow orders and messages."""

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import FOLDER, Visiting
from workbench import Workbench

pytestmark = [pytest.mark.browser, pytest.mark.long]

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


def cards(core: Workbench, **selection: object) -> tuple[str, str, str, str]:
    """Return the four numbers that the overview must show, as text."""
    totals = core.report("messaging_overview", **(DAYS | selection)).tile("totals").iloc[0]  # type: ignore[arg-type]
    revenue, unit = totals["revenue_generated"], selection.get("currency")
    return (
        f"{int(totals['messages_sent']):,}",
        "–" if pd.isna(revenue) else f"{revenue:,.2f} {unit}",
        f"{totals['conversion_rate'] * 100:,.1f} %",
        f"{int(totals['customers_messaged']):,}",
    )


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
    other = person.page.get_by_text("Counted for the")  # is there only where it gives another figure
    expect(other).to_have_count(0 if first[1] == last[1] else 1)
    person.page.get_by_role("radio", name="First message").click()
    person.shows(*first)
    expect(other).to_have_count(0 if first[1] == last[1] else 1)
    by_queue = core.report("messaging_overview", currency="USD", window_days=40, touch="first", **DAYS).tile("by_queue")  # type: ignore[arg-type]
    expect(person.row(2, of=0)).to_contain_text(f"{by_queue['revenue_generated'].iloc[0]:,.2f}")
    again = visiting().open(person.page.url)
    again.shows(*first)
    person.widget("clear").get_by_role("button").click()
    person.shows(*cards(core))


def test_a_queue_is_pinned_compared_shared_and_unpinned(visiting: Visiting, core: Workbench) -> None:
    person = visiting().open("messaging_overview?currency=USD")
    person.shows(*cards(core, currency="USD"))
    queue = core.report("messaging_overview", **DAYS).tile("by_queue")["queue"].iloc[0]  # type: ignore[arg-type]
    person.click_cell(2, of=0, x=40)
    chip = person.page.get_by_role("button", name=f"Queue: {queue}")
    expect(chip).to_be_visible()
    pinned = cards(core, currency="USD", queue=queue)
    person.shows(*pinned)
    person.choose(person.widget("compare"), "Last year")
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
    person.record().get_by_role("button", name="Follow this message").click()
    chip = person.page.get_by_role("button", name="Message ID:")
    message = chip.inner_text().split("Message ID: ")[1].split("\n")[0].strip()
    orders = core.report("messaging_overview", currency="USD", pins={"message_id": message}).rows(
        "totals", metric="revenue_generated"
    )
    expect(person.page.get_by_text(re.compile(rf"1 to {len(orders)} of {len(orders)} orders?\b"))).to_be_visible()
    first = orders.sort_values("ordered_at", ascending=False).iloc[0]
    expect(person.row(1)).to_contain_text(first["order_id"])
    person.record().get_by_role("button", name="Follow this order").click()
    expect(person.page.get_by_text("Messages that competed for the order", exact=True)).to_be_visible()
    competing = core.report("messaging_overview", currency="USD", pins={"order_id": first["order_id"]}).tile(
        "competing_messages"
    )
    person.still()
    expect(person.row(len(competing), of=-2)).to_contain_text(str(competing["message_id"].iloc[-1]))
