"""Targets, notes and calendars on the page Settings: set, listed, deleted; what calendars change on a report."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.builders import contact, written
from workbench.ask import hours, notes, targets
from workbench.ui import session

Opened = Callable[..., AppTest]


def clicked(app: AppTest, label: str, of: str = "") -> AppTest:
    """Click the button of a label, of several the one that is of something."""
    return next(b for b in app.button if b.label.startswith(label) and of in b.label).click().run()


def test_targets_and_notes_are_set_and_deleted_on_the_page(opened: Opened) -> None:
    app = opened("settings")
    assert not app.exception
    assert "or less" not in " ".join(text.value for text in app.markdown)
    metric = app.selectbox(key="aims:metric:inbound_contacts").value
    app.number_input(key=f"aims:value:{metric}").set_value(100).run()
    clicked(app, "Set target")
    assert not app.exception
    assert [(target.metric, target.value) for target in targets.saved(session.kept())] == [(metric, 100)]
    app.text_input(key="aims:text").set_value("promotion").run()
    app.date_input(key="aims:days").set_value(("2026-11-02", "2026-11-03")).run()
    clicked(app, "Set note")
    assert [note.text for note in notes.saved(session.kept())] == ["promotion"]
    clicked(app, "Delete", metric)
    clicked(app, "Delete", "promotion")
    assert targets.saved(session.kept()) == notes.saved(session.kept()) == []


def set_calendar(app: AppTest, name: str, week: str) -> AppTest:
    app.text_input(key="aims:calendar:name").set_value(name).run()
    app.text_input(key="aims:calendar:hours").set_value(week).run()
    return clicked(app, "Set calendar")


def test_calendars_are_set_replaced_and_deleted_on_the_page(opened: Opened) -> None:
    app = opened("settings")
    app.session_state["aims:calendar"] = True
    app.run()
    assert not app.exception
    app.selectbox(key="aims:calendar:zone").set_value("Asia/Kolkata").run()
    app.text_input(key="aims:calendar:holidays").set_value("2026-12-25 2027-01-01").run()
    set_calendar(app, "Desk", "mon-fri=09:00-17:00")
    assert not app.exception
    (kept,) = hours.saved(session.kept())
    line = "Mon to Fri 09:00 to 17:00 in Asia/Kolkata, closed on 2 holidays, for every other inbox"
    assert str(kept) == f"Desk: {line}"
    set_calendar(app, "Desk", "mon=9-17")
    assert ["'9-17' are no opening hours" in error.value for error in app.error] == [True]
    assert hours.saved(session.kept()) == [kept]
    clicked(app, "Delete", "Desk")
    assert hours.saved(session.kept()) == []


def waits(app: AppTest) -> str:
    """Return what the chart of waits says."""
    assert not app.exception
    return next((c.proto.alt for c in app.get("vega_lite_chart") if "wait from" in c.proto.alt), "")


def drawn(app: AppTest, name: str) -> AppTest:
    return app.button_group(key="contact_export:wait_by_period:drawing").set_value(name).run()


def test_a_switch_draws_both_waits_and_says_how_they_differ_from_the_exports_own(opened: Opened) -> None:
    app = opened("contact_export")
    assert waits(app).startswith("Median wait from")
    said = [text.value for text in app.caption if "own wait within business hours" in text.value]
    assert said == []
    assert waits(drawn(app, "Business hours")).startswith("Median business wait from")
    (said,) = [text.value for text in app.caption if "own wait within business hours" in text.value]
    assert "is 0 s in the median, and 3 of them differ by a second or more" in said
    assert waits(drawn(app, "Both")).startswith("Median wait from")
    assert "business hours by Desk" in next(text.value for text in app.caption if "America/New York" in text.value)


def test_a_link_holds_what_a_chart_draws(opened: Opened) -> None:
    app = drawn(opened("contact_export"), "Business hours")
    assert app.query_params["wait_by_period.drawn"] == "business_hours"
    again = opened("contact_export", **{"wait_by_period.drawn": "both"})
    assert again.button_group(key="contact_export:wait_by_period:drawing").value == "Both"
    assert "wait_by_period.drawn" not in drawn(again, "Clock").query_params
    other = opened("contact_export", **{"wait_by_period.drawn": "sundial"})
    assert waits(other).startswith("Median wait from")


def test_without_a_calendar_the_card_says_how_to_make_one(
    opened: Opened, loaded: Callable[..., None], tmp_path: Path
) -> None:
    row = contact(fulfilled_at="2024-03-05 10:10:00", queued_to_fulfilled_seconds="600")
    loaded(written(tmp_path / "ContactExport-20240301-20240331.csv", [row]))
    app = opened("contact_export", preset="all")
    assert waits(app).startswith("Median wait from")
    drawn(app, "Business hours")
    assert not waits(app)
    (said,) = [text.value for text in app.caption if text.value.startswith("No calendar is set")]
    assert said.endswith("are not known. Set one on the page Settings, under Calendars.")
