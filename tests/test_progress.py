"""How far a piece of work is: in rows of all its parts, and in words; the database tells how far a statement is."""

from datetime import timedelta

import pytest

from workbench import Workbench
from workbench.drawing import formats
from workbench.progress import Progress
from workbench.store.database import watched


@pytest.mark.parametrize(
    ("whole", "before", "rows", "done", "said"),
    [
        (None, 0, 100, 0.5, None),
        (0, 0, 0, 0.5, None),
        (400, 0, 100, None, 0),
        (400, 100, 200, 0.25, 150),
        (400, 300, 200, 1.0, 400),
    ],
)
def test_rows_that_are_done_are_those_of_parts_before_and_a_share_of_the_present_one(
    whole: int | None, before: int, rows: int, done: float | None, said: int | None
) -> None:
    progress = Progress(rows=rows, rows_before=before, rows_whole=whole)
    with progress.during("Loading", lambda: done):
        assert progress.rows_done() == said


def test_the_database_measures_what_is_watched_and_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    workbench = Workbench()
    with workbench.workspace.cursor() as cursor:
        measure, _ = watched(cursor)
        cursor.execute("select count(*) from range(1000) one, range(1000) other").fetchall()
        assert measure() is None or measure() == 0  # a statement that is over says nothing of the next one
        settings = "select current_setting('enable_progress_bar'), current_setting('enable_progress_bar_print')"
        assert cursor.execute(settings).fetchall() == [(True, False)]
    assert capfd.readouterr() == ("", "")


def test_time_left_is_said_from_a_twentieth_on() -> None:
    assert formats.seconds_left(timedelta(seconds=10), 0.04) == ""
    assert formats.seconds_left(timedelta(seconds=10), 0.25) == "about 30 s left"
