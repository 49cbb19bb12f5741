"""Makes the screenshots of the README: starts the app on sample data in a fresh workspace and photographs a page.

Run it from the project folder: `python tests/browser/screenshots.py`. Not a test.
"""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(FOLDER))

from tests.browser.chromium import launch_options  # noqa: E402
from tests.browser.waiting import wait_for  # noqa: E402

WIDTH, HEIGHT = 1400, 1280
PAGES = ("inbound_contacts", "contact_export")
COLOURS = 256  # of a picture, at a third of the size


@contextmanager
def app() -> Iterator[str]:
    """Run the app in a workspace that nothing was loaded into, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "WORKBENCH_WORKSPACE": f"{folder}/workspace.duckdb"}
        command = (sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port))
        with subprocess.Popen(command, cwd=FOLDER, env=environment) as server:
            try:
                wait_for(f"http://127.0.0.1:{port}/_stcore/health")
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()


def settled(page: Page) -> None:
    """Wait until the page is drawn: no run goes on, and every chart and table stands."""
    page.wait_for_selector('[data-testid="stMetricValue"]', timeout=60_000)
    page.wait_for_selector('[data-testid="stDataFrame"] canvas', timeout=60_000)
    page.wait_for_selector('[data-testid="stVegaLiteChart"] svg', timeout=60_000)
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=60_000)
    page.wait_for_timeout(1_000)  # charts and the table's canvas draw a frame or two later


def small(shot: Image.Image) -> Image.Image:
    """Return a picture in its most frequent colours: the usual ways give small areas of two colours the same one."""
    found = sorted(shot.getcolors(shot.width * shot.height) or [], reverse=True)[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in found for part in colour])  # type: ignore[union-attr]
    return shot.quantize(palette=palette, dither=Image.Dither.NONE)


def main() -> None:
    """Write docs/<page>-light.png and -dark.png."""
    with app() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for name in PAGES:
            for scheme in ("light", "dark"):
                context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)
                page = context.new_page()
                page.goto(f"{address}/{name}")
                settled(page)
                picture = FOLDER / "docs" / f"{name.replace('_', '-')}-{scheme}.png"
                small(Image.open(BytesIO(page.screenshot())).convert("RGB")).save(picture, optimize=True)
                context.close()
        browser.close()


if __name__ == "__main__":
    main()
