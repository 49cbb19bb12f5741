"""What colours say: which change is news, which value is which, and that dimmed text can still be read."""

import math
import re
from collections.abc import Sequence
from colorsys import rgb_to_hls
from itertools import combinations
from typing import Any

import pandas as pd
import pytest

from tests.builders import Desk, contact
from tests.test_drawing import distance
from workbench.ask import answers
from workbench.drawing import charts
from workbench.drawing.colours import Theme, colours, contrast, palette
from workbench.drawing.marks import FADED, Look
from workbench.drawing.news import news
from workbench.reports import REPORTS, Metric, Report, dimensions
from workbench.store.settings import Quiet
from workbench.ui import tables

Shades = dict[str, str]

EXPORT = REPORTS["contact_export"]

WAIT, VOLUME, ANSWERED, ABANDONED = (
    EXPORT.metric(name)
    for name in ("median_queued_to_fulfilled_seconds", "contacts", "answered_rate", "abandoned_rate")
)


@pytest.mark.parametrize(
    ("metric", "now", "before", "told"),
    [
        (WAIT, 110, 100, 0), (WAIT, 110.1, 100, -1), (WAIT, 90, 100, 0), (WAIT, 89.9, 100, 1), (WAIT, -89, -100, -1),
        (ANSWERED, 0.53, 0.5, 0), (ANSWERED, 0.5301, 0.5, 1), (ANSWERED, 0.27, 0.3, 0), (ANSWERED, 0.26, 0.3, -1),
        (ABANDONED, 0.05, 0.01, -1), (VOLUME, 300, 100, 0), (WAIT, math.nan, 100, 0),
    ],
)  # fmt: skip
def test_a_change_is_news_past_10_percent_or_3_points_in_a_direction_that_is_good_or_bad(
    metric: Metric, now: float, before: float, told: int
) -> None:
    assert news(metric, (now - before) / before, now - before, Quiet()) == told


def test_what_is_usual_can_be_set() -> None:
    assert [news(WAIT, 0.2, 20, Quiet(change=limit)) for limit in (0.2, 0.19)] == [0, -1]
    assert [news(ANSWERED, 9.0, 0.02, Quiet(points=limit)) for limit in (0.02, 0.01)] == [0, 1]


# Values --------------------------------------------------------------------------------------------------------------

THEMES: tuple[Theme, ...] = ("light", "dark")


def shares(report: Report, tile: str, **counts: int) -> pd.DataFrame:
    """Return the rows of a breakdown by its first dimension."""
    found = report.tile(tile)
    rows = pd.DataFrame({found.dimensions[0]: list(counts), found.metrics[0]: list(counts.values())})
    return rows.assign(share=rows[found.metrics[0]] / sum(counts.values()))


def drawn(rows: pd.DataFrame, theme: Theme = "light", values: Sequence[str] = (), tile: str = "by_channel") -> Shades:
    """Return the colour of every label of a breakdown."""
    drawing = charts.drawn(EXPORT, EXPORT.tile(tile), rows, Look(theme=theme, values=values))
    return {row["label"]: row["colour"] for row in drawing.rows}


@pytest.mark.parametrize("theme", THEMES)
def test_no_two_values_of_a_tile_share_a_colour_however_many_are_unknown(theme: Theme) -> None:
    new = [f"NEW_{n}" for n in range(2_000)]
    for first in range(0, len(new), 10):
        named = dict.fromkeys(["FB_MESSENGER", "WHATSAPP", *new[first : first + 10]], 5)
        shades = drawn(shares(EXPORT, "by_channel", **named), theme, new[:1_000])
        assert len(set(shades.values())) == len(shades) == 12


@pytest.mark.parametrize("theme", THEMES)
def test_thirty_values_can_be_told_apart_and_none_is_the_grey_of_the_missing(theme: Theme) -> None:
    values = [f"v{n}" for n in range(30)]
    shades = [*colours(None, values, theme, values), palette(theme).missing, palette(theme).other]
    assert min(distance(one, other) for one, other in combinations(shades, 2)) > 30
    assert colours(None, [None, "v0"], theme, values) == [palette(theme).missing, palette(theme).categories[0]]


def test_a_value_has_one_colour_on_every_tile_and_under_every_filter(desk: Desk) -> None:
    names = ["SMS", "FAX", "PIGEON", "FAX", "PIGEON", "PIGEON"]
    desk.load(*(contact(channel=name) for name in names), contact(channel="FAX", direction="OUTBOUND"))
    seen: dict[str, set[str]] = {}
    for report in ("contact_export", "inbound_contacts"):
        for only in (None, "FAX", "PIGEON"):
            asked = desk.workbench.report(report, **({"channel": only} if only else {}))
            tile = asked.question.report.tile("by_channel")
            look = Look(values=answers.values(asked.question, tile))
            for row in charts.drawn(asked.question.report, tile, asked.tile(tile.name), look).rows:
                seen.setdefault(row["label"], set()).add(row["colour"])
    assert {label: len(shades) for label, shades in seen.items()} == {"SMS": 1, "Fax": 1, "Pigeon": 1}
    assert len(set.union(*seen.values())) == 3


