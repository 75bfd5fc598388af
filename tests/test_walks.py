"""Walks: the same as each rule alone, whatever is walked beside it."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from adaptsim import simulate
from adaptsim.agents import Walker
from adaptsim.environments import Constant
from adaptsim.landscapes import Canyon, DoubleWell, Himmelblau, Landscape, Noisy, Rosenbrock
from adaptsim.rules import (
    LBFGS,
    Adam,
    AfterSteps,
    Cosine,
    GradientDescent,
    Momentum,
    RMSProp,
    Switch,
)
from adaptsim.walks import swept, walk

RATES = np.geomspace(1e-4, 1e-2, 5)
STARTS = np.array([[-1.2, 1.0], [0.3, -0.7], [2.0, 2.0]])
NOISY = Noisy(landscape=Rosenbrock(), level=0.5, tail="student")


def by_optax(transformation, landscape, start, steps):
    """Return the losses of a plain loop over optax, the start included."""
    theta = jnp.asarray(start)
    memory, losses = transformation.init(theta), [float(landscape.loss(theta))]
    update = jax.jit(transformation.update)
    for _ in range(steps):
        increment, memory = update(landscape.gradient(theta), memory, theta)
        theta = optax.apply_updates(theta, increment)
        losses.append(float(landscape.loss(theta)))
    return np.array(losses)


@pytest.mark.parametrize(
    ("rule", "own"),
    [
        (GradientDescent(), optax.sgd),
        (Momentum(momentum=0.8), lambda rate: optax.sgd(rate, momentum=0.8)),
        (Adam(), optax.adam),
        (RMSProp(), lambda rate: optax.rmsprop(rate)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_walks_as_optax_does(rule, own):
    found = walk(Rosenbrock(), rule, rates=RATES, starts=STARTS, steps=40)[type(rule).__name__]
    for i, rate in enumerate(RATES[:2]):
        for j, start in enumerate(STARTS[:2]):
            expected = by_optax(own(rate), Rosenbrock(), start, 40)
            np.testing.assert_allclose(found.loss[i, j, 0], expected, rtol=1e-9, atol=1e-12)


def test_axes_are_rates_starts_seeds_records():
    rules = {"slow": GradientDescent(), "fast": Adam(learning_rate=Cosine(initial=0.1))}
    found = walk(NOISY, rules, rates=RATES, starts=STARTS, seeds=2, steps=7, places=True)
    assert list(found) == ["slow", "fast"]
    assert found["slow"].loss.shape == (5, 3, 2, 8)
    assert found["slow"].places.shape == (5, 3, 2, 8, 2)
    assert found["fast"].loss.shape == (1, 3, 2, 8)
    assert np.isnan(found["fast"].rates).all()
    np.testing.assert_array_equal(found["slow"].clock, np.arange(8))
    np.testing.assert_array_equal(found["slow"].evaluations, np.arange(8))
    np.testing.assert_array_equal(found["slow"].places[:, :, :, 0][:, :, 0], [STARTS] * 5)
    np.testing.assert_array_equal(found["slow"].places[:, :, :, -1], found["slow"].end)


@pytest.mark.parametrize("stride", [1, 3, 40, 100])
def test_stride_changes_no_bit_of_the_course(stride):
    whole = walk(NOISY, Adam(), rates=RATES, seeds=2, steps=40, stride=1)["Adam"]
    some = walk(NOISY, Adam(), rates=RATES, seeds=2, steps=40, stride=stride)["Adam"]
    assert some.clock[-1] == 40
    np.testing.assert_array_equal(some.loss, whole.loss[..., some.clock])
    np.testing.assert_array_equal(some.end, whole.end)


def test_walks_of_one_seed_share_their_luck_and_others_do_not():
    both = [GradientDescent(), Momentum(momentum=0.0)]
    found = walk(NOISY, both, rates=[1e-3], seeds=3, seed=5, steps=20)
    plain, heavy = found.values()
    np.testing.assert_allclose(plain.loss, heavy.loss, rtol=1e-12)
    assert len(np.unique(plain.loss[0, 0, :, -1])) == 3
    alone = walk(NOISY, GradientDescent(), rates=RATES, starts=STARTS, seeds=2, seed=5, steps=20)
    again = walk(NOISY, GradientDescent(), rates=RATES[1:2], starts=STARTS[2:], seed=5, steps=20)
    np.testing.assert_allclose(
        alone["GradientDescent"].loss[1, 2, 0], again["GradientDescent"].loss[0, 0, 0], rtol=1e-9
    )


def test_a_walk_is_a_simulation_of_a_walker():
    rule = Momentum(learning_rate=2e-3, momentum=0.5)
    run = simulate(Walker(landscape=Rosenbrock()), rule, Constant(value=0.0), steps=30)
    found = walk(Rosenbrock(), rule, steps=29)["Momentum"]
    np.testing.assert_array_equal(run.excess[:, 0, 0], found.loss[0, 0, 0])


def test_divergence_is_a_result():
    found = walk(DoubleWell(), GradientDescent(), rates=[0.5, 2.5], starts=[2.0], steps=60)
    left = found["GradientDescent"]
    assert left.loss[0, 0, 0, -1] < 1e-12
    assert not np.isfinite(left.loss[1, 0, 0, -1])
    assert np.isfinite(left.best[1, 0, 0]).all()


def test_a_function_that_returns_nan_is_a_result():
    torn = Landscape.from_function(lambda x: jnp.sum(jnp.log(x)), 2, start=1.0)
    left = walk(torn, GradientDescent(), rates=[0.3], steps=30)["GradientDescent"]
    assert np.isnan(left.loss[0, 0, 0, -1])
    assert np.isfinite(left.best[0, 0, 0, -1])


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"starts": [1.0, 2.0, 3.0]}, "2 coordinates on Himmelblau; got 3"),
        ({"starts": [9.0, 0.0]}, r"in the domain, .*; got \[9.0, 0.0\]"),
        ({"rates": [0.1, -0.2]}, "at least 0; got -0.2"),
        ({"rates": [np.inf]}, "finite and at least 0; got inf"),
        ({"steps": 0}, "steps must be at least 1; got 0"),
        ({"seeds": 0}, "seeds must be at least 1; got 0"),
    ],
)
def test_a_wrong_request_is_one_clear_message(told, message):
    with pytest.raises(ValueError, match=message):
        walk(Himmelblau(), GradientDescent(), **told)


def test_a_rate_of_zero_stays():
    left = walk(Canyon(), GradientDescent(), rates=[0.0], steps=5)["GradientDescent"]
    assert len(np.unique(left.loss)) == 1


def test_what_is_swept():
    assert swept(Adam(learning_rate=0.2))
    assert not swept(Adam(learning_rate=Cosine()))


class Ring(Landscape):
    """A bowl that tells how far one is from its middle."""

    dimension = 2
    reading_units = {"distance": "trait"}  # noqa: RUF012

    def loss(self, theta):
        return jnp.sum(theta**2) / 2

    def readings(self, theta):
        return {"distance": jnp.sqrt(jnp.sum(theta**2))}


def test_what_landscape_and_rule_read_is_recorded_with_every_loss():
    rule = Switch(
        first=GradientDescent(learning_rate=0.1),
        then=GradientDescent(learning_rate=1.0),
        criterion=AfterSteps(steps=3),
    )
    found = walk(Ring(), rule, starts=[3.0, 4.0], steps=6, stride=2)["Switch"]
    distance = found.readings["distance"][0, 0, 0]
    np.testing.assert_allclose(distance, [5, 5 * 0.9**2, 0, 0], rtol=1e-12)
    np.testing.assert_array_equal(found.readings["switched_at"][0, 0, 0], [np.nan, np.nan, 3, 3])
    assert found.from_starts(slice(0)).readings["distance"].shape == (1, 0, 1, 4)


def test_a_line_search_is_charged_for_every_gradient_it_takes():
    """Each step of L-BFGS costs what its own memory says, summed along the walk."""
    rule, landscape, steps = LBFGS(), Rosenbrock(), 12
    made = rule.transformation()
    theta = landscape.start()
    memory, spent = made.init(theta), [0]
    for _ in range(steps):
        slope = landscape.gradient(theta)
        told = {"value": landscape.loss(theta), "grad": slope, "value_fn": landscape.loss}
        increment, memory = made.update(slope, memory, theta, **told)
        theta = optax.apply_updates(theta, increment)
        spent.append(spent[-1] + int(rule.evaluations(memory)))
    found = walk(landscape, rule, steps=steps)["LBFGS"]
    np.testing.assert_array_equal(found.evaluations[0, 0, 0], spent)
    assert spent[-1] > steps


HANDOVER = Switch(first=Adam(learning_rate=0.02), then=LBFGS(), criterion=AfterSteps(steps=5.0))


@pytest.mark.parametrize(("landscape", "rule"), [(Rosenbrock(), HANDOVER), (NOISY, Adam())])
def test_one_by_one_is_the_same_as_side_by_side(landscape, rule):
    told = {"starts": STARTS[:2], "seeds": 2, "steps": 12, "stride": 4}
    alone, beside = (walk(landscape, {"": rule}, one_by_one=one, **told)[""] for one in (1, 0))
    assert alone.loss.shape == beside.loss.shape == (1, 2, 2, 4)
    np.testing.assert_allclose(alone.loss, beside.loss, rtol=1e-6)
    np.testing.assert_allclose(alone.end, beside.end, rtol=1e-6)
    np.testing.assert_array_equal(alone.evaluations, beside.evaluations)


@pytest.mark.parametrize("one_by_one", [True, False])
def test_a_walk_stands_still_once_its_gradients_are_spent(one_by_one):
    rules = {"plain": GradientDescent(learning_rate=1e-3), "search": LBFGS()}
    told = {"steps": 12, "stride": 1, "starts": STARTS[:2], "one_by_one": one_by_one}
    free, kept = walk(Rosenbrock(), rules, **told), walk(Rosenbrock(), rules, budget=7, **told)
    np.testing.assert_array_equal(kept["plain"].evaluations[0, 0, 0], np.minimum(np.arange(13), 7))
    for name, one in kept.items():
        whole = np.broadcast_to(free[name].evaluations, one.evaluations.shape)
        for start in range(2):
            last = int(np.argmax(whole[0, start, 0] >= 7))
            loss = one.loss[0, start, 0]
            wanted = free[name].loss[0, start, 0, : last + 1]
            np.testing.assert_allclose(loss[: last + 1], wanted, rtol=1e-9)
            assert (loss[last:] == loss[last]).all()
            assert (one.evaluations[0, start, 0, last:] == whole[0, start, 0, last]).all()


def test_a_budget_of_nothing_is_refused():
    with pytest.raises(ValueError, match="budget must be at least 1; got 0"):
        walk(Canyon(), GradientDescent(), budget=0)
