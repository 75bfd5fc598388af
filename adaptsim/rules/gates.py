"""Gates: how much of a change a synapse lets through, by how far it is methylated."""

from __future__ import annotations

from typing import ClassVar

import jax.numpy as jnp

from adaptsim.part import Array, Part, field


class Gate(Part):
    """From methylation ``m`` in [0, 1] to a factor ``phi(m)`` of a change. Write ``__call__``.

    Which way a gate opens is a hypothesis, not a fact: see `Methylated`.

    Examples
    --------
    >>> class Threshold(Gate):
    ...     at: float = 0.5
    ...     def __call__(self, methylation):
    ...         return jnp.where(methylation < self.at, 1.0, 0.0)
    >>> Threshold()(jnp.array([0.2, 0.8])).tolist()
    [1.0, 0.0]
    """

    abstract: ClassVar[bool] = True

    def __call__(self, methylation: Array) -> Array:
        """Return the factor of each methylation, of the same shape; smooth, and at least 0."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(methylation)")


class LinearGate(Gate):
    """phi(m) = 1 - m.

    Examples
    --------
    >>> LinearGate()(jnp.array([0.0, 0.25, 1.0])).tolist()
    [1.0, 0.75, 0.0]
    """

    def __call__(self, methylation: Array) -> Array:
        """Return ``1 - m``."""
        return 1 - methylation


class ExponentialGate(Gate):
    """phi(m) = exp(-steepness m).

    Examples
    --------
    >>> ExponentialGate(steepness=0.0)(jnp.array([0.5])).tolist()
    [1.0]
    """

    steepness: float = field(default=3.0, help="c, how steeply it closes", at_least=0)

    def __call__(self, methylation: Array) -> Array:
        """Return ``exp(-c m)``."""
        return jnp.exp(-self.steepness * methylation)


class HillGate(Gate):
    """phi(m) = 1 / (1 + (m / half)^cooperativity).

    Examples
    --------
    >>> HillGate(half=0.5)(jnp.array([0.0, 0.5])).tolist()
    [1.0, 0.5]
    """

    half: float = field(default=0.5, help="methylation at which it is half open", above=0)
    cooperativity: int = field(default=4, help="n, how sharply it closes", at_least=1)

    def __call__(self, methylation: Array) -> Array:
        """Return ``1 / (1 + (m / K)^n)``."""
        return 1 / (1 + (methylation / self.half) ** self.cooperativity)


class InvertedUGate(Gate):
    """phi(m) = 4 m (1 - m): widest at a middling methylation.

    Examples
    --------
    >>> InvertedUGate()(jnp.array([0.0, 0.5, 1.0])).tolist()
    [0.0, 1.0, 0.0]
    """

    def __call__(self, methylation: Array) -> Array:
        """Return ``4 m (1 - m)``."""
        return 4 * methylation * (1 - methylation)
