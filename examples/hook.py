"""A program that draws with numpy and can be steered: drag the disc, and turn the wheel to change its size.

The hook asks for a picture only while somebody looks, 30 times a second at the most, and hands over what people do.
`hook.tick()` goes into any loop: here one of our own. On the page it is /remote_view?stream=disc of `lorgnette serve`.
"""

import time

import numpy as np

import lorgnette
from lorgnette import input as events
from lorgnette.integrations.frames import FrameHook

HEIGHT, WIDTH = 480, 640
rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
disc = {"x": 0.5, "y": 0.5, "radius": 60.0}


def draw() -> np.ndarray:
    """The picture, H x W x 3 of uint8."""
    image = np.full((HEIGHT, WIDTH, 3), (238, 240, 243), np.uint8)
    inside = np.hypot(columns - disc["x"] * WIDTH, rows - disc["y"] * HEIGHT) < disc["radius"]
    image[inside] = (0, 114, 178)
    return image


def obey(event: events.InputEvent) -> None:
    """Follow the pointer while its left button (or a finger) is down."""
    if event.event in (events.POINTER_DOWN, events.POINTER_MOVE) and event.buttons & events.LEFT_DOWN:
        disc["x"], disc["y"] = event.x, event.y
    elif event.event == events.WHEEL:
        disc["radius"] = min(max(disc["radius"] - 0.1 * event.dy, 10.0), 200.0)


with lorgnette.Publisher("disc") as publisher:
    hook = FrameHook(publisher, draw, obey, rate_hz=30)
    while True:
        hook.tick()
        time.sleep(1 / 60)
