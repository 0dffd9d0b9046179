"""What the model needs to know of the detector's layers: where the trigger's are, and how much matter is before them.

Only the layers that the trigger reads count here: every second one of the electromagnetic part, which stands for two,
and all of the hadronic part. Depths are seen along the beam.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Borders in depth (radiation lengths, interaction lengths) of what each layer of V11 stands for.
_EM_LAYERS, _FINE_LAYERS, _COARSE_LAYERS = 28, 12, 10
_EM_X0, _FINE_X0, _COARSE_X0 = 25.0 / _EM_LAYERS, 2.6, 4.4  # a layer
_EM_LAMBDA, _FINE_LAMBDA, _COARSE_LAMBDA = 1.3 / _EM_LAYERS, 0.28, 0.45

LAYERS: Final[Integers] = np.concatenate([np.arange(1, 29, 2), np.arange(29, 51)])
FIRST_HADRONIC: Final = 29


def _borders(em: float, fine: float, coarse: float) -> Floats:
    steps = np.repeat([2 * em, fine, coarse], [_EM_LAYERS // 2, _FINE_LAYERS, _COARSE_LAYERS])
    return np.concatenate([[0.0], np.cumsum(steps)])


BORDERS_X0: Final[Floats] = _borders(_EM_X0, _FINE_X0, _COARSE_X0)
BORDERS_LAMBDA: Final[Floats] = _borders(_EM_LAMBDA, _FINE_LAMBDA, _COARSE_LAMBDA)

# Energy in GeV that one minimum ionising particle in a layer stands for.
GEV_PER_MIP: Final[Floats] = np.repeat([0.032, 0.052, 0.085], [_EM_LAYERS // 2, _FINE_LAYERS, _COARSE_LAYERS])


def layer_at(depth: Floats, borders: Floats) -> Integers:
    """Return the index in `LAYERS` at each depth; -1 and `len(LAYERS)` where it is outside."""
    return np.searchsorted(borders, depth, side="right").astype(np.int64) - 1
