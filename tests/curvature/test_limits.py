"""Speed limits of rules, against the eigenvalues of the rules' own steps."""

import math
from typing import Any

import jax
import jax.flatten_util
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from adaptsim.agents import Tracker
from adaptsim.curvature.limits import edge, is_linear, preconditioner, speed_limit_at
from adaptsim.landscapes import Ackley, Canyon, Rosenbrock, StrictSaddle
from adaptsim.measures.stability import speed_limit
from adaptsim.rules import AdaGrad, Adam, GradientDescent, Momentum, RMSProp, Rule
from adaptsim.theory import speed_limits

LINEAR = [
    GradientDescent(),
    Momentum(momentum=0.0),
    Momentum(momentum=0.9),
    Momentum(momentum=0.9, nesterov=True),
    Momentum(momentum=0.3, nesterov=True),
]


@pytest.mark.parametrize("rule", LINEAR, ids=repr)
def test_edge_of_a_linear_rule_is_where_its_own_step_loses_stability(rule: Rule) -> None:
    automatic = speed_limit(Tracker(), rule, jnp.zeros(1))
    assert edge(rule) == pytest.approx(automatic, rel=1e-9)
    assert edge.dispatch(object)(rule) == pytest.approx(automatic, rel=1e-9)


def test_edges_are_the_closed_forms_of_theory() -> None:
    assert edge(GradientDescent()) == speed_limits.gradient_descent(1.0)
    assert edge(Momentum(momentum=0.7)) == speed_limits.heavy_ball(1.0, 0.7)
    assert edge(Momentum(momentum=0.7, nesterov=True)) == speed_limits.nesterov(1.0, 0.7)
    assert edge(Adam(first_decay=0.7)) == speed_limits.averaged_momentum(1.0, 0.7)
    assert edge(Adam()) == pytest.approx(38, rel=1e-14)


class Mean(Rule):
    """A running mean of gradients: Adam without its division."""

    learning_rate: float = 0.1
    kept: float = 0.9

    def transformation(self) -> optax.GradientTransformation:
        mean = optax.ema(self.kept, debias=False)
        return optax.chain(mean, optax.scale_by_learning_rate(self.learning_rate))


class Decayed(Rule):
    """Plain descent with weight decay, which has a scale of its own."""

    learning_rate: float = 0.1

    def transformation(self) -> optax.GradientTransformation:
        decay = optax.add_decayed_weights(0.5)
        return optax.chain(decay, optax.scale_by_learning_rate(self.learning_rate))


class Clipped(Rule):
    """Momentum of clipped gradients: linear where gradients are small."""

    learning_rate: float = 0.1

    def transformation(self) -> optax.GradientTransformation:
        steps = (optax.clip(1.0), optax.trace(0.5))
        return optax.chain(*steps, optax.scale_by_learning_rate(self.learning_rate))


class Sign(Rule):
    learning_rate: float = 0.1

    def transformation(self) -> optax.GradientTransformation:
        return optax.sign_sgd(self.learning_rate)


class Nameless(Rule):
    pace: float = 0.1

    def transformation(self) -> optax.GradientTransformation:
        return optax.sgd(self.pace)


def test_own_rules_are_measured() -> None:
    assert edge(Mean()) == pytest.approx(38, rel=1e-9)
    assert edge(Clipped()) == pytest.approx(3, rel=1e-9)
    for curvature in (1.0, 4.0):  # rate (curvature + decay) = 2
        wanted = 2 * curvature / (curvature + 0.5)
        assert edge(Decayed(), curvature) == pytest.approx(wanted, rel=1e-9)
    assert speed_limit_at(Canyon().loss, jnp.zeros(2), Decayed()) == pytest.approx(2 / 100.5)


def test_rules_without_an_edge_have_none() -> None:
    assert math.isnan(edge(Sign()))
    assert math.isnan(edge(Nameless()))
    assert not is_linear(Sign())
    assert not is_linear(Rule.from_optax(optax.lbfgs, learning_rate=0.1))
    assert math.isnan(speed_limit_at(Canyon().loss, jnp.zeros(2), Sign()))


def descend(rule: Rule, gradients: np.ndarray) -> tuple[np.ndarray, Any]:
    """Return the last step of a rule shown gradients, and its memory."""
    learn = rule.transformation()
    memory = learn.init(jnp.zeros(gradients.shape[1]))
    for one in gradients:
        step, memory = learn.update(jnp.asarray(one), memory, jnp.zeros(gradients.shape[1]))
    return np.asarray(step), memory


GRADIENTS = np.random.default_rng(0).normal(size=(7, 5))


@pytest.mark.parametrize(
    "rule",
    [
        RMSProp(learning_rate=0.3, epsilon=0.1),
        RMSProp(learning_rate=0.3, epsilon=0.1, epsilon_inside_root=False),
        AdaGrad(learning_rate=0.3, epsilon=0.1),
        Adam(learning_rate=0.3, first_decay=0.0, epsilon=0.1),
        Adam(learning_rate=0.3, first_decay=0.0, epsilon=0.1, amsgrad="optax"),
        Adam(learning_rate=0.3, first_decay=0.0, epsilon=0.1, amsgrad="torch"),
        GradientDescent(learning_rate=0.3),
    ],
    ids=repr,
)
def test_preconditioner_is_what_the_last_gradient_was_divided_by(rule: Rule) -> None:
    step, memory = descend(rule, GRADIENTS)
    assert np.allclose(step * preconditioner(rule, memory), -0.3 * GRADIENTS[-1], rtol=1e-13)


