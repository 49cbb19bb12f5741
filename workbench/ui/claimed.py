"""Who makes a plain request: whom the claims of a sign-in's signed cookie are about, or a proxy's headers.

Pages ask Streamlit (`st.user`), which knows the request of their socket alone. It may be imported at the start: it
needs nothing that the server has not loaded.
"""

import json
import time
from collections.abc import Mapping

from starlette.requests import Request
from streamlit import config
from streamlit.web.server.starlette.starlette_auth_routes import _get_cookie_value_from_request
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import gather_user_info

from workbench import team
from workbench.errors import NotPermitted
from workbench.team import Person


def is_proxied() -> bool:
    """Tell whether a proxy in front of the server says in its headers who is there."""
    return bool(config.get_option("server.trustedUserHeaders"))


def asking(request: Request) -> Person | None:
    """Return the person of a team who makes a request, None for anybody else, or once the sign-in has ended."""
    found = team.named()
    if found is None:
        return None
    try:
        return found.signed_in(_claims(request), time.time(), has_end=not is_proxied())
    except NotPermitted:
        return None


def _claims(request: Request) -> Mapping[str, object]:
    if is_proxied():
        return gather_user_info(request.headers)
    signed = _get_cookie_value_from_request(request, USER_COOKIE_NAME)
    return dict(json.loads(signed)) if signed else {}
