"""A scene of FURY 0.12 (which draws with VTK), shown and steered in the browser besides its own window.

    pip install lorgnette "fury==0.12.0"
    python fury_012.py                     # then /remote_view?stream=fury of `lorgnette serve`

On a machine without a screen: xvfb-run -a -s "-screen 0 1280x1024x24" python fury_012.py
"""

import numpy as np
from fury import actor, window

import lorgnette
from lorgnette.integrations.vtk import attach

WIDTH, HEIGHT, SPHERES = 900, 600, 200
random = np.random.default_rng(1)
scene = window.Scene()
scene.background((0.1, 0.12, 0.16))
scene.add(
    actor.sphere(
        random.normal(0, 25, (SPHERES, 3)),
        colors=random.uniform(0.2, 1, (SPHERES, 3)),
        radii=random.uniform(1, 4, SPHERES),
    )
)
manager = window.ShowManager(scene=scene, size=(WIDTH, HEIGHT), title="FURY")

with lorgnette.Publisher("fury") as publisher, attach(manager.window, publisher):
    manager.start()  # until its window is closed
