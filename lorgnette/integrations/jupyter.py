"""Pages of a running server in a notebook.

    from lorgnette.integrations import jupyter

    jupyter.show("renderer")                    # the remote view of a stream
    jupyter.show("training", page="frame_stats", height=400)

The page is reached as the notebook is: behind jupyter-server-proxy where that is installed, otherwise directly, if the
browser runs on the same machine. What is kept in the notebook are addresses, never the token.
"""

from __future__ import annotations

import importlib
import json
import os
import secrets
from html import escape
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from lorgnette.integrations import servers
from lorgnette.integrations.gate import Gate

__all__ = ["NoServerError", "show"]

PAGE: Final = "remote_view"
LOCAL: Final = ("localhost", "127.0.0.1", "::1")
NO_SERVER: Final = (
    "No running server of yours was found on this machine. Start one in a terminal: lorgnette serve. "
    'If it runs under a prefix or elsewhere, name it: show(..., url="http://localhost:5006/prefix").'
)
STYLE: Final = "font: 13px/1.5 system-ui, sans-serif"


class NoServerError(LookupError):
    """There is no server whose page could be shown. The text says what to do."""


def show(
    stream: str = "",
    *,
    height: int = 640,
    url: str | None = None,
    channel: str = "",
    page: str = PAGE,
    **arguments: object,
) -> None:
    """Show a stream's page below the cell.

    Args:
        stream: name of the stream; "" for a page that needs none.
        height: of the frame, in CSS pixels; it is as wide as the cell.
        url: address of the server, where several run, or where it has a prefix, or where it is on another machine.
        channel: of the stream, if it is not the page's own choice.
        page: the dashboard, such as "remote_view", "frame_stats" or "controls".
        arguments: further arguments of its address.

    Raises:
        NoServerError: if no server is found, or none answers at a `url` of this machine.
        ImportError: without IPython.
    """
    try:
        display: Any = importlib.import_module("IPython.display")
    except ModuleNotFoundError:
        raise ImportError("Pages are shown in a notebook with IPython. Install it: pip install ipython") from None
    wanted = {"stream": stream, "channel": channel, **arguments}
    query = urlencode({name: value for name, value in wanted.items() if value != ""})
    server = _server(url)
    wishes: dict[str, object] = {
        "page": f"{page}?{query}" if query else page,
        "height": int(height),
        "title": " ".join(filter(None, ("Lorgnette:", stream or page, channel))),
        "base": os.environ.get("JUPYTERHUB_SERVICE_PREFIX", ""),
    }
    if server is None:
        wishes["url"] = f"{str(url).rstrip('/')}/"
    else:
        wishes |= {"port": server.port, "prefix": server.prefix, "ancestors": server.ancestors}
        if (key := servers.cookie(server)) is not None:
            wishes["gate"] = Gate(key).open()
    display.display(display.HTML(html(wishes)))


def _server(url: str | None) -> servers.Server | None:
    """The server on this machine; None if the address leads to another one. Raises NoServerError, ValueError."""
    if url is None:
        server = servers.find()
        if server is None:
            raise NoServerError(NO_SERVER)
        return server
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f'The address of a server begins with http:// or https://; got "{url}".')
    if parts.query or parts.fragment or parts.username:
        raise ValueError(
            "Give the address of the server without its token, and without all that follows a ? or #: a notebook is "
            "kept and passed on. Where the token is needed, the page asks for it."
        )
    if parts.scheme == "https" or parts.hostname not in LOCAL:
        return None
    server = servers.look(parts.port or 80, parts.path.rstrip("/"))
    if server is None:
        raise NoServerError(f"No Lorgnette answers at {url}. Look at what `lorgnette serve` printed when it started.")
    return server


