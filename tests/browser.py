"""Real servers and a real browser for tests. Everything that is started here is ended here, by its own process id."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[1]
START_S = 30.0  # how long a server or Chromium may take to answer on a busy machine
CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium's own suggestions below its address field are a page, too, which takes as long to open as ours.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
    "--remote-debugging-port=0",
)

# A small app around the shell. What the server knows shows in the Div `says`; `?fail=1` makes the loop fail; the button
# sets `?stream=` from the server's side.
PROBE = """
from lorgnette.home import add_to_path

add_to_path()
import threading
from concurrent.futures import ThreadPoolExecutor

from bokeh.io import curdoc
from bokeh.models import Button, Div, Select
from bokeh.plotting import figure

from lorgnette.page import dress, live
from lorgnette.panes import Download

doc = curdoc()
page = dress(doc, "Probe", summary="For <tests>.", arguments=["stream", "fail"], quiet=["at"])
page.show_status("idle", "idle for 4 s", subject="<renderer>")
page.controls(Select(title="Window", options=["10 s", "1 min"]))
pressed = []
page.on_key("p", "pause <b>", lambda: pressed.append("p"))
download = Download()
doc.add_root(download)
page.on_key("s", "save", lambda: download.save(bytes(range(256)) * 4, "probe.bin", "application/octet-stream"))
pool = ThreadPoolExecutor(1)
done = []
page.on_key("w", "work elsewhere", lambda: page.when_done(pool.submit(threading.get_ident), done.append))
page.on_key("b", "in the browser")
page.on_key("x", "fail elsewhere", lambda: page.when_done(pool.submit(int, "<x>"), done.append))
says, button = Div(name="says"), Button(label="next")
plot = figure(name="plot", height=200, sizing_mode="stretch_width")
plot.line([0, 1], [0, 1])
ticks = 0


def update():
    global ticks
    ticks += 1
    state = page.state
    says.text = f"tick={ticks} visible={state.visible} dark={state.dark} theme={state.theme} url={dict(state.url)}"
    says.text += f" pressed={pressed} elsewhere={[name != threading.get_ident() for name in done]}"
    if "fail" in state.url:
        raise ValueError("the <source> is gone")


button.on_click(lambda: setattr(page.state, "url", {"stream": page.state.url.get("stream", "") + "x"}))
for root in (says, plot, button):
    doc.add_root(root)
live(doc, update, 50)
"""


def wait_for(condition: Callable[[], object], what: str, seconds: float = START_S) -> None:
    """Return as soon as the condition holds; fail with `what` if it does not within the time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(0.02)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now.

    Not one of those that the system gives to outgoing connections (from 32768 on): such a one may be gone in a moment.
    """
    while True:
        port = random.randrange(12_000, 32_000)  # noqa: S311  (no secret)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def bare_environment(**more: str) -> dict[str, str]:
    """What a process needs at the least: neither PYTHONPATH nor a PATH on which node could be found."""
    return {
        "PATH": str(Path(sys.executable).parent),
        "HOME": os.environ.get("HOME", "/"),
        "LORGNETTE_RUNTIME_DIR": os.environ["LORGNETTE_RUNTIME_DIR"],
        **{name: os.environ[name] for name in ("XDG_CACHE_HOME",) if name in os.environ},
        **more,
    }


HOOKS = """
from lorgnette.home import add_to_path

add_to_path()
from lorgnette.page import announce


def on_server_loaded(server_context):
    announce(server_context, {title!r}, ["records"])
"""


def write_probe(directory: Path, name: str = "probe") -> Path:
    """Make an app directory with the probe in it and return it."""
    app = directory / name
    app.mkdir()
    (app / "main.py").write_text(PROBE, encoding="utf-8")
    (app / "app_hooks.py").write_text(HOOKS.format(title=f"The {name}"), encoding="utf-8")
    return app


class Relay:
    """A TCP relay on a port of its own to one of this machine, whose link can be cut or fall silent, and come back."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._flows = threading.Event()
        self._flows.set()
        self._open = True
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Relay:  # noqa: PYI034  (typing has Self, but not where ruff looks for it)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """End all connections, and every new one at once."""
        self._open = False
        self._flows.set()
        for pair in self._pairs:
            for end_ in pair:
                with suppress(OSError):
                    end_.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def silence(self) -> None:
        """Let nothing through; the connections seem to live on."""
        self._flows.clear()

    def restore(self) -> None:
        """Work again. What was held up in silence is lost together with its connection, as after a long cut."""
        self.cut()
        self._open = True

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                near, _ = self._listener.accept()
                if not self._open:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._target))
                self._pairs.append((near, far))
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with source, suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


