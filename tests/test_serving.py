"""Serving a team: what the command asks before it serves, and the files that run it elsewhere."""

import json
import platform
import re
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

from workbench import cli
from workbench.cli import main
from workbench.team import TEAM_VARIABLE

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def lines(word: str) -> list[str]:
    return re.findall(rf"^{word} (.*)$", DOCKERFILE, re.MULTILINE)


def test_a_mistake_in_the_teams_file_is_said_before_anything_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wrong.toml").write_text("[workspaces]\nx = 1\n")
    monkeypatch.setenv(TEAM_VARIABLE, str(tmp_path / "wrong.toml"))
    assert main(["serve"]) == 1
    assert capsys.readouterr().err.strip().endswith("workspaces.x: is no table. Write it as [workspaces.x]")


def test_the_image_runs_a_command_that_there_is_as_nobody_in_particular() -> None:
    *_, command = lines("CMD")
    program, *arguments = json.loads(command)
    assert program == "contact-workbench"
    assert cli._parser().parse_args(arguments).port == 8501
    assert DOCKERFILE.index(f"\nUSER {re.findall('--uid ([0-9]+)', DOCKERFILE)[0]}\n") < DOCKERFILE.index("\nCMD")
    assert "team" in (ROOT / "pyproject.toml").read_text().partition("[project.optional-dependencies]")[2]
    (installing,) = [line for line in lines("RUN") if "pip" in line]
    assert shlex.split(installing)[-1] == ".[team]"
    assert (ROOT / shlex.split(installing)[-2]).is_file()


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="hadolint is installed on this system alone"
)
def test_the_dockerfile_has_no_mistake_that_its_linter_knows() -> None:
    linter = Path(sysconfig.get_path("scripts")) / "hadolint"
    found = subprocess.run([linter, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (found.stdout, found.returncode) == ("", 0)


def test_the_proxy_leads_to_the_port_and_the_host_that_the_image_serves() -> None:
    service, proxy = COMPOSE["services"]["workbench"], COMPOSE["services"]["proxy"]
    caddy = COMPOSE["configs"]["caddy"]["content"]
    host = caddy.split()[0]
    assert host in service["environment"]["STREAMLIT_SERVER_ALLOWED_HOSTS"].split()
    assert f"reverse_proxy workbench:{service['expose'][0]}" in caddy
    assert lines("EXPOSE") == service["expose"]
    assert "ports" not in service
    assert proxy["configs"][0]["source"] in COMPOSE["configs"]
