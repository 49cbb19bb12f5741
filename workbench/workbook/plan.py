"""What a file to hand over holds: made by the process that asks, read by the one that writes it. Values and words, no
cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workbench.intake import signature

if TYPE_CHECKING:
    import pandas as pd

    from workbench.drawing.formats import Format

FORMULA = f"^{signature.RUN}"  # what a text begins with that a spreadsheet would run
SECONDS_A_DAY = 86_400
# Excel cannot show a negative time, so below zero a duration is shown in days.
NUMBER_FORMATS = {
    "count": "#,##0",
    "decimal": "#,##0.00",
    "money": "#,##0.00",
    "rate": "0.0 %",
    "points": '+0.0 %;-0.0 %;0.0 %',
    "duration": '[<0]-0.0000" d";[h]:mm:ss',
    "seconds": "#,##0.###",
    "added": '+#,##0.0" s";-#,##0.0" s";0.0" s"',  # seconds with a sign
    "timestamp": "d mmm yyyy hh:mm:ss",
    "date": "d mmm yyyy",
}  # fmt: skip

Value = object  # a text, a number (a duration in seconds, a rate as a fraction), a time, None where it is missing
How = Literal["count", "rate", "sum", "average", "median", "p90"]


@dataclass(frozen=True)
class Column:
    """A column: its label, and how its numbers are shown.

    `pattern` is Excel's number format where that of the format is not it. A column is drawn as data bars of the colour
    `bar`, or by a `scale` of colours: two from the least to the most, three around zero. One that `is_detail` stands
    collapsed at the right, behind all that are none.
    """

    name: str
    label: str
    format: "Format" = "text"
    pattern: str = ""
    bar: str = ""
    scale: tuple[str, ...] = ()
    is_detail: bool = False


@dataclass(frozen=True)
class Series:
    """Numbers of a chart, one for each of its labels; one colour for all of them, or one for each."""

    label: str
    values: tuple[float | None, ...]
    colours: tuple[str, ...]
    is_line: bool = False
    is_dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart as the page draws it: `rings` have one series, `bars` lie, `columns` stand beside each other."""

    shape: Literal["columns", "stacked", "bars", "ring"]
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    format: str  # of NUMBER_FORMATS


@dataclass(frozen=True)
class Grid:
    """Numbers across and down, by the strength of a colour: a heat map."""

    title: str
    across: tuple[str, ...]
    down: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    format: "Format"
    scale: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The rows of a tile: a few as `rows`, many in a Parquet `file` that is never wholly in memory.

    `length` is how many there are, `total` what all of them come to, empty where nothing does. The `mark` is by which
    this program knows its own table again. Those of a log begin in the sheet's first line, under nothing.
    """

    tile: str
    title: str
    sheet: str
    mark: str
    columns: tuple[Column, ...]
    length: int
    rows: tuple[tuple[Value, ...], ...] = ()
    file: Path | None = None
    total: tuple[Value, ...] = ()
    notes: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    grid: Grid | None = None
    is_log: bool = False


@dataclass(frozen=True)
class Figure:
    """A metric of a row of cards, by its name and label: now, before, change; how many `rows` it rests on, `words`.

    `news` is 1 where the change is good, -1 where it is bad; with a `target` it is whether that is met.
    """

    name: str
    label: str
    format: "Format"
    now: float | None
    before: float | None
    change: float | None
    change_rate: float | None
    n: float
    words: str
    news: int
    target: float | None = None


@dataclass(frozen=True)
class Figures:
    """A tile that is a row of cards, with what is said under it."""

    tile: str
    title: str
    sheet: str
    mark: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Condition:
    """What rows of a log are counted by: a column and Excel's criterion (`"<>"`, `"ANSWERED"`, `"<=0"`)."""

    column: str
    criterion: str | bool


@dataclass(frozen=True)
class Check:
    """A metric's value, and the formula over a log's columns that gives it again; or the `reason` why there is none.

    `words` say what the formula does. Counted are the rows of the tile `log` that meet all conditions; a rate divides
    those that meet its `parts` besides by them.
    """

    label: str
    format: "Format"
    value: float | None
    words: str = ""
    reason: str = ""
    log: str = ""
    how: How = "count"
    column: str = ""
    conditions: tuple[Condition, ...] = ()
    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Definition:
    """What a number or a tile means."""

    label: str
    meaning: str
    formula: str = ""
    rests_on: str = ""
    sql: str = ""


@dataclass(frozen=True)
class File:
    """A load that numbers rest on."""

    what: str
    name: str
    load_id: int
    loaded: str
    sha256: str
    read: int
    kept: int
    rejected: int


Lines = Sequence[tuple[str, str]]  # a label and a text


@dataclass(frozen=True)
class View:
    """All that a workbook says of one question."""

    title: str
    purpose: str
    days: str
    settings: Lines
    files: Sequence[File]
    tiles: Sequence[Table | Figures]
    checks: Sequence[Check]
    definitions: Sequence[Definition]
    quality: Lines


@dataclass(frozen=True)
class Pack:
    """A workbook: a cover, and the sheets of one view or of several, in their order.

    By the text of the `recipe`, which it carries, it is made again.
    """

    title: str
    made: Lines
    views: Sequence[View]
    recipe: str = ""


@dataclass(frozen=True)
class Plain:
    """A CSV, which as "csv" has safe texts and as "csv_exact" those that are, or a Parquet file with `marks` beside it.

    Its `rows` are those of a table, or lie in a Parquet file: those of a log.
    """

    rows: "pd.DataFrame | Path"
    format: str
    marks: Mapping[str, str] = field(default_factory=dict)
