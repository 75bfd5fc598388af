"""An elastic plate: a network learns how it is strained in its plane."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from adaptsim.landscapes.feedforward import Jet
from adaptsim.landscapes.physics_informed import PhysicsInformed, middles
from adaptsim.part import Array, field

CHECKED = 30
"""Equal parts of each side at whose ends the error is taken."""


class ElasticPlate(PhysicsInformed):
    """A unit square of linear elastic material under body forces, by a physics-informed network.

    ``f(theta) = mean_{i,k} ((l + m) grad div u + m lap u + b)_k^2(x_i)
    + penalty mean_{j,k} (u - u_exact)_k^2(s_j)``

    Displacements ``u = (u, v)``, places ``x_i`` in the middles of ``points`` by ``points`` equal
    squares; ``s_j`` as many on each side of the boundary. ``m`` is ``shear_modulus``; ``l`` is
    ``lame`` in plane strain (a thick body) and ``2 lame m / (lame + 2 m)`` in plane stress (a thin
    plate). The body force ``b`` is that under which

    ``u = cos(2 pi x) sin(pi y)``, ``v = load/4 sin(pi x) y^4``

    is exact; with the defaults it is (-24.77317476, -25.10730906) at (0.3, 0.7) in plane strain.
    No minimum in the weights is known; the loss of the exact field is 0. `readings`: ``error_u``
    and ``error_v``, relative L2 errors of the displacements at 31 by 31 other places. The first
    part of ``f`` is the mean of ``n_terms`` terms, one per place; the boundary is in common.

    Examples
    --------
    >>> plate = ElasticPlate()
    >>> plate.dimension, plate.n_terms
    (2012, 400)
    >>> plate.stress(plate.exact_jet(jnp.array([0.5, 0.5]))).diagonal().round(6).tolist()
    [0.5, 1.0]

    References
    ----------
    Haghighat, Raissi, Moure, Gomez & Juanes, Computer Methods in Applied Mechanics and Engineering
    379 (2021) 113741 (the manufactured solution).
    """

    coordinates: ClassVar[int] = 2
    components: ClassVar[tuple[str, ...]] = ("u", "v")

    layers: tuple[int, ...] = field((2, 30, 30, 30, 2), help="widths from places to displacements")
    points: int = field(20, help="places along each side", at_least=2)
    plane: str = field("strain", help="thick body or thin plate", choices=("strain", "stress"))
    lame: float = field(1.0, unit="stress", help="first parameter of Lame", at_least=0)
    shear_modulus: float = field(0.5, unit="stress", help="second parameter of Lame", above=0)
    strength: float = field(4.0, unit="displacement", help="Q in the exact field")
    penalty: float = field(100.0, help="weight of the boundary", at_least=0)

    def exact(self, place: Array) -> Array:
        """Return the exact displacements at a place, shape ``(2,)``."""
        x, y = place
        u = jnp.cos(2 * jnp.pi * x) * jnp.sin(jnp.pi * y)
        return jnp.stack([u, self.strength / 4 * jnp.sin(jnp.pi * x) * y**4])

    def law(self, jet: Jet) -> Array:
        """Return the divergence of the stress, shape ``(2,)``."""
        change_of_area = jnp.einsum("ijj->i", jet.bends)
        laplacian = jnp.einsum("jji->i", jet.bends)
        shear = self.shear_modulus
        return (self._pressed() + shear) * change_of_area + shear * laplacian

    def stress(self, jet: Jet) -> Array:
        """Return the stress in the plane, symmetric, shape ``(2, 2)``."""
        strain = (jet.slopes + jet.slopes.T) / 2
        return self._pressed() * jnp.trace(strain) * jnp.eye(2) + 2 * self.shear_modulus * strain

    def _pressed(self) -> Any:
        """Return how stress answers to a change of area."""
        if self.plane == "strain":
            return self.lame
        return 2 * self.lame * self.shear_modulus / (self.lame + 2 * self.shear_modulus)

    def places(self) -> Array:
        """Return where the law is asked for, shape ``(points^2, 2)``."""
        return _grid(middles(self.points))

    def boundary(self) -> Array:
        """Return where the boundary is asked for, shape ``(4 points, 2)``."""
        along = middles(self.points)
        near, far = jnp.zeros_like(along), jnp.ones_like(along)
        sides = [(along, near), (along, far), (near, along), (far, along)]
        return jnp.concatenate([jnp.stack(side, axis=-1) for side in sides])

    def checked_at(self) -> Array:
        """Return where the error is taken, boundary included, shape ``(961, 2)``."""
        return _grid(jnp.linspace(0.0, 1.0, CHECKED + 1))

    def common_term(self, theta: Array) -> Array:
        """Return the penalty for what the boundary is missed by, a scalar."""
        places = self.boundary()
        missed = self.fields(theta, places) - self.exact_fields(places)
        return self.penalty * jnp.mean(missed**2)

    def readings(self, theta: Array) -> dict[str, Array]:
        """Return the relative L2 errors of both displacements and of the stress."""

        def stresses(jet_at: Any) -> Array:
            return jax.vmap(lambda place: self.stress(jet_at(place)))(self.checked_at())

        exact = stresses(self.exact_jet)
        missed = stresses(lambda place: self.network(theta, place)) - exact
        error = jnp.linalg.norm(missed) / jnp.linalg.norm(exact)
        return super().readings(theta) | {"error_stress": error}

    @property
    def reading_units(self) -> dict[str, str]:  # type: ignore[override]
        """Units of what it reads."""
        return super().reading_units | {"error_stress": "1"}


def _grid(along: Array) -> Array:
    """Return all pairs of coordinates, the second changing fastest, shape ``(n^2, 2)``."""
    return jnp.stack(jnp.meshgrid(along, along, indexing="ij"), axis=-1).reshape(-1, 2)
