"""The sample data is loaded once, stored, and the same from the store as from its files."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from workbench import Workbench, places
from workbench.ask import sample
from workbench.exports import KINDS


@pytest.fixture
def opened() -> Iterator[Callable[[Workbench], Workbench]]:
    """Close every workbench at the end of the test."""
    with ExitStack() as stack:
        yield lambda workbench: stack.enter_context(closing(workbench))


def held(workbench: Workbench) -> dict[str, list[tuple[object, ...]]]:
    return {kind.table: workbench.workspace.rows(f"from {kind.table} order by all") for kind in KINDS.values()}


def test_the_stored_sample_is_what_its_files_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[[Workbench], Workbench]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    loaded = opened(Workbench.sample())
    (stored,) = (tmp_path / ".contact-workbench").iterdir()
    written = stored.stat().st_ino
    copied = opened(Workbench.sample())
    assert stored.stat().st_ino == written
    direct = opened(Workbench())
    for file in sorted(places.SAMPLES.glob("*/*.csv")):
        direct.load(file)
    assert held(loaded) == held(copied) == held(direct)
    assert any(held(direct).values())


def test_a_stored_sample_that_may_only_be_read_is_opened_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[[Workbench], Workbench]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    loaded = opened(Workbench.sample())

    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "utime", refused)
    monkeypatch.setattr(sample, "_fill", refused)  # as if it were loaded from its files again
    assert held(opened(Workbench.sample())) == held(loaded)


def test_two_checkouts_keep_a_stored_sample_each_and_one_that_is_not_opened_any_more_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[[Workbench], Workbench]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    opened(Workbench.sample())
    folder = tmp_path / ".contact-workbench"
    (first,) = folder.iterdir()
    (old := folder / "sample-0.duckdb").touch()
    os.utime(old, (0, time.time() - (sample.UNUSED + 1) * 24 * 3600))
    queries = Path(shutil.copytree(places.QUERIES, tmp_path / "queries"))
    (queries / "macros.sql").write_text("-- as another checkout has it")
    monkeypatch.setattr(places, "QUERIES", queries)
    opened(Workbench.sample())
    assert first in folder.iterdir()
    assert len(list(folder.iterdir())) == 2


def test_a_damaged_stored_sample_is_read_from_its_files_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[[Workbench], Workbench]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    opened(Workbench.sample())
    (stored,) = (tmp_path / ".contact-workbench").iterdir()
    stored.write_bytes(b"not a database")
    assert any(held(opened(Workbench.sample())).values())


def test_the_sample_needs_no_place_to_be_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[[Workbench], Workbench]
) -> None:
    (tmp_path / ".contact-workbench").write_text("a file where the folder would be")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert any(held(opened(Workbench.sample())).values())


def test_a_copy_of_the_sample_can_be_loaded_into(tmp_path: Path, opened: Callable[[Workbench], Workbench]) -> None:
    file = tmp_path / "GladlyCustomerMerges.csv"
    file.write_text("Merged Customer ID,Customer ID\nnobody-1,nobody-2\n")
    workbench = opened(Workbench.sample())
    before = len(held(workbench)["gladly_customer_merges"])
    assert workbench.load(file).rows_loaded == 1
    assert len(held(workbench)["gladly_customer_merges"]) == before + 1
