"""The settings by which a report's numbers are made and which texts say: of a link, the command line, a workspace.

What a workspace says of one holds until a question says otherwise, and what is `usual` until the workspace does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench.errors import BadSelection, UnknownName, shortened

Seconds = tuple[tuple[str, float], ...]  # by channel, that of '' for every other one
EVERY = ""  # the channel that stands for every other one
PART = "PART"  # as the command line calls a part of a whole
NONE = "none"  # as a text says that there are no seconds
MOST_SECONDS = 604_800  # a week
MOST_WITHIN_DAYS, MOST_FORWARD_MINUTES = 60, 1_440
DEFINITIONS = {
    "gladly": ("Gladly's", "Fulfilled within the SLA / fulfilled or abandoned"),
    "answered": ("Fulfilled only", "Fulfilled within the SLA / fulfilled"),
    "offered": ("Offered", "Answered within {threshold} / all but those abandoned within {threshold}"),
    "queued": ("Queued", "Answered or abandoned within {threshold} / all"),
}  # of service level: what people call each, and its formula


@dataclass(frozen=True)
class Setting:
    """A setting: its `usual` value as a text says it, and how texts are read and written.

    `read` raises BadSelection or UnknownName. Of one that is `by_channel` the value differs by channel, and is one of a
    row. The value of a `dimension` that is pinned alone stands for that of the setting. `label` is what people call it.
    """

    name: str
    usual: str
    read: Callable[[str], Any]
    metavar: str
    help: str
    label: str
    written: Callable[[Any], str] = str
    by_channel: bool = False
    dimension: str = ""

    @property
    def is_part(self) -> bool:
        """Whether it is a part of a whole, which people think of in percent."""
        return self.metavar == PART


def _definition(text: str) -> str:
    if text not in DEFINITIONS:
        raise UnknownName("service level", text, DEFINITIONS)
    return text


def _seconds(name: str, text: str) -> Seconds:
    """Return the seconds that a text says: of every channel, as `20`; of some besides, as `20,CHAT=60`; or `none`."""
    found: dict[str, float] = {}
    for part in [] if text == NONE else map(str.strip, text.split(",")):
        channel, _, number = part.rpartition("=")
        if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", number.strip()) or float(number) > MOST_SECONDS:
            raise BadSelection(
                f"'{shortened(part)}' are no seconds for a {name}."
                f" Write 0 to {MOST_SECONDS:,}, as 20, or 20,CHAT=60 by channel"
            )
        found[channel.strip().upper()] = float(number)
    return tuple(sorted(found.items()))


def _threshold(text: str) -> Seconds:
    """Return seconds of which those of every channel are never missing."""
    return tuple(sorted(({EVERY: float(USUAL_THRESHOLD)} | dict(_seconds("threshold", text))).items()))


def _short_abandon(text: str) -> Seconds:
    return _seconds("short abandon", text)


def said_seconds(found: Seconds) -> str:
    """Return seconds as a text says them."""
    return ",".join(f"{channel}={number:g}" if channel else f"{number:g}" for channel, number in found) or NONE


def _part(name: str, what: str, usual: float, *, may_be_none: bool = False) -> Callable[[str], float]:
    """Return what reads a part of a whole, less than all of it: what takes all takes agents without end."""

    def read(text: str) -> float:
        number = float(text) if re.fullmatch(r"[0-9]{0,3}\.?[0-9]{1,9}", text) else 1.0
        if 0 < number < 1 or (may_be_none and number == 0):
            return number
        least = "0 or more" if may_be_none else "more than 0"
        raise BadSelection(
            f"'{shortened(text)}' is no {name}. Choose a part of {what}, {least} and less than 1, as {usual} for"
            f" {100 * usual:g} %"
        )

    return read


def _whole(what: str, least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number between two bounds."""

    def read(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
            return int(text)
        raise BadSelection(f"'{shortened(text)}' {what} are not possible. Choose {least} to {most:,} {what}")

    return read


USUAL_THRESHOLD = "20"
SETTINGS = {
    setting.name: setting
    for setting in (
        Setting(
            "service_level", "gladly", _definition, "NAME",
            f"definition of service level, one of: {', '.join(DEFINITIONS)}", "In time means", dimension="definition",
        ),
        Setting(
            "threshold", USUAL_THRESHOLD, _threshold, "SECONDS",
            f"of service level and staffing: {USUAL_THRESHOLD} until set; by channel as 20,CHAT=60",
            "Threshold, seconds", said_seconds, by_channel=True,
        ),
        Setting(
            "short_abandon", NONE, _short_abandon, "SECONDS",
            "leave contacts abandoned within so many seconds out of the service level; by channel as 5,CHAT=10",
            "Short abandon, seconds", said_seconds, by_channel=True,
        ),
        Setting(
            "within_days", "7", _whole("days", 1, MOST_WITHIN_DAYS), "N",
            f"times 24 hours within which another contact is a repeat, 1 to {MOST_WITHIN_DAYS}",
            "Repeat within, days",
        ),
        Setting(
            "forward_minutes", "15", _whole("minutes", 0, MOST_FORWARD_MINUTES), "N",
            f"minutes within which another contact is a forward, 0 to {MOST_FORWARD_MINUTES:,}",
            "Forward within, minutes",
        ),
        Setting(
            "target", "0.8", _part("target", "the calls", 0.8), PART,
            "of the phone calls to answer within the threshold, for staffing: 0.8 until set",
            "Calls to answer in time, percent", "{:g}".format,
        ),
        Setting(
            "shrinkage", "0.3", _part("shrinkage", "the agents", 0.3, may_be_none=True), PART,
            "of the scheduled agents that is away, for staffing: 0.3 until set",
            "Agents who are away, percent", "{:g}".format,
        ),
    )
}  # fmt: skip
ALTERNATIVES = frozenset(setting.dimension for setting in SETTINGS.values() if setting.dimension)
"""The dimensions whose values have the same rows, each by another rule: they never add up to a total."""
