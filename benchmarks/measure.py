"""Time, measured alike for everything that is compared: in rounds, so that a busy moment meets all, and by medians."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
ROUNDS = 3
ENOUGH = 20.0  # seconds

Work = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One line of the table, in seconds (`s`) or bytes (`B`).

    `taken` is by whom: `here`, `floor` (bare DuckDB, or a bare page) and `pandas`, if it could be asked. `limit` is
    what `here` must not pass; `target` says it in words.
    """

    what: str
    taken: Mapping[str, float]
    limit: float
    target: str
    unit: str = "s"


@dataclass(frozen=True)
class Usage:
    """What a piece of work in a process of its own took: seconds, and the peak of its memory in bytes."""

    seconds: float
    peak: float


def seconds(work: Work) -> float:
    """Return how long a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def medians(works: Mapping[str, Work], rounds: int = ROUNDS) -> dict[str, float]:
    """Return each work's median seconds over rounds, in each of which every work has its turn.

    What has taken ENOUGH seconds by then has no further round.
    """
    taken: list[dict[str, float]] = []
    while len(taken) < rounds and sum(sum(times.values()) for times in taken) < ENOUGH:
        taken.append({name: seconds(work) for name, work in works.items()})
    return {name: median(times[name] for times in taken) for name in works}


def in_child(work: str, target: Path, file: Path) -> Usage:
    """Run a work of benchmarks/child.py in a process of its own. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", "benchmarks.child", work, str(target), str(file)]
    said = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return Usage(**json.loads(said.splitlines()[-1]))


def say(text: str) -> None:
    """Tell what is being measured, beside the table."""
    print(text, file=sys.stderr, flush=True)
