"""What is drawn of the numbers: a ring's sum and slices, incomplete periods as hatched, more as stronger."""

import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from tests.builders import Desk, contact
from workbench import places
from workbench.ask.selection import merged
from workbench.drawing import charts, formats, gaps, marks, over_time
from workbench.drawing.colours import Theme, contrast, palette
from workbench.drawing.marks import SAME, Drawing, Look, Rows, hatched
from workbench.reports import REPORTS, Report, Tile

REPORT = REPORTS["inbound_contacts"]
EXPORT = REPORTS["contact_export"]


def ring(*counts: int) -> Drawing:
    channels = [f"CHANNEL_{n}" for n in range(len(counts))]
    rows = pd.DataFrame({"channel": channels, "inbound_contacts": counts})
    rows["share"] = rows["inbound_contacts"] / sum(counts)
    return charts.breakdown(REPORT, REPORT.tile("by_channel"), rows, Look())


@pytest.mark.parametrize(
    ("counts", "bars", "inside"),
    [
        ((900, 90, 5, 4, 1), 5, ("1,000", "")),
        ((1,) * 13, 13, ("13", "")),  # one value needs no other name
        ((30, *[15] * 11, 15, 14), 13, ("224", "")),
        ((30, *[15] * 11, 15, 15), 13, ("195", "12 of 14 values")),
        ((1,) * 200, 13, ("12", "12 of 200 values")),
    ],
)
def test_the_rest_is_never_the_largest_slice_and_the_ring_says_how_many_it_shows_instead(
    counts: tuple[int, ...], bars: int, inside: tuple[str, str]
) -> None:
    drawn = ring(*counts)
    assert len(drawn.rows) == bars
    assert {(row["total"], row["only"]) for row in drawn.rows} == {inside}
    sliced = [row for row in drawn.rows if "end" in row]
    assert max(sliced, key=lambda row: row["size"])["label"] == "Channel 0"
    assert (len(sliced) < bars) == bool(inside[1])
    assert {"only", "total"} <= drawn.layers.words


def test_a_slice_is_as_large_as_its_share_and_the_slices_fill_the_ring() -> None:
    turns = [(row["start"] / (2 * math.pi), row["end"] / (2 * math.pi)) for row in ring(6, 3, 3).rows]
    assert turns == [pytest.approx(turn) for turn in ((0, 0.5), (0.5, 0.75), (0.75, 1))]


