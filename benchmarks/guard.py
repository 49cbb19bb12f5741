"""Tells what became slower than the committed figures of README.md, as ratios to bare DuckDB, bare pages and calamine.

Seconds differ between machines, and between hours of one; what both took in the same run does not.
"""

import re
from pathlib import Path

README = Path(__file__).with_name("README.md")
MOST = 1.3  # times the committed ratio
SMALL = 0.015  # seconds, below which a ratio says nothing
_SECTION = re.compile(r"[a-z-]+(?= {2,}\S)")
_LINE = re.compile(r"[a-z-]* {2,}(\S.*?) {2,}([0-9.]+) (ms|s|GB) {2,}.* (?:ok|over) +([0-9.]+)(?: |$)")


def worse(run: str, committed: str) -> list[str]:
    """Return a line for each row of a table of figures that has become so much worse than in another one."""
    before = ratios(committed)
    return [
        f"{what}: {ratio:.2f} times its floor, {ratio / before[what]:.1f} times the {before[what]:.2f} of before"
        for what, ratio in ratios(run).items()
        if what in before and ratio > MOST * before[what]
    ]


def ratios(table: str) -> dict[str, float]:
    """Return the ratios of a table to the floors, by the section and name of their rows; of small ones none."""
    found, section = dict[str, float](), ""
    for line in table.splitlines():
        if begins := _SECTION.match(line):
            section = begins[0]
        if cells := _LINE.match(line):
            what, taken, unit, ratio = cells.groups()
            if unit == "GB" or float(taken) / (1000 if unit == "ms" else 1) >= SMALL:
                found[f"{section} {what}"] = float(ratio)
    return found
