"""Small recurrent networks: training them takes a known route to chaos as the rate grows."""

from __future__ import annotations

import math
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from adaptsim.landscapes.base import Landscape, Point, Where
from adaptsim.landscapes.newton import minima_from
from adaptsim.part import Array, WrongField, field


class LinearRecurrent(Landscape):
    """A linear unit that feeds back on itself and should end at a target.

    ``f(w) = (h_T - target)^2 / 2``, ``h_t = w h_(t-1)``, ``h_0 = 1``, so ``h_T = w^T``,
    ``T = steps``

    One dimension, no bounds. Minimum 0 at ``w* = target^(1/T)``, and at ``-w*`` if ``T`` is even;
    curvature ``(T w*^(T-1))^2`` there. The rates at which descent doubles its period are known for
    ``target = 1``, that is for ``w* = 1``: 1/2, ``(sqrt(5) - 1) / 2``, ... for two steps (half of
    those of `DoubleWell`), 2/9, 0.276579, ... for three. The start is ours: 0.5.

    Examples
    --------
    >>> network = LinearRecurrent(steps=3)
    >>> round(float(network.speed_limit(network.minima()[0].theta)), 6)
    0.222222

    References
    ----------
    Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks, ICLR 2014 (deep linear networks, of which this is one with tied
    weights); the rates were computed for this package.
    """

    dimension = 1
    starts_at: ClassVar[Where] = 0.5

    steps: int = field(2, help="how often the unit feeds back", at_least=1)
    target: float = field(1.0, help="where it should end", above=0)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a weight, a scalar."""
        return (theta[0] ** self.steps - self.target) ** 2 / 2

    def minima(self) -> tuple[Point, ...]:
        """Return the one minimum or both, the positive one first."""
        weight = self.target ** (1 / self.steps)
        signs = (1.0, -1.0) if self.steps % 2 == 0 else (1.0,)
        return tuple(self.point(self._place(sign * weight)) for sign in signs)


class ScalarRecurrent(Landscape):
    """A tanh unit that feeds back on itself and should end at a target.

    ``f(w) = (h_T - target)^2 / 2 + ridge w^2 / 2``, ``h_t = tanh(w h_(t-1))``, ``h_0 = 1``,
    ``T = steps``

    One dimension, no bounds. Minima are computed for the fields that are given; those found from
    nine starts between -4 and 4. An even number of steps makes the loss even, so that minima come
    in pairs. With the defaults they are at ``+-0.816206``, and descent doubles its period at the
    rates 2.836885, 3.712405, 3.933685, ... The start is ours: 0.5.

    Examples
    --------
    >>> network = ScalarRecurrent()
    >>> minimum = network.minima()[0].theta
    >>> round(float(minimum[0]), 6), round(float(network.speed_limit(minimum)), 6)
    (0.816206, 2.836885)

    References
    ----------
    Doya, Bifurcations in the learning of recurrent neural networks, IEEE Int. Symposium on Circuits
    and Systems 1992, 2777-2780 (the unit); the rates were computed for this package.
    """

    dimension = 1
    starts_at: ClassVar[Where] = 0.5

    steps: int = field(2, help="how often the unit feeds back", at_least=1)
    target: float = field(0.5, help="where it should end, within reach of tanh", above=0, below=1)
    ridge: float = field(0.0, help="cost of a large weight", at_least=0)

    def loss(self, theta: Array) -> Array:
        """Return the loss of a weight, a scalar."""
        weight = theta[0]
        first = jnp.ones_like(weight)
        state = jax.lax.fori_loop(0, self.steps, lambda _, h: jnp.tanh(weight * h), first)
        return (state - self.target) ** 2 / 2 + self.ridge * weight**2 / 2

    def minima(self) -> tuple[Point, ...]:
        """Return the minima found by Newton's method from nine starts."""
        found = minima_from(self, jnp.linspace(-4.0, 4.0, 9)[:, None])
        return tuple(sorted(found, key=lambda one: (round(one.loss, 12), -float(one.theta[0]))))


