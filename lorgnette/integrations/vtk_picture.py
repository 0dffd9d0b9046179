"""What a VTK render window shows, read back without rendering."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    import lorgnette

    from .vtk_input import VtkObject

DEPTH: Final = "depth"  # the channel
OPAQUE: Final = np.uint32(0xFF000000 if sys.byteorder == "little" else 0x000000FF)  # of a pixel as one number


class Eye:
    """Reads the picture that a window shows, and how far away what it shows is. Keeps one buffer of each."""

    def __init__(self) -> None:
        self._core = importlib.import_module("vtkmodules.vtkCommonCore")
        self._colours: tuple[VtkObject, NDArray[np.uint32]] | None = None
        self._depths: tuple[VtkObject, NDArray[np.float32]] | None = None

    def picture(self, window: VtkObject, publisher: lorgnette.Publisher) -> None:
        """Publish what the window shows as H x W x 4.

        It is read as it lies in the graphics memory: four bytes a pixel, since three would be converted there at
        several times the cost, and from the buffer that is shown, which has no samples to be resolved. The ground is
        transparent there, which nobody sees in the window; a viewer would. The one copy turns the rows round.
        """
        width, height = window.GetActualSize()
        if not width or not height:
            return
        if self._colours is None or self._colours[1].size != width * height:
            # A new one for each size: VTK would move the memory under the view of the former.
            array = self._core.vtkUnsignedCharArray()
            array.SetNumberOfComponents(4)
            array.SetNumberOfTuples(width * height)
            self._colours = (array, np.frombuffer(array, np.uint32))
        array, pixels = self._colours
        window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 1, array, 0)
        np.bitwise_or(pixels, OPAQUE, out=pixels)  # a fifth of the time of writing every fourth byte
        publisher.frame(pixels.view(np.uint8).reshape(height, width, 4), flip=True)

    def depth(self, window: VtkObject, publisher: lorgnette.Publisher) -> None:
        """Publish how far away the picture's pixels are: H x W, float32, along the view, NaN where nothing is."""
        width, height = window.GetActualSize()
        if not width or not height:
            return
        if self._depths is None or self._depths[1].shape != (height, width):
            array = self._core.vtkFloatArray()
            array.SetNumberOfTuples(width * height)
            self._depths = (array, np.frombuffer(array, np.float32).reshape(height, width))
        array, depths = self._depths
        window.GetZbufferData(0, 0, width - 1, height - 1, array)
        with publisher.frames(DEPTH).next((height, width), np.float32) as slot:
            slot[...] = np.nan
            for renderer in _cleared(window):
                left, bottom, right, top = _box(renderer, width, height)
                part = depths[bottom:top, left:right]
                slot[height - top : height - bottom, left:right] = _distance(part, renderer.GetActiveCamera())[::-1]


def _cleared(window: VtkObject) -> list[Any]:
    """Renderers in the order in which they draw, but for those that draw among the depths of others."""
    found = window.GetRenderers()
    renderers = [found.GetItemAsObject(index) for index in range(found.GetNumberOfItems())]
    drawn = [renderer for renderer in renderers if renderer.GetDraw() and not renderer.GetPreserveDepthBuffer()]
    return sorted(drawn, key=lambda renderer: int(renderer.GetLayer()))


def _box(renderer: VtkObject, width: int, height: int) -> tuple[int, int, int, int]:
    left, bottom, right, top = renderer.GetViewport()
    return round(left * width), round(bottom * height), round(right * width), round(top * height)


def _distance(depths: NDArray[np.float32], camera: VtkObject) -> NDArray[np.float32]:
    """From the depth buffer (0 at the nearer clipping plane, 1 at the farther) to units of the scene."""
    near, far = map(np.float32, camera.GetClippingRange())
    if camera.GetParallelProjection():
        distance = near + depths * (far - near)
    else:
        distance = near * far / (far - depths * (far - near))
    distance[depths >= 1] = np.nan
    return distance
