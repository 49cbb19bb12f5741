"""What happens between the start of the server and the first page: the wait for the browser is put to use.

Only this module may be imported at the start: what it prepares takes longer to import than the server to answer.
"""

import gc
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamlit.runtime.pages_manager import PagesManager


@asynccontextmanager
async def prepared(server: object) -> AsyncIterator[None]:
    """Open what the first page needs while the browser is still on its way to it."""
    # Or Streamlit takes a folder named pages/ for its older way of several pages, in the first run of the process.
    PagesManager.uses_pages_directory = False
    threading.Thread(target=_prepare, daemon=True).start()
    yield


def _prepare() -> None:
    import workbench.ui.page
    import workbench.ui.session

    workbench.ui.session.prepare()
    gc.collect()
    gc.freeze()  # what is loaded for good need not be looked through by every collection, which takes 0.1 s
