"""Signing in: what a sign-in says of a person and for how long, and the addresses of files that only they are told."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from streamlit import config

from workbench.errors import NotPermitted
from workbench.team import SKEW, Person, Team, read
from workbench.ui import downloads, guard, returning, signed_in

NOW = 1_700_000_000.0
CLAIMS = {"email": "ada@example.org", "groups": ["support"], "iat": NOW - 100, "exp": NOW + 100, "email_verified": True}
TEAM = """
[workspaces.support]
path = "s.duckdb"
groups = ["support"]
[roles.analyst]
groups = ["support"]
may = ["load"]
"""


@pytest.fixture
def team(tmp_path: Path) -> Team:
    (tmp_path / "team.toml").write_text(TEAM)
    return read(tmp_path / "team.toml")


def test_a_sign_in_is_a_person_with_the_rights_of_their_groups(team: Team) -> None:
    who = team.signed_in(CLAIMS, NOW)
    assert (who.name, who.groups, who.acts) == ("ada@example.org", {"support"}, {"load"})
    assert team.signed_in(CLAIMS | {"groups": "retail, support"}, NOW).groups == {"retail", "support"}
    assert team.signed_in(CLAIMS | {"groups": {"support": 1}}, NOW).acts == frozenset()
    assert team.signed_in(CLAIMS | {"groups": None}, NOW).groups == frozenset()


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"exp": NOW - SKEW - 1}, "has ended"),
        ({"exp": None}, "has ended"),
        ({"exp": "tomorrow"}, "has ended"),
        ({"exp": float("nan")}, "has ended"),
        ({"exp": float("inf")}, "has ended"),
        ({"iat": float("nan")}, "has ended"),
        ({"email_verified": "false"}, "does not say who you are"),
        ({"iat": NOW + SKEW + 1}, "a clock is wrong"),
        ({"email": None}, "does not say who you are"),
        ({"email": "  "}, "does not say who you are"),
        ({"email_verified": False}, "does not say who you are"),
        ({"email": " system:root"}, "does not say who you are"),
    ],
)
def test_a_sign_in_that_has_ended_or_says_nobody_is_none(team: Team, claims: dict[str, object], said: str) -> None:
    with pytest.raises(NotPermitted, match=said):
        team.signed_in(CLAIMS | claims, NOW)


def test_clocks_may_differ_a_little_and_a_proxys_headers_have_no_end(team: Team) -> None:
    team.signed_in(CLAIMS | {"exp": NOW - SKEW + 1, "iat": NOW + SKEW - 1}, NOW)
    assert team.signed_in({"email": "ada@example.org", "groups": "support"}, NOW, has_end=False).may("load")


@pytest.fixture
def proxied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, team: Team) -> None:
    """A team's server behind a proxy, which says in a header who is there."""
    assert team
    monkeypatch.setenv("WORKBENCH_TEAM", str(tmp_path / "team.toml"))
    others, headers = config.get_option, {"X-Email": "email", "X-Groups": "groups"}
    monkeypatch.setattr(
        config, "get_option", lambda name: headers if name == "server.trustedUserHeaders" else others(name)
    )


def answered(app: ASGIApp, how: str, address: str, **headers: str) -> httpx.Response:
    """Return what a server answers to a request."""

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await client.request(how, address, headers=headers)

    with ThreadPoolExecutor() as other:  # a browser that is open on this thread has a loop of its own there
        return other.submit(lambda: asyncio.run(ask())).result()


def got(address: str, person: str) -> httpx.Response:
    """Return what a server answers a person at the address of a file."""
    app = Starlette(routes=[Route("/files/{token}", downloads.serve)])
    return answered(app, "GET", address, **({"X-Email": person} if person else {}))


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"X-Email": "ada", "X-Groups": "support"}, 204), ({"X-Email": "eve", "X-Groups": "sales"}, 403),
        ({"X-Email": "eve"}, 403), ({"X-Groups": "support"}, 403), ({}, 403),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("proxied")
def test_only_who_may_give_the_server_a_file_can_have_it_keep_one(said: dict[str, str], status: int) -> None:
    async def keeps(request: Request) -> Response:
        return Response(status_code=204)

    app = guard.guarded(Starlette(routes=[Route("/_stcore/upload_file/{session}/{file}", keeps, methods=["PUT"])]))
    assert answered(app, "PUT", "/_stcore/upload_file/one/file", **said).status_code == status


