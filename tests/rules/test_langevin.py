"""Langevin samples what it should, and errs by what theory says it must."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from adaptsim import Constant, Tracker, WrongField, simulate
from adaptsim.landscapes import DoubleWell, Rosenbrock
from adaptsim.rules import InverseTime, Langevin, ReduceOnPlateau

WALKERS, STEPS, BURN_IN = 8000, 1000, 200
WELL = DoubleWell()


@functools.partial(jax.jit, static_argnames=("steps", "walkers"))
def sample(rule, key, steps=STEPS, walkers=WALKERS):
    """Return the square of all places after burn-in, a mean for each walker, and acceptances."""
    learn = rule.transformation()

    def one(key):
        start = jnp.where(jax.random.bernoulli(key, shape=(1,)), 1.0, -1.0)

        def step(state, key):
            theta, memory = state
            kick, luck = jax.random.split(key)
            value, slope = jax.value_and_grad(WELL.loss)(theta)
            told = {"value": value, "grad": slope, "value_fn": WELL.loss}
            told |= {"normal": jax.random.normal(kick, (1,)), "uniform": jax.random.uniform(luck)}
            change, memory = learn.update(slope, memory, theta, **told)
            return (theta + change, memory), theta[0] ** 2

        keys = jax.random.split(key, steps)
        (_, memory), squares = jax.lax.scan(step, (start, learn.init(start)), keys)
        return squares[BURN_IN:].mean(), memory.acceptance

    return jax.vmap(one)(jax.random.split(key, walkers))


def agrees(found, expected):
    """Whether independent numbers have an expected mean, by 4 of their standard errors."""
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert error < 2e-3, "too few to tell"
    return abs(np.mean(found) - expected) < 4 * error


def test_adjusted_it_samples_boltzmann_and_accepts_as_computed():
    """By quadrature; the acceptance by the transition matrix on a grid."""
    rule = Langevin(learning_rate=0.4, temperature=0.1, adjusted=True)
    squares, acceptance = sample(rule, jax.random.key(11))
    assert agrees(squares, 0.87136291)
    assert agrees(acceptance, 0.8493)


@pytest.mark.parametrize(("rate", "square"), [(0.4, 0.78860174), (0.1, 0.85929459)])
def test_unadjusted_it_errs_by_what_the_transition_matrix_says(rate, square):
    squares, acceptance = sample(Langevin(learning_rate=rate), jax.random.key(12))
    assert agrees(squares, square)
    assert not agrees(squares, 0.87136291)
    assert (acceptance == 1).all()


def test_in_a_parabola_its_variance_is_the_closed_form():
    """T / (curvature (1 - rate curvature / 2)), here 0.1 / (2 * 0.6)."""
    rule = Langevin(learning_rate=0.4, temperature=0.1)
    run = simulate(Tracker(curvature=2.0), rule, Constant(value=0.0), size=4000, steps=60, seed=3)
    assert agrees(run.followed["trait"].output[-1, 0] ** 2, 0.1 / 1.2)


def textbook(theta, there, landscape, rate, temperature):
    """Return how probable it is that Metropolis and Hastings accept a proposal."""
    spread = np.sqrt(2 * rate * temperature)
    loss, slope = landscape.loss, landscape.gradient
    forth = stats.norm.logpdf(there, theta - rate * slope(theta), spread).sum()
    back = stats.norm.logpdf(theta, there - rate * slope(there), spread).sum()
    return np.exp(min(0.0, float(loss(theta) - loss(there)) / temperature + back - forth))


def test_it_accepts_what_metropolis_and_hastings_accept():
    rate, temperature, valley = 0.002, 3.0, Rosenbrock()
    rule = Langevin(learning_rate=rate, temperature=temperature, adjusted=True)
    learn, rng = jax.jit(step_of(rule, valley)), np.random.default_rng(2)
    accepted = refused = 0
    for _ in range(60):
        theta, normal = rng.normal(size=2), rng.normal(size=2)
        slope = valley.gradient(theta)
        there = theta - rate * slope + np.sqrt(2 * rate * temperature) * normal
        probable = textbook(jnp.asarray(theta), there, valley, rate, temperature)
        below, above = probable * (1 - 1e-6), min(1.0, probable * (1 + 1e-6) + 1e-300)
        if probable > 1e-300:
            np.testing.assert_allclose(learn(theta, normal, below)[0], there - theta, rtol=1e-9)
            accepted += 1
        if above < 1:
            assert (learn(theta, normal, above)[0] == 0).all()
            refused += 1
    assert min(accepted, refused) > 10


def step_of(rule, landscape):
    """Return the function that takes one step of a rule with given luck."""
    learn = rule.transformation()

    def step(theta, normal, uniform):
        value, slope = jax.value_and_grad(landscape.loss)(theta)
        told = {"value": value, "value_fn": landscape.loss, "normal": normal, "uniform": uniform}
        return learn.update(slope, learn.init(theta), theta, **told)

    return step


@pytest.mark.parametrize("adjusted", [False, True])
def test_where_nothing_is_drawn_the_step_is_descents(adjusted):
    rule = Langevin(learning_rate=0.1, adjusted=adjusted)
    change, _ = step_of(rule, WELL)(jnp.array([0.5]), None, None)
    expected = -0.1 * WELL.gradient(jnp.array([0.5]))
    np.testing.assert_allclose(change, expected, rtol=1e-12)


@pytest.mark.parametrize("adjusted", [False, True])
def test_at_rate_0_it_stays_and_refuses_nothing(adjusted):
    rule = Langevin(learning_rate=0.0, adjusted=adjusted)
    change, memory = step_of(rule, WELL)(jnp.array([0.5]), jnp.array([2.0]), 0.999)
    assert change.tolist() == [0.0]
    assert memory.acceptance == 1


def test_without_heat_it_is_descent():
    cold = Langevin(learning_rate=0.1, temperature=0.0)
    change, _ = step_of(cold, WELL)(jnp.array([0.5]), jnp.array([2.0]), None)
    expected = -0.1 * WELL.gradient(jnp.array([0.5]))
    np.testing.assert_allclose(change, expected, rtol=1e-14)


def test_the_colder_the_less_is_accepted_where_the_slope_changes():
    """Third order of the step, over the temperature; at 0 the limit, never nan."""
    rules = [Langevin(learning_rate=0.1, temperature=heat, adjusted=True) for heat in (1.0, 0.0)]
    steps = [step_of(rule, WELL)(jnp.array([0.5]), jnp.zeros(1), 0.99)[0] for rule in rules]
    assert steps[0][0] > 0
    assert steps[1][0] == 0


def test_a_place_without_a_loss_is_refused():
    rule = Langevin(learning_rate=0.5, temperature=1.0, adjusted=True)
    learn, theta = rule.transformation(), jnp.array([0.1])
    told = {"value_fn": lambda x: -jnp.log(x[0]), "value": -jnp.log(0.1), "uniform": 1e-9}
    change, memory = learn.update(
        jnp.zeros(1), learn.init(theta), theta, normal=jnp.array([-3.0]), **told
    )
    assert change.tolist() == [0.0]
    assert (int(memory.accepted), int(memory.proposed)) == (0, 1)


def test_its_rate_may_follow_a_schedule():
    rule = Langevin(learning_rate=InverseTime(initial=0.4, half_time=2.0), temperature=0.5)
    learn, memory = rule.transformation(), None
    memory = learn.init(jnp.zeros(1))
    for count in range(4):
        rate = 0.4 / (1 + count / 2)
        change, memory = learn.update(jnp.ones(1), memory, jnp.zeros(1), normal=jnp.ones(1))
        assert float(change[0]) == pytest.approx(-rate + np.sqrt(2 * rate * 0.5), rel=1e-12)
    assert memory.proposed == 4


def test_its_rate_may_fall_on_a_plateau_and_each_counts_alone():
    rule = Langevin(learning_rate=ReduceOnPlateau(initial=0.5, patience=3), temperature=0.01)
    assert not rule.counts_together
    run = simulate(Tracker(), rule, Constant(value=0.0), size=50, steps=200, seed=1)
    moves = np.abs(np.diff(run.followed["trait"].output[:, 0], axis=0))
    assert 0 < moves[-20:].mean() < 0.01 * moves[:20].mean()


def test_each_individual_has_its_own_temperature():
    rule = Langevin(learning_rate=0.2, temperature=np.repeat([0.01, 1.0], 500), adjusted=True)
    run = simulate(Tracker(), rule, Constant(value=0.0), size=1000, steps=80, seed=5)
    squares = run.followed["trait"].output[-1, 0] ** 2
    for part, variance in ((squares[:500], 0.01), (squares[500:], 1.0)):
        assert abs(part.mean() - variance) < 4 * variance * np.sqrt(2 / 500)


def test_it_counts_a_gradient_for_each_place():
    assert Langevin().evaluations(None) == 1
    assert Langevin(adjusted=True).evaluations(None) == 2
    assert Langevin().randomness == ("normal",)
    assert Langevin(adjusted=True).randomness == ("normal", "uniform")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"temperature": -0.1}, "temperature must be at least 0"),
        ({"temperature": float("inf")}, "temperature must be finite"),
        ({"learning_rate": -1.0}, "learning_rate must be at least 0"),
        ({"adjusted": 1}, "adjusted must be true or false"),
    ],
)
def test_a_wrong_number_is_refused_by_name(told, words):
    with pytest.raises(WrongField, match=words):
        Langevin(**told)
