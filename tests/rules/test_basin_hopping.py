"""Basin hopping: finds what descent does not, chooses as Metropolis does, survives what is lost."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize
from scipy.stats import norm

from adaptsim import WrongField
from adaptsim.landscapes import Landscape, LennardJones, Rastrigin
from adaptsim.rules import LBFGS, Adam, BasinHopping, BoundedLBFGS, GradientDescent
from adaptsim.walks import walk

WELLS = Landscape.from_function(lambda x: 1 - jnp.cos(2 * jnp.pi * x[0]) + 0.1 * x[0] ** 2, 1)
STEEPEST = GradientDescent(learning_rate=0.024)  # below 1 / largest curvature: crosses no top
HOLE = Landscape.from_function(
    lambda x: jnp.where(x[0] > 0.5, jnp.nan, x[0] ** 2 + jnp.sum(x**2)), 2
)


@functools.partial(jax.jit, static_argnames=("landscape", "steps", "walkers"))
def minima_of(rule, key, start, *, landscape, steps, walkers):
    """Return, of many walkers, what they hop from, when, and how often, and their memory."""
    learn = rule.transformation()

    def one(key):
        def step(state, key):
            theta, memory = state
            kick, luck = jax.random.split(key)
            value, slope = jax.value_and_grad(landscape.loss)(theta)
            told = {"value": value, "grad": slope, "value_fn": landscape.loss}
            told |= {"normal": jax.random.normal(kick, theta.shape)}
            told |= {"uniform": jax.random.uniform(luck)}
            change, memory = learn.update(slope, memory, theta, **told)
            counts = jnp.array([memory.hops, memory.accepted])
            return (theta + change, memory), (memory.place, memory.hopped, counts)

        (_, memory), seen = jax.lax.scan(
            step, (start, learn.init(start)), jax.random.split(key, steps)
        )
        return seen, memory

    return jax.vmap(one)(jax.random.split(key, walkers))


def chain_of_wells(temperature, hop):
    """Return the wells' minima and the exact chance of each at rest, and of acceptance there."""
    slope = jax.grad(lambda x: WELLS.loss(x[None]))
    wells, tops = np.arange(-5.0, 6.0), np.arange(-5.5, 6.0)

    def still(near):
        return optimize.brentq(lambda x: float(slope(jnp.float64(x))), near - 0.2, near + 0.2)

    minima = np.array([still(one) for one in wells])
    tops = np.array([still(one) for one in tops])
    edges = np.concatenate([[-np.inf], tops[1:-1], [np.inf]])
    loss = np.array([float(WELLS.loss(jnp.array([one]))) for one in minima])
    reached = np.diff(norm.cdf((edges - minima[:, None]) / hop), axis=1)
    taken = reached * np.minimum(1, np.exp(-(loss - loss[:, None]) / temperature))
    accepted = taken.sum(axis=1)
    matrix = taken + np.diag(1 - accepted)
    values, vectors = np.linalg.eig(matrix.T)
    rest = np.real(vectors[:, np.argmax(np.real(values))])
    rest = rest / rest.sum()
    return minima, rest, rest @ accepted


def test_it_rests_in_the_wells_as_the_exact_chain_of_metropolis_says():
    """The chain's matrix by hand: where a normal displacement lands, times Metropolis' choice."""
    temperature, hop, walkers = 0.3, 0.8, 200
    rule = BasinHopping(local=STEEPEST, temperature=temperature, hop=hop, slope=1e-3, quench=200)
    found = minima_of(
        rule, jax.random.key(3), jnp.zeros(1), landscape=WELLS, steps=3000, walkers=walkers
    )
    (places, hopped, counts), _ = jax.tree.map(np.asarray, found)
    minima, rest, accepted = chain_of_wells(temperature, hop)
    late = hopped[:, 300:]
    for which in (4, 5, 6, 7):
        inside = (np.abs(places[:, 300:, 0] - minima[which]) < 0.1) & late
        share = inside.sum(axis=1) / late.sum(axis=1)
        error = share.std(ddof=1) / np.sqrt(walkers)
        assert error < 0.01, "too few to tell"
        assert abs(share.mean() - rest[which]) < 4 * error
    judged = np.diff(counts[:, [300, -1]], axis=1)[:, 0]
    rate = judged[:, 1] / judged[:, 0]
    assert abs(rate.mean() - accepted) < 4 * rate.std(ddof=1) / np.sqrt(walkers)


