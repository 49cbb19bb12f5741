"""Whatever a page shows of files, links and people is no markup (guarantee 16): every text that an element holds is
looked at, so that a new element which shows one without `escaped` is found and named."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from tests import planted
from tests.planted import DAYS, FORMULA, IMAGE, LINK, PLACE, PLANTED
from workbench.ask.logs import LogLayout, Page
from workbench.reports import REPORTS
from workbench.ui import session

Opened = Callable[..., AppTest]
# What Streamlit shows as it is: a text here is no Markdown. Whatever is not named is taken for Markdown.
PLAIN = {
    "Selectbox.options", "Selectbox.raw_value", "MultiSelect.options", "MultiSelect.raw_values", "TextInput.value",
    "TextInput.default", "Dataframe.columns", "VegaLiteChart.spec", "VegaLiteChart.alt", "Code.code_text",
}  # fmt: skip


UNDESCRIBED = "a column that nothing is said of"


def held(message: Any) -> Iterator[tuple[str, str]]:
    """Yield every text of an element with the name of its field; of a table's columns their help."""
    for field, value in message.ListFields():
        name = f"{message.DESCRIPTOR.name}.{field.name}"
        for each in value if field.is_repeated else [value]:
            if isinstance(each, Message):
                yield from held(each)
            elif isinstance(each, str):
                yield name, each
            if name == "Dataframe.columns":
                columns = {name: column for name, column in json.loads(each).items() if not column.get("hidden")}
                yield from (("help of a column", column.get("help") or UNDESCRIBED) for column in columns.values())


def texts(block: Any) -> Iterator[tuple[str, str]]:
    """Yield every text of a page."""
    if getattr(block, "proto", None) is not None:
        yield from held(block.proto)
    for child in getattr(block, "children", {}).values():
        yield from texts(child)


def holds(text: str, each: Iterable[str]) -> bool:
    """Tell whether a text holds one of others, in whatever case."""
    return any(one.lower() in text.lower() for one in each)


class Seen:
    """What the pages have shown: which planted texts, and those that Markdown would take for its own."""

    def __init__(self) -> None:
        self.markup: set[tuple[str, str]] = set()
        self.plain: set[str] = set()
        self.escaped: set[str] = set()

    def look(self, app: AppTest) -> AppTest:
        """Take in a page as it is now."""
        assert not app.exception
        cells = [("a cell", str(cell)) for table in app.table for cell in table.value.to_numpy().ravel()]
        for name, text in (*texts(app._tree), *cells):
            assert text != UNDESCRIBED
            if holds(text, PLANTED):
                self.plain.add(name)
                if name not in PLAIN and not name.endswith(".id"):
                    self.markup.add((name, text))
            if holds(text, map(session.escaped, PLANTED)):
                self.escaped.add(name)
        return app


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    planted.make(folder / "workspace.duckdb", folder)
    return folder


@pytest.fixture
def workspace(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("WORKBENCH_WORKSPACE", str(made / "workspace.duckdb"))
    yield made / "workspace.duckdb"
    session.close()


def click(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label.partition(" :small[")[0] == label).click().run()


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.few
def test_a_report_shows_no_foreign_text_as_markup(opened: Opened, name: str) -> None:
    report, seen = REPORTS[name], Seen()
    dates = {"from_": DAYS["from"], "to": DAYS["to"]}
    keys = [dimension.key for dimension in report.filters]
    seen.look(opened(name, **dates))
    seen.look(opened(name, **dates, **dict.fromkeys(keys, IMAGE)))  # what nothing holds is named too
    for pin in (f"{keys[0]}={IMAGE}", f"{keys[-1]}={LINK}"):
        seen.look(opened(name, **dates, pin=pin))
    app = opened(name, **dates)
    for tile in report.tiles:
        app.session_state[f"{name}:{tile.name}:view"] = "table"
    for log in report.logs:
        app.session_state[f"{name}:logs"] = log.title
        app.session_state[f"{name}:{log.name}:layout"] = LogLayout(columns=(*log.offered, IMAGE))
        seen.look(app.run())
        app.session_state[f"{name}:{log.name}:opening"] = Page(log.log.sort if log.log else "", limit=1)
        fields = [found for found in seen.look(app.run()).markdown if re.match(r":gray\[.*\]  \n", found.value)]
        assert all(field.proto.help for field in fields)
    for button in ("About", "Views", "SQL"):
        seen.look(click(app, button))
    assert seen.markup == set()
    assert {"Button.label", "Markdown.body"} <= seen.escaped
    assert "MultiSelect.options" in seen.plain


def test_a_link_shows_no_foreign_text_as_markup(opened: Opened) -> None:
    seen = Seen()
    for wrong in ({"preset": IMAGE}, {"compare": LINK}, {"rollup": IMAGE}, {"pin": f"{IMAGE}={LINK}"}, {IMAGE: LINK}):
        assert seen.look(opened(**wrong)).error
    assert seen.markup == set()
    assert "Alert.body" in seen.escaped


def test_data_and_settings_show_no_foreign_text_as_markup(opened: Opened, made: Path) -> None:
    seen = Seen()
    app = seen.look(opened("data"))
    for key in ("uploads:folder", "data:history", "data:templates", "data:workspace"):
        app.session_state[key] = True
    seen.look(app.run())
    loads = session.own().loads()
    for chosen in range(len(loads)):
        seen.look(_selected(app, chosen))
    click(app, "Take this load back")
    seen.look(app)
    newer, older = [n for n, load in enumerate(loads) if load["kind"] == "gladly_contact_export"][:2]
    _selected(app, newer)
    box = next(box for box in app.selectbox if box.label == "Compare it with another load of its kind")
    seen.look(box.set_value(loads[older]["load_id"]).run())
    (folder := made / "unknown").mkdir()
    unread = folder / f"{PLACE}.xlsx"
    unread.write_bytes(IMAGE.encode())
    refused = folder / f"{FORMULA}.csv"
    refused.write_text(f"{IMAGE}\n{LINK}\n")
    for file in (planted.unknown(folder), planted.rejected(folder), unread, refused):
        app.file_uploader[0].upload(file.name, file.read_bytes())
    seen.look(_done(app.run()))
    loading = [button for button in app.button if button.label.startswith("Load ")]
    seen.look(_done(loading[0].click().run()))
    app = seen.look(opened("settings"))
    for made_of, _ in session.own().mappings():
        app.session_state[f"remembered:{hash(made_of.header)}"] = True
    seen.look(app.run())
    app.text_input(key="setting:folders").set_value(f"/{IMAGE}").run()
    seen.look(app)
    assert seen.markup == set()
    assert {"Alert.body", "Markdown.body", "Expandable.label", "MultiSelect.help"} <= seen.escaped


def _done(app: AppTest) -> AppTest:
    if "uploads:job" in app.session_state:
        app.session_state["uploads:job"].thread.join()
        app.run()
    return app


def _selected(app: AppTest, row: int) -> AppTest:
    app.session_state[f"history:{session.own().version}"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()
