"""Child processes: what every one of them needs that is killed when it takes too long."""

import os
import signal
import subprocess
from contextlib import suppress
from typing import Any


def kill(child: "subprocess.Popen[Any]") -> None:
    """End a child that leads a session of its own, and whatever it started, if it has not ended by itself."""
    if child.poll() is not None:
        return
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL) if os.name == "posix" else child.kill()
