"""A remarkable change in words, the same on the page, in the workbook and on the command line."""

from dataclasses import dataclass

from workbench.ask.changes import Changes, explaining
from workbench.ask.remarks import Remark
from workbench.drawing import formats
from workbench.reports import Metric, Report

NOTHING = "Nothing remarkable: no figure moved further than it usually does"


@dataclass(frozen=True)
class Sentence:
    """A sentence in its parts: what moved, from what to what, and the value that explains most of it."""

    figure: str
    moved: str
    of: str = ""
    value: str = ""
    part: str = ""

    def __str__(self) -> str:
        """Return it as text."""
        explained = f"; {' '.join(filter(None, (self.of, self.value, self.part)))}" if self.value else ""
        return f"{self.figure} {self.moved}{explained}".strip()


def sentence(report: Report, remark: Remark, unit: str = "") -> Sentence:
    """Return what a remark says. Money has its unit."""
    found, explained = remark.changes, remark.explained
    if found is None or explained is None:
        return Sentence(NOTHING, "")
    metric, first = found.metric, explained.first
    moved = f"{_way(found)} from {' to '.join(formats.metric(x, metric, unit) for x in (found.before, found.now))}"
    if first is None:
        return Sentence(metric.label, moved)
    of = "" if explained.metric == metric else f"of the {_size(explained, unit)} that the average {_way(explained)},"
    return Sentence(metric.label, moved, of, named(report, first["dimension"], first["value"]), _part(explained, unit))


def named(report: Report, key: str, value: str | None) -> str:
    """Return a value with what it is one of: `Chat (channel)`."""
    dimension = report.dimension(key)
    label = dimension.shown(value)
    return f"{label} ({dimension.label.lower()})" if value is not None else label


def amount(value: float, metric: Metric, unit: str = "") -> str:
    """Return a part of a change with its sign: of durations in tenths, of rates in points."""
    if metric.format == "duration":
        return formats.signed(value)
    if formats.is_missing(value):
        return formats.MISSING
    text = formats.shown(value, "points") if metric.format == "rate" else formats.metric(value, metric, unit)
    text = _unsigned(text)
    is_nothing = not any(letter in "123456789" for letter in text)
    return text if is_nothing else f"{formats.MINUS if value < 0 else '+'}{text}"


def _way(found: Changes) -> str:
    return "rose" if found.now > found.before else "fell"


def _size(found: Changes, unit: str) -> str:
    return _unsigned(amount(found.now - found.before, found.metric, unit))


def _unsigned(text: str) -> str:
    return text.lstrip(f"+{formats.MINUS}")


def _part(found: Changes, unit: str) -> str:
    """Return how much of a change its first value explains; of what does not decompose its figures."""
    first, metric = found.first, found.metric
    assert first is not None  # asked only then
    if formats.is_missing(first["contribution"]):
        return "went from " + " to ".join(formats.metric(first[side], metric, unit) for side in ("before", "now"))
    text = amount(first["contribution"], metric, unit)
    is_against = (first["contribution"] < 0) != (found.now < found.before)
    return f"went against it by {_unsigned(text)}" if is_against else f"explains {_unsigned(text)}"


def notes(report: Report, found: Changes) -> list[str]:
    """Return what has to be known to read a table of changes: what does not add up, and in which order it is."""
    metric, average = found.metric, explaining(report, found.metric)
    if formats.is_missing(found.before) and formats.is_missing(found.now):
        return [f"{metric.label}: neither range has rows of it"]
    if found.rows.empty:
        return [f"{metric.label}: no dimension has several values of its rows"]
    if metric.decomposes != "none":
        is_empty = bool(found.rows["contribution"].isna().all())
        return [f"{metric.label}: one of both ranges has no rows of it, so there is nothing to take apart"] * is_empty
    order = [f"In the order in which they explain the {average.label.lower()}"] if average else []
    return [f"{metric.label} of each value, and without it, from the rows: these do not add up", *order]


def text_table(report: Report, found: Changes, unit: str = "") -> str:
    """Return changes as a table of text, without what does not apply to the metric."""
    return formats.lines(
        [formats.padded(name, cells, is_right) for name, cells, is_right in table(report, found, unit)]
    )


def table(report: Report, found: Changes, unit: str = "") -> list[tuple[str, list[str], bool]]:
    """Return the columns of a table of changes: header, texts, and whether they are numbers."""
    rows, metric = found.rows, found.metric
    keys = list(zip(rows["dimension"], rows["value"], rows["values"], strict=True))
    values = [value if many > 1 else report.dimension(key).shown(value) for key, value, many in keys]
    columns = [("Dimension", [report.dimension(key).label for key, *_ in keys], False), ("Value", values, False)]
    for name in ("before", "now", "contribution", "mix", "rate", "without"):
        if rows[name].notna().any() or name in ("before", "now"):
            shown = amount if name in ("contribution", "mix", "rate") else formats.metric
            columns.append((name.capitalize(), [shown(value, metric, unit) for value in rows[name]], True))
    return columns
