"""A server with a workspace of its own, and people who open it in a real Chromium.

The consoles of a server and of its visitors, and their requests are looked at in the end: a warning, or a request to
another host, fails.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Position,
    WebSocket,
    expect,
    sync_playwright,
)
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.chromium import launch_options
from tests.browser.waiting import wait_for
from workbench import Workbench

FOLDER = Path(__file__).parents[2]
HOSTS = ("127.0.0.1", "localhost")
ROW_HEIGHT = 31  # pixels, of a table in the theme's font size
# Where a path is filled: its middle may be a hole.
INSIDE = """path => {
    const box = path.getBBox(), point = path.ownerSVGElement.createSVGPoint();
    for (const y of [0.5, 0.3, 0.7, 0.1, 0.9]) for (const x of [0.5, 0.3, 0.7, 0.1, 0.9]) {
        point.x = box.x + x * box.width; point.y = box.y + y * box.height;
        if (path.isPointInFill(point)) {
            const at = point.matrixTransform(path.getScreenCTM());
            return [at.x, at.y];
        }
    }
}"""
SHAPES = """chart => [...chart.querySelectorAll('path:not(.background), line, text')]
    .filter(shape => shape.checkVisibility()).map(shape => [
        shape.textContent,
        ...['d', 'transform', 'fill', 'stroke', 'opacity', 'x2', 'y2'].map(name => shape.getAttribute(name)),
    ].join(' ').replace(/url\\(.*\\)/, 'url')).sort()"""
# Wait for two frames, and for whatever unfolds or fades and comes to an end; of what never does, for five seconds.
SETTLED = """() => Promise.race([
    new Promise(done => setTimeout(done, 5000)),
    new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => Promise.allSettled(
        document.getAnimations().filter(each => each.effect?.getComputedTiming().endTime < Infinity)
            .map(each => each.finished)))])"""
# Where something stands in every frame from now on.
WATCH = """what => {
    const places = window.places = [];
    const watch = () => {
        if (places !== window.places) return;
        places.push(Math.round(what.getBoundingClientRect().y));
        requestAnimationFrame(watch);
    };
    watch();
}"""
# What a person sees who asks for less motion: what shimmers and turns costs a third of the processor's time here.
USUAL = {"viewport": {"width": 1400, "height": 1000}, "reduced_motion": "reduce"}
# Streamlit gives the sidebar one of two widths, by whether the theme's font was there before it.
SIDEBAR = '[data-testid="stSidebar"] { min-width: 280px !important; max-width: 280px !important }'
WITHIN = 60_000  # milliseconds in which what a person waits for must be there, on a machine with much else to do
expect.set_options(timeout=WITHIN)


@dataclass
class Server:
    """A running app: its address, the file of its workspace, what it has said on its console."""

    address: str
    workspace: Path
    console: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End the app, so that its workspace can be opened by another process."""
        self.process.terminate()
        self.process.wait(30)

    def said(self) -> list[str]:
        """Return the lines on the console that no run should leave there."""
        lines = self.console.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if re.search(r"warn|error|traceback|exception|deprecat", line, re.IGNORECASE)]


