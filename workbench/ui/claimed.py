"""What a plain request says of who makes it: the claims of a sign-in's signed cookie, or a proxy's headers.

Pages ask Streamlit (`st.user`), which knows the request of their socket alone. It may be imported at the start: it
needs nothing that the server has not loaded.
"""

import json
from collections.abc import Mapping

from starlette.requests import Request
from streamlit import config
from streamlit.web.server.starlette.starlette_auth_routes import _get_cookie_value_from_request
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import gather_user_info


def is_proxied() -> bool:
    """Tell whether a proxy in front of the server says in its headers who is there."""
    return bool(config.get_option("server.trustedUserHeaders"))


def claims(request: Request) -> Mapping[str, object]:
    """Return what a request claims of its person, nothing where nobody has signed in; an end is not looked at."""
    if is_proxied():
        return gather_user_info(request.headers)
    signed = _get_cookie_value_from_request(request, USER_COOKIE_NAME)
    return dict(json.loads(signed)) if signed else {}
