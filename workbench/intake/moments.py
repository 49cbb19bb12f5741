"""A text that says a moment to its wall time and its offset from UTC, in SQL: as vendors, programs and people write it.

What a vendor writes is cast. Everything else is first brought to one form: single blanks, no weekday, months of three
letters, no commas. Day and month stand in an order that is proved or said; a month in words needs neither.
"""

DATE_ORDERS = {
    # Years of two digits first: `%Y` would take them for the first century.
    "dmy": ("%d/%m/%y", "%d.%m.%y", "%d-%m-%y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    "mdy": ("%m/%d/%y", "%m-%d-%y", "%m/%d/%Y", "%m-%d-%Y"),
}
YEAR_FIRST = "ymd"  # of two digits: what a column proves, and nobody need say
SHORT_YEARS = (10, 39)  # that exports may be of
_SHORT_YEAR_FIRST = {YEAR_FIRST: ("%y/%m/%d", "%y.%m.%d", "%y-%m-%d")}
_PLAIN_DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d %b %y", "%b %d %y", "%d %b %Y", "%b %d %Y", "%Y %b %d",
)  # fmt: skip
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", " %I %p")
_AS_VENDORS = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d"
_ISO = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([ T]\d{1,2}:\d\d(:\d\d(\.\d+)?)?)?"
# From UTC-14 to UTC+14.
_OFFSET = r"(?i)^(.*:\d\d(?:\.\d+)?(?: [ap]m)?) ?(?:Z|UTC|GMT|(?:UTC|GMT)?([+-](?:0\d|1[0-4])(?::?[0-5]\d)?))$"
_LONG_MONTHS = "uary|ruary|ch|il|e|y|ust|t|tember|ober|ember"
_REPLACED = (
    (r"\s+", " "),
    (r"^ | $| ?\([^()]*\) ?$", ""),  # such as `GMT+0200 (Central European Summer Time)`
    (r"^(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]? ", ""),
    (r"(?i),? at |, ?", " "),
    (rf"(?i)[-/ .]*\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:{_LONG_MONTHS})?\b[-/ .]*", r" \1 "),
    (r"(?i)(\d)(?:st|nd|rd|th)\b", r"\1"),
    (r"(?i)(\d) ?([ap])\.? ?m\b\.?", r"\1 \2m"),
    (r"^ | $", ""),
)
PARTS = r"^\s*(?:[A-Za-z]+[.,]? )?(\d{1,2})([/.-])(\d{1,2})[/.-](\d{2,4})\b"  # numbers whose order may be open


def as_said(raw: str) -> str:
    """Return SQL for the one form of a text that says a moment, NULL for one that is as the vendors write it."""
    text = raw
    for form, by in _REPLACED:
        text = f"regexp_replace({text}, '{form}', '{by}', 'g')"
    return f"case when not regexp_full_match({raw}, '{_AS_VENDORS}') then {text} end"


def offset(said: str) -> str:
    """Return SQL for the offset that a text of one form says (`+02:00`), NULL when it says none."""
    is_there = f"regexp_matches({said}, '{_OFFSET}')"
    return f"case when {is_there} then coalesce(nullif(regexp_extract({said}, '{_OFFSET}', 2), ''), '+00') end"


def wall(raw: str, said: str, order: str | None) -> str:
    """Return SQL for the wall time that a text holds, whatever its offset says; NULL when it is not a time."""
    text = rf"regexp_replace({said}, '{_OFFSET}', '\1')"
    # DuckDB's cast also reads `7/12/21`, as a day of the year 7.
    iso = f"case when regexp_full_match({text}, '{_ISO}') then try_cast({text} as timestamp) end"
    days = (*(DATE_ORDERS | _SHORT_YEAR_FIRST).get(order or "", ()), *_PLAIN_DATES)
    formats = ", ".join(f"'{day}{time}'" for day in days for time in _TIMES)
    other = f"coalesce({iso}, try_strptime({text}, [{formats}]))"
    return f"case when {said} is null then try_cast({raw} as timestamp) else {other} end"


def instant(wall_time: str, offset_said: str) -> str:
    """Return SQL for the moment in UTC of a wall time with an offset: only a cast to TIMESTAMPTZ applies one."""
    return f"try_cast({wall_time}::varchar || {offset_said} as timestamptz) at time zone 'UTC'"
