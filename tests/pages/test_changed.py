"""The sentence at the top of a page and the panel behind it: from what changed to the rows that changed it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.builders import contact, written
from workbench.reports import REPORTS
from workbench.ui.changed import NOT_LOADED, UNCOMPARED

WEEK = {"from_": "2024-03-11", "to": "2024-03-17"}
SENTENCE = "inbound_contacts:sentence:"
POINTS = 10 * "abc"


@pytest.fixture
def risen(loaded: Callable[..., None], tmp_path: Path) -> None:
    """Load two weeks, on whose second Tuesday one entry point has 60 contacts more, all of one customer."""
    days = ("04", "05", "11", "12")
    usual = [contact(f"2024-03-{day} 10:00:00", entry_point=point) for day in days for point in POINTS]
    more = [contact("2024-03-12 10:00:00", entry_point="b", customer_id="x") for _ in range(60)]
    loaded(written(tmp_path / "ContactExport-20240301-20240331.csv", [*usual, *more]))


def buttons(app: AppTest) -> dict[str, str]:
    return {button.key.removeprefix(SENTENCE): button.label for button in app.button if SENTENCE in str(button.key)}


@pytest.mark.usefixtures("risen")
def test_the_sentence_names_what_moved_and_filters_to_what_explains_it(opened: Callable[..., AppTest]) -> None:
    app = opened(**WEEK, compare="preceding")
    assert buttons(app) == {"inbound_contacts": "Inbound contacts", "value": "b \\(entry point\\)"}
    said = [text.value for text in app.markdown]
    assert "rose from 60 to 120;" in said
    assert "explains 60." in said
    app.button(key=f"{SENTENCE}value").click().run()
    assert app.query_params["pin"] == "entry_point=b"
    assert not app.exception


@pytest.mark.usefixtures("risen")
def test_the_panel_explains_any_figure(opened: Callable[..., AppTest]) -> None:
    app = opened(**WEEK, compare="preceding")
    app.button(key=f"{SENTENCE}inbound_contacts").click().run()
    (figure,) = [box for box in app.selectbox if box.label == "Figure"]
    assert (figure.value, figure.options) == (
        "inbound_contacts", ["Inbound contacts", "Customers", "Contacts per customer"],
    )  # fmt: skip
    ranked = app.dataframe[-1].value
    assert list(ranked.columns) == ["Value", "Contribution", "Before", "Now"]
    assert list(ranked.iloc[0]) == ["Entry point: b", "+60", "20", "80"]
    assert not app.exception


@pytest.mark.usefixtures("risen")
@pytest.mark.parametrize(
    ("compare", "said", "ways"),
    [
        ("none", UNCOMPARED, []),
        ("2023-03-04..2023-03-04", NOT_LOADED, []),
        ("2024-03-04..2024-03-04", "Nothing remarkable", ["What changed"]),
    ],
)
def test_where_there_is_nothing_to_say_the_sentence_says_so(
    opened: Callable[..., AppTest], compare: str, said: str, ways: list[str]
) -> None:
    app = opened(from_="2024-03-11", to="2024-03-11", compare=compare)
    assert [text.value for text in app.markdown if said in text.value]
    assert list(buttons(app).values()) == ways


@pytest.mark.usefixtures("risen")
def test_a_link_opens_the_panel_of_a_figure_and_holds_the_one_that_is_picked(opened: Callable[..., AppTest]) -> None:
    app = opened(**WEEK, compare="preceding", explain="inbound_contacts")
    (figure,) = [box for box in app.selectbox if box.label == "Figure"]
    assert figure.value == "inbound_contacts"
    figure.select("customers").run()
    assert app.query_params["explain"] == "customers"
    ranked = app.dataframe[-1].value
    assert list(ranked.columns) == ["Value", "Before", "Now", "Without"]
    assert list(ranked.iloc[0]) == ["Entry point: b", "20", "21", "40"]
    assert not app.exception


@pytest.mark.few
@pytest.mark.parametrize("name", [name for name, report in REPORTS.items() if report.settings])
def test_the_panel_stands_where_settings_make_the_figures(opened: Callable[..., AppTest], name: str) -> None:
    first, *_ = REPORTS[name].cards.metrics
    app = opened(name, compare="matching", explain=first)  # of the sample; a page that runs anew and anew never ends
    (figure,) = [box for box in app.selectbox if box.label == "Figure"]
    assert figure.value == first
    assert not app.exception


@pytest.mark.usefixtures("risen")
def test_a_link_to_what_no_change_is_known_of_says_what_is(opened: Callable[..., AppTest]) -> None:
    app = opened(**WEEK, compare="preceding", explain="nothing")
    (said,) = [text.value for text in (*app.error, *app.warning)]
    assert said.startswith("There is no change of inbound_contacts 'nothing'")
    assert "customers, avg_inbound_contacts_per_customer" in said
    assert not [box for box in app.selectbox if box.label == "Figure"]
    assert "explain" not in app.run().query_params


@pytest.mark.usefixtures("risen")
def test_of_two_quick_changes_the_second_keeps_the_first_though_it_comes_with_the_address_before(
    opened: Callable[..., AppTest],
) -> None:
    app = opened(**WEEK, compare="preceding")
    app.button(key=f"{SENTENCE}value").click().run()
    del app.query_params["pin"]
    app.selectbox(key="inbound_contacts:rollup").select("week").run()
    assert (app.query_params["pin"], app.query_params["rollup"]) == ("entry_point=b", "week")
    del app.query_params["pin"]  # as the browser's Back
    assert "pin" not in app.run().query_params
