"""Many sessions while files are loaded: every number is right, nothing fails, memory is flat (guarantees 12 and 27)."""

from datetime import date, timedelta
from pathlib import Path

from benchmarks.soak import GROWTH, LENGTH, later, soak
from tests.builders import contact, written
from workbench import Workbench

LAST = date(2024, 6, 30)
SESSIONS, SECONDS = 8, 20


def test_many_at_once_get_their_own_numbers_while_files_are_loaded(tmp_path: Path) -> None:
    days = [LAST - timedelta(days=n) for n in range(LENGTH + 6 * SESSIONS)]
    rows = [contact(f"{day} 10:00:00") for n, day in enumerate(days) for _ in range(1 + n % 13 + n // 3)]
    workbench = Workbench(tmp_path / "workspace.duckdb")
    workbench.load(written(tmp_path / "ContactExport-20240101-20240630.csv", rows))
    workbench.close()
    outcome = soak(tmp_path / "workspace.duckdb", SESSIONS, SECONDS, LAST, later(tmp_path, LAST))
    assert (outcome.wrong[:3], outcome.errors[:3]) == ([], [])
    assert len(outcome.answers) > SESSIONS
    assert outcome.loads > 1
    assert outcome.growth < 1.5 * GROWTH  # so short a time has not warmed up
