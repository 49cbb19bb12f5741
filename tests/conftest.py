"""What several tests share: an empty workbench, and one with the sample data."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.builders import Desk
from workbench import Workbench
from workbench.intake import meanings
from workbench.intake.load import Load
from workbench.intake.outcome import LoadOutcome

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


gc.set_threshold(50_000, 20, 50)  # what is parsed and drawn again and again is no garbage: a tenth of all the time

FEW = ("contact_export", "conversations", "messaging_overview")  # a report of each system


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the long tests what a test marked `few` asks of others than these, or than those that the mark names."""
    for item in items:
        few = item.get_closest_marker("few")
        if few and not any(name in item.name.partition("[")[2] for name in few.args or FEW):
            item.add_marker(pytest.mark.long)


@pytest.fixture(autouse=True)
def every_warning_means_something(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail any test in which a load warns of what `meanings` does not explain, and name it."""
    said: list[str] = []
    run = Load.run

    def run_and_listen(load: Load) -> LoadOutcome:
        outcome = run(load)
        said.extend(outcome.warnings)
        return outcome

    monkeypatch.setattr(Load, "run", run_and_listen)
    yield
    assert [remark.warning for remark in meanings.explained(said) if not remark.means] == []


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
