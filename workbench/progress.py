"""How far a long piece of work has come, to be watched and cancelled from another thread."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from workbench.errors import QueryStopped


@dataclass
class Progress:
    """A piece of work in stages; `stage` says in a word or two what it is doing, `part` on which of several things.

    `rows` is how many rows the present part has, 0 where that is not known, `rows_before` those of the parts before it,
    `rows_whole` those of all parts, None where it is not known.
    """

    stage: str = "Waiting"
    part: str = ""
    rows: int = 0
    rows_before: int = 0
    rows_whole: int | None = None
    began: float = field(default_factory=time.monotonic)  # when the stage did
    started: float = field(default_factory=time.monotonic)  # when all of it did
    is_cancelled: bool = False
    _measure: Callable[[], float | None] | None = field(default=None, repr=False)
    _stop: Callable[[], None] | None = field(default=None, repr=False)

    def fraction(self) -> float | None:
        """Return how much of the current stage is done, 0 to 1; None while nobody can tell."""
        measure = self._measure  # another thread ends the stage
        return measure() if measure else None

    def rows_done(self) -> int | None:
        """Return how many of all rows are done; None while nobody can tell."""
        done = self.fraction() or 0.0
        return None if not self.rows_whole else min(self.rows_whole, self.rows_before + round(done * self.rows))

    def cancel(self) -> None:
        """Stop the work; nothing of it stays."""
        self.is_cancelled = True
        stop = self._stop  # another thread ends the stage
        if stop:
            stop()

    @contextmanager
    def during(
        self, stage: str, measure: Callable[[], float | None] | None = None, stop: Callable[[], None] | None = None
    ) -> Iterator[None]:
        """Name a stage for as long as it lasts, with how to measure and stop it. Raises QueryStopped when cancelled."""
        self.stage, self.began = stage, time.monotonic()
        self._measure, self._stop = measure, stop
        try:
            self._check()  # once it can be stopped: what was cancelled before is seen here
            yield
        finally:
            self._measure = self._stop = None
        self._check()

    def _check(self) -> None:
        if self.is_cancelled:
            raise QueryStopped("Cancelled; nothing of it was kept")
