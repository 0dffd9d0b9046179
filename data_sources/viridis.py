"""The colours in which one number a pixel is shown: they are told apart by everybody, and get brighter all the way."""

from __future__ import annotations

from typing import Final

import numpy as np

# Red, green and blue (0 to 255) of viridis at equal steps; what lies between two of them is interpolated.
VIRIDIS: Final = np.array(
    [(68, 1, 84), (72, 25, 107), (70, 47, 124), (64, 67, 135), (56, 86, 139), (48, 103, 141), (41, 120, 142),
     (35, 136, 141), (30, 152, 138), (34, 167, 132), (53, 183, 120), (83, 197, 103), (121, 209, 81), (165, 218, 53),
     (210, 225, 27), (253, 231, 36)], float
)  # fmt: skip
