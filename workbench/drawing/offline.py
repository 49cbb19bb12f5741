"""Charts that a notebook draws without a network: all that draws one stands in what it shows.

Altair's own display loads Vega from a public host, and so tells that host of every look at a chart.
"""

import json
from html import escape
from typing import Any

import altair as alt

MISSING = (
    "This chart draws without a network once vl-convert-python is installed:"
    " pip install vl-convert-python (84 MB), or contact-workbench[notebook]. Its numbers are those of the tile"
)
# Nothing is fetched; Vega compiles its expressions, and draws what is exported into images.
POLICY = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:"
# Vega's menu without its editor, which is a page of another host.
EMBEDDED = {"actions": {"export": True, "source": False, "compiled": False, "editor": False}}
HEAD = f'<head><meta http-equiv="Content-Security-Policy" content="{POLICY}"><style>body {{ margin: 8px }}</style>'
GROWING = (
    "<script>new ResizeObserver(() => { if (window.frameElement) window.frameElement.style.height ="
    " document.documentElement.offsetHeight + 16 + 'px' }).observe(document.documentElement)</script></body>"
)
HEIGHT = 300  # pixels, until it is drawn


class _Script(json.JSONEncoder):
    """Writes JSON that no value can end the script of in which it stands."""

    def encode(self, o: Any) -> str:
        return super().encode(o).replace("<", "\\u003c")


class _Drawn(alt.TopLevelMixin):
    """A chart that shows itself in a frame of its own: two of them share no names, no styles and no place."""

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, str]:
        said = _described(self.to_dict())
        try:
            page = self.to_html(inline=True, embed_options=EMBEDDED, json_kwds={"cls": _Script})
        except ImportError:
            return {"text/plain": f"{said}\n{MISSING}", "text/html": f"<p>{escape(said)}<br>{escape(MISSING)}</p>"}
        page = page.replace("<head>", HEAD, 1)
        page = GROWING.join(page.rsplit("</body>", 1))
        style = f"width: 100%; height: {HEIGHT}px; border: 0; background: white"
        frame = f'<iframe srcdoc="{escape(page)}" title="{escape(said)}" style="{style}"></iframe>'
        return {"text/plain": said, "text/html": frame}


class LayeredChart(_Drawn, alt.LayerChart):
    """A chart of layers that draws without a network."""


def _described(spec: dict[str, Any]) -> str:
    """Return what a chart says of itself."""
    return str(spec.get("description", ""))
