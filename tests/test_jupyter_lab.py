"""A page in a real JupyterLab behind jupyter-server-proxy, in an environment that is made for it."""

import json
import subprocess
import sys
import sysconfig

import browser
import pytest
from browser import wait_for
from programs import program
from web_tools import lorgnette_serve, plain_tab

pytestmark = [pytest.mark.soak, pytest.mark.browser]

SECRET = "what-jupyter-asks-for"  # noqa: S105
NEEDED = ("jupyterlab", "jupyter-server-proxy", "ipykernel")
CODE = "from lorgnette.integrations import jupyter\njupyter.show('lab', height=500)"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
PICTURES = """
import numpy as np
with lorgnette.Publisher("lab") as publisher:
    publisher.frame(np.full((480, 640, 3), (230, 159, 0), np.uint8))
    print("ready", flush=True)
    while True:
        publisher.tick()
        time.sleep(0.1)
"""
# The colour in the middle of the largest canvas of a page, also in shadow roots.
MIDDLE = """() => {
  const found = []
  const walk = (node) => {
    if (node instanceof HTMLCanvasElement) found.push(node)
    for (const child of (node.shadowRoot ?? node).children) walk(child)
    if (node.shadowRoot) for (const child of node.children) walk(child)
  }
  walk(document.body)
  const canvas = found.sort((a, b) => b.width * b.height - a.width * a.height)[0]
  const pixel = canvas?.getContext("2d")?.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1)
  return pixel ? [...pixel.data.slice(0, 3)] : []
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Python of an environment with JupyterLab, which has what this one has as well."""
    directory = tmp_path_factory.mktemp("lab")
    subprocess.run([sys.executable, "-m", "venv", str(directory)], check=True)
    python = directory / "bin" / "python"
    result = subprocess.run([python, "-m", "pip", "install", "-q", *NEEDED], check=False, capture_output=True)
    if result.returncode:
        pytest.skip("JupyterLab cannot be installed here")
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True
    )
    more = f"{sysconfig.get_path('purelib')}\n{browser.ROOT}\n"
    (directory / site.stdout.decode().strip() / "more.pth").write_text(more, encoding="utf-8")
    return python


def write_notebook(file):
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": CODE}
    text = {"cells": [cell], "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    file.write_text(json.dumps(text), encoding="utf-8")


@pytest.mark.timeout(600)
def test_a_stream_is_seen_in_a_notebook(lab, tmp_path, browsing, monkeypatch):
    state = tmp_path / "state"
    for name, value in {"XDG_STATE_HOME": str(state), "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}.items():
        monkeypatch.setenv(name, value)
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    write_notebook(notebooks / "lab.ipynb")
    options = ("--allow-root", "--ServerApp.base_url=/user/a/", f"--IdentityProvider.token={SECRET}")
    jupyter = [str(lab), "-m", "jupyter", "server", "--ServerApp.open_browser=False", *options]
    env = browser.bare_environment(XDG_STATE_HOME=str(state), PATH=f"{lab.parent}:/usr/bin:/bin", HOME=str(tmp_path))
    serving = lorgnette_serve(tmp_path, "remote_view", LORGNETTE_TOKEN="", XDG_STATE_HOME=str(state))
    with program(PICTURES), serving as server, browser.serve(jupyter, "user/a/api", notebooks, env=env) as hub:
        (kept,) = (state / "lorgnette").glob("serve-*.json")
        token = json.loads(kept.read_text())["token"]
        with plain_tab(browsing, viewport={"width": 1440, "height": 900}) as page:
            asked = []
            page.on("request", lambda request: asked.append(request.url))
            page.goto(hub.url(f"user/a/lab/tree/lab.ipynb?token={SECRET}"))
            page.locator(".jp-CodeCell .cm-content").first.click(timeout=120_000)
            page.get_by_text("| Idle").wait_for(timeout=120_000)
            page.keyboard.press("Shift+Enter")
            frame = page.locator("iframe[title='Lorgnette: lab']")
            frame.wait_for(timeout=120_000)
            address = frame.get_attribute("src")
            assert address == hub.url(f"user/a/proxy/{server.port}/remote_view?stream=lab")
            inner = frame.element_handle().content_frame()
            browser.wait_until_drawn(inner)
            wait_for(lambda: near(inner.evaluate(MIDDLE), (230, 159, 0)), "the picture is seen")
            page.keyboard.press("Control+s")
            saved = notebooks / "lab.ipynb"
            wait_for(lambda: page.evaluate("1") and "iframe" in saved.read_text(), "the notebook is saved")
        assert token not in saved.read_text()
        assert not [url for url in asked if token in url]


def near(colour, wanted):
    """Whether they differ by no more than JPEG does."""
    return len(colour) == 3 and all(abs(one - other) < 12 for one, other in zip(colour, wanted, strict=True))