def test_bars_and_slices_share_their_colours_and_no_two_values_have_the_same() -> None:
    drawn = ring(*range(12, 0, -1))
    shades = [row["colour"] for row in drawn.rows]
    assert len(set(shades)) == len(shades) == 12
    coloured = [layer["encoding"]["color"]["field"] for layer in drawn.layers.spec["layer"] if "colour" in str(layer)]
    assert coloured == ["colour", "colour"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_names_of_what_is_dimmed_are_grey_and_can_be_read(theme: Theme) -> None:
    rows = pd.DataFrame({"channel": ["CHAT", "SMS"], "inbound_contacts": [2, 1], "share": [0.6, 0.4]})
    drawn = charts.breakdown(REPORT, REPORT.tile("by_channel"), rows, Look(theme=theme))
    colour = next(layer["encoding"]["y"]["axis"]["labelColor"] for layer in drawn.layers.spec["layer"]
                  if "axis" in layer["encoding"].get("y", {}))  # fmt: skip
    tokens = palette(theme)
    assert (colour["condition"]["value"], colour["value"]) == (tokens.missing, tokens.text)
    assert "'strength'" in colour["condition"]["test"]
    assert contrast(tokens.missing, tokens.background) >= 4.5


def test_the_stylesheet_has_the_colours_of_the_theme() -> None:
    sheet = (places.THEME.parents[1] / "workbench" / "ui" / "style.css").read_text(encoding="utf-8")
    theme = tomllib.loads(places.THEME.read_text(encoding="utf-8"))["theme"]
    tokens = {"background": "backgroundColor", "border": "borderColor", "primary": "primaryColor"}
    assert dict(re.findall(r"--([a-z]+): light-dark\((.*)\);", sheet)) == {
        name: f"{theme['light'][token]}, {theme['dark'][token]}" for name, token in tokens.items()
    }


# Periods -------------------------------------------------------------------------------------------------------------


def days(**look: Any) -> Drawing:
    """Return the bars of three days."""
    rows = pd.DataFrame({"period": pd.to_datetime(["2024-03-04", "2024-03-05", "2024-03-06"])})
    rows[list(REPORT.tile("by_period").metrics)] = [5, 3, 2]
    return over_time.over_time(REPORT, REPORT.tile("by_period"), rows, Look(**look))


def looks(mark: dict[str, Any]) -> str:
    if isinstance(mark.get("fill"), dict):
        return "hatched"
    return "dashed" if "strokeDash" in mark else "plain"


def passes(row: dict[str, Any], condition: str) -> bool:
    """Tell whether a row passes a layer's filter: flags, each as it is or not."""
    flags = [flag.removeprefix("datum.") for flag in condition.split(" && ")]
    return all(row[flag.removeprefix("!datum.")] != flag.startswith("!") for flag in flags)


def bars(spec: dict[str, Any], rows: Rows) -> dict[str, list[str]]:
    """Return by the look of bars the labels of the periods that have such a one."""
    found: dict[str, list[str]] = {}
    for layer in spec["layer"]:
        [condition] = [step["filter"] for step in layer.get("transform", ()) if "filter" in step] or [""]
        if re.search("is_(incomplete|growing)", condition):
            found[looks(layer["mark"])] = [row["label"] for row in rows if passes(row, condition)]
    return found


MON, TUE, WED = "Mon 4 Mar", "Tue 5 Mar", "Wed 6 Mar"


@pytest.mark.parametrize(
    ("look", "plain", "hatched", "dashed"),
    [
        ({}, [MON, TUE, WED], [], []),
        ({"incomplete": [datetime(2024, 3, 4)]}, [TUE, WED], [MON], []),
        ({"growing_from": datetime(2024, 3, 5)}, [MON], [], [TUE, WED]),
        ({"incomplete": [datetime(2024, 3, 5)], "growing_from": datetime(2024, 3, 5)}, [MON], [TUE], [WED]),
    ],
)
def test_a_period_has_one_bar_hatched_where_it_is_cut_and_dashed_where_it_still_grows(
    look: dict[str, Any], plain: list[str], hatched: list[str], dashed: list[str]
) -> None:
    drawn = days(**look)
    assert bars(drawn.layers.spec, drawn.rows) == {"plain": plain, "hatched": hatched, "dashed": dashed}
    notes = {**dict.fromkeys(hatched, over_time.INCOMPLETE), **dict.fromkeys(dashed, over_time.GROWING)}
    assert [row["note"] for row in drawn.rows] == [notes.get(day, "") for day in (MON, TUE, WED)]
    texts = {str(layer.get("mark", {}).get("text")) for layer in drawn.layers.spec["layer"]}
    signs = {"incomplete day": bool(hatched), "still maturing": bool(dashed)}
    assert {words: words in texts for words in signs} == signs


@pytest.mark.parametrize("rollup", ["day", "half_hour"])
@pytest.mark.parametrize("is_cut", [True, False])
def test_what_hatching_says_stands_above_bars_lines_and_stacks(rollup: str, is_cut: bool) -> None:
    look = Look(rollup=rollup, incomplete=[datetime(2024, 3, 4)] if is_cut else [])
    for report, name in ((REPORT, "by_period"), (EXPORT, "wait_by_period"), (REPORTS["assignments"], "by_period")):
        tile = report.tile(name)
        rows = pd.DataFrame({"period": pd.to_datetime(["2024-03-04", "2024-03-05"]), "source": ["Bot", "User"]})
        rows[list(tile.metrics)] = 1
        drawn = charts.drawn(report, tile, rows, look)
        said = [layer.get("mark", {}).get("text") for layer in drawn.layers.spec["layer"]]
        assert (f"incomplete {rollup.replace('_', ' ')}" in said) == is_cut
        assert [f"{gaps.CUT}_from" in row for row in drawn.rows] == [is_cut, False]


LEGENDS = {"values": ("assignments", "by_period"), "lines": ("workload", "by_period")}


@pytest.mark.parametrize("legend", LEGENDS)
@pytest.mark.parametrize("width", [240, 300, 480, 700, 960])
def test_a_legend_takes_as_few_lines_as_its_width_allows(legend: str, width: int) -> None:
    name, tile = LEGENDS[legend][0], REPORTS[LEGENDS[legend][0]].tile(LEGENDS[legend][1])
    rows = pd.DataFrame({"period": pd.to_datetime(["2024-03-04"] * 5), "source": ["Bot", "User", "API", *LONG]})
    rows[list(tile.metrics)] = 1.0
    drawn = charts.drawn(REPORTS[name], tile, rows if legend == "values" else rows[:1], Look())
    colours = [layer["encoding"]["color"] for layer in drawn.layers.spec["layer"] if "legend" in str(layer)]
    steps = re.findall(r"width >= (\d+) \? \((\d+)\)", colours[0]["legend"]["columns"]["expr"])
    names = colours[0]["scale"]["domain"]
    columns = next((int(columns) for least, columns in steps if width >= int(least)), 1)
    wide = [[26 + 6.2 * (len(name) + 1) for name in names[n::columns]] for n in range(columns)]
    assert columns == 1 or sum(map(max, wide)) + 10 * (columns - 1) <= width + 1
    assert columns == len(names) or width < 960


def test_what_is_said_at_the_right_stands_beside_the_first_line_only_where_columns_leave_it_room() -> None:
    tile = REPORTS["conversations"].tile("resolution_by_period")
    rows = pd.DataFrame({"period": pd.to_datetime(["2024-03-04", "2024-03-05"]), "periods_before": 1})
    for name in tile.metrics:
        rows[[name, f"{name}_before", f"{name}_change_rate"]] = [[60.0, 50.0, 0.2], [90.0, 50.0, 0.8]]
    rows["p90_resolution_seconds"] = [90_000.0, 600_000.0]  # so that the scale is said
    drawn = charts.drawn(REPORTS["conversations"], tile, rows, Look(compared="12 Sep to 11 Oct 2026"))
    colour = next(layer["encoding"]["color"] for layer in drawn.layers.spec["layer"] if "legend" in str(layer))
    names = ["Median resolution", "90 % resolution", "Median resolution, 12 Sep to 11 Oct 2026"]
    assert colour["scale"]["domain"] == names
    steps = re.findall(r"width >= (\d+) \? \(?(\d+|-1)", colour["legend"]["offset"]["expr"])
    first, second, third = (min(230, 6.2 * (len(name) + 1)) + 26 for name in names)
    said = 6.2 * len("square-root scale") + 10
    wide = {int(lift): int(least) for least, lift in steps if lift != "-1"}
    assert wide == {
        0: pytest.approx(first + second + third + 20 + said, abs=1), 36: pytest.approx(first + said, abs=1),
        18: pytest.approx(third + second + 10 + said, abs=1),  # the first column is as wide as what stands below
    }  # fmt: skip


LONG = ("Close Conversation (Legacy)", "Click-to-chat ads")


def across_of(report: Report, tile: Tile, values: dict[str, list[object]]) -> dict[str, Any]:
    """Return the axis under the columns of a tile's grid."""
    rows = pd.DataFrame(values).assign(**dict.fromkeys(tile.metrics, 1))
    drawn = charts.heat_map(report, tile, rows, Look())
    [squares] = [layer for layer in drawn.layers.spec["layer"] if layer["mark"]["type"] == "rect"]
    return dict(squares["encoding"]["x"]["axis"])


def test_a_grid_names_every_value_across_level_where_its_columns_have_room_and_of_hours_some() -> None:
    by_hour = EXPORT.tile("by_hour")
    other = replace(by_hour, dimensions=("channel", "status"))
    axis = across_of(EXPORT, other, {"channel": ["CHAT"], "status": ["X"]})
    assert axis["labelAngle"] == {"expr": "width / 1 >= 44 ? 0 : -35"}
    assert axis["labelExpr"].startswith("width / 1 >= 44 ? split(")
    assert axis["labelOverlap"] is False
    hours = across_of(EXPORT, by_hour, {"weekday": [1, 2], "hour": [3, 4]})
    assert (hours["labelAngle"], hours["labelOverlap"]) == (0, "parity")


def test_columns_of_the_rows_values_have_numbers_where_no_word_has_room() -> None:
    report = REPORTS["repeat_contacts"]
    tile = report.tile("to_channel")
    channels: list[object] = ["FACEBOOK_MESSENGER", "SMS"]
    axis = across_of(report, tile, dict.fromkeys(tile.dimensions, channels))
    longest = 5 * len("messenger") + 2
    names = '["Facebook messenger", "SMS"]'
    assert axis["labelExpr"] == (
        f"width / 2 >= {longest} ? split(datum.label, ' ') : '' + (indexof({names}, datum.label) + 1)"
    )


@pytest.mark.parametrize(
    ("rollup", "start", "end", "expected"),
    [
        ("day", "2024-03-05", "2024-03-06", ("2024-03-05", "2024-03-06")),
        ("half_hour", "2024-03-05 23:30:00", "2024-03-06 23:30:00", ("2024-03-05", "2024-03-06")),
        ("week", "2024-02-26", "2024-03-04", ("2024-03-02", "2024-03-10")),  # of a range that begins on a Saturday
        ("month", "2024-03-01", "2024-04-01", ("2024-03-02", "2024-04-20")),
        ("quarter", "2024-01-01", "2024-01-01", ("2024-03-02", "2024-03-31")),
    ],
)
def test_periods_reach_over_whole_days_of_those_that_are_asked_for(
    rollup: str, start: str, end: str, expected: tuple[str, str]
) -> None:
    within = date(2024, 3, 2), date(2024, 4, 20)
    periods = [datetime.fromisoformat(start), datetime.fromisoformat(end)]
    assert over_time.days(periods, rollup, within) == tuple(map(date.fromisoformat, expected))


def test_a_period_without_rows_cannot_be_clicked_unless_it_is_pinned() -> None:
    rows = pd.DataFrame({"period": pd.to_datetime(["2024-03-04", "2024-03-05"]), "inbound_contacts": [0, 3]})
    tile = REPORT.tile("by_period")
    rows[[name for name in tile.metrics if name not in rows]] = 1
    heard = [(("period", ("2024-03-05 00:00:00",)),)]
    assert list(charts.drawn(REPORT, tile, rows, Look()).pins.values()) == heard
    pinned = (("period", ("2024-03-04 00:00:00",)),)
    assert list(charts.drawn(REPORT, tile, rows, Look(pinned=pinned)).pins.values()) == [pinned, *heard]


@pytest.mark.parametrize("values", [9, 10])
def test_lines_of_what_does_not_add_up_say_how_many_values_they_draw(values: int) -> None:
    wait = "median_queued_to_fulfilled_seconds"
    tile = Tile("lines", "", "values_over_time", EXPORT.main, ("period", "channel"), ("period", "channel"), (wait,))
    periods = {"period": pd.to_datetime(["2024-03-04"] * values)}
    rows = pd.DataFrame(periods | {"channel": [f"C{n}" for n in range(values)], wait: range(values)})
    words = charts.drawn(EXPORT, tile, rows, Look()).layers.spec["layer"]
    said = [layer.get("mark", {}).get("text") for layer in words]
    assert (f"8 of {values} values" in said) == (values == 10)


@pytest.mark.parametrize(("values", "last"), [(13, ("Channel 0", "0:00:00")), (14, ("Other (2 values)", "–"))])
def test_bars_of_what_does_not_add_up_name_the_rest_without_a_number(values: int, last: tuple[str, str]) -> None:
    wait = "median_queued_to_fulfilled_seconds"
    tile = Tile("bars", "", "bar", EXPORT.main, ("channel",), ("channel",), (wait,))
    rows = pd.DataFrame({"channel": [f"CHANNEL_{n}" for n in range(values)], wait: range(values)})
    row = charts.drawn(EXPORT, tile, rows, Look()).rows[-1]
    assert (row["label"], row["number"]) == last


def test_axes_end_where_all_rows_do_though_a_layer_has_none_of_them() -> None:
    for drawn in (days(), team()):
        scales = [layer["encoding"]["y"]["scale"] for layer in drawn.layers.spec["layer"]
                  if layer.get("encoding", {}).get("y", {}).get("type") == "quantitative"]  # fmt: skip
        assert scales
        assert all("least" in scale["domain"]["expr"] and "most" in scale["domain"]["expr"] for scale in scales)
    assert {(row["least"], row["most"]) for row in days().rows} == {(0, 5)}
    assert {(row["least"], row["most"]) for row in team().rows} == {(0, 1 + 2 + 3 + 4)}  # a stack's


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_a_bar_is_compared_with_is_a_line_across_it_that_stands_out_from_it(theme: Theme) -> None:
    tile = REPORT.tile("by_period")
    rows = pd.DataFrame({"period": pd.to_datetime(["2024-03-04", "2024-03-05"]), "inbound_contacts_before": [4, 6]})
    rows[list(tile.metrics)] = [5, 3, 2]
    layers = over_time.over_time(REPORT, tile, rows, Look(theme=theme)).layers.spec["layer"]
    y = "inbound_contacts_before"
    compared = [layer for layer in layers if y in layer.get("encoding", {}).get("y", {}).get("field", "")]
    assert [layer["mark"]["type"] for layer in compared] == ["rule", "rule"]
    ground, line = compared
    assert (ground["mark"]["color"], ground["mark"]["strokeWidth"]) == (palette(theme).background, 4)
    assert "strokeDash" in line["encoding"]
    assert {
        (layer["encoding"]["x"]["bandPosition"], layer["encoding"]["x2"]["bandPosition"]) for layer in compared
    } == {(over_time.INSET, 1 - over_time.INSET)}


TEAM = REPORTS["team_engagement"]
PEOPLE = ("Ann", "Bo", None, "Total")


def team(people: Sequence[str | None] = PEOPLE, **look: Any) -> Drawing:
    """Return the bars of some people over two days: the first of them sent 1 message, the next 2, and none later."""
    rows = [(day, agent, n * (day == 4)) for day in (4, 5) for n, agent in enumerate(people, 1)]
    frame = pd.DataFrame(rows, columns=["period", "agent", "messages_sent"])
    frame["period"] = [pd.Timestamp(2024, 3, day) for day in frame["period"]]
    return over_time.values(TEAM, TEAM.tile("sent_by_period"), frame, Look(**look))


def told(drawn: Drawing, day: str) -> list[tuple[str, str]]:
    """Return the tooltip of a day, which every bar of it and the whole band behind them have."""
    layers = [layer["encoding"] for layer in drawn.spec["layer"] if "tooltip" in layer.get("encoding", {})]
    bars, band = ([(part["title"], part["field"]) for part in layer["tooltip"]] for layer in layers[::-1])
    *band, drag = band
    assert bars == [*band, (" ", "hint"), drag]
    tooltips = [[(title, row[name]) for title, name in band] for row in drawn.rows if row["label"] == day]
    assert all(tooltip == tooltips[0] for tooltip in tooltips)
    return tooltips[0]


def test_the_tooltip_of_a_day_has_everybodys_number_and_the_total() -> None:
    numbers = [(f"Total{SAME}", 4), ("No agent", 3), ("Bo", 2), ("Ann", 1)]
    drawn = team(gaps=[(datetime(2024, 3, 6), datetime(2024, 3, 7))])
    assert told(drawn, MON) == [("Day", MON), *((name, str(n)) for name, n in numbers), ("Total", "10"), ("Note", "")]
    assert told(drawn, TUE)[1:-1] == [*((name, "0") for name, _ in numbers), ("Total", "0")]
    assert told(drawn, WED) == [
        ("Day", WED), *((name, "–") for name, _ in numbers), ("Total", "–"), ("Note", "Not loaded"),
    ]  # fmt: skip


@pytest.mark.parametrize("extra", [0, 1])
def test_a_tooltip_names_as_many_as_fit_on_a_screen_and_sums_up_the_others(extra: int) -> None:
    people = [f"Agent {n:02}" for n in range(over_time.MOST_TOLD + extra)]
    names = [title for title, _ in told(team(people), MON)]
    assert (len(names), "Other (2 values)" in names) == (over_time.MOST_TOLD + 2, bool(extra))
    assert told(team(people), MON)[-1] == ("Total", str(sum(range(len(people) + 1))))


@pytest.mark.parametrize("people", [9, 30])
def test_nobody_in_a_stack_shares_a_colour_and_only_those_without_a_name_are_grey(people: int) -> None:
    drawn = team([None, *(f"Agent {n:02}" for n in range(people - 1))][::-1])
    [scale] = [
        layer["encoding"]["color"]["scale"] for layer in drawn.spec["layer"] if "color" in layer.get("encoding", {})
    ]
    assert len(set(scale["range"])) == len(scale["range"]) == 9
    shades = dict(zip(scale["domain"], scale["range"], strict=True))
    assert [name for name, shade in shades.items() if shade == palette("light").missing] == ["No agent"]


def test_the_bars_of_everybody_are_dashed_where_their_period_still_grows() -> None:
    drawn = team(growing_from=datetime(2024, 3, 5))
    assert {row["label"]: row["is_growing"] for row in drawn.rows} == {MON: False, TUE: True}
    [bars] = [layer["encoding"] for layer in drawn.spec["layer"] if "strokeDash" in layer.get("encoding", {})]
    look = {name: bars[name]["condition"][0] for name in ("strokeDash", "strokeWidth", "fillOpacity")}
    assert {name: condition["value"] for name, condition in look.items()} == {
        "strokeDash": [4, 3], "strokeWidth": 1, "fillOpacity": 0.35,
    }  # fmt: skip
    assert {condition["test"] for condition in look.values()} == {"datum.is_growing"}
    assert told(drawn, TUE)[-1] == ("Note", over_time.GROWING)


def test_the_chart_of_a_report_hatches_the_weeks_that_the_loaded_files_cut(desk: Desk) -> None:
    desk.load(contact("2024-03-05 10:00:00"))
    spec = desk.workbench.report("inbound_contacts", rollup="week").chart("by_period").to_dict()
    drawn = bars(spec, spec["data"]["values"])
    assert drawn["hatched"] == ["Week of 26 Feb 2024"]
    assert len(drawn["plain"]) == 4


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_stripes_change_between_the_colour_and_the_background(theme: Theme) -> None:
    stops = hatched("#123456", theme).to_dict()["stops"]
    stripes = [stops[n]["color"] for n in range(0, len(stops), 2)]
    assert all(one != other for one, other in pairwise(stripes))
    assert set(stripes) == {"#123456", palette(theme).background}
    assert [stop["offset"] for stop in stops] == sorted(stop["offset"] for stop in stops)


# Strength ------------------------------------------------------------------------------------------------------------


def distance(one: str, other: str) -> int:
    """Return how far a colour is from another, each written as #rrggbb."""
    return sum(abs(int(one[n : n + 2], 16) - int(other[n : n + 2], 16)) for n in (1, 3, 5))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_hours_with_more_contacts_are_farther_from_the_background(theme: Theme) -> None:
    rows = pd.DataFrame({"weekday": [1, 1, 2], "hour": [9, 10, 9], "contacts": [1, 8, 3]})
    drawn = charts.heat_map(
        EXPORT,
        EXPORT.tile("by_hour"),
        rows.assign(contacts_per_occurrence=rows["contacts"], median_queued_to_fulfilled_seconds=None),
        Look(theme=theme),
    )
    [squares] = [layer for layer in drawn.layers.spec["layer"] if layer["mark"]["type"] == "rect"]
    shades = [distance(shade, palette(theme).background) for shade in squares["encoding"]["color"]["scale"]["range"]]
    assert shades == sorted(shades)
    assert "busiest Monday, 10:00, 8.00" in drawn.message


def test_what_became_of_a_value_stands_in_the_order_of_the_values_and_both_ways_are_named() -> None:
    report = REPORTS["repeat_contacts"]
    tile = report.tile("to_channel")
    pairs = [("CHAT", "EMAIL", 5), ("CHAT", "SMS", 9), ("EMAIL", "CHAT", 1), ("SMS", "SMS", 2)]
    rows = pd.DataFrame(pairs, columns=["channel", "next_channel", "requests"])
    drawn = charts.drawn(report, tile, rows, Look())
    [squares] = [layer for layer in drawn.layers.spec["layer"] if layer["mark"]["type"] == "rect"]
    assert [(row["number"], row["is_strong"]) for row in drawn.rows] == [
        ("5", True), ("9", True), ("1", False), ("2", False),
    ]  # fmt: skip
    across, down = squares["encoding"]["x"], squares["encoding"]["y"]
    # By their requests across it would be SMS first, of which eleven requests were the next ones.
    assert list(down["sort"]) == list(across["sort"]) == ["Chat", "SMS", "Email"]
    assert (down["axis"]["title"], across["axis"]["title"]) == ("Channel", "Channel of the repeat")
    assert drawn.message == "Requests: most Chat to SMS, 9"


def test_each_row_of_a_grid_has_room_for_its_name_and_a_week_is_as_high_always() -> None:
    tile = REPORTS["repeat_contacts"].tile("to_channel")
    heights = [
        charts.height(tile, pd.DataFrame({"channel": [str(n) for n in range(many)], "next_channel": "CHAT"}))
        for many in (1, 5, 6, 13, 14, 40)
    ]
    assert heights == [260, 260, 272, 454, 454, 454]
    week = pd.DataFrame({"weekday": range(1, 8), "hour": 0})
    assert charts.height(EXPORT.tile("by_hour"), week) == charts.height(EXPORT.tile("by_hour"), week[:1]) == 260


# What changed ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1.3, "+1.3 s"), (-0.4, "−0.4 s"), (59.94, "+59.9 s"), (59.96, "+1 m 0 s"), (-107, "−1 m 47 s"), (None, "–")],
)
def test_a_part_of_a_change_is_said_in_tenths_under_a_minute_and_signed(seconds: float | None, said: str) -> None:
    assert formats.signed(seconds) == said


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (-1e-9, "points", "0.0 points"), (0.0004, "points", "0.0 points"), (0.0005, "points", "+0.1 points"),
        (-0.001, "decimal", "0.00"), (-0.00001, "rate", "0.0 %"), (-0.4, "duration", "0:00:00"),
        (-0.01, "decimal", f"{formats.MINUS}0.01"), (-10, "count", f"{formats.MINUS}10"),
    ],
)  # fmt: skip
def test_what_is_nothing_as_it_is_shown_has_no_sign(value: float, kind: formats.Format, said: str) -> None:
    assert formats.shown(value, kind) == said


