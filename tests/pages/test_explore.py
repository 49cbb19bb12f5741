"""The page Explore: what is picked is drawn, its link shows the same, and what is saved stands on a report's page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from workbench import Workbench
from workbench.ask import views
from workbench.ask.views import View
from workbench.ui import session

Opened = Callable[..., AppTest]
EXPLORED = {"report": "contact_export", "metric": ["contacts", "inbound"], "by": "agent", "preset": "last_14_days"}


def picked(app: AppTest) -> list[object]:
    """Return what the controls show."""
    controls = {widget.key: widget for widget in (*app.selectbox, *app.multiselect)}
    return [controls[f"explore:{name}"].value for name in ("picked", "metrics", "by", "shape")]


def test_a_link_shows_what_is_explored_and_each_control_offers_what_goes_with_the_others(opened: Opened) -> None:
    app = opened("explore", **EXPLORED)
    assert not app.exception
    assert picked(app) == ["contact_export", ["contacts", "inbound"], ["agent"], "bars"]
    assert any("**Contacts, Inbound by agent when ended**" in text.value for text in app.markdown)
    app.multiselect(key="explore:metrics").set_value(["median_queued_to_fulfilled_seconds"]).run()
    app.multiselect(key="explore:by").set_value(["channel", "period"]).run()
    assert picked(app)[1:] == [["median_queued_to_fulfilled_seconds"], ["channel", "period"], "lines"]
    assert app.query_params["by"] == ["channel", "period"]
    copied = opened("explore", **app.query_params)
    assert picked(copied) == picked(app)
    app.selectbox(key="explore:picked").set_value("contacts").run()
    assert not app.exception
    assert picked(app)[:2] == ["contacts", ["contacts_added"]]
    assert "agent" not in app.query_params


def test_what_cannot_be_explored_is_said_in_a_line_and_the_page_stands(opened: Opened) -> None:
    app = opened("explore", report="contact_export", metric="mix_seconds", by="channel")
    assert not app.exception
    assert ["mix_seconds" in error.value for error in app.error] == [True]
    assert picked(app)[1] == ["contacts"]


def test_what_is_saved_stands_on_the_page_of_its_report_and_follows_its_filters(
    opened: Opened, loaded: Callable[..., None], workspace: Path
) -> None:
    Workbench(workspace).close()
    app = opened("explore", **EXPLORED)
    kept, query = session.kept(), {k: [v] if isinstance(v, str) else list(v) for k, v in app.query_params.items()}
    view = View("**Mine** by agent", "contact_export", query)
    views.save(kept, view)
    views.put_on_page(kept, view, True)
    page = opened("contact_export", channel="CHAT")
    assert not page.exception
    assert any(text.value == r"**\*\*Mine\*\* by agent**" for text in page.markdown)
    views.put_on_page(kept, view, False)
    assert not any("Mine" in text.value for text in opened("contact_export").markdown)


def test_a_saved_exploration_whose_dimension_is_gone_is_said_in_its_place(opened: Opened) -> None:
    opened("explore")
    kept = session.kept()
    views.save(kept, View("Old", "contact_export:tiles", {"metric": ["contacts"], "by": ["gone"]}))
    page = opened("contact_export")
    assert not page.exception
    said = [caption.value for caption in page.caption if "cannot be drawn any more" in caption.value]
    assert len(said) == 1
    assert "gone" in said[0]
    next(button for button in page.button if "Take it off the page" in button.label).click().run()
    assert views.tiles(kept, "contact_export") == []


@pytest.mark.parametrize("page", ["contact_export", "inbound_contacts"])
def test_a_reports_page_explores_nothing_whatever_its_link_says(opened: Opened, page: str) -> None:
    metric = "contacts" if page == "contact_export" else "customers"
    app = opened(page, metric=metric, by="channel")
    assert not app.exception
    assert "by" not in app.query_params
