"""Inherent structures: the minima below the places of a walk, and the barriers between them."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from adaptsim.landscapes import Landscape
from adaptsim.part import Array

STEEPEST = 30.0
"""Along a direction of negative curvature the flow grows by exp of this at most in a step."""

LEVEL = 1e-12
"""A product of curvature and time below this is none."""

TOGETHER = 256
"""Places that are quenched at the same time."""


class InherentStructures(NamedTuple):
    """Which minimum lies below each record of some walks.

    Attributes
    ----------
    loss : numpy.ndarray
        Loss of the minimum below each record, shape ``(..., k)``; nan where the quench did not end.
    labels : numpy.ndarray
        Which minimum that is, counted from the lowest, shape ``(..., k)``; -1 where none was found.
    levels : numpy.ndarray
        Losses of all different minima, ascending, shape ``(m,)`` [loss].
    minima : numpy.ndarray
        Where they are, one place of each, shape ``(m, d)`` [trait].
    """

    loss: np.ndarray
    labels: np.ndarray
    levels: np.ndarray
    minima: np.ndarray

    @property
    def crossings(self) -> np.ndarray:
        """Barriers crossed: how often the minimum changed from one record to the next, ``(...)``.

        Those crossed forth and back between two records are not seen. Records without a minimum
        count as in that before them.
        """
        known = self.labels >= 0
        first = np.argmax(known, axis=-1)[..., None]
        index = np.where(known, np.arange(known.shape[-1]), first)
        last = np.maximum.accumulate(index, axis=-1)
        changes = np.diff(np.take_along_axis(self.labels, last, axis=-1), axis=-1) != 0
        return np.asarray(changes.sum(axis=-1))

    @property
    def visited(self) -> np.ndarray:
        """How many different minima each walk saw, shape ``(...)``."""
        ordered = np.sort(self.labels, axis=-1)
        new = np.diff(ordered, axis=-1, prepend=-1) != 0
        return np.asarray((new & (ordered >= 0)).sum(axis=-1))

    @property
    def settled(self) -> float:
        """Share of the records below which a minimum was found [1]."""
        return float((self.labels >= 0).mean())


def inherent_structures(
    landscape: Landscape,
    places: ArrayLike,
    *,
    longest: float = 0.1,
    slope: float = 1e-5,
    steps: int = 500,
    loss_tolerance: float = 1e-5,
    closer: float | None = 1e-3,
) -> InherentStructures:
    """Quench every record of some walks, and tell the minima apart.

    A quench follows the gradient flow in steps no longer than ``longest``, each that of the
    parabola that fits loss, gradient and Hessian; near a minimum that is Newton's step. So what it
    finds is the minimum that steepest descent finds, which that of faster minimisers often is not.
    The whole Hessian is made and taken apart: meant for up to a few hundred dimensions.

    Parameters
    ----------
    landscape
        Whose minima.
    places : array, shape (..., k, d)
        Records of walks, such as ``Walks.places`` [trait]. Where they are not finite there is no
        minimum.
    longest : float
        Longest step of a quench [trait].
    slope : float
        A quench has ended when no component of the gradient exceeds this [loss/trait].
    steps : int
        So many steps of a quench at most.
    loss_tolerance : float
        Minima whose losses, put in order, follow each other by no more than this are of one level
        [loss].
    closer : float or None
        Of one level, those are the same of which no coordinate differs by more than this [trait].
        With None all minima of one level are the same: for clusters and chains, which may be
        turned, moved or mirrored.

    Returns
    -------
    InherentStructures

    Examples
    --------
    >>> from adaptsim.landscapes import DoubleWell
    >>> walk = [[-1.2], [-0.3], [0.4], [0.9], [-0.1]]
    >>> found = inherent_structures(DoubleWell(), walk)
    >>> found.labels.tolist(), int(found.crossings), int(found.visited)
    ([0, 0, 1, 1, 0], 2, 2)

    References
    ----------
    Stillinger & Weber (1982), Physical Review A 25:978; Page & McIver (1988), J. Chemical Physics
    88:922 (the steps); Asenjo, Stevenson, Wales & Frenkel (2013), J. Physical Chemistry B
    117:12717 (basins of minimisers are not those of steepest descent). All from memory.
    """
    for name, number in {
        "longest": longest,
        "slope": slope,
        "loss_tolerance": loss_tolerance,
    }.items():
        if not number > 0:
            raise ValueError(f"{name} must be above 0; got {number}")
    records = np.asarray(places, dtype=float)
    if records.ndim < 2 or records.shape[-1] != landscape.dimension:
        wanted = f"(..., k, {landscape.dimension})"
        raise ValueError(f"places must have the shape {wanted}; got {records.shape}")
    flat = jnp.asarray(records.reshape(-1, landscape.dimension))
    quenched = _quench_all(landscape, flat, longest, slope, steps)
    minima, loss, ended = (np.asarray(one) for one in quenched)
    labels = np.full(loss.shape, -1)
    labels[ended] = _told_apart(loss[ended], minima[ended], loss_tolerance, closer)
    _, first = np.unique(labels[ended], return_index=True)
    return InherentStructures(
        loss=np.where(ended, loss, np.nan).reshape(records.shape[:-1]),
        labels=labels.reshape(records.shape[:-1]),
        levels=loss[ended][first],
        minima=minima[ended][first],
    )


class _Quench(NamedTuple):
    """A quench under way; ``reach`` is how far the next step may go."""

    place: Array
    loss: Array
    gradient: Array
    reach: Array
    steps: Array


@jax.jit
def _quench_all(
    landscape: Landscape, places: Array, longest: float, slope: float, steps: int
) -> tuple[Array, Array, Array]:
    one = functools.partial(_quench, landscape, longest=longest, slope=slope, steps=steps)
    found: tuple[Array, Array, Array] = jax.lax.map(one, places, batch_size=TOGETHER)
    return found


def _quench(
    landscape: Landscape, start: Array, *, longest: Any, slope: Any, steps: Any
) -> tuple[Array, Array, Array]:
    """Return the minimum below a place, its loss, and whether the quench ended."""
    look = jax.value_and_grad(landscape.loss)

    def under_way(now: _Quench) -> Array:
        finite = jnp.isfinite(now.loss) & jnp.isfinite(now.gradient).all()
        return finite & (jnp.max(jnp.abs(now.gradient)) > slope) & (now.steps < steps)

    def step(now: _Quench) -> _Quench:
        place = now.place + _along_the_flow(now.gradient, landscape.hessian(now.place), now.reach)
        loss, gradient = look(place)
        lower = loss <= now.loss
        reach = jnp.where(lower, jnp.minimum(2 * now.reach, longest), now.reach / 4)
        ahead = _Quench(place, loss, gradient, reach, now.steps + 1)
        stay = now._replace(reach=reach, steps=now.steps + 1)
        return jax.tree.map(functools.partial(jnp.where, lower), ahead, stay)

    begun = _Quench(start, *look(start), jnp.asarray(longest), jnp.asarray(0))
    last = jax.lax.while_loop(under_way, step, begun)
    ended = jnp.isfinite(last.loss) & (jnp.max(jnp.abs(last.gradient)) <= slope)
    return last.place, last.loss, ended


def _along_the_flow(gradient: Array, hessian: Array, reach: Array) -> Array:
    """Return the way that the gradient flow of a parabola goes in the time ``reach / |g|``.

    ``-sum_i v_i (v_i . g) (1 - exp(-lambda_i t)) / lambda_i``, cut to the length ``reach``: far
    from rest steepest descent, near a minimum Newton's step.
    """
    curvatures, axes = jnp.linalg.eigh(hessian)
    time = reach / jnp.linalg.norm(gradient)
    turns = jnp.maximum(curvatures * time, -STEEPEST)
    level = jnp.abs(turns) < LEVEL
    share = jnp.where(level, 1.0, -jnp.expm1(-turns) / jnp.where(level, 1.0, turns))
    way = -axes @ (time * share * (axes.T @ gradient))
    return way * jnp.minimum(1.0, reach / jnp.linalg.norm(way))


def _told_apart(
    loss: np.ndarray, minima: np.ndarray, loss_tolerance: float, closer: float | None
) -> np.ndarray:
    """Return which minimum each is, counted from the lowest, shape ``(n,)``."""
    order = np.argsort(loss, kind="stable")
    labels = np.empty(loss.size, dtype=int)
    level = np.cumsum(np.diff(loss[order], prepend=loss[order[:1]]) > loss_tolerance)
    if closer is None:
        labels[order] = level
        return labels
    count = 0
    for rest in np.split(order, np.flatnonzero(np.diff(level)) + 1):
        while rest.size:
            same = np.abs(minima[rest] - minima[rest[0]]).max(axis=1) <= closer
            labels[rest[same]] = count
            rest, count = rest[~same], count + 1
    return labels
