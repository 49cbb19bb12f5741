"""The pages of respond.io and Lexer: what they say where a filter, a file or a choice is missing."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pyarrow
import pytest
from streamlit.testing.v1 import AppTest

from tests.builders import merges
from workbench import Workbench
from workbench.exports import KINDS
from workbench.reports import REPORTS
from workbench.ui.uploads import kind_label

Opened = Callable[..., AppTest]
Loaded = Callable[..., None]

SAMPLES = Path(__file__).parents[2] / "sample_data"
NO_DATA = "The selected filter(s) have no applicable data"
NOT_APPLICABLE = "The selected filter(s) are not applicable here"
CONNECTED = "Timestamp,Contact ID,Contact Name,Source,User\n2026-11-14 10:00:00,1,Ann,Broadcast,\n"
MESSAGES = "Message ID,Sent At,Customer ID,Queue,Agent,Status\nm1,2026-11-01 10:00:00,ann,Birthday,Bo,SENT\n"
ORDERS = (
    "Order ID,Ordered At,Customer ID,Order Value,Currency\n"
    "o1,2026-11-02 10:00:00,ann,10.00,EUR\no2,2026-11-03 10:00:00,ann,5.50,USD\no3,2026-11-12 10:00:00,ann,1.25,USD\n"
)


@pytest.fixture
def given(loaded: Loaded, tmp_path: Path) -> Callable[..., None]:
    """Loads files given by name and text."""

    def load(**texts: str) -> None:
        files = [tmp_path / f"{name}.csv" for name in texts]
        for file, text in zip(files, texts.values(), strict=True):
            file.write_text(text)
        loaded(*files)

    return load


def cards(app: AppTest) -> list[tuple[str, str]]:
    assert not app.exception
    return [(card.value, card.delta) for card in app.metric if card.label in LABELS]


LABELS = {metric.label for report in REPORTS.values() for metric in report.metrics}


def quiet_line(app: AppTest) -> str:
    return next(caption.value for caption in app.caption if " · " in caption.value).replace("\\", "")


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


@pytest.mark.parametrize("report", ["contacts", "assignments", "messaging_overview", "team_engagement"])
def test_each_page_stands_on_sample_data_with_every_meaning_in_about(opened: Opened, report: str) -> None:
    app = opened(report)
    assert not app.exception
    assert not app.error
    next(button for button in app.button if button.label == "About").click().run()
    text = "\n".join(markdown.value for markdown in app.markdown)
    for metric in REPORTS[report].metrics:
        assert metric.definition in text
    for kind in REPORTS[report].kinds:
        for column in KINDS[kind].columns:
            assert all(meaning in text for _, meaning in column.meanings)


def test_a_channel_is_not_applicable_to_three_cards_and_their_tiles(opened: Opened) -> None:
    app = opened("contacts")
    app.multiselect(key="contacts:channel").set_value(["WhatsApp"]).run()
    assert [delta for _, delta in cards(app)[:3]] == ["filter not applicable"] * 3
    assert cards(app)[3][0] == "99"
    assert captions(app).count(NOT_APPLICABLE) == 4  # three tiles, and the log that is open


def test_without_any_channel_a_filter_on_it_is_not_applicable_to_those_connected_and_they_say_why(
    opened: Opened, given: Callable[..., None]
) -> None:
    given(ContactsConnected=CONNECTED)
    assert "what connected it is shown instead" in captions(opened("contacts"))
    app = opened("contacts", channel="WhatsApp")
    assert "what connected it is shown instead" in captions(app)
    assert NO_DATA not in captions(app)
    assert [delta for _, delta in cards(app)] == ["filter not applicable"] * 3 + ["no applicable data"]


def test_of_dates_without_any_row_nothing_is_said_about_their_channels(
    opened: Opened, given: Callable[..., None]
) -> None:
    given(**{"ContactsConnected-20261113-20261114": CONNECTED})
    said = [
        "No connected contact of these dates has a channel" in captions(opened("contacts", from_=day, to=day))
        for day in ("2026-11-13", "2026-11-14")
    ]
    assert said == [False, True]


def test_logs_that_were_never_loaded_are_named_and_no_filter_is_blamed(
    opened: Opened, given: Callable[..., None]
) -> None:
    given(ContactsConnected=CONNECTED)
    app = opened("contacts", from_="2026-11-14", to="2026-11-14")
    assert cards(app) == [("–", "not loaded")] * 3 + [("1", "")]
    assert ":red[No contacts added, contacts deleted, contacts merged loaded yet]" in quiet_line(app)
    assert "No contacts added loaded yet" in captions(app)
    assert NO_DATA not in captions(app)
    assert " · 1 file · " in captions(app)


def test_the_header_names_the_files_that_the_report_rests_on(opened: Opened, given: Callable[..., None]) -> None:
    given(LexerMessages=MESSAGES, LexerOrders=ORDERS, ContactsConnected=CONNECTED)
    (line,) = [caption for caption in opened("team_engagement").caption if " · 2 files" in caption.value]
    assert "LexerMessages" in line.help
    assert "LexerOrders" in line.help
    assert "ContactsConnected" not in line.help


def test_days_are_drawn_as_growing_from_the_first_message_whose_window_is_still_open(
    opened: Opened, given: Callable[..., None]
) -> None:
    sent = "".join(f"{at},2026-11-{at:02} 10:00:00,ann,Birthday,Bo,SENT\n" for at in range(1, 10))
    given(LexerMessages=MESSAGES.splitlines(keepends=True)[0] + sent, LexerOrders=ORDERS)  # up to 12 November
    app = opened("messaging_overview", from_="2026-11-01", to="2026-11-09")
    chart = app.get("vega_lite_chart")[0].proto
    rows = pyarrow.ipc.open_stream(chart.datasets[0].data.data).read_pandas()
    assert list(rows["is_growing"]) == [False] * 5 + [True] * 4


def test_a_currency_is_asked_for_and_money_follows_it_the_touch_and_the_window(
    opened: Opened, given: Callable[..., None]
) -> None:
    given(LexerMessages=MESSAGES, LexerOrders=ORDERS)
    app = opened("messaging_overview")
    assert cards(app) == [("1", ""), ("–", "of several currencies"), ("100.0 %", ""), ("1", "")]
    assert "revenue is empty, as orders are in EUR and USD" in quiet_line(app)
    asked = app.button_group(key="messaging_overview:currency:asked")
    assert list(asked.options) == ["USD  ·  2", "EUR  ·  1"]
    asked.set_value("USD").run()
    assert cards(app)[1][0] == "5.50 USD"
    assert "orders credited to the last message within 7 days · revenue in USD · " in quiet_line(app)
    assert app.selectbox(key="messaging_overview:currency").value == "USD"
    app.number_input(key="messaging_overview:window_days").set_value(14).run()
    assert cards(app)[1][0] == "6.75 USD"
    assert "for the last message within 14 days before it" in captions(app)
    assert "Counted for the first message" not in captions(app)  # there is one message
    assert {"window_days": "14", "touch": "last", "currency": "USD"}.items() <= app.query_params.items()
    app.button(key="messaging_overview:clear").click().run()
    assert cards(app)[1][0] == "–"


def test_what_the_other_touch_gives_is_said_where_it_differs(opened: Opened, given: Callable[..., None]) -> None:
    later = "m2,2026-11-02 09:00:00,ann,Lapsed,Bo,SENT\n"
    given(LexerMessages=MESSAGES + later, LexerOrders=ORDERS)
    said = [
        captions(opened("messaging_overview", currency="USD", queue=queue))
        for queue in ("Birthday", "Lapsed", ["Birthday", "Lapsed"])
    ]
    assert "Counted for the first message: revenue generated 5.50 USD." in said[0]
    assert "Counted for the first message: revenue generated 0.00 USD." in said[1]
    assert "Counted for the first message" not in said[2]


@pytest.mark.parametrize("report", ["messaging_overview", "team_engagement"])
def test_a_link_says_window_touch_and_the_currency_that_money_is_in(
    opened: Opened, given: Callable[..., None], report: str
) -> None:
    given(LexerMessages=MESSAGES, LexerOrders=ORDERS.replace("EUR", "USD"))
    app = opened(report)
    assert {"window_days": "7", "touch": "last"}.items() <= app.query_params.items()
    link = parse_qs(app.code[0].value.partition("?")[2])
    assert {"window_days": ["7"], "touch": ["last"], "currency": ["USD"]}.items() <= link.items()
    shown = cards(app)
    assert shown[1][0].endswith(" USD")
    given(LexerOrders=ORDERS.splitlines(keepends=True)[0] + "o9,2026-11-02 10:00:00,ben,10.00,EUR\n")
    assert cards(opened(report, **link)) == shown


def test_what_revenue_rests_on_is_orders_and_their_log_counts_orders(
    opened: Opened, given: Callable[..., None]
) -> None:
    given(LexerMessages=MESSAGES, LexerOrders=ORDERS)
    app = opened("messaging_overview", currency="USD")
    assert "Rests on 1 order." in next(card.help for card in app.metric if card.label == "Revenue generated")
    app.session_state["messaging_overview:logs"] = "Orders"
    assert "1 to 1 of 1 order" in captions(app.run())


def test_an_order_shows_its_competing_messages_and_a_conversation_its_history(
    opened: Opened, sample: Workbench
) -> None:
    app = opened("messaging_overview", pin="order_id=S-4000036", preset="all")
    assert any("Messages that competed for the order" in text.value for text in app.markdown)
    conversation = sample.report("assignments").tile("conversations_most_reassigned")["conversation_id"].iloc[0]
    app = opened("assignments", conversation_id=str(conversation))
    assert app.text_input(key="assignments:conversation_id").value == str(conversation)
    assert any("Who had the conversation" in text.value for text in app.markdown)
    assert not app.exception


def test_files_that_no_system_exports_have_templates_to_download(
    opened: Opened, loaded: Loaded, tmp_path: Path
) -> None:
    loaded(merges(tmp_path / "GladlyCustomerMerges.csv", ("a", "b")))
    app = opened("data")
    assert not app.get("download_button")
    app.session_state["data:templates"] = True
    app.run()
    ours = [kind_label(kind.name) for kind in KINDS.values() if kind.is_ours]
    assert [button.proto.label for button in app.get("download_button")] == ours
    assert {"respond.io Users", "Lexer Customer merges"} < set(ours)
