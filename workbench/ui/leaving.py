"""A question of a page that its visitor has left is stopped: nobody waits for the answer (guarantee 21).

A script of a page meets that it is to end only between two of its own calls, not within a query. It ends with the
query that was stopped: what that says would be an error on a page that nobody sees, and in the terminal.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests, ScriptRequestType

EVERY = 0.1  # seconds between two looks at what runs
_lock = threading.Lock()
_asked: dict[object, tuple[ScriptRequests, Callable[[], None]]] = {}
_watching = False


@contextmanager
def awaited(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` where the page that asks is left before this ends, and end its script; what no page asks goes on."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or context.script_requests is None:
        yield
        return
    own = object()
    with _lock:
        _asked[own] = context.script_requests, stop
        _watch()
    try:
        yield
    except Exception:
        if is_left(context.script_requests):
            raise StopException from None
        raise
    finally:
        with _lock:
            del _asked[own]


def _watch() -> None:
    global _watching
    if not _watching:
        _watching = True
        threading.Thread(target=_look, name="leaving", daemon=True).start()


def _look() -> None:
    global _watching
    while True:
        time.sleep(EVERY)
        with _lock:
            if not _asked:
                _watching = False
                return
            for requests, stop in _asked.values():
                if is_left(requests):
                    stop()


def is_left(requests: ScriptRequests) -> bool:
    """Tell whether a script is to end or to begin anew; a part of the page that renews itself ends nothing."""
    state, asked = requests._state, requests._rerun_data
    if state is ScriptRequestType.RERUN:
        return not asked.fragment_id_queue or asked.is_fragment_scoped_rerun
    return state is ScriptRequestType.STOP
