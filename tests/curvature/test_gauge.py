"""The gauge along training runs: the edge of stability, plain and adaptive."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from adaptsim.curvature import Course, edge, gauge, preconditioner, sharpness_along, train
from adaptsim.landscapes import DoubleWell, Himmelblau, Rosenbrock
from adaptsim.rules import Adam, Exponential, GradientDescent, Momentum, RMSProp, Rule

from .network import chebyshev_network, hessian_of


def test_gauge_is_rate_times_curvature_over_the_edge() -> None:
    assert float(gauge(GradientDescent(learning_rate=0.2), 10.0)) == pytest.approx(1.0)
    assert float(gauge(Adam(learning_rate=0.2), 190.0)) == pytest.approx(1.0)
    falling = Exponential(initial=0.2, time_constant=10.0)
    found = gauge(
        GradientDescent(learning_rate=falling), jnp.array([10.0, 10.0]), jnp.array([0, 10])
    )
    assert np.allclose(found, [1.0, np.exp(-1)])


def test_sharpness_along_a_path_is_that_of_the_whole_hessians() -> None:
    landscape = Himmelblau()
    path = jnp.linspace(jnp.array([-4.0, -4.0]), jnp.array([4.0, 4.0]), 21)
    found = sharpness_along(landscape.loss, path)
    exact = [float(landscape.largest_curvature(one)) for one in path]
    assert np.allclose(found.value, exact, rtol=1e-12)


def test_preconditioned_sharpness_along_a_path() -> None:
    landscape = Himmelblau()
    path = jnp.linspace(jnp.array([-4.0, -4.0]), jnp.array([4.0, 4.0]), 21)
    diagonals = 1 + path**2
    found = sharpness_along(landscape.loss, path, preconditioners=diagonals)
    for place, diagonal, one in zip(path, diagonals, found.value, strict=True):
        exact = np.linalg.eigvals(landscape.hessian(place) / diagonal[:, None]).real.max()
        assert float(one) == pytest.approx(exact, rel=1e-12)


@pytest.mark.slow
def test_warm_starts_along_a_network_run_find_the_whole_hessians_value() -> None:
    loss, start = chebyshev_network()
    path = start + 0.02 * jnp.arange(6.0)[:, None] * jnp.sign(jnp.sin(jnp.arange(start.size)))
    found = sharpness_along(loss, path)
    exact = [np.linalg.eigvalsh(hessian_of(loss)(one))[-1] for one in path]
    assert np.allclose(found.value, exact, rtol=1e-8)
    assert int(found.products[1:].max()) <= int(found.products[0]) + 30


@pytest.mark.parametrize(
    "rule",
    [GradientDescent(learning_rate=1e-3), Adam(learning_rate=0.01)],
    ids=repr,
)
def test_training_is_optax_step_by_step(rule: Rule) -> None:
    loss, start = Rosenbrock().loss, jnp.array([-1.2, 1.0])
    course = train(loss, start, rule, steps=25, every=10)
    learn, theta, losses = rule.transformation(), start, []
    memory = learn.init(theta)
    for _ in range(25):
        losses.append(float(loss(theta)))
        step, memory = learn.update(jax.grad(loss)(theta), memory, theta)
        theta = optax.apply_updates(theta, step)
    assert np.allclose(course.losses, losses, rtol=1e-10)
    assert np.allclose(course.theta, theta, rtol=1e-10)
    assert course.at.tolist() == [10, 20]


def test_readings_are_taken_where_they_say() -> None:
    rule, loss = Adam(learning_rate=0.01), Rosenbrock().loss
    course = train(loss, jnp.array([-1.2, 1.0]), rule, steps=25, every=10)
    learn, theta = rule.transformation(), jnp.array([-1.2, 1.0])
    memory = learn.init(theta)
    for _ in range(10):
        step, memory = learn.update(jax.grad(loss)(theta), memory, theta)
        theta = optax.apply_updates(theta, step)
    divided = np.asarray(preconditioner(rule, memory))
    exact = np.linalg.eigvals(Rosenbrock().hessian(theta) / divided[:, None]).real.max()
    assert float(course.sharpness[0]) == pytest.approx(exact, rel=1e-9)
    assert float(course.gauge[0]) == pytest.approx(0.01 * exact / 38, rel=1e-9)


def test_settled_descent_reads_rate_over_limit_and_divergence_is_a_result() -> None:
    def run(start: float, rate: float) -> Course:
        rule = GradientDescent(learning_rate=rate)
        return train(DoubleWell().loss, jnp.array([start]), rule, steps=400, every=200)

    assert float(run(0.2, 0.9).gauge[-1]) == pytest.approx(0.9, rel=1e-9)
    diverged = run(3.0, 5.0)
    assert np.isnan(diverged.gauge[-1])
    assert not np.isfinite(diverged.losses[-1])


def test_plain_descent_hovers_at_the_edge_of_stability() -> None:
    """MLP 1-20-20-1, rate 0.2, 12,000 steps: the gauge comes to 1 and stays.

    The record, from another start, is 1.0586, 1.0137 and 0.9951 at 4, 8 and 12 thousand steps, the
    loss rising in 249 of 500. Stated here, from 4000 steps on: median within 0.05 of 1.05, all
    within 0.9 and 1.35 (while it is above 1 the oscillation grows, then throws it back), and the
    loss rises in 40 to 60 % of the steps while it falls over all. A quarter of the rate begins far
    below the limit and sharpens until it is there.
    """
    loss, start = chebyshev_network()
    course = train(loss, start, GradientDescent(learning_rate=0.2), steps=12_000, every=250)
    later = np.asarray(course.gauge)[course.at >= 4000]
    assert np.median(later) == pytest.approx(1.05, abs=0.05)
    assert later.min() > 0.9
    assert later.max() < 1.35
    rises = np.diff(course.losses[4000:]) > 0
    assert 0.4 < rises.mean() < 0.6
    assert course.losses[-1] < 0.5 * course.losses[1000]
    slow = train(loss, start, GradientDescent(learning_rate=0.05), steps=12_000, every=250)
    assert float(slow.gauge[0]) < 0.5
    assert 0.95 < float(slow.gauge.max()) < 1.35


HOVERING = [
    Adam(learning_rate=1e-3),
    pytest.param(RMSProp(learning_rate=1e-3, decay=0.99), marks=pytest.mark.slow),
    pytest.param(Adam(learning_rate=3e-3), marks=pytest.mark.slow),
    pytest.param(Momentum(learning_rate=0.02, momentum=0.9), marks=pytest.mark.slow),
]


@pytest.mark.parametrize("rule", HOVERING, ids=repr)
def test_other_rules_hover_at_their_own_edge(rule: Rule) -> None:
    """Rate times PRECONDITIONED sharpness is the edge: 38 for Adam, 2 for RMSProp, within 5 %.

    The median over 8000-12,000 steps. Without the preconditioner an adaptive rule misses its edge
    by a factor of 2 at least.
    """
    loss, start = chebyshev_network()
    course = train(loss, start, rule, steps=12_000, every=250)
    later = np.asarray(course.gauge)[course.at >= 8000]
    assert np.median(later) == pytest.approx(1.0, abs=0.05)
    assert later.min() > 0.85
    assert later.max() < 1.2
    plain = rule.learning_rate * float(sharpness_along(loss, course.theta[None]).value[0])
    if not isinstance(rule, Momentum):
        assert not 0.5 < plain / edge(rule) < 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rate", [0.1, 0.2])
def test_long_training_stays_at_the_edge_whatever_the_start(seed: int, rate: float) -> None:
    loss, start = chebyshev_network(seed)
    course = train(loss, start, GradientDescent(learning_rate=rate), steps=60_000, every=500)
    later = np.asarray(course.gauge)[course.at >= 40_000]
    assert 0.95 < np.median(later) < 1.1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (dict(every=0), "every must be from 1 to steps"),
        (dict(every=50), "every must be from 1 to steps"),
        (dict(start=jnp.zeros((2, 2))), "theta must be one point"),
    ],
)
def test_bad_input_is_told(wrong: dict, told: str) -> None:
    asked = {"start": jnp.zeros(1), "steps": 10, "every": 5, **wrong}
    with pytest.raises(ValueError, match=told):
        train(DoubleWell().loss, rule=GradientDescent(), **asked)
    with pytest.raises(ValueError, match="thetas must be points"):
        sharpness_along(DoubleWell().loss, jnp.zeros(3))
