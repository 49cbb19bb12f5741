"""The quickstart, run by a real kernel without a network, and what a browser draws of it without one."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import Browser

from tests.browser.conftest import WITHIN

pytestmark = pytest.mark.browser

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
ALONE = """
import sys
def no_network(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise OSError(f"there is no network here: {event} {arguments}")
sys.addaudithook(no_network)
"""
# What nbconvert itself fetches for every notebook: nothing of ours needs it.
OWN = dict.fromkeys(("require_js_url", "mathjax_url", "jquery_url", "mermaid_js_url"), "")


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
