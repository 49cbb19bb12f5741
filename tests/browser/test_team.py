"""A team: two persons in two browsers, who sign in at a real provider on this machine."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import quote
from zipfile import ZipFile

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import FOLDER, Visit
from tests.browser.waiting import wait_for
from tests.builders import contact, written
from workbench import Workbench
from workbench.store import audit

pytestmark = pytest.mark.browser
ADA, BO, EVE, CY = "ada@example.org", "bo@example.org", "eve@example.org", "cy@example.org"
MARKER = "planted"  # in whatever tells who a customer is
TEAM = """
[workspaces.support]
path = "support.duckdb"
groups = ["support", "masked"]
[workspaces.retail]
path = "retail.duckdb"
groups = ["retail"]
[roles.lead]
groups = ["support"]
may = ["load", "export", "views", "settings", "sql", "clear_view"]
[roles.viewer]
groups = ["retail"]
may = ["clear_view"]
[roles.masked]
groups = ["masked"]
may = ["load", "export", "views", "sql"]
[report_groups.messages]
reports = ["team_engagement"]
groups = ["support"]
"""


def customer(number: int, of: str) -> dict[str, str]:
    """Return a contact of a workspace with the marker wherever a file can say who the customer is."""
    names = ("contact_id", "customer_id", "conversation_id", "fulfilled_by_contact_id")
    told = {name: f"{MARKER}-{name}-{number}" for name in names}
    link = f"https://{MARKER}.example.org/{number}"
    reached = {"direction": "OUTBOUND", "entry_point": f"+1 {MARKER} {number}"}
    return contact(**told | reached, conversation_link=link, agent_when_ended=f"agent of {of}") | {
        "Note": f"{MARKER} note"
    }


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A provider in a process of its own: what its packages warn of is theirs."""
    port = free_port()
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"{address}/.well-known/openid-configuration")
            for name, groups in ((ADA, ["support"]), (BO, ["retail"]), (EVE, []), (CY, ["masked"])):
                said = {"email": name, "groups": groups}
                assert httpx.put(f"{address}/users/{quote(name)}", json=said).status_code == 204
            yield address
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def served(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    home, port = tmp_path_factory.mktemp("team"), free_port()
    address = f"http://localhost:{port}"
    (home / "team.toml").write_text(TEAM)
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "{address}/oauth2callback"\ncookie_secret = "{"s" * 40}"\nclient_id = "workbench"\n'
        f'client_secret = "secret"\nserver_metadata_url = "{provider}/.well-known/openid-configuration"\n'
    )
    for name in ("support", "retail"):
        workbench = Workbench(home / f"{name}.duckdb")
        rows = [customer(n, name) for n in range(3)]
        workbench.load(written(home / f"ContactExport-20240301-20240331 {MARKER}.csv", rows, [*rows[0]]))
        workbench.close()
    environment = os.environ | {"HOME": str(home), "WORKBENCH_TEAM": str(home / "team.toml")}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    with (home / "console.txt").open("wb") as out:
        process = subprocess.Popen(command, cwd=FOLDER, env=environment, stdout=out, stderr=out)
        try:
            wait_for(f"{address}/_stcore/health")
            yield address, home
        finally:
            process.terminate()
            process.wait(30)


def signed_in(chromium: Browser, address: str, name: str, path: str = "") -> Page:
    page = chromium.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.goto(f"{address}/{path}")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_placeholder("sub").fill(name)
    page.get_by_role("button", name="Authorize").click()
    return page


