"""A scene of FURY 2 (which draws with pygfx), shown and steered in the browser: drag, wheel, keys, two fingers.

    pip install lorgnette "fury>=2.0"     # and a driver for Vulkan, such as Mesa's lavapipe
    python fury2_pygfx.py                  # then /remote_view?stream=fury2 of `lorgnette serve`

Any other canvas of rendercanvas (pygfx, fastplotlib) is attached by the same line.
"""

import asyncio
import contextlib

import numpy as np
from fury import actor, window

import lorgnette
from lorgnette.integrations import rendercanvas

WIDTH, HEIGHT, SPHERES = 640, 480, 60
random = np.random.default_rng(1)
spheres = actor.sphere(
    random.normal(0, 25, (SPHERES, 3)), colors=random.uniform(0.2, 1, (SPHERES, 3)), radii=random.uniform(2, 6, SPHERES)
)
scene = window.Scene()
scene.add(spheres)
manager = window.ShowManager(scene=scene, size=(WIDTH, HEIGHT), window_type="offscreen")
manager.render()  # says what to draw; drawn it is by the hook

with lorgnette.Publisher("fury2") as publisher:
    hook = rendercanvas.attach(manager.window, publisher, rate_hz=30)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(hook.run())  # in asyncio, because FURY's keys need it
