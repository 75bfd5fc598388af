"""A planar arm of two links: what its posture costs."""

from __future__ import annotations

import math
from typing import ClassVar

import jax.numpy as jnp

from adaptsim.landscapes.base import Landscape, Point, Where
from adaptsim.landscapes.newton import minima_from
from adaptsim.part import Array, field


class RobotArm(Landscape):
    """Cost of reaching: distance of the hand from a target, and of bending the joints.

    ``f(q) = abs(p(q) - target)^2 / 2 + effort abs(q)^2 / 2``,
    ``p = link (cos q_1 + cos(q_1 + q_2), sin q_1 + sin(q_1 + q_2))``

    Two joint angles [rad], ``[-pi, pi]`` each, from the x axis and from the first link. With the
    defaults two minima: elbow up, 0.011602, and elbow down, 0.020327. Minima are computed for the
    fields that are given; those found from a grid of 25 starts. The start is ours: ``(0.5, 0.5)``.

    Examples
    --------
    >>> [round(one.loss, 6) for one in RobotArm().minima()]
    [0.011602, 0.020327]

    References
    ----------
    Spong, Hutchinson and Vidyasagar, Robot Modeling and Control, Wiley 2006, chapter 1 (the arm;
    the cost is the seed's example).
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = (-math.pi, math.pi)
    starts_at: ClassVar[Where] = 0.5

    target_x: float = field(1.2, unit="m", help="where the hand should be")
    target_y: float = field(0.8, unit="m", help="where the hand should be")
    link: float = field(1.0, unit="m", help="length of each link", above=0)
    effort: float = field(0.01, unit="m^2/rad^2", help="cost of bending", at_least=0)

    def loss(self, theta: Array) -> Array:
        """Return the cost of a posture, a scalar [m^2]."""
        away = hand(theta, self.link) - jnp.array([self.target_x, self.target_y])
        return jnp.sum(away**2) / 2 + self.effort * jnp.sum(theta**2) / 2

    def minima(self) -> tuple[Point, ...]:
        """Return the minima found by Newton's method from a grid of starts."""
        return minima_from(self, _postures())


class HeavyRobotArm(Landscape):
    """Energy of an arm that hangs in gravity while a spring pulls its hand to a target.

    ``f(q) = stiffness abs(p(q) - target)^2 / 2 + mass gravity (h_1(q) + h_2(q))``,
    ``p`` as in `RobotArm`, heights of the middles of the links ``h_1 = link sin(q_1) / 2`` and
    ``h_2 = link (sin q_1 + sin(q_1 + q_2) / 2)``.

    Two joint angles [rad], ``[-pi, pi]`` each, from the x axis and from the first link. Minima are
    computed for the fields that are given; those found from a grid of 25 starts. The start is ours:
    ``(0, 0)``, stretched out.

    Examples
    --------
    >>> lowest = HeavyRobotArm().minima()[0]
    >>> round(lowest.loss, 8)
    -11.78438949

    References
    ----------
    Spong, Hutchinson and Vidyasagar, Robot Modeling and Control, Wiley 2006, chapter 7 (potential
    energy of a two-link arm; the spring is the seed's example).
    """

    dimension = 2
    box: ClassVar[tuple[Where, Where]] = (-math.pi, math.pi)
    starts_at: ClassVar[Where] = 0.0

    target_x: float = field(1.2, unit="m", help="where the spring pulls")
    target_y: float = field(0.8, unit="m", help="where the spring pulls")
    link: float = field(1.0, unit="m", help="length of each link", above=0)
    stiffness: float = field(2.0, unit="N/m", help="of the spring", at_least=0)
    mass: float = field(1.0, unit="kg", help="of each link", at_least=0)
    gravity: float = field(9.81, unit="m/s^2", help="pull of the earth", at_least=0)

    def loss(self, theta: Array) -> Array:
        """Return the potential energy of a posture, a scalar [J]."""
        away = hand(theta, self.link) - jnp.array([self.target_x, self.target_y])
        first, second = jnp.sin(theta[0]), jnp.sin(theta[0] + theta[1])
        heights = self.link * (1.5 * first + 0.5 * second)
        return self.stiffness * jnp.sum(away**2) / 2 + self.mass * self.gravity * heights

    def minima(self) -> tuple[Point, ...]:
        """Return the minima found by Newton's method from a grid of starts."""
        return minima_from(self, _postures())


def hand(angles: Array, link: float) -> Array:
    """Return where the hand is [m], shape ``(2,)``, from two joint angles [rad].

    Examples
    --------
    >>> hand(jnp.zeros(2), 1.0).tolist()
    [2.0, 0.0]
    """
    directions = jnp.cumsum(angles)
    return link * jnp.stack([jnp.sum(jnp.cos(directions)), jnp.sum(jnp.sin(directions))])


def _postures() -> Array:
    angles = jnp.linspace(-2.5, 2.5, 5)
    return jnp.stack(jnp.meshgrid(angles, angles), axis=-1).reshape(-1, 2)
