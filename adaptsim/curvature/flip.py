"""Flip: what gradient descent does just past its limit, read off four derivatives at a minimum."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.sparse.linalg import cg

from adaptsim.curvature.lanczos import SMALL, Extreme, largest_curvature, spectrum
from adaptsim.curvature.loss import Loss, argument, point, products, slope, whole_hessian
from adaptsim.landscapes.base import FLAT
from adaptsim.part import Array

UNSOLVED = 1e-6
"""A bend equation left with more than this fraction of its right side has no solution."""

ALIKE = 1e-6
"""Curvatures that differ by less than this fraction are one."""


type Field = Callable[[Array], Array]


class Flip(NamedTuple):
    """The flip certificate of gradient descent at a minimum.

    Attributes
    ----------
    coefficient : float
        ``c`` of the normal form ``y' = -(1 + mu) y + c y^3`` [1/trait^2]; positive: supercritical,
        negative: subcritical; inf where the top direction pushes along a valley.
    curvature : float
        The largest eigenvalue ``lam`` of the Hessian; ``mu = rate lam - 2``.
    direction : Array
        Its unit eigenvector ``q``, shape ``(d,)``: the direction of the oscillation.
    bend : Array
        ``h``, shape ``(d,)``: the oscillation's mid-point is displaced by ``h`` times its
        half-width squared [1/trait].
    centre : Array
        The minimum, shape ``(d,)``.
    alone : bool
        Whether no other curvature is as large. If another is (seen up to `SMALL` dimensions
        only) more than one direction flips at once, and this is the account of one of them.
    """

    coefficient: float
    curvature: float
    direction: Array
    bend: Array
    centre: Array
    alone: bool

    @property
    def limit(self) -> float:
        """The learning rate at which it flips, ``2 / lam``."""
        return 2 / self.curvature

    @property
    def outcome(self) -> str:
        """What is there just past the limit, in words.

        ``"stable oscillation"`` (c > 0), ``"blow-up"`` (c < 0: nothing near holds, the traits are
        thrown out, to another minimum or for ever), ``"drift to a flatter minimum"`` (c = inf) or
        ``"undecided"`` (c = 0, where higher derivatives decide, or unknown).
        """
        if self.coefficient == jnp.inf:
            return "drift to a flatter minimum"
        if self.coefficient > 0:
            return "stable oscillation"
        return "blow-up" if self.coefficient < 0 else "undecided"

    def amplitude(self, rate: float) -> float:
        """Return the half-width of the 2-cycle at a rate near the limit, ``sqrt(mu / c)`` [trait].

        It exists past the limit for ``c > 0``, below it for ``c < 0``; else nan.
        """
        squared = (rate * self.curvature - 2) / self.coefficient if self.coefficient else -1.0
        return float(squared**0.5) if squared >= 0 else float("nan")

    def cycle(self, rate: float) -> tuple[Array, Array]:
        """Return the two places of the 2-cycle at a rate near the limit, shape ``(d,)`` each.

        ``centre +- a q + a^2 h`` with the half-width ``a``, good to order ``a^3``; nan where there
        is none.
        """
        half = self.amplitude(rate)
        middle = self.centre + half**2 * self.bend
        return middle + half * self.direction, middle - half * self.direction


def flip(loss: Loss, theta: Any) -> Flip:
    """Return the flip certificate of gradient descent at a minimum, in any dimension.

    At ``rate = 2 / lam`` the map ``F = theta - rate grad f`` has the multiplier -1 along the top
    eigenvector ``q``. On the centre manifold it is ``y' = -y + c y^3`` with Kuznetsov's coefficient
    ``c = <q, C(q,q,q)> / 6 - <q, B(q, (A - 1)^-1 B(q,q))> / 2``. Here ``A - 1 = -rate H``,
    ``B = -rate D^3 f`` and ``C = -rate D^4 f``, and with ``T = D^3 f(q, q, .)`` it becomes

    ``c = (<T, H^-1 T> - D^4 f(q,q,q,q) / 3) / lam``.

    In one dimension this is exactly ``(3 f'''^2 - f'' f'''') / (3 f''^2)`` of
    `adaptsim.theory.speed_limits.flip_coefficient`: same sign, same number, ``q`` being a unit
    vector. ``T`` and ``D^4 f(q,q,q,q)`` are derivatives along ``q``, so no tensor is made, and
    ``H^-1 T`` is solved with the whole Hessian up to `SMALL` dimensions, by conjugate gradients
    above.

    In a valley of minima ``H`` has no inverse. If ``T`` has no part along the valley (the curvature
    ``lam`` is stationary there) the inverse is taken across it. Else ``c`` is inf: the least
    oscillation drives the traits along the valley to where ``lam`` is smaller, until the rate is
    below the limit again (self-stabilisation).

    Parameters
    ----------
    loss
        From a point, shape ``(d,)``, to a scalar; four times differentiable.
    theta
        A minimum; that it is one is not checked here, `adaptsim.curvature.verdict` does so.

    Returns
    -------
    Flip
        With nan where the loss has no such derivatives or no curvature is positive.

    Examples
    --------
    >>> from adaptsim.landscapes import DoubleWell
    >>> found = flip(DoubleWell().loss, jnp.ones(1))
    >>> round(found.coefficient, 9), round(found.limit, 9), found.outcome
    (8.0, 1.0, 'stable oscillation')
    >>> round(found.amplitude(1.01), 6)  # sqrt(0.02 / 8)
    0.05

    References
    ----------
    Kuznetsov, Elements of Applied Bifurcation Theory, section 5.4 (flip in n dimensions);
    Damian, Nichani & Lee (2022), Self-stabilization, arXiv 2209.15594 (the drift);
    Gan, arXiv 2606.15551 (the sign for networks).
    """
    theta, loss = point(theta), argument(loss)
    top, alone = _top(loss, theta)
    bend, unsolved, coefficient = _normal_form(loss, theta, top.value, top.direction)
    if unsolved > UNSOLVED:
        coefficient = jnp.asarray(jnp.inf)
    return Flip(
        coefficient=float(coefficient) if top.value > 0 else float("nan"),
        curvature=float(top.value),
        direction=top.direction,
        bend=bend,
        centre=theta,
        alone=alone,
    )


def _top(loss: Loss, theta: Array) -> tuple[Extreme, bool]:
    """Return the largest curvature and whether it is the only one of that size."""
    if theta.size > SMALL:
        return largest_curvature(loss, theta), True
    found = spectrum(loss, theta)
    alike = found.values > (1 - ALIKE) * found.values[-1]
    return found.end(-1), int(jnp.sum(alike)) == 1


@jax.jit
def _normal_form(
    loss: Loss, theta: Array, top: Array, direction: Array
) -> tuple[Array, Array, Array]:
    """Return the bend ``h``, what was left unsolved of its equation, and the coefficient."""
    second = _along(partial(slope, loss), direction)
    third = _along(second, direction)
    push, fourth = third(theta), direction @ _along(third, direction)(theta)
    image = _solve(loss, theta, push)
    left = jnp.linalg.norm(products(loss, theta)(image) - push)
    size = jnp.linalg.norm(push) + top / (1 + jnp.max(jnp.abs(theta)))
    return -image / 2, left / size, (push @ image - fourth / 3) / top


def _along(function: Field, direction: Array) -> Field:
    """Return the derivative of a function of a point along a direction."""
    return lambda theta: jax.jvp(function, (theta,), (direction,))[1]


def _solve(loss: Loss, theta: Array, right: Array) -> Array:
    """Return ``H^-1 right``, across valleys where there is no inverse."""
    if theta.size > SMALL:
        image: Array = cg(products(loss, theta), right, tol=UNSOLVED / 10, maxiter=10 * SMALL)[0]
        return image
    values, axes = jnp.linalg.eigh(whole_hessian(loss, theta))
    across = jnp.abs(values) > FLAT * jnp.max(jnp.abs(values))
    return axes @ jnp.where(across, (axes.T @ right) / jnp.where(across, values, 1.0), 0.0)
