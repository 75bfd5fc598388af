"""L-BFGS converges as fast as was tabulated, from anywhere, and counts what it asks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim import Constant, Tracker, WrongField, simulate
from adaptsim.landscapes import Rosenbrock
from adaptsim.rules import LBFGS
from adaptsim.walks import walk

VALLEY = Rosenbrock(dimension=10)


@pytest.fixture(scope="module")
def left():
    """Walks from the customary start, then from 255 others, all compiled as one."""
    starts = np.random.default_rng(0).uniform(-2, 2, (256, 10))
    starts[0] = VALLEY.start()
    return walk(VALLEY, LBFGS(), starts=starts, steps=200, places=True)["LBFGS"]


def test_it_needs_86_steps_in_ten_dimensions(left):
    """The number of optax.lbfgs in double precision, to a gradient of length 1e-8."""
    lengths = np.linalg.norm(jax.vmap(VALLEY.gradient)(left.places[0, 0, 0]), axis=1)
    assert lengths[85] > 1e-8 > lengths[86]
    assert left.loss[0, 0, 0, 86] < 1e-16


def test_from_256_starts_at_once_none_is_lost(left):
    assert np.isfinite(left.places).all()
    assert (left.slope < 1e-8).all()
    assert len(np.unique(left.evaluations[..., -1])) > 10


@pytest.mark.parametrize("search", ["zoom", "backtracking", "none"])
def test_it_counts_the_places_it_looks_at(search):
    calls = []

    def loss(theta):
        jax.debug.callback(lambda: calls.append(1))
        return Rosenbrock().loss(theta)

    rule = LBFGS(line_search=search)
    learn = rule.transformation()

    @jax.jit
    def step(theta, memory):
        value, slope = jax.value_and_grad(loss)(theta)
        told = {"value": value, "grad": slope, "value_fn": loss}
        change, memory = learn.update(slope, memory, theta, **told)
        return theta + change, memory, rule.evaluations(memory)

    theta = Rosenbrock().start()
    memory, counted = learn.init(theta), []
    for _ in range(12):
        calls.clear()
        theta, memory, looks = jax.block_until_ready(step(theta, memory))
        jax.effects_barrier()
        counted.append(int(looks))
        assert counted[-1] == len(calls)
    assert (max(counted) > 2) == (search != "none")


def test_individuals_find_their_own_optimum_each():
    kind = Tracker(curvature=np.array([0.01, 1.0, 300.0]), start_at=np.array([5.0, -9.0, 2.0]))
    run = simulate(kind, LBFGS(line_search="none"), Constant(value=1.0), size=3, steps=30)
    np.testing.assert_allclose(run.followed["trait"].output[-1, 0], 1.0, atol=1e-9)


def test_only_without_a_search_do_all_count_the_same():
    searches = ("zoom", "backtracking", "none")
    assert [LBFGS(line_search=one).counts_together for one in searches] == [False, False, True]


def test_at_rest_it_stays_and_a_loss_that_is_not_finite_is_a_result():
    learn = LBFGS().transformation()

    @jax.jit
    def step(theta, size):
        def loss(other):
            return size * jnp.sum((other - 1) ** 2)

        value, slope = jax.value_and_grad(loss)(theta)
        told = {"value": value, "grad": slope, "value_fn": loss}
        return learn.update(slope, learn.init(theta), theta, **told)[0]

    assert step(jnp.ones(2), 3.0).tolist() == [0.0, 0.0]
    assert step(jnp.zeros(2), 3.0).tolist() != [0.0, 0.0]
    assert step(jnp.zeros(2), jnp.nan).shape == (2,)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"memory_size": 0}, "memory_size must be at least 1"),
        ({"line_search": "wolfe"}, "line_search must be one of 'zoom', 'backtracking', 'none'"),
        ({"max_line_search_steps": 0}, "max_line_search_steps must be at least 1"),
        ({"learning_rate": float("nan")}, "learning_rate must be finite"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(told, words):
    with pytest.raises(WrongField, match=words):
        LBFGS(**told)
