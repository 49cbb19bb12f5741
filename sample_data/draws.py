"""The draws that the sample data rests on, and the calendar of its days: whole numbers, alike on every machine.

Floating-point draws may differ between processors in the last digit, so distributions are tables of whole numbers.
"""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from statistics import NormalDist
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Instants = NDArray[np.datetime64]  # UTC, in nanoseconds; NaT is missing
Spans = NDArray[np.timedelta64]
Arrays = dict[str, NDArray[Any]]


ZONE = ZoneInfo("America/New_York")
CHUNK = 250_000
# How busy the hours are from midnight on, and the days from Monday on.
HOURS = (3, 2, 1, 1, 1, 2, 6, 18, 45, 78, 96, 92, 74, 70, 88, 94, 84, 66, 44, 33, 24, 16, 9, 5)
WEEKDAYS = (118, 108, 104, 100, 102, 55, 38)
OPEN_HOURS, OPEN_WEEKDAYS = range(7, 21), range(6)
SECOND, HOUR, NO_TIME = np.timedelta64(1, "s"), np.timedelta64(1, "h"), np.timedelta64(0, "ns")


def _quantiles(sigma: float) -> list[int]:
    """Return a lognormal's 4,097 quantiles as millionths of its median."""
    return [round(1e6 * math.exp(sigma * NormalDist().inv_cdf((k + 0.5) / 4097))) for k in range(4097)]


LOGNORMAL = np.array([_quantiles(tenths / 10) for tenths in range(15)], dtype=np.int64)


class Dice:
    """The draws for one chunk of rows; every method returns one value per row."""

    def __init__(self, rows: int, *seed: int) -> None:
        self.rows = rows
        self._source = np.random.Generator(np.random.PCG64(seed))

    def between(self, low: int, high: int) -> Ints:
        """Draw evenly, both ends included."""
        return self._source.integers(low, high + 1, self.rows)

    def chance(self, per_mille: int | Ints) -> Flags:
        """Draw true that many times in a thousand."""
        return self.between(0, 999) < per_mille

    def picked(self, weights: Sequence[int]) -> Ints:
        """Draw positions, in proportion to the weights."""
        bounds = np.cumsum(weights)
        return np.searchsorted(bounds, self.between(0, bounds[-1] - 1), side="right").astype(np.int64)

    def lognormal(self, median: int | Ints, tenths: int | Ints) -> Ints:
        """Draw from lognormal distributions with these medians and these sigmas in tenths."""
        drawn = self.between(0, (4096 << 12) - 1)
        place, within = drawn >> 12, drawn & 4095
        low, high = LOGNORMAL[tenths, place], LOGNORMAL[tenths, place + 1]
        return np.asarray(median * (low + ((high - low) * within >> 12)) // 1_000_000)

    def unit(self) -> NDArray[np.float64]:
        """Draw multiples of 2^-53 in [0, 1), which every machine calculates alike."""
        return self._source.random(self.rows)


class Calendar:
    """The hours of a period: how busy each is, its offset from UTC, and the business time until it begins."""

    def __init__(self, days: int, end: date, seed: int) -> None:
        start, pulled = (_midnight(end - timedelta(days - 1)), _midnight(end + timedelta(1)))
        moods = np.random.Generator(np.random.PCG64(seed)).integers(88, 113, days).tolist()
        instants = [start + timedelta(hours=n) for n in range(24 * (days + 8))]
        local = [instant.astimezone(ZONE) for instant in instants]
        is_open = np.array([hour.hour in OPEN_HOURS and hour.weekday() in OPEN_WEEKDAYS for hour in local])
        self.pulled = np.datetime64(pulled.replace(tzinfo=None), "ns")
        self._hours = np.array([instant.replace(tzinfo=None) for instant in instants], "datetime64[ns]")
        self._offsets = np.array([hour.utcoffset() for hour in local], "timedelta64[s]")
        self._local_hour = np.array([hour.hour for hour in local])
        self._open = is_open
        self._business = (np.cumsum(is_open) - is_open) * HOUR.astype("timedelta64[ns]")
        busy = [_busyness(hour, end, moods) if hour < pulled else 0 for hour in local]
        self._busy, self._until = np.array(busy), np.cumsum(busy)

    def queued(self, first: int, contacts: int, dice: Dice) -> Instants:
        """Return when contacts were queued, in order from the first one: one per equal share of busyness."""
        positions = np.arange(first, first + dice.rows)
        target = (positions + dice.unit()) * (self._until[-1] / contacts)
        hour = np.searchsorted(self._until, target, side="right")
        within = (target - (self._until - self._busy)[hour]) / self._busy[hour]
        return np.asarray(self._hours[hour] + (within * 3600).astype(np.int64) * SECOND)

    def wall(self, instants: Instants) -> Instants:
        """Return the wall times, in whole seconds."""
        return np.asarray(instants.astype("datetime64[s]") + self._offsets[self._hour(instants)])

    def is_night(self, instants: Instants) -> Flags:
        """Return where nobody picks up the phone."""
        return ~np.isin(self._local_hour[self._hour(instants)], OPEN_HOURS)

    def business_time(self, start: Instants, end: Instants) -> Spans:
        """Return the time within business hours between two instants."""
        return self._business_until(end) - self._business_until(start)

    def _business_until(self, instants: Instants) -> Spans:
        hour = self._hour(instants)
        within = np.where(self._open[hour] | np.isnat(instants), instants - self._hours[hour], NO_TIME)
        return np.asarray(self._business[hour] + within)

    def _hour(self, instants: Instants) -> Ints:
        known = np.where(np.isnat(instants), self._hours[0], instants)
        return np.asarray(np.clip((known - self._hours[0]) // HOUR, 0, len(self._hours) - 1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def _busyness(local: datetime, end: date, moods: Sequence[int]) -> int:
    day = len(moods) - 1 - (end - local.date()).days
    growth = 1000 + 150 * day // len(moods)
    return HOURS[local.hour] * WEEKDAYS[local.weekday()] * moods[day] * growth
