"""How warm walks were: simulated against closed forms, within four standard errors."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.landscapes import Bowl, DoubleWell, StrictSaddle
from adaptsim.rules import GradientDescent, Momentum
from adaptsim.temperature import slope_of, temperature_from_variance, temperature_from_virial
from adaptsim.theory import noisy_descent, temperature

from .grounds import MINIBATCH_RATE, LeastSquares, Valley, minibatch_walks, places

SEEDS = {"seeds": 400, "steps": 1500}


def within_four_errors(replicates: np.ndarray, expected: float) -> bool:
    error = replicates.std(ddof=1) / np.sqrt(replicates.size)
    return bool(abs(replicates.mean() - expected) < 4 * error)


@pytest.mark.parametrize(
    ("eta", "curvature", "momentum", "variance"),
    [
        (0.1, 1.0, 0.0, 0.05263158),
        (0.5, 1.0, 0.0, 1 / 3),
        (1.5, 1.0, 0.0, 3.0),
        (0.1, 1.0, 0.9, 0.5135135135),
        (0.5, 2.0, 0.5, 0.375),
        (0.05, 10.0, 0.95, 0.0573529412),
    ],
)
def test_walks_in_a_bowl_rest_as_the_table_says(
    eta: float, curvature: float, momentum: float, variance: float
) -> None:
    """Variance, and the temperature that its exact formula is turned back into."""
    bowl = Bowl(dimension=1, curvature=curvature)
    walks = places(
        bowl,
        Momentum(learning_rate=eta, momentum=momentum),
        start=[0.0],
        level=1.0,
        stride=1,
        **SEEDS,
    )
    assert within_four_errors((walks[:, 300:, 0] ** 2).mean(axis=1), variance)
    warmth = temperature_from_variance(walks, bowl, eta, momentum=momentum, burn_in=300)
    expected = temperature.effective_temperature(eta, noise=1.0, momentum=momentum)
    error = (warmth.ci_high - warmth.ci_low) / (2 * 1.966)
    assert abs(warmth.value - expected) < 4 * error
    assert error < 0.01 * expected


@pytest.mark.parametrize("momentum", [0.0, 0.7])
def test_walks_in_a_random_valley_have_the_exact_covariance(momentum: float) -> None:
    """Hessian and noise do not commute; each entry of the covariance, also at large steps."""
    rng = np.random.default_rng(3)
    half, root = rng.normal(size=(2, 3, 3))
    bend = half @ half.T + 0.3 * np.eye(3)
    eta = 0.8 * 2 / np.linalg.eigvalsh(bend).max()
    valley = Valley(bend=jnp.asarray(bend), root=jnp.asarray(root))
    walks = places(
        valley, Momentum(learning_rate=eta, momentum=momentum), start=np.zeros(3), stride=1, **SEEDS
    )[:, 300:]
    measured = np.einsum("cti,ctj->cij", walks, walks) / walks.shape[1]
    exact = temperature.stationary_covariance(bend, root @ root.T, eta, momentum)
    small = temperature.small_step_covariance(bend, root @ root.T, eta / (1 - momentum))
    for i, j in np.ndindex(3, 3):
        assert within_four_errors(measured[:, i, j], exact[i, j])
    assert not all(within_four_errors(measured[:, i, i], small[i, i]) for i in range(3))


def test_virial_is_exact_in_the_double_well_at_finite_steps() -> None:
    """The corrected virial gives T, the plain one what the exact chain says: too much."""
    eta, warm = 0.2, 0.1
    well, noise = DoubleWell(), float(temperature.noise_of(warm, learning_rate=eta))
    rule = GradientDescent(learning_rate=eta)
    walks = places(well, rule, start=[1.0], level=noise, seeds=300, steps=3000, stride=5)
    exact = temperature_from_virial(walks, well, eta, burn_in=200)
    plain = temperature_from_virial(walks, well, burn_in=200)
    slope = slope_of(well)
    chain = noisy_descent.unadjusted(slope, eta, warm, low=-2.6, high=2.6)
    expected = chain.mean(lambda x: x * slope(x))
    for one, told in ((exact, warm), (plain, expected)):
        assert abs(one.value - told) < 4 * (one.ci_high - one.ci_low) / (2 * 1.968)
    assert plain.ci_low > warm * 1.1
    assert exact.unit == "loss"
    assert exact.n == 300 * 401


@pytest.mark.parametrize("seed", range(4))
def test_one_walk_has_an_interval_from_blocks(seed: int) -> None:
    """Three coordinates of different curvature, one walk; both routes, 99.9 % intervals."""
    bowl = Bowl(dimension=3, curvature=jnp.array([1.0, 2.0, 5.0]))
    options = {"burn_in": 500, "level": 0.999}
    walks = places(
        bowl, GradientDescent(learning_rate=0.3), start=np.zeros(3), level=0.5, steps=20_500,
        stride=1, seed=seed,
    )  # fmt: skip
    found = [
        temperature_from_variance(walks[0], bowl, 0.3, **options),
        temperature_from_virial(walks[0], bowl, 0.3, **options),
    ]
    for one in found:
        assert one.ci_low < 0.3 * 0.5**2 / 2 < one.ci_high
        assert "block bootstrap" in one.method
        assert (one.ci_high - one.ci_low) < 0.1 * one.value


def test_virial_of_minibatches_is_the_noise_where_the_walk_was() -> None:
    """The temperature is half the learning rate times the mean variance of the felt slope."""
    landscape, walks = LeastSquares(), minibatch_walks()
    found = temperature_from_virial(walks, landscape, MINIBATCH_RATE)

    def variance(theta: jax.Array) -> jax.Array:
        of_terms = jax.vmap(jax.grad(landscape.term), (None, 0))
        return jnp.var(of_terms(theta, jnp.arange(landscape.n_terms)))

    expected = MINIBATCH_RATE * float(jax.vmap(variance)(walks.reshape(-1, 1)).mean()) / 2
    assert abs(found.value - expected) < 4 * (found.ci_high - found.ci_low) / (2 * 1.968)
    minimum = landscape.minima()[0].theta
    assert found.ci_low > 1.05 * MINIBATCH_RATE * float(variance(minimum)) / 2


def test_what_cannot_be_measured_is_nan_and_says_why() -> None:
    bowl, still = Bowl(dimension=1), np.zeros((2, 9, 1))
    unstable = temperature_from_variance(still, bowl, 2.5)
    assert np.isnan(unstable.value)
    assert unstable.flag == "learning rate does not hold the minimum"
    lost = np.full((2, 9, 1), np.nan)
    for found in (
        temperature_from_variance(lost, bowl, 0.1),
        temperature_from_virial(lost, bowl, 0.1),
    ):
        assert np.isnan(found.value)
        assert found.flag == "diverged"
    far = temperature_from_virial(np.full((2, 9, 2), 1e120), StrictSaddle(), 0.1)
    assert far.flag == "diverged"
    with pytest.raises(ValueError, match=r"positions must have shape \(steps, 1\) or"):
        temperature_from_virial(np.zeros((2, 9, 3)), bowl)
