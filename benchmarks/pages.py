"""What a person waits for, in a real browser: the first page after a start, a page after a filter or a click.

Their floor is a bare page of the same kind, since most of the time goes by in the browser and on the way there.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.measure import ROOT, ROUNDS, Row
from benchmarks.peers import REPORT
from tests.browser.chromium import launch_options
from workbench.ask import answers, shell
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.drawing import formats
from workbench.reports import REPORTS, Report, labels
from workbench.store.workspace import Workspace

APP, BARE = ROOT / "app.py", ROOT / "benchmarks" / "bare_page.py"
FIRST_PAGE, CHANGE = 3.0, 1.0
START_SECONDS = 60
PATIENCE = 180_000  # milliseconds until a page is given up
CHART = '[data-testid="stVegaLiteChart"] svg'
PRESETS = ("last_7_days", "last_14_days", "this_month", "last_month", "all")
CHANNELS = ("CHAT", "SMS", "WHATSAPP", "FB_MESSENGER", "VOICEMAIL")  # typed in full, each fits one option only
DEFAULT = Selection(preset="last_30_days")
CLICKED = REPORTS["contact_export"]  # the page with the most tiles
BARS = "[class*='st-key-contact_export-by_channel-chart'] path[aria-label*='label: {label};']"

REMEMBER = f"() => {{ window.chartBefore = document.querySelector('{CHART}').outerHTML }}"
# The number is the new one, the first chart is another one, nothing is stale or running.
REDRAWN = f"""
(number) => {{
    const app = document.querySelector('[data-testid="stApp"]')
    const shown = document.querySelector('[data-testid="stMetricValue"]')
    const chart = document.querySelector('{CHART}')
    return shown?.innerText.trim() === number && chart && chart.outerHTML !== window.chartBefore
        && app.dataset.testScriptState === 'notRunning'
        && !document.querySelector('[data-stale="true"], [data-testid="stStatusWidget"]')
}}
"""

Click = tuple[Callable[[Page], None], str]  # what to do, and the number that stands when it is done


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the Chromium of the browser tests."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**launch_options())
        yield chromium
        chromium.close()


def first_page(work: Path) -> list[Row]:
    """Measure from the start of the server's process on an empty workspace until the first chart is there."""
    times: dict[str, list[float]] = {"here": [], "floor": []}
    with browser() as chromium:
        for number in range(ROUNDS):
            times["here"].append(_first_page(chromium, APP, work / f"empty-{number}.duckdb"))
            times["floor"].append(_first_page(chromium, BARE, work / "none.duckdb"))
    middle = {name: median(taken) for name, taken in times.items()}
    return [Row("first chart of an empty workspace", middle, FIRST_PAGE, "3 s")]


def _first_page(chromium: Browser, script: Path, workspace: Path) -> float:
    started = time.perf_counter()
    with _served(script, workspace) as url:
        page = chromium.new_page()
        page.goto(url)
        page.wait_for_selector(CHART)
        taken = time.perf_counter() - started  # the server's end is no part of it
        page.close()
    return taken


def filter_change(workspace: Path) -> list[Row]:
    """Measure from the last click until the page is redrawn: five presets one after the other, channels, bars."""
    presets, of_clicked, channels, bars = _clicks(workspace)
    with browser() as chromium:
        with _served(BARE, workspace) as url:
            bare = _bare_changes(chromium, url)
        with _served(APP, workspace) as url:
            named = {
                "another preset": _changes(chromium, url, presets),
                f"another preset of {CLICKED.name}": _changes(chromium, f"{url}/{CLICKED.name}", of_clicked),
                "another channel": _changes(chromium, url, channels),
                f"another bar of {CLICKED.name}": _changes(chromium, f"{url}/{CLICKED.name}", bars, _click),
            }
    return [
        Row(f"{what}, median of 5", {"here": median(taken), "floor": median(bare)}, CHANGE, "1 s")
        for what, taken in named.items()
    ]


