"""Finds or installs the Apache Spark of the tests of engines, and starts it: every test asks the same one.

Its Python package holds the server and its jars; it has a virtual environment of its own, as it and its client are
packages of one name. Java 17 is Debian's.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.chromium import APT, is_root, run

VERSION = "4.2.0"
HOME = Path(os.environ.get("SPARK_TESTS", Path(__file__).parents[2] / ".spark"))
JAVA = ("openjdk-17-jre-headless",)
SECONDS = 180  # for a server to answer, on a machine with much else to do
MEGABYTES = 1024  # of each process
CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"


@dataclass(frozen=True)
class Server:
    """An engine that runs: where it is asked, and where it says what it does."""

    url: str
    rest: str = ""


class SparkMissing(RuntimeError):
    """No Java or no Spark, and none that could be installed."""


def spark_home() -> Path:
    """Find Spark; raise SparkMissing, with what to do, where there is none."""
    found = next(HOME.glob("lib/python*/site-packages/pyspark/bin/spark-submit"), None)
    if found is None or shutil.which("java") is None:
        raise SparkMissing("No Spark for the tests of engines. Run `make spark`, which installs one.")
    return found.parents[1]


@contextmanager
def started(folder: Path, token: str = "", megabytes: int = MEGABYTES) -> Iterator[Server]:
    """Start a Spark Connect server of two processes that share the work, as machines would.

    It asks for a token if there is one. Each process, and the one that plans for both, has so many megabytes.
    """
    home, port, rest = spark_home(), _free_port(), _free_port()
    settings = {
        "spark.connect.grpc.binding.port": port, "spark.ui.port": rest, "spark.sql.shuffle.partitions": 2,
        "spark.ui.showConsoleProgress": "false", "spark.executor.memory": f"{megabytes}m",
        "spark.driver.memory": f"{megabytes}m", **({"spark.connect.authenticate.token": token} if token else {}),
    }  # fmt: skip
    given = [text for key, value in settings.items() for text in ("--conf", f"{key}={value}")]
    master = f"local-cluster[2,1,{megabytes}]"
    command = [str(home / "bin" / "spark-submit"), "--class", CONNECT, "--master", master, *given]
    environment = os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    with (folder / "spark.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(port, server, folder / "spark.log")
        yield Server(f"sc://localhost:{port}", f"http://127.0.0.1:{rest}/api/v1/applications")
    finally:
        os.killpg(server.pid, 15)
        server.wait(60)


@contextmanager
def sail() -> Iterator[Server]:
    """Start Sail, which reads Spark's SQL without Java: quick, and never the reference."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        yield Server(f"sc://127.0.0.1:{server.listening_address[1]}")
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(SECONDS * 5):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.2)
    raise SparkMissing(f"Spark does not start: {log.read_text(errors='replace')[-1000:]}")


def main() -> int:
    """Make sure that there is a Spark with its Java: 0, or 1 with one line that says why not."""
    try:
        spark_home()
        return 0
    except SparkMissing:
        print("Installing Apache Spark for the tests of engines (once, some minutes)", flush=True)
    if shutil.which("java") is None:
        apt = (*(() if is_root() else ("sudo", "-n")), "env", "DEBIAN_FRONTEND=noninteractive", *APT)
        run(*apt, "update")  # a list that cannot be refreshed may still name a package that can be fetched
        run(*apt, "install", "--no-install-recommends", *JAVA)
    venv.create(HOME, with_pip=True)
    reason = run(str(HOME / "bin" / "python"), "-m", "pip", "install", "-qq", f"pyspark=={VERSION}", seconds=1_800)
    try:
        spark_home()
        return 0
    except SparkMissing as missing:
        print(f"{missing} ({reason})", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
