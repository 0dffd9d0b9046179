"""The palettes in which grey levels are drawn: for each a row of red, green and blue of every level from 0 to 255."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from data_sources.viridis import VIRIDIS

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PALETTES"]

Points = tuple[tuple[float, float], ...]  # brightness (0 to 1) and how much of a colour; two at one place make a step

# Colours at equal steps, in hexadecimal; what lies between two of them is interpolated.
_STEPS: Final = {
    "inferno": "000003 090621 1d0c45 370961 500d6c 68166e 801f6b 982765 af315b c53d4d d94d3d e8612b f37918 fa9306 "
    "fbb014 f8cd37 f1e968 fcfea4",
    "plasma": "0c0786 2f0495 49029f 6100a6 7801a8 8e0ca4 a21c9a b42d8d c33e7f d14f71 de6064 e97257 f2854a f9993d "
    "fdaf31 fdc626 f8df24 eff821",
    "magma": "000003 09071f 1a1041 301065 4a1079 61187f 792281 912a80 a9327c c23a75 d9466a ec585f f7715b fc8e63 "
    "feaa74 fec689 fde1a3 fbfcbf",
    "cividis": "00204c 002a66 00346e 273f6c 3c4a6b 4c556b 5b5f6d 686a70 757575 838178 928c78 a19876 b0a572 c0b16d "
    "d1bf66 e1cc5c f3db4f ffe945",
    "turbo": "30123b 3f3d9c 4666dd 448cfd 2fb1f3 19d3cf 22eba9 51f979 8bfe4b b6f735 dae236 f4c43a fea12f f8741c "
    "e84b0c ce2d04 a91501 7a0402",
}

# Red, green and blue as they are known from SAOImage and its followers.
_LINES: Final[dict[str, tuple[Points, Points, Points]]] = {
    "heat": (
        ((0, 0), (0.34, 1), (1, 1)),
        ((0, 0), (1, 1)),
        ((0, 0), (0.65, 0), (0.98, 1), (1, 1)),
    ),
    "cool": (
        ((0, 0), (0.29, 0), (0.76, 0.1), (1, 1)),
        ((0, 0), (0.22, 0), (0.96, 1), (1, 1)),
        ((0, 0), (0.53, 1), (1, 1)),
    ),
    "rainbow": (
        ((0, 1), (0.2, 0), (0.6, 0), (0.8, 1), (1, 1)),
        ((0, 0), (0.2, 0), (0.4, 1), (0.8, 1), (1, 0)),
        ((0, 1), (0.4, 1), (0.6, 0), (1, 0)),
    ),
    "standard": (
        ((0, 0), (1 / 3, 0.3), (1 / 3, 0), (2 / 3, 0.3), (2 / 3, 0.3), (1, 1)),
        ((0, 0), (1 / 3, 0.3), (1 / 3, 0.3), (2 / 3, 1), (2 / 3, 0), (1, 0.3)),
        ((0, 0), (1 / 3, 1), (1 / 3, 0), (2 / 3, 0.3), (2 / 3, 0), (1, 0.3)),
    ),
    "b": (
        ((0, 0), (0.25, 0), (0.5, 1), (1, 1)),
        ((0, 0), (0.5, 0), (0.75, 1), (1, 1)),
        ((0, 0), (0.25, 1), (0.5, 0), (0.75, 0), (1, 1)),
    ),
    "bb": (
        ((0, 0), (0.5, 1), (1, 1)),
        ((0, 0), (0.25, 0), (0.75, 1), (1, 1)),
        ((0, 0), (0.5, 0), (1, 1)),
    ),
    "he": (
        ((0, 0), (0.015, 0.5), (0.25, 0.5), (0.5, 0.75), (1, 1)),
        ((0, 0), (0.065, 0), (0.125, 0.5), (0.25, 0.75), (0.5, 0.81), (1, 1)),
        ((0, 0), (0.015, 0.125), (0.03, 0.375), (0.065, 0.625), (0.25, 0.25), (1, 1)),
    ),
}

# Plain colours side by side, each of as many levels as the others.
_AREAS: Final = {
    "i8": "000000 00ff00 0000ff 00ffff ff0000 ffff00 ff00ff ffffff",
    "aips0": "323232 79009b 0000c8 5fa7eb 009800 00f600 ffff00 ffb100 ff0000",
}


def _colours(text: str) -> NDArray[np.float64]:
    return np.array([list(bytes.fromhex(word)) for word in text.split()], np.float64)


def _between(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    places = np.linspace(0, 255, len(colours))
    return np.stack([np.interp(np.arange(256), places, colours[:, part]) for part in range(3)], axis=1)


def _along(lines: tuple[Points, Points, Points]) -> NDArray[np.float64]:
    t = np.linspace(0, 1, 256)
    return np.stack([255 * np.interp(t, [at for at, _ in line], [much for _, much in line]) for line in lines], axis=1)


def _beside(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    return colours[np.arange(256) * len(colours) // 256]


def _cubehelix(start: float = 0.5, turns: float = -1.5, hue: float = 1.0) -> NDArray[np.float64]:
    """D. A. Green's helix about the greys, which gets brighter all the way (2011, Bull. Astron. Soc. India 39, 289)."""
    t = np.linspace(0, 1, 256)
    angle = 2 * math.pi * (start / 3 + 1 + turns * t)
    directions = np.array([(-0.14861, 1.78277), (-0.29227, -0.90649), (1.97294, 0.0)])
    away = hue * t * (1 - t) / 2
    around = directions @ np.stack([np.cos(angle), np.sin(angle)])
    return (255 * (t + away * around)).T  # type: ignore[no-any-return]


def _all() -> dict[str, NDArray[np.uint8]]:
    grey = np.repeat(np.arange(256.0)[:, None], 3, axis=1)
    found = {"grey": grey, "viridis": _between(VIRIDIS)}
    found |= {name: _between(_colours(text)) for name, text in _STEPS.items()}
    found |= {name: _along(lines) for name, lines in _LINES.items()}
    found |= {"cubehelix": _cubehelix()}
    found |= {name: _beside(_colours(text)) for name, text in _AREAS.items()}
    palettes = {name: np.floor(np.clip(rows, 0, 255) + 0.5).astype(np.uint8) for name, rows in found.items()}
    for rows in palettes.values():
        rows.flags.writeable = False
    return palettes


PALETTES: Final = _all()  # by name, 256 x 3
