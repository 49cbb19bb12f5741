"""Charts of rows that are of no tile: by what they are drawn, in which order, from where to where."""

import pandas as pd
import pytest

from workbench.drawing import plain

TIMES = pd.to_datetime(["2024-03-01", "2024-04-01", None])


@pytest.mark.parametrize(
    ("rows", "by"),
    [({"n": [1], "channel": ["CHAT"]}, "channel"), ({"n": [1], "m": [2]}, "n"), ({"a": ["x"], "b": ["y"]}, "a")],
)
def test_numbers_are_drawn_by_the_first_column_that_is_none(rows: dict[str, list[object]], by: str) -> None:
    assert plain.along(pd.DataFrame(rows), [name for name in rows if name in "nm"]) == by


def test_bars_keep_the_order_of_the_rows_and_days_are_named() -> None:
    rows = pd.DataFrame({"at": TIMES, "n": [5, -2, None]})
    spec = plain.bars(rows, ["n"])
    assert [(value["by"], value["value"]) for value in spec["data"]["values"]] == [
        ("1 Mar 2024", 5), ("1 Apr 2024", -2), ("–", None)
    ]  # fmt: skip
    assert spec["encoding"]["x"]["scale"] == {"domain": [-2, 5]}
    assert spec["encoding"]["y"]["sort"] is None
    assert "yOffset" not in spec["encoding"]
    assert "yOffset" in plain.bars(rows.assign(m=1), ["n", "m"])["encoding"]
    many = pd.DataFrame({"a": [str(n) for n in range(plain.BARS + 1)], "n": 1})
    assert len(plain.bars(many, ["n"])["data"]["values"]) == plain.BARS


def test_lines_go_over_time_over_numbers_and_else_in_order() -> None:
    rows = pd.DataFrame({"at": TIMES[:2], "day": [1, 2], "name": ["a", "b"], "n": [0.5, 2**70]})
    assert plain.lines(rows[["at", "n"]], ["n"])["encoding"]["x"]["type"] == "temporal"
    assert plain.lines(rows[["day", "n"]], ["day", "n"])["encoding"]["x"]["scale"] == {"domain": [1, 2]}
    assert plain.lines(rows[["name", "n"]], ["n"])["encoding"]["x"]["type"] == "nominal"


def test_a_number_of_too_many_digits_is_drawn_and_no_column_can_mean_something() -> None:
    rows = pd.DataFrame({"a.b[0]": ["x", "y"], "large": ["123456789012345678901234567890", None]})
    values = plain.bars(rows, ["large"])["data"]["values"]
    assert [set(value) for value in values] == [{"by", "name", "value"}] * 2
    assert values[0]["value"] == pytest.approx(1.2345678901234568e29)
