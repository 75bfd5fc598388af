"""The recommender as an agent: what it feels, how it follows tastes, and what is predicted."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import adaptsim
from adaptsim import (
    Constant,
    GradientDescent,
    JumpingTaste,
    Momentum,
    RandomWalk,
    Recommender,
    ReturningTaste,
    Sinusoid,
    Stack,
    WanderingTaste,
    WrongField,
    simulate,
    theory,
)
from adaptsim.predictions import predict

RULE = GradientDescent(learning_rate=0.3)


@pytest.mark.parametrize("items", ["unit", "gaussian"])
def test_what_is_felt_is_the_slope_of_the_loss_on_average(items):
    kind = Recommender(items=items, item_variance=0.5, rating_noise=0.7, regularisation=0.1)
    trait, taste = jnp.array([0.3, -1.0, 0.5]), jnp.array([0.6, 0.0, 0.8])
    keys = jax.random.split(jax.random.key(0), 40_000)
    felt = np.asarray(jax.vmap(lambda key: kind.perceived_gradient(trait, taste, (), key))(keys))
    doubt = felt.std(axis=0, ddof=1) / len(felt) ** 0.5
    known = np.asarray(kind.gradient(trait, taste, ()))
    assert (np.abs(felt.mean(axis=0) - known) < 4 * doubt).all()
    assert (doubt < 0.01).all()


@pytest.mark.parametrize(
    ("world", "kind", "rate"),
    [
        (WanderingTaste(drift=0.1, dimension=3), Recommender(rating_noise=0.3), 0.5),
        pytest.param(
            JumpingTaste(hazard=0.1, dimension=3),
            Recommender(items="gaussian"),
            0.2,
            marks=pytest.mark.slow,
        ),
        pytest.param(
            Stack(parts=(RandomWalk(),) * 3),
            Recommender(observation_probability=0.5),
            0.5,
            marks=pytest.mark.slow,
        ),
        pytest.param(
            Stack(parts=(Constant(value=1.0),) * 3),
            Recommender(rating_noise=1.0),
            0.4,
            marks=pytest.mark.slow,
        ),
    ],
)
def test_tracking_error_is_predicted(world, kind, rate):
    rule = GradientDescent(learning_rate=rate)
    run = simulate(
        kind.replace(tracked=3), rule, world, size=1, steps=1500, replicates=200, stride=10
    )
    errors = [
        (np.asarray(one.output)[50:] - np.asarray(one.target)[50:]) ** 2
        for one in run.followed.values()
    ]
    each = np.mean(errors, axis=(0, 1)).ravel()
    known = predict(kind, rule, world, "taste_0", "tracking_mse")
    doubt = each.std(ddof=1) / len(each) ** 0.5
    assert abs(each.mean() - known) < 4 * doubt
    assert doubt < 0.05 * known


def test_predictions_are_those_of_the_closed_forms():
    world, kind = WanderingTaste(), Recommender(rating_noise=0.5, observation_probability=0.5)
    msd = theory.recommender.deviation(
        0.3, dimension=5, drift=0.002, rating_variance=0.25, probability=0.5, correlation=0.999
    )
    told = {
        "tracking_mse": msd / 5,
        "mean_lag": theory.recommender.lag(0.3, dimension=5, mean_gap=2),
        "speed_limit": theory.recommender.mean_limit(1 / 5),
        "spectral_radius": 1 - 0.3 / 5,
    }
    for measure, known in told.items():
        assert predict(kind, RULE, world, "taste_0", measure) == pytest.approx(known, rel=1e-12)


@pytest.mark.parametrize(
    ("kind", "world", "rule"),
    [
        (Recommender(regularisation=0.1), WanderingTaste(), RULE),
        (Recommender(observation_noise=0.1), WanderingTaste(), RULE),
        (Recommender(observation_delay=1), WanderingTaste(), RULE),
        (Recommender(), ReturningTaste(), RULE),
        (Recommender(), Stack(parts=(RandomWalk(), RandomWalk(drift_variance=0.5))), RULE),
        (Recommender(), Stack(parts=(Sinusoid(), Sinusoid())), RULE),
        (Recommender(), WanderingTaste(), Momentum()),
    ],
)
def test_nothing_is_predicted_where_no_form_is_exact(kind, world, rule):
    assert predict(kind, rule, world, "taste_0", "tracking_mse") is None


@partial(jax.jit, static_argnames=("steps", "replicates"))
def course(world, steps, replicates):
    """Return tastes, shape ``(steps - 1, replicates, d)``."""

    def one(key):
        begin, *moves = jax.random.split(key, steps)

        def move(now, key):
            return world.advance(now, 0, key), world.cue(now, 0)

        return jax.lax.scan(move, world.start(begin), jnp.array(moves))[1]

    return jax.vmap(one, out_axes=1)(jax.random.split(jax.random.key(1), replicates))


@pytest.mark.parametrize("world", [WanderingTaste(drift=0.3), JumpingTaste(hazard=0.15)])
def test_tastes_keep_to_the_sphere_and_correlate_as_they_say(world):
    seen = np.asarray(course(world, 40, 500))
    np.testing.assert_allclose(np.linalg.norm(seen, axis=2), 1.0, rtol=1e-12)
    for steps in (1, 4):
        each = (seen[:-steps] * seen[steps:]).sum(axis=2).mean(axis=0)
        known = float(world.lag_one_correlation()) ** steps
        assert abs(each.mean() - known) <= 4 * each.std(ddof=1) / 500**0.5 + 1e-12


def test_a_taste_that_returns_stays_at_home_or_near_it():
    still = np.asarray(course(ReturningTaste(drift=0.0, pull=0.3), 300, 20))
    np.testing.assert_allclose(still, np.tile(still[0], (299, 1, 1)), rtol=1e-12)
    near, free = (
        (seen[150:] * seen[0]).sum(axis=2).mean()
        for seen in (np.asarray(course(ReturningTaste(drift=0.02, pull=pull), 300, 20))
                     for pull in (0.05, 0.0))
    )  # fmt: skip
    assert near > 0.8
    assert free < 0.5


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Recommender(items="round"), "Recommender.items must be one of 'unit', 'gaussian'"),
        (lambda: Recommender(item_variance=0), "above 0"),
        (lambda: Recommender(rating_noise=-1), "at least 0"),
        (lambda: Recommender(tracked=0), "at least 1"),
        (lambda: WanderingTaste(dimension=1), "at least 2"),
        (lambda: WanderingTaste(drift=5), "at most 4"),
        (lambda: JumpingTaste(hazard=1.5), "at most 1"),
    ],
)
def test_fields_out_of_bounds_are_refused(make, told):
    with pytest.raises(WrongField, match=told):
        make()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["recommender_drift", "recommender_users"])
def test_the_shipped_scenarios_run_beside_theory(name):
    found = adaptsim.run(name, {"steps": 600, "replicates": 2})
    for measure in ("tracking_mse", "mean_lag", "speed_limit"):
        rows = found.table.query("measure == @measure")
        assert len(rows) >= 5, measure
        assert rows["theory"].notna().all(), measure
