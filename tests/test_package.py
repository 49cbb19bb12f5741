"""What a build makes runs alone: without the checkout, and without writing into its own folder."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import tarfile
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from zipfile import ZipFile, is_zipfile

import pytest
from openpyxl import Workbook

from tests.browser.waiting import wait_for
from workbench.store.paths import PATH_VARIABLE

ROOT = Path(__file__).parents[1]
SHIPPED = (".py", ".sql", ".csv", ".json", ".svg", ".css")  # of the folders; other files are left behind by somebody
INSIDE = "workbench/_top"


@dataclass(frozen=True)
class Installed:
    """The package in a virtual environment of its own, and the home of the person who uses it."""

    package: Path
    bin: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """Variables that lead to no other package and to no other workspace."""
        return {"HOME": str(self.home), "PATH": os.defpath}

    def run(self, command: str, *arguments: str) -> str:
        """Run a program of the environment in the home, and return what it prints."""
        line = [self.bin / command, *arguments]
        asked = subprocess.run(line, cwd=self.home, env=self.environment, capture_output=True, text=True, check=False)
        assert asked.returncode == 0, asked.stderr
        return asked.stdout


def built(target: str, source: Path, folder: Path) -> Path:
    """Build an sdist or a wheel with what is installed."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the source distribution, in whose folder somebody left a workspace."""
    folder = tmp_path_factory.mktemp("built")
    with tarfile.open(built("sdist", ROOT, folder / "sdist")) as sdist:
        sdist.extractall(folder, filter="data")
    (source,) = folder.glob("contact_workbench-*")
    (source / "sample_data" / "forgotten.duckdb").touch()
    return built("wheel", source, folder / "wheel")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """The wheel installed, with the packages of this environment; nothing may have changed in it in the end."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", symlinks=True)
    (site,) = folder.glob("venv/lib/python*/site-packages")
    (site / "required.pth").write_text(sysconfig.get_path("purelib"))
    bin = folder / "venv" / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(bin / "python"), "install", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--disable-pip-version-check", str(wheel)], check=True, capture_output=True)
    (home := folder / "home").mkdir()
    package = site / "workbench"
    for path in (package, *package.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    before = held(package)
    yield Installed(package, bin, home)
    assert held(package) == before  # who may write everywhere has not done so either


def held(package: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (package, *package.rglob("*"))}


def test_the_wheel_holds_what_runs_and_nothing_else(wheel: Path) -> None:
    expected = {"app.py": f"{INSIDE}/app.py", ".streamlit/config.toml": f"{INSIDE}/.streamlit/config.toml"}
    for folder in ("workbench", "pages", "queries", "sample_data"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in SHIPPED:
                name = path.relative_to(ROOT).as_posix()
                expected[name] = name if folder == "workbench" else f"{INSIDE}/{name}"
    with ZipFile(wheel) as archive:
        found = {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}
    assert found == {target: (ROOT / name).read_bytes() for name, target in expected.items()}


@pytest.mark.long
def test_the_installed_package_loads_shows_and_exports(installed: Installed) -> None:
    (file,) = installed.package.glob("_top/sample_data/gladly/ContactExport-*.csv")
    assert "0 rejected (gladly_contact_export" in installed.run("contact-workbench", "load", str(file))
    shown = installed.run("contact-workbench", "show", "contact_export", "by_channel", "--format", "csv")
    assert shown.startswith("channel,")
    installed.run("contact-workbench", "export", "contact_export", "--preset", "last_30_days", "--to", "pack.xlsx")
    assert is_zipfile(installed.home / "pack.xlsx")


@pytest.mark.long
def test_the_installed_package_reads_a_spreadsheet_in_a_process_of_its_own(installed: Installed) -> None:
    workbook = Workbook()
    for row in (("Merged Customer ID", "Customer ID"), ("a", "b")):
        workbook.active.append(row)
    workbook.save(installed.home / "GladlyCustomerMerges.xlsx")
    assert "1 row read: 1 loaded" in installed.run("contact-workbench", "load", "GladlyCustomerMerges.xlsx")


@pytest.mark.long
def test_the_installed_package_has_the_sample_data(installed: Installed) -> None:
    program = "import workbench; print(workbench.__file__); print(workbench.Workbench.sample().workspace.rows('{}'))"
    found = installed.run("python", "-c", program.format("select count(*) > 0 from gladly_contacts"))
    assert found.splitlines() == [str(installed.package / "__init__.py"), "[(True,)]"]


@pytest.mark.long
def test_a_command_is_called_as_it_was_started(installed: Installed) -> None:
    assert installed.run("contact-workbench", "--help").startswith("usage: contact-workbench [")
    assert installed.run("python", "-m", "workbench", "--help").startswith("usage: python -m workbench [")


@pytest.mark.long
def test_the_installed_package_serves_the_app_with_the_workspace_that_is_named(installed: Installed) -> None:
    workspace = installed.home / "served.duckdb"
    with subprocess.Popen(
        [installed.bin / "contact-workbench", "serve"], stderr=subprocess.PIPE, text=True, start_new_session=True,
        cwd=installed.home, env=installed.environment | {PATH_VARIABLE: workspace.name},
    ) as process:  # fmt: skip
        try:
            address = next(line.split()[-1] for line in process.stderr or () if "http" in line)
            wait_for(f"{address}/_stcore/health")
            with urllib.request.urlopen(f"{address}/inbound_contacts", timeout=10) as page:
                assert page.status == 200
            for _ in range(600):  # it is opened while the first browser is on its way
                with suppress(subprocess.TimeoutExpired):
                    pytest.fail(f"The server ended with {process.wait(0.1)}")
                if workspace.exists():
                    break
            assert workspace.exists()
            process.terminate()
            process.wait(30)
            with pytest.raises(URLError):
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=10)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(("page", "title"), [("inbound_contacts", "Inbound contacts"), ("data", "Data")])
@pytest.mark.long
def test_the_installed_package_draws_its_pages(installed: Installed, page: str, title: str) -> None:
    program = f"""
from streamlit.testing.v1 import AppTest
from workbench import places
app = AppTest.from_file(places.APP, default_timeout=60).switch_page("pages/{page}.py").run()
print([shown.value for shown in (*app.title, *app.error, *app.exception)])
"""
    assert installed.run("python", "-c", program) == f"['{title}']\n"


@pytest.mark.long
def test_the_installed_package_serves_a_team_by_the_lines_of_the_dockerfile(installed: Installed) -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    check, command = (json.loads(f"[{line}]") for line in re.findall(r"^ *CMD \[(.*)\]$", lines, re.MULTILINE))
    team = installed.home / "team.toml"
    team.write_text('[workspaces.support]\npath = "s.duckdb"\ngroups = ["support"]\n')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    said = re.findall(r"(STREAMLIT_\w+|WORKBENCH_TEAM)=(\S+)", lines)
    environment = installed.environment | dict(said) | {"WORKBENCH_TEAM": str(team)}
    named = lambda words: [installed.bin / words[0], *(word.replace("8501", port) for word in words[1:])]  # noqa: E731
    with subprocess.Popen(named(command), cwd=installed.home, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            subprocess.run(named(check), env=environment, check=True)
        finally:
            process.terminate()
    assert subprocess.run(named(check), env=environment, capture_output=True, check=False).returncode == 1
