"""A PyVista plotter without a window: look at it and turn it in the browser. Needs `pip install "lorgnette[pyvista]"`.

A command changes the scene meanwhile; the page /controls?stream=scene offers it. A plotter in a window needs neither
`off_screen` nor `view.run()`: attach it, and call `plotter.show()`.
"""

import numpy as np
import pyvista as pv

import lorgnette
from lorgnette.integrations.pyvista import attach

grid = pv.ImageData(dimensions=(64, 64, 64), spacing=(0.1, 0.1, 0.1))
x, y, z = (grid.points * 2).T
grid["gyroid"] = np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)

plotter = pv.Plotter(off_screen=True, window_size=(960, 540))
plotter.set_background("#10141d", top="#39465c")


def draw(level: float) -> None:
    """Show the surface on which the function has this value."""
    surface = grid.contour([level], compute_scalars=False).elevation()
    plotter.add_mesh(surface, cmap="viridis", smooth_shading=True, show_scalar_bar=False, name="surface")


draw(0.0)
plotter.show(auto_close=False)

with lorgnette.Publisher("scene") as publisher:
    publisher.declare_command("level", {"value": float}, minimum=-1.2, maximum=1.2, default=0.0, help="Of the surface.")
    view = attach(plotter, publisher, on_command=lambda command: command.name == "level" and draw(command["value"]))
    view.run()  # until Ctrl-C