class DrivenRecurrent(Landscape):
    """A recurrent network trained through time to follow a tone: late, and at half its size.

    ``f(theta) = mean_t (o_t - y_t)^2 + ridge abs(theta)^2``,
    ``h_t = tanh(W h_(t-1) + u x_t)``, ``h_(-1) = 0``, ``x_t = sin(2 pi t / T)``,
    ``y_t = sin(2 pi (t - 1) / T) / 2``, ``t = 0 .. T - 1``, ``T = steps``

    The output ``o_t`` is ``h_t`` itself or, with ``readout``, ``v . h_t``. ``theta`` is ``W`` row
    by row, then ``u``, then ``v``: ``units^2 + units`` coordinates, and ``units`` more with
    ``readout``; no bounds. The slope that differentiation gives is backpropagation through time.

    Minima are computed for the fields that are given; those found from 16 random starts, so there
    may be others. Equal ones come from exchanging units and, with ``readout``, from changing the
    signs of a unit's ``W``, ``u`` and ``v``. With the defaults there is one, of largest curvature
    1.659394; descent doubles its period at the rates 1.205259, 1.552566, 1.635086, ... The start is
    ours: 0.5 times standard normal, drawn from ``seed``.

    Examples
    --------
    >>> network = DrivenRecurrent()
    >>> minimum = network.minima()[0].theta
    >>> minimum.round(8).tolist(), round(float(network.speed_limit(minimum)), 7)
    ([0.65811489, 0.30723233], 1.2052589)

    References
    ----------
    Werbos, Backpropagation through time, Proceedings of the IEEE 78 (1990) 1550-1560; Verschure,
    Complex Systems 5 (1991) 359 (a large learning rate makes it chaotic); task and rates were
    computed for this package.
    """

    steps: int = field(8, help="length of the tone, one period", at_least=2)
    ridge: float = field(0.01, help="cost of large parameters", at_least=0)
    readout: bool = field(False, help="whether the output is a weighted sum of the units")
    units: int = field(1, help="number of units; more than one needs a readout", at_least=1)
    seed: int = field(0, help="which start", at_least=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.units > 1 and not self.readout:
            problem = f"must be 1 without a readout; got {self.units}"
            raise WrongField("DrivenRecurrent", "units", f"{problem}; set readout")

    @property
    def dimension(self) -> int:
        """Number of parameters."""
        return self.units * (self.units + 1 + self.readout)

    def loss(self, theta: Array) -> Array:
        """Return the loss of parameters, a scalar."""
        tones = np.sin(2 * math.pi * np.arange(-1, self.steps) / self.steps)
        late, heard = tones[:-1] / 2, tones[1:]
        misses = self.outputs(theta, jnp.asarray(heard)) - late
        return jnp.mean(misses**2) + self.ridge * jnp.sum(theta**2)

    def outputs(self, theta: Array, inputs: Array) -> Array:
        """Return what the network answers to inputs one after another, both of shape ``(T,)``."""
        square = self.units**2
        recurrent, rest = theta[:square].reshape(self.units, self.units), theta[square:]
        driven, read = rest[: self.units], rest[self.units :]

        def listen(state: Array, heard: Array) -> tuple[Array, Array]:
            state = jnp.tanh(recurrent @ state + driven * heard)
            return state, state

        states = jax.lax.scan(listen, jnp.zeros(self.units), inputs)[1]
        return states @ read if self.readout else states[:, 0]

    def start(self) -> Array:
        """Return small random parameters, shape ``(d,)``."""
        drawn = np.random.default_rng(self.seed).standard_normal(self.dimension)
        return jnp.asarray(drawn / 2)

    def minima(self) -> tuple[Point, ...]:
        """Return the minima found by Newton's method from 16 random starts."""
        drawn = np.random.default_rng(0).standard_normal((16, self.dimension))
        return minima_from(self, jnp.asarray(drawn))
