"""A server of the app into whose workspace files are loaded, again and again, and taken back: for benchmarks/soak.py.

`python -m benchmarks.soaked PORT LOG FILE...` loads as the Data page does: into the workspace that pages ask, in a
thread of the same process.
"""

import sys
import threading
import time
from itertools import cycle
from pathlib import Path

from streamlit.web import cli

from benchmarks.measure import ROOT
from workbench.store.paths import default_path
from workbench.ui import session

TURN = 5  # loads until all of them are taken back


def main() -> None:
    """Serve until somebody ends it."""
    port, log, *files = sys.argv[1:]
    threading.Thread(target=_load, args=(Path(log), [Path(file) for file in files]), daemon=True).start()
    cli.main(["run", str(ROOT / "app.py"), "--server.port", port, "--server.headless", "true"])


def _load(log: Path, files: list[Path]) -> None:
    with log.open("w", encoding="utf-8", buffering=1) as said:
        try:
            workspace = session._workspace(str(default_path()))
            loads: list[int] = []
            for file in cycle(files):
                loads.append(workspace.load(file).load_id or 0)
                said.write("loaded\n")
                if len(loads) == TURN:
                    workspace.unload_all(loads)
                    loads.clear()
                time.sleep(1)
        finally:  # only an error ends it before the process does
            said.write("loading has stopped; the console says why\n")


if __name__ == "__main__":
    main()