def test_a_change_of_nothing_has_no_sign() -> None:
    contacts, answered = (REPORTS["contact_export"].metric(name) for name in ("contacts", "answered_rate"))
    assert formats.change(-0.0001, -1, contacts) == formats.change(0.0001, 1, contacts) == "0.0 %"
    assert formats.change(0.5, -0.0001, answered) == "0.0 points"


@pytest.mark.parametrize(("metric", "said"), [("contacts", "0.0 %"), ("answered_rate", "0.0 points")])
def test_no_change_has_no_sign(metric: str, said: str) -> None:
    assert formats.change(0.0, 0.0, EXPORT.metric(metric)) == said


@pytest.mark.parametrize(("values", "shown", "other"), [(6, 6, False), (7, 6, True)])
def test_what_changed_least_is_one_row_and_the_last_is_the_difference_of_both_averages(
    values: int, shown: int, other: bool
) -> None:
    rows = pd.DataFrame({"inbox": [f"Inbox {n}" for n in range(values)], "contribution_seconds": range(values)})
    wait = "average_queued_to_fulfilled_seconds"
    rows[[wait, f"{wait}_before", "contacts", "contacts_before"]] = 60, 30, 2, 1
    drawn = charts.drawn(EXPORT, EXPORT.tile("by_inbox"), rows, Look(wholes=(30.0, 75.0)))
    *parts, total = drawn.rows
    assert (len(parts), any("Other" in row["label"] for row in parts)) == (shown, other)
    assert sum(row["size"] for row in parts) == sum(range(values))
    assert (total["contribution"], total["average"], total["rows"]) == ("+45.0 s", "1 m 15 s", f"{2 * values}")
    assert (total["label"], "cell" in total) == (f"All {values} values", False)


