"""Tables of a page: what their last row says, and how they are narrowed."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.builders import contact, written
from workbench import Workbench
from workbench.ui import results, tables

Opened = Callable[..., AppTest]
MARCH = {"from_": "2024-03-01", "to": "2024-03-31", "compare": "none"}
AGENTS = ("Zoë Øst", *(f"Agent {letter}" for letter in "ABCDEFGHIJK"))  # twelve: two more than are in sight
SEARCH = "contact_export:by_agent:table:search"


@pytest.fixture
def agents(loaded: Callable[..., None], tmp_path: Path) -> None:
    """Contacts of twelve agents, of one customer: two of the first agent, of unequal length."""
    rows = [contact(agent_when_ended=agent, customer_id="one", contact_handle_seconds="0:01:00") for agent in AGENTS]
    rows.append(contact(agent_when_ended=AGENTS[0], customer_id="one", contact_handle_seconds="0:05:00"))
    loaded(written(tmp_path / "ContactExport-20240301-20240331.csv", rows))


def shown(app: AppTest, tile: str) -> pd.DataFrame:
    """Return what a tile's table shows."""
    return next(found.value for found in app.dataframe if f":{tile}:table:" in str(found.key))


@pytest.mark.usefixtures("agents")
def test_the_first_row_says_what_the_cards_say_and_what_they_do_not_is_recomputed(opened: Opened) -> None:
    first = shown(opened("contact_export", **MARCH), "by_agent").iloc[0]
    told = ("agent", "contacts", "median_contact_handle_seconds", "average_contact_handle_seconds", "times_offered")
    assert list(first[list(told)]) == [tables.TOGETHER, "13", "0:01:00", "0:01:18", ""]


@pytest.mark.usefixtures("agents")
def test_all_rows_together_count_a_customer_once(opened: Opened) -> None:
    app = opened(**MARCH)
    app.session_state["inbound_contacts:by_period:view"] = "table"
    assert list(shown(app.run(), "by_period")["customers"].iloc[[0, 5]]) == ["1", "1"]
    assert shown(app, "by_period")["inbound_contacts"].iloc[0] == "13"


@pytest.mark.usefixtures("agents")
def test_one_row_needs_no_other_one_for_all_and_no_search(opened: Opened) -> None:
    app = opened("contact_export", **MARCH, agent=AGENTS[0])
    assert list(shown(app, "by_agent")["agent"]) == [AGENTS[0]]
    assert not [box for box in app.text_input if box.key == SEARCH]


@pytest.mark.usefixtures("agents")
def test_a_search_narrows_a_table_by_what_it_shows_and_leaves_the_address_and_all_together(opened: Opened) -> None:
    app = opened("contact_export", **MARCH)
    address = dict(app.query_params)
    for text, found in (("ZOE", [AGENTS[0]]), ("0:03:00", [AGENTS[0]]), ("agent b", ["Agent B"]), ("nobody", [])):
        app.text_input(key=SEARCH).set_value(text).run()
        assert list(shown(app, "by_agent")["agent"]) == [tables.TOGETHER, *found], text
        assert shown(app, "by_agent")["contacts"].iloc[0] == "13"
    assert dict(app.query_params) == address


@pytest.mark.usefixtures("agents")
def test_a_search_finds_rows_beyond_those_that_a_table_shows(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MOST_ROWS", 10)
    app = opened("contact_export", **MARCH)
    assert "Agent K" not in list(shown(app, "by_agent")["agent"])
    app.text_input(key=SEARCH).set_value("agent k").run()
    assert list(shown(app, "by_agent")["agent"]) == [tables.TOGETHER, "Agent K"]


@pytest.mark.usefixtures("agents")
def test_a_pin_takes_neither_search_nor_all_together_from_a_table_of_more_rows(opened: Opened) -> None:
    app = opened("contact_export", **MARCH, pin="channel=CHAT")
    assert [box.key for box in app.text_input].count(SEARCH) == 1
    pinned = opened("contact_export", **MARCH, pin="channel=NONE;agent=Agent A")
    assert not pinned.exception


@pytest.mark.usefixtures("agents")
def test_a_table_arrives_sorted_by_its_main_number_and_its_bars_stand_beside_it(opened: Opened) -> None:
    app = opened("contact_export", **MARCH)
    table = shown(app, "by_agent")
    [grid] = [found.proto for found in app.dataframe if ":by_agent:table:" in str(found.key)]
    assert json.loads(grid.columns)["contacts"]["label"] == "Contacts ↓"
    assert list(table)[:3] == ["agent", "contacts", "contacts:bar"]
    assert list(table["contacts"][1:4]) == ["2", "1", "1"]
    assert list(table["contacts:bar"][1:4]) == [100, 50, 50]
    assert pd.isna(table["contacts:bar"].iloc[0])


@pytest.mark.parametrize(("letters", "is_cut"), [(42, False), (43, True)])  # of seven pixels each
def test_a_column_with_a_long_name_says_where_it_is_read_in_full(
    opened: Opened, loaded: Callable[..., None], tmp_path: Path, letters: int, is_cut: bool
) -> None:
    rows = [contact(agent_when_ended="a" * letters), contact(agent_when_ended="b")]
    loaded(written(tmp_path / "ContactExport-20240301-20240331.csv", rows))
    app = opened("contact_export", **MARCH, pin=f"agent={'a' * letters}")
    [grid] = [found.proto for found in app.dataframe if ":by_agent:table:" in str(found.key)]
    assert (tables.IN_FULL in json.loads(grid.columns)["agent"]["help"]) == is_cut
    assert any("a" * letters in button.label for button in app.button)


def test_a_table_that_needs_a_pin_is_as_high_as_its_own_rows(opened: Opened, sample: Workbench) -> None:
    log = sample.report("assignments", preset="last_30_days").rows("totals")
    conversation = str(log["conversation_id"].value_counts().index[-1])
    history = sample.report("assignments", conversation_id=conversation).tile("timeline")
    assert len(history) <= tables.SEARCHED_FROM
    app = opened("assignments", pin=f"conversation_id={conversation}")
    assert len(shown(app, "timeline")) == len(history)
    assert not [box for box in app.text_input if box.key == "assignments:timeline:table:search"]
