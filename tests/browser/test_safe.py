"""Pages that hold hostile texts ask no other host for anything and show what is there; strangers get no page."""

import http.client
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests import planted
from tests.browser.conftest import HOSTS, Server, Visit, Visiting, is_sent, running
from tests.browser.foreign_texts import TEXTS
from tests.planted import DAYS, FORMULA, IMAGE
from workbench.drawing import charts
from workbench.reports import REPORTS, Tile
from workbench.ui import guard

pytestmark = pytest.mark.browser

PAGES = (*REPORTS, "data", "settings")
READ = """page => [...page.querySelectorAll(
    '[data-testid=stMarkdownContainer], [data-testid=stCaptionContainer], [data-testid=stMetricValue]'
)].map(element => element.textContent.trim())"""
SOCKET = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
}  # fmt: skip
FOREIGN = ("attacker.example", "127.0.0.1.attacker.example:8501", "localhost@attacker.example", "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace in which every text is planted."""
    folder = tmp_path_factory.mktemp("safe")
    planted.make(folder / "workspace.duckdb", folder)
    return folder


@pytest.fixture
def person(visiting: Visiting) -> Visit:
    """A person who has no page open yet."""
    return visiting()


def _is_drawn(tile: Tile) -> bool:
    """Tell whether a tile is drawn where nothing is compared and nothing opened."""
    return charts.is_charted(tile) and tile.shape != "contributions" and not tile.is_folded


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.few
def test_no_page_asks_another_host_for_anything(person: Visit, requests: list[str], path: str) -> None:
    person.open(f"{path}?from={DAYS['from']}&to={DAYS['to']}")
    person.still()
    if path in REPORTS:
        drawn = person.page.locator("[data-testid=stVegaLiteChart] svg")
        charted = [tile.card or tile.name for tile in REPORTS[path].tiles if _is_drawn(tile)]
        assert drawn.count() > len(set(charted)) / 2  # of some there is nothing to draw
        for icon in person.page.get_by_test_id("stTooltipIcon").all()[:2]:
            icon.hover()
        drawn.first.hover()
        person.record()
        person.still()
    expect(person.page.locator("img[src*=planted], a[href*=planted], a[href^=javascript]")).to_have_count(0)
    hosts = {urlsplit(address).hostname for address in requests if is_sent(address)}
    assert hosts == {HOSTS[0]}, sorted(requests)


def test_what_a_currency_asks_for_is_what_it_is_called(person: Visit) -> None:
    person.open(f"messaging_overview?from={DAYS['from']}&to={DAYS['to']}")
    names = person.widget("currency-asked").get_by_role("radio")
    expect(names.filter(has_text=IMAGE.upper())).to_have_count(1)
    names.filter(has_text=FORMULA.upper()).click()
    expect(person.widget("currency").get_by_role("combobox")).to_have_value(f"{FORMULA.upper()}  ·  1")
    person.still()


def test_every_foreign_text_is_read_as_it_is(chromium: Browser, tmp_path: Path) -> None:
    with running(tmp_path, "tests/browser/foreign_texts.py") as server:
        context = chromium.new_context()
        person = Visit(context.new_page(), server.address)
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        person.open("")
        last = person.page.locator(f".st-key-text{len(TEXTS) - 1}")
        expect(last.get_by_test_id("stTable")).to_be_visible()
        person.still()
        for number, text in enumerate(TEXTS):
            read = person.page.locator(f".st-key-text{number}").evaluate(READ)
            assert len(read) > 12
            assert set(read) == {text}
        expect(person.page.locator("[class*='st-key-text'] :is(img, a)")).to_have_count(0)
        assert {urlsplit(address).hostname for address in asked if is_sent(address)} == {HOSTS[0]}
        context.close()


# Strangers -----------------------------------------------------------------------------------------------------------


def answered(server: Server, path: str, **headers: str) -> http.client.HTTPResponse:
    """Return what the server answers to a request with other headers."""
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    connection.close()
    return answer


@pytest.fixture
def media(person: Visit) -> str:
    """The path of a file that a page offers."""
    person.open("data")
    person.page.get_by_text("Templates for files").click()
    with person.page.expect_download() as download:
        person.page.get_by_test_id("stDownloadButton").locator("button").first.click()
    return urlsplit(download.value.url).path


def test_every_answer_has_the_headers_and_a_stranger_gets_no_page(server: Server, media: str) -> None:
    paths = ("/", "/inbound_contacts", "/favicon.png", "/_stcore/health", "/_stcore/host-config", "/media/none", media)
    assert media.startswith("/media/")
    for path in paths:
        own = answered(server, path)
        assert own.status == (404 if path == "/media/none" else 200)
        for host in FOREIGN:
            refused = answered(server, path, Host=host)
            assert refused.status == 403
            has_the_headers(refused)
        has_the_headers(own)
    for host in ("localhost", "LOCALHOST:1", HOSTS[0]):
        assert answered(server, "/", Host=host).status == 200
    assert answered(server, "/_stcore/stream", Host=FOREIGN[0], **SOCKET).status == 403
    assert answered(server, "/_stcore/stream", **SOCKET).status == 101


def has_the_headers(answer: http.client.HTTPResponse) -> None:
    """See that a page may load from this host alone, in no frame of another's, and tells none where it comes from."""
    for name, value in guard.HEADERS.items():
        assert answer.headers.get_all(name) == [value]
    (policy,) = answer.headers.get_all("Content-Security-Policy") or [""]
    allowed = re.sub(r"'[\w+/=-]+'|\b(data|blob):", "", policy)
    assert re.fullmatch(r"([a-z-]+ *; )*[a-z-]+ *", allowed), policy
    assert "unsafe-eval" not in policy


def test_a_page_elsewhere_that_tries_to_connect_makes_the_server_ask_nobody(server: Server) -> None:
    assert answered(server, "/_stcore/stream", Origin="http://attacker.example", **SOCKET).status == 403
    assert "external IP" not in server.console.read_text(encoding="utf-8")
