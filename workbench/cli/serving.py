"""The command that serves the app on this machine."""

import argparse
import os
import socket
import subprocess
import sys
from importlib.util import find_spec

from workbench import places, team
from workbench.cli.commands import Commands, command, path_of, whole
from workbench.cli.terminal import say
from workbench.errors import TeamUnusable, WorkbenchError
from workbench.store.paths import PATH_VARIABLE

FIRST_PORT, LAST_PORT = 8501, 8520


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    serve = command(commands, "serve", _serve, "Serve the app on this machine.")
    serve.add_argument("--port", type=_port, help=f"default: the first free one from {FIRST_PORT}")


def _port(text: str) -> int:
    if not 0 < whole(text) < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text} is no port: one is from 1 to {(1 << 16) - 1}")
    return whole(text)


def _serve(given: argparse.Namespace) -> int:
    """Serve the app on the loopback address, on the next free port when the usual one is taken."""
    _check_team()
    port = given.port or _free_port()
    if port != FIRST_PORT and not given.port:
        say(f"Port {FIRST_PORT} is taken")
    say(f"Contact Workbench: http://127.0.0.1:{port}")
    # Resolved here: the server works in another folder.
    environment = os.environ | {PATH_VARIABLE: str(path_of(given).resolve())}
    command = [sys.executable, "-m", "streamlit", "run", str(places.APP), "--server.port", str(port)]
    if os.name == "posix":  # the server takes the place of this process: whoever ends it ends the server
        os.chdir(places.TOP)
        os.execve(sys.executable, command, environment)
    return subprocess.run(command, cwd=places.TOP, env=environment, check=False).returncode


def _check_team() -> None:
    """Raise TeamUnusable where a team is named that cannot be served."""
    if team.named() and not find_spec("authlib"):
        raise TeamUnusable("Signing in needs more packages: pip install 'contact-workbench[team]'")


def _free_port() -> int:
    for port in range(FIRST_PORT, LAST_PORT + 1):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise WorkbenchError(f"Ports {FIRST_PORT} to {LAST_PORT} are taken. Name a free one with --port")
