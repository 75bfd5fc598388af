"""The elastic bar: its exact field, its ends, and its network against differences."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.landscapes import ElasticBar, Noisy
from adaptsim.landscapes.feedforward import feedforward, feedforward_jet, random_weights
from adaptsim.part import WrongField

SMALL = {"layers": (1, 5, 4, 1), "points": 12}
BARS = {case: ElasticBar(case=case, **SMALL) for case in ("ramp", "waves")}
either = pytest.mark.parametrize("case", BARS)


def theta_of(bar):
    """Return weights and biases at which nothing is zero by chance."""
    return bar.start() + 0.3 * jnp.asarray(np.random.default_rng(1).normal(size=bar.dimension))


class Known(ElasticBar):
    """A bar whose network is the exact field."""

    abstract = True

    def network(self, theta, place):
        return self.exact_jet(place)


@pytest.mark.parametrize("inputs", [1, 2, 3])
def test_derivatives_carried_forward_are_those_of_differentiation(inputs):
    layers = (inputs, 5, 4, 2)
    generator = np.random.default_rng(inputs)
    weights = random_weights(layers, generator)
    theta = jnp.asarray(weights + 0.2 * generator.normal(size=weights.size))
    place = jnp.asarray(generator.normal(size=inputs))
    jet = feedforward_jet(theta, layers, place)

    def whole(place):
        return feedforward(theta, layers, place)

    np.testing.assert_allclose(jet.value, whole(place), rtol=1e-13)
    np.testing.assert_allclose(jet.slopes, jax.jacobian(whole)(place).T, rtol=1e-12)
    bends = jnp.moveaxis(jax.hessian(whole)(place), 0, -1)
    np.testing.assert_allclose(jet.bends, bends, rtol=1e-11, atol=1e-14)


def test_loads_by_hand():
    for x in (0.1, 0.62):
        place = jnp.array([x])
        assert BARS["ramp"].load(place)[0] == pytest.approx(x, rel=1e-12)
        by_hand = np.pi**2 * (np.sin(np.pi * x) + 4 * np.sin(4 * np.pi * x))
        assert BARS["waves"].load(place)[0] == pytest.approx(by_hand, rel=1e-12)


@either
def test_the_exact_field_breaks_no_law_and_has_no_error(case):
    known = Known(case=case, **SMALL)
    nothing = jnp.zeros(known.dimension)
    assert float(jax.jit(known.loss)(nothing)) < 1e-24
    assert float(jax.jit(known.readings)(nothing)["error_u"]) < 1e-14


@either
def test_the_ends_are_built_in(case):
    """Held: no displacement; free: no force; whatever the weights."""
    bar = BARS[case]
    left, right = (bar.network(theta_of(bar), jnp.array([x])) for x in (0.0, 1.0))
    free = right.slopes[0] if case == "ramp" else right.value
    assert abs(float(left.value[0])) < 1e-14
    assert abs(float(free[0])) < 1e-14
    exact_left, exact_right = (bar.exact_jet(jnp.array([x])) for x in (0.0, 1.0))
    free = exact_right.slopes[0] if case == "ramp" else exact_right.value
    assert abs(float(exact_left.value[0])) < 1e-14
    assert abs(float(free[0])) < 1e-14


@either
def test_loss_by_differences_of_the_displacement(case):
    bar = BARS[case]
    theta, step = theta_of(bar), 1e-4
    x = np.asarray(bar.places())
    before, at, after = (bar.fields(theta, jnp.asarray(x + s * step)) for s in (-1, 0, 1))
    load = jax.vmap(bar.load)(jnp.asarray(x))
    broken = np.asarray((before - 2 * at + after) / step**2 + load)
    assert float(jax.jit(bar.loss)(theta)) == pytest.approx(np.mean(broken**2), rel=1e-5)


@either
def test_pull_and_force_balance(case):
    """What the ends feel is the sum of the load: the fundamental theorem, for any network."""
    bar = BARS[case]
    theta = theta_of(bar)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    places = jnp.asarray((nodes[:, None] + 1) / 2)
    bends = jax.vmap(lambda place: bar.network(theta, place).bends[0, 0, 0])(places)
    ends = [float(bar.network(theta, jnp.array([x])).slopes[0, 0]) for x in (0.0, 1.0)]
    assert float(weights @ np.asarray(bends) / 2) == pytest.approx(ends[1] - ends[0], rel=1e-9)


def test_readings_are_taken_elsewhere():
    bar = ElasticBar()
    learnt, checked = np.asarray(bar.places()), np.asarray(bar.checked_at())
    assert (learnt.shape, checked.shape) == ((64, 1), (201, 1))
    assert np.abs(learnt - checked.T).min() > 1e-5
    theta = theta_of(bar)
    exact = (3 * checked - checked**3) / 6
    missed = np.asarray(bar.fields(theta, bar.checked_at())) - exact
    wanted = np.sqrt(np.sum(missed**2) / np.sum(exact**2))
    assert float(bar.readings(theta)["error_u"]) == pytest.approx(wanted, rel=1e-12)


def test_gradients_of_batches_have_the_whole_for_their_mean():
    bar = BARS["waves"]
    theta = theta_of(bar)
    found = bar.batch_gradients(theta, 4)
    assert found.shape == (4, bar.dimension)
    np.testing.assert_allclose(found.mean(axis=0), bar.gradient(theta), rtol=1e-9, atol=1e-9)
    second = jnp.array([1, 5, 9])
    mean = jax.jit(jax.grad(lambda theta: jax.vmap(bar.term, (None, 0))(theta, second).mean()))
    own = mean(theta)
    np.testing.assert_allclose(found[1], own, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(Noisy(landscape=bar).batch_gradients(theta, 4), found)


@pytest.mark.parametrize("batches", [0, 5, 24])
def test_batches_must_divide_the_terms(batches):
    bar = BARS["ramp"]
    problem = f"batches must divide 12, the number of terms; got {batches}"
    with pytest.raises(ValueError, match=problem):
        bar.batch_gradients(bar.start(), batches)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (
            {"layers": (2, 5, 1)},
            "ElasticBar.layers must begin with 1 and end with 1; got (2, 5, 1)",
        ),
        ({"case": "wind"}, "ElasticBar.case must be one of 'ramp', 'waves'; got 'wind'"),
        ({"points": 1}, "ElasticBar.points must be at least 2"),
    ],
)
def test_fields_are_checked(told, message):
    with pytest.raises(WrongField, match=re.escape(message)):
        ElasticBar(**told)


def test_runs_follow_the_displacement_where_the_exact_one_is_largest():
    bar = ElasticBar(case="ramp")
    (found, due) = bar.tracked(bar.start())["u"]
    assert float(due) == pytest.approx(1 / 3)  # (3x - x^3) / 6 at the end of the bar
    assert float(found) == pytest.approx(float(bar.fields(bar.start(), jnp.ones((1, 1)))[0, 0]))
