"""Long work in a thread of its own, which a page watches and can cancel."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, TypeVar

import streamlit as st

from workbench.drawing import formats
from workbench.errors import QuotaPassed, WorkbenchError
from workbench.progress import Progress
from workbench.ui import quotas
from workbench.ui.session import escaped, failures_shown

EVERY = 0.4  # seconds between two looks at running work
Outcome = TypeVar("Outcome")


@dataclass
class Job(Generic[Outcome]):
    """A piece of work; when it is done it has an outcome or an error.

    One that `is_refused` is more than its person may have under way: it never begins.
    """

    title: str
    work: Callable[[Progress], Outcome]
    progress: Progress = field(default_factory=Progress)
    outcome: Outcome | None = None
    error: WorkbenchError | None = None

    def __post_init__(self) -> None:
        """Start the work."""
        try:
            self._ended = quotas.job_begun()
        except QuotaPassed as error:
            self.error, self._ended = error, lambda: None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @property
    def is_refused(self) -> bool:
        """Whether it never begins."""
        return isinstance(self.error, QuotaPassed)

    @property
    def is_running(self) -> bool:
        """Whether the work goes on."""
        return self.thread.is_alive()

    def is_done_within(self, seconds: float) -> bool:
        """Wait so long at most, and tell whether the work is done."""
        self.thread.join(seconds)
        return not self.is_running

    def _run(self) -> None:
        try:
            if not self.is_refused:
                self.outcome = self.work(self.progress)
        except WorkbenchError as error:
            self.error = error
        finally:
            self._ended()
            if self.outcome is None and self.error is None:
                self.error = WorkbenchError(f"{self.title}: something went wrong. The terminal says more")


def watched(job: Job[Outcome]) -> None:
    """Show the progress of a job with a way to cancel it, and run the page again when it is done."""

    @st.fragment(run_every=EVERY)
    @failures_shown()
    def shown() -> None:
        if not job.is_running:
            st.rerun()
        done, words = _how_far(job.progress)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(done or 0.0, 1.0), text=" · ".join(word for word in words if word))
            if st.button("Cancel", key=f"cancel:{id(job)}"):
                job.progress.cancel()

    shown()


def _how_far(progress: Progress) -> tuple[float | None, list[str]]:
    """Return how much is done, of all rows where these are known, else of the stage; and that in words."""
    rows, done, began = progress.rows_done(), progress.fraction(), progress.began
    counted = ""
    if rows is not None and progress.rows_whole:
        done, began = rows / progress.rows_whole, progress.started
        counted = f"{formats.count(rows)} of {formats.rows(progress.rows_whole, 'rows')}"
    since = timedelta(seconds=time.monotonic() - began)
    left = formats.seconds_left(since, done) if done is not None else ""
    share = f"{done * 100:.0f} %" if done is not None and not counted else ""
    return done, [escaped(progress.part), escaped(progress.stage), counted, share, left]
