"""What the terminal is told: messages, progress, and nothing by which a file's values could drive it."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.progress import Progress

# As it was started: by the script that an installation brings, or as a module.
PROGRAM = "contact-workbench" if Path(sys.argv[0]).stem == "contact-workbench" else "python -m workbench"


def say(text: str) -> None:
    """Write a message to standard error."""
    print(printable(text), file=sys.stderr)


def printable(text: str) -> str:
    """Return a text without the control characters by which a file's values could drive the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def rows_said(count: int) -> str:
    """Return a number of rows in words."""
    return f"{count:,} row{'' if count == 1 else 's'}"


@contextmanager
def progress_shown(name: str) -> Iterator[Progress]:
    """Write how far work on a file has come to standard error, when that is a terminal."""
    progress, is_done = Progress(), threading.Event()

    def show() -> None:
        while not is_done.wait(0.3):
            done = progress.fraction()
            share = "" if done is None else f" {done:.0%}"
            print(f"\r\x1b[K{name}: {progress.stage}{share}", end="", file=sys.stderr, flush=True)
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    shower = threading.Thread(target=show) if sys.stderr.isatty() else None
    if shower:
        shower.start()
    try:
        yield progress
    finally:
        is_done.set()
        if shower:
            shower.join()
