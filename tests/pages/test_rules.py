"""The settings by which numbers are made: on a page, in its address, for a workspace."""

from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Opened
from workbench import Workbench
from workbench.drawing import formats


def cards(app: AppTest) -> list[tuple[str, str]]:
    assert not app.exception
    return [(card.value, card.delta) for card in app.metric]


def rate(sample: Workbench, report: str, metric: str, **asked: object) -> str:
    frame = sample.report(report, preset="last_30_days", **asked).tile("totals")  # type: ignore[arg-type]
    return formats.shown(frame[metric].iloc[0], "rate")


def test_what_a_link_says_of_the_service_level_is_on_the_card_and_in_the_next_link(
    opened: Opened, sample: Workbench
) -> None:
    app = opened("contact_export", service_level="queued", threshold="30,CHAT=60", preset="last_30_days")
    expected = rate(sample, "contact_export", "service_level_rate", service_level="queued", threshold="30,CHAT=60")
    assert cards(app)[5][0] == expected != rate(sample, "contact_export", "service_level_rate")
    link = parse_qs(app.code[0].value.partition("?")[2])
    said = {"service_level": ["queued"], "threshold": ["30,CHAT=60"], "short_abandon": ["none"]}
    assert said.items() <= link.items()
    app = opened("contact_export", service_level="best", threshold="soon")
    assert "Left out of the link" in app.error[0].value
    assert cards(app)[5][0] == rate(sample, "contact_export", "service_level_rate")


def test_days_minutes_and_channel_of_repeats_are_set_on_the_page_and_cleared(opened: Opened, sample: Workbench) -> None:
    app = opened("repeat_contacts")
    usual = rate(sample, "repeat_contacts", "repeated_rate")
    assert cards(app)[2][0] == usual
    app.number_input(key="repeat_contacts:within_days").set_value(2).run()
    assert cards(app)[2][0] == rate(sample, "repeat_contacts", "repeated_rate", within_days=2) != usual
    app.toggle(key="repeat_contacts:same_channel").set_value(True).run()
    both = rate(sample, "repeat_contacts", "repeated_rate", within_days=2, same_channel=True)
    assert cards(app)[2][0] == both
    assert {"within_days": "2", "same_channel": "yes"}.items() <= app.query_params.items()
    app.button(key="repeat_contacts:clear").click().run()
    assert cards(app)[2][0] == usual
    assert app.button(key="repeat_contacts:clear").disabled
