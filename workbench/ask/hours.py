"""Calendars of opening hours: what one is, how texts say it, and the relations by which SQL knows when it is open.

Whoever keeps calendars is `ask/calendars.py`; when each is open, `queries/entities/gladly_open_hours.sql` computes.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any
from unicodedata import normalize

from workbench.ask import lists
from workbench.errors import BadSelection, UnknownName, one_line, shortened
from workbench.sql import literal
from workbench.store.workspace import Workspace
from workbench.time import zones

KEY = "calendars"
WAIT = "business_wait_seconds"  # the column of a contact that rests on them
LONGEST, MOST_SPANS, MOST_DAYS = 80, 100, 1_000  # characters of a name, spans of a week, holidays
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60  # minutes
COUNTRY_YEARS = range(zones.USUAL_YEARS[0], zones.USUAL_YEARS[1] + 1)  # of which a country's holidays are taken
SAID = "mon-fri=09:00-17:00"
NONE_SET = "No calendar is set, so waits within business hours are not known"
_HOURS = re.compile(r"([a-z,-]+)=([0-9:,-]+)")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")

Bound = Callable[[str, object], str]  # SQL for a value under a name


@dataclass(frozen=True, order=True)
class Span:
    """Open hours of a weekday, 0 on Monday: minutes since its midnight; the end can lie on the next day."""

    weekday: int
    opens: int
    closes: int

    def __str__(self) -> str:
        """Return the hours as texts say them; an end on the next day is one before the start."""
        end = self.closes if self.closes <= MIDNIGHT else self.closes - MIDNIGHT
        return f"{self.opens // 60:02}:{self.opens % 60:02}-{end // 60:02}:{end % 60:02}"


@dataclass(frozen=True)
class Calendar:
    """Opening hours in a zone, the days on which no span begins, and the inboxes that follow it.

    Every inbox that none names follows the one that `is_default`. `country` is whose holidays are `of_country`: those
    of COUNTRY_YEARS, taken when it was set, so that numbers do not depend on who has the library.
    """

    name: str
    zone: str
    hours: tuple[Span, ...]
    holidays: tuple[date, ...] = ()
    country: str = ""
    of_country: tuple[date, ...] = ()
    inboxes: tuple[str, ...] = ()
    is_default: bool = False

    def as_json(self) -> lists.Entry:
        """Return the calendar as a file has it."""
        week = {DAYS[day]: [str(span) for span in spans] for day, spans in self._by_day}
        found: lists.Entry = {"name": self.name, "zone": self.zone, "hours": week}
        found |= {"holidays": [day.isoformat() for day in self.holidays]} if self.holidays else {}
        days = [day.isoformat() for day in self.of_country]
        found |= {"country": self.country, "of_country": days} if self.country else {}
        found |= {"inboxes": [*self.inboxes]} if self.inboxes else {}
        return found | ({"default": True} if self.is_default else {})

    @property
    def _by_day(self) -> list[tuple[int, list[Span]]]:
        return [(day, list(spans)) for day, spans in groupby(self.hours, key=lambda span: span.weekday)]

    @property
    def week(self) -> str:
        """The opening hours as texts say them, days alike together: `mon-fri=09:00-17:00 sat=10:00-14:00`."""
        texts = [(day, ",".join(map(str, spans))) for day, spans in self._by_day]
        runs = groupby(enumerate(texts), key=lambda each: (each[1][0] - each[0], each[1][1]))
        return " ".join(f"{_days([day for _, (day, _) in run])}={text}" for (_, text), run in runs)

    @property
    def closed(self) -> str:
        """The days on which it stays closed, in words; empty without any."""
        own = f"{len(self.holidays)} holiday{'s' * (len(self.holidays) != 1)}" if self.holidays else ""
        of_country = f"holidays of {self.country} {COUNTRY_YEARS[0]} to {COUNTRY_YEARS[-1]}" if self.country else ""
        return " and ".join(filter(None, (own, of_country)))

    @property
    def _spoken(self) -> str:
        """The opening hours in words."""
        parts = [part.replace("-", " to ").replace(",", ", ").split("=") for part in self.week.split(" ")]
        return "; ".join(f"{days.title().replace(' To ', ' to ')} {spans}" for days, spans in parts)

    def __str__(self) -> str:
        """Return it in a line."""
        followed = ["every other inbox"] if self.is_default else []
        parts = (f"{self._spoken} in {self.zone.replace('_', ' ')}", self.closed and f"closed on {self.closed}",
                 f"for {', '.join([*self.inboxes, *followed]) or 'no inbox'}")  # fmt: skip
        return f"{self.name}: {', '.join(filter(None, parts))}"


def _days(days: Sequence[int]) -> str:
    return DAYS[days[0]] if len(days) == 1 else f"{DAYS[days[0]]}-{DAYS[days[-1]]}"


# Texts ---------------------------------------------------------------------------------------------------------------


def said(
    name: str, zone: str, hours: Sequence[str], holidays: Sequence[str] = (), country: str = "",
    inboxes: Sequence[str] = (), *, is_default: bool = False,
) -> Calendar:  # fmt: skip
    """Return the calendar that texts say, checked; of a country the holidays are asked for.

    Hours are texts such as SAID. Raises BadSelection and UnknownName.
    """
    code = country.strip().upper().rstrip("-")
    return _checked(
        Calendar(
            " ".join(name.split()), zone, _week(hours), tuple(sorted({_day(text) for text in holidays})), code,
            _of_country(code) if code else (), tuple(dict.fromkeys(normalize("NFC", text).strip() for text in inboxes)),
            is_default,
        )
    )  # fmt: skip


def of_json(entry: Mapping[str, Any]) -> Calendar:
    """Return the calendar that an entry of a file is. Raises BadSelection and UnknownName."""
    known = ("name", "zone", "hours", "holidays", "country", "of_country", "inboxes", "default")
    for key in entry:
        if key not in known:
            raise UnknownName("key of a calendar", key, known)
    week = [f"{day}={','.join(_texts(spans))}" for day, spans in dict(entry["hours"]).items()]
    holidays, inboxes, own = (_texts(entry.get(key) or []) for key in ("holidays", "inboxes", "of_country"))
    code = str(entry.get("country") or "")
    found = said(
        str(entry["name"]), str(entry["zone"]), week, holidays, "" if own else code, inboxes,
        is_default=bool(entry.get("default")),
    )  # fmt: skip
    return _checked(replace(found, country=code, of_country=tuple(map(_day, own)))) if own else found


def _texts(found: object) -> list[str]:
    if not isinstance(found, list):
        raise BadSelection("Hours, holidays and inboxes of a calendar are lists of texts")
    return [str(text) for text in found]


def _checked(calendar: Calendar) -> Calendar:
    names = (calendar.name, *calendar.inboxes)
    if not 0 < len(calendar.name) <= LONGEST or any(name != one_line(name) for name in names):
        raise BadSelection(f"A calendar has a name of 1 to {LONGEST} characters that can be shown, such as: Desk")
    if not calendar.hours:
        raise BadSelection(f"The calendar {calendar.name} has no opening hours. Say some, as {SAID}")
    if len(calendar.hours) > MOST_SPANS or len(calendar.holidays) > MOST_DAYS or len(calendar.of_country) > MOST_DAYS:
        raise BadSelection(f"A calendar has {MOST_SPANS} spans of hours and {MOST_DAYS:,} holidays at the most")
    if not all(calendar.inboxes):
        raise BadSelection("An inbox without a name cannot be named. It follows the default calendar")
    zones.zone(calendar.zone)
    return calendar


def _week(texts: Sequence[str]) -> tuple[Span, ...]:
    return tuple(sorted({span for text in texts for part in text.split() for span in _spans(part.lower())}))


def _spans(text: str) -> Iterable[Span]:
    """Yield the spans that a text such as SAID says."""
    found = _HOURS.fullmatch(text)
    if not found:
        raise BadSelection(f"'{shortened(text)}' are no opening hours. Write them as {SAID}, or sat,sun=22:00-06:00")
    for day in _weekdays(found[1]):
        for hours in found[2].split(","):
            yield _span(day, hours)


def _weekdays(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        start, end = _weekday(first), _weekday(last or first)
        days += [(start + n) % 7 for n in range((end - start) % 7 + 1)]
    return days


def _weekday(text: str) -> int:
    if text[:3] not in DAYS:
        raise UnknownName("weekday", text, DAYS)
    return DAYS.index(text[:3])


def _span(day: int, text: str) -> Span:
    found = _SPAN.fullmatch(text)
    hours = [int(number) for number in found.groups()] if found else []
    opens, closes = (hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]) if hours else (0, 0)
    if opens == closes or opens >= MIDNIGHT or closes > MIDNIGHT or any(minute > 59 for minute in hours[1::2]):
        raise BadSelection(
            f"'{shortened(text)}' are no opening hours. Write them as 09:00-17:00; a whole day is 00:00-24:00"
        )
    return Span(day, opens, closes if closes > opens else closes + MIDNIGHT)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadSelection(f"'{shortened(text)}' is not a date. Write it as 2024-01-31") from None


def _of_country(code: str) -> tuple[date, ...]:
    """Return the holidays of a country, or of a part of it, as `US` or `DE-BY`. Raises BadSelection."""
    try:
        import holidays
    except ImportError:
        raise BadSelection(
            "The holidays of a country need a package more: pip install 'contact-workbench[holidays]'."
            " Or list their dates"
        ) from None
    country, _, part = code.partition("-")
    try:
        return tuple(sorted(holidays.country_holidays(country, subdiv=part or None, years=COUNTRY_YEARS)))
    except NotImplementedError:
        raise BadSelection(f"No holidays are known of '{shortened(code)}'. Write a code as US or DE-BY") from None


# Relations -----------------------------------------------------------------------------------------------------------


def saved(workspace: Workspace) -> list[Calendar]:
    """Return the calendars of a workspace, but for broken ones, the default one first, then by name."""
    return in_order(lists.kept(workspace, KEY))


def in_force(workspace: Workspace) -> list[Calendar]:
    """Return the calendars by which numbers are made. Raises BadSelection where one is broken, not to leave it out."""
    found = saved(workspace)
    if len(found) < len(lists.kept(workspace, KEY)):
        raise BadSelection(
            "A calendar that is kept cannot be read. Set any calendar, or import yours: that takes it out"
        )
    return found


def in_order(entries: Iterable[lists.Entry]) -> list[Calendar]:
    """Return the calendars that are kept as entries of a list, but for broken ones, in the order of `saved`."""
    found = lists.understood(entries, of_json)
    return sorted(found, key=lambda calendar: (not calendar.is_default, calendar.name.casefold(), calendar.name))


def relations(calendars: Sequence[Calendar], bound: Bound) -> Mapping[str, Callable[[], str]]:
    """Return what makes the SELECT of each relation that tells of calendars, which go by their numbers there.

    A missing inbox stands for every one that none of them names. Weekdays are 1 on Monday.
    """
    named = list(enumerate(calendars, start=1))
    clocks = {name: n for n, name in enumerate(dict.fromkeys(each.zone for each in calendars), start=1)}
    return {
        "calendar_hours": lambda: _listed(
            {"calendar": "integer", "clock": "integer", "weekday": "integer", "opens": "integer", "closes": "integer"},
            [(n, clocks[c.zone], s.weekday + 1, s.opens, s.closes) for n, c in named for s in c.hours],
        ),
        "calendar_holidays": lambda: _listed(
            {"calendar": "integer", "day": "timestamp"},
            [(n, datetime(d.year, d.month, d.day)) for n, c in named for d in sorted({*c.holidays, *c.of_country})],
        ),
        "calendar_clocks": lambda: _listed(
            {"clock": "integer", "from_utc": "timestamp", "to_utc": "timestamp", "shift": "integer"},
            [(n, start, end, offset // 60) for name, n in clocks.items() for start, end, offset in _stretches(name)],
        ),
        "calendar_inboxes": lambda: _inboxes(named, bound),
    }  # fmt: skip


RELATIONS = tuple(relations([], lambda name, value: ""))


def _stretches(zone: str) -> list[tuple[datetime, datetime, int]]:
    """Return the parts of all years that are looked up in each of which a zone has one offset, in UTC."""
    return zones.stretches(datetime(zones.FIRST_YEAR, 1, 1), datetime(zones.LAST_YEAR + 1, 1, 1), zone)


def _inboxes(named: Iterable[tuple[int, Calendar]], bound: Bound) -> str:
    rows = [f"select {n} as calendar, null::varchar as inbox" for n, each in named if each.is_default]
    followed = [(n, inbox) for n, each in named for inbox in each.inboxes]
    rows += [f"select {n}, {bound(f'inbox_{place}', inbox)}" for place, (n, inbox) in enumerate(followed, start=1)]
    return "\nunion all\n".join(rows or ["select null::integer as calendar, null::varchar as inbox where false"])


def _listed(types: Mapping[str, str], rows: Iterable[Sequence[object]]) -> str:
    """Return the SELECT of rows of columns with these types. None of them is a text of anyone's."""
    columns = ", ".join(types)
    values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
    if not values:
        return f"select {', '.join(f'null::{type_} as {name}' for name, type_ in types.items())} where false"
    return f"select {columns}\nfrom (values {values}) as listed({columns})"