def test_it_finds_the_global_minimum_where_its_local_rule_alone_does_not():
    start, ground = np.array([3.1, -2.9]), Rastrigin(dimension=2)
    rules = {"alone": BoundedLBFGS(), "hopping": BasinHopping(temperature=1.0, hop=0.7)}
    found = walk(ground, rules, starts=start, seeds=4, steps=600)
    alone = found["alone"].loss[0, 0, :, -1]
    assert (alone > 1).all()
    best = found["hopping"].readings["best_loss"][0, 0, :, -1]
    assert best == pytest.approx(0.0, abs=1e-8)
    theirs = optimize.basinhopping(
        lambda x: float(ground.loss(x)), start, niter=60, stepsize=1.0, rng=0,
        minimizer_kwargs={"jac": lambda x: np.asarray(ground.gradient(x))},
    )  # fmt: skip
    assert theirs.fun == pytest.approx(best.min(), abs=1e-8)


def test_gradients_are_counted_as_they_are_taken():
    """One a step of a rule that takes one; of a line search what it takes, and one of a hop."""
    ground = Rastrigin(dimension=2)
    plain = walk(ground, BasinHopping(), seeds=2, steps=100, stride=10)["BasinHopping"]
    assert (plain.evaluations[0, 0, :] == plain.clock).all()
    rule = BasinHopping(local=LBFGS())
    found = walk(ground, rule, steps=60, stride=1)["BasinHopping"]
    hops = np.diff(found.readings["hops"][0, 0, 0]) > 0
    spent = np.diff(found.evaluations[0, 0, 0])
    assert hops.any()
    assert (spent[hops] == 1).all()
    assert (spent[~hops] >= 2).all()


def test_what_is_not_finite_is_refused():
    """Beyond 0.5 the loss is nan: the walk goes on from the minimum, at which it stays."""
    rule = BasinHopping(local=Adam(learning_rate=0.1), hop=1.0, quench=60)
    found = minima_of(
        rule, jax.random.key(0), jnp.array([-0.5, 0.5]), landscape=HOLE, steps=1000, walkers=3
    )
    (places, _, _), memory = jax.tree.map(np.asarray, found)
    assert np.isfinite(places).all()
    assert (memory.hops > 15).all()
    assert (memory.accepted < memory.hops - 1).all()  # landing in the hole was refused
    assert (memory.best_loss < 1e-2).all()


def test_from_a_start_that_is_not_finite_it_hops_until_it_is_somewhere():
    rule = BasinHopping(hop=1.0)
    start = jnp.array([0.6, 0.0])
    found = minima_of(rule, jax.random.key(1), start, landscape=HOLE, steps=200, walkers=2)
    assert np.asarray(found[1].best_loss) == pytest.approx(0.0, abs=1e-6)


def test_one_coordinate_is_moved_if_so_wished():
    """Which one is uniform: four standard errors of a binomial share."""
    flat = Landscape.from_function(lambda x: 0.0 * jnp.sum(x), 4)
    rule = BasinHopping(moved="one", hop=1.0)
    (places, _, _), _ = minima_of(
        rule, jax.random.key(2), jnp.zeros(4), landscape=flat, steps=2000, walkers=1
    )
    moves = np.diff(np.asarray(places)[0], axis=0) != 0
    assert (moves.sum(axis=1) == 1).all()
    share = moves.mean(axis=0)
    assert (abs(share - 0.25) < 4 * np.sqrt(0.25 * 0.75 / len(moves))).all()


def published(atoms):
    """Find a cluster's energy from three random starts, and compare it to the published one."""
    likes = [LennardJones(atoms=atoms, seed=seed) for seed in range(3)]
    rule = BasinHopping(temperature=0.8, hop=0.25)
    starts = np.array([one.start() for one in likes])
    (found,) = walk(likes[0], rule, starts=starts, steps=1500, stride=100).values()
    best = found.readings["best_loss"][0, :, 0, -1]
    assert best.min() == pytest.approx(likes[0].lowest_energy, abs=1e-6)


def test_it_finds_the_published_energy_of_a_cluster():
    published(6)


@pytest.mark.slow
@pytest.mark.parametrize("atoms", [5, 7, 8])
def test_it_finds_the_published_energy_of_other_clusters(atoms):
    published(atoms)


def test_what_is_not_allowed_is_said():
    with pytest.raises(WrongField, match="temperature"):
        BasinHopping(temperature=-1.0)
    with pytest.raises(WrongField, match="moved"):
        BasinHopping(moved="some")
