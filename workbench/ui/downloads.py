"""Files that a team's persons download: each by an address of ours that answers them alone, and ends after a while.

Streamlit's own addresses of files know no person and no end. It may be imported at the start: it needs nothing else.
"""

import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from workbench.ui.claimed import asking

SECONDS = 600  # for which an address can be used
UNKNOWN = "There is no such file, or its address has ended. Prepare it again.\n"


@dataclass(frozen=True)
class _Ticket:
    file: Path
    name: str
    person: str
    until: float


_lock = threading.Lock()
_tickets: dict[str, _Ticket] = {}


def address(file: Path, name: str, person: str) -> str:
    """Return an address by which a person gets a file under a name; the same one for as long as it can be used."""
    now = time.monotonic()
    with _lock:
        for token in [token for token, ticket in _tickets.items() if ticket.until < now]:
            del _tickets[token]
        for token, ticket in _tickets.items():
            if (ticket.file, ticket.name, ticket.person) == (file, name, person) and ticket.until > now + SECONDS / 2:
                return f"/files/{token}"
        token = secrets.token_urlsafe(32)
        _tickets[token] = _Ticket(file, name, person, now + SECONDS)
    return f"/files/{token}"


def end(person: str) -> None:
    """Let no address of a person's be used any more."""
    with _lock:
        for token in [token for token, ticket in _tickets.items() if ticket.person == person]:
            del _tickets[token]


async def serve(request: Request) -> Response:
    """Answer with the file of an address, or with one line that is the same whatever is wrong with it."""
    with _lock:
        ticket = _tickets.get(request.path_params["token"])
    if ticket is None or ticket.until < time.monotonic():
        return PlainTextResponse(UNKNOWN, 404)
    who = asking(request)
    if who is None or who.name != ticket.person:  # others may have been told the address
        return PlainTextResponse(UNKNOWN, 404)
    headers = {"Cache-Control": "no-store"}
    if not ticket.file.is_file():  # the rows in it are no more
        return PlainTextResponse(UNKNOWN, 404)
    return FileResponse(ticket.file, filename=ticket.name, media_type="application/octet-stream", headers=headers)
