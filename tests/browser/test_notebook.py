"""The quickstart, run by a real kernel without a network, and what a browser draws of it without one."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, expect

from tests.browser.conftest import FOLDER, WITHIN
from tests.browser.waiting import wait_for

pytestmark = pytest.mark.browser

NOTEBOOKS = FOLDER / "notebooks"
ADDRESS = re.compile(r"http://localhost:\d+/lab\S*")
ALONE = """
import sys
def no_network(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise OSError(f"there is no network here: {event} {arguments}")
sys.addaudithook(no_network)
"""
# What nbconvert itself fetches for every notebook: nothing of ours needs it.
OWN = dict.fromkeys(("require_js_url", "mathjax_url", "jquery_url", "mermaid_js_url"), "")


@contextmanager
def lab(home: Path) -> Iterator[str]:
    """Run what `make lab` runs, but for its browser, and give the address that it says."""
    asked = subprocess.run(
        ["make", "-n", "lab", f"VENV={sys.prefix}"], cwd=FOLDER, capture_output=True, text=True, check=True
    )
    command = re.search(r"^\S+/jupyter-lab (?:.*\\\n)*.*", asked.stdout, re.MULTILINE)
    assert command, asked.stdout
    own = {f"JUPYTER_{what}_DIR": str(home / what) for what in ("CONFIG", "DATA", "RUNTIME")}
    own |= {f"JUPYTERLAB_{what}_DIR": str(home / what) for what in ("SETTINGS", "WORKSPACES")}
    line = [*shlex.split(command[0].replace("\\\n", "")), "--no-browser", "--port=0"]
    with subprocess.Popen(line, cwd=FOLDER, env=os.environ | own, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            address = next(filter(None, map(ADDRESS.findall, process.stderr)))[0]
            wait_for(address)  # Jupyter says its address before it listens
            yield address
        finally:
            process.terminate()


@pytest.mark.long
def test_make_lab_opens_the_quickstart_which_asks_no_other_host(chromium: Browser, tmp_path: Path) -> None:
    with lab(tmp_path) as address:
        page, hosts = chromium.new_page(), set[str]()
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        page.goto(address)
        expect(page.get_by_role("heading", name="Quickstart")).to_be_visible(timeout=WITHIN)
        # Cells that are run before there is a kernel are not run.
        expect(page.get_by_role("button", name="Python 3 (ipykernel) | Idle")).to_be_visible(timeout=WITHIN)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        drawn = page.frame_locator(".jp-OutputArea iframe").locator(".vega-embed :is(svg, canvas)").first
        expect(drawn).to_be_attached(timeout=4 * WITHIN)
        assert hosts - {""} == {urlsplit(address).netloc}
        page.close()


def test_the_quickstart_runs_and_draws_its_charts_without_a_network(chromium: Browser, tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOKS / "quickstart.ipynb", as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(ALONE))
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    nbformat.validate(notebook)
    charts = sum(".chart(" in cell.source for cell in notebook.cells)
    page, exported = chromium.new_page(), tmp_path / "quickstart.html"
    exported.write_text(HTMLExporter(**OWN).from_notebook_node(notebook)[0], encoding="utf-8")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(exported.as_uri())
    frames = page.frames[1:]
    for frame in frames:
        frame.wait_for_selector(".vega-embed :is(svg, canvas)", timeout=WITHIN)
    assert (len(frames), requests) == (charts, [exported.as_uri()])
    page.close()
