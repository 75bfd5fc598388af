"""The Mueller-Brown surface: a chemical reaction in two coordinates."""

from __future__ import annotations

from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape, Where
from adaptsim.part import Array

HEIGHTS = np.array([-200.0, -100.0, -170.0, 15.0])
"""A, the height of each hill or pit [loss]."""

SHAPES = np.array([[-1.0, 0.0, -10.0], [-1.0, 0.0, -10.0], [-6.5, 11.0, -6.5], [0.7, 0.6, 0.7]])
"""a, b, c of each [1/trait^2]."""

CENTRES = np.array([[1.0, 0.0], [0.0, 0.5], [-0.5, 1.5], [-1.0, 1.0]])
"""X, Y of each [trait]."""


class MuellerBrown(Landscape):
    """Three minima joined by two saddles on a bent path.

    ``f(x, y) = sum_k A_k exp(a_k (x - X_k)^2 + b_k (x - X_k)(y - Y_k) + c_k (y - Y_k)^2)``,
    ``k = 1..4``, with ``A = (-200, -100, -170, 15)``, ``a = (-1, -1, -6.5, 0.7)``,
    ``b = (0, 0, 11, 0.6)``, ``c = (-10, -10, -6.5, 0.7)``, ``X = (1, 0, -0.5, -1)``,
    ``Y = (0, 0.5, 1.5, 1)``.

    ``x`` in ``[-1.5, 1.2]``, ``y`` in ``[-0.2, 2]``. All three minima (-146.699517, -108.166724,
    -80.767818) and both saddles (-40.664844, -72.248940) are given. The start is ours:
    ``(-0.75, 0.6)``, beside the higher saddle.

    Examples
    --------
    >>> surface = MuellerBrown()
    >>> [round(one.loss, 6) for one in surface.minima()]
    [-146.699517, -108.166724, -80.767818]

    References
    ----------
    Muller and Brown, Theoretica Chimica Acta 53 (1979) 75-93; places computed here to 16 digits.
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = ((-1.5, -0.2), (1.2, 2.0))
    starts_at: ClassVar[Where] = (-0.75, 0.6)
    minima_at: ClassVar[tuple[Where, ...]] = (
        (-0.55822363463302428, 1.4417258418046687),
        (0.62349940493087651, 0.028037758528685666),
        (-0.050010822998206058, 0.46669410487197209),
    )
    saddles_at: ClassVar[tuple[Where, ...]] = (
        (-0.82200155873273210, 0.62431280281487136),
        (0.21248658200066201, 0.29298832510736777),
    )

    def loss(self, theta: Array) -> Array:
        """Return the loss of a point, a scalar."""
        dx, dy = (theta - CENTRES).T
        a, b, c = SHAPES.T
        return jnp.sum(HEIGHTS * jnp.exp(a * dx**2 + b * dx * dy + c * dy**2))