def preset_change(workspace: Path, report: Report) -> list[Row]:
    """Measure one report alone: five presets one after the other."""
    opened = Workspace(workspace)
    shell.install(opened)
    presets = _presets(opened, report)
    opened.publish()
    opened.close()
    with browser() as chromium:
        with _served(BARE, workspace) as url:
            bare = _bare_changes(chromium, url)
        with _served(APP, workspace) as url:
            taken = _changes(chromium, f"{url}/{report.name}", presets)
    what = f"another preset of {report.name}, median of {len(presets)}"
    return [Row(what, {"here": median(taken), "floor": median(bare)}, CHANGE, "1 s")]


def _clicks(path: Path) -> tuple[list[Click], ...]:
    """Return the series of clicks with the numbers to wait for, computed without the page."""
    workspace = Workspace(path)
    shell.install(workspace)
    filter = REPORT.filters[0]
    presets, of_clicked = (_presets(workspace, report) for report in (REPORT, CLICKED))
    channels: list[Click] = [
        (
            partial(_choose, filter.label, filter.shown(CHANNELS[n])),
            _number(workspace, REPORT, replace(DEFAULT, filters=((filter.key, CHANNELS[: n + 1]),))),
        )
        for n in range(len(CHANNELS))
    ]
    bars: list[Click] = [
        (
            partial(_point_at, formats.label(CLICKED, "channel", channel)),
            _number(workspace, CLICKED, replace(DEFAULT, pins=((("channel", (channel,)),),))),
        )
        for channel in CHANNELS
    ]
    workspace.publish()  # or the server would, while it is measured
    workspace.close()
    return presets, of_clicked, channels, bars


def _presets(workspace: Workspace, report: Report) -> list[Click]:
    return [
        (partial(_choose, "Dates", labels.spoken(preset)), _number(workspace, report, Selection(preset=preset)))
        for preset in PRESETS
    ]


def _number(workspace: Workspace, report: Report, selection: Selection) -> str:
    """Return the first metric of a page as it is shown."""
    tile = report.tiles[0]
    found = answers.rows(Question(workspace, report, selection), tile)
    return formats.metric(found[tile.metrics[0]].iloc[0], report.metric(tile.metrics[0]))


def _enter(page: Page) -> None:
    page.keyboard.press("Enter")


def _click(page: Page) -> None:
    page.mouse.down()
    page.mouse.up()


def _changes(chromium: Browser, url: str, clicks: list[Click], act: Callable[[Page], None] = _enter) -> list[float]:
    """Return the seconds of each click on a page that is drawn and at rest."""
    page = chromium.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.wait_for_selector(CHART)
    page.wait_for_load_state("networkidle")
    taken = [_change(page, act, *click) for click in clicks]
    page.close()
    return taken


def _bare_changes(chromium: Browser, url: str) -> list[float]:
    return _changes(chromium, url, [(partial(_choose, "Choice", str(n)), str(n)) for n in range(2, 7)])


def _change(page: Page, act: Callable[[Page], None], choose: Callable[[Page], None], number: str) -> float:
    page.evaluate(REMEMBER)
    choose(page)
    started = time.perf_counter()
    act(page)
    page.wait_for_function(REDRAWN, arg=number, polling=20)
    return time.perf_counter() - started


def _choose(label: str, option: str, page: Page) -> None:
    """Type an option into a select box, so that Enter takes it."""
    page.get_by_role("combobox", name=label).first.fill(option)
    page.get_by_role("option", name=option).first.wait_for()


def _point_at(label: str, page: Page) -> None:
    """Put the pointer on the band of a bar, which lies on top of it."""
    bar = page.locator(BARS.format(label=label)).last
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)


@contextmanager
def _served(script: Path, workspace: Path) -> Iterator[str]:
    """Serve a page on a free port of this machine."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"WORKBENCH_WORKSPACE": str(workspace)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(START_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("The server did not start")
