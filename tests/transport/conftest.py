import shutil

import pytest

import lorgnette
from lorgnette.transport import MappedBackend

from .helpers import Nursery, code_child, private_directory

# Each kind of backend passes the same contract tests: a function of an empty private directory.
BACKENDS = {"mapped": MappedBackend}


@pytest.fixture
def folder():
    path = private_directory()
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(params=BACKENDS.values(), ids=BACKENDS)
def backend(request, folder):
    return request.param(folder)


@pytest.fixture
def publisher(backend):
    with lorgnette.Publisher("stream", backend=backend) as made:
        yield made


@pytest.fixture
def subscriber(backend, publisher):
    with lorgnette.Subscriber("stream", backend=backend) as made:
        yield made


@pytest.fixture
def now(monkeypatch):
    """Subscribers look for signs of life at every call, not four times a second."""
    monkeypatch.setattr("lorgnette.transport.subscriber.LOOK_EVERY_S", 0.0)


@pytest.fixture
def child(folder):
    """Start child processes that run a piece of code; they are ended with the test."""
    started = []

    def start(code, *arguments, **options):
        started.append(code_child(folder, code, *arguments, **options))
        return started[-1]

    yield start
    for process in started:
        process.end()


@pytest.fixture
def nursery(folder):
    made = Nursery(folder)
    yield made
    made.end()
