"""Dates and times as people read them: one notation for every page, message and table of texts."""

from datetime import date, datetime


def day(value: date) -> str:
    """Return a date as `2 Dec 2025`."""
    return f"{value.day} {value:%b %Y}"


def timestamp(value: datetime) -> str:
    """Return a time as `2 Dec 2025, 14:05`."""
    return f"{day(value)}, {value:%H:%M}"


def moment(value: datetime) -> str:
    """Return a time as `2 Dec 2025, 14:05:30`, for where seconds decide: a row of its own, beside another one."""
    return f"{day(value)}, {value:%H:%M:%S}"
