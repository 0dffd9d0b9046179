"""Fixtures for every test: an own runtime directory, and one Chromium for all browser tests."""

import collections
import os
import signal

import browser
import pytest

# What is started in the background of a script ignores Ctrl-C and hands that on to its children, which tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


ONE_OF = 4  # tests of pages that the quick run takes of each file


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="leave out most tests of pages, and those marked as slow")


def pytest_collection_modifyitems(config, items):
    """Leave out tests where there is not time for all: opening a page takes longer than most tests of anything else."""
    if not config.getoption("--quick"):
        return
    seen, kept, left_out = collections.Counter(), [], []
    for item in items:
        opens_pages = "chromium" in item.fixturenames
        taken = seen[item.path] % ONE_OF == 0 if opens_pages else item.get_closest_marker("slow") is None
        seen[item.path] += opens_pages
        (kept if taken else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


@pytest.fixture(autouse=True)
def _own_runtime_directory(tmp_path_factory, monkeypatch):
    """No test sees the streams and the demonstration of this machine, or leaves any; child processes inherit it."""
    directory = tmp_path_factory.mktemp("runtime")
    directory.chmod(0o700)
    monkeypatch.setenv("LORGNETTE_RUNTIME_DIR", str(directory))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.delenv("LORGNETTE_CONFIG", raising=False)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """The address of a running headless Chromium; skips where there is none, unless CI=true."""
    executable = browser.find_chromium()
    if executable is None:
        if os.environ.get("CI") == "true":
            pytest.fail("There is no Chromium, and CI=true.")
        pytest.skip("there is no Chromium (on Debian: apt-get install chromium)")
    with browser.chromium(executable, tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture(scope="session")
def browsing(chromium):
    """Playwright, connected to Chromium; its start takes longer than many a test."""
    with browser.Browsing(chromium) as browsing:
        yield browsing


@pytest.fixture
def open_tab(browsing):
    """A function that opens a tab in a fresh context: `open_tab(url, color_scheme="dark", width=360)`.

    After the test no page may have thrown an error or asked another host than this one for anything.
    """
    with browsing.tabs() as tabs:
        yield tabs.open
    assert tabs.faults == []


@pytest.fixture
def make_hub():
    """A function that makes hubs with quick settings, and others if it is told; all are closed at the end."""
    from data_sources.streams import Hub
    from lorgnette.config import load

    hubs = []

    def make(**settings):
        quick = {"streams.poll_interval_ms": 5, "streams.discovery_interval_s": 0.1}
        hubs.append(Hub(load(environ=os.environ, overrides={**quick, **settings})))
        return hubs[-1]

    yield make
    for each in hubs:
        each.close()


@pytest.fixture
def hub(make_hub):
    """A hub with quick settings."""
    return make_hub()
