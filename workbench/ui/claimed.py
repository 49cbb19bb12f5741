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
from workbench.team import SKEW, Person, Team

_latest: dict[str, float] = {}  # the latest sign-in of a person, by the provider's clock
_signed_out: dict[str, float] = {}  # up to when a person's sign-ins are none, since they signed out in whatever tab


def is_proxied() -> bool:
    """Tell whether a proxy in front of the server says in its headers who is there."""
    return bool(config.get_option("server.trustedUserHeaders"))


def person(found: Team, claims: Mapping[str, object]) -> Person:
    """Return the person whom claims are about. Raises NotPermitted where the sign-in has ended, by time or by them."""
    who = found.signed_in(claims, time.time(), has_end=not is_proxied())
    if has_signed_out(who.name, claims):
        raise NotPermitted("You have signed out. Sign in again")
    _latest[who.name] = max(_issued(claims), _latest.get(who.name, 0))
    return who


def _issued(claims: Mapping[str, object]) -> float:
    issued = claims.get("iat")
    return issued if isinstance(issued, int | float) else 0


def has_signed_out(name: str, claims: Mapping[str, object]) -> bool:
    """Tell whether somebody has ended the sign-in of some claims, in whatever tab."""
    return 0 < _issued(claims) <= _signed_out.get(name, 0)


def sign_out(name: str) -> None:
    """End every sign-in of a person: all that were seen, and what is older by two clocks that differ."""
    _signed_out[name] = max(_latest.get(name, 0), time.time() - SKEW)


def asking(request: Request) -> Person | None:
    """Return the person of a team who makes a request, None for anybody else, or once the sign-in has ended."""
    found = team.named()
    if found is None:
        return None
    try:
        return person(found, _claims(request))
    except NotPermitted:
        return None


def _claims(request: Request) -> Mapping[str, object]:
    if is_proxied():
        return gather_user_info(request.headers)
    signed = _get_cookie_value_from_request(request, USER_COOKIE_NAME)
    return dict(json.loads(signed)) if signed else {}
