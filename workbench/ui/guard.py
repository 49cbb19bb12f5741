"""What every answer of the server keeps to: only hosts of ours get one, and no page may ask another host for anything.

Only here, and around the whole server: Streamlit's own settings check the Host of the websocket alone, and set no
headers. It may be imported at the start, as it needs nothing that the server has not loaded.
"""

import base64
import hashlib
import os
import re
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config, file_util, net_util
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from workbench.team import TEAM_VARIABLE
from workbench.ui.claimed import asking

REFUSED = "This server answers only for the hosts in server.allowedHosts. To use another one, add it there.\n"
UNKNOWN = (
    '<!doctype html><html lang="en"><title>No such page</title>'
    '<p>There is no such page here. <a href="/">Open Contact Workbench</a></p></html>\n'
)
# What Streamlit itself has under other addresses, and the files that a team downloads.
NESTED = ("_stcore", "app", "auth", "component", "files", "media", "static")
INNER = ("/_stcore/metrics", "/_stcore/agent")
STRANGER = "Sign in to give this server a file, as somebody who may.\n"
TAKING = ("load", "restore", "views", "settings")  # acts that take a file
FAILED = "Something went wrong. The terminal says more.\n"
# What a page may load, and from where. Styles are written into the page by Streamlit as it runs, so no hash fits them.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "font-src": "'self' data:",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}
BEGINNINGS = ("http.response.start", "websocket.accept")

# Known to be nothing, or Streamlit asks a public service for it when a page of another origin tries to connect.
net_util._external_ip = ""


def guarded(app: ASGIApp) -> ASGIApp:
    """Return the app behind the check of the Host, with the headers on whatever it answers, failures included."""
    headers = HEADERS | {"Content-Security-Policy": _policy(Path(file_util.get_static_dir(), "index.html"))}

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
            return
        has_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            if message["type"] in BEGINNINGS:
                MutableHeaders(scope=message).update(headers)
            await send(message)

        if not is_ours(Headers(scope=scope).getlist("host")):
            await _refused(scope, receive, send_with_headers)
            return
        if _is_inner(scope):
            await HTMLResponse(UNKNOWN, 404)(scope, receive, send_with_headers)
            return
        if _is_strangers(scope):
            await PlainTextResponse(STRANGER, 403)(scope, receive, send_with_headers)
            return
        if _is_lost(scope):
            await HTMLResponse(UNKNOWN, 404)(scope, receive, send_with_headers)
            return
        try:
            await app(scope, receive, send_with_headers)
        except Exception:
            if not has_begun:  # Starlette's own answer to a failure does not come through here
                await PlainTextResponse(FAILED, 500)(scope, receive, send_with_headers)
            raise

    return answer


async def _refused(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 403, to the handshake of a socket without words: the server logs any as an error of ours."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await PlainTextResponse(REFUSED, 403)(scope, receive, send)


def _is_inner(scope: Scope) -> bool:
    """Tell whether a team's server is asked for what only who runs it may know, and nobody is asked who they are."""
    return bool(os.environ.get(TEAM_VARIABLE)) and any(f"{part}/" in f"{scope['path']}/" for part in INNER)


def _is_strangers(scope: Scope) -> bool:
    """Tell whether a team's server is given a file to keep by somebody of whose acts none takes one, or by nobody."""
    if scope["type"] != "http" or "/_stcore/upload_file/" not in scope["path"] or not os.environ.get(TEAM_VARIABLE):
        return False
    who = asking(Request(scope))
    return who is None or not any(map(who.may, TAKING))


def _is_lost(scope: Scope) -> bool:
    """Tell whether a browser goes to an address below a page, where Streamlit's own page finds none of its files."""
    if scope["type"] != "http" or config.get_option("server.baseUrlPath"):
        return False
    first, _, rest = str(scope["path"]).strip("/").partition("/")
    return bool(rest) and first not in NESTED and "text/html" in Headers(scope=scope).get("accept", "")


def is_ours(hosts: list[str]) -> bool:
    """Tell whether a request names one host, and one of `server.allowedHosts`; its port does not matter."""
    return len(hosts) == 1 and is_host_allowed(hosts[0])


def _policy(index: Path) -> str:
    """Return the policy with the hash of each script that stands in Streamlit's own page; another one does not run."""
    scripts = re.findall(r"<script>(.*?)</script>", index.read_text(encoding="utf-8"), re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join([POLICY["script-src"], *(f"'sha256-{found}'" for found in hashes)])
    return "; ".join(f"{what} {where}" for what, where in (POLICY | {"script-src": allowed}).items())