def html(wishes: dict[str, object]) -> str:
    """What is kept in the notebook: a sentence for those who only read it, and a script that puts the page there."""
    mark = f"lorgnette-{secrets.token_hex(6)}"
    # In a script the text of an element ends at "</", wherever that stands.
    told = json.dumps({**wishes, "mark": mark}).replace("<", "\\u003c")
    empty = f"{escape(str(wishes['title']))}. Run this cell again to see it."
    return f'<div class="{mark}" style="{STYLE}">{empty}</div>\n<script>({SCRIPT.strip()})({told})</script>'


# In the browser. It looks for the way at the time of showing, because the same notebook is opened from different
# places. Nothing of what it is told becomes markup.
SCRIPT: Final = """
async (wish) => {
  const root = document.querySelector(`.${wish.mark}:not([data-shown])`)
  if (!root) return
  root.dataset.shown = "1"
  const say = (text, address) => {
    const link = document.createElement("a")
    Object.assign(link, {href: address, target: "_blank", rel: "noopener", textContent: "Open it in a tab"})
    root.replaceChildren(`${text} `, link)
  }
  const answers = async (place) => {
    try {
      const answer = await fetch(new URL("healthz", place))
      return answer.ok && (await answer.json()).status == "ok"
    } catch { return false }
  }
  const isReached = (place) => fetch(new URL("healthz", place), {mode: "no-cors"}).then(() => true, () => false)
  const find = async () => {
    // A hub tells Jupyter's own base in the environment, and Jupyter's pages tell it in one of two places.
    let base = wish.base || document.body.dataset.baseUrl || "/"
    try { base = JSON.parse(document.getElementById("jupyter-config-data").textContent).baseUrl || base } catch {}
    const here = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)
    const prefix = wish.prefix.replace(/^\\//, "")
    const inside = (server) => new URL(prefix ? `${prefix}/` : "", server)
    const proxied = (port) => new URL(`${base.replace(/\\/*$/, "/")}proxy/${port}/`, location.origin)
    const near = (port) => new URL(`http://${here ? location.hostname : "localhost"}:${port}/`)
    const isProxied = location.protocol.startsWith("http") && await answers(inside(proxied(wish.port)))
    const way = isProxied ? proxied : near
    const place = inside(way(wish.port))
    let trouble = ""
    const mayFrame = (source) => source == "'self'" ? place.origin == location.origin : source.includes("*") ||
      [location.origin, location.host, location.hostname, location.protocol].includes(source)
    if (!isProxied && !(here && await isReached(place))) {
      trouble = `Your browser reaches the notebook, but not port ${wish.port} of its machine. Install ` +
        "jupyter-server-proxy where Jupyter runs (pip install jupyter-server-proxy) and restart Jupyter, or bring " +
        "the port to your machine, with ssh -L, and open the page there."
    } else if (!wish.ancestors.some(mayFrame)) {
      trouble = "This server does not let this page show its pages in a frame. " +
        (isProxied ? "" : "Install jupyter-server-proxy where Jupyter runs and restart Jupyter, or let it: ") +
        `start the server with LORGNETTE_SERVE_FRAME_ANCESTORS="self${isProxied ? "" : " " + location.origin}" ` +
        "(the setting serve.frame_ancestors)."
    }
    if (!trouble && wish.gate) {
      // It opens once. Who opens the notebook later finds it closed, and has the cookie already, or logs in.
      const gate = new URL(`${wish.gate.key}?path=${encodeURIComponent(place.pathname)}`, way(wish.gate.port))
      await fetch(gate, {mode: "no-cors", credentials: "include"}).catch(() => {})
    }
    return [place, trouble]
  }
  const [place, trouble] = wish.url ? [wish.url, ""] : await find()
  const address = new URL(wish.page, place).href
  say(trouble || wish.title, address)
  if (trouble) return
  const frame = document.createElement("iframe")
  Object.assign(frame, {src: address, title: wish.title, allow: "fullscreen; clipboard-write"})
  frame.style.cssText = `display: block; box-sizing: border-box; width: 100%; height: ${wish.height}px; border: 0`
  root.prepend(frame)
}
"""
