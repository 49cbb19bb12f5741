"""The page that was asked for before somebody signed in is the one that opens after it.

Streamlit leads whoever has signed in to its first page. The address is kept in a cookie meanwhile, for the one request
that ends a sign-in, and is only ever followed within this server.
"""

from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BEGIN, END = "/auth/login", "/oauth2callback"
COOKIE = "workbench_page"
LONGEST, SECONDS = 3_000, 600  # characters of an address, and for how long a sign-in may take


def returned(app: ASGIApp) -> ASGIApp:
    """Return the app, in which a sign-in leads back to where it began."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or not path.endswith((BEGIN, END)):
            await app(scope, receive, send)
            return
        asked = Headers(scope=scope)

        async def send_back(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (302, 303, 307):
                headers = MutableHeaders(scope=message)
                if path.endswith(BEGIN):
                    page, seconds = _page(asked), SECONDS
                else:
                    page, seconds = _own(unquote(cookie_parser(asked.get("cookie", "")).get(COOKIE, ""))), 0
                    if page:
                        headers["location"] = page
                where = f"Path={path.removesuffix(BEGIN).removesuffix(END)}{END}; HttpOnly; SameSite=Lax"
                headers.append("set-cookie", f"{COOKIE}={quote(page, safe='')}; Max-Age={seconds}; {where}")
            await send(message)

        await app(scope, receive, send_back)

    return answer


def _page(asked: Headers) -> str:
    """Return the address within this server that a request came from, '' where it came from elsewhere."""
    came = urlsplit(asked.get("referer", ""))
    if came.netloc != asked.get("host"):
        return ""
    return _own(f"{came.path}?{came.query}" if came.query else came.path)


def _own(page: str) -> str:
    """Return an address where it can only be one within this server, else ''."""
    is_own = page.startswith("/") and page[1:2] not in ("/", "\\") and page.isprintable() and page.isascii()
    return page if is_own and len(page) <= LONGEST else ""
