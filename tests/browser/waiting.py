"""Waits until a server answers, for the browser tests and for the screenshots of the README."""

import time
import urllib.request

STARTS_WITHIN = 60  # seconds


def wait_for(address: str) -> None:
    """Wait until the server answers; raise TimeoutError when it does not."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except OSError:  # nobody listens yet, or nobody answers in time
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{address} did not answer within {STARTS_WITHIN} s")