@contextmanager
def running(folder: Path, script: str = "app.py") -> Iterator[Server]:
    """Run the app, or a page of its own, on a free port in the workspace of a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, workspace, console = f"http://127.0.0.1:{port}", folder / "workspace.duckdb", folder / "console.txt"
    environment = {**os.environ, "WORKBENCH_WORKSPACE": str(workspace), "PYTHONWARNINGS": "default"}
    command = (sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", "--server.headless=true")
    with (
        console.open("wb") as out,
        subprocess.Popen(command, cwd=FOLDER, env=environment, stdout=out, stderr=subprocess.STDOUT) as process,
    ):
        server = Server(address, workspace, console, process)
        try:
            wait_for(f"{address}/_stcore/health")
            yield server
        finally:
            server.stop()
    assert not server.said(), "\n".join(server.said())


class Visit:
    """A person with the app open in a browser of their own, on the page of a report."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address, self.report = page, address, ""
        self.waits = False  # for the end of a run that the browser asked for
        page.on("websocket", self.listen)

    def listen(self, socket: WebSocket) -> None:
        """Follow what browser and server tell each other: a run is asked for, begins, ends or gives way to another."""
        begun = False

        def sent(payload: str | bytes) -> None:
            nonlocal begun
            if isinstance(payload, bytes) and BackMsg.FromString(payload).WhichOneof("type") == "rerun_script":
                self.waits, begun = True, False

        def received(payload: str | bytes) -> None:
            nonlocal begun
            message = ForwardMsg.FromString(payload) if isinstance(payload, bytes) else ForwardMsg()
            if message.HasField("new_session"):
                self.waits = begun = True
            elif message.HasField("script_finished"):
                self.waits = not begun or message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN

        socket.on("framesent", sent)
        socket.on("framereceived", received)

    def open(self, path: str = "inbound_contacts") -> "Visit":
        """Go to a page, or to a whole address."""
        address = path if "://" in path else f"{self.address}/{path}"
        self.report = urlsplit(address).path.strip("/")
        self.page.goto(address)
        return self

    @property
    def values(self) -> Locator:
        """The values of the cards."""
        return self.page.get_by_test_id("stMetricValue")

    def shows(self, *values: str) -> None:
        """Wait until the page has followed, and see that the cards have these values."""
        self.still()
        for position, value in enumerate(values):
            expect(self.values.nth(position)).to_have_text(value)

    def widget(self, what: str) -> Locator:
        """A widget of the report's page, by its key."""
        return self.page.locator(f".st-key-{self.report}-{what}")

    def part(self, what: str) -> Locator:
        """A chart or table of the report's page, whose key begins so: what is pinned gives it another end."""
        return self.page.locator(f"[class*='st-key-{self.report}-{what}-']")

    def table(self, of: int | str = -1) -> Locator:
        """A table by its place on the page, the last being the log's, or by its tile."""
        tables = self.page.get_by_test_id("stDataFrame")
        return self.part(f"{of}-table").get_by_test_id("stDataFrame") if isinstance(of, str) else tables.nth(of)

    def row(self, number: int, of: int | str = -1) -> Locator:
        """A row of a table, from 1, 0 its header; what the canvas shows stands in a table for screen readers."""
        return self.table(of).locator(f"[aria-rowindex='{number + 1}']")

    def click_cell(self, number: int, of: int | str = -1, x: int = 60) -> None:
        """Click on a row of a table, so many pixels from its left edge."""
        self.still()
        # A click looks for the table again where it is drawn anew meanwhile, and brings it in sight by itself. As a
        # person's, it comes after the pointer: a table does not hear one that comes with it.
        place: Position = {"x": x, "y": ROW_HEIGHT * (number + 0.5)}
        self.table(of).hover(position=place)
        self.table(of).click(position=place)

    def record(self, number: int = 1) -> Locator:
        """Open a row of the log."""
        self.click_cell(number, x=18)
        return self.page.get_by_role("dialog")

    def marks(self, tile: str) -> Locator:
        """What can be clicked of a tile's chart: bands of bars and then slices, bands of periods and rows, cells."""
        return self.part(f"{tile}-chart").locator("g[class*='view_'][class*='_marks'] > path")

    def click_mark(self, tile: str, number: int, key: str = "") -> None:
        """Click on one of them, with a key held down."""
        self.still()
        mark = self.marks(tile).nth(number)
        mark.scroll_into_view_if_needed()
        with self.holding(key):
            self.page.mouse.click(*mark.evaluate(INSIDE))

    @contextmanager
    def unmoved(self, what: Locator) -> Iterator[None]:
        """See that something does not move by a pixel in any frame of what is done meanwhile."""
        what.scroll_into_view_if_needed()
        self.still()
        self.page.evaluate(WATCH, what.element_handle())
        yield
        self.still()
        assert len(set(self.page.evaluate("places"))) == 1

    @contextmanager
    def holding(self, key: str) -> Iterator[None]:
        """Hold a key down, if any."""
        if key:
            self.page.keyboard.down(key)
        yield
        if key:
            self.page.keyboard.up(key)

    def draws_like(self, other: "Visit") -> None:
        """Wait until every chart has the shapes, texts, places and colours that it has on another page."""
        deadline = time.monotonic() + WITHIN / 1000
        while self._drawn() != other._drawn() and time.monotonic() < deadline:
            self.page.wait_for_timeout(20)
        pairs = zip(self._drawn(), other._drawn(), strict=True)
        assert [sorted(set(one) ^ set(another)) for one, another in pairs if one != another] == []
        assert self._drawn() or self.page.locator(".st-key-empty").is_visible()

    def _drawn(self) -> list[list[str]]:
        self.page.add_style_tag(content=SIDEBAR)
        self.still()
        return [chart.evaluate(SHAPES) for chart in self.page.get_by_test_id("stVegaLiteChart").all()]

    def chip(self, keys: str = "") -> Locator:
        """The chips of what is pinned, or the one of these dimensions."""
        return self.page.locator(f"[class*='st-key-{self.report}-pin-{keys}']")

    def views(self) -> Locator:
        """Open the saved views."""
        self.still()
        self.page.get_by_role("button", name="Views").click()
        return self.page.get_by_role("dialog")

    def choose(self, widget: Locator, option: str) -> None:
        """Pick an option of a drop-down list, which may carry a count; what is typed makes a long list short."""
        self.still()  # a page that is drawn anew closes the list
        widget.locator("input").click()
        widget.locator("input").fill(option)
        self.page.get_by_role("option", name=re.compile(rf"^{re.escape(option)}(\s|$)")).first.click()

    def filter(self, what: str, option: str) -> None:
        """Add a value to a filter."""
        self.choose(self.widget(what), option)
        expect(self.widget(what)).to_contain_text(option)
        self.page.keyboard.press("Escape")

    def still(self) -> None:
        """Wait until whatever was asked for has been drawn, and every table and chart stands."""
        self.page.evaluate(SETTLED)
        deadline = time.monotonic() + WITHIN / 1000
        while self.waits and time.monotonic() < deadline:
            self.page.wait_for_timeout(20)
        assert not self.waits, "a run did not end"
        expect(self.page.locator('[data-test-script-state="notRunning"]')).to_be_attached()
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0)
        self.page.evaluate(SETTLED)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of a worker."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def core(folder: Path) -> Iterator[Workbench]:
    """The core over a copy of the workspace in a file's folder, made before the app holds it."""
    workbench = Workbench(shutil.copy(folder / "workspace.duckdb", folder / "copy.duckdb"))
    yield workbench
    workbench.close()


