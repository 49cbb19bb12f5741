"""Where the parts that are no modules lie: app, pages, queries, samples and theme. Only this module knows.

A checkout has them beside the package; the wheel carries the same files inside it, in `_top` (pyproject.toml).
"""

import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
IMPORTED_FROM = PACKAGE.parent  # in which a child process finds this very package
TOP = PACKAGE / "_top" if (PACKAGE / "_top").is_dir() else IMPORTED_FROM
APP = TOP / "app.py"
PAGES = TOP / "pages"
QUERIES = TOP / "queries"
SAMPLES = TOP / "sample_data"
CALENDARS = SAMPLES / "calendars.json"  # by which the sample's business hours are what its files have
THEME = TOP / ".streamlit" / "config.toml"
ICON = PACKAGE / "ui" / "icon.svg"
STYLE = PACKAGE / "ui" / "style.css"


@cache
def digest() -> str:
    """Return what tells this program from another version of itself: all of its code and queries."""
    content = hashlib.sha256()
    for path in sorted([*PACKAGE.rglob("*.py"), *QUERIES.rglob("*.sql")]):
        content.update(path.name.encode() + path.read_bytes())
    return content.hexdigest()