@pytest.mark.parametrize(
    ("most", "named"),
    [(50, []), (300, [60, 300]), (8_304, [60, 300, 1_200, 3_600, 7_200]), (8_306, [300, 1_200, 3_600, 7_200]),
     (40_000, [1_200, 3_600, 7_200, 14_400, 28_800])],
)  # fmt: skip
def test_an_axis_of_square_roots_names_each_of_its_lines_and_none_that_would_touch(most: int, named: list[int]) -> None:
    terms = re.findall(r"most <= (\d+) \? (\d+) : 0", marks._roots("most"))
    kept = [int(tick) for room, tick in terms if most <= int(room) and int(tick) <= most]
    assert kept == named
    apart = [math.sqrt(after / most) - math.sqrt(before / most) for before, after in pairwise([0, *kept])]
    assert all(distance >= marks.APART - 0.001 for distance in apart)


def test_a_part_of_a_change_has_its_bar_and_its_number_in_a_narrow_card_too() -> None:
    rows = pd.DataFrame({"inbox": ["A", "B"], "contribution_seconds": [3, -1]})
    wait = "average_queued_to_fulfilled_seconds"
    rows[[wait, f"{wait}_before", "contacts", "contacts_before"]] = 60, 30, 2, 1
    layers = charts.drawn(EXPORT, EXPORT.tile("by_inbox"), rows, Look(wholes=(30.0, 75.0))).layers.spec["layer"]

    def needs_width(layer: dict[str, Any]) -> bool:
        return any("width" in str(step.get("filter")) for step in layer.get("transform", ()))

    bars = [layer for layer in layers if layer["encoding"].get("x", {}).get("field") == "size"]
    texts = {layer["encoding"].get("text", {}).get("field"): needs_width(layer) for layer in layers}
    numbers = {name: texts[name] for name in ("label", "contribution", "average", "rows")}
    assert [needs_width(bar) for bar in bars] == [False]
    assert numbers == {"label": False, "contribution": False, "average": True, "rows": True}


