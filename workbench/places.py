"""Where the parts that are no modules lie: app, pages, queries, samples and theme. Only this module knows.

A checkout has them beside the package; the wheel carries the same files inside it, in `_top` (pyproject.toml).
"""

from pathlib import Path

PACKAGE = Path(__file__).parent
IMPORTED_FROM = PACKAGE.parent  # in which a child process finds this very package
TOP = PACKAGE / "_top" if (PACKAGE / "_top").is_dir() else IMPORTED_FROM
APP = TOP / "app.py"
PAGES = TOP / "pages"
QUERIES = TOP / "queries"
SAMPLES = TOP / "sample_data"
THEME = TOP / ".streamlit" / "config.toml"
ICON = PACKAGE / "ui" / "icon.svg"
