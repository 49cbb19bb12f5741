"""Charts of rows that are of no tile, as a user's own SQL gives them: of whatever columns there are."""

import json
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

import pandas as pd

from workbench.time.words import day, timestamp

BARS = 60  # rows at most, the first ones
_BAR, _AROUND, _LEAST, _LINE = 22, 60, 160, 360  # pixels: of a bar, around all of them, of their chart, of one of lines


def along(rows: pd.DataFrame, numbers: Sequence[str]) -> str:
    """Return the column by which numbers are drawn: the first that is no number, else the first."""
    return next((str(name) for name in rows if name not in numbers), str(rows.columns[0]))


def bars(rows: pd.DataFrame, numbers: Sequence[str]) -> dict[str, Any]:
    """Return the Vega-Lite specification of horizontal bars, in the order of the rows, of several numbers by turns."""
    by, rows = along(rows, numbers), rows[:BARS]
    names = [name for name in numbers if name != by]
    values = _values(rows[names], _texts(rows[by]))
    beside = {"yOffset": {"field": "name", "sort": None}} if len(names) > 1 else {}
    size = max(_LEAST, len(rows) * len(names) * _BAR + _AROUND)
    where = {"field": "by", "type": "nominal", "title": None, "sort": None}
    return _spec("bar", values, {"y": where, "x": _amount(values, names)} | beside, names, size)


def lines(rows: pd.DataFrame, numbers: Sequence[str]) -> dict[str, Any]:
    """Return the Vega-Lite specification of a line for each number, over time, over a number, or in the rows' order."""
    by = along(rows, numbers)
    names = [name for name in numbers if name != by]
    where: dict[str, Any] = {"field": "by", "type": "nominal", "title": None, "sort": None}
    if by in numbers:
        values = _values(rows[names], pd.to_numeric(rows[by], errors="coerce"))
        where |= {"type": "quantitative", "scale": _scale(values, "by")}
    elif _is_time(rows[by]):
        values = _values(rows[names], (rows[by] - pd.Timestamp(0)) // pd.Timedelta(milliseconds=1))
        where |= {"type": "temporal", "scale": _scale(values, "by") | {"type": "utc"}}
    else:
        values = _values(rows[names], _texts(rows[by]))
    return _spec("line", values, {"x": where, "y": _amount(values, names)}, names, _LINE)


def _is_time(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_datetime64_any_dtype(column)


def _texts(column: "pd.Series[Any]") -> list[str]:
    if not _is_time(column):
        return column.map(str).tolist()
    known = column.dropna()
    said = day if all(at.time() == time.min for at in known) else timestamp
    return ["–" if pd.isna(at) else said(at) for at in column]


def _values(numbers: pd.DataFrame, by: object) -> list[dict[str, Any]]:
    """Return a row per value, under names of ours: what a SELECT calls its columns may mean something in a chart."""
    parts = [
        pd.DataFrame({"by": by, "name": name, "value": pd.to_numeric(numbers[name], errors="coerce")})
        for name in numbers
    ]
    read: list[dict[str, Any]] = json.loads(pd.concat(parts).to_json(orient="records"))
    return read


def _amount(values: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    title = names[0] if len(names) == 1 else None
    return {
        "field": "value", "type": "quantitative", "title": title, "stack": None, "scale": _scale(values, "value", 0)
    }  # fmt: skip


def _scale(values: Sequence[Mapping[str, Any]], name: str, *ends: float) -> dict[str, Any]:
    """Return a scale from the least to the most, said outright: a browser draws before the values have come."""
    known = [value[name] for value in values if value[name] is not None]
    return {"domain": [min([*known, *ends], default=0), max([*known, *ends], default=1)]}


def _spec(
    mark: str, values: object, encoding: Mapping[str, object], names: Sequence[str], height: int
) -> dict[str, Any]:
    legend = {"orient": "top"} if len(names) > 1 else None
    colour = {"field": "name", "type": "nominal", "title": None, "sort": None, "legend": legend}
    return {
        "data": {"values": values}, "mark": mark, "encoding": {**encoding, "color": colour}, "height": height
    }  # fmt: skip
