"""The end of pages: Bokeh's look through all objects at each of them is put off, and done once for many."""

import asyncio

import bokeh.document.document
import pytest
from bokeh.document import Document
from bokeh.server.contexts import ApplicationContext

from lorgnette.serve import garbage
from lorgnette.serve.garbage import Garbage


class Loop:
    """An event loop whose time stands still: it keeps what is planned."""

    def __init__(self):
        self.planned = []

    def call_later(self, _delay, callback):
        self.planned.append(callback)


@pytest.fixture
def looks(monkeypatch):
    """The real looks through all objects, counted."""
    seen = []
    monkeypatch.setattr(bokeh.document.document, "gc", bokeh.document.document.gc)
    monkeypatch.setattr(garbage.gc, "collect", lambda *_: seen.append(1))
    monkeypatch.setattr(garbage.gc, "freeze", lambda: None)
    return seen


def test_many_ends_are_one_look(looks):
    loop = Loop()
    Garbage().start(loop)
    assert len(looks) == 1, "what the start left"
    for _ in range(20):
        doc = Document()
        doc.on_change(session := [].append)
        doc.destroy(session)
    assert len(looks) == 1
    loop.planned.pop()()
    assert len(looks) == 2
    loop.planned.pop()()
    assert len(looks) == 2, "nothing has ended since"
    assert len(loop.planned) == 1, "and it goes on"


def test_whatever_else_bokeh_wants_of_the_module_is_there():
    assert isinstance(Garbage().get_count(), tuple)


def test_others_get_their_turn_between_the_ends_of_pages(monkeypatch):
    order = []

    async def end(_context, name):
        order.append(name)

    monkeypatch.setattr(ApplicationContext, "_discard_session", end)
    garbage._take_turns()
    garbage._take_turns()

    async def both():
        async def others():
            order.append("others")

        asyncio.get_running_loop().create_task(others())
        for name in ("first", "second"):
            await ApplicationContext._discard_session(None, name)

    asyncio.run(both())
    assert order == ["first", "others", "second"]
