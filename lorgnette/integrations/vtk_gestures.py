"""Two fingers on a camera, for interactor styles that know mouse and keys only (all of VTK's but one)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .vtk_input import VtkObject

KNOWS: Final = "vtkInteractorStyleMultiTouchCamera"


def style_of(interactor: VtkObject) -> VtkObject:
    """Return the style that is at work, None if there is none."""
    style = interactor.GetInteractorStyle()
    return style.GetCurrentStyle() if style is not None and style.IsA("vtkInteractorStyleSwitchBase") else style


def needs_help(interactor: VtkObject) -> bool:
    """Tell whether the camera has to be moved here: the style does not, and the program has not taught it to."""
    style = style_of(interactor)
    return style is not None and not style.IsA(KNOWS) and not style.HasObserver("PinchEvent")


def zoom(interactor: VtkObject, factor: float, degrees: float) -> None:
    """Come nearer by a factor and turn the picture by degrees against the clock, about the place of the event."""
    x, y = interactor.GetEventPosition()
    renderer = interactor.FindPokedRenderer(x, y)
    if renderer is None:
        return
    camera = renderer.GetActiveCamera()
    before = _point(renderer, x, y)
    if camera.GetParallelProjection():
        camera.SetParallelScale(camera.GetParallelScale() / factor)
    else:
        camera.Dolly(factor)
    camera.Roll(degrees)
    _move(interactor, renderer, before - _point(renderer, x, y))


def shift(interactor: VtkObject, right: float, up: float) -> None:
    """Move what is seen at the depth of the focal point by so many pixels."""
    x, y = interactor.GetEventPosition()
    renderer = interactor.FindPokedRenderer(x, y)
    if renderer is not None:
        _move(interactor, renderer, _point(renderer, x, y) - _point(renderer, x + right, y + up))


def _point(renderer: VtkObject, right: float, up: float) -> NDArray[np.float64]:
    """Return what lies under a pixel, as deep in the scene as the focal point."""
    renderer.SetWorldPoint(*renderer.GetActiveCamera().GetFocalPoint(), 1.0)
    renderer.WorldToDisplay()
    renderer.SetDisplayPoint(right, up, renderer.GetDisplayPoint()[2])
    renderer.DisplayToWorld()
    x, y, z, w = renderer.GetWorldPoint()
    return np.array([x / w, y / w, z / w])


def _move(interactor: VtkObject, renderer: VtkObject, by: NDArray[np.float64]) -> None:
    camera = renderer.GetActiveCamera()
    camera.SetFocalPoint(*(camera.GetFocalPoint() + by))
    camera.SetPosition(*(camera.GetPosition() + by))
    if style_of(interactor).GetAutoAdjustCameraClippingRange():
        renderer.ResetCameraClippingRange()
    interactor.Render()
