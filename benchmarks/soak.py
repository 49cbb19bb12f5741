"""Many people at once while files are loaded: every number is checked, with the time it took and the server's memory.

A session is a socket that speaks Streamlit's protocol, without a browser: what a server can do is measured, not what a
machine can draw. `make soak` runs it for five minutes: 20 sessions over a million contacts.

python -m benchmarks.soak [--sessions N] [--seconds N] [--contacts N]
"""

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

from benchmarks.exports import CACHE, END, exports
from benchmarks.measure import ROOT, say
from benchmarks.pages import _free_port, _wait_for
from workbench import Workbench
from workbench.ask import answers
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.drawing import formats
from workbench.exports.gladly import CONTACT_EXPORT
from workbench.reports import REPORTS

REPORT = REPORTS["contact_export"]
CARDS = next(tile for tile in REPORT.tiles if tile.shape == "metrics")
LENGTH, WITHIN = 7, 600  # days of a selection, seconds for an answer
LOG, SAMPLED = "soak.log", 0.5  # what the loading side of the server says; seconds between two looks at its memory
ROWS = 500  # of a file that is loaded
GROWTH = 1.25  # times its memory after a quarter of the time that the server may have in the last one


@dataclass
class Outcome:
    """What came of a soak: seconds by answer, wrong numbers, errors, megabytes over time, and loads meanwhile."""

    answers: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    loads: int = 0

    @property
    def growth(self) -> float:
        """How many times its memory of the second quarter the server has in the last one."""
        quarter = max(1, len(self.megabytes) // 4)
        return median(self.megabytes[-quarter:]) / median(self.megabytes[quarter : 2 * quarter] or self.megabytes)

    @property
    def said(self) -> str:
        """The figures in a line each."""
        if len(self.answers) < 2:
            return f"Too few answers, {len(self.errors)} errors"
        p = quantiles(self.answers, n=20)
        return (
            f"{len(self.answers):,} answers, {len(self.wrong)} wrong, {len(self.errors)} errors, {self.loads} loads\n"
            f"p50 {median(self.answers):.2f} s, p95 {p[18]:.2f} s, slowest {max(self.answers):.2f} s\n"
            f"memory {median(self.megabytes):.0f} MB, at most {max(self.megabytes):.0f} MB,"
            f" last quarter {self.growth:.2f} times the second"
        )


def soak(path: Path, sessions: int, seconds: float, last: date, files: Sequence[Path]) -> Outcome:
    """Ask a workspace that is closed until now; `files`, which are of days after `last`, are loaded meanwhile."""
    expected = [_expected(path, last, number, sessions) for number in range(sessions)]
    outcome, lock = Outcome(), threading.Lock()
    with _served(path, files) as (port, process):
        end = time.monotonic() + seconds
        with ThreadPoolExecutor(sessions) as threads:
            people = [
                threads.submit(_works, port, end, each, number, outcome, lock) for number, each in enumerate(expected)
            ]
            while not all(person.done() for person in people):
                outcome.megabytes.append(process.memory_info().rss / 1e6)
                time.sleep(SAMPLED)
        outcome.errors += [repr(error) for person in people if (error := person.exception())]
    said = (path.parent / LOG).read_text(encoding="utf-8").splitlines()
    outcome.loads = said.count("loaded")
    outcome.errors += [line for line in said if line != "loaded"]
    return outcome


def _expected(path: Path, last: date, number: int, sessions: int) -> dict[str, list[str]]:
    """Return what each of a session's own links shows in its cards, asked while nothing else goes on.

    No two sessions have a link in common, so that one who is answered another's question has a wrong number.
    """
    workbench = Workbench(path)
    found: dict[str, list[str]] = {}
    for turn in range(5):
        start = last - timedelta(days=LENGTH + number + turn * sessions)
        selection = Selection(start=start, end=start + timedelta(days=LENGTH - 1))
        row = answers.rows(Question(workbench.workspace, REPORT, selection), CARDS).iloc[0]
        link = f"from={selection.start}&to={selection.end}&compare=none"
        found[link] = [formats.metric(row[name], REPORT.metric(name)) for group in CARDS.groups for name in group]
    workbench.close()
    return found


@contextmanager
def _served(path: Path, files: Sequence[Path]) -> Iterator[tuple[int, psutil.Process]]:
    """Serve a workspace, loading files into it by and by."""
    port = _free_port()
    command = [sys.executable, "-m", "benchmarks.soaked", str(port), str(path.parent / LOG), *map(str, files)]
    environment = os.environ | {"WORKBENCH_WORKSPACE": str(path)}
    with (path.parent / "console.txt").open("wb") as console:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=console, stderr=console)
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield port, psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(60)


