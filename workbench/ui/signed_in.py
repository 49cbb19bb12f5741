"""Who a page is drawn for: the local person, or whoever signed in, asked anew on every run.

A sign-in is a signed cookie that lives for 30 days and that the server looks at once, so its end is seen to here.
"""

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from workbench import team
from workbench.errors import NotPermitted, WorkbenchError
from workbench.store import audit
from workbench.team import LOCAL, Person, Place, Team
from workbench.ui import claimed, downloads
from workbench.ui.claimed import is_proxied

_PLACE, _RECORDED, _REFUSED = "team:place", "team:recorded", "team:refused"
_recorded: set[tuple[str, str, object]] = set()  # the sign-ins by person, workspace and when they were


def person() -> Person:
    """Return who the page is drawn for. Raises NotPermitted where nobody is signed in, or not any more."""
    found = team.named()
    if found is None:
        return LOCAL
    claims: Mapping[str, object] = st.user.to_dict()
    if not (is_proxied() or claims.get("is_logged_in")):
        raise NotPermitted("Sign in to go on")
    return claimed.person(found, claims)


def still(who: Person) -> None:
    """Raise NotPermitted where a page goes on for somebody who is not there any more, or is another now.

    A part of a page that runs by itself asks nobody who is there: then the whole page is drawn anew. Work that was
    begun goes on.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return
    try:
        is_there = person() == who
    except NotPermitted:
        is_there = False
    if not is_there:
        if context.fragment_ids_this_run:
            st.rerun()
        raise NotPermitted("Your sign-in has ended. Open the page again")


def place(who: Person) -> Place:
    """Return the workspace that a person has chosen, the first of theirs until then. Raises NotPermitted."""
    return _team().place_of(who, st.session_state.get(_PLACE, ""))


def is_let_in() -> bool:
    """Tell whether pages are drawn; say who is there on top of the sidebar, or draw how to sign in."""
    if team.named() is None:
        return True
    try:
        who = person()
    except NotPermitted as error:
        _record_refusal()
        _door(error)
        return False
    try:
        own = place(who)
    except NotPermitted as error:
        _record_refusal()
        st.error(str(error), icon=":material/error:")
        st.button("Sign out", on_click=_sign_out, args=(who,))
        return False
    _said(who, own)
    return True


def _team() -> Team:
    found = team.named()
    assert found is not None  # asked only where there is one
    return found


def _said(who: Person, own: Place) -> None:
    """Say who is there and which workspace that is, with the way out."""
    _record(who, own)
    with st.sidebar, st.container(gap="xsmall", key="who"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(who.name)
            st.space("stretch")
            st.button("Sign out", icon=":material/logout:", type="tertiary", on_click=_sign_out, args=(who,))
        names = [each.name for each in _team().places_of(who)]
        if len(names) > 1:
            st.selectbox("Workspace", names, key=_PLACE, persist_state="session")


def _record_refusal() -> None:
    """Record, once for each session, that somebody whom the provider knows was not let in; of others nothing is known.

    It stands with a workspace of theirs, or with the first one where they have none.
    """
    found, claims = _team(), st.user.to_dict()
    name, groups = claims.get(found.name_claim), claims.get(found.groups_claim)
    if not isinstance(name, str) or not name.strip() or claimed.has_signed_out(name.strip(), claims):
        return
    if not st.session_state.get(_REFUSED):
        who = found.person(name.strip(), groups if isinstance(groups, list) else ())
        audit.record((found.places_of(who) or found.places)[0].path, who, "refused", of="sign in")
        st.session_state[_REFUSED] = True


def _record(who: Person, own: Place) -> None:
    """Record that somebody works with a workspace: once for each sign-in, of a proxy's for each of its sessions."""
    issued = st.user.to_dict().get("iat")
    sign_in = (who.name, own.name, issued)
    if st.session_state.get(_RECORDED) != sign_in:
        if issued is None or sign_in not in _recorded:
            audit.record(own.path, who, "sign in")
        st.session_state[_RECORDED] = sign_in
        _recorded.add(sign_in)


def _door(error: WorkbenchError) -> None:
    st.title("Contact Workbench", anchor=False)
    st.markdown(str(error))
    st.button("Sign in", type="primary", icon=":material/login:", on_click=st.login)


def _sign_out(who: Person) -> None:
    claimed.sign_out(who.name)
    downloads.end(who.name)
    if not is_proxied():
        st.logout()
