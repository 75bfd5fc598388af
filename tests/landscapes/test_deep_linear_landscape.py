"""Deep networks as landscapes: modes, conserved quantities, slopes, and runs beside theory."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim import Constant, GradientDescent, Walker, simulate, speed_limit, theory, walk
from adaptsim.landscapes import Bowl, DeepLinear, DeepNetwork, Noisy, Perceptron
from adaptsim.part import WrongField
from adaptsim.predictions import predict
from adaptsim.testing import check_landscape

CHAIN = DeepLinear(layers=(1, 1, 1, 1), singular_values=[1.0], strength=0.01)
SQUARE = DeepLinear(layers=(3, 3, 3), singular_values=[4.0, 2.0, 1.0], strength=0.01)
weights_of_three = st.lists(st.floats(0.2, 1.5), min_size=3, max_size=3)


@cache
def walked():
    """Return the readings of one walk in which three modes are learnt."""
    rule = GradientDescent(learning_rate=0.01)
    return walk(SQUARE, rule, steps=700, stride=1)["GradientDescent"].readings


@jax.jit
def three_layers(theta, rate):
    """Return weights of a chain after 200 steps of descent."""

    def step(_, theta):
        return theta - rate * jax.grad(CHAIN.loss)(theta)

    return jax.lax.fori_loop(0, 200, step, theta)


def test_loss_is_that_of_the_product():
    network = DeepLinear(layers=(2, 3, 4), singular_values=[2.0, 0.5])
    theta = np.random.default_rng(0).standard_normal(18)
    first, second = theta[:6].reshape(2, 3), theta[6:].reshape(3, 4)
    wanted = np.zeros((2, 4))
    wanted[0, 0], wanted[1, 1] = 2.0, 0.5
    assert float(network.loss(theta)) == pytest.approx(
        np.sum((first @ second - wanted) ** 2) / 2, rel=1e-12
    )
    assert network.strengths(theta).tolist() == pytest.approx(
        np.diag(first @ second).tolist(), rel=1e-12
    )


def test_modes_do_not_mix():
    """From a balanced start each is the chain that it would be alone."""
    rule = GradientDescent(learning_rate=0.01)
    alone = DeepLinear(layers=(1, 1, 1), singular_values=[2.0], strength=0.01)
    chain = walk(alone, rule, steps=700, stride=1)["GradientDescent"].readings["mode_1"]
    assert walked()["mode_2"] == pytest.approx(chain, rel=1e-10)


def test_layers_stay_balanced():
    """Exactly, in steps of any size."""
    read = walked()
    assert read["norm_1"] == pytest.approx(read["norm_2"], rel=1e-12)
    assert read["gradient_1"] == pytest.approx(read["gradient_2"], rel=1e-9, abs=1e-12)


def test_strong_modes_are_learnt_first():
    read = walked()
    halves = [np.argmax(read[f"mode_{i + 1}"][0, 0, 0] > s / 2) for i, s in enumerate((4, 2, 1))]
    assert halves == sorted(halves)
    for half, target in zip(halves, (4.0, 2.0, 1.0), strict=True):
        told = theory.deep_linear.steps(target / 2, target=target, initial=0.01, depth=2, rate=0.01)
        assert half - 1 <= told <= half


def test_descent_follows_saxes_curve():
    """Within 1e-3 of the exact strength, at a small rate."""
    chain = DeepLinear(layers=(1, 1, 1), singular_values=[1.0])
    rule, rate = GradientDescent(learning_rate=4e-4), 4e-4
    found = walk(chain, rule, steps=12_000, stride=500)["GradientDescent"]
    told = theory.deep_linear.strength(found.clock * rate, target=1.0, initial=1e-3)
    assert found.readings["mode_1"][0, 0, 0] == pytest.approx(told, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(weights_of_three)
def test_speed_ratio_of_layers_is_that_of_their_weights(weights):
    read = CHAIN.readings(jnp.array(weights))
    ratio = read["gradient_1"] / read["gradient_3"] if read["gradient_3"] else np.nan
    known = theory.deep_linear.layer_speed_ratio(weights[0], weights[2])
    assert np.isnan(ratio) or float(ratio) == pytest.approx(known, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(weights_of_three)
def test_imbalance_is_conserved_as_the_rate_gets_small(weights):
    """Descent changes it by a term of second order a step: half as much at half the rate.

    Over 200 steps of rate r the time is 200 r, so that at half the rate a quarter is lost.
    """
    theta = jnp.array(weights)
    before = theory.deep_linear.imbalance(weights[0], weights[1])
    lost = []
    for rate in (1e-3, 1e-4):
        after = three_layers(theta, rate)
        lost.append(abs(float(after[0] ** 2 - after[1] ** 2) - before))
        # Each step adds rate^2 (g_1^2 - g_2^2) exactly; slopes only fall on the way here.
        steepest = float(jnp.max(jnp.abs(jax.grad(CHAIN.loss)(theta)))) + 10.0
        assert lost[-1] <= 200 * rate**2 * steepest**2
    assert lost[1] <= lost[0] / 5 + 1e-12


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_speed_limit_at_the_balanced_minimum(depth):
    chain = DeepLinear(layers=(1,) * (depth + 1), singular_values=[4.0])
    minimum = chain.minima()[0]
    assert minimum.loss == pytest.approx(0, abs=1e-24)
    assert float(chain.speed_limit(minimum.theta)) == pytest.approx(
        theory.deep_linear.speed_limit(4.0, depth=depth), rel=1e-9
    )


def test_stability_of_several_modes_is_found_in_their_valley():
    """Along the valley nothing pulls back, which is not instability."""
    walker = Walker(landscape=SQUARE)
    found = speed_limit(walker, GradientDescent(), jnp.zeros(1))
    assert found == pytest.approx(0.25, rel=1e-8)
    assert predict(walker, GradientDescent(), Constant(), "mode_1", "speed_limit") == 0.25


@pytest.mark.parametrize("beginning", ["balanced", "orthogonal", "gaussian"])
def test_starts_have_the_size_of_the_product(beginning):
    wide = DeepLinear(
        layers=(40, 40, 40), singular_values=[1.0] * 40, beginning=beginning, strength=0.04
    )
    sizes = np.linalg.svd(np.asarray(wide.product(wide.start())), compute_uv=False)
    if beginning == "gaussian":  # of one standard normal matrix over sqrt(n) the mean square is 1
        assert np.mean(sizes**2) == pytest.approx(0.04**2, rel=0.2)
    else:
        assert sizes == pytest.approx(np.full(40, 0.04), rel=1e-9)


def test_what_a_walker_tracks():
    walker, cue = Walker(landscape=SQUARE), jnp.zeros(1)
    tracked = walker.tracking(walker.start(cue), (), cue)
    assert list(tracked) == ["mode_1", "mode_2", "mode_3"]
    assert [float(one.target) for one in tracked.values()] == [4.0, 2.0, 1.0]
    assert float(tracked["mode_1"].output) == pytest.approx(0.01)
    noisy = Noisy(landscape=SQUARE, level=0.1)
    assert noisy.tracked(noisy.start()).keys() == tracked.keys()
    assert noisy.layer_sizes == SQUARE.layer_sizes == (9, 9)
    assert list(Walker().tracking(jnp.zeros(2), (), cue)) == ["trait_0", "trait_1"]


def test_rise_times_are_those_of_theory():
    """To a hundredth of a step, where a rise takes hundreds."""
    rule = GradientDescent(learning_rate=0.01)
    walker, world = Walker(landscape=SQUARE), Constant()
    run = simulate(walker, rule, world, steps=900).followed["mode_3"].output[:, 0, 0]
    left = (1.0 - run) / (1.0 - run[0])
    after = int(np.argmax(left <= np.exp(-1)))
    part = np.log(left[after - 1] * np.e) / np.log(left[after - 1] / left[after])
    told = predict(walker, rule, world, "mode_3", "rise_time_63")
    assert after - 1 + part == pytest.approx(told, abs=0.01)


@pytest.mark.parametrize(
    "changed",
    [
        {"landscape": SQUARE.replace(beginning="orthogonal")},
        {"gradient_noise": 0.1},
        {"feedback_delay": 1},
    ],
)
def test_no_theory_where_it_does_not_hold(changed):
    walker = Walker(**{"landscape": SQUARE, **changed})
    told = (GradientDescent(learning_rate=0.01), Constant(), "mode_1")
    assert predict(walker, *told, "rise_time_63") is None


def test_no_times_near_the_limit_and_no_radius_in_a_valley():
    told = (Walker(landscape=SQUARE), GradientDescent(learning_rate=0.2), Constant(), "mode_1")
    assert predict(*told, "rise_time_63") is None
    assert predict(*told, "spectral_radius") is None


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"layers": (3,)}, "layers must be two or more whole numbers above 0"),
        ({"layers": (2, 2, 2), "singular_values": [3.0, 2.0, 1.0]}, "must be 1 to 2 numbers"),
        ({"singular_values": [1.0, 2.0]}, r"must not ascend; got \[1.0, 2.0\]"),
        ({"singular_values": [1.0, -2.0]}, "must be above 0"),
        ({"singular_values": ["a"]}, "must be a list of numbers"),
        ({"beginning": "tiny"}, "must be one of 'balanced', 'orthogonal', 'gaussian'"),
        ({"strength": 0.0}, "must be above 0"),
    ],
)
def test_wrong_fields(told, message):
    with pytest.raises(WrongField, match=message):
        DeepLinear(**told)


def test_sizes_of_layers_add_up():
    for landscape in (SQUARE, CHAIN, DeepNetwork(), Perceptron(), Bowl(dimension=3)):
        assert sum(landscape.layer_sizes) == landscape.dimension


def test_another_activation_keeps_the_contract():
    check_landscape(DeepNetwork(depth=3, width=4, samples=5, activation="sigmoid"))


def test_network_is_that_of_its_layers():
    network = DeepNetwork(depth=3, width=4, samples=5, activation="relu", bias_variance=0.3)
    theta = np.asarray(network.start())
    inputs = np.random.default_rng(3).standard_normal((6, 4))
    active, used = inputs, 0
    for width, following in ((4, 4), (4, 4), (4, 1)):
        affine = theta[used : used + (width + 1) * following].reshape(width + 1, following)
        active = (np.maximum(active, 0) if used else active) @ affine[:-1] + affine[-1]
        used += affine.size
    assert np.asarray(network.outputs(theta, jnp.asarray(inputs))) == pytest.approx(active)


def test_start_has_the_variances_asked_for():
    network = DeepNetwork(depth=2, width=60, weight_variance=3.0, bias_variance=0.5)
    first = np.asarray(network.random_start(5))[: 61 * 60].reshape(61, 60)
    for values, variance in ((first[:-1], 3.0 / 60), (first[-1], 0.5)):
        error = variance * np.sqrt(2 / values.size)
        assert abs(np.mean(values**2) - variance) < 4 * error
    alike = network.replace(seed=5).start()
    assert (np.asarray(alike) == np.asarray(network.random_start(5))).all()


@jax.jit
def squares(network, starts):
    """Return squared lengths of the layers' gradients, shape ``(draws, layers)``."""
    read = jax.vmap(network.readings)(starts)
    return jnp.stack([read[f"gradient_{i + 1}"] ** 2 for i in range(network.depth)], axis=1)


@pytest.mark.slow
@pytest.mark.parametrize(("weights", "grows"), [(1.0, False), (4.0, True)])
def test_slopes_change_from_layer_to_layer_as_mean_field_says(weights, grows):
    """Within four standard errors over draws of the weights, in layers that have settled."""
    network = DeepNetwork(
        depth=14, width=64, samples=1, weight_variance=weights, bias_variance=0.05
    )
    starts = jnp.stack([network.random_start(seed) for seed in range(24)])
    inner = np.asarray(squares(network, starts))[:, 7:13]
    factors = (inner[:, :-1] / inner[:, 1:]).mean(axis=1)
    chi = theory.signal_propagation.gradient_ratio(weight_variance=weights, bias_variance=0.05)
    error = factors.std(ddof=1) / np.sqrt(len(factors))
    assert abs(factors.mean() - chi) < 4 * error
    assert (factors.mean() - 4 * error > 1) if grows else (factors.mean() + 4 * error < 1)