@pytest.fixture(scope="module")
def server(folder: Path, core: Workbench) -> Iterator[Server]:
    """The app in that workspace."""
    with running(folder) as server:
        yield server


Visiting = Callable[..., Visit]


@pytest.fixture
def requests() -> list[str]:
    """The addresses that all browsers of a test asked for."""
    return []


@pytest.fixture
def visiting(chromium: Browser, server: Server, requests: list[str]) -> Iterator[Visiting]:
    """Opens the app in fresh browser contexts, each with nothing remembered."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def visit(**options: object) -> Visit:
        context = chromium.new_context(**{**USUAL, **options})  # type: ignore[arg-type]
        context.set_default_timeout(WITHIN)
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        page = context.new_page()
        page.on("websocket", lambda socket: requests.append(socket.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.extend([message.text] if is_complaint(message) else []))
        page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
        return Visit(page, server.address)

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []
    assert {urlsplit(address).hostname for address in requests if is_sent(address)} <= set(HOSTS)


def is_complaint(message: ConsoleMessage) -> bool:
    """Tell whether a browser finds something wrong with a page: its charts, or what its policy forbids."""
    # Streamlit looks for its own addresses below that of the page first, and an address that no page has is one: 404.
    address = message.location["url"]
    is_no_page = message.text.startswith("Failed to load resource") and "." not in urlsplit(address).path
    return message.type in ("warning", "error") and "/_stcore/" not in address and not is_no_page


def is_sent(address: str) -> bool:
    """Tell whether a request goes over the network at all."""
    return urlsplit(address).scheme not in ("data", "blob", "about")


@pytest.fixture
def person(visiting: Visiting) -> Visit:
    """One person, on the report's page."""
    return visiting().open()