def _works(
    port: int, end: float, expected: dict[str, list[str]], number: int, outcome: Outcome, lock: threading.Lock
) -> None:
    """Open one link after another, in an order of one's own, until the time is over."""
    order = random.Random(number)
    address, protocol = f"ws://127.0.0.1:{port}/_stcore/stream", Subprotocol("streamlit")
    with connect(address, subprotocols=[protocol], max_size=None) as socket:
        while time.monotonic() < end:
            link = order.choice([*expected])
            began = time.monotonic()
            values, errors = asked(socket, REPORT.name, link)
            with lock:
                outcome.answers.append(time.monotonic() - began)
                outcome.errors += errors
                if values[: len(expected[link])] != expected[link]:
                    outcome.wrong.append(f"{link}: {values}, not {expected[link]}")


def asked(socket: ClientConnection, page: str, query: str) -> tuple[list[str], list[str]]:
    """Open a page at a link; return the values of its cards and the errors on it, once it is drawn."""
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_name = page
    socket.send(message.SerializeToString())
    values: dict[tuple[int, ...], str] = {}
    errors: list[str] = []
    begun = False
    while True:
        said = ForwardMsg.FromString(socket.recv(timeout=WITHIN))
        if said.HasField("new_session"):
            values, errors, begun = {}, [], True
        elif said.HasField("delta") and said.delta.HasField("new_element"):
            element = said.delta.new_element
            if element.HasField("metric"):
                values[tuple(said.metadata.delta_path)] = element.metric.body
            if element.HasField("exception") or element.HasField("alert"):
                errors.append(str(element)[:500])
        elif begun and said.HasField("script_finished") and said.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            return [values[path] for path in sorted(values)], errors


def main() -> None:
    """Soak as the command line asks for, and print the figures. Exit status 1 where something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description="Many at once while files load.")
    for name, usual in (("sessions", 20), ("seconds", 300), ("contacts", 1_000_000)):
        parser.add_argument(f"--{name}", type=int, default=usual, metavar="N", help=f"default: {usual}")
    given = parser.parse_args()
    cache = CACHE.expanduser()
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="soak-") as folder:
        path = Path(folder) / "workspace.duckdb"
        workbench = Workbench(path)
        say("Loading")
        workbench.load(exports(given.contacts, cache).contact_export)
        workbench.close()
        say("Soaking")
        outcome = soak(path, given.sessions, given.seconds, END, later(Path(folder), END))
    print(f"{given.sessions} sessions, {given.seconds} s, {given.contacts:,} contacts, {os.cpu_count()} cores")
    print(outcome.said)
    for line in [*outcome.wrong[:5], *outcome.errors[:5]]:
        print(line)
    sys.exit(bool(outcome.wrong or outcome.errors or outcome.growth > GROWTH))


def later(folder: Path, last: date) -> list[Path]:
    """Write files of days that no session asks for: the second one restates what the first one holds."""
    start = last + timedelta(days=40)
    files = []
    for channel in ("CHAT", "SMS"):
        file = folder / channel / f"ContactExport-{start:%Y%m%d}-{start + timedelta(days=1):%Y%m%d}.csv"
        file.parent.mkdir()
        said = {"timezone_filter": "UTC", "queued_at": f"{start} 10:00:00", "direction": "INBOUND", "channel": channel}
        with file.open("w", newline="", encoding="utf-8") as text:
            writer = csv.DictWriter(text, [column.name for column in CONTACT_EXPORT.columns])
            writer.writerow({column.name: column.headers[0] for column in CONTACT_EXPORT.columns})
            writer.writerows(said | {"contact_id": f"later-{number}"} for number in range(ROWS))
        files.append(file)
    return files


if __name__ == "__main__":
    main()
