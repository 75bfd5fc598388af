"""An elastic bar: a network learns how far each place of it is pulled."""

from __future__ import annotations

import jax.numpy as jnp

from adaptsim.landscapes.feedforward import Jet, feedforward_jet
from adaptsim.landscapes.physics_informed import PhysicsInformed, middles
from adaptsim.part import Array, field

CHECKED = 200
"""Equal parts of the bar at whose ends the error is taken."""


class ElasticBar(PhysicsInformed):
    """A bar of unit length and stiffness under a load along it, by a physics-informed network.

    ``f(theta) = mean_i (u''(x_i) + p(x_i))^2``

    Displacement ``u``, load ``p``, places ``x_i`` in the middles of equal parts. The ends are built
    in: ``u`` is the network less the straight line by which it would miss them.

    * ``"ramp"``: ``p = x``, held at 0, free at 1: ``u = N - N(0) - x N'(1)``; exact
      ``u = (3x - x^3)/6``.
    * ``"waves"``: held at both ends: ``u = N - (1 - x) N(0) - x N(1)``; exact
      ``u = sin(pi x) + sin(4 pi x)/4``, a fine wave upon a coarse one.

    No minimum in the weights is known; the loss of the exact field is 0. `readings`: ``error_u``,
    relative L2 error of the displacement at 201 other places. ``f`` is the mean of ``n_terms``
    terms, one per place.

    Examples
    --------
    >>> bar = ElasticBar()
    >>> bar.dimension, bar.n_terms, round(float(bar.exact(jnp.array([1.0]))[0]), 6)
    (481, 64, 0.333333)
    >>> round(float(bar.load(jnp.array([0.3]))[0]), 6)
    0.3

    References
    ----------
    Raissi, Perdikaris & Karniadakis, Journal of Computational Physics 378 (2019) 686-707
    (physics-informed networks); Lagaris, Likas & Fotiadis, IEEE Transactions on Neural Networks 9
    (1998) 987-1000 (boundary conditions built in). The two loads are ours.
    """

    case: str = field("ramp", help="which load and ends", choices=("ramp", "waves"))

    def exact(self, place: Array) -> Array:
        """Return the exact displacement at a place, shape ``(1,)``."""
        if self.case == "ramp":
            return (3 * place - place**3) / 6
        return jnp.sin(jnp.pi * place) + jnp.sin(4 * jnp.pi * place) / 4

    def law(self, jet: Jet) -> Array:
        """Return the change of the axial force, ``u''``, shape ``(1,)``."""
        return jet.bends[0, 0]

    def network(self, theta: Array, place: Array) -> Jet:
        """Return the displacement at a place, with its derivatives; its ends fit."""
        own, left, right = (
            feedforward_jet(theta, self.layers, at)
            for at in (place, jnp.zeros_like(place), jnp.ones_like(place))
        )
        slope = right.slopes[0] if self.case == "ramp" else right.value - left.value
        value = own.value - left.value - slope * place
        return Jet(value, own.slopes - slope, own.bends)

    def places(self) -> Array:
        """Return where the law is asked for, shape ``(n, 1)``."""
        return middles(self.points)[:, None]

    def checked_at(self) -> Array:
        """Return where the error is taken, ends included, shape ``(201, 1)``."""
        return jnp.linspace(0.0, 1.0, CHECKED + 1)[:, None]
