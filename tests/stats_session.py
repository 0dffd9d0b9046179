"""One session of the frame statistics on a bare document."""

import json

from bokeh.document import Document
from bokeh.models import Plot
from browser import wait_for

from dashboards.frame_stats.view import show
from lorgnette.page import dress


class Session:
    """One page on a bare document, and what was sent to it."""

    def __init__(self, hub, **url):
        self.doc = Document()
        self.page = dress(self.doc, "Frame statistics")
        self.page.state.url = url
        self.stats = show(self.doc, self.page, hub)
        self.sent = []
        self.stats.feed.send = lambda text: self.sent.append(json.loads(text))
        self.stats.panels.link.ready = True

    def tick(self):
        self.stats._next_look = 0.0
        self.stats.update()

    def wait(self, condition, what):
        def met():
            self.tick()
            return condition()

        wait_for(met, what)

    def kinds(self):
        return [message["kind"] for message in self.sent]

    @property
    def plots(self):
        return [child for child in self.stats.panels.stack.children if isinstance(child, Plot)]
