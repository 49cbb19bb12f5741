"""How cost grows: a large run's lines as a table, beside a tenth of the rows and the floors, and as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import altair as alt
import pandas as pd

from benchmarks.journal import Line
from benchmarks.measure import Row
from benchmarks.table import laid_out, shown

AT_ONCE = ("load", "pages")  # the memory of what these measure is that of other processes

Found = dict[tuple[str, str], dict[int, Row]]  # by section and what was measured: the row at each size


def table(lines: Sequence[Line]) -> str:
    """Return every row at both sizes, how many times as much the larger one takes, and the ratios to the floors."""
    sizes = sorted({line.contacts for line in lines})
    cells: list[tuple[str, ...]] = [("", "", *(f"{size:,}" for size in sizes), "times", *("/ bare" for _ in sizes))]
    before = ""
    for (section, what), rows in _found(lines).items():
        cells.append(("" if section == before else section, what, *_cells(rows, sizes)))
        before = section
    return laid_out(cells)


def _found(lines: Sequence[Line]) -> Found:
    found: Found = {}
    for line in lines:
        found.setdefault((line.section, line.row.what), {})[line.contacts] = line.row
    peaks: dict[tuple[str, int], float] = {}
    for line in lines:
        key = line.section, line.contacts
        peaks[key] = max(line.peak, peaks.get(key, 0))
    for (section, size), peak in peaks.items():
        if section not in AT_ONCE:
            row = Row("peak memory", {"here": peak}, peak, "", "B")
            found.setdefault((section, row.what), {})[size] = row
    sections = list(dict.fromkeys(line.section for line in lines))
    return dict(sorted(found.items(), key=lambda each: sections.index(each[0][0])))


def _cells(rows: Mapping[int, Row], sizes: Sequence[int]) -> list[str]:
    known = [rows.get(size) for size in sizes]
    here = [shown(row.taken["here"], row.unit) if row else "" for row in known]
    bare = [_ratio(row.taken.get("here"), row.taken.get("floor")) if row else "" for row in known]
    least, most = known[0], known[-1]
    times = _ratio(most.taken["here"], least.taken["here"]) if least and most else ""
    return [*here, times, *bare]


def _ratio(one: float | None, other: float | None) -> str:
    return f"{one / other:.2f}" if one is not None and other else ""


def draw(lines: Sequence[Line], target: Path) -> None:
    """Draw the seconds of every row at the larger size over those at the smaller one, between `alike` and tenfold."""
    small, large = min(line.contacts for line in lines), max(line.contacts for line in lines)
    points = [
        (section, rows[small].taken["here"], rows[large].taken["here"])
        for (section, _), rows in _found(lines).items()
        if {small, large} <= rows.keys() and rows[small].unit == "s"
    ]
    taken = sorted(seconds for _, seconds, _ in points)
    grown = [
        (said, end, end * times)
        for said, times in (("as long", 1), ("ten times as long", 10))
        for end in (taken[0], taken[-1])
    ]
    x = alt.X("small:Q", title=f"seconds at {small:,}", scale=alt.Scale(type="log"))
    y = alt.Y("large:Q", title=f"seconds at {large:,}", scale=alt.Scale(type="log"))
    dots = alt.Chart(_frame("measured", points)).mark_circle(size=40, opacity=0.7).encode(x, y, alt.Color("measured:N"))
    rules = alt.Chart(_frame("would be", grown)).mark_line(color="gray").encode(x, y, alt.StrokeDash("would be:N"))
    (rules + dots).properties(width=560, height=420).save(str(target))


def _frame(name: str, points: Sequence[tuple[str, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(points, columns=[name, "small", "large"])
