"""What several tests share: an empty workbench, and one with the sample data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.builders import Desk
from workbench import Workbench

# The same examples every time, and no deadline: other work on the machine makes no test fail.
settings.register_profile(
    "workbench",
    deadline=None,
    database=None,
    derandomize=True,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("workbench")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty workbench in memory, and a folder for its files."""
    workbench = Workbench()
    yield Desk(tmp_path, workbench)
    workbench.close()


@pytest.fixture(scope="session")
def sample() -> Iterator[Workbench]:
    """The sample data, for tests that only read."""
    workbench = Workbench.sample()
    yield workbench
    workbench.close()