@dataclass
class Server:
    """A running server process."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def url(self, path: str = "") -> str:
        return f"http://localhost:{self.port}/{path}"

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def answers(self, path: str) -> bool:
        """Whether a GET of the path is answered with 200; fails when the process has ended."""
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.output()}")
        try:
            with urllib.request.urlopen(self.url(path), timeout=5) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def terminate(self, patience: float = 5.0) -> int:
        """SIGTERM, and the exit status; fails if the server takes longer than `patience` seconds."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience)


@contextmanager
def serve(
    command: list[str], ready: str, directory: Path, *, env: dict[str, str] | None = None, port: int | None = None
) -> Iterator[Server]:
    """Run a server command (`--port` is added) in `directory` until the block ends; `ready` is a path that it answers.

    Args:
        command: program and arguments.
        ready: usually APP/metadata, which makes no session.
        directory: the working directory; the log goes there, too.
        env: the whole environment; `bare_environment()` unless given.
        port: to listen on; any free one unless given.
    """
    port = port or free_port()
    log = directory / f"server-{len(list(directory.glob('server-*')))}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=directory,
            env=bare_environment() if env is None else env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(process, port, log)
    try:
        wait_for(lambda: server.answers(ready), f"{command} answers {ready}")
        yield server
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that we have started, gently at first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def find_chromium() -> str | None:
    """The Chromium to use: LORGNETTE_TEST_CHROMIUM, else the first on the PATH."""
    named = os.environ.get("LORGNETTE_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def chromium(executable: str, directory: Path) -> Iterator[str]:
    """Run a headless Chromium; gives the address of its debugging port.

    It is started here and not by Playwright, which would use flags of its own.
    """
    with (directory / "chromium.log").open("wb") as output:
        process = subprocess.Popen(
            [executable, *CHROMIUM_FLAGS, f"--user-data-dir={directory}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        told = directory / "DevToolsActivePort"
        wait_for(lambda: told.is_file() and "\n" in told.read_text(), "Chromium tells its port")
        yield f"http://127.0.0.1:{told.read_text().split()[0]}"
    finally:
        end(process)


@dataclass
class Tabs:
    """Opens tabs and notes what goes wrong in them."""

    browser: Browser
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, url: str, *, width: int = 1440, height: int = 800, color_scheme: str = "light") -> Page:
        """Open a page in a fresh context, and wait until Bokeh has drawn it."""
        context = self.browser.new_context(viewport={"width": width, "height": height}, color_scheme=color_scheme)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"error in {page.url}: {error}"))
        page.on("request", lambda request: self._check(request.url))
        page.goto(url)
        wait_until_drawn(page)
        return page

    def _check(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.hostname not in {"localhost", "127.0.0.1"}:
            self.faults.append(f"request to another host: {url}")


class Browsing:
    """A connection to a running Chromium for all tests, asleep but for those that open tabs.

    Playwright's event loop counts as the thread's running one as long as it lives, also while it waits, so that nothing
    else could use asyncio. Between the tests that need it we take it away.
    """

    def __init__(self, address: str) -> None:
        self._address = address

    def __enter__(self) -> Browsing:  # noqa: PYI034  (typing has Self, but not where ruff looks for it)
        from playwright.sync_api import sync_playwright

        self._playwright = sync_playwright()
        self._browser = self._playwright.__enter__().chromium.connect_over_cdp(self._address)
        self._loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        return self

    def __exit__(self, *exception: object) -> None:
        asyncio._set_running_loop(self._loop)
        self._playwright.__exit__(*exception)

    @contextmanager
    def tabs(self) -> Iterator[Tabs]:
        """Give what opens tabs; all of them are closed at the end."""
        asyncio._set_running_loop(self._loop)
        tabs = Tabs(self._browser)
        try:
            yield tabs
        finally:
            for context in tabs.contexts:
                context.close()
            asyncio._set_running_loop(None)


# The banner's text lies in a shadow root, which `innerText` of what is around it leaves out.
_BANNER = """() => {
  const texts = []
  const walk = (node) => {
    if (node instanceof Text) {
      texts.push(node.data)
    } else if (!(node instanceof Element) || getComputedStyle(node).display != "none" && node.tagName != "STYLE") {
      (node.shadowRoot ?? node).childNodes.forEach(walk)
    }
  }
  walk(document.querySelector(".lg-body").previousElementSibling)
  return texts.join("").trim()
}"""


def banner(page: Page) -> str:
    """What the reader can see in the banner of a page that wears the shell; "" if there is none."""
    assert page.get_by_role("alert").count(), "there is a place for it"
    text: str = page.evaluate(_BANNER)
    return text


def wait_until_drawn(page: Page) -> None:
    """Wait until Bokeh has drawn every root of the page's document, and the shell's model has found the theme."""
    page.wait_for_function(
        "() => window.Bokeh?.documents?.[0]?.is_idle === true && document.documentElement.dataset.theme != null"
    )
