"""Render windows without a screen, whose pixels are known, and viewers of theirs."""

import os
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from browser import wait_for

import lorgnette

WINDOW = "vtkEGLRenderWindow"  # VTK's name for "no display needed"; else it asks for one, says so, and then takes this
PROBE = """
from vtkmodules import vtkRenderingOpenGL2
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow
window = vtkRenderWindow()
window.AddRenderer(vtkRenderer())
window.Render()
assert "Mesa" in window.ReportCapabilities() or "OpenGL version" in window.ReportCapabilities()
"""
RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
SIZE = (200, 120)


@cache
def why_not():
    """Why VTK cannot render here, "" if it can. Asked in another process: VTK might take this one down."""
    told = {**os.environ, "VTK_DEFAULT_OPENGL_WINDOW": WINDOW}
    result = subprocess.run([sys.executable, "-c", PROBE], env=told, capture_output=True, text=True, check=False)
    return (
        ""
        if result.returncode == 0
        else f"VTK cannot render here (on Debian: apt-get install libegl1): {result.stderr[-300:]}"
    )


@pytest.fixture(autouse=True)
def _renders_anywhere(monkeypatch):
    if why_not():
        pytest.skip(why_not())
    monkeypatch.setenv("VTK_DEFAULT_OPENGL_WINDOW", WINDOW)


def offscreen_window(size=SIZE):
    """A render window without a renderer."""
    from vtkmodules import vtkInteractionStyle, vtkRenderingOpenGL2, vtkRenderingUI  # noqa: F401
    from vtkmodules.vtkRenderingCore import vtkRenderWindow

    window = vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(0)
    window.SetSize(*size)
    return window


def flags(size=SIZE):
    """A window that is red below, and above it green on the left and blue on the right."""
    from vtkmodules.vtkRenderingCore import vtkRenderer

    window = offscreen_window(size)
    for box, colour in (((0, 0, 1, 0.5), RED), ((0, 0.5, 0.5, 1), GREEN), ((0.5, 0.5, 1, 1), BLUE)):
        renderer = vtkRenderer()
        renderer.SetViewport(*box)
        renderer.SetBackground(*(value / 255 for value in colour[:3]))
        window.AddRenderer(renderer)
    return window


def cone(size=SIZE, *, interactor=True, style="vtkInteractorStyleTrackballCamera"):
    """A window that shows a cone, already rendered."""
    from vtkmodules import vtkInteractionStyle
    from vtkmodules.vtkFiltersSources import vtkConeSource
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer
    from vtkmodules.vtkRenderingUI import vtkGenericRenderWindowInteractor

    window, renderer = offscreen_window(size), vtkRenderer()
    source, mapper, actor = vtkConeSource(), vtkPolyDataMapper(), vtkActor()
    mapper.SetInputConnection(source.GetOutputPort())
    actor.SetMapper(mapper)
    renderer.AddActor(actor)
    window.AddRenderer(renderer)
    if interactor:
        hands = vtkGenericRenderWindowInteractor()
        hands.SetRenderWindow(window)
        hands.SetInteractorStyle(style and getattr(vtkInteractionStyle, style)())
        hands.Initialize()
    window.Render()
    return window


def renderer_of(window):
    return window.GetRenderers().GetFirstRenderer()


def camera_of(window):
    """Where the camera is and what it looks at: ten numbers."""
    camera = renderer_of(window).GetActiveCamera()
    return np.array([*camera.GetPosition(), *camera.GetFocalPoint(), *camera.GetViewUp(), camera.GetParallelScale()])


def distance_of(window):
    return renderer_of(window).GetActiveCamera().GetDistance()


def pixels_of(window):
    """What VTK itself says the window shows: rows from above, RGB, without rendering."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkRenderingCore import vtkWindowToImageFilter

    look = vtkWindowToImageFilter()
    look.SetInput(window)
    look.ShouldRerenderOff()
    look.Update()
    width, height = window.GetSize()
    return vtk_to_numpy(look.GetOutput().GetPointData().GetScalars()).reshape(height, width, 3)[::-1]


class Count:
    """How often something invokes an event."""

    def __init__(self, vtk_object, event="EndEvent"):
        self.number = 0
        vtk_object.AddObserver(event, self._one_more)

    def _one_more(self, _caller, _event):
        self.number += 1


class Viewer:
    """Somebody who looks and steers, as the server does it for a browser."""

    def __init__(self, name, number=1):
        self.subscriber = lorgnette.Subscriber(name)
        self.number = number

    def do(self, *events):
        for event in events:
            assert self.subscriber.send({"viewer": self.number, **event})

    def picture(self, channel="frame"):
        return self.subscriber.frame(channel)

    def await_picture(self, what="a picture", *, unlike=None):
        """The next picture, or the next that is another than `unlike`."""
        found = []

        def look():
            picture = self.picture()
            if picture is not None and (unlike is None or not np.array_equal(picture, unlike)):
                found.append(picture)
            return found

        wait_for(look, what)
        return found[0]


def at(kind, x, y, size=SIZE, **more):
    """An event at a pixel, counted from the upper left corner."""
    return {
        "event": kind,
        "x": x / size[0],
        "y": y / size[1],
        "px": x,
        "py": y,
        "width": size[0],
        "height": size[1],
        **more,
    }


def drag(path, button=0, **more):
    """The events of a drag along pixels."""
    first, last = path[0], path[-1]
    moves = [at("pointermove", x, y, buttons=1, **more) for x, y in path[1:]]
    return [
        at("pointerdown", *first, button=button, **more),
        *moves,
        at("pointerup", *last, button=button, **more),
    ]
