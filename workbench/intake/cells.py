"""A spreadsheet's cells as the text that a CSV export would hold: by what the column is declared to be, exactly.

Excel stores a time as a number of days, so what a number means is known from its column alone: days in a column of
times, seconds in one of durations. A number of 16 digits and more in a column of IDs has lost some: it is written
with an exponent, as a spreadsheet shows it, so that it is seen as damaged and never taken for another ID.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from workbench.exports.model import ColumnType

MOMENTS = ("timestamp", "date")
_EXACT = 1e15  # whole numbers below it keep all of their digits in a spreadsheet
_WHOLE = 1e16  # whole numbers below it are written without an exponent
_MIDNIGHT = time()
_SMALL = {float(n): str(n) for n in range(20_000)}  # found faster than made, and most numbers are among them


@dataclass(frozen=True)
class Calendar:
    """How numbers become times: the day 0 of the workbook's date system, and the years that are taken for dates."""

    is_1904: bool
    years: tuple[int, int]

    @property
    def zero(self) -> datetime:
        """The time of the number 0."""
        return datetime(1904, 1, 1) if self.is_1904 else datetime(1899, 12, 30)

    def moment(self, days: float) -> datetime | None:
        """Return the time that a number of days says, to the millisecond; None when it is not in the years."""
        if not 0 < days < 200_000:
            return None
        found = self.zero + timedelta(milliseconds=round(days * 86_400_000))
        return found if self.years[0] <= found.year <= self.years[1] else None

    def seconds(self, moment: date) -> float | None:
        """Return the seconds of a duration that was shown as a time of day and so read as one.

        None for a real date, for a whole number in a cell that shows dates (it may be of days or of seconds), and for
        the day that the 1900 system has twice: which one is meant cannot be told.
        """
        at = moment if isinstance(moment, datetime) else datetime.combine(moment, _MIDNIGHT)
        if at.year >= 1910 or at.time() == _MIDNIGHT or (not self.is_1904 and at.date() == date(1900, 2, 28)):
            return None
        # The 1900 system has a day too many in its February; before it, its day 0 is another.
        zero = datetime(1899, 12, 31) if not self.is_1904 and at < datetime(1900, 2, 28) else self.zero
        return (at - zero).total_seconds()


def texts(cells: Sequence[object], kind: ColumnType | None, calendar: Calendar) -> Sequence[str]:
    """Return the texts of one column's cells; an empty cell is an empty text."""
    classes = set(map(type, cells))
    if classes == {str}:
        return cells  # type: ignore[return-value]
    if classes <= {str, datetime}:
        return list(map(str, cells)) if kind != "duration" else [text(cell, kind, calendar) for cell in cells]
    if classes <= {str, float} and kind not in (*MOMENTS, "id"):
        return [cell if cell.__class__ is str else _SMALL.get(cell) or number(cell) for cell in cells]  # type: ignore[arg-type, call-overload]
    return [text(cell, kind, calendar) for cell in cells]


def number(value: float) -> str:
    """Return a number as text: whole ones without a point, others with the fewest digits that say them exactly."""
    return repr(int(value)) if value.is_integer() and -_WHOLE < value < _WHOLE else repr(value)


def text(cell: object, kind: ColumnType | None, calendar: Calendar) -> str:
    """Return one cell's text: ISO times, seconds, plain numbers."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if kind in MOMENTS:
            return str(calendar.moment(cell) or number(cell))
        case int() if kind in MOMENTS:
            return str(calendar.moment(cell) or cell)
        case float() | int() if kind == "id" and abs(cell) >= _EXACT:
            return _damaged(cell)
        case float():
            return number(cell)
        case timedelta():
            return number(cell.total_seconds()) if kind == "duration" else _clock(cell)
        case date() | time() if kind == "duration":
            return _duration(cell, calendar)
        case date() if kind in MOMENTS and not isinstance(cell, datetime):
            return f"{cell} 00:00:00"
        case None:
            return ""
        case bytes():
            return cell.decode("utf-8", "replace")
    return str(cell)


def _damaged(value: float) -> str:
    return str(value) if isinstance(value, int) else format(Decimal(repr(value)).normalize(), "E")


def _clock(length: timedelta) -> str:
    """Return a length of time as spreadsheets show it, so that no number is taken for it."""
    seconds = abs(length)
    hours, rest = divmod(seconds, timedelta(hours=1))
    return f"{'-' * (length != seconds)}{hours:02}{str(timedelta() + rest)[1:]}"


def _duration(cell: date | time, calendar: Calendar) -> str:
    if isinstance(cell, time):
        return number(timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second,
                                microseconds=cell.microsecond).total_seconds())  # fmt: skip
    seconds = calendar.seconds(cell)
    return str(cell) if seconds is None else number(seconds)