def test_a_cell_is_added_to_what_is_pinned_taken_off_again_or_alone_where_both_are_no_set() -> None:
    chat, sms, both = ((("channel", names),) for names in (("CHAT",), ("SMS",), ("CHAT", "SMS")))
    assert [merged(chat, sms), merged(both, sms)] == [both, chat]
    nine, ten = (("weekday", ("1",)), ("hour", ("9",))), (("weekday", ("1",)), ("hour", ("10",)))
    assert merged(nine, ten) == (("weekday", ("1",)), ("hour", ("9", "10")))
    other_day = (("weekday", ("2",)), ("hour", ("10",)))
    assert merged(nine, other_day) == other_day


WORKLOAD = REPORTS["workload"]


def test_a_week_is_a_row_for_each_day_with_a_bar_for_each_half_hour_that_has_one() -> None:
    agents = {"agents_erlang_c": [3.0, None, 5.0, 5.0], "agents_erlang_a": [2.0, None, 5.0, 4.0]}
    tile = WORKLOAD.tile("staffing")
    rows = pd.DataFrame({"weekday": [1, 1, 7, 7], "half_hour": ["00:00", "08:30", "00:30", "23:30"]} | agents)
    rows[[name for name in tile.metrics if name not in rows]] = 1.0
    week = charts.drawn(WORKLOAD, tile, rows, Look())
    places = [(row["floor"], row["place"], row["end"]) for row in week.rows]
    assert places == [(6, 0, 1), (6, 17, 18), (0, 1, 2), (0, 47, 48)]  # Monday is the highest row
    assert [round(row["top"] - row["floor"], 3) for row in week.rows] == [0.372, 0, 0.62, 0.62]
    assert [round(row["other"] - row["floor"], 3) for row in week.rows if "other" in row] == [0.248, 0.496]
    assert [row["number"] for row in week.rows] == ["3", "", "5", "5"]
    assert [row.get("is_highest", False) for row in week.rows] == [True, False, True, False]  # one of each day
    assert week.message == "Agents, Erlang C: most Sunday, 00:30, 5"
    assert list(week.pins.values())[3] == (("weekday", ("7",)), ("half_hour", ("23:30",)))
    words = str(week.spec)
    assert "more than Erlang A" in words
    same = charts.drawn(WORKLOAD, tile, rows.assign(agents_erlang_a=rows["agents_erlang_c"]), Look())
    assert "more than" not in str(same.spec)