SOURCES = [
    REPORTS[report].dimension(key)
    for report, key in (("contacts", "source"), ("assignments", "source"), ("conversations", "opened_source"),
                        ("conversations", "closed_source"))
]  # fmt: skip


@pytest.mark.parametrize("theme", THEMES)
def test_a_source_has_one_colour_whichever_report_says_it(theme: Theme) -> None:
    seen: dict[str, set[str]] = {}
    for dimension in SOURCES:
        names = [name for name, _ in dimension.value_labels]
        for label, shade in zip(map(dimension.shown, names), colours(dimension, names, theme), strict=True):
            seen.setdefault(label, set()).add(shade)
    assert {label for label, shades in seen.items() if len(shades) > 1} == set()
    assert len(set.union(*seen.values())) == len(seen)


def test_what_takes_the_first_colours_is_a_source() -> None:
    declared = {label for dimension in SOURCES for _, label in dimension.value_labels}
    assert {*dimensions._OFTEN} <= declared


@pytest.mark.parametrize("theme", THEMES)
def test_a_channel_has_one_colour_in_every_system(theme: Theme) -> None:
    keys = {"contact_export": "channel", "contacts": "channel", "conversations": "opened_channel"}
    gladly, *messaging = (REPORTS[report].dimension(key) for report, key in keys.items())
    codes = {label: code for code, label in gladly.value_labels}
    for dimension in messaging:
        shared = [name for name, label in dimension.value_labels if label in codes]
        assert shared == ["SMS", "Facebook Messenger", "WhatsApp", "Email"]
        own, theirs = (colours(of, names, theme) for of, names in
                       ((dimension, shared), (gladly, [codes[name] for name in shared])))  # fmt: skip
        assert own == theirs


@pytest.mark.parametrize("theme", THEMES)
def test_no_value_is_red_which_says_that_something_is_wrong(theme: Theme) -> None:
    for shade in palette(theme).categories:
        red, green, blue = (int(shade[n : n + 2], 16) / 255 for n in (1, 3, 5))
        hue, _, saturation = rgb_to_hls(red, green, blue)
        assert 18 / 360 < hue < 326 / 360 or saturation < 0.3, shade


@pytest.mark.parametrize("theme", THEMES)
def test_what_stands_at_an_axis_and_in_a_legend_has_a_contrast_of_4_5(theme: Theme) -> None:
    rows = shares(EXPORT, "by_channel", CHAT=5, SMS=3)
    config = charts.drawn(EXPORT, EXPORT.tile("by_channel"), rows, Look(theme=theme)).spec["config"]
    for part in ("axis", "legend"):
        for words in ("labelColor", "titleColor"):
            assert contrast(config[part][words], palette(theme).background) >= 4.5


# Dimmed --------------------------------------------------------------------------------------------------------------


def inks(spec: dict[str, Any]) -> set[str]:
    """Return every colour in which a chart writes, of texts whose colour is a fixed one."""
    layers = [layer for layer in spec["layer"] if layer["mark"]["type"] == "text"]
    return set(re.findall(r"#[0-9A-Fa-f]{6}", str([(layer["mark"], layer["encoding"]) for layer in layers])))


@pytest.mark.parametrize("theme", THEMES)
def test_text_keeps_a_contrast_of_4_5_on_dimmed_bars_slices_and_rows(theme: Theme) -> None:
    rows, ground = shares(EXPORT, "by_channel", CHAT=5, SMS=3, EMAIL=2), palette(theme).background
    look = Look(theme=theme, pinned=(("channel", ("CHAT",)),))
    bars = charts.drawn(EXPORT, EXPORT.tile("by_channel"), rows, look)
    assert [row["strength"] for row in bars.rows] == [1, FADED, FADED]
    assert inks(bars.spec) == {palette(theme).text, palette(theme).missing}
    assert min(contrast(ink, ground) for ink in inks(bars.spec)) >= 4.5
    table = tables.coloured(rows.astype(str), theme, ["share"], [False, True, True]).to_html()
    colours_of_table = set(re.findall(r"color: (#\w+)", table))
    assert colours_of_table == {palette(theme).missing}
    assert {layer["mark"].get("opacity") for layer in bars.spec["layer"] if layer["mark"]["type"] == "text"} == {None}


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)
