"""How much a person of a team may have the server do: what is uploaded within a day, and long work at once.

Counted in this process, which is the only one that serves a workspace. What is refused is recorded.
"""

import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from functools import partial

from workbench.errors import QuotaPassed
from workbench.store.workspace import Workspace
from workbench.team import Person
from workbench.ui import session, signed_in

DAY = 24 * 3600  # seconds
MEGABYTE = 1 << 20
_lock = threading.Lock()
_jobs: Counter[str] = Counter()  # under way, by person
_uploads: defaultdict[str, deque[tuple[float, int]]] = defaultdict(deque)  # when, and how many bytes


def job_begun() -> Callable[[], None]:
    """Count one more job of who is there; return how to count it no more. Raises QuotaPassed."""
    who = signed_in.person()
    with _lock:
        if is_free := not who.jobs or _jobs[who.name] < who.jobs:
            _jobs[who.name] += 1
    if not is_free:
        _refused(session.kept(), "jobs")
        raise QuotaPassed(f"As much is under way for you as may be at once here ({who.jobs}). Wait until one is done")
    return partial(_job_ended, who)


def _job_ended(who: Person) -> None:
    with _lock:
        _jobs.subtract([who.name])


def uploaded(workspace: Workspace, size: int) -> None:
    """Count bytes that who is there uploads. Raises QuotaPassed where they would be too many within a day."""
    who, now = workspace.actor, time.time()
    if not who.upload_megabytes:
        return
    with _lock:
        own = _uploads[who.name]
        while own and own[0][0] < now - DAY:
            own.popleft()
        is_free = sum(before for _, before in own) + size <= who.upload_megabytes * MEGABYTE
        if is_free:
            own.append((now, size))
    if not is_free:
        _refused(workspace, "uploads")
        raise QuotaPassed(
            f"That is more than the {who.upload_megabytes:,} MB that one may upload here within a day."
            " Go on tomorrow, or ask whoever runs this server"
        )


def _refused(workspace: Workspace, what: str) -> None:
    workspace.record("quota passed", of=what)
