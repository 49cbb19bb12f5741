"""The one table that is printed: what was measured, its target, and the ratios to its peers."""

from collections.abc import Mapping, Sequence
from itertools import starmap

from benchmarks.measure import Row

HEADERS = ("", "here", "target", "", "/ bare", "/ pandas")
MORE = {"polars": "Polars", "perspective": "Perspective"}  # peers with a column of their own once they were asked


def table(sections: Mapping[str, Sequence[Row]]) -> str:
    """Return the rows under their headings, in columns; ratios under 1 mean that we are faster, or need less."""
    asked = {peer for rows in sections.values() for row in rows for peer in row.taken}
    more = [peer for peer in MORE if peer in asked]
    cells: list[tuple[str, ...]] = [("", *HEADERS, *(f"/ {MORE[peer]}" for peer in more))]
    for name, rows in sections.items():
        cells += [(name if n == 0 else "", *_cells(row, ("floor", "pandas", *more))) for n, row in enumerate(rows)]
    return laid_out(cells)


def laid_out(cells: Sequence[Sequence[str]]) -> str:
    """Return lines of cells in columns; the first two begin at the left."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(starmap(_line, ((line, widths) for line in cells)))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    left = [cell.ljust(width) for cell, width in zip(cells[:2], widths[:2], strict=True)]
    right = [cell.rjust(width) for cell, width in zip(cells[2:], widths[2:], strict=True)]
    return "  ".join([*left, *right]).rstrip()


def _cells(row: Row, peers: Sequence[str]) -> tuple[str, ...]:
    here = row.taken["here"]
    verdict = "ok" if here <= row.limit else "over"
    ratios = (f"{here / row.taken[peer]:.2f}" if peer in row.taken else "" for peer in peers)
    return row.what, shown(here, row.unit), row.target, verdict, *ratios


def shown(value: float, unit: str) -> str:
    """Return seconds or bytes as a person reads them."""
    if unit == "B":
        return f"{value / 1e9:.2f} GB"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"
