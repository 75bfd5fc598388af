"""Lanczos: the extreme curvatures of a loss from products with its Hessian, never made whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.curvature.loss import Loss, argument, point, products, whole_hessian
from adaptsim.part import Array

SMALL = 300
"""Up to so many dimensions the whole Hessian is made where all of it is asked for."""

STEPS = 30
"""Products of one sweep of Lanczos; also how many vectors are kept."""

TOLERANCE = 1e-9
"""An extreme curvature is found when its bound is below this fraction of it."""

SWEEPS = 40
"""Most sweeps for one extreme curvature."""

LOST = 1e-14
"""A remainder below this fraction of the largest curvature seen is rounding."""

FRESH = 0.01
"""How much of a random direction is mixed into a warm start, so that no direction is shut out."""

type Product = Callable[[Array], Array]


class Extreme(NamedTuple):
    """An extreme curvature: ``value`` with an eigenvalue within ``bound`` of it.

    ``direction``, shape ``(d,)``, is its unit eigenvector, ``products`` how many times a vector
    was multiplied by the Hessian. If ``bound`` is large, the search ended before it was found.
    """

    value: Array
    bound: Array
    direction: Array
    products: Array


class Spectrum(NamedTuple):
    """Curvatures in ascending order, shape ``(m,)``, each with the bound of its error.

    Within ``bounds[i]`` of ``values[i]`` there is an eigenvalue of the Hessian; ``directions[i]``,
    shape ``(m, d)``, is its unit eigenvector. If ``complete`` these are all of them; else the ends
    are good and what lies between is a sketch.
    """

    values: Array
    bounds: Array
    directions: Array
    complete: bool

    def end(self, index: int) -> Extreme:
        """Return the smallest (0) or the largest (-1) of them."""
        count = jnp.asarray(self.values.size)
        return Extreme(self.values[index], self.bounds[index], self.directions[index], count)


class Basis(NamedTuple):
    """Orthonormal ``vectors`` (rows) in which the operator is tridiagonal, and what is left over.

    ``diagonal`` and ``beside``, shape ``(m,)``; the last of ``beside`` is the remainder.
    """

    vectors: Array
    diagonal: Array
    beside: Array


def lanczos(
    loss: Loss,
    theta: Any,
    *,
    steps: int = STEPS,
    seed: int = 0,
    preconditioner: Any = None,
) -> Spectrum:
    """Return Ritz values of the Hessian, ascending: the outermost are its extreme eigenvalues.

    ``steps`` products, with full reorthogonalisation, in one compiled scan. Where the directions
    reached so far are closed under the Hessian it goes on from a fresh random one.

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar.
    theta
        The point.
    steps
        How many products, at most ``d`` are made.
    seed
        Of the random first direction.
    preconditioner
        Diagonal ``P``, positive, shape ``(d,)`` or ``()``: then the values are those of
        ``P^-1/2 H P^-1/2``, which are those of ``P^-1 H``.

    Returns
    -------
    Spectrum
        ``min(steps, d)`` values [loss/trait^2] and their bounds; nan where there is no Hessian.

    Examples
    --------
    >>> from adaptsim.landscapes import Canyon
    >>> lanczos(Canyon().loss, jnp.zeros(2)).values.round(9).tolist()
    [1.0, 100.0]

    References
    ----------
    Lanczos (1950), J. Res. Natl. Bur. Stand. 45:255; Parlett (1998), The symmetric eigenvalue
    problem, chapter 13 (the bound is ``abs(beta_m s_m)``).
    """
    theta = point(theta)
    if steps < 1:
        raise ValueError(f"steps must be at least 1; got {steps}")
    steps = min(steps, theta.size)
    scale = _scale(preconditioner, theta)
    values, bounds, directions = _ritz(argument(loss), theta, scale, seed, steps=steps)
    return Spectrum(values, bounds, directions, complete=steps == theta.size)


def largest_curvature(
    loss: Loss,
    theta: Any,
    *,
    tolerance: float = TOLERANCE,
    seed: int = 0,
    preconditioner: Any = None,
    start: Any = None,
) -> Extreme:
    """Return the largest eigenvalue of the Hessian (not the largest in size).

    Sweeps of Lanczos, each from the best direction of the one before, until the bound is below
    ``tolerance`` times the largest size of an eigenvalue. That an eigenvalue is within the bound is
    certain; that it is the largest is so for almost every first direction.

    Parameters
    ----------
    loss, theta, seed, preconditioner
        As for `lanczos`.
    tolerance
        Wanted bound, relative. The value itself is then good to about its square.
    start
        A direction to begin with, shape ``(d,)``: the eigenvector at a place nearby, say.

    Examples
    --------
    >>> from adaptsim.landscapes import Rosenbrock
    >>> found = largest_curvature(Rosenbrock().loss, jnp.ones(2))
    >>> round(float(found.value), 6), int(found.products)
    (1001.600639, 2)

    References
    ----------
    Saad (2011), Numerical methods for large eigenvalue problems, section 6.3.
    """
    return _extreme(loss, theta, 1.0, tolerance, seed, preconditioner, start)


def smallest_curvature(
    loss: Loss,
    theta: Any,
    *,
    tolerance: float = TOLERANCE,
    seed: int = 0,
    preconditioner: Any = None,
    start: Any = None,
) -> Extreme:
    """Return the smallest (most negative) eigenvalue of the Hessian; as `largest_curvature`.

    Examples
    --------
    >>> from adaptsim.landscapes import StrictSaddle
    >>> round(float(smallest_curvature(StrictSaddle().loss, jnp.zeros(2)).value), 9)
    -1.0
    """
    found = _extreme(loss, theta, -1.0, tolerance, seed, preconditioner, start)
    return found._replace(value=-found.value)


def spectrum(loss: Loss, theta: Any, *, preconditioner: Any = None, seed: int = 0) -> Spectrum:
    """Return all curvatures up to `SMALL` dimensions, the ends of the spectrum above.

    Examples
    --------
    >>> from adaptsim.landscapes import Canyon
    >>> found = spectrum(Canyon().loss, jnp.zeros(2))
    >>> found.values.tolist(), found.complete
    ([1.0, 100.0], True)
    """
    theta = point(theta)
    if theta.size > SMALL:
        return lanczos(loss, theta, preconditioner=preconditioner, seed=seed)
    values, bounds, directions = _whole(argument(loss), theta, _scale(preconditioner, theta))
    return Spectrum(values, bounds, directions, complete=True)


def extremes(loss: Loss, theta: Any, *, preconditioner: Any = None) -> tuple[Extreme, Extreme]:
    """Return the smallest and the largest curvature by whichever way is best in that dimension.

    The whole Hessian up to `SMALL` dimensions, `smallest_curvature` and `largest_curvature` above.

    Examples
    --------
    >>> from adaptsim.landscapes import Canyon
    >>> [float(one.value) for one in extremes(Canyon().loss, jnp.zeros(2))]
    [1.0, 100.0]
    """
    theta = point(theta)
    if theta.size <= SMALL:
        found = spectrum(loss, theta, preconditioner=preconditioner)
        return found.end(0), found.end(-1)
    return (
        smallest_curvature(loss, theta, preconditioner=preconditioner),
        largest_curvature(loss, theta, preconditioner=preconditioner),
    )


def largest_of(product: Product, first: Array, key: Array, tolerance: Any) -> Extreme:
    """Return the largest eigenvalue of a symmetric operator; see `largest_curvature`.

    To be compiled; ``first`` is the direction to begin with; if it is zero or not finite, a random
    one is drawn.
    """
    steps = min(STEPS, first.size)
    first = jnp.where(jnp.isfinite(first).all(), first, 0.0)
    drawn = _unit(jax.random.normal(key, first.shape))
    start = _unit(_unit(first) + jnp.where(jnp.any(first != 0), FRESH, 1.0) * drawn)

    def sweep(state: tuple[Extreme, Array, Array]) -> tuple[Extreme, Array, Array]:
        found, _, count = state
        basis = _tridiagonal(product, found.direction, drawn, steps)
        values, turn = jnp.linalg.eigh(_matrix(basis))
        bound = jnp.abs(basis.beside[-1] * turn[-1, -1])
        best = Extreme(
            values[-1], bound, _unit(turn[:, -1] @ basis.vectors), found.products + steps
        )
        return best, jnp.max(jnp.abs(values)), count + 1

    def goes_on(state: tuple[Extreme, Array, Array]) -> Array:
        found, size, count = state
        return (count < SWEEPS) & (found.bound > tolerance * size)

    unknown = Extreme(jnp.asarray(jnp.nan), jnp.asarray(jnp.inf), start, jnp.asarray(0))
    begin = (unknown, jnp.asarray(0.0), jnp.asarray(0))
    best: Extreme = jax.lax.while_loop(goes_on, sweep, begin)[0]
    return best


def scaled(product: Product, scale: Array) -> Product:
    """Return an operator between two products with a diagonal, ``diag(s) H diag(s)``."""
    return lambda vector: scale * product(scale * vector)


def _tridiagonal(product: Product, start: Array, drawn: Array, steps: int) -> Basis:
    """Return Lanczos' basis from a unit vector, each vector made orthogonal to all before.

    Where they are closed under the operator the next is random: ``drawn``, turned in a circle.
    """

    def step(state: tuple[Array, Array, Array], count: Array) -> tuple[Any, tuple[Array, Array]]:
        vectors, vector, size = state
        vectors = vectors.at[count].set(vector)
        image = product(vector)
        along = vector @ image
        rest = _orthogonal(image, vectors)
        length = jnp.linalg.norm(rest)
        size = jnp.maximum(size, jnp.abs(along) + length)
        closed = length <= LOST * size
        onward = jax.lax.cond(
            closed,
            lambda: _unit(_orthogonal(jnp.roll(drawn, count + 1), vectors)),
            lambda: rest / length,
        )
        return (vectors, onward, size), (along, jnp.where(closed, 0.0, length))

    begin = (jnp.zeros((steps, start.size)), start, jnp.asarray(0.0))
    (vectors, *_), (diagonal, beside) = jax.lax.scan(step, begin, jnp.arange(steps))
    return Basis(vectors, diagonal, beside)


def _orthogonal(vector: Array, vectors: Array) -> Array:
    """Return what is left of a vector without its parts along others; twice is enough (Kahan)."""
    for _ in range(2):
        vector = vector - (vectors @ vector) @ vectors
    return vector


def _unit(vector: Array) -> Array:
    length = jnp.linalg.norm(vector)
    return vector / jnp.where(length > 0, length, 1.0)


def _matrix(basis: Basis) -> Array:
    beside = basis.beside[:-1]
    return jnp.diag(basis.diagonal) + jnp.diag(beside, 1) + jnp.diag(beside, -1)


@partial(jax.jit, static_argnames=("steps",))
def _ritz(
    loss: Loss, theta: Array, scale: Array, seed: Any, *, steps: int
) -> tuple[Array, Array, Array]:
    drawn = _unit(jax.random.normal(jax.random.key(seed), theta.shape))
    basis = _tridiagonal(scaled(products(loss, theta), scale), drawn, drawn, steps)
    values, turn = jnp.linalg.eigh(_matrix(basis))
    return values, jnp.abs(basis.beside[-1] * turn[-1]), turn.T @ basis.vectors


def _extreme(
    loss: Loss,
    theta: Any,
    sign: float,
    tolerance: float,
    seed: int,
    preconditioner: Any,
    start: Any,
) -> Extreme:
    """Return the largest eigenvalue of the Hessian times a sign."""
    theta = point(theta)
    scale = _scale(preconditioner, theta)
    first = jnp.zeros_like(theta) if start is None else jnp.asarray(start, float)
    return _largest(argument(loss), theta, scale, sign, first, seed, tolerance)


@jax.jit
def _largest(
    loss: Loss, theta: Array, scale: Array, sign: Any, first: Array, seed: Any, tolerance: Any
) -> Extreme:
    product = scaled(products(loss, theta), scale)
    return largest_of(lambda v: sign * product(v), first, jax.random.key(seed), tolerance)


@jax.jit
def _whole(loss: Loss, theta: Array, scale: Array) -> tuple[Array, Array, Array]:
    values, axes = jnp.linalg.eigh(scale[:, None] * whole_hessian(loss, theta) * scale)
    rounding = jnp.finfo(float).eps * theta.size * jnp.max(jnp.abs(values))
    return values, jnp.full_like(values, rounding), axes.T


def _scale(preconditioner: Any, theta: Array) -> Array:
    """Return ``P^-1/2``, shape ``(d,)``; ones where there is no preconditioner."""
    if preconditioner is None:
        return jnp.ones_like(theta)
    diagonal = jnp.asarray(preconditioner, float)
    if diagonal.shape not in ((), theta.shape):
        wanted = f"shape () or {theta.shape}"
        raise ValueError(f"preconditioner must have {wanted}; got {diagonal.shape}")
    if not isinstance(diagonal, jax.core.Tracer) and (np.asarray(diagonal) <= 0).any():
        raise ValueError(f"preconditioner must be above 0; got {np.asarray(diagonal).min():g}")
    return jnp.broadcast_to(diagonal, theta.shape) ** -0.5
