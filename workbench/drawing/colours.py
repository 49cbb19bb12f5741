"""Which colour a value has on every chart, from the tokens of `.streamlit/config.toml` and nothing else."""

import tomllib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from colorsys import hls_to_rgb
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Literal

from workbench import places
from workbench.reports import Dimension

Theme = Literal["light", "dark"]
SHADES = (("#FFFFFF", 0.35), ("#000000", 0.35))  # mixed into the ten colours for the values after the tenth
GOLDEN = 0.618034  # of a turn: hues so far apart that none is met again
UNKNOWN = 10_000  # places after the known ones


@dataclass(frozen=True)
class Palette:
    """The colours of one theme. `missing` is for values that are not there, `other` for those too small to show.

    `faint` is for rules and grounds. `warning` and `problem` say that something is wrong, and are for nothing else.
    """

    categories: tuple[str, ...]
    sequential: tuple[str, ...]
    primary: str
    text: str
    background: str
    missing: str
    other: str
    faint: str
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
        other=_mixed(tokens["grayColor"], tokens["backgroundColor"], 0.5),
        faint=tokens["dataframeBorderColor"] if theme == "dark" else tokens["borderColor"],
        line=tokens["grayColor"],
        warning=tokens["orangeColor"],
        problem=tokens["redColor"],
    )


def colours(
    dimension: Dimension | None, drawn: Sequence[str | None], theme: Theme, values: Sequence[str] = ()
) -> list[str]:
    """Return the colour of each value drawn: its own by its place among all, and of none another's beside it.

    No filter changes it: known are the values that the dimension declares, and after them the `values` that other
    loaded rows have, the most frequent first. The missing value is grey, and nothing else is.
    """
    places = _places(dimension, values)
    taken: set[str] = set()
    return [_free(places, name, theme, taken) for name in drawn]


def _places(dimension: Dimension | None, values: Sequence[str]) -> dict[str, int]:
    """Return the places of declared values, in their order or that of the labels they share, and of others behind."""
    labels = dict(dimension.value_labels) if dimension else {}
    order = (dimension.coloured_as if dimension else ()) or tuple(labels.values())
    others = (name for name in values if name not in labels)
    return {name: order.index(label) for name, label in labels.items()} | {
        name: place for place, name in enumerate(others, start=len(order))
    }


def _free(places: Mapping[str, int], name: str | None, theme: Theme, taken: set[str]) -> str:
    """Return a value's colour; one of no known place, far down the list, makes way for those before it."""
    if name is None:
        return palette(theme).missing
    place = places.get(name, 1 + max(places.values(), default=-1) + zlib.crc32(name.encode()) % UNKNOWN)
    found = next(shade for shade in (_nth(theme, n) for n in count(place)) if shade not in taken)
    taken.add(found)
    return found


@cache
def _nth(theme: Theme, place: int) -> str:
    """Return the colour of a place: the theme's ten, the same lighter and darker, then hues that never repeat."""
    categories = palette(theme).categories
    step, hue = divmod(place, len(categories))
    if step <= len(SHADES):
        return _mixed(categories[hue], *((categories[hue], 0.0), *SHADES)[step])
    parts = hls_to_rgb(place * GOLDEN % 1, (0.4, 0.5, 0.6)[place % 3], 0.5)
    return _written(parts)


def _mixed(own: str, other: str, amount: float) -> str:
    return _written([(1 - amount) * one + amount * two for one, two in zip(_parts(own), _parts(other), strict=True)])


def _parts(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))


def _written(parts: Iterable[float]) -> str:
    return f"#{''.join(f'{round(part * 255):02X}' for part in parts)}"


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, as the Web Content Accessibility Guidelines define it."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
