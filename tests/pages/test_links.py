"""Addresses: a copied link shows the same, and what of one cannot be understood is left out and named in one line."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from workbench import Workbench
from workbench.ask import views
from workbench.drawing import formats
from workbench.ui import session

Opened = Callable[..., AppTest]

BAD = {
    "a date that is none": {"from_": "x"},
    "a filter that does not exist": {"nonsense": "1"},
    "dates the wrong way round": {"from_": "2026-11-10", "to": "2026-11-01"},
    "one date after the data's last day, with an earlier end": {"from_": "2030-01-01", "to": "2026-11-01"},
    "a preset that does not exist": {"preset": "soon"},
    "a rollup that does not exist": {"rollup": "decade"},
    "a zone that does not exist": {"timezone": "Mars/Olympus"},
    "a path as a zone": {"timezone": "../../etc/passwd"},
    "half a comparison": {"compare": "2026-01-01.."},
    "a comparison the wrong way round": {"compare": "2026-01-02..2026-01-01"},
    "a pin without a value": {"pin": "channel"},
    "a pin of no dimension": {"pin": "weather=rain"},
    "a pin on a period that is none": {"pin": "period=x"},
    "a date before all data": {"from_": "0001-01-01"},
    "a date after all data": {"to": "9999-12-31"},
    "a comparison with the year 0": {"compare": "last_year", "from_": "0001-03-01", "to": "0001-03-02"},
    "a date that the date field cannot show": {"from_": "1989-01-01", "to": "2026-11-01"},
}
GOOD: dict[str, dict[str, str | list[str]]] = {
    "dates, rollup and filters": {
        "from_": "2026-11-02", "to": "2026-11-08", "rollup": "hour", "channel": ["CHAT", "SMS"], "inbox": "Stores",
    },
    "a preset": {"preset": "last_month", "contact_initiator": "CUSTOMER"},
    "the missing value": {"preset": "all", "entry_point": ""},
    "another zone": {"preset": "all", "timezone": "Asia/Kolkata"},
    "switches": {"preset": "all", "as_exported": "yes", "wall_clock": "yes"},
    "another comparison": {"from_": "2026-11-02", "to": "2026-11-08", "compare": "weekdays"},
    "pins": {"preset": "all", "pin": ["channel=CHAT", "inbox=Stores"]},
    "values that Markdown and URLs mean something by": {"inbox": ["a&b=c", "**x** [y](z)", "50 % + `1`", "Zoë|$1"]},
}  # fmt: skip


def shown(app: AppTest) -> list[object]:
    """Return what a page shows of its selection: cards, quiet line, widgets."""
    assert not app.exception
    line = [caption.value for caption in app.caption if " · " in caption.value]
    widgets = [(widget.key, widget.value) for widget in (*app.selectbox, *app.multiselect, *app.toggle)]
    return [[(card.value, card.delta) for card in app.metric], line, widgets]


@pytest.mark.parametrize("query", BAD.values(), ids=BAD)
@pytest.mark.few("a date that is none", "a filter that does not exist")
def test_a_link_that_cannot_be_understood_is_one_line_and_the_page_stands(
    opened: Opened, query: dict[str, str]
) -> None:
    app = opened(**query)
    good = set(app.query_params) - {"preset", *({"compare"} - query.keys())}  # what of it can be understood
    assert not app.exception
    assert len(app.error) == 1
    assert "\n" not in app.error[0].value
    assert shown(app) == shown(opened(**{key: value for key, value in query.items() if key in good}))
    assert not app.run().error


@pytest.mark.parametrize("query", BAD.values(), ids=BAD)
@pytest.mark.few("a date that is none", "a filter that does not exist")
def test_a_bad_part_of_a_link_takes_no_other_one_with_it(opened: Opened, query: dict[str, str]) -> None:
    good = {"channel": ["CHAT", "SMS"], "pin": "inbox=Stores", "rollup": "week"}
    pins = [good["pin"], *[text for text in [query.get("pin")] if text]]
    app = opened(**{**good, **query, "pin": pins} | ({"rollup": "decade"} if "rollup" in query else {}))
    assert len(app.error) == 1
    kept = {key: value for key, value in good.items() if key not in query or key == "pin"}
    assert kept.items() <= app.query_params.items()


def test_the_line_on_a_link_names_each_bad_part_and_why(opened: Opened) -> None:
    app = opened(from_="2026-11-02", to="2026-99-99", channel="CHAT", nonsense="1")
    assert app.query_params == {"from": "2026-11-02", "channel": "CHAT", "compare": "matching"}
    said = app.error[0].value.replace("\\", "").replace(":color[]", "")
    assert said.startswith(
        "Left out of the link: to=2026-99-99 ('2026-99-99' is not a date. Write it as 2024-01-31); non"
    )


@pytest.mark.parametrize("query", GOOD.values(), ids=GOOD)
def test_the_address_of_a_page_opened_elsewhere_shows_the_same(
    opened: Opened, query: dict[str, str | list[str]]
) -> None:
    first = opened(**query)
    assert not first.error
    second = opened(**first.query_params)
    assert shown(second) == shown(first)
    assert second.query_params == first.query_params
    assert {key.rstrip("_"): value for key, value in query.items()}.items() <= first.query_params.items()


def test_what_is_changed_on_the_page_stands_in_its_address(opened: Opened) -> None:
    app = opened()
    app.selectbox(key="inbound_contacts:preset").set_value("last_week").run()
    app.multiselect(key="inbound_contacts:channel").set_value(["SMS", "CHAT"]).run()
    app.selectbox(key="inbound_contacts:rollup").set_value("hour").run()
    assert app.query_params == {
        "preset": "last_week", "compare": "matching", "channel": ["SMS", "CHAT"], "rollup": "hour",
    }  # fmt: skip
    assert shown(opened(**app.query_params)) == shown(app)


def test_a_link_without_dates_and_comparison_takes_those_of_the_page(opened: Opened) -> None:
    app = opened(channel="CHAT")
    assert app.query_params == {"preset": "last_30_days", "compare": "matching", "channel": "CHAT"}


@pytest.mark.parametrize(
    ("preset", "dates"),
    [
        ("last_week", "from=2026-11-02&to=2026-11-08&compare=2026-10-26..2026-11-01"),
        ("last_month", "from=2026-10-01&to=2026-10-31&compare=2026-09-01..2026-09-30"),
    ],
)
def test_the_share_link_has_resolved_dates_and_shows_the_same_numbers(opened: Opened, preset: str, dates: str) -> None:
    app = opened(preset=preset, channel="CHAT")
    link = shared(app)
    assert link.endswith(f"?{dates}&channel=CHAT")
    assert any(card.delta for card in app.metric)
    assert shown(opened(**parameters(link)))[:2] == shown(app)[:2]


def test_compared_with_nothing_the_widget_says_so_and_no_card_has_a_change(opened: Opened) -> None:
    app = opened()
    assert any(card.delta for card in app.metric)
    app.selectbox(key="inbound_contacts:compare").set_value("none").run()
    assert app.query_params["compare"] == "none"
    assert not any(card.delta for card in app.metric)
    assert "Nothing" in app.selectbox(key="inbound_contacts:compare").options
    app.selectbox(key="inbound_contacts:compare").set_value("matching").run()
    assert any(card.delta for card in app.metric)


def test_the_contributions_say_what_they_come_to_and_are_drawn_only_while_something_is_compared(
    opened: Opened, sample: Workbench
) -> None:
    rows = sample.report("contact_export", preset="last_30_days", compare="matching").tile("by_inbox")
    said = f"Change of the average wait {formats.signed(rows['contribution_seconds'].sum())}: "
    compared, alone = (
        [chart.proto.alt for chart in opened("contact_export", **query).get("vega_lite_chart")]
        for query in ({}, {"compare": "none"})
    )
    assert sum(text.startswith(said) for text in compared) == 1  # one card has both dimensions
    assert [text for text in alone if text.startswith("Change of")] == []


def test_the_share_link_of_everything_compares_with_nothing(opened: Opened) -> None:
    app = opened(preset="all")
    link = shared(app)
    assert link.endswith("&compare=none")
    elsewhere = opened(**parameters(link))
    assert not elsewhere.error
    assert shown(elsewhere)[0] == shown(app)[0]
    assert shared(elsewhere) == link


def test_other_dates_end_a_comparison_that_a_link_fixed(opened: Opened) -> None:
    app = opened(**parameters(shared(opened(preset="last_month"))))
    assert any("compared with 1 to 30 Sep 2026" in caption.value for caption in app.caption)
    app.selectbox(key="inbound_contacts:preset").set_value("last_7_days").run()
    assert app.query_params == {"preset": "last_7_days", "compare": "matching"}
    assert any("compared with 2 to 8 Nov 2026" in caption.value for caption in app.caption)


def shared(app: AppTest) -> str:
    """Return the share link of a page."""
    return str(app.code[0].value)


def parameters(link: str) -> dict[str, list[str]]:
    """Return the parameters of a link."""
    return parse_qs(link.partition("?")[2])


def test_a_pin_is_a_chip_and_a_click_takes_it_off(opened: Opened) -> None:
    app = opened(preset="all", rows_of="inbound_contacts", pin=["channel=CHAT", "inbox=Customer Care"])
    both = app.metric[0].value
    assert app.button(key="inbound_contacts:pin:channel").label == r"Channel\: Chat"
    assert app.button(key="inbound_contacts:pin:inbox").label == r"Inbox when first queued\: Customer Care"
    app.button(key="inbound_contacts:pin:channel").click().run()
    assert app.query_params == {"preset": "all", "compare": "matching", "pin": "inbox=Customer Care"}
    assert "inbound_contacts:pin:channel" not in [button.key for button in app.button]
    assert app.metric[0].value == opened(preset="all", inbox="Customer Care").metric[0].value != both


# Pins ----------------------------------------------------------------------------------------------------------------

BAD_PINS = {
    "JSON that ends early": '{"weekday": ["1"',
    "JSON of a number": '{"weekday": 1}',
    "JSON of numbers": '{"weekday": [1]}',
    "JSON of a key that does not exist": '{"weather": ["rain"]}',
    "JSON thousands deep": '{"channel":' * 2_000,
    "a weekday that is none": "weekday=Monday",
    "an hour that is far too large": "hour=99999999999",
    "an hour in other digits": "hour=\uff11\uff12",
    "SQL as an hour": '{"weekday": ["1"], "hour": ["1) or (1=1"]}',
}


@pytest.mark.parametrize("pin", BAD_PINS.values(), ids=BAD_PINS)
def test_a_pin_that_cannot_be_understood_is_one_short_line_and_pins_nothing(opened: Opened, pin: str) -> None:
    app = opened("contact_export", pin=pin)
    assert not app.exception
    assert [len(error.value) < 300 and "\n" not in error.value for error in app.error] == [True]
    assert "pin" not in app.query_params


def test_pins_of_several_dimensions_missing_values_and_hostile_texts_stay_in_the_address(opened: Opened) -> None:
    pins = [
        '{"entry_point": ["", "<img src=x>"], "channel": ["EMAIL", ""]}',
        "inbox='; drop table main.settings; --",
        '{"weekday": ["1"], "hour": ["9"]}',
    ]
    app = opened("contact_export", preset="all", pin=pins)
    assert not app.exception
    assert not app.error
    assert list(app.query_params["pin"]) == [
        '{"channel": ["EMAIL", ""], "entry_point": ["", "<img src=x>"]}',
        *pins[1:],
    ]
    chips = [button.label for button in app.button if str(button.key).startswith("contact_export:pin:")]
    assert len(chips) == 3
    assert "No channel" in chips[0]
    assert chips[2] == session.escaped("Weekday: Monday; Hour: 09:00")


def test_another_rollup_takes_off_a_pinned_period_and_leaves_the_other_pins(opened: Opened) -> None:
    app = opened(preset="all", pin=["period=2026-11-02 00:00:00", "channel=CHAT"])
    app.selectbox(key="inbound_contacts:rollup").set_value("week").run()
    assert app.query_params == {"preset": "all", "compare": "matching", "rollup": "week", "pin": "channel=CHAT"}


def test_columns_of_a_link_win_over_those_remembered_which_a_later_session_has(opened: Opened, workspace: Path) -> None:
    assert list(opened("contact_export").dataframe[-1].value)[:2] == ["queued_at", "channel"]
    views.keep_columns(session.kept(), "contact_export", "log", ["status", "contact_id"])
    assert list(opened("contact_export").dataframe[-1].value) == ["status", "contact_id"]
    linked = opened("contact_export", **{"log.columns": ["contact_id", "channel"]})
    assert list(linked.dataframe[-1].value) == ["contact_id", "channel"]


def test_incomplete_periods_are_left_out_over_time_and_the_totals_keep_their_rows(opened: Opened) -> None:
    app = opened("inbound_contacts", from_="2026-10-07", to="2026-11-15", rollup="month")
    every = app.metric[0].value
    app.session_state["inbound_contacts:by_period:view"] = "table"
    assert len(app.run().dataframe[0].value) == 2 + 1  # and all together
    app.toggle(key="inbound_contacts:whole_only").set_value(True).run()
    assert app.query_params["whole_only"] == "yes"
    assert app.metric[0].value == every
