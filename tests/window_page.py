"""What a page does with the texts of a window."""

import base64
import json

import numpy as np

from data_sources.streams import Position


def decoded(text):
    """Times in seconds and values of a message, whichever kind it is."""
    message = json.loads(text)
    if message["kind"] == "whole":
        times, *values = (np.frombuffer(base64.b64decode(each), "<f8") for each in (message["t"], *message["v"]))
    else:
        times, values = np.array(message["t"]), [np.array(each, float) for each in message["v"]]
    return message, times / 1000, values


class Page:
    """What the page does with the texts."""

    def __init__(self, track):
        self.track, self.position, self.messages = track, Position(), 0
        self.time, self.values, self.base = [], [], 0.0

    def look(self):
        text, self.position = self.track.since(self.position)
        if not text:
            return
        self.messages += 1
        message, times, values = decoded(text)
        if message["kind"] == "whole":
            self.base, self.time, self.values = message["base"], [], [[] for _ in values]
        else:
            keep = len(self.time) - message["drop"]
            assert keep >= 0
            self.time, self.values = self.time[:keep], [each[:keep] for each in self.values]
        self.time += list(times + self.base)
        self.values = [[*old, *new] for old, new in zip(self.values, values, strict=True)]