def test_two_persons_see_their_own_workspace_and_may_what_their_role_says(
    chromium: Browser, served: tuple[str, Path]
) -> None:
    address, home = served
    ada, bo = (signed_in(chromium, address, name, "contact_export?preset=last_week") for name in (ADA, BO))
    for page in (ada, bo):  # as the link said, before anybody was known
        page.wait_for_url(re.compile("/contact_export.*preset=last_week"))
    for page, name in ((ada, ADA), (bo, BO)):
        expect(page.get_by_text(name)).to_be_visible()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(ada.get_by_role("link", name="SQL")).to_be_visible()
    expect(bo.get_by_role("link", name="Data")).to_be_visible()
    assert bo.get_by_role("link", name="SQL").count() == bo.get_by_role("link", name="Team engagement").count() == 0
    for page, own, other in ((ada, "support", "retail"), (bo, "retail", "support")):
        page.goto(f"{address}/contact_export?preset=all")
        expect(page.get_by_text(f"agent of {own}").first).to_be_attached()
        assert page.get_by_text(f"agent of {other}").count() == 0
    assert bo.get_by_role("button", name="Export to Excel").count() == 0
    ada.get_by_role("button", name="Export to Excel").click()
    ada.get_by_role("button", name="Prepare").click()
    link = ada.get_by_role("link", name="Download")
    expect(link).to_be_visible()
    file = f"{address}{link.get_attribute('href')}"
    assert ada.context.request.get(file).body()[:2] == b"PK"
    assert [bo.context.request.get(file).status, httpx.get(file).status_code] == [404, 404]  # who was told the address
    other = ada.context.new_page()
    other.goto(f"{address}/data")
    expect(other.get_by_role("button", name="Sign out")).to_be_visible()
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url(re.compile("end_session|oauth2callback"))  # the provider is told too
    assert ada.context.request.get(file).status == 404
    ada.reload()
    expect(ada.get_by_role("button", name="Sign in")).to_be_visible()
    acts = [(line["who"], line["act"]) for line in audit.lines(home / "support.duckdb")]
    assert {*acts} >= {(ADA, "clear view"), (ADA, "export")}
    assert acts.count((ADA, "sign in")) == 1  # in two tabs and over three pages


def heard(page: Page) -> list[bytes]:
    """Return what a browser is sent from now on, by its socket or otherwise, as it comes."""
    sent: list[bytes] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda payload: sent.append(bytes(payload))))
    return sent


def test_what_a_masked_person_is_sent_holds_no_marker(chromium: Browser, served: tuple[str, Path]) -> None:
    address, home = served
    sent = {}
    for name in (ADA, CY):
        page = signed_in(chromium, address, name)
        expect(page.get_by_text(name)).to_be_visible()
        sent[name] = heard(page)
        visit = Visit(page, address)
        for path in ("contact_export?preset=all&log.columns=contact_id&log.columns=customer_id", "data", "explore"):
            visit.open(path)
            expect(page.get_by_text(name)).to_be_visible()
            visit.still()
    page.goto(f"{address}/sql")
    for sql, said in (
        ("select * from gladly_contacts", "3 rows"), ("select customer_id::int from gladly_contacts", "try_cast"),
        ("from saved_views", "cannot be read here"),
    ):  # fmt: skip
        page.get_by_label("SELECT", exact=True).fill(sql)
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_text(said).first).to_be_visible()
    page.goto(f"{address}/contact_export?preset=all")
    page.get_by_role("button", name="Export to Excel").click()
    page.get_by_role("button", name="Prepare").click()
    link = page.get_by_role("link", name="Download").get_attribute("href")
    exported = page.context.request.get(f"{address}{link}").body()
    with ZipFile(BytesIO(exported)) as package:
        parts = [package.read(part) for part in package.namelist()]
    told = {"socket": sent[CY], "export": parts, "log": [(home / "console.txt").read_bytes()]}
    assert any(MARKER.encode() in frame for frame in sent[ADA])
    assert {where for where, texts in told.items() if any(MARKER.encode() in text for text in texts)} == set()
    assert all(told.values())


def test_a_person_of_no_group_sees_one_line(chromium: Browser, served: tuple[str, Path]) -> None:
    page = signed_in(chromium, served[0], EVE)
    expect(page.get_by_text("You are signed in, but in no group of this server")).to_be_visible()
    assert page.get_by_role("link", name="Data").count() == 0
