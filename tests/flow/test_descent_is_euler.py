"""Explicit Euler on the gradient flow is gradient descent, to the last bit."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.adaptation import Draws, Setting, adapt, advance, begin
from adaptsim.adaptation import start as start_of
from adaptsim.agents.walker import Walker
from adaptsim.environments import Constant
from adaptsim.flow import descent, diffrax_euler, euler
from adaptsim.landscapes import Beale, Canyon, Himmelblau, MuellerBrown, Rosenbrock
from adaptsim.rules import GradientDescent, Momentum

STEPS = 500
WALKS = [
    (Canyon(), 0.013),
    (Canyon(dimension=5, rotated=True), 0.0117),
    (Rosenbrock(), 0.0007),
    (Rosenbrock(dimension=10), 0.0003),
    (Himmelblau(), 0.003),
    (Beale(), 0.003),
    (MuellerBrown(), 1e-4),
]
every_walk = pytest.mark.parametrize(("landscape", "rate"), WALKS, ids=lambda one: str(one)[:24])


def bits(walk):
    return np.asarray(walk).view(np.int64)


@every_walk
def test_euler_is_descent_bit_for_bit(landscape, rate):
    walked = euler(landscape.loss, landscape.start(), rate, STEPS)
    rule = GradientDescent(learning_rate=rate)
    assert (bits(walked) == bits(descent(landscape.loss, landscape.start(), rule, STEPS))).all()
    assert np.ptp(walked, axis=0).max() > 0.1


@pytest.mark.parametrize(("landscape", "rate"), WALKS, ids=lambda one: str(one)[:24])
def test_euler_is_the_compiled_adaptation_bit_for_bit(landscape, rate):
    """The simulator's own step, of a walker on that landscape in a world that stands still.

    The gradient of the turned canyon is a product with a matrix, which XLA sums in another order
    when it is compiled with the simulator's subtraction of the cue: there last digits may differ.
    """
    kind, rule = Walker(landscape=landscape), GradientDescent(learning_rate=rate)
    still = jnp.zeros(1)

    @jax.jit
    def simulated(kind, rule):
        def step(state, _):
            state = adapt(kind, rule, state, still, Draws())
            return state, state.trait

        return jax.lax.scan(step, begin(kind, rule, still), None, length=STEPS)[1]

    walked = euler(landscape.loss, landscape.start(), rate, STEPS)
    if getattr(landscape, "rotated", False):
        assert np.abs(walked[1:] - simulated(kind, rule)).max() <= 2 * np.spacing(2.0)
    else:
        assert (bits(walked[1:]) == bits(simulated(kind, rule))).all()


@pytest.mark.parametrize(("landscape", "rate"), WALKS[2:3], ids=lambda one: str(one)[:24])
def test_euler_is_a_whole_simulation_bit_for_bit(landscape, rate):
    setting = Setting(
        Walker(landscape=landscape), GradientDescent(learning_rate=rate), Constant(value=0.0)
    )
    first = start_of(setting, jax.random.key(0), size=1)
    last, _ = advance(setting, first, steps=STEPS)
    walked = euler(landscape.loss, landscape.start(), rate, STEPS)
    assert (bits(walked[-1]) == bits(last.state.trait[0])).all()


def test_diffrax_is_the_same_where_its_clock_is_exact():
    """A rate and a number of steps that are powers of two: no time is rounded."""
    landscape = Rosenbrock()
    ours = euler(landscape.loss, landscape.start(), 2.0**-11, 512)
    theirs = diffrax_euler(landscape.loss, landscape.start(), 2.0**-11, 512)
    assert (bits(ours) == bits(theirs)).all()


@pytest.mark.parametrize(("landscape", "rate"), WALKS[1:3], ids=lambda one: str(one)[:24])
def test_diffrax_differs_by_its_clock_and_nothing_else(landscape, rate):
    """With the steps that its rounded times leave, Euler gives diffrax's bits."""
    theirs = diffrax_euler(landscape.loss, landscape.start(), rate, STEPS)
    times = (rate * STEPS) * (np.arange(STEPS + 1) / STEPS)
    times[1] = rate
    steps = np.diff(times)
    assert 0 < np.abs(steps - rate).max() <= 3 * np.finfo(float).eps * times[-1]

    @jax.jit
    def by_clock(landscape, start, steps):
        def step(theta, length):
            theta = theta + length * -jax.grad(landscape.loss)(theta)
            return theta, theta

        return jax.lax.scan(step, start, steps)[1]

    assert (bits(theirs[1:]) == bits(by_clock(landscape, landscape.start(), steps))).all()
    ours = np.asarray(euler(landscape.loss, landscape.start(), rate, STEPS))
    assert 0 < np.abs(ours - theirs).max() < 1e-14


def test_momentum_is_another_walk():
    """So that the comparisons above can fail."""
    rule = Momentum(learning_rate=0.01, momentum=0.5)
    walked = descent(Canyon().loss, [1.0, 1.0], rule, 10)
    assert (np.asarray(walked) != euler(Canyon().loss, [1.0, 1.0], 0.01, 10))[2:].all()


def test_diverging_walk_is_a_result():
    walk = np.asarray(euler(Canyon().loss, [1.0, 1.0], 1.0, 200))
    assert not np.isfinite(walk[-1, 1])
    assert walk[1, 0] == 0