@pytest.mark.usefixtures("proxied")
@pytest.mark.parametrize("ahead", [-SKEW + 20, 0, SKEW - 20])
def test_a_sign_out_ends_what_was_before_it_alone_whatever_the_providers_clock_says(
    monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    def there(since: int) -> str:
        claims = {"email": f"{ahead}@example.org", "iat": int(time.time()) + ahead + since}
        monkeypatch.setattr(signed_in.st, "user", SimpleNamespace(to_dict=lambda: claims))
        return signed_in.person().name

    assert there(since=-10)
    signed_in._sign_out(Person(f"{ahead}@example.org"))
    for since in (-10, -200):
        with pytest.raises(NotPermitted, match="You have signed out"):
            there(since)
    assert there(since=5)


@pytest.mark.usefixtures("proxied")
def test_two_persons_get_each_their_own_file_by_addresses_that_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {name: tmp_path / name for name in ("ada", "bo")}
    for name, file in files.items():
        file.write_text(f"of {name}")
    own = {name: downloads.address(file, f"{name}.csv", name) for name, file in files.items()}
    assert own["ada"] != own["bo"]
    assert downloads.address(files["ada"], "ada.csv", "ada") == own["ada"]  # a page that runs again says the same one
    for name, address in own.items():
        answer = got(address, name)
        assert (answer.status_code, answer.text) == (200, f"of {name}")
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
        assert answer.headers["cache-control"] == "no-store"
    assert got(own["ada"][:-1] + "x", "ada").text == downloads.UNKNOWN
    for stranger in ("bo", "", "ADA"):  # who was told the address
        assert got(own["ada"], stranger).text == downloads.UNKNOWN
    downloads.end("ada")
    assert [got(own[name], name).status_code for name in ("ada", "bo")] == [404, 200]
    later = downloads.time.monotonic() + downloads.SECONDS + 1
    monkeypatch.setattr(downloads.time, "monotonic", lambda: later)
    assert got(own["bo"], "bo").text == downloads.UNKNOWN


@pytest.mark.usefixtures("proxied")
def test_a_file_may_be_called_whatever_a_foreign_one_is(tmp_path: Path) -> None:
    (tmp_path / "ours").write_bytes(b"a,b")
    answer = got(downloads.address(tmp_path / "ours", "Müller\r\n.csv", "ada"), "ada")
    assert answer.content == b"a,b"
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''M%C3%BCller%0D%0A.csv"


@pytest.mark.usefixtures("proxied")
def test_a_file_that_is_gone_is_one_line(tmp_path: Path) -> None:
    assert got(downloads.address(tmp_path / "none", "none.csv", "ada"), "ada").text == downloads.UNKNOWN


def led_back(login: dict[str, str], end: dict[str, str] | None = None) -> str:
    """Sign in from a page; return where the browser is led then."""

    async def redirect(request: Request) -> RedirectResponse:
        return RedirectResponse("/", 302)

    async def ask() -> str:
        paths = ("/auth/login", "/oauth2callback")
        app = Starlette(routes=[Route(path, redirect) for path in paths], middleware=[Middleware(returning.returned)])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as client:
            begun = await client.get(paths[0], headers=login)
            assert begun.headers["location"] == "/"
            ended = await client.get(paths[1], headers=end)
            assert "workbench_page" not in client.cookies
            return str(ended.headers["location"])

    with ThreadPoolExecutor() as other:
        return other.submit(lambda: asyncio.run(ask())).result()


def test_a_sign_in_leads_back_to_the_page_that_was_asked_for() -> None:
    assert led_back({"referer": "http://server/contacts?preset=all&pin=a%3Db"}) == "/contacts?preset=all&pin=a%3Db"
    assert led_back({"referer": "http://server/"}) == "/"


@pytest.mark.parametrize(
    "came",
    ["http://elsewhere/contacts", "http://server//elsewhere/x", "http://server/\\elsewhere", "", "http://server",
     "http://server:80/contacts", f"http://server/{'x' * returning.LONGEST}", "javascript:alert(1)"],
)  # fmt: skip
def test_a_sign_in_leads_nowhere_else(came: str) -> None:
    assert led_back({"referer": came}) == "/"


@pytest.mark.parametrize(
    "planted", ["//elsewhere", "https://elsewhere", "/%5Celsewhere", "/a%0d%0ax:1", "%2f%2felsewhere"]
)
def test_a_planted_cookie_leads_nowhere_else(planted: str) -> None:
    assert led_back({}, {"cookie": f"workbench_page={planted}"}) == "/"