def frozen_loop(rule: Rule, memory: Any, curvatures: np.ndarray) -> np.ndarray:
    """Return the multipliers of a rule's own step at rest, its second moment held as it is.

    The derivative is by traits and first moment only: at rest that of the second moment by the
    gradient is zero, so nothing is left out but its own decay.
    """
    learn, rest = rule.transformation(), jnp.zeros(curvatures.size)

    def step(state: Any) -> Any:
        theta, mean = state
        known = memory[0]._replace(**({"mu": mean} if "mu" in memory[0]._fields else {}))
        change, after = learn.update(curvatures * theta, (known, *memory[1:]), theta)
        return theta + change, getattr(after[0], "mu", 0 * mean)

    vector, back = jax.flatten_util.ravel_pytree((rest, rest))
    jacobian = jax.jacfwd(lambda v: jax.flatten_util.ravel_pytree(step(back(v)))[0])(vector)
    return np.linalg.eigvals(jacobian)


KEPT = 1 - 1e-12
"""A second moment that stands still for all purposes, but has a bias correction."""

FROZEN = {
    "RMSProp": (
        lambda rate: RMSProp(learning_rate=rate, decay=KEPT, epsilon=1e-3),
        lambda square: {"nu": square},
        lambda square: np.sqrt(square + 1e-3),
    ),
    "Adam": (
        lambda rate: Adam(learning_rate=rate, second_decay=KEPT, epsilon=1e-3),
        lambda square: {"nu": square * (1 - KEPT**1e9), "count": jnp.asarray(10**9)},
        lambda square: np.sqrt(square) + 1e-3,
    ),
    "AdaGrad": (
        lambda rate: AdaGrad(learning_rate=rate, epsilon=1e-3),
        lambda square: {"sum_of_squares": square},
        lambda square: np.sqrt(square + 1e-3),
    ),
}


def bowl(curvatures: jax.Array, theta: jax.Array) -> jax.Array:
    return jnp.sum(curvatures * theta**2) / 2


@pytest.mark.parametrize("name", FROZEN)
def test_limit_with_frozen_second_moment_is_where_the_loop_has_minus_one(name: str) -> None:
    """Four unlike curvatures under four unlike second moments, late enough for no correction."""
    make, remembered, divided = FROZEN[name]
    curvatures = np.array([1.0, 3.0, 10.0, 0.1])
    square = np.array([0.04, 4.0, 25.0, 1e-4])
    memory = make(1.0).transformation().init(jnp.zeros(4))
    memory = (memory[0]._replace(**remembered(jnp.asarray(square))), *memory[1:])
    loss = jax.tree_util.Partial(bowl, jnp.asarray(curvatures))
    limit = speed_limit_at(loss, jnp.zeros(4), make(1.0), memory)
    by_hand = edge(make(1.0)) / np.max(curvatures / divided(square))
    assert limit == pytest.approx(by_hand, rel=1e-9)

    def loop(rate: float) -> np.ndarray:
        return frozen_loop(make(rate), memory, curvatures)

    assert np.abs(loop(limit) + 1).min() < 1e-6
    assert np.abs(loop(0.999 * limit)).max() < 1 < np.abs(loop(1.001 * limit)).max()


def test_simulated_adam_with_its_second_moment_held_grows_past_the_limit_only() -> None:
    """2000 steps of optax's Adam itself on a bowl, the second moment put back at each step."""
    curvature, square = 2.0, 0.09
    limit = 38 * (math.sqrt(square) + 1e-8) / curvature

    @jax.jit
    def size_after(rate: float) -> jax.Array:
        learn = Adam(learning_rate=rate).transformation()
        memory = learn.init(jnp.ones(1))
        held = memory[0]._replace(count=jnp.asarray(10**5), nu=jnp.array([square]))

        def step(_: int, state: Any) -> Any:
            theta, first = state
            # 1e-6 times the gradient: too little to be felt by nu, the mean is scaled back
            change, after = learn.update(
                1e-6 * curvature * theta, (held._replace(mu=first), *memory[1:]), theta
            )
            return theta + 1e6 * change, after[0].mu

        theta, _ = jax.lax.fori_loop(0, 2000, step, (jnp.ones(1), jnp.zeros(1)))
        return jnp.abs(theta[0])

    still = math.sqrt(0.999)  # what one step leaves of the root of the held square
    assert size_after(0.99 * limit * still) < 0.1
    assert size_after(1.01 * limit * still) > 10


def test_limit_at_a_point() -> None:
    loss, minimum = Rosenbrock().loss, jnp.ones(2)
    assert speed_limit_at(loss, minimum, GradientDescent()) == pytest.approx(
        0.00199680384, abs=5e-12
    )
    ratio = speed_limit_at(loss, minimum, Momentum(momentum=0.5)) * 1001.600639
    assert ratio == pytest.approx(3, rel=1e-8)
    saddle = speed_limit_at(StrictSaddle().loss, jnp.zeros(2), GradientDescent())
    assert saddle == pytest.approx(2.0)


def test_adaptive_rules_begin_with_one_step_from_the_point() -> None:
    theta = jnp.array([1.0, 1.0])  # gradient of the canyon (1, 100), so P = (1, 100) + eps
    limit = speed_limit_at(Canyon().loss, theta, Adam())
    assert limit == pytest.approx(38, rel=1e-7)
    assert speed_limit_at(Canyon().loss, jnp.zeros(2), Adam()) == pytest.approx(38 * 1e-8 / 100)


def test_no_answer_is_not_a_number_and_no_curvature_is_no_limit() -> None:
    assert math.isnan(speed_limit_at(Ackley().loss, jnp.zeros(2), GradientDescent()))
    fresh = Adam().transformation().init(jnp.zeros(2))
    assert math.isnan(speed_limit_at(Canyon().loss, jnp.zeros(2), Adam(), fresh))
    assert speed_limit_at(lambda theta: theta[0], jnp.zeros(2), GradientDescent()) == math.inf
