"""Which colour a value has on every chart, from the tokens of `.streamlit/config.toml` and nothing else."""

import tomllib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from workbench import places
from workbench.reports import Dimension

Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class Palette:
    """The colours of one theme. `missing` is for values that are not there, `other` for those too small to show.

    `warning` and `problem` say that something is wrong, and are for nothing else.
    """

    categories: tuple[str, ...]
    sequential: tuple[str, ...]
    primary: str
    text: str
    background: str
    missing: str
    other: str
    line: str
    warning: str
    problem: str


@cache
def palette(theme: Theme) -> Palette:
    """Return the colours of the light or dark theme."""
    tokens = tomllib.loads(places.THEME.read_text(encoding="utf-8"))["theme"][theme]
    return Palette(
        categories=tuple(tokens["chartCategoricalColors"]),
        sequential=tuple(tokens["chartSequentialColors"]),
        primary=tokens["chartCategoricalColors"][0],
        text=tokens["textColor"],
        background=tokens["backgroundColor"],
        missing=tokens["grayColor"],
        other=tokens["dataframeBorderColor"] if theme == "dark" else tokens["borderColor"],
        line=tokens["grayColor"],
        warning=tokens["orangeColor"],
        problem=tokens["redColor"],
    )


def colour(dimension: Dimension | None, value: str | None, theme: Theme, values: Sequence[str] = ()) -> str:
    """Return a value's colour, which no filter changes: by its place among the known values, else by its text.

    Known are those that the dimension declares, or the `values` that all loaded rows have, the most frequent first.
    """
    colours = palette(theme)
    if value is None:
        return colours.missing
    known = [name for name, _ in dimension.value_labels] if dimension else []
    known = known or list(values)
    if value in known:
        return colours.categories[known.index(value) % len(colours.categories)]
    free = colours.categories[len(known) :] or colours.categories
    return free[zlib.crc32(value.encode()) % len(free)]
